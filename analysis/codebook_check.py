"""What a codebook of issues does with articles: which phrases never fire, which fire for two issues, what nothing covers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from analysis.codebook import IssueCodebook
from analysis.language import ParsedArticle
from analysis.phrases import Hit, find_hits


@dataclass(frozen=True, eq=False)
class CodebookCheck:
    """What `check_issues` found.

    Attributes
    ----------
    phrases : DataFrame
        A row a phrase, in the order of the codebook: issue, phrase, hits (how often it counts as evidence), shared (how often an issue
        that is no part of this one, nor this of it, has evidence in the same words), others (those issues' keys, joined by “; ”).
    sentences : DataFrame
        A row a sentence: article, sentence, text, covered.
    """

    phrases: pd.DataFrame
    sentences: pd.DataFrame

    @property
    def silent(self) -> pd.DataFrame:
        """The phrases that never fire."""
        return self.phrases[self.phrases["hits"].eq(0)]

    @property
    def shared(self) -> pd.DataFrame:
        """The phrases that fire where another issue's do, most often first."""
        return self.phrases[self.phrases["shared"].gt(0)].sort_values("shared", ascending=False, kind="stable")

    @property
    def uncovered(self) -> pd.DataFrame:
        """The sentences in which no phrase fires."""
        return self.sentences[~self.sentences["covered"]]


def check_issues(articles: Iterable[ParsedArticle], codebook: IssueCodebook) -> CodebookCheck:
    """Look for a codebook's phrases in every sentence of some articles.

    Parameters
    ----------
    articles : iterable of ParsedArticle
    codebook : IssueCodebook

    Returns
    -------
    CodebookCheck
    """
    hits, shared, others, sentences = Counter(), Counter(), defaultdict(Counter), []
    for parsed in articles:
        for row in parsed.sentences.itertuples():
            found = find_hits(parsed.sentence_span(row.sentence), codebook)
            hits.update((hit.issue, hit.phrase) for hit in found)
            for hit in found:
                rivals = _rivals(hit, found, codebook)
                shared[hit.issue, hit.phrase] += bool(rivals)
                others[hit.issue, hit.phrase].update(rivals)
            sentences.append((row.article, row.sentence, row.text, bool(found)))
    phrases = [
        (*key, hits[key], shared[key], "; ".join(others[key]))
        for key in ((issue.key, phrase) for issue in codebook.issues for phrase in issue.phrases)
    ]
    return CodebookCheck(
        pd.DataFrame(phrases, columns=["issue", "phrase", "hits", "shared", "others"]),
        pd.DataFrame(sentences, columns=["article", "sentence", "text", "covered"]).astype({"covered": bool}),
    )


def _rivals(hit: Hit, hits: Iterable[Hit], codebook: IssueCodebook) -> set[str]:
    """The issues that have evidence in the same words, and of which neither is part of the other."""
    return {
        other.issue
        for other in hits
        if other.start < hit.end and hit.start < other.end and not codebook.are_related(hit.issue, other.issue)
    }


def describe_check(check: CodebookCheck, shown: int = 20, named: int = 3) -> str:
    """The check as a text to read: at most `named` silent phrases an issue, and at most `shown` shared ones and sentences."""
    silent, shared, uncovered = check.silent, check.shared, check.uncovered
    lines = [f"Phrases that never fire: {len(silent):,} of {len(check.phrases):,}"]
    totals = check.phrases.groupby("issue", sort=False).size()
    for issue, phrases in silent.groupby("issue", sort=False)["phrase"]:
        lines.append(f"  {issue} ({len(phrases)} of {totals[issue]}): {', '.join(phrases.head(named))}{_more(len(phrases) - named)}")
    lines.append(f"Phrases that fire for two issues: {len(shared):,}")
    told = (f"“{row.phrase}” of {row.issue}: {row.shared} of {row.hits} times also {row.others}" for row in shared.itertuples())
    lines += _first_lines(told, len(shared), shown)
    lines.append(f"Sentences that nothing covers: {len(uncovered):,} of {len(check.sentences):,}")
    lines += _first_lines((f"{row.article}, {row.sentence}: {row.text}" for row in uncovered.itertuples()), len(uncovered), shown)
    return "\n".join(lines)


def _first_lines(lines: Iterable[str], number: int, shown: int) -> list[str]:
    """The first lines of a list of so many, and how many more there are."""
    more = [_more(number - shown).removeprefix(" ")] if number > shown else []
    return [f"  {line}" for line in [*islice(lines, shown), *more]]


def _more(number: int) -> str:
    return f" and {number:,} more" if number > 0 else ""
