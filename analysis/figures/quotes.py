"""Figures of the quotes notebook: how much of the text is whose, where, through which verbs, in whose words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.estimates import UNCLASSED
from analysis.figures import parts
from analysis.figures.style import INK, RULE, SENTIMENT_MARKS, Mark, axes_for, mark_voices, say, shorten
from analysis.tables import QUOTE_TYPES

NOTHING = "No attribution found."
TYPE_MARKS = {"direct": Mark("#332288", "s", ""), "mixed": Mark("#CC79A7", "D", "////"), "indirect": Mark("#E69F00", "o", "....")}
CUE_MARKS = SENTIMENT_MARKS | {
    "distancing": Mark("#CC79A7", "D", "\\\\\\\\"),
    "directive": Mark("#009E73", "s", "xxxx"),
    UNCLASSED: Mark("#DDDDDD", "o", ""),
}
PANEL = 1.5  # from the zero of one panel of shares to the zero of the next


def plot_words_by_voice(shares: pd.DataFrame, voices: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Each voice's share of the words of the body.

    Parameters
    ----------
    shares : DataFrame
        From `estimates.estimate_word_shares`.
    voices : sequence of str
        All voices of the report, which fixes their colours.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    title = "Whose words fill the text?"
    if shares.empty:
        return say(ax, title, "No words found in the body.")
    shown = shares.head(parts.MAX_ROWS)
    ax = axes_for(ax, title, parts.rows_height(len(shown)))
    marks = mark_voices([*voices, *shares["voice"]])
    parts.draw_bars(ax, shown, "share", [marks[voice] for voice in shown["voice"]])
    parts.label_rows(ax, [shorten(voice) for voice in shown["voice"]])
    for place, row in enumerate(shown.itertuples()):
        words = f"{row.share:.0%}, {row.words} word{'s' * (row.words != 1)}"
        ax.annotate(words, (np.fmax(row.share, row.high), place), (4, 0), textcoords="offset points", va="center")
    reach = shown[["share", "high"]].max().max()
    ax.set_xlim(0, reach * 1.85)
    ax.set_xticks([tick for tick in MaxNLocator(4).tick_values(0, reach) if 0 <= tick <= 1])
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    parts.label_values(ax, "share of the words of the body; line: 95% interval", len(shares) - len(shown), "voices")
    return ax


def plot_voices_along(words: pd.DataFrame, voices: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Where in the article each voice speaks.

    Parameters
    ----------
    words : DataFrame
        From `selection.words_with_voice`, of one article.
    voices, ax
        As in `plot_words_by_voice`.
    """
    title = "Where in the article does each voice speak?"
    if words.empty:
        return say(ax, title, "No words found in the body.")
    marks = mark_voices([*voices, *words["voice"]])
    runs = _runs(words)
    speaking = [voice for voice in marks if voice in runs]
    shown = speaking[: parts.MAX_ROWS]
    ax = axes_for(ax, title, parts.rows_height(len(shown)))
    parts.draw_strips(ax, {voice: runs[voice] for voice in shown}, marks)
    parts.label_rows(ax, [shorten(voice) for voice in shown])
    ax.set_xlim(0, len(words))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    parts.label_values(ax, "words from the start of the body", len(speaking) - len(shown), "voices")
    return ax


def plot_reporting_verbs(verbs: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Which verbs introduce whom, neutral and evaluative ones told apart.

    Parameters
    ----------
    verbs : DataFrame
        From `estimates.count_reporting_verbs`.
    ax : Axes, optional
    """
    title = "Through which verbs are they heard?"
    if verbs.empty:
        return say(ax, title, "No reporting verb found.")
    uses = verbs.groupby("speaker", sort=False)["count"].sum().sort_values(ascending=False, kind="stable")
    of_speakers = verbs[verbs["speaker"].isin(uses.index[: parts.MAX_COLUMNS])]
    lemmas = parts.keep_top(of_speakers["cue_lemma"], parts.MAX_ROWS)
    shown = of_speakers[of_speakers["cue_lemma"].isin(lemmas)]
    speakers = [speaker for speaker in uses.index if speaker in set(shown["speaker"])]
    ax = axes_for(ax, title, parts.matrix_height(max(len(lemmas), 2), speakers))

    def cell(row: dict) -> parts.Cell:
        mark = CUE_MARKS[row["cue_class"]]
        return parts.Cell(mark.colour, str(row["count"]), mark.hatch)

    parts.draw_matrix(ax, lemmas, speakers, parts.fill_cells(shown, "cue_lemma", "speaker", cell))
    classes = verbs.drop_duplicates("cue_lemma").set_index("cue_lemma")["cue_class"]
    first = 0
    for name, members in groupby(lemmas, key=lambda lemma: classes[lemma]):
        last = first + len(list(members)) - 1
        _bracket(ax, len(speakers) - 0.4, first, last, name)
        first = last + 1
    left_out = verbs["cue_lemma"].nunique() - len(lemmas) + verbs["speaker"].nunique() - len(speakers)
    parts.label_values(ax, "number of uses of the verb", left_out, "verbs and speakers")
    return ax


def plot_quote_types(types: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Whether speakers are quoted in their own words, in part, or in the reporter's.

    Parameters
    ----------
    types : DataFrame
        From `estimates.estimate_quote_types`.
    ax : Axes, optional
    """
    title = "Who is quoted in their own words?"
    if types.empty:
        return say(ax, title, NOTHING)
    speakers = list(dict.fromkeys(types["speaker"]))
    shown = speakers[: parts.MAX_ROWS]
    ax = axes_for(ax, title, parts.rows_height(len(shown)) + 4)
    totals = types.drop_duplicates("speaker").set_index("speaker")["total"]
    for number, kind in enumerate(QUOTE_TYPES):
        panel = parts.keep_rows(types[types["type"].eq(kind)], "speaker", shown)
        moved = panel.assign(**{name: panel[name] + number * PANEL for name in ("share", "low", "high")})
        parts.draw_intervals(ax, moved, [TYPE_MARKS[kind]] * len(moved), "share")
        ax.annotate(kind, (number * PANEL + 0.5, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points", ha="center")
        for edge in (0, 1):
            ax.axvline(number * PANEL + edge, color=RULE, linewidth=0.5, zorder=0)
    parts.label_rows(ax, [parts.counted(speaker, totals[speaker], 20) for speaker in shown])
    ax.set_xlim(-0.12, (len(QUOTE_TYPES) - 1) * PANEL + 1.12)
    ends = [number * PANEL + end for number in range(len(QUOTE_TYPES)) for end in (0, 0.5, 1)]
    ax.set_xticks(ends, ["0", "50", "100"] * len(QUOTE_TYPES))
    ax.spines["bottom"].set_visible(False)
    label = "% of the speaker's attributions (their number in brackets); line: 95% interval"
    parts.label_values(ax, label, len(speakers) - len(shown), "speakers")
    return ax


def _runs(words: pd.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """The stretches of words, as (first position, number of words), that each voice speaks without a break."""
    runs: dict[str, list[tuple[int, int]]] = {}
    for voice, run in groupby(zip(words["voice"], words["position"], strict=True), key=lambda pair: pair[0]):
        positions = [position for _, position in run]
        runs.setdefault(voice, []).append((positions[0], len(positions)))
    return runs


def _bracket(ax: Axes, x: float, first: int, last: int, name: str) -> None:
    """A class of verbs, named at the right of its rows."""
    ax.plot([x, x], [first - 0.4, last + 0.4], color=CUE_MARKS[name].colour, linewidth=2, clip_on=False, solid_capstyle="butt")
    ax.annotate(name, (x, (first + last) / 2), (4, 0), textcoords="offset points", va="center", color=INK, annotation_clip=False)
