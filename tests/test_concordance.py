"""The concordance: each place where words stand, with its sentence and its offsets."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from analysis.concordance import COLUMNS, WINDOW, Concordance


def sentences_of(*texts: str, article: str = "a") -> pd.DataFrame:
    """Rows of the table `sentences`, a blank between two."""
    starts = [sum(len(text) + 1 for text in texts[:number]) for number in range(len(texts))]
    rows = zip(range(len(texts)), starts, texts, strict=True)
    return pd.DataFrame(
        [{"article": article, "sentence": n, "start": start, "end": start + len(text), "text": text} for n, start, text in rows]
    )


def found(search: str, *texts: str) -> list[tuple[int, str]]:
    hits = Concordance(sentences_of(*texts)).find(search)
    return list(zip(hits["sentence"], hits["hit"], strict=True))


def test_a_word_is_found_in_any_capitals_and_as_a_whole():
    assert found("TARIFF", "Tariff talk.", "Tariffs, a tariff.") == [(0, "Tariff"), (1, "tariff")]


@pytest.mark.parametrize(
    ("search", "hits"),
    [
        ("tariff*", ["tariff", "tariffs"]),
        ("*-based", ["US-based"]),
        ("t?riff", ["tariff"]),
        ("*", ["The", "US-based", "tariff", "tariffs"]),
    ],
)
def test_a_star_stands_for_any_letters_and_a_question_mark_for_one(search, hits):
    assert [hit for _, hit in found(search, "The US-based tariff, tariffs.")] == hits


def test_several_words_are_found_side_by_side_within_a_sentence_only():
    texts = ("He spoke of rare. Earths.", "Rare\nearths are rare, earths too.", "A rare", "earths.")
    assert found("rare earth*", *texts) == [(0, "rare. Earths"), (1, "Rare\nearths"), (1, "rare, earths")]


def test_apostrophes_and_hyphens_are_found_in_any_form():
    text = "China’s year‑long row. China's semi–official view."
    assert [hit for _, hit in found("china's", text)] == ["China’s", "China's"] == [hit for _, hit in found("China’s", text)]
    assert [hit for search in ("year-long", "semi-official") for _, hit in found(search, text)] == ["year‑long", "semi–official"]


def test_a_word_twice_in_a_row_is_found_at_each_place():
    assert len(found("no no", "No no no.")) == 2


def test_every_hit_lies_where_its_offsets_say(annotated):
    annotation = annotated("article")
    hits = Concordance(annotation.sentences).find("*")
    assert len(hits) > 400
    assert all(annotation.article.text[row.start : row.end] == row.hit for row in hits.itertuples())
    places = annotation.sentences.set_index("sentence")
    assert all(places.loc[row.sentence, "start"] <= row.start < row.end <= places.loc[row.sentence, "end"] for row in hits.itertuples())


def test_the_context_is_that_of_the_sentence_and_says_where_it_is_cut():
    long = "word " * 30
    line = Concordance(sentences_of(f"{long}China {long}".strip())).find("china").iloc[0]
    assert line["left"].startswith("…word") and line["right"].endswith("word…")
    assert max(len(line["left"]), len(line["right"])) <= WINDOW + 1
    assert tuple(Concordance(sentences_of("In China, too.")).find("china").loc[0, ["left", "right"]]) == ("In ", ", too.")


@pytest.mark.parametrize("search", ["", "  ", "…", "(", "unknown", "unknown*"])
def test_what_is_no_word_or_nowhere_finds_nothing(search):
    hits = Concordance(sentences_of("A word.")).find(search)
    assert hits.empty and list(hits) == COLUMNS


def test_nothing_is_found_where_there_are_no_sentences():
    assert Concordance(sentences_of("x").head(0)).find("x").empty


def test_a_corpus_of_a_thousand_articles_is_searched_in_a_moment():
    text = "Beijing said that new tariffs on rare earths would hurt both countries and that talks would go on next week."
    articles = [sentences_of(*[text] * 25, article=str(number)) for number in range(1000)]
    index = Concordance(pd.concat(articles, ignore_index=True))
    began = time.process_time()
    assert len(index.find("mandarin")) == 0
    indexed = time.process_time()
    assert len(index.find("rare earth*")) == 25_000
    assert indexed - began < 5 and time.process_time() - indexed < 2
