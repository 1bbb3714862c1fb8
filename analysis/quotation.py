"""Quotation marks: which open, which close, and what stands between them.

News copy breaks the rules that a parser would like: a quotation that runs over paragraphs opens anew in
each and closes in the last, a mark is forgotten, a straight mark does not say which way it faces, an
apostrophe looks like a closing single mark. Nothing here fails on any of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

PAIRS = {"“": "”", "„": "”", "«": "»", "‘": "’"}
_SINGLE = {"'", "‘", "’"}
_MARK = re.compile(r"``|''|[“”„«»‘’\"']")
_BLANK_LINES = re.compile(r"\n\s*\n")
# A line that ends in one of the first ends a sentence; in one of the others, unless the next line begins in lower case.
_ENDS = (".", "!", "?")
_CLOSING = "”»’\"')]"
_PERHAPS_ENDS = (":", ";", "…", *_CLOSING)
_DECADE = re.compile(r"\d0s\b")
_WORD = re.compile(r"\w+")


def quoted_spans(text: str) -> np.ndarray:
    """Find what stands in quotation marks.

    A quotation ends at its closing mark, or else with its paragraph: so one that opens anew in each of
    several paragraphs is a span in each, and a forgotten mark costs no more than the rest of a paragraph. Where lines
    are wrapped, a paragraph has several.

    Parameters
    ----------
    text : str

    Returns
    -------
    ndarray, (quotations, 2)
        Offsets, half-open, marks included, in order and disjoint: of nested quotations the outer one.
    """
    spans = [span for start, end in _paragraphs(text) for span in _spans_of_paragraph(text, start, end)]
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def are_quoted(offsets: np.ndarray, quoted: np.ndarray) -> np.ndarray:
    """Whether each offset stands in one of the `quoted_spans`."""
    last = np.searchsorted(quoted[:, 0], offsets, side="right") - 1
    return (last >= 0) & (np.append(quoted[:, 1], 0)[last] > offsets)


def quotation_type(text: str, content: Iterable[tuple[int, int]], quoted: np.ndarray) -> str:
    """Direct where every word of a content stands in quotation marks, indirect where none does, else mixed.

    Parameters
    ----------
    text : str
    content : iterable of (start, end)
    quoted : ndarray, (quotations, 2)
        From `quoted_spans`.
    """
    words = [match.start() for start, end in content for match in _WORD.finditer(text, start, end)]
    inside = are_quoted(np.array(words, dtype=np.int64), quoted)
    return "indirect" if not inside.any() else "direct" if inside.all() else "mixed"


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the paragraphs: blank lines part them, and the ends of lines that were not wrapped."""
    at = 0
    for blank in [*(match.span() for match in _BLANK_LINES.finditer(text)), (len(text), len(text))]:
        lines = text[at : blank[0]].split("\n")
        width = max(len(line.rstrip()) for line in lines)
        start = at
        for line, following in pairwise([*lines, ""]):
            at += len(line) + 1
            if not _is_wrapped(line.rstrip(), following.lstrip(), width):
                yield start, at - 1
                start = at
        at = blank[1]


def _is_wrapped(line: str, following: str, width: int) -> bool:
    """Whether a paragraph goes on in the following line: no sentence ends, and the next word is in lower case or had no room.

    A headline has no full stop either, but above the lines of an article it has room for another word.
    """
    if not following or line.rstrip(_CLOSING).endswith(_ENDS):
        return False
    if following[0].islower():
        return True
    return not line.endswith(_PERHAPS_ENDS) and len(line) + len(" ") + len(following.split(maxsplit=1)[0]) > width


def _spans_of_paragraph(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans, opened, closing = [], None, ""
    for match in _MARK.finditer(text, start, end):
        mark, at = match.group(), match.start()
        if opened is None:
            if _opens(text, match):
                opened, closing = at, _closing_of(mark)
        elif mark == closing and _closes(text, match):
            spans.append((opened, match.end()))
            opened = None
    if opened is not None and closing not in _SINGLE:
        spans.append((opened, start + len(text[start:end].rstrip())))
    return spans


def _closing_of(mark: str) -> str:
    return {"``": "''"}.get(mark) or PAIRS.get(mark, mark)


def _opens(text: str, match: re.Match) -> bool:
    """A mark opens before a word and not after one; a directed mark says so itself. Before a decade (“’90s”) it is an apostrophe."""
    mark, (before, after) = match.group(), _neighbours(text, match)
    if mark in ("“", "„", "«", "``"):
        return True
    if mark in _SINGLE and _DECADE.match(text, match.end()):
        return False
    if mark in ("‘", '"', "'"):
        return not before.isalnum() and bool(after) and not after.isspace()
    return False


def _closes(text: str, match: re.Match) -> bool:
    """A single mark between letters is an apostrophe; any other may close."""
    if match.group() not in _SINGLE:
        return True
    before, after = _neighbours(text, match)
    return not after.isalnum() and not before.isspace()


def _neighbours(text: str, match: re.Match) -> tuple[str, str]:
    """The characters before and behind a mark; empty at the ends of the text."""
    return text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
