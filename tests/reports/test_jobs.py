"""Long exports: what is in them, who may have them, and that what is in memory does not grow with them."""

import csv
import io
import json
import re
import sys
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.jobs import runner, service
from hallapp.jobs.models import DEAD_AFTER, KEPT, Job
from hallapp.jobs.service import NewJob
from hallapp.kinds.standard import FIRST
from hallapp.ledger import history
from hallapp.ledger.models import DivisionSummary
from hallapp.origins.china import DIVISIONS
from hallapp.periods import Span
from hallapp.reports.exports import Format
from hallapp.reports.lists import sheets, streams
from hallapp.reports.lists.jobs import EXPORT
from hallapp.reports.lists.streams import Stream, Type
from hallapp.tasks import service as tasks
from tests import factories, warm

ALL_DAYS = {"from": "2017-06-29", "to": "2026-12-01"}


@pytest.fixture
def manager(november: SimpleNamespace, client: FlaskClient) -> FlaskClient:
    """The manager of the hall whose November is known."""
    client.sign_in(november.manager)
    client.get("/reports/exports")
    return client


def ask(manager: FlaskClient, **fields: str) -> Job:
    """Ask for a file and let it be written; gives its job."""
    answer = manager.submit("/reports/exports", {"what": "data", "form": "csv", **ALL_DAYS, **fields})
    assert answer.status_code == 303, answer.text
    runner.run()
    return db.session.query(Job).order_by(Job.id.desc()).first()  # type: ignore[return-value]


def rows_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_data_sheet_has_every_cell_typed_and_adds_up(manager: FlaskClient, november: SimpleNamespace) -> None:
    job = ask(manager, form="xlsx")
    answer = manager.get(f"/reports/exports/{job.id}/file")
    assert "lingnan-data-2017-06-29-2026-12-01.xlsx" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    heading, *rows = sheet.iter_rows(values_only=True)
    assert heading[:4] == ("日期", "年份", "月份", "行政区代码")
    assert rows[0] == (datetime(2026, 10, 31), 2026, 10, "440000", "CN-GD", "广东", "讲解参观", "学校", 10, 1)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert sum(row[8] for row in rows if row[:3][1:] == (2026, 11)) == 74
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:J{len(rows) + 1}")
    assert job.result == {"rows": len(rows)}


def test_arrivals_behind_a_figure(manager: FlaskClient, november: SimpleNamespace) -> None:
    job = ask(manager, what="arrivals", division="440000", **{"from": "2026-11-01", "to": "2026-11-30"})
    heading, *rows = rows_of(manager.get(f"/reports/exports/{job.id}/file").data)
    assert (len(heading), heading[:2], heading[5]) == (16, ["日期", "时间"], "行政区代码")
    assert [row[:3] + row[5:6] + row[12:14] for row in rows] == [
        ["2026-11-01", "00:30:00", "已入馆", "440000", "5", "0"],
        ["2026-11-10", "09:40:00", "已入馆", "440000", "31", "0"],
        ["2026-11-10", "10:40:00", "已入馆", "440000", "2", "0"],
    ]
    assert rows[1][4] == "广州市越秀区东湖街老年大学"
    assert rows[0][10] != rows[1][10] == rows[2][10] == "网上预约"
    taken = rows_of(manager.get(f"/reports/exports/{ask(manager, what='arrivals', kind='party').id}/file").data)[1:]
    assert [(row[2], row[12]) for row in taken] == [("已入馆", "20"), ("已入馆", "20"), ("已撤销", "-20")]
    people = rows_of(manager.get(f"/reports/exports/{ask(manager, what='arrivals', kind='individual').id}/file").data)
    assert {row[4] for row in people[1:]} == {""}, "individuals stand under their own name"
    entry = db.session.query(AuditEntry).filter_by(action="report_exported").order_by(AuditEntry.id).first()
    assert entry is not None
    assert entry.detail == {"what": "arrivals", "day": "2026-11-01 – 2026-11-30"}


def test_imports_that_count_stand_behind_and_months_have_no_day(
    manager: FlaskClient, november: SimpleNamespace
) -> None:
    hall = november.hall
    given = {"division": "440000", "programme_id": november.counter.tour.id, "kind": "school"}
    with transaction():
        for name in ("taken back", "stands"):
            made = history.begin(hall.id, name=name, digest=name, staff_id=None)
            rows = [(Span.DAY, date(2018, 3, 5), 30), (Span.MONTH, date(2018, 4, 1), 400)]
            history.add_rows(
                made,
                [
                    history.NewRow(number=number, span=span, first=first, visitors=people, groups=1, **given)
                    for number, (span, first, people) in enumerate(rows)
                ],
            )
            history.count(made)
            if name == "taken back":
                history.withdraw(hall.id, made.id, staff_id=None)
    days = {"from": "2018-01-01", "to": "2018-12-31"}
    data = rows_of(manager.get(f"/reports/exports/{ask(manager, **days).id}/file").data)[1:]
    assert [row[:3] + row[8:] for row in data] == [
        ["2018-03-05", "2018", "3", "30", "1"],
        ["", "2018", "4", "400", "1"],
    ]
    arrivals = rows_of(manager.get(f"/reports/exports/{ask(manager, what='arrivals', **days).id}/file").data)[1:]
    assert [row[:3] + row[12:13] for row in arrivals] == [
        ["2018-03-05", "", "导入", "30"],
        ["", "", "导入（2018年4月全月）", "400"],
    ]


def test_total_of_a_month_is_where_the_whole_month_is(manager: FlaskClient, november: SimpleNamespace) -> None:
    given = {"division": "440000", "programme_id": november.counter.tour.id, "kind": "other"}
    rows = [
        history.NewRow(number=2, span=Span.MONTH, first=date(2026, 11, 1), visitors=900, groups=2, **given),
        history.NewRow(number=3, span=Span.DAY, first=date(2026, 11, 5), visitors=3, groups=1, **given),
    ]
    with transaction():
        made = history.begin(november.hall.id, name="x", digest="e" * 64, staff_id=None)
        history.add_rows(made, rows)
        history.count(made)
    for period, people in (
        ("2026-11-01..2026-11-10", 51),
        ("2026-11-01..2026-11-30", 977),
        ("2026-11-05..2026-12-01", 76),
    ):
        assert manager.get(f"/reports/{period}.json").json["totals"]["visitors"] == people, period
        book = openpyxl.load_workbook(io.BytesIO(manager.get(f"/reports/{period}.xlsx").data))
        (heading, *cells) = book["数据"].iter_rows(values_only=True)
        assert sum(row[heading.index("人数")] for row in cells) == people, period
        first, _to, last = period.partition("..")
        for what, column in (("data", 8), ("arrivals", 12)):
            job = ask(manager, what=what, **{"from": first, "to": last})
            found = rows_of(manager.get(f"/reports/exports/{job.id}/file").data)[1:]
            assert sum(int(row[column]) for row in found) == people, (what, period)
        page = re.sub(r"\s+", "", manager.get(f"/reports/{period}/arrivals").text)
        assert f'<strongclass="number">{people}</strong>' in page, period
    everything = manager.get("/reports/since-opening.xlsx").data
    (heading, *cells) = openpyxl.load_workbook(io.BytesIO(everything))["数据"].iter_rows(values_only=True)
    assert sum(row[heading.index("人数")] for row in cells) == 74 + 17 + 903


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    texts = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "0123", "http://example.org", "")
    made = {}
    for form in (Format.CSV, Format.XLSX):
        stream = Stream(
            columns=(("Text", Type.TEXT), ("Number", Type.NUMBER), ("Day", Type.DAY), ("Time", Type.TIME)),
            total=len(texts),
            rows=iter((text, -3, date(2026, 2, 28), time(9, 30)) for text in texts),
        )
        heard: list[int] = []
        made[form] = tmp_path / form.value
        assert sheets.write(made[form], form, stream, tell=heard.append) == len(texts)
        assert heard == list(range(1, len(texts) + 1))
    assert [row[0] for row in rows_of(made[Format.CSV].read_bytes())[1:]] == [
        *("'=1+1", "'+1", "'-1", "'@SUM(A1)", "'＝1+1", "0123", "http://example.org", "")
    ]
    assert rows_of(made[Format.CSV].read_bytes())[1][1:] == ["-3", "2026-02-28", "09:30:00"]
    sheet = openpyxl.load_workbook(io.BytesIO(made[Format.XLSX].read_bytes())).worksheets[0]
    assert [cell.value for cell in sheet["A"][1:]] == [*texts[:-1], None]
    assert {cell.data_type for cell in sheet["A"][1:-1]} == {"s"}
    assert [cell.value for cell in sheet[2]][1:] == [-3, datetime(2026, 2, 28), time(9, 30)]


def test_rows_beyond_a_full_sheet_go_to_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SHEET_ROWS", 4)
    rows = iter((number,) for number in range(7))
    sheets.write(tmp_path / "x", Format.XLSX, Stream(columns=(("N", Type.NUMBER),), total=7, rows=rows), tell=int)
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "x").read_bytes()))
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [["N", 0, 1, 2], ["N", 3, 4, 5], ["N", 6]]
    assert [sheet.title.partition(" ")[2] for sheet in book] == ["", "2", "3"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("what", "everything"),
        ("from", "2026-13-01"),
        ("from", "9" * 5000),
        ("from", "1999-12-31"),
        ("to", "2017-06-28"),
        ("division", "\0"),
        ("programme", "²"),
        ("kind", "\ud800"),
        ("form", "pdf"),
    ],
)
def test_invalid_input_is_refused_beside_its_field(manager: FlaskClient, field: str, value: str) -> None:
    typed = {"what": "arrivals", "form": "csv", "kind": "party", **ALL_DAYS, field: value.encode("utf-8", "replace")}
    answer = manager.submit("/reports/exports", typed)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert field == "kind" or 'selected value="party"' in answer.text, "nothing typed is lost"
    assert db.session.query(Job).count() == 0


def test_page_shows_the_progress_and_the_result(
    manager: FlaskClient, november: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    manager.submit("/reports/exports", {"what": "data", "form": "csv", **ALL_DAYS})
    job_id = db.session.query(Job).one().id
    page = manager.get("/reports/exports").text
    assert "排队中" in page
    assert "后台服务没有运行" in page, "nothing waits in silence"
    assert "not running" in said(manager)
    with transaction():
        tasks.show_life("a worker")
    assert "后台服务没有运行" not in manager.get("/reports/exports").text
    assert "not running" not in said(manager)
    assert '<input checked id="what-0"' in page, "nobody must choose who wants the usual"
    assert manager.get(f"/reports/exports/{job_id}/file").status_code == 404, "not yet"
    with transaction():
        service.claim_next(most=1)
        service.beat(job_id, attempt=1, done=1200, total=5000)
    page = manager.get("/reports/exports").text
    assert '<progress value="1200" max="5000"' in page
    assert "已处理1,200 / 5,000行" in page
    told = manager.get("/reports/exports.json", headers={"Accept-Language": "en"}).json
    assert told == {
        "exports": [{"number": job_id, "state": "running", "done": 1200, "total": 5000, "said": "1,200 of 5,000 rows"}]
    }
    clock.shift(DEAD_AFTER)
    assert manager.get("/reports/exports.json").json["exports"][0]["state"] == "stopped"
    assert "重新生成" in manager.get("/reports/exports").text
    assert manager.submit(f"/reports/exports/{job_id}/again").status_code == 303
    assert manager.submit(f"/reports/exports/{job_id}/again").status_code == 409
    runner.run()
    assert manager.get(f"/reports/exports/{job_id}/file").status_code == 200
    assert f"/reports/exports/{job_id}/file" in manager.get("/reports/exports").text
    assert manager.submit(f"/reports/exports/{job_id}/delete").status_code == 303
    assert manager.get(f"/reports/exports/{job_id}/file").status_code == 404
    again = ask(manager)
    clock.shift(KEPT + timedelta(seconds=1))
    assert f'data-job="{again.id}"' not in manager.get("/reports/exports").text, "as long as it is kept"


def said(manager: FlaskClient) -> str:
    told = manager.get("/reports/exports.json", headers={"Accept-Language": "en"}).json
    return str(told["exports"][0]["said"])


def test_other_halls_managers_and_the_desk_see_nothing(
    manager: FlaskClient, november: SimpleNamespace, app: Flask
) -> None:
    job = ask(manager)
    with transaction():
        other = factories.staff(hall=factories.hall(), role=Role.ADMIN)
        desk = factories.staff(hall=november.hall, role=Role.DESK)
    strangers = app.test_client()
    strangers.sign_in(other)
    assert f'data-job="{job.id}"' not in strangers.get("/reports/exports").text
    assert strangers.get("/reports/exports.json").json == {"exports": []}
    assert strangers.get(f"/reports/exports/{job.id}/file").status_code == 404
    for act in ("again", "delete"):
        assert strangers.submit(f"/reports/exports/{job.id}/{act}").status_code == 404
    for odd in ("0", "²", "9" * 5000, "1e3"):
        assert manager.get(f"/reports/exports/{odd}/file").status_code == 404
    strangers.sign_in(desk)
    assert strangers.get(f"/reports/exports/{job.id}/file").status_code == 403
    assert manager.get(f"/reports/exports/{job.id}/file").status_code == 200


_MEASURED = r"""
import json, re
from pathlib import Path
from hallapp import create_app
from hallapp.core.database import db
from hallapp.jobs import runner
from hallapp.jobs.models import Job
app = create_app()
with app.app_context():
    runner.run()
    jobs = [(job.state.value, job.done, job.file_bytes) for job in db.session.query(Job).order_by(Job.id)]
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])  # KB, of this program alone
print(json.dumps({"jobs": jobs, "peak": peak}))
"""


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.on_database("postgresql")  # whose driver would hold all rows, where SQLite's fetches them one by one
def test_memory_does_not_grow_with_the_rows(app: Flask, tmp_path: Path) -> None:
    """A process for each size: ten times the rows, the same peak but for some megabytes."""
    with transaction():
        programme = factories.programme(hall=factories.hall())
    hall_id, programme_id, peaks = programme.hall_id, programme.id, []
    wanted = streams.Wanted(what=streams.What.DATA, first=date(2000, 1, 1), last=date(2100, 1, 1))
    for rows in (2_000, 20_000):
        fill(hall_id, programme_id, rows)
        with transaction():
            for form in ("csv", "xlsx"):
                params = {**wanted.to_params(), "form": form, "language": "zh"}
                service.ask(NewJob(hall_id=hall_id, staff_id=None, kind=EXPORT, params=params))
        told = _measure(app, tmp_path)
        assert [job[:2] for job in told["jobs"]][-2:] == [["done", rows]] * 2, told
        peaks.append(told["peak"])
    assert peaks[1] - peaks[0] < 6_000, f"KB at the peak: {peaks}"


def fill(hall_id: int, programme_id: int, rows: int) -> None:
    """So many cells of the cube."""
    kinds, codes = list(FIRST), list(DIVISIONS)
    cells = [(division, kind) for division in codes for kind in kinds]
    made: Sequence[dict[str, Any]] = [
        {
            "hall_id": hall_id,
            "day": date(2001, 1, 1) + timedelta(days=number // len(cells)),
            "division": cells[number % len(cells)][0],
            "programme_id": programme_id,
            "kind": cells[number % len(cells)][1],
            "visitors": 20 + number % 7,
            "groups": 1,
        }
        for number in range(rows)
    ]
    with transaction():
        db.session.query(DivisionSummary).delete()
        db.session.connection().execute(insert(DivisionSummary), made)


def _measure(app: Flask, tmp_path: Path) -> dict[str, Any]:
    settings = app.config["SETTINGS"]
    environ = {
        "HALL_DATABASE_URL": settings.database_url,
        "HALL_SECRET_KEY": settings.secret_keys[0],
        "HALL_INSTANCE": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }
    done = warm.run([sys.executable, "-c", _MEASURED], env=environ)
    assert done.returncode == 0, done.stdout
    return dict(json.loads(done.stdout.splitlines()[-1]))
