"""A teacher for the sentence model: a larger encoder that learns sentiment and stance first, too large to be shipped.

It reads a text anew for each query, with the pieces of those who are asked about marked in it. What it makes of a text, the sentence model
is then to make of it too (knowledge distillation: Hinton, Vinyals & Dean, 2015), also of texts that nobody coded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from analysis.judgement import DIRECTIONS, SENTIMENT, STANCE
from analysis.tables import SENTIMENTS
from analysis.training.encoder import OTHERS, make_step, mixed_precision, pad, seed_everything
from analysis.training.large import LargeEncoder
from analysis.training.passages import Passage, Sentence, augment, batches, list_names, make_sentence
from analysis.training.tasks import learn, make_head, mean_of, measure

EPOCHS = 3
TIMES = {SENTIMENT: 1, STANCE: 1}  # in an epoch
BATCH_PIECES = 1536
LEARNING_RATE = {"encoder": 4e-5, OTHERS: 3e-4}


class Teacher(nn.Module):
    """The large encoder and a head a task, which asks one query of each row."""

    def __init__(self):
        super().__init__()
        self.encoder = LargeEncoder()
        size = self.encoder.size
        self.marks = nn.Parameter(torch.randn(2, size) * self.encoder.spread)
        self.heads = nn.ModuleDict({SENTIMENT: make_head(2 * size, len(SENTIMENTS)), STANCE: make_head(3 * size, len(DIRECTIONS))})

    def forward(self, task: str, ids: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
        """Logits (rows, labels) of pieces (rows, pieces) that are asked about where `asked` (rows, spans, pieces) is 1."""
        hidden = self.encoder(ids, asked.transpose(1, 2) @ self.marks[: asked.shape[1]], ids != 0).float()
        return self.heads[task](torch.cat([*mean_of(hidden, asked).unbind(1), hidden[:, 0]], -1))


def one_by_one(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Each query with a sentence of its own."""
    return [replace(s, spans=s.spans[n : n + 1], labels=s.labels[n : n + 1]) for s in sentences for n in range(len(s.labels))]


def logits_of(model: Teacher, batch: list[Sentence]) -> torch.Tensor:
    """A row a query of the batch."""
    alone = one_by_one(batch)
    ids = pad([s.ids for s in alone])
    asked = torch.zeros(len(alone), batch[0].spans.shape[1] // 2, ids.shape[1])
    for row, s in enumerate(alone):
        for who, (start, end) in enumerate(s.spans.reshape(-1, 2).tolist()):
            asked[row, who, start:end] = 1
    with mixed_precision():
        return model(batch[0].task, ids, asked).float()


def train(
    train_set: list[Passage],
    dev_sets: dict[str, list[Passage]],
    out: Path,
    seed: int = 1,
    log: Callable[[str], object] = print,
) -> Teacher:
    """Fine-tune on sentiment and stance, and write `sentences_teacher.pt` after each epoch; takes what `sentences.train` takes."""
    rng = seed_everything(seed)
    model = Teacher()
    train_set = _own(train_set)
    dev_sets = {name: own for name, passages in dev_sets.items() if (own := _own(passages))}
    names = list_names(train_set)

    def deal() -> list[list[Sentence]]:
        return batches(one_by_one(augment(train_set, names, rng, TIMES, join=False)), rng, BATCH_PIECES)

    step = make_step(model, LEARNING_RATE, len(deal()), EPOCHS)
    for epoch in range(1, EPOCHS + 1):
        began = time.monotonic()
        losses = learn(model, logits_of, deal(), step)
        torch.save(model.state_dict(), out / "sentences_teacher.pt")
        log(f"teacher, epoch {epoch} of {EPOCHS}: loss {losses}, {time.monotonic() - began:.0f} s")
        for name, passages in dev_sets.items():
            log(f"  {name}: {measure(model, logits_of, passages)}")
    return model


def _own(passages: Iterable[Passage]) -> list[Passage]:
    return [passage for passage in passages if passage.task in TIMES]


def teach(model: Teacher, passages: list[Passage]) -> list[Passage]:
    """The passages with the teacher's probabilities as labels, or, where a coder gave one, with the mean of both.

    Topics stay as they are; what nobody coded, and the teacher cannot read, is left out.
    """
    queries = [(n, span, label) for n, p in enumerate(passages) for span, label in zip(p.spans, p.labels, strict=True)]
    alone = [make_sentence(passages[n]._replace(spans=[span], labels=[label])) for n, span, label in queries]
    taught = [passage._replace(spans=[], labels=[]) for passage in passages]
    for (n, span, label), answer in zip(queries, answers(model, alone), strict=True):
        known = [shares for shares in (answer, label) if shares is not None and len(shares)]
        if known:
            taught[n].spans.append(span)
            taught[n].labels.append(tuple(np.mean(known, axis=0).tolist()))
    return [passage for passage in taught if passage.spans]


@torch.no_grad()
def answers(model: Teacher, sentences: Sequence[Sentence | None]) -> list[np.ndarray | None]:
    """Probabilities (labels,) of sentences that have one query each, where there is one."""
    model.eval()
    found: list[np.ndarray | None] = [None] * len(sentences)
    for task in TIMES:
        own = sorted((n for n, s in enumerate(sentences) if s and s.task == task), key=lambda n: len(sentences[n].ids))
        parts = max(1, sum(len(sentences[n].ids) for n in own) // BATCH_PIECES)
        for part in filter(len, np.array_split(np.array(own, dtype=int), parts)):
            for n, row in zip(part, logits_of(model, [sentences[n] for n in part]).softmax(-1).numpy(), strict=True):
                found[n] = row
    return found
