"""Sentences: where they end, and what is none."""

import pytest

from analysis import language
from analysis.article import Article, Part, read_article


def parse(text, *parts):
    return next(language.parse([Article("a", text, parts or (Part("body", 0, len(text)),))]))


def sentences(text):
    return parse(text).sentences["text"].tolist()


def test_a_sentence_ends_with_its_paragraph_even_without_a_stop():
    assert sentences("Talks on the dam resume\n\nthe ministers met in Oslo.") == ["Talks on the dam resume", "the ministers met in Oslo."]


def test_a_line_that_ends_in_a_stop_ends_its_sentence():
    assert sentences("The ministers met in Oslo.\nthey ate fish.") == ["The ministers met in Oslo.", "they ate fish."]


@pytest.mark.parametrize("opening, closing", ["“”", '""', "‘’", "«»"])
def test_a_closing_mark_stays_with_the_sentence_that_it_closes(opening, closing):
    said = f"{opening}We will not wait any longer.{closing}"
    assert sentences(f"{said} The minister left the room.") == [said, "The minister left the room."]


def test_byline_and_dateline_stand_in_no_sentence():
    text = "Ferry row deepens\n\nBy Ines Calder\n\nMANILA (Reuters) - The Philippines urged Japan to help.\n"
    path_parts = [
        ("headline", "Ferry row deepens"),
        ("byline", "By Ines Calder"),
        ("dateline", "MANILA (Reuters) -"),
        ("body", "The Philip"),
    ]
    starts = [text.index(words) for _, words in path_parts]
    ends = [*(start + len(words) for start, (_, words) in zip(starts[:-1], path_parts[:-1], strict=True)), len(text)]
    parsed = parse(text, *(Part(kind, a, b) for (kind, _), a, b in zip(path_parts, starts, ends, strict=True)))
    assert parsed.sentences["text"].tolist() == ["Ferry row deepens", "The Philippines urged Japan to help."]
    assert parsed.sentences["part"].tolist() == ["headline", "body"]
    assert parsed.sentence_at(text.index("Ines")) is None and parsed.sentence_at(text.index("MANILA")) is None
    assert parsed.sentence_at(text.index("Japan")) == 1


def test_byline_and_dateline_of_an_article_that_is_read_from_a_file_stand_in_no_sentence(annotated):
    words = " ".join(annotated("strait").sentences["text"])
    assert "Ines Calder" not in words and "MANILA" not in words and words.count("Philippine Foreign Secretary") == 1


def test_a_caption_is_marked_and_the_body_begins_behind_it(annotated):
    sentence = annotated("article").sentences
    assert sentence["part"].tolist()[:3] == ["caption", "caption", "body"] or sentence["part"].tolist()[:2] == ["caption", "body"]
    first = sentence[sentence["part"] == "body"].iloc[0]
    assert first["text"].startswith("South Korean President Lee Jae Myung has asked")


def test_sentences_are_numbered_in_order_and_stand_where_they_say(annotated):
    for name in ("article", "strait", "cobalt"):
        table, text = annotated(name).sentences, annotated(name).article.text
        assert table["sentence"].tolist() == list(range(len(table)))
        assert all(text[r.start : r.end] == r.text == r.text.strip() for r in table.itertuples())
        assert (table["start"].iloc[1:].to_numpy() >= table["end"].iloc[:-1].to_numpy()).all()


def test_the_sentence_of_an_offset_is_found_and_none_between_sentences():
    text = "It rained.\n\nThe train left."
    parsed = parse(text)
    assert [parsed.sentence_at(i) for i in (0, 9, 10, 11, 12, len(text) - 1, len(text))] == [0, 0, None, None, 1, 1, None]
    assert parsed.sentence_span(1).text == "The train left."


def test_a_rule_or_a_bullet_is_no_sentence():
    text = "Peru praised Chile.\n\n___\n\n*\n\n* * *\n\nIn 2024 it rained."
    assert sentences(text) == ["Peru praised Chile.", "In 2024 it rained."]


def test_blank_text_has_no_sentences():
    assert parse(" \n\n ").sentences.empty and parse(" \n\n ").sentence_at(0) is None


def test_articles_come_back_in_order_and_with_their_own_text():
    articles = [Article(str(n), f"Minister number {n} spoke. He left.", (Part("body", 0, 34),)) for n in range(40)]
    for article, parsed in zip(articles, language.parse(articles), strict=True):
        assert parsed.article is article and parsed.doc.text == article.text
        assert set(parsed.sentences["article"]) == {article.article}


def test_a_text_file_is_parsed_as_it_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("“No,” said Åse. 🙂 She left.\r\nIt rained.", encoding="utf8")
    parsed = next(language.parse([read_article(path)]))
    assert parsed.sentences["text"].tolist()[-1] == "It rained."
    assert all(parsed.article.text[r.start : r.end] == r.text for r in parsed.sentences.itertuples())
