"""The marked-up article: everything shown, everything escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape, unescape

import pytest

from analysis import annotate
from analysis.article import Article, Part
from analysis.highlight import SIGNS, to_html
from analysis.voices import UNNAMED


def visible(html: str) -> str:
    """The words of the article's paragraphs, without labels and signs."""
    body = "".join(re.findall(r"<p class.*?</p>", html, re.S))
    body = re.sub(r'<span class="(speaker|sign)".*?</span>', "", body)
    return unescape(re.sub(r"<[^>]+>", "", body))


def test_no_word_of_the_article_is_lost_or_changed(annotated):
    made = annotated("article")
    assert "".join(visible(to_html(made, "China")).split()) == "".join(made.article.text.split())


def test_each_speaker_stands_before_the_words(annotated):
    html = to_html(annotated("strait"))
    for speaker in ("Elena Dizon", "Kenta Mori", "Maria Lindqvist"):
        assert f'<span class="speaker">{speaker}</span>' in html


@pytest.mark.parametrize("name", ["article", "strait", "cobalt"])
def test_every_speaker_is_named_in_the_markup(annotated, name):
    html = to_html(annotated(name))
    speakers = set(annotated(name).quotes["speaker"].replace("", UNNAMED))
    assert len(speakers) > 3
    assert not {s for s in speakers if f'<span class="speaker">{escape(s)}</span>' not in html}


def test_the_sign_is_that_of_the_sentiment_and_the_legend_explains_each():
    text = "Senators condemned Peru."
    html = to_html(annotate(Article("t", text, (Part("body", 0, len(text)),))), "Peru")
    assert re.findall(r'<span class="sign"[^>]*>(.)</span>', html) == [SIGNS["negative"]]
    assert all(f"<b>{sign}</b> {label} toward Peru" in html for label, sign in SIGNS.items())


def test_a_hostile_speaker_and_target_are_escaped(annotated):
    evil = "<img src=x onerror=\"alert('x')\">"
    made = annotated("strait")
    html = to_html(replace(made, quotes=made.quotes.assign(speaker=evil), mentions=made.mentions.assign(actor=evil)), evil)
    assert "<img" not in html and escape(evil) in html


def test_mentions_of_the_target_and_no_others_carry_a_sign(annotated):
    made = annotated("article")
    signed = re.findall(r'<span class="sign"[^>]*>(.)</span>', to_html(made, "China"))
    assert set(signed) <= set(SIGNS.values())
    assert len(signed) == made.mentions.loc[made.mentions["actor"] == "China", ["start", "end"]].drop_duplicates().shape[0]
    assert 'class="sign"' not in to_html(made)


def test_what_an_article_says_is_never_markup():
    text = 'Kenya said “<script>alert("x")</script>” & left. <b onmouseover="x">Tanzania</b> agreed.'
    html = to_html(annotate(Article("t", text, (Part("body", 0, len(text)),))), "Kenya")
    assert "<script" not in html and "<b on" not in html
    assert visible(html).strip() == text
