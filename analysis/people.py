"""People in a text: which names are persons', and which names are one person's."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, lru_cache

from spacy.tokens import Doc, Span

from analysis.codebook import ActorCodebook, ActorEntry
from analysis.codebook_schema import FOLDER, GIVEN_NAMES
from analysis.name_candidates import (
    POSSESSIVES,
    VOTES_OF_GIVEN_NAME,
    Actor,
    Candidate,
    Mention,
    country_named,
    generation_of,
    generations_of,
    is_place,
)
from analysis.schema import load

_FAMILY_NAME_FIRST = {"CHN", "KOR", "PRK", "TWN", "VNM", "HKG", "MAC", "KHM"}
_TITLE_GENDERS = dict.fromkeys(("mr", "mr.", "sir", "king", "prince", "lord"), "male") | dict.fromkeys(
    ("mrs", "mrs.", "ms", "ms.", "miss", "queen", "princess", "lady"), "female"
)
_NO_MEN = {"german", "human", "norman", "ottoman", "roman", "shaman"}
# Of a noun in apposition too (“Jo Ek, a mother of two”), beside all in “-man” and “-woman”.
_NOUN_GENDERS = _TITLE_GENDERS | {
    **dict.fromkeys("monsieur father brother son husband widower uncle nephew grandfather duke emperor monk".split(), "male"),
    **dict.fromkeys("madam madame dame mother sister daughter wife widow aunt niece grandmother duchess empress nun".split(), "female"),
}
# What a title in short stands for, which descriptions spell out (“the senator”).
_TITLES_IN_FULL = {
    "sen.": "senator", "rep.": "representative", "gov.": "governor", "lt. gov.": "lieutenant governor", "gen.": "general",
    "col.": "colonel", "capt.": "captain", "adm.": "admiral", "ceo": "chief executive", "prof.": "professor",
}  # fmt: skip
PAST = {"former", "ex", "retired", "onetime"}  # words before an office by which somebody holds it no more
_POSTNOMINALS = {"KC", "QC", "SC", "MP", "MEP", "MSP", "MLA", "CBE", "OBE", "MBE", "PhD", "MD", "Esq", "Esq."}
_ARABIC_ARTICLE = re.compile(r"(?:[Aa]l|[Ee]l)-(?=[A-Z])")
_INITIALS = re.compile(r"[A-Z]\.?|(?:[A-Z]\.){2,}|[A-Z]{2}")  # a word of a name: “W.”, “H.W.”, “HW”
_LONGEST_NAME = 8  # tokens
_HYPHENS = {"-", "‐", "‑"}
_TOKENS_OF_TITLE = re.compile(r"[^\s-]+|-")
_NO_NAMES = {"DATE", "TIME", "CARDINAL", "ORDINAL", "MONEY", "PERCENT", "QUANTITY"}
_PLACES = {"GPE", "LOC", "FAC"}

# By the token behind a title: the title's first token, and its words in lower case, without hyphens.
Titles = dict[int, tuple[int, str]]


def find_titles(doc: Doc, codebook: ActorCodebook) -> Titles:
    """Where a title ends: the token behind it, with the title's first token and its words in lower case, without hyphens."""
    ends = {}
    written = [t.text_with_ws.lower().replace("\n", " ") for t in doc]  # a line may end within a title
    longest = max((len(_TOKENS_OF_TITLE.findall(title)) for title in codebook.titles), default=0)
    # No title ends before a hyphen: “President-elect” goes on.
    for last in (at for at in range(1, len(doc) + 1) if at == len(doc) or doc[at].text not in _HYPHENS):
        for length in range(min(longest, last), 0, -1):
            words = "".join(written[last - length : last - 1]) + doc[last - 1].lower_
            # “Ministers Li and Chen”: a plural only where it is written as a title.
            singular = words.removesuffix("s") if doc[last - 1].is_title else words
            title = words if words in codebook.titles else singular
            if title in codebook.titles:
                ends[last] = (last - length, title.replace("-", " "))
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
    names = [_words(_full_name(c.span.text, c.entry)) for c in people]
    short = [c for c in people if not c.entry and (len(c.span) == 1 or any(_shortens(_words(c.span.text), name) for name in names))]
    actors: list[Actor] = []
    introduced: list[tuple[int, Actor]] = []
    mentions: dict[int, Mention] = {}

    def add(span: Span, actor: Actor) -> None:
        mentions[span.start] = Mention(span.start, span.end, "name", actor)
        if all(actor is not known for _, known in introduced):
            introduced.append((span.start, actor))

    for candidate in (c for c in people if c not in short):
        text = candidate.span.text
        actor = _known_person(text, actors, candidate.entry) or (None if candidate.entry else _officeholder(text, actors, codebook, on))
        actor = actor or _new_person(text, candidate.entry, actors)
        introduced.append((candidate.span.start, actor))
        add(candidate.span, actor)
    for mention in mentions.values():
        _note_descriptions(doc, mention, titles, codebook)
    for actor in actors:
        actor.votes.update(_votes_of_given_name(actor))
    for candidate in short:
        text = candidate.span.text
        actor = _short_name(candidate.span, introduced, titles) or _officeholder(text, actors, codebook, on)
        add(candidate.span, actor or _new_person(text, None, actors))
    # What the recogniser took for something else, or overlooked, is a person's if one of that name is known, or the namesake's (“Ek Jr.”).
    covered = {i for m in mentions.values() for i in range(m.first, m.last)} | {t.i for c in chosen if c.entry for t in c.span}
    for span in list(_repeated(doc, introduced, covered)):
        add(span, _short_name(span, introduced, titles) or _new_person(span.text, None, actors))
        covered.update(range(span.start, span.end))
    for candidate in chosen:
        if candidate.kind in ("organisation", "place") and not any(t.i in covered for t in candidate.span):
            actor = _officeholder(candidate.span.text, actors, codebook, on)
            if actor:
                add(candidate.span, actor)
    for mention in mentions.values():
        _note_descriptions(doc, mention, titles, codebook)
    return list(mentions.values())


def _people(doc: Doc, chosen: list[Candidate], titles: Titles) -> list[Candidate]:
    """The names of persons: those chosen, drawn out to their first word, and any name behind a title in the singular."""
    covered = {t.i: c for c in chosen for t in c.span}
    people = []
    for candidate in chosen:
        if candidate.kind == "person":
            start, end = candidate.span.start, candidate.span.end
            # “Ursula von der” is no whole name.
            while end < len(doc) and doc[end - 1].is_lower and doc[end].pos_ == "PROPN" and not (end in covered and covered[end].entry):
                end += 1
            while start and doc[start - 1].pos_ == "PROPN" and start not in titles and (start - 1) not in covered:
                start -= 1
            # The recogniser may take a title for a part of the name: the name begins behind the last one.
            start = max((e for e in range(start + 1, end) if e in titles and titles[e][0] >= start), default=start)
            people.append(Candidate(doc[start:end], "person", candidate.entry))
    found = {t.i for p in people for t in p.span}
    within = {i for end, (first, _) in titles.items() for i in range(first, end)}
    for start in (at for at in titles if doc[at - 1].tag_ not in ("NNS", "NNPS")):
        end = start
        while end < len(doc) and doc[end].pos_ == "PROPN" and end not in covered and end not in found and end not in within:
            if doc[end].ent_type_ in _NO_NAMES:
                break
            end += 1
        if end > start:
            people.append(Candidate(doc[start:end], "person"))
            found |= set(range(start, end))
    return sorted(people, key=lambda c: c.span.start)


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    """A text without hyphens, accents and case."""
    letters = unicodedata.normalize("NFD", text.replace("-", ""))
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    """The words of a name without “Jr.” and “KC”, each in its normal form."""
    words = tuple(_normal(word) for word in _without_letters_behind(name).split())
    return words[:-1] if generation_of(_without_letters_behind(name)) else words


def _shortens(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether words are the end of a longer name (“von der Leyen”), or the first one or two of it."""
    return len(words) < len(name) and (words == name[-len(words) :] or words in (name[:1], name[:2]))


def _full_name(text: str, entry: ActorEntry | None) -> str:
    """The codebook's name, or the text's in one line."""
    return entry.name if entry else _without_letters_behind(text)


def _without_letters_behind(name: str) -> str:
    """A name in one line, without the letters of honours and offices behind it (“Rachel Adeyemi KC”)."""
    words = name.split()
    while len(words) > 2 and words[-1] in _POSTNOMINALS:
        words.pop()
    return " ".join(words)


def _without_article(name: str) -> tuple[str, ...]:
    """A family name by itself and without its Arabic article: “Zamili” of “Hakim al-Zamili”; nothing where it has none."""
    last = name.split()[-1]
    bare = _ARABIC_ARTICLE.sub("", last)
    return (_normal(bare),) if bare != last and " " in name else ()


def _known_person(text: str, actors: list[Actor], entry: ActorEntry | None) -> Actor | None:
    """The actor of the same full name, where hyphens and middle names make no difference, but initials and generations that differ do."""
    name = _full_name(text, entry)
    words = _words(name)
    generations = _generations(text, entry)
    for actor in actors:
        own = _words(actor.name)
        alike = own == words or (len(own) > 1 and len(words) > 1 and own[0] == words[0] and own[-1] == words[-1])
        if alike and _fit(generations, actor.generations) and _initials_fit(name, actor.name):
            actor.generations |= generations
            if len(name) > len(actor.name) and not entry and "." not in name:
                actor.name = name
            return actor
    return None


def _generations(text: str, entry: ActorEntry | None) -> frozenset[str]:
    """What the codebook's forms end in, or the text's name does: nothing where that has no “Jr.”, which a text may leave out."""
    return generations_of(entry) if entry else frozenset({generation_of(_without_letters_behind(text))} - {""})


def _fit(generations: frozenset[str], others: frozenset[str]) -> bool:
    """Whether names of these generations may be one person's: where both are known, they share one."""
    return not generations or not others or bool(generations & others)


def _initials_fit(name: str, other: str) -> bool:
    """Whether of two names' middle initials, where both have some, the ones begin as the others do (“H.” and “H.W.”, but not “W.”)."""
    own, others = _middle_initials(name), _middle_initials(other)
    return own.startswith(others) or others.startswith(own)


def _middle_initials(name: str) -> str:
    return "".join(word.replace(".", "") for word in name.split()[1:-1] if _INITIALS.fullmatch(word))


def _new_person(text: str, entry: ActorEntry | None, actors: list[Actor]) -> Actor:
    name = _full_name(text, entry)
    actor = Actor(name, "person", entry.country if entry else None, entry.role if entry else None, entry.gender if entry else None)
    actor.generations = _generations(text, entry)
    actors.append(actor)
    return actor


def _short_name(span: Span, introduced: list[tuple[int, Actor]], titles: Titles) -> Actor | None:
    """Whose name begins or ends with these words: of several, the one last introduced before them, one of fitting gender first."""
    words = _words(span.text)
    generations = _generations(span.text, None)
    fits = []
    for at, actor in (known for known in introduced if _fit(generations, known[1].generations)):
        name = _words(actor.name)
        if words == name or _shortens(words, name) or words == _without_article(actor.name):
            family = words == (name[:1] if actor.country in _FAMILY_NAME_FIRST else name[-len(words) :])
            fits.append((_gender_fits(span, actor, titles), family, at <= span.start, at, actor))
    return max(fits, key=lambda f: f[:4])[-1] if fits else None


def _repeated(doc: Doc, introduced: list[tuple[int, Actor]], covered: set[int]) -> Iterator[Span]:
    """The words, not yet covered, that repeat or shorten the name of a known person, whatever entity they were taken for."""
    names = [_words(actor.name) for _, actor in introduced]
    forms = {form for name in names for at in range(len(name)) for form in (name[at:], name[:1], name[:2])}
    forms |= {bare for _, actor in introduced if (bare := _without_article(actor.name))}
    beginnings = {form[0][:length] for form in forms for length in range(1, len(form[0]) + 1)}  # a token may be but a part of a word
    texts = [token.text for token in doc]
    entities = {token.i: entity for entity in doc.ents for token in entity}
    end = 0
    for start in (at for at, text in enumerate(texts) if text[0].isalpha() and at not in covered and _normal(text) in beginnings):
        # A word is capitalised, or the second half of one (“Hye-jin”).
        words = range(start, min(start + _LONGEST_NAME, len(texts)))
        ends = [at + 1 for at in words if texts[at][0].isupper() or (at > start and texts[at - 1] in _HYPHENS)]
        for span in (doc[start:last] for last in reversed(ends) if start >= end):
            if _words(span.text) in forms and not any(t.i in covered for t in span) and _may_name_person(span, entities.get(span.start)):
                yield span
                end = span.end
                break


def _may_name_person(span: Span, entity: Span | None) -> bool:
    """Neither a part of a longer name (“the Jackson Foundation”, “Lee County”) nor a place or a date; with the entity of its first word."""
    root, last = span.root, span[-1]
    within = entity if entity is not None and span.end <= entity.end else []
    if any(t.is_title and t.i not in range(span.start, span.end) and t.pos_ != "DET" for t in within):
        return False
    if root.dep_ == "compound" and root.head.pos_ == "PROPN" and root.head.i >= span.end:
        return False
    in_state = any(c.dep_ == "appos" and c.ent_type_ == "GPE" for c in root.children)
    if last.ent_type_ in _NO_NAMES or (last.ent_type_ in _PLACES and (in_state or is_place(root))):
        return False
    # The parser knows hardly any name with a hyphen for one.
    return bool(last.ent_type_) or any(token.pos_ == "PROPN" or token.text in _HYPHENS for token in span)


def _gender_fits(span: Span, actor: Actor, titles: Titles) -> bool:
    gender = _TITLE_GENDERS.get(titles.get(span.start, (0, ""))[1])
    return gender is None or actor.likely_gender in (None, gender)


def _officeholder(text: str, actors: list[Actor], codebook: ActorCodebook, on: date | None) -> Actor | None:
    """The one person of the codebook whose family name this is and who is, or was on that day, in office."""
    words = _words(text)
    generations = _generations(text, None)
    known = (e for e in _persons_by_word(codebook).get(words[-1], ()) if _fit(generations, generations_of(e)))
    fits = [e for e in known if _is_family_name(words, e) and _in_office(e, on)]
    if len({e.name for e in fits}) != 1:
        return None
    return _known_person(fits[0].name, actors, fits[0]) or _new_person(fits[0].name, fits[0], actors)


@lru_cache(maxsize=8)
def _persons_by_word(codebook: ActorCodebook) -> dict[str, list[ActorEntry]]:
    """The codebook's persons by each word of their names."""
    found = defaultdict(list)
    for entry in codebook.entries:
        for word in set(_words(entry.name)) if entry.type == "person" else ():
            found[word].append(entry)
    return found


def _is_family_name(words: tuple[str, ...], entry: ActorEntry) -> bool:
    name = _words(entry.name)
    return words == (name[:1] if entry.country in _FAMILY_NAME_FIRST else name[max(1, len(name) - len(words)) :])


def _in_office(entry: ActorEntry, on: date | None) -> bool:
    if on is None:
        return entry.until is None
    return (entry.since is None or entry.since <= on) and (entry.until is None or on <= entry.until)


@cache
def _given_names() -> dict[str, str]:
    """The gender of those who bear a given name, where they are nearly always of one."""
    names = load(FOLDER / "given_names.yaml", GIVEN_NAMES)
    return {_normal(name): gender for gender, own in names.items() for name in own}


def _votes_of_given_name(actor: Actor) -> dict[str, int]:
    """By the first word, or what it begins with (“Ann-Marie”), or a last one with a hyphen (“Park Geun-hye”).

    A name of one word is hardly a given one.
    """
    first, *others = actor.name.split()
    given = [first, first.partition("-")[0]] if others and actor.country not in _FAMILY_NAME_FIRST else []
    given += [word for word in others[-1:] if "-" in word]
    genders = [_given_names()[_normal(word)] for word in given if _normal(word) in _given_names()]
    return dict.fromkeys(genders[:1], VOTES_OF_GIVEN_NAME)


def _note_descriptions(doc: Doc, mention: Mention, titles: Titles, codebook: ActorCodebook) -> None:
    """Learn a person's role, gender and country from the title before the name, and the gender from a noun in apposition to it."""
    actor = mention.actor
    root = doc[mention.first : mention.last].root
    beside = [c for c in root.children if c.dep_ == "appos"] + ([root.head] if root.dep_ == "appos" else [])
    genders = (gender_of_noun(noun.lower_) for noun in beside if noun.pos_ == "NOUN")
    actor.gender = actor.gender or next(filter(None, genders), None)
    if mention.first not in titles:
        return
    first, title = titles[mention.first]
    actor.gender = actor.gender or gender_of_noun(title.split()[-1])
    if title not in _TITLE_GENDERS:
        past = "former " if first and doc[first - 1].lower_ in PAST else ""
        actor.role = actor.role or past + _TITLES_IN_FULL.get(title, title)
    before = doc[max(0, first - 4) : first]
    actor.country = actor.country or _country_before(before, codebook)


def gender_of_noun(noun: str) -> str | None:
    """The gender of whom a noun in lower case denotes, where it tells one (“spokeswoman”, “father”)."""
    if noun.endswith("man") and noun not in _NO_MEN:
        return "female" if noun.endswith("woman") else "male"
    return _NOUN_GENDERS.get(noun)


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
