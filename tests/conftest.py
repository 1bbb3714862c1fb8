"""What several test modules share: each article is annotated once a session."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from analysis.article import read_article
from analysis.figures.style import use_style
from analysis.pipeline import annotate

ROOT = Path(__file__).parents[1]
ARTICLES = {
    "article": ROOT / "data" / "article.txt",
    "strait": ROOT / "tests" / "data" / "strait" / "article.txt",
    "cobalt": ROOT / "tests" / "data" / "cobalt" / "article.txt",
}


@pytest.fixture(scope="session")
def annotated():
    """A function from the name of an article in `ARTICLES` to its annotation."""
    made = {}

    def annotated(name):
        if name not in made:
            made[name] = annotate(read_article(ARTICLES[name]))
        return made[name]

    return annotated


@pytest.fixture(scope="module")
def house_style():
    """Figures in the project's style, as many as a module likes."""
    with mpl.rc_context({"figure.max_open_warning": 0}):
        use_style()
        yield


@pytest.fixture
def closed_figures():
    """No figure is left open behind a test."""
    yield
    plt.close("all")
