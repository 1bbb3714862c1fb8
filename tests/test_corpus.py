"""A corpus is the same however it came about: undisturbed, interrupted, on one process or on a cluster, on a disk or in a bucket."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import fsspec
import pandas as pd
import psutil
import pyarrow.dataset as ds
import pytest
from dask.distributed import LocalCluster
from fsspec.implementations.memory import MemoryFileSystem
from moto.server import ThreadedMotoServer

from analysis import Article, InputError, annotate, read_article
from analysis.annotation import STAGES
from analysis.article import read_each
from analysis.batches import Item, make_batches
from analysis.codebook import read_actors, read_issues
from analysis.coding_items import open_tables
from analysis.corpus import Job, _client, annotate_batch, annotate_corpus, open_corpus
from analysis.store import Store
from analysis.worker import Annotator, Failure

ROOT = Path(__file__).parents[1]
ANALYSIS = Path(sys.executable).with_name("analysis")
*OWN, OTHER = sorted((ROOT / "tests" / "data" / "coverage").glob("*.txt"))[:7]
LINE = "And this line stands in the copy only."
BATCH = 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Six articles of two outlets in two months, one without either, one twice, one nearly twice, and one that is empty."""
    texts = [path.read_text(encoding="utf-8") for path in OWN]
    rows = [
        {"id": path.stem, "text": text, "outlet": ("A/B", "C")[n % 2], "date": f"2025-{1 + n // 3:02}-03"}
        for n, (path, text) in enumerate(zip(OWN, texts, strict=True))
    ]
    rows += [{"id": "unplaced", "text": OTHER.read_text(encoding="utf-8")}, {"id": "copy", "text": texts[1]}]
    rows += [{"id": "near", "text": f"{texts[2]}\n\n{LINE}", "outlet": "C"}, {"id": "empty", "text": ""}]
    file = tmp_path_factory.mktemp("sources") / "articles.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def undisturbed(sources, tmp_path_factory):
    """The corpus of the sources, made by one process in one go."""
    folder = tmp_path_factory.mktemp("undisturbed") / "corpus"
    annotate_corpus(sources, folder, workers=1, size=BATCH)
    return folder


def digests(folder: Path) -> dict[str, str]:
    """What is in a folder: every file by its path, and its bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def begin(sources: Path, folder: Path, *options: str) -> subprocess.Popen:
    """`analysis annotate`, in a group of its own, returned when a batch is done."""
    command = [ANALYSIS, "annotate", sources, "--out", folder, "--batch", str(BATCH), *options]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while process.poll() is None and not list(folder.glob("batches/*.json")):
        time.sleep(0.05)
    assert process.poll() is None, process.stderr.read()
    return process


def test_each_article_has_the_rows_that_it_has_alone(undisturbed):
    corpus, alone = open_corpus(undisturbed), annotate(read_article(OWN[0]))
    for name in set(STAGES) - {"articles"}:
        rows = corpus.read(name, articles=[OWN[0].stem]).reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, getattr(alone, name))


def test_tables_are_parted_by_outlet_and_month_and_come_back_whole(undisturbed):
    articles = open_corpus(undisturbed).read("articles").set_index("article")
    assert (undisturbed / "quotes" / "outlet=A%2FB" / "month=2025-01").is_dir()
    assert articles.loc[OWN[0].stem, ["outlet", "text"]].tolist() == ["A/B", OWN[0].read_text(encoding="utf-8")]
    assert pd.isna(articles.loc["unplaced", "outlet"]) and len(articles) == len(OWN) + 3


def test_a_copy_is_not_annotated_again_and_a_near_copy_is_marked(undisturbed):
    corpus = open_corpus(undisturbed)
    repeated = corpus.read("articles").set_index("article")["duplicate_of"].dropna()
    annotated = set(corpus.read("sentences")["article"])
    assert repeated.to_dict() == {"copy": OWN[1].stem, "near": OWN[2].stem}
    assert "copy" not in annotated and "near" in annotated


def test_what_cannot_be_read_is_a_failure_with_its_place(undisturbed):
    failures = open_corpus(undisturbed).read("failures")
    assert failures[["stage"]].to_numpy().tolist() == [["read"]] and "line 10: the text is empty" in failures["error"][0]


def test_other_readers_of_parquet_find_the_same_rows_by_outlet(undisturbed):
    articles = open_corpus(undisturbed).read("articles", ["article", "outlet"]).set_index("article")["outlet"]
    expected = open_corpus(undisturbed).read("quotes")["article"].map(articles).value_counts().to_dict()
    by_arrow = ds.dataset(undisturbed / "quotes", partitioning="hive").to_table().to_pandas()["outlet"].value_counts().to_dict()
    files = f"{undisturbed}/quotes/**/*.parquet"
    query = f"SELECT outlet, count(*) FROM read_parquet('{files}', hive_partitioning = true) WHERE outlet IS NOT NULL GROUP BY ALL"
    assert by_arrow == dict(duckdb.sql(query).fetchall()) == expected


def test_without_duplicates_being_looked_for_every_article_is_annotated(sources, tmp_path):
    annotate_corpus(sources, tmp_path / "corpus", workers=2, keep_duplicates=True)
    corpus = open_corpus(tmp_path / "corpus")
    assert corpus.read("articles")["duplicate_of"].isna().all()
    assert set(corpus.read("sentences")["article"]) == set(corpus.read("articles")["article"])


def test_killed_and_started_again_it_ends_as_an_undisturbed_run(sources, undisturbed, tmp_path):
    process = begin(sources, tmp_path / "corpus", "--workers", "2")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert len(list((tmp_path / "corpus" / "batches").glob("*.json"))) < len(list((undisturbed / "batches").iterdir()))
    made = annotate_corpus(sources, tmp_path / "corpus", workers=2, size=BATCH)
    assert (made.articles, made.failures, made.lost) == (len(OWN) + 4, 1, ())
    assert {k: v for k, v in digests(tmp_path / "corpus").items() if ".partial" not in k} == digests(undisturbed)


def test_stopped_from_the_keyboard_it_says_so_in_one_line(sources, tmp_path):
    process = begin(sources, tmp_path / "corpus", "--workers", "1")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130 and errors.decode().strip().splitlines()[-1] == "analysis: stopped"
    assert "Traceback" not in errors.decode()


def test_a_worker_that_is_killed_changes_nothing(sources, undisturbed, tmp_path):
    process = begin(sources, tmp_path / "corpus", "--workers", "2")
    workers = [p for p in psutil.Process(process.pid).children() if "spawn_main" in " ".join(p.cmdline())]
    workers[0].kill()
    process.communicate(timeout=300)
    assert digests(tmp_path / "corpus") == digests(undisturbed)


def test_a_cluster_that_runs_already_makes_the_same(sources, undisturbed, tmp_path):
    address = f"tcp://127.0.0.1:{free_port()}"
    commands = [["dask_scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"]]
    commands += [["dask_worker", address, "--nthreads", "1", "--no-dashboard"]] * 2
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    cluster = [subprocess.Popen([sys.executable, "-m", f"distributed.cli.{name}", *rest], **quiet) for name, *rest in commands]
    try:
        annotate_corpus(sources, tmp_path / "corpus", scheduler=address, size=BATCH)
    finally:
        for process in reversed(cluster):
            process.terminate()
            process.wait()
    assert digests(tmp_path / "corpus") == digests(undisturbed)


def test_a_bucket_gets_the_same_files_and_is_read_and_written(sources, undisturbed, monkeypatch):
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    for key, value in {"ENDPOINT_URL": f"http://{host}:{port}", "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(f"AWS_{key}", value)
    try:
        bucket = fsspec.filesystem("s3")
        bucket.mkdir("news")
        bucket.pipe_file("news/in/articles.jsonl", sources.read_bytes())
        made = annotate_corpus("s3://news/in", "s3://news/corpus", workers=2, size=BATCH)
        stored = {path.removeprefix("news/corpus/"): bucket.cat_file(path) for path in bucket.find("news/corpus")}
        quotes = open_corpus("s3://news/corpus").read("quotes", ["article", "cue"])
    finally:
        server.stop()
    found = {name: hashlib.sha256(data).hexdigest() for name, data in stored.items()}
    # These name the place that they were read from, which is another.
    ours, theirs = ({k: v for k, v in some.items() if not k.startswith(("failures", "batches"))} for some in (found, digests(undisturbed)))
    assert ours == theirs and made.failures == 1 and len(quotes) == len(open_corpus(undisturbed).read("quotes"))


@pytest.mark.parametrize(
    ("change", "told"), [("size", f"--batch {BATCH}"), ("keep_duplicates", "--keep-duplicates: False"), ("codebooks", "other codebooks")]
)
def test_a_corpus_does_not_go_on_otherwise_than_it_was_begun(change, told, sources, undisturbed, tmp_path):
    (tmp_path / "issues.yaml").write_text("issues: {fish: {title: Fish, phrases: [fish]}}", encoding="utf-8")
    options = {"size": {"size": BATCH + 1}, "keep_duplicates": {"keep_duplicates": True}, "codebooks": {"issues": tmp_path / "issues.yaml"}}
    with pytest.raises(InputError, match=rf"was made otherwise \({told}\)"):
        annotate_corpus(sources, undisturbed, **{"size": BATCH, **options[change]})


def test_of_no_articles_no_corpus_is_begun_and_a_corpus_is_no_source(undisturbed, tmp_path):
    empty, out = tmp_path / "empty", tmp_path / "out"
    empty.mkdir()
    for source, told in ((empty, "it is empty"), (undisturbed, "annotated already")):
        with pytest.raises(InputError, match=told):
            annotate_corpus(source, out, workers=1)
    assert not out.exists()


def test_a_corpus_does_not_go_on_with_other_articles(undisturbed, tmp_path):
    (tmp_path / "other.txt").write_text("Peru praised Chile.", encoding="utf-8")
    with pytest.raises(InputError, match="batch 0 of this corpus has other articles"):
        annotate_corpus(tmp_path / "other.txt", undisturbed, workers=1, size=BATCH)


def test_a_folder_that_holds_something_else_is_left_alone(sources, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="something else than a corpus"):
        annotate_corpus(sources, tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "thesis.txt"]


def test_where_no_scheduler_answers_it_says_so(sources, tmp_path):
    with pytest.raises(InputError, match="no scheduler answers"):
        annotate_corpus(sources, tmp_path / "corpus", scheduler=f"tcp://127.0.0.1:{free_port()}")


def test_a_scheduler_without_workers_is_said_to_have_none(sources, tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.corpus.WORKER_SECONDS", 1)
    with LocalCluster(n_workers=0, dashboard_address=None) as cluster, pytest.raises(InputError, match="the scheduler has no workers"):
        annotate_corpus(sources, tmp_path / "corpus", scheduler=cluster.scheduler_address)


# ------------------------------------------------------------------------------------------------ the watcher


@pytest.fixture(scope="module")
def annotator():
    annotator = Annotator(read_actors(), read_issues())
    yield annotator
    annotator.close()


def test_an_annotator_that_cannot_start_says_why_and_ends_the_run(tmp_path, sources, monkeypatch):
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('not for this processor')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(InputError, match="cannot start .*not for this processor"):
        annotate_corpus(sources, tmp_path / "corpus", workers=1, size=BATCH)


def test_a_run_says_nothing_of_another_cluster_on_the_machine(recwarn):
    with LocalCluster(n_workers=0):  # which has the usual port, if nobody else has it
        recwarn.clear()
        with _client(1, None) as client:
            assert client.submit(sum, [1, 2]).result() == 3
    assert not [warning for warning in recwarn if "already in use" in str(warning.message)]


def test_two_processes_write_one_file_and_it_is_whole(tmp_path):
    write = "from analysis.store import Store\nfor _ in range(200): Store(sys.argv[1]).write('names/one', b'x' * 100_000)"
    running = [subprocess.Popen([sys.executable, "-c", f"import sys\n{write}", tmp_path], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1] for process in running] == [b"", b""]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["one"]
    assert (tmp_path / "names" / "one").read_bytes() == b"x" * 100_000


def test_a_source_that_is_nowhere_leaves_nothing_behind(tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        annotate_corpus([OWN[0], str(tmp_path / "mistyped")], str(tmp_path / "corpus"))
    assert not (tmp_path / "corpus").exists()


def test_others_may_read_what_is_written_as_they_may_any_file(tmp_path):
    (tmp_path / "plain").touch()
    Store(str(tmp_path)).write("names/one", b"x")
    assert (tmp_path / "names" / "one").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_an_article_that_takes_too_long_fails_alone_and_in_time(annotator):
    short = Article("short", "Peru praised Chile, the minister said.")
    long = Article("long", f"{short.text}\n\n" * 20_000)
    annotator.seconds = 5
    began = time.monotonic()
    before, failed, behind = annotator.annotate([short, long, short])
    assert isinstance(failed, Failure) and failed.error == "it took longer than 5 s"
    pd.testing.assert_frame_equal(before["quotes"], behind["quotes"])
    assert time.monotonic() - began < 5 + 60


def test_a_process_that_dies_takes_no_article_with_it(annotator):
    annotator.seconds = 60
    articles = [Article(str(n), "Peru praised Chile, the minister said.") for n in range(3)]
    outcomes = annotator.annotate(articles)
    list(annotator.annotate(articles[:1]))
    annotator._process.kill()
    assert [outcome["sentences"]["article"].tolist() for outcome in outcomes] == [["0"], ["1"], ["2"]]


def test_a_failed_article_is_tried_again_when_asked(sources, tmp_path):
    store = Store(str(tmp_path / "corpus"))
    batch = next(make_batches((Item(read) for read in read_each(sources)), BATCH))
    failed = annotate_batch(Job(store, read_actors(), read_issues(), "", 0.001), batch)
    assert failed.failures == BATCH and len(list(tmp_path.glob("corpus/failures/**/*.parquet"))) == 1
    mended = annotate_batch(Job(store, read_actors(), read_issues(), "", 60), batch)
    assert mended.failures == 0 and not list(tmp_path.glob("corpus/failures/**/*.parquet"))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.parametrize("refused", [PermissionError("Forbidden"), RuntimeError("no credentials")])
@pytest.mark.parametrize("use", [open_corpus, open_tables, lambda place: annotate_corpus("data/article.txt", place, workers=1)])
def test_a_store_that_refuses_is_told_as_such(monkeypatch, use, refused):
    def exists(self, path, **more):
        raise refused

    monkeypatch.setattr(MemoryFileSystem, "exists", exists)
    with pytest.raises(InputError, match=f"memory://forbidden: the corpus cannot be opened .{refused}"):
        use("memory://forbidden")
