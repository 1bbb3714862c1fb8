"""Figures and tables of the explorer in HTML: what is drawn, and over it what can be picked; rows that lead to their sentences.

All text is escaped. The picture is an image, in which nothing can run.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from io import BytesIO

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.transforms import Bbox

from analysis import prose
from analysis.exploring import MARK, Shown, View
from analysis.exploring_figures import ExplorableFigure
from analysis.figures.style import hide_title, read_title, use_style
from analysis.markup import html_cell

SHOWN_ROWS = 100
LEAST_POINTS = 9  # of a place to click, either way: a bar of one word is a hair
POINT = 4.5  # half the width of a point, in points
# DejaVu Sans is matplotlib's own. Where a reader's machine lacks it, Verdana has its widths.
_FACES = ("'DejaVu Sans'", "'DejaVu Sans', 'Bitstream Vera Sans', Verdana, Geneva, sans-serif")
COLUMNS = {  # of the listings, in order: the others are in the files
    "quotes": ("sentence", "speaker", "cue", "content", "type", "confidence"),
    "sentiments": ("sentence", "text", "actor", "words", "score", "label", "voice"),
    "stances": ("sentence", "text", "holder", "target", "label", "voice"),
    "issues": ("sentence", "text", "issue", "evidence_spans"),
    "sentences": ("sentence", "text"),
    "concordance": ("sentence", "left", "hit", "right"),
}
_TOLD_BY = {
    "quotes": "content_spans",
    "concordance": "hit",
    "sentiments": "lexicon",
    "stances": "holder_mention",
    "issues": "evidence_spans",
}


def draw(figure: ExplorableFigure, view: View, numbers: pd.DataFrame, note: str = "") -> str:
    """A figure as a picture, with a button over each thing in it that leads somewhere.

    Parameters
    ----------
    figure : ExplorableFigure
    view : View
    numbers : DataFrame
        From the figure's `estimate`, with the column `mark`.
    note : str
        What was left out of it.

    Returns
    -------
    str
        HTML. Buttons have the attribute `data-pick`, the mark of a row of the numbers, or `data-sentence`.
    """
    with mpl.rc_context():
        use_style()
        mpl.rcParams["svg.fonttype"] = "none"  # type as type: drawn in half the time of outlines
        ax = figure.plot(view, numbers)
        try:
            title = read_title(ax.figure)
            hide_title(ax.figure)
            picture = _to_svg(ax)
            buttons = "".join(_buttons(ax, figure, view, numbers))
        finally:
            plt.close(ax.figure)
    width, height = (f"{side:.0f}" for side in ax.figure.bbox.size)
    source = f"data:image/svg+xml;base64,{b64encode(picture).decode()}"
    alt = f"{title} Its numbers are in the table."
    image = f'<img src="{source}" width="{width}" height="{height}" alt="{escape(alt)}">'
    below = f'<p class="explorer-note">{escape(note)}</p>' if note else ""
    return f'<h3>{escape(title)}</h3><div class="explorer-figure">{image}{buttons}</div>{below}'


def html_tables(shown: Shown, articles: Mapping[str, str]) -> str:
    """The tables of what is shown, their headings with how many rows there are, so many rows at most.

    Parameters
    ----------
    shown : Shown
    articles : mapping of str to str
        Titles by key. In a table of several articles, each row says which it is from.
    """
    return "".join(
        f"<h3>{escape(heading)} ({prose.count(len(table), 'row')})</h3>{_html_table(table, articles)}"
        for heading, table in shown.tables.items()
    )


def _html_table(table: pd.DataFrame, articles: Mapping[str, str]) -> str:
    if table.empty:
        return "<p>No rows.</p>"
    columns = _columns_of(table)
    named = len(articles) > 1 and "article" in table and table["article"].nunique() > 1
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in [*(["article"] if named else []), *columns])
    rows = "".join(_html_row(row, columns, articles if named else None) for row in table.head(SHOWN_ROWS).to_dict("records"))
    more = f"<p>The first {SHOWN_ROWS} of {len(table):,} rows; all of them are in the file.</p>" if len(table) > SHOWN_ROWS else ""
    return f'<table class="explorer-table {prose.NO_FORMULA}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}'


def _columns_of(table: pd.DataFrame) -> list[str]:
    """The columns worth looking at: of a listing, those in `COLUMNS`; of numbers, all but their ids."""
    kind = next((name for name, column in _TOLD_BY.items() if column in table), None)
    if kind is None and "part" in table:
        kind = "sentences"
    if kind:
        return [name for name in COLUMNS[kind] if name in table]
    return [name for name in table if name not in (MARK, "article", "date")]


def _html_row(row: Mapping, columns: list[str], articles: Mapping[str, str] | None) -> str:
    """A row that leads to its sentence, or else to what is drawn for it."""
    if "sentence" in row:
        leads = f' data-sentence="{row["sentence"]}" data-article="{escape(str(row["article"]))}"'
    else:
        leads = f' data-pick="{row[MARK]}"'
    title = f"<td>{escape(articles.get(row['article'], row['article']))}</td>" if articles else ""
    cells = "".join(f'<td class="explorer-{name}">{html_cell(name, row[name])}</td>' for name in columns)
    return f"<tr{leads}>{title}{cells}</tr>"


# ------------------------------------------------------------------------------------------------ the figure


def _to_svg(ax: Axes) -> bytes:
    """The picture, laid out and drawn in one go."""
    file = BytesIO()
    FigureCanvasSVG(ax.figure).print_svg(file, metadata={"Date": None, "Creator": None})
    return file.getvalue().replace(*(face.encode() for face in _FACES))


def _buttons(ax: Axes, figure: ExplorableFigure, view: View, numbers: pd.DataFrame) -> Iterator[str]:
    ids = set(numbers[MARK])
    told = dict(zip(numbers[MARK], numbers.to_dict("records"), strict=True))
    if figure.places is None:
        for artist in ax.get_children():
            if artist.get_gid() in ids:
                yield _button(ax, artist.get_window_extent(), f'data-pick="{artist.get_gid()}"', _tell(told[artist.get_gid()]))
        return
    for row in figure.places(view, numbers).to_dict("records"):
        if MARK in row:
            leads = f'data-pick="{row[MARK]}"'
        else:
            leads = f'data-sentence="{row["sentence"]}" data-article="{escape(str(row["article"]))}"'
        yield _button(ax, _box_of(ax, row), leads, _tell(row) if MARK in row else f"S{row['sentence']}")


def _box_of(ax: Axes, row: Mapping) -> Bbox:
    """Where a row lies in the figure: around a point, or over the whole height of a stretch, as far as the axes go."""
    if "right" in row:
        (left, right), (bottom, top) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
        ends = [min(max(x, left), right) for x in (row["x"], row["right"])]
        return Bbox(ax.transData.transform([(ends[0], bottom), (ends[1], top)]))
    x, y = ax.transData.transform((row["x"], row["y"]))
    half = POINT * ax.figure.dpi / 72
    return Bbox([(x - half, y - half), (x + half, y + half)])


def _button(ax: Axes, box: Bbox, leads: str, label: str) -> str:
    """A button over a place of the picture, in per cent of its size."""
    width, height = ax.figure.bbox.size
    least = LEAST_POINTS * ax.figure.dpi / 72
    wide, high = max(abs(box.width), 1), max(abs(box.height), least)
    if "data-pick" in leads:
        wide = max(wide, least)
    left, top = (box.x0 + box.x1 - wide) / 2, height - (box.y0 + box.y1 + high) / 2
    places = zip(("left", "top", "width", "height"), (left, top, wide, high), (width, height) * 2, strict=True)
    style = ";".join(f"{name}:{100 * value / whole:.2f}%" for name, value, whole in places)
    return f'<button type="button" {leads} style="{style}" title="{escape(label)}" aria-label="{escape(label)}"></button>'


def _tell(row: Mapping) -> str:
    """What a bar, point or cell stands for, in words: its names, and its number."""
    names = [value for value in row.values() if isinstance(value, str) and value != row[MARK]]
    if "share" in row:
        names.append(f"{row['share']:.0%}")
    elif "mean" in row:
        names.append(prose.signed(row["mean"]))
    elif "count" in row:
        names.append(f"{row['count']:,}")
    return ", ".join(names)
