"""Lists as people make them are understood row by row; files that must not be read get a clear answer."""

import time
from collections.abc import Callable
from datetime import date
from multiprocessing import get_context
from resource import RUSAGE_SELF, getrusage

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from hallapp.namelist import errors, reading, uploads
from hallapp.namelist.headings import NamePart
from hallapp.namelist.models import ListColumn
from hallapp.namelist.reading import Understood
from tests.namelist import sheetmakers as make

PEOPLE = ["何秀珍", "罗小龙", "阿卜杜拉·买买提", "Anna Schmidt"]
HEAD = ["姓名"]
PLAIN = [HEAD, *([name] for name in PEOPLE)]
TITLED = [
    ["广州市第三中学参观人员名单"],
    [],
    ["序号", "姓名", "单位"],
    *([n, p, "高一"] for n, p in enumerate(PEOPLE, 1)),
]
ALL_COLUMNS = tuple(ListColumn)


def names_of(understood: Understood) -> list[str]:
    return [row.name for row in understood.rows]


def left_out(understood: Understood) -> dict[str, tuple[int, ...]]:
    """The rows that are no people, by the reason."""
    rows: dict[str, tuple[int, ...]] = {ignored.why: ignored.numbers for ignored in understood.ignored}
    for left in understood.left_out:
        rows[left.why.value] = (*rows.get(left.why.value, ()), left.number)
    return rows


def codes_of(understood: Understood) -> list[str | None]:
    return [row.problems[None].code if None in row.problems else None for row in understood.rows]


def merged(*ranges: str) -> Callable[[Worksheet], object]:
    return lambda sheet: [sheet.merge_cells(each) for each in ranges]


def hide(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["A"].hidden = True


def several_sheets(*titles_and_rows: tuple[str, list[list[object]]], hidden: str = "") -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in titles_and_rows:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    return make.saved(book)


SIDE_BY_SIDE = [
    ["序号", "姓名", "序号", "姓名"],
    [1, PEOPLE[0], 3, PEOPLE[2]],
    [2, PEOPLE[1], 4, PEOPLE[3]],
]
FAMILY_FIRST = [["姓", "名"], ["何", "秀珍"], ["罗", "小龙"], ["阿卜杜拉", "·买买提"]]
LAST_FIRST = [["Last name", "First name"], ["Schmidt", "Anna"], ["O'Neill", "Seán"]]

INLINE = b'<c r="A2" t="inlineStr"><is><t>@</t></is></c>'
SERIAL = [["序号", "姓名"], *([n, p] for n, p in enumerate(PEOPLE, 1))]
TAIL = [["合计：4人"], [], ["备注：请安排讲解"], ["填表人：何秀珍"]]
HOW_TO = ("填写说明", [["请在第二页填写。"], ["不要改动格式。"]])
QUOTE = "姓名,备注\n" + "\n".join(f"{p},好" for p in PEOPLE).replace("好", '好"', 1)

#: Files that each say the four people above.
GOOD: dict[str, bytes] = {
    "openpyxl": make.openpyxl_book(PLAIN),
    "xlsxwriter": make.xlsxwriter_book(PLAIN),
    "xlsxwriter, strings in the sheet": make.xlsxwriter_book(PLAIN, constant_memory=True),
    "title, blank row, serial numbers": make.openpyxl_book(TITLED, change=merged("A1:C1")),
    "merged heading of two rows": make.openpyxl_book(
        [["名单", "", ""], ["序号", "姓 名", "联系方式"], ["", "", "手机"], *([n, p] for n, p in enumerate(PEOPLE, 1))],
        change=merged("A1:C1", "A2:A3", "B2:B3"),
    ),
    "merged unit cells": make.openpyxl_book(
        [["单位", "姓名"], ["高一", PEOPLE[0]], ["", PEOPLE[1]], ["", PEOPLE[2]], ["", PEOPLE[3]]],
        change=merged("A2:A5"),
    ),
    "no heading": make.openpyxl_book([[p] for p in PEOPLE]),
    "no heading, serial numbers first": make.openpyxl_book([[n, p, "13800138000"] for n, p in enumerate(PEOPLE, 1)]),
    "no heading, a title": make.openpyxl_book([["参观人员名单（共4人）"], *([n, p] for n, p in enumerate(PEOPLE, 1))]),
    "heading in row 12": make.openpyxl_book([*([f"说明第{n}条"] for n in range(11)), *PLAIN]),
    "heading in brackets and stars": make.openpyxl_book([["* 参观者姓名（必填）："], *([p] for p in PEOPLE)]),
    "English heading": make.openpyxl_book([["No.", "Full Name"], *([n, p] for n, p in enumerate(PEOPLE, 1))]),
    "blank rows and blank columns": make.openpyxl_book(
        [[], [None, None, "姓名"], [], [None, None, PEOPLE[0]], [], [], *([None, None, p] for p in PEOPLE[1:])]
    ),
    "blanks inside and around": make.openpyxl_book(
        [HEAD, ["何 秀珍"], ["　罗　小龙　"], ["阿卜杜拉 • 买买提"], [" Anna\xa0 Schmidt\n"]]
    ),
    "other dots and full-width letters": make.openpyxl_book(
        [HEAD, ["何\u200b秀珍"], ["罗小龙\ufeff"], ["阿卜杜拉・买买提"], ["Ａｎｎａ　Ｓｃｈｍｉｄｔ"]]
    ),
    "a plain dot between characters": make.openpyxl_book([HEAD, *([p.replace("·", ".")] for p in PEOPLE)]),
    "total and remarks at the end": make.openpyxl_book([*PLAIN, *TAIL]),
    "total beside a number": make.openpyxl_book([*SERIAL, ["", "共4人"]]),
    "heading on every printed page": make.openpyxl_book([*PLAIN[:3], HEAD, *PLAIN[3:]]),
    "two lists side by side": make.openpyxl_book(SIDE_BY_SIDE),
    "formulas with what they came to": make.with_sheet(
        make.openpyxl_book([HEAD, ["@"], *([p] for p in PEOPLE[1:])]),
        lambda xml: xml.replace(INLINE, '<c r="A2" t="str"><f>B2&amp;C2</f><v>何秀珍</v></c>'.encode()),
    ),
    "instructions on the first sheet": several_sheets(HOW_TO, ("名单", PLAIN)),
    "an empty first sheet": several_sheets(("Sheet1", []), ("Sheet2", PLAIN)),
    "a hidden sheet first": several_sheets(("码表", [["姓名"], ["甲乙"]]), ("名单", PLAIN), hidden="码表"),
    "hidden row and column": make.openpyxl_book(SERIAL, change=hide),
    "wrong size in the file": make.with_sheet(
        make.openpyxl_book(PLAIN), lambda xml: xml.replace(b'<dimension ref="A1:A5"', b'<dimension ref="A1:A1"')
    ),
    "CSV in UTF-8 with its mark": make.csv_text(TITLED).encode("utf-8-sig"),
    "CSV in UTF-8": make.csv_text(TITLED).encode(),
    "CSV in GBK": make.csv_text(TITLED).encode("gbk"),
    "CSV in GB 18030": make.csv_text([["姓名", "备注"], *([p, "€㛃𠮷"] for p in PEOPLE)]).encode("gb18030"),
    "Unicode text of Excel": make.csv_text(TITLED, mark="\t").encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + make.csv_text(PLAIN).encode("utf-16-be"),
    "CSV with semicolons": make.csv_text(TITLED, mark=";").encode(),
    "CSV with tabs and lone returns": make.csv_text(TITLED, mark="\t", end="\r").encode(),
    "CSV with line breaks in quotes": make.csv_text([['"姓\n名"', "备注"], *([p, '"好\n"'] for p in PEOPLE)]).encode(),
    "CSV with a quote that never ends": QUOTE.encode(),
    "text, a name a line": "\n".join(PEOPLE).encode(),
}  # fmt: skip


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_good_file_is_understood(content: bytes) -> None:
    understood = reading.understand_file(content)
    assert names_of(understood) == PEOPLE
    assert codes_of(understood) == [None] * 4


def test_every_row_is_accounted_for() -> None:
    rows = [["某校名单"], [], ["序号", "姓名", "身份证号"], [1, "何秀珍", "x"], [], [2, "罗小龙"], ["合计", "2人"]]
    understood = reading.understand_file(make.openpyxl_book(rows, change=merged("A1:C1"), title="高一"))
    assert [(row.number, row.name) for row in understood.rows] == [(4, "何秀珍"), (6, "罗小龙")]
    assert left_out(understood) == {
        "empty row": (2, 5),
        "a title": (1,),
        "the heading": (3,),
        "a total": (7,),
    }
    assert (understood.columns, understood.unread) == ((("姓名", NamePart.NAME),), ("身份证号",))
    assert (understood.sheet, understood.other_sheets) == ("高一", ())
    assert understood.rows[0].extras == {}


def test_family_and_given_name_become_one() -> None:
    understood = reading.understand_file(make.openpyxl_book(FAMILY_FIRST))
    assert names_of(understood) == ["何秀珍", "罗小龙", "阿卜杜拉·买买提"]
    assert names_of(reading.understand_file(make.xlsxwriter_book(LAST_FIRST))) == ["Anna Schmidt", "Seán O'Neill"]


@pytest.mark.parametrize(
    ("family", "given", "name"),
    [
        ("García", "José", "José García"),
        ("Müller", "Jörg", "Jörg Müller"),
        ("O'Neill", "Seán", "Seán O'Neill"),
        ("Иванов", "Иван", "Иван Иванов"),
        ("Nguyễn", "Văn An", "Văn An Nguyễn"),
        ("Sum", "Wai Man", "Wai Man Sum"),
        ("List", "Franz", "Franz List"),
        ("Total", "Jean", "Jean Total"),
        ("欧阳", "娜娜", "欧阳娜娜"),
        ("𠮷", "川", "𠮷川"),
        ("㛃", "𫖯", "㛃𫖯"),
        ("张", "Wei", "Wei 张"),
        ("", "Cher", "Cher"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_two_columns_make_a_name_as_its_language_has_it(family: str, given: str, name: str, turned: bool) -> None:
    rows = [["Last name", "First name"], [family, given]]
    assert names_of(reading.understand_file(make.openpyxl_book([row[::-1] for row in rows] if turned else rows))) == [
        name
    ]


@pytest.mark.parametrize(
    "heading",
    [
        ["First name", "Middle name", "Last name"],
        ["Given names", "Middle Names", "Surnames"],
        ["FORENAME", "Middle initial", "FAMILY NAME"],
        ["First name(s)", "Other names", "Surname(s)"],
        ["名", "中间名", "姓"],
        ["名字", "中间名", "姓氏"],
        ["名/Given name", "中间名/Middle name", "姓/Surname"],
        ["名 First name", "中间名", "姓 Family Name *"],
        ["Given name（名）", "Middle name", "Last name（姓）"],
        ["Name", "Middle name", "Surname"],
    ],
)
def test_headings_of_parts_of_a_name_in_any_spelling_and_order(heading: list[str]) -> None:
    person = ["Anna", "Maria", "Schmidt"]
    for order in ((0, 1, 2), (2, 0, 1), (2, 1, 0)):
        rows = [[row[at] for at in order] for row in (heading, person)]
        understood = reading.understand_file(make.openpyxl_book([["No.", *rows[0]], [1, *rows[1]]]))
        assert (names_of(understood), understood.left_out) == (["Anna Maria Schmidt"], ())


@pytest.mark.parametrize(
    ("heading", "person", "name", "others"),
    [
        (["学生姓名", "家长姓名"], ["张三", "张父"], "张三", {"家长姓名": ("张父",)}),
        (["家长姓名", "学生姓名"], ["张父", "张三"], "张三", {"家长姓名": ("张父",)}),
        (["姓名", "紧急联系人姓名", "监护人姓名"], ["张三", "甲乙", "丙丁"], "张三",
         {"紧急联系人姓名": ("甲乙",), "监护人姓名": ("丙丁",)}),
        (["姓名", "英文名", "English name"], ["张三", "Tom", "Tom"], "张三", {"English name": ("Tom",)}),
        (["Name", "Chinese name"], ["San Zhang", "张三"], "San Zhang", {"Chinese name": ("张三",)}),
        (["Full name", "Parent's name", "Leader name"], ["Anna", "Eve", "Bob"], "Anna",
         {"Parent's name": ("Eve",), "Leader name": ("Bob",)}),
        (["姓名", "姓", "名"], ["张三", "张", "三"], "张三", {"姓": ("张",), "名": ("三",)}),
        (["姓名", "领队", "家长", "陪同"], ["张三", "甲乙", "丙丁", "戊己"], "张三", {}),
        (["家长姓名"], ["张父"], "张父", {}),
    ],
)  # fmt: skip
def test_a_second_column_of_names_is_no_visitor_but_can_be_taken(
    heading: list[str], person: list[str], name: str, others: dict[str, tuple[str, ...]]
) -> None:
    understood = reading.understand_file(make.openpyxl_book([heading, person]))
    assert names_of(understood) == [name]
    assert {left.text: left.names for left in understood.left_out} == others


def test_totals_and_titles_are_known_by_the_whole_cell() -> None:
    people = ["Sum Wai Man", "SUM Kar Yan", "Sum, Wing", "Total Li", "Friedrich List", "Maria Evangelist", "合计平"]
    rows = [
        ["Guest list"],
        ["No.", "Name"],
        *([n, name] for n, name in enumerate(people, 1)),
        ["", "Total: 7"],
        ["合计", 7],
    ]
    understood = reading.understand_file(make.openpyxl_book(rows))
    assert names_of(understood) == people
    assert [(left.text, left.names) for left in understood.left_out] == [
        *(("Guest list", ("Guest list",)), ("Total: 7", ()), ("合计 7", ()))
    ]


def test_lines_with_labels_are_people_or_shown() -> None:
    rows = [
        ["领队：王老师"],
        ["单位：某校"],
        HEAD,
        ["张三"],
        ["领队：赵六"],
        ["1. 李四"],
        ["单位联系人：孙七"],
        ["制表：周八"],
    ]
    understood = reading.understand_file(make.openpyxl_book(rows))
    assert names_of(understood) == ["张三", "赵六", "李四", "孙七"]
    assert [row.name for row in understood.rows if row.note] == ["赵六", "孙七"]
    assert [left.names for left in understood.left_out] == [("王老师",), ("某校",), ("周八",)]


@pytest.mark.parametrize(
    ("cell", "several"),
    [
        ("Anna Schmidt, Bob Lee", True), ("张三、李四", True), ("张三/李四", True), ("Anna Schmidt & Bob Lee", True),
        ("Anna, Bob, Carl", True), ("Anna Schmidt\nBob Lee", True), ("Sum, Wing", False), ("de la Cruz, María", False),
        ("O'Neill", False), ("Anderson Brandy", False),
    ],
)  # fmt: skip
def test_several_people_in_a_cell_are_noticed(cell: str, several: bool) -> None:
    understood = reading.understand_file(make.openpyxl_book([["Name"], [cell]]))
    assert codes_of(understood) == ["several_names" if several else None]


def test_rare_characters_stay_as_they_are() -> None:
    understood = reading.understand_file(make.openpyxl_book([HEAD, ["𠮷川龑"], ["王㛃"], ["李堃"], ["﨑本"], ["José"]]))
    assert names_of(understood) == ["𠮷川龑", "王㛃", "李堃", "﨑本", "José"]


def test_cells_that_are_not_names_are_reported() -> None:
    cells = [
        138_0013,
        date(2026, 11, 25),
        True,
        "#N/A",
        "张三 440101199001011234",
        "李四、王五",
        "赵" * 81,
        "钱\U0001f600",
    ]
    understood = reading.understand_file(make.openpyxl_book([["姓名"], *([cell] for cell in cells), ["孙六"]]))
    assert codes_of(understood) == [
        *("name_has_number", "name_is_no_text", "name_is_error", "name_is_error", "name_has_number"),
        *("several_names", "too_long", "unprintable", None),
    ]
    assert understood.rows[1].name == "2026-11-25"


def test_wanted_columns_are_read_and_others_are_not() -> None:
    rows = [
        ["姓名", "联系电话", "省份", "年龄", "备注", "车号", "身份证号"],
        ["何秀珍", 13800138000.0, "广东", 67, "轮椅", "１号", "440101"],
        ["罗小龙", "1.38E+10", "", "", "", "", ""],
        ["", "０２０－８３４５００００", "", "", "", "", ""],
    ]
    content = make.openpyxl_book(rows)
    understood = reading.understand_file(content, wanted=ALL_COLUMNS, labels=("车号", "Coach"))
    first, second, third = understood.rows
    assert {column.value: text for column, text in first.extras.items()} == {
        "place": "广东", "phone": "13800138000", "age_group": "67", "note": "轮椅", "free": "1号",
    }  # fmt: skip
    assert {column: problem.code for column, problem in second.problems.items()} == {
        ListColumn.PHONE: "phone_unreadable"
    }
    assert (third.problems[None].code, third.extras[ListColumn.PHONE]) == ("name_missing", "020-83450000")
    assert understood.unread == ("身份证号",)
    only = reading.understand_file(content, wanted=(ListColumn.PLACE,))
    assert [row.extras for row in only.rows] == [{ListColumn.PLACE: "广东"}, {ListColumn.PLACE: ""}]
    assert left_out(only)["no name"] == (4,)


def test_same_name_twice_is_shown_and_kept() -> None:
    understood = reading.understand_file(make.openpyxl_book([HEAD, ["王伟"], ["何秀珍"], ["王 伟"]]))
    assert [(row.number, row.same_as) for row in understood.rows] == [(2, None), (3, None), (4, 2)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("何秀珍\n\n 罗小龙 \r\n阿卜杜拉•买买提", ["何秀珍", "罗小龙", "阿卜杜拉·买买提"]),
        ("何秀珍、罗小龙、Anna Schmidt", ["何秀珍", "罗小龙", "Anna Schmidt"]),
        ("何秀珍，罗小龙；王伟", ["何秀珍", "罗小龙", "王伟"]),
        ("序号\t姓名\t电话\n1\t何秀珍\t138\n2\t罗小龙\t139", ["何秀珍", "罗小龙"]),
        ("1,何秀珍\n2,罗小龙", ["何秀珍", "罗小龙"]),
        ("何秀珍\0\ud800\n罗小龙", ["何秀珍", "罗小龙"]),
        ('"何秀珍\n罗小龙', ["何秀珍", "罗小龙"]),
    ],
)
def test_pasted_text_is_understood(typed: str, found: list[str]) -> None:
    assert names_of(reading.understand_text(typed)) == found


BOOK = make.openpyxl_book(PLAIN)
LIES = make.lying(make.xlsxwriter_book([["姓名"], *([f"张三{n}"] for n in range(900))]))
BOMB = make.with_part(BOOK, "xl/media/image1.png", b"\0" * (600 * 1024 * 1024 // 20))
SMALL_BOMB = make.with_part(BOOK, "xl/sharedStrings.xml", b" " * (11 * 1024 * 1024))
MACRO_TYPE = make.parts_of(BOOK)["[Content_Types].xml"].replace(
    b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
)
ODS = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
MANY_ROWS = make.openpyxl_book([HEAD, *(["何秀珍"] for _ in range(1001))])

#: Files that are refused, with the code of the refusal and what they are called.
BAD: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "file_empty", "a.xlsx"),
    "an empty workbook": (make.openpyxl_book([]), "file_empty", "a.xlsx"),
    "blanks only": (b" \r\n ,\r\n", "file_empty", "a.csv"),
    "no names": (make.openpyxl_book([HEAD]), "no_names", "a.xlsx"),
    "more than 2 MB": (b"a\n" * (1024 * 1024 + 1), "file_too_large", "a.csv"),
    "1,001 people": (MANY_ROWS, "too_many_rows", "a.xlsx"),
    "1,001 lines": (("何秀珍\n" * 1002).encode(), "too_many_rows", "a.csv"),
    "51 columns": (make.openpyxl_book([["姓名"] + ["列"] * 50]), "too_many_columns", "a.xlsx"),
    "a zip bomb": (BOMB, "file_unsafe", "a.xlsx"),
    "a zip bomb of one part": (SMALL_BOMB, "file_unsafe", "a.xlsx"),
    "too many parts": (make.zipped({f"xl/{n}.xml": b"" for n in range(600)}), "file_unsafe", "a.xlsx"),
    "a million empty rows": (make.with_rows(BOOK, b"<row/>" * 1_000_000), "file_unsafe", "a.xlsx"),
    "a million empty cells": (make.with_rows(BOOK, b"<row>%s</row>" % (b"<c/>" * 999_999)), "file_unsafe", "a.xlsx"),
    "one sheet many times": (make.repeated(BOOK, 300), "file_unsafe", "a.xlsx"),
    "an entity bomb": (make.entity_bomb(BOOK), "file_unsafe", "a.xlsx"),
    "sizes that lie": (LIES, "file_broken", "a.xlsx"),
    "named as with macros": (BOOK, "file_has_macros", "名单.XLSM"),
    "with macros": (make.with_part(BOOK, "xl/vbaProject.bin", b"code"), "file_has_macros", "a.xlsx"),
    "of the kind with macros": (make.with_part(BOOK, "[Content_Types].xml", MACRO_TYPE), "file_has_macros", "a.xlsx"),
    "with links": (make.with_part(BOOK, "xl/externalLinks/externalLink1.xml", b"<x/>"), "file_has_links", "a.xlsx"),
    "with a password": (make.ole("EncryptionInfo", "EncryptedPackage"), "file_encrypted", "a.xlsx"),
    "damaged old Excel": (make.ole("Workbook"), "file_broken", "a.xls"),
    "damaged very old Excel": (make.ole("Book"), "file_broken", "a.xlsx"),
    "old Word": (make.ole("WordDocument"), "file_is_document", "a.doc"),
    "some OLE": (make.ole("Data"), "file_is_binary", "a.msg"),
    "Word": (make.zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "file_is_document", "a.xlsx"),
    "OpenDocument": (make.zipped(ODS), "file_is_opendocument", "a.ods"),
    "binary workbook": (make.zipped({"xl/workbook.bin": b""}), "file_is_binary_workbook", "a.xlsb"),
    "an archive": (make.zipped({"名单.xlsx": BOOK}), "file_is_archive", "a.zip"),
    "an empty archive": (make.zipped({}), "file_broken", "a.xlsx"),
    "RAR": (b"Rar!\x1a\x07\x01\0", "file_is_archive", "a.rar"),
    "PDF": (b"%PDF-1.7\n", "file_is_pdf", "a.pdf"),
    "PNG": (PNG, "file_is_picture", "a.png"),
    "HEIC": (b"\0\0\0\x18ftypheic", "file_is_picture", "a.heic"),
    "a web page": (b"\xef\xbb\xbf\r\n<html><table><tr><td>", "file_is_web_page", "a.xls"),
    "half a workbook": (BOOK[: len(BOOK) // 2], "file_broken", "a.xlsx"),
    "a workbook with a hole": (BOOK[:300] + b"\0" * 50 + BOOK[350:], "file_broken", "a.xlsx"),
    "no workbook inside": (make.zipped({"[Content_Types].xml": b"<Types/>"}), "file_broken", "a.xlsx"),
    "broken XML": (make.with_sheet(BOOK, lambda xml: xml[:-40]), "file_broken", "a.xlsx"),
    "text with NUL": ("姓名\n何\0秀珍\n".encode(), "file_is_binary", "a.csv"),
    "UTF-16 with NUL": ("姓名\n何\0秀珍\n".encode("utf-16"), "file_is_binary", "a.csv"),
    "text in no encoding": (b"\xff\xff\xff name", "text_unreadable", "a.csv"),
    "half a UTF-16": (b"\xff\xfe\x00", "text_unreadable", "a.csv"),
    "a cell without end": (('"' + "何" * 140_000 + '"').encode(), "text_unreadable", "a.csv"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "code", "filename"), BAD.values(), ids=BAD)
def test_bad_file_is_refused_with_its_reason(content: bytes, code: str, filename: str) -> None:
    with pytest.raises(errors.FileRefused) as refused:
        reading.understand_file(content, filename=filename)
    assert (refused.value.code, refused.value.field, refused.value.status) == (code, "file", 422)


def _growth(act: Callable[[], None]) -> int:
    """Return by how many bytes a process grows that does this: `tracemalloc` makes reading take ten times as long."""
    processes = get_context("fork")
    ours, theirs = processes.Pipe()

    def measure() -> None:
        before = getrusage(RUSAGE_SELF).ru_maxrss  # of a forked process: what it has at its start
        act()
        theirs.send((getrusage(RUSAGE_SELF).ru_maxrss - before) * 1024)

    process = processes.Process(target=measure)
    process.start()
    process.join()
    assert process.exitcode == 0
    return int(ours.recv())


@pytest.mark.nightly
def test_memory_of_reading_stays_small() -> None:
    """The largest list that is let in, and bombs, take little memory; a row at the end of the sheet little time."""
    full = make.xlsxwriter_book(
        [["姓名"] + ["列"] * 49, *([f"何秀{'珍' * 20}"] + ["内容" * 20] * 49 for _ in range(999))]
    )
    bombs = (BOMB, make.entity_bomb(BOOK), b"\n" * uploads.FILE_BYTES_MOST)

    def read() -> None:
        assert len(reading.understand_file(full).rows) == 999
        for content in bombs:
            with pytest.raises(errors.FileRefused):
                reading.understand_file(content)

    assert _growth(read) < 64 * 1024 * 1024
    for row, found in ((b"400000", PEOPLE[:3]), (b"2000000000", PEOPLE)):  # a row far down; one that cannot be
        far = make.with_sheet(
            BOOK, lambda xml, row=row: xml.replace(b'r="5"', b'r="%s"' % row).replace(b'"A5"', b'"A9"')
        )
        began = time.process_time()
        assert names_of(reading.understand_file(far)) == found
        assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "cell", ["(" * 120_000, "名单，" * 40_000 + "\n甲", "·" * 120_000, "合计" * 60_000, " \n" * 60_000]
)
def test_long_cells_cost_little(cell: str) -> None:
    rows = [[f'"{cell}"'], [f'"{cell}"', "姓名"], ["x", f'"{cell}"'], ["y", "何秀珍"]]
    began = time.process_time()
    assert names_of(reading.understand_file(make.csv_text(rows).encode()))[-1] == "何秀珍"
    assert time.process_time() - began < 5


def test_formula_is_never_computed() -> None:
    """A formula that nobody has computed is shown as an error, and never as an empty cell."""
    content = make.openpyxl_book([HEAD, ['=WEBSERVICE("http://example.com")'], ["何秀珍"]])
    understood = reading.understand_file(content)
    assert names_of(understood) == ["#CALC!", "何秀珍"]
    assert codes_of(understood) == ["name_is_error", None]
