"""Lists of names as spreadsheets and programs write them: escapes, merged places, strict workbooks, encodings."""

import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from hallapp.namelist import reading
from hallapp.namelist.models import ListColumn
from hallapp.sheets.errors import TextUnsure
from tests.namelist import sheetmakers as make
from tests.sheets.kit import book, row, text


def names_of(content: bytes, **options: object) -> list[str]:
    return [one.name for one in reading.understand_file(content, **options).rows]


def test_escapes_in_cells() -> None:
    rows = [["姓名"], ["张三_x000D_"], ["李四_x000d_\n"], ["_x5F20_三"]]
    content = book("".join(row(text(cell)) for (cell,) in rows))
    assert names_of(content) == ["张三", "李四", "张三"]


def test_strict_workbooks() -> None:
    assert names_of(book(row(text("姓名")) + row(text("张三")), strict=True)) == ["张三"]


def test_a_merged_place_is_the_place_of_each() -> None:
    rows = [
        ["姓名", "省份"],
        ["张三", "广东"],
        ["李四"],
        ["王五"],
        ["赵六", "湖南"],
        ["钱七"],
        [None, None],
        ["孙八", "北京"],
    ]
    content = make.openpyxl_book(rows, change=lambda sheet: [sheet.merge_cells(one) for one in ("B2:B4", "B5:B7")])
    found = reading.understand_file(content, wanted=[ListColumn.PLACE]).rows
    assert [(one.name, one.extras[ListColumn.PLACE]) for one in found] == [
        *(("张三", "广东"), ("李四", "广东"), ("王五", "广东"), ("赵六", "湖南"), ("钱七", "湖南"), ("孙八", "北京")),
    ]


def test_a_merged_name_is_one_person() -> None:
    rows = [["姓名", "备注"], ["张三", "轮椅"], [None, "素食"], ["李四", ""]]
    content = make.openpyxl_book(rows, change=lambda sheet: sheet.merge_cells("A2:A3"))
    assert names_of(content) == ["张三", "李四"]


def test_a_hidden_or_struck_row_is_marked_for_the_reader() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet["A4"].font = Font(strike=True)

    content = make.openpyxl_book([["姓名"], ["张三"], ["李四"], ["王五"]], change=change)
    rows = reading.understand_file(content).rows
    assert [(one.name, one.note and one.note.code) for one in rows] == [
        ("张三", None),
        ("李四", "hidden"),
        ("王五", "hidden"),
    ]


def test_a_text_in_no_sure_encoding_is_asked_for() -> None:
    content = "Name\nHélène\n".encode("cp1252")
    with pytest.raises(TextUnsure) as asked:
        names_of(content)
    assert ("Hélène",) in [one.lines for one in asked.value.candidates]
