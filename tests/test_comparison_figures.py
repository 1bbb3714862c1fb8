"""The figures of the comparison, on tables of each size: what a reader could not read, or would read wrongly, is a failure."""

from itertools import combinations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.dates import date2num
from matplotlib.text import Text

from analysis import comparison_estimates as estimates
from analysis import figures
from analysis.figures.style import COLUMN_MM, FONT_SIZE, MM

TARGET = "Freedonia"
LONG = "The Extraordinary Interministerial Herald of Cross-Border Telecommunications no. {}"
CASES = {  # groups, articles in all, days from the first to the last; none where no day is known
    "one": (["Daily"], 60, 360),
    "three": (["Daily", "Morning Post", "unknown"], 90, 360),
    "eight": ([LONG.format(number) for number in range(8)], 160, 1500),
    "undated": (["Daily", "Morning Post"], 40, None),
    "ten": (["Daily", "Morning Post", "unknown"], 10, 40),
}
VOICES = ["Ann Lee", "Bo Ek", LONG.format(9), "$1bn_{fund}$ & <Co>", "Cy Wu", "Dot Ash", "Eve Oz"]
ISSUES = ["Trade", "Human rights and the rule of law in the provinces of the interior", "War"]

pytestmark = pytest.mark.usefixtures("house_style", "closed_figures")


def tables_of(groups: list[str], number: int, span: int | None) -> dict[str, pd.DataFrame]:
    """Articles of four sentences each, with what the figures are made from."""
    generator = np.random.default_rng(3)
    days = pd.to_timedelta(np.linspace(0, span or 0, number), unit="D")
    articles = pd.DataFrame({"article": [f"a{n}" for n in range(number)], "group": [groups[n % len(groups)] for n in range(number)]})
    articles["published"] = (
        pd.Timestamp("2025-01-01", tz="UTC") + days if span else pd.Series(pd.NaT, articles.index, "datetime64[us, UTC]")
    )
    articles = estimates.with_period(articles, estimates.choose_period(articles["published"]))
    sentences = articles.loc[articles.index.repeat(4)].assign(sentence=np.tile(range(4), number)).reset_index(drop=True)
    tones = sentences.assign(score=generator.uniform(-0.6, 0.4, len(sentences)), n_mentions=1)
    pairs = [(VOICES[n % 4], VOICES[(n + 1) % 4]) for n in range(len(sentences))]
    stances = tones.assign(holder=[pair[0] for pair in pairs], target=[pair[1] for pair in pairs])
    issues = sentences[["article", "sentence"]].assign(issue=[ISSUES[n % 7 % 3] for n in range(len(sentences))])[::2]
    words = pd.DataFrame(
        [(key, voice, 10 + n, 2, 10, 8) for key in articles["article"] for n, voice in enumerate(["narrator", *VOICES])],
        columns=["article", "voice", "words", "n_sentences", "all_sentences", "quoted_sentences"],
    )
    return {"articles": articles, "sentences": sentences, "tones": tones, "stances": stances, "issues": issues, "words": words}


def plots(case: str) -> dict[str, Axes]:
    made = tables_of(*CASES[case])
    articles, sentences, dated = made["articles"], made["sentences"], made["tones"].dropna(subset="period")
    kind = estimates.choose_period(articles["published"])
    whole = estimates.of_all(dated)
    by_time = ["group", "period", "date"]
    voices = estimates.estimate_share_of_voice(made["words"], articles)
    attention, course = (
        estimates.estimate_issue_attention(made["issues"], sentences, articles, by) for by in (["group"], ["period", "date"])
    )
    return {
        "tone_over_time": figures.plot_tone_over_time(estimates.estimate_tone(whole, by_time), estimates.smooth_tone(whole, kind), TARGET),
        "tone_over_time_by_group": figures.plot_tone_over_time_by_group(
            estimates.estimate_tone(dated, by_time), estimates.smooth_tone(dated, kind), TARGET
        ),
        "tone_by_group": figures.plot_tone_by_group(estimates.estimate_tone(made["tones"], ["group"]), TARGET),
        "share_of_voice": figures.plot_share_of_voice(voices),
        "stance_differences": figures.plot_stance_differences(estimates.estimate_stance_differences(made["stances"])),
        "issue_attention": figures.plot_issue_attention(attention),
        "issue_attention_over_time": figures.plot_issue_attention_over_time(course),
    }


@pytest.fixture(scope="module", params=CASES)
def drawn(request, house_style) -> dict[str, tuple[Axes, list[Text]]]:
    """Every figure of a case, laid out, with what can be read in it."""
    return {name: (ax, texts(ax.figure)) for name, ax in plots(request.param).items()}


def texts(figure) -> list[Text]:
    figure.draw_without_rendering()
    found = [*figure.texts]
    for ax in figure.axes:
        found += ax.texts
        if ax.axison:
            found += [ax.xaxis.label, ax.yaxis.label, *_drawn(ax.xaxis, ax.get_xlim()), *_drawn(ax.yaxis, ax.get_ylim())]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def _drawn(axis, limits) -> list[Text]:
    return [label for place, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True) if min(limits) <= place <= max(limits)]


def words_of(ax: Axes) -> str:
    return " ".join(" ".join([ax.get_xlabel(), *(text.get_text() for text in ax.texts)]).split())


def test_no_text_is_clipped_or_smaller_than_seven_points(drawn):
    for name, (ax, readable) in drawn.items():
        width, height = ax.figure.get_size_inches() * ax.figure.dpi
        for text in readable:
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, (name, text.get_text())
            assert text.get_fontsize() >= FONT_SIZE, (name, text.get_text())


def test_no_text_covers_another(drawn):
    for name, (_, readable) in drawn.items():
        boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in readable]
        for (first, one), (second, other) in combinations(boxes, 2):
            assert not one.overlaps(other), (name, first, second)


def test_the_two_lines_of_a_cell_stand_within_it(drawn):
    for name in ("share_of_voice", "issue_attention"):
        ax, _ = drawn[name]
        for cell, text in zip(ax.patches, ax.texts, strict=True):
            inside, outside = text.get_window_extent(), cell.get_window_extent()
            assert outside.height >= inside.height - 2 and outside.width >= inside.width - 2, (name, text.get_text())


def test_a_figure_is_a_column_wide_and_asks_a_question(drawn):
    for name, (ax, _) in drawn.items():
        assert ax.figure.get_size_inches()[0] == pytest.approx(COLUMN_MM * MM), name
        assert ax.figure.get_suptitle().endswith("?"), name


def test_without_dates_the_courses_say_so_and_the_others_are_drawn():
    drawn = plots("undated")
    for name, ax in drawn.items():
        assert ("No course over time" in words_of(ax)) == ("over_time" in name), name


def test_a_figure_of_nothing_says_so():
    empty = {name: table.head(0) for name, table in tables_of(*CASES["one"]).items()}
    by_time = estimates.estimate_tone(empty["tones"], ["group", "period", "date"])
    no_line = estimates.smooth_tone(empty["tones"], "month")
    attention = estimates.estimate_issue_attention(empty["issues"], empty["sentences"], empty["articles"], ["group"])
    for ax in (
        figures.plot_tone_over_time(by_time, no_line, TARGET),
        figures.plot_tone_over_time_by_group(by_time, no_line, TARGET),
        figures.plot_tone_by_group(estimates.estimate_tone(empty["tones"], ["group"]), TARGET),
        figures.plot_share_of_voice(estimates.estimate_share_of_voice(empty["words"], empty["articles"])),
        figures.plot_stance_differences(estimates.estimate_stance_differences(empty["stances"])),
        figures.plot_issue_attention(attention),
        figures.plot_issue_attention_over_time(attention),
    ):
        assert words_of(ax).startswith("No ") and words_of(ax).endswith("."), words_of(ax)


def test_a_figure_is_drawn_on_the_axes_that_it_is_given():
    _, ax = plt.subplots()
    means = estimates.estimate_tone(tables_of(*CASES["one"])["tones"], ["group"])
    assert figures.plot_tone_by_group(means, TARGET, ax=ax) is ax and ax.get_title(loc="left").endswith("?")


# ---------------------------------------------------------------------------------------------- too small to speak


def points_of(small: list[bool], group: str = "Daily") -> pd.DataFrame:
    dates = pd.date_range("2025-01-15", periods=len(small), freq="30D")
    counts = {"n_articles": 9, "n_sentences": 20, "n_mentions": 20}
    names = {"group": group, "period": dates.strftime("%Y-%m"), "date": dates}
    return pd.DataFrame(names | counts | {"mean": 0.1, "low": -0.1, "high": 0.3, "too_small": small})


NO_LINE = pd.DataFrame({"group": [], "date": pd.to_datetime([]), "mean": [], "low": [], "high": []})


def test_a_point_that_is_too_small_is_hollow_and_has_no_interval():
    ax = figures.plot_tone_over_time(points_of([False, True, False]), NO_LINE, TARGET)
    filled, hollow = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(filled.get_xdata()) == 2 and len(hollow.get_xdata()) == 1
    assert to_rgb(hollow.get_markerfacecolor()) == (1, 1, 1) != to_rgb(filled.get_markerfacecolor())
    (intervals,) = ax.collections
    assert [segment[0, 0] for segment in intervals.get_segments()] == list(filled.get_xdata())


def test_a_smooth_line_breaks_where_there_is_none():
    points = points_of([False] * 4)
    line = points.assign(mean=[0.1, np.nan, 0.1, 0.1])[["group", "date", "mean", "low", "high"]]
    ax = figures.plot_tone_over_time(points, line, TARGET)
    (curve,) = [line for line in ax.lines if len(line.get_xdata()) == 4 and line.get_linestyle() == "-"]
    assert np.isnan(curve.get_ydata()[1])


def test_issues_are_joined_only_through_points_that_speak_and_follow_each_other():
    small = [False, False, True, False, False, False, False]
    points = points_of(small).rename(columns={"mean": "share"}).assign(issue="Trade", count=5).drop(index=5)
    ax = figures.plot_issue_attention_over_time(points)
    joined = [
        list(line.get_xdata()) for line in ax.lines if line.get_marker() == "None" and len(line.get_xdata()) and line.get_linewidth() == 1
    ]
    days = [date2num(date) for date in pd.date_range("2025-01-15", periods=7, freq="30D")]
    assert joined == [days[:2], days[3:5], days[6:]]


def test_higher_means_more_positive_in_a_row_too():
    points = points_of([False] * 3).assign(mean=[-0.2, 0.0, 0.2], low=-0.3, high=0.3)
    ax = figures.plot_tone_over_time_by_group(points, NO_LINE, TARGET)
    places = next(line for line in ax.lines if line.get_marker() == "o").get_ydata()
    tops = [ax.transData.transform((0, place))[1] for place in places]
    assert tops == sorted(tops) and places[1] == pytest.approx(0)


def test_a_group_that_is_too_small_is_hollow_and_the_unknown_have_a_mark_of_their_own():
    means = pd.DataFrame({"group": ["Daily", "Post", "unknown"], "n_articles": [9, 4, 9], "n_sentences": 20, "mean": 0.1})
    ax = figures.plot_tone_by_group(means.assign(low=0.0, high=0.2, too_small=[False, True, False]), TARGET)
    points = [line for line in ax.lines if line.get_marker() != "None"]
    assert [point.get_markerfacecolor() == "white" for point in points] == [False, True, False]
    assert points[2].get_marker() != points[0].get_marker() == points[1].get_marker()


def test_a_cell_that_is_too_small_is_an_outline_without_interval():
    shares = pd.DataFrame({"issue": ["Trade"], "share": 0.4, "low": 0.2, "high": 0.6})
    both = pd.concat([shares.assign(group="Daily", too_small=False), shares.assign(group="Post", too_small=True)])
    ax = figures.plot_issue_attention(both)
    assert [text.get_text() for text in ax.texts] == ["40\n20–60", "40"]
    assert [to_rgb(cell.get_facecolor()) == (1, 1, 1) for cell in ax.patches] == [False, True]


def test_a_stance_that_is_more_opposed_is_hatched_and_a_clear_difference_bold():
    row = {"holder": "A", "target": "B", "n_sentences": 12, "too_small": False}
    rows = [
        row | {"group": "D", "difference": 0.4, "difference_low": 0.1, "difference_high": 0.6},
        row | {"group": "P", "difference": -0.2, "difference_low": -0.5, "difference_high": 0.1},
        row | {"group": "H", "difference": -0.2, "difference_low": -0.5, "difference_high": 0.1, "too_small": True},
    ]
    ax = figures.plot_stance_differences(pd.DataFrame(rows))
    assert [bool(cell.get_hatch()) for cell in ax.patches] == [False, True, False]
    assert [text.get_fontweight() for text in ax.texts] == ["bold", "normal", "normal"]
    assert to_rgb(ax.patches[2].get_facecolor()) == (1, 1, 1)
