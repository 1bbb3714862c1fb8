"""How every figure looks: its width, its type, its colours, and how it is written to a file.

The colours are Okabe and Ito's (Color Universal Design, 2008) but for yellow, which is lost on paper, with three of Paul
Tol's and one of ColorBrewer's where they run out. A colour never stands alone: a marker, a hatch or a place of its own
says the same, so that a figure reads in greyscale.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

from analysis.errors import InputError
from analysis.tables import NARRATOR

MM = 1 / 25.4  # inches
COLUMN_MM = 85
EMPTY_MM = 18
FONT_SIZE = 7
FORMATS = ("png", "svg", "pdf")
DPI = 300

INK = "#222222"
RULE = "#BBBBBB"
NEGATIVE, NEUTRAL, POSITIVE = "#D55E00", "#999999", "#0072B2"
NARRATOR_GREY = "#808080"
VOICE_COLOURS = ("#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#332288", "#999933", "#882255", "#A65628")
VOICE_MARKERS = ("s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")
VOICE_HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx", "----", "++++")
DIVERGING = LinearSegmentedColormap.from_list("stance", [NEGATIVE, "#F4F4F4", POSITIVE])
SEQUENTIAL = LinearSegmentedColormap.from_list("amount", ["#F4F4F4", "#5B5B7B"])

# Type stays type in PDF; in SVG it becomes outlines, because a reader's machine need not have the face.
# A dollar sign in an article is a dollar sign, not the start of a formula.
_THEME = {
    "font.family": "DejaVu Sans",
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
    """
    sizes = dict.fromkeys(("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"), font_size)
    titles = dict.fromkeys(("axes.titlesize", "figure.titlesize"), font_size + 1)
    mpl.rcParams.update(_THEME | _FILES | sizes | titles | {"figure.figsize": (width_mm * MM, width_mm * 0.75 * MM)})


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


def shorten(name: str, width: int = 24, lines: int = 2) -> str:
    """A name on at most so many lines of so many letters; a longer one keeps its beginning and its end.

    Names that begin alike (two ministries of one state) often differ at their end. Where several speak with one voice, a
    line ends between two names rather than within one.
    """
    names = [one.replace(" ", _HARD_SPACE) if len(one) <= width - len(" and") else one for one in name.split("; ")]
    spelled = " and ".join(names)
    wrapped = textwrap.wrap(spelled, width, break_on_hyphens=False)
    if len(wrapped) > lines:
        tail = width - 1 if lines > 1 else width // 3
        head = wrapped[: lines - 1] or [spelled[: width - 1 - tail].rstrip()]
        end = _last_words(spelled, tail)
        wrapped = [*head, f"…{end}"] if lines > 1 else [f"{head[0]}…{end}"]
    return "\n".join(wrapped).replace(_HARD_SPACE, " ") or "—"


def _last_words(text: str, letters: int) -> str:
    """The last words of a text that fit; of a longer word, its last letters."""
    end = text[-letters:]
    _, space, words = end.partition(" ")
    return words if space and text[-letters - 1] != " " else end


def fit(ax: Axes, text: str) -> str:
    """A text on as many lines as it needs below axes whose row labels take what `shorten` lets them."""
    letter_mm = 0.6 * mpl.rcParams["font.size"] / 72 / MM
    width_mm = ax.figure.get_size_inches()[0] / MM * min(1, ax.get_position().width * 1.3) - 26 * letter_mm
    return textwrap.fill(text, max(20, int(width_mm / letter_mm)))


def axes_for(ax: Axes | None, title: str, height_mm: float) -> Axes:
    """The axes to draw on, under a title: those given, or those of a new figure of the theme's width.

    Parameters
    ----------
    ax : Axes or None
    title : str
        The question that the figure answers.
    height_mm : float
        Height of a new figure without its title.
    """
    width = mpl.rcParams["figure.figsize"][0]
    if ax is not None:
        ax.set_title(_wrap(title, ax.figure.get_size_inches()[0] * ax.get_position().width))
        return ax
    wrapped = _wrap(title, width)
    size = mpl.rcParams["font.size"]
    height = height_mm * MM + (wrapped.count("\n") + 1.6) * (size + 1) * 1.2 / 72
    figure, ax = plt.subplots(figsize=(width, height), layout="constrained")
    figure.suptitle(wrapped, x=0.01, ha="left")
    return ax


def say(ax: Axes | None, title: str, sentence: str) -> Axes:
    """In the place of a figure, a sentence: there is nothing to draw, and what of."""
    ax = axes_for(ax, title, EMPTY_MM)
    ax.set_axis_off()
    ax.text(0.5, 0.5, textwrap.fill(sentence, 40), transform=ax.transAxes, ha="center", va="center", style="italic")
    return ax


def ink_on(colour) -> str:
    """Black or white, whichever reads better on a colour (WCAG relative luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "white" if luminance < 0.18 else INK


def write_figure(figure: Figure, stem: Path, formats: Sequence[str]) -> list[Path]:
    """Write a figure in each format; the same figure gives the same bytes, without a date.

    Parameters
    ----------
    figure : Figure
    stem : Path
        The file's path without its suffix; missing folders are made.
    formats : sequence of str
        Of `FORMATS`.

    Returns
    -------
    list of Path
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = [stem.parent / f"{stem.name}.{name}" for name in check_formats(formats)]
    with mpl.rc_context(_FILES):
        for path, name in zip(paths, formats, strict=True):
            figure.savefig(path, format=name, dpi=DPI, metadata=_UNDATED[name])
    return paths


def check_formats(formats: Sequence[str]) -> Sequence[str]:
    """The formats as they are, or an error that names those that there are."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise InputError(f"no figure format {', '.join(unknown) or 'is named'}", "formats", f"Use one or more of {', '.join(FORMATS)}.")
    return formats


def _wrap(title: str, width_inches: float) -> str:
    """A title on as many lines as it needs; a letter of this face in bold is about 0.62 of its size wide."""
    letters = width_inches * 72 / (0.62 * (mpl.rcParams["font.size"] + 1))
    return textwrap.fill(title, max(12, math.floor(letters)))
