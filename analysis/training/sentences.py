"""Train the sentence model: sentiment toward a target, stance between two actors, topic, and likeness of meaning.

The lower layers of the encoder read a sentence once, whoever is asked about. Then, for each target or pair of actors, a learned vector
marks their word pieces, and the upper layers read the sentence again with an eye on them: at half the cost of markers that stand in
the text from the start.

Fine-tuning bends the space in which the encoder, as it was pretrained, sets sentences of like meaning side by side. A linear map from
the means of all layers leads back into it (`fit_space`).

    analysis train sentences BENCHMARKS --out OUT
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from analysis import reader
from analysis.evaluation import measures
from analysis.judgement import BOTH, DIRECTIONS, MIRRORED, STANCE, SWAPPED, TASKS, mark
from analysis.tables import SENTIMENTS
from analysis.training.encoder import (
    OTHERS,
    export_onnx,
    load_pretrained,
    make_step,
    mixed_precision,
    pad,
    run_layer,
    seed_everything,
)
from analysis.training.passages import Passage, Sentence, augment, batches, list_names, make_sentence

EPOCHS = 2
LEARNING_RATE = {"encoder": 1.5e-4, OTHERS: 5e-4}
LABEL_SMOOTHING = 0.05
DROPOUT = 0.1
SHARED_LAYERS = 3
MARK_SPREAD = 0.2
SPACE_TEXTS = 6000  # minutes of reading; of 4,000 a first fit came as near to others by 0.73 as that of these by 0.74
SPACE_RIDGE = 10.0
EXAMPLE = {
    "ids": torch.arange(1000, 1016)[None],
    "types": torch.zeros(1, 16).long(),
    "marks": torch.tensor([[0] * 16, [0, 1] * 8, [1, 2] * 8]),
}
AXES = {name: {1: "pieces"} for name in ("ids", "types")} | {name: {0: "queries"} for name in (*TASKS, "space")}
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
        self.space = nn.Linear(self.encoder.config.num_hidden_layers * size, size)

    def read(self, ids: torch.Tensor, types: torch.Tensor, hide: torch.Tensor | None = None) -> list[torch.Tensor]:
        """What the lower layers, one by one, make of sentences: (sentences, pieces, size). `hide` is added to the attention scores."""
        hidden = self.encoder.embeddings(input_ids=ids, token_type_ids=types)
        return _run(self.encoder.encoder.layer[:SHARED_LAYERS], hidden, hide)

    def answer(
        self, lower: list[torch.Tensor], marks: torch.Tensor, mask: torch.Tensor, hide: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, ...]:
        """Logits of sentiment (queries, 3), stance (queries, 5) and topic (queries, topics), and places in the space (queries, size).

        `lower` (queries or 1, pieces, size, each) is what the lower layers made of the sentence, `marks` (queries, pieces) who is asked
        about.
        """
        upper = _run(self.encoder.encoder.layer[SHARED_LAYERS:], lower[-1] + self.marks(marks), hide)
        hidden = upper[-1]
        first, second, whole = _mean(hidden, marks % 2), _mean(hidden, marks // 2), _mean(hidden, mask)
        summary = hidden[:, 0]
        return (
            self.sentiment(torch.cat([first, summary], -1)),
            self.stance(torch.cat([first, second, summary], -1)),
            self.topics(whole),
            self.space(_layer_means([*lower, *upper], mask)),
        )

    def forward(self, ids, types, marks):
        """One sentence, and all that is asked about it."""
        return self.answer(self.read(ids, types), marks, torch.ones_like(ids))


def _run(layers: nn.ModuleList, hidden: torch.Tensor, hide: torch.Tensor | None) -> list[torch.Tensor]:
    """What each of some layers makes of what the one before it made."""
    states = []
    for layer in layers:
        hidden = run_layer(layer, hidden, hide)
        states.append(hidden)
    return states


def _layer_means(states: list[torch.Tensor], mask: torch.Tensor) -> torch.Tensor:
    """The means of all layers over all pieces, side by side: (queries, layers × size)."""
    means = [_mean(state, mask) for state in states]
    return torch.cat([mean.expand_as(means[-1]) for mean in means], -1)


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
        answers = model.answer([state[row] for state in model.read(ids, types, hide)], marks, mask[row], hide[row])
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
        export_onnx(model, out / "sentences.onnx", EXAMPLE, AXES)
        means = ", ".join(f"{task} {np.mean(values):.3f}" for task, values in losses.items() if values)
        log(f"epoch {epoch} of {EPOCHS}: loss {means}, {time.monotonic() - began:.0f} s")
        for name, passages in dev_sets.items():
            log(f"  {name}: {measure(model, passages)}")
    fit_space(model, [passage.text for passage in train_set], rng, log)
    torch.save(model.state_dict(), out / "sentences.pt")
    export_onnx(model, out / "sentences.onnx", EXAMPLE, AXES)


@torch.no_grad()
def fit_space(model: SentenceModel, texts: Sequence[str], rng: np.random.Generator, log: Callable[[str], object] = print) -> None:
    """Fit the map into the space of the encoder before it was fine-tuned, by ridge regression; the rest of the model stays as it is.

    A text's place there is the mean of its pieces, less the mean of all texts, at length 1.

    Parameters
    ----------
    model : SentenceModel
    texts : sequence of str
        `SPACE_TEXTS` of them are drawn.
    rng : Generator
    log : callable
        Takes a line of text: how near the map comes on a tenth of the texts, kept out of its fit.
    """
    model.eval()
    teacher = load_pretrained().eval()
    distinct = sorted(set(texts))
    drawn = [distinct[i] for i in rng.permutation(len(distinct))[:SPACE_TEXTS]]
    rows, places = [], []
    for text in drawn:
        window = reader.cut_windows(reader.split_words(text))[0]
        ids = torch.tensor([window.ids])
        mask = torch.ones_like(ids)
        lower = model.read(ids, torch.tensor([window.types]))
        upper = _run(model.encoder.encoder.layer[SHARED_LAYERS:], lower[-1], None)
        rows.append(_layer_means([*lower, *upper], mask))
        places.append(teacher(ids, mask).last_hidden_state.mean(1))
    known, goal = torch.cat(rows).double(), torch.cat(places).double()
    goal = normalize(goal - goal.mean(0), dim=-1)
    known = torch.cat([known, torch.ones(len(known), 1)], -1)
    kept = len(drawn) // 10
    learned = known[kept:]
    penalty = SPACE_RIDGE * torch.eye(known.shape[1])
    weights = torch.linalg.solve(learned.T @ learned + penalty, learned.T @ goal[kept:])
    model.space.weight.copy_(weights[:-1].T)
    model.space.bias.copy_(weights[-1])
    near = (normalize(known[:kept] @ weights, dim=-1) * goal[:kept]).sum(-1).mean()
    log(f"space: fitted on {len(learned)} texts; mean cosine to the places of {kept} others {near:.3f}")


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
