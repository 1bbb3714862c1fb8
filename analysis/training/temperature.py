"""How sharp probabilities should be: the one number by which a task's scores are divided before they are made probabilities.

Temperature scaling (Guo, Pleiss, Sun & Weinberger, ICML 2017). It changes no label, and needs no extra.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from analysis import judgement
from analysis.errors import InputError
from analysis.reader import log_softmax
from analysis.training.material import Material

LOWEST, HIGHEST = 0.05, 20.0
NARROWINGS = 40
GOLDEN = (5**0.5 - 1) / 2
DIGITS = 4


def tune(material: Material, out: Path, log: Callable[[str], object] = print) -> None:
    """Fit a temperature for each task of new weights, on what was kept out of their training.

    Parameters
    ----------
    material : Material
    out : Path
        Folder that holds `sentences.onnx`, and gets `sentences.json`: a temperature a task, and the codes of the topics.
    log : callable
        Takes a line of text.
    """
    settings: dict = {}
    for task in judgement.TASKS:
        kept = [coded for coded in material.kept.values() if coded.task == task]
        scores = np.concatenate([judgement.score(task, coded.texts, coded.spans, out / "sentences.onnx") for coded in kept])
        labels = np.concatenate([coded.labels for coded in kept])
        read = ~np.isnan(scores).any(axis=1)
        settings[task] = fit_temperature(scores[read], labels[read])
        log(f"temperature of {task}: {settings[task]:g}, fitted on {read.sum()} items")
    settings["codes"] = material.codes
    (out / "sentences.json").write_text(json.dumps(settings) + "\n", encoding="utf-8")


def fit_temperature(scores: np.ndarray, labels: Sequence[int]) -> float:
    """The temperature at which the log loss of texts that the model did not learn from is least.

    The loss has one minimum along the temperature's inverse, and so along its logarithm: a golden-section search finds it.

    Parameters
    ----------
    scores : ndarray, (items, labels)
    labels : sequence of int
        The right label of each.

    Returns
    -------
    float
        From `LOWEST` to `HIGHEST`.

    Raises
    ------
    InputError
        If there is nothing to fit it on.
    """
    if not len(scores):
        raise InputError("there is none to fit it on", "texts for the temperature", "Keep some coded texts out of training.")
    low, high = np.log(LOWEST), np.log(HIGHEST)
    for _ in range(NARROWINGS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if log_loss(scores / np.exp(left), labels) < log_loss(scores / np.exp(right), labels):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), DIGITS)


def log_loss(scores: np.ndarray, labels: Sequence[int]) -> float:
    """Mean negative log probability of the right labels, in nats."""
    return float(-log_softmax(scores)[np.arange(len(scores)), np.asarray(labels, dtype=int)].mean())
