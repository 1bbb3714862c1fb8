"""Sheets for human coders: drawn from what the machine annotated, written, and read back when they are filled.

A sample lies in a folder: a workbook a coder (`coder-1.xlsx`, …), and `key.parquet` with what the machine answered. **Coders must not get
the key.** Their sheets are blind to it (Krippendorff, Content Analysis, ch. 11: coders work independently); they go back into the folder
when they are filled, under any name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from analysis.codebook import read_issues
from analysis.coding_items import CLOSE, ISSUES_JOINT, NO_ISSUE, OPEN, TASKS, list_items, open_tables, with_codes, with_context
from analysis.coding_sheet import ABOUT, FOREIGN, ITEM, SENTENCE, SHEET, Sheet, code_columns, is_filled, read_sheet, write_sheet
from analysis.consensus import ALL_CODERS, CONSENSUS, MACHINE
from analysis.errors import InputError
from analysis.export import fit_cell
from analysis.sampling import draw_sample, random_number

KEY = "key.parquet"
KEY_COLUMNS = {
    "item": "str",
    "task": "str",
    "variable": "str",
    "article": "str",
    "sentence": "int64",
    "start": "int64",
    "end": "int64",
    "text": "str",
    "focus": "str",
    "stratum": "str",
    "stratum_size": "int64",
    "machine": "str",
    "codes": "str",
}
CODING_COLUMNS = ("item", "variable", "coder", "code")
RESERVED = (MACHINE, CONSENSUS, ALL_CODERS)  # no coder's name
SHOWN_PROBLEMS, SHOWN_CHARACTERS = 20, 100
COMPARED = 20_000  # characters: a longer text is cut to fit into its cell, with marks or without
_DEFAULT_FOLDER = "coding"


@dataclass(frozen=True, eq=False)
class Sample:
    """A sample that was drawn: its folder, task and sheets, the items asked for and those in the population, and its key."""

    folder: Path
    task: str
    sheets: tuple[Path, ...]
    asked: int
    population: int
    key: pd.DataFrame


class Problem(NamedTuple):
    """What is wrong with a sheet: the file, the row (where it is one row's), the item and variable, and whether codes are lost by it.

    A problem that is a `gap` is a code that is not there: the others of the sheet can be used.
    """

    file: str
    row: int | None
    item: str
    variable: str
    problem: str
    gap: bool = False

    def __str__(self) -> str:
        return f"{self.file}{'' if pd.isna(self.row) else f', row {self.row}'}: {self.problem}"


def make_sheets(
    place: str | Path,
    task: str,
    n: int = 100,
    coders: int = 2,
    seed: int = 1,
    target: str | None = None,
    out: str | Path | None = None,
    issues: str | Path | None = None,
) -> Sample:
    """Draw a sample of what the machine answered, and write a blind sheet a coder.

    The sample is stratified by the machine's answer, in proportion but with a least number of each: see `sampling`. The same call draws the
    same sample, and a larger `n` goes on from it. Each coder gets all items, in an order of his own.

    Parameters
    ----------
    place : path
        A report, an annotation or a corpus.
    task : str
        quotes, sentiment, stance or issues.
    n : int
        Items to draw; all of them where there are no more.
    coders : int
    seed : int
    target : str, optional
        For sentiment and stance: only what is about this actor.
    out : path, optional
        The folder; coding/TASK by default.
    issues : path, optional
        The codebook by which issues were found, where it is the user's own.

    Returns
    -------
    Sample

    Raises
    ------
    InputError
        Where there is nothing to code, or the folder holds another sample, or a sheet that is filled: neither is touched.
    """
    if task not in TASKS:
        raise InputError(f"there is no task “{task}”", "task", f"There are {', '.join(TASKS)}.")
    if n < 1 or coders < 1:
        raise InputError("a sample needs an item and a coder at least", "n, coders", "Write whole numbers from 1 on.")
    read, codebook = open_tables(place), read_issues(issues)
    population = list_items(read, task, codebook, target)
    drawn = draw_sample(population["item"], population["stratum"], n, seed)
    items = with_context(read, task, population.drop(columns="stratum").merge(drawn, on="item"))
    codes = with_codes(read, task, items, codebook)
    key = _make_key(task, items, codes)
    folder = Path(out or Path(_DEFAULT_FOLDER) / task)
    names = [f"coder-{number}" for number in range(1, coders + 1)]
    sheets = tuple(folder / f"{name}{SHEET}" for name in names)
    _refuse_to_overwrite(folder, sheets, key)
    folder.mkdir(parents=True, exist_ok=True)
    key.to_parquet(folder / KEY, index=False)
    for name, path in zip(names, sheets, strict=True):
        order = items["item"].map(lambda item, name=name: random_number(item, seed, name)).sort_values().index
        write_sheet(path, task, name, items.loc[order], codes, codebook)
    return Sample(folder, task, sheets, n, len(population), key)


def describe_sample(sample: Sample) -> str:
    """A sample in lines for a person: how many items of how many, by stratum, and where it lies."""
    items = sample.key.drop_duplicates("item")
    drawn = f"{len(items)} of {sample.population} items" if len(items) < sample.population else f"all {len(items)} items"
    fewer = f", though {sample.asked} were asked for: there are no more" if sample.population < sample.asked else ""
    strata = items.groupby("stratum")["stratum_size"].agg(["size", "first"])
    by_stratum = ", ".join(f"{name} {row['size']} of {row['first']}" for name, row in strata.iterrows())
    return (
        f"{drawn} of the task {sample.task}{fewer}. By the machine's answer: {by_stratum}.\n"
        f"{len(sample.sheets)} sheet{'s' * (len(sample.sheets) > 1)}: {', '.join(map(str, sample.sheets))}\n"
        f"Keep {sample.folder / KEY} from the coders: it has the machine's answers."
    )


def read_key(folder: str | Path) -> pd.DataFrame:
    """Read what the machine answered on the items of a sample.

    Parameters
    ----------
    folder : path
        The folder of the sample, or a sheet in it.

    Returns
    -------
    DataFrame
        One row an item and variable: item, task, variable, article, sentence (its number), start and end (its offsets), text (its words),
        focus (what is asked about), stratum, stratum_size (items of the stratum in the population), machine (its code), codes (those
        allowed, in order, a line each).

    Raises
    ------
    InputError
        Where there is no key that this version can read.
    """
    path = (Path(folder) if Path(folder).is_dir() else Path(folder).parent) / KEY
    try:
        return pd.read_parquet(path)[list(KEY_COLUMNS)].astype(KEY_COLUMNS)
    except (OSError, KeyError, ValueError, TypeError, pa.ArrowException) as error:
        remedy = f"Put the sheets into the folder with the {KEY} that `analysis coding-sheet` wrote beside them."
        raise InputError("there is no key that this version can read", str(path), remedy) from error


def read_sheets(paths: str | Path | Iterable[str | Path]) -> pd.DataFrame:
    """Read sheets that coders have filled.

    A sheet that is filled in part is used in part: what is missing is left out, and `check_sheets` lists it. Anything else that is wrong
    must be put right first.

    Parameters
    ----------
    paths : path or paths
        Sheets, or the folder of a sample for all .xlsx files in it; all in one folder, with its key.

    Returns
    -------
    DataFrame
        One row an item, variable and coder: item, variable, coder (the name in the sheet, or else the file's), code. A code of `issues` is
        the titles of all issues, sorted and joined by “; ”, or “no issue”.

    Raises
    ------
    InputError
        With all that is wrong, by file and row; or where nothing is coded.
    """
    codings, problems = _read_all(paths)
    errors = [problem for problem in problems if not problem.gap]
    if errors:
        more = f"; and {len(errors) - SHOWN_PROBLEMS} more" if len(errors) > SHOWN_PROBLEMS else ""
        first, rest = errors[0], "; ".join(map(str, errors[1:SHOWN_PROBLEMS]))
        what = f"{first.problem}{'; ' if rest else ''}{rest}{more}"
        where = f"{first.file}{f', row {first.row}' if first.row else ''}"
        raise InputError(what, where, "Put it right in the sheets, or ask their coders.")
    if codings.empty:
        raise InputError("nothing is coded yet", ", ".join(sorted({p.file for p in problems})), "Fill the sheets first.")
    return codings


def check_sheets(paths: str | Path | Iterable[str | Path]) -> pd.DataFrame:
    """List all that is wrong with sheets, and all that is missing in them.

    Parameters
    ----------
    paths : path or paths
        As for `read_sheets`.

    Returns
    -------
    DataFrame
        One row a problem, of the kinds of `Problem`: file, row, item, variable, problem, gap (whether it is a code that is not there).

    Raises
    ------
    InputError
        Where there are no sheets, or no key.
    """
    return pd.DataFrame(_read_all(paths)[1], columns=Problem._fields).astype({"row": "Int64", "gap": bool})


def describe_problems(problems: pd.DataFrame) -> list[str]:
    """What `check_sheets` lists, in lines for a person: a line an error, and the rows without a code of each sheet together."""
    errors = [str(Problem(*row)) for row in problems[~problems["gap"]].itertuples(index=False)]
    gaps = problems[problems["gap"]]
    whole = [str(Problem(*row)) for row in gaps[gaps["row"].isna()].itertuples(index=False)]
    by_sheet = gaps.dropna(subset="row").groupby(["file", "variable"], sort=False)["row"]
    return [*errors, *whole, *(f"{file}: no code of “{variable}” in row {', '.join(map(str, own))}" for (file, variable), own in by_sheet)]


# ---------------------------------------------------------------- writing


def _make_key(task: str, items: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    key = items.drop(columns=[*code_columns(task)]).merge(codes, on="item").assign(task=task)
    return key[list(KEY_COLUMNS)].astype(KEY_COLUMNS).sort_values(["item", "variable"], ignore_index=True)


def _refuse_to_overwrite(folder: Path, sheets: Sequence[Path], key: pd.DataFrame) -> None:
    """Another sample's key is worth as much as the sheets that its coders may have in hand."""
    if (folder / KEY).exists() and not read_key(folder).equals(key):
        raise InputError("another sample lies here", str(folder), "Name another folder with --out, or remove this one.")
    for sheet in filter(Path.exists, sheets):
        if is_filled(sheet):
            raise InputError("this sheet is filled already", str(sheet), "Name another folder with --out, or move it away.")


# ---------------------------------------------------------------- reading


def _read_all(paths: str | Path | Iterable[str | Path]) -> tuple[pd.DataFrame, list[Problem]]:
    files = _list_files(paths)
    key = read_key(files[0].parent)
    rows: list[tuple[str, ...]] = []
    problems: list[Problem] = []
    coders: dict[str, Path] = {}
    for file in files:
        try:
            sheet = read_sheet(file)
        except InputError as error:
            problems.append(Problem(str(file), None, "", "", f"{error.what}. {error.remedy}"))
            continue
        coder = sheet.coder or file.stem
        if coder.casefold() in (*RESERVED, *coders):
            other = coders.get(coder.casefold())
            whose = f"is that of {other} too" if other else "is one that the tables use themselves"
            problems.append(Problem(str(file), None, "", "", f"the coder's name “{coder}” {whose}; write another into the sheet"))
        coders.setdefault(coder.casefold(), file)
        found, wrong = _read_codes(sheet, key)
        rows += [(item, variable, coder, code) for item, variable, code in found]
        problems += wrong
    return pd.DataFrame(rows, columns=CODING_COLUMNS).astype("str"), problems


def _list_files(paths: str | Path | Iterable[str | Path]) -> list[Path]:
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    if missing := [str(path) for path in given if not path.exists()]:
        raise InputError("there is no such file or folder", ", ".join(missing), "Name the filled .xlsx files, or their folder.")
    files = [file for path in given for file in (_sheets_in(path) if path.is_dir() else [path])]
    files = [file for file in dict.fromkeys(files) if not file.name.startswith((".", "~$"))]  # what programs leave of open files
    if not files:
        raise InputError("there is no sheet here", ", ".join(map(str, given)) or "sheets", "Name the .xlsx files, or their folder.")
    folders = {file.parent.resolve() for file in files}
    if len(folders) > 1:
        raise InputError("these sheets lie in several folders", ", ".join(sorted(map(str, folders))), f"Put them into one, with {KEY}.")
    return files


def _sheets_in(folder: Path) -> list[Path]:
    """The sheets of a folder, and what may be one that a coder saved in a form that is not read: it is to be told, not passed over."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in (SHEET, *FOREIGN) and file.is_file())


def _read_codes(sheet: Sheet, key: pd.DataFrame) -> tuple[list[tuple[str, str, str]], list[Problem]]:
    """The codes of a sheet (item, variable, code), and what is wrong with it, row by row."""
    file, task = str(sheet.path), key["task"].iat[0]
    if sheet.task != task:
        return [], [Problem(file, None, "", "", f"this is a sheet of the task “{sheet.task}”, and the key is of {task}")]
    asked = {item: own for item, own in key.groupby("item")}
    counts = Counter(row[ITEM] for row in sheet.rows.values())
    found: list[tuple[str, str, str]] = []
    problems: list[Problem] = []
    gaps: list[Problem] = []
    for number, row in sheet.rows.items():
        item = row[ITEM]
        if item not in asked or counts[item] > 1:
            what = "stands in several rows" if item in asked else "was not in the sheet that was sent out" if item else "is missing"
            problems.append(Problem(file, number, item, "", f"the item {f'“{item}” ' if item else ''}{what}"))
            continue
        for column, words in ((SENTENCE, asked[item]["text"].iat[0]), (ABOUT, asked[item]["focus"].iat[0])):
            if column in row and _plain(row[column]) != _plain(words):
                problems.append(
                    Problem(file, number, item, "", f"the text in “{column}” was changed; it was “{shorten(words, SHOWN_CHARACTERS)}”")
                )
        for variable, allowed in zip(asked[item]["variable"], asked[item]["codes"], strict=True):
            cells = [row[column] for column in code_columns(task)[variable] if row[column]]
            code, wrong = _to_code(cells, allowed.split("\n"), variable)
            if code:
                found.append((item, variable, code))
            elif wrong:
                problems.append(Problem(file, number, item, variable, wrong))
            else:
                gaps.append(Problem(file, number, item, variable, f"no code of “{variable}”", True))
    if not found and not problems:
        return [], [Problem(file, None, "", "", "nothing is coded yet", True)]
    gaps += [Problem(file, None, item, "", f"the row of the item “{item}” is missing", True) for item in asked if item not in counts]
    return found, problems + gaps


def _to_code(cells: list[str], allowed: list[str], variable: str) -> tuple[str, str]:
    """The code that cells mean, or what is wrong with them; neither where they are empty. Case and blanks do not count."""
    known = {_plain(code).casefold(): code for code in allowed} | {_plain(code): code for code in allowed}
    codes = [known.get(_plain(cell)) or known.get(_plain(cell).casefold()) for cell in cells]
    strange = [cell for cell, code in zip(cells, codes, strict=True) if code is None]
    if strange:
        return "", f"“{'”, “'.join(strange)}” is no code of “{variable}”"
    if NO_ISSUE in codes and len(set(codes)) > 1:
        return "", f"“{NO_ISSUE}” and an issue exclude each other"
    return ISSUES_JOINT.join(sorted(set(codes))), ""


def _plain(text: str) -> str:
    """A text as it is compared: without the marks, without what a cell cannot hold or gets before a formula, blanks as one."""
    return " ".join(str(fit_cell(text.replace(OPEN, "").replace(CLOSE, ""))).split()).lstrip("'")[:COMPARED]
