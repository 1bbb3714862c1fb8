"""What a text says of those whom it names, of what it speaks, and what it is like: the sentence model, on texts with the places of targets
and of pairs.

A query is a text and the offsets of those who are asked about: of one for sentiment, of two for stance, of nobody for the topic.
`training/sentences.py` says how the model learned to answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import reader

SENTENCES = reader.MODELS / "sentences.onnx"
TASKS = SENTIMENT, STANCE, TOPIC = "sentiment", "stance", "topic"
SPACE = "space"
OUTPUTS = (*TASKS, SPACE)
DIRECTIONS = ("neutral", "first_supports", "second_supports", "first_opposes", "second_opposes")
# A pair (start and end of the first, of the second) after the two change places, and its directions then.
SWAPPED, MIRRORED = [2, 3, 0, 1], [0, 2, 1, 4, 3]
TEXTS_KEPT = 1 << 12  # whose reading is remembered: topic and place of a sentence are one, and a codebook comes again with each article
MAX_MENTIONS = 3  # of one actor in one sentence that are asked about
_MARKS_AT_ONCE = 1 << 13  # word pieces of all queries that are answered together: what they take of memory grows with them
BOTH = 3  # the mark of a piece of both actors of a pair; 1 is that of a target, or of the first actor, 2 that of the second

Spans = tuple[int, ...]  # (start, end) of a target; (start, end, start, end) of a pair; () of nobody


def judge(task: str, texts: Sequence[str], spans: Sequence[Spans]) -> np.ndarray:
    """Answer a query a row.

    Parameters
    ----------
    task : str
        One of `TASKS`.
    texts : sequence of str
        A sentence or so each. One that comes again is read once.
    spans : sequence of tuple of int
        Offsets into each text: (start, end) of a target for sentiment, (start, end, start, end) of a pair of actors for stance,
        () for the topic.

    Returns
    -------
    ndarray, (queries, labels)
        Probabilities of `tables.SENTIMENTS`, `DIRECTIONS` or `topic_codes`; NaN where somebody asked about, or the text, covers no
        word, or where two stand too far apart to be read together. They are scaled by temperatures that were fitted on texts kept
        out of training (Guo, Pleiss, Sun & Weinberger, ICML 2017).
    """
    return np.exp(reader.log_softmax(score(task, texts, spans) / _settings()[task]))


def score(task: str, texts: Sequence[str], spans: Sequence[Spans], weights: Path = SENTENCES) -> np.ndarray:
    """The scores behind `judge`, which takes the same.

    A text of more than one window is read by windows: a target in the one where it stands most central, a pair
    likewise, if the two stand near enough to be read together; the topic is the mean of all.
    """
    labels = reader.load_session(weights).get_outputs()[TASKS.index(task)].shape[-1]
    scores = np.full((len(texts), labels), np.nan)
    for text, rows in rows_by_text(texts).items():
        for queries, found in _score(task, text, [spans[row] for row in rows], weights):
            scores[np.array(rows)[queries]] = found
    return scores


def place(texts: Iterable[str], weights: Path = SENTENCES) -> np.ndarray:
    """Where texts stand in the space in which those of like meaning are near one another.

    Parameters
    ----------
    texts : iterable of str
    weights : Path

    Returns
    -------
    ndarray, (texts, size)
        Vectors of length 1: the product of two is the cosine of their angle, from −1 to 1. Of a text without words, nought.
    """
    nowhere = np.zeros(reader.load_session(weights).get_outputs()[OUTPUTS.index(SPACE)].shape[-1])
    found = (_read_whole(text, weights) for text in texts)
    return unit(np.stack([nowhere if whole is None else whole[SPACE] for whole in found]))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors at length 1, and those of nought as they are."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.finfo(float).tiny)


@lru_cache(maxsize=TEXTS_KEPT)
def _read_whole(text: str, weights: Path) -> dict[str, np.ndarray] | None:
    """What the model makes of a text about which nobody asks, mean over its windows: topic scores and place; None of one without words."""
    windows = _windows(text, reader.split_words(text))
    runs = [reader.run(weights, window, marks=np.zeros((1, len(window.ids)), dtype=np.int64)) for window in windows]
    if not runs:
        return None
    return {output: np.mean([run[OUTPUTS.index(output)][0].astype(float) for run in runs], axis=0) for output in (TOPIC, SPACE)}


def _windows(text: str, words: reader.Words) -> list[reader.Window]:
    return reader.cut_windows(words) if text.strip() else []


def topic_codes() -> list[int]:
    """The topics that the model tells apart, as codes of the Comparative Agendas Project."""
    return _settings()["codes"]


def rows_by_text(texts: Iterable[str]) -> dict[str, list[int]]:
    """The numbers of the rows that have each text, so that one that comes again is read once."""
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        rows.setdefault(text, []).append(row)
    return rows


def label_rows(chances: np.ndarray, labels: Sequence[str]) -> pd.DataFrame:
    """Probabilities as columns `p_LABEL`, and the most probable as `label`; a row of NaN, of which nothing is said, is neutral."""
    chances = np.where(np.isnan(chances), np.array(labels) == "neutral", chances)
    frame = pd.DataFrame(chances, columns=[f"p_{label}" for label in labels])
    return frame.assign(label=pd.Series(np.array(labels)[chances.argmax(axis=1)], dtype="str"))


def _score(task: str, text: str, spans: Sequence[Spans], weights: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of the queries about a text those that can be answered, by number, and their scores."""
    if task == TOPIC:
        whole = _read_whole(text, weights)
        if whole:
            yield np.arange(len(spans)), whole[TOPIC]
        return
    words = reader.split_words(text)
    windows = _windows(text, words)
    at = _in_words(words, spans)
    home = _home(windows, at)
    for n in np.unique(home[home >= 0]):
        own = np.flatnonzero(home == n)
        yield own, _read(task, windows[n], at[own] - windows[n].first, weights)


def _read(task: str, window: reader.Window, spans: np.ndarray, weights: Path) -> np.ndarray:
    """Scores (queries, labels) of a window, for queries (queries, 2 or 4) in words of it.

    A pair is read in both orders, which agree on the mean.
    """
    edges, pieces = np.append(window.places, len(window.ids) - 1), len(window.ids)
    orders = [spans, spans[:, SWAPPED]] if task == STANCE else [spans]
    marks = np.stack([mark(edges[order], pieces) for order in orders], axis=1)
    parts = np.array_split(marks, -(-marks.size // _MARKS_AT_ONCE))
    runs = [reader.run(weights, window, marks=part.reshape(-1, pieces))[OUTPUTS.index(task)] for part in parts if len(part)]
    scores = np.concatenate(runs).reshape(len(spans), len(orders), -1).astype(float)
    return (scores[:, 0] + scores[:, 1][:, MIRRORED]) / 2 if task == STANCE else scores[:, 0]


def mark(spans: np.ndarray, pieces: int) -> np.ndarray:
    """Who is asked about, as the model takes it.

    Parameters
    ----------
    spans : ndarray, (queries, 0, 2 or 4)
        Word pieces (start, end) of nobody, a target, or a pair.
    pieces : int
        Of the text.

    Returns
    -------
    ndarray, (queries, pieces)
        1 at the pieces of the target or of the first actor, 2 at those of the second, 3 at those of both, else 0.
    """
    place, marks = np.arange(pieces), np.zeros((len(spans), pieces), dtype=np.int64)
    for who, column in enumerate(range(0, spans.shape[1], 2), start=1):
        start, end = spans[:, column : column + 1], spans[:, column + 1 : column + 2]
        marks += who * ((place >= start) & (place < end))
    return marks


def _in_words(words: reader.Words, spans: Sequence[Spans]) -> np.ndarray:
    """Offsets (queries, 2 or 4) as numbers of words (first, last, …), half-open; (0, 0) where one holds no word but a paragraph break."""
    offsets = np.maximum(np.array(spans, dtype=np.int64), 0)
    found = words.covering(offsets.reshape(-1, 2))
    found[[not words.text[start:end].strip() for start, end in offsets.reshape(-1, 2).tolist()]] = 0
    return found.reshape(offsets.shape)


def _home(windows: Sequence[reader.Window], spans: np.ndarray) -> np.ndarray:
    """The window in which all spans of a row (first, last, …) stand, most central; -1 where there is none, or a span is empty."""
    home, depth = np.full(len(spans), -1), np.full(len(spans), -1)
    first, last = spans[:, ::2], spans[:, 1::2]
    for n, window in enumerate(windows):
        margin = np.minimum(first.min(axis=1) - window.first, window.last - last.max(axis=1))
        better = (margin > depth) & (first < last).all(axis=1)
        home[better], depth[better] = n, margin[better]
    return home


@cache
def _settings() -> dict:
    """What was fitted with the weights: a temperature a task, and the codes of the topics."""
    return json.loads(SENTENCES.with_suffix(".json").read_text(encoding="utf-8"))
