"""Which characters the printed pass can show: those of the one font that every PDF is set in.

Asked when a text is typed, so that a name is never found unprintable when its pass is made.
"""

import struct
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

FONT = Path(__file__).parents[2] / "static" / "fonts" / "HallSans-Regular.ttf"
_WINDOWS, _FULL_UNICODE, _SEGMENTED_COVERAGE = 3, 10, 12


def unprintable(text: str) -> str:
    """The characters of a text that the font lacks, each once, in the order of their coming; empty when it has all.

    A line break (`\\n`) is layout, not a glyph, and never among them.
    """
    return "".join(character for character in dict.fromkeys(text) if character != "\n" and not has_glyph(character))


def has_glyph(character: str) -> bool:
    """Whether the font can draw this one character."""
    starts, ends = _ranges()
    found = bisect_right(starts, ord(character)) - 1
    return found >= 0 and ord(character) <= ends[found]


@lru_cache(maxsize=1)
def _ranges() -> tuple[list[int], list[int]]:
    """First and last code points of the ranges that the font covers, in order.

    Source: OpenType's `cmap` table, subtable format 12 (segmented coverage), the only one that reaches past U+FFFF.
    """
    data = FONT.read_bytes()
    cmap = _table(data, b"cmap")
    (subtables,) = struct.unpack_from(">H", data, cmap + 2)
    for platform, encoding, offset in struct.iter_unpack(">HHI", data[cmap + 4 : cmap + 4 + 8 * subtables]):
        if (platform, encoding) == (_WINDOWS, _FULL_UNICODE):
            return _groups(data, cmap + offset)
    raise ValueError(f"{FONT.name} has no full Unicode cmap")


def _table(data: bytes, name: bytes) -> int:
    (count,) = struct.unpack_from(">H", data, 4)
    for tag, _checksum, offset, _length in struct.iter_unpack(">4sIII", data[12 : 12 + 16 * count]):
        if tag == name:
            return int(offset)
    raise ValueError(f"{FONT.name} has no {name.decode()} table")


def _groups(data: bytes, offset: int) -> tuple[list[int], list[int]]:
    kind, _, _, _, count = struct.unpack_from(">HHIII", data, offset)
    if kind != _SEGMENTED_COVERAGE:
        raise ValueError(f"{FONT.name}: cmap format {kind} is not known here")
    groups = list(struct.iter_unpack(">III", data[offset + 16 : offset + 16 + 12 * count]))
    return [first for first, _last, _glyph in groups], [last for _first, last, _glyph in groups]
