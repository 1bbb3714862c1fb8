"""Figures of the stance notebook: who supports and who opposes whom, and on whose word."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from analysis.estimates import FEW_SENTENCES, are_clear
from analysis.figures import parts
from analysis.figures.network import place_on_circle, route_arrows
from analysis.figures.style import (
    DIVERGING,
    INK,
    STANCE_MARKS,
    Mark,
    axes_for,
    drawing_height,
    give_room,
    letters_across,
    mark_voices,
    say,
    shorten,
    spell_voice,
)

NOTHING = "No stance found: no sentence takes a side."
MAX_NODES = 12
MAX_ARROWS = 24
CIRCLE = 2.05  # half the width of a network in radii, names included
NAME_HEIGHT = 18  # of a name above it, in letters where the figure is as wide as the circle's radius
NAME = 0.23  # of the letters across are for a name beside it
KEY_MM = 15
PALE = 0.45  # how much of an unclear arrow's colour is to be seen
FULL_CIRCLE = 12  # a circle of half as many actors or more is as large as there is room for
_SCALE = Normalize(-1, 1)


def plot_stance_matrix(pairs: pd.DataFrame, target: str | None = None, ax: Axes | None = None) -> Axes:
    """Who takes which stance toward whom.

    Parameters
    ----------
    pairs : DataFrame
        From `estimates.estimate_stances`, by holder and target.
    target : str, optional
        The actor to set in bold.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    title = "Who supports, and who opposes, whom?"
    if pairs.empty:
        return say(ax, title, NOTHING)
    holders = parts.keep_top(_busiest(pairs, "holder"), parts.MAX_ROWS, target)
    targets = parts.keep_top(_busiest(pairs, "target"), parts.most_columns(), target)
    ax = axes_for(ax, title, parts.matrix_height(max(len(holders), 2), targets) + 14)
    shown = pairs[pairs["holder"].isin(holders) & pairs["target"].isin(targets)]
    parts.draw_matrix(ax, holders, targets, parts.fill_cells(shown.assign(clear=are_clear(shown)), "holder", "target", _cell), target)
    ax.set_ylabel("who takes the stance")
    _name_columns(ax, "toward whom")
    _add_scale(ax, len(pairs) - len(shown))
    return ax


def plot_stance_network(pairs: pd.DataFrame, target: str | None = None, ax: Axes | None = None) -> Axes:
    """The lines of support and opposition between actors, as arrows on a circle, pale where they are not clear; the busiest actors stand
    well apart.

    Where there is no room for all, pairs are chosen, not actors: each actor that is shown has an arrow.

    Parameters
    ----------
    pairs, target, ax
        As in `plot_stance_matrix`; the target's pairs are chosen first.
    """
    title = "Along which lines do support and opposition run?"
    sided = pairs[pairs["supporting"].ne(pairs["opposing"])]
    if sided.empty:
        return say(ax, title, NOTHING)
    shown = _choose_pairs(sided, parts.most_columns(limit=MAX_NODES), target)
    nodes = _busiest_of_both(shown)
    size = min(1.0, 0.5 + len(nodes) / FULL_CIRCLE)
    width, height = CIRCLE, 1.12 + NAME_HEIGHT / size / letters_across()
    ax = axes_for(ax, title, KEY_MM, drawing_height(size * height / width))
    places = place_on_circle(nodes[::2] + nodes[1::2])
    point = 2 * width / size / (72 * mpl.rcParams["figure.figsize"][0])
    curves = route_arrows(places, list(zip(shown["holder"], shown["target"], strict=True)), point)
    for row, curve, clear in zip(shown.itertuples(), curves, are_clear(shown), strict=True):
        _draw_arrow(ax, curve, _side(row), max(row.supporting, row.opposing), clear)
    for name, place in places.items():
        _draw_actor(ax, name, place, bold=name == target)
    ax.set(xlim=(-width, width), ylim=(-height, height), aspect="equal")
    ax.set_axis_off()
    _add_key(ax, len(sided) - len(shown))
    return ax


def plot_stance_pairs(pairs: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How strong each stance is, and how much its sentences differ.

    Parameters
    ----------
    pairs, ax
        As in `plot_stance_matrix`.
    """
    title = "How clear is each stance?"
    if pairs.empty:
        return say(ax, title, NOTHING)
    shown = pairs.head(parts.MAX_ROWS).sort_values("mean", ignore_index=True)
    ax = axes_for(ax, title, parts.rows_height(len(shown)) + 4)
    parts.draw_zero(ax, "opposes", "supports")
    parts.draw_intervals(ax, shown, [STANCE_MARKS[_side(row)] for row in shown.itertuples()])
    parts.label_rows(ax, [parts.join_pair(row.holder, row.target, row.n_sentences) for row in shown.itertuples()])
    label = f"mean p(support) − p(oppose); {parts.INTERVAL}; in brackets: sentences"
    parts.label_values(ax, label, pair=len(pairs) - len(shown))
    return ax


def plot_stance_voices(pairs: pd.DataFrame, voices: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """On whose word each stance rests: the narrator's, or a quoted voice's.

    Parameters
    ----------
    pairs : DataFrame
        From `estimates.estimate_stances`, by holder, target and voice.
    voices, ax
        The report's voices, in the order of the columns; axes.
    """
    title = "Who says so: the narrator, or a quoted voice?"
    if pairs.empty:
        return say(ax, title, NOTHING)
    named = pairs.assign(pair=pairs["holder"] + parts.ARROW + pairs["target"])
    rows = parts.keep_top(
        named.groupby("pair", sort=False)["n_sentences"].sum().sort_values(ascending=False, kind="stable").index, parts.MAX_ROWS
    )
    asserting = set(pairs["voice"])
    columns = [voice for voice in mark_voices([*voices, *pairs["voice"]]) if voice in asserting][: parts.most_columns()]
    labels = {voice: spell_voice(voice) for voice in columns}
    ax = axes_for(ax, title, parts.matrix_height(max(len(rows), 2), labels.values()) + 14)
    shown = named[named["pair"].isin(rows) & named["voice"].isin(columns)]
    parts.draw_matrix(ax, rows, columns, parts.fill_cells(shown.assign(clear=are_clear(shown)), "pair", "voice", _cell), labels=labels)
    _name_columns(ax, "who says so")
    _add_scale(ax, len(named) - len(shown))
    return ax


def _side(row) -> str:
    """What most sentences of a pair say."""
    return "support" if row.supporting > row.opposing else "oppose" if row.opposing > row.supporting else "neutral"


def _cell(row: dict) -> parts.Cell:
    """A pair's mean as colour, hatched where it opposes; the number of sentences, bold where the interval leaves out zero."""
    hatch = STANCE_MARKS["oppose"].hatch * (row["mean"] < 0)
    return parts.Cell(DIVERGING(_SCALE(row["mean"])), str(row["n_sentences"]), hatch, row["clear"])


def _name_columns(ax: Axes, name: str) -> None:
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(name)


def _add_scale(ax: Axes, left_out: int) -> None:
    bold = f"bold from {FEW_SENTENCES} on if the 95% interval leaves out 0"
    label = f"mean p(support) − p(oppose); hatched: opposes; number: sentences, {bold}"
    bar = ax.figure.colorbar(ScalarMappable(_SCALE, DIVERGING), ax=ax, orientation="horizontal", aspect=40, fraction=0.04, pad=0.03)
    bar.outline.set_visible(False)
    bar.ax.axvspan(-1, 0, facecolor="none", edgecolor="white", linewidth=0, hatch=STANCE_MARKS["oppose"].hatch)
    bar.set_ticks([-1, 0, 1], labels=["−1", "0", "1"])
    parts.label_values(bar.ax, label, cell=left_out)


def _busiest(pairs: pd.DataFrame, column: str) -> list[str]:
    return list(pairs.groupby(column, sort=False)["n_sentences"].sum().sort_values(ascending=False, kind="stable").index)


def _busiest_of_both(pairs: pd.DataFrame) -> list[str]:
    """Actors by the number of sentences in which they hold a stance or are its target."""
    held = [pairs[[column, "n_sentences"]].rename(columns={column: "actor"}) for column in ("holder", "target")]
    return _busiest(pd.concat(held), "actor")


def _choose_pairs(sided: pd.DataFrame, most_actors: int, target: str | None) -> pd.DataFrame:
    """The pairs that there is room for: the target's first, then those of the most sentences, and of these the clearest."""
    of_others = ~sided[["holder", "target"]].eq(target).any(axis=1)
    actors, chosen = set(), []
    for place in np.lexsort((-sided["mean"].abs(), -sided["n_sentences"], of_others)):
        joined = actors | set(sided.iloc[place][["holder", "target"]])
        if len(joined) <= most_actors and len(chosen) < MAX_ARROWS:
            actors = joined
            chosen.append(place)
    return sided.iloc[chosen]


def _arrow_style(mark: Mark) -> dict:
    return {"color": mark.colour, "linestyle": (0, (3.5, 2)) if mark is STANCE_MARKS["oppose"] else "solid"}


def _draw_arrow(ax: Axes, curve: Path, side: str, sentences: int, clear: bool) -> None:
    """An arrow along a curve, wider where more sentences take its side, pale where they are too few or too much at odds to be clear."""
    arrow = FancyArrowPatch(path=curve, arrowstyle="-|>", mutation_scale=8, joinstyle="miter", alpha=None if clear else PALE)
    arrow.set(linewidth=0.9 + 0.5 * math.log2(sentences), **_arrow_style(STANCE_MARKS[side]))
    ax.add_patch(arrow)


def _draw_actor(ax: Axes, name: str, place: complex, bold: bool) -> None:
    """A ring at an actor's place, and the name outside the circle."""
    x, y = place.real, place.imag
    ax.plot(x, y, "o", markersize=7, markerfacecolor="white", markeredgecolor=INK, markeredgewidth=1.2)
    align = "center" if abs(x) < 0.2 else "left" if x > 0 else "right"
    up = "center" if abs(y) < 0.8 else "bottom" if y > 0 else "top"
    told = shorten(name, int(NAME * letters_across()), 3)
    ax.text(x * 1.12, y * 1.12, told, ha=align, va=up, fontweight="bold" if bold else "normal", linespacing=1)


def _add_key(ax: Axes, left_out: int) -> None:
    lines = [Line2D([], [], linewidth=1.4, **_arrow_style(STANCE_MARKS[side])) for side in ("support", "oppose")]
    pale = f"pale: under {FEW_SENTENCES} sentences, or a 95% interval that holds 0"
    told = "; ".join(filter(None, ("wider: more sentences", pale, parts.tell_left_out(pair=left_out))))
    title = textwrap.fill(told, letters_across() - 4)
    give_room(ax, title.count("\n"))
    ax.legend(lines, ["supports", "opposes"], loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2, title=title, handlelength=3.2)
