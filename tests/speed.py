"""Print what the README claims of speed.

python tests/speed.py data/article.txt    the time of `import analysis`, and the time and memory of `analysis run`
python tests/speed.py FOLDER              the time of `analysis annotate` beside that of spaCy alone, and of each stage
python tests/speed.py FILE.jsonl           how many targets a second get their sentiment, of a part of NewsMTSC, in one call
python tests/speed.py FOLDER COPIES       its time and memory on the folder's articles, and on so many copies of each
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psutil

from analysis.article import Article, read_articles
from analysis.codebook import read_actors, read_issues
from analysis.corpus import annotate_corpus
from analysis.evaluation.benchmarks import read_newsmtsc
from analysis.language import load_model, parse
from analysis.pipeline import annotate_parsed
from analysis.sentiment import classify_targets

REPEATS = 5
BATCH = 7  # articles: small, so that both processes have as much to do
SAMPLE_SECONDS = 0.1
MEGABYTE = 1e6


def time_import() -> float:
    """Median seconds that `import analysis` adds to a start of Python."""
    clock = "import time; start = time.perf_counter(); import analysis; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", clock], capture_output=True, text=True, check=True) for _ in range(REPEATS)]
    return statistics.median(float(run.stdout) for run in runs)


def measure_run(article: str) -> tuple[float, float]:
    """Seconds of `analysis run`, and the peak of the memory (bytes) that it and all its processes hold at a time.

    Memory is the sum of the resident sets: what processes share counts for each of them, so this is an upper bound.
    """
    with tempfile.TemporaryDirectory() as folder:
        start, peak = time.perf_counter(), 0
        process = psutil.Popen([Path(sys.executable).with_name("analysis"), "run", article, "--out", folder])
        while process.poll() is None:
            peak = max(peak, _resident(process))
            time.sleep(SAMPLE_SECONDS)
        seconds = time.perf_counter() - start
        if process.returncode:
            sys.exit(process.returncode)
    return seconds, peak


def _resident(process: psutil.Process) -> int:
    try:
        return sum(_sizes([process, *process.children(recursive=True)]))
    except psutil.NoSuchProcess:
        return 0


def _sizes(processes: list[psutil.Process]) -> Iterator[int]:
    """The resident sets of those that still run, bytes."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            yield process.memory_info().rss


def measure_targets(part: str) -> None:
    """Classify the targets of a part of NewsMTSC, the encoder loaded."""
    targets = read_newsmtsc(part)
    spans = list(zip(targets["start"], targets["end"], strict=True))
    classify_targets(["The minister praised China."], [(21, 26)])
    begun = time.perf_counter()
    classify_targets(targets["text"].tolist(), spans)
    rate = len(targets) / (time.perf_counter() - begun)
    print(f"{len(targets)} targets: {rate:.0f} a second, on {psutil.cpu_count()} cores")


def measure_corpus(folder: str) -> None:
    """Annotate the articles of a folder on all cores, and parse them with spaCy on as many, in one run."""
    articles, cores = list(read_articles(folder)), psutil.cpu_count()
    words = sum(len(article.text.split()) for article in articles)
    parsing = time_spacy([article.text for article in articles], cores)
    with tempfile.TemporaryDirectory() as out:
        first = Path(out) / "first.txt"
        first.write_text(articles[0].text, encoding="utf-8")
        start = time_annotation(first, f"{out}/one", cores)
        whole = time_annotation(folder, f"{out}/all", cores)
    print(f"{len(articles)} articles, {words} words, {cores} processes")
    print(f"spaCy alone: {parsing:.1f} s; annotate: {whole:.1f} s, of which {start:.1f} s to start and to end")
    print(f"without these: {(whole - start) / parsing:.1f} times as long as spaCy alone")
    stages = time_stages(articles)
    for stage, seconds in stages.most_common():
        print(f"  {stage:<11} {seconds:6.1f} s  {seconds / stages['parse']:.2f} times the parse")


def measure_growth(folder: str, copies: int) -> None:
    """Annotate the articles of a folder, and many copies of each, on all cores: the time should grow as they do, the memory not."""
    articles, cores = list(read_articles(folder)), psutil.cpu_count()
    with tempfile.TemporaryDirectory() as out:
        start = time_annotation(_write(articles[:1], 1, Path(out, "first")), f"{out}/annotated-first", cores)
        for times in (1, copies):
            corpus = _write(articles, times, Path(out, str(times)))
            with worker_peak() as peak:
                seconds = time_annotation(corpus, f"{out}/annotated-{times}", cores) - start
            count, most = times * len(articles), peak[0] / MEGABYTE
            print(f"{count:,} articles: {seconds:.0f} s, {1000 * seconds / count:.0f} ms an article, {most:.0f} MB a worker at most")


def _write(articles: list[Article], copies: int, folder: Path) -> Path:
    folder.mkdir()
    for copy in range(copies):
        for number, article in enumerate(articles):
            (folder / f"{copy}-{number}.txt").write_text(article.text, encoding="utf-8")
    return folder


@contextmanager
def worker_peak() -> Iterator[list[int]]:
    """Yield a list of one number: the largest resident set (bytes) that a child of this process has had."""
    peak, ended = [0], Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            peak[0] = max([peak[0], *_sizes(psutil.Process().children(recursive=True))])

    sampler = Thread(target=sample)
    sampler.start()
    try:
        yield peak
    finally:
        ended.set()
        sampler.join()


def time_spacy(texts: list[str], processes: int) -> float:
    """Seconds of spaCy's pipeline, less those that its processes take to start and to end."""

    def run(some: list[str]) -> float:
        begun = time.perf_counter()
        for _ in load_model().pipe(some, n_process=processes, batch_size=8):
            pass
        return time.perf_counter() - begun

    start = run(texts[:1])
    return run(texts) - start


def time_annotation(source: str | Path, out: str, workers: int) -> float:
    begun = time.perf_counter()
    annotate_corpus(source, out, workers=workers, size=BATCH, keep_duplicates=True)
    return time.perf_counter() - begun


def time_stages(articles: list[Article]) -> Counter:
    """Seconds of each stage, in one process."""
    actors, issues = read_actors(), read_issues()
    for parsed in parse(articles[:1]):
        annotate_parsed(parsed, actors, issues)
    seconds, begun = Counter(), time.perf_counter()
    texts = list(parse(articles))
    seconds["parse"] = time.perf_counter() - begun
    for parsed in texts:
        entered: list[tuple[str, float]] = []
        annotate_parsed(parsed, actors, issues, enter=lambda stage, entered=entered: entered.append((stage, time.perf_counter())))
        ends = [moment for _, moment in entered[1:]] + [time.perf_counter()]
        for (stage, moment), end in zip(entered, ends, strict=True):
            seconds[stage] += end - moment
    return seconds


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure_growth(sys.argv[1], int(sys.argv[2]))
        sys.exit()
    if Path(sys.argv[1]).is_dir():
        measure_corpus(sys.argv[1])
        sys.exit()
    if sys.argv[1].endswith(".jsonl"):
        measure_targets(sys.argv[1])
        sys.exit()
    print(f"import analysis: {time_import():.2f} s (median of {REPEATS})")
    seconds, peak = measure_run(sys.argv[1])
    print(f"analysis run {sys.argv[1]}: {seconds:.1f} s, {peak / MEGABYTE:.0f} MB at most, on {psutil.cpu_count()} cores")
