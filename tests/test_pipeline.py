"""The stages together: same article, same codebooks, same annotation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pandas as pd
import pytest

from analysis import InputError, annotate
from analysis.annotation import STAGES, Annotation
from analysis.article import Article, Part
from analysis.fingerprint import fingerprint
from analysis.pipeline import annotate_all

TEXT = "Kenya urged Somalia to reopen the border. “We are ready,” President William Ruto said."


def article(text: str = TEXT) -> Article:
    return Article("test", text, (Part("body", 0, len(text)),))


def test_articles_annotated_together_are_annotated_as_each_is_alone():
    other = article("Brazil banned imports of soy, officials said.")
    together = list(annotate_all([article(), other]))
    for made, alone in zip(together, (annotate(article()), annotate(other)), strict=True):
        assert made.article == alone.article and made.fingerprint == alone.fingerprint
        for name in STAGES:
            pd.testing.assert_frame_equal(getattr(made, name), getattr(alone, name))


def test_the_fingerprint_tells_text_and_codebooks_apart(tmp_path):
    codebook = tmp_path / "actors.yaml"
    codebook.write_text("people:\n  Jane Roe: {country: NZL}\n", encoding="utf8")
    marks = {fingerprint(article()), fingerprint(article(TEXT + " ")), fingerprint(article(), actors=codebook)}
    assert len(marks) == 3
    assert fingerprint(article()) == fingerprint(replace(article()))


def test_an_article_that_was_saved_has_the_fingerprint_of_the_one_that_was_read(tmp_path):
    read = replace(article(), published=datetime(2025, 11, 1, 9, 30, tzinfo=timezone(timedelta(hours=9))), outlet="Wire", url="a/b")
    saved = annotate(read)
    assert fingerprint(Annotation.load(saved.save(tmp_path / "annotation")).article) == saved.fingerprint
    assert fingerprint(replace(read, published=read.published + timedelta(hours=1))) != saved.fingerprint


def test_the_fingerprint_changes_with_the_words_of_a_codebook_and_with_its_use(tmp_path):
    codebook = tmp_path / "own.yaml"
    codebook.write_text("issues: {a: {title: A, phrases: [dam*]}}\n", encoding="utf8")
    as_issues, as_actors = fingerprint(article(), issues=codebook), fingerprint(article(), actors=codebook)
    codebook.write_text("issues: {a: {title: A, phrases: [dams]}}\n", encoding="utf8")
    assert len({as_issues, as_actors, fingerprint(article(), issues=codebook), fingerprint(article())}) == 4
    assert annotate(article(), issues=codebook).fingerprint == fingerprint(article(), issues=codebook)


def test_a_wrong_codebook_of_actors_is_told_with_its_line_before_any_article_is_read(tmp_path):
    actors = tmp_path / "actors.yaml"
    actors.write_text("people:\n  Jane Roe: {gender: f}\n", encoding="utf8")
    with pytest.raises(InputError, match="line 2"):
        next(annotate_all(iter(()), actors=actors), None)


def test_a_codebook_of_the_users_names_actors_and_issues(tmp_path):
    actors = tmp_path / "actors.yaml"
    actors.write_text("organisations:\n  Border Forum: {country: KEN, aliases: [Forum of Mandera]}\n", encoding="utf8")
    issues = tmp_path / "issues.yaml"
    issues.write_text("issues:\n  borders: {title: Borders, phrases: [reopen* the border]}\n", encoding="utf8")
    made = annotate(article(TEXT + " The Forum of Mandera was silent."), actors=actors, issues=issues)
    assert made.issues["issue"].unique().tolist() == ["borders"]
    assert "Border Forum" in made.mentions["actor"].tolist()


def test_a_codebook_that_is_missing_or_has_no_issues_is_told_in_one_line(tmp_path):
    missing, empty = tmp_path / "missing.yaml", tmp_path / "empty.yaml"
    empty.write_text("issues: {}\n", encoding="utf8")
    with pytest.raises(InputError, match=r"missing\.yaml: the codebook cannot be read"):
        fingerprint(article(), issues=missing)
    with pytest.raises(InputError, match="has no issues"):
        annotate(article(), issues=empty)


def test_a_wrong_codebook_is_told_with_its_line(tmp_path):
    issues = tmp_path / "issues.yaml"
    issues.write_text("issues:\n  borders:\n    titel: Borders\n", encoding="utf8")
    with pytest.raises(InputError, match="line 3"):
        annotate(article(), issues=issues)


@pytest.mark.parametrize("text", ["“", "\n\n\n", "🙂🙂", "a" * 5000, "<script>alert(1)</script> said it.", "“" * 300 + "x" + "”" * 300])
def test_strange_text_is_annotated_all_the_same(text):
    annotate(article(text))
