"""A teacher for topics: a logistic regression on a text's words, and on what a larger encoder, as it was pretrained, makes of the text.

Coded texts are few: from coders alone, the sentence model learned them by heart, and was surer of its answers than they were right. The
teacher also tells which other topics a text is near to, and reads texts that nobody coded (knowledge distillation: Hinton, Vinyals & Dean,
2015).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from torch.nn.functional import normalize

from analysis.judgement import TOPIC
from analysis.training.encoder import DEVICE, mixed_precision
from analysis.training.large import LargeEncoder
from analysis.training.passages import Passage
from analysis.training.tasks import mean_of, read_whole

FOLDS = 5
INVERSE_PENALTY = 10.0
UNCODED_TEXTS = 12_000


def teach(coded: Sequence[Passage], texts: Sequence[str], seed: int = 1, log: Callable[[str], object] = print) -> list[Passage]:
    """The coded passages, each with the mean of its coder's label and of what the others teach of it; and texts that nobody coded.

    Parameters
    ----------
    coded : sequence of Passage
        Of topics.
    texts : sequence of str
        `UNCODED_TEXTS` of them are drawn, and labelled by what all coded passages teach.
    seed : int
    log : callable
        Takes a line of text: how often the teacher has the coder's topic for passages that it did not learn from.

    Returns
    -------
    list of Passage
    """
    rng = np.random.default_rng(seed)
    distinct = sorted({text for text in texts if text.strip()})
    drawn = [distinct[i] for i in rng.permutation(len(distinct))[:UNCODED_TEXTS]]
    own = np.array([passage.labels[0] for passage in coded])
    topics, labels = np.unique(own.argmax(1), return_inverse=True)
    known, unknown = _features([passage.text for passage in coded], drawn)
    regression = LogisticRegression(C=INVERSE_PENALTY, max_iter=3000)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    by_others = cross_val_predict(regression, known, labels, cv=folds, method="predict_proba")
    right = np.mean(by_others.argmax(1) == labels)
    log(f"topics: of {len(labels)} texts that it did not learn from, the teacher is right about {right:.1%}")
    shares = np.zeros((len(labels) + len(drawn), own.shape[1]))
    shares[:, topics] = np.vstack([by_others, regression.fit(known, labels).predict_proba(unknown)])
    shares[: len(labels)] = (shares[: len(labels)] + own) / 2
    told = [*coded, *(Passage(TOPIC, text, [()], [()]) for text in drawn)]
    return [passage._replace(labels=[tuple(row)]) for passage, row in zip(told, shares.tolist(), strict=True)]


def _features(coded: Sequence[str], uncoded: Sequence[str]) -> tuple[csr_matrix, csr_matrix]:
    """What the encoder makes of texts beside the weights of the words that coded ones have: a row of numbers a text."""
    encoder = LargeEncoder().to(DEVICE).eval()
    words = TfidfVectorizer(sublinear_tf=True, min_df=2).fit(coded)
    known, unknown = (hstack([csr_matrix(embed(encoder, texts)), words.transform(texts)]).tocsr() for texts in (coded, uncoded))
    return known, unknown


def embed(encoder: LargeEncoder, texts: Sequence[str]) -> np.ndarray:
    """The mean of each text's pieces, of its first window, at length 1: (texts, size)."""

    def encode(inputs: list[torch.Tensor]) -> torch.Tensor:
        there = inputs[0] != 0
        with mixed_precision():
            states = encoder(inputs[0], torch.zeros((), device=DEVICE), there).float()
        return normalize(mean_of(states, there.unsqueeze(1)).squeeze(1), dim=-1)

    return read_whole(texts, encoder.size, encode).cpu().numpy()
