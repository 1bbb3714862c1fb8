"""What the sentence model and its teacher have in common: heads, how they learn from batches of queries, and how well they answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from analysis import reader
from analysis.evaluation import measures
from analysis.judgement import INPUTS, TASKS, as_text
from analysis.training.encoder import DEVICE, Step, as_tensors, pad
from analysis.training.passages import Passage, Sentence, make_sentence

LABEL_SMOOTHING = 0.05
DROPOUT = 0.1
PIECES_ANSWERED = 4096  # at once


class Batch(NamedTuple):
    """Sentences of one task as a model takes them, and the labels (queries, labels) of what is asked about them."""

    task: str
    inputs: tuple[np.ndarray, ...]
    labels: np.ndarray


LayOut = Callable[[list[Sentence]], Batch]
LogitsOf = Callable[[nn.Module, str, list[torch.Tensor]], torch.Tensor]  # of a task and a batch's inputs a row a query


def make_head(size: int, labels: int) -> nn.Sequential:
    """What makes logits (…, labels) of an encoder's vectors (…, size)."""
    return nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(size, size), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(size, labels))


def mean_of(hidden: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
    """The mean of some pieces (…, size) for each row of `which` (…, pieces); nought where there are none."""
    weights = which.to(hidden.dtype)
    return weights / weights.sum(-1, keepdim=True).clamp(min=1) @ hidden


def stack(rows: Sequence[Mapping[str, np.ndarray]]) -> tuple[np.ndarray, ...]:
    """The rows of several texts, or of what is asked about them, as one array an input (`INPUTS`), padded."""
    return tuple(pad([row for inputs in rows for row in inputs[name]]) for name in INPUTS)


@torch.no_grad()
def read_whole(texts: Sequence[str], size: int, encode: Callable[[list[torch.Tensor]], torch.Tensor]) -> torch.Tensor:
    """What an encoder makes of each text's first window: (texts, size). `encode` takes `INPUTS`, (rows, pieces) each."""
    windows = (reader.cut_windows(reader.split_words(text))[0] for text in texts)
    rows = [as_text(window.ids, window.types) for window in windows]
    read = torch.zeros(len(texts), size, device=DEVICE)
    for numbers in reader.batch_by_length([row["ids"].shape[1] for row in rows], PIECES_ANSWERED):
        read[numbers] = encode(as_tensors(stack([rows[n] for n in numbers])))
    return read


def learn(model: nn.Module, logits_of: LogitsOf, dealt: Iterable[Batch], step: Step) -> str:
    """Learn from the batches of an epoch, with `encoder.make_step`; tells the mean loss of each task."""
    model.train()
    losses: dict[str, list[torch.Tensor]] = {task: [] for task in TASKS}
    for batch in dealt:
        *inputs, labels = as_tensors((*batch.inputs, batch.labels.astype(np.float32)))
        losses[batch.task].append(step(cross_entropy(logits_of(model, batch.task, inputs), labels, label_smoothing=LABEL_SMOOTHING)))
    return ", ".join(f"{task} {torch.stack(values).mean():.3f}" for task, values in losses.items() if values)


@torch.no_grad()
def answers(model: nn.Module, lay_out: LayOut, logits_of: LogitsOf, sentences: Sequence[Sentence]) -> np.ndarray:
    """Probabilities (queries, labels) for sentences of one task, in their order."""
    model.eval()
    found: list[np.ndarray] = [np.zeros(0)] * len(sentences)
    for numbers in reader.batch_by_length([len(s.ids) for s in sentences], PIECES_ANSWERED):
        batch = lay_out([sentences[n] for n in numbers])
        rows = logits_of(model, batch.task, as_tensors(batch.inputs)).softmax(-1).cpu().numpy()
        ends = np.cumsum([len(sentences[n].labels) for n in numbers])
        for n, own in zip(numbers, np.split(rows, ends[:-1]), strict=True):
            found[n] = own
    return np.concatenate(found)


def measure(model: nn.Module, lay_out: LayOut, logits_of: LogitsOf, passages: Iterable[Passage]) -> dict[str, float]:
    """Accuracy and macro-F1 in full precision."""
    sentences = [s for s in map(make_sentence, passages) if s]
    gold = np.concatenate([s.labels for s in sentences]).argmax(-1).tolist()
    predicted = answers(model, lay_out, logits_of, sentences).argmax(-1).tolist()
    return {"accuracy": measures.accuracy(gold, predicted), "macro_f1": measures.macro_f1(gold, predicted, sorted(set(gold)))}
