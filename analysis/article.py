"""An article: its stored text, its parts, and what is known of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from analysis.encoding import clean
from analysis.errors import InputError
from analysis.formats import Record, read_records
from analysis.parts import Part, find_headline, find_parts
from analysis.sources import File, find_files, open_archive

__all__ = ["Article", "Part", "folder_name", "read_article", "read_articles", "read_each"]

Source = str | os.PathLike
T = TypeVar("T")

# What spaCy parses at once; the longest articles have a tenth of it.
MAX_CHARACTERS = 1_000_000
LANGUAGE = "en"  # of the models, and of articles whose source names none
# Words that any English text is full of, a fifth of news, and that hardly any other language has.
ENGLISH_WORDS = frozenset("the of and to that for with by from this which have has been are not they his he said its".split())
FEW_WORDS = 20  # from which on there is one of them: of 5,215 sentences of NewsMTSC with so many words, one has none
LEAST_ENGLISH, ENOUGH_WORDS = 0.04, 60  # the least share of them, in a text of so many words; 915 articles of PolNeAR have 0.08 to 0.3
MAX_SAMPLE = 20_000  # characters by which the language is told
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Article:
    """An article as it is stored: every offset, in every table, refers to `text`.

    Attributes
    ----------
    article : str
        Key that joins the tables.
    text : str
        Lines end with a line feed, non-breaking spaces are plain ones (see `analysis.encoding.clean`), HTML in a row of a table is as its
        readers see it (`analysis.fragments`); else as in the source. A title that the source gives apart from the text stands before it,
        with a blank line between.
    parts : tuple of Part
        In order, disjoint; together they cover all that is not blank.
    title, outlet, author, url : str or None
    published : datetime or None
        With a time zone.
    language : str
        ISO 639-1 code; English where the source names none.
    path : str or None
        Where it was read from.
    """

    article: str
    text: str
    parts: tuple[Part, ...] = ()
    title: str | None = None
    outlet: str | None = None
    published: datetime | None = None
    author: str | None = None
    url: str | None = None
    language: str = LANGUAGE
    path: str | None = None


def folder_name(article: Article) -> str:
    """The name of the folder of an article's report: its key, as a file system takes it."""
    return re.sub(r"[^\w.-]+", "-", article.article).strip("-.") or "article"


def read_article(source: Source, columns: Mapping[str, str] | None = None) -> Article:
    """Read the one article of a source.

    Parameters
    ----------
    source : str or Path
        As for `read_articles`.
    columns : mapping of str to str, optional
        As for `read_articles`.

    Raises
    ------
    InputError
        If the source cannot be read, or holds several articles.
    """
    articles = list(read_articles(source, columns))
    if len(articles) != 1:
        remedy = "Name a file of one; for all of them use analysis annotate, or in Python read_articles."
        raise InputError(f"there are {len(articles)} articles here, not one", os.fspath(source), remedy)
    return articles[0]


def read_articles(source: Source | Iterable[Source], columns: Mapping[str, str] | None = None) -> Iterator[Article]:
    """Read all articles of a source, in order, a file at a time.

    Parameters
    ----------
    source : str or Path, or iterable of these
        A file (.txt .md .html .json .jsonl .csv .tsv .parquet .xlsx), a .zip or folder of such files, or a web address.
    columns : mapping of str to str, optional
        What columns or keys are called, where that is none of the usual names: ``{"text": "Volltext", "date": "Datum"}``.

    Yields
    ------
    Article
        Its key is the name of its file without suffix (in a folder, its path there). Of a file with several articles it
        is the row's own id or else its address, if these are given and unique, or else the name and the number of
        the row, from 1. Keys that would be the same are numbered on: “a”, “a-2”.

    Raises
    ------
    InputError
        At the first file or row that cannot be read. `read_each` goes on behind it.
    """
    for article in read_each(source, columns):
        if isinstance(article, InputError):
            raise article
        yield article


def read_each(source: Source | Iterable[Source], columns: Mapping[str, str] | None = None) -> Iterator[Article | InputError]:
    """Read as `read_articles` does, and yield an InputError in the place of what cannot be read."""
    sources = [source] if isinstance(source, Source) else source
    taken: set[str] = set()
    for file in _files(sources):
        if isinstance(file, InputError):
            yield file
            continue
        records = list(_caught(read_records(file, columns)))
        if not records:
            yield InputError("there are no articles in this file", file.where, "Put some in, or leave it out.")
        for record, key in zip(records, _keys(file.name, records), strict=True):
            yield record if isinstance(record, InputError) else _make_article(record, key, taken)


def _files(sources: Iterable[Source]) -> Iterator[File | InputError]:
    for source in sources:
        for file in _caught(find_files(source)):
            if isinstance(file, File) and file.suffix == ".zip":
                yield from _caught(open_archive(file))
            else:
                yield file


def _caught(items: Iterator[T]) -> Iterator[T | InputError]:
    """The items and, should an error end them, the error."""
    try:
        yield from items
    except InputError as error:
        yield error


def _keys(name: str, records: list[Record | InputError]) -> list[str]:
    if len(records) == 1:
        return [name]
    read = [record for record in records if isinstance(record, Record)]
    for field in ("id", "url"):
        values = {getattr(record, field) for record in read}
        if None not in values and len(values) == len(read):
            return [getattr(record, field, "") for record in records]
    return [f"{name}-{number}" for number in range(1, len(records) + 1)]


def _make_article(record: Record, key: str, taken: set[str]) -> Article | InputError:
    """The article of a record, under a key that is not taken; it is then."""
    body = clean(record.text)
    if not body.strip():
        return InputError("the text is empty", record.where, "Fill it in, or leave the article out.")
    if record.language not in (None, LANGUAGE):
        remedy = "Leave it out, or mend the language that its source gives."
        return InputError(f"its language is “{record.language}”, and the models know English only", record.where, remedy)
    apart = record.title and find_headline(body, record.title) is None
    text = f"{record.title}\n\n{body}" if apart else body
    if len(text) > MAX_CHARACTERS:
        return InputError(f"{len(text):,} characters are more than one article may have", record.where, "Split it into articles.")
    if not _looks_english(body):
        return InputError("this does not look like English, which is all that the models know", record.where, "Leave it out.")
    parts = find_parts(text, record.title)
    return Article(
        article=_untaken(key, taken),
        text=text,
        parts=parts,
        title=record.title or _headline(text, parts),
        outlet=record.outlet,
        published=record.published,
        author=record.author,
        url=record.url,
        language=record.language or LANGUAGE,
        path=None if record.where == record.url else record.where,
    )


def _looks_english(text: str) -> bool:
    """Whether as many of its words are common English ones as are in any English text; of one of a few words it is taken for granted."""
    words = _LETTERS.findall(text[:MAX_SAMPLE].casefold())
    common = sum(word in ENGLISH_WORDS for word in words)
    return common >= LEAST_ENGLISH * len(words) if len(words) >= ENOUGH_WORDS else common > 0 or len(words) < FEW_WORDS


def _headline(text: str, parts: tuple[Part, ...]) -> str | None:
    headline = next((text[p.start : p.end] for p in parts if p.kind == "headline"), "")
    return headline.strip("#*_ ") or None


def _untaken(key: str, taken: set[str]) -> str:
    free, number = key, 1
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    taken.add(free)
    return free
