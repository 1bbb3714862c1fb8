"""Who says what: the attributions of bare texts, and the table of an article."""

import pytest

from analysis import language, tables
from analysis.actors import find_mentions
from analysis.article import Article, Part
from analysis.quotes import CONTENT_BREAK, find_attributions, find_quotes

# text, source, cue, parts of the content, type
CASES = {
    "direct": (
        "“We will rebuild the bridge before winter,” said Mayor Ana Sousa.",
        "Mayor Ana Sousa",
        "said",
        ["“We will rebuild the bridge before winter,”"],
        "direct",
    ),
    "indirect": (
        "The finance minister said that taxes would not rise this year.",
        "The finance minister",
        "said",
        ["that taxes would not rise this year"],
        "indirect",
    ),
    "mixed": (
        "Prime Minister Keller said the plan was “a gift to speculators” and would cost thousands of jobs.",
        "Prime Minister Keller",
        "said",
        ["the plan was “a gift to speculators” and would cost thousands of jobs"],
        "mixed",
    ),
    "unclosed": (
        "“We will not leave, Mayor Ana Sousa said.\n\nThe council meets on Monday.",
        "Mayor Ana Sousa",
        "said",
        ["“We will not leave,"],
        "direct",
    ),
    "over paragraphs": (
        "“The dam held through the night,” said engineer Paul Okafor. “Nobody slept.\n\n“By morning the water had begun to fall.”\n\n"
        "The village lies in a valley.",
        "engineer Paul Okafor",
        "said",
        ["“The dam held through the night,”", "“Nobody slept.", "“By morning the water had begun to fall.”"],
        "direct",
    ),
    "colon": (
        "The ambassador wrote: “Our doors remain open to every party.”",
        "The ambassador",
        "wrote",
        ["“Our doors remain open to every party.”"],
        "direct",
    ),
    "according to": (
        "According to the World Health Organization, the outbreak has spread to nine countries.",
        "the World Health Organization",
        "According to",
        ["the outbreak has spread to nine countries"],
        "indirect",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_attribution_is_found_whole(case):
    text, source, cue, content, kind = CASES[case]
    (found,) = find_attributions([text])[0]
    words = {role: [text[start:end] for start, end in found[role]] for role in ("source", "cue", "content")}
    assert words["source"] == [source] and words["content"] == content
    assert [cue] == [w.rstrip(":") for w in words["cue"]]
    assert found["type"] == kind


def test_attributions_come_in_the_order_of_their_contents():
    text = "The mayor said the bridge was safe. Residents complained that the road was closed. “We need buses,” said teacher Ida Blum."
    found = find_attributions([text])[0]
    assert [text[slice(*a["source"][0])] for a in found] == ["The mayor", "Residents", "teacher Ida Blum"]
    assert [a["content"] for a in found] == sorted(a["content"] for a in found)


def test_text_in_which_nobody_speaks_holds_none():
    assert find_attributions(["The train left at noon. It rained in the valley."]) == [[]]


def test_no_text_and_no_texts_hold_none():
    assert find_attributions([]) == [] and find_attributions(["", " \n "]) == [[], []]


@pytest.mark.parametrize(
    "text",
    [
        "\u200b“We\u200b will \ud800 rebuild,” said\u200d Ana Sousa.\x00\u202e",
        "“<script>alert(1)</script>,” said Ana Sousa & her aide.",
        "“" * 500 + " said Ana Sousa",
        "said " * 600,
        "“A,” said B. " * 150,
        "x" * 3000 + " said that y.",
        "\n\n“\n\n”\n\nsaid:\n\n",
        "ＡＮＡ ＳＯＵＳＡ said that she’d 🙂 “leave",
    ],
)
def test_offsets_stay_in_hostile_text(text):
    for found in find_attributions([text])[0]:
        for role in ("source", "cue", "content"):
            assert all(0 <= start < end <= len(text) for start, end in found[role])
        edges = [edge for span in found["content"] for edge in span]
        assert edges == sorted(edges)


def quotes_of(text):
    parsed = next(language.parse([Article("a", text, (Part("body", 0, len(text)),))]))
    return find_quotes(parsed, find_mentions(parsed))


@pytest.mark.parametrize("name", ["article", "strait", "cobalt"])
def test_the_table_keeps_to_its_schema_and_its_content_to_the_text(annotated, name):
    quotes, text = annotated(name).quotes, annotated(name).article.text
    tables.conform("quotes", quotes)
    assert quotes["quote"].tolist() == list(range(len(quotes))) and len(quotes) > 5
    for row in quotes.itertuples():
        assert row.content == CONTENT_BREAK.join(text[start:end] for start, end in row.content_spans)
        if row.cue:
            assert text[row.cue_start : row.cue_end] == row.cue
    sentences = annotated(name).sentences.set_index("sentence")
    for row in quotes.itertuples():
        assert sentences.loc[row.sentence, "start"] <= row.content_spans[0][0] < sentences.loc[row.sentence, "end"]


def test_a_cue_has_the_lemma_and_class_of_its_codebook():
    quotes = quotes_of(
        "Finland said that the border was calm. Norway claimed that the drone was lost. Sweden urged Denmark to send ships. "
        "According to Poland, the cable was cut."
    )
    assert quotes["cue_lemma"].tolist() == ["say", "claim", "urge", "according to"]
    assert quotes["cue_class"].tolist() == ["neutral", "distancing", "directive", "neutral"]
    assert quotes["speaker"].tolist() == ["Finland", "Norway", "Sweden", "Poland"]


def test_text_in_which_nobody_speaks_gives_an_empty_table_of_the_schema():
    quotes = quotes_of("The train left at noon.")
    assert quotes.empty and quotes.columns.tolist() == tables.TABLES["quotes"].names


def test_what_a_byline_or_dateline_holds_is_no_quote(annotated):
    quotes = annotated("strait").quotes
    body = annotated("strait").article.text.index("Philippine Foreign Secretary")
    assert all(spans[0][0] >= body for spans in quotes["content_spans"])
