"""How far codes agree: percent agreement, Cohen's kappa and Krippendorff's alpha, each with its bootstrap interval.

The values are NLTK's (`nltk.metrics.agreement`). Its tasks take some milliseconds each, which a thousand resamples cannot: these are
counted instead. Percent agreement and kappa follow from how often each two codes meet, alpha from Krippendorff's coincidences, and both
are sums over items, so that one product of matrices gives those of all resamples. Tests hold the two ways to one another.

References
----------
Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20.
Krippendorff, K. (2004). Content Analysis: An Introduction to Its Methodology, 2nd edition. Sage, chapter 11 (what to ask of alpha).
Krippendorff, K. (2011). Computing Krippendorff's Alpha-Reliability. University of Pennsylvania, ASC Departmental Papers 43.
Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation. LREC.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import binary_distance, masi_distance

from analysis.comparison_estimates import DRAWS, MIN_ARTICLES, resample_totals
from analysis.estimates import interval_quantiles
from analysis.tables import SENTIMENTS, STANCES

MEASURES = ("agreement", "kappa", "alpha")
TENTATIVE, RELIABLE = 0.667, 0.8  # Krippendorff's limits for alpha: below the first, conclude nothing; from the second on, rely on it
LEAST_DEFINED = 0.9  # of the resamples must have a value, or there is no interval
ALL_ALIKE = "all codes are alike: nothing varies that could be agreed on"
NO_OVERLAP = "no item has a code of both"
ONE_ITEM = "one item only"
PERFECT = "perfect in every resample: no interval"
ALIKE = "the same in every resample: no interval"
TOO_ALIKE = "too few codes that differ for an interval"
FEW_ARTICLES = f"fewer than {MIN_ARTICLES} articles: items were resampled, and the interval is too narrow"


@dataclass(frozen=True)
class Scale:
    """How the codes of a variable compare.

    Attributes
    ----------
    level : str
        nominal (alike or not), ordinal (near or far) or set (a frozenset of codes, which may have some in common).
    codes : tuple of str
        Of an ordinal scale, from one end to the other.
    """

    level: str
    codes: tuple[str, ...] = ()


NOMINAL = Scale("nominal")
SCALES = {"sentiment": Scale("ordinal", SENTIMENTS), "stance": Scale("ordinal", STANCES), "issues": Scale("set")}


def scale_of(variable: str) -> Scale:
    """The scale of a variable; nominal where none is said."""
    return SCALES.get(variable, NOMINAL)


def measure_agreement(ratings: pd.DataFrame, scale: Scale, articles: pd.Series | None = None, draws: int = DRAWS) -> pd.DataFrame:
    """Percent agreement, kappa and alpha of two raters, or of several, with 95 % bootstrap intervals.

    Of several raters, percent agreement and kappa are the means over all pairs; alpha is of all at once.

    Parameters
    ----------
    ratings : DataFrame
        A row an item, a column a rater; missing where an item was not coded.
    scale : Scale
        Of alpha. Percent agreement and kappa ask whether codes are alike, sets whether they are alike in full.
    articles : Series, optional
        The article of each item. Where there are `MIN_ARTICLES` of them, whole articles are resampled, else items.
    draws : int
        How many resamples.

    Returns
    -------
    DataFrame
        A row for each of `MEASURES`: measure, items (with codes of two raters or more), value, low, high, note. What is not defined is
        not a number, and the note says why.
    """
    shared = ratings[ratings.notna().sum(axis=1).ge(2)]
    values = point_values(shared, scale)
    resampled = _resample(shared, scale, articles, draws) if len(shared) > 1 else {}
    units = len(_by_cluster(np.zeros((len(shared), 1)), shared.index, articles))
    few = FEW_ARTICLES if 1 < _count_articles(shared.index, articles) < MIN_ARTICLES else ""
    rows = []
    for measure in MEASURES:
        value, note = values[measure]
        low, high, doubt = _interval(value, resampled.get(measure), units)
        rows.append((measure, len(shared), value, low, high, note or doubt or few))
    return pd.DataFrame(rows, columns=["measure", "items", "value", "low", "high", "note"])


def point_values(ratings: pd.DataFrame, scale: Scale) -> dict[str, tuple[float, str]]:
    """Each measure as NLTK computes it, with a note; not a number, and the reason, where it is not defined.

    Parameters
    ----------
    ratings : DataFrame
        As for `measure_agreement`, of items with two codes or more.
    scale : Scale
    """
    if ratings.empty:
        return dict.fromkeys(MEASURES, (math.nan, NO_OVERLAP))
    pairs = [pair for pair in _pairs(ratings) if len(pair)]
    agreed = float(np.mean([_task(pair).avg_Ao() for pair in pairs]))
    if len(ratings) == 1:
        return {"agreement": (agreed, ONE_ITEM), "kappa": (math.nan, ONE_ITEM), "alpha": (math.nan, ONE_ITEM)}
    alike = any(len(_codes(pair)) == 1 for pair in pairs)
    kappa = math.nan if alike else float(np.mean([_task(pair).kappa() for pair in pairs]))
    varied = len(_codes(ratings)) > 1
    alpha = float(_task(ratings, _distance(ratings, scale)).alpha()) if varied else math.nan
    return {"agreement": (agreed, ""), "kappa": (kappa, ALL_ALIKE * alike), "alpha": (alpha, ALL_ALIKE * (not varied))}


def ordinal_distance(counts: Counter, order: tuple[Hashable, ...]) -> Callable[[Hashable, Hashable], float]:
    """Krippendorff's ordinal metric: the squared number of codes that lie between two, half of each of these two included.

    Parameters
    ----------
    counts : Counter
        How often each code was given, of items with two codes or more.
    order : tuple
        The codes from one end to the other.
    """
    place = {code: number for number, code in enumerate(order)}

    def distance(one, other) -> float:
        first, last = sorted((place[one], place[other]))
        between = sum(counts[code] for code in order[first : last + 1])
        return (between - (counts[one] + counts[other]) / 2) ** 2

    return distance


def _pairs(ratings: pd.DataFrame) -> list[pd.DataFrame]:
    """For each two raters, the items that both coded."""
    return [ratings[list(pair)].dropna() for pair in combinations(ratings.columns, 2)]


def _codes(ratings: pd.DataFrame) -> Counter:
    """How often each code was given."""
    return Counter(code for column in ratings for code in ratings[column].dropna())


def _task(ratings: pd.DataFrame, distance: Callable = binary_distance) -> AnnotationTask:
    triples = [(rater, item, code) for rater in ratings for item, code in ratings[rater].dropna().items()]
    return AnnotationTask(triples, distance)


def _distance(ratings: pd.DataFrame, scale: Scale) -> Callable:
    if scale.level == "ordinal":
        return ordinal_distance(_codes(ratings), scale.codes)
    return masi_distance if scale.level == "set" else binary_distance


def _interval(value: float, resampled: np.ndarray | None, units: int) -> tuple[float, float, str]:
    """The interval of what was resampled from so many items or articles, or none, and why."""
    if resampled is None or math.isnan(value):
        return math.nan, math.nan, ""
    defined = resampled[~np.isnan(resampled)]
    if len(defined) < LEAST_DEFINED * len(resampled):
        return math.nan, math.nan, TOO_ALIKE
    if np.ptp(defined) < 1e-12:
        return math.nan, math.nan, PERFECT if value > 1 - 1e-12 else ALIKE
    low, high = np.quantile(defined, interval_quantiles(units))
    return float(low), float(high), ""


# ------------------------------------------------------------------------------------------------ resampling


@dataclass(frozen=True, eq=False)
class _Meetings:
    """Which codes meet, by their numbers, and how often each two do in each item: an array of items and pairs of codes."""

    first: np.ndarray
    second: np.ndarray
    counts: np.ndarray


def _resample(ratings: pd.DataFrame, scale: Scale, articles: pd.Series | None, draws: int) -> dict[str, np.ndarray]:
    """Each measure in each resample; not a number where it is not defined there."""
    codes = list(scale.codes) or sorted(_codes(ratings), key=_spell)
    numbers = _numbered(ratings, codes)
    pairs = [met for met in (_meet(numbers[:, list(pair)]) for pair in combinations(range(numbers.shape[1]), 2)) if len(met.first)]
    coincidences = _coincide(numbers)
    every = [*pairs, coincidences]
    totals = resample_totals(_by_cluster(np.hstack([met.counts for met in every]), ratings.index, articles), draws)
    *of_pairs, of_all = np.split(totals, np.cumsum([len(met.first) for met in every])[:-1], axis=1)
    each = list(zip(of_pairs, pairs, strict=True))
    return {
        "agreement": np.mean([_agreed(drawn, met) for drawn, met in each], axis=0),
        "kappa": np.mean([_kappa(drawn, met, len(codes)) for drawn, met in each], axis=0),
        "alpha": _alpha(of_all, coincidences, codes, scale),
    }


def _spell(code) -> str:
    """What codes are ordered by: a set by its members."""
    return "; ".join(sorted(code)) if isinstance(code, frozenset) else str(code)


def _numbered(ratings: pd.DataFrame, codes: list) -> np.ndarray:
    """Codes by their numbers, −1 where there is none."""
    place = {code: number for number, code in enumerate(codes)}
    return np.array([[place.get(code, -1) for code in row] for row in ratings.itertuples(index=False, name=None)])


def _meet(numbers: np.ndarray, weights: np.ndarray | None = None) -> _Meetings:
    """How the codes of two raters meet."""
    (items,) = np.nonzero((numbers >= 0).all(axis=1))
    met, cell = np.unique(numbers[items], axis=0, return_inverse=True)
    counts = np.zeros((len(numbers), len(met)))
    counts[items, cell.ravel()] = 1 if weights is None else weights[items]
    return _Meetings(met[:, 0], met[:, 1], counts)


def _coincide(numbers: np.ndarray) -> _Meetings:
    """Krippendorff's coincidences: any two codes of an item meet both ways, with a weight of one over the number of its others."""
    raters = range(numbers.shape[1])
    weights = 1 / np.maximum((numbers >= 0).sum(axis=1) - 1, 1)
    ways = [_meet(numbers[:, [one, other]], weights) for one in raters for other in raters if one != other]
    first, second, counts = (
        np.concatenate([way.first for way in ways]),
        np.concatenate([way.second for way in ways]),
        np.hstack([way.counts for way in ways]),
    )
    return _Meetings(first, second, counts)


def _count_articles(items: pd.Index, articles: pd.Series | None) -> int:
    return 0 if articles is None else articles.reindex(items).nunique()


def _by_cluster(counts: np.ndarray, items: pd.Index, articles: pd.Series | None) -> np.ndarray:
    """What is resampled as a whole: articles where there are enough of them, else items."""
    if _count_articles(items, articles) < MIN_ARTICLES:
        return counts
    cluster = articles.reindex(items).to_numpy()
    return pd.DataFrame(counts).groupby(cluster).sum().to_numpy()


def _agreed(drawn: np.ndarray, met: _Meetings) -> np.ndarray:
    return _divide(drawn[:, met.first == met.second].sum(axis=1), drawn.sum(axis=1))


def _kappa(drawn: np.ndarray, met: _Meetings, size: int) -> np.ndarray:
    total = drawn.sum(axis=1)
    chance = _divide(((drawn @ np.eye(size)[met.first]) * (drawn @ np.eye(size)[met.second])).sum(axis=1), total**2)
    return _divide(_agreed(drawn, met) - chance, 1 - chance)


def _alpha(drawn: np.ndarray, met: _Meetings, codes: list, scale: Scale) -> np.ndarray:
    given = drawn @ np.eye(len(codes))[met.first]  # how often each code, in each resample
    apart = _distances(given, codes, scale)
    observed = (drawn * apart[:, met.first, met.second]).sum(axis=1)
    expected = np.einsum("dj,djk,dk->d", given, np.broadcast_to(apart, (len(given), *apart.shape[1:])), given)
    return 1 - _divide((given.sum(axis=1) - 1) * observed, expected)


def _distances(given: np.ndarray, codes: list, scale: Scale) -> np.ndarray:
    """The distance of each two codes: one matrix, or one a resample where it depends on how often each was given.

    The ordinal metric is the squared difference of two codes' middle ranks.
    """
    if scale.level == "ordinal":
        ranks = given.cumsum(axis=1) - given / 2
        return (ranks[:, :, None] - ranks[:, None, :]) ** 2
    distance = masi_distance if scale.level == "set" else binary_distance
    return np.array([[[distance(one, other) for other in codes] for one in codes]])


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """A quotient; not a number where the divisor is nothing."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 1e-12)
