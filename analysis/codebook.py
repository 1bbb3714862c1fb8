"""Codebooks: what to look for, in YAML files that a user copies and edits.

A codebook is data, never code: it is read node by node against a declared schema, so that a wrong key, a
wrong value or broken YAML is told with its file and line, and with what is allowed.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path

import pycountry

from analysis.codebook_schema import ACTORS, CUES, FOLDER, ISSUE_BOOKS, ISSUES, VOCABULARIES
from analysis.errors import InputError
from analysis.schema import load, parse

# What spaCy's small model takes for the lemma of “according”, “hoped”, “griped” and “raged”.
_MISREAD_LEMMAS = {"accord": "according", "hop": "hope", "grip": "gripe", "rag": "rage"}


@dataclass(frozen=True)
class Issue:
    """An issue: its phrases are globs (`sanction*`), word by word; `parent` is the key of the issue that it is part of."""

    key: str
    title: str
    description: str = ""
    cap: int | None = None
    phrases: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, eq=False)
class IssueCodebook:
    """The issues of a codebook, each before its sub-issues."""

    issues: tuple[Issue, ...]

    @cached_property
    def by_key(self) -> dict[str, Issue]:
        return {issue.key: issue for issue in self.issues}

    @cached_property
    def titles(self) -> dict[str, str]:
        """The titles of the issues by their keys."""
        return {issue.key: issue.title for issue in self.issues}

    def lineage(self, key: str) -> list[Issue]:
        """An issue and those that it is part of, from the inside out."""
        issue = self.by_key[key]
        return [issue] + (self.lineage(issue.parent) if issue.parent else [])

    def are_related(self, first: str, second: str) -> bool:
        """Whether two issues are one, or one is part of the other."""
        return self.by_key[first] in self.lineage(second) or self.by_key[second] in self.lineage(first)


@dataclass(frozen=True)
class ActorEntry:
    """An actor that the codebook knows.

    Attributes
    ----------
    name : str
        Its canonical name.
    type : str
        One of `tables.ACTOR_TYPES`.
    country : str or None
        ISO 3166-1 alpha-3: of a country its own, otherwise the state that the actor belongs to or speaks for.
    aliases : tuple of str
        Its other names; with `name`, they stand for the actor anywhere.
    demonyms, people : tuple of str
        Of a country: the adjectives, and the nouns for its people.
    capital, metonyms : str or None, tuple of str
        Of a country: places that stand for its government.
    contrast : str or None
        North or South, in a divided pair of countries.
    role, gender, of, since, until
        Of a person: the office, the gender, the organisation headed, the days of the term (inclusive).
    """

    name: str
    type: str
    country: str | None = None
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    capital: str | None = None
    metonyms: tuple[str, ...] = ()
    contrast: str | None = None
    role: str | None = None
    gender: str | None = None
    of: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, eq=False)
class ActorCodebook:
    """Known actors, and the vocabularies (in lower case) by which others are found.

    Attributes
    ----------
    entries : tuple of ActorEntry
        A form that two share belongs to the one that a text names by another form too, or else to the first.
    titles, roles, groups, representatives, government_acts : frozenset of str
        Words before a person's name; nouns for a person in office; plurals that speak with one voice;
        nouns for who speaks on behalf of another; nouns before which a demonym stands for the government.
    ambiguous : frozenset of str
        Forms (with their case) that count only in a text that names their actor by another form too.
    """

    entries: tuple[ActorEntry, ...]
    titles: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    representatives: frozenset[str] = frozenset()
    government_acts: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Cue:
    """A reporting verb or phrase, by its lemma: its class (`tables.CUE_CLASSES`), and what its content may be."""

    lemma: str
    cue_class: str
    takes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CueCodebook:
    """Reporting verbs and phrases, by lemma; of a phrase, the words are lemmas too (“call for”)."""

    cues: Mapping[str, Cue]

    def classify(self, lemmas: Sequence[str]) -> tuple[str | None, str | None]:
        """The entry, and its class, of the words that say that something was said; None and None where none is known.

        Parameters
        ----------
        lemmas : sequence of str
            Of the words, in order: `["have", "call", "on", "Iran", "to"]`. Of several entries the longest counts,
            then the last: auxiliaries and light verbs come first.
        """
        words = _as_entries_spell(lemmas)
        found = [entry for word in dict.fromkeys(words) for entry in self._starting.get(word, ()) if _in_order(entry.split(), words)]
        best = max(found, key=lambda entry: (len(entry.split()), words.index(entry.split()[0])), default=None)
        return (None, None) if best is None else (best, self.cues[best].cue_class)

    def begins(self, lemmas: Sequence[str]) -> bool:
        """Whether the first of these words is one that says that something was said, alone or with some behind it.

        Parameters
        ----------
        lemmas : sequence of str
            At least one.
        """
        words = _as_entries_spell(lemmas)
        return any(_in_order(entry.split(), words) for entry in self._starting.get(words[0], ()))

    @cached_property
    def _starting(self) -> dict[str, list[str]]:
        """The entries by their first word."""
        starting: dict[str, list[str]] = {}
        for entry in self.cues:
            starting.setdefault(entry.split()[0], []).append(entry)
        return starting


def _as_entries_spell(lemmas: Iterable[str]) -> list[str]:
    return [_MISREAD_LEMMAS.get(lemma.lower(), lemma.lower()) for lemma in lemmas]


def _in_order(words: Iterable[str], among: Iterable[str]) -> bool:
    remaining = iter(among)
    return all(word in remaining for word in words)


# ---------------------------------------------------------------- public readers


def read_issues(path: str | Path | None = None) -> IssueCodebook:
    """Read a codebook of issues.

    Parameters
    ----------
    path : path, optional
        It stands in place of the default codebook; or, if it says `extends: default`, adds its issues to it
        (an issue with a default issue's key replaces that one and its sub-issues).

    Raises
    ------
    InputError
        Where the file cannot be read, or does not keep to the schema.
    """
    return _default_issues() if path is None else IssueCodebook(tuple(_load_issues(Path(path))))


def read_issue_books(path: str | Path) -> dict[str, IssueCodebook]:
    """Read a file with several codebooks of issues, by name; raises what `read_issues` does."""
    found = {name: list(_flatten(book["issues"])) for name, book in load(Path(path), ISSUE_BOOKS).items()}
    return {name: IssueCodebook(tuple(_join(IssueCodebook(()), issues, f"{path}, {name}"))) for name, issues in found.items()}


def extend_issues(codebook: IssueCodebook, changes: str) -> IssueCodebook:
    """A codebook with issues added, or replaced, by a text in the form of a codebook's file.

    Parameters
    ----------
    codebook : IssueCodebook
    changes : str
        YAML. An issue with the key of one of the codebook's takes the place of that one and of its sub-issues. The `extends` that a file
        may have does not matter here.

    Raises
    ------
    InputError
        Where the text does not keep to the schema: the line, and what is allowed.
    """
    where = "the changes"
    content = parse(changes.encode("utf-8", "replace"), where, ISSUES)
    return IssueCodebook(tuple(_join(codebook, list(_flatten(content["issues"])), where)))


def read_actors(path: str | Path | None = None) -> ActorCodebook:
    """Read a codebook of actors.

    Parameters
    ----------
    path : path, optional
        It adds to the default codebook. Of an entry that stands there too, its lists add to the entry's, and its
        single values replace them; `remove: [NAME, ...]` first drops entries.

    Raises
    ------
    InputError
        Where the file cannot be read, or does not keep to the schema.
    """
    if path is None:
        return _default_actors()
    content = load(Path(path), ACTORS)
    known = [entry.name for entry in _default_actors().entries]
    for name in content.get("remove", ()):
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise InputError(f"remove: no actor is named “{name}”", str(path), f"Did you mean “{near[0]}”?" if near else "Leave it out.")
    return _extend_actors(_default_actors(), content)


def read_cues(path: str | Path | None = None) -> CueCodebook:
    """Read a codebook of reporting verbs: the default one, or a file in its place.

    Raises
    ------
    InputError
        Where the file cannot be read, or does not keep to the schema.
    """
    return _default_cues() if path is None else _load_cues(Path(path))


@cache
def _default_issues() -> IssueCodebook:
    return IssueCodebook(tuple(_load_issues(FOLDER / "issues.yaml")))


@cache
def _default_actors() -> ActorCodebook:
    return _extend_actors(ActorCodebook(()), load(FOLDER / "actors.yaml", ACTORS))


@cache
def _default_cues() -> CueCodebook:
    return _load_cues(FOLDER / "cues.yaml")


# ---------------------------------------------------------------- from records to codebooks


def _load_issues(path: Path) -> list[Issue]:
    content = load(path, ISSUES)
    issues = list(_flatten(content["issues"]))
    if not issues and "extends" not in content:
        raise InputError("the codebook has no issues", str(path), "Put one in, with a title and phrases.")
    return _join(_default_issues() if "extends" in content else IssueCodebook(()), issues, str(path))


def _join(codebook: IssueCodebook, own: list[Issue], where: str) -> list[Issue]:
    """A codebook's issues but for those that `own` replaces, with their sub-issues; and `own`."""
    keys = {issue.key for issue in own}
    issues = [issue for issue in codebook.issues if not keys & {part.key for part in codebook.lineage(issue.key)}] + own
    for name in ("key", "title"):
        named = Counter(getattr(issue, name) for issue in issues)
        if twice := [value for value, times in named.items() if times > 1]:
            remedy = f"Give each issue, sub-issues included, a {name} of its own."
            raise InputError(f"two issues have the {name} “{twice[0]}”", where, remedy)
    return issues


def _flatten(issues: Mapping[str, Mapping], parent: str | None = None) -> Iterator[Issue]:
    for key, given in issues.items():
        yield Issue(key, parent=parent, **{name: value for name, value in given.items() if name != "issues"})
        yield from _flatten(given.get("issues", {}), key)


def _load_cues(path: Path) -> CueCodebook:
    cues: dict[str, Cue] = {}
    for group in load(path, CUES)["cues"]:
        for lemma in group["words"]:
            if lemma in cues:
                raise InputError(f"“{lemma}” stands in two groups", str(path), "A cue has one class: leave it in one of them.")
            cues[lemma] = Cue(lemma, group["class"], group["takes"])
    return CueCodebook(cues)


def _extend_actors(codebook: ActorCodebook, content: Mapping) -> ActorCodebook:
    removed = set(content.get("remove", ()))
    entries = {_actor_key(entry): entry for entry in codebook.entries if entry.name not in removed}
    for entry in _actor_entries(content, {entry.country: entry.name for entry in entries.values() if entry.type == "country"}):
        known = entries.get(_actor_key(entry))
        entries[_actor_key(entry)] = _merge(known, entry) if known else entry
    added = {name: frozenset(word.lower() for word in content.get(name, ())) for name in VOCABULARIES}
    vocabularies = {name: getattr(codebook, name) | words for name, words in added.items()}
    return ActorCodebook(
        tuple(entries.values()), ambiguous=codebook.ambiguous | set(_spellings(content.get("ambiguous", ()))), **vocabularies
    )


def _actor_key(entry: ActorEntry) -> tuple[str, str]:
    return entry.type, entry.country if entry.type == "country" else entry.name


def _merge(known: ActorEntry, given: ActorEntry) -> ActorEntry:
    changes = {f.name: getattr(given, f.name) for f in fields(ActorEntry) if getattr(given, f.name)}
    lists = {name: _unique(getattr(known, name) + value) for name, value in changes.items() if isinstance(value, tuple)}
    merged = replace(known, **changes | lists)
    return replace(merged, aliases=tuple(alias for alias in _unique((*merged.aliases, known.name)) if alias != merged.name))


def _actor_entries(content: Mapping, country_names: Mapping[str, str]) -> Iterator[ActorEntry]:
    for code, given in content.get("countries", {}).items():
        yield _country_entry(code, given, country_names.get(code))
    for section, kind in (("people", "person"), ("organisations", "organisation")):
        for name, given in content.get(section, {}).items():
            yield ActorEntry(name, kind, **given | {"aliases": _spellings(given.get("aliases", ()), name)})


def _country_entry(code: str, given: Mapping, known_name: str | None) -> ActorEntry:
    country = pycountry.countries.get(alpha_3=code)
    listed = [getattr(country, kind, None) for kind in ("common_name", "name", "official_name")]
    # “Korea, Republic of” and “Saint Martin (French part)” are no names that a text would use.
    names = [name.removeprefix("the ") for name in listed if name and "," not in name and "(" not in name]
    name = next(filter(None, [given.get("name"), known_name, *names]), None)
    if not name:
        raise InputError(f"the country {code} needs a name", "codebook of actors", f"Write name: under {code}.")
    demonyms = _spellings(given.get("demonyms", ()))
    people = given.get("people", tuple(demonym + "s" for demonym in demonyms if demonym.endswith(("n", "i"))))
    seats = _spellings((*filter(None, [given.get("capital")]), *given.get("metonyms", ())))
    return ActorEntry(
        name,
        "country",
        code,
        aliases=_spellings((*given.get("aliases", ()), *names), name),
        demonyms=demonyms,
        people=_spellings(people),
        capital=given.get("capital"),
        metonyms=tuple(seat for seat in seats if seat != given.get("capital")),
        contrast=given.get("contrast"),
    )


def _spellings(forms: Iterable[str], name: str | None = None) -> tuple[str, ...]:
    """The forms, each also with a typographic apostrophe and without its accents; those of `name` too, but not itself."""
    forms = [name, *forms] if name else list(forms)
    spellings = _unique(s for form in forms for s in (form, form.replace("'", "’"), _without_accents(form)))
    return tuple(spelling for spelling in spellings if spelling != name)


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
