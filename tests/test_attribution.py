"""From words' roles to spans and attributions."""

from itertools import product

import numpy as np
import pytest

from analysis.attribution import ROLES, TAGS, assemble_attributions, decode_spans
from analysis.reader import log_softmax, read_texts


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
    return log_softmax(np.random.default_rng(seed).normal(0, 4, (words, len(TAGS))))


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
