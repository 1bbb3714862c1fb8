"""Texts written for this project: their topics and issues."""

from pathlib import Path

import numpy as np

from analysis.codebook import read_issue_books
from analysis.codebook_schema import read_topics as topic_names
from analysis.evaluation.coverage import CODEBOOKS, read_texts
from analysis.training import written

KEPT = Path(__file__).parent / "data" / "codebooks"


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
