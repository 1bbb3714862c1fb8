"""Train the attribution model on PolNeAR: which words are source, cue and content, and which belong together.

One pass of the encoder feeds two heads. The tagger gives each word its role in the BIOES scheme. The linker
gives each word of a source or a content a pointer to the first word of its cue, by a bilinear form as in
Dozat & Manning (ICLR 2017) and by how far the two stand apart: in PolNeAR every attribution has one cue, and
each word one role in one attribution.

It learns from coders and from larger models (`quotes_teacher`), which read texts that nobody coded, too.

    analysis train quotes BENCHMARKS --out OUT
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, embedding

from analysis import reader
from analysis.attribution import LINKED, ROLES, TAGS
from analysis.evaluation.benchmarks import CodedText
from analysis.training.confidence import fit_confidence, judge_attributions
from analysis.training.encoder import (
    DEVICE,
    OTHERS,
    Step,
    as_tensors,
    distance_bucket,
    each_epoch,
    export_onnx,
    load_pretrained,
    mixed_precision,
    pad,
    run_layer,
    seed_everything,
)

EPOCHS = 21
BATCH = 16
LEARNING_RATE = {"encoder": 2e-4, "distance": 1e-2, "paragraph": 1e-2, OTHERS: 5e-4}
LINK_WEIGHT = 0.5
LINK_SIZE = 128
# Word pieces between a word and its cue, told apart up to these bounds, before and behind; and paragraphs, up to this many.
DISTANCES = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144)
PARAGRAPHS = 3
MASKED_WORDS = 0.05
# Real copy has other marks than the training articles, and loses its paragraph breaks.
MARK_STYLES = (
    {"“": '"', "”": '"', "‘": "'", "’": "'"},
    {"“": "‘", "”": "’"},
    {"“": "'", "”": "'", "’": "'", "‘": "'"},
    {"“": "``", "”": "''"},
)
RESTYLED_ARTICLES = 0.4
UNBROKEN_ARTICLES = 0.15
UNTYPED_ARTICLES = 0.1
RANGE_EXAMPLES = 200  # from which the ranges of 8-bit activations are taken
AXES = {name: {1: "pieces"} for name in ("ids", "types", "tags")} | {"links": {2: "pieces", 3: "pieces"}}


@dataclass(frozen=True, eq=False)
class Example:
    """A text for training.

    Attributes
    ----------
    words : reader.Words
    tags : ndarray, (words, tags)
        The share of each tag; nought throughout where nothing is known.
    roles : ndarray, (words,)
        As what a word is linked to a cue: number in `LINKED`.
    links : list of dict
        Of each word, the first words of the cues that it belongs to, each with its share; empty where there is none.
    """

    words: reader.Words
    tags: np.ndarray
    roles: np.ndarray
    links: list[dict[int, float]]


class SmallEncoder(nn.Module):
    """The encoder that is shipped: states (batch, pieces, size) of word pieces and their types."""

    def __init__(self):
        super().__init__()
        self.bert = load_pretrained(reader.TYPES)
        self.size = self.bert.config.hidden_size

    def forward(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """`mask` is 0 where a batch is padded."""
        hide = None if mask is None else (1.0 - mask[:, None, None, :]) * -1e4
        hidden = self.bert.embeddings(input_ids=ids, token_type_ids=types)
        for layer in self.bert.encoder.layer:
            hidden = run_layer(layer, hidden, hide)
        return hidden


class AttributionModel(nn.Module):
    """An encoder with a tagger and a linker."""

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.tagger = nn.Linear(encoder.size, len(TAGS))
        self.words = nn.Linear(encoder.size, len(LINKED) * LINK_SIZE)
        self.cues = nn.Linear(encoder.size, len(LINKED) * LINK_SIZE)
        self.distance = nn.Parameter(torch.zeros(len(LINKED), 2 * len(DISTANCES) + 1))
        self.paragraph = nn.Parameter(torch.zeros(len(LINKED), 2 * PARAGRAPHS + 1))
        self.paragraph_break = reader.load_tokenizer().token_to_id(reader.PARAGRAPH)

    def forward(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Tag logits (batch, pieces, tags), and link scores (batch, 2, pieces, pieces) of each piece with each as its cue.

        The two: as part of a source, and as part of a content. `mask` is 0 where a batch is padded.
        """
        hidden = self.dropout(self.encoder(ids, types, mask))
        words, cues = (_by_role(head(hidden)) for head in (self.words, self.cues))
        links = words @ cues.transpose(2, 3) / LINK_SIZE**0.5
        paragraph = (ids == self.paragraph_break).long().cumsum(1)
        apart = self._at_distance(ids.shape[1]) + self._across(paragraph)
        return self.tagger(hidden), links + apart.permute(0, 3, 1, 2)

    # Both are looked up as embeddings: from plain indices, a graphics card takes ten times as long to learn.
    def _at_distance(self, pieces: int) -> torch.Tensor:
        # Looked up by distance first and by pair then: there are fewer distances than pairs.
        place = torch.arange(pieces, device=self.distance.device)
        steps = distance_bucket(torch.arange(1 - pieces, pieces, device=self.distance.device), DISTANCES)
        return embedding(place[None, :] - place[:, None] + pieces - 1, embedding(steps, self.distance.T))

    def _across(self, paragraph: torch.Tensor) -> torch.Tensor:
        apart = (paragraph[:, None, :] - paragraph[:, :, None]).clamp(-PARAGRAPHS, PARAGRAPHS)
        return embedding(apart + PARAGRAPHS, self.paragraph.T)


def _by_role(vectors: torch.Tensor) -> torch.Tensor:
    """(batch, pieces, roles × size) as (batch, roles, pieces, size)."""
    return vectors.unflatten(-1, (len(LINKED), LINK_SIZE)).transpose(1, 2)


def make_example(text: str, attributions: list[dict]) -> Example:
    """Lay an article's attributions over its words."""
    words = reader.split_words(text)
    tags = np.zeros(len(words), dtype=np.int64)
    roles = np.zeros(len(words), dtype=np.int64)
    cues: list[list[int]] = [[] for _ in tags]
    for attribution in attributions:
        places = {role: words.covering(np.array(attribution.get(role, []), dtype=np.int64).reshape(-1, 2)) for role in ROLES}
        for role in ROLES:
            for first, last in (place for place in places[role].tolist() if place[0] < place[1]):
                run = _run_of_tags(role, last - first)
                if not tags[first:last].any():
                    tags[first:last] = run
                if role in LINKED and len(places["cue"]) and (tags[first:last] == run).all():
                    roles[first:last] = LINKED.index(role)
                    for word in range(first, last):
                        cues[word].append(int(places["cue"][0, 0]))
    links = [{cue: 1 / len(own) for cue in own} for own in map(set, cues)]
    return Example(words, np.eye(len(TAGS), dtype=np.float32)[tags], roles, links)


def _run_of_tags(role: str, length: int) -> list[int]:
    places = "S" if length == 1 else "B" + "I" * (length - 2) + "E"
    return [TAGS.index(f"{place}-{role}") for place in places]


def augment(example: Example, rng: np.random.Generator) -> Example:
    """Other quotation marks, no paragraph breaks, masked words, no word types: what the model must not lean on."""
    text, offsets = example.words.text, example.words.offsets
    tokenizer = reader.load_tokenizer()
    pieces = list(example.words.pieces)
    if rng.random() < RESTYLED_ARTICLES:
        curly = _curl_marks([text[s:e] for s, e in offsets])
        style = MARK_STYLES[rng.integers(len(MARK_STYLES))]
        for i, mark in curly.items():
            pieces[i] = tokenizer.encode(style.get(mark, mark), add_special_tokens=False).ids or pieces[i]
    mask = [tokenizer.token_to_id("[MASK]")]
    for i in np.flatnonzero(rng.random(len(pieces)) < MASKED_WORDS):
        pieces[i] = mask
    keep = np.ones(len(pieces), dtype=bool)
    if rng.random() < UNBROKEN_ARTICLES:
        keep = np.array([not text[s:e].startswith("\n") for s, e in offsets])
    place = np.cumsum(keep) - 1
    kept = np.flatnonzero(keep)
    types = example.words.types[kept] * (rng.random() >= UNTYPED_ARTICLES)
    words = reader.Words(text, offsets[kept], types, [pieces[i] for i in kept])
    links = [{int(place[cue]): share for cue, share in example.links[word].items() if keep[cue]} for word in kept]
    return Example(words, example.tags[kept], example.roles[kept], links)


def _curl_marks(forms: list[str]) -> dict[int, str]:
    """Each quotation mark's place and its curly form, told by turns within a paragraph."""
    out, opened = {}, False
    for i, form in enumerate(forms):
        if form.startswith("\n"):
            opened = False
        elif form in ('"', "“", "”"):
            opened = form == "“" or (form == '"' and not opened)
            out[i] = "“" if opened else "”"
        elif form in ("‘", "’"):
            out[i] = form
    return out


class Batch(NamedTuple):
    """Windows of examples that are learned from at once.

    Attributes
    ----------
    ids, types : ndarray, (windows, pieces)
    known : ndarray, (2, words)
        Window and first piece of each word of which the tags are known.
    tags : ndarray, (words, tags)
    linked : ndarray, (3, linked words)
        Window and first piece of each word that belongs to a cue, and as what.
    links : ndarray, (linked words, pieces)
        To which first pieces of cues each points, in shares.
    """

    ids: np.ndarray
    types: np.ndarray
    known: np.ndarray
    tags: np.ndarray
    linked: np.ndarray
    links: np.ndarray


Shown = tuple[Example, reader.Window]


def cut(example: Example, rng: np.random.Generator) -> list[Shown]:
    """Windows of an article, cut elsewhere in each epoch."""
    start = int(rng.integers(reader.WINDOW // 4, 3 * reader.WINDOW // 4))
    return [(example, window) for window in reader.cut_windows(example.words, start)]


def lay_out(shown: Sequence[Shown]) -> Batch:
    """Windows as one batch."""
    ids, types = pad([window.ids for _, window in shown]), pad([window.types for _, window in shown])
    known, tags, linked, links = [], [], [], []
    for row, (example, window) in enumerate(shown):
        own = slice(window.first, window.last)
        coded = example.tags[own].any(axis=1)
        known += [(row, place) for place in window.places[coded].tolist()]
        tags.append(example.tags[own][coded])
        for place, role, shares in zip(window.places.tolist(), example.roles[own].tolist(), example.links[own], strict=True):
            inside = {cue: share for cue, share in shares.items() if share and window.first <= cue < window.last}
            if inside:
                pointers = np.zeros(ids.shape[1], dtype=np.float32)
                pointers[window.places[[cue - window.first for cue in inside]]] = list(inside.values())
                linked.append((row, place, role))
                links.append(pointers / pointers.sum())
    return Batch(
        ids,
        types,
        np.array(known, dtype=np.int64).reshape(-1, 2).T,
        np.concatenate(tags),
        np.array(linked, dtype=np.int64).reshape(-1, 3).T,
        np.array(links, dtype=np.float32).reshape(-1, ids.shape[1]),
    )


def deal(examples: Sequence[Example], rng: np.random.Generator) -> list[Batch]:
    """The batches of an epoch in random order, each of windows of like length: less padding."""
    windows = [window for example in examples for window in cut(augment(example, rng), rng)]
    order = sorted(rng.permutation(len(windows)), key=lambda i: len(windows[i][1].ids))
    batches = [[windows[i] for i in order[at : at + BATCH]] for at in range(0, len(order), BATCH)]
    return [lay_out(batches[i]) for i in rng.permutation(len(batches))]


def loss_of(model: AttributionModel, batch: Batch, smoothing: float = 0.0) -> torch.Tensor:
    """Cross entropy of the tags, plus that of the links to words of which something is known."""
    ids, types, known, tags, linked, links = as_tensors(batch)
    with mixed_precision():
        tag_logits, link_scores = model(ids, types, (ids != 0).long())
    tag_loss = cross_entropy(tag_logits[*known].float(), tags, label_smoothing=smoothing)
    row, place, role = linked
    unknown = torch.ones_like(ids, dtype=torch.bool).index_put_(tuple(known), torch.zeros((), dtype=torch.bool, device=DEVICE))
    scores = link_scores[row, role, place].float().masked_fill(unknown[row], -1e4)
    return tag_loss + LINK_WEIGHT * cross_entropy(scores, links, reduction="sum") / max(1, len(links))


def learn(model: AttributionModel, dealt: Iterable[Batch], step: Step, smoothing: float = 0.0) -> float:
    """Learn from the batches of an epoch, with `encoder.make_step`; gives their mean loss."""
    model.train()
    return torch.stack([step(loss_of(model, batch, smoothing)) for batch in dealt]).mean().item()


def train(examples: list[Example], out: Path, seed: int = 1, log: Callable[[str], object] = print) -> None:
    """Fine-tune, and write the weights after each epoch.

    Parameters
    ----------
    examples : list of Example
    out : Path
        Folder that gets `quotes.onnx` (8-bit) and `quotes.pt` (full precision, which nothing needs to run).
    seed : int
    log : callable
        Takes a line of text: after each epoch its mean loss, and its time.
    """
    rng = seed_everything(seed)
    model = AttributionModel(SmallEncoder()).to(DEVICE)
    for epoch, dealt, step in each_epoch(model, LEARNING_RATE, partial(deal, examples), EPOCHS, seed):
        began = time.monotonic()
        loss = learn(model, dealt, step)
        torch.save(model.state_dict(), out / "quotes.pt")
        log(f"epoch {epoch} of {EPOCHS}: loss {loss:.4f}, {time.monotonic() - began:.0f} s")
    export(model, examples, out / "quotes.onnx", rng)


def export(model: AttributionModel, examples: Sequence[Example], path: Path, rng: np.random.Generator) -> None:
    """Write the model as 8-bit ONNX, with the ranges that its activations have in `RANGE_EXAMPLES` of some examples, by chance."""
    drawn = (examples[n] for n in rng.permutation(len(examples))[:RANGE_EXAMPLES])
    windows = [window for example in drawn for window in reader.cut_windows(example.words)]
    samples = [{"ids": np.array([window.ids]), "types": np.array([window.types])} for window in windows]
    export_onnx(model.cpu(), path, {name: torch.tensor(value) for name, value in samples[0].items()}, AXES, samples)


def tune(kept: Sequence[CodedText], out: Path, log: Callable[[str], object] = print) -> None:
    """Fit the confidence of what the new weights find in articles that they did not learn from.

    Parameters
    ----------
    kept : sequence of CodedText
    out : Path
        Folder that holds `quotes.onnx`, and gets `quotes.json`: the coefficients of `fit_confidence`.
    log : callable
        Takes a line of text.
    """
    judged = judge_attributions(kept, reader.read_texts((article.text for article in kept), out / "quotes.onnx"))
    fitted = fit_confidence(judged.features, judged.right)
    (out / "quotes.json").write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    log(f"confidence: fitted on {len(judged.right)} attributions, {sum(judged.right)} of them right")
