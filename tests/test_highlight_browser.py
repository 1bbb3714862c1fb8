"""The marked-up article in a real browser: what can be read, reached and heard, in each theme, on a phone and on paper. No script runs."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from browser import PHONE, PHONE_WIDTH, find_low_contrast, find_overflow
from jupyter_core.paths import jupyter_path

from analysis import tables
from analysis.annotation import Annotation
from analysis.article import Article, Part
from analysis.figures.style import VOICE_COLOURS
from analysis.highlight import to_html

SPEAKERS = [f"Speaker {number}" for number in range(len(VOICE_COLOURS) + 1)]  # one more than there are colours
LONG = "Federation of the Chambers of Commerce for South-Eastern Questions and Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
VSCODE = {"light": ("#ffffff", "#3b3b3b"), "dark": ("#1f1f1f", "#cccccc")}  # editor background and foreground of the default themes
PAGE = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>t</title>'
PAGE += (
    '<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head><body {body}>{content}</body></html>'
)


def in_jupyterlab(html: str, theme: str) -> str:
    """An output as JupyterLab has it, in its own style sheets."""
    folders = [Path(folder, "lab", "static") for folder in jupyter_path("nbconvert", "templates")]
    static = next(folder for folder in folders if (folder / "index.css").is_file())
    style = (static / "index.css").read_text("utf-8") + (static / f"theme-{theme}.css").read_text("utf-8")
    style += "body { overflow: visible }"
    content = f'<div class="jp-RenderedHTMLCommon jp-RenderedHTML jp-OutputArea-output">{html}</div>'
    return PAGE.format(style=style, body=f'data-jp-theme-light="{str(theme == "light").lower()}"', content=content)


def in_vscode(html: str, theme: str) -> str:
    background, foreground = VSCODE[theme]
    style = f":root {{ --vscode-editor-background: {background}; --vscode-editor-foreground: {foreground} }}"
    return PAGE.format(style=style + f"body {{ background: {background}; color: {foreground} }}", body="", content=html)


def in_report(html: str, theme: str) -> str:
    """A page that leaves its colours to the reader's choice, with the margins of the report's index."""
    style = ":root { color-scheme: light dark } body { margin: 0; padding: 1rem; font: 16px/1.5 sans-serif }"
    return PAGE.format(style=style, body="", content=html)


SURROUNDINGS = {"JupyterLab": in_jupyterlab, "VS Code": in_vscode, "report": in_report}


def made_of_everything(speakers: list[str] = SPEAKERS, actor: str = "China") -> Annotation:
    """A line a voice, in which it speaks of an actor in three tones, on an issue, and takes a stance; then the narrator's."""
    rows = {name: [] for name in ("sentences", "mentions", "quotes", "sentiments", "stances", "issues", "candidates", "topics")}
    text = ""
    for number, speaker in enumerate([*speakers, ""]):
        start, label = len(text), tables.STANCES[number % 3]
        text += f"It was said: {actor} {actor} {actor} and trade.\n"
        key = {"article": "a", "sentence": number}
        rows["sentences"].append(key | {"start": start, "end": len(text) - 1, "text": text[start:-1], "part": "body"})
        for place, tone in enumerate(tables.SENTIMENTS):
            at = start + 13 + place * (len(actor) + 1)
            mention = key | {"mention": 3 * number + place, "actor": actor}
            who = {"start": at, "end": at + len(actor), "text": actor, "form": "name", "actor_type": "country", "country": None}
            shares = {f"p_{one}": 0.8 if one == tone else 0.1 for one in tables.SENTIMENTS}
            rows["mentions"].append(mention | who)
            rows["sentiments"].append(mention | shares | {"voice": speaker or "narrator", "label": tone, "lexicon": 0.0})
        rows["issues"].append(key | {"issue": "trade", "score": 0.5, "similarity": 0.5, "evidence_spans": [[len(text) - 7, len(text) - 2]]})
        for holder, target in ((actor, f"Second {actor}"), (f"Third {actor}", actor)):
            pair = {"holder": holder, "target": target, "holder_mention": 3 * number, "target_mention": 3 * number + 2, "quote": None}
            shares = {f"p_{one}": 0.8 if one == label else 0.1 for one in tables.STANCES}
            rows["stances"].append(key | pair | shares | {"target_start": start + 13, "target_end": len(text) - 2, "label": label})
        if speaker:
            empty = dict.fromkeys(("source_start", "source_end", "cue_start", "cue_end", "cue_lemma", "cue_class", "within"))
            quote = {"quote": number, "type": "direct", "speaker": speaker, "on_behalf_of": actor, "cue": "said", "content": ""}
            quote |= {"content_spans": [[start + 13, len(text) - 1]], "confidence": 0.4 + 0.1 * (number % 3)}
            rows["quotes"].append(key | empty | quote)
    article = {name: None for name in tables.TABLES["articles"].names} | {"article": "a", "text": text}
    made = {"articles": [article], **rows}
    return Annotation(Article("a", text, (Part("body", 0, len(text)),)), **{name: tables.conform(name, of) for name, of in made.items()})


@pytest.fixture
def shown(page_of):
    """A function that shows HTML in a page without scripts."""

    def shown(html: str, **options):
        page = page_of(java_script_enabled=False, **options)
        page.set_content(html)
        return page

    return shown


def open_all(page) -> None:
    """Open all stances, one by one, as a person does."""
    for summary in page.locator("summary").all():
        summary.click()


def tooltip(page, selector: str) -> dict | None:
    """The box of what a mark shows, in pixels of the window; None where it shows nothing."""
    session = page.context.new_cdp_session(page)
    # The browser makes and drops what stands behind a mark when it lays the page out, not when styles change: ask for the layout.
    laid_out = f"(e => (e.offsetHeight, e))(document.querySelector({selector!r}))"
    found = session.send("Runtime.evaluate", {"expression": laid_out})["result"]["objectId"]
    node = session.send("DOM.describeNode", {"objectId": found})["node"]
    pseudo = [one for one in node.get("pseudoElements", []) if one["pseudoType"] == "after"]
    if not pseudo:
        return None
    left, top, right, *_, bottom = session.send("DOM.getBoxModel", {"backendNodeId": pseudo[0]["backendNodeId"]})["model"]["border"][:6]
    return {"left": left, "top": top, "right": right, "bottom": bottom}


def heard_in(page) -> list[tuple[str, str, str]]:
    """What a screen reader is given, in its order: role, name and description of each element, and the texts."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}

    def walk(node: dict):
        if not node["ignored"]:
            yield tuple(node.get(part, {}).get("value", "") for part in ("role", "name", "description"))
        for child in node["childIds"] if node["role"]["value"] != "image" else []:  # of a picture, its name is heard
            if child in by_id:
                yield from walk(by_id[child])

    return list(walk(nodes[0]))


# ------------------------------------------------------------------------------------------------ colours


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("selected", [None, ()], ids=["all", "dimmed"])
def test_every_text_on_every_shade_has_a_contrast_of_4_5(shown, surrounding, theme, selected):
    html = to_html(made_of_everything(), "China", selected=selected)
    assert {colour for colour in re.findall(r"--voice:(#\w{6})", html)} == set(VOICE_COLOURS)
    page = shown(SURROUNDINGS[surrounding](html, theme), color_scheme=theme)
    open_all(page)
    assert not find_low_contrast(page)
    paper = page.locator("article").evaluate("e => getComputedStyle(e).backgroundColor")
    assert (sum(int(number) for number in re.findall(r"\d+", paper)[:3]) < 200) == (theme == "dark")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_diagrams_and_tooltips_are_written_in_ink_on_paper(shown, theme):
    page = shown(in_jupyterlab(to_html(made_of_everything(), "China"), theme))
    open_all(page)
    page.locator("[data-mention]").first.focus()
    ink, paper = page.evaluate("(([s]) => [s.color, s.backgroundColor])([getComputedStyle(document.querySelector('article'))])")
    letters = "(es => [...new Set(es.map(e => getComputedStyle(e).fill + ' on ' + getComputedStyle(e).stroke))])"
    assert page.locator(".arcs text").evaluate_all(letters) == [f"{ink} on {paper}"]
    tip = "(([s]) => [s.color, s.backgroundColor, s.content])([getComputedStyle(document.querySelector('[data-mention]'), '::after')])"
    colour, ground, content = page.evaluate(tip)
    assert (colour, ground) == (ink, paper) and "China: negative 80%, neutral 10%, positive 10%" in content


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_voice_s_shade_differs_from_the_paper_and_from_each_other_s(shown, theme):
    page = shown(in_jupyterlab(to_html(made_of_everything(SPEAKERS[:-1])), theme))
    grounds = page.locator("mark").evaluate_all("es => es.map(e => getComputedStyle(e).backgroundColor)")
    assert len({*grounds, page.locator("article").evaluate("e => getComputedStyle(e).backgroundColor")}) == len(VOICE_COLOURS) + 1


# ------------------------------------------------------------------------------------------------ pointer, keyboard, tap


def test_at_a_pointer_the_innermost_mark_shows_what_it_tells_and_only_that(shown):
    page = shown(in_report(to_html(made_of_everything(), "China"), "light"))
    mention, quote = "[data-mention='0']", "[data-quote='0']"
    assert tooltip(page, mention) is tooltip(page, quote) is None
    page.hover(f"{quote} .speaker")
    assert tooltip(page, quote) and not tooltip(page, mention)
    page.hover(mention)
    assert tooltip(page, mention) and not tooltip(page, quote)
    box, word = tooltip(page, mention), page.locator(mention).bounding_box()
    assert 0 <= box["top"] - word["y"] - word["height"] < 12  # below the word, and not over it


def test_the_keyboard_reaches_marks_issues_and_stances_in_the_order_of_the_text(shown):
    page = shown(in_report(to_html(made_of_everything(), "China"), "light"))
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.outerHTML").split(">")[0])
    marks = ["data-quote", "data-mention", "data-mention", "data-mention", "<summary", "data-issue"]
    assert all(mark in element for mark, element in zip(marks, reached, strict=True))


def test_a_tap_shows_what_a_mark_tells(shown):
    page = shown(in_report(to_html(made_of_everything(), "China"), "light"), **PHONE)
    page.tap("[data-mention='1']")
    assert tooltip(page, "[data-mention='1']")
    page.tap("[data-mention='5']")
    assert tooltip(page, "[data-mention='5']") and not tooltip(page, "[data-mention='1']")


def test_stances_open_without_a_script_and_are_told_apart_by_their_lines(shown):
    page = shown(in_report(to_html(made_of_everything()), "light"))
    assert page.locator("svg").first.is_hidden()
    open_all(page)
    assert page.locator("svg").first.is_visible()
    dashes = "es => [...new Set(es.map(e => getComputedStyle(e).strokeDasharray))]"
    lines = {label: page.locator(f".{label} .arc").evaluate_all(dashes) for label in ("support", "oppose")}
    assert lines["support"] == ["none"] and lines["oppose"] != ["none"] and len(lines["oppose"]) == 1


@pytest.mark.parametrize("name", ["article", "strait", "cobalt"])
def test_no_label_of_a_diagram_lies_on_another(shown, annotated, name):
    annotation = annotated(name)
    # Every pair takes a side, whatever the model finds: no diagram can be fuller.
    page = shown(in_report(to_html(replace(annotation, stances=annotation.stances.assign(label="oppose"))), "light"))
    open_all(page)
    boxes = "e => [...e.querySelectorAll('text')].map(t => t.getBoundingClientRect().toJSON())"
    diagrams = [diagram.evaluate(boxes) for diagram in page.locator("svg").all()]
    assert max(map(len, diagrams)) > 3
    for one, other in (pair for labels in diagrams for pair in combinations(labels, 2)):
        beside = one["right"] <= other["left"] or other["right"] <= one["left"]
        assert beside or one["bottom"] <= other["top"] + 1 or other["bottom"] <= one["top"] + 1


# ------------------------------------------------------------------------------------------------ phone and paper


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
def test_on_a_phone_nothing_is_cut_off_whatever_names_are_like(shown, surrounding):
    html = to_html(made_of_everything([LONG, "x" * 200, "Bo Ek"], "Republic of the Southern Islands"), "Republic of the Southern Islands")
    page = shown(SURROUNDINGS[surrounding](html, "light"), **PHONE)
    open_all(page)
    assert not find_overflow(page)
    bottom = page.evaluate("document.querySelector('article').getBoundingClientRect().bottom + scrollY")
    for attribute in ("quote", "mention"):
        for number in range(page.locator(f"[data-{attribute}]").count()):
            selector = f"[data-{attribute}='{number}']"
            page.locator(selector).first.focus()
            box = tooltip(page, selector)
            assert box["left"] >= 0 and box["right"] <= PHONE_WIDTH
            assert box["bottom"] + page.evaluate("scrollY") <= bottom
            assert not find_overflow(page)


@pytest.mark.parametrize("width", [PHONE_WIDTH, 1000])
def test_issues_stand_beside_their_paragraph_on_a_desk_and_below_it_on_a_phone(shown, width):
    page = shown(in_jupyterlab(to_html(made_of_everything()), "light"), viewport={"width": width, "height": 800})
    words, issues = page.locator("p").first.bounding_box(), page.locator(".issues").first.bounding_box()
    if width == PHONE_WIDTH:
        assert issues["y"] >= words["y"] + words["height"]
    else:
        assert issues["x"] >= words["x"] + words["width"] and issues["y"] < words["y"] + words["height"]


def test_on_paper_shades_stay_speakers_have_lines_of_their_own_and_nothing_hides_the_words(shown):
    page = shown(in_jupyterlab(to_html(made_of_everything()), "dark"))
    page.locator("[data-issue]").first.focus()
    assert tooltip(page, "[data-issue]")
    page.emulate_media(media="print")
    assert not tooltip(page, "[data-issue]")
    style = "e => (s => [s.printColorAdjust, s.backgroundColor, s.color])(getComputedStyle(e))"
    assert page.locator("article").evaluate(style) == ["exact", "rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    sure = page.locator("mark:not(.unsure)").evaluate_all(
        "es => es.map(e => (s => s.borderBottomStyle + s.borderBottomWidth)(getComputedStyle(e)))"
    )
    assert "none0px" not in sure and len(set(sure)) >= 4
    inside = (
        "e => (r => (r.selectNodeContents(e), r.getBoundingClientRect().left - e.getBoundingClientRect().left))(document.createRange())"
    )
    assert page.locator(".issue").first.evaluate(inside) > 0
    assert not find_low_contrast(page)


def test_a_sign_stays_on_the_line_of_its_word(shown):
    page = shown(in_report(to_html(made_of_everything(), "China"), "light"), viewport={"width": 300, "height": 800})
    lines = "es => es.map(e => e.getClientRects().length)"
    for width in range(200, 300, 7):
        page.set_viewport_size({"width": width, "height": 800})
        assert set(page.locator(".target").evaluate_all(lines)) == {1}


# ------------------------------------------------------------------------------------------------ by ear


def test_a_screen_reader_hears_who_speaks_before_the_words_and_what_a_mark_tells_once(shown):
    made = made_of_everything(["Cy Wu"])
    page = shown(in_report(to_html(replace(made, article=replace(made.article, title='A "title" & more')), "China"), "light"))
    page.locator("summary").first.click()
    page.locator("[data-mention='0']").focus()
    told = heard_in(page)
    assert ("article", 'The article, marked up: A "title" & more', "") in told

    descriptions = [(role, description) for role, _, description in told if description]
    assert descriptions[0] == ("mark", "direct attribution to Cy Wu for China by “said”; confidence 40%")
    assert descriptions[1][1].startswith("China: negative 80%") and len([d for _, d in descriptions if d == descriptions[1][1]]) == 1
    assert not any("negative 80%" in name for _, name, _ in told)

    heard = " ".join(name for role, name, _ in told if role == "StaticText" or role == "image")
    assert re.search(r"It was said: +Cy Wu for China +confidence 40% +: +China +negative +China +neutral", heard)
    assert "China toward Second China: opposes 80%" in heard
    assert heard.count("opposes 80%") == len(re.findall(r"toward [\w ]+: opposes 80%", heard))
    assert [name for role, name, _ in told if role == "list"] == ["Key", "", "Issues", "Issues"]
