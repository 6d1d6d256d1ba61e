"""What is free, on which day, and which times are nearest."""

import random
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule import capacity, queries
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Hall, Mode, Programme, Slot
from hallapp.schedule.queries import DayPlaces
from tests import factories

pytestmark = pytest.mark.either_database

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


@time_machine.travel(EARLY, tick=False)
def test_list_next_free_gives_so_many_of_each_programme_in_the_halls_order(hall: Hall, tour: Programme) -> None:
    first = factories.make(factories.programme, hall=hall, position=-1, group_min=1, guides=0)
    hidden = factories.make(factories.programme, hall=hall, active=False)
    slot(hidden, 5, 9)
    slot(tour, 5, 9, booked=93)  # 7 places, and the smallest group has 8
    slot(tour, 5, 13, open=False)
    tours = [slot(tour, 5, hour) for hour in (10, 11, 12)]
    singles = [slot(first, 6, hour, booked=99) for hour in (10, 11)]
    found = list(queries.list_next_free(queries.list_programmes(hall.id), each=2))
    assert found == [*singles, *tours[:2]]


def test_list_next_free_without_programmes_is_empty(app: Flask) -> None:
    assert list(queries.list_next_free([])) == []


@time_machine.travel(EARLY, tick=False)
def test_list_next_free_keeps_to_each_programmes_own_window(hall: Hall) -> None:
    short = factories.make(factories.programme, hall=hall, position=1, days_ahead=1, notice_hours=0)
    long = factories.make(factories.programme, hall=hall, position=2, days_ahead=3, notice_hours=30)
    halls = factories.make(factories.programme, hall=hall, position=3)  # two hours, and sixty days
    expected = []
    for programme, days in ((short, (1, 2)), (long, (3, 4)), (halls, (1, 2, 3))):
        made = {day: slot(programme, day, 10) for day in (1, 2, 3, 4, 5)}
        expected += [made[day] for day in days]
    assert list(queries.list_next_free(queries.list_programmes(hall.id), each=3)) == expected


def test_list_programmes_gives_the_offered_ones_in_the_halls_order(hall: Hall) -> None:
    second = factories.make(factories.programme, hall=hall, position=2)
    first = factories.make(factories.programme, hall=hall, position=1)
    factories.make(factories.programme, hall=hall, position=0, active=False)
    assert list(queries.list_programmes(hall.id)) == [first, second]


@time_machine.travel(EARLY, tick=False)
def test_nothing_is_free_before_the_notice_ends(hall: Hall) -> None:
    tour = factories.make(factories.programme, hall=hall, notice_hours=98)
    only = slot(tour, 5, 10)  # 98 hours from now
    assert list(queries.list_next_free([tour])) == [only]
    with time_machine.travel(EARLY + timedelta(seconds=1), tick=False):
        assert list(queries.list_next_free([tour])) == []


@pytest.mark.both_databases
@pytest.mark.parametrize("limits", [(None, None), (60, None), (None, 2), (70, 1)])
def test_sql_and_python_agree_on_what_is_free_of_overlapping_programmes(
    hall: Hall, limits: tuple[int | None, int | None]
) -> None:
    inside, on_duty = limits
    chance = random.Random(str(limits))
    with transaction():
        programmes = [
            factories.programme(hall=hall, minutes=minutes, guides=guides, mode=mode, group_min=1)
            for minutes, guides, mode in (
                (90, 1, Mode.ON_SITE),
                (60, 0, Mode.ON_SITE),
                (45, 2, Mode.ON_SITE),
                (120, 1, Mode.ONLINE),
            )
        ]
        slots = [
            factories.slot(
                programme=programme,
                day=date(2026, 12, day),
                starts=time(hour, minute),
                visitor_capacity=chance.choice((10, 40, 100)),
                inside_capacity=inside,
                guides_on_duty=on_duty,
            )
            for day in (5, 6)
            for programme in programmes
            for hour in (9, 10, 11)
            for minute in chance.sample((0, 15, 30, 45), 2)
        ]
    for _ in range(40):
        chosen, people = chance.choice(slots), chance.randint(1, 30)
        with suppress(SlotFull), transaction():
            capacity.claim(chosen, visitors=people, guides=chosen.programme.guides, forced=chance.random() < 0.05)
    db.session.expire_all()
    assert len({each.visitors_free for each in slots}) > 3
    for programme in programmes:
        own = [each for each in slots if each.programme_id == programme.id]
        days = queries.list_days(programme.id, first=DAY, last=LAST, after=EARLY)
        for day, found in days.items():
            free = [each.visitors_free for each in own if each.day == day]
            assert (found.bookable, found.places, found.largest) == (len(free), sum(free), max(free))
        for people in (1, 20):
            fitting = sorted((each for each in own if each.visitors_free >= people), key=lambda each: each.starts_at)
            nearest = queries.list_nearest_free(
                programme.id, to=EARLY, visitors=people, after=EARLY, last=LAST, limit=100
            )
            assert nearest == fitting


@pytest.mark.both_databases
def test_what_is_free_can_be_claimed_and_one_more_cannot(hall: Hall) -> None:
    with transaction():
        tour, talk = (factories.programme(hall=hall, minutes=minutes) for minutes in (90, 60))
        nine, ten = (
            factories.slot(programme=programme, day=DAY, starts=time(hour), inside_capacity=70, guides_on_duty=3)
            for programme, hour in ((tour, 9), (talk, 10))
        )
        capacity.claim(ten, visitors=45, guides=1)
    assert nine.visitors_free == 25  # until half past ten the others are inside
    with pytest.raises(SlotFull), transaction():
        capacity.claim(nine, visitors=26, guides=1)
    with transaction():
        capacity.claim(nine, visitors=25, guides=1)
    assert (nine.visitors_free, ten.visitors_free) == (0, 0)
    assert (nine.inside_booked, ten.inside_booked, ten.guides_busy) == (25, 70, 2)
