"""What the explorer shows, in files: the figure, the tables, and the parameters by which papermill shows it again.

They stand in the folder of the report, beside those of the notebooks: `figures`, `tables`, `parameters`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import matplotlib as mpl
import yaml
from IPython.display import Image

from analysis import notebook, prose
from analysis.article import Article, read_article
from analysis.errors import InputError
from analysis.exploring import MARK, Choice, Shown
from analysis.exploring_comparison import FIGURES, asked
from analysis.exploring_sources import CorpusSource, Source
from analysis.export import write_table
from analysis.figures.style import use_style
from analysis.layout import Layout
from analysis.sources import is_address

EXPLORE = "explore"  # the notebook that takes every choice
MOST_NAMED = 3
_ROW = re.compile(r", (?:row|line|item) \d+\Z")  # as `formats` tells which article of a table it is


def name_files(choice: Choice, picked: str = "") -> str:
    """The name of the files of a choice: that of the figure, and a few letters that stand for all else that is chosen, or picked in it."""
    told = json.dumps([choice.filters, choice.target, choice.article, choice.minimum_confidence, choice.include_representatives, picked])
    return f"{EXPLORE}-{choice.figure}-{hashlib.sha256(told.encode()).hexdigest()[:6]}"


def describe_filters(choice: Choice) -> str:
    """What a choice leaves out, for a note below the figure; nothing where it leaves out nothing."""
    told = []
    for label, names in (("in the words of", choice.voices), ("on", choice.issues)):
        if names:
            more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
            told.append(f"{label} {prose.join([*names[:MOST_NAMED], *more])}")
    if choice.kind:
        told.append(f"in {choice.kind} attributions")
    if choice.search:
        told.append(f"in sentences with “{choice.search}”")
    sure = [f"Attributions below {choice.minimum_confidence:.0%} confidence are left out."] if choice.minimum_confidence else []
    return " ".join([*([f"Only {', '.join(told)}."] if told else []), *sure])


def save_figure(source: Source, choice: Choice, folder: Path, layout: Layout) -> Image:
    """Write the figure as the notebooks do, with a note on what it leaves out, and show it as it was written."""
    with mpl.rc_context():
        use_style(layout.width, layout.font_size)
        ax = FIGURES[choice.figure].plot(source.view(asked(choice)), source.numbers(asked(choice)))
        return notebook.save_figure(ax, folder / "figures" / name_files(choice), layout, describe_filters(choice))


def save_tables(shown: Shown, choice: Choice, folder: Path) -> list[Path]:
    """Write each table that is shown, whole, as CSV, Parquet and XLSX."""
    paths = []
    for heading, table in shown.tables.items():
        name = re.sub(r"\W+", "-", heading.lower()).strip("-")
        paths += write_table(
            table.drop(columns=MARK, errors="ignore"), folder / "tables" / f"{name_files(choice, choice.mark or '')}-{name}"
        )
    return paths


def save_parameters(source: Source, choice: Choice, folder: Path, issues: str = "", actors: str = "") -> Path:
    """Write the parameters by which papermill shows the figure again.

    They are those of the notebook that the figure is from; where it has no parameter for something that was chosen, those of
    `explore.ipynb`, which takes every choice.

    Parameters
    ----------
    source : Source
    choice : Choice
    folder : Path
    issues, actors : str
        Paths of the user's own codebooks, by which the article was annotated.

    Returns
    -------
    Path
        A YAML file for ``papermill -f``; how it is called stands in its first lines.

    Raises
    ------
    InputError
        Where the article stands in no file that a notebook could read.
    """
    values = _needed(source, choice) | {name: _portable(path) for name, path in (("issues", issues), ("actors", actors)) if path}
    own = FIGURES[choice.figure].notebook
    chosen = own if values.keys() <= _parameters_of(own) else EXPLORE
    if chosen == EXPLORE:
        values["figure"] = choice.figure
    path = folder / "parameters" / f"{name_files(choice)}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    call = f"papermill notebooks/{chosen}.ipynb out.ipynb -f {_portable(path)}"
    head = f"# What the explorer showed: {FIGURES[choice.figure].question}\n# {call}\n"
    path.write_text(head + yaml.safe_dump(values, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _needed(source: Source, choice: Choice) -> dict[str, object]:
    """What was chosen, by the names of parameters; without what is so by default."""
    if isinstance(source, CorpusSource):
        own = {"corpus": _portable(source.place), "by": source.by}
        if not FIGURES[choice.figure].of_corpus:
            own = {"corpus": own["corpus"], "key": choice.article}
    else:
        about = source.annotation(choice).article
        own = {"article": _portable(_file_of(about))}
    chosen = choice.filters | {"only_issues": choice.filters.get("issues")}
    chosen |= {"minimum_confidence": choice.minimum_confidence, "include_representatives": choice.include_representatives}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items() if name != "issues" and value}
    return own | {"target": choice.target} | plain


def _file_of(article: Article) -> str:
    """Where a notebook finds an article, and nothing else: its address, its file, or the table of which it is the only row."""
    place = article.path or article.url or ""
    if place and (is_address(place) or Path(place).exists()):
        return place
    table = _ROW.sub("", place)
    with suppress(InputError):
        if table:
            read_article(table)
            return table
    remedy = "Write its text to a file and read it with read_article: a notebook needs a web address, or a file with one article."
    raise InputError("this article stands in no file of its own", place or article.article, remedy)


def _parameters_of(name: str) -> set[str]:
    import papermill  # it and the report take seconds to import, which the panel need not wait for

    from analysis.report import NOTEBOOK_FOLDERS

    folder = next(folder for folder in NOTEBOOK_FOLDERS if folder.is_dir())
    found: Mapping[str, object] = papermill.inspect_notebook(str(folder / f"{name}.ipynb"))
    return set(found)


def _portable(place: str | Path) -> str:
    """A path from the repository's root, where notebooks look for it too; one outside of it as a whole, an address as it is."""
    if is_address(place):
        return str(place)
    path = Path(place).absolute()
    home = notebook.find_home()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
