"""A report on A4 paper, to be signed: the words, charts and tables of the page, in the project's own font."""

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from hallapp.core import formats, pdf_font
from hallapp.core.i18n import language
from hallapp.reports import layout, tables, words
from hallapp.reports.figures import Report
from hallapp.reports.layout import Drawing
from hallapp.reports.pictures import album
from hallapp.reports.pictures.album import Name, Picture
from hallapp.reports.tables import Row, Table

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
TOP = HEIGHT - 20 * mm
BOTTOM = 22 * mm
INNER = WIDTH - 2 * MARGIN
GUTTER = 10 * mm
HALF = (INNER - GUTTER) / 2
MIDDLE = 105 * mm

INK, GOOD, BAD, WARN = "#1c1a18", "#14632f", "#a01c14", "#7a4b00"
BAR = layout.FILLS[4]
ROW = 14.5
BODY = 9.5
_RANK, _PEOPLE, _SHARE, _GROUPS = 26.0, 44.0, 46.0, 40.0


#: Reading a colour takes as long as drawing a line of text.
_colour = lru_cache(maxsize=32)(HexColor)


def to_pdf(report: Report) -> bytes:
    """The report as a PDF: drawn once to count its pages, and once to number them."""
    pages = _Paper(report, pages=0).draw()
    paper = _Paper(report, pages=pages)
    paper.draw()
    paper.canvas.save()
    return paper.file.getvalue()


class _Paper:
    """A canvas with a cursor `y` that moves down, and a header and footer on every page."""

    def __init__(self, report: Report, *, pages: int) -> None:
        self.report = report
        self.pages = pages
        self.page = 1
        self.file = io.BytesIO()
        self.font = pdf_font.load_font()
        self.canvas = Canvas(
            self.file,
            pagesize=A4,
            initialFontName=self.font,  # type: ignore[arg-type]
            lang="zh-CN" if language() == "zh" else "en",
        )
        name = report.hall.text("name", language())
        self.canvas.setTitle(f"{name} · {words.period_name(report.period)}")
        self.canvas.setAuthor(name)
        self.canvas.setCreator("hallapp")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self.y = TOP

    def draw(self) -> int:
        """Draw everything; gives the number of pages."""
        self._begin_page()
        self._head()
        if self.report.totals.visitors:
            self._where()
            self._ranking()
            self._picture(album.make(self.report, Name.TREND), width=INNER)
            self._when()
            self._picture(album.make(self.report, Name.WEEK), width=MIDDLE)
            self._what()
        self._method()
        self._signatures()
        return self.page

    # Pages

    def _begin_page(self) -> None:
        report = self.report
        name = f"{report.hall.text('name', language())} · {words.period_name(report.period)}"
        foot = _("Page %(page)s of %(pages)s", page=self.page, pages=self.pages)
        self.rule(BOTTOM - 8, colour=layout.LINE)
        made = words.made_at(report)
        made_width, foot_width = pdf_font.text_width(made, 8), pdf_font.text_width(foot, 8)
        name = _shortened(name, INNER - made_width - foot_width - 2 * GUTTER, 8)
        middle = max(WIDTH / 2, MARGIN + pdf_font.text_width(name, 8) + (GUTTER + made_width) / 2)
        self.write(name, MARGIN, BOTTOM - 20, size=8, colour=layout.QUIET)
        self.write(made, middle, BOTTOM - 20, size=8, colour=layout.QUIET, anchor="middle")
        self.write(foot, WIDTH - MARGIN, BOTTOM - 20, size=8, colour=layout.QUIET, anchor="end")
        if report.hall.demonstration:
            warning = _("Demonstration: made-up visitors and bookings")
            self.write(warning, WIDTH / 2, HEIGHT - 10 * mm, size=8, colour=WARN, anchor="middle")
        self.y = TOP

    def _turn(self) -> None:
        self.canvas.showPage()
        self.page += 1
        self._begin_page()

    def need(self, height: float) -> None:
        """Turn the page where less than this height is left."""
        if self.y - height < BOTTOM:
            self._turn()

    # Strokes

    def write(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float = BODY,
        colour: str = INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """A line of text on its baseline. The font has no bold: a thin stroke makes one."""
        canvas = self.canvas
        canvas.setFont(self.font, size)
        canvas.setFillColor(_colour(colour))
        if bold:
            canvas.setStrokeColor(_colour(colour))
            canvas.setLineWidth(size / 36)
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * pdf_font.text_width(text, size)
        canvas.drawString(x - shift, y, text, mode=2 if bold else 0)

    def lines(
        self, text: str, *, x: float = MARGIN, width: float = INNER, size: float = BODY, colour: str = INK
    ) -> None:
        """A wrapped text; moves the cursor below it."""
        for line in pdf_font.wrap(text, size=size, width=width):
            self.need(size * 1.6)
            self.y -= size * 1.15
            self.write(line, x, self.y, size=size, colour=colour)
            self.y -= size * 0.45

    def rule(
        self, y: float, *, x: float = MARGIN, width: float = INNER, thickness: float = 0.5, colour: str = INK
    ) -> None:
        """A horizontal line."""
        self.canvas.setStrokeColor(_colour(colour))
        self.canvas.setLineWidth(thickness)
        self.canvas.line(x, y, x + width, y)

    def heading(self, text: str, *, room: float) -> None:
        """A section's heading, on the same page as so much of what follows."""
        self.need(44 + room)
        self.y -= 12
        self.rule(self.y, thickness=1.6)
        self.y -= 20
        self.write(text, MARGIN, self.y, size=13, bold=True)
        self.y -= 12

    # Parts of the report

    def _head(self) -> None:
        report = self.report
        self.y -= 10
        self.write(report.hall.text("name", language()), MARGIN, self.y, size=11, colour=layout.QUIET)
        self.write(words.report_kind(report.period), WIDTH - MARGIN, self.y, size=11, colour=layout.QUIET, anchor="end")
        self.y -= 34
        self.write(words.period_name(report.period), MARGIN, self.y, size=26, bold=True)
        self.y -= 10
        self.lines(words.sentence(report), size=12)
        self.y -= 8
        self._strip()

    def _strip(self) -> None:
        totals = words.totals(self.report)
        column = INNER / len(totals)
        self.rule(self.y, colour=layout.LINE)
        for place, (name, number) in enumerate(totals):
            x = MARGIN + place * column
            self.write(name, x, self.y - 15, size=8.5, colour=layout.QUIET)
            self.write(formats.number(number), x, self.y - 36, size=18, bold=True)
        self.y -= 46
        self.rule(self.y, colour=layout.LINE)

    def _where(self) -> None:
        report = self.report
        drawing = layout.tile_map(report)
        size = 148 * mm
        self.heading(_("Where they came from"), room=size + 8)
        self._chart(drawing, x=(WIDTH - size) / 2, width=size)
        self.y -= size * drawing.height / drawing.width + 8
        ranking, beside = tables.of_ranking(report), tables.of_beside(report)
        absent = _("Nobody from: %(divisions)s.", divisions=ranking.absent) if ranking.absent else ""
        self._turn()
        self._table(ranking, MARGIN, INNER, beside=beside.rows)
        if absent:
            self.y -= 4
            self.lines(absent, size=8.5, colour=layout.QUIET)

    def _ranking(self) -> None:
        """The ranking against the year before, where the hall had visitors then."""
        picture = album.make(self.report, Name.RANKING)
        if picture.compared:
            self._picture(picture, width=INNER)

    def _picture(self, picture: Picture, *, width: float) -> None:
        """A picture under its own heading, with its sentence, on one page."""
        drawing = picture.wide or picture.drawing
        height = width * drawing.height / drawing.width
        self.heading(picture.title, room=height + 40)
        self.lines(picture.sentence, colour=layout.QUIET)
        self.y -= 6
        self._chart(drawing, x=MARGIN, width=width)
        self.y -= height + 8

    def _when(self) -> None:
        report = self.report
        drawing = layout.calendar_of(report)
        table = tables.of_parts(report)
        chart_height = HALF * drawing.height / drawing.width
        height = max(chart_height, ROW * (len(table.came) + 2))
        self.heading(_("When they came"), room=height)
        top, page = self.y, self.page
        self._chart(drawing, x=MARGIN, width=HALF)
        self._table(table, MARGIN + HALF + GUTTER, HALF)
        if page == self.page:
            self.y = min(self.y, top - chart_height - 4)

    def _what(self) -> None:
        self.heading(_("What they came for, and who they were"), room=ROW * 4)
        for table in (tables.of_programmes(self.report), tables.of_kinds(self.report)):
            self.need(ROW * (len(table.came) + 2))
            self._table(table, MARGIN, INNER)
            self.y -= 8

    def _method(self) -> None:
        report = self.report
        self.heading(_("Notes on method"), room=150)
        counts = (" = " if report.check.agrees else " / ").join(
            f"{what} {formats.number(number)}" for what, number in words.check_terms(report)
        )
        colour = GOOD if report.check.agrees else BAD
        self.lines(f"{counts}  {words.check_verdict(report)}", colour=colour)
        self.y -= 3
        for note in words.notes(report):
            self.need(BODY * 3.2)
            self.write("·", MARGIN, self.y - 8.5 * 1.15, size=8.5)
            self.lines(note, x=MARGIN + 9, width=INNER - 9, size=8.5)
            self.y -= 2

    def _signatures(self) -> None:
        self.need(70)
        self.y -= 52
        column = (INNER - 2 * GUTTER) / 3
        for place, name in enumerate((_("Prepared by"), _("Approved by, seal"), _("Date"))):
            x = MARGIN + place * (column + GUTTER)
            self.rule(self.y, x=x, width=column)
            self.write(name, x, self.y - 12, size=8.5, colour=layout.QUIET)
        self.y -= 14

    # Charts and tables

    def _chart(self, drawing: Drawing, *, x: float, width: float) -> None:
        """A drawing at a width, hanging from the cursor; the cursor stays."""
        layout.paper.paint(self.canvas, drawing, x=x, top=self.y, width=width)

    def _table(self, table: Table, x: float, width: float, *, beside: Sequence[Row] = ()) -> None:
        """A table with bars from the cursor down; goes on over the page with its header again."""
        columns = _Columns(table, x, width, ranks=bool(beside))
        greatest = max([table.greatest, *(row.visitors for row in beside)])
        self._table_head(table, columns)
        for row in [*table.came, *beside]:
            if self.y - ROW < BOTTOM:
                self._turn()
                self._table_head(table, columns)
            if beside and row is beside[0]:
                self.rule(self.y, x=x, width=width, colour=layout.QUIET)
            share = words.percent(row.share, row.visitors) if row.share is not None else ""
            cells = (str(row.rank or ""), row.name, formats.number(row.visitors), share, formats.number(row.groups))
            self._row(columns, cells, part=layout.bar(row.visitors, greatest))
        self.need(ROW)
        self.rule(self.y, x=x, width=width)
        totals = self.report.totals
        share = "100%" if table.has_shares else ""
        self._row(
            columns, ("", _("Total"), formats.number(totals.visitors), share, formats.number(totals.groups)), bold=True
        )

    def _table_head(self, table: Table, columns: "_Columns") -> None:
        share = _("Share") if table.has_shares else ""
        rank = _("Rank") if columns.ranks else ""
        self._row(columns, (rank, table.of, _("People"), share, _("Groups")), colour=layout.QUIET, size=8)
        self.rule(self.y, x=columns.x, width=columns.width)

    def _row(
        self,
        columns: "_Columns",
        cells: tuple[str, str, str, str, str],
        *,
        part: float = 0,
        bold: bool = False,
        colour: str = INK,
        size: float = 9,
    ) -> None:
        rank, name, visitors, share, groups = cells
        base = self.y - 10.5
        style: dict[str, Any] = {"size": size, "bold": bold, "colour": colour}
        self.write(rank, columns.x + _RANK - 10, base, size=size, colour=layout.QUIET, anchor="end")
        self.write(_shortened(name, columns.name_width, size), columns.name, base, **style)
        self.write(visitors, columns.people, base, anchor="end", **style)
        if part:
            self.canvas.setFillColor(_colour(BAR))
            self.canvas.rect(columns.bar, base - 0.5, columns.bar_width * part, 7.5, stroke=0, fill=1)
        self.write(share, columns.share, base, anchor="end", **style)
        self.write(groups, columns.groups, base, anchor="end", **style)
        self.y -= ROW


class _Columns:
    """Where the columns of a table lie; a narrow table gives its bars what is left."""

    def __init__(self, table: Table, x: float, width: float, *, ranks: bool) -> None:
        self.x, self.width, self.ranks = x, width, ranks
        self.name = x + (_RANK if ranks else 0)
        self.name_width = width * (0.22 if ranks else 0.36)
        self.people = self.name + self.name_width + _PEOPLE
        self.groups = x + width
        self.share = self.groups - _GROUPS
        self.bar = self.people + 8
        self.bar_width = self.share - (_SHARE if table.has_shares else 0) - self.bar


def _shortened(text: str, width: float, size: float) -> str:
    """A name that fits its column; what does not ends in an ellipsis."""
    if pdf_font.text_width(text, size) <= width:
        return text
    while text and pdf_font.text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"
