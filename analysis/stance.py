"""Who supports, or opposes, whom: what a sentence says of two actors, or its speaker of somebody in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis import tables
from analysis.judgement import DIRECTIONS, judge, label_rows, rows_by_text
from analysis.language import ParsedArticle
from analysis.tables import STANCES
from analysis.voices import innermost_quote, speakers_of

MAX_MENTIONS = 3  # of one actor in one sentence, and
MAX_ACTORS = 24  # in one sentence: what has more is a list
_SAID = "{speaker} said: "
_PAIR = ["text", "first", "second", "first_span", "second_span", "mutual"]


def classify_pairs(texts: Sequence[str], first_spans: Sequence[tuple[int, int]], second_spans: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Classify the stance between two actors marked in each text.

    The model learned from DSE (Park, Pan & Joo, ACL Findings 2021); `models/sentences.md` says how, and how well it does. It says
    the same for both orders of the two.

    Parameters
    ----------
    texts : sequence of str
        A sentence or so each. One that comes again is read once.
    first_spans, second_spans : sequence of (int, int)
        Offsets of the two actors in each text.

    Returns
    -------
    DataFrame
        A row a text: a probability for each of `DIRECTIONS` (sum 1), as `p_neutral`, `p_first_supports` and so
        on, and label (the most probable). Where an actor covers no word, or the two stand too far apart to be read together,
        nothing is said: neutral.
    """
    rows, pairs = rows_by_text(texts), list(zip(first_spans, second_spans, strict=True))
    chances = np.zeros((len(pairs), len(DIRECTIONS)))
    judgements = judge(list(rows), [[]] * len(rows), [[pairs[row] for row in own] for own in rows.values()])
    for own, judgement in zip(rows.values(), judgements, strict=True):
        chances[own] = judgement.stance
    return label_rows(chances, DIRECTIONS)


def find_stances(parsed: ParsedArticle, mentions: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Find the stance of each actor toward each other in a sentence: the table `stances`.

    Whoever speaks a sentence takes a stance in it toward those whom his words name, too. Where the sentence does not name him, it is
    read as one that begins with “he said”, and nobody in it takes a stance toward him. Of several mentions of an actor, the pair
    counts that shows the clearest stance.

    Parameters
    ----------
    parsed : ParsedArticle
    mentions, quotes : DataFrame
        The article's tables.

    Returns
    -------
    DataFrame
    """
    mentions = mentions.assign(quote=innermost_quote(quotes, mentions["start"]).to_numpy())
    pairs = pd.DataFrame(_pairs(parsed, mentions, quotes), columns=_PAIR)
    if pairs.empty:
        return tables.conform("stances", [])
    pairs = pairs.join(classify_pairs(pairs["text"], pairs["first_span"], pairs["second_span"]))
    rows = pd.concat([_directed(pairs, "first", "second"), _directed(pairs[pairs["mutual"]], "second", "first")])
    of = mentions.set_index("mention")
    rows["holder"] = of["actor"].loc[rows["holder_mention"]].to_numpy()
    for column, name in (("target", "actor"), ("article", "article"), ("sentence", "sentence"), ("quote", "quote")):
        rows[column] = of[name].loc[rows["target_mention"]].to_numpy()
    clearest_first = (-rows[["p_oppose", "p_support"]].max(axis=1).to_numpy()).argsort(kind="stable")
    rows = rows.iloc[clearest_first].drop_duplicates(["sentence", "holder", "target"])
    return tables.conform("stances", rows.sort_values(["sentence", "holder_mention", "target_mention"]))


def _pairs(parsed: ParsedArticle, mentions: pd.DataFrame, quotes: pd.DataFrame) -> Iterator[tuple]:
    """What is to be read: a text, two mentions by number, their offsets in it, and whether the stance runs both ways."""
    for number, own in mentions.groupby("sentence", sort=True):
        text, begin = parsed.sentences.loc[number, ["text", "start"]]
        few = own[own.groupby("actor").cumcount() < MAX_MENTIONS]
        few = few[few["actor"].isin(few["actor"].unique()[:MAX_ACTORS])]
        spans = {row.mention: (row.start - begin, row.end - begin) for row in few.itertuples()}
        for one, other in combinations(few.itertuples(), 2):
            if one.actor != other.actor:
                yield text, one.mention, other.mention, spans[one.mention], spans[other.mention], True
        for quote, speaker, voice in _speakers_outside(own, mentions, quotes):
            prefix = _SAID.format(speaker=speaker)
            for mention in few.loc[few["quote"] == quote, "mention"]:
                start, end = spans[mention]
                yield prefix + text, voice, mention, (0, len(speaker)), (start + len(prefix), end + len(prefix)), False


def _speakers_outside(own: pd.DataFrame, mentions: pd.DataFrame, quotes: pd.DataFrame) -> Iterator[tuple[int, str, int]]:
    """The attributions in a sentence whose speaker it does not name: each with the speaker, and the mention of him next to the source."""
    speaking, sources = speakers_of(quotes), dict(zip(quotes["quote"], quotes["source_start"], strict=True))
    for quote in own["quote"].dropna().unique():
        for speaker in speaking[quote]:
            named = mentions[mentions["actor"] == speaker]
            if len(named) and speaker not in set(own["actor"]) and pd.notna(sources[quote]):
                yield quote, speaker, named["mention"].loc[(named["start"] - sources[quote]).abs().idxmin()]


def _directed(pairs: pd.DataFrame, holder: str, target: str) -> pd.DataFrame:
    support, oppose = pairs[f"p_{holder}_supports"], pairs[f"p_{holder}_opposes"]
    shares = pd.DataFrame({"p_oppose": oppose, "p_neutral": 1 - support - oppose, "p_support": support})
    return shares.assign(
        holder_mention=pairs[holder], target_mention=pairs[target], label=np.array(STANCES)[shares.to_numpy().argmax(axis=1)]
    )
