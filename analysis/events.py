"""Events and measures: what actors take sides on besides each other, found as noun phrases by their heads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import dropwhile, groupby, islice
from operator import attrgetter
from typing import NamedTuple

from spacy.tokens import Span

from analysis.codebook_schema import EVENTS, FOLDER
from analysis.language import ParsedArticle
from analysis.schema import load

MAX_EVENTS = 12  # in one sentence
# What may stand before a noun and points to one of its kind, but does not say of what kind it is
_POINTERS = {"DET", "PRON", "PUNCT", "SPACE"}
_POINTING = {"such", "other", "same", "own", "further", "more", "many", "several"}
_PREFIXES = ("anti-", "pro-", "non-", "pan-")  # before a name, which make no name


class Event(NamedTuple):
    """An event that a sentence names.

    Attributes
    ----------
    sentence : int
    name : str
        Its words without what points to it, in one spelling.
    start, end : int
        Offsets of the named words into the article, half-open.
    phrase : (int, int)
        Offsets of the whole noun phrase.
    """

    sentence: int
    name: str
    start: int
    end: int
    phrase: tuple[int, int]


def find_events(parsed: ParsedArticle) -> Iterator[Event]:
    """Find the noun phrases whose head is one of the codebook's nouns, and which say more of it than the noun alone.

    “The rally” names no event that a reader of a table would recognise; “anti-war rallies” does. What a preposition joins
    to the noun (“the war in the north”), and names of treaties and the like in capitals, are not seen. Of a sentence's events
    the first `MAX_EVENTS` count, each name once.

    Parameters
    ----------
    parsed : ParsedArticle

    Yields
    ------
    Event
    """
    for _, in_sentence in groupby(_list_events(parsed), key=attrgetter("sentence")):
        first_of_name: dict[str, Event] = {}
        for event in in_sentence:
            first_of_name.setdefault(event.name, event)
        yield from islice(first_of_name.values(), MAX_EVENTS)


def _list_events(parsed: ParsedArticle) -> Iterator[Event]:
    for chunk in parsed.doc.noun_chunks:
        if chunk.root.pos_ != "NOUN" or chunk.root.lemma_.lower() not in _nouns():
            continue
        named, sentence = _without_pointers(chunk), parsed.sentence_at(chunk.start_char)
        if sentence is not None and len(named) > 1:
            yield Event(sentence, _name(named), named.start_char, named.end_char, (chunk.start_char, chunk.end_char))


def _without_pointers(chunk: Span) -> Span:
    """“Such anti-war rallies” without “such”; “South Korea's plan” keeps whose plan it is."""
    words = list(dropwhile(lambda token: token.pos_ in _POINTERS or token.lower_ in _POINTING, chunk))
    return chunk.doc[words[0].i : chunk.end] if words else chunk[:0]


def _name(words: Span) -> str:
    """On one line, and “New tariffs” or “Anti-China rallies” at the head of a sentence as elsewhere."""
    name = " ".join(words.text.split())
    own = words[0].pos_ == "PROPN" and not name.lower().startswith(_PREFIXES)
    return name if own or words[0].is_upper else name[:1].lower() + name[1:]


@cache
def _nouns() -> frozenset[str]:
    return frozenset(noun.lower() for noun in load(FOLDER / "events.yaml", EVENTS)["events"])
