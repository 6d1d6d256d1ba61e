"""Weekly templates and plans for tests."""

from contextlib import suppress
from datetime import date, time

from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.core.database import db, transaction
from hallapp.schedule import planning, service
from hallapp.schedule.models import Hall, Opening, Programme, Slot, WeekTemplate
from hallapp.schedule.planning import Plan

LONG_AGO = date(2020, 1, 1)


def template(
    owner: Hall | Programme, *lines: tuple[int, time] | tuple[int, time, int, int], valid_from: date = LONG_AGO
) -> WeekTemplate:
    """The week of a hall or of a programme; a line is a weekday and a time, for 100 places and 3 guides."""
    own = isinstance(owner, Programme)
    row = WeekTemplate(
        hall_id=owner.hall_id if own else owner.id, programme_id=owner.id if own else None, valid_from=valid_from
    )
    row.openings = [
        Opening(hall_id=row.hall_id, weekday=weekday, starts=starts, visitor_capacity=places, guide_capacity=guides)
        for weekday, starts, places, guides in ((*line, 100, 3)[:4] for line in lines)
    ]
    db.session.add(row)
    db.session.flush()
    return row


def every_day(*starts: time) -> list[tuple[int, time]]:
    """Lines for each weekday."""
    return [(weekday, each) for weekday in range(7) for each in starts]


def extend(hall: Hall, until: date | None = None, since: date | None = None) -> int:
    """Extend in a transaction of its own."""
    with transaction():
        return service.extend_slots(hall, since=since, until=until)


def do(verb: object, command: object) -> Plan:
    """A verb and all of its plan, in one transaction; nobody may be hit."""
    with transaction():
        plan = verb(command)  # type: ignore[operator]
        assert plan.hits == ()
        planning.carry_out(plan)
    return plan


class _Undo(Exception):
    pass


def hits_of(verb: object, command: object) -> list[int]:
    """The ids of the slots that a verb would hit; nothing is kept."""
    with suppress(_Undo), transaction():
        found = [change.slot.id for change in verb(command).hits]  # type: ignore[operator]
        raise _Undo
    return found


def slots(*, programme: Programme | None = None) -> list[Slot]:
    """Every slot, or those of a programme, by time, as they stand in the database."""
    db.session.expire_all()
    query = select(Slot).order_by(Slot.starts_at, Slot.programme_id)
    return [each for each in db.session.scalars(query) if programme is None or each.programme_id == programme.id]


def open_days() -> list[date]:
    """The days that have an open slot, in order."""
    return sorted({each.day for each in slots() if each.open})


def trail() -> list[tuple[str, str, dict]]:
    """The audit trail without the holidays that were written on the way."""
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(each.action, each.subject, each.detail) for each in entries if each.action != "holidays_seeded"]
