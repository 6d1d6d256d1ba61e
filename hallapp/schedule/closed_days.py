"""Close several days at once, such as for a holiday fortnight, or leave them to the rules again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from hallapp.schedule import errors, queries
from hallapp.schedule.models import CalendarDay
from hallapp.schedule.planning import Plan
from hallapp.schedule.service import SetDay, hold_hall, set_day

DAYS_MOST = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDays:
    """Close the days `first` to `last`, both included, with one reason; without `closed` the rules decide again."""

    hall_id: int
    by: int | None
    first: date
    last: date
    closed: bool
    reason: Mapping[str, str] = field(default_factory=dict)


def set_days(command: SetDays) -> Plan:
    """Write it on each of the days, whose kinds, names and limits stay, and give one plan for all of them.

    Raises:
        DaysCrossed, TooManyDays: for the range.
        DayPast, DayTooFar, TextTooLong, TextUnreadable: as `set_day`.
    """
    if command.last < command.first:
        raise errors.DaysCrossed
    if (command.last - command.first).days >= DAYS_MOST:
        raise errors.TooManyDays(most=DAYS_MOST)
    hall = hold_hall(command.hall_id)
    known = {row.day: row for row in queries.list_calendar_days(hall.id, first=command.first, last=command.last)}
    plans = [set_day(_command(command, day, known.get(day))) for day in _days(command)]
    return Plan(
        hall=hall,
        changes=tuple(change for plan in plans for change in plan.changes),
        additions=tuple(row for plan in plans for row in plan.additions),
    )


def _days(command: SetDays) -> Iterator[date]:
    for number in range((command.last - command.first).days + 1):
        yield command.first + timedelta(days=number)


def _command(command: SetDays, day: date, row: CalendarDay | None) -> SetDay:
    return SetDay(
        hall_id=command.hall_id,
        by=command.by,
        day=day,
        open=False if command.closed else None,
        reason=command.reason if command.closed else {},
        inside_capacity=row.inside_capacity if row else None,
        guides_on_duty=row.guides_on_duty if row else None,
        kind=row.kind if row else None,
        name=row.name if row else {},
    )
