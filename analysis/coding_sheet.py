"""The sheet of a human coder: a workbook with instructions, one row an item, and drop-downs of the codes; written and read.

Nothing in it tells what the machine answered. Texts stand in cells that are locked without a password, against slips.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from textwrap import wrap

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from analysis.codebook import IssueCodebook
from analysis.codebook_schema import FOLDER
from analysis.coding_items import NO_ISSUE, TARGETED, TASKS, VARIABLES, main_titles
from analysis.errors import InputError
from analysis.export import fit_cell
from analysis.schema import list_of, load, mapping_of, record, text
from analysis.sources import open_zip

INSTRUCTIONS, CODING, CODES = "Instructions", "Coding", "Codes"
ITEM, BEFORE, SENTENCE, AFTER, ABOUT, NOTE = "item", "before", "sentence", "after", "about", "note"
TASK_FIELD, CODER_FIELD = "task", "coder"
ISSUE_CELLS = 3
WIDTHS = {ITEM: 14, BEFORE: 40, SENTENCE: 60, AFTER: 40, ABOUT: 24, NOTE: 30, "type": 12, "speaker": 26, "sentiment": 14, "stance": 14}
WIDE = 28  # of other columns
HEAD, INPUT = PatternFill("solid", fgColor="1F3864"), PatternFill("solid", fgColor="FFF8DC")
LINE = Border(*[Side("thin", color="BFBFBF")] * 4)
FONT = "Calibri"
LINE_HEIGHT, MAX_HEIGHT = 15.0, 409  # points: of a line of text, and of the highest row that Excel knows
LETTERS = 1.1  # of a text, in the width of a figure: columns are measured in figures
WRAPPED = Alignment(wrap_text=True, vertical="top")
REFUSED = "Choose one of the codes in the list."
SHEET = ".xlsx"
FOREIGN = {".xls": "an old Excel file", ".csv": "a CSV file", ".ods": "an OpenDocument file", ".numbers": "a Numbers file"}


@dataclass(frozen=True)
class Sheet:
    """A sheet that came back: its file, what it says of its task and coder ("" where nothing), and its rows, by their number.

    A row is what stands in each column, by its heading; empty cells are "".
    """

    path: Path
    task: str
    coder: str
    rows: Mapping[int, Mapping[str, str]]


def code_columns(task: str) -> dict[str, list[str]]:
    """The columns into which each variable of a task is coded, by their headings."""
    many = {"issues": [f"issue {number}" for number in range(1, ISSUE_CELLS + 1)]}
    return {variable: many.get(variable, [variable]) for variable in VARIABLES[task]}


def write_sheet(path: Path, task: str, coder: str, items: pd.DataFrame, codes: pd.DataFrame, codebook: IssueCodebook) -> None:
    """Write a coder's sheet.

    Parameters
    ----------
    path : Path
    task : str
        Of `TASKS`.
    coder : str
        Stands in the field for the coder's name until he writes his own.
    items : DataFrame
        From `coding_items.with_context`, in the order of the rows: item, before, marked, after, focus; other columns are left out.
    codes : DataFrame
        From `coding_items.with_codes`: item, variable, codes.
    codebook : IssueCodebook
        Of the issues that the instructions explain.
    """
    book = Workbook()
    book.properties.creator = "analysis"
    _write_instructions(book.active, task, coder, codebook)
    coding, lists = book.create_sheet(CODING), book.create_sheet(CODES)
    lists.sheet_state, lists.protection.sheet = "hidden", True
    texts = [(ITEM, "item"), (BEFORE, "before"), (SENTENCE, "marked"), (AFTER, "after")] + [(ABOUT, "focus")] * (task in TARGETED)
    columns = code_columns(task)
    headings = [*(name for name, _ in texts), *(name for names in columns.values() for name in names), NOTE]
    for row, item in enumerate(items.itertuples(), 2):
        for column, (_, name) in enumerate(texts, 1):
            _put(coding, row, column, getattr(item, name))
        for column in range(len(texts) + 1, len(headings) + 1):
            cell = _put(coding, row, column, None)
            cell.fill, cell.protection = INPUT, Protection(locked=False)
    _finish(coding, headings)
    _add_lists(coding, lists, headings, columns, items["item"].tolist(), codes)
    book.save(path)


def read_sheet(path: Path) -> Sheet:
    """Read a sheet that came back, from Excel, LibreOffice or whatever else writes .xlsx.

    Raises
    ------
    InputError
        Where the file is no such sheet.
    """
    if path.suffix.lower() != SHEET:
        kind = FOREIGN.get(path.suffix.lower(), "no .xlsx file")
        raise InputError(f"this is {kind}", str(path), "Open the sheet that was sent out, enter the codes there, and save it as .xlsx.")
    book = _load(path)
    if CODING not in book.sheetnames or INSTRUCTIONS not in book.sheetnames:
        remedy = "Send the workbook that was sent out, with all its sheets by their names."
        raise InputError(f"this is no coding sheet: it lacks the sheets “{INSTRUCTIONS}” and “{CODING}”", str(path), remedy)
    fields = {_text(name).casefold(): _text(value) for name, value in _cells(book[INSTRUCTIONS], 2)}
    task = fields.get(TASK_FIELD, "")
    headings, *rows = _cells(book[CODING]) or [()]
    headings = [_text(value).casefold() for value in headings]
    expected = [ITEM, SENTENCE, *(name for names in code_columns(task).values() for name in names)] if task in TASKS else [ITEM, SENTENCE]
    missing = [name for name in expected if name not in headings]
    if missing:
        raise InputError(
            f"the sheet “{CODING}” has no column {', '.join(missing)}", str(path), "Put the headings back as they were sent out."
        )
    read = {number: dict(zip(headings, map(_text, row), strict=True)) for number, row in enumerate(rows, 2)}
    return Sheet(path, task, fields.get(CODER_FIELD, ""), {number: row for number, row in read.items() if any(row.values())})


def is_filled(path: Path) -> bool:
    """Whether a coder has written into a sheet.

    Raises
    ------
    InputError
        Where that cannot be told, because the file is no sheet.
    """
    sheet = read_sheet(path)
    columns = {*(name for names in code_columns(sheet.task).values() for name in names), NOTE} if sheet.task in TASKS else {NOTE}
    return any(row.get(column) for row in sheet.rows.values() for column in columns)


# ---------------------------------------------------------------- instructions


@cache
def read_guide() -> dict:
    """What coders are told, by task: `analysis/codebooks/coding.yaml`."""
    code = record({"means": text, "example": text}, ("example",))
    task = record({"title": text, "question": text, "rules": list_of(text), "codes": mapping_of(text, mapping_of(text, code))})
    return load(FOLDER / "coding.yaml", record({"general": list_of(text), "tasks": mapping_of(text, task)}))


def _write_instructions(sheet: Worksheet, task: str, coder: str, codebook: IssueCodebook) -> None:
    sheet.title = INSTRUCTIONS
    guide = read_guide()["tasks"][task]
    lines: list[tuple[str, ...]] = [
        (guide["title"],),
        (TASK_FIELD, task),
        (CODER_FIELD, coder, "← write your name here, or leave it"),
        (),
        ("What is asked",),
        ("", guide["question"]),
        ("Rules",),
        *((str(number), rule) for number, rule in enumerate([*guide["rules"], *read_guide()["general"]], 1)),
    ]
    for variable in code_columns(task):
        lines += [(), (f"Codes of “{variable}”", "what it means", "example"), *_explain(task, variable, codebook)]
    for row, line in enumerate(lines, 1):
        for column, words in enumerate(line, 1):
            _put(sheet, row, column, words)
        if len(line) == 1 or line[1:] == ("what it means", "example"):
            for cell in sheet[row]:
                cell.font = Font(FONT, 14 if row == 1 else 11, bold=True)
                cell.alignment = Alignment(vertical="top")
    sheet["B3"].fill, sheet["B3"].protection = INPUT, Protection(locked=False)
    _lay_out(sheet, (24, 80, 60))
    sheet.sheet_view.showGridLines = False


def _explain(task: str, variable: str, codebook: IssueCodebook) -> Iterable[tuple[str, str, str]]:
    """Each code of a variable, what it means, and an example."""
    known = read_guide()["tasks"][task]["codes"][variable]
    if variable != "issues":
        return [(code, known[code]["means"], known[code]["example"]) for code in known]
    titles = main_titles(codebook)
    issues = sorted((issue for issue in codebook.issues if issue.parent is None), key=lambda issue: titles[issue.key])
    nothing = (NO_ISSUE, known[NO_ISSUE]["means"], known[NO_ISSUE]["example"])
    return [nothing, *((titles[issue.key], issue.description, known.get(issue.key, {}).get("example", "")) for issue in issues)]


# ---------------------------------------------------------------- cells


def _put(sheet: Worksheet, row: int, column: int, value: str | None):
    cell = sheet.cell(row, column)
    if value is not None:
        cell.value = fit_cell(value)
        cell.data_type = "s"  # a text such as “#N/A” is no error value
    cell.alignment, cell.border = WRAPPED, Border() if sheet.title == INSTRUCTIONS else LINE
    return cell


def _finish(sheet: Worksheet, headings: list[str]) -> None:
    """Headings that stay in sight."""
    for column, heading in enumerate(headings, 1):
        cell = _put(sheet, 1, column, heading)
        cell.font, cell.fill = Font(FONT, bold=True, color="FFFFFF"), HEAD
    _lay_out(sheet, [WIDTHS.get(heading, WIDE) for heading in headings])
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"


def _lay_out(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Columns of these widths, rows that are high enough for their texts, the lock, and how it prints."""
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for cells in sheet.iter_rows():
        texts = [(str(cell.value), width) for cell, width in zip(cells, widths, strict=False) if cell.value and cell.alignment.wrap_text]
        lines = max((sum(len(wrap(part, int(width * LETTERS))) or 1 for part in words.splitlines()) for words, width in texts), default=1)
        size = max((cell.font.sz or 11) for cell in cells)
        sheet.row_dimensions[cells[0].row].height = min(MAX_HEIGHT, lines * LINE_HEIGHT * size / 11)
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "formatCells"):
        setattr(sheet.protection, allowed, False)  # means: not forbidden
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", sheet.PAPERSIZE_A4, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _add_lists(
    coding: Worksheet, lists: Worksheet, headings: list[str], columns: Mapping[str, list[str]], items: list[str], codes: pd.DataFrame
) -> None:
    """The codes allowed, on a hidden sheet, and drop-downs that refer to it: Excel cuts a list of its own at 255 characters."""
    rows = {item: row for row, item in enumerate(items, 2)}
    for number, ((variable, allowed), own) in enumerate(codes.groupby(["variable", "codes"]), 1):
        words = allowed.split("\n")
        for row, word in enumerate([variable, *words], 1):
            _put(lists, row, number, word)
        letter = get_column_letter(number)
        choice = DataValidation("list", f"{CODES}!${letter}$2:${letter}${len(words) + 1}", allow_blank=True)
        choice.error, choice.errorTitle, choice.showErrorMessage = REFUSED, "Not a code", True
        for heading in columns[variable]:
            column = get_column_letter(headings.index(heading) + 1)
            for first, last in _runs(rows[item] for item in own["item"]):
                choice.add(f"{column}{first}:{column}{last}")
        coding.add_data_validation(choice)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers as runs of neighbours: the first and the last of each."""
    for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in run]
        yield run[0], run[-1]


def _load(path: Path):
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", str(path), "Check its name.") from error
    open_zip(data, str(path))
    try:
        return load_workbook(io.BytesIO(data), data_only=True)
    except Exception as error:  # openpyxl raises whatever a broken workbook makes it stumble over
        raise InputError("this is no workbook, or it is broken", str(path), "Open it and save it again as .xlsx.") from error


def _cells(sheet: Worksheet, columns: int | None = None) -> list[tuple]:
    return list(sheet.iter_rows(max_col=columns, values_only=True))


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
