"""The layout of one badge, drawn by the PDF and the preview: lines of text, an accent, and the place of its QR.

Lengths are in points; y counts downwards from the badge's upper edge. The name is as large as the badge allows; a
longer one is set smaller, in up to four lines, and never cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reportlab.lib.units import mm

from hallapp import printing

LEADING = 1.25
_ASCENT = 0.9  # of a line's size: from its upper edge to its base line
_SHORT = 6  # characters: a shorter name without a space is never broken
_MOST_LINES = 4
_STEP = 0.94
_SMALLEST = 4.5
_BREAK = re.compile(r"(?<=·)|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The content of a badge in one language; `notice` marks a demonstration, else it is empty."""

    name: str
    organisation: str
    day: str
    hall: str
    notice: str
    qr_text: str


@dataclass(frozen=True, slots=True)
class BadgeLine:
    """A line of text: its left end and base line, its size and its width."""

    x: float
    y: float
    text: str
    size: float
    width: float
    bold: bool = False


@dataclass(slots=True, kw_only=True)
class Drawn:
    """A badge ready to be drawn: `accent` is a bar (x, y, width, height), `qr` a square (x, y, edge)."""

    accent: tuple[float, float, float, float]
    qr: tuple[float, float, float]
    lines: list[BadgeLine] = field(default_factory=list)


def draw(card: Card, *, width: float, height: float) -> Drawn:
    """Set a badge of this size: QR at the right of a wide one, below the name of a high one."""
    return _wide(card, width, height) if width > height else _high(card, width, height)


def fit_name(name: str, *, most: float, width: float, height: float) -> tuple[float, list[str]]:
    """Return the largest size at which a name fits into a box, with its lines."""
    best_size, best = 0.0, [name]
    for number, lines in enumerate(_ways(name)):
        widest = max(printing.text_width(line, 1) for line in lines) or 1
        size = min(most, width / widest, height / (len(lines) * LEADING))
        if size > best_size * (1.2 if number else 1):  # a further line is used only if the text becomes clearly larger
            best_size, best = size, lines
    if best_size >= min(most, 9.0) or len(name) <= _SHORT:
        return best_size, best
    return max((best_size, best), fit_text(name, most=most, width=width, height=height, most_lines=_MOST_LINES))


def fit_text(text: str, *, most: float, width: float, height: float, most_lines: int = 2) -> tuple[float, list[str]]:
    """Return a text in a box at the largest size that holds it; where none does, it ends in `…`."""
    size = most
    while True:
        lines = printing.wrap(text, size=size, width=width)
        room = max(1, min(most_lines, int(height / (size * LEADING) + 0.01)))
        if len(lines) <= room:
            return size, lines
        if size <= _SMALLEST:
            return size, [*lines[: room - 1], f"{lines[room - 1][:-1]}…"]
        size = max(_SMALLEST, size * _STEP)


def _ways(name: str) -> Iterator[list[str]]:
    """Yield the name on one line, and in two where it has a place for that."""
    yield [name]
    breaks = [found for found in _BREAK.finditer(name) if found.start() > 0 and found.end() < len(name)]
    for found in breaks:
        yield [name[: found.start()], name[found.end() :]]


def _wide(card: Card, width: float, height: float) -> Drawn:
    pad = max(2.5 * mm, 0.06 * height)
    edge = min(height - 2 * pad, 0.36 * width)
    left = width - 3 * pad - edge
    drawn = Drawn(
        accent=(pad, pad, min(left, 12 * mm), 0.025 * height), qr=(width - pad - edge, height - pad - edge, edge)
    )
    top = pad + 0.06 * height
    small = max(5.5, 0.052 * height)
    top = _put(drawn, fit_text(card.hall, most=small, width=left, height=2 * small * LEADING), x=pad, y=top)
    foot = height - pad
    if card.notice:
        foot = _put_above(drawn, fit_text(card.notice, most=5, width=width - edge - 3 * pad, height=7), x=pad, y=foot)
    day = fit_text(card.day, most=1.15 * small, width=left, height=1.5 * small * LEADING, most_lines=1)
    foot = _put_above(drawn, day, x=pad, y=foot)
    group = fit_text(card.organisation, most=1.25 * small, width=left, height=0.24 * height, most_lines=3)
    foot = _put_above(drawn, group, x=pad, y=foot) - 0.02 * height
    size, lines = fit_name(card.name, most=0.34 * height, width=left, height=foot - top - 0.02 * height)
    middle = top + (foot - top - len(lines) * size * LEADING) / 2
    _put(drawn, (size, lines), x=pad, y=middle, bold=True)
    return drawn


def _high(card: Card, width: float, height: float) -> Drawn:
    pad = 0.06 * height
    inner = width - 2 * pad
    edge = min(inner, 0.34 * height)
    drawn = Drawn(
        accent=((width - 16 * mm) / 2, pad, 16 * mm, 0.01 * height), qr=((width - edge) / 2, height - pad - edge, edge)
    )
    small = max(7.0, 0.026 * height)
    top = _put(
        drawn,
        fit_text(card.hall, most=small, width=inner, height=2 * small * LEADING),
        y=pad + 0.03 * height,
        centre=width,
    )
    foot = height - pad - edge - 0.01 * height
    if card.notice:
        foot = _put_above(drawn, fit_text(card.notice, most=6, width=inner, height=8), y=foot, centre=width)
    foot = _put_above(
        drawn, fit_text(card.day, most=1.2 * small, width=inner, height=1.6 * small), y=foot, centre=width
    )
    group = fit_text(card.organisation, most=1.5 * small, width=inner, height=0.12 * height, most_lines=3)
    foot = _put_above(drawn, group, y=foot, centre=width) - 0.01 * height
    size, lines = fit_name(card.name, most=0.17 * height, width=inner, height=foot - top - 0.02 * height)
    middle = top + (foot - top - len(lines) * size * LEADING) / 2
    _put(drawn, (size, lines), y=middle, centre=width, bold=True)
    return drawn


def _put(
    drawn: Drawn,
    block: tuple[float, list[str]],
    *,
    y: float,
    x: float = 0,
    centre: float | None = None,
    bold: bool = False,
) -> float:
    """Add lines from `y` on, from `x` or in the middle of a width; returns where they end."""
    size, lines = block
    for text in lines:
        wide = printing.text_width(text, size)
        at = x if centre is None else (centre - wide) / 2
        drawn.lines.append(BadgeLine(at, y + size * ((LEADING - 1) / 2 + _ASCENT), text, size, wide, bold))
        y += size * LEADING
    return y


def _put_above(
    drawn: Drawn, block: tuple[float, list[str]], *, y: float, x: float = 0, centre: float | None = None
) -> float:
    """Add lines that end at `y`; returns where they begin."""
    size, lines = block
    start = y - size * LEADING * len(lines)
    _put(drawn, block, y=start, x=x, centre=centre)
    return start
