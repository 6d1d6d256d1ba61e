"""The page of today: what it shows, to whom, and at how many queries."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts.roles import Permission
from hallapp.admin.today import overview
from hallapp.admin.today.overview import Progress
from hallapp.booking.models import BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.desk.models import ConflictReason, DeskConflict
from hallapp.guides.models import Assignment
from hallapp.ledger import closes
from hallapp.ledger.models import DeskEvent
from hallapp.notifications.models import MessageState, OutboxMessage
from tests.client import CheckingClient
from tests.desk.conftest import admit, admit_walk_in, code_of
from tests.guides.office import guide
from tests.office import DAY, ZONE, book, signed_in
from tests.queries import Queries

TEN = clock.at(DAY, time(10), ZONE)
CALM = "暂无待办事项"


@pytest.fixture
def working_day(office: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The office at ten o'clock of the day of its slots: the morning's began half an hour ago."""
    with time_machine.travel(TEN, tick=False):
        yield office


def look(office: SimpleNamespace, *permissions: Permission) -> overview.Overview:
    """Return the day for somebody with some permissions; with all of them where none is named."""
    return overview.look(office.hall, lambda asked: not permissions or asked in permissions)


def lead(office: SimpleNamespace, booking: Any, name: str) -> None:
    with transaction():
        leader = guide(office.hall, name, office.programme)
        made = {"hall_id": office.hall.id, "booking_id": booking.id, "guide_id": leader.id}
        db.session.add(Assignment(**made, assigned_at=clock.now()))


def arrive(office: SimpleNamespace, booking: Any, **counts: int) -> None:
    with transaction():
        code = code_of(booking)
    admit(SimpleNamespace(hall=office.hall, desk=office.desk, code=code), **({"counts": counts} if counts else {}))


def fail_a_message(office: SimpleNamespace) -> None:
    with transaction():
        made = {
            "hall_id": office.hall.id,
            "recipient": "he@example.org",
            "subject": "一",
            "body": "二",
            "kind": "confirmed",
        }
        db.session.add(
            OutboxMessage(
                **made,
                state=MessageState.GIVEN_UP,
                created_at=clock.now(),
                due_at=clock.now(),
                message_id=f"<{uuid4()}@x>",
            )
        )


def test_groups_have_their_guide_and_how_far_they_are(working_day: SimpleNamespace) -> None:
    late, part, whole = (book(working_day.morning, f"第{n}中学") for n in range(3))
    coming = book(working_day.afternoon, "下午的团队")
    lead(working_day, coming, "梁静怡")
    arrive(working_day, part, **{"440000": 8})
    arrive(working_day, whole)
    shown = {group.expected.booking.id: group for group in look(working_day).groups}
    assert [shown[one.id].progress for one in (late, part, whole, coming)] == [
        Progress.LATE,
        Progress.PARTLY,
        Progress.ARRIVED,
        Progress.TO_COME,
    ]
    assert [leader.name for leader in shown[coming.id].guides] == ["梁静怡"]
    assert (shown[coming.id].missing, shown[late.id].missing) == (0, 1)
    with time_machine.travel(TEN + timedelta(hours=2), tick=False):
        assert {one.expected.booking.id: one.progress for one in look(working_day).groups}[late.id] is Progress.ABSENT


def test_arrived_and_still_to_come_are_the_expected(working_day: SimpleNamespace, manager: CheckingClient) -> None:
    """People who came and were not expected are told apart, as at the desk."""
    came, _coming = (book(working_day.morning, f"第{n}中学", origins={"440000": 20}) for n in range(2))
    arrive(working_day, came)
    admit_walk_in(SimpleNamespace(hall=working_day.hall, desk=working_day.desk), {"430000": 5}, sure=True)
    page = manager.get("/today").text
    figures = re.findall(r"<dt>([^<]+)</dt><dd>([0-9]+)</dd>", page)
    assert figures == [("团队数", "2"), ("预约", "40"), ("已到馆", "20"), ("待到馆", "20")]
    assert "另有5人" in page and "到馆共25人" in page


def test_whatever_waits_has_its_way(office: SimpleNamespace, manager: CheckingClient, desk: CheckingClient) -> None:
    assert CALM in manager.get("/today").text and CALM in desk.get("/today").text
    lead(office, book(office.morning, "有讲解员的团队"), "梁静怡")
    book(office.morning, "没有讲解员的团队")
    asked = clock.now() - timedelta(hours=50)
    book(office.morning, "申请的团队", state=BookingState.REQUESTED, created_at=asked, guides=0)
    until = clock.now() + timedelta(hours=5)
    book(office.afternoon, "候补的团队", state=BookingState.OFFERED, offered_until=until, guides=0)
    fail_a_message(office)
    page = manager.get("/today").text
    for way in (
        "/bookings/review",
        "/bookings?state=offered",
        "/admin/guides/week/2026-W49#day-2026-12-05",
        "/admin/outbox?fate=given_up",
    ):
        assert f'href="{way}"' in page, way
    assert "已等待2天" in page and "12月1日 周二 17:00失效" in page and CALM not in page
    for_the_desk = desk.get("/today").text  # which may take care of offers alone
    assert "/bookings?state=offered" in for_the_desk
    assert not [
        way for way in ("/bookings/review", "/admin/guides", "/admin/outbox", "/admin/calendar") if way in for_the_desk
    ]


def test_conflicts_and_open_months_wait(working_day: SimpleNamespace) -> None:
    arrive(working_day, book(working_day.morning))
    with transaction():
        event = db.session.query(DeskEvent).one()
        made = {"hall_id": working_day.hall.id, "event_id": event.id, "division": "110000", "visitors": 3, "counted": 0}
        db.session.add(DeskConflict(**made, reason=ConflictReason.SURPLUS))
    assert look(working_day).waiting.conflicts == 1
    assert look(working_day).waiting.months == []  # December is not over
    with time_machine.travel(TEN + timedelta(days=40), tick=False):
        assert [str(month) for month in look(working_day).waiting.months] == ["2026-12"]
        assert not look(working_day, Permission.DESK_ADMIT).waiting.any
        with transaction():
            closes.close(closes.hold(working_day.hall.id), date(2026, 12, 1), {}, staff_id=working_day.manager.id)
        assert look(working_day).waiting.months == []


def test_a_hall_that_keeps_no_guides_lacks_none(office: SimpleNamespace) -> None:
    book(office.morning)
    assert not look(office).waiting.without_guide
    with transaction():
        guide(office.hall, "梁静怡", office.programme)
    assert look(office).waiting.without_guide == {DAY: 1}


def test_tomorrow_shows_its_busiest_time(office: SimpleNamespace) -> None:
    book(office.morning, origins={"440000": 30})
    book(office.morning, origins={"440000": 25})
    book(office.afternoon, origins={"440000": 20})
    with time_machine.travel(TEN - timedelta(days=1), tick=False):
        tomorrow = look(office).tomorrow
        assert (tomorrow.groups, tomorrow.people, tomorrow.open) == (3, 75, True)
        assert tomorrow.peak and (tomorrow.peak.booked, tomorrow.peak.places, tomorrow.peak.inside) == (55, 100, 55)
    with time_machine.travel(TEN, tick=False):
        assert (look(office).tomorrow.open, look(office).tomorrow.peak) == (False, None)


def test_costs_as_many_queries_for_three_rows_as_for_one(app: Flask, working_day: SimpleNamespace) -> None:
    numbers = []
    for n in (1, 3):
        while db.session.query(Assignment).count() < n:
            lead(working_day, booking := book(working_day.morning), f"讲解员{booking.reference}")
            arrive(working_day, booking)
            book(working_day.afternoon, state=BookingState.REQUESTED, origins={"440000": 8})
            fail_a_message(working_day)
        browser = signed_in(app, working_day.manager)
        browser.get("/today")
        with Queries() as queries:
            assert browser.get("/today").status_code == 200
        numbers.append(queries.number)
    assert numbers[0] == numbers[1] <= 35


def test_managers_begin_here_and_others_where_they_work(app: Flask, office: SimpleNamespace) -> None:
    for staff, place in ((office.manager, "/today"), (office.desk, "/desk")):
        browser: FlaskClient = signed_in(app, staff)
        assert browser.get("/sign-in").location == place
