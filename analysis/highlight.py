"""The marked-up article: quotations shaded by speaker, actors underlined, mentions of a target signed by sentiment, issues in the margin.

The text is walked through once. Marks may overlap as they like: where one ends inside another, the inner one is closed and opened
again, so that each word stands in the elements of all that is said of it, and is escaped and written once.
Nothing is told by colour alone: each quotation opens with its speaker's name, each mention of the target ends in a sign,
and what is ascribed to somebody with low confidence is underlined by dashes and says how low. There is no script: what a mark
has to tell shows at a pointer, at the keyboard's focus or at a tap, and stances open below their paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from itertools import pairwise
from operator import attrgetter

import pandas as pd

from analysis import tables
from analysis.annotation import Annotation
from analysis.codebook import read_issues
from analysis.estimates import LOW_CONFIDENCE
from analysis.figures.style import SENTIMENT_MARKS, Mark, mark_voices
from analysis.highlight_arcs import stance_details, stances_by_sentence
from analysis.prose import CITED, INNER, attributed, sure
from analysis.selection import find_target, list_voices, voice_names

SIGNS = {"negative": "▼", "neutral": "●", "positive": "▲"}
_LINE_END = re.compile(r"\n")
_RULES = ("solid 1px", "dotted 2px", "double 3px", "solid 3px", "dotted 4px")  # below the words of a voice, where print has no colour
_SENTENCE, _QUOTE, _MENTION = range(3)  # from the outside in


def to_html(
    annotation: Annotation,
    target: str | None = None,
    *,
    quotes: pd.DataFrame | None = None,
    voices: Sequence[str] | None = None,
    titles: Mapping[str, str] | None = None,
    selected: Collection[int] | None = None,
    legend: bool = True,
    style: bool = True,
) -> str:
    """Mark up an article.

    What is in the annotation's tables is marked, and nothing else: to leave marks out, give an annotation with fewer rows
    (``dataclasses.replace(annotation, quotes=...)``), and the voices of the whole one, so that each keeps its colour, and its attributions,
    so that each stance keeps the voice that asserts it.

    Parameters
    ----------
    annotation : Annotation
    target : str, optional
        Whose mentions carry the sentiment toward it: any name of the actor that the article knows it by, or a country's ISO code.
    quotes : DataFrame, optional
        All attributions, where the annotation has some of them only.
    voices : sequence of str, optional
        From `selection.list_voices`, in the order that fixes their colours; those of the annotation where none are given.
    titles : mapping of str to str, optional
        The titles of issues by their keys, of a codebook of the user's own; an issue that has none here has the default codebook's,
        and one that is in neither its key.
    selected : collection of int, optional
        Numbers of the sentences that stand out: all others are dimmed.
    legend : bool
        Whether a key to the marks stands above the article.
    style : bool
        Whether the style comes with it. A page that shows several articles needs it once: `read_style`.

    Returns
    -------
    str
        A fragment of HTML without scripts; all that comes from the article is escaped. Elements around the words of a sentence have the
        attribute `data-sentence`, those of an attribution `data-quote`, those of a mention `data-mention`, with their numbers;
        a label in the margin has the key of its issue as `data-issue`.
    """
    target = target and find_target(annotation.mentions, target)
    paragraphs = list(_paragraphs(annotation))
    colours = mark_voices([*(voices or ()), *list_voices(annotation.quotes)])
    marks = [*_sentence_marks(annotation, selected), *_quote_marks(annotation.quotes, colours), *_mention_marks(annotation, target)]
    homes = _homes(annotation.sentences, paragraphs)
    chips = _issues_of_paragraphs(annotation, homes, titles or {})
    stances = defaultdict(list)
    asserted = annotation.quotes if quotes is None else quotes
    for sentence, rows in stances_by_sentence(annotation.stances, asserted, annotation.mentions).items():
        stances[homes.get(sentence)] += rows
    body = []
    for number, (paragraph, inside) in enumerate(_by_paragraph(paragraphs, marks)):
        words = "".join(_write(annotation.article.text, paragraph.start, paragraph.end, inside))
        column = f"<p{_attributes_of(paragraph, annotation.article.language)}>{words}</p>{stance_details(stances[number])}"
        body.append(f'<div class="paragraph"><div class="column">{column}</div><div class="margin">{chips.get(number, "")}</div></div>')
    title = f"The article, marked up: {annotation.article.title}" if annotation.article.title else "The article, marked up"
    key = _legend(annotation, target) if legend else ""
    sheet = f"<style>{read_style()}</style>" if style else ""
    return f'{sheet}<article class="marked-article" lang="en" aria-label="{escape(title)}">{key}{"".join(body)}</article>'


@cache
def read_style() -> str:
    """The style of the marked-up article, in CSS."""
    sheet = (resources.files("analysis") / "templates" / "highlight.css").read_text(encoding="utf-8")
    tones = " ".join(f"--{label}: {mark.colour};" for label, mark in SENTIMENT_MARKS.items())
    return f"{sheet}.marked-article.marked-article {{ {tones} }}\n"


# ------------------------------------------------------------------------------------------------ paragraphs


@dataclass(frozen=True)
class _Paragraph:
    """A line of the text that holds words, of one part of the article."""

    kind: str
    start: int
    end: int


def _paragraphs(annotation: Annotation) -> Iterator[_Paragraph]:
    """The lines of the text that hold words, parted where the article's parts are."""
    text, parts = annotation.article.text, sorted(annotation.article.parts, key=attrgetter("start"))
    starts = [part.start for part in parts]
    edges = {0, len(text)} | {edge for part in parts for edge in (part.start, part.end)}
    edges |= {match.end() for match in _LINE_END.finditer(text)}
    for start, end in pairwise(sorted(edges)):
        if text[start:end].strip():
            part = parts[max(bisect_right(starts, start) - 1, 0)] if parts else None
            yield _Paragraph(part.kind if part and part.start <= start < part.end else "body", start, end)


def _attributes_of(paragraph: _Paragraph, language: str | None) -> str:
    heading = ' role="heading" aria-level="3"' if paragraph.kind == "headline" else ""
    foreign = f' lang="{escape(language)}"' if language and language != "en" else ""
    return f' class="{escape(paragraph.kind)}"{heading}{foreign}'


def _homes(sentences: pd.DataFrame, paragraphs: Sequence[_Paragraph]) -> dict[int, int]:
    """The paragraph, by its place, in which each sentence begins."""
    starts = [paragraph.start for paragraph in paragraphs]
    return {row.sentence: bisect_right(starts, row.start) - 1 for row in sentences.itertuples()}


# ------------------------------------------------------------------------------------------------ marks


@dataclass(frozen=True)
class _Mark:
    """Words that something is said of: from where to where, and as which element.

    Attributes
    ----------
    start, end : int
    order : tuple of int
        Of two marks over the same words, the one with the lower order lies outside.
    tag, attributes : str
    about : str
        What it tells when it is asked.
    head, tail : str
        HTML in front of its first word, and behind its last, inside its element.
    """

    start: int
    end: int
    order: tuple[int, int, int]
    tag: str
    attributes: str
    about: str = ""
    head: str = ""
    tail: str = ""

    def open(self, offset: int) -> str:
        """Its element; only the first of those that it is cut into is a stop of the keyboard's, and has its head."""
        first = offset == self.start
        asked = f' tabindex="{0 if first else -1}" aria-description="{escape(self.about)}"' if self.about else ""
        return f"<{self.tag} {self.attributes}{asked}>{self.head if first else ''}"

    def close(self, offset: int) -> str:
        return f"{self.tail if offset == self.end else ''}</{self.tag}>"


def _sentence_marks(annotation: Annotation, selected: Collection[int] | None) -> Iterator[_Mark]:
    """Sentences, each with the blanks behind it: a quotation of several sentences is then cut between them and nowhere else."""
    text, ordered = annotation.article.text, annotation.sentences.sort_values("start")
    limits = [*ordered["start"][1:], len(text)]
    for row, limit in zip(ordered.itertuples(), limits, strict=False):
        blank = text[row.end : limit]
        end = row.end + len(blank.partition("\n")[0]) if not blank.strip() else row.end
        dimmed = " dimmed" if selected is not None and row.sentence not in selected else ""
        attributes = f'class="sentence{dimmed}" data-sentence="{row.sentence}"'
        yield _Mark(row.start, end, (_SENTENCE, row.start - end, row.sentence), "span", attributes)


def _quote_marks(quotes: pd.DataFrame, colours: Mapping[str, Mark]) -> Iterator[_Mark]:
    """The marks of quotations: of those that meet at a place, the shortest is the innermost, as in `voices`."""
    named = quotes.assign(speaker=voice_names(quotes["speaker"]), on_behalf_of=quotes["on_behalf_of"].fillna(""))
    rules = {voice: _RULES[number % len(_RULES)] for number, voice in enumerate(colours)}
    told = {row.quote: _tell_quote(row) for row in named.itertuples()}
    outer = dict(zip(named["quote"], named["within"], strict=True))
    for row in named.itertuples():
        low = row.confidence < LOW_CONFIDENCE
        attributes = (
            f'class="quote{" unsure" if low else ""} about" data-quote="{row.quote}" '
            f'style="--voice:{colours[row.speaker].colour};--rule:{rules[row.speaker]}"'
        )
        about = "; within: ".join(told[number] for number in _outward(row.quote, outer))
        for start, end in row.content_spans:
            yield _Mark(start, end, (_QUOTE, start - end, row.quote), "mark", attributes, about, head=_label(row, low))


def _tell_quote(row) -> str:
    cue = f" by “{row.cue}”" if isinstance(row.cue, str) else ""
    return f"{row.type} attribution to {attributed(row.speaker, row.on_behalf_of)}{cue}; confidence {sure(row.confidence)}"


def _outward(quote: int, outer: Mapping[int, int]) -> Iterator[int]:
    """An attribution, and those that it is reported within, from the inside out."""
    seen = set()
    while quote in outer and quote not in seen:
        seen.add(quote)
        yield quote
        quote = outer[quote]


def _label(row, low: bool) -> str:
    """The name that a quotation opens with, and its confidence where that is low; a colon for who hears it."""
    who = attributed(row.speaker, row.on_behalf_of)
    confidence = f'<span class="confidence">confidence {sure(row.confidence)}</span>' if low else ""
    speaker = escape(who if pd.isna(row.within) else f"{INNER} {who}")
    return f'<span class="speaker">{speaker}</span>{confidence}<span class="unseen">: </span>'


def _mention_marks(annotation: Annotation, target: str | None) -> Iterator[_Mark]:
    """The marks of mentions; where the same words mention several actors, one tells of all of them."""
    toward = {row.mention: row for row in annotation.sentiments.itertuples() if row.actor == target}
    together = defaultdict(list)
    for row in annotation.mentions.itertuples():
        together[row.start, row.end].append(row)
    for (start, end), rows in together.items():
        names = "; ".join(row.actor for row in rows)
        judged = next((toward[row.mention] for row in rows if row.actor == target and row.mention in toward), None)
        kind, tail = "actor", ""
        about = names if names != rows[0].text else ""  # a name that is the actor's own tells nothing more
        if judged is not None:
            probabilities = ", ".join(f"{label} {getattr(judged, 'p_' + label):.0%}" for label in tables.SENTIMENTS)
            about, kind = f"{names}: {probabilities}; voice: {judged.voice}", f"actor target {judged.label}"
            tail = f'<span class="sign" role="img" aria-label="{judged.label}">{SIGNS[judged.label]}</span>'
        for number, row in enumerate(rows):
            outermost = number == 0
            attributes = (
                f'class="{kind}{" about" if about else ""}" data-mention="{row.mention}"' if outermost else f'data-mention="{row.mention}"'
            )
            order = (_MENTION, start - end, row.mention)
            yield _Mark(start, end, order, "span", attributes, about if outermost else "", tail=tail if outermost else "")


# ------------------------------------------------------------------------------------------------ words in their marks


def _by_paragraph(paragraphs: Iterable[_Paragraph], marks: Iterable[_Mark]) -> Iterator[tuple[_Paragraph, list[_Mark]]]:
    """Each paragraph with the marks that reach into it: a walk through both."""
    waiting = sorted((mark for mark in marks if mark.start < mark.end), key=attrgetter("start", "order"), reverse=True)
    going: list[_Mark] = []
    for paragraph in paragraphs:
        while waiting and waiting[-1].start < paragraph.end:
            going.append(waiting.pop())
        going = [mark for mark in going if mark.end > paragraph.start]
        yield paragraph, going


def _write(text: str, start: int, end: int, marks: Sequence[_Mark]) -> Iterator[str]:
    """The words from start to end, in the elements of their marks."""
    beginning = defaultdict(list)
    for mark in marks:
        beginning[max(mark.start, start)].append(mark)
    edges = {start, end, *beginning, *(mark.end for mark in marks if mark.end < end)}
    inside: list[_Mark] = []
    for here, there in pairwise(sorted(edges)):
        inside = yield from _change(inside, [mark for mark in inside if mark.end > here] + beginning[here], here)
        yield escape(text[here:there])
    yield from _change(inside, [], end)


def _change(old: list[_Mark], new: list[_Mark], offset: int) -> Iterator[str]:
    """Close and open elements, from those around the words before an offset to those around the words behind it."""
    new = sorted(new, key=attrgetter("order"))
    kept = next((depth for depth, (one, other) in enumerate(zip(old, new, strict=False)) if one is not other), min(len(old), len(new)))
    yield from (mark.close(offset) for mark in reversed(old[kept:]))
    yield from (mark.open(offset) for mark in new[kept:])
    return new


# ------------------------------------------------------------------------------------------------ beside and above the text


def _issues_of_paragraphs(annotation: Annotation, homes: Mapping[int, int], titles: Mapping[str, str]) -> dict[int, str]:
    """The issues of each paragraph as a list, in the order of their evidence."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    if annotation.issues.empty:
        return {}
    known = read_issues().titles | dict(titles)
    text = annotation.article.text
    ordered = sorted(annotation.issues.itertuples(), key=lambda row: (row.sentence, [list(span) for span in row.evidence_spans], row.issue))
    for row in ordered:
        phrases = ", ".join(f"“{text[start:end]}”" for start, end in row.evidence_spans)
        found[homes.get(row.sentence)][row.issue].append(f"S{row.sentence} {phrases}".strip())
    return {
        paragraph: '<ul class="issues" role="list" aria-label="Issues">'
        + "".join(_chip(key, known.get(key, key), evidence) for key, evidence in issues.items())
        + "</ul>"
        for paragraph, issues in found.items()
    }


def _chip(key: str, title: str, evidence: Sequence[str]) -> str:
    more = [f"{len(evidence) - CITED} more"] if len(evidence) > CITED else []
    about = escape("; ".join([*evidence[:CITED], *more]))
    return f'<li class="issue about" data-issue="{escape(key)}" tabindex="0" aria-description="{about}">{escape(title)}</li>'


def _legend(annotation: Annotation, target: str | None) -> str:
    quotes = annotation.quotes
    items = ["shaded: words of the speaker named in front", '<span class="actor">underlined</span>: an actor']
    if quotes["confidence"].lt(LOW_CONFIDENCE).any():
        items.append(f'<span class="unsure">dashed</span>: confidence below {LOW_CONFIDENCE:.0%}')
    if quotes["within"].notna().any():
        items.append(f"{INNER} named within the words of another speaker")
    if target:
        items += [f"<b>{sign}</b> {label} toward {escape(target)}" for label, sign in SIGNS.items()]
    if len(annotation.issues):
        items.append("beside a paragraph: its issues")
    items.append("point at a mark, tap it or go to it by the Tab key: what is known of it")
    return '<ul class="legend" role="list" aria-label="Key">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
