"""A teacher for the attribution model: a larger encoder that learns from the coders first, too large to be shipped.

It has the same heads and reads the same windows. What it makes of a text, the attribution model is then to make of it too (knowledge
distillation: Hinton, Vinyals & Dean, 2015), also of texts that nobody coded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy.special import log_softmax
from torch import nn

from analysis import reader
from analysis.attribution import LINKED, TAGS
from analysis.training.encoder import DEVICE, OTHERS, as_tensors, each_epoch, mixed_precision, pad, seed_everything
from analysis.training.large import LargeEncoder
from analysis.training.quotes import AttributionModel, Example, deal, learn, make_example

EPOCHS = 4
LEARNING_RATE = {"encoder": 6e-5, "distance": 1e-2, "paragraph": 1e-2, OTHERS: 5e-4}
LABEL_SMOOTHING = 0.05
TINY = 1e-9
LIKELY = 0.5  # a word that nobody coded has links where it is a part of a source or a content as likely as that
LINKS_KEPT = 4  # of a word, the likeliest
SENTENCES_JOINED = 10  # about as many as a window holds


class TypedEncoder(nn.Module):
    """The large encoder, which is told the types of words too."""

    def __init__(self):
        super().__init__()
        self.large = LargeEncoder()
        self.size = self.large.size
        self.types = nn.Embedding(reader.TYPES, self.size)
        nn.init.zeros_(self.types.weight)

    def forward(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States (batch, pieces, size); `mask` is 0 where a batch is padded."""
        return self.large(ids, self.types(types), mask)


def train(examples: list[Example], out: Path, seed: int = 1, log: Callable[[str], object] = print) -> AttributionModel:
    """Fine-tune on what coders said, and write the weights (`quotes_teacher_SEED.pt`) after each epoch; takes what `quotes.train` takes."""
    seed_everything(seed)
    model = AttributionModel(TypedEncoder()).to(DEVICE)
    for epoch, dealt, step in each_epoch(model, LEARNING_RATE, partial(deal, examples), EPOCHS, seed):
        began = time.monotonic()
        loss = learn(model, dealt, step, LABEL_SMOOTHING)
        torch.save(model.state_dict(), out / f"quotes_teacher_{seed}.pt")
        log(f"teacher {seed}, epoch {epoch} of {EPOCHS}: loss {loss:.4f}, {time.monotonic() - began:.0f} s")
    return model


def join_sentences(sentences: Iterable[str], seed: int) -> list[Example]:
    """Sentences that nobody coded, by chance joined to passages: a line, or a space, between two."""
    rng = np.random.default_rng(seed)
    distinct = sorted(set(sentences))
    drawn = [distinct[i] for i in rng.permutation(len(distinct))]
    parts = (drawn[at : at + SENTENCES_JOINED] for at in range(0, len(drawn), SENTENCES_JOINED))
    return [_unknown("".join(sentence + " \n"[rng.integers(2)] for sentence in part)) for part in parts]


def _unknown(text: str) -> Example:
    example = make_example(text, [])
    return replace(example, tags=np.zeros_like(example.tags))


def teach(models: Sequence[AttributionModel], examples: Iterable[Example]) -> list[Example]:
    """The examples with the shares of tags and links that teachers give in the mean, or, where a coder gave one, with the mean of both."""
    for model in models:
        model.eval()
    with torch.no_grad(), mixed_precision():  # once around all, so that the weights are rounded once
        return [_taught(example, read(models, example.words)) for example in examples]


def read(models: Sequence[AttributionModel], words: reader.Words) -> reader.Reading:
    """What models make of a text, in the mean of their probabilities."""
    windows = reader.cut_windows(words)
    ids, types = as_tensors(pad(rows) for rows in ([w.ids for w in windows], [w.types for w in windows]))
    outputs = [model(ids, types, (ids != 0).long()) for model in models]
    tags, links = (np.log(_mean_probabilities(kind) + TINY) for kind in zip(*outputs, strict=True))
    among = [(tags[n, w.places], log_softmax(links[n][:, w.places][:, :, w.places], axis=-1)) for n, w in enumerate(windows)]
    return reader.merge_windows(words, windows, among)


def _mean_probabilities(scores: Sequence[torch.Tensor]) -> np.ndarray:
    return torch.stack([each.float().softmax(-1) for each in scores]).mean(0).cpu().numpy()


def _taught(example: Example, reading: reader.Reading) -> Example:
    coded = example.tags.any(axis=1)
    tags = np.exp(reading.tags)
    likely = np.stack([tags[:, [tag.endswith(role) for tag in TAGS]].sum(axis=1) for role in LINKED], axis=1)
    roles = np.where(coded, example.roles, likely.argmax(axis=1))
    linked = np.where(coded, [bool(known) for known in example.links], likely.max(axis=1) > LIKELY)
    links = [_mean_of(_pointers(reading, word, roles[word]), known) if linked[word] else {} for word, known in enumerate(example.links)]
    tags = np.where(coded[:, None], (tags + example.tags) / 2, tags).astype(np.float32)
    return replace(example, tags=tags, roles=roles, links=links)


def _pointers(reading: reader.Reading, word: int, role: int) -> dict[int, float]:
    """The likeliest first words of the cue that a word in a role belongs to, each with its probability."""
    window, links = reading.windows[reading.home[word]], reading.links[reading.home[word]]
    chances = np.exp(links[role, word - window.first])
    return {window.first + place: float(chances[place]) for place in chances.argsort()[-LINKS_KEPT:].tolist()}


def _mean_of(found: dict[int, float], known: dict[int, float]) -> dict[int, float]:
    """The mean of a teacher's and a coder's shares; of a word that nobody coded, the teacher's."""
    return {cue: (found.get(cue, 0.0) + known.get(cue, 0.0)) / 2 for cue in found | known} if known else found
