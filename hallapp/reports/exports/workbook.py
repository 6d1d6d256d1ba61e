"""A report as a workbook: a sheet that sums up, one for each table with its chart, and the data that it is made of."""

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, region
from hallapp.periods import Period, Unit
from hallapp.reports import apart, tables, words
from hallapp.reports.exports import charts, data_sheet
from hallapp.reports.exports.cells import ratio
from hallapp.reports.exports.styles import ExportColumn, Styles, TableSheet, Value
from hallapp.reports.exports.summary import write_summary
from hallapp.reports.figures.parts import DivisionFigure
from hallapp.reports.figures.service import Report
from hallapp.reports.tables import Table, TableRow

#: Its rows are bounded (`data_sheet.MOST_ROWS`), so it is made in memory, without a temporary file for each sheet.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def to_xlsx(report: Report) -> bytes:
    """Typed numbers and dates under frozen heads, charts that Excel draws itself, and no formula anywhere."""
    return write_book(report, data_sheet.open_data(report))


def write_book(report: Report, data: data_sheet.Data) -> bytes:
    """Return the workbook of a report and of the rows that it is made of."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties(
            {
                "title": f"{report.hall.text('name', language())} {words.period_name(report.period)}",
                "created": report.made_at.replace(tzinfo=None),
            }
        )
        styles = Styles.of(book)
        write_summary(book, styles, report, data.told)
        _divisions(book, styles, report)
        _ranking(book, styles, report)
        _parts(book, styles, report)
        _trend(book, styles, report)
        _week(book, styles, report)
        for table in _others(report):
            _table(book, styles, table)
        _remembered(book, styles, report)
        _apart(book, styles, report)
        data_sheet.write(book, styles, data)
    return file.getvalue()


def _apart(book: Any, styles: Styles, report: Report) -> None:
    """Write what is counted apart from visitors, which no other sheet includes."""
    for table in apart.list_tables(report):
        columns = [_number(column, width=20 if len(column) > 12 else 13) for column in table.columns]
        sheet = TableSheet(book, styles, table.title, [_code(_("Code")), _text(table.of, 40), *columns])
        for row in table.rows:
            sheet.put(row.code, row.name, *row.numbers)
        sheet.end()


def _others(report: Report) -> Iterable[Table]:
    """Return the tables that each become a sheet with bars: divisions and parts have sheets of another form."""
    return tables.in_full(report)[2:]


def _then(report: Report) -> list[tuple[Period, str]]:
    """Return the periods that divisions are compared with, each with its field."""
    found = []
    if report.previous is not None:
        found.append((report.period.previous(), "before"))
    if report.last_year is not None:
        found.append((report.period.year_before(), "last_year"))
    return found


def _number(heading: str, style: str = "number", width: float = 13) -> ExportColumn:
    return ExportColumn(heading=heading, width=width, style=style)


def _text(heading: str, width: float = 30) -> ExportColumn:
    return ExportColumn(heading=heading, width=width, style="text")


def _code(heading: str) -> ExportColumn:
    return ExportColumn(heading=heading, width=14, style="code")


def _divisions(book: Any, styles: Styles, report: Report) -> None:
    """Write all divisions in the order of the set."""
    then = _then(report)
    table = tables.of_divisions(report)
    sheet = TableSheet(
        book,
        styles,
        table.title,
        [
            *(_code(table.code_of), _text(table.of), _number(_("People")), _number(_("Groups"))),
            _number(_("Share of people"), "share"),
            *(_number(_("People, %(period)s", period=words.period_name(period)), width=20) for period, _field in then),
            ExportColumn(heading="ISO 3166-2", width=12, style="text"),
        ],
    )
    for row, figure in zip(table.rows, report.divisions, strict=True):
        before = (getattr(figure, field) for _period, field in then)
        iso = report.origins.division(figure.code).iso
        sheet.put(row.code, row.name, row.visitors, row.groups, row.share, *before, iso)
    sheet.end()


def _ranking(book: Any, styles: Styles, report: Report) -> None:
    """Write the places, most people first, beside the same time a year before, or beside the year before a year."""
    field = "before" if report.period.unit is Unit.YEAR else "last_year"
    compared = any(getattr(figure, field) for figure in report.divisions)
    period = (report.period.previous() if field == "before" else report.period.year_before()) if compared else None
    then = [_number(_("People, %(period)s", period=words.period_name(period)), width=20)] if period else []
    change = [_number(_("Change in people"), "signed"), _number(_("In per cent"), "percent")] if period else []
    sheet = TableSheet(
        book,
        styles,
        _("Ranking"),
        [
            ExportColumn(heading=_("Rank"), width=8, style="plain"),
            _text(_(report.origins.words.one), 24),
            _number(_("People")),
            *then,
            *change,
        ],
    )
    figures = {row.code: row for row in report.divisions}
    for row in tables.of_ranking(report).rows:
        figure = figures[str(row.code)]
        sheet.put(row.rank, row.name, row.visitors, *(_changed(figure, field) if period else ()))
    sheet.end()
    if report.totals.visitors:
        rows = max(1, sum(1 for row in report.divisions if row.is_place and row.visitors))
        title = report.origins.say(report.origins.words.ranked)
        charts.bars(book, sheet, names=1, numbers=[2, 3] if period else [2], title=title, rows=rows)


def _changed(figure: DivisionFigure, field: str) -> tuple[Value, ...]:
    before = getattr(figure, field) or 0
    change = figure.visitors - before
    return before, change, ratio(change, before)


def _parts(book: Any, styles: Styles, report: Report) -> None:
    """Write the days of a month, the months of a year, or the years."""
    table = tables.of_parts(report)
    first = ExportColumn(heading=table.code_of, width=14, style="day")
    sheet = TableSheet(
        book, styles, table.title, [first, _text(table.of, 24), _number(_("People")), _number(_("Groups"))]
    )
    for row in table.rows:
        sheet.put(row.code, row.name, row.visitors, row.groups)
    sheet.end()
    if report.totals.visitors:
        charts.columns(book, sheet, names=1, numbers=2, title=table.title)


def _trend(book: Any, styles: Styles, report: Report) -> None:
    """Write every month since the opening."""
    columns = [
        ExportColumn(heading=_("Month"), width=14, style="month"),
        _number(_("People")),
        _number(_("Groups")),
    ]
    sheet = TableSheet(book, styles, _("Trend"), columns)
    for month in report.trend:
        sheet.put(month.first, month.visitors, month.groups)
    sheet.end()
    if report.trend:
        charts.line(book, sheet, names=0, numbers=1, title=_("People per month since the opening"))


def _week(book: Any, styles: Styles, report: Report) -> None:
    """Weekdays across, hours down, shaded by their people."""
    people = report.hours
    hours = range(min(hour for _day, hour in people), max(hour for _day, hour in people) + 1) if people else range(0)
    days = formats.week(language())
    sheet = TableSheet(
        book, styles, _("Weekday and hour"), [_text(_("Hour"), 14), *(_number(day, width=11) for day in days)]
    )
    for hour in hours:
        sheet.put(formats.hour_span(hour), *(people.get((weekday, hour), 0) for weekday in region().week))
    sheet.end()
    if people:
        charts.shade(sheet, first_column=1, last_column=7)


def _table(book: Any, styles: Styles, table: Table) -> None:
    """Write a table of parts with their shares, and a bar for each part that came."""
    shares = [_number(_("Share of people"), "share")] if table.has_shares else []
    counted = [_number(_("Groups"))] if any(row.groups is not None for row in table.rows) else []
    columns = [_code(table.code_of), _text(table.of), _number(_("People")), *counted, *shares]
    sheet = TableSheet(book, styles, table.title, columns)
    for row in table.rows:
        sheet.put(row.code, row.name, row.visitors, *_optional(row, counted=bool(counted), shares=bool(shares)))
    sheet.end()
    if table.came:
        charts.bars(book, sheet, names=1, numbers=[2], title=table.title, rows=min(sheet.rows, 40))


def _optional(row: TableRow, *, counted: bool, shares: bool) -> list[Value]:
    return [*([row.groups] if counted else []), *([row.share] if shares else [])]


def _remembered(book: Any, styles: Styles, report: Report) -> None:
    """Milestones, first times and adjustments, a row each; no sheet where there are none."""
    if not (report.milestones or report.firsts or report.adjustments):
        return
    sheet = TableSheet(
        book,
        styles,
        _("Events"),
        [
            _text(_("Event"), 26),
            ExportColumn(heading=_("Month"), width=12, style="month"),
            ExportColumn(heading=_("Day"), width=14, style="day"),
            _number(_("People"), "signed"),
            _text(_("In words"), 60),
        ],
    )
    for milestone in report.milestones:
        said = words.milestone(report.origins, milestone)
        sheet.put(_("Milestone"), milestone.month, milestone.day, milestone.number, said)
    for first in report.firsts:
        said = words.first_seen(report.origins, first)
        sheet.put(report.origins.say(report.origins.words.first), first.month, first.day, None, said)
    for one in report.adjustments:
        told = _(words.ADJUSTMENT_NAMES[one.reason])
        sheet.put(_("Adjustment"), one.month, one.made_on, one.visitors, told)
    sheet.end()
