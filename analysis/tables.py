"""The schema of every table: what one row is, and what each column means.

Offsets are code points into ``articles.text``, half-open. Probabilities sum to 1.
``article`` is the key that joins the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

FORMS = ("name", "nominal", "pronoun")
ACTOR_TYPES = ("person", "country", "organisation", "group")
PARTS = ("headline", "caption", "body")
QUOTE_TYPES = ("direct", "indirect", "mixed")
CUE_CLASSES = ("neutral", "positive", "negative", "distancing", "directive")
SENTIMENTS = ("negative", "neutral", "positive")
STANCES = ("oppose", "neutral", "support")
NARRATOR = "narrator"
UNNAMED = "unnamed source"
PROBABILITY_TOLERANCE = 1e-3

_KINDS = {"str": "text", "int": "integer", "int?": "integer or empty", "float": "number", "time": "time", "spans": "list"}
DTYPES = {"str": "str", "int": "int64", "int?": "Int64", "float": "float64", "time": "datetime64[us, UTC]", "spans": "object"}
ARROW_TYPES = {
    "str": pa.string(),
    "int": pa.int64(),
    "int?": pa.int64(),
    "float": pa.float64(),
    "time": pa.timestamp("us", tz="UTC"),
    "spans": pa.list_(pa.list_(pa.int64())),
}


class TableError(ValueError):
    """A table that does not keep to its schema: a defect of the program, not of the input."""


@dataclass(frozen=True)
class Column:
    """A column: its name, its kind (a key of `DTYPES`), what it means and, where it is a code, the codes allowed."""

    name: str
    kind: str
    meaning: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Table:
    """A table: its name, what one row is, its columns, and the columns of probabilities that sum to 1."""

    name: str
    row: str
    columns: tuple[Column, ...]
    probabilities: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def arrow_schema(self) -> pa.Schema:
        """The schema as Arrow types, each field with its meaning as metadata."""
        return pa.schema([pa.field(c.name, ARROW_TYPES[c.kind], metadata={"meaning": c.meaning}) for c in self.columns])


_ARTICLE = Column("article", "str", "key of the article")
_SENTENCE = Column("sentence", "int", "number of the sentence in the article, from 0")

TABLES = {
    table.name: table
    for table in (
        Table(
            "articles",
            "an article",
            (
                _ARTICLE,
                Column("title", "str", "headline, as the source or the text gives it"),
                Column("outlet", "str", "who published it"),
                Column("published", "time", "when it was published, UTC"),
                Column("author", "str", "byline"),
                Column("url", "str", "where it was published"),
                Column("language", "str", "ISO 639-1 code"),
                Column("text", "str", "the stored text that every offset refers to"),
                Column("duplicate_of", "str", "in a corpus: key of an earlier article whose text it repeats, wholly or nearly"),
            ),
        ),
        Table(
            "sentences",
            "a sentence",
            (
                _ARTICLE,
                _SENTENCE,
                Column("start", "int", "offset of its first character"),
                Column("end", "int", "offset behind its last character"),
                Column("text", "str", "its words"),
                Column("part", "str", "the part of the article that it stands in", PARTS),
            ),
        ),
        Table(
            "mentions",
            "a mention of an actor",
            (
                _ARTICLE,
                Column("mention", "int", "number of the mention in the article, from 0"),
                _SENTENCE,
                Column("start", "int", "offset of its first character"),
                Column("end", "int", "offset behind its last character"),
                Column("text", "str", "its words"),
                Column("form", "str", "how the actor is referred to", FORMS),
                Column("actor", "str", "canonical name of the actor"),
                Column("actor_type", "str", "what the actor is", ACTOR_TYPES),
                Column("country", "str", "ISO 3166-1 alpha-3 code of the actor's country, where known"),
            ),
        ),
        Table(
            "quotes",
            "an attribution: somebody's words or thoughts, reported",
            (
                _ARTICLE,
                Column("quote", "int", "number of the attribution in the article, from 0"),
                Column("sentence", "int", "the sentence in which its content begins"),
                Column("within", "int?", "number of the attribution whose content holds it; empty where the article itself reports it"),
                Column("type", "str", "with quotation marks throughout, without any, or in part", QUOTE_TYPES),
                Column(
                    "speaker",
                    "str",
                    "canonical name of whoever speaks, or the source's own words; several are joined by “; ”; empty if nobody is named",
                ),
                Column("on_behalf_of", "str", "for whom the speaker speaks (“a spokesman for …”), as canonical names in the same form"),
                Column("source_start", "int?", "offset of the words that name the source"),
                Column("source_end", "int?", "offset behind them"),
                Column("cue_start", "int?", "offset of the words that say that something was said"),
                Column("cue_end", "int?", "offset behind them"),
                Column("cue", "str", "the words of the cue"),
                Column("cue_lemma", "str", "the cue's entry in the codebook of reporting verbs, or its lemma where it has none"),
                Column("cue_class", "str", "what the cue does beside reporting; empty where the codebook does not have it", CUE_CLASSES),
                Column("content_spans", "spans", "list of [start, end] offsets of what was said"),
                Column("content", "str", "the words of the content; parts are joined by “ […] ”"),
                Column("confidence", "float", "how sure the method is of the attribution, 0 to 1"),
            ),
        ),
        Table(
            "sentiments",
            "a mention of an actor, and the sentiment toward the actor that its sentence expresses",
            (
                _ARTICLE,
                Column("mention", "int", "the mention"),
                _SENTENCE,
                Column("actor", "str", "canonical name of the actor"),
                Column("voice", "str", f"whose words they are: `{NARRATOR}`, the speaker of the innermost attribution, or `{UNNAMED}`"),
                Column("p_negative", "float", "probability of negative sentiment"),
                Column("p_neutral", "float", "probability of neutral sentiment"),
                Column("p_positive", "float", "probability of positive sentiment"),
                Column("label", "str", "the most probable of the three", SENTIMENTS),
                Column("lexicon", "float", "VADER compound score of the sentence, -1 to 1"),
            ),
            ("p_negative", "p_neutral", "p_positive"),
        ),
        Table(
            "stances",
            "an actor and another, or an event, in a sentence: does the holder support or oppose the target?",
            (
                _ARTICLE,
                _SENTENCE,
                Column("holder", "str", "canonical name of the actor who takes the stance"),
                Column("target", "str", "canonical name of the actor toward whom it is taken, or an event in the text's words"),
                Column("holder_mention", "int", "the holder's mention"),
                Column("target_mention", "int?", "the target's mention; empty for an event"),
                Column("target_start", "int", "offset of the first character of the words that name the target"),
                Column("target_end", "int", "offset behind the last of them"),
                Column("quote", "int?", "the attribution whose speaker asserts it; empty where the narrator does"),
                Column("p_oppose", "float", "probability that the holder opposes the target"),
                Column("p_neutral", "float", "probability of no stance"),
                Column("p_support", "float", "probability that the holder supports the target"),
                Column("label", "str", "the most probable of the three", STANCES),
            ),
            ("p_oppose", "p_neutral", "p_support"),
        ),
        Table(
            "issues",
            "an issue in a sentence",
            (
                _ARTICLE,
                _SENTENCE,
                Column("issue", "str", "key of the issue in the codebook"),
                Column("score", "float", "1 − ½ⁿ for n words of evidence; it is no probability"),
                Column(
                    "similarity",
                    "float",
                    "how near the sentence is to what the codebook says of the issue, -1 to 1: far, the words may mean something else",
                ),
                Column("evidence_spans", "spans", "list of [start, end] offsets of the phrases that fired"),
            ),
        ),
        Table(
            "candidates",
            "an issue that a sentence may be about, though none of the issue's phrases stands in it",
            (
                _ARTICLE,
                _SENTENCE,
                Column("issue", "str", "key of the issue in the codebook"),
                Column("similarity", "float", "how near the sentence is to what the codebook says of the issue, -1 to 1"),
            ),
        ),
        Table(
            "topics",
            "a sentence, or the article as a whole, and the topic that it is about",
            (
                _ARTICLE,
                Column(
                    "sentence", "int?", "number of the sentence; empty for the article as a whole, which its headline and lede stand for"
                ),
                Column("topic", "int", "code of the most probable major topic of the Comparative Agendas Project"),
                Column("name", "str", "its name"),
                Column("probability", "float", "how probable it is, 0 to 1"),
            ),
        ),
        Table(
            "failures",
            "an article that could not be annotated",
            (
                _ARTICLE,
                Column("path", "str", "the file that it was read from; of one that could not be read, the row too"),
                Column("stage", "str", "the stage that failed"),
                Column("error", "str", "what was wrong"),
            ),
        ),
    )
}


def conform(name: str, rows: pd.DataFrame | Iterable[Mapping]) -> pd.DataFrame:
    """Bring rows into the schema of a table, and check them against it.

    Parameters
    ----------
    name : str
        A key of `TABLES`.
    rows : DataFrame, or iterable of mappings
        With at least the table's columns; others are dropped.

    Returns
    -------
    DataFrame
        The table's columns, in order and with their dtypes, on a fresh index.

    Raises
    ------
    TableError
        Where a column is missing or holds what its schema does not allow.
    """
    table = TABLES[name]
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=None)
    if not len(frame):
        frame = frame.reindex(columns=table.names)
    missing = [column for column in table.names if column not in frame]
    if missing:
        raise TableError(f"table {name}: no column {', '.join(missing)}")
    try:
        # Column by column, and only those of another kind: a frame's own astype takes ten times as long.
        dtypes = frame.dtypes
        others = [column for column in table.columns if dtypes[column.name] != DTYPES[column.kind]]
        cast = {column.name: _cast(frame[column.name], column.kind) for column in others}
        frame = frame.reindex(columns=table.names).assign(**cast).reset_index(drop=True)
    except (TypeError, ValueError) as error:
        raise TableError(f"table {name}: {error}") from error
    for column in table.columns:
        if column.values and (wrong := set(frame[column.name].unique().dropna()).difference(column.values)):
            raise TableError(f"table {name}, column {column.name}: {sorted(wrong)} not in {list(column.values)}")
    if table.probabilities and len(frame):
        off = np.abs(np.nansum([frame[column] for column in table.probabilities], axis=0) - 1).max()
        if off > PROBABILITY_TOLERANCE:
            raise TableError(f"table {name}: probabilities are {off:.3f} off their sum of 1")
    return frame


def _cast(values: pd.Series, kind: str) -> pd.Series:
    """A column in the dtype of its kind; integers by way of pandas' own, which refuse what NumPy's would cut off."""
    return (values.astype("Int64") if kind == "int" else values).astype(DTYPES[kind])


def to_markdown() -> str:
    """What a row of each table is and what each of its columns means, for people to read: Markdown, a section a table."""
    return "\n".join(_section(table) for table in TABLES.values())


def _section(table: Table) -> str:
    rows = "".join(f"| `{column.name}` | {_KINDS[column.kind]} | {_meaning(column)} |\n" for column in table.columns)
    return f"### {table.name}\n\nOne row is {table.row}.\n\n| column | kind | meaning |\n|---|---|---|\n{rows}"


def _meaning(column: Column) -> str:
    return column.meaning + (f": {', '.join(column.values)}" if column.values else "")
