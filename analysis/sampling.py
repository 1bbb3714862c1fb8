"""Stratified samples: how many items of each stratum, and which.

Proportional allocation (Cochran, Sampling Techniques, 3rd ed. 1977, ch. 5), with a least number a stratum, so that rare strata are
measured too; whoever estimates from the sample weights each stratum by its size in the population. Which items is told by permanent
random numbers (Ohlsson, Coordination of samples using permanent random numbers, in Business Survey Methods, 1995): each item has a number
of its own, made of the seed and the item's name, and a stratum's items with the smallest numbers are drawn. So the order of the rows
does not matter, and a larger sample by the same seed holds most of a smaller one.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

LEAST = 10  # items of a stratum, if it has so many and the sample allows
REST = "other answers"


def draw_sample(items: pd.Series, strata: pd.Series, n: int, seed: int) -> pd.DataFrame:
    """Draw a stratified sample.

    Parameters
    ----------
    items : Series of str
        The population: an identifier an item, each once.
    strata : Series of str
        The stratum of each. Where there are so many strata that not each can have two items of the sample, the smallest are taken
        together as `REST`.
    n : int
        Items to draw; all of them where there are no more.
    seed : int

    Returns
    -------
    DataFrame
        One row an item that is drawn, by its name: item, stratum, stratum_size (items of the stratum in the population).
    """
    population = pd.DataFrame({"item": items.to_numpy(), "stratum": _merge_rare(strata, max(1, n // 2)).to_numpy()})
    population["stratum_size"] = population.groupby("stratum")["item"].transform("size")
    sizes = population["stratum"].value_counts().sort_index()
    quotas = population["stratum"].map(allocate(sizes, n))
    population["number"] = [random_number(item, seed) for item in population["item"]]
    rank = population.sort_values("number").groupby("stratum").cumcount()
    drawn = population[rank.reindex(population.index) < quotas]
    return drawn.drop(columns="number").sort_values("item", ignore_index=True)


def allocate(sizes: pd.Series, n: int) -> pd.Series:
    """How many items of each stratum a sample of `n` has.

    In proportion to the sizes of the strata, but at least `LEAST` of each, or all of a smaller one; these least numbers together take no
    more than half of the sample. What is left by rounding goes to the largest remainders.

    Parameters
    ----------
    sizes : Series of int
        Items of each stratum in the population, by its name.
    n : int

    Returns
    -------
    Series of int
        By the same names; its sum is `n`, or that of `sizes` if it is less.
    """
    n = min(n, int(sizes.sum()))
    least = sizes.clip(upper=min(LEAST, n // (2 * len(sizes))))
    lifted = pd.Series(False, index=sizes.index)
    while True:
        left = n - least[lifted].sum()
        shares = (left * sizes / sizes[~lifted].sum()).where(~lifted, least)
        below = shares < least
        if not below.any():
            break
        lifted |= below
    quotas = np.floor(shares).astype("int64")
    order = (quotas - shares).sort_values(kind="stable").index[: n - quotas.sum()]
    quotas[order] += 1
    return quotas


def random_number(item: str, seed: int, purpose: str = "draw") -> str:
    """An item's permanent random number for a purpose: 256 bits, as hexadecimal digits."""
    return hashlib.sha256(f"{seed}\0{purpose}\0{item}".encode("utf-8", "surrogatepass")).hexdigest()


def _merge_rare(strata: pd.Series, most: int) -> pd.Series:
    """The strata, no more than so many: the smallest are one."""
    sizes = strata.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return strata if len(sizes) <= most else strata.where(strata.isin(sizes.index[: most - 1]), REST)
