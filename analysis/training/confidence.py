"""How sure one may be of an attribution: the probability that a human coder has the same one, with the same source.

A logistic regression on what the reading says of an attribution (Platt, 1999, who so turned scores into probabilities). Unlike the
rest of this package it needs no extra.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from analysis.attribution import assemble_attributions, confidence
from analysis.errors import InputError
from analysis.evaluation.benchmarks import CodedText
from analysis.evaluation.measures import right_attributions
from analysis.reader import Reading

RIDGE = 1.0  # in units of observations
TOLERANCE = 1e-6
MAX_ROUNDS = 50
FOLDS = 5
DIGITS = 6


class Judged(NamedTuple):
    """Attributions that were found, in columns: the features of each, whether the coder has it too, and the number of its article."""

    features: list[dict[str, float]]
    right: list[bool]
    article: list[int]


def judge_attributions(coded: Sequence[CodedText], readings: Iterable[Reading]) -> Judged:
    """Hold what is found in coded articles against the coder's attributions.

    Parameters
    ----------
    coded : sequence of CodedText
    readings : iterable of Reading
        Of the same texts, in the same order.
    """
    judged = Judged([], [], [])
    for number, (article, reading) in enumerate(zip(coded, readings, strict=True)):
        found = assemble_attributions(reading)
        judged.features.extend(attribution["features"] for attribution in found)
        judged.right.extend(right_attributions(article.text, article.attributions, found))
        judged.article.extend([number] * len(found))
    return judged


def fit_confidence(features: Sequence[dict[str, float]], right: Sequence[bool]) -> dict:
    """Fit the confidence of attributions by logistic regression, with a ridge on the weights of the standardised features.

    Parameters
    ----------
    features : sequence of dict
        Of each attribution, by name; the same names in all.
    right : sequence of bool
        Whether a coder has it too.

    Returns
    -------
    dict
        `intercept`, and `weights` by the feature's name: the log odds of being right are the intercept plus the weighted features.

    Raises
    ------
    InputError
        If there is no attribution to fit it on.
    """
    if not features:
        raise InputError("no attribution was found in them", "articles for the confidence", "Train, and fit, on more articles.")
    names = sorted(features[0])
    values = _matrix(features, names)
    mean, spread = values.mean(axis=0), values.std(axis=0)
    spread[spread == 0] = 1.0
    designs = np.zeros((len(values), 2, len(names) + 1))  # a choice between wrong, which has no utility, and right
    designs[:, 1, 0] = 1.0
    designs[:, 1, 1:] = (values - mean) / spread
    intercept, *weights = fit_choices(designs, np.asarray(right, dtype=int))
    weights = np.array(weights) / spread
    return {
        "intercept": round(float(intercept - weights @ mean), DIGITS),
        "weights": {name: round(float(weight), DIGITS) for name, weight in zip(names, weights, strict=True)},
    }


def fit_choices(designs: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Fit a conditional logit (McFadden, 1974) by Newton's method, with `RIDGE` as the penalty on the squares of the weights.

    Parameters
    ----------
    designs : array (n, alternatives, weights)
        What speaks for each alternative; utilities are linear in it.
    chosen : array (n,)
        The alternative that was right.

    Returns
    -------
    array (weights,)
    """
    weights = np.zeros(designs.shape[2])
    wanted = np.eye(designs.shape[1])[chosen]
    for _ in range(MAX_ROUNDS):
        chances = softmax(designs @ weights, axis=-1)
        gradient = np.einsum("nk,nkw->w", wanted - chances, designs) - RIDGE * weights
        mean = np.einsum("nk,nkw->nw", chances, designs)
        curvature = np.einsum("nk,nkv,nkw->vw", chances, designs, designs, optimize=True) - mean.T @ mean
        step = np.linalg.solve(curvature + RIDGE * np.eye(len(weights)), gradient)
        weights += step
        if np.abs(step).max() < TOLERANCE:
            break
    return weights


def cross_fit(judged: Judged, folds: int = FOLDS) -> np.ndarray:
    """Each attribution's confidence as fitted on the other articles only, so that the fit is not measured on what it was made from.

    Parameters
    ----------
    judged : Judged
    folds : int
        Parts that the articles are dealt into in turn; the confidence in each is fitted on the others.

    Returns
    -------
    ndarray, (attributions,)
    """
    probability, fold = np.zeros(len(judged.right)), np.asarray(judged.article, dtype=int) % folds
    for out in np.unique(fold):
        inside, outside = np.flatnonzero(fold == out), np.flatnonzero(fold != out)
        fitted = fit_confidence([judged.features[i] for i in outside], [judged.right[i] for i in outside])
        probability[inside] = [confidence(judged.features[i], fitted) for i in inside]
    return probability


def _matrix(features: Sequence[dict[str, float]], names: Sequence[str]) -> np.ndarray:
    return np.array([[row[name] for name in names] for row in features], dtype=float).reshape(len(features), len(names))
