"""Every form that a page shows, sent as it stands but for one field: the answer is a page or a refusal, never a 500."""

from collections.abc import Iterator
from itertools import chain, cycle, islice
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.accounts import passwords
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from tests import demonstration, factories
from tests.booking.helpers import typed
from tests.client import sign_in_as
from tests.conftest import PROFILE, examples
from tests.demonstration import TUESDAY_NOON
from tests.form_walk import Form, walk

#: What looks like nothing.
BLANKS = ("", " ", "\u3000", "\u00a0", "\t", "\u2028", "\r\n", "\u200b")
#: What a person, a spreadsheet or a script may put where a number or a word is expected.
VALUES = (
    *("0", "-1", "+1", "1e2", "²", "٣", "１２", "1.5", "1,000", "9" * 5000, "2147483648", "9223372036854775808", "NaN"),
    *("\0", "a\0b", "\ud800", "\u202e", "e\u0301", "𠮷" * 300, "x" * 10_000, "%_\\'\";--", "{{ 7 }} %(name)s"),
    *("0001-01-01", "9999-12-31", "2026-02-30", "24:00", "true", "None", "[]", "a,b", "zh\r\nX-Evil: 1"),
)
PAGES = ("/", "/book", "/desk", "/reports", "/bookings", "/admin/setup", "/admin/calendar", "/account", "/sign-in")
#: How many values each field is tried with at night, half of them blanks; in CI every twelfth field is tried with one.
#: The next field goes on with the next values, so every value is tried in many fields.
TRIED = examples(1)


@pytest.fixture
def door(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The demonstration hall, and the browser of its administrator."""
    monkeypatch.setitem(app.config, "RATE_LIMITS", False)
    monkeypatch.setattr(passwords, "matches", lambda *_: False)  # a digest takes longer than all the rest
    with time_machine.travel(TUESDAY_NOON, tick=False):
        hall = demonstration.fill()
        with transaction():
            admin = factories.staff(hall=hall, role=Role.ADMIN, password_hash="none")
        client = FlaskClient(app)
        sign_in_as(client, admin)
        yield SimpleNamespace(app=app, client=client, hall=hall)


def private_pages() -> tuple[str, ...]:
    """The pages of organisers whose bookings are in different states, which no link leads to."""
    states = (BookingState.CONFIRMED, BookingState.REQUESTED, BookingState.WAITLISTED, BookingState.ARRIVED)
    newest = select(Booking).order_by(Booking.id.desc()).limit(1)
    found = [db.session.scalars(newest.where(Booking.state == state)).one() for state in states]
    keys = [booking.key for booking in found]
    changes = [f"/visits/{key}/change?what={what}" for key in keys[:3] for what in ("people", "time", "contact")]
    desk = f"/desk?code={found[0].reference}"
    return (*(f"/visits/{key}" for key in keys), *changes, f"/visits/{keys[0]}/names", desk)


def send(door: SimpleNamespace, form: Form, name: str, value: str) -> TestResponse:
    body = form.body(**{name: value})
    with door.app.app_context():
        if form.method == "GET":
            answer = door.client.get(f"{urlsplit(form.action).path}?{body}", buffered=True)
        else:
            kind = "application/x-www-form-urlencoded"
            answer = door.client.post(form.action, data=body, content_type=kind, buffered=True)
    assert answer.status_code < 500, (form.method, form.action, name, value[:40], dict(form.fields))
    assert "X-Evil" not in answer.headers
    return answer


@pytest.mark.on_database("sqlite")
@pytest.mark.slow
def test_every_field_of_every_form_handles_bad_input(door: SimpleNamespace) -> None:
    forms = walk(door.app, door.client, (*private_pages(), *PAGES))
    assert len(forms) > 70, "the walk has lost its way"
    values = cycle(chain.from_iterable(zip(cycle(BLANKS), VALUES)))
    # An accepted form must hide no fault of the next one. What a form reads is read before the database is asked.
    put_back = demonstration.snapshot() if demonstration.is_sqlite() else lambda: None
    fields = [(form, name) for form in forms for name in form.names]
    for form, name in fields if PROFILE == "nightly" else fields[::12]:
        for value in islice(values, TRIED):
            if send(door, form, name, value).status_code < 400 and form.method == "POST":
                put_back()


@pytest.mark.parametrize("blank", BLANKS[1:-1], ids=ascii)
def test_blanks_are_not_accepted_as_a_number_of_people(app: Flask, client: FlaskClient, blank: str) -> None:
    with transaction():
        slot = factories.slot(programme=factories.programme(hall=factories.hall()))
    client.get("/book")
    answer = client.submit("/book", typed(slot, **{"origins-0-visitors": blank}))

    assert answer.status_code == 422
    assert "请用数字填写人数" in answer.text and 'href="#origins-0-visitors"' in answer.text


def test_head_reads_and_never_acts(door: SimpleNamespace) -> None:
    """A HEAD may carry a form as its body: it is answered as a GET without one."""
    people = db.session.scalar(select(func.count()).select_from(Staff))
    form = {"name": "someone", "role": "desk", "email": "", "language": "zh"}
    with door.app.app_context():
        for path in ("/admin/staff/invite", "/book", "/sign-in", "/account", "/admin/policy", "/admin/guides/new"):
            answer = door.client.open(path, method="HEAD", data=form, buffered=True)
            assert (answer.status_code, answer.data) == (door.client.get(path, buffered=True).status_code, b"")
        assert door.client.open("/desk/arrivals", method="HEAD", buffered=True).status_code == 405
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Staff)) == people
