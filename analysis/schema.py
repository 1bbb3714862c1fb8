"""YAML read against a declared schema: node by node, so that a mistake is told with its file and line.

A schema is a reader: a function from a node to a value, which raises InputError where the node is not what it
should be. Readers are put together from readers: `mapping_of(text, record({"since": day}))`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path

import yaml

from analysis.errors import InputError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 32
SHOWN = 60  # characters of a wrong value that a message repeats

Reader = Callable[[yaml.Node], object]


def text(node: yaml.Node) -> str:
    """Any scalar is taken as it is written: `no` is a word here, and `NOR` is Norway."""
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        remedy = "Write a word or a sentence, in quotation marks if it has “: ” in it."
        raise wrong(node, f"text is expected here, not {_kind(node)}", remedy)
    return " ".join(node.value.split())


def day(node: yaml.Node) -> date:
    """A day in ISO 8601."""
    value = text(node)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise wrong(node, f"“{value[:SHOWN]}” is no date", "Write it as 2025-06-04.") from None


def one_of(values: Iterable[str]) -> Reader:
    """One of a few words."""

    def read(node: yaml.Node) -> str:
        value = text(node)
        if value not in values:
            raise wrong(node, f"“{value[:SHOWN]}” is not allowed here", f"Allowed are {listing(values)}.")
        return value

    return read


def list_of(reader: Reader, nested: bool = False) -> Reader:
    """A list without repetitions; a `nested` one may be broken up into rows."""

    def read(node: yaml.Node) -> tuple:
        if not isinstance(node, yaml.SequenceNode):
            raise wrong(node, f"a list is expected here, not {_kind(node)}", "Write [one, another], or a line “- one” for each.")
        items, words = [], set()
        for child in _elements(node, nested):
            item = reader(child)
            if isinstance(item, str):
                if item in words:
                    raise wrong(child, f"“{item[:SHOWN]}” stands here twice", "Leave one of them out.")
                words.add(item)
            items.append(item)
        return tuple(items)

    return read


def _elements(node: yaml.SequenceNode, nested: bool) -> Iterator[yaml.Node]:
    for child in node.value:
        if nested and isinstance(child, yaml.SequenceNode):
            yield from child.value
        else:
            yield child


def mapping_of(key_reader: Reader, reader: Reader) -> Reader:
    """Any number of keys, of one kind, with values of one kind."""

    def read(node: yaml.Node) -> dict:
        return {key: reader(child) for key, child in _pairs(node, key_reader)}

    return read


def record(readers: Mapping[str, Reader], required: Iterable[str] = ()) -> Reader:
    """Known keys, each with its own reader."""

    def read(node: yaml.Node) -> dict:
        values = {key: readers[key](child) for key, child in _pairs(node, _known_key(readers))}
        missing = [key for key in required if key not in values]
        if missing:
            raise wrong(node, f"{listing(missing)} is missing", f"Keys are {listing(readers)}; needed: {listing(required)}.")
        return values

    return read


def _known_key(allowed: Iterable[str]) -> Reader:
    def read(node: yaml.Node) -> str:
        key = text(node)
        if key not in allowed:
            near = get_close_matches(key, allowed, 1)
            hint = f"Did you mean “{near[0]}”? " if near else ""
            raise wrong(node, f"“{key[:SHOWN]}” is no key that is known here", f"{hint}Allowed are {listing(allowed)}.")
        return key

    return read


def _pairs(node: yaml.Node, key_reader: Reader) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise wrong(node, f"“key: value” lines are expected here, not {_kind(node)}", "Look at the default codebook for the form.")
    seen: set[str] = set()
    for key_node, child in node.value:
        key = key_reader(key_node)
        if key in seen:
            raise wrong(key_node, f"“{key}” stands here twice", "Merge the two, or leave one out.")
        seen.add(key)
        yield key, child


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if isinstance(node, yaml.MappingNode):
        return "“key: value” lines"
    return f"“{node.value[:SHOWN]}”" if node.value.strip() else "nothing"


def listing(values: Iterable) -> str:
    return ", ".join(str(value) for value in values)


def wrong(node: yaml.Node | yaml.Event, what: str, remedy: str) -> InputError:
    """The error of a node or event, with its file and line."""
    return InputError(what, f"{node.start_mark.name}, line {node.start_mark.line + 1}", remedy)


def load(path: Path, schema: Reader) -> dict:
    """Read a YAML file by its schema.

    Raises
    ------
    InputError
        Where it cannot be read, is no YAML, or does not keep to the schema.
    """
    return parse(read_bytes(path), str(path), schema)


def read_bytes(path: str | Path) -> bytes:
    """What a codebook's file holds; InputError where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"the codebook cannot be read ({error.strerror})", str(path), "Give the path of a YAML file.") from error


def parse(content: bytes, where: str, schema: Reader) -> dict:
    """Read YAML by its schema; `where` names it in messages, and `load` says what is raised."""
    try:
        _refuse_traps(content, where)
        root = yaml.compose(_named(content, where), Loader=LOADER)
        if root is None:
            raise InputError("the codebook is empty", where, "Copy the default codebook and edit it.")
        return schema(root)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        remedy = "Mind indentation, colons and quotation marks; put a phrase that begins with * in quotation marks."
        raise InputError(f"this is not YAML: {error.problem}", f"{where}{line}", remedy) from error
    except yaml.YAMLError as error:
        raise InputError("this is not text in UTF-8", where, "Save the codebook as plain text in UTF-8.") from error


def _refuse_traps(content: bytes, where: str) -> None:
    """Aliases let a small file stand for an endless one, and lists in lists without end break the parser: no codebook needs them."""
    depth = 0
    for event in yaml.parse(_named(content, where), Loader=LOADER):
        if isinstance(event, yaml.AliasEvent):
            remedy = "Write out what is meant; put a phrase that begins with * in quotation marks."
            raise wrong(event, "anchors and aliases (&, *) are not allowed", remedy)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise wrong(event, "this is nested too deep", "Nest issues a few levels at most.")


def _named(content: bytes, where: str) -> BytesIO:
    """Content as a file: the parser's marks take their name from it."""
    file = BytesIO(content)
    file.name = where
    return file
