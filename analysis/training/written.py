"""Sentences and texts written for this project and coded as they were written, in the terms of those who coded the benchmarks.

A large language model (Claude, of Anthropic) wrote and coded them; names of real people in the sentences were then replaced by invented
ones.

Those who code a benchmark have habits that no codebook tells: they find a judgement where another coder finds none. So the writer coded
1,320 targets and pairs of the benchmarks' training parts, without sight of their codes. How often each code of the coders met each of the
writer's says how much the latter tells of the former (Dawid & Skene, Applied Statistics, 1979).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from analysis.codebook import read_issues
from analysis.evaluation.coverage import CodedText, read_texts, with_wider
from analysis.judgement import DIRECTIONS, MIRRORED, SENTIMENT, STANCE, TOPIC
from analysis.tables import SENTIMENTS
from analysis.training.passages import Passage

WRITTEN = Path(__file__).parent / "texts"
# Items of the benchmarks coded twice: a row a code of the benchmark's coders, a column a code of the writer.
OF_ONE = ((94, 17, 2), (5, 108, 9), (1, 22, 62))  # sentiment toward the only target of a sentence
OF_SEVERAL = ((190, 51, 4), (1, 78, 5), (0, 37, 114))  # toward one of two
OF_PAIRS = ((267, 20, 8, 40, 15), (11, 24, 1, 0, 1), (3, 0, 0, 1, 0), (16, 4, 0, 89, 0), (5, 0, 0, 1, 14))
UNSEEN = 1.0  # added to each of these numbers
TRUST = 0.6  # in a model's probabilities: their exponent, as written sentences are harder than those that it learned from
TOPIC_SURE = 0.8  # of a text's topic
_MARK = re.compile(r"\{(\d):([^{}]+)\}")
_SIGNS = dict(zip("-0+", SENTIMENTS, strict=True))


def read_sentences() -> list[Passage]:
    """The written sentences with their writer's codes: one passage for sentiment, and one for stance where two actors are marked.

    A line of `texts/sentences.tsv` is a sentence with its actors marked ({1:Peru} praised {2:Chile}), the sentiment toward each (1=0
    2=+), who supports (1>2+) or opposes (1>2-) whom, and its issues in the default codebook; “-” where there is none. A pair of which both
    are coded has half a label for each.
    """
    return [passage for *line, _ in _lines("sentences.tsv") for passage in _passages(*line)]


def read_issue_texts() -> list[CodedText]:
    """The written texts that were coded by issue: those of `texts/issues.tsv` by several codebooks, and each sentence of
    `texts/sentences.tsv` by the default one."""
    book = read_issues()
    alone = [(_unmark(marked)[0], [] if codes == "-" else codes.split(";")) for marked, *_, codes in _lines("sentences.tsv")]
    return read_texts(WRITTEN) + [CodedText(book, [text], [with_wider(book, codes)]) for text, codes in alone]


def read_topics(codes: Sequence[int]) -> list[Passage]:
    """The written texts with their topics, of which the writer's is `TOPIC_SURE` and the others share the rest.

    Parameters
    ----------
    codes : sequence of int
        In the order of the labels.
    """
    labels = TOPIC_SURE * np.eye(len(codes)) + (1 - TOPIC_SURE) / len(codes)
    return [Passage(TOPIC, text, [()], [tuple(labels[codes.index(int(code))].tolist())]) for code, text in _lines("topics.tsv")]


def in_coders_terms(written: Sequence[Passage], told: Sequence[Passage]) -> list[Passage]:
    """What the benchmarks' coders would probably have said of written sentences.

    Parameters
    ----------
    written : sequence of Passage
        With their writer's codes.
    told : sequence of Passage
        The same, with a model's probabilities for labels: of each code of the coders, before anybody coded the sentence.

    Returns
    -------
    list of Passage
        The passages of `told`. Their labels are its probabilities to the power of `TRUST`, times the share of the writer's code among
        items that got each code of the coders, made to sum to 1.
    """
    codes = {(passage.task, passage.text): dict(zip(passage.spans, passage.labels, strict=True)) for passage in written}
    weighed = []
    for passage in told:
        known = codes[passage.task, passage.text]
        likely = np.array([known[span] for span in passage.spans]) @ _shares(passage.task, len(known)).T
        labels = np.array(passage.labels) ** TRUST * likely
        weighed.append(passage._replace(labels=[tuple(row) for row in (labels / labels.sum(1, keepdims=True)).tolist()]))
    return weighed


def _shares(task: str, asked: int) -> np.ndarray:
    """How probable each code of the writer (columns) is where the coders gave another (rows)."""
    counts = np.array({SENTIMENT: OF_SEVERAL if asked > 1 else OF_ONE, STANCE: OF_PAIRS}[task]) + UNSEEN
    if task == STANCE:  # which of two stands first in the text says nothing of the writer
        counts = counts + counts[np.ix_(MIRRORED, MIRRORED)]
    return counts / counts.sum(1, keepdims=True)


def _lines(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (WRITTEN / name).read_text(encoding="utf-8").splitlines()]


def _passages(marked: str, sentiments: str, stances: str) -> list[Passage]:
    text, places = _unmark(marked)
    said = {number: _SIGNS[sign] for number, sign in (code.split("=") for code in sentiments.split())}
    asked = sorted(places, key=places.get)
    labels = np.eye(len(SENTIMENTS))[[SENTIMENTS.index(said[number]) for number in asked]]
    passages = [Passage(SENTIMENT, text, [places[number] for number in asked], [tuple(row) for row in labels.tolist()])]
    leanings = {(code[0], code[2]): code[3] for code in stances.split() if code != "-"}
    pairs = list(combinations(asked, 2))
    if pairs:
        directions = [tuple(_direction(leanings.get(pair), leanings.get(pair[::-1])).tolist()) for pair in pairs]
        passages.append(Passage(STANCE, text, [places[one] + places[other] for one, other in pairs], directions))
    return passages


def _unmark(marked: str) -> tuple[str, dict[str, tuple[int, int]]]:
    """The text without its marks, and the place of each by its number."""
    pieces, places, length, behind = [], {}, 0, 0
    for mark in _MARK.finditer(marked):
        before = marked[behind : mark.start()]
        pieces += [before, mark[2]]
        start = length + len(before)
        length, behind = start + len(mark[2]), mark.end()
        places[mark[1]] = (start, length)
    return "".join([*pieces, marked[behind:]]), places


def _direction(forth: str | None, back: str | None) -> np.ndarray:
    """The label of a pair, of what its first is toward its second (“+”, “-” or nothing) and the second toward the first."""
    names = {"+": "supports", "-": "opposes"}
    held = [f"{who}_{names[sign]}" for who, sign in (("first", forth), ("second", back)) if sign] or ["neutral"]
    return np.mean([np.eye(len(DIRECTIONS))[DIRECTIONS.index(direction)] for direction in held], axis=0)
