"""How well a codebook of issues, and the candidates beside it, agree with sentences that were coded by issue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.article import Article, Part, read_article
from analysis.codebook import IssueCodebook, read_issues
from analysis.errors import InputError
from analysis.evaluation.benchmarks import read_records
from analysis.evaluation.measures import precision_recall_f1
from analysis.issues import CANDIDATE, find_issues, similarities
from analysis.language import parse

CODING = "coding.csv"
COLUMNS = ("source", "sentence", "part", "issues")
OWN_SUFFIX = ".txt"  # articles that lie beside the coding; other sources are records of the benchmarks
THRESHOLDS = np.arange(0.1, 0.6, 0.01)


def evaluate_coverage(path: str | Path, texts: str | Path | None = None) -> dict:
    """Measure the default codebook, with candidates and without, on sentences that were coded by issue.

    Parameters
    ----------
    path : path
        A folder as `read_coding` takes it.
    texts : path, optional
        The folder of the benchmarks whose records are coded; without it, only the articles that lie beside the coding count.

    Returns
    -------
    dict
        For each part and kind of source the number of sentences, and precision, recall and F1 (over all sentences and issues) of
        phrases alone and of phrases with candidates; of what the candidates add, the share that is right; and the least similarity of
        candidates as it would be chosen on the part dev (`choose_threshold`).

    Raises
    ------
    InputError
        If the coding or a text cannot be read.
    """
    judged = judge_sentences(read_coding(path), Path(path), Path(texts) if texts else None, read_issues())
    scores: dict = {}
    for (part, kind), rows in judged.groupby(["part", "kind"]):
        scores.setdefault(part, {})[kind] = score_sentences(rows)
    dev = judged[judged["part"].eq("dev")]
    return scores | {"least_similarity": CANDIDATE, "chosen_on_dev": choose_threshold(dev)}


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
    return coded.assign(issues=[set(filter(None, issues.split(";"))) for issues in coded["issues"]])


def judge_sentences(coded: pd.DataFrame, folder: Path, texts: Path | None, codebook: IssueCodebook) -> pd.DataFrame:
    """Every coded sentence with every issue of a codebook that the coders told apart: that they found in some sentence.

    Returns
    -------
    DataFrame
        source, sentence, part, kind (own or benchmark), issue, coded and found (whether a coder, or a phrase, says that it is there),
        similarity.
    """
    rows = []
    meanings = [{wider.key for key in issues for wider in codebook.lineage(key)} for issues in coded["issues"]]
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
    return {
        "sentences": len(judged[["source", "sentence"]].drop_duplicates()),
        "phrases": _agreement(coded, found),
        "with_candidates": _agreement(coded, found | added),
        "candidates": int(added.sum()),
        "candidates_right": precision_recall_f1(int((coded & added).sum()), int(added.sum()), 1)["p"],
    }


def choose_threshold(judged: pd.DataFrame) -> float:
    """The least similarity from which on half of all sentences and issues that are so near belong together.

    Phrases are left aside: they were widened with a look at the same sentences, and of what they have missed there too little is left to
    choose by.
    """
    coded, similarity = judged["coded"].to_numpy(), judged["similarity"].to_numpy()
    half = [least for least in THRESHOLDS if coded[similarity >= least].sum() * 2 >= (similarity >= least).sum()]
    return round(float(half[0] if half else THRESHOLDS[-1]), 2)


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
    parsed = parse(Article(str(number), text, (Part("body", 0, len(text)),)) for number, text in zip(numbers, texts, strict=True))
    found = (set(find_issues(one, codebook)["issue"]) for one in parsed)
    near = similarities(texts, range(len(texts)), codebook)
    return {number: row for number, *row in zip(numbers, found, near, strict=True)}
