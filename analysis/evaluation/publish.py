"""Measure every stage on its benchmark, and keep the figures that the notebooks' last sections show.

    python -m analysis.evaluation.publish BENCHMARKS

BENCHMARKS is a folder with the sets laid out as in `SETS`; each is to be had from its own home (README.md).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from analysis.evaluation.run import evaluate
from analysis.prose import RESULTS

SETS = {
    "quotes": {"PolNeAR, dev": "quotes/dev"},
    "sentiment": {"NewsMTSC, dev rw": "sentiment/dev_rw.jsonl", "NewsMTSC, dev mt": "sentiment/dev_mt.jsonl"},
    "stance": {"DSE, valid": "stance/valid.tsv"},
    "issues": {"New York Times front page": "issues/nytimes_train.csv", "US Congress bills": "issues/uscongress_train.csv"},
}


def measure_all(folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Each task's measures on each of its sets, in percent."""
    return {task: {name: _figures(evaluate(task, folder / path)) for name, path in sets.items()} for task, sets in SETS.items()}


def _figures(measures: dict) -> dict[str, float]:
    """Of precision and recall, their F1; a speed is the machine's, and no measure of quality."""
    return {m: v["f1"] if isinstance(v, dict) else v for m, v in measures.items() if m != "words_per_second"}


if __name__ == "__main__":
    RESULTS.write_text(json.dumps(measure_all(Path(sys.argv[1])), indent=1) + "\n", encoding="utf8")
