"""The VADER lexicon, which scores a sentence and knows of no target: the baseline beside the model."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import nltk
from nltk.sentiment.vader import SentimentIntensityAnalyzer

from analysis.errors import InputError

LEXICON_FILE = "vader_lexicon.txt"


@cache
def load_vader() -> SentimentIntensityAnalyzer:
    """VADER (Hutto & Gilbert, ICWSM 2014) in NLTK, with the lexicon that the package `vaderSentiment` carries.

    NLTK opens no file outside the folders that it knows, so the package's folder is made known to it.
    """
    package = find_spec("vaderSentiment")
    if package is None:
        raise InputError("the VADER lexicon is not installed", "vaderSentiment", "Run `make` again, or install the package.")
    folder = next(iter(package.submodule_search_locations))
    if folder not in nltk.data.path:
        nltk.data.path.append(folder)
    return SentimentIntensityAnalyzer(lexicon_file=LEXICON_FILE)


def compound(text: str) -> float:
    """VADER's compound score of a text, -1 (most negative) to 1."""
    return float(load_vader().polarity_scores(text)["compound"])
