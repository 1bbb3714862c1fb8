"""Who supports, or opposes, whom: what a sentence says of two actors, or its speaker of somebody in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import tables
from analysis.events import Event, find_events
from analysis.judgement import DIRECTIONS, MAX_MENTIONS, STANCE, judge, label_rows
from analysis.language import ParsedArticle
from analysis.tables import STANCES
from analysis.voices import innermost_quote, speakers_of

MAX_ACTORS = 12  # in one sentence: what has more is a list
_SAID = "{speaker} said: "
_TARGET = ["target", "target_start", "target_end", "quote"]
_FOR_OR_AGAINST = re.compile(r"\b(?:anti|pro)[-‐‑–]\Z", re.IGNORECASE)
_Voices = dict[int, dict[str, int]]


class _Query(NamedTuple):
    """What is to be read: a sentence, a text, two mentions by number and their offsets in it, and whether the stance runs both ways.

    Where an event stands in the place of the second, it has a number.
    """

    sentence: int
    text: str
    first: int
    second: int | None
    first_span: tuple[int, int]
    second_span: tuple[int, int]
    mutual: bool
    event: int | None = None


class _Sentence(NamedTuple):
    """A sentence's text, its offset, the mentions in it that are read (rows of `mentions`), and all actors that it names."""

    text: str
    start: int
    few: list
    present: set[str]


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
    pairs = [(*first, *second) for first, second in zip(first_spans, second_spans, strict=True)]
    return label_rows(judge(STANCE, list(texts), pairs), DIRECTIONS)


def find_stances(parsed: ParsedArticle, mentions: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Find the stance of each actor toward each other in a sentence, and toward events in it: the table `stances`.

    Whoever speaks a sentence takes a stance in it toward those whom his words name, too. Where the sentence does not name him, it is
    read as one that begins with “he said”, and nobody in it takes a stance toward him. Of several mentions of two actors, those count
    that stand nearest to each other; of several attributions to a speaker, the one that shows the clearest stance. Whoever is named only
    for what an event is for or against (“anti-Chilean rallies”) is no target beside it: to condemn the rallies is not to oppose Chile.

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
    events = pd.DataFrame(find_events(parsed), columns=Event._fields)
    events["quote"] = innermost_quote(quotes, events["start"])
    voices = _voices(mentions, quotes)
    sentences = _gather(parsed, mentions[~_of_side(parsed.article.text, mentions, events)])
    queries = pd.DataFrame([*_pairs(sentences, voices), *_toward_events(sentences, events, voices)], columns=_Query._fields)
    if queries.empty:
        return tables.conform("stances", [])
    queries = queries.join(classify_pairs(queries["text"], queries["first_span"], queries["second_span"]))
    toward_actors, toward_event = queries[queries["event"].isna()], queries[queries["event"].notna()]
    mutual = toward_actors[toward_actors["mutual"]]
    actors = mentions.set_index("mention")[["actor", "start", "end", "quote"]].set_axis(_TARGET, axis=1)
    named = events[["name", "start", "end", "quote"]].set_axis(_TARGET, axis=1)
    between = pd.concat([_directed(toward_actors, "first", "second"), _directed(mutual, "second", "first")])
    rows = pd.concat([between.join(actors, on="target_mention"), _directed(toward_event, "first", "second").join(named, on="event")])
    rows = rows.assign(article=parsed.article.article, holder=actors["target"].loc[rows["holder_mention"]].to_numpy())
    clearest_first = (-rows[["p_oppose", "p_support"]].max(axis=1).to_numpy()).argsort(kind="stable")
    rows = rows.iloc[clearest_first].drop_duplicates(["sentence", "holder", "target"])
    return tables.conform("stances", rows.sort_values(["sentence", "holder_mention", "target_start", "target"]))


def _of_side(text: str, mentions: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """Which mentions stand behind “anti-” or “pro-” in an event's own words: a truth value a mention."""
    phrases = {sentence: list(own) for sentence, own in events.groupby("sentence")["phrase"]}

    def of_side(mention) -> bool:
        behind = _FOR_OR_AGAINST.search(text, max(0, mention.start - len("anti-")), mention.start)
        return bool(behind) and any(start <= mention.start < end for start, end in phrases.get(mention.sentence, ()))

    return np.array([of_side(mention) for mention in mentions.itertuples()], dtype=bool)


def _gather(parsed: ParsedArticle, mentions: pd.DataFrame) -> dict[int, _Sentence]:
    """The sentences of an article by number, each with its mentions that are read: the first of each of its first actors."""
    gathered = {row.sentence: _Sentence(row.text, row.start, [], set()) for row in parsed.sentences.itertuples()}
    for sentence, actor in zip(mentions["sentence"], mentions["actor"], strict=True):
        gathered[sentence].present.add(actor)
    of_actor = mentions.groupby(["sentence", "actor"], sort=False)
    number = of_actor.ngroup()
    rank = number - number.groupby(mentions["sentence"]).transform("min")
    for row in mentions[(of_actor.cumcount() < MAX_MENTIONS) & (rank < MAX_ACTORS)].itertuples():
        gathered[row.sentence].few.append(row)
    return gathered


def _pairs(sentences: dict[int, _Sentence], voices: _Voices) -> Iterator[_Query]:
    """What is to be read of two actors."""
    for number, (text, begin, few, present) in sentences.items():
        spans = {row.mention: (row.start - begin, row.end - begin) for row in few}
        for one, other in _nearest_mentions(few):
            yield _Query(number, text, one, other, spans[one], spans[other], True)
        said: dict[int, dict[str, int]] = {}
        for row in few:
            if not pd.isna(row.quote):
                said.setdefault(row.quote, {}).setdefault(row.actor, row.mention)
        for quote, named in said.items():
            for speaker, voice in voices.get(quote, {}).items():
                if speaker not in present:
                    yield from (_spoken(_Query(number, text, voice, m, (0, 0), spans[m], False), speaker) for m in named.values())


def _toward_events(sentences: dict[int, _Sentence], events: pd.DataFrame, voices: _Voices) -> Iterator[_Query]:
    """What is to be read of actors and events: those who stand in the sentence but not in the event's own words, and its speakers."""
    for event in events.itertuples():
        text, begin, few, present = sentences[event.sentence]
        span = (event.start - begin, event.end - begin)
        blank = _Query(event.sentence, text, -1, None, (0, 0), span, False, event.Index)
        nearest: dict[str, tuple] = {}
        for row in few:
            gap = _gap((row.start, row.end), event.phrase)
            if gap >= 0 and gap < nearest.get(row.actor, (np.inf,))[0]:
                nearest[row.actor] = (gap, blank._replace(first=row.mention, first_span=(row.start - begin, row.end - begin)))
        yield from (query for _, query in nearest.values())
        for speaker, voice in ({} if pd.isna(event.quote) else voices.get(event.quote, {})).items():
            if speaker not in present:
                yield _spoken(blank._replace(first=voice), speaker)


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Characters between two spans; less than nought where they overlap."""
    return max(one[0], other[0]) - min(one[1], other[1])


def _spoken(query: _Query, speaker: str) -> _Query:
    """The query, about a text that begins with its speaker."""
    prefix = _SAID.format(speaker=speaker)
    start, end = query.second_span
    spans = {"first_span": (0, len(speaker)), "second_span": (start + len(prefix), end + len(prefix))}
    return query._replace(text=prefix + query.text, **spans)


def _nearest_mentions(mentions: list) -> list[tuple[int, int]]:
    """Of each two actors the two mentions that stand nearest to each other, by number; those that share words only where no others do."""
    nearest: dict[frozenset, tuple] = {}
    for one, other in combinations(mentions, 2):
        if one.actor != other.actor:
            gap = _gap((one.start, one.end), (other.start, other.end))
            actors, found = frozenset((one.actor, other.actor)), (gap < 0, gap, one.mention, other.mention)
            nearest[actors] = min(nearest.get(actors, found), found)
    return [(one, other) for _, _, one, other in nearest.values()]


def _voices(mentions: pd.DataFrame, quotes: pd.DataFrame) -> _Voices:
    """Of each attribution whose source has a place the speakers, each with the mention of him next to the source."""
    named = {actor: own for actor, own in mentions.groupby("actor")}
    speaking = speakers_of(quotes)
    return {
        quote: {s: named[s]["mention"].loc[(named[s]["start"] - source).abs().idxmin()] for s in speaking[quote] if s in named}
        for quote, source in quotes.set_index("quote")["source_start"].dropna().items()
    }


def _directed(queries: pd.DataFrame, holder: str, target: str) -> pd.DataFrame:
    support, oppose = queries[f"p_{holder}_supports"], queries[f"p_{holder}_opposes"]
    shares = pd.DataFrame({"p_oppose": oppose, "p_neutral": 1 - support - oppose, "p_support": support})
    return (
        queries[["sentence", "event"]]
        .join(shares)
        .assign(
            holder_mention=queries[holder],
            target_mention=queries[target].astype("Int64"),
            label=np.array(STANCES)[shares.to_numpy().argmax(axis=1)],
        )
    )
