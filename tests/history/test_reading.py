"""Files as halls have them: merged cells, titles above, months in columns, groups that are not given, odd sheets."""

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from hallapp.core.database import transaction
from hallapp.history import columns, errors, packing, queries, service, work
from hallapp.history.columns import Columns, HistoryColumn
from hallapp.history.models import DraftState, HistoryDraft, Topic
from hallapp.history.packing import Read, Refused, Unpacked
from hallapp.history.queries import Figures
from hallapp.history.totals import is_total
from hallapp.ledger import recount
from hallapp.ledger.errors import AlreadyImported
from hallapp.ledger.models import Span
from hallapp.schedule.models import Hall
from tests.history.conftest import csv_file, take_in
from tests.namelist import sheetmakers as make
from tests.namelist.conftest import SOFFICE
from tests.namelist.test_libreoffice import convert

#: What the tests of single rows do not ask about.
TAKE_ALL = {"days-and-month": "both", "label-elsewhere": "take"}


def confirmed(hall: Hall, draft: HistoryDraft, **places: int) -> list[Unpacked]:
    """The rows of a draft whose columns are these, else as guessed; no row is left out beside another one."""
    chosen = {HistoryColumn(name): at for name, at in places.items()} or columns.guess(draft.headings)
    with transaction():
        found = queries.get_draft(hall.id, draft.id, lock=True)
        service.confirm_columns(found, Columns(places=chosen, programme_id=hall.programmes[0].id))
        found.answers = TAKE_ALL
    work.read(hall.id, draft.id)
    return [row for rows in queries.iter_chunks(draft.id) for row in rows]


def figures_of(hall: Hall, draft: HistoryDraft) -> Figures:
    return Figures.of_json(queries.get_draft(hall.id, draft.id).figures)


def said(rows: list[Unpacked]) -> list[Any]:
    return [
        (row.number, row.code)
        if isinstance(row, Refused)
        else (row.number, row.span, row.first, row.visitors, row.groups)
        for row in rows
    ]


@pytest.mark.either_database
def test_a_typical_sheet_of_a_hall_is_read(app: Flask, hall: Hall) -> None:
    """A title, a heading below it, a month merged over its provinces, totals between, a remark at the end."""

    def change(sheet: Any) -> None:
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("A3:A4")

    rows = [
        ["2019年参观人数统计表"],
        ["月份", "省份", "人数（人）", "批次"],
        ["2019年3月", "广东省", 1200, 30],
        [None, "湖南", 50, None],
        ["小计", None, 1250, 30],
        [datetime(2019, 4, 1), "广西", "=1+1", 0],
        ["月份", "省份", "人数（人）", "批次"],
        [None, "备注：以上为估计"],
        ["2019年5月", "广东", 0, None],
    ]
    draft = take_in(app, hall, make.openpyxl_book(rows, change=change))
    assert (draft.state, draft.headings) == (DraftState.ASKING, ["月份", "省份", "人数（人）", "批次"])
    assert columns.guess(draft.headings) == {
        HistoryColumn.MONTH: 0, HistoryColumn.PROVINCE: 1, HistoryColumn.VISITORS: 2, HistoryColumn.GROUPS: 3,
    }  # fmt: skip
    march = date(2019, 3, 1)
    assert said(confirmed(hall, draft)) == [
        (3, Span.MONTH, march, 1200, 30),
        (4, Span.MONTH, march, 50, 0),
        (5, "total"),
        (6, "formula"),  # no program has computed it
        (7, "heading"),
        (8, "remark"),
        (9, "nobody"),
    ]
    figures = figures_of(hall, draft)
    assert (figures.rows, figures.fine, figures.visitors, figures.groups) == (7, 2, 1250, 30)


def test_a_total_in_any_column_of_texts(app: Flask, hall: Hall) -> None:
    """Its label may stand behind cells that are merged or said again; its people are in the rows above."""

    def change(sheet: Any) -> None:
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("B2:B4")

    rows = [
        ["日期", "来源地", "负责人", "单位", "人数", "备注"],
        ["2019年3月5日", "广东", "张", "甲中学", 100, ""],
        [None, None, None, "Summit School", 40, "合计"],  # what is remarked on people makes no total of them
        [None, None, None, "小计", 140, ""],
        ["2019年3月6日", "上海", None, "TotalEnergies", 30, ""],
        ["2019年3月6日", "上海", "小 计", None, 30, ""],
        ["2019年3月7日", "上海", None, "Summer Camp 2019", 20, ""],
        ["2019年", "广东", None, "2019年合计", 190, ""],
    ]
    draft = take_in(app, hall, make.openpyxl_book(rows, change=change))
    read = confirmed(hall, draft)
    assert [row.visitors for row in read if isinstance(row, Read)] == [100, 40, 30, 20]
    left_out = [row for row in read if isinstance(row, Refused)]
    assert [(row.number, row.code, row.left_out) for row in left_out] == [(n, "total", True) for n in (4, 6, 8)]
    assert queries.list_refused(draft.id, left_out=True, start=0, count=9) == left_out


@pytest.mark.parametrize(
    ("texts", "is_one"),
    [
        ("合计 小计 总计 合计： 合计（人） 合计（不含散客） 合计:350人 累计接待人数 合　计 总人数", True),
        ("2019年合计 ２０１９年合计 3月小计 2019.03合计 第一季度合计 上半年合计 本月合计 月计 2019年度汇总", True),
        ("广东合计 甲中学小计 合计/Total TOTAL totals: Sub-Total subtotal Sum", True),
        ("Grand Total|total 2019|2019 Total:|Total March 2019|合 计|2019年 合计|广东 汇总", True),
        ("TotalEnergies Summary Sumy 审计署 会计学院 合计划 总计划 数据汇总 汇总中心 统计局 5 2019-03-05 广东", False),
        ("Summit School|Summer Camp 2019|Sum of Us|Total Fitness|Total Quality Ltd|Total (China)|", False),
    ],
)
def test_labels_of_totals(texts: str, is_one: bool) -> None:
    assert [text for text in texts.split("|" if "|" in texts else " ") if is_total(text) is not is_one] == []


def test_groups_are_counted_where_the_file_has_no_number(app: Flask, hall: Hall) -> None:
    rows = [
        ["2019-03-05", "", 33, "", "", "", ""],
        ["2019-03", "", 33, "", "某校", "", ""],
        ["2019-03", "", 34, "", "", "", ""],
        ["2019-03-05", "", 33, 2, "某校", "", ""],
        ["2019-03-05", "", 35, 0, "", "", ""],
    ]
    read = confirmed(hall, take_in(app, hall, csv_file(*rows)))
    assert [row.groups for row in read if isinstance(row, Read)] == [1, 1, 0, 2, 0]
    assert [row.organisation is not None for row in read if isinstance(row, Read)] == [False, False, False, True, False]


def test_individuals_do_not_count_as_an_organisation(app: Flask, hall: Hall) -> None:
    """They neither come for the first time nor again; what the column of kinds says goes before."""
    rows = [
        ["2019-03-05", "", 5, "", "散客", "", ""],
        ["2019-03-06", "", 5, "", "Individuals", "", ""],
        ["2019-03", "", 5, "", "零散", "学校", ""],
        ["2019-03-07", "", 5, "", "无", "", ""],
        ["2019-03-08", "", 5, "", "—", "", ""],
        ["2019-03-09", "", "", "", "个人", "", ""],
        ["2019-03-10", "", 5, "", "个人摄影协会", "", ""],
    ]
    draft = take_in(app, hall, csv_file(*rows))
    read = confirmed(hall, draft)
    assert [row.code for row in read if isinstance(row, Refused)] == ["nobody"]
    counted = [row for row in read if isinstance(row, Read)]
    new = work.Meanings.of(queries.get_draft(hall.id, draft.id))
    kinds = ["individual", "individual", "school", "other", "other", "other"]
    assert [new.new_row(row, 1).kind for row in counted] == kinds
    assert [row.organisation is not None for row in counted] == [False] * 5 + [True]
    assert [row.groups for row in counted] == [1, 1, 0, 1, 1, 1]  # a month of individuals: nobody knows how many


def test_days_before_the_opening_and_in_the_future_are_errors(app: Flask, hall: Hall) -> None:
    rows = [["2017-06", "", 5], ["2017-06-28", "", 5], ["2017-06-29", "", 5], ["2017-05", "", 5], ["2100-01-01", "", 5]]
    read = confirmed(hall, take_in(app, hall, csv_file(*rows, heading=["日期", "来源地", "人数"])))
    assert said(read) == [
        (2, Span.MONTH, date(2017, 6, 1), 5, 0),
        (3, "before_opening"),
        (4, Span.DAY, date(2017, 6, 29), 5, 1),
        (5, "before_opening"),
        (6, "in_future"),
    ]


def test_year_month_and_day_columns_are_joined(app: Flask, hall: Hall) -> None:
    content = csv_file(
        ["2019年", 3, 5, 7], [2019, "4月", "", 8], ["", 5, "", 9], heading=["年份", "月份", "日", "人数"]
    )
    assert said(confirmed(hall, take_in(app, hall, content))) == [
        (2, Span.DAY, date(2019, 3, 5), 7, 1),
        (3, Span.MONTH, date(2019, 4, 1), 8, 0),
        (4, Span.MONTH, date(2019, 5, 1), 9, 0),  # an empty year is the one above, where a person says so
    ]


def test_province_and_city_columns_are_joined(app: Flask, hall: Hall) -> None:
    rows = [["2019-03-05", "广东", "广州", 7], ["2019-03-05", "广东", "苏州", 7], ["2019-03-05", "", "苏州", 7]]
    draft = take_in(app, hall, csv_file(*rows, heading=["日期", "省份", "地市", "人数"]))
    confirmed(hall, draft)
    assert {text.text: text.value for text in queries.list_texts(draft.id)} == {
        "广东 / 广州": "440000/440100",
        "广东 / 苏州": None,
        "苏州": "320000/320500",
    }


def test_the_sheet_with_most_headings_is_read(app: Flask, hall: Hall) -> None:
    made = make.xlsxwriter_book([["说明"], ["这是说明"]], [["日期", "来源地", "人数"], ["2019-03-05", "广东", 3]])
    draft = take_in(app, hall, made)
    assert (draft.sheets, draft.sheet, draft.headings) == (["Sheet1", "Sheet2"], 1, ["日期", "来源地", "人数"])
    with transaction():
        service.choose_sheet(queries.get_draft(hall.id, draft.id, lock=True), 0)
    work.read(hall.id, draft.id)
    assert queries.get_draft(hall.id, draft.id).headings == ["说明"]


@pytest.mark.either_database
def test_the_same_figures_have_one_digest(app: Flask, hall: Hall) -> None:
    rows = [["日期", "来源地", "人数"], ["2019-03-05", "广东", 33]]
    files = [make.csv_text(rows).encode(), make.csv_text(rows, mark=";").encode("gb18030"), make.xlsxwriter_book(rows)]
    digests = set()
    for content in files:
        draft = take_in(app, hall, content)
        confirmed(hall, draft)
        digests.add(queries.get_draft(hall.id, draft.id).digest)
    assert len(digests) == 1


def count(hall: Hall, draft: HistoryDraft) -> int:
    return work.count(service.Count(hall_id=hall.id, draft_id=draft.id, staff_id=None, name="a", leave_out=True))


def test_a_workbook_and_its_csv_export_count_once(app: Flask, hall: Hall) -> None:
    """A spreadsheet program saves days and numbers as they are shown; a place may be settled in between."""
    heading = ["日期", "来源地", "人数", "批次", "单位", "时间"]
    sheet = [
        [datetime(2019, 3, 5), "某地", 1200, 3, "甲中学", 0.4],
        [datetime(2019, 4, 1), "广东", 80, None, "乙", 0.5],
    ]
    saved = [["2019/3/5", "某地", "1,200", "3批", "甲中学 ", "9:36"], ["2019年4月1日", "广东", "80", "", "乙", "12:00"]]
    book = take_in(app, hall, make.openpyxl_book([heading, *sheet]))
    confirmed(hall, book)
    text = take_in(app, hall, csv_file(*saved, heading=heading))  # read before the workbook counts
    settled = service.Settle(hall_id=hall.id, draft_id=book.id, staff_id=None, meanings={(Topic.PLACE, 0): "430000"})
    with transaction():
        service.settle(settled)
    work.read(hall.id, text.id)
    assert queries.get_draft(hall.id, text.id).digest != queries.get_draft(hall.id, book.id).digest
    first = count(hall, book)
    same = queries.find_same_import(hall.id, queries.get_draft(hall.id, text.id).digest)
    assert same and same.id == first
    with pytest.raises(AlreadyImported):
        count(hall, text)
    assert [one.history.id for one in queries.list_imports(hall.id)] == [first]

    others = [saved[0], [*saved[1][:2], "81", *saved[1][3:]]], [saved[0], [*saved[1][:4], "丙", ""]], saved[:1]
    for rows in others:  # another number, another organisation, a row less: other files
        draft = take_in(app, hall, csv_file(*rows, heading=heading))
        assert queries.find_same_import(hall.id, queries.get_draft(hall.id, draft.id).digest) is None
    with transaction():
        service.withdraw(hall.id, first, staff_id=None)
    assert count(hall, text) > first


def test_a_file_is_recognised_with_other_columns_chosen(app: Flask, hall: Hall) -> None:
    """Also by an import from before files were known by what was read of them: it has a digest of the cells alone."""
    rows = [["2019-03-05", "广东", 33, "甲中学"]]
    content = csv_file(*rows, heading=["日期", "来源地", "人数", "单位"])
    draft = take_in(app, hall, content)
    confirmed(hall, draft)
    first = count(hall, draft)
    again = take_in(app, hall, content)
    confirmed(hall, again, date=0, visitors=2)
    with pytest.raises(AlreadyImported):
        count(hall, again)
    cells = "".join("\x1f".join(map(str, row)) + "\n" for row in (["日期", "来源地", "人数", "单位"], *rows))
    with transaction():
        history = queries.get_import(hall.id, first).history
        history.digest = hashlib.sha256(cells.encode()).hexdigest()
    with pytest.raises(AlreadyImported):
        count(hall, again)


@pytest.mark.either_database
def test_pages_of_rows(app: Flask, hall: Hall) -> None:
    rows = [["2019-03-05" if number % 3 else "x", "广东", 1] for number in range(2_500)]
    draft = take_in(app, hall, csv_file(*rows, heading=["日期", "来源地", "人数"]))
    every = confirmed(hall, draft)
    assert len(every) == 2_500 and every[999:1_100] == queries.list_rows(draft.id, start=999, count=101)
    wrong = [row for row in every if isinstance(row, Refused)]
    for start in (0, 300, 330, 800, 9_000):
        assert queries.list_refused(draft.id, left_out=False, start=start, count=100) == wrong[start : start + 100]
    assert packing.unpack(packing.pack(every)) == every


def test_too_many_different_places(app: Flask, hall: Hall) -> None:
    rows = [["2019-03-05", f"地方{number}", 1] for number in range(5_010)]
    draft = take_in(app, hall, csv_file(*rows, heading=["日期", "来源地", "人数"]))
    confirmed(hall, draft)
    figures = figures_of(hall, draft)
    assert (figures.fine, dict(figures.wrong)) == (5_000, {"texts_many": 10})
    assert queries.count_unsettled(draft.id) == 5_000 and len(queries.list_unsettled(draft.id)) == 200


def test_more_people_than_can_be_added_up(app: Flask, hall: Hall) -> None:
    rows = [["2019-03", "", 9_999_999] for _ in range(201)]
    draft = take_in(app, hall, csv_file(*rows, heading=["日期", "来源地", "人数"]))
    confirmed(hall, draft)
    wish = service.Count(hall_id=hall.id, draft_id=draft.id, staff_id=None, name="a")
    with pytest.raises(errors.PeopleTooMany):
        work.count(wish)
    draft = take_in(app, hall, csv_file(*rows[:200], heading=["日期", "来源地", "人数"]))
    work.count(service.Count(hall_id=hall.id, draft_id=draft.id, staff_id=None, name="a"))
    assert recount.recount(hall.id) == []
    assert queries.list_imports(hall.id)[0].visitors == 1_999_999_800


@pytest.mark.nightly
@pytest.mark.skipif(not SOFFICE, reason="no LibreOffice")
def test_a_workbook_by_libreoffice(app: Flask, hall: Hall, tmp_path: Path) -> None:
    rows = [["日期", "来源地", "人数"], [datetime(2019, 3, 5), "广东", 33], ["=DATE(2019,3,6)", "湖南", "=11*2"]]
    source = tmp_path / "history.xlsx"
    source.write_bytes(make.openpyxl_book(rows, change=lambda sheet: setattr(sheet["A3"], "number_format", "yyyy-mm")))
    made = convert(source, ["xlsx"])["xlsx"]
    assert said(confirmed(hall, take_in(app, hall, made))) == [
        (2, Span.DAY, date(2019, 3, 5), 33, 1),
        (3, Span.MONTH, date(2019, 3, 1), 22, 0),
    ]


def test_a_column_by_its_heading() -> None:
    headings = ["日期", "人数（预约）", "人数（实到）", "批次(个)"]
    for heading, place in (("人数(实到)", 2), ("批次", 3), ("日期", 0), ("人数", None), ("省份", None)):
        assert columns.find_place(heading, headings) == place, heading


@pytest.mark.parametrize(
    ("headings", "guessed"),
    [
        ("日期 省份 地市 人数 批次 单位 类别 项目", "date province city visitors groups organisation kind programme"),
        ("参观日期 来源地区 参观人数 团队数量 单位名称", "date province visitors groups organisation"),
        ("Date Province City People Groups Organisation Kind Programme",
         "date province city visitors groups organisation kind programme"),
        ("序号 时间 单位 人数（人） 备注", "- date organisation visitors -"),
        ("年 月 日 人次", "year month day visitors"),
        ("月份 人数", "month visitors"),
        ("a b c", "- - -"),
    ],
)  # fmt: skip
def test_columns_are_guessed(headings: str, guessed: str) -> None:
    expected = {HistoryColumn(name): at for at, name in enumerate(guessed.split()) if name != "-"}
    assert columns.guess(headings.split()) == expected
