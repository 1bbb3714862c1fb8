"""References without a name: “he”, “its”, “the president”, “the two leaders”, “both sides”, “demonstrators”.

A pronoun goes back to the most salient earlier mention that agrees with it: subjects before objects, near before
far, as in Lappin & Leass (Computational Linguistics 20, 1994), reduced to what news needs. Words in quotation
marks are no antecedent for words outside them, nor are captions for the text. Whose gender nothing tells may be
“he” or “she”, but those of the fitting gender come first; whoever a pronoun is taken for gets a vote for its gender,
which later pronouns may outvote. What finds no antecedent stays unresolved rather than guessed.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from spacy.tokens import Doc, Token

from analysis.codebook import ActorCodebook
from analysis.name_candidates import (
    MODIFIERS,
    ORGANISATION_NOUNS,
    POSSESSIVES,
    SWALLOWING,
    VOTES_OF_GIVEN_NAME,
    Actor,
    Mention,
    country_named,
)
from analysis.people import PAST, gender_of_noun
from analysis.quotation import quoted_spans

_MALE, _FEMALE = ("he", "him", "his", "himself"), ("she", "her", "hers", "herself")
_GENDERS = dict.fromkeys(_MALE, "male") | dict.fromkeys(_FEMALE, "female")
_NEUTER = {"it", "its", "itself"}
_PLURAL = {"they", "them", "their", "theirs", "themselves"}
_REFLEXIVE = ("self", "selves")
_SUBJECTS = {"nsubj", "nsubjpass", "csubj"}
_DEFINITE = {"the", "these", "those"}
_RANKS = {"prime", "vice", "deputy", "assistant"}  # without which an office is another one
# Adjectives that belong to an office.
_PORTFOLIOS = _RANKS | {"foreign", "interior", "financial", "cultural", "economic", "religious", "military", "naval"}
_PERSON_PAIRS = {"leader", "president", "man", "woman", "minister", "counterpart", "premier", "diplomat", "negotiator"}
_COUNTRY_PAIRS = {
    "side",
    "country",
    "nation",
    "government",
    "neighbour",
    "neighbor",
    "ally",
    "party",
    "capital",
    "state",
    "power",
    "economy",
    "korea",
}
# What “it” may be, though nobody is named.
_INSTITUTIONS = ORGANISATION_NOUNS | {
    "administration", "army", "board", "cabinet", "church", "city", "club", "commission", "committee", "council", "court", "government",
    "hospital", "opposition", "panel", "parliament", "school", "senate", "state", "team", "town", "union",
}  # fmt: skip
_THINGS = SWALLOWING - {"PERSON"}  # entities in whose names a common noun denotes nobody
_NEW = {"a", "an", "another", "any", "each", "either", "every", "my", "no", "our"}
_SIDES = {"side", "party", "ally"}  # which organisations may be too
_REACH = 4  # sentences back that a pronoun may refer to
_SAFE = 2  # votes of a pronoun that fits nobody else, or is governed by its antecedent; any other has one
_DENIED = 1 + VOTES_OF_GIVEN_NAME  # doubts that deny a gender: a fact, a given name, or as many votes


def resolve_references(doc: Doc, names: list[Mention], codebook: ActorCodebook, texts: Iterable[Sequence[Token]]) -> list[Mention]:
    """Find the mentions that are no names, and whom they refer to.

    Parameters
    ----------
    doc : spacy.tokens.Doc
    names : list of Mention
        From `names.find_names`.
    codebook : ActorCodebook
    texts : iterable of sequence of Token
        The tokens of each text that stands on its own, such as a caption: nothing in it refers to another one. Disjoint.

    Returns
    -------
    list of Mention
        Names, nominals and pronouns of these texts, in order. A reference to two actors gives two mentions of the same tokens.
    """
    quoted = _quoted_tokens(doc)
    sentence_of = [n for n, sent in enumerate(doc.sents) for _ in sent]
    named_at = {m.first: m for m in names}
    found = []
    for tokens in texts:
        own = [named_at[t.i] for t in tokens if t.i in named_at]
        found += _resolve_within(tokens, own, codebook, quoted, sentence_of)
    return sorted(found, key=_place)


def _resolve_within(
    tokens: Sequence[Token], names: list[Mention], codebook: ActorCodebook, quoted: dict[int, int], sentence_of: list[int]
) -> list[Mention]:
    """The mentions in a text that stands on its own."""
    known = sorted([*names, *_nominals(tokens, names, codebook)], key=_place)
    covered = {i for m in known for i in range(m.first, m.last)}
    # Quoted words last: that “he” said them tells whom a “he” among them is not.
    for token in sorted(tokens, key=lambda t: t.i in quoted):
        if token.i in covered or token.pos_ not in ("PRON", "DET", "NOUN", "PROPN", "ADJ"):
            continue
        pair = _pair(token, known, sentence_of)
        actors = pair or _antecedent(token, known, quoted, sentence_of)
        form = "nominal" if pair else "pronoun"
        first = token.left_edge.i if pair else token.i
        for actor in actors:
            insort(known, Mention(first, token.i + 1, form, actor), key=_place)
    return known


def _place(mention: Mention) -> tuple[int, int]:
    return mention.first, mention.last


# ---------------------------------------------------------------- nominals


def _nominals(tokens: Sequence[Token], names: list[Mention], codebook: ActorCodebook) -> Iterator[Mention]:
    """Roles (“the president”, “his Chinese counterpart”) and collective voices (“South Korean officials”)."""
    by_token = {i: m for m in names for i in range(m.first, m.last)}
    actors: dict[str, Actor] = {}
    for token in tokens:
        followed = token.i + 1 < len(token.doc) and token.nbor().dep_ == "compound"
        if token.pos_ not in ("NOUN", "PROPN") or token.i in by_token or followed or _is_in_longer_name(token):
            continue
        lemma = token.lemma_.lower()
        plural = "Number=Plur" in token.morph or token.tag_ in ("NNS", "NNPS") or token.lower_ == "police"
        if token.dep_ == "compound" or not (lemma in codebook.roles or token.lower_ in codebook.groups) or _in_title_of(token, by_token):
            continue
        if _is_pair(token):
            continue
        start, words, country = _description(token, by_token, codebook)
        if not plural and lemma in codebook.roles:
            actor = _holder_of_role(token, country, names) or _described_before(token, words, actors)
            if actor is None and (country is None or not token.dep_.startswith(("nsubj", "dobj", "pobj", "conj"))):
                continue
            actor = actor or actors.setdefault(words, Actor(words, "person", country, lemma, gender_of_noun(lemma)))
        elif plural:
            actor = actors.setdefault(words, Actor(words, "group", country, number="plural"))
        else:
            continue
        yield Mention(start, token.i + 1, "nominal", actor)


def _is_in_longer_name(token: Token) -> bool:
    """“The Great Hall of the People” speaks of no people."""
    return token.is_title and token.ent_type_ in _THINGS and not token.is_sent_start


def _in_title_of(token: Token, by_token: dict[int, Mention]) -> bool:
    """“President” before a name, or in apposition to one, is that person's."""
    beside = [token.i + 1, *(c.i for c in token.children if c.dep_ == "appos"), *([token.head.i] if token.dep_ == "appos" else [])]
    return any(by_token[i].actor.type == "person" for i in beside if i in by_token)


def _description(token: Token, by_token: dict[int, Mention], codebook: ActorCodebook) -> tuple[int, str, str | None]:
    """A nominal's first token, its name (“Chinese officials”: modifiers that are names or nouns), and its country."""
    start, kept, country = token.i, [token.text], None
    for left in reversed(list(token.lefts)):
        if left.dep_ not in MODIFIERS:
            continue
        if left.lower_ in PAST:
            start = min(start, left.i)
            kept.insert(0, left.text)
            continue
        mention = by_token.get(left.i)
        first = mention.first if mention else left.left_edge.i
        demonym = country_named(token.doc[first : left.i + 1].text, codebook)
        owner = left.dep_ == "poss" and left.tag_ not in ("PRP$", "WP$")
        if not (mention or demonym or left.dep_ == "compound" or left.lower_ in _PORTFOLIOS or left.ent_type_ == "NORP" or owner):
            continue
        country = country or (mention.actor.country if mention else demonym)
        start = min(start, first)
        kept.insert(0, token.doc[first : left.right_edge.i + 1].text)
    text = " ".join(kept)
    return start, text[:1].upper() + text[1:], country


def _holder_of_role(token: Token, country: str | None, names: list[Mention]) -> Actor | None:
    """The person last named before who holds the role (“the president”), of that country where one is given."""
    definite = any(t.lower_ in ("the", "this", "that") or t.dep_ == "poss" for t in token.lefts) or country is not None
    if not definite or any(t.lower_ in ("his", "her", "their") for t in token.lefts):
        return None
    before = [m.actor for m in reversed(names) if m.first < token.i and m.actor.type == "person" and m.actor.role]
    holders = [actor for actor in before if _is_role(token, actor.role) and country in (None, actor.country)]
    past = any(t.lower_ in PAST for t in token.lefts)
    # Of many who held an office, a text does not say that they hold it no more.
    return next((actor for actor in holders if past == bool(PAST & set(actor.role.split()))), holders[0] if holders and past else None)


def _is_role(token: Token, role: str) -> bool:
    """Whether a noun and the words before it name a role: no “finance minister” is a prime minister, nor is “the minister”.

    Whether somebody holds it still does not matter here.
    """
    *kind, noun = role.split()
    before = [t for t in token.lefts if t.dep_ in ("compound", "amod")]
    portfolio = {t.lower_ for t in before if t.dep_ == "compound" and t.is_lower}
    fits = not kind or portfolio <= set(kind)
    return token.lemma_.lower() == noun and fits and _RANKS & {t.lower_ for t in before} == _RANKS & set(kind)


def _described_before(token: Token, words: str, actors: dict[str, Actor]) -> Actor | None:
    """The one whom a longer description introduced: “the finance minister” after “Brazil's finance minister”."""
    if all(t.lower_ not in _DEFINITE for t in token.lefts):
        return None
    endings = tuple(f"{mark} {words.lower()}" for mark in POSSESSIVES)
    longer = [actor for name, actor in actors.items() if name.lower().endswith(endings)]
    return longer[0] if len(longer) == 1 else None


# ---------------------------------------------------------------- pairs


def _pair(token: Token, known: list[Mention], sentence_of: list[int]) -> list[Actor]:
    """“The two leaders”, “both countries”: the pair named so before, the countries of that pair, or the pair that the text is about."""
    lemma = token.lemma_.lower()
    if lemma not in _PERSON_PAIRS | _COUNTRY_PAIRS or not _is_pair(token):
        return []
    sex = {"man": "male", "woman": "female"}.get(lemma)
    earlier = [m for m in known if m.last <= token.i and (sex is None or m.actor.likely_gender in (None, sex))]
    person = lemma in _PERSON_PAIRS
    types = {"person"} if person else {"country", "organisation"} if lemma in _SIDES else {"country"}
    coordinated = list(_pairs_coordinated(token.doc, earlier))
    beside = [[a.actor, b.actor] for a, b in reversed(coordinated) if _is_topic(token, a, sentence_of)]
    for pair in [*_pairs_referred_to(earlier), *beside]:
        if all(a.type in types for a in pair):
            return pair
        home = [_country_of(actor, earlier) for actor in pair]
        if not person and all(home) and home[0] is not home[1]:
            return home
    return _most_mentioned(earlier, types, coordinated, sentence_of)


def _is_pair(noun: Token) -> bool:
    """Whether a noun is said of two who are known: “the two”, “both”; not “two”, nor “both leaders and voters”."""
    words = {t.lower_ for t in noun.lefts if t.dep_ != "preconj"}
    return "both" in words or ("two" in words and bool(words & _DEFINITE))


def _pairs_referred_to(earlier: list[Mention]) -> list[list[Actor]]:
    """Pairs that one expression referred to before, the latest first."""
    spans: dict[tuple[int, int], list[Actor]] = {}
    for m in earlier:
        spans.setdefault((m.first, m.last), []).append(m.actor)
    return [pair for pair in reversed(spans.values()) if len(pair) == 2]


def _pairs_coordinated(doc: Doc, earlier: list[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Neighbours joined by “and” (“Trump and Lee”), but for the end of a longer list."""
    for a, b in zip(earlier, earlier[1:], strict=False):
        joined = a.last < b.first and doc[a.last].lower_ == "and" and mention_root(doc, a) == mention_root(doc, b)
        if a.actor is not b.actor and joined and doc[a.first : a.last].root.dep_ != "conj":
            yield a, b


def _is_topic(token: Token, first: Mention, sentence_of: list[int]) -> bool:
    """Whether a coordinated pair is the subject, or what something is between, in this sentence or the last one."""
    root = mention_root(token.doc, first)
    between = root.dep_ == "pobj" and root.head.lower_ == "between"
    return sentence_of[token.i] - sentence_of[root.i] <= 1 and (between or _is_subject(root))


def _country_of(person: Actor, earlier: list[Mention]) -> Actor | None:
    return next((m.actor for m in earlier if m.actor.type == "country" and m.actor.country == person.country), None)


def _most_mentioned(
    earlier: list[Mention], types: set[str], coordinated: list[tuple[Mention, Mention]], sentence_of: list[int]
) -> list[Actor]:
    """The two most mentioned; of several pairs, the first sentence's, then the one joined by “and” most often.

    None where pairs tie, nor where one of the two is mentioned but once and not in the first sentence with the other: it is no topic.
    """
    own = [m for m in earlier if m.actor.type in types]
    counts = Counter(m.actor for m in own)
    if len(counts) < 2:
        return []
    opening = {m.actor for m in own if sentence_of[m.first] == sentence_of[earlier[0].first]}
    joined = Counter(frozenset((a.actor, b.actor)) for a, b in coordinated)
    second = counts.most_common(2)[-1][1]
    leading = [actor for actor, count in counts.items() if count >= second and (second > 1 or actor in opening)]
    scores = {pair: (opening.issuperset(pair), joined[frozenset(pair)]) for pair in combinations(leading, 2)}
    most = max(scores.values(), default=None)
    best = [list(pair) for pair, score in scores.items() if score == most]
    return best[0] if len(best) == 1 else []


# ---------------------------------------------------------------- pronouns


def _antecedent(token: Token, known: list[Mention], quoted: dict[int, int], sentence_of: list[int]) -> list[Actor]:
    """Whom a third-person pronoun refers to: one actor, or nobody."""
    word = token.lower_
    if token.pos_ not in ("PRON", "DET") or word not in _GENDERS.keys() | _NEUTER | _PLURAL or _is_pleonastic(token):
        return []
    here = sentence_of[token.i]
    near = [m for m in known if m.last <= token.i and here - sentence_of[m.first] <= _REACH]
    speaking = _speakers_of_quotation(token, known, quoted) if word in _GENDERS else []
    fitting = [m for m in near if _agrees(word, m.actor) and m.actor not in speaking and _may_corefer(token, m, quoted)]
    if not fitting:
        return []
    best = max(fitting, key=lambda m: _salience(token, m, here - sentence_of[m.first]))
    if word in _NEUTER and not _is_central(token, best, here - sentence_of[best.first]):
        return []
    if any(_precedes(noun, token, sentence_of) for noun in _subjects_between(best, token, known)):
        return []
    if word in _GENDERS:
        safe = all(m.actor is best.actor for m in fitting) or _governs(mention_root(token.doc, best), token)
        best.actor.votes[_GENDERS[word]] += _SAFE if safe else 1
    return [best.actor]


def _subjects_between(mention: Mention, token: Token, known: list[Mention]) -> Iterator[Token]:
    """The subjects between a mention and a pronoun that are no actor's, and whom it may mean (“my grandfather”, “the court in Lima”)."""
    word = token.lower_
    for noun in token.doc[mention.last : token.i]:
        if noun.pos_ == "NOUN" and _is_subject(noun) and _is_new(noun) and not any(m.first <= noun.i < m.last for m in known):
            if gender_of_noun(noun.lower_) == _GENDERS[word] if word in _GENDERS else word in _NEUTER and noun.lower_ in _INSTITUTIONS:
                yield noun


def _is_new(noun: Token) -> bool:
    """Whether a noun denotes somebody else than those named before: “a policeman”, “my brother”, “Lima’s court”; “the court” may be one."""
    named = (c for t in noun.children for c in (t.children if t.dep_ == "prep" else [t] if t.dep_ == "poss" else []))
    return any(t.lower_ in _NEW for t in noun.lefts) or any(t.pos_ == "PROPN" for t in named)


def _precedes(noun: Token, token: Token, sentence_of: list[int]) -> bool:
    """Whether a subject is so near that a pronoun goes back to it: it governs the pronoun, or opens the sentence before."""
    return _governs(noun, token) or (sentence_of[token.i] - sentence_of[noun.i] == 1 and noun.head.dep_ == "ROOT")


def _agrees(word: str, actor: Actor) -> bool:
    if word in _GENDERS:
        return actor.type == "person" and _doubts(actor, _GENDERS[word]) < _DENIED
    if word in _NEUTER:
        return actor.type in ("country", "organisation")
    return actor.number == "plural"


def _may_corefer(token: Token, mention: Mention, quoted: dict[int, int]) -> bool:
    """Not from inside a quotation to outside it, and not an object with the subject of its own verb."""
    if mention.first in quoted and quoted.get(token.i) != quoted[mention.first]:
        return False
    root = _root_of_apposition(token.doc, mention)
    same_verb = root.head == token.head or (token.head.dep_ in ("prep", "agent") and root.head == token.head.head)
    return not (same_verb and _is_subject(root) and token.dep_ in ("dobj", "pobj", "dative") and not token.lower_.endswith(_REFLEXIVE))


def _speakers_of_quotation(token: Token, known: list[Mention], quoted: dict[int, int]) -> list[Actor]:
    """Those who speak the quoted clause that a pronoun stands in: of themselves they say “I” there (“He is wrong,” she said).

    Not of a fragment (said she was “ready to give her life”), whose pronouns are often the writer's.
    """
    if token.i not in quoted:
        return []
    top = token
    while top.head != top and quoted.get(top.head.i) == quoted[token.i]:
        top = top.head
    if top.dep_ not in ("ccomp", "parataxis") or not any(c.dep_ in _SUBJECTS and c.i in quoted for c in top.children):
        return []
    subjects = [c for c in top.head.children if c.dep_ in _SUBJECTS]
    return [m.actor for m in known for s in subjects if m.first <= s.i < m.last]


def _salience(token: Token, mention: Mention, distance: int) -> tuple:
    """Sentence by sentence backwards; within one, the subject of the own clause, then of a main clause, then any, then the nearest.

    For “he” and “she”, doubts about the gender count as so many sentences more, except for the subject that governs the pronoun, and, for
    a subject, that of the sentence before of whom nothing but a name is known (“Kim Jin-tae left. He …”); and a possessor (“Lee’s
    office”) as one more, behind the subjects of this sentence and the last, except within what is possessed.
    """
    root = mention_root(token.doc, mention)
    subject = _is_subject(root)
    own = distance == 0 and root == _subject_of_clause(token)
    personal = token.lower_ in _GENDERS
    doubts = _doubts(mention.actor, _GENDERS[token.lower_]) if personal else 0
    possessor = personal and root.dep_ == "poss" and not root.head.is_ancestor(token)
    main = subject and root.head.dep_ in ("ROOT", "conj") and root.head.sent == root.sent
    parallel = distance == 1 and main and _is_subject(token) and token.head.dep_ == "ROOT"
    near = -(distance + possessor + (0 if _governs(root, token) or (parallel and doubts == 1) else doubts))
    if token.dep_ == "poss":
        return (near, own, -doubts, subject if distance else False, mention.first)
    return (near, own, -doubts, main, subject, mention.first)


def _doubts(actor: Actor, gender: str) -> int:
    """How doubtful a gender is: 0 where it is known or most votes are for it, 1 where nothing tells, more where more votes deny it."""
    if actor.gender:
        return 0 if actor.gender == gender else _DENIED
    lead = 2 * actor.votes[gender] - actor.votes.total()
    return 0 if lead > 0 else 1 - lead


def _is_subject(token: Token) -> bool:
    """A subject, or the agent of a passive (“by the ministry”)."""
    return token.dep_ in _SUBJECTS or (token.dep_ == "pobj" and token.head.dep_ == "agent")


def _governs(subject: Token, token: Token) -> bool:
    """Whether this is the subject of a verb that governs a token (“Lee said that he …”)."""
    return subject.dep_ in _SUBJECTS and subject.head.is_ancestor(token)


def _subject_of_clause(token: Token) -> Token | None:
    """The subject of the verb that a token depends on, or that this verb shares (“said … and has abandoned its goal”)."""
    verb = token.head
    while verb.pos_ not in ("VERB", "AUX") and verb.head != verb:
        verb = verb.head
    while True:
        subject = next((c for c in verb.children if c.dep_ in _SUBJECTS and c != token), None)
        if subject is not None:
            # A relative pronoun stands for the noun that its clause describes.
            return verb.head if subject.tag_ in ("WDT", "WP") and verb.dep_ == "relcl" else subject
        if verb.dep_ != "conj":
            return None
        verb = verb.head


def _is_central(token: Token, mention: Mention, distance: int) -> bool:
    """“It” goes back to a country or an organisation only if that was the subject, or stands in the same clause for a possessive."""
    root = _root_of_apposition(token.doc, mention)
    if token.lower_.endswith(_REFLEXIVE) and distance == 0 and _governs(root, token):
        return True
    if token.dep_ == "poss":
        return distance == 0 or (_is_subject(root) and distance <= 1)
    return token.dep_ in _SUBJECTS and _is_subject(root) and distance <= 1


def _is_pleonastic(token: Token) -> bool:
    """“It is clear that …”, “it seems …”: a subject without reference."""
    if token.lower_ != "it" or token.dep_ not in ("nsubj", "nsubjpass", "expl"):
        return token.dep_ == "expl"
    verb = token.head
    if verb.lemma_ in ("seem", "appear", "turn", "happen", "rain", "snow"):
        return True
    complement = any(c.dep_ in ("ccomp", "xcomp", "csubj", "advcl") for c in verb.children)
    return (verb.lemma_ == "be" or token.dep_ == "nsubjpass") and complement


def mention_root(doc: Doc, mention: Mention) -> Token:
    """The token of a mention that governs the others; of coordinated names, the first name's."""
    root = doc[mention.first : mention.last].root
    while root.dep_ == "conj" and root.head.i < root.i and root.head.pos_ in ("PROPN", "NOUN"):
        root = root.head
    while root.dep_ == "compound" and root.head.pos_ == "PROPN":
        root = root.head
    return root


def _root_of_apposition(doc: Doc, mention: Mention) -> Token:
    """The same, but of a name beside a noun that noun: of “his colleague, Ana Holm,” the colleague."""
    root = mention_root(doc, mention)
    return root.head if root.dep_ == "appos" else root


def _quoted_tokens(doc: Doc) -> dict[int, int]:
    """The tokens in quotation marks, each with the number of its quotation."""
    inside = {}
    spans = iter(enumerate(quoted_spans(doc.text).tolist()))
    current = next(spans, None)
    for token in doc:
        while current and token.idx >= current[1][1]:
            current = next(spans, None)
        if current and current[1][0] <= token.idx:
            inside[token.i] = current[0]
    return inside
