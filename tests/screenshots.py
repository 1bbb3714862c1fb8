"""Make the README's pictures: JupyterLab with an executed notebook, the explorer, the report and the marked-up article.

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
PARTS = {"quotes": ".jp-RenderedHTMLCommon h2", "explore": ".explorer"}  # of notebooks, where the picture begins
BARS, PICKED = ".explorer-picture button", 1  # of the explorer's figure
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


def show_in_lab(page: Page, lab: Lab, notebook: str, part: str) -> bytes:
    """JupyterLab without its side bar after a notebook was run, from a part of it downwards."""
    open_notebook(page, lab, f"notebooks/{notebook}.ipynb")
    run_all_cells(page)
    page.keyboard.press("Control+b")
    if notebook == "explore":
        page.locator(BARS).nth(PICKED).click()
        page.locator(f"{BARS}[aria-current]").wait_for()
    show_whole_notebook(page)  # lays all of it out, and so tells where the part is
    page.set_viewport_size(WINDOW)
    page.locator(part).first.evaluate("part => { part.scrollIntoView(); part.closest('.jp-WindowedPanel-outer').scrollTop -= 16 }")
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
        page.wait_for_function("[...document.images].slice(0, 9).every(image => image.complete)")
        write_small(page.screenshot(), folder / "report.png")
        page.locator("#article").evaluate("section => section.scrollIntoView()")
        write_small(page.screenshot(), folder / "article.png")
        with start_lab(lab_home) as lab:
            for notebook, part in PARTS.items():
                page = context.new_page()
                write_small(show_in_lab(page, lab, notebook, part), folder / f"{notebook}.png")
                page.close()
                lab.shut_down_kernels()
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
