"""The acts of people by the records of a hall: tours, feedback, talks, duty, the desk, the office.

Each is loaded at most once, with a fixed number of statements, and only if an index needs it. What is erased some
months after a visit, such as access needs or the leaders of delegations, is not read: points could not be recomputed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased, selectinload

from hallapp.booking.models import Actor, Booking, BookingEvent, BookingState, Verb
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.desk.models import DeskConflict
from hallapp.feedback.models import Feedback
from hallapp.guides.eligibility import is_on_leave
from hallapp.guides.models import Assignment, Dropped, Guide
from hallapp.ledger.models import Arrival, DeskEvent, EventKind, MonthClose
from hallapp.periods import Period
from hallapp.presence.models import Departure
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.queries import list_open_days
from hallapp.talks.models import Talk, TalkHost, TalkMode, TalkState


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that a person did on a day; `what` names its source in a statement."""

    staff_id: int
    day: date
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour(Act):
    """A group that a person led, or waited for; `notice` is the time between the assignment and the start."""

    came: bool
    people: int
    language: str | None
    is_other_language: bool
    programme: str
    minutes: int
    hour: int
    notice: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack(Act):
    """A tour that a person could not lead after all; `notice` is the time that was left before its start."""

    notice: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Act):
    """The feedback of a group that a person led, on the day on which it was given."""

    visit: int
    guide: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTalk(Act):
    """A talk of a host that was held, or to which the guest did not come."""

    held: bool
    chosen: bool
    remote: bool
    is_other_language: bool
    stars: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Act):
    """A time on duty on a day that is past, of a guide who was there and not on leave, while the hall was open."""

    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission(Act):
    """An admission at the desk that was not taken back.

    `again` is set where the person has admitted people of the same group on that day: late ones, or one by one.
    """

    walk_in: bool
    again: bool
    offline: bool
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Act):
    """The answer to a request, and how long after the booking it was given."""

    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Act):
    """A month whose figures a person closed, and the day after its end on which they did, from 1."""

    after_days: int


class Acts:
    """The acts of some people of a hall in a period. Each kind is an attribute, loaded when it is first read."""

    def __init__(self, hall: Hall, period: Period, people: Sequence[int]) -> None:
        self._hall, self._period, self._people = hall, period, people
        self._begin, self._end = (clock.at(day, time.min, hall.time_zone) for day in (period.first, period.end))

    @cached_property
    def tours(self) -> list[Tour]:
        """Return the tours that the guides led, and those whose group did not come, by the day of the visit."""
        rows = db.session.execute(
            self._assignments(
                Guide.staff_id,
                Booking.id,
                Booking.reference,
                Booking.state,
                Booking.tour_language,
                Slot.day,
                Slot.starts_at,
                Slot.ends_at,
                Programme.slug,
                Assignment.assigned_at,
            )
            .join(Programme, Programme.id == Slot.programme_id)
            .where(Assignment.dropped_at.is_(None), Booking.state.in_((BookingState.ARRIVED, BookingState.ABSENT)))
        ).all()
        people = self._people_of(row.id for row in rows if row.state is BookingState.ARRIVED)
        return [
            Tour(
                staff_id=row.staff_id,
                day=row.day,
                what=f"booking {row.reference}",
                came=row.state is BookingState.ARRIVED,
                people=people.get(row.id, 0),
                language=row.tour_language and row.tour_language.value,
                is_other_language=self._is_other(row.tour_language),
                programme=row.slug,
                minutes=_minutes(row.ends_at - row.starts_at),
                hour=clock.local(row.starts_at, self._hall.time_zone).hour,
                notice=row.starts_at - row.assigned_at,
            )
            for row in rows
        ]

    @cached_property
    def given_back(self) -> list[GivenBack]:
        """Return the tours whose guide went on leave, off duty or away after the assignment."""
        rows = db.session.execute(
            self._assignments(Guide.staff_id, Booking.reference, Slot.day, Slot.starts_at, Assignment.dropped_at).where(
                Assignment.dropped_why == Dropped.GUIDE
            )
        )
        return [
            GivenBack(staff_id=staff, day=day, what=f"booking {reference}", notice=starts_at - dropped_at)
            for staff, reference, day, starts_at, dropped_at in rows
        ]

    @cached_property
    def answers(self) -> list[Answer]:
        """Return the feedback about tours, by the day on which it was given: a late answer changes no earlier day."""
        given = Feedback.given_at
        rows: Any = db.session.execute(
            select(Guide.staff_id, Booking.reference, given, Feedback.stars_visit, Feedback.stars_guide)
            .join(Assignment, Assignment.booking_id == Feedback.booking_id)
            .join(Guide, Guide.id == Assignment.guide_id)
            .join(Booking, Booking.id == Feedback.booking_id)
            .where(Feedback.hall_id == self._hall.id, Assignment.dropped_at.is_(None), self._during(given))
            .where(Guide.staff_id.in_(self._people))
        )
        return [
            Answer(staff_id=staff, day=self._day(at), what=f"booking {reference}", visit=visit, guide=guide)
            for staff, reference, at, visit, guide in rows
        ]

    @cached_property
    def talks(self) -> list[HeldTalk]:
        """Return the talks that the hosts held, and those to which the guest did not come."""
        rows = db.session.execute(
            select(TalkHost.staff_id, Talk.number, Talk.day, Talk.state, Talk.chosen, Talk.mode, Talk.language)
            .add_columns(Talk.stars)
            .join(Talk, (Talk.hall_id == TalkHost.hall_id) & (Talk.host_number == TalkHost.number))
            .where(Talk.hall_id == self._hall.id, Talk.state.in_((TalkState.HELD, TalkState.MISSED)))
            .where(self._on(Talk.day), TalkHost.staff_id.in_(self._people))
        )
        return [
            HeldTalk(
                staff_id=row.staff_id,
                day=row.day,
                what=f"talk {row.number}",
                held=row.state is TalkState.HELD,
                chosen=row.chosen,
                remote=row.mode is not TalkMode.ON_SITE,
                is_other_language=self._is_other(row.language),
                stars=row.stars,
            )
            for row in rows
        ]

    @cached_property
    def shifts(self) -> list[Shift]:
        """Return the times on duty of the guides, up to yesterday."""
        guides = db.session.scalars(
            select(Guide)
            .where(Guide.hall_id == self._hall.id, Guide.staff_id.in_(self._people))
            .options(selectinload(Guide.duties), selectinload(Guide.leaves))
        ).all()
        return [shift for day in self._days_open() for guide in guides for shift in _shifts_of(guide, day)]

    @cached_property
    def admissions(self) -> list[Admission]:
        """Return the admissions at the desk, without those that a take-back undid and those of guests of talks."""
        undone = aliased(DeskEvent)
        people = (
            select(func.coalesce(func.sum(Arrival.visitors), 0))
            .where(Arrival.event_id == DeskEvent.id)
            .correlate(DeskEvent)
            .scalar_subquery()
        )
        rows = db.session.execute(
            select(DeskEvent.staff_id, DeskEvent.day, DeskEvent.event_id, DeskEvent.walk_in_id, DeskEvent.snapshot_at)
            .add_columns(DeskEvent.booking_id, DeskEvent.party, people)
            .where(DeskEvent.hall_id == self._hall.id, DeskEvent.kind == EventKind.ADMIT, self._on(DeskEvent.day))
            .where(DeskEvent.staff_id.in_(self._people), ~exists().where(undone.undoes_id == DeskEvent.id))
        ).all()
        of_talks, known = self._events_of_talks(), set()
        found = []
        for staff, day, event_id, walk_in, snapshot_at, booking, party, count in rows:
            if event_id in of_talks:
                continue
            group = (staff, day, walk_in, None if party else booking, party)
            found.append(
                Admission(
                    staff_id=staff,
                    day=day,
                    what="day",
                    walk_in=walk_in is not None,
                    again=group in known,
                    offline=snapshot_at is not None,
                    people=int(count),
                )
            )
            known.add(group)
        return found

    @cached_property
    def departures(self) -> list[Act]:
        """Return the departures that were recorded and not taken back."""
        undone = aliased(Departure)
        rows = db.session.execute(
            select(Departure.staff_id, Departure.day)
            .where(Departure.hall_id == self._hall.id, Departure.undoes_id.is_(None), self._on(Departure.day))
            .where(Departure.staff_id.in_(self._people), ~exists().where(undone.undoes_id == Departure.id))
        )
        return [Act(staff_id=staff, day=day, what="day") for staff, day in rows]

    @cached_property
    def bookings_taken(self) -> list[Act]:
        """Return the bookings that the staff made for groups."""
        return [
            Act(staff_id=row.staff_id, day=self._day(row.at), what=f"booking {row.reference}")
            for row in self._events(BookingEvent.verb == Verb.PLACED)
        ]

    @cached_property
    def replies(self) -> list[Reply]:
        """Return the requests that the staff confirmed or declined."""
        answered = BookingEvent.verb.in_((Verb.CONFIRMED, Verb.DECLINED))
        return [
            Reply(
                staff_id=row.staff_id,
                day=self._day(row.at),
                what=f"booking {row.reference}",
                after=row.at - row.created_at,
            )
            for row in self._events(answered & (BookingEvent.before == BookingState.REQUESTED))
        ]

    @cached_property
    def conflicts(self) -> list[Act]:
        """Return the conflicts of offline admissions that a person resolved; several divisions of one are one."""
        rows: Any = db.session.execute(
            select(DeskConflict.settled_by_id, func.max(DeskConflict.settled_at))
            .where(DeskConflict.hall_id == self._hall.id, DeskConflict.settled_by_id.in_(self._people))
            .where(self._during(DeskConflict.settled_at))
            .group_by(DeskConflict.settled_by_id, DeskConflict.event_id)
        )
        return [Act(staff_id=staff, day=self._day(at), what="day") for staff, at in rows]

    @cached_property
    def closes(self) -> list[Close]:
        """Return the months that a person closed, and that were not opened again."""
        rows = db.session.execute(
            select(MonthClose.closed_by_id, MonthClose.month, MonthClose.closed_at)
            .where(MonthClose.hall_id == self._hall.id, MonthClose.closed_by_id.in_(self._people))
            .where(MonthClose.reopened_at.is_(None), self._during(MonthClose.closed_at))
        )
        return [
            Close(
                staff_id=staff,
                day=self._day(at),
                what=f"month {month:%Y-%m}",
                after_days=(self._day(at) - clock.month_range(month.year, month.month)[1]).days + 1,
            )
            for staff, month, at in rows
        ]

    def _assignments(self, *columns: Any) -> Select:
        return (
            select(*columns)
            .select_from(Assignment)
            .join(Guide, Guide.id == Assignment.guide_id)
            .join(Booking, Booking.id == Assignment.booking_id)
            .join(Slot, Slot.id == Booking.slot_id)
            .where(Assignment.hall_id == self._hall.id, Guide.staff_id.in_(self._people), self._on(Slot.day))
        )

    def _events(self, condition: ColumnElement[bool]) -> Sequence[Any]:
        return db.session.execute(
            select(BookingEvent.staff_id, BookingEvent.at, Booking.reference, Booking.created_at)
            .join(Booking, Booking.id == BookingEvent.booking_id)
            .where(BookingEvent.hall_id == self._hall.id, BookingEvent.actor == Actor.STAFF, condition)
            .where(BookingEvent.staff_id.in_(self._people), self._during(BookingEvent.at))
        ).all()

    def _people_of(self, bookings: Iterator[int]) -> dict[int, int]:
        """Return the people of bookings who arrived, less those taken back."""
        rows = db.session.execute(
            select(DeskEvent.booking_id, func.sum(Arrival.visitors))
            .join(Arrival, Arrival.event_id == DeskEvent.id)
            .where(DeskEvent.hall_id == self._hall.id, DeskEvent.booking_id.in_(sorted(set(bookings))))
            .group_by(DeskEvent.booking_id)
        )
        return {booking_id: int(people) for booking_id, people in rows if booking_id is not None}

    def _events_of_talks(self) -> frozenset[str]:
        """Return the events of the desk by which guests of talks were counted."""
        query = select(Talk.event_id).where(Talk.hall_id == self._hall.id, Talk.event_id.is_not(None))
        return frozenset(event for event in db.session.scalars(query.where(self._on(Talk.day))) if event)

    def _days_open(self) -> list[date]:
        last = min(self._period.last, self._hall.today() - timedelta(days=1))
        return list_open_days(self._hall, first=self._period.first, last=last)

    def _on(self, column: Any) -> ColumnElement[bool]:
        return (column >= self._period.first) & (column < self._period.end)

    def _during(self, column: Any) -> ColumnElement[bool]:
        return (column >= self._begin) & (column < self._end)

    def _day(self, instant: datetime) -> date:
        return clock.local_day(instant, self._hall.time_zone)

    def _is_other(self, language: str | None) -> bool:
        """Return whether a language is another one than the first of the hall's pages."""
        return bool(language) and language != self._hall.language_codes[0].partition("_")[0]


def _shifts_of(guide: Guide, day: date) -> Iterator[Shift]:
    has_left = not guide.active and guide.last_day is not None and guide.last_day < day
    if guide.staff_id is None or has_left or is_on_leave(guide, day):
        return
    spans: dict[time, time] = defaultdict(lambda: time.min)
    for duty in guide.duties:
        if duty.holds_on(day):
            spans[duty.starts] = max(spans[duty.starts], duty.ends)
    for starts, ends in sorted(spans.items()):
        length = datetime.combine(day, ends) - datetime.combine(day, starts)
        what = f"shift {starts:%H:%M}-{ends:%H:%M}"
        yield Shift(staff_id=guide.staff_id, day=day, what=what, minutes=_minutes(length))


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
