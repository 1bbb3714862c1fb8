"""From an article to its annotation: the one place where the stages meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
        yield annotate_parsed(parsed, known, codebook, fingerprint(parsed.article, actors, issues))


def annotate_parsed(
    parsed: ParsedArticle, actors: ActorCodebook, issues: IssueCodebook, mark: str = "", enter: Callable[[str], object] = str
) -> Annotation:
    """Annotate an article that is parsed.

    Parameters
    ----------
    parsed : ParsedArticle
    actors : ActorCodebook
    issues : IssueCodebook
    mark : str
        The fingerprint of the annotation.
    enter : callable
        Is told the table of each stage as the stage begins.

    Returns
    -------
    Annotation
    """
    made: dict[str, pd.DataFrame] = {}

    def run(name: str, stage: Callable[..., pd.DataFrame], *inputs, **options) -> pd.DataFrame:
        enter(name)
        made[name] = stage(*inputs, **options)
        return made[name]

    mentions = run("mentions", find_mentions, parsed, actors)
    quotes = run("quotes", find_quotes, parsed, mentions, actors=actors)
    run("sentiments", find_sentiments, parsed, mentions, quotes)
    run("stances", find_stances, parsed, mentions, quotes)
    found = run("issues", find_issues, parsed, issues)
    run("candidates", find_candidates, parsed, found, issues)
    run("topics", find_topics, parsed)
    articles = pd.DataFrame([asdict(parsed.article) | {"duplicate_of": None}])
    return Annotation(article=parsed.article, articles=articles, sentences=parsed.sentences, **made, fingerprint=mark)
