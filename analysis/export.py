"""Tables for other programs: CSV, Parquet, XLSX.

Parquet keeps every value as it is. CSV and XLSX hold lists as JSON and times as ISO 8601, and a text that a spreadsheet
would run as a formula is written with an apostrophe before it: an article is somebody else's text.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from analysis.errors import InputError

FORMATS = ("csv", "parquet", "xlsx")
COMPUTED = {  # what a row of each table is that a notebook computes
    "words_by_voice": "a voice, and its share of the words of the body",
    "reporting_verbs": "a speaker and a reporting verb, and how often the one introduces the other",
    "quote_types": "a speaker and a type of attribution, and its share",
    "attributions": "an attribution of the body, with its offsets",
    "stances_by_pair": "a holder and a target, and the mean stance of their sentences",
    "stances_by_voice": "the same, split by the voice that asserts it",
    "stance_sentences": "a sentence in which a holder takes a side toward a target",
    "sentiment_by_voice": "a voice, and its mean sentiment toward the target",
    "sentiment_by_actor": "an actor, and the mean sentiment toward it",
    "target_mentions": "a mention of the target, with its offsets",
    "target_extremes": "one of the sentences most negative, or most positive, toward the target",
    "issue_shares": "an issue, and its share of the sentences of the body",
    "issue_words": "an issue, and the share of the body's words in its sentences",
    "issue_prominence": "an issue, whether it stands in headline and lede, and its mean place in the body",
    "issue_candidates": "a sentence near to an issue though none of its phrases stands in it",
    "issue_doubts": "an issue in a sentence that is far from it, with the words that tell",
    "issue_changes": "an issue whose sentences the changed codebook changes",
    "issue_topics": "an issue, and how many of its sentences have the topic that the codebook gives it",
    "topic_shares": "a topic of the Comparative Agendas, and its share of the sentences of the body",
    "issue_cooccurrence": "two issues, and how many sentences have both",
    "issue_voices": "an issue and a voice, and its share of the words on the issue",
    "issue_sentiment": "an issue, and the mean sentiment toward the target where it stands",
    "issue_sentences": "a sentence on an issue, with the offsets of the phrases that tell",
    "uncovered_sentences": "a sentence without an issue",
    "uncovered_words": "a word typical of the sentences without an issue",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
CELL_LIMIT = 32_767  # characters, of an XLSX cell
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CUT_NOTE = " […cut: {} characters in all; whole in the CSV and Parquet files]"


def write_table(table: pd.DataFrame, stem: Path, formats: Iterable[str] = FORMATS) -> list[Path]:
    """Write a table in each format.

    Parameters
    ----------
    table : DataFrame
    stem : Path
        The file's path without its suffix; missing folders are made.
    formats : iterable of str
        Of `FORMATS`.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        For a format that there is none of.
    """
    formats = list(formats)
    unknown = [name for name in formats if name not in _WRITERS]
    if unknown:
        raise InputError(f"no table format {', '.join(unknown)}", "formats", f"Use one or more of {', '.join(FORMATS)}.")
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = [stem.parent / f"{stem.name}.{name}" for name in formats]
    for path, name in zip(paths, formats, strict=True):
        _WRITERS[name](table, path)
    return paths


def to_flat(table: pd.DataFrame) -> pd.DataFrame:
    """A table for a spreadsheet: lists as JSON, times as ISO 8601, texts harmless."""
    return table.apply(_flatten) if len(table.columns) else table


def _flatten(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(column):
        return column.map(lambda time: time.isoformat(), na_action="ignore").astype(object)
    if pd.api.types.is_numeric_dtype(column):
        return column
    return column.map(_flatten_value).astype(object)


def _flatten_value(value):
    if isinstance(value, str):
        return _disarm(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    return json.dumps(value, default=_to_list) if isinstance(value, list | tuple) else value


def _disarm(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _to_list(value):
    """What Parquet gives back for a list of lists: arrays, and numbers of their kind."""
    return value.tolist()


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    to_flat(table).to_csv(path, index=False, encoding="utf-8", quoting=csv.QUOTE_NONNUMERIC)


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    table.to_parquet(path, index=False)


def _write_xlsx(table: pd.DataFrame, path: Path) -> None:
    flat = to_flat(table)
    flat.apply(lambda column: column.map(fit_cell)).to_excel(path, index=False, freeze_panes=(1, 0))


def fit_cell(value):
    """A text within the limit of a cell, without the characters that XML does not allow."""
    if not isinstance(value, str):
        return value
    clean = _disarm(_NOT_IN_XML.sub("", value))
    note = CUT_NOTE.format(f"{len(clean):,}")
    return clean if len(clean) <= CELL_LIMIT else clean[: CELL_LIMIT - len(note)] + note


_WRITERS = {"csv": _write_csv, "parquet": _write_parquet, "xlsx": _write_xlsx}
