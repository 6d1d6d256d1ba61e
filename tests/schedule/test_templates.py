"""The week in force: a programme's own, else the hall's; slots of the future follow, those with visitors with care."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import NoResultFound

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule import capacity, errors, queries, service
from hallapp.schedule.models import Hall, Programme, WeekTemplate
from hallapp.schedule.policies import SaveProgramme, save_programme
from hallapp.schedule.service import DeleteTemplate, SetTemplate, TemplateLine, delete_template, set_template
from tests import factories
from tests.schedule.helpers import do, extend, slots, template, trail

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00
TODAY = date(2026, 11, 23)
NEXT_MONDAY, MONDAY_AFTER = date(2026, 11, 30), date(2026, 12, 7)


@pytest.fixture
def hall(app: Flask) -> Hall:
    with time_machine.travel(NOW, tick=False), transaction():
        return factories.hall(days_ahead=14)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    return factories.make(factories.programme, hall=hall, minutes=60, slug="tour")


def week(hall: Hall, *lines: tuple[int, time, int, int], valid_from: date = TODAY, programme: str | None = None):
    return SetTemplate(hall_id=hall.id, by=None, programme=programme, valid_from=valid_from, lines=lines)


def offered(programme: Programme | None = None) -> list[tuple[date, int, int, int]]:
    """Day, local hour, places and guides of the open slots."""
    return [
        (slot.day, clock.local(slot.starts_at, "Asia/Shanghai").hour, slot.visitor_capacity, slot.guide_capacity)
        for slot in slots(programme=programme)
        if slot.open
    ]


@time_machine.travel(NOW, tick=False)
def test_the_programmes_own_template_comes_before_the_halls(hall: Hall, tour: Programme) -> None:
    talk = factories.make(factories.programme, hall=hall)
    do(set_template, week(hall, (0, time(10), 50, 2)))
    do(set_template, week(hall, (0, time(14), 20, 1), valid_from=NEXT_MONDAY, programme="tour"))
    extend(hall)
    assert offered(tour) == [(TODAY, 10, 50, 2), (NEXT_MONDAY, 14, 20, 1), (MONDAY_AFTER, 14, 20, 1)]
    assert offered(talk) == [(day, 10, 50, 2) for day in (TODAY, NEXT_MONDAY, MONDAY_AFTER)]


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_later_template_takes_over_on_its_day_and_an_empty_one_offers_nothing(hall: Hall, tour: Programme) -> None:
    with transaction():
        template(hall, (0, time(10)), valid_from=date(2026, 1, 1))
    extend(hall)
    do(set_template, week(hall, (0, time(11), 30, 1), valid_from=NEXT_MONDAY))
    do(set_template, week(hall, valid_from=MONDAY_AFTER))
    assert offered() == [(TODAY, 10, 100, 3), (NEXT_MONDAY, 11, 30, 1)]


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_template_of_the_same_first_day_is_replaced(hall: Hall, tour: Programme) -> None:
    first = do(set_template, week(hall, (0, time(10), 50, 2), programme="tour"))
    assert len(first.additions) == 3
    second = do(set_template, week(hall, (0, time(10), 40, 2), (0, time(9, 30), 10, 0), programme="tour"))
    assert (len(second.changes), len(second.additions)) == (3, 3)
    assert [row.valid_from for row in queries.list_templates(hall.id)] == [TODAY]
    again = do(set_template, week(hall, (0, time(9, 30), 10, 0), (0, time(10), 40, 2), programme="tour"))
    assert (again.changes, again.additions) == ((), ())
    assert trail() == [
        ("template_set", "template tour 2026-11-23", {"before": {}, "after": {"lines": [[0, "10:00", 50, 2]]}}),
        (
            "template_set",
            "template tour 2026-11-23",
            {
                "before": {"lines": [[0, "10:00", 50, 2]]},
                "after": {"lines": [[0, "09:30", 10, 0], [0, "10:00", 40, 2]]},
            },
        ),
    ]


@time_machine.travel(NOW, tick=False)
def test_the_hall_and_each_programme_have_templates_of_the_same_day(hall: Hall, tour: Programme) -> None:
    for programme in (None, "tour", None, "tour"):
        do(set_template, week(hall, (0, time(10), 50, 2), programme=programme))
    assert sorted(str(row.programme_id) for row in queries.list_templates(hall.id)) == sorted(["None", str(tour.id)])


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_slot_that_is_no_longer_wanted_closes_and_comes_back(hall: Hall, tour: Programme) -> None:
    do(set_template, week(hall, (1, time(10), 50, 2)))
    ids = [slot.id for slot in slots()]
    do(set_template, week(hall, (1, time(11), 50, 2)))
    assert [hour for _, hour, _, _ in offered()] == [11, 11]
    do(set_template, week(hall, (1, time(10), 44, 1)))
    assert [(slot.id, slot.visitor_capacity) for slot in slots() if slot.open] == [(number, 44) for number in ids]


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_fewer_places_hit_the_slots_that_have_more_visitors(hall: Hall, tour: Programme) -> None:
    do(set_template, week(hall, (1, time(10), 50, 2)))
    first, second = slots()
    with transaction():
        capacity.claim(first, visitors=30, guides=2)
        capacity.claim(second, visitors=20, guides=1)
    for lines, hit in (
        ([(1, time(10), 29, 2)], [first]),
        ([(1, time(10), 30, 1)], [first]),
        ([(1, time(10), 19, 2)], [first, second]),
        ([(1, time(10), 30, 2)], []),
        ([(1, time(11), 50, 2)], [first, second]),
        ([], [first, second]),
    ):
        with transaction():
            plan = set_template(week(hall, *lines))
            assert [change.slot.id for change in plan.hits] == [slot.id for slot in hit]
            assert {change.slot.id for change in plan.harmless.changes}.isdisjoint(slot.id for slot in hit)


@time_machine.travel(NOW, tick=False)
def test_a_deleted_template_gives_way_to_the_one_before_it_or_to_the_halls(hall: Hall, tour: Programme) -> None:
    do(set_template, week(hall, (0, time(10), 50, 2)))
    do(set_template, week(hall, (0, time(11), 50, 2), valid_from=NEXT_MONDAY, programme="tour"))
    do(set_template, week(hall, (0, time(12), 50, 2), valid_from=MONDAY_AFTER, programme="tour"))
    assert [hour for _, hour, _, _ in offered()] == [10, 11, 12]
    latest, own, halls = (row.id for row in queries.list_templates(hall.id))
    do(delete_template, DeleteTemplate(hall_id=hall.id, by=None, template_id=latest))
    assert [hour for _, hour, _, _ in offered()] == [10, 11, 11]
    do(delete_template, DeleteTemplate(hall_id=hall.id, by=None, template_id=own))
    assert [hour for _, hour, _, _ in offered()] == [10, 10, 10]
    do(delete_template, DeleteTemplate(hall_id=hall.id, by=None, template_id=halls))
    assert offered() == []
    assert trail()[-1] == (
        "template_deleted",
        "template hall 2026-11-23",
        {"before": {"lines": [[0, "10:00", 50, 2]]}, "after": {}},
    )


@time_machine.travel(NOW, tick=False)
def test_another_halls_template_is_unknown_here(hall: Hall, tour: Programme) -> None:
    other = factories.make(factories.hall)
    with transaction():
        theirs = template(other, (0, time(10)))
    assert queries.find_template(hall.id, theirs.id) is None
    with pytest.raises(NoResultFound), transaction():
        delete_template(DeleteTemplate(hall_id=hall.id, by=None, template_id=theirs.id))
    with pytest.raises(NoResultFound), transaction():
        set_template(week(other, programme="tour"))


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ([(7, time(10), 50, 2)], errors.NumberOutOfRange),
        ([(-1, time(10), 50, 2)], errors.NumberOutOfRange),
        ([(0, time(10), 0, 2)], errors.NumberOutOfRange),
        ([(0, time(10), 2**31, 2)], errors.NumberOutOfRange),
        ([(0, time(10), 50, -1)], errors.NumberOutOfRange),
        ([(0, time(23, 1), 50, 2)], errors.PassesMidnight),
        ([(0, time(10), 50, 2), (0, time(10), 40, 1)], errors.SameTimeTwice),
        ([(n % 7, time(n // 7 // 6, n // 7 % 6), 1, 0) for n in range(501)], errors.TooManyTimes),
    ],
)
@pytest.mark.parametrize("programme", [None, "tour"])
def test_invalid_lines_are_refused(
    hall: Hall, tour: Programme, lines: list, refusal: type[DomainError], programme: str | None
) -> None:
    with pytest.raises(refusal) as refused, transaction():
        set_template(week(hall, *lines, programme=programme))
    assert refused.value.field == "lines"
    assert db.session.query(WeekTemplate).count() == 0


@time_machine.travel(NOW, tick=False)
def test_a_visit_may_end_at_midnight(hall: Hall, tour: Programme) -> None:
    assert len(do(set_template, week(hall, (0, time(23), 50, 2))).additions) == 3


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("first", "refusal"), [(date(2026, 11, 22), errors.DayPast), (date(9999, 1, 1), errors.DayTooFar)]
)
def test_a_template_begins_today_or_later(hall: Hall, first: date, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal) as refused, transaction():
        set_template(week(hall, valid_from=first))
    assert refused.value.field == "valid_from"


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_changed_minutes_apply_to_slots_without_bookings(hall: Hall, tour: Programme) -> None:
    do(set_template, week(hall, (1, time(10), 50, 2)))
    held, free = slots()
    with transaction():
        capacity.claim(held, visitors=10, guides=1)
        free.open_by_hand = None
    do(save_programme, SaveProgramme.of(tour, by=None, minutes=75))
    assert [slot.ends_at - slot.starts_at for slot in slots()] == [timedelta(minutes=60), timedelta(minutes=75)]
    with transaction():
        capacity.release(held, visitors=10, guides=1)
    extend(hall)
    assert {slot.ends_at - slot.starts_at for slot in slots()} == {timedelta(minutes=75)}


@time_machine.travel(NOW, tick=False)
def test_minutes_that_bring_a_line_over_midnight_are_refused(hall: Hall, tour: Programme) -> None:
    with transaction():
        template(hall, (0, time(23, 0)), valid_from=date(2026, 1, 1))
        template(hall, (0, time(21, 0)), valid_from=date(2026, 2, 1))
        template(tour, (0, time(20, 0)), valid_from=NEXT_MONDAY)
    do(save_programme, SaveProgramme.of(tour, by=None, minutes=180))
    with pytest.raises(errors.PassesMidnight) as refused, transaction():
        save_programme(SaveProgramme.of(tour, by=None, minutes=181))
    assert (refused.value.field, refused.value.params) == ("minutes", {"starts": "21:00", "minutes": 181})
    with transaction():
        template(tour, (0, time(20, 0)), valid_from=date(2026, 11, 1))
    do(save_programme, SaveProgramme.of(tour, by=None, minutes=240))


@time_machine.travel(NOW, tick=False)
def test_a_programme_that_is_switched_off_wants_no_slots_and_comes_back(hall: Hall, tour: Programme) -> None:
    do(set_template, week(hall, (1, time(10), 50, 2)))
    by_hand = slots()[1]
    with transaction():
        by_hand.open_by_hand = True
    do(save_programme, SaveProgramme.of(tour, by=None, active=False))
    assert [(slot.open, slot.open_by_hand) for slot in slots()] == [(False, None), (False, True)]
    do(save_programme, SaveProgramme.of(tour, by=None, active=True))
    assert [slot.open for slot in slots()] == [True, True]


def test_the_plan_reads_as_often_for_many_days_as_for_one(hall: Hall, tour: Programme) -> None:
    from tests.schedule.test_month import queries_of

    with time_machine.travel(NOW, tick=False):
        do(set_template, week(hall, *((weekday, time(10), 50, 2) for weekday in range(7))))
        with transaction():
            hall.inside_capacity = 40
        few, many = (
            queries_of(lambda last=last: service.planning.plan_days(hall, first=TODAY, last=last))
            for last in (TODAY, date(2026, 12, 7))
        )
    assert few == many


def test_template_lines_can_be_given_as_tuples() -> None:
    assert TemplateLine(0, time(10), 50, 2)._asdict() == {
        "weekday": 0,
        "starts": time(10),
        "visitor_capacity": 50,
        "guide_capacity": 2,
    }
