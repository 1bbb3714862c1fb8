"""What stands in quotation marks, in copy that keeps the rules and in copy that does not."""

import time

import pytest

from analysis.quotation import quoted_spans


def quoted(text):
    return [text[start:end] for start, end in quoted_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said “not now” and left.", ["“not now”"]),
        ('He said "not now" and left, "as ever".', ['"not now"', '"as ever"']),
        ("‘It’s the people’s choice,’ he said.", ["‘It’s the people’s choice,’"]),
        ("'It's the people's choice,' he said.", ["'It's the people's choice,'"]),
        ("She called it «a small step» forward.", ["«a small step»"]),
        ("She called it ``a small step'' forward.", ["``a small step''"]),
        ("“(Yes)”—“no!”", ["“(Yes)”", "“no!”"]),
        ("No marks here.", []),
        ("", []),
    ],
)
def test_marks_of_every_kind_are_taken_in(text, expected):
    assert quoted(text) == expected


def test_apostrophes_and_inches_open_nothing():
    assert quoted("It's the dogs' bowl, isn't it? The shelf is 12\" deep, the people’s shelf.") == []


def test_an_unclosed_quotation_ends_with_its_paragraph():
    assert quoted("“We will not leave, she said. \n\nThe council meets on Monday.") == ["“We will not leave, she said."]


def test_an_unclosed_single_mark_opens_nothing():
    assert quoted("They danced in ‘69 and again the year after.\n\nHe said ‘no’.") == ["‘no’"]


def test_a_quotation_over_paragraphs_is_a_span_in_each():
    text = "“The dam held.\n\n“Nobody slept.\n\n“Then it fell.”\n\nThe village lies in a valley."
    assert quoted(text) == ["“The dam held.", "“Nobody slept.", "“Then it fell.”"]


def test_of_nested_quotations_the_outer_one_is_taken():
    assert quoted("“She told me ‘run’ and I ran,” he said.") == ["“She told me ‘run’ and I ran,”"]


@pytest.mark.parametrize(
    "text", ["”“", "’’’", "\"\"\"'''", "“\n”\n“", "\ud800“\udfff”", "‘" * 9 + "’" * 9, "”", "“", "''``", "\u200b“\u200b", "“\r\n”"]
)
def test_spans_are_ordered_disjoint_and_in_the_text_on_hostile_text(text):
    spans = quoted_spans(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges) and all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize("unit", ["“", "”", '"', '"a ', "' a", "‘a ", "“a\n", "‘’", "``''", "a’"])
def test_a_hundred_thousand_marks_take_under_a_second(unit):
    began = time.perf_counter()
    quoted_spans(unit * 100_000)
    assert time.perf_counter() - began < 1
