"""The figures of the explorer that are of an article: what each is drawn from, how, and which rows stand behind what is drawn.

The numbers are those of the notebooks, of the rows that a choice leaves, and the figures are theirs too. Each bears the name under
which its notebook saves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.axes import Axes

from analysis import estimates, figures, selection
from analysis.exploring import View, list_behind
from analysis.selection import SENTENCE_KEY

ALL_ARTICLES = "comparison"  # the notebook whose figures are of a corpus


@dataclass(frozen=True)
class ExplorableFigure:
    """A figure of which each bar, point or cell leads to its sentences.

    Attributes
    ----------
    question : str
        What it answers.
    notebook : str
        The notebook that it is from.
    estimate : function
        From a view to the numbers that it is drawn from.
    plot : function
        From a view and the numbers to the axes that it is drawn on.
    listing : function
        From a view to the rows that the numbers were read from.
    keys : mapping of str to str
        Columns of the listing, and of the numbers, which have the same values.
    places : function, optional
        For what is drawn without an id: from a view and the numbers to where things lie, x and y, or x and right for a stretch of the whole
        height, in the units of the axes. They lead to their `mark` where the table has that column, or else to their sentence.
    behind : function, optional
        From a view, the numbers and one of their rows to the rows behind it, where `keys` do not tell.
    """

    question: str
    notebook: str
    estimate: Callable[[View], pd.DataFrame]
    plot: Callable[[View, pd.DataFrame], Axes]
    listing: Callable[[View], pd.DataFrame]
    keys: Mapping[str, str] = field(default_factory=dict)
    places: Callable[[View, pd.DataFrame], pd.DataFrame] | None = None
    behind: Callable[[View, pd.DataFrame, Mapping], pd.DataFrame] | None = None

    @property
    def of_corpus(self) -> bool:
        """Whether it is of all articles of a corpus."""
        return self.notebook == ALL_ARTICLES

    def rows_behind(self, view: View, numbers: pd.DataFrame, row: Mapping) -> pd.DataFrame:
        """The rows that one row of the numbers was read from."""
        if self.behind:
            return self.behind(view, numbers, row)
        return list_behind(self.listing(view), view.rows.sentences, row, self.keys)


# ------------------------------------------------------------------------------------------------ what is behind


def list_attributions(view: View) -> pd.DataFrame:
    """The attributions that are left."""
    return selection.list_attributions(view.rows.quotes)


def _mentions(view: View) -> pd.DataFrame:
    return selection.list_sentiments(view.rows.sentiments, view.every.mentions, view.every.sentences)


def list_target_mentions(view: View) -> pd.DataFrame:
    """The mentions of the target that are left, with their sentiment."""
    return selection.list_sentiments(view.toward_target, view.every.mentions, view.every.sentences)


def _list_target_mentions_by_issue(view: View) -> pd.DataFrame:
    keys = view.rows.issues[[*SENTENCE_KEY, "issue"]].drop_duplicates()
    told = list_target_mentions(view).merge(keys, on=SENTENCE_KEY, how="left")
    return told.assign(issue=told["issue"].fillna(estimates.NO_ISSUE))


def list_stances(view: View) -> pd.DataFrame:
    """The stances that are left and take a side."""
    return selection.list_stances(view.rows.stances, view.every.mentions, view.every.sentences)


def list_issues(view: View) -> pd.DataFrame:
    """The sentences on each issue that are left."""
    return selection.list_issues(view.rows.issues, view.every.sentences)


# ------------------------------------------------------------------------------------------------ where sentences lie


def _words_along(view: View, _: pd.DataFrame) -> pd.DataFrame:
    """Each sentence from its first word to behind its last, as `plot_voices_along` counts them."""
    spans = view.every.words.groupby(SENTENCE_KEY, sort=False)["position"].agg(["min", "max"]).reset_index()
    return spans.assign(x=spans["min"], right=spans["max"] + 1)


def _sentences_along(view: View, _: pd.DataFrame) -> pd.DataFrame:
    """Each sentence around its number, as `plot_issues_along` counts them."""
    sentences = view.every.sentences
    return sentences[SENTENCE_KEY].assign(x=sentences["sentence"] - 0.5, right=sentences["sentence"] + 0.5)


def _positioned(view: View) -> pd.DataFrame:
    return selection.with_position(view.toward_target, view.every.mentions, view.every.words)


def _mentions_along(view: View, _: pd.DataFrame) -> pd.DataFrame:
    placed = selection.scored(_positioned(view))
    return placed.assign(x=placed["position"], y=placed["score"])


def _mentions_by_lexicon(view: View, _: pd.DataFrame) -> pd.DataFrame:
    scored = selection.scored(view.toward_target)
    return scored.assign(x=scored["lexicon"], y=scored["score"])


# ------------------------------------------------------------------------------------------------ of an article


def _word_shares(view: View) -> pd.DataFrame:
    return estimates.count_low_confidence(estimates.estimate_word_shares(view.rows.words), view.rows.words, ["voice"])


def _verbs(view: View) -> pd.DataFrame:
    verbs = estimates.count_reporting_verbs(view.rows.quotes)
    return estimates.count_low_confidence(verbs, view.rows.quotes, ["speaker", "cue_lemma"])


def _quote_types(view: View) -> pd.DataFrame:
    types = estimates.estimate_quote_types(view.rows.quotes)
    return estimates.count_low_confidence(types, view.rows.quotes, ["speaker", "type"])


def _issue_sentiment(view: View) -> pd.DataFrame:
    return estimates.estimate_issue_sentiment(view.rows.issues, view.toward_target)


def _list_pair(view: View, numbers: pd.DataFrame, row: Mapping) -> pd.DataFrame:
    """The sentences that two issues share, once for each of the two."""
    return list_behind(list_issues(view)[lambda listed: listed["issue"].isin([row["first"], row["second"]])], view.rows.sentences, row, {})


def _plot_voices_along(view: View, _: pd.DataFrame) -> Axes:
    """The whole length of the body, however few of its words are left."""
    ax = figures.plot_voices_along(view.rows.words, view.voices)
    if len(view.rows.words):
        ax.set_xlim(0, len(view.every.words))
    return ax


PAIRS = {name: name for name in estimates.PAIR}

OF_ARTICLE = {
    "quotes-words-by-voice": ExplorableFigure(
        "Whose words fill the text?",
        "quotes",
        _word_shares,
        lambda view, numbers: figures.plot_words_by_voice(numbers, view.voices),
        list_attributions,
        {"speaker": "voice"},
    ),
    "quotes-voices-along": ExplorableFigure(
        "Where in the article does each voice speak?",
        "quotes",
        list_attributions,
        _plot_voices_along,
        list_attributions,
        places=_words_along,
    ),
    "quotes-reporting-verbs": ExplorableFigure(
        "Through which verbs are they heard?",
        "quotes",
        _verbs,
        lambda _, numbers: figures.plot_reporting_verbs(numbers),
        list_attributions,
        {"speaker": "speaker", "cue_lemma": "cue_lemma"},
    ),
    "quotes-quote-types": ExplorableFigure(
        "Who is quoted in their own words?",
        "quotes",
        _quote_types,
        lambda _, numbers: figures.plot_quote_types(numbers),
        list_attributions,
        {"speaker": "speaker", "type": "type"},
    ),
    "stance-matrix": ExplorableFigure(
        "Who supports, and who opposes, whom?",
        "stance",
        lambda view: estimates.estimate_stances(view.rows.stances),
        lambda view, numbers: figures.plot_stance_matrix(numbers, view.target),
        list_stances,
        PAIRS,
    ),
    "stance-pairs": ExplorableFigure(
        "How clear is each stance?",
        "stance",
        lambda view: estimates.estimate_stances(view.rows.stances),
        lambda _, numbers: figures.plot_stance_pairs(numbers),
        list_stances,
        PAIRS,
    ),
    "stance-voices": ExplorableFigure(
        "Who says so: the narrator, or a quoted voice?",
        "stance",
        lambda view: estimates.estimate_stances(view.rows.stances, [*estimates.PAIR, "voice"]),
        lambda view, numbers: figures.plot_stance_voices(numbers, view.voices),
        list_stances,
        PAIRS | {"voice": "voice"},
    ),
    "sentiment-along": ExplorableFigure(
        "How is the target portrayed along the article?",
        "sentiment",
        list_target_mentions,
        lambda view, _: figures.plot_sentiment_along(_positioned(view), view.target, view.voices, len(view.every.words)),
        list_target_mentions,
        places=_mentions_along,
    ),
    "sentiment-by-voice": ExplorableFigure(
        "How does each voice portray the target?",
        "sentiment",
        lambda view: estimates.estimate_sentiment(view.toward_target, "voice"),
        lambda view, numbers: figures.plot_sentiment_by_voice(numbers, view.target, view.voices),
        list_target_mentions,
        {"voice": "voice"},
    ),
    "sentiment-model-and-lexicon": ExplorableFigure(
        "Does a word list see the target as the model does?",
        "sentiment",
        list_target_mentions,
        lambda view, _: figures.plot_model_and_lexicon(view.toward_target, view.target),
        list_target_mentions,
        places=_mentions_by_lexicon,
    ),
    "sentiment-by-actor": ExplorableFigure(
        "Is the target portrayed unlike other actors?",
        "sentiment",
        lambda view: estimates.estimate_sentiment(view.rows.sentiments, "actor"),
        lambda view, numbers: figures.plot_sentiment_by_actor(numbers, view.target),
        _mentions,
        {"actor": "actor"},
    ),
    "issues-shares": ExplorableFigure(
        "Which issues get space?",
        "issues",
        lambda view: estimates.estimate_issue_shares(view.rows.issues, view.rows.sentences),
        lambda view, numbers: figures.plot_issue_shares(numbers, view.sub_issues),
        list_issues,
        {"issue": "issue"},
    ),
    "issues-words": ExplorableFigure(
        "How many of the words are on each issue?",
        "issues",
        lambda view: estimates.estimate_issue_words(view.rows.issues, view.rows.words),
        lambda view, numbers: figures.plot_issue_words(numbers, view.sub_issues),
        list_issues,
        {"issue": "issue"},
    ),
    "issues-along": ExplorableFigure(
        "Where in the article does each issue stand?",
        "issues",
        list_issues,
        lambda view, _: figures.plot_issues_along(view.rows.issues, view.rows.sentences, view.sub_issues),
        list_issues,
        places=_sentences_along,
    ),
    "issues-cooccurrence": ExplorableFigure(
        "Which issues share sentences?",
        "issues",
        lambda view: estimates.estimate_cooccurrence(view.rows.issues, view.sub_issues),
        lambda _, numbers: figures.plot_issue_cooccurrence(numbers),
        list_issues,
        behind=_list_pair,
    ),
    "issues-voices": ExplorableFigure(
        "Who speaks on which issue?",
        "issues",
        lambda view: estimates.estimate_issue_voices(view.rows.issues, view.rows.words),
        lambda view, numbers: figures.plot_issue_voices(numbers, view.voices),
        list_attributions,
        {"speaker": "voice"},
    ),
    "issues-tone": ExplorableFigure(
        "With what sentiment toward the target is each issue covered?",
        "issues",
        _issue_sentiment,
        lambda view, numbers: figures.plot_issue_sentiment(numbers, view.target, view.sub_issues),
        _list_target_mentions_by_issue,
        {"issue": "issue"},
    ),
}
