"""How well a codebook of issues, and the candidates beside it, agree with sentences that were coded by issue."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.article import Article, Part, read_article
from analysis.codebook import IssueCodebook, read_issue_books, read_issues
from analysis.errors import InputError
from analysis.evaluation.benchmarks import read_records
from analysis.evaluation.measures import precision_recall_f1
from analysis.issues import CANDIDATE, find_issues, similarities
from analysis.language import parse
from analysis.selection import FAR

CODING = "coding.csv"
COLUMNS = ("source", "sentence", "part", "issues")
OWN_SUFFIX = ".txt"  # articles that lie beside the coding; other sources are records of the benchmarks
THRESHOLDS = np.arange(0.1, 0.6, 0.01)
CODEBOOKS, TEXTS = "codebooks.yaml", "issues.tsv"
TEXT_COLUMNS = ("codebook", "text", "sentence", "issues")
DEFAULT, OTHERS = "default codebook", "other codebooks"


class CodedText(NamedTuple):
    """The sentences of a text in their order, and the issues of each, sub-issues' parents included, by the keys of a codebook."""

    codebook: IssueCodebook
    sentences: list[str]
    issues: list[set[str]]


def evaluate_coverage(path: str | Path, texts: str | Path | None = None) -> dict:
    """Measure the default codebook, with candidates and without, on sentences that were coded by issue.

    Parameters
    ----------
    path : path
        A folder as `read_coding` takes it, or one as `read_texts` does, of which each codebook is measured on its own texts.
    texts : path, optional
        The folder of the benchmarks whose records are coded; without it, only the articles that lie beside the coding count.

    Returns
    -------
    dict
        For each part and kind of source the number of sentences, and precision, recall and F1 (over all sentences and issues) of
        phrases alone and of phrases with candidates; of what the candidates add, the share that is right; how many phrases stand in
        sentences that are far from their issue (`selection.FAR`), and the shares of these and of the others that are right; and the least
        similarity of candidates as it would be chosen on the part dev (`choose_threshold`). Of a folder with codebooks instead, the same
        numbers for the texts of the default codebook and for those of others, on which the least similarity was chosen.

    Raises
    ------
    InputError
        If the coding or a text cannot be read.
    """
    if (Path(path) / CODEBOOKS).is_file():
        judged = {kind: rows for kind, rows in judge_texts(read_texts(path)).groupby("kind")}
        scores = {kind: score_sentences(rows) for kind, rows in judged.items()}
        chosen = {f"chosen_on_{OTHERS.replace(' ', '_')}": choose_threshold(judged[OTHERS])} if OTHERS in judged else {}
        return scores | {"least_similarity": CANDIDATE} | chosen
    judged = judge_sentences(read_coding(path), Path(path), Path(texts) if texts else None, read_issues())
    scores: dict = {}
    for (part, kind), rows in judged.groupby(["part", "kind"]):
        scores.setdefault(part, {})[kind] = score_sentences(rows)
    dev = judged[judged["part"].eq("dev")]
    return scores | {"least_similarity": CANDIDATE} | ({} if dev.empty else {"chosen_on_dev": choose_threshold(dev)})


def read_coding(folder: str | Path) -> pd.DataFrame:
    """Read which issues coders found in which sentences.

    Parameters
    ----------
    folder : path
        With `coding.csv`: source (an article beside it, or a benchmark's file), sentence (its number, or that of the record, from 0), part
        (dev or test), issues (keys of the codebook, joined by “;”; of sub-issues the parents are meant too).

    Returns
    -------
    DataFrame
        A row a sentence: source, sentence, part, issues (set of keys).

    Raises
    ------
    InputError
        If the file cannot be read, or has not these columns.
    """
    path = Path(folder) / CODING
    try:
        coded = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")[list(COLUMNS)].astype({"sentence": "int64"})
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", str(path), f"It needs the columns {', '.join(COLUMNS)}.") from error
    return coded.assign(issues=[set(_split(issues)) for issues in coded["issues"]])


def read_texts(folder: str | Path) -> list[CodedText]:
    """Read texts that were coded by several codebooks.

    Parameters
    ----------
    folder : path
        With `codebooks.yaml`: codebooks by name, each as a file of one has it; and `issues.tsv`, a line a sentence: codebook (a name, or
        “default”), text (its number), sentence, issues (keys, joined by “;”).

    Returns
    -------
    list of CodedText
        In the order of the file.

    Raises
    ------
    InputError
        If a file cannot be read, or an issue is unknown.
    """
    folder = Path(folder)
    books = {"default": read_issues(), **read_issue_books(folder / CODEBOOKS)}
    try:
        lines = pd.read_csv(folder / TEXTS, sep="\t", quoting=csv.QUOTE_NONE, dtype="str", keep_default_na=False, encoding="utf-8")
        grouped = lines[list(TEXT_COLUMNS)].groupby(["codebook", "text"], sort=False)
        return [_coded_text(books[name], rows) for (name, _), rows in grouped]
    except (OSError, KeyError, ValueError) as error:
        remedy = f"It needs the columns {', '.join(TEXT_COLUMNS)}, and keys that stand in {CODEBOOKS}."
        raise InputError(f"cannot be read ({error})", str(folder / TEXTS), remedy) from error


def _coded_text(book: IssueCodebook, rows: pd.DataFrame) -> CodedText:
    return CodedText(book, rows["sentence"].tolist(), [with_wider(book, _split(keys)) for keys in rows["issues"]])


def _split(keys: str) -> list[str]:
    """Keys that are joined by “;”."""
    return keys.split(";") if keys else []


def with_wider(codebook: IssueCodebook, keys: Iterable[str]) -> set[str]:
    """The keys of issues and of those that they are part of."""
    return {wider.key for key in keys for wider in codebook.lineage(key)}


def judge_texts(texts: Iterable[CodedText]) -> pd.DataFrame:
    """Every sentence with every issue of its codebook: as `judge_sentences` gives them, `kind` being `DEFAULT` or `OTHERS`."""
    rows = []
    for number, text in enumerate(texts):
        kind = DEFAULT if text.codebook is read_issues() else OTHERS
        found = _read_apart(text.sentences, [number] * len(text.sentences), text.codebook)
        for sentence, (coded, (keys, near)) in enumerate(zip(text.issues, found, strict=True)):
            for issue, similarity in zip(text.codebook.by_key, near, strict=True):
                rows.append((number, sentence, kind, issue, issue in coded, issue in keys, similarity))
    return pd.DataFrame(rows, columns=["source", "sentence", "kind", "issue", "coded", "found", "similarity"])


def judge_sentences(coded: pd.DataFrame, folder: Path, texts: Path | None, codebook: IssueCodebook) -> pd.DataFrame:
    """Every coded sentence with every issue of a codebook that the coders told apart: that they found in some sentence.

    Returns
    -------
    DataFrame
        source, sentence, part, kind (own or benchmark), issue, coded and found (whether a coder, or a phrase, says that it is there),
        similarity.
    """
    rows = []
    if unknown := set().union(*coded["issues"]) - set(codebook.by_key):
        raise InputError(f"“{min(unknown)}” is no issue of the codebook", str(folder), f"Choose from {', '.join(codebook.by_key)}.")
    meanings = [with_wider(codebook, issues) for issues in coded["issues"]]
    told = set().union(*meanings)
    for source, sentences in coded.assign(issues=meanings).groupby("source", sort=False):
        own = source.endswith(OWN_SUFFIX)
        if own or texts:
            found = _read_article(folder / source, codebook) if own else _read_records(texts / source, sentences["sentence"], codebook)
            for row in sentences.itertuples():
                if row.sentence not in found:
                    raise InputError(f"there is no sentence {row.sentence}", str(folder / source), "Mend the coding.")
                keys, near = found[row.sentence]
                for issue, similarity in zip(codebook.by_key, near, strict=True):
                    if issue in told:
                        where = (source, row.sentence, row.part, "own" if own else "benchmark")
                        rows.append((*where, issue, issue in row.issues, issue in keys, similarity))
    return pd.DataFrame(rows, columns=["source", "sentence", "part", "kind", "issue", "coded", "found", "similarity"])


def score_sentences(judged: pd.DataFrame, threshold: float = CANDIDATE) -> dict:
    """Agreement with the coders, over all pairs of a sentence and an issue in `judged`."""
    coded, found = judged["coded"].to_numpy(), judged["found"].to_numpy()
    added = ~found & judged["similarity"].ge(threshold).to_numpy()
    far = judged["similarity"].lt(FAR).to_numpy()
    return {
        "sentences": len(judged[["source", "sentence"]].drop_duplicates()),
        "phrases": _agreement(coded, found),
        "with_candidates": _agreement(coded, found | added),
        "candidates": int(added.sum()),
        "candidates_right": _share(coded, added),
        "far_phrases": int((found & far).sum()),
        "far_phrases_right": _share(coded, found & far),
        "near_phrases_right": _share(coded, found & ~far),
    }


def choose_threshold(judged: pd.DataFrame) -> float:
    """The least similarity from which on half of all sentences and issues that are so near belong together.

    Phrases are left aside: they were widened with a look at the same sentences, and of what they have missed there too little is left to
    choose by.
    """
    coded, similarity = judged["coded"].to_numpy(), judged["similarity"].to_numpy()
    half = [least for least in THRESHOLDS if coded[similarity >= least].sum() * 2 >= (similarity >= least).sum()]
    return round(float(half[0] if half else THRESHOLDS[-1]), 2)


def _share(coded: np.ndarray, chosen: np.ndarray) -> float:
    """Of what is chosen, the share that is coded, in %."""
    return precision_recall_f1(int((coded & chosen).sum()), int(chosen.sum()), 1)["p"]


def _agreement(coded: np.ndarray, found: np.ndarray) -> dict[str, float]:
    return precision_recall_f1(int((coded & found).sum()), int(found.sum()), int(coded.sum()))


def _read_article(path: Path, codebook: IssueCodebook) -> dict[int, tuple[set[str], np.ndarray]]:
    """Of each sentence of an article, by number, the issues that phrases tell, and its similarities to all."""
    parsed = next(parse([read_article(path)]))
    sentences, issues = parsed.sentences, find_issues(parsed, codebook)
    near = similarities(sentences["text"], sentences["part"], codebook)
    found = issues.groupby("sentence")["issue"].agg(set).to_dict()
    return {number: (found.get(number, set()), row) for number, row in zip(sentences["sentence"], near, strict=True)}


def _read_records(path: Path, numbers: pd.Series, codebook: IssueCodebook) -> dict[int, tuple[set[str], np.ndarray]]:
    """The same of records of a benchmark, each a text by itself."""
    texts = read_records(path, numbers)
    return dict(zip(numbers, _read_apart(texts, range(len(texts)), codebook), strict=True))


def _read_apart(texts: Sequence[str], groups: Sequence, codebook: IssueCodebook) -> Iterator[tuple[set[str], np.ndarray]]:
    """The same of sentences or short texts, each parsed by itself; neighbours in meaning are those of one group."""
    parsed = parse(Article(str(n), text, (Part("body", 0, len(text)),)) for n, text in enumerate(texts))
    near = similarities(texts, groups, codebook)
    return ((set(find_issues(one, codebook)["issue"]), row) for one, row in zip(parsed, near, strict=True))
