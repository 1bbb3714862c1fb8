"""Sentences that a teacher is asked about: whom they name, and in which order."""

import pytest

from analysis.judgement import SENTIMENT, STANCE
from analysis.training import uncoded

TEXTS = [
    "Barack Obama praised Angela Merkel in Berlin. He smiled. It rained all day long in the city.",
    "Barack Obama praised Angela Merkel in Berlin.",
    "China and Japan signed a treaty, and China thanked Barack Obama because he had helped.",
]


def asked(passages):
    return {(p.task, tuple(p.text[span[at] : span[at + 1]] for at in range(0, len(span), 2))) for p in passages for span in p.spans}


@pytest.fixture(scope="module")
def passages():
    return uncoded.list_uncoded(TEXTS, seed=1)


def test_names_and_pronouns_are_asked_about_and_pairs_in_the_order_of_the_text(monkeypatch):
    monkeypatch.setattr(uncoded, "ASKED_AT_ONCE", 99)
    found = asked(uncoded.list_uncoded(TEXTS[2:], seed=1))
    names = ["China", "Japan", "Barack Obama", "he"]
    assert found == {(SENTIMENT, (name,)) for name in names} | {
        (STANCE, (one, other)) for n, one in enumerate(names) for other in names[n + 1 :]
    }


def test_a_sentence_comes_once_a_task_without_labels_and_not_where_nobody_is_named(passages):
    assert len({(p.task, p.text) for p in passages}) == len(passages)
    assert not any(label for p in passages for label in p.labels)
    assert all(len(p.spans) == len(p.labels) <= uncoded.ASKED_AT_ONCE for p in passages)
    assert not any("rained" in p.text or p.text.startswith("He smiled") for p in passages)


def test_the_same_are_drawn_by_the_same_seed(passages):
    assert uncoded.list_uncoded(TEXTS, seed=1) == passages
    others = [uncoded.list_uncoded(TEXTS, seed=seed) for seed in range(2, 6)]
    assert any(other != passages for other in others)
