"""The fonts for printing: one for most texts, and others for the scripts that it lacks.

A font is loaded once a process and embedded as subsets. Three faults of reportlab are worked around: a character above
U+FFFF needs two UTF-16 units in a PDF's ToUnicode map (reportlab writes one number, so that copying and searching
fail), its subset maker keeps a reading position in the font that all threads share, and it copies the whole table of
outlines, 10 MB, for every document.
"""

import re
import threading
import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from typing import Any

import uharfbuzz
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

from hallapp.settings import ROOT

FONT = "HallSans"
FOLDER = ROOT / "static" / "fonts"
PATH = FOLDER / "HallSans-Regular.ttf"

#: The font for each block of characters that the first font lacks: the first character of the block, and the font.
_BLOCKS: tuple[tuple[int, str], ...] = (
    (0x0000, "NotoSans"), (0x0530, "NotoSansArmenian"), (0x0590, "NotoSansHebrew"), (0x0600, "NotoSansArabic"),
    (0x0700, "NotoSansSyriac"), (0x0750, "NotoSansArabic"), (0x0780, "NotoSansThaana"), (0x07C0, "NotoSansNKo"),
    (0x0800, ""), (0x0860, "NotoSansSyriac"), (0x0870, "NotoSansArabic"), (0x0900, "NotoSansDevanagari"),
    (0x0980, "NotoSansBengali"), (0x0A00, "NotoSansGurmukhi"), (0x0A80, "NotoSansGujarati"), (0x0B00, "NotoSansOriya"),
    (0x0B80, "NotoSansTamil"), (0x0C00, "NotoSansTelugu"), (0x0C80, "NotoSansKannada"), (0x0D00, "NotoSansMalayalam"),
    (0x0D80, "NotoSansSinhala"), (0x0E00, "NotoSansThai"), (0x0E80, "NotoSansLao"), (0x0F00, "NotoSerifTibetan"),
    (0x1000, "NotoSansMyanmar"), (0x10A0, "NotoSansGeorgian"), (0x1100, "NotoSansKR"), (0x1200, "NotoSansEthiopic"),
    (0x13A0, ""), (0x1780, "NotoSansKhmer"), (0x1800, "NotoSansMongolian"), (0x18B0, ""), (0x1950, "NotoSansTaiLe"),
    (0x1980, "NotoSansNewTaiLue"), (0x19E0, "NotoSansKhmer"), (0x1A00, ""), (0x1A20, "NotoSansTaiTham"),
    (0x1AB0, "NotoSans"), (0x1B00, ""), (0x1C80, "NotoSans"), (0x1C90, "NotoSansGeorgian"), (0x1CC0, ""),
    (0x1D00, "NotoSans"), (0x2070, "NotoSans"), (0x20D0, ""), (0x2C60, "NotoSans"), (0x2C80, ""),
    (0x2D00, "NotoSansGeorgian"), (0x2D30, ""), (0x2D80, "NotoSansEthiopic"), (0x2DE0, "NotoSans"), (0x2E00, ""),
    (0x3130, "NotoSansKR"), (0x3190, ""), (0xA000, "NotoSansYi"), (0xA4D0, "NotoSansLisu"), (0xA500, ""),
    (0xA640, "NotoSans"), (0xA6A0, ""), (0xA720, "NotoSans"), (0xA800, ""), (0xA8E0, "NotoSansDevanagari"),
    (0xA900, ""), (0xA960, "NotoSansKR"), (0xA980, ""), (0xA9E0, "NotoSansMyanmar"), (0xAA00, ""),
    (0xAA60, "NotoSansMyanmar"), (0xAA80, ""), (0xAB00, "NotoSansEthiopic"), (0xAB30, "NotoSans"), (0xAB70, ""),
    (0xAC00, "NotoSansKR"), (0xD800, ""), (0xFB00, "NotoSans"), (0xFB07, ""), (0xFB13, "NotoSansArmenian"),
    (0xFB18, ""), (0xFB1D, "NotoSansHebrew"), (0xFB50, "NotoSansArabic"), (0xFE00, ""), (0xFE70, "NotoSansArabic"),
    (0xFF00, ""), (0x11660, "NotoSansMongolian"), (0x11680, ""), (0x16F00, "NotoSansMiao"), (0x16FA0, ""),
)  # fmt: skip
_STARTS = [start for start, _name in _BLOCKS]
#: Characters that change how their neighbours are written, without a shape of their own.
JOINERS = frozenset("\u200c\u200d\u180e")
#: Shaped glyphs are mapped to these private characters, so that reportlab embeds them: glyph 7 is U+F0007.
_GLYPHS = 0xF0000

_lock = threading.Lock()
_BEYOND_BMP = re.compile(r"(?<= <)[0-9A-F]{5,6}(?=>)")


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


class Font(TTFont):
    """A reportlab font that also draws glyphs by their number, and records the text of each."""

    def __init__(self, name: str) -> None:
        path = PATH if name == FONT else FOLDER / f"{name}-Regular.ttf"
        super().__init__(name, str(path), asciiReadable=False, shapable=False)
        self.face.__class__ = _Face
        self.path = path
        self.characters: dict[int, int] = self.face.charToGlyph
        is_shaped = name != FONT
        self.texts = {n: unicodedata.normalize("NFKC", chr(code)) for code, n in self.characters.items() if is_shaped}
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
        self.units = face.upem
        self.shaper = uharfbuzz.Font(face)

    def glyph(self, number: int, text: str) -> str:
        """Return the character that draws a glyph; `text` is its meaning where the font itself has none."""
        code = _GLYPHS + number
        if code not in self.face.charToGlyph:
            self.texts.setdefault(number, text or "\u200b")
            self.face.charWidths[code] = self.shaper.get_glyph_h_advance(number) * 1000 / self.units
            self.face.charToGlyph[code] = number
        return chr(code)

    def addObjects(self, doc: Any) -> None:  # noqa: N802 (reportlab's name)
        """Embed the subsets that a document uses, with the text of each glyph."""
        with _lock:
            super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and name.endswith(self.face.name.decode()):
                stream.content = _BEYOND_BMP.sub(self._utf16, stream.content)

    def _utf16(self, found: re.Match[str]) -> str:
        code = int(found[0], 16)
        text = self.texts[code - _GLYPHS] if code >= _GLYPHS else chr(code)
        return text.encode("utf-16-be").hex().upper()


@cache
def get_font(name: str) -> Font:
    """Return a font by its name, loaded and registered."""
    rl_config.useA85 = 0  # plain binary streams: ASCII85 makes each a quarter larger and takes a tenth of the time
    font = Font(name)
    pdfmetrics.registerFont(font)
    return font


def load_font() -> str:
    """Load and register the first font, once a process: 0.1 s and 26 MB, so before workers fork. Return its name."""
    return str(get_font(FONT).fontName)


@lru_cache(maxsize=8192)
def font_of(character: str) -> str:
    """Return the name of the font that has a character; an empty text where none has."""
    code = ord(character)
    if code in get_font(FONT).characters:
        return FONT
    if unicodedata.category(character) in ("Cc", "Cf"):
        return ""
    name = _BLOCKS[bisect_right(_STARTS, code) - 1][1]
    return name if name and code in get_font(name).characters else ""


def find_unprintable(text: str) -> str:
    """Return the characters of a text that no font has, each once, in the order of the text; a line break is layout.

    Asked when a text is typed, so that a name is never found unprintable when its pass is made.
    """
    known = get_font(FONT).characters
    unknown = dict.fromkeys(c for c in text if ord(c) not in known and c != "\n")
    return "".join(c for c in unknown if c not in JOINERS and not font_of(c))
