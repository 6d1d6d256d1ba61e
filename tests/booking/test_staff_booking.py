"""The staff book for a group: by telephone, at the window, for who has no smartphone."""

import re
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.booking import absence
from hallapp.booking.lifecycle import SYSTEM
from hallapp.booking.models import Booking, BookingEvent, BookingState, Source
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.booking.helpers import page, typed, value_of
from tests.client import CheckingClient
from tests.conftest import pairs, thinned
from tests.no_shows import pause_after
from tests.office import DAY, NOON, again, book, make_office, plain_browser, signed_in
from tests.queries import Queries
from tests.test_bad_input import TEXTS, encoded

pytestmark = pytest.mark.usefixtures("first_of_december")


def send(client: CheckingClient, slot: Slot | None, /, **changes: Any) -> TestResponse:
    """The page's form, complete and right but for the changes."""
    form = typed(slot, **{"duplicate_accepted": None, "source": "phone", "pass_language": "zh", **changes})
    return client.submit("/bookings/new", form)


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def test_page_shows_the_days_and_the_times_of_one(desk: CheckingClient, office: SimpleNamespace) -> None:
    shown = page(desk.get(f"/bookings/new?day={DAY}&slot={office.morning.id}"))
    assert "12月5日 周六的场次" in shown
    assert "最多余100" in shown
    assert f'value="{office.morning.id}" checked' in shown
    assert "超限理由" not in shown


def test_telephone_booking_leads_to_its_page_with_the_pass(desk: CheckingClient, office: SimpleNamespace) -> None:
    answer = send(desk, office.morning, pass_language="en", note="轮椅一部")
    row = db.session.scalars(select(Booking)).one()
    assert (answer.status_code, answer.location) == (303, f"/bookings/{row.reference}?done=placed")
    assert (row.state, row.source, row.language, row.email) == (BookingState.CONFIRMED, Source.PHONE, "en", None)
    assert row.consented_at == NOON
    event = db.session.scalars(select(BookingEvent)).one()
    assert event.staff_id == office.desk.id
    shown = page(desk.get(answer.location))
    assert "已登记，名额已保留。" in shown
    assert "打印凭证" in shown
    printed = desk.get(f"/visits/{row.key}/pass.pdf?lang=en")
    assert (printed.status_code, printed.mimetype) == (200, "application/pdf")


@pytest.mark.parametrize("source", ["phone", "window", "staff"])
def test_source_is_recorded(desk: CheckingClient, office: SimpleNamespace, source: str) -> None:
    assert send(desk, office.morning, source=source).status_code == 303
    assert db.session.scalars(select(Booking.source)).one() == source


def test_staff_need_no_review_and_no_notice(app: Flask) -> None:
    office = make_office(confirmation=Confirmation.REVIEW, notice_hours=72, days_ahead=3)
    with transaction():
        soon = factories.slot(programme=office.programme, day=DAY - timedelta(days=4), starts=time(13))
        far = factories.slot(programme=office.programme, day=DAY + timedelta(days=90))
    desk = signed_in(app, office.desk)
    for number, slot in enumerate((soon, far)):
        assert send(desk, slot, submission=f"page {number}", phone=f"1990000200{number}").status_code == 303
    assert set(db.session.scalars(select(Booking.state))) == {BookingState.CONFIRMED}


def test_same_send_twice_is_one_booking(desk: CheckingClient, office: SimpleNamespace) -> None:
    first = send(desk, office.morning)
    assert send(desk, office.morning).location == first.location
    assert count() == 1


@pytest.mark.parametrize(
    ("changes", "anchor"),
    [
        ({"slot": ""}, "slot-error"),
        ({"organisation": ""}, "organisation-error"),
        ({"phone": "12"}, "phone-error"),
        ({"consent": None}, "consent-error"),
        ({"source": "online"}, "source-error"),
        ({"pass_language": "fr"}, "pass_language-error"),
        ({"origins-0-visitors": "-5"}, "origins-0-visitors-error"),
        ({"origins-0-visitors": "3"}, "origins-error"),
    ],
)
def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(
    desk: CheckingClient, office: SimpleNamespace, changes: dict[str, str | None], anchor: str
) -> None:
    answer = send(desk, office.morning, **{"contact_name": "李老师", "day": DAY.isoformat(), **changes})
    assert answer.status_code == 422
    assert f'id="{anchor}"' in page(answer)
    assert value_of(answer, "contact_name") == "李老师"
    assert count() == 0


def test_stale_token_loses_nothing(desk: CheckingClient, office: SimpleNamespace) -> None:
    desk.csrf_token = "stale"
    answer = send(desk, office.morning, contact_name="李老师")
    assert answer.status_code == 422
    assert value_of(answer, "contact_name") == "李老师"
    assert send(desk, office.morning).status_code == 303


def test_buttons_of_the_page_keep_what_was_typed(desk: CheckingClient, office: SimpleNamespace) -> None:
    shown = send(desk, None, show_day=DAY.isoformat(), organisation="半路")
    assert "12月5日 周六的场次" in page(shown)
    assert value_of(shown, "organisation") == "半路"
    more = send(desk, office.morning, add_origin="1", organisation="半路")
    assert 'name="origins-1-division"' in page(more)
    other = send(desk, None, refresh="day", day="2027-03-01")
    assert "2027年3月1日" in page(other)
    assert count() == 0


def test_full_time_is_refused_or_waited_for(desk: CheckingClient, office: SimpleNamespace) -> None:
    book(office.afternoon, "先到的", phone="+8619900009999")
    refused = send(desk, office.afternoon, day=DAY.isoformat())
    assert refused.status_code == 409
    assert 'id="slot-error"' in page(refused)
    answer = send(desk, office.afternoon, wait="y")
    row = db.session.scalars(select(Booking).where(Booking.state == BookingState.WAITLISTED)).one()
    shown = page(desk.get(answer.location))
    assert "已登记，列入候补。" in shown
    assert "pass.pdf" not in shown
    assert re.search(r'<strong>已预约</strong> · \S+<br><span class="quiet">候补中</span>', shown)
    assert row.source is Source.PHONE


def test_manager_exceeds_a_limit_and_the_desk_may_not(
    desk: CheckingClient, manager: CheckingClient, office: SimpleNamespace
) -> None:
    form = {"origins-0-visitors": "75", "over_limit": "市里安排"}
    refused = send(desk, office.afternoon, **form)
    assert refused.status_code == 403
    assert "只有主管可以超限接待" in page(refused)
    assert count() == 0
    assert "超限理由" in page(manager.get("/bookings/new"))
    assert send(manager, office.afternoon, **form).status_code == 303
    row = db.session.scalars(select(Booking)).one()
    assert (row.visitors, row.over_limit) == (75, "市里安排")
    assert again(office.afternoon).visitors_forced == 75


def test_duplicate_is_shown_with_details_before_it_is_meant(desk: CheckingClient, office: SimpleNamespace) -> None:
    before = book(office.morning, "老年大学")
    asked = send(desk, office.afternoon)
    assert asked.status_code == 409
    assert f"/bookings/{before.reference}" in page(asked)
    assert "09:30–11:00" in page(asked)
    assert 'name="duplicate_accepted"' in page(asked)
    assert count() == 1
    assert send(desk, office.afternoon, duplicate_accepted="y").status_code == 303
    assert count() == 2


def test_paused_group_is_refused_with_a_way_to_lift_it(app: Flask) -> None:
    office = make_office(no_show_tiers=pause_after(1))
    with transaction():
        past = factories.slot(programme=office.programme, day=DAY - timedelta(days=10))
    missed = book(past)
    with transaction():
        absence.mark_absent(again(missed), by=SYSTEM)
    for staff, said in ((office.desk, "主管可以解除暂停。"), (office.manager, "查看暂停名单，填写理由后可解除")):
        answer = send(signed_in(app, staff), office.morning)
        assert answer.status_code == 409
        assert 'id="phone-error"' in page(answer)
        assert said in page(answer)
    assert count() == 1


def test_other_halls_slot_is_unknown(desk: CheckingClient) -> None:
    other = make_office()
    assert send(desk, other.morning).status_code == 422
    assert count() == 0


def test_page_costs_the_same_for_few_and_many_times(desk: CheckingClient, office: SimpleNamespace) -> None:
    def cost() -> int:
        with Queries() as queries:
            assert desk.get(f"/bookings/new?day={DAY}").status_code == 200
        return queries.number

    few = cost()
    with transaction():
        for hour in (10, 11, 12):
            factories.slot(programme=factories.programme(hall=again(office.hall)), day=DAY, starts=time(hour))
    assert cost() == few


def test_form_reads_anything(manager: CheckingClient, office: SimpleNamespace) -> None:
    browser = plain_browser(manager)
    good = {"csrf_token": manager.csrf_token, **typed(office.morning), "source": "phone", "pass_language": "zh"}
    names = ("submission", "programme", "day", "slot", "organisation", "contact_name", "phone", "email", "note")
    more = ("source", "pass_language", "over_limit", "wait", "duplicate_accepted", "origins-0-visitors")
    for text, name in pairs(TEXTS, (*names, *more)):
        answer = browser.open("/bookings/new", method="POST", **encoded({**good, name: text}))
        assert answer.status_code in (303, 409, 422), (name, text[:20])
    for text, name in pairs(TEXTS, ("show_day", "show_programme", "refresh", "add_origin", "remove_origin")):
        answer = browser.open("/bookings/new", method="POST", **encoded({**good, name: text}))
        assert answer.status_code == 200, (name, text[:20])
    for text in thinned(TEXTS):
        sent = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")[:2000]
        assert browser.get("/bookings/new", query_string={"day": sent, "slot": sent}).status_code == 200


def test_page_in_english_offers_the_english_pass(desk: CheckingClient, office: SimpleNamespace) -> None:
    shown = page(desk.get("/bookings/new?lang=en"))
    assert "They were told" in shown
    assert '<option selected value="en">English</option>' in shown
