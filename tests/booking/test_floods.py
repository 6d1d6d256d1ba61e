"""What keeps a script from taking a hall's places: limits per group and network, the brake, limits of acts."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.booking import floods, service, waiting
from hallapp.booking.errors import HallBusy, NotOnline
from hallapp.booking.flood_models import Brake
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState, Pause, Source
from hallapp.booking.retention import erase
from hallapp.booking.web import limiting
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.limits import RateCounter
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule.models import Hall, Slot
from tests import factories
from tests.booking.helpers import MADE, command, page, solve, typed, value_of
from tests.client import CheckingClient
from tests.conftest import tried

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)
NOON = clock.at(date(2026, 12, 1), time(12), ZONE)


@pytest.fixture
def clockwork() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


@pytest.fixture
def slot(app: Flask, clockwork: Any) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE)
        tour = factories.programme(hall=hall, group_min=1)
        return factories.slot(programme=tour, day=DAY, visitor_capacity=9000, guide_capacity=900)


def rules(slot: Slot, **values: Any) -> Hall:
    with transaction():
        hall = db.session.get_one(Hall, slot.hall_id)
        for name, value in values.items():
            setattr(hall, name, value)
    return hall


def place(slot: Slot, number: int = 0, **changes: Any) -> Booking:
    """A booking of a group of its own, unless told otherwise."""
    own = {"submission": f"s{number}", "phone": f"+8613800{number:06}", "organisation": f"团队第{number}号"}
    with transaction():
        return service.place(command(slot, **own | changes))


def book(client: CheckingClient, slot: Slot, number: int = 0, *, address: str = "192.0.2.7", **changes: Any) -> Any:
    """The same by the page, from an address."""
    own = {"submission": f"s{number}", "phone": f"138{number:08}", "organisation": f"团队第{number}号"}
    return client.submit("/book", typed(slot, **own | changes), environ_base={"REMOTE_ADDR": address})


def stored() -> list[Booking]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Booking).order_by(Booking.id)))


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


# Per group


def test_a_phone_has_so_many_open_bookings_and_no_more(slot: Slot) -> None:
    rules(slot, open_per_phone=2)
    first = place(slot, 1, phone="+8619900001111")
    place(slot, 2, phone="+8619900001111", wait=True)
    with pytest.raises(NotOnline) as refusal:
        place(slot, 3, phone="+8619900001111")
    assert refusal.value.field == "phone"
    place(slot, 4)
    with transaction():
        service.cancel(first)
    place(slot, 5, phone="+8619900001111")


def test_an_organisation_is_limited_by_its_name_and_individuals_are_not(slot: Slot) -> None:
    rules(slot, open_per_organisation=2)
    for number, name in enumerate(("东湖街老年大学", "东湖街 老年大学")):
        place(slot, number, organisation=name)
    with pytest.raises(NotOnline):
        place(slot, 3, organisation="东湖街老年大学")
    for number in range(10, 14):
        place(slot, number, organisation="张伟", kind="individual")


def test_bookings_that_are_over_do_not_count(slot: Slot, clockwork: Any) -> None:
    rules(slot, open_per_phone=1, notice_hours=0)
    place(slot, 1, phone="+8619900001111")
    clockwork.move_to(slot.ends_at)
    later = factories.make(factories.slot, programme=slot.programme, day=DAY + timedelta(days=3))
    place(later, 2, phone="+8619900001111")


def test_staff_are_not_limited_but_told(slot: Slot, app: Flask) -> None:
    hall = rules(slot, open_per_phone=1)
    staff = factories.make(factories.staff, hall=hall)
    place(slot, 1, phone="+8619900001111")
    second = place(slot, 2, phone="+8619900001111", by=by_staff(staff.id))
    client = app.test_client()
    client.sign_in(staff)  # type: ignore[attr-defined]
    assert "该团队现有2个有效预约，网上预约上限为1个。" in page(client.get(f"/bookings/{second.reference}"))


def test_a_phone_that_is_given_later_is_held_to_the_same_rules(slot: Slot) -> None:
    rules(slot, open_per_phone=1)
    place(slot, 1, phone="+8619900001111")
    second = place(slot, 2)
    data = {"contact_name": "罗", "email": None, "note": ""}
    with pytest.raises(NotOnline), transaction():
        service.change_contact(second, service.ContactData(phone="+8619900001111", **data))
    with transaction():
        service.change_contact(second, service.ContactData(phone="+8619900002222", **data))


def test_refusals_of_a_paused_and_of_a_limited_group_are_the_same_page(client: CheckingClient, slot: Slot) -> None:
    """A stranger who tries phone numbers and names learns neither of bookings nor of missed visits."""
    rules(slot, open_per_phone=1, appeal_zh="可在十日内提交说明。")
    place(slot, 1, phone="+8619900001111")
    with transaction():
        missed = factories.booking(slot=slot, phone="+8619900002222")
        until = DAY + timedelta(days=60)
        row = {"booking_id": missed.id, "phone": missed.phone, "absences": 3, "since": DAY, "until": until}
        db.session.add(Pause(hall_id=slot.hall_id, **row))
    client.get("/book")
    answers = []
    for phone in ("19900001111", "19900002222"):
        answer = client.submit("/book", typed(slot, submission="x", organisation="陌生人", phone=phone))
        assert answer.status_code == 409
        drawn = re.sub(r'(nonce|data-challenge|value|content)="[^"]*"', "", page(answer))
        answers.append(drawn.replace(phone, "PHONE"))
    assert answers[0] == answers[1]
    assert '<a href="#phone">此预约无法在网上办理。' in answers[0]


# The brake


def test_the_brake_turns_bookings_into_requests_until_a_manager_lifts_it(slot: Slot, clockwork: Any) -> None:
    hall = rules(slot, brake_per_hour=3, brake_hold_hours=5)
    states = [place(slot, number).state for number in range(5)]
    assert states == [BookingState.CONFIRMED] * 3 + [BookingState.REQUESTED] * 2
    held = stored()[-1].held_until
    assert held == NOON + timedelta(hours=5)
    brake = floods.find_brake(hall.id)
    assert brake and brake.since == NOON
    clockwork.shift(timedelta(hours=3))  # the flood is over, but nobody has looked at it yet
    assert place(slot, 10).state is BookingState.REQUESTED
    manager = factories.make(factories.staff, hall=hall)
    with transaction():
        floods.lift_brake(hall, by=manager.id)
    clockwork.shift(timedelta(seconds=1))
    assert [place(slot, number).state for number in range(11, 15)] == [BookingState.CONFIRMED] * 3 + [
        BookingState.REQUESTED
    ]


def test_a_request_of_the_brake_gives_its_places_back_in_time(slot: Slot, clockwork: Any) -> None:
    hall = rules(slot, brake_per_hour=1, brake_hold_hours=5)
    place(slot, 1)
    confirmed, lapsing = place(slot, 2), place(slot, 3)
    with transaction():
        service.confirm(confirmed, by=by_staff(factories.staff(hall=hall).id))
    clockwork.shift(timedelta(hours=5))
    with transaction():
        assert waiting.advance_waiting_list(hall) == 1
    states = {row.id: (row.state, row.held_until) for row in stored()}
    assert states[confirmed.id] == (BookingState.CONFIRMED, None)
    assert states[lapsing.id] == (BookingState.LAPSED, None)
    db.session.expire_all()
    assert slot.visitors_booked == 40


def test_beyond_three_times_the_brake_nothing_more_is_taken_for_an_hour(slot: Slot, clockwork: Any) -> None:
    rules(slot, brake_per_hour=2)
    for number in range(6):
        place(slot, number)
    with pytest.raises(HallBusy):
        place(slot, 7)
    place(slot, 8, by=by_staff(factories.make(factories.staff, hall=slot.programme.hall).id))
    clockwork.shift(timedelta(minutes=61))
    assert place(slot, 9).state is BookingState.REQUESTED


def test_the_staff_neither_count_nor_are_braked(slot: Slot) -> None:
    hall = rules(slot, brake_per_hour=1)
    staff = by_staff(factories.make(factories.staff, hall=hall).id)
    assert [place(slot, n, by=staff, source=Source.PHONE).state for n in range(3)] == [BookingState.CONFIRMED] * 3
    assert place(slot, 9).state is BookingState.CONFIRMED
    assert db.session.get(Brake, hall.id) is None


# By network


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (("198.51.100.1", "198.51.100.200", "::ffff:198.51.100.9"), "198.51.101.1"),
        (("2001:db8:7::1", "2001:db8:7:ffff::1", "2001:db8:7:1234:5::9"), "2001:db8:8::1"),
    ],
)
def test_places_of_a_network_are_limited_however_it_changes_its_address(
    client: CheckingClient, slot: Slot, inside: tuple[str, str, str], outside: str
) -> None:
    rules(slot, network_places=40)
    client.get("/book")
    answers = [book(client, slot, number, address=address).status_code for number, address in enumerate(inside)]
    assert answers == [303, 303, 429]
    assert book(client, slot, 9, address=outside).status_code == 303
    assert book(client, slot, 1, address=inside[1]).status_code == 303  # the same submit once more
    networks = {row.network for row in stored()}
    assert len(networks) == 2
    assert all(network and not re.search(r"[.:]", network) for network in networks)


def test_addresses_of_one_network_share_a_limit_of_attempts(
    client: CheckingClient, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiting, "BOOKINGS_AN_HOUR_WIDE", 3)
    client.get("/book")
    answers = [book(client, slot, number, address=f"203.0.113.{number}").status_code for number in range(5)]
    assert answers == [303, 303, 303, 429, 429]


def test_the_digest_of_the_network_is_erased_with_the_contact(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    book(client, slot)
    assert stored()[0].network
    with time_machine.travel(NOON + timedelta(days=300)), transaction():
        erase(db.session.get_one(Hall, slot.hall_id))
    assert stored()[0].network is None


# What strangers try


def test_refused_attempts_count(client: CheckingClient, slot: Slot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiting, "BOOKINGS_AN_HOUR", 3)
    rules(slot, open_per_phone=1)
    client.get("/book")
    answers = [book(client, slot, number, phone="19900001111").status_code for number in range(5)]
    assert answers == [303, 409, 409, 429, 429]
    assert db.session.scalar(select(func.count()).select_from(RateCounter))


def test_changes_of_one_booking_are_limited_refused_ones_too(
    client: CheckingClient, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiting, "ACTS_AN_HOUR", 4)
    booking = place(slot, 1)
    client.get(f"/visits/{booking.key}")
    too_many = {"what": "people", "origins-0-division": "440000", "origins-0-visitors": "9000"}
    answers = [client.submit(f"/visits/{booking.key}/change", too_many).status_code for _ in range(3)]
    assert answers[0] == 422
    taken = client.submit(f"/visits/{booking.key}/take").status_code
    assert taken == 409
    for path in ("cancel", "change", "take", "link", "pass/reissue"):
        answer = client.submit(f"/visits/{booking.key}/{path}", too_many)
        assert answer.status_code == 429, path
    other = place(slot, 2)
    assert client.submit(f"/visits/{other.key}/cancel").status_code == 303


def test_acts_on_many_bookings_are_limited_by_network(
    client: CheckingClient, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiting, "ACTS_AN_HOUR_OF_NETWORK", 3)
    bookings = [place(slot, number) for number in range(5)]
    client.get(f"/visits/{bookings[0].key}")
    answers = [client.submit(f"/visits/{row.key}/cancel").status_code for row in bookings]
    assert answers == [303, 303, 303, 429, 429]


def test_mail_to_a_chosen_address_is_limited(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    answers = [book(client, slot, number, email="victim@example.com").status_code for number in range(30)]
    assert answers == [303] * limiting.MESSAGES_AN_HOUR + [429] * (30 - limiting.MESSAGES_AN_HOUR)
    assert len(mails()) == limiting.MESSAGES_AN_HOUR
    refused = book(client, slot, 40, email="Victim@Example.com")
    assert '<a href="#email">' in page(refused)
    assert book(client, slot, 41).status_code == 303


def test_codes_to_a_chosen_address_are_limited(client: CheckingClient, slot: Slot) -> None:
    """150 changes of the contact and 30 mails to a chosen address in a row were possible."""
    bookings = [place(slot, number) for number in range(6)]
    client.get(f"/visits/{bookings[0].key}")
    new = {"what": "contact", "contact_name": "罗", "phone": "19900001050", "email": "victim@example.com", "note": ""}
    for number in range(60):
        booking = bookings[number % len(bookings)]
        client.submit(f"/visits/{booking.key}/change", new | {"note": str(number)})
    assert len([mail for mail in mails() if mail.recipient == "victim@example.com"]) <= limiting.MESSAGES_AN_HOUR


# A flood as it was measured: a script with 14 networks, which asks for as many places as it can get


@pytest.mark.parametrize("solves", tried([True, False], 1))
def test_a_flood_from_14_networks_takes_a_bounded_number_of_places(app: Flask, slot: Slot, solves: bool) -> None:
    """Before, each network got 120 bookings of 50 people an hour; a script that computes the proofs gets this many."""
    rules(slot, open_per_phone=6, open_per_organisation=12, brake_per_hour=4, network_places=150)
    client = FlaskClient(app)  # the pages are checked elsewhere
    answers: Counter[int] = Counter()
    for number in range(14 * 2):
        shown = client.get("/book")
        token = value_of(shown, "csrf_token")
        own = {
            "submission": value_of(shown, "submission"),
            "csrf_token": token,
            "altcha": solve(shown) if solves else "",
        }
        own |= {"phone": f"138{number:08}", "organisation": f"团队第{number}号", "origins-0-visitors": "50"}
        address = {"REMOTE_ADDR": f"198.51.{number % 14}.{number + 1}"}
        answers[client.post("/book", data=typed(slot, **own), environ_base=address).status_code] += 1
    states = Counter(row.state for row in stored())
    if solves:
        assert states == {BookingState.CONFIRMED: 4, BookingState.REQUESTED: 8}
        assert answers == {303: 12, 429: 16}
    else:  # from half of the brake on a proof is needed
        assert states == {BookingState.CONFIRMED: 2}
        assert answers == {303: 2, 422: 26}
