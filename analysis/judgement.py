"""What a text says of those whom it names, and of what it speaks: the sentence model, on texts with the places of targets and of pairs.

The encoder reads each text once, whoever is asked about; `training/sentences.py` says how it learned to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import reader

SENTENCES = reader.MODELS / "sentences.onnx"
SENTIMENT, STANCE, TOPIC = "sentiment", "stance", "topic"
DIRECTIONS = ("neutral", "first_supports", "second_supports", "first_opposes", "second_opposes")
# A pair (start and end of the first, of the second) after the two change places, and its directions then.
SWAPPED, MIRRORED = [2, 3, 0, 1], [0, 2, 1, 4, 3]
_NO_WORDS = np.array([[0, 1]])  # a query that keeps each set of them from being empty

Span = tuple[int, int]
Pair = tuple[Span, Span]


@dataclass(frozen=True)
class Judgement:
    """Probabilities, or the scores before they are made such; NaN for a target, pair or text that covers no word.

    Attributes
    ----------
    sentiment : ndarray, (targets, 3)
        Of negative, neutral and positive sentiment toward each target.
    stance : ndarray, (pairs, 5)
        Of each of `DIRECTIONS` between the two.
    topics : ndarray, (topics,)
        Of each topic of the text, in the order of `topic_codes`.
    """

    sentiment: np.ndarray
    stance: np.ndarray
    topics: np.ndarray


def judge(texts: Sequence[str], targets: Sequence[Sequence[Span]], pairs: Sequence[Sequence[Pair]]) -> list[Judgement]:
    """Judge each text: the sentiment toward targets in it, the stance between pairs of actors in it, its topic.

    Parameters
    ----------
    texts : sequence of str
        A sentence or so each.
    targets : sequence of sequences of (start, end)
        Of each text, offsets of the targets.
    pairs : sequence of sequences of ((start, end), (start, end))
        Of each text, offsets of the two actors.

    Returns
    -------
    list of Judgement
        Probabilities, scaled by temperatures that were fitted on texts kept out of training (Guo, Pleiss, Sun & Weinberger, ICML 2017).
    """
    settings = _settings()
    return [
        Judgement(
            _softmax(scores.sentiment / settings[SENTIMENT]),
            _softmax(scores.stance / settings[STANCE]),
            _softmax(scores.topics / settings[TOPIC]),
        )
        for scores in score(texts, targets, pairs)
    ]


def score(
    texts: Sequence[str], targets: Sequence[Sequence[Span]], pairs: Sequence[Sequence[Pair]], weights: Path = SENTENCES
) -> list[Judgement]:
    """The scores behind `judge`, which takes the same.

    A text of more than one window is read by windows: a target in the one where it stands most central, a pair
    likewise, if the two stand near enough to be read together. Where somebody is asked about, windows without him are
    left unread; the topic is the mean of what was read.
    """
    return [_score(text, *queries, weights) for text, *queries in zip(texts, targets, pairs, strict=True)]


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


def _score(text: str, targets: Sequence[Span], pairs: Sequence[Pair], weights: Path) -> Judgement:
    words = reader.split_words(text)
    windows = reader.cut_windows(words) if text.strip() else []
    at_targets = _in_words(words, targets)
    at_pairs = _in_words(words, [span for pair in pairs for span in pair]).reshape(-1, 4)
    of_target, of_pair = _home(windows, at_targets), _home(windows, at_pairs)
    sentiment, stance = np.full((len(targets), 3), np.nan), np.full((len(pairs), 5), np.nan)
    topics = []
    for n in sorted({*of_target.tolist(), *of_pair.tolist()} - {-1}) or range(len(windows)):
        own_targets, own_pairs = np.flatnonzero(of_target == n), np.flatnonzero(of_pair == n)
        found = _read(windows[n], at_targets[own_targets], at_pairs[own_pairs], weights)
        sentiment[own_targets], stance[own_pairs] = found.sentiment, found.stance
        topics.append(found.topics)
    return Judgement(sentiment, stance, np.mean(topics, axis=0) if topics else np.full(len(topic_codes()), np.nan))


def _read(window: reader.Window, targets: np.ndarray, pairs: np.ndarray, weights: Path) -> Judgement:
    """Score a window: targets (N, 2) and pairs (M, 4) in words of the text. A pair is read in both orders, which agree on the mean."""
    edges = np.append(window.places, len(window.ids) - 1)
    queries = {
        "targets": edges[np.concatenate([targets - window.first, _NO_WORDS])],
        "pairs": edges[np.concatenate([pairs - window.first, pairs[:, SWAPPED] - window.first, np.tile(_NO_WORDS, 2)])],
    }
    sentiment, stance, topics = reader.run(weights, window, **queries)
    in_order, swapped = np.split(stance[:-1], 2)
    return Judgement(sentiment[:-1], (in_order + swapped[:, MIRRORED]) / 2, topics[0].astype(float))


def _in_words(words: reader.Words, spans: Sequence[Span]) -> np.ndarray:
    """Offsets (start, end) as numbers of words (first, last), half-open; (0, 0) where a span holds no word but a paragraph break."""
    spans = [(max(0, start), max(0, end)) for start, end in spans]
    starts, ends = np.array(spans, dtype=np.int64).reshape(-1, 2).T
    first = np.searchsorted(words.offsets[:, 1], starts, side="right")
    found = np.stack([first, np.searchsorted(words.offsets[:, 0], ends, side="left")], axis=1)
    found[[not words.text[start:end].strip() for start, end in spans]] = 0
    return found


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


def _softmax(scores: np.ndarray) -> np.ndarray:
    return np.exp(reader.log_softmax(scores))
