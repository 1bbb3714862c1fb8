"""Agreement of coders and machine, and what the machine's shares become when its error is taken out."""

import math
import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import interval_distance

from analysis import coefficients, correction
from analysis import prose_reliability as prose
from analysis.agreement import measure
from analysis.coefficients import NOMINAL, SCALES, Scale, measure_agreement, point_values
from analysis.consensus import apportion, find_consensus, list_codes
from analysis.errors import InputError
from analysis.estimates import Z, wilson_interval

SENTIMENT, ISSUES = SCALES["sentiment"], SCALES["issues"]
N, U, P = SENTIMENT.codes

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve units, some values missing.
PUBLISHED = pd.DataFrame(
    {
        "A": [*"123321412", None, None, None],
        "B": [*"1233224125", None, "3"],
        "C": [None, *"3332342251", None],
        "D": [*"12332441251", None],
    }
)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def rated(*raters: str) -> pd.DataFrame:
    """Codes of the sentiment scale by their first letters (n, u for neutral, p; - for none), a word a rater."""
    codes = {"n": N, "u": U, "p": P, "-": None}
    return pd.DataFrame({f"r{number}": [codes[letter] for letter in word] for number, word in enumerate(raters)}, dtype=object)


def values_of(ratings: pd.DataFrame, scale: Scale = SENTIMENT, **more) -> pd.DataFrame:
    return measure_agreement(ratings, scale, **more).set_index("measure")


# ---------------------------------------------------------------------------------------------- coefficients


def test_alpha_is_that_of_krippendorffs_worked_example():
    coded = PUBLISHED[PUBLISHED.notna().sum(axis=1).ge(2)]
    assert round(point_values(coded, NOMINAL)["alpha"][0], 3) == 0.743
    assert round(point_values(coded, Scale("ordinal", tuple("12345")))["alpha"][0], 3) == 0.815
    numbers = [(rater, unit, int(code)) for rater in coded for unit, code in coded[rater].dropna().items()]
    assert round(AnnotationTask(numbers, interval_distance).alpha(), 3) == 0.849  # the data are the published ones


def test_a_unit_with_one_code_does_not_count():
    assert values_of(PUBLISHED, NOMINAL).loc["alpha", ["items", "value"]].tolist() == [11, pytest.approx(0.743, abs=0.0005)]


def test_kappa_is_cohens():
    # 20 and 15 of 50 alike, the one says p 25 times and the other 30 times (a textbook's table): 0.7 seen, 0.5 by chance.
    ratings = rated("p" * 25 + "n" * 25, "p" * 20 + "n" * 5 + "p" * 10 + "n" * 15)
    values = values_of(ratings)["value"]
    assert values["agreement"] == pytest.approx(0.7) and values["kappa"] == pytest.approx(0.4)


def test_a_near_miss_is_less_of_a_miss_on_an_ordinal_scale():
    near, far = rated("nnnuuuppp", "nnuuuuppp"), rated("nnnuuuppp", "nnpuuuppp")
    assert values_of(near)["value"]["alpha"] > values_of(far)["value"]["alpha"]
    assert values_of(near, NOMINAL)["value"]["alpha"] == pytest.approx(values_of(far, NOMINAL)["value"]["alpha"], abs=0.02)


def test_sets_agree_in_part():
    sets = [frozenset(codes) for codes in ("ab", "a", "b", "c")]
    ratings = pd.DataFrame({"one": sets, "other": [frozenset("a"), *sets[1:]]})
    values = values_of(ratings, ISSUES)["value"]
    assert values["agreement"] == 0.75 and values["alpha"] > values_of(ratings, NOMINAL)["value"]["alpha"]


def random_ratings(scale: Scale, raters: int, missing: float) -> pd.DataFrame:
    generator = np.random.default_rng(5)
    codes = list(scale.codes) or [frozenset("a"), frozenset("ab"), frozenset("bc"), frozenset("d")]
    truth = generator.integers(len(codes), size=60)
    rows = np.where(generator.random((60, raters)) < 0.7, truth[:, None], generator.integers(len(codes), size=(60, raters)))
    kept = generator.random((60, raters)) >= missing
    given = np.array([*codes, None], dtype=object)[np.where(kept, rows, len(codes))]
    return pd.DataFrame(given, columns=[f"r{number}" for number in range(raters)])


@pytest.mark.parametrize("scale", [NOMINAL, SENTIMENT, ISSUES], ids=["nominal", "ordinal", "sets"])
@pytest.mark.parametrize(("raters", "missing"), [(2, 0.0), (2, 0.2), (4, 0.3)])
def test_what_is_resampled_is_what_nltk_computes(scale, raters, missing, monkeypatch):
    ratings = random_ratings(scale, raters, missing)
    ratings = ratings[ratings.notna().sum(axis=1).ge(2)]
    monkeypatch.setattr(coefficients, "resample_totals", lambda values, draws: values.sum(axis=0, keepdims=True))  # each item once
    counted = coefficients._resample(ratings, scale, None, 1)
    for name, (value, _) in point_values(ratings, scale).items():
        assert counted[name] == pytest.approx([value], abs=1e-12), name


def test_an_interval_holds_its_value_and_narrows_with_more_items():
    few, many = rated("nnuupp" * 3, "nnuppp" * 3), rated("nnuupp" * 30, "nnuppp" * 30)
    for ratings in (few, many):
        values = values_of(ratings)
        assert (values["low"] < values["value"]).all() and (values["value"] < values["high"]).all()
    width = [(values_of(ratings)["high"] - values_of(ratings)["low"])["alpha"] for ratings in (few, many)]
    assert width[1] < width[0] / 2


def test_the_interval_covers_the_agreement_of_the_population():
    generator = np.random.default_rng(3)
    within = []
    for _ in range(60):
        truth = generator.choice(list("nup"), 60)
        other = np.where(generator.random(60) < 0.8, truth, generator.choice(list("nup"), 60))
        row = values_of(rated("".join(truth), "".join(other)), NOMINAL, draws=200).loc["alpha"]
        within.append(row["low"] <= 0.8 <= row["high"])  # 80 % alike by intent, the rest by chance: alpha is 0.8
    assert 0.88 <= np.mean(within) <= 1


def test_whole_articles_are_resampled_where_there_are_enough():
    ratings = rated("nnnnuuuupppp" * 2, "nnnnuuuupppp" + "uuuunnnnnnnn")
    articles = pd.Series([f"a{number // 4}" for number in range(24)])  # coders agree on all of an article, or on nothing of it
    by_article, by_item = (values_of(ratings, articles=own) for own in (articles, None))
    assert (by_article["value"] == by_item["value"]).all()
    assert by_article["high"]["agreement"] - by_article["low"]["agreement"] > 1.5 * (by_item["high"] - by_item["low"])["agreement"]
    few = articles.replace({"a1": "a0", "a2": "a0", "a3": "a0", "a4": "a0"})
    assert values_of(ratings, articles=few)["low"].equals(by_item["low"])


@pytest.mark.parametrize(
    ("raters", "agreement", "reason"),
    [
        (("uuuu", "uuuu"), 1.0, coefficients.ALL_ALIKE),
        (("n", "p"), 0.0, coefficients.ONE_ITEM),
        (("n-", "-p"), math.nan, coefficients.NO_OVERLAP),
        (("--", "--"), math.nan, coefficients.NO_OVERLAP),
    ],
)
def test_what_is_not_defined_is_not_a_number_and_says_why(raters, agreement, reason):
    values = values_of(rated(*raters))
    assert values["value"]["agreement"] == pytest.approx(agreement, nan_ok=True)
    assert values.loc[["kappa", "alpha"], "value"].isna().all() and values["low"].isna().all()
    assert values.loc[["kappa", "alpha"], "note"].eq(reason).all()


def test_alpha_of_all_is_defined_where_the_kappa_of_a_pair_is_not():
    values = values_of(rated("uuuu", "uuuu", "uunp"))
    assert math.isnan(values["value"]["kappa"]) and values["value"]["alpha"] < 0.1 and values["note"]["kappa"] == coefficients.ALL_ALIKE


def test_perfect_agreement_has_no_interval_and_says_so():
    values = values_of(rated("nnuupp" * 4, "nnuupp" * 4))
    assert values["value"].eq(1).all() and values["low"].isna().all() and values["note"].eq(coefficients.PERFECT).all()


def test_coders_who_never_agree_are_not_called_perfect():
    values = values_of(rated("n" * 10, "p" * 10))
    assert values["value"]["agreement"] == 0 and values["note"]["agreement"] == coefficients.ALIKE


# ---------------------------------------------------------------------------------------------- consensus


def test_the_consensus_is_what_most_coders_said():
    assert list(find_consensus(rated("nnp-", "nup-", "pu--"), SENTIMENT)) == [N, U, P, None]
    assert list(find_consensus(rated("np", "pp"), SENTIMENT)) == [None, P]


def test_the_consensus_of_sets_is_decided_issue_by_issue():
    one, two = ([frozenset(codes) for codes in own] for own in (["ab", "a", "a"], ["a", "b", "a"]))
    ratings = pd.DataFrame({"one": one, "two": two})
    three = ratings.assign(three=[frozenset("b"), frozenset("c"), None])
    assert list(find_consensus(ratings, ISSUES)) == [None, None, frozenset("a")]
    assert list(find_consensus(three, ISSUES)) == [frozenset("ab"), None, frozenset("a")]
    assert apportion(ratings, ISSUES, ["a", "b"]).to_numpy().tolist() == [[1, 0.5], [0.5, 0.5], [1, 0]]


def test_an_item_whose_codes_tie_counts_in_parts():
    parts = apportion(rated("nn-", "pn-"), SENTIMENT, [N, U, P])
    assert parts.to_numpy().tolist() == [[0.5, 0, 0.5], [1, 0, 0]]


def test_codes_stand_in_the_order_of_their_scale_or_of_their_frequency():
    assert list_codes(SENTIMENT, rated("pp", "pp")) == [N, U, P]
    assert list_codes(NOMINAL, pd.DataFrame({"one": ["b", "b", "a", None]})) == ["b", "a"]


# ---------------------------------------------------------------------------------------------- from codings to tables


def codings_of(variable: str = "sentiment", **coders: list) -> pd.DataFrame:
    rows = [(f"i{number}", variable, coder, code) for coder, codes in coders.items() for number, code in enumerate(codes)]
    return pd.DataFrame(rows, columns=["item", "variable", "coder", "code"])


def key_of(machine: list, variable: str = "sentiment", strata: list | None = None, sizes: dict | None = None) -> pd.DataFrame:
    strata = strata or machine
    counts = sizes or Counter(strata)
    frame = {
        "item": [f"i{number}" for number in range(len(machine))],
        "task": "task",
        "variable": variable,
        "article": "a",
        "sentence": range(len(machine)),
        "start": 0,
        "end": 9,
        "text": [f"Sentence {number}." for number in range(len(machine))],
        "focus": "China",
        "stratum": strata,
        "stratum_size": [counts[stratum] for stratum in strata],
        "machine": machine,
    }
    return pd.DataFrame(frame)


ANN, BEN, ROBOT = [N, N, U, U, P, P], [N, U, U, U, P, N], [N, U, U, N, P, P]


def test_each_two_coders_all_of_them_and_the_machine_are_compared():
    made = measure(codings_of(Ann=ANN, Ben=BEN, Cy=ANN), key_of(ROBOT)).agreement
    assert list(dict.fromkeys(made["between"])) == [
        *("Ann × Ben", "Ann × Cy", "Ben × Cy", "all coders"),
        *("Ann × machine", "Ben × machine", "Cy × machine", "consensus × machine"),
    ]
    assert made.loc[made["with_machine"], "between"].str.endswith("machine").all() and made["code"].eq("").all()


def test_one_coder_is_compared_with_the_machine_alone():
    made = measure(codings_of(Ann=ANN), key_of(ROBOT))
    assert set(made.agreement["between"]) == {"Ann × machine"} and set(made.confusion["first"]) == {"Ann"}
    assert "one coder only" in prose.describe_coders(made)


def test_without_a_key_nothing_is_said_of_the_machine():
    made = measure(codings_of(Ann=ANN, Ben=BEN))
    assert not made.has_machine and made.shares.empty and made.scores.empty and "machine" not in made.disagreements
    assert "machine" not in prose.describe_agreement(made)


def test_a_coder_may_be_called_machine():
    made = measure(codings_of(machine=ANN, consensus=BEN), key_of(ROBOT))
    alphas = made.agreement[made.agreement["measure"].eq("agreement")]
    assert list(alphas["value"].round(2)) == [0.67, 0.67, 0.67, 0.75] and len(made.shares) == 3


def test_missing_codes_are_counted():
    made = measure(codings_of(Ann=ANN, Ben=[*BEN[:4], None, ""]), key_of(ROBOT))
    assert made.coded[["items", "missing"]].to_numpy().tolist() == [[6, 0], [4, 2]]
    assert "2 missing" in prose.describe_agreement(made)


def test_codes_that_meet_are_counted_and_what_has_no_consensus_is_shown():
    made = measure(codings_of(Ann=ANN, Ben=BEN), key_of(ROBOT)).confusion
    counts = made.set_index(["first", "first_code", "second_code"])["count"]
    assert counts["Ann"].to_dict() == {(N, N): 1, (N, U): 1, (U, U): 2, (P, N): 1, (P, P): 1}
    assert counts["consensus"].to_dict() == {(N, N): 1, (U, N): 1, (U, U): 1, (P, P): 1, ("no consensus", U): 1, ("no consensus", P): 1}


def test_of_sets_each_issue_meets_itself_or_nothing():
    made = measure(codings_of("issues", Ann=["Trade; War", "no issue"], Ben=["Trade", "War"])).confusion
    counts = made.set_index(["first_code", "second_code"])["count"].to_dict()
    assert counts == {("Trade", "Trade"): 1, ("War", "not coded"): 1, ("no issue", "not coded"): 1, ("not coded", "War"): 1}


def test_each_issue_is_compared_by_its_presence():
    sets = ["Trade; War", "no issue", "Trade", "War"]
    made = measure(codings_of("issues", Ann=sets, Ben=["Trade", "no issue", "Trade", "War"]), key_of(sets, "issues")).agreement
    trade = made[made["code"].eq("Trade") & made["measure"].eq("kappa")].set_index("between")["value"]
    assert trade.to_dict() == {"Ann × Ben": 1.0, "consensus × machine": 1.0}
    war = made[made["code"].eq("War") & made["measure"].eq("agreement")].set_index("between")["value"]
    assert war["Ann × Ben"] == 0.75 and war["consensus × machine"] == 1  # where the two tie, nothing is compared


def test_disagreements_are_listed_the_furthest_apart_first():
    listed = measure(codings_of(Ann=ANN, Ben=BEN), key_of(ROBOT)).disagreements
    assert list(listed["item"]) == ["i5", "i1", "i3"]
    assert list(listed["apart"]) == [1, 0.5, 0] and list(listed["apart_machine"]) == [1, 0.5, 0.5]
    assert listed.iloc[0][["text", "focus", "code by Ann", "code by Ben", "consensus", "machine"]].tolist() == [
        *("Sentence 5.", "China", P, N, "", P)
    ]


@pytest.mark.parametrize(
    ("codings", "key", "said"),
    [
        (codings_of(Ann=[None, ""]), None, "hold no code"),
        (pd.concat([codings_of(Ann=ANN)] * 2), None, "coded the item i0 twice"),
        (codings_of(Ann=["bad"]), None, "'bad' is no code of sentiment"),
        (codings_of(Ann=ANN), key_of(ROBOT[:4]), "2 coded items, such as i4, are not in the key"),
        (codings_of(Ann=ANN), key_of(ROBOT, sizes={N: 1, U: 2, P: 2}), "the stratum 'negative' has 2 sampled items and the size 1"),
    ],
)
def test_what_cannot_be_measured_is_said(codings, key, said):
    with pytest.raises(InputError, match=said):
        measure(codings, key)


# ---------------------------------------------------------------------------------------------- corrected shares


def test_a_share_is_weighted_by_the_sizes_of_the_strata():
    made = measure(codings_of(Ann=[N, U, U, U]), key_of([N, N, U, U], sizes={N: 30, U: 10})).shares.set_index("code")
    assert made["share"].to_dict() == {N: 30 / 40 / 2, U: 30 / 40 / 2 + 10 / 40, P: 0}
    assert made["machine_share"].to_dict() == {N: 0.75, U: 0.25, P: 0} and made["total"].eq(40).all()
    assert made["low"].lt(made["share"]).drop(P).all() and made["high"].gt(made["share"]).all()


def test_shares_of_codes_that_exclude_each_other_sum_to_one():
    made = measure(codings_of(Ann=ANN, Ben=BEN), key_of(ROBOT, sizes={N: 20, U: 50, P: 9})).shares
    assert made["share"].sum() == pytest.approx(1) and made["machine_share"].sum() == pytest.approx(1)


def test_a_stratum_without_a_coded_item_is_said_and_widens_the_interval():
    key = key_of([N, N, U, P], sizes={N: 50, U: 30, P: 20})
    made = measure(codings_of(Ann=[N, N, U, None]), key)
    row = made.shares.set_index("code").loc[N]
    assert row["uncovered"] == pytest.approx(0.2) and row["share"] == pytest.approx(50 / 80)
    assert row["high"] > 0.2 + 0.8 * row["share"] and row["low"] < 0.8 * row["share"]
    for told in (prose.describe_agreement(made), prose.describe_shares(made)):
        assert "20% of all items lie in strata without a coded item" in told


def test_a_machine_whose_answers_are_not_the_strata_has_estimated_shares():
    key = key_of(["A", "B", "A", "A"], "speaker", strata=["direct", "direct", "none", "none"], sizes={"direct": 40, "none": 60})
    row = measure(codings_of("speaker", Ann=["A", "B", "A", "B"]), key).shares.set_index("code").loc["A"]
    assert row["machine_share"] == pytest.approx(0.4 / 2 + 0.6) and row["share"] == pytest.approx(0.4 / 2 + 0.6 / 2)
    assert row["machine_high"] - row["machine_low"] > 0.3  # four items tell little; a hundred would give 0.16


def test_a_machine_all_of_whose_answers_are_there_has_counted_shares():
    key = key_of(["A", "B"] * 50, "speaker", strata=["direct"] * 100, sizes={"direct": 100})
    row = measure(codings_of("speaker", Ann=["A", "B"] * 5), key).shares.set_index("code").loc["A"]
    assert (row["machine_low"], row["machine_high"]) == wilson_interval(50, 100) and row["high"] - row["low"] > 0.4


def test_of_many_items_the_interval_is_tenenbeins():
    shares, sizes, n = np.array([0.8, 0.2, 0.05]), np.array([3000, 5000, 2000]), 1000
    weights = sizes / sizes.sum()
    strata = pd.DataFrame({"stratum": np.repeat(list("abc"), n), "stratum_size": np.repeat(sizes, n)})
    parts = pd.DataFrame({"x": np.concatenate([np.arange(n) < share * n for share in shares]).astype(float)})
    row = correction.estimate_shares(parts, strata).iloc[0]
    share = weights @ shares
    variance = (weights**2 * shares * (1 - shares) / n).sum() + (weights * (shares - share) ** 2).sum() / sizes.sum()
    assert row["share"] == pytest.approx(share)
    assert (row["high"] - row["low"]) / 2 == pytest.approx(Z * math.sqrt(variance), rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("truth", [(0.3, 0.5, 0.2), (0.05, 0.9, 0.05)])
def test_the_correction_takes_the_bias_out_and_its_interval_holds_the_truth(truth):
    """A machine with known errors reads 800 items of known shares; 25 of each of its answers are coded."""
    errors = np.array([[0.7, 0.25, 0.05], [0.1, 0.8, 0.1], [0.05, 0.35, 0.6]])
    generator = np.random.default_rng(11)
    truth = np.array(truth)
    corrected, naive, within, naive_within = [], [], [], []
    for _ in range(250):
        right = generator.choice(3, 800, p=truth)
        read = (generator.random(800)[:, None] > errors[right].cumsum(axis=1)[:, :2]).sum(axis=1)
        drawn = np.concatenate([generator.choice(np.flatnonzero(read == code), 25, replace=False) for code in range(3)])
        strata = pd.DataFrame({"stratum": read[drawn], "stratum_size": np.bincount(read)[read[drawn]]})
        made = correction.estimate_shares(pd.DataFrame(np.eye(3)[right[drawn]]), strata)
        told = correction.count_shares(pd.DataFrame(np.eye(3)[read[drawn]]), strata)
        corrected.append(made["share"])
        naive.append(told["share"])
        within.append((made["low"] <= truth) & (truth <= made["high"]))
        naive_within.append((told["low"] <= truth) & (truth <= told["high"]))
    assert np.mean(corrected, axis=0) == pytest.approx(truth, abs=0.01)
    assert np.abs(np.mean(naive, axis=0) - truth).max() > 0.04
    assert 0.92 <= np.mean(within) <= 0.98 and np.mean(within, axis=0).min() >= 0.9
    assert np.mean(naive_within) < 0.6


# ---------------------------------------------------------------------------------------------- scores


def test_precision_and_recall_are_weighted_by_what_an_item_stands_for():
    # 30 items read as n, of which 2 are coded (one is n), and 10 as u, of which 2 are coded (one is n).
    made = measure(codings_of(Ann=[N, U, U, N]), key_of([N, N, U, U], sizes={N: 30, U: 10})).scores.set_index("code")
    assert made.loc[N, ["precision", "recall"]].tolist() == [0.5, 0.75] and made.loc[N, "f1"] == pytest.approx(0.6)
    assert made.loc[U, ["precision", "recall"]].tolist() == [0.5, 0.25]
    assert made.loc[correction.ALL_CODES, ["precision", "recall", "f1"]].tolist() == [0.5] * 3
    assert made.loc[P, ["precision", "recall", "f1", "low", "high"]].isna().all()


def test_the_interval_of_f1_holds_it():
    machine = [N, U, P] * 20
    coder = [code if number % 4 else U for number, code in enumerate(machine)]
    made = measure(codings_of(Ann=coder), key_of(machine, sizes={N: 100, U: 300, P: 100})).scores
    assert (made["low"] < made["f1"]).all() and (made["f1"] < made["high"]).all()


# ---------------------------------------------------------------------------------------------- in words


def test_the_command_line_tells_agreement_shares_and_how_much_there_is_to_discuss():
    told = prose.describe_agreement(measure(codings_of(Ann=ANN, Ben=BEN), key_of(ROBOT)))
    lines = told.splitlines()
    assert lines[0] == "sentiment, items coded by Ann (6) and Ben (6)" and lines[-1] == "3 items to discuss."
    (row,) = [line for line in lines if line.strip().startswith("Ann × Ben")]
    assert "0.67 (0.17 to 1.00)" in row and "2 items without a consensus" in told and "corrected" in told


def test_of_many_codes_the_first_are_told_and_how_many_more_there_are():
    codes = [*"AAABCDEFGH"]
    told = prose.describe_shares(measure(codings_of("speaker", Ann=codes), key_of(codes, "speaker")))
    assert told.count("by the machine") == 6 and "2 more in the table" in told and "A 30% by the machine" in told


def test_why_something_is_not_defined_is_told():
    told = prose.describe_agreement(measure(codings_of(Ann=[U] * 4, Ben=[U] * 4)))
    assert coefficients.ALL_ALIKE in told and "—" in told
    assert coefficients.ALL_ALIKE in prose.describe_coders(measure(codings_of(Ann=[U] * 4, Ben=[U] * 4)))


def test_names_and_codes_of_others_are_harmless():
    hostile = "<b>\x1b[31mEve\x07| [x](javascript:1)"
    made = measure(codings_of("speaker", **{hostile: [hostile, "B"], "Ben": ["B", "B"]}), key_of(["B", hostile], "speaker"))
    plain = prose.describe_agreement(made)
    assert "\x1b" not in plain and "\x07" not in plain and "?[31mEve?" in plain
    for describe in (prose.describe_coders, prose.describe_machine, prose.describe_confusion, prose.describe_shares):
        assert "<b>" not in describe(made) and "](" not in describe(made)


def test_of_few_articles_the_interval_is_called_too_narrow():
    codings, key = codings_of(Ann=ANN, Ben=BEN), key_of(ROBOT)
    few, many = (measure(codings, key.assign(article=[str(n % number) for n in range(len(key))])) for number in (3, 6))
    for made, said in ((few, True), (many, False)):
        notes = made.agreement.loc[made.agreement["between"].eq("Ann × Ben"), "note"]
        assert notes.eq(coefficients.FEW_ARTICLES).any() == said
        assert ("too narrow" in prose.describe_coders(made)) == said


def test_two_who_differ_on_one_item_of_many_are_not_told_to_agree():
    """Nearly all codes are alike: most resamples hold too few that differ for alpha to be told from them."""
    rare = ["neutral"] * 57
    made = measure(codings_of(Ann=[*rare, "negative", "positive"], Ben=[*rare, "negative", "neutral"]))
    told = prose.describe_coders(made)
    assert "nobody differs" not in told and "too few codes that differ to judge by" in told


@pytest.mark.parametrize(
    ("alpha", "low", "said"),
    [
        (0.9, 0.85, "enough to rely on."),
        (0.85, 0.7, "enough to rely on, and the interval reaches below 0.8."),
        (0.7, 0.5, "enough for tentative conclusions only, and the interval reaches below 0.667."),
        (0.6, 0.4, "too little to conclude from."),
    ],
)
def test_alpha_is_read_by_krippendorffs_limits(alpha, low, said):
    made = measure(codings_of(Ann=ANN, Ben=BEN))
    made.agreement.loc[made.agreement["measure"].eq("alpha"), ["value", "low", "high"]] = alpha, low, 1.0
    assert prose.describe_coders(made).endswith(said)
