"""Words, windows, and what the encoder makes of them."""

from itertools import pairwise

import numpy as np
import pytest

from analysis import reader
from analysis.attribution import TAGS

LONG = "The minister of works said on Monday that the bridge over the Tagus would reopen before winter.\n\n" * 60


def test_words_stand_where_their_offsets_say():
    words = reader.split_words("Åse’s “dam”\n\nheld 🙂.")
    assert [words.text[a:b] for a, b in words.offsets] == ["Åse", "’", "s", "“", "dam", "”", "\n\n", "held", "🙂", "."]


def test_a_paragraph_break_is_one_token_of_its_own():
    token = reader.load_tokenizer().token_to_id(reader.PARAGRAPH)
    words = reader.split_words("It held.\n\n\nIt fell.\nIt rained.")
    assert [pieces for pieces in words.pieces].count([token]) == 2


@pytest.mark.parametrize(
    "text", ["x" * 5000, "ab" * 40, "\ud800 said \udfff", "\u200b\u200d\ufeff", "\x00", "ह" * 300, "a\u200bb", "🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 50, "’" * 3000]
)
def test_every_word_has_a_piece_and_finite_figures_on_hostile_text(text):
    words = reader.split_words(text)
    assert len(words) and all(1 <= len(pieces) <= reader.WINDOW // 8 for pieces in words.pieces)
    read = next(reader.read_texts([text]))
    assert read.tags.shape == (len(words), len(TAGS)) and np.isfinite(read.tags).all()


@pytest.mark.parametrize("text", ["", " ", "\t  "])
def test_a_text_without_words_is_read_as_nothing(text):
    read = next(reader.read_texts([text]))
    assert len(read.words) == 0 and len(read.tags) == 0 and read.windows == []


def test_windows_keep_to_their_size_overlap_and_reach_the_end():
    words = reader.split_words(LONG)
    windows = reader.cut_windows(words)
    assert len(windows) > 3 and windows[0].first == 0 and windows[-1].last == len(words)
    assert all(len(w.ids) == len(w.types) <= reader.WINDOW for w in windows)
    assert all(a.first < b.first < a.last < b.last for a, b in zip(windows, windows[1:], strict=False))


def test_windows_are_as_few_as_overlap_and_lie_as_far_apart():
    words = reader.split_words(LONG)
    places = np.cumsum([0, *map(len, words.pieces)])
    windows = reader.cut_windows(words)
    room = reader.WINDOW - 2
    assert (len(windows) - 1) * (room - reader.OVERLAP) + reader.OVERLAP < places[-1]
    strides = np.diff([places[w.first] for w in windows])
    assert strides.max() - strides.min() <= 4 and room - strides.max() >= reader.OVERLAP - 2


@pytest.mark.parametrize("start", [0, 96, 150, 287])
@pytest.mark.parametrize("text", ["ab" * 40 + " ", "🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 20 + "x ", "No. "])
@pytest.mark.parametrize("count", [1, 7, 40, 331])
def test_no_word_falls_between_two_windows(text, count, start):
    words = reader.split_words(text * count)
    windows = reader.cut_windows(words, start)
    assert windows[0].first == 0 and windows[-1].last == len(words)
    assert all(before.last >= behind.first for before, behind in pairwise(windows))
    assert all(len(w.ids) <= reader.WINDOW for w in windows)


def test_a_window_finds_each_words_first_piece_and_its_type():
    words = reader.split_words("Unquestionably, counterrevolutionaries rejected Ouagadougou’s offer. " * 40)
    assert max(map(len, words.pieces)) > 1
    for window in reader.cut_windows(words):
        assert [window.ids[place] for place in window.places] == [p[0] for p in words.pieces[window.first : window.last]]
        assert [window.types[place] for place in window.places] == words.types[window.first : window.last].tolist()


def test_a_words_type_tells_its_capitals_and_whether_it_stands_in_quotation_marks():
    words = reader.split_words("NATO met Ito’s 12 aides; “We Do,” he said.")
    assert words.types.tolist() == [2, 0, 1, 0, 0, 3, 0, 0, 4, 5, 5, 4, 4, 0, 0, 0]


def test_every_word_is_at_home_in_the_window_in_which_it_stands_most_central():
    read = next(reader.read_texts([LONG]))
    assert len(read.home) == len(read.words)
    for word, home in enumerate(read.home):
        margins = {n: min(word - w.first, w.last - 1 - word) for n, w in enumerate(read.windows) if w.first <= word < w.last}
        assert margins[home] == max(margins.values())


def test_probabilities_of_a_word_sum_to_one():
    read = next(reader.read_texts([LONG]))
    assert np.exp(read.tags).sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_a_text_reads_alone_as_it_does_in_a_batch():
    texts = ["The mayor said no.", LONG, "", "“We need buses,” said teacher Ida Blum.", "It rained in the valley."]
    for text, together in zip(texts, reader.read_texts(texts), strict=True):
        alone = next(reader.read_texts([text]))
        assert np.abs(np.exp(alone.tags) - np.exp(together.tags)).max(initial=0) < 1e-3


def test_a_model_runs_on_a_processor_that_numpy_knows_nothing_of_and_on_nested_threads(monkeypatch):
    monkeypatch.setattr(np, "show_config", lambda mode: {"SIMD Extensions": {"baseline": ["X86_V2"]}})
    monkeypatch.setenv("OMP_NUM_THREADS", "1,2")
    session = reader.load_session.__wrapped__(reader.QUOTES)
    given = {"ids": np.array([[101, 1996, 102]]), "types": np.zeros((1, 3), dtype=np.int64)}
    known = reader.load_session(reader.QUOTES).run(None, given)
    assert all(np.array_equal(one, other) for one, other in zip(session.run(None, given), known, strict=True))


def test_texts_come_back_in_order():
    texts = [f"Speaker {n} said no." for n in range(20)]
    assert [read.words.text for read in reader.read_texts(texts)] == texts
