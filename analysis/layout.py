"""How figures are set for print: formats, width, type, titles, colour. The one place where each of these is checked.

Light to import, so that a wrong call is told before anything that takes seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from analysis.errors import InputError

FORMATS = ("png", "svg", "pdf")
COLUMN_MM, LEAST_MM, MOST_MM = 85, 80, 300
FONT_SIZE, LEAST_POINTS, MOST_POINTS = 7, 5, 14
MM_A_POINT = 9  # so wide a figure is at least for a point of its type: less, and its labels meet


@dataclass(frozen=True)
class Layout:
    """How the figures of a report are set.

    Attributes
    ----------
    formats : tuple of str
        Of `FORMATS`.
    width : float
        In print, in mm: 85 is one column, 120 one and a half, 180 the page.
    font_size : float
        Of all type but titles, in points at that width.
    titles : bool
        Whether the question that a figure answers stands above it.
    greyscale : bool
        Whether figures are drawn and written in greys.

    Raises
    ------
    InputError
        Where a value cannot be used: what is allowed.
    """

    formats: tuple[str, ...] = FORMATS
    width: float = COLUMN_MM
    font_size: float = FONT_SIZE
    titles: bool = True
    greyscale: bool = False

    def __post_init__(self) -> None:
        check_formats(self.formats)
        check_size(self.width, self.font_size)
        for name in ("titles", "greyscale"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{getattr(self, name)!r} is neither true nor false", name, "Use True or False.")

    @property
    def parameters(self) -> dict[str, object]:
        """The same as parameters of a notebook."""
        return asdict(self) | {"formats": ",".join(self.formats)}


def read_formats(text: str) -> tuple[str, ...]:
    """The formats in a list with commas, as a notebook and the command line name them; see `check_formats`."""
    return tuple(check_formats([name.strip().lower() for name in text.split(",") if name.strip()]))


def check_formats(formats: Sequence[str]) -> Sequence[str]:
    """The formats as they are, or an error that names those that there are."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise InputError(f"no figure format {', '.join(unknown) or 'is named'}", "formats", f"Use one or more of {', '.join(FORMATS)}.")
    return formats


def check_size(width: float, font_size: float) -> None:
    """An error where figures of this width (mm) with type of this size (points) cannot be read or printed."""
    _check_between("width", width, LEAST_MM, MOST_MM, "mm")
    _check_between("font_size", font_size, LEAST_POINTS, MOST_POINTS, "points")
    if width < MM_A_POINT * font_size:
        most, least = math.floor(10 * width / MM_A_POINT) / 10, math.ceil(MM_A_POINT * font_size)
        remedy = f"Use at most {most:g} points, or a width of {least} mm or more."
        raise InputError(f"type of {font_size:g} points is too large for a figure of {width:g} mm", "font_size", remedy)


def _check_between(parameter: str, value: float, least: float, most: float, unit: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise InputError(f"{value!r} cannot be used", parameter, f"Give a number from {least} to {most}, in {unit}.")
