"""One process that annotates articles, and another that watches it: no article takes longer than it may, and none takes others down.

The watcher sends groups of articles through a pipe and gets back, article by article, the tables or what went wrong. Where no answer
comes in time, or the process dies, the watcher ends it and goes on with a new one. Text, models and tables live in the process that is
watched; only a process of its own can be stopped in the middle of whatever it does.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.article import Article
from analysis.codebook import ActorCodebook, IssueCodebook
from analysis.errors import InputError

ARTICLE_SECONDS = 60
START_SECONDS = 300  # to import, and to load models and codebooks
GROUP_CHARACTERS = 100_000  # that are parsed together
ARTICLES_A_PROCESS = 1000  # then a new one takes its place: what spaCy learns of new words is never forgotten
LONGEST_ERROR = 500


@dataclass(frozen=True)
class Failure:
    """What went wrong with an article, and in which stage."""

    stage: str
    error: str


Outcome = dict[str, pd.DataFrame] | Failure
_WARM_UP = Article("warm-up", "The minister praised China, he said.")


class Annotator:
    """A process that annotates by given codebooks, and its watcher.

    Parameters
    ----------
    actors : ActorCodebook
    issues : IssueCodebook
    seconds : float
        How long an article may take.
    """

    def __init__(self, actors: ActorCodebook, issues: IssueCodebook, seconds: float = ARTICLE_SECONDS):
        self.codebooks, self.seconds = (actors, issues), seconds
        self._process: subprocess.Popen | None = None
        self._stage, self._reason, self._late = "", "", False
        self._made = 0

    def annotate(self, articles: Sequence[Article]) -> Iterator[Outcome]:
        """Annotate articles: tables by name, or a `Failure`, for each, in order; InputError where no article can be annotated here."""
        for group in _groups(articles):
            outcomes = list(self._try(group))
            yield from outcomes
            # One of the group brought the process down, or took too long, and it may not be the one whose turn it was.
            for article in group[len(outcomes) :]:
                alone = [] if len(group) == 1 and self._late else list(self._try([article]))
                yield alone[0] if alone else Failure(self._stage, self._reason)

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _try(self, group: Sequence[Article]) -> Iterator[Outcome]:
        """The outcomes of a group, as far as the process gets with it."""
        try:
            self._start()
            pickle.dump(group, self._process.stdin)
            self._process.stdin.flush()
            for _ in group:
                yield self._receive(self.seconds)
        except (EOFError, OSError, pickle.UnpicklingError):
            self.close()

    def _start(self) -> None:
        if self._process and self._made >= ARTICLES_A_PROCESS:
            self.close()
        if self._process is None:
            self._made = 0
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            pickle.dump(self.codebooks, self._process.stdin)
            self._process.stdin.flush()
            if isinstance(outcome := self._receive(START_SECONDS), Failure):
                self.close()
                raise InputError(f"the annotation cannot start ({outcome.error})", "this installation", "Mend it, and start again.")

    def _receive(self, seconds: float) -> Outcome:
        """The next outcome; EOFError where none comes in time."""
        self._stage, self._reason, self._late = "start", "the process ended without a word; the memory may be too small", False
        deadline = time.monotonic() + seconds
        process = self._process
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            while isinstance(outcome := pickle.load(process.stdout), str):
                self._stage = outcome
        except (EOFError, pickle.UnpicklingError):
            if time.monotonic() >= deadline:
                self._reason, self._late = f"it took longer than {seconds:g} s", True
            raise
        finally:
            timer.cancel()
        self._made += 1
        return outcome


def _groups(articles: Sequence[Article]) -> Iterator[list[Article]]:
    """Articles in order, in groups that are not too long to be parsed together."""
    group: list[Article] = []
    characters = 0
    for article in articles:
        if group and characters + len(article.text) > GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
        group.append(article)
        characters += len(article.text)
    if group:
        yield group


def _serve(requests: Any, answers: Any) -> None:
    """What the process does: take codebooks once, and then groups of articles, until there are no more."""

    def send(answer: Any) -> None:
        pickle.dump(answer, answers)
        answers.flush()

    actors, issues = pickle.load(requests)
    try:
        from analysis.annotation import STAGES
        from analysis.language import parse
        from analysis.pipeline import annotate_parsed

        annotate_parsed(next(parse([_WARM_UP])), actors, issues)
    except Exception as error:  # it would be the same for every article
        send(_failure("start", error))
        return
    send({})
    while True:
        group, stage = pickle.load(requests), "parse"

        def enter(name: str) -> None:
            nonlocal stage
            stage = name
            send(name)

        enter(stage)
        try:
            texts = list(parse(group))
        except Exception as error:
            if len(group) > 1:
                raise  # each of them is tried alone then
            send(_failure(stage, error))
            continue
        for parsed in texts:
            try:
                annotation = annotate_parsed(parsed, actors, issues, enter=enter)
                # The table `articles` stays here: who asks has the article.
                send({name: getattr(annotation, name) for name in STAGES if name != "articles"})
            except Exception as error:  # whatever an article makes a stage stumble over is that article's failure
                send(_failure(stage, error))


def _failure(stage: str, error: Exception) -> Failure:
    return Failure(stage, f"{type(error).__name__}: {error}"[:LONGEST_ERROR])


if __name__ == "__main__":
    from analysis import worker  # a `Failure` of this module's by its own name, which is how the watcher knows it

    # Whatever a library prints must not come between the answers.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        worker._serve(sys.stdin.buffer, channel)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        pass
