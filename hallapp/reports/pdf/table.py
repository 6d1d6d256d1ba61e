"""Tables on paper: rows are never cut, the head is repeated on each page, and no row is alone on a page."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from hallapp import printing
from hallapp.reports import layout
from hallapp.reports.pdf.sheet import BOTTOM, INK, INNER, MARGIN, QUIET, PaperSheet, shortened

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
        self, sheet: PaperSheet, columns: Sequence[PdfColumn], *, x: float = MARGIN, width: float = INNER
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
        silent = {place for place in range(len(self.columns)) if self._is_silent(place, lines)}
        names = self._find_names(silent)
        with sheet.tagged("Table"):
            self._head(silent)
            for place, line in enumerate(lines):
                left = len(lines) - place
                # The last rows move to the next page together, so that no row, such as the total, is alone there.
                needed = ROW * (left if left <= _TOGETHER else 1)
                if sheet.y - needed < BOTTOM:
                    sheet.turn()
                    self._head(silent, is_repeated=True)
                with sheet.tagged("TR"):
                    self._line(line, silent, names)

    @property
    def _has_head(self) -> bool:
        return any(column.heading for column, _x, _width in self.columns)

    def _is_silent(self, place: int, lines: Sequence[PdfLine]) -> bool:
        """Return whether a column has no words: bars, whose numbers stand beside them, and gaps."""
        return not self.columns[place][0].heading and not any(line.cells[place] for line in lines)

    def _find_names(self, silent: set[int]) -> set[int]:
        """Return the columns that say what a row is about: in a table without a head, each one before a number."""
        texts = [
            place for place, (column, *_where) in enumerate(self.columns) if not column.number and place not in silent
        ]
        return set(texts[:1] if self._has_head else texts)

    def _cell(self, place: int, silent: set[int], scope: str) -> AbstractContextManager[object]:
        """Open a cell of the structure; `scope` is that of a heading. Cells of silent columns are no part of it."""
        if place in silent:
            return nullcontext()
        return self.sheet.tagged("TH" if scope else "TD", scope=scope)

    def _head(self, silent: set[int], *, is_repeated: bool = False) -> None:
        """Draw the headings over a line, which belong to the structure once; a table without headings has the line."""
        if not self._has_head:
            self.sheet.rule(self.sheet.y, x=self.x, width=self.width)
            return
        base = self.sheet.y - 10.5
        with self.sheet.canvas.artifact() if is_repeated else self.sheet.tagged("TR"):
            for place, (column, x, width) in enumerate(self.columns):
                where, anchor = (x + width, "end") if column.number else (x, "start")
                fitting = shortened(column.heading, width + (_GAP / 2), HEAD)
                with nullcontext() if is_repeated else self._cell(place, silent, "Column"):
                    self.sheet.write(fitting, where, base, size=HEAD, colour=QUIET, anchor=anchor)
        self.sheet.y -= ROW
        self.sheet.rule(self.sheet.y, x=self.x, width=self.width)

    def _line(self, line: PdfLine, silent: set[int], names: set[int]) -> None:
        sheet = self.sheet
        if line.ruled:
            sheet.rule(sheet.y, x=self.x, width=self.width, colour=INK if line.bold else QUIET)
        base = sheet.y - 10.5
        for place, ((column, x, width), cell) in enumerate(zip(self.columns, line.cells, strict=True)):
            colour = QUIET if place in line.quiet else INK
            if column.bar:
                self._bar(line, x, base, width)
                continue
            fitting = cell if column.number else shortened(cell, width, SIZE)
            where, anchor = (x + width, "end") if column.number else (x, "start")
            with self._cell(place, silent, "Row" if place in names else ""):
                sheet.write(fitting, where, base, size=SIZE, colour=colour, bold=line.bold, anchor=anchor)
        sheet.y -= ROW

    def _bar(self, line: PdfLine, x: float, base: float, width: float) -> None:
        if line.bar:
            self.sheet.box(x, base - 0.5, width * line.bar, 7.5, colour=BAR)
        if line.tick is not None:
            at = x + width * line.tick
            self.sheet.box(at - 2, base - 2.5, 4, 11.5, colour="#ffffff")
            self.sheet.box(at - 0.8, base - 2.5, 1.6, 11.5, colour=INK)
