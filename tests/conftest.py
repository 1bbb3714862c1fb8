"""What several test modules share: each article is annotated once a session, a browser and JupyterLab are started once a module.

In a browser, a test asks for `page_of`; what its pages said and asked for is in `watch`, and an error among it fails the test.
"""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from browser import Watch, address, open_browser, open_context, why_no_browser
from lab import start_lab

from analysis.article import read_article
from analysis.figures.style import use_style
from analysis.pipeline import annotate

ROOT = Path(__file__).parents[1]
ARTICLES = {"article": ROOT / "data" / "article.txt"}
ARTICLES |= {name: ROOT / "tests" / "data" / name / "article.txt" for name in ("strait", "cobalt", "river", "jets")}


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


@pytest.fixture(scope="module")
def browser():
    """Debian's chromium; without it the test is skipped, or fails where CI_BROWSER=1 says that it must be there.

    Not for a whole session: while it is open, no other test could run an event loop.
    """
    if missing := why_no_browser():
        (pytest.fail if os.environ.get("CI_BROWSER") == "1" else pytest.skip)(missing)
    with open_browser() as browser:
        yield browser


@pytest.fixture
def watch():
    """What the pages of this test say and ask for; none of it may be an error, or leave the machine."""
    watch = Watch()
    yield watch
    assert not watch.faults


@pytest.fixture
def page_of(browser, watch):
    """A function that opens a file or an address in a page of its own, with the options of `browser.open_context`."""
    with ExitStack() as contexts:

        def page_of(place=None, **options):
            page = contexts.enter_context(open_context(browser, watch, **options)).new_page()
            if place is not None:
                page.goto(address(place))
            return page

        yield page_of


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """JupyterLab, started on a copy of the project."""
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory):
    """The folder for pictures to look at: the one that the environment variable SCREENSHOTS names, or a passing one."""
    folder = Path(os.environ["SCREENSHOTS"]) if os.environ.get("SCREENSHOTS") else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
