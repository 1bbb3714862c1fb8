"""Teach the sentence model which sentences belong to which issue of a codebook, of which it sees title, description and phrases alone.

The encoder stays as it is. Two linear maps of what its layers make of a text are learned, one for sentences and one for what a codebook
says of an issue, so that the two come near where they belong together (as in Yih, Toutanova, Platt & Meek, CoNLL 2011). Beside them stands
the map into the space of meaning, for what no codebook has taught. Codebooks are many and differ, so that what is learned holds for one
that the model has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, dropout, normalize, pad

from analysis.codebook import IssueCodebook, read_issues
from analysis.evaluation.coverage import CodedText
from analysis.issues import BEFORE, BEHIND, describe_issue, list_phrases
from analysis.training.encoder import DEVICE

EPOCHS = 20
RATE = 1e-4  # it falls to nothing
STAY = 0.005  # how much it costs the map of sentences to leave that of meaning, by the squares of the differences
SCALE = 14.0  # from nearness to log odds
OFFSET = -5.0  # at first; how near is near enough is learned
DROPPED = {"sentences": 0.05, "issues": 0.1}
TEXTS_AT_ONCE = 8
ALONE_AT_ONCE = 128  # texts of one sentence


class Codebook(NamedTuple):
    """What the encoder makes of a codebook.

    Attributes
    ----------
    described : Tensor, (issues, features)
    phrased : Tensor, (parts, features)
        Of an issue's phrases, some at once.
    owners : Tensor, (parts,)
        The number of the issue whose phrases these are.
    holds : Tensor, (issues, issues)
        Which issues are part of an issue, itself included.
    """

    described: torch.Tensor
    phrased: torch.Tensor
    owners: torch.Tensor
    holds: torch.Tensor


class Text(NamedTuple):
    """What the encoder makes of a text's sentences (sentences, features), and which issues each covers (sentences, issues)."""

    sentences: torch.Tensor
    labels: torch.Tensor


class Maps(nn.Module):
    """From what the encoder makes of texts to their places: of meaning, which stays, of sentences and of issues."""

    def __init__(self, meaning: nn.Linear):
        super().__init__()
        self.meaning = deepcopy(meaning).requires_grad_(False)
        self.sentences, self.issues = deepcopy(meaning).requires_grad_(), deepcopy(meaning).requires_grad_()
        self.offset = nn.Parameter(torch.tensor(OFFSET))

    def place(self, features: torch.Tensor, kind: str) -> torch.Tensor:
        """Features (rows, features) of `kind`, “sentences” or “issues”, as places (rows, 2 × size), as `judgement.place` gives them."""
        shown = dropout(features, DROPPED[kind], self.training)
        own = self.sentences if kind == "sentences" else self.issues
        return torch.cat([normalize(one(shown), dim=-1) for one in (self.meaning, own)], -1) / 2**0.5

    def describe(self, codebook: Codebook) -> list[torch.Tensor]:
        """The places of what is said of issues, and of their phrases: (issues, 2 × size) each."""
        described, phrased = self.place(codebook.described, "issues"), self.place(codebook.phrased, "issues")
        return [described, normalize(torch.zeros_like(described).index_add(0, codebook.owners, phrased), dim=-1)]

    def near(self, texts: Sequence[Text], codebook: Codebook, shared: Sequence[torch.Tensor]) -> torch.Tensor:
        """`issues.similarities` of the sentences of some texts, one behind the other."""
        sides = zip(self.describe(codebook), shared, strict=True)
        profiles = normalize(sum(normalize(side - common, dim=-1) for side, common in sides), dim=-1)
        places = self.place(torch.cat([text.sentences for text in texts]), "sentences")
        context = torch.cat([_with_neighbours(own) for own in places.split([len(text.sentences) for text in texts])])
        return (context @ profiles.T).unsqueeze(1).masked_fill(~codebook.holds, -1).amax(-1)


def _with_neighbours(places: torch.Tensor) -> torch.Tensor:
    before, behind = pad(places[:-1], (0, 0, 1, 0)), pad(places[1:], (0, 0, 0, 1))
    return normalize(places + BEFORE * before + BEHIND * behind, dim=-1)


def fit(
    meaning: nn.Linear,
    read: Callable[[Sequence[str]], torch.Tensor],
    texts: Iterable[CodedText],
    rng: np.random.Generator,
    log: Callable[[str], object] = print,
) -> Maps:
    """Fit the maps.

    Parameters
    ----------
    meaning : Linear
        Into the space of meaning.
    read : callable
        Gives what the encoder makes of some texts: (texts, features).
    texts : iterable of CodedText
    rng : Generator
    log : callable
        Takes a line of progress.

    Returns
    -------
    Maps
    """
    texts = list(texts)
    codebooks = dict.fromkeys([read_issues(), *(text.codebook for text in texts)])
    said = [sentence for text in texts for sentence in text.sentences] + [part for book in codebooks for part in _list_texts(book)]
    distinct = list(dict.fromkeys(said))
    means = dict(zip(distinct, read(distinct), strict=True))
    known = {codebook: _find_codebook(codebook, means) for codebook in codebooks}
    found = [(text.codebook, _find_text(text, means)) for text in texts]
    maps = Maps(meaning).to(DEVICE)
    optimiser = torch.optim.Adam([parameter for parameter in maps.parameters() if parameter.requires_grad], RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda epoch: 1 - epoch / EPOCHS)
    for epoch in range(1, EPOCHS + 1):
        losses = []
        for codebook, some in _deal(found, rng):
            shared = [side.mean(0) for side in maps.describe(known[read_issues()])]
            near = maps.near(some, known[codebook], shared)
            labels = torch.cat([text.labels for text in some])
            wrong = binary_cross_entropy_with_logits(SCALE * near + maps.offset, labels, reduction="sum") / len(labels)
            (wrong + STAY * (maps.sentences.weight - meaning.weight).square().sum()).backward()
            optimiser.step()
            optimiser.zero_grad()
            losses.append(wrong.detach())
        schedule.step()
        log(f"issues, epoch {epoch} of {EPOCHS}: loss {torch.stack(losses).mean():.3f}")
    return maps.eval()


def _list_texts(codebook: IssueCodebook) -> list[str]:
    """What a codebook says of its issues, and their phrases."""
    return [describe_issue(issue) for issue in codebook.issues] + [part for issue in codebook.issues for part in list_phrases(issue)]


Means = Mapping[str, torch.Tensor]  # what the encoder makes of each text: (features,)


def _find_codebook(codebook: IssueCodebook, means: Means) -> Codebook:
    read = torch.stack([means[text] for text in _list_texts(codebook)])
    owners = [n for n, issue in enumerate(codebook.issues) for _ in list_phrases(issue)]
    holds = [[wider in codebook.lineage(issue.key) for issue in codebook.issues] for wider in codebook.issues]
    count = len(codebook.issues)
    return Codebook(read[:count], read[count:], torch.tensor(owners, device=DEVICE), torch.tensor(holds, device=DEVICE))


def _find_text(text: CodedText, means: Means) -> Text:
    labels = [[issue.key in own for issue in text.codebook.issues] for own in text.issues]
    return Text(torch.stack([means[sentence] for sentence in text.sentences]), torch.tensor(labels, device=DEVICE).float())


def _deal(found: Iterable[tuple[IssueCodebook, Text]], rng: np.random.Generator) -> Iterator[tuple[IssueCodebook, list[Text]]]:
    """All texts, by chance, a few of one codebook at once."""
    kinds: dict[tuple[IssueCodebook, bool], list[Text]] = {}
    for codebook, text in found:
        kinds.setdefault((codebook, len(text.sentences) == 1), []).append(text)
    dealt = []
    for (codebook, alone), own in kinds.items():
        at_once = ALONE_AT_ONCE if alone else TEXTS_AT_ONCE
        order = rng.permutation(len(own))
        dealt += [(codebook, [own[n] for n in order[first : first + at_once]]) for first in range(0, len(own), at_once)]
    return (dealt[n] for n in rng.permutation(len(dealt)))
