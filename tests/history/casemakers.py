"""Workbooks and texts of the kinds that halls keep, made in code: each with what it must come to, or be asked about."""

# ruff: noqa: E501 — a case is one line of a table

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import openpyxl
from openpyxl.styles import Font

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file; `asks` are parts of the options that the command must offer, `options` those that are then given.

    `people` and `months` are what counts then; `wrong` is part of the message where the file is refused.
    """

    name: str
    content: bytes | Callable[[], bytes]
    asks: Sequence[str] = ()
    options: Sequence[str] = ()
    people: int | None = None
    groups: int | None = None
    months: Mapping[str, int] = field(default_factory=dict)
    divisions: Mapping[str, int] = field(default_factory=dict)
    wrong: str = ""


def book(*sheets: tuple[str, Rows], change: Callable[[Any], object] | None = None) -> Callable[[], bytes]:
    """Return what makes a workbook of sheets with their rows, which no process has to do that only collects tests."""

    def make() -> bytes:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name, rows in sheets:
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
        if change:
            change(made)
        file = io.BytesIO()
        made.save(file)
        return file.getvalue()

    return make


def sheet(
    *rows: Sequence[Any], name: str = "Sheet1", change: Callable[[Any], object] | None = None
) -> Callable[[], bytes]:
    """A workbook of one sheet."""
    return book((name, rows), change=(lambda made: change(made.worksheets[0])) if change else None)


def text(*lines: str) -> bytes:
    """A text file with these lines."""
    return "\r\n".join(lines).encode("gb18030")


def _shown_as(sheet: Any, pattern: str) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, datetime):
                cell.number_format = pattern


D, G, H = "日期", "广东", "湖南"
PLAIN = [D, "来源地", "人数"]
MARCH = [["2019-03-05", G, 60], ["2019-03-06", H, 40]]
BLOCK = ["2019-03-05,广东,60", "2019-03-06,湖南,30", "2019-03-07,四川,10"]


def _strike(cells: Sequence[Any]) -> None:
    for cell in cells:
        cell.font = Font(strike=True)


CASES = [
    Case(name="should_and_did.xlsx", content=sheet([D, "应到人数", "实到人数"], ["2019-03-05", 60, 50], ["2019-03-06", 40, 33]),
         asks=["--column people=实到人数  实到人数: 83 people  (suggested)", "people=应到人数"], options=["--column=people=实到人数"], people=83),
    Case(name="two_dates.xlsx", content=sheet(["预约日期", "参观日期", "人数"], ["2019-02-20", "2019-03-05", 60], ["2019-02-27", "2019-03-06", 40]),
         asks=["--column date=参观日期  参观日期  (suggested)", "date=预约日期"], options=["--column=date=参观日期"], people=100, months={"2019-03": 100}),
    Case(name="last_year.xlsx", content=sheet(["月份", "上年同期人数", "本期人数", "同比增长"], ["2019-03", 90, 100, "11%"], ["2019-04", 70, 60, "-14%"]),
         asks=["people=本期人数  本期人数: 160 people  (suggested)"], options=["--column=people=本期人数"], people=160),
    Case(name="parts_only.xlsx", content=sheet([D, "成人", "儿童"], ["2019-03-05", 40, 20], ["2019-03-06", 30, 10]),
         asks=["people=成人+儿童  成人 + 儿童: 100 people  (suggested)"], options=["--column=people=成人+儿童"], people=100),
    Case(name="english.xlsx", content=sheet(["Date", "Booked", "Attended"], ["2019-03-05", 60, 50], ["2019-03-06", 40, 33]),
         asks=["people=Attended  Attended: 83 people  (suggested)"], options=["--column=people=Attended"], people=83),
    Case(name="status.xlsx", content=sheet([*PLAIN, "状态"], [*MARCH[0], "已核销"], [*MARCH[1], "已取消"], ["2019-03-07", H, 30, "预约成功"]),
         asks=["status:已取消=leave-out", "status:预约成功=take"], options=["--answer=status:已取消=leave-out", "--answer=status:预约成功=leave-out"], people=60),
    Case(name="absent_yes.csv", content=text("日期,人数,是否取消", "2019-03-05,60,否", "2019-03-06,40,是"),
         asks=["status:是=leave-out"], options=["--answer=status:是=leave-out"], people=60),
    Case(name="remark.xlsx", content=sheet([*PLAIN, "备注"], [*MARCH[0], ""], [*MARCH[1], "临时取消"]),
         asks=["--answer remark=leave-out"], options=["--answer=remark=leave-out"], people=60),
    Case(name="ten_thousands.xlsx", content=sheet(["月份", "参观人数（万人次）"], ["2019-03", 1.2], ["2019-04", 0.85]),
         asks=["=times  Multiply each number by 10,000: 20,500 people  (suggested)"], options=["--answer=unit:参观人数（万人次）=times"], people=20500),
    Case(name="thousands_in_title.xlsx", content=sheet(["2019年观众统计（单位：千人）"], ["月份", "人数"], ["2019-03", 3], ["2019-04", 2.5]),
         asks=["=times"], options=["--answer=unit:2019年观众统计（单位：千人）=times"], people=5500),
    Case(name="unit_in_the_sheets_name.xlsx", content=sheet(["月份", "人数"], ["2019-03", 3], ["2019-04", 8], name="观众（百人次）"),
         asks=["unit:观众（百人次）=times"], options=["--answer=unit:观众（百人次）=times"], people=1100),
    Case(name="unit_in_the_files_name(千人).xlsx", content=sheet(["月份", "人数"], ["2019-03", 3], ["2019-04", 8]),
         asks=["=times"], options=["--answer=unit:unit_in_the_files_name(千人).xlsx=times"], people=11000),
    Case(name="unit_below_the_table.xlsx", content=sheet(["月份", "人数"], ["2019-03", 3], ["2019-04", 8], ["注：单位为千人次"]),
         asks=["=times"], options=["--answer=unit:注：单位为千人次=times"], people=11000),
    Case(name="unit_in_a_groups_name.xlsx", content=sheet([D, "单位名称", "人数"], ["2019-03-05", "荔湾区总工会", 20], [None, "广州千人合唱团", 35]),
         asks=["--answer blank-date=above"], options=["--answer=blank-date=above"], people=55),
    Case(name="unit_without_a_word.xlsx", content=sheet(["单位：万"], ["月份", "人数"], ["2019-03", 3], ["2019-04", 8]),
         asks=["=times"], options=["--answer=unit:单位：万=as-is"], people=11),
    Case(name="unit_english.xlsx", content=sheet(["Month", "Visitors (000)"], ["2019-03", 3], ["2019-04", 8]),
         asks=["=times"], options=["--answer=unit:Visitors (000)=times"], people=11000),
    Case(name="units_of_columns.xlsx", content=sheet(["月份", "成人（千人）", "儿童（百人）"], ["2019-03", 3, 2], ["2019-04", 8, 1]),
         asks=["unit:成人（千人）=times", "unit:儿童（百人）=times", "成人（千人） + 儿童（百人）: 11,300 people"], people=11300,
         options=["--column=people=成人（千人）+儿童（百人）", "--answer=unit:成人（千人）=times", "--answer=unit:儿童（百人）=times"]),
    Case(name="unit_of_places_across.xlsx", content=sheet(["月份", "江西（千人）", "云南（千人）"], ["2019-03", 3, 2], ["2019-04", 8, 1]),
         asks=["=times"], options=["--answer=unit:江西（千人）=times"], people=14000, divisions={"360000": 11000, "530000": 3000}),
    Case(name="units_of_places_across.xlsx", content=sheet(["月份", "江西（千人）", "云南（百人）", "合计（人）"], ["2019-03", 3, 2, 3200], ["2019-04", 8, 1, 8100]),
         asks=["unit:江西（千人）=times  Multiply each number by 1,000: 11,000", "unit:云南（百人）=times  Multiply each number by 100: 300"],
         options=["--answer=unit:江西（千人）=times", "--answer=unit:云南（百人）=times"], people=11300, divisions={"360000": 11000, "530000": 300}),
    Case(name="unit_of_one_place_across.xlsx", content=sheet(["月份", "江西（千人）", "云南", "青海（人）"], ["2019-03", 3, 2, 5], ["2019-04", 8, 1, 6]),
         asks=["unit:云南 – 江西（千人）=times"], options=["--answer=unit:江西（千人）=times", "--answer=unit:云南 – 江西（千人）=as-is"],
         people=11014, divisions={"360000": 11000, "530000": 3, "630000": 11}),
    Case(name="unit_in_the_format.xlsx", content=sheet(["月份", "人数"], ["2019-03", 3], ["2019-04", 8], change=lambda s: [setattr(c, "number_format", '0"千人"') for c in s["B"]]),
         asks=["people_rounded:number=number"], options=["--answer=people_rounded:number=number"], people=11000),
    Case(name="merged_over_places.xlsx", content=sheet(PLAIN, ["2019-03-31", G, 60], ["2019-04-01", H, None], ["2019-04-02", H, 5], change=lambda s: s.merge_cells("C2:C3")),
         asks=["--answer merged-number=take", "merged-number=leave-out"], options=["--answer=merged-number=take"], people=65, divisions={"440000": 60, "430000": 5}),
    Case(name="merged_over_columns.xlsx", content=sheet(["月份", "江西", "云南", "青海"], ["2019-03", 70, None, 9], ["2019-04", 1, 2, 3], change=lambda s: s.merge_cells("B2:C2")),
         asks=["--answer merged-number=take"], options=["--answer=merged-number=leave-out"], people=15, divisions={"360000": 1, "530000": 2, "630000": 12}),
    Case(name="merged_in_the_second_table.xlsx", content=sheet([*PLAIN, *PLAIN], ["2019-01-05", G, 60, "2019-02-05", G, 30], ["2019-01-06", G, 10, "2019-02-06", H, None], change=lambda s: s.merge_cells("F2:F3")),
         asks=["--answer merged-number=take"], options=["--answer=merged-number=leave-out", "--answer=side-by-side=all"], people=70),
    Case(name="swapped_by_the_program.xlsx", content=sheet([D, "人数"], [datetime(2019, 5, 3), 60], ["23/4/2019", 40], [datetime(2019, 6, 6), 10]),
         asks=["date_swapped:as_shown+swapped=swapped"], options=["--answer=date_swapped:as_shown+swapped=swapped"], people=110, months={"2019-03": 60, "2019-04": 40, "2019-06": 10}),
    Case(name="not_swapped.xlsx", content=sheet([D, "人数"], [datetime(2019, 5, 30), 60], ["23/4/2019", 40], [datetime(2019, 6, 3), 10]), people=110, months={"2019-05": 60, "2019-04": 40, "2019-06": 10}),
    Case(name="copied_sheet.xlsx", content=book(("1月", [PLAIN, ["2019-01-05", G, 60]]), ("2月", [PLAIN, ["2019-01-06", H, 40]])),
         asks=["--all-sheets"], options=["--all-sheets", "--answer=other-period:2月=leave-out"], people=60),
    Case(name="sheet_of_another_year.xlsx", content=book(("2018年11月", [PLAIN, ["2018-11-05", G, 60]]), ("2019年11月", [PLAIN, ["2018-11-06", H, 40]])),
         asks=["--all-sheets"], options=["--all-sheets", "--answer=other-period:2019年11月=take"], people=100),
    Case(name="minguo_traditional.csv", content="日期,人數\n民國108年3月6日,40\n".encode(), asks=["date_minguo:as_date"], options=["--answer=date_minguo:as_date=as_date"], people=40, months={"2019-03": 40}),
    Case(name="winter.xlsx", content=sheet(["2018年冬季"], ["月份", "人数"], ["11月", 10], ["12月", 20], ["1月", 30], ["2月", 40]),
         asks=["--answer new-year=next  They belong to the following year: 70 people", "new-year=same", "--year 2018"],
         options=["--year=2018", "--answer=new-year=next"], people=100, months={"2018-11": 10, "2018-12": 20, "2019-01": 30, "2019-02": 40}),
    Case(name="winter_with_titles.xlsx", content=sheet(["2018年"], ["月份", "人数"], ["12月", 60], ["2019年", ""], ["1月", 40], ["2月", 30]),
         asks=["--answer year=title"], options=["--answer=year=title"], people=130, months={"2018-12": 60, "2019-01": 40, "2019-02": 30}),
    Case(name="months_of_each_place.xlsx", content=sheet(["2018年"], ["来源地", "月份", "人数"], [G, "1月", 10], [G, "12月", 20], [H, "1月", 30], [H, "12月", 40]),
         asks=["--year 2018"], options=["--year=2018"], people=100, months={"2018-01": 40, "2018-12": 60}),
    Case(name="no_year.xlsx", content=sheet(PLAIN, ["3月5日", G, 60], ["3月6日", H, 40]),
         asks=["--year YYYY"], options=["--year=2018"], people=100, months={"2018-03": 100}),
    Case(name="hidden_year.xlsx", content=sheet(PLAIN, [datetime(2024, 3, 5), G, 60], [datetime(2024, 3, 6), H, 40], change=lambda s: _shown_as(s, 'm"月"d"日"')),
         asks=["--answer year=stored", "--year YYYY"], options=["--year=2019"], people=100, months={"2019-03": 100}),
    Case(name="instants.csv", content=text("visited at,people", "2019-03-31T16:30:00Z,60", "2019-03-31T15:30:00Z,40"), people=100, months={"2019-03": 40, "2019-04": 60}),
    Case(name="utc.csv", content=text("入馆时间（UTC）,人数", "2019-03-31 16:30:00,60", "2019-03-31 15:30:00,40"),
         asks=["--answer zone=convert"], options=["--answer=zone=convert"], people=100, months={"2019-03": 40, "2019-04": 60}),
    Case(name="cut_thousands.csv", content=text("日期,来源地,人数", "2019-03-05,广东,1,234", "2019-03-06,湖南,40"),
         asks=["--answer extra-cells=join"], options=["--answer=extra-cells=join"], people=1274),
    Case(name="cut_thousands_middle.csv", content=text("日期,人数,来源地", "2019-03-05,1,234,广东", "2019-03-06,40,湖南"),
         asks=["--answer extra-cells=join"], options=["--answer=extra-cells=join"], people=1274, divisions={"440000": 1234, "430000": 40}),
    Case(name="dots.csv", content=text("日期,人数", "2019-03-05,1.234", "2019-03-06,40"),
         asks=["people_dot"], options=["--answer=people_dot:thousands=thousands"], people=1274),
    Case(name="months_and_summary.xlsx",
         content=book(("1月", [PLAIN, ["2019-01-05", G, 60]]), ("2月", [PLAIN, ["2019-02-05", G, 40]]), ("汇总", [PLAIN, ["2019-01", G, 60], ["2019-02", G, 40]])),
         asks=["--all-sheets", "summary-sheet:汇总=leave-out"], options=["--all-sheets", "--answer=summary-sheet:汇总=leave-out"], people=100),
    Case(name="one_of_the_sheets.xlsx", content=book(("1月", [PLAIN, ["2019-01-05", G, 60]]), ("2月", [PLAIN, ["2019-02-05", G, 40]])),
         asks=["--all-sheets  Read all of these sheets: 100 people  (suggested)"], options=["--sheet=2月"], people=40),
    Case(name="other_sheet.xlsx", content=book(("团队", [PLAIN, *MARCH]), ("散客", [["时间", "姓名", "电话", "票数"], ["2019-03-05", "张", "1", 3]])),
         asks=["--answer other-sheet:散客=leave-out"], options=["--answer=other-sheet:散客=leave-out"], people=100),
    Case(name="hidden_column.xlsx", content=sheet([D, "来源地", "人数", "备注"], *MARCH, change=lambda s: setattr(s.column_dimensions["C"], "hidden", True)),
         asks=["hidden-column:人数=take"], options=["--answer=hidden-column:人数=take"], people=100),
    Case(name="old_numbers_hidden.xlsx", content=sheet([D, "人数", "人数（修订）"], ["2019-03-05", 66, 60], ["2019-03-06", 44, 40], change=lambda s: setattr(s.column_dimensions["B"], "hidden", True)),
         asks=["people=人数（修订）  人数（修订）: 100 people  (suggested)"], options=["--column=people=人数（修订）"], people=100),
    Case(name="second_heading.xlsx", content=sheet(PLAIN, *MARCH, [D, "人数", "来源地"], ["2019-03-07", 30, "广西"]),
         asks=["--answer other-heading=follow"], options=["--answer=other-heading=follow"], people=130, divisions={"440000": 60, "430000": 40, "450000": 30}),
    Case(name="three_tables.xlsx", content=sheet([*PLAIN, *PLAIN, *PLAIN], ["2019-01-05", G, 60, "2019-02-05", G, 30, "2019-03-05", H, 10]),
         asks=["--answer side-by-side=all"], options=["--answer=side-by-side=all"], people=100, months={"2019-01": 60, "2019-02": 30, "2019-03": 10}),
    Case(name="places_across.xlsx", content=sheet(["月份", "广东", "湖南", "港澳", "国外", "其他"], ["2019年1月", 50, 20, 0, 5, 1], ["2019年2月", 10, 10, 2, 1, 1]),
         asks=["--settle 港澳="], options=["--settle=港澳=香港", "--settle=其他=unknown"], people=100, divisions={"440000": 60, "430000": 30, "810000": 2, "overseas": 6, "unknown": 2}),
    Case(name="one_place_across.xlsx", content=sheet(["月份", "广东", "广东省", "合计"], ["2019-01", 50, 20, 70], ["2019-02", 10, 20, 30]),
         people=100, divisions={"440000": 100}),
    Case(name="one_place_and_its_total_across.xlsx", content=sheet(["月份", "广东", "广东省", "合计"], ["2019-01", 50, 50, 50], ["2019-02", 10, 10, ""]),
         asks=["across-total=take", "across-same:广东, 广东省=first", "across-same:广东, 广东省=both"],
         options=["--answer=across-total=leave-out", "--answer=across-same:广东, 广东省=first"], people=10, divisions={"440000": 10}),
    Case(name="same_place_among_others_across.xlsx", content=sheet(["月份", "广东", "湖南", "广东省"], ["2019-01", 50, 20, 5], ["2019-02", 10, 10, 5]),
         asks=["across-same:广东, 广东省=first  Count the first one only: 60 people"], options=["--answer=across-same:广东, 广东省=both"], people=100, divisions={"440000": 70, "430000": 30}),
    Case(name="place_and_all_others_across.xlsx", content=sheet(["月份", "广东", "省外", "合计"], ["2019-01", 50, 20, 70], ["2019-02", 10, 20, 30]),
         asks=["--settle 省外="], options=["--settle=省外=unknown"], people=100, divisions={"440000": 60, "unknown": 40}),
    Case(name="place_beside_a_total.xlsx", content=sheet(["月份", "广东", "合计"], ["2019-01", 50, 70], ["2019-02", 10, 30]),
         asks=["people=合计  合计: 100 people  (suggested)", "people=广东  广东: 60 people"], options=["--column=people=合计"], people=100),
    Case(name="years_across.xlsx", content=sheet(["月份", "2018年人数", "2019年人数", "合计"], ["1月", 50, 20, 70], ["2月", 10, 20, 30]),
         people=100, months={"2018-01": 50, "2018-02": 10, "2019-01": 20, "2019-02": 20}),
    Case(name="years_across_dates.xlsx", content=sheet(["月份", "2018年", "2019年", "增长"], ["2018-01", 50, 20, -30], ["2月", 10, 20, 10]),
         people=80, options=["--leave-out-wrong"], months={"2018-01": 50, "2018-02": 10, "2019-02": 20}),
    Case(name="months_across_with_years.xlsx", content=sheet(["来源地", "2018年12月", "2019年1月", "合计"], [G, 40, 20, 60], [H, 30, 10, 40], ["合计", 70, 30, 100]),
         people=100, months={"2018-12": 70, "2019-01": 30}),
    Case(name="first_month_across.xlsx", content=sheet(["来源地", "2019年元月", "2/2019"], [G, 40, 20], [H, 30, 10]), people=100, months={"2019-01": 70, "2019-02": 30}),
    Case(name="english_months.xlsx", content=sheet(["2019"], ["Province", "Jan", "Feb", "Total"], ["Guangdong", 40, 20, 60], ["Hunan", 30, 10, 40]),
         asks=["--year 2019"], options=["--year=2019"], people=100, months={"2019-01": 70, "2019-02": 30}),
    Case(name="across_does_not_add_up.xlsx", content=sheet(["月份", "广东", "湖南", "合计"], ["2019年1月", 60, 40, 110], ["2019年2月", 50, 20, 70]),
         asks=["across-total=take"], options=["--answer=across-total=take"], people=170),
    Case(name="persons.xlsx", content=sheet(["姓名", "省份", "入馆时间"], ["甲", G, "2019-03-05 09:30"], ["乙", G, "2019-03-05 09:31"], ["丙", H, "2019-03-06 10:00"]),
         asks=["--column people=each-row"], options=["--column=people=each-row"], people=3, divisions={"440000": 2, "430000": 1}),
    Case(name="as_above.xlsx", content=sheet(PLAIN, ["2019-03-05", G, 40], [None, H, 25], ["2019-03-06", G, 35]),
         asks=["--answer blank-date=above"], options=["--answer=blank-date=above"], people=100),
    Case(name="parts_as_above.csv", content=text("年,月,日,人数", "2019,3,5,40", ",,6,20", ",4,1,40"),
         asks=["--answer blank-date=above"], options=["--answer=blank-date=above"], people=100, months={"2019-03": 60, "2019-04": 40}),
    Case(name="places_as_above.xlsx", content=sheet(["来源地", D, "人数"], [G, "2019-03-05", 40], ["", "2019-03-06", 20], ["", "2019-03-07", 10], [H, "2019-03-05", 30]),
         asks=["--answer blank-place=above"], options=["--answer=blank-place=above"], people=100, divisions={"440000": 70, "430000": 30}),
    Case(name="day_first.csv", content=text("date,people", "5/3/2019,60", "25/3/2019,40"), people=100, months={"2019-03": 100}),
    Case(name="which_first.csv", content=text("date,people", "5/3/2019,60", "6/4/2019,40"),
         asks=["date_order", "=day_first", "=month_first"], options=["--answer=date_order:day_first+month_first=month_first"], people=100, months={"2019-05": 60, "2019-06": 40}),
    Case(name="bare_sum.csv", content=text("日期,来源地,人数", "2019-03-05,广东,60", "2019-03-06,湖南,40", ",,100"),
         asks=["--answer sums=leave-out"], options=["--answer=sums=leave-out"], people=100),
    Case(name="sum_with_a_name.csv", content=text("日期,来源地,人数", "2019-03-05,广东,60", "2019-03-06,湖南,40", "2019-03-07,广西,20", "2019-03-31,广东,120"),
         asks=["--answer sums=leave-out"], options=["--answer=sums=take"], people=240),
    Case(name="sum_in_formula.xlsx", content=sheet(PLAIN, *MARCH, ["2019-03-31", G, "=SUM(C2:C3)"]),
         asks=["--answer sums=leave-out"], options=["--answer=sums=leave-out"], people=100),
    Case(name="sum_in_remark.xlsx", content=sheet([*PLAIN, "备注"], [*MARCH[0], ""], [*MARCH[1], ""], ["2019-03-06", G, 100, "合计"]),
         asks=["label-elsewhere=leave-out"], options=["--answer=label-elsewhere=leave-out"], people=100),
    Case(name="of_which.xlsx", content=sheet(["月份", "来源地", "人数"], ["2019-03", "广东省", 60], ["2019-03", "其中：广州市", 35], ["2019-03", "湖南省", 40]),
         asks=["--answer of-which=leave-out"], options=["--answer=of-which=leave-out", "--settle=其中：广州市=广州"], people=100),
    Case(name="provinces_and_cities.xlsx", content=sheet(["月份", "来源地", "人数"], ["2019-03", "广州", 35], ["2019-03", "深圳", 20], ["2019-03", G, 60], ["2019-03", H, 40]),
         asks=["province-and-cities=provinces"], options=["--answer=province-and-cities=provinces"], people=100),
    Case(name="new_year.xlsx", content=sheet(["2019年12月—2020年1月"], PLAIN, ["12月31日", G, 60], ["1月1日", H, 40]),
         asks=["--year"], options=[], people=None),
    Case(name="batches.xlsx", content=sheet([D, "第几批", "人数"], ["2019-03-05", "第1批", 30], ["2019-03-05", "第2批", 30], ["2019-03-06", "第1批", 40]),
         people=100, groups=3),
    Case(name="groups_that_count.xlsx", content=sheet([D, "团队数", "人数"], ["2019-03-05", 2, 60], ["2019-03-06", 1, 40]), people=100, groups=3),
    Case(name="place_and_two_lines.xlsx", content=sheet(["月份", "广东", "", "湖南", ""], ["", "人数", "批次", "人数", "批次"], ["2019-03", 60, 2, 40, 1]),
         people=100, divisions={"440000": 60, "430000": 40}),
    Case(name="cumulative_only.xlsx", content=sheet([D, "来源地", "累计人数"], ["2019-03-05", G, 60], ["2019-03-06", H, 100]),
         asks=["people=累计人数"], options=["--column=people=累计人数"], people=160),
    Case(name="online_and_here.xlsx", content=sheet([D, "线上人数", "线下人数"], ["2019-03-05", 600, 20], ["2019-03-06", 400, 10]),
         asks=["people=线下人数  线下人数: 30 people  (suggested)", "people=线上人数"], options=["--column=people=线下人数"], people=30),
    Case(name="watched_only.xlsx", content=sheet([D, "直播观看人次"], ["2019-03-05", 600], ["2019-03-06", 400]),
         asks=["people=直播观看人次"], options=["--column=people=直播观看人次"], people=1000),
    Case(name="staff.xlsx", content=sheet([D, "讲解员人数", "观众人数"], ["2019-03-05", 2, 60], ["2019-03-06", 1, 40]),
         asks=["people=观众人数  观众人数: 100 people  (suggested)"], options=["--column=people=观众人数"], people=100),
    Case(name="days_of_the_sheet.xlsx", content=sheet([D, "人数"], ["5日", 60], ["6日", 40], name="2019年3月"),
         asks=["--answer month=title", "--year 2019"], options=["--year=2019", "--answer=month=title"], people=100, months={"2019-03": 100}),
    Case(name="filtered.xlsx", content=sheet(PLAIN, *MARCH, ["2019-03-07", H, 30], change=lambda s: setattr(s.row_dimensions[4], "hidden", True)),
         asks=["hidden-rows=leave-out"], options=["--answer=hidden-rows=take"], people=130),
    Case(name="total_beyond_the_heading.xlsx", content=sheet(PLAIN, *MARCH, ["2019-03-31", G, 100, "", "合计"]),
         asks=["label-elsewhere=leave-out"], options=["--answer=label-elsewhere=leave-out"], people=100),
    Case(name="figures_in_a_hidden_sheet.xlsx", content=book(("数据", [PLAIN, *MARCH]), ("草稿", [PLAIN, ["2019-03-07", G, 30]]), change=lambda b: setattr(b.worksheets[1], "sheet_state", "hidden")),
         people=100),
    Case(name="twelve_days_beside_months.xlsx", content=sheet(PLAIN, ["2019-03-05", G, 30], ["2019-03-06", H, 30], ["2019年3月", G, 45], ["2019年4月", G, 70]),
         asks=["days-and-month=days", "In 2019-03 there"], options=["--answer=days-and-month=months"], people=115, months={"2019-03": 45, "2019-04": 70}),
    Case(name="booked_only.xlsx", content=sheet([D, "来源地", "预约人数"], *MARCH),
         asks=["--column people=预约人数"], options=["--column=people=预约人数"], people=100),
    Case(name="plan_and_fact.xlsx", content=sheet([D, "计划", "实际"], ["2019-03-05", 60, 50], ["2019-03-06", 40, 33]),
         asks=["people=实际  实际: 83 people  (suggested)"], options=["--column=people=实际"], people=83),
    Case(name="booked_and_shown.xlsx", content=sheet(["Date", "Booked pax", "Showed up"], ["2019-03-05", 60, 50], ["2019-03-06", 40, 33]),
         asks=["people=Showed up  Showed up: 83 people  (suggested)"], options=["--column=people=Showed up"], people=83),
    Case(name="this_year_and_last.xlsx", content=sheet(["月份", "本年", "去年同期"], ["2019-03", 60, 90], ["2019-04", 40, 70]),
         asks=["people=本年  本年: 100 people  (suggested)"], options=["--column=people=本年"], people=100),
    Case(name="teachers_and_pupils.xlsx", content=sheet([D, "学校名称", "教师", "学生", "家长"], ["2019-03-05", "一中", 5, 50, 5], ["2019-03-06", "二中", 4, 30, 6]),
         asks=["people=教师+学生+家长  教师 + 学生 + 家长: 100 people  (suggested)"], options=["--column=people=教师+学生+家长"], people=100),
    Case(name="companions.csv", content=text("姓名,省份,日期,同行人数", "甲,广东,2019-03-05,2", "乙,湖南,2019-03-05,0"),
         asks=["people=同行人数", "people=each-row"], options=["--column=people=each-row"], people=2),
    Case(name="people_of_groups.xlsx", content=sheet([D, "团队名称", "来源地", "团队人数"], ["2019-03-05", "甲", G, 60], ["2019-03-06", "乙", H, 40]), people=100),
    Case(name="traditional.csv", content="參觀日期,來源地,參觀人數\n2019-03-05,廣東,60\n2019-03-06,湖南,40\n".encode("big5"), people=100, divisions={"440000": 60, "430000": 40}),
    Case(name="place_by_its_cells.xlsx", content=sheet([D, "从哪来", "人数"], *MARCH),
         asks=["--column province=从哪来"], options=["--column=province=从哪来"], people=100, divisions={"440000": 60, "430000": 40}),
    Case(name="two_homes.xlsx", content=sheet([D, "户籍", "居住地", "人数"], ["2019-03-05", G, H, 60], ["2019-03-06", H, G, 40]),
         asks=["--column province=户籍", "--column province=居住地"], options=["--column=province=居住地"], people=100, divisions={"440000": 40, "430000": 60}),
    Case(name="session_names.xlsx", content=sheet([D, "场次", "人数"], ["2019-03-05", "上午", 35], ["2019-03-05", "下午", 25], ["2019-03-06", "上午", 40]), people=100),
    Case(name="month_and_day.xlsx", content=sheet(["2019年参观记录"], ["月", "日", "来源地", "人数"], [3, 5, G, 60], [4, 6, H, 40]),
         asks=["--year 2019"], options=["--year=2019"], people=100, months={"2019-03": 60, "2019-04": 40}),
    Case(name="month_numbers.xlsx", content=sheet(["2019年"], ["月份", "人数"], [1, 60], [10, 25], [11, 15]),
         asks=["--year 2019"], options=["--year=2019"], people=100, months={"2019-01": 60, "2019-10": 25, "2019-11": 15}),
    Case(name="month_and_weekday.xlsx", content=sheet(["Month", "Weekday", "Visitors"], ["2019-03", "Mon", 60], ["2019-04", "Tue", 40]), people=100),
    Case(name="days_of_a_dotted_sheet.xlsx", content=sheet([D, "人数"], ["5日", 60], ["6日", 40], name="2019-03"),
         asks=["--answer month=title", "--year 2019"], options=["--year=2019", "--answer=month=title"], people=100, months={"2019-03": 100}),
    Case(name="years_as_titles.xlsx", content=sheet(["2018年"], ["月份", "人数"], ["1月", 10], ["2月", 20], ["2019年"], ["月份", "人数"], ["1月", 30], ["2月", 40]),
         asks=["--answer year=title"], options=["--answer=year=title"], people=100, months={"2018-01": 10, "2018-02": 20, "2019-01": 30, "2019-02": 40}),
    Case(name="redeemed.xlsx", content=sheet([*PLAIN, "核销"], [*MARCH[0], "已核销"], [*MARCH[1], "已核销"], ["2019-03-07", H, 30, "未核销"]),
         asks=["status:未核销=leave-out"], options=["--answer=status:未核销=leave-out"], people=100),
    Case(name="crossed_out.xlsx", content=sheet([*PLAIN, "到场"], [*MARCH[0], "√"], [*MARCH[1], "×"]),
         asks=["status:×=leave-out"], options=["--answer=status:×=leave-out"], people=60),
    Case(name="refused_under_any_heading.xlsx", content=sheet([*PLAIN, "流程"], [*MARCH[0], "结束"], [*MARCH[1], "已驳回"]),
         asks=["status:已驳回=leave-out"], options=["--answer=status:已驳回=leave-out"], people=60),
    Case(name="never_signed_in.xlsx", content=sheet([*PLAIN, "签到时间"], [*MARCH[0], "09:05"], [*MARCH[1], ""]),
         asks=["status:签到时间: –=leave-out"], options=["--answer=status:签到时间: –=leave-out"], people=60),
    Case(name="harmless_noes.xlsx", content=sheet([*PLAIN, "是否讲解", "投诉", "单位"], [*MARCH[0], "否", "无", "未来科技"], [*MARCH[1], "是", "无", "平安"]), people=100),
    Case(name="sum_above_its_day.xlsx", content=sheet([D, "单位", "人数"], ["2019-03-05", "", 60], ["", "甲", 35], ["", "乙", 25], ["2019-03-06", "", 40], ["", "丙", 40]),
         asks=["--answer sums=leave-out"], options=["--answer=sums=leave-out", "--answer=blank-date=above"], people=100),
    Case(name="sum_of_the_whole_day.xlsx", content=sheet([D, "时间段", "人数"], ["2019-03-05", "上午", 35], ["2019-03-05", "下午", 25], ["2019-03-05", "全天", 60], ["2019-03-06", "上午", 40]),
         asks=["--answer sums=leave-out"], options=["--answer=sums=leave-out"], people=100),
    Case(name="sum_of_a_day_by_chance.xlsx", content=sheet([D, "时间段", "人数"], ["2019-03-05", "上午", 20], ["2019-03-05", "下午", 20], ["2019-03-05", "晚上", 40],
         ["2019-03-06", "上午", 10], ["2019-03-06", "下午", 15], ["2019-03-06", "晚上", 12], ["2019-03-07", "上午", 9], ["2019-03-07", "下午", 5], ["2019-03-07", "晚上", 8]), people=139),
    Case(name="received_that_day.xlsx", content=sheet([D, "单位", "人数"], ["2019-03-05", "甲", 60], ["2019-03-05", "乙", 40], ["2019-03-05", "当日接待", 100]), people=100),
    Case(name="heading_in_english_below.xlsx", content=sheet(PLAIN, ["Date", "Province", "Visitors"], *MARCH), people=100),
    Case(name="dates_and_people_thrice.xlsx", content=sheet([D, "人数"] * 3, ["2019-01-05", 60, "2019-02-05", 50, "2019-03-05", 70], ["2019-01-06", 40, "2019-02-06", 50, "2019-03-06", 30]),
         asks=["--answer side-by-side=all"], options=["--answer=side-by-side=all"], people=300, months={"2019-01": 100, "2019-02": 100, "2019-03": 100}),
    Case(name="sum_of_two_days.xlsx", content=sheet([D, "人数"], ["2019-03-05", 60], ["2019-03-06", 40], ["2019-03-31", 100]),
         asks=["--answer sums=leave-out"], options=["--answer=sums=take"], people=200),
    Case(name="equal_by_chance.xlsx", content=sheet([D, "来源地", "单位", "人数"], ["2019-03-05", G, "甲", 20], ["2019-03-06", H, "乙", 40], ["2019-03-07", G, "丙", 60]), people=120),
    Case(name="cut_before_a_remark.csv", content=text("日期,人数,备注", "2019-03-05,1,234", "2019-03-06,40,雨"),
         asks=["--answer extra-cells=join"], options=["--answer=extra-cells=join"], people=1274),
    Case(name="across.csv", content=text("月份,广东,湖南,合计", "2019-03,60,40,100", "2019-04,30,20,50,,"), people=150, months={"2019-03": 100, "2019-04": 50}),
    Case(name="across_cut.csv", content=text("月份,广东,湖南", "2019-03,1,234,40", "2019-04,30,20"),
         asks=["extra-cells:other=take  Count these rows"], options=["--answer=extra-cells:other=leave-out"], people=50),
    Case(name="across_and_more.xlsx", content=sheet([D, "广东", "湖南", "散客"], ["2019-03-05", 60, 40, 5]),
         asks=["not counted: 散客", "across-left=leave-out"], options=["--answer=across-left=leave-out"], people=100),
    Case(name="days_across.xlsx", content=sheet(["省份", datetime(2019, 3, 31), datetime(2019, 4, 1), "合计"], [G, 20, 40, 60], [H, 30, 10, 40]), people=100, months={"2019-03": 50, "2019-04": 50}),
    Case(name="struck_through.xlsx", content=sheet(PLAIN, *MARCH, ["2019-03-07", H, 30], change=lambda s: _strike(s[4])),
         asks=["struck-through=leave-out", "30 people"], options=["--answer=struck-through=leave-out"], people=100),
    Case(name="struck_number.xlsx", content=sheet(PLAIN, *MARCH, ["2019-03-07", H, 30], change=lambda s: _strike([s["C2"]])),
         asks=["struck-through=leave-out"], options=["--answer=struck-through=take"], people=130),
    Case(name="struck_heading.xlsx", content=sheet(PLAIN, *MARCH, change=lambda s: _strike([s["A1"], s["F3"]])), people=100),
    Case(name="pasted_twice.csv", content=text("日期,来源地,人数", *BLOCK, "2019-03-08,北京,9", *BLOCK),
         asks=["copied-rows=leave-out", "3 rows"], options=["--answer=copied-rows=leave-out"], people=109),
    Case(name="pasted_twice_and_meant.csv", content=text("日期,来源地,人数", *BLOCK, *BLOCK),
         asks=["copied-rows=leave-out"], options=["--answer=copied-rows=take"], people=200),
    Case(name="pasted_with_numbers.xlsx", content=sheet(["序号", *PLAIN], *([at, *row.split(",")] for at, row in enumerate([*BLOCK, *BLOCK], 1))),
         asks=["copied-rows=leave-out"], options=["--answer=copied-rows=leave-out"], people=100),
    Case(name="one_group_twice.xlsx", content=sheet([*PLAIN, "联系电话"], [*MARCH[0], "13800000001"], [*MARCH[1], "13800000002"], [*MARCH[0], "13800000001"]),
         asks=["copied-rows=leave-out", "1 row"], options=["--answer=copied-rows=leave-out"], people=100),
    Case(name="one_hour_twice.csv", content=text("时间,来源地,人数", "2019-03-05 09:30,广东,60", "2019-03-05 09:30,广东,60", "2019-03-06 10:00,湖南,40"),
         asks=["copied-rows=leave-out"], options=["--answer=copied-rows=leave-out"], people=100),
    Case(name="one_name_twice.xlsx", content=sheet([*PLAIN, "单位"], [*MARCH[0], "甲中学"], [*MARCH[1], "乙中学"], [*MARCH[0], "甲中学"]),
         asks=["copied-rows=leave-out"], options=["--answer=copied-rows=leave-out"], people=100),
    Case(name="equal_groups.csv", content=text("日期,来源地,人数", *["2019-03-05,广东,20"] * 12, *["2019-03-06,湖南,20", "2019-03-06,广东,15"] * 4), people=380),
    Case(name="equal_groups_at_midnight.csv", content=text("日期,来源地,人数", *["2019-03-05 00:00:00,广东,20"] * 3), people=60),
    Case(name="equal_groups_of_a_kind.xlsx", content=sheet([*PLAIN, "单位"], *[[*MARCH[0], "学校"]] * 2, [*MARCH[1], "散客"]), people=160),
    Case(name="busy_day.csv", content=text("日期,来源地,人数", *[f"2019-03-05,{place},20" for place in (G, H, "四川", "北京", G, H, "四川", G, G, H)]), people=200),
    Case(name="busy_day_pasted_twice.csv", content=text("日期,来源地,人数", *[f"2019-03-05,{G},{people}" for people in (*range(20, 28), *range(20, 28))]),
         asks=["copied-rows=leave-out", "8 rows"], options=["--answer=copied-rows=leave-out"], people=188),
    Case(name="month_pasted_twice.xlsx", content=sheet(["月份", "来源地", "人数"], *[["2019-03", place, people] for place, people in ((G, 60), (H, 30), ("四川", 10))] * 2),
         asks=["copied-rows=leave-out"], options=["--answer=copied-rows=leave-out"], people=100),
    Case(name="two_hours.csv", content=text("时间,来源地,人数", "2019-03-05 09:30,广东,60", "2019-03-05 10:30,广东,60"), people=120),
    Case(name="copied_sheet.xlsx", content=book(("3月", [PLAIN, *MARCH]), ("4月", [PLAIN, ["2019-04-05", G, 60]]), ("3月 (2)", [PLAIN, *MARCH])),
         asks=["copied-rows=leave-out", "100 people"], options=["--all-sheets", "--answer=copied-rows=leave-out"], people=160, months={"2019-03": 100, "2019-04": 60}),
    Case(name="sheets_of_equal_months.xlsx", content=book(("1月", [PLAIN, ["2019-01-05", G, 60]]), ("2月", [PLAIN, ["2019-02-05", G, 60]])),
         asks=["--all-sheets"], options=["--all-sheets"], people=120),
    Case(name="sheets_with_synonyms.xlsx", content=book(("1月", [PLAIN, ["2019-01-05", G, 60]]), ("2月", [["参观日期", "省份", "参观人数"], ["2019-02-05", H, 40]])),
         asks=["sheet-columns:2月=take", "参观人数 = 人数", "省份 = 来源地"], options=["--all-sheets", "--answer=sheet-columns:2月=take"],
         people=100, divisions={"440000": 60, "430000": 40}),
    Case(name="sheets_with_other_meanings.xlsx", content=book(("1月", [PLAIN, ["2019-01-05", G, 60]]), ("2月", [[D, "来源地", "参观人数"], ["2019-02-05", H, 40]])),
         asks=["sheet-columns:2月=leave-out"], options=["--all-sheets", "--answer=sheet-columns:2月=leave-out"], people=60),
    Case(name="total_with_a_name.xlsx", content=sheet([D, "单位", "人数"], ["2019-03-05", "甲", 35], ["2019-03-05", "乙", 25], ["2019-03-05", "各地来宾", 60], ["2019-03-06", "丙", 40]),
         asks=["named-sums=leave-out", "60 people"], options=["--answer=named-sums=leave-out"], people=100),
    Case(name="total_with_a_name_first.xlsx", content=sheet([D, "单位", "人数"], ["2019-03-05", "全部团队", 60], ["2019-03-05", "甲", 35], ["2019-03-05", "乙", 25], ["2019-03-06", "丙", 40]),
         asks=["named-sums=leave-out"], options=["--answer=named-sums=take"], people=160),
    Case(name="total_with_a_name_by_chance.xlsx", content=sheet([D, "单位", "人数"], ["2019-03-05", "甲", 35], ["2019-03-05", "乙", 25], ["2019-03-05", "丙", 60],
         *[[f"2019-03-{day:02}", name, people] for day in (6, 7) for name, people in (("丁", 20), ("戊", 31), ("己", 12))]), people=246),
    Case(name="province_and_only_city.xlsx", content=sheet(PLAIN, ["2019-03-05", G, 60], ["2019-03-05", "广州", 60], ["2019-03-06", H, 40]),
         asks=["province-and-cities=provinces"], options=["--answer=province-and-cities=provinces"], people=100),
    Case(name="groups_of_twenty.xlsx", content=sheet(PLAIN, ["2019-03-05", G, 20], ["2019-03-05", "广州", 20], ["2019-03-05", H, 20]), people=60),
    Case(name="province_and_only_city_by_chance.xlsx", content=sheet(PLAIN, ["2019-03-05", G, 60], ["2019-03-05", "广州", 60], ["2019-03-06", G, 40], ["2019-03-06", "广州", 35]), people=195),
    Case(name="tenth.xlsx", content=sheet(PLAIN, [2019.1, G, 60], [2019.11, H, 40]),
         asks=["date_tenth"], options=[], people=None),
]  # fmt: skip
