"""The list of visiting units on paper, across the wide side of the sheet; long cells are broken into lines."""

import io
from collections.abc import Sequence

from reportlab.lib.units import mm

from hallapp import printing
from hallapp.booking.lists import Table
from hallapp.core.i18n import lang_tag
from hallapp.core.regions import Paper
from hallapp.printing.tagging import TaggedCanvas

_MARGIN = 15 * mm
_SIZE, _TITLE, _LEADING, _GAP = 8.5, 14, 11, 6
_LINES_MOST = 8  # of one cell: a longer answer is in the workbook


def draw(table: Table, *, title: str, hall: str, paper: Paper, language: str) -> bytes:
    """Return the list as the bytes of a PDF."""
    return _Sheet(table, title=title, hall=hall, paper=paper, language=language).write()


class _Sheet:
    """A canvas with a cursor `y` that moves down; the headings are repeated on each page."""

    def __init__(self, table: Table, *, title: str, hall: str, paper: Paper, language: str) -> None:
        self._table = table
        self._height, self._width = printing.page_size(paper)  # the sheet lies on its long side
        self._file = io.BytesIO()
        self._canvas = TaggedCanvas(
            self._file,
            pagesize=(self._width, self._height),
            initialFontName=printing.load_font(),
            lang=lang_tag(language),
        )
        self._canvas.setTitle(f"{hall} · {title}")
        self._title, self._hall, self._page = title, hall, 1
        inner = self._width - 2 * _MARGIN - _GAP * (len(table.widths) - 1)
        self._widths = [inner * width / sum(table.widths) for width in table.widths]
        self._y = self._height - _MARGIN

    def write(self) -> bytes:
        """Draw all rows over as many pages as they take."""
        with self._canvas.tagged("H1"):
            self._text(f"{self._hall} · {self._title}", _MARGIN, self._y - _TITLE, _TITLE)
        self._y -= _TITLE + 14
        with self._canvas.tagged("Table"):
            self._row(self._table.headings, "TH", bold=True)
            for cells in self._table.rows:
                self._row(cells, "TD")
        self._foot()
        self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()

    def _row(self, cells: Sequence[str], role: str, *, bold: bool = False) -> None:
        broken = [
            printing.wrap(cell, size=_SIZE, width=width)[:_LINES_MOST]
            for cell, width in zip(cells, self._widths, strict=True)
        ]
        height = _LEADING * max(1, *(len(lines) for lines in broken)) + 4
        if self._y - height < _MARGIN + _LEADING:
            self._turn()
        with self._canvas.tagged("TR"):
            x = _MARGIN
            for place, (lines, width) in enumerate(zip(broken, self._widths, strict=True)):
                with self._canvas.tagged(role, scope="Column" if role == "TH" else ""):
                    self._cell(lines, x, width, is_number=place in self._table.numbers, bold=bold)
                x += width + _GAP
        self._y -= height
        self._canvas.setLineWidth(0.8 if bold else 0.25)
        with self._canvas.artifact():
            self._canvas.line(_MARGIN, self._y + 1, self._width - _MARGIN, self._y + 1)

    def _cell(self, lines: Sequence[str], x: float, width: float, *, is_number: bool, bold: bool) -> None:
        for number, line in enumerate(lines, start=1):
            left = x + width - printing.text_width(line, _SIZE) if is_number else x
            self._text(line, left, self._y - number * _LEADING + 1, _SIZE, bold=bold)

    def _text(self, text: str, x: float, y: float, size: float, *, bold: bool = False) -> None:
        self._canvas.setLineWidth(0.3)
        printing.draw(self._canvas, text, size, x=x, y=y, bold=bold)

    def _turn(self) -> None:
        self._foot()
        self._canvas.showPage()
        self._page += 1
        self._y = self._height - _MARGIN
        self._row(self._table.headings, "TH", bold=True)

    def _foot(self) -> None:
        with self._canvas.artifact(foot=True):
            self._text(str(self._page), self._width / 2, _MARGIN / 2, _SIZE)
