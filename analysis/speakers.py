"""Speakers: which actor a source names.

The source “China’s official news agency Xinhua” mentions China and Xinhua; its speaker is the one that governs the
others in the syntax. A source that mentions no actor speaks for itself (“Twelve percent of voters”).
"""

from __future__ import annotations

import pandas as pd
from spacy.tokens import Span, Token

from analysis.language import ParsedArticle
from analysis.voices import SPEAKERS_JOINT

_SUBJECTS = {"nsubj", "nsubjpass"}
_RELATIVE_TAGS = {"WDT", "WP"}
_LEADING = {"the", "a", "an"}


def speaker_of(parsed: ParsedArticle, source: Span | None, cue: Span | None, mentions: pd.DataFrame) -> str:
    """Name the speaker of an attribution.

    Parameters
    ----------
    parsed : ParsedArticle
    source, cue : Span or None
        The tokens that name the source, and those that say that it spoke.
    mentions : DataFrame
        The table `mentions`.

    Returns
    -------
    str
        The canonical name, or several joined by “; ”. Empty where nobody is named: neither by the source nor by the subject of the cue.
    """
    if source is None:
        subject = _subject(cue)
        if subject is None:
            return ""
        source = parsed.doc[subject.left_edge.i : subject.right_edge.i + 1]
    if (noun := _described(source.root)) is not None:
        source = parsed.doc[noun.left_edge.i : noun.i + 1]
    inside = mentions[(mentions["start"] < source.end_char) & (mentions["end"] > source.start_char)]
    names: list[str] = []
    for head in _coordinated(source):
        named = _actors_at(head, inside) or [name for same in head.children if same.dep_ == "appos" for name in _actors_at(same, inside)]
        names += [name for name in named if name not in names]
    names = names or _name_behind_description(source, inside)
    return SPEAKERS_JOINT.join(names) if names else _own_words(source)


def _subject(cue: Span | None) -> Token | None:
    """The subject of the cue's verb, or of the verb that it is coordinated with (“promised … and has ordered …”)."""
    verb = cue.root if cue is not None else None
    while verb is not None and verb.pos_ in ("VERB", "AUX"):
        subject = next((c for c in verb.children if c.dep_ in _SUBJECTS), None)
        if subject is not None:
            return None if subject.dep_ == "nsubjpass" else subject
        verb = verb.head if verb.dep_ in ("conj", "xcomp") else None
    return None


def _described(pronoun: Token) -> Token | None:
    """The noun that a relative pronoun stands for: the one that its clause describes. None for any other word."""
    if pronoun.tag_ not in _RELATIVE_TAGS:
        return None
    return next((t.head for t in pronoun.ancestors if t.dep_ == "relcl"), None)


def _coordinated(source: Span) -> list[Token]:
    """The token that governs a source, and those coordinated with it."""
    heads, queue = [], [source.root]
    while queue:
        token = queue.pop(0)
        heads.append(token)
        queue += [c for c in token.children if c.dep_ == "conj" and source.start <= c.i < source.end]
    return heads


def _actors_at(token: Token, mentions: pd.DataFrame) -> list[str]:
    return mentions.loc[(mentions["start"] <= token.idx) & (mentions["end"] > token.idx), "actor"].tolist()


def _name_behind_description(source: Span, inside: pd.DataFrame) -> list[str]:
    """“China’s official news agency Xinhua”: the name that ends a source, where the parser did not see that it is the agency's."""
    last = inside[(inside["form"] == "name") & (inside["end"] == source.end_char) & inside["actor_type"].isin(["person", "organisation"])]
    return [] if any(t.dep_ == "prep" for t in source) else last["actor"].tolist()


def _own_words(source: Span) -> str:
    words = [t.text_with_ws for t in source]
    if len(words) > 1 and source[0].lower_ in _LEADING:
        words = words[1:]
    text = " ".join("".join(words).split())
    return text[:1].upper() + text[1:]
