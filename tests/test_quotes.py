"""Who says what: the attributions of bare texts, and the table of an article."""

import pytest

from analysis import annotate, language, quotes, tables
from analysis.actors import find_mentions
from analysis.article import Article, Part
from analysis.quotes import CONTENT_BREAK, MAX_DEPTH, find_attributions, find_quotes
from analysis.selection import words_with_voice

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


def parse(text):
    return next(language.parse([Article("a", text, (Part("body", 0, len(text)),))]))


def quotes_of(text):
    parsed = parse(text)
    return find_quotes(parsed, find_mentions(parsed))


def test_what_nobody_said_is_nobodys_report():
    text = (
        "“Nobody said it would be easy,” Ann Lee said. No minister said that Bo Ek thought it was over. No 10 said that the plan was dead."
    )
    assert quotes_of(text)["speaker"].tolist() == ["Ann Lee", "Bo Ek", "No 10"]


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


# ---------------------------------------------------------------- attributions within attributions
def nested_in(monkeypatch, text, readings):
    """The table of a text, where the encoder finds what a test says: for each text that it reads, (source, cue, content) in words."""

    def spans(text, words):
        return [(text.index(words), text.index(words) + len(words))] if words else []

    def find(texts, verbs=None):
        found = [[(text, *roles) for roles in readings.get(text, [])] for text in texts]
        return [
            [
                {"source": spans(t, s), "cue": spans(t, c), "content": spans(t, w), "type": "indirect", "confidence": 0.9}
                for t, s, c, w in row
            ]
            for row in found
        ]

    monkeypatch.setattr(quotes, "find_attributions", find)
    return quotes_of(text).set_index("quote")


def test_what_was_said_is_read_for_what_others_said_in_it(monkeypatch):
    readings = {
        "Peru said that Chile had warned that Cuba hoped it was over. Iran denied it was.": [
            ("Peru", "said", "that Chile had warned that Cuba hoped it was over"),
            ("Iran", "denied", "it was."),
        ],
        "Chile had warned that Cuba hoped it was over.": [("Chile", "had warned", "that Cuba hoped it was over")],
        "Cuba hoped it was over.": [("Cuba", "hoped", "it was over.")],
    }
    table = nested_in(monkeypatch, next(iter(readings)), readings)
    assert table["speaker"].tolist() == ["Peru", "Chile", "Cuba", "Iran"]
    assert table["content"].tolist()[1:3] == ["that Cuba hoped it was over", "it was over"]
    assert table["cue_lemma"].tolist() == ["say", "warn", "hope", "deny"]
    assert table["cue_class"].tolist()[1:] == ["negative", "positive", "negative"]
    assert table["sentence"].tolist() == [0, 0, 0, 1]
    assert table["within"].isna().tolist() == [True, False, False, True] and table["within"].tolist()[1:3] == [0, 1]


def test_marks_around_a_whole_content_are_not_read_and_the_type_of_what_is_within_is_that_of_the_article(monkeypatch):
    readings = {
        "“Chile fears that it was over,” Peru said.": [("Peru", "said", "“Chile fears that it was over,”")],
        "Chile fears that it was over.": [("Chile", "fears", "that it was over")],
    }
    table = nested_in(monkeypatch, next(iter(readings)), readings)
    assert table["speaker"].tolist() == ["Peru", "Chile"]
    assert table["type"].tolist() == ["direct", "direct"]


@pytest.mark.parametrize(
    ("text", "said", "own"),
    [
        ("“I hope that Chile fears it was over,” Peru said.", "“I hope that Chile fears it was over,”", "I"),
        ("Peru said Peru hopes that Chile fears it was over.", "Peru hopes that Chile fears it was over", "Peru"),
    ],
)
def test_what_speakers_report_of_themselves_is_one_report_which_holds_what_is_within(monkeypatch, text, said, own):
    readings = {
        text: [("Peru", "said", said)],
        said.strip("“,”") + ".": [(own, "hope", "that Chile fears it was over")],
        "Chile fears it was over.": [("Chile", "fears", "it was over")],
    }
    table = nested_in(monkeypatch, text, readings)
    assert table["speaker"].tolist() == ["Peru", "Chile"]
    assert table["content"].tolist() == [said, "it was over"]
    assert table.index.tolist() == [0, 1] and table["within"].tolist()[1] == 0


def test_i_within_a_quotation_within_another_is_who_speaks_the_inner_one(monkeypatch):
    text = "Peru said Chile warned: “I demand that Cuba hopes it is over.”"
    readings = {
        text: [("Peru", "said", "Chile warned: “I demand that Cuba hopes it is over.”")],
        "Chile warned: “I demand that Cuba hopes it is over.”.": [("Chile", "warned", "“I demand that Cuba hopes it is over.”")],
        "I demand that Cuba hopes it is over.": [("I", "demand", "that Cuba hopes it is over")],
    }
    assert nested_in(monkeypatch, text, readings)["speaker"].tolist() == ["Peru", "Chile"]


@pytest.mark.parametrize("content", ["“ ”", "…"])
def test_a_content_without_a_word_is_no_attribution(monkeypatch, content):
    text = f"{content} said Peru."
    assert nested_in(monkeypatch, text, {text: [("Peru", "said", content)]}).empty


def test_the_offsets_of_the_source_are_those_of_the_words_that_name_the_speaker(monkeypatch):
    text = "Norway, a friend of Sweden, dismissed the plan as a dream. Peru left and said it was over. Snow fell, it was said."
    found = [
        ("Sweden", "dismissed", "the plan as a dream"),
        (None, "left and said", "it was over"),
        (None, "was said", "Snow fell"),
    ]
    table = nested_in(monkeypatch, text, {text: found})
    assert table["speaker"].tolist() == ["Norway", "Peru", ""]
    ends = zip(table["source_start"][:2], table["source_end"][:2], strict=True)
    assert [text[start:end] for start, end in ends] == ["Norway, a friend of Sweden,", "Peru"]
    assert table[["source_start", "source_end"]].isna().all(axis=1).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("cue", "said", "inner"),
    [
        ("said", "Chile had sent ships and Cuba left", ("Chile", "had sent", "ships and Cuba left")),  # no verb of saying
        ("said", "it hoped for peace but Chile rearmed its men", ("Chile", "rearmed", "its men")),  # a cue that the codebook does not know
        ("said", "it suggests that all is well", (None, "suggests", "that all is well")),  # an “it” that is nobody
        ("said", "it hoped for peace, as it was called", (None, None, "it hoped for peace, as it was called")),  # no cue
        ("called", "the plan a lie and accused Chile of fraud", (None, "accused", "Chile of fraud")),  # the subject stands outside
    ],
)
def test_what_has_no_source_and_cue_of_its_own_in_a_content_is_no_attribution_within(monkeypatch, cue, said, inner):
    text = f"Peru {cue} {said}."
    table = nested_in(monkeypatch, text, {text: [("Peru", cue, said)], f"{said}.": [inner]})
    assert table["speaker"].tolist() == ["Peru"]


def test_reports_in_reports_without_end_are_followed_only_so_far(monkeypatch):
    words = " said ".join(["Peru", "Chile"] * 6 + ["it was over"])
    said = [words.split(" said ", n)[-1] for n in range(12)]
    readings = {f"{rest}.": [(rest.split()[0], "said", rest.split(" said ", 1)[1])] for rest in said}
    table = nested_in(monkeypatch, f"{words}.", readings)
    assert len(table) == MAX_DEPTH and table["within"].tolist()[1:] == [0, 1, 2, 3]


def test_a_cue_that_was_found_outside_is_not_found_again_inside(monkeypatch):
    text = "Peru said Chile had warned that it was over."
    inner = ("Chile", "had warned", "that it was over")
    readings = {text: [("Peru", "said", "Chile had warned that it was over"), inner], "Chile had warned that it was over.": [inner]}
    table = nested_in(monkeypatch, text, readings)
    assert table["speaker"].tolist() == ["Peru", "Chile"]
    assert table["within"].isna().all()


def test_a_clause_that_goes_on_behind_its_cue_is_an_attribution():
    text = "The plan, Ana Holm said, would cost billions."
    found = annotate(Article("a", text, (Part("body", 0, len(text)),))).quotes
    assert found[["speaker", "content"]].values.tolist() == [["Ana Holm", "The plan […] would cost billions"]]


def test_one_who_speaks_for_another_is_in_the_table_with_the_other():
    table = quotes_of("Chinese President Xi Jinping said that the border was calm. A spokesman for Norway said that the ship had left.")
    assert table["speaker"].tolist() == ["Xi Jinping", "Spokesman for Norway"]
    assert table["on_behalf_of"].tolist() == ["China", "Norway"]


def test_a_label_has_one_spelling(monkeypatch):
    text = "The elderly violinists said that it was over. The Elderly Violinists added that they were glad."
    readings = {
        text: [
            ("The elderly violinists", "said", "that it was over"),
            ("The Elderly Violinists", "added", "that they were glad"),
        ]
    }
    first, second = nested_in(monkeypatch, text, readings)["speaker"]
    assert first == second and first.casefold() == "elderly violinists"


@pytest.mark.parametrize(
    ("outer", "inner", "words"),
    [("Xinhua", "Xi Jinping", "cooperation in areas such as"), ("Wi Sunglac", "China", "cooperate for peace and stability")],
)
def test_the_article_has_attributions_within_attributions(annotated, outer, inner, words):
    table = annotated("article").quotes.set_index("quote")
    (found,) = table[table["content"].str.contains(words) & table["within"].notna()].itertuples()
    assert found.speaker == inner and table.loc[found.within, "speaker"] == outer


@pytest.mark.parametrize("name", ["article", "strait", "cobalt"])
def test_an_attribution_lies_inside_the_one_that_it_is_within_and_comes_after_it(annotated, name):
    table = annotated(name).quotes.set_index("quote")
    starts = [spans[0][0] for spans in table["content_spans"]]
    assert starts == sorted(starts)
    for row in table[table["within"].notna()].itertuples():
        assert row.within < row.Index
        held = table.loc[row.within, "content_spans"]
        for start, end in [*row.content_spans, [row.cue_start, row.cue_end]]:
            assert any(low <= start and end <= high for low, high in held)
    inner = table[table["within"].notna()]
    assert not set(inner["cue_start"]) & set(table.loc[table["within"].isna(), "cue_start"].dropna())


def test_the_voice_of_a_word_is_the_innermost_that_holds_it(monkeypatch):
    text = "It rained. Peru said that Chile had warned that it was over."
    said, warned = "Chile had warned that it was over", "it was over"
    table = nested_in(monkeypatch, text, {text: [("Peru", "said", said)], f"{said}.": [("Chile", "had warned", warned)]})
    words = words_with_voice(parse(text).sentences, table.reset_index()).set_index("word")["voice"]
    assert words[["rained", "Peru", "warned", "over"]].tolist() == [tables.NARRATOR, tables.NARRATOR, "Peru", "Chile"]


def test_text_in_which_nobody_speaks_gives_an_empty_table_of_the_schema():
    quotes = quotes_of("The train left at noon.")
    assert quotes.empty and quotes.columns.tolist() == tables.TABLES["quotes"].names


def test_what_a_byline_or_dateline_holds_is_no_quote(annotated):
    quotes = annotated("strait").quotes
    body = annotated("strait").article.text.index("Philippine Foreign Secretary")
    assert all(spans[0][0] >= body for spans in quotes["content_spans"])
