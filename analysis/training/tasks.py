"""What the sentence model and its teacher have in common: heads, how they learn from batches of queries, and how well they answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from analysis.evaluation import measures
from analysis.judgement import TASKS
from analysis.training.passages import Passage, Sentence, batches, make_sentence

LABEL_SMOOTHING = 0.05
DROPOUT = 0.1

LogitsOf = Callable[[nn.Module, list[Sentence]], torch.Tensor]  # a row a query of a batch


def make_head(size: int, labels: int) -> nn.Sequential:
    """What makes logits (…, labels) of an encoder's vectors (…, size)."""
    return nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(size, size), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(size, labels))


def mean_of(hidden: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
    """The mean of some pieces (…, size) for each row of `which` (…, pieces); nought where there are none."""
    weights = which.to(hidden.dtype)
    return weights / weights.sum(-1, keepdim=True).clamp(min=1) @ hidden


def learn(model: nn.Module, logits_of: LogitsOf, dealt: Iterable[list[Sentence]], step: Callable[[torch.Tensor], float]) -> str:
    """Learn from the batches of an epoch, with `encoder.make_step`; tells the mean loss of each task."""
    model.train()
    losses: dict[str, list[float]] = {task: [] for task in TASKS}
    for batch in dealt:
        labels = torch.tensor(np.concatenate([s.labels for s in batch]), dtype=torch.float)
        losses[batch[0].task].append(step(cross_entropy(logits_of(model, batch), labels, label_smoothing=LABEL_SMOOTHING)))
    return ", ".join(f"{task} {np.mean(values):.3f}" for task, values in losses.items() if values)


@torch.no_grad()
def measure(model: nn.Module, logits_of: LogitsOf, passages: Iterable[Passage]) -> dict[str, float]:
    """Accuracy and macro-F1 in full precision."""
    model.eval()
    gold, predicted = [], []
    for batch in batches([s for s in map(make_sentence, passages) if s], np.random.default_rng()):
        gold += [label for s in batch for label in s.labels.argmax(-1).tolist()]
        predicted += logits_of(model, batch).argmax(-1).tolist()
    return {"accuracy": measures.accuracy(gold, predicted), "macro_f1": measures.macro_f1(gold, predicted, sorted(set(gold)))}
