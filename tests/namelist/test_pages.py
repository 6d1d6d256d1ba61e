"""The organiser hands in a list, mends it, clears it; the staff look at it; the hall chooses what it asks for."""

import io
import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import openpyxl
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking import service as bookings
from hallapp.booking.lifecycle import ORGANISER
from hallapp.booking.models import BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.namelist import queries, reading, uploads
from hallapp.namelist.models import GroupList, ListColumn, ListColumns, Person
from hallapp.namelist.service import PersonData, hand_in
from hallapp.schedule.policy import NameList
from hallapp.sheets.errors import Candidate, TextUnsure
from tests import factories
from tests.conftest import pairs, thinned
from tests.namelist import sheetmakers as make
from tests.test_bad_input import TEXTS, encoded
from tests.texts import fold

HEAD = ["序号", "姓名", "联系电话"]
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def room(app: Flask) -> SimpleNamespace:
    """A hall that takes lists, a booking of 20 people, and its list's address."""
    with transaction():
        hall = factories.hall(name_list=NameList.OPTIONAL, retention_months=6)
        programme = factories.programme(hall=hall)
        booking = factories.booking(slot=factories.slot(programme=programme))
        manager, desk = (factories.staff(hall=hall, role=role) for role in (Role.MANAGER, Role.DESK))
    path = f"/visits/{booking.key}/names"
    return SimpleNamespace(hall=hall, programme=programme, booking=booking, path=path, manager=manager, desk=desk)


def send(
    client: FlaskClient, room: SimpleNamespace, content: bytes, name: str = "名单.xlsx", **more: Any
) -> TestResponse:
    boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(content), name), **more})
    return client.post(f"{room.path}/read", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def lines(*names: str, **more: str) -> dict[str, str]:
    return {"consent": "y", **{f"rows-{n}-name": name for n, name in enumerate(names)}, **more}


def listed(room: SimpleNamespace) -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [person.name for person in queries.list_people(room.booking.id)]


def choose(room: SimpleNamespace, *columns: ListColumn, **texts: str) -> None:
    with transaction():
        db.session.add(ListColumns(hall_id=room.hall.id, columns=[c.value for c in columns], **fold(texts)))


def hand_in_names(room: SimpleNamespace, *names: str) -> None:
    with transaction():
        hand_in(room.booking, [PersonData(name, {}) for name in names])


def test_messy_file_is_shown_corrected_and_stored(client: FlaskClient, room: SimpleNamespace) -> None:
    assert "提交名单" in client.get(f"/visits/{room.booking.key}").text
    assert "模板" in client.get(room.path).text
    rows = [["参观名单"], [], HEAD, [1, "何 秀珍", 138], [2, 20261125, 139], [3, "何秀珍", 1], ["合计", "3人"]]
    shown = send(client, room, make.openpyxl_book(rows))
    assert (shown.status_code, listed(room)) == (200, [])
    for part in ('value="何秀珍"', "20261125", "联系电话", "第1行", "第7行", "第4行"):
        assert part in shown.text, part
    assert shown.text.count('aria-invalid="true"') == 1

    left = lines("何秀珍", "20261125", "何秀珍", **{"rows-2-out": "y", "rows-1-number": "5"})
    refused = client.submit(room.path, left)
    assert (refused.status_code, listed(room)) == (422, [])
    assert 'value="20261125"' in refused.text and refused.text.count("checked") == 2

    saved = client.submit(room.path, {**left, "rows-1-name": "  罗　小龙 "})
    assert (saved.status_code, saved.location) == (303, f"{room.path}?saved=1")
    assert listed(room) == ["何秀珍", "罗小龙"]
    page = client.get(saved.location).text
    assert "罗小龙" in page and "20人中的2人" in page
    assert "20人中有2人" in client.get(f"/visits/{room.booking.key}").text


def test_left_out_entries_are_shown_and_added_with_one_button(client: FlaskClient, room: SimpleNamespace) -> None:
    rows = [
        ["领队：王老师"],
        ["姓名", "家长姓名", "身份证号"],
        ["张三", "甲乙", "x"],
        ["李四", "丙丁", "y"],
        ["合计", "2人"],
    ]
    shown = send(client, room, make.openpyxl_book(rows)).text
    beside = shown.partition('id="not-taken"')[2].partition("</section>")[0]
    for part in ("领队：王老师", "加入“王老师”", "家长姓名", "加入这2人", "合计 2人", "身份证号"):
        assert part in beside, part
    assert "<details" not in beside and beside.count('name="take"') == 2
    sent = lines("张三", "李四") | _left_fields(beside)
    first = client.submit(room.path, {**sent, "take": "0"}).text
    assert ('value="王老师"' in first, "领队：王老师" in first, first.count('name="take"')) == (True, False, 1)
    sent = lines("张三", "李四", "王老师") | _left_fields(first)
    both = client.submit(room.path, {**sent, "take": "2"}).text
    assert [name in both for name in ('value="甲乙"', 'value="丙丁"', "合计 2人")] == [True] * 3
    assert client.submit(room.path, lines("张三", "李四", "王老师") | _left_fields(both)).status_code == 303
    assert listed(room) == ["张三", "李四", "王老师"]


def _left_fields(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'name="(left-[^"]+)" value="([^"]*)"', page)}


def test_a_file_that_reads_in_several_ways_is_asked_about(client: FlaskClient, room: SimpleNamespace) -> None:
    names = "姓名,組別\n王偉,甲\n陳美玲,乙\n".encode("big5")
    with pytest.MonkeyPatch.context() as patch:
        unsure = TextUnsure([Candidate("big5", ("姓名,組別", "王偉,甲")), Candidate("gb18030", ("?", "?"))])
        patch.setattr(reading, "understand_file", Mock(side_effect=unsure))
        page = send(client, room, names, "a.csv").text
    assert page.count('name="text" value=') == 2 and "王偉,甲" in page
    text = unescape(re.findall(r'name="text" value="([^"]*)"', page)[0])
    read = client.post(f"{room.path}/read", data={"text": text}).text
    assert 'value="王偉"' in read and 'value="陳美玲"' in read


def test_leader_of_a_pasted_list_is_asked_about_at_its_line(client: FlaskClient, room: SimpleNamespace) -> None:
    page = client.post(f"{room.path}/read", data={"text": "领队：王老师\n1. 张三+1\n2. 李四"}, headers=ENGLISH).text
    assert 'value="王老师"' in page and "Written as “领队：王老师”" in page and "“+1” is written beside" in page
    again = client.submit(room.path, {**lines("王老师"), "rows-0-note": "from_label:领队：王老师", "refresh": "1"})
    assert "原文为“领队：王老师”" in again.text


def test_list_is_changed_replaced_and_cleared(client: FlaskClient, room: SimpleNamespace) -> None:
    hand_in_names(room, "何秀珍", "罗小龙")
    assert 'value="罗小龙"' in client.get(f"{room.path}?edit=1").text
    more = client.submit(room.path, {**lines("何秀珍", "罗小龙"), "add_lines": "1"})
    assert more.text.count("-number") == 5
    assert client.submit(room.path, lines("王伟", "罗小龙", "", "")).status_code == 303
    assert listed(room) == ["王伟", "罗小龙"]
    assert client.submit(room.path, lines("", "")).status_code == 422
    assert listed(room) == ["王伟", "罗小龙"]
    assert client.submit(f"{room.path}/clear").location == f"/visits/{room.booking.key}"
    assert (listed(room), queries.find_list(room.booking.id)) == ([], None)


def test_more_names_than_people_are_refused_and_as_many_are_fine(client: FlaskClient, room: SimpleNamespace) -> None:
    client.get(room.path)
    people = [f"张三{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'子丑寅'[n // 10]}" for n in range(21)]
    shown = client.post(f"{room.path}/read", data={"text": "\n".join(people)})
    assert shown.status_code == 200 and "21个姓名" in shown.text and "what=people" in shown.text
    refused = client.submit(room.path, lines(*people))
    assert (refused.status_code, listed(room)) == (422, [])
    assert "21个姓名" in refused.text
    assert client.submit(room.path, lines(*people, **{"rows-7-out": "y"})).status_code == 303
    assert len(listed(room)) == 20


def test_a_list_that_is_longer_than_the_smaller_group_is_warned_of(client: FlaskClient, room: SimpleNamespace) -> None:
    hand_in_names(room, *(f"张三{n}" for n in "甲乙丙丁戊己庚辛壬癸"))
    warning, pages = (
        "The list has 10 names, but the booking is now for 9 people",
        (f"/visits/{room.booking.key}", room.path),
    )
    assert all(warning not in client.get(page, headers=ENGLISH).text for page in pages)
    with transaction():
        bookings.change_people(room.booking, [("440000", 9)], by=ORGANISER)
    assert all(warning in client.get(page, headers=ENGLISH).text for page in pages)


def test_stale_token_and_missing_tick_lose_nothing(client: FlaskClient, room: SimpleNamespace) -> None:
    answer = client.post(room.path, data={**lines("何秀珍"), "csrf_token": "stale"})
    assert answer.status_code == 422 and 'value="何秀珍"' in answer.text and listed(room) == []
    without = {name: value for name, value in lines("何秀珍").items() if name != "consent"}
    assert client.submit(room.path, without).status_code == 422
    assert client.submit(room.path, lines("何秀珍")).status_code == 303
    other = client.submit(f"{room.path}?lang=en", {**lines("罗小龙"), "refresh": "language"})
    assert 'lang="en"' in other.text and 'value="罗小龙"' in other.text


def test_columns_of_the_hall_are_asked_for_read_and_kept(client: FlaskClient, room: SimpleNamespace) -> None:
    choose(room, ListColumn.PHONE, ListColumn.FREE, label_zh="车号", purpose_zh="为了停车登记。")
    assert "为了停车登记。" in client.get(room.path).text
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{room.path}/template.xlsx", headers=ENGLISH).data))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["No.", "Full name", "Phone", "车号"]
    sheet.cell(2, 2, "何秀珍"), sheet.cell(2, 3, "13800138000"), sheet.cell(2, 4, "２号")
    shown = send(client, room, make.saved(book))
    assert shown.status_code == 200 and 'value="2号"' in shown.text
    sent = lines("何秀珍", **{"rows-0-phone": "１３８００１３８０００", "rows-0-free": "2号", "rows-0-age_group": "老"})
    assert client.submit(room.path, {**sent, "rows-0-phone": "无"}).status_code == 422
    assert client.submit(room.path, sent).status_code == 303
    db.session.rollback()
    assert queries.list_people(room.booking.id)[0].extra == {"phone": "13800138000", "free": "2号"}
    assert client.get(f"{room.path}/template.xlsx").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.xlsx", "请选择文件"),
        (make.zipped({"xl/vbaProject.bin": b""}), "a.xlsm", "宏"),
        (make.ole("EncryptedPackage"), "a.xlsx", "密码"),
        (b"0" * (uploads.FILE_BYTES_MOST + 1), "a.csv", "2 MB"),
        (b"0" * (9 * 1024 * 1024), "a.csv", "2 MB"),
    ],
    ids=["nothing", "macros", "password", "large", "very large"],
)
def test_bad_file_is_answered_beside_the_field(
    client: FlaskClient, room: SimpleNamespace, content: bytes, name: str, said: str
) -> None:
    answer = send(client, room, content, name, text="") if content else client.post(f"{room.path}/read")
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text and said in answer.text.partition('id="file-error"')[2][:300]


def test_file_of_two_megabytes_is_accepted(client: FlaskClient, room: SimpleNamespace) -> None:
    """Every other page takes one only."""
    text = (
        "姓名,"
        + "x" * 2500
        + "\n"
        + "".join(f"张{'一二三四五六七八九十'[n % 10]}{'甲' * (n // 10)},{'x' * 2400}\n" for n in range(20))
    ).encode()
    padded = text + b",\n" * ((uploads.FILE_BYTES_MOST - len(text)) // 2)
    assert len(padded) > uploads.FILE_BYTES_MOST - 2
    assert send(client, room, padded, "a.csv").status_code == 200


def test_list_is_taken_only_where_the_hall_wants_it_and_before_the_visit(
    client: FlaskClient, room: SimpleNamespace
) -> None:
    hand_in_names(room, "何秀珍")
    with time_machine.travel(clock.now() + timedelta(days=8)):
        page = client.get(room.path).text
        assert "何秀珍" not in page and "清空名单" in page
        assert client.submit(room.path, lines("罗小龙")).status_code == 409
        assert client.post(f"{room.path}/read", data={"text": "罗小龙"}).status_code == 409
        assert listed(room) == ["何秀珍"]
    with transaction():
        bookings.cancel(db.session.merge(room.booking))
    client.get(room.path)  # the token of the last page was of a day to come
    assert client.submit(room.path, lines("罗小龙")).status_code == 409
    with transaction():
        db.session.merge(room.programme).name_list = NameList.NONE
    assert client.get(room.path).status_code == 200  # there is a list to clear
    assert client.submit(f"{room.path}/clear").status_code == 303
    for answer in (
        client.get(room.path),
        client.get(f"{room.path}/template.xlsx"),
        client.submit(room.path, lines("a")),
    ):
        assert answer.status_code == 404
    assert client.post(f"{room.path}/read", data={"text": "罗小龙"}).status_code == 404
    assert "names" not in client.get(f"/visits/{room.booking.key}").text


def test_key_opens_its_own_list_only(client: FlaskClient, room: SimpleNamespace) -> None:
    with transaction():
        other_hall = factories.hall(name_list=NameList.OPTIONAL, host="other.example.com")
        other = factories.booking(slot=factories.slot(programme=factories.programme(hall=other_hall)))
        stranger = factories.staff(hall=other_hall, role=Role.ADMIN)
    hand_in_names(room, "何秀珍")
    path = f"/visits/{other.key}/names"
    assert "何秀珍" not in client.get(path).text
    assert client.submit(path, lines("罗小龙")).status_code == 303
    assert client.submit(f"{path}/clear").status_code == 303
    assert listed(room) == ["何秀珍"]
    client.sign_in(stranger)
    assert client.get(f"/bookings/{room.booking.reference}/names").status_code == 404
    assert client.get(f"/bookings/{other.reference}/names").status_code == 200
    assert client.get("/bookings/a%00b/names").status_code == 404
    for key in ("no-such-key", "x" * 30):
        assert client.get(f"/visits/{key}/names").status_code == 404


def test_staff_see_and_print_the_list(client: FlaskClient, room: SimpleNamespace) -> None:
    client.sign_in(room.desk)
    assert "没有交名单" in client.get(f"/bookings/{room.booking.reference}/names").text
    choose(room, ListColumn.PLACE, purpose_zh="统计来源")
    with transaction():
        hand_in(
            room.booking, [PersonData("何秀珍", {ListColumn.PLACE: "佛山"}), PersonData("𠮷川", {ListColumn.PLACE: ""})]
        )
    page = client.get(f"/bookings/{room.booking.reference}/names")
    assert "何秀珍" in page.text and "佛山" in page.text and "𠮷川" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "20人中有2人" in client.get(f"/bookings/{room.booking.reference}").text
    client.get("/desk")
    assert "名单：20人中有2人" in client.submit("/desk/lookup", {"q": room.booking.reference}).text


def test_manager_chooses_columns_and_must_say_why(client: FlaskClient, room: SimpleNamespace) -> None:
    client.sign_in(room.manager)
    assert "/admin/names" in client.get("/admin").text
    client.get("/admin/names")
    for form, field in (
        ({"phone": "y"}, "purpose_zh"),
        ({"free": "y", "purpose_zh": "停车"}, "label_zh"),
        ({"free": "y", "purpose_zh": "停车", "label_zh": "身份证号"}, "label_zh"),
        ({"free": "y", "purpose_zh": "停车", "label_zh": "座位", "label_en": "Full name"}, "label_en"),
        ({"free": "y", "purpose_zh": "长" * 201, "label_zh": "座位"}, "purpose_zh"),
    ):
        answer = client.submit("/admin/names", form)
        assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    good = {"phone": "y", "free": "y", "label_zh": "车号", "purpose_zh": "停车登记"}
    assert client.submit("/admin/names", good).status_code == 303
    assert 'value="车号"' in client.get("/admin/names?saved=1").text
    with transaction():
        hand_in(room.booking, [PersonData("何秀珍", {ListColumn.PHONE: "138", ListColumn.FREE: "2号"})])
    assert client.submit("/admin/names", {"phone": "y", "purpose_zh": "联系"}).status_code == 303
    db.session.rollback()
    db.session.expire_all()
    columns = queries.get_columns(room.hall.id)
    assert (columns.chosen, columns.label.get("zh", "")) == ((ListColumn.PHONE,), "")
    assert queries.list_people(room.booking.id)[0].extra == {"phone": "138"}
    trail = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "name_columns_chosen").order_by(AuditEntry.id)
    ).all()
    assert trail[-1].detail == {"columns": {"before": ["phone", "free"], "after": ["phone"]}}


def test_lists_are_erased_with_the_contact_details_and_after_a_cancellation(app: Flask, room: SimpleNamespace) -> None:
    def erase(days: int) -> int:
        with time_machine.travel(clock.now() + timedelta(days=days)):
            assert app.test_cli_runner().invoke(args=["bookings", "erase"]).exit_code == 0
        db.session.rollback()
        db.session.expire_all()
        assert len(db.session.scalars(select(GroupList)).all()) == len(db.session.scalars(select(Person)).all())
        return len(db.session.scalars(select(Person)).all())

    with transaction():
        slot = factories.slot(programme=room.programme, day=room.hall.today() + timedelta(days=40))
        cancelled, lapsed = factories.booking(slot=slot), factories.booking(slot=slot, state=BookingState.REQUESTED)
        hand_in(room.booking, [PersonData("何秀珍", {})])
        for booking in (cancelled, lapsed):
            hand_in(booking, [PersonData("罗小龙", {})])
    with transaction():
        bookings.cancel(db.session.merge(cancelled))
        db.session.merge(lapsed).state = BookingState.LAPSED  # without a word in its history: waits for the visit's end
    assert [erase(days) for days in (29, 31, 150)] == [3, 2, 2]
    assert erase(200) == 1
    assert erase(260) == 0


def test_name_list_pages_answer_any_input_without_an_error(client: FlaskClient, room: SimpleNamespace) -> None:
    choose(room, ListColumn.PHONE, ListColumn.FREE, label_zh="车号", purpose_zh="停车")
    plain = FlaskClient(client.application)
    client.get(room.path)
    for text, name in pairs(TEXTS, ("left-0-text", "left-0-names", "left-0-why", "left-0-number", "take")):
        form = {"csrf_token": client.csrf_token, **lines("何秀珍"), "left-0-text": "x", "take": "0", name: text}
        assert plain.post(room.path, **encoded(form)).status_code < 500
    for text, name in pairs(TEXTS, ("rows-0-name", "rows-0-phone", "rows-0-free", "rows-0-number", "rows-0-out")):
        form = {"csrf_token": client.csrf_token, **lines("何秀珍"), name: text}
        assert plain.post(room.path, **encoded(form)).status_code < 500
    for text in thinned(TEXTS):
        form = {"csrf_token": client.csrf_token, **lines("何秀珍"), f"rows-{text}-name": text}
        assert plain.post(room.path, **encoded(form)).status_code < 500
        assert plain.post(f"{room.path}/read", **encoded({"text": text})).status_code < 500
        data = {"file": (io.BytesIO(text.encode("utf-8", "surrogatepass")), "名.csv")}
        assert plain.post(f"{room.path}/read", data=data).status_code < 500
    many = {f"rows-{n}-name": "何秀珍" for n in range(uploads.ROWS_MOST + 1)}
    assert plain.post(room.path, data={"csrf_token": "x", **many}).status_code == 422
    assert reading.understand_text("何秀珍").rows[0].number == 1
