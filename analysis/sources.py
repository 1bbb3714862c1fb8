"""Where articles come from: a file, a folder, a zip archive, a web address. Each is a stream of files, none written to disk."""

from __future__ import annotations

import http.client
import io
import logging
import os
import stat
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

from analysis.errors import InputError, writable

TEXT_SUFFIXES = (".txt", ".md", ".html", ".htm")
TABLE_SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".xlsx")
SUFFIXES = (*TEXT_SUFFIXES, *TABLE_SUFFIXES, ".zip")
CONTENT_TYPES = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/json": ".json",
    "text/csv": ".csv",
    "application/zip": ".zip",
}

MAX_FILE_BYTES = 2**30
MAX_ARCHIVE_BYTES = 2**31
# No text compresses so well; only what is above the second figure is looked at.
MAX_COMPRESSION, MIN_SUSPECT_BYTES = 200, 2**20
MAX_PAGE_BYTES = 20 * 2**20
CONNECT_SECONDS, DOWNLOAD_SECONDS = 15, 60
_URL_MARKS = "/%:=&?~+!$,;'@()*[]"
_CHUNK = 2**16
MANIFEST = "corpus.json"  # stands in the folder of a corpus
STORES = ("s3", "s3a", "gs", "gcs", "abfs", "az", "memory")
_USER_AGENT = "Mozilla/5.0 (compatible; news-content-analysis)"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class File:
    """A file that holds articles.

    Attributes
    ----------
    name : str
        What the keys of its articles begin with: its path in the folder or archive it is from, without suffix.
    suffix : str
        In lower case, with its dot.
    where : str
        Its path or address, for messages.
    load : function
        Returns its bytes; raises InputError if they cannot be had.
    url : str or None
    """

    name: str
    suffix: str
    where: str
    load: Callable[[], bytes]
    url: str | None = None


def is_address(place: str | os.PathLike) -> bool:
    """Whether a place is one to fetch from (https://, s3://, …), and no path on this machine."""
    return "://" in os.fspath(place)[:12]


def expand(place: str | os.PathLike) -> Path:
    """A path with the user's folder in the place of “~”; of a user who does not exist, as it is."""
    return Path(os.path.expanduser(place))


def check_place(source: str | os.PathLike) -> None:
    """Raise an InputError where a path leads to nothing; an address is not looked at."""
    text = os.fspath(source)
    if not is_address(text) and not (text.strip() and _exists(expand(text))):
        raise InputError("there is no such file or folder", _short(text), f"Check the path; it is taken relative to {Path.cwd()}.")


def find_files(source: str | os.PathLike) -> Iterator[File]:
    """Yield the files of a source, in order of their names.

    Parameters
    ----------
    source : str or Path
        A file, a folder (searched with its subfolders; hidden files and other kinds of files are left out), an address that
        begins with http:// or https://, or one of a file or folder that fsspec reaches (s3://, gs://, …).

    Raises
    ------
    InputError
        If there is no such source, or none of its files is of a kind that holds articles.
    """
    text = os.fspath(source)
    if is_address(text):
        yield from _files_of_store(text) if text.partition("://")[0].lower() in STORES else [_fetch(text)]
        return
    check_place(text)
    path = expand(text)
    if path.is_dir():
        yield from _files_of_folder(path)
    elif not path.is_file():
        raise InputError("this is neither a file nor a folder", text, "Name a file or a folder.")
    elif path.suffix.lower() not in SUFFIXES:
        raise _unknown_kind(text, path.suffix)
    else:
        yield _file(path, path.stem)


def open_archive(file: File) -> Iterator[File]:
    """Yield the members of a zip archive that hold articles. They are read in memory; archives within it are left out.

    Raises
    ------
    InputError
        If it is broken, protected by a password, unpacks to more than `MAX_ARCHIVE_BYTES`, is packed more densely than text
        can be, or has a member whose name leads outside.
    """
    archive = open_zip(file.load(), file.where)
    members = sorted((m for m in archive.infolist() if m.filename and not m.is_dir()), key=lambda m: m.filename)
    paths = [(PurePosixPath(m.filename.replace("\\", "/")), m) for m in members]
    for path, _ in paths:
        if path.is_absolute() or ".." in path.parts:
            raise InputError(f"the name of a member leads outside the archive: {path}", file.where, "Do not trust it, or make it again.")
    chosen = _choose([path for path, _ in paths], file.where, (*TEXT_SUFFIXES, *TABLE_SUFFIXES))
    for path, member in paths:
        if path in chosen:
            where = f"{file.where}/{path}"
            yield File(path.with_suffix("").as_posix(), path.suffix.lower(), where, lambda m=member, w=where: _read_member(archive, m, w))


def open_zip(data: bytes, where: str) -> zipfile.ZipFile:
    """Open a zip file, unless it is protected or would fill the memory, by what its directory says of its members.

    A directory that lies is no danger: Python stops reading a member at the size that the directory gives.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError("this is no archive, or it is broken or protected by a password", where, "Save it again.") from error
    members = archive.infolist()
    if any(m.flag_bits & 1 for m in members):
        raise InputError("the archive is protected by a password", where, "Unpack it, and name the folder.")
    dense = any(m.file_size > max(MIN_SUSPECT_BYTES, MAX_COMPRESSION * m.compress_size) for m in members)
    if dense or sum(m.file_size for m in members) > MAX_ARCHIVE_BYTES:
        raise InputError("it unpacks to far more than articles need", where, "If you trust it, unpack it and name the folder.")
    return archive


def _files_of_folder(folder: Path) -> Iterator[File]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        found += [PurePosixPath(Path(parent, name).relative_to(folder).as_posix()) for name in names if Path(parent, name).is_file()]
    for path in sorted(_choose(found, str(folder), SUFFIXES)):
        yield _file(folder / path, path.with_suffix("").as_posix())


def _files_of_store(address: str) -> Iterator[File]:
    """The files at an address that fsspec reaches. What it raises depends on the kind of store, and on its library."""
    try:
        store, root = url_to_fs(address)
        is_folder = store.isdir(root)
        found = [path for path in store.find(root) if not path.endswith("/")]
    except Exception as error:
        raise InputError(f"it cannot be opened ({error})", address, "Check it, and who may read it.") from error
    if not found:
        raise InputError("there is no such file or folder", address, "Check the address.")
    # Of a folder the names below it, of a file its own.
    below = len(root.rstrip("/")) + 1 if is_folder else len(root.rpartition("/")[0]) + 1
    names = {PurePosixPath(path[below:]): path for path in found}
    for name in sorted(_choose(list(names), address, SUFFIXES)):
        where = f"{address.partition('://')[0]}://{names[name]}"
        yield File(name.with_suffix("").as_posix(), name.suffix.lower(), where, lambda p=names[name], w=where: _read_stored(store, p, w))


def _read_stored(store: AbstractFileSystem, path: str, where: str) -> bytes:
    try:
        _check_size(store.size(path), MAX_FILE_BYTES, where)
        return store.cat_file(path)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"the file cannot be read ({error})", where, "Check who may read it.") from error


def _choose(paths: list[PurePosixPath], where: str, suffixes: tuple[str, ...]) -> set[PurePosixPath]:
    """The files of a kind that holds articles. Says which others there are, so that none is missed without a word."""
    if PurePosixPath(MANIFEST) in map(PurePosixPath, paths):
        raise InputError("this is a corpus, which is annotated already", where, "Name the articles that it was made from.")
    visible = [path for path in paths if not any(map(_is_hidden, path.parts))]
    chosen = {path for path in visible if path.suffix.lower() in suffixes}
    others = Counter(path.suffix.lower() or "no suffix" for path in visible if path not in chosen)
    listed = ", ".join(f"{n} × {suffix}" for suffix, n in sorted(others.items()))
    if not chosen:
        found = f"only {listed}" if listed else "it is empty"
        raise InputError(f"no articles here ({found})", where, f"Put in files that end in {', '.join(suffixes)}.")
    if listed:
        _log.warning("%s: left out %s: not of a kind that holds articles.", where, listed)
    return chosen


def _file(path: Path, name: str) -> File:
    return File(writable(name), path.suffix.lower(), writable(str(path)), lambda: _read_path(path))


def _read_path(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        _check_size(size, MAX_FILE_BYTES, str(path))
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", str(path), "Check who may read it.") from error


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> bytes:
    _check_size(member.file_size, MAX_FILE_BYTES, where)
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputError("the archive is broken here", where, "Make the archive again.") from error


def _check_size(size: int, limit: int, where: str) -> None:
    if not size:
        raise InputError("the file is empty", where, "Put an article in it, or leave it out.")
    if size > limit:
        raise InputError(f"{size / 2**20:,.0f} MB are more than one file may have ({limit / 2**20:,.0f} MB)", where, "Split it.")


def _fetch(url: str) -> File:
    """Download an address. (trafilatura's own download tells no reason for a failure and goes on without a valid certificate.)"""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError("this address cannot be read", url, "Give one that begins with http:// or https://.")
    encoded = parts._replace(path=quote(parts.path, safe=_URL_MARKS), query=quote(parts.query, safe=_URL_MARKS)).geturl()
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    try:
        request = urllib.request.Request(encoded, headers={"User-Agent": _USER_AGENT})
        with urllib.request.urlopen(request, timeout=CONNECT_SECONDS) as response:
            content_type = response.headers.get_content_type()
            data = _read_response(response, deadline)
    except urllib.error.HTTPError as error:
        remedy = "Open it in a browser, save the page as .html, and name that file."
        raise InputError(f"the server answers {error.code} {error.reason}", url, remedy) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(f"the page cannot be fetched ({reason})", url, "Are you online? Or save the page as .html.") from error
    _check_size(len(data), MAX_PAGE_BYTES, url)
    path = PurePosixPath(parts.path)
    suffix = CONTENT_TYPES.get(content_type, ".html")
    if content_type != "text/html" and path.suffix.lower() in SUFFIXES:
        suffix = path.suffix.lower()
    name = (parts.netloc.rpartition("@")[2] + path.with_suffix("").as_posix() if path.name else parts.netloc.rpartition("@")[2]).strip("/.")
    return File(f"{name}?{parts.query}" if parts.query else name, suffix, url, lambda: data, url)


def _read_response(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """A response, up to just over the limit. The socket's own timeout would let it trickle for ever."""
    chunks, size = [], 0
    while size <= MAX_PAGE_BYTES and (chunk := response.read1(_CHUNK)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not complete after {DOWNLOAD_SECONDS} s")
        size += len(chunk)
        chunks.append(chunk)
    return b"".join(chunks)


def _exists(path: Path) -> bool:
    """Whether a path exists; what is no possible path (an article's text, say) does not."""
    try:
        return stat.S_IFMT(path.stat().st_mode) != 0
    except (OSError, ValueError):
        return False


def _unknown_kind(where: str, suffix: str) -> InputError:
    kind = f"files that end in {suffix}" if suffix else "files without a suffix"
    return InputError(f"{kind} are not read", where, f"Save it as one of {', '.join(SUFFIXES)}.")


def _is_hidden(name: str) -> bool:
    """Hidden files, lock files of Office, and what macOS adds to archives."""
    return name.startswith((".", "~$")) or name == "__MACOSX"


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
