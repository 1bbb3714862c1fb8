"""The annotation of whole articles beside what a person coded in them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).parent / "data"
BREAK = " […] "


@pytest.fixture
def article(annotated):
    return annotated("article")


def coded(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / "article" / f"{name}.csv")


def characters(spans) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def compare(quotes: pd.DataFrame, gold: list[tuple[str, set[int]]]) -> tuple[int, int]:
    """How many coded attributions were found (speaker, and half of the content in common), and how many found ones meet none."""
    found = [(row.speaker, characters(row.content_spans)) for row in quotes.itertuples()]
    right = sum(any(s == speaker and len(c & content) >= 0.5 * len(c | content) for s, c in found) for speaker, content in gold)
    strange = sum(not any(content & c for _, c in gold) for _, content in found)
    return right, strange


def test_the_article_has_the_coded_attributions_and_few_others(article):
    gold = [
        (row.speaker, characters(tuple(map(int, span.split("-"))) for span in row.content_spans.split(";")))
        for row in coded("quotes").itertuples()
    ]
    right, strange = compare(article.quotes, gold)
    assert right >= 14
    assert strange <= 3


@pytest.mark.parametrize(("offset", "actor"), [(1043, "Lee Jae Myung"), (1318, "North Korea")])
def test_both_pronouns_that_speak_are_resolved(article, offset, actor):
    at = article.mentions[article.mentions["start"] == offset]
    assert at["actor"].tolist() == [actor]
    assert at["form"].tolist() == ["pronoun"]


def test_sentiment_toward_china_is_right_in_six_of_eleven_sentences(article):
    china = article.sentiments[article.sentiments["actor"] == "China"]
    right = 0
    for row in coded("sentiment_china").itertuples():
        sentence = article.sentences.loc[article.sentences["end"] > row.sentence_start, "sentence"].iloc[0]
        labels = china.loc[china["sentence"] == sentence, "label"]
        right += len(labels) > 0 and labels.mode().iloc[0] == row.sentiment
    assert right >= 6


def test_five_of_eleven_stances_are_right_and_none_is_reversed(article):
    signs = {"supportive": 1, "critical": -1}
    leanings = []
    for row in coded("stances").itertuples():
        rows = article.stances[(article.stances["holder"] == row.holder) & (article.stances["target"] == row.target)]
        leanings.append(signs[row.stance] * (rows["p_support"] - rows["p_oppose"]).mean())
    assert sum(leaning > 0 for leaning in leanings) >= 5
    assert not [leaning for leaning in leanings if leaning <= -0.1]


@pytest.mark.parametrize(("name", "least"), [("strait", 8), ("cobalt", 9)])
def test_other_articles_in_other_styles_have_their_attributions(annotated, name, least):
    annotation = annotated(name)
    text = annotation.article.text
    gold = []
    for row in pd.read_csv(DATA / name / "quotes.csv").itertuples():
        starts = [(text.index(piece), piece) for piece in row.content.split(BREAK)]
        gold.append((row.speaker, characters((start, start + len(piece)) for start, piece in starts)))
    right, _ = compare(annotation.quotes, gold)
    assert right >= least


# The issues that a person coded in the article, and those of the default codebook that mean the same.
CODED_AS = {
    "North Korea dialogue and denuclearisation": {"peace", "nuclear"},
    "United States alliance and trade": {"defence", "trade"},
    "Economic and technology cooperation": {"technology", "investment"},
    "Sanctions and cultural restrictions": {"sanctions", "culture"},
    "Maritime and air-defence disputes": {"territory"},
    "Anti-China protests": {"protest"},
    "Online crime": {"crime"},
    "Summit diplomacy": {"summits"},
}


def issue_f1(annotation, coding: Path, meanings: dict[str, set[str]]) -> float:
    """F1 over sentences of the body and coded issues, of the coding's labels and those of the codebook that mean the same."""
    text, sentences = annotation.article.text, annotation.sentences[annotation.sentences["part"].eq("body")]
    coded = set()
    for row in pd.read_csv(coding).itertuples():
        end = text.index(row.sentence_opening) + len(row.sentence_opening)
        coded.add((int(sentences.loc[sentences["end"] >= end, "sentence"].iloc[0]), row.issue))
    told = {(row.sentence, row.issue) for row in annotation.issues.itertuples() if row.sentence in set(sentences["sentence"])}
    found = {(sentence, label) for sentence, issue in told for label, same in meanings.items() if issue in same}
    return 2 * len(coded & found) / (len(coded) + len(found))


def test_the_issues_of_the_article_are_those_that_a_person_coded(annotated):
    assert issue_f1(annotated("article"), DATA / "article" / "issues.csv", CODED_AS) >= 0.75


# “river” and “jets” were coded by the titles and descriptions of the codebook alone, and the codebook was not changed by what they show.
@pytest.mark.parametrize(("name", "least"), [("strait", 0.7), ("cobalt", 0.7), ("river", 0.65), ("jets", 0.6)])
def test_the_issues_of_other_articles_are_found_in_part(annotated, name, least):
    coding = DATA / name / "issues.csv"
    own = {issue: {issue} for issue in pd.read_csv(coding)["issue"]}
    assert issue_f1(annotated(name), coding, own) >= least
