"""What human coders are asked about: the items of each task, what the machine answered on each, and the words around it.

An item of `sentiment` is an actor in a sentence, of `stance` a holder and a target in a sentence, of `quotes` and `issues` a sentence. Only
the body counts; of a corpus, articles that are marked as duplicates are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import selection
from analysis.annotation import ANNOTATION, MANIFEST, Annotation
from analysis.codebook import IssueCodebook
from analysis.corpus import open_corpus
from analysis.errors import InputError
from analysis.selection import SENTENCE_KEY
from analysis.sources import is_address
from analysis.tables import NARRATOR, QUOTE_TYPES, SENTIMENTS, STANCES, UNNAMED

Read = Callable[..., pd.DataFrame]  # read(table, columns, articles), as `Corpus.read`
VARIABLES = {"quotes": ("type", "speaker"), "sentiment": ("sentiment",), "stance": ("stance",), "issues": ("issues",)}
TASKS = tuple(VARIABLES)
TARGETED = ("sentiment", "stance")
NO_REPORT, OTHER_SPEAKER, NO_ISSUE = "none", "other", "no issue"
ISSUES_JOINT = "; "
WHOLE_SENTENCE = "the sentence"
ARROW = " → "
OPEN, CLOSE = "⟦", "⟧"
AROUND = 2  # sentences before and after


def open_tables(place: str | Path) -> Read:
    """The tables of an annotation, of a report's annotation, or of a corpus.

    Parameters
    ----------
    place : path
        A folder that `analysis run` or `analysis annotate` made; of a corpus, also an address.

    Returns
    -------
    callable
        From the name of a table, columns wanted and keys of articles wanted (both optional) to a DataFrame.

    Raises
    ------
    InputError
        Where there is neither, or it cannot be reached.
    """
    if is_address(place):
        return open_corpus(place).read
    for folder in (Path(place), Path(place) / ANNOTATION):
        if (folder / MANIFEST).is_file():
            return _reader_of(Annotation.load(folder))
    try:
        return open_corpus(place).read
    except InputError as error:
        remedy = "Make one: analysis run ARTICLE, or analysis annotate SOURCE... --out DIR"
        raise InputError("there is neither a report, nor an annotation, nor a corpus here", str(place), remedy) from error


def list_items(read: Read, task: str, codebook: IssueCodebook, target: str | None = None) -> pd.DataFrame:
    """All items of a task, and what the machine answered on each.

    Parameters
    ----------
    read : callable
        From `open_tables`.
    task : str
        Of `TASKS`.
    codebook : IssueCodebook
        By which issues were found. Only its main issues are items' codes: a sub-issue counts for the issue that it is part of.
    target : str, optional
        Only what is about this actor, by any name: sentiment toward it, stances that have it as their target.

    Returns
    -------
    DataFrame
        One row an item: item (its name, made of where it stands and what is asked), article, sentence, start, end, focus, stratum (the
        machine's answer; of several issues the rarest), a column for each of the task's `VARIABLES`, and for `stance` also holder, target,
        target_start, target_end.

    Raises
    ------
    InputError
        Where the task takes no target, the codebook lacks an issue, or there is no item.
    """
    if target is not None and task not in TARGETED:
        raise InputError(f"the task {task} has no target", "--target", f"It is for {' and '.join(TARGETED)}.")
    sentences = read("sentences", [*SENTENCE_KEY, "start", "end", "part"])
    articles = read("articles", ["article", "duplicate_of"])
    originals = articles.loc[articles["duplicate_of"].isna(), "article"]
    body = sentences[sentences["part"].eq("body") & sentences["article"].isin(originals)].drop(columns="part")
    listed = _LISTERS[task](read, body, codebook)
    if target is not None:
        mentions = read("mentions", ["actor", "actor_type", "country", "text"])
        about = listed["actor" if task == "sentiment" else "target"]
        listed = listed[about.eq(selection.find_target(mentions, target))]
    if listed.empty:
        remedy = "Name another actor, as the article does." if target else "Name another folder, or another task."
        raise InputError(f"there is nothing to code{f' about “{target}”' if target else ''} here", task, remedy)
    items = listed.merge(body, on=SENTENCE_KEY).reset_index(drop=True)
    names = zip(items["article"], items["start"], items["focus"], strict=True)
    return items.assign(item=[_name_item(task, *name) for name in names], focus=items["focus"].map(_on_a_line))


def with_codes(read: Read, task: str, items: pd.DataFrame, codebook: IssueCodebook) -> pd.DataFrame:
    """Items, a row for each variable: item, variable, machine (its answer), codes (those allowed, in order, a line each)."""
    long = items.melt(["item", "article"], list(VARIABLES[task]), var_name="variable", value_name="machine")
    fixed = {
        "sentiment": SENTIMENTS,
        "stance": STANCES,
        "type": (NO_REPORT, *QUOTE_TYPES),
        "issues": (NO_ISSUE, *sorted(set(main_titles(codebook).values()))),
    }
    voices = _list_speakers(read("quotes", ["article", "speaker"], set(items["article"]))) if task == "quotes" else {}
    nobody = _list_speakers(pd.DataFrame({"article": [""], "speaker": [None]}))[""]
    codes = (fixed.get(row.variable) or voices.get(row.article, nobody) for row in long.itertuples())
    return long.assign(codes=["\n".join(lines) for lines in codes]).drop(columns="article")


def with_context(read: Read, task: str, items: pd.DataFrame) -> pd.DataFrame:
    """Items with the columns text (their sentence), marked (the same, what is asked about between ⟦ and ⟧), before and after."""
    articles = set(items["article"])
    sentences = read("sentences", [*SENTENCE_KEY, "text"], articles)
    texts = dict(zip(zip(sentences["article"], sentences["sentence"], strict=True), sentences["text"], strict=True))
    spans = _find_spans(read("mentions", [*SENTENCE_KEY, "start", "end", "actor"], articles), items) if task in TARGETED else {}
    rows = []
    for row in items.itertuples():
        around = [
            " ".join(filter(None, (texts.get((row.article, row.sentence + step)) for step in steps)))
            for steps in (range(-AROUND, 0), range(1, AROUND + 1))
        ]
        text = texts[row.article, row.sentence]
        rows.append((text, mark(text, [(a - row.start, b - row.start) for a, b in spans.get(row.item, ())]), *around))
    return items.assign(**dict(zip(("text", "marked", "before", "after"), zip(*rows, strict=True), strict=True)))


def mark(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with its spans between ⟦ and ⟧; spans that overlap are one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            start, end = joined[-1][0], max(end, joined.pop()[1])
        joined.append((start, end))
    for start, end in reversed(joined):
        text = f"{text[:start]}{OPEN}{text[start:end]}{CLOSE}{text[end:]}"
    return text


def main_titles(codebook: IssueCodebook) -> dict[str, str]:
    """Of each issue, by its key, the title of the main issue that it is or is part of, as a code: one that can be joined with others."""
    titles = {key: codebook.lineage(key)[-1].title for key in codebook.by_key}
    return {key: title.replace(ISSUES_JOINT, ", ") for key, title in titles.items()}


# ---------------------------------------------------------------- the items of each task


def _list_sentiments(read: Read, body: pd.DataFrame, codebook: IssueCodebook) -> pd.DataFrame:
    found = _of(body, read("sentiments", [*SENTENCE_KEY, "actor", "label"])).drop_duplicates([*SENTENCE_KEY, "actor"])
    return found.assign(focus=found["actor"], sentiment=found["label"], stratum=found["label"]).drop(columns="label")


def _list_stances(read: Read, body: pd.DataFrame, codebook: IssueCodebook) -> pd.DataFrame:
    found = _of(body, read("stances", [*SENTENCE_KEY, "holder", "target", "target_start", "target_end", "label"]))
    return found.assign(focus=found["holder"] + ARROW + found["target"], stance=found["label"], stratum=found["label"]).drop(
        columns="label"
    )


def _list_quotes(read: Read, body: pd.DataFrame, codebook: IssueCodebook) -> pd.DataFrame:
    """Sentences with the attribution that has most of its content there; of two with as much, the outer one."""
    pieces = _place_contents(body, read("quotes", ["article", "quote", "type", "speaker", "content_spans"]))
    totals = pieces.groupby([*SENTENCE_KEY, "quote", "type", "speaker"], as_index=False)["characters"].sum()
    longest = totals.sort_values(["characters", "quote"], ascending=[False, True]).drop_duplicates(SENTENCE_KEY)
    listed = body[SENTENCE_KEY].merge(longest[[*SENTENCE_KEY, "type", "speaker"]], on=SENTENCE_KEY, how="left")
    listed = listed.fillna({"type": NO_REPORT, "speaker": NARRATOR})
    listed["speaker"] = listed["speaker"].map(_on_a_line)
    return listed.assign(focus=WHOLE_SENTENCE, stratum=listed["type"])


def _place_contents(body: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Pieces of attributions' contents, cut at the ends of sentences: columns of the attribution, sentence, characters."""
    spans = quotes.assign(speaker=selection.voice_names(quotes["speaker"])).explode("content_spans")
    spans = spans[spans["content_spans"].notna() & spans["article"].isin(body["article"])]
    bounds = np.array(spans.pop("content_spans").tolist(), dtype="int64").reshape(-1, 2)
    # All articles as one text, one behind the other, so that sentences are looked up at once.
    room = max([body["end"].max(), *bounds[:, 1]]) + 1
    offsets = {article: number * room for number, article in enumerate(body["article"].unique())}
    sentences = body.assign(shift=body["article"].map(offsets))
    sentences = sentences.assign(start=sentences["start"] + sentences["shift"], end=sentences["end"] + sentences["shift"]).sort_values(
        "start"
    )
    bounds += spans["article"].map(offsets).to_numpy(dtype="int64")[:, None]
    first = np.searchsorted(sentences["end"], bounds[:, 0], side="right")
    reach = np.maximum(np.searchsorted(sentences["start"], bounds[:, 1], side="left") - first, 0)
    span = np.repeat(np.arange(len(spans)), reach)
    reached = sentences.iloc[first[span] + np.arange(len(span)) - (reach.cumsum() - reach)[span]]
    characters = np.minimum(bounds[span, 1], reached["end"]) - np.maximum(bounds[span, 0], reached["start"])
    return spans.iloc[span].assign(sentence=reached["sentence"].to_numpy(), characters=characters.to_numpy())


def _list_issues(read: Read, body: pd.DataFrame, codebook: IssueCodebook) -> pd.DataFrame:
    found = _of(body, read("issues", [*SENTENCE_KEY, "issue"]))
    unknown = sorted(set(found["issue"]) - set(codebook.by_key))
    if unknown:
        remedy = "Name the codebook by which the issues were found with --issues FILE."
        raise InputError(f"the codebook of issues lacks {', '.join(unknown)}", "issues", remedy)
    found = found.assign(title=found["issue"].map(main_titles(codebook))).drop_duplicates([*SENTENCE_KEY, "title"])
    answers = found.sort_values("title").groupby(SENTENCE_KEY)["title"].agg(ISSUES_JOINT.join).rename("issues").reset_index()
    rarest = (
        found.assign(often=found.groupby("title")["title"].transform("size")).sort_values(["often", "title"]).drop_duplicates(SENTENCE_KEY)
    )
    listed = body[SENTENCE_KEY].merge(answers, on=SENTENCE_KEY, how="left")
    listed = listed.merge(rarest[[*SENTENCE_KEY, "title"]].rename(columns={"title": "stratum"}), on=SENTENCE_KEY, how="left")
    return listed.fillna({"issues": NO_ISSUE, "stratum": NO_ISSUE}).assign(focus=WHOLE_SENTENCE)


_LISTERS = {"sentiment": _list_sentiments, "stance": _list_stances, "quotes": _list_quotes, "issues": _list_issues}


# ---------------------------------------------------------------- helpers


def _reader_of(annotation: Annotation) -> Read:
    def read(table: str, columns: list[str] | None = None, articles: Collection[str] | None = None) -> pd.DataFrame:
        frame = getattr(annotation, table)
        wanted = frame if articles is None else frame[frame["article"].isin(articles)]
        return wanted[columns] if columns else wanted

    return read


def _of(body: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    return table.merge(body[SENTENCE_KEY], on=SENTENCE_KEY)


def _name_item(task: str, *what: object) -> str:
    return hashlib.sha256("\0".join(map(str, (task, *what))).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _on_a_line(words: str) -> str:
    return " ".join(words.split())


def _list_speakers(quotes: pd.DataFrame) -> dict[str, list[str]]:
    """Of each article the speakers to choose from: its voices by name, and those that an article may always have."""
    always = {NARRATOR, UNNAMED, OTHER_SPEAKER}
    named = {article: set(map(_on_a_line, selection.voice_names(own))) - always for article, own in quotes.groupby("article")["speaker"]}
    return {article: [NARRATOR, *sorted(own), UNNAMED, OTHER_SPEAKER] for article, own in named.items()}


def _find_spans(mentions: pd.DataFrame, items: pd.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """Of each item the words in its sentence that mention the actors asked about, and those of a target that is an event."""
    roles = ["actor"] if "actor" in items else ["holder", "target"]
    asked = pd.concat([items[["item", *SENTENCE_KEY, role]].rename(columns={role: "actor"}) for role in roles])
    found = mentions.merge(asked, on=[*SENTENCE_KEY, "actor"])[["item", "start", "end"]]
    if "target_start" in items:
        events = items[["item", "target_start", "target_end"]].set_axis(["item", "start", "end"], axis=1)
        found = pd.concat([found, events])
    spans: dict[str, list[tuple[int, int]]] = {}
    for item, start, end in found.drop_duplicates().itertuples(index=False):
        spans.setdefault(item, []).append((start, end))
    return spans
