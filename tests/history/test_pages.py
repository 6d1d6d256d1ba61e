"""The way of a file through the pages, from the upload to the import and back."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.history.models import HistoryAlias, HistoryChunk, HistoryDraft, HistoryText
from hallapp.ledger import recount
from hallapp.ledger.models import HistoryImport, HistoryRow, Span
from hallapp.schedule.models import Hall
from tests import factories
from tests.history.conftest import columns_of, csv_file, draft_of, read, upload

ROWS = [
    ["2019年3月5日", "广东", 33, "", "广州市第三中学", "学校", "主题宣誓"],
    ["2019/3/6", "广州市", 20, "2", "", "企业", ""],
    ["2019-04", "Hunan", "1,200", "", "", "", ""],
    ["2019年5月", "", 7, 3, "", "", ""],
    ["合计", "", 1260, "", "", "", ""],
]


def test_a_file_from_upload_to_import_and_back(hall: Hall, manager: FlaskClient) -> None:
    sent = upload(manager, csv_file(*ROWS))
    assert sent.status_code == 303
    path = sent.location
    filled = columns_of(manager, path)
    guessed = {name: filled[name] for name in ("date", "province", "visitors", "groups", "organisation", "kind_column")}
    assert guessed == {
        "date": "0",
        "province": "1",
        "visitors": "2",
        "groups": "3",
        "organisation": "4",
        "kind_column": "5",
    }
    assert filled["programme"] == "6" and filled["kind"] == "other"
    assert manager.submit(f"{path}/columns", filled).status_code == 303

    page = manager.get(path).get_data(as_text=True)
    assert "4行会被计入：1,260人，6个团队，2019年3月 – 2019年5月。" in page
    assert "广东 · 广州" in page and "2019-03-05" in page
    assert db.session.scalar(select(func.count()).select_from(HistoryRow)) == 0

    counted = manager.submit(f"{path}/count", {"name": "2019 年数据"})
    assert counted.status_code == 303
    page = manager.get(counted.location).get_data(as_text=True)
    assert "2019 年数据" in page and "1,260" in page
    rows = db.session.execute(
        select(
            HistoryRow.number, HistoryRow.span, HistoryRow.first, HistoryRow.division, HistoryRow.prefecture,
            HistoryRow.kind, HistoryRow.visitors, HistoryRow.groups, HistoryRow.organisation.is_not(None),
        ).order_by(HistoryRow.number)
    ).all()  # fmt: skip
    assert [tuple(row) for row in rows] == [
        (2, Span.DAY, date(2019, 3, 5), "440000", None, "school", 33, 1, True),
        (3, Span.DAY, date(2019, 3, 6), "440000", "440100", "company", 20, 2, False),
        (4, Span.MONTH, date(2019, 4, 1), "430000", None, "other", 1200, 0, False),
        (5, Span.MONTH, date(2019, 5, 1), "unknown", None, "other", 7, 3, False),
    ]
    assert recount.recount(hall.id) == []
    for table in (HistoryDraft, HistoryChunk, HistoryText):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    report = manager.get("/reports/2019.json").get_json()
    assert report["totals"]["visitors"] == 1260

    again = read(manager, csv_file(*ROWS))
    page = manager.get(again).get_data(as_text=True)
    assert "这个文件已经计入" in page
    refused = manager.submit(f"{again}/count", {"name": "again"})
    assert refused.status_code == 409 and "2019 年数据" in refused.get_data(as_text=True)

    assert manager.submit(f"{counted.location.split('?')[0]}/withdraw", {}).status_code == 422
    back = manager.submit(f"{counted.location.split('?')[0]}/withdraw", {"sure": "y"})
    assert back.status_code == 303
    assert "已撤回" in manager.get(back.location).get_data(as_text=True)
    assert manager.get("/reports/2019.json").get_json()["totals"]["visitors"] == 0
    assert recount.recount(hall.id) == []
    twice = manager.submit(f"{counted.location.split('?')[0]}/withdraw", {"sure": "y"})
    assert twice.status_code == 409

    assert manager.submit(f"{again}/count", {"name": "again"}).status_code == 303
    assert manager.get("/reports/2019.json").get_json()["totals"]["visitors"] == 1260
    acts = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == ["history_imported", "history_withdrawn", "history_imported"]
    assert "历史数据" in manager.get("/reports/history").get_data(as_text=True)


def test_columns_are_asked_once(hall: Hall, manager: FlaskClient) -> None:
    rows = [["2019-03-05", "广东", 33, "", "", "", ""]]
    read(manager, csv_file(*rows))
    sent = upload(manager, csv_file(["2019-03-06", "湖南", 12, "", "", "", ""]), "b.csv")
    assert "试读" in manager.get(sent.location).get_data(as_text=True)
    assert manager.submit(f"{sent.location}/ask-again").status_code == 303
    assert "哪一列是什么" in manager.get(sent.location).get_data(as_text=True)
    wrong = manager.submit(
        f"{sent.location}/columns", {**columns_of(manager, sent.location), "visitors": "", "city": "1"}
    )
    assert wrong.status_code == 422
    page = wrong.get_data(as_text=True)
    assert "请选择人数所在的列" in page and 'id="city-error"' in page


def test_headings_that_differ_in_brackets_are_asked(hall: Hall, manager: FlaskClient) -> None:
    """People who were booked are not people who came, however like the columns are."""
    booked, came = "人数（预约）", "人数（实到）"
    path = str(upload(manager, csv_file(["2019-03-05", 40, 30], heading=["日期", booked, came])).location)
    assert manager.submit(f"{path}/columns", {**columns_of(manager, path), "visitors": "2"}).status_code == 303
    again = upload(manager, csv_file(["2019-03-06", 44, 33], heading=["日期", "人数(预约)", "人数 (实到)"]))
    assert "33人" in manager.get(again.location).get_data(as_text=True)  # the same headings, but for widths and blanks
    swapped = upload(manager, csv_file(["2019-03-07", 30, 40], heading=["日期", came, booked]))
    assert "哪一列是什么" in manager.get(swapped.location).get_data(as_text=True)


def test_names_are_settled_once(hall: Hall, manager: FlaskClient) -> None:
    rows = [["2019-03-05", "朝阳", 33, "", "", "火星人", ""], ["2019-03-06", "某地", 12, "", "", "", "夜场"]]
    path = read(manager, csv_file(*rows))
    page = manager.get(path).get_data(as_text=True)
    assert "朝阳" in page and "某地" in page and "火星人" in page and "夜场" in page
    assert page.index("110000") < page.index("120000")  # what it may be comes first
    first = re.search(
        r'<select id="(place-\d+)" name="place-\d+">\s*<option value="">[^<]*</option>\s*<option value="([^"]+)">', page
    )
    assert first and first[2] == "110000"
    refused = manager.submit(f"{path}/count", {"name": "a"})
    assert refused.status_code == 409
    for bad in ({"place-0": "nowhere"}, {"place-77": "440000"}, {"kind-0": "440000"}, {"programme-0": "1000000"}):
        assert manager.submit(f"{path}/settle", bad).status_code == 422
    programme = hall.programmes[1].id if hall.programmes else 1
    done = {"place-0": "210000/211300", "place-1": "440000", "kind-0": "individual", "programme-0": str(programme)}
    assert manager.submit(f"{path}/settle", done).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(HistoryAlias)) == 4
    page = manager.get(path).get_data(as_text=True)
    assert "辽宁 · 朝阳" in page and "这些名称指什么" not in page
    assert manager.submit(f"{path}/count", {"name": "a"}).status_code == 303

    path = read(manager, csv_file(["2020-03-06", " 某 地 ", 5, "", "", "", ""]))
    page = manager.get(path).get_data(as_text=True)
    assert "这些名称指什么" not in page and "广东" in page


def test_wrong_rows_are_told_and_left_out_on_purpose(hall: Hall, manager: FlaskClient) -> None:
    rows = [
        ["2019-03-05", "广东", 33, "", "", "", ""],
        ["2019-02-30", "广东", 33, "", "", "", ""],
        ["2016-03-05", "广东", 33, "", "", "", ""],
        ["2199-03-05", "广东", 33, "", "", "", ""],
        ["2019-03-05", "广东", -3, "", "", "", ""],
        ["2019-03-05", "广东", "9" * 5000, "", "", "", ""],
        ["2019-03-05", "广东", "许多", "", "", "", ""],
        ["2019-03-05", "广东", 3, 4, "", "", ""],
        ["2019-03-05", "广东", "", "", "某校", "", ""],
        ["2019-03-05", "广东", "0", "", "", "", ""],
        ["", "备注", "", "", "", "", ""],
    ]
    path = read(manager, csv_file(*rows))
    page = manager.get(f"{path}?show=wrong").get_data(as_text=True)
    for said in ("没有这一天", "早于开馆", "尚未到来", "不能小于", "不是人数", "比这一行的人数还多", "缺少人数"):
        assert said in page, said
    assert "2019-02-30" in page and page.count('<tr class="wrong">') == 8
    page = manager.get(f"{path}?show=left-out&page=99").get_data(as_text=True)
    assert page.count('<tr class="left-out">') == 2
    english = manager.get(f"{path}?show=wrong&lang=en").get_data(as_text=True)
    assert "There is no such day" in english
    refused = manager.submit(f"{path}/count", {"name": "a"})
    assert refused.status_code == 422 and 'id="leave_out-error"' in refused.get_data(as_text=True)
    assert manager.submit(f"{path}/count", {"name": "", "leave_out": "y"}).status_code == 422
    assert manager.submit(f"{path}/count", {"name": "a", "leave_out": "y"}).status_code == 303
    assert db.session.scalar(select(func.sum(HistoryRow.visitors))) == 33


def test_closed_months_need_a_confirmation(hall: Hall, manager: FlaskClient) -> None:
    from hallapp.ledger import closes

    boss = factories.make(factories.staff, hall=hall, role=Role.MANAGER)
    with transaction():
        closes.close(closes.hold(hall.id), date(2019, 3, 1), {"visitors": 0}, staff_id=boss.id)
    path = read(manager, csv_file(["2019-03-05", "广东", 33, "", "", "", ""]))
    assert "已归档" in manager.get(path).get_data(as_text=True)
    assert manager.submit(f"{path}/count", {"name": "a"}).status_code == 422
    made = manager.submit(f"{path}/count", {"name": "a", "into_closed": "y"})
    assert made.status_code == 303
    close = closes.find(hall.id, date(2019, 3, 1))
    assert close and [one.visitors for one in closes.list_adjustments_of(close.id)] == [33]


def test_another_hall_sees_nothing(hall: Hall, manager: FlaskClient, app: Flask) -> None:
    path = read(manager, csv_file(["2019-03-05", "广东", 33, "", "", "", ""]))
    made = manager.submit(f"{path}/count", {"name": "a"}).location.split("?")[0]
    path = read(manager, csv_file(["2019-03-06", "广东", 33, "", "", "", ""]))
    other = app.test_client()
    other.sign_in(factories.make(factories.staff, hall=factories.make(factories.hall), role=Role.ADMIN))
    page = other.get("/reports/history").get_data(as_text=True)
    assert "历年数据" not in page
    for address in (path, f"{path}.json", made):
        assert other.get(address).status_code == 404
    for address in ("columns", "sheet", "ask-again", "settle", "count", "again", "discard"):
        assert other.submit(f"{path}/{address}", {"name": "a", "sheet": "1"}).status_code == 404, address
    assert other.submit(f"{made}/withdraw", {"sure": "y"}).status_code == 404
    assert db.session.scalar(select(HistoryImport.withdrawn_at)) is None
    assert manager.submit(f"{path}/discard").status_code == 303
    assert manager.get(path).status_code == 404


def test_files_that_cannot_be_read(hall: Hall, manager: FlaskClient) -> None:
    empty = manager.submit("/reports/history", {})
    assert empty.status_code == 422 and 'id="file-error"' in empty.get_data(as_text=True)
    stale = manager.post("/reports/history", data={"csrf_token": "x"})
    assert stale.status_code == 422
    for content, said in (
        (b"", "空的"),
        (b"%PDF-1.4", "PDF"),
        (b"PK\x03\x04rest", "损坏"),
        (b"\xff\xff\xfe", "无法识别"),
    ):
        sent = upload(manager, content, "x.xlsx")
        assert sent.status_code == 303
        page = manager.get(sent.location).get_data(as_text=True)
        assert said in page
        assert manager.submit(f"{sent.location}/count", {"name": "a"}).status_code == 409
        assert manager.submit(f"{sent.location}/discard").status_code == 303


def test_template_is_understood_without_a_question(hall: Hall, manager: FlaskClient) -> None:
    for language in ("zh", "en"):
        response = manager.get(f"/reports/history/template.xlsx?lang={language}")
        assert response.status_code == 200
        filled = columns_of(manager, upload(manager, response.data, "t.xlsx").location)
        taken = ("date", "province", "city", "visitors", "groups", "organisation", "kind_column", "programme")
        assert [filled[name] for name in taken] == [str(at) for at in range(8)]


def test_number_of_drafts_is_limited(hall: Hall, manager: FlaskClient) -> None:
    for number in range(10):
        assert upload(manager, csv_file([f"2019-03-{number + 1:02}", "广东", 1, "", "", "", ""])).status_code == 303
    assert upload(manager, csv_file(["2019-03-20", "广东", 1, "", "", "", ""])).status_code == 422
    assert draft_of(hall).filename == "历年数据.csv"


@pytest.mark.parametrize("sheet", ["0", "3", "x", "9" * 5000])
def test_unknown_sheets_are_refused(hall: Hall, manager: FlaskClient, sheet: str) -> None:
    path = upload(manager, csv_file(["2019-03-05", "广东", 33, "", "", "", ""])).location
    assert manager.submit(f"{path}/sheet", {"sheet": sheet}).status_code == 404


def test_ambiguities_are_settled_on_the_page(hall: Hall, manager: FlaskClient) -> None:
    """Nothing counts before; an answer reads the file once more; another answer may replace it."""
    rows = [["2019-03-05", "广东", 60, "已到"], ["2019-03-06", "湖南", 40, "已取消"], ["2019-03", "", 100, ""]]
    path = read(manager, csv_file(*rows, heading=["日期", "来源地", "人数", "状态"]))
    page = manager.get(path).get_data(as_text=True)
    assert "请先确认" in page and "状态为“已取消”的行" in page and "同一个月既有各日的行" in page
    assert page.index("请先确认") < page.index("会计入的行")
    refused = manager.submit(f"{path}/count", {"name": "a"})
    assert refused.status_code == 409 and "2处没有确认" in refused.get_data(as_text=True)
    wrong = manager.submit(f"{path}/answer", {"answer-status:已取消": "perhaps"})
    assert wrong.status_code == 422 and "请先确认" in wrong.get_data(as_text=True)
    assert manager.submit(f"{path}/answer", {}).status_code == 303
    answers = {"answer-status:已取消": "take", "answer-days-and-month": "months"}
    assert manager.submit(f"{path}/answer", answers).status_code == 303
    page = manager.get(path).get_data(as_text=True)
    assert "已全部确认" in page and "计入100人" in page
    assert manager.submit(f"{path}/answer", {"answer-days-and-month": "both"}).status_code == 303
    assert manager.submit(f"{path}/count", {"name": "a"}).status_code == 303
    assert manager.get("/reports/2019.json").get_json()["totals"]["visitors"] == 200


def test_columns_that_may_be_meant_are_named(hall: Hall, manager: FlaskClient) -> None:
    """The page says which columns may be meant and why one is suggested; they may be changed later in plain sight."""
    heading = ["日期", "累计人数", "团队人次", "散客人次"]
    path = str(upload(manager, csv_file(["2019-03-05", 90, 60, 30], heading=heading)).location)
    page = manager.get(path).get_data(as_text=True)
    assert "有几列都可能是要的数据" in page and "“累计人数”（是累计数）" in page
    filled = columns_of(manager, path)
    assert filled["visitors"] == "2+3"
    assert manager.submit(f"{path}/columns", filled).status_code == 303
    page = manager.get(path).get_data(as_text=True)
    assert "计入90人" in page and "更改各列" in page
    assert manager.submit(f"{path}/ask-again").status_code == 303
    assert columns_of(manager, path)["visitors"] == "2+3"
    assert manager.submit(f"{path}/columns", {**filled, "visitors": "each-row"}).status_code == 303
    assert "计入1人" in manager.get(path).get_data(as_text=True)


def test_characters_that_are_not_clear_are_asked_first(hall: Hall, manager: FlaskClient) -> None:
    content = "Όνομα;Γιώργος\n2019-03-05;30\n".encode("cp1253")
    path = str(upload(manager, content).location)
    draft = draft_of(hall)
    assert [finding["code"] for finding in draft.findings] == ["encoding"] and draft.headings == []
    page = manager.get(path).get_data(as_text=True)
    assert "文字编码有几种可能" in page and "Γιώργος" in page
    encoding = next(choice[0] for choice in draft.findings[0]["choices"] if "Γιώργος" in choice[1])
    assert manager.submit(f"{path}/answer", {"answer-encoding": encoding}).status_code == 303
    assert "哪一列是什么" in manager.get(path).get_data(as_text=True)
    assert draft_of(hall).headings == ["Όνομα", "Γιώργος"]


def test_rows_that_count_already_are_asked_about(hall: Hall, manager: FlaskClient) -> None:
    """Also where the other file was counted after this one had been read."""
    rows = [["2019-03-05", "广东", 33, "", "", "", ""], ["2019-03-06", "湖南", 12, "", "", "", ""]]
    first = read(manager, csv_file(*rows))
    second = str(upload(manager, csv_file(*reversed(rows), ["2019-03-07", "广西", 5, "", "", "", ""])).location)
    assert "有的行已经计入过" not in manager.get(second).get_data(as_text=True)
    assert manager.submit(f"{first}/count", {"name": "first"}).status_code == 303
    assert manager.submit(f"{second}/count", {"name": "second"}).status_code == 409
    page = manager.get(second).get_data(as_text=True)
    assert "有的行已经计入过" in page and "计入5人" in page
    assert manager.submit(f"{second}/answer", {"answer-counted-already": "leave-out"}).status_code == 303
    assert manager.submit(f"{second}/count", {"name": "second"}).status_code == 303
    assert manager.get("/reports/2019.json").get_json()["totals"]["visitors"] == 50
    assert recount.recount(hall.id) == []
