"""Figures of the issues notebook: which issues get space, where, who speaks on them, and with what sentiment."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.comparison_estimates import OTHER_VOICES
from analysis.estimates import LOW_CONFIDENCE, NO_ISSUE
from analysis.figures import parts
from analysis.figures.style import INK, NEUTRAL, SEQUENTIAL, Mark, axes_for, letters_across, mark_voices, say, shorten, spell_voice

NOTHING = "No issue of the codebook found."
ISSUE, SUB_ISSUE, UNCOVERED = Mark("#5B5B7B", "s", ""), Mark("#A5A5BE", "s", "////"), Mark("#DDDDDD", "o", "....")
HEADLINE, LEDE = 30, 10  # places left of the body's first sentence, in letters where the figure is as wide as the body is long
LEAST_SHARE = 0.07  # that the axis of changes reaches to


def plot_issue_shares(shares: pd.DataFrame, sub_issues: Collection[str] = (), ax: Axes | None = None) -> Axes:
    """The share of sentences that each issue stands in.

    Parameters
    ----------
    shares : DataFrame
        From `estimates.estimate_issue_shares`.
    sub_issues : collection of str
        Issues that are part of another, drawn lighter and hatched.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    return _plot_shares("Which issues get space?", shares, "count", "sentences", sub_issues, ax)


def plot_issue_words(shares: pd.DataFrame, sub_issues: Collection[str] = (), ax: Axes | None = None) -> Axes:
    """The share of words that stand in sentences on each issue.

    Parameters
    ----------
    shares : DataFrame
        From `estimates.estimate_issue_words`.
    sub_issues : collection of str
        As in `plot_issue_shares`.
    ax : Axes, optional
    """
    return _plot_shares("How many of the words are on each issue?", shares, "words", "words", sub_issues, ax)


def plot_topics(shares: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """The share of sentences that are about each topic of the Comparative Agendas Project.

    Parameters
    ----------
    shares : DataFrame
        From `estimates.estimate_topic_shares`.
    ax : Axes, optional
    """
    named = shares.rename(columns={"name": "issue"})
    return _plot_shares(
        "Which topics of the Comparative Agendas Project?", named, "count", "sentences", (), ax, "topic", "No sentence found."
    )


def _plot_shares(
    title: str,
    shares: pd.DataFrame,
    amount: str,
    unit: str,
    sub_issues: Collection[str],
    ax: Axes | None,
    of: str = "issue",
    nothing: str = NOTHING,
) -> Axes:
    """A bar a row, with its interval and the numbers behind it."""
    if shares.empty:
        return say(ax, title, nothing)
    shown = shares.head(parts.MAX_ROWS)
    ax = axes_for(ax, title, parts.rows_height(len(shown)))
    parts.draw_bars(ax, shown, "share", _marks(shown["issue"], sub_issues))
    parts.label_rows(ax, [shorten(issue) for issue in shown["issue"]])
    reach = shown[["share", "high"]].max(axis=None)
    longest = 0
    for place, row in enumerate(shown.to_dict("records")):
        end = row["high"] if parts.has_interval(row) else row["share"]
        note = f", {row['unsure']} unsure" if row.get("unsure") else ""
        behind = f"{row[amount]} of {row['total']}{note}"
        ax.annotate(behind, (end, place), (4, 0), textcoords="offset points", va="center")
        longest = max(longest, len(behind) + 1)
    unsure = shown.get("unsure", pd.Series(0, shown.index)).any()
    parts.label_shares(ax, reach, longest)
    key = f"; unsure: probability below {LOW_CONFIDENCE:.0%}" if unsure else ""
    parts.label_values(ax, f"share of the body's {unit}; line: 95% interval{_note(sub_issues)}{key}", **{of: len(shares) - len(shown)})
    return ax


def plot_prominence(prominence: pd.DataFrame, sub_issues: Collection[str] = (), ax: Axes | None = None) -> Axes:
    """Which issues stand in the headline and in the lede, and how far down the body the others come.

    Parameters
    ----------
    prominence : DataFrame
        From `estimates.estimate_prominence`.
    sub_issues : collection of str
        As in `plot_issue_shares`.
    ax : Axes, optional
    """
    title = "How prominently does each issue stand?"
    if prominence.empty:
        return say(ax, title, NOTHING)
    most = prominence.assign(n_sentences=prominence["rows"], top=prominence["headline"] | prominence["lede"])
    shown = most.sort_values(["top", "rows"], ascending=False, kind="stable").head(parts.MAX_ROWS).sort_index()
    ax = axes_for(ax, title, parts.rows_height(len(shown)) * 1.12 + 8)
    lede, headline = (-place / letters_across() for place in (LEDE, HEADLINE))
    edge = headline + (headline - lede) / 2
    ax.axvspan(edge, lede / 2, color="#F1F1F1", zorder=0)
    for place, row in enumerate(shown.itertuples()):
        for at, stands in ((headline, row.headline), (lede, row.lede)):
            if stands:
                ax.plot(at, place, "s", color=INK, markersize=4.5)
    parts.draw_intervals(ax, shown, _marks(shown["issue"], sub_issues))
    parts.label_rows(ax, [parts.counted(row.issue, row.rows) for row in shown.itertuples()])
    for at, label in ((headline, "headline"), (lede, "lede")):
        ax.annotate(label, (at, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points", ha="center")
    ax.set_xlim(edge, 1.04)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["first", "", "middle", "", "last"])
    label = f"mean place in the body; {parts.INTERVAL} (in brackets){_lighter(sub_issues)}"
    parts.label_values(ax, label, issue=len(prominence) - len(shown))
    return ax


def plot_issue_changes(changes: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What another codebook makes of each issue's share of the sentences.

    Parameters
    ----------
    changes : DataFrame
        From `estimates.compare_issue_shares`.
    ax : Axes, optional
    """
    title = "What does the change make of the shares?"
    if changes.empty:
        return say(ax, title, "No issue's sentences change.")
    shown = changes.head(parts.MAX_ROWS)
    ax = axes_for(ax, title, parts.rows_height(len(shown)))
    for place, row in enumerate(shown.itertuples()):
        ax.plot([row.before, row.after], [place, place], color=NEUTRAL, linewidth=1.2, zorder=1)
        ax.plot(row.before, place, ISSUE.marker, markersize=5, markerfacecolor="white", markeredgecolor=ISSUE.colour, markeredgewidth=1.3)
        ax.plot(row.after, place, ISSUE.marker, markersize=5, color=ISSUE.colour)
        told = f"+{len(row.gained)} −{len(row.lost)}"
        ax.annotate(told, (max(row.before, row.after), place), (6, 0), textcoords="offset points", va="center")
    parts.label_rows(ax, [shorten(issue) for issue in shown["issue"]])
    parts.label_shares(ax, max(shown[["before", "after"]].max(axis=None), LEAST_SHARE), len("+10 −10"), start=-0.02)
    label = "share of the body's sentences; hollow: before, filled: after; sentences gained and lost"
    parts.label_values(ax, label, issue=len(changes) - len(shown))
    return ax


def plot_issues_along(issues: pd.DataFrame, sentences: pd.DataFrame, sub_issues: Collection[str] = (), ax: Axes | None = None) -> Axes:
    """Where in the article each issue stands; what none covers, if there is such a thing, is the last row.

    Parameters
    ----------
    issues, sentences : DataFrame
        The tables of these names, of one article and of its body.
    sub_issues : collection of str
        As in `plot_issue_shares`.
    ax : Axes, optional
    """
    title = "Where in the article does each issue stand?"
    if issues.empty or sentences.empty:
        return say(ax, title, NOTHING)
    names = list(issues["issue"].value_counts().index)
    shown = names[: parts.MAX_ROWS]
    numbers = sorted(sentences["sentence"])
    places = {name: sorted(set(issues.loc[issues["issue"].eq(name), "sentence"])) for name in shown}
    uncovered = [number for number in numbers if number not in set(issues["sentence"])]
    rows = places | ({NO_ISSUE: uncovered} if uncovered else {})
    ax = axes_for(ax, title, parts.rows_height(len(rows)))
    runs = {name: [(number - 0.45, 0.9) for number in found] for name, found in rows.items()}
    parts.draw_strips(ax, runs, dict(zip(places, _marks(places, sub_issues), strict=True)) | {NO_ISSUE: UNCOVERED})
    parts.label_rows(ax, [shorten(issue) for issue in rows])
    ax.set_xlim(numbers[0] - 0.6, numbers[-1] + 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    parts.label_values(ax, f"number of the sentence{_note(sub_issues)}", issue=len(names) - len(shown))
    return ax


def plot_issue_cooccurrence(pairs: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How many sentences two issues share.

    Parameters
    ----------
    pairs : DataFrame
        From `estimates.estimate_cooccurrence`.
    ax : Axes, optional
    """
    title = "Which issues share sentences?"
    if pairs.empty:
        return say(ax, title, NOTHING)
    names = parts.keep_top(pairs["first"], parts.most_columns())
    ax = axes_for(ax, title, parts.matrix_height(max(len(names), 2), names))
    shown = pairs[pairs["first"].isin(names) & pairs["second"].isin(names)]

    def cell(row: dict) -> parts.Cell:
        alone = row["first"] == row["second"]
        return parts.Cell("#E4E4E4" if alone else SEQUENTIAL(row["jaccard"]), str(row["count"]), "", not alone)

    parts.draw_matrix(ax, names, names, parts.fill_cells(shown, "second", "first", cell))
    label = "sentences with both issues; on the diagonal: with the one; darker: more of those with either"
    parts.label_values(ax, label, issue=pairs["first"].nunique() - len(names))
    return ax


def plot_issue_voices(shares: pd.DataFrame, voices: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Whose words the sentences on each issue are.

    Parameters
    ----------
    shares : DataFrame
        From `estimates.estimate_issue_voices`.
    voices : sequence of str
        All voices of the report, in the order of the columns.
    ax : Axes, optional
    """
    title = "Who speaks on which issue?"
    if shares.empty:
        return say(ax, title, NOTHING)
    totals = shares.drop_duplicates("issue").sort_values("total", ascending=False, kind="stable")
    rows = parts.keep_top(totals["issue"], parts.MAX_ROWS)
    heard = shares[shares["issue"].isin(rows)].groupby("voice")["words"].sum().sort_values(ascending=False, kind="stable")
    room = parts.most_columns(parts.SHARE_LETTERS)
    most = set(heard.index if len(heard) <= room else heard.index[: room - 1])
    columns = [voice for voice in mark_voices([*voices, *shares["voice"]]) if voice in most]
    shown = shares[shares["issue"].isin(rows) & shares["voice"].isin(columns)]
    others = shares[shares["issue"].isin(rows) & ~shares["voice"].isin(columns)].groupby("issue")["share"].sum()
    columns += [OTHER_VOICES] * (not others.empty)
    labels = {voice: spell_voice(voice) for voice in columns}
    ax = axes_for(ax, title, parts.matrix_height(max(len(rows), 2), labels.values()))

    def cell(row: dict) -> parts.Cell:
        return parts.Cell(SEQUENTIAL(row["share"]), parts.spell_share(row))

    rest = {(issue, OTHER_VOICES): cell({"share": share, "low": math.nan, "high": math.nan}) for issue, share in others.items()}
    parts.draw_matrix(ax, rows, columns, parts.fill_cells(shown, "issue", "voice", cell) | rest, labels=labels)
    label = "% of the words of the sentences on the issue, over their 95% interval"
    parts.label_values(ax, label, issue=shares["issue"].nunique() - len(rows))
    return ax


def plot_issue_sentiment(means: pd.DataFrame, target: str, sub_issues: Collection[str] = (), ax: Axes | None = None) -> Axes:
    """How the target is portrayed where each issue stands.

    Parameters
    ----------
    means : DataFrame
        From `estimates.estimate_issue_sentiment`.
    target : str
    sub_issues : collection of str
        As in `plot_issue_shares`.
    ax : Axes, optional
    """
    title = f"With what sentiment toward {target} is each issue covered?"
    if means.empty:
        return say(ax, title, f"No mention of {target} found.")
    shown = means.head(parts.MAX_ROWS).sort_values("mean", ascending=False, ignore_index=True)
    ax = axes_for(ax, title, parts.rows_height(len(shown)) + 8)
    parts.draw_zero(ax, "negative", "positive")
    marks = zip(shown["issue"], _marks(shown["issue"], sub_issues), strict=True)
    parts.draw_intervals(ax, shown, [Mark(NEUTRAL, "o", "") if issue == NO_ISSUE else mark for issue, mark in marks])
    parts.label_rows(ax, [parts.counted(row.issue, row.n_sentences) for row in shown.itertuples()])
    label = f"mean p(positive) − p(negative); {parts.INTERVAL} (in brackets){_lighter(sub_issues)}"
    parts.label_values(ax, label, issue=len(means) - len(shown))
    return ax


def plot_keyness(keyness: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """The words that are typical of the sentences that no issue covers.

    Parameters
    ----------
    keyness : DataFrame
        From `estimates.estimate_keyness`.
    ax : Axes, optional
    """
    title = "What do the sentences speak of that no issue covers?"
    if keyness.empty:
        return say(ax, title, "No word stands out more than chance may make it.")
    ax = axes_for(ax, title, parts.rows_height(len(keyness), lines=1) + 2)
    for place, row in enumerate(keyness.itertuples()):
        ax.plot([0, row.keyness], [place, place], color=NEUTRAL, linewidth=1)
        ax.plot(row.keyness, place, "o", color=ISSUE.colour, markersize=5)
        ax.annotate(f"{row.count} : {row.reference_count}", (row.keyness, place), (5, 0), textcoords="offset points", va="center")
    parts.label_rows(ax, [shorten(word) for word in keyness["word"]])
    parts.label_amounts(ax, keyness["keyness"].max(), len("10 : 100"))
    parts.label_values(ax, "log-likelihood ratio G²; behind the point: uses here : elsewhere")
    return ax


def _marks(names: Iterable[str], sub_issues: Collection[str]) -> list[Mark]:
    return [SUB_ISSUE if name in sub_issues else ISSUE for name in names]


def _lighter(sub_issues: Collection[str]) -> str:
    return "; lighter: part of another issue" if sub_issues else ""


def _note(sub_issues: Collection[str]) -> str:
    return "; hatched: part of another issue" if sub_issues else ""
