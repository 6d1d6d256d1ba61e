"""Requests about the personal data of guests of talks: only the person's own talks are found, exported and erased."""

import io
import json
import zipfile
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking import retention
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.privacy.notice import get_notice, list_versions
from hallapp.talks import service
from hallapp.talks.models import Talk, TalkState
from tests import factories
from tests.booking.helpers import page
from tests.talks.helpers import NOW, at, command, make_office

PHONE, MAIL = "+8619900001050", "luo@example.org"


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    """A hall with three talks of one phone: with the address of a booking, with another one, and without any."""
    with time_machine.travel(NOW, tick=False), transaction():
        office = make_office(most_open=9)
        for number, email in enumerate(("LUO@example.org", "other@example.org", None)):
            starts = at(10, 30 * (number % 2)) if number < 2 else at(11)
            service.book(command(office.hall, submission=str(number), starts_at=starts, email=email))
        office.slot = factories.slot(programme=office.programme)
        office.admin = factories.staff(hall=office.hall, role=Role.ADMIN, password_hash="none")
    return office


@pytest.mark.either_database
@pytest.mark.parametrize(("email", "erased"), [(MAIL, {1}), (None, {1, 2, 3}), ("third@example.org", set())])
@time_machine.travel(NOW, tick=False)
def test_a_booking_takes_the_talks_of_its_proved_contact_only(
    office: SimpleNamespace, email: str | None, erased: set[int]
) -> None:
    with transaction():
        booking = factories.booking(slot=office.slot, phone=PHONE, email=email)
        retention.erase_bookings(booking.hall, [booking])
    talks = {talk.number: talk for talk in db.session.scalars(select(Talk))}
    assert {number for number, talk in talks.items() if not talk.phone} == erased
    assert {number for number, talk in talks.items() if talk.state is TalkState.CANCELLED} == erased
    left = {"LUO@example.org", "other@example.org"} - {
        ("LUO@example.org", "other@example.org", "")[n - 1] for n in erased
    }
    assert set(db.session.scalars(select(OutboxMessage.recipient))) == left


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_talk_keeps_the_version_of_the_notice_that_its_guest_accepted(office: SimpleNamespace) -> None:
    first = get_notice(office.hall.id).digest
    with transaction():
        db.session.merge(office.hall).retention_months += 3
    with transaction():
        later = service.book(command(db.session.merge(office.hall), submission="9", starts_at=at(11, 30)))
    present = get_notice(office.hall.id).digest
    assert {talk.privacy for talk in db.session.scalars(select(Talk)) if talk.number != later.number} == {first}
    assert later.privacy == present != first
    assert {version.digest for version in list_versions(office.hall.id)} == {first, present}


@time_machine.travel(NOW, tick=False)
def test_an_administrator_finds_exports_and_erases_talks(office: SimpleNamespace, app: Flask) -> None:
    client = app.test_client()
    client.sign_in(office.admin)
    client.get("/admin/people")
    for terms, numbers in (
        ({"phone": PHONE}, "123"),
        ({"email": MAIL}, "1"),
        ({"name": "罗小"}, "123"),
        ({"name": "何"}, ""),
    ):
        found = page(client.submit("/admin/people", terms))
        assert [number for number in "123" if f'name="talk" value="{number}"' in found] == list(numbers)
    exported = client.submit("/admin/people/export", {"talk": "1", "booking": "a\0b"})
    content = json.loads(zipfile.ZipFile(io.BytesIO(exported.data)).read("data.json"))
    assert [(one["guest"], one["host"]) for one in content["talks"]] == [("罗小龙", "导师1")]
    for _click in range(2):
        assert client.submit("/admin/people/erase", {"talk": "1", "sure": "y"}).status_code == 303
    talk = db.session.get_one(Talk, (office.hall.id, 1))
    assert (talk.guest, talk.email, talk.state) == ("", None, TalkState.CANCELLED)
