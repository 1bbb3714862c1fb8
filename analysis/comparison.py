"""What the comparison notebook needs beside prose: the articles of a corpus that its parameters ask for, grouped, and their tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from itertools import islice
from pathlib import Path

import pandas as pd
from IPython.display import HTML, Image
from matplotlib.axes import Axes

from analysis import comparison_estimates as estimates
from analysis import markup, prose, prose_comparison, selection
from analysis.codebook import read_issues
from analysis.corpus import Corpus, open_corpus
from analysis.errors import InputError
from analysis.export import write_table
from analysis.figures.style import use_style
from analysis.layout import COLUMN_MM, FONT_SIZE, Layout, read_formats
from analysis.notebook import SHOWN_ROWS, find_folder, find_path, save_figure

SUGGESTED = 5  # actors that are named where a target is mentioned nowhere
SHOWN_POINTS = 300
SHOWN_OF_A_POINT = 2  # sentences from either end of the scale


@dataclass(frozen=True)
class LeftOut:
    """How many articles of the corpus are left out, and why."""

    other_days: int  # published before or after the days asked for
    undated: int  # of no known date, where days are asked for
    failed: int  # without annotated sentences in the body; and what repeats one of these to the letter
    duplicates: int  # repeat another that is in
    copies: int  # repeat one of other days to the letter, which alone was annotated


@dataclass(frozen=True, eq=False)
class Comparison:
    """Articles of a corpus and one target, as the comparison notebook looks at them, and where what it makes is kept.

    Its tables are those of the corpus, of the chosen articles' bodies only: headlines and captions are left out of counts.

    Attributes
    ----------
    corpus : Corpus
    articles : DataFrame
        The chosen rows of the table `articles`, without their texts, with the columns group, period and date: see
        `comparison_estimates.with_group` and `with_period`.
    left_out : LeftOut
    asked : str
        The actor whose portrayal is asked for, by any name.
    by : str
        Of `comparison_estimates.GROUPINGS`.
    kind : str or None
        The kind of period, of `comparison_estimates.PERIODS`; none where there are too few.
    include_representatives : bool
        Whether a country's persons, such as its leader, count as the country.
    out : Path
        Folder of the report.
    layout : Layout
        Of the figures.
    codebook : str
        Path of the user's own codebook of issues, which gives them their titles; empty for the package's.
    notebook : str
        Begins the names of figures.
    """

    corpus: Corpus
    articles: pd.DataFrame
    left_out: LeftOut
    asked: str
    by: str
    kind: str | None
    include_representatives: bool
    out: Path
    layout: Layout
    codebook: str = ""
    notebook: str = "comparison"

    @cached_property
    def target(self) -> str:
        """Its canonical name."""
        return selection.find_target(self.mentions, self.asked)

    @cached_property
    def sentences(self) -> pd.DataFrame:
        columns = ["article", "sentence", "start", "end", "text", "part"]
        sentences = self.corpus.read("sentences", columns, self._keys)
        return selection.in_body(sentences, sentences)

    @cached_property
    def mentions(self) -> pd.DataFrame:
        return self._in_body("mentions", ["mention", "actor", "actor_type", "country", "text"])

    @cached_property
    def tones(self) -> pd.DataFrame:
        """The tone of each sentence that mentions the target; with representatives, or them."""
        sentiments = self._in_body("sentiments", ["mention", "actor", "p_negative", "p_positive"])
        chosen = selection.toward(sentiments, self.mentions, self.target, self.include_representatives)
        return self._grouped(estimates.score_sentences(chosen))

    @cached_property
    def stances(self) -> pd.DataFrame:
        """The stance of each pair in each sentence; with representatives, these act as the target."""
        stances = self._in_body("stances", [*estimates.PAIR, "p_oppose", "p_support", "label"])
        acting = selection.speaking_for(stances, self.mentions, self.target) if self.include_representatives else stances
        return self._grouped(estimates.score_pairs(acting))

    @cached_property
    def issues(self) -> pd.DataFrame:
        """The issues of the body by their titles."""
        return self._grouped(self._in_body("issues", ["issue"]).replace({"issue": read_issues(self.codebook or None).titles}))

    @cached_property
    def quotes(self) -> pd.DataFrame:
        """The attributions of the body; who is not named speaks as a voice too."""
        quotes = self._in_body("quotes", ["quote", "speaker", "content_spans", "content"])
        return self._grouped(quotes.assign(speaker=selection.voice_names(quotes["speaker"])))

    @cached_property
    def words(self) -> pd.DataFrame:
        """How many words of each article are whose."""
        return estimates.count_words(self.sentences, self.quotes)

    @cached_property
    def tones_over_time(self) -> pd.DataFrame:
        """The tones of all articles with a date, as of one group."""
        return estimates.of_all(self.tones[self.tones["period"].notna()])

    @property
    def groups_are_months(self) -> bool:
        """Whether the groups are periods themselves, and none has a course."""
        return self.by == "month"

    @cached_property
    def group_tones_over_time(self) -> pd.DataFrame:
        """The tones of articles with a date, by group; none where the groups are months themselves."""
        tones = self.tones[self.tones["period"].notna()]
        return tones.head(0) if self.groups_are_months else tones

    def sentences_behind(self, rows: pd.DataFrame, **point: str) -> pd.DataFrame:
        """The sentences that rows of `tones`, `quotes`, `stances` or `issues` stand in; see `comparison_estimates.sentences_behind`."""
        return estimates.sentences_behind(rows, self.articles, self.sentences, **point)

    def save_figure(self, ax: Axes, name: str) -> Image:
        """Write a figure as ``figures/NOTEBOOK-NAME.EXT``, and show it as it was written."""
        return save_figure(ax, self.out / "figures" / f"{self.notebook}-{name}", self.layout)

    def save_table(self, table: pd.DataFrame, name: str, columns: list[str] | None = None) -> HTML:
        """Write a table as ``tables/NAME.csv``, .parquet and .xlsx, and show it, or some of its columns."""
        write_table(table, self.out / "tables" / name)
        return HTML(markup.html_table(_in_words(table[columns or list(table.columns)]), SHOWN_ROWS))

    def save_sentences(self, listed: pd.DataFrame, name: str, columns: list[str]) -> HTML:
        """Write sentences as ``tables/NAME.csv`` and .parquet, and show some of their columns: more rows than a spreadsheet may hold."""
        write_table(listed.drop(columns="content_spans", errors="ignore"), self.out / "tables" / name, ("csv", "parquet"))
        return HTML(markup.html_table(listed[columns], SHOWN_ROWS))

    def show_points(self, listed: pd.DataFrame) -> HTML:
        """Of each group, and of each period of it, the most negative and the most positive sentences: where the links of names lead.

        No more than the first `SHOWN_POINTS` of them, the groups before their periods.

        Parameters
        ----------
        listed : DataFrame
            From `sentences_behind`, of `tones`.
        """
        return HTML("".join(islice(_html_points(listed), SHOWN_POINTS)) or "<p>No sentences.</p>")

    @cached_property
    def _keys(self) -> Collection[str]:
        return set(self.articles["article"])

    def _in_body(self, table: str, columns: list[str]) -> pd.DataFrame:
        return selection.in_body(self.corpus.read(table, [*selection.SENTENCE_KEY, *columns], self._keys), self.sentences)

    def _grouped(self, table: pd.DataFrame) -> pd.DataFrame:
        return estimates.with_articles(table, self.articles)


def open_comparison(
    corpus: str,
    target: str = "China",
    by: str = "outlet",
    since: str = "",
    until: str = "",
    issues: str = "",
    out: str = "",
    formats: str = "png,svg",
    include_representatives: bool = False,
    include_duplicates: bool = False,
    width: float = COLUMN_MM,
    font_size: float = FONT_SIZE,
    titles: bool = True,
    greyscale: bool = False,
) -> Comparison:
    """Open the comparison that a notebook's parameters ask for, and set the theme of its figures.

    Parameters
    ----------
    corpus : str
        Folder of a corpus, or an address that fsspec knows. A path is looked for from the working directory, then from the
        repository's root.
    target : str
        Any name of the actor that the corpus knows it by, or a country's ISO code.
    by : str
        What is compared: outlet, author or month.
    since, until : str
        The first and the last day of publication, as 2025-01-31 (UTC); empty for no limit. Given one, articles without a date
        are left out.
    issues : str
        The user's own codebook by which the corpus was annotated; empty for the package's.
    out : str
        Folder for figures and tables; ``reports/comparison`` if empty. A relative one is taken from the repository's root where the
        notebook runs inside it, else from the working directory.
    formats : str
        Of the figures, with commas between them.
    include_representatives : bool
        Whether a country's persons count as the country.
    include_duplicates : bool
        Whether articles count that nearly repeat another. Of exact repetitions, a corpus annotates one.
    width, font_size, titles, greyscale
        Of the figures in print: see `layout.Layout`.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Where there is no corpus, a parameter is none of what is allowed, or no article is left or mentions the target.
    """
    layout = Layout(read_formats(formats), width, font_size, titles, greyscale)
    codebook = find_path(issues)
    opened = open_corpus(find_path(corpus))
    articles, kind, left_out = group_articles(opened, by, since, until, include_duplicates)
    folder = find_folder(out or "reports/comparison")
    comparison = Comparison(opened, articles, left_out, target, by, kind, include_representatives, folder, layout, codebook)
    _check_target(comparison)
    use_style(layout.width, layout.font_size)
    return comparison


def group_articles(
    corpus: Corpus, by: str = "outlet", since: str = "", until: str = "", include_duplicates: bool = False
) -> tuple[pd.DataFrame, str | None, LeftOut]:
    """Choose the articles of a corpus that are compared, whoever they mention, and group them.

    Parameters
    ----------
    corpus : Corpus
    by, since, until, include_duplicates
        As in `open_comparison`.

    Returns
    -------
    articles : DataFrame
    kind : str or None
    left_out : LeftOut
        As in `Comparison`.

    Raises
    ------
    InputError
        Where a parameter is none of what is allowed, or no article is left.
    """
    if by not in estimates.GROUPINGS:
        raise InputError(
            f"articles are not grouped by {by!r}", "by", f"Use {', '.join(estimates.GROUPINGS[:-1])} or {estimates.GROUPINGS[-1]}."
        )
    first, last = _read_day("since", since), _read_day("until", until)
    if first is not None and last is not None and first > last:
        raise InputError(f"{since} is later than until, {until}", "since", "Give the earlier day as since, the later as until.")
    articles, left_out = _choose_articles(corpus, first, last, include_duplicates)
    if articles.empty:
        raise _nothing_left(corpus, left_out)
    kind = estimates.choose_period(articles["published"])
    return estimates.with_period(estimates.with_group(articles, by), kind), kind, left_out


def _check_target(comparison: Comparison) -> None:
    actors = comparison.mentions["actor"]
    if not actors.eq(comparison.target).any():
        most = ", ".join(actors.value_counts().index[:SUGGESTED])
        remedy = f"Name one that they mention; most often these: {most}." if most else "They mention no actor at all."
        raise InputError(f"none of {prose.count(len(comparison.articles), 'article')} mentions {comparison.target!r}", "target", remedy)


def _read_day(parameter: str, text: str) -> pd.Timestamp | None:
    if not text:
        return None
    try:
        return pd.Timestamp(date.fromisoformat(text), tz="UTC")
    except (TypeError, ValueError) as error:
        raise InputError(f"{text!r} is no date", parameter, "Write year, month and day, such as 2025-01-31, or leave it empty.") from error


def _choose_articles(
    corpus: Corpus, first: pd.Timestamp | None, last: pd.Timestamp | None, include_duplicates: bool
) -> tuple[pd.DataFrame, LeftOut]:
    """The articles of some days that were annotated, each text once, and how many are left out."""
    every = corpus.read("articles", ["article", "title", "outlet", "published", "author", "duplicate_of"])
    published = every["published"]
    limited = first is not None or last is not None
    undated = published.isna() & limited
    early = published.lt(first) if first is not None else False
    late = published.ge(last + pd.Timedelta(days=1)) if last is not None else False
    dated = every[~(undated | early | late)]
    places = corpus.read("sentences", ["article", "part"], set(dated["article"]))
    annotated = dated[dated["article"].isin(places.loc[places["part"].eq("body"), "article"])]
    # The one that others repeat comes first; where it is not among these days, the first of those that repeat it stands for it.
    original = annotated["duplicate_of"].fillna(annotated["article"])
    repeats = original.loc[annotated["duplicate_of"].isna().sort_values(ascending=False, kind="stable").index].duplicated()
    kept = annotated if include_duplicates else annotated[~repeats.reindex(annotated.index)]
    failed = set(corpus.read("failures", ["article"])["article"])
    copied = dated["duplicate_of"].notna() & ~dated["article"].isin(annotated["article"])
    exact = dated[copied & ~dated["article"].isin(failed) & ~dated["duplicate_of"].isin(failed)]
    here = exact["duplicate_of"].isin(annotated["article"])
    left_out = LeftOut(
        other_days=int((early | late).sum()) if limited else 0,
        undated=int(undated.sum()),
        failed=len(dated) - len(annotated) - len(exact),
        duplicates=len(annotated) - len(kept) + int(here.sum()),
        copies=int((~here).sum()),
    )
    return kept.reset_index(drop=True), left_out


def _nothing_left(corpus: Corpus, left_out: LeftOut) -> InputError:
    published = corpus.read("articles", ["article", "published"])["published"].dropna()
    if left_out.other_days or left_out.undated:
        span = f"{published.min():%Y-%m-%d} to {published.max():%Y-%m-%d}" if len(published) else "no known day"
        return InputError("no article was published in these days", "since, until", f"The corpus has articles of {span}.")
    return InputError("the corpus has no article with annotated sentences", corpus.store.place, "See its table of failures.")


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    """A table to look at: times by their day, what is true or not as yes or no."""
    days = {name: table[name].dt.strftime("%Y-%m-%d") for name in table.select_dtypes("datetime")}
    answers = {name: table[name].map({True: "yes", False: "no"}) for name in table.select_dtypes("bool")}
    return table.assign(**days, **answers)


def _html_points(listed: pd.DataFrame) -> Iterable[str]:
    """A heading and a table for each group, then for each period of each, the heading being the goal of links."""
    for group, rows in listed.groupby("group", sort=False):
        yield _html_point(group, "", rows)
    for (group, period), rows in listed[listed["period"].ne(listed["group"])].groupby(["group", "period"], sort=False):
        yield _html_point(group, period, rows)


def _html_point(group: str, period: str, listed: pd.DataFrame) -> str:
    extremes = selection.pick_extremes(listed, SHOWN_OF_A_POINT)
    heading = f"{escape(prose_comparison.join_point(group, period))} ({prose.count(len(listed), 'sentence')})"
    table = markup.html_table(extremes[["score", "text", "title", "outlet", "published"]], SHOWN_ROWS)
    return f'<h4 id="{prose_comparison.point_anchor(group, period)}" class="{prose.NO_FORMULA}">{heading}</h4>{table}'
