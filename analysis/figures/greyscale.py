"""Figures in greys: each colour becomes the grey that is as light as it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection
from matplotlib.colors import ListedColormap, to_rgba, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from analysis.figures.style import luminance

_SHADES = 256  # of a scale of colours


def to_grey(colour) -> tuple[float, float, float, float]:
    """The grey of a colour's luminance, as red, green, blue and opacity; the first three are equal.

    Luminance is that of sRGB (IEC 61966-2-1; WCAG 2), which is what a printer of greys makes of a colour.
    """
    light = luminance(colour)
    grey = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return (*[min(max(grey, 0.0), 1.0)] * 3, to_rgba(colour)[3])


def turn_grey(figure: Figure) -> None:
    """Turn every colour of a figure into its grey. Call it when all is drawn; a figure in greys stays as it is.

    Parameters
    ----------
    figure : Figure
        Of lines, patches, text, collections and scales of colours; pictures in colour are left alone.
    """
    for artist in _artists(figure):
        if isinstance(artist, ScalarMappable) and artist.get_array() is not None:
            artist.set_cmap(ListedColormap([to_grey(colour) for colour in artist.get_cmap()(np.linspace(0, 1, _SHADES))]))
        elif isinstance(artist, Collection):
            artist.set(facecolor=_greys(artist.get_facecolor()), edgecolor=_greys(artist.get_edgecolor()))
        elif isinstance(artist, Line2D):
            names = ("color", "markerfacecolor", "markeredgecolor")
            artist.set(**{name: to_grey(getattr(artist, f"get_{name}")()) for name in names})
        elif isinstance(artist, Patch):
            artist.set(facecolor=to_grey(artist.get_facecolor()), edgecolor=to_grey(artist.get_edgecolor()))
        elif isinstance(artist, Text):
            artist.set_color(to_grey(artist.get_color()))


def _artists(figure: Figure) -> Iterator[Artist]:
    """All that a figure draws, the boxes behind its texts included."""
    for artist in figure.findobj():
        yield artist
        if isinstance(artist, Text) and artist.get_bbox_patch():
            yield artist.get_bbox_patch()


def _greys(colours) -> list[tuple[float, float, float, float]]:
    return [to_grey(colour) for colour in to_rgba_array(colours)]
