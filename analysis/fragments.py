"""Fragments of HTML, as news services put them into the fields of rows: what a reader sees of them.

trafilatura is for pages: of fragments it loses parts, and breaks lines at links. libxml2 drops all of a text with tags nested too deep.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

from analysis.encoding import clean

# Tags of HTML that end a paragraph, and those that hold nothing for a reader.
BLOCKS = frozenset(
    "p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre hr figure figcaption table caption tr th td "
    "section article main header footer aside nav address form".split()
)
UNSEEN = "head", "script", "style"

# All of these take time in proportion to the text, whatever it is: nothing that they repeat holds the “<” that they begin with.
_HTML = re.compile(rf"</(?:{'|'.join(BLOCKS)})\s*>|<br\s*/?>|<p>", re.IGNORECASE)
_TAG = re.compile(r"<(?:/?([a-zA-Z][a-zA-Z0-9:-]*+)(?=[\s/>])|[!?])[^<>]*+>")
_ENTITY = re.compile(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,31};)")
_UNSEEN = [(re.compile(rf"<{name}\b", re.IGNORECASE), re.compile(rf"</{name}\s*>", re.IGNORECASE)) for name in UNSEEN]
_UNSEEN.append((re.compile("<!--"), re.compile("-->")))


def as_seen(text: str) -> str:
    """A text in HTML as a reader sees it; of any other only the entities, such as “&amp;”, are read."""
    if not _HTML.search(text):
        return _ENTITY.sub(_character, text)
    text = clean(text)
    for opening, closing in _UNSEEN:
        text = _without(text, opening, closing)
    # In HTML a line may end anywhere; a blank line is kept, for texts that have a tag or two in paragraphs written without.
    text = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
    lines = _ENTITY.sub(_character, _TAG.sub(_line_ends, text)).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()


def _without(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """The text without what stands from an opening to its closing; an opening that is never closed hides nothing."""
    kept, at = [], 0
    while (start := opening.search(text, at)) and (end := closing.search(text, start.end())):
        kept.append(text[at : start.start()])
        at = end.end()
    return "".join([*kept, text[at:]])


def _line_ends(tag: re.Match[str]) -> str:
    name = (tag[1] or "").lower()
    return "\n\n" if name in BLOCKS else "\n" if name == "br" else ""


def _character(entity: re.Match[str]) -> str:
    # Asked first, since unescape would read the “&not” of “&notes;”.
    return unescape(entity[0]) if entity[1].startswith("#") or entity[1] in html5 else entity[0]
