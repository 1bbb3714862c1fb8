"""Figures, on tables of each size: what a reader could not read is a failure."""

import re
from collections.abc import Callable
from itertools import combinations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from analysis import estimates, figures, selection, tables
from analysis.comparison_estimates import OTHER_VOICES
from analysis.errors import InputError
from analysis.figures import network
from analysis.figures.style import (
    COLUMN_MM,
    FONT_SIZE,
    MM,
    SENTIMENT_MARKS,
    STANCE_MARKS,
    VOICE_COLOURS,
    check_formats,
    shorten,
    spell_voice,
)

TARGET = "Freedonia"
LONG = "The Extraordinary Interministerial Commission for the Harmonisation of Cross-Border Telecommunications no. {}"
CASES = {
    "nothing": [],
    "one": ["Ann Lee"],
    "ten": ["Ann Lee", "Bo Ek; Cy Wu", "Dot Ash", "Eve Oz", "Flo Ray", "Gus Fry", "Hal Ode", "Ida Poe", "Jo Qin", "Kit Roe"],
    "long": [
        *(LONG.format(n) for n in range(12)),
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "$1bn_{fund}$ & <Co>",
    ],
}

pytestmark = pytest.mark.usefixtures("house_style", "closed_figures")


@pytest.fixture(scope="module", params=CASES)
def drawn(request, house_style) -> dict[str, tuple[Axes, list[Text]]]:
    """Every figure of a case, laid out, with what can be read in it."""
    axes = {name: plot() for name, plot in plots(CASES[request.param]).items()}
    return {name: (ax, texts(ax.figure)) for name, ax in axes.items()}


def plots(speakers: list[str], target: str = TARGET) -> dict[str, Callable[[], Axes]]:
    """What draws each figure, of an article in which each of some actors speaks twice: of another actor, of the target and of an issue."""
    actors = [target, *(name for joint in speakers for name in joint.split("; "))] if speakers else []
    number = 2 * len(speakers)
    draws = np.random.default_rng(0).dirichlet([1, 1, 1], size=max(number, 1))
    labels = draws.argmax(axis=1)
    pairs = [(actors[1 + n // 2], actors[(n * 3 + 2) % len(actors)]) for n in range(number)]
    article = {"article": "a"}
    text = "They said that trade would grow, and went home. "
    spans = [(len(text) * n + 15, len(text) * n + 31) for n in range(number)]
    sentences = [
        {**article, "sentence": n, "start": len(text) * n, "end": len(text) * (n + 1) - 1, "text": text.strip(), "part": "body"}
        for n in range(number)
    ]
    mentions = [
        {**article, "mention": n, "sentence": n // 2, "start": spans[n // 2][0], "end": spans[n // 2][1], "text": "x", "form": "name"}
        | {"actor": target if n % 2 else pairs[n // 2][0], "actor_type": "country", "country": "FRE"}
        for n in range(2 * number)
    ]
    quotes = [
        {**article, "quote": n, "sentence": n, "type": tables.QUOTE_TYPES[n % 3], "speaker": speakers[n // 2], "source_start": None}
        | {"source_end": None, "cue_start": None, "cue_end": None, "cue": "said", "cue_lemma": f"verb{n % 13}"}
        | {"cue_class": tables.CUE_CLASSES[n % 13 % 5], "content_spans": [list(spans[n])], "content": "…", "on_behalf_of": ""}
        | {"within": None, "confidence": 0.4 if n % 3 else 0.9}
        for n in range(number)
    ]
    sentiments = [
        {**article, "mention": n, "sentence": n // 2, "actor": mentions[n]["actor"], "voice": speakers[n // 4] if n % 8 else "narrator"}
        | dict(zip(("p_negative", "p_neutral", "p_positive"), draws[n // 2], strict=True))
        | {"label": tables.SENTIMENTS[labels[n // 2]], "lexicon": float(np.sin(n))}
        for n in range(2 * number)
    ]
    stances = [
        {
            **article,
            "sentence": n,
            "holder": pairs[n][0],
            "target": pairs[n][1],
            "holder_mention": 0,
            "target_mention": 1,
            "target_start": 0,
            "target_end": 4,
        }
        | {"quote": n if n % 3 else None}
        | dict(zip(("p_oppose", "p_neutral", "p_support"), draws[n], strict=True))
        | {"label": tables.STANCES[labels[n]]}
        for n in range(number)
        if pairs[n][0] != pairs[n][1]
    ]
    issues = [
        {**article, "sentence": n, "issue": f"Issue of {name}", "score": 1.0, "similarity": 0.5, "evidence_spans": []}
        for n in range(number)
        for name in {actors[n % len(actors)], actors[n // 3 % len(actors)]}
        if n % 5
    ]
    topics = [
        {**article, "sentence": n, "topic": n % len(actors), "name": f"Topic of {actors[n % len(actors)]}", "probability": 0.5}
        for n in range(number)
    ]
    found = {
        "topics": topics,
        "sentences": sentences,
        "mentions": mentions,
        "quotes": quotes,
        "sentiments": sentiments,
        "stances": stances,
        "issues": issues,
    }
    return plots_of(target, **{name: tables.conform(name, rows) for name, rows in found.items()})


def plots_of(target, topics, sentences, mentions, quotes, sentiments, stances, issues) -> dict[str, Callable[[], Axes]]:
    words, voices = selection.with_confidence(selection.words_with_voice(sentences, quotes), quotes), selection.list_voices(quotes)
    shares = estimates.count_low_confidence(estimates.estimate_word_shares(words), words, ["voice"])
    verbs = estimates.count_low_confidence(estimates.count_reporting_verbs(quotes), quotes, ["speaker", "cue_lemma"])
    types = estimates.count_low_confidence(estimates.estimate_quote_types(quotes), quotes, ["speaker", "type"])
    voiced = selection.with_voice(stances, quotes)
    pairs = estimates.estimate_stances(voiced)
    about = selection.with_position(sentiments[sentiments["actor"].eq(target)], mentions, words)
    covered, bare = selection.split_by_cover(sentences, issues)
    without = estimates.estimate_issue_shares(issues[issues["sentence"].mod(3).gt(0)], sentences)
    return {
        "words_by_voice": lambda: figures.plot_words_by_voice(shares, voices),
        "voices_along": lambda: figures.plot_voices_along(words, voices),
        "reporting_verbs": lambda: figures.plot_reporting_verbs(verbs),
        "quote_types": lambda: figures.plot_quote_types(types),
        "stance_matrix": lambda: figures.plot_stance_matrix(pairs, target),
        "stance_network": lambda: figures.plot_stance_network(pairs, target),
        "stance_pairs": lambda: figures.plot_stance_pairs(pairs),
        "stance_voices": lambda: figures.plot_stance_voices(estimates.estimate_stances(voiced, ["holder", "target", "voice"]), voices),
        "sentiment_along": lambda: figures.plot_sentiment_along(about, target, voices),
        "sentiment_by_voice": lambda: figures.plot_sentiment_by_voice(estimates.estimate_sentiment(about, "voice"), target, voices),
        "model_and_lexicon": lambda: figures.plot_model_and_lexicon(about, target),
        "sentiment_by_actor": lambda: figures.plot_sentiment_by_actor(estimates.estimate_sentiment(sentiments, "actor"), target),
        "issue_shares": lambda: figures.plot_issue_shares(estimates.estimate_issue_shares(issues, sentences)),
        "issue_words": lambda: figures.plot_issue_words(estimates.estimate_issue_words(issues, words)),
        "prominence": lambda: figures.plot_prominence(estimates.estimate_prominence(issues, sentences, [0, 1])),
        "topics": lambda: figures.plot_topics(estimates.estimate_topic_shares(topics, sentences)),
        "issue_changes": lambda: figures.plot_issue_changes(
            estimates.compare_issue_shares(without, estimates.estimate_issue_shares(issues, sentences))
        ),
        "issues_along": lambda: figures.plot_issues_along(issues, sentences),
        "issue_cooccurrence": lambda: figures.plot_issue_cooccurrence(estimates.estimate_cooccurrence(issues)),
        "issue_voices": lambda: figures.plot_issue_voices(estimates.estimate_issue_voices(issues, words), voices),
        "issue_sentiment": lambda: figures.plot_issue_sentiment(estimates.estimate_issue_sentiment(issues, about), target),
        "keyness": lambda: figures.plot_keyness(estimates.estimate_keyness(bare, covered)),
    }


def texts(figure) -> list[Text]:
    """What can be read in a figure, after its layout has been worked out."""
    figure.draw_without_rendering()
    found = [*figure.texts]
    for ax in figure.axes:
        found += [*ax.texts, *(ax.get_legend().findobj(Text) if ax.get_legend() else [])]
        if ax.axison:
            found += [ax.xaxis.label, ax.yaxis.label, *_drawn(ax.xaxis, ax.get_xlim()), *_drawn(ax.yaxis, ax.get_ylim())]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def _names_a_sentence(text: Text) -> bool:
    """The number of a sentence beside its point: where points meet, so do their numbers."""
    return text.get_text()[0] == "S" and text.get_text()[1:].isdigit()


def _drawn(axis, limits) -> list[Text]:
    """The labels of an axis; those of ticks outside its limits are made but not drawn."""
    return [label for place, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True) if min(limits) <= place <= max(limits)]


def test_no_text_is_clipped_or_smaller_than_seven_points(drawn):
    for name, (ax, readable) in drawn.items():
        width, height = ax.figure.get_size_inches() * ax.figure.dpi
        for text in readable:
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, (name, text.get_text())
            assert text.get_fontsize() >= FONT_SIZE, (name, text.get_text())


def test_no_text_covers_another(drawn):
    for name, (_, readable) in drawn.items():
        boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in readable if not _names_a_sentence(text)]
        for (first, one), (second, other) in combinations(boxes, 2):
            assert not one.overlaps(other), (name, first, second)


def test_a_figure_is_a_column_wide_and_asks_a_question(drawn):
    for name, (ax, _) in drawn.items():
        assert ax.figure.get_size_inches()[0] == pytest.approx(COLUMN_MM * MM), name
        assert ax.figure.get_suptitle().endswith("?"), name


def test_a_figure_of_nothing_says_so():
    for name, plot in plots([]).items():
        said = " ".join(text.get_text().replace("\n", " ") for text in plot().texts)
        assert said.startswith("No ") and said.endswith("."), name


def test_a_figure_is_drawn_on_the_axes_that_it_is_given():
    _, ax = plt.subplots()
    shares = pd.DataFrame({"voice": ["narrator"], "words": [9], "total": [9], "share": [1.0], "low": [np.nan], "high": [np.nan]})
    assert figures.plot_words_by_voice(shares, ax=ax) is ax
    assert ax.get_title(loc="left").endswith("?")


def test_each_row_of_the_strip_shows_its_own_voice():
    words = pd.DataFrame({"voice": ["Ann", "narrator", "narrator", "Ann"], "position": range(4)})
    ax = figures.plot_voices_along(words)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["narrator", "Ann"]
    narrator, ann = (bars.get_paths() for bars in ax.collections)
    assert [path.get_extents().x0 for path in narrator] == [1]
    assert [path.get_extents().x0 for path in ann] == [0, 3]


def test_a_stretch_of_low_confidence_is_hollow_and_lower_and_stands_apart_from_a_sure_one():
    words = pd.DataFrame({"voice": "Ann", "position": range(5), "confidence": [0.9, 0.9, 0.4, 0.4, 0.5]})
    ax = figures.plot_voices_along(words)
    sure, low = ax.collections[-2:]
    assert stretches(sure) == [(0, 2), (4, 5)] and stretches(low) == [(2, 4)]
    assert to_rgb(low.get_facecolor()[0]) == (1, 1, 1) and to_rgb(low.get_edgecolor()[0]) == to_rgb(sure.get_facecolor()[0])
    assert low.get_paths()[0].get_extents().height < sure.get_paths()[0].get_extents().height


def stretches(bars) -> list[tuple[float, float]]:
    return [(path.get_extents().x0, path.get_extents().x1) for path in bars.get_paths()]


def test_the_part_of_a_bar_that_is_of_low_confidence_is_hollow_and_adds_nothing():
    shares = {"voice": ["narrator", "Ann"], "words": [10, 10], "total": 20, "share": 0.5, "low": np.nan, "high": np.nan}
    ax = figures.plot_words_by_voice(pd.DataFrame(shares | {"low_confidence": [0, 4]}))
    (hollow,) = [bar for bar in ax.patches if to_rgb(bar.get_facecolor()) == (1, 1, 1)]
    assert (hollow.get_x(), hollow.get_width()) == (pytest.approx(0.3), pytest.approx(0.2))
    assert round(hollow.get_y() + hollow.get_height() / 2) == 1  # Ann's row


@pytest.mark.parametrize(("low", "hollow"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_verb_or_a_type_is_hollow_where_half_or_more_is_of_low_confidence(low, hollow):
    verbs = pd.DataFrame({"speaker": ["Ann"], "cue_lemma": "say", "cue_class": "neutral", "count": 3, "low_confidence": low})
    (cell,) = figures.plot_reporting_verbs(verbs).patches
    assert (to_rgb(cell.get_facecolor()) == (1, 1, 1)) == hollow
    types = pd.DataFrame({"speaker": ["Ann"], "type": "direct", "count": 3, "total": 3, "share": 1.0, "low": 0.4, "high": 1.0})
    ax = figures.plot_quote_types(types.assign(low_confidence=low))
    (point,) = [line for line in ax.lines if line.get_marker() != "None"]
    assert (point.get_markerfacecolor() == "white") == hollow


def test_where_verbs_are_used_alike_some_of_each_class_are_drawn():
    classes = ["neutral"] * 30 + ["positive"] * 3 + ["negative"] * 3
    verbs = pd.DataFrame({"speaker": "Ann", "cue_lemma": [f"verb{n}" for n in range(36)], "cue_class": classes, "count": 1})
    ax = figures.plot_reporting_verbs(verbs.assign(low_confidence=0, sentences=""))
    drawn = {label.get_text() for label in ax.get_yticklabels()}
    assert {f"verb{n}" for n in range(30, 36)} <= drawn


def test_hollow_is_explained_where_something_is_and_only_there():
    drawn = plots(CASES["ten"])
    for name in ("words_by_voice", "voices_along", "reporting_verbs", "quote_types"):
        assert re.search("hollow: .*50%", " ".join(drawn[name]().get_xlabel().split())), name
    ann = pd.DataFrame({"voice": ["Ann"], "position": 0, "confidence": 0.5})
    assert "hollow" not in figures.plot_voices_along(ann).get_xlabel()


def test_a_matrix_of_verbs_has_no_empty_row_or_column():
    few = [("say", f"speaker {n:02}", 2) for n in range(12)] + [("sign", "the last", 1)]
    verbs = pd.DataFrame([{"cue_lemma": verb, "speaker": who, "count": n, "cue_class": "neutral"} for verb, who, n in few])
    ax = figures.plot_reporting_verbs(verbs)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["say"]
    assert len(ax.get_xticklabels()) == 12 and "not shown: 1 verb and 1 speaker" in " ".join(ax.get_xlabel().split())


@pytest.mark.parametrize(("covered", "rows"), [([0, 1], ["Trade"]), ([0], ["Trade", "no issue"])])
def test_no_issue_is_a_row_only_where_a_sentence_has_none(covered, rows):
    issues, sentences = pd.DataFrame({"issue": "Trade", "sentence": covered}), pd.DataFrame({"sentence": [0, 1]})
    ax = figures.plot_issues_along(issues, sentences)
    assert [label.get_text() for label in ax.get_yticklabels()] == rows


def test_a_voice_looks_alike_whichever_figure_lists_it():
    everybody = figures.mark_voices(["narrator", "Ann", "Bo", "Cy"])
    assert figures.mark_voices(["Ann", "Bo", "Cy", "Bo"]) == everybody
    assert everybody["narrator"].colour not in VOICE_COLOURS


def test_thirty_voices_are_told_apart():
    marks = figures.mark_voices([f"Voice {n}" for n in range(30)])
    assert len(set(marks.values())) == 31


def test_sides_are_told_apart_without_colour():
    for marks in (SENTIMENT_MARKS, STANCE_MARKS):
        assert len({mark.marker for mark in marks.values()}) == len({mark.hatch for mark in marks.values()}) == 3


def test_support_and_oppose_are_coloured_as_positive_and_negative():
    assert STANCE_MARKS["support"] == SENTIMENT_MARKS["positive"] and STANCE_MARKS["oppose"] == SENTIMENT_MARKS["negative"]


def stances(*rows: tuple) -> pd.DataFrame:
    """Pairs as `estimate_stances` gives them, from (holder, target, number of sentences: less than 0 for opposition)."""
    return pd.DataFrame(
        {"holder": holder, "target": target, "n_sentences": abs(number), "mean": 0.5 * np.sign(number), "low": np.nan, "high": np.nan}
        | {"supporting": max(number, 0), "opposing": max(-number, 0)}
        for holder, target, number in rows
    )


def test_opposition_is_dashed_and_points_from_holder_to_target():
    (arrow,) = figures.plot_stance_network(stances(("Ann", "Bo", -2))).patches
    assert arrow.get_linestyle() != "solid" and to_rgb(arrow.get_edgecolor()) == to_rgb(STANCE_MARKS["oppose"].colour)
    start, *_, end = arrow._path_original.vertices
    assert start[1] > 0 > end[1]  # Ann, named first, stands at the top


@pytest.mark.parametrize(("sentences", "low", "pale"), [(6, 0.1, False), (6, -0.1, True), (4, 0.1, True)])
def test_an_arrow_is_pale_where_sentences_are_few_or_their_interval_holds_nought(sentences, low, pale):
    (arrow,) = figures.plot_stance_network(stances(("Ann", "Bo", sentences)).assign(low=low, high=0.9)).patches
    assert (arrow.get_alpha() is not None) == pale


def test_an_axis_of_shares_ends_with_a_tick_and_not_beyond_all():
    for share, last in ((0.99, 1), (0.3, 0.5)):
        table = pd.DataFrame({"issue": ["Trade"], "share": share, "low": share - 0.1, "high": share, "words": [9], "total": [10]})
        ax = figures.plot_issue_words(table)
        assert ax.spines["bottom"].get_bounds()[1] >= share and ax.get_xticks()[-1] <= 1
        assert ax.spines["bottom"].get_bounds() == (0, ax.get_xticks()[-1]) and ax.get_xticks()[-1] <= last


def test_a_network_shows_nobody_without_an_arrow_and_keeps_the_target_s_pairs():
    """Twelve busy actors fill the circle; the target's pairs are of one sentence each."""
    ring = [(f"Busy {n}", f"Busy {(n + 1) % 12}", 9) for n in range(12)]
    pairs = stances(*ring, ("Ann", TARGET, 1), (TARGET, "Bo", -1))
    ax = figures.plot_stance_network(pairs, TARGET)
    names = {text.get_text() for text in ax.texts}
    assert {"Ann", TARGET, "Bo"} < names and len(names) <= 12
    ends = [end for arrow in ax.patches for end in arrow._path_original.vertices[[0, -1]]]
    rings = [np.ravel(line.get_xydata()) for line in ax.lines]
    assert all(min(np.hypot(*(end - ring)) for end in ends) < 0.15 for ring in rings)
    told = ax.get_legend().get_title().get_text()
    assert f"not shown: {len(pairs) - len(ax.patches)} pairs" in " ".join(told.split())


def test_the_names_of_a_network_stand_outside_the_circle_that_holds_its_arrows():
    actors = CASES["ten"][:1] + CASES["ten"][2:] + CASES["long"][:2]
    ax = figures.plot_stance_network(stances(*((actors[0], name, n + 1) for n, name in enumerate(actors[1:]))))
    ax.figure.draw_without_rendering()
    middle, edge = ax.transData.transform([(0, 0), (1, 0)])
    for text in ax.texts:
        box = text.get_window_extent()
        nearest = np.clip(middle, box.min, box.max)
        assert np.hypot(*(nearest - middle)) > edge[0] - middle[0], text.get_text()


def along(path) -> np.ndarray:
    """Points of a cubic curve, as complex numbers."""
    part = np.linspace(0, 1, 50)
    start, near_start, near_end, end = (complex(x, y) for x, y in path.vertices)
    return (1 - part) ** 3 * start + 3 * (1 - part) ** 2 * part * near_start + 3 * (1 - part) * part**2 * near_end + part**3 * end


@pytest.mark.parametrize("seed", range(8))
def test_the_arrows_of_a_network_keep_clear_of_other_actors_and_of_each_other_s_ends(seed):
    draw, point = np.random.default_rng(seed), 0.017
    places = network.place_on_circle([str(n) for n in range(draw.integers(3, 13))])
    every = [(holder, target) for holder in places for target in places if holder != target]
    arrows = [every[n] for n in draw.permutation(len(every))[: draw.integers(2, 25)]]
    curves = network.route_arrows(places, arrows, point)
    for (holder, target), curve in zip(arrows, curves, strict=True):
        assert abs(along(curve)).max() < 1
        assert all(abs(along(curve) - place).min() > 6 * point for name, place in places.items() if name not in (holder, target))
        assert abs(along(curve)[0] - places[holder]) < abs(along(curve)[0] - places[target])
    ends = [along(curve)[at] for curve in curves for at in (0, -1)]
    assert min(abs(one - other) for one, other in combinations(ends, 2)) > 3.5 * point


def test_two_actors_answers_to_each_other_run_apart():
    places = network.place_on_circle("ABCDEFG")
    for one, other in combinations(places, 2):
        there, back = (along(curve) for curve in network.route_arrows(places, [(one, other), (other, one)], 0.017))
        assert abs(there[:, None] - back[None, :]).min() > 0.05


def test_a_mean_of_few_sentences_is_hollow_and_one_of_a_single_sentence_has_no_line():
    means = {"actor": ["A", "B", "C"], "rows": [9, 4, 1], "n_sentences": [5, 4, 1], "mean": [0.1, 0.0, -0.1]}
    intervals = {"low": [0.0, -0.1, np.nan], "high": [0.2, 0.1, np.nan]}
    ax = figures.plot_sentiment_by_actor(pd.DataFrame(means | intervals), TARGET)
    points = [line for line in ax.lines if line.get_marker() != "None"]
    assert [point.get_markerfacecolor() == "white" for point in points] == [False, True, True]
    intervals_drawn = [line for line in ax.lines if line.get_marker() == "None" and list(line.get_ydata()) not in ([0, 1],)]
    assert [tuple(line.get_xdata()) for line in intervals_drawn] == [(0.0, 0.2), (-0.1, 0.1)]


def test_the_line_of_a_mention_stays_on_the_scale():
    rows = {"article": "a", "sentence": 1, "voice": "narrator", "position": 3, "p_negative": 0.05, "p_neutral": 0.05, "p_positive": 0.9}
    (lines,) = figures.plot_sentiment_along(pd.DataFrame([rows]), TARGET).collections
    (low, high) = lines.get_segments()[0][:, 1]
    assert low == pytest.approx(0.85 - np.sqrt(0.95 - 0.85**2)) and high == 1


def test_a_name_is_shortened_in_its_middle():
    assert shorten("Lee Jae Myung") == "Lee Jae Myung"
    short = shorten(LONG.format(1), 20, 2)
    assert short.startswith("The Extraordinary\n…") and short.endswith("no. 1")
    assert all(len(line) <= 20 for line in short.split("\n"))
    assert len(shorten("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", 20, 1)) <= 20


def test_names_that_differ_at_their_end_stay_apart():
    assert shorten(LONG.format(1)) != shorten(LONG.format(2))


def test_a_line_ends_between_two_speakers():
    assert shorten(spell_voice("Donald Trump; Lee Jae Myung")) == "Donald Trump and\nLee Jae Myung"


def test_only_the_names_of_speakers_are_joined_by_and():
    shares = {"issue": ["Trade; tariffs"], "voice": ["Bo Ek; Cy Wu"], "words": [9], "total": [9], "share": [1.0]}
    ax = figures.plot_issue_voices(pd.DataFrame(shares | {"low": [np.nan], "high": [np.nan]}))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Trade; tariffs"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Bo Ek and Cy Wu"]


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for run in ("first", "second"):
        ax = plots(CASES["one"])["words_by_voice"]()
        figures.write_figure(ax.figure, tmp_path / run, ["png", "svg", "pdf"])
    for ending in ("png", "svg", "pdf"):
        assert (tmp_path / f"first.{ending}").read_bytes() == (tmp_path / f"second.{ending}").read_bytes(), ending


def test_type_stays_type_in_pdf(tmp_path):
    (path,) = figures.write_figure(plots(CASES["one"])["words_by_voice"]().figure, tmp_path / "a", ["pdf"])
    assert b"/CIDFontType2" in path.read_bytes() and b"/Type3" not in path.read_bytes()


def test_an_unknown_format_is_named_with_those_that_there_are():
    with pytest.raises(InputError, match="bmp.*png, svg, pdf"):
        check_formats(["png", "bmp"])


def test_a_long_event_takes_one_line_below_who_takes_a_side_on_it():
    row = {"target": "state nuclear weapons modernisation programme", "mean": -0.4, "low": np.nan, "high": np.nan}
    row |= {"supporting": 0, "opposing": 1}
    pairs = pd.DataFrame([row | {"holder": f"Minister Number {n}", "n_sentences": n} for n in (1, 10, 100)])
    labels = [text.get_text() for text in figures.plot_stance_pairs(pairs).get_yticklabels()]
    assert [label.count("\n") for label in labels] == [1, 1, 1]


def test_what_the_corners_mean_is_told_where_no_line_of_a_mention_reaches():
    ax = plots(CASES["ten"])["model_and_lexicon"]()
    ax.figure.draw_without_rendering()
    told = [text for text in ax.texts if text.get_text().startswith("only")]
    assert len(told) == 2 and not [text for text in told if text.get_window_extent().overlaps(ax.get_window_extent())]


def test_the_name_of_a_mention_covers_no_mark_to_its_right():
    scores = [(0.61, -0.44), (0.83, -0.38), (0.79, 0.01), (-0.85, -0.92)]
    rows = [
        {"article": "a", "sentence": 20 + n, "lexicon": x, "p_negative": max(-y, 0), "p_neutral": 1 - abs(y), "p_positive": max(y, 0)}
        | {"target_mention": n, "actor": TARGET, "label": "neutral", "voice": "narrator", "position": n, "score": y}
        for n, (x, y) in enumerate(scores)
    ]
    ax = figures.plot_model_and_lexicon(pd.DataFrame(rows), TARGET)
    ax.figure.draw_without_rendering()
    names = [text.get_window_extent() for text in ax.texts if text.get_text().startswith("S")]
    assert len(names) == 3
    radius = ax.lines[-1].get_markersize() / 2 * ax.figure.dpi / 72
    marks = [Bbox([at - radius, at + radius]) for at in ax.transData.transform(scores)]
    assert not [(name, mark) for name in names for mark in marks if name.overlaps(mark)]


def test_the_shares_of_voices_on_an_issue_sum_to_all():
    voices = [f"Voice {letter}" for letter in "ABCDEFGHIJKLMNOP"]
    shares = pd.DataFrame({"issue": "Trade", "voice": voices, "words": range(160, 0, -10), "total": 1360})
    shares = shares.assign(share=shares["words"] / shares["total"], low=0.01, high=0.2)
    ax = figures.plot_issue_voices(shares, voices)
    columns = [label.get_text() for label in ax.get_xticklabels()]
    assert columns[-1] == OTHER_VOICES and 2 < len(columns) < len(voices)
    assert sum(float(text.get_text().split("\n")[0]) for text in ax.texts) == pytest.approx(100, abs=len(columns) / 2)


def test_of_speakers_with_as_many_verbs_those_stand_first_whose_verbs_judge():
    neutral = [{"speaker": f"Speaker {n}", "cue_lemma": "say", "cue_class": "neutral", "count": 1} for n in range(20)]
    verbs = pd.DataFrame([*neutral, {"speaker": "Ann", "cue_lemma": "warn", "cue_class": "negative", "count": 1}])
    labels = [label.get_text() for label in figures.plot_reporting_verbs(verbs).get_xticklabels()]
    assert labels[0] == "Ann"


def test_an_article_without_mentions_at_its_end_is_drawn_to_its_end():
    row = {"article": "a", "sentence": 1, "voice": "narrator", "position": 3, "p_negative": 0.1, "p_neutral": 0.1, "p_positive": 0.8}
    ax = figures.plot_sentiment_along(pd.DataFrame([row]), TARGET, length=500)
    assert ax.get_xlim()[0] < 3 and ax.get_xlim()[1] > 500
