"""People by weekday and hour, as a timetable."""

from collections.abc import Iterator, Mapping
from datetime import time

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, region
from hallapp.reports import words
from hallapp.reports.pictures.inputs import Hour
from hallapp.reports.pictures.scale import Scale
from hallapp.reports.pictures.sentences import weekday_name
from hallapp.reports.pictures.shapes import (
    HAIRLINE,
    LABEL,
    STEPS,
    WIDTH,
    Box,
    Drawing,
    Mark,
    Shape,
    Text,
    fitting_size,
    room_for,
)

_TOP, _GAP, _LEGEND = 32.0, 4.0, 82.0
_DAYTIME = range(9, 17)


def hours_of(cells: Mapping[Hour, int]) -> range:
    """Return the hours from the first to the last with people; a usual day's where there are none."""
    came = [hour for (_weekday, hour), number in cells.items() if number > 0]
    return range(min(came), max(came) + 1) if came else _DAYTIME


def heat_map(cells: Mapping[Hour, int]) -> Drawing:
    """Draw people by weekday and hour, like a timetable; hours without people are left empty."""
    hours = hours_of(cells)
    row = 44.0 if len(hours) <= 12 else 34.0
    scale = Scale.of_times(cells.values())
    left = room_for("00:00", LABEL) + 14
    column = (WIDTH - left + _GAP) / 7
    marks = [Mark(shapes=tuple(_heads(hours, left=left, column=column, row=row)))]
    for place, hour in enumerate(hours):
        for column_number, weekday in enumerate(region().week):
            number = cells.get((weekday, hour), 0)
            box = Box(
                x=left + column_number * column,
                y=_TOP + place * row,
                width=column - _GAP,
                height=row - _GAP,
                fill=f"level-{scale.level(number)}",
                edge=HAIRLINE,
                radius=4,
            )
            title = f"{weekday_name(weekday)} {formats.clock_time(time(hour))}: {words.people(number)}"
            marks.append(Mark(title=title, shapes=(box, *_written(box, number, ink=f"ink-{scale.level(number)}"))))
    foot = _TOP + len(hours) * row
    marks.append(Mark(shapes=tuple(_legend(scale, left=left, top=foot + 10))))
    return Drawing(width=WIDTH, height=foot + _LEGEND, marks=tuple(marks))


def _heads(hours: range, *, left: float, column: float, row: float) -> Iterator[Shape]:
    for place, name in enumerate(formats.week(language())):
        yield Text(x=left + place * column + (column - _GAP) / 2, y=20, size=LABEL, text=name)
    for place, hour in enumerate(hours):
        y = _TOP + place * row + (row - _GAP) / 2 + LABEL / 3
        yield Text(x=left - 14, y=y, size=LABEL, text=formats.clock_time(time(hour)), anchor="end")


def _written(box: Box, number: int, *, ink: str) -> Iterator[Text]:
    if number > 0:
        text = formats.number(number)
        size = fitting_size(text, size=LABEL, width=box.width - 8)
        middle, base = box.x + box.width / 2, box.y + box.height / 2 + size / 3
        yield Text(x=middle, y=base, size=size, text=text, paint=ink)


def _legend(scale: Scale, *, left: float, top: float) -> Iterator[Shape]:
    yield Text(x=left, y=top + 22, size=LABEL, text=_("People"), anchor="start")
    begin = left + room_for(_("People"), LABEL) + 8
    width = (WIDTH - begin) / (STEPS + 1)
    starts = (0, *scale.starts)
    labels = [f"{formats.number(start)}{'+' if start == starts[-1] else ''}" for start in starts]
    size = min(fitting_size(label, size=LABEL, width=width - 6) for label in labels)
    for level, label in enumerate(labels):
        x = begin + level * width
        yield Box(x=x, y=top + 6, width=width - 2, height=18, fill=f"level-{level}", edge=HAIRLINE, radius=3)
        yield Text(x=x, y=top + 46, size=size, text=label, anchor="start")
