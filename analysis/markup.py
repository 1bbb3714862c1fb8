"""Tables of a notebook in HTML: text escaped, sentences as links, attributions with those within them."""

from __future__ import annotations

import html
import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.estimates import LOW_CONFIDENCE
from analysis.prose import INNER, NO_FORMULA, attributed, sure

_PALER = 0.8  # opacity of what is of low confidence: paler, while links in it keep a contrast of 4.5 on striped rows
_WORD_JOINER = "\u2060"  # no line ends here


def html_table(table: pd.DataFrame, limit: int) -> str:
    """A table in HTML: all text escaped, the numbers of sentences as links, so many rows at most."""
    shown = table.head(limit).apply(lambda column: column.map(lambda value: html_cell(column.name, value)), axis=0)
    texts = {name for name in shown if shown[name].astype(str).str.startswith("<div").any()}
    heads = {name: _left(html.escape(str(name)), 0) if name in texts else html.escape(str(name)) for name in shown}
    with pd.option_context("display.max_colwidth", None):
        return _framed(shown.rename(columns=heads).to_html(escape=False, index=False, border=0), len(table), limit)


def html_attributions(attributions: pd.DataFrame, limit: int) -> str:
    """Attributions in HTML: who, through which verb, in which words, and how sure that is.

    An attribution that is reported within another stands below it, indented behind “↳”. One of low confidence says so, and
    is paler.

    Parameters
    ----------
    attributions : DataFrame
        From `selection.list_attributions`, of one article.
    limit : int
        So many rows at most.
    """
    rows = "".join(_html_attribution(row, depth) for row, depth in list(_nest(attributions))[:limit])
    texts = "".join(f"<th>{_left(heading, 0)}</th>" for heading in ("sentence", "speaker", "verb", "words", "type"))
    head = f"<tr>{texts}<th>confidence</th><th>offsets</th></tr>"
    return _framed(f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>", len(attributions), limit)


def _framed(table: str, rows: int, limit: int) -> str:
    """A table, with a note on the rows that it leaves out; or that there are none."""
    note = f"<p>The first {limit} of {rows:,} rows; all of them are in the files.</p>" if rows > limit else ""
    return f'<div class="{NO_FORMULA}">{table}{note}</div>' if rows else "<p>No rows.</p>"


def _nest(attributions: pd.DataFrame) -> Iterator[tuple]:
    """The rows in order, each followed by those within it, with how deep they stand; what is within a row that was left out stands free."""
    numbers = set(attributions["quote"])
    within = defaultdict(list)
    for row in attributions.itertuples():
        within[row.within if row.within in numbers else None].append(row)

    def walk(outer: int | None, depth: int) -> Iterator[tuple]:
        for row in within[outer]:
            yield row, depth
            yield from walk(row.quote, depth + 1)

    return walk(None, 0)


def _html_attribution(row, depth: int) -> str:
    low = row.confidence < LOW_CONFIDENCE
    speaker = _left(html.escape(attributed(row.speaker, row.on_behalf_of)), 7)
    if depth:
        speaker = f'<div style="display: flex; padding-left: {depth}em">{INNER}\u00a0{speaker}</div>'
    cells = (
        html_cell("sentence", row.sentence),
        speaker,
        html_cell("cue", row.cue),
        html_cell("content", row.content),
        html_cell("type", row.type),
        f"<b>low</b>, {sure(row.confidence)}" if low else sure(row.confidence),
        f'<span style="white-space: nowrap">{row.start}–{row.end}</span>',
    )
    shade = f' class="low-confidence" style="opacity: {_PALER}"' if low else ""
    return f"<tr{shade}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def html_sentences(sentences: pd.DataFrame) -> str:
    """All sentences with their numbers and offsets, each the goal of its links."""
    rows = "".join(
        f'<tr id="sentence-{row.sentence}"><td>S{row.sentence}</td>'
        f'<td style="white-space: nowrap">{row.start}–{row.end}</td><td>{row.part}</td>'
        f'<td style="text-align: left; white-space: normal">{html.escape(row.text)}</td></tr>'
        for row in sentences.itertuples()
    )
    head = '<tr><th>sentence</th><th>offsets</th><th>part</th><th style="text-align: left">text</th></tr>'
    return _framed(f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>", len(sentences), len(sentences))


def html_cell(column: str, value) -> str:
    """A value of a column in HTML: text escaped, the numbers of sentences as links."""
    if column in ("sentence", "sentences"):
        numbers = value if isinstance(value, list) else [value]
        return _left(", ".join(f'<a href="#sentence-{number}">S{number}</a>' for number in numbers), min(14, 2 * len(numbers)))
    if column.endswith("_spans"):
        return _left(", ".join(f"{start}–{_WORD_JOINER}{end}" for start, end in value), 9)
    if isinstance(value, float):
        return "—" if math.isnan(value) else f"{value:z.2f}".replace("-", "−")
    if value is pd.NA or value is None:
        return "—"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return _left(html.escape(str(value)), min(22, len(str(value)) * 0.55))


def _left(inner: str, width_em: float) -> str:
    """Text, or links, of a cell: from the left, on several lines if it is long."""
    return f'<div style="text-align: left; white-space: normal; min-width: {width_em:.0f}em">{inner}</div>'
