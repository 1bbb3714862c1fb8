"""What the check of a codebook tells, on texts whose hits can be counted by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from analysis import language
from analysis.article import Article, Part
from analysis.codebook import Issue, IssueCodebook
from analysis.codebook_check import check_issues, describe_check

PROGRAM = Path(sys.executable).with_name("analysis")
BOOK = IssueCodebook(
    (
        Issue("trade", "Trade", phrases=("tariff", "trade deal", "wheat")),
        Issue("farms", "Farms", phrases=("wheat", "cow")),
        Issue("grain", "Grain", phrases=("wheat harvest", "wheat"), parent="farms"),
    )
)
TEXTS = ("Tariffs rose. The tariff on wheat fell.", "A wheat harvest failed. Rain fell on them.")


def check():
    articles = [Article(str(n), text, (Part("body", 0, len(text)),)) for n, text in enumerate(TEXTS)]
    return check_issues(language.parse(articles), BOOK)


def test_phrases_are_counted_and_those_that_never_fire_are_named():
    found = check()
    counts = found.phrases.set_index(["issue", "phrase"])["hits"].to_dict()
    assert counts == {
        ("trade", "tariff"): 2,
        ("trade", "trade deal"): 0,
        ("trade", "wheat"): 2,
        ("farms", "wheat"): 2,
        ("farms", "cow"): 0,
        ("grain", "wheat harvest"): 1,
        ("grain", "wheat"): 1,
    }
    assert list(found.silent["phrase"]) == ["trade deal", "cow"]


def test_phrases_fire_for_two_issues_unless_one_is_part_of_the_other():
    shared = check().shared.set_index(["issue", "phrase"])
    assert shared["shared"].to_dict() == {
        ("trade", "wheat"): 2,
        ("farms", "wheat"): 2,
        ("grain", "wheat harvest"): 1,
        ("grain", "wheat"): 1,
    }
    assert shared.loc[("farms", "wheat"), "others"] == "trade"
    assert set(shared.loc[("trade", "wheat"), "others"].split("; ")) == {"farms", "grain"}


def test_a_phrase_is_shared_as_often_as_any_other_issue_has_its_words():
    book = IssueCodebook(
        tuple(Issue(key, key, phrases=(phrase,)) for key, phrase in (("a", "tariff"), ("b", "steel tariff"), ("c", "tariff war")))
    )
    text = "The steel tariff rose. The tariff war began."
    shared = check_issues(language.parse([Article("a", text, (Part("body", 0, len(text)),))]), book).shared.set_index("issue")
    assert (shared.loc["a", "hits"], shared.loc["a", "shared"], shared.loc["a", "others"]) == (2, 2, "b; c")


def test_sentences_that_nothing_covers_are_listed_with_their_article():
    bare = check().uncovered
    assert bare[["article", "sentence", "text"]].values.tolist() == [["1", 1, "Rain fell on them."]]


def test_it_reads_as_three_lists():
    told = describe_check(check())
    assert "never fire: 2 of 7" in told and "  farms (1 of 2): cow" in told
    assert "“wheat” of farms: 2 of 2 times also trade" in told
    assert "covers: 1 of 4" in told and "  1, 1: Rain fell on them." in told


def test_long_lists_are_cut_short_and_say_by_how_much():
    book = IssueCodebook((Issue("farms", "Farms", phrases=tuple(f"crop {n}" for n in range(9))),))
    text = "Rain fell. Snow fell. Hail fell."
    told = describe_check(check_issues(language.parse([Article("a", text, (Part("body", 0, len(text)),))]), book), shown=2)
    assert "  farms (9 of 9): crop 0, crop 1, crop 2 and 6 more" in told
    assert "Hail" not in told and told.endswith("  and 1 more")


def call(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([PROGRAM, "codebook", "check", *arguments], capture_output=True, text=True, timeout=120)


def test_the_command_reads_what_it_can_tells_what_it_cannot_and_writes_tables(tmp_path):
    book, article, out = tmp_path / "book.yaml", tmp_path / "a.txt", tmp_path / "out"
    book.write_text("issues:\n  trade: {title: Trade, phrases: [tariff, quota]}\n", encoding="utf-8")
    article.write_text("Tariffs rise\n\nThey rose, and rain fell.\n", encoding="utf-8")
    done = call(str(book), str(article), str(tmp_path / "missing.txt"), "--out", str(out))
    assert done.returncode == 1 and "missing.txt" in done.stderr
    assert "trade (1 of 2): quota" in done.stdout and "They rose, and rain fell." in done.stdout and str(out) in done.stdout
    assert {path.name for path in out.iterdir()} >= {"phrases.csv", "sentences.parquet"}


def test_a_wrong_codebook_is_told_with_its_line(tmp_path):
    book = tmp_path / "book.yaml"
    book.write_text("issues:\n  trade: {title: Trade, phrase: [tariff]}\n", encoding="utf-8")
    done = call(str(book), str(book))
    assert done.returncode == 2 and "line 2" in done.stderr and "phrases" in done.stderr
