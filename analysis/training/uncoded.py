"""Sentences that nobody coded for a task, and whom to ask about in them: what a teacher can teach beside the coded sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np
from spacy.tokens import Span

from analysis.judgement import SENTIMENT, STANCE
from analysis.language import parse_texts
from analysis.training.passages import Passage

ASKED_AT_ONCE = 3  # targets or pairs of one sentence
LENGTHS = range(5, 80)  # tokens
NAMED = frozenset(["PERSON", "ORG", "GPE", "NORP"])
PRONOUNS = frozenset("he she they".split())


def list_uncoded(texts: Iterable[str], seed: int) -> list[Passage]:
    """Sentences with some of the actors whom spaCy finds in them, or some of their pairs, by chance.

    Parameters
    ----------
    texts : iterable of str
        Articles, or sentences.
    seed : int

    Returns
    -------
    list of Passage
        Without labels.
    """
    rng = np.random.default_rng(seed)
    found: dict[tuple[str, str], Passage] = {}
    for sent in (sent for doc in parse_texts(texts) for sent in doc.sents if len(sent) in LENGTHS):
        places = sorted(_actors(sent))
        pairs = [(*one, *other) for one, other in combinations(places, 2)]
        for task, spans in ((SENTIMENT, places), (STANCE, pairs)):
            if spans:
                drawn = [spans[n] for n in rng.permutation(len(spans))[:ASKED_AT_ONCE]]
                found[task, sent.text] = Passage(task, sent.text, drawn, [()] * len(drawn))
    return list(found.values())


def _actors(sent: Span) -> Iterator[tuple[int, int]]:
    """Where names, and pronouns for people, stand in the text of a sentence: each name once."""
    named = {ent.text: ent for ent in reversed(sent.ents) if ent.label_ in NAMED}
    spoken = {token.lower_: token for token in reversed(list(sent)) if token.lower_ in PRONOUNS}
    for start, end in [(ent.start_char, ent.end_char) for ent in named.values()] + [(t.idx, t.idx + len(t)) for t in spoken.values()]:
        yield start - sent.start_char, end - sent.start_char
