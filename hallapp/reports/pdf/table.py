"""Tables on paper: rows are never cut, the head is repeated on each page, and no row is alone on a page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hallapp import printing
from hallapp.reports import layout
from hallapp.reports.pdf.sheet import BOTTOM, INK, INNER, MARGIN, QUIET, ReportSheet, shortened

ROW, SIZE, HEAD = 14.5, 9.0, 8.0
BAR = layout.FILLS[4]
_GAP = 6.0
_TOGETHER = 3  # rows that stay with a heading, or with the end of a table


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfColumn:
    """A column with its width in points, 0 for the rest; numbers are right-aligned, a bar fills it."""

    heading: str = ""
    width: float = 0
    number: bool = False
    bar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfLine:
    """The cells of a row; a bar's length is a part of 1, and so is its `tick`, where there is one."""

    cells: tuple[str, ...]
    bar: float = 0
    tick: float | None = None
    bold: bool = False
    ruled: bool = False  # a line above it
    quiet: frozenset[int] = field(default=frozenset())


def number_column(heading: str, cells: Sequence[str], *, least: float = 30) -> PdfColumn:
    """Return a column that is as wide as its widest number, or its heading."""
    widths = [printing.text_width(heading, HEAD), *(printing.text_width(cell, SIZE) for cell in cells)]
    return PdfColumn(heading=heading, width=max(least, 3 + max(widths)), number=True)


class Table:
    """Columns at an `x` and over a `width`; draws lines from the sheet's cursor down."""

    def __init__(
        self, sheet: ReportSheet, columns: Sequence[PdfColumn], *, x: float = MARGIN, width: float = INNER
    ) -> None:
        self.sheet, self.x, self.width = sheet, x, width
        free = width - sum(column.width for column in columns) - _GAP * (len(columns) - 1)
        shared = sum(1 for column in columns if not column.width)
        self.columns: list[tuple[PdfColumn, float, float]] = []
        for column in columns:
            own = column.width or free / shared
            self.columns.append((column, x, own))
            x += own + _GAP

    def draw(self, lines: Sequence[PdfLine]) -> None:
        """Draw all lines, over as many pages as they take."""
        sheet = self.sheet
        sheet.need(ROW * (1 + min(len(lines), _TOGETHER)))
        self._head()
        for place, line in enumerate(lines):
            left = len(lines) - place
            # The last rows move to the next page together, so that no row, such as the total, is alone there.
            needed = ROW * (left if left <= _TOGETHER else 1)
            if sheet.y - needed < BOTTOM:
                sheet.turn()
                self._head()
            self._line(line)

    def _head(self) -> None:
        """Draw the headings over a line; a table without headings has the line alone."""
        if not any(column.heading for column, _x, _width in self.columns):
            self.sheet.rule(self.sheet.y, x=self.x, width=self.width)
            return
        for column, x, width in self.columns:
            where, anchor = (x + width, "end") if column.number else (x, "start")
            base = self.sheet.y - 10.5
            fitting = shortened(column.heading, width + (_GAP / 2), HEAD)
            self.sheet.write(fitting, where, base, size=HEAD, colour=QUIET, anchor=anchor)
        self.sheet.y -= ROW
        self.sheet.rule(self.sheet.y, x=self.x, width=self.width)

    def _line(self, line: PdfLine) -> None:
        sheet = self.sheet
        if line.ruled:
            sheet.rule(sheet.y, x=self.x, width=self.width, colour=INK if line.bold else QUIET)
        base = sheet.y - 10.5
        for place, ((column, x, width), cell) in enumerate(zip(self.columns, line.cells, strict=True)):
            colour = QUIET if place in line.quiet else INK
            if column.bar:
                self._bar(line, x, base, width)
            elif column.number:
                sheet.write(cell, x + width, base, size=SIZE, colour=colour, bold=line.bold, anchor="end")
            else:
                sheet.write(shortened(cell, width, SIZE), x, base, size=SIZE, colour=colour, bold=line.bold)
        sheet.y -= ROW

    def _bar(self, line: PdfLine, x: float, base: float, width: float) -> None:
        if line.bar:
            self.sheet.box(x, base - 0.5, width * line.bar, 7.5, colour=BAR)
        if line.tick is not None:
            at = x + width * line.tick
            self.sheet.box(at - 2, base - 2.5, 4, 11.5, colour="#ffffff")
            self.sheet.box(at - 0.8, base - 2.5, 1.6, 11.5, colour=INK)
