"""Slots come from the weekly templates, once, and follow them from then on."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask

from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.schedule import capacity, service
from hallapp.schedule.models import DayRule
from tests import factories
from tests.schedule.helpers import every_day, extend, open_days, slots, template

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TUESDAY, SATURDAY = (1, time(9, 30)), (5, time(14, 0))


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_makes_what_the_template_asks_for(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=14, inside_capacity=200, guides_on_duty=4)
        template(factories.programme(hall=hall, minutes=90), TUESDAY, SATURDAY)
    assert extend(hall) == 4
    assert [slot.day for slot in slots()] == [
        date(2026, 11, 24),
        date(2026, 11, 28),
        date(2026, 12, 1),
        date(2026, 12, 5),
    ]
    first = slots()[0]
    assert first.starts_at == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    assert first.ends_at - first.starts_at == timedelta(minutes=90)
    assert (first.visitor_capacity, first.guide_capacity, first.visitors_booked, first.open) == (100, 3, 0, True)
    assert (first.inside_capacity, first.guides_on_duty, first.open_by_hand) == (200, 4, None)
    assert hall.slots_until == date(2026, 12, 7)


@pytest.mark.either_database
@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_again_adds_nothing_and_changes_nothing(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=14)
        template(factories.programme(hall=hall), TUESDAY)
    extend(hall)
    before = [(slot.id, slot.open, slot.visitor_capacity) for slot in slots()]
    assert extend(hall) == 0
    assert [(slot.id, slot.open, slot.visitor_capacity) for slot in slots()] == before


@pytest.mark.either_database
@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_leaves_what_a_hand_has_changed(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=14)
        template(factories.programme(hall=hall), TUESDAY)
    extend(hall)
    with transaction():
        closed = slots()[0]
        closed.open, closed.open_by_hand, closed.visitor_capacity = False, False, 7
    assert extend(hall) == 0
    assert (slots()[0].open, slots()[0].visitor_capacity) == (False, 7)


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_the_next_day_adds_the_day_that_came_into_reach(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=7)
        template(factories.programme(hall=hall), TUESDAY)
    assert extend(hall) == 1
    assert not service.needs_extending(hall)
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        assert service.needs_extending(hall)
        assert extend(hall) == 1
        assert not service.needs_extending(hall)
    assert hall.slots_until == date(2026, 12, 1)


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_goes_as_far_as_the_programme_with_the_longest_window(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=7)
        factories.programme(hall=hall, days_ahead=30, active=False)
        template(factories.programme(hall=hall, days_ahead=21), TUESDAY)
    assert service.needs_extending(hall)
    assert extend(hall) == 3
    assert hall.slots_until == date(2026, 12, 14)


@time_machine.travel(MONDAY, tick=False)
def test_slots_until_never_goes_back(app: Flask) -> None:
    hall = factories.make(factories.hall, days_ahead=14)
    extend(hall, until=date(2026, 12, 20))
    extend(hall)
    assert hall.slots_until == date(2026, 12, 20)


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_makes_today_and_the_last_day_too(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        template(factories.programme(hall=hall), (0, time(9, 30)))
    assert extend(hall, until=date(2026, 11, 30)) == 2


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_makes_none_that_has_begun_unless_history_is_asked_for(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        template(factories.programme(hall=hall), (0, time(8, 30)), (0, time(9, 0)), (0, time(9, 1)))
    assert extend(hall, until=date(2026, 11, 23)) == 1
    assert [clock.local(slot.starts_at, hall.time_zone).time() for slot in slots()] == [time(9, 1)]
    assert extend(hall, since=date(2026, 11, 16), until=date(2026, 11, 23)) == 5


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_never_changes_a_slot_that_has_begun(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=1)
        tour = factories.programme(hall=hall)
        gone = factories.slot(programme=tour, day=date(2026, 11, 20))
        begun = factories.slot(programme=tour, day=date(2026, 11, 23), starts=time(9))
        coming = factories.slot(programme=tour, day=date(2026, 11, 23), starts=time(9, 1), open_by_hand=None)
    extend(hall, since=date(2026, 11, 1))
    slots()
    assert (gone.open, begun.open, coming.open) == (True, True, False)


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_leaves_out_other_halls_and_programmes_not_offered(app: Flask) -> None:
    with transaction():
        hall, other = factories.hall(), factories.hall()
        template(factories.programme(hall=hall, active=False), TUESDAY)
        template(factories.programme(hall=other), TUESDAY)
    assert extend(hall) == 0


@time_machine.travel(datetime(2026, 12, 31, 16, 30, tzinfo=UTC), tick=False)
def test_extend_slots_begins_on_the_halls_own_day(app: Flask) -> None:
    """At 00:30 on 1 January in Guangzhou it is still December in UTC."""
    with transaction():
        hall = factories.hall()
        template(factories.programme(hall=hall), (4, time(9, 30)))
    assert extend(hall, until=date(2027, 1, 1)) == 1
    assert slots()[0].day == date(2027, 1, 1)


@pytest.mark.either_database
@time_machine.travel(datetime(2026, 10, 19, tzinfo=UTC), tick=False)
def test_extend_slots_keeps_wall_clock_time_when_the_clocks_change(app: Flask) -> None:
    """Berlin leaves summer time on 25 October 2026."""
    with transaction():
        hall = factories.hall(time_zone="Europe/Berlin")
        template(factories.programme(hall=hall), (5, time(9, 30)))
    extend(hall, until=date(2026, 10, 31))
    before, after = slots()
    assert before.starts_at == datetime(2026, 10, 24, 7, 30, tzinfo=UTC)
    assert after.starts_at == datetime(2026, 10, 31, 8, 30, tzinfo=UTC)


@time_machine.travel(datetime(2027, 3, 27, tzinfo=UTC), tick=False)
def test_extend_slots_at_an_hour_that_the_clocks_skip(app: Flask) -> None:
    """Berlin's clocks go from 02:00 to 03:00 on 28 March 2027: 02:30 is then 03:30, which stands there already."""
    with transaction():
        hall = factories.hall(time_zone="Europe/Berlin")
        template(factories.programme(hall=hall, minutes=60), (6, time(2, 30)), (6, time(3, 30)))
    assert extend(hall, until=date(2027, 3, 28)) == 1
    only = slots()[0]
    assert (only.day, only.starts_at) == (date(2027, 3, 28), datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
    assert only.ends_at - only.starts_at == timedelta(minutes=60)
    assert extend(hall, until=date(2027, 3, 28)) == 0


@time_machine.travel(datetime(2027, 3, 20, tzinfo=UTC), tick=False)
def test_extend_slots_leaves_out_a_visit_that_the_clocks_bring_over_midnight(app: Flask) -> None:
    """Berlin's 28 March 2027 has 23 hours: as many of them from 01:00 on end at one in the next morning."""
    with transaction():
        hall = factories.hall(time_zone="Europe/Berlin")
        template(factories.programme(hall=hall, minutes=23 * 60), (6, time(1, 0)))
    assert extend(hall, until=date(2027, 3, 28)) == 1
    assert slots()[0].day == date(2027, 3, 21)


@pytest.mark.both_databases
@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_for_years_stays_within_what_one_statement_takes(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        template(factories.programme(hall=hall), *every_day(*(time(hour) for hour in range(10, 17))))
    assert extend(hall, until=date(2028, 11, 22)) == 731 * 7


@time_machine.travel(datetime(2026, 9, 14, 1, 0, tzinfo=UTC), tick=False)
def test_extend_slots_writes_announced_holidays_first_and_follows_their_rules(app: Flask) -> None:
    """In 2026 Sunday 20 September is worked; Friday 25 to Sunday 27 are the Mid-autumn days off."""
    with transaction():
        hall = factories.hall(closed_weekdays="46", holidays=DayRule.OPEN, makeup_days=DayRule.CLOSED)
        hall.makeup_days = DayRule.OPEN
        template(factories.programme(hall=hall), *every_day(time(10)))
    extend(hall, until=date(2026, 9, 28))
    assert hall.holiday_years == "2026"
    closed = {date(2026, 9, 18)}
    assert open_days() == [day for n in range(15) if (day := date(2026, 9, 14 + n)) not in closed]


@time_machine.travel(datetime(2026, 12, 20, 1, 0, tzinfo=UTC), tick=False)
def test_extend_slots_into_a_year_not_announced_leaves_it_for_later(app: Flask) -> None:
    with transaction():
        hall = factories.hall(holidays=DayRule.CLOSED)
        template(factories.programme(hall=hall), *every_day(time(10)))
    assert extend(hall, until=date(2027, 1, 3)) == 15
    assert hall.holiday_years == "2026"


@pytest.mark.either_database
@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_leaves_hits_and_names_them_and_changes_the_others(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=7)
        template(factories.programme(hall=hall, minutes=60), *every_day(time(10), time(14)))
    extend(hall)
    held, free = (slot for slot in slots() if slot.day == date(2026, 11, 25))
    with transaction():
        capacity.claim(held, visitors=20, guides=1)
        hall.closed_weekdays = "2"  # as if behind the calendar's back: Wednesday
    assert extend(hall) == 0
    assert [change.slot.id for change in service.list_unsettled(hall)] == [held.id]
    slots()
    assert (held.open, free.open) == (True, False)
    with transaction():
        capacity.release(held, visitors=20, guides=1)
    assert extend(hall) == 0
    slots()
    assert (held.open, service.list_unsettled(hall)) == (False, ())
