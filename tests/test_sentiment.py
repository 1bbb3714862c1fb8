"""Sentiment toward a target: on the bare sentences, on an article's tables, and (at the end) what the weights make of clear sentences."""

import numpy as np
import pandas as pd
import pytest

from analysis import language, lexicon, tables
from analysis.article import Article
from analysis.judgement import SENTIMENT, judge
from analysis.sentiment import classify_targets, find_sentiments
from analysis.voices import find_voices, innermost_quote

PROBABILITIES = ["p_negative", "p_neutral", "p_positive"]


def classify(text: str, target: str) -> str:
    start = text.index(target)
    return classify_targets([text], [(start, start + len(target))])["label"].iat[0]


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
    said_nothing = [start >= end or not text[max(0, start) : end].strip() for text, (start, end) in HOSTILE]
    assert ((found["p_neutral"] == 1) == said_nothing).all()


def test_equal_rows_get_equal_probabilities_in_the_order_that_was_asked():
    texts, spans = ["Peru fell.", "Chile rose.", "Peru fell."], [(0, 4), (0, 5), (0, 4)]
    found = classify_targets(texts, spans)[PROBABILITIES]
    assert (found.loc[0] == found.loc[2]).all() and (found.loc[0] != found.loc[1]).any()
    assert np.allclose(found.loc[1], classify_targets(texts[1:2], spans[1:2])[PROBABILITIES])


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
    assert np.allclose(found[PROBABILITIES].sum(axis=1), 1)
    assert found["lexicon"].tolist() == [lexicon.compound("Ms Ito said China was a reliable friend."), 0.0]


def test_mentions_of_an_actor_in_a_sentence_share_the_mean_of_their_probabilities():
    text = "China praised Peru, and its brutal army left China in ruins."
    mentions = make_mentions(text, "China", "its", "China")
    found = find_sentiments(parse(text), mentions, make_quotes())
    alone = judge(SENTIMENT, [text] * 3, list(zip(mentions["start"], mentions["end"], strict=True)))
    assert np.allclose(found[PROBABILITIES], alone.mean(axis=0))
    assert found["label"].nunique() == 1


def test_actors_and_sentences_do_not_share():
    text = "China praised Peru. China slept."
    mentions = make_mentions(text, "China", "Peru", "China").assign(actor=["China", "Peru", "China"], sentence=[0, 0, 1])
    found = find_sentiments(parse(text), mentions, make_quotes())
    assert found["mention"].tolist() == [0, 1, 2]
    assert found[PROBABILITIES].round(6).drop_duplicates().shape[0] == 3


def test_mentions_in_any_order_keep_their_own_row():
    text = "China praised Peru. China slept."
    mentions = make_mentions(text, "China", "Peru", "China").assign(actor=["China", "Peru", "China"], sentence=[0, 0, 1])
    found, turned = (find_sentiments(parse(text), rows, make_quotes()) for rows in (mentions, mentions.iloc[::-1]))
    pd.testing.assert_frame_equal(found, turned.iloc[::-1].reset_index(drop=True))


def test_an_actor_named_a_hundred_times_in_a_sentence_has_a_hundred_rows():
    text = "China, " * 100
    found = find_sentiments(parse(text), make_mentions(text, *["China"] * 100), make_quotes())
    assert len(found) == 100 and found[PROBABILITIES].drop_duplicates().shape[0] == 1


def test_no_mentions_give_an_empty_table():
    found = find_sentiments(parse("Nothing happened."), make_mentions(""), make_quotes())
    assert found.empty and list(found.columns) == tables.TABLES["sentiments"].names


def test_the_innermost_attribution_speaks():
    quotes = make_quotes(("Agency", [[0, 50]]), ("Minister", [[10, 30]]), ("", [[60, 70]]))
    assert find_voices(quotes, [5, 10, 29, 30, 55, 65]) == ["Agency", "Minister", "Minister", "Agency", tables.NARRATOR, tables.UNNAMED]


def test_voices_are_found_in_any_order_of_offsets():
    quotes = make_quotes(("Agency", [[0, 50], [80, 90]]))
    assert innermost_quote(quotes, [85, 60, 0]).tolist() == [0, pd.NA, 0]
    assert innermost_quote(make_quotes(), []).empty


# ---------------------------------------------------------------- quality of the weights


@pytest.mark.parametrize(
    ("text", "target", "label"),
    [
        ("Peru is a wonderful and generous friend.", "Peru", "positive"),
        ("Peru is a corrupt and brutal dictatorship.", "Peru", "negative"),
        ("The delegation from Peru arrived on Monday.", "Peru", "neutral"),
        ("Senators condemned Peru for its shameful lies.", "Peru", "negative"),
        ("Senators praised Peru as a model for the region.", "Peru", "positive"),
        ("Jane Roe won wide admiration for her courage.", "Jane Roe", "positive"),
        ("Jane Roe is a disgrace, and has betrayed everyone who trusted her.", "Jane Roe", "negative"),
    ],
)
def test_quality_clear_sentences_are_classified(text, target, label):
    assert classify(text, target) == label


def test_quality_praise_and_blame_in_one_sentence_lean_to_their_own_target():
    text = "Unlike the disastrous government of Peru, that of Chile is widely admired."
    spans = [(text.index(name), text.index(name) + len(name)) for name in ("Chile", "Peru")]
    found = classify_targets([text, text], spans)
    score = found["p_positive"] - found["p_negative"]
    assert score[0] > score[1] + 0.2


def test_quality_who_blames_is_not_blamed():
    text = "Peru condemned the brutal crimes of Chile."
    found = classify_targets([text, text], [(text.index(name), text.index(name) + len(name)) for name in ("Peru", "Chile")])
    assert found["label"][1] == "negative" and found["p_negative"][0] < found["p_negative"][1] / 2


def test_quality_a_name_alone_is_neither_liked_nor_disliked():
    names = ["China", "France", "Iran", "Kenya", "Russia", "Japan"]
    found = classify_targets([f"The delegation from {name} arrived on Monday." for name in names], [(20, 20 + len(n)) for n in names])
    assert (found["label"] == "neutral").all()
