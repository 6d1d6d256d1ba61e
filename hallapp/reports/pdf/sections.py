"""The figures of a report, section by section: each with its picture, its sentence and its table."""

from collections.abc import Iterable, Sequence

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import ngettext
from hallapp.ledger.facets import Section
from hallapp.reports import apart, layout, tables, words
from hallapp.reports.figures.parts import share
from hallapp.reports.pdf import events, ranking
from hallapp.reports.pdf.sheet import GUTTER, HALF, INNER, MARGIN, QUIET, SMALL, WIDTH, ReportSheet, height_of
from hallapp.reports.pdf.table import ROW, PdfColumn, PdfLine, Table, number_column
from hallapp.reports.pictures import charts
from hallapp.reports.pictures.charts import Name, Picture
from hallapp.reports.tables import Table as Figures
from hallapp.reports.tables import TableRow

RIGHT = MARGIN + HALF + GUTTER
#: The number of rows of a table: the last row sums up the rest, and the workbook has all rows.
MOST_ROWS = 40


def draw(sheet: ReportSheet) -> None:
    """Draw all sections; only the figures for a period without visitors."""
    _figures(sheet)
    events.draw(sheet)
    if sheet.report.totals.visitors:
        _where(sheet)
        ranking.draw(sheet)
        _when(sheet)
        _week(sheet)
        _pictured(sheet)
        _ways(sheet)
        _others(sheet)
    _apart(sheet)


def _figures(sheet: ReportSheet) -> None:
    report = sheet.report
    compared = words.comparisons(report)
    sheet.heading(_("Figures and comparisons"), room=ROW * (4 + len(compared)))
    lines = [
        PdfLine(
            cells=(
                words.name_so_far(report),
                formats.number(report.totals.visitors),
                formats.number(report.totals.groups),
                *("", ""),
            ),
            bold=True,
        ),
        *(
            PdfLine(
                cells=(
                    one.name,
                    formats.number(one.then.visitors),
                    formats.number(one.then.groups),
                    one.people,
                    one.percent,
                )
            )
            for one in compared
        ),
    ]
    number = {"number": True, "width": 78.0}
    columns = [
        PdfColumn(heading=_("Period")),
        PdfColumn(heading=_("People"), **number),  # type: ignore[arg-type]
        PdfColumn(heading=_("Groups"), **number),  # type: ignore[arg-type]
        PdfColumn(heading=_("Difference in people"), width=96, number=True),
        PdfColumn(heading=_("In per cent"), width=84, number=True),
    ]
    Table(sheet, columns if compared else columns[:3]).draw(
        lines if compared else [PdfLine(cells=line.cells[:3], bold=True) for line in lines]
    )
    sheet.y -= 10
    _pairs(sheet, [*words.totals(report)[2:], *(one[:2] for one in words.more_totals(report))])
    if report.totals.visitors:
        sheet.y -= 6
        for table in tables.in_section(report, Section.REGIONS):
            _halves(sheet, table, tables.of_regions(report))


def _apart(sheet: ReportSheet) -> None:
    """Draw what is counted apart, beside the visitors."""
    for section in apart.list_sections(sheet.report):
        for place, table in enumerate(section.tables):
            sheet.heading(table.title, room=ROW * 6)
            if place == 0:
                sheet.lines(section.sentence)
                sheet.y -= 4
            _apart_table(sheet, table)


def _apart_table(sheet: ReportSheet, table: apart.ApartTable) -> None:
    width = min(78.0, 330 / len(table.columns))
    numbers = [PdfColumn(heading=column, number=True, width=width) for column in table.columns]
    lines = [PdfLine(cells=(row.name, *_told(row.numbers))) for row in table.rows[:MOST_ROWS]]
    total = PdfLine(cells=(_("Total"), *_told(table.total)), bold=True, ruled=True)
    Table(sheet, [PdfColumn(heading=table.of), *numbers]).draw([*lines, total])
    if len(table.rows) > MOST_ROWS:
        sheet.lines(_("The workbook has all rows."), size=SMALL, colour=QUIET)


def _told(numbers: apart.Numbers) -> list[str]:
    return ["" if number is None else formats.number(number) for number in numbers]


def _pairs(sheet: ReportSheet, pairs: Sequence[tuple[str, int | str]]) -> None:
    """Names and numbers, two to a row."""
    columns = [
        PdfColumn(),
        PdfColumn(width=80, number=True),
        PdfColumn(width=GUTTER - 12),
        PdfColumn(),
        PdfColumn(width=80, number=True),
    ]
    cells = [(name, value if isinstance(value, str) else formats.number(value)) for name, value in pairs]
    cells += [("", "")] * (len(cells) % 2)
    lines = [
        PdfLine(cells=(*left, "", *right), ruled=place > 0)
        for place, (left, right) in enumerate(zip(cells[::2], cells[1::2], strict=True))
    ]
    Table(sheet, columns).draw(lines)


def _where(sheet: ReportSheet) -> None:
    if not sheet.report.origins.has_map:
        return
    picture = charts.make(sheet.report, Name.MAP)
    width = min(INNER, 480.0)
    sheet.heading(_("Places of origin"), room=height_of(picture.drawing, width) + 40)
    _say(sheet, picture)
    sheet.y -= 4
    sheet.y -= sheet.paint(picture.drawing, alt=picture.sentence, x=(WIDTH - width) / 2, width=width)
    absent = tables.of_ranking(sheet.report).absent
    if absent:
        sheet.y -= 4
        sheet.lines(_("No visitors from: %(divisions)s.", divisions=absent), size=SMALL, colour=QUIET)


def _when(sheet: ReportSheet) -> None:
    """Draw the trend over the whole width, then days, months or years beside their table."""
    trend = charts.make(sheet.report, Name.TREND)
    drawing = trend.wide or trend.drawing
    sheet.heading(_("Arrival times"), room=height_of(drawing, INNER) + 50)
    sheet.title(trend.title)
    _say(sheet, trend)
    sheet.y -= 4
    sheet.y -= sheet.paint(drawing, alt=trend.sentence)
    sheet.y -= 4
    _picture_and_table(sheet, charts.make(sheet.report, Name.CALENDAR), tables.of_parts(sheet.report))


def _week(sheet: ReportSheet) -> None:
    picture = charts.make(sheet.report, Name.WEEK)
    width = 330.0
    sheet.heading(picture.title, room=height_of(picture.drawing, width) + 40)
    _say(sheet, picture)
    sheet.y -= 6
    sheet.y -= sheet.paint(picture.drawing, alt=picture.sentence, x=(WIDTH - width) / 2, width=width)


def _pictured(sheet: ReportSheet) -> None:
    """Draw the facets that have a picture, each under its own heading."""
    for table in tables.in_section(sheet.report, Section.PICTURED):
        _parts(sheet, table, charts.make(sheet.report, Name(table.name)))


def _parts(sheet: ReportSheet, table: Figures, picture: Picture | None = None) -> None:
    """Draw a section of one table with bars: picture and numbers in one."""
    sheet.heading(table.heading, room=ROW * min(len(table.came) + 4, 18))
    if picture:
        _say(sheet, picture)
    _with_bars(sheet, table)


def _ways(sheet: ReportSheet) -> None:
    ways = tables.in_section(sheet.report, Section.WAYS)
    if ways:
        sheet.heading(_("Booking channels and guides"), room=ROW * (len(ways[0].came) + 4))
    for table in ways:
        sheet.need(ROW * min(len(table.came) + 3, 12))
        sheet.title(table.title)
        _with_bars(sheet, table)


def _others(sheet: ReportSheet) -> None:
    """Draw the facets that have a section of their own."""
    for table in tables.in_section(sheet.report, Section.OWN):
        _parts(sheet, table)


def _say(sheet: ReportSheet, picture: Picture) -> None:
    """Draw the sentence about a picture."""
    sheet.y -= 2
    sheet.lines(picture.sentence, colour=QUIET)


def _picture_and_table(sheet: ReportSheet, picture: Picture, table: Figures) -> None:
    """Draw a picture with its sentence to the left and its table to the right; a long table continues overleaf."""
    height = height_of(picture.drawing, HALF)
    rows = min(len(table.came), MOST_ROWS) + 2
    sheet.need(max(height + 40, ROW * min(rows, 36)) + 34)
    sheet.title(picture.title)
    _say(sheet, picture)
    sheet.y -= 4
    top, page = sheet.y, sheet.page
    sheet.paint(picture.drawing, alt=picture.sentence, width=HALF)
    _simple(sheet, table, x=RIGHT, width=HALF)
    if page == sheet.page:
        sheet.y = min(sheet.y, top - height)
    sheet.y -= 4


def _halves(sheet: ReportSheet, left: Figures, right: Figures) -> None:
    """Draw two short tables side by side."""
    sheet.need(ROW * (max(len(left.came), len(right.came)) + 3) + 20)
    top, lowest = sheet.y, sheet.y
    for table, x in ((left, MARGIN), (right, RIGHT)):
        sheet.y = top
        sheet.title(table.title, x=x)
        _simple(sheet, table, x=x, width=HALF)
        lowest = min(lowest, sheet.y)
    sheet.y = lowest


def _simple(sheet: ReportSheet, table: Figures, *, x: float, width: float) -> None:
    """Draw a table of names, people, shares and groups, as far as it has them."""
    rows = _most(table)
    shares, groups = table.has_shares, any(row.groups is not None for row in rows)
    lines = [_line(row, shares=shares, groups=groups) for row in rows]
    lines.append(_total(sheet, table, rows, shares=shares, groups=groups))
    headings = [_("People"), *([_("Share")] if shares else []), *([_("Groups")] if groups else [])]
    numbers = [
        number_column(heading, [line.cells[place] for line in lines]) for place, heading in enumerate(headings, 1)
    ]
    Table(sheet, [PdfColumn(heading=table.of), *numbers], x=x, width=width).draw(lines)


def _with_bars(sheet: ReportSheet, table: Figures) -> None:
    """Draw the table over the whole width, with a bar in each row but the total, if its rows have one."""
    rows = _most(table)
    shown = [row for row in rows if row in table.came]
    greatest = max((row.visitors for row in shown), default=0)
    columns = [
        PdfColumn(heading=table.of, width=190),
        PdfColumn(heading=_("People"), width=58, number=True),
        PdfColumn(bar=True),
        PdfColumn(heading=_("Share"), width=44, number=True),
        PdfColumn(heading=_("Groups"), width=48, number=True),
    ]

    def barred(line: PdfLine, part: float) -> PdfLine:
        return PdfLine(cells=(*line.cells[:2], "", *line.cells[2:]), bar=part, bold=line.bold, ruled=line.ruled)

    lines = [
        barred(_line(row, shares=True, groups=True), layout.bar(row.visitors if row in shown else 0, greatest))
        for row in rows
    ]
    if table.adds_up:
        lines.append(barred(_total(sheet, table, rows, shares=True, groups=True), 0))
    Table(sheet, columns).draw(lines)


def _most(table: Figures) -> list[TableRow]:
    """Return the rows that came; the last of very many are one row."""
    if len(table.came) <= MOST_ROWS:
        return table.came
    ranked = sorted(table.came, key=lambda row: -row.visitors)
    rest = ranked[MOST_ROWS - 1 :]
    whole = sum(row.visitors for row in table.rows)
    visitors = sum(row.visitors for row in rest)
    name = ngettext("%(num)s other", "%(num)s others", len(rest))
    others = TableRow(
        code="",
        name=name,
        visitors=visitors,
        groups=_sum(row.groups for row in rest),
        share=share(visitors, whole) if table.has_shares else None,
    )
    return [*ranked[: MOST_ROWS - 1], others]


def _line(row: TableRow, *, shares: bool, groups: bool) -> PdfLine:
    return _cells(row.name, row.visitors, row.share, row.groups, shares=shares, groups=groups)


def _total(sheet: ReportSheet, table: Figures, rows: Sequence[TableRow], *, shares: bool, groups: bool) -> PdfLine:
    """Return the report's own total where the rows add up to its people, else the sum of the rows."""
    totals = sheet.report.totals
    people = sum(row.visitors for row in rows)
    whole = people == totals.visitors
    line = _cells(
        _("Total"),
        people,
        1.0 if shares and whole else None,
        totals.groups if whole else _sum(row.groups for row in rows),
        shares=shares,
        groups=groups,
    )
    return PdfLine(cells=line.cells, bold=True, ruled=True)


def _cells(name: str, people: int, part: float | None, groups_: int | None, *, shares: bool, groups: bool) -> PdfLine:
    told = "" if part is None else "100%" if part == 1.0 else words.percent(part, people)
    cells = [name, formats.number(people)]
    cells += [told] if shares else []
    cells += ["" if groups_ is None else formats.number(groups_)] if groups else []
    return PdfLine(cells=tuple(cells))


def _sum(groups: Iterable[int | None]) -> int | None:
    known = [number for number in groups if number is not None]
    return sum(known) if known else None
