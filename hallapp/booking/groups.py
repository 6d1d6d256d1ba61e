"""The record of a group that wants to book: its pause, its open bookings, and what its network has booked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, distinct, func, literal_column, or_, select

from hallapp.booking.blocks import in_force
from hallapp.booking.models import HOLDING, OPEN_STATES, Block, Booking, BookingState, Pause
from hallapp.booking.pseudonyms import pseudonym
from hallapp.booking.queries import booking_or_party
from hallapp.core import clock
from hallapp.core.database import hold_names
from hallapp.core.prepared import Prepared
from hallapp.kinds.values import is_individual
from hallapp.schedule.hall_facts import HallFacts
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.no_shows import Consequence

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The present facts about a group; 0 and None if the hall has no limit, and so does not query them.

    `placed` is the id of the booking that the same submit has made already. `same_day` is the number of open bookings
    of the group on the day that it wants, where that is asked. `reviewed` is true while the staff confirm its bookings,
    `blocked` while it is on the block list.
    """

    placed: int | None = None
    paused_until: date | None = None
    reviewed: bool = False
    blocked: bool = False
    open_of_phone: int = 0
    open_of_organisation: int = 0
    places_of_network: int = 0
    same_day: int = 0


def hold(
    hall: Hall | HallFacts,
    *,
    phone: str,
    organisation_key: str,
    network: str | None = None,
    day: date | None = None,
) -> None:
    """Let no other booking of this phone, organisation or network be checked until the transaction ends.

    Nothing is held where `read` would count nothing: the hall has no limit, and no `day` is asked for. It comes before
    the locks of slots and bookings, so that two submits at once never pass a limit together, nor wait for one another
    in a ring.
    """
    counted = {
        "phone": phone if hall.open_per_phone or day else None,
        "organisation": organisation_key if hall.open_per_organisation or day else None,
        "network": network if hall.network_places else None,
    }
    if names := [f"booking {hall.id} {name} {value}" for name, value in counted.items() if value]:
        hold_names(*names)


def read(
    hall: Hall | HallFacts,
    *,
    phone: str,
    organisation_key: str,
    kind: str,
    network: str | None = None,
    submission: str | None = None,
    day: date | None = None,
) -> Record:
    """Return the record of a group in one statement. It stays true until the end of a transaction that holds it."""
    now = clock.now()
    known_by_name = organisation_key if not is_individual(kind) else ""  # many people share a name
    rows = _RECORD.rows(
        {
            "hall": hall.id,
            "now": now,
            "today": clock.local_day(now, hall.time_zone),
            "phone": phone or None,
            "organisation": organisation_key or None,
            "phone_pseudonym": pseudonym(phone) if phone else None,
            "organisation_pseudonym": pseudonym(organisation_key) if organisation_key else None,
            "named_organisation": known_by_name or None,
            "limited_phone": (phone or None) if hall.open_per_phone else None,
            "limited_organisation": (known_by_name or None) if hall.open_per_organisation else None,
            "network": network,
            "network_since": now - _DAY if network and hall.network_places else None,
            "submission": submission,
            "day": day,
            "phone_of_day": (phone or None) if day else None,
            "organisation_of_day": (organisation_key or None) if day else None,
        },
    )
    placed, paused_until, reviewed, blocked, of_phone, of_organisation, of_network, same_day = rows[0]
    return Record(
        placed=placed,
        paused_until=paused_until,
        reviewed=reviewed is not None,
        blocked=blocked > 0,
        open_of_phone=of_phone,
        open_of_organisation=of_organisation,
        places_of_network=of_network or 0,
        same_day=same_day,
    )


def read_of(booking: Booking) -> Record:
    """Return the record of a booking's group."""
    hall = booking.slot.programme.hall
    return read(hall, phone=booking.phone, organisation_key=booking.organisation_key, kind=booking.kind)


def _of_group(table: type[Booking] | type[Pause], suffix: str = "") -> ColumnElement[bool]:
    """Return the condition for the rows of a phone or an organisation, each looked up in its own index.

    The hall is no condition of its own: SQLite, which has no statistics, would read all rows of the hall instead.
    """
    ids = select(table.id).where(table.hall_id == bindparam("hall"))
    by_phone = ids.where(_is(table, table.phone, f"phone{suffix}"))
    by_name = ids.where(_is(table, table.organisation_key, f"organisation{suffix}"))
    return table.id.in_(by_phone.union_all(by_name))


def _pause_until(consequence: Consequence) -> Any:
    return (
        select(func.max(Pause.until))
        .where(
            _of_group(Pause),
            Pause.until >= bindparam("today"),
            Pause.lifted_at.is_(None),
            Pause.consequence == literal_column(f"'{consequence.value}'"),
        )
        .scalar_subquery()
    )


def _is(table: type[Booking] | type[Pause] | type[Block], column: Any, name: str) -> ColumnElement[bool]:
    """Return the condition for a value of the group; a pause or a block may have its pseudonym."""
    if table is not Booking:
        return or_(column == bindparam(name), column == bindparam(f"{name}_pseudonym"))
    return column == bindparam(name)


def _is_one_of(states: Collection[BookingState]) -> ColumnElement[bool]:
    # Literals: a list of parameters would be written into the statement anew each time.
    return Booking.state.in_([literal_column(f"'{state.value}'") for state in sorted(states)])


def _count_open(column: Any, name: str) -> Any:
    ids = select(Booking.id).where(Booking.hall_id == bindparam("hall"), column == bindparam(name))
    return (
        select(func.count(distinct(booking_or_party())))
        .select_from(Booking)
        .join(Booking.slot)
        .where(Booking.id.in_(ids), _is_one_of(OPEN_STATES), Slot.ends_at > bindparam("now"))
        .scalar_subquery()
    )


# Made once: making this statement anew would cost more than running it. A comparison with NULL finds nothing.
_RECORD = Prepared(
    select(
        select(Booking.id)
        .where(Booking.hall_id == bindparam("hall"), Booking.submission == bindparam("submission"))
        .scalar_subquery(),
        _pause_until(Consequence.PAUSE),
        _pause_until(Consequence.REVIEW),
        select(func.count())
        .select_from(Block)
        .where(
            Block.hall_id == bindparam("hall"),
            in_force(bindparam("today")),
            or_(_is(Block, Block.phone, "phone"), Block.organisation_key == bindparam("named_organisation")),
        )
        .scalar_subquery(),
        _count_open(Booking.phone, "limited_phone"),
        _count_open(Booking.organisation_key, "limited_organisation"),
        select(func.sum(Booking.visitors))
        .where(
            Booking.hall_id == bindparam("hall"),
            Booking.created_at > bindparam("network_since"),
            Booking.network == bindparam("network"),
            _is_one_of(OPEN_STATES),
        )
        .scalar_subquery(),
        select(func.count())
        .select_from(Booking)
        .join(Booking.slot)
        .where(_of_group(Booking, "_of_day"), Slot.day == bindparam("day"), _is_one_of(HOLDING | OPEN_STATES))
        .scalar_subquery(),
    )
)
