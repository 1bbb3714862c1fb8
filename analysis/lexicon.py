"""Evaluative words: the VADER lexicon, the clauses in which they stand, and what their constants weigh."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.util import find_spec

import nltk
import numpy as np
import yaml
from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants
from spacy.tokens import Doc, Span, Token

from analysis.errors import InputError

LEXICON_FILE = "vader_lexicon.txt"
WEIGHTS_FILE = "models/clause_lexicon.yaml"
CLAUSES = {"ROOT", "acl", "advcl", "ccomp", "csubj", "csubjpass", "parataxis", "relcl"}
VERBAL = {"VERB", "AUX"}
NEGATION_REACH = 3  # tokens before a word within which a negation turns it, as in VADER
NEGATED = VaderConstants.N_SCALAR
CLOSENESS = 0.8  # weight of a word loses a fifth with each step of syntax between it and the mention
MAX_STEPS = 10


@cache
def load_vader() -> SentimentIntensityAnalyzer:
    """VADER (Hutto & Gilbert, ICWSM 2014) in NLTK, with the lexicon that the package `vaderSentiment` carries.

    NLTK opens no file outside the folders that it knows, so the package's folder is made known to it.
    """
    package = find_spec("vaderSentiment")
    if package is None:
        raise InputError("the VADER lexicon is not installed", "vaderSentiment", "Run `make` again, or install the package.")
    folder = next(iter(package.submodule_search_locations))
    if folder not in nltk.data.path:
        nltk.data.path.append(folder)
    return SentimentIntensityAnalyzer(lexicon_file=LEXICON_FILE)


def compound(text: str) -> float:
    """VADER's compound score of a text, -1 (most negative) to 1."""
    return float(load_vader().polarity_scores(text)["compound"])


def valences(span: Span) -> np.ndarray:
    """VADER's valence of each token of a span, about -4 to 4, turned round where it is negated; names have none."""
    lexicon, negations = load_vader().lexicon, VaderConstants.NEGATE | {"n't", "no"}
    values = np.zeros(len(span))
    for position, token in enumerate(span):
        value = lexicon.get(token.lower_, 0.0)
        if value and token.pos_ != "PROPN" and not token.ent_type_:
            before = span[max(0, position - NEGATION_REACH) : position]
            negated = token.lower_ not in negations and any(t.lower_ in negations for t in before)
            values[position] = value * NEGATED if negated else value
    return values


def clause_heads(span: Span) -> np.ndarray:
    """Of each token of a sentence, the position (in the sentence) of the head of the smallest clause that it stands in."""
    heads = np.full(len(span), -1)
    for token in span:
        path = []
        while heads[token.i - span.start] < 0:
            path.append(token.i - span.start)
            if is_clause(token) or not span.start <= token.head.i < span.end:
                heads[path[-1]] = path[-1]
                break
            token = token.head
        heads[path] = heads[token.i - span.start]
    return heads


def is_clause(token: Token) -> bool:
    """Whether a token heads a clause of its own: a subordinate one, or a coordinate one that has its own subject."""
    if token.dep_ == "conj":
        return token.pos_ in VERBAL and any(child.dep_ in {"nsubj", "nsubjpass"} for child in token.children)
    return token.dep_ in CLAUSES or token.head == token


def closeness(span: Span, head: Token) -> np.ndarray:
    """Weight of each token of a sentence as seen from one: `CLOSENESS` to the power of the steps of syntax between them."""
    weights = np.zeros(len(span))
    reached, weight = [head], 1.0
    weights[head.i - span.start] = weight
    for _ in range(MAX_STEPS):
        weight *= CLOSENESS
        following = []
        for token in reached:
            for neighbour in (token.head, *token.children):
                position = neighbour.i - span.start
                if 0 <= position < len(span) and not weights[position]:
                    weights[position] = weight
                    following.append(neighbour)
        reached = following
    return weights


def mention_heads(doc: Doc, spans: Iterable[tuple[int, int]]) -> list[Token | None]:
    """The syntactic head of each span of characters; None where a span holds no word.

    A span that begins or ends within a token takes in the whole token.
    """
    length = len(doc.text)
    return [_head(doc, max(0, int(start)), min(int(end), length)) for start, end in spans]


def _head(doc: Doc, start: int, end: int) -> Token | None:
    span = doc.char_span(start, end, alignment_mode="expand") if start < end else None
    words = [] if span is None else [token for token in span if not token.is_space]
    return span.root if words and not span.root.is_space else next(iter(words), None)


@cache
def load_weights(task: str, features: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The fitted constants of a task (`models/clause_lexicon.yaml`): for each outcome, a weight a feature, in order."""
    outcomes = yaml.safe_load(files("analysis").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))[task]
    return {outcome: np.array([weights[feature] for feature in features]) for outcome, weights in outcomes.items()}


def softmax(utilities: np.ndarray) -> np.ndarray:
    """Probabilities of the alternatives along the last axis."""
    raised = np.exp(utilities - utilities.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)
