"""A picture's own key: swatches with their words in one row."""

from collections.abc import Iterable, Iterator
from enum import Enum, auto

from hallapp.reports.pictures.shapes import BAND, LABEL, PLAIN, QUIET, SERIES, Box, Line, Shape, Text, room_for

_SWATCH, _SPACE = 30.0, 10.0


class Swatch(Enum):
    """The sample in front of a word of the key."""

    LINE = auto()
    DASHES = auto()
    BAND = auto()
    BAR = auto()
    TICK = auto()


def legend(entries: Iterable[tuple[Swatch, str]], *, width: float) -> Iterator[Shape]:
    """Yield the key from the top left corner; words that are wider than the sheet are made smaller."""
    entries = list(entries)
    free = width - len(entries) * (_SWATCH + _SPACE) - (len(entries) - 1) * 2 * _SPACE
    size = min(LABEL, free / max(sum(room_for(text, 1) for _swatch, text in entries), 0.01))
    x = 0.0
    for swatch, text in entries:
        yield from _drawn(swatch, x)
        yield Text(x=x + _SWATCH + _SPACE, y=18, size=size, text=text, anchor="start")
        x += _SWATCH + _SPACE + room_for(text, size) + 2 * _SPACE


def _drawn(swatch: Swatch, x: float) -> Iterator[Shape]:
    if swatch in (Swatch.LINE, Swatch.DASHES):
        yield Line(points=((x, 11), (x + _SWATCH, 11)), paint=SERIES, thickness=3, dashed=swatch is Swatch.DASHES)
    elif swatch is Swatch.TICK:
        yield Line(points=((x + _SWATCH / 2, 0), (x + _SWATCH / 2, 22)), paint=PLAIN, thickness=3)
    else:
        band = swatch is Swatch.BAND
        edge = QUIET if band else ""
        yield Box(x=x, y=3, width=_SWATCH, height=16, fill=BAND if band else SERIES, edge=edge, radius=2)
