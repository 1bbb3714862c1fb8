"""From what the encoder read to attributions: words' roles become spans, and spans that belong together attributions.

The encoder gives each word the log probability of its role (source, cue, content, in the BIOES scheme) and, as part of a source or
a content, a pointer to its cue; `training/quotes.py` says how it learned to.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from heapq import heapify, heappop, heappush
from operator import attrgetter

import numpy as np

from analysis.quotation import quotation_type, quoted_spans
from analysis.reader import MODELS, Reading, Window

ROLES = ("source", "cue", "content")
TAGS = ("O", *(f"{place}-{role}" for role in ROLES for place in "BIES"))
LINKED = ("source", "content")
_MARGIN = 3  # characters between a content's last word and the mark that closes its quotation
_FORBIDDEN = -1e9
# Log units, fitted on PolNeAR's dev part: the least for a link; for the link of a faint source; for a source to be shared.
_UNLIKELY, _CLEAR, _SHARED = -1.5, -1.0, -4.0
_FAINT = 1.5
_CROWDING = 1.0
_first = attrgetter("first")


@dataclass(frozen=True)
class _Span:
    """Words `first` to `last` (exclusive) in one role; the mean log probability of their tags, and of those at both ends."""

    role: str
    first: int
    last: int
    score: float
    ends: float


@dataclass
class _Group:
    """The spans of one attribution, and the log probabilities of their links to its cue."""

    cue: _Span | None = None
    source: _Span | None = None
    contents: list[_Span] = field(default_factory=list)
    source_link: float = 0.0
    content_links: list[float] = field(default_factory=list)


def assemble_attributions(reading: Reading, verb: tuple[int, int] | None = None) -> list[dict]:
    """The attributions of a text, in the order of their contents.

    Parameters
    ----------
    reading : Reading
    verb : tuple of int, optional
        Where a reporting verb stands (start, end) in a text that is what somebody said. That all of it is a content is known then, and
        no answer: where no cue is found, the verb is a part of no content.

    Returns
    -------
    list of dict
        As `quotes.find_attributions` describes them, and with the `features` that the confidence was computed from.
    """
    spans = decode_spans(reading.tags)
    if verb and not any(span.role == "cue" for span in spans):
        spans = decode_spans(_without_content(reading, verb))
    if not spans:
        return []
    cues, contents, sources = ([s for s in spans if s.role == role] for role in ("cue", "content", "source"))
    groups = _group_contents(reading, contents, cues)
    _find_cues(reading, spans, [group for group in groups if not group.cue])
    cued = sorted((group for group in groups if group.cue), key=lambda group: group.cue.first)
    _find_sources(reading, spans, sources, cued)
    quoted = quoted_spans(reading.words.text)
    return sorted((_attribution(reading, group, quoted) for group in groups), key=lambda a: a["content"])


# ---------------------------------------------------------------- spans


@cache
def _transitions() -> np.ndarray:
    """Which tag may follow which: a span begins with B or S, and ends with E or S."""
    allowed = np.zeros((len(TAGS), len(TAGS)), dtype=bool)
    for i, a in enumerate(TAGS):
        for j, b in enumerate(TAGS):
            open_before, goes_on = a[0] in "BI", b[0] in "IE"
            allowed[i, j] = (open_before and goes_on and a[1:] == b[1:]) if open_before or goes_on else True
    return np.where(allowed, 0.0, _FORBIDDEN)


def decode_spans(log_p: np.ndarray) -> list[_Span]:
    """The most probable sequence of spans, by Viterbi's algorithm over the BIOES tags.

    Parameters
    ----------
    log_p : ndarray, (words, tags)
    """
    n = len(log_p)
    if not n:
        return []
    transitions = _transitions()
    starts = np.array([0.0 if tag[0] in "OBS" else _FORBIDDEN for tag in TAGS])
    ends = np.array([0.0 if tag[0] in "OES" else _FORBIDDEN for tag in TAGS])
    best, back = starts + log_p[0], np.zeros((n, len(TAGS)), dtype=np.int8)
    for i in range(1, n):
        scores = best[:, None] + transitions
        back[i] = scores.argmax(axis=0)
        best = scores.max(axis=0) + log_p[i]
    path = [int((best + ends).argmax())]
    for i in range(n - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    path.reverse()
    spans, first = [], 0
    for i, tag in enumerate(TAGS[t] for t in path):
        if tag[0] in "BS":
            first = i
        if tag[0] in "ES":
            chosen = log_p[np.arange(first, i + 1), path[first : i + 1]]
            spans.append(_Span(tag[2:], first, i + 1, float(chosen.mean()), float((chosen[0] + chosen[-1]) / 2)))
    return spans


def _without_content(reading: Reading, place: tuple[int, int]) -> np.ndarray:
    """The log probabilities of tags, where words from one offset to another are no part of a content."""
    ((first, last),) = reading.words.covering(np.array([place]))
    log_p = reading.tags.copy()
    log_p[first:last, [tag.endswith("content") for tag in TAGS]] = _FORBIDDEN
    return log_p


# ---------------------------------------------------------------- links


def _offers(reading: Reading, spans: list[_Span], cues: list[_Span]) -> list[tuple[float, int, int]]:
    """Mean log probability of a link, number of the span and number of the cue, for each span and each cue in its window."""
    offers = []
    for n, span in enumerate(spans):
        window, scores = _pointers(reading, span)
        near = range(bisect_left(cues, window.first, key=_first), bisect_left(cues, window.last, key=_first))
        offers += zip(scores[[cues[i].first - window.first for i in near]].tolist(), [n] * len(near), near, strict=True)
    return offers


def _pointers(reading: Reading, span: _Span) -> tuple[Window, np.ndarray]:
    """The window that a span is read in, and the mean log probability that each word of it is the first of the span's cue."""
    home = int(reading.home[(span.first + span.last) // 2])
    window = reading.windows[home]
    words = slice(max(span.first, window.first) - window.first, min(span.last, window.last) - window.first)
    return window, reading.links[home][LINKED.index(span.role), words].mean(axis=0)


def _group_contents(reading: Reading, contents: list[_Span], cues: list[_Span]) -> list[_Group]:
    """Contents by their cue, the surest first: a cue that has one already on that side costs `_CROWDING` log units for each more.

    A content is a group of its own where no cue is likely.
    """
    groups = [_Group(cue) for cue in cues]
    offers = [(-score, n, cue, 0, score) for score, n, cue in _offers(reading, contents, cues) if score > _UNLIKELY]
    heapify(offers)
    alone = dict(enumerate(contents))
    while offers:
        cost, n, cue, crowd, score = heappop(offers)
        if n not in alone:
            continue
        now = _on_same_side(contents[n], groups[cue])
        if now > crowd:
            heappush(offers, (cost + _CROWDING * (now - crowd), n, cue, now, score))
            continue
        groups[cue].contents.append(alone.pop(n))
        groups[cue].content_links.append(score)
    return [group for group in groups if group.contents] + [_Group(contents=[content]) for content in alone.values()]


def _on_same_side(content: _Span, group: _Group) -> int:
    """How many contents of a group stand on the same side of its cue: a quotation may be broken by “he said”."""
    return sum((other.first < group.cue.first) == (content.first < group.cue.first) for other in group.contents)


def _find_cues(reading: Reading, spans: list[_Span], groups: list[_Group]) -> None:
    """Give each group without a cue the word that its content points to, if it is likely and plays no part yet."""
    played = _played(reading, spans)
    for group in groups:
        window, scores = _pointers(reading, group.contents[0])
        word = int(np.where(played[window.first : window.last], _FORBIDDEN, scores).argmax())
        if scores[word] > _UNLIKELY and not played[window.first + word]:
            tag = float(reading.tags[window.first + word, TAGS.index("S-cue")])
            group.cue = _Span("cue", window.first + word, window.first + word + 1, tag, tag)
            group.content_links = [float(scores[word])]
            played[window.first + word] = True


def _played(reading: Reading, spans: list[_Span]) -> np.ndarray:
    """Which words play a part: (words,)."""
    played = np.zeros(len(reading.words), dtype=bool)
    for span in spans:
        played[span.first : span.last] = True
    return played


def _find_sources(reading: Reading, spans: list[_Span], sources: list[_Span], groups: list[_Group]) -> None:
    """Give each group, which has a cue, its source.

    A source goes to the best cue that has none. A cue left without one takes faint words that clearly point to it, or
    else shares the source of another (“He praised the deal, saying …”).
    """
    cues = [group.cue for group in groups]
    offers = _offers(reading, sources, cues)
    _assign(groups, sources, offers, _UNLIKELY)
    if any(group.source is None for group in groups):
        faint = _faint_sources(reading, spans)
        _assign(groups, faint, _offers(reading, faint, cues), _CLEAR)
        _assign(groups, sources, offers, _SHARED, again=True)


def _assign(groups: list[_Group], sources: list[_Span], offers: list[tuple[float, int, int]], least: float, again: bool = False) -> None:
    """Give groups that have none the sources on offer, the surest first: each once, or again and again."""
    taken: set[int] = set()
    for score, n, cue in sorted(offers, reverse=True):
        if score > least and groups[cue].source is None and (again or n not in taken):
            groups[cue].source, groups[cue].source_link = sources[n], score
            taken.add(n)


def _faint_sources(reading: Reading, spans: list[_Span]) -> list[_Span]:
    """Words outside of all spans that would be a source if sources were `_FAINT` log units more probable."""
    log_p = reading.tags + _FAINT * np.array([tag.endswith("source") for tag in TAGS])
    log_p[_played(reading, spans), 1:] = _FORBIDDEN
    return [span for span in decode_spans(log_p) if span.role == "source"]


# ---------------------------------------------------------------- what was found


def _attribution(reading: Reading, group: _Group, quoted: np.ndarray) -> dict:
    offsets = reading.words.offsets
    spans = {"source": [group.source], "cue": [group.cue], "content": group.contents}
    out: dict = {r: sorted((int(offsets[s.first, 0]), int(offsets[s.last - 1, 1])) for s in spans[r] if s) for r in ROLES}
    out["content"] = [_with_marks(span, quoted, reading.words.text) for span in out["content"]]
    out["type"] = quotation_type(reading.words.text, out["content"], quoted)
    out["features"] = _features(group)
    out["confidence"] = confidence(out["features"], _load_confidence())
    return out


def _features(group: _Group) -> dict[str, float]:
    """What the confidence rests on: doubts about tags and links, 0 where there is none; the content's size; and what is missing.

    A doubt is the root of the surprisal, −log p: of its forms that were tried, it fits coders' agreement best.
    """

    def doubt(scores: Iterable[float]) -> float:
        return float(np.sqrt(max(0.0, -np.mean(scores))))

    return {
        "content": doubt([s.score for s in group.contents]),
        "ends": doubt([s.ends for s in group.contents]),
        "source": doubt([group.source.score if group.source else 0.0]),
        "cue": doubt([group.cue.score if group.cue else 0.0]),
        "content_link": doubt(group.content_links or [0.0]),
        "source_link": doubt([group.source_link]),
        "parts": float(np.log(len(group.contents))),
        "length": float(np.log(sum(s.last - s.first for s in group.contents))),
        "sourceless": float(group.source is None),
        "cueless": float(group.cue is None),
    }


def confidence(features: Mapping[str, float], form: Mapping) -> float:
    """The probability that a coder finds the same attribution, with the same source: a logistic form, fitted on coded articles.

    Parameters
    ----------
    features : mapping
        Of an attribution, by name.
    form : mapping
        `intercept`, and `weights` by the feature's name.
    """
    return float(1 / (1 + np.exp(-form["intercept"] - sum(weight * features[name] for name, weight in form["weights"].items()))))


@cache
def _load_confidence() -> dict:
    return json.loads((MODELS / "quotes.json").read_text(encoding="utf-8"))


def _with_marks(span: tuple[int, int], quoted: np.ndarray, text: str) -> tuple[int, int]:
    """A content that begins or ends with a quotation takes its marks in, and, where the quotation goes on behind it, the comma there."""
    start, end = span
    before = int(np.searchsorted(quoted[:, 0], start, side="left")) - 1
    if before >= 0 and start - quoted[before, 0] <= 2 and quoted[before, 1] > start:
        start = int(quoted[before, 0])
    behind = int(np.searchsorted(quoted[:, 1], end, side="right"))
    if behind < len(quoted) and quoted[behind, 1] - end <= _MARGIN and quoted[behind, 0] >= start:
        end = int(quoted[behind, 1])
    if text.startswith(",", end) and ((quoted[:, 0] == start) & (quoted[:, 1] > end)).any():
        end += 1
    return start, end
