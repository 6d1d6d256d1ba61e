"""A facet is described once: a new description is all that figures, recount, page, drill-down and files need."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import fields
from datetime import date
from types import SimpleNamespace

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import String, case, literal

from hallapp.core.database import read_snapshot, transaction
from hallapp.core.i18n import force_locale
from hallapp.ledger.facet_parts import Words
from hallapp.ledger.facets import FACETS, Facet, Presentation, Section, list_choices, list_presented
from hallapp.ledger.models import Arrival
from hallapp.ledger.recount import recount
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports.drilldown import filters, ledger_rows, sums
from hallapp.reports.exports import Format, export
from hallapp.reports.figures import filing
from hallapp.reports.figures.parts import Figures
from hallapp.reports.figures.service import get_report
from hallapp.reports.pictures import charts
from tests.reports.test_closing import NOVEMBER, close, first_event, take_back
from tests.reports.test_drilldown import add_history
from tests.reports.test_pages import tables as tables_of_page

HALVES = Facet(
    name="half",
    of="Half",
    of_line=lambda line: "morning" if line.filing.week_hour % 24 < 12 else "afternoon",
    of_arrival=case((Arrival.week_hour % 24 < 12, "morning"), else_="afternoon"),
    of_import=literal("untold", String),
    parts=Words({"morning": "Before noon", "afternoon": "After noon", "untold": "Nobody wrote it down"}),
    presentation=Presentation(plural="halves", title="Halves of the day", caption="People by half of the day"),
)
#: November as `conftest.november` has it, with the imported rows of `add_history`.
NUMBERS = {"morning": (63, 3), "afternoon": (11, 2), "untold": (12, 4)}
SHARES = {"morning": 0.733, "afternoon": 0.128, "untold": 0.14}
NAMES = {"morning": "Before noon", "afternoon": "After noon", "untold": "Nobody wrote it down"}


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> Facet:
    monkeypatch.setitem(FACETS, HALVES.name, HALVES)
    return HALVES


@pytest.fixture
def month(halves: Facet, november: SimpleNamespace) -> SimpleNamespace:
    """November, counted with the new facet from the beginning."""
    add_history(november)
    return november


def differences(month: SimpleNamespace) -> list[tuple[str | None, str]]:
    read_snapshot()
    return [(one.facet, one.part) for one in recount(month.hall.id)]


@pytest.mark.either_database
def test_a_new_facet_adds_up_in_the_figures_of_every_period(month: SimpleNamespace) -> None:
    assert differences(month) == []
    report = get_report(month.hall, NOVEMBER)
    assert {one.code: (one.visitors, one.groups) for one in report.facets["half"]} == NUMBERS
    for name in ("2026-10", "2026-11", "2026-Q4", "2026", "2026-11-03..2026-12-01", "since-opening"):
        report = get_report(month.hall, Period.parse(name))
        assert sum(report.people_of("half").values()) == report.totals.visitors > 0, name
    take_back(month, first_event(month.hall.id, date(2026, 11, 11)))
    assert get_report(month.hall, NOVEMBER).people_of("half") == {"morning": 43, "afternoon": 11, "untold": 12}
    assert differences(month) == []


@pytest.mark.either_database
def test_a_recount_counts_what_came_before_the_facet(
    november: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_history(november)
    monkeypatch.setitem(FACETS, HALVES.name, HALVES)
    assert {facet for facet, _part in differences(november)} == {"half"}
    with transaction():
        recount(november.hall.id, repair=True)
    assert differences(november) == []
    report = get_report(november.hall, NOVEMBER)
    assert {one.code: (one.visitors, one.groups) for one in report.facets["half"]} == NUMBERS


def test_page_and_every_file_show_a_new_facet(month: SimpleNamespace, client: FlaskClient) -> None:
    report = get_report(month.hall, NOVEMBER)
    with force_locale("en"):
        files = {form: export(report, form) for form in Format}
    rows = [[code, NAMES[code], *NUMBERS[code], SHARES[code]] for code in NAMES]

    found = json.loads(files[Format.JSON])["halves"]
    assert [list(one.values()) for one in found] == rows
    assert list(found[0]) == ["code", "name", "visitors", "groups", "share"]

    lines = csv.reader(io.StringIO(files[Format.CSV].decode("utf-8-sig"), newline=""))
    told = [line[1:6] for line in lines if line[0] == "Halves of the day"]
    assert told == [[code, name, str(people), str(n), f"{share:.1%}"] for code, name, people, n, share in rows]

    book = openpyxl.load_workbook(io.BytesIO(files[Format.XLSX]))
    assert [list(row) for row in book["Halves of the day"].iter_rows(min_row=2, values_only=True)] == rows

    pages = pypdf.PdfReader(io.BytesIO(files[Format.PDF])).pages
    text = " ".join("\n".join(page.extract_text() for page in pages).split())
    for part in ("Halves of the day", "Before noon 63 73.3% 3", "After noon 11 12.8% 2", "Total 86 100%"):
        assert part in text, part

    client.sign_in(month.manager)
    page = client.get("/reports/2026-11?lang=en").text
    assert tables_of_page(page)["halves"] == [
        ["Half", "People", "Share", "Groups"],
        *([name, str(people), f"{share:.1%}", str(groups)] for _code, name, people, groups, share in rows),
        ["Total", "86", "100%", str(report.totals.groups)],
    ]
    links = re.findall(r'href="([^"]*[?&;]half=[a-z]+)"', page)
    assert len(links) == len(NAMES)
    rows_behind = client.get("/reports/2026-11/arrivals?half=morning&lang=en").text
    assert '<span class="quiet">Half</span> <strong>Before noon</strong>' in rows_behind
    assert client.get("/reports/2026-11/arrivals?half=night").status_code == 404


@pytest.mark.either_database
@pytest.mark.parametrize("closed", [False, True])
def test_rows_behind_a_new_facet_add_up_to_its_numbers(month: SimpleNamespace, closed: bool) -> None:
    if closed:
        close(month)
        take_back(month, first_event(month.hall.id, date(2026, 11, 11)))
    read_snapshot()
    late = Counter({"morning": -20 if closed else 0})
    for code, (people, _groups) in NUMBERS.items():
        wanted = filters.read(NOVEMBER, {"half": code}, month.hall.id)
        total = sums.of(month.hall, wanted)
        assert (total.figure, total.late, total.visitors) == (people, late[code], people + late[code]), code
        rows = ledger_rows.list_page(month.hall.id, wanted, close=total.close).rows
        assert sum(row.visitors for row in rows) == total.visitors
    months = ledger_rows.list_months(month.hall.id, filters.read(SINCE_OPENING, {"half": "afternoon"}, month.hall.id))
    assert {str(each): people for each, people in months} == {"2026-10": 10, "2026-11": 11}


def test_a_new_facet_is_filed_with_a_close_and_missing_in_older_ones(
    november: SimpleNamespace, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = close(november, Period.month(2026, 10))
    monkeypatch.setitem(FACETS, HALVES.name, HALVES)
    with transaction():
        recount(november.hall.id, repair=True)
    newer = close(november)
    assert newer.figures["halves"][0] == {"code": "morning", "visitors": 63, "groups": 3, "share": 0.851}
    assert filing.write(filing.read(newer.figures)) == newer.figures
    assert "halves" not in older.figures
    assert "half" not in filing.read(older.figures).facets
    client.sign_in(november.manager)
    assert "Halves of the day" in client.get("/reports/2026-11?lang=en").text
    for path in ("2026-10", "2026-10.json", "2026-10.csv", "2026-10.xlsx", "2026-10.pdf"):
        answer = client.get(f"/reports/{path}?lang=en")
        assert answer.status_code == 200, path
        assert b"Halves of the day" not in answer.data


def test_names_of_facets_do_not_collide() -> None:
    names = [field.name for field in fields(Figures)]
    plurals = [shown.plural for _facet, shown in list_presented()]
    assert len({*names, *plurals, "untimed"}) == len(names) + len(plurals) + 1
    arguments = [choice.name for choice in list_choices()]
    assert len({*arguments, "day", "after", "before", "lang", "period"}) == len(arguments) + 5
    for name, facet in FACETS.items():
        assert name == facet.name
        assert len(name) <= 20  # the column's length
        assert facet.of or not facet.parts
    pictured = {shown.plural for _facet, shown in list_presented() if shown.section is Section.PICTURED}
    assert pictured <= set(charts.Name)
