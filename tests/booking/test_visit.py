"""The organiser's page: everything about the booking, for whoever has its key, and the way to cancel."""

from datetime import date, time
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.booking.models import Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.passes import service as passes
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import MADE, page
from tests.client import CheckingClient

DAY = date(2026, 12, 5)
BEFORE = clock.at(date(2026, 12, 1), time(12), "Asia/Shanghai")


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(
            slots_until=MADE,
            directions_zh="地铁二号线纪念堂站 C 出口",
            bring_zh="入馆凭证",
            late_zh="请致电前台",
        )
        return factories.slot(programme=factories.programme(hall=hall), day=DAY)


def make(slot: Slot, **values: Any) -> Booking:
    with transaction():
        booking = factories.booking(slot=slot, **values)
        passes.issue(booking)
    return booking


@pytest.fixture
def booking(slot: Slot) -> Booking:
    return make(
        slot,
        origins={"440000": 12, "overseas": 3},
        reference="K7M29QXT",
        note="两辆大巴\n三位轮椅",
        email="g@example.com",
    )


@time_machine.travel(BEFORE, tick=False)
def test_the_page_shows_everything(client: CheckingClient, booking: Booking) -> None:
    shown = page(client.get(f"/visits/{booking.key}"))
    for text in (
        "已预约",
        '2026年12月5日 周六</span> <span class="unbroken">09:30–11:00',
        "讲解参观",
        "15人",
        "K7M2-9QXT",
        "广州市越秀区东湖街老年大学",
        "学校",
        "何秀珍",
        "199 0000 1050",
        "g@example.com",
        "两辆大巴 三位轮椅",
        "广州市越秀区东风路一号",
        "地铁二号线纪念堂站 C 出口",
        "请致电前台",
        f'href="/visits/{booking.key}/pass"',
        f'href="/visits/{booking.key}/pass.pdf?lang=zh"',
        f'href="/visits/{booking.key}/visit.ics?lang=zh"',
        f'href="/visits/{booking.key}/pass.png?lang=zh"',
        f'action="/visits/{booking.key}/cancel"',
    ):
        assert text in shown
    assert '广东 <span class="number">12</span>' in shown
    assert '国外 <span class="number">3</span>' in shown


@time_machine.travel(BEFORE, tick=False)
def test_the_key_goes_nowhere(client: CheckingClient, booking: Booking, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get(f"/visits/{booking.key}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert booking.key not in caplog.text


@pytest.mark.parametrize("key", ["a", "a" * 43, "%00", "%00" + "a" * 30, "展" * 30, "a" * 5000])
def test_an_unknown_key_is_not_found(client: CheckingClient, app: Flask, key: str) -> None:
    factories.make(factories.hall)
    assert client.get(f"/visits/{key}").status_code == 404
    assert client.submit(f"/visits/{key}/cancel").status_code == 404


@time_machine.travel(BEFORE, tick=False)
def test_cancel_gives_the_places_back_and_says_so(client: CheckingClient, slot: Slot, booking: Booking) -> None:
    client.get(f"/visits/{booking.key}")
    answer = client.submit(f"/visits/{booking.key}/cancel")
    assert (answer.status_code, answer.location) == (303, f"/visits/{booking.key}")
    shown = page(client.get(answer.location))
    assert "已取消" in shown and "重新预约" in shown
    assert "/cancel" not in shown and "/pass" not in shown
    db.session.rollback()
    assert (slot.visitors_booked, slot.guides_booked) == (0, 0)


@time_machine.travel(BEFORE, tick=False)
def test_cancel_twice_is_harmless(client: CheckingClient, slot: Slot, booking: Booking) -> None:
    make(slot)
    client.get(f"/visits/{booking.key}")
    answers = [client.submit(f"/visits/{booking.key}/cancel").status_code for _ in range(2)]
    assert answers == [303, 303]
    db.session.rollback()
    assert slot.visitors_booked == 20


def test_cancel_after_the_start_is_refused_in_words(client: CheckingClient, slot: Slot, booking: Booking) -> None:
    with time_machine.travel(slot.starts_at, tick=False):
        assert "/cancel" not in page(client.get(f"/visits/{booking.key}"))
        answer = client.submit(f"/visits/{booking.key}/cancel")
    assert answer.status_code == 409
    assert "本次参观已经开始，不能再更改或取消。" in page(answer)
    db.session.rollback()
    assert booking.state is BookingState.CONFIRMED


@time_machine.travel(BEFORE, tick=False)
def test_cancel_without_a_token_is_refused(client: CheckingClient, booking: Booking) -> None:
    assert client.post(f"/visits/{booking.key}/cancel").status_code == 400
    db.session.rollback()
    assert booking.state is BookingState.CONFIRMED


@time_machine.travel(BEFORE, tick=False)
def test_the_page_is_of_the_bookings_own_hall(client: CheckingClient, slot: Slot, app: Flask) -> None:
    """Where several halls share a service, the key alone says which one it is."""
    with transaction():
        other = factories.hall(name_zh="海丝展览馆", slots_until=MADE)
        theirs = factories.booking(slot=factories.slot(programme=factories.programme(hall=other), day=DAY))
        passes.issue(theirs)
    shown = page(client.get(f"/visits/{theirs.key}"))
    assert "海丝展览馆" in shown
    assert "岭南展览馆" not in shown
