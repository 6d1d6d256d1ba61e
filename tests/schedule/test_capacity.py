"""Places, guides, and the room that a visit takes while it lasts, are claimed all at once, or not at all."""

from datetime import date, time

import pytest
from flask import Flask

from hallapp.core.database import db, transaction
from hallapp.schedule import capacity
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Hall, Mode, Slot
from tests import factories

pytestmark = pytest.mark.both_databases

DAY = date(2026, 12, 5)


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall()
        return factories.slot(programme=factories.programme(hall=hall), visitor_capacity=50, guide_capacity=2)


def claim(slot: Slot, visitors: int, guides: int = 1, *, forced: bool = False) -> None:
    with transaction():
        capacity.claim(slot, visitors=visitors, guides=guides, forced=forced)


def release(slot: Slot, visitors: int, guides: int = 1, *, forced: bool = False) -> None:
    with transaction():
        capacity.release(slot, visitors=visitors, guides=guides, forced=forced)


def booked(slot: Slot) -> tuple[int, int]:
    db.session.expire_all()
    return slot.visitors_booked, slot.guides_booked


def load(slot: Slot) -> tuple[int, int]:
    db.session.expire_all()
    return slot.inside_booked, slot.guides_busy


def test_claim_takes_places_and_guides(slot: Slot) -> None:
    claim(slot, 30)
    assert booked(slot) == (30, 1)
    assert load(slot) == (30, 1)


def test_claim_takes_the_very_last_places(slot: Slot) -> None:
    claim(slot, 49)
    claim(slot, 1)
    assert booked(slot) == (50, 2)


def test_claim_of_one_place_too_many_takes_nothing(slot: Slot) -> None:
    claim(slot, 30)
    with pytest.raises(SlotFull) as refused:
        claim(slot, 21)
    assert (refused.value.code, refused.value.field) == ("slot_full", "slot")
    assert booked(slot) == (30, 1)
    assert load(slot) == (30, 1)


def test_claim_without_a_free_guide_takes_no_places_either(slot: Slot) -> None:
    claim(slot, 10)
    claim(slot, 10)
    with pytest.raises(SlotFull):
        claim(slot, 10)
    assert booked(slot) == (20, 2)


def test_claim_of_a_closed_slot_is_refused(slot: Slot) -> None:
    with transaction():
        slot.open = False
    with pytest.raises(SlotFull):
        claim(slot, 1)
    assert booked(slot) == (0, 0)


def test_release_gives_both_back(slot: Slot) -> None:
    claim(slot, 50, 2)
    release(slot, 20)
    assert booked(slot) == (30, 1)
    assert load(slot) == (30, 1)


def test_a_slot_in_the_session_shows_the_claim(slot: Slot) -> None:
    with transaction():
        assert slot.visitors_booked == 0
        capacity.claim(slot, visitors=7, guides=1)
        assert slot.visitors_booked == 7


def test_forced_claim_asks_no_limit_and_is_remembered(slot: Slot) -> None:
    claim(slot, 45, 2)
    claim(slot, 30, 1, forced=True)
    assert booked(slot) == (75, 3)
    assert (slot.visitors_forced, slot.guides_forced, slot.inside_forced, slot.busy_forced) == (30, 1, 30, 1)
    assert slot.visitors_free == 0
    release(slot, 30, 1, forced=True)
    assert booked(slot) == (45, 2)
    assert (slot.visitors_forced, slot.guides_forced, slot.inside_forced, slot.busy_forced) == (0, 0, 0, 0)


def test_forced_claim_of_a_closed_slot_is_let_in(slot: Slot) -> None:
    with transaction():
        slot.open = False
    claim(slot, 12, forced=True)
    assert booked(slot) == (12, 1)


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


def on_day(hall: Hall, starts: time, minutes: int = 60, *, guides: int = 1, **values: object) -> Slot:
    with transaction():
        mode = values.pop("mode", Mode.ON_SITE)
        programme = factories.programme(hall=hall, minutes=minutes, guides=guides, mode=mode)
        limits = {"inside_capacity": 60, "guides_on_duty": 2}
        return factories.slot(programme=programme, day=DAY, starts=starts, **limits | values)


def test_a_visit_is_inside_at_every_start_until_it_ends(hall: Hall) -> None:
    before, nine, ten = on_day(hall, time(8, 30)), on_day(hall, time(9), 90), on_day(hall, time(10))
    half_past, other_day = on_day(hall, time(10, 30)), on_day(factories.make(factories.hall), time(9))
    claim(nine, 40)
    assert [load(each) for each in (before, nine, ten, half_past, other_day)] == [
        (0, 0),
        (40, 1),
        (40, 1),
        (0, 0),  # the visit ends when this one starts
        (0, 0),  # another hall's
    ]
    assert [booked(each) for each in (before, nine, ten)] == [(0, 0), (40, 1), (0, 0)]
    release(nine, 40)
    assert [load(each) for each in (before, nine, ten, half_past)] == [(0, 0)] * 4


def test_people_inside_are_limited_at_a_later_start_too(hall: Hall) -> None:
    nine, ten = on_day(hall, time(9), 90), on_day(hall, time(10))
    claim(ten, 45)
    with pytest.raises(SlotFull):
        claim(nine, 16)
    assert (load(nine), load(ten)) == ((0, 0), (45, 1))
    claim(nine, 15)
    assert (load(nine), load(ten)) == ((15, 1), (60, 2))


def test_people_inside_are_limited_by_an_earlier_visit(hall: Hall) -> None:
    nine, ten = on_day(hall, time(9), 90), on_day(hall, time(10))
    claim(nine, 45)
    with pytest.raises(SlotFull):
        claim(ten, 16)
    claim(ten, 15)


def test_guides_are_limited_over_programmes(hall: Hall) -> None:
    slots = [on_day(hall, starts, 90) for starts in (time(9), time(9, 30), time(10))]
    claim(slots[0], 10)
    claim(slots[2], 10)
    with pytest.raises(SlotFull):
        claim(slots[1], 10)  # from half past nine both guides are busy at ten
    claim(slots[1], 10, 0)
    assert [load(each)[1] for each in slots] == [1, 1, 2]


def test_an_online_programme_takes_guides_but_no_room(hall: Hall) -> None:
    talk = on_day(hall, time(9), 90, mode=Mode.ONLINE, visitor_capacity=1000)
    claim(talk, 700)
    assert load(talk) == (0, 1)
    assert (talk.visitors_free, talk.inside_free) == (300, 60)
    release(talk, 700)
    assert load(talk) == (0, 0)


def test_a_slot_without_limits_is_limited_by_a_later_one_that_has_some(hall: Hall) -> None:
    nine = on_day(hall, time(9), 90, inside_capacity=None, guides_on_duty=None)
    ten = on_day(hall, time(10))
    with pytest.raises(SlotFull):
        claim(nine, 61)
    claim(nine, 60)
    assert load(ten) == (60, 1)


def test_forced_places_count_against_other_claims(hall: Hall) -> None:
    nine, ten = on_day(hall, time(9), 90), on_day(hall, time(10))
    claim(nine, 50)
    claim(ten, 30, forced=True)
    assert (load(ten), ten.inside_forced, ten.busy_forced) == ((80, 2), 30, 1)
    with pytest.raises(SlotFull):
        claim(ten, 1, 0)
    release(ten, 30, forced=True)
    claim(ten, 10)


def test_claim_reads_the_length_of_the_visit_again(hall: Hall) -> None:
    nine, ten = on_day(hall, time(9), 60), on_day(hall, time(10))
    with transaction():
        assert nine.ends_at == ten.starts_at
        longer = Slot.__table__.update().where(Slot.id == nine.id).values(ends_at=ten.ends_at)
        db.session.execute(longer)  # as another process would, behind this session's back
        capacity.claim(nine, visitors=20, guides=1)
    assert load(ten) == (20, 1)
