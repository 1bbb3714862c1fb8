"""From bytes to the text that is stored."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

from analysis.errors import InputError

SAMPLE_BYTES = 256 * 1024
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BINARY_FILES = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an Office file",
    b"\xd0\xcf\x11\xe0": "an Office file",
    b"PAR1": "Parquet",
}
MAX_SHARE_OF_CONTROLS = 0.01
MAX_SHARE_OF_BROKEN = 0.1
# How much less likely than the best guess Windows Latin may look and still be taken: short texts cannot tell code pages apart.
MESS_MARGIN, COHERENCE_MARGIN = 0.02, 0.05

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")
_INVISIBLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xAD, 0x200B, 0xFEFF])


def decode(data: bytes, where: str, declared: str | None = None) -> str:
    """Decode text of unknown encoding.

    In this order: a byte order mark, UTF-8, UTF-16 without a mark, the encoding that the source declares, and
    the guess of charset-normalizer, where Windows Latin (cp1252) wins ties. A few broken bytes in UTF-8 become
    U+FFFD rather than make all of it another encoding.

    Raises
    ------
    InputError
        If the bytes are no text.
    """
    kind = next((kind for magic, kind in BINARY_FILES.items() if data.startswith(magic)), None)
    text = None if kind else _decode(data, declared)
    if text is None or "\0" in text or len(_CONTROLS.findall(text)) > MAX_SHARE_OF_CONTROLS * len(text):
        raise InputError(f"this is {kind or 'binary'}, not text", where, "Save it as plain text in UTF-8.")
    return text


def clean(text: str) -> str:
    r"""Bring text into the form it is stored in, to which all offsets refer.

    Every line ends with ``\n``. Non-breaking spaces become plain ones, one for one: to a reader they are the same, to
    a pattern they are not. What has no width (soft hyphens, zero-width spaces, stray byte order marks, control
    characters) is dropped, and halves of surrogate pairs become U+FFFD, since no file can hold them.
    """
    text = _LINE_ENDS.sub("\n", text).translate(_SPACES).translate(_INVISIBLE)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _decode(data: bytes, declared: str | None) -> str | None:
    marked = next((encoding for bom, encoding in BOMS if data.startswith(bom)), None)
    if marked:
        return _try(data, marked)
    text = _try(data, "utf-8")
    if text is not None and "\0" not in text:
        return text
    wide = _wide_encoding(data[:SAMPLE_BYTES])
    if wide:
        return _try(data, wide)
    if b"\0" in data:
        return None
    return _mended_utf8(data) or (declared and _try(data, declared)) or _try(data, _guess(data[:SAMPLE_BYTES])) or data.decode("latin-1")


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _wide_encoding(sample: bytes) -> str | None:
    """UTF-16 without a mark: in Western text, every other byte is zero."""
    zeros = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 4
    if zeros[1] > half and zeros[0] * 20 < zeros[1]:
        return "utf-16-le"
    if zeros[0] > half and zeros[1] * 20 < zeros[0]:
        return "utf-16-be"
    return None


def _mended_utf8(data: bytes) -> str | None:
    """UTF-8 with a few broken bytes, if that is what it is."""
    text = data.decode("utf-8", "replace")
    foreign = sum(not c.isascii() for c in text)
    return text if text.count("\ufffd") <= MAX_SHARE_OF_BROKEN * foreign else None


def _guess(sample: bytes) -> str:
    matches = list(charset_normalizer.from_bytes(sample))
    if not matches:
        return "cp1252"
    best = matches[0]
    for match in matches:
        as_likely = match.chaos <= best.chaos + MESS_MARGIN and match.coherence >= best.coherence - COHERENCE_MARGIN
        if as_likely and "cp1252" in match.could_be_from_charset:
            return "cp1252"
    return best.encoding
