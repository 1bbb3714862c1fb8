"""The marked-up article: quotations shaded by speaker, actors underlined, mentions of a target signed by sentiment.

The text is cut wherever a mark begins or ends, and each piece is escaped and wrapped once: marks may overlap as they like.
Nothing is told by colour alone: each quotation opens with its speaker's name, each mention of the target ends in a sign,
and what is ascribed to somebody with low confidence is underlined by dashes and says how low.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import pandas as pd

from analysis import tables
from analysis.annotation import Annotation
from analysis.estimates import LOW_CONFIDENCE
from analysis.figures.style import Mark, mark_voices
from analysis.prose import INNER, attributed, sure
from analysis.selection import list_voices, voice_names

SIGNS = {"negative": "▼", "neutral": "●", "positive": "▲"}
_LINE_END = re.compile(r"\n")
_SHADE = "2e"  # opacity, in hexadecimal: words stay legible on a light and on a dark page
_STYLE = """<style>
.marked-article { line-height: 1.7; max-width: 44rem; }
.marked-article p { margin: 0 0 .9em; overflow-wrap: anywhere; }
.marked-article .headline { font-weight: bold; font-size: 1.2em; }
.marked-article .caption, .marked-article .byline, .marked-article .dateline { font-style: italic; }
.marked-article .quote { border-bottom: 0; padding: .1em 0; }
.marked-article .speaker { font-size: .72em; font-weight: bold; padding: 0 .35em; margin-right: .3em; border: 1px solid; border-radius: .4em; white-space: nowrap; }
.marked-article .unsure { border-bottom: 2px dashed; }
.marked-article .confidence { font-size: .72em; font-style: italic; margin-right: .3em; white-space: nowrap; }
.marked-article .actor { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; }
.marked-article .target { font-weight: bold; }
.marked-article .sign { font-size: .7em; vertical-align: super; margin-left: .1em; }
.marked-article .legend { font-size: .85em; list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2em 1em; }
</style>"""  # noqa: E501


def to_html(annotation: Annotation, target: str | None = None) -> str:
    """Mark up an article.

    Parameters
    ----------
    annotation : Annotation
    target : str, optional
        Canonical name of the actor whose mentions carry the sentiment toward it.

    Returns
    -------
    str
        A fragment of HTML with its own style; all that comes from the article is escaped.
    """
    text = annotation.article.text
    marks = [*_quote_marks(annotation.quotes), *_mention_marks(annotation, target)]
    edges = sorted({edge for mark in marks for edge in (mark.start, mark.end)})
    voices = mark_voices(list_voices(annotation.quotes))
    legend = _legend(target, annotation.quotes)
    body = []
    for kind, start, end in _paragraphs(annotation):
        cuts = [start, *edges[bisect_right(edges, start) : bisect_left(edges, end)], end]
        inside = [m for m in marks if m.start < end and m.end > start]
        pieces = [_piece(text[a:b], a, b, inside, voices) for a, b in zip(cuts, cuts[1:], strict=False)]
        body.append(f'<p class="{kind}">{"".join(pieces)}</p>')
    return f'{_STYLE}<article class="marked-article">{legend}{"".join(body)}</article>'


@dataclass(frozen=True)
class _Mark:
    """What is marked, and from where to where: a quotation by its speaker, or a mention by its actors.

    A quotation opens with its label. One that is not sure has its confidence in words.
    """

    start: int
    end: int
    speaker: str | None = None
    label: str = ""
    unsure: str = ""
    actors: str | None = None
    about: str = ""
    sign: str = ""


def _paragraphs(annotation: Annotation) -> Iterator[tuple[str, int, int]]:
    """The lines of the text that hold words, parted where the article's parts are."""
    text = annotation.article.text
    edges = {0, len(text)} | {edge for part in annotation.article.parts for edge in (part.start, part.end)}
    edges |= {match.end() for match in _LINE_END.finditer(text)}
    ordered = sorted(edges)
    for start, end in zip(ordered, ordered[1:], strict=False):
        if text[start:end].strip():
            yield next((p.kind for p in annotation.article.parts if p.start <= start < p.end), "body"), start, end


def _quote_marks(quotes: pd.DataFrame) -> Iterator[_Mark]:
    """The marks of quotations, the longest first: of those that meet at a place, the last is the innermost, as in `voices`."""
    named = quotes.assign(speaker=voice_names(quotes["speaker"]), on_behalf_of=quotes["on_behalf_of"].fillna(""))
    spans = [(start - end, row.quote, start, end, row) for row in named.itertuples() for start, end in row.content_spans]
    for *_, start, end, row in sorted(spans, key=lambda span: span[:2]):
        who = attributed(row.speaker, row.on_behalf_of)
        cue = f" by “{row.cue}”" if isinstance(row.cue, str) else ""
        confidence = f"confidence {sure(row.confidence)}"
        yield _Mark(
            start,
            end,
            speaker=row.speaker,
            label=who if pd.isna(row.within) else f"{INNER} {who}",
            unsure=confidence if row.confidence < LOW_CONFIDENCE else "",
            about=f"{row.type} attribution to {who}{cue}; {confidence}",
        )


def _mention_marks(annotation: Annotation, target: str | None) -> Iterator[_Mark]:
    sentiments = annotation.sentiments.set_index("mention")
    for (start, end), rows in annotation.mentions.groupby(["start", "end"]):
        names = "; ".join(rows["actor"])
        own = sentiments.reindex(rows.loc[rows["actor"] == target, "mention"]).dropna(subset="label")
        if own.empty:
            yield _Mark(start, end, actors=names, about=names)
        else:
            row = own.iloc[0]
            probabilities = ", ".join(f"{label} {row['p_' + label]:.0%}" for label in tables.SENTIMENTS)
            yield _Mark(start, end, actors=names, about=f"{names}: {probabilities}", sign=SIGNS[row["label"]])


def _piece(words: str, start: int, end: int, marks: list[_Mark], voices: dict[str, Mark]) -> str:
    """The words between two edges, in the marks that cover them."""
    html = escape(words)
    covering = [m for m in marks if m.start <= start and end <= m.end]
    for mark in (m for m in covering if m.actors):
        sign = f'<span class="sign" aria-hidden="true">{mark.sign}</span>' if mark.sign and end == mark.end else ""
        kind = "actor target" if mark.sign else "actor"
        html = f'<span class="{kind}" title="{escape(mark.about)}">{html}</span>{sign}'
        break
    spoken = [m for m in covering if m.speaker]
    if not spoken:
        return html
    labels = "".join(_label(mark) for mark in spoken if mark.start == start)
    innermost = spoken[-1]
    kind = "quote unsure" if innermost.unsure else "quote"
    style = f"background:{voices[innermost.speaker].colour}{_SHADE}"
    about = "; within: ".join(mark.about for mark in reversed(spoken))
    return f'<span class="{kind}" style="{style}" title="{escape(about)}">{labels}{html}</span>'


def _label(mark: _Mark) -> str:
    """The name that a quotation opens with, and its confidence where that is low."""
    confidence = f'<span class="confidence">{mark.unsure}</span>' if mark.unsure else ""
    return f'<span class="speaker">{escape(mark.label)}</span>{confidence}'


def _legend(target: str | None, quotes: pd.DataFrame) -> str:
    items = ["shaded: words of the speaker named in front", "<span class='actor'>underlined</span>: an actor"]
    if quotes["confidence"].lt(LOW_CONFIDENCE).any():
        items.append(f"<span class='unsure'>dashed</span>: confidence below {LOW_CONFIDENCE:.0%}")
    if quotes["within"].notna().any():
        items.append(f"{INNER} named within the words of another speaker")
    if target:
        items += [f"<b>{sign}</b> {label} toward {escape(target)}" for label, sign in SIGNS.items()]
    return '<ul class="legend">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
