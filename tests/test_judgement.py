"""The sentence model: where it reads a target or a pair, and what it does with text that holds none. Its weights do not matter here."""

import json

import numpy as np
import pytest

from analysis import judgement, reader
from analysis.codebook_schema import read_topics
from analysis.judgement import (
    COPIES,
    DIRECTIONS,
    MIRRORED,
    SENTIMENT,
    STANCE,
    TASKS,
    TOPIC,
    as_text,
    ask,
    in_order,
    judge,
    label_rows,
    rows_by_text,
    score,
)
from analysis.tables import SENTIMENTS

PERU, CHILE = (0, 4), (13, 18)
TEXT = "Peru praised Chile."
LONG = "Peru met Chile. " * 120  # 480 words, in two windows
AT_THE_END = (len(LONG) - 7, len(LONG) - 2)
EXACT = 1e-5  # sums in another order
SPANS = {SENTIMENT: PERU, STANCE: (*PERU, *CHILE), TOPIC: ()}


def of_targets(text, *spans):
    return judge(SENTIMENT, [text] * len(spans), spans)


def of_pairs(text, *pairs):
    return judge(STANCE, [text] * len(pairs), [(*first, *second) for first, second in pairs])


def topics(text):
    return judge(TOPIC, [text], [()])[0]


@pytest.mark.parametrize("task, labels", [(SENTIMENT, SENTIMENTS), (STANCE, DIRECTIONS), (TOPIC, judgement.topic_codes())])
def test_each_query_gets_probabilities(task, labels):
    found = judge(task, [TEXT], [SPANS[task]])
    assert found.shape == (1, len(labels))
    assert (found > 0).all() and found.sum() == pytest.approx(1)


def test_a_target_reads_the_same_whoever_else_is_asked_about():
    alone, beside = of_targets(TEXT, CHILE), of_targets(TEXT, PERU, CHILE, PERU, (0, len(TEXT)))
    assert np.allclose(alone[0], beside[1], atol=EXACT)
    assert np.allclose(beside[0], beside[2], atol=EXACT)
    alone, beside = of_pairs(TEXT, (PERU, CHILE)), of_pairs(TEXT, (CHILE, (0, len(TEXT))), (PERU, CHILE))
    assert np.allclose(alone[0], beside[1], atol=EXACT)


@pytest.mark.parametrize("task", TASKS)
def test_a_text_reads_the_same_whatever_stands_beside_it(task):
    together = judge(task, ["Bolivia likes Ecuador.", TEXT, "Bolivia likes Ecuador."], [SPANS[task]] * 3)
    assert np.array_equal(together[1], judge(task, [TEXT], [SPANS[task]])[0])
    assert np.array_equal(together[0], together[2])


@pytest.mark.parametrize("task", TASKS)
def test_texts_that_are_read_together_read_as_each_alone(task, monkeypatch):
    texts = [f"{TEXT} {'It rained. ' * n}{'Then came snow, and more of it.' * (n % 3)}" for n in range(12)]
    together = judge(task, texts, [SPANS[task]] * len(texts))
    monkeypatch.setattr(judgement, "_PIECES_AT_ONCE", 1)
    for kept in (judgement._reading_kept, judgement._whole_kept):
        kept.cache_clear()
    assert np.array_equal(together, judge(task, texts, [SPANS[task]] * len(texts)))


def test_texts_of_like_meaning_stand_near_one_another_whatever_stands_beside_them():
    doctor, physician, tariff = judgement.place(["The doctor saw patients.", "A physician treated the sick.", "Tariffs on steel rise."])
    assert doctor @ physician > doctor @ tariff + 0.2
    assert np.array_equal(judgement.place(["Tariffs on steel rise."])[0], tariff)


@pytest.mark.parametrize("text", ["İ—ß 漢字 🙂", "tax " * 600, "?"])
def test_any_text_has_a_place_at_length_one(text):
    assert np.linalg.norm(judgement.place([text])) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_text_without_words_has_no_place(text):
    assert not judgement.place([text]).any()


def test_two_targets_in_a_text_are_told_apart():
    found = of_targets(TEXT, PERU, CHILE)
    assert not np.allclose(found[0], found[1], atol=1e-3)


def test_a_pair_in_either_order_gets_the_same_probabilities():
    found = of_pairs(TEXT, (PERU, CHILE), (CHILE, PERU))
    assert np.allclose(found[0], found[1, MIRRORED])


def test_queries_are_the_first_piece_and_copies_of_those_who_are_asked_about_each():
    ids, types = [101, 7, 8, 9, 102], [0, 1, 2, 3, 0]
    asked = ask(np.array([[1, 3], [0, 5]]), ids, types)
    assert {name: values.tolist() for name, values in asked.items()} == {
        "ids": [[101, 7, 8, 101, *ids]],
        "types": [[0, 1, 2, 0, *types]],
        "places": [[0, 1, 2, 0, 0, 1, 2, 3, 4]],
        "marks": [[3, 1, 1, 3, 1, 1, 1, 1, 1]],
        "queries": [[0, 0, 0, 1, 1, 1, 1, 1, 1]],
    }
    asked = ask(np.array([[1, 3, 2, 4]]), ids, types)
    assert asked["places"].tolist() == [[0, 1, 2, 2, 3]] and asked["marks"].tolist() == [[3, 1, 1, 2, 2]]


def test_a_long_span_is_known_by_its_beginning():
    asked = ask(np.array([[3, 90, 1, 2]]), range(100), [0] * 100)
    assert asked["places"].tolist() == [[0, *range(3, 3 + COPIES), 1]]


def test_a_text_is_nobody_s_copy():
    text = as_text([101, 7, 102], [0, 1, 0])
    assert {name: values.tolist() for name, values in text.items()} == {
        "ids": [[101, 7, 102]],
        "types": [[0, 1, 0]],
        "places": [[0, 1, 2]],
        "marks": [[0, 0, 0]],
        "queries": [[0, 0, 0]],
    }


def test_pairs_are_asked_about_in_the_order_of_the_text():
    spans, turned = in_order(np.array([[5, 6, 1, 2], [1, 2, 5, 6], [1, 4, 1, 2]]))
    assert spans.tolist() == [[1, 2, 5, 6], [1, 2, 5, 6], [1, 2, 1, 4]] and turned.tolist() == [True, False, True]
    spans, turned = in_order(np.array([[5, 6]]))
    assert spans.tolist() == [[5, 6]] and not turned.any()


def test_mirroring_swaps_first_and_second():
    swap = {"first": "second", "second": "first"}
    mirrored = ["_".join(swap.get(word, word) for word in name.split("_")) for name in DIRECTIONS]
    assert [DIRECTIONS[i] for i in MIRRORED] == mirrored


@pytest.mark.parametrize("span", [(4, 4), (4, 5), (5, 2), (-9, 0), (-9, -3), (500, 900)])
def test_a_span_without_words_gets_no_probabilities(span):
    found = of_targets(TEXT, span, PERU)
    assert np.isnan(found[0]).all() and not np.isnan(found[1]).any()
    found = of_pairs(TEXT, (PERU, span), (PERU, CHILE))
    assert np.isnan(found[0]).all() and not np.isnan(found[1]).any()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("text", ["", " ", " \n\n\t"])
def test_a_text_without_words_gets_no_probabilities(task, text):
    assert np.isnan(judge(task, [text], [SPANS[task]])).all()


@pytest.mark.parametrize("span", [(-3, 99), (0, 4), (1, 2), (0, 5)])
def test_a_span_that_touches_a_word_takes_in_the_word(span):
    assert np.array_equal(of_targets("Peru 🔥", span), of_targets("Peru 🔥", (0, 6 if span[1] == 99 else 4)))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("text", ["👩‍👩‍👧‍👦🔥🇵🇪", "”“((((", "x" * 5000, "\ud800 lone", "İ—ß 漢字 \u202e\u0000"])
def test_hostile_texts_get_probabilities_too(task, text):
    assert np.isfinite(judge(task, [text], [{SENTIMENT: (0, 2), STANCE: (0, 1, 0, 2), TOPIC: ()}[task]])).all()


def test_what_lies_behind_the_first_window_is_read():
    assert len(reader.cut_windows(reader.split_words(LONG))) == 2
    found = of_targets(LONG, (0, 4), AT_THE_END, (len(LONG), len(LONG) + 9))
    assert np.isfinite(found[:2]).all() and np.isnan(found[2]).all()
    assert topics(LONG).sum() == pytest.approx(1)


def test_queries_that_are_read_in_parts_get_their_own_answers(monkeypatch):
    spans = [(start, start + 4) for start in range(0, 64, 16)]
    pairs = [(*span, span[0] + 9, span[0] + 14) for span in spans]
    text = LONG[:80]
    whole = [judge(SENTIMENT, [text] * 4, spans), judge(STANCE, [text] * 4, pairs)]
    monkeypatch.setattr(judgement, "_ASKED_AT_ONCE", 3)
    parts = [judge(SENTIMENT, [text] * 4, spans), judge(STANCE, [text] * 4, pairs)]
    for one, other in zip(whole, parts, strict=True):
        assert np.allclose(one, other, atol=EXACT)


def test_a_pair_too_far_apart_for_a_window_gets_no_probabilities():
    found = of_pairs(LONG, ((0, 4), AT_THE_END), ((0, 4), (9, 14)), (AT_THE_END, AT_THE_END))
    assert np.isnan(found[0]).all() and np.isfinite(found[1:]).all()


def test_a_target_is_read_where_it_stands_most_central():
    windows = reader.cut_windows(reader.split_words(LONG))
    early, late = windows[1].first + 1, windows[0].last - 1
    spans = np.array([[0, 1], [early, early + 1], [late, late + 1], [3, 3]])
    assert judgement._home(windows, spans).tolist() == [0, 0, 1, -1]


@pytest.mark.parametrize("task", TASKS)
def test_temperatures_sharpen_or_blunt_and_change_no_order(task, monkeypatch):
    seen = []
    for temperature in (0.5, 1.0):
        monkeypatch.setattr(judgement, "_settings", lambda t=temperature: dict.fromkeys(TASKS, t))
        seen.append(judge(task, [TEXT], [SPANS[task]])[0])
    assert seen[0].max() > seen[1].max() and (seen[0].argsort() == seen[1].argsort()).all()


def test_probabilities_are_those_of_the_scores_at_the_fitted_temperature():
    settings = json.loads(judgement.SENTENCES.with_suffix(".json").read_text(encoding="utf-8"))
    raised = np.exp(score(SENTIMENT, [TEXT], [PERU])[0] / settings[SENTIMENT])
    assert of_targets(TEXT, PERU)[0] == pytest.approx(raised / raised.sum())


@pytest.mark.parametrize("task", TASKS)
def test_no_texts_give_no_probabilities(task):
    assert len(judge(task, [], [])) == 0


def test_every_topic_has_a_name():
    assert set(judgement.topic_codes()) <= set(read_topics()) and len(set(judgement.topic_codes())) == len(judgement.topic_codes())


def test_rows_are_gathered_by_their_text_in_order():
    assert list(rows_by_text(["b", "a", "b"]).items()) == [("b", [0, 2]), ("a", [1])]


def test_a_row_of_which_nothing_is_said_is_neutral():
    found = label_rows(np.array([[0.7, 0.2, 0.1], [np.nan] * 3]), SENTIMENTS)
    assert found["label"].tolist() == ["negative", "neutral"] and found["p_neutral"].tolist() == [0.2, 1.0]
