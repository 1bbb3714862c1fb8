"""Candidates for names: what the codebook knows, and what spaCy's entity recogniser finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from analysis.codebook import ActorCodebook, ActorEntry
from analysis.language import load_model

COUNTRY_KINDS = {"country", "demonym", "people", "capital"}
POSSESSIVES = ("'s", "’s", "'", "’")
_ENTITY_KINDS = {"PERSON": "person", "ORG": "organisation", "NORP": "group"}
# Entities of these kinds swallow the country names within them (“the Bank of China”, “the South China Sea”).
_SWALLOWING = {"PERSON", "ORG", "FAC", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW"}
# A descriptor right before a name says that it is no person's, whatever the recogniser took it for.
_ORGANISATION_NOUNS = {
    "agency", "airline", "automaker", "bank", "builder", "carmaker", "chain", "chipmaker", "company", "conglomerate", "contractor",
    "developer", "firm", "giant", "group", "maker", "manufacturer", "ministry", "network", "newspaper", "operator", "party", "producer",
    "publisher", "retailer", "shipbuilder", "startup", "steelmaker", "subsidiary", "supplier", "university",
}  # fmt: skip
_ORGANISATION_ENDINGS = {
    "Agency", "Airlines", "Airways", "Association", "Bank", "Capital", "Commission", "Committee", "Corp", "Corp.", "Corporation", "Council",
    "Electronics", "Energy", "Foundation", "Group", "Holdings", "Inc", "Inc.", "Industries", "Institute", "Limited", "Ltd", "Ltd.", "Media",
    "Metals", "Mining", "Motors", "Oil", "Partners", "Party", "Pharmaceuticals", "Steel", "Systems", "Technologies", "Union", "University",
}  # fmt: skip


@dataclass(eq=False)
class Actor:
    """Somebody whom a document names, and what it has said of them so far."""

    name: str
    type: str
    country: str | None = None
    role: str | None = None
    gender: str | None = None
    number: str = "singular"


@dataclass(frozen=True)
class Mention:
    """Tokens `first` to `last` (exclusive) of a document, and the actor they refer to."""

    first: int
    last: int
    form: str
    actor: Actor


@dataclass(frozen=True)
class Candidate:
    """Words that may name an actor: what kind of name they are, and the codebook's entry if it knows them."""

    span: Span
    kind: str
    entry: ActorEntry | None = None


def find_candidates(doc: Doc, codebook: ActorCodebook) -> list[Candidate]:
    """Words that may name an actor, in order and disjoint."""
    return _unmask_companies(_choose(codebook_candidates(doc, codebook), list(_entity_candidates(doc))))


@lru_cache(maxsize=8)
def _matcher(codebook: ActorCodebook) -> tuple[PhraseMatcher, dict[str, tuple[str, ActorEntry]]]:
    nlp = load_model()
    forms: dict[str, tuple[str, ActorEntry]] = {}
    for entry in codebook.entries:
        kinds = {
            entry.type: (entry.name, *entry.aliases),
            "demonym": entry.demonyms,
            "people": entry.people,
            "capital": (*([entry.capital] if entry.capital else []), *entry.metonyms),
        }
        for kind, texts in kinds.items():
            for text in texts:
                forms.setdefault(text, (kind, entry))
    matcher = PhraseMatcher(nlp.vocab, attr="ORTH")
    matcher.add("actor", [nlp.make_doc(text) for text in forms])
    return matcher, forms


def codebook_candidates(words: Doc | Span, codebook: ActorCodebook) -> list[Candidate]:
    """What the codebook knows; a form that is ambiguous counts where the text names its actor by another form too."""
    matcher, forms = _matcher(codebook)
    found = [Candidate(span, *forms[span.text]) for span in filter_spans(matcher(words, as_spans=True)) if span.text in forms]
    certain = {c.entry.name for c in found if c.span.text not in codebook.ambiguous}
    return [c for c in found if c.span.text not in codebook.ambiguous or c.entry.name in certain]


def _entity_candidates(doc: Doc) -> Iterator[Candidate]:
    for entity in doc.ents:
        if entity.label_ not in _SWALLOWING | {"NORP"}:
            continue
        span = _trim(entity)
        if span is None:
            continue
        kind = _ENTITY_KINDS.get(entity.label_, "place")
        if kind in ("person", "place"):
            end = span.end + (span.end < len(doc) and doc[span.end].text in _ORGANISATION_ENDINGS)
            described = span.start > 0 and doc[span.start - 1].lemma_.lower() in _ORGANISATION_NOUNS
            if described or doc[end - 1].text in _ORGANISATION_ENDINGS:
                kind, span = "organisation", doc[span.start : end]
        yield Candidate(span, kind)


def _unmask_companies(chosen: list[Candidate]) -> list[Candidate]:
    """A “person” of one word that begins an organisation's name, and no person's, is the organisation (“Varda” of “Varda Metals”)."""
    beginnings = {kind: {c.span[0].text for c in chosen if c.kind == kind and len(c.span) > 1} for kind in ("organisation", "person")}
    masked = beginnings["organisation"] - beginnings["person"]
    return [
        replace(c, kind="organisation") if c.kind == "person" and not c.entry and len(c.span) == 1 and c.span.text in masked else c
        for c in chosen
    ]


def _trim(span: Span) -> Span | None:
    """A name without article, possessive mark, loose preposition and punctuation at its ends."""
    tokens = list(span)
    while tokens and (tokens[0].is_punct or tokens[0].is_space or tokens[0].pos_ == "DET"):
        tokens.pop(0)
    while tokens and (tokens[-1].is_punct or tokens[-1].is_space or tokens[-1].text in POSSESSIVES or tokens[-1].pos_ == "ADP"):
        tokens.pop()
    return span.doc[tokens[0].i : tokens[-1].i + 1] if tokens else None


def _choose(known: list[Candidate], entities: list[Candidate]) -> list[Candidate]:
    """Of candidates that overlap: the codebook's, except where an entity of another kind is longer and swallows it."""
    swallowed = {
        id(k)
        for k in known
        for e in entities
        if k.kind in COUNTRY_KINDS and e.kind != "group" and e.span.start <= k.span.start and k.span.end <= e.span.end
        and len(e.span) > len(k.span) and not _only_titles_around(e, k)
    }  # fmt: skip
    kept = [k for k in known if id(k) not in swallowed]
    covered = {t.i for k in kept for t in k.span}
    kept += [e for e in entities if not any(t.i in covered for t in e.span)]
    return sorted(kept, key=lambda c: c.span.start)


def _only_titles_around(entity: Candidate, known: Candidate) -> bool:
    """A person's name may begin with a country (“US President Trump”); the country is then no part of the name."""
    return entity.kind == "person" and known.span.start == entity.span.start


def country_named(words: str, codebook: ActorCodebook) -> str | None:
    """The code of the country whose name or demonym this is."""
    kind, entry = _matcher(codebook)[1].get(words, ("", None))
    return entry.country if kind in ("country", "demonym") else None
