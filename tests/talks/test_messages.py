"""Messages about talks: each of the two learns what the other did, is reminded once, and hosts' mails name nobody."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking import blocks
from hallapp.booking.errors import NotOnline
from hallapp.booking.lifecycle import SYSTEM
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule.models import Hall
from hallapp.talks import messages, service
from hallapp.talks.models import Talk, TalkMode, TalkState
from hallapp.worker import bodies
from tests import factories
from tests.booking.helpers import page
from tests.talks.helpers import NOW, TODAY, at, command, make_office, save_host

GUEST, HOST = "luo@example.org", "host@example.org"
NEXT = TODAY + timedelta(days=7)


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    """Two hosts; the first one has an address."""
    with time_machine.travel(NOW, tick=False), transaction():
        made = make_office()
        save_host(made.hall, made.people[0].id, number=1, name="导师1", email=HOST)
        return made


def book(hall: Hall, **values: object) -> Talk:
    with transaction():
        return service.book(command(hall, **{"host": 1, "email": GUEST, **values}))


def sent() -> list[tuple[str, str]]:
    """Recipients and texts of the messages since the last call."""
    found = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    with transaction():
        told = [(one.recipient, f"{one.subject}\n{one.body}") for one in found if one.kind != "seen"]
        for one in found:
            one.kind = "seen"
    return told


@time_machine.travel(NOW, tick=False)
def test_each_of_the_two_learns_what_the_other_did(office: SimpleNamespace) -> None:
    hall = office.hall
    first = book(hall, mode=TalkMode.PHONE)
    (to, mine), (other, theirs) = sent()
    assert (to, other) == (GUEST, HOST)
    assert "199 0000 1050" in mine.replace("+86 ", "") and f"/talk/{first.key}" in mine
    assert "罗小龙" not in theirs and "1050" not in theirs and "/my-talks" in theirs and first.key not in theirs
    with transaction():
        service.cancel(first)
    assert [to for to, _text in sent()] == [HOST]
    second = book(hall, submission="2", mode=TalkMode.ONLINE)
    assert "https://rooms.example.org/1" in sent()[0][1]
    with transaction():
        service.cancel(second, reason="病假", by=service.By.HOST)
    ((to, text),) = sent()
    assert to == GUEST and "病假" in text
    third = book(hall, submission="3")
    sent()
    with transaction():
        service.erase_chosen(hall, [third.number])
    assert [to for to, _text in sent()] == [HOST]
    with time_machine.travel(at(12), tick=False):
        with time_machine.travel(NOW, tick=False):
            talk = book(hall, submission="4")
        sent()
        for record in (service.record_held, service.record_missed, service.record_held):
            with transaction():
                record(db.session.get_one(Talk, (hall.id, talk.number)), staff_id=office.people[0].id)
        assert [to for to, _text in sent()] == [GUEST]  # asked for feedback once, however often it is corrected
    late = book(hall, submission="5", starts_at=at(10), mode=TalkMode.PHONE)
    sent()
    with time_machine.travel(NOW + timedelta(days=service.FEEDBACK_DAYS + 1), tick=False), transaction():
        service.record_held(db.session.get_one(Talk, (hall.id, late.number)), staff_id=office.people[0].id)
    assert sent() == []  # no feedback is taken any more


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_both_are_reminded_once_the_day_before(office: SimpleNamespace, app: Flask) -> None:
    hall = office.hall
    book(hall, starts_at=at(10, day=NEXT))
    without = book(hall, submission="2", starts_at=at(11, day=NEXT), email=None, phone="+8619900001099")
    gone = book(hall, submission="3", starts_at=at(11, 30, day=NEXT), phone="+8619900001098")
    with transaction():
        service.cancel(gone)
    sent()
    with time_machine.travel(at(10, day=NEXT - timedelta(days=1)), tick=False):
        assert bodies.remind(hall).count == 3
        assert bodies.remind(hall).count == 0
    told = sent()
    assert sorted(to for to, _text in told) == [HOST, HOST, GUEST]
    assert any("10:00" in text and "/talk/" in text for to, text in told if to == GUEST)
    object.__setattr__(app.config["SETTINGS"], "sms_url", "https://sms.example.org/send")
    try:
        with transaction():
            messages.tell_cancelled(without, guest=True, host=False)
    finally:
        object.__setattr__(app.config["SETTINGS"], "sms_url", None)
    ((to, text),) = sent()
    assert to == "+8619900001099" and f"/talk/{without.key}" in text


@time_machine.travel(NOW, tick=False)
def test_a_blocked_phone_is_asked_to_call(office: SimpleNamespace, app: Flask) -> None:
    hall = office.hall
    wanted = {"hall_id": hall.id, "organisation": None, "reason": "扰乱秩序"}
    with transaction():
        blocks.add(blocks.AddBlock(phone="+8619900001050", until=TODAY, **wanted), by=SYSTEM)
    with pytest.raises(NotOnline):
        book(hall)
    assert book(hall, phone="+8619900001051").number == 1
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert book(hall, submission="later", starts_at=at(10, day=NEXT)).number == 2


@time_machine.travel(NOW, tick=False)
def test_a_hosts_calendar_names_no_guest_and_can_be_withdrawn(office: SimpleNamespace, app: Flask) -> None:
    book(office.hall)
    host, stranger = app.test_client(), app.test_client()
    host.sign_in(office.people[0])
    shown = page(host.submit("/my-talks/calendar", {}))
    path = "/talk-calendars/" + shown.partition("/talk-calendars/")[2].partition("<")[0]
    calendar = stranger.get(path)
    assert calendar.status_code == 200 and b"BEGIN:VEVENT" in calendar.data
    assert "罗小龙" not in calendar.text and "1050" not in calendar.text
    assert stranger.get(path, headers={"If-None-Match": calendar.headers["ETag"]}).status_code == 304
    assert stranger.get(path.replace("/talk-calendars/1/", "/talk-calendars/2/")).status_code == 404
    assert host.submit("/my-talks/calendar/withdraw", {}).status_code == 303
    assert stranger.get(path).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_the_staff_act_for_a_host_and_read_no_words_of_the_two(office: SimpleNamespace, app: Flask) -> None:
    hall, desk = office.hall, app.test_client()
    first = book(hall, wish="家里的事")
    second = book(hall, submission="2", host=2, phone="+8619900001099")
    with transaction():
        service.write_note(db.session.get_one(Talk, (hall.id, first.number)), "只有两个人知道")
    sent()
    desk.sign_in(factories.make(factories.staff, hall=hall, role=Role.DESK))
    shown = page(desk.get("/bookings/talks?lang=en"))
    assert shown.count('<article class="card"') == 2 and "导师1" in shown and "家里的事" not in shown
    assert "只有两个人知道" not in shown
    assert desk.submit(f"/bookings/talks/{first.number}/held?lang=en", {}).status_code == 409  # it has not begun
    long = desk.submit(f"/bookings/talks/{first.number}/cancel", {"reason": "病" * 201})
    assert long.status_code == 422 and "病" * 201 in long.text and f'id="reason-{first.number}-error"' in long.text
    assert desk.submit(f"/bookings/talks/{first.number}/cancel", {"reason": "导师生病"}).status_code == 303
    assert sorted(to for to, _text in sent()) == [HOST, GUEST]
    with time_machine.travel(at(12), tick=False):
        assert desk.submit(f"/bookings/talks/{second.number}/held", {}).status_code == 303
        assert desk.submit("/bookings/talks/99/held", {}).status_code == 404
    assert db.session.get_one(Talk, (hall.id, second.number)).state is TalkState.HELD
    with time_machine.travel(at(12, day=TODAY + timedelta(days=1)), tick=False):
        desk.sign_in(factories.make(factories.staff, hall=hall, role=Role.DESK))
        again = desk.submit(f"/bookings/talks/{second.number}/held", {})  # the page shows the talk no more
        assert again.status_code == 409 and 'role="alert"' in again.text
