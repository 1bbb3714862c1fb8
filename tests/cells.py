"""The cells of a notebook, and what they show when they are run without a kernel."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat


def list_cells(notebook: Path, kind: str) -> list:
    """The cells of a kind, `code` or `markdown`."""
    return [cell for cell in nbformat.read(notebook, as_version=nbformat.NO_CONVERT).cells if cell.cell_type == kind]


def run_notebook(notebook: Path, **parameters) -> list:
    """What each cell shows: the value of its last line, if that is an expression."""
    names: dict = {}
    shown = []
    for cell in list_cells(notebook, "code"):
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), names)
        if "parameters" in cell.metadata.get("tags", ()):
            names |= parameters
        if last:
            shown.append(eval(compile(ast.Expression(last.value), cell.id, "eval"), names))
    return shown
