"""The divisions by how many people came from each, with a tick where each stood a year before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.reports import words
from hallapp.reports.pictures.inputs import Ranked
from hallapp.reports.pictures.legend import Swatch, legend
from hallapp.reports.pictures.scale import bar
from hallapp.reports.pictures.shapes import (
    HAIRLINE,
    LABEL,
    PLAIN,
    QUIET,
    SERIES,
    WIDTH,
    Box,
    Drawing,
    Line,
    Mark,
    Shape,
    Text,
    message,
    room_for,
    shortened,
)

#: The rows of a ranking that a page shows at first.
FIRST_ROWS = 10
_TOP, _ROW, _BAR, _EMPTY, _APART = 44.0, 34.0, 18.0, 120.0, 14.0
_RANK, _SPACE = 40.0, 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """The ends of the columns: name, bar, numbers, changes."""

    name_width: float
    bar: float
    bar_width: float
    number: float
    greatest: int

    def x(self, number: int) -> float:
        return self.bar + self.bar_width * bar(number, self.greatest)


def in_order(rows: Sequence[Ranked]) -> list[tuple[int | None, Ranked]]:
    """Return rows with their ranks, most people first; equals share a rank. Overseas and not stated come last."""
    ranked = sorted((row for row in rows if not row.beside), key=lambda row: -row.visitors)
    first_place: dict[int, int] = {}
    for place, row in enumerate(ranked, start=1):
        first_place.setdefault(row.visitors, place)
    return [*((first_place[row.visitors], row) for row in ranked), *((None, row) for row in rows if row.beside)]


def ranking(rows: Sequence[Ranked], *, width: float = WIDTH, most: int | None = None) -> Drawing:
    """Bars from the most people to the fewest, at most `most` of them; rows without people in both periods are out."""
    shown = [(rank, row) for rank, row in in_order(rows) if row.visitors > 0 or (row.before or 0) > 0][:most]
    if not shown:
        text = message(_("No visitors in this period."), width=width, height=_EMPTY)
        return Drawing(width=width, height=_EMPTY, marks=(Mark(shapes=(text,)),))
    compared = any(row.before is not None for _rank, row in shown)
    columns = _columns([row for _rank, row in shown], width=width)
    marks = [Mark(shapes=tuple(legend(_swatches(compared=compared), width=width)))]
    y = _TOP
    for place, (rank, row) in enumerate(shown):
        if row.beside and place and not shown[place - 1][1].beside:
            line = Line(points=((0, y + _APART / 2), (width, y + _APART / 2)), paint=QUIET, dashed=True)
            marks.append(Mark(shapes=(line,)))
            y += _APART
        marks.append(Mark(title=_title(row), shapes=tuple(_row(rank, row, columns, y=y, width=width))))
        y += _ROW
    return Drawing(width=width, height=y, marks=tuple(marks))


def _swatches(*, compared: bool) -> Iterator[tuple[Swatch, str]]:
    yield Swatch.BAR, _("People")
    if compared:
        yield Swatch.TICK, _("the same time a year before")


def _columns(rows: Sequence[Ranked], *, width: float) -> _Columns:
    names = max(room_for(row.name, LABEL) for row in rows) + 1
    name_width = min(names, 0.36 * width)
    numbers = max(room_for(formats.number(row.visitors), LABEL) for row in rows)
    changes = max(room_for(_change(row), LABEL) for row in rows)
    start = _RANK + name_width + _SPACE
    number = width - (changes + 1.5 * _SPACE if changes else 0)
    return _Columns(
        name_width=name_width,
        bar=start,
        bar_width=number - start - numbers - 2 * _SPACE,
        number=number,
        greatest=max(max(row.visitors, row.before or 0) for row in rows),
    )


def _row(rank: int | None, row: Ranked, columns: _Columns, *, y: float, width: float) -> Iterator[Shape]:
    base = y + 23
    if rank is not None and row.visitors > 0:
        yield Text(x=_RANK - 10, y=base, size=LABEL, text=str(rank), anchor="end")
    name = shortened(row.name, size=LABEL, width=columns.name_width)
    yield Text(x=_RANK, y=base, size=LABEL, text=name, paint=PLAIN, anchor="start")
    yield from _bar(row, columns, y=y)
    yield Text(x=columns.number, y=base, size=LABEL, text=formats.number(row.visitors), paint=PLAIN, anchor="end")
    if row.before is not None:
        yield Text(x=width, y=base, size=LABEL, text=_change(row), anchor="end")


def _bar(row: Ranked, columns: _Columns, *, y: float) -> Iterator[Shape]:
    """Yield a bar from its foot line, and the tick of the year before, where that had people."""
    yield Line(points=((columns.bar, y + 2), (columns.bar, y + _ROW - 2)), paint=HAIRLINE, thickness=1.5)
    if row.visitors > 0:
        length = columns.x(row.visitors) - columns.bar
        yield Box(x=columns.bar, y=y + (_ROW - _BAR) / 2, width=length, height=_BAR, fill=SERIES, radius=2)
    if row.before is not None and row.before > 0:
        x = columns.x(row.before)
        yield Line(points=((x, y + 3), (x, y + _ROW - 3)), paint=PLAIN, thickness=3)


def _change(row: Ranked) -> str:
    return "" if row.before is None else words.signed(row.visitors - row.before)


def _title(row: Ranked) -> str:
    now = words.labelled(row.name, words.people(row.visitors))
    if row.before is None:
        return now
    return _("%(now)s; a year before: %(before)s", now=now, before=words.people(row.before))
