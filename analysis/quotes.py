"""Quotes: who says what, in which words, by which reporting verb.

An attribution is a source, a cue and a content (Pareti, 2015; Newell, Margolin & Ruths, LREC 2018: the PolNeAR corpus, on which
the encoder was trained). Its speaker is the actor whom the source names, or refers to. What somebody says may hold what
others said (“Xinhua said Xi called for …”): an attribution of its own, within the outer one. In a transcript or an
interview each turn is an attribution, to whom its label names.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import pandas as pd
from spacy.tokens import Span

from analysis import tables
from analysis.attribution import ROLES, assemble_attributions
from analysis.codebook import ActorCodebook, Cue, CueCodebook, read_actors, read_cues
from analysis.language import ParsedArticle
from analysis.quotation import are_quoted, quotation_type, quoted_spans
from analysis.reader import read_texts
from analysis.speakers import Speaker, is_first_person, speaker_of, subject_of
from analysis.turns import Turn, find_turns
from analysis.voices import SPEAKERS_JOINT

LEAST_CONFIDENCE = 0.15  # fitted on PolNeAR's dev part: of what has less, coders share hardly any
CONTENT_BREAK = " […] "
_NOMINAL = {"NOUN", "PROPN", "PRON", "NUM"}
_VERBAL = {"VERB", "AUX"}
_MARKS = "“”„«»‘’\"'`"
_CUE_WORDS = 4
MAX_DEPTH = 5  # news hardly reports what somebody said that somebody said that somebody said
_THAT = re.compile(r"(?:that\s+)?", re.IGNORECASE)
_NOBODY = {"nobody", "no", "none", "neither"}
_WORD = re.compile(r"\w")


def find_attributions(texts: Sequence[str], verbs: Sequence[tuple[int, int]] | None = None) -> list[list[dict]]:
    """Find who says what in each text.

    Parameters
    ----------
    texts : sequence of str
        Articles or passages; longer context makes better links.
    verbs : sequence of (start, end), optional
        Where each text is what somebody said: a verb of it by which others may be reported.

    Returns
    -------
    list of list of dict
        A list a text, of attributions in the order of their contents. `source`, `cue`, `content` : lists of (start, end),
        code points, half-open, empty where there is none; `type` : direct, indirect or mixed, by the quotation marks
        around the content; `confidence` : the probability that a coder has it too, with the same source. What has less
        than `LEAST_CONFIDENCE` is left out.
    """
    read = zip(read_texts(texts), [None] * len(texts) if verbs is None else verbs, strict=True)
    found = (assemble_attributions(reading, verb) for reading, verb in read)
    return [[attribution for attribution in of_text if attribution["confidence"] >= LEAST_CONFIDENCE] for of_text in found]


def find_quotes(
    parsed: ParsedArticle, mentions: pd.DataFrame, codebook: CueCodebook | None = None, actors: ActorCodebook | None = None
) -> pd.DataFrame:
    """Find the attributions of an article, those within others' words too, each with its speaker.

    Where the inner speaker is the outer one (“I hope it is over,” she said), it is one report and one row. “I” and “we” outside of
    all that is quoted are the narrator, who reports nobody; what “nobody said” is no report either. A turn of a transcript is sure, and
    so has confidence 1.

    Parameters
    ----------
    parsed : ParsedArticle
    mentions : DataFrame
        The table `mentions`.
    codebook : CueCodebook, optional
        Classes of reporting verbs; the default codebook where none is given.
    actors : ActorCodebook, optional
        Which nouns denote representatives, and how countries are called; the default codebook where none is given.

    Returns
    -------
    DataFrame
        The table `quotes`, in the order in which contents start, an attribution before those within it.
    """
    codebook, actors = codebook or read_cues(), actors or read_actors()
    quoted = quoted_spans(parsed.article.text)
    speakers: dict[_Attribution, Speaker] = {}
    numbers: dict[_Attribution, int] = {}
    narrated: set[_Attribution] = set()  # the narrator's “I think …”
    spellings = {actor.casefold(): actor for actor in mentions["actor"].unique()}
    named = list(mentions.itertuples(index=False))
    rows = []
    for attribution in _find_nested(parsed, codebook, _turns(parsed, mentions)):
        outer = attribution.outer
        cue, source = (_tokens(parsed, attribution.found[role]) for role in ("cue", "source"))
        if attribution.turn:
            speaker = Speaker(attribution.turn.speaker)
        else:
            speaker, source = speaker_of(source, cue, named, actors, speakers.get(outer))
        is_self = source is not None and is_first_person(source) and (outer is None or outer in narrated)
        speakers[attribution] = speaker = Speaker("") if is_self else _in_one_spelling(speaker, spellings)
        if is_self and not are_quoted([source.start_char], quoted).any():
            narrated.add(attribution)
        elif source is not None and _denies(source):
            speakers[attribution], numbers[attribution] = speakers.get(outer, Speaker("")), numbers.get(outer)
        elif outer and speaker.name and speaker.name == speakers[outer].name:
            numbers[attribution] = numbers[outer]  # what is within it is within the outer one
        else:
            numbers[attribution] = len(rows)
            row = _row(parsed, attribution, speaker, source, quoted, codebook)
            rows.append(row | {"quote": numbers[attribution], "within": numbers.get(outer)})
    return tables.conform("quotes", rows)


def _denies(source: Span) -> bool:
    """“Nobody”, “no minister”, “neither of them”; “No 10” is somebody."""
    following = source[1] if len(source) > 1 else None
    numbered = following is not None and following.lower_ != "one" and (following.like_num or following.is_punct)
    return source[0].lower_ in _NOBODY and not numbered


def _row(
    parsed: ParsedArticle, attribution: _Attribution, speaker: Speaker, source: Span | None, quoted: np.ndarray, codebook: CueCodebook
) -> dict:
    """An attribution as a row of the table `quotes`, but for its number and that of the one that it is within."""
    text, found = parsed.article.text, attribution.found
    cue = _tokens(parsed, found["cue"])
    lemma, cue_class = _classify(cue, codebook)
    return {
        "article": parsed.article.article,
        "sentence": parsed.sentence_at(found["content"][0][0]),
        "type": found["type"] if attribution.turn else quotation_type(text, found["content"], quoted),
        "speaker": speaker.name,
        "on_behalf_of": speaker.on_behalf_of,
        **_ends("source", source),
        **_ends("cue", cue),
        "cue": cue.text if cue else None,
        "cue_lemma": lemma or (cue.root.lemma_.lower() if cue and _WORD.search(cue.text) else None),
        "cue_class": cue_class,
        "content_spans": [list(span) for span in found["content"]],
        "content": CONTENT_BREAK.join(text[start:end] for start, end in found["content"]),
        "confidence": found["confidence"],
    }


# ---------------------------------------------------------------- attributions within attributions


@dataclass(frozen=True, eq=False)
class _Attribution:
    """What `find_attributions` found, or the turn that it is, and the attribution in whose content it was found."""

    found: dict
    outer: _Attribution | None = None
    turn: Turn | None = None


def _turns(parsed: ParsedArticle, mentions: pd.DataFrame) -> list[_Attribution]:
    """The turns of an article's body as attributions."""
    body = [part for part in parsed.article.parts if part.kind == "body"]
    turns = find_turns(parsed.article.text, body[0].start, body[-1].end, mentions) if body else []
    sure = {"type": "direct", "confidence": 1.0}
    return [_Attribution({"source": [t.label], "cue": [t.mark], "content": [t.content], **sure}, turn=t) for t in turns]


def _find_nested(parsed: ParsedArticle, codebook: CueCodebook, turns: list[_Attribution]) -> list[_Attribution]:
    """The attributions of an article, and inward those of their contents, in the order of their starts, outer before inner.

    A content is read as a text of its own, because the encoder learned from a corpus in which attributions do not nest. A turn is read
    as a part of the article, and as a text of its own where nothing was found in it.
    """
    verbs = _reporting_verbs(parsed, codebook)
    level = list(_read(parsed.article.text, turns))
    heard = {attribution.outer for attribution in level}
    attributions = [turn for turn in turns if turn in heard]
    level += [turn for turn in turns if turn not in heard]
    for _ in range(MAX_DEPTH):
        level = [a for a in level if _is_report(parsed, a.found, codebook)]
        attributions += level
        claimed = [span for a in attributions for span in a.found["cue"]]
        level = [a for a in _look_inside(parsed, level, verbs) if _is_own(parsed, a, codebook) and not _overlap(a.found["cue"], claimed)]
    return sorted(attributions, key=lambda a: a.found["content"][0][0])


def _read(text: str, turns: list[_Attribution]) -> Iterator[_Attribution]:
    """What is found in a text, each in the turn in which its content begins; not what takes the label of a turn for its source or cue.

    The label is none of the words that follow it, whatever the encoder says.
    """
    starts = [turn.turn.label[0] for turn in turns]

    def turn_at(offset: int) -> _Attribution | None:
        before = bisect_right(starts, offset) - 1
        return turns[before] if before >= 0 and offset < turns[before].turn.content[1] else None

    def is_label(offset: int) -> bool:
        turn = turn_at(offset)
        return turn is not None and offset < turn.turn.content[0]

    for found in find_attributions([text])[0]:
        if any(is_label(start) for start, _ in (*found["source"], *found["cue"])):
            continue
        if outer := turn_at(found["content"][0][0]):
            begin = outer.turn.content[0]
            found = found | {"content": [(max(start, begin), end) for start, end in found["content"] if end > begin]}
        if found["content"]:
            yield _Attribution(found, outer)


def _look_inside(parsed: ParsedArticle, outer: list[_Attribution], verbs: list[tuple[int, int]]) -> list[_Attribution]:
    """What is found in the contents that hold one of these reporting verbs."""
    text = parsed.article.text

    def first_verb(start: int, end: int) -> tuple[int, int] | None:
        at = bisect_right(verbs, start, key=itemgetter(1))
        return verbs[at] if at < len(verbs) and verbs[at][0] < end else None

    places = [
        (attribution, *_bare_clause(text, *span), verb)
        for attribution in outer
        for span in attribution.found["content"]
        if (verb := first_verb(*span))
    ]
    # The encoder learned from whole sentences: a full stop tells it that nothing is to come.
    readings = find_attributions(
        [text[start:end] + "." for _, start, end, _ in places],
        [(verb[0] - start, verb[1] - start) for _, start, _, verb in places],
    )
    return [
        _Attribution(_moved(found, start, end), attribution)
        for (attribution, start, end, _), reading in zip(places, readings, strict=True)
        for found in reading
    ]


def _is_own(parsed: ParsedArticle, inner: _Attribution, codebook: CueCodebook) -> bool:
    """Whether what was found in a content has a cue of its own there, which the codebook knows, and a source or a subject of that cue.

    A verb whose subject stands outside (“called it a lie and accused …”) goes on with what the outer speaker does, and an “it” that
    was not taken for a source (“it suggests that …”) is nobody.
    """
    cue = _tokens(parsed, inner.found["cue"])
    if _classify(cue, codebook)[0] is None:
        return False
    subject = subject_of(cue)
    is_inside = subject is not None and _overlap([(subject.idx, subject.idx + 1)], inner.outer.found["content"])
    return bool(inner.found["source"]) or (is_inside and subject.lower_ != "it")


def _reporting_verbs(parsed: ParsedArticle, codebook: CueCodebook) -> list[tuple[int, int]]:
    """Where verbs stand that the codebook knows, alone or with the words behind them (“call for”)."""
    doc = parsed.doc
    verbs = (t for t in doc if t.pos_ == "VERB" and codebook.begins([word.lemma_ for word in doc[t.i : t.i + _CUE_WORDS]]))
    return [(verb.idx, verb.idx + len(verb)) for verb in verbs]


def _bare_clause(text: str, start: int, end: int) -> tuple[int, int]:
    """A content as if nobody had reported it: without a “that” before it, and without its marks where it is one quotation as a whole."""
    piece = text[start:end]
    if quoted_spans(piece).tolist() == [[0, len(piece)]]:
        start, end = end - len(piece.lstrip(_MARKS)), start + len(piece.rstrip(_MARKS))
    start += _THAT.match(text[start:end]).end()
    return start, start + len(text[start:end].rstrip(" ,."))


def _moved(found: dict, by: int, end: int) -> dict:
    """What was found in the text up to `end`, read from the offset `by`."""
    return found | {role: [(first + by, min(last + by, end)) for first, last in found[role] if first + by < end] for role in ROLES}


def _overlap(spans: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> bool:
    return any(start < other_end and other_start < end for start, end in spans for other_start, other_end in others)


# ---------------------------------------------------------------- parts of an attribution


def _in_one_spelling(speaker: Speaker, spellings: dict[str, str]) -> Speaker:
    """“The Foreign Ministry” is “the foreign ministry”: a name as an actor has it, or else as it came first, which is noted."""
    parts = (speaker.name, speaker.on_behalf_of)
    return Speaker(*(SPEAKERS_JOINT.join(spellings.setdefault(n.casefold(), n) for n in names.split(SPEAKERS_JOINT)) for names in parts))


def _is_report(parsed: ParsedArticle, found: dict, codebook: CueCodebook) -> bool:
    """Whether an attribution counts: its content has words, stands in a sentence, and is more than what was spoken about."""
    if not any(_WORD.search(parsed.article.text, *span) for span in found["content"]):
        return False
    cue = _tokens(parsed, found["cue"])
    known = codebook.cues.get(_classify(cue, codebook)[0])
    return parsed.sentence_at(found["content"][0][0]) is not None and not _names_only_a_topic(parsed, found, cue, known)


def _tokens(parsed: ParsedArticle, spans: list[tuple[int, int]]) -> Span | None:
    return parsed.doc.char_span(*spans[0], alignment_mode="expand") if spans else None


def _classify(cue: Span | None, codebook: CueCodebook) -> tuple[str | None, str | None]:
    return codebook.classify([t.lemma_ for t in cue or ()])


def _ends(role: str, words: Span | None) -> dict[str, int | None]:
    return {f"{role}_start": words.start_char if words else None, f"{role}_end": words.end_char if words else None}


def _names_only_a_topic(parsed: ParsedArticle, found: dict, cue: Span | None, known: Cue | None) -> bool:
    """“They discussed trade”, “the two signed an accord”: the words say what was spoken about or done, and not what was said.

    So it is where the content is a bare noun phrase without quotation marks of its own, and the cue a verb of which the codebook does
    not say that it takes an object as its content (“announced a plan”, “rejected the offer”).
    """
    # What goes on behind the cue (“The plan, she said, would cost billions”) is a clause, whatever its first part is.
    if found["type"] != "indirect" or len(found["content"]) > 1 or cue is None or cue.root.pos_ not in _VERBAL:
        return False
    content = _tokens(parsed, found["content"])
    heads = [t for t in content if t.head.i < content.start or t.head.i >= content.end or t.head == t]
    is_phrase = content.root.pos_ in _NOMINAL and all(t.pos_ not in _VERBAL for t in heads)
    return is_phrase and not (known and "object" in known.takes)
