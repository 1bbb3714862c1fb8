"""Who supports, or opposes, whom: by the cue words between two actors, and by what one says of the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from spacy.tokens import Span, Token

from analysis import language, lexicon, tables
from analysis.cues import Cue, find_cues, phrases, speakers
from analysis.language import ParsedArticle
from analysis.tables import STANCES
from analysis.voices import innermost_quote, speakers_of

DIRECTIONS = ("neutral", "first_supports", "second_supports", "first_opposes", "second_opposes")
# Of an ordered pair: the holder stands first; and how near; the target stands in words of the holder's. Then, each of
# support and of opposition (+ and -), 0 to 1: an act or attitude of the holder toward the target; a word by which the
# holder rates the target; an act of the holder toward others, of others toward the target; a word that rates the
# target, not in the holder's name; acts between the two in the order of words; the tone of what the holder says.
PLACES = ("bias", "first", "near", "spoken")
KINDS = ("act", "rating", "held", "met", "rated", "between", "said")
FEATURES = (*PLACES, *(kind + sign for kind in KINDS for sign in "+-"))
MAX_MENTIONS = 4  # of one actor in one sentence, and
MAX_ACTORS = 40  # in one sentence: what has more is a list


class Scene(NamedTuple):
    """Actors (M of them) in a sentence, and its cues (C): what the features of each ordered pair are read from."""

    positions: np.ndarray  # (M,), of their heads, in tokens
    spoken: np.ndarray  # (M, M), 0 to 1: how far the column's actor stands in words of the row's
    cues: list[Cue]
    holders: np.ndarray  # (C, M), 0 to 1: how far each actor holds each cue
    targets: np.ndarray  # (C, M)
    tone: tuple[float, float]  # sums of VADER's good and bad valences, 0 to 1


def classify_pairs(texts: Sequence[str], first_spans: Sequence[tuple[int, int]], second_spans: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Classify the stance between two actors marked in each text.

    Cues of the codebook of stances and words of VADER are weighed by where the two stand in their syntax; a
    logistic form, fitted on DSE (Park, Pan & Joo, 2021), makes probabilities of them
    (`models/clause_lexicon.yaml`). It is the same for both directions.

    Parameters
    ----------
    texts : sequence of str
        A sentence or so each.
    first_spans, second_spans : sequence of (int, int)
        Offsets of the two actors in each text.

    Returns
    -------
    DataFrame
        A row a text: a probability for each of `DIRECTIONS` (sum 1), as `p_neutral`, `p_first_supports` and so
        on, and label (the most probable).
    """
    chances = _chances(pair_features(texts, first_spans, second_spans))
    frame = pd.DataFrame(chances, columns=[f"p_{name}" for name in DIRECTIONS])
    return frame.assign(label=pd.Series(np.array(DIRECTIONS)[chances.argmax(axis=1)], dtype="str"))


def find_stances(parsed: ParsedArticle, mentions: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Find the stance of each actor toward each other in a sentence: the table `stances`.

    Whoever speaks the sentence takes a stance in it too, wherever he is named. Of several mentions of an
    actor, those count that show the clearest stance.

    Parameters
    ----------
    parsed : ParsedArticle
    mentions, quotes : DataFrame
        The article's tables.

    Returns
    -------
    DataFrame
    """
    if mentions.empty:
        return tables.conform("stances", [])
    mentions = mentions.assign(quote=innermost_quote(quotes, mentions["start"]).to_numpy())
    mentions["head"] = lexicon.mention_heads(parsed.doc, zip(mentions["start"], mentions["end"], strict=True))
    mentions = mentions[mentions["head"].notna()]
    speaking = speakers_of(quotes)
    sources = dict(zip(quotes["quote"], quotes["source_start"], strict=True))
    rows = []
    for number, own in mentions.groupby("sentence", sort=True):
        actors = _actors_of_sentence(own, mentions, speaking, sources)
        if actors["actor"].nunique() > 1:
            scene = _narrated_scene(parsed.sentence_span(number), actors, quotes, speaking)
            rows += (row | {"sentence": number} for row in _clearest_pairs(scene, actors))
    return tables.conform("stances", rows)


# ---------------------------------------------------------------- an article's sentences
def _actors_of_sentence(own: pd.DataFrame, mentions: pd.DataFrame, speaking: dict[int, list[str]], sources: dict) -> pd.DataFrame:
    """The mentions of a sentence that count, and one of each speaker who is named outside it; `within` tells them apart."""
    own = own[own.groupby("actor").cumcount() < MAX_MENTIONS]
    own = own[own["actor"].isin(own["actor"].unique()[:MAX_ACTORS])].assign(within=True)
    outside = {}
    for quote in own["quote"].dropna().unique():
        for name in set(speaking[quote]) - set(own["actor"]):
            elsewhere = mentions.loc[mentions["actor"] == name, "start"]
            if len(elsewhere) and pd.notna(sources[quote]):
                outside[name] = (elsewhere - sources[quote]).abs().idxmin()
    return pd.concat([own, mentions.loc[list(outside.values())].assign(within=False)], ignore_index=True) if outside else own


def _narrated_scene(sentence: Span, actors: pd.DataFrame, quotes: pd.DataFrame, speaking: dict[int, list[str]]) -> Scene:
    """A sentence's scene, in which the attributions say who speaks."""
    cues = find_cues(sentence)
    names = actors["actor"].tolist()

    def said_by(quote: int | None) -> list[float]:
        return [float(pd.notna(quote) and name in speaking[quote]) for name in names]

    spoken = np.array([said_by(quote) for quote in actors["quote"]]).T
    scene = _scene(sentence, cues, actors["head"].tolist(), spoken)
    for row, quote in enumerate(innermost_quote(quotes, [sentence.doc[cue.position].idx for cue in cues])):
        if cues[row].evaluative:
            scene.holders[row] = np.maximum(scene.holders[row], said_by(quote))
    return scene


def _clearest_pairs(scene: Scene, actors: pd.DataFrame) -> Iterator[dict]:
    """A row for each ordered pair of actors, except toward a speaker who is not in the sentence."""
    chances = _chances(np.stack([_features(scene), _features(scene).swapaxes(0, 1)], axis=2))
    support, oppose = chances[..., 1], chances[..., 3]
    clearest = np.maximum(support, oppose)
    where = actors.groupby("actor", sort=False).indices
    for holder, of_holder in where.items():
        for target, of_target in where.items():
            of_target = of_target[actors["within"].to_numpy()[of_target]]
            if holder == target or not len(of_target):
                continue
            i, j = np.unravel_index(clearest[np.ix_(of_holder, of_target)].argmax(), (len(of_holder), len(of_target)))
            i, j = of_holder[i], of_target[j]
            shares = (oppose[i, j], 1 - support[i, j] - oppose[i, j], support[i, j])
            yield {
                "article": actors["article"].iat[j],
                "holder": holder,
                "target": target,
                "holder_mention": actors["mention"].iat[i],
                "target_mention": actors["mention"].iat[j],
                "quote": actors["quote"].iat[j],
                **dict(zip(("p_oppose", "p_neutral", "p_support"), shares, strict=True)),
                "label": STANCES[int(np.argmax(shares))],
            }


# ---------------------------------------------------------------- features
def pair_features(texts: Sequence[str], first_spans: Sequence[tuple[int, int]], second_spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """What the logistic form weighs: of each text, a row a direction (first to second, second to first), a column each of `FEATURES`."""
    features = np.zeros((len(texts), 2, len(FEATURES)))
    features[..., 0] = 1.0
    spans = zip(first_spans, second_spans, strict=True)
    for row, (doc, pair) in enumerate(zip(language.parse_texts(texts), spans, strict=True)):
        heads = lexicon.mention_heads(doc, pair)
        if None not in heads:
            cues = [cue for sentence in doc.sents for cue in find_cues(sentence)]
            voices = [phrases(speakers(head)) for head in heads]
            spoken = np.array([[voice.get(head.i, 0.0) for voice in voices] for head in heads])
            found = _features(_scene(doc[:], cues, heads, spoken))
            features[row] = found[0, 1], found[1, 0]
    return features


def _scene(span: Span, cues: list[Cue], heads: Sequence[Token], spoken: np.ndarray) -> Scene:
    shape = len(cues), len(heads)
    valences = lexicon.valences(span)
    return Scene(
        positions=np.array([head.i for head in heads]),
        spoken=spoken,
        cues=cues,
        holders=np.array([[cue.holders.get(head.i, 0.0) for head in heads] for cue in cues]).reshape(shape),
        targets=np.array([[cue.targets.get(head.i, 0.0) for head in heads] for cue in cues]).reshape(shape),
        tone=(np.tanh(valences.clip(min=0).sum() / 4), np.tanh((-valences).clip(min=0).sum() / 4)),
    )


def _features(scene: Scene) -> np.ndarray:
    """(M, M, F): the features of each ordered pair, holder by target."""
    positions, size = scene.positions, (len(scene.positions),) * 2
    first = (positions[:, None] < positions).astype(float)
    near = first / np.log2(1 + np.maximum(np.abs(positions[:, None] - positions), 1))
    low, high = np.minimum(positions[:, None], positions), np.maximum(positions[:, None], positions)
    found = {name: np.zeros(size) for name in FEATURES} | {"bias": np.ones(size), "first": first, "near": near, "spoken": scene.spoken}
    for cue, holder, target in zip(scene.cues, scene.holders, scene.targets, strict=True):
        sign, strength = "+" if cue.stance > 0 else "-", abs(cue.stance)
        if cue.evaluative:
            clear = {"rating": np.outer(holder, target), "rated": np.outer(1 - holder, target)}
        else:
            clear = {"act": np.outer(holder, target), "held": np.outer(holder, 1 - target), "met": np.outer(1 - holder, target)}
            between = strength * ((low < cue.position) & (cue.position < high))
            found["between" + sign] = np.minimum(found["between" + sign] + between, 1)
        for kind, weight in clear.items():
            np.maximum(found[kind + sign], strength * weight, out=found[kind + sign])
    for sign, tone in zip("+-", scene.tone, strict=True):
        found["said" + sign] = scene.spoken * tone
    return np.stack([found[name] for name in FEATURES], axis=-1)


def _chances(features: np.ndarray) -> np.ndarray:
    """Probabilities of `DIRECTIONS` from the features of both directions (…, 2, F), by a conditional logit with neutral as the base."""
    weights = lexicon.load_weights("stance", FEATURES)
    support, oppose = features @ weights["support"], features @ weights["oppose"]
    neutral = np.zeros((*features.shape[:-2], 1))
    return lexicon.softmax(np.concatenate([neutral, support, oppose], axis=-1))
