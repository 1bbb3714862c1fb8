"""The reliability notebook: as it is kept, its figures, and its execution on sheets that coders filled."""

import ast
import re
from itertools import combinations
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import papermill
import pytest
from cells import list_cells, run_notebook
from matplotlib.colors import to_rgb
from openpyxl import load_workbook

from analysis import coding, figures, reliability
from analysis import prose_reliability as prose
from analysis.agreement import Agreement, measure
from analysis.coding_sheet import CODING, code_columns
from analysis.errors import InputError
from analysis.figures.style import COLUMN_MM, FONT_SIZE, MM
from analysis.report import execute_notebook
from analysis.tables import SENTIMENTS

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "reliability.ipynb"
LONG = "The Extraordinary Interministerial Rapporteur on Cross-Border Telecommunications no. {}"


# ---------------------------------------------------------------------------------------------- as it is kept


def test_the_notebook_is_valid_and_only_calls():
    nbformat.validate(nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT))
    loops = (ast.For, ast.While, ast.comprehension, ast.FunctionDef, ast.Lambda, ast.If, ast.Try, ast.Subscript)
    for cell in list_cells(NOTEBOOK, "code"):
        nodes = list(ast.walk(ast.parse(cell.source)))
        assert not cell.outputs and cell.execution_count is None
        assert not [node for node in nodes if isinstance(node, loops)], cell.source


def test_the_parameters_are_typed_explained_and_those_of_the_function():
    inferred = papermill.inspect_notebook(str(NOTEBOOK))
    assert set(inferred) == set(reliability.open_reliability.__annotations__) - {"return"}
    assert all(parameter["help"] and parameter["inferred_type_name"] for parameter in inferred.values())
    assert ast.literal_eval(inferred["sheets"]["default"]) == reliability.EXAMPLE


def test_the_notebook_names_its_methods_and_that_the_example_was_coded_by_no_people():
    told = " ".join(cell.source for cell in list_cells(NOTEBOOK, "markdown"))
    for named in ("Tenenbein", "Krippendorff", "Zou and Donner", "MASI", "0.667", "two runs of a language model and by no people"):
        assert named in told, named


# ---------------------------------------------------------------------------------------------- its figures


def measured(coders: list[str], codes: list[str], items: int = 40, variable: str = "sentiment") -> Agreement:
    """Items that a machine and coders code with errors; of issues, one item in three has two."""
    generator = np.random.default_rng(2)

    def err(right: list[str], rate: float) -> list[str]:
        return [str(generator.choice(codes)) if generator.random() < rate else code for code in right]

    truth = [str(code) for code in generator.choice(codes, items)]
    if variable == "issues":
        truth = ["; ".join(sorted({code, str(generator.choice(codes))})) if number % 3 else code for number, code in enumerate(truth)]
    machine = err(truth, 0.3)
    key = pd.DataFrame({"item": range(items), "variable": variable, "article": "a", "sentence": 0, "start": 0, "end": 1, "text": "T"})
    key = key.assign(focus="F", stratum=[answer.split("; ")[0] for answer in machine], machine=machine)
    key["stratum_size"] = 3 * key.groupby("stratum")["item"].transform("size")
    codings = [(item, variable, coder, code) for coder in coders for item, code in enumerate(err(truth, 0.2))]
    return measure(pd.DataFrame(codings, columns=["item", "variable", "coder", "code"]), key)


CASES = {
    "one": (["Ann"], list(SENTIMENTS)),
    "two": (["coder-1", "coder-2"], list(SENTIMENTS)),
    "long": ([LONG.format(number) for number in range(3)], list(SENTIMENTS)),
    "issues": (["Ann", "Ben"], ["no issue", "Trade", "War", "Human rights and the rule of law in the provinces"], 60, "issues"),
    "speakers": (["Ann", "Ben", "Cy"], [LONG.format(number) for number in range(14)] + ["$1bn_{fund}$ & <Co>"], 90, "speaker"),
}


@pytest.fixture(scope="module", params=CASES)
def drawn(request, house_style):
    """Every figure of a case, laid out, with the texts that can be read in it."""
    made = measured(*CASES[request.param])
    with_machine = made.agreement["with_machine"]
    axes = {
        "coders": figures.plot_agreement(made.agreement[~with_machine]),
        "machine": figures.plot_agreement(made.agreement[with_machine]),
        "confusion": figures.plot_confusion(made.confusion[made.confusion["second"].eq("machine")]),
        "shares": figures.plot_corrected_shares(made.shares),
    }
    yield {name: (ax, texts(ax)) for name, ax in axes.items()}
    plt.close("all")


def texts(ax) -> list:
    ax.figure.draw_without_rendering()
    found = [*ax.figure.texts, *ax.texts]
    if ax.axison:
        found += [ax.xaxis.label, ax.yaxis.label, *ax.get_yticklabels(), *ax.get_xticklabels()]
    found += ax.get_legend().get_texts() if ax.get_legend() else []
    return [text for text in found if text.get_visible() and text.get_text().strip() and _within_axis(ax, text)]


def _within_axis(ax, text) -> bool:
    low, high = sorted(ax.get_xlim())
    return text not in ax.get_xticklabels() or low <= text.get_position()[0] <= high


def test_no_text_is_clipped_covered_or_smaller_than_seven_points(drawn):
    for name, (ax, readable) in drawn.items():
        width, height = ax.figure.get_size_inches() * ax.figure.dpi
        boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in readable]
        for told, box in boxes:
            assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, (name, told)
        for (first, one), (second, other) in combinations(boxes, 2):
            assert not one.overlaps(other), (name, first, second)
        assert all(text.get_fontsize() >= FONT_SIZE for text in readable), name


def test_a_figure_is_a_column_wide_and_asks_a_question(drawn):
    for ax, _ in drawn.values():
        assert ax.figure.get_size_inches()[0] == pytest.approx(COLUMN_MM * MM) and ax.figure.get_suptitle().endswith("?")


@pytest.mark.usefixtures("house_style", "closed_figures")
def test_each_measure_has_a_mark_of_its_own_and_its_interval():
    table = measured(*CASES["two"]).agreement
    own = table[~table["with_machine"]].set_index("measure")
    ax = figures.plot_agreement(table[~table["with_machine"]])
    points = {line.get_label(): line for line in ax.lines if line.get_label() in own.index}
    assert {name: line.get_xdata()[0] for name, line in points.items()} == own["value"].to_dict()
    assert len({(line.get_marker(), to_rgb(line.get_markerfacecolor())) for line in points.values()}) == 3
    spans = [tuple(segment[:, 0]) for collection in ax.collections for segment in collection.get_segments()]
    assert spans == list(zip(own["low"], own["high"], strict=True))
    limits = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"]
    assert limits == [0.667, 0.8]


@pytest.mark.usefixtures("house_style", "closed_figures")
def test_a_confusion_shows_all_pairs_of_codes_and_what_is_alike_in_bold():
    table = measured(*CASES["two"]).confusion
    table = table[table["second"].eq("machine")]
    ax = figures.plot_confusion(table)
    numbers = [text for text in ax.texts if text.get_text().isdigit()]
    assert sum(int(text.get_text()) for text in numbers) == table["count"].sum() == 40
    bold = sum(int(text.get_text()) for text in numbers if text.get_fontweight() == "bold")
    assert bold == table.loc[table["first_code"].eq(table["second_code"]), "count"].sum()
    assert [label.get_text() for label in ax.get_yticklabels()] == [*SENTIMENTS, "no consensus"]


@pytest.mark.usefixtures("house_style", "closed_figures")
def test_a_figure_of_nothing_says_so():
    made = measured(*CASES["one"])
    for ax in (
        figures.plot_agreement(made.agreement[~made.agreement["with_machine"]]),
        figures.plot_confusion(made.confusion.head(0)),
        figures.plot_corrected_shares(made.shares.head(0)),
    ):
        assert ax.texts[0].get_text().startswith("No ") and not ax.axison


# ---------------------------------------------------------------------------------------------- on sheets that were filled


@pytest.fixture(scope="module")
def fill(annotated, tmp_path_factory):
    """A function from a task to a folder of sheets on the article, filled with the machine's answers and some others."""

    def fill(task: str, n: int = 24) -> Path:
        folder = tmp_path_factory.mktemp(task)
        annotated("article").save(folder / "annotation")
        sample = coding.make_sheets(folder / "annotation", task, n=n, coders=2, out=folder / "sheets")
        generator = np.random.default_rng(4)
        answers = {item: own.set_index("variable") for item, own in sample.key.groupby("item")}
        for sheet in sample.sheets:
            _fill_sheet(sheet, task, answers, generator)
        return sample.folder

    return fill


def _fill_sheet(sheet: Path, task: str, answers: dict[str, pd.DataFrame], generator: np.random.Generator) -> None:
    book = load_workbook(sheet)
    rows = book[CODING]
    heads = {cell.value: cell.column for cell in rows[1]}
    for number in range(2, rows.max_row + 1):
        own = answers[rows.cell(number, heads["item"]).value]
        for variable, columns in code_columns(task).items():
            allowed, answer = own.loc[variable, "codes"].split("\n"), own.loc[variable, "machine"]
            machine = answer.split("; ") if len(columns) > 1 else [answer]
            given = machine if generator.random() < 0.7 else [str(generator.choice(allowed))]
            for column, code in zip(columns, given, strict=False):
                rows.cell(number, heads[column]).value = code
    book.save(sheet)


@pytest.mark.slow
@pytest.mark.parametrize(("task", "variables"), [("quotes", ["speaker", "type"]), ("issues", ["issues"]), ("stance", ["stance"])])
def test_every_task_has_its_tables_and_figures(task, variables, fill, tmp_path, closed_figures):
    shown = run_notebook(NOTEBOOK, sheets=str(fill(task)), out=str(tmp_path), formats="png")
    made = {path.stem.removeprefix("reliability-") for path in (tmp_path / "figures").glob("*.png")}
    assert made == {"coders", "machine", *(f"{name}-{variable}" for name in ("confusion", "shares") for variable in variables)}
    tables = {path.stem: pd.read_parquet(path) for path in (tmp_path / "tables").glob("*.parquet")}
    assert sorted(set(tables["corrected_shares"]["variable"])) == variables and len(tables["machine_scores"])
    told = " ".join(str(getattr(output, "data", "")) for output in shown)
    assert "alpha" in told and "no people" not in told


@pytest.mark.slow
def test_the_notebook_runs_under_papermill_from_any_folder(fill, tmp_path, monkeypatch):
    sheets = fill("sentiment")
    monkeypatch.chdir(tmp_path)
    parameters = {"sheets": str(sheets), "out": str(tmp_path / "report"), "formats": "svg", "width": 120}
    execute_notebook(NOTEBOOK, Path("out.ipynb"), parameters)
    outputs = [output for cell in nbformat.read("out.ipynb", 4).cells if cell.cell_type == "code" for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 4
    assert not [output for output in outputs if output.output_type in ("stream", "error")]
    assert len(list((tmp_path / "report" / "figures").glob("*.svg"))) == 4
    listed = pd.read_csv(tmp_path / "report" / "tables" / "disagreements.csv")
    assert {"text", "focus", "code by coder-1", "code by coder-2", "machine", "start", "end"} <= set(listed)
    assert listed["apart"].is_monotonic_decreasing


@pytest.mark.slow
def test_that_the_coders_of_the_example_are_no_people_is_said_of_the_example_alone(fill, tmp_path, monkeypatch):
    folder = fill("sentiment")
    own = reliability.open_reliability(str(folder), out=str(tmp_path))
    monkeypatch.setattr(reliability, "EXAMPLE", str(folder))
    example = reliability.open_reliability(f"{folder}/coder-1.xlsx, {folder}/coder-2.xlsx")
    told = [prose.describe_coded(study.measured, study.key, study.is_example) for study in (own, example)]
    assert ["no people" in text for text in told] == [False, True] and own.out == tmp_path
    assert "**24 items**" in told[0] and "coder-1 (24) and coder-2 (24)" in told[0]


@pytest.mark.parametrize(("sheets", "said"), [("", "no sheet"), ("nowhere", "there is no such file")])
def test_sheets_that_are_not_there_are_told(sheets, said):
    with pytest.raises(InputError, match=said):
        reliability.open_reliability(sheets)


def test_a_size_that_cannot_be_read_is_told_before_anything_is_read():
    with pytest.raises(InputError, match=re.escape("font_size")):
        reliability.open_reliability("nowhere", font_size=30)
