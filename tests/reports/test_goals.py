"""The goal of a year: the forecast by hand, and where the goal is shown."""

import io
import json
import re
from datetime import date
from types import SimpleNamespace

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from hallapp.core.i18n import force_locale
from hallapp.reports.figures.goals import Forecast, Goal, Method, NoForecast, YearSoFar, forecast
from hallapp.reports.goals import words as goal_words

OPENED = date(2017, 6, 29)


def so_far(day: date, people: dict[str, int], *, opened: date = OPENED, **facts: int) -> YearSoFar:
    months = {date.fromisoformat(f"{name}-01"): number for name, number in people.items()}
    values = {"today": 0, "open_before": 0, "open_after": 0} | facts
    return YearSoFar(day=day, opened_on=opened, months=months, **values)


def year(number: int, *people: int) -> dict[str, int]:
    return {f"{number}-{month:02}": visitors for month, visitors in enumerate(people, start=1)}


#: 1,000 people, of them 400 up to June.
SUMMERY = (50, 50, 50, 50, 100, 100, 100, 100, 100, 100, 100, 100)
#: 1,000 people, of them 600 up to June.
WINTRY = (100, 100, 100, 100, 100, 100, 50, 50, 75, 75, 75, 75)


def test_forecast_by_the_same_months_of_earlier_years() -> None:
    made = forecast(so_far(date(2026, 7, 3), year(2025, *SUMMERY) | year(2026, 60, 60, 60, 60, 120, 120, 7)))
    assert made == Forecast(method=Method.SEASON, visitors=1200, low=1200, high=1200, years=(2025,))


def test_forecast_of_several_years_has_a_range() -> None:
    people = year(2024, *SUMMERY) | year(2025, *WINTRY) | year(2026, 100, 100, 100, 100, 50, 50)
    made = forecast(so_far(date(2026, 7, 1), people))
    assert isinstance(made, Forecast)
    assert (made.visitors, made.low, made.high, made.years) == (1000, 833, 1250, (2024, 2025))


@pytest.mark.parametrize(
    ("people", "opened"),
    [
        (year(2026, 100, 100), OPENED),  # no earlier year
        (year(2025, *SUMMERY) | year(2026, 100, 100), date(2025, 2, 1)),  # the earlier year is not whole
        (year(2025, *SUMMERY[:9]) | year(2026, 100, 100), OPENED),  # it has gaps
        (year(2025, 1, 1, *SUMMERY[2:]) | year(2026, 100, 100), OPENED),  # its same months say too little
    ],
)
def test_forecast_by_open_days_where_no_earlier_year_helps(people: dict[str, int], opened: date) -> None:
    made = forecast(so_far(date(2026, 3, 1), people, opened=opened, today=20, open_before=45, open_after=255))
    assert made == Forecast(method=Method.OPEN_DAYS, visitors=1200, low=1200, high=1200, days=45, days_of_year=300)


@pytest.mark.parametrize(
    ("people", "days", "why"),
    [
        ({}, 200, NoForecast.NOBODY_YET),
        (year(2025, *SUMMERY), 200, NoForecast.NOBODY_YET),
        (year(2026, 100), 19, NoForecast.TOO_EARLY),
    ],
)
def test_no_forecast_has_a_reason(people: dict[str, int], days: int, why: NoForecast) -> None:
    assert forecast(so_far(date(2026, 2, 1), people, open_before=days, open_after=100)) is why


def test_forecast_is_never_below_those_who_came() -> None:
    made = forecast(so_far(date(2026, 7, 31), year(2025, *SUMMERY) | year(2026, 4, 0, 0, 0, 0, 0, 500)))
    assert isinstance(made, Forecast)
    assert made.visitors == made.low == made.high == 504


@pytest.mark.parametrize(
    ("visitors", "share", "reached"),
    [
        (29_990, 0.9996, "99.9%"),
        (29_999, 0.9999, "99.9%"),
        (30_000, 1, "100.0%"),
        (30_050, 1.0016, "100.1%"),
        (5, 0.0001, "<0.1%"),
        (0, 0, "0.0%"),
    ],
)
def test_goal_is_never_reached_by_rounding(app: Flask, visitors: int, share: float, reached: str) -> None:
    about = Forecast(method=Method.OPEN_DAYS, visitors=29_900, low=29_900, high=29_900, days=300, days_of_year=310)
    goal = Goal(year=2026, wanted=30_000, visitors=visitors, forecast=about, no_forecast=None)
    assert goal.share == share
    with force_locale("en"):
        first, second = goal_words.describe(goal)
    assert first.endswith(f"({reached}).")
    assert "about 29,900 people (99% of the goal)" in second


def test_goal_is_in_the_years_report_and_on_today(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    assert "goal" not in json.loads(client.get("/reports/2026.json").data)
    client.get("/reports/goals")
    refused = client.submit("/reports/goals", {"year": "1999", "visitors": "12000"})
    assert refused.status_code == 422
    assert 'value="12000"' in refused.text
    assert client.submit("/reports/goals", {"year": "2027", "visitors": "1.5万"}).status_code == 303
    assert client.submit("/reports/goals", {"year": "2026", "visitors": "12,000"}).status_code == 303
    told = json.loads(client.get("/reports/2026.json").data)
    came = told["totals"]["visitors"]
    assert told["goal"] | {"forecast": None, "no_forecast": None, "share": 0} == {
        "year": 2026,
        "visitors": 12000,
        "reached": came,
        "share": 0,
        "forecast": None,
        "no_forecast": None,
    }
    assert (told["goal"]["forecast"] is None) != (told["goal"]["no_forecast"] is None)
    assert "goal" not in json.loads(client.get("/reports/2026-11.json").data)
    words = f"Goal for 2026: 12,000 people. Received so far: {came} people"
    assert words in client.get("/reports/2026?lang=en").text
    assert words in client.get("/today?lang=en").text
    book = openpyxl.load_workbook(io.BytesIO(client.get("/reports/2026.xlsx?lang=en").data))
    assert any(words in str(cell.value) for row in book.worksheets[0] for cell in row)
    assert words in PdfReader(io.BytesIO(client.get("/reports/2026.pdf?lang=en").data)).pages[0].extract_text().replace(
        "\n", " "
    )
    page = re.sub(r"<[^>]+>|\s+", " ", client.get("/reports/goals?lang=en&year=2027").text)
    assert re.search(
        rf"2027 +15,000 people +– +– .* 2026 +12,000 people +{came} people +{came * 1000 // 12000 / 10:.1f}%", page
    )
    assert 'value="15000"' in client.get("/reports/goals?year=2027").text
    assert 'value="12000"' in client.get("/reports/goals?year=x").text
    assert client.submit("/reports/goals", {"year": "2026", "visitors": "0"}).status_code == 303
    assert "Goal for 2026" not in client.get("/today?lang=en").text
