"""Sentences that state a result, computed from the result.

Every text of an article is escaped: in Markdown as character references, which no renderer takes for markup.
MathJax is told to leave article text alone: two sums in dollars are no formula.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import pandas as pd

from analysis.estimates import FEW_SENTENCES, LOW_CONFIDENCE, NO_ISSUE, UNCLASSED, are_clear, wilson_interval
from analysis.selection import FAR, LEAN, SENTENCE_KEY, are_opposed, scored
from analysis.tables import NARRATOR
from analysis.voices import SPEAKERS_JOINT

INNER = "↳"  # stands before an attribution that is reported within another
RESULTS = Path(__file__).parent / "evaluation" / "results.json"
OWN_NEWS = {"sentiment": "news of our own, targets", "stance": "news of our own, pairs"}
MEASURES = {  # how the measures of `analysis evaluate` are told; others bear their own names
    "content_exact": "contents right to the word, F1 in %",
    "content_words": "words of content, F1 in %",
    "attributions": "attributions, F1 in %",
    "attributions_with_source": "attributions with their source, F1 in %",
    "accuracy": "accuracy in %",
    "macro_f1": "macro-F1 in % (each label counts alike)",
    "calibration_error": "calibration error in % points",
    "phrases_p": "phrases alone: of the issues found, % that coders found too",
    "phrases_r": "phrases alone: of the issues that coders found, % found",
    "phrases_f1": "phrases alone, F1 in %",
    "with_candidates_f1": "phrases and candidates, F1 in %",
    "candidates_right": "of the candidates, % that coders found",
    "near_phrases_right": f"phrases alone, similarity from {FAR:g} on: of the issues found, % that coders found too",
    "far_phrases_right": f"phrases alone, similarity below {FAR:g}: of the issues found, % that coders found too",
    "majority_accuracy": "accuracy in %, were the most frequent label always told",
    "lexicon_macro_f1": "VADER's macro-F1 in %, on the same sentences",
}
# Of each notebook, the task and the measure that tell in one number how far to trust it.
HEADLINES = {
    "quotes": ("quotes", "attributions_with_source"),
    "stance": ("stance", "macro_f1"),
    "sentiment": ("sentiment", "macro_f1"),
    "issues": ("coverage", "phrases_f1"),
}
# What the measures mean, by a part of their names; and what the sets are whose names do not say so.
EXPLAINED = {
    "f1": "F1 is high where both precision (the share of what was found that is right) and recall (the share of what coders found) are",
    "macro": "macro-F1 is the mean of the labels' F1",
    "calibration": "the calibration error is how far, on average, probabilities are from the share of answers that are right",
}
SETS = {
    "PolNeAR, dev": "articles on US politics of 2016, of seven publishers",
    "NewsMTSC, dev rw": "sentences of US news as they come, most with one target; most targets are persons",
    "NewsMTSC, dev mt": "the same, with several targets",
    "DSE, valid": "sentences of news with two actors marked; five labels: who supports or opposes whom in which direction, and neutral",
} | dict.fromkeys(
    OWN_NEWS.values(), "sentences of made-up news of many countries, coded by two runs of a language model, which nothing has learned from"
)
CITED = 8  # sentences named at a number, and letters that are missing; the table has the others
NAMED = 3  # pairs, issues or words named in a sentence
_MARKUP = set("\\`*_{}[]<>&$~|#\"'")
NO_FORMULA = "tex2jax_ignore mathjax_ignore"  # the classes by which MathJax leaves an element alone


def escape(text: str) -> str:
    """A text of the article within Markdown, on one line."""
    references = "".join(f"&#{ord(letter)};" if letter in _MARKUP else letter for letter in " ".join(str(text).split()))
    return f'<span class="{NO_FORMULA}">{references}</span>' if "$" in str(text) else references


def name(speaker: str) -> str:
    """An actor's name within Markdown; several are joined by “and”."""
    return "the narrator" if speaker == NARRATOR else escape(" and ".join(speaker.split(SPEAKERS_JOINT)))


def cite(sentences: Iterable[int]) -> str:
    """Links to sentences: S5, S8."""
    numbers = list(sentences)
    links = ", ".join(f"[S{number}](#sentence-{number})" for number in numbers[:CITED])
    return f"{links} and {len(numbers) - CITED} more" if len(numbers) > CITED else links


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 sentence, 2 sentences."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def agree(number: int, one: str = "is", several: str = "are") -> str:
    """The form of a verb that goes with a number."""
    return one if number == 1 else several


def join(items: Iterable[str]) -> str:
    """A list in a sentence: a, b and c."""
    *first, last = list(items) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def chain(items: Iterable[str]) -> str:
    """A list of items that have commas of their own."""
    return "; ".join(items)


def percent(row) -> str:
    """A share with its interval."""
    if math.isnan(row.low):
        return f"{_rate(row.share)} (no interval)"
    return f"{_rate(row.share)} (95% interval {_rate(row.low)} to {_rate(row.high)})"


def _rate(share: float) -> str:
    """Per cent; with a decimal near either end, so that few are not none, nor most all."""
    return f"{share:.1%}" if 0 < share < 0.0095 or 0.9905 < share < 1 else f"{share:.0%}"


def sure(confidence: float) -> str:
    """A confidence in per cent, a dash where there is none.

    It is rounded down: what is below a limit never reads as the limit, nor what is not certain as 100%.
    """
    return "—" if math.isnan(confidence) else f"{math.floor(round(100 * confidence, 6))}%"


def attributed(speaker: str, on_behalf_of: str) -> str:
    """Who speaks, and for whom: Lin Jian for China."""
    return f"{speaker} for {join(on_behalf_of.split(SPEAKERS_JOINT))}" if on_behalf_of else speaker


def mean(row) -> str:
    """A mean between −1 and 1 with its interval."""
    if math.isnan(row.low):
        return f"{signed(row.mean)} (one sentence: no interval)"
    few = f", too narrow for {row.n_sentences} sentences" if row.n_sentences < FEW_SENTENCES else ""
    return f"{signed(row.mean)} (95% interval {signed(row.low)} to {signed(row.high)}{few})"


def signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", "−")


# ------------------------------------------------------------------------------------------------ the article


def describe_article(study) -> str:
    """What was read, and how much of it counts."""
    article, sentences = study.annotation.article, study.annotation.sentences
    about = [escape(part) for part in (article.title or article.article, article.outlet) if part]
    date = [f"{article.published.day} {article.published:%B %Y}"] if article.published is not None else []
    left_out = len(sentences) - len(study.sentences)
    aside = f" {count(left_out, 'sentence')} in headlines and captions {agree(left_out)} left out." if left_out else ""
    return (
        f"**{', '.join(about + date)}**: {count(len(study.words), 'word')} in {count(len(study.sentences), 'sentence')} of the body.{aside}"
    )


def describe_target(study) -> str:
    """Whether, and where, the article mentions the target."""
    found = study.toward_target
    if found.empty:
        return f"**The body does not mention {escape(study.target)}.** What is asked of this target below has no answer in this article."
    persons = [name(actor) for actor in found["actor"].unique() if actor != study.target]
    also = f", counting {join(persons)}," if persons else ""
    numbers = sorted(set(found["sentence"]))
    return (
        f"The body mentions {escape(study.target)}{also} {count(len(found), 'time')} in {count(len(numbers), 'sentence')}: {cite(numbers)}."
    )


# ------------------------------------------------------------------------------------------------ quotes


def describe_words(shares: pd.DataFrame) -> str:
    """How much of the text is the narrator's, and who else is heard most."""
    if shares.empty:
        return "The body has no words."
    narrator = shares[shares["voice"].eq(NARRATOR)]
    others = list(shares[shares["voice"].ne(NARRATOR)].head(NAMED).itertuples())
    own = next(narrator.itertuples(), None)
    told = f"The narrator's own words are {percent(own)} of the body." if own else "The narrator has no word of his own."
    if not others:
        return f"{told} Nobody else is heard."
    number = len(shares) - len(narrator)
    heard = chain(f"{name(row.voice)} with {percent(row)} in {cite(row.sentences)}" for row in others)
    quoted = int(shares["words"].sum() - narrator["words"].sum())
    return f"{told} {count(number, 'other voice')} {agree(number)} heard, most of all {heard}.{_unsure(shares, f'their {quoted:,} words')}"


def describe_verbs(verbs: pd.DataFrame) -> str:
    """How many of the reporting verbs judge what they report, and which."""
    if verbs.empty:
        return "No reporting verb was found."
    judging = verbs[~verbs["cue_class"].isin(["neutral", UNCLASSED])]
    counts = verbs.groupby("cue_class")["count"].sum()
    every, unclassed, neutral = int(counts.sum()), int(counts.get(UNCLASSED, 0)), int(counts.get("neutral", 0))
    unsure = _unsure(verbs, f"these {every:,}")
    if unclassed == every:
        return f"The codebook of cues classes none of {count(every, 'reporting verb')}.{unsure}"
    total = every - unclassed
    low, high = wilson_interval(neutral, total)
    interval = f"{neutral / total:.0%}, 95% interval {low:.0%} to {high:.0%}"
    further = f" {unclassed:,} more {agree(unclassed)} not classed." if unclassed else ""
    told = f"{neutral} of {count(total, 'reporting verb')} {agree(neutral)} neutral ({interval}).{further}"
    if judging.empty and unclassed:
        return f"{told} None of those that are classed does more than report.{unsure}"
    if judging.empty:
        return f"{told} None does more than report.{unsure}"
    named = chain(
        f"*{escape(row.cue_lemma)}* ({row.cue_class}) of {name(row.speaker)} in {cite(row.sentences)}" for row in judging.itertuples()
    )
    return f"{told} Verbs that do more than report: {named}.{unsure}"


def describe_types(types: pd.DataFrame) -> str:
    """How many attributions are in the speaker's own words."""
    if types.empty:
        return "No attribution was found."
    counts = types.groupby("type")["count"].sum()
    total = int(counts.sum())
    direct = types[types["type"].eq("direct") & types["count"].gt(0)]
    kinds = f"{counts['direct']} quote in full, {counts['mixed']} in part, and {counts['indirect']} not at all"
    told = f"Of {count(total, 'attribution')}, {kinds}."
    unsure = _unsure(types, f"these {total:,}")
    if direct.empty:
        return f"{told} None is in the speaker's own words throughout.{unsure}"
    throughout = chain(f"{name(row.speaker)} in {cite(row.sentences)}" for row in direct.itertuples())
    return f"{told} In their own words throughout: {throughout}.{unsure}"


def describe_confidence(quotes: pd.DataFrame) -> str:
    """What confidence means, and which attributions have little of it."""
    if quotes.empty:
        return "No attribution was found."
    meaning = (
        "Confidence is the probability that a human coder would mark the same attribution with the same source. "
        f"It was fitted on attributions that are not within others ({INNER}): for those that are, take it as a guide. "
        "Lines of a transcript that begin with who speaks are found by a rule, and have 1."
    )
    low = quotes[quotes["confidence"].lt(LOW_CONFIDENCE)]
    total = count(len(quotes), "attribution")
    if low.empty:
        return f"{meaning} None of {total} is below {LOW_CONFIDENCE:.0%}."
    where = cite(sorted(set(low["sentence"])))
    return (
        f"{meaning} {len(low):,} of {total} {agree(len(low))} below {LOW_CONFIDENCE:.0%}, "
        f"called low in the table and set in lighter type: {where}."
    )


def describe_left_out(minimum: float, number: int) -> str:
    """How many attributions were left out for want of confidence; nothing where none could be."""
    return f"Left out: {count(number, 'attribution')} below {100 * minimum:g}% confidence." if minimum else ""


def describe_missing_letters(letters: Collection[str]) -> str:
    """Which letters of a figure stand as boxes, and what to do about it."""
    named = [f"“{escape(letter)}” (U+{ord(letter):04X})" for letter in sorted(letters)[:CITED]]
    further = [f"{len(letters) - CITED} more"] if len(letters) > CITED else []
    boxes = agree(len(letters), "stands as a box", "stand as boxes")
    return (
        f"In this figure, {join([*named, *further])} {boxes}: no typeface that this program knows of is installed that has "
        f"{agree(len(letters), 'it', 'them')}. Install one, such as Noto Sans CJK for Chinese, Japanese and Korean, delete the folder that "
        "`matplotlib.get_cachedir()` names, and run this again."
    )


def _unsure(table: pd.DataFrame, whole: str) -> str:
    """How much of what a table counts is of low confidence; nothing where none is, or where the table does not tell."""
    number = int(table["low_confidence"].sum()) if "low_confidence" in table else 0
    return f" Of low confidence, below {LOW_CONFIDENCE:.0%}: {number:,} of {whole}." if number else ""


# ------------------------------------------------------------------------------------------------ stance


def describe_stances(pairs: pd.DataFrame, target: str) -> str:
    """Which stances are clearest, and who takes a side on the target."""
    if pairs.empty:
        return "No sentence takes a side."
    support, oppose = pairs[pairs["mean"] > 0], pairs[pairs["mean"] < 0]
    clear = int(are_clear(pairs).sum())
    told = [
        f"{count(len(pairs), 'pair')} of an actor and a target {agree(len(pairs), 'has', 'have')} a stance: {len(support)} lean to "
        f"support, {len(oppose)} to opposition. {clear:,} of them {agree(clear, 'rests', 'rest')} on {FEW_SENTENCES} sentences or more "
        "with an interval that leaves out 0."
    ]
    for label, found, largest in (("support", support, True), ("opposition", oppose, False)):
        if len(found):
            several = found[found["n_sentences"].gt(1)]
            row = next((found if several.empty else several).sort_values("mean", ascending=not largest, kind="stable").itertuples())
            told.append(f"Clearest in {label}: {name(row.holder)} toward {name(row.target)}, {mean(row)}, in {cite(row.sentences)}.")
    toward = pairs[pairs["target"].eq(target)]
    sides = chain(f"{name(row.holder)}, {mean(row)}, in {cite(row.sentences)}" for row in toward.itertuples())
    told.append(f"Toward {escape(target)}: {sides}." if len(toward) else f"Nobody takes a side on {escape(target)}.")
    return " ".join(told)


def describe_stance_voices(pairs: pd.DataFrame) -> str:
    """How many of the stances rest on the narrator's word alone."""
    if pairs.empty:
        return "No sentence takes a side."
    sided = pairs.groupby("voice", sort=False)["sided"].sum()
    sided = sided[sided > 0].sort_values(ascending=False, kind="stable")
    own, total = int(sided.get(NARRATOR, 0)), int(sided.sum())
    told = (
        f"{count(total, 'time')} a sentence sets a pair on a side; {own:,} of these {agree(own, 'rests', 'rest')} on the narrator's word."
    )
    quoted = sided.drop(NARRATOR, errors="ignore")
    if quoted.empty:
        return f"{told} No voice that is quoted asserts one."
    return f"{told} Voices that assert the others: {join(f'{name(voice)} ({number})' for voice, number in quoted.items())}."


# ------------------------------------------------------------------------------------------------ sentiment


def describe_sentiment(overall: pd.DataFrame, by_voice: pd.DataFrame, target: str) -> str:
    """The target's mean sentiment, and the voices at either end."""
    if by_voice.empty:
        return f"The body does not mention {escape(target)}."
    told = f"Over all mentions of {escape(target)}, sentiment is {mean(next(overall.itertuples()))} on a scale from −1 to 1."
    if len(by_voice) == 1:
        return f"{told} The only voice that speaks of it: {name(by_voice['voice'].iat[0])}."
    worst, best = _extremes(by_voice)
    return (
        f"{told} Lowest: {name(worst.voice)}, {mean(worst)}, in {cite(worst.sentences)}; "
        f"highest: {name(best.voice)}, {mean(best)}, in {cite(best.sentences)}."
    )


def describe_lexicon(sentiments: pd.DataFrame, target: str) -> str:
    """How often the word list and the model lean to opposite sides, each by `LEAN` or more."""
    if sentiments.empty:
        return f"The body does not mention {escape(target)}."
    read = scored(sentiments).groupby(SENTENCE_KEY)[["score", "lexicon"]].mean().reset_index()
    opposed = read[are_opposed(read)]
    low, high = wilson_interval(len(opposed), len(read))
    sure = f"{len(opposed) / len(read):.0%}, 95% interval {low:.0%} to {high:.0%}"
    where = f": {cite(opposed['sentence'])}" if len(opposed) else ""
    return (
        f"On {len(opposed)} of {count(len(read), 'sentence')} ({sure}) the two lean to opposite sides, each by {LEAN} or more{where}. "
        f"The list weighs the sentence's words; the model is asked how the sentence treats {escape(target)}."
    )


def describe_actors(means: pd.DataFrame, target: str) -> str:
    """The target's place among the actors, by mean sentiment."""
    own = next((row for row in means.itertuples() if row.actor == target), None)
    if own is None:
        return f"The body does not mention {escape(target)}."
    higher, others = int((means["mean"] > own.mean).sum()), len(means) - 1
    apart = means[means["n_sentences"].ge(FEW_SENTENCES) & ((means["low"] > own.high) | (means["high"] < own.low))]
    if own.n_sentences < FEW_SENTENCES:
        clear = "Its sentences are too few to set it apart from others."
    elif len(apart):
        clear = f"Clearly apart from it, with intervals that do not meet: {join(name(actor) for actor in apart['actor'])}."
    else:
        clear = f"No other actor with {FEW_SENTENCES} sentences or more has an interval clear of its own."
    return f"{escape(target)}, at {mean(own)}, has {higher} of {count(others, 'other actor')} above it. {clear}"


# ------------------------------------------------------------------------------------------------ issues


def describe_issues(shares: pd.DataFrame, sub_issues: Collection[str], without: pd.DataFrame, total: int) -> str:
    """The issues with the most space, and how much no issue covers."""
    rest = f"{len(without)} of {count(total, 'sentence')} {agree(len(without), 'has', 'have')} no issue"
    rest += f": {cite(without['sentence'])}." if len(without) else "."
    if shares.empty:
        return f"No issue of the codebook was found. {rest}"
    wide = shares[~shares["issue"].isin(sub_issues)]
    top = chain(f"**{escape(row.issue)}** with {percent(row)}, {cite(row.sentences)}" for row in wide.head(NAMED).itertuples())
    parts = len(shares) - len(wide)
    also = f", and {count(parts, 'sub-issue')} as part of {agree(len(wide), 'it', 'them')}" if parts else ""
    return f"{count(len(wide), 'issue')} found{also}. Most space: {top}. {rest}"


def describe_issue_words(shares: pd.DataFrame, sub_issues: Collection[str]) -> str:
    """The issues with the most words."""
    wide = shares[~shares["issue"].isin(sub_issues)]
    if wide.empty:
        return "No word stands in a sentence on an issue."
    return f"Most words: {chain(f'**{escape(row.issue)}** with {percent(row)}' for row in wide.head(NAMED).itertuples())}."


def describe_prominence(prominence: pd.DataFrame, headline: Sequence[int], lede: Sequence[int]) -> str:
    """What the headline and the lede are about, by the numbers of their sentences; an article may have no headline."""

    def stands(place: str, column: str) -> str:
        there = prominence.loc[prominence[column].astype(bool), "issue"]
        named = join(f"**{escape(issue)}**" for issue in there)
        return f"In the {place} {agree(max(1, len(there)), 'stands', 'stand')} {named or 'no issue'}."

    first = stands("headline", "headline") if headline else "There is no headline."
    return f"{first} {stands(f'lede, {cite(lede)},', 'lede')}"


def describe_far_issues(far: pd.DataFrame, left_out: int, minimum: float) -> str:
    """How many issues were found in sentences that are far from them, and how many finds the figures leave out for that."""
    sentences = far["sentence"].nunique()
    seen = f"{count(len(far), 'find')} in {count(sentences, 'sentence')}." if len(far) else "No find is left that is far from its issue."
    out = f" Left out of the figures: {count(left_out, 'find')} below {minimum:g}." if minimum > -1 else ""
    return f"{seen}{out} The parameter `minimum_similarity` leaves out what is less near."


def describe_candidates(candidates: pd.DataFrame, included: bool) -> str:
    """How many sentences may be about an issue that no phrase tells, and whether they count."""
    if candidates.empty:
        return "No sentence is near to an issue whose phrases it lacks."
    sentences = candidates["sentence"].nunique()
    return (
        f"{count(len(candidates), 'candidate')} in {count(sentences, 'sentence')}, which {'count' if included else 'do not count'} "
        "in the figures above, as the parameter `include_candidates` tells."
    )


def describe_topics(topics: pd.DataFrame, shares: pd.DataFrame) -> str:
    """The topic of the article as a whole, and those of most of its sentences."""
    whole = topics[topics["sentence"].isna()]
    told = [
        f"The article as a whole: **{escape(row.name)}** ({row.topic}), probability {row.probability:.0%}." for row in whole.itertuples()
    ]
    if len(shares):
        most = chain(
            f"{escape(row.name)} ({row.topic}) with {percent(row)}, {cite(row.sentences)}" for row in shares.head(NAMED).itertuples()
        )
        unsure, total = int(shares["unsure"].sum()), int(shares["count"].sum())
        told.append(f"Of its sentences: {most}. In {unsure} of {total} the model is unsure, with a probability below {LOW_CONFIDENCE:.0%}.")
    return " ".join(told)


def describe_changes(changes: pd.DataFrame) -> str:
    """What a changed codebook finds that the other did not, and the other way round."""
    if changes.empty:
        return "With the change, each issue has the same sentences as before."
    told = []
    for row in changes.itertuples():
        gained = [f"gains {cite(row.gained)}"] if row.gained else []
        lost = [f"loses {cite(row.lost)}"] if row.lost else []
        told.append(f"**{escape(row.issue)}** {join(gained + lost)}")
    return f"{chain(told)}."


def describe_cooccurrence(pairs: pd.DataFrame) -> str:
    """Which issues meet in a sentence."""
    met = pairs[pairs["first"].ne(pairs["second"])].sort_values("count", ascending=False, kind="stable")
    if met.empty:
        return "No sentence has two issues."
    often = met[met["count"].gt(1)].head(NAMED)
    if often.empty:
        return f"{count(len(met), 'pair')} of issues {agree(len(met), 'meets', 'meet')} in a sentence, none in two."
    together = (
        f"**{escape(row.first)}** with **{escape(row.second)}** in {count(row.count, 'sentence')}, {cite(row.sentences)}"
        for row in often.itertuples()
    )
    return f"Together most often: {chain(together)}."


def describe_issue_voices(shares: pd.DataFrame) -> str:
    """Who but the narrator has most of the words on an issue."""
    others = shares[shares["voice"].ne(NARRATOR)].sort_values(["words", "share"], ascending=False, kind="stable").head(NAMED)
    if others.empty:
        return "No voice but the narrator's speaks on an issue."
    largest = (f"{name(row.voice)} on {escape(row.issue)}, {percent(row)}, in {cite(row.sentences)}" for row in others.itertuples())
    return f"With most words: {chain(largest)}."


def describe_issue_sentiment(means: pd.DataFrame, target: str) -> str:
    """On which issue the target fares worst, and on which best."""
    named = means[means["issue"].ne(NO_ISSUE)]
    if named.empty:
        return f"No sentence on an issue mentions {escape(target)}."
    worst, best = _extremes(named)
    told = [f"lowest on {escape(worst.issue)}, {mean(worst)}, in {cite(worst.sentences)}"]
    if len(named) > 1:
        told.append(f"highest on {escape(best.issue)}, {mean(best)}, in {cite(best.sentences)}")
    return f"Toward {escape(target)}: {'; '.join(told)}."


def _extremes(means: pd.DataFrame) -> tuple:
    """The rows of the lowest and of the highest mean, of those that rest on enough sentences or, if there are no two, on several."""
    for least in (FEW_SENTENCES, 2, 1):
        enough = means[means["n_sentences"].ge(least)]
        if len(enough) > 1:
            break
    ordered = list(enough.sort_values("mean", kind="stable").itertuples())
    return ordered[0], ordered[-1]


def describe_keyness(keyness: pd.DataFrame, nouns: pd.DataFrame) -> str:
    """The words that a codebook may be missing; where there are too few to tell, nouns to look through for them."""
    if len(keyness):
        words = (f"*{escape(row.word)}* ({cite(row.sentences)})" for row in keyness.head(NAMED).itertuples())
        return f"Typical of the sentences without an issue: {join(words)}."
    if nouns.empty:
        return "No sentence without an issue has a noun."
    most = chain(f"*{escape(row.noun)}* ({row.count}, {cite(row.sentences)})" for row in nouns.head(CITED).itertuples())
    return f"No word is more frequent in the sentences without an issue than chance may make it. Their most frequent nouns: {most}."


# ------------------------------------------------------------------------------------------------ how far to trust it


def describe_trust(task: str, results: Path = RESULTS) -> str:
    """What was measured of a stage on coded data, as a Markdown table, a row a measure and a column a set; or how to measure it.

    `results` is a JSON file: ``{task: {benchmark: {measure: number}}}``.
    """
    measured = _read_results(task, results)
    if not measured:
        return f"This version has not been measured here. `analysis evaluate {task} PATH` measures it on human-coded data."
    measures = dict.fromkeys(measure for scores in measured.values() for measure in scores)
    rows = [
        [escape(MEASURES.get(measure, measure)), *(f"{scores[measure]:g}" if measure in scores else "" for scores in measured.values())]
        for measure in measures
    ]
    head = [["measure", *map(escape, measured)], ["---", *["---:"] * len(measured)]]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in head + rows)
    sets = [f"{escape(told)}: {SETS[told]}." for told in measured if told in SETS]
    meaning = [f"{told}." for part, told in EXPLAINED.items() if any(part in MEASURES.get(measure, "").lower() for measure in measures)]
    return "\n\n".join(filter(None, [table, " ".join(sets), " ".join(text[0].upper() + text[1:] for text in meaning)]))


def tell_agreement(notebook: str, results: Path = RESULTS) -> str:
    """How well a notebook's method agrees with those who coded other texts, in one measure; nothing where that is unknown."""
    task, measure = HEADLINES[notebook]
    measured = [f"{scores[measure]:g} ({told})" for told, scores in _read_results(task, results).items() if measure in scores]
    return f"Agreement with coders of other texts, {MEASURES[measure]}: {join(measured)}." if measured else ""


def describe_calibration(results: Path = RESULTS) -> str:
    """How far the confidence of attributions was off where people coded too."""
    measured = _read_results("quotes", results)
    errors = {benchmark: scores["calibration_error"] for benchmark, scores in measured.items() if "calibration_error" in scores}
    if not errors:
        return "How well the confidence of attributions is calibrated has not been measured here: take it as an order, not as a rate."
    off = join(f"{value:g} points in {escape(benchmark)}" for benchmark, value in errors.items())
    return (
        "Were confidence exact, eight in ten of the attributions at 80% would be a coder's too. "
        f"On average it was off by {off} (expected calibration error)."
    )


def _read_results(task: str, results: Path) -> dict[str, dict[str, float]]:
    return json.loads(results.read_text(encoding="utf-8")).get(task, {}) if results.is_file() else {}
