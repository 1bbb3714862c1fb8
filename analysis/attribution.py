"""From what the encoder read to attributions: words' roles become spans, and spans that belong together attributions.

The encoder gives each word the log probability of its role (source, cue, content, in the BIOES scheme) and, as part of a source or
a content, a pointer to its cue; `training/quotes.py` says how it learned to.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from operator import attrgetter

import numpy as np

from analysis.quotation import quoted_spans
from analysis.reader import Reading, log_softmax

ROLES = ("source", "cue", "content")
TAGS = ("O", *(f"{place}-{role}" for role in ROLES for place in "BIES"))
_LINK_ROW = {"source": 0, "content": 1, "cue": 2}
_MARGIN = 3  # characters between a content's last word and the mark that closes its quotation
_FORBIDDEN = -1e9
_UNLIKELY = -3.0  # log probability below which a link is none
_CROWDING = 1.0  # fitted on PolNeAR's dev part
_first = attrgetter("first")


@dataclass(frozen=True)
class _Span:
    """Words `first` to `last` (exclusive) in one role, and the mean log probability of their tags."""

    role: str
    first: int
    last: int
    score: float


def assemble_attributions(reading: Reading) -> list[dict]:
    """The attributions of a text, in the order of their contents; each as `quotes.find_attributions` describes it."""
    spans = decode_spans(reading.tags)
    cues, contents, sources = ([s for s in spans if s.role == role] for role in ("cue", "content", "source"))
    groups: dict[int, dict[str, list[_Span]]] = {}
    for content, cue in zip(contents, _assign(reading, contents, cues, _CROWDING), strict=True):
        key = -content.first - 1 if cue is None else cue
        group = groups.setdefault(key, {"source": [], "cue": [] if cue is None else [cues[cue]], "content": []})
        group["content"].append(content)
    answered = sorted(i for i in groups if i >= 0)
    for source, cue in zip(sources, _assign(reading, sources, [cues[i] for i in answered], np.inf), strict=True):
        if cue is not None:
            groups[answered[cue]]["source"].append(source)
    quoted = np.array(quoted_spans(reading.words.text), dtype=np.int64).reshape(-1, 2)
    found = [_attribution(reading, group, quoted) for group in groups.values()]
    return sorted(found, key=lambda a: a["content"])


# ---------------------------------------------------------------- spans


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
            spans.append(_Span(tag[2:], first, i + 1, float(chosen.mean())))
    return spans


# ---------------------------------------------------------------- links


def _link_scores(reading: Reading, span: _Span, cues: list[_Span]) -> tuple[range, np.ndarray]:
    """Candidate cues in the span's window, and the log probability that each word of the span points to each of them."""
    home = int(reading.home[(span.first + span.last) // 2])
    window = reading.windows[home]
    near = range(bisect_left(cues, window.first, key=_first), bisect_left(cues, window.last, key=_first))
    if not near:
        return near, np.zeros((0, 0))
    links = reading.links[home]
    words = np.arange(max(span.first, window.first), min(span.last, window.last)) - window.first
    keys = links[[cues[i].first - window.first for i in near], _LINK_ROW["cue"]]
    scores = links[words, _LINK_ROW[span.role]] @ keys.T / keys.shape[1] ** 0.5
    return near, log_softmax(scores)


def _assign(reading: Reading, spans: list[_Span], cues: list[_Span], crowding: float) -> list[int | None]:
    """The cue that each span belongs to, the surest first; a cue that has one already costs `crowding` log units for each more.

    None where no cue is near, or, for a crowding without bound, where each is taken.
    """
    offers = []
    for n, span in enumerate(spans):
        near, scores = _link_scores(reading, span, cues)
        if near:
            means = scores.mean(axis=0)
            offers += [(-float(mean), n, cue, 0) for mean, cue in zip(means, near, strict=True) if mean > _UNLIKELY]
    heapify(offers)
    chosen: list[int | None] = [None] * len(spans)
    taken = [0] * len(cues)
    while offers:
        cost, n, cue, crowd = heappop(offers)
        if chosen[n] is not None:
            continue
        if taken[cue] == crowd:
            chosen[n] = cue
            taken[cue] += 1
        elif np.isfinite(crowding):
            heappush(offers, (cost + crowding * (taken[cue] - crowd), n, cue, taken[cue]))
    return chosen


# ---------------------------------------------------------------- what was found


def _attribution(reading: Reading, group: dict[str, list[_Span]], quoted: np.ndarray) -> dict:
    offsets = reading.words.offsets
    out: dict = {role: [(int(offsets[s.first, 0]), int(offsets[s.last - 1, 1])) for s in group[role]] for role in ROLES}
    out["content"] = [_with_marks(span, quoted) for span in out["content"]]
    out["type"] = _quotation_type(reading, group["content"], quoted)
    out["confidence"] = float(np.exp(np.mean([s.score for role in ROLES for s in group[role]])))
    return out


def _with_marks(span: tuple[int, int], quoted: np.ndarray) -> tuple[int, int]:
    """A content that begins or ends with a quotation takes its marks in."""
    start, end = span
    before = int(np.searchsorted(quoted[:, 0], start, side="left")) - 1
    if before >= 0 and start - quoted[before, 0] <= 2 and quoted[before, 1] > start:
        start = int(quoted[before, 0])
    behind = int(np.searchsorted(quoted[:, 1], end, side="right"))
    if behind < len(quoted) and quoted[behind, 1] - end <= _MARGIN and quoted[behind, 0] >= start:
        end = int(quoted[behind, 1])
    return start, end


def _quotation_type(reading: Reading, contents: list[_Span], quoted: np.ndarray) -> str:
    """Direct where every word stands in quotation marks, indirect where none does."""
    starts = reading.words.offsets[np.concatenate([np.arange(s.first, s.last) for s in contents]), 0]
    words = [s for s in starts.tolist() if reading.words.text[s].isalnum()]
    last = np.searchsorted(quoted[:, 0], words, side="right") - 1
    inside = int(np.sum((last >= 0) & (quoted[last, 1] > words))) if len(quoted) else 0
    return "indirect" if not inside else "direct" if inside == len(words) else "mixed"
