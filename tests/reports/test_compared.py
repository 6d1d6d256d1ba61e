"""A closed month is compared with as it was signed, and what came after its close is told beside it."""

import csv
import io
from datetime import date
from types import SimpleNamespace

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient

from hallapp.core.database import transaction
from hallapp.periods import Period
from hallapp.reports.closing import month_close
from hallapp.reports.figures.parts import Signed, Sum
from hallapp.reports.figures.service import get_report
from tests.reports.conftest import Counter

OCTOBER, NOVEMBER = Period.month(2026, 10), Period.month(2026, 11)


def close(counter: Counter, month: Period) -> None:
    with transaction():
        month_close.close(counter.hall.id, month, staff_id=counter.manager.id)


@pytest.fixture
def signed(november: SimpleNamespace) -> Counter:
    """October is closed with 10 people, and 25 more are told late."""
    counter: Counter = november.counter
    close(counter, OCTOBER)
    counter.walk_in("2026-10-31T23:30", {"440000": 25})  # in the last hour, which a clock may mistake
    counter._at("2026-12-01T12:00")
    return counter


@pytest.mark.either_database
def test_month_before_is_what_was_signed(signed: Counter) -> None:
    report = get_report(signed.hall, NOVEMBER)
    assert (report.previous, report.previous_signed) == (Sum(10, 1), Signed(adjustments=1, visitors=25))
    assert {one.code: one.before for one in report.divisions if one.before} == {"440000": 10}
    assert get_report(signed.hall, Period.year(2026)).totals.visitors == 10 + 25 + 74 + 7


def test_open_month_is_what_the_ledger_has(signed: Counter) -> None:
    with transaction():
        month_close.reopen(signed.hall.id, OCTOBER, reason="补录", staff_id=signed.manager.id)
    report = get_report(signed.hall, NOVEMBER)
    assert (report.previous, report.previous_signed) == (Sum(35, 2), None)


@pytest.mark.either_database
def test_same_month_a_year_before_is_what_was_signed(counter: Counter) -> None:
    counter.walk_in("2025-11-03T10:00", {"440000": 12})
    counter.walk_in("2026-11-03T10:00", {"440000": 30})
    counter._at("2026-12-01T12:00")
    close(counter, Period.month(2025, 11))
    counter.walk_in("2025-11-30T23:30", {"430000": 4})
    counter._at("2026-12-01T12:00")
    report = get_report(counter.hall, NOVEMBER)
    assert (report.last_year, report.last_year_signed) == (Sum(12, 1), Signed(adjustments=1, visitors=4))
    assert {one.code: one.last_year for one in report.divisions if one.last_year} == {"440000": 12}
    assert report.previous_signed is None


def test_adjustments_are_shown_on_the_page_and_in_every_file(signed: Counter, client: FlaskClient) -> None:
    client.sign_in(signed.manager)
    page = client.get("/reports/2026-11?lang=en").text
    assert "64 people more than in October 2026" in page
    assert "as signed; 1 adjustment since, +25 people" in page
    note = "October 2026 is compared as it was signed: 1 adjustment since, +25 people."
    assert note in page
    body = client.get("/reports/2026-11.json?lang=en").json
    assert body["previous"] == {
        "month": "2026-10",
        "visitors": 10,
        "groups": 1,
        "signed": True,
        "adjusted_since": 25,
        "adjustments_since": 1,
    }
    assert note in body["notes"]
    pdf = pypdf.PdfReader(io.BytesIO(client.get("/reports/2026-11.pdf?lang=en").data))
    assert note in " ".join(" ".join(each.extract_text() for each in pdf.pages).split())
    book = openpyxl.load_workbook(io.BytesIO(client.get("/reports/2026-11.xlsx?lang=en").data))
    assert note in [row[0].value for row in book["Summary"].iter_rows()]
    text = client.get("/reports/2026-11.csv?lang=en").data.decode("utf-8-sig")
    total = next(row for row in csv.reader(io.StringIO(text)) if row[0] == "Total")
    assert total[6] == "10"
    assert "归档签发的数据" in client.get("/reports/2026-11?lang=zh").text


def test_compared_figures_are_filed_too(signed: Counter) -> None:
    close(signed, NOVEMBER)
    signed.walk_in("2026-10-30T10:00", {"440000": 1})
    signed._at("2026-12-02T12:00")
    report = get_report(signed.hall, NOVEMBER)
    assert report.closed
    assert (report.previous, report.previous_signed) == (Sum(10, 1), Signed(adjustments=1, visitors=25))


@pytest.mark.parametrize(
    ("days", "before"),
    [
        (("2018-06-29", "2019-06-28"), "2017-06-29..2018-06-28"),  # a year: a year before ends on the day before it
        (("2018-06-29", "2019-06-29"), None),
        (("2017-06-29", "2018-12-31"), None),
    ],
)
def test_period_is_never_compared_with_its_own_days(
    counter: Counter, days: tuple[str, str], before: str | None
) -> None:
    counter.walk_in("2017-07-03T10:00", {"440000": 12})
    counter._at("2026-12-01T12:00")
    period = Period.days(*map(date.fromisoformat, days))
    report = get_report(counter.hall, period)
    assert (report.last_year, str(period.year_before())) == (Sum(12, 1), before) if before else not report.last_year
    assert all(one.last_year is None for one in report.divisions) is not bool(before)


@pytest.mark.parametrize("name", ["2017-07", "2018", "2018-06", "2017-07-10..2017-08-20", "2017-Q3"])
def test_period_that_begins_before_the_opening_is_compared_with_a_warning(
    counter: Counter, client: FlaskClient, name: str
) -> None:
    counter.walk_in("2017-06-30T10:00", {"440000": 12})
    counter.walk_in("2017-08-03T10:00", {"440000": 40})
    counter.walk_in("2018-06-03T10:00", {"440000": 40})
    counter._at("2026-12-01T12:00")
    client.sign_in(counter.manager)
    body = client.get(f"/reports/{name}.json?lang=en").json
    compared = [one for one in (body["previous"], body["last_year"]) if one]
    assert compared
    warned = [note for note in body["notes"] if note.startswith("The hall was not open for all of ")]
    assert len(warned) == 1
    assert warned[0].endswith(": it opened on 29 June 2017.")
    if name != "2018-06":
        assert warned[0] in body["sentence"]
    assert "展馆于2017年6月29日开馆，" in client.get(f"/reports/{name}?lang=zh").text


def test_period_since_the_opening_is_compared_without_a_warning(signed: Counter, client: FlaskClient) -> None:
    client.sign_in(signed.manager)
    assert "The hall was not open" not in client.get("/reports/2026-11?lang=en").text
