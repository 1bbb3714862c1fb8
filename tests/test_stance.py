"""Stance between actors: the codebook, the cues in their syntax, bare sentences, and an article's table."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis import language, tables
from analysis.article import Article
from analysis.cues import find_cues, load_frames
from analysis.stance import DIRECTIONS, MAX_ACTORS, classify_pairs, find_stances

PROBABILITIES = [f"p_{name}" for name in DIRECTIONS]
CODEBOOK = yaml.safe_load(files("analysis").joinpath("codebooks/stance.yaml").read_text(encoding="utf-8"))


def cues_of(text: str) -> dict[str, tuple[float, set[str], set[str]]]:
    """Lemma: stance, holders, targets (those that stand for their phrase by half at least)."""
    doc = next(iter(language.parse_texts([text])))
    found = {}
    for cue in (cue for sentence in doc.sents for cue in find_cues(sentence)):
        places = [{doc[i].text for i, weight in place.items() if weight >= 0.5} for place in (cue.holders, cue.targets)]
        found[doc[cue.position].lemma_] = (cue.stance, *places)
    return found


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


def stances_of(text: str, mentions: pd.DataFrame, quotes: pd.DataFrame | None = None) -> pd.DataFrame:
    parsed = next(language.parse([Article("a", text)]))
    return find_stances(parsed, mentions, make_quotes() if quotes is None else quotes).set_index(["holder", "target"])


# ---------------------------------------------------------------- codebook
def test_the_codebook_holds_words_only():
    words = [word for frame in CODEBOOK["frames"] for key in ("words", "target") for word in frame[key]]
    words += [*CODEBOOK["reversers"], *CODEBOOK["negators"]]
    assert all(isinstance(word, str) for word in words)
    assert len(words) > 500


def test_every_frame_of_the_codebook_is_of_a_known_form():
    for frame in CODEBOOK["frames"]:
        assert frame["kind"] in {"verb", "noun", "adjective"}
        assert frame["stance"] in {"support", "oppose"}
        assert frame["strength"] in {1, 2, 3}
        assert set(frame) <= {"kind", "stance", "strength", "target", "mutual", "words"}
    assert all(-1 <= frame.stance <= 1 for frames in load_frames().values() for frame in frames)


# ---------------------------------------------------------------- cues
@pytest.mark.parametrize(
    ("text", "lemma", "sign", "holder", "target"),
    [
        ("Peru dismissed Chile's push for talks.", "dismiss", -1, "Peru", "Chile"),
        ("Chile was criticised by Peru.", "criticise", -1, "Peru", "Chile"),
        ("Peru imposed sanctions on Chile.", "sanction", -1, "Peru", "Chile"),
        ("Peruvian sanctions on Chile took effect.", "sanction", -1, "Peruvian", "Chile"),
        ("Peru lashed out at Chile.", "lash", -1, "Peru", "Chile"),
        ("Peru promised to strengthen ties with Chile.", "strengthen", 1, "Peru", "Chile"),
        ("Peru voiced support for Chile.", "support", 1, "Peru", "Chile"),
        ("Peru is critical of Chile.", "critical", -1, "Peru", "Chile"),
        ("Maduro, who praised Chile, left.", "praise", 1, "Maduro", "Chile"),
        ("Peru wants to cooperate with Chile.", "cooperate", 1, "Peru", "Chile"),
        ("Chile has not replied to Peru's offer.", "offer", 1, "Peru", "Chile"),
    ],
)
def test_a_cue_finds_who_and_whom(text, lemma, sign, holder, target):
    stance, holders, targets = cues_of(text)[lemma]
    assert np.sign(stance) == sign
    assert holder in holders and target in targets
    assert target not in holders and holder not in targets


@pytest.mark.parametrize(
    ("text", "lemma"),
    [
        ("Peru would never talk to Chile.", "talk"),
        ("Peru refused to cooperate with Chile.", "cooperate"),
        ("Peru does not support Chile.", "support"),
        ("Peru severed relations with Chile.", "relation"),
    ],
)
def test_support_that_is_denied_opposes(text, lemma):
    assert cues_of(text)[lemma][0] < 0


@pytest.mark.parametrize(("text", "lemma"), [("Peru lifted sanctions on Chile.", "sanction"), ("Peru did not condemn Chile.", "condemn")])
def test_opposition_that_is_undone_supports_weakly(text, lemma):
    assert 0 < cues_of(text)[lemma][0] < 0.5


def test_the_answer_of_one_does_not_turn_the_offer_of_another():
    assert cues_of("Chile rejected Peru's support for Bolivia.")["support"][0] > 0


def test_partners_in_a_mutual_act_support_each_other():
    _, holders, targets = cues_of("Peru and Chile cooperate.")["cooperate"]
    assert {"Peru", "Chile"} <= holders & targets


def test_a_title_is_not_the_person_who_bears_it():
    _, _, targets = cues_of("Critics attacked Chilean President Gabriel Boric.")["attack"]
    assert "Boric" in targets and "Chilean" not in targets


def test_a_protest_against_an_actor_is_not_the_actors_own():
    found = cues_of("Such anti-China rallies harm the economy.")
    assert found["china"][0] < 0 and "rallies" in found["china"][1]
    assert "China" not in found["harm"][1]


def test_a_list_as_long_as_a_page_has_no_cues():
    assert not cues_of("Peru attacks Chile, " * 400)


# ---------------------------------------------------------------- bare sentences
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Peru strongly condemned Chile.", "first_opposes"),
        ("Peru praised Chile.", "first_supports"),
        ("Peru was denounced by Chile.", "second_opposes"),
        ("Peru and Chile lie on the coast.", "neutral"),
    ],
)
def test_clear_pairs_are_classified(text, label):
    assert classify(text, "Peru", "Chile")["label"] == label


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
    assert len(found) == 6
    assert found["label"].to_dict()["Peru", "Chile"] == "support"
    assert found["label"].drop(("Peru", "Chile")).eq("neutral").all()


def test_of_several_mentions_the_clearest_counts():
    text = "Peru met Bolivia, and Peru condemned Chile."
    mentions = make_mentions(text, ("Peru", "Peru"), ("Bolivia", "Bolivia"), ("Peru", "Peru"), ("Chile", "Chile"))
    found = stances_of(text, mentions).loc[("Peru", "Chile")]
    assert (found["holder_mention"], found["target_mention"], found["label"]) == (2, 3, "oppose")


def test_whoever_asserts_a_stance_is_named_by_the_attribution():
    text = "Ms Ito said Peru condemned Chile."
    mentions = make_mentions(text, ("Ito", "Ito"), ("Peru", "Peru"), ("Chile", "Chile"))
    found = stances_of(text, mentions, make_quotes(("Ito", 3, [[12, 32]])))
    assert found.loc[("Peru", "Chile"), "quote"] == 0
    assert pd.isna(found.loc[("Peru", "Ito"), "quote"])


def test_a_speaker_outside_the_sentence_holds_what_it_says():
    text = "Ms Ito spoke at length. “Chile is a brutal, corrupt dictatorship.”"
    mentions = make_mentions(text, ("Ito", "Ito"), ("Chile", "Chile"), sentences=[0, 1])
    found = stances_of(text, mentions, make_quotes(("Ito", 3, [[24, len(text)]])))
    assert list(found.index) == [("Ito", "Chile")]
    row = found.loc[("Ito", "Chile")]
    assert (row["holder_mention"], row["target_mention"], row["quote"]) == (0, 1, 0)
    assert row["p_oppose"] > 3 * row["p_support"]


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


def test_no_mentions_and_single_actors_give_an_empty_table():
    text = "Peru rests."
    for mentions in (make_mentions(text), make_mentions(text, ("Peru", "Peru"))):
        found = find_stances(next(language.parse([Article("a", text)])), mentions, make_quotes())
        assert found.empty and list(found.columns) == tables.TABLES["stances"].names
