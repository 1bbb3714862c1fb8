"""Figures of the comparison notebook: tone, voices, stances and issues, by group and over time."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis.comparison_estimates import MIN_ARTICLES, MIN_SENTENCES, QUOTED, UNKNOWN
from analysis.figures import parts
from analysis.figures.style import DIVERGING, INK, NEUTRAL, RULE, SEQUENTIAL, STANCE_MARKS, Mark, axes_for, say, spell_voice

GROUP, NO_GROUP = Mark("#5B5B7B", "s", ""), Mark(NEUTRAL, "o", "")
BAND, FAINT = "#C9C9DA", "#8C8C8C"
MOST_GROUPS = 12
MOST_ISSUES = 8  # rows with room for a course
LEAST_REACH = 0.25  # of a scale of tone: below, chance would look like a course
SHORT_DAYS = 120  # a course of fewer days is told by the day
TOO_SMALL = f"hollow: under {MIN_ARTICLES} articles or {MIN_SENTENCES} sentences"
FEW_DATES = "No course over time: too few days, weeks or months have a dated article on this."
GROUPS_ARE_MONTHS = "The groups are months themselves: the figure before this one has their course."


def plot_tone_over_time(points: pd.DataFrame, line: pd.DataFrame, target: str, ax: Axes | None = None) -> Axes:
    """The tone toward the target over time: a point a period, and a smooth line with its band.

    Parameters
    ----------
    points : DataFrame
        From `comparison_estimates.estimate_tone`, of one group, by period and date.
    line : DataFrame
        From `comparison_estimates.smooth_tone`, of the same group; without rows, none is drawn.
    target : str
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    title = f"Does the tone toward {target} change?"
    if points.empty:
        return say(ax, title, FEW_DATES)
    ax = axes_for(ax, title, 62)
    reach = _reach(points, line)
    ax.axhline(0, color=RULE, linewidth=0.8, zorder=0)
    _draw_line(ax, line, 0, 1)
    _draw_points(ax, points, 0, 1)
    ax.set_ylim(-reach * 1.04, reach * 1.04)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tone, _: f"{tone:+.2g}".replace("-", "−") if abs(tone) > 1e-9 else "0"))
    ax.set_ylabel("← negative    positive →")
    _label_dates(ax, points)
    smooth = "line and band: smoothed" if line["mean"].notna().any() else "too few for a smooth line"
    parts.label_values(ax, f"mean p(positive) − p(negative) with its 95% interval; {smooth}; {TOO_SMALL}")
    return ax


def plot_tone_over_time_by_group(
    points: pd.DataFrame, line: pd.DataFrame, target: str, groups_are_months: bool = False, ax: Axes | None = None
) -> Axes:
    """The same, a row a group, all rows on one scale.

    Parameters
    ----------
    points : DataFrame
        From `comparison_estimates.estimate_tone`, by group, period and date.
    line : DataFrame
        From `comparison_estimates.smooth_tone`, of the same groups; some may have no line.
    groups_are_months : bool
        Whether that is why no group has a course.
    target, ax
        As in `plot_tone_over_time`.
    """
    title = f"Does the tone toward {target} change in each group?"
    if points.empty:
        return say(ax, title, GROUPS_ARE_MONTHS if groups_are_months else FEW_DATES)
    groups = list(dict.fromkeys(points["group"]))
    shown = groups[: parts.MAX_ROWS]
    kept, lines = (table[table["group"].isin(shown)] for table in (points, line))
    ax = axes_for(ax, title, parts.rows_height(max(2 * len(shown), 4)))
    reach = _reach(kept, lines)
    for place, group in enumerate(shown):
        ax.axhline(place, color=RULE, linewidth=0.6, zorder=0)
        _draw_line(ax, lines[lines["group"].eq(group)], place, -0.45 / reach)
        _draw_points(ax, kept[kept["group"].eq(group)], place, -0.45 / reach)
    _separate_rows(ax, len(shown))
    parts.label_rows(ax, [parts.counted(group, int(kept.loc[kept["group"].eq(group), "n_articles"].sum())) for group in shown])
    _label_dates(ax, kept)
    scale = f"a row reaches from −{reach:g} (negative) to +{reach:g}"
    label = f"mean p(positive) − p(negative), {scale}; lines: 95% intervals, smoothed course with band; {TOO_SMALL}; in brackets: articles"
    parts.label_values(ax, label, group=len(groups) - len(shown))
    return ax


def plot_tone_by_group(means: pd.DataFrame, target: str, ax: Axes | None = None) -> Axes:
    """The groups side by side.

    Parameters
    ----------
    means : DataFrame
        From `comparison_estimates.estimate_tone`, by group.
    target : str
    ax : Axes, optional
    """
    title = f"Who portrays {target} how?"
    if means.empty:
        return say(ax, title, f"No mention of {target} found.")
    shown = means.head(parts.MAX_ROWS).assign(hollow=means["too_small"])
    ax = axes_for(ax, title, parts.rows_height(len(shown)) + 8)
    parts.draw_zero(ax, "negative", "positive")
    parts.draw_intervals(ax, shown, [NO_GROUP if group == UNKNOWN else GROUP for group in shown["group"]])
    parts.label_rows(ax, [parts.counted(row.group, row.n_articles) for row in shown.itertuples()])
    label = f"mean p(positive) − p(negative); line: 95% interval; {TOO_SMALL}; in brackets: articles"
    parts.label_values(ax, label, group=len(means) - len(shown))
    return ax


def plot_share_of_voice(shares: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How much each group quotes, and whom.

    Parameters
    ----------
    shares : DataFrame
        From `comparison_estimates.estimate_share_of_voice`.
    ax : Axes, optional
    """
    title = "Who is quoted, and by whom?"
    if not shares["words"].sum():
        return say(ax, title, "No words of anybody but the narrator found.")
    groups = list(dict.fromkeys(shares["group"]))
    rows, columns = groups[: parts.MAX_ROWS], list(dict.fromkeys(shares["voice"]))
    labels = {voice: spell_voice(voice) for voice in columns}
    ax = axes_for(ax, title, parts.matrix_height(max(len(rows), 2), labels.values()))
    shown = shares[shares["group"].isin(rows)]
    most = shown.loc[shown["voice"].ne(QUOTED), "share"].max()

    def cell(row: dict) -> parts.Cell:
        return _share_cell(row, "#E4E4E4" if row["voice"] == QUOTED else SEQUENTIAL(row["share"] / most))

    parts.draw_matrix(ax, rows, columns, parts.fill_cells(shown, "group", "voice", cell), labels=labels)
    label = f"first column: % of all words; others: % of the quoted words; below: 95% interval; {TOO_SMALL}"
    parts.label_values(ax, label, group=len(groups) - len(rows))
    return ax


def plot_stance_differences(differences: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """In which group a pair's stance is unlike that in the others.

    Parameters
    ----------
    differences : DataFrame
        From `comparison_estimates.estimate_stance_differences`.
    ax : Axes, optional
    """
    title = "Who sees which stance unlike the others?"
    compared = differences[differences["difference"].notna()]
    if compared.empty:
        return say(ax, title, "No pair of actors has enough sentences in two groups or more.")
    named = compared.assign(pair=compared["holder"] + parts.ARROW + compared["target"])
    pairs, groups = (list(dict.fromkeys(names)) for names in (named["pair"], differences["group"]))
    rows = pairs[: parts.MAX_ROWS]
    columns = [group for group in groups if group in set(named["group"])][: _most_groups()]
    shown = named[named["pair"].isin(rows) & named["group"].isin(columns)]
    ax = axes_for(ax, title, parts.matrix_height(max(len(rows), 2), columns))
    parts.draw_matrix(ax, rows, columns, parts.fill_cells(shown, "pair", "group", _difference_cell))
    label = (
        "blue: more in support than in all other groups, orange and hatched: more opposed; stronger: by more; number: sentences, bold if "
        f"the 95% interval of the difference leaves out 0; {TOO_SMALL}, here or in the others"
    )
    parts.label_values(ax, label, cell=len(named) - len(shown))
    return ax


def plot_issue_attention(attention: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Which issues get how much space in each group.

    Parameters
    ----------
    attention : DataFrame
        From `comparison_estimates.estimate_issue_attention`, by group.
    ax : Axes, optional
    """
    title = "Who gives space to which issue?"
    if attention.empty:
        return say(ax, title, "No issue of the codebook found.")
    issues, groups = (list(dict.fromkeys(attention[column])) for column in ("issue", "group"))
    rows, columns = issues[: parts.MAX_ROWS], groups[: _most_groups()]
    shown = attention[attention["issue"].isin(rows) & attention["group"].isin(columns)]
    ax = axes_for(ax, title, parts.matrix_height(max(len(rows), 2), columns))
    most = max(shown["share"].max(), 0.01)
    parts.draw_matrix(
        ax, rows, columns, parts.fill_cells(shown, "issue", "group", lambda row: _share_cell(row, SEQUENTIAL(row["share"] / most)))
    )
    label = f"% of the sentences; below: 95% interval; {TOO_SMALL}"
    parts.label_values(ax, label, issue=len(issues) - len(rows), group=len(groups) - len(columns))
    return ax


def plot_issue_attention_over_time(attention: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How the space of each issue changes, a row an issue, all rows on one scale.

    Parameters
    ----------
    attention : DataFrame
        From `comparison_estimates.estimate_issue_attention`, by period and date.
    ax : Axes, optional
    """
    title = "Which issues come and go?"
    if attention.empty:
        return say(ax, title, FEW_DATES)
    issues = list(dict.fromkeys(attention["issue"]))
    shown = issues[:MOST_ISSUES]
    kept = attention[attention["issue"].isin(shown)]
    ax = axes_for(ax, title, parts.rows_height(max(2 * len(shown), 4)))
    top = np.nanmax([0.01, kept["share"].max(), kept.loc[~kept["too_small"], "high"].max()])
    for place, issue in enumerate(shown):
        own = kept[kept["issue"].eq(issue)]
        ax.axhline(place + 0.45, color=RULE, linewidth=0.6, zorder=0)
        for run in _runs(own):
            ax.plot(date2num(run["date"]), place + 0.45 - 0.9 * run["share"] / top, color=GROUP.colour, linewidth=1, zorder=2)
        _draw_points(ax, own.rename(columns={"share": "mean"}), place + 0.45, -0.9 / top)
    parts.label_rows(ax, [parts.counted(issue, int(kept.loc[kept["issue"].eq(issue), "count"].sum())) for issue in shown])
    _label_dates(ax, kept)
    label = f"share of the sentences, a row reaches from 0 to {top:.0%}; lines: 95% intervals; {TOO_SMALL}; in brackets: sentences"
    parts.label_values(ax, label, issue=len(issues) - len(shown))
    return ax


def _most_groups() -> int:
    return parts.most_columns(parts.SHARE_LETTERS, MOST_GROUPS)


def _reach(points: pd.DataFrame, line: pd.DataFrame) -> float:
    """How far a scale of tone goes to either side: what is not too small is on it whole, of the rest the points."""
    enough = points[~points["too_small"]]
    seen = [points["mean"], enough["low"], enough["high"], line["low"], line["high"]]
    furthest = max((abs(column.astype(float)).max() for column in seen if column.notna().any()), default=0)
    return min(1.0, max(LEAST_REACH, math.ceil(furthest * 10) / 10))


def _draw_line(ax: Axes, line: pd.DataFrame, place: float, scale: float) -> None:
    """A smooth line with its band, broken where there are too few articles."""
    if len(line):
        days = date2num(line["date"])
        mean, low, high = (place + scale * line[column].to_numpy(float) for column in ("mean", "low", "high"))
        ax.fill_between(days, low, high, color=BAND, linewidth=0, zorder=1)
        ax.plot(days, mean, color=GROUP.colour, linewidth=1.4, zorder=2)


def _draw_points(ax: Axes, points: pd.DataFrame, place: float, scale: float) -> None:
    """A point a period with its interval; hollow and without one where it is too small."""
    size = 3.6 if points["date"].nunique() <= 40 else 2.2
    enough, small = points[~points["too_small"]], points[points["too_small"]]
    low, high = (place + scale * enough[column].to_numpy(float) for column in ("low", "high"))
    ax.vlines(date2num(enough["date"]), np.minimum(low, high), np.maximum(low, high), color=INK, linewidth=0.7, zorder=3)
    filled = {"color": GROUP.colour, "markeredgecolor": INK, "markeredgewidth": 0.5}
    hollow = {"color": "white", "markeredgecolor": FAINT, "markeredgewidth": 0.8}
    for own, look in ((enough, filled), (small, hollow)):
        if own.empty:  # points of nothing that are not clipped would take a corner of the figure
            continue
        values = place + scale * own["mean"].to_numpy(float)
        ax.plot(date2num(own["date"]), values, "o", linestyle="none", markersize=size, zorder=4, clip_on=False, **look)


def _runs(points: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Stretches of points that are not too small and follow each other without a gap: only these are joined."""
    ordered = points.sort_values("date")
    steps = ordered["date"].diff()
    breaks = (ordered["too_small"] | steps.gt(1.5 * steps.median())).cumsum()
    for _, run in ordered[~ordered["too_small"]].groupby(breaks):
        yield run


def _label_dates(ax: Axes, points: pd.DataFrame) -> None:
    first, last = points["date"].min(), points["date"].max()
    room = (last - first).days * 0.04 + 1
    ax.set_xlim(date2num(first) - room, date2num(last) + room)
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=5))
    ax.xaxis.set_major_formatter(DateFormatter("%d %b\n%Y" if (last - first).days < SHORT_DAYS else "%b\n%Y"))


def _separate_rows(ax: Axes, rows: int) -> None:
    for edge in range(1, rows):
        ax.axhline(edge - 0.5, color="#EEEEEE", linewidth=0.5, zorder=0)


def _share_cell(row: dict, colour) -> parts.Cell:
    """A share in per cent over its interval; an outline and no interval where it is too small."""
    if row["too_small"]:
        return parts.Cell(RULE, f"{100 * row['share']:.0f}", hollow=True)
    return parts.Cell(colour, parts.spell_share(row))


def _difference_cell(row: dict) -> parts.Cell:
    """A difference as colour, hatched where there is more opposition; the number of sentences, bold where the interval leaves out 0."""
    if row["too_small"]:
        return parts.Cell(RULE, str(row["n_sentences"]), hollow=True)
    clear = row["difference_low"] > 0 or row["difference_high"] < 0
    colour = DIVERGING((min(max(row["difference"], -1), 1) + 1) / 2)
    return parts.Cell(colour, str(row["n_sentences"]), STANCE_MARKS["oppose"].hatch * (row["difference"] < 0), clear)
