"""The figures of the explorer that are of a corpus, and all figures together.

They are those of `comparison.ipynb`, of the articles' rows that a choice leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from analysis import comparison_estimates, figures
from analysis.comparison_estimates import OTHER_VOICES, QUOTED
from analysis.exploring import Choice, View
from analysis.exploring_figures import (
    ALL_ARTICLES,
    OF_ARTICLE,
    PAIRS,
    ExplorableFigure,
    list_attributions,
    list_issues,
    list_stances,
    list_target_mentions,
)
from analysis.tables import NARRATOR


def _grouped(view: View, table: pd.DataFrame) -> pd.DataFrame:
    return comparison_estimates.with_articles(table, view.articles)


def _tones(view: View) -> pd.DataFrame:
    return _grouped(view, comparison_estimates.score_sentences(view.toward_target))


def _tones_over_time(view: View) -> pd.DataFrame:
    return comparison_estimates.of_all(_tones(view)[lambda tones: tones["period"].notna()])


def _tone_points(view: View) -> pd.DataFrame:
    return comparison_estimates.estimate_tone(_tones_over_time(view), ["period", "date"])


def _plot_tone_over_time(view: View, numbers: pd.DataFrame) -> Axes:
    line = comparison_estimates.smooth_tone(_tones_over_time(view), view.period)
    return figures.plot_tone_over_time(numbers, line, view.target)


def _voice_shares(view: View) -> pd.DataFrame:
    return comparison_estimates.estimate_share_of_voice(comparison_estimates.tally_words(view.rows.words), view.articles)


def _stance_differences(view: View) -> pd.DataFrame:
    return comparison_estimates.estimate_stance_differences(_grouped(view, comparison_estimates.score_pairs(view.rows.stances)))


def _attention(view: View) -> pd.DataFrame:
    return comparison_estimates.estimate_issue_attention(view.rows.issues, view.rows.sentences, view.articles, ["group"])


def _of_groups(listing: Callable[[View], pd.DataFrame]) -> Callable[[View], pd.DataFrame]:
    return lambda view: _grouped(view, listing(view))


def _list_voice(view: View, numbers: pd.DataFrame, row: Mapping) -> pd.DataFrame:
    """The attributions of a voice, of all voices, or of those without a column of their own."""
    own = _grouped(view, list_attributions(view))[lambda listed: listed["group"].eq(row["group"])]
    named = [voice for voice in numbers["voice"].unique() if voice not in (QUOTED, OTHER_VOICES)]
    if row["voice"] == OTHER_VOICES:
        own = own[~own["speaker"].isin([*named, NARRATOR])]
    elif row["voice"] != QUOTED:
        own = own[own["speaker"].eq(row["voice"])]
    return own.reset_index(drop=True)


def _points_over_time(_: View, numbers: pd.DataFrame) -> pd.DataFrame:
    return numbers.assign(x=date2num(numbers["date"]), y=numbers["mean"])


OF_CORPUS = {
    "comparison-tone-by-group": ExplorableFigure(
        "Who portrays the target how?",
        ALL_ARTICLES,
        lambda view: comparison_estimates.estimate_tone(_tones(view), ["group"]),
        lambda view, numbers: figures.plot_tone_by_group(numbers, view.target),
        _of_groups(list_target_mentions),
        {"group": "group"},
    ),
    "comparison-tone-over-time": ExplorableFigure(
        "Does the tone toward the target change?",
        ALL_ARTICLES,
        _tone_points,
        _plot_tone_over_time,
        _of_groups(list_target_mentions),
        {"period": "period"},
        places=_points_over_time,
    ),
    "comparison-share-of-voice": ExplorableFigure(
        "Who is quoted, and by whom?",
        ALL_ARTICLES,
        _voice_shares,
        lambda _, numbers: figures.plot_share_of_voice(numbers),
        _of_groups(list_attributions),
        behind=_list_voice,
    ),
    "comparison-stance-differences": ExplorableFigure(
        "Who sees which stance unlike the others?",
        ALL_ARTICLES,
        _stance_differences,
        lambda _, numbers: figures.plot_stance_differences(numbers),
        _of_groups(list_stances),
        PAIRS | {"group": "group"},
    ),
    "comparison-issue-attention": ExplorableFigure(
        "Who gives space to which issue?",
        ALL_ARTICLES,
        _attention,
        lambda _, numbers: figures.plot_issue_attention(numbers),
        _of_groups(list_issues),
        {"issue": "issue", "group": "group"},
    ),
}
FIGURES = OF_ARTICLE | OF_CORPUS


def asked(choice: Choice) -> Choice:
    """What a figure's numbers depend on: not on what was picked nor, of all articles, on which of them is read."""
    plain = replace(choice, mark=None, sentence=None)
    return replace(plain, article="") if FIGURES[choice.figure].of_corpus else plain
