"""Measure every stage on its benchmark, and keep the figures that the notebooks' last sections and the model cards show.

    python -m analysis.evaluation.publish BENCHMARKS

BENCHMARKS is a folder with the sets laid out as in `benchmarks.SETS`; each is to be had from its own home (README.md).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

from analysis.evaluation import evaluate
from analysis.evaluation.benchmarks import SETS, read_dse, read_newsmtsc, read_polnear, read_topics, split_topics
from analysis.evaluation.card import write_card, write_sentence_card
from analysis.evaluation.coverage import DEFAULT, OTHERS
from analysis.evaluation.fairness import evaluate_fairness
from analysis.evaluation.measures import calibration_error
from analysis.evaluation.run import label_pairs, label_targets, label_topics, measure_topics
from analysis.prose import OWN_NEWS, RESULTS
from analysis.reader import read_texts
from analysis.training.confidence import cross_fit, judge_attributions

# Coded texts that are this project's own: whoever has the benchmarks has a checkout.
OWN = Path(__file__).parents[2] / "tests" / "data"
CODED_SENTENCES, CODED_TEXTS = OWN / "coverage", OWN / "codebooks"
JUDGED_SENTENCES = {"sentiment": OWN / "judgement" / "sentiment.jsonl", "stance": OWN / "judgement" / "stance.tsv"}
KINDS = {"own": "articles of our own", "benchmark": "texts of the benchmarks"}
WRITTEN_FOR = {DEFAULT: "texts written for the default codebook", OTHERS: "texts written for other codebooks"}
SPEEDS = ("words_per_second", "spacy_words_per_second", "speed_ratio")  # the machine's, and no measure of quality


def publish(folder: Path) -> None:
    """Measure each task on each of its sets; write `results.json`, and the model cards.

    The attributions' confidence may have been fitted on the very articles that measure it: its calibration is told from
    `cross_fit` instead.
    """
    scores = {task: {name: _measure(task, folder / path) for name, path in sets.items()} for task, sets in SETS.items()}
    for task, path in JUDGED_SENTENCES.items():
        scores[task][OWN_NEWS[task]] = evaluate(task, path)
    figures = {task: {name: headline_figures(of_set) for name, of_set in sets.items()} for task, sets in scores.items()}
    coded, written = evaluate("coverage", CODED_SENTENCES, folder), evaluate("coverage", CODED_TEXTS)
    parts = {f"{told}, {part}": coded[part][kind] for part in ("test", "dev") for kind, told in KINDS.items()}
    parts |= {told: written[kind] for kind, told in WRITTEN_FOR.items()}
    figures["coverage"] = {told: coverage_figures(scores) for told, scores in parts.items()}
    for name, path in SETS["quotes"].items():
        articles = read_polnear(folder / path)
        judged = judge_attributions(articles, read_texts([article.text for article in articles]))
        confidence = cross_fit(judged)
        figures["quotes"][name]["calibration_error"] = calibration_error(confidence, judged.right)
        write_card(scores["quotes"][name], confidence, judged.right)
    write_sentence_card(
        {name: scores for task in LABELLED for name, scores in figures[task].items()},
        {task: _label(task, folder) for task in LABELLED},
        evaluate_fairness(),
    )
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf8")


def _measure(task: str, path: Path) -> dict:
    """As `analysis evaluate`, but topics only on what was kept out of training."""
    return measure_topics(_kept_topics(path)) if task == "issues" else evaluate(task, path)


def _kept_topics(path: Path) -> pd.DataFrame:
    return split_topics(read_topics(path))[1]


# How the sets of each task are read, and their items labelled by the sentence model
LABELLED = {"sentiment": (read_newsmtsc, label_targets), "stance": (read_dse, label_pairs), "issues": (_kept_topics, label_topics)}


def _label(task: str, folder: Path) -> pd.DataFrame:
    """Of all items of a task's sets, how sure the model is of its label, and whether it is the coder's: confidence, right."""
    read, label = LABELLED[task]
    parts = [label(read(folder / path)) for path in SETS[task].values()]
    return pd.concat([pd.DataFrame({"confidence": part.confidence, "right": part.gold == part.label}) for part in parts])


def coverage_figures(scores: dict) -> dict[str, float]:
    """Of what was measured of a codebook of issues, what a notebook has room for."""
    phrases = {f"phrases_{measure}": value for measure, value in scores["phrases"].items()}
    added = {"with_candidates_f1": scores["with_candidates"]["f1"]}
    added |= {name: scores[name] for name in ("candidates_right", "near_phrases_right", "far_phrases_right")}
    return {"sentences": scores["sentences"], **phrases, **added}


def headline_figures(scores: dict) -> dict[str, float]:
    """What a table of all benchmarks has room for: a number a measure, of precision and recall their F1; no parts, no speeds."""
    flat = {name: value.get("f1") if isinstance(value, dict) else value for name, value in scores.items() if name not in SPEEDS}
    return {name: value for name, value in flat.items() if value is not None}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    publish(Path(sys.argv[1]))
