"""Stance between actors: bare sentences, an article's table, and (at the end) what the weights make of clear sentences."""

import numpy as np
import pandas as pd
import pytest

from analysis import annotate, language, tables
from analysis.article import Article, Part
from analysis.judgement import DIRECTIONS, MAX_MENTIONS
from analysis.stance import MAX_ACTORS, classify_pairs, find_stances

PROBABILITIES = [f"p_{name}" for name in DIRECTIONS]


def classify(text: str, first: str, second: str) -> pd.Series:
    spans = [(text.index(name), text.index(name) + len(name)) for name in (first, second)]
    return classify_pairs([text], spans[:1], spans[1:]).iloc[0]


def make_mentions(text: str, *names: tuple[str, str], sentences: list[int] | None = None) -> pd.DataFrame:
    rows, at = [], 0
    for number, (words, actor) in enumerate(names):
        at = text.index(words, at)
        sentence = sentences[number] if sentences else 0
        row = {"article": "a", "mention": number, "sentence": sentence, "start": at, "end": at + len(words), "text": words}
        rows.append(row | {"form": "name", "actor": actor, "actor_type": "country", "country": ""})
        at += len(words)
    return tables.conform("mentions", rows)


def make_quotes(*quotes: tuple[str, int, list[list[int]]]) -> pd.DataFrame:
    blank = {"article": "a", "sentence": 0, "type": "indirect", "cue": "said", "cue_lemma": "say", "cue_class": "neutral"}
    blank |= {"source_end": None, "cue_start": None, "cue_end": None, "content": "", "confidence": 1.0, "within": None, "on_behalf_of": ""}
    rows = [{"quote": i, "speaker": who, "source_start": at, "content_spans": spans} for i, (who, at, spans) in enumerate(quotes)]
    return tables.conform("quotes", [blank | row for row in rows])


def article_of(text: str) -> Article:
    return Article("a", text, (Part("body", 0, len(text)),))


def stances_of(text: str, mentions: pd.DataFrame, quotes: pd.DataFrame | None = None) -> pd.DataFrame:
    parsed = next(language.parse([Article("a", text)]))
    return find_stances(parsed, mentions, make_quotes() if quotes is None else quotes).set_index(["holder", "target"])


# ---------------------------------------------------------------- bare sentences
def test_a_pair_in_either_order_gets_the_same_probabilities():
    text = "Peru strongly condemned Chile."
    one, other = classify(text, "Peru", "Chile"), classify(text, "Chile", "Peru")
    assert one["p_first_opposes"] == pytest.approx(other["p_second_opposes"])
    assert one["p_neutral"] == pytest.approx(other["p_neutral"])


def test_hostile_texts_get_probabilities_too():
    texts = ["", "A", "👩‍👩‍👧‍👦🔥 Peru", "Peru Peru", "((((“", " \n ", "x" * 5000]
    first, second = [(0, 0), (0, 1), (0, 2), (0, 4), (0, 9), (0, 1), (0, 9)], [(0, 1), (0, 1), (8, 99), (5, 9), (2, 3), (1, 2), (9, 20)]
    found = classify_pairs(texts, first, second)
    assert np.allclose(found[PROBABILITIES].sum(axis=1), 1)
    assert found["label"].isin(DIRECTIONS).all()
    assert (found["p_neutral"] == 1).tolist() == [True, False, False, False, False, True, False]


def test_an_actor_without_words_has_no_stance():
    found = classify_pairs(["Peru fell."] * 2, [(0, 4), (4, 5)], [(4, 4), (0, 4)])
    assert found["label"].eq("neutral").all() and found["p_neutral"].eq(1).all()


def test_equal_rows_get_equal_probabilities_in_the_order_that_was_asked():
    text, peru, chile = "Peru praised Chile.", (0, 4), (13, 18)
    found = classify_pairs([text, "Chile left Peru.", text], [peru, (0, 5), peru], [chile, (11, 15), chile])[PROBABILITIES]
    assert (found.loc[0] == found.loc[2]).all() and (found.loc[0] != found.loc[1]).any()


@pytest.mark.slow
def test_a_hundred_thousand_characters_without_a_full_stop_are_read():
    text = "Peru attacked Chile and " * 4200
    found = classify_pairs([text], [(0, 4)], [(len(text) - 10, len(text) - 5)])
    assert np.allclose(found[PROBABILITIES].sum(axis=1), 1)


def test_no_texts_give_an_empty_table():
    assert list(classify_pairs([], [], []).columns) == [*PROBABILITIES, "label"]


# ---------------------------------------------------------------- an article
def test_each_ordered_pair_of_actors_has_a_row():
    text = "Peru praised Chile, and Bolivia watched."
    found = stances_of(text, make_mentions(text, ("Peru", "Peru"), ("Chile", "Chile"), ("Bolivia", "Bolivia")))
    names = ("Peru", "Chile", "Bolivia")
    assert set(found.index) == {(a, b) for a in names for b in names if a != b} and len(found) == 6
    assert np.allclose(found[["p_oppose", "p_neutral", "p_support"]].sum(axis=1), 1)


def test_holder_and_target_get_their_own_direction_of_the_pair():
    text = "Peru condemned Chile."
    found = stances_of(text, make_mentions(text, ("Peru", "Peru"), ("Chile", "Chile")))
    pair = classify(text, "Peru", "Chile")
    assert found.loc[("Peru", "Chile"), ["p_support", "p_oppose"]].tolist() == pytest.approx(
        [pair["p_first_supports"], pair["p_first_opposes"]], abs=0.02
    )
    assert found.loc[("Chile", "Peru"), ["p_support", "p_oppose"]].tolist() == pytest.approx(
        [pair["p_second_supports"], pair["p_second_opposes"]], abs=0.02
    )
    assert found.loc[("Chile", "Peru"), ["holder_mention", "target_mention"]].tolist() == [1, 0]


def test_of_several_mentions_the_nearest_to_each_other_count():
    text = "Peru met Bolivia, and Peru condemned Chile."
    mentions = make_mentions(text, ("Peru", "Peru"), ("Bolivia", "Bolivia"), ("Peru", "Peru"), ("Chile", "Chile"))
    found = stances_of(text, mentions)
    assert found.loc[("Peru", "Chile"), ["holder_mention", "target_mention"]].tolist() == [2, 3]
    assert found.loc[("Peru", "Bolivia"), ["holder_mention", "target_mention"]].tolist() == [0, 1]
    chances = classify_pairs([text], [(22, 26)], [(text.index("Chile"), text.index("Chile") + 5)]).loc[0]
    assert found.loc[("Peru", "Chile"), "p_oppose"] == pytest.approx(chances["p_first_opposes"], abs=0.03)  # 8 bits: other queries show


def test_who_is_named_beside_the_speaker_holds_nothing_toward_what_is_said():
    aide = annotate(article_of("Jan Berg, a former aide to Joe Biden, criticised Donald Trump."))
    holders = {row.holder for row in aide.stances.itertuples() if row.target == "Donald Trump"}
    assert holders == {"Jan Berg"}
    both = annotate(article_of("Jan Berg, Ana Holm and Joe Biden criticised Donald Trump."))
    assert {"Jan Berg", "Joe Biden"} <= {row.holder for row in both.stances.itertuples() if row.target == "Donald Trump"}


def test_sentences_have_their_own_rows():
    text = "Peru praised Chile. Peru left Chile."
    mentions = make_mentions(text, *[("Peru", "Peru"), ("Chile", "Chile")] * 2, sentences=[0, 0, 1, 1])
    found = stances_of(text, mentions)
    assert found["sentence"].tolist() == [0, 0, 1, 1]
    assert found["holder_mention"].tolist() == [0, 1, 2, 3]


def test_whoever_asserts_a_stance_is_named_by_the_attribution():
    text = "Ms Ito said Peru condemned Chile."
    mentions = make_mentions(text, ("Ito", "Ito"), ("Peru", "Peru"), ("Chile", "Chile"))
    found = stances_of(text, mentions, make_quotes(("Ito", 3, [[12, 32]])))
    assert found.loc[("Peru", "Chile"), "quote"] == 0
    assert pd.isna(found.loc[("Peru", "Ito"), "quote"])


SPOKEN = "Ms Ito spoke at length. “Chile is a brutal, corrupt dictatorship.”"


def test_a_speaker_outside_the_sentence_holds_what_it_says_and_is_nobodys_target():
    mentions = make_mentions(SPOKEN, ("Ito", "Ito"), ("Chile", "Chile"), sentences=[0, 1])
    found = stances_of(SPOKEN, mentions, make_quotes(("Ito", 3, [[24, len(SPOKEN)]])))
    assert list(found.index) == [("Ito", "Chile")]
    row = found.loc[("Ito", "Chile")]
    assert (row["sentence"], row["holder_mention"], row["target_mention"], row["quote"]) == (1, 0, 1, 0)


def test_a_speaker_outside_the_sentence_is_read_as_its_first_words():
    mentions = make_mentions(SPOKEN, ("Ito", "Ito"), ("Chile", "Chile"), sentences=[0, 1])
    row = stances_of(SPOKEN, mentions, make_quotes(("Ito", 3, [[24, len(SPOKEN)]]))).iloc[0]
    read = classify("Ito said: " + SPOKEN[24:], "Ito", "Chile")
    assert [row["p_support"], row["p_oppose"]] == pytest.approx([read["p_first_supports"], read["p_first_opposes"]])


@pytest.mark.parametrize("prefix", ["anti-", "pro-", "Anti\N{NON-BREAKING HYPHEN}"])
def test_whoever_an_event_is_for_or_against_is_no_target_beside_it(prefix):
    text = f"Ms Ito said such {prefix}Chile rallies were a disgrace."
    found = stances_of(text, make_mentions(text, ("Ito", "Ito"), ("Chile", "Chile")), make_quotes(("Ito", 3, [[12, len(text)]])))
    assert [holder for holder, _ in found.index] == ["Ito"] and found.index[0][1].endswith("Chile rallies")


@pytest.mark.parametrize(
    "text", ["Ms Ito leads the anti-Chile camp.", "Ms Ito hates anti-war rallies and Chile.", "Ms Ito hates new Chile rallies."]
)
def test_any_other_mention_beside_an_event_is_a_target(text):
    found = stances_of(text, make_mentions(text, ("Ito", "Ito"), ("Chile", "Chile")))
    assert ("Ito", "Chile") in found.index


def test_a_speaker_outside_the_sentence_takes_no_stance_toward_those_beyond_his_words():
    text = "Ms Ito spoke. “Chile lies,” and Peru heard it."
    mentions = make_mentions(text, ("Ito", "Ito"), ("Chile", "Chile"), ("Peru", "Peru"), sentences=[0, 1, 1])
    found = stances_of(text, mentions, make_quotes(("Ito", 3, [[14, 27]])))
    assert {pair for pair in found.index if "Ito" in pair} == {("Ito", "Chile")}


def test_several_speakers_outside_the_sentence_each_have_a_row():
    mentions = make_mentions(SPOKEN, ("Ito", "Ito"), ("Chile", "Chile"), sentences=[0, 1])
    mentions = pd.concat([mentions, mentions.iloc[:1].assign(mention=2, actor="Boric")], ignore_index=True)
    found = stances_of(SPOKEN, mentions, make_quotes(("Ito; Boric; Nobody Known", 3, [[24, len(SPOKEN)]])))
    assert set(found[found["sentence"] == 1].index) == {("Ito", "Chile"), ("Boric", "Chile")}


@pytest.mark.parametrize("quote", [("", 3, [[24, 60]]), ("Ito", None, [[24, 60]]), ("Ito", 3, [])])
def test_without_a_speaker_a_source_or_a_content_nobody_outside_holds_anything(quote):
    mentions = make_mentions(SPOKEN, ("Ito", "Ito"), ("Chile", "Chile"), sentences=[0, 1])
    assert stances_of(SPOKEN, mentions, make_quotes(quote)).empty


def test_a_speaker_beyond_the_actors_that_are_read_is_still_in_the_sentence():
    names = [f"Land{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(MAX_ACTORS + 1)]
    text = ", ".join(names)
    found = stances_of(text, make_mentions(text, *zip(names, names, strict=True)), make_quotes((names[-1], 0, [[0, 40]])))
    assert names[-1] not in {name for pair in found.index for name in pair}


def test_of_an_actor_named_fifty_times_the_first_mentions_are_read():
    text = "China, " * 50 + "Peru"
    found = stances_of(text, make_mentions(text, *[("China", "China")] * 50, ("Peru", "Peru")))
    assert len(found) == 2 and found.loc[("China", "Peru"), "holder_mention"] < MAX_MENTIONS


def test_actors_who_share_a_phrase_are_a_pair():
    text = "The two leaders agreed."
    mentions = make_mentions(text, ("The two leaders", "Ito"), sentences=[0])
    both = pd.concat([mentions, mentions.assign(mention=1, actor="Boric")], ignore_index=True)
    assert set(stances_of(text, both).index) == {("Ito", "Boric"), ("Boric", "Ito")}


def test_a_list_of_very_many_actors_is_cut_short():
    names = [f"Land{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(MAX_ACTORS * 3)]
    text = ", ".join(names)
    found = stances_of(text, make_mentions(text, *zip(names, names, strict=True)))
    assert len(found) == MAX_ACTORS * (MAX_ACTORS - 1)


def test_a_speaker_takes_a_side_on_an_event_in_the_texts_words():
    text = "Ms Ito said such anti-war rallies were a disgrace and must be banned."
    found = stances_of(text, make_mentions(text, ("Ito", "Ito")), make_quotes(("Ito", 3, [[12, len(text)]])))
    row = found.loc[("Ito", "anti-war rallies")]
    assert row["label"] == "oppose" and row["quote"] == 0 and pd.isna(row["target_mention"]) and row["holder_mention"] == 0
    assert text[row["target_start"] : row["target_end"]] == "anti-war rallies"


def test_an_event_on_which_nobody_takes_a_side_is_a_row_of_no_stance():
    text = "Ms Ito said the trade summit would begin on Monday."
    found = stances_of(text, make_mentions(text, ("Ito", "Ito")), make_quotes(("Ito", 3, [[12, len(text)]])))
    assert found["label"].to_dict() == {("Ito", "trade summit"): "neutral"}


@pytest.mark.parametrize("owner", ["Peru’s", "its"])
def test_whoever_is_named_within_an_event_takes_no_side_on_it(owner):
    text = f"Chile condemned {owner} brutal border raid."
    found = stances_of(text, make_mentions(text, ("Chile", "Chile"), (owner.removesuffix("’s"), "Peru")))
    toward_event = {holder for holder, target in found.index if target.endswith("border raid")}
    assert toward_event == {"Chile"}


def test_a_speaker_outside_the_sentence_takes_a_side_on_its_events():
    text = "Ms Ito spoke. “These anti-war rallies are a disgrace.” Trade talks began."
    start, end = text.index("“"), text.index("”") + 1
    found = stances_of(text, make_mentions(text, ("Ito", "Ito")), make_quotes(("Ito", 3, [[start, end]])))
    assert found.index.tolist() == [("Ito", "anti-war rallies")]
    assert found["quote"].tolist() == [0] and found["label"].tolist() == ["oppose"]


def test_words_that_name_two_actors_at_once_do_not_stand_nearest():
    text = "Peru condemned Chile, and after a long and bitter night the two left."
    mentions = make_mentions(text, ("Peru", "Peru"), ("Chile", "Chile"), ("the two", "Peru"))
    both = pd.concat([mentions, mentions.iloc[2:].assign(mention=3, actor="Chile")], ignore_index=True)
    found = stances_of(text, both)
    assert found.loc[("Peru", "Chile"), ["holder_mention", "target_mention"]].tolist() == [0, 1]


def test_no_mentions_and_single_actors_give_an_empty_table():
    text = "Peru rests."
    for mentions in (make_mentions(text), make_mentions(text, ("Peru", "Peru"))):
        found = find_stances(next(language.parse([Article("a", text)])), mentions, make_quotes())
        assert found.empty and list(found.columns) == tables.TABLES["stances"].names


# ---------------------------------------------------------------- quality of the weights


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Peru condemned Chile's invasion.", "first_opposes"),
        ("Peru strongly condemned Chile.", "first_opposes"),
        ("Peru was sharply criticised by Chile.", "second_opposes"),
        ("Peru was denounced by Chile.", "second_opposes"),
        ("Peru praised Chile for its courage.", "first_supports"),
        ("Peru was praised by Chile for its courage.", "second_supports"),
        ("Peru imposed sanctions on Chile.", "first_opposes"),
        ("Peru and Chile lie on the coast.", "neutral"),
    ],
)
def test_quality_clear_pairs_are_classified(text, label):
    assert classify(text, "Peru", "Chile")["label"] == label


def test_quality_who_only_watches_takes_less_of_a_stance_than_who_condemns():
    text = "Peru condemned Chile's invasion, and Bolivia watched."
    found = stances_of(text, make_mentions(text, ("Peru", "Peru"), ("Chile", "Chile"), ("Bolivia", "Bolivia")))
    assert found.loc[("Peru", "Chile"), "label"] == "oppose"
    assert found.loc[("Bolivia", "Chile"), "p_oppose"] < found.loc[("Peru", "Chile"), "p_oppose"]
    assert found.loc[("Bolivia", "Peru"), "label"] == "neutral"


def test_quality_a_speaker_outside_the_sentence_opposes_whom_he_blames():
    mentions = make_mentions(SPOKEN, ("Ito", "Ito"), ("Chile", "Chile"), sentences=[0, 1])
    row = stances_of(SPOKEN, mentions, make_quotes(("Ito", 3, [[24, len(SPOKEN)]]))).loc[("Ito", "Chile")]
    assert row["p_oppose"] > 3 * row["p_support"]
