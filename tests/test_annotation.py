"""Annotations are saved whole, and come back as they were."""

from __future__ import annotations

import copy

import pandas as pd
import pytest

from analysis import Annotation, InputError
from analysis.annotation import STAGES


def as_lists(frame: pd.DataFrame) -> pd.DataFrame:
    spans = [c for c in frame if c.endswith("_spans")]
    return frame.assign(**{c: [[list(span) for span in cell] for cell in frame[c]] for c in spans})


def test_what_is_saved_comes_back_table_by_table(annotated, tmp_path):
    made = annotated("article")
    back = Annotation.load(made.save(tmp_path / "annotation"))
    assert back.article == made.article
    assert back.fingerprint == made.fingerprint
    for name in STAGES:
        pd.testing.assert_frame_equal(as_lists(getattr(back, name)), as_lists(getattr(made, name)))


def test_saving_replaces_the_folder_and_leaves_nothing_beside_it(annotated, tmp_path):
    folder = tmp_path / "annotation"
    annotated("strait").save(folder)
    (folder / "stale.parquet").write_bytes(b"old")
    annotated("cobalt").save(folder)
    assert not (folder / "stale.parquet").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["annotation"]
    assert Annotation.load(folder).article.text.startswith("Cobalt")


@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_a_folder_that_holds_no_whole_annotation_is_refused_in_one_line(annotated, tmp_path, damage):
    folder = annotated("strait").save(tmp_path / "annotation")
    path = folder / "quotes.parquet"
    path.unlink() if damage == "missing" else path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError) as error:
        Annotation.load(folder)
    assert str(folder) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("manifest", [b"{}", b"[]", b"null", b"{", b"\xed\xa0\x80"])
def test_a_broken_manifest_is_refused(annotated, tmp_path, manifest):
    folder = annotated("strait").save(tmp_path / "annotation")
    (folder / "annotation.json").write_bytes(manifest)
    with pytest.raises(InputError, match="Annotate the article again"):
        Annotation.load(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        Annotation.load(tmp_path / "nowhere")


def test_tables_of_another_version_are_refused(annotated, tmp_path):
    folder = annotated("strait").save(tmp_path / "annotation")
    annotated("strait").quotes.drop(columns="cue_class").to_parquet(folder / "quotes.parquet")
    with pytest.raises(InputError):
        Annotation.load(folder)


def test_a_save_that_fails_leaves_what_was_there_and_nothing_else(annotated, tmp_path):
    folder = annotated("strait").save(tmp_path / "annotation")
    broken = copy.copy(annotated("cobalt"))
    object.__setattr__(broken, "issues", pd.DataFrame({"colour": ["red"]}))
    with pytest.raises(KeyError):
        broken.save(folder)
    assert [p.name for p in tmp_path.iterdir()] == ["annotation"]
    assert Annotation.load(folder).article == annotated("strait").article


def test_every_offset_points_to_the_words_that_its_row_claims(annotated):
    for name in ("article", "strait", "cobalt"):
        made = annotated(name)
        text = made.article.text
        for table in (made.sentences, made.mentions):
            assert [text[r.start : r.end] for r in table.itertuples()] == table["text"].tolist()
        for quote in made.quotes.itertuples():
            assert quote.content == " […] ".join(text[start:end] for start, end in quote.content_spans)
        assert set(made.mentions["sentence"]) <= set(made.sentences["sentence"])
        assert set(made.sentiments["mention"]) <= set(made.mentions["mention"])


def test_what_the_user_put_beside_an_annotation_stays(annotated, tmp_path):
    folder = annotated("strait").save(tmp_path / "annotation")
    (folder / "notes.txt").write_text("mine", encoding="utf8")
    annotated("cobalt").save(folder)
    assert (folder / "notes.txt").read_text(encoding="utf8") == "mine"


def test_a_folder_of_the_users_own_is_not_touched(annotated, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "thesis.txt").write_text("mine", encoding="utf8")
    with pytest.raises(InputError, match="own"):
        annotated("strait").save(tmp_path / "own")
    assert (tmp_path / "own" / "thesis.txt").read_text(encoding="utf8") == "mine"
