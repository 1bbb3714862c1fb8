import time
from pathlib import Path

import pytest

from analysis.parts import Part, find_headline, find_parts

ARTICLE = Path(__file__).parents[1] / "data" / "article.txt"


def parted(text, title=None):
    return [(part.kind, text[part.start : part.end]) for part in find_parts(text, title)]


def kinds(text, title=None):
    return [part.kind for part in find_parts(text, title)]


def test_caption_that_runs_into_the_lede_ends_behind_its_credit():
    text = ARTICLE.read_text(encoding="utf-8")
    assert find_parts(text) == (Part("caption", 0, 196), Part("body", 197, len(text)))


def test_wire_copy_is_parted_into_headline_byline_dateline_and_body():
    text = "Ports reopen after storm\n\nBy JANE DOE, Associated Press\n\nMANILA, Philippines (AP) — Ports reopened on Monday.\nShips left."
    assert parted(text) == [
        ("headline", "Ports reopen after storm"),
        ("byline", "By JANE DOE, Associated Press"),
        ("dateline", "MANILA, Philippines (AP) —"),
        ("body", "Ports reopened on Monday.\nShips left."),
    ]


@pytest.mark.parametrize(
    "dateline",
    [
        "SEOUL, South Korea (AP) —",
        "WASHINGTON -",
        "BEIJING, Nov 1 (Reuters) -",
        "BEIJING, Nov. 1 (Xinhua) --",
        "SÃO PAULO/BRASILIA (Reuters) –",
        "Seoul, Nov. 1 (Yonhap) --",
        "Gyeongju, Nov. 1 —",
        "(Reuters) -",
        "NEW DELHI (PTI):",
        "RENO, Nev. (AP) —",
        "HONG KONG (AFP)",
    ],
)
def test_sentence_begins_behind_the_dateline(dateline):
    assert parted(f"{dateline} Talks began on Monday.") == [("dateline", dateline), ("body", "Talks began on Monday.")]


@pytest.mark.parametrize(
    "text",
    [
        "NATO — the alliance — met on Monday.",
        "Trump — Who else? — spoke.",
        "VOTERS IN FIVE STATES CHANGE THEIR MINDS - They met on Monday.",
        "BOOM: Ministers met on Monday.",
        "EXCLUSIVE: Ministers met on Monday.",
        "MODERATOR: Welcome.\nMINISTER: Thank you.\nMODERATOR: Begin.",
        "The Associated Press (AP) said so on Monday. Reuters did too.",
        "Officials of the agency (AP) Tuesday said so.",
        "By Monday, officials hoped to end the talks.",
        "Ministers met on Monday. (Reuters)",
    ],
)
def test_what_only_looks_like_a_part_is_body(text):
    assert kinds(text) == ["body"]


def test_place_before_a_colon_opens_a_lede_but_no_short_line():
    lede = "The ministers of four countries met on Monday to talk about the ports that the storm has closed, officials said."
    assert parted(f"NEW DELHI: {lede}") == [("dateline", "NEW DELHI:"), ("body", lede)]


def test_dateline_is_found_behind_a_headline_with_a_full_stop_and_behind_a_standfirst():
    assert kinds("The ports reopen.\n\nMANILA -- Ships left on Monday.") == ["headline", "dateline", "body"]
    assert kinds("The ports reopen\n\nIt took a week.\n\nMANILA -- Ships left on Monday.") == ["headline", "body", "dateline", "body"]


@pytest.mark.parametrize(
    "caption",
    [
        "Ships leave the port. (Reuters)",
        "Ships leave the port (AP Photo/Jane Doe)",
        "Ships leave the port, 2019. (Kim Min-jae/Pool Photo via AP, File)",
        "Ships leave the port. (Getty Images)",
        "Ships leave the port. Photo: Jane Doe/AFP",
        "Ships leave the port. Photograph: Jane Doe/AP",
        "Ships (left) leave the port. (Jane Doe/AFP via Getty Images)",
        "Ships leave the port.\nJane Doe/AFP via Getty Images",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_caption_with_a_line_of_its_own(caption, gap):
    lede = "The port was opened again on Monday, the ministry said."
    assert parted(caption + gap + lede) == [("caption", caption), ("body", lede)]


@pytest.mark.parametrize("credit", ["(AP)", "(AP Photo/Jane Doe)", "Photo: Jane Doe/AFP", "(Reuters)"])
def test_story_may_run_on_behind_any_credit(credit):
    caption = f"Ships leave the port. {credit}"
    assert parted(f"{caption} The port reopened on Monday.") == [("caption", caption), ("body", "The port reopened on Monday.")]


@pytest.mark.parametrize("credit", ["(AFP/Reuters)", "(ANI/Xinhua)", "(CNN via Reuters)", "(AP/dpa)"])
def test_a_story_of_several_agencies_is_no_caption(credit):
    text = f"The port reopened.\n\nChina will host the next round, the ministry said. {credit}\n\nShips left."
    assert kinds(text) == ["body"]


def test_captions_between_paragraphs_part_the_body():
    text = "The port reopened.\n\nA crane stands still. (AP Photo/Jane Doe)\n\nShips left, AP reported (AP).\nThe end."
    assert kinds(text) == ["body", "caption", "body"]
    assert parted(text)[1][1] == "A crane stands still. (AP Photo/Jane Doe)"


def test_two_captions_before_the_dateline():
    text = "Ships leave. (AP)\nCranes stand. (Reuters)\nMANILA (AP) — The port reopened."
    assert kinds(text) == ["caption", "caption", "dateline", "body"]


def test_sign_off_is_a_byline():
    assert kinds("The port reopened.\n\n(Reporting by Jane Doe; Editing by John Roe)") == ["body", "byline"]
    assert kinds("The port reopened.\nReporting by the Guardian has shown why.") == ["body"]


@pytest.mark.parametrize("line", ["By |", "By /", "By ()"])
def test_a_byline_of_marks_alone_names_nobody(line):
    assert "byline" not in kinds(f"Ports reopen after storm\n{line}\n\nShips left on Monday.")


def test_headline_may_stand_right_above_a_longer_lede_but_wrapped_lines_are_none():
    assert kinds("Ports reopen after storm\nThe ports of Luzon reopened on Monday after the worst storm in years.") == ["headline", "body"]
    assert kinds("The ports of Luzon, which the storm had\nclosed on Friday, reopened on Monday, as\nofficials said.") == ["body"]


def test_first_line_with_a_full_stop_is_no_headline():
    assert kinds("The ports reopened.\n\nShips left.") == ["body"]


def test_markdown_title_date_and_byline():
    text = "# Ports reopen\n\n*By Jane Doe*\n\nNovember 1, 2025\n\nThe ports reopened."
    assert kinds(text) == ["headline", "byline", "dateline", "body"]


def test_known_title_is_found_whatever_its_case_and_spacing():
    assert find_headline("PORTS  reopen\nThe ports reopened.", "Ports reopen") == len("PORTS  reopen")


def test_lede_that_begins_with_the_words_of_the_title_is_no_headline():
    assert find_headline("Ports reopen after storm as ships return.", "Ports reopen after storm") is None
    assert find_headline("Ports reopen after storm The ports of Luzon reopened.", "Ports reopen after storm") == 24


@pytest.mark.parametrize("text", ["", " \n\n ", "\n Ports reopen \n\n By Jane Doe\n\n  MANILA —  The ports reopened. \n\n Ships left.  \n"])
def test_parts_are_in_order_and_cover_all_that_is_not_blank(text):
    parts = find_parts(text)
    covered = " ".join(text[part.start : part.end] for part in parts)
    assert covered.split() == text.split()
    assert all(a.end <= b.start for a, b in zip(parts, parts[1:], strict=False))
    assert all(text[part.start : part.end] == text[part.start : part.end].strip() for part in parts)


@pytest.mark.parametrize("piece", ["A ", " ", "Xi. (AP) ", "Photo: A/AP\n", "'", ".", "(", "a\n", "A—", "By A\n"])
def test_hostile_text_is_parted_in_reasonable_time(piece):
    text = "A" + piece * (200_000 // len(piece))
    began = time.monotonic()
    find_parts(text)
    assert time.monotonic() - began < 10
