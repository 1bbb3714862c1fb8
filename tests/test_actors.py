"""Who is mentioned: names, descriptions and pronouns, on text by the real pipeline."""

from __future__ import annotations

import pytest

from analysis.actors import find_mentions
from analysis.article import Article, Part
from analysis.codebook import read_actors
from analysis.language import parse


def mentions_of(text: str, parts: tuple[Part, ...] = (), codebook=None):
    article = Article("test", text, parts or (Part("body", 0, len(text)),))
    return find_mentions(next(parse([article])), codebook)


def actors_at(text: str, words: str, occurrence: int = 0) -> list[str]:
    """The actors of the mentions that cover the n-th occurrence of some words."""
    at = -1
    for _ in range(occurrence + 1):
        at = text.index(words, at + 1)
    found = mentions_of(text)
    return found.loc[(found["start"] <= at) & (found["end"] >= at + len(words)), "actor"].tolist()


def test_short_names_titles_and_pronouns_are_one_person():
    text = (
        "Kenyan Foreign Minister Amina Wekesa met Norwegian officials in Oslo. Wekesa praised the talks. "
        "She left on Monday. Minister Wekesa will return."
    )
    found = mentions_of(text)
    own = found[found["actor"] == "Amina Wekesa"]
    assert own["text"].tolist() == ["Amina Wekesa", "Wekesa", "She", "Wekesa"]
    assert own["country"].tolist() == ["KEN"] * 4
    assert own["form"].tolist() == ["name", "name", "pronoun", "name"]


def test_a_family_name_alone_is_the_officeholder_of_the_codebook():
    assert actors_at("Macron will visit Berlin next week.", "Macron") == ["Emmanuel Macron"]


def test_a_given_name_with_a_hyphen_is_that_of_the_one_who_has_it():
    text = "Kim Min-jun and his cousin Kim Hye-jin quarrelled. Min-jun said it was wrong. Hye-jin dismissed this, and Min-jun left."
    assert [actors_at(text, "Min-jun", n) for n in (1, 2)] == [["Kim Min-jun"]] * 2 and actors_at(text, "Hye-jin", 1) == ["Kim Hye-jin"]


def test_he_is_the_subject_of_the_sentence_before_though_only_the_name_is_known():
    text = "Kim Min-jun loves his mountain. He never sold it. Governor Kim Jin-tae supports the hotel. He has called the others stubborn."
    assert [actors_at(text, "He", n) for n in range(2)] == [["Kim Min-jun"], ["Kim Jin-tae"]]


def test_a_state_that_is_new_is_not_the_old_one():
    text = "New Mexico sued the firm. The New Mexico governor met the governor of New Jersey, and New Zealand and Mexico sent envoys."
    assert [actors_at(text, "Mexico", n) for n in range(3)] == [[], [], ["Mexico"]]
    assert actors_at(text, "Jersey") == [] and actors_at(text, "New Zealand") == ["New Zealand"]


@pytest.mark.parametrize(
    ("text", "words", "occurrence", "actors"),
    [
        ("Joe Biden left. Donald Trump blamed himself.", "himself", 0, ["Donald Trump"]),
        ("Trump won Georgia and Virginia.", "Georgia", 0, []),
        ("Georgia and Armenia signed. Georgian officials cheered.", "Georgia", 0, ["Georgia"]),
        ("Paul Ryan leads the Republican Party. The Wisconsin Republican said he was ready.", "Republican", 1, []),
        ("The Rapid Support Forces (RSF) attacked. The RSF denied it.", "RSF", 1, ["Rapid Support Forces"]),
        ("The Foreign Ministry (Reuters) denied it.", "Reuters", 0, ["Reuters"]),
        ("Former U.S. officials criticised the plan. U.S. officials defended it.", "officials", 0, ["Former U.S. officials"]),
        ("Sen. Ana Holm vetoed the bill. The senator said it went too far.", "senator", 0, ["Ana Holm"]),
        ("President Ana Holm spoke. Former President Jan Berg objected. The president left.", "president", 0, ["Ana Holm"]),
        ("President Ana Holm spoke. Former President Jan Berg objected. The former president left.", "former president", 0, ["Jan Berg"]),
        ("Bill Clinton spoke at the rally. The former president left.", "former president", 0, ["Bill Clinton"]),
        ("Rachel Adeyemi KC spoke. Ms Adeyemi said he lied.", "Adeyemi", 1, ["Rachel Adeyemi"]),
        ("Hakim al-Zamili won the vote. Zamili thanked his supporters.", "Zamili", 1, ["Hakim al-Zamili"]),
        ("Rand Paul vowed to filibuster. His colleague, Mitch McConnell, urged him to stand down.", "him", 0, ["Rand Paul"]),
        ("She wrote it on X. Her spokeswoman, Beth Lomax, agreed.", "X", 0, []),
        ("The police closed the road.", "police", 0, ["Police"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whom_words_refer_to(text, words, occurrence, actors):
    assert actors_at(text, words, occurrence) == actors


def test_a_question_word_is_nobody():
    assert actors_at("Park Soon-ja owns the land. Whom does she believe?", "Whom") == []


def test_an_office_is_that_of_its_portfolio_and_rank():
    told = "Brazil's finance minister spoke to Prime Minister Narendra Modi. The {} said he was confident."
    assert actors_at(told.format("finance minister"), "finance minister", 1) == ["Brazil's finance minister"]
    assert actors_at(told.format("prime minister"), "minister", 1) == ["Narendra Modi"]
    both = "Vice President Ana Ruiz and President Luis Ortega met. The president smiled. The vice president left."
    assert actors_at(both, "president") == ["Luis Ortega"] and actors_at(both, "vice president") == ["Ana Ruiz"]


def test_a_countrys_ministers_are_told_apart_by_their_offices():
    text = "France’s prime minister said that China was a bully. France’s foreign minister said that it was a partner."
    named = [row.actor for row in mentions_of(text).itertuples() if row.form == "nominal"]
    assert named == ["France’s prime minister", "France’s foreign minister"]


def test_the_people_of_a_country_act_for_it_where_they_are_not_told_apart():
    text = "The Israelis delayed the water, and the Russians agreed. The Israelis who fled, many Israelis and two Russians wept."
    assert [actors_at(text, "Israelis", n) for n in range(3)] == [["Israel"], [], []]
    assert [actors_at(text, "Russians", n) for n in range(2)] == [["Russia"], []]


def test_two_people_of_one_family_name_are_told_apart_by_who_spoke_last():
    text = "Bill Clinton spoke first. Then Hillary Clinton took the stage. Clinton thanked the crowd."
    assert actors_at(text, "Clinton", 2) == ["Hillary Clinton"]


@pytest.mark.parametrize(
    "text",
    [
        "Ursula von der Leyen flew home. Von der Leyen spoke.",
        "Ursula von der Leyen flew home. Aides thanked von der Leyen.",
        "Von der Leyen will speak on Friday.",
    ],
)
def test_a_family_name_of_several_words_is_one_persons(text):
    assert mentions_of(text).query("actor_type == 'person'")["actor"].unique().tolist() == ["Ursula von der Leyen"]
    assert mentions_of(text)["text"].iloc[-1].lower() == "von der leyen"


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("Sara Delgado lost her job. Delgado, 47, who grew up near the port, said so.", "Sara Delgado"),
        ("“No,” said Nomvula Dlova, a welder.\n\nDlova joined the firm in 1991.", "Nomvula Dlova"),
        ("Notes were carried by Khamis al-Rawahi.\n\nAl-Rawahi, the son of a merchant, wrote them.", "Khamis al-Rawahi"),
        ("Robert Kinsley Jr. spoke first. Kinsley left early.", "Robert Kinsley Jr."),
    ],
)
def test_a_short_name_is_its_persons_whatever_the_recogniser_takes_it_for(text, actor):
    found = mentions_of(text).query("form == 'name'")
    assert found["actor"].tolist() == [actor, actor]


def test_a_place_and_a_longer_name_are_no_short_names():
    found = mentions_of("Marisa Jackson drove to Jackson, Mississippi. The Jackson Foundation met in Jackson. Jackson spoke.")
    assert found.loc[found["actor"] == "Marisa Jackson", "text"].tolist() == ["Marisa Jackson", "Jackson"]


def test_a_country_may_be_a_given_name():
    assert actors_at("Jordan Reed smiled. Reed had won.", "Jordan") == ["Jordan Reed"]
    assert actors_at("US President Barack Obama smiled.", "Obama") == ["Barack Obama"]


def test_titles_of_several_people_are_no_part_of_their_names():
    found = mentions_of("Ministers Li Wei and Chen Tao signed. Prime Ministers Mette Holm and Jonas Lie watched.")
    assert found["actor"].tolist() == ["Li Wei", "Chen Tao", "Mette Holm", "Jonas Lie"]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Vice-President Sara Duterte met Secretary-General António Guterres.", ["Sara Duterte", "António Guterres"]),
        ("President-elect Rosa Quint met Prime Minister-designate Bo Mora.", ["Rosa Quint", "Bo Mora"]),
        ("Deputy Foreign Minister Kim Hong-kyun met Deputy National Security Adviser Jan Falk.", ["Kim Hong-kyun", "Jan Falk"]),
        ("Xi Jinping is the president\n\nDeputy Prime\nMinister Anna Berg left.", ["Xi Jinping", "Anna Berg"]),
    ],
)
def test_no_word_of_a_title_is_a_persons_name(text, people):
    found = mentions_of(text).query("actor_type == 'person' and form == 'name'")
    assert found["text"].tolist() == found["actor"].tolist() == people


def test_a_vice_president_is_no_president():
    text = "Vice-President Rosa Quint arrived in Lima. The president said that he trusted China."
    assert actors_at(text, "president") == [] and actors_at(text.replace("Vice-", ""), "president") == ["Rosa Quint"]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Donald Trump Jr. met Donald Trump. Trump Jr. left.", ["Donald Trump Jr.", "Donald Trump", "Donald Trump Jr."]),
        ("Trump Jr. left.", ["Trump Jr."]),
        ("Ferdinand Marcos spoke. Marcos Jr. left.", ["Ferdinand Marcos Jr."] * 2),
        ("Ferdinand Marcos Sr. praised Japan. Marcos Jr. left.", ["Ferdinand Marcos Sr", "Ferdinand Marcos Jr."]),
        ("Joseph Biden Jr. met Joe Biden.", ["Joe Biden"] * 2),
        ("Robert Kinsley met Robert Kinsley Jr. and Robert Kinsley III.", ["Robert Kinsley"] * 2 + ["Robert Kinsley III"]),
        ("King Charles II met King Charles III.", ["Charles II", "King Charles III"]),
        ("George H.W. Bush met George W. Bush.", ["George H.W. Bush", "George W. Bush"]),
        ("Paul J. Lind met Anna Berg. Paul Lind left with Paul J.R. Lind.", ["Paul J. Lind", "Anna Berg", "Paul J. Lind", "Paul J. Lind"]),
    ],
)
def test_fathers_and_sons_are_told_apart(text, people):
    assert mentions_of(text).query("actor_type == 'person' and form == 'name'")["actor"].tolist() == people


def test_a_country_is_its_leaders_whose_namesake_has_none():
    found = mentions_of("George H.W. Bush met George W. Bush.").set_index("actor")["country"]
    assert found["George W. Bush"] == "USA" and found.isna()["George H.W. Bush"]


@pytest.mark.parametrize(
    ("text", "words", "country"),
    [
        ("Beijing said it would respond.", "Beijing", "China"),
        ("The US imposed new tariffs.", "US", "United States"),
        ("Talks between Tokyo and Manila have stalled.", "Tokyo", "Japan"),
        ("The Kremlin rejected the plan.", "Kremlin", "Russia"),
        ("Parliament condemned French airstrikes on the port.", "French", "France"),
    ],
)
def test_a_country_is_named_by_capital_short_form_seat_or_act(text, words, country):
    assert actors_at(text, words) == [country]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She ordered Chinese food for the whole office.", "Chinese"),
        ("A concert took place in Seoul on Friday.", "Seoul"),
        ("He flew to Paris for the weekend.", "Paris"),
        ("Ships crossed the South China Sea at night.", "China"),
        ("He worked for the Bank of China for years.", "China"),
    ],
)
def test_a_kind_a_place_or_a_part_of_a_name_is_no_country(text, words):
    countries = {"China", "South Korea", "France"}
    assert not countries & set(actors_at(text, words))


def test_the_north_and_the_south_are_countries_only_where_a_divided_country_is_named():
    korea = "North Korea fired a missile on Sunday. The North has done so before, and South Korea said the South was ready."
    assert actors_at(korea, "North", 1) == ["North Korea"]
    assert actors_at(korea, "South", 1) == ["South Korea"]
    assert actors_at("Rain is expected in the North on Sunday.", "North") == []


@pytest.mark.parametrize(
    ("text", "occurrence", "actors"),
    [
        ("Japan and the European Union signed. Brussels praised the deal.", 0, ["European Union"]),
        ("The EU warned Belgium. Brussels wants the money back.", 0, ["European Union"]),
        ("Belgium has a new king. Brussels sent an envoy.", 0, ["Belgium"]),
        ("Leaders of the EU met in Brussels.", 0, []),
        ("Many live in Brussels.", 0, []),
    ],
)
def test_a_form_that_two_share_is_whose_the_text_names_so(text, occurrence, actors):
    assert actors_at(text, "Brussels", occurrence) == actors


@pytest.mark.parametrize(
    ("text", "words", "actors"),
    [
        ("The Grain Commission opened an inquiry. The Commission will report soon.", "Commission", ["Grain Commission"]),
        ("The Grain Board sued the Water Board. The Board declined to comment.", "Board", ["Board"]),
        ("The Liberal Democrats won two seats.", "Liberal Democrats", ["Liberal Democrats"]),
        ("Labour lost, and the Tories won.", "Labour", ["Labour Party"]),
        ("Labour lost, and the Tories won.", "Tories", ["Conservative Party"]),
        ("Labour costs rose in May.", "Labour", []),
        ("Ruvani Metals has said nothing so far.", "Ruvani Metals", ["Ruvani Metals"]),
    ],
)
def test_an_organisation_is_named_in_full_or_by_its_last_word(text, words, actors):
    assert actors_at(text, words, text.count(words) - 1) == actors


def test_a_part_of_a_longer_name_is_not_the_codebooks_actor(tmp_path):
    (tmp_path / "own.yaml").write_text("organisations: {Democratic Party: {aliases: [Democrats]}}")
    own = read_actors(tmp_path / "own.yaml")
    found = mentions_of("The Ruvani Democrats met. The Labour Ministry was closed. The Democrats left.", codebook=own)
    assert found["actor"].tolist() == ["Ruvani Democrats", "Labour Ministry", "Democratic Party"]


def test_it_goes_back_to_the_country_that_was_the_subject():
    text = "Iran dismissed the report of the Vienna agency. It said the figures were old."
    assert actors_at(text, "It") == ["Iran"]


def test_it_goes_back_to_the_agent_of_a_passive():
    text = "The duties were recommended by the Trade Remedies Authority. It found that imports had hurt many."
    assert actors_at(text, "It") == ["Trade Remedies Authority"]


def test_an_it_without_reference_is_no_mention():
    assert actors_at("Iran dismissed the report. It is clear that talks will go on.", "It") == []


def test_a_possessive_goes_to_the_subject_of_its_own_clause():
    text = "Turkey, which counts Azerbaijan as its main partner, closed the border."
    assert actors_at(text, "its") == ["Turkey"]


@pytest.mark.parametrize(
    ("text", "word", "actor"),
    [
        ("Mayor Anna Lind cut funds. Governor Tom Hargrove's office disputed her account.", "her", "Anna Lind"),
        ("Mayor Odalys Renn cut funds. Governor Quill Hargrove's office disputed her account.", "her", "Odalys Renn"),
        ("Mayor Odalys Renn cut funds. Governor Quill Hargrove's office disputed her account. He smiled.", "He", "Quill Hargrove"),
        ("Ines Duarte spoke. Then Kofi Mensah took the floor. She praised the plan.", "She", "Ines Duarte"),
        ("Quill Brandt, a businesswoman, sued Oda Lunt. Kofi Mensah was glad that she won.", "she", "Quill Brandt"),
        ("Anna Lind resigned. Oduya said that he would stay.", "he", "Oduya"),
        ("Anna Lind resigned. Oduya said that she would take over.", "she", "Oduya"),
    ],
)
def test_a_pronoun_goes_to_whoever_is_of_its_gender(text, word, actor):
    found = mentions_of(text)
    assert found.loc[found["text"] == word, "actor"].tolist() == [actor]


def test_a_pronoun_is_but_a_vote_on_a_gender():
    text = "Governor Quill Hargrove's office disputed her account. Quill Hargrove said that he would reply. He did so."
    assert actors_at(text, "He") == ["Quill Hargrove"]
    votes = "Quill Renn said that she was glad. She thanked Oslo. " * 2 + "A man asked whether he could come."
    assert mentions_of(votes).query("text == 'he'").empty


def test_a_title_is_stronger_than_a_given_name():
    text = "The prize went to Ms. Stanley Weller. Paul Lind said that she was glad."
    assert actors_at(text, "she") == ["Stanley Weller"]


def test_names_in_bylines_and_captions_are_no_antecedents_in_the_text():
    texts = [
        ("caption", "Boris Lund waves to his fans."),
        ("byline", "By Peter Kovac"),
        ("body", "Rain fell. He smiled. Paul Marek said he would stay."),
    ]
    text, parts = "", []
    for kind, words in texts:
        parts.append(Part(kind, len(text), len(text) + len(words)))
        text += words + "\n\n"
    found = mentions_of(text, tuple(parts))
    assert found["text"].tolist() == ["Boris Lund", "his", "fans", "Paul Marek", "he"]
    assert found.loc[found["form"] == "pronoun", "actor"].tolist() == ["Boris Lund", "Paul Marek"]


def test_quoted_words_are_no_antecedent_outside_the_quotation():
    text = "“I told Vladimir Putin so,” Emmanuel Macron said in Brest. He then left."
    assert actors_at(text, "He") == ["Emmanuel Macron"]


@pytest.mark.parametrize(
    "text",
    [
        "Olaf Scholz met Emmanuel Macron. Macron said “He will stay”.",
        "Olaf Scholz met Emmanuel Macron. “He will stay,” Macron said.",
        "Olaf Scholz met Emmanuel Macron. Macron was glad. “He will stay,” he said.",
    ],
)
def test_a_he_in_a_quotation_is_not_who_speaks_it(text):
    assert actors_at(text, "He") == ["Olaf Scholz"]


def test_in_a_quotation_nobody_is_he_if_only_its_speaker_could_be():
    text = "Emmanuel Macron came first. “He is wrong,” he said."
    assert actors_at(text, "He") == [] and actors_at(text, "he") == ["Emmanuel Macron"]


def test_a_pronoun_in_a_quoted_fragment_may_be_its_speaker():
    assert actors_at("Angela Merkel said that she was “ready to give her life” and left.", "her") == ["Angela Merkel"]


def test_two_leaders_and_both_sides_are_two_actors_each():
    text = (
        "Narendra Modi received Anthony Albanese on Friday. The two leaders discussed trade. India and Australia are old friends. "
        "Both countries signed an accord."
    )
    assert actors_at(text, "two leaders") == ["Narendra Modi", "Anthony Albanese"]
    assert actors_at(text, "Both countries") == ["India", "Australia"]


def test_organisations_may_be_sides():
    text = "The European Union and Canada met on Friday. The two sides agreed on steel."
    assert actors_at(text, "two sides") == ["European Union", "Canada"]


@pytest.mark.parametrize(
    ("text", "words", "actors"),
    [
        ("Luca Moretti and Jean Dupont met. Two men were arrested nearby.", "men", ["Men"]),
        ("Rain fell. Norway blamed Iceland, and Peru blamed Chile. Snow fell. Both countries wept.", "countries", []),
        ("Norway blamed Iceland, Iceland blamed Peru, and Peru blamed Norway. Both countries wept.", "countries", []),
        ("Norway blamed Iceland. Iceland blamed Peru, and Peru blamed Norway. Both countries wept.", "countries", ["Norway", "Iceland"]),
        ("Talks between Norway and Peru failed. Reporters asked Iceland. The two sides left.", "two sides", ["Norway", "Peru"]),
        ("Norway hit back at Peru. Shops of Iceland and Chile closed. Norway will sue Peru. Both sides left.", "sides", ["Norway", "Peru"]),
    ],
)
def test_a_pair_is_the_one_that_the_text_is_about(text, words, actors):
    assert actors_at(text, words) == actors


def test_whose_is_no_part_of_a_description():
    found = mentions_of("Tariffs hit Spain, whose carmakers export a lot. The carmakers protested.")
    assert found.loc[found["form"] == "nominal", "actor"].tolist() == ["Carmakers", "Carmakers"]


def test_collective_voices_are_groups_with_their_country():
    found = mentions_of("Senior Turkish officials denied the report, and residents protested.")
    groups = found[found["actor_type"] == "group"].set_index("actor")["country"]
    assert groups["Turkish officials"] == "TUR"
    assert "Residents" in groups.index


def test_a_company_is_an_organisation_whatever_its_name_looks_like():
    found = mentions_of("Regulators fined the carmaker Hanwha Ocean. Hanwha said it would appeal.")
    own = found[found["actor"] == "Hanwha Ocean"]
    assert own["actor_type"].unique().tolist() == ["organisation"]
    assert own["text"].tolist()[:2] == ["Hanwha Ocean", "Hanwha"]


def test_every_mention_lies_where_it_says():
    text = "  Zoë O’Brien, of Côte d’Ivoire 🙂, said\u00a0“no”.\n\nThe U.N. agreed."
    for row in mentions_of(text).itertuples():
        assert text[row.start : row.end] == row.text


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b\u202e", "🙂" * 50, "“" * 200, "the " * 500])
def test_strange_text_has_mentions_or_none_and_does_not_fail(text):
    mentions_of(text)


@pytest.mark.parametrize(
    ("text", "pronoun"),
    [
        ("Angela Merkel met Olaf Scholz. My grandfather built ships. He believed in trade.", "He"),
        ("Peru banned imports. The government in Oslo said that it would wait.", "it"),
        ("Peru banned imports. A committee met at noon. It will decide in June.", "It"),
    ],
)
def test_a_pronoun_that_goes_back_to_a_noun_that_is_no_actors_names_nobody(text, pronoun):
    assert not mentions_of(text)["text"].eq(pronoun).any()
    known = text.replace("My grandfather", "Olaf Scholz").replace(" in Oslo", "").replace("A committee", "Peru")
    assert mentions_of(known)["text"].eq(pronoun).any()


def test_a_word_in_the_name_of_a_thing_is_no_group():
    found = mentions_of("Angela Merkel met Olaf Scholz at the Great Hall of the People on Tuesday. Officials and people waited.")
    assert found.loc[found["actor_type"].eq("group"), "text"].tolist() == ["Officials", "people"]


def test_its_owner_is_no_actor_of_long_ago():
    text = "Peru banned imports. It rained. Angela Merkel saw a hospital. She praised its doctors."
    assert "its" not in mentions_of(text)["text"].tolist()
    assert actors_at("Peru banned imports. Angela Merkel praised its doctors.", "its") == ["Peru"]


def test_a_given_name_with_a_hyphen_tells_the_gender_by_its_first_part():
    assert actors_at("Ann-Marie Lund met Bo Ek. Ek left. He was tired.", "He") == ["Bo Ek"]


@pytest.mark.parametrize(
    "text",
    [
        "A Peruvian foreign ministry spokesman, Bo Mora, rejected the charge. He spoke in Lima.",
        "Bo Mora, the president of the Chilean bank council, rejected the charge. He spoke in Lima.",
    ],
)
def test_an_office_in_apposition_to_a_name_is_its_bearers_and_no_other_persons(text):
    found = mentions_of("Dina Boluarte is the president of Peru. " + text)
    assert set(found.loc[found["actor_type"].eq("person"), "actor"]) == {"Dina Boluarte", "Bo Mora"}
    assert found.loc[found["text"].eq("He"), "actor"].tolist() == ["Bo Mora"]


def test_a_name_that_is_broken_over_two_lines_is_one_line():
    text = "John Smith spoke on Monday.\n\nLater John\nRichard Smith, who was tired, said no. Smith left."
    found = mentions_of(text)
    assert set(found.loc[found["actor_type"].eq("person"), "actor"]) == {"John Richard Smith"}
