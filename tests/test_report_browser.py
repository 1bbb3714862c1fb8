"""The report of the article in a browser: links followed, nothing asked from elsewhere, on a phone and in a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import url2pathname

import pytest
from browser import DESKTOP, PHONE, PHONE_WIDTH, find_low_contrast, find_overflow, wait_until

from analysis import report

ROOT = Path(__file__).parents[1]
PAGES = ("index.html", *(f"notebooks/{name}.html" for name in report.NOTEBOOKS))
LANDED = "id => { const top = document.getElementById(id).getBoundingClientRect().top; return -1 <= top && top < innerHeight }"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(browser, tmp_path_factory) -> Path:
    """The folder of the report of data/article.txt."""
    made = report.run(ROOT / "data" / "article.txt", out=tmp_path_factory.mktemp("report") / "out", formats=["png", "svg"])
    assert not made.errors
    return made.folder


def links_of(page) -> Iterator[tuple[Path, str]]:
    """Where the links and pictures of a page lead: a file, and a place in it or ""."""
    for url in page.eval_on_selector_all("[href], [src]", "all => all.map(one => one.href || one.src)"):
        place, fragment = urldefrag(url)
        if not url.startswith("data:"):
            assert url.startswith("file:"), f"{url} leads elsewhere"
            yield Path(url2pathname(urlsplit(place).path)), unquote(fragment)


def load_pictures(page) -> None:
    """Load all pictures, also those that a reader has not scrolled to."""
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    wait_until(page, "() => [...document.images].every(image => image.complete)")


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_and_to_a_place_in_it(name, made, page_of):
    page = page_of(made / name)
    links = set(links_of(page))
    places = {path: {fragment for where, fragment in links if where == path} - {""} for path, _ in links}

    assert [path for path in places if not path.is_file()] == []
    assert sum(map(len, places.values())) > 5
    for path, fragments in places.items():
        if fragments:
            page.goto(path.as_uri())
            assert fragments - set(page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")) == set()


def test_a_reader_gets_from_the_index_to_the_sentence_behind_a_number_and_back(made, page_of):
    page = page_of(made / "index.html")
    page.locator("#quotes").get_by_role("link", name="Read").click()
    assert page.url == (made / "notebooks" / "quotes.html").as_uri()
    link = page.locator('a[href^="#sentence-"]').last
    link.click()
    wait_until(page, LANDED, link.get_attribute("href")[1:])
    page.get_by_role("link", name="Back to the report").click()
    assert page.url == (made / "index.html").as_uri()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_nothing_in_the_console_and_asks_for_nothing_but_files(name, made, page_of, watch):
    page = page_of(made / name)
    load_pictures(page)

    assert page.evaluate("document.images.length && [...document.images].every(image => image.naturalWidth > 100)")
    assert watch.messages == []
    assert [url[:80] for url in watch.requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(DESKTOP, id="window"),
        pytest.param(DESKTOP | {"color_scheme": "dark"}, id="dark"),
        pytest.param(PHONE, id="phone"),
    ],
)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read(name, options, made, page_of, screenshots, request):
    page = page_of(made / name, **options)
    load_pictures(page)
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    page.screenshot(path=screenshots / f"report-{Path(name).stem}-{request.node.callspec.id.split('-')[-1]}.png", full_page=True)

    assert page.evaluate("document.documentElement.clientWidth") == page.viewport_size["width"]
    assert find_overflow(page) == []
    assert find_low_contrast(page) == []


def test_on_a_phone_wide_tables_scroll_in_boxes_of_their_own(made, page_of):
    page = page_of(made / "notebooks" / "quotes.html", **PHONE)
    box = page.locator(".jp-OutputArea-output:has(table)").first
    assert box.evaluate("box => getComputedStyle(box).overflowX") == "auto"
    assert box.evaluate("box => box.getBoundingClientRect().right") <= PHONE_WIDTH


def test_what_a_page_asks_for_elsewhere_is_seen(page_of, watch):
    """The checks of this module would not pass over it."""
    page = page_of()
    page.set_content('<img src="http://example.org/a.png"><p style="color: #aaa">pale</p><p style="width: 3000px">wide</p>')
    page.wait_for_function("document.images[0].complete")

    assert any("example.org" in fault for fault in watch.faults)
    assert len(find_low_contrast(page)) == 1 and find_overflow(page)
    watch.messages.clear()
    watch.requests.clear()
