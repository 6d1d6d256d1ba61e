"""What a booking claims of the resources, when it is placed, changed, moved, cancelled, and when there are fewer."""

from collections.abc import Callable
from datetime import time
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from hallapp.accounts.roles import Role
from hallapp.booking import queries, reducing, service, waiting
from hallapp.booking.errors import ResourceHeld
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.recount import recount
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.core.texts import Texts
from hallapp.resources.models import AskedBy, Scope, SlotResource
from hallapp.resources.queries import find_left, list_resources
from hallapp.resources.service import SaveResource
from hallapp.resources.values import Entitlement, ResourceFacts, settle, share
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import command
from tests.resources import define

HEADSETS, ROOMS = 1, 2


@pytest.fixture
def day(app: Flask) -> SimpleNamespace:
    """A hall with a tour at 9 and at 10 (they overlap) and at 14, and a lecture at 9 that takes one of two rooms."""
    with transaction():
        hall = factories.hall(large_group_max=200)
        tour = factories.programme(hall=hall, group_min=1, minutes=90, guides=0)
        lecture = factories.programme(hall=hall, group_min=1, minutes=90, guides=0)
        define.headsets(hall.id)
        define.rooms(hall.id, programmes={lecture.id})
        return SimpleNamespace(
            hall=hall,
            nine=factories.slot(programme=tour, starts=time(9)),
            ten=factories.slot(programme=tour, starts=time(10)),
            two=factories.slot(programme=tour, starts=time(14)),
            lecture=factories.slot(programme=lecture, starts=time(9), visitor_capacity=60),
            staff=by_staff(factories.staff(hall=hall, role=Role.MANAGER).id),
        )


def place(slot: Slot, people: int, headsets: int = 0, **changes: Any) -> Booking:
    """Place a booking in a transaction of its own."""
    with transaction():
        return book(slot, people, headsets, **changes)


def book(slot: Slot, people: int, headsets: int = 0, **changes: Any) -> Booking:
    """Place a booking; each call with other values is another one."""
    more = {"resources": {HEADSETS: headsets}} if headsets else {}
    text = f"{slot.id} {people} {headsets} {changes}"
    return service.place(command(slot, origins=(("440000", people),), submission=text, **(more | changes)))


def refuse(act: Callable[[], object]) -> DomainError:
    """Return the refusal of an act in a transaction of its own."""
    with pytest.raises(DomainError) as found, transaction():
        act()
    db.session.expire_all()
    return found.value


def left(day: SimpleNamespace, number: int = HEADSETS) -> list[int]:
    """What is left at each of the four times, after the counters were proved."""
    with transaction():
        assert recount(day.hall.id) == []
    found = find_left(day.hall.id, [day.nine.day])
    return [found[slot.id][number] for slot in (day.nine, day.ten, day.two, day.lecture)]


@pytest.mark.either_database
def test_a_booking_takes_changes_moves_and_returns_its_resources(day: SimpleNamespace) -> None:
    first = place(day.nine, 20, 20)
    assert left(day) == [10, 10, 30, 10]
    refusal = refuse(lambda: book(day.ten, 20, 11))
    assert (refusal.code, refusal.field, refusal.params["left"]) == ("resource_taken", "resources", 10)
    assert day.ten.visitors_booked == 0
    second = place(day.ten, 20, 10)
    assert left(day) == [0, 0, 30, 0]
    with transaction():
        service.change_people(first, (("440000", 8),))  # nobody was asked: not more than one for each
    assert (first.resources, left(day)) == ({HEADSETS: 8}, [12, 12, 30, 12])
    with transaction():
        service.change_people(second, (("440000", 20),), resources={HEADSETS: 20})
    assert left(day) == [2, 2, 30, 2]
    assert refuse(lambda: service.change_people(first, (("440000", 12),), resources={HEADSETS: 12})).code == (
        "resource_taken"
    )
    assert (first.visitors, day.nine.visitors_booked) == (8, 8)
    with transaction():
        service.move(second, day.two.id)
    assert left(day) == [22, 22, 10, 22]
    with transaction():
        service.move(second, day.lecture.id)  # the rule of this programme gives a room besides
    assert (second.resources, left(day, ROOMS)) == ({HEADSETS: 20, ROOMS: 1}, [1, 1, 2, 1])
    for booking in (first, second):
        with transaction():
            service.cancel(booking)
    assert (left(day), left(day, ROOMS)) == ([30] * 4, [2] * 4)


def test_a_group_waits_for_places_and_resources_together(day: SimpleNamespace) -> None:
    full = place(day.nine, 50, 10), place(day.nine, 50, 10, organisation="另一个团队")
    other = place(day.ten, 20, 10)
    waits = place(day.nine, 30, 25, wait=True)
    assert waits.state is BookingState.WAITLISTED
    with transaction():
        service.cancel(full[0])
    assert waits.state is BookingState.WAITLISTED  # there are places, and 10 headsets
    with transaction():
        service.cancel(full[1])
    assert waits.state is BookingState.WAITLISTED
    with transaction():
        service.cancel(other)
    assert (waits.state, left(day)) == (BookingState.OFFERED, [5, 5, 30, 5])
    with transaction():
        service.cancel(waits)
    assert left(day) == [30] * 4


def test_without_a_room_a_lecture_is_full_and_may_be_waited_for(day: SimpleNamespace) -> None:
    one, _two = place(day.lecture, 10), place(day.lecture, 10, organisation="另一个团队")
    refusal = refuse(lambda: book(day.lecture, 10, organisation="第三个团队"))
    assert (refusal.code, refusal.field) == ("no_resource_left", "slot")
    third = place(day.lecture, 10, organisation="第三个团队", wait=True)
    assert third.state is BookingState.WAITLISTED
    with transaction():
        service.cancel(one)
    assert (third.state, left(day, ROOMS)) == (BookingState.OFFERED, [0, 0, 2, 0])


def test_a_manager_may_let_a_group_in_over_the_limit(day: SimpleNamespace) -> None:
    place(day.nine, 30, 30)
    over = place(day.ten, 10, 10, by=day.staff, over_limit="ministry")
    assert left(day) == [-10, -10, 30, -10]
    assert refuse(lambda: book(day.nine, 10, 1, organisation="另一个团队")).params["left"] == 0
    place(day.nine, 10, organisation="另一个团队")  # who needs none is not concerned
    with transaction():
        service.cancel(over)
    assert left(day) == [0, 0, 30, 0]


def test_parts_of_a_large_group_share_what_it_asks_for(day: SimpleNamespace) -> None:
    parts = ((day.nine.id, 50), (day.ten.id, 20))
    first = place(day.nine, 70, 14, parts=parts)
    assert [part.resources for part in queries.list_parts(first)] == [{HEADSETS: 10}, {HEADSETS: 4}]
    assert left(day) == [16, 16, 30, 16]
    again = command(day.nine, origins=(("440000", 70),), parts=parts, resources={HEADSETS: 71}, submission="b")
    assert refuse(lambda: service.place(again)).code == "too_many_resources"


@pytest.mark.parametrize("each", [1, 10])
def test_a_part_is_limited_by_what_its_whole_group_may_have(day: SimpleNamespace, each: int) -> None:
    """Headsets, one for each person or for every ten, which the parts of 40 and of 20 people share."""
    with transaction():
        define.headsets(day.hall.id, number=HEADSETS, people_each=each, quantity=99)
    most = 60 // each
    first = place(day.nine, 60, most, parts=((day.nine.id, 40), (day.two.id, 20)))
    second = queries.list_parts(first)[1]
    assert first.resources[HEADSETS] + second.resources[HEADSETS] == most

    def ask(part: Booking, people: int, count: int | None = None) -> None:
        asked = None if count is None else {HEADSETS: count}
        service.change_people(part, (("440000", people),), resources=asked)

    with transaction():
        ask(first, 40, 1)
        ask(second, 20, most - 1)  # more than a group of 20 could have
    assert second.resources[HEADSETS] == most - 1
    refusal = refuse(lambda: ask(first, 40, 2))
    assert (refusal.code, refusal.params["most"], refusal.params["others"]) == ("too_many_resources", 1, most - 1)
    with transaction():  # where nobody is asked, a part keeps what its group may have, also at another time
        ask(second, 21)
        service.move(second, day.ten.id)
    assert second.resources[HEADSETS] == most - 1
    with transaction():
        service.cancel(first)
        ask(second, 19)  # it is the whole group now, and a smaller one
    assert second.resources[HEADSETS] == -(-19 // each)


def test_a_move_leaves_what_the_staff_gave_beyond_the_rule(day: SimpleNamespace) -> None:
    booking = place(day.nine, 10, 14, by=day.staff)
    with transaction():
        service.move(booking, day.two.id)
        service.change_people(booking, (("440000", 11),), resources={HEADSETS: 14})
    assert (booking.resources, left(day)) == ({HEADSETS: 14}, [30, 30, 16, 30])
    assert (
        refuse(lambda: service.change_people(booking, (("440000", 11),), resources={HEADSETS: 15})).params["most"] == 14
    )
    with transaction():
        service.change_people(booking, (("440000", 9),))
    assert booking.resources == {HEADSETS: 9}


@pytest.mark.parametrize(
    ("changes", "asked", "by_staff", "people", "result"),
    [
        ({}, {}, False, 20, {}),
        ({}, {1: 0}, False, 20, {}),
        ({}, {1: 20}, False, 20, {1: 20}),
        ({}, {1: 21}, False, 20, "too_many_resources"),
        ({}, {1: 21}, True, 20, {1: 21}),
        ({"people_each": 50}, {1: 2}, False, 51, {1: 2}),
        ({"people_each": 50}, {1: 2}, False, 50, "too_many_resources"),
        ({"people_each": None, "per_booking": 3}, {1: 3}, False, 1, {1: 3}),
        ({"asked_by": AskedBy.STAFF}, {1: 1}, False, 20, "resource_not_offered"),
        ({"asked_by": AskedBy.STAFF}, {1: 1}, True, 20, {1: 1}),
        ({"asked_by": AskedBy.RULE}, {1: 1}, True, 20, "resource_not_offered"),
        ({"asked_by": AskedBy.RULE, "people_each": 8}, {}, False, 20, {1: 3}),
        ({"asked_by": AskedBy.RULE, "retired": True}, {}, False, 20, {}),
        ({"retired": True}, {1: 1}, True, 20, "resource_not_offered"),
        ({"programmes": frozenset({8})}, {1: 1}, True, 20, "resource_not_offered"),
        ({"programmes": frozenset({7, 8})}, {1: 1}, False, 20, {1: 1}),
        ({}, {9: 1}, True, 20, "resource_not_offered"),
    ],
)
def test_the_rules(
    changes: dict[str, Any], asked: dict[int, int], by_staff: bool, people: int, result: Any, app: Flask
) -> None:
    values = {
        **{"number": 1, "name": {}, "unit": {}, "quantity": 5, "scope": Scope.SLOT, "asked_by": AskedBy.ORGANISER},
        **{"per_booking": 1, "people_each": 1, "programmes": frozenset(), "retired": False},
    }
    known = ResourceFacts(**(values | {"name": Texts(), "unit": Texts()} | changes))
    try:
        mine = Entitlement(people=people)
        found: Any = settle((known,), asked, people=people, programme_id=7, by_staff=by_staff, entitlement=mine)
    except DomainError as error:
        found = error.code
    assert found == result


def test_shares_add_up() -> None:
    for sizes in ([50, 20], [1, 1, 1], [49, 2], [7]):
        for count in range(60):
            assert sum(part.get(1, 0) for part in share({1: count}, sizes)) == count


def test_a_smaller_quantity_asks_about_each_affected_booking(day: SimpleNamespace) -> None:
    nine, two = place(day.nine, 20, 20), place(day.two, 5, 5)
    ten = place(day.ten, 10, 10)

    def reduced(quantity: int, **changes: Any) -> SaveResource:
        one = list_resources(day.hall.id)[0]
        values = {"names": one.name, "units": one.unit, "people_each": 1, "quantity": quantity, **changes}
        return SaveResource(hall_id=day.hall.id, number=HEADSETS, **values)

    refusal = refuse(lambda: reducing.save(reduced(12), by=day.staff))
    assert isinstance(refusal, ResourceHeld)
    assert refusal.found == (nine.id, ten.id)
    assert list_resources(day.hall.id)[0].quantity == 30
    with transaction():
        reducing.save(reduced(12), decisions={nine.id: 2, ten.id: 10}, by=day.staff)
    assert (nine.resources, ten.resources, left(day)) == ({HEADSETS: 2}, {HEADSETS: 10}, [0, 0, 7, 0])
    refusal = refuse(lambda: reducing.save(reduced(12, retired=True), by=day.staff))
    assert isinstance(refusal, ResourceHeld)
    assert refusal.found == (nine.id, ten.id, two.id)
    with transaction():
        reducing.save(reduced(12, retired=True), decisions={nine.id: 0, ten.id: 10, two.id: 99}, by=day.staff)
    assert [one.resources for one in (nine, ten, two)] == [{}, {HEADSETS: 10}, {HEADSETS: 5}]
    assert refuse(lambda: book(day.two, 5, 1, organisation="另一个团队")).code == "resource_not_offered"
    with transaction():
        service.move(ten, day.two.id, by=day.staff, over_limit="they were promised")
    assert left(day) == [12, 12, -3, 12]


def test_per_slot_resources_are_counted_for_each_time_alone(day: SimpleNamespace) -> None:
    with transaction():
        define.rooms(day.hall.id, scope=Scope.SLOT, quantity=1, asked_by=AskedBy.ORGANISER)
    for slot in (day.nine, day.ten):
        place(slot, 5, resources={3: 1})
        assert refuse(lambda at=slot: book(at, 6, resources={3: 1})).code == "resource_taken"
    assert left(day, 3) == [0, 0, 1, 1]


def test_recount_finds_and_repairs_a_wrong_counter(day: SimpleNamespace) -> None:
    place(day.nine, 20, 20)
    place(day.ten, 5)
    with transaction():
        db.session.execute(update(SlotResource).values(claimed=3))
        db.session.add(SlotResource(hall_id=day.hall.id, slot_id=day.ten.id, resource=ROOMS, claimed=1))
    with transaction():
        found = recount(day.hall.id, repair=True)
    assert [(one.slot_id, one.counter, one.counted, one.stored) for one in found] == [
        (day.nine.id, "resource 1", 20, 3),
        (day.ten.id, "resource 2", 0, 1),
    ]
    assert left(day) == [10, 10, 30, 10]


def test_an_expired_hold_gives_resources_back(day: SimpleNamespace) -> None:
    booking = place(day.nine, 5, 5)
    with transaction():
        booking.state, booking.held_until = BookingState.REQUESTED, booking.created_at
    with transaction():
        assert waiting.advance_waiting_list(day.hall) == 1
    assert left(day) == [30] * 4
