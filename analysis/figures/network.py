"""Where the arrows of a network run: the actors stand on a circle of radius 1, and every arrow stays within it.

From a place on a circle, all others lie to its inner side. An arrow sets out between the direction of the other actor and that of
the centre, so it meets neither actors that it does not concern nor the names around the circle. The ends of arrows at one actor are
kept apart, so that no head touches another, or another arrow's beginning.

Points and directions are numbers of the complex plane; angles are in radians, at an actor 0 toward the centre, positive to the left.
"""

from __future__ import annotations

import cmath
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.path import Path
from scipy.optimize import isotonic_regression

BEND = 0.5  # of the angle between the other actor and the centre that an arrow turns toward the centre
ASIDE = 0.2  # that each of two arrows between the same actors turns to its left besides
PULL = 0.35  # of the distance between its ends that a curve keeps the directions that it has there
NEAREST = 5.7  # points from an actor's place to the ends of its arrows
APART = 3.6  # points between two such ends: a head is 3.2 wide
FAN = 2.1  # the angle within which they lie

_CUBIC = (Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4)


def place_on_circle(names: Sequence[str]) -> dict[str, complex]:
    """The first at the top, the others clockwise."""
    return {name: 1j * cmath.exp(-2j * math.pi * number / len(names)) for number, name in enumerate(names)}


def route_arrows(places: Mapping[str, complex], arrows: Sequence[tuple[str, str]], point: float) -> list[Path]:
    """The curve of each arrow, from who takes a stance to whom it is taken toward.

    Parameters
    ----------
    places : mapping of str to complex
        From `place_on_circle`.
    arrows : sequence of (str, str)
        Names of two actors; no arrow twice.
    point : float
        The size of a point, in radii of the circle.
    """
    directions = defaultdict(dict)
    for number, (holder, target) in enumerate(arrows):
        aside = ASIDE if (target, holder) in arrows else 0
        for here, there, turn in ((holder, target, aside), (target, holder, -aside)):
            seen = cmath.phase((places[here] - places[there]) / places[here])
            directions[here][number] = (1 - BEND) * seen + turn
    ends = {name: _end_arrows(places[name], found, point) for name, found in directions.items()}
    return [_curve(*ends[holder][number], *ends[target][number]) for number, (holder, target) in enumerate(arrows)]


def _end_arrows(place: complex, directions: Mapping[int, float], point: float) -> dict[int, tuple[complex, complex]]:
    """Of each arrow at an actor, by its number, where it ends and in which direction it leads away; further off where there are many."""
    order = sorted(directions, key=directions.get)
    distance = point * max(NEAREST, len(order) * APART / FAN)
    spread = _keep_apart([directions[number] for number in order], point * APART / distance)
    away = [-place * cmath.exp(1j * angle) for angle in spread]
    return {number: (place + distance * direction, direction) for number, direction in zip(order, away, strict=True)}


def _keep_apart(angles: Sequence[float], gap: float) -> np.ndarray:
    """Sorted angles, changed as little as it takes (least squares) to lie a gap apart within the fan.

    With the gaps taken off, that is isotonic regression.
    """
    gaps = gap * np.arange(len(angles))
    rising = isotonic_regression(np.asarray(angles) - gaps).x
    return np.clip(rising, -FAN / 2, FAN / 2 - gaps[-1]) + gaps


def _curve(start: complex, leaving: complex, end: complex, arriving: complex) -> Path:
    reach = PULL * abs(end - start)
    points = (start, start + reach * leaving, end + reach * arriving, end)
    return Path([(point.real, point.imag) for point in points], _CUBIC)
