"""From words' roles to spans and attributions."""

import json
from itertools import product

import numpy as np
import pytest
from scipy.special import log_softmax

from analysis.attribution import ROLES, TAGS, assemble_attributions, decode_spans
from analysis.reader import MODELS, Reading, Window, read_texts, split_words


def tags_of(spans, n):
    """The tags of the words that these spans stand for."""
    tags = ["O"] * n
    for span in spans:
        length = span.last - span.first
        places = "S" if length == 1 else "B" + "I" * (length - 2) + "E"
        tags[span.first : span.last] = [f"{place}-{span.role}" for place in places]
    return tags


def is_whole(tags):
    """Whether each span that begins also ends, in the same role."""
    role = None
    for tag in tags:
        place, _, this = tag.partition("-")
        if (place in "IE") != (role is not None) or (role and this != role):
            return False
        role = this if place in "BI" else None
    return role is None


def random_scores(words, seed):
    return log_softmax(np.random.default_rng(seed).normal(0, 4, (words, len(TAGS))), axis=1)


@pytest.mark.parametrize("seed", range(6))
def test_decoding_finds_the_most_probable_of_all_whole_sequences(seed):
    log_p = random_scores(4, seed)
    best = max(
        (p for p in product(range(len(TAGS)), repeat=4) if is_whole([TAGS[t] for t in p])),
        key=lambda path: log_p[np.arange(4), list(path)].sum(),
    )
    assert tags_of(decode_spans(log_p), 4) == [TAGS[t] for t in best]


@pytest.mark.parametrize("seed", range(20))
def test_spans_never_overlap_nor_leave_the_text_on_random_scores(seed):
    spans = decode_spans(random_scores(300, seed))
    edges = [edge for span in spans for edge in (span.first, span.last)]
    assert len(spans) > 10 and edges == sorted(edges) and edges[-1] <= 300
    assert all(span.first < span.last and span.role in ROLES and span.score <= 0 for span in spans)
    assert is_whole(tags_of(spans, 300))


def test_a_span_without_an_end_is_none_where_all_else_speaks_against_it():
    log_p = np.full((3, len(TAGS)), -20.0)
    log_p[:, TAGS.index("O")] = -1
    log_p[2, TAGS.index("B-content")] = 0
    assert decode_spans(log_p) == []


def test_no_words_give_no_spans():
    assert decode_spans(np.zeros((0, 0))) == []


TEXT = (
    "“The dam held,” said engineer Paul Okafor, “and nobody slept.” The council claimed that it had warned the village. "
    "According to residents, no siren was heard.\n\nMinister Lund called the flood “a lesson”."
)


def test_offsets_begin_and_end_with_words_or_their_quotation_marks():
    reading = next(read_texts([TEXT]))
    starts, ends = ({int(edge) for edge in edges} for edges in reading.words.offsets.T)
    found = assemble_attributions(reading)
    assert len(found) >= 4
    for attribution in found:
        for start, end in (span for role in ROLES for span in attribution[role]):
            assert start in starts and end in ends and start < end


def test_each_attribution_has_a_content_at_most_one_cue_and_at_most_one_source():
    for attribution in assemble_attributions(next(read_texts([TEXT]))):
        assert attribution["content"] and len(attribution["cue"]) <= 1 and len(attribution["source"]) <= 1
        assert attribution["type"] in ("direct", "indirect", "mixed") and 0 < attribution["confidence"] <= 1


def test_a_reading_without_words_holds_no_attribution():
    assert assemble_attributions(next(read_texts([""]))) == []


# ---------------------------------------------------------------- what belongs together


def read_as(text: str, tags: str, links: dict[tuple[int, int], float], faint: dict[int, str] | None = None) -> Reading:
    """A reading by hand: a tag a word (`.` for none), and the probability that a word points to another as its cue's first."""
    words = split_words(text)
    codes = {".": "O", "s": "S-source", "q": "S-cue", "c": "S-content", "[": "B-content", "-": "I-content", "]": "E-content"}
    p = np.full((len(words), len(TAGS)), 1e-3)
    for word, code in enumerate(tags.split()):
        p[word, TAGS.index(codes[code])] = 1
    for word, tag in (faint or {}).items():
        p[word, TAGS.index(tag)] = 0.6
    pointers = np.full((2, len(words), len(words)), 1e-6)
    for (word, cue), chance in links.items():
        pointers[:, word, cue] = chance
    window = Window(0, len(words), [], [], np.arange(len(words)))
    return Reading(words, np.log(p / p.sum(axis=1, keepdims=True)), np.zeros(len(words), dtype=int), [window], [np.log(pointers)])


def told(text: str, reading: Reading) -> list[tuple[str, str, str]]:
    found = assemble_attributions(reading)
    return [tuple(" / ".join(text[start:end] for start, end in a[role]) for role in ROLES) for a in found]


def test_a_source_and_a_content_go_to_the_cue_that_they_point_to():
    text = "Ito said rain Ode denied snow"
    reading = read_as(text, "s q c s q c", {(0, 1): 0.9, (2, 1): 0.9, (3, 4): 0.9, (5, 4): 0.9})
    assert told(text, reading) == [("Ito", "said", "rain"), ("Ode", "denied", "snow")]


def test_contents_on_both_sides_of_a_cue_are_one_attribution():
    text = "rain Ito said snow Ode denied"
    links = {(0, 2): 0.9, (1, 2): 0.9, (3, 2): 0.5, (3, 5): 0.4, (4, 5): 0.9}
    assert told(text, read_as(text, "c s q c s q", links)) == [("Ito", "said", "rain / snow")]


def test_a_second_content_on_the_same_side_goes_to_the_next_cue_if_that_is_nearly_as_likely():
    text = "rain snow Ito said Ode denied"
    links = {(0, 3): 0.9, (1, 3): 0.5, (1, 5): 0.4, (2, 3): 0.9, (4, 5): 0.9}
    assert told(text, read_as(text, "c c s q s q", links)) == [("Ito", "said", "rain"), ("Ode", "denied", "snow")]


def test_a_cue_without_a_source_shares_that_of_another():
    text = "Ito praised rain saying snow"
    reading = read_as(text, "s q c q c", {(0, 1): 0.9, (0, 3): 0.05, (2, 1): 0.9, (4, 3): 0.9})
    assert told(text, reading) == [("Ito", "praised", "rain"), ("Ito", "saying", "snow")]


def test_faint_words_that_clearly_point_to_a_cue_are_its_source_before_one_is_shared():
    text = "Ito praised rain they saying snow"
    links = {(0, 1): 0.9, (0, 4): 0.05, (2, 1): 0.9, (3, 4): 0.9, (5, 4): 0.9}
    reading = read_as(text, "s q c . q c", links, faint={3: "S-source"})
    assert told(text, reading) == [("Ito", "praised", "rain"), ("they", "saying", "snow")]


def test_a_source_that_points_nowhere_near_is_not_shared():
    text = "Ito praised rain saying snow"
    reading = read_as(text, "s q c q c", {(0, 1): 0.9, (2, 1): 0.9, (4, 3): 0.9})
    assert told(text, reading) == [("Ito", "praised", "rain"), ("", "saying", "snow")]


def test_a_content_whose_cue_was_not_tagged_gets_the_word_that_it_points_to():
    text = "Ito : rain"
    assert told(text, read_as(text, "s . c", {(0, 1): 0.8, (2, 1): 0.8})) == [("Ito", ":", "rain")]


def test_a_content_that_points_to_nothing_stands_alone():
    text = "Ito left rain"
    assert told(text, read_as(text, "s . c", {})) == [("", "", "rain")]


def test_confidence_weighs_what_the_attribution_tells_and_nothing_else():
    text = "Ito said rain Ode denied snow"
    sure = {(0, 1): 0.9, (2, 1): 0.9, (3, 4): 0.9, (5, 4): 0.9}
    first, second = assemble_attributions(read_as(text, "s q c s q c", sure | {(5, 4): 0.3}))
    weights = json.loads((MODELS / "quotes.json").read_text(encoding="utf-8"))["weights"]
    assert weights.keys() == first["features"].keys()
    assert first["confidence"] > second["confidence"]
