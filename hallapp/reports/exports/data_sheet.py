"""The sheet that a spreadsheet pivots: people and groups by day, division, programme and kind, a row a cell."""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.periods import SINCE_OPENING
from hallapp.reports.exports.styles import ExportColumn, Styles, TableSheet
from hallapp.reports.figures.service import Report
from hallapp.reports.lists import streams
from hallapp.reports.lists.streams import Stream, Type, Wanted, What

#: The web process writes a workbook with this number of rows in less than half a second (70 microseconds a row).
#: Longer lists are an export in the background, without this limit.
MOST_ROWS = 5_000
_STYLES = {Type.TEXT: "text", Type.NUMBER: "number", Type.PLAIN_NUMBER: "plain", Type.DAY: "day", Type.TIME: "text"}
_WIDTHS = {Type.TEXT: 18, Type.NUMBER: 11, Type.PLAIN_NUMBER: 8, Type.DAY: 13, Type.TIME: 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The rows still to be read, and the notes about them."""

    stream: Stream
    told: tuple[str, ...]


def open_data(report: Report) -> Data:
    """Begin to read the rows of a report's period, as the ledger has them now."""
    period = report.period
    first, last = (date.min, date.max) if period == SINCE_OPENING else (period.first, period.last)
    stream = streams.open_stream(report.hall, Wanted(what=What.DATA, first=first, last=last))
    return Data(stream=stream, told=tuple(_told(report, stream.total)))


def write(book: Any, styles: Styles, data: Data) -> None:
    """Write the sheet, named for pivot tables; the notes are to its right."""
    columns = [
        ExportColumn(heading=name, width=_WIDTHS[kind], style=_STYLES[kind]) for name, kind in data.stream.columns
    ]
    sheet = TableSheet(book, styles, _("Data"), columns)
    note = len(columns) + 1
    sheet.sheet.set_column(note, note, 70)
    for place, row in enumerate(islice(data.stream.rows, MOST_ROWS)):
        sheet.put(*row)
        if place < len(data.told):
            sheet.sheet.write_string(place + 1, note, data.told[place], styles.label)
    for place in range(sheet.rows, len(data.told)):
        sheet.sheet.write_string(place + 1, note, data.told[place], styles.label)
    sheet.end()
    book.define_name("pivot_data", f"='{sheet.title}'!$A$1:${chr(ord('A') + len(columns) - 1)}${sheet.rows + 1}")


def _told(report: Report, total: int) -> list[str]:
    told = [
        _(
            "A row for each day, place of origin, programme and kind of organisation; a group counts once in each "
            "row to which it brought people. Insert a pivot table on the name pivot_data."
        )
    ]
    if total > MOST_ROWS:
        told.append(
            _(
                "This sheet contains the first %(most)s of %(all)s rows. All of them are in the data "
                "sheet that you can request on the page of exports, under Reports.",
                most=formats.number(MOST_ROWS),
                all=formats.number(total),
            )
        )
    if report.undated.visitors:
        told.append(_("Rows without a day are imported totals of whole months."))
    if report.later_count:
        told.append(_("It shows the ledger as it is now, including adjustments made after the month was closed."))
    elif report.close and report.close.reopened_at:
        told.append(_("It shows the ledger as it is now: the month was reopened after these figures were filed."))
    return told
