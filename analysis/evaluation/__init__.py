"""How well each stage does on public data that people have coded: readers, measures, and the runs that join them."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import InputError

TASKS = ("quotes", "sentiment", "stance", "issues", "coverage", "fairness")


def evaluate(task: str, path: str | Path | None = None, texts: str | Path | None = None) -> dict:
    """Measure a stage on human-coded data, or (fairness) by how much names alone sway it.

    Parameters
    ----------
    task : str
        One of `TASKS`.
    path : path, optional
        The benchmark: a folder of PolNeAR, a .jsonl file of NewsMTSC, a .tsv file of DSE, a .csv file of topics. Of fairness a
        .yaml file of frames, in place of those that come with the package. Of coverage a folder with coded sentences.
    texts : path, optional
        For coverage: the folder of the benchmarks whose sentences are coded.

    Returns
    -------
    dict
        How many items there were, and the measures, in percent; those of a part of the items are nested.

    Raises
    ------
    InputError
        If there is no such task, or it takes no `texts`; no benchmark is named, or it cannot be read.
    """
    if task not in TASKS:
        raise InputError("no such task", str(task), f"Choose from {', '.join(TASKS)}.")
    if not path and task != "fairness":
        raise InputError("no benchmark is named", task, "Name its file or folder behind the task.")
    if texts and task != "coverage":
        raise InputError("only coverage has its texts elsewhere", f"--texts {texts}", "Leave it out.")

    from analysis.evaluation.run import BY_TASK  # brings pandas, which the command line's help does without

    given = {"path": path, "texts": texts}
    return BY_TASK[task](**{name: value for name, value in given.items() if value})
