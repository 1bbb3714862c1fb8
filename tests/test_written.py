"""Written sentences: marks that become places, and the writer's codes in the coders' terms."""

from pathlib import Path

import numpy as np
import pytest

from analysis.codebook import read_issue_books
from analysis.codebook_schema import read_topics as topic_names
from analysis.evaluation.coverage import CODEBOOKS, read_texts
from analysis.judgement import SENTIMENT, STANCE
from analysis.training import written
from analysis.training.passages import Passage, make_sentence

KEPT = Path(__file__).parent / "data" / "codebooks"


@pytest.fixture
def lines(tmp_path, monkeypatch):
    """A function that puts lines in the place of the written sentences."""
    monkeypatch.setattr(written, "WRITTEN", tmp_path)
    return lambda *lines: (tmp_path / "sentences.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_marks_become_places_in_the_order_of_the_text(lines):
    lines("“{2:Peru}’s envoy” praised {1:Chile}, not {3:him}.\t1=+ 2=0 3=-\t2>1+ 3>2- 2>3+\trelations")
    sentiment, stance = written.read_sentences()
    assert sentiment.text == stance.text == "“Peru’s envoy” praised Chile, not him."
    assert [sentiment.text[start:end] for start, end in sentiment.spans] == ["Peru", "Chile", "him"]
    assert np.argmax(sentiment.labels, axis=1).tolist() == [1, 2, 0]
    peru, chile, him = sentiment.spans
    assert stance.spans == [peru + chile, peru + him, chile + him]
    assert stance.labels == [(0, 1, 0, 0, 0), (0, 0.5, 0, 0, 0.5), (1, 0, 0, 0, 0)]


def test_one_actor_alone_has_no_stance(lines):
    lines("{1:Chile} slept.\t1=0\t-\t-")
    assert [passage.task for passage in written.read_sentences()] == [SENTIMENT]


def test_what_the_writer_calls_a_judgement_is_believed_and_what_he_calls_neutral_is_left_to_the_model():
    spans = [(0, 1), (2, 3), (4, 5)]
    codes = Passage(SENTIMENT, "A B C", spans, [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
    told = codes._replace(labels=[(0.2, 0.6, 0.2), (0.9, 0.05, 0.05), (0.2, 0.6, 0.2)])
    (weighed,) = written.in_coders_terms([codes], [told])
    assert np.argmax(weighed.labels, axis=1).tolist() == [0, 0, 2]
    assert np.allclose(np.sum(weighed.labels, axis=1), 1)


def test_stances_are_weighed_alike_in_both_directions():
    codes = Passage(STANCE, "A B", [(0, 1, 2, 3)], [(0, 0, 0, 1, 0)])
    mirrored = codes._replace(labels=[(0, 0, 0, 0, 1)])
    told = codes._replace(labels=[(0.6, 0.1, 0.1, 0.1, 0.1)])
    (one,), (other,) = (written.in_coders_terms([own], [told])[0].labels for own in (codes, mirrored))
    assert np.allclose(np.array(one)[[0, 2, 1, 4, 3]], other) and np.argmax(one) == 3


def test_spans_that_the_teacher_cannot_read_are_left_out():
    codes = Passage(SENTIMENT, "A B", [(0, 1), (2, 3)], [(1, 0, 0), (0, 0, 1)])
    told = codes._replace(spans=[(2, 3)], labels=[(0.3, 0.4, 0.3)])
    (weighed,) = written.in_coders_terms([codes], [told])
    assert weighed.spans == [(2, 3)] and np.argmax(weighed.labels) == 2


def test_all_written_sentences_can_be_read():
    passages = written.read_sentences()
    assert len({(passage.task, passage.text) for passage in passages}) == len(passages) > 12_000
    assert all(make_sentence(passage) for passage in passages)
    for passage in passages:
        assert "{" not in passage.text and "}" not in passage.text
        places = sorted({place for span in passage.spans for place in zip(span[::2], span[1::2], strict=True)})
        assert all(one[1] <= other[0] for one, other in zip(places, places[1:], strict=False))


def test_all_written_texts_have_a_topic():
    codes = sorted(topic_names())
    passages = written.read_topics(codes)
    assert len(passages) > 1_500 and all(passage.text.strip() for passage in passages)
    assert {codes[np.argmax(passage.labels[0])] for passage in passages} == set(codes) - {9, 23}, "what the coded sets have none of"
    assert np.allclose([sum(passage.labels[0]) for passage in passages], 1)


def test_all_written_texts_are_coded_by_a_codebook_s_issues():
    texts = written.read_issue_texts()
    assert sum(len(text.sentences) for text in texts) > 19_000 and len({text.codebook for text in texts}) > 150
    assert all(len(text.sentences) == len(text.issues) > 0 and set().union(*text.issues) <= set(text.codebook.by_key) for text in texts)
    assert not any(mark in sentence for text in texts for sentence in text.sentences for mark in "{}\t")


def test_what_measures_is_not_learned_from():
    learned, kept = ({s for text in texts for s in text.sentences} for texts in (written.read_issue_texts(), read_texts(KEPT)))
    assert not {sentence for sentence in learned & kept if len(sentence.split()) > 8}
    books = [read_issue_books(folder / CODEBOOKS) for folder in (written.WRITTEN, KEPT)]
    assert not set(books[0]) & set(books[1])
