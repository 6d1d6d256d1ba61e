"""The divisions by people: picture and table in one, with a tick where each stood a year before."""

from collections.abc import Sequence

from hallapp import printing
from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.origins.values import OriginSet
from hallapp.periods import Unit
from hallapp.reports import layout, tables, words
from hallapp.reports.figures.parts import DivisionFigure
from hallapp.reports.pdf.sheet import INK, MARGIN, QUIET, SMALL, ReportSheet
from hallapp.reports.pdf.table import BAR, ROW, SIZE, PdfColumn, PdfLine, Table, number_column
from hallapp.reports.pictures import charts
from hallapp.reports.pictures.charts import Name
from hallapp.reports.tables import TableRow


def draw(sheet: ReportSheet) -> None:
    """Draw a row for each division with people, now or a year before; overseas and not stated below a line."""
    report = sheet.report
    picture = charts.make(report, Name.RANKING)
    field = "before" if report.period.unit is Unit.YEAR else "last_year"
    figures = {figure.code: figure for figure in report.divisions}
    rows = [
        (row, _then(figures[_code(row)], field) if picture.compared else None) for row in tables.of_ranking(report).rows
    ]
    rows = [(row, then) for row, then in rows if row.visitors or then]
    beside = [
        (row, _then(figures[_code(row)], field) if picture.compared else None) for row in tables.of_beside(report).rows
    ]
    greatest = max(max(row.visitors, then or 0) for row, then in [*rows, *beside])
    sheet.heading(picture.title, room=ROW * min(len(rows) + 6, 40))
    sheet.y -= 2
    sheet.lines(picture.sentence, colour=QUIET)
    if picture.compared:
        _key(sheet)
    lines = [_line(row, then, greatest) for row, then in rows]
    lines += [_line(row, then, greatest, ruled=place == 0) for place, (row, then) in enumerate(beside)]
    lines.append(_total(sheet, compared=picture.compared))
    Table(sheet, _columns(report.origins, lines, compared=picture.compared)).draw(lines)


def _columns(origins: OriginSet, lines: Sequence[PdfLine], *, compared: bool) -> list[PdfColumn]:
    """Return the columns as wide as their contents; the bars take the rest."""

    def numbers(place: int, heading: str) -> PdfColumn:
        return number_column(heading, [line.cells[place] for line in lines])

    names = max(printing.text_width(line.cells[1], SIZE) for line in lines)
    columns = [
        PdfColumn(heading=_("Rank"), width=24, number=True),
        PdfColumn(heading=_(origins.words.one), width=max(50.0, names + 2)),
        numbers(2, _("People")),
        PdfColumn(bar=True),
        numbers(4, _("Share")),
        numbers(5, _("Groups")),
    ]
    return [*columns, numbers(6, _("A year before")), numbers(7, _("Change in people"))] if compared else columns


def _line(row: TableRow, then: int | None, greatest: int, *, ruled: bool = False) -> PdfLine:
    cells = (
        str(row.rank or "") if row.visitors else "",
        row.name,
        formats.number(row.visitors),
        "",
        words.percent(row.share or 0.0, row.visitors),
        "" if row.groups is None else formats.number(row.groups),
    )
    compared = () if then is None else (formats.number(then), words.signed(row.visitors - then))
    return PdfLine(
        cells=(*cells, *compared),
        bar=layout.bar(row.visitors, greatest),
        tick=then / greatest if then else None,
        ruled=ruled,
        quiet=frozenset({0, 6, 7}),
    )


def _total(sheet: ReportSheet, *, compared: bool) -> PdfLine:
    report = sheet.report
    totals = report.totals
    then = report.previous if report.period.unit is Unit.YEAR else report.last_year
    cells = ("", _("Total"), formats.number(totals.visitors), "", "100%", formats.number(totals.groups))
    if not compared:
        return PdfLine(cells=cells, bold=True, ruled=True)
    before = then.visitors if then else 0
    change = words.signed(totals.visitors - before)
    return PdfLine(cells=(*cells, formats.number(before), change), bold=True, ruled=True)


def _key(sheet: ReportSheet) -> None:
    """Draw the key of bar and tick."""
    sheet.y -= 13
    x = MARGIN
    sheet.box(x, sheet.y, 22, 7.5, colour=BAR)
    sheet.write(_("People"), x + 28, sheet.y, size=SMALL, colour=QUIET)
    x += 28 + 60
    sheet.box(x, sheet.y - 2, 1.6, 11.5, colour=INK)
    sheet.write(_("the same time a year before"), x + 8, sheet.y, size=SMALL, colour=QUIET)
    sheet.y -= 6


def _code(row: TableRow) -> str:
    return str(row.code)


def _then(figure: DivisionFigure, field: str) -> int:
    return getattr(figure, field) or 0
