"""Sentences that a language model coded by degrees, in the terms of those who coded the benchmarks.

Who stands in what light, and who stands where toward whom, is told from −3 to 3, by how sure the coder is that the benchmarks' coders
would say so too. Those have habits that no codebook tells, and the model has its own. So its codes are not taken as they are: on texts that
both coded, a regression learns how probable each label of the coders is, given the model's code and what a teacher makes of the same
sentence (stacking: Wolpert, Neural Networks, 1992).

The language model is Claude, of Anthropic; it saw some 300 sentences with the codes of the benchmarks' coders, all of the training parts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from analysis.judgement import DIRECTIONS, MIRRORED, SENTIMENT, STANCE
from analysis.tables import SENTIMENTS
from analysis.training.passages import Passage
from analysis.training.written import read_lines, unmark

DEGREES = range(-3, 4)
KEY_DIGITS = 16
LEAST_SHARE = 1e-4  # of a label, before its logarithm is taken
INVERSE_PENALTY = {SENTIMENT: 0.3, STANCE: 0.15}
MOST_ROUNDS = 3000
LABELS = {SENTIMENT: len(SENTIMENTS), STANCE: len(DIRECTIONS)}
# In a teacher's probabilities: their exponent. Written sentences are harder than those that it learned from.
TRUST, TRUST_WRITTEN = 0.8, 0.6
CODED, UNCODED = "coded.tsv", "uncoded.tsv"
NOT_CODED = "?"
_STANCE = re.compile(r"(\d)>(\d)([+-])(\d)")


class Codes(NamedTuple):
    """What was coded of a sentence: the places of its actors, in order; the degree of sentiment toward each of them, or nothing where none
    was coded; and the degree to which one supports (“+”) or opposes (“-”) another, by their numbers from 0 and the sign, or nothing."""

    places: list[tuple[int, int]]
    sentiments: list[int] | None
    stances: dict[tuple[int, int, str], int] | None


def read_written() -> dict[str, Codes]:
    """The codes of the sentences that were written for this project, by their text.

    A line of `texts/sentences.tsv` is a sentence with its actors marked and numbered in order ({1:Peru} praised {2:Chile}), the sentiment
    toward each (0 3), who supports (1>2+3) or opposes (1>2-3) whom, and its issues in the default codebook; “-” where there is none.
    """
    found = {}
    for marked, *codes, _ in read_lines("sentences.tsv"):
        text, places = unmark(marked)
        found[text] = _parse(places, *codes)
    return found


def read_codes(name: str, texts: Iterable[str]) -> dict[str, Codes]:
    """The codes of sentences that are not kept here, or elsewhere, by their text.

    A line is the key of a sentence (`key_of`), the offsets of its actors (0-5 14-19), the sentiments and the stances; “?” where these
    were not coded.

    Parameters
    ----------
    name : str
        `CODED`, of targets and pairs that the benchmarks' coders coded too, or `UNCODED`.
    texts : iterable of str
        Those of which the codes are wanted; of some there may be none.
    """
    lines = {key: codes for key, *codes in read_lines(name)}
    known = ((text, lines.get(key_of(text))) for text in texts)
    return {text: _parse([tuple(map(int, place.split("-"))) for place in codes[0].split()], *codes[1:]) for text, codes in known if codes}


def key_of(text: str) -> str:
    """What stands for a text that is not kept here."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:KEY_DIGITS]


def _parse(places: list[tuple[int, int]], sentiments: str, stances: str) -> Codes:
    of_pairs = {(int(one) - 1, int(other) - 1, sign): int(degree) for one, other, sign, degree in _STANCE.findall(stances)}
    return Codes(places, None if sentiments == NOT_CODED else [*map(int, sentiments.split())], None if stances == NOT_CODED else of_pairs)


def list_asked(codes: Mapping[str, Codes]) -> list[Passage]:
    """What was coded of texts, without labels: the sentiment toward each of the actors, and the stance of each pair."""
    asked = []
    for text, (places, sentiments, stances) in codes.items():
        if sentiments is not None:
            asked.append(Passage(SENTIMENT, text, places, [()] * len(places)))
        if stances is not None and len(places) > 1:
            pairs = [one + other for one, other in combinations(places, 2)]
            asked.append(Passage(STANCE, text, pairs, [()] * len(pairs)))
    return asked


class Weigher:
    """Regressions from codes, and a teacher's probabilities beside them, on the labels of the benchmarks' coders."""

    def __init__(self, coded: Sequence[Passage], told: Sequence[Passage], codes: Mapping[str, Codes]):
        """Fit them.

        Parameters
        ----------
        coded : sequence of Passage
            With the labels of the benchmarks' coders, none of which the teacher learned from; each label is that of some.
        told : sequence of Passage
            The same, with the teacher's probabilities as labels.
        codes : mapping
            Of their texts.
        """
        self._beside, self._alone = {}, {}
        gold = {(one.task, one.text, span): np.argmax(label) for one in coded for span, label in zip(one.spans, one.labels, strict=True)}
        for task, penalty in INVERSE_PENALTY.items():
            own = [(one, n) for one in told if one.task == task for n in _coded_of(one, codes)]
            rows = np.array([_features(one, n, codes[one.text]) for one, n in own])
            labels = np.array([gold[task, one.text, one.spans[n]] for one, n in own])
            if task == STANCE:  # which of two stands first in the text says nothing
                rows, labels = np.concatenate([rows, _mirror(rows)]), np.concatenate([labels, np.array(MIRRORED)[labels]])
            self._beside[task] = LogisticRegression(C=penalty, max_iter=MOST_ROUNDS).fit(rows, labels)
            self._alone[task] = LogisticRegression(C=penalty, max_iter=MOST_ROUNDS).fit(rows[:, LABELS[task] :], labels)

    def weigh(self, told: Sequence[Passage], codes: Mapping[str, Codes], trust: float) -> list[Passage]:
        """What the benchmarks' coders would probably have said of coded sentences.

        Parameters
        ----------
        told : sequence of Passage
            With a teacher's probabilities for labels.
        codes : mapping
            Of their texts.
        trust : float
            In the teacher's probabilities: the exponent that they get.
        """
        weighed = []
        for passage in told:
            passage = passage._replace(labels=[tuple(row) for row in _sharpen(passage.labels, trust)])
            rows = [_features(passage, n, codes[passage.text]) for n in range(len(passage.spans))]
            weighed.append(_with_labels(passage, self._beside[passage.task].predict_proba(rows)))
        return weighed

    def average(self, coded: Sequence[Passage], codes: Mapping[str, Codes]) -> list[Passage]:
        """Passages that the benchmarks' coders coded, each label the mean of the coder's and of what the language model's codes say of it.

        A teacher has no part in it: it learned from these labels. Where the language model coded nothing, the coder's label stays.
        """
        averaged = []
        for passage in coded:
            labels = np.array(passage.labels)
            if twice := _coded_of(passage, codes):
                rows = np.array([_features(passage, n, codes[passage.text]) for n in twice])
                likely = self._alone[passage.task].predict_proba(rows[:, labels.shape[1] :])
                labels[twice] = (labels[twice] + likely) / 2
            averaged.append(_with_labels(passage, labels))
        return averaged


def _coded_of(passage: Passage, codes: Mapping[str, Codes]) -> list[int]:
    """Which of the targets or pairs of a passage the language model coded, by their number."""
    known = codes.get(passage.text)
    if known is None or (known.sentiments if passage.task == SENTIMENT else known.stances) is None:
        return []
    return [n for n, span in enumerate(passage.spans) if {span[:2], span[-2:]} <= set(known.places)]


def _features(passage: Passage, n: int, codes: Codes) -> list[float]:
    """Of one query: the teacher's probabilities as logarithms around their mean, and the code, a column a degree."""
    span, logs = passage.spans[n], np.log(np.maximum(passage.labels[n], LEAST_SHARE))
    told = (logs - logs.mean()).tolist()
    if passage.task == SENTIMENT:
        degree, several = codes.sentiments[codes.places.index(span)], len(codes.places) > 1
        return [*told, *(float(degree == step) for step in DEGREES), float(several * degree), float(several)]
    one, other = codes.places.index(span[:2]), codes.places.index(span[2:])
    degrees = [codes.stances.get((*pair, sign), 0) for sign in "+-" for pair in ((one, other), (other, one))]
    return [*told, *(float(degree == step) for degree in degrees for step in DEGREES if step > 0)]


def _mirror(rows: np.ndarray) -> np.ndarray:
    """The rows of pairs after the two change places."""
    told, codes = np.split(rows, [LABELS[STANCE]], axis=1)
    turned = codes.reshape(len(rows), 4, -1)[:, [1, 0, 3, 2]].reshape(codes.shape)
    return np.concatenate([told[:, MIRRORED], turned], axis=1)


def _sharpen(labels: Sequence[Sequence[float]], exponent: float) -> np.ndarray:
    raised = np.asarray(labels) ** exponent
    return raised / raised.sum(axis=1, keepdims=True)


def _with_labels(passage: Passage, labels: np.ndarray) -> Passage:
    return passage._replace(labels=[tuple(row) for row in labels.tolist()])
