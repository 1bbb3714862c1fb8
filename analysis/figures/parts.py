"""What several figures are made of: rows of points with intervals, rows of bars, strips along the text, matrices.

Where a table has the column `mark`, what is drawn for each of its rows bears that id, so that a click on it leads back to the row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.estimates import FEW_SENTENCES
from analysis.figures.style import INK, RULE, Mark, fit, give_room, ink_on, isolate, label_letters, label_lines, letters_across, shorten

OUTLINE = 0.7  # points
ROW_MM = {1: 5.0, 2: 7.0}  # so many lines of type, and air
MAX_ROWS = 16
MAX_COLUMNS = 16
COLUMNS = 0.6  # of the letters across a figure are for the columns of a matrix
COLUMN_LETTERS = 2.8  # the narrowest column, of two digits
SHARE_LETTERS = 6.2  # of a column with a share over its interval
INTERVAL = f"line: 95% interval; hollow: under {FEW_SENTENCES} sentences"  # how a mean is drawn
LEVEL_LETTERS = 10  # a column of so many letters has room for a level label,
TWO_LINE_LETTERS = 4.8  # and of so many for an upright one of two lines
LONGEST_LEVEL = 24
SHARE_STEPS = (1, 2.5, 5, 10)  # from one tick to the next: 100% is one
TICK_LETTERS = 5  # from one tick to the next, in per cent
LABEL_LINES = 3  # of the label of the horizontal axis that a height reckons with
ARROW = " → "


class Cell(NamedTuple):
    """A cell of a matrix: its colour, what is written in it, its hatch, whether it is in bold, whether it is an outline only, its id."""

    colour: object
    text: str
    hatch: str = ""
    bold: bool = False
    hollow: bool = False
    mark: str | None = None


def label_rows(ax: Axes, labels: Sequence[str], emphasised: int | None = None) -> None:
    """Rows from top to bottom, a label each; one of them may be set in bold."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    for place, text in enumerate(ax.get_yticklabels()):
        text.set_fontweight("bold" if place == emphasised else "normal")


def label_values(ax: Axes, label: str, **left_out: int) -> None:
    """The label of the horizontal axis, and of what there was no room for how many: ``voice=3``."""
    text = fit(ax, "; ".join(filter(None, (label, tell_left_out(**left_out)))))
    ax.set_xlabel(text)
    give_room(ax, text.count("\n") + 1 - LABEL_LINES)


def tell_left_out(**left_out: int) -> str:
    """What is not shown, by its noun; nothing where all is."""
    counted = [f"{number} {noun}{'s' * (number > 1)}" for noun, number in left_out.items() if number]
    return f"not shown: {' and '.join(counted)}" if counted else ""


def draw_intervals(ax: Axes, table: pd.DataFrame, marks: Sequence[Mark], value: str = "mean") -> None:
    """A point a row with its interval, where there is one; hollow where it rests on few sentences, or where the column `hollow` says so."""
    for place, (row, mark) in enumerate(zip(table.to_dict("records"), marks, strict=True)):
        if has_interval(row):
            ax.plot([row["low"], row["high"]], [place, place], color=INK, linewidth=0.9, solid_capstyle="butt")
        if row.get("n_sentences", FEW_SENTENCES) >= FEW_SENTENCES and not row.get("hollow", False):
            filling = {"markerfacecolor": mark.colour, "markeredgecolor": INK, "markeredgewidth": 0.7}
        else:
            filling = {"markerfacecolor": "white", "markeredgecolor": mark.colour, "markeredgewidth": 1.3}
        ax.plot(row[value], place, mark.marker, markersize=5, gid=row.get("mark"), **filling)


def has_interval(row: Mapping) -> bool:
    """Whether a row of estimates has an interval: one sentence has none."""
    return not math.isnan(row["low"])


def spell_share(row: Mapping) -> str:
    """A share in per cent, over its interval where it has one."""
    share, low, high = (f"{100 * part:.{int(0 < part < 0.0095)}f}" for part in (row["share"], row["low"], row["high"]))
    return f"{share}\n{low}–{high}" if has_interval(row) else share


def draw_bars(ax: Axes, table: pd.DataFrame, value: str, marks: Sequence[Mark]) -> None:
    """A bar a row, with its interval where there is one."""
    for place, (row, mark) in enumerate(zip(table.to_dict("records"), marks, strict=True)):
        ax.barh(place, row[value], 0.62, color=mark.colour, hatch=mark.hatch, edgecolor="white", linewidth=0, gid=row.get("mark"))
        if has_interval(row):
            for colour, width in (("white", 2.6), (INK, 1)):
                ax.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=width, solid_capstyle="butt")


def draw_hollow_bar(ax: Axes, place: int, start: float, width: float, mark: Mark) -> None:
    """The part of a row's bar, from `start` on, that is an outline only."""
    ax.barh(place, width, 0.62, left=start, facecolor="white", edgecolor=mark.colour, linewidth=OUTLINE)


def draw_zero(ax: Axes, left: str, right: str) -> None:
    """The scale from −1 to 1, its middle as a line, its two sides named."""
    ax.axvline(0, color=RULE, linewidth=0.8, zorder=0)
    ax.set_xlim(-1.08, 1.08)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
    ax.annotate(f"← {left}", (0, 1), (-4, 3), xycoords=("data", "axes fraction"), textcoords="offset points", ha="right", va="bottom")
    ax.annotate(f"{right} →", (0, 1), (4, 3), xycoords=("data", "axes fraction"), textcoords="offset points", ha="left", va="bottom")


def draw_matrix(
    ax: Axes,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[str, str], Cell],
    bold: str | None = None,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Cells in a grid, columns named above.

    Parameters
    ----------
    ax : Axes
    rows, columns : sequences of str
    cells : mapping of (row, column) to Cell
        Pairs that are not in it stay empty.
    bold : str, optional
        The row and the column to set in bold.
    labels : mapping of str to str, optional
        Of the rows and columns whose label is not their name.
    """
    label_rows(ax, [_label(labels.get(name, name), _matrix_letters()) for name in rows], rows.index(bold) if bold in rows else None)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.xaxis.tick_top()
    upright = not _level_letters(len(columns))
    shown = _column_labels([labels.get(name, name) for name in columns])
    ax.set_xticks(range(len(columns)), shown, rotation=90 if upright else 0, multialignment="left" if upright else "center")
    for text, name in zip(ax.get_xticklabels(), columns, strict=True):
        text.set_fontweight("bold" if name == bold else "normal")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    for edge in range(len(rows) + 1):
        ax.axhline(edge - 0.5, color="#E4E4E4", linewidth=0.5, zorder=0)
    for edge in range(len(columns) + 1):
        ax.axvline(edge - 0.5, color="#E4E4E4", linewidth=0.5, zorder=0)
    for (row, column), cell in cells.items():
        _draw_cell(ax, rows.index(row), columns.index(column), cell)


def draw_strips(
    ax: Axes,
    runs: Mapping[str, Sequence[tuple[float, float]]],
    marks: Mapping[str, Mark],
    hollow: Mapping[str, Sequence[tuple[float, float]]] = MappingProxyType({}),
) -> None:
    """For each row, the stretches (start, width) of the text that it takes up: filled, and hollow.

    Hollow ones are half as high: of a stretch of three words, the outline is all that there is to see.
    """
    for place, (row, stretches) in enumerate(runs.items()):
        mark = marks[row]
        ax.axhline(place, color="#E4E4E4", linewidth=0.5, zorder=0)
        ax.broken_barh(stretches, (place - 0.32, 0.64), facecolor=mark.colour, hatch=mark.hatch, edgecolor="white", linewidth=0)
        if row in hollow:
            ax.broken_barh(hollow[row], (place - 0.16, 0.32), facecolor="white", edgecolor=mark.colour, linewidth=OUTLINE)


def matrix_height(rows: int, columns: Collection[str]) -> float:
    """The height in mm that a matrix needs with type of 7 points, its column labels included."""
    longest = max((len(line) for label in _column_labels(columns) for line in label.split("\n")), default=0)
    return rows * ROW_MM[2] + 16 + (7 if _level_letters(len(columns)) else longest * 1.5)


def rows_height(rows: int, lines: int | None = None) -> float:
    """The height in mm that so many rows with labels of so many lines need with type of 7 points, the axis below them included."""
    return max(rows, 2) * ROW_MM[lines or label_lines()] + 16


def most_columns(letters: float = COLUMN_LETTERS, limit: int = MAX_COLUMNS) -> int:
    """How many columns of so many letters a matrix has room for."""
    return min(limit, int(COLUMNS * letters_across() / letters))


def label_amounts(ax: Axes, reach: float, letters: int, start: float = 0.0, steps: Sequence[float] | None = None) -> None:
    """An axis from `start` to `reach`, with room for so many letters behind the furthest bar, and ticks where bars are.

    Parameters
    ----------
    ax : Axes
    reach : float
        Where the furthest bar ends.
    letters : int
        Of the longest text behind a bar.
    start : float
    steps : sequence of float, optional
        Between ticks, as for matplotlib's `MaxNLocator`.
    """
    across = COLUMNS * letters_across()
    bars = max(across - letters, across / 4)
    ax.set_xlim(start, reach * across / bars)
    ticks = MaxNLocator(max(1, min(4, int(bars / TICK_LETTERS))), steps=steps).tick_values(0, reach)
    ax.set_xticks([tick for tick in ticks if 0 <= tick <= ax.get_xlim()[1]])


def label_shares(ax: Axes, reach: float, letters: int, start: float = 0.0) -> None:
    """The same in per cent: the axis ends with its last tick, and not beyond 100%."""
    label_amounts(ax, reach, letters, start, SHARE_STEPS)
    ticks = [tick for tick in ax.get_xticks() if tick <= 1]
    ax.set_xticks(ticks)
    ax.spines["bottom"].set_bounds(start, max(ticks[-1], min(reach, 1)))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def keep_top(names: Sequence[str], limit: int, keep: str | None = None) -> list[str]:
    """The first names, so many at most; one that must be among them takes the last place if need be."""
    names = list(dict.fromkeys(names))
    top = names[:limit]
    return top if keep in top or keep not in names else [*top[:-1], keep]


def keep_rows(table: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    """The rows of a table that bear some names, in the order of the names."""
    order = {name: place for place, name in enumerate(names)}
    kept = table[table[column].isin(order)]
    return kept.sort_values(column, key=lambda values: values.map(order), kind="stable", ignore_index=True)


def counted(name: str, count: int, width: int | None = None, lines: int | None = None) -> str:
    """A row's label with how many rows of a table it stands for; the number is never cut off."""
    return f"{isolate(shorten(name, (width or label_letters()) - len(str(count)) - 3, lines))}\u00a0({count})"


def join_pair(holder: str, target: str, count: int) -> str:
    """The label of a row about a pair of actors, on as many lines as a row has, with how many sentences it stands for."""
    if label_lines() == 1:
        half = label_letters() // 2
        return f"{isolate(shorten(holder, half - 2))}{ARROW}{counted(target, count, half)}"
    return f"{isolate(shorten(holder, label_letters() - 2, 1))} →\n{counted(target, count, lines=1)}"


def fill_cells(table: pd.DataFrame, row: str, column: str, cell: Callable[[dict], Cell]) -> dict[tuple[str, str], Cell]:
    """The cells of a matrix from the rows of a table."""
    return {(record[row], record[column]): cell(record)._replace(mark=record.get("mark")) for record in table.to_dict("records")}


def _level_letters(columns: int) -> int:
    """How many letters a line of the level label of a column has; 0 where there is room for none."""
    letters = int(0.53 * letters_across() / max(columns, 1))
    return min(letters, LONGEST_LEVEL) if letters >= LEVEL_LETTERS else 0


def _matrix_letters() -> int:
    """How many letters a line of the label of a row or column of a matrix has."""
    return min(label_letters(), int(0.37 * letters_across()), 30)


def _column_labels(columns: Collection[str]) -> list[str]:
    if letters := _level_letters(len(columns)):
        return [_label(name, letters) for name in columns]
    if len(columns) <= most_columns(TWO_LINE_LETTERS):
        return [_label(name, _matrix_letters()) for name in columns]
    return [shorten(name, _matrix_letters() + 9, 1) for name in columns]


def _label(name: str, width: int) -> str:
    """A name, or a pair of names on a line each, shortened."""
    holder, arrow, target = name.partition(ARROW)
    return f"{isolate(shorten(holder, width - 2, 1))} →\n{shorten(target, width, 1)}" if arrow else shorten(name, width, 2)


def _draw_cell(ax: Axes, place: int, column: int, cell: Cell) -> None:
    if cell.hollow:
        look = {"facecolor": "white", "edgecolor": cell.colour, "linewidth": 2 * OUTLINE}
    else:
        look = {"facecolor": cell.colour, "edgecolor": "white", "linewidth": 0, "hatch": cell.hatch}
    ax.add_patch(Rectangle((column - 0.46, place - 0.44), 0.92, 0.88, gid=cell.mark, **look))
    text = ax.text(column, place, cell.text, ha="center", va="center", fontweight="bold" if cell.bold else "normal")
    if cell.hatch and not cell.hollow:
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
    else:
        text.set_color(ink_on("white" if cell.hollow else cell.colour))
