"""Stances of the marked-up article, on demand: a diagram of arcs and the same in words, below the paragraph.

An arc diagram (Wattenberg, “Arc diagrams: visualizing structure in strings”, InfoVis 2002) keeps the order of the text: the
actors of a sentence stand in a row, and an arc leads from who takes the stance to the one toward whom it is taken. Support is
drawn solid, opposition dashed, no stance dotted, and each arc bears its label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

import pandas as pd

from analysis.figures.style import shorten
from analysis.prose import count
from analysis.selection import with_voice
from analysis.tables import STANCES

STANCE_SIGNS = {"oppose": "▼", "neutral": "●", "support": "▲"}
MAX_ARCS = 8  # of a sentence, where pairs that take no side are drawn beside those that do: more cannot be told apart
_LABELS = {"oppose": "opposes", "neutral": "neutral", "support": "supports"}
_SPACING, _LEVEL, _LINE = 108, 24, 15  # pixels between actors, between arcs, between lines of a name
_LETTERS = 14  # on a line of a name: so many stand between two actors
_LOWEST = 30  # pixels: the top of an arc that has none below it
_PORT = 9  # pixels between arcs that meet at an actor
_SMALLEST = 0.85  # a diagram may shrink to that before it is scrolled: its type is 12 pixels


class Stance(NamedTuple):
    """A row of the table `stances`, as it is drawn: where its actors stand in the text, and who asserts it."""

    sentence: int
    holder: str
    target: str
    holder_start: int
    target_start: int
    label: str
    shares: dict[str, float]
    voice: str


def stances_by_sentence(stances: pd.DataFrame, quotes: pd.DataFrame, mentions: pd.DataFrame) -> dict[int, list[Stance]]:
    """The stances of each sentence in which a side is taken, those that take one first.

    Parameters
    ----------
    stances, quotes, mentions : DataFrame
        The tables of these names, of one article.

    Returns
    -------
    dict of int to list of Stance
        By the number of the sentence. Those that take no side stand in the order of how near they come to one.
    """
    starts = dict(zip(mentions["mention"], mentions["start"], strict=True))
    found = defaultdict(list)
    for row in with_voice(stances, quotes).itertuples():
        shares = {label: getattr(row, f"p_{label}") for label in STANCES}
        start = starts.get(row.holder_mention, row.target_start)
        found[row.sentence].append(Stance(row.sentence, row.holder, row.target, start, row.target_start, row.label, shares, row.voice))
    sided = {sentence: rows for sentence, rows in found.items() if any(row.label != "neutral" for row in rows)}
    return {
        sentence: sorted(rows, key=lambda row: row.shares["neutral"] if row.label == "neutral" else -1) for sentence, rows in sided.items()
    }


def stance_details(stances: Iterable[Stance]) -> str:
    """What opens below a paragraph: of each sentence a diagram and a list; nothing where no side is taken.

    Parameters
    ----------
    stances : iterable of Stance
        From `stances_by_sentence`, those of a sentence together.
    """
    stances = list(stances)
    number = sum(stance.label != "neutral" for stance in stances)
    if not number:
        return ""
    blocks = "".join(_sentence_block(sentence, list(rows)) for sentence, rows in groupby(stances, lambda stance: stance.sentence))
    return f'<details class="stances"><summary>{count(number, "stance")}</summary>{blocks}</details>'


def _sentence_block(sentence: int, stances: list[Stance]) -> str:
    sided = sum(stance.label != "neutral" for stance in stances)
    shown = stances[: max(MAX_ARCS, sided)]
    items = "".join(f"<li>{_in_words(stance)}</li>" for stance in shown)
    left_out = len(stances) - len(shown)
    more = f"<li>{count(left_out, 'further pair')} without a stance: see the table</li>" if left_out else ""
    return f'<div><b>S{sentence}</b><div class="arcs">{draw_arcs(shown)}</div><ul role="list">{items}{more}</ul></div>'


def _in_words(stance: Stance) -> str:
    others = ", ".join(f"{_LABELS[label]} {stance.shares[label]:.0%}" for label in STANCES if label != stance.label)
    told = f"{_LABELS[stance.label]} {stance.shares[stance.label]:.0%}"
    words = f"{stance.holder} toward {stance.target}: {told} ({others}); voice: {stance.voice}"
    return f'<span aria-hidden="true">{STANCE_SIGNS[stance.label]}</span> {escape(words)}'


# ------------------------------------------------------------------------------------------------ the diagram


class _Arc(NamedTuple):
    """A stance between two places in the row of actors, and on which level above it it runs."""

    stance: Stance
    holder: int
    target: int
    level: int

    @property
    def ends(self) -> tuple[int, int]:
        return min(self.holder, self.target), max(self.holder, self.target)


def draw_arcs(stances: Sequence[Stance]) -> str:
    """An arc diagram in SVG, for the eye: what it shows must stand beside it in words.

    Parameters
    ----------
    stances : sequence of Stance
        Of one sentence.
    """
    places: dict[str, int] = {}
    for stance in stances:
        for name, start in ((stance.holder, stance.holder_start), (stance.target, stance.target_start)):
            places[name] = min(start, places.get(name, start))
    names = sorted(places, key=lambda name: (places[name], name))
    arcs = _stack(stances, {name: place for place, name in enumerate(names)})
    base = _LOWEST + _LEVEL * max((arc.level for arc in arcs), default=0) + 20
    ports = _ports(arcs)
    labels = [shorten(name, _LETTERS, 3).split("\n") for name in names]
    width, height = _SPACING * len(names), base + 8 + _LINE * max(map(len, labels), default=0)
    ends = [(arc, ports[number, arc.holder], ports[number, arc.target]) for number, arc in enumerate(arcs)]
    curves = "".join(_draw_curve(*end, base) for end in ends)
    words = "".join(_draw_label(*end, base) for end in ends)  # last, so that no curve runs through them
    nodes = "".join(_draw_actor(lines, _centre(place), base) for place, lines in enumerate(labels))
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" style="min-width:{width * _SMALLEST:.0f}px"'
    return f'<svg {size} aria-hidden="true" focusable="false">{curves}{nodes}{words}</svg>'


def _stack(stances: Sequence[Stance], order: Mapping[str, int]) -> list[_Arc]:
    """Arcs on levels such that none lies on another, and that an arc runs above those that it spans."""
    arcs: list[_Arc] = []
    pairs = [_Arc(stance, order[stance.holder], order[stance.target], 0) for stance in stances if stance.holder != stance.target]
    for arc in sorted(pairs, key=lambda arc: (arc.ends[1] - arc.ends[0], arc.ends, arc.holder)):
        low, high = arc.ends
        below = [other.level for other in arcs if other.ends[0] < high and low < other.ends[1]]
        arcs.append(arc._replace(level=max(below, default=-1) + 1))
    return arcs


def _ports(arcs: Sequence[_Arc]) -> dict[tuple[int, int], float]:
    """Where each arc meets each of its actors, by the numbers of both: side by side, nested arcs within wider ones."""
    meeting = defaultdict(list)
    for number, arc in enumerate(arcs):
        low, high = arc.ends
        meeting[low].append((1, -arc.level, number))
        meeting[high].append((0, arc.level, number))
    ports = {}
    for place, ends in meeting.items():
        for position, (*_, number) in enumerate(sorted(ends)):
            ports[number, place] = _centre(place) + _PORT * (position - (len(ends) - 1) / 2)
    return ports


def _centre(place: int) -> float:
    return _SPACING * (place + 0.5)


def _top(arc: _Arc) -> int:
    return _LOWEST + _LEVEL * arc.level


def _draw_curve(arc: _Arc, start: float, end: float, base: float) -> str:
    """A curve that leaves the holder and arrives at the target upright, with its head there."""
    control = base - _top(arc) * 4 / 3  # a cubic curve rises to three quarters of its control points
    curve = f"M{start:g} {base - 3:g}C{start:g} {control:g} {end:g} {control:g} {end:g} {base - 9:g}"
    head = f"M{end - 4:g} {base - 11:g}h8l-4 8z"
    return f'<g class="{arc.stance.label}"><path class="arc" d="{curve}"/><path class="head" d="{head}"/></g>'


def _draw_label(arc: _Arc, start: float, end: float, base: float) -> str:
    label = arc.stance.label
    words = f"{_LABELS[label]} {arc.stance.shares[label]:.0%}"
    return f'<text x="{(start + end) / 2:g}" y="{base - _top(arc) + 2:g}">{words}</text>'


def _draw_actor(lines: Sequence[str], centre: float, base: float) -> str:
    rows = "".join(f'<tspan x="{centre:g}" dy="{_LINE}">{escape(line)}</tspan>' for line in lines)
    return f'<path class="actor-node" d="M{centre - 36:g} {base:g}h72"/><text x="{centre:g}" y="{base + 2:g}">{rows}</text>'
