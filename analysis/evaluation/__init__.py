"""How well each stage does on public data that people have coded: readers, measures, and the runs that join them."""

from analysis.evaluation.run import TASKS, evaluate

__all__ = ["TASKS", "evaluate"]
