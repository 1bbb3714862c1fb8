"""From a stream of articles to the batches in which a corpus is annotated: duplicates marked, each batch of one outlet and month."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from datasketch import MinHash, MinHashLSH

from analysis.article import Article
from analysis.errors import InputError

SHINGLE_WORDS = 5
PERMUTATIONS = 128
NEAR = 0.7  # share of shingles in common; two versions of a wire report have more, two reports on one event less
MAX_WAITING = 20_000  # articles of batches that are not full yet
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Item:
    """What the reader yields: an article, or why there is none.

    Attributes
    ----------
    read : Article or InputError
    duplicate_of : str or None
        Key of an earlier article whose text this one repeats, wholly or nearly.
    is_copy : bool
        Wholly: it is not annotated again.
    """

    read: Article | InputError
    duplicate_of: str | None = None
    is_copy: bool = False


@dataclass(frozen=True)
class Batch:
    """Articles that are annotated, and written, together.

    Attributes
    ----------
    number : int
        From 0, by the order of the sources alone.
    outlet, month : str or None
        What all its articles have; a month as “2025-11”.
    items : tuple of Item
    """

    number: int
    outlet: str | None
    month: str | None
    items: tuple[Item, ...]

    def digest(self) -> str:
        """Of all that is in it: equal digests, equal batches."""
        items = [repr((str(item.read), item)) for item in self.items]
        return hashlib.sha256(repr((self.outlet, self.month, items)).encode("utf8", "surrogatepass")).hexdigest()


def make_batches(items: Iterable[Item], size: int) -> Iterator[Batch]:
    """Gather items of one outlet and month, `size` in a batch.

    What is in which batch depends on the order of the items alone. So that memory stays flat, the fullest batch is closed where more
    than `MAX_WAITING` items wait for others.
    """
    waiting: dict[tuple[str | None, str | None], list[Item]] = {}
    number, held = 0, 0

    def close(place: tuple[str | None, str | None]) -> Batch:
        nonlocal number, held
        chosen = waiting.pop(place)
        number, held = number + 1, held - len(chosen)
        return Batch(number - 1, *place, tuple(chosen))

    for item in items:
        place = _place(item.read)
        waiting.setdefault(place, []).append(item)
        held += 1
        if len(waiting[place]) == size:
            yield close(place)
        elif held > MAX_WAITING:
            yield close(max(waiting, key=lambda place: len(waiting[place])))
    while waiting:
        yield close(next(iter(waiting)))


def _place(read: Article | InputError) -> tuple[str | None, str | None]:
    if isinstance(read, InputError):
        return None, None
    return read.outlet, f"{read.published:%Y-%m}" if read.published else None


def mark_duplicates(items: Iterable[Item]) -> Iterator[Item]:
    """Mark what repeats the text of an article before it.

    Near duplicates have `NEAR` of their shingles of `SHINGLE_WORDS` words in common, as MinHash estimates it (Broder 1997), found by
    locality-sensitive hashing (Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, chapter 3). An article that repeats a
    repetition is marked with the first of them all.
    """
    copies: dict[bytes, str] = {}
    first: dict[str, str] = {}
    near = MinHashLSH(threshold=NEAR, num_perm=PERMUTATIONS)
    signatures: dict[str, np.ndarray] = {}
    for item in items:
        if isinstance(item.read, InputError):
            yield item
            continue
        key, text = item.read.article, item.read.text
        digest = hashlib.sha256(text.encode()).digest()
        if digest in copies:
            yield replace(item, duplicate_of=copies[digest], is_copy=True)
            continue
        minhash = _minhash(text)
        known = near.query(minhash)
        alike = {other: float(np.mean(signatures[other] == minhash.hashvalues)) for other in known}
        nearest = max(sorted(alike), key=alike.get, default=None)
        original = first[nearest] if nearest is not None and alike[nearest] >= NEAR else None
        near.insert(key, minhash)
        signatures[key], first[key] = minhash.hashvalues.astype(np.uint32), original or key
        copies[digest] = original or key
        yield replace(item, duplicate_of=original)


def _minhash(text: str) -> MinHash:
    words = [word.lower().encode() for word in _WORD.findall(text)]
    shingles = {b" ".join(words[at : at + SHINGLE_WORDS]) for at in range(max(1, len(words) - SHINGLE_WORDS + 1))}
    minhash = MinHash(num_perm=PERMUTATIONS)
    minhash.update_batch(sorted(shingles))
    return minhash
