"""The report: notebooks executed in processes, their pages, the index. The notebooks here are small ones of the tests' own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import nbformat
import psutil
import pytest

from analysis import Annotation, report
from analysis.errors import InputError
from analysis.fingerprint import digest_program

HOSTILE = "<script>alert('gotcha')</script>"
PARAMETERS = 'article: str = ""\ntarget: str = "China"\nout: str = ""\nformats: str = "png"\nissues: str = ""\nactors: str = ""'
DRAW = """
import base64, pathlib
out = pathlib.Path(out)
pixel = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=")
for ending in formats.split(","):
    (out / "figures" / f"{name}-words_by_voice.{ending}").write_bytes(pixel)
(out / "tables" / f"{name}_by_voice.csv").write_text("voice,words\\n")
"""


def write_notebooks(folder: Path, **endings: str) -> Path:
    """The four notebooks, each with a last cell of its own."""
    folder.mkdir()
    for name in report.NOTEBOOKS:
        cells = [
            nbformat.v4.new_markdown_cell(f"# What {name} say"),
            nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(f"name = {name!r}{DRAW}"),
            nbformat.v4.new_code_cell(endings.get(name, "print(target)")),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    return folder


def write_article(folder: Path) -> Path:
    path = folder / "hostile article.json"
    text = f"Japan praised the plan. “We welcome it {HOSTILE},” the minister said."
    path.write_text(json.dumps({"text": text, "title": HOSTILE, "outlet": "<b>Wire</b>", "url": "javascript:alert(1)"}))
    return path


class Links(HTMLParser):
    """What a page refers to."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.found += [value for key, value in attrs if key in ("href", "src")]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> report.Report:
    """A report in which one notebook fails in a cell, and another loses its kernel."""
    folder = tmp_path_factory.mktemp("report")
    notebooks = write_notebooks(folder / "notebooks", stance=f"raise ValueError({HOSTILE!r})", issues="import os; os._exit(1)")
    return report.run(write_article(folder), "Japan", folder / "out", formats=["png", "pdf"], notebooks=notebooks)


@pytest.mark.slow
def test_failed_notebooks_are_kept_with_their_error_and_the_others_finish(made):
    assert list(made.errors) == ["stance", "issues"]
    assert made.errors["stance"] == f"ValueError: {HOSTILE}"
    assert made.errors["issues"].startswith("DeadKernelError")
    kept = nbformat.read(made.folder / "notebooks" / "stance.ipynb", as_version=4)
    assert "ValueError" in [o.ename for cell in kept.cells for o in cell.get("outputs", []) if o.output_type == "error"]
    finished = nbformat.read(made.folder / "notebooks" / "sentiment.ipynb", as_version=4)
    assert finished.cells[-1].outputs[0].text == "Japan\n"


def test_figures_stand_in_the_index_in_the_notebook_s_order_under_its_questions(tmp_path):
    shown = [("sentiment-b", "Is it so?"), ("sentiment-a", "Who says <so>?")]
    outputs = [
        nbformat.v4.new_output("display_data", {"image/png": ""}, metadata={"image/png": {"figure": stem, "title": title}})
        for stem, title in shown
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output]) for output in outputs])
    (tmp_path / "notebooks").mkdir()
    nbformat.write(book, tmp_path / "notebooks" / "sentiment.ipynb")
    files = [f"figures/sentiment-{name}.png" for name in ("a", "b", "of_my_own")]
    entry = report._notebook_entry("sentiment", tmp_path, files, None)
    assert [figure["caption"] for figure in entry["figures"]] == ["Is it so?", "Who says <so>?", "Of my own"]


@pytest.mark.slow
@pytest.mark.parametrize(("deaths", "error"), [(2, None), (3, "RuntimeError: Kernel died before replying to kernel_info")])
def test_a_kernel_that_dies_before_it_is_up_is_started_anew(tmp_path, monkeypatch, deaths, error):
    """As one does whose port another took; here it dies as often as there are files to take away."""
    for death in range(deaths):
        (tmp_path / f"{death}.death").touch()
    start = (
        "import pathlib, runpy, sys\n"
        f"for death in pathlib.Path({str(tmp_path)!r}).glob('*.death'):\n    death.unlink()\n    sys.exit(1)\n"
        "runpy.run_module('ipykernel_launcher', run_name='__main__')"
    )
    spec = {"argv": [sys.executable, "-c", start, "-f", "{connection_file}"], "display_name": "Dies at first", "language": "python"}
    kernel = tmp_path / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    target = tmp_path / "executed.ipynb"

    parameters = {"target": "Japan", "out": str(tmp_path)}
    for folder in report.FOLDERS:
        (tmp_path / folder).mkdir()
    assert report._execute(write_notebooks(tmp_path / "sources") / "issues.ipynb", target, parameters) == error
    assert not list(tmp_path.glob("*.death"))


@pytest.mark.slow
def test_index_ties_everything_together_and_every_link_leads_somewhere(made):
    page = made.index.read_text()
    links = Links(page).found
    files = {link for link in links if not link.startswith("#")}

    assert all((made.folder / link).is_file() for link in files)
    assert all(f'id="{link[1:]}"' in page for link in links if link.startswith("#"))
    assert {f"notebooks/{name}.{ending}" for name in report.NOTEBOOKS for ending in ("html", "ipynb")} <= files
    assert {"figures/quotes-words_by_voice.png", "figures/quotes-words_by_voice.pdf", "tables/quotes_by_voice.csv"} <= files
    assert "annotation/quotes.parquet" in files
    assert "What sentiment say" in page
    assert (made.figures, made.tables) == (4, 4)


@pytest.mark.slow
def test_whatever_comes_from_the_article_is_escaped(made):
    page = made.index.read_text()

    assert "script" not in Links(page).tags
    assert "&lt;script&gt;" in page and "<b>Wire" not in page
    assert "javascript:" not in page


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere_and_hide_code_behind_a_toggle(made):
    page = (made.folder / "notebooks" / "quotes.html").read_text()
    links = Links(page)

    assert not [link for link in links.found if re.match(r"(\w+:)?//", link)]
    assert "script" not in links.tags
    assert 'id="show-code"' in page


@pytest.mark.slow
def test_in_a_browser_nothing_is_requested_from_outside_nothing_fails_and_the_toggle_works(made, page_of, watch):
    page = page_of(made.index)
    assert page.locator("figure img").first.evaluate("image => image.complete && image.naturalWidth") == 1
    page.goto((made.folder / "notebooks" / "quotes.html").absolute().as_uri())
    code = page.locator(".jp-CodeCell .jp-Cell-inputWrapper").last
    assert code.is_hidden()
    page.check("#show-code")
    assert code.is_visible()
    assert not watch.messages
    assert all(url.startswith(("file:", "data:")) for url in watch.requests)


@pytest.mark.slow
def test_running_again_replaces_the_report_and_leaves_what_it_did_not_make(made, tmp_path):
    folder = Path(shutil.copytree(made.folder, tmp_path / "out"))
    note = folder / "figures" / "note.pdf"
    note.write_text("mine")
    (folder / "annotation" / ".DS_Store").touch()
    again = report.run(write_article(tmp_path), out=folder, formats=["png"], notebooks=write_notebooks(tmp_path / "notebooks"))

    assert not again.errors
    assert [path.name for path in (folder / "figures").glob("*.pdf")] == ["note.pdf"]
    assert "note.pdf" not in again.index.read_text()
    assert (folder / "annotation" / ".DS_Store").exists() and Annotation.load(folder / "annotation").mentions.shape[0]


class CountingPage(BaseHTTPRequestHandler):
    """A page that says how often it was fetched."""

    visits = 0

    def do_GET(self):
        type(self).visits += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"Peru praised Chile, the minister said. Visit {self.visits}.".encode())

    def log_message(self, *args):
        pass


@pytest.mark.slow
def test_a_page_is_fetched_once_for_a_report(tmp_path):
    show = "from analysis.notebook import open_study\nprint(open_study(name, article, target, out=out).annotation.article.text)"
    notebooks = write_notebooks(tmp_path / "notebooks", **dict.fromkeys(report.NOTEBOOKS, show))
    with HTTPServer(("127.0.0.1", 0), CountingPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = report.run(f"http://127.0.0.1:{server.server_port}/talks", "Peru", tmp_path / "out", formats=["png"], notebooks=notebooks)
        server.shutdown()
    shown = [
        nbformat.read(made.folder / "notebooks" / f"{name}.ipynb", as_version=4).cells[-1].outputs[0].text for name in report.NOTEBOOKS
    ]
    assert not made.errors and CountingPage.visits == 1
    assert all("Visit 1." in text for text in shown)


def start(tmp_path: Path) -> tuple[subprocess.Popen, Path]:
    """A run in a process of its own, at the moment when its notebooks are being executed: they would take ten minutes."""
    wait = "(out / 'started').touch(); import time; time.sleep(600)"
    notebooks = write_notebooks(tmp_path / "waiting", **dict.fromkeys(report.NOTEBOOKS, wait))
    code = (
        "import sys; from analysis import cli, report; run = report.run; "
        f"report.run = lambda *arguments, **options: run(*arguments, **options, notebooks={str(notebooks)!r}); "
        "sys.exit(cli.main(sys.argv[1:]))"
    )
    out = tmp_path / "out"
    arguments = [sys.executable, "-c", code, "run", str(write_article(tmp_path)), "--out", str(out)]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 120
    while not (out / "started").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.2)
    return process, out


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("killing", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_killed_leaves_no_process_and_can_be_run_again(tmp_path, killing):
    process, out = start(tmp_path)
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, killing)
    _, said = process.communicate(timeout=30)
    _, alive = psutil.wait_procs(family, timeout=30)

    assert not alive
    assert not (out / "index.html").exists()
    if killing == signal.SIGINT:
        assert process.returncode == 130 and said == "analysis: stopped\n"
    again = report.run(write_article(tmp_path), out=out, notebooks=write_notebooks(tmp_path / "notebooks"))
    assert not again.errors and again.index.exists()


def test_a_folder_that_cannot_be_written_is_an_input_error(tmp_path):
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(InputError, match="--out"):
        report._begin(tmp_path / "taken", {})


def test_a_record_cannot_delete_outside_its_folder(tmp_path):
    out, outside = tmp_path / "out", tmp_path / "outside.txt"
    out.mkdir()
    outside.touch()
    (out / "run.json").write_text(json.dumps({"files": ["../outside.txt", str(outside)]}))
    report._begin(out, {})

    assert outside.exists()


@pytest.mark.parametrize("record", ["", "[]", '{"files": 3}', '{"files": [3]}', '{"files": null}'])
def test_a_broken_record_is_as_good_as_none(tmp_path, record):
    (tmp_path / "run.json").write_text(record)
    report._begin(tmp_path, {"target": "China"})

    written = json.loads((tmp_path / "run.json").read_text())
    assert written["parameters"] == {"target": "China"}
    assert written["program"] == digest_program() and "onnxruntime" in written["made_with"]


def test_missing_notebooks_are_named(tmp_path):
    with pytest.raises(InputError, match="quotes.ipynb"):
        report.run("a.txt", notebooks=tmp_path)
