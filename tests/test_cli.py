"""The command line: what it prints, and its exit status. Each call here is a process of its own, as a user makes it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import cli, evaluation, training
from analysis.errors import InputError

PROGRAM = Path(sys.executable).with_name("analysis")


def call(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)


def test_without_a_command_it_prints_help():
    done = call()

    assert done.returncode == 0
    assert "run" in done.stdout and "evaluate" in done.stdout and not done.stderr


def test_it_says_its_version():
    assert re.fullmatch(r"analysis \d+\.\d+\.\d+\n", call("--version").stdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "ARTICLE"),
        (["run", "x.txt", "--formats", "gif"], "png, svg, pdf"),
        (["run", "x.txt", "--formats", ","], "png, svg, pdf"),
        (["run", "x.txt", "--colour", "red"], "--colour"),
        (["evaluate", "style", "x"], "'style'"),
        (["train", "style", "x", "--out", "y"], "'style'"),
        (["train", "quotes", "x"], "--out"),
        (["train", "quotes", "x", "--out", "y", "--seed", "one"], "'one'"),
        (["sing"], "'sing'"),
    ],
)
def test_a_wrong_call_is_one_line_and_status_2(arguments, words):
    done = call(*arguments)

    assert done.returncode == 2
    assert not done.stdout and done.stderr.count("\n") == 1
    assert words in done.stderr and "--help" in done.stderr


@pytest.mark.slow
def test_an_input_that_cannot_be_used_is_one_line_and_status_2_and_leaves_nothing_behind(tmp_path):
    missing, out = tmp_path / "missing.txt", tmp_path / "report"
    done = call("run", str(missing), "--out", str(out))

    assert done.returncode == 2
    assert not done.stdout and done.stderr.count("\n") == 1
    assert str(missing) in done.stderr
    assert not out.exists()


@pytest.mark.slow
def test_a_codebook_that_is_missing_is_one_line_and_status_2(tmp_path):
    article, out = tmp_path / "a.txt", tmp_path / "report"
    article.write_text("Japan praised the plan.")
    done = call("run", str(article), "--out", str(out), "--issues", str(tmp_path / "none.yaml"))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "none.yaml" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(("target", "told"), [("Japan", "never mentions Japan"), ("china", ""), ("Beijing", "")])
def test_a_target_that_the_article_never_mentions_is_told_with_those_that_it_does(target, told, tmp_path, monkeypatch, capsys):
    import analysis.report

    names = [("China", "Beijing"), ("Ann Lee", "Ann Lee"), ("China", "China")]
    save_annotation(tmp_path / "annotation", names)
    monkeypatch.setattr(analysis.report, "run", lambda *_, **__: analysis.report.Report(tmp_path, 1, 1, {}))

    assert cli.main(["run", "x.txt", "--target", target]) == 0
    said = capsys.readouterr().err
    assert told in said and said.count("\n") == bool(told)
    assert not told or "China and Ann Lee" in said


def save_annotation(folder: Path, mentioned: list[tuple[str, str]]) -> None:
    """An annotation with mentions of some countries, each an actor and the words that mention it."""
    from analysis import tables
    from analysis.annotation import STAGES, Annotation
    from analysis.article import Article

    rows = [
        {"article": "a", "mention": n, "sentence": 0, "start": 0, "end": 1, "text": text, "form": "name", "actor": actor}
        | {"actor_type": "country", "country": None}
        for n, (actor, text) in enumerate(mentioned)
    ]
    found = {name: tables.conform(name, []) for name in STAGES} | {"mentions": tables.conform("mentions", rows)}
    found["articles"] = tables.conform("articles", [dict.fromkeys(tables.TABLES["articles"].names) | {"article": "a", "text": "x"}])
    Annotation(Article("a", "x", ()), **found).save(folder)


def test_training_data_that_cannot_be_read_are_one_line_and_status_2(tmp_path):
    missing, out = tmp_path / "missing", tmp_path / "weights"
    done = call("train", "quotes", str(missing), "--out", str(out))

    assert done.returncode == 2
    assert not done.stdout and done.stderr.count("\n") == 1
    assert str(missing) in done.stderr
    assert not out.exists()


def test_training_without_its_packages_says_how_to_install_them(tmp_path, monkeypatch, capsys):
    for name in ("a", "b"):
        for path in (tmp_path / "text" / f"{name}.txt", tmp_path / "attributions" / f"{name}_a111.ann"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(name if path.suffix == ".txt" else "")
    monkeypatch.setattr(training, "EXTRA", ("no_such_package",))
    status = cli.main(["train", "quotes", str(tmp_path), "--out", str(tmp_path / "weights")])
    said = capsys.readouterr()

    assert status == 2 and not said.out
    assert said.err.count("\n") == 1 and "no_such_package" in said.err and "pip install '.[train]'" in said.err
    assert not (tmp_path / "weights").exists()


def raise_in_command(monkeypatch, error: BaseException):
    def fail(options):
        raise error

    monkeypatch.setattr(cli, "_evaluate", fail)
    return cli.main(["evaluate", "quotes", "x"])


def test_a_defect_is_one_line_that_names_the_file_with_the_traceback(monkeypatch, capsys):
    status = raise_in_command(monkeypatch, ZeroDivisionError("division by zero"))
    said = capsys.readouterr().err
    log = Path(re.search(r"\S+\.log", said).group())

    assert status == 1
    assert said.count("\n") == 1 and "Traceback" not in said
    assert "Traceback" in log.read_text() and "division by zero" in log.read_text()
    log.unlink()


def test_ctrl_c_is_one_line_and_status_130(monkeypatch, capsys):
    assert raise_in_command(monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_an_input_error_of_several_lines_is_still_one_line(monkeypatch, capsys):
    assert raise_in_command(monkeypatch, InputError("broken\nrow", "a.csv", "Mend it.")) == 2
    assert capsys.readouterr().err == "analysis: a.csv: broken row. Mend it.\n"


def test_scores_are_printed_a_line_each_or_as_json(monkeypatch, capsys):
    import analysis.evaluation

    monkeypatch.setattr(analysis.evaluation, "evaluate", lambda task, path, texts: {"items": 12, "f1": {"support": 61.25}})

    assert cli.main(["evaluate", "stance", "x.tsv"]) == 0
    assert capsys.readouterr().out == "items       12\nf1.support  61.250\n"
    assert cli.main(["evaluate", "stance", "x.tsv", "--json"]) == 0
    assert '"support": 61.25' in capsys.readouterr().out


@pytest.mark.parametrize("task", evaluation.TASKS)
def test_every_task_can_be_evaluated_by_name(task):
    done = call("evaluate", task, "missing")

    assert done.returncode == 2 and "missing" in done.stderr and "--help" not in done.stderr


def test_a_reader_that_stops_reading_is_no_error():
    done = subprocess.run(f"{PROGRAM} --help | head -n 1", shell=True, capture_output=True, text=True, timeout=120)

    assert done.stdout.startswith("usage") and not done.stderr


def test_import_is_light():
    code = "import sys, analysis, analysis.cli; print(sorted({'pandas', 'spacy', 'numpy', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert done.stdout == "[]\n"
