"""Which rows an analysis looks at: the body, a target and those who speak for it, and whose words each word is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import pandas as pd

from analysis.codebook import ActorEntry, read_actors
from analysis.tables import NARRATOR, UNNAMED
from analysis.voices import find_voices, innermost_quote

SENTENCE_KEY = ["article", "sentence"]
PAIR = ["holder", "target"]
LEAN = 0.05  # a text that scores less either way is neutral to VADER's authors (Hutto & Gilbert, ICWSM 2014)
FAR = 0.2  # of sentences with a phrase of the default codebook that are less near to its issue than this, two in three do not belong to it
# A word: letters and digits, held together by an apostrophe, a hyphen, a point or a comma inside it.
WORD = re.compile(r"\w+(?:[’'.,‐‑–-]\w+)*")
_CLITIC = re.compile(r"(?:n't|'(?:s|re|ve|ll|d|m))\Z")
_STEMS_OF_NOT = frozenset({"wo", "sha"})  # of “won’t” and “shan’t”


def in_body(table: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """The rows whose sentence stands in the body: headlines and captions are kept in the tables and left out of counts."""
    body = sentences.loc[sentences["part"].eq("body"), SENTENCE_KEY]
    kept = pd.MultiIndex.from_frame(table[SENTENCE_KEY]).isin(pd.MultiIndex.from_frame(body))
    return table[kept].reset_index(drop=True)


def list_voices(quotes: pd.DataFrame) -> list[str]:
    """The narrator, then every speaker in the order of first appearance: what fixes each voice's colour in a report."""
    return [NARRATOR, *voice_names(quotes["speaker"]).unique()]


def voice_names(speakers: pd.Series) -> pd.Series:
    """Speakers as voices: nobody named is a voice too."""
    return speakers.fillna(UNNAMED).replace("", UNNAMED)


def find_target(mentions: pd.DataFrame, target: str) -> str:
    """The canonical name of a target that a reader calls as he likes: “beijing”, “CHN” and “China” are one.

    Parameters
    ----------
    mentions : DataFrame
        The table `mentions`.
    target : str
        A canonical name, words that mention the actor, the code of a country, or another name in the default codebook.

    Returns
    -------
    str
        The actor's canonical name; where nothing in the article goes by it, its name in the default codebook, or else `target` as it is.
    """
    wanted = target.strip().casefold()
    countries = mentions[mentions["actor_type"].eq("country")]
    candidates = (
        mentions.loc[mentions["actor"].str.casefold().eq(wanted), "actor"],
        countries.loc[countries["country"].str.casefold().eq(wanted), "actor"],
        mentions.loc[mentions["text"].str.casefold().eq(wanted), "actor"],
    )
    found = next((names for names in candidates if len(names)), None)
    if found is not None:
        return found.mode().iat[0]
    known = [entry.name for entry in read_actors().entries if wanted in map(str.casefold, _forms(entry))]
    found = mentions.loc[mentions["actor"].isin(known), "actor"]
    return found.mode().iat[0] if len(found) else next(iter(known), target.strip())


def _forms(entry: ActorEntry) -> Iterator[str]:
    """All that stands for an actor of the codebook; for a country also its code, and its capital."""
    yield from (entry.name, *entry.aliases, *entry.demonyms, *entry.metonyms)
    if entry.type == "country":
        yield from filter(None, (entry.country, entry.capital))


def find_representatives(mentions: pd.DataFrame, target: str) -> list[str]:
    """The persons of a country, such as its leader; nobody where the target is no country.

    They stand for it also where they alone are mentioned: its code is then that of the default codebook.
    """
    codes = set(mentions.loc[mentions["actor"].eq(target) & mentions["actor_type"].eq("country"), "country"].dropna()) - {""}
    codes = codes or {entry.country for entry in read_actors().entries if entry.type == "country" and entry.name == target}
    persons = mentions[mentions["actor_type"].eq("person") & mentions["country"].isin(codes)]
    return sorted(persons["actor"].unique())


def toward(sentiments: pd.DataFrame, mentions: pd.DataFrame, target: str, include_representatives: bool) -> pd.DataFrame:
    """The sentiments toward a target, and toward its representatives where they are counted in."""
    names = [target, *(find_representatives(mentions, target) if include_representatives else [])]
    return sentiments[sentiments["actor"].isin(names)].reset_index(drop=True)


def speaking_for(stances: pd.DataFrame, mentions: pd.DataFrame, target: str) -> pd.DataFrame:
    """Stances in which a country's persons act as the country itself; a stance of the country toward itself is none."""
    names = dict.fromkeys(find_representatives(mentions, target), target)
    merged = stances.assign(holder=stances["holder"].replace(names), target=stances["target"].replace(names))
    return merged[merged["holder"].ne(merged["target"])].reset_index(drop=True)


def with_voice(stances: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Stances with the column `voice`: who asserts each, the narrator or the speaker of its attribution."""
    speakers = quotes[["article", "quote"]].assign(voice=voice_names(quotes["speaker"]))
    voiced = stances.merge(speakers, on=["article", "quote"], how="left")
    return voiced.assign(voice=voiced["voice"].fillna(NARRATOR))


def words_with_voice(sentences: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """The words of the body, each with the voice whose words it is.

    Where attributions overlap (an agency says that a minister said), a word is counted once, for the innermost:
    the attribution with the shortest content there.

    Parameters
    ----------
    sentences, quotes : DataFrame
        The tables of these names.

    Returns
    -------
    DataFrame
        One row a word, in reading order: article, sentence, position (number of the word in the article's body, from 0),
        start, end, word, voice.
    """
    columns = ["article", "sentence", "position", "start", "end", "word", "voice"]
    body = sentences[sentences["part"].eq("body")]
    tokens = (
        (row.article, row.sentence, row.start + m.start(), row.start + m.end(), m.group())
        for row in body.itertuples()
        for m in WORD.finditer(row.text)
    )
    words = pd.DataFrame(tokens, columns=["article", "sentence", "start", "end", "word"])
    words["position"] = words.groupby("article").cumcount()
    said = dict(list(quotes.groupby("article")))
    by_article = words.groupby("article", sort=False)["start"]
    words["voice"] = [v for article, starts in by_article for v in find_voices(said.get(article, quotes.head(0)), starts)]
    return words[columns].astype({"sentence": "int64", "position": "int64", "start": "int64", "end": "int64"})


def with_position(table: pd.DataFrame, mentions: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """Rows about mentions with the column `position`: the number of the word of the article's body in which the mention begins."""
    starts = table.merge(mentions[["article", "mention", "start"]], on=["article", "mention"], how="left")
    by_article = {article: rows["end"].to_numpy() for article, rows in words.groupby("article")}
    nowhere = np.array([], dtype=int)
    positions = [
        int(np.searchsorted(by_article.get(article, nowhere), start, side="right"))
        for article, start in zip(starts["article"], starts["start"], strict=True)
    ]
    return starts.assign(position=positions)


def with_candidates(issues: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """Issues and candidates as one table: a candidate has no evidence, and a score of 0."""
    if candidates.empty:
        return issues
    added = candidates.assign(score=0.0, evidence_spans=[[] for _ in range(len(candidates))])
    return pd.concat([issues, added[issues.columns]], ignore_index=True).sort_values(SENTENCE_KEY, kind="stable", ignore_index=True)


def list_far_issues(issues: pd.DataFrame, sentences: pd.DataFrame, text: str) -> pd.DataFrame:
    """The issues found in sentences less near to them than `FAR`, the farthest first, with the words that tell and the sentences' text.

    Parameters
    ----------
    issues, sentences : DataFrame
        Tables of one article; candidates among the issues are left out.
    text : str
        The stored text that their offsets refer to.
    """
    far = issues[issues["similarity"].lt(FAR) & issues["score"].gt(0)]
    words = [", ".join(text[start:end] for start, end in spans) for spans in far["evidence_spans"]]
    return _with_text(far.assign(words=words), sentences).sort_values("similarity", kind="stable", ignore_index=True)


def list_candidates(candidates: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Candidates with the text of their sentences, the nearest first."""
    return _with_text(candidates, sentences).sort_values("similarity", ascending=False, kind="stable", ignore_index=True)


def find_lede(sentences: pd.DataFrame, text: str) -> list[int]:
    """The numbers of the sentences of an article's lede: the first paragraph of its body.

    Parameters
    ----------
    sentences : DataFrame
        The table `sentences`, of one article.
    text : str
        The stored text that its offsets refer to.
    """
    body = sentences[sentences["part"].eq("body")]
    first = body["start"].min()
    return [row.sentence for row in body.itertuples() if "\n" not in text[first : row.start]]


def split_by_cover(sentences: pd.DataFrame, issues: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sentences of the body that some issue covers, and those that none does."""
    body = sentences[sentences["part"].eq("body")]
    covered = pd.MultiIndex.from_frame(body[SENTENCE_KEY]).isin(pd.MultiIndex.from_frame(issues[SENTENCE_KEY]))
    return body[covered].reset_index(drop=True), body[~covered].reset_index(drop=True)


def with_confidence(words: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Words with the column `confidence`: of the innermost attribution that holds each; not a number for the narrator's.

    Parameters
    ----------
    words : DataFrame
        From `words_with_voice`, of one article.
    quotes : DataFrame
        The table `quotes` that gave them their voices.
    """
    inner = innermost_quote(quotes, words["start"])
    return words.assign(confidence=inner.map(quotes.set_index("quote")["confidence"]).astype("float64").to_numpy())


def list_attributions(quotes: pd.DataFrame) -> pd.DataFrame:
    """Attributions with their offsets: start and end of the content beside the columns of `quotes`, speakers as voices."""
    starts = [min((start for start, _ in spans), default=None) for spans in quotes["content_spans"]]
    ends = [max((end for _, end in spans), default=None) for spans in quotes["content_spans"]]
    return quotes.assign(speaker=voice_names(quotes["speaker"]), on_behalf_of=quotes["on_behalf_of"].fillna(""), start=starts, end=ends)


def list_stances(stances: pd.DataFrame, mentions: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """The sentences that take a side: stances that are not neutral, with their mentions' offsets and the sentence's text."""
    sided = stances[stances["label"].ne("neutral")]
    places = mentions[["article", "mention", "start", "end"]].set_axis(["article", "holder_mention", "holder_start", "holder_end"], axis=1)
    return _with_text(sided.merge(places, on=["article", "holder_mention"], how="left"), sentences)


def are_opposed(read: pd.DataFrame) -> pd.Series:
    """Whether the model's `score` and the word list's, `lexicon`, lean to opposite sides, each by `LEAN` or more."""
    return (read["score"] * read["lexicon"] < 0) & read[["score", "lexicon"]].abs().ge(LEAN).all(axis=1)


def scored(sentiments: pd.DataFrame) -> pd.DataFrame:
    """Sentiments with the column `score`: p_positive − p_negative, from −1 to 1."""
    return sentiments.assign(score=sentiments["p_positive"] - sentiments["p_negative"])


def sided(stances: pd.DataFrame) -> pd.DataFrame:
    """Stances with the columns `score`, p_support − p_oppose from −1 to 1, and `sided`; without pairs that take no side anywhere."""
    rows = stances.assign(score=stances["p_support"] - stances["p_oppose"], sided=stances["label"].ne("neutral"))
    return rows[rows.groupby(PAIR)["sided"].transform("any").astype(bool)]


def list_sentiments(sentiments: pd.DataFrame, mentions: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Mentions with their words, offsets, score (p_positive − p_negative) and sentence, the most negative first."""
    words = mentions[["article", "mention", "start", "end", "text"]].rename(columns={"text": "words"})
    located = scored(sentiments.drop(columns="start", errors="ignore")).merge(words, on=["article", "mention"], how="left")
    return _with_text(located, sentences).sort_values("score", kind="stable", ignore_index=True)


def list_issues(issues: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """The sentences on each issue, with the offsets of the phrases that tell."""
    return _with_text(issues, sentences).sort_values(["issue", "article", "sentence"], ignore_index=True)


def pick_extremes(listed: pd.DataFrame, number: int = 3) -> pd.DataFrame:
    """The most negative and the most positive sentences of `list_sentiments`, each sentence once."""
    each = listed.iloc[listed["score"].abs().argsort(kind="stable")[::-1]].drop_duplicates(SENTENCE_KEY)
    negative = each[each["score"] < 0].nsmallest(number, "score")
    positive = each[each["score"] > 0].nlargest(number, "score")
    return pd.concat([negative, positive], ignore_index=True)


def _with_text(table: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    return table.merge(sentences[[*SENTENCE_KEY, "text"]], on=SENTENCE_KEY, how="left")


@cache
def _function_words() -> frozenset[str]:
    from spacy.lang.en.stop_words import STOP_WORDS  # brings spaCy with it

    return frozenset(STOP_WORDS | _STEMS_OF_NOT)


def content_words(texts: Iterable[str]) -> list[str]:
    """The words of texts in lower case, without function words (“we’re” is one too), numbers and single letters."""
    lowered = (m.group().casefold().replace("’", "'").removesuffix("'s") for text in texts for m in WORD.finditer(text))
    stems = ((word, _CLITIC.sub("", word)) for word in lowered)
    return [word for word, stem in stems if len(word) > 1 and stem not in _function_words() and not word[0].isdigit()]
