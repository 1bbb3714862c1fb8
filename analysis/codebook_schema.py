"""What may stand in a codebook: the schemas of the codebooks of issues, actors, given names, reporting verbs and events."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pycountry
import yaml

from analysis.schema import SHOWN, day, list_of, listing, load, mapping_of, one_of, record, text, wrong
from analysis.tables import CUE_CLASSES

FOLDER = Path(__file__).parent / "codebooks"
GENDERS = ("male", "female")
CONTRASTS = ("North", "South")
COMPLEMENTS = ("clause", "infinitive", "object")
# User-assigned in ISO 3166-1, and in general use for Kosovo.
UNOFFICIAL_CODES = {"XKX"}
MAX_WORDS = 12
_SEPARATOR = re.compile(r"[\s–-]+")


@cache
def read_topics() -> dict[int, str]:
    """The major topics of the Comparative Agendas Project: their codes and names."""
    return {int(code): name for code, name in load(FOLDER / "topics.yaml", mapping_of(text, text)).items()}


def phrase_words(phrase: str) -> list[str]:
    """The words of a phrase: compounds in their parts, without possessive marks and quotation marks."""
    words = (word.strip('"“”‘').removesuffix("'s").strip("'") for word in _SEPARATOR.split(phrase.replace("’", "'")))
    return [word for word in words if word]


def _phrase(node: yaml.Node) -> str:
    phrase = text(node).lower()
    words = phrase_words(phrase)
    if not 1 <= len(words) <= MAX_WORDS or not any(c.isalnum() for c in phrase):
        remedy = f"Write 1 to {MAX_WORDS} words; * stands for any letters within a word."
        raise wrong(node, f"“{phrase[:SHOWN]}” is no phrase", remedy)
    return phrase


def _key(node: yaml.Node) -> str:
    key = text(node)
    if not key.replace("_", "").replace("-", "").isalnum():
        raise wrong(node, f"“{key[:SHOWN]}” is no key", "A key has letters, digits, _ and - only; what is to be read goes into its title.")
    return key


def _topic(node: yaml.Node) -> int:
    value = text(node)
    if not value.isdecimal() or int(value) not in read_topics():
        raise wrong(node, f"“{value[:SHOWN]}” is no topic of the Comparative Agendas Project", f"Allowed are {listing(read_topics())}.")
    return int(value)


def _country(node: yaml.Node) -> str:
    code = text(node)
    if code not in UNOFFICIAL_CODES and pycountry.countries.get(alpha_3=code) is None:
        raise wrong(node, f"“{code[:SHOWN]}” is no country code", "Use ISO 3166-1 alpha-3 in capitals, as CHN or USA.")
    return code


def _issue(node: yaml.Node) -> dict:
    """Issues nest, so their schema names itself."""
    readers = {
        "title": text,
        "description": text,
        "cap": _topic,
        "phrases": _PHRASES,
        "exclude": _PHRASES,
        "issues": mapping_of(_key, _issue),
    }
    issue = record(readers, required=("title",))(node)
    if not issue.get("phrases") and not issue.get("issues"):
        raise wrong(node, "an issue without phrases never fires", "Give it `phrases: [...]`, or sub-issues under `issues:`.")
    return issue


def _person(node: yaml.Node) -> dict:
    person = _PERSON(node)
    if "since" in person and "until" in person and person["until"] < person["since"]:
        raise wrong(node, f"until ({person['until']}) is before since ({person['since']})", "Put the dates right.")
    return person


_NAMES = list_of(text, nested=True)
_PHRASES = list_of(_phrase, nested=True)
VOCABULARIES = ("titles", "roles", "groups", "representatives", "government_acts")
_COUNTRY = record(
    {"name": text, "capital": text, "contrast": one_of(CONTRASTS), **{key: _NAMES for key in ("aliases", "demonyms", "people", "metonyms")}}
)
_PERSON = record({"country": _country, "role": text, "gender": one_of(GENDERS), "of": text, "since": day, "until": day, "aliases": _NAMES})
ISSUES = record({"extends": one_of(("default",)), "issues": mapping_of(_key, _issue)}, required=("issues",))
ISSUE_BOOKS = mapping_of(_key, record({"issues": mapping_of(_key, _issue)}, required=("issues",)))
ACTORS = record(
    {
        "countries": mapping_of(_country, _COUNTRY),
        "people": mapping_of(text, _person),
        "organisations": mapping_of(text, record({"country": _country, "aliases": _NAMES})),
        **{name: _NAMES for name in (*VOCABULARIES, "ambiguous", "remove")},
    }
)
_CUE_GROUP = record({"class": one_of(CUE_CLASSES), "takes": list_of(one_of(COMPLEMENTS)), "words": _PHRASES}, ("class", "takes", "words"))
CUES = record({"cues": list_of(_CUE_GROUP)}, required=("cues",))
GIVEN_NAMES = record(dict.fromkeys(GENDERS, _NAMES), required=GENDERS)
EVENTS = record({"events": _NAMES}, required=("events",))
