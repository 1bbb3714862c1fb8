"""Who is mentioned: names, descriptions and pronouns, on text by the real pipeline."""

from __future__ import annotations

import pytest

from analysis.actors import find_mentions
from analysis.article import Article, Part
from analysis.language import parse


def mentions_of(text: str):
    article = Article("test", text, (Part("body", 0, len(text)),))
    return find_mentions(next(parse([article])))


def actors_at(text: str, words: str, occurrence: int = 0) -> list[str]:
    """The actors of the mentions that cover the n-th occurrence of some words."""
    at = -1
    for _ in range(occurrence + 1):
        at = text.index(words, at + 1)
    found = mentions_of(text)
    return found.loc[(found["start"] <= at) & (found["end"] >= at + len(words)), "actor"].tolist()


def test_short_names_titles_and_pronouns_are_one_person():
    text = (
        "Kenyan Foreign Minister Amina Wekesa met Norwegian officials in Oslo. Wekesa praised the talks. "
        "She left on Monday. Minister Wekesa will return."
    )
    found = mentions_of(text)
    own = found[found["actor"] == "Amina Wekesa"]
    assert own["text"].tolist() == ["Amina Wekesa", "Wekesa", "She", "Wekesa"]
    assert own["country"].tolist() == ["KEN"] * 4
    assert own["form"].tolist() == ["name", "name", "pronoun", "name"]


def test_a_family_name_alone_is_the_officeholder_of_the_codebook():
    assert actors_at("Macron will visit Berlin next week.", "Macron") == ["Emmanuel Macron"]


def test_two_people_of_one_family_name_are_told_apart_by_who_spoke_last():
    text = "Bill Clinton spoke first. Then Hillary Clinton took the stage. Clinton thanked the crowd."
    assert actors_at(text, "Clinton", 2) == ["Hillary Clinton"]


@pytest.mark.parametrize(
    ("text", "words", "country"),
    [
        ("Beijing said it would respond.", "Beijing", "China"),
        ("The US imposed new tariffs.", "US", "United States"),
        ("Talks between Tokyo and Manila have stalled.", "Tokyo", "Japan"),
        ("The Kremlin rejected the plan.", "Kremlin", "Russia"),
        ("Parliament condemned French airstrikes on the port.", "French", "France"),
    ],
)
def test_a_country_is_named_by_capital_short_form_seat_or_act(text, words, country):
    assert actors_at(text, words) == [country]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She ordered Chinese food for the whole office.", "Chinese"),
        ("A concert took place in Seoul on Friday.", "Seoul"),
        ("He flew to Paris for the weekend.", "Paris"),
        ("Ships crossed the South China Sea at night.", "China"),
        ("He worked for the Bank of China for years.", "China"),
    ],
)
def test_a_kind_a_place_or_a_part_of_a_name_is_no_country(text, words):
    countries = {"China", "South Korea", "France"}
    assert not countries & set(actors_at(text, words))


def test_the_north_and_the_south_are_countries_only_where_a_divided_country_is_named():
    korea = "North Korea fired a missile on Sunday. The North has done so before, and South Korea said the South was ready."
    assert actors_at(korea, "North", 1) == ["North Korea"]
    assert actors_at(korea, "South", 1) == ["South Korea"]
    assert actors_at("Rain is expected in the North on Sunday.", "North") == []


def test_it_goes_back_to_the_country_that_was_the_subject():
    text = "Iran dismissed the report of the Vienna agency. It said the figures were old."
    assert actors_at(text, "It") == ["Iran"]


def test_an_it_without_reference_is_no_mention():
    assert actors_at("Iran dismissed the report. It is clear that talks will go on.", "It") == []


def test_a_possessive_goes_to_the_subject_of_its_own_clause():
    text = "Turkey, which counts Azerbaijan as its main partner, closed the border."
    assert actors_at(text, "its") == ["Turkey"]


def test_quoted_words_are_no_antecedent_outside_the_quotation():
    text = "“I told Vladimir Putin so,” Emmanuel Macron said in Brest. He then left."
    assert actors_at(text, "He") == ["Emmanuel Macron"]


@pytest.mark.parametrize(
    "text",
    [
        "Olaf Scholz met Emmanuel Macron. Macron said “He will stay”.",
        "Olaf Scholz met Emmanuel Macron. “He will stay,” Macron said.",
        "Olaf Scholz met Emmanuel Macron. Macron was glad. “He will stay,” he said.",
    ],
)
def test_a_he_in_a_quotation_is_not_who_speaks_it(text):
    assert actors_at(text, "He") == ["Olaf Scholz"]


def test_in_a_quotation_nobody_is_he_if_only_its_speaker_could_be():
    text = "Emmanuel Macron came first. “He is wrong,” he said."
    assert actors_at(text, "He") == [] and actors_at(text, "he") == ["Emmanuel Macron"]


def test_a_pronoun_in_a_quoted_fragment_may_be_its_speaker():
    assert actors_at("Angela Merkel said that she was “ready to give her life” and left.", "her") == ["Angela Merkel"]


def test_two_leaders_and_both_sides_are_two_actors_each():
    text = (
        "Narendra Modi received Anthony Albanese on Friday. The two leaders discussed trade. India and Australia are old friends. "
        "Both countries signed an accord."
    )
    assert actors_at(text, "two leaders") == ["Narendra Modi", "Anthony Albanese"]
    assert actors_at(text, "Both countries") == ["India", "Australia"]


def test_collective_voices_are_groups_with_their_country():
    found = mentions_of("Senior Turkish officials denied the report, and residents protested.")
    groups = found[found["actor_type"] == "group"].set_index("actor")["country"]
    assert groups["Turkish officials"] == "TUR"
    assert "Residents" in groups.index


def test_a_company_is_an_organisation_whatever_its_name_looks_like():
    found = mentions_of("Regulators fined the carmaker Hanwha Ocean. Hanwha said it would appeal.")
    own = found[found["actor"] == "Hanwha Ocean"]
    assert own["actor_type"].unique().tolist() == ["organisation"]
    assert own["text"].tolist()[:2] == ["Hanwha Ocean", "Hanwha"]


def test_every_mention_lies_where_it_says():
    text = "  Zoë O’Brien, of Côte d’Ivoire 🙂, said\u00a0“no”.\n\nThe U.N. agreed."
    for row in mentions_of(text).itertuples():
        assert text[row.start : row.end] == row.text


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b\u202e", "🙂" * 50, "“" * 200, "the " * 500])
def test_strange_text_has_mentions_or_none_and_does_not_fail(text):
    mentions_of(text)
