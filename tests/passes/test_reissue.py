"""A pass that was lost or leaked: a new one replaces it, by the organiser or by the staff."""

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking.models import Actor, Booking, BookingEvent, BookingState, Verb
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.passes import codes, queries, service
from hallapp.passes.errors import PassReplaced
from hallapp.passes.web.routes import REISSUES_AN_HOUR
from tests import factories
from tests.client import CheckingClient
from tests.conftest import SECRET

KEYS = (SECRET,)


@pytest.fixture
def booking(app: Flask) -> Booking:
    with transaction():
        slot = factories.slot(programme=factories.programme(hall=factories.hall()))
        booking = factories.booking(slot=slot, email="he@example.com", language="en")
        service.issue(booking)
    return booking


def code_of(booking: Booking) -> str:
    db.session.rollback()
    return codes.sign(queries.get_current_pass(booking.id).token, KEYS)


def history(booking: Booking) -> list[tuple[Verb, Actor, int | None, dict[str, int]]]:
    db.session.rollback()
    rows = db.session.scalars(
        select(BookingEvent).where(BookingEvent.booking_id == booking.id).order_by(BookingEvent.id)
    )
    return [(row.verb, row.actor, row.staff_id, row.detail) for row in rows]


def test_organiser_replaces_the_pass_after_a_warning(client: CheckingClient, booking: Booking) -> None:
    old = code_of(booking)
    path = f"/visits/{booking.key}/pass/reissue"
    assert path in client.get(f"/visits/{booking.key}/pass").get_data(as_text=True)
    asked = client.get(path).get_data(as_text=True)
    assert "旧凭证立即失效，包括打印件和手机上的" in asked
    assert code_of(booking) == old  # to look at the page changes nothing
    answer = client.submit(path)
    assert (answer.status_code, answer.location) == (303, f"/visits/{booking.key}/pass?renewed=1")
    assert "这是您的新凭证" in client.get(answer.location).get_data(as_text=True)
    with pytest.raises(PassReplaced):
        service.verify(old, keys=KEYS)
    assert service.verify(code_of(booking), keys=KEYS).booking_id == booking.id
    assert history(booking) == [(Verb.REISSUED, Actor.ORGANISER, None, {"version": 2})]
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert (mail.kind, mail.recipient) == ("booking_reissued", "he@example.com")
    assert f"/visits/{booking.key}/pass" in mail.body and "no longer valid" in mail.body and old not in mail.body


def test_desk_replaces_the_pass_and_refuses_the_old_one(client: CheckingClient, booking: Booking) -> None:
    with transaction():
        desk = factories.staff(hall=booking.hall, role=Role.DESK)
    old = code_of(booking)
    client.sign_in(desk)
    page = client.get(f"/bookings/{booking.reference}").get_data(as_text=True)
    assert f"/bookings/{booking.reference}/reissue" in page
    answer = client.submit(f"/bookings/{booking.reference}/reissue")
    assert answer.location == f"/bookings/{booking.reference}?done=reissue"
    done = client.get(answer.location).get_data(as_text=True)
    assert "已签发新凭证" in done and "已重新签发入馆凭证" in done
    assert history(booking) == [(Verb.REISSUED, Actor.STAFF, desk.id, {"version": 2})]
    trail = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "pass_reissued")).one()
    assert (trail.staff_id, trail.subject, trail.detail) == (desk.id, f"booking {booking.id}", {"version": 2})
    refused = client.send_json("/desk/lookup", {"q": old})
    assert (refused.status_code, refused.json["reason"]) == (409, "replaced")
    found = client.send_json("/desk/lookup", {"q": code_of(booking)})
    assert found.json["group"]["reference"] == booking.reference


def test_no_new_pass_for_unconfirmed_bookings_or_another_hall(client: CheckingClient, booking: Booking) -> None:
    with transaction():
        stranger = factories.staff(hall=factories.hall(), role=Role.ADMIN)
        db.session.get_one(Booking, booking.id).state = BookingState.CANCELLED
    assert client.get(f"/visits/{booking.key}/pass/reissue").status_code == 410
    assert client.submit(f"/visits/{booking.key}/pass/reissue").status_code == 410
    client.sign_in(stranger)
    assert client.submit(f"/bookings/{booking.reference}/reissue").status_code == 404
    with transaction():
        own = factories.staff(hall=booking.hall, role=Role.DESK)
    client.sign_in(own)
    assert client.submit(f"/bookings/{booking.reference}/reissue").status_code == 409
    assert history(booking) == []
    assert queries.get_current_pass(booking.id).version == 1


def test_replacements_by_the_organiser_are_limited_per_hour(client: CheckingClient, booking: Booking) -> None:
    path = f"/visits/{booking.key}/pass/reissue"
    client.get(path)
    assert [client.submit(path).status_code for _ in range(REISSUES_AN_HOUR + 1)] == [303] * REISSUES_AN_HOUR + [429]
    assert queries.get_current_pass(booking.id).version == 1 + REISSUES_AN_HOUR
