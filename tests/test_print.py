"""Figures as they are printed: as wide as asked for, legible at each size, with or without titles, in colour or in greys."""

import base64
import io
import json
import re
from itertools import combinations, cycle

import matplotlib

matplotlib.use("Agg")

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import test_comparison_figures
import test_figures
from matplotlib.axes import Axes
from PIL import Image

from analysis import cli, comparison, figures, notebook, prose, report
from analysis.errors import InputError
from analysis.figures import comparison as comparison_figures
from analysis.figures import issues, parts, quotes, sentiment, style
from analysis.figures.greyscale import to_grey, turn_grey
from analysis.figures.style import MM, hide_title, luminance, missing_letters, read_title, save, settle, shorten, use_style
from analysis.layout import FORMATS, Layout, read_formats

SIZES = [(width, size) for width in (85, 120, 180) for size in (7, 9)]
CORNERS = [(80, 5), (80, 8.8), (126, 14), (300, 5), (300, 14)]  # the smallest and the largest that there are
MINISTRY = "The Ministry of Foreign Affairs and of International Development Cooperation of Freedonia"
CHINESE, ARABIC = "中华人民共和国外交部新闻司发言人办公室及国际合作局", "وزارة الخارجية والتعاون الدولي في جمهورية مصر العربية"
NAMES = {
    "few": ["Ann Lee", "Bo Ek"],
    "many": [f"Minister {letter}. Oz" for letter in "ABCDEFGHIJKLMNOPQRST"],
    "few, long": [MINISTRY, MINISTRY.replace("Freedonia", "Upper Freedonia"), CHINESE, ARABIC],
    "many, long": [f"{MINISTRY} no. {number}" for number in range(20)],
}
TARGETS = {"few": "Freedonia", "many": "Freedonia", "few, long": CHINESE * 2, "many, long": f"Republic of {MINISTRY}"}
LEAST_WIDTH = 0.35  # of a figure: labels take the rest
NEAR = 0.1  # in luminance: two greys that differ by less look alike

pytestmark = pytest.mark.usefixtures("theme_of_its_own", "closed_figures")


@pytest.fixture
def theme_of_its_own():
    """The theme as a test sets it does not outlive the test."""
    with mpl.rc_context({"figure.max_open_warning": 0}):
        use_style()
        yield


def drawn(case: str) -> dict[str, Axes]:
    """All figures of an article and of a corpus whose actors have such names."""
    of_article = {name: plot() for name, plot in test_figures.plots(NAMES[case], TARGETS[case]).items()}
    return of_article | test_comparison_figures.plots("eight" if "long" in case else "three")


def flaws(ax: Axes) -> list[str]:
    """Texts that leave the figure by more than a pixel, or cover each other, and axes that are left with little of its width."""
    settle(ax.figure)
    widest = max((one.get_position().width for one in ax.figure.axes if one.get_aspect() == "auto"), default=1)
    readable = test_figures.texts(ax.figure)
    boxes = [(text.get_text(), text.get_window_extent(), text) for text in readable]
    width, height = ax.figure.get_size_inches() * ax.figure.dpi
    clipped = [text for text, box, _ in boxes if min(box.x0, box.y0) < -1 or box.x1 > width + 1 or box.y1 > height + 1]
    solid = [(text, box.padded(-1)) for text, box, drawn in boxes if not test_figures._names_a_sentence(drawn)]
    covered = [f"{first} | {second}" for (first, one), (second, other) in combinations(solid, 2) if one.overlaps(other)]
    squeezed = [f"squeezed: {widest:.0%}"] if widest < LEAST_WIDTH else []
    return [*(f"clipped: {text}" for text in clipped), *(f"covered: {pair}" for pair in covered), *squeezed]


# ---------------------------------------------------------------------------------------------- legible at each size


@pytest.mark.parametrize(
    ("size", "case"),
    [*zip(SIZES, cycle(NAMES)), ((85, 9), "few, long"), ((180, 7), "many"), *((size, "many, long") for size in CORNERS)],
    ids=lambda value: str(value),
)
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Glyph")
def test_no_text_is_clipped_or_covered_at_any_size_with_and_without_titles(size, case):
    use_style(*size)
    found = {}
    for name, ax in drawn(case).items():
        found[name] = flaws(ax)
        hide_title(ax.figure)
        found[f"{name}, no title"] = flaws(ax)
        plt.close(ax.figure)
    assert {name: told for name, told in found.items() if told} == {}


def test_type_is_no_smaller_than_asked_for():
    use_style(120, 9)
    for name, ax in drawn("few").items():
        assert min(text.get_fontsize() for text in test_figures.texts(ax.figure)) >= 9, name


def test_rows_are_closer_where_a_label_needs_one_line():
    heights = {}
    for width in (85, 120, 180):
        use_style(width)
        axes = figures.plot_sentiment_by_actor(means(10), "Actor 1")
        axes.figure.draw_without_rendering()
        heights[width] = axes.get_window_extent().height / axes.figure.dpi / MM / 10
    assert heights[85] == pytest.approx(7.3, abs=0.5) and heights[120] == pytest.approx(heights[85], abs=0.3)
    assert heights[180] == pytest.approx(5.3, abs=0.5)


def means(rows: int) -> pd.DataFrame:
    return pd.DataFrame({"actor": [f"Actor {n}" for n in range(rows)], "rows": 9, "n_sentences": 9, "mean": 0.1, "low": 0.0, "high": 0.2})


# ---------------------------------------------------------------------------------------------- width


@pytest.mark.parametrize("width", [85, 120, 180, 88.5])
def test_a_file_is_as_wide_as_asked_for(width, tmp_path):
    use_style(width, 7)
    ax = figures.plot_sentiment_by_actor(means(3), "Actor 1")
    with mpl.rc_context({"savefig.bbox": "tight"}):  # as a user's matplotlibrc, or a notebook's inline backend, may have it
        png, svg, pdf = figures.write_figure(ax.figure, tmp_path / "a", ["png", "svg", "pdf"])
    with Image.open(png) as picture:
        assert picture.width * 25.4 / picture.info["dpi"][0] == pytest.approx(width, abs=0.1)
        assert picture.height * 25.4 / picture.info["dpi"][1] == pytest.approx(ax.figure.get_size_inches()[1] / MM, abs=0.1)
    (points,) = re.findall(r'<svg [^>]*width="([\d.]+)pt"', svg.read_text())
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+)", pdf.read_bytes())
    assert float(points) / 72 * 25.4 == pytest.approx(width, abs=0.01)
    assert float(box) / 72 * 25.4 == pytest.approx(width, abs=0.01)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"width": 40}, "width: 40.*80 to 300, in mm"),
        ({"width": "85"}, "width: '85'.*80 to 300"),
        ({"width": True}, "width: True"),
        ({"width": float("nan")}, "width: nan"),
        ({"font_size": 30}, "font_size: 30.*5 to 14, in points"),
        ({"font_size": 12}, "font_size: type of 12 points.*at most 9.4 points, or a width of 108 mm"),
        ({"titles": "no"}, "titles: 'no'.*True or False"),
        ({"greyscale": 1}, "greyscale: 1.*True or False"),
        ({"formats": ("bmp",)}, "formats: .*bmp.*png, svg, pdf"),
    ],
)
def test_a_layout_that_cannot_be_used_is_told_with_what_can(wrong, told):
    with pytest.raises(InputError, match=told):
        Layout(**wrong)


def test_a_wrong_layout_is_told_by_each_way_of_use_before_anything_is_read(tmp_path):
    for call in (
        lambda: notebook.open_study("quotes", "nowhere.txt", "China", width=20),
        lambda: comparison.open_comparison("nowhere", width=20),
        lambda: report.run("nowhere.txt", out=tmp_path / "out", width=20),
        lambda: use_style(20),
    ):
        with pytest.raises(InputError, match="width: 20"):
            call()
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------------------------------------- titles


def test_without_its_title_a_figure_loses_the_strip_and_keeps_its_axes():
    heights, axes_heights = [], []
    for titles in (True, False):
        ax = figures.plot_sentiment_by_actor(means(5), "Actor 1")
        if not titles:
            hide_title(ax.figure)
        ax.figure.draw_without_rendering()
        heights.append(ax.figure.get_size_inches()[1] * ax.figure.dpi)
        axes_heights.append(ax.get_window_extent().height)
    highest = max(text.get_window_extent().y1 for text in ax.texts)
    assert heights[0] > heights[1] and heights[1] - highest <= 0.06 * ax.figure.dpi
    assert axes_heights[1] == pytest.approx(axes_heights[0], abs=0.06 * ax.figure.dpi)


def test_a_hidden_title_is_told_in_the_alternative_text_and_in_the_files(tmp_path):
    ax = figures.plot_sentiment_by_actor(means(3), "Actor 1")
    shown = notebook.save_figure(ax, tmp_path / "a", Layout(titles=False))
    title = "Is Actor 1 portrayed unlike other actors?"
    assert title in shown.alt and shown.metadata == {"figure": "a", "title": title}
    assert not any(text.get_visible() for text in ax.figure.texts)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.text["Title"] == title
    assert f"<dc:title>{title}</dc:title>" in (tmp_path / "a.svg").read_text()
    assert f"/Title ({title})".encode() in (tmp_path / "a.pdf").read_bytes()


def test_the_title_of_axes_that_were_given_is_known_too():
    _, ax = plt.subplots()
    figures.plot_sentiment_by_actor(means(3), "Actor 1", ax=ax)
    assert read_title(ax.figure) == "Is Actor 1 portrayed unlike other actors?"


def test_a_note_stays_within_a_narrow_figure(tmp_path):
    use_style(85, 9)
    ax = figures.plot_sentiment_by_actor(means(3), "Actor 1")
    notebook.save_figure(ax, tmp_path / "a", Layout(("svg",)), "Left out: 1,234 attributions below 45.5% confidence, in headlines too.")
    assert flaws(ax) == []


# ---------------------------------------------------------------------------------------------- greys


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Glyph")
def test_in_greys_no_figure_has_a_coloured_pixel_or_paint(tmp_path):
    for name, ax in drawn("few, long").items():
        turn_grey(ax.figure)
        with mpl.rc_context({"pdf.compression": 0}):
            png, svg, pdf = figures.write_figure(ax.figure, tmp_path / name, ["png", "svg", "pdf"])
        assert is_grey(png), name
        assert {*re.findall(r"#[0-9a-f]{6}\b", svg.read_text())} <= {f"#{shade:02x}{shade:02x}{shade:02x}" for shade in range(256)}, name
        assert not re.findall(r"rgba?\(|(?:fill|stroke): (?!none|url|#)", svg.read_text()), name
        embedded = re.findall(r"data:image/png;base64,([^\"]+)", svg.read_text())
        assert all(is_grey(io.BytesIO(base64.b64decode(picture))) for picture in embedded), name
        content = pdf.read_bytes()
        paints = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG|scn|SCN)\s", content)  # of hatches; the others have one number
        assert all(len(set(paint)) == 1 for paint in paints), name
        for pixels in re.findall(rb"/ColorSpace /DeviceRGB.*?stream\n(.*?)\nendstream", content, re.S):
            assert all(len(set(pixels[place : place + 3])) == 1 for place in range(0, len(pixels), 3)), name
        plt.close(ax.figure)


def is_grey(place) -> bool:
    with Image.open(place) as picture:
        red, green, blue = np.moveaxis(np.asarray(picture.convert("RGB")), -1, 0)
    return bool((red == green).all() and (green == blue).all())


def test_a_figure_in_colour_is_not_taken_for_grey(tmp_path):
    ax = figures.plot_stance_matrix(one_pair())
    (png,) = figures.write_figure(ax.figure, tmp_path / "a", ["png"])
    assert not is_grey(png)


def one_pair() -> pd.DataFrame:
    pair = {"holder": "A", "target": "B", "n_sentences": 9, "mean": -0.5, "low": -0.6, "high": -0.4, "supporting": 0, "opposing": 9}
    return pd.DataFrame([pair])


@pytest.mark.parametrize("colour", ["#D55E00", "#0072B2", "#009E73", "black", "white", (0.2, 0.4, 0.6, 0.5), "none"])
def test_a_grey_is_as_light_as_its_colour(colour):
    *grey, opacity = to_grey(colour)
    assert len(set(grey)) == 1 and luminance(grey) == pytest.approx(luminance(colour))
    assert opacity == mpl.colors.to_rgba(colour)[3]


def test_grey_files_are_written_and_shown_and_are_the_same_each_time(tmp_path):
    for run in ("first", "second"):
        shown = notebook.save_figure(figures.plot_stance_matrix(one_pair()), tmp_path / run, Layout(greyscale=True))
    assert is_grey(io.BytesIO(shown.data))
    for ending in ("png", "svg", "pdf"):
        assert (tmp_path / f"first.{ending}").read_bytes() == (tmp_path / f"second.{ending}").read_bytes()


def look_alike(first: style.Mark, second: style.Mark) -> bool:
    """Whether two marks cannot be told apart in greys: as bars, by their hatch, or as points, by their marker."""
    near = abs(luminance(first.colour) - luminance(second.colour)) < NEAR
    return near and (first.hatch == second.hatch or first.marker == second.marker)


@pytest.mark.parametrize(
    "marks",
    [style.SENTIMENT_MARKS, style.STANCE_MARKS, quotes.CUE_MARKS, quotes.TYPE_MARKS]
    + [{"target": sentiment.TARGET_ACTOR, "other": sentiment.OTHER_ACTOR}, {"issue": issues.ISSUE, "part": issues.SUB_ISSUE}]
    + [{"group": comparison_figures.GROUP, "none": comparison_figures.NO_GROUP}],
    ids=lambda marks: "-".join(marks),
)
def test_categories_that_stand_beside_each_other_are_told_apart_in_greys(marks):
    assert [pair for pair in combinations(marks, 2) if look_alike(*(marks[name] for name in pair))] == []


def test_neighbouring_voices_are_told_apart_in_greys():
    _, *marks = figures.mark_voices([f"Voice {n}" for n in range(30)]).values()  # the narrator's bar is plain, and a row of its own
    assert [pair for pair in zip(marks, marks[1:], strict=False) if look_alike(*pair)] == []


def test_a_scale_to_either_side_says_by_hatch_which_side_it_is(tmp_path):
    ends = [style.DIVERGING(end) for end in (0.0, 1.0)]
    assert abs(luminance(ends[0]) - luminance(ends[1])) < NEAR  # so it has to
    ax = figures.plot_stance_matrix(one_pair())
    scale = ax.figure.axes[-1]
    (hatched,) = [patch for patch in scale.patches if patch.get_hatch()]
    assert (hatched.get_x(), hatched.get_width()) == (-1, 1)
    assert ax.patches[0].get_hatch() == hatched.get_hatch()


def test_further_from_the_middle_of_a_scale_is_darker():
    for scale, start, end in ((style.DIVERGING, 0.5, 1), (style.DIVERGING, 0.5, 0), (style.SEQUENTIAL, 0, 1)):
        shades = [luminance(scale(step)) for step in np.linspace(start, end, 6)]
        assert shades == sorted(shades, reverse=True) and shades[0] - shades[-1] > 0.5


# ---------------------------------------------------------------------------------------------- letters of other scripts


def test_only_typefaces_that_are_installed_are_asked_for(caplog):
    assert set(mpl.rcParams["font.family"]) <= set(mpl.font_manager.fontManager.get_font_names())
    assert mpl.rcParams["font.family"][0] == "DejaVu Sans"
    figures.plot_sentiment_by_actor(means(3), "Actor 1").figure.draw_without_rendering()
    assert "findfont" not in caplog.text


@pytest.mark.filterwarnings("error")
def test_letters_that_no_typeface_has_are_told_instead_of_warned_of(tmp_path, capsys):
    lost = "\U0001f9ff"  # an amulet, which is in no typeface of the theme
    ax = figures.plot_sentiment_by_actor(means(2).replace("Actor 0", f"Ankh {lost}"), "Actor 1")
    with missing_letters() as missing:
        ax.figure.draw_without_rendering()
    assert missing == {lost}
    told = prose.describe_missing_letters(missing)
    assert told.startswith(f"In this figure, “{lost}” (U+1F9FF) stands as a box") and "Install one" in told
    notebook.save_figure(ax, tmp_path / "a", Layout(("svg",)))
    assert "Markdown" in capsys.readouterr().out


@pytest.mark.filterwarnings("error")
def test_other_warnings_pass_and_arabic_greek_and_cyrillic_letters_are_there():
    with missing_letters() as missing:
        plt.figure().text(0, 0, f"{ARABIC} Ελλάδα Россия")
        plt.gcf().draw_without_rendering()
    assert missing == set()
    with pytest.raises(UserWarning, match="mine"), missing_letters():
        __import__("warnings").warn("mine", stacklevel=1)


def test_a_chinese_letter_takes_the_room_of_two():
    short = shorten(CHINESE, 24, 2)
    assert all(len(line) <= 12 for line in short.split("\n")) and short.startswith(CHINESE[:12]) and short.endswith(CHINESE[-3:])
    assert shorten("北京", 24, 2) == "北京" and shorten("北京", 3, 2) == "北京"


def test_what_is_counted_keeps_to_the_right_of_a_name_written_from_right_to_left():
    label = parts.counted(ARABIC, 7)
    name, number = label.rsplit("\u00a0", 1)
    assert number == "(7)" and all(line.startswith("\u2068") and line.endswith("\u2069") for line in name.split("\n"))
    assert parts.counted("Ann Lee", 7) == "Ann Lee\u00a0(7)"


# ---------------------------------------------------------------------------------------------- from the command line


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--width", "wide"], "'wide' is not a number"), (["--width", "40"], "80 to 300"), (["--font-size", "12"], "at most 9.4 points")],
)
def test_the_command_line_tells_a_wrong_layout_in_one_line(arguments, told, capsys):
    try:
        status = cli.main(["run", "nowhere.txt", *arguments])
    except SystemExit as stopped:
        status = stopped.code
    error = capsys.readouterr().err
    assert status == 2 and told in error and error.count("\n") == 1


@pytest.mark.slow
def test_what_the_command_line_asks_for_is_what_the_notebooks_draw_and_the_record_keeps(tmp_path):
    article = tmp_path / "short.txt"
    article.write_text("“The talks will go on,” China said on Monday. Japan praised China for its patience.\n")
    options = ["--width", "120", "--font-size", "8.5", "--no-titles", "--greyscale", "--formats", "png"]
    assert cli.main(["run", str(article), "--out", str(tmp_path / "out"), *options]) == 0
    kept = json.loads((tmp_path / "out" / "run.json").read_text())["parameters"]
    assert {name: kept[name] for name in ("width", "font_size", "titles", "greyscale", "formats")} == {
        "width": 120,
        "font_size": 8.5,
        "titles": False,
        "greyscale": True,
        "formats": "png",
    }
    pictures = list((tmp_path / "out" / "figures").glob("*.png"))
    assert len(pictures) > 15
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.width * 25.4 / picture.info["dpi"][0] == pytest.approx(120, abs=0.1)
            assert picture.text["Title"].endswith("?")
        assert is_grey(path)


def test_formats_are_read_from_a_list():
    assert read_formats(" PNG, svg") == ("png", "svg") and Layout().formats == FORMATS
    assert Layout(formats=("png", "pdf")).parameters["formats"] == "png,pdf"


def test_a_picture_is_saved_without_a_file():
    place = io.BytesIO()
    save(figures.plot_stance_matrix(one_pair()).figure, place, "png")
    assert place.getvalue().startswith(b"\x89PNG")
