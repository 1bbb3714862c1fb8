"""Sentences and texts written for this project, and coded by issue and by topic (`graded` has who is put in what light in the sentences).

A large language model (Claude, of Anthropic) wrote and coded them; names of real people in the sentences were then replaced by invented
ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis.codebook import read_issues
from analysis.evaluation.coverage import CodedText, read_texts, with_wider
from analysis.judgement import TOPIC
from analysis.training.passages import Passage

WRITTEN = Path(__file__).parent / "texts"
TOPIC_SURE = 0.8  # of a text's topic
_MARK = re.compile(r"\{\d:([^{}]+)\}")


def read_issue_texts() -> list[CodedText]:
    """The written texts that were coded by issue: those of `texts/issues.tsv` by several codebooks, and each sentence of
    `texts/sentences.tsv` by the default one."""
    book = read_issues()
    alone = [(unmark(marked)[0], [] if codes == "-" else codes.split(";")) for marked, *_, codes in read_lines("sentences.tsv")]
    return read_texts(WRITTEN) + [CodedText(book, [text], [with_wider(book, codes)]) for text, codes in alone]


def read_topics(codes: Sequence[int]) -> list[Passage]:
    """The written texts with their topics, of which the writer's is `TOPIC_SURE` and the others share the rest.

    Parameters
    ----------
    codes : sequence of int
        In the order of the labels.
    """
    labels = TOPIC_SURE * np.eye(len(codes)) + (1 - TOPIC_SURE) / len(codes)
    return [Passage(TOPIC, text, [()], [tuple(labels[codes.index(int(code))].tolist())]) for code, text in read_lines("topics.tsv")]


def read_lines(name: str) -> list[list[str]]:
    """The fields of each line of a file of `WRITTEN`."""
    return [line.split("\t") for line in (WRITTEN / name).read_text(encoding="utf-8").splitlines()]


def unmark(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A sentence whose actors are marked and numbered in order, without the marks, and the place of each actor."""
    pieces, places, length, behind = [], [], 0, 0
    for mark in _MARK.finditer(marked):
        before = marked[behind : mark.start()]
        pieces += [before, mark[1]]
        start = length + len(before)
        length, behind = start + len(mark[1]), mark.end()
        places.append((start, length))
    return "".join([*pieces, marked[behind:]]), places
