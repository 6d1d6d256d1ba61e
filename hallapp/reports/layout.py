"""What a report's charts look like: one drawing in its own units, which the page shows as SVG and the PDF as vectors.

The scale has five steps of one hue from light to dark, so it is told apart by the colour-blind and in a grey print;
every text stands on its step with a contrast of 4.5 or more. The page's dark colours are in `static/css/reports.css`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log10
from typing import Protocol

from flask_babel import gettext as _

from hallapp.core import formats, pdf_font
from hallapp.core.i18n import language
from hallapp.reports import words
from hallapp.reports.figures import DivisionFigure, PartFigure, Report
from hallapp.reports.periods import Unit

#: What a tile is filled with, by level: 0 is nobody, 5 is the most.
FILLS = ("#ffffff", "#fbe6d9", "#f3bfa2", "#e0805a", "#ad3b26", "#6b1810")
#: What is written on it.
INKS = ("#5f5a54", "#1c1a18", "#1c1a18", "#1c1a18", "#ffffff", "#ffffff")
LINE = "#dcd6cd"
QUIET = "#5f5a54"
STEPS = len(FILLS) - 1

TILE = 80.0
RADIUS = 6.0
GAP = 5.0
PITCH = TILE + GAP
_LARGE, _MEDIUM, _LEGEND, _SMALL = 25.0, 23.0, 21.0, 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle; `level` chooses the fill. A dashed edge tells what is beside the map from what is on it."""

    x: float
    y: float
    width: float
    height: float
    level: int
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line of text on a baseline, in the ink of its level, or quiet (None). `size` is in the drawing's units.

    A `long` text is for where there is room, a `short` one for narrow screens; the others are for both.
    """

    x: float
    y: float
    size: float
    text: str
    level: int | None = None
    anchor: str = "middle"
    room: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One tile with what is written on it; `title` says it in words."""

    title: str
    box: Box
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Marks and free texts on a sheet of `width` by `height` units; y grows downwards."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the steps begin, in people: step n is for numbers from `starts[n - 1]` on. Small numbers need fewer."""

    starts: tuple[int, ...]

    @classmethod
    def of_places(cls, numbers: Iterable[int]) -> "Scale":
        """Steps in even ratios: the divisions of a report differ by orders of magnitude."""
        found = [number for number in numbers if number > 0] or [1]
        least, ratio = min(found), max(found) / min(found)
        return cls(tuple(sorted({1, *(_round_start(least * ratio ** (step / STEPS)) for step in range(1, STEPS))})))

    @classmethod
    def of_times(cls, numbers: Iterable[int]) -> "Scale":
        """Steps of even height: days, months and years are of one size."""
        greatest = max(numbers, default=0)
        height = _round_start(greatest / STEPS)
        return cls((1, *(start for start in range(height, height * STEPS, height) if 1 < start <= greatest)))

    def level(self, number: int) -> int:
        """0 for nobody, up to 5 for the top step."""
        return bisect_right(self.starts, number) if number > 0 else 0


def bar(number: int, greatest: int) -> float:
    """The length of a bar as a part of 1: what is there is always seen."""
    return max(0.01, number / greatest) if number > 0 else 0.0


class Places(Protocol):
    """What a tile map is drawn from: a report, or less than one."""

    @property
    def divisions(self) -> tuple[DivisionFigure, ...]:
        """All 36 in code order."""

    @property
    def beside(self) -> list[DivisionFigure]:
        """Overseas and not stated."""


def tile_map(report: Places) -> Drawing:
    """The 34 divisions as tiles about where they lie, overseas and not stated beside them, and the scale."""
    scale = Scale.of_places(figure.visitors for figure in report.divisions)
    tiles = [_division_mark(figure, tile, scale) for figure in report.divisions if (tile := figure.division.tile)]
    beside = [_beside_mark(figure, scale, row=6 + place) for place, figure in enumerate(report.beside)]
    title = Text(x=0, y=18, size=_LEGEND, text=_("People"), anchor="start")
    return Drawing(
        width=8 * PITCH - GAP, height=8 * PITCH - GAP, marks=(*tiles, *beside, *_legend(scale)), texts=(title,)
    )


def calendar_of(report: Report) -> Drawing:
    """The days of a month in its weeks, the months of a year, or the years, as tiles on a scale of their own."""
    unit = report.period.unit
    scale = Scale.of_times(part.visitors for part in report.parts)
    weekdays = formats.weekdays(language()) if unit is Unit.MONTH else ()
    columns = len(weekdays) or 6
    head = 28.0 if weekdays else 0.0
    before = report.period.first.weekday() if weekdays else 0
    marks = tuple(
        _part_mark(report, part, scale, x=place % columns * PITCH, y=head + place // columns * PITCH)
        for place, part in enumerate(report.parts, start=before)
    )
    heads = tuple(Text(x=place * PITCH + TILE / 2, y=18, size=_SMALL, text=name) for place, name in enumerate(weekdays))
    rows = -(-(before + len(marks)) // columns)
    return Drawing(width=columns * PITCH - GAP, height=head + rows * PITCH - GAP, marks=marks, texts=heads)


def _division_mark(figure: DivisionFigure, tile: tuple[int, int], scale: Scale) -> Mark:
    level = scale.level(figure.visitors)
    x, y = tile[0] * PITCH, tile[1] * PITCH
    name = figure.division.name(language())
    middle = x + TILE / 2
    return Mark(
        title=_title(name, figure.visitors, figure.groups),
        box=Box(x=x, y=y, width=TILE, height=TILE, level=level),
        texts=(
            *_names(name, figure.division.iso.removeprefix("CN-"), x=middle, y=y + 33, level=level),
            Text(x=middle, y=y + 65, size=_fitting(figure.visitors), text=formats.number(figure.visitors), level=level),
        ),
    )


def _names(name: str, code: str, *, x: float, y: float, level: int) -> tuple[Text, ...]:
    """A Chinese name fits a tile at every size; an English one only where there is room, else its two letters do."""
    if not name.isascii():
        return (Text(x=x, y=y, size=_MEDIUM, text=name, level=level),)
    lines = name.split(" ", 1)
    size = min(_SMALL, (TILE - 4) / max(pdf_font.text_width(line, 1) for line in lines))
    top = y - 2 if len(lines) == 1 else y - 12
    long = [
        Text(x=x, y=top + number * size, size=size, text=line, level=level, room="long")
        for number, line in enumerate(lines)
    ]
    return (*long, Text(x=x, y=y, size=_MEDIUM, text=code, level=level, room="short"))


def _beside_mark(figure: DivisionFigure, scale: Scale, *, row: int) -> Mark:
    level = scale.level(figure.visitors)
    name, y = figure.division.name(language()), row * PITCH
    width = 2 * PITCH - 4 * GAP  # ends well before the first division of its row
    return Mark(
        title=_title(name, figure.visitors, figure.groups),
        box=Box(x=1, y=y, width=width, height=TILE, level=level, dashed=True),
        texts=(
            Text(x=width / 2, y=y + 33, size=_MEDIUM, text=name, level=level),
            Text(
                x=width / 2, y=y + 65, size=_fitting(figure.visitors), text=formats.number(figure.visitors), level=level
            ),
        ),
    )


def _part_mark(report: Report, part: PartFigure, scale: Scale, *, x: float, y: float) -> Mark:
    """A day, month or year; days that are still to come are left empty."""
    level = scale.level(part.visitors)
    value = formats.number(part.visitors) if part.first <= report.hall.today() else ""
    return Mark(
        title=_title(words.part_name(part.first, report.period), part.visitors, part.groups),
        box=Box(x=x, y=y, width=TILE, height=TILE, level=level),
        texts=(
            Text(
                x=x + 7,
                y=y + 23,
                size=_SMALL,
                text=words.part_short(part.first, report.period),
                level=level,
                anchor="start",
            ),
            Text(x=x + TILE / 2, y=y + 61, size=_fitting(part.visitors), text=value, level=level),
        ),
    )


def _legend(scale: Scale) -> Iterator[Mark]:
    width = 6 * PITCH / (STEPS + 1)
    for level, start in enumerate((0, *scale.starts)):
        open_end = "+" if level == len(scale.starts) else ""
        text = f"{formats.number(start)}{open_end}"
        yield Mark(
            title="",
            box=Box(x=level * width, y=28, width=width - 2, height=18, level=level),
            texts=(Text(x=level * width, y=68, size=_LEGEND, text=text, anchor="start"),),
        )


def _title(name: str, visitors: int, groups: int) -> str:
    return f"{name}: {words.people(visitors)}, {words.groups(groups)}"


def _fitting(number: int) -> float:
    """The size at which a number fits its tile, however long it is."""
    return min(_LARGE, (TILE - 8) / (0.58 * len(formats.number(number))))


def _round_start(value: float) -> int:
    """The nearest of 1, 2, 3, 5, 10, 20, 30, 50 and so on, in ratio."""
    power = 10 ** int(log10(value)) if value >= 1 else 1
    return min(
        (power * digit for digit in (1, 2, 3, 5, 10)), key=lambda round_one: abs(log10(round_one / max(value, 1)))
    )
