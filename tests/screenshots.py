"""Make the README's pictures: the marked-up article of a report, and the explorer in JupyterLab.

python tests/screenshots.py data/readme
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from browser import Watch, address, open_browser, open_context, why_no_browser
from lab import Lab, open_notebook, run_all_cells, show_whole_notebook, start_lab
from PIL import Image

from analysis import report

if TYPE_CHECKING:
    from playwright.sync_api import Page

WINDOW = {"width": 1200, "height": 900}
EXPLORER = ".explorer"
BARS, PICKED = ".explorer-picture button", 1  # of its figure
MOST_BYTES = 200_000
COLOURS = (256, 128, 64, 32)  # as many as the size allows


def write_small(picture: bytes, path: Path) -> None:
    """Write a picture with as many colours as `MOST_BYTES` allow."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            return
    raise ValueError(f"{path} has {path.stat().st_size:,} bytes with {COLOURS[-1]} colours; make the picture smaller than {image.size}")


def show_explorer(page: Page, lab: Lab) -> bytes:
    """The explorer in JupyterLab without its side bar, after a click on a bar."""
    open_notebook(page, lab, "notebooks/explore.ipynb")
    run_all_cells(page)
    page.keyboard.press("Control+b")
    page.locator(BARS).nth(PICKED).click()
    page.locator(f"{BARS}[aria-current]").wait_for()
    show_whole_notebook(page)  # lays all of it out, and so tells where the explorer is
    page.set_viewport_size(WINDOW)
    page.locator(EXPLORER).first.evaluate("part => { part.scrollIntoView(); part.closest('.jp-WindowedPanel-outer').scrollTop -= 16 }")
    return page.screenshot()


def make_pictures(folder: Path, home: Path) -> None:
    """Write all pictures into a folder; the report and what the notebooks make go to another."""
    made = report.run(Path(__file__).parents[1] / "data" / "article.txt", out=home / "report")
    if made.errors:
        raise ValueError(f"notebooks failed: {made.errors}")
    watch = Watch()
    lab_home = home / "lab"
    lab_home.mkdir()
    with open_browser() as browser, open_context(browser, watch, viewport=WINDOW) as context:
        page = context.new_page()
        page.goto(address(made.index))
        page.locator("#article").evaluate("section => section.scrollIntoView()")
        write_small(page.screenshot(), folder / "article.png")
        with start_lab(lab_home) as lab:
            page = context.new_page()
            write_small(show_explorer(page, lab), folder / "explore.png")
            page.close()  # while there is a server for it to speak to
    if watch.faults:
        raise ValueError(f"the pages complain: {watch.faults}")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or why_no_browser():
        print(why_no_browser() or "usage: python tests/screenshots.py FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="screenshots-") as home:
        make_pictures(folder, Path(home))
    return 0


if __name__ == "__main__":  # the report's processes import this file
    sys.exit(main(sys.argv[1:]))
