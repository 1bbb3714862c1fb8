"""What a table must hold."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import tables

SENTENCE = {"article": "a", "sentence": 0, "start": 0, "end": 3, "text": "No.", "part": "body"}
SENTIMENT = {"article": "a", "mention": 0, "sentence": 0, "actor": "Peru", "voice": tables.NARRATOR, "label": "neutral", "lexicon": 0.0}
SENTIMENT |= {"p_negative": 0.2, "p_neutral": 0.5, "p_positive": 0.3}
STANCE = {
    "article": "a",
    "sentence": 0,
    "holder": "Peru",
    "target": "Chile",
    "holder_mention": 0,
    "target_mention": 1,
    "target_start": 9,
    "target_end": 14,
    "label": "neutral",
}
STANCE |= {"p_oppose": 0.2, "p_neutral": 0.5, "p_support": 0.3}


def test_columns_come_in_order_with_their_types_and_others_are_dropped():
    frame = tables.conform("sentences", [dict(reversed(SENTENCE.items())) | {"colour": "red"}])
    assert frame.columns.tolist() == tables.TABLES["sentences"].names
    assert frame["start"].dtype == "int64" and frame["text"].iat[0] == "No."


def test_the_index_is_fresh():
    frame = pd.DataFrame([SENTENCE, SENTENCE], index=[7, 7])
    assert tables.conform("sentences", frame).index.tolist() == [0, 1]


def test_a_missing_column_is_named():
    with pytest.raises(tables.TableError, match="sentences: no column end, part"):
        tables.conform("sentences", [{k: v for k, v in SENTENCE.items() if k not in ("end", "part")}])


def test_a_code_that_is_not_allowed_is_named_with_those_that_are():
    with pytest.raises(tables.TableError, match=r"column part: \['footer'\] not in \['headline', 'caption', 'body'\]"):
        tables.conform("sentences", [SENTENCE, SENTENCE | {"part": "footer"}])


@pytest.mark.parametrize(
    ("table", "row", "column"), [("sentiments", SENTIMENT, "p_negative"), ("stances", STANCE | {"quote": None}, "p_oppose")]
)
def test_probabilities_that_do_not_sum_to_one_are_refused(table, row, column):
    assert len(tables.conform(table, [row])) == 1
    for off in (0.21, 0.19, 1.2):
        with pytest.raises(tables.TableError, match="off their sum of 1"):
            tables.conform(table, [row, row | {column: off}])


def test_probabilities_may_be_off_by_rounding():
    assert len(tables.conform("sentiments", [SENTIMENT | {"p_negative": 0.2004}])) == 1


@pytest.mark.parametrize("value", ["many", None, 1.5])
def test_what_is_no_whole_number_is_refused_as_one(value):
    with pytest.raises(tables.TableError):
        tables.conform("sentences", [SENTENCE | {"start": value}])


def test_an_optional_number_may_be_missing():
    frame = tables.conform("stances", [STANCE | {"quote": None}, STANCE | {"quote": 3}])
    assert frame["quote"].isna().tolist() == [True, False] and frame["quote"].iat[1] == 3


@pytest.mark.parametrize("name", tables.TABLES)
def test_no_rows_give_an_empty_table_with_its_columns(name):
    for nothing in ([], pd.DataFrame()):
        frame = tables.conform(name, nothing)
        assert frame.empty and frame.columns.tolist() == tables.TABLES[name].names
        assert frame.dtypes.equals(tables.conform(name, frame).dtypes)


@pytest.mark.parametrize("name", tables.TABLES)
def test_the_arrow_schema_carries_each_columns_meaning(name):
    schema = tables.TABLES[name].arrow_schema()
    assert schema.names == tables.TABLES[name].names and all(field.metadata[b"meaning"] for field in schema)


def test_a_table_that_conforms_is_not_changed_by_conforming(annotated):
    for name in ("sentences", "mentions", "quotes", "sentiments", "stances", "issues"):
        frame = getattr(annotated("strait"), name)
        assert len(frame)
        pd.testing.assert_frame_equal(tables.conform(name, frame), frame)


def test_the_list_of_columns_in_the_readme_is_that_of_the_schema():
    shown = (Path(__file__).parents[1] / "data" / "readme" / "tables.md").read_text(encoding="utf-8")
    assert shown.endswith(f"\n\n{tables.to_markdown()}")
    assert all(f"| `{column.name}` |" in shown for table in tables.TABLES.values() for column in table.columns)
