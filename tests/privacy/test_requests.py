"""A person's data on request: by the organiser with link and code, and by an administrator who searches."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking import blocks, groups, retention, service
from hallapp.booking.blocks import AddBlock
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.service import ContactData
from hallapp.core.database import db, transaction
from hallapp.delegations.models import Delegation
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.ledger.models import DeskEvent, EventKind, WalkIn
from hallapp.messages.models import MessageKind
from hallapp.messages.organiser_messages import send
from hallapp.namelist.models import GroupList, Person
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule.models import Hall, Slot
from tests import factories
from tests.booking.helpers import MADE, command, page
from tests.client import CheckingClient
from tests.messages.helpers import with_gateway
from tests.office import DAY, NOON, signed_in


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE, phone="020-83330000")
        return factories.slot(programme=factories.programme(hall=hall), day=DAY, visitor_capacity=60, guide_capacity=9)


@pytest.fixture
def booking(slot: Slot) -> Booking:
    with transaction():
        booking = service.place(command(slot, email="he@example.com", note="请安排轮椅"))
        row = {"hall_id": slot.hall_id, "booking_id": booking.id}
        db.session.add(GroupList(**row, handed_in_at=NOON))
        db.session.add(Person(**row, position=1, name="欧阳明", extra={"phone": "13900001111"}))
        return booking


def person_id() -> int:
    """The id of the one person who is named in a list."""
    return db.session.scalars(select(Person.id)).one()


def stored(row: Any) -> Any:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(type(row), row.id)


def last_code() -> str:
    db.session.rollback()
    message = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert message and message.kind == "booking_code"
    found = re.search(r"\b[0-9]{6}\b", message.body)
    assert found
    return found.group()


def audits() -> list[tuple[str, str, dict[str, Any]]]:
    db.session.rollback()
    return [
        (one.action, one.subject, one.detail) for one in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    ]


def opened(answer: TestResponse) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The content of an export: the JSON, and the other files."""
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("data.json")), files


def prove(client: CheckingClient, booking: Booking) -> None:
    where = f"/visits/{booking.key}/data"
    client.get(where)
    assert client.submit(f"{where}/code").status_code == 303
    assert client.submit(f"{where}/open", {"code": last_code()}).status_code == 303


def test_organiser_saves_and_erases_with_link_and_code(client: CheckingClient, booking: Booking) -> None:
    where, reference = f"/visits/{booking.key}/data", booking.reference
    assert f"{where}" in client.get(f"/visits/{booking.key}").text
    prove(client, booking)
    content, files = opened(client.submit(f"{where}/export"))
    (one,) = content["bookings"]
    assert (one["contact_name"], one["email"], one["note"]) == ("何秀珍", "he@example.com", "请安排轮椅")
    assert one["people"] == [{"name": "欧阳明", "phone": "13900001111"}]
    assert one["visit"]["day"] == DAY.isoformat() and one["origins"] == {"440000": 20}
    assert one["appeals"] == [] and one["history"][0]["verb"] == "placed"
    assert {message["kind"] for message in one["messages"]} == {"booking_placed", "booking_code"}
    assert [message["body"] for message in one["messages"] if message["kind"] == "booking_code"] == [None]
    assert list(files) == [f"pass-{reference}.pdf"] and files[f"pass-{reference}.pdf"].startswith(b"%PDF")

    assert "请勾选确认" in page(client.submit(f"{where}/erase"))
    assert stored(booking).phone, "nothing happens without the tick"
    assert client.submit(f"{where}/erase", {"sure": "y"}).status_code == 303
    erased = stored(booking)
    assert (erased.state, erased.phone, erased.contact_name, erased.email) == (BookingState.CANCELLED, "", "", None)
    assert erased.slot.visitors_booked == 0, "the places are free again"
    assert db.session.scalars(select(Person)).all() == []
    assert db.session.scalars(select(OutboxMessage)).all() == []
    assert audits()[-2:] == [
        ("personal_data_exported", "person", {"bookings": 1, "by": "organiser"}),
        ("personal_data_erased", "person", {"bookings": 1, "by": "organiser"}),
    ]
    assert "本次预约的个人信息已删除" in page(client.get(where))
    assert client.submit(f"{where}/code").status_code == 409, "there is nothing to send a code to"
    assert client.get(f"/visits/{booking.key}").status_code == 200


def test_link_alone_and_wrong_codes_open_nothing(
    client: CheckingClient, booking: Booking, clock: time_machine.Traveller
) -> None:
    where = f"/visits/{booking.key}/data"
    client.get(where)
    for act in ("export", "erase"):
        assert client.submit(f"{where}/{act}", {"sure": "y"}).status_code == 403
    client.submit(f"{where}/code")
    code = last_code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert client.submit(f"{where}/open", {"code": wrong}).status_code == 422
    for purpose, status in (("data", 404), ("hold", 409), ("email", 422)):  # the page of the booking knows no such code
        assert client.submit(f"/visits/{booking.key}/code", {"code": code, "purpose": purpose}).status_code == status
    assert client.submit(f"{where}/open", {"code": code}).status_code == 303
    with transaction():
        other = factories.booking(slot=stored(booking).slot)
    assert client.submit(f"/visits/{other.key}/data/export").status_code == 403, "it opens this booking only"
    clock.shift(timedelta(minutes=31))
    assert client.submit(f"{where}/export").status_code == 403, "for half an hour"
    assert stored(booking).phone


def test_without_an_address_the_page_names_the_telephone(
    app: Flask, client: CheckingClient, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        booking = service.place(command(slot))
    where = f"/visits/{booking.key}/data"
    shown = page(client.get(where))
    assert "请致电展馆" in shown and "83330000" in shown and f"{where}/code" not in shown, "no button that cannot help"
    refused = client.submit(f"{where}/code")
    assert refused.status_code == 409 and page(refused).count("请致电展馆") == 1 and "83330000" in page(refused)
    with_gateway(app, monkeypatch)
    assert client.submit(f"{where}/code").status_code == 303
    assert client.submit(f"{where}/open", {"code": last_code()}).status_code == 303


def test_too_late_to_cancel_is_too_late_to_erase_alone(
    client: CheckingClient, booking: Booking, clock: time_machine.Traveller
) -> None:
    with transaction():
        booking.hall.change_hours = 2
    clock.move_to(booking.slot.starts_at - timedelta(hours=1))
    prove(client, booking)
    answer = client.submit(f"/visits/{booking.key}/data/erase", {"sure": "y"})
    assert answer.status_code == 409
    assert (stored(booking).state, stored(booking).phone) == (BookingState.CONFIRMED, "+8619900001050")
    clock.move_to(booking.slot.ends_at)
    prove(client, booking)
    assert client.submit(f"/visits/{booking.key}/data/erase", {"sure": "y"}).status_code == 303
    assert (stored(booking).state, stored(booking).phone) == (BookingState.CONFIRMED, "")


def test_thanks_written_after_the_visit_are_erased_with_it(booking: Booking) -> None:
    with transaction():
        send(booking, MessageKind.THANKS)
    with time_machine.travel(NOON + timedelta(days=200), tick=False), transaction():
        hall = stored(booking).hall
        hall.retention_months = 6
        db.session.execute(OutboxMessage.__table__.update().values(created_at=NOON + timedelta(days=190)))
        assert retention.erase(hall) == 1
    assert db.session.scalars(select(OutboxMessage)).all() == []


@pytest.fixture
def office(app: Flask, slot: Slot, booking: Booking) -> SimpleNamespace:
    """An administrator's browser, a namesake's booking, and an individual who walked in."""
    with transaction():
        admin = factories.staff(hall=slot.programme.hall, role=Role.ADMIN)
        namesake = factories.booking(slot=slot, phone="+8613800002222", phone_tail="2222", contact_name="何秀珍")
        walk_in = WalkIn(
            hall_id=slot.hall_id,
            programme_id=slot.programme_id,
            kind=INDIVIDUAL,
            organisation="何秀珍",
        )
        db.session.add(walk_in)
        db.session.flush()
        event = {"event_id": "00000000-0000-4000-8000-000000000001", "occurred_at": NOON, "received_at": NOON}
        db.session.add(
            DeskEvent(
                hall_id=slot.hall_id, kind=EventKind.ADMIT, walk_in_id=walk_in.id, staff_id=admin.id, day=DAY, **event
            )
        )
        elsewhere = factories.hall()
        foreign = factories.booking(slot=factories.slot(programme=factories.programme(hall=elsewhere), day=DAY))
    return SimpleNamespace(
        client=signed_in(app, admin), namesake=namesake, walk_in=walk_in, foreign=foreign, booking=booking
    )


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"phone": "199 0000 1050"}, {"booking"}),
        ({"email": "HE@example.com"}, {"booking"}),
        ({"name": "何秀珍"}, {"booking", "namesake", "walk_in"}),
        ({"name": "欧阳"}, {"person"}),
        ({"phone": "13900001111"}, {"person"}),
        ({"phone": "13900001111", "email": "he@example.com"}, {"person", "booking"}),
        ({"name": "没有这个人"}, set()),
    ],
)
def test_a_person_is_found_by_any_term(office: SimpleNamespace, terms: dict[str, str], expected: set[str]) -> None:
    values = {
        "booking": office.booking.reference,
        "namesake": office.namesake.reference,
        "walk_in": f'name="walk_in" value="{office.walk_in.id}"',
        "person": f'name="person" value="{person_id()}"',
        "foreign": office.foreign.reference,
    }
    found = page(office.client.submit("/admin/people", terms))
    assert {name for name, text in values.items() if text in found} == expected
    assert audits()[-1] == ("personal_data_searched", "person", {"fields": list(terms), "by": "staff"})
    assert ("checked" in found) == (expected >= {"booking"} and "name" not in terms), "people decide about names"


@pytest.mark.either_database
@pytest.mark.parametrize("typed", ["139 0000 1111", "+86 139-0000-1111", "(+86)1390000 1111"])
def test_a_phone_of_a_name_list_is_found_however_it_was_typed(office: SimpleNamespace, typed: str) -> None:
    with transaction():
        db.session.get_one(Person, person_id()).extra = {"phone": typed}
        booking_id = {"hall_id": office.namesake.hall_id, "booking_id": office.namesake.id}
        db.session.add(Delegation(**booking_id, level="A", leader="", hosts="", vehicles=f"粤A12345，司机{typed}"))
    for phone, is_found in (("13900001111", True), ("+86 139 0000 1111", True), ("13900002111", False)):
        found = page(office.client.submit("/admin/people", {"phone": phone}))
        assert (f'name="person" value="{person_id()}"' in found) == is_found
        assert (office.namesake.reference in found) == is_found, "the driver of a delegation"


@pytest.mark.either_database
def test_messages_to_a_former_contact_are_found_exported_and_erased(office: SimpleNamespace) -> None:
    with transaction():
        booking = stored(office.booking)
        contact = ContactData(contact_name="黎文", phone=booking.phone, email="li@example.com", note="")
        service.change_contact(booking, contact, by=by_staff(None))
        before = {one.id for one in db.session.scalars(select(OutboxMessage)) if one.recipient == "he@example.com"}
    found = page(office.client.submit("/admin/people", {"email": "He@Example.com"}))
    assert before and found.count('name="message"') == len(before) and office.booking.reference not in found
    ticked = {"message": [str(one) for one in before]}
    content, _files = opened(office.client.submit("/admin/people/export", ticked))
    assert {one["recipient"] for one in content["messages"]} == {"he@example.com"} and content["bookings"] == []
    assert office.client.submit("/admin/people/erase", ticked | {"sure": "y"}).status_code == 303
    assert stored(booking).state is BookingState.CONFIRMED and booking.email == "li@example.com"
    left = [one.recipient for one in db.session.scalars(select(OutboxMessage))]
    assert "he@example.com" not in left and "li@example.com" in left
    assert audits()[-1][2] == {"messages": len(before), "by": "staff"}


@pytest.mark.either_database
def test_an_entry_of_the_block_list_is_found_exported_and_erased(office: SimpleNamespace) -> None:
    phone, reason = "+8613912345678", "刘志强多次冒用单位名称。"
    with transaction():
        hall_id = stored(office.booking).hall_id
        for hall, until in ((hall_id, None), (office.foreign.hall_id, None)):
            entry = AddBlock(hall_id=hall, phone=phone, organisation=None, reason=reason, until=until)
            blocks.add(entry, by=by_staff(None))
    for terms in ({"phone": "139 1234 5678"}, {"name": "刘志强"}):
        found = page(office.client.submit("/admin/people", terms))
        assert found.count('name="block"') == 1 and reason in found
    content, _files = opened(office.client.submit("/admin/people/export", {"block": "1"}))
    (one,) = content["blocks"]
    assert (one["phone"], one["reason"], one["until"]) == (phone, reason, None)
    for _time in range(2):
        answer = office.client.submit("/admin/people/erase", {"block": "1", "sure": "y"})
        assert answer.status_code == 303, page(answer)
    with transaction():
        (kept,) = blocks.list_in_force(db.session.get_one(Hall, hall_id))
        assert kept.reason == "" and kept.known_phone is None
        record = groups.read(db.session.get_one(Hall, hall_id), phone=phone, organisation_key="", kind="")
        assert record.blocked, "an erasure lifts nothing"
        assert blocks.list_chosen(office.foreign.hall_id, [1])[0].phone == phone, "another hall's stays"
    again = page(office.client.submit("/admin/people", {"phone": phone}))
    assert 'name="block"' in again and reason not in again and "139 1234 5678" not in again


def test_administrator_exports_and_erases_what_is_ticked(office: SimpleNamespace) -> None:
    ticked = {
        "booking": office.booking.reference,
        "person": str(person_id()),
        "walk_in": str(office.walk_in.id),
        "name": "何秀珍",
    }
    content, files = opened(office.client.submit("/admin/people/export", ticked))
    assert [one["reference"] for one in content["bookings"]] == [office.booking.reference]
    assert [one["name"] for one in content["list_entries"]] == ["欧阳明"] and len(files) == 1
    refused = office.client.submit("/admin/people/erase", ticked)
    assert refused.status_code == 422 and "请勾选确认" in page(refused) and page(refused).count(" checked") == 2
    assert office.client.submit("/admin/people/erase", {"sure": "y"}).status_code == 422
    foreign = {"booking": office.foreign.reference, "sure": "y"}
    assert office.client.submit("/admin/people/erase", foreign).status_code == 422, "another hall's is unknown"
    for _time in range(2):  # two clicks
        answer = office.client.submit("/admin/people/erase", ticked | {"sure": "y"})
        assert answer.status_code == 303, page(answer)
    assert (stored(office.booking).contact_name, stored(office.walk_in).organisation) == ("", "")
    assert stored(office.namesake).contact_name == stored(office.foreign).contact_name == "何秀珍"
    erasures = [detail for action, _subject, detail in audits() if action == "personal_data_erased"]
    assert erasures[0] == {"bookings": 1, "list_entries": 1, "walk_ins": 1, "by": "staff"}
    everything = json.dumps(audits(), ensure_ascii=False)
    assert not any(name in everything for name in ("何秀珍", "1050", "he@", "欧阳"))
