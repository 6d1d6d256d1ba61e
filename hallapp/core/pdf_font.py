"""The one font of everything that is printed: loaded once a process, measured, wrapped, embedded as subsets.

Reportlab must be told three things: a character above U+FFFF is two UTF-16 units in a PDF's ToUnicode map (it writes
one number there, and the text is then copied and searched wrongly), its subset maker keeps a reading position in the
font that all threads share, and it copies the whole table of outlines, 10 MB, for every document.
"""

import re
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

from hallapp.settings import ROOT

FONT = "HallSans"
PATH = ROOT / "static" / "fonts" / "HallSans-Regular.ttf"

_lock = threading.Lock()
_BEYOND_BMP = re.compile(r"(?<= <)[0-9A-F]{5,6}(?=>)")

# Chinese breaks between any two characters, but a line neither ends with an opening mark nor starts with a closing one.
_OPENING = "（《〈「『【〔“‘"
_CLOSING = "，。、；：？！）》〉」』】〕”’…—·"
_WIDE = "\u2e80-\U0010ffff"
_UNIT = re.compile(rf"\s+|[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}]+)[{_CLOSING}]*|.")


class _Outlines:
    """The table of outlines, read where it lies; a slice of it is bytes."""

    def __init__(self, data: bytes, start: int) -> None:
        self.data, self.start = data, start

    def __getitem__(self, part: slice) -> bytes:
        return self.data[self.start + part.start : self.start + part.stop]


class _Face(TTFontFace):
    def get_table(self, tag: str) -> Any:
        if tag == "glyf":
            return _Outlines(self._ttf_data, self.get_table_pos(tag)[0])  # type: ignore[attr-defined]
        return super().get_table(tag)  # type: ignore[no-untyped-call]


class _Font(TTFont):
    def __init__(self) -> None:
        super().__init__(FONT, str(PATH), asciiReadable=False)
        self.face.__class__ = _Face

    def addObjects(self, doc: Any) -> None:  # noqa: N802 (reportlab's name)
        with _lock:
            super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:"):
                stream.content = _BEYOND_BMP.sub(_utf16, stream.content)


class _Advances(dict[str, float]):
    """How far each character takes the pen, in em, looked up once: reportlab's own sum is five times slower."""

    def __missing__(self, character: str) -> float:
        face = _font().face
        advance = self[character] = face.charWidths.get(ord(character), face.defaultWidth) / 1000
        return float(advance)


_advances = _Advances()


def _utf16(found: re.Match[str]) -> str:
    return chr(int(found[0], 16)).encode("utf-16-be").hex().upper()


def load_font() -> str:
    """Load and register the font, once a process: 0.1 s and 26 MB, so before workers fork. Gives its name."""
    return str(_font().fontName)


@cache
def _font() -> Any:
    rl_config.useA85 = 0  # plain binary streams: ASCII85 makes each a quarter larger and takes a tenth of the time
    font = _Font()
    pdfmetrics.registerFont(font)
    return font


def find_unprintable(text: str) -> str:
    """The characters of a text that the font lacks, each once, in the order of the text; a line break is layout.

    Asked when a text is typed, so that a name is never found unprintable when its pass is made.
    """
    known = _font().face.charToGlyph
    return "".join(dict.fromkeys(c for c in text if ord(c) not in known and c != "\n"))


def text_width(text: str, size: float) -> float:
    """How wide a text is in points, at a size in points."""
    return size * sum(map(_advances.__getitem__, text))


def wrap(text: str, *, size: float, width: float) -> list[str]:
    """Break a text into lines of at most `width` points: Latin at its words, Chinese anywhere sensible.

    No character is lost but the spaces at a break. A word wider than the line is broken where it must be.
    """
    return [line for paragraph in text.splitlines() for line in _wrap_paragraph(paragraph.strip(), size, width)]


def _wrap_paragraph(text: str, size: float, width: float) -> Iterator[str]:
    line, used, space = "", 0.0, ""
    for unit in _units(text, size, width):
        if unit.isspace():
            space = " "
            continue
        needed = text_width(space + unit, size)
        if line and used + needed > width:
            yield line
            line, used, space = "", 0.0, ""
            needed = text_width(unit, size)
        line, used, space = line + space + unit, used + needed, ""
    yield line


def _units(text: str, size: float, width: float) -> Iterator[str]:
    """What may not be broken; what is wider than a line comes in pieces that fit."""
    for unit in _UNIT.findall(text):
        if text_width(unit, size) <= width:
            yield unit
            continue
        piece = ""
        for character in unit:
            if piece and text_width(piece + character, size) > width:
                yield piece
                piece = ""
            piece += character
        yield piece
