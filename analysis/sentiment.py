"""Sentiment toward a target: what its clause says of it, by lexicon and by the acts of support and opposition about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from spacy.tokens import Span, Token

from analysis import language, lexicon, tables
from analysis.cues import Cue, find_cues
from analysis.language import ParsedArticle
from analysis.tables import SENTIMENTS
from analysis.voices import find_voices

# Each of a good and a bad kind (+ and -), 0 to 1: it is the target, or the holder, of an act or attitude; a word of
# VADER's rates it; VADER's words in its clause, by their closeness; in the sentence; all acts in the sentence.
SIGNS = {"+": 1, "-": -1}
KINDS = ("met", "held", "rated", "clause", "sentence", "acts")
FEATURES = ("bias", *(kind + sign for sign in SIGNS for kind in KINDS))
MAX_MENTIONS = 8  # of one actor in one sentence; who is named more often than that is in a list

PROBABILITIES = [f"p_{label}" for label in SENTIMENTS]


def classify_targets(texts: Sequence[str], spans: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Classify the sentiment that each text expresses toward a target marked in it.

    Words of VADER (Hutto & Gilbert, 2014) and cues of the codebook of stances are weighed by their place
    in the syntax about the target; a logistic form, fitted on NewsMTSC (Hamborg & Donnay, 2021), makes
    probabilities of them (`models/clause_lexicon.yaml`).

    Parameters
    ----------
    texts : sequence of str
        A sentence or so each.
    spans : sequence of (int, int)
        Offsets of the target in each text.

    Returns
    -------
    DataFrame
        A row a text: p_negative, p_neutral, p_positive (sum 1), label (the most probable).
    """
    return _probabilities(target_features(texts, spans))


def find_sentiments(parsed: ParsedArticle, mentions: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Find the sentiment toward each mentioned actor: the table `sentiments`.

    Mentions of one actor in one sentence share their probabilities.

    Parameters
    ----------
    parsed : ParsedArticle
    mentions, quotes : DataFrame
        The article's tables.

    Returns
    -------
    DataFrame
    """
    if mentions.empty:
        return tables.conform("sentiments", [])
    mentions = mentions.assign(head=lexicon.mention_heads(parsed.doc, zip(mentions["start"], mentions["end"], strict=True)))
    groups = []
    for number, rows in mentions.groupby("sentence", sort=True):
        sentence = parsed.sentence_span(number)
        scene = _read(sentence)
        for actor, heads in rows.groupby("actor", sort=False)["head"]:
            groups.append((number, actor, np.max([_features(head, *scene) for head in heads[:MAX_MENTIONS]], axis=0)))
    found = _probabilities(np.array([features for *_, features in groups]))
    found[["sentence", "actor"]] = [group[:2] for group in groups]
    compounds = {number: lexicon.compound(parsed.sentences["text"].iat[number]) for number in mentions["sentence"].unique()}
    rows = mentions[["article", "mention", "sentence", "actor"]].merge(found, on=["sentence", "actor"], how="left", validate="many_to_one")
    rows["voice"] = find_voices(quotes, mentions["start"])
    rows["lexicon"] = rows["sentence"].map(compounds)
    return tables.conform("sentiments", rows)


def target_features(texts: Sequence[str], spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """What the logistic form weighs: a row a text, a column each of `FEATURES`."""
    unique = list(dict.fromkeys(texts))
    targets = {text: [] for text in unique}
    for row, (text, span) in enumerate(zip(texts, spans, strict=True)):
        targets[text].append((row, span))
    features = np.zeros((len(texts), len(FEATURES)))
    for text, doc in zip(unique, language.parse_texts(unique), strict=True):
        scene = _read(doc[:])
        heads = lexicon.mention_heads(doc, [span for _, span in targets[text]])
        for (row, _), head in zip(targets[text], heads, strict=True):
            features[row] = _features(head, *scene)
    return features


def _read(span: Span) -> tuple[Span, list[Cue], np.ndarray, np.ndarray]:
    """What the targets in a text share: its cues, its valences, its clauses."""
    cues = [cue for sentence in span.sents for cue in find_cues(sentence)] if len(span) else []
    return span, cues, lexicon.valences(span), lexicon.clause_heads(span)


def _features(head: Token | None, span: Span, cues: list[Cue], valences: np.ndarray, clauses: np.ndarray) -> np.ndarray:
    if head is None:
        return np.array([1.0, *[0.0] * (len(FEATURES) - 1)])
    position = head.i - span.start
    weights = lexicon.closeness(span, head) * (clauses == clauses[position])
    found = [1.0]
    for sign in SIGNS.values():
        good = np.clip(sign * valences, 0, None)
        acts = [cue for cue in cues if sign * cue.stance > 0 and not cue.evaluative]
        ratings = [cue for cue in cues if sign * cue.stance > 0 and cue.evaluative]
        found += [
            max((abs(cue.stance) * cue.targets.get(head.i, 0.0) for cue in acts), default=0.0),
            max((abs(cue.stance) * cue.holders.get(head.i, 0.0) for cue in acts), default=0.0),
            max((abs(cue.stance) * cue.targets.get(head.i, 0.0) for cue in ratings), default=0.0),
            np.tanh((good * weights).sum() / 2),
            np.tanh(good.sum() / 4),
            np.tanh(sum(abs(cue.stance) for cue in acts) / 2),
        ]
    return np.array(found)


def _probabilities(features: np.ndarray) -> pd.DataFrame:
    """Probabilities by multinomial logistic regression, neutral being the base."""
    weights = lexicon.load_weights("sentiment", FEATURES)
    chances = lexicon.softmax(np.stack([features @ weights["negative"], np.zeros(len(features)), features @ weights["positive"]], axis=1))
    frame = pd.DataFrame(chances, columns=PROBABILITIES)
    return frame.assign(label=pd.Series(np.array(SENTIMENTS)[chances.argmax(axis=1)], dtype="str"))
