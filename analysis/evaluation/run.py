"""Run a stage on a benchmark, and say how well it agrees with the people who coded it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.evaluation import benchmarks, measures
from analysis.evaluation.coverage import evaluate_coverage
from analysis.evaluation.fairness import evaluate_fairness
from analysis.quotation import quotation_type, quoted_spans
from analysis.selection import LEAN
from analysis.tables import SENTIMENTS

_WARM_UP = "Ito said that it rains."  # what is read first loads the models


def evaluate_quotes(path: str | Path) -> dict:
    """Attributions, on a folder of PolNeAR: all in all, by their type and by publisher.

    The calibration error holds the confidence as shipped against the coders. That confidence was fitted on PolNeAR's dev part:
    on dev, its error is that of the fit, and smaller than on other articles. The notebooks and the model card tell that of
    `training.confidence.cross_fit` instead.

    The speed is that of `find_attributions` alone, without the names of speakers and what is nested in contents, beside that of
    spaCy's parse alone; both with their models loaded.
    """
    from analysis.quotes import find_attributions

    articles = benchmarks.read_polnear(path)
    texts = [article.text for article in articles]
    find_attributions([_WARM_UP])
    started = time.perf_counter()
    found = find_attributions(texts)
    seconds = time.perf_counter() - started
    spacy_seconds = _seconds_of_parsing(texts)
    words = sum(len(text.split()) for text in texts)
    coded = [(article.text, _typed(article), ours) for article, ours in zip(articles, found, strict=True)]
    return {
        "articles": len(articles),
        "words_per_second": round(words / seconds),
        **measures.attribution_scores(coded),
        "confidence": {"calibration_error": _attribution_calibration(coded)},
        "by_type": measures.attribution_scores_by_type(coded),
        "by_publisher": _by_publisher([article.name for article in articles], coded),
        "spacy_words_per_second": round(words / spacy_seconds),
        "speed_ratio": round(spacy_seconds / seconds, 2),
    }


def _seconds_of_parsing(texts: Sequence[str]) -> float:
    from analysis.language import parse_texts

    for _ in parse_texts([_WARM_UP]):
        pass
    started = time.perf_counter()
    for _ in parse_texts(texts):
        pass
    return time.perf_counter() - started


def _typed(article: benchmarks.CodedText) -> list[dict]:
    """The coder's attributions, each with its type, by the quotation marks about the words of its content."""
    quoted = quoted_spans(article.text)
    return [{**a, "type": quotation_type(article.text, a.get("content", []), quoted)} for a in article.attributions]


def _attribution_calibration(coded: Sequence[tuple]) -> float:
    confidence = [attribution["confidence"] for _, _, found in coded for attribution in found]
    return measures.calibration_error(confidence, [right for one in coded for right in measures.right_attributions(*one)])


def _by_publisher(names: Sequence[str], coded: Sequence[tuple]) -> dict[str, dict]:
    """Articles, and the F1 of each measure, for each publisher; PolNeAR names an article PUBLISHER_DATE_TITLE."""
    groups: dict[str, list[tuple]] = {}
    for name, one in zip(names, coded, strict=True):
        groups.setdefault(name.split("_")[0], []).append(one)
    return {publisher: {"articles": len(group), **_f1_only(group)} for publisher, group in groups.items()}


def _f1_only(coded: Sequence[tuple]) -> dict[str, float]:
    return {measure: scores["f1"] for measure, scores in measures.attribution_scores(coded).items()}


class Labelled(NamedTuple):
    """What a model made of coded items: the coder's label, the model's, and the probability that it gives its own."""

    gold: np.ndarray
    label: np.ndarray
    confidence: np.ndarray


def evaluate_sentiment(path: str | Path) -> dict:
    """Sentiment toward a target, on a file of NewsMTSC; and how far VADER comes, which reads the sentence and knows of no target."""
    from analysis.lexicon import compound

    targets = benchmarks.read_newsmtsc(path)
    signs = np.array([(score >= LEAN) - (score <= -LEAN) for score in map(compound, targets["text"])], dtype=int)
    return {
        "targets": len(targets),
        **_label_scores(label_targets(targets), SENTIMENTS),
        "lexicon_macro_f1": measures.macro_f1(targets["label"], np.array(SENTIMENTS)[1 + signs], SENTIMENTS),
    }


def evaluate_stance(path: str | Path) -> dict:
    """Stance between two actors, on a file of DSE."""
    pairs = benchmarks.read_dse(path)
    return {"pairs": len(pairs), **_label_scores(label_pairs(pairs), benchmarks.DIRECTIONS)}


def evaluate_issues(path: str | Path) -> dict:
    """Topics of the Comparative Agendas Project, on a file of coded texts."""
    return measure_topics(benchmarks.read_topics(path))


def measure_topics(coded: pd.DataFrame) -> dict:
    """Topics on coded texts, as `benchmarks.read_topics` gives them."""
    labelled = label_topics(coded)
    return {"texts": len(coded), **_label_scores(labelled, sorted(set(labelled.gold.tolist())))}


def label_targets(targets: pd.DataFrame) -> Labelled:
    """Sentiment of targets, as `benchmarks.read_newsmtsc` gives them."""
    from analysis.sentiment import classify_targets

    predicted = classify_targets(targets["text"], list(zip(targets["start"], targets["end"], strict=True)))
    return Labelled(targets["label"].to_numpy(), predicted["label"].to_numpy(), predicted.filter(like="p_").max(axis=1).to_numpy())


def label_pairs(pairs: pd.DataFrame) -> Labelled:
    """Stance of pairs, as `benchmarks.read_dse` gives them."""
    from analysis.stance import classify_pairs

    predicted = classify_pairs(pairs["text"], pairs["first"], pairs["second"])
    return Labelled(pairs["label"].to_numpy(), predicted["label"].to_numpy(), predicted.filter(like="p_").max(axis=1).to_numpy())


def label_topics(coded: pd.DataFrame) -> Labelled:
    """Topics of texts, as `benchmarks.read_topics` gives them."""
    from analysis.issues import classify_topics

    predicted = classify_topics(coded["text"])
    return Labelled(coded["topic"].to_numpy(), predicted["topic"].to_numpy(), predicted["probability"].to_numpy())


BY_TASK = {
    "quotes": evaluate_quotes,
    "sentiment": evaluate_sentiment,
    "stance": evaluate_stance,
    "issues": evaluate_issues,
    "coverage": evaluate_coverage,
    "fairness": evaluate_fairness,
}


def _label_scores(labelled: Labelled, labels: Sequence) -> dict[str, float]:
    gold, label, confidence = labelled
    return {
        "accuracy": measures.accuracy(gold, label),
        "macro_f1": measures.macro_f1(gold, label, labels),
        "calibration_error": measures.calibration_error(confidence, gold == label),
        "majority_accuracy": measures.accuracy(gold, np.full(len(gold), Counter(gold.tolist()).most_common(1)[0][0])),
    }
