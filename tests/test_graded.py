"""Codes by degrees: how they are read, and what they come to in the coders' terms."""

import numpy as np
import pytest

from analysis.judgement import MIRRORED, SENTIMENT, STANCE
from analysis.training import graded, written
from analysis.training.graded import Codes, Weigher
from analysis.training.passages import Passage, make_sentence

A, B = (0, 1), (2, 3)
UNSURE = (0.3, 0.4, 0.3)


@pytest.fixture
def lines(tmp_path, monkeypatch):
    """A function that puts lines in the place of a file of texts."""
    monkeypatch.setattr(written, "WRITTEN", tmp_path)
    return lambda name, *lines: (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def weigher():
    """Fitted on 300 sentences whose coders see a judgement where the language model is sure of one, and follow the teacher elsewhere."""
    rng = np.random.default_rng(1)
    coded, told, codes = [], [], {}
    for n in range(300):
        text, degree, guess = f"A B {n}", int(rng.integers(-3, 4)), int(rng.integers(3))
        label = np.sign(degree) + 1 if abs(degree) > 1 else guess
        leaning = 3 * (degree < -1) + (degree > 1)  # the first opposes, or supports, the second
        codes[text] = Codes([A, B], [degree, 0], {(0, 1, "+" if degree > 0 else "-"): 3} if leaning else {})
        shares = np.full(3, 0.2) + 0.4 * np.eye(3)[guess]
        for task, span, gold, told_of in (
            (SENTIMENT, A, np.eye(3)[label], shares),
            (STANCE, A + B, np.eye(5)[leaning], np.full(5, 0.2)),
        ):
            coded.append(Passage(task, text, [span], [tuple(gold)]))
            told.append(Passage(task, text, [span], [tuple(told_of)]))
    return Weigher(coded, told, codes)


def test_marks_become_places_in_the_order_of_the_text(lines):
    lines("sentences.tsv", "“{1:Peru}’s envoy” praised {2:Chile}, not {3:him}.\t0 2 -1\t1>2+3 1>3-1\trelations")
    ((text, codes),) = graded.read_written().items()
    assert text == "“Peru’s envoy” praised Chile, not him."
    assert [text[start:end] for start, end in codes.places] == ["Peru", "Chile", "him"]
    assert codes.sentiments == [0, 2, -1]
    assert codes.stances == {(0, 1, "+"): 3, (0, 2, "-"): 1}


def test_texts_that_are_not_kept_here_are_known_by_their_key(lines):
    key, other = (graded.key_of(text) for text in ("Peru praised Chile.", "Chile slept."))
    lines("coded.tsv", f"{key}\t0-4 13-18\t?\t1>2+2", f"{other}\t0-5\t0\t?")
    found = graded.read_codes("coded.tsv", ["Chile slept.", "Nobody coded this.", "Peru praised Chile."])
    assert found == {"Chile slept.": Codes([(0, 5)], [0], None), "Peru praised Chile.": Codes([(0, 4), (13, 18)], None, {(0, 1, "+"): 2})}


def test_what_was_coded_is_what_is_asked():
    codes = {"A B": Codes([A, B], [0, 1], {}), "B": Codes([A], [2], {}), "A C": Codes([A, B], None, {}), "A D": Codes([A, B], [0, 0], None)}
    asked = [(passage.task, passage.text, passage.spans) for passage in graded.list_asked(codes)]
    assert asked == [
        (SENTIMENT, "A B", [A, B]),
        (STANCE, "A B", [A + B]),
        (SENTIMENT, "B", [A]),
        (STANCE, "A C", [A + B]),
        (SENTIMENT, "A D", [A, B]),
    ]


def test_a_sure_code_outweighs_an_unsure_teacher_and_a_surer_one_weighs_more(weigher):
    codes = {str(degree): Codes([A], [degree], {}) for degree in range(-3, 4)}
    told = [Passage(SENTIMENT, text, [A], [UNSURE]) for text in codes]
    labels = np.array([passage.labels[0] for passage in weigher.weigh(told, codes, 1.0)])
    assert labels.argmax(axis=1)[[0, 1, 5, 6]].tolist() == [0, 0, 2, 2]
    assert labels[0, 0] > labels[2, 0] and labels[6, 2] > labels[4, 2]
    assert np.allclose(labels.sum(axis=1), 1)


def test_a_teacher_who_is_trusted_less_has_less_of_a_say(weigher):
    codes, told = {"A": Codes([A], [0], {})}, [Passage(SENTIMENT, "A", [A], [(0.8, 0.1, 0.1)])]
    full, half = (weigher.weigh(told, codes, trust)[0].labels[0] for trust in (1.0, 0.3))
    assert full[0] > half[0] > 1 / 3


def test_stances_are_weighed_alike_in_both_directions(weigher):
    told = [Passage(STANCE, text, [A + B], [(0.6, 0.1, 0.1, 0.1, 0.1)]) for text in ("first", "second")]
    codes = {"first": Codes([A, B], None, {(0, 1, "-"): 3}), "second": Codes([A, B], None, {(1, 0, "-"): 3})}
    one, other = (passage.labels[0] for passage in weigher.weigh(told, codes, 1.0))
    assert np.argmax(one) == 3
    assert np.allclose(np.array(one)[MIRRORED], other, atol=1e-3)


def test_a_label_of_the_coders_is_averaged_with_the_code_where_there_is_one(weigher):
    coded = [Passage(SENTIMENT, text, [A, B], [(0.0, 1.0, 0.0), (0.0, 1.0, 0.0)]) for text in ("both", "one", "none")]
    codes = {"both": Codes([A, B], [-3, 3], None), "one": Codes([B], [3], None)}
    both, one, none = (np.array(passage.labels) for passage in weigher.average(coded, codes))
    assert (both[:, 1] > 0.5).all() and both[0, 0] > 0.3 and both[1, 2] > 0.3
    assert one[0].tolist() == [0, 1, 0] and one[1, 2] > 0.2
    assert none.tolist() == [[0, 1, 0], [0, 1, 0]]


def test_all_written_sentences_can_be_read():
    codes = graded.read_written()
    asked = graded.list_asked(codes)
    assert len(codes) > 6_000 and len(asked) > 12_000
    assert all(make_sentence(passage) for passage in asked)
    for text, (places, sentiments, stances) in codes.items():
        assert "{" not in text and "}" not in text
        assert len(sentiments) == len(places) and set(sentiments) <= set(graded.DEGREES)
        assert all(one != other and max(one, other) < len(places) for one, other, _ in stances)
        assert all(one[1] <= other[0] for one, other in zip(places, places[1:], strict=False))


@pytest.mark.parametrize(("name", "least"), [(graded.CODED, 9_000), (graded.UNCODED, 16_000)])
def test_all_lines_of_codes_can_be_read(name, least):
    read = written.read_lines(name)
    assert len({key for key, *_ in read}) == len(read) > least
    for _, places, sentiments, stances in read:
        known = graded._parse([tuple(map(int, place.split("-"))) for place in places.split()], sentiments, stances)
        assert known.sentiments is None or len(known.sentiments) == len(known.places)
        assert all(start < end for start, end in known.places)


def test_codes_of_texts_that_are_kept_here_fit_their_texts():
    sentences = {sentence for text in written.read_issue_texts() for sentence in text.sentences}
    codes = graded.read_codes(graded.UNCODED, sentences)
    assert len(codes) > 3_000
    assert all(place[1] <= len(text) for text, known in codes.items() for place in known.places)
