"""What the sentence model learns from: passages whose labels stay true, however they are altered."""

import numpy as np
import pytest

from analysis import reader
from analysis.judgement import MIRRORED, SENTIMENT, STANCE, TOPIC
from analysis.training import passages
from analysis.training.material import CodedSet
from analysis.training.passages import TIMES, Passage, augment, batches, list_names, list_passages, make_sentence

TEXT = "Peru praised Chile, and Ana Ruiz thanked Peru."
SUPPORT, OPPOSITION = (0.0, 1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0, 0.0)
SECOND_SUPPORTS = (0.0, 0.0, 1.0, 0.0, 0.0)
POLARITIES = NEGATIVE, NEUTRAL, POSITIVE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
PAIR = Passage(STANCE, TEXT, [(0, 4, 13, 18), (24, 32, 41, 45)], [SUPPORT, OPPOSITION])
NAMES = [["Kenya"], ["Jo Ek Li"]]


@pytest.fixture
def renamed_always(monkeypatch):
    monkeypatch.setattr(passages, "RENAMED_TARGETS", dict.fromkeys(passages.RENAMED_TARGETS, 1))


def words_at(sentence, start, end):
    return reader.load_tokenizer().decode(sentence.ids[start:end])


def test_a_passage_is_laid_over_its_word_pieces():
    sentence = make_sentence(PAIR)
    assert [[words_at(sentence, *place) for place in row.reshape(-1, 2)] for row in sentence.spans] == [
        ["peru", "chile"],
        ["ana ruiz", "peru"],
    ]
    assert sentence.labels.argmax(axis=1).tolist() == [1, 3]


def test_what_lies_behind_the_first_window_is_left_out():
    far = "Chile slept. " * 200
    sentence = make_sentence(Passage(SENTIMENT, far, [(0, 5), (len(far) - 13, len(far) - 8)], [NEGATIVE, POSITIVE]))
    assert sentence.labels.tolist() == [list(NEGATIVE)]
    assert make_sentence(Passage(SENTIMENT, far, [(len(far) - 13, len(far) - 8)], [POSITIVE])) is None
    assert make_sentence(Passage(SENTIMENT, "", [(0, 0)], [NEGATIVE])) is None


def test_texts_that_come_again_are_one_passage_but_for_topics():
    coded = CodedSet(SENTIMENT, ["A b.", "C d.", "A b."], [(0, 1), (0, 1), (2, 3)], [0, 1, 2], 3)
    assert list_passages(coded) == [
        Passage(SENTIMENT, "A b.", [(0, 1), (2, 3)], [NEGATIVE, POSITIVE]),
        Passage(SENTIMENT, "C d.", [(0, 1)], [NEUTRAL]),
    ]
    topics = list_passages(CodedSet(TOPIC, ["A b."] * 2, [(), ()], [0, 1], 2))
    assert topics == [Passage(TOPIC, "A b.", [()], [(1.0, 0.0)]), Passage(TOPIC, "A b.", [()], [(0.0, 1.0)])]


def test_names_are_those_of_countries_and_of_targets_in_two_or_three_words():
    countries, people = list_names([PAIR])
    assert people == ["Ana Ruiz"] and {"Peru", "Kenya", "China"} <= set(countries)
    assert list_names([]) == [countries]


def test_a_new_name_stands_wherever_the_target_stood_and_offsets_follow(renamed_always):
    seen = set()
    for seed in range(20):
        text, spans = passages._rename(PAIR, NAMES, np.random.default_rng(seed))[1:3]
        (first, second), (third, fourth) = [[text[start:end] for start, end in passages._pairs_of(span)] for span in spans]
        assert first == fourth and {first, second, third} <= {"Kenya", "Jo Ek Li"}
        assert text == f"{first} praised {second}, and {third} thanked {fourth}."
        seen.add((first, second, third))
    assert len(seen) == 8


@pytest.mark.parametrize(("text", "span"), [("He left.", (0, 2)), ("A minister left.", (2, 10)), ("They left.", (0, 4))])
def test_pronouns_and_nouns_are_not_renamed(text, span, renamed_always):
    passage = Passage(SENTIMENT, text, [span], [NEUTRAL])
    assert passages._rename(passage, NAMES, np.random.default_rng(1)) == passage


def test_targets_within_each_other_keep_their_names(renamed_always):
    passage = Passage(STANCE, "Peru Coal fell.", [(0, 4, 0, 9)], [SUPPORT])
    assert passages._rename(passage, NAMES, np.random.default_rng(1)) == passage


def test_pairs_stand_in_the_order_of_the_text_with_the_direction_that_goes_with_it():
    coded = CodedSet(STANCE, [TEXT] * 2, [(13, 18, 0, 4), (24, 32, 41, 45)], [MIRRORED[1], 3], 5)
    assert list_passages(coded) == [PAIR]


def test_half_of_the_pairs_are_asked_about_the_other_way_round_with_the_direction_that_goes_with_it():
    one = make_sentence(PAIR)
    as_it_is = [(tuple(span), tuple(label)) for span, label in zip(one.spans.tolist(), one.labels.tolist(), strict=True)]
    turned = [((*span[2:], *span[:2]), tuple(label[n] for n in MIRRORED)) for span, label in as_it_is]
    seen = []
    for seed in range(100):
        altered = passages._alter(one, np.random.default_rng(seed))
        for n, found in enumerate(zip(altered.spans.tolist(), altered.labels.tolist(), strict=True)):
            pair = tuple(map(tuple, found))
            assert pair in (as_it_is[n], turned[n])
            seen.append(pair == turned[n])
    assert 0.35 < np.mean(seen) < 0.65
    assert one.labels.tolist() == [list(SUPPORT), list(OPPOSITION)]  # the passage itself stays as it was


def test_two_sentences_joined_keep_their_targets_apart():
    one, other = make_sentence(PAIR), make_sentence(Passage(STANCE, "Kenya left Ghana.", [(0, 5, 11, 16)], [SECOND_SUPPORTS]))
    joined = passages._join(one, other)
    found = [[words_at(joined, *place) for place in row.reshape(-1, 2)] for row in joined.spans]
    assert found == [["peru", "chile"], ["ana ruiz", "peru"], ["kenya", "ghana"]] and joined.labels.argmax(axis=1).tolist() == [1, 3, 2]
    assert len(joined.ids) == len(joined.types) == len(one.ids) + len(other.ids) - 2
    assert [joined.ids[place] for place in joined.words[-2:]] == other.ids[-3:-1]


def test_an_epoch_holds_every_label_once():
    coded = [Passage(SENTIMENT, f"Peru {n}." + " Chile slept." * (75 * (n % 2)), [(0, 4)], [POLARITIES[n % 3]]) for n in range(50)] + [
        Passage(TOPIC, f"A {n}.", [()], [tuple(np.eye(9)[n])]) for n in range(9)
    ]
    altered = augment(coded, NAMES, np.random.default_rng(3))
    dealt = batches(altered, np.random.default_rng(3))
    for task, labels in ((SENTIMENT, [n % 3 for n in range(50)]), (TOPIC, list(range(9)))):
        found = [label for batch in dealt for sentence in batch if sentence.task == task for label in sentence.labels.argmax(axis=1)]
        assert sorted(found) == sorted(labels * TIMES[task])
    assert all(len({sentence.task for sentence in batch}) == 1 for batch in dealt)
    assert len(altered) < sum(TIMES[passage.task] for passage in coded)  # some were joined
