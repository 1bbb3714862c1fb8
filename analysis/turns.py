"""Turns: who speaks where a text says so by a label before the words, as a transcript or an interview does.

JAN HOLM: Prices have doubled. We had to act.
Q: What comes next?
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import pandas as pd

QUESTION, ANSWER = "Q", "A"
INTERVIEWER, INTERVIEWEE = "Interviewer", "Interviewee"
_ROLES = {"moderator", "host", "anchor", "presenter", "interviewer", "interviewee", "reporter", "question", "answer", "audience member"}
_LEAST_TURNS = 4  # two and two
_MOST_LABELS = 100  # more are a list of something else
_LEAST_WORDS = 4  # of the middle turn: of a list (“Smith: 46”), entries have fewer
_LABEL = re.compile(r"^[ \t]*(?P<label>[^\W\d_](?:[\w.’'\- ]{0,38}[\w.])?)(?:[ ]\([^)\n]{1,60}\))?:(?=[ \t]+\S)", re.MULTILINE)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Turn:
    """What somebody says until somebody else does.

    Attributes
    ----------
    speaker : str
        Canonical name of the actor whom the label names, or else the label.
    label, mark, content : (start, end)
        Offsets of the label, of the colon behind it, and of the words.
    """

    speaker: str
    label: tuple[int, int]
    mark: tuple[int, int]
    content: tuple[int, int]


def find_turns(text: str, start: int, end: int, mentions: pd.DataFrame) -> list[Turn]:
    """Find the turns of a text whose speakers take turns by labels that recur.

    Labels are “Q” and “A”, names of persons whom the text mentions, and, beside one of these, others in capitals. A turn ends where the
    next one begins; the last one with its paragraph, because nothing says how far beyond it goes.

    Parameters
    ----------
    text : str
    start, end : int
        Where the body begins and ends.
    mentions : DataFrame
        The table `mentions`.

    Returns
    -------
    list of Turn
        In order; none where the text is no transcript.
    """
    labels = list(_LABEL.finditer(text, start, end))
    names = _name_speakers(text, labels, mentions[mentions["actor_type"].eq("person")])
    labels = [match for match in labels if match["label"] in names]
    turns = [
        Turn(names[match["label"]], match.span("label"), (match.end() - 1, match.end()), _trim(text, match.end(), following))
        for match, following in zip(labels, _ends(text, end, labels), strict=True)
    ]
    return turns if _is_conversation(text, turns) else []


def _name_speakers(text: str, labels: Sequence[re.Match], people: pd.DataFrame) -> dict[str, str]:
    """The labels of those who speak more than once, and whom they name; none where nobody of them is known to be one who speaks."""
    distinct = {match["label"] for match in labels}
    persons = _by_last_word(name for name in people["actor"].unique() if not name.isupper())
    known = {label: speaker for label in distinct if (speaker := _speaker(label, persons))}
    if {QUESTION, ANSWER} <= distinct:
        first = min(match.start() for match in labels if match["label"] in (QUESTION, ANSWER))
        known |= {QUESTION: INTERVIEWER, ANSWER: _person_introduced(people[people["start"] < first])}
    in_capitals = [label for label in distinct if label.isupper()]
    if len(known) + len(in_capitals) > _MOST_LABELS:
        return {}
    # “HALE” is “TOM HALE”, if that is a label too.
    capitals = _by_last_word(in_capitals)
    names = {label: _in_lower_case(_ending_in(label, capitals)) for labels in capitals.values() for label in labels} | known
    turns = Counter(names[match["label"]] for match in labels if match["label"] in names)
    recurring = {label: name for label, name in names.items() if turns[name] > 1}
    return recurring if any(label in known or _stands_within_a_sentence(name, text) for label, name in recurring.items()) else {}


def _by_last_word(names: Iterable[str]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for name in names:
        found[name.casefold().split()[-1]].append(name)
    return found


def _ending_in(label: str, names: Mapping[str, Sequence[str]]) -> str | None:
    """The longest of some names, by their last words, that is a label or ends in it."""
    words = label.casefold().split()
    fitting = (name for name in names.get(words[-1], ()) if name.casefold().split()[-len(words) :] == words)
    return max(sorted(fitting), key=len, default=None)


def _stands_within_a_sentence(name: str, text: str) -> bool:
    return re.search(rf"[\w,] {re.escape(name)}\b", text) is not None


def _ends(text: str, end: int, labels: Sequence[re.Match]) -> list[int]:
    if not labels:
        return []
    stop = text.find("\n", labels[-1].end(), end)
    return [*(match.start() for match in labels[1:]), end if stop < 0 else stop]


def _is_conversation(text: str, turns: Sequence[Turn]) -> bool:
    lengths = [len(_WORD.findall(text, *turn.content)) for turn in turns]
    return len(turns) >= _LEAST_TURNS and len({turn.speaker for turn in turns}) > 1 and median(lengths) >= _LEAST_WORDS


def _speaker(label: str, persons: Mapping[str, Sequence[str]]) -> str | None:
    """The person whose name the label is or ends, or the label, where it tells a role in a talk."""
    return label.capitalize() if label.casefold() in _ROLES else _ending_in(label, persons)


def _person_introduced(people: pd.DataFrame) -> str:
    """Who answers: the one person, or the one most named, before the first question."""
    named = people["actor"].value_counts()
    return INTERVIEWEE if named.empty or (named == named.iloc[0]).sum() > 1 else named.index[0]


def _in_lower_case(label: str) -> str:
    return label.title() if label.isupper() else label


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return end - len(words.lstrip()), start + len(words.rstrip())
