"""The marked-up article: everything shown, everything escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape, unescape

import pytest

from analysis import annotate, tables
from analysis.annotation import Annotation
from analysis.article import Article, Part
from analysis.figures.style import mark_voices
from analysis.highlight import INNER, SIGNS, to_html
from analysis.selection import list_voices
from analysis.voices import UNNAMED

TEXT = "Xinhua said that Cy Wu had warned of war, and went on."
SAID, WARNED = (17, 40), (27, 40)  # “Cy Wu had warned of war”, “warned of war”


def visible(html: str) -> str:
    """The words of the article's paragraphs, without labels and signs."""
    body = "".join(re.findall(r"<p class.*?</p>", html, re.S))
    body = re.sub(r'<span class="(speaker|confidence|sign)".*?</span>', "", body)
    return unescape(re.sub(r"<[^>]+>", "", body))


def labels(html: str) -> list[str]:
    """What stands before quotations."""
    return [unescape(label) for label in re.findall(r'<span class="speaker">(.*?)</span>', html)]


def shaded(html: str) -> list[tuple[str, str, str]]:
    """The pieces of quotations: class, title, words."""
    body = re.sub(r'<span class="(speaker|confidence|sign|actor)".*?</span>', "", html)
    return [tuple(unescape(part) for part in found) for found in re.findall(r'<span class="(quote.*?)".*?title="(.*?)">(.*?)</span>', body)]


def annotation_of(*quotes: dict) -> Annotation:
    """An annotation of TEXT that holds these attributions and nothing else."""
    bare = {"article": "a", "sentence": 0, "type": "indirect", "source_start": None, "source_end": None, "cue_start": None, "cue_end": None}
    bare |= {"cue": None, "cue_lemma": None, "cue_class": None, "content": "", "on_behalf_of": "", "within": None, "confidence": 0.9}
    rows = [bare | {"quote": number} | quote for number, quote in enumerate(quotes)]
    known = {name: None for name in tables.TABLES["articles"].names} | {"article": "a", "text": TEXT}
    sentence = {"article": "a", "sentence": 0, "start": 0, "end": len(TEXT), "text": TEXT, "part": "body"}
    found = {name: tables.conform(name, []) for name in ("mentions", "sentiments", "stances", "issues", "candidates", "topics")}
    article = Article("a", TEXT, (Part("body", 0, len(TEXT)),))
    made = {"articles": [known], "sentences": [sentence], "quotes": rows}
    return Annotation(article, **{name: tables.conform(name, rows) for name, rows in made.items()}, **found)


def test_no_word_of_the_article_is_lost_or_changed(annotated):
    made = annotated("article")
    assert "".join(visible(to_html(made, "China")).split()) == "".join(made.article.text.split())


def test_each_speaker_stands_before_the_words(annotated):
    html = to_html(annotated("strait"))
    for speaker in ("Elena Dizon", "Kenta Mori", "Maria Lindqvist"):
        assert speaker in named(html)


def named(html: str) -> set[str]:
    """The speakers in the labels, without those for whom they speak."""
    return {label.removeprefix(f"{INNER} ").split(" for ")[0] for label in labels(html)}


@pytest.mark.parametrize("name", ["article", "strait", "cobalt"])
def test_every_speaker_is_named_in_the_markup(annotated, name):
    html = to_html(annotated(name))
    speakers = set(annotated(name).quotes["speaker"].replace("", UNNAMED))
    assert len(speakers) > 3
    assert not {speaker.split(" for ")[0] for speaker in speakers} - named(html)


def test_attributions_that_begin_at_one_word_keep_their_names_the_outer_first():
    outer = {"speaker": "Xinhua", "content_spans": [list(SAID)]}
    inner = {"speaker": "Bo Ek", "content_spans": [[SAID[0], WARNED[0]]], "within": 0}
    html = to_html(annotation_of(outer, inner))
    assert labels(html) == ["Xinhua", f"{INNER} Bo Ek"]
    assert visible(html) == TEXT
    assert "within the words of another speaker" in html


@pytest.mark.parametrize("turned", [False, True])
def test_words_of_two_attributions_are_shaded_as_the_innermost_whatever_their_order(turned):
    outer = {"quote": 0, "speaker": "Xinhua", "content_spans": [list(SAID)]}
    inner = {"quote": 1, "speaker": "Cy Wu", "content_spans": [list(WARNED)], "within": 0}
    made = annotation_of(*([inner, outer] if turned else [outer, inner]))
    html = to_html(made)
    (_, first, of_xinhua), (_, second, of_wu) = shaded(html)
    assert (of_xinhua, of_wu) == (TEXT[SAID[0] : WARNED[0]], TEXT[slice(*WARNED)])
    assert "Cy Wu" not in first and second.index("Cy Wu") < second.index("within:") < second.index("Xinhua")
    colours = mark_voices(list_voices(made.quotes))
    assert re.findall(r"background:(#\w{6})", html) == [colours["Xinhua"].colour, colours["Cy Wu"].colour]


def test_low_confidence_is_dashed_and_said_in_label_title_and_legend():
    low = {"speaker": "Cy Wu", "content_spans": [list(WARNED)], "confidence": 0.4321}
    html = to_html(annotation_of(low))
    assert [kind for kind, *_ in shaded(html)] == ["quote unsure"]
    assert '</span><span class="confidence">confidence 43%</span>' in html and "confidence 43%" in shaded(html)[0][1]
    assert "dashed</span>: confidence below 50%" in html


def test_what_is_sure_enough_has_its_confidence_in_the_title_only():
    html = to_html(annotation_of({"speaker": "Cy Wu", "content_spans": [list(WARNED)], "confidence": 0.5}))
    assert [kind for kind, *_ in shaded(html)] == ["quote"] and "confidence 50%" in shaded(html)[0][1]
    assert 'class="confidence"' not in html and "dashed</span>" not in html and INNER not in html


def test_who_speaks_for_others_is_named_with_them():
    html = to_html(annotation_of({"speaker": "Cy Wu", "on_behalf_of": "Sylvania; Freedonia", "content_spans": [list(WARNED)]}))
    assert labels(html) == ["Cy Wu for Sylvania and Freedonia"]


def test_an_attribution_whose_speaker_principal_and_confidence_are_missing_is_marked_all_the_same():
    html = to_html(annotation_of({"speaker": None, "on_behalf_of": None, "content_spans": [list(WARNED)], "confidence": None}))
    assert labels(html) == [UNNAMED] and "confidence —" in shaded(html)[0][1]
    assert "nan" not in html.casefold() and visible(html) == TEXT


def test_the_sign_is_that_of_the_sentiment_and_the_legend_explains_each():
    text = "Senators condemned Peru."
    html = to_html(annotate(Article("t", text, (Part("body", 0, len(text)),))), "Peru")
    assert re.findall(r'<span class="sign"[^>]*>(.)</span>', html) == [SIGNS["negative"]]
    assert all(f"<b>{sign}</b> {label} toward Peru" in html for label, sign in SIGNS.items())


def test_a_hostile_speaker_and_target_are_escaped(annotated):
    evil = "<img src=x onerror=\"alert('x')\">"
    made = annotated("strait")
    html = to_html(
        replace(made, quotes=made.quotes.assign(speaker=evil, on_behalf_of=evil), mentions=made.mentions.assign(actor=evil)), evil
    )
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
