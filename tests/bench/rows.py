"""Rows in bulk: years of arrivals as a busy hall's ledger has them, and bookings whose groups stand at the door."""

import itertools
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking import bigrams, reference
from hallapp.booking.models import Booking, BookingState, Gram, Origin, Source
from hallapp.core import clock
from hallapp.core.database import Base, db, transaction
from hallapp.demo import groups
from hallapp.kinds.standard import FIRST
from hallapp.ledger import filing, recount
from hallapp.ledger.models import Arrival, DeskEvent, EventKind, WalkIn, Way
from hallapp.origins.china import DIVISIONS
from hallapp.passes import codes
from hallapp.passes.models import Pass
from hallapp.schedule.models import Hall, Programme, Slot
from tests import factories
from tests.conftest import SECRET

ZONE = "Asia/Shanghai"
OPENED = date(2017, 6, 29)
MANAGER = "manager"
KINDS = list(FIRST)
_ROWS_A_STATEMENT = 5_000
_LATE = timedelta(days=3)
_FREE_DAYS = 30
_TODAYS_GROUPS = 12
_GROUPS_A_SLOT = 10
_SLOTS_A_DAY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the load needs to know of a hall.

    `at_the_door` are the codes of passes of groups that came three days ago and whose admission is only now sent, so
    that the desk's list of today is as long as a real one; `passes` are keys of bookings whose passes are fetched.
    """

    programme: str
    slots: Sequence[int]
    free_day: str
    at_the_door: Sequence[str]
    came_at: str
    keys: Sequence[str]
    month: str
    this_month: str


def fill(*, ledger_rows: int, bookings: int, at_the_door: int) -> Filled:
    """Fill an empty database: a hall with its staff and free times, its ledger and bookings since 2017, and groups at
    the door. A past day has six slots of ten bookings.
    """
    with transaction():
        hall = factories.hall(opened_on=OPENED, days_ahead=60)
        programmes = [factories.programme(hall=hall, position=position) for position in range(3)]
        staff = factories.staff(hall=hall, role=Role.MANAGER, name=MANAGER)
        today = clock.today(ZONE)
        slots = [
            _slot(programmes[0], today + timedelta(days=day), starts)
            for day in range(1, _FREE_DAYS)
            for starts in (9, 11, 14, 16)
        ]
        came = _slot(programmes[0], today - _LATE, 10)
        insert_groups(_slot(programmes[0], today, 10), _TODAYS_GROUPS)
        groups_at_the_door = insert_groups(came, at_the_door)
        _insert_history(hall, programmes, staff, ledger_rows)
        _insert_bookings(programmes, bookings)
        recount.recount(hall.id, repair=True)
        move_sequences()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return Filled(
        programme=programmes[0].slug,
        slots=[slot.id for slot in slots],
        free_day=slots[0].day.isoformat(),
        at_the_door=[codes.sign(token, (SECRET,)) for token, _key in groups_at_the_door],
        came_at=came.starts_at.isoformat(),
        keys=[key for _token, key in groups_at_the_door],
        month=f"{today.replace(day=1) - timedelta(days=1):%Y-%m}",
        this_month=f"{today:%Y-%m}",
    )


def _distinct_references() -> Iterator[str]:
    """Yield references of which none comes twice; among hundreds of thousands of random ones two are likely equal."""
    given: set[str] = set()
    while True:
        if (new := reference.make()) not in given:
            given.add(new)
            yield new


_references = _distinct_references()


def _slot(programme: Programme, day: date, hour: int) -> Slot:
    return factories.slot(programme=programme, day=day, starts=time(hour), visitor_capacity=10**8, guide_capacity=10**6)


def _insert(table: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    while some := list(itertools.islice(rows, _ROWS_A_STATEMENT)):
        db.session.connection().execute(insert(table), some)


def insert_groups(slot: Slot, count: int) -> list[tuple[str, str]]:
    """So many bookings of one slot, each with its pass; gives the passes' tokens and the bookings' keys."""
    chance = random.Random(1)
    first = (db.session.scalar(select(func.max(Booking.id))) or 0) + 1
    made = [(codes.make_token(), secrets.token_urlsafe(32)) for _ in range(count)]
    now = clock.now()
    divisions = chance.choices(list(DIVISIONS), weights=_weights(), k=count)
    _insert(
        Booking,
        (
            {
                "id": first + number,
                "hall_id": slot.hall_id,
                "slot_id": slot.id,
                "key": key,
                "reference": next(_references),
                "submission": secrets.token_hex(32),
                "state": BookingState.CONFIRMED,
                "source": Source.ONLINE,
                "organisation": f"广州市越秀区东湖街老年大学第{number}班",
                "organisation_key": f"广州市越秀区东湖街老年大学第{number}班",
                "kind": KINDS[number % len(KINDS)],
                "contact_name": "何秀珍",
                "phone": "+8619900001050",
                "phone_tail": "1050",
                "visitors": 20,
                "guides": 1,
                "consented_at": now,
                "created_at": now,
            }
            for number, (_token, key) in enumerate(made)
        ),
    )
    _insert(
        Origin,
        (
            {"booking_id": first + number, "hall_id": slot.hall_id, "division": division, "visitors": 20}
            for number, division in enumerate(divisions)
        ),
    )
    _insert(
        Pass,
        (
            {"hall_id": slot.hall_id, "booking_id": first + number, "version": 1, "token": token, "issued_at": now}
            for number, (token, _key) in enumerate(made)
        ),
    )
    slot.visitors_booked += 20 * count
    slot.guides_booked += count
    db.session.flush()
    return made


def _insert_bookings(programmes: Sequence[Programme], count: int) -> None:
    """Bookings of the days past, yesterday's first, with what the search finds them by."""
    chance = random.Random(2019)
    requests = groups.read()
    today = clock.today(ZONE)
    slots = [
        _slot(programmes[number % 3], today - timedelta(days=1 + number // _SLOTS_A_DAY), 8 + number % _SLOTS_A_DAY)
        for number in range(0, count // _GROUPS_A_SLOT)
    ]
    first = (db.session.scalar(select(func.max(Booking.id))) or 0) + 1
    wanted = [chance.choice(requests) for _ in range(count)]
    names = [f"{request.organisation}{chance.randint(1, 999)}" for request in wanted]
    _insert(
        Booking,
        (
            {
                "id": first + number,
                "hall_id": slot.hall_id,
                "slot_id": slot.id,
                "key": secrets.token_urlsafe(32),
                "reference": next(_references),
                "submission": secrets.token_hex(32),
                "state": BookingState.ARRIVED,
                "source": Source.ONLINE,
                "organisation": names[number],
                "organisation_key": bigrams.organisation_key(names[number]),
                "kind": request.kind,
                "contact_name": request.contact,
                "phone": request.phone[:-4] + f"{number % 10_000:04}",
                "phone_tail": f"{number % 10_000:04}",
                "visitors": 20,
                "guides": 1,
                "created_at": slot.starts_at,
            }
            for number, request in enumerate(wanted)
            for slot in (slots[number // _GROUPS_A_SLOT % len(slots)],)
        ),
    )
    _insert(
        Origin,
        (
            {"booking_id": first + number, "hall_id": programmes[0].hall_id, "division": "440000", "visitors": 20}
            for number in range(count)
        ),
    )
    _insert(
        Gram,
        (
            {"booking_id": first + number, "hall_id": programmes[0].hall_id, "gram": gram}
            for number, request in enumerate(wanted)
            for gram in bigrams.bigrams(names[number]) | bigrams.bigrams(request.contact)
        ),
    )


def _weights() -> list[int]:
    """Two of five visitors are from the hall's own province."""
    return [25 if code == "440000" else 1 for code in DIVISIONS]


def _insert_history(hall: Hall, programmes: Sequence[Programme], staff: Staff, rows: int) -> None:
    """Walk-ins with one to three divisions each, evenly over the open days since the opening up to yesterday."""
    chance = random.Random(2017)
    days = [
        day for number in range((clock.today(ZONE) - OPENED).days) if (day := OPENED + timedelta(days=number)).weekday()
    ]
    events: list[dict[str, Any]] = []
    arrivals: list[dict[str, Any]] = []
    while len(arrivals) < rows:
        number, day = len(events) + 1, days[len(arrivals) * len(days) // rows]
        filed = {
            "hall_id": hall.id,
            "day": day,
            "programme_id": chance.choice(programmes).id,
            "kind": chance.choice(KINDS),
            "source": Way.WALK_IN,
            "week_hour": filing.week_hour(clock.at(day, time(10), ZONE), ZONE),
        }
        events.append({**filed, "id": number, "event_id": str(UUID(int=number))})
        origins = set(chance.choices(list(DIVISIONS), weights=_weights(), k=chance.choice((1, 1, 1, 2, 3))))
        arrivals += (
            {**filed, "event_id": number, "division": division, "visitors": chance.randint(1, 30)}
            for division in list(origins)[: rows - len(arrivals)]
        )
    now = clock.now()
    moments = {day: clock.at(day, time(10), ZONE) for day in days}
    _insert(
        WalkIn,
        (
            {key: event[key] for key in ("id", "hall_id", "programme_id", "kind")} | {"organisation": ""}
            for event in events
        ),
    )
    _insert(
        DeskEvent,
        (
            {
                **{key: event[key] for key in ("id", "hall_id", "event_id", "day")},
                "kind": EventKind.ADMIT,
                "walk_in_id": event["id"],
                "staff_id": staff.id,
                "occurred_at": moments[event["day"]],
                "received_at": now,
            }
            for event in events
        ),
    )
    _insert(Arrival, iter(arrivals))


def move_sequences() -> None:
    """Let PostgreSQL number on from the ids that were given."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in ("booking", "walk_in", "desk_event"):
        db.session.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        )
