"""No hall's staff read or change anything of another hall: every route is tried with that hall's real rows."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, String, cast, select, update

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.accounts.service import record
from hallapp.booking.models import Appeal, Block, Booking, BookingState, Pause, SavedSearch
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.devices.models import Device, DeviceKind
from hallapp.feedback.models import Feedback
from hallapp.guides.models import Guide
from hallapp.jobs.models import Job, JobState
from hallapp.kinds.models import OrganisationKind
from hallapp.ledger.models import DeskEvent
from hallapp.notifications.models import OutboxMessage
from hallapp.passes import codes
from hallapp.passes.models import Pass
from hallapp.points.models import PointAppeal, PointEntry
from hallapp.points.values import quarter_of
from hallapp.reports.lists.jobs import EXPORT
from hallapp.reports.models import ReportRecipient
from hallapp.schedule.models import Hall, Programme, WeekTemplate
from hallapp.signon import service as signon
from hallapp.signon.models import ProviderKind
from hallapp.signon.service import SaveProvider
from hallapp.webhooks.models import Webhook
from tests import demonstration, factories
from tests.client import sign_in_as
from tests.conftest import SECRET
from tests.demonstration import TUESDAY_NOON
from tests.test_routes import ALL, TABLE

#: Staff go through these, but what they open hangs on a secret in the address, not on a hall.
_PLAIN = {"<kind>": "reminder", "<language>": "zh", "<channel>": "email", "<path:filename>": "icon.svg"}
_DATES = {
    "<period:period>": "2026-11",
    "<period>": "2026-11",
    "<month:period>": "2026-11",
    "<year:period>": "2026",
    "<quarter:quarter>": "2026-Q4",
    "<week:monday>": "2026-W48",
}
SECRET_NAME = "甲馆的秘密"
#: After how many acts the rows are compared, which takes longer than all of these acts.
AT_ONCE = 12


@pytest.fixture
def theirs(app: Flask) -> Iterator[SimpleNamespace]:
    """A hall in full operation, the demonstration, and one of each of its rows."""
    with time_machine.travel(TUESDAY_NOON, tick=False):
        yield make_theirs(demonstration.fill())


def _provider(hall_id: int, by: int) -> SaveProvider:
    return SaveProvider(hall_id=hall_id, by=by, name=SECRET_NAME, client_id="c", secret="s", agent_id="1")


def make_theirs(hall: Hall) -> SimpleNamespace:
    """One of each row of the demonstration, and what an attacker of another hall would send."""
    with transaction():
        hall = db.session.merge(hall)
        db.session.execute(update(Booking).values(organisation=SECRET_NAME, contact_name=SECRET_NAME, note=SECRET_NAME))
        booking = db.session.scalars(select(Booking).where(Booking.state == BookingState.CONFIRMED)).first()
        assert booking
        staff = db.session.scalars(select(Staff).where(Staff.role == Role.DESK)).one()
        today = hall.today()
        pause = Pause(
            hall_id=hall.id,
            booking_id=booking.id,
            phone=booking.phone,
            absences=3,
            since=today,
            until=today + timedelta(days=90),
        )
        db.session.add(pause)
        db.session.flush()
        appeal = Appeal(
            hall_id=hall.id, pause_id=pause.id, booking_id=booking.id, words=SECRET_NAME, made_at=clock.now()
        )
        saved = SavedSearch(hall_id=hall.id, name=SECRET_NAME, terms={"states": "confirmed"})
        device = Device(
            hall_id=hall.id, name=SECRET_NAME, kind=DeviceKind.KIOSK, digest="0" * 64, created_at=clock.now()
        )
        db.session.execute(update(Guide).values(name=SECRET_NAME))
        db.session.execute(update(Staff).values(name=cast(Staff.id, String) + SECRET_NAME))
        db.session.execute(
            update(OutboxMessage).values(subject=SECRET_NAME, body=SECRET_NAME, recipient=f"a@{SECRET_NAME}")
        )
        said = Feedback(hall_id=hall.id, booking_id=booking.id, stars_visit=5, line=SECRET_NAME, given_at=clock.now())
        record(hall_id=hall.id, staff_id=staff.id, action="day_set", subject="day", detail={"reason": SECRET_NAME})
        job = Job(
            hall_id=hall.id,
            key="0" * 32,
            kind=EXPORT,
            params={"what": "data", "first": "2026-01-01", "last": "2026-01-31", "form": "csv"},
            state=JobState.DONE,
            file_name=SECRET_NAME,
            made_at=clock.now(),
            finished_at=clock.now(),
        )
        recipient = ReportRecipient(
            hall_id=hall.id, email=f"a@{SECRET_NAME}", language="zh", pdf=True, xlsx=True, added_at=clock.now()
        )
        kind = OrganisationKind(hall_id=hall.id, code="theirs", name={"zh": SECRET_NAME}, position=99)
        db.session.execute(update(PointEntry).values(evidence=SECRET_NAME))
        objection = PointAppeal(
            hall_id=hall.id,
            number=1,
            staff_id=staff.id,
            quarter=quarter_of(today).first,
            code="desk_days",
            words=SECRET_NAME,
            made_at=clock.now(),
        )
        blocked = Block(
            hall_id=hall.id, number=1, organisation=SECRET_NAME, reason=SECRET_NAME, until=today, made_at=clock.now()
        )
        signon.add(ProviderKind.WECOM, _provider(hall.id, staff.id))
        webhook = Webhook(
            **{
                "hall_id": hall.id,
                "number": 1,
                "name": SECRET_NAME,
                "url": "https://a.example/",
                "secret": SECRET_NAME,
            },
            **{"kinds": "month.closed", "contact": f"a@{SECRET_NAME}", "language": "zh"},
            active=True,
            made_at=clock.now(),
        )
        db.session.add_all([objection, blocked, webhook, appeal, saved, device, said, job, recipient, kind])
        db.session.flush()
        event = db.session.scalars(select(DeskEvent).order_by(DeskEvent.id.desc())).first()
        assert event
        token = db.session.scalars(select(Pass.token).where(Pass.booking_id == booking.id)).one()
        return SimpleNamespace(
            hall=hall.id,
            booking=booking.id,
            reference=booking.reference,
            slot=booking.slot_id,
            day=booking.slot.day.isoformat(),
            code=codes.sign(token, (SECRET,)),
            event_id=event.event_id,
            programme=db.session.scalars(select(Programme.slug)).first(),
            number={
                "/bookings/pauses": pause.id,
                "/bookings/appeals": pause.id,
                "/bookings/lists": saved.id,
                "/admin/templates": db.session.scalars(select(WeekTemplate.id)).first(),
                "/admin/guides": db.session.scalars(select(Guide.id)).first(),
                "/admin/devices": device.id,
                "/admin/outbox": db.session.scalars(select(OutboxMessage.id)).first(),
                "/admin/staff": staff.id,
                "/admin/points/<quarter:quarter>/people": staff.id,
                "/admin/points/people": staff.id,
                "/reports/exports": job.id,
                "/reports/mailing": recipient.id,
            },
        )


@pytest.fixture
def stranger(app: Flask, theirs: SimpleNamespace) -> FlaskClient:
    """The browser of the administrator of another hall, which has nothing but its staff."""
    with transaction():
        other: Hall = factories.hall(opened_on=TUESDAY_NOON.date() - timedelta(days=100))  # few months to close
        admin = factories.staff(hall=other, role=Role.ADMIN)
    client = FlaskClient(app)
    sign_in_as(client, admin)
    return client


def rows_of(hall_id: int) -> dict[str, set[Any]]:
    """Everything that the hall has, table by table, as the driver reads it."""
    db.session.rollback()
    tables = [table.name for table in db.metadata.sorted_tables if "hall_id" in table.c]
    mine = {"hall": f"SELECT * FROM hall WHERE id = {hall_id}"}
    mine |= {name: f'SELECT * FROM "{name}" WHERE hall_id = {hall_id}' for name in tables}
    with db.engine.connect() as connection:
        return {name: set(map(repr, _read(connection, sql))) for name, sql in mine.items()}


def _read(connection: Connection, sql: str) -> list[Any]:
    cursor = connection.exec_driver_sql(sql).cursor
    assert cursor
    return list(cursor.fetchall())


def address(rule: str, theirs: SimpleNamespace) -> str:
    """The route with the other hall's own numbers, references and slugs in it."""
    known = {
        **_PLAIN,
        **_DATES,
        "<reference>": theirs.reference,
        "<slug>": theirs.programme,
        "<code>": "theirs",
        "<event_id>": "theirs",
        "<uuid:event_id>": str(UUID(theirs.event_id)),
        "<day:day>": theirs.day,
        "<leave>": "1",
        "<place>": theirs.programme,
        "<digest>": "0" * 64,
        "<int:width>": "640",
        "<first>": theirs.day,
        "<last>": theirs.day,
        "<int(max=2147483647):slot_id>": str(theirs.slot),
        "<number>": "1",
        "<provider>": "1",
    }
    for prefix, number in theirs.number.items():
        if rule.startswith(prefix):
            known["<number>"] = str(number)
    rule = re.sub(r'<any\("?([^,")]+)[^>]*>', r"\1", rule)  # the first of those that it may be
    path = re.sub(r"<[^>]+>", lambda found: known[found[0]], rule)
    assert "<" not in path
    return path


def form(theirs: SimpleNamespace, token: str) -> dict[str, Any]:
    """Every field that names a row, with the other hall's."""
    fields = {
        "slot": theirs.slot,
        "guide": theirs.number["/admin/guides"],
        "old": theirs.number["/admin/guides"],
        "new": theirs.number["/admin/guides"],
        "programme": theirs.programme,
        "code": theirs.code,
        "q": theirs.reference,
        "reference": theirs.reference,
        "text": theirs.reference,
        "answer": theirs.reference,
        "words": theirs.reference,
        "account": theirs.number["/admin/staff"],
        "event_id": theirs.event_id,
        "staff": theirs.number["/admin/staff"],
        "hit": theirs.booking,
    }
    return {
        **fields,
        f"decision-{theirs.booking}": "cancel",
        f"move-{theirs.booking}": theirs.slot,
        "settling": "1",
        "message": "closed",
        "origins-0-division": "440000",
        "origins-0-visitors": "1",
        "confirm": "1",
        "csrf_token": token,
    }


def text_of(body: bytes) -> str:
    """What a page, a file or a workbook says."""
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as archive:
            body = b"".join(map(archive.read, archive.namelist()))
    return body.decode("utf-8", "ignore")


@pytest.mark.on_database("sqlite")  # which hall a row is of is asked in the same words on both
def test_every_route_with_another_halls_rows_shows_and_changes_nothing(
    theirs: SimpleNamespace, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stranger.application.config, "RATE_LIMITS", False)
    before = rows_of(theirs.hall)
    with stranger.application.app_context():
        page = stranger.get("/admin", buffered=True).text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    tried, acts = 0, list[str]()
    for (method, rule), least in TABLE.items():
        if least == ALL or rule == "/account/sign-out-everywhere":
            continue
        body = form(theirs, token) if method == "POST" else {}
        with stranger.application.app_context():
            answer = stranger.open(address(rule, theirs), method=method, data=body, buffered=True)
        assert answer.status_code in (200, 303, 400, 403, 404, 405, 409, 413, 422), (method, rule, answer.status_code)
        if set(re.findall(r"<(reference|slug|number|uuid:event_id|int[^>]*)>", rule)):
            assert answer.status_code != 200, (method, rule)
        text = text_of(answer.data)
        assert SECRET_NAME not in text, (method, rule)
        if method == "POST":
            acts.append(rule)
        if len(acts) == AT_ONCE:
            assert rows_of(theirs.hall) == before, acts
            acts.clear()
        tried += 1
    assert rows_of(theirs.hall) == before, acts
    assert tried > 100
