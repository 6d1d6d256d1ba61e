"""Every number of a report leads to the rows behind it, and they come to that number."""

import html
import re
from collections.abc import Iterator
from datetime import date, datetime
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import time_machine
from flask.testing import FlaskClient

from hallapp.accounts.roles import Role
from hallapp.core.database import read_snapshot, transaction
from hallapp.ledger import history
from hallapp.ledger.facets import FACETS
from hallapp.periods import SINCE_OPENING, Period, Span
from hallapp.reports.closing import month_close
from hallapp.reports.drilldown import filters, ledger_rows, sums
from hallapp.reports.drilldown.ledger_rows import Key
from hallapp.reports.errors import FigureUnknown
from hallapp.reports.figures import service as figures
from hallapp.reports.figures.service import Report
from tests import factories
from tests.reports.conftest import GUANGZHOU
from tests.reports.test_closing import NOVEMBER, close, first_event, take_back

ODD = (
    *("division=44", "day=2026-12-01", "day=x", "hour=168", "guide=0", "programme=x", "region=x", "after=1.2.3"),
    *("before=%00", "kind=%ED%B2%80", "weekday=%C2%B2", "after=2026-11-01.1.1.x", "hour=" + "9" * 5000),
)


def add_history(november: SimpleNamespace, count: int = 3) -> None:
    """Imported days of November with prefectures, and a total of the month."""
    with transaction():
        made = history.begin(november.hall.id, name="纸本 2026", digest="d" * 64, staff_id=november.manager.id)
        common = {"division": "440000", "programme_id": november.counter.tour.id, "kind": "party"}
        rows = [
            history.NewRow(
                number=number,
                span=Span.DAY,
                first=date(2026, 11, 1 + number % 20),
                prefecture="440100",
                organisation=number,
                visitors=number,
                groups=1,
                **common,
            )
            for number in range(1, count)
        ]
        total = history.NewRow(number=count, span=Span.MONTH, first=date(2026, 11, 1), visitors=9, groups=2, **common)
        history.add_rows(made, [*rows, total])
        history.count(made)


def numbers(report: Report) -> Iterator[tuple[dict[str, str], int]]:
    """Every number of people in a report, with the arguments of its link."""
    yield {}, report.totals.visitors
    for facet in FACETS.values():
        if facet.parts:
            people = report.people_of(facet.name)
            yield from (({facet.argument or facet.name: code}, number) for code, number in people.items())
        if facet.grouping:
            for group, codes in facet.grouping.codes_of(report.hall.id).items():
                yield {facet.grouping.name: group}, sum(people.get(code, 0) for code in codes)
    if report.period == NOVEMBER:
        yield from (({"day": one.first.isoformat()}, one.visitors) for one in report.parts)
        yield {"day": "unknown"}, report.undated.visitors


@pytest.mark.either_database
@pytest.mark.parametrize("closed", [False, True])
def test_rows_behind_each_number_add_up_to_it(november: SimpleNamespace, closed: bool) -> None:
    add_history(november)
    report = figures.get_report(november.hall, NOVEMBER)
    late = 0
    if closed:
        close(november)
        take_back(november, first_event(november.hall.id, date(2026, 11, 11)))
        late = -20
    read_snapshot()
    checked = 0
    for args, people in numbers(report):
        wanted = filters.read(NOVEMBER, args, november.hall.id)
        total = sums.of(november.hall, wanted)
        assert total.agrees and total.visitors - total.late == people, args
        rows = ledger_rows.list_page(november.hall.id, wanted, close=total.close).rows
        assert (sum(row.visitors for row in rows), len(rows)) == (total.visitors, total.rows), args
        assert sum(row.visitors for row in rows if row.late) == total.late, args
        if not args:
            assert total.late == late
        checked += people > 0
    assert checked > 20


@pytest.mark.either_database
def test_numbers_of_long_periods_lead_to_their_months(november: SimpleNamespace, client: FlaskClient) -> None:
    add_history(november)
    client.sign_in(november.manager)
    for period in (
        Period.parse("2026"),
        Period.parse("2026-Q4"),
        Period.parse("2026-09-15..2026-12-01"),
        SINCE_OPENING,
    ):
        report = figures.get_report(november.hall, period)
        for args, people in numbers(report):
            months = ledger_rows.list_months(november.hall.id, filters.read(period, args, november.hall.id))
            assert sum(count for _month, count in months) == people, (str(period), args)
        both = filters.read(period, {"division": "440000", "kind": "school"}, november.hall.id)
        assert sum(count for _month, count in ledger_rows.list_months(november.hall.id, both)) == 10 + 33 + 7
        page = client.get(f"/reports/{period}/arrivals?division=440000").text
        assert "/reports/2026-11/arrivals?division=440000" in page


def test_places_of_a_month_lead_to_its_days_and_its_bookings(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11").text
    open_places = re.search(r'href="/admin/calendar/2026-11">([\d,]+)<', page)
    assert open_places
    assert f'<span class="number">{open_places[1]}</span>' in client.get("/admin/calendar/2026-11").text
    assert 'href="/reports/2026-11/bookings">5<' in page
    assert "/admin/calendar/2026" not in client.get("/reports/2026").text


@pytest.mark.either_database
def test_page_shows_who_came_and_leads_on(november: SimpleNamespace, client: FlaskClient) -> None:
    add_history(november)
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11/arrivals").text
    for part in (
        "广州市越秀区东湖街老年大学",
        "某校",
        "纸本 2026",
        "−20",
        "/bookings/",
        "/reports/entries/",
        "/history/imports/1",
    ):
        assert part in page, part
    individuals = client.get("/reports/2026-11/arrivals?kind=individual").text
    assert "某校" not in individuals  # individuals stand under their own names
    day = client.get("/reports/2026-11/arrivals?day=2026-11-11&division=110000").text
    assert day.count("/reports/entries/") == 3
    assert client.get("/reports/2026-11/bookings").location == (
        "/bookings?from=2026-11-01&state=absent,arrived,confirmed,offered,requested&to=2026-11-30"
    )
    for args in ODD:
        assert client.get(f"/reports/2026-11/arrivals?{args}").status_code == 404, args
    assert client.get("/reports/2026-11/arrivals?source=&nothing=1").status_code == 200
    assert client.get("/reports/2031-11/arrivals").status_code == 404
    other = factories.make(factories.hall)
    client.sign_in(factories.make(factories.staff, hall=other, role=Role.MANAGER))
    assert "某校" not in client.get("/reports/2026-11/arrivals").text


@pytest.mark.either_database
def test_long_lists_are_read_page_by_page(november: SimpleNamespace, client: FlaskClient) -> None:
    add_history(november, 231)
    wanted = filters.read(NOVEMBER, {}, november.hall.id)
    total = sums.of(november.hall, wanted)
    pages = [ledger_rows.list_page(november.hall.id, wanted, close=None)]
    while pages[-1].after:
        pages.append(ledger_rows.list_page(november.hall.id, wanted, after=pages[-1].after, close=None))
    keys = [row.key for page in pages for row in page.rows]
    assert (len(keys), len(set(keys)), len(pages)) == (total.rows, total.rows, 3)
    assert sum(row.visitors for page in pages for row in page.rows) == total.visitors == 74 + sum(range(231)) + 9
    back = [pages[-1]]
    while back[-1].before:
        back.append(ledger_rows.list_page(november.hall.id, wanted, before=back[-1].before, close=None))
    assert [row.key for page in reversed(back) for row in page.rows] == keys
    assert [str(Key.read(str(key))) for key in keys] == [str(key) for key in keys]
    for odd in ("", "2026-11-01", "2026-13-01.0.1.440000", "2026-11-01.1.1.x", "2026-11-01.2.1.1"):
        with pytest.raises(FigureUnknown):
            Key.read(odd)
    client.sign_in(november.manager)
    first = client.get("/reports/2026-11/arrivals").text
    assert f"after={pages[0].after}" in first and "before=" not in first


def test_admission_is_taken_back_with_a_reason(
    november: SimpleNamespace, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    with transaction():
        month_close.close(november.hall.id, NOVEMBER, staff_id=november.manager.id)
    clock.move_to(datetime(2026, 12, 9, 9, tzinfo=GUANGZHOU))
    event_id = first_event(november.hall.id, date(2026, 11, 11))
    client.sign_in(november.manager)
    path = f"/reports/entries/{event_id}"
    page = client.get(path).text
    assert f"{path}/take-back" in page and "某校" in page
    for odd in ("", "x" * 201, "\x00"):
        refused = client.submit(f"{path}/take-back", {"reason": odd})
        assert (refused.status_code, "reason-error" in refused.text) == (422, True)
    assert client.submit(f"{path}/take-back", {"reason": "演练，不是观众"}).status_code == 303
    page = client.get(path).text
    assert "演练，不是观众" in page and f"{path}/take-back" not in page
    assert client.submit(f"{path}/take-back", {"reason": "again"}).status_code in (303, 409)
    late = client.get("/reports/2026-11/arrivals?division=110000").text
    assert "演练，不是观众" in late and "✗" not in late
    assert client.get("/reports/entries/7f2b6c1e-9d0a-4f5b-8c3d-2e1f0a9b8c7d").status_code == 404


def test_each_number_of_a_report_is_a_link(november: SimpleNamespace, client: FlaskClient) -> None:
    add_history(november)
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11").text
    links = {html.unescape(link) for link in re.findall(r'href="(/reports/[^"]+/(?:arrivals|bookings)[^"]*)"', page)}
    report = figures.get_report(november.hall, NOVEMBER)
    for args, people in numbers(report):
        wanted = f"/reports/2026-11/arrivals{'?' if args else ''}{urlencode(args)}"
        skipped = "weekday" in args or "unknown" in args.values()
        assert not people or skipped or wanted in links, wanted
    assert "/reports/2026-11/bookings" in links
    for link in sorted(links):
        assert client.get(link).status_code == (303 if link.endswith("/bookings") else 200), link
    year = client.get("/reports/2026").text
    assert 'href="/reports/2026-11/arrivals"' in year and 'href="/reports/2026/arrivals?division=440000"' in year


@pytest.mark.either_database
def test_months_total_is_in_no_range_that_ends_within_the_month(november: SimpleNamespace) -> None:
    add_history(november)
    for days, undated in (("2026-11-01..2026-11-10", 0), ("2026-11-01..2026-11-30", 9), ("2026-10-30..2026-12-01", 9)):
        report = figures.get_report(november.hall, Period.parse(days))
        total = sums.of(november.hall, filters.read(report.period, {}, november.hall.id))
        assert report.check.agrees and total.agrees, days
        assert report.undated.visitors == undated
        assert (
            sums.of(november.hall, filters.read(report.period, {"day": "unknown"}, november.hall.id)).visitors
            == undated
        )
