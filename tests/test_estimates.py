"""Estimates and the selections that they start from, on counts that can be checked by hand or against a published figure."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis import estimates, prose, selection, tables
from analysis.tables import NARRATOR

TEXT = "The agency said Bo told it that trade would grow. Ann called this a lie. Rain fell."
SENTENCES = tables.conform(
    "sentences",
    [
        {"article": "a", "sentence": 0, "start": 0, "end": 49, "text": TEXT[0:49], "part": "body"},
        {"article": "a", "sentence": 1, "start": 50, "end": 72, "text": TEXT[50:72], "part": "body"},
        {"article": "a", "sentence": 2, "start": 73, "end": 83, "text": TEXT[73:83], "part": "caption"},
    ],
)


def quote(number: int, speaker: str, *words: str, kind: str = "indirect", cue: str = "say", cue_class: str = "neutral") -> dict:
    spans = [[TEXT.index(part), TEXT.index(part) + len(part)] for part in words]
    sentence = int(SENTENCES["end"].searchsorted(spans[0][0], side="right"))
    return {
        "article": "a",
        "quote": number,
        "sentence": sentence,
        "type": kind,
        "within": None,
        "speaker": speaker,
        "on_behalf_of": "",
        "source_start": None,
        "source_end": None,
    } | {
        "cue_start": None,
        "cue_end": None,
        "cue": cue,
        "cue_lemma": cue,
        "cue_class": cue_class,
        "content_spans": spans,
        "content": " […] ".join(words),
        "confidence": 1.0,
    }


def quotes(*rows: dict) -> pd.DataFrame:
    return tables.conform("quotes", rows)


AGENCY = quote(0, "Agency", "Bo told it that trade would grow")
BO = quote(1, "Bo", "trade would grow", kind="direct", cue="tell")
ANN = quote(2, "Ann", "a lie", kind="mixed", cue="call", cue_class="negative")


def stance(sentence: int, holder: str, target: str, probabilities: tuple[float, float, float], said: int | None = None) -> dict:
    label = tables.STANCES[int(np.argmax(probabilities))]
    names = dict(zip(("p_oppose", "p_neutral", "p_support"), probabilities, strict=True))
    ends = {"holder_mention": 0, "target_mention": 1, "target_start": 9, "target_end": 14, "quote": said, "label": label}
    return {"article": "a", "sentence": sentence, "holder": holder, "target": target} | ends | names


def issues(*pairs: tuple[int, str]) -> pd.DataFrame:
    known = {"article": "a", "score": 1.0, "similarity": 0.5, "evidence_spans": []}
    return tables.conform("issues", [known | {"sentence": n, "issue": name} for n, name in pairs])


# ---------------------------------------------------------------------------------------------- intervals


def test_wilson_interval_is_that_of_newcombe_1998():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81 of 263, 15 of 148, 0 of 20 and 1 of 29."""
    published = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}
    for (count, total), interval in published.items():
        assert estimates.wilson_interval(count, total) == pytest.approx(interval, abs=5e-5)


def test_a_share_of_nothing_has_no_interval():
    assert all(map(math.isnan, estimates.wilson_interval(0, 0)))


def test_bootstrap_interval_comes_near_that_of_the_normal_distribution():
    values = np.random.default_rng(3).normal(size=400)
    low, high = estimates.bootstrap_interval(values, np.ones(400))
    half = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.015)


def test_bootstrap_interval_is_the_same_each_time_and_in_batches(monkeypatch):
    sums, counts = [1.0, 0.0, 3.0, 1.0], [2, 1, 3, 4]
    first = estimates.bootstrap_interval(sums, counts)
    assert estimates.bootstrap_interval(sums, counts) == first
    monkeypatch.setattr(estimates, "BATCH", 400)
    assert estimates.bootstrap_interval(sums, counts) == pytest.approx(first, abs=0.05)


def test_intervals_of_few_sentences_hold_the_mean_as_often_as_they_say():
    generator = np.random.default_rng(6)
    for size, least in ((5, 0.89), (10, 0.92), (40, 0.92)):
        samples = generator.normal(size=(400, size))
        intervals = [estimates.bootstrap_interval(sample, np.ones(size), draws=1000) for sample in samples]
        assert least <= np.mean([low <= 0 <= high for low, high in intervals]) <= 0.98


def test_two_mentions_in_one_sentence_are_not_taken_for_two_sentences():
    together = pd.DataFrame({"article": "a", "sentence": [1, 1, 2, 2], "who": "x", "score": [1.0, 1.0, 0.0, 0.0]})
    apart = together.assign(sentence=[1, 2, 3, 4])
    wide, narrow = (estimates.estimate_means(table, "score", ["who"]).iloc[0] for table in (together, apart))
    assert (wide["low"], wide["high"]) == (0, 1) and wide["mean"] == narrow["mean"] == 0.5
    assert wide["high"] - wide["low"] >= narrow["high"] - narrow["low"]


def test_one_sentence_has_a_mean_and_no_interval():
    row = estimates.estimate_means(pd.DataFrame({"article": "a", "sentence": [4], "who": "x", "score": [0.5]}), "score", ["who"]).iloc[0]
    assert row["mean"] == 0.5 and math.isnan(row["low"]) and row["sentences"] == [4]


# ---------------------------------------------------------------------------------------------- voices


def test_a_word_counts_once_for_the_innermost_voice():
    words = selection.words_with_voice(SENTENCES, quotes(AGENCY, BO, ANN))
    counts = words.groupby("voice").size().to_dict()
    assert counts == {NARRATOR: 6, "Agency": 4, "Bo": 3, "Ann": 2}
    assert list(words.loc[words["voice"].eq("Bo"), "word"]) == ["trade", "would", "grow"]


def test_a_verb_without_a_class_is_counted_last():
    verbs = estimates.count_reporting_verbs(quotes({**AGENCY, "cue_class": None}, BO, ANN))
    assert list(verbs["cue_class"]) == ["neutral", "negative", estimates.UNCLASSED] and verbs["count"].sum() == 3


def test_a_word_leads_back_to_the_text():
    for row in selection.words_with_voice(SENTENCES, quotes()).itertuples():
        assert TEXT[row.start : row.end] == row.word


def test_captions_are_left_out_of_the_words():
    assert "Rain" not in set(selection.words_with_voice(SENTENCES, quotes())["word"])


def test_contractions_and_hyphens_hold_a_word_together():
    text = "Xi’s US-led, 1.5-billion plan — it’s “big”."
    row = {"article": "a", "sentence": 0, "start": 0, "end": len(text), "text": text, "part": "body"}
    words = selection.words_with_voice(tables.conform("sentences", [row]), quotes())
    assert list(words["word"]) == ["Xi’s", "US-led", "1.5-billion", "plan", "it’s", "big"]


def test_word_shares_sum_to_one_and_name_their_sentences():
    shares = estimates.estimate_word_shares(selection.words_with_voice(SENTENCES, quotes(AGENCY, BO, ANN)))
    assert shares["share"].sum() == pytest.approx(1) and shares["voice"].iat[0] == NARRATOR
    assert shares.set_index("voice")["sentences"].to_dict() == {NARRATOR: [0, 1], "Agency": [0], "Bo": [0], "Ann": [1]}
    assert (shares["low"] <= shares["share"]).all() and (shares["share"] <= shares["high"]).all()


def test_a_share_of_all_words_has_no_interval():
    shares = estimates.estimate_word_shares(selection.words_with_voice(SENTENCES, quotes()))
    assert shares[["voice", "share"]].values.tolist() == [[NARRATOR, 1]] and shares["low"].isna().all()
    assert "100% (no interval) of the body" in prose.describe_words(shares)


def test_verbs_that_nobody_classed_are_not_taken_for_neutral_ones():
    verbs = estimates.count_reporting_verbs(quotes({**AGENCY, "cue_class": None}, {**BO, "cue_class": "neutral"}))
    told = prose.describe_verbs(verbs)
    assert told.startswith("1 of 1 reporting verb is neutral") and "1 more is not classed. None of those that are classed" in told
    assert prose.describe_verbs(verbs.query("cue_class != 'neutral'")) == "The codebook of cues classes none of 1 reporting verb."


def test_a_speaker_without_a_name_is_a_voice():
    assert selection.list_voices(quotes(quote(0, "", "trade would grow"))) == [NARRATOR, "unnamed source"]


def test_quote_types_of_a_speaker_sum_to_one():
    types = estimates.estimate_quote_types(quotes(BO, quote(3, "Bo", "grow"), ANN))
    bo = types[types["speaker"].eq("Bo")].set_index("type")
    assert bo["share"].to_dict() == {"direct": 0.5, "indirect": 0.5, "mixed": 0} and bo["total"].unique() == [2]


def test_low_confidence_is_counted_for_a_speaker_without_a_name():
    nobody = [quote(n, speaker, "grow") | {"confidence": sure} for n, (speaker, sure) in enumerate([("", 0.2), (None, 0.3), ("", 0.9)])]
    found = quotes(*nobody, BO)
    for estimate, key in ((estimates.estimate_quote_types, "type"), (estimates.count_reporting_verbs, "cue_lemma")):
        counted = estimates.count_low_confidence(estimate(found), found, ["speaker", key])
        assert counted.groupby("speaker")["low_confidence"].sum().to_dict() == {"unnamed source": 2, "Bo": 0}


def test_verbs_that_judge_stand_behind_those_that_do_not():
    verbs = estimates.count_reporting_verbs(quotes(ANN, AGENCY, BO, quote(3, "Ann", "a lie", cue="say")))
    assert list(verbs["cue_class"]) == ["neutral"] * 3 + ["negative"]
    assert verbs["count"].sum() == 4


# ---------------------------------------------------------------------------------------------- target


MENTIONS = tables.conform(
    "mentions",
    [
        {"article": "a", "mention": n, "sentence": n, "start": 0, "end": 1, "text": text, "form": "name", "actor": actor}
        | {"actor_type": kind, "country": code}
        for n, (text, actor, kind, code) in enumerate(
            [("Beijing", "China", "country", "CHN"), ("Xi", "Xi Jinping", "person", "CHN"), ("Xinhua", "Xinhua", "organisation", "CHN")]
        )
    ],
)


@pytest.mark.parametrize("name", ["China", "china", "beijing", "CHN", " China "])
def test_a_target_goes_by_many_names(name):
    assert selection.find_target(MENTIONS, name) == "China"


def test_a_target_that_nobody_mentions_keeps_its_name():
    assert selection.find_target(MENTIONS, "Iceland") == "Iceland"
    assert [selection.find_target(MENTIONS, known) for known in ("PRC", "people's republic of China")] == ["China"] * 2, "by the codebook"


def test_representatives_are_persons_of_the_country_and_nobody_else():
    assert selection.find_representatives(MENTIONS, "China") == ["Xi Jinping"]
    assert selection.find_representatives(MENTIONS, "Xinhua") == []


@pytest.mark.parametrize("name", ["China", "CHN", "Beijing"])
def test_representatives_count_where_nobody_names_their_country(name):
    alone = MENTIONS[MENTIONS["actor"].eq("Xi Jinping")]
    assert selection.find_target(alone, name) == "China"
    assert selection.find_representatives(alone, "China") == ["Xi Jinping"]


def test_representatives_act_as_their_country_and_not_toward_it():
    rows = [stance(0, "Xi Jinping", "Korea", (0, 0, 1)), stance(0, "Xi Jinping", "China", (0, 0, 1))]
    counted = selection.speaking_for(tables.conform("stances", rows), MENTIONS, "China")
    assert list(zip(counted["holder"], counted["target"], strict=True)) == [("China", "Korea")]


# ---------------------------------------------------------------------------------------------- stance


def test_a_pair_that_only_meets_has_no_stance():
    found = tables.conform("stances", [stance(0, "A", "B", (0.1, 0.8, 0.1)), stance(1, "A", "C", (0.1, 0.1, 0.8))])
    assert list(estimates.estimate_stances(found)["target"]) == ["C"]


def test_two_readings_of_a_pair_in_one_sentence_are_one():
    rows = [stance(0, "A", "B", (0.8, 0.1, 0.1)), stance(0, "A", "B", (0.6, 0.2, 0.2)), stance(1, "A", "B", (0.1, 0.3, 0.6))]
    pair = estimates.estimate_stances(tables.conform("stances", rows)).iloc[0]
    assert pair["n_sentences"] == 2 and pair["mean"] == pytest.approx((-0.55 + 0.5) / 2)
    assert (pair["opposing"], pair["supporting"]) == (1, 1)


def test_the_sentences_of_a_pair_split_by_voice_are_all_there():
    rows = [stance(0, "A", "B", (0.8, 0.1, 0.1), 1), stance(1, "A", "B", (0.1, 0.8, 0.1))]
    voiced = selection.with_voice(tables.conform("stances", rows), quotes(AGENCY, BO))
    split = estimates.estimate_stances(voiced, [*estimates.PAIR, "voice"])
    assert split.set_index("voice")["n_sentences"].to_dict() == {"Bo": 1, NARRATOR: 1}


def test_a_stance_is_the_word_of_whoever_asserts_it():
    voiced = selection.with_voice(
        tables.conform("stances", [stance(0, "A", "B", (1, 0, 0), 1), stance(0, "A", "B", (1, 0, 0))]), quotes(AGENCY, BO)
    )
    assert list(voiced["voice"]) == ["Bo", NARRATOR]


# ---------------------------------------------------------------------------------------------- issues


def test_issue_shares_are_of_the_sentences_of_the_body():
    shares = estimates.estimate_issue_shares(issues((0, "trade"), (1, "trade"), (1, "truth")), SENTENCES).set_index("issue")
    assert shares["share"].to_dict() == {"trade": 1.0, "truth": 0.5}
    assert shares.loc["truth", "low"] == pytest.approx(estimates.wilson_interval(1, 2)[0])


def test_cooccurrence_counts_the_sentences_that_two_issues_share():
    pairs = estimates.estimate_cooccurrence(issues((0, "x"), (1, "x"), (1, "y"), (2, "y"), (2, "z"))).set_index(["first", "second"])
    assert pairs["count"].to_dict() == {("x", "x"): 2, ("x", "y"): 1, ("y", "y"): 2, ("y", "z"): 1, ("z", "z"): 1}
    assert pairs.loc[("x", "y"), "jaccard"] == pytest.approx(1 / 3) and pairs.loc[("x", "y"), "sentences"] == [1]


def test_an_issue_is_not_paired_with_one_that_it_is_part_of():
    pairs = estimates.estimate_cooccurrence(issues((0, "x"), (0, "y"), (0, "z")), {"y": ["x"]})
    assert {frozenset(pair) for pair in zip(pairs["first"], pairs["second"], strict=True)} >= {frozenset("xz"), frozenset("yz")}
    assert len(pairs) == 5


def test_sentences_without_an_issue_are_those_of_the_body():
    covered, bare = selection.split_by_cover(SENTENCES, issues((0, "trade")))
    assert list(covered["sentence"]) == [0] and list(bare["sentence"]) == [1]


def test_tone_of_an_issue_leaves_the_others_to_no_issue():
    rows = [
        {"article": "a", "mention": n, "sentence": n, "actor": "C", "voice": NARRATOR, "p_negative": n, "p_neutral": 0, "p_positive": 1 - n}
        | {"label": tables.SENTIMENTS[2 - 2 * n], "lexicon": 0.0}
        for n in (0, 1)
    ]
    tone = estimates.estimate_issue_sentiment(issues((0, "trade")), tables.conform("sentiments", rows)).set_index("issue")
    assert tone["mean"].to_dict() == {"trade": 1, estimates.NO_ISSUE: -1}


def test_words_of_an_issue_are_those_of_its_sentences():
    words = selection.words_with_voice(SENTENCES, quotes())
    table = estimates.estimate_issue_words(issues((0, "trade"), (1, "trade"), (1, "peace")), words).set_index("issue")
    of_body = words.groupby("sentence").size()
    assert table["words"].to_dict() == {"trade": of_body.sum(), "peace": of_body[1]}
    assert table["share"].to_dict() == {"trade": 1, "peace": of_body[1] / of_body.sum()}


def test_prominence_tells_headline_lede_and_mean_place():
    rows = [
        {"article": "a", "sentence": n, "start": n, "end": n + 1, "text": "x", "part": "headline" if n == 0 else "body"} for n in range(6)
    ]
    sentences = tables.conform("sentences", rows)
    found = issues((0, "trade"), (5, "trade"), (1, "peace"), (3, "peace"), (0, "war"))
    table = estimates.estimate_prominence(found, sentences, [1, 2]).set_index("issue")
    assert list(table.index) == ["peace", "trade", "war"]
    assert table["headline"].to_dict() == {"peace": False, "trade": True, "war": True}
    assert table["lede"].to_dict() == {"peace": True, "trade": False, "war": False}
    assert table.loc[["peace", "trade"], "mean"].tolist() == [0.25, 1]
    assert np.isnan(table.loc["war", "mean"]) and table.loc["war", "rows"] == 0


def test_a_lede_is_the_first_paragraph_of_the_body():
    text = "Peace now\n\nThey met. They ate.\nThen they left."
    starts = [(0, 9), (11, 20), (21, 30), (31, 46)]
    rows = [
        {"article": "a", "sentence": n, "start": s, "end": e, "text": text[s:e], "part": "body" if n else "headline"}
        for n, (s, e) in enumerate(starts)
    ]
    assert selection.find_lede(tables.conform("sentences", rows), text) == [1, 2]


def test_a_comparison_has_the_issues_whose_sentences_change():
    before, after = (
        estimates.estimate_issue_shares(found, SENTENCES)
        for found in (issues((0, "trade"), (1, "trade"), (0, "peace")), issues((0, "trade"), (0, "peace"), (1, "ships")))
    )
    changes = estimates.compare_issue_shares(before, after).set_index("issue")
    assert set(changes.index) == {"trade", "ships"}
    assert changes.loc["trade", ["gained", "lost"]].tolist() == [[], [1]] and changes.loc["ships", "gained"] == [1]
    assert changes.loc["ships", "before"] == 0 and changes.loc["ships", "after"] == before.set_index("issue").loc["peace", "share"]


def topics(*rows: tuple[int | None, int, str]) -> pd.DataFrame:
    return tables.conform(
        "topics", [{"article": "a", "sentence": n, "topic": code, "name": name, "probability": 0.5} for n, code, name in rows]
    )


def test_topic_shares_are_of_the_sentences_and_leave_the_whole_article_out():
    table = estimates.estimate_topic_shares(topics((None, 3, "Health"), (0, 18, "Trade"), (1, 18, "Trade")), SENTENCES)
    assert table[["topic", "name", "count", "total", "share"]].values.tolist() == [[18, "Trade", 2, 2, 1]]


def test_issues_meet_the_topics_that_the_codebook_gives_them():
    told = topics((None, 18, "Trade"), (0, 18, "Trade"), (1, 19, "Affairs"))
    table = estimates.map_issues_to_topics(issues((0, "tariffs"), (1, "tariffs"), (1, "pandas")), told, {"tariffs": 18})
    assert table[["issue", "code", "count", "agreeing"]].values.tolist() == [["tariffs", 18, 2, 1]]


def test_of_topics_alike_in_number_the_codebooks_own_is_the_commonest():
    told = topics((0, 1, "Agriculture"), (1, 18, "Trade"))
    (row,) = estimates.map_issues_to_topics(issues((0, "tariffs"), (1, "tariffs")), told, {"tariffs": 18}).itertuples()
    assert row.commonest == "Trade"


def test_mentions_of_one_sentence_are_one_reading_beside_the_word_list():
    once = pd.DataFrame(
        {"article": "a", "sentence": [0, 1, 2, 3], "p_positive": [0.9, 0.9, 0.9, 0.1], "p_negative": [0, 0, 0, 0.8], "lexicon": 0.5}
    )
    told = prose.describe_lexicon(once, "Peru")
    assert "each by 0.05 or more" in told
    assert told.startswith("On 1 of 4 sentences (25%") and prose.describe_lexicon(pd.concat([once] * 5), "Peru") == told


def test_a_target_of_few_sentences_is_not_set_apart_from_others():
    columns = ["actor", "n_sentences", "mean", "low", "high"]
    means = pd.DataFrame([("Peru", 2, -0.5, -0.6, -0.4), ("Chile", 9, 0.5, 0.3, 0.7)], columns=columns)
    assert prose.describe_actors(means, "Peru").endswith("too few to set it apart from others.")
    assert "do not meet: Chile" in prose.describe_actors(means.assign(n_sentences=9), "Peru")


def test_a_sentence_that_supports_and_opposes_takes_one_side_in_the_count():
    columns = ["voice", "supporting", "opposing", "sided"]
    pairs = pd.DataFrame([(NARRATOR, 1, 1, 1), ("Bo", 0, 2, 2)], columns=columns)
    assert prose.describe_stance_voices(pairs).startswith("3 times a sentence sets a pair on a side; 1 of these rests")


def test_candidates_stand_among_issues_without_evidence():
    near = tables.conform("candidates", [{"article": "a", "sentence": 0, "issue": "peace", "similarity": 0.5}])
    table = selection.with_candidates(issues((1, "trade")), near)
    assert table[["sentence", "issue", "score"]].values.tolist() == [[0, "peace", 0], [1, "trade", 1]]
    assert selection.list_candidates(near, SENTENCES)["text"].tolist() == [SENTENCES["text"][0]]


def test_what_is_far_from_its_issue_is_listed_with_its_words_the_farthest_first():
    found = issues((0, "peace"), (1, "trade"), (1, "peace")).assign(
        similarity=[0.1, 0.2, -0.3], evidence_spans=[[[0, 3]], [[0, 1]], [[4, 6], [1, 2]]]
    )
    added = selection.with_candidates(
        found, tables.conform("candidates", [{"article": "a", "sentence": 2, "issue": "x", "similarity": 0.1}])
    )
    far = selection.list_far_issues(added, SENTENCES, "abcdefg")
    assert far[["issue", "words"]].values.tolist() == [["peace", "ef, b"], ["peace", "abc"]]
    assert far["text"].tolist() == SENTENCES["text"][[1, 0]].tolist()
    told = prose.describe_far_issues(far, 3, -0.5)
    assert told.startswith("2 finds in 2 sentences. Left out of the figures: 3 finds below -0.5.")
    assert "Left out" not in prose.describe_far_issues(far[:0], 0, -1)


def lines(*texts: str) -> pd.DataFrame:
    return pd.DataFrame([{"article": "a", "sentence": n, "text": text} for n, text in enumerate(texts)])


def test_keyness_is_the_log_likelihood_ratio_computed_by_hand():
    """Eight of nine content words here, one of eight elsewhere."""
    found = estimates.estimate_keyness(
        lines("Rain, rain, rain, rain, wind.", "Rain, rain, rain, rain."), lines("Trade, peace, talks, rain, deals, trade, war, peace.")
    )
    observed = np.array([[8, 1], [1, 7]])
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / observed.sum()
    assert list(found["word"]) == ["rain"]
    assert found["keyness"].iat[0] == pytest.approx(2 * (observed * np.log(observed / expected)).sum())
    assert found["sentences"].iat[0] == [0, 1]


def test_words_that_are_rarer_here_are_not_typical():
    found = estimates.estimate_keyness(lines("Rain and rain. " + "Trade. " * 6), lines("Rain. " * 8))
    assert found["word"].tolist() == ["trade"]


def test_of_many_words_chance_makes_few_typical():
    """Words dealt at random: one in twenty passed a test of its own, as G² against 3.84 was."""
    generator = np.random.default_rng(3)
    words = np.array([f"w{''.join(letters)}" for letters in generator.choice(list("abcdefgh"), (400, 6))])
    texts = [lines(" ".join(generator.choice(words, 400)), " ".join(generator.choice(words, 800))) for _ in range(20)]
    assert sum(not estimates.estimate_keyness(both[:1], both[1:]).empty for both in texts) <= 2


def test_words_that_chance_explains_are_not_typical():
    """Twice of sixty here and never of 140 elsewhere: G² is 4.9, but so few uses follow no chi-squared, and the exact p is 0.09."""
    here, there = lines("rain rain " + "trade " * 58), lines("trade " * 140)
    assert estimates.estimate_keyness(here, there).empty


def test_names_of_actors_the_target_and_reporting_verbs_are_left_out():
    text = "Ann Lee’s cats, she said, and Lee’s friends of the Commerce Ministry say: Atlantis likes commerce."
    mention = {"article": "a", "sentence": 0, "start": 0, "end": 1, "actor_type": "person", "country": None}
    mentions = [
        mention | {"mention": n, "text": words, "form": form, "actor": actor}
        for n, (words, form, actor) in enumerate(
            [("Ann", "name", "Ann Lee"), ("Commerce Ministry", "name", "Commerce Ministry"), ("friends", "nominal", "Friends")]
        )
    ]
    said = quotes(quote(0, "Ann", "trade would grow") | {"cue": "said", "cue_lemma": "say"})
    plain = estimates.blank_names(lines(text), tables.conform("mentions", mentions), said, "Atlantis")
    assert selection.content_words(plain["text"]) == ["cats", "friends", "likes", "commerce"]


def test_a_side_that_hardly_leans_is_not_opposed_to_another():
    row = {"article": "a", "sentence": [0, 1, 2], "p_positive": [0.5, 0.9, 0.9], "p_negative": [0.48, 0.1, 0.1]}
    told = pd.DataFrame(row | {"lexicon": [-0.4, -0.04, -0.4]})
    assert prose.describe_lexicon(told, "Peru").startswith("On 1 of 3 sentences")


def test_contractions_of_function_words_are_no_content():
    words = ["don’t", "We’re", "won't", "I'll", "shan’t", "Peru’s", "cat’s-eye"]
    assert selection.content_words(words) == ["peru", "cat's-eye"]


def test_nouns_are_counted_by_their_lemmas():
    nouns = estimates.count_nouns(lines("The cats slept near London.", "A cat chased two dogs of the cats."))
    assert nouns.values.tolist() == [["cat", 3, [0, 1]], ["dog", 1, [1]]]


# ---------------------------------------------------------------------------------------------- nothing at all


def test_nothing_in_gives_an_empty_table_out():
    empty = {name: tables.conform(name, []) for name in tables.TABLES}
    words = selection.words_with_voice(empty["sentences"], empty["quotes"])
    stances = selection.with_voice(empty["stances"], empty["quotes"])
    for table in (
        estimates.estimate_word_shares(words),
        estimates.count_reporting_verbs(empty["quotes"]),
        estimates.estimate_quote_types(empty["quotes"]),
        estimates.estimate_sentiment(empty["sentiments"], "voice"),
        estimates.estimate_stances(stances),
        estimates.estimate_stances(stances, ["holder", "target", "voice"]),
        estimates.estimate_issue_shares(empty["issues"], empty["sentences"]),
        estimates.estimate_issue_words(empty["issues"], words),
        estimates.estimate_prominence(empty["issues"], empty["sentences"], []),
        estimates.estimate_topic_shares(empty["topics"], empty["sentences"]),
        estimates.map_issues_to_topics(empty["issues"], empty["topics"], {}),
        selection.with_candidates(empty["issues"], empty["candidates"]),
        selection.list_candidates(empty["candidates"], empty["sentences"]),
        selection.list_far_issues(empty["issues"], empty["sentences"], ""),
        estimates.estimate_issue_voices(empty["issues"], words),
        estimates.estimate_issue_sentiment(empty["issues"], empty["sentiments"]),
        estimates.estimate_cooccurrence(empty["issues"]),
        estimates.estimate_keyness(empty["sentences"], empty["sentences"]),
        estimates.blank_names(empty["sentences"], empty["mentions"], empty["quotes"], "Atlantis"),
        estimates.count_nouns(empty["sentences"]),
        selection.list_attributions(empty["quotes"]),
        selection.list_stances(stances, empty["mentions"], empty["sentences"]),
        selection.list_sentiments(empty["sentiments"], empty["mentions"], empty["sentences"]),
        selection.list_issues(empty["issues"], empty["sentences"]),
        selection.pick_extremes(selection.list_sentiments(empty["sentiments"], empty["mentions"], empty["sentences"])),
    ):
        assert table.empty and "sentence" in " ".join(table.columns)
