"""Weekly templates as tables: a row for each time with its weekdays, and the days on which a template applies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from hallapp.schedule.models import Opening, Programme, WeekTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekRow:
    """One row of a weekly template: start, places and guides on some weekdays (0 is Monday), or none yet."""

    weekdays: tuple[int, ...]
    starts: time | None = None
    places: int | None = None
    guides: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """The templates of one programme, or of the hall (None): present, future and past."""

    programme: Programme | None
    now: WeekTemplate | None
    coming: Sequence[WeekTemplate]
    past: Sequence[WeekTemplate]


def rows_of(openings: Iterable[Opening]) -> list[WeekRow]:
    """Return the lines of a template, those that differ by their weekday only in one row, by time."""
    days: dict[tuple[time, int, int], list[int]] = {}
    for line in openings:
        days.setdefault((line.starts, line.visitor_capacity, line.guide_capacity), []).append(line.weekday)
    return [
        WeekRow(weekdays=tuple(sorted(weekdays)), starts=starts, places=places, guides=guides)
        for (starts, places, guides), weekdays in sorted(days.items())
    ]


def grid_of(template: WeekTemplate) -> list[tuple[time, list[Opening | None]]]:
    """Return a template as a table: for each time of day its seven weekdays."""
    cells = {(line.starts, line.weekday): line for line in template.openings}
    return [
        (starts, [cells.get((starts, weekday)) for weekday in range(7)])
        for starts in sorted({line.starts for line in template.openings})
    ]


def sort_weeks(programmes: Iterable[Programme], templates: Sequence[WeekTemplate], *, today: date) -> list[Weeks]:
    """Return the hall's own templates and those of each programme; `templates` has the latest first."""
    return [_weeks(programme, templates, today=today) for programme in (None, *programmes)]


def _weeks(programme: Programme | None, templates: Sequence[WeekTemplate], *, today: date) -> Weeks:
    own = [one for one in templates if one.programme_id == (programme.id if programme else None)]
    begun = [one for one in own if one.valid_from <= today]
    return Weeks(
        programme=programme,
        now=begun[0] if begun else None,
        coming=[one for one in reversed(own) if one.valid_from > today],
        past=begun[1:],
    )
