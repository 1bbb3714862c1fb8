"""What the sentence model learns from in an epoch: passages with what is asked about them, altered anew, in batches.

The alterations are there for what the model must not lean on: who somebody is, single words, and the tone of a sentence as a whole in
place of what it says of a target.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from analysis import reader
from analysis.codebook import read_actors
from analysis.judgement import MIRRORED, SENTIMENT, STANCE, SWAPPED, TASKS, TOPIC, in_order, rows_by_text
from analysis.training.material import CodedSet

BATCH_PIECES = 4096
TIMES = {SENTIMENT: 1, STANCE: 1, TOPIC: 2}  # in an epoch: topics are few
MASKED_WORDS = 0.05
MASKED_TARGETS = {SENTIMENT: 0.15, STANCE: 0.05}
RENAMED_TARGETS = {SENTIMENT: 0.35, STANCE: 0.1}  # of those that are names; half become countries, half people or other actors
TURNED_PAIRS = 0.5  # the second asked about as the first: what one does to the other is learned for both
JOINED_SENTENCES = {SENTIMENT: 0.2, STANCE: 0.1, TOPIC: 0.0}
_NAME = re.compile(r"[A-Z][\w.’'-]*( [A-Z][\w.’'-]*){0,3}")
_PRONOUNS = frozenset("He His She Her It Its They Their We Our I My You Your Who This That These Those".split())


class Passage(NamedTuple):
    """A text with all that is asked about it for one task: offsets of a target (2), a pair in the order of the text (4) or nobody, and how
    probable each label of each is. One that a coder gave has all; nobody coded what has none."""

    task: str
    text: str
    spans: list[tuple[int, ...]]
    labels: list[tuple[float, ...]]


@dataclass(frozen=True, eq=False)
class Sentence:
    """A passage as the model takes it, with its spans in word pieces."""

    task: str
    ids: list[int]
    types: list[int]
    words: np.ndarray  # (words,), the place of each word's first piece
    spans: np.ndarray  # (queries, 2 or 4)
    labels: np.ndarray  # (queries, labels)


def make_sentence(passage: Passage) -> Sentence | None:
    """Lay offsets over word pieces. What lies behind the first window is left out; None where nothing lies in it."""
    words = reader.split_words(passage.text)
    if not len(words):
        return None
    window = reader.cut_windows(words)[0]
    offsets, labels = np.array(passage.spans, dtype=np.int64), np.array(passage.labels)
    at = np.minimum(words.covering(offsets.reshape(-1, 2)), window.last).reshape(offsets.shape)
    kept = (at[:, ::2] < at[:, 1::2]).all(axis=1)
    if not kept.any():
        return None
    edges = np.append(window.places, len(window.ids) - 1)
    return Sentence(passage.task, window.ids, window.types, window.places, edges[at[kept]], labels[kept])


def list_passages(coded: CodedSet) -> list[Passage]:
    """One passage a text, with all its targets or pairs; of topics, one a row."""
    rows = [[row] for row in range(len(coded.texts))] if coded.task == TOPIC else rows_by_text(coded.texts).values()
    spans, turned = in_order(np.array(coded.spans, dtype=np.int64))
    labels = np.eye(coded.categories)[coded.labels]
    if turned.any():
        labels[turned] = labels[turned][:, MIRRORED]
    spans, labels = ([tuple(row) for row in values.tolist()] for values in (spans, labels))
    return [Passage(coded.task, coded.texts[own[0]], [spans[row] for row in own], [labels[row] for row in own]) for own in rows]


def without_labels(passages: Iterable[Passage]) -> list[Passage]:
    """The passages as if nobody had coded them."""
    return [passage._replace(labels=[()] * len(passage.spans)) for passage in passages]


def list_names(passages: Iterable[Passage]) -> list[list[str]]:
    """Names to put in the place of others: of all countries, and those of people and others that are targets (two or three words)."""
    targets = {passage.text[start:end] for passage in passages for span in passage.spans for start, end in _pairs_of(span)}
    people = [target for target in targets if _NAME.fullmatch(target) and target.count(" ") in (1, 2)]
    countries = [entry.name for entry in read_actors().entries if entry.type == "country"]
    return [sorted(names) for names in (countries, people) if names]


def augment(
    passages: list[Passage], names: list[list[str]], rng: np.random.Generator, times: Mapping[str, int] = TIMES, join: bool = True
) -> list[Sentence]:
    """Each passage some times: with other names in the place of targets, masked words and targets, and some joined to another."""
    out, waiting = [], {}
    dealt = [passage for passage in passages for _ in range(times[passage.task])]
    for i in rng.permutation(len(dealt)):
        sentence = make_sentence(_rename(dealt[i], names, rng))
        if sentence is None:
            continue
        sentence = _alter(sentence, rng)
        if not join or rng.random() >= JOINED_SENTENCES[sentence.task]:
            out.append(sentence)
        elif sentence.task not in waiting:
            waiting[sentence.task] = sentence
        elif len(sentence.ids) + len(waiting[sentence.task].ids) > reader.WINDOW:
            out.append(sentence)
        else:
            out.append(_join(waiting.pop(sentence.task), sentence))
    return out + list(waiting.values())


def _rename(passage: Passage, names: list[list[str]], rng: np.random.Generator) -> Passage:
    """The passage with names drawn by chance in the place of some: what is said of a target is not to be told from who it is."""
    chosen: dict[str, str] = {}
    edits = []
    for start, end in sorted({place for span in passage.spans for place in _pairs_of(span)}):
        name = passage.text[start:end]
        if name not in chosen:
            swap = _NAME.fullmatch(name) and name not in _PRONOUNS and rng.random() < RENAMED_TARGETS[passage.task]
            chosen[name] = _draw(_draw(names, rng), rng) if swap else name
        edits.append((start, end, chosen[name]))
    if any(end > start for (_, end, _), (start, _, _) in pairwise(edits)):
        return passage
    text, moved, behind = "", {}, 0
    for start, end, name in edits:
        text += passage.text[behind:start]
        moved[start, end] = (len(text), len(text) + len(name))
        text, behind = text + name, end
    spans = [tuple(offset for place in _pairs_of(span) for offset in moved[place]) for span in passage.spans]
    return passage._replace(text=text + passage.text[behind:], spans=spans)


def _draw(items: Sequence, rng: np.random.Generator):
    return items[rng.integers(len(items))]


def _pairs_of(span: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(span[::2], span[1::2], strict=True))


def _alter(sentence: Sentence, rng: np.random.Generator) -> Sentence:
    mask = reader.load_tokenizer().token_to_id("[MASK]")
    ids = np.array(sentence.ids)
    edges = np.append(sentence.words, len(ids) - 1)
    for i in np.flatnonzero(rng.random(len(sentence.words)) < MASKED_WORDS):
        ids[edges[i] : edges[i + 1]] = mask
    for row in sentence.spans:
        for start, end in row.reshape(-1, 2):
            if rng.random() < MASKED_TARGETS[sentence.task]:
                ids[start:end] = mask
    return replace(_turn(sentence, rng) if sentence.task == STANCE else sentence, ids=ids.tolist())


def _turn(sentence: Sentence, rng: np.random.Generator) -> Sentence:
    spans, labels = sentence.spans.copy(), sentence.labels.copy()
    turned = rng.random(len(spans)) < TURNED_PAIRS
    spans[turned], labels[turned] = spans[turned][:, SWAPPED], labels[turned][:, MIRRORED]
    return replace(sentence, spans=spans, labels=labels)


def _join(one: Sentence, other: Sentence) -> Sentence:
    """Two sentences as one text: what is said of a target is then to be told from what is said beside it."""
    shift = len(one.ids) - 2
    return Sentence(
        one.task,
        one.ids[:-1] + other.ids[1:],
        one.types[:-1] + other.types[1:],
        np.concatenate([one.words, other.words + shift]),
        np.concatenate([one.spans, other.spans + shift]),
        np.concatenate([one.labels, other.labels]),
    )


def batches(sentences: list[Sentence], rng: np.random.Generator, pieces: int = BATCH_PIECES) -> list[list[Sentence]]:
    """Sentences of one task and of like length, in random order."""
    out = []
    for task in TASKS:
        own = [s for s in sentences if s.task == task]
        own = [own[i] for i in rng.permutation(len(own))]
        out += [[own[i] for i in batch] for batch in reader.batch_by_length([len(s.ids) for s in own], pieces)]
    return [out[i] for i in rng.permutation(len(out))]
