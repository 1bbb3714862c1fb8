"""What human coding says of the coders and of the machine: sentences for the reliability notebook, and plain text for the command line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import pandas as pd

from analysis.agreement import Agreement
from analysis.coefficients import FEW_ARTICLES, MEASURES, PERFECT, RELIABLE, TENTATIVE, scale_of
from analysis.consensus import ALL_CODERS, MACHINE, NO_CONSENSUS, NOT_CODED
from analysis.prose import NAMED, agree, chain, count, escape, join, percent

MOST_SHARES = 6  # told in a sentence
METRICS = {"nominal": "nominal", "ordinal": "ordinal", "set": "MASI distance"}

# ------------------------------------------------------------------------------------------------ for the notebook


def describe_coded(agreement: Agreement, key: pd.DataFrame, is_example: bool = False) -> str:
    """What was coded, of how much, and by whom; that the coders of the project's own example are no people."""
    items = key.drop_duplicates("item")
    total = int(items.groupby("stratum")["stratum_size"].first().sum())
    told = [
        f"**{count(len(items), 'item')}** of the {total:,} that the machine coded for {escape(items['task'].iloc[0])} were drawn, from "
        f"{count(items['article'].nunique(), 'article')}. The coders:"
    ]
    for variable, rows in agreement.coded.groupby("variable", sort=False):
        coders = (f"{escape(row.coder)} ({row.items:,}{f', {row.missing:,} missing' if row.missing else ''})" for row in rows.itertuples())
        told.append(f"of the variable {escape(variable)}, {join(coders)}.")
    if is_example:
        told.append("**These coders are two runs of a language model, and no people:** the example shows what the notebook does, no more.")
    return " ".join(told)


def describe_coders(agreement: Agreement) -> str:
    """How far the coders agree, and whether that is enough."""
    told = []
    for variable in agreement.variables:
        rows = _alphas(agreement, variable, with_machine=False)
        if rows.empty:
            told.append(f"**{escape(variable)}**: one coder only, so that nothing is known of how far coders agree.")
            continue
        widest = rows.iloc[-1]
        pairs = rows[rows["between"].ne(ALL_CODERS)].sort_values("value", kind="stable")
        least = f" Least alike: {escape(pairs.iloc[0]['between'])}, {_figure(pairs.iloc[0])}." if len(pairs) > 1 else ""
        told.append(f"**{escape(variable)}**: {_tell_alpha(widest)}{least}")
    return " ".join(told)


def describe_machine(agreement: Agreement) -> str:
    """How far the machine codes as the coders do, beside how far these agree among themselves."""
    told = []
    for variable in agreement.variables:
        rows, among = (_alphas(agreement, variable, with_machine) for with_machine in (True, False))
        if rows.empty:
            told.append(f"**{escape(variable)}**: no answers of the machine are known.")
            continue
        beside = f" The coders among themselves: {_figure(among.iloc[-1])}." if len(among) else ""
        undecided = _count_undecided(agreement, variable)
        left_out = f" {count(undecided, 'item')} without a consensus {agree(undecided)} left out of it." if undecided else ""
        apart = len(among) and among.iloc[-1]["value"] < TENTATIVE
        unsure = " Where they agree so little, to agree with them says little." if apart else ""
        told.append(f"**{escape(variable)}**: {_tell_alpha(rows.iloc[-1])}{left_out}{beside}{unsure}")
    return " ".join(told)


def describe_confusion(agreement: Agreement) -> str:
    """Which codes of the coders the machine takes most often for which others."""
    told = []
    for variable in agreement.variables:
        rows = agreement.confusion[agreement.confusion["variable"].eq(variable) & agreement.confusion["second"].eq(MACHINE)]
        wrong = rows[rows["first_code"].ne(rows["second_code"]) & rows["first_code"].ne(NO_CONSENSUS)]
        most = wrong.sort_values("count", ascending=False, kind="stable").head(NAMED)
        pairs = (
            f"{_said(first)} by the coders, {_said(second)} by the machine, {count(times, 'time')}"
            for first, second, times in most[["first_code", "second_code", "count"]].itertuples(index=False)
        )
        told.append(f"**{escape(variable)}**: {chain(pairs) or 'no code is taken for another'}.")
    return " ".join(told)


def describe_shares(agreement: Agreement) -> str:
    """What the machine's shares become when its error is taken out, and which of them that moves clearly."""
    told = []
    for variable, rows in agreement.shares.groupby("variable", sort=False):
        known = rows[rows["share"].notna()]
        if known.empty:
            told.append(f"**{escape(variable)}**: no coded item tells how the machine errs.")
            continue
        told_of = known.head(MOST_SHARES).itertuples()
        shares = [f"{escape(row.code)} {row.machine_share:.0%} by the machine, corrected {percent(row)}" for row in told_of]
        more = [f"{len(known) - MOST_SHARES} more in the table"] if len(known) > MOST_SHARES else []
        off = known[known["machine_share"].lt(known["low"]) | known["machine_share"].gt(known["high"])]
        verdict = (
            f"Outside the interval lies what the machine says of {join(map(escape, off['code']))}."
            if len(off)
            else "All of the machine's shares lie within the intervals: these items show no bias, which is not to say that there is none."
        )
        told.append(" ".join([f"**{escape(variable)}**: {chain([*shares, *more])}. {verdict}", *_tell_uncovered(known)]))
    return " ".join(told) or "No answers of the machine are known: there is nothing to correct."


def describe_disagreements(agreement: Agreement) -> str:
    """On how many items coders differ, and on how many more the machine does."""
    listed, told = agreement.disagreements, []
    for variable in agreement.variables:
        rows = listed[listed["variable"].eq(variable)]
        among = int(rows["apart"].gt(0).sum())
        more = f"; on {count(len(rows) - among, 'further item')} the machine differs from all of them" if agreement.has_machine else ""
        told.append(f"**{escape(variable)}**: on {count(among, 'item')} the coders differ among themselves{more}.")
    return " ".join(told)


# ------------------------------------------------------------------------------------------------ for the command line


def describe_agreement(agreement: Agreement) -> str:
    """The agreement of coders and machine, and the corrected shares, in plain text of some lines a variable.

    Parameters
    ----------
    agreement : Agreement
        From `agreement.measure`. Without a key, nothing is said of the machine.

    Returns
    -------
    str
        Names and codes are another's text: what a terminal would not print becomes “?”.
    """
    return "\n\n".join("\n".join(_tell_variable(agreement, variable)) for variable in agreement.variables)


def _tell_variable(agreement: Agreement, variable: str) -> Iterator[str]:
    coded = agreement.coded[agreement.coded["variable"].eq(variable)]
    coders = (f"{row.coder} ({row.items:,}{f', {row.missing:,} missing' if row.missing else ''})" for row in coded.itertuples())
    yield _printable(f"{variable}, items coded by {join(coders)}")
    table = agreement.agreement[agreement.agreement["variable"].eq(variable)]
    rows = [
        (f"{code}: {between}" if code else between, f"{own['items'].max():,}", *map(_figure_of(own), MEASURES))
        for (code, between), own in table.groupby(["code", "between"], sort=False)
    ]
    metric = METRICS[scale_of(variable).level]
    yield from _align([("agreement, with 95% intervals", "items", "agreed", "Cohen's kappa", f"alpha ({metric})"), *rows] if rows else [])
    yield from (_printable(f"  — {note}") for note in dict.fromkeys(table["note"]) if note)
    undecided = _count_undecided(agreement, variable)
    if undecided and agreement.has_machine:
        yield f"  {count(undecided, 'item')} without a consensus {agree(undecided)} not compared with the machine's answer."
    shares = agreement.shares[agreement.shares["variable"].eq(variable)]
    if len(shares):
        scores = agreement.scores[agreement.scores["variable"].eq(variable)].set_index("code")
        head = ("share of all items, corrected", "machine", "corrected", "precision", "recall", "F1")
        yield from _align([head, *(_share_row(row, scores.loc[row.code]) for row in shares.itertuples())])
        yield from (f"  {line}" for line in _tell_uncovered(shares))
    differ = int(agreement.disagreements["variable"].eq(variable).sum())
    yield f"{count(differ, 'item')} to discuss."


def _share_row(row, score: pd.Series) -> tuple[str, ...]:
    machine, corrected = (
        _span(*limits, "{:.0%}") for limits in ((row.machine_share, row.machine_low, row.machine_high), (row.share, row.low, row.high))
    )
    return row.code, machine, corrected, _span(score["precision"]), _span(score["recall"]), _span(score["f1"], score["low"], score["high"])


def _figure_of(rows: pd.DataFrame):
    """A function from a measure to its figure among some rows."""
    by_measure = rows.set_index("measure")
    return lambda measure: _span(*by_measure.loc[measure, ["value", "low", "high"]])


def _align(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Rows in columns: the first from the left, the others from the right."""
    clean = [[_printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*clean, strict=True)]
    for first, *others in clean:
        yield "  ".join([f"  {first:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))])


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


# ------------------------------------------------------------------------------------------------ for both


def _alphas(agreement: Agreement, variable: str, with_machine: bool) -> pd.DataFrame:
    """Krippendorff's alpha of a variable's own codes, one row a comparison; the last is of all coders, or of their consensus."""
    table = agreement.agreement
    own = table["variable"].eq(variable) & table["code"].eq("") & table["measure"].eq("alpha")
    return table[own & table["with_machine"].eq(with_machine)]


def _tell_alpha(row: pd.Series) -> str:
    """Alpha, and what may be concluded from it."""
    if math.isnan(row["value"]):
        return f"{escape(row['between'])}, alpha is not defined: {row['note']}."
    metric = METRICS[scale_of(row["variable"]).level]
    return f"{escape(row['between'])}, alpha ({metric}) {_figure(row)}, {count(row['items'], 'item')}: {_judge(row)}."


def _judge(row: pd.Series) -> str:
    alpha, low = row["value"], row["low"]
    verdict = (
        "enough to rely on"
        if alpha >= RELIABLE
        else "enough for tentative conclusions only"
        if alpha >= TENTATIVE
        else "too little to conclude from"
    )
    if math.isnan(low):
        if alpha < TENTATIVE:
            return verdict
        perfect = row["note"] == PERFECT
        return f"{verdict}, as far as items on which nobody differs can tell" if perfect else "too few codes that differ to judge by"
    limit = RELIABLE if alpha >= RELIABLE else TENTATIVE
    low_end = f", and the interval reaches below {limit:g}" if alpha >= TENTATIVE and low < limit else ""
    few = "; the interval is too narrow, for the items of so few articles are alike" if row["note"] == FEW_ARTICLES else ""
    return f"{verdict}{low_end}{few}"


def _figure(row: pd.Series) -> str:
    return _span(row["value"], row["low"], row["high"])


def _span(value: float, low: float = math.nan, high: float = math.nan, form: str = "{:.2f}") -> str:
    """A number with its interval, where there is one; a dash where it is not defined."""
    if math.isnan(value):
        return "—"
    value, low, high = (form.format(number).replace("-", "−") if not math.isnan(number) else "" for number in (value, low, high))
    return f"{value} ({low} to {high})" if low else value


def _count_undecided(agreement: Agreement, variable: str) -> int:
    """How many items have no consensus of the coders."""
    listed = agreement.disagreements
    return int((listed["variable"].eq(variable) & listed["consensus"].eq("")).sum())


def _tell_uncovered(shares: pd.DataFrame) -> Iterator[str]:
    """How much of the whole no coded item stands for; nothing where that is none of it."""
    part = shares["uncovered"].iloc[0]
    if part > 0:
        yield (
            f"{part:.0%} of all items lie in strata without a coded item: they are taken to be like the rest, and the intervals reach as "
            "far as they would if all of these were of a code, or none."
        )


def _said(code: str) -> str:
    return "not coded" if code == NOT_CODED else escape(code)
