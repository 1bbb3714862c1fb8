"""The comparison of a corpus, on hand-made tables whose answers are known."""

import ast
import math
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import papermill
import pytest
from cells import list_cells, run_notebook

from analysis import comparison, prose_comparison, selection, tables
from analysis import comparison_estimates as estimates
from analysis.errors import InputError
from analysis.estimates import wilson_interval
from analysis.store import Store

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "comparison.ipynb"
TEXT = "Trade with China grew."


class Tables:
    """What a corpus is to its reader, from tables made here."""

    store = Store("corpus")

    def __init__(self, articles: list[dict], **rows: list[dict]):
        given = rows | {"articles": articles}
        self.tables = {name: tables.conform(name, given.get(name, [])) for name in tables.TABLES}

    def read(self, table, columns=None, articles=None):
        found = self.tables[table]
        if articles is not None:
            found = found[found["article"].isin(list(articles))].reset_index(drop=True)
        return found[columns] if columns else found


def article(key: str, outlet: str | None = "Daily", day: str | None = "2025-03-01", author: str | None = None, **more) -> dict:
    about = {"article": key, "title": f"Title of {key}", "outlet": outlet, "published": pd.Timestamp(day, tz="UTC") if day else None}
    return about | {"author": author, "url": None, "language": "en", "text": "", "duplicate_of": None} | more


def sentences_of(keys: list[str], number: int = 2, part: str = "body") -> list[dict]:
    size = len(TEXT) + 1
    return [
        {"article": key, "sentence": n, "start": n * size, "end": (n + 1) * size - 1, "text": TEXT, "part": part}
        for key in keys
        for n in range(number)
    ]


def mention(key: str, number: int, sentence: int, score: float = 0.0, actor: str = "China", kind: str = "country") -> tuple[dict, dict]:
    """A mention, and the sentiment toward its actor."""
    place = {"article": key, "mention": number, "sentence": sentence, "actor": actor}
    named = place | {"start": 11, "end": 16, "text": actor, "form": "name", "actor_type": kind, "country": "CHN"}
    shares = {"p_negative": max(-score, 0), "p_neutral": 1 - abs(score), "p_positive": max(score, 0)}
    return named, place | shares | {"voice": "narrator", "label": "neutral", "lexicon": 0.0}


def corpus_of(articles: list[dict], number: int = 2, score: float = 0.2, **rows: list[dict]) -> Tables:
    """Articles of so many sentences, each of which mentions China once."""
    keys = [row["article"] for row in articles]
    pairs = [mention(key, n, n, score) for key in keys for n in range(number)]
    made = {"sentences": sentences_of(keys, number), "mentions": [pair[0] for pair in pairs], "sentiments": [pair[1] for pair in pairs]}
    return Tables(articles, **(made | rows))


@pytest.fixture
def opened(monkeypatch, tmp_path):
    """A function that opens a comparison of tables."""

    def opened(corpus: Tables, **parameters) -> comparison.Comparison:
        monkeypatch.setattr(comparison, "open_corpus", lambda place: corpus)
        return comparison.open_comparison("corpus", **({"out": str(tmp_path), "formats": "png"} | parameters))

    return opened


def tones_of(scores: dict[str, list[float]], group: str = "Daily", start: str = "2025-01-01", step: float = 1) -> pd.DataFrame:
    """Tones of articles that appear one after the other, `step` days apart."""
    rows = [
        {"article": key, "sentence": n, "score": score, "n_mentions": 1, "group": group}
        | {"published": pd.Timestamp(start, tz="UTC") + pd.Timedelta(days=place * step)}
        for place, (key, values) in enumerate(scores.items())
        for n, score in enumerate(values)
    ]
    return estimates.with_period(pd.DataFrame(rows), "month")


# ---------------------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"by": "colour"}, "'colour'.*outlet, author or month"),
        ({"since": "1 March"}, "since: '1 March' is no date.*2025-01-31"),
        ({"until": "2025-02-30"}, "until: '2025-02-30' is no date"),
        ({"since": "2025-03-02", "until": "2025-03-01"}, "since: 2025-03-02 is later than until, 2025-03-01"),
        ({"since": "2026-01-01"}, "no article was published in these days.*2025-03-01 to 2025-03-01"),
        ({"target": "Atlantis"}, "none of 1 article mentions 'Atlantis'.*most often these: China"),
        ({"formats": "bmp"}, "bmp.*png, svg, pdf"),
    ],
)
def test_a_wrong_parameter_says_what_is_allowed(parameters, told, opened):
    with pytest.raises(InputError, match=told):
        opened(corpus_of([article("a")]), **parameters)


def test_a_folder_without_a_corpus_is_named(tmp_path):
    with pytest.raises(InputError, match=re.escape(str(tmp_path))):
        comparison.open_comparison(str(tmp_path))


def test_a_corpus_in_which_all_failed_says_so(opened):
    with pytest.raises(InputError, match="^corpus: the corpus has no article with annotated sentences"):
        opened(Tables([article("a")]))


def test_a_target_goes_by_many_names(opened):
    assert opened(corpus_of([article("a")]), target="chn").target == "China"


# ---------------------------------------------------------------------------------------------- which articles


def test_the_last_day_is_within_and_the_undated_are_without(opened):
    days = {"a": "2025-02-28", "b": "2025-03-01", "c": "2025-03-31T23:59", "d": "2025-04-01", "e": None}
    study = opened(corpus_of([article(key, day=day) for key, day in days.items()]), since="2025-03-01", until="2025-03-31")
    assert list(study.articles["article"]) == ["b", "c"]
    assert (study.left_out.other_days, study.left_out.undated) == (2, 1)
    assert "2 articles published on other days and 1 article without a date" in prose_comparison.describe_comparison(study)


def test_without_limits_the_undated_are_within_and_in_no_course(opened):
    study = opened(corpus_of([article("a"), article("b", day=None)]))
    assert set(study.articles["article"]) == {"a", "b"} and set(study.tones_over_time["article"]) <= {"a"}
    assert "1 article without a date is in no course over time" in prose_comparison.describe_comparison(study)


def test_each_text_counts_once_unless_duplicates_are_asked_for(opened):
    copies = [article("a"), article("b", "Post", duplicate_of="a"), article("c", "Herald", duplicate_of="a")]
    exact = article("d", "Mirror", duplicate_of="a")
    near = corpus_of(copies)
    whole = Tables(
        [*copies, exact],
        **{name: near.tables[name].to_dict("records") for name in ("sentences", "mentions", "sentiments")},
    )
    once, all_near = opened(whole), opened(whole, include_duplicates=True)
    assert list(once.articles["article"]) == ["a"] and once.left_out.duplicates == 3
    assert list(all_near.articles["article"]) == ["a", "b", "c"] and all_near.left_out.duplicates == 1
    assert once.left_out.failed == all_near.left_out.failed == 0


def test_a_copy_stands_for_an_original_that_is_left_out(opened):
    rows = [article("b", duplicate_of="a"), article("c", duplicate_of="a"), article("a", day="2024-01-01")]
    assert list(opened(corpus_of(rows), since="2025-01-01").articles["article"]) == ["b"]
    assert list(opened(corpus_of(rows)).articles["article"]) == ["a"]


def test_an_exact_copy_of_an_original_that_is_left_out_is_counted_apart(opened):
    near = corpus_of([article("a", day="2024-01-01"), article("b")])
    copy = article("c", duplicate_of="a")
    whole = Tables(
        [*near.tables["articles"].to_dict("records"), copy],
        **{n: near.tables[n].to_dict("records") for n in ("sentences", "mentions", "sentiments")},
    )
    study = opened(whole, since="2025-01-01", include_duplicates=True)
    assert list(study.articles["article"]) == ["b"] and (study.left_out.copies, study.left_out.duplicates, study.left_out.failed) == (
        1,
        0,
        0,
    )
    assert "1 article that copies one of other days" in prose_comparison.describe_comparison(study)


def test_what_failed_and_its_copies_are_told_as_failed_whatever_they_repeat():
    near = corpus_of([article("a")])
    failed = [{"article": key, "path": None, "stage": "quotes", "error": "no"} for key in ("b", "c")]
    rows = [article("b"), article("c", duplicate_of="a"), article("d", duplicate_of="b")]
    whole = Tables(
        [*near.tables["articles"].to_dict("records"), *rows],
        failures=failed,
        **{n: near.tables[n].to_dict("records") for n in ("sentences", "mentions", "sentiments")},
    )
    chosen, left_out = comparison._choose_articles(whole, None, None, False)
    assert list(chosen["article"]) == ["a"] and (left_out.failed, left_out.duplicates, left_out.copies) == (3, 0, 0)


def test_headlines_and_captions_count_nowhere(opened):
    headlines = [{**row, "part": "headline"} for row in sentences_of(["a"], 1)]
    body = [row for row in sentences_of(["a"], 3) if row["sentence"]]
    study = opened(corpus_of([article("a")], 3, sentences=headlines + body))
    assert len(study.sentences) == len(study.tones) == 2


def test_representatives_count_where_they_are_asked_for(opened):
    named, sentiment = zip(mention("a", 0, 0, 0.5), mention("a", 1, 1, -0.5, "Xi Jinping", "person"), strict=True)
    corpus = corpus_of([article("a")], mentions=list(named), sentiments=list(sentiment))
    assert list(opened(corpus).tones["score"]) == [0.5]
    assert list(opened(corpus, include_representatives=True).tones["score"]) == [0.5, -0.5]


# ---------------------------------------------------------------------------------------------- groups and periods


def articles_of(*rows: dict) -> pd.DataFrame:
    return tables.conform("articles", rows)


def test_the_unknown_stand_last_however_many_they_are():
    rows = [article(key, outlet) for key, outlet in zip("abcdef", [None, "", " ", "Post", "Daily", "Daily"], strict=True)]
    grouped = estimates.with_group(articles_of(*rows), "outlet")
    assert list(dict.fromkeys(grouped["group"])) == ["Daily", "Post", "unknown"] and grouped["group"].eq("unknown").sum() == 3


def test_authors_are_groups_and_months_stand_in_their_order():
    rows = [
        article("a", day="2025-10-01", author="Ann"),
        article("b", day=None),
        article("c", day="2025-09-01"),
        article("d", day="2025-10-02"),
    ]
    assert list(dict.fromkeys(estimates.with_group(articles_of(*rows), "month")["group"])) == ["2025-09", "2025-10", "unknown"]
    assert list(dict.fromkeys(estimates.with_group(articles_of(*rows), "author")["group"])) == ["Ann", "unknown"]


@pytest.mark.parametrize(
    ("days", "kind"), [(range(0, 180, 30), "month"), (range(0, 42, 7), "week"), (range(6), "day"), (range(5), None), ([], None)]
)
def test_the_period_is_the_coarsest_that_gives_six_points(days, kind):
    published = pd.Series(pd.to_datetime([pd.Timestamp("2025-01-06", tz="UTC") + pd.Timedelta(days=day) for day in days], utc=True))
    assert estimates.choose_period(published) == kind


def test_a_period_bears_its_month_or_its_first_day():
    rows = articles_of(article("a", day="2025-03-05"), article("b", day=None))
    assert estimates.with_period(rows, "month")["period"].iat[0] == "2025-03"
    weeks = estimates.with_period(rows, "week")
    assert weeks["period"].iat[0] == "2025-03-03" and str(weeks["date"].iat[0].date()) == "2025-03-06"
    assert weeks["period"].isna().iat[1] and estimates.with_period(rows, None)["date"].isna().all()


# ---------------------------------------------------------------------------------------------- resampling


def test_a_resample_has_as_many_articles_as_there_are():
    totals = estimates.resample_totals(np.column_stack([np.ones(7), np.arange(7.0)]), draws=50)
    assert totals.shape == (50, 2) and (totals[:, 0] == 7).all() and len(set(totals[:, 1])) > 5


def test_resamples_are_the_same_each_time_and_have_the_spread_that_theory_gives(monkeypatch):
    values = np.random.default_rng(5).normal(size=(300, 1))
    first = estimates.resample_totals(values)
    assert (estimates.resample_totals(values) == first).all()
    assert first.std() == pytest.approx(values.std() * math.sqrt(300), rel=0.1)
    monkeypatch.setattr(estimates, "BATCH", 1000)
    assert estimates.resample_totals(values).std() == pytest.approx(first.std(), rel=0.1)


# ---------------------------------------------------------------------------------------------- tone


def test_a_sentence_has_one_tone_however_often_it_names_the_target():
    rows = [mention("a", 0, 0, 0.8)[1], mention("a", 1, 0, 0.4)[1], mention("a", 2, 1, -0.2)[1]]
    scores = estimates.score_sentences(tables.conform("sentiments", rows))
    assert scores["score"].tolist() == pytest.approx([0.6, -0.2]) and list(scores["n_mentions"]) == [2, 1]


def test_a_mean_is_that_of_sentences_with_their_counts():
    tones = tones_of({"a": [0.6, 0.6, 0.6], "b": [-0.2]})
    row = estimates.estimate_tone(tones, ["group"]).iloc[0]
    assert row["mean"] == pytest.approx(0.4) and (row["n_articles"], row["n_sentences"], row["n_mentions"]) == (2, 4, 4)
    assert (row["low"], row["high"]) == pytest.approx((-0.2, 0.6))


def test_one_article_has_a_mean_and_no_interval():
    row = estimates.estimate_tone(tones_of({"a": [0.5] * 20}), ["group"]).iloc[0]
    assert row["mean"] == 0.5 and math.isnan(row["low"]) and row["too_small"]


@pytest.mark.parametrize(("articles", "each", "small"), [(5, 2, False), (4, 5, True), (9, 1, True), (10, 1, False)])
def test_an_estimate_of_few_articles_or_sentences_is_flagged(articles, each, small):
    tones = tones_of({f"a{n}": [0.1] * each for n in range(articles)})
    assert estimates.estimate_tone(tones, ["group"])["too_small"].tolist() == [small]


def test_sentences_of_one_article_are_not_taken_for_independent():
    """With articles of 10 sentences that agree with each other, the interval is about √10 times as wide."""
    levels = np.random.default_rng(2).normal(0, 0.3, 40)
    together = tones_of({f"a{n}": [level] * 10 for n, level in enumerate(levels)})
    apart = together.assign(article=[f"s{n}" for n in range(len(together))])
    wide, narrow = (estimates.estimate_tone(table, ["group"]).iloc[0] for table in (together, apart))
    assert wide["mean"] == pytest.approx(narrow["mean"])
    assert (wide["high"] - wide["low"]) / (narrow["high"] - narrow["low"]) == pytest.approx(math.sqrt(10), rel=0.15)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    generator = np.random.default_rng(11)
    levels = np.repeat(generator.normal(0.1, 0.3, 100 * 30), 4)
    places = np.arange(len(levels))
    tones = pd.DataFrame({"group": places // 120, "article": places // 4, "score": generator.normal(levels, 0.2), "n_mentions": 1})
    means = estimates.estimate_tone(tones, ["group"])
    covered = ((means["low"] <= 0.1) & (0.1 <= means["high"])).sum()
    assert 87 <= covered <= 99


def test_groups_are_told_apart_by_their_means():
    tones = pd.concat([tones_of({f"{name}{n}": [level] * 3 for n in range(6)}, name) for name, level in (("Post", -0.4), ("Daily", 0.3))])
    means = estimates.estimate_tone(tones, ["group"])
    assert means.set_index("group")["mean"].to_dict() == pytest.approx({"Post": -0.4, "Daily": 0.3})
    told = prose_comparison.describe_tone_by_group(means, "China")
    assert "Post](#point-" in told and "is the lowest, −0.40" in told and "do not meet" in told


def test_what_is_too_small_is_named_and_left_out_of_the_words():
    large = tones_of({f"a{n}": [0.1, 0.2] for n in range(6)}, "Daily")
    means = estimates.estimate_tone(pd.concat([large, tones_of({"z": [-0.9]}, "Post")]), ["group"])
    told = prose_comparison.describe_tone_by_group(means, "China")
    assert "−0.90" not in told and told.endswith("fewer than 5 articles or 10 sentences: Post.")
    assert "No group is large enough" in prose_comparison.describe_tone_by_group(means[means["too_small"]], "China")


# ---------------------------------------------------------------------------------------------- tone over time


def test_a_trend_comes_out_with_its_sign_and_size():
    generator = np.random.default_rng(4)
    truth = np.linspace(-0.5, 0.5, 240)
    tones = tones_of({f"a{n}": list(level + generator.normal(0, 0.2, 3)) for n, level in enumerate(truth)}, step=1.5)
    line = estimates.smooth_tone(tones, "month")
    expected = np.linspace(-0.5, 0.5, len(line))
    assert line["mean"].to_numpy() == pytest.approx(expected, abs=0.1)
    inside = (line["low"] <= expected) & (expected <= line["high"])
    assert inside.mean() > 0.85 and (line["high"] - line["low"]).max() < 0.4
    points = estimates.estimate_tone(tones, ["group", "period", "date"])
    assert list(points["period"]) == sorted(points["period"]) and points["mean"].iloc[0] < -0.3 < 0.3 < points["mean"].iloc[-1]
    told = prose_comparison.describe_tone_over_time(points, line, "China", "month")
    assert "12 months" in told and "clear of each other" in told


def test_a_straight_line_is_smoothed_into_itself():
    """A local line has no bias at the ends, as a local mean would."""
    truth = np.linspace(-0.8, 0.8, 120)
    line = estimates.smooth_tone(tones_of({f"a{n}": [level] for n, level in enumerate(truth)}, step=2), "month")
    assert line["mean"].to_numpy() == pytest.approx(np.linspace(-0.8, 0.8, len(line)), abs=1e-6)


def test_the_bandwidth_is_silvermans_and_no_less_than_a_period():
    days = np.random.default_rng(1).normal(0, 100, 1000)
    iqr = np.subtract(*np.quantile(days, [0.75, 0.25]))
    assert estimates.choose_bandwidth(days, 1) == pytest.approx(0.9 * min(days.std(ddof=1), iqr / 1.34) * 1000**-0.2)
    assert estimates.choose_bandwidth(days, 400) == 400 and estimates.choose_bandwidth(np.zeros(9), 7) == 7


def test_no_line_runs_through_a_time_without_articles():
    early, late = ({f"{side}{n}": [0.1] for n in range(60)} for side in "el")
    tones = pd.concat([tones_of(early, step=3), tones_of(late, start="2027-01-01", step=3)])
    line = estimates.smooth_tone(tones, "month").set_index("date")["mean"]
    assert line["2026-03":"2026-06"].isna().all() and line[:"2025-05"].notna().all() and line["2027-02":].notna().all()


def test_ten_articles_in_six_months_have_no_scrap_of_a_line():
    tones = tones_of({f"a{n}": [0.1] * 3 for n in range(10)}, step=18).sort_values("published")
    assert tones["period"].nunique() >= estimates.MIN_PERIODS and estimates.smooth_tone(tones, "day").empty


def test_few_periods_have_points_and_no_line():
    tones = tones_of({f"a{n}": [0.1] for n in range(50)}, step=1)
    assert estimates.smooth_tone(tones, "month").empty and len(estimates.estimate_tone(tones, ["group", "period", "date"])) == 2


# ---------------------------------------------------------------------------------------------- share of voice


WORDS = pd.DataFrame(
    [
        *[(f"d{n}", voice, words, 2, 6, 4) for n in range(5) for voice, words in (("narrator", 60), ("Xi", 30), ("Lee", 10))],
        *[(f"p{n}", voice, words, 2, 6, 4) for n in range(5) for voice, words in (("narrator", 80), ("Lee", 15), ("Bo", 5))],
        ("q", "narrator", 9, 1, 1, 0),
    ],
    columns=["article", "voice", "words", "n_sentences", "all_sentences", "quoted_sentences"],
)
OUTLETS = pd.DataFrame({"article": WORDS["article"].unique()}).assign(group=lambda table: table["article"].str[0].str.upper())


def test_quoted_words_are_shared_among_the_voices():
    shares = estimates.estimate_share_of_voice(WORDS, OUTLETS, named=1)
    found = shares.set_index(["group", "voice"])["share"].to_dict()
    assert found == pytest.approx(
        {
            ("D", estimates.QUOTED): 0.4,
            ("D", "Xi"): 0.75,
            ("D", estimates.OTHER_VOICES): 0.25,
            ("P", estimates.QUOTED): 0.2,
            ("P", "Xi"): 0.0,
            ("P", estimates.OTHER_VOICES): 1.0,
            ("Q", estimates.QUOTED): 0.0,
        }
    )
    assert shares.loc[shares["voice"].eq(estimates.QUOTED), "total"].tolist() == [500, 500, 9]
    assert shares.groupby("group")["too_small"].all().to_dict() == {"D": False, "P": False, "Q": True}


def test_who_quotes_little_is_large_enough_for_its_share_and_too_small_for_voices():
    words = pd.concat(
        [WORDS.query("article != 'q'"), WORDS.query("article.str.startswith('p') and voice == 'narrator'").replace("p", "r", regex=True)]
    )
    one = pd.DataFrame([("r0", "Lee", 10, 3, 6, 4), ("r0", "Bo", 5, 1, 6, 4)], columns=WORDS.columns)
    words = pd.concat([words, one], ignore_index=True)
    outlets = pd.DataFrame({"article": words["article"].unique()}).assign(group=lambda table: table["article"].str[0].str.upper())
    shares = estimates.estimate_share_of_voice(words, outlets)
    small = shares.set_index(["group", "voice"])["too_small"]
    assert not small["R", estimates.QUOTED] and small["R", "Lee"] and not small["P", "Lee"]
    told = prose_comparison.describe_share_of_voice(shares)
    assert "R quotes least, 4%" in told and told.endswith("Too little is quoted to be divided among voices in R.")


def test_a_sentence_of_several_voices_makes_no_group_larger():
    """Five articles of a sentence each, in which two are quoted and the narrator speaks: five sentences, not ten or fifteen."""
    words = pd.DataFrame(
        [(f"a{n}", 0, word, voice) for n in range(5) for word, voice in enumerate(("Bo", "Ann", "narrator"))],
        columns=["article", "sentence", "word", "voice"],
    )
    articles = pd.DataFrame({"article": words["article"].unique(), "group": "D"})
    shares = estimates.estimate_share_of_voice(estimates.tally_words(words), articles).set_index("voice")
    assert shares["too_small"].all()
    assert shares.loc[[estimates.QUOTED, "Bo", "Ann"], "n_sentences"].tolist() == [5, 5, 5]


def test_words_are_counted_in_parts_as_in_one(monkeypatch):
    sentences = tables.conform("sentences", sentences_of(["a", "b", "c"]))
    bare = dict.fromkeys(tables.TABLES["quotes"].names)
    quote = bare | {"article": "b", "quote": 0, "sentence": 0, "type": "indirect", "speaker": "Xi", "content_spans": [[6, 16]]}
    quotes = tables.conform("quotes", [quote | {"confidence": 1.0}])
    whole = estimates.count_words(sentences, quotes)
    assert whole.set_index(["article", "voice"])["words"].to_dict() == {
        ("a", "narrator"): 8,
        ("b", "narrator"): 6,
        ("b", "Xi"): 2,
        ("c", "narrator"): 8,
    }
    monkeypatch.setattr(estimates, "ARTICLES_AT_A_TIME", 1)
    pd.testing.assert_frame_equal(estimates.count_words(sentences, quotes), whole)


# ---------------------------------------------------------------------------------------------- stance


def readings_of(levels: dict[str, float], articles: int = 6, each: int = 2) -> pd.DataFrame:
    rows = [
        {"article": f"{group}{n}", "sentence": s, "group": group, "holder": "A", "target": "B", "score": level, "n_mentions": 1}
        for group, level in levels.items()
        for n in range(articles)
        for s in range(each)
    ]
    return pd.DataFrame(rows)


def test_a_stance_is_set_against_that_of_all_others():
    found = estimates.estimate_stance_differences(readings_of({"D": 0.5, "P": -0.1, "H": -0.3})).set_index("group")
    assert found["mean"].to_dict() == pytest.approx({"D": 0.5, "P": -0.1, "H": -0.3})
    assert found["difference"].to_dict() == pytest.approx({"D": 0.7, "P": -0.2, "H": -0.5})
    assert (found["difference_low"] <= found["difference"]).all() and (found["difference"] <= found["difference_high"]).all()
    assert found.loc["D", "difference_low"] > 0 > found.loc["H", "difference_high"] and not found["too_small"].any()
    # The others of P are D and H, which differ: of them, no resample has as many of each.
    assert "2 of 3 comparisons" in prose_comparison.describe_stance_differences(found.reset_index())


def test_articles_of_an_unknown_group_are_no_others_and_at_no_end():
    readings = readings_of({"D": 0.5, "P": -0.1, "unknown": -0.9})
    found = estimates.estimate_stance_differences(readings)
    assert set(found["group"]) == {"D", "P"} and found["others"].tolist() == pytest.approx([-0.1, 0.5])
    means = estimates.estimate_tone(readings, ["group"])
    told = prose_comparison.describe_tone_by_group(means, "B")
    assert "unknown" not in told and "the lowest" in told and "picked beforehand" not in told
    alone = means[means["group"].eq("unknown")]
    assert "unknown" in prose_comparison.describe_tone_by_group(alone, "B")


def test_groups_that_do_not_differ_have_an_interval_around_zero():
    generator = np.random.default_rng(8)
    readings = readings_of({"D": 0.0, "P": 0.0}, articles=40)
    found = estimates.estimate_stance_differences(readings.assign(score=generator.normal(0, 0.4, len(readings))))
    assert ((found["difference_low"] < 0) & (found["difference_high"] > 0)).all()
    half = 1.96 * 0.4 * math.sqrt(2 / 80)
    assert (found["difference_high"] - found["difference_low"]).to_numpy() == pytest.approx(2 * half, rel=0.3)


def test_the_difference_of_two_groups_is_told_once():
    found = estimates.estimate_stance_differences(readings_of({"D": 0.5, "P": -0.1}))
    told = prose_comparison.describe_stance_differences(found)
    assert len(found) == 2 and "1 of 1 comparison has" in told and " in D, +0.60" in told and " in P" not in told


def test_one_group_has_stances_and_no_differences():
    found = estimates.estimate_stance_differences(readings_of({"D": 0.5}))
    assert found["mean"].tolist() == [0.5] and found["difference"].isna().all() and not found["too_small"].any()
    assert "two groups or more" in prose_comparison.describe_stance_differences(found)


def test_an_issue_that_only_too_small_periods_have_is_not_told_of_others():
    columns = ["period", "issue", "n_articles", "n_sentences", "count", "share", "low", "high", "too_small"]
    rows = [("2025-01", "Trade", 6, 40, 4, 0.1, 0.0, 0.2, False), ("2025-01", "Tariffs", 6, 40, 0, 0.0, math.nan, math.nan, False)]
    course = pd.DataFrame([*rows, ("2025-02", "Tariffs", 1, 4, 2, 0.5, math.nan, math.nan, True)], columns=columns)
    assert "Tariffs" not in prose_comparison.describe_issues_over_time(course.assign(group="all"), "month")


def test_a_pair_of_few_sentences_is_left_out_and_a_small_side_is_flagged():
    assert estimates.estimate_stance_differences(readings_of({"D": 0.5}, articles=4)).empty
    lopsided = pd.concat([readings_of({"D": 0.5}), readings_of({"P": 0.1}, articles=1)])
    found = estimates.estimate_stance_differences(lopsided)
    assert found["too_small"].all() and found["difference_low"].isna().all()


def test_a_pair_that_only_meets_has_no_stance():
    place = {"article": "a", "sentence": 0, "holder_mention": 0, "target_mention": 1, "target_start": 0, "target_end": 1, "quote": None}
    rows = [
        place | {"holder": "A", "target": "B", "p_oppose": 0.1, "p_neutral": 0.8, "p_support": 0.1, "label": "neutral"},
        place | {"holder": "A", "target": "C", "p_oppose": 0.1, "p_neutral": 0.1, "p_support": 0.8, "label": "support"},
        place | {"holder": "A", "target": "C", "p_oppose": 0.2, "p_neutral": 0.5, "p_support": 0.3, "label": "neutral"},
    ]
    scores = estimates.score_pairs(tables.conform("stances", rows))
    assert list(scores["target"]) == ["C"] and scores["score"].tolist() == pytest.approx([0.4]) and list(scores["n_mentions"]) == [2]


# ---------------------------------------------------------------------------------------------- issues


def test_attention_is_the_share_of_sentences_on_an_issue():
    keys = [f"{group}{n}" for group in "DP" for n in range(5)]
    sentences = tables.conform("sentences", sentences_of(keys, 4))
    found = pd.DataFrame(
        [(key, 0, "Trade") for key in keys] + [(key, n, "War") for key in keys[5:] for n in (1, 2, 2)],
        columns=["article", "sentence", "issue"],
    )
    articles = pd.DataFrame({"article": keys, "group": [key[0] for key in keys]})
    table = estimates.estimate_issue_attention(found, sentences, articles, ["group"])
    shares = table.set_index(["group", "issue"])
    assert shares["share"].to_dict() == {("D", "Trade"): 0.25, ("D", "War"): 0.0, ("P", "Trade"): 0.25, ("P", "War"): 0.5}
    assert table["n_sentences"].eq(20).all() and list(table["issue"]) == ["Trade", "War"] * 2
    # That nobody wrote of it is the same in all resamples: 0 of 5 articles is what is known.
    assert tuple(shares.loc[("D", "War"), ["low", "high"]]) == wilson_interval(0, 5)


def test_an_article_without_a_period_is_in_no_course():
    sentences = tables.conform("sentences", sentences_of(["a", "b"]))
    articles = pd.DataFrame({"article": ["a", "b"], "period": ["2025-03", None]})
    found = pd.DataFrame({"article": ["a", "b"], "sentence": 0, "issue": "Trade"})
    assert estimates.estimate_issue_attention(found, sentences, articles, ["period"])["n_articles"].tolist() == [1]


# ---------------------------------------------------------------------------------------------- the sentences behind


def test_a_point_leads_to_its_sentences(opened):
    rows = [article("a", "Daily"), article("b", "Post", "2025-04-02"), article("c", None, None)]
    study = opened(corpus_of(rows))
    behind = study.sentences_behind(study.tones, group="Post")
    assert list(behind["article"]) == ["b", "b"] and behind["text"].eq(TEXT).all() and behind["score"].tolist() == [0.2, 0.2]
    assert behind["published"].eq("2025-04-02").all() and behind["title"].eq("Title of b").all()
    assert study.sentences_behind(study.tones, group="unknown")["published"].isna().all()
    assert len(study.sentences_behind(study.tones)) == 6


def test_every_link_has_a_goal_and_a_name_is_text(opened):
    hostile = "<script>alert(1)</script> [x](javascript:1)"
    rows = [article(f"{outlet}{n}", outlet, f"2025-{n + 1:02}-01") for outlet in ("Daily", hostile) for n in range(6)]
    study = opened(corpus_of(rows))
    points = estimates.estimate_tone(study.tones_over_time, ["group", "period", "date"])
    told = prose_comparison.describe_tone_by_group(estimates.estimate_tone(study.tones, ["group"]), "China")
    told += prose_comparison.describe_tone_over_time(
        points.assign(too_small=False), estimates.smooth_tone(study.tones_over_time, "month"), "China", "month"
    )
    shown = "".join(study.show_points(study.sentences_behind(table)).data for table in (study.tones, study.tones_over_time))
    linked = set(re.findall(r"\(#([\w-]+)\)", told))
    assert len(linked) == 4 and linked <= set(re.findall(r'id="([\w-]+)"', shown))
    assert "<script>" not in told + shown and "](javascript" not in told


# ---------------------------------------------------------------------------------------------- the notebook


def test_the_notebook_is_valid_and_only_calls():
    nbformat.validate(nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT))
    loops = (ast.For, ast.While, ast.comprehension, ast.FunctionDef, ast.Lambda, ast.If, ast.Try)
    for cell in list_cells(NOTEBOOK, "code"):
        nodes = list(ast.walk(ast.parse(cell.source)))
        assert not cell.outputs and cell.execution_count is None
        assert not [node for node in nodes if isinstance(node, loops)], cell.source
        assert not [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in ("merge", "groupby", "apply")]
    assert [cell.source for cell in list_cells(NOTEBOOK, "markdown") if cell.source.startswith("## ")][-1].startswith(
        "## How far to trust this"
    )


def test_the_parameters_are_typed_explained_and_those_of_the_function():
    inferred = papermill.inspect_notebook(str(NOTEBOOK))
    assert set(inferred) == set(comparison.open_comparison.__annotations__) - {"return"}
    assert all(parameter["help"] and parameter["inferred_type_name"] for parameter in inferred.values())


def varied(outlets: list[str | None], days: list[str | None]) -> Tables:
    """Articles of all kinds of rows."""
    rows = [article(f"a{n}", outlets[n % len(outlets)], day) for n, day in enumerate(days)]
    bare = dict.fromkeys(tables.TABLES["quotes"].names) | {"sentence": 0, "type": "indirect", "confidence": 1.0, "content_spans": [[0, 5]]}
    quotes = [bare | {"article": row["article"], "quote": 0, "speaker": "" if n % 3 else "Xi"} for n, row in enumerate(rows)]
    stance = {"holder": "A", "target": "B", "holder_mention": 0, "target_mention": 1, "target_start": 0, "target_end": 1, "quote": None}
    stance |= {"p_oppose": 0.1, "p_neutral": 0.1, "p_support": 0.8, "label": "support", "sentence": 1}
    issue = {"sentence": 0, "issue": "trade", "score": 1.0, "similarity": 0.5, "evidence_spans": [[0, 5]]}
    extra = {name: [row | {"article": one["article"]} for one in rows] for name, row in (("stances", stance), ("issues", issue))}
    return corpus_of(rows, quotes=quotes, **extra)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outlets", "days"),
    [
        (["Daily"], [None] * 8),
        (["Daily", "Post", None], [f"2025-01-{1 + 3 * n:02}" for n in range(10)]),
    ],
    ids=["one outlet, no dates", "ten articles, some of no outlet"],
)
def test_the_notebook_runs_on_little(outlets, days, monkeypatch, tmp_path):
    monkeypatch.setattr(comparison, "open_corpus", lambda place: varied(outlets, days))
    shown = run_notebook(NOTEBOOK, out=str(tmp_path), formats="png")
    saving = sum("save_figure" in cell.source for cell in list_cells(NOTEBOOK, "code"))
    assert len(list((tmp_path / "figures").glob("comparison-*.png"))) == saving >= 5
    told = " ".join(str(getattr(output, "data", "")) for output in shown)
    assert "without a date" in told if days[0] is None else "Too small to speak" in told
    assert {path.stem for path in (tmp_path / "tables").glob("*.csv")} >= {"tone_by_group", "tone_behind", "stance_differences"}


def test_what_a_figure_of_issues_shows_stands_in_titles(opened):
    study = opened(varied(["Daily"], ["2025-01-01"] * 3))
    assert study.issues["issue"].unique().tolist() == ["Trade and tariffs"] and len(selection.list_voices(study.quotes)) == 3
