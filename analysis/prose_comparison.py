"""What a comparison of articles shows: sentences for the comparison notebook."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from zlib import crc32

import pandas as pd

from analysis.comparison_estimates import MIN_ARTICLES, MIN_SENTENCES, OTHER_VOICES, QUOTED, UNKNOWN
from analysis.prose import CITED, NAMED, agree, chain, count, escape, join, mean, name, percent, signed
from analysis.selection import PAIR


def describe_comparison(comparison) -> str:
    """What is compared, what was left out, and of what there is no date."""
    articles, left = comparison.articles, comparison.left_out
    known = articles["published"].dropna()
    span = f", published from {known.min():%Y-%m-%d} to {known.max():%Y-%m-%d}" if len(known) else ""
    groups = articles.loc[articles["group"].ne(UNKNOWN), "group"].nunique()
    told = [
        f"**{count(len(articles), 'article')}** of {count(groups, f'known {comparison.by}')}{span}, with "
        f"{count(len(comparison.sentences), 'sentence')} in their bodies; {len(comparison.tones):,} of these mention "
        f"{escape(comparison.target)}, in {count(comparison.tones['article'].nunique(), 'article')}."
    ]
    reasons = (
        (left.other_days, "published on other days"),
        (left.undated, "without a date"),
        (left.duplicates, f"that {agree(left.duplicates, 'repeats', 'repeat')} another"),
        (left.copies, f"that {agree(left.copies, 'copies', 'copy')} one of other days, which alone was annotated"),
        (left.failed, "without annotated sentences"),
    )
    counted = [f"{count(number, 'article')} {why}" for number, why in reasons if number]
    if counted:
        told.append(f"Left out: {join(counted)}.")
    unknown = int(articles["group"].eq(UNKNOWN).sum())
    if unknown:
        told.append(f"Of {count(unknown, 'article')} the {comparison.by} is not known: they form a group of their own, “{UNKNOWN}”.")
    undated = len(articles) - len(known)
    if undated:
        told.append(f"{count(undated, 'article')} without a date {agree(undated)} in no course over time.")
    return " ".join(told)


def describe_tone_by_group(means: pd.DataFrame, target: str) -> str:
    """The groups at either end, and whether they are apart."""
    if means.empty:
        return f"No article mentions {escape(target)}."
    ordered = list(_known(means[~means["too_small"]]).sort_values("mean", kind="stable").itertuples())
    small = _too_small(means, ["group"])
    if not ordered:
        return f"No group is large enough for a mean. {small}"
    if len(ordered) == 1:
        return f"Toward {escape(target)}, {_point(ordered[0].group)} has {mean(ordered[0])}. {small}".rstrip()
    worst, best = ordered[0], ordered[-1]
    meet = "Their intervals meet." if worst.high >= best.low else "Their intervals do not meet."
    return (
        f"Toward {escape(target)}, {_point(worst.group)} is the lowest, {mean(worst)}, {_point(best.group)} the highest, "
        f"{mean(best)}. {meet}{_ends(len(ordered), 'group')} {small}"
    ).rstrip()


def describe_tone_over_time(points: pd.DataFrame, line: pd.DataFrame, target: str, kind: str | None) -> str:
    """Where the smoothed tone begins and ends, and its lowest and highest period."""
    if points.empty:
        return f"There are too few days, weeks or months with a dated article that mentions {escape(target)}."
    drawn = list(line.dropna(subset="mean").itertuples())
    told = [f"{count(len(points), kind)} with an article that mentions {escape(target)}."]
    if drawn:
        first, last = drawn[0], drawn[-1]
        clear = "are clear of each other" if first.high < last.low or last.high < first.low else "meet"
        told.append(
            f"Smoothed over {first.bandwidth:.0f} days, which levels out what is shorter, the tone goes from {_banded(first)} on "
            f"{first.date:%Y-%m-%d} to {_banded(last)} on {last.date:%Y-%m-%d}; the two intervals {clear}."
        )
    ordered = list(points[~points["too_small"]].sort_values("mean", kind="stable").itertuples())
    if len(ordered) > 1:
        told.append(
            f"Lowest is {_point(ordered[0].group, ordered[0].period)}, {mean(ordered[0])}, highest "
            f"{_point(ordered[-1].group, ordered[-1].period)}, {mean(ordered[-1])}.{_ends(len(ordered), 'point')}"
        )
    return " ".join([*told, _too_small(points, ["period"])]).rstrip()


def describe_share_of_voice(shares: pd.DataFrame) -> str:
    """Who quotes least and most, and who is heard most where."""
    enough = _known(shares[~shares["too_small"]])
    quoted = list(enough[enough["voice"].eq(QUOTED)].sort_values("share", kind="stable").itertuples())
    small = _too_small(shares[shares["voice"].eq(QUOTED)], ["group"])
    if not quoted:
        return f"No group is large enough for a share. {small}".rstrip()
    most, least = quoted[-1], quoted[0]
    told = [f"Quoted are {percent(most)} of the words in {escape(most.group)}{'' if most is least else ', which quotes most'}."]
    if most is not least:
        told.append(f"{escape(least.group)} quotes least, {percent(least)}.{_ends(len(quoted), 'group')}")
    voices = enough[~enough["voice"].isin([QUOTED, OTHER_VOICES])].sort_values("share", ascending=False, kind="stable")
    largest = (f"{name(row.voice)} in {escape(row.group)}, {percent(row)}" for row in voices.head(NAMED).itertuples())
    if len(voices):
        told.append(f"Largest parts of quoted words: {chain(largest)}.")
    divided, groups = set(voices["group"]), [row.group for row in quoted if row.words]
    if undivided := [escape(group) for group in groups if group not in divided]:
        told.append(f"Too little is quoted to be divided among voices in {join(undivided)}.")
    return " ".join([*told, small]).rstrip()


def describe_stance_differences(differences: pd.DataFrame) -> str:
    """How many stances differ from those in the other groups, and which do most."""
    compared = differences[differences["difference"].notna()]
    if compared.empty:
        return "No pair of actors has enough sentences in two groups or more."
    # Of two groups, each differs from the other by the same.
    mirrored = compared.groupby(PAIR)["group"].transform("size").eq(2) & compared.duplicated(PAIR)
    compared = compared[~mirrored]
    enough = compared[~compared["too_small"]]
    small = len(compared) - len(enough)
    note = f" Too small to speak: {small:,} of {count(len(compared), 'comparison')}." if small else ""
    if enough.empty:
        return f"No group has enough sentences on a pair to be compared.{note}"
    apart = enough[(enough["difference_low"] > 0) | (enough["difference_high"] < 0)]
    told = (
        f"{len(apart):,} of {count(len(enough), 'comparison')} {agree(len(apart), 'has', 'have')} an interval that leaves out 0; "
        f"were there no difference at all, about {0.05 * len(enough):.1f} would."
    )
    widest = apart.iloc[apart["difference"].abs().argsort(kind="stable")[::-1]].head(NAMED)
    if widest.empty:
        return told + note
    pairs = (
        f"{name(row.holder)} toward {name(row.target)} in {escape(row.group)}, {signed(row.difference)} (95% interval "
        f"{signed(row.difference_low)} to {signed(row.difference_high)})"
        for row in widest.itertuples()
    )
    return f"{told} Widest: {chain(pairs)}.{note}"


def describe_issue_attention(attention: pd.DataFrame) -> str:
    """For the largest issues, the groups with least and most of them."""
    if attention.empty:
        return "No issue of the codebook was found."
    small = _too_small(attention, ["group"])
    told, ends = [], ""
    for issue, ordered in _largest_issues(attention):
        ends = _ends(len(ordered), "group")
        if len(ordered) > 1 and ordered[0].share == ordered[-1].share:
            told.append(f"**{escape(issue)}**: alike in all, {percent(ordered[0])}")
            continue
        least = f"least in {escape(ordered[0].group)}, {percent(ordered[0])}, most " if len(ordered) > 1 else ""
        told.append(f"**{escape(issue)}**: {least}in {escape(ordered[-1].group)}, {percent(ordered[-1])}")
    return f"{chain(told)}.{ends} {small}".rstrip() if told else f"No group is large enough for a share. {small}"


def describe_issues_over_time(attention: pd.DataFrame, kind: str | None) -> str:
    """For the largest issues, when they have least and most space."""
    if attention.empty:
        return "There are too few days, weeks or months with a dated article, or no issue was found."
    small = _too_small(attention, ["period"])
    told, ends = [], ""
    for issue, ordered in _largest_issues(attention):
        ends = f" Each is the highest of {count(len(ordered), kind)}, and so higher than one picked beforehand." if len(ordered) > 2 else ""
        told.append(f"**{escape(issue)}**: most in the {kind} {ordered[-1].period}, {percent(ordered[-1])}")
    return f"{chain(told)}.{ends} {small}".rstrip() if told else f"No {kind} is large enough for a share. {small}"


def _largest_issues(attention: pd.DataFrame) -> Iterator[tuple[str, list]]:
    """The largest issues that are found where estimates are not too small, each with its rows there, least share first."""
    enough = _known(attention[~attention["too_small"]])
    found = enough[enough.groupby("issue")["count"].transform("sum").gt(0)]
    for issue, rows in islice(found.groupby("issue", sort=False), NAMED):
        yield issue, list(rows.sort_values("share", kind="stable").itertuples())


def _known(table: pd.DataFrame) -> pd.DataFrame:
    """Without the group of those articles of which it is not known; with it where there is no other."""
    known = table[table["group"].ne(UNKNOWN)] if "group" in table else table
    return table if known.empty else known


def _ends(number: int, noun: str) -> str:
    """That of several the lowest and the highest were picked; nothing of two."""
    return f" As the lowest and highest of {count(number, noun)} they are further apart than two picked beforehand." if number > 2 else ""


def join_point(group: str, period: str = "") -> str:
    """The name of a point: its group and its period, where it has one."""
    return f"{group}, {period}" if period else group


def point_anchor(group: str, period: str = "") -> str:
    """The goal of links to a point's sentences, safe in HTML whatever the group is called."""
    name_of_both = "\n".join((group, period))
    return f"point-{crc32(name_of_both.encode()):08x}"


def _point(group: str, period: str = "") -> str:
    """The name of a point, as a link to its sentences."""
    return f"[{escape(join_point(group, period))}](#{point_anchor(group, period)})"


def _banded(row) -> str:
    return f"{signed(row.mean)} (95% interval {signed(row.low)} to {signed(row.high)})"


def _too_small(table: pd.DataFrame, columns: list[str]) -> str:
    """Which estimates are too small to speak; nothing where none is."""
    named = table.loc[table["too_small"], columns].drop_duplicates()
    if named.empty:
        return ""
    names = [escape(join_point(*row)) for row in named.head(CITED).itertuples(index=False)]
    more = [f"{len(named) - CITED} more"] if len(named) > CITED else []
    return f"Too small to speak, with fewer than {MIN_ARTICLES} articles or {MIN_SENTENCES} sentences: {join([*names, *more])}."
