"""Train the sentence model: sentiment toward a target, stance between two actors, and topic.

The lower layers of the encoder read a sentence once, whoever is asked about. Then, for each target or pair of actors, a learned vector
marks their word pieces, and the upper layers read the sentence again with an eye on them: at half the cost of markers that stand in
the text from the start.

    analysis train sentences BENCHMARKS --out OUT
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from analysis import reader
from analysis.evaluation import measures
from analysis.judgement import BOTH, DIRECTIONS, MIRRORED, STANCE, SWAPPED, TASKS, mark
from analysis.tables import SENTIMENTS
from analysis.training.encoder import (
    OTHERS,
    example_text,
    export_onnx,
    load_pretrained,
    make_step,
    mixed_precision,
    pad,
    seed_everything,
)
from analysis.training.passages import Passage, Sentence, augment, batches, list_names, make_sentence

EPOCHS = 2
LEARNING_RATE = {"encoder": 1.5e-4, OTHERS: 5e-4}
LABEL_SMOOTHING = 0.05
DROPOUT = 0.1
SHARED_LAYERS = 3
MARK_SPREAD = 0.2
QUERIES = {"marks": torch.tensor([[0] * 16, [0, 1] * 8, [1, 2] * 8])}
AXES = {name: {1: "pieces"} for name in ("ids", "types", "mask")} | {name: {0: "queries"} for name in TASKS}
AXES["marks"] = {0: "queries", 1: "pieces"}


class SentenceModel(nn.Module):
    """The encoder, of which the upper layers see who is asked about, and a head a task."""

    def __init__(self, topics: int):
        super().__init__()
        self.encoder = load_pretrained(reader.TYPES)
        size = self.encoder.config.hidden_size
        self.marks = nn.Embedding(BOTH + 1, size, padding_idx=0)
        nn.init.normal_(self.marks.weight[1:].detach(), std=MARK_SPREAD)
        self.sentiment, self.stance = _head(2 * size, len(SENTIMENTS)), _head(3 * size, len(DIRECTIONS))
        self.topics = _head(size, topics)

    def read(self, ids: torch.Tensor, types: torch.Tensor, hide: torch.Tensor) -> torch.Tensor:
        """What the lower layers make of sentences: (sentences, pieces, size). `hide`, likewise, is added to the attention scores."""
        hidden = self.encoder.embeddings(input_ids=ids, token_type_ids=types)
        for layer in self.encoder.encoder.layer[:SHARED_LAYERS]:
            hidden = layer(hidden, hide)
        return hidden

    def answer(self, hidden: torch.Tensor, marks: torch.Tensor, mask: torch.Tensor, hide: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Sentiment logits (queries, 3), stance logits (queries, 5) and topic logits (queries, topics).

        `hidden` (queries or 1, pieces, size) is what the lower layers made of the sentence, `marks` (queries, pieces) who is asked about.
        """
        hidden = hidden + self.marks(marks)
        for layer in self.encoder.encoder.layer[SHARED_LAYERS:]:
            hidden = layer(hidden, hide)
        first, second, whole = _mean(hidden, marks % 2), _mean(hidden, marks // 2), _mean(hidden, mask)
        summary = hidden[:, 0]
        return self.sentiment(torch.cat([first, summary], -1)), self.stance(torch.cat([first, second, summary], -1)), self.topics(whole)

    def forward(self, ids, types, mask, marks):
        """One sentence, and all that is asked about it."""
        hide = _hide(mask)
        return self.answer(self.read(ids, types, hide), marks, mask, hide)


def _head(size: int, labels: int) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(size, size), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(size, labels))


def _hide(mask: torch.Tensor) -> torch.Tensor:
    """What keeps attention off the padding: (sentences, 1, 1, pieces)."""
    return (1.0 - mask[:, None, None, :]) * -1e4


def _mean(hidden: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
    """The mean of some pieces (rows, size); nought where there are none."""
    weights = which.to(hidden.dtype)
    return ((weights / weights.sum(-1, keepdim=True).clamp(min=1)).unsqueeze(1) @ hidden).squeeze(1)


def logits_of(model: SentenceModel, batch: list[Sentence]) -> torch.Tensor:
    """A row a query of the batch."""
    ids, types = pad([s.ids for s in batch]), pad([s.types for s in batch])
    mask = (ids != 0).long()
    row = torch.tensor(np.repeat(np.arange(len(batch)), [len(s.labels) for s in batch]))
    marks = torch.tensor(np.concatenate([mark(s.spans, ids.shape[1]) for s in batch]))
    with mixed_precision():
        hide = _hide(mask)
        answers = model.answer(model.read(ids, types, hide)[row], marks, mask[row], hide[row])
    return answers[TASKS.index(batch[0].task)].float()


def train(
    train_set: list[Passage],
    dev_sets: dict[str, list[Passage]],
    topics: int,
    out: Path,
    seed: int = 1,
    log: Callable[[str], object] = print,
) -> None:
    """Fine-tune, and write the weights after each epoch.

    Parameters
    ----------
    train_set : list of Passage
    dev_sets : dict
        Passages by the name of their set: measured after each epoch, to be looked at, and not learned from.
    topics : int
        How many topics the labels number.
    out : Path
        Folder that gets `sentences.onnx` (8-bit) and `sentences.pt` (full precision, which nothing needs to run).
    seed : int
    log : callable
        Takes a line of text.
    """
    rng = seed_everything(seed)
    model = SentenceModel(topics)
    # The number of batches varies a little from epoch to epoch: the schedule ends a little later than the training.
    names = list_names(train_set)
    step = make_step(model, LEARNING_RATE, int(len(batches(augment(train_set, names, rng), rng)) * EPOCHS * 1.02) + 10)
    for epoch in range(1, EPOCHS + 1):
        model.train()
        losses, began = {task: [] for task in TASKS}, time.monotonic()
        for batch in batches(augment(train_set, names, rng), rng):
            labels = torch.tensor(np.concatenate([s.labels for s in batch]))
            loss = cross_entropy(logits_of(model, batch), labels, label_smoothing=LABEL_SMOOTHING)
            losses[batch[0].task].append(step(loss))
        torch.save(model.state_dict(), out / "sentences.pt")
        export_onnx(model, out / "sentences.onnx", example_text() | QUERIES, AXES)
        means = ", ".join(f"{task} {np.mean(values):.3f}" for task, values in losses.items() if values)
        log(f"epoch {epoch} of {EPOCHS}: loss {means}, {time.monotonic() - began:.0f} s")
        for name, passages in dev_sets.items():
            log(f"  {name}: {measure(model, passages)}")


@torch.no_grad()
def measure(model: SentenceModel, passages: list[Passage]) -> dict[str, float]:
    """Accuracy and macro-F1 in full precision; a pair is read in both orders, as `judgement` does."""
    model.eval()
    gold, predicted = [], []
    for s in filter(None, map(make_sentence, passages)):
        scores = logits_of(model, [s])
        if s.task == STANCE:
            scores = scores + logits_of(model, [replace(s, spans=s.spans[:, SWAPPED])])[:, MIRRORED]
        gold += s.labels.tolist()
        predicted += scores.argmax(-1).tolist()
    return {"accuracy": measures.accuracy(gold, predicted), "macro_f1": measures.macro_f1(gold, predicted, sorted(set(gold)))}
