"""What a corpus says, by outlet, author or month: tone, share of voice, stances and issues. A table in, a table out.

Sentences of one article belong together: its author, its topic and its target are the same. So every interval here draws whole articles
with replacement (a cluster bootstrap), and never single sentences. Intervals hold 95 %, each for itself; where articles are few, they are
expanded (`estimates.interval_quantiles`).

An estimate from fewer than `MIN_ARTICLES` articles or `MIN_SENTENCES` sentences is kept, and marked in the column `too_small`: its
interval lies within the few values that it was drawn from, and says too little of what other articles might have shown.

References
----------
Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application. Cambridge University Press, section 3.8.
Fan, J. and Gijbels, I. (1996). Local Polynomial Modelling and Its Applications. Chapman & Hall.
Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis. Chapman & Hall.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.estimates import BATCH, SEED, bootstrap_interval, interval_quantiles, wilson_interval
from analysis.selection import PAIR, SENTENCE_KEY, scored, sided, words_with_voice
from analysis.tables import NARRATOR

MIN_ARTICLES, MIN_SENTENCES = 5, 10  # an estimate from fewer is too small to speak
DRAWS = 1000
GROUPINGS = ("outlet", "author", "month")
UNKNOWN = "unknown"
ALL = "all articles"
PERIODS = {"month": "M", "week": "W", "day": "D"}  # from the coarsest, by pandas' names
PERIOD_DAYS = {"month": 30, "week": 7, "day": 1}
MIN_PERIODS = 6  # fewer points show no course
GRID = 40  # points of a smoothed line
LEAST_COURSE = 0.5  # the share of a course that must have articles enough: less is a scrap of a line
FLAT = 1e-6  # squared bandwidths: days that spread less have a mean, and no slope
MOST_VOICES = 4
QUOTED, OTHER_VOICES = "all quoted words", "other voices"
MOST_PAIRS = 100
ARTICLES_AT_A_TIME = 1000  # whose words are held in memory
_COUNTS = ["n_articles", "n_sentences", "n_mentions"]


# ------------------------------------------------------------------------------------------------ groups and periods


def with_group(articles: pd.DataFrame, by: str) -> pd.DataFrame:
    """Articles with the column `group`, in the order of the groups and then of time.

    Parameters
    ----------
    articles : DataFrame
        The table `articles`.
    by : str
        Of `GROUPINGS`.

    Returns
    -------
    DataFrame
        The groups with most articles come first, months in their order; those of which the group is not known come last.
    """
    named = articles["published"].dt.strftime("%Y-%m") if by == "month" else articles[by].str.strip()
    group = named.replace("", None).fillna(UNKNOWN)
    known = group[group.ne(UNKNOWN)]
    order = sorted(known.unique()) if by == "month" else list(known.value_counts().index)
    rank = group.map({name: place for place, name in enumerate([*order, UNKNOWN])})
    return articles.assign(group=group, rank=rank).sort_values(["rank", "published"], kind="stable", ignore_index=True).drop(columns="rank")


def choose_period(published: pd.Series) -> str | None:
    """The coarsest of `PERIODS` of which at least `MIN_PERIODS` have an article; none where no period has so many."""
    dates = published.dropna().dt.tz_localize(None)
    return next((name for name, code in PERIODS.items() if dates.dt.to_period(code).nunique() >= MIN_PERIODS), None)


def with_period(articles: pd.DataFrame, kind: str | None) -> pd.DataFrame:
    """Articles with the columns `period`, its name (2025-03; of a week or a day, its first date), and `date`, its middle.

    Both are missing for articles without a date, and for all where there is no kind of period.
    """
    published = articles["published"].dt.tz_localize(None)
    if kind is None:
        return articles.assign(period=pd.Series(None, articles.index, dtype="str"), date=published.mask(published.notna()))
    periods = published.dt.to_period(PERIODS[kind])
    starts, ends = periods.dt.start_time, periods.dt.end_time
    names = starts.dt.strftime("%Y-%m" if kind == "month" else "%Y-%m-%d")
    return articles.assign(period=names, date=starts + (ends - starts) / 2)


def with_articles(rows: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """Rows with group, period and dates of their articles, and in the order of these; rows of other articles are left out."""
    return articles[["article", "group", "period", "date", "published"]].merge(rows, on="article")


def of_all(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as those of one group, in the order of time."""
    return rows.assign(group=ALL).sort_values("published", kind="stable", ignore_index=True)


# ------------------------------------------------------------------------------------------------ resampling


def resample_totals(values: np.ndarray, draws: int = DRAWS, seed: int = SEED) -> np.ndarray:
    """The totals of columns over rows that are drawn with replacement, as many as there are.

    Parameters
    ----------
    values : array of float, (articles, k)
        What each article adds to each of k totals: all of them are taken from the same draws.
    draws, seed : int

    Returns
    -------
    array of float, (draws, k)
    """
    size = len(values)
    generator = np.random.default_rng(seed)
    totals = []
    for batch in np.array_split(np.arange(draws), math.ceil(draws * size / BATCH)):
        drawn = generator.integers(size, size=(len(batch), size)) + size * np.arange(len(batch))[:, None]
        times = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
        totals.append(times.astype(float) @ values)
    return np.concatenate(totals)


def is_too_small(articles: int, sentences: int) -> bool:
    """Whether an estimate from so many articles and sentences is too small to speak."""
    return articles < MIN_ARTICLES or sentences < MIN_SENTENCES


# ------------------------------------------------------------------------------------------------ tone


def score_sentences(sentiments: pd.DataFrame) -> pd.DataFrame:
    """The tone of each sentence toward the target: article, sentence, score, n_mentions.

    Parameters
    ----------
    sentiments : DataFrame
        Rows of the table `sentiments` about the target.

    Returns
    -------
    DataFrame
        The score is p_positive − p_negative (−1 to 1), the mean over the sentence's mentions of the target.
    """
    scores = scored(sentiments).groupby(SENTENCE_KEY, sort=False)["score"].agg(score="mean", n_mentions="size")
    return scores.reset_index()


def estimate_tone(tones: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The mean tone toward the target in each group, or each group and period.

    Parameters
    ----------
    tones : DataFrame
        From `score_sentences`, with the columns of `by`; where one of them is missing, the row counts nowhere.
    by : sequence of str

    Returns
    -------
    DataFrame
        The columns of `by`, then n_articles, n_sentences, n_mentions, mean (of the sentences' scores, −1 to 1), low, high (cluster
        bootstrap by article; not numbers for one article), too_small.
    """
    articles = tones.groupby([*by, "article"], sort=False).agg(sum=("score", "sum"), size=("score", "size"), mentions=("n_mentions", "sum"))
    rows = []
    for key, own in articles.groupby(level=list(by), sort=False):
        size = int(own["size"].sum())
        interval = bootstrap_interval(own["sum"], own["size"], DRAWS)
        rows.append((*key, len(own), size, int(own["mentions"].sum()), own["sum"].sum() / size, *interval))
    return _table(rows, [*by, *_COUNTS, "mean", "low", "high"])


def smooth_tone(tones: pd.DataFrame, kind: str | None) -> pd.DataFrame:
    """The tone of each group over time as a smooth line with a band.

    A local linear regression of the sentences' scores on the day, with a Gaussian kernel (Fan and Gijbels 1996). The bandwidth
    is Silverman's rule of thumb (1986, eq. 3.31) on the articles' days, and no less than a period. The band holds at each day for
    itself; its articles are drawn with replacement, and the bandwidth is kept. It is the smoothed line's interval: a peak that smoothing
    levels out lies outside it, and more surely the more articles there are.

    Parameters
    ----------
    tones : DataFrame
        From `score_sentences`, with the columns group, published, period.
    kind : str or None
        The kind of period, of `PERIODS`.

    Returns
    -------
    DataFrame
        group, date, mean, low, high, bandwidth (days): `GRID` rows a group. Groups of fewer than `MIN_ARTICLES` articles or
        `MIN_PERIODS` periods are left out. Not numbers where fewer than `MIN_ARTICLES` articles lie within a bandwidth; where that is
        most of the course, the group is left out too.
    """
    dated = tones[tones["period"].notna()]
    lines = []
    for group, own in dated.groupby("group", sort=False):
        if own["article"].nunique() >= MIN_ARTICLES and own["period"].nunique() >= MIN_PERIODS:
            line = _smooth(own, PERIOD_DAYS[kind])
            if line["mean"].notna().mean() >= LEAST_COURSE:
                lines.append(line.assign(group=group))
    columns = ["group", "date", "mean", "low", "high", "bandwidth"]
    return pd.concat(lines, ignore_index=True)[columns] if lines else pd.DataFrame(columns=columns)


def choose_bandwidth(days: np.ndarray, least: float) -> float:
    """Silverman's rule, 0.9 · min(s, IQR / 1.34) · n^(−1/5), in the unit of the days; `least` at least."""
    quartiles = np.quantile(days, [0.25, 0.75])
    spreads = [spread for spread in (np.std(days, ddof=1), (quartiles[1] - quartiles[0]) / 1.34) if spread > 0]
    return max(0.9 * min(spreads, default=0.0) * len(days) ** -0.2, least)


def _smooth(tones: pd.DataFrame, least: float) -> pd.DataFrame:
    first = tones["published"].min()
    days = (tones["published"] - first) / pd.Timedelta(days=1)
    articles = tones.assign(day=days).groupby("article").agg(sum=("score", "sum"), size=("score", "size"), day=("day", "first"))
    bandwidth = choose_bandwidth(articles["day"].to_numpy(), least)
    grid = np.linspace(0, articles["day"].max(), GRID)
    apart = (articles["day"].to_numpy()[:, None] - grid) / bandwidth
    kernel = np.exp(-(apart**2) / 2)
    near = (np.abs(apart) <= 1).sum(axis=0)
    enough = near >= MIN_ARTICLES
    apart, kernel = apart[:, enough], kernel[:, enough]
    sums, sizes = (articles[column].to_numpy(float)[:, None] for column in ("sum", "size"))
    terms = np.hstack([kernel * sizes, kernel * apart * sizes, kernel * apart**2 * sizes, kernel * sums, kernel * apart * sums])
    mean = _local_line(terms.sum(axis=0))
    drawn = _local_line(resample_totals(terms))
    bounds = [np.quantile(there, interval_quantiles(int(size))) for there, size in zip(drawn.T, near[enough], strict=True)]
    low, high = np.reshape(bounds, (-1, 2)).T
    line = pd.DataFrame({"mean": mean, "low": low, "high": high}, index=np.flatnonzero(enough)).clip(-1, 1).reindex(range(GRID))
    return line.assign(date=first.tz_localize(None) + pd.to_timedelta(grid, unit="D"), bandwidth=bandwidth)


def _local_line(totals: np.ndarray) -> np.ndarray:
    """The height of the weighted least-squares line at each point, from its five weighted sums; of the mean where it has no slope."""
    weight, first, second, score, score_first = np.split(totals, 5, axis=-1)
    spread = weight * second - first**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > FLAT * weight**2, (second * score - first * score_first) / spread, score / weight)


# ------------------------------------------------------------------------------------------------ share of voice


def count_words(sentences: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """How many words of each article are whose: article, voice, words, n_sentences (with words of that voice), all_sentences and
    quoted_sentences (of the article, with words of anybody, and of anybody quoted).

    Parameters
    ----------
    sentences, quotes : DataFrame
        The tables of these names; see `selection.words_with_voice`.
    """
    counted = []
    for some_sentences, some_quotes in _in_parts(sentences, quotes):
        counted.append(tally_words(words_with_voice(some_sentences, some_quotes)))
    return pd.concat(counted, ignore_index=True)


def tally_words(words: pd.DataFrame) -> pd.DataFrame:
    """The same, of words that are known: the table that `selection.words_with_voice` gives."""
    by_voice = words.groupby(["article", "voice"], sort=False)
    tally = by_voice.agg(words=("word", "size"), n_sentences=("sentence", "nunique")).reset_index()
    for column, own in (("all_sentences", words), ("quoted_sentences", words[words["voice"].ne(NARRATOR)])):
        tally[column] = tally["article"].map(own.groupby("article")["sentence"].nunique()).fillna(0).astype("int64")
    return tally


def estimate_share_of_voice(words: pd.DataFrame, articles: pd.DataFrame, named: int = MOST_VOICES) -> pd.DataFrame:
    """How much of each group's words is quoted, and whose words these are.

    Parameters
    ----------
    words : DataFrame
        From `count_words`.
    articles : DataFrame
        From `with_group`.
    named : int
        So many voices, the most quoted of all articles together, have rows of their own.

    Returns
    -------
    DataFrame
        group, voice, n_articles, n_sentences, words, total, share, low, high (cluster bootstrap by article), too_small. In each group the
        first row is `QUOTED`, whose total is all words. The rows of voices and of `OTHER_VOICES` follow, whose total is the quoted words.
        A sentence with two voices counts for each of these, and once in the first row. Whether the first row is `too_small` depends on all
        that the group has, quoted or not; whether the others are, on what it quotes, by whomever.
    """
    quoted = words[words["voice"].ne(NARRATOR)]
    most = quoted.groupby("voice", sort=False)["words"].sum().sort_values(ascending=False, kind="stable").index[:named]
    quoted = quoted.assign(voice=quoted["voice"].where(quoted["voice"].isin(most), OTHER_VOICES))
    voices = [*most, *([OTHER_VOICES] if quoted["voice"].eq(OTHER_VOICES).any() else [])]
    totals = words.groupby("article")["words"].sum()
    wide, places = (
        quoted.pivot_table(index="article", columns="voice", values=value, aggfunc="sum", fill_value=0)
        .reindex(index=totals.index, columns=voices, fill_value=0)
        .astype("int64")
        for value in ("words", "n_sentences")
    )
    lengths = words.groupby("article")[["all_sentences", "quoted_sentences"]].first()
    rows = []
    for group, own in articles[articles["article"].isin(totals.index)].groupby("group", sort=False):
        spoken, stands = wide.loc[own["article"]], places.loc[own["article"]]
        any_voice = spoken.sum(axis=1)
        quoting = int(any_voice.gt(0).sum())
        length, quoted_length = lengths.loc[own["article"]].sum()
        small = is_too_small(len(own), length)
        rows.append((group, QUOTED, len(own), quoted_length, *_shares(any_voice.to_frame(), totals[own["article"]])[0], small))
        if quoting:
            small = is_too_small(quoting, quoted_length)
            shares = _shares(spoken[any_voice.gt(0)], any_voice[any_voice.gt(0)])
            rows += [(group, voice, quoting, stands[voice].sum(), *share, small) for voice, share in zip(voices, shares, strict=True)]
    columns = ["group", "voice", "n_articles", "n_sentences", "words", "total", "share", "low", "high", "too_small"]
    return pd.DataFrame(rows, columns=columns)


def _in_parts(sentences: pd.DataFrame, quotes: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Sentences and quotes of some articles at a time: a row a word of all of them would not fit in memory."""
    names = sentences["article"].unique()
    for start in range(0, max(len(names), 1), ARTICLES_AT_A_TIME):
        some = set(names[start : start + ARTICLES_AT_A_TIME])
        yield sentences[sentences["article"].isin(some)], quotes[quotes["article"].isin(some)]


# ------------------------------------------------------------------------------------------------ stance


def score_pairs(stances: pd.DataFrame) -> pd.DataFrame:
    """The stance of each pair in each sentence: article, sentence, holder, target, score, n_mentions.

    Parameters
    ----------
    stances : DataFrame
        The table `stances`.

    Returns
    -------
    DataFrame
        The score is p_support − p_oppose (−1 to 1), the mean over the pair's mentions in the sentence. As in
        `estimates.estimate_stances`, pairs that no sentence sets on a side are left out.
    """
    return sided(stances).groupby([*SENTENCE_KEY, *PAIR], sort=False)["score"].agg(score="mean", n_mentions="size").reset_index()


def estimate_stance_differences(readings: pd.DataFrame, limit: int = MOST_PAIRS) -> pd.DataFrame:
    """The stance of each pair in each group, and its difference from that in all other known groups together.

    Parameters
    ----------
    readings : DataFrame
        From `score_pairs`, with the column group.
    limit : int
        So many pairs at most, those with most sentences; pairs that are too small in all groups together are left out.

    Returns
    -------
    DataFrame
        group, holder, target, n_articles, n_sentences, n_mentions, mean (p_support − p_oppose, −1 to 1), low, high, others (the mean in
        the other groups), difference (mean − others), difference_low, difference_high, too_small (the group, or the others). Intervals are
        from a cluster bootstrap over the articles of all groups. Without other groups there is no difference.
    """
    known = readings[readings["group"].ne(UNKNOWN)]
    pairs = _largest_pairs(readings if known.empty else known, limit)
    rows = [(row[0], *pair, *row[1:]) for pair, own in pairs for row in _compare_groups(own)]
    columns = ["mean", "low", "high", "others", "difference", "difference_low", "difference_high", "too_small"]
    return pd.DataFrame(rows, columns=["group", *PAIR, *_COUNTS, *columns]).astype({"too_small": bool})


def _largest_pairs(readings: pd.DataFrame, limit: int) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    pairs = [(pair, rows) for pair, rows in readings.groupby(PAIR, sort=False) if not is_too_small(rows["article"].nunique(), len(rows))]
    return sorted(pairs, key=lambda found: -len(found[1]))[:limit]


def _compare_groups(readings: pd.DataFrame) -> Iterator[tuple]:
    """Of one pair, for each group: group, counts, mean and interval, mean of the others, difference and interval, too_small."""
    articles = readings.groupby(["group", "article"], sort=False).agg(
        sum=("score", "sum"), size=("score", "size"), mentions=("n_mentions", "sum")
    )
    named = articles.index.get_level_values("group")
    groups = named.unique()
    inside = np.equal.outer(named.to_numpy(), groups.to_numpy())
    totals = np.hstack([inside * articles[[column]].to_numpy(float) for column in ("sum", "size")])
    means, others = _means_here_and_there(totals.sum(axis=0))
    drawn, drawn_others = _means_here_and_there(resample_totals(totals))
    for place, group in enumerate(groups):
        own = articles[inside[:, place]]
        here, size = len(own), int(own["size"].sum())
        there, rest = len(articles) - here, len(readings) - size
        small = is_too_small(here, size) or (there > 0 and is_too_small(there, rest))
        interval = _interval(drawn[:, place], here)
        apart = _interval(drawn[:, place] - drawn_others[:, place], min(here, there))
        counts = here, size, int(own["mentions"].sum())
        yield group, *counts, means[place], *interval, others[place], means[place] - others[place], *apart, small


def _means_here_and_there(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean of each group and that of all others, from the groups' sums and, behind them, their counts."""
    sums, counts = np.split(totals, 2, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):  # nobody is there, or in a resample
        here = sums / counts
        there = (sums.sum(axis=-1, keepdims=True) - sums) / (counts.sum(axis=-1, keepdims=True) - counts)
    return here, there


def _interval(drawn: np.ndarray, articles: int) -> tuple[float, float]:
    """The middle of what was drawn; not numbers for fewer than two articles, which say nothing of how they vary."""
    if articles < 2:
        return math.nan, math.nan
    low, high = np.nanquantile(drawn, interval_quantiles(articles))
    return float(low), float(high)


# ------------------------------------------------------------------------------------------------ issues


def estimate_issue_attention(issues: pd.DataFrame, sentences: pd.DataFrame, articles: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The share of sentences on each issue, in each group or period.

    Parameters
    ----------
    issues, sentences : DataFrame
        The tables of these names, of the body.
    articles : DataFrame
        From `with_group` or `with_period`; those for which a column of `by` is missing count nowhere.
    by : sequence of str

    Returns
    -------
    DataFrame
        The columns of `by`, then issue, n_articles, n_sentences, count (of sentences on the issue), share, low, high (cluster bootstrap by
        article, but Wilson's, of articles, where no sentence is on the issue, or every one; not numbers for one article), too_small. In
        each group the issues stand in the same order, those with most sentences first. A sentence may have several issues: shares need
        not sum to 1.
    """
    totals = sentences.groupby("article").size()
    found = issues.drop_duplicates([*SENTENCE_KEY, "issue"])
    counts = found.groupby(["article", "issue"]).size().unstack(fill_value=0).reindex(totals.index, fill_value=0)
    counts = counts[counts.sum().sort_values(ascending=False, kind="stable").index]
    rows = []
    for key, own in articles[articles["article"].isin(totals.index)].groupby(list(by), sort=False):
        shares = _shares(counts.loc[own["article"]], totals[own["article"]])
        rows += [(*key, issue, len(own), total, count, *share) for issue, (count, total, *share) in zip(counts, shares, strict=True)]
    return _table(rows, [*by, "issue", "n_articles", "n_sentences", "count", "share", "low", "high"])


# ------------------------------------------------------------------------------------------------ the sentences behind


def sentences_behind(rows: pd.DataFrame, articles: pd.DataFrame, sentences: pd.DataFrame, **point: str) -> pd.DataFrame:
    """The sentences that an estimate was read from, each with its article.

    Parameters
    ----------
    rows : DataFrame
        What was estimated from: a row a sentence and value, with the columns article and sentence.
    articles, sentences : DataFrame
        The tables of these names.
    **point : str
        Of some columns of `rows`, the value that is asked for, such as ``group="The Daily", period="2025-03"``; all rows without any.

    Returns
    -------
    DataFrame
        The columns of `rows`, with title, outlet, published (the date, as 2025-03-01; missing where it is not known) and text.
    """
    for column, value in point.items():
        rows = rows[rows[column].eq(value)]
    about = articles[["article", "title", "outlet"]].assign(published=articles["published"].dt.strftime("%Y-%m-%d"))
    kept = rows.drop(columns=["title", "outlet", "published"], errors="ignore")
    return kept.merge(about, on="article", how="left").merge(sentences[[*SENTENCE_KEY, "text"]], on=SENTENCE_KEY, how="left")


def _shares(counts: pd.DataFrame, totals: pd.Series) -> list[tuple[int, int, float, float, float]]:
    """Of each column of counts, a row an article: count, total, share, low, high."""
    count, total = counts.sum().to_numpy(), int(totals.sum())
    low = high = np.full(len(count), math.nan)
    if len(totals) > 1:
        drawn = resample_totals(np.column_stack([counts.to_numpy(float), totals.to_numpy(float)]))
        low, high = np.quantile(drawn[:, :-1] / drawn[:, -1:], interval_quantiles(len(totals)), axis=0)
        # Of what no sentence has, or every one, all resamples are alike. How rare the other may be, Wilson's interval tells, with whole
        # articles as what was drawn: of none, or of all.
        for known in (0, total):
            at_end = wilson_interval(len(totals) * (known > 0), len(totals))
            low, high = (np.where(count == known, end, bound) for end, bound in zip(at_end, (low, high), strict=True))
    return [(int(n), total, n / total, *map(float, interval)) for n, *interval in zip(count, low, high, strict=True)]


def _table(rows: list[tuple], columns: list[str]) -> pd.DataFrame:
    """Rows as a table, with the column `too_small`."""
    table = pd.DataFrame(rows, columns=columns)
    small = [is_too_small(*counts) for counts in zip(table["n_articles"], table["n_sentences"], strict=True)]
    return table.assign(too_small=pd.Series(small, dtype=bool))
