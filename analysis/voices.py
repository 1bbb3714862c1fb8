"""Whose words stand where: the narrator's, or those of somebody who is quoted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.tables import NARRATOR, UNNAMED

SPEAKERS_JOINT = "; "


def innermost_quote(quotes: pd.DataFrame, offsets: Sequence[int]) -> pd.Series:
    """The attribution whose content holds each offset; of several, the one with the shortest content there, or else the last.

    Parameters
    ----------
    quotes : DataFrame
        The table `quotes` of one article.
    offsets : sequence of int
        Into the article's text, in any order.

    Returns
    -------
    Series of Int64
        The number of the attribution for each offset; empty where the narrator speaks.
    """
    offsets = np.asarray(offsets, dtype=int)
    order = np.argsort(offsets, kind="stable")
    ordered = offsets[order]
    spans = [
        (start - end, quote, start, end)
        for quote, spans in zip(quotes["quote"], quotes["content_spans"], strict=True)
        for start, end in spans
    ]
    inner = np.full(len(offsets), -1)
    for _, quote, start, end in sorted(spans):
        low, high = np.searchsorted(ordered, [start, end], side="left")
        inner[order[low:high]] = quote
    return pd.Series(inner, dtype="Int64").mask(inner < 0)


def find_voices(quotes: pd.DataFrame, offsets: Sequence[int]) -> list[str]:
    """The speaker of the innermost attribution at each offset; the narrator outside of them."""
    speaker = dict(zip(quotes["quote"], quotes["speaker"], strict=True))
    inner = innermost_quote(quotes, offsets)
    return [NARRATOR if pd.isna(quote) else speaker[quote] or UNNAMED for quote in inner]


def speakers_of(quotes: pd.DataFrame) -> dict[int, list[str]]:
    """The actors who speak in each attribution: several where they speak with one voice, none where nobody is named."""
    return {q: [s for s in speaker.split(SPEAKERS_JOINT) if s] for q, speaker in zip(quotes["quote"], quotes["speaker"], strict=True)}
