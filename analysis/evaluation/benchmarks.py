"""Readers of the public benchmarks, each in the form in which its makers publish it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.attribution import ROLES
from analysis.errors import InputError
from analysis.judgement import DIRECTIONS

# Where each set lies in a folder of benchmarks: what measures, by the task of `analysis evaluate` and the set's name, and what trains.
SETS = {
    "quotes": {"PolNeAR, dev": "quotes/dev"},
    "sentiment": {"NewsMTSC, dev rw": "sentiment/dev_rw.jsonl", "NewsMTSC, dev mt": "sentiment/dev_mt.jsonl"},
    "stance": {"DSE, valid": "stance/valid.tsv"},
    "issues": {
        "New York Times front page, kept out": "issues/nytimes_train.csv",
        "US Congress bills, kept out": "issues/uscongress_train.csv",
    },
}
TRAINING = {"quotes": "quotes/train", "sentiment": "sentiment/train.jsonl", "stance": "stance/train.tsv"}
TOPICS_PER_KEPT = 10  # the topics have no dev part: one text in so many of each file is it

POLARITIES = {2.0: "negative", 4.0: "neutral", 6.0: "positive"}
# (columns of the text, column of the topic code) as the two sets of the Comparative Agendas Project name them
TOPIC_COLUMNS = ((("Title", "Subject"), "Topic.Code"), (("text",), "major"))

_STANDOFF_KEY = re.compile(r"[TE]\d+")


class CodedText(NamedTuple):
    """A text and the attributions that a coder found: of each, the spans (start, end) of source, cue and content."""

    name: str
    text: str
    attributions: list[dict[str, list[tuple[int, int]]]]


def read_polnear(folder: str | Path) -> list[CodedText]:
    """Read a part of PolNeAR (Newell, Margolin & Ruths, LREC 2018): attributions in brat standoff.

    Parameters
    ----------
    folder : path
        With `text/NAME.txt` and `attributions/NAME_CODER.ann`. Where several people coded a text, the
        first by name counts.

    Returns
    -------
    list of CodedText
        In the order of their names; texts that nobody coded are left out.

    Raises
    ------
    InputError
        If the folder holds no coded text, or a line cannot be read.
    """
    folder = Path(folder)
    coded = []
    for path in sorted(folder.glob("text/*.txt"), key=str):
        codings = sorted(p for p in folder.glob("attributions/*.ann") if re.fullmatch(re.escape(path.stem) + r"_.{4}\.ann", p.name))
        if codings:
            with path.open(encoding="utf-8", newline="") as file:
                coded.append(CodedText(path.stem, file.read(), _read_standoff(codings[0])))
    if not coded:
        raise InputError("no coded text", str(folder), "Name a folder that holds text/*.txt and attributions/*.ann.")
    return coded


def _read_standoff(path: Path) -> list[dict[str, list[tuple[int, int]]]]:
    spans, events = {}, []
    for number, line in _lines(path):
        key, tab, rest = line.partition("\t")
        if not (tab and _STANDOFF_KEY.fullmatch(key)):
            continue  # the words of a span that runs over a line break go on here
        try:
            if key.startswith("T"):
                fragments = rest.split("\t")[0].split(" ", 1)[1].split(";")
                spans[key] = [tuple(int(offset) for offset in fragment.split()) for fragment in fragments]
            else:
                events.append([argument.split(":") for argument in rest.split()])
        except (IndexError, ValueError) as error:
            raise InputError("not a line of brat standoff", f"{path}, line {number}", "Take the file anew from its source.") from error
    return [_attribution(event, spans) for event in events]


def _attribution(event: list[list[str]], spans: dict[str, list[tuple[int, int]]]) -> dict[str, list[tuple[int, int]]]:
    found = {role: [] for role in ROLES}
    for name, key in event:
        role = name.rstrip("0123456789").lower()
        if role in found:
            found[role] += spans.get(key, [])
    return {role: sorted(spans) for role, spans in found.items() if spans}


def read_newsmtsc(path: str | Path) -> pd.DataFrame:
    """Read a part of NewsMTSC (Hamborg & Donnay, EACL 2021): sentiment toward a target marked in a sentence.

    Parameters
    ----------
    path : path
        A .jsonl file: a sentence a line.

    Returns
    -------
    DataFrame
        A row a target: text, start, end (offsets), label (negative, neutral, positive).

    Raises
    ------
    InputError
        If the file cannot be read, or a line of it is not of the set's form.
    """
    rows = []
    for number, line in _lines(path):
        try:
            sentence = json.loads(line)
            for target in sentence["targets"]:
                label = POLARITIES[float(target["polarity"])]
                rows.append((sentence["sentence_normalized"], int(target["from"]), int(target["to"]), label))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("not a sentence of NewsMTSC", f"{path}, line {number}", "Name one of the set's .jsonl files.") from error
    return _coded(rows, ["text", "start", "end", "label"], path)


def read_dse(path: str | Path) -> pd.DataFrame:
    """Read a part of DSE (Park, Pan & Joo, ACL Findings 2021): the stance between two actors marked in a sentence.

    Parameters
    ----------
    path : path
        A .tsv file: a sentence with square brackets about both actors, the two names, and a code 0 to 4.

    Returns
    -------
    DataFrame
        A row a pair: text (without the brackets), first, second (offsets (start, end)), label (one of
        `DIRECTIONS`). Rows whose brackets do not hold the names are left out.

    Raises
    ------
    InputError
        If the file cannot be read, or a line of it is not of the set's form.
    """
    rows = []
    for number, line in _lines(path):
        try:
            sentence, first, second, code = line.split("\t")
            label = DIRECTIONS[int(code)]
        except (IndexError, ValueError) as error:
            raise InputError("not a pair of DSE", f"{path}, line {number}", "Name one of the set's .tsv files.") from error
        pair = _without_brackets(sentence, first, second)
        if pair:
            rows.append((*pair, label))
    return _coded(rows, ["text", "first", "second", "label"], path)


def _coded(rows: list[tuple], columns: list[str], path: str | Path) -> pd.DataFrame:
    if not rows:
        raise InputError("nothing is coded in this file", str(path), "Name a file of the benchmark.")
    return pd.DataFrame(rows, columns=columns)


def _without_brackets(sentence: str, first: str, second: str) -> tuple[str, tuple[int, int], tuple[int, int]] | None:
    at_first = sentence.find(f"[{first}]")
    at_second = sentence.find(f"[{second}]", at_first + 1 if first == second else 0)
    if at_first < 0 or at_second < 0 or at_first == at_second:
        return None
    brackets = [at_first, at_first + 1 + len(first), at_second, at_second + 1 + len(second)]
    text = "".join(character for i, character in enumerate(sentence) if i not in brackets)
    starts = [at - sum(bracket < at for bracket in brackets) for at in (at_first, at_second)]
    return text, (starts[0], starts[0] + len(first)), (starts[1], starts[1] + len(second))


def read_topics(path: str | Path) -> pd.DataFrame:
    """Read texts that are coded by the major topics of the Comparative Agendas Project.

    Parameters
    ----------
    path : path
        A .csv file with the columns Title, Subject, Topic.Code (New York Times) or text, major (US Congress).

    Returns
    -------
    DataFrame
        A row a text: text, topic (code).

    Raises
    ------
    InputError
        If the file cannot be read, or has neither set of columns.
    """
    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", str(path), "Name a .csv file of coded texts.") from error
    for texts, topic in TOPIC_COLUMNS:
        if {*texts, topic} <= set(frame):
            joined = frame[texts[0]].str.cat([frame[name] for name in texts[1:]], sep=". ")
            wrong = frame.loc[~frame[topic].str.fullmatch(r"\s*[+-]?\d+\s*"), topic]
            if len(wrong):
                raise InputError(f"“{wrong.iat[0]}” is no topic's code", f"{path}, row {wrong.index[0] + 1}", "Put its number there.")
            return _coded(list(zip(joined, frame[topic].astype("int64"), strict=True)), ["text", "topic"], path)
    wanted = " or ".join(", ".join((*texts, topic)) for texts, topic in TOPIC_COLUMNS)
    raise InputError("no columns of text and topic", str(path), f"It needs {wanted}.")


def read_records(path: str | Path, numbers: Iterable[int]) -> list[str]:
    """The texts of some records of a benchmark: of a .csv file of topics, a .jsonl file of NewsMTSC, or a .tsv file of DSE, from 0.

    Raises
    ------
    InputError
        If the file cannot be read, or has not these records.
    """
    kind = Path(path).suffix
    records = read_topics(path)["text"].tolist() if kind == ".csv" else [line for _, line in _lines(path)]
    texts = []
    for number in numbers:
        try:
            record = records[number]
            texts.append({".csv": str, ".jsonl": _newsmtsc_text, ".tsv": _dse_text}[kind](record))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise InputError(f"there is no record {number}", str(path), "Name the folder of the benchmarks.") from error
    return texts


def _newsmtsc_text(line: str) -> str:
    return json.loads(line)["sentence_normalized"]


def _dse_text(line: str) -> str:
    return re.sub(r"[][]", "", line.split("\t")[0])


def split_topics(coded: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part coded texts into those to learn from and those kept out of it: one in `TOPICS_PER_KEPT`, if the others do not have it too.

    Parameters
    ----------
    coded : DataFrame
        From `read_topics`, in the order of the file.

    Returns
    -------
    learned, kept : DataFrame
    """
    kept = np.arange(len(coded)) % TOPICS_PER_KEPT == 0
    learned = coded[~kept]
    return learned, coded[kept & ~coded["text"].isin(learned["text"])]


def _lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Number and content of each line of a file that is not empty."""
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", str(path), "Name a file of the benchmark.") from error
