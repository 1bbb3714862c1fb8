"""Issues: which issues of a codebook each sentence covers, and on the strength of which words.

The dictionary method of content analysis (Krippendorff, Content Analysis; Laver & Garry 2000; Young & Soroka 2012),
with what dictionaries need to be trusted: globs, lemmas, phrases, exclusions, and the evidence of every hit. Beside it,
topics of the Comparative Agendas Project, which a trained model tells.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from spacy.tokens import Span

from analysis import tables
from analysis.codebook import IssueCodebook, read_issues
from analysis.codebook_schema import phrase_words, read_topics
from analysis.judgement import TOPIC, judge, topic_codes
from analysis.language import ParsedArticle

# What stands between the words of a phrase without parting them.
IGNORED = {"'s", "’s", "'", "’", "‘", '"', "“", "”", "-", "–"}
OTHER = 99
KNOWN_WORDS = 1 << 14
_PIECE = re.compile(r"[^-–]+")


@dataclass(frozen=True)
class Hit:
    """A phrase found: its issue, its offsets (half-open), and its number of words."""

    issue: str
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
    """A phrase of the codebook: its words by their numbers in the index."""

    issue: str
    words: tuple[int, ...]
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


def find_issues(parsed: ParsedArticle, codebook: IssueCodebook | None = None) -> pd.DataFrame:
    """Find the issues that the sentences of an article cover.

    An issue is found where one of its phrases, or one of a sub-issue's, stands outside its exclusions.

    Parameters
    ----------
    parsed : ParsedArticle
    codebook : IssueCodebook, optional
        The default codebook where none is given.

    Returns
    -------
    DataFrame
        The table `issues`: a row for each sentence (of any part) and each issue found in it. `score` is
        1 − ½ ** n for n words of evidence: one word ½, two ¾. It grows with the evidence and is no probability.
    """
    codebook = codebook or read_issues()
    rows = []
    for sentence in parsed.sentences["sentence"]:
        hits = find_hits(parsed.sentence_span(sentence), codebook)
        for issue, found in _by_issue(hits, codebook).items():
            rows.append(
                {
                    "article": parsed.article.article,
                    "sentence": sentence,
                    "issue": issue,
                    "score": 1 - 0.5 ** sum(hit.words for hit in found),
                    "evidence_spans": [[hit.start, hit.end] for hit in found],
                }
            )
    return tables.conform("issues", rows)


def classify_topics(texts: Sequence[str]) -> pd.DataFrame:
    """Code texts by the major topics of the Comparative Agendas Project.

    The model learned from headlines of the New York Times and titles of bills in the US Congress; `models/sentences.md` says how,
    and how well it does.

    Parameters
    ----------
    texts : sequence of str
        A headline, a sentence or an article each. One that comes again is read once.

    Returns
    -------
    DataFrame
        A row a text: `topic`, the code of the most probable topic; `name`; `probability`. Of a text without words nothing is
        known: 99, “Other”, with the probability of any topic.
    """
    codes, names = np.array(topic_codes()), read_topics()
    chances = judge(TOPIC, list(texts), [()] * len(texts))
    unknown = np.isnan(chances).any(axis=1)
    topics = np.where(unknown, OTHER, codes[chances.argmax(axis=1)])
    probability = np.where(unknown, 1 / len(codes), chances.max(axis=1))
    return pd.DataFrame({"topic": topics, "name": [names[topic] for topic in topics.tolist()], "probability": probability})


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
            found[phrase.issue].append((first, length))
    hits = []
    for issue, places in found.items():
        valid = [(f, n) for f, n in places if all(excluded.get((issue, place), 0) < n for place in range(f, f + n))]
        hits += _disjoint(Hit(issue, words[first].start, words[first + n - 1].end, n) for first, n in valid)
    return hits


def _disjoint(hits: Iterable[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _by_issue(hits: Iterable[Hit], codebook: IssueCodebook) -> dict[str, list[Hit]]:
    """The hits of each issue, those of its sub-issues included, in the order of the codebook."""
    found: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        for issue in codebook.lineage(hit.issue):
            found[issue.key].append(hit)
    return {issue.key: _disjoint(found[issue.key]) for issue in codebook.issues if issue.key in found}


# ---------------------------------------------------------------- words of a text


def _words(span: Span) -> list[_Word]:
    """The words of a text: compounds in their parts; possessive marks, hyphens and quotation marks left out."""
    words = []
    for token in span:
        if token.is_space or token.text in IGNORED:
            continue
        pieces = list(_PIECE.finditer(token.text))
        for piece in pieces:
            form = piece.group().lower()
            lemma = token.lemma_.lower() if len(pieces) == 1 else form
            words.append(_Word(form, lemma, token.idx + piece.start(), token.idx + piece.end()))
    return words


# ---------------------------------------------------------------- phrases of a codebook


@lru_cache(maxsize=8)
def _compile(codebook: IssueCodebook) -> _Index:
    numbers: dict[str, int] = {}
    phrases = defaultdict(list)
    for issue in codebook.issues:
        for text, excludes in [(p, False) for p in issue.phrases] + [(p, True) for p in issue.exclude]:
            words = tuple(numbers.setdefault(word, len(numbers)) for word in phrase_words(text))
            phrases[words[0]].append(_Phrase(issue.key, words, excludes))
    globs = defaultdict(list)
    for word, number in numbers.items():
        if "*" in word:
            globs[word.partition("*")[0]].append((word, number))
    plain = {word: number for word, number in numbers.items() if "*" not in word}
    return _Index(plain, dict(globs), dict(phrases), max(map(len, globs), default=0))


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
