"""Long files in the background, and the command."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.core.database import db, transaction
from hallapp.history import cli, queries, service, work
from hallapp.history.models import DraftState, HistoryAlias, HistoryChunk, HistoryDraft, HistoryText
from hallapp.history.web import routes
from hallapp.jobs import files, runner
from hallapp.jobs.models import Job
from hallapp.ledger import recount
from hallapp.ledger.models import HistoryImport, HistoryRow
from hallapp.schedule.models import Hall
from tests.history.conftest import HEADING, columns_of, csv_file, draft_of, upload

ROWS = 2_400
DAYS = [date(2019, 1, 1) + timedelta(days=number % 300) for number in range(ROWS)]
LONG = csv_file(
    *[[day, "广东省广州市", 20, 1, f"{'很长的' * 9}单位{number}", "学校", ""] for number, day in enumerate(DAYS)]
)
assert len(LONG) > routes.BYTES_AT_ONCE and ROWS > routes.ROWS_AT_ONCE


def run_jobs(app: Flask) -> int:
    return runner.run()


@pytest.mark.either_database
@pytest.mark.slow
def test_a_long_file_is_read_and_counted_in_the_background(app: Flask, hall: Hall, manager: FlaskClient) -> None:
    path = upload(manager, LONG).location
    page = manager.get(path).get_data(as_text=True)
    assert "正在逐行读取" in page and "data-source" in page
    assert manager.get(f"{path}.json").get_json()["at_work"] is True
    assert manager.submit(f"{path}/count", {"name": "a"}).status_code == 409
    assert manager.submit(f"{path}/ask-again").status_code == 409
    assert run_jobs(app) == 1
    assert manager.get(f"{path}.json").get_json() == {
        "at_work": False, "state": "asking", "done": 0, "total": 0, "said": "",
    }  # fmt: skip
    assert manager.submit(f"{path}/columns", columns_of(manager, path)).status_code == 303
    assert manager.submit(f"{path}/settle").status_code == 409
    assert run_jobs(app) == 1
    assert "2,400行会被计入：48,000人" in manager.get(path).get_data(as_text=True)

    assert manager.submit(f"{path}/count", {"name": "长"}).status_code == 303
    page = manager.get(path).get_data(as_text=True)
    assert "正在计入各行" in page
    assert db.session.scalar(select(func.count()).select_from(HistoryRow)) == 0
    assert run_jobs(app) == 1
    assert manager.get(f"{path}.json").status_code == 404
    made = manager.get(path)
    assert made.status_code == 303
    assert "48,000" in manager.get(made.location).get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(HistoryRow)) == ROWS
    assert recount.recount(hall.id) == []
    for table in (HistoryDraft, HistoryChunk, HistoryText):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_interrupted_work_is_started_again(app: Flask, hall: Hall, manager: FlaskClient) -> None:
    path = upload(manager, LONG).location
    with transaction():
        job = db.session.scalars(select(Job)).one()
        db.session.delete(job)
    assert "处理中断了" in manager.get(path).get_data(as_text=True)
    assert manager.submit(f"{path}/again").status_code == 303
    assert run_jobs(app) == 1
    assert draft_of(hall).state is DraftState.ASKING
    manager.submit(f"{path}/columns", columns_of(manager, path))
    with transaction():
        files.discard([draft_of(hall).key])
    assert run_jobs(app) == 1
    page = manager.get(path).get_data(as_text=True)
    assert "文件已不再保存" in page
    assert manager.submit(f"{path}/discard").status_code == 303


@pytest.mark.either_database
def test_counting_that_fails_changes_nothing(app: Flask, hall: Hall, manager: FlaskClient) -> None:
    def read() -> str:
        path = str(upload(manager, LONG).location)
        run_jobs(app)
        if draft_of(hall).state is DraftState.ASKING:
            manager.submit(f"{path}/columns", columns_of(manager, path))
            run_jobs(app)
        return path

    first, second = read(), read()
    for path in (first, second):  # both are asked for before either counts
        assert manager.submit(f"{path}/count", {"name": path[-1]}).status_code == 303
    assert run_jobs(app) == 2
    assert db.session.scalar(select(func.count()).select_from(HistoryImport)) == 1
    page = manager.get(second).get_data(as_text=True)
    assert "已经计入" in page and draft_of(hall).state is DraftState.READ
    assert manager.submit(f"{second}/discard").status_code == 303


def test_a_file_that_is_discarded_while_it_waits(app: Flask, hall: Hall, manager: FlaskClient) -> None:
    path = upload(manager, LONG).location
    key = draft_of(hall).key
    assert manager.submit(f"{path}/discard").status_code == 303
    assert run_jobs(app) == 0
    assert not files.is_kept(key)
    work.read(hall.id, 1)  # a job that had begun before finds nothing to do
    assert manager.get("/reports/history").status_code == 200


def test_a_file_that_is_too_large(hall: Hall, manager: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"CONTENT_LENGTH": str(80 * 1024**2)}
    page = manager.post("/reports/history", data={"csrf_token": manager.csrf_token}, environ_overrides=headers)
    assert page.status_code == 422 and 'id="file-error"' in page.get_data(as_text=True)
    assert "64 MB" in page.get_data(as_text=True)
    monkeypatch.setattr(routes, "UPLOAD_MB_MOST", 0)
    page = upload(manager, LONG)
    assert page.status_code == 422 and 'id="file-error"' in page.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(HistoryDraft)) == 0


@pytest.mark.either_database
def test_drafts_that_nobody_finishes_are_deleted(app: Flask, hall: Hall, manager: FlaskClient) -> None:
    upload(manager, csv_file(["2019-03-05", "", 1, "", "", "", ""]))
    with transaction():
        draft = queries.get_draft(hall.id, draft_of(hall).id, lock=True)
        draft.made_at -= timedelta(days=8)
        service.sweep(hall.id)
    assert not files.is_kept(draft.key)
    assert queries.list_drafts(hall.id) == []


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "历年.csv"
    rows = [["2019-03-05", "朝阳", 33, "", "某校", "", ""], ["2019-13-05", "广东", 1, "", "", "", ""]]
    path.write_bytes(csv_file(*rows))
    return path


def test_command_imports_a_file(app: Flask, hall: Hall, sheet: Path) -> None:
    def run(*options: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["reports", "import", str(sheet), *options])
        return done.exit_code, done.output

    code, said = run("--dry-run")
    assert code == 2 and "1 row would count: 33 people in 1 group, 2019-03 to 2019-03" in said
    assert "row 3: There is no such day" in said and "not known: “朝阳”" in said and "Nothing was counted" in said
    for expected, options, refusal in (
        (2, (), "1 name still needs an answer"),
        (1, ("--settle", "朝阳=某地"), "is no place"),
        (1, ("--settle", "朝阳"), "write a name, = and its value"),
        (1, ("--settle", "朝阳="), "write a name, = and its value"),
        (1, ("--settle", "朝阳=北京", "--settle", "朝阳=辽宁"), "it is 北京 or 辽宁, not both"),
        (1, ("--year", "2019", "--answer", "year=2018"), "it is 2018 or 2019, not both"),
        (1, ("--answer", "year"), "write a name, = and its value"),
        (1, ("--column", "people=人数", "--column", "visitors="), "it is 人数 or empty, not both"),
        (2, ("--settle", "朝日=北京"), "--settle 朝日: the file has no such name"),
        (1, ("--settle", "朝阳=北京"), "or leave them out. Say it by --leave-out-wrong."),
        (1, ("--column", "date=没有"), "the headings are"),
        (2, ("--column", "visitors="), "Choose the column with the number of people."),
        (1, ("--hall", "nowhere"), "no hall named"),
        (1, ("--programme", "none", "--column", "date=日期", "--column", "visitors=人数"), "--programme is one of"),
    ):
        code, said = run(*options)
        assert code == expected and refusal in said, (options, said)
        assert queries.list_drafts(hall.id) == []
    columns = [
        f"--column={what}={heading}" for what, heading in zip(("date", "province", "people"), HEADING, strict=False)
    ]
    code, said = run("--dry-run", "--settle", "朝阳=北京", "--column", "organisation=", *columns)
    assert code == 0 and "visitors is taken from “人数”" in said
    for meaning in ("辽宁", "某地"):  # what is said now counts more than an earlier answer, and is checked, too
        code, said = run("--dry-run", "--settle", f"朝阳={meaning}")
        assert code == (meaning == "某地"), said
    assert db.session.scalars(select(HistoryAlias.value)).all() == ["210000"]
    assert run("--dry-run", "--settle", "朝阳=北京")[0] == 0
    code, said = run("--leave-out-wrong", "--name", "2019", "--programme", "oath", "--kind", "school")
    assert code == 0 and "1 row with 33 people counts now, as import 1 “2019”." in said
    row = db.session.scalars(select(HistoryRow)).one()
    assert (row.division, row.prefecture, row.programme_id) == ("110000", None, hall.programmes[1].id)
    assert row.kind == "school" and row.organisation is None  # the columns were said, without one for organisations
    code, said = run("--leave-out-wrong")
    assert code == 1 and "has already been counted, as the import “2019”" in said
    assert db.session.scalar(select(func.count()).select_from(HistoryImport)) == 1


def test_command_refuses_unreadable_files_in_one_line(app: Flask, hall: Hall, tmp_path: Path) -> None:
    for name, content, refusal in (("a.pdf", b"%PDF-1.4", "This is a PDF"), ("a.csv", b"", "This file is empty")):
        path = tmp_path / name
        path.write_bytes(content)
        done = app.test_cli_runner().invoke(args=["reports", "import", str(path)])
        assert done.exit_code == 1 and refusal in done.output
    done = app.test_cli_runner().invoke(args=["reports", "import", str(tmp_path / "none.csv")])
    assert done.exit_code == 1 and "does not exist" in done.output
    assert queries.list_drafts(hall.id) == []


def test_command_asks_in_a_terminal(app: Flask, hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question after another, the suggested answer by the Enter key; a column that is chosen is another reading."""
    monkeypatch.setattr(cli, "_somebody_answers", lambda: True)
    path = tmp_path / "2019.csv"
    rows = [["3月5日", 60, 50, "已到"], ["3月6日", 40, 33, "已取消"]]
    path.write_bytes(csv_file(*rows, heading=["日期", "预约人数", "实到人数", "状态"]))
    runner = app.test_cli_runner()
    done = runner.invoke(args=["reports", "import", str(path)], input="1\n2018\ntake\n")
    assert done.exit_code == 0, done.output
    assert "2 rows with 100 people count now" in done.output and "2018-03" in done.output
    assert db.session.scalar(select(func.min(HistoryRow.first))) == date(2018, 3, 5)
