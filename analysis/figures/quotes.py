"""Figures of the quotes notebook: how much of the text is whose, where, through which verbs, in whose words.

What rests on attributions of low confidence is hollow, in each of them, and the label below the axis says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.estimates import LOW_CONFIDENCE, UNCLASSED
from analysis.figures import parts
from analysis.figures.style import INK, RULE, SENTIMENT_MARKS, Mark, axes_for, label_letters, mark_voices, say, shorten, spell_voice
from analysis.tables import QUOTE_TYPES

NOTHING = "No attribution found."
TYPE_MARKS = {"direct": Mark("#332288", "s", ""), "mixed": Mark("#CC79A7", "D", "////"), "indirect": Mark("#E69F00", "o", "....")}
CUE_MARKS = SENTIMENT_MARKS | {
    "distancing": Mark("#CC79A7", "D", "\\\\\\\\"),
    "directive": Mark("#009E73", "s", "xxxx"),
    UNCLASSED: Mark("#DDDDDD", "o", ""),
}
LOW = f"confidence below {LOW_CONFIDENCE:.0%}"
MOSTLY_LOW = f"half or more below {LOW_CONFIDENCE:.0%} confidence"
PANEL = 1.5  # from the zero of one panel of shares to the zero of the next


def plot_words_by_voice(shares: pd.DataFrame, voices: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Each voice's share of the words of the body.

    Parameters
    ----------
    shares : DataFrame
        From `estimates.estimate_word_shares`; with the column `low_confidence`, from `estimates.count_low_confidence`, that part of
        each bar is hollow.
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
    unsure = _of_low_confidence(shown)
    for place, (row, number) in enumerate(zip(shown.itertuples(), unsure, strict=True)):
        if number:
            width = row.share * number / row.words
            parts.draw_hollow_bar(ax, place, row.share - width, width, marks[row.voice])
    parts.label_rows(ax, [shorten(spell_voice(voice)) for voice in shown["voice"]])
    for place, row in enumerate(shown.itertuples()):
        words = f"{row.share:.0%}, {row.words} word{'s' * (row.words != 1)}"
        ax.annotate(words, (np.fmax(row.share, row.high), place), (4, 0), textcoords="offset points", va="center")
    reach = shown[["share", "high"]].max().max()
    parts.label_shares(ax, reach, len("100%, 1000 words"))
    label = f"share of the words of the body; line: 95% interval{_key(unsure.any(), LOW)}"
    parts.label_values(ax, label, voice=len(shares) - len(shown))
    return ax


def plot_voices_along(words: pd.DataFrame, voices: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Where in the article each voice speaks.

    Parameters
    ----------
    words : DataFrame
        From `selection.words_with_voice`, of one article; with the column `confidence`, of the attribution that a word belongs to,
        stretches of low confidence are hollow.
    voices, ax
        As in `plot_words_by_voice`.
    """
    title = "Where in the article does each voice speak?"
    if words.empty:
        return say(ax, title, "No words found in the body.")
    marks = mark_voices([*voices, *words["voice"]])
    low = words["confidence"].lt(LOW_CONFIDENCE).tolist() if "confidence" in words else [False] * len(words)
    filled, hollow = _runs(words, low)
    speaking = [voice for voice in marks if voice in filled or voice in hollow]
    shown = speaking[: parts.MAX_ROWS]
    ax = axes_for(ax, title, parts.rows_height(len(shown)))
    parts.draw_strips(ax, {voice: filled.get(voice, []) for voice in shown}, marks, hollow)
    parts.label_rows(ax, [shorten(spell_voice(voice)) for voice in shown])
    ax.set_xlim(0, len(words))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    label = f"words from the start of the body{_key(bool(set(hollow) & set(shown)), LOW)}"
    parts.label_values(ax, label, voice=len(speaking) - len(shown))
    return ax


def plot_reporting_verbs(verbs: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Which verbs introduce whom, neutral and evaluative ones told apart.

    Parameters
    ----------
    verbs : DataFrame
        From `estimates.count_reporting_verbs`; with the column `low_confidence`, from `estimates.count_low_confidence`, cells are
        hollow where that is half of the uses or more.
    ax : Axes, optional
    """
    title = "Through which verbs are they heard?"
    if verbs.empty:
        return say(ax, title, "No reporting verb found.")
    judging = verbs["count"].where(verbs["cue_class"].ne("neutral"), 0)
    uses = verbs.assign(judging=judging).groupby("speaker", sort=False)[["count", "judging"]].sum()
    uses = uses.sort_values(["count", "judging"], ascending=False, kind="stable")
    of_speakers = verbs[verbs["speaker"].isin(uses.index[: parts.most_columns()])]
    lemmas = _choose_verbs(of_speakers, parts.MAX_ROWS)
    shown = of_speakers[of_speakers["cue_lemma"].isin(lemmas)]
    speakers = [speaker for speaker in uses.index if speaker in set(shown["speaker"])]
    labels = {speaker: spell_voice(speaker) for speaker in speakers}
    ax = axes_for(ax, title, parts.matrix_height(max(len(lemmas), 2), labels.values()))

    def cell(row: dict) -> parts.Cell:
        mark = CUE_MARKS[row["cue_class"]]
        return parts.Cell(mark.colour, str(row["count"]), mark.hatch, hollow=row["hollow"])

    shown = shown.assign(hollow=_mostly_of_low_confidence(shown))
    parts.draw_matrix(ax, lemmas, speakers, parts.fill_cells(shown, "cue_lemma", "speaker", cell), labels=labels)
    classes = verbs.drop_duplicates("cue_lemma").set_index("cue_lemma")["cue_class"]
    first = 0
    for name, members in groupby(lemmas, key=lambda lemma: classes[lemma]):
        last = first + len(list(members)) - 1
        _bracket(ax, len(speakers) - 0.4, first, last, name)
        first = last + 1
    left_out = {"verb": verbs["cue_lemma"].nunique() - len(lemmas), "speaker": verbs["speaker"].nunique() - len(speakers)}
    parts.label_values(ax, f"number of uses of the verb{_key(shown['hollow'].any(), MOSTLY_LOW)}", **left_out)
    return ax


def _choose_verbs(uses: pd.DataFrame, limit: int) -> list[str]:
    """The verbs most used, in the order of the table; of those used alike, some of each class."""
    totals = uses.groupby(["cue_class", "cue_lemma"], sort=False)["count"].sum().sort_values(ascending=False, kind="stable").reset_index()
    turns = totals.assign(turn=totals.groupby("cue_class").cumcount())
    chosen = turns.sort_values(["count", "turn"], ascending=[False, True], kind="stable")["cue_lemma"].head(limit)
    return [lemma for lemma in uses["cue_lemma"].unique() if lemma in set(chosen)]


def plot_quote_types(types: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Whether speakers are quoted in their own words, in part, or in the reporter's.

    Parameters
    ----------
    types : DataFrame
        From `estimates.estimate_quote_types`; with the column `low_confidence`, from `estimates.count_low_confidence`, points are
        hollow where that is half of the attributions or more.
    ax : Axes, optional
    """
    title = "Who is quoted in their own words?"
    if types.empty:
        return say(ax, title, NOTHING)
    speakers = list(dict.fromkeys(types["speaker"]))
    shown = speakers[: parts.MAX_ROWS]
    ax = axes_for(ax, title, parts.rows_height(len(shown)) + 4)
    totals = types.drop_duplicates("speaker").set_index("speaker")["total"]
    types = types.assign(hollow=_mostly_of_low_confidence(types))
    for number, kind in enumerate(QUOTE_TYPES):
        panel = parts.keep_rows(types[types["type"].eq(kind)], "speaker", shown)
        moved = panel.assign(**{name: panel[name] + number * PANEL for name in ("share", "low", "high")})
        parts.draw_intervals(ax, moved, [TYPE_MARKS[kind]] * len(moved), "share")
        ax.annotate(kind, (number * PANEL + 0.5, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points", ha="center")
        for edge in (0, 1):
            ax.axvline(number * PANEL + edge, color=RULE, linewidth=0.5, zorder=0)
    parts.label_rows(ax, [parts.counted(spell_voice(speaker), totals[speaker], label_letters() - 4) for speaker in shown])
    ax.set_xlim(-0.12, (len(QUOTE_TYPES) - 1) * PANEL + 1.12)
    ends = [number * PANEL + end for number in range(len(QUOTE_TYPES)) for end in (0, 0.5, 1)]
    ax.set_xticks(ends, ["0", "50", "100"] * len(QUOTE_TYPES))
    ax.spines["bottom"].set_visible(False)
    hollow = types.loc[types["speaker"].isin(shown), "hollow"].any()
    label = f"% of the speaker's attributions (their number in brackets); line: 95% interval{_key(hollow, MOSTLY_LOW)}"
    parts.label_values(ax, label, speaker=len(speakers) - len(shown))
    return ax


def _of_low_confidence(table: pd.DataFrame) -> pd.Series:
    """How much of each count is of low confidence: nothing, where a table does not tell."""
    return table["low_confidence"] if "low_confidence" in table else pd.Series(0, index=table.index)


def _mostly_of_low_confidence(table: pd.DataFrame) -> pd.Series:
    unsure = _of_low_confidence(table)
    return unsure.gt(0) & (2 * unsure).ge(table["count"])


def _key(shown: bool, meaning: str) -> str:
    """What hollow means, for the label of the axis, where something is."""
    return f"; hollow: {meaning}" if shown else ""


def _runs(words: pd.DataFrame, low: Sequence[bool]) -> tuple[dict[str, list[tuple[int, int]]], dict[str, list[tuple[int, int]]]]:
    """The stretches of words, as (first position, number of words), that each voice speaks without a break: the sure, and the low."""
    runs = {}, {}
    since_gap = words["position"] - np.arange(len(words))  # of words of some voices only: those between are left out
    of_words = zip(words["voice"], low, since_gap, words["position"], strict=True)
    for (voice, is_low, _), run in groupby(of_words, key=lambda word: word[:3]):
        positions = [position for *_, position in run]
        runs[is_low].setdefault(voice, []).append((positions[0], len(positions)))
    return runs


def _bracket(ax: Axes, x: float, first: int, last: int, name: str) -> None:
    """A class of verbs, named at the right of its rows."""
    ax.plot([x, x], [first - 0.4, last + 0.4], color=CUE_MARKS[name].colour, linewidth=2, clip_on=False, solid_capstyle="butt")
    ax.annotate(name, (x, (first + last) / 2), (4, 0), textcoords="offset points", va="center", color=INK, annotation_clip=False)
