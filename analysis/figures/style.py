"""How every figure looks: its width, its type, its colours, and how it is written to a file.

The colours are Okabe and Ito's (Color Universal Design, 2008) but for yellow, which is lost on paper, with three of Paul
Tol's and one of ColorBrewer's where they run out. A colour never stands alone: a marker, a hatch or a place of its own
says the same, so that a figure reads in greyscale.
"""

from __future__ import annotations

import logging
import math
import re
import textwrap
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from analysis.layout import COLUMN_MM, FONT_SIZE, check_formats, check_size
from analysis.tables import NARRATOR
from analysis.voices import SPEAKERS_JOINT

MM = 1 / 25.4  # inches
EMPTY_MM = 18
HIGHEST_MM = 110
SENTENCE = 40  # letters of a line of a sentence in the place of a figure
DPI = 300
MOST_PASSES, STANDS = 6, 0.001  # of a layout; how much of a figure's side its axes may move and stand
LETTER, BOLD_LETTER = 0.6, 0.62  # the width of a letter of this face, in its size
LINE_HEIGHT = 1.2
LABEL = 0.425  # of the letters across a figure are for the labels of its rows,
LINE = 48  # on one line where so many fit, as two lines of a column's width hold,
HALF_LINE = 30  # else on two of so many at most

INK = "#222222"
RULE = "#BBBBBB"
NEGATIVE, NEUTRAL, POSITIVE = "#D55E00", "#999999", "#0072B2"
NARRATOR_GREY = "#808080"
VOICE_COLOURS = ("#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#332288", "#999933", "#882255", "#A65628")
VOICE_MARKERS = ("s", "^", "D", "v", "<", ">", "p", "h", "d")  # whose inside shows at the size of a point
VOICE_HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx", "----", "++++")
DIVERGING = LinearSegmentedColormap.from_list("stance", [NEGATIVE, "#F4F4F4", POSITIVE])
SEQUENTIAL = LinearSegmentedColormap.from_list("amount", ["#F4F4F4", "#5B5B7B"])

# For writing that DejaVu Sans has no letters of: of each system's faces, those that are installed.
_FACE = "DejaVu Sans"
_FURTHER_FACES = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK TC", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR"),
    *("Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "IPAexGothic", "NanumGothic"),
    *("PingFang SC", "Hiragino Sans GB", "Hiragino Sans", "Apple SD Gothic Neo", "Arial Unicode MS"),
    *("Microsoft YaHei", "SimHei", "Yu Gothic", "Malgun Gothic", "Nirmala UI", "Leelawadee UI"),
    *("Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai", "Noto Sans Khmer", "Noto Sans Myanmar"),
    *("Noto Sans Ethiopic", "Unifont"),
)

# Type stays type in PDF; in SVG it becomes outlines, because a reader's machine need not have the face.
# A dollar sign in an article is a dollar sign, not the start of a formula.
_THEME = {
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "figure.titleweight": "bold",
    "xtick.color": RULE,
    "xtick.labelcolor": INK,
    "ytick.color": RULE,
    "ytick.labelcolor": INK,
    "ytick.major.size": 0,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.dpi": 150,
}
_FILES = {"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "analysis", "savefig.dpi": DPI}
_UNDATED = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}

_HARD_SPACE = "\u00a0"
_FILLER = "\ue000"  # private use: stands behind a letter that is two letters wide, while letters are counted
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = ("R", "AL")
_MISSING_GLYPH = re.compile(r"Glyph (\d+) .*missing from font")


class Mark(NamedTuple):
    """How one thing is drawn wherever it appears: its colour, its marker among points, its hatch among bars."""

    colour: str
    marker: str
    hatch: str


SENTIMENT_MARKS = {"negative": Mark(NEGATIVE, "v", "////"), "neutral": Mark(NEUTRAL, "o", ""), "positive": Mark(POSITIVE, "^", "....")}
STANCE_MARKS = {"oppose": SENTIMENT_MARKS["negative"], "neutral": SENTIMENT_MARKS["neutral"], "support": SENTIMENT_MARKS["positive"]}


def use_style(width_mm: float = COLUMN_MM, font_size: float = FONT_SIZE) -> None:
    """Set the theme for all figures drawn from here on.

    Parameters
    ----------
    width_mm : float
        Width of a figure in print: 85 for one column, 120 for one and a half, 180 for the page.
    font_size : float
        Of all type but titles, in points at that width.

    Raises
    ------
    InputError
        Where figures of this size cannot be read: see `layout.check_size`.
    """
    check_size(width_mm, font_size)
    sizes = dict.fromkeys(("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"), font_size)
    titles = dict.fromkeys(("axes.titlesize", "figure.titlesize"), font_size + 1)
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # a further face without a bold cut stands in its own weight
    installed = set(fontManager.get_font_names())
    faces = {"font.family": [_FACE, *(face for face in _FURTHER_FACES if face in installed)]}
    mpl.rcParams.update(_THEME | _FILES | faces | sizes | titles | {"figure.figsize": (width_mm * MM, width_mm * 0.75 * MM)})


def mark_voices(voices: Iterable[str]) -> dict[str, Mark]:
    """A mark for each voice: the narrator in grey, the others by their place in the list.

    The same list gives the same marks, so a report that passes `selection.list_voices` everywhere shows each voice alike
    in all its figures. Colour, marker and hatch repeat at different intervals: no two of 50 voices share all three.
    """
    others = [voice for voice in dict.fromkeys(voices) if voice != NARRATOR]
    marks = {
        voice: Mark(
            VOICE_COLOURS[number % len(VOICE_COLOURS)],
            VOICE_MARKERS[number % len(VOICE_MARKERS)],
            VOICE_HATCHES[number % len(VOICE_HATCHES)],
        )
        for number, voice in enumerate(others)
    }
    return {NARRATOR: Mark(NARRATOR_GREY, "o", "")} | marks


def letters_across(width_inches: float | None = None) -> int:
    """How many letters of the theme's type stand side by side across a figure: one of the theme's width, or of a width."""
    width = mpl.rcParams["figure.figsize"][0] if width_inches is None else width_inches
    return int(width * 72 / (LETTER * mpl.rcParams["font.size"]))


def label_lines() -> int:
    """On how many lines the label of a row stands: on two, but on one where a figure is wide."""
    return 1 if LABEL * letters_across() >= LINE else 2


def label_letters() -> int:
    """How many letters the label of a row has on a line."""
    return LINE if label_lines() == 1 else min(HALF_LINE, int(LABEL * letters_across()))


def shorten(name: str, width: int | None = None, lines: int | None = None) -> str:
    """A name on at most so many lines of so many letters; a longer one keeps its beginning and its end.

    Names that begin alike (two ministries of one state) often differ at their end. A letter that is as wide as two, as
    Chinese ones are, counts as two.

    Parameters
    ----------
    name : str
        A voice as `spell_voice` gives it.
    width, lines : int, optional
        Those of the label of a row by default: see `label_letters` and `label_lines`.
    """
    width, lines = width or label_letters(), lines or label_lines()
    words = [word if len(word) <= width - len(" and") else word.replace(_HARD_SPACE, " ") for word in _widen(name).split(" ")]
    spelled = " ".join(words)
    wrapped = textwrap.wrap(spelled, width, break_on_hyphens=False)
    if len(wrapped) > lines:
        tail = width - 1 if lines > 1 else width // 3
        head = wrapped[: lines - 1] or [spelled[: width - 1 - tail].rstrip()]
        end = _last_words(spelled, tail)
        wrapped = [*head, f"…{end}"] if lines > 1 else [f"{head[0]}…{end}"]
    return _narrow("\n".join(wrapped)).replace(_HARD_SPACE, " ") or "—"


def spell_voice(voice: str) -> str:
    """A voice for `shorten`: several who speak with one are joined by “and”, and a line ends between two rather than within one."""
    return " and ".join(name.replace(" ", _HARD_SPACE) for name in voice.split(SPEAKERS_JOINT))


def _widen(text: str) -> str:
    """A text in which each letter that is as wide as two has a filler behind it: its length is its width."""
    return "".join(letter + _FILLER if unicodedata.east_asian_width(letter) in "WF" else letter for letter in text)


def _narrow(lines: str) -> str:
    """Lines without their fillers; one that is but a filler is none."""
    return lines.replace(_FILLER, "").rstrip("\n")


def _fill(text: str, width: int) -> str:
    """A text on lines of so many letters."""
    return _narrow(textwrap.fill(_widen(text), width))


def _last_words(text: str, letters: int) -> str:
    """The last words of a text that fit; of a longer word, its last letters."""
    end = text[-letters:]
    _, space, words = end.partition(" ")
    return words if space and text[-letters - 1] != " " else end


def isolate(name: str) -> str:
    """A name to be followed by something else: what is written from right to left stays on its own side of it (Unicode, UAX 9)."""
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in name):
        return "\n".join(f"{_ISOLATE}{line}{_END_ISOLATE}" for line in name.split("\n"))
    return name


def fit(ax: Axes, text: str) -> str:
    """A text on as many lines as it needs below axes whose row labels take what `shorten` lets them."""
    letters = letters_across(ax.figure.get_size_inches()[0] * min(1, ax.get_position().width * 1.3))
    return textwrap.fill(text, max(20, letters - label_letters() - 2))


def fit_beside(ax: Axes, text: str) -> str:
    """A text on as many lines as it needs beside axes, from the bottom to the top."""
    return textwrap.fill(text, max(12, letters_across(ax.figure.get_size_inches()[1] * ax.get_position().height)))


def axes_for(ax: Axes | None, title: str, height_mm: float, drawing_mm: float = 0) -> Axes:
    """The axes to draw on, under a title: those given, or those of a new figure of the theme's width.

    Parameters
    ----------
    ax : Axes or None
    title : str
        The question that the figure answers.
    height_mm : float
        What rows, labels and keys take of the height of a new figure where type is of 7 points; it grows with the type.
    drawing_mm : float
        What a drawing of a height of its own takes besides.
    """
    if ax is not None:
        ax.set_title(_wrap(title, ax.figure.get_size_inches()[0] * ax.get_position().width))
        return ax
    width = mpl.rcParams["figure.figsize"][0]
    wrapped = _wrap(title, width)
    height = (height_mm * mpl.rcParams["font.size"] / FONT_SIZE + drawing_mm) * MM + _title_height(wrapped)
    figure, ax = plt.subplots(figsize=(width, height), layout="constrained")
    figure.suptitle(wrapped, x=0.01, ha="left")
    return ax


def drawing_height(share: float) -> float:
    """The height in mm of a drawing that keeps its shape: so much of the width, but at most half a page with type of 7 points."""
    return min(share * mpl.rcParams["figure.figsize"][0] / MM, HIGHEST_MM * mpl.rcParams["font.size"] / FONT_SIZE)


def hide_title(figure: Figure) -> None:
    """Take the title of a figure that `axes_for` made out of sight, and its strip with it; `read_title` still knows it."""
    if title := figure.get_suptitle():
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height - _title_height(title))
        figure.suptitle(title, visible=False, in_layout=False)


def read_title(figure: Figure) -> str:
    """The question that a figure answers, on one line."""
    titles = [figure.get_suptitle(), *(ax.get_title(loc="left") for ax in figure.axes)]
    return " ".join(next(filter(None, titles), "").split())


def give_room(ax: Axes, lines: float) -> None:
    """Let a figure that `axes_for` made grow by so many lines of type; one that its caller made keeps its size."""
    figure = ax.figure
    if figure.get_suptitle() and lines > 0:
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + lines * LINE_HEIGHT * mpl.rcParams["font.size"] / 72)


def say(ax: Axes | None, title: str, sentence: str) -> Axes:
    """In the place of a figure, a sentence: there is nothing to draw, and what of."""
    ax = axes_for(ax, title, EMPTY_MM)
    ax.set_axis_off()
    ax.text(0.5, 0.5, _fill(sentence, SENTENCE), transform=ax.transAxes, ha="center", va="center", style="italic")
    return ax


def luminance(colour) -> float:
    """How light a colour is, from 0 for black to 1 for white (WCAG relative luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def ink_on(colour) -> str:
    """Black or white, whichever reads better on a colour."""
    return "white" if luminance(colour) < 0.18 else INK


@contextmanager
def missing_letters() -> Iterator[set[str]]:
    """The letters of figures laid out or written within that no face of the theme has, in place of matplotlib's warnings."""
    missing = set()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield missing
    for warning in caught:
        if glyph := _MISSING_GLYPH.search(str(warning.message)):
            missing.add(chr(int(glyph[1])))
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


def settle(figure: Figure) -> None:
    """Work the layout of a figure out until it stands: each time, labels are measured beside the axes of the time before."""
    if engine := figure.get_layout_engine():
        for _ in range(MOST_PASSES):
            before = [ax.get_position(original=True).bounds for ax in figure.axes]
            engine.execute(figure)
            if np.allclose(before, [ax.get_position(original=True).bounds for ax in figure.axes], atol=STANDS):
                return


def write_figure(figure: Figure, stem: Path, formats: Sequence[str]) -> list[Path]:
    """Write a figure in each format, with its title in the file's metadata; the same figure gives the same bytes, without a date.

    Its layout stands from here on, and is the same in all formats.

    Parameters
    ----------
    figure : Figure
    stem : Path
        The file's path without its suffix; missing folders are made.
    formats : sequence of str
        Of `layout.FORMATS`.

    Returns
    -------
    list of Path
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = [stem.parent / f"{stem.name}.{name}" for name in check_formats(formats)]
    settle(figure)
    figure.set_layout_engine("none")
    for path, name in zip(paths, formats, strict=True):
        save(figure, path, name)
    return paths


def save(figure: Figure, place: Path | BytesIO, format_name: str) -> None:
    """Write a figure in one format, as large as it was drawn: nothing is cropped."""
    metadata = _UNDATED[format_name] | {"Title": read_title(figure)}
    with mpl.rc_context(_FILES | {"savefig.bbox": None}):
        figure.savefig(place, format=format_name, dpi=DPI, metadata=metadata)


def _title_height(wrapped: str) -> float:
    """The height in inches of the strip that a title takes."""
    return (wrapped.count("\n") + 1.6) * (mpl.rcParams["font.size"] + 1) * LINE_HEIGHT / 72


def _wrap(title: str, width_inches: float) -> str:
    """A title on as many lines as it needs."""
    letters = width_inches * 72 / (BOLD_LETTER * (mpl.rcParams["font.size"] + 1))
    return _fill(title, max(12, math.floor(letters)))
