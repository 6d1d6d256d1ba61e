"""The hall's first page."""

import re
from datetime import date, time
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.core import clock as instants
from hallapp.core.database import transaction
from hallapp.periods import Period
from hallapp.reports.closing import month_close
from hallapp.reports.rounding import BASE
from hallapp.schedule.models import Hall, Programme
from tests import factories
from tests.booking.helpers import page
from tests.client import CheckingClient

DAY = date(2026, 12, 5)
NOON = instants.at(date(2026, 12, 1), time(12), "Asia/Shanghai")


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    return factories.make(factories.programme, hall=hall)


def close_months(november: SimpleNamespace) -> None:
    for month in (Period.month(2026, 10), Period.month(2026, 11)):
        with transaction():
            month_close.close(november.hall.id, month, staff_id=november.manager.id)


def received(client: CheckingClient, language: str = "zh") -> tuple[list[int], str]:
    shown = page(client.get(f"/?lang={language}"))
    numbers = re.findall(r'<dd class="number">([^<]+)</dd>', shown)
    return [int(number.replace(",", "")) for number in numbers], shown


@pytest.mark.either_database
def test_people_received_in_the_closed_months(november: SimpleNamespace, client: CheckingClient) -> None:
    assert received(client)[0] == [], "nothing is published before a month is closed"
    close_months(november)
    (people, divisions), shown = received(client)
    assert people % BASE == 0
    assert abs(people - 84) < 2 * BASE, "74 people in November and 10 in October, each rounded"
    assert divisions in (3, 4), "Guangdong, Beijing, Macao, and Hunan with 5 people"
    assert "2026年10月至2026年11月接待人数" in shown
    assert "各月数字均取整为5的倍数" in shown
    english = received(client, "en")[1]
    assert "people received from October 2026 to November 2026" in english
    assert "rounded to multiples of 5" in english


@pytest.mark.either_database
def test_running_month_does_not_change_the_published_numbers(november: SimpleNamespace, client: CheckingClient) -> None:
    close_months(november)
    before = received(client)[0]
    november.counter.walk_in("2026-12-01T09:00", {"540000": 3})
    november.counter.walk_in("2026-11-30T09:00", {"540000": 41})
    assert received(client)[0] == before, "people of today, and an adjustment of a closed month"


def test_published_month_stays_while_it_is_reopened(
    november: SimpleNamespace, client: CheckingClient, clock: time_machine.Traveller
) -> None:
    close_months(november)
    before = received(client)[0]
    month = Period.month(2026, 11)
    november.counter.walk_in("2026-11-30T09:00", {"540000": 41})
    clock.move_to(NOON)
    with transaction():
        month_close.reopen(november.hall.id, month, reason="A sheet was found", staff_id=november.manager.id)
    assert received(client)[0] == before
    with transaction():
        month_close.close(november.hall.id, month, staff_id=november.manager.id)
    (people, divisions), shown = received(client, "en")
    assert people - before[0] in (40, 45)
    assert divisions == before[1] + 1
    assert "Revised on 1 December 2026: November 2026." in shown
    assert "2026年11月数据已于2026年12月1日修订。" in received(client)[1]


def test_a_new_hall_shows_no_visitor_numbers(client: CheckingClient, tour: Programme) -> None:
    assert "接待人数" not in page(client.get("/"))


@pytest.mark.either_database
@time_machine.travel(NOON, tick=False)
def test_the_next_free_times_lead_to_the_booking_page(client: CheckingClient, tour: Programme) -> None:
    def slot(**values: Any) -> int:
        return factories.make(factories.slot, programme=tour, **values).id

    slot(day=date(2026, 12, 1), starts=time(13))  # inside the two hours of notice
    slot(day=DAY, starts=time(8), visitors_booked=93)  # 7 places for a smallest group of 8
    free = [slot(day=DAY, starts=time(hour)) for hour in (9, 11, 14, 16)]
    shown = page(client.get("/"))
    assert re.findall(r'href="/book\?slot=(\d+)"', shown) == [str(number) for number in free[:3]]
    assert "12月5日 周六 09:00–10:30" in shown
    chosen = page(client.get(f"/book?slot={free[1]}"))
    assert re.search(rf'id="slot-{free[1]}"[^>]*checked', chosen)


def test_without_programmes_or_times_the_page_says_so(client: CheckingClient, hall: Hall) -> None:
    assert "目前没有开放预约的项目" in page(client.get("/"))
    factories.make(factories.programme, hall=hall)
    assert "今后60天内没有余位" in page(client.get("/"))


def test_without_a_hall_a_person_is_taken_to_the_first_run(client: CheckingClient, app: Flask) -> None:
    assert client.get("/").location == "/first-run"


def test_the_page_in_english(client: CheckingClient, tour: Programme) -> None:
    shown = page(client.get("/?lang=en"))
    assert "Lingnan Exhibition Hall" in shown
    assert "Visits for groups, by appointment and free of charge." in shown
