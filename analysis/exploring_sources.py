"""What is explored: one article, or the articles of a corpus. What was read, or worked out, once is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from analysis import selection
from analysis.annotation import STAGES, Annotation, article_of_row
from analysis.article import folder_name
from analysis.codebook import read_issues
from analysis.comparison import group_articles
from analysis.concordance import Concordance
from analysis.corpus import Corpus
from analysis.errors import InputError
from analysis.exploring import MARK, Choice, Rows, Shown, View, narrow, number_rows, rows_of_sentence
from analysis.exploring_comparison import FIGURES, asked
from analysis.exploring_figures import OF_ARTICLE, ExplorableFigure
from analysis.layout import Layout
from analysis.notebook import Study, find_home
from analysis.parts import find_headline, find_parts
from analysis.tables import NARRATOR

KEPT = 64  # answers; the oldest give way
KEPT_ARTICLES = 16


class _Remembering:
    """What is asked of a source twice is worked out once."""

    def __init__(self):
        self.view = lru_cache(KEPT)(self._view)
        self.numbers = lru_cache(KEPT)(self._numbers)

    def show(self, choice: Choice) -> Shown:
        """What there is to see for a choice."""
        return _show(self, choice)

    def _view(self, choice: Choice) -> View:
        raise NotImplementedError

    def _numbers(self, choice: Choice) -> pd.DataFrame:
        return number_rows(FIGURES[choice.figure].estimate(self.view(_seen(choice))))


class ArticleSource(_Remembering):
    """One article.

    Parameters
    ----------
    annotation : Annotation
    codebook : str
        Path of the user's own codebook of issues; empty for the package's.
    """

    figures: Mapping[str, ExplorableFigure] = OF_ARTICLE

    def __init__(self, annotation: Annotation, codebook: str = ""):
        super().__init__()
        self._annotation = annotation
        self._codebook = codebook
        self.titles = read_issues(codebook or None).titles
        self._study = lru_cache(KEPT)(self._open_study)
        self.search = lru_cache(KEPT)(Concordance(annotation.sentences).find)

    @property
    def articles(self) -> dict[str, str]:
        """The titles of the articles by their keys."""
        return {self._annotation.article.article: self._annotation.article.title or self._annotation.article.article}

    @property
    def home(self) -> Path:
        """Folder of the report, as the notebooks name it."""
        return find_home() / "reports" / folder_name(self._annotation.article)

    def annotation(self, choice: Choice) -> Annotation:
        """The annotation of the article that is read, without the attributions that are not sure enough."""
        quotes = self._annotation.quotes
        return replace(self._annotation, quotes=quotes[quotes["confidence"].ge(choice.minimum_confidence)])

    def voices(self, choice: Choice) -> list[str]:
        """All voices, in the order that fixes their colours."""
        return selection.list_voices(self._annotation.quotes)

    def actors(self) -> list[str]:
        """Who is mentioned, most often first."""
        return list(self._annotation.mentions["actor"].value_counts().index)

    def issues(self) -> list[str]:
        """The titles of the issues that are found, those in most sentences first."""
        return [self.titles.get(key, key) for key in self._annotation.issues["issue"].value_counts().index]

    def _view(self, choice: Choice) -> View:
        study = self._study(choice.target, choice.minimum_confidence, choice.include_representatives)
        every = Rows(study.sentences, study.mentions, study.quotes, study.sentiments, study.stances, study.issues, lambda: study.words)
        hits = self.search(choice.search)
        about = study.target, study.voices, choice.include_representatives, study.sub_issues, self._annotation.articles, None, hits
        return View(narrow(every, choice, hits), every, *about)

    def _open_study(self, target: str, minimum_confidence: float, include_representatives: bool) -> Study:
        name = selection.find_target(self._annotation.mentions, target)
        about = self.home, Layout(), self._codebook, minimum_confidence
        return Study("explore", self._annotation, name, include_representatives, *about)


class CorpusSource(_Remembering):
    """The articles of a corpus. Their tables are read once; of the text, that of the article that is read.

    Parameters
    ----------
    corpus : Corpus
    codebook : str
        As in `ArticleSource`.
    by : str
        What is compared, of `comparison_estimates.GROUPINGS`.
    """

    figures: Mapping[str, ExplorableFigure] = FIGURES

    def __init__(self, corpus: Corpus, codebook: str = "", by: str = "outlet"):
        super().__init__()
        self._corpus = corpus
        self._codebook, self.by = codebook, by
        self.titles = read_issues(codebook or None).titles
        self._grouped, self._period, _ = group_articles(corpus, by)
        self.articles = _name_articles(self._grouped)
        self._source = lru_cache(KEPT_ARTICLES)(self._read_article)
        self._every = lru_cache(KEPT_ARTICLES)(self._sure_rows)
        sentences = corpus.read("sentences", [*selection.SENTENCE_KEY, "start", "end", "text", "part"], self.articles)
        self._sentences = selection.in_body(sentences, sentences)
        self.search = lru_cache(KEPT)(Concordance(sentences).find)

    @property
    def place(self) -> str:
        """Where the corpus is."""
        return self._corpus.store.place

    @property
    def home(self) -> Path:
        """Folder of the report."""
        return find_home() / "reports" / Path(self.place).name

    def annotation(self, choice: Choice) -> Annotation:
        return self._source(choice.article).annotation(choice)

    def voices(self, choice: Choice) -> list[str]:
        """Of all articles, those most often quoted first; of the one that is read, in the order that fixes their colours."""
        if FIGURES[choice.figure].of_corpus:
            return [NARRATOR, *self._rows.quotes["speaker"].value_counts().index]
        return self._source(choice.article).voices(choice)

    def actors(self) -> list[str]:
        return list(self._rows.mentions["actor"].value_counts().index)

    def issues(self) -> list[str]:
        return list(self._rows.issues["issue"].value_counts().index)

    def _view(self, choice: Choice) -> View:
        if not FIGURES[choice.figure].of_corpus:
            return self._source(choice.article).view(choice)
        every, hits = self._every(choice.minimum_confidence), self.search(choice.search)
        target = selection.find_target(every.mentions, choice.target)
        if choice.include_representatives:
            every = replace(every, stances=selection.speaking_for(every.stances, every.mentions, target))
        about = choice.include_representatives, {}, self._grouped, self._period, hits
        return View(narrow(every, choice, hits), every, target, self.voices(choice), *about)

    def _sure_rows(self, minimum_confidence: float) -> Rows:
        quotes = self._rows.quotes[self._rows.quotes["confidence"].ge(minimum_confidence)].reset_index(drop=True)
        return replace(self._rows, quotes=quotes, make_words=lambda: selection.words_with_voice(self._sentences, quotes))

    @cached_property
    def _rows(self) -> Rows:
        """The tables of all articles, as far as figures need them."""
        quotes = self._read(
            "quotes", ["quote", "within", "speaker", "on_behalf_of", "type", "cue", "content_spans", "content", "confidence"]
        )
        quotes = quotes.assign(speaker=selection.voice_names(quotes["speaker"]))
        stances = [*("holder", "target", "holder_mention", "quote"), "p_oppose", "p_neutral", "p_support", "label"]
        sentiments = ["mention", "actor", "voice", "p_negative", "p_neutral", "p_positive", "label", "lexicon"]
        return Rows(
            self._sentences,
            self._read("mentions", ["mention", "actor", "actor_type", "country", "start", "end", "text"]),
            quotes,
            self._read("sentiments", sentiments),
            selection.with_voice(self._read("stances", stances), quotes),
            self._read("issues", ["issue", "evidence_spans"]).replace({"issue": self.titles}),
            lambda: selection.words_with_voice(self._sentences, quotes),
        )

    def _read(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        return selection.in_body(self._corpus.read(table, [*selection.SENTENCE_KEY, *columns], self.articles), self._sentences)

    def _read_article(self, key: str) -> ArticleSource:
        tables = {name: self._corpus.read(name, articles=[key]) for name in STAGES}
        row = tables["articles"].iloc[0]
        # A title that the source gave begins the text. Any other is a headline that was found there, as it will be again.
        given = not pd.isna(row["title"]) and find_headline(row["text"], row["title"]) is not None
        parts = find_parts(row["text"], row["title"] if given else None)
        return ArticleSource(Annotation(article_of_row(row, parts), **tables), self._codebook)


Source = ArticleSource | CorpusSource


def open_source(source: Annotation | Corpus, codebook: str = "", by: str = "outlet") -> Source:
    """What is explored, from an annotation or a corpus.

    Raises
    ------
    InputError
        Where it is neither, or the corpus has no annotated article.
    """
    if isinstance(source, Annotation):
        return ArticleSource(source, codebook)
    if isinstance(source, Corpus):
        return CorpusSource(source, codebook, by)
    remedy = "Give what annotate or Annotation.load returns, or what analysis.corpus.open_corpus does."
    raise InputError(f"a {type(source).__name__} cannot be explored", "source", remedy)


def _show(source: Source, choice: Choice) -> Shown:
    view, numbers, figure = source.view(_seen(choice)), source.numbers(asked(choice)), FIGURES[choice.figure]
    tables, marked, marks = {}, frozenset(), frozenset()
    if choice.sentence is not None:
        read = source.view(_seen(replace(choice, figure=next(iter(OF_ARTICLE)))))
        tables = rows_of_sentence(read, choice.article, choice.sentence)
        tables = {f"S{choice.sentence}: {name}": table.drop(columns="text", errors="ignore") for name, table in tables.items()}
        marked = frozenset([choice.sentence])
        if "sentences" in numbers:
            marks = frozenset(numbers.loc[[choice.sentence in found for found in numbers["sentences"]], MARK])
    elif choice.mark is not None and len(row := numbers[numbers[MARK].eq(choice.mark)]):
        record = row.iloc[0].to_dict()
        behind = figure.rows_behind(view, numbers, record)
        own = behind["article"].eq(choice.article)
        tables = {"Behind what was picked": behind}
        marked, marks = frozenset(record.get("sentences", behind.loc[own, "sentence"].tolist())), frozenset([choice.mark])
    elif choice.filters:
        left = view.rows.sentences
        marked = frozenset(left.loc[left["article"].eq(choice.article), "sentence"].tolist())
    if choice.search:
        hits = source.search(choice.search)
        others = {"search"} != choice.filters.keys()
        tables["Concordance"] = selection.in_body(hits, view.rows.sentences) if others else hits
    tables["The figure's numbers"] = numbers
    return Shown(numbers, tables, marked, choice.sentence, marks)


def _seen(choice: Choice) -> Choice:
    """What a view depends on: not on the figure, but on whether it is of a corpus."""
    figures = FIGURES if FIGURES[choice.figure].of_corpus else OF_ARTICLE
    representative = next(name for name in reversed(figures))
    return asked(replace(choice, figure=representative))


def _name_articles(articles: pd.DataFrame) -> dict[str, str]:
    """The titles of articles by their keys, with outlet and day, which tell those of one title apart."""
    days = articles["published"].dt.strftime("%Y-%m-%d")
    about = zip(articles["article"], articles["title"], articles["outlet"], days, strict=True)
    return {
        key: " · ".join(str(part) for part in (key if pd.isna(title) else title, *more) if not pd.isna(part)) for key, title, *more in about
    }
