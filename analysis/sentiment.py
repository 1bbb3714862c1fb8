"""Sentiment toward a target: what a sentence says of somebody whom it names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis import tables
from analysis.judgement import MAX_MENTIONS, SENTIMENT, judge, label_rows
from analysis.language import ParsedArticle
from analysis.lexicon import compound
from analysis.tables import SENTIMENTS
from analysis.voices import find_voices

PROBABILITIES = [f"p_{label}" for label in SENTIMENTS]


def classify_targets(texts: Sequence[str], spans: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Classify the sentiment that each text expresses toward a target marked in it.

    The model learned from NewsMTSC (Hamborg & Donnay, EACL 2021); `models/sentences.md` says how, and how well it does.

    Parameters
    ----------
    texts : sequence of str
        A sentence or so each. One that comes again is read once.
    spans : sequence of (int, int)
        Offsets of the target in each text.

    Returns
    -------
    DataFrame
        A row a text: p_negative, p_neutral, p_positive (sum 1), label (the most probable). Of a target that covers no word
        nothing is said: neutral.
    """
    return label_rows(judge(SENTIMENT, list(texts), list(spans)), SENTIMENTS)


def find_sentiments(parsed: ParsedArticle, mentions: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Find the sentiment toward each mentioned actor: the table `sentiments`.

    Mentions of one actor in one sentence share the mean of their probabilities, or of those of the first `MAX_MENTIONS`.

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
    sentences = parsed.sentences.iloc[mentions["sentence"]]
    texts, begin = sentences["text"].tolist(), sentences["start"].to_numpy()
    places = np.stack([mentions["start"] - begin, mentions["end"] - begin], axis=1)
    together = [mentions["sentence"].to_numpy(), mentions["actor"].to_numpy()]
    read = np.flatnonzero(mentions.groupby(together).cumcount() < MAX_MENTIONS)
    found = classify_targets([texts[n] for n in read], places[read].tolist())[PROBABILITIES]
    shared = found.set_axis(read).reindex(range(len(mentions))).groupby(together).transform("mean")
    compounds = {text: compound(text) for text in set(texts)}
    rows = mentions.assign(voice=find_voices(quotes, mentions["start"]), lexicon=[compounds[text] for text in texts])
    return tables.conform("sentiments", rows.reset_index(drop=True).join(label_rows(shared.to_numpy(), SENTIMENTS)))
