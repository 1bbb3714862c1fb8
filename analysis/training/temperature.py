"""How sharp probabilities should be: the one number by which a task's scores are divided before they are made probabilities.

Temperature scaling (Guo, Pleiss, Sun & Weinberger, ICML 2017). It changes no label, and needs no extra.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from analysis import judgement
from analysis.errors import InputError
from analysis.training.material import Material

LOWEST, HIGHEST = 0.05, 20.0
DIGITS = 4
EXACT = 1e-8  # of the logarithm


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

    The loss has one minimum along the temperature's inverse, and so along its logarithm.

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
    bounds, exact = np.log([LOWEST, HIGHEST]), {"xatol": EXACT}
    found = minimize_scalar(lambda place: log_loss(scores / np.exp(place), labels), bounds=bounds, method="bounded", options=exact)
    return round(float(np.exp(found.x)), DIGITS)


def log_loss(scores: np.ndarray, labels: Sequence[int]) -> float:
    """Mean negative log probability of the right labels, in nats."""
    return float(-log_softmax(scores, axis=1)[np.arange(len(scores)), np.asarray(labels, dtype=int)].mean())
