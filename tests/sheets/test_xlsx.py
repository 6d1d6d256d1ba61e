"""Workbooks as programs write them: complete, careless, strict, and with everything that is no plain text."""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest

from hallapp.sheets.cells import UNCACHED, Moment
from hallapp.sheets.errors import FileRefused
from hallapp.sheets.formats import Shown, read_format, read_suffix
from hallapp.sheets.model import Merge
from hallapp.sheets.xml import moved
from tests.sheets.kit import HEAD, MAIN, book, cells_of, packed, parts, row, sheets_of, text

ROWS = row(text("日期"), text("人数")) + row(text("2019-03-05"), "<c><v>33</v></c>")
READ = [["日期", "人数"], ["2019-03-05", "33"]]
Parts = dict[str, str]


def without(*names: str) -> Callable[[Parts], Parts]:
    return lambda made: {name: part for name, part in made.items() if name not in names}


def replaced(name: str, old: str, new: str) -> Callable[[Parts], Parts]:
    def change(made: Parts) -> Parts:
        assert old in made[name]
        return {**made, name: made[name].replace(old, new)}

    return change


def renamed(old: str, new: str) -> Callable[[Parts], Parts]:
    return lambda made: {name.replace(old, new): part for name, part in made.items()}


SHEET, RELATIONS = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"
CARELESS: dict[str, Callable[[Parts], Parts]] = {
    "as it should be": lambda made: made,
    "no styles": without("xl/styles.xml"),
    "empty styles": lambda made: {**made, "xl/styles.xml": "<styleSheet/>"},
    "styles that break off": lambda made: {**made, "xl/styles.xml": "<styleSheet><cellXfs><xf"},
    "styles of another kind": lambda made: {**made, "xl/styles.xml": "<html><xf numFmtId='x'/></html>"},
    "no content types": without("[Content_Types].xml"),
    "no relations of the package": without("_rels/.rels"),
    "no relations of the workbook": without(RELATIONS),
    "absolute targets": replaced(RELATIONS, 'Target="', 'Target="/xl/'),
    "targets with a dot": replaced(RELATIONS, 'Target="', 'Target="./'),
    "targets from above": replaced(RELATIONS, 'Target="', 'Target="../xl/'),
    "targets with backslashes": replaced(RELATIONS, "worksheets/", "worksheets\\"),
    "other letters in names": renamed("xl/worksheets/sheet1", "xl/Worksheets/Sheet1"),
    "backslashes in names": renamed("xl/worksheets/", "xl\\worksheets\\"),
    "a style out of range": replaced(SHEET, "<c><v>", '<c s="9999"><v>'),
    "a style that is no number": replaced(SHEET, "<c><v>", '<c s="x"><v>'),
    "a style below 0": replaced(SHEET, "<c><v>", '<c s="-1"><v>'),
    "references without rows": replaced(SHEET, "<c><v>", '<c r="B"><v>'),
    "references in small letters": replaced(SHEET, "<c><v>", '<c r="b2"><v>'),
    "an empty reference": replaced(SHEET, "<c><v>", '<c r=""><v>'),
    "a sheet with a prefix": lambda made: {
        **made,
        SHEET: made[SHEET]
        .replace("</", "</x:")
        .replace("<", "<x:")
        .replace("<x:/x:", "</x:")
        .replace("xmlns=", "xmlns:x="),
    },
    "UTF-16": lambda made: {**made, SHEET: ('<?xml version="1.0" encoding="UTF-16"?>' + made[SHEET]).encode("utf-16")},
    "UTF-16 without a mark": lambda made: {**made, SHEET: (HEAD.replace("8", "16") + made[SHEET]).encode("utf-16-le")},
    "GBK": lambda made: {**made, SHEET: (HEAD.replace("UTF-8", "GBK") + made[SHEET]).encode("gbk")},
    "UTF-8 with its mark": lambda made: {**made, SHEET: ("\ufeff" + HEAD + made[SHEET]).encode()},
    "a chart sheet beside it": replaced(
        RELATIONS, "</Relationships>", '<Relationship Id="c" Type="x/chartsheet" Target="c.xml"/></Relationships>'
    ),
}


@pytest.mark.parametrize("change", CARELESS.values(), ids=CARELESS)
def test_careless_workbooks_are_read(tmp_path: Path, change: Callable[[Parts], Parts]) -> None:
    assert cells_of(tmp_path, packed(change(parts(ROWS)))) == READ


def test_strict_workbooks_are_read(tmp_path: Path) -> None:
    cells = '<c t="d" s="1"><v>2019-03-05T00:00:00</v></c><c t="d"><v>2019-03-05T09:30:00Z</v></c><c t="d"><v>x</v></c>'
    content = book(ROWS + row(cells), strict=True, formats=['m"月"d"日"'.replace('"', "&quot;")])
    day = date(2019, 3, 5)
    moments = [Moment(day, shows_year=False), Moment(day, at=time(9, 30)), "x"]
    assert cells_of(tmp_path, content) == [*READ, moments]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("yyyy-mm-dd", Shown()),
        ("yyyy/m/d h:mm", Shown()),
        ('yyyy"年"m"月"d"日";@', Shown()),
        ("[$-804]yyyy年m月d日", Shown()),
        ('m"月"d"日"', Shown(year=False)),
        ("mm-dd", Shown(year=False)),
        ("d-mmm", Shown(year=False)),
        ("m/d h:mm AM/PM", Shown(year=False)),
        ("yyyy-mm", Shown(day=False)),
        ("mmm-yy", Shown(day=False)),
        ("mmmm yyyy", Shown(day=False)),
        ("yyyy", Shown(month=False, day=False)),
        ('m"月"', Shown(year=False, day=False)),
        ("[$-411]ge.m.d", Shown()),
        ("aaaa", Shown(year=False, month=False, day=False)),
        ("dddd", Shown(year=False, month=False, day=False)),
        ("h:mm", None),
        ("mm:ss", None),
        ("[h]:mm:ss", None),
        ("[mm]:ss", None),
        ("上午/下午h时mm分", None),
        ("General", None),
        ("0.00E+00", None),
        ("#,##0.00_);[Red](#,##0.00)", None),
        ('0"days"', None),
        ("@", None),
        ("", None),
        ('"never closed', None),
        ("\\", None),
        ("[" * 255, None),
        ("yyyy" + "-" * 252, None),
    ],
)
def test_parts_of_a_date_are_read_from_its_format(code: str, shown: Shown | None) -> None:
    assert read_format(code) == shown


@pytest.mark.parametrize(
    ("code", "suffix"),
    [
        ('0"万人"', "万人"),
        ('#,##0.0\\千;-0"千"', "千"),
        ('General"百人次"', "百人次"),
        ('0"人"', ""),
        ('0.0,"千人"', ""),  # the cell holds all of them
        ('0!.0,"万"', ""),
        ('yyyy"年"m"月"', ""),
    ],
)
def test_a_unit_behind_a_number_is_read_from_its_format(code: str, suffix: str) -> None:
    assert read_suffix(code) == suffix


@pytest.mark.parametrize(
    ("serial", "from_1904", "cell"),
    [
        ("43529", False, Moment(date(2019, 3, 5))),
        ("42067", True, Moment(date(2019, 3, 5))),
        ("43529.75", False, Moment(date(2019, 3, 5), at=time(18))),
        ("43528.99999999999", False, Moment(date(2019, 3, 5))),
        ("61", False, Moment(date(1900, 3, 1))),
        ("60", False, "60"),
        ("59", False, Moment(date(1900, 2, 28))),
        ("1", False, Moment(date(1900, 1, 1))),
        ("0.5", False, "0.5"),
        ("0", True, Moment(date(1904, 1, 1))),
        ("-3", False, "-3"),
        ("2958465", False, Moment(date(9999, 12, 31))),
        ("2958466", False, "2958466"),
        ("1e308", False, "1e308"),
        ("nan", False, "nan"),
    ],
)
def test_serial_numbers_of_days_are_converted(tmp_path: Path, serial: str, from_1904: bool, cell: object) -> None:
    content = book(
        row(f'<c s="1"><v>{serial}</v></c>'), formats=["yyyy-mm-dd"], book='date1904="true"' if from_1904 else ""
    )
    assert cells_of(tmp_path, content) == [[cell]]


def test_every_kind_of_cell_is_read(tmp_path: Path) -> None:
    cells = [
        '<c t="b"><v>1</v></c>',
        '<c t="b"><v>0</v></c>',
        '<c t="e"><v>#N/A</v></c>',
        '<c t="str"><f>A1</f><v>张_x000D_三</v></c>',
        "<c><v>33.000000000000004</v></c>",
        '<c t="inlineStr"><is><r><t>广</t></r><r><t>东</t></r><rPh sb="0" eb="1"><t>guang</t></rPh></is></c>',
        '<c t="n"><v>5.0</v></c>',
    ]
    assert cells_of(tmp_path, book(row(*cells))) == [["TRUE", "FALSE", "#N/A", "张\n三", "33", "广东", "5"]]


def test_stored_results_of_formulas_are_read(tmp_path: Path) -> None:
    rows = (
        row("<c><v>1</v></c>", "<c><v>2</v></c>", '<c><f t="shared" ref="C1:C3" si="0">A1+$B$1</f><v>3</v></c>')
        + row("<c><v>3</v></c>", "<c/>", '<c><f t="shared" si="0"/><v>5</v></c>')
        + row('<c r="A9"><f>SUM(A1:A2)</f><v>4</v></c>', attributes='r="9"')
        + row(
            "<c><f>A1</f></c>", "<c><f>A1</f><v></v></c>", '<c t="str"><f>""</f><v></v></c>', "<c><f>0</f><v>0</v></c>"
        )
    )
    ((_sheet, found),) = sheets_of(tmp_path, book(rows))
    assert [dict(one.formulas) for one in found] == [
        {2: "A1+$B$1"},
        {2: "A2+$B$1"},
        {0: "SUM(A1:A2)"},
        {0: "A1", 1: "A1", 2: '""', 3: "0"},
    ]
    assert [one.number for one in found] == [1, 2, 9, 10]
    assert found[3].cells == [UNCACHED, UNCACHED, "", "0"]


def test_a_program_that_left_all_formulas_to_be_computed(tmp_path: Path) -> None:
    """XlsxWriter, for one, stores 0 for each formula, and asks the spreadsheet program to compute them all."""
    rows = row("<c><f>SUM(B1:B9)</f><v>0</v></c>", "<c><f>1+1</f><v>2</v></c>", "<c><v>0</v></c>")
    assert cells_of(tmp_path, book(rows, calc='<calcPr fullCalcOnLoad="1"/>')) == [[UNCACHED, "2", "0"]]


def test_formulas_move_with_their_cell() -> None:
    assert moved('SUM(A$1:B2)&"A1"&Sheet2!C3+LOG10(A1)', 2, 1) == 'SUM(B$1:C4)&"A1"&Sheet2!D5+LOG10(B3)'
    assert moved("A1", -1, 0) == "#REF!"


def test_hidden_rows_columns_and_merges(tmp_path: Path) -> None:
    content = book(
        row(text("a"), attributes='hidden="1"') + row(text("b"), attributes='hidden="true"') + row(text("c")),
        before='<cols><col min="2" max="3" hidden="1"/><col min="5" max="5" width="0"/><col min="9" max="99999999" '
        'hidden="0"/></cols>',
        after='<mergeCells count="3"><mergeCell ref="A1:A3"/><mergeCell ref="B2:D2"/><mergeCell ref="x"/></mergeCells>'
        "<pageMargins/>",
    )
    ((sheet, rows),) = sheets_of(tmp_path, content)
    assert [one.hidden for one in rows] == [True, True, False]
    assert sheet.hidden_columns == {1, 2, 4}
    assert sheet.merges == (Merge(1, 3, 0, 0), Merge(2, 2, 1, 3))


def test_rows_and_columns_without_size_are_hidden(tmp_path: Path) -> None:
    content = book(
        row(text("a"), attributes='ht="0" customHeight="1"') + row(text("b"), attributes='hidden="1" ht="15"')
        + row(text("c"), attributes='hidden="0" ht="0.75"'),
        before='<cols><col min="1" max="1" width="0.0"/><col min="2" max="2" width="0.5"/></cols>',
    )  # fmt: skip
    ((sheet, rows),) = sheets_of(tmp_path, content)
    assert [one.hidden for one in rows] == [True, True, False]
    assert sheet.hidden_columns == {0}


def test_rows_that_are_struck_through(tmp_path: Path) -> None:
    """A struck cell in which something stands; fonts of conditional formats and a strike that is off say nothing."""
    fonts = "<font/><font><b/><strike/></font><font><strike val='0'/></font><font><strike val='1'/></font>"
    styles = "".join(f"<xf fontId='{font}'/>" for font in (0, 1, 2, 3, 9, "x"))
    made = parts(
        "".join(row(text("a").replace("<c ", f'<c s="{style}" ')) for style in range(6)) + row('<c s="1"/>', text("b"))
    )
    made["xl/styles.xml"] = (
        f'<styleSheet xmlns="{MAIN}"><fonts>{fonts}</fonts><cellStyleXfs><xf fontId="1"/></cellStyleXfs>'
        f"<cellXfs>{styles}</cellXfs><dxfs><dxf><font><strike/></font></dxf></dxfs></styleSheet>"
    )
    ((_sheet, rows),) = sheets_of(tmp_path, packed(made))
    assert [one.struck for one in rows] == [False, True, False, True, False, False, False]


def test_two_sheets_of_one_name_and_a_part_named_twice(tmp_path: Path) -> None:
    made = parts(ROWS)
    twice = '<sheet name="b" sheetId="2" r:id="rId1"/></sheets>'
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace("</sheets>", twice)
    with pytest.raises(FileRefused) as refused:
        cells_of(tmp_path, packed(made))
    assert refused.value.code == "file_unsafe"


def test_shared_texts_elsewhere(tmp_path: Path) -> None:
    made = parts(row('<c t="s"><v>1</v></c>', '<c t="s"><v>0</v></c>'))
    made["xl/texts/my.xml"] = (
        f'<sst xmlns="{MAIN}"><si><t>_x0041_</t></si><si><r><t>广</t></r><r><t>东</t></r></si></sst>'
    )
    made[RELATIONS] = made[RELATIONS].replace(
        "</Relationships>", '<Relationship Id="t" Type="x/sharedStrings" Target="texts/my.xml"/></Relationships>'
    )
    assert cells_of(tmp_path, packed(made)) == [["广东", "A"]]
