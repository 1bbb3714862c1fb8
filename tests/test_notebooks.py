"""The notebooks as they are kept, the helpers that they call, and their execution by papermill on texts of several kinds."""

import ast
import html
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import papermill
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from analysis import export, markup, notebook, prose, selection, tables
from analysis.annotation import Annotation
from analysis.article import Article, Part
from analysis.codebook import read_issues
from analysis.errors import InputError
from analysis.estimates import count_low_confidence, estimate_word_shares
from analysis.figures import plot_voices_along
from analysis.layout import Layout
from analysis.report import NOTEBOOKS, execute_notebook

ROOT = Path(__file__).parents[1]
NAMES = ("quotes", "stance", "sentiment", "issues")
PARAMETERS = {"article", "target", "issues", "actors", "out", "formats", "width", "font_size", "titles", "greyscale"}
OWN_PARAMETERS = {"quotes": {"minimum_confidence"}, "issues": {"include_representatives", "include_candidates", "minimum_similarity"}}
HOSTILE = "<script>alert(1)</script> | [x](javascript:alert(1)) costs $5 and $6 *now* `rm`"


def read(name: str):
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)


def code_of(book) -> list[str]:
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


# ---------------------------------------------------------------------------------------------- as they are kept


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_valid_and_has_no_outputs(name):
    book = read(name)
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    assert all(not cell.outputs and cell.execution_count is None for cell in book.cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_one_cell_of_parameters_typed_and_explained(name):
    (cell,) = [cell for cell in read(name).cells if "parameters" in cell.metadata.get("tags", ())]
    assert all(re.fullmatch(r"\w+: (str|bool|int|float) = \S.*  # \w.*", line) for line in cell.source.splitlines())
    inferred = papermill.inspect_notebook(str(ROOT / "notebooks" / f"{name}.ipynb"))
    assert set(inferred) - OWN_PARAMETERS.get(name, {"include_representatives"}) == PARAMETERS
    assert all(parameter["help"] and parameter["inferred_type_name"] for parameter in inferred.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_only_calls(name):
    """A loop, a regular expression, a function or a merge in a notebook belongs in the package."""
    loops = (ast.For, ast.While, ast.comprehension, ast.FunctionDef, ast.Lambda, ast.If, ast.Try)
    for source in code_of(read(name)):
        nodes = list(ast.walk(ast.parse(source)))
        assert not [node for node in nodes if isinstance(node, loops)], source
        assert not [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in ("merge", "groupby", "apply")], source
        imported = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        assert all((getattr(node, "module", None) or "").startswith("analysis") for node in imported), source


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_draws_three_figures_and_ends_with_how_far_to_trust_it(name):
    book = read(name)
    assert sum("save_figure" in source for source in code_of(book)) >= 3
    headings = [cell.source.splitlines()[0] for cell in book.cells if cell.cell_type == "markdown" and cell.source.startswith("#")]
    assert headings[0].startswith("# ") and headings[-1] == "## How far to trust this"


def test_no_two_notebooks_write_a_table_of_one_name():
    names = [
        name
        for book in NAMES
        for source in code_of(read(book))
        for name in re.findall(r'save_(?:table|attributions)\(.*?"(\w+)"', source, re.S)
    ]
    assert len(names) == len(set(names)) >= 12
    assert set(names) == set(export.COMPUTED)  # each is told in the report


# ---------------------------------------------------------------------------------------------- prose


def study_of(text: str, target: str = "Freedonia", minimum_confidence: float = 0.0, **rows: list[dict]) -> notebook.Study:
    """A study of one sentence, whose other tables are given."""
    sentence = {"article": "a", "sentence": 0, "start": 0, "end": len(text), "text": text, "part": "body"}
    found = {
        name: tables.conform(name, rows.get(name, []))
        for name in ("mentions", "quotes", "sentiments", "stances", "issues", "candidates", "topics")
    }
    known = tables.conform("articles", [{name: None for name in tables.TABLES["articles"].names} | {"article": "a", "text": text}])
    article = Article("a", text, (Part("body", 0, len(text)),), title=HOSTILE)
    annotation = Annotation(article, known, tables.conform("sentences", [sentence]), **found)
    return notebook.Study("quotes", annotation, target, False, Path("nowhere"), Layout(), minimum_confidence=minimum_confidence)


@pytest.mark.parametrize("include_candidates", [False, True])
def test_another_codebook_is_tried_on_the_same_terms(annotated, include_candidates):
    study = notebook.Study("issues", annotated("article"), "China", False, Path("nowhere"), Layout(), include_candidates=include_candidates)
    tried = study.try_issues("issues:\n  ships: {title: Ships, phrases: [shipbuild*]}\n")
    before, after = ({tuple(row) for row in table[["sentence", "issue"]].to_numpy()} for table in (study.issues, tried))
    assert before < after and {issue for _, issue in after - before} == {"Ships"}


def said(quote: int, start: int, end: int, speaker: str, confidence: float = 0.9, **more) -> dict:
    """An attribution of one content."""
    bare = dict.fromkeys(("source_start", "source_end", "cue_start", "cue_end", "cue", "cue_lemma", "cue_class", "within"))
    row = {"article": "a", "quote": quote, "sentence": 0, "type": "indirect", "speaker": speaker, "on_behalf_of": ""}
    return bare | row | {"content_spans": [[start, end]], "content": f"words {quote}", "confidence": confidence} | more


def test_article_text_in_prose_is_text():
    escaped = prose.describe_article(study_of(HOSTILE))
    assert not re.search(r"<(?!/?span)|\]\(|`|\$", escaped)
    assert "mathjax_ignore" in escaped


def test_prose_counts_and_cites():
    words = pd.DataFrame({"article": "a", "sentence": [0, 0, 1, 7], "voice": ["narrator", "narrator", "Ann", "Ann"]})
    told = prose.describe_words(estimate_word_shares(words))
    assert "narrator's own words are 50%" in told and "1 other voice is heard" in told
    assert "[S1](#sentence-1), [S7](#sentence-7)" in told


def test_issues_are_counted_as_the_figure_shows_them():
    shares = pd.DataFrame({"issue": ["War", "Fights", "Trade", "Peace"], "share": 0.5, "low": 0.1, "high": 0.9, "sentences": [[1]] * 4})
    told = prose.describe_issues(shares, {"Fights": ["War"], "Peace": ["War"]}, pd.DataFrame({"sentence": []}), 2)
    assert told.startswith("2 issues found, and 2 sub-issues as part of them. Most space: **War**")
    assert prose.describe_issues(shares[::2], {}, pd.DataFrame({"sentence": []}), 2).startswith("2 issues found. ")


def test_a_word_is_typical_only_if_it_was_tested_to_be_and_nouns_stand_in_for_it():
    nouns = pd.DataFrame({"noun": ["cat", "dog"], "count": [2, 1], "sentences": [[1, 3], [1]]})
    words = pd.DataFrame({"word": ["cats"], "sentences": [[1, 3]]})
    assert prose.describe_keyness(words, nouns) == f"Typical of the sentences without an issue: *cats* ({prose.cite([1, 3])})."
    told = prose.describe_keyness(words.head(0), nouns)
    assert "than chance may make it" in told and "Typical" not in told and f"*cat* (2, {prose.cite([1, 3])}); *dog* (1" in told
    assert "*" not in prose.describe_keyness(words.head(0), nouns.head(0))


def test_who_speaks_alone_may_be_several():
    means = pd.DataFrame({"voice": ["Manufacturers"], "mean": 0.5, "low": 0.1, "high": 0.9, "n_sentences": 9, "sentences": [[1]]})
    assert "The only voice that speaks of it: Manufacturers." in prose.describe_sentiment(means, means, "Freedonia")


def test_extremes_are_those_that_rest_on_enough_sentences_where_there_are_two():
    means = pd.DataFrame(
        {"issue": ["Trade", "Peace", "Crime"], "mean": [0.2, -0.1, -0.9], "low": math.nan, "high": math.nan, "n_sentences": [6, 5, 1]}
    ).assign(sentences=[[1], [2], [3]])
    told = prose.describe_issue_sentiment(means, "Freedonia")
    assert "lowest on Peace" in told and "highest on Trade" in told and "Crime" not in told
    assert "lowest on Crime" in prose.describe_issue_sentiment(means.assign(n_sentences=1), "Freedonia")
    assert "highest" not in prose.describe_issue_sentiment(means.head(1), "Freedonia")


def test_a_target_that_never_occurs_is_said_to_be_missing():
    assert "does not mention Freedonia" in prose.describe_target(study_of("Rain fell."))


def test_long_lists_of_sentences_are_cut_short():
    assert prose.cite(range(20)).endswith("[S7](#sentence-7) and 12 more")


def test_each_notebook_tells_its_agreement_in_one_measure(tmp_path):
    results = tmp_path / "results.json"
    assert prose.tell_agreement("stance", results) == ""
    results.write_text(json.dumps({"stance": {"DSE, valid": {"macro_f1": 72.5, "accuracy": 85}, "other": {"macro_f1": 40}}}))
    told = prose.tell_agreement("stance", results)
    assert told.endswith("72.5 (DSE, valid) and 40 (other).") and "macro-F1" in told and "85" not in told
    assert all(prose.tell_agreement(name) for name in NOTEBOOKS)


def test_what_was_measured_is_read_from_the_file(tmp_path):
    results = tmp_path / "results.json"
    assert "analysis evaluate quotes" in prose.describe_trust("quotes", results)
    results.write_text(json.dumps({"quotes": {"PolNeAR, test": {"f1": 61.25}, "other": {"f1": 3, "p": 0.5}}}))
    told = "| measure | PolNeAR, test | other |\n| --- | ---: | ---: |\n| f1 | 61.25 | 3 |\n| p |  | 0.5 |"
    assert prose.describe_trust("quotes", results) == told
    results.write_text(json.dumps({"quotes": {"NewsMTSC, dev rw": {"macro_f1": 80}}}))
    told = prose.describe_trust("quotes", results)
    assert "NewsMTSC, dev rw: sentences of US news" in told and "Macro-F1 is the mean" in told and "calibration" not in told
    assert "analysis evaluate stance" in prose.describe_trust("stance", results)


@pytest.mark.parametrize(("value", "told"), [(-0.004, "0.00"), (-0.006, "−0.01"), (0.5, "0.50"), (math.nan, "—")])
def test_a_number_in_html_has_two_decimals_and_no_sign_where_these_are_noughts(value, told):
    assert markup.html_cell("mean", value) == told


def test_a_table_in_html_escapes_text_and_links_sentences():
    table = pd.DataFrame({"sentence": [3], "sentences": [[3, 4]], "text": [HOSTILE], HOSTILE: ["0"], "mean": [math.nan]})
    page = markup.html_table(table, 10)
    assert "<script" not in page and '<a href="#sentence-4">S4</a>' in page and "—" in page and "nan" not in page


def test_a_table_in_html_writes_spans_plainly_and_sets_a_text_below_its_heading():
    spans = np.empty(1, dtype=object)
    spans[0] = np.array([np.array([3, 9]), np.array([12, 15])], dtype=object)  # as Parquet gives them back
    page = markup.html_table(pd.DataFrame({"evidence_spans": spans, "text": ["rain"], "score": [0.5]}), 10)
    assert "3–\u20609, 12–\u206015" in page and "array" not in page
    assert re.search(r"<th><div[^>]*left[^>]*>text</div></th>", page) and "<th>score</th>" in page


def test_every_link_to_a_sentence_has_a_goal():
    page = markup.html_sentences(study_of("Rain fell.").annotation.sentences)
    assert 'id="sentence-0"' in page and "0–10" in page


# ---------------------------------------------------------------------------------------------- how sure

NESTED = "Xinhua said that Cy Wu had warned of war."
OUTER, INNER = (17, 40), (27, 40)  # “Cy Wu had warned of war”, “warned of war”


def nested(*, inner: float = 0.43, outer: float = 0.9, **study) -> notebook.Study:
    """Xinhua says that Cy Wu says something, each with a confidence."""
    rows = [said(0, *OUTER, "Xinhua", outer), said(1, *INNER, "Cy Wu", inner, on_behalf_of="Sylvania", within=0, cue="had warned")]
    return study_of(NESTED, quotes=rows, **study)


def shown_rows(study: notebook.Study) -> list[list[str]]:
    """The cells of a study's table of attributions, as they read."""
    return cells_of(study.quotes)


def cells_of(quotes: pd.DataFrame) -> list[list[str]]:
    page = markup.html_attributions(selection.list_attributions(quotes), 10)
    rows = re.findall(r"<tr.*?</tr>", page, re.S)[1:]
    return [[html.unescape(re.sub("<.*?>", "", cell)) for cell in re.findall(r"<td>(.*?)</td>", row, re.S)] for row in rows]


def test_a_word_counts_for_the_innermost_voice_alone_with_that_attribution_s_confidence():
    words = nested().words
    assert list(words["voice"]) == ["narrator"] * 3 + ["Xinhua"] * 3 + ["Cy Wu"] * 3
    assert list(words["confidence"].fillna(-1)) == [-1] * 3 + [0.9] * 3 + [0.43] * 3


def test_words_of_attributions_that_are_left_out_fall_to_the_voice_around_them():
    study = nested(minimum_confidence=0.5)
    assert list(study.words["voice"]) == ["narrator"] * 3 + ["Xinhua"] * 6
    assert list(study.quotes["speaker"]) == ["Xinhua"]
    assert study.voices == nested().voices  # colours stay
    assert len(nested(minimum_confidence=0.43).quotes) == 2  # no less than the minimum


def test_results_and_figures_tell_how_many_attributions_were_left_out(tmp_path):
    study = replace(nested(minimum_confidence=0.45), out=tmp_path)
    assert study.say("Two.").data == "Two. Left out: 1 attribution below 45% confidence."
    assert nested().say("Two.").data == "Two."
    for one, told in ((study, study.say("").data.strip()), (nested(), None)):
        ax = plot_voices_along(one.words)
        replace(one, out=tmp_path).save_figure(ax, "along")
        assert (ax.figure.get_supxlabel() or None) == told


def test_issues_of_sentences_that_are_far_from_them_are_left_out():
    known = {"article": "a", "sentence": 0, "score": 0.5, "evidence_spans": [[0, 2]]}
    study = study_of("We met.", issues=[known | {"issue": issue, "similarity": near} for issue, near in (("trade", 0.1), ("peace", 0.4))])
    assert len(study.issues) == 2 and study.issues_left_out == 0 and study.far_issues["words"].tolist() == ["We"]
    near = replace(study, minimum_similarity=0.4)
    assert near.issues["issue"].tolist() == [read_issues().titles["peace"]] and near.issues_left_out == 1 and near.far_issues.empty


def test_a_minimum_of_similarity_holds_for_candidates_too_and_for_another_codebook(annotated):
    whole = notebook.Study("issues", annotated("article"), "China", False, Path("nowhere"), Layout(), include_candidates=True)
    study = replace(whole, minimum_similarity=0.45)
    assert 0 < len(study.issues) < len(whole.issues) and study.issues["similarity"].min() >= 0.45
    tried = study.try_issues("issues:\n  ships: {title: Ships, phrases: [zyzzyva]}\n")
    assert tried[["sentence", "issue"]].values.tolist() == study.issues[["sentence", "issue"]].values.tolist()


@pytest.mark.parametrize("wrong", [-1.1, 1.5, math.nan, "half"])
def test_a_minimum_that_is_no_similarity_is_told_before_anything_is_read(wrong):
    with pytest.raises(InputError, match="minimum_similarity.*from -1 to 1"):
        notebook.open_study("issues", "nowhere.txt", "China", minimum_similarity=wrong)


@pytest.mark.parametrize("wrong", [-0.1, 1.5, math.nan, "half"])
def test_a_minimum_that_is_no_share_is_told_before_anything_is_read(wrong):
    with pytest.raises(InputError, match="minimum_confidence.*from 0 to 1"):
        notebook.open_study("quotes", "nowhere.txt", "China", minimum_confidence=wrong)


def test_low_confidence_is_counted_for_each_row_of_an_estimate():
    study = nested()
    shares = count_low_confidence(estimate_word_shares(study.words), study.words, ["voice"])
    assert dict(zip(shares["voice"], shares["low_confidence"], strict=True)) == {"narrator": 0, "Xinhua": 0, "Cy Wu": 3}
    assert "Of low confidence, below 50%: 3 of their 6 words." in prose.describe_words(shares)
    assert "confidence" not in prose.describe_words(shares.assign(low_confidence=0))


def test_an_attribution_shows_who_for_whom_how_what_and_how_sure():
    outer, inner = shown_rows(nested())
    assert outer == ["S0", "Xinhua", "—", "words 0", "indirect", "90%", "17–40"]
    assert inner == ["S0", "↳\u00a0Cy Wu for Sylvania", "had warned", "words 1", "indirect", "low, 43%", "27–40"]


def test_an_attribution_stands_below_the_one_that_holds_it_and_free_where_that_was_left_out():
    rows = [said(0, *INNER, "Cy Wu", within=2), said(1, 0, 6, "Ann"), said(2, *OUTER, "Xinhua")]
    assert [row[1] for row in shown_rows(study_of(NESTED, quotes=rows))] == ["Ann", "Xinhua", "↳\u00a0Cy Wu"]
    assert [row[1] for row in shown_rows(nested(outer=0.1, inner=0.6, minimum_confidence=0.5))] == ["Cy Wu for Sylvania"]


def test_what_is_missing_in_an_attribution_is_a_dash_or_an_unnamed_source():
    (row,) = cells_of(tables.conform("quotes", [said(0, *OUTER, None, None, on_behalf_of=None)]))
    assert row == ["S0", "unnamed source", "—", "words 0", "indirect", "—", "17–40"]


def test_a_confidence_below_the_limit_never_reads_as_the_limit():
    assert [prose.sure(value) for value in (0.4999, 0.5, 0.29, 0.999, 1.0)] == ["49%", "50%", "29%", "99%", "100%"]
    assert shown_rows(nested(inner=0.4999))[1][5] == "low, 49%" and shown_rows(nested(inner=0.5))[1][5] == "50%"


def test_a_long_table_of_attributions_says_that_it_is_cut_short():
    page = markup.html_attributions(selection.list_attributions(nested().quotes), 1)
    assert page.count("<tr") == 2 and "first 1 of 2 rows" in page


def test_attributions_of_a_hostile_article_are_text():
    rows = [said(0, 0, 6, HOSTILE, on_behalf_of=HOSTILE, content=HOSTILE, cue=HOSTILE)]
    page = markup.html_attributions(selection.list_attributions(study_of(NESTED, quotes=rows).quotes), 10)
    assert "<script" not in page and page.count("&lt;script&gt;") == 4 and "mathjax_ignore" in page


def test_what_confidence_means_is_said_with_how_many_attributions_are_low():
    assert "1 of 2 attributions is below 50%" in prose.describe_confidence(nested().quotes)
    assert "[S0](#sentence-0)" in prose.describe_confidence(nested().quotes)
    assert "None of 2 attributions is below 50%" in prose.describe_confidence(nested(inner=0.5).quotes)
    assert "fitted on attributions that are not within others" in prose.describe_confidence(nested().quotes)
    assert prose.describe_confidence(study_of("Rain fell.").quotes) == "No attribution was found."


def test_calibration_is_told_as_far_as_it_was_measured(tmp_path):
    results = tmp_path / "results.json"
    assert "has not been measured" in prose.describe_calibration(results)
    results.write_text(json.dumps({"quotes": {"PolNeAR, dev": {"attributions": 80}}}))
    assert "has not been measured" in prose.describe_calibration(results)
    for error in (3.1, 31):
        results.write_text(json.dumps({"quotes": {"PolNeAR, dev": {"attributions": 80, "calibration_error": error}}}))
        told = prose.describe_calibration(results)
        assert f"off by {error} points in PolNeAR, dev" in told and "calibrated" not in told  # the reader judges


# ---------------------------------------------------------------------------------------------- files


@pytest.fixture
def written(tmp_path) -> Path:
    table = pd.DataFrame(
        {
            "text": ["=HYPERLINK(1)", "+1", "-1 degree", "@x", "\x00=1+1", "\x00bell\x07 " + "x" * 40_000],
            "content_spans": [[[0, 5], [7, 9]]] * 6,
            "published": pd.to_datetime(["2025-11-01T09:00Z"] * 5 + [None]),
            "mean": [-0.5, 0, 1, 2, 3, math.nan],
            "quote": pd.array([1, None, 2, 3, 4, 5], dtype="Int64"),
        }
    )
    export.write_table(table, tmp_path / "made" / "table")
    return tmp_path / "made"


def test_a_csv_runs_no_formula_and_keeps_negative_numbers(written):
    table = pd.read_csv(written / "table.csv")
    assert list(table["text"][:5]) == ["'=HYPERLINK(1)", "'+1", "'-1 degree", "'@x", "\x00=1+1"]
    assert table["mean"][0] == -0.5 and json.loads(table["content_spans"][0]) == [[0, 5], [7, 9]]


def test_an_xlsx_holds_text_times_and_lists_as_text(written):
    header, first, *_, last = load_workbook(written / "table.xlsx").active.iter_rows()
    cells = dict(zip([cell.value for cell in header], first, strict=True))
    assert cells["text"].data_type == "s" and cells["text"].value == "'=HYPERLINK(1)"
    assert load_workbook(written / "table.xlsx").active["A6"].value == "'=1+1"
    assert cells["published"].value == "2025-11-01T09:00:00+00:00" and cells["content_spans"].value == "[[0, 5], [7, 9]]"
    assert len(last[0].value) == export.CELL_LIMIT and "40,005 characters" in last[0].value


def test_a_parquet_file_keeps_values_as_they_are(written):
    table = pq.read_table(written / "table.parquet").to_pydict()
    assert table["text"][0] == "=HYPERLINK(1)" and table["content_spans"][0] == [[0, 5], [7, 9]]


def test_lists_that_were_read_from_parquet_are_written_too(written):
    export.write_table(pd.read_parquet(written / "table.parquet"), written / "again")
    assert json.loads(pd.read_csv(written / "again.csv")["content_spans"][0]) == [[0, 5], [7, 9]]


def test_every_empty_table_can_be_written(tmp_path):
    for name in tables.TABLES:
        assert all(path.exists() for path in export.write_table(tables.conform(name, []), tmp_path / name))


def test_an_unknown_table_format_is_named():
    with pytest.raises(InputError, match="ods.*csv, parquet, xlsx"):
        export.write_table(pd.DataFrame(), Path("x"), ["ods"])


# ---------------------------------------------------------------------------------------------- paths


def test_a_path_is_looked_for_here_and_then_in_the_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    assert Path(notebook.find_path("data/article.txt")) == ROOT / "data" / "article.txt"
    monkeypatch.chdir(tmp_path)
    assert Path(notebook.find_path("data/article.txt")) == ROOT / "data" / "article.txt"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "article.txt").write_text("Mine.")
    assert Path(notebook.find_path("data/article.txt")) == tmp_path / "data" / "article.txt"
    assert notebook.find_path("https://example.org/a") == "https://example.org/a" and notebook.find_path("") == ""
    assert notebook.find_path("s3://bucket/corpus") == "s3://bucket/corpus"
    assert Path(notebook.find_path("~/a.txt")) == Path.home() / "a.txt" and notebook.find_folder("~/out") == Path.home() / "out"


def test_a_wrong_format_is_told_before_anything_is_read():
    with pytest.raises(InputError, match="bmp"):
        notebook.open_study("quotes", "nowhere.txt", "China", formats="png,bmp")


def test_the_most_extreme_sentences_are_each_named_once():
    listed = pd.DataFrame({"article": "a", "sentence": [1, 1, 2, 3, 4], "score": [-0.9, -0.8, -0.1, 0.4, 0.0]})
    assert list(selection.pick_extremes(listed)["sentence"]) == [1, 2, 3]


# ---------------------------------------------------------------------------------------------- executed


REPORT = (
    "Freedonia’s president, Ann Lee, said on Monday that Sylvania had broken the treaty. "
    "“We will defend our country,” she told reporters.\n\n"
    "Sylvania rejected the charge as “absurd”. Its foreign minister, Bo Ek, said trade with Freedonia would go on.\n"
)


def execute(name: str, out: Path, article: Path, cwd: Path = ROOT, **parameters) -> nbformat.NotebookNode:
    chosen = {"article": str(article), "out": str(out), "formats": "png", **parameters}
    source = ROOT / "notebooks" / f"{name}.ipynb"
    out.mkdir(parents=True, exist_ok=True)
    return execute_notebook(source, out / f"{name}.ipynb", chosen, cwd)


def shown(book, kinds: str = "text/") -> str:
    """What the outputs of a notebook say."""
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join("".join(data) for output in outputs for kind, data in output.get("data", {}).items() if kind.startswith(kinds))


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_on_the_article(name, report):
    book = execute(name, report, ROOT / "data" / "article.txt", target="China", formats="png,svg,pdf")
    assert not [output for cell in book.cells for output in cell.get("outputs", ()) if output.output_type in ("error", "stream")]
    drawn = {path.stem for path in (report / "figures").glob(f"{name}-*.png")}
    assert len(drawn) == sum("save_figure" in source for source in code_of(book))
    assert drawn == {path.stem for path in (report / "figures").glob(f"{name}-*.svg")}
    assert drawn == {path.stem for path in (report / "figures").glob(f"{name}-*.pdf")}
    linked = set(re.findall(r"#sentence-(\d+)", shown(book)))
    assert linked and linked <= set(re.findall(r'id="sentence-(\d+)"', shown(book)))


@pytest.mark.slow
def test_a_saved_annotation_is_used_again_and_one_of_another_text_is_not(report):
    article = report / "short.txt"
    article.write_text(REPORT)
    first = execute("quotes", report / "short", article, report, target="Sylvania")
    made = (report / "short" / "annotation" / "quotes.parquet").stat().st_mtime_ns
    execute("stance", report / "short", article, report, target="Sylvania")
    assert (report / "short" / "annotation" / "quotes.parquet").stat().st_mtime_ns == made
    assert "Ann Lee" in shown(first)
    article.write_text(REPORT.replace("Ann Lee", "Eve Oz"))
    assert "Eve Oz" in shown(execute("quotes", report / "short", article, report, target="Sylvania"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_where_there_is_nothing_to_find(name, report):
    article = report / "bare.txt"
    article.write_text("It rained all day.\n")
    book = execute(name, report / "bare", article, report, target="Atlantis")
    missing = {"sentiment": "does not mention Atlantis", "quotes": "No attribution was found", "stance": "No sentence takes a side"}
    assert missing.get(name, "No sentence on an issue mentions Atlantis") in shown(book)
    assert "What does the change make of the shares?" not in shown(book, "") and not list((report / "bare").glob("*/*changes*"))


@pytest.mark.slow
def test_a_minimum_confidence_holds_for_words_figures_and_tables(report):
    article = report / "sure.txt"
    article.write_text(REPORT)
    every = execute("quotes", report / "sure", article, report, target="Sylvania")
    number = len(pd.read_csv(report / "sure" / "tables" / "attributions.csv"))
    assert number and "Left out" not in shown(every)
    none = shown(execute("quotes", report / "sure", article, report, target="Sylvania", minimum_confidence=1.0))
    assert none.count(f"Left out: {number} attribution") == 5  # the article, words, verbs, types, confidence
    assert pd.read_csv(report / "sure" / "tables" / "attributions.csv").empty
    assert list(pd.read_csv(report / "sure" / "tables" / "words_by_voice.csv")["voice"]) == ["narrator"]


@pytest.mark.slow
def test_what_an_article_says_is_never_run(report):
    article = report / "hostile.txt"
    article.write_text(f"“{HOSTILE}”, Freedonia said on Monday. =1+1 was all that Sylvania answered, Freedonia said.\n")
    book = execute("quotes", report / "hostile", article, report, target="Freedonia")
    assert "<script>alert" not in shown(book, "text/html") + shown(book, "text/markdown")
    assert "](javascript" not in shown(book, "text/markdown")
    assert "&lt;script&gt;alert" in shown(book, "text/html")


@pytest.mark.parametrize(
    ("share", "low", "high", "told"),
    [
        (0.003, 0.001, 0.0049, "0.3% (95% interval 0.1% to 0.5%)"),
        (0.996, 0.9951, 1.0, "99.6% (95% interval 99.5% to 100%)"),
        (0.0, 0.0, 0.2, "0% (95% interval 0% to 20%)"),
        (0.0099, 0.004, 0.2, "1% (95% interval 0.4% to 20%)"),
        (0.5, math.nan, math.nan, "50% (no interval)"),
    ],
)
def test_few_are_not_none_and_most_not_all(share, low, high, told):
    assert prose.percent(SimpleNamespace(share=share, low=low, high=high)) == told
