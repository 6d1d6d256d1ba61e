"""One slot changed, added or given back by hand: no regeneration ever undoes it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import NoResultFound

from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule import capacity, errors, planning
from hallapp.schedule.models import CalendarDay, Hall, Programme, Slot
from hallapp.schedule.service import AddSlot, EditSlot, ReleaseSlot, SetDay, add_slot, edit_slot, release_slot, set_day
from tests import factories
from tests.schedule.helpers import do, every_day, extend, slots, template, trail

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00
TODAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 25)


@pytest.fixture
def hall(app: Flask) -> Hall:
    with time_machine.travel(NOW, tick=False), transaction():
        return factories.hall(days_ahead=4)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    with time_machine.travel(NOW, tick=False):
        with transaction():
            tour = factories.programme(hall=hall, minutes=60, slug="tour")
            template(tour, *every_day(time(10)))
        extend(hall)
        return tour


def edit(hall: Hall, slot: Slot, **values: object) -> EditSlot:
    now = {"open": slot.open, "visitor_capacity": slot.visitor_capacity, "guide_capacity": slot.guide_capacity}
    return EditSlot(**{"hall_id": hall.id, "by": None, "slot_id": slot.id, **now, **values})


def add(hall: Hall, **values: object) -> AddSlot:
    usual = {"programme": "tour", "day": WEDNESDAY, "starts": time(19), "visitor_capacity": 30, "guide_capacity": 1}
    return AddSlot(**{"hall_id": hall.id, "by": None, **usual, **values})


def release(hall: Hall, slot: Slot) -> ReleaseSlot:
    return ReleaseSlot(hall_id=hall.id, by=None, slot_id=slot.id)


def shown(slot: Slot) -> tuple[bool, bool | None, int, int]:
    db.session.expire_all()
    return slot.open, slot.open_by_hand, slot.visitor_capacity, slot.guide_capacity


def change_the_week(tour: Programme) -> None:
    with transaction():
        template(tour, *((weekday, time(11), 77, 7) for weekday in range(7)), valid_from=TODAY)


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_slot_changed_by_hand_survives_every_regeneration(hall: Hall, tour: Programme) -> None:
    smaller, closed, *others = slots()
    do(edit_slot, edit(hall, smaller, visitor_capacity=12, guide_capacity=1))
    do(edit_slot, edit(hall, closed, open=False))
    change_the_week(tour)
    extend(hall)
    assert shown(smaller) == (True, True, 12, 1)
    assert shown(closed) == (False, False, 100, 3)
    assert [shown(slot)[0] for slot in others] == [False] * 3
    with transaction():
        hall.closed_weekdays = "0123456"
    extend(hall)
    assert (shown(smaller)[0], shown(closed)[0]) == (True, False)


@time_machine.travel(NOW, tick=False)
def test_a_slot_changed_by_hand_is_written_into_the_trail_once(hall: Hall, tour: Programme) -> None:
    slot = slots()[0]
    for _ in range(2):
        do(edit_slot, edit(hall, slot, visitor_capacity=12))
    do(edit_slot, edit(hall, slot, open=False))
    assert trail() == [
        (
            "slot_changed",
            f"slot {slot.id}",
            {
                "before": {"open_by_hand": None, "visitor_capacity": 100},
                "after": {"open_by_hand": True, "visitor_capacity": 12},
            },
        ),
        (
            "slot_changed",
            f"slot {slot.id}",
            {"before": {"open": True, "open_by_hand": True}, "after": {"open": False, "open_by_hand": False}},
        ),
    ]


@time_machine.travel(NOW, tick=False)
def test_a_manual_save_without_a_change_still_pins_the_slot(hall: Hall, tour: Programme) -> None:
    slot = slots()[0]
    do(edit_slot, edit(hall, slot))
    change_the_week(tour)
    extend(hall)
    assert shown(slot) == (True, True, 100, 3)


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_day_closed_by_hand_closes_slots_by_hand_too_and_gives_them_back(hall: Hall, tour: Programme) -> None:
    slot = next(slot for slot in slots() if slot.day == WEDNESDAY)
    do(edit_slot, edit(hall, slot, visitor_capacity=12))
    do(set_day, SetDay(hall_id=hall.id, by=None, day=WEDNESDAY, open=False))
    assert shown(slot) == (False, True, 12, 3)
    with pytest.raises(errors.DayClosedByHand) as refused, transaction():
        edit_slot(edit(hall, slot, open=True))
    assert refused.value.field == "open"
    do(set_day, SetDay(hall_id=hall.id, by=None, day=WEDNESDAY))
    assert shown(slot) == (True, True, 12, 3)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("values", "hit"),
    [
        ({"visitor_capacity": 19}, True),
        ({"visitor_capacity": 20}, False),
        ({"guide_capacity": 1}, True),
        ({"open": False}, True),
        ({"guide_capacity": 9}, False),
    ],
)
def test_a_change_of_one_slot_that_hits_bookings_says_so(hall: Hall, tour: Programme, values: dict, hit: bool) -> None:
    slot = slots()[0]
    with transaction():
        capacity.claim(slot, visitors=20, guides=2)
        assert bool(edit_slot(edit(hall, slot, **values)).hits) is hit


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    "values",
    [{"visitor_capacity": -1}, {"visitor_capacity": 2**31}, {"guide_capacity": -1}, {"guide_capacity": 10**9}],
)
def test_invalid_numbers_are_refused(hall: Hall, tour: Programme, values: dict) -> None:
    slot = slots()[0]
    for verb, command in ((edit_slot, edit(hall, slot, **values)), (add_slot, add(hall, **values))):
        with pytest.raises(errors.NumberOutOfRange) as refused, transaction():
            verb(command)
        assert [refused.value.field] == list(values)


@time_machine.travel(NOW, tick=False)
def test_a_slot_that_has_begun_or_is_another_halls_is_not_changed(hall: Hall, tour: Programme) -> None:
    with transaction():
        begun = factories.slot(programme=tour, day=TODAY, starts=time(9))
        other = factories.hall()
    for verb, command in ((edit_slot, edit(hall, begun)), (release_slot, release(hall, begun))):
        with pytest.raises(errors.SlotOver), transaction():
            verb(command)
    for verb, command in ((edit_slot, edit(other, begun)), (release_slot, release(other, begun))):
        with pytest.raises(NoResultFound), transaction():
            verb(command)


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_released_slot_follows_the_template_again(hall: Hall, tour: Programme) -> None:
    slot = slots()[0]
    do(edit_slot, edit(hall, slot, visitor_capacity=12, open=False))
    do(release_slot, release(hall, slot))
    assert shown(slot) == (True, None, 100, 3)
    assert do(release_slot, release(hall, slot)).changes == ()
    assert [action for action, _, _ in trail()] == ["slot_changed", "slot_released"]


@time_machine.travel(NOW, tick=False)
def test_an_extra_slot_stands_on_a_closing_day_too_and_stays(hall: Hall, tour: Programme) -> None:
    with transaction():
        hall.closed_weekdays, hall.inside_capacity, hall.guides_on_duty = "2", 60, 2
    extend(hall)
    plan = do(add_slot, add(hall))
    assert (plan.changes, len(plan.additions)) == ((), 1)
    usual, extra = (slot for slot in slots() if slot.day == WEDNESDAY)
    assert shown(usual)[:2] == (False, None)
    assert shown(extra) == (True, True, 30, 1)
    assert (extra.starts_at, extra.ends_at - extra.starts_at) == (
        datetime(2026, 11, 25, 11, tzinfo=UTC),
        timedelta(hours=1),
    )
    assert (extra.inside_capacity, extra.guides_on_duty) == (60, 2)
    change_the_week(tour)
    extend(hall)
    assert shown(extra) == (True, True, 30, 1)
    assert trail() == [
        (
            "slot_added",
            "day 2026-11-25",
            {
                "before": {},
                "after": {"programme": "tour", "starts": "19:00", "visitor_capacity": 30, "guide_capacity": 1},
            },
        )
    ]
    do(release_slot, release(hall, extra))  # no template wants it
    assert shown(extra)[:2] == (False, None)


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_an_extra_slot_counts_the_people_already_inside(hall: Hall, tour: Programme) -> None:
    usual = next(slot for slot in slots() if slot.day == WEDNESDAY)
    with transaction():
        capacity.claim(usual, visitors=20, guides=1)
        talk = factories.programme(hall=hall, minutes=30, slug="talk")
    do(add_slot, add(hall, programme="talk", starts=time(10, 30)))
    assert [(slot.inside_booked, slot.guides_busy) for slot in slots(programme=talk)] == [(20, 1)]


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_an_extra_slot_where_a_closed_one_stands_opens_that_one(hall: Hall, tour: Programme) -> None:
    with transaction():
        template(tour, valid_from=TODAY)
    extend(hall)
    old = next(slot for slot in slots() if slot.day == WEDNESDAY)
    assert not old.open
    do(add_slot, add(hall, starts=time(10)))
    assert shown(old) == (True, True, 30, 1)
    with pytest.raises(errors.SlotTaken) as refused, transaction():
        add_slot(add(hall, starts=time(10)))
    assert refused.value.field == "starts"
    do(edit_slot, edit(hall, old, open=False))
    with pytest.raises(errors.SlotTaken), transaction():
        add_slot(add(hall, starts=time(10)))


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("values", "refusal", "field"),
    [
        ({"day": date(2026, 11, 22)}, errors.DayPast, "day"),
        ({"day": date(9999, 12, 31)}, errors.DayTooFar, "day"),
        ({"day": TODAY, "starts": time(9)}, errors.SlotOver, None),
        ({"starts": time(23, 1)}, errors.PassesMidnight, "starts"),
        ({"starts": time(10)}, errors.SlotTaken, "starts"),
        ({"programme": "talk"}, errors.ProgrammeInactive, "programme"),
        ({"day": date(2026, 11, 26)}, errors.DayClosedByHand, "day"),
    ],
)
def test_an_invalid_extra_slot_is_refused(
    hall: Hall, tour: Programme, values: dict, refusal: type[DomainError], field: str | None
) -> None:
    with transaction():
        factories.programme(hall=hall, slug="talk", active=False)
        db.session.add(CalendarDay(hall_id=hall.id, day=date(2026, 11, 26), open=False))
    count = len(slots())
    with pytest.raises(refusal) as refused, transaction():
        planning.carry_out(add_slot(add(hall, **values)))
    assert (refused.value.field, len(slots())) == (field, count)


@time_machine.travel(NOW, tick=False)
def test_an_extra_slot_of_an_unknown_programme_is_unknown(hall: Hall, tour: Programme) -> None:
    with pytest.raises(NoResultFound), transaction():
        add_slot(add(hall, programme="nothing"))


@time_machine.travel(NOW, tick=False)
def test_a_booking_moved_to_a_slot_during_settling_keeps_it(hall: Hall, tour: Programme) -> None:
    with transaction():
        tour.minutes = 90
    with transaction():
        plan = planning.replan(hall)
        moved_to = plan.changes[0].slot
        capacity.claim(moved_to, visitors=5, guides=1)
        planning.carry_out(plan)
    lasting = [slot.ends_at - slot.starts_at for slot in slots()]
    assert lasting == [timedelta(minutes=60), *[timedelta(minutes=90)] * 4]
