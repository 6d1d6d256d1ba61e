"""The hall's first page."""

import re
from datetime import date, time
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.ledger import figures
from hallapp.ledger.models import Facet
from hallapp.schedule.models import Hall, Programme
from tests import factories
from tests.booking.helpers import page
from tests.client import CheckingClient

pytestmark = pytest.mark.one_database

DAY = date(2026, 12, 5)
NOON = clock.at(date(2026, 12, 1), time(12), "Asia/Shanghai")


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    return factories.make(factories.programme, hall=hall)


def summary(programme: Programme, day: date, people: dict[str, int]) -> None:
    moved = {(Facet.DIVISION, division): figures.Amount(visitors, 1, 0) for division, visitors in people.items()}
    with transaction():
        figures.add(programme.hall_id, {day: moved})


def test_people_and_divisions_received_so_far(client: CheckingClient, tour: Programme) -> None:
    other = factories.make(factories.programme, hall=factories.make(factories.hall))
    summary(tour, DAY, {"440000": 12_300, "430000": 40, "450000": 0, "overseas": 5, "unknown": 7})
    summary(tour, date(2019, 3, 1), {"440000": 100})
    summary(other, DAY, {"110000": 999})
    shown = page(client.get("/"))
    assert re.findall(r'<dd class="number">([^<]+)</dd>', shown) == ["12,452", "2"]
    assert "自2017年6月以来接待人数" in shown


def test_a_new_hall_boasts_of_nothing(client: CheckingClient, tour: Programme) -> None:
    assert "以来接待人数" not in page(client.get("/"))


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
    assert "今后 60 天内没有余位" in page(client.get("/"))


def test_without_a_hall_the_page_says_what_to_do(client: CheckingClient, app: Flask) -> None:
    answer = client.get("/")
    assert answer.status_code == 503
    assert "hall setup" in page(answer)


def test_the_page_in_english(client: CheckingClient, tour: Programme) -> None:
    shown = page(client.get("/?lang=en"))
    assert "Lingnan Exhibition Hall" in shown
    assert "Visits for groups, by appointment and free of charge." in shown
