"""JupyterLab, started for real: each notebook is opened and run by the menu, as it comes, in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from browser import find_low_contrast
from lab import (
    DARK,
    LIGHT,
    OURS,
    ROOT,
    Lab,
    count_unrun_cells,
    figure_widths,
    find_errors,
    open_notebook,
    run_all_cells,
    show_whole_notebook,
    use_theme,
)
from make_corpus import make_articles

NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
ANALYSIS = Path(sys.executable).with_name("analysis")
ARTICLES = 6

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(lab):
    """A function from the name of a notebook to the server, on which there is what the notebook's defaults name."""
    yield lambda name: with_corpus(lab) if name == "comparison" else lab
    lab.shut_down_kernels()


def with_corpus(lab: Lab) -> Lab:
    """Annotate a few articles into the corpus that comparison.ipynb reads by default."""
    articles = lab.root / "articles.jsonl"
    articles.write_text("".join(json.dumps(article) + "\n" for article in make_articles(count=ARTICLES)))
    subprocess.run([ANALYSIS, "annotate", articles, "--out", "reports/corpus", "--workers", "1"], cwd=lab.root, check=True)
    return lab


def count_figures(lab: Lab) -> int:
    """How many figures lie in the project's reports."""
    return len(list(lab.root.glob("reports/*/figures/*.png")))


def count_calls(lab: Lab, path: str) -> int:
    """In how many cells a notebook saves a figure."""
    cells = nbformat.read(lab.root / path, as_version=4).cells
    return sum("save_figure" in cell.source for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_as_it_comes_and_reads_well_in_both_themes(name, ready, page_of, screenshots):
    lab, page, path = ready(name), page_of(), f"notebooks/{name}.ipynb"
    before = count_figures(lab)
    open_notebook(page, lab, path)
    run_all_cells(page)

    assert find_errors(page) == []
    assert count_unrun_cells(page) == 0
    widths = figure_widths(page)
    assert len(widths) == count_figures(lab) - before >= count_calls(lab, path) and all(widths)
    show_whole_notebook(page)
    for theme in (LIGHT, DARK):
        use_theme(page, theme)
        page.screenshot(path=screenshots / f"{name}-{theme.split()[-1].lower()}.png")
        assert find_low_contrast(page, OURS) == []
