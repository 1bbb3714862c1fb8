"""Bad weather: whatever an article is made of, it gets a result or a failure that says why, in time, and nothing of it does harm."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import time
import zipfile
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import Annotation, InputError, annotate, read_article, tables
from analysis.annotation import STAGES
from analysis.article import MAX_CHARACTERS, Article, read_each
from analysis.corpus import Corpus, Summary, annotate_corpus, open_corpus
from analysis.export import FORMULA_STARTS, write_table
from analysis.highlight import to_html

READ, ANNOTATED, TWICE, EXPORTED = 850, 110, 25, 50  # hostile inputs of each property
SECONDS = 10  # that an article of the hostile folder may take
TEXT = "Peru praised Chile on Monday, the minister said."
SCRIPT = "<script>alert('gotcha')</script>"
HANDLER = "<img src=x onerror=alert(1)>"
NEWS = [
    "“We welcome the plan,” Prime Minister Anthony Albanese said on Monday.",
    "Peru condemned Chile over the border, the minister said.",
    "China's foreign ministry spokesperson Mao Ning told reporters that the US should “stop its provocations”.",
    "President Xi Jinping met Emmanuel Macron in Paris, and the two agreed on trade.",
    "According to Reuters, Japan and South Korea “will hold a summit”, and he added that ‘nobody wants war’.",
    '"We are ready," said Maria Lindqvist, a lawyer for "Acme".',
    "MANILA (AP) — The strike of dockers in the Philippines ended.",
]
MARKUP = [
    SCRIPT,
    HANDLER,
    '<a href="javascript:alert(1)">x</a>',
    "<b onmouseover='x'>",
    "<!--",
    "]]>",
    "&lt;",
    "&#60;",
    "</p></article>",
    '"><svg onload=x>',
]
MARKS = ["“", "”", "‘", "’", '"', "'", "«", "»", "„", "‟", "‹", "「", "」", "''", "``", "“‘“", "”’”", "“" * 50, "”" * 50]
PLANES = ["\ue000", "\ufffe", "\U0001d400", "\U00020000", "\U00030000", "\U000e0041", "\U000f0000", "\U0010ffff", "\ud800", "\udfff\ud800"]
INVISIBLE = ["\u202e", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\u200d", "\ufeff", "\u00ad", "\x00", "\x1b[31m", "\x85", "\x9f"]
COMBINED = ["e\u0301", "\u0301" * 20, "👨‍👩‍👧‍👦", "🇨🇳", "🏳️‍🌈", "שלום", "مرحبا", "中国说：“你好”。", "ﬀ", "İ", "ß"]
SPACES = ["\n", "\n\n\n", " \n \n", "\r\n", "\u2028", "\t", " ", "  ", "\u3000", "\u00a0"]
ODD = [
    "a" * 3000,
    "1" * 400,
    "$1,000,000.00",
    "https://example.org/a?b=c&d=(e)",
    "...",
    ". . .",
    "—",
    "--",
    "said",
    "((((",
    "))))",
    "U.S.",
    "#",
    "*",
]
FORMULAS = ["=cmd|' /C calc'!A0", '=HYPERLINK("http://example.org")', "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "'=1+1"]

pieces = st.one_of(
    *map(st.sampled_from, (NEWS, NEWS, MARKUP, MARKS, PLANES, INVISIBLE, COMBINED, SPACES, ODD)), st.text(st.characters(), max_size=30)
)
texts = st.lists(pieces, min_size=1, max_size=12).map("".join)


def hostile(examples: int) -> settings:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=checks)


# ------------------------------------------------------------------------------------------------ whatever a text is made of


def article_of(title: str, text: str) -> Article | None:
    """An article as it is read from a file; None where its text is empty."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.json")
        path.write_text(json.dumps({"title": title, "text": text}), encoding="utf-8")
        try:
            return read_article(path)
        except InputError as error:
            assert "the text is empty" in str(error)
            return None


def check_offsets(made: Annotation) -> None:
    """Offsets point to the words that their rows claim."""
    text = made.article.text
    for row in (*made.sentences.itertuples(), *made.mentions.itertuples()):
        assert row.start < row.end and text[row.start : row.end] == row.text
    for quote in made.quotes.itertuples():
        check_spans(quote.content_spans, 0, len(text))
        assert quote.content == " […] ".join(text[start:end] for start, end in quote.content_spans)
        assert pd.isna(quote.cue_start) or text[quote.cue_start : quote.cue_end] == quote.cue
        assert pd.isna(quote.source_start) or 0 <= quote.source_start < quote.source_end <= len(text)
    for issue in made.issues.itertuples():
        sentence = made.sentences.loc[issue.sentence]
        check_spans(issue.evidence_spans, sentence.start, sentence.end)
    mentions = made.mentions.set_index("mention")
    for stance in made.stances.itertuples():
        target = (stance.target_start, stance.target_end)
        if pd.isna(stance.target_mention):
            assert text[slice(*target)] == stance.target
        else:
            assert (*target, stance.target) == tuple(mentions.loc[stance.target_mention, ["start", "end", "actor"]])


def check_spans(spans: list[list[int]], start: int, end: int) -> None:
    """Spans hold something, follow one another, and stay within their place."""
    edges = [start, *(edge for span in spans for edge in span), end]
    assert len(spans) and edges == sorted(edges) and all(a < b for a, b in spans)


def check_joins(made: Annotation) -> None:
    """Every number that a table refers to exists in its home, once."""
    homes = {name: getattr(made, f"{name}s")[name] for name in ("sentence", "mention", "quote")}
    references = {"holder_mention": "mention", "target_mention": "mention", "within": "quote"} | {name: name for name in homes}
    assert all(home.is_unique for home in homes.values())
    for name in STAGES:
        table = getattr(made, name)
        assert set(table["article"]) <= {made.article.article}
        for column in references.keys() & set(table):
            assert set(table[column].dropna()) <= set(homes[references[column]])


def check_probabilities(made: Annotation) -> None:
    for name in STAGES:
        table, columns = getattr(made, name), list(tables.TABLES[name].probabilities)
        if columns:
            assert table[columns].ge(0).all(axis=None) and (table[columns].sum(axis=1) - 1).abs().lt(1e-3).all()
    assert made.topics["probability"].between(0, 1).all() and made.quotes["confidence"].between(0, 1).all()


class Page(HTMLParser):
    """The elements and attributes of a page, as a browser would see them."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)


def check_page(made: Annotation, target: str) -> None:
    """The marked-up article consists of its own elements and attributes; none of them can run or load anything."""
    page = Page(to_html(made, target))
    own = {"style", "article", "div", "ul", "li", "b", "p", "span", "mark", "details", "summary", "svg", "g", "path", "text", "tspan"}
    assert page.tags <= own
    names = {"class", "style", "lang", "role", "tabindex", "aria-hidden", "aria-label", "aria-level", "aria-description"}
    names |= {"data-sentence", "data-quote", "data-mention", "data-issue"}
    names |= {"width", "height", "viewbox", "focusable", "d", "x", "y", "dy"}
    assert {name for name, _ in page.attributes} <= names
    style = r"--voice:#\w{6};--rule:\w+ \dpx|min-width:\d+px"
    assert all(re.fullmatch(style, value) for name, value in page.attributes if name == "style")


def as_lists(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{c: [[list(span) for span in cell] for cell in table[c]] for c in table if c.endswith("_spans")})


def check_equal(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    for name in one:
        pd.testing.assert_frame_equal(as_lists(one[name]), as_lists(other[name]))


def tables_of(made: Annotation) -> dict[str, pd.DataFrame]:
    return {name: getattr(made, name) for name in STAGES}


@pytest.mark.slow
@hostile(ANNOTATED)
@given(title=st.one_of(st.just(""), pieces), text=texts)
def test_tables_are_true_to_the_text_and_join_and_the_page_is_harmless(title, text):
    if article := article_of(title, text):
        made = annotate(article)
        check_offsets(made)
        check_joins(made)
        check_probabilities(made)
        check_page(made, HANDLER if made.mentions.empty else made.mentions["actor"][0])


@pytest.mark.slow
@hostile(TWICE)
@given(text=texts)
def test_an_article_has_the_same_tables_when_it_is_annotated_again_and_when_they_were_saved(text):
    if article := article_of("", text):
        made = annotate(article)
        check_equal(tables_of(made), tables_of(annotate(article)))
        with TemporaryDirectory() as folder:
            back = Annotation.load(made.save(Path(folder, "annotation")))
        assert back.article == article
        check_equal(tables_of(made), tables_of(back))


# ------------------------------------------------------------------------------------------------ whatever a file holds


def zipped(members: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def files_of_every_kind() -> dict[str, bytes]:
    rows = pd.DataFrame({"id": ["1", "2"], "title": ["Ports reopen", "Banks close"], "text": NEWS[:2], "date": "2025-11-01", "outlet": "A"})
    parquet, workbook = io.BytesIO(), io.BytesIO()
    rows.to_parquet(parquet)
    rows.to_excel(workbook, index=False)
    head = "<html lang=en><head><meta charset=utf-8><title>Ports</title></head>"
    page = f"{head}<body><article><p>{'</p><p>'.join(NEWS)}</p></article></body></html>"
    files = {
        "txt": "\n".join(NEWS).encode(),
        "md": f"# Ports reopen\n\n{TEXT}".encode(),
        "html": page.encode(),
        "json": rows.to_json(orient="records").encode(),
        "jsonl": rows.to_json(orient="records", lines=True).encode(),
        "csv": rows.to_csv(index=False).encode(),
        "tsv": rows.to_csv(index=False, sep="\t").encode("utf-16"),
        "parquet": parquet.getvalue(),
        "xlsx": workbook.getvalue(),
    }
    return files | {"zip": zipped({"a/b.txt": TEXT, "c.csv": files["csv"], "d.html": files["html"]})}


FILES = files_of_every_kind()
SPLINTERS = [b"\0", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"\n", b"\r", b",", b"{", b"[" * 2000, b"}", b"<script>", b"=cmd|", b"\xe2\x80\xae"]
SPLINTERS += [
    b"1e400",
    b"NaN",
    b"null",
    b"\\ud800",
    b"\\u0000",
    b"&#x110000;",
    b"<![CDATA[",
    b"<!--",
    b"<meta charset=hex>",
    b"PK",
    b"+2AA-",
]
SPLINTERS += [b"9999-12-31T23:59:59-05:00", b"-0001-01-01", b"xmlns=", b"<base href='http://['>", b"<div>" * 500]
splinters = st.one_of(st.sampled_from(SPLINTERS), st.binary(max_size=20))
damage = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), splinters), min_size=1, max_size=6)


def damaged(data: bytes, damage: list[tuple[float, int, bytes]]) -> bytes:
    """A file with bytes put in the place of others."""
    for place, length, splinter in damage:
        at = int(place * len(data))
        data = data[:at] + splinter + data[at + length :]
    return data


@pytest.mark.slow
@hostile(READ)
@given(kind=st.sampled_from(sorted(FILES)), damage=damage)
def test_a_damaged_file_of_any_kind_is_read_or_refused_in_one_line(kind, damage):
    with TemporaryDirectory() as folder:
        path = Path(folder, f"a.{kind}")
        path.write_bytes(damaged(FILES[kind], damage))
        for read in read_each(path):
            if isinstance(read, InputError):
                assert "\n" not in str(read) and path.name in str(read) and str(read).encode()
            else:
                assert read.text.strip() and repr(read).encode()
                assert read.parts == tuple(sorted(read.parts, key=lambda part: part.start)) and read.parts[-1].end <= len(read.text)


# ------------------------------------------------------------------------------------------------ a folder of hostile files

OUTLETS = [
    "../../x",
    "a/b",
    "..",
    ".",
    "CON",
    "=x",
    "x" * 5000,
    "😀" * 40,
    "中国日报" * 8,
    "a\nb",
    "a\\b",
    "C:\\x",
    "a%2Fb",
    "\u202ex",
    SCRIPT,
]
OUTLETS += ["__HIVE_DEFAULT_PARTITION__"]
DATES = {"0001-01-01": 1, "9999-12-31": 9999, "9999-12-31T23:59:59-05:00": None, "-0001-01-01": None, "2025-13-45": None, "9" * 5000: None}
ESCAPES = {"up": "../../evil.txt", "absolute": "/tmp/evil.txt", "drive": "C:\\evil.txt", "windows": "..\\..\\evil.txt"}
LONG = "a b the d e f. " * 33_334  # words


def as_lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def as_csv(rows: list[dict]) -> str:
    return pd.DataFrame(rows).to_csv(index=False, quoting=csv.QUOTE_ALL)


def of_plane(number: int) -> str:
    """Every three-hundredth character of a plane of Unicode, surrogates among them, between words that are quoted."""
    return f"{TEXT} “{''.join(map(chr, range(number << 16, (number + 1) << 16, 300)))}\ufffe\uffff,” he said."


def hostile_files() -> dict[str, tuple[str | bytes, int]]:
    """Files by name: what is in each, and how many articles or failures come of it."""
    page = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p></article></body></html>"
    title = f"{SCRIPT} {HANDLER}"
    return {
        "single line.txt": ("word " * 1_000_000, 1),
        "long.txt": (f"{TEXT}\n\n" * 25_000, 1),
        "slow.txt": (LONG, 1),
        "nested.txt": (f"{TEXT} {'“' * 10_000}x{'”' * 10_000} {TEXT}", 1),
        "planes.jsonl": (as_lines([{"id": f"plane {n}", "text": of_plane(n)} for n in range(17)]), 17),
        "deep.html": (page.format("Deep", f"{TEXT}{'<div>' * 40_000}{TEXT}{'</div>' * 40_000}"), 1),
        "deep.json": (f'{{"text": "{TEXT}", "title": {"[" * 900}{"]" * 900}}}', 1),
        "wide.html": (page.format("Wide", f"<p>{TEXT}</p>" * 100_000), 1),
        "attributes.html": (page.format("Attributes", f"<b class='{'x' * 2**20}' onclick='{'y ' * 2**19}'>{TEXT}</b> {TEXT}"), 1),
        "bomb.zip": (zipped({"a.txt": b"0" * 20_000_000}), 1),
        "nested.zip": (zipped({"a.txt": TEXT, "b.zip": zipped({"b.zip": zipped({"c.txt": TEXT})})}), 1),
        **{f"{name}.zip": (zipped({member: TEXT}), 1) for name, member in ESCAPES.items()},
        "formulas.csv": (as_csv([{"title": f, "text": f"{f} {TEXT}", "author": f} for f in FORMULAS]), len(FORMULAS)),
        "script.html": (page.format(title.replace("<", "&lt;"), TEXT), 1),
        "script.json": (json.dumps({"title": title, "text": f"{TEXT} {NEWS[2]}"}), 1),
        "script.csv": (as_csv([{"title": title, "text": f"{SCRIPT} {TEXT}"}]), 1),
        "outlets.jsonl": (as_lines([{"id": f"outlet {n}", "outlet": o, "text": TEXT} for n, o in enumerate(OUTLETS)]), len(OUTLETS)),
        "dates.jsonl": (as_lines([{"id": f"date {n}", "date": d, "text": TEXT} for n, d in enumerate(DATES)]), len(DATES)),
        "ids.jsonl": (as_lines([{"id": "same", "text": f"{TEXT} {n}"} for n in range(3)] + [{"\ud800": "no text"}]), 4),
        **({os.fsdecode(b"\xff.txt"): (TEXT, 1)} if sys.platform == "linux" else {}),
    }


@dataclass
class Made:
    """A corpus of the hostile files, and how it came about: what was around it before and after, and how long it took."""

    sources: Path
    summary: Summary
    corpus: Corpus
    before: dict[Path, int]
    after: dict[Path, int]
    seconds: float


def snapshot(folder: Path) -> dict[Path, int]:
    """What stands in a folder, and when it was changed."""
    return {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("weather")
    for name in ("sources", "elsewhere"):
        (folder / name).mkdir()
    for name, (content, _) in hostile_files().items():
        (folder / "sources" / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before, began = snapshot(folder), time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "elsewhere")
        summary = annotate_corpus(folder / "sources", folder / "corpus", workers=2, keep_duplicates=True, seconds=SECONDS)
    seconds = time.monotonic() - began
    return Made(folder / "sources", summary, open_corpus(folder / "corpus"), before, snapshot(folder), seconds)


@pytest.mark.slow
def test_no_hostile_file_is_lost(made):
    articles, failures = made.corpus.read("articles"), made.corpus.read("failures")
    expected = sum(count for _, count in hostile_files().values())
    assert (made.summary.articles, made.summary.failures, made.summary.lost) == (expected, len(failures), ())
    assert len(articles) + failures["stage"].eq("read").sum() == expected and articles["article"].is_unique


@pytest.mark.slow
def test_each_article_has_tables_or_a_failure(made):
    articles, failures = set(made.corpus.read("articles")["article"]), made.corpus.read("failures")
    failed = set(failures.loc[failures["stage"] != "read", "article"])
    assert failed <= articles and set(made.corpus.read("sentences")["article"]) == articles - failed


@pytest.mark.slow
def test_each_failure_says_in_one_line_what_is_wrong_and_where(made):
    for failure in made.corpus.read("failures").itertuples():
        assert failure.stage in ("read", "start", "parse", *STAGES)
        assert failure.error.strip() and "\n" not in failure.error and "Traceback" not in failure.error
        assert str(made.sources) in failure.path
        if failure.stage == "read":
            assert failure.error.startswith(f"{failure.path}: ") and failure.error.endswith(".")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("single line.txt", "5,000,000 characters are more than one article may have"),
        ("long.txt", "more than one article may have"),
        ("wide.html", "more than 100,000 tags"),
        ("bomb.zip", "unpacks to far more"),
        ("up.zip", "leads outside"),
        ("absolute.zip", "leads outside"),
        ("windows.zip", "leads outside"),
        ("ids.jsonl, line 4", "no column of text"),
        ("slow.txt", f"it took longer than {SECONDS} s"),
    ],
)
def test_what_must_fail_fails_with_its_reason(made, name, expected):
    failures = made.corpus.read("failures").set_index("path")["error"]
    assert expected in failures[str(made.sources / name)]


@pytest.mark.slow
def test_the_limit_of_an_article_bounds_the_whole(made):
    late = made.corpus.read("failures")["error"].str.contains("took longer").sum()
    assert made.seconds < 90 + late * (2 * SECONDS + 30)


@pytest.mark.slow
def test_nothing_is_written_but_in_the_folder_of_the_corpus(made):
    corpus = made.sources.parent / "corpus"
    assert {path: when for path, when in made.after.items() if not path.is_relative_to(corpus)} == made.before
    assert all(path.resolve().is_relative_to(corpus.resolve()) for path in corpus.rglob("*"))
    tables_of_corpus = {path.relative_to(corpus) for path in corpus.rglob("*.parquet")}
    assert {len(path.parts) for path in tables_of_corpus} == {4} and {path.parts[0] for path in tables_of_corpus} <= set(tables.TABLES)


@pytest.mark.slow
def test_names_of_outlets_come_back_as_they_were(made):
    outlets = made.corpus.read("articles").set_index("article")["outlet"]
    assert [outlets[f"outlet {n}"] for n in range(len(OUTLETS))] == [" ".join(outlet.split()) for outlet in OUTLETS]


@pytest.mark.slow
def test_dates_far_away_come_back_and_impossible_ones_are_left_out(made):
    published = made.corpus.read("articles").set_index("article")["published"]
    years = [None if pd.isna(published[f"date {n}"]) else published[f"date {n}"].year for n in range(len(DATES))]
    assert years == list(DATES.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["script.json", "script.csv", "nested.zip", "attributes.html"])
def test_articles_beside_one_that_fails_have_the_rows_that_they_have_alone(made, name):
    alone = annotate(read_article(made.sources / name))
    key = "a" if name.endswith(".zip") else read_key(made, name)
    together = {t: made.corpus.read(t, articles=[key]).reset_index(drop=True).assign(article="") for t in STAGES if t != "articles"}
    check_equal(together, {t: getattr(alone, t).assign(article="") for t in together})


def read_key(made: Made, name: str) -> str:
    """The key under which a file's article stands in the corpus."""
    return next(read.article for read in read_each(made.sources) if isinstance(read, Article) and Path(read.path).name.startswith(name))


# ------------------------------------------------------------------------------------------------ exports


def cells_of(folder: Path, name: str) -> list[str]:
    """The texts of a table's CSV and XLSX files, with what would be run as a formula marked as such."""
    csv.field_size_limit(MAX_CHARACTERS)
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row if not is_number(cell)]
    for row in openpyxl.load_workbook(folder / f"{name}.xlsx").active.iter_rows():
        cells += [f"={cell.value}" if cell.data_type == "f" else cell.value for cell in row if isinstance(cell.value, str)]
    return cells


def is_number(cell: str) -> bool:
    try:
        return bool(float(cell)) or True
    except ValueError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("name", ["articles", "sentences", "mentions", "quotes", "stances", "failures"])
def test_no_cell_of_an_exported_table_is_a_formula(made, name, tmp_path):
    write_table(made.corpus.read(name), tmp_path / name, ["csv", "xlsx"])
    assert not [cell for cell in cells_of(tmp_path, name) if cell.startswith(FORMULA_STARTS)]


@hostile(EXPORTED)
@given(
    start=st.sampled_from([*FORMULAS, *INVISIBLE, *PLANES[:-2], *SPACES]), rest=st.one_of(st.sampled_from(FORMULAS), st.text(max_size=20))
)
def test_no_text_is_exported_as_a_formula_whatever_stands_before_it(start, rest):
    with TemporaryDirectory() as folder:
        write_table(pd.DataFrame({"text": [f"{start}{rest}"]}), Path(folder, "a"), ["csv", "xlsx"])
        assert not [cell for cell in cells_of(Path(folder), "a") if cell.startswith(FORMULA_STARTS)]
