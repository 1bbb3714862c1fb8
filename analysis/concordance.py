"""Concordance: every place where some words stand, with what stands before and behind them (key word in context).

References
----------
Luhn, H. P. (1960). Key word-in-context index for technical literature (KWIC index). American Documentation 11(4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np
import pandas as pd
from nltk.text import ConcordanceIndex

from analysis.selection import SENTENCE_KEY, WORD

WINDOW = 60  # characters of context on either side
WILD = "*?"
_SOUGHT = re.compile(WORD.pattern.replace(r"\w", rf"[\w{WILD}]"))
_PLAIN_SIGNS = str.maketrans("’‐‑–", "'---")
COLUMNS = [*SENTENCE_KEY, "start", "end", "left", "hit", "right"]


@dataclass(frozen=True, eq=False)
class Concordance:
    """An index of the words of sentences, made once and asked as often as one likes.

    Attributes
    ----------
    sentences : DataFrame
        Rows of the table `sentences`, of one article or of many.
    """

    sentences: pd.DataFrame

    def find(self, search: str) -> pd.DataFrame:
        """Every place where some words stand side by side in a sentence.

        Parameters
        ----------
        search : str
            A word, or several in a row. Capitals do not matter, nor does the form of apostrophes and hyphens; ``*`` stands for any
            letters, ``?`` for one: ``tariff*``.

        Returns
        -------
        DataFrame
            One row a place, in the order of the sentences: article, sentence, start, end (offsets into the article's text), left, hit,
            right (the words found, and up to `WINDOW` characters of their sentence on either side).
        """
        wanted = _SOUGHT.findall(search)
        if not wanted:
            return pd.DataFrame(columns=COLUMNS)
        _, rows, starts, ends = self._words
        first = self._places(wanted[0])
        for step, word in enumerate(wanted[1:], start=1):
            first = first[np.isin(first + step, self._places(word))]
        last = first + len(wanted) - 1
        together = rows[first] == rows[last]
        first, last = first[together], last[together]
        found = self.sentences.iloc[rows[first]]
        lines = [
            (row.article, row.sentence, row.start + start, row.start + end, *_context(row.text, start, end))
            for row, start, end in zip(found.itertuples(), starts[first].tolist(), ends[last].tolist(), strict=True)
        ]
        return pd.DataFrame(lines, columns=COLUMNS)

    @cached_property
    def _words(self) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
        """The words, and of each the place of its sentence in the table and its offsets in that sentence."""
        words, starts, ends, counts = [], [], [], []
        for text in self.sentences["text"]:
            found = list(WORD.finditer(text))
            words += [word.group() for word in found]
            starts += [word.start() for word in found]
            ends += [word.end() for word in found]
            counts.append(len(found))
        return words, np.repeat(np.arange(len(counts)), counts), np.array(starts, int), np.array(ends, int)

    @cached_property
    def _index(self) -> ConcordanceIndex:
        return ConcordanceIndex(self._words[0], key=_fold)

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted({_fold(word) for word in self._words[0]})

    def _places(self, word: str) -> np.ndarray:
        """The numbers of the words that are this one, or fit it as a pattern, in order."""
        pattern = _fold(word)
        if not any(sign in pattern for sign in WILD):
            return np.array(self._index.offsets(pattern), int)
        fitting = [known for known in self._vocabulary if fnmatchcase(known, pattern)]
        return np.sort(np.array([place for known in fitting for place in self._index.offsets(known)], int))


def _fold(word: str) -> str:
    """A word as it is sought: capitals do not matter, nor which apostrophe or hyphen a keyboard or an editor has."""
    return word.casefold().translate(_PLAIN_SIGNS)


def _context(text: str, start: int, end: int) -> tuple[str, str, str]:
    """What stands before, at and behind an offset; what is cut off is cut at a word, and says so."""
    left, right = text[max(0, start - WINDOW) : start], text[end : end + WINDOW]
    if start > WINDOW:
        left = f"…{left.partition(' ')[2] or left}"
    if end + WINDOW < len(text):
        right = f"{right.rpartition(' ')[0] or right}…"
    return left, text[start:end], right
