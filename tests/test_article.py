import csv
import io
import json
import socket
import threading
import time
import zipfile
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pandas as pd
import pytest

import analysis
from analysis.article import Article, folder_name, read_article, read_articles, read_each
from analysis.encoding import clean
from analysis.errors import InputError
from analysis.fragments import as_seen

ARTICLE = Path(__file__).parents[1] / "data" / "article.txt"
TEXT = "The ports reopened on Monday.\nShips left."
PAGE = """<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Ports reopen | The Daily</title>
<meta property="og:site_name" content="The Daily"><meta name="author" content="Jane Doe">
<meta property="article:published_time" content="2025-11-01"></head><body><nav><a href="/">Home</a></nav><article>
<h1>Ports reopen after storm</h1><p>The ports of Luzon reopened on Monday after the storm, the ministry said.</p>
<p>“We&nbsp;are open,” a spokesperson said at a news conference in Manila.</p></article><footer>Imprint</footer></body></html>"""


@pytest.fixture
def put(tmp_path):
    """Write a file below a fresh folder, and return its path."""

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def error_of(source, **names):
    with pytest.raises(InputError) as caught:
        read_article(source, names)
    message = str(caught.value)
    assert "\n" not in message
    return message


# One article


def test_article_in_hand_is_stored_as_it_stands_in_its_file():
    article = analysis.read_article(ARTICLE)
    assert article.text == ARTICLE.read_bytes().decode("utf-8")
    assert (article.article, article.language, article.path, article.title) == ("article", "en", str(ARTICLE), None)
    assert [(part.kind, part.start) for part in article.parts] == [("caption", 0), ("body", 197)]


def test_paths_may_be_strings_relative_to_the_working_directory(put, monkeypatch):
    monkeypatch.chdir(put("news/ports.TXT", TEXT).parent)
    assert read_article("ports.TXT").article == read_article(Path("ports.TXT")).article == "ports"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_common_encodings_are_told_apart(put, encoding):
    text = "“The café reopened,” Zoë Muñoz said – it’s the first in São Paulo."
    assert read_article(put("a.txt", text.encode(encoding))).text == text


def test_latin_1_and_utf8_with_a_broken_byte(put):
    assert read_article(put("a.txt", "El Niño señaló que mañana habrá café.".encode("latin-1"))).text.startswith("El Niño señaló")
    broken = "“We’re open” — said Zoë, “and we’ll stay”, ’t was said. “Yes.”".encode() + b" \xff"
    assert read_article(put("b.txt", broken)).text.endswith("“Yes.” \ufffd")


def test_line_ends_and_non_breaking_spaces_are_plain_in_the_stored_text(put):
    assert read_article(put("a.txt", "One\u00a0day.\r\nTwo\u202fdays.\rThree\u00ad.")).text == "One day.\nTwo days.\nThree."
    assert clean("a\ud800b\x00c") == "a\ufffdbc"


def test_headline_of_plain_text_and_of_markdown_becomes_the_title(put):
    assert read_article(put("a.txt", f"Ports reopen\n\n{TEXT}")).title == "Ports reopen"
    article = read_article(put("a.md", f"# Ports reopen\n\n{TEXT}"))
    assert article.title == "Ports reopen" and article.text.startswith("# Ports")


def test_web_page_is_read_without_its_menus_and_with_its_metadata(put):
    article = read_article(put("a.html", PAGE))
    assert article.text == (
        "Ports reopen after storm\nThe ports of Luzon reopened on Monday after the storm, the ministry said.\n"
        "“We are open,” a spokesperson said at a news conference in Manila."
    )
    assert (article.title, article.outlet, article.author) == ("Ports reopen after storm", "The Daily", "Jane Doe")
    assert article.published == datetime(2025, 11, 1, tzinfo=UTC)
    assert article.parts[0].kind == "headline" and article.language == "en"


def test_page_in_the_encoding_that_it_declares(put):
    page = PAGE.replace("utf-8", "windows-1251").replace("Manila", "Москва").encode("cp1251")
    assert "Москва" in read_article(put("a.html", page)).text


def test_json_object_with_nested_values(put):
    row = {"headline": "Ports reopen", "body": TEXT, "source": {"id": None, "name": "The Daily"}, "authors": ["Jane Doe", "John Roe"]}
    article = read_article(put("a.json", json.dumps(row | {"publishedAt": "2025-11-01T10:00:00+09:00", "language": "English"})))
    assert article.text == f"Ports reopen\n\n{TEXT}" and [part.kind for part in article.parts] == ["headline", "body"]
    assert (article.outlet, article.author, article.language) == ("The Daily", "Jane Doe; John Roe", "en")
    assert article.published == datetime(2025, 11, 1, 1, tzinfo=UTC)


def test_title_that_the_text_begins_with_is_not_repeated(put):
    text = f"Ports reopen\n\n{TEXT}"
    assert read_article(put("a.json", json.dumps({"title": "Ports reopen", "text": text}))).text == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-11-01", datetime(2025, 11, 1, tzinfo=UTC)),
        ("Nov. 2, 2025", datetime(2025, 11, 2, tzinfo=UTC)),
        ("02.11.2025", datetime(2025, 11, 2, tzinfo=UTC)),
        ("13/11/2025", datetime(2025, 11, 13, tzinfo=UTC)),
        ("11/02/2025", datetime(2025, 11, 2, tzinfo=UTC)),
        (1762041600, datetime(2025, 11, 2, tzinfo=UTC)),
        (1762041600000, datetime(2025, 11, 2, tzinfo=UTC)),
        ("today", None),
        ("no date", None),
        ("10:30", None),
        ("10:30 pm +09:00", None),
        ("2025-11-01 10:30", datetime(2025, 11, 1, 10, 30, tzinfo=UTC)),
        ("2 Nov 2025, 10:30", datetime(2025, 11, 2, 10, 30, tzinfo=UTC)),
        ("13-11-2025", datetime(2025, 11, 13, tzinfo=UTC)),
    ],
)
def test_dates_in_the_forms_that_people_write(put, written, read):
    assert read_article(put("a.json", json.dumps({"text": TEXT, "date": written}))).published == read


@pytest.mark.parametrize(
    ("written", "days", "warned"),
    [
        (["01/11/2025", "31/10/2025", "02/11/2025"], [1, 31, 2], False),
        (["11/01/2025", "10/31/2025"], [1, 31], False),
        (["11/01/2025"], [1], True),
        (["13-11-2025", "01-11-2025"], [13, 1], False),
        (["11-13-2025", "11-01-2025"], [13, 1], False),
        (["2025-11-01", "2025-11-13"], [1, 13], False),
        (["11/01/2025", "10/31/2025", "30/11/2025"], [1, 31, 30], True),
    ],
)
def test_a_column_of_dates_is_read_in_one_way(put, caplog, written, days, warned):
    rows = "".join(f"{TEXT!r},{date}\n" for date in written)
    articles = list(read_articles(put("a.csv", f"text,date\n{rows}")))
    assert [article.published.day for article in articles] == days
    assert ("the month first" in caplog.text) == warned


NEWS = """<p>&ldquo;We&rsquo;ll never sell our ports to <a href="/china">China</a>,&rdquo; said Peru&#8217;s president,
Dina Boluarte.</p><p>&quot;It is wrong,&quot; Xi Jinping<br/>said.&nbsp;</p>"""
SEEN = '“We’ll never sell our ports to China,” said Peru’s president, Dina Boluarte.\n\n"It is wrong," Xi Jinping\nsaid.'


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_html_in_a_row_is_read_as_its_readers_see_it(put, kind):
    rows = pd.DataFrame([{"title": "Talks &amp; tariffs", "author": "Se&aacute;n O&#8217;Neill", "body": NEWS}])
    content = rows.to_json(orient="records") if kind == "json" else rows.to_csv(index=False)
    article = read_article(put(f"a.{kind}", content))
    assert article.text == f"Talks & tariffs\n\n{SEEN}"
    assert (article.title, article.author) == ("Talks & tariffs", "Seán O’Neill")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("It&rsquo;s AT&amp;T.", "It’s AT&T."),
        (
            "<!-- <p>wp</p> --><script>if (a</b/>c)</script><h2 class=x>Ports</h2>\n<div>They <b>re</b>opened.</div>",
            "Ports\n\nThey reopened.",
        ),
        ("One, 5 < 6.\n\nTwo<br>at AT&T <jane@example.org>.", "One, 5 < 6.\n\nTwo\nat AT&T <jane@example.org>."),
        ("<p>One <script>two <!-- three.", "One two <!-- three."),
        ("<p>Write &lt;p&gt;.</p>", "Write <p>."),
    ],
)
def test_entities_tags_and_what_a_page_does_not_show(put, written, seen):
    assert read_article(put("a.json", json.dumps({"text": written}))).text == seen


@pytest.mark.parametrize(
    "text", ["AT&T said R&D; a < b, c > d &c.", "The <p value> of S&P; is &notes; and &#x; and", "&#" + "9" * 5000 + ";", "<b>One</b> of"]
)
def test_text_that_is_no_html_stays_as_it_is(put, text):
    assert read_article(put("a.json", json.dumps({"text": text}))).text == text


@pytest.mark.parametrize(
    "piece", ["<", "<p ", "<!--", "<script", "</p ", "</p><!", "<br>", "<div>", "&", "&#1", "\n ", "<a '\"", "<" + "a" * 999]
)
def test_no_html_takes_long(piece):
    began = time.perf_counter()
    as_seen("<p>" + piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - began < 5


def test_what_is_in_another_language_is_refused_and_what_names_none_is_english(put):
    rows = [{"text": TEXT, "language": "de"}, {"text": TEXT, "language": "English"}, {"text": TEXT}]
    german, *others = read_each(put("a.json", json.dumps(rows)))
    assert isinstance(german, InputError) and "“de”" in str(german)
    assert [article.language for article in others] == ["en", "en"]


def test_of_a_short_text_too_a_common_english_word_is_asked(put):
    spanish = "Hola, el presidente dijo que la situación en el país era muy difícil y que no iba a renunciar por ahora."
    with pytest.raises(InputError, match="does not look like English"):
        read_article(put("a.txt", spanish))
    assert read_article(put("b.txt", "Peru’s Rojas mends Lima roads")).language == "en"


def test_a_text_that_does_not_look_like_english_is_refused_whatever_its_source_says(put):
    spanish = "El ministro dijo que los puertos abrirán en mayo y que nadie perderá su trabajo, según informó la agencia estatal. " * 5
    with pytest.raises(InputError, match="does not look like English"):
        read_article(put("a.txt", spanish))
    assert read_article(put("b.txt", "Puertos abrirán en mayo.")).language == "en", "too short to tell"


# Several articles


def tables():
    frame = pd.DataFrame({"Headline": ["Ports reopen", "Banks close"], "Full Text": [TEXT, "Banks closed.\nNobody said why."]})
    frame["Date"], frame["Publisher"] = ["2025-11-01", "2025-11-02"], ["The Daily", "NA"]
    parquet, workbook = io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    frame.to_excel(workbook, index=False)
    rows = frame.to_dict("records")
    return {
        "csv": frame.to_csv(index=False).encode("utf-8-sig"),
        "tsv": frame.to_csv(index=False, sep="\t").encode("utf-16"),
        "json": json.dumps({"status": "ok", "articles": rows}).encode(),
        "jsonl": "\n\n".join(map(json.dumps, rows)).encode(),
        "parquet": parquet.getvalue(),
        "xlsx": workbook.getvalue(),
    }


@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "jsonl", "parquet", "xlsx"])
def test_all_kinds_of_tables_read_alike(put, kind):
    articles = list(read_articles(put(f"news.{kind}", tables()[kind])))
    assert [(a.article, a.title, a.outlet) for a in articles] == [
        ("news-1", "Ports reopen", "The Daily"),
        ("news-2", "Banks close", "NA"),
    ]
    assert articles[0].text == f"Ports reopen\n\n{TEXT}"
    assert articles[1].published == datetime(2025, 11, 2, tzinfo=UTC)


def test_semicolons_of_european_spreadsheets_and_columns_of_any_name(put):
    path = put("a.csv", 'Titel;Volltext;Datum\nHäfen;"Die Häfen; alle";01.11.2025\n'.encode("cp1252"))
    article = read_article(path, {"text": "volltext", "title": "Titel", "date": "Datum"})
    assert article.text == "Häfen\n\nDie Häfen; alle" and article.published.month == 11


SAID = '"We go on," the minister of trade said.'


def test_marks_that_begin_cells_of_a_table_with_tabs_are_text_where_it_does_without_quoting(put):
    path = put("a.tsv", f'id\ttext\n1\t{SAID}\n2\t"He left it open.\n3\tThe "last" of the "three."\n')
    assert [a.text for a in read_articles(path)] == [SAID, '"He left it open.', 'The "last" of the "three."']
    path = put("b.tsv", 'id\ttext\n1\t"He left it open.\n2\tHe closed it."\n')
    assert [a.text for a in read_articles(path)] == ['"He left it open.', 'He closed it."']


@pytest.mark.parametrize(("kind", "delimiter"), [("csv", ","), ("csv", ";"), ("tsv", "\t")])
def test_quoted_cells_hold_marks_delimiters_and_lines(put, kind, delimiter):
    texts = [SAID, f"One{delimiter} two\nthree", "The same " * 30_000 + 'of "it"', "“No,” he said."]
    path = put(f"a.{kind}", pd.DataFrame({"id": range(4), "text": texts}).to_csv(index=False, sep=delimiter))
    limit = csv.field_size_limit()
    assert [a.text for a in read_articles(path)] == texts and csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", f"id,text\n1,One.\n2,{SAID}\n3,Three.\n"),
        ("a.csv", 'id,text\n1,"One\n2,Two.\n3,Three.\n'),
        ("a.tsv", 'text\n"One\nTwo.\n'),
        ("a.tsv", f'id\ttext\n1\t"A ""lasting"" peace"\n2\t{SAID}\n'),
    ],
)
def test_marks_that_do_not_match_are_said(put, name, content):
    read = list(read_each(put(name, content)))
    line = next(number for number, line in enumerate(content.split("\n"), 1) if SAID in line or '"One' in line)
    assert len(read) == 1 and f"quotation marks do not match in the row of line {line})" in str(read[0])


def test_object_may_lack_a_key_that_others_have(put):
    path = put("a.jsonl", '{"Volltext": "One.", "Titel": "First"}\n{"Volltext": "Two."}\n')
    assert [a.title for a in read_articles(path, {"text": "Volltext", "title": "Titel"})] == ["First", None]


def test_keys_are_the_rows_ids_or_addresses_where_these_are_unique(put):
    assert [a.article for a in read_articles(put("a.csv", "id,text\nx7,One.\nx8,Two.\n"))] == ["x7", "x8"]
    assert [a.article for a in read_articles(put("b.csv", "id,url,text\n7,u/1,One.\n7,u/2,Two.\n"))] == ["u/1", "u/2"]
    assert [a.article for a in read_articles(put("c.csv", "id,text\n7,One.\n7,Two.\n"))] == ["c-1", "c-2"]


def test_own_table_of_articles_is_read_back_as_it_was(put):
    first = [Article("b", "Ports reopen\n\n" + TEXT, title="Ports reopen"), Article("a", TEXT)]
    rows = pd.DataFrame([{"article": a.article, "title": a.title, "text": a.text} for a in first])
    back = list(read_articles(put("articles.csv", rows.to_csv(index=False))))
    assert [(a.article, a.title, a.text) for a in back] == [(a.article, a.title, a.text) for a in first]


def test_folder_is_read_in_order_and_says_what_it_leaves_out(put, tmp_path, caplog):
    for name in ("z.txt", "2025/a.md", "2025/a.txt", ".hidden.txt", "notes.docx"):
        put(name, TEXT)
    put("2025/more.zip", zipped({"deep/b.txt": TEXT, "__MACOSX/b.txt": "x"}))
    articles = list(read_articles(tmp_path))
    assert [a.article for a in articles] == ["2025/a", "2025/a-2", "deep/b", "z"]
    assert "1 × .docx" in caplog.text and "hidden" not in caplog.text


def test_several_sources_share_no_key(put):
    first, second = put("x/a.txt", TEXT), put("y/a.txt", TEXT)
    assert [a.article for a in read_articles([first, second])] == ["a", "a-2"]


def test_read_each_goes_on_behind_what_cannot_be_read(put, tmp_path):
    put("a.jsonl", '{"text": "One."}\n{broken\n{"text": " "}\n[1]\n{"text": "Two."}\n')
    put("b.zip", b"no archive")
    put("c.txt", TEXT)
    results = list(read_each(tmp_path))
    assert [r.article for r in results if isinstance(r, Article)] == ["a-1", "a-5", "c"]
    assert [r.where.rpartition("/")[2] for r in results if isinstance(r, InputError)] == [
        "a.jsonl, line 2",
        "a.jsonl, line 3",
        "a.jsonl, line 4",
        "b.zip",
    ]


# What cannot be read


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", "", "the file is empty"),
        ("a.txt", " \n\t\n", "the text is empty"),
        ("a.txt", bytes(range(256)) * 20, "this is binary, not text"),
        ("a.txt", b"%PDF-1.7 and so on", "this is a PDF, not text"),
        ("a.txt", "word " * 300_000, "more than one article may have"),
        ("a.docx", "x", "files that end in .docx are not read"),
        ("a.html", "<html><body></body></html>", "no article's text was found"),
        ("a.csv", "nr,words\n1,hello\n", "no column of text; there are: nr, words"),
        ("a.csv", "id,text\n", "there are no articles in this file"),
        ("a.csv", "id,text\n1,One.\n2,Two,three.\n", "Expected 2 fields in line 3, saw 3"),
        ("a.csv", "text\n1,2\n", "the table is broken"),
        ("a.csv", "id,text\n1,One.\n2,\n", "row 2: the text is empty"),
        ("a.json", '{"text": "x"', "broken JSON, character 13"),
        ("a.json", '{"text": "x",\n "title" 3}', "broken JSON on line 2, character 10"),
        ("a.json", '{"text": "x"}\n{"text": "y"}', "name the file .jsonl"),
        ("a.json", "[" * 100_000, "broken JSON"),
        ("a.json", "3", "neither an object nor a list"),
        ("a.json", '{"text": 3}', "the text is no text but int"),
        ("a.json", "[]", "there are no articles in this file"),
        ("a.jsonl", '{"text": "x"}\n{"text": \n', "line 2: broken JSON"),
        ("a.parquet", "x" * 100, "this is not Parquet"),
        ("a.xlsx", "x" * 100, "this is no archive, or it is broken"),
        ("a.xlsx", zipped({"x.xml": "x"}), "the workbook cannot be read"),
        ("a.zip", "x" * 100, "this is no archive, or it is broken"),
        ("a.zip", zipped({"a.png": "x"}), "no articles here (only 1 × .png)"),
        ("a.zip", zipped({"../a.txt": TEXT}), "leads outside the archive"),
        ("a.zip", zipped({"/etc/a.txt": TEXT}), "leads outside the archive"),
        ("a.zip", zipped({"..\\a.txt": TEXT}), "leads outside the archive"),
        ("a.zip", zipped({"a.txt": b"0" * 20_000_000}), "unpacks to far more"),
        ("a.csv", "text\nOne.\nTwo.\nThree.\n", "there are 3 articles here, not one. Name a file of one"),
    ],
)
def test_bad_input_is_one_line_that_names_the_place(put, name, content, expected):
    message = error_of(put(name, content))
    assert expected in message and name in message


def test_what_is_not_there(tmp_path, put):
    assert "there is no such file or folder" in error_of(tmp_path / "missing.txt")
    assert "there is no such file or folder" in error_of("")
    assert "there is no such file or folder" in error_of("An article's own text, given as its path. " * 200)
    assert "no articles here (it is empty)" in error_of(tmp_path)
    path = put("a.csv", "words\nhello\n")
    assert "no column “Volltext”; there are: words" in error_of(path, text="Volltext")
    assert "“colour” is nothing that is known of an article" in error_of(path, colour="words")


def test_zip_with_a_password_or_a_broken_member(put):
    data = bytearray(zipped({"a.txt": TEXT * 50}))
    broken = bytes(data[:45]) + b"\xff\xff\xff" + bytes(data[48:])
    assert "the archive is broken here" in error_of(put("broken.zip", broken))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "protected by a password" in error_of(put("locked.zip", bytes(data)))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("article", "article"),
        ("My article (2)", "My-article-2"),
        ("example.org/2025/11/lee-meets-xi?page=2", "example.org-2025-11-lee-meets-xi-page-2"),
        ("中国", "中国"),
        ("../..", "article"),
    ],
)
def test_a_report_is_named_after_its_article(key, name):
    assert folder_name(Article(key, "")) == name


# Web addresses


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path.startswith("/news")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode() if found else b"")

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_web_address_is_read_like_a_page(server):
    assert read_article(f"{server}/news/Häfen").title == "Ports reopen after storm"
    article = read_article(f"{server}/news/ports.html?id=3")
    assert article.title == "Ports reopen after storm" and article.path is None
    assert article.url == f"{server}/news/ports.html?id=3"
    assert article.article == f"{server.removeprefix('http://')}/news/ports?id=3"


def test_web_address_that_cannot_be_read_says_why(server, monkeypatch):
    assert "the server answers 404" in error_of(f"{server}/missing")
    assert "this address cannot be read" in error_of("ftp://example.org/a.txt")
    assert "this address cannot be read" in error_of("file:///etc/hosts")
    assert "this address cannot be read" in error_of("http://[broken")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "the page cannot be fetched" in error_of(f"http://127.0.0.1:{unused.getsockname()[1]}/a")


def test_server_that_trickles_is_left(server, monkeypatch):
    monkeypatch.setattr("analysis.sources.DOWNLOAD_SECONDS", -1)
    assert "not complete after" in error_of(f"{server}/news/ports")
