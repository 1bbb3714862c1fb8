"""Train the sentence model: sentiment toward a target, stance between two actors, topic, and how near a sentence is to an issue.

A text is read once, whoever is asked about. A query is a short text of its own, which sees that text and itself: copies of the word pieces
of a target or of two actors, at the places where they stand, each with a learned vector that says what it is a copy of, and a copy
of the first piece ([CLS]). The text does not see its queries, and they do not see one another: levitated markers (Zhong & Chen, NAACL 2021;
Ye, Lin, Li & Sun, ACL 2022), for a small part of what another reading of the text would cost.

Fine-tuning bends the space in which the encoder, as it was pretrained, sets sentences of like meaning side by side. A linear map from
the means of all layers leads back into it (`fit_space`), and two more of them lead to where sentences and issues meet (`matching`).

    analysis train sentences BENCHMARKS --out OUT
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import normalize

from analysis import reader
from analysis.evaluation.coverage import CodedText
from analysis.judgement import (
    DIRECTIONS,
    FIRST,
    INPUTS,
    MEMORY,
    PLACES,
    READ,
    REMEMBERED,
    SECOND,
    SENTIMENT,
    SPACE,
    STANCE,
    SUMMARY,
    TASKS,
    TOPIC,
    as_text,
    ask,
)
from analysis.tables import SENTIMENTS
from analysis.training import matching
from analysis.training.encoder import (
    DEVICE,
    OTHERS,
    averaged,
    each_epoch,
    export_onnx,
    load_pretrained,
    look_up,
    mixed_precision,
    run_layer,
    seed_everything,
)
from analysis.training.passages import Passage, Sentence, augment, batches, list_names, make_sentence
from analysis.training.tasks import Batch, learn, make_head, mean_of, measure, read_whole, stack

EPOCHS = 12
LEARNING_RATE = {"encoder": 2.5e-4, OTHERS: 6e-4}
FALL_TO = 0.3  # of it: where it fell to nothing, weights would hardly differ whose mean is taken
MARK_SPREAD = 0.2
SPACE_TEXTS = 24000  # from 6,000 the fit came as near to others by 0.69, from these by 0.74
SPACE_RIDGE = 10.0
MOST_PIECES = 1 << 16  # of a row
RANGE_TEXTS = 400  # from which the ranges of 8-bit activations are taken
AXES = {name: {0: "rows", 1: "pieces"} for name in INPUTS} | {MEMORY: {1: "rows", 2: "seen"}, REMEMBERED: {0: "rows", 1: "seen"}}
AXES |= {SENTIMENT: {0: "asked"}, STANCE: {0: "asked"}, TOPIC: {0: "rows"}, SPACE: {0: "rows"}} | {READ: {1: "rows", 2: "pieces"}}


class Reading(NamedTuple):
    """What the layers make of rows of pieces (layers, rows, pieces, size), and what others see of it, keys and values of each layer by
    turns (2 × layers, rows, pieces, size)."""

    states: torch.Tensor
    looks: torch.Tensor


class SentenceModel(nn.Module):
    """The encoder, which reads a text or queries about it, and a head a task."""

    def __init__(self, topics: int):
        super().__init__()
        self.encoder = load_pretrained(reader.TYPES)
        size = self.encoder.config.hidden_size
        self.marks = nn.Embedding(SUMMARY + 1, size, padding_idx=0)
        nn.init.normal_(self.marks.weight[1:].detach(), std=MARK_SPREAD)
        self.sentiment, self.stance = make_head(2 * size, len(SENTIMENTS)), make_head(3 * size, len(DIRECTIONS))
        self.topics = make_head(size, topics)
        self.space = nn.Linear(self.encoder.config.num_hidden_layers * size, len(PLACES) * size)

    def nothing(self, rows: int) -> torch.Tensor:
        """What a text sees but itself: (2 × layers, rows, 0, size)."""
        return self.space.weight.new_zeros(2 * self.encoder.config.num_hidden_layers, rows, 0, self.encoder.config.hidden_size)

    def read(self, inputs: Sequence[torch.Tensor], memory: torch.Tensor, remembered: torch.Tensor) -> Reading:
        """Read rows of pieces, each of which sees what its row remembers, and those of its row that are of the same query.

        `inputs` are `INPUTS`, (rows, pieces) each, `memory` (2 × layers, rows, seen, size) the looks of a text a row, and `remembered`
        (rows, seen) true but for padding.
        """
        ids, types, places, marks, queries = inputs
        hidden = self.encoder.embeddings(input_ids=ids, token_type_ids=types, position_ids=places) + self.marks(marks)
        own = (queries.unsqueeze(2) == queries.unsqueeze(1)) & (ids != 0).unsqueeze(1)
        seen = torch.cat([remembered.unsqueeze(1).expand(-1, ids.shape[1], -1), own], -1)
        hide = (1.0 - seen.float()).unsqueeze(1) * -1e4
        states, looks = [], []
        known = memory.unbind()
        for layer, keys, values in zip(self.encoder.encoder.layer, known[::2], known[1::2], strict=True):
            key, value = look_up(layer, hidden)
            looks += [key, value]
            hidden = run_layer(layer, hidden, hide, (torch.cat([keys, key], 1), torch.cat([values, value], 1)))
            states.append(hidden)
        return Reading(torch.stack(states), torch.stack(looks))

    def answer(self, states: torch.Tensor, inputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """Logits of sentiment (asked, 3) and stance (asked, 5) for the queries of all rows, of topic (rows, topics) for texts, and their
        places in the spaces (rows, places × size)."""
        ids, _, _, marks, queries = inputs
        last, mask = states[-1], ids != 0
        hidden, marks = last.flatten(0, 1), marks.flatten()
        number = (queries + torch.arange(ids.shape[0], device=ids.device).unsqueeze(1) * MOST_PIECES).flatten()
        begins = marks == SUMMARY
        own = number == number[begins].unsqueeze(1)
        first, second, summary = mean_of(hidden, own & (marks == FIRST)), mean_of(hidden, own & (marks == SECOND)), hidden[begins]
        return (
            self.sentiment(torch.cat([first, summary], -1)),
            self.stance(torch.cat([first, second, summary], -1)),
            self.topics(_text_mean(last, mask)),
            self.space(_layer_means(states, mask)),
        )

    def forward(self, ids, types, places, marks, queries, memory, remembered):
        """Texts, which remember nothing, or what is asked about the texts whose looks are the memory: `judgement.OUTPUTS`."""
        inputs = ids, types, places, marks, queries
        states, looks = self.read(inputs, memory, remembered)
        return *self.answer(states, inputs), looks


def _layer_means(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The means of all layers over all pieces, side by side: (rows, layers × size)."""
    return torch.cat([_text_mean(state, mask) for state in states], -1)


def _text_mean(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean of the pieces of each text (rows, size)."""
    return mean_of(hidden, mask.unsqueeze(1)).squeeze(1)


def lay_out(sentences: list[Sentence]) -> Batch:
    """Sentences of one task as the model takes them: `INPUTS` of the texts, and, but for topics, of what is asked about them."""
    texts = stack([as_text(s.ids, s.types) for s in sentences])
    task = sentences[0].task
    asked = () if task == TOPIC else stack([ask(s.spans, s.ids, s.types) for s in sentences])
    return Batch(task, (*texts, *asked), np.concatenate([s.labels for s in sentences]))


def logits_of(model: SentenceModel, task: str, inputs: list[torch.Tensor]) -> torch.Tensor:
    """A row a query."""
    texts, asked = inputs[: len(INPUTS)], inputs[len(INPUTS) :]
    there = texts[0] != 0
    with mixed_precision():
        known = model.read(texts, model.nothing(len(there)), there[:, :0])
        states, asked = (model.read(asked, known.looks, there).states, asked) if asked else (known.states, texts)
        return model.answer(states, asked)[TASKS.index(task)].float()


def deal(passages: list[Passage], names: list[list[str]], rng: np.random.Generator) -> list[Batch]:
    """The batches of an epoch."""
    return [lay_out(some) for some in batches(augment(passages, names, rng), rng)]


def train(
    train_set: list[Passage],
    texts: list[CodedText],
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
    texts : list of CodedText
        Coded by issue.
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
    model = SentenceModel(topics).to(DEVICE)
    dealer = partial(deal, train_set, list_names(train_set))
    for epoch, dealt, step in each_epoch(model, LEARNING_RATE, dealer, EPOCHS, seed, FALL_TO):
        began = time.monotonic()
        with averaged(model, step) if epoch == EPOCHS else nullcontext(step) as taken:  # the mean of the weights of the last epoch
            losses = learn(model, logits_of, dealt, taken)
        torch.save(model.state_dict(), out / "sentences.pt")
        log(f"epoch {epoch} of {EPOCHS}: loss {losses}, {time.monotonic() - began:.0f} s")
        for name, passages in dev_sets.items():
            log(f"  {name}: {measure(model, lay_out, logits_of, passages)}")
    meaning = fit_space(model, [passage.text for passage in train_set], rng, log)
    maps = matching.fit(meaning, partial(read_means, model), texts, rng, log)
    set_places(model, maps)
    torch.save(model.state_dict(), out / "sentences.pt")
    export(model, train_set, out / "sentences.onnx", rng)


def export(model: SentenceModel, passages: Sequence[Passage], path: Path, rng: np.random.Generator) -> None:
    """Write the model as 8-bit ONNX, with the ranges that its activations have in `RANGE_TEXTS` of some passages, by chance."""
    model.cpu().eval()
    drawn = (make_sentence(passages[n]) for n in rng.permutation(len(passages))[:RANGE_TEXTS])
    shown = [sentence for sentence in drawn if sentence]
    *_, example = _samples(model, [s for s in shown if s.task != TOPIC][:1])
    export_onnx(model, path, {name: torch.tensor(value) for name, value in example.items()}, AXES, _samples(model, shown))


@torch.no_grad()
def _samples(model: SentenceModel, shown: Sequence[Sentence]) -> Iterator[dict[str, np.ndarray]]:
    """Each sentence, and what is asked about it, as the model takes it."""
    for s in shown:
        text, there = as_text(s.ids, s.types), torch.ones(1, len(s.ids), dtype=torch.bool)
        yield {**text, MEMORY: model.nothing(1).numpy(), REMEMBERED: there[:, :0].numpy()}
        if s.spans.shape[1]:
            *_, looks = model(*map(torch.tensor, text.values()), model.nothing(1), there[:, :0])
            yield {**ask(s.spans, s.ids, s.types), MEMORY: looks.numpy(), REMEMBERED: there.numpy()}


def read_means(model: SentenceModel, texts: Sequence[str]) -> torch.Tensor:
    """The means of all layers over the pieces of each text's first window, side by side: (texts, layers × size)."""

    def encode(inputs: list[torch.Tensor]) -> torch.Tensor:
        there = inputs[0] != 0
        return _layer_means(model.read(inputs, model.nothing(len(there)), there[:, :0]).states, there)

    model.eval()
    return read_whole(texts, model.space.in_features, encode)


@torch.no_grad()
def fit_space(model: SentenceModel, texts: Sequence[str], rng: np.random.Generator, log: Callable[[str], object] = print) -> nn.Linear:
    """Fit the map into the space of the encoder before it was fine-tuned, by ridge regression.

    A text's place there is the mean of its pieces, less the mean of all texts, at length 1.

    Parameters
    ----------
    model : SentenceModel
    texts : sequence of str
        `SPACE_TEXTS` of them are drawn.
    rng : Generator
    log : callable
        Takes a line of text: how near the map comes on a tenth of the texts, kept out of its fit.

    Returns
    -------
    Linear
        From what `read_means` gives.
    """
    distinct = sorted({text for text in texts if text.strip()})
    drawn = [distinct[i] for i in rng.permutation(len(distinct))[:SPACE_TEXTS]]
    known, goal = read_means(model, drawn).double(), _read_pretrained(drawn).double()
    goal = normalize(goal - goal.mean(0), dim=-1)
    known = torch.cat([known, known.new_ones(len(known), 1)], -1)
    kept = len(known) // 10
    learned = known[kept:]
    penalty = SPACE_RIDGE * torch.eye(known.shape[1], device=DEVICE)
    weights = torch.linalg.solve(learned.T @ learned + penalty, learned.T @ goal[kept:])
    near = (normalize(known[:kept] @ weights, dim=-1) * goal[:kept]).sum(-1).mean()
    log(f"space: fitted on {len(learned)} texts; mean cosine to the places of {kept} others {near:.3f}")
    meaning = nn.Linear(known.shape[1] - 1, goal.shape[1], device=DEVICE)
    meaning.weight.copy_(weights[:-1].T)
    meaning.bias.copy_(weights[-1])
    return meaning


def _read_pretrained(texts: Sequence[str]) -> torch.Tensor:
    """The mean of the pieces of each text's first window, in the encoder as it was pretrained: (texts, size)."""
    encoder = load_pretrained().to(DEVICE).eval()

    def encode(inputs: list[torch.Tensor]) -> torch.Tensor:
        there = inputs[0] != 0
        return _text_mean(encoder(inputs[0], there).last_hidden_state, there)

    return read_whole(texts, encoder.config.hidden_size, encode)


@torch.no_grad()
def set_places(model: SentenceModel, maps: matching.Maps) -> None:
    """Let the model place texts by these maps, in the order of `PLACES`."""
    ordered = (maps.meaning, maps.sentences, maps.issues)
    model.space.weight.copy_(torch.cat([one.weight for one in ordered]))
    model.space.bias.copy_(torch.cat([one.bias for one in ordered]))
