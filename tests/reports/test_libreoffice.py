"""LibreOffice reads the workbook of a report as it was written, charts and all; without it this is skipped and said."""

import subprocess
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from hallapp.core.i18n import force_locale
from hallapp.periods import Period
from hallapp.reports.exports.data_sheet import Data
from hallapp.reports.exports.workbook import write_book
from hallapp.reports.lists.streams import Stream, Type
from tests.conftest import tried
from tests.namelist.conftest import SOFFICE
from tests.reports import golden_pages, made

COLUMNS = (("Day", Type.DAY), ("Year", Type.PLAIN_NUMBER), ("Division", Type.TEXT), ("People", Type.NUMBER))


def convert(folder: Path, kind: str, sources: list[Path]) -> None:
    """Each source as a file of a kind, in a folder named by its extension."""
    command = [str(SOFFICE), f"-env:UserInstallation={folder.as_uri()}/profile", "--headless", "--convert-to", kind]
    command += ["--outdir", str(folder / kind.partition(":")[0]), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)


def charts(book: Path) -> int:
    return sum("charts/chart" in name for name in zipfile.ZipFile(book).namelist())


@pytest.mark.slow
def test_libreoffice_reads_the_workbook_without_repair(tmp_path: Path) -> None:
    """It writes it again with the same cells and as many charts; at night it draws it as a PDF too."""
    sources = []
    for language in ("zh", "en"):
        rows = ((date(2026, 11, day), 2026, "=广东", day) for day in range(1, 31))
        data = Data(stream=Stream(columns=COLUMNS, total=30, rows=rows), told=("Insert a pivot table.",))
        with golden_pages.wordy_app(tmp_path).app_context(), force_locale(language):
            sources.append(tmp_path / f"{language}.xlsx")
            sources[-1].write_bytes(write_book(made.report(Period.month(2026, 11), closed=True), data))
    for kind in tried(("xlsx:Calc MS Excel 2007 XML", "pdf"), 1):
        convert(tmp_path, kind, sources)
    for drawn in (tmp_path / "pdf").glob("*"):
        assert drawn.read_bytes().startswith(b"%PDF")
    for source in sources:
        again = tmp_path / "xlsx" / source.name
        ours, theirs = openpyxl.load_workbook(source), openpyxl.load_workbook(again, read_only=True)
        assert ours.sheetnames == theirs.sheetnames
        for sheet in ours.worksheets:
            other = theirs[sheet.title]
            assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
                [cell.value for cell in row] for row in other.iter_rows(max_row=sheet.max_row, max_col=sheet.max_column)
            ]
            assert not [cell for row in other.iter_rows() for cell in row if cell.data_type == "f"]
        assert charts(source) == charts(again) >= 9
