"""Names in a text: which people, countries, organisations and groups it names, and which names are one actor's.

A name is found by the codebook, by spaCy's entity recogniser, or behind a title (“national security adviser
Wi Sunglac”). Names that share their words are one actor within a document: “Lee” is whoever was last
introduced with a full name that begins or ends so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from spacy.tokens import Doc, Span, Token

from analysis.codebook import ActorCodebook, ActorEntry
from analysis.name_candidates import COUNTRY_KINDS, MODIFIERS, Actor, Candidate, Mention, codebook_candidates, find_candidates, is_place
from analysis.people import find_people, find_titles, tokens_of_titles

_TELLING_APART = {"relcl", "acl", "prep", "amod", "nummod"}  # words beside a noun by which it is only some of a people
_ARGUMENT_DEPS = {"nsubj", "nsubjpass", "dobj", "pobj", "dative", "agent", "conj", "appos", "attr", "poss", "ROOT"}


def find_names(doc: Doc, codebook: ActorCodebook, on: date | None = None) -> list[Mention]:
    """Find the mentions by name, in order; of names within names, the outer one.

    Parameters
    ----------
    doc : spacy.tokens.Doc
    codebook : ActorCodebook
    on : date, optional
        The day of publication, which decides who held an office. Without it, today's holders count.
    """
    chosen = find_candidates(doc, codebook)
    titles = find_titles(doc, codebook)
    mentions = find_people(doc, chosen, titles, codebook, on)
    taken = {i for m in mentions for i in range(m.first, m.last)} | tokens_of_titles(doc, mentions, titles)
    others = [c for c in chosen if c.kind not in ("person", "place") and not any(t.i in taken for t in c.span)]
    mentions += _resolve_countries(doc, [c for c in others if c.kind in COUNTRY_KINDS], codebook, taken)
    taken |= {i for m in mentions for i in range(m.first, m.last)}
    mentions += _resolve_others(doc, [c for c in others if c.kind not in COUNTRY_KINDS], codebook, taken)
    return sorted(mentions, key=lambda m: m.first)


def _resolve_countries(doc: Doc, candidates: list[Candidate], codebook: ActorCodebook, taken: set[int]) -> list[Mention]:
    actors: dict[str, Actor] = {}
    mentions = []
    for candidate in candidates:
        if _stands_for_country(candidate, codebook):
            actor = actors.setdefault(candidate.entry.name, _country_actor(candidate.entry))
            mentions.append(Mention(candidate.span.start, candidate.span.end, "name", actor))
    named = {c.entry.contrast: c.entry for c in candidates if c.entry.contrast}
    covered = taken | {t.i for c in candidates for t in c.span}
    for token in doc[1:]:
        entry = named.get(token.text)
        if entry and token.i not in covered and _stands_alone(token):
            actor = actors.setdefault(entry.name, _country_actor(entry))
            mentions.append(Mention(token.i, token.i + 1, "name", actor))
    return mentions


def _country_actor(entry: ActorEntry) -> Actor:
    return Actor(entry.name, "country", entry.country)


def _stands_alone(token: Token) -> bool:
    """“The North” names a country where no other name follows (“the North Sea”)."""
    following = token.nbor() if token.i + 1 < len(token.doc) else None
    return token.nbor(-1).lower_ == "the" and (following is None or following.pos_ not in ("PROPN", "NOUN", "ADJ"))


def _stands_for_country(candidate: Candidate, codebook: ActorCodebook) -> bool:
    """Whether the words stand for the country or its government (“Chinese sanctions”), not for a place or a kind (“Chinese food”)."""
    head = candidate.span.root
    if candidate.kind == "capital":
        return not is_place(head)
    if candidate.kind == "demonym":
        if head.head.lemma_.lower() in codebook.roles or head.head.lower_ in codebook.groups:
            return False
        if head.dep_ in MODIFIERS and head.head.i >= candidate.span.end:
            return any(t.lemma_.lower() in codebook.government_acts for t in _noun_phrase_words(head))
        return head.pos_ in ("NOUN", "PROPN", "ADJ") and head.dep_ in _ARGUMENT_DEPS
    if candidate.kind == "people":
        # “The Israelis delayed the water” is the state; “the Israelis who fled”, or “Israelis”, are people.
        told_apart = any(t.dep_ in _TELLING_APART for t in head.children)
        return any(t.lower_ == "the" for t in head.lefts) and head.dep_ in _ARGUMENT_DEPS and not told_apart
    return True


def _noun_phrase_words(modifier: Token) -> Iterator[Token]:
    """The nouns from a modifier to its head: “Chinese military flights” are flights, and military."""
    return (t for t in modifier.doc[modifier.i + 1 : modifier.head.i + 1] if t.pos_ in ("NOUN", "PROPN", "ADJ"))


def _resolve_others(doc: Doc, candidates: list[Candidate], codebook: ActorCodebook, taken: set[int]) -> list[Mention]:
    """Organisations and groups: the codebook's by their entry, others by their longest name or, behind “the”, its last word."""
    actors: list[Actor] = []
    mentions: list[Mention] = []
    for candidate in sorted(candidates, key=lambda c: (c.entry is None, -len(c.span))):
        head = candidate.span.root
        if (candidate.kind == "group" and head.pos_ not in ("NOUN", "PROPN")) or (candidate.place and is_place(head)):
            continue
        name = candidate.entry.name if candidate.entry else candidate.name or " ".join(candidate.span.text.split())
        if candidate.entry:
            actor = next((a for a in actors if name == a.name), None)
        else:
            actor = next((a for a in actors if _same_organisation(name, a.name)), None) or _organisation_ending(candidate.span, mentions)
        if actor is None:
            country = candidate.entry.country if candidate.entry else _country_within(candidate.span, codebook)
            number = "plural" if candidate.kind == "group" else "singular"
            actor = Actor(name, candidate.kind, country, number=number)
            actors.append(actor)
        mentions.append(Mention(candidate.span.start, candidate.span.end, "name", actor))
    covered = taken | {t.i for c in candidates for t in c.span}
    for token in doc:
        actor = _organisation_ending(doc[token.i : token.i + 1], mentions) if token.i not in covered else None
        if actor:
            mentions.append(Mention(token.i, token.i + 1, "name", actor))
    return mentions


def _organisation_ending(span: Span, mentions: list[Mention]) -> Actor | None:
    """“The Commission”: the one organisation named before with more words, of which this is the last."""
    doc, after = span.doc, span.end
    named_on = after < len(doc) and doc[after].pos_ == "PROPN"
    if len(span) > 1 or named_on or not span.start or doc[span.start - 1].lower_ != "the" or not span.text[:1].isupper():
        return None
    earlier = [m for m in mentions if m.last <= span.start and m.last - m.first > 1 and m.actor.type == "organisation"]
    fits = {id(m.actor): m.actor for m in earlier if doc[m.last - 1].text == span.text}
    return next(iter(fits.values())) if len(fits) == 1 else None


def _same_organisation(name: str, longer: str) -> bool:
    """Equal, the longer one's beginning (“Hanwha” of “Hanwha Ocean”), or its initials."""
    words, own = name.casefold().split(), longer.casefold().split()
    initials = "".join(w[0] for w in longer.split() if w[0].isupper())
    return words == own[: len(words)] or (name.isupper() and len(name) > 1 and name == initials)


def _country_within(span: Span, codebook: ActorCodebook) -> str | None:
    return next((c.entry.country for c in codebook_candidates(span, codebook) if c.kind in COUNTRY_KINDS), None)
