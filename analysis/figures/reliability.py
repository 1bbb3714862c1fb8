"""Figures of the reliability notebook: how far coders agree, and the machine with them, and what that makes of its shares."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import offset_copy

from analysis.coefficients import MEASURES, RELIABLE, SCALES, TENTATIVE
from analysis.consensus import MACHINE, NO_CONSENSUS, NOT_CODED, VERSUS
from analysis.figures import parts
from analysis.figures.style import (
    INK,
    NEUTRAL,
    RULE,
    SEQUENTIAL,
    Mark,
    axes_for,
    isolate,
    label_letters,
    label_lines,
    say,
    shorten,
    spell_voice,
)

MARKS = {"agreement": Mark("#FFFFFF", "o", ""), "kappa": Mark(NEUTRAL, "s", ""), "alpha": Mark("#332288", "D", "")}
CORRECTED, UNCORRECTED = Mark("#332288", "D", ""), Mark("#FFFFFF", "s", "")
KEY_MM = 6  # for what the marks are
OFFSET = 0.24  # of a row, between its marks
NOTHING = "No codes to compare."


def plot_agreement(agreement: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Percent agreement, kappa and alpha of each comparison, with Krippendorff's two limits.

    Parameters
    ----------
    agreement : DataFrame
        Rows of `Agreement.agreement`: of the coders among themselves, or with the machine.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    with_machine = bool(agreement["with_machine"].any())
    title = "Does the machine code as the coders do?" if with_machine else "Do the coders agree?"
    if agreement.empty:
        return say(ax, title, NOTHING)
    labels = _name_comparisons(agreement)
    rows = list(dict.fromkeys(labels))
    shown = rows[: parts.MAX_ROWS]
    ax = axes_for(ax, title, parts.rows_height(len(shown), 2) + KEY_MM)
    for limit, side in ((TENTATIVE, "right"), (RELIABLE, "left")):
        ax.axvline(limit, color=INK, linewidth=0.7, linestyle=(0, (4, 3)), zorder=0)
        ax.annotate(f"{limit:g}", (limit, 1), (0, 2), xycoords=("data", "axes fraction"), textcoords="offset points", ha=side, va="bottom")
    places = {label: place for place, label in enumerate(shown)}
    for measure, step in zip(MEASURES, (-OFFSET, 0, OFFSET), strict=True):
        own = agreement.assign(label=labels)[agreement["measure"].eq(measure) & labels.isin(shown)]
        _draw_points(ax, own, [places[label] + step for label in own["label"]], ("value", "low", "high"), MARKS[measure], measure)
    _separate(ax, len(shown))
    parts.label_rows(ax, [_counted(label, int(agreement.loc[labels.eq(label), "items"].max())) for label in shown])
    lowest = np.nanmin([0.0, *agreement["value"], *agreement["low"]])
    ax.set_xlim(lowest - 0.03, 1.03)
    parts.label_values(ax, _note_agreement(agreement), comparison=len(rows) - len(shown))
    _add_key(ax, 3)
    return ax


def plot_confusion(confusion: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How often two codes meet in an item: of two coders, or of the coders' consensus and the machine.

    Parameters
    ----------
    confusion : DataFrame
        Rows of `Agreement.confusion`, of one variable and two raters.
    ax : Axes, optional
    """
    with_machine = bool(confusion["second"].eq(MACHINE).any())
    title = "Which codes does the machine confuse?" if with_machine else "Which codes do the coders confuse?"
    if confusion.empty:
        return say(ax, title, NOTHING)
    (first, second), variable = confusion[["first", "second"]].iloc[0], confusion["variable"].iloc[0]
    codes = _order_codes(confusion, variable)
    rows = parts.keep_top([*codes, *_named(confusion["first_code"], (NO_CONSENSUS, NOT_CODED))], parts.MAX_ROWS)
    columns = parts.keep_top([*codes, *_named(confusion["second_code"], (NOT_CODED,))], parts.MAX_COLUMNS)
    shown = confusion[confusion["first_code"].isin(rows) & confusion["second_code"].isin(columns)]
    labels = {code: _spell(code, variable) for code in [*rows, *columns]}
    ax = axes_for(ax, title, parts.matrix_height(max(len(rows), 3), [labels[code] for code in columns]) + 14)
    most = confusion.groupby("first_code")["count"].sum()

    def cell(row: dict) -> parts.Cell:
        same = row["first_code"] == row["second_code"]
        return parts.Cell(SEQUENTIAL(row["count"] / most[row["first_code"]]), str(row["count"]), bold=same)

    parts.draw_matrix(ax, rows, columns, parts.fill_cells(shown, "first_code", "second_code", cell), labels=labels)
    ax.set_ylabel(shorten(first, 24, 1))
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(shorten(second, 24, 1))
    noun = "times that an issue was coded" if SCALES.get(variable) and SCALES[variable].level == "set" else "items"
    left_out = int(confusion["count"].sum() - shown["count"].sum())
    note = f"number: {noun}; shade: its part of the row; bold: both alike" + (f" ({left_out} more in the table)" if left_out else "")
    ax.annotate(parts.fit(ax, note), (0, 0), (0, -4), xycoords="axes fraction", textcoords="offset points", va="top")
    return ax


def plot_corrected_shares(shares: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """The machine's share of each code beside what is left of it when its error is taken out.

    Parameters
    ----------
    shares : DataFrame
        Rows of `Agreement.shares`, of one variable.
    ax : Axes, optional
    """
    title = "What do the shares become without the machine's error?"
    if shares.empty or shares["share"].isna().all():
        return say(ax, title, "No coded item tells how the machine errs.")
    shown = shares.head(parts.MAX_ROWS)
    ax = axes_for(ax, title, parts.rows_height(len(shown)) + KEY_MM)
    places = np.arange(len(shown))
    _draw_points(ax, shown, places - OFFSET / 1.5, ("machine_share", "machine_low", "machine_high"), UNCORRECTED, "machine")
    _draw_points(ax, shown, places + OFFSET / 1.5, ("share", "low", "high"), CORRECTED, "corrected")
    _separate(ax, len(shown))
    parts.label_rows(ax, [shorten(_spell(row.code, row.variable)) for row in shown.itertuples()])
    top = np.nanmax(shown[["machine_high", "high"]].to_numpy())
    ax.set_xlim(-0.03 * top, min(1.0, top * 1.08) + 0.005)
    ax.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1, decimals=0))
    row = shown.iloc[0]
    note = f"share of {row['total']:,} items, by the machine and as corrected by {row['items']:,} coded ones; line: 95% interval"
    parts.label_values(ax, note, code=len(shares) - len(shown))
    _add_key(ax, 2)
    return ax


def _name_comparisons(agreement: pd.DataFrame) -> pd.Series:
    """What each row compares: the raters, or the issue; before it the variable, where there are several."""
    names = agreement["code"].where(agreement["code"].ne(""), agreement["between"])
    return agreement["variable"] + ": " + names if agreement["variable"].nunique() > 1 else names


def _note_agreement(agreement: pd.DataFrame) -> str:
    """What the marks and lines are; of issues, who was compared; and that something is missing, where it is."""
    single = agreement.loc[agreement["code"].ne(""), "between"].drop_duplicates()
    note = "1 is perfect; line: 95% interval; dashed: Krippendorff's limits for alpha; in brackets: items"
    note += "".join(f"; of single issues: {shorten(between, 40, 1)}" for between in single)
    return f"{note}; no mark: not defined" if agreement["value"].isna().any() else note


def _counted(label: str, items: int) -> str:
    """The label of a row; two raters whose names are long stand on a line each."""
    first, versus, second = label.partition(VERSUS)
    if not versus or label_lines() == 1 or len(label) + len(str(items)) + 3 <= label_letters():
        return parts.counted(label, items)
    return f"{isolate(shorten(first, label_letters() - 2, 1))} ×\n{parts.counted(second, items, lines=1)}"


def _spell(code: str, variable: str) -> str:
    """A code for a label: that of a speaker may name several."""
    return spell_voice(code) if variable == "speaker" else code


def _order_codes(confusion: pd.DataFrame, variable: str) -> list[str]:
    """The codes of a table, in the order of their scale or, where there is none, the most frequent first."""
    given = confusion.melt(["count"], ["first_code", "second_code"]).groupby("value")["count"].sum()
    found = [code for code in given.sort_values(ascending=False, kind="stable").index if code not in (NO_CONSENSUS, NOT_CODED)]
    scale = SCALES.get(variable)
    return [code for code in scale.codes if code in found] if scale and scale.codes else found


def _named(codes: pd.Series, special: tuple[str, ...]) -> list[str]:
    return [code for code in special if codes.eq(code).any()]


def _draw_points(ax: Axes, table: pd.DataFrame, places, columns: tuple[str, str, str], mark: Mark, label: str) -> None:
    """A mark and an interval a row, at given heights."""
    value, low, high = (table[column].to_numpy(float) for column in columns)
    ax.hlines(places, low, high, color=INK, linewidth=0.9, zorder=1)
    look = {"markerfacecolor": mark.colour, "markeredgecolor": INK, "markeredgewidth": 0.8, "markersize": 4.5}
    ax.plot(value, places, mark.marker, linestyle="none", label=label, zorder=2, clip_on=False, **look)


def _separate(ax: Axes, rows: int) -> None:
    for edge in range(1, rows):
        ax.axhline(edge - 0.5, color=RULE, linewidth=0.4, zorder=0)


def _add_key(ax: Axes, columns: int) -> None:
    """What the marks are, below the label of the axis; from its right end, so that there is room beneath the labels of rows."""
    lines = 4 + 1.2 * ax.get_xlabel().count("\n")
    below = offset_copy(ax.transAxes, ax.figure, 0, -lines * mpl.rcParams["font.size"], "points")
    key = {"bbox_to_anchor": (1, 0), "bbox_transform": below, "borderaxespad": 0, "ncols": columns}
    ax.legend(loc="upper right", handletextpad=0.2, columnspacing=0.8, **key)
