"""What the coders of an item say together.

Most of them decide. Where several codes tie there is no consensus: such items are hard, and leaving them out would flatter the machine.
So they are listed to be discussed, and wherever shares are estimated, an item counts in equal parts for each of its tied codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import pandas as pd

from analysis.coefficients import Scale

# What tables call those who are compared, and what stands there in place of a code.
ALL_CODERS, CONSENSUS, MACHINE = "all coders", "consensus", "machine"
NO_CONSENSUS, NOT_CODED = "no consensus", "not coded"
VERSUS = " × "


def find_consensus(ratings: pd.DataFrame, scale: Scale) -> pd.Series:
    """The code that more coders gave an item than any other; missing where codes tie.

    Of sets, each issue is decided by itself, and the consensus is the set of those that are in; it is missing where one of them is tied,
    or none is in.
    """
    parts = _apportion(ratings, scale)
    decided = {item: [code for code, part in own.items() if part == 1] for item, own in parts.items() if set(own.values()) <= {0.0, 1.0}}
    made = {item: frozenset(codes) if scale.level == "set" else codes[0] for item, codes in decided.items() if codes}
    return pd.Series([made.get(item) for item in ratings.index], ratings.index, dtype=object)


def apportion(ratings: pd.DataFrame, scale: Scale, codes: Sequence[str]) -> pd.DataFrame:
    """Which part of each coded item is each code's, by its coders: 1 where most gave it; of codes that tie, an equal part; else 0.

    Of sets, each issue is decided by itself: 1 where more than half of the coders have it, ½ where half of them do.

    Returns
    -------
    DataFrame
        A row an item that somebody coded, a column a code.
    """
    parts = _apportion(ratings, scale)
    rows = [[own.get(code, 0.0) for code in codes] for own in parts.values()]
    return pd.DataFrame(rows, pd.Index(list(parts), name=ratings.index.name), list(codes), dtype=float)


def list_codes(scale: Scale, *ratings: pd.DataFrame | pd.Series) -> list[str]:
    """All codes of an ordinal scale in its order, else those that were given, the most frequent first."""
    if scale.level == "ordinal":
        return list(scale.codes)
    given = (code for table in ratings for code in table.to_numpy().ravel() if is_code(code))
    single = Counter(one for code in given for one in (code if scale.level == "set" else [code]))
    return sorted(single, key=lambda code: (-single[code], code))


def is_code(code) -> bool:
    """Whether there is a code; what is missing is none."""
    return isinstance(code, str | frozenset)


def _apportion(ratings: pd.DataFrame, scale: Scale) -> dict[Hashable, dict[str, float]]:
    """Of each item that somebody coded, the parts of its codes."""
    share_out = _parts_of_set if scale.level == "set" else _parts_of_code
    given = {item: [code for code in row if is_code(code)] for item, *row in ratings.itertuples(name=None)}
    return {item: share_out(codes) for item, codes in given.items() if codes}


def _parts_of_code(given: list) -> dict[str, float]:
    counts = Counter(given)
    most = [code for code, count in counts.items() if count == max(counts.values())]
    return dict.fromkeys(most, 1 / len(most))


def _parts_of_set(given: list[frozenset]) -> dict[str, float]:
    votes = Counter(code for codes in given for code in codes)
    return {code: 0.5 if 2 * count == len(given) else float(2 * count > len(given)) for code, count in votes.items()}
