"""How long a report takes as a file: made-up figures, no database, so that only the making of the file is measured."""

import io
import statistics
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

import xlsxwriter

from hallapp.core.i18n import force_locale
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports.exports.data_sheet import Data
from hallapp.reports.exports.workbook import write_book
from hallapp.reports.figures.service import Report
from hallapp.reports.lists.streams import Stream, Type
from hallapp.reports.pdf import to_pdf
from tests.reports import golden_pages, made

ROWS = 10_000  # of the data sheet: a year of a hall that is well visited
_COLUMNS = (
    *(("Day", Type.DAY), ("Year", Type.PLAIN_NUMBER), ("Month", Type.PLAIN_NUMBER)),
    *((name, Type.TEXT) for name in ("Code", "ISO", "Division", "Programme", "Kind")),
    *(("People", Type.NUMBER), ("Groups", Type.NUMBER)),
)


def report(*, rounds: int = 5) -> str:
    """PDF of a month, a year and since the opening, and the workbook of a year beside the bare cells of its rows."""
    periods = {
        "month": made.report(Period.month(2026, 11), closed=True),
        "year": made.report(Period.year(2026), visitors=41_000),
        "since opening": made.report(SINCE_OPENING, visitors=230_000, compared=False, adjustments=()),
    }
    lines = ["", "Reports as files, in Chinese, in this process"]
    with (
        tempfile.TemporaryDirectory() as folder,
        golden_pages.wordy_app(Path(folder)).app_context(),
        force_locale("zh"),
    ):
        for name, one in periods.items():
            lines.append(f"PDF, {name:<16}{_median(partial(to_pdf, one), rounds):>9,.0f} ms")
        book = _median(lambda: _book(periods["year"]), rounds)
    bare = _median(_bare, rounds)
    lines.append(
        f"XLSX, a year with {ROWS:,} rows of data {book:,.0f} ms; bare cells {bare:,.0f} ms: {book / bare:.2f}"
    )
    return "\n".join(lines)


def _median(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of the middle round; one before the first warms up."""
    work()
    times = []
    for _round in range(rounds):
        begun = perf_counter()
        work()
        times.append(1000 * (perf_counter() - begun))
    return statistics.median(times)


def _rows() -> list[tuple[date, int, int, str, str, str, str, str, int, int]]:
    first = date(2026, 1, 1)
    days = (first + timedelta(days=number * 365 // ROWS) for number in range(ROWS))
    return [
        (day, day.year, day.month, "440000", "CN-GD", "广东", "常设展导览", "学校", 1 + number % 60, 1)
        for number, day in enumerate(days)
    ]


def _book(of: Report) -> bytes:
    return write_book(of, Data(stream=Stream(columns=_COLUMNS, total=ROWS, rows=iter(_rows())), told=()))


def _bare() -> bytes:
    """The same rows by the same library, with a style for days and nothing else."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet, style = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, (day, *cells) in enumerate(_rows()):
            sheet.write_datetime(number, 0, day, style)
            for place, cell in enumerate(cells, start=1):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                else:
                    sheet.write_number(number, place, cell)
    return file.getvalue()


if __name__ == "__main__":
    print(report())
