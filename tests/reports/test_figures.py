"""The figures of a period: exact, whole, from one state of the database, at a cost that history does not change."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from hallapp.core.database import db, transaction
from hallapp.kinds.standard import FIRST
from hallapp.ledger.facets import ALL, DIVISION, KIND, PROGRAMME
from hallapp.ledger.models import Arrival, DeskEvent, Figure
from hallapp.origins.china import DIVISIONS
from hallapp.periods import SINCE_OPENING, Period, PeriodUnknown, Span
from hallapp.reports.closing import month_close
from hallapp.reports.errors import PeriodBeforeOpening, PeriodNotBegun
from hallapp.reports.figures import queries
from hallapp.reports.figures.parts import Check, PartFigure, Sum, Totals, share
from hallapp.reports.figures.service import get_history, get_report
from tests.reports.conftest import GUANGZHOU, NOW, Counter

NOVEMBER = Period.month(2026, 11)


def found(rows: tuple, key: str) -> dict:
    return {getattr(row, key): (row.visitors, row.groups) for row in rows if row.visitors}


def test_month_counts_who_arrived(november: SimpleNamespace) -> None:
    report = get_report(november.hall, NOVEMBER)
    assert report.totals == Totals(
        visitors=74, groups=5, booked_visitors=40, absent_visitors=5, capacity=100, divisions=4
    )
    assert report.previous == Sum(10, 1)
    assert not report.running
    assert not report.closed


@pytest.mark.either_database
def test_mixed_group_counts_once_in_total_and_once_in_each_division(november: SimpleNamespace) -> None:
    divisions = {f.code: (f.visitors, f.groups) for f in get_report(november.hall, NOVEMBER).divisions}
    assert {code: pair for code, pair in divisions.items() if pair != (0, 0)} == {
        "110000": (20, 1),
        "430000": (5, 2),
        "440000": (38, 2),
        "820000": (6, 1),
        "overseas": (4, 1),
        "unknown": (1, 1),
    }
    assert list(divisions) == list(DIVISIONS)
    assert len(divisions) == 36
    assert list(divisions)[-2:] == ["overseas", "unknown"]
    assert list(divisions)[:-2] == sorted(list(divisions)[:-2])


@pytest.mark.either_database
def test_days_programmes_and_kinds_are_exact(november: SimpleNamespace) -> None:
    report = get_report(november.hall, NOVEMBER)
    assert [part.first for part in report.parts] == [date(2026, 11, day) for day in range(1, 31)]
    assert found(report.parts, "first") == {
        date(2026, 11, 1): (8, 1),
        date(2026, 11, 10): (40, 2),
        date(2026, 11, 11): (20, 1),
        date(2026, 11, 30): (6, 1),
    }
    assert [(f.code, f.visitors, f.groups) for f in report.facets[PROGRAMME]] == [
        ("guided-tour", 69, 4),
        ("self-guided", 5, 1),
    ]
    assert [f.code for f in report.facets[KIND]] == list(FIRST)
    assert found(report.facets[KIND], "code") == {
        "party": (20, 1),
        "union": (6, 1),
        "company": (8, 1),
        "school": (35, 1),
        "individual": (5, 1),
    }


@pytest.mark.either_database
def test_sums_of_divisions_and_days_are_the_ledger(november: SimpleNamespace) -> None:
    for period in (NOVEMBER, Period.month(2026, 10), Period.month(2026, 12), Period.year(2026), SINCE_OPENING):
        report = get_report(november.hall, period)
        assert report.check == Check(
            divisions=report.totals.visitors, parts=report.totals.visitors, ledger=report.totals.visitors
        )
        assert report.check.agrees
        for rows in (report.divisions, report.parts, report.facets[PROGRAMME], report.facets[KIND]):
            assert sum(row.visitors for row in rows) == report.totals.visitors


@pytest.mark.either_database
@pytest.mark.parametrize(("span", "facet"), [(Span.MONTH, DIVISION), (Span.DAY, ALL)])
def test_check_finds_a_figure_that_is_wrong(november: SimpleNamespace, span: Span, facet: str) -> None:
    first = date(2026, 11, 30) if span is Span.DAY else date(2026, 11, 1)
    wrong = (Figure.span == span, Figure.facet == facet, Figure.first == first, Figure.part.in_(["", "820000"]))
    with transaction() as session:
        session.execute(update(Figure).where(*wrong).values(visitors=Figure.visitors + 1))
    check = get_report(november.hall, NOVEMBER).check
    assert not check.agrees
    assert check.ledger == 74
    assert {check.divisions, check.parts} == {74, 75}


@pytest.mark.either_database
def test_month_edges_are_the_hall_s_midnight(november: SimpleNamespace) -> None:
    october, december = (get_report(november.hall, Period.month(2026, n)) for n in (10, 12))
    assert found(october.parts, "first") == {date(2026, 10, 31): (10, 1)}
    assert found(december.parts, "first") == {date(2026, 12, 1): (7, 1)}
    assert (october.running, december.running) == (False, True)


@pytest.mark.either_database
def test_year_and_since_opening_add_up_the_same_arrivals(november: SimpleNamespace) -> None:
    year = get_report(november.hall, Period.year(2026))
    assert [part.first.month for part in year.parts] == list(range(1, 13))
    assert found(year.parts, "first") == {
        date(2026, 10, 1): (10, 1),
        date(2026, 11, 1): (74, 5),
        date(2026, 12, 1): (7, 1),
    }
    opening = get_report(november.hall, SINCE_OPENING)
    assert [part.first.year for part in opening.parts] == list(range(2017, 2027))
    assert found(opening.parts, "first") == {date(2026, 1, 1): (91, 7)}
    assert opening.totals.visitors == 91
    assert opening.previous is None
    assert year.previous == Sum(0, 0)


@pytest.mark.either_database
def test_history_has_each_month_since_the_opening(november: SimpleNamespace) -> None:
    history = get_history(november.hall)
    assert history.totals == Sum(91, 7)
    assert history.divisions == 4
    assert [year.first.year for year, _ in history.years] == list(range(2026, 2016, -1))
    (_, months), (_, first_months) = history.years[0], history.years[-1]
    assert [part.visitors for part in months if part] == [0] * 9 + [10, 74, 7]
    assert first_months[:5] == (None,) * 5  # before June 2017
    assert first_months[5] == PartFigure(first=date(2017, 6, 1), visitors=0, groups=0)
    assert history.empty_years == [str(year) for year in range(2025, 2016, -1)]


def test_figures_of_halls_are_separate(november: SimpleNamespace, clock: time_machine.Traveller) -> None:
    other = Counter(clock, slug="other")
    other.walk_in("2026-11-10T09:00", {"650000": 29})
    assert get_report(november.hall, NOVEMBER).totals.visitors == 74
    theirs = get_report(other.hall, NOVEMBER)
    assert (theirs.totals.visitors, theirs.check.ledger, theirs.totals.booked_visitors) == (29, 29, 0)


def test_programme_given_up_stays_in_the_months_in_which_it_ran(november: SimpleNamespace) -> None:
    with transaction():
        november.counter.alone.active = False
    slugs = [f.code for f in get_report(november.hall, NOVEMBER).facets[PROGRAMME]]
    assert slugs == ["guided-tour", "self-guided"]
    slugs = [f.code for f in get_report(november.hall, Period.month(2026, 9)).facets[PROGRAMME]]
    assert slugs == ["guided-tour"]


def test_first_month_has_nothing_before_it(counter: Counter) -> None:
    assert get_report(counter.hall, Period.month(2017, 6)).previous is None
    assert get_report(counter.hall, Period.month(2017, 7)).previous == Sum(0, 0)
    assert get_report(counter.hall, Period.year(2017)).previous is None


def test_periods_without_report_are_refused(counter: Counter) -> None:
    with pytest.raises(PeriodBeforeOpening):
        get_report(counter.hall, Period.month(2017, 5))
    with pytest.raises(PeriodNotBegun):
        get_report(counter.hall, Period.month(2027, 1))


@pytest.mark.parametrize("opened_on", [date(2026, 11, 1), date(2026, 12, 1), date(2027, 2, 1)])
def test_people_who_came_before_the_opening_day_are_in_a_report(november: SimpleNamespace, opened_on: date) -> None:
    since = get_report(november.hall, SINCE_OPENING).totals.visitors
    with transaction():
        november.hall.opened_on = opened_on
    assert get_report(november.hall, Period.month(2026, 10)).totals.visitors == 10
    assert get_report(november.hall, NOVEMBER).totals.visitors == 74
    with pytest.raises(PeriodBeforeOpening):
        get_report(november.hall, Period.month(2026, 9))
    months = [month for _year, parts in get_history(november.hall).years for month in parts if month]
    assert sum(month.visitors for month in months) == get_report(november.hall, SINCE_OPENING).totals.visitors == since


def test_people_who_came_before_the_opening_day_are_compared_with(
    november: SimpleNamespace, client: FlaskClient
) -> None:
    """The desk may admit people before the opening: on trial days, or to the ceremony."""
    assert get_report(november.hall, NOVEMBER).previous == Sum(10, 1)
    with transaction():
        november.hall.opened_on = date(2026, 11, 1)
    report = get_report(november.hall, NOVEMBER)
    assert report.previous == Sum(10, 1)
    client.sign_in(november.counter.manager)
    page = client.get("/reports/2026-11?lang=en").text
    assert "nothing earlier to compare with" not in page
    assert "The hall was not open for all of October 2026" in page
    assert 'href="/reports/2026-10"' in page
    for shown in (client.get(path).text for path in ("/reports?lang=en", "/reports/since-opening?lang=en")):
        assert "Since the opening on 1 November 2026, and in the time before it, " in shown
    assert get_report(november.hall, Period.month(2026, 10)).previous is None
    to_close = month_close.list_open(november.hall, date(2026, 12, 1))
    assert [str(month) for month in to_close] == ["2026-10", "2026-11"]


def test_month_begins_at_the_hall_s_midnight(counter: Counter, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2026, 12, 31, 23, 59, tzinfo=GUANGZHOU))
    with pytest.raises(PeriodNotBegun):
        get_report(counter.hall, Period.month(2027, 1))
    clock.move_to(datetime(2027, 1, 1, 0, 0, tzinfo=GUANGZHOU))
    assert get_report(counter.hall, Period.month(2027, 1)).running


@pytest.mark.parametrize(
    "name",
    [
        "2026-13",
        "2026-00",
        "2026-1",
        "26-11",
        "abc",
        "",
        "2026-Q5",
        "2026-11-31",
        "2026-11-02..2026-11-01",
        "0000",
        "0000-01",
        "9999-12",
        "9999",
        "２０２６",
    ],
)
def test_invalid_period_names_are_refused(name: str) -> None:
    with pytest.raises(PeriodUnknown):
        Period.parse(name)


def test_period_names_round_trip() -> None:
    assert [str(Period.parse(name)) for name in ("2026-11", "2026", "2024-02")] == ["2026-11", "2026", "2024-02"]
    assert Period.parse("2024-02").end == date(2024, 3, 1)
    assert Period.month(2026, 1).previous() == Period.month(2025, 12)
    assert Period.month(2026, 12).following() == Period.month(2027, 1)
    assert Period.year(2026).previous() == Period.year(2025)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 0, 0.0), (1, 8, 0.125), (1, 2000, 0.001), (1, 2001, 0.0), (2, 3, 0.667), (5, 5, 1.0)],
)
def test_share_is_rounded_once_halves_up(part: int, whole: int, expected: float) -> None:
    assert share(part, whole) == expected


@pytest.mark.both_databases
def test_report_is_of_one_state_of_the_database(november: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """An arrival that is committed between two of its queries is in none of them."""
    sum_places = queries.sum_places

    def arrive_meanwhile(hall_id: int, period: Period) -> queries.PlacesSum:
        with db.engine.connect().execution_options(hallapp_write=True) as other, other.begin():
            row = {"hall_id": hall_id, "event_id": "0" * 32, "kind": "admit", "staff_id": november.counter.staff.id}
            owner = other.execute(select(DeskEvent.walk_in_id).where(DeskEvent.walk_in_id.is_not(None))).scalar()
            times = {"day": date(2026, 11, 11), "occurred_at": NOW}
            values = {**row, **times, "received_at": times["occurred_at"], "walk_in_id": owner}
            number = other.execute(insert(DeskEvent).values(values)).inserted_primary_key[0]
            line = {"hall_id": hall_id, "day": date(2026, 11, 11), "programme_id": november.counter.tour.id}
            line |= {"event_id": number, "division": "440000", "kind": "school", "visitors": 5}
            line |= {"source": "walk_in", "week_hour": 33}
            other.execute(insert(Arrival).values(line))
        return sum_places(hall_id, period)

    monkeypatch.setattr(queries, "sum_places", arrive_meanwhile)
    assert get_report(november.hall, NOVEMBER).check.agrees
    monkeypatch.undo()
    assert get_report(november.hall, NOVEMBER).check.ledger == 79
