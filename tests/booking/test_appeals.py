"""Appeals against pauses: the organiser's page, the staff's answer, messages and alerts, double clicks, erasing."""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.admin.today import overview
from hallapp.alerts import alert as alerts
from hallapp.alerts import service as alerting
from hallapp.alerts.models import AlertKind, Pace
from hallapp.booking import absence, appeals, retention
from hallapp.booking import queries as bookings
from hallapp.booking.lifecycle import SYSTEM
from hallapp.booking.models import Appeal, AppealState, Booking, BookingState, Pause
from hallapp.booking.web import limiting
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from tests import factories
from tests.booking.helpers import page, typed
from tests.client import CheckingClient
from tests.no_shows import pause_after
from tests.office import NOON, again, book, make_office, signed_in

pytestmark = pytest.mark.usefixtures("first_of_december")
WORDS = "大巴在路上抛锚，已致电展馆。🙏"


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    return make_office(no_show_tiers=pause_after(1))


def miss(office: SimpleNamespace, *, days: int = 1, **values: object) -> tuple[Booking, Pause]:
    """A visit that was missed some days ago, and the pause that follows from it."""
    with transaction():
        past = factories.slot(programme=office.programme, day=NOON.date() - timedelta(days=days), starts=time(8))
    booking = book(past, "广州市第三中学", **{"email": "he@example.com", "language": "zh", **values})
    with transaction():
        pause = absence.mark_absent(again(booking), by=SYSTEM)
    assert pause
    return again(booking), pause


def told(kind: str) -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


def add_recipient(office: SimpleNamespace) -> None:
    command = alerting.SaveRecipient(
        hall_id=office.hall.id,
        by=None,
        number=None,
        name="王主管",
        address="wang@hall.example",
        language="en",
        kinds=tuple(AlertKind),
        pace=Pace.AT_ONCE,
        active=True,
    )
    with transaction():
        alerting.save_recipient(command)


def test_from_the_message_to_a_group_that_books_again(
    app: Flask, client: CheckingClient, manager: CheckingClient, office: SimpleNamespace
) -> None:
    add_recipient(office)
    booking, pause = miss(office)
    [message] = told("booking_paused")
    link = f"/visits/{booking.key}/appeal"
    assert link in message.body
    client.get("/book")
    assert client.submit("/book", typed(office.morning, phone="19900001050")).status_code == 409
    assert link in page(client.get(f"/visits/{booking.key}"))
    refused = page(client.submit("/book", typed(office.morning, phone="19900001050")))
    assert link in refused, "this browser knows the missed booking"
    stranger = app.test_client()
    stranger.get("/book")
    refused = page(stranger.submit("/book", typed(office.morning, phone="19900001050")))
    assert booking.key not in refused and 'href="/find"' in refused

    bare = client.submit(link, {"words": " \n "})
    assert bare.status_code == 422 and 'id="words-error"' in page(bare)
    for _click in range(2):
        answer = client.submit(link, {"words": WORDS})
        assert (answer.status_code, answer.location) == (303, link)
    assert WORDS in page(client.get(link))
    [alert] = told("staff_appeal")
    assert "A group appeals against a pause" in alert.subject and "/bookings/appeals" in alert.body
    assert "抛锚" not in alert.body
    shown = page(manager.get("/bookings/appeals"))
    assert WORDS in shown and 'class="badge">1' in shown
    assert "/bookings/appeals" in page(manager.get("/today"))

    path = f"/bookings/appeals/{pause.id}/answer"
    for _click in range(2):
        answer = manager.submit(path, {"decision": "accept", "words": "已核实，欢迎再来。"})
        assert (answer.status_code, answer.location) == (303, "/bookings/appeals?done=accept")
    assert manager.submit(path, {"decision": "refuse", "words": "-"}).status_code == 409
    pause = again(pause)
    assert (pause.forgiven, pause.lifted_by_id, pause.lift_reason) == (True, office.manager.id, "已核实，欢迎再来。")
    [message] = told("booking_appeal_accepted")
    assert "已核实，欢迎再来。" in message.body
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "appeal_accepted").order_by(AuditEntry.id)
    ).all()
    assert len(entries) == 1 and "核实" not in str(entries[0].detail)
    assert "没有待处理的申诉。" in page(manager.get("/bookings/appeals"))
    assert "已核实，欢迎再来。" in page(client.get(link))
    client.get("/book")
    assert client.submit("/book", typed(office.morning, phone="19900001050")).status_code == 303


def test_a_refusal_needs_words_and_leaves_the_pause(
    client: CheckingClient, manager: CheckingClient, office: SimpleNamespace
) -> None:
    booking, pause = miss(office)
    link, path = f"/visits/{booking.key}/appeal", f"/bookings/appeals/{pause.id}/answer"
    client.get(link)
    client.submit(link, {"words": WORDS})
    bare = manager.submit(path, {"decision": "refuse", "words": ""})
    assert bare.status_code == 422 and f'id="words-{pause.id}-error"' in page(bare)
    assert manager.submit(path, {"decision": "perhaps", "words": "-"}).status_code == 422
    assert manager.submit(path, {"decision": "refuse", "words": "无到馆记录。"}).status_code == 303
    assert "无到馆记录。" in told("booking_appeal_refused")[0].body
    assert "无到馆记录。" in page(client.get(link))
    assert client.submit(link, {"words": "再次申诉"}).status_code == 303  # one appeal for each pause
    appeal = db.session.scalars(select(Appeal)).one()
    assert (appeal.state, appeal.words, again(pause).lifted_at) == (AppealState.REFUSED, WORDS, None)
    assert client.submit("/book", typed(office.morning, phone="19900001050")).status_code == 409


def test_without_a_pause_there_is_nothing_to_appeal_against(client: CheckingClient, office: SimpleNamespace) -> None:
    booking, pause = miss(office)
    coming = book(office.morning, phone="+8619900007777")
    link = f"/visits/{booking.key}/appeal"
    client.get(link)
    with transaction():
        absence.lift(again(pause), by=SYSTEM, reason="-")
    assert client.get(link).location == f"/visits/{booking.key}"
    refused = client.submit(link, {"words": WORDS})
    assert refused.status_code == 409 and WORDS in page(refused)
    assert client.get(f"/visits/{coming.key}/appeal").status_code == 303
    assert client.get("/visits/no-such-key/appeal").status_code == 404
    assert db.session.scalars(select(Appeal)).all() == []


def test_attempts_are_limited_and_another_contact_reads_no_words(
    client: CheckingClient, office: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        again(office.hall).no_show_scope = "either"
    booking, _pause = miss(office)
    with transaction():
        past = factories.slot(programme=office.programme, day=NOON.date() - timedelta(days=3), starts=time(8))
    other = book(past, "广州市第三中学", phone="+8619900008888", state=BookingState.ABSENT)
    monkeypatch.setattr(limiting, "APPEALS_AN_HOUR", 1)
    link = f"/visits/{booking.key}/appeal"
    client.get(link)
    assert client.submit(link, {"words": WORDS}).status_code == 303
    again_ = client.submit(link, {"words": WORDS})
    assert again_.status_code == 429 and "Retry-After" in again_.headers
    theirs = page(client.get(f"/visits/{other.key}/appeal"))
    assert WORDS not in theirs and "<textarea" not in theirs


def test_words_are_erased_with_the_contact_and_counted_for_those_who_may_answer(
    office: SimpleNamespace, manager: CheckingClient, app: Flask
) -> None:
    booking, _pause = miss(office)
    with transaction():
        appeals.make(bookings.get_booking_by_key(booking.key), WORDS)
    assert signed_in(app, office.desk).get("/bookings/appeals").status_code == 403
    for may, number in ((lambda _permission: True, 1), (lambda _permission: False, 0)):
        assert overview.look(again(office.hall), may).waiting.appeals == number
    summary = alerts.Summary(requests=[], cancelled=[], appeals=[again(booking)], failed=0)
    text = alerts.write_summary(again(office.hall), summary, "en")
    assert "1 appeal waits for an answer" in text.body
    with time_machine.travel(NOON + timedelta(days=220), tick=False), transaction():
        retention.erase(again(office.hall))
    db.session.expire_all()
    appeal = db.session.scalars(select(Appeal)).one()
    assert (appeal.words, appeal.answer) == ("", "")
