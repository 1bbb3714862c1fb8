"""Coders against coders, and the machine against coders: from the codes of a sample to tables.

What most coders said of an item, their consensus, stands for what is right: see `consensus`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import pandas as pd
from nltk.metrics.distance import masi_distance

from analysis import correction
from analysis.coding_items import ISSUES_JOINT
from analysis.coefficients import NOMINAL, Scale, measure_agreement, scale_of
from analysis.consensus import (
    ALL_CODERS,
    CONSENSUS,
    MACHINE,
    NO_CONSENSUS,
    NOT_CODED,
    VERSUS,
    apportion,
    find_consensus,
    is_code,
    list_codes,
)
from analysis.errors import InputError

PRESENT, ABSENT = "present", "absent"
_AGREEMENT = ["variable", "code", "between", "with_machine", "measure", "items", "value", "low", "high", "note"]
_CONFUSION = ["variable", "first", "second", "first_code", "second_code", "count"]
_SHOWN = ["article", "sentence", "start", "end", "text", "focus"]
_SHARES = ["variable", "code", "items", "total", "machine_share", "machine_low", "machine_high", "share", "low", "high", "uncovered"]
_SCORES = ["variable", "code", "items", "precision", "recall", "f1", "low", "high"]


@dataclass(frozen=True, eq=False)
class Agreement:
    """What the codes of a sample say of its coders, and of the machine.

    Without a key, there is nothing of the machine in these tables, and `shares` and `scores` have no rows.

    Attributes
    ----------
    coded : DataFrame
        How much each coder did: variable, coder, items, missing.
    agreement : DataFrame
        variable, code (an issue, of which presence is compared; empty for the codes themselves), between, with_machine, measure
        (agreement, kappa, alpha), items, value, low, high (bootstrap), note (why something is not defined).
    confusion : DataFrame
        How often two codes meet: variable, first, second (raters), first_code, second_code, count (items). Of sets of issues, each
        issue meets itself where both have it, and “not coded” where one has.
    disagreements : DataFrame
        Items on which coders differ from one another, or the machine from any, furthest apart first: variable, item, article, sentence,
        start, end, text, focus (these as the key has them), a column a coder, consensus (empty where codes tie), machine, apart and
        apart_machine (0 to 1: of ordinal codes the steps between them, of sets MASI, else 1).
    shares : DataFrame
        variable, code, items (coded), total, machine_share, machine_low, machine_high, and the corrected share, low, high, uncovered: see
        `correction.estimate_shares`.
    scores : DataFrame
        variable, code, items, precision, recall, f1, low, high: see `correction.score_codes`.
    """

    coded: pd.DataFrame
    agreement: pd.DataFrame
    confusion: pd.DataFrame
    disagreements: pd.DataFrame
    shares: pd.DataFrame
    scores: pd.DataFrame

    @property
    def variables(self) -> list[str]:
        return list(dict.fromkeys(self.coded["variable"]))

    @property
    def coders(self) -> list[str]:
        return list(dict.fromkeys(self.coded["coder"]))

    @property
    def has_machine(self) -> bool:
        """Whether the machine's answers are known."""
        return bool(self.agreement["with_machine"].any())


@dataclass(frozen=True, eq=False)
class _Coded:
    """The codes of one variable: a row an item, a column a coder; and the rows of the key, none where there is no key."""

    variable: str
    scale: Scale
    ratings: pd.DataFrame
    key: pd.DataFrame | None

    @property
    def machine(self) -> pd.Series:
        """The machine's answer to each sampled item."""
        return _read_codes(self.key["machine"], self.scale)

    @property
    def articles(self) -> pd.Series | None:
        return None if self.key is None else self.key["article"]


def measure(codings: pd.DataFrame, key: pd.DataFrame | None = None) -> Agreement:
    """Measure how far coders agree, and how far the machine does with them.

    Parameters
    ----------
    codings : DataFrame
        A row an item, variable and coder: item, variable, coder, code. A code that is missing or empty is none.
    key : DataFrame, optional
        A row an item and variable: item, variable, article, sentence, start, end, text, focus, stratum, stratum_size, machine.

    Returns
    -------
    Agreement

    Raises
    ------
    InputError
        Where there is no code, a coder coded an item twice, a code is not of its variable's scale, or the key is of other sheets.
    """
    _check(codings)
    every = [_code(variable, own, key) for variable, own in codings.groupby("variable", sort=False)]
    with_key = [coded for coded in every if coded.key is not None]
    return Agreement(
        coded=pd.concat([count_coded(coded.variable, coded.ratings) for coded in every], ignore_index=True),
        agreement=_table((row for coded in every for row in _compare_all(coded)), _AGREEMENT),
        confusion=_table((row for coded in every for row in _confuse_all(coded)), _CONFUSION),
        disagreements=pd.concat([_list_disagreements(coded) for coded in every], ignore_index=True),
        shares=_stack([_estimate_shares(coded) for coded in with_key], _SHARES),
        scores=_stack([_score(coded) for coded in with_key], _SCORES),
    )


def count_coded(variable: str, ratings: pd.DataFrame) -> pd.DataFrame:
    """How many items each coder coded, and how many are missing: variable, coder, items, missing."""
    numbers = ratings.notna().sum()
    return pd.DataFrame(
        {"variable": variable, "coder": list(ratings), "items": numbers.to_numpy(), "missing": len(ratings) - numbers.to_numpy()}
    )


# ------------------------------------------------------------------------------------------------ what was coded


def _check(codings: pd.DataFrame) -> None:
    given = codings[codings["code"].notna() & codings["code"].ne("")]
    if given.empty:
        raise InputError("the sheets hold no code", "codings", "Fill in the column of codes and save the sheets.")
    twice = given[given.duplicated(["item", "variable", "coder"])]
    if len(twice):
        row = twice.iloc[0]
        what = f"{row['coder']} coded the item {row['item']} twice"
        raise InputError(what, str(row["variable"]), "Give each coder's sheet once, under a name of its own.")


def _code(variable: str, codings: pd.DataFrame, key: pd.DataFrame | None) -> _Coded:
    """The codes of a variable, item by item; with a key, all sampled items, coded or not."""
    scale = scale_of(variable)
    given = codings.assign(code=_read_codes(codings["code"], scale)).dropna(subset="code")
    _check_scale(variable, scale, given)
    items = list(dict.fromkeys(codings["item"]))
    own = None
    if key is not None:
        own = key[key["variable"].eq(variable)].set_index("item")
        unknown = [item for item in items if item not in own.index]
        if unknown:
            remedy = "Use the key that was written with these sheets."
            raise InputError(f"{len(unknown)} coded items, such as {unknown[0]}, are not in the key", variable, remedy)
        items = list(own.index)
    wide = given.astype({"code": object}).pivot(index="item", columns="coder", values="code")
    coders = list(dict.fromkeys(codings["coder"]))
    return _Coded(variable, scale, wide.reindex(index=items, columns=coders), own)


def _read_codes(codes: pd.Series, scale: Scale) -> pd.Series:
    """Codes as they compare: sets as sets, an empty one as missing."""
    given = codes.astype(object).where(codes.notna() & codes.ne(""), None)
    return given.map(lambda code: frozenset(code.split(ISSUES_JOINT)), na_action="ignore") if scale.level == "set" else given


def _check_scale(variable: str, scale: Scale, given: pd.DataFrame) -> None:
    strange = given[~given["code"].isin(scale.codes)] if scale.level == "ordinal" else given.head(0)
    if len(strange):
        row = strange.iloc[0]
        raise InputError(
            f"{row['code']!r} is no code of {variable}", f"{row['coder']}, item {row['item']}", f"Use {', '.join(scale.codes)}."
        )


# ------------------------------------------------------------------------------------------------ coefficients


def _compare_all(coded: _Coded) -> Iterator[tuple]:
    """Rows of the table `agreement`; of sets, also of each issue by its presence, of all coders and of their consensus only."""
    machine = None if coded.key is None else coded.machine
    for comparison in _comparisons(coded.ratings, coded.scale, machine):
        yield from _measure(coded, "", coded.scale, *comparison)
    if coded.scale.level == "set":
        for issue in list_codes(coded.scale, coded.ratings, *([] if machine is None else [machine])):
            ratings = coded.ratings.apply(_presence, issue=issue)
            compared = list(_comparisons(ratings, NOMINAL, None if machine is None else _presence(machine, issue)))
            widest = {with_machine: (between, with_machine, raters) for between, with_machine, raters in compared}
            for comparison in widest.values():
                yield from _measure(coded, issue, NOMINAL, *comparison)


def _presence(codes: pd.Series, issue: str) -> pd.Series:
    return codes.map(lambda own: PRESENT if issue in own else ABSENT, na_action="ignore")


def _measure(coded: _Coded, code: str, scale: Scale, between: str, with_machine: bool, raters: pd.DataFrame) -> Iterator[tuple]:
    for row in measure_agreement(raters, scale, coded.articles).itertuples(index=False):
        yield (coded.variable, code, between, with_machine, *row)


def _comparisons(ratings: pd.DataFrame, scale: Scale, machine: pd.Series | None) -> Iterator[tuple[str, bool, pd.DataFrame]]:
    """Who is compared with whom: each two coders, then all where there are more; the machine with each, then with their consensus."""
    coders = list(ratings)
    for pair in combinations(coders, 2):
        yield VERSUS.join(pair), False, ratings[list(pair)]
    if len(coders) > 2:
        yield ALL_CODERS, False, ratings
    if machine is None:
        return
    for coder in coders:
        yield f"{coder}{VERSUS}{MACHINE}", True, _side_by_side(ratings[coder], machine)
    if len(coders) > 1:
        yield f"{CONSENSUS}{VERSUS}{MACHINE}", True, _side_by_side(find_consensus(ratings, scale), machine)


def _side_by_side(first: pd.Series, second: pd.Series) -> pd.DataFrame:
    """Two raters as columns, whatever they are called."""
    return pd.concat([first, second], axis=1, keys=["first", "second"])


# ------------------------------------------------------------------------------------------------ confusion


def _confuse_all(coded: _Coded) -> Iterator[tuple]:
    """Rows of the table `confusion`: each two coders, and their consensus with the machine."""
    for first, second in combinations(coded.ratings, 2):
        pair = coded.ratings[[first, second]].dropna()
        yield from _confuse(coded, first, second, pair[first], pair[second])
    if coded.key is not None:
        somebody = coded.ratings.notna().any(axis=1) & coded.machine.notna()
        consensus = find_consensus(coded.ratings[somebody], coded.scale)
        name = CONSENSUS if len(coded.ratings.columns) > 1 else coded.ratings.columns[0]
        yield from _confuse(coded, name, MACHINE, consensus, coded.machine[somebody])


def _confuse(coded: _Coded, first: str, second: str, one: pd.Series, other: pd.Series) -> Iterator[tuple]:
    counts = Counter(met for pair in zip(one, other, strict=True) for met in _meet(*pair, coded.scale))
    codes = list_codes(coded.scale, one, other)
    for pair in product([*codes, NO_CONSENSUS, NOT_CODED], [*codes, NOT_CODED]):
        if counts[pair]:
            yield (coded.variable, first, second, *pair, counts[pair])


def _meet(one, other, scale: Scale) -> Iterator[tuple[str, str]]:
    """The codes of two raters that meet in an item."""
    if scale.level != "set":
        yield (one if is_code(one) else NO_CONSENSUS), other
    elif not is_code(one):
        yield from ((NO_CONSENSUS, code) for code in other)
    else:
        yield from ((code if code in one else NOT_CODED, code if code in other else NOT_CODED) for code in one | other)


# ------------------------------------------------------------------------------------------------ disagreements


def _list_disagreements(coded: _Coded) -> pd.DataFrame:
    """Rows of the table `disagreements`, of one variable."""
    ratings = coded.ratings[coded.ratings.notna().any(axis=1)]
    listed = pd.DataFrame({"variable": coded.variable, "item": ratings.index})
    if coded.key is not None:
        listed = listed.join(coded.key.loc[ratings.index, _SHOWN].reset_index(drop=True))
    for coder in ratings:
        listed[f"code by {coder}"] = [_spell(code) for code in ratings[coder]]
    listed["consensus"] = [_spell(code) for code in find_consensus(ratings, coded.scale)]
    given = [[code for code in row if is_code(code)] for row in ratings.itertuples(index=False, name=None)]
    listed["apart"] = [_furthest(combinations(codes, 2), coded.scale) for codes in given]
    if coded.key is not None:
        machine = coded.machine[ratings.index]
        pairs = list(zip(given, machine, strict=True))
        listed.insert(listed.columns.get_loc("apart"), "machine", [_spell(code) for code in machine])
        listed["apart_machine"] = [_furthest(((one, answer) for one in codes if is_code(answer)), coded.scale) for codes, answer in pairs]
    distances = [name for name in ("apart", "apart_machine") if name in listed]
    apart = listed[listed[distances].gt(0).any(axis=1)]
    return apart.sort_values(distances, ascending=False, kind="stable")


def _furthest(pairs: Iterable[tuple], scale: Scale) -> float:
    return max((_steps(one, other, scale) for one, other in pairs), default=0.0)


def _steps(one, other, scale: Scale) -> float:
    """How far two codes are apart, 0 to 1."""
    if scale.level == "ordinal":
        return abs(scale.codes.index(one) - scale.codes.index(other)) / (len(scale.codes) - 1)
    return float(masi_distance(one, other)) if scale.level == "set" else float(one != other)


def _spell(code) -> str:
    """A code as it is written; empty where there is none."""
    if isinstance(code, frozenset):
        return ISSUES_JOINT.join(sorted(code))
    return code if is_code(code) else ""


# ------------------------------------------------------------------------------------------------ shares


def _estimate_shares(coded: _Coded) -> pd.DataFrame:
    """Rows of the table `shares`, of one variable."""
    human, machine = _in_parts(coded)
    corrected = correction.estimate_shares(human, coded.key)
    # Where the strata are the machine's answers, or all items were drawn, its shares are known; elsewhere the sample tells them too.
    answers = coded.scale.level != "set" and coded.key["stratum"].eq(coded.key["machine"]).all()
    count_or_estimate = correction.count_shares if answers or corrected["total"].eq(len(coded.key)).all() else correction.estimate_shares
    read = count_or_estimate(machine, coded.key)[["code", *correction.SHARE]]
    renamed = read.set_axis(["code", "machine_share", "machine_low", "machine_high"], axis=1)
    return corrected.merge(renamed, on="code").assign(variable=coded.variable)[_SHARES]


def _score(coded: _Coded) -> pd.DataFrame:
    """Rows of the table `scores`, of one variable."""
    human, machine = _in_parts(coded)
    return correction.score_codes(human, machine.loc[human.index], coded.key).assign(variable=coded.variable)[_SCORES]


def _in_parts(coded: _Coded) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The parts of each code in each item: of the items that were coded by the coders, of all by the machine."""
    answers = coded.machine.to_frame()
    codes = list_codes(coded.scale, coded.ratings, answers)
    human, machine = (apportion(ratings, coded.scale, codes) for ratings in (coded.ratings, answers))
    return human, machine.reindex(answers.index, fill_value=0.0)


def _table(rows: Iterator[tuple], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns)


def _stack(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
