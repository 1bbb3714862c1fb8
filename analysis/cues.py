"""Words by which one actor supports or opposes another, and who stands where in their syntax.

A cue is a word of the codebook of stances (`codebooks/stance.yaml`) in a sentence, with its holders (who
takes the stance) and its targets (toward whom). Both are found in the dependency tree, and every word of
the phrase that fills a place has a weight: the head of the phrase 1, what modifies it less.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml
from spacy.tokens import Span, Token

from analysis.lexicon import VERBAL, valences

SIGNS = {"support": 1.0, "oppose": -1.0}
KINDS = {"VERB": "verb", "AUX": "verb", "NOUN": "noun", "PROPN": "noun", "ADJ": "adjective"}
MAX_STRENGTH = 3
MAX_VALENCE = 4.0  # VADER's scale ends there
NEGATED_SUPPORT, NEGATED_OPPOSITION = -2.0, -0.3  # “would never talk” opposes; “did not criticise” hardly supports
MAX_CLIMB = 12
MAX_RISE = 3
MAX_PHRASE = 100
MAX_SENTENCE = 500  # tokens; what is longer is a list or a table, and its syntax a guess

SUBJECTS = {"nsubj", "csubj"}
PASSIVE_SUBJECTS = {"nsubjpass", "csubjpass"}
OBJECTS = {"dobj", "obj", "dative"}
PREDICATES = {"acomp", "attr", "oprd"}
RELATIVE = {"who", "which", "that", "whom"}
POSSESSORS = {"poss", "amod", "compound", "nmod"}
AUTHORS = {"by", "from"}
GOVERNED = {"xcomp", "dobj", "obj", "nsubjpass", "pcomp", "pobj", "prep"}
REPORTED = {"ccomp", "xcomp", "parataxis", "advcl"}
# How far a phrase's part stands for the phrase. A clause within it stands for it hardly at all.
SHARES = {"conj": 1.0, "appos": 1.0, "compound": 0.8, "amod": 0.8, "nmod": 0.8, "poss": 0.8, "prep": 0.85, "pobj": 0.85, "agent": 0.7}
SHARES |= dict.fromkeys(("nummod", "det", "punct"), 0.0)
OTHER_SHARE = 0.3
TITLE = 0.3  # how far “Chinese” stands for “Chinese leader Xi Jinping”, who is somebody himself
FAINT = 0.1


class Frame(NamedTuple):
    """A word of the codebook: its further words, its signed strength (-1 to 1), and the places of its target."""

    others: tuple[str, ...]
    stance: float
    targets: frozenset[str]
    mutual: bool


class Cue(NamedTuple):
    """A cue in a sentence: its position, its stance (-1 to 1), and weights (0 to 1) of the tokens that fill its places.

    `evaluative` cues are words that rate their target in the name of whoever speaks; the others are acts and attitudes.
    """

    position: int
    stance: float
    holders: dict[int, float]
    targets: dict[int, float]
    evaluative: bool = False


@cache
def load_frames() -> dict[tuple[str, str], tuple[Frame, ...]]:
    """The codebook by kind and first word, entries of more words first."""
    found = defaultdict(list)
    for frame in _codebook()["frames"]:
        stance = SIGNS[frame["stance"]] * frame["strength"] / MAX_STRENGTH
        for entry in frame["words"]:
            first, *others = entry.split()
            found[frame["kind"], first].append(Frame(tuple(others), stance, frozenset(frame["target"]), frame.get("mutual", False)))
    return {key: tuple(sorted(frames, key=lambda f: -len(f.others))) for key, frames in found.items()}


@cache
def _codebook() -> dict:
    return yaml.safe_load(files("analysis").joinpath("codebooks/stance.yaml").read_text(encoding="utf-8"))


@cache
def _word_set(name: str) -> frozenset[str]:
    return frozenset(_codebook()[name])


def find_cues(sentence: Span) -> list[Cue]:
    """The cues of a sentence, in order; positions count from the start of the document.

    None in a sentence of more than `MAX_SENTENCE` tokens.
    """
    if len(sentence) > MAX_SENTENCE:
        return []
    values = valences(sentence)
    cues = []
    for token, value in zip(sentence, values, strict=True):
        framed = list(_framed_cues(token))
        cues += framed or _prefix_cues(token)
        if value and not framed:
            cues += _evaluations(token, float(value))
    return cues


# ---------------------------------------------------------------- acts and attitudes
def _framed_cues(token: Token) -> Iterator[Cue]:
    """The cue that a token is; where the word takes targets in several ways, the first that it does here."""
    frames = [f for f in load_frames().get((KINDS.get(token.pos_, ""), token.lemma_.lower()), ()) if _has_words(token, f.others)]
    if not frames:
        return
    frames = [f for f in frames if len(f.others) == len(frames[0].others)]
    kind, holders = KINDS[token.pos_], phrases(_holders(token))
    for frame in frames:
        targets = phrases(_targets(token, frame.targets, kind))
        if targets:
            yield Cue(token.i, _negated(token, frame.stance), holders, _without(targets, holders, token.i))
            return
    targets = _one_another(token) if frames[0].mutual else {}
    yield Cue(token.i, _negated(token, frames[0].stance), holders, targets or _without(phrases(_answerers(token)), holders, token.i))


def _has_words(token: Token, words: tuple[str, ...]) -> bool:
    return not words or set(words) <= {child.lemma_.lower() for child in token.children}


def _without(targets: dict[int, float], holders: dict[int, float], cue: int) -> dict[int, float]:
    """A word within the holder's own phrase is no target: the head of a phrase may hold both (“China's attack on Japan”)."""
    return {i: weight for i, weight in targets.items() if weight > holders.get(i, 0.0) and i != cue}


def _prefix_cues(token: Token) -> list[Cue]:
    """A cue at the name behind a prefix, held by what the compound modifies: “the anti-China rally”."""
    sign = prefix_of(token)
    if not sign:
        return []
    above = {ancestor.i: ancestor for ancestor in (token.head, token.head.head)}
    bearers = [bearer for bearer in above.values() if bearer.pos_ in {"NOUN", "PROPN"} and bearer.i > token.i]
    holders = phrases([h for bearer in bearers[:1] for h in (bearer, *_holders(bearer))])
    return [Cue(token.i, sign, _without(holders, {token.i: 1.0}, token.i), {token.i: 1.0})]


@cache
def _prefixes() -> dict[str, float]:
    return {word: sign for stance, sign in SIGNS.items() for word in _codebook()["prefixes"][stance]}


def prefix_of(token: Token) -> float:
    """-1 if the name is one that something is against (“anti-China”), 1 if one that it is for; 0 if there is no such prefix."""
    prefix, hyphen, rest = token.lower_.partition("-")
    if hyphen and rest:
        return _prefixes().get(prefix, 0.0)
    if token.i >= 2 and token.nbor(-1).text == "-":
        return _prefixes().get(token.nbor(-2).lower_, 0.0)
    return 0.0


def _negated(token: Token, stance: float) -> float:
    """The stance of a cue in its context: negated, or governed by a verb of the holder's that undoes it."""
    undone = _is_negated(token)
    node = token
    for _ in range(MAX_CLIMB):
        if node.dep_ not in GOVERNED or node.head == node or any(child.dep_ == "poss" and child.pos_ != "PRON" for child in node.children):
            break
        by_preposition = node.dep_ == "pobj"
        node = node.head
        undone ^= node.lemma_.lower() in _word_set("reversers")
        undone ^= node.pos_ in VERBAL and not by_preposition and _is_negated(node)
    if not undone:
        return stance
    return max(-1.0, stance * NEGATED_SUPPORT) if stance > 0 else stance * NEGATED_OPPOSITION


def _is_negated(token: Token) -> bool:
    negators = _word_set("negators")
    if token.dep_ == "pobj" and token.head.lower_ in negators:
        return True
    return any(child.dep_ == "neg" or (child.i < token.i and child.lower_ in negators) for child in token.children)


# ---------------------------------------------------------------- words that rate
def _evaluations(token: Token, value: float) -> list[Cue]:
    """A word of VADER's as a cue, if it rates anything."""
    targets = phrases(_rated(token))
    holders = _without(phrases(speakers(token)), targets, token.i)
    return [Cue(token.i, value / MAX_VALENCE, holders, targets, True)] if targets else []


def _rated(token: Token) -> list[Token]:
    """What a word rates: the noun that it modifies, and the subject of which that, or the word itself, is said."""
    rated, node = [], token
    for _ in range(MAX_RISE):
        if node.dep_ == "amod":
            rated.append(node.head)
            node = node.head
        elif node.dep_ in PREDICATES | OBJECTS and node.head.pos_ in VERBAL:
            return rated + _subjects(node.head) + _passive_subjects(node.head)
        elif node.dep_ == "pobj" and node.head.head.pos_ in VERBAL:
            return rated + _subjects(node.head.head)
        else:
            break
    if token.pos_ == "VERB" and not rated:
        return _subjects(token) + _passive_subjects(token)
    return rated or [child for child in token.children if child.dep_ == "poss"]


def speakers(token: Token) -> list[Token]:
    """Whoever says, thinks or wants the clause that a token stands in: the subjects of the clauses above it."""
    found, node = [], token
    for _ in range(MAX_CLIMB):
        if node.head == node:
            break
        if node.dep_ in REPORTED:
            found += _subjects(node.head)
        node = node.head
    return found


# ---------------------------------------------------------------- places
def _holders(token: Token) -> list[Token]:
    kind = KINDS.get(token.pos_)
    if kind == "verb":
        return _subjects(token) or speakers(token)
    if kind == "adjective":
        return [token.head] if token.dep_ == "amod" else _subjects(token.head) if token.dep_ in PREDICATES else []
    own = [child for child in token.children if child.dep_ in POSSESSORS] + _objects_of_prepositions(token, AUTHORS)
    if any(holder.pos_ == "PROPN" or holder.ent_type_ for holder in own):
        return own
    if token.dep_ in PREDICATES:
        return own + _subjects(token.head)
    governor = _governing_verb(token)
    return own + (_subjects(governor) if governor is not None else [])


def _targets(token: Token, places: frozenset[str], kind: str) -> list[Token]:
    found = []
    if "object" in places:
        found += _objects(token)
    if "complement" in places and not found:
        found += [s for child in token.children if child.dep_ in {"ccomp", "xcomp"} for s in _subjects_within(child)]
    found += _objects_of_prepositions(token, places)
    if not found and kind == "verb":
        found += [o for child in token.children if child.dep_ in OBJECTS | {"prt"} for o in _objects_of_prepositions(child, places)]
    if not found and kind != "verb" and token.dep_ in OBJECTS | PREDICATES:
        found += _objects_of_prepositions(token.head, places)
    return found


def _answerers(token: Token) -> list[Token]:
    """Those who answer an act without stated target: “Iran has not responded to Oman's offer”."""
    if token.dep_ == "pobj" and token.head.dep_ == "prep" and token.head.lower_ == "to" and token.head.head.pos_ == "VERB":
        return _subjects(token.head.head) if any(child.dep_ == "poss" for child in token.children) else []
    return []


def _one_another(token: Token) -> dict[int, float]:
    """The holders of a mutual stance as its targets: “A and B agreed”, “the two leaders agreed”."""
    members = [m for holder in _holders(token) for m in (holder, *holder.conjuncts)]
    several = len(members) > 1 or any("Plur" in m.morph.get("Number") for m in members)
    return {m.i: 1.0 for m in members} if several else {}


def _governing_verb(noun: Token) -> Token | None:
    """The verb whose object a noun is, or is part of."""
    node = noun
    for _ in range(MAX_CLIMB):
        if node.dep_ not in OBJECTS | {"pobj", "prep", "conj"} or node.head == node:
            return None
        node = node.head
        if node.pos_ in VERBAL:
            return node
    return None


def _subjects(verb: Token) -> list[Token]:
    """Who acts: a verb's subject, a passive's agent; where it has none of its own, that of the verb which governs it."""
    for _ in range(MAX_CLIMB):
        found = _subjects_within(verb) + _agents(verb)
        if found:
            return found
        governor = verb.head
        if governor == verb or (_is_passive(verb) and verb.dep_ != "conj"):
            return []
        if verb.dep_ == "acl" or governor.pos_ not in VERBAL:
            return [governor] if verb.dep_ == "acl" and verb.tag_ == "VBG" else [c for c in governor.children if c.dep_ == "poss"]
        if verb.dep_ == "xcomp" and (controlled := [c for c in governor.children if c.dep_ in OBJECTS]):
            return controlled
        if _is_passive(governor):
            return _passive_subjects(governor)
        verb = governor
    return []


def _subjects_within(verb: Token) -> list[Token]:
    subjects = [child for child in verb.children if child.dep_ in SUBJECTS]
    return [verb.head if verb.dep_ == "relcl" and s.lower_ in RELATIVE else s for s in subjects]


def _passive_subjects(verb: Token) -> list[Token]:
    subjects = [child for child in verb.children if child.dep_ in PASSIVE_SUBJECTS]
    if not subjects and verb.dep_ == "acl" and verb.tag_ == "VBN":
        return [verb.head]
    return [verb.head if verb.dep_ == "relcl" and s.lower_ in RELATIVE else s for s in subjects]


def _agents(verb: Token) -> list[Token]:
    return [obj for child in verb.children if child.dep_ == "agent" for obj in child.children if obj.dep_ == "pobj"]


def _is_passive(verb: Token) -> bool:
    return any(child.dep_ in PASSIVE_SUBJECTS | {"auxpass"} for child in verb.children) or (verb.dep_ == "acl" and verb.tag_ == "VBN")


def _objects(verb: Token) -> list[Token]:
    found = [child for child in verb.children if child.dep_ in OBJECTS and child.lower_ not in RELATIVE]
    found += _passive_subjects(verb)
    if not found and verb.dep_ == "relcl" and any(child.dep_ in SUBJECTS and child.lower_ not in RELATIVE for child in verb.children):
        found = [verb.head]
    if not found:
        found = [o for child in verb.children if child.dep_ == "conj" for o in child.children if o.dep_ in OBJECTS]
    return found


def _objects_of_prepositions(token: Token, prepositions: Iterable[str]) -> list[Token]:
    """What stands behind the prepositions, also behind two in a row (“from under”)."""
    prepositions = set(prepositions)
    found = []
    for child in token.children:
        if child.dep_ in {"prep", "dative", "agent"} and child.lower_ in prepositions:
            found += [obj for obj in child.children if obj.dep_ in {"pobj", "pcomp"}]
    return found


def phrases(heads: Iterable[Token]) -> dict[int, float]:
    """Weights of the words of phrases, from their heads down; of an endless enumeration, the beginning.

    “China” does not stand for the phrase “anti-China rally”.
    """
    weights: dict[int, float] = {}
    waiting = deque((head, 1.0) for head in heads)
    while waiting and len(weights) < MAX_PHRASE:
        token, weight = waiting.popleft()
        if weight < FAINT or weights.get(token.i, 0.0) >= weight:
            continue
        weights[token.i] = weight
        for child in token.children:
            share = 0.0 if prefix_of(child) < 0 else SHARES.get(child.dep_, OTHER_SHARE)
            if child.dep_ in POSSESSORS and token.pos_ == "PROPN":
                share = min(share, TITLE)
            waiting.append((child, weight * share))
    return weights
