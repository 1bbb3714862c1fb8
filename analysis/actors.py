"""Actors: who is mentioned where, by name, by description or by pronoun.

The method, in three steps of their own: names (`names.py`), references without a name (`coreference.py`), and
here the table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pandas as pd
from spacy.tokens import Token

from analysis import tables
from analysis.codebook import ActorCodebook, read_actors
from analysis.coreference import resolve_references
from analysis.language import ParsedArticle
from analysis.names import find_names


def find_mentions(parsed: ParsedArticle, codebook: ActorCodebook | None = None) -> pd.DataFrame:
    """Find every mention of an actor in an article.

    Parameters
    ----------
    parsed : ParsedArticle
    codebook : ActorCodebook, optional
        Who may be an actor; the default codebook where none is given.

    Returns
    -------
    DataFrame
        The table `mentions`. An expression for two actors (“the two leaders”) gives two rows of the same offsets.
    """
    codebook = codebook or read_actors()
    published = parsed.article.published
    names = find_names(parsed.doc, codebook, published.date() if published else None)
    rows = []
    for mention in resolve_references(parsed.doc, names, codebook, _texts(parsed)):
        span = parsed.doc[mention.first : mention.last]
        sentence = parsed.sentence_at(span.start_char)
        if sentence is None:
            continue
        actor = mention.actor
        where = (parsed.article.article, len(rows), sentence, span.start_char, span.end_char, span.text)
        rows.append((*where, mention.form, actor.name, actor.type, actor.country))
    return tables.conform("mentions", pd.DataFrame(rows, columns=tables.TABLES["mentions"].names))


def _texts(parsed: ParsedArticle) -> Iterable[list[Token]]:
    """The tokens of the article proper, and those of each caption; not what belongs to no sentence, such as a byline."""
    captions = [part for part in parsed.article.parts if part.kind == "caption"]
    texts: dict[int | None, list[Token]] = defaultdict(list)
    for number, start in zip(parsed.sentences["sentence"], parsed.sentences["start"], strict=True):
        caption = next((n for n, part in enumerate(captions) if part.start <= start < part.end), None)
        texts[caption] += parsed.sentence_span(number)
    return texts.values()
