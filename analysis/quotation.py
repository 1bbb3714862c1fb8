"""Quotation marks: which open, which close, and what stands between them.

News copy breaks the rules that a parser would like: a quotation that runs over paragraphs opens anew in
each and closes in the last, a mark is forgotten, a straight mark does not say which way it faces, an
apostrophe looks like a closing single mark. Nothing here fails on any of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

PAIRS = {"“": "”", "„": "”", "«": "»", "‘": "’"}
_SINGLE = {"'", "‘", "’"}
_MARK = re.compile(r"``|''|[“”„«»‘’\"']")
_PARAGRAPH = re.compile(r"[^\n]+")
_WORD = re.compile(r"\w+")


def quoted_spans(text: str) -> np.ndarray:
    """Find what stands in quotation marks.

    A quotation ends at its closing mark, or else with its paragraph: so one that opens anew in each of
    several paragraphs is a span in each, and a forgotten mark costs no more than the rest of a line.

    Parameters
    ----------
    text : str

    Returns
    -------
    ndarray, (quotations, 2)
        Offsets, half-open, marks included, in order and disjoint: of nested quotations the outer one.
    """
    spans = [span for p in _PARAGRAPH.finditer(text) for span in _spans_of_paragraph(text, p.start(), p.end())]
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
    """A mark opens before a word and not after one; a directed mark says so itself."""
    mark, (before, after) = match.group(), _neighbours(text, match)
    if mark in ("“", "„", "«", "``"):
        return True
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
