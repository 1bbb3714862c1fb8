"""Check that notebooks are fit to be committed: no outputs, and one cell of parameters. Exit status 1 where one is not.

python tests/check_notebooks.py notebooks/*.ipynb
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path


def find_faults(notebook: Path) -> Iterator[str]:
    """What keeps a notebook from being committed, a line each."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [(number, cell) for number, cell in enumerate(cells) if cell["cell_type"] == "code"]
    for number, cell in code:
        if cell["outputs"]:
            yield f"cell {number} has outputs"
        if cell["execution_count"] is not None:
            yield f"cell {number} has an execution count"
    parameters = sum("parameters" in cell["metadata"].get("tags", []) for _, cell in code)
    if parameters != 1:
        yield f"{parameters} cells are tagged `parameters`, not one"


def main(notebooks: list[str]) -> int:
    faults = [f"{path}: {fault}" for path in notebooks for fault in find_faults(Path(path))]
    if faults:
        print(*faults, "Clear them: .venv/bin/jupyter nbconvert --clear-output --inplace notebooks/*.ipynb", sep="\n", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
