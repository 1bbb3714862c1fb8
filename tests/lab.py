"""JupyterLab, started for real on a copy of what a user has, and used as a person does: by its menus."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import nbformat
import psutil

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
STARTING, ENDING = 120, 30  # seconds
RUNNING = 600_000  # ms: the first notebook annotates the article
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
OURS = ".jp-OutputArea-output, .jp-RenderedMarkdown"  # what the notebooks make; the rest of the page is JupyterLab's
PROMPTS = ".jp-Notebook .jp-CodeCell .jp-InputPrompt"  # [ ]: not run, [*]: waiting, [3]: the third that was run
# JupyterLab asks its user whether it may fetch news: no.
SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


@dataclass(frozen=True)
class Lab:
    """A server: its address, the token that it asks for, and the folder that it shows."""

    url: str
    token: str
    root: Path

    def page(self, path: str) -> str:
        """The address at which JupyterLab opens a file, and nothing that was open before."""
        return f"{self.url}lab/tree/{path}?token={self.token}&reset"

    def shut_down_kernels(self) -> None:
        """End what runs, and the memory that it takes."""
        for session in json.load(self._ask("GET", "api/sessions")):
            self._ask("DELETE", f"api/sessions/{session['id']}").close()

    def _ask(self, method: str, path: str):
        request = Request(self.url + path, method=method, headers={"Authorization": f"token {self.token}"})
        return urlopen(request, timeout=STARTING)


@contextmanager
def start_lab(folder: Path) -> Iterator[Lab]:
    """A server on a free port that shows ``folder/project``, and knows no settings but those of a fresh installation.

    Parameters
    ----------
    folder : Path
        An empty one; all that the server and its kernels write stays in it.
    """
    root = copy_project(folder / "project")
    settings = folder / "settings"
    settings.mkdir()
    (settings / "overrides.json").write_text(json.dumps(SETTINGS))
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = os.environ | own | {"IPYTHONDIR": str(folder / "ipython"), "JUPYTER_TOKEN": secrets.token_hex(16)}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--LabApp.extension_manager=readonly"]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={root}", f"--LabApp.app_settings_dir={settings}"]
    log = folder / "log.txt"
    with log.open("w") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, cwd=root)
    try:
        started = _wait_for_start(process, folder / "runtime", log)
        yield Lab(started["url"], environment["JUPYTER_TOKEN"], root)
    finally:
        _end(process)


def copy_project(root: Path) -> Path:
    """What a user has beside the installed package: the notebooks and the article; `pyproject.toml` marks the folder as the root."""
    root.mkdir()
    for name in ("notebooks", "data"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def _wait_for_start(process: subprocess.Popen, runtime: Path, log: Path) -> dict:
    """What a server says of itself when it is ready."""
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline and process.poll() is None:
        for record in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(record.read_text())
            except ValueError:
                pass  # half written
        time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start: {log.read_text()}")


def _end(process: subprocess.Popen) -> None:
    """End a server and its kernels: by its own way, and what does not go by force."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
    process.terminate()
    _, alive = psutil.wait_procs(family, timeout=ENDING)
    for left in alive:
        left.kill()
    process.wait()


# ------------------------------------------------------------------------------------------------ as a person does


def open_notebook(page: Page, lab: Lab, path: str) -> None:
    """Open a notebook, and wait until all its cells are there and its kernel is at hand."""
    cells = nbformat.read(lab.root / path, as_version=4).cells
    page.goto(lab.page(path))
    page.wait_for_function("count => document.querySelectorAll('.jp-Notebook .jp-Cell').length === count", arg=len(cells))
    wait_for_kernel(page)


def wait_for_kernel(page: Page) -> None:
    """Wait until the kernel has nothing to do."""
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()


def choose(page: Page, menu: str, *labels: str) -> None:
    """Choose from a menu of the menu bar, and from its submenus."""
    page.locator(".lm-MenuBar-itemLabel").get_by_text(menu, exact=True).click()
    for label in labels:
        page.locator(".lm-Menu-itemLabel").get_by_text(label, exact=True).click()


def run_all_cells(page: Page) -> None:
    """Run all cells, and wait until none is waiting: all are run, or one has failed."""
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(
        """selector => {
        const prompts = [...document.querySelectorAll(selector)].map(prompt => prompt.textContent)
        return prompts.some(prompt => /\\d/.test(prompt)) && !prompts.some(prompt => prompt.includes('*'))
    }""",
        arg=PROMPTS,
        timeout=RUNNING,
    )
    wait_for_kernel(page)


def count_unrun_cells(page: Page) -> int:
    """How many cells have no number, for a cell before them failed."""
    return sum(not any(map(str.isdigit, prompt)) for prompt in page.locator(PROMPTS).all_text_contents())


def use_theme(page: Page, theme: str) -> None:
    """Change the theme, and wait until the page shows it and nothing lies over it."""
    choose(page, "Settings", "Theme", theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    page.locator("#jupyterlab-splash").wait_for(state="detached")


def find_errors(page: Page) -> list[str]:
    """What a notebook shows of errors and warnings: tracebacks, and what was written to stderr."""
    kinds = ("application/vnd.jupyter.stderr", "application/vnd.jupyter.error")
    return page.locator(", ".join(f'.jp-OutputArea-output[data-mime-type="{kind}"]' for kind in kinds)).all_text_contents()


def figure_widths(page: Page) -> list[int]:
    """The width in pixels of each figure that the cells of a notebook show; 0 for one that cannot be seen."""
    return page.locator('.jp-OutputArea-output[data-mime-type="image/png"] img').evaluate_all("""images => images.map(image => {
        const box = image.getBoundingClientRect()
        return image.complete && image.naturalWidth && box.width && box.height && image.checkVisibility() ? box.width : 0
    })""")


def show_whole_notebook(page: Page) -> None:
    """Make the window as high as a notebook, whose end JupyterLab lets its user scroll beyond."""
    panel = page.locator(".jp-WindowedPanel-outer")
    for _ in range(2):  # what comes into view may be higher than JupyterLab thought
        hidden = panel.evaluate("""panel => {
            panel.scrollTop = 0
            const last = [...panel.querySelectorAll('.jp-Cell')].at(-1)
            return Math.ceil(last.getBoundingClientRect().bottom - panel.getBoundingClientRect().bottom)
        }""")
        page.set_viewport_size({"width": page.viewport_size["width"], "height": page.viewport_size["height"] + hidden})
        page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
