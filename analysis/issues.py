"""Issues: which issues of a codebook each sentence covers, and on the strength of which words.

The dictionary method of content analysis (Krippendorff, Content Analysis; Laver & Garry 2000; Young & Soroka 2012),
with what dictionaries need to be trusted: globs, lemmas, phrases, exclusions, and the evidence of every hit. Beside it,
candidates, sentences that a model sets near to what the codebook says of an issue though no phrase stands in them; and
topics of the Comparative Agendas Project, which a trained model tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis import tables
from analysis.codebook import Issue, IssueCodebook, read_issues
from analysis.codebook_schema import read_topics
from analysis.judgement import AS_ISSUE, TOPIC, judge, place, topic_codes, unit
from analysis.language import ParsedArticle
from analysis.phrases import Hit, disjoint, find_hits
from analysis.selection import find_lede

OTHER = 99
# The least similarity of a candidate: from it on, half of the sentences belong to the issue, in the texts in tests/data/codebooks, whose
# codebooks the model has not learned from; and more of them where it is the default codebook.
CANDIDATE = 0.33
# How much the sentences before and behind count beside a sentence itself, which often goes on with their issue.
BEFORE, BEHIND = 0.5, 0.35
PHRASES_AT_ONCE = 8  # phrases of an issue that are read as one text


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
        1 − ½ ** n for n words of evidence: one word ½, two ¾. It grows with the evidence and is no probability. `similarity` is that of
        `find_candidates`: where it is small (`selection.FAR`), the words often have another sense, or name the issue in passing.
    """
    codebook = codebook or read_issues()
    sentences, places = parsed.sentences, {key: n for n, key in enumerate(codebook.by_key)}
    near = similarities(sentences["text"], sentences["part"], codebook)
    rows = []
    for sentence, similarity in zip(sentences["sentence"], near, strict=True):
        hits = find_hits(parsed.sentence_span(sentence), codebook)
        for issue, found in _by_issue(hits, codebook).items():
            rows.append(
                {
                    "article": parsed.article.article,
                    "sentence": sentence,
                    "issue": issue,
                    "score": 1 - 0.5 ** sum(hit.words for hit in found),
                    "similarity": similarity[places[issue]],
                    "evidence_spans": [[hit.start, hit.end] for hit in found],
                }
            )
    return tables.conform("issues", rows)


def find_candidates(parsed: ParsedArticle, issues: pd.DataFrame, codebook: IssueCodebook | None = None) -> pd.DataFrame:
    """Find sentences that may be about an issue though none of its phrases stands in them.

    A sentence's place in the model's space of issues, with a little of its neighbours', is held against that of each issue. An issue's
    is that of its title and description, and that of its phrases, each less what all issues of the default codebook share. The model
    learned from texts that were coded by many codebooks (`training/matching.py`).

    Parameters
    ----------
    parsed : ParsedArticle
    issues : DataFrame
        What `find_issues` found in the article with the same codebook.
    codebook : IssueCodebook, optional
        The default codebook where none is given.

    Returns
    -------
    DataFrame
        The table `candidates`: a row for each sentence and each issue that is not found in it, from a similarity (cosine) of `CANDIDATE`
        on. A candidate of a sub-issue is one of the issues that it is part of, too.
    """
    codebook = codebook or read_issues()
    sentences, found = parsed.sentences, set(zip(issues["sentence"], issues["issue"], strict=True))
    similarity = similarities(sentences["text"], sentences["part"], codebook)
    rows = [
        {"article": parsed.article.article, "sentence": sentence, "issue": issue, "similarity": near}
        for sentence, nearness in zip(sentences["sentence"], similarity, strict=True)
        for issue, near in zip(codebook.by_key, nearness, strict=True)
        if near >= CANDIDATE and (sentence, issue) not in found
    ]
    return tables.conform("candidates", rows)


def similarities(texts: Sequence[str], groups: Sequence, codebook: IssueCodebook) -> np.ndarray:
    """How near sentences are to issues: (sentences, issues) cosines, of an issue with sub-issues the greatest of its own and theirs.

    Parameters
    ----------
    texts : sequence of str
        Sentences, in order.
    groups : sequence
        Of each sentence the part of the text that it stands in: sentences are neighbours within one only.
    codebook : IssueCodebook
    """
    if not len(texts):
        return np.zeros((0, len(codebook.issues)))
    places, groups = place(texts), np.asarray(groups)
    together = (groups[1:] == groups[:-1])[:, None]
    context = places.copy()
    context[1:] += BEFORE * places[:-1] * together
    context[:-1] += BEHIND * places[1:] * together
    near = unit(context) @ _profiles(codebook).T
    keys = list(codebook.by_key)
    for column, key in enumerate(keys):
        for wider in codebook.lineage(key)[1:]:
            at = keys.index(wider.key)
            near[:, at] = np.maximum(near[:, at], near[:, column])
    return near


@lru_cache(maxsize=8)
def _profiles(codebook: IssueCodebook) -> np.ndarray:
    """The place of each issue: (issues, size)."""
    common = (sides.mean(axis=0) for sides in _describe(read_issues()))
    return unit(sum(unit(sides - shared) for sides, shared in zip(_describe(codebook), common, strict=True)))


@lru_cache(maxsize=8)
def _describe(codebook: IssueCodebook) -> tuple[np.ndarray, np.ndarray]:
    """The places of all issues' titles with descriptions, and of their phrases."""
    described = place([describe_issue(issue) for issue in codebook.issues], AS_ISSUE)
    phrased = [place(list_phrases(issue), AS_ISSUE).sum(axis=0) for issue in codebook.issues]
    return described, unit(np.stack(phrased))


def describe_issue(issue: Issue) -> str:
    """An issue's title and description, as a text to be read."""
    return f"{issue.title}. {issue.description}"


def list_phrases(issue: Issue) -> list[str]:
    """An issue's phrases, without their stars, as texts to be read; the title of an issue that has none."""
    phrases = [phrase.replace("*", "") for phrase in issue.phrases] or [issue.title]
    return [", ".join(phrases[first : first + PHRASES_AT_ONCE]) for first in range(0, len(phrases), PHRASES_AT_ONCE)]


def find_topics(parsed: ParsedArticle) -> pd.DataFrame:
    """Code an article, and each of its sentences, by the major topics of the Comparative Agendas Project.

    Parameters
    ----------
    parsed : ParsedArticle

    Returns
    -------
    DataFrame
        The table `topics`: first a row for the article as a whole, which its headline and the first paragraph of its body stand for, as
        headline and summary did in the texts that the model learned from; then a row for each sentence.
    """
    sentences = parsed.sentences
    lede = sentences["sentence"].isin(find_lede(sentences, parsed.article.text))
    whole = " ".join(sentences.loc[sentences["part"].eq("headline") | lede, "text"])
    found = classify_topics([whole, *sentences["text"]])
    numbers = pd.array([pd.NA, *sentences["sentence"]], dtype="Int64")
    return tables.conform("topics", found.assign(article=parsed.article.article, sentence=numbers))


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


def _by_issue(hits: Iterable[Hit], codebook: IssueCodebook) -> dict[str, list[Hit]]:
    """The hits of each issue, those of its sub-issues included, in the order of the codebook."""
    found: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        for issue in codebook.lineage(hit.issue):
            found[issue.key].append(hit)
    return {issue.key: disjoint(found[issue.key]) for issue in codebook.issues if issue.key in found}
