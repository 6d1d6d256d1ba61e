"""People per month since the opening: a line over its area, years marked, the highest month named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.reports.pictures.legend import Swatch, legend
from hallapp.reports.pictures.scale import ticks
from hallapp.reports.pictures.shapes import (
    BAND,
    HAIRLINE,
    LABEL,
    PLAIN,
    QUIET,
    SERIES,
    TINT,
    WIDTH,
    Area,
    Box,
    Drawing,
    Line,
    Mark,
    Point,
    Shape,
    Text,
    message,
    room_for,
)

_TOP, _LOW, _HIGH, _AXIS = 76.0, 260.0, 320.0, 34.0
#: With so few months each has its dot, and months are named on the axis.
_FEW = 18
#: Above this number of months the line is thinner.
_MANY = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """The positions of numbers and months on the sheet."""

    left: float
    right: float
    height: float
    slots: int
    top_tick: int

    @property
    def slot(self) -> float:
        return (self.right - self.left) / self.slots

    def x(self, place: float) -> float:
        """Return the left edge of a month by its place from 0; its middle is half a slot on."""
        return self.left + place * self.slot

    def y(self, number: int) -> float:
        return _TOP + self.height * (1 - number / self.top_tick)

    @property
    def base(self) -> float:
        return _TOP + self.height


def trend(
    points: Sequence[tuple[date, int]],
    *,
    marked: tuple[date, date] | None = None,
    running: bool = False,
    width: float = WIDTH,
) -> Drawing:
    """Draw the people of consecutive months, by their first days.

    The months from `marked[0]` up to `marked[1]` are on a band; the line to the last month is dashed while it is
    `running`, because its number may still grow.
    """
    greatest = max((number for _first, number in points), default=0)
    steps = ticks(greatest)
    left = max(room_for(formats.number(step), LABEL) for step in steps) + 12
    plot = _Plot(
        left=left,
        right=width - 8,
        height=_HIGH if width > WIDTH else _LOW,
        slots=max(len(points), 1),
        top_tick=steps[-1],
    )
    height = plot.base + _AXIS
    running = running and len(points) > 1
    grounds = [*_band(points, marked, plot)] if marked else []
    marks = [
        Mark(shapes=tuple(legend(_swatches(marked=bool(grounds), running=running), width=width))),
        Mark(shapes=(*grounds, *_grid(steps, plot))),
        Mark(shapes=tuple(_years(points, plot))),
    ]
    if greatest:
        marks += [Mark(shapes=tuple(_curve(points, plot, running=running))), _peak(points, plot)]
    else:
        marks.append(Mark(shapes=(message(_("No visitors in this period."), width=width, height=height),)))
    return Drawing(width=width, height=height, marks=tuple(mark for mark in marks if mark.shapes))


def month_label(first: date) -> str:
    """Return `2019年10月` or `Oct 2019`."""
    return formats.short_month(first, language(), year=True)


def _swatches(*, marked: bool, running: bool) -> Iterator[tuple[Swatch, str]]:
    yield Swatch.LINE, _("People per month")
    if running:
        yield Swatch.DASHES, _("month has not ended")
    if marked:
        yield Swatch.BAND, _("the time of this report")


def _grid(steps: Sequence[int], plot: _Plot) -> Iterator[Shape]:
    for step in steps:
        y = plot.y(step)
        yield Line(points=((plot.left, y), (plot.right, y)), paint=HAIRLINE if step else QUIET, thickness=1.5)
        yield Text(x=plot.left - 12, y=y + 7, size=LABEL, text=formats.number(step), anchor="end")


def _band(points: Sequence[tuple[date, int]], marked: tuple[date, date], plot: _Plot) -> Iterator[Shape]:
    places = [place for place, (first, _number) in enumerate(points) if marked[0] <= first < marked[1]]
    if places and len(places) < len(points):
        least = 6.0  # a month among twenty years is still seen
        width = max(plot.x(places[-1] + 1) - plot.x(places[0]), least)
        x = min(plot.x(places[0]), plot.right - width)
        yield Box(x=x, y=_TOP, width=width, height=plot.height, fill=BAND)


def _years(points: Sequence[tuple[date, int]], plot: _Plot) -> Iterator[Shape]:
    """Yield a short tick where each year begins, and as many names below the axis as have room."""
    base = plot.base
    for place, (first, _number) in enumerate(points):
        if first.month == 1:
            yield Line(points=((plot.x(place), base), (plot.x(place), base + 8)), paint=QUIET, thickness=1.5)
    yield from _names(points, plot)


def _names(points: Sequence[tuple[date, int]], plot: _Plot) -> Iterator[Text]:
    months = len(points) <= _FEW
    for every in (1, 2, 3, 6) if months else (1, 2, 5, 10, 20, 50, 100):
        texts = [*(_month_names if months else _year_names)(points, plot, every)]
        bounds = [text.bounds() for text in texts]
        if all(one[2] + 8 <= other[0] for one, other in pairwise(bounds)):
            break
    yield from (text for text in texts if text.bounds()[2] <= plot.right + 8)


def _month_names(points: Sequence[tuple[date, int]], plot: _Plot, every: int) -> Iterator[Text]:
    """Months under the middle of their slot, with the year where it is another than before."""
    year = 0
    for place, (first, _number) in enumerate(points):
        if place % every == 0:
            short = formats.short_month(first, language())
            name = short if first.year == year else month_label(first)
            half = room_for(name, LABEL) / 2
            year = first.year
            middle = max(min(plot.x(place + 0.5), plot.right + 8 - half), half)
            yield Text(x=middle, y=plot.base + 30, size=LABEL, text=name)


def _year_names(points: Sequence[tuple[date, int]], plot: _Plot, every: int) -> Iterator[Text]:
    """Years from where they begin."""
    for place, (first, _number) in enumerate(points):
        if first.month == 1 and first.year % every == 0:
            x = plot.x(place) + 2
            yield Text(x=x, y=plot.base + 30, size=LABEL, text=str(first.year), anchor="start")


def _curve(points: Sequence[tuple[date, int]], plot: _Plot, *, running: bool) -> Iterator[Shape]:
    way: list[Point] = [(plot.x(place + 0.5), plot.y(number)) for place, (_first, number) in enumerate(points)]
    thickness = 3 if len(way) <= _MANY else 2
    if len(way) > 1:
        yield Area(points=((way[0][0], plot.base), *way, (way[-1][0], plot.base)), fill=TINT)
        sure = way[:-1] if running else way
        if len(sure) > 1:
            yield Line(points=tuple(sure), paint=SERIES, thickness=thickness)
        if running:
            yield Line(points=(way[-2], way[-1]), paint=SERIES, thickness=thickness, dashed=True)
    if len(way) <= _FEW:
        yield from (_dot(x, y, 5) for x, y in way)


def _peak(points: Sequence[tuple[date, int]], plot: _Plot) -> Mark:
    """Return the highest month, the first of equals: a dot, and its name above the plot, where no line crosses it."""
    place = max(range(len(points)), key=lambda one: points[one][1])
    first, number = points[place]
    name = f"{month_label(first)}{formats.colon(language())}{formats.number(number)}"
    x, y = plot.x(place + 0.5), plot.y(number)
    half = room_for(name, LABEL) / 2
    middle = min(max(x, plot.left + half), plot.right - half)
    leader = Line(points=((x, _TOP - 10), (x, y)), paint=QUIET, thickness=1.5)
    label = Text(x=middle, y=_TOP - 17, size=LABEL, text=name, paint=PLAIN)
    return Mark(title=name, shapes=(leader, _dot(x, y, 7), label))


def _dot(x: float, y: float, radius: float) -> Box:
    return Box(x=x - radius, y=y - radius, width=2 * radius, height=2 * radius, fill=SERIES, radius=radius)
