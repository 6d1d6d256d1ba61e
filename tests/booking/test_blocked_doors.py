"""Every door that books, for a group on the block list: closed to it online, a question to the staff."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.booking import blocks, parties, queries, service, waiting
from hallapp.booking.blocks import AddBlock
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Block, Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.ledger.models import WalkIn
from hallapp.worker import bodies
from tests import factories
from tests.api.table import program
from tests.booking.helpers import command, page, typed
from tests.client import CheckingClient
from tests.office import NOON, again, make_office, signed_in

pytestmark = pytest.mark.usefixtures("first_of_december")
NAME, PHONE = "东风学校", "+8619900005555"
REFUSED = "请致电展馆"  # what a group on the list reads, which learns no more
ASKED = "如仍要为其预约，请勾选确认"  # the box that the staff tick to book all the same

Door = Callable[[SimpleNamespace], tuple[str, bool]]


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    """A hall that takes large groups, an administrator, and the blocked group with a booking from before."""
    office = make_office(large_group_max=200)
    with transaction():
        office.admin = factories.staff(hall=office.hall, role=Role.ADMIN)
        office.other = factories.slot(programme=office.programme, day=office.morning.day + timedelta(days=1))
        mine = {"organisation": NAME, "phone": PHONE}
        office.before = service.place(command(office.afternoon, submission="before", **mine))
        large = {"origins": (("440000", 70),), "parts": ((office.morning.id, 35), (office.morning.id, 35))}
        office.offer = factories.booking(
            slot=office.afternoon,
            state=BookingState.OFFERED,
            offered_until=NOON + timedelta(hours=1),
            phone=PHONE,
            guides=0,
            origins={"440000": 5},
        )
        office.party = service.place(command(office.morning, submission="party", **mine, **large))
    with transaction():
        wanted = AddBlock(hall_id=office.hall.id, phone=PHONE, organisation=NAME, reason="-", until=None)
        blocks.add(wanted, by=by_staff(None))
    office.app = app
    return office


def _page(office: SimpleNamespace, **values: str | None) -> tuple[str, bool]:
    client: CheckingClient = office.app.test_client()
    client.get("/book")
    answer = client.submit("/book", typed(office.other, **({"organisation": NAME, "phone": "19900005555"} | values)))
    return page(answer), answer.status_code == 303


def _staff_page(office: SimpleNamespace, **values: str) -> tuple[str, bool]:
    form = typed(office.other, organisation=NAME, phone="19900005555", source="phone", pass_language="zh", **values)
    client = signed_in(office.app, office.desk)
    client.get("/bookings/new")
    answer = client.submit("/bookings/new", form)
    return page(answer), answer.status_code == 303


def _api(office: SimpleNamespace, **values: object) -> tuple[str, bool]:
    body = {
        **{"slot": office.other.id, "organisation": NAME, "kind": "school", "contact_name": "何秀珍"},
        **{"phone": "+86 199 0000 5555", "origins": [{"division": "440000", "visitors": 20}], "consent": True},
        **values,
    }
    answer = program(office.app, office.admin).post("/bookings", body)
    return str(answer.json.get("code")), answer.status_code == 201


def _act(office: SimpleNamespace, act: Callable[[], object]) -> tuple[str, bool]:
    try:
        with transaction():
            act()
    except DomainError as refusal:
        db.session.rollback()
        return refusal.code, False
    return "", True


#: Each door, with what it says where it is closed.
DOORS: dict[str, tuple[Door, str]] = {
    "the booking page": (_page, REFUSED),
    "its waiting list": (lambda office: _page(office, wait="y"), REFUSED),
    "the phone alone": (lambda office: _page(office, organisation="另一个名称"), REFUSED),
    "the name alone": (lambda office: _page(office, phone="19900007777"), REFUSED),
    "a large group in parts": (
        lambda office: _act(
            office,
            lambda: service.place(
                command(
                    office.other,
                    **{"organisation": NAME, "phone": PHONE, "submission": "new", "origins": (("440000", 70),)},
                    parts=((office.other.id, 35), (office.other.id, 35)),
                )
            ),
        ),
        "not_online",
    ),
    "more people": (
        lambda office: _act(office, lambda: service.change_people(again(office.before), (("440000", 25),))),
        "not_online",
    ),
    "another time": (
        lambda office: _act(office, lambda: service.move(again(office.before), office.other.id)),
        "not_online",
    ),
    "another day for all parts": (
        lambda office: _act(office, lambda: parties.move_to_day(again(office.party), office.other.day)),
        "not_online",
    ),
    "an open offer": (
        lambda office: _act(office, lambda: service.take_offer(again(office.offer))),
        "not_online",
    ),
    "the API by the rules of an organiser": (_api, "not_online"),
    "the API by the rules of the staff": (lambda office: _api(office, rules="staff"), "blocked"),
    "the staff's page": (_staff_page, ASKED),
    "a series": (
        lambda office: _staff_page(office, repeat="weekly", visits="2", book_dates="y", date=str(office.other.id)),
        ASKED,
    ),
}


@pytest.mark.parametrize("name", DOORS)
def test_a_door_is_closed_to_a_blocked_group(office: SimpleNamespace, name: str) -> None:
    door, says = DOORS[name]
    before = _count()
    told, opened = door(office)
    assert not opened and says in told, told[:3000]
    assert _count() == before
    with transaction():
        waiting.lift_block(again(office.hall), 1, by=by_staff(None))
    told, opened = door(office)
    assert opened, told[:3000]


def _count() -> tuple[int, int]:
    db.session.rollback()
    return db.session.execute(
        select(func.count(), func.coalesce(func.sum(Booking.slot_id * Booking.visitors), 0))
    ).one()


def test_the_staff_open_the_door_on_purpose(office: SimpleNamespace) -> None:
    assert _staff_page(office, block_accepted="y")[1]
    assert _api(office, rules="staff", block_accepted=True, duplicate_accepted=True)[1]
    offered, manager = office.offer, signed_in(office.app, office.manager)
    told = page(manager.get(f"/bookings/{offered.reference}"))
    assert "在限制名单中" in told and "代为接受" in told
    assert manager.submit(f"/bookings/{offered.reference}/confirm").status_code == 303
    assert again(offered).state is BookingState.CONFIRMED


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({"organisation": NAME}, True),
        ({"organisation": " 东 风-学校 "}, True),
        ({"organisation": "东风中学"}, False),
        ({"organisation": ""}, False),
        ({"organisation": NAME, "kind": INDIVIDUAL}, False),  # many people share a name
    ],
)
def test_a_walk_in_of_a_blocked_name_is_a_question_at_the_desk(
    office: SimpleNamespace, values: dict[str, str], asked: bool
) -> None:
    desk = signed_in(office.app, office.desk)
    desk.get("/desk")
    sent = {"event_id": str(uuid4()), "kind": "school", "counts": {"440000": 300}, **values}
    with transaction():
        again(office.hall).ask_walk_in = 200
    first = desk.send_json("/desk/walk-ins", sent).get_json()
    assert first["reason"] == "too_many_people"
    sent |= first["confirm"]
    answer = desk.send_json("/desk/walk-ins", sent).get_json()
    assert (answer.get("reason") == "blocked") is asked
    if asked:
        assert db.session.scalar(select(func.count()).select_from(WalkIn)) == 0
        assert "限制名单" in answer["message"] and answer["confirm"] == {"sure": 300, "block_accepted": "yes"}
        answer = desk.send_json("/desk/walk-ins", sent | answer["confirm"]).get_json()
    assert answer["outcome"] == "admitted"
    assert db.session.scalar(select(func.count()).select_from(WalkIn)) == 1


@pytest.mark.either_database
def test_places_go_past_a_blocked_group_until_its_block_ends(app: Flask, office: SimpleNamespace) -> None:
    """The group keeps its place on the list; the staff read why, and let it in or lift the block."""
    with transaction():
        full = service.place(
            command(office.other, organisation="满员团队", phone="+8619900001111", origins=(("440000", 50),))
        )
        rest = service.place(
            command(office.other, organisation="另一团队", phone="+8619900001112", origins=(("440000", 50),))
        )
    accepted = {"by": by_staff(office.desk.id), "block_accepted": True, "wait": True}
    with transaction():
        blocked = service.place(command(office.other, organisation=NAME, phone=PHONE, submission="w", **accepted))
        next_one = service.place(
            command(office.other, phone="+8619900002222", submission="x", wait=True, organisation="下一个")
        )
    assert {blocked.state, next_one.state} == {BookingState.WAITLISTED}
    with transaction():
        service.cancel(again(full))
    assert (again(blocked).state, again(next_one).state) == (BookingState.WAITLISTED, BookingState.OFFERED)
    manager = signed_in(app, office.manager)
    assert "因此不会向其提供空出的名额" in page(manager.get(f"/bookings/{blocked.reference}"))
    assert page(manager.get(f"/bookings?from={office.other.day}")).count("在限制名单中") >= 1
    with transaction():  # the last day of the block is today, and the task of the night finds it ended
        db.session.scalars(select(Block)).one().until = clock.local_day(NOON, office.hall.time_zone)
    bodies.mark_absences(again(office.hall))
    assert again(blocked).state is BookingState.WAITLISTED
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        bodies.mark_absences(again(office.hall))
        assert again(blocked).state is BookingState.OFFERED
        with transaction():
            service.take_offer(again(blocked))
    assert queries.list_days_waited_for(office.hall.id, after=NOON) == []
    assert again(rest).state is BookingState.CONFIRMED
