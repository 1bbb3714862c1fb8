"""The command line: `analysis run`, `annotate`, `codebook check`, `evaluate` and `train`.

Exit status: 0 all is well; 1 a part of the work failed; 2 a wrong call or input; 130 stopped from the keyboard.
What each command needs is imported when it runs: pandas and spaCy take seconds that `--help` should not.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from analysis import evaluation, training
from analysis.errors import InputError

if TYPE_CHECKING:
    from analysis.article import Article

FAILED, WRONG_INPUT, INTERRUPTED = 1, 2, 130
SEEDS = 2**32  # so many, as PyTorch and NumPy both take them


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; whatever goes wrong is said in one line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process by default.

    Returns
    -------
    int
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        status = options.command(options)
        sys.stdout.flush()
        return status
    except InputError as error:
        return _say(str(error), WRONG_INPUT)
    except KeyboardInterrupt:
        return _say("stopped", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _say(f"a defect of this program ({type(error).__name__}); please report it with {_write_log()}", FAILED)


class _Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong with a call."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{self.prog}: {message}. See {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="analysis", description="Quotes, stances, sentiment and issues of a news article.")
    parser.add_argument("--version", action="version", version=f"analysis {version('analysis')}")
    parser.set_defaults(command=lambda _: parser.print_help() or 0)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    about = "analyse an article and write a report"
    run = commands.add_parser("run", help=about, description=f"{about.capitalize()}.")
    run.add_argument("article", metavar="ARTICLE", help="a file or a URL with one article")
    run.add_argument("--target", default="China", help="the actor whose portrayal is asked for (default: %(default)s)")
    run.add_argument("--out", metavar="DIR", help="folder of the report (default: reports/NAME)")
    _add_codebooks(run)
    run.add_argument("--formats", type=_formats, metavar="LIST", help="formats of the figures (default: png,svg,pdf)")
    run.set_defaults(command=_run)

    about = "annotate any number of articles into a corpus: Parquet, by table, outlet and month"
    annotate = commands.add_parser("annotate", help=about, description=f"{about.capitalize()}. Interrupted and started again, it goes on.")
    annotate.add_argument("articles", metavar="SOURCE", nargs="+", help="files, folders or addresses of the articles")
    annotate.add_argument("--out", metavar="DIR", required=True, help="folder of the corpus, or an address such as s3://bucket/folder")
    where = annotate.add_mutually_exclusive_group()
    where.add_argument("--workers", metavar="N", type=_count, help="processes on this machine (default: as many as it has cores)")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://HOST:8786, whose workers do it instead")
    _add_codebooks(annotate)
    annotate.add_argument("--batch", metavar="N", type=_count, help="articles in a batch, and so in a file")
    annotate.add_argument("--keep-duplicates", action="store_true", help="annotate articles that repeat others, and do not look for them")
    annotate.add_argument("--retry", action="store_true", help="try articles again that failed")
    annotate.set_defaults(command=_annotate)

    about = "tell which phrases of a codebook of issues never fire, which fire for two issues, and which sentences nothing covers"
    codebook = commands.add_parser("codebook", help="check a codebook of issues", description=f"{about.capitalize()}.")
    codebook.add_argument("action", choices=("check",))
    codebook.add_argument("codebook", metavar="FILE", help="a codebook of issues, in the form of analysis/codebooks/issues.yaml")
    codebook.add_argument("articles", metavar="SOURCE", nargs="+", help="files, folders or URLs of the articles to check it against")
    codebook.add_argument("--out", metavar="DIR", help="folder for tables of all phrases and of all sentences")
    codebook.set_defaults(command=_check_codebook)

    about = "measure a method on human-coded data, or how much names alone sway it"
    evaluate = commands.add_parser("evaluate", help=about, description=f"{about.capitalize()}.")
    evaluate.add_argument("task", choices=evaluation.TASKS)
    evaluate.add_argument("path", metavar="PATH", nargs="?", help="file or folder of the benchmark; fairness has frames of its own")
    evaluate.add_argument("--texts", metavar="DIR", help="coverage only: the folder of the benchmarks whose sentences are coded in PATH")
    evaluate.add_argument("--json", action="store_true", help="print JSON")
    evaluate.set_defaults(command=_evaluate)

    about = "make the weights of a method anew from human-coded data"
    train = commands.add_parser("train", help=about, description=f"{about.capitalize()}. Needs the packages of the extra `train`.")
    train.add_argument("task", choices=tuple(training.TASKS))
    train.add_argument("path", metavar="PATH", help="quotes: the benchmark's training part; sentences: the folder of all benchmarks")
    train.add_argument("--out", metavar="DIR", required=True, help="folder for the weights")
    train.add_argument(
        "--tune",
        metavar="PATH",
        help="quotes only: coded data on which the confidence is fitted, kept out of training "
        f"(default: every {training.ARTICLES_PER_KEPT}th text of PATH)",
    )
    train.add_argument("--seed", metavar="N", type=_seed, default=1, help="seed of the random numbers (default: %(default)s)")
    train.set_defaults(command=_train)
    return parser


def _add_codebooks(parser: argparse.ArgumentParser) -> None:
    for kind in ("issues", "actors"):
        about = f"your codebook of {kind}, in the form of analysis/codebooks/{kind}.yaml"
        parser.add_argument(f"--{kind}", metavar="FILE", help=about)


def _formats(text: str) -> list[str]:
    from analysis.report import FIGURE_FORMATS

    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in FIGURE_FORMATS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of {', '.join(FIGURE_FORMATS)}")
    return names


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isdecimal() and int(text) < SEEDS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {SEEDS - 1}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from analysis.report import FIGURE_FORMATS, NOTEBOOKS, run

    started = time.monotonic()
    report = run(options.article, options.target, options.out, options.issues, options.actors, options.formats or FIGURE_FORMATS)
    seconds = time.monotonic() - started
    done = len(NOTEBOOKS) - len(report.errors)
    print(f"{done} notebooks, {report.figures} figures, {report.tables} tables in {seconds:.0f} s: {report.index}")
    if report.errors:
        failed = ", ".join(report.errors)
        return _say(f"{len(report.errors)} of {len(NOTEBOOKS)} notebooks failed ({failed}); their errors stand in {report.index}", FAILED)
    return 0


def _annotate(options: argparse.Namespace) -> int:
    from analysis.corpus import BATCH_ARTICLES, annotate_corpus

    started = time.monotonic()
    made = annotate_corpus(
        options.articles,
        options.out,
        actors=options.actors,
        issues=options.issues,
        workers=options.workers,
        scheduler=options.scheduler,
        size=options.batch or BATCH_ARTICLES,
        keep_duplicates=options.keep_duplicates,
        retry=options.retry,
    )
    print(f"{made.articles - made.failures} articles in {time.monotonic() - started:.0f} s: {made.place}")
    for lost in made.lost:
        _say(f"{lost}; run the command again to do it", FAILED)
    if made.failures:
        _say(f"{made.failures} of {made.articles} articles failed; the table `failures` says why, and --retry tries them again", FAILED)
    return FAILED if made.failures or made.lost else 0


def _check_codebook(options: argparse.Namespace) -> int:
    from analysis.article import read_each
    from analysis.codebook import read_issues
    from analysis.codebook_check import check_issues, describe_check
    from analysis.export import write_table
    from analysis.language import parse

    codebook, unread = read_issues(options.codebook), []

    def readable() -> Iterator[Article]:
        for article in read_each(options.articles):
            if isinstance(article, InputError):
                unread.append(article)
            else:
                yield article

    check = check_issues(parse(readable()), codebook)
    for error in unread:
        _say(str(error), FAILED)
    if check.sentences.empty:
        return _say("there is no sentence to check the codebook against", WRONG_INPUT)
    print(describe_check(check))
    if options.out:
        for name, table in (("phrases", check.phrases), ("sentences", check.sentences)):
            write_table(table, Path(options.out) / name)
    return FAILED if unread else 0


def _evaluate(options: argparse.Namespace) -> int:
    scores = evaluation.evaluate(options.task, options.path, options.texts)
    if options.json:
        print(json.dumps(scores, indent=2, ensure_ascii=False))
    else:
        lines = list(_flatten(scores))
        width = max(len(name) for name, _ in lines)
        for name, value in lines:
            print(f"{name:{width}}  {value:.3f}" if isinstance(value, float) else f"{name:{width}}  {value}")
    return 0


def _train(options: argparse.Namespace) -> int:
    training.train(options.task, options.path, options.out, options.tune, options.seed, log=_report)
    print(f"the weights stand in {options.out}")
    return 0


def _report(line: str) -> None:
    print(line, flush=True)


def _flatten(scores: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Nested scores as lines of a dotted name and a value."""
    for name, value in scores.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _say(message: str, status: int) -> int:
    print(f"analysis: {' '.join(message.split())}", file=sys.stderr)
    return status


def _write_log() -> str:
    """Keep the traceback of the exception at hand where its report can be taken from; the name of the file."""
    with tempfile.NamedTemporaryFile("w", prefix="analysis-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exc(file=log)
    return log.name
