"""Turning service points on, the people whom managers add, and the scheme of a hall."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from hallapp.accounts.service import record
from hallapp.core.database import db
from hallapp.core.errors import N_
from hallapp.core.texts import Texts
from hallapp.periods import Period
from hallapp.points import queries, scheme
from hallapp.points.errors import IndexUnknown, NameMissing, NotOnList
from hallapp.points.models import PointGroup, PointIndex, PointPerson, PointSetting
from hallapp.points.values import quarter_of
from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, compare, note
from hallapp.schedule.models import Hall

OWN = "own_"


class Since(StrEnum):
    """The quarter from which a change of the scheme holds; closed ones and other earlier ones never change."""

    RUNNING = "running"
    NEXT = "next"


SINCE_NAMES = {
    Since.RUNNING: N_("From the running quarter"),
    Since.NEXT: N_("From the next quarter"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveIndex:
    """The command that changes an index from a quarter on, or adds one that people enter (`code` is None)."""

    hall: Hall
    by: int | None
    code: str | None
    since: Since
    group: PointGroup
    name: Texts
    threshold: int | None
    weight: int
    most: int | None
    active: bool


def quarter_from(hall: Hall, since: Since) -> Period:
    """Return the running quarter or the next one."""
    running = quarter_of(hall.today())
    return running if since is Since.RUNNING else running.following()


def save_setting(hall_id: int, *, is_open: bool, by: int | None) -> None:
    """Turn service points on or off; the first time, it gets a copy of the example scheme from this quarter on."""
    hall = capacity.hold_hall(hall_id)
    setting, running = queries.find_setting(hall_id), quarter_of(hall.today())
    if setting is None:
        setting = PointSetting(hall_id=hall_id, open=False, first=running.first)
        db.session.add(setting)
    if is_open and _next_position(hall_id) == 1:
        setting.first = running.first
        db.session.add_all(_copies(hall_id, running))
    detail = apply(setting, {"open": is_open})
    note(hall_id=hall_id, by=by, action="points_setting_saved", subject=f"hall {hall_id}", detail=detail)


def add_person(hall_id: int, staff_id: int, *, by: int) -> None:
    """Add an account to the people with service points; one who is there already stays."""
    queries.hold_points(hall_id)
    if db.session.get(PointPerson, (hall_id, staff_id), populate_existing=True) is None:
        db.session.add(PointPerson(hall_id=hall_id, staff_id=staff_id))
        record(hall_id=hall_id, staff_id=by, action="points_person_added", subject=f"staff {staff_id}")
    db.session.flush()


def remove_person(hall_id: int, staff_id: int, *, by: int) -> None:
    """Remove an account that was added. Closed quarters keep its statements. Raises NotOnList."""
    queries.hold_points(hall_id)
    found = db.session.get(PointPerson, (hall_id, staff_id), populate_existing=True)
    if found is None:
        raise NotOnList
    db.session.delete(found)
    record(hall_id=hall_id, staff_id=by, action="points_person_removed", subject=f"staff {staff_id}")
    db.session.flush()


def save_index(command: SaveIndex) -> PointIndex:
    """Change an index from the running or the next quarter on, or add one; needs a transaction.

    Raises:
        IndexUnknown: the hall has no index of this code in that quarter. NameMissing: it has no name.
    """
    if not command.name:
        raise NameMissing
    hall = capacity.hold_hall(command.hall.id)
    quarter = quarter_from(hall, command.since)
    code = command.code or _next_code(hall.id)
    present = scheme.find_row(hall.id, code, quarter)
    if present is None and command.code is not None:
        raise IndexUnknown
    names = ("group", "name", "threshold", "weight", "most", "active")
    values: dict[str, Any] = {name: getattr(command, name) for name in names}
    detail = compare({name: getattr(present, name) for name in names} if present else {}, values)
    if present is None or present.since != quarter.first:
        measure, position = (present.measure, present.position) if present else (None, _next_position(hall.id))
        keys = {"hall_id": hall.id, "code": code, "since": quarter.first}
        if detail:
            present = PointIndex(**keys, measure=measure, position=position, **values)
            db.session.add(present)
    else:
        apply(present, values)
    if detail:
        detail["after"]["since"] = str(quarter)
    note(hall_id=hall.id, by=command.by, action="points_index_saved", subject=f"point_index {code}", detail=detail)
    assert present is not None
    return present


def _copies(hall_id: int, quarter: Period) -> list[PointIndex]:
    names = ("code", "group", "name", "measure", "threshold", "weight", "most", "position")
    return [
        PointIndex(hall_id=hall_id, since=quarter.first, active=True, **{name: getattr(one, name) for name in names})
        for one in scheme.example()
    ]


def _next_code(hall_id: int) -> str:
    own = select(PointIndex.code).where(PointIndex.hall_id == hall_id, PointIndex.code.startswith(OWN, autoescape=True))
    numbers = [int(code.removeprefix(OWN)) for code in db.session.scalars(own)]
    return f"{OWN}{max(numbers, default=0) + 1}"


def _next_position(hall_id: int) -> int:
    return (db.session.scalar(select(func.max(PointIndex.position)).where(PointIndex.hall_id == hall_id)) or 0) + 1
