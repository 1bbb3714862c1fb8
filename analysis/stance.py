"""Who supports, or opposes, whom: what a sentence says of two actors, or its speaker of somebody in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations, islice
from operator import attrgetter, itemgetter
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import tables
from analysis.events import Event, find_events
from analysis.judgement import DIRECTIONS, MAX_MENTIONS, STANCE, judge, label_rows
from analysis.language import ParsedArticle
from analysis.tables import STANCES
from analysis.voices import SPEAKERS_JOINT, innermost_quote, speakers_of

MAX_ACTORS = 12  # in one sentence: what has more is a list
_SAID = "{speaker} said: "
_FOR_OR_AGAINST = re.compile(r"\b(?:anti|pro)[-‐‑–]\Z", re.IGNORECASE)
_START = attrgetter("start")
_APART = re.compile(r"(?!and\b|or\b)\b\w+")  # a word between two names by which they are no list
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
    """A sentence's text, its offset, the mentions in it that are read (rows of `mentions`), and how often it names each of all actors."""

    text: str
    start: int
    few: list
    present: Counter[str]


class _Named(NamedTuple):
    """A mention of an actor, or an event, which has no number: what it is called, its offsets, and the attribution that holds it."""

    name: str
    mention: int | None
    start: int
    end: int
    quote: int | None


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
    mentioned = list(mentions.assign(quote=innermost_quote(quotes, mentions["start"]).to_numpy()).itertuples())
    events = pd.DataFrame(find_events(parsed), columns=Event._fields)
    events = list(events.assign(quote=innermost_quote(quotes, events["start"]).to_numpy()).itertuples())
    voices = _voices(mentions, quotes)
    sentences = _gather(parsed, _without_sides(parsed.article.text, mentioned, events))
    queries = [*_pairs(sentences, voices), *_toward_events(sentences, events, voices)]
    aside = _bystanders(parsed.article.text, sorted(mentioned, key=_START), quotes)
    found = classify_pairs([q.text for q in queries], [q.first_span for q in queries], [q.second_span for q in queries])
    actors = {m.mention: _Named(m.actor, m.mention, m.start, m.end, m.quote) for m in mentioned}
    named = [_Named(e.name, None, e.start, e.end, e.quote) for e in events]
    rows = []
    for query, p in zip(queries, found.itertuples(), strict=True):
        first, second = actors[query.first], actors[query.second] if query.event is None else named[query.event]
        if second.quote not in aside.get(first.mention, ()):
            rows.append(_stance(query.sentence, first, second, p.p_first_opposes, p.p_first_supports))
        if query.mutual and first.quote not in aside.get(second.mention, ()):
            rows.append(_stance(query.sentence, second, first, p.p_second_opposes, p.p_second_supports))
    rows = sorted(_clearest(rows), key=itemgetter("sentence", "holder_mention", "target_start", "target"))
    return tables.conform("stances", [row | {"article": parsed.article.article} for row in rows])


def _bystanders(text: str, mentions: list, quotes: pd.DataFrame) -> dict[int, set[int]]:
    """By mention the attributions whose source holds it beside the name of who speaks: of “Jan Berg, a former aide to Joe Biden”, Biden.

    He says nothing there. Those in one list with the speaker (“Berg, Holm and Ek”) do.
    """
    found: dict[int, set[int]] = {}
    speaking, behalf = speakers_of(quotes), dict(zip(quotes["quote"], quotes["on_behalf_of"], strict=True))
    sourced = quotes.dropna(subset=["source_start", "source_end"])
    for quote, start, end in zip(sourced["quote"], sourced["source_start"], sourced["source_end"], strict=True):
        within = mentions[bisect_left(mentions, start, key=_START) : bisect_left(mentions, end, key=_START)]
        inside = [mention for mention in within if mention.end <= end]
        named = {m.mention for m in inside if m.actor in speaking[quote] and m.actor_type == "person" and m.form == "name"}
        voices = {*speaking[quote], *behalf[quote].split(SPEAKERS_JOINT)}
        beside = [listed for listed in _lists(text, inside) if named.isdisjoint(m.mention for m in listed)] if named else []
        for mention in chain.from_iterable(beside):
            if mention.actor not in voices:
                found.setdefault(mention.mention, set()).add(quote)
    return found


def _lists(text: str, mentions: Iterable) -> list[list]:
    """Mentions in order, those together between which no word stands but “and” and “or”."""
    lists: list[list] = []
    for mention in mentions:
        if lists and not _APART.search(text, lists[-1][-1].end, mention.start):
            lists[-1].append(mention)
        else:
            lists.append([mention])
    return lists


def _without_sides(text: str, mentions: list, events: list) -> Iterator:
    """The mentions but for those that stand behind “anti-” or “pro-” in an event's own words."""
    for mention in mentions:
        behind = _FOR_OR_AGAINST.search(text, max(0, mention.start - len("anti-")), mention.start)
        if not (behind and any(start <= mention.start < end for start, end in (event.phrase for event in events))):
            yield mention


def _gather(parsed: ParsedArticle, mentions: Iterable) -> dict[int, _Sentence]:
    """The sentences of an article by number, each with its mentions that are read: the first of each of its first actors."""
    gathered = {row.sentence: _Sentence(row.text, row.start, [], Counter()) for row in parsed.sentences.itertuples()}
    for mention in mentions:
        _, _, few, present = gathered[mention.sentence]
        present[mention.actor] += 1
        if present[mention.actor] <= MAX_MENTIONS and mention.actor in islice(present, MAX_ACTORS):
            few.append(mention)
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


def _toward_events(sentences: dict[int, _Sentence], events: list, voices: _Voices) -> Iterator[_Query]:
    """What is to be read of actors and events: those who stand in the sentence but not in the event's own words, and its speakers."""
    for event in events:
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
    named: dict[str, list[tuple[int, int]]] = {}
    for actor, start, mention in zip(mentions["actor"], mentions["start"], mentions["mention"], strict=True):
        named.setdefault(actor, []).append((start, mention))
    speaking = speakers_of(quotes)
    return {
        quote: {s: min(named[s], key=lambda place: abs(place[0] - source))[1] for s in speaking[quote] if s in named}
        for quote, source in zip(quotes["quote"], quotes["source_start"], strict=True)
        if not pd.isna(source)
    }


def _stance(sentence: int, holder: _Named, target: _Named, p_oppose: float, p_support: float) -> dict:
    """A row of the table but for its article."""
    shares = (p_oppose, 1 - p_support - p_oppose, p_support)
    return {
        "sentence": sentence,
        "holder": holder.name,
        "target": target.name,
        "holder_mention": holder.mention,
        "target_mention": target.mention,
        "target_start": target.start,
        "target_end": target.end,
        "quote": target.quote,
        **dict(zip(("p_oppose", "p_neutral", "p_support"), shares, strict=True)),
        "label": STANCES[shares.index(max(shares))],
    }


def _clearest(rows: list[dict]) -> Iterable[dict]:
    """Of the stances of a holder toward a target in a sentence, the clearest."""
    clearest: dict[tuple, dict] = {}
    for row in sorted(rows, key=lambda row: max(row["p_oppose"], row["p_support"]), reverse=True):
        clearest.setdefault((row["sentence"], row["holder"], row["target"]), row)
    return clearest.values()
