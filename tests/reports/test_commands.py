"""The commands: the report as a file, and the recount."""

import io
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, update

from hallapp.core.database import transaction
from hallapp.ledger.facets import KIND
from hallapp.ledger.models import DivisionSummary, Figure
from hallapp.periods import Span
from tests.reports.conftest import Counter


def test_month_goes_to_a_file_in_each_format(november: SimpleNamespace, app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    for form, start in (("csv", b"\xef\xbb\xbf"), ("json", b"{"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        file = tmp_path / f"month.{form}"
        result = run(args=["reports", "month", "2026-11", "--format", form, "-o", str(file)])
        assert (result.exit_code, result.output) == (0, "")
        assert file.read_bytes().startswith(start)
    assert json.loads((tmp_path / "month.json").read_bytes())["totals"]["visitors"] == 74
    assert openpyxl.load_workbook(io.BytesIO((tmp_path / "month.xlsx").read_bytes())).sheetnames[0] == "汇总"


def test_month_goes_to_standard_output_as_csv(november: SimpleNamespace, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["reports", "month", "2026-11", "--language", "en"])
    assert result.exit_code == 0
    assert "\r\nDivisions,440000,Guangdong,38,2,51.4%,10,0\r\n" in result.stdout_bytes.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["2026-13"], "There is no period “2026-13”."),
        (["november"], "There is no period “november”."),
        (["2027-01"], "2027-01 has not begun yet."),
        (["2017-05"], "The hall opened on 2017-06-29: there is no report for 2017-05."),
        (["2026-11", "--hall", "nowhere"], "there is no hall named nowhere"),
        (["2026-11", "--format", "doc"], "'doc' is not one of"),
    ],
)
def test_wrong_month_is_one_line_and_no_file(
    counter: Counter, app: Flask, tmp_path: Path, args: list[str], message: str
) -> None:
    file = tmp_path / "kept.csv"
    file.write_text("the file of before")
    result = app.test_cli_runner().invoke(args=["reports", "month", *args, "-o", str(file)])
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert file.read_text() == "the file of before"


def test_hall_must_be_named_where_there_are_several(
    november: SimpleNamespace, app: Flask, clock: time_machine.Traveller
) -> None:
    Counter(clock, slug="other")
    run = app.test_cli_runner().invoke
    result = run(args=["reports", "month", "2026-11"])
    assert (result.exit_code, result.stderr) == (1, "Error: say which hall by --hall: lingnan, other\n")
    result = run(args=["reports", "month", "2026-11", "--hall", "other", "--format", "json"])
    assert json.loads(result.stdout)["totals"]["visitors"] == 0


def test_recount_finds_nothing_where_nothing_is_wrong(november: SimpleNamespace, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["reports", "recount"])
    assert (result.exit_code, result.output) == (0, "lingnan: 0 differences\n")


def test_recount_names_differences_and_repairs_them(november: SimpleNamespace, app: Flask) -> None:
    tour = november.counter.tour.id
    with transaction() as session:
        session.execute(
            update(Figure)
            .where(Figure.first == date(2026, 11, 11), Figure.span == Span.DAY, Figure.facet == KIND)
            .values(visitors=21)
        )
        session.execute(delete(DivisionSummary).where(DivisionSummary.division == "820000"))
    run = app.test_cli_runner().invoke
    result = run(args=["reports", "recount"])
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "lingnan year 2026-01-01 kind party: ledger 21 people in 1 groups, figures 20 in 1",
        "lingnan month 2026-11-01 kind party: ledger 21 people in 1 groups, figures 20 in 1",
        "lingnan day 2026-11-11 kind party: ledger 20 people in 1 groups, figures 21 in 1",
        f"lingnan day 2026-11-30 cell 820000 {tour} union: ledger 6 people in 1 groups, figures 0 in 0",
        "lingnan: 4 differences",
    ]
    assert result.stderr == "Error: the figures differ from the ledger; run again with --repair to put them right\n"
    result = run(args=["reports", "recount", "--repair", "--hall", "lingnan"])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "lingnan: 2 differences put right"
    result = run(args=["reports", "recount"])
    assert (result.exit_code, result.output) == (0, "lingnan: 0 differences\n")
