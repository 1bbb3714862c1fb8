import csv
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from math import sqrt

import make_corpus
import pytest
from make_corpus import FIELDS, ISSUES, OUTLETS, make_articles, positive_share, truth, write_articles

BETWEEN_SENTENCES = re.compile(r"(?:(?<=[.])|(?<=[.]”))\s+")


@pytest.fixture(scope="module")
def articles():
    return make_articles()


@pytest.fixture(scope="module")
def many():
    """Enough for the effects to stand out from sampling error."""
    return make_articles(seed=2, count=2400)


def assert_near(hits, expected):
    """Of draws with known chances, so many hit as three standard errors allow."""
    assert abs(sum(hits) - sum(expected)) <= 3 * sqrt(sum(chance * (1 - chance) for chance in expected))


def judging(articles):
    """Of each sentence that judges China: whether it is positive, and how likely that was."""
    rows = [(truth(a), positive_share(a["outlet"], date.fromisoformat(a["date"]))) for a in articles]
    return zip(*[(hit, share) for key, share in rows for hit in [1] * key["positive"] + [0] * key["negative"]], strict=True)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    paths = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    for path, seed in zip(paths, "112", strict=True):
        subprocess.run([sys.executable, make_corpus.__file__, path, "--count", "30", "--seed", seed], check=True)
    one, again, other = (path.read_bytes() for path in paths)
    assert one == again != other


@pytest.mark.parametrize("count", [0, 1, 7, 360])
def test_there_are_as_many_articles_as_asked_for(count):
    assert len(make_articles(count=count)) == count


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_file_holds_the_fields_and_not_the_keys(tmp_path, articles, name):
    write_articles(articles[:20], tmp_path / name)
    with (tmp_path / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file)) if name.endswith("csv") else [json.loads(line) for line in file]
    assert [{field: row[field] or None for field in row} for row in rows] == [{field: a[field] for field in FIELDS} for a in articles[:20]]


def test_days_months_and_outlets_are_balanced(articles):
    cells = Counter((a["date"][:7], a["outlet"]) for a in articles)
    assert len(cells) == 12 * len(OUTLETS)
    for month in {month for month, _ in cells}:
        in_month = [cells[month, outlet] for outlet in OUTLETS]
        assert max(in_month) - min(in_month) <= 1 and 27 <= sum(in_month) <= 31
    assert max(Counter(a["date"] for a in articles).values()) == 1


def test_authors_write_for_one_outlet_and_some_articles_have_none(articles):
    outlets = {}
    for a in articles:
        outlets.setdefault(a["author"], set()).add(a["outlet"])
    assert outlets.pop(None) == set(OUTLETS)
    assert all(len(names) == 1 for names in outlets.values()) and len(outlets) == 8


def test_texts_and_ids_are_unique(many):
    assert len({a["text"] for a in many}) == len({a["id"] for a in many}) == len(many)


def test_articles_have_the_length_of_short_news(many):
    for a in many:
        assert 80 <= len(a["text"].split()) <= 150
        assert 2 <= len(a["text"].split("\n\n")) <= 4
        assert 5 <= len(truth(a)["kinds"]) <= 9
        assert len(BETWEEN_SENTENCES.split(a["text"])) == len(truth(a)["kinds"])


def test_every_slot_is_filled(many):
    assert not any(mark in a["title"] + a["text"] for a in many for mark in "{}|'\"")


def test_keys_agree_with_the_texts(many):
    for a in many:
        key, kinds = truth(a), truth(a)["kinds"]
        sentences = BETWEEN_SENTENCES.split(a["text"])
        assert ["China" in text or "Chinese" in text for text in sentences] == [kind not in ("lead", "fact", "quote") for kind in kinds]
        assert [make_corpus.SPOKESPERSON in text for text in sentences] == [kind == "spokesperson" for kind in kinds]
        assert all("Japan" in text for text, kind in zip(sentences, kinds, strict=True) if kind == "condemnation")
        assert (key["spokesperson"], key["condemnation"]) == ("spokesperson" in kinds, "condemnation" in kinds)
        assert (key["positive"], key["negative"]) == (kinds.count("positive"), kinds.count("negative") + key["condemnation"])
        assert key["issue"] in ISSUES and "Chin" not in a["title"]


def test_japan_judges_china_in_condemnations_only():
    judged = [text for stock in (make_corpus.POSITIVE, make_corpus.NEGATIVE) for texts in stock.values() for text in texts]
    assert not any("Japan" in text for text in (*judged, *make_corpus.VOICES))
    assert all("Japan" in text and "Chin" in text for text in make_corpus.CONDEMNATIONS)


def test_only_sentences_of_those_kinds_name_china():
    silent = [text for stock in (make_corpus.LEADS, make_corpus.FACTS, make_corpus.QUOTES) for texts in stock.values() for text in texts]
    assert not any(name in text for text in silent for name in ("Chin", "Beijing", "Japan", "Tokyo"))
    judged = [text for stock in (make_corpus.POSITIVE, make_corpus.NEGATIVE) for texts in stock.values() for text in texts]
    assert all("China" in text for text in judged) and len(set(judged)) == len(judged)


@pytest.mark.parametrize("size", ["articles", "many"])
def test_the_positive_share_rises_over_the_year_in_every_outlet(size, request):
    corpus = request.getfixturevalue(size)
    for outlet in OUTLETS:
        for months in ("01 02 03", "04 05 06", "07 08 09", "10 11 12"):
            assert_near(*judging([a for a in corpus if a["outlet"] == outlet and a["date"][5:7] in months]))


def test_the_shares_are_those_that_the_constants_state():
    first, last = date(2025, 1, 1), date(2025, 12, 31)
    shares = [(positive_share(outlet, first), positive_share(outlet, last)) for outlet in OUTLETS]
    assert shares == [pytest.approx(pair) for pair in [(0.25, 0.75), (0.05, 0.55), (0.25, 0.75)]]


@pytest.mark.parametrize("size", ["articles", "many"])
@pytest.mark.parametrize(
    "mark, outlet, share, elsewhere", [("spokesperson", "Harbour Gazette", 0.5, 0.25), ("condemnation", "Northern Ledger", 0.4, 0.2)]
)
def test_one_outlet_has_twice_as_many(size, mark, outlet, share, elsewhere, request):
    for name in OUTLETS:
        hits = [truth(a)[mark] for a in request.getfixturevalue(size) if a["outlet"] == name]
        assert_near(hits, [share if name == outlet else elsewhere] * len(hits))


def test_condemnations_keep_their_share_as_the_tone_changes(many):
    for start in range(0, len(many), 600):
        hits = [truth(a)["condemnation"] for a in many[start : start + 600] if a["outlet"] == "Northern Ledger"]
        assert_near(hits, [0.4] * len(hits))


@pytest.mark.parametrize("size", ["articles", "many"])
def test_trade_gets_more_space_in_the_second_half_and_the_others_share_the_rest(size, request):
    for half, share in ((lambda day: day < "2025-07-01", 0.3), (lambda day: day >= "2025-07-01", 0.6)):
        issues = [truth(a)["issue"] for a in request.getfixturevalue(size) if half(a["date"])]
        assert_near([issue == "trade" for issue in issues], [share] * len(issues))
        for other in ("security", "climate", "technology"):
            assert_near([issue == other for issue in issues], [(1 - share) / 3] * len(issues))


def test_the_stocks_are_large_enough():
    for stock in (make_corpus.POSITIVE, make_corpus.NEGATIVE):
        assert sum(map(len, stock.values())) >= 25
    for issue in ISSUES:
        assert len(make_corpus.FACTS[issue]) + len(make_corpus.QUOTES[issue]) >= 15
