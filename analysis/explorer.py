"""The explorer: an interactive panel in which article, figure and tables follow each other.

The controls are ipywidgets; the panels are one widget that shows HTML of ours and tells what was clicked (templates/explorer.js).
What there is to see for a choice is worked out in `exploring` and its neighbours: here it is only put on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from html import escape
from pathlib import Path

import ipywidgets as widgets
from IPython.display import HTML, Image

from analysis import exploring_export, prose
from analysis.annotation import Annotation
from analysis.corpus import Corpus, open_corpus
from analysis.errors import InputError
from analysis.exploring import Choice, Shown
from analysis.exploring_comparison import FIGURES, asked
from analysis.exploring_figures import OF_ARTICLE
from analysis.exploring_html import draw, html_tables
from analysis.exploring_sources import KEPT, Source, open_source
from analysis.highlight import to_html
from analysis.layout import COLUMN_MM, FONT_SIZE, Layout, read_formats
from analysis.notebook import check_share, find_folder, find_path, open_study
from analysis.panel import Panel
from analysis.tables import QUOTE_TYPES

LAYOUT = Layout()
SUGGESTED = 20  # names of what there is, where there is no such thing
_PICKS = ("mark", "sentence")
_HELP = "Click a bar, point or cell to see its sentences; click a sentence, or press Enter on it, to see what was read from it."
_WIDE = {"description_width": "7.5em"}


class Explorer(widgets.VBox):
    """The panel that `explore` opens.

    Attributes
    ----------
    choice : Choice
        What is chosen now; `choose` changes it.
    shown : Shown
        What is shown for it: its tables are DataFrames.
    """

    def __init__(self, source: Source, choice: Choice, codebooks: Mapping[str, str], folder: Path | None = None, layout: Layout = LAYOUT):
        self.choice = choice
        self.shown: Shown | None = None
        self._source = source
        self._codebooks = codebooks
        self._folder = folder or source.home
        self._layout = layout
        self._busy = False
        self._draw = lru_cache(KEPT)(self._drawn)
        self._mark_up = lru_cache(KEPT)(self._marked_up)
        self._article = Panel(label="The article. Arrows lead from sentence to sentence, Enter picks one.", dims=True)
        self._figure = Panel(label="The figure. Arrows lead from mark to mark, Enter picks one.")
        self._tables = Panel(label="The tables. Links lead to sentences.")
        self._said = Panel(label="What is shown", role="status")
        self._controls = self._make_controls()
        for panel, name in ((self._article, "article"), (self._figure, "picture")):
            panel.add_class(f"explorer-{name}")
        right = widgets.VBox([self._figure, self._tables]).add_class("explorer-right")
        panels = widgets.Box([self._article, right]).add_class("explorer-panels")
        controls = widgets.Box([*self._controls.values(), self._make_buttons()]).add_class("explorer-controls")
        super().__init__([controls, self._said, panels])
        self.add_class("explorer")
        for name, control in self._controls.items():
            control.observe(self._follow(name), "value")
        for panel in (self._article, self._figure, self._tables):
            panel.observe(lambda change: self._pick(change.new), "clicked")
        self._show()

    def choose(self, **changes: object) -> None:
        """Choose something else, by the names of `Choice`, and show it. What was picked before is picked no more."""
        before, picked = self.choice, {name: changes.pop(name, None) for name in _PICKS}
        _check(self._source, before, changes)
        self.choice = replace(before, **changes, **picked)
        self._show()

    def save_figure(self) -> Image:
        """Write the figure that is shown, and show it as it was written."""
        picture = exploring_export.save_figure(self._source, self.choice, self._folder, self._layout)
        stem = self._folder / "figures" / exploring_export.name_files(self.choice)
        self._say_written([stem.parent / f"{stem.name}.{name}" for name in self._layout.formats])
        return picture

    def save_tables(self) -> HTML:
        """Write the tables that are shown as CSV, Parquet and XLSX, and show them."""
        self._say_written(exploring_export.save_tables(self.shown, self.choice, self._folder))
        return HTML(html_tables(self.shown, self._source.articles))

    def save_parameters(self) -> Path:
        """Write the parameters with which papermill repeats what is shown, and say where."""
        path = exploring_export.save_parameters(self._source, self.choice, self._folder, **self._codebooks)
        self._say_written([path])
        return path

    # -------------------------------------------------------------------------------------------- controls

    def _make_controls(self) -> dict[str, widgets.ValueWidget]:
        source, choice = self._source, self.choice
        controls: dict[str, widgets.ValueWidget] = {}
        if len(source.articles) > 1:
            titles = [(title, key) for key, title in source.articles.items()]
            controls["article"] = widgets.Dropdown(options=titles, value=choice.article, description="Article")
        figures = [(f"{'All articles: ' if figure.of_corpus else ''}{figure.question}", name) for name, figure in source.figures.items()]
        controls |= {
            "figure": widgets.Dropdown(options=figures, value=choice.figure, description="Figure"),
            "target": widgets.Combobox(options=source.actors(), value=choice.target, description="Target", continuous_update=False),
            "search": widgets.Text(
                value=choice.search, description="Words", placeholder="such as tariff* or rare earths", continuous_update=False
            ),
            "voices": widgets.SelectMultiple(options=source.voices(choice), value=choice.voices, description="Voices", rows=5),
            "issues": widgets.SelectMultiple(options=source.issues(), value=choice.issues, description="Issues", rows=5),
            "kind": widgets.Dropdown(
                options=[("all words", ""), *((f"{kind} attributions", kind) for kind in QUOTE_TYPES)],
                value=choice.kind,
                description="Kind",
            ),
            "minimum_confidence": widgets.FloatSlider(
                value=choice.minimum_confidence,
                min=0,
                max=1,
                step=0.05,
                readout_format=".0%",
                description="Confidence",
                continuous_update=False,
            ),
            "include_representatives": widgets.Checkbox(
                value=choice.include_representatives, description="a country's persons count as the country", indent=False
            ),
        }
        for name, control in controls.items():
            control.style = {} if name == "include_representatives" else _WIDE
        return controls

    def _make_buttons(self) -> widgets.Box:
        buttons = {
            "Show all": ("Undo what was picked and chosen, but for figure, article and target", self._clear),
            "Save figure": (f"As {prose.join(name.upper() for name in self._layout.formats)}", self.save_figure),
            "Save tables": ("As CSV, Parquet and XLSX", self.save_tables),
            "Save parameters": ("A file for papermill -f that repeats what is shown", self.save_parameters),
        }
        made = []
        for label, (tooltip, act) in buttons.items():
            button = widgets.Button(description=label, tooltip=tooltip)
            button.on_click(lambda _, act=act: self._try(act))
            made.append(button)
        return widgets.Box(made).add_class("explorer-buttons")

    def _follow(self, name: str) -> Callable:
        def follow(change) -> None:
            if not self._busy:
                self._try(lambda: self.choose(**{name: change.new}))

        return follow

    def _clear(self) -> None:
        kept = {name: getattr(self.choice, name) for name in ("figure", "article", "target")}
        self.choose(**{f.name: f.default for f in fields(Choice) if f.name not in _PICKS} | kept)

    def _pick(self, clicked: dict) -> None:
        """Pick what was clicked; what is picked already, no more."""
        if mark := clicked.get("pick"):
            self._try(lambda: self.choose(mark=None if mark == self.choice.mark else mark))
        elif clicked.get("sentence"):
            article, sentence = clicked.get("article", self.choice.article), int(clicked["sentence"])
            same = (article, sentence) == (self.choice.article, self.choice.sentence)
            self._try(lambda: self.choose(article=article, sentence=None if same else sentence))

    def _try(self, act: Callable[[], object]) -> None:
        """Do something, and say what is wrong with it where a person can put it right."""
        try:
            act()
        except InputError as error:
            self._said.html = f'<p class="explorer-wrong">{escape(str(error))}</p>'

    # -------------------------------------------------------------------------------------------- what is shown

    def _show(self) -> None:
        """Put the choice on the screen, what is known soonest first: the article, the tables, then the figure."""
        self._set_controls()
        choice = self.choice
        self._article.html = self._mark_up(choice.article, choice.target, choice.minimum_confidence)
        sentence = "" if choice.sentence is None else str(choice.sentence)
        if sentence:
            self._article.set(marked=[sentence], chosen=sentence)
        self.shown = self._source.show(choice)
        self._article.set(marked=sorted(map(str, self.shown.marked)), chosen=sentence)
        self._tables.set(html=html_tables(self.shown, self._source.articles), chosen=choice.mark or "")
        self._said.html = f"<p>{escape(self._status())}</p>"
        self._figure.set(html=self._draw(asked(choice)), marked=sorted(self.shown.marks), chosen=choice.mark or sentence)

    def _set_controls(self) -> None:
        self._busy = True
        try:
            voices = self._source.voices(self.choice)
            self.choice = replace(self.choice, voices=tuple(voice for voice in self.choice.voices if voice in voices))
            if list(self._controls["voices"].options) != voices:
                self._controls["voices"].options = voices
            for name, control in self._controls.items():
                control.value = getattr(self.choice, name)
        finally:
            self._busy = False

    def _marked_up(self, article: str, target: str, minimum_confidence: float) -> str:
        choice = Choice(next(iter(OF_ARTICLE)), target, article, minimum_confidence=minimum_confidence)
        annotation, whole = (self._source.annotation(made) for made in (choice, replace(choice, minimum_confidence=0.0)))
        return to_html(annotation, target, quotes=whole.quotes, voices=self._source.voices(choice), titles=self._source.titles)

    def _drawn(self, choice: Choice) -> str:
        figure = FIGURES[choice.figure]
        return draw(figure, self._source.view(choice), self._source.numbers(choice), exploring_export.describe_filters(choice))

    def _status(self) -> str:
        choice, shown = self.choice, self.shown
        if choice.sentence is not None:
            if len(shown.tables) == 1 + bool(choice.search):
                return f"S{choice.sentence}: nothing was read from it. Headlines and captions are left out of counts."
            return f"S{choice.sentence}, and what was read from it. Click it again to leave it."
        if choice.mark is not None:
            return f"Behind what was picked: {prose.count(len(next(iter(shown.tables.values()))), 'row')}. Click it again to leave it."
        if filters := exploring_export.describe_filters(choice):
            left = "" if FIGURES[choice.figure].of_corpus else f" {prose.count(len(shown.marked), 'sentence')} of the article stand out."
            return f"{filters}{left if choice.filters else ''}"
        return _HELP

    def _say_written(self, paths: list[Path]) -> None:
        names = prose.join(f"<code>{escape(path.name)}</code>" for path in paths)
        self._said.html = f"<p>Written to <code>{escape(str(paths[0].parent))}</code>: {names}</p>"


def explore(
    source: Annotation | Corpus,
    target: str = "China",
    article: str | None = None,
    *,
    issues: str = "",
    actors: str = "",
    by: str = "outlet",
    out: str = "",
    only_issues: Sequence[str] = (),
    layout: Layout = LAYOUT,
    **choice: object,
) -> Explorer:
    """Open the explorer, in JupyterLab, Notebook 7 or VS Code.

    Parameters
    ----------
    source : Annotation or Corpus
        From `annotate` or `Annotation.load`, or from `corpus.open_corpus`.
    target : str
        The actor whose portrayal is asked for, by any name.
    article : str, optional
        Of a corpus, the key of the article to open first.
    issues, actors : str
        Paths of the user's own codebooks, by which the source was annotated; empty for none.
    by : str
        Of a corpus, what its figures compare: outlet, author or month.
    out : str
        Folder for what is saved; ``reports/NAME`` if empty.
    only_issues : sequence of str
        The issues that are chosen to begin with, by their titles.
    layout : Layout
        How figures are saved: formats, width, size of type.
    **choice
        What else is, by the names of `exploring.Choice`: ``figure="stance-matrix"``, ``voices=["narrator"]``, ``search="tariff*"``.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        Where the source, the article or a choice is none that there is.
    """
    opened = open_source(source, find_path(issues), by)
    first = next(iter(opened.figures))
    chosen = {"figure": first, "target": target, "article": next(iter(opened.articles)) if article is None else article} | choice
    chosen |= {"issues": _listed(only_issues), "voices": _listed(chosen.get("voices", ()))}
    _check(opened, Choice(), chosen)
    codebooks = {"issues": find_path(issues), "actors": find_path(actors)}
    return Explorer(opened, Choice(**chosen), codebooks, Path(out) if out else None, layout)


def open_explorer(
    article: str,
    target: str = "China",
    issues: str = "",
    actors: str = "",
    out: str = "",
    corpus: str = "",
    key: str = "",
    by: str = "outlet",
    figure: str = "",
    only_issues: Sequence[str] = (),
    formats: str = "png,svg",
    width: float = COLUMN_MM,
    font_size: float = FONT_SIZE,
    titles: bool = True,
    greyscale: bool = False,
    **choice: object,
) -> Explorer:
    """Open the explorer that a notebook's parameters ask for: of a corpus where one is named, else of an article.

    Parameters
    ----------
    article, target, issues, actors
        As in `notebook.open_study`.
    out : str
        Folder of the report.
    corpus : str
        Folder of a corpus, or its address; empty for none.
    key : str
        Of a corpus, the article to open first; empty for the first.
    by : str
        As in `explore`.
    figure : str
        The figure to begin with; empty for the first.
    only_issues : sequence of str
        The issues that are chosen, by their titles.
    formats, width, font_size, titles, greyscale
        Of the figures that are saved: see `layout.Layout`.
    **choice
        As in `explore`.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        As `open_study` and `explore` do.
    """
    layout = Layout(read_formats(formats), width, font_size, titles, greyscale)
    chosen = {"issues": issues, "actors": actors, "layout": layout} | choice
    wanted = ({"figure": figure} if figure else {}) | ({"only_issues": only_issues} if only_issues else {})
    if corpus:
        source = open_corpus(find_path(corpus))
        folder = str(find_folder(out)) if out else ""
        return explore(source, target, key or None, by=by, out=folder, **chosen, **wanted)
    study = open_study("explore", article, target, issues, actors, out)
    return explore(study.annotation, target, out=str(study.out), **chosen, **wanted)


def _listed(names: str | Sequence[str]) -> tuple[str, ...]:
    """Names that were given, of which one may stand alone."""
    return (names,) if isinstance(names, str) else tuple(names)


def _check(source: Source, before: Choice, changes: dict[str, object]) -> None:
    """An error where there is no such choice."""
    unknown = sorted(changes.keys() - {f.name for f in fields(Choice)})
    if unknown:
        raise InputError(f"there is no choice {', '.join(unknown)}", "explore", f"Use {prose.join(f.name for f in fields(Choice))}.")
    check_share("minimum_confidence", changes.get("minimum_confidence", before.minimum_confidence))
    for name, allowed in {"figure": source.figures, "article": source.articles, "kind": ("", *QUOTE_TYPES)}.items():
        if name in changes:
            _check_among(name, [changes[name]], allowed)
    if not str(changes.get("target", "any")).strip():
        raise InputError("no target is named", "target", f"Name an actor, such as {prose.join(source.actors()[:3]) or 'China'}.")
    if changes.get("issues"):
        _check_among("issues", changes["issues"], source.issues())
    if changes.get("voices"):
        _check_among("voices", changes["voices"], source.voices(replace(before, **changes)))


def _check_among(name: str, values: Iterable, allowed: Collection) -> None:
    wrong = [value for value in values if value not in allowed]
    if wrong:
        some = ", ".join(repr(value) for value in list(allowed)[:SUGGESTED])
        raise InputError(f"there is no {prose.join(map(repr, wrong))} here", name, f"Use {some}.")
