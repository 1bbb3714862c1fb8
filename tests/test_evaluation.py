"""Readers of the benchmarks, and the measures, on small files of the same form."""

import json

import numpy as np
import pytest

from analysis.errors import InputError
from analysis.evaluation import TASKS, benchmarks, evaluate, measures
from analysis.evaluation.calibrate import fit_choices
from analysis.sentiment import classify_targets


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
    with pytest.raises(InputError, match="no columns"):
        evaluate("issues", path)
    with pytest.raises(InputError, match="no such task"):
        evaluate("weather", path)


def test_precision_recall_and_f1_are_rounded_percentages():
    assert measures.precision_recall_f1(1, 3, 2) == {"p": 33.3, "r": 50.0, "f1": 40.0}
    assert measures.precision_recall_f1(0, 0, 0) == {"p": 0.0, "r": 0.0, "f1": 0.0}


def test_macro_f1_counts_rare_labels_alike():
    assert measures.macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"], ["a", "b", "c"]) == 28.6  # of 85.7, 0 and 0
    assert measures.accuracy(["a", "b"], ["a", "a"]) == 50.0


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    assert measures.calibration_error([0.9, 0.9, 0.5, 0.5], [True, True, True, False]) == 5.0
    assert measures.calibration_error([1.0, 1.0], [True, True]) == 0.0


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


def test_sentiment_and_stance_are_evaluated_from_file_to_figures(newsmtsc, dse):
    sentiment, stance = evaluate("sentiment", newsmtsc), evaluate("stance", dse)
    rows = [json.loads(line) for line in newsmtsc.read_text(encoding="utf8").splitlines()]
    marked = [(row["sentence_normalized"], target) for row in rows for target in row["targets"]]
    codes = {2.0: "negative", 4.0: "neutral", 6.0: "positive"}
    labels = classify_targets([text for text, _ in marked], [(target["from"], target["to"]) for _, target in marked])["label"]
    right = [label == codes[target["polarity"]] for label, (_, target) in zip(labels, marked, strict=True)]
    assert sentiment["targets"] == len(marked) == 3
    assert sentiment["accuracy"] == round(100 * sum(right) / len(right), 1) > 50
    assert (stance["pairs"], stance["accuracy"]) == (2, 100.0)
    assert 0 <= sentiment["calibration_error"] <= 100 and set(stance) == {"pairs", "accuracy", "macro_f1", "calibration_error"}


def test_fitting_finds_the_weights_that_made_the_choices():
    rng = np.random.default_rng(0)
    designs, true = rng.normal(size=(4000, 3, 2)), np.array([1.5, -0.5])
    chosen = (designs @ true + rng.gumbel(size=(4000, 3))).argmax(axis=1)
    assert fit_choices(designs, chosen) == pytest.approx(true, abs=0.15)
