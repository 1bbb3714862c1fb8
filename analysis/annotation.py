"""An annotation: an article and its tables; saved, loaded, shown."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import tables
from analysis.article import Article, Part
from analysis.errors import InputError

STAGES = ("articles", "sentences", "mentions", "quotes", "sentiments", "stances", "issues", "candidates", "topics")
ANNOTATION = "annotation"  # the folder of a report that holds one
MANIFEST = "annotation.json"
_SUFFIX = ".parquet"


@dataclass(frozen=True, eq=False)
class Annotation:
    """What the stages found in an article; each table keeps to its schema in `tables.TABLES`.

    Attributes
    ----------
    article : Article
    articles, sentences, mentions, quotes, sentiments, stances, issues, candidates, topics : DataFrame
    fingerprint : str
        Of the text, the codebooks and the program that made it: equal fingerprints, equal tables.
    """

    article: Article
    articles: pd.DataFrame
    sentences: pd.DataFrame
    mentions: pd.DataFrame
    quotes: pd.DataFrame
    sentiments: pd.DataFrame
    stances: pd.DataFrame
    issues: pd.DataFrame
    candidates: pd.DataFrame
    topics: pd.DataFrame
    fingerprint: str = ""

    def __post_init__(self):
        for name in STAGES:
            object.__setattr__(self, name, tables.conform(name, getattr(self, name)))

    def save(self, folder: str | Path) -> Path:
        """Write a Parquet file a table, and a manifest: all of them, or nothing.

        Parameters
        ----------
        folder : path
            Made where it is not there; an annotation that stands there is replaced, all Parquet files with it. Other files stay.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            Where the folder holds anything else: it is not touched.
        """
        folder = check_folder(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
            made = Path(scratch) / "new"
            made.mkdir()
            for name in STAGES:
                pq.write_table(to_arrow(name, getattr(self, name)), made / f"{name}{_SUFFIX}")
            parts = [[p.kind, p.start, p.end] for p in self.article.parts]
            manifest = {"fingerprint": self.fingerprint, "parts": parts, "path": self.article.path}
            (made / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf8")
            if folder.exists():
                for other in folder.iterdir():
                    if other.suffix != _SUFFIX and other.name != MANIFEST:
                        os.replace(other, made / other.name)
                os.replace(folder, Path(scratch) / "old")
            os.replace(made, folder)
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> Annotation:
        """Read what `save` wrote.

        Raises
        ------
        InputError
            Where the folder holds no annotation, or one of another version's tables.
        """
        folder = Path(folder)
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf8"))
            frames = {name: pq.read_table(folder / f"{name}{_SUFFIX}").to_pandas() for name in STAGES}
            parts = tuple(Part(*part) for part in manifest["parts"])
            article = article_of_row(frames["articles"].iloc[0], parts, manifest["path"])
            return cls(article, **frames, fingerprint=manifest["fingerprint"])
        except (OSError, KeyError, ValueError, IndexError, TypeError, pa.ArrowException) as error:
            raise InputError("no annotation that this version can read", str(folder), "Annotate the article again.") from error

    def show(self, target: str | None = None):
        """The marked-up article, for a notebook: quotes by speaker, mentions of actors, sentiment toward a target."""
        from IPython.display import HTML

        from analysis.highlight import to_html

        return HTML(to_html(self, target))

    def _repr_html_(self) -> str:
        from analysis.highlight import to_html

        return to_html(self)


def article_of_row(row: pd.Series, parts: tuple[Part, ...], path: str | None = None) -> Article:
    """The article of a row of the table `articles`, which holds neither its parts nor where it was read from."""
    known = {f.name: (None if pd.isna(row[f.name]) else row[f.name]) for f in fields(Article) if f.name in row}
    return Article(**known, parts=parts, path=path)


def to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """A table in Arrow's types, each column with its meaning as metadata."""
    return pa.Table.from_pandas(frame, schema=tables.TABLES[name].arrow_schema(), preserve_index=False)


def check_folder(folder: str | Path) -> Path:
    """A folder that an annotation can be saved in: it is not there, is empty, or holds one.

    Raises
    ------
    InputError
        Where the folder holds anything else.
    """
    folder = Path(folder)
    if folder.exists() and not (folder / MANIFEST).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("there is something else than an annotation here", str(folder), "Name another folder, or empty this one.")
    return folder
