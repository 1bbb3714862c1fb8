"""The phrases of a codebook of issues, found in a text: globs, lemmas, exclusions, in time linear in the text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import capwords

from spacy.tokens import Span

from analysis.codebook import IssueCodebook
from analysis.codebook_schema import phrase_words
from analysis.language import load_model

# What stands between the words of a phrase without parting them.
IGNORED = {"'s", "'", "‘", '"', "“", "”", "-", "–"}
KNOWN_WORDS = 1 << 14
# The characters of a phrase of twelve long words. The tokenizer takes time in the square of a run of marks.
MAX_CUT = 256
_PIECE = re.compile(r"[^-–]+")


@dataclass(frozen=True)
class Hit:
    """A phrase found: its issue, the phrase as the codebook has it, its offsets (half-open), and its number of words."""

    issue: str
    phrase: str
    start: int
    end: int
    words: int


@dataclass(frozen=True)
class _Word:
    """A word of a text, in lower case: as it stands, and its lemma."""

    form: str
    lemma: str
    start: int
    end: int


@dataclass(frozen=True)
class _Phrase:
    """A phrase of the codebook: its text, its words, in one of the ways to cut it, by their numbers in the index, and how many they are to
    people: the tokenizer has two in “5%”."""

    issue: str
    text: str
    words: tuple[int, ...]
    length: int
    excludes: bool


@dataclass(frozen=True, eq=False)
class _Index:
    """A codebook ready to be looked up, in time linear in the text: no regular expression is made of a phrase.

    `words` has the number of each word of the phrases that is no glob; `globs` the others, by what stands before their
    first star, of which `longest` is the greatest length; `phrases` has the phrases by the number of their first word.
    """

    words: dict[str, int]
    globs: dict[str, list[tuple[str, int]]]
    phrases: dict[int, list[_Phrase]]
    longest: int


def find_hits(span: Span, codebook: IssueCodebook) -> list[Hit]:
    """Find the codebook's phrases in a span of text.

    A phrase does not count where an exclusion of its issue, as long or longer, overlaps it; of an issue's phrases that
    overlap, the first counts, and of those that begin together the longest.
    """
    words = _words(span)
    found, excluded = defaultdict(list), {}
    for phrase, first in _matches(words, _compile(codebook)):
        length = len(phrase.words)
        if phrase.excludes:
            for place in range(first, first + length):
                excluded[phrase.issue, place] = max(length, excluded.get((phrase.issue, place), 0))
        else:
            found[phrase].append(first)
    by_issue = defaultdict(list)
    for phrase, firsts in found.items():
        length = len(phrase.words)
        for first in firsts:
            if all(excluded.get((phrase.issue, place), 0) < length for place in range(first, first + length)):
                start, end = words[first].start, words[first + length - 1].end
                by_issue[phrase.issue].append(Hit(phrase.issue, phrase.text, start, end, phrase.length))
    return [hit for of_issue in by_issue.values() for hit in disjoint(of_issue)]


def disjoint(hits: Iterable[Hit]) -> list[Hit]:
    """Of hits that overlap the first, and of those that begin together the longest; in the order of the text."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


# ---------------------------------------------------------------- words of a text


def _words(span: Span) -> list[_Word]:
    """The words of a text: compounds in their parts; possessive marks, hyphens and quotation marks left out."""
    words = []
    for token in span:
        text = token.text.replace("’", "'")
        if token.is_space or text in IGNORED:
            continue
        pieces = list(_PIECE.finditer(text))
        for piece in pieces:
            form = piece.group().lower()
            lemma = token.lemma_.lower().replace("’", "'") if len(pieces) == 1 else form
            words.append(_Word(form, lemma, token.idx + piece.start(), token.idx + piece.end()))
    return words


# ---------------------------------------------------------------- phrases of a codebook


@lru_cache(maxsize=8)
def _compile(codebook: IssueCodebook) -> _Index:
    numbers: dict[str, int] = {}
    phrases = defaultdict(list)
    for issue in codebook.issues:
        for text, excludes in [(p, False) for p in issue.phrases] + [(p, True) for p in issue.exclude]:
            length = len(phrase_words(text))
            for cut in _cuts(text):
                words = tuple(numbers.setdefault(word, len(numbers)) for word in cut)
                phrases[words[0]].append(_Phrase(issue.key, text, words, length, excludes))
    globs = defaultdict(list)
    for word, number in numbers.items():
        if "*" in word:
            globs[word.partition("*")[0]].append((word, number))
    plain = {word: number for word, number in numbers.items() if "*" not in word}
    return _Index(plain, dict(globs), dict(phrases), max(map(len, globs), default=0))


def _cuts(phrase: str) -> list[tuple[str, ...]]:
    """The ways to cut a phrase into words: at blanks and hyphens, and, where it has no star, as the tokenizer cuts a text.

    The tokenizer goes by capitals (“cannot” is two words and “CANNOT” is one, “Sen.” one and “sen.” two), which a phrase has lost.
    """
    cuts = [tuple(phrase_words(phrase))]
    if "*" not in phrase and len(phrase) <= MAX_CUT:
        nlp = load_model()
        cuts += [tuple(word.form for word in _words(nlp.make_doc(cased)[:])) for cased in (phrase, capwords(phrase), phrase.upper())]
    return [cut for cut in dict.fromkeys(cuts) if cut]


def _matches(words: Sequence[_Word], index: _Index) -> Iterator[tuple[_Phrase, int]]:
    """The phrases that a text holds, each with the number of its first word."""
    numbers = [_numbers(word.form, index) | _numbers(word.lemma, index) for word in words]
    for first, here in enumerate(numbers):
        for number in here:
            for phrase in index.phrases.get(number, ()):
                following = numbers[first + 1 : first + len(phrase.words)]
                if len(following) == len(phrase.words) - 1 and all(map(frozenset.__contains__, following, phrase.words[1:])):
                    yield phrase, first


@lru_cache(maxsize=KNOWN_WORDS)
def _numbers(word: str, index: _Index) -> frozenset[int]:
    """The words and globs of the codebook that a word of the text fits."""
    found = {index.words[word]} if word in index.words else set()
    for length in range(min(len(word), index.longest) + 1):
        found.update(number for glob, number in index.globs.get(word[:length], ()) if _fits(word, glob))
    return frozenset(found)


def _fits(word: str, glob: str) -> bool:
    """Whether a word is what a glob stands for: each part between the stars is taken where it first stands."""
    first, *middle, last = glob.split("*")
    if len(word) < len(first) + len(last) or not word.startswith(first) or not word.endswith(last):
        return False
    at = len(first)
    for part in middle:
        at = word.find(part, at, len(word) - len(last))
        if at < 0:
            return False
        at += len(part)
    return True
