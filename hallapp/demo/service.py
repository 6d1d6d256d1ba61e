"""Fill an empty database with the demonstration hall."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hallapp.accounts import service as accounts
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking import bigrams, reference
from hallapp.booking.models import Booking, BookingState, Origin, Source, TourLanguage
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.errors import N_, DomainError
from hallapp.demo import (
    equipment,
    facts,
    groups,
    inbox,
    people,
    pictures,
    programmes,
    service_points,
    story,
    tour_guides,
    years,
)
from hallapp.demo.story import Move, Visit, WalkInVisit
from hallapp.desk import merging
from hallapp.ledger.filing import Filing
from hallapp.ledger.ledger import append_event
from hallapp.ledger.lines import Ledger, NewEvent, sum_categories
from hallapp.ledger.models import EventKind, WalkIn
from hallapp.passes import service as passes
from hallapp.reports import publishing
from hallapp.reports.closing import month_close
from hallapp.schedule import planning, starter
from hallapp.schedule import queries as schedule
from hallapp.schedule import service as places
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.service import AddSlot, SetDay

_EASY_TO_TYPE = "abcdefghjkmnpqrstuvwxyz23456789"  # characters that cannot be mistaken for one another


class DatabaseNotEmpty(DomainError):
    """There is a hall already, and made-up visits must never mix with real ones."""

    code = "database_not_empty"
    message = N_("The demonstration can only be loaded into an empty database, and this one has a hall.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member of the demonstration's staff; the password is kept nowhere else."""

    name: str
    password: str


def fill() -> list[Account]:
    """Make the hall with its staff, and three months of visits up to two weeks ahead; returns the staff's passwords.

    Raises:
        DatabaseNotEmpty: where any hall exists.
    """
    if schedule.list_halls():
        raise DatabaseNotEmpty
    hall = starter.create_hall(facts.HALL)
    hired = [_hire(hall, role) for role in Role]
    staff = {member.role: member.id for _, member in hired}
    people.define(hall, by=staff[Role.MANAGER])
    equipment.define(hall, by=staff[Role.MANAGER])
    places.extend_slots(hall, since=story.first_day(hall.today()))
    _open_today(hall)
    teller = story.Teller(slots=_slots(hall), requests=groups.read(), now=clock.now(), today=hall.today())
    comings = [_book(visit) for visit in teller.visits()]
    comings += [_greet(visit) for visit in teller.walk_ins()]
    led = tour_guides.hire(hall, account=staff[Role.GUIDE], by=staff[Role.MANAGER])
    _count(hall, comings, staff_id=staff[Role.DESK], led=led)
    inbox.fill(hall, teller.requests, manager=staff[Role.MANAGER])
    tour_guides.assign(hall, by=staff[Role.MANAGER])
    service_points.fill(hall, guide=staff[Role.GUIDE], desk=staff[Role.DESK], manager=staff[Role.MANAGER])
    programmes.fill(hall, guide=staff[Role.GUIDE], by=staff[Role.MANAGER])
    pictures.fill(hall.id, by=staff[Role.MANAGER])
    years.fill(hall, until=story.first_day(hall.today()), by=staff[Role.MANAGER])
    return [account for account, _ in hired]


def close_years() -> None:
    """Close and publish the months of the years on paper, so that the home page and the big screen have figures.

    It is apart from `fill` because it takes longer than all the rest.
    """
    (hall,) = schedule.list_halls()
    manager = db.session.scalars(select(Staff).where(Staff.hall_id == hall.id, Staff.role == Role.MANAGER)).one()
    for month in month_close.list_months(hall):
        if month.end <= story.first_day(hall.today()):
            month_close.close(hall.id, month, staff_id=manager.id)
    publishing.publish_due(hall.id)


def _hire(hall: Hall, role: Role) -> tuple[Account, Staff]:
    """Return one member of staff, named after the role."""
    account = Account(name=role.value, password=_password())
    return account, accounts.add_staff(hall_id=hall.id, name=account.name, role=role, password=account.password)


def _password() -> str:
    return "-".join("".join(secrets.choice(_EASY_TO_TYPE) for _ in range(4)) for _ in range(3))


def _slots(hall: Hall) -> Sequence[Slot]:
    query = select(Slot).where(Slot.hall_id == hall.id).options(joinedload(Slot.programme)).order_by(Slot.starts_at)
    return db.session.scalars(query).all()


def _open_today(hall: Hall) -> None:
    """Open today, be it a Monday, and once more in the evening: a newcomer wants to book and to scan at once."""
    today, soon = hall.today(), story.next_half_hour(clock.now(), hall.time_zone)
    if not _starts(hall, today):
        like = next(number for number in range(7) if str(number) not in hall.closed_weekdays)
        places.set_day(SetDay(hall_id=hall.id, by=None, day=today, open=True, like_weekday=like))
        # From yesterday on, so that the past times of today exist as well: the story uses them.
        planning.carry_out(planning.plan_days(hall, first=today - timedelta(days=1), last=today))
    if soon and max(_starts(hall, today)) < soon:
        for programme in schedule.list_programmes(hall.id):
            _open_once_more(programme, soon)


def _starts(hall: Hall, day: date) -> Sequence[datetime]:
    return db.session.scalars(select(Slot.starts_at).where(Slot.hall_id == hall.id, Slot.day == day, Slot.open)).all()


def _open_once_more(programme: Programme, starts_at: datetime) -> None:
    """Add one more time of a programme, unless it would end after midnight."""
    zone = programme.hall.time_zone
    start = clock.local(starts_at, zone)
    if planning.ends_on(start.date(), starts_at, minutes=programme.minutes, time_zone=zone):
        added = AddSlot(
            hall_id=programme.hall_id,
            by=None,
            programme=programme.slug,
            day=start.date(),
            starts=start.time(),
            visitor_capacity=100,
            guide_capacity=3,
        )
        planning.carry_out(places.add_slot(added))


@dataclass(slots=True, kw_only=True)
class _Coming:
    """One group on its way into the ledger: a booking or a walk-in, its moves, and its stored events."""

    moves: Sequence[Move]
    owner: Booking | WalkIn
    ledger: Ledger = field(default_factory=Ledger)
    events: list[int] = field(default_factory=list)
    came_at: list[datetime] = field(default_factory=list)


def _book(visit: Visit) -> _Coming:
    """Store a booking as it was placed on its day, which `place` would refuse for days that have passed."""
    request, slot, guides = visit.request, visit.slot, visit.slot.programme.guides
    by_phone = "无智能手机" in request.note
    booking = Booking(
        hall_id=slot.hall_id,
        slot_id=slot.id,
        key=secrets.token_urlsafe(32),
        reference=reference.make(),
        submission=secrets.token_hex(32),
        state=_state(visit),
        source=Source.PHONE if by_phone else Source.ONLINE,
        language=request.language,
        tour_language=TourLanguage(request.language) if guides else None,
        organisation=request.organisation,
        organisation_key=bigrams.organisation_key(request.organisation),
        kind=request.kind,
        contact_name=request.contact,
        phone=request.phone,
        phone_tail=request.phone[-4:],
        email=request.email,
        note=request.note,
        visitors=request.visitors,
        categories=dict(people.of_group(slot.hall_id, request)),
        resources=equipment.of_group(slot, request) if visit.cancelled_at else {},
        guides=guides,
        consented_at=visit.booked_at,
        created_at=visit.booked_at,
        cancelled_at=visit.cancelled_at,
        origins=[
            Origin(hall_id=slot.hall_id, division=division, visitors=visitors)
            for division, visitors in request.origins.items()
        ],
    )
    db.session.add(booking)
    db.session.flush()
    if visit.cancelled_at is None:
        booking.resources = dict(equipment.claim(slot, request))
    bigrams.index(booking)
    passes.issue_first(booking)
    return _Coming(moves=visit.moves, owner=booking)


def _state(visit: Visit) -> BookingState:
    if visit.cancelled_at:
        return BookingState.CANCELLED
    if any(sum(move.counts.values()) > 0 for move in visit.moves):
        return BookingState.ARRIVED
    hall = visit.slot.programme.hall
    return BookingState.ABSENT if visit.slot.day < hall.today() else BookingState.CONFIRMED


def _greet(visit: WalkInVisit) -> _Coming:
    slot = visit.slot
    walk_in = WalkIn(hall_id=slot.hall_id, programme_id=slot.programme_id, kind=visit.kind)
    db.session.add(walk_in)
    db.session.flush()
    return _Coming(moves=(visit.move,), owner=walk_in)


def _count(hall: Hall, comings: Sequence[_Coming], *, staff_id: int, led: Mapping[int, int]) -> None:
    """Write every move into the ledger in the order of time, as the desk would have; `led` are guides by booking."""
    in_order = sorted(((move, coming) for coming in comings for move in coming.moves), key=lambda entry: entry[0].at)
    for move, coming in in_order:
        event = NewEvent(
            hall_id=hall.id,
            event_id=str(uuid4()),
            kind=EventKind.ADMIT if move.undoes is None else EventKind.TAKE_BACK,
            staff_id=staff_id,
            day=clock.local_day(move.at, hall.time_zone),
            occurred_at=move.at,
            received_at=move.at,
            booking_id=coming.owner.id if isinstance(coming.owner, Booking) else None,
            walk_in_id=coming.owner.id if isinstance(coming.owner, WalkIn) else None,
            undoes_id=None if move.undoes is None else coming.events[move.undoes],
        )
        came_at = move.at if move.undoes is None else coming.came_at[move.undoes]
        guide = led.get(coming.owner.id) if isinstance(coming.owner, Booking) else None
        filing = Filing.of(coming.owner, occurred_at=came_at, time_zone=hall.time_zone, guide_id=guide)
        coming.ledger = append_event(
            event,
            move.counts,
            filing=filing,
            ledger=coming.ledger,
            extra=_extra(coming, move),
            categories=_categories(coming, move),
        )
        coming.came_at.append(came_at)
        coming.events.append(coming.ledger.lines[-1].event)


def _extra(coming: _Coming, move: Move) -> Mapping[str, int]:
    """Return how many people of a move exceed the booking, as the desk stores them; a take-back mirrors its entry."""
    owner, ledger = coming.owner, coming.ledger
    if isinstance(owner, WalkIn):
        return {}
    if move.undoes is not None:
        return {line.division: -line.extra for line in ledger.of_event(coming.events[move.undoes])}
    room = ledger.room({origin.division: origin.visitors for origin in owner.origins})
    return merging.share_all(move.counts, room=room).extra


def _categories(coming: _Coming, move: Move) -> Mapping[int, int]:
    """Return the people of a move by category: known where all who booked come at once, as at the desk."""
    owner, ledger = coming.owner, coming.ledger
    if move.undoes is not None:
        undone = sum_categories(ledger.of_event(coming.events[move.undoes]))
        return {category: -people for category, people in undone.items() if people}
    if isinstance(owner, WalkIn) or ledger.lines or sum(move.counts.values()) != owner.visitors:
        return {}
    return owner.categories
