"""By how much a name alone changes the sentiment that a sentence is given: the same sentences, with one name after another put in.

Kiritchenko & Mohammad (*SEM 2018) so tested 219 systems for sentiment. The frames in `fairness.yaml` are this project's own.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml

from analysis.schema import SHOWN, list_of, load, record, text, wrong

FRAMES = Path(__file__).with_name("fairness.yaml")
KINDS = ("countries", "people")
SLOT = "{target}"


def _frame(node: yaml.Node) -> str:
    frame = text(node)
    if frame.count(SLOT) != 1:
        raise wrong(node, f"“{frame[:SHOWN]}” is no frame", f"Write a sentence with one {SLOT}, where the name is to stand.")
    return frame


_SCHEMA = record(
    {**dict.fromkeys(KINDS, list_of(text)), "frames": record(dict.fromkeys(KINDS, list_of(_frame)), required=KINDS)},
    required=(*KINDS, "frames"),
)


def evaluate_fairness(path: str | Path = FRAMES) -> dict:
    """Measure the spread between names, of countries and of people.

    Parameters
    ----------
    path : path
        A YAML file: `countries` and `people`, lists of names; `frames`, for each of the two a list of sentences with one `{target}`.

    Returns
    -------
    dict
        For each kind: the number of frames and of names; `spread`, by how much the score of a sentence (probability of positive
        sentiment less that of negative, from −1 to 1) differs from its frame's mean, as a mean; `by_name`, by how much each name
        shifts the score, as a mean over the frames, from the most negative.

    Raises
    ------
    InputError
        If the file cannot be read, or a frame has not one `{target}`.
    """
    frames = read_frames(path)
    return {kind: _spread(_score_frames(frames[frames["kind"] == kind])) for kind in KINDS}


def read_frames(path: str | Path = FRAMES) -> pd.DataFrame:
    """Every frame with every name of its kind: kind, frame (number), name, text, start, end (offsets of the name)."""
    content = load(Path(path), _SCHEMA)
    rows = [
        (kind, number, name, frame.replace(SLOT, name), frame.index(SLOT), frame.index(SLOT) + len(name))
        for kind in KINDS
        for number, frame in enumerate(content["frames"][kind])
        for name in content[kind]
    ]
    return pd.DataFrame(rows, columns=["kind", "frame", "name", "text", "start", "end"])


def _score_frames(frames: pd.DataFrame) -> pd.DataFrame:
    """The score of each sentence less the mean of its frame: a row a frame, a column a name."""
    from analysis.selection import scored
    from analysis.sentiment import classify_targets

    found = classify_targets(frames["text"], list(zip(frames["start"], frames["end"], strict=True)))
    scores = frames.assign(score=scored(found)["score"].to_numpy()).pivot(index="frame", columns="name", values="score")
    return scores.sub(scores.mean(axis=1), axis=0)


def _spread(shifts: pd.DataFrame) -> dict:
    by_name = shifts.mean().sort_values()
    return {
        "frames": len(shifts),
        "names": shifts.shape[1],
        "spread": round(float(shifts.abs().to_numpy().mean()), 3),
        "by_name": {name: round(float(shift), 3) for name, shift in by_name.items()},
    }
