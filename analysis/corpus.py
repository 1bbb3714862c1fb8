"""Many articles: annotated on Dask, kept as partitioned Parquet, read as tables.

A corpus is a folder. `corpus.json` says by what it was made; each table has a folder of its own, parted by outlet and month in the way
of Hive, with a file a batch; `batches/` has a record of each batch that is done. Which articles make a batch depends on the sources
alone, and a batch's files on the batch alone: a run that was interrupted goes on where it was, and ends as any other.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from dask.distributed import Client, Future, LocalCluster, as_completed
from tqdm import tqdm

from analysis import tables
from analysis.annotation import STAGES, to_arrow
from analysis.article import Article, Source, read_each
from analysis.batches import Batch, Item, make_batches, mark_duplicates
from analysis.codebook import ActorCodebook, IssueCodebook, read_actors, read_issues
from analysis.errors import InputError
from analysis.fingerprint import digest_codebooks, digest_program
from analysis.sources import MANIFEST, find_files, is_address
from analysis.store import Store
from analysis.worker import ARTICLE_SECONDS, Annotator, Failure

BATCH_ARTICLES = 64
BATCHES_A_WORKER = 2  # in hand at a time: one that is annotated, and one that waits, so that no worker does
CONNECT_SECONDS, WORKER_SECONDS = 10, 30
PARTITIONS = ("outlet", "month")
LONGEST_FOLDER = 200  # bytes; file systems allow 255
NAMES = "names"  # folder of the names of outlets that no folder can have
TABLES = (*STAGES, "failures")
READERS = ("analysis.formats", "analysis.sources")  # whose loggers tell what was left out
_UNKNOWN = "__HIVE_DEFAULT_PARTITION__"  # what readers of such folders take for a missing value
# What a corpus is made by, as a message names it.
_MADE_BY = {
    "analysis": "version {}",
    "program": "another state of the program",
    "codebooks": "other codebooks",
    "size": "--batch {}",
    "keep_duplicates": "--keep-duplicates: {}",
}
_own = threading.local()


@dataclass(frozen=True)
class Job:
    """What all batches of a run have in common."""

    store: Store
    actors: ActorCodebook
    issues: IssueCodebook
    codebooks: str
    seconds: float


@dataclass(frozen=True)
class Done:
    """A batch that is done: its number, its digest, and how many articles it has and how many of them failed."""

    number: int
    digest: str
    articles: int
    failures: int


@dataclass(frozen=True)
class Summary:
    """What a run leaves: where the corpus is, how many articles it has, how many of them failed, and the batches that could not be done."""

    place: str
    articles: int
    failures: int
    lost: tuple[str, ...] = ()


def annotate_corpus(
    sources: Source | Iterable[Source],
    out: str,
    actors: str | Path | None = None,
    issues: str | Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    size: int = BATCH_ARTICLES,
    keep_duplicates: bool = False,
    retry: bool = False,
    seconds: float = ARTICLE_SECONDS,
) -> Summary:
    """Annotate any number of articles into a corpus, or go on with one that was interrupted.

    Call it from a script under ``if __name__ == "__main__"``: its processes import the script.

    Parameters
    ----------
    sources : path or address, or several
        As for `read_articles`.
    out : str
        Folder of the corpus, or an address that fsspec knows.
    actors, issues : path, optional
        Codebooks, as for `annotate`.
    workers : int, optional
        Processes on this machine; as many as it has cores by default.
    scheduler : str, optional
        Address of a Dask scheduler (``tcp://host:8786``) whose workers do it instead. They have this package, and reach `out`.
    size : int
        Articles in a batch.
    keep_duplicates : bool
        Annotate every article, also one that repeats another, and look for no duplicates.
    retry : bool
        Do batches anew in which articles have failed.
    seconds : float
        How long an article may take.

    Returns
    -------
    Summary

    Raises
    ------
    InputError
        If a codebook is wrong, a source is nowhere, `out` holds something else, or no scheduler answers.
    """
    job = Job(Store(str(out)), read_actors(actors), read_issues(issues), digest_codebooks(actors, issues), seconds)
    sources = [sources] if isinstance(sources, Source) else list(sources)
    _check_sources(sources)
    _open_for_writing(job, size, keep_duplicates)
    items = (Item(read) for read in read_each(sources))
    batches = make_batches(items if keep_duplicates else mark_duplicates(items), size)
    with _client(workers, scheduler) as client, _progress(sources) as bar:
        return _run(client, job, batches, retry, bar)


def _run(client: Client, job: Job, batches: Iterable[Batch], retry: bool, bar: tqdm) -> Summary:
    done = {name.removesuffix(".json") for name in job.store.list("batches")}
    counts = {"articles": 0, "failures": 0}
    lost: list[str] = []
    running = as_completed()

    def count(record: Done) -> None:
        counts["articles"] += record.articles
        counts["failures"] += record.failures
        bar.set_postfix(failures=counts["failures"], refresh=False)

    def settle(future: Future) -> None:
        error = future.exception()
        if isinstance(error, InputError):
            raise error
        if error:
            lost.append(f"batch {future.key}: {type(error).__name__}: {error}")
        else:
            count(future.result())
            bar.update(future.result().articles)
        future.release()

    for batch in batches:
        if _name(batch.number) in done:
            record = _record_of(job.store, batch)
            if not (retry and record.failures):
                count(record)
                if not bar.disable:
                    bar.initial += record.articles  # what was done before says nothing of the speed
                    bar.update(record.articles)
                continue
        if running.count() >= BATCHES_A_WORKER * max(1, len(client.nthreads())):
            settle(next(running))
        running.add(client.submit(annotate_batch, job, batch, key=f"{_name(batch.number)}-{batch.digest()[:8]}", pure=False))
    for future in running:
        settle(future)
    return Summary(job.store.place, counts["articles"], counts["failures"], tuple(lost))


# ------------------------------------------------------------------------------------------------ on a worker


def annotate_batch(job: Job, batch: Batch) -> Done:
    """Annotate a batch, and write a file a table and, when all of them are there, the record that it is done."""
    annotated = [item for item in batch.items if isinstance(item.read, Article) and not item.is_copy]
    outcomes = dict(zip(map(id, annotated), _annotator(job).annotate([item.read for item in annotated]), strict=True))
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    articles, failures = [], []
    for item in batch.items:
        outcome = outcomes.get(id(item), {})
        if isinstance(item.read, InputError):
            failures.append({"article": item.read.where, "path": item.read.where, "stage": "read", "error": str(item.read)})
        elif isinstance(outcome, Failure):
            failures.append({"article": item.read.article, "path": item.read.path, **asdict(outcome)})
        else:
            for name, frame in outcome.items():
                frames[name].append(frame)
        if isinstance(item.read, Article):
            articles.append({**asdict(item.read), "duplicate_of": item.duplicate_of})
    frames["articles"], frames["failures"] = [tables.conform("articles", articles)], [tables.conform("failures", failures)]
    for name, found in frames.items():
        _write(job.store, name, batch, pd.concat(found, ignore_index=True) if found else tables.conform(name, []))
    record = Done(batch.number, batch.digest(), len(batch.items), len(failures))
    job.store.write(f"batches/{_name(batch.number)}.json", json.dumps(asdict(record)).encode())
    return record


def _annotator(job: Job) -> Annotator:
    """This thread's annotator, as long as the codebooks stay the same."""
    wanted = (job.codebooks, job.seconds)
    if getattr(_own, "wanted", None) != wanted:
        if hasattr(_own, "annotator"):
            _own.annotator.close()
        _own.annotator, _own.wanted = Annotator(job.actors, job.issues, job.seconds), wanted
    return _own.annotator


def _write(store: Store, name: str, batch: Batch, frame: pd.DataFrame) -> None:
    """Write a batch's rows of a table; a file of an earlier try gives way, also where there are no rows now."""
    places = zip(PARTITIONS, (batch.outlet, batch.month), strict=True)
    folder = "/".join(f"{key}={_UNKNOWN if value is None else _folder(store, value)}" for key, value in places)
    path = f"{name}/{folder}/{_name(batch.number)}.parquet"
    if frame.empty:
        store.remove(path)
        return
    table = to_arrow(name, frame)
    file = io.BytesIO()
    pq.write_table(table.drop_columns([key for key in PARTITIONS if key in table.column_names]), file)
    store.write(path, file.getvalue())


def _folder(store: Store, value: str) -> str:
    """The name of a partition's folder. One that is too long, or means a missing value, gets a short one, and a file that says whose."""
    name = quote(value, safe=" ")
    if len(name) <= LONGEST_FOLDER and name != _UNKNOWN:
        return name
    short = hashlib.sha256(value.encode()).hexdigest()
    store.write(f"{NAMES}/{short}", value.encode())
    return short


def _name(number: int) -> str:
    return f"{number:08d}"


# ------------------------------------------------------------------------------------------------ around the work


def _open_for_writing(job: Job, size: int, keep_duplicates: bool) -> None:
    """Say in a new folder by what the corpus is made; of one that is there, that it is made by the same."""
    manifest = {
        "analysis": version("analysis"),
        "program": digest_program(),
        "codebooks": job.codebooks,
        "size": size,
        "keep_duplicates": keep_duplicates,
    }
    with _reaching(job.store, "Check the folder, and who may write there."):
        if job.store.is_empty():
            job.store.write(MANIFEST, json.dumps(manifest, indent=1).encode())
            return
        try:
            known = json.loads(job.store.read(MANIFEST))
        except FileNotFoundError as error:
            remedy = "Name another folder, or empty this one."
            raise InputError("there is something else than a corpus here", job.store.place, remedy) from error
    other = [said.format(known.get(key)) for key, said in _MADE_BY.items() if known.get(key) != manifest[key]]
    if other:
        raise InputError(
            f"the corpus here was made otherwise ({'; '.join(other)})", job.store.place, "Go on as it was begun, or name another folder."
        )


def _check_sources(sources: list[Source]) -> None:
    """Raise an InputError where a source on this machine is nowhere, or a folder without articles: no corpus is begun for these."""
    with _unlogged():
        for source in sources:
            if not is_address(source):
                next(find_files(source), None)


def _record_of(store: Store, batch: Batch) -> Done:
    record = Done(**json.loads(store.read(f"batches/{_name(batch.number)}.json")))
    if record.digest != batch.digest():
        remedy = "Name the same sources, in the same order, or another folder."
        raise InputError(f"batch {batch.number} of this corpus has other articles than the sources", store.place, remedy)
    return record


@contextmanager
def _client(workers: int | None, scheduler: str | None) -> Iterator[Client]:
    if scheduler:
        with _reach(scheduler) as client:
            yield client
        return
    # Any free port: the usual one is taken where another cluster runs.
    quiet = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
    with LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, **quiet) as cluster, Client(cluster) as client:
        yield client


def _reach(scheduler: str) -> Client:
    """A client of a scheduler that answers and has workers."""
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        remedy = "Start one with `dask scheduler`, or leave --scheduler out."
        raise InputError(f"no scheduler answers ({error})", scheduler, remedy) from error
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError as error:
        client.close()
        raise InputError("the scheduler has no workers", scheduler, f"Start some with `dask worker {scheduler}`.") from error
    return client


@contextmanager
def _progress(sources: list[Source]) -> Iterator[tqdm]:
    """A bar that learns how many articles there are while the first of them are annotated, unless they would be fetched twice for that."""
    with tqdm(desc="annotating", unit=" articles", disable=None, smoothing=0.05) as bar:

        def count() -> None:
            with _unlogged():
                bar.total = sum(1 for _ in read_each(sources))

        if not bar.disable and not any(map(is_address, sources)):
            threading.Thread(target=count, daemon=True).start()
        yield bar


@contextmanager
def _unlogged() -> Iterator[None]:
    """This thread tells nothing of what it reads: it is told where the same is read to be annotated."""
    own = threading.get_ident()

    def is_told(record: logging.LogRecord) -> bool:
        return record.thread != own

    readers = [logging.getLogger(name) for name in READERS]
    for reader in readers:
        reader.addFilter(is_told)
    try:
        yield
    finally:
        for reader in readers:
            reader.removeFilter(is_told)


# ------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True)
class Corpus:
    """A corpus that was annotated: its tables, as those of one article, over all of them."""

    store: Store

    def read(self, table: str, columns: list[str] | None = None, articles: Collection[str] | None = None) -> pd.DataFrame:
        """Read a table.

        Parameters
        ----------
        table : str
            A key of `tables.TABLES`.
        columns : list of str, optional
            Those wanted; all by default.
        articles : collection of str, optional
            Keys of the articles wanted; all by default.

        Returns
        -------
        DataFrame
            In the columns and dtypes of the schema.
        """
        schema = tables.TABLES[table].arrow_schema()
        folder = self.store.path(table)
        if not self.store.files.exists(folder):
            frame = tables.conform(table, [])
            return frame[columns] if columns else frame
        partitions = ds.partitioning(pa.schema([(key, pa.string()) for key in PARTITIONS]), flavor="hive")
        whole = pa.schema([*schema, *(pa.field(key, pa.string()) for key in PARTITIONS if key not in schema.names)])
        dataset = ds.dataset(folder, schema=whole, format="parquet", partitioning=partitions, filesystem=self.store.files)
        wanted = None if articles is None else ds.field("article").isin(list(articles))
        found = dataset.to_table(columns=columns or schema.names, filter=wanted)
        dtypes = {column.name: tables.DTYPES[column.kind] for column in tables.TABLES[table].columns}
        frame = found.to_pandas().astype({name: dtypes[name] for name in found.column_names})
        if "outlet" in frame:
            frame["outlet"] = frame["outlet"].replace({n: self.store.read(f"{NAMES}/{n}").decode() for n in self.store.list(NAMES)})
        return frame


def open_corpus(place: str | Path) -> Corpus:
    """Open a corpus for reading.

    Raises
    ------
    InputError
        Where there is none, or it cannot be reached.
    """
    store = Store(str(place))
    with _reaching(store, "Check the address, and who may read there."):
        there = store.files.exists(store.path(MANIFEST))
    if not there:
        raise InputError("there is no corpus here", str(place), "Make one: analysis annotate SOURCE... --out DIR")
    return Corpus(store)


@contextmanager
def _reaching(store: Store, remedy: str) -> Iterator[None]:
    """Tell what goes wrong at a store as an error of input: what its library raises is arbitrary."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"the corpus cannot be opened ({error})", store.place, remedy) from error
