"""The workbook: typed cells, no formula, native charts, a sheet to pivot; openpyxl reads it as it was written."""

import io
from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from hallapp.core.database import transaction
from hallapp.core.i18n import force_locale
from hallapp.ledger import history
from hallapp.origins.china import DIVISIONS
from hallapp.periods import SINCE_OPENING, Period, Span
from hallapp.reports.exports import data_sheet, to_xlsx
from hallapp.reports.figures.service import Report, get_report
from tests.reports import made
from tests.reports.conftest import Counter

NOVEMBER = Period.month(2026, 11)
CODES = {code for code in (*DIVISIONS, "430100") if code.isdigit()}


def opened(report: Report, language: str = "en") -> Workbook:
    with force_locale(language):
        return openpyxl.load_workbook(io.BytesIO(to_xlsx(report)))


def test_sheets_have_typed_cells_frozen_heads_and_charts(november: SimpleNamespace) -> None:
    report = get_report(november.hall, NOVEMBER)
    book = opened(report)
    assert book.sheetnames == [
        *("Summary", "Divisions", "Ranking", "Days", "Trend", "Weekday and hour", "Programmes"),
        *("Kinds of organisation", "Ways of booking", "Guides", "New and returning organisations", "Regions"),
        *("Languages of the tours", "Events", "Data"),
    ]
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows() if row[0].value}
    assert book["Summary"]["A1"].value == "Lingnan Exhibition Hall · November 2026"
    for name, number in {"People": 74, "Groups": 5, "Places booked": 40, "Overseas": 4, "October 2026": 10}.items():
        assert summary[name] == number, name
    assert [summary[f"Check: {what}"] for what in ("Sum of divisions", "Sum of days", "Arrival ledger")] == [74] * 3
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref
    guangdong = next(row for row in book["Divisions"].iter_rows(min_row=2) if row[0].value == "440000")
    assert [cell.data_type for cell in guangdong] == [*"ssnnnnns"]
    assert guangdong[4].number_format == "0.0%"
    day = book["Days"]["A11"]
    assert (day.value, day.is_date, day.number_format) == (datetime(2026, 11, 10), True, "yyyy-mm-dd")
    ranking = [[cell.value for cell in row] for row in book["Ranking"].iter_rows(max_row=2)]
    assert ranking == [["Rank", "Division", "People"], [1, "Guangdong", 38]]
    week = {row[0].value: [cell.value for cell in row[1:]] for row in book["Weekday and hour"].iter_rows(min_row=2)}
    assert week["09:00–10:00"] == [0, 33, 0, 0, 0, 0, 0]
    assert book["Weekday and hour"].conditional_formatting
    charted = [sheet.title for sheet in book.worksheets if sheet._charts]
    assert {"Ranking", "Days", "Trend", "Programmes", "Kinds of organisation"} <= set(charted)


def test_codes_are_texts_in_every_sheet(november: SimpleNamespace) -> None:
    with transaction():
        made = history.begin(november.hall.id, name="簿", digest="d" * 64, staff_id=november.manager.id)
        row = {"division": "430000", "prefecture": "430100", "programme_id": november.counter.tour.id, "kind": "school"}
        facts = {"span": Span.MONTH, "first": date(2026, 11, 1), "visitors": 9, "groups": 1}
        history.add_rows(made, [history.NewRow(**row, **facts, number=1)])
        history.count(made)
    book = opened(get_report(november.hall, NOVEMBER))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if str(cell.value) in CODES]
    assert {cell.parent.title for cell in cells} == {"Divisions", "Prefectures", "Data"}
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells if cell.parent.title != "Data"} == {"@"}


def test_data_sheet_can_be_pivoted(november: SimpleNamespace) -> None:
    book = opened(get_report(november.hall, NOVEMBER), "zh")
    data = book["数据"]
    head, *rows = [[cell.value for cell in row[:10]] for row in data.iter_rows()]
    assert head[:3] == ["日期", "年份", "月份"]
    assert sum(row[8] for row in rows) == 74
    assert all(isinstance(row[0], datetime) and row[1] == 2026 for row in rows)
    assert book.defined_names["pivot_data"].attr_text == f"'数据'!$A$1:$J${len(rows) + 1}"
    assert "pivot_data" in " ".join(str(cell.value) for cell in data["L"])


def test_long_data_sheet_ends_and_says_where_the_rest_is(
    november: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_sheet, "MOST_ROWS", 3)
    book = opened(get_report(november.hall, NOVEMBER))
    assert book["Data"].max_row == 4
    told = " ".join(str(cell.value) for cell in book["Data"]["L"])
    assert "This sheet contains the first 3 of 8 rows." in told
    assert any("This sheet contains the first 3" in str(row[0].value) for row in book["Summary"].iter_rows())


def test_months_of_a_year_are_dates_and_zero_is_not_compared(november: SimpleNamespace) -> None:
    book = opened(get_report(november.hall, Period.year(2026)))
    assert [cell.value.date() for cell in book["Months"]["A"][1:]] == [date(2026, n, 1) for n in range(1, 13)]
    compared = {row[0].value: [cell.value for cell in row[1:5]] for row in book["Summary"].iter_rows()}
    assert compared["2025"] == [0, 0, 91, "none before"]


@pytest.mark.parametrize("visitors", [0, 1, 10**7])
def test_workbook_of_no_one_and_many_rows(counter: Counter, visitors: int) -> None:
    many = [(f"=1+{n}" + "很长" * 60, f"+very long {n} " * 30) for n in range(40)]
    guides = [f"@{n}[]:*?/\\" for n in range(200)]
    for period in (NOVEMBER, SINCE_OPENING):
        report = made.report(
            period, visitors=visitors, programmes=many, guides=guides, compared=visitors > 1 and period == NOVEMBER
        )
        book = opened(replace(report, hall=counter.hall))
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
        assert book["Guides"].max_row == 202
