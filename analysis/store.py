"""A folder to keep files in: on this machine, or wherever fsspec reaches (s3://, gs://, …)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from uuid import uuid4

import fsspec
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from analysis.errors import InputError


@dataclass(frozen=True)
class Store:
    """A folder by its path or address; what is written there is there as a whole or not at all.

    Attributes
    ----------
    place : str
        Path, or address such as ``s3://bucket/folder``.
    """

    place: str

    @cached_property
    def _opened(self) -> tuple[fsspec.AbstractFileSystem, str]:
        try:
            return url_to_fs(self.place)
        except (ImportError, ValueError) as error:
            raise InputError(
                f"no such place can be opened here ({error})", self.place, "Install what it needs, or name a folder."
            ) from error

    @property
    def files(self) -> fsspec.AbstractFileSystem:
        return self._opened[0]

    def path(self, name: str = "") -> str:
        """The path of a file or folder here, as `files` takes it."""
        return f"{self._opened[1]}/{name}".rstrip("/")

    def is_empty(self) -> bool:
        """Whether nothing is here, or no folder."""
        return not self.files.exists(self.path()) or not self.files.ls(self.path(), detail=False)

    def list(self, folder: str) -> list[str]:
        """Names of the files right in a folder, sorted; none where there is no such folder."""
        if not self.files.exists(self.path(folder)):
            return []
        return sorted(name.rpartition("/")[2] for name in self.files.ls(self.path(folder), detail=False))

    def read(self, name: str) -> bytes:
        return self.files.cat_file(self.path(name))

    def write(self, name: str, data: bytes) -> None:
        """Write a file as a whole. An object store does so by itself; a disk gets it under another name first."""
        path = self.path(name)
        if not isinstance(self.files, LocalFileSystem):
            self.files.pipe_file(path, data)
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # A name of its own: another process may write the same file. Not one of tempfile's, which nobody else may read.
        partial = os.path.join(os.path.dirname(path), f".{uuid4().hex}.partial")
        with open(partial, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        if self.files.exists(self.path(name)):
            self.files.rm_file(self.path(name))
