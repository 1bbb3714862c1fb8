"""What the reliability notebook needs beside prose: the sheets that its parameters name, what they measure, and places for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from IPython.display import HTML, Image, display
from matplotlib.axes import Axes

from analysis import markup
from analysis.agreement import Agreement, measure
from analysis.coding import read_key, read_sheets
from analysis.consensus import MACHINE
from analysis.export import write_table
from analysis.figures.style import use_style
from analysis.layout import COLUMN_MM, FONT_SIZE, Layout, read_formats
from analysis.notebook import SHOWN_ROWS, find_folder, find_home, find_path, save_figure

EXAMPLE = "data/coding/sentiment"  # coded by runs of a language model, and by no people


@dataclass(frozen=True, eq=False)
class Reliability:
    """Sheets that were coded, what they say of coders and machine, and where what the notebook makes of it is kept.

    Attributes
    ----------
    measured : Agreement
    key : DataFrame
        From `coding.read_key`.
    is_example : bool
        Whether the sheets are those that come with the project.
    out : Path
        Folder of the report.
    layout : Layout
        Of the figures.
    notebook : str
        Begins the names of figures.
    """

    measured: Agreement
    key: pd.DataFrame
    is_example: bool
    out: Path
    layout: Layout
    notebook: str = "reliability"

    @property
    def among_coders(self) -> pd.DataFrame:
        """The agreement of coders among themselves."""
        return self.measured.agreement[~self.measured.agreement["with_machine"]]

    @property
    def with_machine(self) -> pd.DataFrame:
        """The agreement of the machine with the coders."""
        return self.measured.agreement[self.measured.agreement["with_machine"]]

    @property
    def confusion(self) -> pd.DataFrame:
        """How often a code of the coders' consensus meets one of the machine's."""
        return self.measured.confusion[self.measured.confusion["second"].eq(MACHINE)]

    def save_figure(self, ax: Axes, name: str) -> Image:
        """Write a figure as ``figures/reliability-NAME.EXT``, and show it as it was written."""
        return save_figure(ax, self.out / "figures" / f"{self.notebook}-{name}", self.layout)

    def save_figures(self, plot: Callable[[pd.DataFrame], Axes], table: pd.DataFrame, name: str) -> None:
        """Draw, write and show a figure for each variable of a table, as ``figures/reliability-NAME-VARIABLE.EXT``."""
        for variable, rows in table.groupby("variable", sort=False):
            display(self.save_figure(plot(rows), f"{name}-{variable}"))

    def save_table(self, table: pd.DataFrame, name: str, leave_out: tuple[str, ...] = ()) -> HTML:
        """Write a table as ``tables/NAME.csv``, .parquet and .xlsx, and show it, but for some columns and for those that are empty."""
        write_table(table, self.out / "tables" / name)
        empty = [column for column in table if table[column].eq("").all()]
        return HTML(markup.html_table(table.drop(columns=[*leave_out, *empty], errors="ignore"), SHOWN_ROWS))


def open_reliability(
    sheets: str = EXAMPLE,
    out: str = "",
    formats: str = "png,svg",
    width: float = COLUMN_MM,
    font_size: float = FONT_SIZE,
    titles: bool = True,
    greyscale: bool = False,
) -> Reliability:
    """Open the sheets that a notebook's parameters name, measure them, and set the theme of the figures.

    Parameters
    ----------
    sheets : str
        The folder of a sample, or files in it with commas between them. A path is looked for from the working directory, then from the
        repository's root.
    out : str
        Folder for figures and tables; ``reports/reliability`` if empty. A relative one is taken from the repository's root where the
        notebook runs inside it, else from the working directory.
    formats : str
        Of the figures, with commas between them.
    width, font_size, titles, greyscale
        Of the figures in print: see `layout.Layout`.

    Returns
    -------
    Reliability

    Raises
    ------
    InputError
        Where there are no sheets, something in them is wrong, their key is missing, or figures cannot be set like this.
    """
    layout = Layout(read_formats(formats), width, font_size, titles, greyscale)
    paths = [find_path(name.strip()) for name in sheets.split(",") if name.strip()]
    codings = read_sheets(paths)
    key = read_key(paths[0])
    measured = measure(codings, key)
    use_style(layout.width, layout.font_size)
    folder = Path(paths[0]) if Path(paths[0]).is_dir() else Path(paths[0]).parent
    is_example = folder.resolve() == (find_home() / EXAMPLE).resolve()
    return Reliability(measured, key, is_example, find_folder(out or "reports/reliability"), layout)
