"""A platform's list of participants: read where it is clear, asked about where it is not, and never counted twice."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import time_machine
from flask import Flask
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.online import errors, imports, lists, queries, service
from hallapp.online.lists import Blanks, Choices, Repeats
from hallapp.online.models import Audience, Relation
from hallapp.origins import china
from hallapp.periods import Period
from hallapp.reports.closing import month_close, verify
from hallapp.reports.figures import service as figures
from hallapp.schedule.models import Hall, Mode
from tests import factories
from tests.office import DAY

PLAIN = "昵称,参会时长(分钟),省份\n何秀珍,30,广东\n陈伟,12.4,台湾\n"
TIMES = (
    "Name (original name)\tDuration\tRegion\nAnn\t01:20:31\tGuangdong\nAnn\t00:05:00\tGuangdong\nBo\t40min\tOverseas\n"
)
TWICE = PLAIN.replace("昵称", "姓名,昵称", 1).replace("\n何", "\n何,何").replace("\n陈", "\n陈,陈")


def read(tmp_path: Path, text: str, **choices: object) -> lists.ParticipantList:
    file = tmp_path / "list.csv"
    file.write_bytes(text.encode("utf-8-sig"))
    return lists.read(file, "list.csv", china.make_set("440000"), Choices(**choices))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "choices", "people", "minutes"),
    [
        (PLAIN, {}, {"440000": 1, "710000": 1}, {"440000": 30, "710000": 12}),
        (TIMES, {"repeats": Repeats.ONE}, {"440000": 1, "overseas": 1}, {"440000": 86, "overseas": 40}),
        (TIMES, {"repeats": Repeats.SEVERAL}, {"440000": 2, "overseas": 1}, {"440000": 86, "overseas": 40}),
        (PLAIN.replace("台湾", "火星"), {"unknown": True}, {"440000": 1, "unknown": 1}, {"440000": 30, "unknown": 12}),
        (PLAIN.replace("(分钟)", "（分钟）"), {}, {"440000": 1, "710000": 1}, {"440000": 30, "710000": 12}),
        (PLAIN.replace("30", "1小时 5分 31秒"), {}, {"440000": 1, "710000": 1}, {"440000": 66, "710000": 12}),
        (PLAIN.replace("30", "1h 5m 3s"), {}, {"440000": 1, "710000": 1}, {"440000": 65, "710000": 12}),
        (PLAIN.replace("30", "０１：０５：００"), {}, {"440000": 1, "710000": 1}, {"440000": 65, "710000": 12}),
        (
            PLAIN.replace("参会时长", "备注"),
            {"without_minutes": True},
            {"440000": 1, "710000": 1},
            {"440000": 0, "710000": 0},
        ),
        (PLAIN.replace("30", ""), {"blanks": Blanks.ABSENT}, {"710000": 1}, {"710000": 12}),
        (PLAIN.replace("30", "—"), {"blanks": Blanks.PRESENT}, {"440000": 1, "710000": 1}, {"440000": 0, "710000": 12}),
        (PLAIN.replace("30", "0"), {}, {"440000": 1, "710000": 1}, {"440000": 0, "710000": 12}),
        (
            TIMES.replace("00:05:00", "--"),
            {"repeats": Repeats.ONE, "blanks": Blanks.ABSENT},
            {"440000": 1, "overseas": 1},
            {"440000": 81, "overseas": 40},
        ),
        (TWICE, {"person": "昵称"}, {"440000": 1, "710000": 1}, {"440000": 30, "710000": 12}),
        (PLAIN.replace("12.4", "2.5"), {}, {"440000": 1, "710000": 1}, {"440000": 30, "710000": 3}),
        (
            PLAIN + PLAIN.replace("陈伟", "陈炜").replace("何秀珍", "何珍"),
            {},
            {"440000": 2, "710000": 2},
            {"440000": 60, "710000": 24},
        ),
    ],
)
def test_a_clear_list_is_read(app: Flask, tmp_path: Path, text, choices, people, minutes) -> None:
    found = read(tmp_path, text, **choices)
    assert (dict(found.people), dict(found.minutes)) == (people, minutes)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (TIMES, errors.RepeatsUnclear),
        (PLAIN.replace("台湾", "火星"), errors.PlacesUnknown),
        (PLAIN.replace("台湾", ""), None),
        (PLAIN.replace("昵称", "谁"), errors.ColumnUnclear),
        (PLAIN.replace("昵称", "姓名,昵称", 1), errors.ColumnUnclear),
        (PLAIN.replace("省份", "备注"), errors.PlacesUnknown),
        (PLAIN.replace("(分钟)", ""), errors.MinutesUnclear),
        (PLAIN.replace("30", "12:30"), errors.MinutesUnclear),
        (PLAIN.replace("30", "9999"), errors.MinutesUnclear),
        (PLAIN.replace("30", ""), errors.BlanksUnclear),
        (PLAIN.replace("30", "--").replace("12.4", " "), errors.BlanksUnclear),
        (PLAIN.replace("参会时长", "备注"), errors.MinutesMissing),
        (PLAIN + "合计：,42,\n", errors.SumInList),
        (PLAIN + "Grand Total,42,\n", errors.SumInList),
        (PLAIN + "总人数：2,42,\n", errors.SumInList),
        (PLAIN + "共2人,42,\n", errors.SumInList),
        (PLAIN + "Total: 2,42,\n", errors.SumInList),
        (PLAIN + "人均时长,21,\n", errors.SumInList),
        (PLAIN + "制表人：何秀珍,,\n", errors.SumInList),
        (PLAIN + ",42,\n", errors.NameMissing),
        (PLAIN + ",,湖南\n", errors.NameMissing),
        (PLAIN.replace("分钟", "分:秒"), errors.MinutesUnclear),
        (PLAIN.replace("分钟", "小时/分钟"), errors.MinutesUnclear),
        (PLAIN.replace("分钟", "积分"), errors.MinutesUnclear),
        (PLAIN.replace("30", "0.0559143518518518"), errors.TimeAsNumber),  # 01:20:31 in a cell of a workbook
        (PLAIN.replace("30", "0.125").replace("(分钟)", ""), errors.TimeAsNumber),
        ("昵称,省份\n", errors.ListEmpty),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked(app: Flask, tmp_path: Path, text: str, refusal) -> None:
    if refusal is None:
        assert read(tmp_path, text).people == {"440000": 1, "unknown": 1}
        return
    with pytest.raises(refusal):
        read(tmp_path, text)


def make_book(tmp_path: Path, change: Callable[[Worksheet], object], *rows: list[object]) -> Path:
    """A workbook as a platform exports it, changed by a person."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [["姓名", "时长（分钟）", "地区"], *rows]:
        sheet.append(row)
    change(sheet)
    book.save(tmp_path / "list.xlsx")
    return tmp_path / "list.xlsx"


def test_merged_names_and_places_are_those_of_each_row(app: Flask, tmp_path: Path) -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("C4:C5")

    rows = [["甲", 20, "云南"], [None, 15, "云南"], ["乙", 7, "海南"], ["丙", 8, None]]
    file = make_book(tmp_path, merge, *rows)
    found = lists.read(file, "list.xlsx", china.make_set("440000"), Choices(repeats=Repeats.ONE))
    assert (dict(found.people), dict(found.minutes)) == ({"530000": 1, "460000": 2}, {"530000": 35, "460000": 15})


def hide(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True


def strike(sheet: Worksheet) -> None:
    sheet["A3"].font = Font(strike=True)


@pytest.mark.parametrize("change", [hide, strike])
def test_hidden_rows_are_not_counted_in_silence(app: Flask, tmp_path: Path, change) -> None:
    file = make_book(tmp_path, change, ["甲", 20, "云南"], ["乙", 7, "海南"])
    with pytest.raises(errors.RowsHidden) as refused:
        lists.read(file, "list.xlsx", china.make_set("440000"), Choices())
    assert refused.value.params == {"count": 1, "number": 3}


@pytest.fixture
def over(app: Flask, first_of_december: time_machine.Traveller) -> SimpleNamespace:
    """A session that is over, with one person of Guangdong in the ledger, on the day after."""
    with transaction():
        hall = factories.hall()
        talk = factories.programme(hall=hall, mode=Mode.ONLINE, guides=0, group_min=1, minutes=30)
        slot = factories.slot(programme=talk, day=DAY)
        booking = factories.booking(slot=slot, origins={"440000": 1})
        manager = factories.staff(hall=hall, role=Role.MANAGER, password_hash="none")
    with time_machine.travel(slot.starts_at, tick=False), transaction():
        device = service.join(booking, {"440000": 1})
        service.store([service.Beat(hall.id, slot.id, minute, device) for minute in range(20)])
    first_of_december.move_to(slot.ends_at + timedelta(hours=1))
    return SimpleNamespace(hall=hall, slot=slot, manager=manager)


@pytest.mark.either_database
def test_a_list_is_counted_once_and_beside_or_instead_of_what_is_known(
    over: SimpleNamespace, app: Flask, tmp_path: Path
) -> None:
    found, staff = read(tmp_path, PLAIN), over.manager.id
    with pytest.raises(errors.NotCountedYet), transaction():
        imports.import_list(over.slot, found, None, staff_id=staff)
    hall = db.session.get_one(Hall, over.hall.id)
    with transaction():
        assert service.sweep_beats(hall) == 0  # they wait to be counted
        assert service.count_sessions(hall) == 1
        service.store([service.Beat(hall.id, over.slot.id, 5, "late")])
        assert (service.sweep_beats(hall), service.sweep_beats(hall)) == (1, 0)
    with pytest.raises(errors.RelationUnclear), transaction():
        imports.import_list(over.slot, found, None, staff_id=staff)
    with transaction():
        imports.import_list(over.slot, found, Relation.INSTEAD, staff_id=staff)
    known = {"440000": (1, 30), "710000": (1, 12)}
    assert queries.sum_divisions(over.hall.id, DAY, date(2027, 1, 1)) == known
    for relation in Relation:
        with pytest.raises(errors.AlreadyImported), transaction():
            imports.import_list(over.slot, found, relation, staff_id=staff)
    other = read(tmp_path, PLAIN.replace("陈伟", "陈炜"))
    with transaction():
        imports.import_list(over.slot, other, Relation.BESIDES, staff_id=staff)
    total = queries.sum_audience(over.hall.id, DAY, date(2027, 1, 1))
    assert total == (4, 84)

    assert [(one.row.number, one.people, one.minutes, one.why_not) for one in imports.list_imported(over.slot)] == [
        (2, 2, 42, ""),
        (1, 1, 22, "later_list"),
    ]
    with pytest.raises(errors.LaterList), transaction():
        imports.take_back(over.slot, 1, staff_id=staff)
    for number in (2, 2, 1):  # the second click changes nothing
        with transaction():
            imports.take_back(over.slot, number, staff_id=staff)
    assert queries.sum_divisions(over.hall.id, DAY, date(2027, 1, 1)) == {"440000": (1, 20), "710000": (0, 0)}
    with transaction():
        again = imports.import_list(over.slot, found, Relation.BESIDES, staff_id=staff)
    assert (again.number, queries.sum_audience(over.hall.id, DAY, date(2027, 1, 1))) == (3, (3, 62))
    with time_machine.travel(DAY + timedelta(days=40), tick=False):
        month = Period.month(DAY.year, DAY.month)
        with transaction():
            closed = month_close.close(over.hall.id, month, staff_id=staff)
        with pytest.raises(errors.ListOfClosedMonth), transaction():
            imports.take_back(over.slot, again.number, staff_id=staff)
        with transaction():
            imports.import_list(over.slot, other, Relation.BESIDES, staff_id=staff)  # late: beside the close
        assert figures.get_report(over.hall, month).later_audience == 2
        assert verify.verify(closed).agrees
        with transaction():
            line = db.session.scalars(select(Audience).where(Audience.people == 1).limit(1)).one()
            line.people, line.division = 4, "110000"
        wrong = verify.verify(closed).deviations
        assert {(one.measure.value, one.part) for one in wrong} >= {("audience", "110000"), ("audience", DAY)}
        assert all(one.measure.value.startswith("audience") for one in wrong)
        said = app.test_cli_runner().invoke(args=["reports", "verify", "--hall", over.hall.slug])
        assert said.exit_code == 1 and "audience 110000: filed 0" in said.output


def test_the_page_asks_and_then_counts(over: SimpleNamespace, app: Flask) -> None:
    with transaction():
        service.count_sessions(db.session.get_one(Hall, over.hall.id))
    manager = app.test_client()
    manager.sign_in(over.manager)
    path = f"/admin/online/{over.slot.id}"

    def send(**answers: str) -> tuple[int, str]:
        file = (io.BytesIO(TIMES.encode("utf-8-sig")), "list.csv")
        answer = manager.submit(f"{path}/list?lang=en", {"file": file, **answers})
        return answer.status_code, answer.get_data(as_text=True)

    status, page = send()
    assert status == 422 and "repeats-error" in page
    status, page = send(repeats="one")
    assert status == 422 and "relation-error" in page
    assert send(repeats="one", relation="besides")[0] == 303
    assert "86" in manager.get(path).get_data(as_text=True) or "106" in manager.get(path).get_data(as_text=True)
    assert send(repeats="one", relation="besides")[0] == 409
    page = manager.get(f"{path}?lang=en").get_data(as_text=True)
    assert "from 3 to 1 people" in page
    back = f"{path}/list/1/take-back"
    assert manager.submit(back, {}).status_code == manager.submit(back, {}).status_code == 303
    page = manager.get(f"{path}?lang=en").get_data(as_text=True)
    assert "Taken back on" in page and back not in page
    assert manager.submit(f"{path}/list/7/take-back", {}).status_code == 404
