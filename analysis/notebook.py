"""What a notebook needs beside prose: the annotation for its parameters, and places for its figures and tables."""

from __future__ import annotations

import textwrap
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, Image, Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import markup, prose, selection
from analysis.annotation import ANNOTATION, Annotation
from analysis.article import Article, folder_name, read_article
from analysis.codebook import IssueCodebook, extend_issues, read_issues
from analysis.errors import InputError
from analysis.export import write_table
from analysis.figures.greyscale import turn_grey
from analysis.figures.style import give_room, hide_title, letters_across, missing_letters, read_title, save, use_style, write_figure
from analysis.fingerprint import fingerprint
from analysis.layout import COLUMN_MM, FONT_SIZE, Layout, read_formats
from analysis.sources import expand, is_address

SHOWN_ROWS = 100
SCREEN_DPI = 150  # pixels of the screen for an inch in print; the file has twice as many, for sharp screens


@dataclass(frozen=True, eq=False)
class Study:
    """One article and one target, as a notebook looks at them, and where what it makes is kept.

    Its tables are those of the annotation, the article's body only: headlines and captions are left out of counts.

    Attributes
    ----------
    notebook : str
        Name of the notebook; begins the names of its figures.
    annotation : Annotation
    target : str
        Canonical name of the actor whose portrayal is asked for.
    include_representatives : bool
        Whether a country's persons, such as its leader, count as the country.
    out : Path
        Folder of the report.
    layout : Layout
        Of the figures.
    codebook : str
        Path of the user's own codebook of issues; empty for the package's.
    minimum_confidence : float
        Attributions of less are left out of `quotes` and `words`, and their words count for the voice around them. What other
        tables say of voices stays as it was annotated.
    include_candidates : bool
        Whether a sentence near to what the codebook says of an issue counts for it, though none of its phrases stands there.
    minimum_similarity : float
        Finds and candidates in sentences less near to their issue are left out.
    """

    notebook: str
    annotation: Annotation
    target: str
    include_representatives: bool
    out: Path
    layout: Layout
    codebook: str = ""
    minimum_confidence: float = 0.0
    include_candidates: bool = False
    minimum_similarity: float = -1.0

    @cached_property
    def sentences(self) -> pd.DataFrame:
        return selection.in_body(self.annotation.sentences, self.annotation.sentences)

    @cached_property
    def mentions(self) -> pd.DataFrame:
        return self._in_body(self.annotation.mentions)

    @cached_property
    def quotes(self) -> pd.DataFrame:
        """The attributions of the body; who is not named speaks as a voice too."""
        named = self._attributions.assign(speaker=selection.voice_names(self._attributions["speaker"]))
        return self._in_body(named)

    @cached_property
    def issues(self) -> pd.DataFrame:
        """The issues of the body by their titles; with candidates, these too."""
        return self._in_body(self.issues_everywhere)

    @cached_property
    def issues_everywhere(self) -> pd.DataFrame:
        """The same, those of headlines and captions included."""
        found = self.annotation.issues
        if self.include_candidates:
            found = selection.with_candidates(found, self.annotation.candidates)
        return self._titled(self._near(found))

    @cached_property
    def far_issues(self) -> pd.DataFrame:
        """The issues of the body whose sentences are far from them (`selection.list_far_issues`)."""
        return selection.list_far_issues(self.issues, self.sentences, self.annotation.article.text)

    @cached_property
    def issues_left_out(self) -> int:
        """How many finds of the body are left out, their sentences being less near than `minimum_similarity`."""
        found = self._in_body(self.annotation.issues)
        return len(found) - len(self._near(found))

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """What may be an issue in the body though no phrase tells it, by its title."""
        return self._in_body(self._titled(self.annotation.candidates))

    @cached_property
    def topics(self) -> pd.DataFrame:
        """The topics of the Comparative Agendas Project: of the article as a whole, and of its sentences."""
        return self.annotation.topics

    @cached_property
    def topic_codes(self) -> dict[str, int]:
        """Of each issue that the codebook gives a topic, by its title, the code; a sub-issue without one takes its parent's."""
        codes = {
            issue.title: next((part.cap for part in self._issues.lineage(key) if part.cap), None)
            for key, issue in self._issues.by_key.items()
        }
        return {title: code for title, code in codes.items() if code}

    @cached_property
    def headline(self) -> list[int]:
        """The numbers of the sentences of the headline."""
        sentences = self.annotation.sentences
        return sentences.loc[sentences["part"].eq("headline"), "sentence"].tolist()

    @cached_property
    def lede(self) -> list[int]:
        """The numbers of the sentences of the first paragraph of the body."""
        return selection.find_lede(self.annotation.sentences, self.annotation.article.text)

    def try_issues(self, changes: str) -> pd.DataFrame:
        """What `issues` would be if these issues were added to the codebook, or took the place of some of its own.

        Parameters
        ----------
        changes : str
            YAML in the form of a codebook: `issues:`, and under it each issue by its key.

        Raises
        ------
        InputError
            Where the changes do not keep to the form: the line, and what is allowed.
        """
        from analysis.issues import find_candidates, find_issues
        from analysis.language import parse

        codebook, parsed = extend_issues(self._issues, changes), next(parse([self.annotation.article]))
        found = find_issues(parsed, codebook)
        if self.include_candidates:
            found = selection.with_candidates(found, find_candidates(parsed, found, codebook))
        return self._in_body(_with_titles(self._near(found), codebook))

    @cached_property
    def sub_issues(self) -> dict[str, list[str]]:
        """Of each issue that is part of others, which: titles."""
        lineages = [self._issues.lineage(key) for key in self._issues.by_key]
        return {issue.title: [one.title for one in wider] for issue, *wider in lineages if wider}

    @cached_property
    def sentiments(self) -> pd.DataFrame:
        return self._in_body(self.annotation.sentiments)

    @cached_property
    def toward_target(self) -> pd.DataFrame:
        """The sentiments toward the target; with representatives, toward them too."""
        chosen = selection.toward(self.sentiments, self.mentions, self.target, self.include_representatives)
        return selection.with_position(chosen, self.mentions, self.words)

    @cached_property
    def stances(self) -> pd.DataFrame:
        """Stances with the voice that asserts each; with representatives, these act as the target."""
        voiced = selection.with_voice(self._in_body(self.annotation.stances), self.annotation.quotes)
        return selection.speaking_for(voiced, self.mentions, self.target) if self.include_representatives else voiced

    @cached_property
    def words(self) -> pd.DataFrame:
        """The words of the body, each with its voice, and the confidence of the attribution that gives it to that voice."""
        return selection.with_confidence(selection.words_with_voice(self.annotation.sentences, self._attributions), self._attributions)

    @cached_property
    def voices(self) -> list[str]:
        """All voices, in the order that fixes their colours."""
        return selection.list_voices(self.annotation.quotes)

    def save_figure(self, ax: Axes, name: str) -> Image:
        """Write a figure as ``figures/NOTEBOOK-NAME.EXT``, and show it as it was written."""
        return save_figure(ax, self.out / "figures" / f"{self.notebook}-{name}", self.layout, self._left_out)

    def save_table(self, table: pd.DataFrame, name: str, columns: list[str] | None = None) -> HTML:
        """Write a table as ``tables/NAME.csv``, .parquet and .xlsx, and show it, or some of its columns."""
        write_table(table, self.out / "tables" / name)
        return HTML(markup.html_table(table[columns or list(table.columns)], SHOWN_ROWS))

    def save_attributions(self, attributions: pd.DataFrame, name: str) -> HTML:
        """Write attributions as a table, and show who said what, through which verb, and how sure that is."""
        write_table(attributions, self.out / "tables" / name)
        return HTML(markup.html_attributions(attributions, SHOWN_ROWS))

    def say(self, text: str) -> Markdown:
        """A result in prose, and how many attributions were left out of it."""
        return say(f"{text} {self._left_out}".rstrip())

    def show_sentences(self) -> HTML:
        """The article's sentences with their offsets: where the links of all numbers lead."""
        return HTML(markup.html_sentences(self.annotation.sentences))

    @cached_property
    def _attributions(self) -> pd.DataFrame:
        """Those of the whole article that are sure enough."""
        quotes = self.annotation.quotes
        return quotes[quotes["confidence"].ge(self.minimum_confidence)].reset_index(drop=True)

    @cached_property
    def _left_out(self) -> str:
        return prose.describe_left_out(self.minimum_confidence, len(self._in_body(self.annotation.quotes)) - len(self.quotes))

    def _near(self, issues: pd.DataFrame) -> pd.DataFrame:
        return issues[issues["similarity"].ge(self.minimum_similarity)].reset_index(drop=True)

    def _titled(self, table: pd.DataFrame) -> pd.DataFrame:
        return _with_titles(table, self._issues)

    @cached_property
    def _issues(self) -> IssueCodebook:
        return read_issues(self.codebook or None)

    def _in_body(self, table: pd.DataFrame) -> pd.DataFrame:
        return selection.in_body(table, self.annotation.sentences)


def save_figure(ax: Axes, stem: Path, layout: Layout, note: str = "") -> Image:
    """Write a figure as ``STEM.EXT`` in each format of a layout, with a title and in colour if it says so, and show it as it was written.

    Parameters
    ----------
    ax : Axes
        On what `figures.plot_*` drew the figure; it is closed.
    stem : Path
    layout : Layout
        The question that the figure answers is told to those who cannot see it, whether or not it stands above it.
    note : str
        Stands below the figure: it is read without the page that it was made for.

    Returns
    -------
    Image
        Before it, the letters that no installed typeface has are told, if there are any.
    """
    figure = ax.figure
    if note:
        told = textwrap.fill(note, letters_across())
        give_room(ax, told.count("\n") + 1)
        figure.supxlabel(told, x=0.99, ha="right", fontsize=ax.xaxis.label.get_fontsize(), style="italic")
    if not layout.titles:
        hide_title(figure)
    if layout.greyscale:
        turn_grey(figure)
    with missing_letters() as missing:
        paths = write_figure(figure, stem, layout.formats)
        picture = next((path.read_bytes() for path in paths if path.suffix == ".png"), None) or _draw_png(figure)
    if missing:
        display(say(prose.describe_missing_letters(missing)))
    title, width = read_title(figure), round(figure.get_size_inches()[0] * SCREEN_DPI)
    plt.close(figure)
    about = {"figure": stem.name, "title": title}  # for the report's index
    return Image(picture, width=width, alt=f"Figure: {title} Its numbers are in the table below it.", metadata=about)


def open_study(
    notebook: str,
    article: str,
    target: str,
    issues: str = "",
    actors: str = "",
    out: str = "",
    formats: str = "png,svg",
    include_representatives: bool = False,
    minimum_confidence: float = 0.0,
    include_candidates: bool = False,
    minimum_similarity: float = -1.0,
    width: float = COLUMN_MM,
    font_size: float = FONT_SIZE,
    titles: bool = True,
    greyscale: bool = False,
) -> Study:
    """Open the study that a notebook's parameters ask for, and set the theme of its figures.

    Parameters
    ----------
    notebook : str
        Name of the notebook.
    article : str
        Path or web address. A path is looked for from the working directory, then from the repository's root.
    target : str
        Any name of the actor that the article knows it by, or a country's ISO code.
    issues, actors : str
        Codebooks of the user's own; empty for none.
    out : str
        Folder for figures, tables and the annotation; ``reports/NAME`` if empty. A relative one is taken from the
        repository's root where the notebook runs inside it, else from the working directory.
    formats : str
        Of the figures, with commas between them.
    include_representatives : bool
        Whether a country's persons count as the country.
    minimum_confidence : float
        From 0 to 1: attributions of less are left out.
    include_candidates : bool
        Whether sentences count for an issue that they are near to, though none of its phrases stands in them.
    minimum_similarity : float
        From −1 to 1: issues in sentences that are less near to them are left out.
    width, font_size, titles, greyscale
        Of the figures in print: see `layout.Layout`.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        Where the article, a codebook, a format or a number cannot be used.
    """
    check_share("minimum_confidence", minimum_confidence)
    _check_number("minimum_similarity", minimum_similarity, -1, "similarity", 0.2)
    layout = Layout(read_formats(formats), width, font_size, titles, greyscale)
    text, folder = _open_article(find_path(article), out)
    codebook = find_path(issues)
    annotation = load_or_annotate(text, folder / ANNOTATION, find_path(actors), codebook)
    use_style(layout.width, layout.font_size)
    name = selection.find_target(annotation.mentions, target)
    counted = minimum_confidence, include_candidates, minimum_similarity
    return Study(notebook, annotation, name, include_representatives, folder, layout, codebook, *counted)


def _open_article(place: str, out: str) -> tuple[Article, Path]:
    """The article at a place, and the folder of its report; an address is read once for a folder, for a page may change meanwhile."""
    if not out:
        article = read_article(place)
        return article, find_folder(f"reports/{folder_name(article)}")
    folder = find_folder(out)
    if is_address(place):
        with suppress(InputError):
            saved = Annotation.load(folder / ANNOTATION).article
            if place in (saved.path, saved.url):
                return saved, folder
    return read_article(place), folder


def load_or_annotate(article: Article, folder: Path, actors: str = "", issues: str = "") -> Annotation:
    """The annotation in a folder if it is of this article, these codebooks and this program; else made, and saved there."""
    codebooks = {"actors": actors or None, "issues": issues or None}
    try:
        saved = Annotation.load(folder)
        if saved.fingerprint == fingerprint(article, **codebooks):
            return saved
    except InputError:
        pass  # nothing there, or of another version: make it anew
    from analysis.pipeline import annotate  # brings spaCy and all models with it

    made = annotate(article, **codebooks)
    made.save(folder)
    return made


def find_home() -> Path:
    """The repository's root: above the working directory, or around the package, or else the working directory itself."""
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "pyproject.toml").is_file() and (folder / "data").is_dir():
            return folder
    return here


def find_folder(place: str) -> Path:
    """The folder to write to that a parameter names, from the repository's root."""
    return find_home() / expand(place)


def find_path(place: str) -> str:
    """A path that is there, from the working directory or else from the repository's root; an address, or "", as it is."""
    if not place or is_address(place):
        return place
    path = expand(place)
    candidates = (Path.cwd() / path, find_home() / path)
    return str(next((found for found in candidates if found.exists()), candidates[0]))


def say(text: str) -> Markdown:
    """Computed prose, for a cell to show."""
    return Markdown(text)


def _with_titles(table: pd.DataFrame, codebook: IssueCodebook) -> pd.DataFrame:
    """A table with its issues by their titles."""
    return table.replace({"issue": codebook.titles})


def check_share(parameter: str, value: float) -> None:
    _check_number(parameter, value, 0, "share", 0.5)


def _check_number(parameter: str, value: float, least: float, kind: str, example: float) -> None:
    if not isinstance(value, int | float) or not least <= value <= 1:
        raise InputError(f"{value!r} is no {kind}", parameter, f"Give a number from {least} to 1, such as {example}.")


def _draw_png(figure: Figure) -> bytes:
    picture = BytesIO()
    save(figure, picture, "png")
    return picture.getvalue()
