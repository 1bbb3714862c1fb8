"""Train the sentence model: sentiment toward a target, stance between two actors, and topic, from one pass over a sentence.

The encoder reads a sentence once. A target reader then asks, for each target or pair of actors, what the sentence says of it:
its query is made of the target's own word pieces, and attends twice to all pieces, knowing how far each stands from the target.
So the encoder need not be told beforehand who is asked about, as it would by marker tokens, which cost a pass for each target.

    analysis train sentences BENCHMARKS --out OUT
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, gelu

from analysis import reader
from analysis.evaluation import measures
from analysis.judgement import DIRECTIONS, MIRRORED, SENTIMENT, STANCE, SWAPPED, TOPIC, rows_by_text
from analysis.tables import SENTIMENTS
from analysis.training.encoder import (
    distance_bucket,
    example_text,
    export_onnx,
    load_pretrained,
    mixed_precision,
    pad,
    seed_everything,
)
from analysis.training.material import CodedSet

EPOCHS = 2
BATCH_PIECES = 768
LEARNING_RATE = {"encoder": 1.5e-4, "heads": 5e-4}
WARMUP = 0.06
LABEL_SMOOTHING = 0.05
MASKED_WORDS = 0.05
MASKED_TARGETS = 0.15
TIMES = {SENTIMENT: 1, STANCE: 1, TOPIC: 3}  # in an epoch
HEADS = 6
LAYERS = 2
DISTANCES = (1, 2, 3, 5, 8, 13, 21, 34)
QUERIES = {"targets": torch.tensor([[1, 2]]), "pairs": torch.tensor([[1, 2, 4, 6]])}
AXES = {
    **{name: {1: "pieces"} for name in ("ids", "types", "mask")},
    **{name: {0: name} for name in ("targets", "pairs")},
    "sentiment": {0: "targets"},
    "stance": {0: "pairs"},
    "topics": {},
}


@dataclass(frozen=True)
class Sentence:
    """A text with its queries for one task: spans in word pieces (start, end), one a target, two a pair, none a topic; and their labels."""

    task: str
    ids: list[int]
    types: list[int]
    words: np.ndarray  # (words,), the place of each word's first piece
    spans: np.ndarray  # (queries, 2 or 4)
    labels: np.ndarray  # (queries,)


class TargetReader(nn.Module):
    """Queries that attend to the pieces of their sentence."""

    def __init__(self, size: int):
        super().__init__()
        self.layers = nn.ModuleList(TargetLayer(size) for _ in range(LAYERS))

    def forward(self, queries: torch.Tensor, hidden: torch.Tensor, hide: torch.Tensor, buckets: list[torch.Tensor]) -> torch.Tensor:
        """Queries (N, size) after reading hidden (N or 1, pieces, size); `hide` (N or 1, pieces) is added to the attention scores."""
        for layer in self.layers:
            queries = layer(queries, hidden, hide, buckets)
        return queries


class TargetLayer(nn.Module):
    """Attention from one query to the pieces, then a feed-forward part, each added to the query and normalised."""

    def __init__(self, size: int):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(size, size) for _ in range(4))
        self.distance = nn.Embedding(2 * len(DISTANCES) + 1, HEADS)
        nn.init.zeros_(self.distance.weight)
        self.grow, self.shrink = nn.Linear(size, 2 * size), nn.Linear(2 * size, size)
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(2))
        self.dropout = nn.Dropout(0.1)

    def forward(self, queries: torch.Tensor, hidden: torch.Tensor, hide: torch.Tensor, buckets: list[torch.Tensor]) -> torch.Tensor:
        def by_head(x: torch.Tensor) -> torch.Tensor:
            return x.unflatten(-1, (HEADS, -1)).transpose(-2, -3)

        query = by_head(self.query(queries).unsqueeze(1))
        scores = (query @ by_head(self.key(hidden)).transpose(-1, -2)).squeeze(2) / query.shape[-1] ** 0.5
        near = sum(10 * self.distance(bucket) for bucket in buckets).transpose(1, 2)
        weights = (scores + near + hide.unsqueeze(1)).softmax(-1)
        read = (weights.unsqueeze(2) @ by_head(self.value(hidden))).flatten(1)
        queries = self.norms[0](queries + self.dropout(self.out(read)))
        return self.norms[1](queries + self.dropout(self.shrink(gelu(self.grow(queries)))))


class SentenceModel(nn.Module):
    """The encoder, the target reader, and a head a task."""

    def __init__(self, topics: int):
        super().__init__()
        self.encoder = load_pretrained(reader.TYPES)
        size = self.encoder.config.hidden_size
        self.dropout = nn.Dropout(0.1)
        self.target, self.pair = nn.Linear(size, size), nn.Linear(2 * size, size)
        self.reader = TargetReader(size)
        self.sentiment, self.stance, self.topic = (nn.Linear(size, n) for n in (len(SENTIMENTS), len(DIRECTIONS), topics))

    def parameter_groups(self) -> list[dict]:
        """The parameters, each with the highest learning rate that it will have."""
        groups: dict[str, list] = {kind: [] for kind in LEARNING_RATE}
        for name, parameter in self.named_parameters():
            groups["encoder" if name.startswith("encoder") else "heads"].append(parameter)
        return [{"params": groups[kind], "lr": rate} for kind, rate in LEARNING_RATE.items()]

    def encode(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.encoder(ids, mask, types).last_hidden_state)

    def classify_targets(self, hidden: torch.Tensor, hide: torch.Tensor, spans: torch.Tensor) -> torch.Tensor:
        """Sentiment logits (N, 3) toward the targets at spans (N, 2) of hidden (N or 1, pieces, size)."""
        pooled, bucket = _pool(hidden, spans)
        return self.sentiment(self.reader(self.target(pooled), hidden, hide, [bucket]))

    def classify_pairs(self, hidden: torch.Tensor, hide: torch.Tensor, spans: torch.Tensor) -> torch.Tensor:
        """Stance logits (N, 5) between the actors at spans (N, 4): start and end of the first, start and end of the second."""
        (first, near_first), (second, near_second) = _pool(hidden, spans[:, :2]), _pool(hidden, spans[:, 2:])
        query = self.pair(torch.cat([first, second], dim=-1))
        return self.stance(self.reader(query, hidden, hide, [near_first, near_second + 0]))

    def classify_topics(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Topic logits (B, topics) of the mean of all pieces."""
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        return self.topic((hidden * weights).sum(1) / weights.sum(1))

    def forward(self, ids, types, mask, targets, pairs):
        """One sentence: all its targets and pairs."""
        hidden = self.encode(ids, types, mask)
        hide = torch.zeros_like(ids, dtype=hidden.dtype)
        return self.classify_targets(hidden, hide, targets), self.classify_pairs(hidden, hide, pairs), self.classify_topics(hidden, mask)


def _pool(hidden: torch.Tensor, spans: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean of the pieces of each span (N, size), and each piece's distance from it in steps (N, pieces)."""
    place = torch.arange(hidden.shape[1]).unsqueeze(0)
    start, end = spans[:, :1], spans[:, 1:]
    inside = ((place >= start) & (place < end)).to(hidden.dtype)
    pooled = ((inside / inside.sum(-1, keepdim=True)).unsqueeze(1) @ hidden).squeeze(1)
    apart = torch.where(place < start, place - start, torch.where(place >= end, place - end + 1, torch.zeros_like(place)))
    return pooled, distance_bucket(apart, DISTANCES)


def make_sentence(task: str, text: str, spans: Iterable[tuple[int, ...]], labels: Iterable[int]) -> Sentence | None:
    """Lay offsets over word pieces; None where no span lies in the first window of the text."""
    words = reader.split_words(text)
    if not len(words):
        return None
    window = reader.cut_windows(words)[0]
    starts, ends = words.offsets[: window.last, 0], words.offsets[: window.last, 1]
    edges = np.append(window.places, len(window.ids) - 1)
    rows, kept = [], []
    for span, label in zip(spans, labels, strict=True):
        row = []
        for start, end in zip(span[::2], span[1::2], strict=True):
            first, last = np.searchsorted(ends, start, side="right"), np.searchsorted(starts, end, side="left")
            if first < last:
                row += [edges[first], edges[last]]
        if len(row) == len(span):
            rows.append(row)
            kept.append(label)
    if not kept:
        return None
    return Sentence(task, window.ids, window.types, window.places, np.array(rows, dtype=np.int64).reshape(len(kept), -1), np.array(kept))


def make_training_set(sets: Sequence[CodedSet]) -> list[Sentence]:
    """The sentences of all sets; those of topics, which are few, several times over."""
    return [s for task in (SENTIMENT, STANCE, TOPIC) for s in TIMES[task] * [s for c in sets if c.task == task for s in make_sentences(c)]]


def make_sentences(coded: CodedSet) -> list[Sentence]:
    """One sentence a text, with all its targets or pairs; of topics, one a row. What lies behind the first window is left out."""
    rows = [[row] for row in range(len(coded.texts))] if coded.task == TOPIC else rows_by_text(coded.texts).values()
    made = []
    for own in rows:
        spans, labels = [coded.spans[row] for row in own], [coded.labels[row] for row in own]
        made.append(make_sentence(coded.task, coded.texts[own[0]], spans, labels))
    return [sentence for sentence in made if sentence is not None]


def augment(sentence: Sentence, rng: np.random.Generator) -> Sentence:
    """Masked words, masked targets, and pairs in either order."""
    mask = reader.load_tokenizer().token_to_id("[MASK]")
    ids = np.array(sentence.ids)
    edges = np.append(sentence.words, len(ids) - 1)
    for i in np.flatnonzero(rng.random(len(sentence.words)) < MASKED_WORDS):
        ids[edges[i] : edges[i + 1]] = mask
    for row in sentence.spans:
        for start, end in row.reshape(-1, 2):
            if rng.random() < MASKED_TARGETS:
                ids[start:end] = mask
    spans, labels = sentence.spans, sentence.labels
    if sentence.task == STANCE:
        spans = np.concatenate([spans, spans[:, SWAPPED]])
        labels = np.concatenate([labels, np.array(MIRRORED)[labels]])
    return Sentence(sentence.task, ids.tolist(), sentence.types, sentence.words, spans, labels)


def batches(sentences: list[Sentence], rng: np.random.Generator) -> list[list[Sentence]]:
    """Sentences of one task and of like length, in random order."""
    out = []
    for task in (SENTIMENT, STANCE, TOPIC):
        own = [s for s in sentences if s.task == task]
        now: list[Sentence] = []
        for i in sorted(rng.permutation(len(own)), key=lambda i: len(own[i].ids)):
            if now and (len(now) + 1) * len(own[i].ids) > BATCH_PIECES:
                out.append(now)
                now = []
            now.append(own[i])
        if now:
            out.append(now)
    return [out[i] for i in rng.permutation(len(out))]


def logits_of(model: SentenceModel, batch: list[Sentence]) -> torch.Tensor:
    """A row a query of the batch."""
    ids, types = pad([s.ids for s in batch]), pad([s.types for s in batch])
    mask = (ids != 0).long()
    with mixed_precision():
        hidden = model.encode(ids, types, mask)
        if batch[0].task == TOPIC:
            return model.classify_topics(hidden, mask).float()
        row = torch.tensor(np.repeat(np.arange(len(batch)), [len(s.labels) for s in batch]))
        spans = torch.tensor(np.concatenate([s.spans for s in batch]))
        hide = (1 - mask[row]) * -1e4
        classify = model.classify_targets if batch[0].task == SENTIMENT else model.classify_pairs
        return classify(hidden[row], hide, spans).float()


def train(
    train_set: list[Sentence],
    dev_sets: dict[str, list[Sentence]],
    topics: int,
    out: Path,
    seed: int = 1,
    log: Callable[[str], object] = print,
) -> None:
    """Fine-tune, and write the weights after each epoch.

    Parameters
    ----------
    train_set : list of Sentence
    dev_sets : dict
        Sentences by the name of their set: measured after each epoch, to be looked at, and not learned from.
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
    optimiser = torch.optim.AdamW(model.parameter_groups(), weight_decay=0.01)
    # The number of batches varies a little from epoch to epoch: the schedule ends a little later than the training.
    steps = int(len(batches(train_set, rng)) * EPOCHS * 1.01) + 10
    rates = list(LEARNING_RATE.values())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rates, steps, pct_start=WARMUP, anneal_strategy="linear", cycle_momentum=False
    )
    out.mkdir(parents=True, exist_ok=True)
    for epoch in range(1, EPOCHS + 1):
        model.train()
        losses, began = {task: [] for task in (SENTIMENT, STANCE, TOPIC)}, time.monotonic()
        for batch in batches([augment(s, rng) for s in train_set], rng):
            labels = torch.tensor(np.concatenate([s.labels for s in batch]))
            loss = cross_entropy(logits_of(model, batch), labels, label_smoothing=LABEL_SMOOTHING)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            losses[batch[0].task].append(loss.item())
        torch.save(model.state_dict(), out / "sentences.pt")
        export_onnx(model, out / "sentences.onnx", example_text() | QUERIES, AXES)
        means = ", ".join(f"{task} {np.mean(values):.3f}" for task, values in losses.items() if values)
        log(f"epoch {epoch} of {EPOCHS}: loss {means}, {time.monotonic() - began:.0f} s")
        for name, sentences in dev_sets.items():
            log(f"  {name}: {measure(model, sentences)}")


@torch.no_grad()
def measure(model: SentenceModel, sentences: list[Sentence]) -> dict[str, float]:
    """Accuracy and macro-F1 in full precision; a pair is read in both orders, as `judgement` does."""
    model.eval()
    gold, predicted = [], []
    for s in sentences:
        scores = logits_of(model, [s])
        if s.task == STANCE:
            scores = scores + logits_of(model, [replace(s, spans=s.spans[:, SWAPPED])])[:, MIRRORED]
        gold += s.labels.tolist()
        predicted += scores.argmax(-1).tolist()
    return {"accuracy": measures.accuracy(gold, predicted), "macro_f1": measures.macro_f1(gold, predicted, sorted(set(gold)))}
