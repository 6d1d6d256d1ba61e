"""The same workbook as LibreOffice writes it in each of its kinds; without it the tests are skipped."""

import subprocess
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from hallapp.sheets.cells import Moment
from hallapp.sheets.errors import FileRefused
from hallapp.sheets.model import Merge
from tests.conftest import tried
from tests.namelist.conftest import SOFFICE, pytest_collection_modifyitems, pytest_terminal_summary
from tests.sheets.kit import cells_of, sheets_of

__all__ = ["pytest_collection_modifyitems", "pytest_terminal_summary"]

DAY = date(2019, 3, 5)
#: LibreOffice's own numbers of encodings. In CI, `tests/namelist` reads lists in GBK, and other tests any UTF-8.
ENCODINGS = [pytest.param(number, id=name) for name, number in (("UTF-16", 65535), ("UTF-8", 76), ("GBK", 67))]
#: In CI, test_kinds.py refuses web pages and flat documents that are written by hand.
OTHERS = (("ods", "opendocument"), ("html", "web_page"), ("fods", "opendocument"))
CELLS = [
    ["日期", "来源地", "人数", "备注"],
    [Moment(DAY), "广东", "33", "TRUE"],
    ["", "湖南", "12.5", "#N/A"],
    [Moment(DAY, shows_year=False), "𠮷", "45.5", "'"],
    [Moment(DAY, shows_day=False), "", "0.3"],
    [Moment(DAY, at=time(9, 30))],
]


def source(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "2019年"
    for row in (
        ["日期", "来源地", "人数", "备注"],
        [datetime(2019, 3, 5), "广东", 33, True],
        [None, "湖南", 12.5, "=NA()"],
        [datetime(2019, 3, 5), "𠮷", "=SUM(C2:C3)", "'"],
        [datetime(2019, 3, 5), None, "=0.1+0.2"],
        [datetime(2019, 3, 5, 9, 30)],
    ):
        sheet.append(row)
    formats = {"A2": "yyyy-mm-dd", "A4": 'm"月"d"日"', "A5": 'yyyy"年"m"月"', "A6": "yyyy/m/d h:mm"}
    for cell, code in formats.items():
        sheet[cell].number_format = code
    sheet["C5"].font = Font(strike=True)
    sheet.merge_cells("A2:A3")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    hidden = book.create_sheet("码表")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    path = folder / "list.xlsx"
    book.save(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("libreoffice")


def convert(folder: Path, kind: str) -> bytes:
    out = folder / kind.replace(":", "-")[:20]
    command = [str(SOFFICE), f"-env:UserInstallation={folder.as_uri()}/profile", "--headless", "--convert-to", kind]
    subprocess.run([*command, "--outdir", str(out), str(source(folder))], check=True, capture_output=True, timeout=180)
    return (out / f"list.{kind.partition(':')[0]}").read_bytes()


@pytest.mark.parametrize("kind", tried(["xls", "xlsx"], 1))
def test_workbooks_of_libreoffice_are_read(tmp_path: Path, folder: Path, kind: str) -> None:
    (sheet, rows), (hidden, more) = sheets_of(tmp_path, convert(folder, kind), "list.x")
    assert (sheet.name, sheet.hidden) == ("2019年", False)
    assert (hidden.name, hidden.hidden, more[0].cells) == ("码表", True, ["x"])
    assert [row.cells for row in rows] == CELLS
    assert [row.number for row in rows if row.hidden] == [3]
    assert [row.number for row in rows if row.struck] == [5]
    assert sheet.hidden_columns >= {3} and 0 not in sheet.hidden_columns
    assert sheet.merges == (Merge(2, 3, 0, 0),)
    if kind == "xlsx":
        assert [dict(row.formulas) for row in rows[2:5]] == [{3: "NA()"}, {2: "SUM(C2:C3)"}, {2: "0.1+0.2"}]


@pytest.mark.nightly
@pytest.mark.parametrize("encoding", tried(ENCODINGS, 1))
def test_text_files_of_libreoffice_are_read(tmp_path: Path, folder: Path, encoding: int) -> None:
    content = convert(folder, f"csv:Text - txt - csv (StarCalc):44,34,{encoding}")
    rows = cells_of(tmp_path, content, "list.csv")
    assert rows[0] == ["日期", "来源地", "人数", "备注"]
    assert rows[1][0] == "2019-03-05" and rows[1][2] == "33"


@pytest.mark.nightly
@pytest.mark.parametrize(("kind", "code"), tried(OTHERS, 1))
def test_other_files_of_libreoffice_are_refused_by_name(tmp_path: Path, folder: Path, kind: str, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        cells_of(tmp_path, convert(folder, kind), "list.xls")
    assert refused.value.code == f"file_is_{code}"
