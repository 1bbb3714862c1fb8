"""What several test modules share: each article is annotated once a session."""

import signal
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


def pytest_configure():
    """Tests interrupt processes of their own, which would ignore it where a shell runs the tests in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
