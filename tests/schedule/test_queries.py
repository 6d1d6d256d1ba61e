"""What is free, on which day, and which times are nearest."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask

from hallapp.core import clock
from hallapp.schedule import queries
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.queries import DayPlaces
from tests import factories

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)
EARLY = datetime(2026, 12, 1, tzinfo=UTC)
LAST = date(2026, 12, 31)


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    return factories.make(factories.programme, hall=hall, group_min=8)


def slot(programme: Programme, day: int, hour: int, *, booked: int = 0, guides: int = 0, **values: object) -> Slot:
    return factories.make(
        factories.slot,
        programme=programme,
        day=date(2026, 12, day),
        starts=time(hour),
        visitors_booked=booked,
        guides_booked=guides,
        **values,
    )


def test_find_slot_knows_only_this_halls_slots(hall: Hall, tour: Programme) -> None:
    mine = slot(tour, 5, 9)
    other = factories.make(factories.hall)
    assert queries.find_slot(hall.id, mine.id) is mine
    assert queries.find_slot(other.id, mine.id) is None
    assert queries.find_slot(hall.id, mine.id + 1) is None


def test_list_slots_gives_the_days_open_slots_in_order_full_ones_too(tour: Programme) -> None:
    late, early = slot(tour, 5, 14, booked=100), slot(tour, 5, 9)
    slot(tour, 5, 11, open=False)
    slot(tour, 6, 9)
    assert list(queries.list_slots(tour.id, DAY)) == [early, late]


def test_list_days_adds_the_free_places_of_a_day(tour: Programme) -> None:
    slot(tour, 5, 9, booked=30)
    slot(tour, 5, 11, booked=60)
    slot(tour, 5, 14, booked=10, guides=3)  # places, but no guide
    slot(tour, 5, 16, open=False)
    slot(tour, 6, 9, booked=100)
    assert queries.list_days(tour.id, first=DAY, last=LAST, after=EARLY) == {
        DAY: DayPlaces(DAY, bookable=3, places=110, largest=70),
        date(2026, 12, 6): DayPlaces(date(2026, 12, 6), bookable=1, places=0, largest=0),
    }


def test_list_days_leaves_out_what_is_too_near(tour: Programme) -> None:
    slot(tour, 5, 9)
    slot(tour, 5, 14, booked=40)
    after = clock.at(DAY, time(9, 1), ZONE)
    assert queries.list_days(tour.id, first=DAY, last=DAY, after=after) == {DAY: DayPlaces(DAY, 1, 60, 60)}
    over = clock.at(DAY, time(18), ZONE)
    assert queries.list_days(tour.id, first=DAY, last=DAY, after=over) == {DAY: DayPlaces(DAY, 0, 0, 0)}


def test_a_slot_without_a_free_guide_has_no_places_in_sql_and_in_python(tour: Programme) -> None:
    without_guide = slot(tour, 5, 9, guides=3)
    assert without_guide.visitors_free == 0
    assert queries.list_days(tour.id, first=DAY, last=DAY, after=EARLY)[DAY].places == 0


def test_list_nearest_free_looks_both_ways(tour: Programme) -> None:
    slot(tour, 3, 9)
    before = slot(tour, 4, 14)
    slot(tour, 5, 9, booked=100)
    soon, later = slot(tour, 5, 11), slot(tour, 5, 14)
    slot(tour, 8, 9)
    nearest = queries.list_nearest_free(
        tour.id, to=clock.at(DAY, time(9), ZONE), visitors=20, after=EARLY, last=LAST, limit=3
    )
    assert nearest == [before, soon, later]


def test_list_nearest_free_keeps_to_the_size_the_window_and_the_programme(hall: Hall, tour: Programme) -> None:
    slot(tour, 1, 9)  # before the window
    slot(tour, 5, 9, booked=81)  # one place too few
    slot(tour, 5, 10, open=False)
    slot(factories.make(factories.programme, hall=hall), 5, 11)
    fitting = slot(tour, 5, 14, booked=80)
    slot(tour, 20, 9)  # after the window
    after = clock.at(date(2026, 12, 2), time(0), ZONE)
    found = queries.list_nearest_free(
        tour.id, to=clock.at(DAY, time(9), ZONE), visitors=20, after=after, last=date(2026, 12, 19)
    )
    assert found == [fitting]


def test_list_next_free_gives_so_many_of_each_programme_in_the_halls_order(hall: Hall, tour: Programme) -> None:
    first = factories.make(factories.programme, hall=hall, position=-1, group_min=1, guides=0)
    hidden = factories.make(factories.programme, hall=hall, active=False)
    slot(hidden, 5, 9)
    slot(tour, 5, 9, booked=93)  # 7 places, and the smallest group has 8
    tours = [slot(tour, 5, hour) for hour in (10, 11, 12)]
    singles = [slot(first, 6, hour, booked=99) for hour in (10, 11)]
    found = list(queries.list_next_free(hall.id, after=EARLY, last=LAST, each=2))
    assert found == [*singles, *tours[:2]]


def test_list_programmes_gives_the_offered_ones_in_the_halls_order(hall: Hall) -> None:
    second = factories.make(factories.programme, hall=hall, position=2)
    first = factories.make(factories.programme, hall=hall, position=1)
    factories.make(factories.programme, hall=hall, position=0, active=False)
    assert list(queries.list_programmes(hall.id)) == [first, second]


def test_nothing_is_free_before_the_notice_ends(hall: Hall, tour: Programme) -> None:
    only = slot(tour, 5, 9)
    assert list(queries.list_next_free(hall.id, after=only.starts_at, last=LAST)) == [only]
    assert list(queries.list_next_free(hall.id, after=only.starts_at + timedelta(seconds=1), last=LAST)) == []
