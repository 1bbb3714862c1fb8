"""What was planted in a corpus comes out of its comparison, with its sign and about its size: the real models on 360 articles."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from make_corpus import FIELDS, SPOKESPERSON, make_articles

from analysis import comparison_estimates as estimates
from analysis.comparison import open_comparison
from analysis.corpus import annotate_corpus
from analysis.report import execute_notebook

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "comparison.ipynb"
# A classifier that errs draws differences together; so much of one that was planted is to be found at least, and at most.
LEAST, MOST = 0.4, 1.2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def planted():
    """A row an article, with what was planted in it."""
    rows = [{**{field: article[field] for field in FIELDS}, **article["key"]} for article in make_articles()]
    return pd.DataFrame(rows).assign(month=lambda rows: rows["date"].str[:7], score=lambda rows: rows["positive"] - rows["negative"])


@pytest.fixture(scope="module")
def corpus(planted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    planted[list(FIELDS)].to_csv(folder / "news.csv", index=False)
    made = annotate_corpus(folder / "news.csv", folder / "corpus", workers=2)
    assert (made.articles, made.failures) == (len(planted), 0)
    return folder / "corpus"


@pytest.fixture(scope="module")
def comparison(corpus, tmp_path_factory):
    return open_comparison(str(corpus), target="China", by="outlet", out=str(tmp_path_factory.mktemp("out")))


def planted_tone(planted: pd.DataFrame, comparison, column: str) -> pd.Series:
    """The tone of sentences that mention China, had all been read right."""
    sentences = comparison.tones.groupby("article").size()
    return planted.groupby(column)["score"].sum() / sentences.reindex(planted["id"]).groupby(planted[column].to_numpy()).sum()


def test_the_outlet_that_is_harsher_is_found_to_be(planted, comparison):
    truth = planted_tone(planted, comparison, "outlet")
    found = estimates.estimate_tone(comparison.tones, ["group"]).set_index("group")
    others = [outlet for outlet in truth.index if outlet != "The Meridian"]
    difference = found.loc["The Meridian", "mean"] - found.loc[others, "mean"].mean()
    assert LEAST <= difference / (truth["The Meridian"] - truth[others].mean()) <= MOST
    assert found["mean"].idxmin() == "The Meridian"


def test_the_trend_is_found_with_its_sign_and_size(planted, comparison):
    truth = planted_tone(planted, comparison, "month")
    found = estimates.estimate_tone(comparison.tones_over_time, ["group", "period", "date"])
    months = np.arange(len(truth))
    slopes = [np.polyfit(months, series, 1)[0] for series in (found["mean"], truth)]
    assert len(found) == len(truth) and LEAST <= slopes[0] / slopes[1] <= MOST


def test_the_voice_that_one_outlet_quotes_twice_as_often_is_found(comparison):
    voices = estimates.estimate_share_of_voice(comparison.words, comparison.articles)
    share = voices[voices["voice"] == SPOKESPERSON].set_index("group")["share"]
    assert 1.5 <= share["Harbour Gazette"] / share.drop("Harbour Gazette").mean() <= 3.5


def test_the_outlet_in_which_japan_condemns_china_more_often_is_found(comparison):
    stances = estimates.estimate_stance_differences(comparison.stances).set_index(["holder", "target", "group"])
    differences = stances.loc[("Japan", "China"), "difference"]
    assert differences.idxmin() == "Northern Ledger" and differences.min() < 0


def test_the_issue_that_gains_space_is_found(planted, comparison):
    truth = (planted["issue"] == "trade").groupby(planted["month"] > "2025-06").mean()
    course = estimates.estimate_issue_attention(
        comparison.issues, comparison.sentences, estimates.of_all(comparison.articles), ["period", "date"]
    )
    trade = course[course["issue"] == "Trade and tariffs"]
    found = trade.groupby(trade["period"] > "2025-06")["share"].mean()
    assert 0.6 <= (found[True] / found[False]) / (truth[True] / truth[False]) <= 1.4


def test_the_notebook_runs_on_it(corpus, tmp_path):
    execute_notebook(NOTEBOOK, tmp_path / "out.ipynb", {"corpus": str(corpus), "out": str(tmp_path)})
    assert len(list((tmp_path / "figures").glob("comparison-*.png"))) == 7
    assert {"tone_behind.csv", "issues_behind.csv"} <= {path.name for path in (tmp_path / "tables").iterdir()}
