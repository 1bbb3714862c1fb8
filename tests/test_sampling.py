"""Stratified samples: whose items, and how many."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.sampling import LEAST, REST, allocate, draw_sample


def population(**sizes: int) -> tuple[pd.Series, pd.Series]:
    strata = pd.Series([name for name, size in sizes.items() for _ in range(size)])
    return pd.Series([f"item-{number}" for number in range(len(strata))]), strata


def counts(drawn: pd.DataFrame) -> dict[str, int]:
    return drawn["stratum"].value_counts().to_dict()


def test_large_strata_are_sampled_in_proportion():
    assert allocate(pd.Series({"a": 500, "b": 300, "c": 200}), 100).to_dict() == {"a": 50, "b": 30, "c": 20}


def test_a_rare_stratum_gets_the_least_number_and_the_others_share_the_rest_in_proportion():
    assert allocate(pd.Series({"common": 600, "half": 300, "rare": 20}), 100).to_dict() == {"common": 60, "half": 30, "rare": LEAST}


def test_a_stratum_smaller_than_the_least_number_is_taken_whole():
    assert allocate(pd.Series({"common": 900, "rare": 3}), 100).to_dict() == {"common": 97, "rare": 3}


def test_least_numbers_take_no_more_than_half_of_a_small_sample():
    assert allocate(pd.Series({"common": 1000, "b": 10, "c": 10}), 12).to_dict() == {"common": 8, "b": 2, "c": 2}


@pytest.mark.parametrize("n", [1, 2, 7, 40, 99, 118, 119, 500])
def test_the_sample_has_as_many_items_as_asked_for_or_all(n):
    sizes = pd.Series({"a": 71, "b": 33, "c": 14, "d": 1})
    quotas = allocate(sizes, n)

    assert quotas.sum() == min(n, 119)
    assert (quotas <= sizes).all() and (quotas >= 0).all()


def test_sizes_of_strata_add_up_to_the_population():
    drawn = draw_sample(*population(a=71, b=33, c=14, d=1), 30, 1)

    assert drawn.drop_duplicates("stratum")["stratum_size"].sum() == 119


def test_strata_too_many_for_the_sample_are_taken_together_so_that_none_is_lost():
    drawn = draw_sample(*population(a=60, b=30, c=4, d=3, e=2, f=1), 8, 1)

    assert counts(drawn) == {"a": 4, "b": 2, "c": 1, REST: 1}
    assert drawn.drop_duplicates("stratum")["stratum_size"].sum() == 100


def test_the_order_of_the_rows_does_not_matter():
    items, strata = population(a=50, b=20)
    mixed = items.sample(frac=1, random_state=3)

    assert draw_sample(items, strata, 20, 1).equals(draw_sample(mixed, strata[mixed.index], 20, 1))


def test_another_seed_draws_other_items():
    first, other = (set(draw_sample(*population(a=50, b=20), 20, seed)["item"]) for seed in (1, 2))

    assert first != other


def test_a_larger_sample_goes_on_from_a_smaller_one():
    smaller, larger = (set(draw_sample(*population(a=500, b=200), n, 1)["item"]) for n in (20, 60))

    assert smaller < larger


def test_each_item_of_a_stratum_is_drawn_as_often_as_any_other():
    items, strata = population(a=10, b=5)
    drawn = pd.concat(draw_sample(items, strata, 6, seed) for seed in range(100))
    often = drawn["item"].value_counts().reindex(items)

    assert counts(drawn) == {"a": 400, "b": 200}
    assert often.between(16, 64).all()  # 40 each, give or take five standard deviations
