"""Measures of agreement with human coders. Figures are percentages, rounded to one decimal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.tables import QUOTE_TYPES

ALIGNED = 0.5  # intersection over union, in words, from which on two contents count as the same attribution
WORD = re.compile(r"\w+")

Spans = Iterable[tuple[int, int]]
Attributions = Sequence[Mapping[str, Spans]]
Words = tuple[frozenset[int], frozenset[int]]  # of an attribution: the numbers of the words of its content, and of its source


def precision_recall_f1(correct: int, predicted: int, gold: int) -> dict[str, float]:
    """Precision, recall and their harmonic mean from counts; 0 where nothing was predicted, or nothing was there."""
    precision = correct / predicted if predicted else 0.0
    recall = correct / gold if gold else 0.0
    return {"p": round(100 * precision, 1), "r": round(100 * recall, 1), "f1": _f1(precision, recall)}


def _f1(precision: float, recall: float) -> float:
    return round(200 * precision * recall / (precision + recall), 1) if precision and recall else 0.0


def accuracy(gold: Sequence, predicted: Sequence) -> float:
    """Share of labels that are right, in percent; 0 of no labels."""
    return round(100 * float(np.mean(np.asarray(gold) == np.asarray(predicted))), 1) if len(gold) else 0.0


def macro_f1(gold: Sequence, predicted: Sequence, labels: Sequence) -> float:
    """Mean F1 over labels, each counting alike, in percent."""
    gold, predicted = np.asarray(gold), np.asarray(predicted)
    scores = []
    for label in labels:
        is_gold, is_predicted = gold == label, predicted == label
        counts = (int((is_gold & is_predicted).sum()), int(is_predicted.sum()), int(is_gold.sum()))
        scores.append(precision_recall_f1(*counts)["f1"])
    return round(sum(scores) / len(scores), 1)


def calibration_error(confidence: Sequence[float], correct: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error of the predicted label, in points (Guo, Pleiss, Sun & Weinberger, ICML 2017).

    Parameters
    ----------
    confidence : sequence of float
        The probability of each predicted label.
    correct : sequence of bool
        Whether it was right.
    bins : int
        Of equal width; the upper bound of a bin belongs to it.

    Returns
    -------
    float
        The gap between mean confidence and share of right labels, weighted by the size of each bin.
    """
    confidence, correct = np.asarray(confidence, dtype=float), np.asarray(correct, dtype=float)
    if not len(confidence):
        return 0.0
    gaps = np.bincount(_bin_of(confidence, bins), weights=confidence - correct)
    return round(100 * float(np.abs(gaps).sum()) / len(confidence), 1)


def reliability(confidence: Sequence[float], correct: Sequence[bool], bins: int = 10) -> pd.DataFrame:
    """How often what was predicted with a confidence is right: the points of a reliability diagram.

    Parameters
    ----------
    confidence, correct, bins
        As in `calibration_error`.

    Returns
    -------
    DataFrame
        A row a bin that is not empty: confidence (mean), n, correct (count).
    """
    frame = pd.DataFrame({"confidence": np.asarray(confidence, dtype=float), "correct": np.asarray(correct, dtype=int)})
    by_bin = frame.groupby(_bin_of(frame["confidence"].to_numpy(), bins))
    return by_bin.agg(confidence=("confidence", "mean"), n=("correct", "size"), correct=("correct", "sum")).reset_index(drop=True)


def _bin_of(confidence: np.ndarray, bins: int) -> np.ndarray:
    return np.searchsorted(np.arange(bins + 1) / bins, confidence, side="left").clip(1)


def attribution_scores(coded: Iterable[tuple[str, Attributions, Attributions]]) -> dict[str, dict[str, float]]:
    """Compare attributions with a coder's, word by word.

    Parameters
    ----------
    coded : iterable of (text, gold, predicted)
        Attributions as mappings from role (source, cue, content) to spans (start, end) in the text.
        Those without a word of content do not count.

    Returns
    -------
    dict
        Precision, recall and F1 of contents that match word for word (content_exact), of the words of
        content (content_words), of attributions whose contents overlap by at least half of their union, one
        to one (attributions), and of those among them whose sources meet too (attributions_with_source).
    """
    n = Counter()
    for text, gold, predicted in coded:
        n += _count_matches(*_match(text, gold, predicted))
    return {
        "content_exact": precision_recall_f1(n["exact"], n["predicted"], n["gold"]),
        "content_words": precision_recall_f1(n["words"], n["predicted_words"], n["gold_words"]),
        "attributions": precision_recall_f1(n["aligned"], n["predicted"], n["gold"]),
        "attributions_with_source": precision_recall_f1(n["sourced"], n["predicted"], n["gold"]),
    }


def attribution_scores_by_type(coded: Iterable[tuple[str, Attributions, Attributions]]) -> dict[str, dict[str, float]]:
    """The measures of attributions for direct, indirect and mixed speech apart.

    Recall is over the coder's attributions of a type, precision over the predicted ones of it: each is found, or right, whatever
    type its partner has.

    Parameters
    ----------
    coded : iterable of (text, gold, predicted)
        As in `attribution_scores`, each attribution with its `type` too.

    Returns
    -------
    dict
        Of each type the number that the coder has (coded), and the F1 of attributions and of attributions_with_source.
    """
    n = Counter()
    for text, gold, predicted in coded:
        theirs, ours, pairs = _match(text, gold, predicted)
        n.update(("coded", a["type"]) for a, (content, _) in zip(gold, theirs, strict=True) if content)
        n.update(("predicted", a["type"]) for a, (content, _) in zip(predicted, ours, strict=True) if content)
        for i, j in pairs:
            measures = ["attributions"] + ["attributions_with_source"] * _sources_meet(theirs[i], ours[j])
            n.update((measure, "found", gold[i]["type"]) for measure in measures)
            n.update((measure, "right", predicted[j]["type"]) for measure in measures)

    def f1(measure: str, kind: str) -> float:
        right, found = n[measure, "right", kind], n[measure, "found", kind]
        return _f1(right / max(1, n["predicted", kind]), found / max(1, n["coded", kind]))

    names = ("attributions", "attributions_with_source")
    return {kind: {"coded": n["coded", kind], **{name: f1(name, kind) for name in names}} for kind in QUOTE_TYPES}


def right_attributions(text: str, gold: Attributions, predicted: Attributions) -> list[bool]:
    """Of each predicted attribution, whether the coder has it too, with a source that meets its own or, as it has, none.

    Parameters
    ----------
    text : str
    gold, predicted : sequences of mappings
        As in `attribution_scores`, which counts as attributions_with_source what is right here.

    Returns
    -------
    list of bool
    """
    theirs, ours, pairs = _match(text, gold, predicted)
    right = {j for i, j in pairs if _sources_meet(theirs[i], ours[j])}
    return [j in right for j in range(len(predicted))]


def _match(text: str, gold: Attributions, predicted: Attributions) -> tuple[list[Words], list[Words], list[tuple[int, int]]]:
    """The coder's attributions and ours, in words, and the pairs of those that are the same."""
    words = [match.span() for match in WORD.finditer(text)]
    theirs, ours = _in_words(gold, words), _in_words(predicted, words)
    return theirs, ours, _align([content for content, _ in theirs], [content for content, _ in ours])


def _in_words(attributions: Attributions, words: list[tuple[int, int]]) -> list[Words]:
    """The numbers of the words that each attribution's content and source touch."""
    starts = np.array([start for start, _ in words], dtype=int)
    ends = np.array([end for _, end in words], dtype=int)

    def touched(spans: Spans) -> frozenset[int]:
        ranges = (range(np.searchsorted(ends, a, side="right"), np.searchsorted(starts, b, side="left")) for a, b in spans)
        return frozenset(word for numbers in ranges for word in numbers)

    return [(touched(a.get("content") or ()), touched(a.get("source") or ())) for a in attributions]


def _sources_meet(one: Words, other: Words) -> bool:
    return bool(one[1] & other[1]) or not (one[1] or other[1])


def _count_matches(theirs: list[Words], ours: list[Words], pairs: list[tuple[int, int]]) -> Counter:
    gold, predicted = ([content for content, _ in attributions if content] for attributions in (theirs, ours))
    gold_words, predicted_words = frozenset().union(*gold), frozenset().union(*predicted)
    return Counter(
        gold=len(gold),
        predicted=len(predicted),
        exact=(Counter(gold) & Counter(predicted)).total(),
        words=len(gold_words & predicted_words),
        gold_words=len(gold_words),
        predicted_words=len(predicted_words),
        aligned=len(pairs),
        sourced=sum(_sources_meet(theirs[i], ours[j]) for i, j in pairs),
    )


def _align(gold: list[frozenset], predicted: list[frozenset]) -> list[tuple[int, int]]:
    """Pair contents one to one, best overlap first; of equals, the later ones."""
    overlaps = ((len(g & p) / len(g | p), i, j) for i, g in enumerate(gold) for j, p in enumerate(predicted) if g & p)
    pairs, taken_gold, taken_predicted = [], set(), set()
    for overlap, i, j in sorted(overlaps, reverse=True):
        if i not in taken_gold and j not in taken_predicted:
            taken_gold.add(i)
            taken_predicted.add(j)
            if overlap >= ALIGNED:
                pairs.append((i, j))
    return pairs
