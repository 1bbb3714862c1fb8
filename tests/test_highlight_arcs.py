"""Stances of the marked-up article: which are shown, in which order, and that diagram and words say the same."""

from __future__ import annotations

import re
from html import unescape

import pytest

from analysis.highlight import to_html
from analysis.highlight_arcs import MAX_ARCS, STANCE_SIGNS, Stance, draw_arcs, stance_details, stances_by_sentence

PLACES = {"Peru": 0, "Chile": 10, "Kenya": 20, "Japan": 30}


def stance(holder: str, target: str, label: str = "support", share: float = 0.8, sentence: int = 3) -> Stance:
    shares = {"oppose": 0.1, "neutral": 0.1, "support": 0.1} | {label: share}
    return Stance(sentence, holder, target, PLACES.get(holder, 40), PLACES.get(target, 50), label, shares, "narrator")


def names(svg: str) -> list[str]:
    """The actors of a diagram from left to right."""
    rows = re.findall(r'<path class="actor-node" d="M(\S+).*?</text>', svg)
    written = [unescape(" ".join(re.findall(r"<tspan[^>]*>(.*?)</tspan>", text))) for text in re.findall(r"actor-node.*?</text>", svg)]
    assert [float(x) for x in rows] == sorted(float(x) for x in rows)
    return written


def arcs(svg: str) -> list[tuple[str, float, float, float]]:
    """The arcs of a diagram: class, where each leaves and arrives from left to right, and how high up it runs."""
    found = re.findall(r'<g class="(\w+)"><path class="arc" d="M(\S+) \S+C\S+ (\S+) \S+ \S+ (\S+) \S+"/>', svg)
    return [(label, float(start), float(end), float(control)) for label, start, control, end in found]


def test_actors_stand_in_the_order_of_the_text_and_each_arc_leads_from_its_holder_to_its_target():
    svg = draw_arcs([stance("Kenya", "Peru"), stance("Peru", "Chile", "oppose"), stance("Chile", "Kenya", "neutral")])
    assert names(svg) == ["Peru", "Chile", "Kenya"]
    leads = {label: end - start for label, start, end, _ in arcs(svg)}
    assert leads["support"] < 0 < leads["oppose"] < -leads["support"] and leads["neutral"] > 0


def test_each_arc_bears_its_label_and_probability():
    svg = draw_arcs(
        [stance("Peru", "Chile", "oppose", 0.91), stance("Chile", "Kenya", "neutral", 0.6), stance("Kenya", "Peru", share=0.77)]
    )
    words = re.findall(r'<text x="\S+" y="\S+">([^<]+)</text>', svg)
    assert sorted(words) == ["neutral 60%", "opposes 91%", "supports 77%"]


def test_arcs_between_the_same_actors_and_over_each_other_run_at_heights_of_their_own():
    svg = draw_arcs([stance("Peru", "Chile"), stance("Chile", "Peru"), stance("Peru", "Kenya"), stance("Kenya", "Japan")])
    heights = [control for *_, control in arcs(svg)]  # the shorter first
    assert heights[0] > heights[1] > heights[3]  # in SVG, up is less
    assert heights[2] == heights[0]  # beside the first, not above it
    assert len({end for _, start, *rest in arcs(svg) for end in (start, rest[0])}) == 8  # none meets another at its end


def test_sentences_in_which_nobody_takes_a_side_are_left_out(annotated):
    made = annotated("article")
    found = stances_by_sentence(made.stances, made.quotes, made.mentions)
    sided = made.stances[made.stances["label"].ne("neutral")]
    assert set(found) == set(sided["sentence"]) and 0 < len(found) < made.stances["sentence"].nunique()
    for sentence, rows in found.items():
        labels = [row.label for row in rows]
        assert labels == sorted(labels, key=lambda label: label == "neutral")  # those that take a side stand first
        assert len(rows) == made.stances["sentence"].eq(sentence).sum()


def test_the_summary_counts_stances_and_the_words_say_who_toward_whom_how_surely_and_on_whose_word():
    html = stance_details([stance("Peru", "Chile", "oppose"), stance("Chile", "Peru", "neutral")])
    assert "<summary>1 stance</summary>" in html and 'aria-hidden="true" focusable="false"' in html
    assert f"{STANCE_SIGNS['oppose']}</span> Peru toward Chile: opposes 80% (neutral 10%, supports 10%); voice: narrator</li>" in html
    assert "Chile toward Peru: neutral 80% (opposes 10%, supports 10%); voice: narrator</li>" in html
    assert stance_details([stance("Chile", "Peru", "neutral")]) == ""


def test_pairs_without_a_stance_fill_a_diagram_up_to_its_limit_and_the_others_are_counted():
    countries = [f"Country {number}" for number in range(6)]
    pairs = [stance(one, other, "neutral") for one in countries for other in countries if one != other]
    html = stance_details([stance("Peru", "Chile"), *pairs])
    assert len(arcs(html)) == MAX_ARCS
    assert f"<li>{len(pairs) - MAX_ARCS + 1} further pairs without a stance: see the table</li>" in html


def test_no_stance_that_takes_a_side_is_left_out_however_many_there_are():
    countries = [f"Country {number}" for number in range(5)]
    sided = [stance(one, other) for one in countries for other in countries if one != other]
    html = stance_details(sided)
    assert len(arcs(html)) == len(sided) > MAX_ARCS and "further" not in html


def test_every_stance_of_an_article_is_in_words_below_its_paragraph(annotated):
    made = annotated("article")
    html = unescape(to_html(made))
    sided = made.stances[made.stances["label"].ne("neutral")]
    verbs = {"oppose": "opposes", "support": "supports"}
    for row in sided.itertuples():
        block = next(block for block in html.split('<div class="paragraph">') if f'data-sentence="{row.sentence}"' in block)
        assert f"{row.holder} toward {row.target}: {verbs[row.label]} {getattr(row, 'p_' + row.label):.0%}" in block


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><svg onload=x>', "a & b"])
def test_hostile_names_are_escaped_in_diagram_and_words(evil):
    html = stance_details([stance(evil, "Chile")._replace(voice=evil)])
    assert evil not in html and "<script" not in html and html.count("<svg") == 1
    assert f"{evil} toward Chile: supports" in unescape(html)
