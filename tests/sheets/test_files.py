"""Spreadsheets read a row at a time: dates by their format, merges, encodings, and files that mean harm."""

import io
import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from hallapp.sheets.cells import UNCACHED, Cell, Moment
from hallapp.sheets.errors import FileRefused
from hallapp.sheets.model import Bounds, Merge, SheetFile, letters_of
from hallapp.sheets.opening import open_here
from hallapp.sheets.xml import column_of, find_merges
from tests.namelist import sheetmakers as make

BOUNDS = Bounds(unpacked=64 * 1024**2, tags=2_000_000, small=1024**2)


def sheets_of(
    folder: Path, content: bytes, name: str = "a.xlsx"
) -> list[tuple[SheetFile, list[tuple[int, list[Cell]]]]]:
    path = folder / "file"
    path.write_bytes(content)
    with open_here(path, name, BOUNDS) as opened:
        return [(sheet, [(row.number, row.cells) for row in sheet.rows()]) for sheet in opened.sheets]


def rows_of(folder: Path, content: bytes, name: str = "a.xlsx") -> list[tuple[int, list[Cell]]]:
    return sheets_of(folder, content, name)[0][1]


def book(*rows: list[Any], formats: dict[int, str] | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd", **options}) as made:
        sheet = made.add_worksheet()
        for at, row in enumerate(rows):
            form = made.add_format({"num_format": formats[at]}) if formats and at in formats else None
            for column, value in enumerate(row):
                sheet.write(at, column, value, *([form] if form else []))
    return file.getvalue()


def test_dates_are_recognised_by_their_format(tmp_path: Path) -> None:
    shown = ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', 'yyyy"年"m"月"', "mmm-yy", "d/m/yyyy", "0", "h:mm", '"day" 0', "yyyy"]
    content = book(*[[43529] for _ in shown], formats=dict(enumerate(shown)))
    assert [cells[0] for _number, cells in rows_of(tmp_path, content)] == [
        Moment(date(2019, 3, 5)), Moment(date(2019, 3, 5)), Moment(date(2019, 3, 5), False),
        Moment(date(2019, 3, 5), False), Moment(date(2019, 3, 5)), "43529", "43529", "43529",
        Moment(date(2019, 3, 5), False, False),
    ]  # fmt: skip
    assert str(Moment(date(2019, 3, 5), False)) == "2019-03"


@pytest.mark.parametrize(
    ("number", "shows_day", "shows_year"),
    [(27, False, True), (31, True, True), (57, False, True), (58, True, False), (14, True, True), (17, False, True)],
)
def test_dates_of_chinese_spreadsheets(tmp_path: Path, number: int, shows_day: bool, shows_year: bool) -> None:
    content = make.parts_of(book([43529], formats={0: "yyyy-mm-dd"}))
    content["xl/styles.xml"] = content["xl/styles.xml"].replace(
        b'numFmtId="164" fontId', b'numFmtId="%d" fontId' % number
    )
    content["xl/styles.xml"] = content["xl/styles.xml"].replace(b'numFmtId="164" xfId', b'numFmtId="%d" xfId' % number)
    text = content["xl/styles.xml"].decode()
    assert f'numFmtId="{number}"' in text
    assert rows_of(tmp_path, make.zipped(content)) == [
        (1, [Moment(date(2019, 3, 5), shows_day, shows_year=shows_year)])
    ]


@pytest.mark.parametrize(
    ("shown", "day"),
    [
        ('[DBNum1][$-804]yyyy"年"m"月";@', False),
        ('[$-804]yyyy"年"m"月";@', False),
        ('[DBNum1][$-804]yyyy"年"m"月"d"日";@', True),
        ("[Red]yyyy-mm", False),
        ("[Red]yyyy-mm-dd", True),
        (r"yyyy\年m\月", False),
        (r"yyyy-mm\d", False),
        ("[h]:mm", None),
        ("[mm]:ss", None),
        ("[Red]0.00", None),
    ],
)
def test_letters_in_brackets_are_not_part_of_a_date_format(tmp_path: Path, shown: str, day: bool | None) -> None:
    expected = "43529" if day is None else Moment(date(2019, 3, 5), day)
    assert rows_of(tmp_path, book([43529], formats={0: shown})) == [(1, [expected])]


def test_years_from_1904(tmp_path: Path) -> None:
    content = book([datetime(2019, 3, 5)], date_1904=True)
    assert rows_of(tmp_path, content) == [(1, [Moment(date(2019, 3, 5))])]


def test_values_of_cells_are_read(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["A1"], sheet["B1"], sheet["D1"] = "广东", 33, True
        sheet["A3"], sheet["B3"] = "=1+1", "=A1"
        sheet["A5"] = "𠮷 <&>"
        sheet.merge_cells("A5:B7")
        sheet["C5"] = 1.5

    content = make.openpyxl_book([], change=change)
    ((sheet, rows),) = sheets_of(tmp_path, content)
    assert rows == [(1, ["广东", "33", "", "TRUE"]), (3, [UNCACHED, UNCACHED]), (5, ["𠮷 <&>", "", "1.5"])]
    assert sheet.merges == (Merge(5, 7, 0, 1),)


def test_texts_in_pieces_and_read_aloud(tmp_path: Path) -> None:
    content = make.parts_of(book(["x", "y"]))
    strings = (
        "<si><r><t>广</t></r><r><t>东</t></r><rPh><t>guang</t></rPh></si><si><t xml:space='preserve'> 人 </t></si>"
    )
    content["xl/sharedStrings.xml"] = (
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{strings}</sst>'.encode()
    )
    assert rows_of(tmp_path, make.zipped(content)) == [(1, ["广东", "人"])]
    inline = book(["甲", "乙"], constant_memory=True)
    assert rows_of(tmp_path, inline) == [(1, ["甲", "乙"])]


def test_hidden_sheets_come_last(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "hidden"
    made.active.append(["no"])
    made.create_sheet("shown").append(["yes"])
    made["hidden"].sheet_state = "hidden"
    made.active = 1
    found = sheets_of(tmp_path, make.saved(made))
    assert [(sheet.name, sheet.hidden, rows) for sheet, rows in found] == [
        ("shown", False, [(1, ["yes"])]),
        ("hidden", True, [(1, ["no"])]),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t", "，", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_files_are_read(tmp_path: Path, mark: str, encoding: str) -> None:
    content = make.csv_text([["日期", "人数", "单位"], ["2019-03-05", "33", "广州市第三中学𠮷"]], mark=mark).encode(
        encoding
    )
    expected = [(1, ["日期", "人数", "单位"]), (2, ["2019-03-05", "33", "广州市第三中学𠮷"])]
    assert rows_of(tmp_path, content, "a.csv") == expected


def test_a_quote_that_is_never_closed_swallows_nothing(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b'a,b\n"x,y\n1,2\n', "a.csv") == [(1, ["a", "b"]), (2, ['"x', "y"]), (3, ["1", "2"])]


ROW = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'
SHEET = book(["x"])


def entity_sheet(xml: bytes) -> bytes:
    return xml.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet', 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"%PDF-1.4", "file_is_pdf"),
        (b"\x00\x01\x02", "file_is_binary"),
        (b"\xff\xff\xff\xff", "text_unreadable"),
        (b"PK\x03\x04 but no more", "file_broken"),
        (SHEET[:-200], "file_broken"),
        (make.zipped({"a.txt": b"x"}), "file_is_archive"),
        (make.with_part(SHEET, "xl/vbaProject.bin", b"x"), "file_has_macros"),
        (make.with_part(SHEET, "xl/externalLinks/externalLink1.xml", b"<x/>"), "file_has_links"),
        (make.with_sheet(SHEET, entity_sheet), "file_unsafe"),
        (make.with_part(SHEET, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"), "file_broken"),
        (make.with_part(SHEET, "xl/sharedStrings.xml", b"<sst><si><t>never closed"), "file_broken"),
        (make.with_part(SHEET, "xl/media/x.bin", bytes(2 * 1024**2)), "file_unsafe"),
        (make.with_part(SHEET, "xl/worksheets/sheet9.xml", b"<" * 2_000_001), "file_unsafe"),
        (make.with_part(SHEET, "xl/worksheets/sheet9.xml", bytes(65 * 1024**2)), "file_unsafe"),
        (make.with_sheet(SHEET, lambda xml: xml.replace(b"<v>0</v>", b"<v>77</v>")), "file_broken"),
        (make.with_sheet(SHEET, lambda xml: xml.replace(b"<v>0</v>", b"<v>-1</v>")), "file_broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unreadable_files_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        sheets_of(tmp_path, content)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "xml",
    [
        b'<row r="' + b"9" * 5000 + b'"><c r="A1"><v>1</v></c></row>',
        b'<row r="-1"><c r="A1"><v>1</v></c></row>',
        b'<row><c r="' + b"Z" * 5000 + b'1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        b'<row><c r="A1" s="' + b"9" * 5000 + b'"><v>1</v></c></row>',
        b'<row><c r="A1" s="999"><v>1</v></c></row>',
        b"<row><c><v>1</v></c></row>",
        b'<x:row xmlns:x="y"><x:c><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_odd_numbers_of_cells(tmp_path: Path, xml: bytes) -> None:
    content = make.with_rows(SHEET, xml)
    assert [cells for _number, cells in rows_of(tmp_path, content)] == [["1"]]


def test_a_million_columns(tmp_path: Path) -> None:
    assert len(rows_of(tmp_path, b"1," * 1_000_000, "a.csv")[0][1]) == 256
    cells = b"".join(b"<c><v>1</v></c>" for _ in range(20_000))
    assert len(rows_of(tmp_path, make.with_rows(SHEET, b"<row>" + cells + b"</row>"))[0][1]) == 256


@pytest.mark.nightly
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.xlsx"
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as made:
            sheet = made.add_worksheet()
            for number in range(rows):
                sheet.write_row(number, 0, [f"单位 {number}", number, "广东"])
        with open_here(path, path.name, BOUNDS) as opened:
            tracemalloc.start()
            assert sum(1 for _ in opened.sheets[0].rows()) == rows
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return most

    assert peak(24_000) < peak(6_000) * 1.3


@given(
    st.lists(st.tuples(st.integers(0, 700), st.integers(1, 9_000_000), st.integers(0, 99)), max_size=30),
    st.integers(1, 400),
)
def test_merges_in_pieces_of_any_size(merges: list[tuple[int, int, int]], size: int) -> None:
    tags = "".join(f'<mergeCell ref="{letters_of(c)}{top}:{letters_of(c)}{top + more}"/>' for c, top, more in merges)
    xml = ("<sheetData/>" * 30 + f"<mergeCells>{tags}</mergeCells>").encode()
    pieces = [xml[at : at + size] for at in range(0, len(xml), size)]
    assert list(find_merges(pieces)) == [Merge(top, top + more, c, c) for c, top, more in merges]
    assert column_of("A") == 0 and column_of("AA") == 26


def test_the_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(SHEET)
    with open_here(path, "a.xlsx", BOUNDS) as opened:
        rows = opened.sheets[0].rows()
    with pytest.raises((FileRefused, ValueError, zipfile.BadZipFile)):
        list(rows)
