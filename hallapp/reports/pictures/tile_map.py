"""The 34 divisions as tiles about where they lie: how many people, or which share of all people, came from each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hallapp import printing
from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
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
    WIDTH,
    Box,
    Drawing,
    Mark,
    Text,
    fitting_size,
)


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


def tile_map(report: Places, *, measure: Measure = Measure.PEOPLE) -> Drawing:
    """Draw the 34 divisions as tiles, overseas and not stated beside them, and the scale."""
    reading = _reading(measure)
    scale = Scale.of_places(reading.number(figure) for figure in report.divisions)
    tiles = [
        _division_mark(figure, tile, scale, reading) for figure in report.divisions if (tile := figure.division.tile)
    ]
    beside = [_beside_mark(figure, scale, reading, row=6 + place) for place, figure in enumerate(report.beside)]
    title = Text(x=0, y=18, size=LABEL, text=reading.title, anchor="start")
    return Drawing(
        width=WIDTH, height=8 * PITCH - GAP, marks=(*tiles, *beside, Mark(shapes=(title,)), *_legend(scale, reading))
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


def _division_mark(figure: DivisionFigure, tile: tuple[int, int], scale: Scale, reading: _Reading) -> Mark:
    level = scale.level(reading.number(figure))
    x, y = tile[0] * PITCH, tile[1] * PITCH
    name, value = figure.division.name(language()), reading.on_tile(figure)
    middle = x + TILE / 2
    return Mark(
        title=_title(figure),
        shapes=(
            _tile(x, y, TILE, level),
            *_names(name, figure.division.iso.removeprefix("CN-"), x=middle, y=y + 33, paint=f"ink-{level}"),
            Text(x=middle, y=y + 65, size=_value_size(value), text=value, paint=f"ink-{level}"),
        ),
    )


def _names(name: str, code: str, *, x: float, y: float, paint: str) -> tuple[Text, ...]:
    """Return the name on a tile: Chinese at every size; English where there is room, else two letters."""
    if not name.isascii():
        return (Text(x=x, y=y, size=MEDIUM, text=name, paint=paint),)
    lines = name.split(" ", 1)
    size = min(SMALL, (TILE - 8) / max(printing.text_width(line, 1) for line in lines))
    top = y - 2 if len(lines) == 1 else y - 12
    long = [
        Text(x=x, y=top + number * size, size=size, text=line, paint=paint, room="long")
        for number, line in enumerate(lines)
    ]
    return (*long, Text(x=x, y=y, size=MEDIUM, text=code, paint=paint, room="short"))


def _beside_mark(figure: DivisionFigure, scale: Scale, reading: _Reading, *, row: int) -> Mark:
    level = scale.level(reading.number(figure))
    value, y = reading.on_tile(figure), row * PITCH
    width = 2 * PITCH - 4 * GAP  # ends well before the first division of its row
    name = figure.division.name(language())
    return Mark(
        title=_title(figure),
        shapes=(
            _tile(1, y, width, level, dashed=True),
            Text(x=width / 2, y=y + 33, size=MEDIUM, text=name, paint=f"ink-{level}"),
            Text(x=width / 2, y=y + 65, size=_value_size(value), text=value, paint=f"ink-{level}"),
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


def _title(figure: DivisionFigure) -> str:
    share = words.percent(figure.share, figure.visitors)
    people = _("%(people)s (%(share)s)", people=words.people(figure.visitors), share=share)
    return words.labelled(figure.division.name(language()), people, words.groups(figure.groups))


def _value_size(value: str) -> float:
    return fitting_size(value, size=LARGE, width=TILE - 8)
