"""What the tables say, with how sure one may be: shares, means and counts, each with its interval. A table in, a table out.

Every estimate carries the column `sentences`: the numbers of the sentences that it was read from. Intervals hold 95 %.
Wilson's takes sentences, or attributions, as independent draws; the bootstrap draws whole sentences, because what stands
in one sentence belongs together. Both describe what another sample of such text might have shown: the article's own
counts are exact as far as the annotation is right.

References
----------
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22.
Efron, B. and Tibshirani, R. (1993). An Introduction to the Bootstrap. Chapman & Hall.
Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American Statistician 69(4), section 5.3.
Dunning, T. (1993). Accurate methods for the statistics of surprise and coincidence. Computational Linguistics 19(1).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import combinations_with_replacement
from types import MappingProxyType

import numpy as np
import pandas as pd
from nltk.metrics import BigramAssocMeasures
from scipy.special import ndtr, ndtri, stdtrit

from analysis.selection import PAIR, SENTENCE_KEY, WORD, content_words, scored, sided, voice_names
from analysis.tables import CUE_CLASSES, QUOTE_TYPES

LEVEL = 0.95
Z = float(ndtri((1 + LEVEL) / 2))
DRAWS = 2000
# The bootstrap's interval lies within the range of its values, and that of n values holds the median with probability
# 1 − 2^(1 − n) only: 50 % for two, 94 % for five. Below, an interval is given and marked as too narrow.
FEW_SENTENCES = 5
LOW_CONFIDENCE = 0.5  # below it, coders would more likely than not mark no such attribution, or give it another source
SEED = 1
FEWEST_USES = 2  # a word used once is typical of nothing
FALSE_DISCOVERIES = 0.05  # of the words called typical, so many by chance alone
BATCH = 2_000_000  # numbers held in memory at a time while drawing
NO_ISSUE = "no issue"
UNCLASSED = "not classed"


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """Wilson's score interval of a share, `count` of `total`; not a number where there is no total."""
    if not total:
        return math.nan, math.nan
    share, spread = count / total, Z**2 / total
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    return max(0.0, middle - half), min(1.0, middle + half)


@cache
def interval_quantiles(units: int) -> tuple[float, float]:
    """The quantiles of what was drawn from so many units, two or more, between which an interval lies (Hesterberg 2015).

    Resamples of few units vary too little: where the textbook's percentiles leave out 5 %, these leave out less, as Student's t does.
    """
    outside = float(ndtr(-math.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 + LEVEL) / 2)))
    return outside, 1 - outside


def bootstrap_interval(sums: Sequence[float], counts: Sequence[float], draws: int = DRAWS, seed: int = SEED) -> tuple[float, float]:
    """Bootstrap interval of a mean, or share, over sentences: expanded percentiles (`interval_quantiles`).

    Parameters
    ----------
    sums, counts : sequences of one length
        What each sentence adds to the numerator and to the denominator.
    draws : int
        How many resamples of as many sentences are drawn.
    seed : int
        Fixed, so that the same table gives the same interval.

    Returns
    -------
    (low, high)
        Not numbers where there are fewer than two sentences: one sentence says nothing of how sentences vary.
    """
    sums, counts = np.asarray(sums, float), np.asarray(counts, float)
    size = len(sums)
    if size < 2:
        return math.nan, math.nan
    generator = np.random.default_rng(seed)
    ratios = []
    for rows in np.array_split(np.arange(draws), math.ceil(draws * size / BATCH)):
        drawn = generator.integers(size, size=(len(rows), size))
        totals = counts[drawn].sum(axis=1)
        ratios.append(sums[drawn].sum(axis=1)[totals > 0] / totals[totals > 0])
    low, high = np.quantile(np.concatenate(ratios), interval_quantiles(size))
    return float(low), float(high)


def estimate_word_shares(words: pd.DataFrame) -> pd.DataFrame:
    """Each voice's share of the words of the body, most words first.

    Parameters
    ----------
    words : DataFrame
        As `selection.words_with_voice` gives them.

    Returns
    -------
    DataFrame
        voice, words, total, share, low, high (bootstrap over the sentences of the body), sentences.
    """
    totals = words.groupby(SENTENCE_KEY).size()
    rows = []
    for voice, spoken in words.groupby("voice", sort=False):
        counts = spoken.groupby(SENTENCE_KEY).size().reindex(totals.index, fill_value=0)
        rows.append((voice, *_word_share(counts, totals), _numbers(spoken)))
    return _table(rows, ["voice", "words", "total", "share", "low", "high", "sentences"], ["words"])


def count_reporting_verbs(quotes: pd.DataFrame) -> pd.DataFrame:
    """How often each reporting verb introduces each speaker: speaker, cue_lemma, cue_class, count, sentences.

    Neutral verbs come first, then those that judge, then those that the codebook of cues does not class.
    """
    cued = quotes[quotes["cue_lemma"].fillna("").ne("")]
    cued = cued.assign(speaker=voice_names(cued["speaker"]), cue_class=cued["cue_class"].fillna(UNCLASSED))
    rows = [(*key, len(group), _numbers(group)) for key, group in cued.groupby(["speaker", "cue_lemma", "cue_class"], sort=False)]
    table = _table(rows, ["speaker", "cue_lemma", "cue_class", "count", "sentences"], ["count"])
    order = table["cue_class"].map({name: number for number, name in enumerate((*CUE_CLASSES, UNCLASSED))})
    return table.iloc[np.lexsort((-table["count"], order))].reset_index(drop=True)


def count_low_confidence(estimated: pd.DataFrame, rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """An estimate with the column `low_confidence`: how many of the rows behind each of its own are of low confidence.

    Parameters
    ----------
    estimated : DataFrame
        One row for each combination of `by`.
    rows : DataFrame
        What it was made from, with the column `confidence`: a study's `words` or `quotes`.
    by : list of str
        Columns of both; a speaker who has no name in `rows` is the unnamed source of the estimate.
    """
    named = rows.assign(speaker=voice_names(rows["speaker"])) if "speaker" in by else rows
    low = Counter(named.loc[named["confidence"].lt(LOW_CONFIDENCE), by].itertuples(index=False, name=None))
    counts = [low[key] for key in estimated[by].itertuples(index=False, name=None)]
    return estimated.assign(low_confidence=counts).astype({"low_confidence": "int64"})


def estimate_quote_types(quotes: pd.DataFrame) -> pd.DataFrame:
    """The shares of direct, mixed and indirect attributions of each speaker, most attributions first.

    Returns
    -------
    DataFrame
        speaker, type, count, total, share, low, high (Wilson), sentences; a row for each type of each speaker.
    """
    rows = []
    for speaker, spoken in quotes.assign(speaker=voice_names(quotes["speaker"])).groupby("speaker", sort=False):
        for kind in QUOTE_TYPES:
            such = spoken[spoken["type"].eq(kind)]
            rows.append((speaker, kind, *_share(len(such), len(spoken)), _numbers(such)))
    return _table(rows, ["speaker", "type", "count", "total", "share", "low", "high", "sentences"], ["total"])


def estimate_means(table: pd.DataFrame, value: str, by: Sequence[str]) -> pd.DataFrame:
    """The mean of a value in each group, with its bootstrap interval over sentences, most rows first.

    Parameters
    ----------
    table : DataFrame
        With the columns article, sentence, `value` and those of `by`.
    value : str
    by : sequence of str

    Returns
    -------
    DataFrame
        The columns of `by`, then rows, n_sentences, mean, low, high, sentences.
    """
    rows = []
    for key, group in table.groupby(list(by), sort=False):
        clusters = group.groupby(SENTENCE_KEY)[value].agg(["sum", "size"])
        interval = bootstrap_interval(clusters["sum"], clusters["size"])
        rows.append((*key, len(group), len(clusters), group[value].mean(), *interval, _numbers(group)))
    return _table(rows, [*by, "rows", "n_sentences", "mean", "low", "high", "sentences"], ["rows"])


def estimate_sentiment(sentiments: pd.DataFrame, by: str) -> pd.DataFrame:
    """Mean sentiment, p_positive − p_negative (−1 to 1), by voice, actor or issue; see `estimate_means`."""
    return estimate_means(scored(sentiments).assign(voice=voice_names(sentiments["voice"])), "score", [by])


def estimate_stances(stances: pd.DataFrame, by: Sequence[str] = PAIR) -> pd.DataFrame:
    """Mean stance, p_support − p_oppose (−1 to 1), of each pair of actors in which a sentence takes a side.

    Several mentions of a pair in one sentence count as one reading of it. Pairs that merely meet in a sentence, neutral
    throughout, are left out: in a sentence of five actors there are twenty.

    Parameters
    ----------
    stances : DataFrame
        The table `stances`; with `selection.with_voice` it may be split by voice.
    by : sequence of str
        `PAIR`, or `PAIR` and more.

    Returns
    -------
    DataFrame
        As `estimate_means` gives it, with the columns supporting, opposing and sided: the number of sentences of each label, and of either.
    """
    sides = ["supporting", "opposing", "sided"]
    rows = sided(stances)
    labelled = rows.assign(supporting=rows["label"].eq("support"), opposing=rows["label"].eq("oppose"))
    readings = labelled.groupby([*SENTENCE_KEY, *by], as_index=False).agg({"score": "mean", **dict.fromkeys(sides, "any")})
    counts = readings.groupby(list(by), as_index=False)[sides].sum()
    means = estimate_means(readings, "score", by).merge(counts, on=list(by))
    return means.astype(dict.fromkeys(sides, "int64"))


def are_clear(means: pd.DataFrame) -> pd.Series:
    """Which means rest on `FEW_SENTENCES` or more and have an interval that leaves out zero."""
    return means["n_sentences"].ge(FEW_SENTENCES) & (means["low"].gt(0) | means["high"].lt(0))


def estimate_issue_shares(issues: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """The share of the body's sentences that each issue stands in, largest first.

    Returns
    -------
    DataFrame
        issue, count, total, share, low, high (Wilson), sentences. A sentence may have several issues: shares need not sum to 1.
    """
    total = int(sentences["part"].eq("body").sum())
    rows = []
    for issue, found in issues.groupby("issue", sort=False):
        rows.append((issue, *_share(len(found[SENTENCE_KEY].drop_duplicates()), total), _numbers(found)))
    return _table(rows, ["issue", "count", "total", "share", "low", "high", "sentences"], ["count"])


def compare_issue_shares(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The issues whose sentences differ between two codebooks, by how many sentences.

    Parameters
    ----------
    before, after : DataFrame
        From `estimate_issue_shares`, of the same sentences.

    Returns
    -------
    DataFrame
        issue, before, after (shares, 0 to 1), gained, lost (numbers of the sentences); those that change most come first.
    """
    sides = [table.set_index("issue") for table in (before, after)]
    rows = []
    for issue in dict.fromkeys([*before["issue"], *after["issue"]]):
        here = [side["share"].get(issue, 0.0) for side in sides]
        first, second = (set(side["sentences"].get(issue, [])) for side in sides)
        if first != second:
            rows.append((issue, *here, sorted(second - first), sorted(first - second)))
    table = _table(rows, ["issue", "before", "after", "gained", "lost"], [])
    changed = table["gained"].map(len) + table["lost"].map(len)
    return table.loc[changed.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def estimate_topic_shares(topics: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """The share of the body's sentences that are about each topic of the Comparative Agendas Project, largest first.

    Returns
    -------
    DataFrame
        topic, name, count, total, share, low, high (Wilson), probability (mean, of those sentences), unsure (how many of these have a
        probability below `LOW_CONFIDENCE`), sentences. A sentence has one topic: shares sum to 1.
    """
    of_body = topics[topics["sentence"].isin(sentences.loc[sentences["part"].eq("body"), "sentence"])]
    rows = []
    for (topic, name), found in of_body.groupby(["topic", "name"], sort=False):
        unsure = int(found["probability"].lt(LOW_CONFIDENCE).sum())
        rows.append((topic, name, *_share(len(found), len(of_body)), found["probability"].mean(), unsure, _numbers(found)))
    return _table(rows, ["topic", "name", "count", "total", "share", "low", "high", "probability", "unsure", "sentences"], ["count"])


def map_issues_to_topics(issues: pd.DataFrame, topics: pd.DataFrame, codes: Mapping[str, int]) -> pd.DataFrame:
    """How the issues of a codebook and the topics of the Comparative Agendas Project meet in an article.

    Parameters
    ----------
    issues, topics : DataFrame
        The tables of these names.
    codes : mapping
        Of each issue that the codebook gives a topic, its code.

    Returns
    -------
    DataFrame
        issue, code (the codebook's), count (sentences with the issue), agreeing (those whose topic has the code), commonest (the topic
        that most of them have, by name; of several, its own comes first), sentences; issues without a code are left out.
    """
    told = issues.merge(topics.dropna(subset="sentence").astype({"sentence": "int64"}), on=SENTENCE_KEY)
    rows = []
    for issue, found in told[told["issue"].isin(codes)].groupby("issue", sort=False):
        own = found["topic"].eq(codes[issue])
        names = found.assign(own=own).groupby("name")["own"].agg(["size", "any"])
        commonest = names.sort_values(["size", "any"]).index[-1]
        rows.append((issue, codes[issue], len(found), int(own.sum()), commonest, _numbers(found)))
    return _table(rows, ["issue", "code", "count", "agreeing", "commonest", "sentences"], ["count"])


def estimate_issue_words(issues: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """The share of the body's words that stand in sentences on each issue, largest first.

    Parameters
    ----------
    issues : DataFrame
        The table `issues`.
    words : DataFrame
        From `selection.words_with_voice`.

    Returns
    -------
    DataFrame
        issue, words, total, share, low, high (bootstrap over the sentences of the body), sentences.
    """
    totals = words.groupby(SENTENCE_KEY).size()
    rows = []
    for issue, found in issues.groupby("issue", sort=False):
        counts = totals.where(totals.index.isin(pd.MultiIndex.from_frame(found[SENTENCE_KEY])), 0)
        rows.append((issue, *_word_share(counts, totals), _numbers(found)))
    return _table(rows, ["issue", "words", "total", "share", "low", "high", "sentences"], ["words"])


def estimate_prominence(issues: pd.DataFrame, sentences: pd.DataFrame, lede: Collection[int]) -> pd.DataFrame:
    """How prominently each issue stands in an article: in the headline, in the lede, and how far down its body; earliest first.

    Parameters
    ----------
    issues, sentences : DataFrame
        The tables of these names, of one article.
    lede : collection of int
        From `selection.find_lede`.

    Returns
    -------
    DataFrame
        issue, headline and lede (whether it stands there), rows (sentences of the body), mean (of their places, from 0, the body's
        first sentence, to 1, its last), low, high (bootstrap), sentences (of headline and body). An issue of the headline alone has no
        place in the body.
    """
    body = sentences.loc[sentences["part"].eq("body"), "sentence"].sort_values()
    place = dict(zip(body, np.linspace(0, 1, len(body)), strict=True)) if len(body) > 1 else dict.fromkeys(body, 0.0)
    headline = set(sentences.loc[sentences["part"].eq("headline"), "sentence"])
    rows = []
    for issue, found in issues.groupby("issue", sort=False):
        numbers = [number for number in _numbers(found) if number in headline or number in place]
        places = [place[number] for number in numbers if number in place]
        mean = float(np.mean(places)) if places else math.nan
        interval = bootstrap_interval(places, np.ones(len(places)))
        where = not headline.isdisjoint(numbers), not set(lede).isdisjoint(numbers)
        rows.append((issue, *where, len(places), mean, *interval, numbers))
    table = _table(rows, ["issue", "headline", "lede", "rows", "mean", "low", "high", "sentences"], [])
    return table.sort_values("mean", kind="stable", ignore_index=True)


def estimate_issue_voices(issues: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """Whose words the sentences on an issue are: issue, voice, words, total, share, low, high (bootstrap), sentences."""
    on_issue = words.merge(issues[[*SENTENCE_KEY, "issue"]].drop_duplicates(), on=SENTENCE_KEY)
    shares = [estimate_word_shares(spoken).assign(issue=issue) for issue, spoken in on_issue.groupby("issue", sort=False)]
    columns = ["issue", "voice", "words", "total", "share", "low", "high", "sentences"]
    return pd.concat(shares, ignore_index=True)[columns] if shares else _table([], columns, [])


def estimate_issue_sentiment(issues: pd.DataFrame, sentiments: pd.DataFrame) -> pd.DataFrame:
    """Mean sentiment in the sentences on each issue, and in those on none; see `estimate_means`."""
    keys = issues[[*SENTENCE_KEY, "issue"]].drop_duplicates()
    joined = sentiments.merge(keys, on=SENTENCE_KEY, how="left")
    return estimate_sentiment(joined.assign(issue=joined["issue"].fillna(NO_ISSUE)), "issue")


def estimate_cooccurrence(issues: pd.DataFrame, part_of: Mapping[str, Collection[str]] = MappingProxyType({})) -> pd.DataFrame:
    """How many sentences two issues share: first, second, count, jaccard (of those with either, 0 to 1), low, high (Wilson), sentences.

    A row for each unordered pair with a sentence in common, an issue and itself included. A sub-issue shares its sentences
    with the issues that it is `part_of` by definition: such pairs are left out.
    """
    places = {issue: set(zip(found["article"], found["sentence"], strict=True)) for issue, found in issues.groupby("issue", sort=False)}
    rows = []
    for first, second in combinations_with_replacement(sorted(places, key=lambda issue: (-len(places[issue]), issue)), 2):
        shared, either = places[first] & places[second], places[first] | places[second]
        if shared and first not in part_of.get(second, ()) and second not in part_of.get(first, ()):
            interval = wilson_interval(len(shared), len(either))
            rows.append((first, second, len(shared), len(shared) / len(either), *interval, sorted(number for _, number in shared)))
    return _table(rows, ["first", "second", "count", "jaccard", "low", "high", "sentences"], [])


def blank_names(sentences: pd.DataFrame, mentions: pd.DataFrame, quotes: pd.DataFrame, target: str) -> pd.DataFrame:
    """Sentences without the names of actors and of the target, and without the words of reporting verbs.

    Who acts and who says so differs between the sentences of any article, and tells nothing of what they are about. A word of a name is
    left out where it begins with a capital: the “Ministry of Commerce” takes no “commerce” away.

    Parameters
    ----------
    sentences, mentions, quotes : DataFrame
        The tables of these names.
    target : str
    """
    named = mentions[mentions["form"].eq("name")]
    names = set(content_words([target, *named["text"], *named["actor"]]))
    verbs = set(content_words([*quotes["cue"].dropna(), *quotes["cue_lemma"].dropna()]))

    def blank(word: re.Match) -> str:
        left_out = names | verbs if word.group()[0].isupper() else verbs
        return word.group() if left_out.isdisjoint(content_words([word.group()])) else ""

    return sentences.assign(text=[WORD.sub(blank, text) for text in sentences["text"]])


def estimate_keyness(sentences: pd.DataFrame, reference: pd.DataFrame, limit: int = 10) -> pd.DataFrame:
    """The content words that are typical of some sentences, against others.

    Dunning's log-likelihood ratio G², as NLTK computes it on the two-by-two table of the word and all other content words, orders them.
    G² is no chi-squared where a word is rare, and of many words some stand out by chance: which ones are typical, Fisher's exact test
    tells (one-sided), with Benjamini and Hochberg's (1995) false discovery rate over all words that are used twice at least.

    Parameters
    ----------
    sentences, reference : DataFrame
        Rows of the table `sentences`, as they are or from `blank_names`; none in common.
    limit : int
        How many words at most.

    Returns
    -------
    DataFrame
        word, count, reference_count, keyness (G²), sentences; highest keyness first, only words that are typical with a false discovery
        rate of `FALSE_DISCOVERIES`.
    """
    from scipy.stats import false_discovery_control, hypergeom  # takes longer to import than all else here

    here, there = Counter(content_words(sentences["text"])), Counter(content_words(reference["text"]))
    size, other = here.total(), there.total()
    words = [word for word, count in here.items() if other and count >= FEWEST_USES]
    chances = [hypergeom.sf(here[word] - 1, size + other, here[word] + there[word], size) for word in words]
    rows = []
    for word, chance in zip(words, false_discovery_control(chances) if words else (), strict=True):
        if chance <= FALSE_DISCOVERIES:
            keyness = BigramAssocMeasures.likelihood_ratio(here[word], (here[word] + there[word], size), size + other)
            found = sentences[[word in content_words([text]) for text in sentences["text"]]]
            rows.append((word, here[word], there[word], keyness, _numbers(found)))
    return _table(rows, ["word", "count", "reference_count", "keyness", "sentences"], ["keyness", "count"]).head(limit)


def count_nouns(sentences: pd.DataFrame, limit: int = 10) -> pd.DataFrame:
    """The most frequent common nouns of some sentences, by their lemmas: noun, count, sentences."""
    from analysis.language import parse_texts  # brings spaCy with it, which the other estimates do without

    uses = [
        (token.lemma_.casefold(), number)
        for number, doc in zip(sentences["sentence"], parse_texts(sentences["text"]), strict=True)
        for token in doc
        if token.pos_ == "NOUN" and content_words([token.text])
    ]
    table = pd.DataFrame(uses, columns=["noun", "sentence"])
    rows = [(noun, len(own), _numbers(own)) for noun, own in table.groupby("noun", sort=False)]
    return _table(rows, ["noun", "count", "sentences"], ["count"]).head(limit)


def _share(count: int, total: int) -> tuple[int, int, float, float, float]:
    return count, total, count / total if total else math.nan, *wilson_interval(count, total)


def _word_share(counts: pd.Series, totals: pd.Series) -> tuple[int, int, float, float, float]:
    """A share of words, from how many of each sentence's words count: words, total, share, low, high (bootstrap over sentences).

    Of none or all of the words, all resamples are alike, and tell nothing of how sentences vary: there is no interval.
    """
    words, total = int(counts.sum()), int(totals.sum())
    interval = bootstrap_interval(counts, totals) if 0 < words < total else (math.nan, math.nan)
    return words, total, words / total, *interval


def _numbers(rows: pd.DataFrame) -> list[int]:
    """The numbers of the sentences that rows were read from."""
    return sorted({int(number) for number in rows["sentence"]})


def _table(rows: list[tuple], columns: list[str], largest_first: list[str]) -> pd.DataFrame:
    """Rows as a table, ordered by the columns given, largest first; ties stay in order."""
    table = pd.DataFrame(rows, columns=columns)
    if largest_first and rows:
        table = table.sort_values(largest_first, ascending=False, kind="stable", ignore_index=True)
    return table
