"""Places as tiles about where they lie: how many people, or which share of all people, came from each."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hallapp import printing
from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.origins.values import Division
from hallapp.reports import words
from hallapp.reports.figures.parts import DivisionFigure
from hallapp.reports.pictures.inputs import Places
from hallapp.reports.pictures.scale import Scale
from hallapp.reports.pictures.shapes import (
    GAP,
    HAIRLINE,
    LABEL,
    LARGE,
    MEDIUM,
    PITCH,
    QUIET,
    RADIUS,
    SMALL,
    STEPS,
    TILE,
    Box,
    Drawing,
    Mark,
    Text,
    fitting_size,
)

#: The columns and rows of a map that leaves its corners to the scale and to abroad.
_LEAST = 8
_READABLE = 9.0
_HAN = re.compile("[\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]")
_BREAK = re.compile(r" |(?<=-)")


class Measure(StrEnum):
    """The measure shown on the tiles."""

    PEOPLE = "people"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The value of a measure for a division, and its text on the tile and on the scale."""

    title: str
    number: Callable[[DivisionFigure], int]
    on_tile: Callable[[DivisionFigure], str]
    on_scale: Callable[[int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """The places of things on the map, in tiles: where the tiles begin, and where those beside them stand."""

    left: float
    top: float
    columns: int
    rows: int
    beside: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, tiles: Collection[tuple[int, int]]) -> "_Frame":
        """Return the frame of these tiles: scale and abroad go into its free corners, else above and below."""
        columns = max(_LEAST, 1 + max(column for column, _row in tiles))
        used = 1 + max(column for column, _row in tiles)
        rows = 1 + max(row for _column, row in tiles)
        taken = {(column, row) for row in (0, _LEAST - 2, _LEAST - 1) for column in range(6 if row == 0 else 2)}
        if columns == rows == _LEAST and taken.isdisjoint(tiles):
            return cls(left=0, top=0, columns=columns, rows=rows, beside=((0, rows - 2), (0, rows - 1)))
        below = rows + 1.0
        return cls(left=(columns - used) / 2, top=1, columns=columns, rows=rows + 2, beside=((0, below), (2, below)))


def tile_map(report: Places, *, measure: Measure = Measure.PEOPLE) -> Drawing:
    """Draw the places of a set that has a map as tiles, abroad and not stated beside them, and the scale."""
    reading = _reading(measure)
    scale = Scale.of_places(reading.number(figure) for figure in report.divisions)
    found = [(figure, report.origins.division(figure.code)) for figure in report.divisions]
    placed = [(figure, division, division.tile) for figure, division in found if division.tile]
    frame = _Frame.of([tile for _figure, _division, tile in placed])
    tiles = [
        _division_mark(figure, division, (frame.left + tile[0], frame.top + tile[1]), scale, reading)
        for figure, division, tile in placed
    ]
    apart = [(figure, division) for figure, division in found if not figure.is_place]
    beside = [_beside_mark(*one, scale, reading, place=place) for one, place in zip(apart, frame.beside, strict=False)]
    title = Text(x=0, y=18, size=LABEL, text=reading.title, anchor="start")
    return Drawing(
        width=frame.columns * PITCH - GAP,
        height=frame.rows * PITCH - GAP,
        marks=(*tiles, *beside, Mark(shapes=(title,)), *_legend(scale, reading)),
    )


def _reading(measure: Measure) -> _Reading:
    if measure is Measure.SHARE:
        return _Reading(
            title=_("Share of all people"),
            number=_thousandths,
            on_tile=lambda figure: words.percent(figure.share, figure.visitors) if figure.visitors else "0",
            on_scale=_percent,
        )
    return _Reading(
        title=_("People"),
        number=lambda figure: figure.visitors,
        on_tile=lambda figure: formats.number(figure.visitors),
        on_scale=formats.number,
    )


def _thousandths(figure: DivisionFigure) -> int:
    """Return a share in thousandths; a share above zero is at least on the first step."""
    return max(round(figure.share * 1000), 1) if figure.visitors else 0


def _percent(thousandths: int) -> str:
    """Return the start of a scale's step; the first step holds everything above zero."""
    if thousandths <= 1:
        return "0" if not thousandths else ">0%"
    return f"{thousandths / 10:g}%"


def _division_mark(
    figure: DivisionFigure, division: Division, tile: tuple[float, float], scale: Scale, reading: _Reading
) -> Mark:
    level = scale.level(reading.number(figure))
    x, y = tile[0] * PITCH, tile[1] * PITCH
    name, value = division.name(language()), reading.on_tile(figure)
    middle = x + TILE / 2
    return Mark(
        title=_title(figure, name),
        shapes=(
            _tile(x, y, TILE, level),
            *_names(name, _short(division), x=middle, y=y + 33, paint=f"ink-{level}"),
            Text(x=middle, y=y + 65, size=_value_size(value), text=value, paint=f"ink-{level}"),
        ),
    )


def _names(name: str, code: str, *, x: float, y: float, paint: str) -> tuple[Text, ...]:
    """Return the name on a tile: Chinese at every size; others where there is room, else the letters of the code."""
    if _HAN.search(name):
        size = fitting_size(name, size=MEDIUM, width=TILE - 8)
        return (Text(x=x, y=y, size=size, text=name, paint=paint),)
    lines = _BREAK.split(name, maxsplit=1)
    size = min(SMALL, (TILE - 8) / max(printing.text_width(line, 1) for line in lines))
    if size < _READABLE:
        return (Text(x=x, y=y, size=fitting_size(code, size=MEDIUM, width=TILE - 8), text=code, paint=paint),)
    top = y - 2 if len(lines) == 1 else y - 12
    long = [
        Text(x=x, y=top + number * size, size=size, text=line, paint=paint, room="long")
        for number, line in enumerate(lines)
    ]
    return (*long, Text(x=x, y=y, size=MEDIUM, text=code, paint=paint, room="short"))


def _short(division: Division) -> str:
    """Return the letters by which a small tile names a division: `GD` of `CN-GD`."""
    return division.iso.partition("-")[2] or division.code


def _beside_mark(
    figure: DivisionFigure, division: Division, scale: Scale, reading: _Reading, *, place: tuple[float, float]
) -> Mark:
    level = scale.level(reading.number(figure))
    value, x, y = reading.on_tile(figure), place[0] * PITCH, place[1] * PITCH
    width = 2 * PITCH - 4 * GAP  # ends well before the first division of its row
    name = division.name(language())
    return Mark(
        title=_title(figure, name),
        shapes=(
            _tile(x + 1, y, width, level, dashed=True),
            Text(x=x + width / 2, y=y + 33, size=MEDIUM, text=name, paint=f"ink-{level}"),
            Text(x=x + width / 2, y=y + 65, size=_value_size(value), text=value, paint=f"ink-{level}"),
        ),
    )


def _tile(x: float, y: float, width: float, level: int, *, dashed: bool = False) -> Box:
    edge = QUIET if dashed else HAIRLINE
    return Box(x=x, y=y, width=width, height=TILE, fill=f"level-{level}", edge=edge, dashed=dashed, radius=RADIUS)


def _legend(scale: Scale, reading: _Reading) -> Iterator[Mark]:
    width = 6 * PITCH / (STEPS + 1)
    starts = (0, *scale.starts)
    labels = [f"{reading.on_scale(start)}{'+' if start == starts[-1] else ''}" for start in starts]
    size = min(fitting_size(label, size=LABEL, width=width - 6) for label in labels)
    for level, label in enumerate(labels):
        yield Mark(
            shapes=(
                Box(x=level * width, y=28, width=width - 2, height=18, fill=f"level-{level}", edge=HAIRLINE, radius=3),
                Text(x=level * width, y=68, size=size, text=label, anchor="start"),
            ),
        )


def _title(figure: DivisionFigure, name: str) -> str:
    share = words.percent(figure.share, figure.visitors)
    people = _("%(people)s (%(share)s)", people=words.people(figure.visitors), share=share)
    return words.labelled(name, people, words.groups(figure.groups))


def _value_size(value: str) -> float:
    return fitting_size(value, size=LARGE, width=TILE - 8)
