"""Figures of the sentiment notebook: how a target is portrayed, along the text, by whom, and beside others."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import offset_copy

from analysis.figures import parts
from analysis.figures.style import (
    INK,
    RULE,
    SENTIMENT_MARKS,
    Mark,
    axes_for,
    drawing_height,
    fit_beside,
    letters_across,
    mark_voices,
    say,
    shorten,
    spell_voice,
)
from analysis.selection import are_opposed, scored

KEY = 0.7  # of the letters across are for the key, in one column or side by side: one that is wider than the axes narrows them
KEY_MARK = 4  # letters that a mark of the key takes, with what keeps columns apart
MOST_KEY_COLUMNS = 4
MOST_ACTORS = 12
LABELLED = 3  # mentions that are named by their sentence, so that a reader can look them up
LABEL_WIDTH, LABEL_HEIGHT = 0.3, 0.15  # of such a name beside its mark, in the scores of model and word list
OTHER_ACTOR, TARGET_ACTOR = Mark("#AAAAAA", "o", ""), Mark(INK, "D", "")


def plot_sentiment_along(
    sentiments: pd.DataFrame, target: str, voices: Sequence[str] = (), length: int = 0, ax: Axes | None = None
) -> Axes:
    """Each mention of the target along the article, with the spread of its three probabilities.

    The point is p_positive − p_negative, the mean of a variable that is −1, 0 or 1 with the probabilities of the three
    classes; the line reaches one standard deviation of that variable to either side, cut off at −1 and 1. It shows how
    sure the model is of one mention. It is no interval of an estimate.

    Parameters
    ----------
    sentiments : DataFrame
        Rows of the table `sentiments` about the target, with `selection.with_position`.
    target : str
    voices : sequence of str
        All voices of the report, which fixes their colours and markers.
    length : int
        Of the body, in words; without it, the axis ends with the last mention.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    title = f"How is {target} portrayed along the article?"
    if sentiments.empty:
        return say(ax, title, f"No mention of {target} found.")
    marks = mark_voices([*voices, *sentiments["voice"]])
    speaking = [voice for voice in marks if voice in set(sentiments["voice"])]
    letters = int(KEY * letters_across())
    names = [shorten(spell_voice(voice), letters - KEY_MARK, 1) for voice in speaking]
    columns = min(max(1, letters // (max(map(len, names)) + KEY_MARK)), MOST_KEY_COLUMNS, len(names))
    ax = axes_for(ax, title, 61 + 4 * math.ceil(len(speaking) / columns))
    drawn = _with_spread(sentiments)
    ax.axhline(0, color=RULE, linewidth=0.8, zorder=0)
    ax.vlines(drawn["position"], drawn["low"], drawn["high"], color="#C4C4C4", linewidth=1.2, zorder=1)
    for voice, name in zip(speaking, names, strict=True):
        own, mark = drawn[drawn["voice"].eq(voice)], marks[voice]
        style = {"color": mark.colour, "markeredgecolor": INK, "markeredgewidth": 0.6, "markersize": 5.5}
        ax.plot(own["position"], own["score"], mark.marker, label=name, **style)
    for row in drawn.iloc[np.unique([drawn["score"].argmin(), drawn["score"].argmax()])].itertuples():
        ax.annotate(f"S{row.sentence}", (row.position, row.score), (5, 0), textcoords="offset points", va="center")
    ax.set(ylim=(-1.08, 1.08), ylabel="p(positive) − p(negative), ± 1 s.d.")
    parts.label_values(ax, "words from the start of the body; S: number of the sentence")
    ax.set_yticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
    end = max(length, drawn["position"].max() + 1)
    ax.set_xlim(-0.02 * end, 1.08 * end)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    lines = 4 + 1.2 * ax.get_xlabel().count("\n")  # of type: the ticks, and the axis' label
    below = offset_copy(ax.transAxes, ax.figure, 0, -lines * mpl.rcParams["font.size"], "points")
    key = {"bbox_to_anchor": (0, 0), "bbox_transform": below, "borderaxespad": 0, "ncols": columns}
    ax.legend(loc="upper left", handletextpad=0.2, columnspacing=1, **key)
    return ax


def plot_sentiment_by_voice(means: pd.DataFrame, target: str, voices: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """How each voice portrays the target.

    Parameters
    ----------
    means : DataFrame
        From `estimates.estimate_sentiment`, by voice.
    target, voices, ax
        As in `plot_sentiment_along`.
    """
    title = f"How does each voice portray {target}?"
    if means.empty:
        return say(ax, title, f"No mention of {target} found.")
    shown = means.head(parts.MAX_ROWS)
    ax = axes_for(ax, title, parts.rows_height(len(shown)) + 8)
    marks = mark_voices([*voices, *means["voice"]])
    parts.draw_zero(ax, "negative", "positive")
    parts.draw_intervals(ax, shown, [marks[voice] for voice in shown["voice"]])
    parts.label_rows(ax, [parts.counted(spell_voice(row.voice), row.n_sentences) for row in shown.itertuples()])
    parts.label_values(ax, _MEAN_LABEL, voice=len(means) - len(shown))
    return ax


def plot_model_and_lexicon(sentiments: pd.DataFrame, target: str, ax: Axes | None = None) -> Axes:
    """The model's reading of each mention beside VADER's of its sentence, the widest disagreements named.

    Parameters
    ----------
    sentiments : DataFrame
        Rows of the table `sentiments` about the target.
    target : str
    ax : Axes, optional
    """
    title = f"Does a word list see {target} as the model does?"
    if sentiments.empty:
        return say(ax, title, f"No mention of {target} found.")
    ax = axes_for(ax, title, 14, drawing_height(0.73))
    drawn = _with_spread(sentiments)
    ax.axhline(0, color=RULE, linewidth=0.6, zorder=0)
    ax.axvline(0, color=RULE, linewidth=0.6, zorder=0)
    ax.plot([-1, 1], [-1, 1], color=RULE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    ax.vlines(drawn["lexicon"], drawn["low"], drawn["high"], color="#DDDDDD", linewidth=1, zorder=0)
    for label, mark in SENTIMENT_MARKS.items():
        own = drawn[drawn["label"].eq(label)]
        ax.plot(own["lexicon"], own["score"], mark.marker, color=mark.colour, markeredgecolor=INK, markeredgewidth=0.5, markersize=5.5)
    gap = (drawn["score"] - drawn["lexicon"]).abs()
    apart = drawn.assign(gap=gap, opposed=are_opposed(drawn)).drop_duplicates("sentence").nlargest(LABELLED, ["opposed", "gap"])
    for row in apart.itertuples():
        across, up = drawn["lexicon"] - row.lexicon, drawn["score"] - row.score
        covers = (across.between(0, LABEL_WIDTH, inclusive="right") & up.between(-LABEL_HEIGHT, LABEL_HEIGHT)).any()
        side, words_end = (-4, "right") if covers else (4, "left")
        ax.annotate(f"S{row.sentence}", (row.lexicon, row.score), (side, 4), textcoords="offset points", ha=words_end)
    # beside the scales, where no mention's line reaches
    beside = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "left", "va": "bottom", "style": "italic"}
    ax.annotate("only the model positive", (0, 1), (0, 3), **beside)
    ax.annotate(fit_beside(ax, "only the word list positive"), (1, 0), (4, 0), rotation=270, **beside)
    ax.set(
        xlim=(-1.1, 1.1),
        ylim=(-1.1, 1.1),
        aspect="equal",
        ylabel=fit_beside(ax, "model: p(positive) − p(negative), ± 1 s.d."),
    )
    ax.set_xticks([-1, 0, 1], ["−1", "0", "1"])
    ax.set_yticks([-1, 0, 1], ["−1", "0", "1"])
    parts.label_values(
        ax, "word list: VADER's score of the sentence; dashed: the two agree; ▼ ● ▲: the model's label; S: number of the sentence"
    )
    return ax


def plot_sentiment_by_actor(means: pd.DataFrame, target: str, ax: Axes | None = None) -> Axes:
    """The target beside the other actors.

    Parameters
    ----------
    means : DataFrame
        From `estimates.estimate_sentiment`, by actor.
    target : str
        Set in bold, and kept however rarely it is mentioned.
    ax : Axes, optional
    """
    title = f"Is {target} portrayed unlike other actors?"
    if means.empty:
        return say(ax, title, "No mention of an actor found.")
    names = parts.keep_top(means["actor"], MOST_ACTORS, target)
    shown = means[means["actor"].isin(names)].sort_values("mean", ascending=False, ignore_index=True)
    ax = axes_for(ax, title, parts.rows_height(len(shown)) + 8)
    parts.draw_zero(ax, "negative", "positive")
    parts.draw_intervals(ax, shown, [TARGET_ACTOR if actor == target else OTHER_ACTOR for actor in shown["actor"]])
    actors = list(shown["actor"])
    parts.label_rows(
        ax, [parts.counted(row.actor, row.n_sentences) for row in shown.itertuples()], actors.index(target) if target in actors else None
    )
    parts.label_values(ax, _MEAN_LABEL, actor=len(means) - len(shown))
    return ax


_MEAN_LABEL = f"mean p(positive) − p(negative); {parts.INTERVAL}; in brackets: sentences"


def _with_spread(sentiments: pd.DataFrame) -> pd.DataFrame:
    """With the columns score, low and high: the mean of −1, 0 and 1 by their probabilities, ± one standard deviation, cut off."""
    score = scored(sentiments)["score"]
    spread = np.sqrt((sentiments["p_positive"] + sentiments["p_negative"] - score**2).clip(lower=0))
    return sentiments.assign(score=score, low=(score - spread).clip(lower=-1), high=(score + spread).clip(upper=1))
