"""The days of a month in its weeks, the months of a year, or the years, as tiles on a scale of their own."""

from collections.abc import Sequence

from hallapp.core import formats
from hallapp.core.i18n import language, region
from hallapp.reports import words
from hallapp.reports.pictures.inputs import ChartCell
from hallapp.reports.pictures.scale import Scale
from hallapp.reports.pictures.shapes import (
    GAP,
    HAIRLINE,
    LARGE,
    PITCH,
    RADIUS,
    SMALL,
    TILE,
    Box,
    Drawing,
    Mark,
    Text,
    fitting_size,
)


def calendar(cells: Sequence[ChartCell], *, first_weekday: int | None = None) -> Drawing:
    """Cells in rows of six; in weeks where the weekday of the first (Monday is 0) is given."""
    scale = Scale.of_times(cell.visitors for cell in cells)
    in_weeks = first_weekday is not None
    heads = formats.week(language()) if in_weeks else ()
    columns = len(heads) or 6
    before = 0 if first_weekday is None else (first_weekday - region().first_weekday) % columns
    top = 28.0 if in_weeks else 0.0
    marks = tuple(
        _mark(cell, scale, x=place % columns * PITCH, y=top + place // columns * PITCH)
        for place, cell in enumerate(cells, start=before)
    )
    names = tuple(Text(x=place * PITCH + TILE / 2, y=18, size=SMALL, text=name) for place, name in enumerate(heads))
    rows = max(-(-(before + len(cells)) // columns), 1)
    return Drawing(
        width=columns * PITCH - GAP,
        height=top + rows * PITCH - GAP,
        marks=(*marks, Mark(shapes=names)) if names else marks,
    )


def _mark(cell: ChartCell, scale: Scale, *, x: float, y: float) -> Mark:
    level = scale.level(cell.visitors)
    value = "" if cell.to_come else formats.number(cell.visitors)
    ink, size = f"ink-{level}", fitting_size(value, size=LARGE, width=TILE - 8)
    return Mark(
        title=words.labelled(cell.name, words.people(cell.visitors), words.groups(cell.groups)),
        shapes=(
            Box(x=x, y=y, width=TILE, height=TILE, fill=f"level-{level}", edge=HAIRLINE, radius=RADIUS),
            Text(
                x=x + 7,
                y=y + 23,
                size=fitting_size(cell.short, size=SMALL, width=TILE - 14),
                text=cell.short,
                paint=ink,
                anchor="start",
            ),
            Text(x=x + TILE / 2, y=y + 61, size=size, text=value, paint=ink),
        ),
    )
