"""Sentiment toward a target: on the bare sentences and on an article's tables."""

import numpy as np
import pandas as pd
import pytest

from analysis import language, lexicon, tables
from analysis.article import Article
from analysis.sentiment import MAX_MENTIONS, classify_targets, find_sentiments
from analysis.voices import UNNAMED, find_voices, innermost_quote

PROBABILITIES = ["p_negative", "p_neutral", "p_positive"]


def classify(text: str, target: str) -> str:
    start = text.index(target)
    return classify_targets([text], [(start, start + len(target))])["label"].iat[0]


def span_of(text: str):
    return next(iter(language.parse_texts([text])))[:]


def make_mentions(text: str, *names: str, actor: str = "China") -> pd.DataFrame:
    rows, at = [], 0
    for number, name in enumerate(names):
        at = text.index(name, at)
        row = {"article": "a", "mention": number, "sentence": 0, "start": at, "end": at + len(name), "text": name, "form": "name"}
        rows.append(row | {"actor": actor, "actor_type": "country", "country": "CHN"})
        at += len(name)
    return tables.conform("mentions", rows)


def make_quotes(*quotes: tuple[str, list[list[int]]]) -> pd.DataFrame:
    blank = {"article": "a", "sentence": 0, "type": "indirect", "cue": "said", "cue_lemma": "say", "cue_class": "neutral"}
    blank |= {
        "source_start": None,
        "source_end": None,
        "cue_start": None,
        "cue_end": None,
        "content": "",
        "confidence": 1.0,
        "within": None,
        "on_behalf_of": "",
    }
    return tables.conform("quotes", [blank | {"quote": i, "speaker": who, "content_spans": spans} for i, (who, spans) in enumerate(quotes)])


def parse(text: str) -> language.ParsedArticle:
    return next(language.parse([Article("a", text)]))


@pytest.mark.parametrize(
    ("text", "target", "label"),
    [
        ("Peru is a wonderful and generous friend.", "Peru", "positive"),
        ("Peru is a corrupt and brutal dictatorship.", "Peru", "negative"),
        ("The delegation from Peru arrived on Monday.", "Peru", "neutral"),
        ("Senators condemned Peru.", "Peru", "negative"),
        ("Senators praised Peru.", "Peru", "positive"),
    ],
)
def test_clear_sentences_are_classified(text, target, label):
    assert classify(text, target) == label


def test_the_same_sentence_can_treat_two_targets_differently():
    text = "Senators praised Chile, although Peru is a brutal, corrupt failure."
    spans = [(text.index(name), text.index(name) + len(name)) for name in ("Chile", "Peru")]
    found = classify_targets([text, text], spans)
    score = found["p_positive"] - found["p_negative"]
    assert score[0] > score[1] + 0.2


def test_negation_turns_a_word_round():
    praised, unpraised = (lexicon.valences(span_of(t)).sum() for t in ("Peru is helpful.", "Peru is not helpful."))
    assert praised > 0 > unpraised


def test_words_inside_names_rate_nobody():
    assert not lexicon.valences(span_of("Justice Hope visited Grace Bay.")).any()


def test_a_subordinate_clause_is_told_from_the_main_clause():
    span = span_of("Officials said that Peru lost the match.")
    heads = lexicon.clause_heads(span)
    words = [token.text for token in span]
    assert words[heads[words.index("Peru")]] == "lost"
    assert words[heads[words.index("Officials")]] == "said"


def test_closeness_falls_with_every_step_of_syntax():
    span = span_of("Peru lost the match.")
    words = [token.text for token in span]
    weights = dict(zip(words, lexicon.closeness(span, span[0]), strict=True))
    assert weights["Peru"] == 1 > weights["lost"] > weights["match"] > weights["the"] > 0


def test_the_lexicon_is_vaders():
    assert lexicon.compound("A great success!") > 0.5 > -0.5 > lexicon.compound("A horrible failure!")
    assert lexicon.compound("") == 0.0


HOSTILE = [
    ("", (0, 0)),
    ("Peru", (0, 4)),
    ("Peru", (4, 4)),
    ("Peru", (-3, 99)),
    (" \n\t ", (0, 2)),
    ("👩‍👩‍👧‍👦 loves Peru 🇵🇪🔥", (0, 3)),
    ("Peru 🔥", (5, 6)),
    ("”“((((" * 5, (2, 5)),
    ("x" * 5000, (0, 5000)),
]


def test_hostile_texts_get_probabilities_too():
    found = classify_targets([t for t, _ in HOSTILE], [s for _, s in HOSTILE])
    assert len(found) == len(HOSTILE)
    assert np.allclose(found[PROBABILITIES].sum(axis=1), 1)
    assert found["label"].isin(tables.SENTIMENTS).all()


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["Peru attacked Chile and ", "good bad Peru ", "Peru, "])
def test_a_hundred_thousand_characters_without_a_full_stop_are_read(unit):
    text = unit * (100_000 // len(unit))
    found = classify_targets([text, text], [(0, 4), (len(text) - 8, len(text))])
    assert np.allclose(found[PROBABILITIES].sum(axis=1), 1)


def test_no_texts_give_an_empty_table():
    assert list(classify_targets([], []).columns) == [*PROBABILITIES, "label"]


def test_the_table_has_a_row_for_each_mention_with_voice_and_lexicon():
    text = "Ms Ito said China was a reliable friend. China signed the treaty."
    mentions = make_mentions(text, "China", "China")
    mentions["sentence"] = [0, 1]
    found = find_sentiments(parse(text), mentions, make_quotes(("Ito", [[11, 39]])))
    assert found["voice"].tolist() == ["Ito", tables.NARRATOR]
    assert found["label"].iat[0] == "positive"
    assert found["lexicon"].tolist() == [lexicon.compound("Ms Ito said China was a reliable friend."), 0.0]


def test_mentions_of_an_actor_in_a_sentence_share_their_label():
    text = "China praised Peru, and its brutal army left China in ruins."
    found = find_sentiments(parse(text), make_mentions(text, "China", "its", "China"), make_quotes())
    assert found[PROBABILITIES].drop_duplicates().shape[0] == 1


def test_an_endless_list_of_mentions_is_cut_short():
    text = "China, " * (MAX_MENTIONS * 20)
    found = find_sentiments(parse(text), make_mentions(text, *["China"] * (MAX_MENTIONS * 20)), make_quotes())
    assert len(found) == MAX_MENTIONS * 20


def test_no_mentions_give_an_empty_table():
    found = find_sentiments(parse("Nothing happened."), make_mentions(""), make_quotes())
    assert found.empty and list(found.columns) == tables.TABLES["sentiments"].names


def test_the_innermost_attribution_speaks():
    quotes = make_quotes(("Agency", [[0, 50]]), ("Minister", [[10, 30]]), ("", [[60, 70]]))
    assert find_voices(quotes, [5, 10, 29, 30, 55, 65]) == ["Agency", "Minister", "Minister", "Agency", tables.NARRATOR, UNNAMED]


def test_voices_are_found_in_any_order_of_offsets():
    quotes = make_quotes(("Agency", [[0, 50], [80, 90]]))
    assert innermost_quote(quotes, [85, 60, 0]).tolist() == [0, pd.NA, 0]
    assert innermost_quote(make_quotes(), []).empty
