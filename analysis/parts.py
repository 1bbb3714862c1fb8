"""The parts of a news article in plain text: headline, byline, dateline, captions with their credits, body.

Everything is read from the form that agencies and papers give their copy. What has no such form is body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# As photo credits, datelines and bylines name them.
PICTURE_AGENCIES = (
    "Getty, Getty Images, VCG, EPA, EPA-EFE, Keystone, Alamy, Shutterstock, Imago, NurPhoto, Zuma Press, Sipa, Sipa USA, Rex Features, "
    "Magnum"
).split(", ")
AGENCIES = PICTURE_AGENCIES + (
    "AP, Associated Press, The Associated Press, Reuters, Thomson Reuters, AFP, Agence France-Presse, Yonhap, Yonhap News Agency, Newsis, "
    "News1, Kyodo, Kyodo News, Jiji, Jiji Press, Xinhua, KCNA, Antara, Bernama, PTI, ANI, IANS, BSS, TASS, Interfax, Sputnik, RIA Novosti, "
    "Ukrinform, EFE, ANSA, dpa, DPA, PA, PA Wire, PA Media, ANP, Belga, AAP, UPI, Bloomberg, Canadian Press, The Canadian Press, Anadolu, "
    "Anadolu Agency, IRNA, WAM, Tribune News Service, TNS, CNN, BBC, NPR, VOA, RFA"
).split(", ")
COLLECTIVE_BYLINES = {"Agencies", "News agencies", "Staff", "Staff and agencies", "Staff Reporter", "Staff Writer", "Wire reports"}
KICKERS = {
    *("ANALYSIS", "BREAKING", "BREAKING NEWS", "COMMENT", "CORRECTION", "EDITORIAL", "EXCLUSIVE", "EXPLAINER", "FACT CHECK", "FACTBOX"),
    *("INSIGHT", "INTERVIEW", "LIVE", "OPINION", "PHOTOS", "PROFILE", "TIMELINE", "UPDATE", "VIDEO", "WATCH", "WRAPUP"),
}
CREDIT_WORDS = set("photo photos photograph picture image images handout pool file courtesy credit screengrab".split())
CONNECTORS = {"and", "at", "by", "de", "del", "der", "for", "from", "in", "la", "of", "the", "van", "via", "von", "with"}
OFFICES = {"bureau", "chief", "contributor", "correspondent", "editor", "reporter", "staff", "writer"}
MONTHS = set(
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august "
    "september october november december".split()
)
WEEKDAYS = set("mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday".split())
DATE_WORDS = MONTHS | WEEKDAYS | set("published updated posted last first date on at am pm a.m p.m utc gmt bst est edt et kst jst".split())

MAX_HEADLINE_WORDS, MAX_LINE = 30, 200
MAX_CAPTION = 700
MAX_HEAD_PARTS = 12
MAX_WORDS_OF_TOWN = 4
MAX_LINES_BEFORE_DATELINE = 4
# “BOOM: …” opens a headline as “SEOUL: …” opens a lede; headlines are shorter.
MIN_LEDE = 100
MAX_CREDIT = 100
# A headline and its lede on neighbouring lines: the lede is a sentence, and this much longer. Hard-wrapped lines are about as long.
LEDE_RATIO = 1.5
MIN_WORDS_OF_RUN_IN_HEADLINE = 4

_WORD = re.compile(r"[^\s,;:/|()&]+")
_PIECES = re.compile(r"\s*/\s*|\s+via\s+|\s*\|\s*|,\s*")
_AGENCY = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(AGENCIES, key=len, reverse=True)))})(?!\w)")
_AGENCY_PHOTO = re.compile(rf"{_AGENCY.pattern}(?: (?:{'|'.join(sorted(CREDIT_WORDS))}))*", re.IGNORECASE)
_PARENTHESIS = re.compile(rf"\(([^()\n]{{2,{MAX_CREDIT}}})\)")
_CREDIT_LABEL = re.compile(
    r"(?:file |pool |handout )?(?:photo|photograph|picture|image|credit|courtesy)s?(?: credit| courtesy)?"
    r"(?:\s*[:/]|\s+(?:by|of|from|via)\b)",
    re.IGNORECASE,
)
_CREDIT_AT_END = re.compile(r"(?:\b[Pp]hoto|\bImages|\b[Hh]andout|\b[Ff]ile)$")
_RUN_IN_LABEL = re.compile(rf"(?<=[.!?”\"] )(?:Photo|Photograph|Picture|Image|Credit)s?(?:\s*:\s*|\s+by\s+)([^()\n]{{0,{MAX_CREDIT}}})")
_STOP = re.compile(r"[.!?…][”’\"')\]]*$")
_FINAL_STOP = re.compile(r"[.…:;,][”’\"')\]]*$")
_SENTENCE_START = re.compile(r"[“‘\"'«„(\[]*[^\W_a-z]")
_DASHED_DATELINE = re.compile(r"([^\n(—–]{0,80}?)[ \t]{0,2}(\([^()\n]{2,40}\))?[ \t]{0,2}(—|–|--|(?<=[\s)])-(?=\s)|(?<=[\w)]):(?=\s))\s*")
_UNDASHED_DATELINE = re.compile(r"([^\n(]{0,80}?)[ \t]{0,2}(\([^()\n]{2,40}\))()\s+")
_NUMERIC_DATE = re.compile(r"\b\d{4}-\d\d-\d\d|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b")
_BYLINE = re.compile(r"(?:By|BY|(?:Story|Text|Words|Written|Report|Analysis) by)(?::|\s)\s*(\S.*)")
_SIGN_OFF = re.compile(r"\(?(?:Additional )?(?:[Rr]eporting|[Ww]riting|[Ee]diting|[Cc]ompiled) (?:and \w+ )?by [^\n]*")
_LINE = re.compile(r"\S[^\n]*")
_BLANK = re.compile(r"\s*")
_MARKDOWN_MARK = re.compile(r"\s*(?:#\s)?")
_MARKDOWN_TITLE = re.compile(r"#\s+\S[^\n]*")


@dataclass(frozen=True)
class Part:
    """A part of an article's text: its kind (headline, byline, dateline, caption, body) and its offsets, half-open."""

    kind: str
    start: int
    end: int


def find_parts(text: str, title: str | None = None) -> tuple[Part, ...]:
    """Part an article: what stands before its body, captions and sign-offs within it, and the rest, which is body.

    Parameters
    ----------
    text : str
        Lines end with a line feed.
    title : str, optional
        The headline, where it is known. If the text begins with it, that is the headline; no other line is.

    Returns
    -------
    tuple of Part
        In order and disjoint; together they cover all that is not blank, and each begins and ends with what is not.
    """
    head = _read_head(text, title)
    within = _read_lines(text, head[-1].end if head else 0, dated=any(part.kind == "dateline" for part in head))
    return tuple(_with_body(text, head + within))


def find_headline(text: str, title: str) -> int | None:
    """Offset behind a title that a text begins with, whatever its case and spacing; None if it begins otherwise.

    A lede may begin with the words of a title. So a title ends with its line, or else is several words
    long and followed by the start of a sentence.
    """
    words = title.split()
    at = _MARKDOWN_MARK.match(text).end()
    for word in words:
        at = _skip_blank(text, at)
        if text[at : at + len(word)].casefold() != word.casefold():
            return None
        at += len(word)
    rest = _line(text, at)
    run_in = len(words) >= MIN_WORDS_OF_RUN_IN_HEADLINE and rest[:1].isspace() and _SENTENCE_START.match(rest.lstrip())
    return at if words and (not rest or run_in) else None


def _read_head(text: str, title: str | None) -> list[Part]:
    """Headline, bylines, datelines and captions that stand before the body, in whatever order."""
    parts: list[Part] = []
    at = _skip_blank(text, 0)
    if title and (end := find_headline(text, title)):
        parts.append(Part("headline", at, end))
        at = _skip_blank(text, end)
    while at < len(text) and len(parts) < MAX_HEAD_PARTS:
        readers = dict(_HEAD_READERS)
        if title or any(p.kind == "headline" for p in parts):
            del readers["headline"]
        found = next(((kind, end) for kind, read in readers.items() if (end := read(text, at))), None)
        if not found:
            break
        parts.append(Part(found[0], at, found[1]))
        inline = found[0] == "dateline" and found[1] < _line_end(text, at)
        at = _skip_blank(text, found[1])
        if inline:
            break
    return parts


def _read_lines(text: str, start: int, dated: bool) -> list[Part]:
    """Captions between paragraphs, sign-offs behind them, and a dateline that a standfirst or two keep from the head."""
    parts = []
    for number, match in enumerate(_LINE.finditer(text, start)):
        line, at = match.group().strip(), match.start()
        if not dated and number < MAX_LINES_BEFORE_DATELINE and (end := _inline_dateline_end(text, at)):
            dated = True
            parts.append(Part("dateline", at, end))
        elif len(line) > MAX_CAPTION:
            continue
        elif _ends_in_photo_credit(line):
            parts.append(Part("caption", at, at + len(line)))
        elif _is_sign_off(line):
            parts.append(Part("byline", at, at + len(line)))
    return parts


def _with_body(text: str, parts: list[Part]) -> list[Part]:
    """The parts, and body wherever there is text between them."""
    filled, at = [], 0
    for part in [*parts, None]:
        end = part.start if part else len(text)
        start, stop = _skip_blank(text, at), at + len(text[at:end].rstrip())
        if start < stop:
            filled.append(Part("body", start, stop))
        if part:
            filled.append(part)
            at = part.end
    return filled


# Each reader of the head takes the text and where a part would begin, and returns where it ends, or None.


def _byline_end(text: str, at: int) -> int | None:
    line = _line(text, at)
    bare = line.strip("*_ ")
    if len(line) > MAX_LINE:
        return None
    named = _BYLINE.fullmatch(bare)
    if named:
        words = _WORD.findall(named[1])
        named = words and _made_of_names(named[1], OFFICES) and _plain(words[0]) not in MONTHS | WEEKDAYS
    return at + len(line) if named or bare in AGENCIES or bare in COLLECTIVE_BYLINES else None


def _dateline_end(text: str, at: int) -> int | None:
    line = _line(text, at)
    return at + len(line) if _is_date_line(line) else _inline_dateline_end(text, at)


def _inline_dateline_end(text: str, at: int) -> int | None:
    for pattern in (_DASHED_DATELINE, _UNDASHED_DATELINE):
        match = pattern.match(text, at)
        if match and _SENTENCE_START.match(text, match.end()) and _is_dateline(text, *match.groups()):
            if match[3] == ":" and not match[2] and len(_line(text, at)) < MIN_LEDE:
                return None
            return at + len(match.group().rstrip())
    return None


def _is_dateline(text: str, place: str, agency: str | None, mark: str) -> bool:
    """A place in capitals, or an agency in parentheses, or a date, before the dash that the story begins behind."""
    town, _, more = place.partition(",")
    if town.strip() in KICKERS or not _made_of_names(place) or (place and place[-1] in ".!?" and not more):
        return False
    capitals = town.isupper() and sum(map(str.isalpha, town)) > 2 and len(town.split()) <= MAX_WORDS_OF_TOWN
    if agency:
        return capitals or (bool(mark) and bool(_AGENCY.search(agency))) or (not place and _is_agency(agency[1:-1]))
    if mark == ":":
        return capitals and not _names_speakers(text, town)
    return capitals or (bool(place) and _has_month(more))


def _names_speakers(text: str, name: str) -> bool:
    """Whether capitals before a colon name who speaks, as in a transcript, where they recur."""
    return len(re.findall(r"^[^\W\d_a-z][^\na-z:]{1,30}:\s", text, re.MULTILINE)) > 1 or text.count(f"{name}:") > 1


def _caption_end(text: str, at: int) -> int | None:
    """A caption at the head: it ends with its credit, and the story follows, maybe in the same line."""
    line = _line(text, at)
    run_in = _run_in_caption_end(line)
    if run_in and _skip_blank(text, at + run_in) < len(text):
        return at + run_in
    if len(line) <= MAX_CAPTION and _ends_in_photo_credit(line):
        return at + len(line)
    start_below = min(_line_end(text, at) + 1, len(text))
    below = _line(text, start_below)
    return start_below + len(below) if _STOP.search(line) and len(line) <= MAX_CAPTION and _is_photo_credit(below) else None


def _run_in_caption_end(line: str) -> int | None:
    """Where a caption ends within its line: behind a credit that a sentence ends before and another begins behind.

    A credit that only names its agency must stand behind a full stop: “the Associated Press (AP) said” has none.
    """
    for match in _PARENTHESIS.finditer(line, 0, MAX_CAPTION):
        before, after = line[: match.start()].rstrip(), line[match.end() :]
        if after.strip() and not (after[0].isspace() and _SENTENCE_START.match(after.lstrip())):
            continue
        if before and (_is_photo_credit(match[1]) or (_is_agency(match[1]) and _STOP.search(before))):
            return match.end()
    match = _RUN_IN_LABEL.search(line, 0, MAX_CAPTION)
    agencies = [m.end() for m in _AGENCY.finditer(match[1])] if match else []
    credit_end = next((end for end in reversed(agencies) if _made_of_names(match[1][:end])), None)
    if credit_end and _SENTENCE_START.match(match[1][credit_end:].lstrip()):
        return match.start(1) + credit_end
    return None


def _headline_end(text: str, at: int) -> int | None:
    """A short first line: before a byline or dateline; or without a full stop, and set off by a blank line or by its brevity."""
    if title := _MARKDOWN_TITLE.match(text, at):
        return at + len(title.group().rstrip())
    line = _line(text, at)
    below = _skip_blank(text, at + len(line))
    if below == len(text) or not 2 <= len(line.split()) <= MAX_HEADLINE_WORDS or len(line) > MAX_LINE:
        return None
    set_off = text.count("\n", at, below) > 1 or _is_lede(_line(text, below), len(line))
    before_story = _byline_end(text, below) or _dateline_end(text, below)
    return at + len(line) if before_story or (set_off and not _FINAL_STOP.search(line)) else None


def _is_lede(line: str, headline_length: int) -> bool:
    """Whether the line behind a headline is a sentence, and much longer than the headline."""
    return bool(_SENTENCE_START.match(line) and _STOP.search(line)) and len(line) >= LEDE_RATIO * headline_length


_HEAD_READERS: dict[str, Callable[[str, int], int | None]] = {
    "byline": _byline_end,
    "dateline": _dateline_end,
    "caption": _caption_end,
    "headline": _headline_end,
}


def _ends_in_photo_credit(line: str) -> bool:
    """Whether a line ends in a credit that only pictures have: in parentheses, or behind its last sentence."""
    line = line.rstrip(". ")
    last = line.rfind("(")
    if line.endswith(")") and last >= 0:
        return len(line) - last <= MAX_CREDIT and _is_photo_credit(line[last + 1 : -1])
    return _is_photo_credit(re.split(r"(?<=[.!?”\"])\s", line[-MAX_CAPTION:])[-1])


def _is_photo_credit(words: str) -> bool:
    """“AP Photo/Jane Doe”, “Photo: Jane Doe”, “Jane Doe/AFP via Getty Images”, “File Photo”; not “AP” alone, nor “AP/dpa”."""
    if not 0 < len(words) <= MAX_CREDIT or not _made_of_names(words):
        return False
    pieces = _PIECES.split(words)
    by_agency = any(_AGENCY_PHOTO.fullmatch(piece) for piece in pieces) and bool(re.search(r"/|\bvia\b", words))
    of_story = _is_agency(words) and not any(piece in PICTURE_AGENCIES for piece in pieces)  # “(AFP/Reuters)”: both report
    return bool(_CREDIT_LABEL.match(words) or _CREDIT_AT_END.search(words)) or (by_agency and not of_story)


def _is_agency(words: str) -> bool:
    return all(_AGENCY.fullmatch(piece) for piece in _PIECES.split(words.strip()))


def _is_sign_off(line: str) -> bool:
    """“(Reporting by Jane Doe; Editing by John Roe)”: in parentheses, or naming more than one task."""
    if not _SIGN_OFF.fullmatch(line):
        return False
    return (line.startswith("(") and line.endswith(")")) or bool(re.search(r"[;.] ?(?:writing|editing) by", line, re.IGNORECASE))


def _is_date_line(line: str) -> bool:
    """A line of nothing but a date, and perhaps a time or a place in capitals."""
    words = [_plain(word) for word in _WORD.findall(line)]
    if len(line) > MAX_LINE / 2 or not any(c.isdigit() for c in line):
        return False
    dated = bool(_NUMERIC_DATE.search(line)) or any(word in MONTHS for word in words)
    return dated and all(w in DATE_WORDS or w[:1].isdigit() or raw.isupper() for w, raw in zip(words, _WORD.findall(line), strict=True))


def _has_month(words: str) -> bool:
    return any(_plain(word) in MONTHS for word in _WORD.findall(words))


def _made_of_names(words: str, also: set[str] = frozenset()) -> bool:
    """Whether all words are names: capitalised, numbers, addresses, or the small words that join them."""
    allowed = CONNECTORS | CREDIT_WORDS | {"dpa"} | also
    return all(not w[0].islower() or w in allowed or "@" in w for w in _WORD.findall(words))


def _plain(word: str) -> str:
    return word.strip(".,").lower()


def _line(text: str, at: int) -> str:
    return text[at : _line_end(text, at)].rstrip()


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _skip_blank(text: str, at: int) -> int:
    """Where the next text that is not blank begins."""
    return _BLANK.match(text, at).end()
