"""The fine-tuned encoder: a text in, the figures of a task's heads out.

A text is cut into words (a paragraph break is one, for the encoder to see), the words into word pieces, the
pieces into windows that overlap. Each word is read in every window that holds it, and reported from the one
in which it stands farthest from an edge.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession, SessionOptions
from scipy.special import log_softmax
from tokenizers import Tokenizer

from analysis.errors import writable
from analysis.quotation import are_quoted, quoted_spans

MODELS = Path(__file__).parent / "models"
QUOTES = MODELS / "quotes.onnx"
WINDOW = 384
OVERLAP = 48
PARAGRAPH = "[unused1]"
TYPES = 8
_ROOM = WINDOW - 2  # [CLS] and [SEP] frame each window
_LONGEST_WORD = OVERLAP  # word pieces: a longer one is known by its beginning, and none falls between two windows
_SLOWER = ["SkipLayerNormFusion"]  # one operator of ONNX Runtime (1.32) takes five times as long as the two in whose place it would stand
_WITH_VNNI = {"AVX512_CLX", "AVX512_ICL", "AVX512_SPR"}  # as NumPy calls generations of processors
_WORD = re.compile(r"\n+|\w+|[^\w\s]")


@dataclass(frozen=True, eq=False)
class Words:
    """A text as words: where each stands, and its word pieces.

    Attributes
    ----------
    text : str
    offsets : ndarray, (words, 2)
        Code points into `text`, half-open.
    types : ndarray, (words,)
        What the encoder, which reads lower case, cannot see: 0 a word in lower case or a mark, 1 Capitalised, 2 ALL CAPITALS, 3 a number;
        and 4 more within quotation marks.
    pieces : list of list of int
        At least one a word.
    """

    text: str
    offsets: np.ndarray
    types: np.ndarray
    pieces: list[list[int]]

    def __len__(self) -> int:
        return len(self.pieces)

    def covering(self, spans: np.ndarray) -> np.ndarray:
        """The words that offsets touch, as half-open runs.

        Parameters
        ----------
        spans : ndarray, (spans, 2)

        Returns
        -------
        ndarray, (spans, 2)
            Number of the first word and of the one behind the last, which is no greater where a span touches no word.
        """
        first = np.searchsorted(self.offsets[:, 1], spans[:, 0], side="right")
        return np.stack([first, np.searchsorted(self.offsets[:, 0], spans[:, 1], side="left")], axis=1)


@dataclass(frozen=True, eq=False)
class Window:
    """A run of words that the encoder reads at once: words `first` to `last` (exclusive), and the place of each one's first piece."""

    first: int
    last: int
    ids: list[int]
    types: list[int]
    places: np.ndarray


@cache
def load_tokenizer() -> Tokenizer:
    """The encoder's tokenizer, with paragraph breaks as a token of their own."""
    tokenizer = Tokenizer.from_file(str(MODELS / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.add_special_tokens([PARAGRAPH])
    return tokenizer


def split_words(text: str) -> Words:
    """Cut a text into words, each with its word pieces; a word that the vocabulary cannot spell is one unknown piece."""
    tokenizer = load_tokenizer()
    matches = list(_WORD.finditer(text))
    forms = [PARAGRAPH if m.group().startswith("\n") else writable(m.group()) for m in matches]
    encoding = tokenizer.encode(forms, is_pretokenized=True, add_special_tokens=False)
    pieces: list[list[int]] = [[] for _ in forms]
    for piece, word in zip(encoding.ids, encoding.word_ids, strict=True):
        pieces[word].append(piece)
    unknown = tokenizer.token_to_id("[UNK]")
    offsets = np.array([m.span() for m in matches], dtype=np.int64).reshape(-1, 2)
    return Words(text, offsets, _types(text, offsets), [p[:_LONGEST_WORD] or [unknown] for p in pieces])


def _types(text: str, offsets: np.ndarray) -> np.ndarray:
    shapes = [_shape(text[start:end]) for start, end in offsets.tolist()]
    return np.array(shapes, dtype=np.int64) + 4 * are_quoted(offsets[:, 0], quoted_spans(text))


def _shape(word: str) -> int:
    if word[0].isdigit():
        return 3
    if not word[0].isupper():
        return 0
    return 2 if len(word) > 1 and word.isupper() else 1


def cut_windows(words: Words, start: int = 0) -> list[Window]:
    """Cut words into the fewest windows that overlap by `OVERLAP` word pieces, or a word less, and spread them evenly.

    Parameters
    ----------
    words : Words
    start : int
        Where the second window begins, of those that are to be cut elsewhere in each epoch of a training.
    """
    if not len(words):
        return []
    lengths = np.array([len(pieces) for pieces in words.pieces])
    ends = np.cumsum(lengths)
    starts = ends - lengths
    windows: list[Window] = []
    for begin in _begins(int(ends[-1]), start):
        first = int(np.searchsorted(starts, begin))
        last = int(np.searchsorted(ends, starts[first] + _ROOM, side="right"))
        windows.append(_window(words, first, last, lengths))
        if last == len(words):
            break
    return windows


def _begins(pieces: int, start: int) -> list[int]:
    """At which word piece, or soon behind it, each window begins that a text of so many is cut into."""
    count = max(1, math.ceil((pieces - start - OVERLAP) / (_ROOM - OVERLAP)))
    spread = np.linspace(start, max(start, pieces - _ROOM), count).astype(int)
    return sorted({0, *spread.tolist()})


def _window(words: Words, first: int, last: int, lengths: np.ndarray) -> Window:
    tokenizer = load_tokenizer()
    ids = [tokenizer.token_to_id("[CLS]"), *chain.from_iterable(words.pieces[first:last]), tokenizer.token_to_id("[SEP]")]
    types = [0, *np.repeat(words.types[first:last], lengths[first:last]).tolist(), 0]
    return Window(first, last, ids, types, 1 + np.cumsum(lengths[first:last]) - lengths[first:last])


@dataclass(frozen=True, eq=False)
class Reading:
    """What the encoder made of a text: a row a word from the window in which the word stands most central.

    Attributes
    ----------
    words : Words
    tags : ndarray, (words, tags)
        Log probability of each tag.
    home : ndarray, (words,)
        The window that each word was taken from.
    windows : list of Window
    links : list of ndarray, (2, words of the window, words of the window)
        A window's pointers: the log probability that each word, as part of a source and as part of a content, has each other word as
        the first of its cue.
    """

    words: Words
    tags: np.ndarray
    home: np.ndarray
    windows: list[Window]
    links: list[np.ndarray]


def read_texts(texts: Iterable[str], weights: Path = QUOTES) -> Iterator[Reading]:
    """Read texts, one by one and in order.

    Parameters
    ----------
    texts : iterable of str
    weights : Path
        The encoder with the heads for attribution, as ONNX.

    Yields
    ------
    Reading
    """
    for text in texts:
        words = split_words(text)
        windows = cut_windows(words)
        yield merge_windows(words, windows, [_read_window(window, weights) for window in windows])


def _read_window(window: Window, weights: Path) -> tuple[np.ndarray, np.ndarray]:
    """Tag scores of a window's words, and the log probabilities of its links."""
    tags, links = load_session(weights).run(None, {"ids": np.array([window.ids]), "types": np.array([window.types])})
    return tags[0, window.places], log_softmax(links[0][:, window.places][:, :, window.places], axis=-1)


@cache
def load_session(weights: Path) -> InferenceSession:
    """A model, loaded once a process. It computes on as many threads as OMP_NUM_THREADS says (Dask sets it for its workers), or on all.

    On x86 processors without VNNI, ONNX Runtime adds up products of unsigned activations and signed weights in 16 bits, which overflow: it
    is told to make the weights unsigned there, which is slower, so that a text is read the same on every machine.
    """
    options = SessionOptions()
    # NumPy leaves out what it finds nothing for.
    if not _WITH_VNNI.intersection(np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])):
        options.add_session_config_entry("session.x64quantprecision", "1")
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "").partition(",")[0] or 0)  # “4,2”: 4, and 2 within each
    return InferenceSession(str(weights), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER)


def merge_windows(words: Words, windows: list[Window], outputs: list[tuple[np.ndarray, np.ndarray]]) -> Reading:
    """One reading of a text from those of its windows.

    Parameters
    ----------
    words : Words
    windows : list of Window
    outputs : list of (ndarray, ndarray)
        Of each window the scores of tags (words, tags), and the log probabilities of links (2, words, words).

    Returns
    -------
    Reading
    """
    home = np.zeros(len(words), dtype=np.int64)
    depth = np.full(len(words), -1)
    for n, window in enumerate(windows):
        inside = np.arange(window.first, window.last)
        margin = np.minimum(inside - window.first, window.last - 1 - inside)
        better = margin > depth[inside]
        home[inside[better]], depth[inside[better]] = n, margin[better]
    logits = np.zeros((len(words), outputs[0][0].shape[1] if outputs else 0), dtype=np.float32)
    for n, (window, (tags, _)) in enumerate(zip(windows, outputs, strict=True)):
        own = np.flatnonzero(home[window.first : window.last] == n)
        logits[window.first + own] = tags[own]
    return Reading(words, log_softmax(logits, axis=-1) if outputs else logits, home, windows, [links for _, links in outputs])


def batch_by_length(lengths: Sequence[int], pieces: int) -> Iterator[list[int]]:
    """Numbers of rows of like length, shortest first, as many at a time as have `pieces` with their padding, or one."""
    batch: list[int] = []
    for n in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[n] > pieces:
            yield batch
            batch = []
        batch.append(n)
    if batch:
        yield batch
