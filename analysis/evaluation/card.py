"""The figures in the model cards: their tables, written between two marks, and the reliability diagram of the attributions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from analysis.errors import InputError
from analysis.estimates import wilson_interval
from analysis.evaluation import measures
from analysis.figures.style import INK, MM, NEUTRAL, POSITIVE, axes_for, use_style
from analysis.reader import MODELS

CARD = MODELS / "quotes.md"
SENTENCE_CARD = MODELS / "sentences.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
RELIABILITY = "quotes-reliability.png"
SENTENCE_RELIABILITY = "sentences-reliability.png"
NUMBER_WIDTH = 0.075  # share of the axis that a number of three digits takes, and a little room
RELIABILITY_DPI = 180  # sharp enough at a column's width in print, and half the bytes of a figure of a report: the package carries it
# F1 of one human coder scored against another, on the 20 articles of PolNeAR's dev part that several coded
BETWEEN_CODERS = {"content_exact": 69.1, "content_words": 91.3, "attributions": 79.6, "attributions_with_source": 75.4}
NAMES = {
    "content_exact": "contents to the word",
    "content_words": "words of content",
    "attributions": "attributions (IoU ≥ 0.5)",
    "attributions_with_source": "attributions with their source",
}


# What others reach: on NewsMTSC by Hamborg & Donnay (EACL 2021) and by VADER; on the topics by this project's own fits to the same texts
OTHERS = {
    "NewsMTSC, dev rw": "macro-F1 on the test part: GRU-TSC 83.1, VADER 51.2",
    "NewsMTSC, dev mt": "macro-F1 on the test part: GRU-TSC 82.5, VADER 49.6",
    "New York Times front page, kept out": "accuracy on other texts: words (TF-IDF) 58.9, untrained encoder 72.4",
    "US Congress bills, kept out": "accuracy on other texts: words (TF-IDF) 71.9, untrained encoder 76.3",
}


def write_card(scores: dict, confidence: np.ndarray, right: list[bool], card: Path = CARD) -> None:
    """Write a model card's figures anew: what stands between its two marks, and the reliability diagram beside it.

    Parameters
    ----------
    scores : dict
        From `evaluate("quotes", path)`.
    confidence, right : sequences
        Of each attribution found: its confidence, fitted on other articles, and whether the coder has it too.
    card : Path

    Raises
    ------
    InputError
        If the card lacks the marks.
    """
    _write_figures(card, figures_in_markdown(scores, confidence, right))
    use_style()
    ax = plot_reliability(measures.reliability(confidence, right), "Is an attribution right as often as its confidence says?")
    _save(ax.figure, card.parent / RELIABILITY)


def write_sentence_card(
    scores: dict[str, dict[str, float]], labelled: dict[str, pd.DataFrame], fairness: dict[str, dict], card: Path = SENTENCE_CARD
) -> None:
    """Write the figures of the sentence model's card anew, and the reliability diagrams beside it.

    Parameters
    ----------
    scores : dict
        Of each set, by its name: how many items, then accuracy, macro_f1 and calibration_error; with lexicon_macro_f1 where VADER was
        measured too.
    labelled : dict
        Of each task, by its name: `confidence` and `right` (whether the coder has the label too), a row an item.
    fairness : dict
        From `evaluate("fairness", path)`.
    card : Path

    Raises
    ------
    InputError
        If the card lacks the marks.
    """
    head = ["", "items", "accuracy", "macro-F1", "calibration error", "VADER, macro-F1", "others"]
    parts = [
        _table(head, [[name, *_cells(of_set), OTHERS.get(name, "–")] for name, of_set in scores.items()]),
        f"![Share of labels that are the coder's, by the probability given to them, a panel a task]({SENTENCE_RELIABILITY})",
        "By how much a name alone changes the score of a sentence (probability of positive sentiment less that of negative):",
        _table(
            ["", "frames", "names", "mean difference from the frame's mean", "lowered most", "raised most"],
            [[kind, of["frames"], of["names"], f"{of['spread']:.3f}", *_extremes(of["by_name"])] for kind, of in fairness.items()],
        ),
    ]
    _write_figures(card, "\n\n".join(parts))
    use_style()
    figure, axes = plt.subplots(1, len(labelled), figsize=(190 * MM, 75 * MM), layout="constrained")
    for ax, (task, items) in zip(axes, labelled.items(), strict=True):
        plot_reliability(measures.reliability(items["confidence"], items["right"]), task, ax)
    _save(figure, card.parent / SENTENCE_RELIABILITY)


def _extremes(by_name: dict[str, float]) -> list[str]:
    names = list(by_name.items())
    return [f"{name} ({f'{shift:+.3f}'.replace('-', '−')})" for name, shift in (names[0], names[-1])]


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=RELIABILITY_DPI, metadata={"Software": None}, pil_kwargs={"optimize": True})
    plt.close(figure)


def _cells(scores: dict[str, float]) -> list:
    items, accuracy, macro_f1, gap = list(scores.values())[:4]
    return [f"{items:,}", accuracy, macro_f1, gap, scores.get("lexicon_macro_f1", "–")]


def _write_figures(card: Path, figures: str) -> None:
    text = card.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise InputError("no place for the figures", str(card), f"Put {BEGIN} and {END} on lines of their own, in this order.")
    card.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}", encoding="utf-8")


def figures_in_markdown(scores: dict, confidence: np.ndarray, right: list[bool]) -> str:
    """Measures, by type, by publisher, confidence and speed, as Markdown; parameters as for `write_card`."""
    gap = measures.calibration_error(confidence, right)
    parts = [
        _table(
            ["", "precision", "recall", "F1", "one coder against another, F1"],
            [[NAMES[name], *scores[name].values(), BETWEEN_CODERS[name]] for name in NAMES],
        ),
        "By the coder's type (recall) and the model's (precision), F1:",
        _table(
            ["", "coded", "attributions", "with their source"],
            [[kind, *of_type.values()] for kind, of_type in scores["by_type"].items()],
        ),
        "By publisher, F1:",
        _table(
            ["", "articles", *NAMES.values()],
            [[publisher, *figures.values()] for publisher, figures in scores["by_publisher"].items()],
        ),
        f"Confidence, fitted on four fifths of the articles and measured on the fifth, in turn: {len(right):,} attributions, of which "
        f"{sum(right):,} are right ({100 * float(np.mean(right)):.1f} %), mean confidence {100 * float(np.mean(confidence)):.1f} %, "
        f"calibration error {gap:.1f} points.",
        f"![Share of attributions that are right, by confidence, with 95 % intervals]({RELIABILITY})",
        f"Speed of `find_attributions`, which knows no speakers: {scores['words_per_second']:,} words a second; spaCy's parse alone, on "
        f"the same texts and machine, {scores['spacy_words_per_second']:,} (ratio {scores['speed_ratio']:.2f}).",
    ]
    return "\n\n".join(parts)


def _table(head: list[str], rows: list[list]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plot_reliability(bins: pd.DataFrame, title: str, ax: Axes | None = None) -> Axes:
    """How often what was found is right, by the confidence that it was given.

    Parameters
    ----------
    bins : DataFrame
        From `measures.reliability`.
    title : str
    ax : Axes, optional

    Returns
    -------
    Axes
        A point a bin, with Wilson's 95 % interval and the number of items; on the dashed line, confidence and share agree.
    """
    ax = axes_for(ax, title, 62)
    share = bins["correct"] / bins["n"]
    low, high = np.array([wilson_interval(right, n) for right, n in zip(bins["correct"], bins["n"], strict=True)]).reshape(-1, 2).T
    ax.plot([0, 1], [0, 1], color=NEUTRAL, linewidth=0.8, linestyle="--", zorder=1)
    ax.vlines(bins["confidence"], low, high, color=POSITIVE, linewidth=1.2, zorder=2)
    ax.plot(bins["confidence"], share, "o", color=POSITIVE, markeredgecolor=INK, markeredgewidth=0.6, markersize=5, zorder=3, clip_on=False)
    crowded = bins["confidence"].diff().lt(NUMBER_WIDTH)
    for row, top, behind, before in zip(bins.itertuples(), high, crowded, crowded.shift(-1, fill_value=False), strict=True):
        side = "center" if behind == before else "left" if behind else "right"
        ax.annotate(f"{row.n:,}", (row.confidence, top), (0, 2), textcoords="offset points", ha=side, va="bottom")
    ax.set(
        xlim=(0, 1), ylim=(0, 1.08), xlabel="confidence (mean of the bin;\nnumbers: items in the bin)", ylabel="share that a coder has too"
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(np.arange(6) / 5)
        axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return ax
