"""The command line: `analysis run`, `annotate`, `codebook check`, `coding-sheet`, `agreement`, `evaluate` and `train`.

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

from analysis import evaluation, layout, training
from analysis.errors import InputError

if TYPE_CHECKING:
    from analysis.article import Article

CODED = ("quotes", "sentiment", "stance", "issues")  # as `coding_items.TASKS`, whose import takes seconds
FAILED, WRONG_INPUT, INTERRUPTED = 1, 2, 130
SEEDS = 2**32  # so many, as PyTorch and NumPy both take them
OFFERED = 5  # actors named in the place of a target that an article never mentions


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
    _add_layout(run)
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
    _add_coding(commands)

    about = "measure a method on human-coded data, or how much names alone sway it"
    evaluate = commands.add_parser("evaluate", help=about, description=f"{about.capitalize()}.")
    evaluate.add_argument("task", choices=evaluation.TASKS)
    evaluate.add_argument("path", metavar="PATH", nargs="?", help="file or folder of the benchmark; fairness has frames of its own")
    evaluate.add_argument("--texts", metavar="DIR", help="coverage only: the folder of the benchmarks whose sentences are coded in PATH")
    evaluate.add_argument("--json", action="store_true", help="print JSON")
    evaluate.set_defaults(command=_evaluate)

    about = "make the weights of a method anew from human-coded data"
    train = commands.add_parser("train", help=about, description=f"{about.capitalize()}. Needs the packages of the extra `train`.")
    train.add_argument("task", choices=tuple(training.TASKS), help="sentiment, stance and issues are one model: all of sentences")
    train.add_argument("path", metavar="PATH", help="the folder of all benchmarks; quotes: or the training part of theirs")
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


def _add_coding(commands: argparse._SubParsersAction) -> None:
    about = "draw a sample of what was annotated, and write a sheet for each human coder, blind to the machine's answers"
    sheet = commands.add_parser("coding-sheet", help=about, description=f"{about.capitalize()}. Coders must not get key.parquet.")
    sheet.add_argument("place", metavar="DIR", help="a report, an annotation or a corpus")
    sheet.add_argument("--task", choices=CODED, required=True, help="what is coded")
    sheet.add_argument("--n", metavar="N", type=_count, default=100, help="items, by strata of the machine's answers (default: 100)")
    sheet.add_argument("--coders", metavar="N", type=_count, default=2, help="sheets (default: %(default)s)")
    sheet.add_argument("--seed", metavar="N", type=_seed, default=1, help="seed of the random numbers (default: %(default)s)")
    sheet.add_argument("--target", metavar="NAME", help="sentiment and stance: only what is about this actor")
    sheet.add_argument("--issues", metavar="FILE", help="issues: your codebook, if they were found by it")
    sheet.add_argument("--out", metavar="FOLDER", help="folder of the sheets and their key (default: coding/TASK)")
    sheet.set_defaults(command=_write_coding_sheets)

    about = "measure how far human coders agree, with one another and with the machine"
    agreement = commands.add_parser("agreement", help=about, description=f"{about.capitalize()}. The sheets lie beside their key.parquet.")
    agreement.add_argument("sheets", metavar="FILE", nargs="+", help="sheets that are filled, or their folder")
    agreement.add_argument("--out", metavar="DIR", help="folder for the tables")
    agreement.set_defaults(command=_measure_agreement)


def _add_codebooks(parser: argparse.ArgumentParser) -> None:
    for kind in ("issues", "actors"):
        about = f"your codebook of {kind}, in the form of analysis/codebooks/{kind}.yaml"
        parser.add_argument(f"--{kind}", metavar="FILE", help=about)


def _add_layout(parser: argparse.ArgumentParser) -> None:
    """How figures are set; `layout.Layout` says what can be used."""
    formats = ",".join(layout.FORMATS)
    parser.add_argument("--formats", type=_formats, metavar="LIST", default=formats, help="formats of the figures (default: %(default)s)")
    about = "width of the figures in print: 85 for one column, 120 for one and a half, 180 for the page (default: %(default)s)"
    parser.add_argument("--width", metavar="MM", type=_number, default=layout.COLUMN_MM, help=about)
    about = "size of their type in points (default: %(default)s)"
    parser.add_argument("--font-size", metavar="PT", type=_number, default=layout.FONT_SIZE, help=about)
    parser.add_argument("--no-titles", dest="titles", action="store_false", help="no question above them: for papers, which have captions")
    parser.add_argument("--greyscale", action="store_true", help="in greys: each colour as light as it is")


def _formats(text: str) -> tuple[str, ...]:
    try:
        return layout.read_formats(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(f"{error.what}. {error.remedy.removesuffix('.')}") from error


def _number(text: str) -> float:
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isdecimal() and int(text) < SEEDS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {SEEDS - 1}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from analysis.annotation import ANNOTATION
    from analysis.report import NOTEBOOKS, run

    started = time.monotonic()
    asked = {name: getattr(options, name) for name in ("width", "font_size", "titles", "greyscale")}
    report = run(options.article, options.target, options.out, options.issues, options.actors, options.formats, **asked)
    seconds = time.monotonic() - started
    done = len(NOTEBOOKS) - len(report.errors)
    print(f"{done} notebooks, {report.figures} figures, {report.tables} tables in {seconds:.0f} s: {report.index}")
    if missing := _describe_missing(options.target, report.folder / ANNOTATION):
        print(f"analysis: {missing}", file=sys.stderr)
    if report.errors:
        failed = ", ".join(report.errors)
        return _say(f"{len(report.errors)} of {len(NOTEBOOKS)} notebooks failed ({failed}); their errors stand in {report.index}", FAILED)
    return 0


def _describe_missing(target: str, folder: Path) -> str:
    """That an annotated article never mentions a target, and which actors it mentions most; nothing where it does mention it."""
    from analysis.annotation import Annotation
    from analysis.prose import join
    from analysis.selection import find_target

    mentions = Annotation.load(folder).mentions
    if mentions["actor"].eq(find_target(mentions, target)).any():
        return ""
    most = mentions.groupby("actor", sort=False).size().sort_values(ascending=False, kind="stable").head(OFFERED)
    instead = f"most mentioned: {join(most.index)}; name one with --target" if len(most) else "nor any other actor"
    return f"the article never mentions {target}; {instead}"


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
        return WRONG_INPUT if unread else _say("there is no sentence to check the codebook against", WRONG_INPUT)
    print(describe_check(check))
    if options.out:
        for name, table in (("phrases", check.phrases), ("sentences", check.sentences)):
            write_table(table, Path(options.out) / name)
        print(f"All phrases and sentences: {options.out}")
    else:
        print("--out DIR writes all phrases and sentences as tables")
    return FAILED if unread else 0


def _write_coding_sheets(options: argparse.Namespace) -> int:
    from analysis.coding import describe_sample, make_sheets

    asked = (options.n, options.coders, options.seed, options.target, options.out, options.issues)
    print(describe_sample(make_sheets(options.place, options.task, *asked)))
    return 0


def _measure_agreement(options: argparse.Namespace) -> int:
    from analysis.agreement import measure
    from analysis.coding import check_sheets, describe_problems, read_key, read_sheets
    from analysis.export import write_table
    from analysis.prose_reliability import describe_agreement

    problems = check_sheets(options.sheets)
    for line in describe_problems(problems):
        _say(line, WRONG_INPUT)
    if not problems["gap"].all():
        return WRONG_INPUT
    agreement = measure(read_sheets(options.sheets), read_key(options.sheets[0]))
    print(describe_agreement(agreement))
    if options.out:
        for name, table in vars(agreement).items():
            write_table(table, Path(options.out) / name)
    return 0


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
