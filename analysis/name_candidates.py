"""Candidates for names: what the codebook knows, and what spaCy's entity recogniser finds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import takewhile

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span, Token
from spacy.util import filter_spans

from analysis.codebook import ActorCodebook, ActorEntry
from analysis.language import load_model
from analysis.parts import AGENCIES

COUNTRY_KINDS = {"country", "demonym", "people", "capital"}
_LETTERS = re.compile(r"(?=(?:.?[A-Z]){2})[A-Za-z0-9]{2,8}")  # of a name
MODIFIERS = {"amod", "compound", "nmod", "poss"}  # of a noun, before it
POSSESSIVES = ("'s", "’s", "'", "’")
_ENTITY_KINDS = {"PERSON": "person", "ORG": "organisation", "NORP": "group"}
# Places stand for whoever acts from them, unless the text only says where something happens.
_PLACE_PREPOSITIONS = {"in", "at", "near", "outside", "around", "across", "inside", "through", "throughout", "via"}
_MOTION = {
    "arrive", "come", "drive", "flee", "fly", "go", "head", "live", "move", "return", "sail", "stay", "tour", "travel", "trip", "visit",
}  # fmt: skip
# On a person's gender, where a pronoun has one or two.
VOTES_OF_GIVEN_NAME = 4
_GENERATIONS = {"jr", "sr", "ii", "iii"}  # behind names that fathers and sons share
# Entities of these kinds swallow the country names within them (“the Bank of China”, “the South China Sea”).
SWALLOWING = {"PERSON", "ORG", "FAC", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW"}
# A descriptor right before a name says that it is no person's, whatever the recogniser took it for.
ORGANISATION_NOUNS = {
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
    """Somebody whom a document names, and what it has said of them so far.

    Their gender is known from the codebook, a title or a description; else the given name and the pronouns taken for theirs are votes.
    A person's `generations` are what the name may end in (“jr”), "" for nothing; there is none where the document does not tell.
    """

    name: str
    type: str
    country: str | None = None
    role: str | None = None
    gender: str | None = None
    number: str = "singular"
    votes: Counter[str] = field(default_factory=Counter)
    generations: frozenset[str] = frozenset()

    @property
    def likely_gender(self) -> str | None:
        """The gender that is known, or that has most votes."""
        leading = [gender for gender, votes in self.votes.items() if 2 * votes > self.votes.total()]
        return self.gender or next(iter(leading), None)


@dataclass(frozen=True)
class Mention:
    """Tokens `first` to `last` (exclusive) of a document, and the actor they refer to."""

    first: int
    last: int
    form: str
    actor: Actor


@dataclass(frozen=True)
class Candidate:
    """Words that may name an actor: what kind of name, the codebook's entry if it knows them, and whether they name a place too."""

    span: Span
    kind: str
    entry: ActorEntry | None = None
    place: bool = False
    name: str | None = None  # in full, where the words are its letters


# By a form: the kinds of name that it is, and the entries whose name it is, in the codebook's order.
Forms = dict[str, list[tuple[str, ActorEntry]]]


def find_candidates(doc: Doc, codebook: ActorCodebook) -> list[Candidate]:
    """Words that may name an actor, in order and disjoint."""
    chosen = _choose(codebook_candidates(doc, codebook), [*_entity_candidates(doc), *_organisations_overlooked(doc)])
    return _with_letters(doc, _unmask_companies(chosen))


@lru_cache(maxsize=8)
def _matcher(codebook: ActorCodebook) -> tuple[PhraseMatcher, Forms]:
    nlp = load_model()
    forms: Forms = {}
    for entry in codebook.entries:
        kinds = {
            entry.type: (entry.name, *entry.aliases),
            "demonym": entry.demonyms,
            "people": entry.people,
            "capital": (*([entry.capital] if entry.capital else []), *entry.metonyms),
        }
        for kind, texts in kinds.items():
            for text in texts:
                if all(entry is not known for _, known in forms.get(text, ())):
                    forms.setdefault(text, []).append((kind, entry))
    matcher = PhraseMatcher(nlp.vocab, attr="ORTH")
    matcher.add("actor", [nlp.make_doc(text) for text in forms])
    return matcher, forms


def codebook_candidates(words: Doc | Span, codebook: ActorCodebook) -> list[Candidate]:
    """What the codebook knows.

    A form that is ambiguous counts where the text names its actor by another form too. One that several actors share is that actor's
    whom the text names so, or else the first one's; of several named so, it is theirs whose name it is rather than theirs whose seat it
    is (“Brussels”: the European Union, then Belgium).
    """
    matcher, forms = _matcher(codebook)
    matched = [s for s in filter_spans(matcher(words, as_spans=True)) if s.text in forms]
    spans = [s for s in matched if not _is_common_noun(s) and not _is_newer(s) and not _is_relative(s, forms)]
    certain = {forms[s.text][0][1].name for s in spans if s.text not in codebook.ambiguous and len(forms[s.text]) == 1}
    found = []
    for span in spans:
        named = sorted((f for f in forms[span.text] if f[1].name in certain), key=lambda form: form[0] == "capital")
        meant = named or ([] if span.text in codebook.ambiguous else forms[span.text])
        if meant:
            found.append(Candidate(span, *meant[0], place=any(kind == "capital" for kind, _ in forms[span.text])))
    return found


def _is_common_noun(span: Span) -> bool:
    """“Labour costs”: a common noun, with a capital because it begins a sentence."""
    word = span.root
    return len(span) == 1 and bool(word.is_sent_start) and word.tag_ in ("NN", "NNS") and word.dep_ == "compound"


def _is_newer(span: Span) -> bool:
    """“New Mexico” and “New Jersey” are no Mexico and no Jersey."""
    return span[0].ent_iob_ == "I" and span[0].nbor(-1).text == "New"


def _is_relative(span: Span, forms: Forms) -> bool:
    """“Donald Trump Jr.” is not the codebook's Donald Trump, whom none of its forms calls a junior."""
    generation = generation_of(span.doc[span.start : span.end + 1].text)
    return bool(generation) and all(kind == "person" and generation not in generations_of(entry) for kind, entry in forms[span.text])


def generations_of(entry: ActorEntry) -> frozenset[str]:
    """The generations that a person's forms in the codebook end in, "" too."""
    return frozenset(generation_of(form) for form in (entry.name, *entry.aliases))


def generation_of(name: str) -> str:
    """What tells fathers from sons behind a name (“jr”); "" where nothing does."""
    words = name.casefold().split()
    last = words[-1].rstrip(".") if len(words) > 1 else ""
    return last if last in _GENERATIONS else ""


def _entity_candidates(doc: Doc) -> Iterator[Candidate]:
    for entity in doc.ents:
        if entity.label_ not in SWALLOWING | {"NORP"} or entity.root.pos_ == "PRON":
            continue
        span = _trim(entity)
        if span is None:
            continue
        kind = _ENTITY_KINDS.get(entity.label_, "place")
        if kind == "group":
            span = doc[_first_of_name(span) : span.end]
            if _is_member(span.root):
                continue
        if kind in ("person", "place"):
            end = span.end + (span.end < len(doc) and doc[span.end].text in _ORGANISATION_ENDINGS)
            described = span.start > 0 and doc[span.start - 1].lemma_.lower() in ORGANISATION_NOUNS
            if described or doc[end - 1].text in _ORGANISATION_ENDINGS:
                kind, span = "organisation", doc[span.start : end]
        yield Candidate(span, kind)


def _is_member(noun: Token) -> bool:
    """“The Wisconsin Republican said”: one of a group, and not the group."""
    is_one = noun.tag_ in ("NN", "NNP") and noun.dep_ in ("nsubj", "nsubjpass", "dobj", "pobj", "appos", "attr", "conj")
    return is_one and any(t.lower_ in ("the", "a", "an") for t in noun.lefts) and noun.lemma_.lower() != "opposition"


def _organisations_overlooked(doc: Doc) -> Iterator[Candidate]:
    """Proper nouns that end as organisations' names do (“Varda Metals”)."""
    for token in doc:
        if token.text in _ORGANISATION_ENDINGS and token.pos_ == "PROPN" and not token.ent_type_:
            span = doc[_first_of_name(doc[token.i : token.i + 1]) : token.i + 1]
            if len(span) > 1:
                yield Candidate(span, "organisation")


def _first_of_name(span: Span) -> int:
    """The first of the proper nouns before a name that the recogniser left out of it (“Liberal” of “Liberal Democrats”)."""
    start = span.start
    while start and (before := span.doc[start - 1]).tag_ in ("NNP", "NNPS") and not before.ent_type_:
        start -= 1
    return start


def _unmask_companies(chosen: list[Candidate]) -> list[Candidate]:
    """A “person” of one word that begins an organisation's name, and no person's, is the organisation (“Varda” of “Varda Metals”)."""
    beginnings = {kind: {c.span[0].text for c in chosen if c.kind == kind and len(c.span) > 1} for kind in ("organisation", "person")}
    masked = beginnings["organisation"] - beginnings["person"]
    return [
        replace(c, kind="organisation") if c.kind == "person" and not c.entry and len(c.span) == 1 and c.span.text in masked else c
        for c in chosen
    ]


def _with_letters(doc: Doc, chosen: list[Candidate]) -> list[Candidate]:
    """“The Rapid Support Forces (RSF)”: the letters in brackets name, there and elsewhere, what stands before them.

    Not those of a news agency, which say where a report is from, unless they are the name's initials.
    """
    meant: dict[str, Candidate] = {}
    for owner in (c for c in chosen if c.kind in ("organisation", "group") and len(c.span) > 1):
        match [t.text for t in doc[owner.span.end : owner.span.end + 3]]:
            case ["(", letters, ")"] if _LETTERS.fullmatch(letters):
                initials = "".join(t.text[0] for t in owner.span if t.text[0].isupper())
                if letters not in AGENCIES or letters == initials:
                    meant.setdefault(letters, owner)
    if not meant:
        return chosen
    named = {owner.span.text for owner in meant.values()}
    kept = [replace(c, kind="organisation") if c.span.text in named else c for c in chosen if c.span.text not in meant]
    covered = {t.i for c in kept for t in c.span}
    for token in doc:
        if token.text in meant and token.i not in covered:
            owner = meant[token.text]
            kept.append(Candidate(doc[token.i : token.i + 1], "organisation", owner.entry, name=" ".join(owner.span.text.split())))
    return sorted(kept, key=lambda c: c.span.start)


def _trim(span: Span) -> Span | None:
    """A name without article, possessive mark, preposition and punctuation at its ends, up to a colon (“JO EK: Mayor, …”) or a bracket."""
    tokens = list(takewhile(lambda token: token.text != ":" and (token.text != "(" or token.i == span.start), span))
    while tokens and (tokens[0].is_punct or tokens[0].is_space or tokens[0].pos_ == "DET"):
        tokens.pop(0)
    while tokens and (tokens[-1].is_punct or tokens[-1].is_space or tokens[-1].text in POSSESSIVES or tokens[-1].pos_ == "ADP"):
        tokens.pop()
    return span.doc[tokens[0].i : tokens[-1].i + 1] if tokens else None


def _choose(known: list[Candidate], entities: list[Candidate]) -> list[Candidate]:
    """Of candidates that overlap: the codebook's, except where an entity of another kind is longer and swallows it."""
    names = {t.i for k in known for t in k.span}
    swallowed = {
        id(k)
        for k in known
        for e in entities
        if e.span.start <= k.span.start and k.span.end <= e.span.end and len(e.span) > len(k.span) and _swallows(e, k, names)
    }
    kept = [k for k in known if id(k) not in swallowed]
    covered = {t.i for k in kept for t in k.span}
    kept += [e for e in entities if not any(t.i in covered for t in e.span)]
    return sorted(kept, key=lambda c: c.span.start)


def _swallows(entity: Candidate, known: Candidate, names: set[int]) -> bool:
    """Whether a known name is but a part of the longer name around it (“the Bank of China”, “the Labour Ministry”)."""
    if known.kind in COUNTRY_KINDS:
        return entity.kind != "group" and not _only_titles_around(entity, known)
    others = [t for t in entity.span if t.i not in names]
    return known.kind == "organisation" and entity.kind != "person" and any(t.tag_ in ("NNP", "NNPS") for t in others)


def _only_titles_around(entity: Candidate, known: Candidate) -> bool:
    """A person’s name may begin with a country (“US President Trump”), then no part of the name; of “Jordan Reed” it is one."""
    if entity.kind != "person" or known.span.start != entity.span.start:
        return False
    is_given_name = known.kind in ("country", "capital") and len(known.span) == 1 and not known.span.text.isupper()
    return not (is_given_name and len(entity.span) == 2)


def country_named(words: str, codebook: ActorCodebook) -> str | None:
    """The code of the country whose name or demonym this is, or what its government goes by (“the Kremlin”), but for its capital."""
    meant = _matcher(codebook)[1].get(words, ())
    return next((entry.country for kind, entry in meant if kind in ("country", "demonym") or words in entry.metonyms), None)


def is_place(token: Token) -> bool:
    """Whether a name only says where something happens, or where somebody goes."""
    preposition = token.head
    if token.dep_ == "dobj":
        return token.head.lemma_.lower() in _MOTION
    if token.dep_ != "pobj":
        return False
    return preposition.lower_ in _PLACE_PREPOSITIONS or preposition.head.lemma_.lower() in _MOTION
