"""What the explorer shows for a choice: rows, numbers, sentences, files. On a real article, without a browser."""

from __future__ import annotations

import ast
import re
import time
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import papermill
import pytest
import yaml
from exploring_corpus import OUTLETS, copy_into_corpus

from analysis import annotate, tables
from analysis.article import Article, Part
from analysis.errors import InputError
from analysis.exploring import Choice, narrow
from analysis.exploring_comparison import FIGURES, OF_CORPUS
from analysis.exploring_export import EXPLORE, describe_filters, name_files, save_figure, save_parameters, save_tables
from analysis.exploring_figures import OF_ARTICLE
from analysis.exploring_html import COLUMNS, draw, html_tables
from analysis.exploring_sources import ArticleSource, CorpusSource, open_source
from analysis.layout import Layout
from analysis.tables import NARRATOR, QUOTE_TYPES

ROOT = Path(__file__).parents[1]
LEE = "Lee Jae Myung"
HEADLINE = "China praises Peru"
RECIPES = (
    "The carrots are cut into thin slices. When they are soft, water and salt are added, and the soup stands for half an hour.",
    "The flour is mixed with warm water and salt. The dough is folded for ten minutes, and then goes into the oven.",
    "The rice is washed until the water is clear. The lid stays on until the rice is soft, which takes about fifteen minutes.",
)


@pytest.fixture(scope="module")
def source(annotated) -> ArticleSource:
    return open_source(annotated("article"))


@pytest.fixture(scope="module")
def corpus(annotated, tmp_path_factory) -> CorpusSource:
    return open_source(copy_into_corpus([annotated("article"), annotated("strait")], 72, tmp_path_factory.mktemp("corpus")))


@pytest.fixture(scope="module")
def recipes(tmp_path_factory) -> CorpusSource:
    """A corpus in which only a headline mentions actors."""
    texts = [f"{HEADLINE}\n\n{RECIPES[0]}", *RECIPES[1:]]
    parts = [(Part("headline", 0, len(HEADLINE)), Part("body", len(HEADLINE) + 2, len(texts[0])))]
    parts += [(Part("body", 0, len(text)),) for text in texts[1:]]
    annotations = [annotate(Article("recipe", text, about)) for text, about in zip(texts, parts, strict=True)]
    return open_source(copy_into_corpus(annotations, len(annotations), tmp_path_factory.mktemp("recipes")))


def chosen(source, **changes) -> Choice:
    return replace(Choice(article=next(iter(source.articles))), **changes)


def picked(source, choice: Choice, number: int = 0):
    """What is shown when a row of the figure's numbers is picked, and the row."""
    row = source.show(choice).numbers.iloc[number]
    return source.show(replace(choice, mark=row["mark"])), row


# ------------------------------------------------------------------------------------------------ what a choice leaves


def test_nothing_chosen_leaves_all_rows_and_marks_nothing(source):
    choice = chosen(source)
    view = source.view(choice)
    assert narrow(view.every, choice, view.hits) is view.every
    assert source.show(choice).marked == frozenset()


def test_a_voice_leaves_its_words_its_attributions_and_their_sentences(source):
    rows = source.view(chosen(source, voices=(LEE,))).rows
    every = source.view(chosen(source)).every
    assert set(rows.words["voice"]) == {LEE} and len(rows.words) == every.words["voice"].eq(LEE).sum()
    assert set(rows.quotes["speaker"]) == set(rows.sentiments["voice"]) == set(rows.stances["voice"]) == {LEE}
    assert set(rows.sentences["sentence"]) == set(rows.words["sentence"])
    assert set(rows.issues["sentence"]) <= set(rows.sentences["sentence"])


def test_an_issue_leaves_the_sentences_that_it_stands_in(source):
    issue = source.issues()[0]
    rows = source.view(chosen(source, issues=(issue,))).rows
    every = source.view(chosen(source)).every
    assert set(rows.issues["issue"]) == {issue}
    assert set(rows.sentences["sentence"]) == set(every.issues.loc[every.issues["issue"].eq(issue), "sentence"])
    assert set(rows.words["sentence"]) <= set(rows.sentences["sentence"])


@pytest.mark.parametrize("kind", QUOTE_TYPES)
def test_a_kind_leaves_what_stands_in_attributions_of_it(kind, source):
    rows = source.view(chosen(source, kind=kind)).rows
    quotes = source.view(chosen(source)).every.quotes
    spans = [(start, end) for row in quotes[quotes["type"].eq(kind)].itertuples() for start, end in row.content_spans]
    assert set(rows.quotes["type"]) <= {kind}
    assert all(any(start <= word.start < end for start, end in spans) for word in rows.words.itertuples())
    assert NARRATOR not in set(rows.words["voice"]) | set(rows.sentiments["voice"]) | set(rows.stances["voice"])


def test_words_that_are_searched_for_leave_their_sentences(source):
    choice = chosen(source, search="nuclear*")
    shown = source.show(choice)
    text = source.view(choice).every.sentences.set_index("sentence")["text"]
    assert shown.marked == {number for number, words in text.items() if re.search(r"\bnuclear", words, re.I)}
    assert shown.marked >= set(shown.numbers["sentences"].explode())


def test_choices_hold_together(source):
    issue = source.issues()[0]
    both = set(source.view(chosen(source, voices=(LEE,), issues=(issue,))).rows.sentences["sentence"])
    assert both == set(source.view(chosen(source, voices=(LEE,))).rows.sentences["sentence"]) & set(
        source.view(chosen(source, issues=(issue,))).rows.sentences["sentence"]
    )


def test_a_minimum_confidence_gives_words_to_the_voice_around_them(source):
    sure = source.view(chosen(source, minimum_confidence=0.9))
    assert sure.rows.quotes["confidence"].ge(0.9).all()
    assert len(sure.rows.words) == len(source.view(chosen(source)).rows.words)
    assert len(source.annotation(chosen(source, minimum_confidence=0.9)).quotes) < len(source.annotation(chosen(source)).quotes)


def test_a_target_goes_by_any_of_its_names_and_may_count_its_persons(source):
    assert source.view(chosen(source, target="beijing")).target == "China"
    alone, together = (source.view(chosen(source, include_representatives=counted)).toward_target for counted in (False, True))
    assert set(alone["actor"]) == {"China"} and "Xi Jinping" in set(together["actor"])


# ------------------------------------------------------------------------------------------------ what is picked


@pytest.mark.parametrize("figure", OF_ARTICLE)
def test_what_is_picked_in_a_figure_leads_to_its_sentences(figure, source):
    shown, row = picked(source, chosen(source, figure=figure))
    behind = next(iter(shown.tables.values()))
    assert shown.marks == {row["mark"]}
    assert len(behind) and set(behind["sentence"]) <= shown.marked
    if "sentences" in row:
        assert shown.marked == set(row["sentences"])


def test_behind_a_voice_are_its_attributions_and_behind_the_narrator_sentences(source):
    numbers = source.show(chosen(source)).numbers
    for voice, column in ((LEE, "speaker"), (NARRATOR, "part")):
        shown, _ = picked(source, chosen(source), numbers.index[numbers["voice"].eq(voice)][0])
        behind = shown.tables["Behind what was picked"]
        assert set(behind[column]) == {voice if column == "speaker" else "body"}


def test_behind_a_cell_of_the_matrix_is_the_pair(source):
    shown, row = picked(source, chosen(source, figure="stance-matrix"))
    behind = shown.tables["Behind what was picked"]
    assert set(behind["holder"]) == {row["holder"]} and set(behind["target"]) == {row["target"]}
    assert len(behind) >= row["supporting"] + row["opposing"] > 0


def test_a_sentence_leads_to_all_that_was_read_from_it(source):
    shown = source.show(chosen(source, sentence=7))
    every = source.view(chosen(source)).every
    assert (shown.marked, shown.sentence) == ({7}, 7)
    for name, table in (("sentiments", every.sentiments), ("issues", every.issues)):
        assert len(shown.tables[f"S7: {name}"]) == table["sentence"].eq(7).sum() > 0
    assert set(shown.tables["S7: stances"]["label"]) <= {"support", "oppose"}
    assert shown.marks == {row.mark for row in shown.numbers.itertuples() if 7 in row.sentences}


def test_an_attribution_that_reaches_into_a_sentence_is_read_from_it(source):
    every = source.view(chosen(source)).every
    places = every.sentences.set_index("sentence")
    reaching = [
        (row.quote, number)
        for row in every.quotes.itertuples()
        for number, place in places.iterrows()
        if number != row.sentence and any(start < place["end"] and end > place["start"] for start, end in row.content_spans)
    ]
    for quote, number in reaching:
        assert quote in set(source.show(chosen(source, sentence=number)).tables[f"S{number}: attributions"]["quote"])


def test_a_caption_is_in_no_count(source, annotated):
    caption = int(annotated("article").sentences.loc[lambda rows: rows["part"].ne("body"), "sentence"].iloc[0])
    assert list(source.show(chosen(source, sentence=caption)).tables) == ["The figure's numbers"]


# ------------------------------------------------------------------------------------------------ figures and tables in HTML


@pytest.mark.parametrize("figure", OF_ARTICLE)
@pytest.mark.parametrize("changes", [{}, {"voices": (LEE,)}, {"search": "nothing like it"}, {"target": "Atlantis"}], ids=str)
def test_every_figure_is_drawn_for_any_choice_and_what_can_be_picked_lies_within_it(figure, changes, source):
    choice = chosen(source, figure=figure, **changes)
    numbers = source.show(choice).numbers
    html = draw(FIGURES[figure], source.view(choice), numbers)
    marks, sentences = set(re.findall(r'data-pick="(mark-\d+)"', html)), set(re.findall(r'data-sentence="(\d+)"', html))
    assert marks <= set(numbers["mark"])
    assert bool(marks | sentences) == bool(len(numbers)) or FIGURES[figure].places
    places = [dict(re.findall(r"(left|top|width|height):([\d.-]+)%", style)) for style in re.findall(r'<button[^>]*style="([^"]*)"', html)]
    assert all(-3 <= float(place["left"]) and float(place["left"]) + float(place["width"]) <= 103 for place in places)
    assert all(-3 <= float(place["top"]) and float(place["top"]) + float(place["height"]) <= 103 for place in places)
    assert html.count("aria-label=") == html.count("<button")


def test_a_bar_is_where_its_button_is(source):
    """The longer bars have the wider buttons, and they stand one below the other."""
    numbers = source.show(chosen(source)).numbers
    html = draw(FIGURES["quotes-words-by-voice"], source.view(chosen(source)), numbers)
    styles = re.findall(r'data-pick="mark-(\d+)"[^>]*style="left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%', html)
    assert [int(place) for place, *_ in styles] == list(range(len(numbers)))
    tops, widths = [float(style[2]) for style in styles], [float(style[3]) for style in styles]
    assert tops == sorted(tops) and widths == sorted(widths, reverse=True)
    assert widths[0] / widths[1] == pytest.approx(numbers.loc[0, "share"] / numbers.loc[1, "share"], rel=0.02)


def test_points_along_the_article_lead_to_their_sentences(source):
    for figure in ("quotes-voices-along", "sentiment-along", "issues-along"):
        choice = chosen(source, figure=figure)
        html = draw(FIGURES[figure], source.view(choice), source.show(choice).numbers)
        lefts = {int(n): float(left) for n, left in re.findall(r'data-sentence="(\d+)"[^>]*style="left:([\d.]+)%', html)}
        assert [lefts[number] for number in sorted(lefts)] == sorted(lefts.values())


def test_the_words_of_one_voice_stand_where_they_stood_with_the_gaps_between_them(source):
    rows = source.view(chosen(source, voices=(LEE,))).rows
    ax = OF_ARTICLE["quotes-voices-along"].plot(source.view(chosen(source, voices=(LEE,))), rows.words)
    blocks = [path.get_extents() for collection in ax.collections for path in collection.get_paths()]
    plt.close(ax.figure)
    drawn = [position for block in blocks for position in range(round(block.x0), round(block.x1))]
    assert sorted(drawn) == list(rows.words["position"]) and len(blocks) > 1
    assert ax.get_xlim() == (0, len(source.view(chosen(source)).rows.words))


def test_a_listing_shows_words_before_numbers_and_numbers_show_all_but_their_ids(source):
    shown, _ = picked(source, chosen(source), 1)
    html = html_tables(shown, source.articles)
    heads = [re.findall(r"<th[^>]*>(.*?)</th>", head) for head in re.findall(r"<thead>(.*?)</thead>", html)]
    assert tuple(heads[0]) == COLUMNS["quotes"]
    assert heads[1] == ["voice", "words", "total", "share", "low", "high", "sentences", "low_confidence"]
    assert html.count("<tr data-sentence=") == len(shown.tables["Behind what was picked"])
    assert html.count("<tr data-pick=") == len(shown.numbers)


def test_a_hostile_article_is_text(annotated):
    annotation = annotated("article")
    bad = '<img src=x onerror=alert(1)>"</script>'
    quotes = annotation.quotes.assign(speaker=bad, content=bad)
    hostile = replace(
        annotation,
        quotes=quotes,
        sentences=annotation.sentences.assign(text=bad),
        mentions=annotation.mentions.assign(actor=bad),
        sentiments=annotation.sentiments.assign(actor=bad, voice=bad),
        stances=annotation.stances.assign(holder=bad),
    )
    source = open_source(hostile)
    for figure in ("quotes-reporting-verbs", "stance-matrix", "sentiment-by-actor", "issues-voices"):
        choice = chosen(source, figure=figure, target=bad)
        shown, _ = picked(source, choice)
        html = draw(FIGURES[figure], source.view(choice), shown.numbers, bad) + html_tables(shown, source.articles)
        assert "onerror=alert(1)&gt;" in html and "<img src=x" not in html and "</script" not in html


# ------------------------------------------------------------------------------------------------ where parts are empty


@pytest.mark.slow
@pytest.mark.parametrize("empty", ["mentions", "quotes", "sentiments", "stances", "issues"])
def test_an_article_without_some_table_is_explored_like_any_other(empty, annotated):
    annotation = annotated("article")
    without = {empty: tables.conform(empty, [])}
    if empty == "mentions":  # nobody is mentioned: nothing is read of anybody
        without |= {name: tables.conform(name, []) for name in ("sentiments", "stances")}
    source = open_source(replace(annotation, **without))
    every_figure = [{"figure": figure} for figure in OF_ARTICLE]
    for changes in (*every_figure, {"search": "nuclear"}, {"kind": "direct"}, {"voices": (NARRATOR,)}, {"sentence": 7}):
        choice = chosen(source, **changes)
        shown = source.show(choice)
        assert "<img" in draw(FIGURES[choice.figure], source.view(choice), shown.numbers)
        html_tables(shown, source.articles)


# ------------------------------------------------------------------------------------------------ a corpus


@pytest.mark.parametrize("figure", OF_CORPUS)
def test_what_is_picked_in_a_figure_of_a_corpus_leads_to_sentences_of_many_articles(figure, corpus):
    choice = chosen(corpus, figure=figure)
    numbers = corpus.show(choice).numbers
    assert len(numbers)
    html = draw(FIGURES[figure], corpus.view(choice), numbers)
    assert set(re.findall(r'data-pick="(mark-\d+)"', html))
    shown, row = picked(corpus, choice)
    behind = shown.tables["Behind what was picked"]
    assert behind["article"].nunique() > 1
    if "group" in row:
        assert set(behind["group"]) == {row["group"]} <= set(OUTLETS)
    assert shown.marked == set(behind.loc[behind["article"].eq(choice.article), "sentence"])


def test_all_columns_of_who_is_quoted_lead_to_attributions(corpus):
    choice = chosen(corpus, figure="comparison-share-of-voice")
    numbers = corpus.show(choice).numbers
    behind = {row.voice: picked(corpus, choice, row.Index)[0].tables["Behind what was picked"] for row in numbers.head(7).itertuples()}
    parts = sum(len(table) for voice, table in behind.items() if voice != numbers.loc[0, "voice"])
    assert parts == len(behind[numbers.loc[0, "voice"]]) > 0


def test_an_article_of_a_corpus_is_as_it_was_before_it_was_in_one(corpus, annotated):
    there, alone = corpus.annotation(chosen(corpus)), annotated("article")
    assert there.article.text == alone.article.text and there.article.parts == alone.article.parts
    pd.testing.assert_frame_equal(there.quotes.drop(columns="article"), alone.quotes.drop(columns="article"))


def test_figures_of_an_article_and_of_the_corpus_stand_side_by_side(corpus, source):
    first = chosen(corpus, figure="quotes-words-by-voice")
    pd.testing.assert_frame_equal(corpus.show(first).numbers, source.show(chosen(source)).numbers)
    assert set(corpus.figures) == set(OF_ARTICLE) | set(OF_CORPUS) and set(source.figures) == set(OF_ARTICLE)


def test_the_numbers_of_all_articles_do_not_depend_on_which_is_read(corpus):
    figure = "comparison-tone-by-group"
    first, second = (corpus.show(chosen(corpus, figure=figure, article=f"article-{number}")) for number in (0, 1))
    assert first.numbers is second.numbers


def test_a_search_in_a_corpus_is_in_all_articles(corpus):
    shown = corpus.show(chosen(corpus, figure="comparison-tone-by-group", search="nuclear*"))
    assert shown.tables["Concordance"]["article"].nunique() > 30


@pytest.mark.parametrize("changes", [{"voices": (LEE,)}, {"kind": "direct"}, {"minimum_confidence": 0.9}, {"target": "Atlantis"}], ids=str)
@pytest.mark.parametrize("figure", OF_CORPUS)
def test_choices_hold_for_a_corpus_too(figure, changes, corpus):
    choice = chosen(corpus, figure=figure, **changes)
    rows = corpus.view(choice).rows
    assert "voices" not in changes or set(rows.sentiments["voice"]) == {LEE}
    assert "kind" not in changes or set(rows.quotes["type"]) == {"direct"}
    draw(FIGURES[figure], corpus.view(choice), corpus.show(choice).numbers)


@pytest.mark.parametrize("figure", FIGURES)
def test_a_corpus_whose_bodies_mention_nobody_is_explored_like_any_other(figure, recipes):
    choice = chosen(recipes, figure=figure, target="China")
    view, numbers = recipes.view(choice), recipes.show(choice).numbers
    assert recipes.actors() == [] and view.target == "China"
    picture = b64decode(re.search(r'base64,([^"]+)', draw(FIGURES[figure], view, numbers))[1]).decode()
    assert (">No " in picture) == (figure not in ("quotes-words-by-voice", "quotes-voices-along"))


def test_what_is_neither_annotation_nor_corpus_is_told():
    with pytest.raises(InputError, match="a str cannot be explored.*open_corpus"):
        open_source("data/article.txt")


# ------------------------------------------------------------------------------------------------ files


def test_the_figure_and_the_tables_are_written_as_the_notebooks_write_them(source, tmp_path):
    choice = chosen(source, voices=(LEE,), sentence=7)
    save_figure(source, choice, tmp_path, Layout(("png", "pdf")))
    paths = save_tables(source.show(choice), choice, tmp_path)
    assert sorted(path.suffix for path in (tmp_path / "figures").iterdir()) == [".pdf", ".png"]
    assert {path.suffix for path in paths} == {".csv", ".parquet", ".xlsx"} and all(path.stat().st_size for path in paths)
    numbers = pd.read_parquet(tmp_path / "tables" / f"{name_files(choice)}-the-figure-s-numbers.parquet")
    assert "mark" not in numbers and list(numbers["voice"]) == [LEE]


def test_files_of_different_choices_do_not_take_each_other_s_place(source):
    changes = [{}, {"voices": (LEE,)}, {"search": "x"}, {"figure": "stance-matrix"}, {"target": "Japan"}, {"minimum_confidence": 0.9}]
    names = {name_files(chosen(source, **change)) for change in changes}
    assert len(names) == len(changes) and all(name.startswith(f"{EXPLORE}-") for name in names)


def test_tables_of_two_picks_do_not_take_each_other_s_place(source, tmp_path):
    choice = chosen(source)
    one, other = source.show(choice).numbers["mark"][:2]
    paths = [
        path for mark in (one, other) for path in save_tables(source.show(replace(choice, mark=mark)), replace(choice, mark=mark), tmp_path)
    ]
    assert len(paths) == len(set(paths))


def test_what_is_left_out_is_said():
    choice = Choice(voices=tuple("abcde"), kind="direct", search="tariff*", minimum_confidence=0.5)
    assert describe_filters(choice) == (
        "Only in the words of a, b, c and 2 more, in direct attributions, in sentences with “tariff*”. "
        "Attributions below 50% confidence are left out."
    )
    assert describe_filters(Choice()) == ""


@pytest.mark.parametrize(
    ("changes", "notebook", "parameters"),
    [
        ({"minimum_confidence": 0.5}, "quotes", {"minimum_confidence": 0.5}),
        ({"figure": "stance-matrix", "include_representatives": True}, "stance", {"include_representatives": True}),
        ({"figure": "stance-matrix", "minimum_confidence": 0.5}, "explore", {"minimum_confidence": 0.5, "figure": "stance-matrix"}),
        ({"voices": (LEE,)}, "explore", {"voices": [LEE], "figure": "quotes-words-by-voice"}),
        ({"issues": ("Elections",)}, "explore", {"only_issues": ["Elections"], "figure": "quotes-words-by-voice"}),
    ],
    ids=str,
)
def test_parameters_are_those_of_the_notebook_that_can_repeat_it(changes, notebook, parameters, source, tmp_path):
    path = save_parameters(source, chosen(source, **changes), tmp_path, issues=str(ROOT / "analysis/codebooks/issues.yaml"))
    text = path.read_text()
    written = yaml.safe_load(text)
    assert f"papermill notebooks/{notebook}.ipynb out.ipynb -f " in text
    always = {"article": "data/article.txt", "target": "China", "issues": "analysis/codebooks/issues.yaml"}
    assert written == always | parameters
    assert written.keys() <= papermill.inspect_notebook(str(ROOT / "notebooks" / f"{notebook}.ipynb")).keys()


def test_parameters_of_a_corpus_name_it_and_its_article(corpus, tmp_path):
    together = yaml.safe_load(save_parameters(corpus, chosen(corpus, figure="comparison-tone-by-group"), tmp_path).read_text())
    assert together == {"corpus": corpus.place, "by": "outlet", "target": "China"}
    one = yaml.safe_load(save_parameters(corpus, chosen(corpus), tmp_path).read_text())
    assert one == {"corpus": corpus.place, "key": "article-0", "target": "China", "figure": "quotes-words-by-voice"}


def test_an_article_from_nowhere_has_no_parameters_to_repeat_it(annotated, tmp_path):
    annotation = annotated("article")
    source = open_source(replace(annotation, article=replace(annotation.article, path=None)))
    with pytest.raises(InputError, match="stands in no file.*read_article"):
        save_parameters(source, chosen(source), tmp_path)


def test_the_only_item_of_a_list_is_found_again(annotated, tmp_path):
    path = tmp_path / "one.json"
    path.write_text('[{"text": "Peru praised Chile."}]', encoding="utf-8")
    source = open_source(replace(annotated("article"), article=replace(annotated("article").article, path=f"{path}, item 1")))
    assert yaml.safe_load(save_parameters(source, chosen(source), tmp_path).read_text())["article"] == str(path)


def test_the_only_row_of_a_table_is_found_again_and_one_of_several_is_told(annotated, tmp_path):
    table = tmp_path / "talks.csv"
    of_a_row = replace(annotated("article").article, path=f"{table}, row 1")
    source = open_source(replace(annotated("article"), article=of_a_row))
    table.write_text("title,text\nTalks,Peru praised Chile.\n", encoding="utf-8")
    assert yaml.safe_load(save_parameters(source, chosen(source), tmp_path).read_text())["article"] == str(table)

    table.write_text("title,text\nTalks,Peru praised Chile.\nMore talks,Chile praised Peru.\n", encoding="utf-8")
    with pytest.raises(InputError, match="talks.csv, row 1: this article stands in no file of its own"):
        save_parameters(source, chosen(source), tmp_path)


# ------------------------------------------------------------------------------------------------ names, notebook, speed


def test_every_figure_bears_the_name_under_which_its_notebook_saves_it():
    for name, figure in FIGURES.items():
        text = (ROOT / "notebooks" / f"{figure.notebook}.ipynb").read_text()
        assert f'\\"{name.removeprefix(figure.notebook + "-")}\\")' in text, name


def test_the_notebook_has_parameters_for_every_choice_and_only_calls():
    book = nbformat.read(ROOT / "notebooks" / "explore.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(book)
    (cell,) = [cell for cell in book.cells if "parameters" in cell.metadata.get("tags", ())]
    assert all(re.fullmatch(r"\w+: (str|bool|float|int|list) = \S.*  # \w.*", line) for line in cell.source.splitlines())
    names = {line.partition(":")[0] for line in cell.source.splitlines()}
    chosen = {"only_issues" if name == "issues" else "key" if name == "article" else name for name in Choice.__dataclass_fields__}
    assert chosen - {"mark", "sentence"} <= names
    loops = (ast.For, ast.While, ast.comprehension, ast.FunctionDef, ast.Lambda, ast.If, ast.Try)
    nodes = [node for cell in book.cells if cell.cell_type == "code" for node in ast.walk(ast.parse(cell.source))]
    assert not [node for node in nodes if isinstance(node, loops)]


def test_a_click_is_answered_in_a_tenth_of_a_second(source):
    """Processor time, which others at work on the machine do not stretch much; drawing comes behind, and is measured in the browser."""
    choices = [chosen(source, sentence=number) for number in range(2, 20)]
    html_tables(source.show(choices[0]), source.articles)
    began = time.process_time()
    for choice in choices[1:]:
        html_tables(source.show(choice), source.articles)
    assert (time.process_time() - began) / (len(choices) - 1) < 0.1
