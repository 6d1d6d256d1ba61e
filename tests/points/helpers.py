"""A hall that gives service points, and the records of a quarter by which they are counted."""

from datetime import date, datetime, time, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from hallapp.accounts.roles import Role
from hallapp.booking.models import Actor, Booking, BookingEvent, BookingState, TourLanguage, Verb
from hallapp.core.database import db
from hallapp.desk.models import ConflictReason, Decision, DeskConflict
from hallapp.feedback.models import Feedback
from hallapp.guides.models import Assignment, Dropped, Duty, Guide, Leave
from hallapp.ledger.models import Arrival, DeskEvent, EventKind, MonthClose, WalkIn, Way
from hallapp.points import setup
from hallapp.presence.models import Departure
from hallapp.schedule.models import CalendarDay, Hall
from hallapp.talks.models import Talk, TalkHost, TalkMode, TalkState
from tests import factories

ZONE = ZoneInfo("Asia/Shanghai")
#: The first day of the third quarter, on which the hall begins to give points.
BEGIN = datetime(2026, 7, 1, 9, tzinfo=ZONE)
#: After the quarter.
LATER = datetime(2026, 10, 2, 9, tzinfo=ZONE)

_numbers = count(1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of a day at the hall."""
    return datetime.combine(day, time(hour, minute), ZONE)


def make_office() -> SimpleNamespace:
    """A hall that gives points to a guide, a host and a volunteer; two managers; needs a transaction at `BEGIN`."""
    hall = factories.hall(closed_weekdays="0")
    people = {
        name: factories.staff(hall=hall, role=role, password_hash="none")
        for name, role in (("guide", Role.GUIDE), ("host", Role.GUIDE), ("volunteer", Role.DESK))
    }
    managers = [factories.staff(hall=hall, role=Role.MANAGER, password_hash="none") for _ in range(2)]
    guide = Guide(hall_id=hall.id, staff_id=people["guide"].id, name="钟小讲", languages="zh,en", created_at=BEGIN)
    db.session.add_all([guide, TalkHost(hall_id=hall.id, number=1, staff_id=people["host"].id, name="导师")])
    db.session.flush()
    setup.save_setting(hall.id, is_open=True, by=None)
    setup.add_person(hall.id, people["volunteer"].id, by=managers[0].id)
    programmes = [factories.programme(hall=hall) for _ in range(2)]
    return SimpleNamespace(hall=hall, guide=guide, programmes=programmes, managers=managers, **_staff(people))


def _staff(people: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}_staff": person for name, person in people.items()}


def add_tour(
    office: SimpleNamespace,
    starts_at: datetime,
    *,
    people: int = 20,
    language: str = "zh",
    programme: int = 0,
    notice: int = 100,
    state: BookingState = BookingState.ARRIVED,
    dropped: Dropped | None = None,
    **event: Any,
) -> Booking:
    """A group of the guide, who was assigned `notice` hours before, or dropped then; the volunteer admitted it."""
    slot = factories.slot(
        programme=office.programmes[programme], day=starts_at.date(), starts=starts_at.timetz().replace(tzinfo=None)
    )
    booking = factories.booking(
        slot=slot, origins={"440000": people}, state=state, tour_language=TourLanguage(language)
    )
    then = starts_at - timedelta(hours=notice)
    row = Assignment(hall_id=office.hall.id, booking_id=booking.id, guide_id=office.guide.id, assigned_at=then)
    if dropped:
        row.dropped_at, row.dropped_why = then, dropped
    db.session.add(row)
    if state is BookingState.ARRIVED:
        add_admission(office, starts_at, people, booking_id=booking.id, **event)
    db.session.flush()
    return booking


def add_admission(office: SimpleNamespace, moment: datetime, people: int, **event: Any) -> DeskEvent:
    """The volunteer admits people, of a walk-in unless a booking is named; `undone` takes them back again."""
    undone = event.pop("undone", False)
    if "booking_id" not in event:
        walk_in = WalkIn(hall_id=office.hall.id, programme_id=office.programmes[0].id, kind="individual")
        db.session.add(walk_in)
        db.session.flush()
        event["walk_in_id"] = walk_in.id
    made = _event(office, moment, people, kind=EventKind.ADMIT, **event)
    if undone:
        event.pop("event_id", None)
        _event(office, moment, -people, kind=EventKind.TAKE_BACK, undoes_id=made.id, **event)
    return made


def _event(office: SimpleNamespace, moment: datetime, people: int, **values: Any) -> DeskEvent:
    common = {"hall_id": office.hall.id, "day": moment.date()}
    row = DeskEvent(
        **{"event_id": str(uuid4()), "staff_id": office.volunteer_staff.id, **common, **values},
        occurred_at=moment,
        received_at=moment,
    )
    db.session.add(row)
    db.session.flush()
    filing = {"programme_id": office.programmes[0].id, "kind": "school", "source": Way.ONLINE, "week_hour": 0}
    db.session.add(Arrival(event_id=row.id, division="440000", visitors=people, **common, **filing))
    db.session.flush()
    return row


def add_feedback(booking: Booking, given_at: datetime, *, visit: int, guide: int | None) -> None:
    """Feedback of a group."""
    stars = {"stars_visit": visit, "stars_guide": guide}
    db.session.add(Feedback(hall_id=booking.hall_id, booking_id=booking.id, given_at=given_at, **stars))


def add_talk(hall: Hall, day: date, state: TalkState = TalkState.HELD, **values: Any) -> None:
    """A talk of the host."""
    number = next(_numbers)
    usual: dict[str, Any] = {"chosen": False, "mode": TalkMode.ON_SITE, "language": "zh"}
    who = {"division": "440000", "guest": "罗小龙", "phone": "+8619900001050", "page_language": "zh"}
    times = {"starts_at": at(day, 10) + timedelta(minutes=number), "ends_at": at(day, 11), "made_at": at(day, 8)}
    keys = {"key": f"key-{number}", "submission": f"form-{number}"}
    db.session.add(
        Talk(
            hall_id=hall.id,
            number=number,
            host_number=1,
            day=day,
            state=state,
            **usual | values,
            **who,
            **times,
            **keys,
        )
    )


def add_duty(office: SimpleNamespace) -> None:
    """Wednesday mornings and Saturday afternoons in July, a leave, and a day on which the hall was closed."""
    valid = {"valid_from": date(2026, 7, 1), "valid_until": date(2026, 7, 21)}
    common = {"hall_id": office.hall.id, "guide_id": office.guide.id}
    db.session.add_all(
        [
            Duty(**common, **valid, weekday=2, starts=time(9), ends=time(12, 30)),
            Duty(**common, **valid, weekday=5, starts=time(13), ends=time(17, 15)),
            Leave(**common, first=date(2026, 7, 8), last=date(2026, 7, 9)),
            CalendarDay(hall_id=office.hall.id, day=date(2026, 7, 11), open=False),
        ]
    )


def add_departure(office: SimpleNamespace, moment: datetime, *, undone: bool = False) -> None:
    """A departure that the volunteer recorded."""
    common = {
        "hall_id": office.hall.id,
        "day": moment.date(),
        "occurred_at": moment,
        "received_at": moment,
        "staff_id": office.volunteer_staff.id,
    }
    row = Departure(**common, event_id=str(uuid4()), visitors=5)
    db.session.add(row)
    db.session.flush()
    if undone:
        db.session.add(Departure(**common, event_id=str(uuid4()), visitors=-5, undoes_id=row.id))


def add_office_work(office: SimpleNamespace, booking: Booking, event: DeskEvent) -> None:
    """What the volunteer did as a manager: a booking, two answers, a conflict of two divisions, two months."""
    made, mine = at(date(2026, 7, 2), 9), {"hall_id": office.hall.id, "staff_id": office.volunteer_staff.id}
    booking.created_at = made
    common = {**mine, "booking_id": booking.id, "actor": Actor.STAFF, "after": BookingState.CONFIRMED, "detail": {}}
    requested = BookingState.REQUESTED
    db.session.add_all(
        [
            BookingEvent(**common, verb=Verb.PLACED, at=made),
            BookingEvent(**common, verb=Verb.CONFIRMED, before=requested, at=made + timedelta(hours=3)),
            BookingEvent(**common, verb=Verb.DECLINED, before=requested, at=made + timedelta(hours=50)),
            BookingEvent(**common, verb=Verb.CONFIRMED, before=BookingState.WAITLISTED, at=made),
            *(
                DeskConflict(
                    hall_id=office.hall.id,
                    event_id=event.id,
                    division=division,
                    visitors=2,
                    reason=ConflictReason.SURPLUS,
                    decision=Decision.COUNTED,
                    settled_at=made,
                    settled_by_id=office.volunteer_staff.id,
                )
                for division in ("110000", "440000")
            ),
            *(
                MonthClose(
                    hall_id=office.hall.id,
                    month=month,
                    version=1,
                    figures={},
                    digest="",
                    visitors=0,
                    closed_at=at(closed, 9),
                    closed_by_id=office.volunteer_staff.id,
                )
                for month, closed in (
                    (date(2026, 6, 1), date(2026, 7, 5)),
                    (date(2026, 7, 1), date(2026, 8, 6)),
                )
            ),
        ]
    )
