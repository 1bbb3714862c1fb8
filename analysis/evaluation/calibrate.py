"""Fit the few constants by which the lexicon stages turn what they count into probabilities.

    python -m analysis.evaluation.calibrate TRAIN.jsonl TRAIN.tsv > analysis/models/clause_lexicon.yaml

with the training parts of NewsMTSC and of DSE.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import yaml

from analysis import lexicon, sentiment, stance
from analysis.evaluation import benchmarks
from analysis.tables import SENTIMENTS

RIDGE = 3.0
TOLERANCE = 1e-6
MAX_ROUNDS = 50
HEAD = """\
# Constants of the lexicon stages: log-odds against neutral, a weight a feature (sentiment.FEATURES, stance.FEATURES).
# Fitted as conditional logits (McFadden, 1974) with a ridge on the training parts of NewsMTSC (sentiment) and DSE (stance) by
#   python -m analysis.evaluation.calibrate TRAIN.jsonl TRAIN.tsv > analysis/models/clause_lexicon.yaml
"""


def fit_choices(designs: np.ndarray, chosen: np.ndarray, ridge: float = RIDGE) -> np.ndarray:
    """Fit a conditional logit by Newton's method.

    Parameters
    ----------
    designs : array (n, alternatives, weights)
        What speaks for each alternative; utilities are linear in it.
    chosen : array (n,)
        The alternative that was right.
    ridge : float
        Penalty on the squares of the weights, in units of observations.

    Returns
    -------
    array (weights,)
    """
    weights = np.zeros(designs.shape[2])
    wanted = np.eye(designs.shape[1])[chosen]
    for _ in range(MAX_ROUNDS):
        chances = lexicon.softmax(designs @ weights)
        gradient = np.einsum("nk,nkw->w", wanted - chances, designs) - ridge * weights
        mean = np.einsum("nk,nkw->nw", chances, designs)
        curvature = np.einsum("nk,nkv,nkw->vw", chances, designs, designs, optimize=True) - mean.T @ mean
        step = np.linalg.solve(curvature + ridge * np.eye(len(weights)), gradient)
        weights += step
        if np.abs(step).max() < TOLERANCE:
            break
    return weights


def fit_sentiment(path: str | Path) -> dict[str, dict[str, float]]:
    """Weights of negative and of positive, from a file of NewsMTSC."""
    targets = benchmarks.read_newsmtsc(path)
    features = sentiment.target_features(targets["text"], list(zip(targets["start"], targets["end"], strict=True)))
    size = len(sentiment.FEATURES)
    designs = np.zeros((len(features), len(SENTIMENTS), 2 * size))
    designs[:, SENTIMENTS.index("negative"), :size] = features
    designs[:, SENTIMENTS.index("positive"), size:] = features
    weights = fit_choices(designs, targets["label"].map(SENTIMENTS.index).to_numpy())
    return _named(weights, ("negative", "positive"), sentiment.FEATURES)


def fit_stance(path: str | Path) -> dict[str, dict[str, float]]:
    """Weights of support and of opposition, the same for both directions, from a file of DSE."""
    pairs = benchmarks.read_dse(path)
    features = stance.pair_features(pairs["text"], pairs["first"], pairs["second"])
    size = len(stance.FEATURES)
    designs = np.zeros((len(features), len(stance.DIRECTIONS), 2 * size))
    designs[:, 1:3, :size] = features
    designs[:, 3:5, size:] = features
    weights = fit_choices(designs, pairs["label"].map(stance.DIRECTIONS.index).to_numpy())
    return _named(weights, ("support", "oppose"), stance.FEATURES)


def _named(weights: np.ndarray, outcomes: tuple[str, str], features: tuple[str, ...]) -> dict[str, dict[str, float]]:
    parts = weights.round(2).tolist()
    return {outcome: dict(zip(features, parts[i * len(features) :], strict=False)) for i, outcome in enumerate(outcomes)}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    fitted = {"sentiment": fit_sentiment(sys.argv[1]), "stance": fit_stance(sys.argv[2])}
    sys.stdout.write(HEAD + yaml.safe_dump(fitted, sort_keys=False, width=130, default_flow_style=None))
