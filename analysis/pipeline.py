"""From an article to its annotation: the one place where the stages meet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.actors import find_mentions
from analysis.annotation import Annotation
from analysis.article import Article
from analysis.codebook import ActorCodebook, IssueCodebook, read_actors, read_issues
from analysis.issues import find_issues
from analysis.language import ParsedArticle, parse
from analysis.quotes import find_quotes
from analysis.sentiment import find_sentiments
from analysis.stance import find_stances


def annotate(article: Article, actors: str | Path | None = None, issues: str | Path | None = None) -> Annotation:
    """Annotate an article: mentions, quotes, sentiment, stance, issues.

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
    known, topics = read_actors(actors), read_issues(issues)
    for parsed in parse(articles):
        yield _annotate_parsed(parsed, known, topics, fingerprint(parsed.article, actors, issues))


def _annotate_parsed(parsed: ParsedArticle, known: ActorCodebook, topics: IssueCodebook, mark: str) -> Annotation:
    mentions = find_mentions(parsed, known)
    said = find_quotes(parsed, mentions)
    return Annotation(
        article=parsed.article,
        articles=pd.DataFrame([asdict(parsed.article)]),
        sentences=parsed.sentences,
        mentions=mentions,
        quotes=said,
        sentiments=find_sentiments(parsed, mentions, said),
        stances=find_stances(parsed, mentions, said),
        issues=find_issues(parsed, topics),
        fingerprint=mark,
    )


def fingerprint(article: Article, actors: str | Path | None = None, issues: str | Path | None = None) -> str:
    """A digest of all that an annotation depends on: the article, the codebooks, and this package's own files."""
    digest = hashlib.sha256(_program().encode())
    digest.update(repr(article).encode("utf8", "surrogatepass"))
    for path in (actors, issues):
        digest.update(b"\0" + (Path(path).read_bytes() if path else b""))
    return digest.hexdigest()


@cache
def _program() -> str:
    """A digest of the package: its code, codebooks and weights."""
    digest = hashlib.sha256()
    home = Path(__file__).parent
    for path in sorted(p for p in home.rglob("*") if p.suffix in (".py", ".yaml", ".onnx", ".json")):
        digest.update(str(path.relative_to(home)).encode() + path.read_bytes())
    return digest.hexdigest()
