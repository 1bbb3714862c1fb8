"""The report of an article: its annotation, the executed notebooks, their figures and tables, and a page that ties them together.

papermill changes the working directory of its process, so notebooks run side by side in processes, never in threads.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata, resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from tqdm import tqdm

from analysis.annotation import ANNOTATION, Annotation, check_folder
from analysis.errors import InputError
from analysis.fingerprint import digest_program, list_versions
from analysis.layout import COLUMN_MM, FONT_SIZE, Layout
from analysis.layout import FORMATS as FIGURE_FORMATS
from analysis.sources import expand, is_address

if TYPE_CHECKING:
    from analysis.article import Article

# In the order of the report. An installed package carries the notebooks; a clone has them beside the package.
NOTEBOOKS = ("quotes", "stance", "sentiment", "issues")
NOTEBOOK_FOLDERS = (Path(__file__).parent / "notebooks", Path(__file__).parents[1] / "notebooks")
FOLDERS = (ANNOTATION, "figures", "notebooks", "tables")
RECORD = "run.json"
WORKERS = min(2, os.cpu_count() or 1)
URL_SCHEMES = ("http", "https")
LONGEST_ERROR = 500
KERNEL_STARTS = 3


@dataclass(frozen=True)
class Report:
    """What a run made: its folder, how many figures and tables are in it, and the error of each notebook that failed."""

    folder: Path
    figures: int
    tables: int
    errors: dict[str, str]

    @property
    def index(self) -> Path:
        return self.folder / "index.html"


def run(
    article: str | os.PathLike,
    target: str = "China",
    out: str | os.PathLike | None = None,
    issues: str | os.PathLike | None = None,
    actors: str | os.PathLike | None = None,
    formats: Sequence[str] = FIGURE_FORMATS,
    notebooks: str | os.PathLike | None = None,
    *,
    width: float = COLUMN_MM,
    font_size: float = FONT_SIZE,
    titles: bool = True,
    greyscale: bool = False,
) -> Report:
    """Annotate an article, execute the notebooks on it, and write the report.

    Call it from a script under ``if __name__ == "__main__"``: its processes import the script.

    Parameters
    ----------
    article : str or path
        File or URL of one article.
    target : str
        The actor whose portrayal is asked for: any name that the article knows it by, or a country's ISO code.
    out : path, optional
        Folder of the report; ``reports/NAME`` by default. A report that stands there is replaced, other files are left.
    issues, actors : path, optional
        Codebooks of the user's own.
    formats : sequence of str
        Of the figures: any of `FIGURE_FORMATS`.
    notebooks : path, optional
        Folder with the notebooks named in `NOTEBOOKS`; the package's own by default.
    width, font_size, titles, greyscale
        Of the figures in print: see `layout.Layout`.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        Where the article, a codebook, a folder or the layout cannot be used; nothing has been written then.
    """
    from analysis.article import folder_name, read_article

    layout = Layout(tuple(formats), width, font_size, titles, greyscale)
    if not target.strip():
        raise InputError("no target is named", "--target", "Name an actor, such as China.")
    sources = _notebook_sources(notebooks)
    read = read_article(_absolute(article))
    folder = expand(out) if out else Path("reports") / folder_name(read)
    parameters = {
        "article": _absolute(article),
        "target": target,
        "out": str(folder.absolute()),
        **layout.parameters,
        **{key: _absolute(path) for key, path in (("issues", issues), ("actors", actors)) if path},
    }
    with _workers() as pool, tqdm(total=len(sources) + 1, desc="annotating", disable=None, leave=False) as bar:
        annotation = _annotate(read, parameters)
        check_folder(folder / ANNOTATION)
        started = _begin(folder, parameters)
        annotation.save(folder / ANNOTATION)
        bar.update()
        bar.set_description("notebooks")
        jobs = {pool.submit(_execute, source, folder / "notebooks" / source.name, parameters): source.stem for source in sources}
        errors = {}
        for job in as_completed(jobs):
            if error := _outcome(job):
                errors[jobs[job]] = error
            bar.update()
    files = _files_since(started, folder)
    _replace(folder / "index.html", _index_page(annotation, parameters, files, errors))
    _replace(folder / RECORD, _record(parameters, ["index.html", *files]))
    counts = [len({Path(f).stem for f in files if f.startswith(f"{kind}/")}) for kind in ("figures", "tables")]
    return Report(folder, *counts, {name: errors[name] for name in NOTEBOOKS if name in errors})


# ------------------------------------------------------------------------------------------------ names and folders


def _notebook_sources(folder: str | os.PathLike | None) -> list[Path]:
    folders = [Path(folder)] if folder else NOTEBOOK_FOLDERS
    home = next((f for f in folders if f.is_dir()), folders[-1])
    sources = [home / f"{name}.ipynb" for name in NOTEBOOKS]
    for source in sources:
        if not source.is_file():
            raise InputError("this notebook is missing", str(source), "Restore it from the repository.")
    return sources


def _absolute(place: str | os.PathLike) -> str:
    """An address as it is, a path from the root: a notebook may run in any folder."""
    return str(place) if is_address(place) else str(expand(place).absolute())


def _annotate(article: Article, parameters: dict[str, object]) -> Annotation:
    # Imported here: the processes that execute notebooks import this module too, and have no use for spaCy.
    from analysis.pipeline import annotate

    return annotate(article, actors=parameters.get("actors"), issues=parameters.get("issues"))


def _begin(folder: Path, parameters: dict[str, object]) -> int:
    """Take the last report out of a folder and record what is asked for now; the time from which files are new (ns)."""
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name in _recorded_files(folder):
            if not name.startswith(f"{ANNOTATION}/"):  # which is replaced as a whole
                (folder / name).unlink(missing_ok=True)
        _replace(folder / RECORD, _record(parameters, []))
    except OSError as error:
        raise InputError(
            f"the report cannot be written here ({error.strerror})", str(error.filename or folder), "Choose another folder with --out."
        ) from error
    return (folder / RECORD).stat().st_mtime_ns


def _record(parameters: dict[str, object], files: list[str]) -> str:
    """What was asked, of which version, and which files came of it.

    `program` is one digest of the code, the weights, the default codebooks and the versions of what they work with: two reports that share
    it were made alike.
    """
    program = {"analysis": metadata.version("analysis"), "program": digest_program(), "made_with": list_versions()}
    return json.dumps({**program, "parameters": parameters, "files": files}, indent=2, ensure_ascii=False)


def _recorded_files(folder: Path) -> list[str]:
    """The files that the last run in this folder says it made; none outside the folder, whatever the record says."""
    try:
        files = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
        return [name for name in files if (folder / name).resolve().is_relative_to(folder.resolve())]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _files_since(started: int, folder: Path) -> list[str]:
    """What this run wrote, as POSIX paths from the folder, sorted; an older file is somebody else's."""
    paths = (path for name in FOLDERS for path in (folder / name).rglob("*"))
    return sorted(p.relative_to(folder).as_posix() for p in paths if p.is_file() and p.stat().st_mtime_ns >= started)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


# ------------------------------------------------------------------------------------------------ notebooks


@contextmanager
def _workers() -> Iterator[ProcessPoolExecutor]:
    """Processes that execute notebooks; they start and import while the article is annotated, and end with this one."""
    others = multiprocessing.active_children()
    with TemporaryDirectory(prefix="analysis-", ignore_cleanup_errors=True) as ipython_folder:
        pool = ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn"), _prepare_worker, (ipython_folder,))
        pool.submit(os.getpid)
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                if process not in others:
                    process.terminate()
            raise
        finally:
            pool.shutdown()


def _prepare_worker(ipython_folder: str) -> None:
    """Keep a process and its kernels quiet, apart from the user's own IPython settings and history, and tied to its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["IPYTHONDIR"] = ipython_folder
    import matplotlib.font_manager  # noqa: F401  its cache is built once here, not by each notebook and into its output
    import nbconvert  # noqa: F401
    import papermill  # noqa: F401


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def _execute(source: Path, target: Path, parameters: dict[str, object]) -> str | None:
    """Execute a notebook and make a page of it; where a cell fails, the notebook and the page show it. Its error, if any."""
    from papermill.exceptions import PapermillExecutionError

    error = None
    try:
        execute_notebook(source, target, parameters)
    except PapermillExecutionError as failure:
        error = f"{failure.ename}: {failure.evalue}"
    except Exception as failure:  # a kernel that died or never came up: the other notebooks go on
        error = f"{type(failure).__name__}: {failure}"
    if target.exists():
        _replace(target.with_suffix(".html"), notebook_page(target))
    return error and error[:LONGEST_ERROR]


def execute_notebook(source: Path, target: Path, parameters: dict[str, object], cwd: Path | None = None) -> dict:
    """Execute a notebook by papermill, in a kernel that came up.

    Jupyter picks free ports and lets go of them before the kernel takes them. Now and then another process gets one of them meanwhile,
    and the kernel dies before any cell has run (jupyter_client issue 487): it is started anew.

    Parameters
    ----------
    source, target : path
        The notebook, and where the executed one is written.
    parameters : dict
        Values of its parameters, by name.
    cwd : path, optional
        Where the kernel works; here by default.

    Returns
    -------
    dict
        The executed notebook, as nbformat has it.

    Raises
    ------
    PapermillExecutionError
        If a cell fails.
    RuntimeError
        If no kernel comes up, or (a class of it) one dies at work.
    """
    import papermill

    for start in range(1, KERNEL_STARTS + 1):
        try:
            return papermill.execute_notebook(
                source, target, parameters, kernel_name="python3", language="python", progress_bar=False, cwd=cwd
            )
        except RuntimeError as failure:
            # Jupyter's own RuntimeError says that a kernel never came up; what befalls one at work is a class of its own.
            if type(failure) is not RuntimeError or start == KERNEL_STARTS:
                raise


def _outcome(job: Future) -> str | None:
    """The error of a notebook; also where its whole process went down, as it does when memory runs out."""
    failure = job.exception()
    return f"{type(failure).__name__}: {failure}"[:LONGEST_ERROR] if failure else job.result()


def notebook_page(notebook: str | os.PathLike) -> str:
    """An executed notebook as an HTML page of its own: code cells behind a toggle, nothing loaded from the network.

    Parameters
    ----------
    notebook : path

    Returns
    -------
    str
    """
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="lab",
        raw_template=_template("notebook.html.j2"),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    return exporter.from_filename(str(notebook))[0]


# ------------------------------------------------------------------------------------------------ the index page


def _index_page(annotation: Annotation, parameters: dict[str, object], files: list[str], errors: dict[str, str]) -> str:
    """The page that ties notebooks, figures, tables and the marked-up article together; whatever comes from the article is escaped."""
    from jinja2 import Environment

    from analysis.codebook import read_issues
    from analysis.highlight import to_html

    article, codebook = annotation.article, read_issues(parameters.get("issues"))
    folder = Path(parameters["out"])
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_template("index.html.j2"))
    return template.render(
        title=article.title or article.article,
        outlet=article.outlet,
        published=article.published and f"{article.published.day} {article.published:%B %Y}",
        link=article.url if article.url and urlsplit(article.url).scheme in URL_SCHEMES else None,
        parameters=parameters,
        notebooks=[_notebook_entry(name, folder, files, errors.get(name)) for name in NOTEBOOKS],
        article=to_html(annotation, parameters["target"], titles=codebook.titles),
        tables=_table_entries(files),
        version=metadata.version("analysis"),
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    )


def _template(name: str) -> str:
    return (resources.files("analysis") / "templates" / name).read_text(encoding="utf-8")


def _notebook_entry(name: str, folder: Path, files: list[str], error: str | None) -> dict:
    from analysis.prose import tell_agreement

    pages = [(label, f"notebooks/{name}.{ending}") for label, ending in (("Read", "html"), ("Notebook", "ipynb"))]
    figures = _by_stem(f for f in files if f.startswith(f"figures/{name}-"))
    cells = _cells(folder / "notebooks" / f"{name}.ipynb")
    titles = {stem: title for stem, title in _figure_titles(cells) if stem in figures}
    titles |= {stem: re.sub(r"[-_]+", " ", stem.removeprefix(f"{name}-")).capitalize() for stem in figures if stem not in titles}
    return {
        "name": name,
        "title": _heading(cells) or name.capitalize(),
        "error": error,
        "trust": tell_agreement(name),
        "pages": [page for page in pages if page[1] in files],
        "figures": [_figure_entry(stem, title, figures[stem]) for stem, title in titles.items()],
    }


def _cells(notebook: Path) -> list[dict]:
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"] if notebook.exists() else []


def _figure_titles(cells: list[dict]) -> Iterator[tuple[str, str]]:
    """The figures that a notebook shows, in its order: the name of the file and the question."""
    for cell in cells:
        for output in cell.get("outputs", ()):
            about = output.get("metadata", {}).get("image/png", {})
            if "figure" in about:
                yield about["figure"], about["title"]


def _heading(cells: list[dict]) -> str | None:
    """The first heading of a notebook."""
    prose = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return next((line[2:].strip() for text in prose for line in text.splitlines() if line.startswith("# ")), None)


def _figure_entry(stem: str, title: str, found: dict[str, str]) -> dict:
    image = next((found[ending] for ending in ("png", "svg") if ending in found), None)
    return {
        "id": stem,
        "caption": title,
        "image": image,
        "files": [(ending.upper(), found[ending]) for ending in FIGURE_FORMATS if ending in found],
    }


def _table_entries(files: list[str]) -> list[dict]:
    """The tables of the annotation, which are told by their schema, and those that the notebooks computed from them."""
    from analysis.export import COMPUTED, FORMATS
    from analysis.tables import TABLES

    entries = []
    for kind in (ANNOTATION, "tables"):
        for stem, found in _by_stem(f for f in files if f.startswith(f"{kind}/")).items():
            schema = TABLES.get(stem)
            entries.append(
                {
                    "name": stem,
                    "row": schema.row if schema else COMPUTED.get(stem, ""),
                    "columns": schema.columns if schema else (),
                    "files": [(ending.upper(), found[ending]) for ending in FORMATS if ending in found],
                }
            )
    return [entry for entry in entries if entry["files"]]


def _by_stem(files: Iterable[str]) -> dict[str, dict[str, str]]:
    """Files of one name and several formats, as {name: {format: link}}."""
    groups: dict[str, dict[str, str]] = {}
    for file in files:
        path = Path(file)
        groups.setdefault(path.stem, {})[path.suffix.removeprefix(".")] = quote(file)
    return groups
