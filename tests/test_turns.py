"""Who speaks in a transcript or an interview: each turn is its label's, and what is no conversation has none."""

import pytest

from analysis import annotate
from analysis.article import Article, Part
from analysis.voices import find_voices

DEBATE = """Ines Prado, the mayor, spoke with Tom Hale about the harbour.

TOM HALE: Mayor, why did the harbour close in May?

INES PRADO: Because the walls were unsafe. I asked Norway for engineers.

They came within a week.

HALE: What did the port union say to that?

PRADO: Its chairman said the work would cost jobs. I never believed that.

The talk was cut for length."""

INTERVIEW = """Maria Keller, the mayor of Bergen, on her city.

Q: Does the harbour have a future?

A: I think it does, if Norway helps us to mend it.

Q: And if Norway does not?

A: Then we shall have to mend it ourselves."""


def annotation(text):
    return annotate(Article("talk", text, (Part("body", 0, len(text)),)))


def turns(text):
    quotes = annotation(text).quotes
    return [(row.speaker, row.content) for row in quotes[quotes["cue"].eq(":")].itertuples()]


def test_a_turn_is_its_labels_until_the_next_and_the_last_one_ends_with_its_paragraph():
    assert turns(DEBATE) == [
        ("Tom Hale", "Mayor, why did the harbour close in May?"),
        ("Ines Prado", "Because the walls were unsafe. I asked Norway for engineers.\n\nThey came within a week."),
        ("Tom Hale", "What did the port union say to that?"),
        ("Ines Prado", "Its chairman said the work would cost jobs. I never believed that."),
    ]


def test_who_answers_is_the_one_person_introduced_before_the_questions():
    assert [speaker for speaker, _ in turns(INTERVIEW)] == ["Interviewer", "Maria Keller"] * 2
    assert [speaker for speaker, _ in turns(INTERVIEW.replace("Maria Keller, the mayor of Bergen,", "A talk with the mayor"))] == [
        "Interviewer",
        "Interviewee",
    ] * 2


def test_in_a_turn_i_is_who_speaks_and_others_are_reported_within_it():
    quotes = annotation(DEBATE).quotes
    assert "I" not in set(quotes["speaker"])
    inner = quotes[quotes["content"].str.contains("cost jobs") & quotes["within"].notna()]
    assert inner["within"].tolist() == [3] and "hairman" in inner["speaker"].iat[0]


def test_words_of_a_turn_are_direct_and_the_speakers_own():
    made = annotation(DEBATE)
    assert set(made.quotes.loc[made.quotes["cue"].eq(":"), "type"]) == {"direct"}
    assert made.quotes.loc[made.quotes["cue"].eq(":"), "cue_lemma"].isna().all()
    assert find_voices(made.quotes, [DEBATE.index("They came"), DEBATE.index("The talk was")]) == ["Ines Prado", "narrator"]
    assert not made.mentions["actor"].str.contains(":").any()


def test_the_label_of_a_turn_is_none_of_the_words_reported_in_it():
    asked = INTERVIEW.replace("I think it does, if Norway helps us to mend it.", "Prices have doubled, the bank said.")
    assert {"Bank", "Maria Keller"} <= set(annotation(asked).quotes["speaker"])
    assert not [content for content in annotation(asked).quotes["content"] if content.startswith(("Q:", "A:"))]


@pytest.mark.parametrize(
    "text",
    [
        "Ines Prado ran against Tom Hale.\n\nPrado: 547.\n\nHale: 46.\n\nPrado: 2,316.\n\nHale: 1,547.",
        "CLAIM: The mayor closed the harbour in May.\n\nFACT: Nobody closed it.\n\n" * 2,
        "Ines Prado spoke.\n\nPRADO: The harbour will open again in May.",
        "Q: Does the harbour have a future?\n\nIt does, said Ines Prado.\n\nQ: And if Norway does not help?\n\nShe laughed.",
    ],
)
def test_lists_and_single_labels_are_no_conversation(text):
    assert annotation(text).quotes["type"].ne("direct").all()


def test_the_first_person_outside_of_quotations_is_the_narrator():
    text = "I opposed the harbour from the start. I think we asked for too little. “I was never asked,” Ines Prado told me."
    assert annotation(text).quotes["speaker"].tolist() == ["Ines Prado"]
