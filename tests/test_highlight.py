"""The marked-up article: everything shown, everything escaped."""

from __future__ import annotations

import re
from html import unescape

from analysis import annotate
from analysis.article import Article, Part
from analysis.highlight import SIGNS, to_html


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
