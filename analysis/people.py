"""People in a text: which names are persons', and which names are one person's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from spacy.tokens import Doc, Span

from analysis.candidates import POSSESSIVES, Actor, Candidate, Mention, country_named
from analysis.codebook import ActorCodebook, ActorEntry

_FAMILY_NAME_FIRST = {"CHN", "KOR", "PRK", "TWN", "VNM", "HKG", "MAC", "KHM"}
_TITLE_GENDERS = dict.fromkeys(("mr", "mr.", "sir", "king", "prince", "lord"), "male") | dict.fromkeys(
    ("mrs", "mrs.", "ms", "ms.", "miss", "queen", "princess", "lady"), "female"
)

# By the token behind a title: the title's first token, and its words in lower case.
Titles = dict[int, tuple[int, str]]


def find_titles(doc: Doc, codebook: ActorCodebook) -> Titles:
    """Where a title ends: the token behind it, with the title's first token and its words in lower case."""
    ends = {}
    lowered = [t.lower_ for t in doc]
    longest = max((len(title.split()) for title in codebook.titles), default=0)
    for last in range(1, len(doc) + 1):
        for length in range(min(longest, last), 0, -1):
            words = " ".join(lowered[last - length : last])
            if words in codebook.titles:
                ends[last] = (last - length, words)
                break
    return ends


def find_people(doc: Doc, chosen: list[Candidate], titles: Titles, codebook: ActorCodebook, on: date | None) -> list[Mention]:
    """The persons named: full names first, then each shorter one to the last full name that it fits, then names that stand alone elsewhere.

    Parameters
    ----------
    doc : spacy.tokens.Doc
    chosen : list of Candidate
    titles : Titles
    codebook : ActorCodebook
    on : date or None
        The day of publication; without it, those in office today count.
    """
    people = _people(doc, chosen, titles)
    actors: list[Actor] = []
    introduced: list[tuple[int, Actor]] = []
    mentions: dict[int, Mention] = {}

    def add(span: Span, actor: Actor) -> None:
        mentions[span.start] = Mention(span.start, span.end, "name", actor)

    for candidate in (c for c in people if len(c.span) > 1 or c.entry):
        actor = _known_person(candidate.span.text, actors, candidate.entry) or _new_person(candidate, actors)
        introduced.append((candidate.span.start, actor))
        add(candidate.span, actor)
    for candidate in (c for c in people if c.span.start not in mentions):
        actor = _short_name(candidate.span, introduced, titles) or _officeholder(candidate.span.text, actors, codebook, on)
        actor = actor or _new_person(candidate, actors)
        if all(actor is not known for _, known in introduced):
            introduced.append((candidate.span.start, actor))
        add(candidate.span, actor)
    # What the recogniser took for something else, or overlooked, is a person's if a person of that name is known.
    for candidate in chosen:
        if candidate.kind in ("organisation", "place") and candidate.entry is None and len(candidate.span) == 1:
            actor = _short_name(candidate.span, introduced, titles) or _officeholder(candidate.span.text, actors, codebook, on)
            if actor:
                add(candidate.span, actor)
    covered = {i for m in mentions.values() for i in range(m.first, m.last)} | {t.i for c in chosen for t in c.span}
    for token in doc:
        if token.i not in covered and token.pos_ == "PROPN" and not token.ent_type_:
            actor = _short_name(doc[token.i : token.i + 1], introduced, titles)
            if actor:
                add(doc[token.i : token.i + 1], actor)
    for mention in mentions.values():
        _note_title(doc, mention, titles, codebook)
    return list(mentions.values())


def _people(doc: Doc, chosen: list[Candidate], titles: Titles) -> list[Candidate]:
    """The names of persons: those chosen, drawn out to their first word, and any name behind a title."""
    covered = {t.i: c for c in chosen for t in c.span}
    people = []
    for candidate in chosen:
        if candidate.kind == "person":
            start, end = candidate.span.start, candidate.span.end
            while start and doc[start - 1].pos_ == "PROPN" and start not in titles and (start - 1) not in covered:
                start -= 1
            # The recogniser may take a title for a part of the name: the name begins behind the last one.
            start = max((e for e in range(start + 1, end) if e in titles and titles[e][0] >= start), default=start)
            people.append(Candidate(doc[start:end], "person", candidate.entry))
    found = {t.i for p in people for t in p.span}
    for start in titles:
        end = start
        while end < len(doc) and doc[end].pos_ == "PROPN" and end not in covered and end not in found and end + 1 not in titles:
            end += 1
        if end > start:
            people.append(Candidate(doc[start:end], "person"))
            found |= set(range(start, end))
    return sorted(people, key=lambda c: c.span.start)


def _normal(text: str) -> str:
    return text.replace("-", "").casefold()


def _known_person(text: str, actors: list[Actor], entry: ActorEntry | None) -> Actor | None:
    """The actor of the same full name, where hyphens, initials and middle names make no difference."""
    name = entry.name if entry else text
    words = [_normal(w) for w in name.split()]
    for actor in actors:
        own = [_normal(w) for w in actor.name.split()]
        if own == words or (len(own) > 1 and len(words) > 1 and own[0] == words[0] and own[-1] == words[-1]):
            if len(name) > len(actor.name) and not entry and "." not in name:
                actor.name = name
            return actor
    return None


def _new_person(candidate: Candidate, actors: list[Actor]) -> Actor:
    entry = candidate.entry
    name = entry.name if entry else " ".join(candidate.span.text.split())
    actor = Actor(name, "person", entry.country if entry else None, entry.role if entry else None, entry.gender if entry else None)
    actors.append(actor)
    return actor


def _short_name(span: Span, introduced: list[tuple[int, Actor]], titles: Titles) -> Actor | None:
    """Whose name begins or ends with these words: of several, the one last introduced before them, one of fitting gender first."""
    word = _normal(span.text)
    fits = []
    for at, actor in introduced:
        parts = [_normal(w) for w in actor.name.split()]
        if word in (parts[0], parts[-1]) or word == " ".join(parts[:2]):
            family = parts[0] if actor.country in _FAMILY_NAME_FIRST else parts[-1]
            fits.append((_gender_fits(span, actor, titles), word == family, at <= span.start, at, actor))
    return max(fits, key=lambda f: f[:4])[-1] if fits else None


def _gender_fits(span: Span, actor: Actor, titles: Titles) -> bool:
    gender = _TITLE_GENDERS.get(titles.get(span.start, (0, ""))[1])
    return gender is None or actor.gender in (None, gender)


def _officeholder(text: str, actors: list[Actor], codebook: ActorCodebook, on: date | None) -> Actor | None:
    """The one person of the codebook whose family name this is and who is, or was on that day, in office."""
    word = _normal(text)
    fits = [e for e in codebook.entries if e.type == "person" and _family_name(e) == word and _in_office(e, on)]
    if len({e.name for e in fits}) != 1:
        return None
    return _known_person(fits[0].name, actors, fits[0]) or _new_person(Candidate(None, "person", fits[0]), actors)


def _family_name(entry: ActorEntry) -> str:
    words = entry.name.split()
    return _normal(words[0] if entry.country in _FAMILY_NAME_FIRST else words[-1])


def _in_office(entry: ActorEntry, on: date | None) -> bool:
    if on is None:
        return entry.until is None
    return (entry.since is None or entry.since <= on) and (entry.until is None or on <= entry.until)


def _note_title(doc: Doc, mention: Mention, titles: Titles, codebook: ActorCodebook) -> None:
    """Learn a person's role, gender and country from the title before the name."""
    if mention.first not in titles:
        return
    first, title = titles[mention.first]
    actor = mention.actor
    actor.gender = actor.gender or _TITLE_GENDERS.get(title)
    if title not in _TITLE_GENDERS:
        actor.role = actor.role or title
    before = doc[max(0, first - 4) : first]
    actor.country = actor.country or _country_before(before, codebook)


def _country_before(span: Span, codebook: ActorCodebook) -> str | None:
    words = [t.text for t in span if t.text not in POSSESSIVES]
    return next(filter(None, (country_named(" ".join(words[at:]), codebook) for at in range(len(words)))), None)


def tokens_of_titles(doc: Doc, mentions: Iterable[Mention], titles: Titles) -> set[int]:
    """Tokens of the titles before names, and of the countries before the titles: they belong to the person."""
    inside = set()
    for mention in mentions:
        if mention.first in titles:
            first = titles[mention.first][0]
            while first and (doc[first - 1].ent_type_ in ("NORP", "GPE") or doc[first - 1].text in POSSESSIVES):
                first -= 1
            inside |= set(range(first, mention.first))
    return inside
