"""The files for publication: what they hold, what they leave out, and what is refused."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from hallapp.reports.exports.open_data import OpenFormat, open_data, to_file
from hallapp.reports.figures import Report
from hallapp.reports.parts import Sum
from hallapp.reports.periods import Period
from tests.reports import golden_pages, made

NOVEMBER = Period.month(2026, 11)
TABLES = ("divisions", "times", "kinds", "programmes")


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return golden_pages.wordy_app(tmp_path_factory.mktemp("wordy"))


@pytest.fixture
def english(wordy: Flask) -> Iterator[None]:
    with wordy.app_context(), force_locale("en"), time_machine.travel(golden_pages.NOW, tick=False):
        yield


def as_json(report: Report, least: int = 5) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(to_file(report, OpenFormat.JSON, least=least))
    return body


@pytest.mark.usefixtures("english")
def test_tables_add_up_with_what_they_withhold() -> None:
    report = made.report(NOVEMBER, closed=True)
    body = as_json(report)
    assert (body["visitors"], body["least"], body["withheld"]) == (3_412, 5, False)
    true = {figure.division.code: figure.visitors for figure in report.divisions}
    for table in TABLES:
        shown = sum(cell["visitors"] or 0 for cell in body[table])
        withheld = [cell for cell in body[table] if cell["withheld"]]
        assert all(cell["visitors"] is None for cell in withheld)
        assert shown == 3_412 if not withheld else 0 < shown < 3_412
        assert len(withheld) != 1
    for cell in body["divisions"]:
        code = f"{cell['code']}"
        assert cell["withheld"] or cell["visitors"] == true[code]
        assert cell["withheld"] or cell["visitors"] == 0 or cell["visitors"] >= 5
    assert any(cell["withheld"] for cell in body["divisions"])


@pytest.mark.usefixtures("english")
def test_no_guide_organisation_hour_or_digest_is_in_any_file() -> None:
    report = made.report(NOVEMBER, closed=True, guides=["A guide whose name stands nowhere"])
    for form in OpenFormat:
        text = to_file(report, form).decode("utf-8-sig")
        for word in ("stands nowhere", made.DIGEST, "09:00", "First visit", "Ways of booking"):
            assert word not in text
        for word in (
            "Lingnan Exhibition Hall",
            "020-8123 4567",
            "Numbers of 1 to 4 people are withheld",
            "Free to use",
        ):
            assert word in text


@pytest.mark.usefixtures("english")
def test_csv_is_one_plain_table_of_the_same() -> None:
    report = made.report(NOVEMBER, facts={"name_en": "=1+1"})
    rows = list(csv.reader(io.StringIO(to_file(report, OpenFormat.CSV).decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {5}
    assert rows[0] == ["Table", "Code", "Name", "People", "Mark"]
    assert rows[1] == ["Total", "2026-11", "November 2026", "3412", ""]
    cells = [cell for table in TABLES for cell in as_json(report)[table]]
    for row, cell in zip(rows[2:], cells, strict=False):
        number = "" if cell["withheld"] else str(cell["visitors"])
        assert row[1:] == [cell["code"], cell["name"], number, "withheld" if cell["withheld"] else ""]
    assert ["Publisher", "", "'=1+1", "", ""] in rows


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("visitors", [0, 1, 9])
def test_of_very_few_everything_is_withheld(visitors: int) -> None:
    data = open_data(made.report(NOVEMBER, visitors=visitors))
    assert data.whole is None
    assert {cell.visitors for table in data.tables for cell in table.cells} == {None}


@pytest.mark.usefixtures("english")
def test_table_that_does_not_add_up_is_withheld() -> None:
    report = made.report(NOVEMBER)
    assert [cell.visitors for cell in open_data(replace(report, undated=Sum(7, 1))).tables[1].cells] == [None] * 31


def test_manager_takes_the_files_of_periods_that_are_over(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    answer = client.get("/reports/2026-11/open.json?lang=en&least=3")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=lingnan-2026-11-open.json"
    assert (answer.json["visitors"], answer.json["period"]) == (74, "2026-11")
    opening = client.get("/reports/since-opening/open.json")
    assert opening.json["visitors"] == 84, "December runs"
    assert client.get("/reports/2026-Q3/open.csv").content_type == "text/csv; charset=utf-8"
    for period in ("2026-12", "2026", "2026-11-01..2026-11-29"):
        refused = client.get(f"/reports/{period}/open.csv?lang=en")
        assert refused.status_code == 409
        assert "Open data is made of a month" in refused.text
    for least in ("2", "51", "x", "", "²", "-5", "9" * 5000, "5%00", "٥"):
        refused = client.get(f"/reports/2026-11/open.csv?lang=en&least={least}")
        assert refused.status_code == 422, least
        assert "whole number from 3 to 50" in refused.text
