"""Sheets for human coders: what they ask, what they do not tell, and what comes back of them. Sheets are filled as a coder fills them."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import ARTICLES
from openpyxl import load_workbook

from analysis import cli
from analysis.article import read_article
from analysis.codebook import read_issues
from analysis.coding import (
    CODING_COLUMNS,
    KEY,
    KEY_COLUMNS,
    check_sheets,
    describe_problems,
    describe_sample,
    make_sheets,
    read_key,
    read_sheets,
)
from analysis.coding_items import NO_ISSUE, TASKS, list_items, mark, open_tables
from analysis.coding_sheet import CODES, CODING, INSTRUCTIONS, code_columns, read_guide
from analysis.corpus import annotate_corpus
from analysis.errors import InputError
from analysis.pipeline import annotate
from analysis.tables import SENTIMENTS, STANCES

ROOT = Path(__file__).parents[1]
EVERY = 10_000
HOSTILE = (
    '=HYPERLINK("http://evil.example","China") said Beijing would help.\n'
    "+China praised Japan. @China condemned \x01Japan\x0b, Tokyo said. “-China is weak,” said Shinzo Abe. China met #N/A in Tokyo."
)


@pytest.fixture(scope="module")
def saved(annotated, tmp_path_factory):
    """The annotation of the article, in a folder."""
    return annotated("article").save(tmp_path_factory.mktemp("report") / "annotation")


@pytest.fixture
def sample(saved, tmp_path):
    """A sample of twelve items of sentiment, for two coders."""
    return make_sheets(saved, "sentiment", 12, out=tmp_path / "sample")


def rows_of(sheet: Path) -> pd.DataFrame:
    """What a coder sees on the second page."""
    headings, *rows = load_workbook(sheet)[CODING].iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=headings)


def edit(sheet: Path, change) -> None:
    """Let a coder do something to a workbook, and save it."""
    book = load_workbook(sheet)
    change(book)
    book.save(sheet)


def fill(sheet: Path, answers, name: str | None = None) -> None:
    """Fill a sheet: `answers` is a function from the row number (from 2) to the codes by column, or one code for the first column."""

    def change(book):
        page = book[CODING]
        columns = {cell.value: cell.column for cell in page[1]}
        for row in range(2, page.max_row + 1):
            for column, code in answers(row).items():
                page.cell(row, columns[column]).value = code
        if name:
            book[INSTRUCTIONS]["B3"].value = name

    edit(sheet, change)


def fill_all(sample, code: str = "neutral") -> None:
    for sheet in sample.sheets:
        fill(sheet, lambda row: {"sentiment": code})


def parts(sheet: Path) -> dict[str, str]:
    """All XML in a workbook, but for the time when it was made."""
    with zipfile.ZipFile(sheet) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name != "docProps/core.xml"}


# ---------------------------------------------------------------- what is asked


def test_an_item_of_sentiment_is_an_actor_in_a_sentence_of_the_body(saved, annotated):
    items, article = list_items(open_tables(saved), "sentiment", read_issues()), annotated("article")
    caption = article.sentences.loc[article.sentences["part"].ne("body"), "sentence"]

    assert not items["item"].duplicated().any() and not items.duplicated(["sentence", "focus"]).any()
    assert not items["sentence"].isin(caption).any()
    of_lee = items[items["focus"].eq("Lee Jae Myung") & items["sentence"].eq(5)]  # “Lee said he wanted …” mentions him twice
    assert len(of_lee) == 1
    assert of_lee["sentiment"].iat[0] == article.sentiments.query("sentence == 5 and actor == 'Lee Jae Myung'")["label"].iat[0]


def test_an_item_of_stance_is_a_holder_and_a_target(saved, annotated):
    items = list_items(open_tables(saved), "stance", read_issues())
    found = items[items["focus"].eq("Lee Jae Myung → China") & items["sentence"].eq(7)]

    assert found["stance"].tolist() == ["support"]
    assert "China → Lee Jae Myung" in set(items.loc[items["sentence"].eq(7), "focus"])


@pytest.mark.parametrize(
    ("begins", "kind", "speaker"),
    [
        ("The two leaders held", "none", "narrator"),
        ("“I also hope", "direct", "Lee Jae Myung"),
        ("Xi said each country", "mixed", "Xi Jinping"),
        ("Lee said he wanted", "indirect", "Lee Jae Myung"),
    ],
)
def test_a_sentence_has_the_type_and_speaker_of_its_longest_attribution(saved, annotated, begins, kind, speaker):
    items, sentences = list_items(open_tables(saved), "quotes", read_issues()), annotated("article").sentences
    number = sentences.loc[sentences["text"].str.startswith(begins), "sentence"].iat[0]

    assert items.loc[items["sentence"].eq(number), ["type", "speaker"]].to_numpy().tolist() == [[kind, speaker]]


def test_the_outer_of_two_attributions_is_the_sentences_own(tmp_path):
    article = annotate(
        read_article(_write(tmp_path, "Xinhua said on Monday that Xi Jinping called for “mutual respect” in talks with Japan."))
    )
    items = list_items(open_tables(article.save(tmp_path / "a")), "quotes", read_issues())

    assert set(article.quotes["speaker"]) == {"Xinhua", "Xi Jinping"}
    assert items["speaker"].tolist() == ["Xinhua"]


def test_a_quotation_over_several_sentences_is_the_type_of_each_of_them(tmp_path):
    article = annotate(
        read_article(_write(tmp_path, "“We will help Japan. We will help China. It is our duty,” Narendra Modi said. It rained."))
    )
    items = list_items(open_tables(article.save(tmp_path / "a")), "quotes", read_issues()).sort_values("sentence")

    assert items["type"].tolist() == ["direct", "direct", "direct", "none"]
    assert items["speaker"].tolist() == ["Narendra Modi"] * 3 + ["narrator"]


def test_issues_of_a_sentence_are_the_titles_of_main_issues_sorted(saved, annotated):
    items, sentences = list_items(open_tables(saved), "issues", read_issues()), annotated("article").sentences
    codes = items.set_index("sentence")["issues"]
    protest = sentences.loc[sentences["text"].str.startswith("Meanwhile, protests"), "sentence"].iat[0]
    tariffs = sentences.loc[sentences["text"].str.contains("lower US tariffs"), "sentence"].iat[0]

    assert len(items) == sentences["part"].eq("body").sum()
    assert codes[protest] == "Public opinion and protest"
    assert codes[tariffs] == "Investment and currency; Trade and tariffs"
    assert not codes.str.contains("Summits and visits").any()  # a sub-issue counts for its main issue


def test_a_sentence_of_no_issue_says_so(tmp_path):
    article = annotate(read_article(_write(tmp_path, "The hall was painted green.")))

    assert list_items(open_tables(article.save(tmp_path / "a")), "issues", read_issues())["issues"].tolist() == [NO_ISSUE]


def test_a_title_that_would_break_the_join_is_mended(tmp_path):
    codebook = tmp_path / "own.yaml"
    codebook.write_text("issues:\n  paint: {title: Paint; brushes, phrases: [painted]}\n")
    annotate(read_article(_write(tmp_path, "The hall was painted green.")), issues=codebook).save(tmp_path / "a")
    key = make_sheets(tmp_path / "a", "issues", out=tmp_path / "out", issues=codebook).key

    assert key["machine"].tolist() == ["Paint, brushes"] and key["codes"].tolist() == ["no issue\nPaint, brushes"]


def test_issues_of_another_codebook_are_refused_with_the_remedy(tmp_path):
    codebook = tmp_path / "own.yaml"
    codebook.write_text("issues:\n  paint: {title: Paint, phrases: [painted]}\n")
    annotate(read_article(_write(tmp_path, "The hall was painted green.")), issues=codebook).save(tmp_path / "a")

    with pytest.raises(InputError, match="paint.*--issues"):
        make_sheets(tmp_path / "a", "issues", out=tmp_path / "out")


@pytest.mark.parametrize("name", ["China", "beijing", "CHN"])
def test_a_target_by_any_name_leaves_only_what_is_about_it(saved, tmp_path, name):
    sentiment = make_sheets(saved, "sentiment", EVERY, target=name, out=tmp_path / "a").key
    stance = make_sheets(saved, "stance", EVERY, target=name, out=tmp_path / "b").key

    assert set(sentiment["focus"]) == {"China"} and len(sentiment) > 8
    assert stance["focus"].str.endswith(" → China").all() and len(stance) > 8


@pytest.mark.parametrize("task", ["quotes", "issues"])
def test_a_target_is_refused_where_there_is_none(saved, tmp_path, task):
    with pytest.raises(InputError, match="has no target"):
        make_sheets(saved, task, target="China", out=tmp_path / "out")


def test_a_target_that_nobody_mentions_is_an_error_and_makes_nothing(saved, tmp_path):
    with pytest.raises(InputError, match="nothing to code about “Atlantis”"):
        make_sheets(saved, "sentiment", target="Atlantis", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_report_is_as_good_as_its_annotation(saved):
    items = [list_items(open_tables(place), "stance", read_issues()) for place in (saved, saved.parent)]

    assert items[0].equals(items[1])


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(InputError, match="neither a report, nor an annotation, nor a corpus"):
        open_tables(tmp_path)


@pytest.mark.slow
def test_a_corpus_is_sampled_over_its_articles_without_duplicates(tmp_path):
    news = tmp_path / "news"
    news.mkdir()
    text = (ROOT / "data" / "article.txt").read_text()
    for name, body in {
        "a": text,
        "b": text.replace("Saturday", "Sunday"),
        "c": (ROOT / "tests/data/strait/article.txt").read_text(),
    }.items():
        (news / f"{name}.txt").write_text(body)
    annotate_corpus(str(news), str(tmp_path / "corpus"), workers=1)

    for task in TASKS:
        key = make_sheets(tmp_path / "corpus", task, 30, out=tmp_path / task).key
        assert set(key["article"]) == {"a", "c"}  # b repeats a
        assert key.drop_duplicates("item").shape[0] == 30
        rows = rows_of(tmp_path / task / "coder-1.xlsx")
        assert set(rows["item"]) == set(key["item"])
        assert check_sheets(tmp_path / task)["gap"].all()
    speakers = read_key(tmp_path / "quotes").query("variable == 'speaker'").groupby("article")["codes"].unique()
    assert (speakers.map(len) == 1).all() and speakers["a"][0] != speakers["c"][0]


def test_marks_stand_around_words_and_overlapping_words_are_marked_once():
    assert mark("Xi met Lee.", [(0, 2), (7, 10)]) == "⟦Xi⟧ met ⟦Lee⟧."
    assert mark("South Korea’s army", [(0, 11), (0, 18), (14, 18)]) == "⟦South Korea’s army⟧"
    assert mark("nobody", []) == "nobody"


# ---------------------------------------------------------------- the sample


@pytest.mark.parametrize("task", TASKS)
def test_the_key_has_a_row_an_item_and_variable_and_leads_to_the_text(saved, annotated, tmp_path, task):
    make_sheets(saved, task, 15, out=tmp_path)
    key, text = read_key(tmp_path), annotated("article").article.text

    assert list(key) == list(KEY_COLUMNS)
    assert key["item"].nunique() == 15 and len(key) == 15 * len(code_columns(task))
    assert not key.duplicated(["item", "variable"]).any()
    assert all(text[row.start : row.end] == row.text for row in key.itertuples())
    if task != "issues":
        assert all(row.machine in row.codes.split("\n") for row in key.itertuples())


@pytest.mark.parametrize("task", TASKS)
def test_sizes_of_strata_add_up_to_the_population_and_each_stratum_is_measured(saved, tmp_path, task):
    population = list_items(open_tables(saved), task, read_issues())
    key = make_sheets(saved, task, 20, out=tmp_path).key.drop_duplicates("item")

    assert key.drop_duplicates("stratum")["stratum_size"].sum() == len(population)


def test_strata_are_the_machines_answers(sample):
    assert sample.key["stratum"].equals(sample.key["machine"])
    assert set(sample.key["stratum"]) == set(SENTIMENTS)


def test_a_sentence_of_several_issues_stands_in_the_stratum_of_the_rarest(saved, tmp_path):
    key = make_sheets(saved, "issues", EVERY, out=tmp_path).key.set_index("sentence")

    assert key.loc[13, "machine"] == "Investment and currency; Trade and tariffs"
    counts = key["machine"].str.split("; ").explode().value_counts()
    assert key.loc[13, "stratum"] == min(key.loc[13, "machine"].split("; "), key=lambda title: (counts[title], title))


def test_more_items_than_there_are_takes_all_and_says_so(saved, tmp_path):
    said = describe_sample(make_sheets(saved, "quotes", 100, out=tmp_path))

    assert "all 23 items" in said and "100 were asked for" in said
    assert len(rows_of(tmp_path / "coder-1.xlsx")) == 23


def test_fewer_items_than_there_are_says_of_how_many(sample):
    said = describe_sample(sample)

    (drawn, there), *parts = [list(map(int, pair)) for pair in re.findall(r"(\d+) of (\d+)", said)]
    assert said.startswith("12 of 72 items") and len(parts) == len(SENTIMENTS)
    assert [drawn, there] == [sum(column) for column in zip(*parts, strict=True)]
    assert f"Keep {sample.folder / KEY} from the coders" in said


def test_the_same_call_makes_the_same_sheets_whatever_the_order_of_the_rows(saved, annotated, tmp_path):
    shuffled = {
        name: getattr(annotated("article"), name).sample(frac=1, random_state=2).reset_index(drop=True)
        for name in ("sentences", "mentions", "quotes", "sentiments", "stances", "issues")
    }
    mixed = replace(annotated("article"), **shuffled).save(tmp_path / "mixed")

    for task in TASKS:
        first, again = (make_sheets(place, task, 15, out=tmp_path / task / place.name) for place in (saved, mixed))
        assert first.key.equals(again.key)
        assert [parts(sheet) for sheet in first.sheets] == [parts(sheet) for sheet in again.sheets]


def test_another_seed_draws_another_sample(saved, sample, tmp_path):
    other = make_sheets(saved, "sentiment", 12, seed=2, out=tmp_path / "other")

    assert set(other.key["item"]) != set(sample.key["item"])


# ---------------------------------------------------------------- the sheets


def test_coders_get_the_same_items_each_in_an_order_of_his_own(sample):
    first, second = (rows_of(sheet)["item"].tolist() for sheet in sample.sheets)

    assert sorted(first) == sorted(second) == sorted(set(sample.key["item"]))
    assert first != second and sorted(first) not in (first, second)


@pytest.mark.parametrize("coders", [1, 3])
def test_there_are_as_many_sheets_as_coders(saved, tmp_path, coders):
    sheets = make_sheets(saved, "issues", 5, coders, out=tmp_path).sheets

    assert [sheet.name for sheet in sheets] == [f"coder-{number}.xlsx" for number in range(1, coders + 1)]
    assert sorted(tmp_path.glob("*.xlsx")) == list(sheets)


def test_sheets_stay_the_same_when_the_machine_answers_otherwise(saved, annotated, tmp_path):
    """What does not change with the answers cannot tell them. All items are drawn, as answers decide which; the list of speakers stays."""
    article = annotated("article")
    flip = {"negative": "positive", "positive": "negative", "oppose": "support", "support": "oppose"}
    other_types = {"direct": "indirect", "indirect": "direct", "mixed": "direct"}
    changed = replace(
        article,
        sentiments=article.sentiments.assign(
            label=article.sentiments["label"].replace(flip),
            p_negative=article.sentiments["p_positive"],
            p_positive=article.sentiments["p_negative"],
        ),
        stances=article.stances.assign(label=article.stances["label"].replace(flip)),
        quotes=article.quotes.assign(
            type=article.quotes["type"].replace(other_types), speaker=article.quotes["speaker"].to_numpy()[::-1], confidence=0.9
        ),
        issues=article.issues.assign(issue=article.issues["issue"].to_numpy()[::-1], score=0.1),
    ).save(tmp_path / "changed")

    for task in TASKS:
        told, otherwise = (make_sheets(place, task, EVERY, out=tmp_path / task / place.name) for place in (saved, changed))
        assert not told.key["machine"].equals(otherwise.key["machine"])
        assert [parts(sheet) for sheet in told.sheets] == [parts(sheet) for sheet in otherwise.sheets]


def test_nothing_in_a_sheet_speaks_of_the_machine(saved, tmp_path):
    for task in TASKS:
        for sheet in make_sheets(saved, task, 20, out=tmp_path / task).sheets:
            assert not re.search(r"machine|stratum|probab|confidence|p_neg|0\.\d{3}", "".join(parts(sheet).values()), re.IGNORECASE)


@pytest.mark.parametrize(
    ("task", "column", "codes"),
    [
        ("sentiment", "sentiment", list(SENTIMENTS)),
        ("stance", "stance", list(STANCES)),
        ("quotes", "type", ["none", "direct", "indirect", "mixed"]),
    ],
)
def test_each_row_has_a_drop_down_of_the_codes_and_a_hidden_page_holds_them(saved, tmp_path, task, column, codes):
    sheet = make_sheets(saved, task, 10, out=tmp_path).sheets[0]
    book = load_workbook(sheet)
    choices = drop_downs(book, column)

    assert book[CODES].sheet_state == "hidden"
    assert [choices[row] for row in range(2, 12)] == [codes] * 10


def test_speakers_to_choose_from_are_the_articles_voices(saved, tmp_path):
    sheet = make_sheets(saved, "quotes", 10, out=tmp_path).sheets[0]
    speakers = drop_downs(load_workbook(sheet), "speaker")[2]

    assert speakers[0] == "narrator" and speakers[-2:] == ["unnamed source", "other"]
    assert {"Lee Jae Myung", "Xi Jinping", "North Korea"} < set(speakers) and speakers[1:-2] == sorted(speakers[1:-2])


def test_a_list_longer_than_excel_takes_in_a_cell_is_whole(saved, tmp_path):
    sheet = make_sheets(saved, "issues", 10, out=tmp_path).sheets[0]
    book = load_workbook(sheet)
    titles = sorted(issue.title for issue in read_issues().issues if issue.parent is None)

    for column in ("issue 1", "issue 2", "issue 3"):
        assert drop_downs(book, column)[11] == [NO_ISSUE, *titles]
    assert len(", ".join(titles)) > 255


def drop_downs(book, column: str) -> dict[int, list[str]]:
    """The codes that each row offers in a column, by way of the range that its rule names."""
    page = book[CODING]
    number = next(cell.column for cell in page[1] if cell.value == column)
    offered = {}
    for rule in page.data_validations.dataValidation:
        assert rule.type == "list" and rule.showErrorMessage
        sheet, _, area = rule.formula1.partition("!")
        codes = [cell.value for (cell,) in book[sheet][area.replace("$", "")]]
        for cells in rule.sqref.ranges:
            if cells.min_col <= number <= cells.max_col:
                offered |= {row: codes for row in range(cells.min_row, cells.max_row + 1)}
    return offered


def test_what_is_asked_about_is_marked_in_its_context(saved, tmp_path):
    rows = rows_of(make_sheets(saved, "sentiment", EVERY, out=tmp_path).sheets[0])
    lee = rows[rows["sentence"].str.contains("China’s support") & rows["about"].eq("Lee Jae Myung")].iloc[0]

    assert lee["sentence"].startswith("⟦Lee⟧ said ⟦he⟧ wanted China’s support")
    assert lee["before"].endswith("after an Asia-Pacific leaders’ forum.") and lee["before"].startswith("Lee met Xi")
    assert lee["after"].startswith("“I am very positive") and lee["after"].endswith("he added.")


def test_a_stance_marks_holder_and_target_and_an_event_too(saved, tmp_path):
    rows = rows_of(make_sheets(saved, "stance", EVERY, out=tmp_path).sheets[0])
    rallies = rows[rows["about"].eq("Lee Jae Myung → anti-China rallies")].iloc[0]

    assert "⟦Lee⟧ has said such ⟦anti-China rallies⟧ harm" in rallies["sentence"]


def test_a_sheet_is_made_to_be_read(sample):
    book = load_workbook(sample.sheets[0])
    page = book[CODING]

    assert book.sheetnames == [INSTRUCTIONS, CODING, CODES] and book.active.title == INSTRUCTIONS
    assert page.freeze_panes == "A2"
    assert all(cell.alignment.wrap_text for row in page.iter_rows() for cell in row)
    assert page.protection.sheet and page["C2"].protection.locked and not page["F2"].protection.locked
    assert page.row_dimensions[2].height >= 30


@pytest.mark.parametrize("task", TASKS)
def test_the_first_page_says_what_to_do_and_explains_each_code_by_an_example(saved, tmp_path, task):
    sheet = make_sheets(saved, task, 5, out=tmp_path).sheets[0]
    lines = {row[0]: row[1:] for row in load_workbook(sheet)[INSTRUCTIONS].iter_rows(max_col=3, values_only=True) if row[0]}
    said = " ".join(str(cell) for row in load_workbook(sheet)[INSTRUCTIONS].iter_rows(values_only=True) for cell in row if cell)

    assert lines["task"][0] == task and lines["coder"][0] == "coder-1"
    assert "Code alone" in said and "Do not change the texts" in said and read_guide()["tasks"][task]["question"] in said
    for variable, codes in read_key(tmp_path).groupby("variable")["codes"].first().items():
        explained = [code for code in codes.split("\n") if code in lines] if variable == "speaker" else codes.split("\n")
        assert len(explained) >= 3 and all(lines[code][0] and lines[code][1] for code in explained)


def test_issues_of_a_users_codebook_are_explained_as_far_as_it_goes(tmp_path):
    codebook = tmp_path / "own.yaml"
    codebook.write_text("issues:\n  paint: {title: Paint, description: Walls and colours., phrases: [painted]}\n")
    annotate(read_article(_write(tmp_path, "The hall was painted green.")), issues=codebook).save(tmp_path / "a")
    sheet = make_sheets(tmp_path / "a", "issues", out=tmp_path / "out", issues=codebook).sheets[0]
    lines = {row[0]: row[1:] for row in load_workbook(sheet)[INSTRUCTIONS].iter_rows(max_col=3, values_only=True)}

    assert lines["Paint"][0] == "Walls and colours." and "painted" not in "".join(parts(sheet).values()).replace("The hall was painted", "")


def test_no_text_runs_as_a_formula_and_no_character_breaks_the_file(tmp_path):
    annotate(read_article(_write(tmp_path, HOSTILE))).save(tmp_path / "a")
    for task in TASKS:
        sample = make_sheets(tmp_path / "a", task, EVERY, out=tmp_path / task)
        book = load_workbook(sample.sheets[0])
        cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]

        assert {cell.data_type for cell in cells} == {"s"}
        assert not [cell.value for cell in cells if str(cell.value).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
        assert not re.search(r"<f>|t=\"e\"", "".join(parts(sample.sheets[0]).values()))
        assert check_sheets(sample.sheets)["problem"].tolist() == ["nothing is coded yet"] * 2
        fill(sample.sheets[0], lambda row, task=task: {column: "x" for names in code_columns(task).values() for column in names})
        assert not check_sheets(sample.sheets)["problem"].str.contains("was changed").any()


# ---------------------------------------------------------------- an existing folder


def test_the_same_sample_may_be_written_again_while_nobody_has_coded(saved, sample):
    again = make_sheets(saved, "sentiment", 12, 3, out=sample.folder)

    assert again.key.equals(sample.key) and len(again.sheets) == 3


def test_another_sample_is_never_overwritten(saved, sample):
    before = {path: path.read_bytes() for path in sample.folder.iterdir()}

    with pytest.raises(InputError, match="another sample lies here"):
        make_sheets(saved, "sentiment", 13, out=sample.folder)
    assert {path: path.read_bytes() for path in sample.folder.iterdir()} == before


@pytest.mark.parametrize("column", ["sentiment", "note"])
def test_a_sheet_that_is_filled_is_never_overwritten(saved, sample, column):
    fill(sample.sheets[1], lambda row: {column: "neutral"} if row == 5 else {})
    before = sample.sheets[1].read_bytes()

    with pytest.raises(InputError, match="coder-2.xlsx: this sheet is filled already"):
        make_sheets(saved, "sentiment", 12, out=sample.folder)
    assert sample.sheets[1].read_bytes() == before


def test_a_file_that_is_no_sheet_is_not_overwritten_either(saved, tmp_path):
    (tmp_path / "coder-1.xlsx").write_text("my notes")

    with pytest.raises(InputError, match="coder-1.xlsx"):
        make_sheets(saved, "sentiment", 12, out=tmp_path)
    assert (tmp_path / "coder-1.xlsx").read_text() == "my notes"


# ---------------------------------------------------------------- what comes back


def test_filled_sheets_give_a_row_an_item_variable_and_coder(sample):
    codes = {}
    for sheet, name in zip(sample.sheets, ("Ana", None), strict=True):
        fill(sheet, lambda row: {"sentiment": SENTIMENTS[row % 3]}, name)
        codes[name or "coder-2"] = rows_of(sheet).set_index("item")["sentiment"].to_dict()
    codings = read_sheets(sample.folder)

    assert list(codings) == list(CODING_COLUMNS) and set(codings["variable"]) == {"sentiment"} and len(codings) == 24
    assert {coder: own.set_index("item")["code"].to_dict() for coder, own in codings.groupby("coder")} == codes
    assert check_sheets(sample.folder).empty


def test_the_coder_without_a_name_is_called_by_the_file(sample):
    fill_all(sample)
    edit(sample.sheets[0], lambda book: book[INSTRUCTIONS].__setitem__("B3", None))
    sample.sheets[0].rename(sample.folder / "Bo.xlsx")

    assert set(read_sheets(sample.folder)["coder"]) == {"Bo", "coder-2"}


def test_quotes_are_coded_by_type_and_speaker(saved, tmp_path):
    sample = make_sheets(saved, "quotes", 8, 1, out=tmp_path)
    fill(sample.sheets[0], lambda row: {"type": "indirect", "speaker": "other"} if row % 2 else {"type": "none", "speaker": "narrator"})
    codings = read_sheets(sample.sheets)

    assert codings["variable"].value_counts().to_dict() == {"speaker": 8, "type": 8}
    assert set(codings.loc[codings["variable"].eq("speaker"), "code"]) == {"narrator", "other"}


def test_issues_are_the_set_of_what_stands_in_the_three_columns(saved, tmp_path):
    answers = {
        2: {"issue 1": "Trade and tariffs", "issue 2": "Human rights"},
        3: {"issue 2": "Technology", "issue 3": "Technology"},
        4: {"issue 1": NO_ISSUE},
        5: {"issue 1": "trade and tariffs "},
    }
    sample = make_sheets(saved, "issues", 4, 1, out=tmp_path)
    fill(sample.sheets[0], answers.get)

    assert read_sheets(sample.sheets)["code"].tolist() == ["Human rights; Trade and tariffs", "Technology", NO_ISSUE, "Trade and tariffs"]


def test_rows_in_another_order_and_codes_in_capitals_are_understood(sample):
    fill_all(sample, " Positive ")
    edit(sample.sheets[0], _reverse_rows)

    assert set(read_sheets(sample.folder)["code"]) == {"positive"}


def _reverse_rows(book) -> None:
    page = book[CODING]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    for number, row in enumerate(reversed(rows), 2):
        for column, value in enumerate(row, 1):
            page.cell(number, column).value = value


def test_a_sheet_filled_in_part_is_used_in_part_and_the_rest_is_listed(sample):
    fill(sample.sheets[0], lambda row: {} if row in (3, 7) else {"sentiment": "neutral"})
    fill(sample.sheets[1], lambda row: {"sentiment": "neutral"})
    edit(sample.sheets[1], lambda book: book[CODING].delete_rows(4))
    problems = check_sheets(sample.folder)

    assert read_sheets(sample.folder)["coder"].value_counts().to_dict() == {"coder-1": 10, "coder-2": 11}
    assert problems["gap"].all() and problems["row"].dropna().tolist() == [3, 7]
    first, second = sorted(describe_problems(problems))
    assert first.endswith("coder-1.xlsx: no code of “sentiment” in row 3, 7")
    assert "coder-2.xlsx: the row of the item" in second and second.endswith("is missing")


def test_an_empty_sheet_beside_a_filled_one_is_reported_and_left_out(sample):
    fill(sample.sheets[1], lambda row: {"sentiment": "neutral"})

    assert set(read_sheets(sample.folder)["coder"]) == {"coder-2"}
    assert describe_problems(check_sheets(sample.folder)) == [f"{sample.sheets[0]}: nothing is coded yet"]


def test_sheets_without_any_code_are_an_error(sample):
    with pytest.raises(InputError, match="nothing is coded yet"):
        read_sheets(sample.folder)


def set_cell(row: int, heading: str, value):
    def change(book):
        page = book[CODING]
        page.cell(row, next(cell.column for cell in page[1] if cell.value == heading)).value = value

    return change


@pytest.mark.parametrize(
    ("change", "row", "words"),
    [
        (set_cell(4, "sentiment", "bad"), 4, "“bad” is no code of “sentiment”"),
        (set_cell(4, "sentiment", 1), 4, "“1” is no code"),
        (set_cell(4, "sentence", "China is good."), 4, "the text in “sentence” was changed; it was “"),
        (set_cell(4, "sentence", None), 4, "the text in “sentence” was changed"),
        (set_cell(4, "about", "Mars"), 4, "the text in “about” was changed"),
        (set_cell(4, "item", "0123456789ab"), 4, "the item “0123456789ab” was not in the sheet"),
        (set_cell(4, "item", None), 4, "the item is missing"),
        (lambda book: book[CODING].__setitem__("A4", book[CODING]["A5"].value), 4, "stands in several rows"),
        (lambda book: book[INSTRUCTIONS].__setitem__("B2", "stance"), None, "no column stance"),
        (lambda book: book[INSTRUCTIONS].__setitem__("B2", "sports"), None, "a sheet of the task “sports”, and the key is of sentiment"),
        (lambda book: book[INSTRUCTIONS].__setitem__("B3", "coder-2"), None, "the coder's name “coder-2” is that of"),
        (lambda book: book[INSTRUCTIONS].__setitem__("B3", "Machine"), None, "is one that the tables use themselves"),
        (lambda book: book[INSTRUCTIONS].__setitem__("B3", "Consensus"), None, "is one that the tables use themselves"),
        (lambda book: book.remove(book[CODING]), None, "this is no coding sheet"),
        (set_cell(1, "sentiment", "my opinion"), None, "has no column sentiment"),
    ],
)
def test_a_wrong_sheet_is_told_by_file_and_row(sample, change, row, words):
    fill_all(sample)
    edit(sample.sheets[0], change)
    problems = check_sheets(sample.folder)
    errors = problems[~problems["gap"]]

    assert errors["problem"].str.contains(words, regex=False).any()
    assert row is None or row in errors["row"].tolist()
    with pytest.raises(InputError, match=r"coder-\d.xlsx" + (f", row {row}" if row else "")) as raised:
        read_sheets(sample.folder)
    assert words in str(raised.value)


def test_a_sheet_of_another_task_is_refused(saved, sample, tmp_path):
    fill_all(sample)
    other = make_sheets(saved, "stance", 5, 1, out=tmp_path / "other")
    shutil.copy(other.sheets[0], sample.folder / "stance.xlsx")

    with pytest.raises(InputError, match="stance.xlsx: this is a sheet of the task “stance”"):
        read_sheets(sample.folder)


def test_a_folder_passes_over_no_sheet_for_its_ending(sample):
    fill_all(sample)
    sample.sheets[0].rename(sample.folder / "ONE.XLSX")
    assert len(set(read_sheets(sample.folder)["coder"])) == len(sample.sheets)

    (sample.folder / "three.ods").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"three.ods: this is an OpenDocument file"):
        read_sheets(sample.folder)


def test_no_issue_beside_an_issue_is_a_contradiction(saved, tmp_path):
    sample = make_sheets(saved, "issues", 4, 1, out=tmp_path)
    fill(sample.sheets[0], lambda row: {"issue 1": NO_ISSUE, "issue 2": "Technology"})

    with pytest.raises(InputError, match="row 2: “no issue” and an issue exclude each other"):
        read_sheets(sample.sheets)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0", "this is an old Excel file. .*save it as .xlsx"),
        ("coder.csv", b"item,sentiment\n", "this is a CSV file"),
        ("coder.docx", b"PK", "this is no .xlsx file"),
        ("broken.xlsx", b"PK\x03\x04 half a file", "broken"),
        ("missing.xlsx", None, "there is no such file"),
    ],
)
def test_a_file_that_is_no_sheet_is_told_with_what_to_do(sample, name, content, words):
    fill_all(sample)
    path = sample.folder / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError, match=f"{re.escape(name)}: {words}|{re.escape(name)}: .*{words}"):
        read_sheets([*sample.sheets, path])


def test_a_workbook_of_something_else_is_no_sheet(sample):
    fill_all(sample)
    pd.DataFrame({"a": [1]}).to_excel(sample.folder / "budget.xlsx")

    with pytest.raises(InputError, match="budget.xlsx: this is no coding sheet"):
        read_sheets(sample.folder)


def test_all_that_is_wrong_is_told_at_once(sample):
    fill(sample.sheets[0], lambda row: {"sentiment": "good"})
    fill(sample.sheets[1], lambda row: {"sentiment": "bad" if row < 10 else "neutral"})
    with pytest.raises(InputError) as raised:
        read_sheets(sample.folder)

    assert len(check_sheets(sample.folder)) == 20
    assert str(raised.value).count("is no code") == 20 and "row 13" in str(raised.value) and "coder-2.xlsx, row 9" in str(raised.value)


def test_files_that_excel_keeps_of_open_sheets_are_no_sheets(sample):
    fill_all(sample)
    (sample.folder / "~$coder-1.xlsx").write_bytes(b"\x00")

    assert len(read_sheets(sample.folder)) == 24


def test_a_sheet_without_its_key_is_told_where_the_key_belongs(sample, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(sample.sheets[0], tmp_path / "elsewhere")

    with pytest.raises(InputError, match="elsewhere/key.parquet: there is no key"):
        read_sheets(tmp_path / "elsewhere")


def test_sheets_of_several_folders_are_refused(sample, tmp_path):
    shutil.copytree(sample.folder, tmp_path / "copy")

    with pytest.raises(InputError, match="lie in several folders"):
        read_sheets([sample.sheets[0], tmp_path / "copy" / "coder-2.xlsx"])


def test_a_place_that_is_not_there_is_told_by_its_name(tmp_path):
    with pytest.raises(InputError, match="there is no such file or folder") as told:
        read_sheets([tmp_path / "coder-1.xlsx", tmp_path])
    assert told.value.where == str(tmp_path / "coder-1.xlsx")


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(InputError, match="there is no sheet here"):
        read_sheets(tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (apt-get install libreoffice-calc)")
def test_a_sheet_saved_by_libreoffice_is_read_like_any_other(saved, tmp_path):
    sample = make_sheets(saved, "issues", 12, 1, out=tmp_path / "sample")
    fill(sample.sheets[0], lambda row: {"issue 1": "Technology"})
    wanted = read_sheets(sample.folder)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run([*command, "--outdir", tmp_path, sample.sheets[0]], check=True, capture_output=True, timeout=120)
    shutil.move(tmp_path / "coder-1.xlsx", sample.sheets[0])

    assert read_sheets(sample.folder).equals(wanted) and check_sheets(sample.folder).empty
    assert len(drop_downs(load_workbook(sample.sheets[0]), "issue 3")[13]) == 19


# ---------------------------------------------------------------- the command line, and the example in the repository


def test_the_command_writes_sheets_and_says_where_the_key_is(saved, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert cli.main(["coding-sheet", str(saved.parent), "--task", "stance", "--n", "9", "--coders", "3", "--target", "China"]) == 0
    assert {path.name for path in (tmp_path / "coding" / "stance").iterdir()} == {"coder-1.xlsx", "coder-2.xlsx", "coder-3.xlsx", KEY}
    assert "Keep coding/stance/key.parquet from the coders" in capsys.readouterr().out
    assert cli.main(["coding-sheet", str(saved.parent), "--task", "stance", "--n", "8"]) == 2
    assert "another sample lies here" in capsys.readouterr().err


def test_the_command_line_knows_the_tasks():
    assert set(cli.CODED) == set(TASKS)


def test_the_command_tells_each_error_of_a_sheet_in_a_line(sample, capsys):
    fill(sample.sheets[0], lambda row: {"sentiment": "good"} if row < 4 else {"sentiment": "neutral"})
    fill(sample.sheets[1], lambda row: {"sentiment": "neutral"} if row < 12 else {})

    assert cli.main(["agreement", *map(str, sample.sheets)]) == 2
    said = capsys.readouterr()
    assert not said.out and len(said.err.splitlines()) == 3
    assert "coder-1.xlsx, row 3: “good” is no code" in said.err and "no code of “sentiment” in row 12, 13" in said.err


def test_agreement_is_printed_and_its_tables_written(sample, tmp_path, capsys):
    for sheet, step in zip(sample.sheets, (1, 2), strict=True):
        order = sorted(rows_of(sheet)["item"])
        codes = {row: SENTIMENTS[order.index(item) // step % 3] for row, item in enumerate(rows_of(sheet)["item"], 2)}
        fill(sheet, lambda row, codes=codes: {"sentiment": codes[row]})

    assert cli.main(["agreement", str(sample.folder), "--out", str(tmp_path / "tables")]) == 0
    assert "alpha" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "tables").glob("*.csv")} >= {"agreement.csv", "confusion.csv", "disagreements.csv"}


def test_the_example_is_a_sample_of_three_articles_and_filled():
    folder = ROOT / "data" / "coding" / "sentiment"
    key, texts = read_key(folder), {name: ARTICLES[name].read_text() for name in ("article", "strait", "cobalt")}

    assert key["item"].nunique() == 60 and set(key["task"]) == {"sentiment"} and set(key["article"]) == set(texts)
    assert all(sentence in texts[article] for article, sentence in zip(key["article"], key["text"], strict=True))
    assert check_sheets(folder).empty and read_sheets(folder)["coder"].nunique() == 2


def _write(folder: Path, text: str) -> Path:
    path = folder / "article.txt"
    path.write_text(text)
    return path
