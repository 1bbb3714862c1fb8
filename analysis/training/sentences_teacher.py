"""A teacher for the sentence model: a larger encoder that learns sentiment and stance first, too large to be shipped.

It reads a text anew for each query, with the pieces of those who are asked about marked in it. What it makes of a text, the sentence model
is then to make of it too (knowledge distillation: Hinton, Vinyals & Dean, 2015), also of texts that nobody coded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from analysis.judgement import DIRECTIONS, SENTIMENT, STANCE
from analysis.tables import SENTIMENTS
from analysis.training.encoder import DEVICE, OTHERS, each_epoch, mixed_precision, pad, seed_everything
from analysis.training.large import LargeEncoder
from analysis.training.passages import Passage, Sentence, augment, batches, list_names, make_sentence
from analysis.training.tasks import Batch, answers, learn, make_head, mean_of, measure

EPOCHS = 4
TIMES = {SENTIMENT: 1, STANCE: 1}  # in an epoch
BATCH_PIECES = 3072
LEARNING_RATE = {"encoder": 5e-5, OTHERS: 3e-4}


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


def lay_out(sentences: list[Sentence]) -> Batch:
    """Sentences of one task as the teacher takes them: the pieces (rows, pieces), and where those are who are asked about (rows, spans,
    pieces)."""
    alone = one_by_one(sentences)
    ids = pad([s.ids for s in alone])
    asked = np.zeros((len(alone), alone[0].spans.shape[1] // 2, ids.shape[1]), dtype=np.float32)
    for row, s in enumerate(alone):
        for who, (start, end) in enumerate(s.spans.reshape(-1, 2).tolist()):
            asked[row, who, start:end] = 1
    return Batch(alone[0].task, (ids, asked), np.concatenate([s.labels for s in alone]))


def logits_of(model: Teacher, task: str, inputs: list[torch.Tensor]) -> torch.Tensor:
    """A row a query."""
    with mixed_precision():
        return model(task, *inputs).float()


def deal(passages: list[Passage], names: list[list[str]], rng: np.random.Generator) -> list[Batch]:
    """The batches of an epoch."""
    return [lay_out(some) for some in batches(one_by_one(augment(passages, names, rng, TIMES, join=False)), rng, BATCH_PIECES)]


def train(
    train_set: list[Passage],
    dev_sets: dict[str, list[Passage]],
    out: Path,
    seed: int = 1,
    log: Callable[[str], object] = print,
) -> Teacher:
    """Fine-tune on sentiment and stance, and write `sentences_teacher_SEED.pt` after each epoch; takes what `sentences.train` takes."""
    seed_everything(seed)
    model = Teacher().to(DEVICE)
    measured = {name: own for name, own in dev_sets.items() if any(passage.task in TIMES for passage in own)}
    dealer = partial(deal, train_set, list_names(train_set))
    for epoch, dealt, step in each_epoch(model, LEARNING_RATE, dealer, EPOCHS, seed):
        began = time.monotonic()
        losses = learn(model, logits_of, dealt, step)
        torch.save(model.state_dict(), out / f"sentences_teacher_{seed}.pt")
        log(f"teacher {seed}, epoch {epoch} of {EPOCHS}: loss {losses}, {time.monotonic() - began:.0f} s")
        for name, passages in measured.items():
            log(f"  {name}: {measure(model, lay_out, logits_of, passages)}")
    return model


def teach(models: Sequence[Teacher], passages: list[Passage]) -> list[Passage]:
    """The passages with the mean of the teachers' probabilities as labels, or, where a coder gave one, with the mean of that and his.

    What nobody coded, and the teachers cannot read, is left out.
    """
    queries = [(n, span, label) for n, p in enumerate(passages) for span, label in zip(p.spans, p.labels, strict=True)]
    alone = [make_sentence(passages[n]._replace(spans=[span], labels=[()])) for n, span, _ in queries]
    told: dict[int, np.ndarray] = {}
    for task in TIMES:
        own = [q for q, s in enumerate(alone) if s and s.task == task]
        if own:
            heard = [answers(model, lay_out, logits_of, [alone[q] for q in own]) for model in models]
            told |= dict(zip(own, np.mean(heard, axis=0), strict=True))
    taught = [passage._replace(spans=[], labels=[]) for passage in passages]
    for q, (n, span, label) in enumerate(queries):
        known = [shares for shares in (told.get(q), label) if shares is not None and len(shares)]
        if known:
            taught[n].spans.append(span)
            taught[n].labels.append(tuple(np.mean(known, axis=0).tolist()))
    return [passage for passage in taught if passage.spans]
