"""A manager's inboxes: requests with the facts that a reviewer needs, and pauses with what led to them."""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.booking import absence
from hallapp.booking.lifecycle import SYSTEM
from hallapp.booking.models import BookingState, Pause
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.passes.models import Pass
from tests import factories
from tests.booking.helpers import page
from tests.client import CheckingClient
from tests.no_shows import pause_after
from tests.office import DAY, NOON, again, book, make_office, plain_browser, signed_in
from tests.queries import Queries
from tests.test_bad_input import TEXTS, encoded

pytestmark = pytest.mark.usefixtures("first_of_december")


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    return make_office(no_show_tiers=pause_after(1))


def test_inbox_shows_the_nearest_first_with_their_facts(manager: CheckingClient, office: SimpleNamespace) -> None:
    with transaction():
        past = factories.slot(programme=office.programme, day=DAY - timedelta(days=40))
    book(past, state=BookingState.ABSENT)
    later = book(office.afternoon, "下午团", state=BookingState.REQUESTED, phone="+8619900002222")
    sooner = book(office.morning, state=BookingState.REQUESTED, note="两辆大巴", created_at=NOON - timedelta(hours=50))
    same_day = book(office.morning, phone="+8619900003333")
    shown = page(manager.get("/bookings/review"))
    assert shown.index(sooner.organisation) < shown.index(later.organisation)
    for text in ("到馆0次，取消0次，爽约1次；另有1个有效预约", "两辆大巴", "2天", "该团队首次预约"):
        assert text in shown
    assert f"/bookings/{same_day.reference}" in shown
    assert '<td class="number">40 <span class="quiet">/ 100</span></td>' in shown


def test_navigation_counts_the_requests_for_managers(
    app: Flask, manager: CheckingClient, office: SimpleNamespace
) -> None:
    assert 'class="badge"' not in page(manager.get("/bookings"))
    book(office.morning, state=BookingState.REQUESTED)
    assert 'class="badge">1' in page(manager.get("/bookings"))
    assert 'class="badge"' not in page(signed_in(app, office.desk).get("/bookings"))


def test_inbox_costs_the_same_for_one_and_for_three(manager: CheckingClient, office: SimpleNamespace) -> None:
    def cost() -> int:
        with Queries() as queries:
            assert manager.get("/bookings/review").status_code == 200
        return queries.number

    book(office.morning, state=BookingState.REQUESTED)
    cost()  # the first page reads what the process holds from then on
    one = cost()
    for number in (1, 2):
        book(office.morning, f"第{number}团", state=BookingState.REQUESTED, phone=f"+861990000200{number}")
    assert cost() == one


def test_one_touch_confirms_and_comes_back(manager: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, state=BookingState.REQUESTED, email="he@example.com")
    answer = manager.submit(f"/bookings/{booking.reference}/confirm", {"back": "review"})
    assert (answer.status_code, answer.location) == (303, "/bookings/review?done=confirm")
    assert again(booking).state is BookingState.CONFIRMED
    assert db.session.scalars(select(Pass).where(Pass.booking_id == booking.id)).one().revoked_at is None
    assert db.session.scalars(select(OutboxMessage)).one().kind == "booking_confirmed"
    shown = page(manager.get(answer.location))
    assert "已确认。" in shown
    assert "没有待答复的申请。" in shown


def test_decline_tells_the_organiser_why_in_their_language(manager: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, state=BookingState.REQUESTED, email="he@example.com", language="en")
    form = {"reason": "guides", "reply": "Next week is quieter.", "back": "review"}
    assert manager.submit(f"/bookings/{booking.reference}/decline", form).status_code == 303
    row = again(booking)
    assert row.state is BookingState.DECLINED
    assert row.reply == "No guide is available for that time.\nNext week is quieter."
    assert "Next week is quieter." in db.session.scalars(select(OutboxMessage)).one().body
    assert again(office.morning).visitors_booked == 0


def test_decline_needs_a_reason(manager: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, state=BookingState.REQUESTED)
    answer = manager.submit(f"/bookings/{booking.reference}/decline", {"reply": " \u200b "})
    assert answer.status_code == 422
    assert "请选择或填写理由" in page(answer)
    assert manager.submit(f"/bookings/{booking.reference}/decline", {"reason": "nonsense"}).status_code == 422
    assert again(booking).state is BookingState.REQUESTED


def test_longest_reply_fits(manager: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, state=BookingState.REQUESTED, language="en")
    form = {"reason": "crowded", "reply": "𠮷" * 400}
    assert manager.submit(f"/bookings/{booking.reference}/decline", form).status_code == 303
    assert again(booking).reply.endswith("𠮷" * 400)


def test_answered_meanwhile_is_said(manager: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, state=BookingState.CANCELLED)
    answer = manager.submit(f"/bookings/{booking.reference}/confirm", {"back": "review"})
    assert answer.status_code == 409
    assert 'role="alert"' in page(answer)


def test_review_and_pauses_are_for_managers_of_the_hall(app: Flask, office: SimpleNamespace) -> None:
    booking = book(office.morning, state=BookingState.REQUESTED)
    desk = signed_in(app, office.desk)
    assert desk.get("/bookings/review").status_code == 403
    assert desk.get("/bookings/pauses").status_code == 403
    assert desk.submit(f"/bookings/{booking.reference}/confirm").status_code == 403
    assert desk.submit(f"/bookings/{booking.reference}/decline", {"reason": "event"}).status_code == 403
    stranger = signed_in(app, make_office().manager)
    assert booking.organisation not in page(stranger.get("/bookings/review"))
    assert stranger.submit(f"/bookings/{booking.reference}/confirm").status_code == 404
    assert again(booking).state is BookingState.REQUESTED


def pause(office: SimpleNamespace, organisation: str = "广州市第三中学", **values: str) -> Pause:
    """The pause that follows from an absence at the end of November."""
    with transaction():
        past = factories.slot(programme=office.programme, day=DAY - timedelta(days=10), starts=time(8 + len(values)))
    booking = book(past, organisation, **values)
    with transaction():
        found = absence.mark_absent(again(booking), by=SYSTEM)
    assert found is not None
    return found


def test_pause_is_shown_with_what_led_to_it_and_lifted_with_a_reason(
    manager: CheckingClient, office: SimpleNamespace
) -> None:
    row = pause(office)
    shown = page(manager.get("/bookings/pauses"))
    assert "广州市第三中学" in shown
    assert "1次爽约" in shown
    assert "2026年11月25日 周三" in shown
    bare = manager.submit(f"/bookings/pauses/{row.id}/lift", {"reason": "  "})
    assert bare.status_code == 422
    assert f'id="lift-{row.id}-error"' in page(bare)
    answer = manager.submit(f"/bookings/pauses/{row.id}/lift", {"reason": "老师生病，已来电说明"})
    assert (answer.status_code, answer.location) == (303, "/bookings/pauses?done=lift")
    row = again(row)
    assert (row.lifted_by_id, row.lift_reason) == (office.manager.id, "老师生病，已来电说明")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "pause_lifted")).one()
    assert "老师" not in str(entry.detail)
    assert "没有被暂停预约的团队。" in page(manager.get("/bookings/pauses"))


def test_pauses_cost_the_same_for_one_and_for_three(manager: CheckingClient, office: SimpleNamespace) -> None:
    def cost() -> int:
        with Queries() as queries:
            assert manager.get("/bookings/pauses").status_code == 200
        return queries.number

    pause(office)
    cost()  # the first page reads what the process holds from then on
    one = cost()
    pause(office, "第二团", phone="+8619900002002")
    pause(office, "第三团", phone="+8619900002003", contact_name="李明")
    assert cost() == one


def test_other_halls_pause_is_unknown(app: Flask, manager: CheckingClient, office: SimpleNamespace) -> None:
    row = pause(office)
    stranger = signed_in(app, make_office().manager)
    assert stranger.submit(f"/bookings/pauses/{row.id}/lift", {"reason": "x"}).status_code == 404
    assert "广州市第三中学" not in page(stranger.get("/bookings/pauses"))
    assert again(row).lifted_at is None


def test_reasons_may_be_any_text(manager: CheckingClient, office: SimpleNamespace) -> None:
    row = pause(office)
    browser = plain_browser(manager)
    for text in TEXTS:
        sent = encoded({"csrf_token": manager.csrf_token, "reason": text})
        answer = browser.open(f"/bookings/pauses/{row.id}/lift", method="POST", **sent)
        assert answer.status_code in (303, 422), text[:20]


def test_paused_group_is_named_on_its_bookings(manager: CheckingClient, office: SimpleNamespace) -> None:
    pause(office)
    booking = book(office.morning)
    assert "爽约1次，暂停预约至" in page(manager.get(f"/bookings/{booking.reference}"))
