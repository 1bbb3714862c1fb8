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


def test_an_apostrophe_before_a_decade_opens_nothing():
    assert quoted("In the '90s, exports grew. The farmers' union left, and ‘80s songs were the people’s choice.") == []
    assert quoted("She called it 'a '90s song', and “’80s kitsch” too.") == ["'a '90s song'", "“’80s kitsch”"]


@pytest.mark.parametrize("feed", ["\n\n", "\n", "\r\n"])
def test_a_quotation_over_paragraphs_is_a_span_in_each(feed):
    text = feed.join(["“The dam held.", "“Nobody slept.", "“Then it fell.”", "The village lies in a valley."])
    assert quoted(text) == ["“The dam held.", "“Nobody slept.", "“Then it fell.”"]


@pytest.mark.parametrize("feed", ["\n", "\r\n", " \n  "])
@pytest.mark.parametrize(
    "lines",
    [
        ('"We will not give up on the', 'peace of the peninsula," President', "Lee Jae Myung said on Thursday."),
        ('He said: "We met the envoys of', "Kenya, Norway and the Republic of", 'Korea at the port" and left.'),
        ('They read "the plan (of May)', "and its ‘goals’", 'aloud" at dawn.'),
    ],
)
def test_a_quotation_goes_on_over_wrapped_lines(feed, lines):
    text = feed.join(lines)
    assert quoted(text) == [text[text.index('"') : text.rindex('"') + 1]]


@pytest.mark.parametrize(
    "first", ["Kim: “We can", "Moon ‘to go", 'The mayor said, "no more.', "He read “the list:", "She sang “all of it (twice)"]
)
def test_a_forgotten_mark_takes_nothing_from_the_line_below(first):
    following = 'Envoys of the two Koreas met the people\'s leaders, and one called it "a start" of peace.'
    assert quoted(f"{first}\n{following}")[-1] == '"a start"'


def test_of_nested_quotations_the_outer_one_is_taken():
    assert quoted("“She told me ‘run’ and I ran,” he said.") == ["“She told me ‘run’ and I ran,”"]


@pytest.mark.parametrize(
    "text", ["”“", "’’’", "\"\"\"'''", "“\n”\n“", "\ud800“\udfff”", "‘" * 9 + "’" * 9, "”", "“", "''``", "\u200b“\u200b", "“\r\n”"]
)
def test_spans_are_ordered_disjoint_and_in_the_text_on_hostile_text(text):
    spans = quoted_spans(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges) and all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize("unit", ["“", "”", '"', '"a ', "' a", "‘a ", "“a\n", "“\n\n", " \n", "‘’", "``''", "a’"])
def test_a_hundred_thousand_marks_take_under_a_second(unit):
    began = time.perf_counter()
    quoted_spans(unit * 100_000)
    assert time.perf_counter() - began < 1
