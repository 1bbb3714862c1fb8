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
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import softmax

from analysis import reader
from analysis.errors import InputError

SENTENCES = reader.MODELS / "sentences.onnx"
TASKS = SENTIMENT, STANCE, TOPIC = "sentiment", "stance", "topic"
SPACE = "space"
PLACES = MEANING, AS_SENTENCE, AS_ISSUE = range(3)  # of a text in the space: by its meaning, as a sentence and as an issue
INPUTS = ("ids", "types", "places", "marks", "queries")  # of a text, or of what is asked about one
MEMORY, REMEMBERED = "memory", "remembered"  # beside them: what was read of the text that is asked about, and which of it is no padding
READ = "read"  # what a text is to be remembered by
OUTPUTS = (*TASKS, SPACE, READ)
DIRECTIONS = ("neutral", "first_supports", "second_supports", "first_opposes", "second_opposes")
# A pair (start and end of the first, of the second) after the two change places, and its directions then.
SWAPPED, MIRRORED = [2, 3, 0, 1], [0, 2, 1, 4, 3]
TEXTS_KEPT = 1 << 7  # read ahead, and remembered, a megabyte each: all tasks ask about the sentences of an article
PLACES_KEPT = 1 << 12  # texts whose topic and place are remembered: a codebook comes again with each article
MAX_MENTIONS = 3  # of one actor in one sentence that are asked about
_ASKED_AT_ONCE = 32  # queries about one text: they take room in memory with the square of their pieces
_PIECES_AT_ONCE = 128  # of several texts, or of what is asked about them, with their padding: more have more of it
_SEEN_AS_ONE = 4  # pieces of a text that is asked about: to see them takes about as long as to read one
FIRST, SECOND, SUMMARY = 1, 2, 3  # what a piece of a query is a copy of: the target or first actor, the second, the text's first piece
COPIES = 8  # of the pieces of one span: what is longer is known by its beginning

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

    Raises
    ------
    InputError
        Where there are not as many spans as texts.
    """
    if len(texts) != len(spans):
        raise InputError(f"{len(texts)} texts and {len(spans)} spans", "texts and spans", "Give the offsets of each text, in its order.")
    return softmax(score(task, texts, spans) / _settings()[task], axis=1)


def score(task: str, texts: Sequence[str], spans: Sequence[Spans], weights: Path = SENTENCES) -> np.ndarray:
    """The scores behind `judge`, which takes the same.

    A text of more than one window is read by windows: a target in the one where it stands most central, a pair
    likewise, if the two stand near enough to be read together; the topic is the mean of all.
    """
    labels = reader.load_session(weights).get_outputs()[OUTPUTS.index(task)].shape[-1]
    scores = np.full((len(texts), labels), np.nan)
    rows = rows_by_text(texts)
    if task == TOPIC:
        for own, whole in zip(rows.values(), _read_whole(list(rows), weights), strict=True):
            scores[own] = np.nan if whole is None else whole[TOPIC]
        return scores
    for some in _parts(list(rows), TEXTS_KEPT):
        readings = zip(some, _read(some, weights), strict=True)
        questions = [question for text, reading in readings for question in _questions(reading, rows[text], [spans[n] for n in rows[text]])]
        for n, answer in _answers([question.row for question in questions], weights):
            scores[questions[n].rows] = answer[task]
            if (turned := questions[n].rows[questions[n].turned]).size:
                scores[turned] = scores[turned][:, MIRRORED]
    return scores


def place(texts: Iterable[str], role: int = AS_SENTENCE, weights: Path = SENTENCES) -> np.ndarray:
    """Where texts stand in the space in which sentences are near the issues that they belong to, and to what is like them in meaning.

    Parameters
    ----------
    texts : iterable of str
    role : int
        `AS_SENTENCE`, or `AS_ISSUE` for what a codebook says of one.
    weights : Path

    Returns
    -------
    ndarray, (texts, size)
        Vectors of length 1: the product of two is the cosine of their angle, from −1 to 1, one half of it being that of their meaning. Of
        a text without words, nought.
    """
    nowhere = np.zeros(reader.load_session(weights).get_outputs()[OUTPUTS.index(SPACE)].shape[-1])
    found = np.stack([nowhere if whole is None else whole[SPACE] for whole in _read_whole(list(texts), weights)])
    places = np.split(found, len(PLACES), axis=1)
    return unit(np.concatenate([unit(places[MEANING]), unit(places[role])], axis=1))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors at length 1, and those of nought as they are."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.finfo(float).tiny)


class _Reading(NamedTuple):
    """A text, its windows, and what the model makes of each when nobody asks: outputs by name."""

    words: reader.Words
    windows: list[reader.Window]
    outputs: list[dict[str, np.ndarray]]


class _Row(NamedTuple):
    """What the model reads in one row: `INPUTS`, (1, pieces) each, and what of a text is to be seen there, (looks, seen, size)."""

    inputs: dict[str, np.ndarray]
    memory: np.ndarray


class _Question(NamedTuple):
    """A row of queries: the numbers of those, which of them are pairs that have changed places, and how they are asked."""

    rows: np.ndarray
    turned: np.ndarray
    row: _Row


@lru_cache(maxsize=TEXTS_KEPT)
def _reading_kept(text: str, weights: Path) -> list[_Reading]:
    """Where the reading of a text is put; empty until then, for texts are read together."""
    return []


@lru_cache(maxsize=PLACES_KEPT)
def _whole_kept(text: str, weights: Path) -> list[dict[str, np.ndarray] | None]:
    """Where topic scores and place of a text are put."""
    return []


def _read(texts: Sequence[str], weights: Path) -> list[_Reading]:
    """Read texts, all together that were not read before."""
    kept = {text: _reading_kept(text, weights) for text in texts}
    words = {text: reader.split_words(text) for text, reading in kept.items() if not reading}
    windows = {text: reader.cut_windows(own) if text.strip() else [] for text, own in words.items()}
    looks, _, _, size = reader.load_session(weights).get_inputs()[len(INPUTS)].shape
    nothing = np.zeros((looks, 0, size), dtype=np.float32)
    rows = [_Row(as_text(window.ids, window.types), nothing) for own in windows.values() for window in own]
    outputs = {n: {name: output.copy() for name, output in found.items()} for n, found in _answers(rows, weights)}
    numbers = iter(range(len(rows)))
    for text, own in windows.items():
        kept[text].append(_Reading(words[text], own, [outputs[next(numbers)] for _ in own]))
    return [kept[text][0] for text in texts]


def _read_whole(texts: Sequence[str], weights: Path) -> list[dict[str, np.ndarray] | None]:
    """Topic scores and place of each text, means over its windows; None of one without words."""
    kept = {text: _whole_kept(text, weights) for text in texts}
    for some in _parts([text for text, whole in kept.items() if not whole], TEXTS_KEPT):
        for text, reading in zip(some, _read(some, weights), strict=True):
            found = {name: [outputs[name].astype(float) for outputs in reading.outputs] for name in (TOPIC, SPACE)}
            kept[text].append({name: np.mean(windows, axis=0) for name, windows in found.items()} if reading.windows else None)
    return [kept[text][0] for text in texts]


def _answers(rows: Sequence[_Row], weights: Path) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """What the model makes of each row: its number, and outputs by name. Rows of like length are run together."""
    lengths = [row.inputs["ids"].shape[1] + row.memory.shape[1] // _SEEN_AS_ONE for row in rows]
    for batch in reader.batch_by_length(lengths, _PIECES_AT_ONCE):
        yield from zip(batch, _run([rows[n] for n in batch], weights), strict=True)


def _run(rows: Sequence[_Row], weights: Path) -> Iterator[dict[str, np.ndarray]]:
    """The outputs of each of some rows, which are run at once."""
    looks, _, size = rows[0].memory.shape
    lengths, seen = [row.inputs["ids"].shape[1] for row in rows], [row.memory.shape[1] for row in rows]
    inputs = {name: np.zeros((len(rows), max(lengths)), dtype=np.int64) for name in INPUTS}
    memory = np.zeros((looks, len(rows), max(seen), size), dtype=np.float32)
    for n, row in enumerate(rows):
        memory[:, n, : seen[n]] = row.memory
        for name, given in row.inputs.items():
            inputs[name][n, : lengths[n]] = given
    session = reader.load_session(weights)
    remembered = np.arange(max(seen)) < np.array(seen)[:, None]
    found = dict(zip(OUTPUTS, session.run(OUTPUTS, {**inputs, MEMORY: memory, REMEMBERED: remembered}), strict=True))
    first = 0
    for n, row in enumerate(rows):
        last = first + int((row.inputs["marks"] == SUMMARY).sum())
        yield {
            SENTIMENT: found[SENTIMENT][first:last],
            STANCE: found[STANCE][first:last],
            TOPIC: found[TOPIC][n],
            SPACE: found[SPACE][n],
            READ: found[READ][:, n, : lengths[n]],
        }
        first = last


def _parts(items: Sequence, size: int) -> Iterator[Sequence]:
    return (items[n : n + size] for n in range(0, len(items), size))


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


def _questions(reading: _Reading, rows: Sequence[int], spans: Sequence[Spans]) -> Iterator[_Question]:
    """How to ask about those of a text who can be asked about; `rows` are the numbers of the queries.

    Each is asked about in the window where it stands most central, and a pair in the order of the text.
    """
    at = _in_words(reading.words, spans)
    home = _home(reading.windows, at)
    for n, window in enumerate(reading.windows):
        edges = np.append(window.places, len(window.ids) - 1)
        for own in _parts(np.flatnonzero(home == n), _ASKED_AT_ONCE):
            pieces, turned = in_order(edges[at[own] - window.first])
            yield _Question(np.array(rows)[own], turned, _Row(ask(pieces, window.ids, window.types), reading.outputs[n][READ]))


def in_order(spans: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (queries, 4) with the actor first who stands first, and which of them have changed places; others as they are."""
    if spans.shape[1] != len(SWAPPED):
        return spans, np.zeros(len(spans), dtype=bool)
    first, second = spans[:, :2], spans[:, 2:]
    turned = (first[:, 0] > second[:, 0]) | ((first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1]))
    return np.where(turned[:, None], spans[:, SWAPPED], spans), turned


def as_text(ids: Sequence[int], types: Sequence[int]) -> dict[str, np.ndarray]:
    """A text as the model takes it, (1, pieces) each: word pieces, their types, their places, and that they are copies for no query."""
    given = np.array([ids, types, range(len(ids)), [0] * len(ids), [0] * len(ids)], dtype=np.int64)
    return dict(zip(INPUTS, given[:, None], strict=True))


def ask(spans: np.ndarray, ids: Sequence[int], types: Sequence[int]) -> dict[str, np.ndarray]:
    """Queries as the model takes them, in one row: of each the first piece of the text, and the first of each span.

    Parameters
    ----------
    spans : ndarray, (queries, 2 or 4)
        Word pieces (start, end) of a target, or of a pair.
    ids, types : sequence of int
        Of the text.

    Returns
    -------
    dict
        `ids`, `types`, `places`, `marks` (what a piece is a copy of) and `queries` (which one it is a part of), (1, pieces) each.
    """
    copied = []
    for query, row in enumerate(spans.reshape(len(spans), -1, 2).tolist()):
        copied.append((0, SUMMARY, query))
        for who, (start, end) in enumerate(row, start=FIRST):
            copied += [(place, who, query) for place in range(start, min(end, start + COPIES))]
    places, marks, queries = np.array(copied, dtype=np.int64).T[:, None]
    return {"ids": np.array(ids)[places], "types": np.array(types)[places], "places": places, "marks": marks, "queries": queries}


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
