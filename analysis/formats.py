"""What a file holds: text, a web page, or rows with a text, a title, a date and so on, under the names that people give them."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from textwrap import shorten
from typing import Any

import pandas as pd

from analysis.encoding import clean, decode
from analysis.errors import InputError
from analysis.fragments import as_seen
from analysis.sources import File, open_zip

# Column names as people have them, the likeliest first; spaces, underscores, hyphens and case do not count.
FIELDS = {
    "text": "text body content fulltext articletext articlebody bodytext maintext story article",
    "title": "title headline heading",
    "published": "published date publishedat datepublished publisheddate publishdate publicationdate pubdate webpublicationdate datetime",
    "outlet": "outlet source publisher publication newspaper medium sitename sourcename",
    "author": "author byline authors creator",
    "url": "url link weburl permalink",
    "language": "language lang",
    "id": "id article articleid docid key uuid guid",
}
FIELDS = {field: names.split() for field, names in FIELDS.items()}

DELIMITERS = ",;\t|"
MAX_CELL = 2**31 - 1  # characters; the module csv takes no more on Windows, and by itself refuses cells of long articles
PARQUET_BATCH = 512
MONTHS = 12
MAX_LISTED = 300
# Numbers of this size are seconds since 1970, in 1980 to 2100; a thousand times as large, milliseconds.
EPOCH_SECONDS = range(315_532_800, 4_102_444_800)
# Below this many characters trafilatura takes its last resort, which loses the paragraphs.
MIN_PAGE_CHARACTERS = 25
# A page of news has some thousands. trafilatura's time grows with their square: 15 seconds at this many, a minute at twice as many.
MAX_TAGS = 100_000

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{2,40})""", re.IGNORECASE)
_PAGE_LANGUAGE = re.compile(r"""<html[^>]{0,500}?\slang\s*=\s*["']?([a-zA-Z]{2,3})""", re.IGNORECASE)
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[+-]\d{2}:?\d{2})?|\b\d{1,2}\s?[ap]\.?m\b", re.IGNORECASE)

_log = logging.getLogger(__name__)
Row = tuple[str, Mapping[str, Any] | InputError]


@dataclass(frozen=True)
class Record:
    """An article as its source gives it: `where` it stands, and what is known of it.

    A text, title, outlet or author in HTML, as many a file of rows has it, is given as a reader sees it: without tags, “&amp;” as “&”.
    """

    where: str
    text: str
    title: str | None = None
    outlet: str | None = None
    published: datetime | None = None
    author: str | None = None
    url: str | None = None
    language: str | None = None
    id: str | None = None


def read_records(file: File, columns: Mapping[str, str] | None = None) -> Iterator[Record | InputError]:
    """Read the articles of a file, in order.

    Parameters
    ----------
    file : File
    columns : mapping of str to str, optional
        What the columns are called, where that is none of the usual names: ``{"text": "Volltext"}``.

    Yields
    ------
    Record, or InputError in the place of a row that cannot be read

    Raises
    ------
    InputError
        If the file as a whole cannot be read.
    """
    columns = {_field_of(name, file.where): column for name, column in (columns or {}).items()}
    try:
        yield from [_TEXT_READERS[file.suffix](file)] if file.suffix in _TEXT_READERS else _read_rows(file, columns)
    except InputError:
        raise
    except Exception as error:  # a reader of somebody else's raises whatever a broken file makes it stumble over
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(f"the file cannot be read ({reason})", file.where, "Save it again.") from error


def choose_columns(names: Iterable[str], columns: Mapping[str, str], where: str) -> dict[str, str]:
    """Which column holds which field, by the names given for them or else by the usual ones.

    Returns
    -------
    dict of str to str
        Field to column.

    Raises
    ------
    InputError
        If there is no column of text, or none of a name that was given.
    """
    names = [str(name) for name in names]
    listed = shorten(", ".join(names), MAX_LISTED, placeholder=" …") or "none"
    by_plain_name = {_plain(name): name for name in reversed(names)}
    chosen = {}
    for field, usual in FIELDS.items():
        if field in columns:
            column = columns[field] if columns[field] in names else by_plain_name.get(_plain(columns[field]))
            if column is None:
                raise InputError(f"no column “{columns[field]}”; there are: {listed}", where, f"Give the name of the column of {field}.")
        else:
            free = (by_plain_name[name] for name in usual if name in by_plain_name)
            column = next((column for column in free if column not in chosen.values()), None)
        if column is not None:
            chosen[field] = column
    if "text" not in chosen:
        remedy = 'Call the one that holds the articles\' text “text”, or say in Python which it is: read_articles(source, {"text": "…"}).'
        raise InputError(f"no column of text; there are: {listed}", where, remedy)
    return chosen


def _read_rows(file: File, columns: Mapping[str, str]) -> Iterator[Record | InputError]:
    """The records of all rows that come before the file breaks, if it does: how its dates are written, only all of them together tell."""
    read: list[tuple[Record | InputError, str | None]] = []
    broken = None
    try:
        for where, row in _TABLE_READERS[file.suffix](file, columns):
            read.append(_record(row, columns, where))
    except InputError as error:
        broken = error
    days_first = _days_come_first([date for _, date in read if date], file.where)
    for record, date in read:
        yield record if isinstance(record, InputError) else replace(record, published=_date(date, record.where, days_first))
    if broken:
        raise broken


# Files of one article.


def _read_text(file: File) -> Record:
    return Record(file.where, decode(file.load(), file.where), url=file.url)


def _read_page(file: File) -> Record:
    """A web page, without menus, comments and advertisements (trafilatura: Barbaresi 2021, ACL demo papers)."""
    # Takes a third of a second to import, and most articles are no web pages.
    from trafilatura import bare_extraction
    from trafilatura.settings import use_config

    data = file.load()
    declared = _CHARSET.search(data[:4096])
    html = decode(data, file.where, declared and declared[1].decode("ascii"))
    if html.count("<") > MAX_TAGS:
        raise InputError(f"the page has more than {MAX_TAGS:,} tags", file.where, "Copy the article into a .txt file.")
    config = use_config()
    for size in ("MIN_EXTRACTED_SIZE", "MIN_OUTPUT_SIZE"):
        config.set("DEFAULT", size, str(MIN_PAGE_CHARACTERS))
    page = bare_extraction(html, url=file.url, with_metadata=True, include_comments=False, include_tables=False, config=config)
    if not page or not (page.text or "").strip():
        raise InputError("no article's text was found on this page", file.where, "Copy the article into a .txt file.")
    language = _PAGE_LANGUAGE.search(html[:10_000])
    return Record(
        file.where,
        page.text,
        title=_string(page.title),
        outlet=_string(page.sitename),
        published=_date(_string(page.date), file.where),
        author=_string(page.author),
        url=_string(page.url) or file.url,
        language=_language(language and language[1]),
    )


# Files of rows: each reader yields where a row stands, and the row.


def _read_json(file: File, columns: Mapping[str, str]) -> Iterator[Row]:
    data = _parse_json(decode(file.load(), file.where), file.where)
    rows = data if isinstance(data, list) else [data] if isinstance(data, dict) else None
    if isinstance(data, dict) and not _has_text(data, columns):
        lists = [value for value in data.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        rows = lists[0] if len(lists) == 1 else rows
    if rows is None:
        raise InputError("this is neither an object nor a list of objects", file.where, 'Write {"title": "…", "text": "…"}.')
    single = rows and rows[0] is data
    for number, row in enumerate(rows, 1):
        where = file.where if single else f"{file.where}, item {number}"
        yield where, row if isinstance(row, dict) else _not_an_object(where)


def _read_json_lines(file: File, columns: Mapping[str, str]) -> Iterator[Row]:
    # Not splitlines(), which also splits at characters that may stand within a JSON string.
    for number, line in enumerate(decode(file.load(), file.where).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{file.where}, line {number}"
        try:
            row = _parse_json(line, where)
        except InputError as error:
            row = error
        yield where, row if isinstance(row, dict | InputError) else _not_an_object(where)


def _read_csv(file: File, columns: Mapping[str, str]) -> Iterator[Row]:
    text = decode(file.load(), file.where)
    header = text.lstrip().partition("\n")[0]
    delimiter = "\t" if file.suffix == ".tsv" else max(DELIMITERS, key=header.count)
    quoting = csv.QUOTE_NONE if delimiter == "\t" and _marks_are_text(text) else csv.QUOTE_MINIMAL
    # pandas takes marks that do not match as it can: it drops some, and takes the rows behind them for text.
    misquoted = _misquoted_line(io.StringIO(text, newline=""), delimiter) if quoting == csv.QUOTE_MINIMAL else None
    if misquoted:
        remedy = "Put quotation marks round the whole of a cell that begins with one, and double those within."
        raise InputError(f"the table is broken (quotation marks do not match in the row of line {misquoted})", file.where, remedy)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, index_col=False, quoting=quoting)
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
        reason = " ".join(str(error).rpartition("C error:")[2].split())
        raise InputError(f"the table is broken ({reason})", file.where, "Put quotation marks round cells that hold delimiters.") from error
    yield from _rows_of(table, columns, file.where)


def _read_workbook(file: File, columns: Mapping[str, str]) -> Iterator[Row]:
    """The first sheet with a column of text."""
    data = file.load()
    open_zip(data, file.where)
    try:
        sheets = pd.read_excel(io.BytesIO(data), sheet_name=None, dtype=str, keep_default_na=False, engine="openpyxl")
    except Exception as error:  # openpyxl raises whatever a broken workbook makes it stumble over
        raise InputError("the workbook cannot be read", file.where, "Open it and save it again, or save it as .csv.") from error
    table = next((sheet for sheet in sheets.values() if _has_text(sheet.columns, columns)), next(iter(sheets.values())))
    yield from _rows_of(table, columns, file.where)


def _read_parquet(file: File, columns: Mapping[str, str]) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        parquet = pq.ParquetFile(io.BytesIO(file.load()))
        chosen = choose_columns(parquet.schema_arrow.names, columns, file.where)
        number = 0
        for batch in parquet.iter_batches(batch_size=PARQUET_BATCH, columns=list(chosen.values())):
            for row in batch.to_pylist():
                number += 1
                yield f"{file.where}, row {number}", row
    except (pa.ArrowException, OSError) as error:
        raise InputError("this is not Parquet, or it is broken", file.where, "Write the file again.") from error


_TEXT_READERS: dict[str, Callable[[File], Record]] = {".txt": _read_text, ".md": _read_text, ".html": _read_page, ".htm": _read_page}
_TABLE_READERS: dict[str, Callable[[File, Mapping[str, str]], Iterator[Row]]] = {
    ".json": _read_json,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".xlsx": _read_workbook,
    ".parquet": _read_parquet,
}


def _marks_are_text(text: str) -> bool:
    """Whether a table with tabs does without quoting: each of its lines is a row, and a mark begins a cell that it does not end."""
    lines = [line for line in io.StringIO(text, newline="") if line.strip()]
    tabs = {line.count("\t") for line in lines}
    return len(tabs) == 1 and 0 not in tabs and '""' not in text and any(_misquoted_line([line], "\t") for line in lines)


def _misquoted_line(lines: Iterable[str], delimiter: str) -> int | None:
    """The line at which the first row begins whose quotation marks do not match."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1
    limit = csv.field_size_limit(MAX_CELL)
    try:
        for _ in reader:
            begins = reader.line_num + 1
    except csv.Error:
        return begins
    finally:
        csv.field_size_limit(limit)
    return None


def _rows_of(table: pd.DataFrame, columns: Mapping[str, str], where: str) -> Iterator[Row]:
    table.columns = table.columns.map(str)
    chosen = list(choose_columns(table.columns, columns, where).values())
    for number, row in enumerate(table[chosen].to_dict("records"), 1):
        yield f"{where}, row {number}", row


def _parse_json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = f" on line {error.lineno}" if "\n" in text.strip() else ""
        remedy = "If each line is an object of its own, name the file .jsonl." if error.msg == "Extra data" else "Mend it, or take it out."
        raise InputError(f"broken JSON{line}, character {error.colno}: {error.msg}", where, remedy) from error
    except (ValueError, RecursionError) as error:
        raise InputError("broken JSON: a number too long or objects too deep", where, "Mend it, or take it out.") from error


def _not_an_object(where: str) -> InputError:
    return InputError("this is not an object", where, 'Write {"title": "…", "text": "…"}.')


def _has_text(names: Iterable[str], columns: Mapping[str, str]) -> bool:
    try:
        return bool(choose_columns(names, columns, ""))
    except InputError:
        return False


# From a row's values to a record's.


def _record(row: Mapping[str, Any] | InputError, columns: Mapping[str, str], where: str) -> tuple[Record | InputError, str | None]:
    """The record of a row, and its date as it is written there."""
    try:
        return (row, None) if isinstance(row, InputError) else _values(row, columns, where)
    except InputError as error:
        return error, None
    except RecursionError:
        return InputError("the values are nested too deep", where, "Mend it, or take it out."), None


def _values(row: Mapping[str, Any], columns: Mapping[str, str], where: str) -> tuple[Record, str | None]:
    # Of a table, the names given were looked for in its header; an object may well lack what others have.
    given = {field: column for field, column in columns.items() if field == "text" or column in row}
    values = {field: row[column] for field, column in choose_columns(row, given, where).items()}
    text = values.pop("text")
    if isinstance(text, list) and all(isinstance(paragraph, str) for paragraph in text):
        text = "\n\n".join(text)
    if text is None or (isinstance(text, float) and pd.isna(text)):
        text = ""
    if not isinstance(text, str):
        raise InputError(f"the text is no text but {type(text).__name__}", where, "Write it as a string.")
    values = {field: _string(value) for field, value in values.items()}
    values |= {field: _string(as_seen(values[field])) for field in ("title", "outlet", "author") if values.get(field)}
    date, language = values.pop("published", None), _language(values.pop("language", None))
    return Record(where, as_seen(text), language=language, **values), date


def _string(value: Any) -> str | None:
    """A value as one line of text: of an object its name, of a list its items; None if it is empty."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title") or value.get("id")
    if isinstance(value, list):
        value = "; ".join(filter(None, map(_string, value)))
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return None
    return " ".join(clean(str(value)).split()) or None


def _days_come_first(dates: list[str], where: str) -> bool:
    """Whether dates such as “1/11/2025”, “1-11-2025” begin with the day: if some of a file can only be read so, and none the other way."""
    slashed = [match for date in dates if (match := _SLASHED.match(date))]
    days, months = (any(int(match[place]) > MONTHS for match in slashed) for place in (1, 2))
    if slashed and days == months:
        some = slashed[0].string
        _log.warning("%s: dates such as “%.40s” are read as in the US, the month first. Write 2025-11-01 if that is wrong.", where, some)
    return days and not months


def _date(text: str | None, where: str, days_first: bool = False) -> datetime | None:
    """A date in any usual form, with a time zone: UTC where none is given.

    “1/11/2025” and “1-11-2025” are read as in the US, unless days come first; “1.11.2025” as in Europe. A time alone is no date.
    """
    if text is None:
        return None
    try:
        if text.isdecimal() and int(text) in EPOCH_SECONDS:
            return datetime.fromtimestamp(int(text), UTC)
        if text.isdecimal() and int(text) // 1000 in EPOCH_SECONDS:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        with warnings.catch_warnings():
            # pandas warns of time zones by name that it does not know; it then takes UTC, as this function says.
            warnings.simplefilter("ignore")
            dated = any(map(str.isdigit, _CLOCK.sub("", text)))
            date = pd.to_datetime(text, utc=True, dayfirst=_is_day_first(text, days_first)) if dated else pd.NaT
        date = None if pd.isna(date) else date.to_pydatetime()
    except (ValueError, OverflowError):
        date = None
    if date is None:
        _log.warning("%s: no date can be read from “%.40s”; the article is kept without. Write it as 2025-11-01.", where, text)
    return date


def _is_day_first(text: str, days_first: bool) -> bool:
    slashed = _SLASHED.match(text)
    return bool(_DOTTED.match(text)) or (slashed is not None and (days_first or int(slashed[1]) > MONTHS) and int(slashed[2]) <= MONTHS)


@lru_cache(maxsize=256)
def _language(value: str | None) -> str | None:
    """ISO 639-1 code of a language given by a code (en, en-GB, eng) or a name (English)."""
    if value is None:
        return None
    code = value.strip().lower()
    if re.fullmatch(r"[a-z]{2}(?:[-_].*)?", code):
        return code[:2]
    import pycountry

    try:
        return getattr(pycountry.languages.lookup(code), "alpha_2", None)
    except LookupError:
        return None


def _field_of(name: str, where: str) -> str:
    """The field that a person means: “date” is `published`."""
    field = name if name in FIELDS else next((field for field, names in FIELDS.items() if _plain(name) in names), None)
    if field is None:
        raise InputError(f"“{name}” is nothing that is known of an article", where, f"Name columns for: {', '.join(FIELDS)}.")
    return field


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
