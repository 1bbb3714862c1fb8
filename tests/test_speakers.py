"""Which actor a source names, and whom that actor speaks for."""

import pytest

from analysis import language
from analysis.actors import find_mentions
from analysis.article import Article, Part
from analysis.codebook import read_actors
from analysis.speakers import Speaker, speaker_of


def found_in(text, source=None, cue="said", outer=None, codebook=None):
    parsed = next(language.parse([Article("a", text, (Part("body", 0, len(text)),))]))
    codebook = codebook or read_actors()

    def span(words):
        start = text.rindex(words)
        return parsed.doc.char_span(start, start + len(words))

    mentions = list(find_mentions(parsed, codebook).itertuples(index=False))
    return speaker_of(source and span(source), cue and span(cue), mentions, codebook, outer)


def speaking(*args, **kwargs):
    return found_in(*args, **kwargs)[0]


def speaker(*args, **kwargs):
    return speaking(*args, **kwargs).name


def principal(source):
    return speaking(f"{source} said the vote was fair.", source).on_behalf_of


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("Angela Merkel said the vote was fair.", "Angela Merkel", "Angela Merkel"),
        ("Angela Merkel came home. Merkel said the vote was fair.", "Merkel", "Angela Merkel"),
        ("Angela Merkel came home. She said the vote was fair.", "She", "Angela Merkel"),
        ("Beijing said the vote was fair.", "Beijing", "China"),
        ("Norway and Sweden said the vote was fair.", "Norway and Sweden", "Norway; Sweden"),
        ("Norway, Sweden and Denmark said the vote was fair.", "Norway, Sweden and Denmark", "Norway; Sweden; Denmark"),
        ("The company’s chief executive, Joan Pettersen, said no.", "The company’s chief executive, Joan Pettersen", "Joan Pettersen"),
        ("Twelve percent of voters said the vote was fair.", "Twelve percent of voters", "Twelve percent of voters"),
        ("The elderly  violinists said no.", "The elderly  violinists", "Elderly violinists"),
        ("A senior violinist, who was ill, said no.", "A senior violinist, who was ill,", "Senior violinist"),
        ("A spokesman for the Pentagon said no.", "A spokesman for the Pentagon", "Spokesman for the Pentagon"),
        ("Angela Merkel came home. Her violinist said no.", "Her violinist", "Angela Merkel’s violinist"),
        ("Mary Hicks came home. Her violinist said no.", "Her violinist", "Mary Hicks’ violinist"),
        ("It rained. Her violinist said no.", "Her violinist", "Her violinist"),
        ("The mayor of Lima, Angela Merkel, said no.", "The mayor of Lima, Angela Merkel,", "Angela Merkel"),
        ("A spokesman for Angela Merkel said no.", "A spokesman for Angela Merkel", "Spokesman for Angela Merkel"),
    ],
)
def test_a_source_names_its_speaker(text, source, expected):
    assert speaker(text, source) == expected


def test_the_ending_of_a_possessive_is_no_part_of_its_label_and_that_of_a_name_is():
    assert speaker("The violinist’s claim was false.", "The violinist’s", cue="claim") == "Violinist"
    assert speaker("The violinists’ claim was false.", "The violinists’", cue="claim") == "Violinists"
    assert speaker("The hairdresser’s said no.", "The hairdresser’s") == "Hairdresser’s"


def test_a_label_ends_with_its_source():
    assert speaker("The mayor of the small town, who had left, said no.", "The mayor") == "Mayor"


def test_an_actor_is_named_once_however_often_the_source_names_it():
    assert speaker("Norway and Norway said no.", "Norway and Norway") == "Norway"


def test_a_pronoun_that_goes_back_to_nobody_names_nobody():
    assert speaker("He said the vote was fair.", "He") == ""
    assert speaker("Nobody said the vote was fair.", "Nobody") == "Nobody"


# ---------------------------------------------------------------- the subject of the cue
def test_without_a_source_the_subject_of_the_cue_speaks():
    assert speaker("Angela Merkel promised to stay and said the vote was fair.") == "Angela Merkel"


def test_nobody_is_named_where_the_cue_has_no_subject_of_its_own():
    assert speaker("It rained. The vote was said to be fair.") == ""


def test_without_source_and_cue_nobody_is_named():
    assert speaker("Angela Merkel came home.", cue=None) == ""


def test_a_plural_is_not_the_subject_of_a_singular_verb():
    assert speaker("Angela Merkel says tariffs hurt farmers, and has ordered a review.", cue="has ordered") == "Angela Merkel"
    assert speaker("Angela Merkel says tariffs hurt farmers and have annoyed traders.", cue="have annoyed") == "Tariffs"


@pytest.mark.parametrize(
    ("text", "source", "cue", "expected"),
    [
        ("Asked whether the bridge was safe, Ida Blum laughed.", "Ida Blum", "Asked", ""),
        ("Asked by a clerk whether the bridge was safe, Ida Blum laughed.", "Ida Blum", "Asked", "Clerk"),
        ("Told that the bridge had been closed, Ida Blum went home.", "Ida Blum", "Told", ""),
        ("Quoted as saying the bridge was safe, Ida Blum denied it.", "Ida Blum", "Quoted as saying", "Ida Blum"),
        ("Asking whether the bridge was safe, Ida Blum laughed.", "Ida Blum", "Asking", "Ida Blum"),
        ("Ida Blum asked whether the bridge was safe.", "Ida Blum", "asked", "Ida Blum"),
    ],
)
def test_who_is_asked_or_told_does_not_speak(text, source, cue, expected):
    assert speaker(text, source, cue=cue) == expected


def test_whoever_is_told_or_accused_in_the_passive_does_not_speak():
    assert speaker("The jury was told that she had found it.", "The jury", "was told") == ""
    assert speaker("Jan Berg was accused by Ana Holm of lying.", "Jan Berg", "was accused") == "Ana Holm"
    assert speaker("Ministers are split on how to pay.", "Ministers", "are split") == "Ministers"


def test_who_speaks_for_the_kremlin_speaks_for_its_country():
    assert principal("Kremlin spokesman Dmitry Peskov") == "Russia"


def test_what_belongs_to_the_subject_does_not_speak_in_its_place():
    text = "Norway, which counts Sweden as a friend, dismissed the plan as a dream."
    assert speaker(text, "Sweden as a friend", cue="dismissed") == "Norway"
    assert speaker("Norway and Sweden announced a plan.", "Sweden", cue="announced") == "Sweden"


def test_words_far_from_the_cue_that_name_no_actor_yield_to_its_subject():
    text = "Long quarrels over fish have worn the region out, so Angela Merkel wisely ordered a review."
    assert speaker(text, "Long quarrels over fish", cue="ordered") == "Angela Merkel"
    assert speaker("Angela Merkel heard from a baker that it was over.", "a baker", cue="heard") == "Baker"


def test_the_words_that_were_taken_for_the_speaker_are_told():
    def words(*args, **kwargs):
        found = found_in(*args, **kwargs)[1]
        return found and found.text

    assert words("China’s foreign ministry protested. The ministry said no.", "The ministry") == "The ministry"
    assert words("He said no.", "He") == "He"
    assert words("Angela Merkel promised to stay and said the vote was fair.") == "Angela Merkel"
    assert words("Norway, a friend of Sweden, dismissed the plan.", "Sweden", cue="dismissed") == "Norway, a friend of Sweden,"
    assert words("Merkel, who said the vote was fair, left.", "who") == "Merkel"
    assert words("It rained. The vote was said to be fair.") is None


# ---------------------------------------------------------------- what was introduced before
@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("China’s foreign ministry protested. The ministry said no.", "The ministry", Speaker("China’s foreign ministry", "China")),
        (
            "Peru’s foreign ministry protested. The foreign ministry said no.",
            "The foreign ministry",
            Speaker("Peru’s foreign ministry", "Peru"),
        ),
        ("Chinese officials met. The officials said no.", "The officials", Speaker("Chinese officials", "China")),
        ("A spokesman for the Pentagon came. The spokesman said no.", "The spokesman", Speaker("Spokesman for the Pentagon", "Pentagon")),
        ("Peru’s army left. Chile’s army stayed. The army said no.", "The army", Speaker("Chile’s army", "Chile")),
    ],
)
def test_a_definite_phrase_is_the_one_that_was_introduced_before(text, source, expected):
    assert speaking(text, source) == expected


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("China’s foreign ministry protested. The defence ministry said no.", "The defence ministry", "Defence ministry"),
        ("China’s foreign ministry protested. A ministry said no.", "A ministry", "Ministry"),
        ("China’s foreign ministry protested. A ministry was closed. The ministry said no.", "The ministry", "Ministry"),
        ("China’s ministries protested. The ministry said no.", "The ministry", "Ministry"),
        ("The ministry said no. China’s foreign ministry protested.", "The ministry", "Ministry"),
        ("A rival Chinese company complained. Equinor is a Norwegian firm. The company said no.", "The company", "Company"),
        ("China’s foreign ministry protested. " + "It rained. " * 5 + "The ministry said no.", "The ministry", "Ministry"),
    ],
)
def test_a_phrase_whose_introduction_is_in_doubt_keeps_its_own_words(text, source, expected):
    assert speaker(text, source) == expected


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("No Chinese official came. The official said no.", "The official", Speaker("Official")),
        ("No other company complained. The company said no.", "The company", Speaker("Company")),
        ("A former president of a bank came. The president said no.", "The president", Speaker("President")),
        (
            "China’s foreign ministry protested. Every other ministry laughed. The ministry said no.",
            "The ministry",
            Speaker("China’s foreign ministry", "China"),
        ),
    ],
)
def test_a_phrase_that_introduces_nobody_is_passed_over(text, source, expected):
    assert speaking(text, source) == expected


# ---------------------------------------------------------------- on whose behalf
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A spokesman for the Pentagon", "Pentagon"),
        ("A spokesperson at the Department of Commerce", "US Commerce Department"),
        ("A senior official with the European Union", "European Union"),
        ("The president of Peru", "Peru"),
        ("An adviser to Emmanuel Macron", "Emmanuel Macron"),
        ("A spokesman for China’s foreign ministry", "China"),
        ("China’s foreign ministry", "China"),
        ("Trump’s lawyer", "Donald Trump"),
        ("Chinese officials", "China"),
        ("Chinese and Russian officials", "China; Russia"),
        ("White House spokesman Josh Earnest", "United States"),
        ("Chinese President Xi Jinping", "China"),
        ("Kang Yu-jung, a spokeswoman for President Lee Jae Myung,", "Lee Jae Myung"),
    ],
)
def test_a_representative_speaks_on_behalf_of_whom_its_phrase_names(source, expected):
    assert principal(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("American diplomats in China", "United States"),
        ("The US military in South Korea", "United States"),
        ("Israeli officials at the United Nations", "Israel"),
        ("A spokesman for Norway in China", "Norway"),
        ("A court in Peru", "Peru"),
    ],
)
def test_a_place_is_a_principal_only_where_no_other_is_named(source, expected):
    assert principal(source) == expected


def test_an_institution_that_is_no_actor_is_a_principal_in_its_own_words():
    assert principal("A spokesman for the campaign") == "Campaign"
    text = "China’s foreign ministry protested. A spokesman for the ministry said no."
    assert speaking(text, "A spokesman for the ministry").on_behalf_of == "China"


@pytest.mark.parametrize(
    "source",
    ["Xi Jinping", "Chinese students", "Critics of Trump", "Former CIA director John Brennan", "Foreign Minister Israel Katz", "Officials"],
)
def test_who_represents_nobody_speaks_for_nobody_else(source):
    assert principal(source) == ""


def test_an_ambassador_does_not_speak_for_the_country_that_he_is_sent_to():
    assert principal("The French ambassador to China") == "France"


def test_a_users_codebook_says_who_is_a_representative(tmp_path):
    (tmp_path / "actors.yaml").write_text("representatives: [barista]", encoding="utf-8")
    source = "A barista for Angela Merkel"
    own = speaking(f"{source} said no.", source, codebook=read_actors(tmp_path / "actors.yaml"))
    assert own == Speaker("Barista for Angela Merkel", "Angela Merkel")
    assert principal(source) == ""


# ---------------------------------------------------------------- within a quotation
@pytest.mark.parametrize("word", ["I", "We"])
def test_the_first_person_in_a_quotation_is_who_speaks_it(word):
    outer = Speaker("Angela Merkel", "Germany")
    assert speaking(f"“{word} said that it was over.”", word, outer=outer) == outer
    assert speaking(f"“{word} said that it was over.”", outer=outer) == outer


def test_another_in_a_quotation_is_not_who_speaks_it():
    assert speaker("“Norway said that it was over.”", "Norway", outer=Speaker("Angela Merkel")) == "Norway"


@pytest.mark.parametrize("text", ["ministry of the " * 400 + "said no.", "government official " * 300 + "said no."])
def test_endless_phrases_have_a_speaker(text):
    assert speaking(text, text.removesuffix(" said no.")).name
