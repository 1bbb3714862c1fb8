"""Events and measures, as noun phrases."""

import pytest

from analysis import language
from analysis.article import Article
from analysis.events import MAX_EVENTS, find_events


def names(text):
    (parsed,) = language.parse([Article("a", text)])
    found = list(find_events(parsed))
    for event in found:
        assert " ".join(text[event.start : event.end].split()).lower() == event.name.lower()
        assert event.phrase[0] <= event.start < event.end == event.phrase[1]
    return [event.name for event in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She condemned such anti-war rallies.", ["anti-war rallies"]),
        ("The new tariffs hurt farmers.", ["new tariffs"]),
        ("They welcomed Peru's peace plan.", ["Peru's peace plan"]),
        ("These three violent protests were banned.", ["three violent protests"]),
        ("He defended the 1953 coup.", ["1953 coup"]),
        ("The two-day strike hurt his own party's plan.", ["two-day strike", "party's plan"]),
        ("New tariffs beget new tariffs.", ["new tariffs"]),
        ("They hate the anti-war\nrallies.", ["anti-war rallies"]),
        ("The farmers ate bread.", []),
    ],
)
def test_an_event_is_named_without_what_points_to_it(text, expected):
    assert names(text) == expected


def test_an_event_has_one_name_wherever_it_stands():
    assert names("Anti-China rallies were held in Seoul, and Lee condemned the anti-China rallies.") == ["anti-China rallies"]


@pytest.mark.parametrize("text", ["The rally began.", "Rallies!", "It was such a protest."])
def test_a_noun_alone_is_no_event(text):
    assert names(text) == []


def test_each_sentence_has_its_own_events():
    text = "He praised the border deal. She hated the border deal."
    (parsed,) = language.parse([Article("a", text)])
    assert [event.sentence for event in find_events(parsed)] == [0, 1]


def test_of_very_many_events_in_a_sentence_the_first_count():
    assert len(names(", ".join(f"the brutal raid on town {n} and the bloody{n} war" for n in range(50)))) == MAX_EVENTS


@pytest.mark.parametrize("text", ["", "rally " * 300, "’s war’s war", "İ—ß 漢字 \u202e\u0000 rallies"])
def test_hostile_text_is_read(text):
    assert len(names(text)) <= MAX_EVENTS
