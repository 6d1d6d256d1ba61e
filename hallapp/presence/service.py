"""Count people who leave, and take it back; it flushes at most."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import NAMESPACE_OID, uuid5

from hallapp.accounts import service as accounts
from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.desk import load
from hallapp.desk.service import CLOCK_AHEAD, MOST_PEOPLE, OLDEST, OLDEST_OFFLINE
from hallapp.presence import errors, queries
from hallapp.presence.models import Departure
from hallapp.schedule.models import Hall


class Outcome(StrEnum):
    """The outcome of an act that was not refused."""

    LEFT = "left"
    TAKEN_BACK = "taken_back"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A departure: of all people of a group still inside (`visitors` None), of some of them, or of no group.

    `code` is a scanned code or a reference, or empty; an offline device knows a group by the number of its booking.
    `occurred_at` None is now; `is_late` means that a device stored it until its network was back.
    """

    hall_id: int
    staff_id: int
    event_id: str
    code: str = ""
    booking_id: int | None = None
    visitors: int | None = None
    occurred_at: datetime | None = None
    is_late: bool = False

    @property
    def is_of_group(self) -> bool:
        """Return whether it names a group."""
        return bool(self.code) or self.booking_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Take a departure back."""

    hall_id: int
    staff_id: int
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The answer: `visitors` are the people it moved, as a positive number."""

    outcome: Outcome
    event_id: str
    visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPresence:
    """The command that saves a hall's settings."""

    hall_id: int
    by: int
    counts_leaving: bool
    warn_at_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    hall_id: int
    event_id: str
    day: date
    occurred_at: datetime
    received_at: datetime
    staff_id: int
    booking_id: int | None
    visitors: int
    undoes_id: int | None


def leave(command: Leave, *, keys: Sequence[str]) -> Done:
    """Count people out; the same event id again answers `repeated`. `keys` are the deployment's secrets.

    Raises:
        LeavingNotCounted: the hall does not want it. InvalidPeople, InvalidEvent: it cannot be read.
        desk.errors.Refusal: the code names no booking here, in one of its kinds.
        NobodyInside, MoreThanInside: of the group. EventIdUsed: the id belongs to a take-back.
    """
    if not queries.get_setting(command.hall_id).counts_leaving:
        raise errors.LeavingNotCounted
    repeated = _find_repeated(command)
    if repeated:
        return repeated
    visitors = _check_people(command)
    now = clock.now()
    occurred_at = command.occurred_at or now
    oldest = OLDEST_OFFLINE if command.is_late else OLDEST
    if not now - oldest <= occurred_at <= now + CLOCK_AHEAD:
        raise errors.InvalidEvent
    occurred_at = min(occurred_at, now)  # just before midnight, a fast clock would count people on the next day
    hall = db.session.get_one(Hall, command.hall_id)
    day = clock.local_day(occurred_at, hall.time_zone)
    booking_id = None
    if command.is_of_group:
        # The booking's row is locked: of two desks that record the same group, the second one finds no one inside.
        booking_id = _hold_booking(command, keys)
        repeated = _find_repeated(command)  # another request may have recorded the same departure
        if repeated:
            return repeated
        visitors = _of_group(booking_id, day, visitors)
    row = _Row(
        hall_id=command.hall_id,
        event_id=command.event_id,
        day=day,
        occurred_at=occurred_at,
        received_at=now,
        staff_id=command.staff_id,
        booking_id=booking_id,
        visitors=visitors or 0,
        undoes_id=None,
    )
    if _append(row):
        return Done(outcome=Outcome.LEFT, event_id=row.event_id, visitors=row.visitors)
    return _find_repeated(command) or _refuse_id()


def take_back(command: TakeBack) -> Done:
    """Take a departure back, on the day on which it was counted; a repeat answers `repeated`.

    Raises:
        UnknownDeparture: this hall has no such act. NotADeparture: it is a take-back itself.
    """
    departure = queries.find_departure(command.hall_id, command.event_id, lock=True)
    if departure is None:
        raise errors.UnknownDeparture
    if departure.undoes_id is not None:
        raise errors.NotADeparture
    undone = queries.find_undoing(departure.id)
    if undone is not None:
        return Done(outcome=Outcome.REPEATED, event_id=undone.event_id, visitors=-undone.visitors)
    row = _Row(
        hall_id=departure.hall_id,
        event_id=str(uuid5(NAMESPACE_OID, f"take back departure {departure.hall_id} {departure.event_id}")),
        day=departure.day,
        occurred_at=departure.occurred_at,
        received_at=clock.now(),
        staff_id=command.staff_id,
        booking_id=departure.booking_id,
        visitors=-departure.visitors,
        undoes_id=departure.id,
    )
    if not _append(row):
        _refuse_id()
    return Done(outcome=Outcome.TAKEN_BACK, event_id=row.event_id, visitors=departure.visitors)


def set_presence(command: SetPresence) -> None:
    """Set whether departures are recorded, and when to warn.

    Raises:
        WarningOutOfRange: for a share of the limit that is none.
    """
    if not 1 <= command.warn_at_percent <= 100:
        raise errors.WarningOutOfRange
    row = queries.get_setting(command.hall_id)
    row.counts_leaving, row.warn_at_percent = command.counts_leaving, command.warn_at_percent
    db.session.add(row)
    db.session.flush()
    accounts.record(
        hall_id=command.hall_id,
        staff_id=command.by,
        action="presence_set",
        subject=f"hall {command.hall_id}",
        detail={"counts_leaving": command.counts_leaving, "warn_at_percent": command.warn_at_percent},
    )


def _hold_booking(command: Leave, keys: Sequence[str]) -> int:
    """Return the number of the group's booking, its row locked. Raises desk.errors.Refusal."""
    target = command.code or command.booking_id or ""
    return load.load_group(command.hall_id, target, keys=keys, lock=True).owner.id


def _check_people(command: Leave) -> int | None:
    visitors = command.visitors
    if visitors is None and command.is_of_group:
        return None
    if type(visitors) is not int or not 1 <= visitors <= MOST_PEOPLE:
        raise errors.InvalidPeople(MOST_PEOPLE)
    return visitors


def _of_group(booking_id: int, day: date, visitors: int | None) -> int:
    """Return the people of a group who leave; the booking's row must be held."""
    inside = queries.count_inside_of(booking_id, day)
    if inside <= 0:
        raise errors.NobodyInside
    if visitors is not None and visitors > inside:
        raise errors.MoreThanInside(inside)
    return visitors or inside


def _find_repeated(command: Leave) -> Done | None:
    found = queries.find_departure(command.hall_id, command.event_id)
    if found is None:
        return None
    if found.undoes_id is not None:
        raise errors.EventIdUsed
    return Done(outcome=Outcome.REPEATED, event_id=found.event_id, visitors=found.visitors)


def _append(row: _Row) -> bool:
    """Write a row; False where the hall has its event already. A process that is just writing it is waited for."""
    table = Departure.__table__
    statement = upsert(table).on_conflict_do_nothing(index_elements=["hall_id", "event_id"])
    return db.session.scalar(statement.returning(table.c.id), asdict(row)) is not None


def _refuse_id() -> Done:
    raise errors.EventIdUsed
