"""Line breaking: Chinese anywhere sensible, all other scripts at their words."""

import re
import unicodedata
from collections.abc import Iterator

from hallapp.printing.fonts import JOINERS
from hallapp.printing.layout import is_plain, text_width

# Chinese breaks between any two characters, but a line neither ends with an opening mark nor starts with a closing one.
_OPENING = "（《〈「『【〔“‘"
_CLOSING = "，。、；：？！）》〉」』】〕”’…—·"
_WIDE = "\u2e80-\U0010ffff"
_UNIT = re.compile(rf"\s+|[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}]+)[{_CLOSING}]*|.")


def wrap(text: str, *, size: float, width: float, keep_spaces: bool = False) -> list[str]:
    """Break a text into lines of at most `width` points: Latin at its words, Chinese anywhere sensible.

    No character is lost but the spaces at a break; with `keep_spaces` a line ends in its space, so that the words of
    two lines stay apart where programs join the lines. A word wider than the line is broken where it must be.
    """
    lines = [line for paragraph in text.splitlines() for line in _wrap_paragraph(paragraph.strip(), size, width)]
    return lines if keep_spaces else [line.rstrip(" ") for line in lines]


def _wrap_paragraph(text: str, size: float, width: float) -> Iterator[str]:
    """Yield the lines, each with the space at its end, if one was there."""
    line, used, space = "", 0.0, ""
    plain = is_plain(text)
    for unit in _units(text, size, width):
        if unit.isspace():
            space = " "
            continue
        # Only for plain text the width is the sum of the parts' widths: in other scripts a part may change the shapes
        # of its neighbours.
        reach = used + text_width(space + unit, size) if plain else text_width(line + space + unit, size)
        if line and reach > width:
            yield line + space
            line, space, reach = "", "", text_width(unit, size)
        line, used, space = line + space + unit, reach, ""
    yield line


def _units(text: str, size: float, width: float) -> Iterator[str]:
    """Yield the pieces that may not be broken; a piece wider than a line is split."""
    for unit in _UNIT.findall(text):
        if text_width(unit, size) <= width:
            yield unit
            continue
        piece = ""
        for character in unit:
            if piece and not _joins(character) and text_width(piece + character, size) > width:
                yield piece
                piece = ""
            piece += character
        yield piece


def _joins(character: str) -> bool:
    """Return whether a character is placed on the previous one, or shapes it."""
    return character in JOINERS or unicodedata.category(character)[0] == "M"
