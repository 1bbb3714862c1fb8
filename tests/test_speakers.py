"""Which actor a source names."""

import pytest

from analysis import language
from analysis.actors import find_mentions
from analysis.article import Article, Part
from analysis.speakers import speaker_of


def speaker(text, source=None, cue="said"):
    parsed = next(language.parse([Article("a", text, (Part("body", 0, len(text)),))]))

    def span(words):
        start = text.rindex(words)
        return parsed.doc.char_span(start, start + len(words))

    return speaker_of(parsed, source and span(source), cue and span(cue), find_mentions(parsed))


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("Angela Merkel said the vote was fair.", "Angela Merkel", "Angela Merkel"),
        ("Angela Merkel came home. Merkel said the vote was fair.", "Merkel", "Angela Merkel"),
        ("Angela Merkel came home. She said the vote was fair.", "She", "Angela Merkel"),
        ("Beijing said the vote was fair.", "Beijing", "China"),
        ("Norway and Sweden said the vote was fair.", "Norway and Sweden", "Norway; Sweden"),
        ("Norway, Sweden and Denmark said the vote was fair.", "Norway, Sweden and Denmark", "Norway; Sweden; Denmark"),
        ("The company’s chief executive, Joan Pettersen, said no.", "The company’s chief executive, Joan Pettersen", "Joan Pettersen"),
        ("Twelve percent of voters said the vote was fair.", "Twelve percent of voters", "Twelve percent of voters"),
        ("The elderly  violinists said no.", "The elderly  violinists", "Elderly violinists"),
    ],
)
def test_a_source_names_its_speaker(text, source, expected):
    assert speaker(text, source) == expected


def test_an_actor_is_named_once_however_often_the_source_names_it():
    assert speaker("Norway and Norway said no.", "Norway and Norway") == "Norway"


def test_without_a_source_the_subject_of_the_cue_speaks():
    assert speaker("Angela Merkel promised to stay and said the vote was fair.") == "Angela Merkel"


def test_nobody_is_named_where_the_cue_has_no_subject_of_its_own():
    assert speaker("It rained. The vote was said to be fair.") == ""


def test_without_source_and_cue_nobody_is_named():
    assert speaker("Angela Merkel came home.", cue=None) == ""
