"""Train the attribution model on PolNeAR: which words are source, cue and content, and which belong together.

One pass of the encoder feeds two heads. The tagger gives each word its role in the BIOES scheme. The linker
gives each word of a source or a content a pointer to the first word of its cue, by a bilinear form as in
Dozat & Manning (ICLR 2017): in PolNeAR every attribution has one cue, and each word one role in one attribution.

    python -m analysis.training.quotes POLNEAR/train OUT
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from analysis import reader
from analysis.attribution import ROLES, TAGS
from analysis.evaluation.benchmarks import read_polnear
from analysis.training.encoder import export_onnx, load_pretrained, pad, seed_everything

EPOCHS = 6
BATCH = 8
LEARNING_RATE = 1.5e-4
WARMUP = 0.06
LABEL_SMOOTHING = 0.05
LINK_WEIGHT = 0.5
LINK_SIZE = 96
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
IGNORE = -100


@dataclass(frozen=True)
class Example:
    """An article for training: its words, the tag of each, and the first word of each one's cue (or -1)."""

    words: reader.Words
    tags: np.ndarray
    cues: np.ndarray


class AttributionModel(nn.Module):
    """The encoder with a tagger and a linker."""

    def __init__(self):
        super().__init__()
        self.encoder = load_pretrained()
        size = self.encoder.config.hidden_size
        self.dropout = nn.Dropout(0.1)
        self.tagger = nn.Linear(size, len(TAGS))
        self.linker = nn.Linear(size, 3 * LINK_SIZE)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Tag logits (batch, pieces, tags) and link vectors (batch, pieces, 3 × size): of a source, of a content, of a cue."""
        hidden = self.dropout(self.encoder(ids, mask).last_hidden_state)
        return self.tagger(hidden), self.linker(hidden)


def make_example(text: str, attributions: list[dict]) -> Example:
    """Lay an article's attributions over its words."""
    words = reader.split_words(text)
    tags = np.zeros(len(words), dtype=np.int64)
    cues = np.full(len(words), -1)
    starts, ends = words.offsets[:, 0], words.offsets[:, 1]
    for attribution in attributions:
        cue = [int(np.searchsorted(ends, s, side="right")) for s, _ in attribution.get("cue", [])]
        for role in ROLES:
            for start, end in attribution.get(role, []):
                first, last = np.searchsorted(ends, start, side="right"), np.searchsorted(starts, end, side="left") - 1
                if first > last or tags[first : last + 1].any():
                    continue
                tags[first : last + 1] = TAGS.index(f"I-{role}")
                tags[first], tags[last] = TAGS.index(f"B-{role}"), TAGS.index(f"E-{role}")
                if first == last:
                    tags[first] = TAGS.index(f"S-{role}")
                if cue and role != "cue":
                    cues[first : last + 1] = cue[0]
    return Example(words, tags, cues)


def augment(example: Example, rng: np.random.Generator) -> Example:
    """Other quotation marks, no paragraph breaks, masked words: what the model must not lean on."""
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
    place = np.append(np.cumsum(keep) - 1, -1)
    kept = np.flatnonzero(keep)
    words = reader.Words(text, offsets[kept], [pieces[i] for i in kept])
    return Example(words, example.tags[kept], place[example.cues[kept]])


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


def cut(example: Example, rng: np.random.Generator) -> list[tuple[list[int], list[int], list[int]]]:
    """Windows of an article, cut elsewhere in each epoch: ids, tags and pointers, a figure a word piece."""
    out = []
    pieces = example.words.pieces
    for w in reader.cut_windows(pieces, start=int(rng.integers(reader.WINDOW // 4, reader.WINDOW)), stride=reader.WINDOW - 48):
        tags, links = [IGNORE] * len(w.ids), [IGNORE] * len(w.ids)
        for word, place in zip(range(w.first, w.last), w.places, strict=True):
            tags[place] = int(example.tags[word])
            cue = example.cues[word]
            if w.first <= cue < w.last:
                links[place] = int(w.places[cue - w.first])
        out.append((w.ids, tags, links))
    return out


def batch(windows: list, rng: np.random.Generator) -> list[list]:
    """Batches in random order, each of windows of like length: less padding."""
    order = sorted(rng.permutation(len(windows)), key=lambda i: len(windows[i][0]))
    batches = [[windows[i] for i in order[at : at + BATCH]] for at in range(0, len(order), BATCH)]
    return [batches[i] for i in rng.permutation(len(batches))]


def loss_of(model: AttributionModel, batch: list[tuple[list[int], list[int], list[int]]]) -> torch.Tensor:
    """Cross entropy of the tags, plus that of the pointers."""
    ids, tags, links = pad([b[0] for b in batch]), pad([b[1] for b in batch], IGNORE), pad([b[2] for b in batch], IGNORE)
    mask = (ids != 0).long()
    with torch.autocast("cpu", torch.bfloat16):
        tag_logits, vectors = model(ids, mask)
    tag_loss = cross_entropy(tag_logits.float().flatten(0, 1), tags.flatten(), ignore_index=IGNORE, label_smoothing=LABEL_SMOOTHING)
    source, content, cue = vectors.float().chunk(3, dim=-1)
    content_role = torch.tensor([tag.endswith("content") for tag in TAGS])[tags.clamp(min=0)].unsqueeze(-1)
    scores = torch.where(content_role, content, source) @ cue.transpose(1, 2) / LINK_SIZE**0.5
    scores = scores.masked_fill((tags == IGNORE).unsqueeze(1), -1e4)
    link_loss = cross_entropy(scores.flatten(0, 1), links.flatten(), ignore_index=IGNORE)
    return tag_loss + LINK_WEIGHT * link_loss


def train(examples: list[Example], out: Path, seed: int = 1, log=print) -> None:
    """Fine-tune, and write the weights after each epoch.

    Parameters
    ----------
    examples : list of Example
    out : Path
        Folder that gets `quotes.onnx` (int8) and `quotes.pt`.
    seed : int
    log : callable
        Takes a line of text.
    """
    rng = seed_everything(seed)
    model = AttributionModel()
    per_epoch = sum(len(cut(e, rng)) for e in examples) // BATCH
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    # The number of windows varies a little from epoch to epoch: the schedule ends a little later than the training.
    steps = int(per_epoch * EPOCHS * 1.05) + 10
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, steps, pct_start=WARMUP, anneal_strategy="linear")
    out.mkdir(parents=True, exist_ok=True)
    for epoch in range(EPOCHS):
        model.train()
        losses, began = [], time.time()
        for windows in batch([w for e in examples for w in cut(augment(e, rng), rng)], rng):
            loss = loss_of(model, windows)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            losses.append(loss.item())
        torch.save(model.state_dict(), out / "quotes.pt")
        export_onnx(model, out / "quotes.onnx", ["tags", "links"])
        log(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}, {time.time() - began:.0f} s")


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:3])
    train([make_example(c.text, c.attributions) for c in read_polnear(source)], target)
