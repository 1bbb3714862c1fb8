"""Debian's chromium, driven by Playwright, and what it sees: shared by the tests that look at pages and by screenshots.py."""

from __future__ import annotations

import importlib.util
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PATIENCE = 120_000  # ms: tests run side by side on few cores, and what is waited for comes at last
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE_WIDTH = 390
PHONE = {"viewport": {"width": PHONE_WIDTH, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
OWN_HOSTS = (None, "", "127.0.0.1", "localhost")  # none: a file, or data
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


def why_no_browser() -> str | None:
    """What is missing here for a test in a browser, and how to install it; None where nothing is."""
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is missing: pip install -e '.[dev]'"
    if shutil.which("chromium") is None:
        return "Debian's chromium is missing: apt-get install chromium"
    return None


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser without a window, for which no host exists but this machine."""
    from playwright.sync_api import sync_playwright

    nowhere = f"--host-resolver-rules=MAP * ~NOTFOUND , {' , '.join(f'EXCLUDE {host}' for host in OWN_HOSTS if host)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", nowhere])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What pages say and ask for while they are looked at.

    Attributes
    ----------
    messages : list of str
        Of the console, each after its type (`error: …`), and the exceptions that no script caught (`exception: …`).
    requests : list of str
        Addresses, those of web sockets too.
    """

    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Note down what all pages of a context say and ask for from now on."""
        context.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        context.on("weberror", lambda error: self.messages.append(f"exception: {error.error}"))
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.requests.append(socket.url)))

    @property
    def faults(self) -> list[str]:
        """Errors, and requests that leave the machine."""
        leaving = [f"request: {url}" for url in self.requests if urlsplit(url).hostname not in OWN_HOSTS]
        return leaving + [message for message in self.messages if message.startswith(("error:", "exception:"))]


@contextmanager
def open_context(browser: Browser, watch: Watch, **options) -> Iterator[BrowserContext]:
    """Pages that know nothing of others, all of them watched.

    Parameters
    ----------
    browser : Browser
    watch : Watch
    **options
        Of Playwright's `Browser.new_context`, such as `DESKTOP` and `PHONE`, or `color_scheme="dark"`.
    """
    context = browser.new_context(**(DESKTOP | options))
    context.set_default_timeout(PATIENCE)
    watch.follow(context)
    try:
        yield context
    finally:
        context.close()


def address(place: str | Path) -> str:
    """Where a browser finds a file; an address stays as it is."""
    return place.absolute().as_uri() if isinstance(place, Path) else place


def wait_until(page: Page, condition: str, argument: object = None) -> None:
    """Wait until a function of JavaScript holds on a page whose policy forbids to evaluate texts there, as Playwright does to wait."""
    last = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(condition, argument):
        if time.monotonic() > last:
            raise TimeoutError(condition)
        page.wait_for_timeout(20)


def find_low_contrast(page: Page, within: str = "body") -> list[str]:
    """The visible texts that are too pale to read, by WCAG 2.1's success criterion 1.4.3 (AA).

    Colours that lie over each other are blended. Text in pictures is not looked at.

    Parameters
    ----------
    page : Page
    within : str
        Selector of the parts of the page to look at.

    Returns
    -------
    list of str
        A line a text: its contrast, its colours and how it begins.
    """
    return page.evaluate(CONTRAST, within)


def find_overflow(page: Page) -> list[str]:
    """What makes a page scroll sideways: the elements that reach beyond its right edge, without those that scroll in a box of their own."""
    return page.evaluate("""() => {
        const width = document.documentElement.clientWidth
        if (document.scrollingElement.scrollWidth <= width) return []
        const boxed = e => e && (getComputedStyle(e).overflowX !== 'visible' || boxed(e.parentElement))
        const right = e => Math.round(e.getBoundingClientRect().right)
        const wide = [...document.body.querySelectorAll("*")].filter(e => right(e) > width && !boxed(e.parentElement))
        return wide.map(e => `${e.tagName}.${e.className} to ${right(e)} px: ${e.textContent.slice(0, 40)}`)
    }""")
