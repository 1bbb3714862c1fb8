"""What the explorer shows for what a reader has chosen: the rows that are left, the figure's numbers, the sentences behind them.

Tables in, tables out, and nothing of widgets: `Choice` says what is asked, `narrow` leaves the rows that it is asked of, `show`
answers. Everything that is chosen holds for the article, the figure and the tables alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property

import pandas as pd

from analysis import selection
from analysis.selection import SENTENCE_KEY
from analysis.voices import innermost_quote

MARK = "mark"  # the column by which a row of numbers knows what is drawn for it


@dataclass(frozen=True)
class Choice:
    """What a reader has chosen. Of voices, issues and kind, nothing chosen means all.

    Attributes
    ----------
    figure : str
        A key of `exploring_comparison.FIGURES`.
    target : str
        Any name of the actor whose portrayal is asked for.
    article : str
        Key of the article that is read.
    voices, issues : tuple of str
        Only what stands in the words of these, in sentences on these.
    kind : str
        Only what stands in attributions of this type, of `tables.QUOTE_TYPES`; empty for all words.
    minimum_confidence : float
        Attributions of less count as the words around them.
    include_representatives : bool
        Whether a country's persons count as the country.
    search : str
        Only sentences with these words; see `concordance.Concordance.find`.
    mark : str or None
        What was picked in the figure.
    sentence : int or None
        The sentence of the article that was picked.
    """

    figure: str = "quotes-words-by-voice"
    target: str = "China"
    article: str = ""
    voices: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    kind: str = ""
    minimum_confidence: float = 0.0
    include_representatives: bool = False
    search: str = ""
    mark: str | None = None
    sentence: int | None = None

    @property
    def filters(self) -> dict[str, object]:
        """What leaves rows out and is no parameter of a notebook of one analysis, by its name; without what is not chosen."""
        return {name: value for name, value in asdict(self).items() if name in ("voices", "issues", "kind", "search") and value}


@dataclass(frozen=True, eq=False)
class Rows:
    """The tables of the bodies of one article or many, all of them or what a choice leaves of them.

    Attributes
    ----------
    sentences, mentions, quotes, sentiments, stances, issues : DataFrame
        The tables of these names: quotes with speakers as voices, stances with the column `voice`, issues by their titles.
    make_words : function
        Gives the words with their voices, as `selection.words_with_voice` does: of many articles that takes a while.
    """

    sentences: pd.DataFrame
    mentions: pd.DataFrame
    quotes: pd.DataFrame
    sentiments: pd.DataFrame
    stances: pd.DataFrame
    issues: pd.DataFrame
    make_words: Callable[[], pd.DataFrame] = field(repr=False)

    @cached_property
    def words(self) -> pd.DataFrame:
        return self.make_words()


@dataclass(frozen=True, eq=False)
class View:
    """What a figure is drawn from: the rows that are left, and what they are seen by.

    Attributes
    ----------
    rows : Rows
        What the choice leaves.
    every : Rows
        All there are.
    target : str
        Its canonical name.
    voices : list of str
        All voices, in the order that fixes their colours.
    include_representatives : bool
    sub_issues : mapping of str to list of str
        Of each issue that is part of others, which: titles.
    articles : DataFrame
        Those of a corpus, with group, period and date, as `comparison.Comparison` has them; of one article, its row of the table.
    period : str or None
        Of a corpus, the kind of period.
    hits : DataFrame
        Where the words stand that are searched for, from `concordance.Concordance.find`.
    """

    rows: Rows
    every: Rows
    target: str
    voices: Sequence[str]
    include_representatives: bool
    sub_issues: Mapping[str, Sequence[str]]
    articles: pd.DataFrame
    period: str | None
    hits: pd.DataFrame

    @cached_property
    def toward_target(self) -> pd.DataFrame:
        """The sentiments toward the target; with representatives, toward them too."""
        return selection.toward(self.rows.sentiments, self.every.mentions, self.target, self.include_representatives)

    @cached_property
    def listings(self) -> dict[str, pd.DataFrame]:
        """What was read from sentences, whatever is chosen: attributions, sentiments, stances that take a side, issues."""
        rows = self.every
        return {
            "attributions": selection.list_attributions(rows.quotes),
            "sentiments": selection.list_sentiments(rows.sentiments, rows.mentions, rows.sentences),
            "stances": selection.list_stances(rows.stances, rows.mentions, rows.sentences),
            "issues": selection.list_issues(rows.issues, rows.sentences),
        }


@dataclass(frozen=True, eq=False)
class Shown:
    """What the explorer shows.

    Attributes
    ----------
    numbers : DataFrame
        What the figure is drawn from, with the column `mark`.
    tables : dict of str to DataFrame
        The tables below the figure by their headings, first what was picked.
    marked : frozenset of int
        The article's sentences that stand out: behind what was picked, or else left by what was chosen; none where all are left.
    sentence : int or None
        The sentence of the article to look at.
    marks : frozenset of str
        What in the figure was picked, or was read from the sentence that was.
    """

    numbers: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    marked: frozenset[int]
    sentence: int | None
    marks: frozenset[str]


def narrow(rows: Rows, choice: Choice, hits: pd.DataFrame) -> Rows:
    """What a choice leaves of the rows.

    A sentence is left if it is on one of the issues, has the words that are searched for, and has words of the voices and in
    attributions of the kind; a row of another table, if its sentence is left and it stands itself in such words.

    Parameters
    ----------
    rows : Rows
    choice : Choice
    hits : DataFrame
        From `concordance.Concordance.find`; not looked at where nothing is searched for.

    Returns
    -------
    Rows
    """
    if not choice.filters:
        return rows
    sentences, issues, spoken = rows.sentences, rows.issues, None
    if choice.issues:
        issues = issues[issues["issue"].isin(choice.issues)]
        sentences = _standing_in(sentences, issues)
    if choice.search:
        sentences = _standing_in(sentences, hits)
    if choice.voices or choice.kind:
        spoken = _said(rows.words, "voice", choice, lambda: _kinds_at(rows.quotes, rows.words))
        sentences = _standing_in(sentences, spoken)
    sentiments = _said(rows.sentiments, "voice", choice, lambda: _kinds_at(rows.quotes, _placed(rows.sentiments, rows.mentions)))
    stances = _said(rows.stances, "voice", choice, lambda: _kinds_of(rows.quotes, rows.stances))
    quotes = _said(rows.quotes, "speaker", choice, lambda: rows.quotes["type"])
    return Rows(
        sentences,
        selection.in_body(rows.mentions, sentences),
        selection.in_body(quotes, sentences),
        selection.in_body(sentiments, sentences),
        selection.in_body(stances, sentences),
        selection.in_body(issues, sentences),
        lambda: selection.in_body(rows.words if spoken is None else spoken, sentences),
    )


def number_rows(numbers: pd.DataFrame) -> pd.DataFrame:
    """Numbers with the column `mark`: an id for what is drawn for each row."""
    return numbers.assign(**{MARK: [f"mark-{place}" for place in range(len(numbers))]})


def rows_of_sentence(view: View, article: str, sentence: int) -> dict[str, pd.DataFrame]:
    """What was read from one sentence, by the name of its table: attributions, sentiments, stances that take a side, issues.

    An attribution is among them if any of its words stand in the sentence. Without the empty ones.
    """
    places = view.every.sentences
    place = places[places["article"].eq(article) & places["sentence"].eq(sentence)]
    if place.empty:
        return {}
    start, end = place[["start", "end"]].iloc[0]
    found = {}
    for name, listed in view.listings.items():
        own = listed[listed["article"].eq(article)]
        if name == "attributions":
            standing = own["content_spans"].map(lambda spans: any(low < end and high > start for low, high in spans)).astype(bool)
        else:
            standing = own["sentence"].eq(sentence)
        if standing.any():
            found[name] = own[standing].reset_index(drop=True)
    return found


def list_behind(listing: pd.DataFrame, sentences: pd.DataFrame, row: Mapping, keys: Mapping[str, str]) -> pd.DataFrame:
    """The rows behind one row of numbers.

    Parameters
    ----------
    listing : DataFrame
        The rows that the numbers were read from.
    sentences : DataFrame
        The table `sentences`.
    row : mapping
        The row; its column `sentences`, where it has one, limits what is behind it.
    keys : mapping of str to str
        Columns of the listing, and of the numbers, which have the same values.

    Returns
    -------
    DataFrame
        Rows of the listing; where none is left, the sentences themselves.
    """
    behind = listing
    for column, name in keys.items():
        behind = behind[behind[column].eq(row[name])]
    if "sentences" in row:
        behind = behind[behind["sentence"].isin(row["sentences"])]
        if behind.empty:
            behind = sentences[sentences["sentence"].isin(row["sentences"])]
    return behind.reset_index(drop=True)


def _standing_in(sentences: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The sentences that some rows stand in."""
    kept = pd.MultiIndex.from_frame(sentences[SENTENCE_KEY]).isin(pd.MultiIndex.from_frame(rows[SENTENCE_KEY]))
    return sentences[kept].reset_index(drop=True)


def _said(table: pd.DataFrame, voice: str, choice: Choice, kinds: Callable[[], Sequence]) -> pd.DataFrame:
    """The rows in the words of the voices, and in attributions of the kind; which kind each is in is asked where it matters."""
    kept = pd.Series(True, index=table.index)
    if choice.voices:
        kept &= selection.voice_names(table[voice]).isin(choice.voices)
    if choice.kind:
        kept &= pd.Series(list(kinds()), index=table.index, dtype=object).eq(choice.kind)
    return table[kept].reset_index(drop=True)


def _placed(table: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """Rows about mentions with the offset at which each begins."""
    places = mentions[["article", "mention", "start"]]
    return table[["article", "mention"]].merge(places, on=["article", "mention"], how="left")


def _kinds_at(quotes: pd.DataFrame, places: pd.DataFrame) -> list[str | None]:
    """The type of the innermost attribution at each place (article, start); none in the narrator's words."""
    kinds = pd.Series(None, index=places.index, dtype=object)
    said = dict(list(quotes.groupby("article")))
    for article, own in places.groupby("article", sort=False):
        if article in said:
            types = said[article].set_index("quote")["type"]
            kinds[own.index] = innermost_quote(said[article], own["start"]).map(types).to_numpy(object)
    return list(kinds)


def _kinds_of(quotes: pd.DataFrame, stances: pd.DataFrame) -> list[str | None]:
    """The type of the attribution that asserts each stance."""
    types = quotes[["article", "quote", "type"]].astype({"quote": "Int64"})
    return list(stances[["article", "quote"]].merge(types, on=["article", "quote"], how="left")["type"])
