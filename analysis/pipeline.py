"""From an article to its annotation: the one place where the stages meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from analysis.actors import find_mentions
from analysis.annotation import Annotation
from analysis.article import Article
from analysis.codebook import ActorCodebook, IssueCodebook, read_actors, read_issues
from analysis.fingerprint import fingerprint
from analysis.issues import find_candidates, find_issues, find_topics
from analysis.language import ParsedArticle, parse
from analysis.quotes import find_quotes
from analysis.sentiment import find_sentiments
from analysis.stance import find_stances


def annotate(article: Article, actors: str | Path | None = None, issues: str | Path | None = None) -> Annotation:
    """Annotate an article: mentions, quotes, sentiment, stance, issues, topics.

    Parameters
    ----------
    article : Article
        From `read_article`.
    actors : path, optional
        Adds actors to the default codebook, or overrides them.
    issues : path, optional
        Takes the place of the default codebook of issues, or extends it.

    Returns
    -------
    Annotation

    Raises
    ------
    InputError
        Where a codebook is wrong: the file, the line, and what is allowed.
    """
    return next(annotate_all([article], actors, issues))


def annotate_all(articles: Iterable[Article], actors: str | Path | None = None, issues: str | Path | None = None) -> Iterator[Annotation]:
    """Annotate articles, in order and in batches; parameters as for `annotate`."""
    known, codebook = read_actors(actors), read_issues(issues)
    for parsed in parse(articles):
        yield _annotate_parsed(parsed, known, codebook, fingerprint(parsed.article, actors, issues))


def _annotate_parsed(parsed: ParsedArticle, known: ActorCodebook, codebook: IssueCodebook, mark: str) -> Annotation:
    mentions = find_mentions(parsed, known)
    said = find_quotes(parsed, mentions, actors=known)
    issues = find_issues(parsed, codebook)
    return Annotation(
        article=parsed.article,
        articles=pd.DataFrame([asdict(parsed.article)]),
        sentences=parsed.sentences,
        mentions=mentions,
        quotes=said,
        sentiments=find_sentiments(parsed, mentions, said),
        stances=find_stances(parsed, mentions, said),
        issues=issues,
        candidates=find_candidates(parsed, issues, codebook),
        topics=find_topics(parsed),
        fingerprint=mark,
    )
