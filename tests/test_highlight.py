"""The marked-up article: everything shown, everything escaped."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from html import escape, unescape
from html.parser import HTMLParser

import pytest

from analysis import annotate, tables
from analysis.annotation import Annotation
from analysis.article import Article, Part
from analysis.codebook import read_issues
from analysis.figures.style import mark_voices
from analysis.highlight import INNER, SIGNS, read_style, to_html
from analysis.selection import list_voices
from analysis.tables import UNNAMED

TEXT = "Xinhua said that Cy Wu had warned of war, and went on."
SAID, WARNED = (17, 40), (27, 40)  # “Cy Wu had warned of war”, “warned of war”


NOT_OF_THE_ARTICLE = ("speaker", "confidence", "unseen", "sign")


class Marked(HTMLParser):
    """The elements around words: their attributes, and the words that stand in each but not in one of its kind within it."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.found: list[dict] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "own": "", "whole": "", **dict(attrs)}
        self.open.append((tag, element))
        self.found.append(element)

    def handle_endtag(self, tag):
        opened, _ = self.open.pop()
        assert opened == tag  # elements are nested

    def handle_data(self, data):
        classes = {name for _, element in self.open for name in element.get("class", "").split()}
        if "p" not in [tag for tag, _ in self.open] or classes & set(NOT_OF_THE_ARTICLE):
            return
        self.words += data
        for tag in {tag for tag, _ in self.open}:
            next(element for opened, element in reversed(self.open) if opened == tag)["own"] += data
        for _, element in self.open:
            element["whole"] += data

    def having(self, attribute: str) -> list[dict]:
        return [element for element in self.found if attribute in element]


def visible(html: str) -> str:
    """The words of the article's paragraphs, without labels and signs."""
    return Marked(html).words


def labels(html: str) -> list[str]:
    """What stands before quotations."""
    return [unescape(label) for label in re.findall(r'<span class="speaker">(.*?)</span>', html)]


def shaded(html: str) -> list[tuple[str, str, str]]:
    """The pieces of quotations: class, what they tell, words."""
    return [(e["class"].removesuffix(" about"), e["aria-description"], e["own"]) for e in Marked(html).having("data-quote")]


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
    assert re.findall(r"--voice:(#\w{6})", html) == [colours["Xinhua"].colour, colours["Cy Wu"].colour]


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
    assert to_html(made, "CHN") == to_html(made, "beijing") == to_html(made, "China")


def test_what_an_article_says_is_never_markup():
    text = 'Kenya said “<script>alert("x")</script>” & left. <b onmouseover="x">Tanzania</b> agreed.'
    html = to_html(annotate(Article("t", text, (Part("body", 0, len(text)),))), "Kenya")
    assert "<script" not in html and "<b on" not in html
    assert visible(html).strip() == text


# ------------------------------------------------------------------------------------------------ elements


def test_each_sentence_quotation_and_mention_is_found_by_its_number_with_its_words(annotated):
    made = annotated("article")
    page = Marked(to_html(made, "China"))

    def words(attribute: str) -> dict[str, str]:
        found = {}
        for element in page.having(attribute):
            found[element[attribute]] = found.get(element[attribute], "") + element["whole"]
        return {number: "".join(whole.split()) for number, whole in found.items()}

    text = made.article.text
    contents = ["".join(text[start:end] for start, end in spans) for spans in made.quotes["content_spans"]]
    for attribute, numbers, wanted in (
        ("data-sentence", made.sentences["sentence"], made.sentences["text"]),
        ("data-mention", made.mentions["mention"], made.mentions["text"]),
        ("data-quote", made.quotes["quote"], contents),
    ):
        assert words(attribute) == {str(n): "".join(w.split()) for n, w in zip(numbers, wanted, strict=True)}


def test_a_mention_across_the_edge_of_a_quotation_is_one_stop_of_the_keyboard_and_has_one_sign():
    mention = {"article": "a", "mention": 0, "sentence": 0, "start": 20, "end": 31, "text": TEXT[20:31], "form": "name"}
    mention |= {"actor": "Wu", "actor_type": "person", "country": None}
    shares = {"p_negative": 0.5, "p_neutral": 0.3, "p_positive": 0.2, "label": "negative", "lexicon": 0.0}
    made = replace(
        annotation_of({"speaker": "Cy Wu", "content_spans": [list(WARNED)]}),
        mentions=tables.conform("mentions", [mention]),
        sentiments=tables.conform(
            "sentiments", [{"article": "a", "mention": 0, "sentence": 0, "actor": "Wu", "voice": "narrator"} | shares]
        ),
    )
    html = to_html(made, "Wu")
    pieces = Marked(html).having("data-mention")
    assert [(piece["own"], piece["tabindex"]) for piece in pieces] == [(TEXT[20:27], "0"), (TEXT[27:31], "-1")]
    assert html.count('class="sign"') == 1 and visible(html) == TEXT
    assert pieces[0]["aria-description"] == "Wu: negative 50%, neutral 30%, positive 20%; voice: narrator"


def test_a_name_that_says_who_it_is_asks_for_no_attention_and_another_tells_it(annotated):
    made = annotated("article")
    pieces = {int(piece["data-mention"]): piece for piece in Marked(to_html(made)).having("data-mention")}
    alone = made.mentions[~made.mentions.duplicated(["start", "end"], keep=False)]
    assert set(alone["text"].eq(alone["actor"])) == {True, False}
    for row in alone.itertuples():
        assert pieces[row.mention].get("aria-description") == (None if row.text == row.actor else row.actor)
        assert ("tabindex" in pieces[row.mention]) == (row.text != row.actor)


def test_a_quotation_of_several_sentences_is_cut_between_them_and_keeps_its_name_in_front_only():
    made = annotation_of({"speaker": "Cy Wu", "content_spans": [[0, len(TEXT)]]})
    halves = [
        {"article": "a", "sentence": n, "start": a, "end": b, "text": TEXT[a:b], "part": "body"}
        for n, (a, b) in enumerate([(0, 16), (17, len(TEXT))])
    ]
    html = to_html(replace(made, sentences=tables.conform("sentences", halves)))
    assert [piece["own"] for piece in Marked(html).having("data-quote")] == [TEXT[:17], TEXT[17:]]
    assert labels(html) == ["Cy Wu"]


def test_sentences_that_are_not_selected_are_dimmed(annotated):
    pieces = Marked(to_html(annotated("strait"), selected=[3])).having("data-sentence")
    assert {piece["data-sentence"] for piece in pieces if "dimmed" not in piece["class"]} == {"3"}
    assert "dimmed" not in to_html(annotated("strait"), style=False)


def test_a_voice_keeps_its_colour_when_others_are_left_out(annotated):
    made = annotated("strait")
    voices = list_voices(made.quotes)
    fewer = replace(made, quotes=made.quotes[made.quotes["speaker"] == voices[2]].head(1))
    colour = mark_voices(voices)[voices[2]].colour
    assert f"--voice:{colour}" in to_html(fewer, voices=voices) and f"--voice:{colour}" not in to_html(fewer)


def test_style_and_legend_can_be_left_out_and_the_same_is_made_twice(annotated):
    whole, bare = to_html(annotated("strait")), to_html(annotated("strait"), style=False, legend=False)
    assert f"<style>{read_style()}</style>" in whole and 'class="legend"' in whole
    assert "<style" not in bare and "legend" not in bare
    assert whole == to_html(annotated("strait"))


def test_the_style_asks_for_nothing_from_elsewhere():
    assert not re.findall(r"url\(|@import|://", read_style())


# ------------------------------------------------------------------------------------------------ the margin


def chips(html: str) -> list[tuple[str, str, str]]:
    """The labels in the margin: the issue's key, its evidence, its title."""
    found = re.findall(r'<li class="issue about" data-issue="(.*?)".*?aria-description="(.*?)">(.*?)</li>', html)
    return [tuple(unescape(part) for part in chip) for chip in found]


def with_issues(*keys: str) -> Annotation:
    spans = [[0, 6], [45, 48]]
    rows = [{"article": "a", "sentence": 0, "issue": key, "score": 0.5, "similarity": 0.5, "evidence_spans": spans} for key in keys]
    return replace(annotation_of(), issues=tables.conform("issues", rows))


def test_issues_stand_beside_their_paragraph_by_title_with_their_evidence():
    html = to_html(with_issues("trade"))
    assert chips(html) == [("trade", f"S0 “{TEXT[:6]}”, “{TEXT[45:48]}”", read_issues().by_key["trade"].title)]
    assert html.index("</p>") < html.index('class="issues"')


def test_issues_of_a_codebook_of_one_s_own_have_its_titles_or_else_their_key():
    html = to_html(with_issues("trade", "squid", "krill"), titles={"trade": "<i>Tariffs</i>", "squid": "Squid & co"})
    assert [title for *_, title in chips(html)] == ["krill", "Squid & co", "<i>Tariffs</i>"]
    assert "<i>" not in html


def test_every_issue_of_an_article_stands_beside_the_paragraph_of_its_sentence(annotated):
    made = annotated("article")
    blocks = to_html(made).split('<div class="paragraph">')[1:]
    beside = {
        (int(sentence), key) for block in blocks for key, _, _ in chips(block) for sentence in re.findall(r'data-sentence="(\d+)"', block)
    }
    assert set(zip(made.issues["sentence"], made.issues["issue"], strict=True)) <= beside


# ------------------------------------------------------------------------------------------------ long articles


def test_twenty_thousand_words_with_thousands_of_marks_take_no_time_to_speak_of():
    lines, words = 1000, "Peru praised Chile and so did many others on that day , he said in the old hall .".split()
    line = " ".join(words) + "\n"
    text = line * lines
    article = Article("a", text, (Part("body", 0, len(text)),))
    begin = [n * len(line) for n in range(lines)]
    sentences = [
        {"article": "a", "sentence": n, "start": at, "end": at + len(line) - 1, "text": line[:-1], "part": "body"}
        for n, at in enumerate(begin)
    ]
    mention = {"article": "a", "form": "name", "actor_type": "country", "country": None}
    places = [(n, at, name) for n, at in enumerate(begin) for name in ("Peru", "Chile")]
    mentions = [
        mention
        | {
            "mention": i,
            "sentence": n,
            "start": at + line.index(name),
            "end": at + line.index(name) + len(name),
            "text": name,
            "actor": name,
        }
        for i, (n, at, name) in enumerate(places)
    ]
    made = annotation_of(*({"speaker": f"Speaker {n % 9}", "sentence": n, "content_spans": [[at, at + 40]]} for n, at in enumerate(begin)))
    made = replace(made, article=article, sentences=tables.conform("sentences", sentences), mentions=tables.conform("mentions", mentions))
    start = time.perf_counter()
    html = to_html(made)
    assert time.perf_counter() - start < 3  # 0.2 s on the machine that this was written on; paragraphs by marks took 9
    assert len(labels(html)) == lines and html.count("data-mention") == 2 * lines
