"""Who had booked and did not come: booking by booking, on the day that was booked, adding up over any period."""

from datetime import date, datetime, time
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.booking import retention, service
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.ledger import closes
from hallapp.ledger.filing import Filing
from hallapp.ledger.ledger import append_event, read_ledger
from hallapp.ledger.lines import NewEvent
from hallapp.ledger.models import EventKind
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports.closing import month_close
from hallapp.reports.figures import filing
from hallapp.reports.figures import service as figures
from hallapp.reports.figures.parts import ABSENCES_BY_BOOKING, ABSENCES_IN_SUM
from hallapp.reports.figures.service import get_report
from hallapp.schedule.models import Hall, Slot
from tests import factories
from tests.reports.conftest import GUANGZHOU, Counter

APRIL, MAY, JUNE = (Period.month(2026, number) for number in (4, 5, 6))
SPRING, YEAR = Period.quarter(2026, 2), Period.year(2026)


def slot(counter: Counter, day: date, starts: time = time(9, 30)) -> Slot:
    return factories.make(factories.slot, programme=counter.tour, day=day, starts=starts)


def book(counter: Counter, day: date, people: int = 20, starts: time = time(9, 30), **facts: object) -> Booking:
    """A booking; of one division where `origins` does not say more."""
    facts.setdefault("origins", {"440000": people})
    return factories.make(factories.booking, slot=slot(counter, day, starts), **facts)


def arrive(counter: Counter, booking: Booking, at: str, counts: dict[str, int]) -> None:
    """Let people of a booking in on whatever day: as the desk does on a manager's word."""
    event_id, when = counter._at(at), datetime.fromisoformat(at).replace(tzinfo=GUANGZHOU)
    with transaction():
        event = NewEvent(
            hall_id=counter.hall.id,
            event_id=event_id,
            kind=EventKind.ADMIT,
            staff_id=counter.staff.id,
            day=when.date(),
            occurred_at=when,
            received_at=when,
            booking_id=booking.id,
        )
        row = db.session.get_one(Booking, booking.id)
        ledger_filing = Filing.of(row, occurred_at=when, time_zone="Asia/Shanghai")
        append_event(event, counts, filing=ledger_filing, ledger=read_ledger(booking_id=booking.id))
        row.state = BookingState.ARRIVED


def absent(counter: Counter, period: Period) -> int:
    return get_report(counter.hall, period).totals.absent_visitors


def look_from(counter: Counter, at: str) -> None:
    counter._at(at)


@pytest.mark.either_database
def test_early_group_of_a_later_time_does_not_stand_for_an_absent_one(counter: Counter) -> None:
    day = date(2026, 5, 12)
    book(counter, day, starts=time(10, 30))  # until 12:00; nobody comes
    later = book(counter, day, starts=time(15, 30))  # until 17:00; comes ten minutes early
    seen = []
    for at in ("2026-05-12T11:59", "2026-05-12T12:00", "2026-05-12T15:19"):
        look_from(counter, at)
        seen.append(absent(counter, MAY))
    arrive(counter, later, "2026-05-12T15:20", {"440000": 20})
    for at in ("2026-05-12T15:21", "2026-05-12T17:00", "2026-05-13T09:00"):
        look_from(counter, at)
        seen.append(absent(counter, MAY))
    assert seen == [0, 20, 20, 20, 20, 20]


@pytest.mark.parametrize("people", [1, 20, 47])
def test_group_that_comes_in_another_month_is_not_absent_in_its_own(counter: Counter, people: int) -> None:
    may = book(counter, date(2026, 5, 31), people)
    book(counter, date(2026, 6, 9), people)
    arrive(counter, may, "2026-06-01T10:00", {"440000": people})
    look_from(counter, "2026-07-02T10:00")
    assert [absent(counter, each) for each in (MAY, JUNE, SPRING, YEAR)] == [0, people, people, people]


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("booked", "came", "missing"),
    [
        ({"440000": 20}, {"440000": 15, "430000": 5}, 0),
        ({"440000": 20}, {"430000": 20}, 0),
        ({"440000": 12, "430000": 8}, {"440000": 8, "overseas": 9}, 3),
        ({"440000": 20}, {"440000": 33}, 0),
        ({"440000": 20}, {"unknown": 19}, 1),
    ],
)
def test_any_arrived_people_of_a_booking_reduce_its_absences(
    counter: Counter, booked: dict[str, int], came: dict[str, int], missing: int
) -> None:
    booking = book(counter, date(2026, 5, 12), origins=booked)
    arrive(counter, booking, "2026-05-12T09:30", came)
    look_from(counter, "2026-05-13T09:30")
    assert absent(counter, MAY) == missing


def test_more_than_were_booked_do_not_stand_for_another_group(counter: Counter) -> None:
    day = date(2026, 5, 12)
    arrive(counter, book(counter, day), "2026-05-12T09:30", {"440000": 50})
    book(counter, day, starts=time(13))
    counter.walk_in("2026-05-12T13:00", {"440000": 30})
    look_from(counter, "2026-05-13T09:30")
    assert absent(counter, MAY) == 20


@pytest.mark.either_database
def test_months_add_up_whatever_day_people_came_on(counter: Counter) -> None:
    april = book(counter, date(2026, 4, 30), 40)
    may = book(counter, date(2026, 5, 3), 25)
    june = book(counter, date(2026, 6, 30), 31)
    arrive(counter, april, "2026-05-02T10:00", {"440000": 3})
    arrive(counter, may, "2026-04-28T10:00", {"440000": 22})  # long before
    arrive(counter, june, "2026-07-01T10:00", {"440000": 30})
    look_from(counter, "2026-07-20T10:00")
    months = [absent(counter, each) for each in (APRIL, MAY, JUNE)]
    assert months == [37, 3, 1]
    assert absent(counter, SPRING) == absent(counter, YEAR) == absent(counter, SINCE_OPENING) == sum(months)
    assert absent(counter, Period.days(date(2026, 5, 1), date(2026, 6, 29))) == 3
    assert absent(counter, Period.days(date(2026, 4, 30), date(2026, 4, 30))) == 37


@pytest.mark.parametrize("state", [each for each in BookingState if each is not BookingState.OFFERED])
def test_only_bookings_that_held_their_places_count(counter: Counter, state: BookingState) -> None:
    book(counter, date(2026, 5, 12), state=state)
    look_from(counter, "2026-05-13T09:30")
    gone = (BookingState.DECLINED, BookingState.WAITLISTED, BookingState.LAPSED, BookingState.CANCELLED)
    assert absent(counter, MAY) == (0 if state in gone else 20)


def test_what_the_desk_takes_back_has_not_come(counter: Counter) -> None:
    booking = book(counter, date(2026, 5, 12))
    event = counter.admit("2026-05-12T09:30", booking.reference, {"440000": 18})
    look_from(counter, "2026-05-13T09:30")
    assert absent(counter, MAY) == 2
    counter.take_back("2026-05-14T09:30", event)
    assert absent(counter, MAY) == 20


def test_change_of_size_and_move_count_as_the_booking_is_now(counter: Counter) -> None:
    by = by_staff(counter.manager.id)
    booking, other = book(counter, date(2026, 5, 20)), slot(counter, date(2026, 6, 3))
    look_from(counter, "2026-05-10T09:30")
    with transaction():
        row = db.session.get_one(Booking, booking.id)
        service.change_people(row, (("440000", 12),), by=by)
        service.move(row, other.id, by=by)
    look_from(counter, "2026-06-10T09:30")
    assert [absent(counter, each) for each in (MAY, JUNE)] == [0, 12]


def test_figures_outlive_the_contact_details(counter: Counter) -> None:
    booking = book(counter, date(2026, 5, 12))
    arrive(counter, booking, "2026-05-12T09:30", {"440000": 13})
    look_from(counter, "2028-01-13T09:30")
    before = absent(counter, MAY)
    with transaction():
        assert retention.erase(db.session.get_one(Hall, counter.hall.id)) == 1
    assert db.session.scalar(select(Booking.phone).where(Booking.id == booking.id)) == ""
    assert absent(counter, MAY) == before == 7


def close(counter: Counter, month: Period) -> None:
    with transaction():
        month_close.close(counter.hall.id, month, staff_id=counter.manager.id)


def test_closed_month_keeps_what_was_filed_and_longer_periods_add_it_up(counter: Counter) -> None:
    for day in (date(2026, 4, 7), date(2026, 5, 7), date(2026, 6, 7)):
        late = book(counter, day)
        counter.walk_in(f"{day}T10:00", {"440000": 1})
    look_from(counter, "2026-07-02T10:00")
    close(counter, APRIL)
    close(counter, JUNE)
    arrive(counter, late, "2026-07-02T11:00", {"440000": 20})
    look_from(counter, "2026-07-02T12:00")
    assert [absent(counter, each) for each in (APRIL, MAY, JUNE, SPRING, YEAR)] == [20, 20, 20, 60, 60]
    report = get_report(counter.hall, JUNE)
    assert report.closed and report.absence_method == ABSENCES_BY_BOOKING
    with transaction():
        month_close.reopen(counter.hall.id, JUNE, reason="补录", staff_id=counter.manager.id)
    assert [absent(counter, each) for each in (JUNE, SPRING, YEAR)] == [0, 40, 40]


def test_month_that_was_filed_by_the_earlier_method_says_so(counter: Counter, client: FlaskClient) -> None:
    for day in (date(2026, 4, 7), date(2026, 5, 7)):
        arrive(counter, book(counter, day), f"{day}T09:30", {"440000": 17})
    look_from(counter, "2026-07-02T10:00")
    _file_as_before(counter, APRIL, absent_visitors=138)
    close(counter, MAY)
    assert [absent(counter, each) for each in (APRIL, MAY, SPRING, YEAR)] == [138, 3, 141, 141]
    april, spring = (get_report(counter.hall, each) for each in (APRIL, SPRING))
    assert (april.absence_method, april.filed.absences_in_sum) == (ABSENCES_IN_SUM, 0)
    assert (spring.absence_method, spring.filed.absences_in_sum) == (ABSENCES_BY_BOOKING, 1)
    client.sign_in(counter.manager)
    for name, said in {
        "2026-04": "this month was filed with the earlier method",
        "2026-Q2": "1 month of it was",
    }.items():
        assert said in client.get(f"/reports/{name}?lang=en").text, name
        body = client.get(f"/reports/{name}.json?lang=en").json
        assert any(said in note for note in body["notes"])
    assert body["absences"] == {"method": 2, "months_by_earlier_method": 1}
    assert "按旧口径" in client.get("/reports/2026-04?lang=zh").text
    assert "earlier method" not in client.get("/reports/2026-05?lang=en").text


def _file_as_before(counter: Counter, month: Period, *, absent_visitors: int) -> None:
    """Close a month as the version before did: figures that name no method."""
    with transaction():
        written = filing.write(figures.compute(counter.hall, month))
        for name in ("absence_method", "previous_signed", "last_year_signed"):
            del written[name]
        written["totals"]["absent_visitors"] = absent_visitors
        closes.close(closes.hold(counter.hall.id), month.first, written, staff_id=counter.manager.id)


@pytest.mark.either_database
def test_absences_of_the_fixtures_november(november: SimpleNamespace) -> None:
    """40 booked and 35 came, beside walk-ins."""
    assert get_report(november.hall, Period.month(2026, 11)).totals.absent_visitors == 5
