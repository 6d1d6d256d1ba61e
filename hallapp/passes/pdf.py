"""The pass on paper: one A4 page, black on white, whose upper third is a card to tear off and fold.

The card shows its QR and reference in front when folded, and whom it is for behind; the sheet below says the rest.
Everything stands on a grid of 8 mm. What is longer than its place is set smaller until it fits: a name is never cut.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reportlab.lib.colors import HexColor, black
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from hallapp.core import pdf_font
from hallapp.passes import qr
from hallapp.passes.sheet import Sheet

WIDTH, HEIGHT = 210 * mm, 297 * mm
GRID = 8 * mm
LEFT, RIGHT = 2 * GRID, WIDTH - 2 * GRID
FOLD = WIDTH / 2
CUT = 13 * GRID
FOOT = HEIGHT - 2 * GRID
QR_EDGE = 7 * GRID  # 45 mm of modules and 5.5 mm of quiet zone on each side, or a little more of the first

_SCALES = (1.0, 0.92, 0.85, 0.78, 0.72, 0.66, 0.6, 0.55, 0.5)
_LEADING = {"zh": 1.5, "en": 1.36}


def render(sheet: Sheet) -> bytes:
    """The page as a PDF, its one font embedded. Needs no database; to be called outside of a transaction."""
    file = io.BytesIO()
    canvas = Canvas(
        file,
        pagesize=(WIDTH, HEIGHT),
        initialFontName=pdf_font.load_font(),
        pageCompression=1,
        lang="zh-CN" if sheet.language == "zh" else "en",
    )
    canvas.setTitle(f"{sheet.labels.title} {sheet.reference}")
    canvas.setAuthor(sheet.hall_name)
    canvas.setSubject(f"{sheet.programme}, {sheet.day} {sheet.time}")
    canvas.setCreator("hallapp")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    _draw_front(canvas, sheet)
    _draw_back(canvas, sheet)
    _draw_folds(canvas, sheet)
    _draw_sheet(canvas, sheet)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


# Setting text


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text with its left end and base line, in points from the page's top left corner."""

    x: float
    y: float
    text: str
    size: float
    bold: bool


class _Column:
    """Text set from `y` downwards; sizes are in points and scaled. It is drawn only once it is known to fit."""

    def __init__(self, sheet: Sheet, *, x: float, y: float, width: float, scale: float) -> None:
        self.x, self.y, self.width, self.scale = x, y, width, scale
        self.leading = _LEADING[sheet.language]
        self.lines: list[_Line] = []

    def text(self, text: str, size: float, *, bold: bool = False) -> None:
        """Set a text in as many lines as it takes."""
        self.rows(pdf_font.wrap(text, size=size * self.scale, width=self.width), size, bold=bold)

    def items(self, items: Sequence[str], size: float) -> None:
        """Set short things in a row, none of them broken over two lines."""
        rows: list[str] = []
        for item in items:
            longer = f"{rows[-1]} · {item}" if rows else item
            if rows and pdf_font.text_width(longer, size * self.scale) <= self.width:
                rows[-1] = longer
            else:
                rows.append(item)
        self.rows(rows, size)

    def rows(self, rows: Sequence[str], size: float, *, bold: bool = False) -> None:
        """Set lines that are broken already."""
        size *= self.scale
        for row in rows:
            # The base line hangs so that the text is centred in its leading: the font's ideographs are 0.88 em high.
            self.lines.append(_Line(self.x, self.y + size * ((self.leading - 1) / 2 + 0.88), row, size, bold))
            self.y += size * self.leading

    def gap(self, height: float) -> None:
        """Leave room, in points."""
        self.y += height * self.scale

    def cut(self, bottom: float) -> None:
        """Drop the lines below `bottom`, with a sign that there was more."""
        kept = [line for line in self.lines if line.y <= bottom]
        if len(kept) < len(self.lines) and kept:
            last = kept[-1]
            kept[-1] = _Line(last.x, last.y, last.text[:-1] + "…", last.size, last.bold)
        self.lines = kept

    def draw(self, canvas: Canvas) -> None:
        """Put the lines on the page."""
        for line in self.lines:
            _write(canvas, line.x, line.y, line.text, line.size, bold=line.bold)


def _fit(build: Callable[[float], tuple[list[_Column], float]], bottom: float) -> list[_Column]:
    """The columns at the largest scale at which they end above `bottom`, or at the smallest."""
    for scale in _SCALES:
        columns, end = build(scale)
        if end <= bottom:
            break
    return columns


def _write(canvas: Canvas, x: float, y: float, text: str, size: float, *, bold: bool = False) -> None:
    """Write one line; the font has no bold, so a thin stroke thickens it."""
    canvas.setFont(pdf_font.FONT, size)
    canvas.setLineWidth(size * 0.032)
    canvas.drawString(x, HEIGHT - y, text, mode=2 if bold else 0)


def _write_centred(canvas: Canvas, x: float, y: float, text: str, size: float, *, bold: bool = False) -> None:
    _write(canvas, x - pdf_font.text_width(text, size) / 2, y, text, size, bold=bold)


# The card


def _draw_front(canvas: Canvas, sheet: Sheet) -> None:
    centre = FOLD + (WIDTH - FOLD) / 2
    _write_centred(canvas, centre, 1.75 * GRID, sheet.labels.title, 13, bold=True)
    _draw_qr(canvas, sheet.qr_text, x=centre - QR_EDGE / 2, y=2 * GRID)
    _write_centred(canvas, centre, 10.5 * GRID, sheet.reference, 32, bold=True)
    for number, line in enumerate(pdf_font.wrap(sheet.labels.show, size=8.5, width=11 * GRID)):
        _write_centred(canvas, centre, 11.375 * GRID + number * 12, line, 8.5)


def _draw_qr(canvas: Canvas, text: str, *, x: float, y: float) -> None:
    """One filled path in units of modules, its top left corner at (x, y)."""
    symbol = qr.draw(text)
    path = canvas.beginPath()
    for left, top, length in symbol.runs:
        path.rect(left, symbol.size - top - 1, length, 1)
    canvas.saveState()
    canvas.translate(x, HEIGHT - y - QR_EDGE)
    canvas.scale(QR_EDGE / symbol.size, QR_EDGE / symbol.size)
    canvas.setFillColor(black)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)
    canvas.restoreState()


def _draw_back(canvas: Canvas, sheet: Sheet) -> None:
    canvas.setFillColor(HexColor(sheet.accent))
    canvas.rect(LEFT, HEIGHT - 1.5 * GRID, 2 * GRID, 1 * mm, stroke=0, fill=1)
    canvas.setFillColor(black)
    width = FOLD - GRID - LEFT
    foot = _Column(sheet, x=LEFT, y=0, width=width, scale=1)
    foot.text(sheet.address, 8.5)
    foot.text(sheet.phone, 8.5)

    def build(scale: float) -> tuple[list[_Column], float]:
        column = _Column(sheet, x=LEFT, y=1.75 * GRID, width=width, scale=scale)
        column.text(sheet.hall_name, 11)
        column.gap(8)
        column.text(sheet.day, 16, bold=True)
        column.text(sheet.time, 24, bold=True)
        column.gap(8)
        column.text(sheet.organisation, 12, bold=True)
        column.text(sheet.contact_name, 11)
        column.gap(4)
        column.text(f"{sheet.visitors} · {sheet.programme}", 11)
        return [column], column.y

    for column in _fit(build, CUT - GRID - foot.y - 4):
        column.draw(canvas)
    for line in foot.lines:
        _write(canvas, line.x, CUT - GRID - foot.y + line.y, line.text, line.size)


def _draw_folds(canvas: Canvas, sheet: Sheet) -> None:
    """Dashes to tear or cut along, with scissors; dots to fold along."""
    canvas.saveState()
    canvas.setLineCap(1)
    canvas.setLineWidth(0.6)
    canvas.setDash(0.01, 2.4)
    canvas.line(FOLD, HEIGHT - GRID, FOLD, HEIGHT - CUT + GRID / 2)
    canvas.setLineCap(0)
    canvas.setDash(5, 3)
    canvas.line(GRID, HEIGHT - CUT, WIDTH - GRID, HEIGHT - CUT)
    canvas.restoreState()
    _draw_scissors(canvas, x=LEFT, y=CUT)
    _write(canvas, LEFT, CUT + 10, sheet.labels.tear, 7)


def _draw_scissors(canvas: Canvas, *, x: float, y: float) -> None:
    """Two rings and two crossing blades, open towards the right, 6 mm long: the font has no such sign."""
    canvas.saveState()
    canvas.translate(x, HEIGHT - y)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(-1 * mm, -2 * mm, 8 * mm, 4 * mm, stroke=0, fill=1)
    canvas.setLineWidth(0.9)
    canvas.setLineCap(1)
    for side in (1, -1):
        canvas.circle(1 * mm, side * 1.1 * mm, 0.9 * mm, stroke=1, fill=0)
        canvas.line(1.75 * mm, side * 0.65 * mm, 6 * mm, side * -1.2 * mm)
    canvas.restoreState()


# The sheet


def _draw_sheet(canvas: Canvas, sheet: Sheet) -> None:
    columns = _fit(lambda scale: _build_sheet(sheet, scale), FOOT - GRID)
    for column in columns:
        column.cut(FOOT - GRID / 2)
        column.draw(canvas)
    canvas.setLineWidth(0.5)
    canvas.line(LEFT, HEIGHT - FOOT, RIGHT, HEIGHT - FOOT)
    foot = [sheet.hall_name, sheet.address, sheet.phone, sheet.notice]
    column = _Column(sheet, x=LEFT, y=FOOT + 4, width=RIGHT - LEFT, scale=1)
    column.items([part for part in foot if part], 8)
    column.draw(canvas)


def _build_sheet(sheet: Sheet, scale: float) -> tuple[list[_Column], float]:
    labels = sheet.labels
    head = _Column(sheet, x=LEFT, y=CUT + 2 * GRID, width=RIGHT - LEFT, scale=scale)
    head.text(labels.group, 8.5)
    head.text(sheet.organisation, 19, bold=True)
    head.gap(16)
    facts = (
        (labels.when, (sheet.day, sheet.time)),
        (labels.programme, (sheet.programme,)),
        (labels.visitors, (sheet.visitors,)),
        (labels.contact, (sheet.contact_name,)),
    )
    columns, y = _abreast(sheet, facts, y=head.y, scale=scale, widths=(7, 5.25, 4, 6), size=13, bold=True)
    more = _Column(sheet, x=LEFT, y=y, width=RIGHT - LEFT, scale=scale)
    more.gap(14)
    more.text(labels.origins, 8.5)
    more.items(sheet.origins, 11)
    if sheet.note:
        more.gap(12)
        more.text(labels.note, 8.5)
        more.text(sheet.note, 11)
    more.gap(26)
    guide = (
        (labels.directions, (sheet.directions,)),
        (labels.bring, (sheet.bring,)),
        (labels.late, (sheet.late,)),
    )
    guides, end = _abreast(sheet, guide, y=more.y, scale=scale, widths=(7.4, 7.4, 7.4), size=10, heading=12)
    return [head, *columns, more, *guides], end


def _abreast(
    sheet: Sheet,
    parts: Sequence[tuple[str, Sequence[str]]],
    *,
    y: float,
    scale: float,
    widths: Sequence[float],
    size: float,
    bold: bool = False,
    heading: float | None = None,
) -> tuple[list[_Column], float]:
    """Titled texts side by side, in columns so many grid units wide; gives them and where the longest ends."""
    columns, x = [], LEFT
    for (title, texts), units in zip(parts, widths, strict=True):
        column = _Column(sheet, x=x, y=y, width=(units - 0.5) * GRID, scale=scale)
        column.text(title, heading or 8.5, bold=heading is not None)
        if heading:
            column.gap(4)
        for text in texts:
            column.text(text, size, bold=bold)
        columns.append(column)
        x += units * GRID
    return columns, max(column.y for column in columns)
