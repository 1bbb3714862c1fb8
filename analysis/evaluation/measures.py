"""Measures of agreement with human coders. Figures are percentages, rounded to one decimal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

ALIGNED = 0.5  # intersection over union, in words, from which on two contents count as the same attribution
_WORD = re.compile(r"\w+")

Spans = Iterable[tuple[int, int]]
Attributions = Sequence[Mapping[str, Spans]]


def precision_recall_f1(correct: int, predicted: int, gold: int) -> dict[str, float]:
    """Precision, recall and their harmonic mean from counts; 0 where nothing was predicted, or nothing was there."""
    precision = correct / predicted if predicted else 0.0
    recall = correct / gold if gold else 0.0
    f1 = 200 * precision * recall / (precision + recall) if correct else 0.0
    return {"p": round(100 * precision, 1), "r": round(100 * recall, 1), "f1": round(f1, 1)}


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
    edges = np.arange(bins + 1) / bins
    bin_of = np.searchsorted(edges, confidence, side="left")
    gaps = np.bincount(bin_of, weights=confidence - correct)
    return round(100 * float(np.abs(gaps).sum()) / len(confidence), 1)


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
        words = [match.span() for match in _WORD.finditer(text)]
        n += _count_matches(_in_words(gold, words), _in_words(predicted, words))
    return {
        "content_exact": precision_recall_f1(n["exact"], n["predicted"], n["gold"]),
        "content_words": precision_recall_f1(n["words"], n["predicted_words"], n["gold_words"]),
        "attributions": precision_recall_f1(n["aligned"], n["predicted"], n["gold"]),
        "attributions_with_source": precision_recall_f1(n["sourced"], n["predicted"], n["gold"]),
    }


def _in_words(attributions: Attributions, words: list[tuple[int, int]]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """The numbers of the words that each attribution's content and source touch."""
    starts = np.array([start for start, _ in words], dtype=int)
    ends = np.array([end for _, end in words], dtype=int)

    def touched(spans: Spans) -> frozenset[int]:
        ranges = (range(np.searchsorted(ends, a, side="right"), np.searchsorted(starts, b, side="left")) for a, b in spans)
        return frozenset(word for numbers in ranges for word in numbers)

    pairs = [(touched(a.get("content") or ()), touched(a.get("source") or ())) for a in attributions]
    return [(content, source) for content, source in pairs if content]


def _count_matches(gold: list[tuple[frozenset, frozenset]], predicted: list[tuple[frozenset, frozenset]]) -> Counter:
    exact = Counter(content for content, _ in gold) & Counter(content for content, _ in predicted)
    gold_words = frozenset().union(*(content for content, _ in gold))
    predicted_words = frozenset().union(*(content for content, _ in predicted))
    aligned = [(gold[i][1], predicted[j][1]) for i, j in _align([g for g, _ in gold], [p for p, _ in predicted])]
    return Counter(
        gold=len(gold),
        predicted=len(predicted),
        exact=exact.total(),
        words=len(gold_words & predicted_words),
        gold_words=len(gold_words),
        predicted_words=len(predicted_words),
        aligned=len(aligned),
        sourced=sum(bool(a & b) or not (a or b) for a, b in aligned),
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
