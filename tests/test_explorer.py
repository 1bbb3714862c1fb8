"""The explorer's panels and controls: what is chosen or clicked changes all of them. Without a browser."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest
import yaml
from exploring_corpus import copy_into_corpus

import analysis
from analysis.errors import InputError
from analysis.explorer import Explorer, explore
from analysis.exploring import Choice
from analysis.report import execute_notebook

ROOT = Path(__file__).parents[1]
LEE = "Lee Jae Myung"


@pytest.fixture
def explorer(annotated, tmp_path) -> Explorer:
    return explore(annotated("article"), out=str(tmp_path))


@pytest.fixture(scope="module")
def corpus(annotated, tmp_path_factory):
    return copy_into_corpus([annotated("article"), annotated("strait")], 36, tmp_path_factory.mktemp("corpus"))


def panels(explorer: Explorer):
    """The panels of the article, the figure and the tables, and what is said."""
    return explorer._article, explorer._figure, explorer._tables, explorer._said


def press(explorer: Explorer, label: str) -> None:
    """Press a button."""
    (box,) = [control for control in explorer.children[0].children if "explorer-buttons" in control._dom_classes]
    (button,) = [button for button in box.children if button.description == label]
    button.click()


def test_the_package_has_it_at_hand_without_loading_it():
    loaded = "import analysis, sys; print('analysis.explorer' in sys.modules, 'explore' in dir(analysis))"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "False True\n"
    assert analysis.explore is explore


def test_a_changed_control_changes_figure_and_tables_and_marks_the_article(explorer):
    article, figure, tables, said = panels(explorer)
    before = figure.html, tables.html, article.html
    explorer._controls["voices"].value = (LEE,)
    assert explorer.choice.voices == (LEE,)
    assert figure.html != before[0] and tables.html != before[1] and article.html == before[2]
    assert article.marked == sorted(map(str, explorer.shown.marked)) and article.marked
    assert f"Only in the words of {LEE}." in said.html and f"Only in the words of {LEE}." in figure.html


def test_another_target_signs_other_mentions(explorer):
    article, figure, *_ = panels(explorer)
    before = article.html
    explorer._controls["figure"].value = "sentiment-by-voice"
    explorer._controls["target"].value = "north korea"
    assert article.html != before and "toward North Korea" in article.html
    assert "How does each voice portray North Korea?" in figure.html


def test_a_click_on_a_bar_marks_its_sentences_and_lists_them_and_a_second_one_undoes_it(explorer):
    article, figure, tables, said = panels(explorer)
    drawn = figure.html
    figure.clicked = {"pick": "mark-1", "at": 1}
    assert article.marked == sorted(map(str, explorer.shown.numbers.loc[1, "sentences"]))
    assert figure.chosen == "mark-1" and tables.chosen == "mark-1" and figure.html == drawn
    assert "Behind what was picked" in tables.html and "Click it again to leave it" in said.html
    figure.clicked = {"pick": "mark-1", "at": 2}
    assert article.marked == [] and figure.chosen == "" and "Behind" not in tables.html


def test_a_click_on_a_sentence_lists_its_rows_and_marks_its_bars(explorer):
    article, figure, tables, _ = panels(explorer)
    article.clicked = {"sentence": "7", "at": 1}
    assert article.chosen == "7" and article.marked == ["7"]
    assert all(f"S7: {name}" in tables.html for name in ("attributions", "sentiments", "stances", "issues"))
    assert figure.marked == sorted(explorer.shown.marks) and figure.marked
    tables.clicked = {"sentence": "8", "article": explorer.choice.article, "at": 2}
    assert article.chosen == "8"


def test_a_search_lists_its_places_and_each_leads_to_its_sentence(explorer):
    article, _, tables, _ = panels(explorer)
    explorer._controls["search"].value = "nuclear*"
    assert "Concordance" in tables.html
    assert set(re.findall(r'data-sentence="(\d+)"', tables.html)) == set(article.marked)


def test_all_is_shown_again_at_a_button(explorer):
    explorer.choose(search="nuclear*", voices=(LEE,), kind="direct", figure="stance-matrix", target="Japan")
    press(explorer, "Show all")
    assert explorer.choice == Choice("stance-matrix", "Japan", explorer.choice.article)
    assert explorer._controls["search"].value == "" and explorer._controls["voices"].value == ()


def test_a_caption_says_why_it_has_no_rows(explorer):
    panels(explorer)[0].clicked = {"sentence": "0", "at": 1}
    assert "left out of counts" in panels(explorer)[3].html


def test_what_is_saved_is_told_with_its_place(explorer, tmp_path):
    said = panels(explorer)[3]
    for label, folder, suffixes in (
        ("Save figure", "figures", {".png", ".svg", ".pdf"}),
        ("Save tables", "tables", {".csv", ".parquet", ".xlsx"}),
        ("Save parameters", "parameters", {".yaml"}),
    ):
        press(explorer, label)
        written = list((tmp_path / folder).iterdir())
        assert {path.suffix for path in written} == suffixes
        assert str(tmp_path / folder) in said.html and all(path.name in said.html for path in written)


def test_what_a_person_can_put_right_is_told_in_the_panel(annotated, tmp_path):
    annotation = annotated("article")
    explorer = explore(replace(annotation, article=replace(annotation.article, path=None)), out=str(tmp_path))
    press(explorer, "Save parameters")
    assert "explorer-wrong" in panels(explorer)[3].html and "stands in no file" in panels(explorer)[3].html
    explorer._controls["target"].value = " "
    assert "no target is named" in panels(explorer)[3].html


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"figure": "pie"}, "^figure: there is no 'pie' here.*quotes-words-by-voice"),
        ({"kind": "shouted"}, "no 'shouted' here.*direct"),
        ({"voices": ["Nobody"]}, f"no 'Nobody' here.*narrator.*{LEE}"),
        ({"only_issues": ["Fisheries"]}, "no 'Fisheries' here"),
        ({"colour": "red"}, "no choice colour.*figure, target"),
        ({"article": "other"}, "no 'other' here"),
        ({"voices": "Nobody"}, "no 'Nobody' here"),
        ({"minimum_confidence": 80}, "80 is no share"),
    ],
    ids=str,
)
def test_a_wrong_choice_says_what_there_is(choice, told, annotated):
    with pytest.raises(InputError, match=told):
        explore(annotated("article"), **choice)


def test_the_theme_of_the_user_s_own_figures_stays(annotated, tmp_path):
    before = dict(mpl.rcParams)
    explorer = explore(annotated("article"), out=str(tmp_path))
    explorer.save_figure()
    assert dict(mpl.rcParams) == before


def test_an_article_of_a_corpus_is_read_where_a_row_leads_to_it(corpus):
    explorer = explore(corpus, figure="comparison-tone-by-group")
    article, figure, tables, _ = panels(explorer)
    first, drawn = article.html, figure.html
    tables.clicked = {"sentence": "8", "article": "article-1", "at": 1}
    assert (explorer.choice.article, explorer.choice.sentence) == ("article-1", 8)
    assert article.html != first and figure.html == drawn
    assert explorer._controls["article"].value == "article-1"


def test_voices_that_another_article_lacks_are_chosen_no_more(corpus):
    explorer = explore(corpus, article="article-0", figure="quotes-words-by-voice", voices=[LEE])
    explorer._controls["article"].value = "article-1"
    assert explorer.choice.voices == () and LEE not in explorer._controls["voices"].options


def test_panels_are_regions_with_names_and_what_is_said_is_read_out(explorer):
    *regions, said = panels(explorer)
    assert all(panel.role == "region" and panel.label for panel in regions) and said.role == "status"
    assert all(control.description for control in explorer._controls.values())


@pytest.mark.slow
def test_the_notebook_runs_under_papermill_and_repeats_what_was_shown(explorer, tmp_path):
    explorer.choose(voices=(LEE,), search="dialogue", figure="quotes-reporting-verbs")
    saved = yaml.safe_load(explorer.save_parameters().read_text())
    parameters = saved | {"out": str(tmp_path / "again")}
    done = execute_notebook(ROOT / "notebooks" / "explore.ipynb", tmp_path / "out.ipynb", parameters, cwd=ROOT)
    assert not [cell for cell in done.cells if cell.get("outputs") and any(o.output_type == "error" for o in cell.outputs)]
    outputs = [output for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
    assert any("image/png" in output.get("data", {}) for output in outputs)
    explorer.save_tables()
    (first,), (again,) = (list((tmp_path / folder).glob("tables/*numbers.csv")) for folder in (".", "again"))
    assert first.name == again.name and first.read_bytes() == again.read_bytes()
    nbformat.validate(done)
