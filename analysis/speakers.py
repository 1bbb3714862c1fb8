"""Speakers: which actor a source names, and whom that actor speaks for.

The source “China’s official news agency Xinhua” mentions China and Xinhua; its speaker is the one that governs the
others in the syntax, and speaks on behalf of the other, because an agency is somebody's. A source that mentions no
actor speaks for itself (“Twelve percent of voters”), “the ministry” for the one that was introduced before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spacy.tokens import Span, Token

from analysis.codebook import ActorCodebook
from analysis.name_candidates import country_named
from analysis.people import PAST
from analysis.voices import SPEAKERS_JOINT

_SUBJECTS = {"nsubj", "nsubjpass"}
_SPOKEN_TO = {
    "accuse", "advise", "ask", "assure", "blame", "condemn", "criticise", "criticize", "inform", "instruct", "order", "remind", "request",
    "tell", "urge", "warn",
}  # fmt: skip
_RELATIVE_TAGS = {"WDT", "WP"}
_FIRST_PERSON = {"i", "we", "me", "us", "my", "our"}
_LEADING = {"the", "a", "an"}
_TRAILING = " ,;:–—-"
_BEFORE = {"compound", "amod", "nmod"}
_DESCRIBING = {*_BEFORE, "poss", "prep", "appos", "acl", "relcl"}
_ASIDES = {"relcl", "acl", "appos"}
# “A spokesman for …”; an ambassador to France speaks for another country, an adviser to its president for him. “A court in Peru” is
# Peru's, but “American diplomats in China” are not China's.
_BELONGING, _PLACED = {"for", "of", "from"}, {"at", "in", "with"}
_ADVISERS = {"adviser", "advisor", "aide", "assistant", "counsel", "deputy"}
_NOT_INTRODUCING = {"no", "any", "every", "each", "other", "another", *PAST}
_REACH, _REACH_OF_A = 4, 1  # sentences that “the company” may go back to “China’s company”, and to “a Chinese company”
_COUNTRY_WORDS = 4
_BESIDE = 2  # words that may stand between a source and its cue (“Wi later also said”)


@dataclass(frozen=True)
class Speaker:
    """Who speaks, and whom they speak for: canonical names, several joined by “; ”, empty where nobody is named."""

    name: str
    on_behalf_of: str = ""


def speaker_of(
    source: Span | None,
    cue: Span | None,
    mentions: Sequence[NamedTuple],
    codebook: ActorCodebook,
    outer: Speaker | None = None,
) -> tuple[Speaker, Span | None]:
    """Name the speaker of an attribution.

    Parameters
    ----------
    source, cue : Span or None
        The tokens that name the source, and those that say that it spoke.
    mentions : sequence of named tuples
        The rows of the table `mentions`.
    codebook : ActorCodebook
        Which nouns denote representatives, and how countries are called.
    outer : Speaker, optional
        Who speaks where these words stand in a quotation: “I” and “we” are theirs.

    Returns
    -------
    speaker : Speaker
        Without a name where nobody is named, neither by the source nor by the subject of the cue, or only by a pronoun that goes back
        to nobody known.
    words : Span or None
        The tokens that say who speaks: those of the source, or else of the subject of the cue. None where there are none.
    """
    subject = subject_of(cue)
    if subject is not None and (source is None or _yields(source, subject, cue, mentions)):
        source = _phrase(subject)
    if source is not None and (_is_spoken_to(source, cue) or _is_patient(source, cue)):
        source = _agent(cue.root)
    if source is None:
        return Speaker(""), None
    if (noun := _described(source.root)) is not None:
        source = noun.doc[noun.left_edge.i : noun.i + 1]
    if outer is not None and is_first_person(source):
        return outer, source
    return _speaker_named(source, mentions, codebook), source


def is_first_person(source: Span) -> bool:
    """“I”, “we”, or what is ours: who speaks names nobody but themselves."""
    return source.root.lower_ in _FIRST_PERSON


def subject_of(cue: Span | None) -> Token | None:
    """The subject of a cue's verb, or of the verb that it is coordinated with (“promised … and has ordered …”); None where it has none.

    Where the two do not agree in number, the parser coordinated the cue with a verb too far inward (“Lee said that rallies do harm, and
    has ordered …”), and the subject is sought further out.
    """
    finite = verb = cue.root if cue is not None else None
    while verb is not None and verb.pos_ in ("VERB", "AUX"):
        subject = next((c for c in verb.children if c.dep_ in _SUBJECTS), None)
        if subject is not None and _agree(subject, finite):
            return None if subject.dep_ == "nsubjpass" else subject
        shared = ("conj", "xcomp") if subject is None else ("conj", "xcomp", "ccomp")
        verb = verb.head if verb.dep_ in shared else None
    return None


# ---------------------------------------------------------------- whose words


def _agree(subject: Token, verb: Token) -> bool:
    """Not “rallies … has”. The reverse is no error: “police say”, “the team have”."""
    return subject.tag_ != "NNS" or all(t.tag_ != "VBZ" for t in (verb, *verb.children) if t is verb or t.dep_ in ("aux", "auxpass"))


def _yields(source: Span, subject: Token, cue: Span, mentions: Sequence[NamedTuple]) -> bool:
    """Whether the subject speaks and not the source: a part of the subject's phrase, or nobody's name, apart from the cue."""
    if source.start <= subject.i < source.end or not _named(_phrase(subject), mentions):
        return False
    if subject.is_ancestor(source.root):
        return source.root not in subject.conjuncts
    beside = source.end + _BESIDE >= cue.start and cue.end + _BESIDE >= source.start
    return not (beside or source.root.is_ancestor(cue.root) or _named(source, mentions))


def _is_spoken_to(source: Span, cue: Span | None) -> bool:
    """“Asked whether …, the mayor laughed”: the subject of the clause beside a participle is whom it was done to.

    Not so where the participle is not the verb of speech (“quoted as saying”).
    """
    participle = cue.root if cue is not None else None
    if participle is None or participle.dep_ != "advcl" or participle.tag_ not in ("VBN", "VBD"):
        return False
    is_bare = not any(c.dep_ in (*_SUBJECTS, "aux", "auxpass") for c in participle.children)
    is_alone = not any(t.tag_ == "VBG" for t in cue)
    return is_bare and is_alone and any(c.dep_ in _SUBJECTS for c in participle.head.children if c in source)


def _is_patient(source: Span, cue: Span | None) -> bool:
    """“The jury was told that …”, “a minister who was accused of …”: of these verbs, the subject of a passive is spoken to, or of."""
    verb = cue.root if cue is not None else None
    if verb is None or verb.lemma_ not in _SPOKEN_TO or any(t.tag_ == "VBG" for t in cue):
        return False
    patient = next((c for c in verb.children if c.dep_ == "nsubjpass"), None)
    return patient is not None and (patient in source or source.root == (_described(patient) or patient))


def _agent(verb: Token) -> Span | None:
    """Who does what a passive verb says: “by reporters”."""
    return next((_phrase(noun) for by in verb.children if by.dep_ == "agent" for noun in by.children if noun.dep_ == "pobj"), None)


def _phrase(noun: Token) -> Span:
    return noun.doc[noun.left_edge.i : noun.right_edge.i + 1]


def _described(pronoun: Token) -> Token | None:
    """The noun that a relative pronoun stands for: the one that its clause describes. None for any other word."""
    if pronoun.tag_ not in _RELATIVE_TAGS:
        return None
    return next((t.head for t in pronoun.ancestors if t.dep_ == "relcl"), None)


def _introduction(noun: Token) -> Span | None:
    """“China’s foreign ministry”, where the noun is that of a later “the ministry”: the phrase that the definite one goes back to.

    It is the nearest one before of the same noun and number that says all that the definite phrase says, and more. One that
    introduces nobody (“no ministry”, “a former minister”) is passed over. A mention of one that nothing describes (“a ministry”), or
    that came with “a” too far back, leaves it in doubt.
    """
    own = _descriptions(noun)
    if noun.pos_ not in ("NOUN", "PROPN") or not _is_definite(noun) or any(c.i > noun.i and c.dep_ in _DESCRIBING for c in noun.children):
        return None
    sentences = [s.start for s in noun.doc.sents if s.start <= noun.i]
    farthest, farthest_of_a = (sentences[max(0, len(sentences) - 1 - reach)] for reach in (_REACH, _REACH_OF_A))
    for earlier in reversed(noun.doc[farthest : noun.i]):
        same = earlier.lemma_.lower() == noun.lemma_.lower() and earlier.morph.get("Number") == noun.morph.get("Number")
        words = {c.lower_ for c in earlier.lefts}
        if not same or earlier.dep_ in _BEFORE or words & _NOT_INTRODUCING:
            continue
        described = _descriptions(earlier)
        if described > own and (earlier.i >= farthest_of_a or not words & {"a", "an"}):
            return _phrase(earlier)
        if described >= own and not _is_definite(earlier):
            return None
    return None


def _descriptions(noun: Token) -> set[str]:
    return {c.lower_ for c in noun.children if c.dep_ in _DESCRIBING and c.pos_ != "PRON"}


def _is_definite(noun: Token) -> bool:
    return any(c.dep_ == "det" and c.lower_ in ("the", "this", "that", "these", "those") for c in noun.children)


# ---------------------------------------------------------------- names


def _speaker_named(source: Span, mentions: Sequence[NamedTuple], codebook: ActorCodebook) -> Speaker:
    """The speaker by the source's names, by those of the phrase that introduced it, or in its own words."""
    names = _named(source, mentions)
    if names in ([], [_own_words(source, mentions)]) and (introduction := _introduction(source.root)) is not None:
        source = introduction
        names = _named(source, mentions)
    if not names and source.root.tag_ == "PRP" and not is_first_person(source):
        return Speaker("")
    names = names or [_own_words(source, mentions)]
    heads = [noun for head in _coordinated(source) for noun in (head, *_appositions(head))]
    represented = _unique(name for head in heads for name in _represented(head, names, mentions, codebook))
    return Speaker(SPEAKERS_JOINT.join(names), SPEAKERS_JOINT.join(represented))


def _named(source: Span, mentions: Sequence[NamedTuple]) -> list[str]:
    """The actors whom a source names as speakers."""
    inside = [mention for mention in mentions if mention.start < source.end_char and mention.end > source.start_char]
    names = [
        name
        for head in _coordinated(source)
        for name in _actors_at(head, inside) or [name for same in _appositions(head) for name in _actors_at(same, inside)]
    ]
    return _unique(names) or _name_behind_description(source, inside)


def _coordinated(source: Span) -> list[Token]:
    """The token that governs a source, and those coordinated with it."""
    heads, queue = [], [source.root]
    while queue:
        token = queue.pop(0)
        heads.append(token)
        queue += [c for c in token.children if c.dep_ == "conj" and source.start <= c.i < source.end]
    return heads


def _appositions(token: Token) -> list[Token]:
    return [c for c in token.children if c.dep_ == "appos"]


def _mentioned_at(token: Token, mentions: Sequence[NamedTuple]) -> list[NamedTuple]:
    return [mention for mention in mentions if mention.start <= token.idx < mention.end]


def _actors_at(token: Token, mentions: Sequence[NamedTuple]) -> list[str]:
    return [mention.actor for mention in _mentioned_at(token, mentions)]


def _name_behind_description(source: Span, inside: Sequence[NamedTuple]) -> list[str]:
    """“China’s official news agency Xinhua”: the name that ends a source, where the parser did not see that it is the agency's."""
    names = [m for m in inside if m.form == "name" and m.actor_type in ("person", "organisation")]
    if not names:  # spaCy joins all words anew for its text
        return []
    text = source.doc.text
    last = [m for m in names if not text[m.end : source.end_char].strip(_TRAILING)]
    if any(t.dep_ == "prep" for t in source):
        # “A spokesman for Xinhua” is not Xinhua; “the mayor of Lima, Bo Mora,” is he.
        return [m.actor for m in last if m.actor_type == "person" and text[: m.start].rstrip().endswith(",")]
    return [m.actor for m in last]


def _own_words(source: Span, mentions: Sequence[NamedTuple]) -> str:
    """A source as a label: without article, asides (“the mayor, who had left,”), marks at its end and line breaks.

    “His office” is that of whom it names. Without “’s” too, where it goes with a noun outside (“the mayor’s” of “the mayor’s claim”) and
    is no part of a name (“Moody’s”).
    """
    asides = [c.left_edge.i for c in source.root.children if c.dep_ in _ASIDES and source.root.i < c.left_edge.i < source.end]
    words = source.doc[source.start : min((i for i in asides if source.doc[i - 1].text == ","), default=source.end)]
    if len(words) > 1 and words[0].lower_ in _LEADING:
        words = words[1:]
    if len(words) > 1 and words[-1].tag_ == "POS" and source.root.dep_ == "poss":
        words = words[:-1]
    text = " ".join(words.text.split())
    owners = _actors_at(words[0], mentions) if len(words) > 1 and words[0].tag_ == "PRP$" else []
    if owners:
        text = f"{owners[0]}{'’' if owners[0].endswith('s') else '’s'} {text.partition(' ')[2]}"
    text = text.rstrip(_TRAILING) or text
    return text[:1].upper() + text[1:]


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


# ---------------------------------------------------------------- on whose behalf


def _represented(noun: Token, speakers: list[str], mentions: Sequence[NamedTuple], codebook: ActorCodebook) -> list[str]:
    """Whom a representative speaks for: the actors named as its principals, or else the institution that is its principal.

    Of an institution that is no actor (“a spokesman for the ministry”), it is whom that represents in turn, or its own words.
    """
    names = _principals_named(noun, speakers, mentions, codebook)
    principals = _principals(noun, codebook, _BELONGING | _PLACED) if not names else []
    for institution in (t for t in principals if t.lemma_.lower() in codebook.representatives):
        phrase = _introduction(institution) or _phrase(institution)
        names += _principals_named(phrase.root, speakers, mentions, codebook) or [_own_words(phrase, mentions)]
    return _unique(names)


def _principals_named(noun: Token, speakers: list[str], mentions: Sequence[NamedTuple], codebook: ActorCodebook) -> list[str]:
    """The actors named before a representative (“Chinese”, “Trump’s”, “White House”) or behind it after “for”, or else after “in”."""
    if not _offices(noun, codebook):
        return []
    for prepositions in (_BELONGING, _PLACED):
        places = sorted([*_premodified(noun), *_principals(noun, codebook, prepositions)], key=lambda t: t.i)
        words = [same for t in places for same in ((t,) if t is noun else (t, *t.conjuncts))]
        if names := _unique(name for t in words for name in _actors_named(t, mentions, codebook) if name not in speakers):
            return names
    return []


def _principals(noun: Token, codebook: ActorCodebook, prepositions: set[str]) -> list[Token]:
    """The owners of a representative, and the nouns behind these prepositions; none for a noun that denotes no representative."""
    offices = _offices(noun, codebook)
    owners = [c for t in _premodified(noun) for c in t.children if c.dep_ == "poss"] if offices else []
    return [*owners, *(o for office in offices for o in _objects(office, prepositions))]


def _offices(noun: Token, codebook: ActorCodebook) -> list[Token]:
    """The words of a noun and its title that denote a representative, unless somebody is one no longer."""
    words = _premodified(noun)
    return [] if any(t.lower_ in PAST for t in words) else [t for t in words if t.lemma_.lower() in codebook.representatives]


def _premodified(noun: Token) -> list[Token]:
    """A noun and the words before it that describe it, title and all, but not their owners."""
    words, queue = [], [noun]
    while queue:
        word = queue.pop()
        words.append(word)
        queue += [c for c in word.lefts if c.dep_ in _BEFORE]
    return sorted(words, key=lambda t: t.i)


def _objects(office: Token, prepositions: set[str]) -> Iterator[Token]:
    allowed = prepositions | {"to"} if office.lemma_.lower() in _ADVISERS else prepositions
    for preposition in office.rights:
        if preposition.dep_ == "prep" and preposition.lower_ in allowed:
            yield from (o for o in preposition.children if o.dep_ == "pobj")


def _actors_named(token: Token, mentions: Sequence[NamedTuple], codebook: ActorCodebook) -> list[str]:
    """The actors mentioned at a word, or else the country whose name ends with it: that of a title is no mention of its own."""
    mentioned = _mentioned_at(token, mentions)
    actors = [mention.actor for mention in mentioned]
    if any(mention.form in ("name", "pronoun") for mention in mentioned):
        return actors
    words = (token.doc[first : token.i + 1].text for first in range(max(token.sent.start, token.i + 1 - _COUNTRY_WORDS), token.i + 1))
    code = next(filter(None, (country_named(text, codebook) for text in words)), None)
    if code is None:
        return actors
    return [next(e.name for e in codebook.entries if e.type == "country" and e.country == code)]
