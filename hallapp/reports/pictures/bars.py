"""Bars of people by programme or by kind of organisation, with their share."""

from collections.abc import Iterator, Sequence

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import ngettext
from hallapp.reports import words
from hallapp.reports.pictures.inputs import ChartPart
from hallapp.reports.pictures.scale import bar
from hallapp.reports.pictures.shapes import (
    BAND,
    LABEL,
    PLAIN,
    SERIES,
    WIDTH,
    Box,
    Drawing,
    Mark,
    Shape,
    Text,
    message,
    room_for,
    shortened,
)

_ROW, _BAR, _EMPTY, _MOST = 62.0, 16.0, 120.0, 12


def bars(rows: Sequence[ChartPart]) -> Drawing:
    """Bars from the most people to the fewest, names over them; zeros are left out, the last of many are one row."""
    shown = _shown(rows)
    if not shown:
        text = message(_("No visitors in this period."), width=WIDTH, height=_EMPTY)
        return Drawing(width=WIDTH, height=_EMPTY, marks=(Mark(shapes=(text,)),))
    greatest = max(row.visitors for row in shown)
    shares = max(room_for(words.percent(row.share, row.visitors), LABEL) for row in shown)
    marks = tuple(
        Mark(
            title=_title(row), shapes=tuple(_row(row, y=place * _ROW, part=bar(row.visitors, greatest), shares=shares))
        )
        for place, row in enumerate(shown)
    )
    return Drawing(width=WIDTH, height=len(shown) * _ROW, marks=marks)


def _shown(rows: Sequence[ChartPart]) -> list[ChartPart]:
    came = sorted((row for row in rows if row.visitors > 0), key=lambda row: -row.visitors)
    if len(came) <= _MOST:
        return came
    rest = came[_MOST - 1 :]
    others = ChartPart(
        name=ngettext("%(num)s other", "%(num)s others", len(rest)),
        visitors=sum(row.visitors for row in rest),
        share=sum(row.share for row in rest),
    )
    return [*came[: _MOST - 1], others]


def _row(row: ChartPart, *, y: float, part: float, shares: float) -> Iterator[Shape]:
    """Yield a name with its people and its share, each in its column, over a bar on its track."""
    base, people = y + 22, formats.number(row.visitors)
    numbers = WIDTH - shares - 24
    room = numbers - room_for(people, LABEL) - 16
    yield Text(x=0, y=base, size=LABEL, text=shortened(row.name, size=LABEL, width=room), paint=PLAIN, anchor="start")
    yield Text(x=numbers, y=base, size=LABEL, text=people, paint=PLAIN, anchor="end")
    yield Text(x=WIDTH, y=base, size=LABEL, text=words.percent(row.share, row.visitors), anchor="end")
    yield Box(x=0, y=y + 31, width=WIDTH, height=_BAR, fill=BAND, radius=2)
    yield Box(x=0, y=y + 31, width=WIDTH * part, height=_BAR, fill=SERIES, radius=2)


def _title(row: ChartPart) -> str:
    return words.labelled(row.name, words.people(row.visitors), words.percent(row.share, row.visitors))
