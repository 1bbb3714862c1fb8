"""Run a stage on a benchmark, and say how well it agrees with the people who coded it."""

from __future__ import annotations

import time
from pathlib import Path

from analysis.errors import InputError
from analysis.evaluation import benchmarks, measures
from analysis.tables import SENTIMENTS


def evaluate(task: str, path: str | Path) -> dict:
    """Measure a stage on human-coded data.

    Parameters
    ----------
    task : str
        A key of `TASKS`: quotes, sentiment, stance or issues.
    path : path
        The benchmark: a folder of PolNeAR, a .jsonl file of NewsMTSC, a .tsv file of DSE, a .csv file of topics.

    Returns
    -------
    dict
        How many items there were, and the measures, in percent.

    Raises
    ------
    InputError
        If there is no such task, or the benchmark cannot be read.
    """
    if task not in TASKS:
        raise InputError("no such task", str(task), f"Choose from {', '.join(TASKS)}.")
    return TASKS[task](path)


def evaluate_quotes(path: str | Path) -> dict:
    """Attributions, on a folder of PolNeAR."""
    from analysis.quotes import find_attributions

    coded = benchmarks.read_polnear(path)
    started = time.perf_counter()
    found = find_attributions([c.text for c in coded])
    seconds = time.perf_counter() - started
    words = sum(len(c.text.split()) for c in coded)
    scores = measures.attribution_scores((c.text, c.attributions, f) for c, f in zip(coded, found, strict=True))
    return {"articles": len(coded), "words_per_second": round(words / seconds), **scores}


def evaluate_sentiment(path: str | Path) -> dict:
    """Sentiment toward a target, on a file of NewsMTSC."""
    from analysis.sentiment import classify_targets

    targets = benchmarks.read_newsmtsc(path)
    predicted = classify_targets(targets["text"], list(zip(targets["start"], targets["end"], strict=True)))
    return {"targets": len(targets), **_label_scores(targets["label"], predicted, SENTIMENTS)}


def evaluate_stance(path: str | Path) -> dict:
    """Stance between two actors, on a file of DSE."""
    from analysis.stance import classify_pairs

    pairs = benchmarks.read_dse(path)
    predicted = classify_pairs(pairs["text"], pairs["first"], pairs["second"])
    return {"pairs": len(pairs), **_label_scores(pairs["label"], predicted, benchmarks.DIRECTIONS)}


def evaluate_issues(path: str | Path) -> dict:
    """Topics of the Comparative Agendas Project, on a file of coded texts."""
    from analysis.issues import classify_topics

    coded = benchmarks.read_topics(path)
    predicted = classify_topics(coded["text"])["topic"].astype("int64")
    return {
        "texts": len(coded),
        "accuracy": measures.accuracy(coded["topic"], predicted),
        "macro_f1": measures.macro_f1(coded["topic"], predicted, sorted(set(coded["topic"]))),
    }


TASKS = {"quotes": evaluate_quotes, "sentiment": evaluate_sentiment, "stance": evaluate_stance, "issues": evaluate_issues}


def _label_scores(gold, predicted, labels) -> dict[str, float]:
    gold, label = gold.to_numpy(), predicted["label"].to_numpy()
    confidence = predicted[[f"p_{name}" for name in labels]].max(axis=1)
    return {
        "accuracy": measures.accuracy(gold, label),
        "macro_f1": measures.macro_f1(gold, label, labels),
        "calibration_error": measures.calibration_error(confidence, gold == label),
    }
