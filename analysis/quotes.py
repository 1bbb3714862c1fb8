"""Quotes: who says what, in which words, by which reporting verb.

An attribution is a source, a cue and a content (Pareti, 2015; Newell, Margolin & Ruths, LREC 2018: the PolNeAR corpus, on which
the encoder was trained). Its speaker is the actor whom the source names, or refers to.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from spacy.tokens import Span

from analysis import tables
from analysis.attribution import assemble_attributions
from analysis.codebook import Cue, CueCodebook, read_cues
from analysis.language import ParsedArticle
from analysis.reader import read_texts
from analysis.speakers import speaker_of

CONTENT_BREAK = " […] "
_NOMINAL = {"NOUN", "PROPN", "PRON", "NUM"}


def find_attributions(texts: Sequence[str]) -> list[list[dict]]:
    """Find who says what in each text.

    Parameters
    ----------
    texts : sequence of str
        Articles or passages; longer context makes better links.

    Returns
    -------
    list of list of dict
        A list a text, of attributions in the order of their contents. `source`, `cue`, `content` : lists of (start, end),
        code points, half-open, empty where there is none; `type` : direct, indirect or mixed, by the quotation marks
        around the content; `confidence` : 0 to 1.
    """
    return [assemble_attributions(reading) for reading in read_texts(list(texts))]


def find_quotes(parsed: ParsedArticle, mentions: pd.DataFrame, codebook: CueCodebook | None = None) -> pd.DataFrame:
    """Find the attributions of an article, each with its speaker.

    Parameters
    ----------
    parsed : ParsedArticle
    mentions : DataFrame
        The table `mentions`.
    codebook : CueCodebook, optional
        Classes of reporting verbs; the default codebook where none is given.

    Returns
    -------
    DataFrame
        The table `quotes`.
    """
    codebook = codebook or read_cues()
    text = parsed.article.text
    rows = []
    for found in find_attributions([text])[0]:
        sentence = parsed.sentence_at(found["content"][0][0])
        if sentence is None:
            continue
        cue = _tokens(parsed, found["cue"])
        lemma, cue_class = codebook.classify([t.lemma_ for t in cue]) if cue else (None, None)
        if _names_only_a_topic(parsed, found, cue, codebook.cues.get(lemma)):
            continue
        rows.append(
            {
                "article": parsed.article.article,
                "quote": len(rows),
                "sentence": sentence,
                "type": found["type"],
                "speaker": speaker_of(parsed, _tokens(parsed, found["source"]), cue, mentions),
                **_ends("source", found["source"]),
                **_ends("cue", found["cue"]),
                "cue": cue.text if cue else None,
                "cue_lemma": lemma or (cue.root.lemma_.lower() if cue else None),
                "cue_class": cue_class,
                "content_spans": [list(span) for span in found["content"]],
                "content": CONTENT_BREAK.join(text[start:end] for start, end in found["content"]),
                "confidence": found["confidence"],
            }
        )
    return tables.conform("quotes", rows)


def _tokens(parsed: ParsedArticle, spans: list[tuple[int, int]]) -> Span | None:
    return parsed.doc.char_span(*spans[0], alignment_mode="expand") if spans else None


def _ends(role: str, spans: list[tuple[int, int]]) -> dict[str, int | None]:
    start, end = spans[0] if spans else (None, None)
    return {f"{role}_start": start, f"{role}_end": end}


def _names_only_a_topic(parsed: ParsedArticle, found: dict, cue: Span | None, known: Cue | None) -> bool:
    """“They discussed trade”, “the two signed an accord”: the words say what was spoken about or done, and not what was said.

    So it is where the content is a bare noun phrase without quotation marks, and the cue a verb of which the codebook does not say
    that it takes an object as its content (“announced a plan”, “rejected the offer”).
    """
    if found["type"] != "indirect" or cue is None or cue.root.pos_ not in ("VERB", "AUX"):
        return False
    content = _tokens(parsed, found["content"])
    return content.root.pos_ in _NOMINAL and not (known and "object" in known.takes)
