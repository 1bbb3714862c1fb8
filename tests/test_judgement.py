"""The sentence model: where it reads a target or a pair, and what it does with text that holds none. Its weights do not matter here."""

import json

import numpy as np
import pytest

from analysis import judgement, reader
from analysis.codebook_schema import read_topics
from analysis.judgement import DIRECTIONS, MIRRORED, judge, label_rows, rows_by_text, score
from analysis.tables import SENTIMENTS

PERU, CHILE = (0, 4), (13, 18)
TEXT = "Peru praised Chile."
LONG = "Peru met Chile. " * 120  # 480 words, in two windows
AT_THE_END = (len(LONG) - 7, len(LONG) - 2)


def one(text, targets=(), pairs=()):
    (found,) = judge([text], [targets], [pairs])
    return found


def test_each_target_pair_and_text_gets_probabilities():
    found = one(TEXT, [PERU, CHILE], [(PERU, CHILE)])
    assert found.sentiment.shape == (2, len(SENTIMENTS))
    assert found.stance.shape == (1, len(DIRECTIONS))
    assert found.topics.shape == (len(judgement.topic_codes()),)
    for chances in (found.sentiment, found.stance, found.topics):
        assert (chances > 0).all() and np.allclose(chances.sum(axis=-1), 1)


def test_a_target_reads_the_same_whoever_else_is_asked_about():
    alone, beside = one(TEXT, [CHILE]), one(TEXT, [PERU, CHILE, PERU], [(CHILE, PERU)])
    assert np.allclose(alone.sentiment[0], beside.sentiment[1], atol=0.02)
    assert np.allclose(beside.sentiment[0], beside.sentiment[2])


def test_a_text_reads_the_same_whatever_stands_beside_it():
    together = judge(["Bolivia slept.", TEXT], [[], [PERU]], [[], []])
    assert np.array_equal(together[1].sentiment, one(TEXT, [PERU]).sentiment)


def test_two_targets_in_a_text_are_told_apart():
    found = one(TEXT, [PERU, CHILE]).sentiment
    assert not np.allclose(found[0], found[1], atol=1e-3)


def test_a_pair_in_either_order_gets_the_same_probabilities():
    found = one(TEXT, pairs=[(PERU, CHILE), (CHILE, PERU)])
    assert np.allclose(found.stance[0], found.stance[1, MIRRORED])


def test_mirroring_swaps_first_and_second():
    swap = {"first": "second", "second": "first"}
    mirrored = ["_".join(swap.get(word, word) for word in name.split("_")) for name in DIRECTIONS]
    assert [DIRECTIONS[i] for i in MIRRORED] == mirrored


@pytest.mark.parametrize("span", [(4, 4), (4, 5), (5, 2), (-9, 0), (-9, -3), (500, 900)])
def test_a_span_without_words_gets_no_probabilities(span):
    found = one(TEXT, [span, PERU], [(PERU, span), (PERU, CHILE)])
    assert np.isnan(found.sentiment[0]).all() and not np.isnan(found.sentiment[1]).any()
    assert np.isnan(found.stance[0]).all() and not np.isnan(found.stance[1]).any()


@pytest.mark.parametrize("text", ["", " ", " \n\n\t"])
def test_a_text_without_words_gets_no_probabilities(text):
    found = one(text, [(0, 1)], [((0, 1), (1, 2))])
    assert np.isnan(found.sentiment).all() and np.isnan(found.stance).all() and np.isnan(found.topics).all()
    assert found.topics.shape == (len(judgement.topic_codes()),)


@pytest.mark.parametrize("span", [(-3, 99), (0, 4), (1, 2), (0, 5)])
def test_a_span_that_touches_a_word_takes_in_the_word(span):
    assert np.array_equal(one("Peru 🔥", [span]).sentiment, one("Peru 🔥", [(0, 6 if span[1] == 99 else 4)]).sentiment)


@pytest.mark.parametrize("text", ["👩‍👩‍👧‍👦🔥🇵🇪", "”“((((", "x" * 5000, "\ud800 lone", "İ—ß 漢字 \u202e\u0000"])
def test_hostile_texts_get_probabilities_too(text):
    found = one(text, [(0, 2)], [((0, 1), (0, 2))])
    assert np.isfinite(found.sentiment).all() and np.isfinite(found.stance).all() and np.isfinite(found.topics).all()


def test_what_lies_behind_the_first_window_is_read():
    assert len(reader.cut_windows(reader.split_words(LONG))) == 2
    found = one(LONG, [(0, 4), AT_THE_END, (len(LONG), len(LONG) + 9)])
    assert np.isfinite(found.sentiment[:2]).all() and np.isnan(found.sentiment[2]).all()
    assert found.topics.sum() == pytest.approx(1)


def test_a_pair_too_far_apart_for_a_window_gets_no_probabilities():
    found = one(LONG, [], [((0, 4), AT_THE_END), ((0, 4), (9, 14)), (AT_THE_END, AT_THE_END)])
    assert np.isnan(found.stance[0]).all() and np.isfinite(found.stance[1:]).all()


def test_a_target_is_read_where_it_stands_most_central():
    windows = reader.cut_windows(reader.split_words(LONG))
    early, late = windows[1].first + 1, windows[0].last - 1
    spans = np.array([[0, 1], [early, early + 1], [late, late + 1], [3, 3]])
    assert judgement._home(windows, spans).tolist() == [0, 0, 1, -1]


def test_temperatures_sharpen_or_blunt_and_change_no_order(monkeypatch):
    sharp, plain = {"sentiment": 0.5, "stance": 0.5, "topic": 0.5}, {"sentiment": 1.0, "stance": 1.0, "topic": 1.0}
    seen = []
    for temperatures in (sharp, plain):
        monkeypatch.setattr(judgement, "_settings", lambda t=temperatures: t)
        seen.append(one(TEXT, [PERU], [(PERU, CHILE)]))
    for a, b in zip(*((found.sentiment, found.stance, found.topics[None]) for found in seen), strict=True):
        assert a.max() > b.max() and (a.argsort(axis=1) == b.argsort(axis=1)).all()


def test_probabilities_are_those_of_the_scores_at_the_fitted_temperature():
    settings = json.loads(judgement.SENTENCES.with_suffix(".json").read_text(encoding="utf-8"))
    (raw,) = score([TEXT], [[PERU]], [[]])
    raised = np.exp(raw.sentiment[0] / settings["sentiment"])
    assert one(TEXT, [PERU]).sentiment[0] == pytest.approx(raised / raised.sum())


def test_no_texts_give_no_judgements():
    assert judge([], [], []) == []


def test_every_topic_has_a_name():
    assert set(judgement.topic_codes()) <= set(read_topics()) and len(set(judgement.topic_codes())) == len(judgement.topic_codes())


def test_rows_are_gathered_by_their_text_in_order():
    assert list(rows_by_text(["b", "a", "b"]).items()) == [("b", [0, 2]), ("a", [1])]


def test_a_row_of_which_nothing_is_said_is_neutral():
    found = label_rows(np.array([[0.7, 0.2, 0.1], [np.nan] * 3]), SENTIMENTS)
    assert found["label"].tolist() == ["negative", "neutral"] and found["p_neutral"].tolist() == [0.2, 1.0]
