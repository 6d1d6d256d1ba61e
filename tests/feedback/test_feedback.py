"""Feedback: asked of who came, once, for thirty days; seen by the manager and by who led; its line is erased."""

import re
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking import retention
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.feedback import keys, service
from hallapp.feedback.errors import FeedbackGiven
from hallapp.feedback.models import Feedback
from hallapp.feedback.service import GiveFeedback
from hallapp.guides.models import Assignment, Guide
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import page
from tests.client import CheckingClient
from tests.conftest import SECRET
from tests.messages.helpers import DAY, EVENING, make_slot
from tests.office import plain_browser, signed_in
from tests.queries import Queries
from tests.test_bad_input import TEXTS


@pytest.fixture
def slot(app: Flask) -> Iterator[Slot]:
    with time_machine.travel(EVENING, tick=False):
        yield make_slot()


def arrived(slot: Slot, **values: Any) -> Booking:
    with transaction():
        return factories.booking(slot=slot, **{"state": BookingState.ARRIVED, **values})


def path(booking: Booking, secret: str = SECRET) -> str:
    return f"/feedback/{keys.make(booking.reference, (secret,))}"


def given() -> list[tuple[int, int | None, str]]:
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.scalars(select(Feedback).order_by(Feedback.id))
    return [(row.stars_visit, row.stars_guide, row.line) for row in rows]


@pytest.mark.either_database
def test_a_group_gives_feedback_once(client: CheckingClient, slot: Slot) -> None:
    booking = arrived(slot)
    asked = client.get(path(booking))
    assert page(asked).count('type="radio" name="visit"') == 5
    assert page(asked).count('type="radio" name="guide"') == 6
    assert asked.headers["Referrer-Policy"] == "no-referrer"
    answer = client.submit(path(booking), {"visit": "5", "guide": "4", "line": " 讲得很好 👍\n谢谢 "})
    assert (answer.status_code, answer.location) == (303, path(booking))
    assert given() == [(5, 4, "讲得很好 👍 谢谢")]
    assert "感谢您的评价" in page(client.get(path(booking)))
    again = client.submit(path(booking), {"visit": "1", "guide": "", "line": ""})
    assert again.status_code == 303
    assert given() == [(5, 4, "讲得很好 👍 谢谢")]


def test_a_group_without_a_guide_is_not_asked_about_one(client: CheckingClient, slot: Slot) -> None:
    booking = arrived(slot, guides=0)
    assert 'name="guide"' not in page(client.get(path(booking)))
    client.submit(path(booking), {"visit": "3", "guide": "1"})
    assert given() == [(3, None, "")]


def test_missing_answers_are_refused_and_typed_values_stay(client: CheckingClient, slot: Slot) -> None:
    booking = arrived(slot)
    client.get(path(booking))
    for sent in ({"visit": ""}, {"visit": "6"}, {"visit": "²"}, {"visit": "5", "guide": "9"}, {"visit": "5" * 5000}):
        answer = client.submit(path(booking), {"line": "很好", **sent})
        assert answer.status_code == 422
        assert "很好" in page(answer) and "field-error" in page(answer)
    assert client.submit(path(booking), {"visit": "5", "line": "长" * 301}).status_code == 422
    browser = plain_browser(client)
    for text in TEXTS:
        fields = {name: text.encode("utf-8", "surrogatepass") for name in ("visit", "guide", "line")}
        answer = browser.post(path(booking), data={**fields, "csrf_token": client.csrf_token})
        assert answer.status_code in (413, 422)
    assert given() == []


def test_a_key_opens_its_own_page_only(client: CheckingClient, slot: Slot) -> None:
    booking, other = arrived(slot), arrived(slot)
    signature = path(booking).rpartition("-")[2]
    for wrong in (
        f"/feedback/{other.reference}-{signature}",
        f"/feedback/{booking.reference}-{signature[:-1]}",
        path(booking, "another-secret-0123456789"),
        path(booking).upper().replace("/FEEDBACK", "/feedback"),
        f"/feedback/{booking.key}",
        f"/feedback/{booking.reference}",
    ):
        assert client.get(wrong).status_code == 404
    assert client.get(f"/visits/{path(booking).rpartition('/')[2]}").status_code == 404
    assert keys.find_reference(keys.make("K7M29QXT", ("old-secret",)), ("new", "old-secret")) == "K7M29QXT"


@pytest.mark.parametrize("state", [BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.ABSENT])
def test_groups_that_did_not_arrive_cannot_give_feedback(
    client: CheckingClient, slot: Slot, state: BookingState
) -> None:
    booking = arrived(slot, state=state)
    answer = client.get(path(booking))
    assert answer.status_code == 404 and "团队到馆后即可评价" in page(answer)
    assert client.submit(path(booking), {"visit": "5"}).status_code == 404
    assert given() == []


def test_feedback_closes_after_thirty_days(client: CheckingClient, slot: Slot) -> None:
    booking = arrived(slot)
    with time_machine.travel(EVENING + timedelta(days=30), tick=False):
        assert client.get(path(booking)).status_code == 200
    with time_machine.travel(EVENING + timedelta(days=31), tick=False):
        assert client.get(path(booking)).status_code == 410
        assert client.submit(path(booking), {"visit": "5"}).status_code == 410
    assert given() == []


@pytest.mark.both_databases
def test_simultaneous_answers_count_once(app: Flask, slot: Slot) -> None:
    booking_id = arrived(slot).id
    outcomes, gate = [], threading.Barrier(4)

    def say(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    said = GiveFeedback(stars_visit=number, stars_guide=None, line="")
                    service.give(db.session.get_one(Booking, booking_id), said)
                outcomes.append(number)
            except FeedbackGiven:
                outcomes.append(0)
            db.session.remove()

    threads = [threading.Thread(target=say, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[:3] == [0, 0, 0]
    assert [stars for stars, _guide, _line in given()] == [max(outcomes)]


@pytest.mark.either_database
def test_the_comment_is_erased_with_the_contact_details(client: CheckingClient, slot: Slot) -> None:
    client.get(path(booking := arrived(slot)))
    client.submit(path(booking), {"visit": "5", "guide": "4", "line": "何老师讲得好"})
    for months, line in ((5, "何老师讲得好"), (7, "")):
        with time_machine.travel(EVENING + timedelta(days=30 * months + 10), tick=False), transaction():
            retention.erase(slot.programme.hall)
        assert given() == [(5, 4, line)]


def say(booking: Booking, visit: int, guide: int | None, line: str = "") -> None:
    with transaction():
        service.give(booking, GiveFeedback(stars_visit=visit, stars_guide=guide, line=line))


@pytest.fixture
def seen(app: Flask, slot: Slot) -> SimpleNamespace:
    """A hall with three answers in two months, a guide who led two of these groups, and another hall with its own."""
    hall = slot.programme.hall
    with transaction():
        staff = factories.staff(hall=hall, role=Role.GUIDE, password_hash="none")
        guide = Guide(hall_id=hall.id, staff_id=staff.id, name="小何", created_at=EVENING)
        db.session.add(guide)
        db.session.flush()
        earlier = factories.slot(programme=slot.programme, day=date(2026, 11, 20))
        manager = factories.staff(hall=hall, role=Role.MANAGER, password_hash="none")
    led, dropped, other = arrived(slot), arrived(slot), arrived(earlier, organisation="十一月的团队")
    with transaction():
        for booking, at in ((led, None), (dropped, EVENING), (other, None)):
            why = {"dropped_at": at, "dropped_why": "moved" if at else None}
            db.session.add(
                Assignment(hall_id=hall.id, booking_id=booking.id, guide_id=guide.id, assigned_at=EVENING, **why)
            )
    say(led, 5, 5, "讲得很好")
    say(dropped, 2, 1, "太挤了")
    say(other, 4, None)
    elsewhere = make_slot()
    say(arrived(elsewhere), 1, 1, "别的展馆")
    return SimpleNamespace(hall=hall, staff=staff, manager=manager, slot=slot)


@pytest.mark.either_database
def test_the_manager_sees_averages_trend_and_lines(app: Flask, seen: SimpleNamespace) -> None:
    client = signed_in(app, seen.manager)
    shown = client.get("/admin/feedback")
    text = page(shown)
    averages = re.findall(r"<dd><strong>([^<]*)</strong>", text)
    assert averages == ["3.7", "3.0", "3"]
    rows = re.findall(
        r'<th scope="row">([^<]*)</th> <td class="number">(\d+)</td> <td class="number">([^<]*)</td>', text
    )
    assert rows == [("2026年11月", "1", "4.0"), ("2026年12月", "2", "3.5")]
    assert [text.index(line) for line in ("十一月的团队", "太挤了", "讲得很好")] == sorted(
        text.index(line) for line in ("十一月的团队", "太挤了", "讲得很好")
    )
    assert "别的展馆" not in text
    assert client.get("/admin/feedback?before=1").status_code == 200
    for odd in ("²", "0", "9" * 5000, "-1", "%00"):
        assert client.get(f"/admin/feedback?before={odd}").status_code == 200


def test_a_guide_sees_feedback_of_their_own_groups_only(app: Flask, seen: SimpleNamespace) -> None:
    text = page(signed_in(app, seen.staff).get("/guide/feedback"))
    assert re.findall(r"<dd><strong>([^<]*)</strong>", text) == ["4.5", "5.0", "2"]
    assert "讲得很好" in text and "太挤了" not in text and "别的展馆" not in text
    assert "尚未关联讲解员" in page(signed_in(app, seen.manager).get("/guide/feedback"))


def test_number_of_queries_does_not_grow_with_the_answers(app: Flask, seen: SimpleNamespace) -> None:
    client = signed_in(app, seen.manager)
    client.get("/admin/feedback")
    with Queries() as few:
        client.get("/admin/feedback")
    with transaction():
        roomy = factories.slot(programme=seen.slot.programme, day=DAY + timedelta(days=1), guide_capacity=99)
        roomy.visitor_capacity = 9999
    with transaction():
        bookings = [factories.booking(slot=roomy, state=BookingState.ARRIVED) for _ in range(60)]
        for booking in bookings:
            service.give(booking, GiveFeedback(stars_visit=5, stars_guide=5, line="好"))
    with Queries() as many:
        text = page(client.get("/admin/feedback"))
    assert many.number == few.number
    assert text.count('<li class="card">') == 50 and 'rel="next"' in text


def test_the_desk_prints_the_code_of_its_own_halls_groups(app: Flask, slot: Slot) -> None:
    booking = arrived(slot)
    with transaction():
        desk = factories.staff(hall=slot.programme.hall, password_hash="none")
        stranger = factories.staff(hall=factories.hall(), role=Role.ADMIN, password_hash="none")
    text = page(signed_in(app, desk).get(f"/desk/feedback/{booking.reference}"))
    assert f"http://127.0.0.1:8000{path(booking)}" in text
    assert signed_in(app, stranger).get(f"/desk/feedback/{booking.reference}").status_code == 404
    assert "/desk/feedback/" in page(signed_in(app, desk).get(f"/bookings/{booking.reference}"))
