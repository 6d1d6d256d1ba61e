"""The private link of a booking: its holder replaces it where it has come into the wrong hands."""

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.booking.models import Actor, Booking, BookingEvent, Verb
from hallapp.booking.web.limiting import LINKS_AN_HOUR
from hallapp.core.database import db, transaction
from hallapp.passes import queries, service
from tests import factories
from tests.client import CheckingClient


@pytest.fixture
def booking(app: Flask) -> Booking:
    with transaction():
        booking = factories.booking(slot=factories.slot(programme=factories.programme(hall=factories.hall())))
        service.issue(booking)
    return booking


def test_holder_replaces_the_link_after_a_warning(client: CheckingClient, booking: Booking) -> None:
    old, token = booking.key, queries.get_current_pass(booking.id).token
    assert f"/visits/{old}/link" in client.get(f"/visits/{old}").text
    assert "停止使用" in client.get(f"/visits/{old}/link").text

    answer = client.submit(f"/visits/{old}/link")
    db.session.rollback()
    new = db.session.scalars(select(Booking.key)).one()
    assert (answer.status_code, answer.location) == (303, f"/visits/{new}?renewed=1")
    assert new != old and len(new) >= len(old)
    assert "本页已换成新的专用链接" in client.get(answer.location).text
    for below in ("", "/pass", "/pass.pdf", "/visit.ics", "/change?what=people", "/link", "/names"):
        assert client.get(f"/visits/{old}{below}").status_code == 404
    assert queries.get_current_pass(booking.id).token == token  # the pass is another matter
    event = db.session.scalars(select(BookingEvent).where(BookingEvent.verb == Verb.RELINKED)).one()
    assert (event.actor, event.detail) == (Actor.ORGANISER, {})


def test_link_is_replaced_a_few_times_an_hour(client: CheckingClient, booking: Booking) -> None:
    key = booking.key
    client.get(f"/visits/{key}")
    for _time in range(LINKS_AN_HOUR):
        key = client.submit(f"/visits/{key}/link").location.split("/")[-1].partition("?")[0]
    answer = client.submit(f"/visits/{key}/link")
    assert answer.status_code == 429
    assert client.get(f"/visits/{key}").status_code == 200


def test_link_of_nothing_is_not_found(client: CheckingClient, booking: Booking) -> None:
    client.get(f"/visits/{booking.key}")
    assert client.submit("/visits/no-such-key/link").status_code == 404
