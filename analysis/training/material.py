"""What the sentence model learns from, and what is kept out to fit its temperatures: three tasks' sets in one form."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.evaluation.benchmarks import SETS, TRAINING, read_dse, read_newsmtsc, read_polnear, read_topics, split_topics
from analysis.judgement import DIRECTIONS, SENTIMENT, STANCE, TOPIC
from analysis.tables import SENTIMENTS


class CodedSet(NamedTuple):
    """Texts with what a coder said of them, a row a target, a pair or (for topics) a text.

    `spans` are the offsets of the target (start, end), of the pair (start, end, start, end), or none; `labels` number the `categories`:
    `SENTIMENTS`, `DIRECTIONS`, or the material's topic codes.
    """

    task: str
    texts: list[str]
    spans: list[tuple[int, ...]]
    labels: list[int]
    categories: int


class Material(NamedTuple):
    """Sets to learn from, articles that are not coded for any task, sets that are kept out (by name), and the codes of the topics in the
    order of their labels."""

    learned: list[CodedSet]
    uncoded: list[str]
    kept: dict[str, CodedSet]
    codes: list[int]


def read_material(folder: str | Path) -> Material:
    """Read the benchmarks: training and dev parts of NewsMTSC and DSE, the topics, of which each set's kept part is held back, and the
    articles of PolNeAR's training part.

    Parameters
    ----------
    folder : path
        With the files that `benchmarks.TRAINING` and `benchmarks.SETS` name.

    Raises
    ------
    InputError
        If a file is missing, or cannot be read.
    """
    folder = Path(folder)
    learned = [_sentiment(read_newsmtsc(folder / TRAINING[SENTIMENT])), _stance(read_dse(folder / TRAINING[STANCE]))]
    kept = {name: _sentiment(read_newsmtsc(folder / path)) for name, path in SETS["sentiment"].items()}
    kept |= {name: _stance(read_dse(folder / path)) for name, path in SETS["stance"].items()}
    parts = {name: split_topics(read_topics(folder / path)) for name, path in SETS["issues"].items()}
    codes = sorted({code for part in parts.values() for coded in part for code in coded["topic"].tolist()})
    learned += [_topics(part, codes) for part, _ in parts.values()]
    kept |= {name: _topics(part, codes) for name, (_, part) in parts.items()}
    return Material(learned, [article.text for article in read_polnear(folder / TRAINING["quotes"])], kept, codes)


def read_sentences(folder: str | Path) -> list[str]:
    """The sentences of the training parts of NewsMTSC and DSE, in which nobody coded attributions; raises what `read_material` does."""
    targets, pairs = read_newsmtsc(Path(folder) / TRAINING[SENTIMENT]), read_dse(Path(folder) / TRAINING[STANCE])
    return [*targets["text"], *pairs["text"]]


def _sentiment(targets: pd.DataFrame) -> CodedSet:
    spans = list(zip(targets["start"], targets["end"], strict=True))
    return CodedSet(SENTIMENT, targets["text"].tolist(), spans, targets["label"].map(SENTIMENTS.index).tolist(), len(SENTIMENTS))


def _stance(pairs: pd.DataFrame) -> CodedSet:
    spans = [(*first, *second) for first, second in zip(pairs["first"], pairs["second"], strict=True)]
    return CodedSet(STANCE, pairs["text"].tolist(), spans, pairs["label"].map(DIRECTIONS.index).tolist(), len(DIRECTIONS))


def _topics(coded: pd.DataFrame, codes: list[int]) -> CodedSet:
    coded = coded[coded["text"].str.strip() != ""]
    return CodedSet(TOPIC, coded["text"].tolist(), [()] * len(coded), coded["topic"].map(codes.index).tolist(), len(codes))
