"""The pass on paper: one page for each, black on white, whose upper third is a card to tear off and fold.

The folded card shows its QR and reference in front and the group behind; the sheet below it has the rest. Everything is
on a grid of 8 mm. A longer text is set smaller until the page holds it: a name is never cut.
"""

import io
from collections.abc import Sequence
from functools import partial

from reportlab.lib.colors import HexColor, black
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing
from hallapp.core import qr_pdf
from hallapp.core.i18n import lang_tag
from hallapp.passes import qr
from hallapp.passes.sheet import PassSheet
from hallapp.passes.typeset import HEIGHT, WIDTH, Setting, fit, leading_of, write, write_centred

GRID = 8 * mm
LEFT, RIGHT = 2 * GRID, WIDTH - 2 * GRID
FOLD = WIDTH / 2
CUT = 13 * GRID
FOOT = HEIGHT - 2 * GRID
QR_EDGE = 7 * GRID  # with its quiet zone: the modules alone are 45 mm wide
_COLUMNS = 3
_GUTTER = GRID / 2
_COLUMN = (RIGHT - LEFT + _GUTTER) / _COLUMNS
_LABEL = 8.5
_TIME, _LONG_TIME = 24, 19.5  # so that a span with AM and PM stays on one line
_SHORT_TIME = len("09:30–11:00")


def render(*sheets: PassSheet) -> bytes:
    """Return a page for each pass as a PDF with its one font embedded.

    It asks no database: call it outside of transactions.
    """
    file, sheet = io.BytesIO(), sheets[0]
    canvas = Canvas(
        file,
        pagesize=printing.page_size(sheet.paper),
        initialFontName=printing.load_font(),  # type: ignore[arg-type]
        pageCompression=1,
        lang=lang_tag(sheet.language),
    )
    canvas.setTitle(f"{sheet.labels.title} {sheet.reference}")
    canvas.setAuthor(sheet.hall_name)
    canvas.setCreator("hallapp")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    for each in sheets:
        printing.fit(canvas, each.paper)
        _draw_front(canvas, each)
        _draw_back(canvas, each)
        _draw_lines(canvas, each)
        _draw_sheet(canvas, each)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw_front(canvas: Canvas, sheet: PassSheet) -> None:
    centre = (FOLD + WIDTH) / 2
    write_centred(canvas, sheet.labels.title, 13, x=centre, y=1.75 * GRID, bold=True)
    symbol = qr.draw(sheet.qr_text)
    qr_pdf.draw(canvas, symbol, x=centre - QR_EDGE / 2, y=HEIGHT - 2 * GRID - QR_EDGE, edge=QR_EDGE)
    write_centred(canvas, sheet.reference, 32, x=centre, y=10.5 * GRID, bold=True)
    for number, line in enumerate(printing.wrap(sheet.labels.show, size=_LABEL, width=11 * GRID)):
        write_centred(canvas, line, _LABEL, x=centre, y=11.375 * GRID + number * 12)


def _draw_back(canvas: Canvas, sheet: PassSheet) -> None:
    canvas.setFillColor(HexColor(sheet.accent))
    canvas.rect(LEFT, HEIGHT - 1.5 * GRID, 2 * GRID, 1 * mm, stroke=0, fill=1)
    canvas.setFillColor(black)
    foot = _fit(sheet, partial(_set_address, sheet), bottom=CUT - GRID / 2)
    foot.draw(canvas)
    _fit(sheet, partial(_set_back, sheet), bottom=CUT - 2.25 * GRID).draw(canvas)


def _set_back(sheet: PassSheet, setting: Setting) -> float:
    text = partial(setting.text, x=LEFT, width=FOLD - GRID - LEFT)
    y = text(sheet.hall_name, 11, y=1.75 * GRID) + 8 * setting.scale
    y = text(sheet.day, 16, y=y, bold=True)
    y = text(sheet.time, _TIME if len(sheet.time) <= _SHORT_TIME else _LONG_TIME, y=y, bold=True) + 8 * setting.scale
    y = text(sheet.organisation, 12, y=y, bold=True)
    y = text(sheet.contact_name, 11, y=y) + 4 * setting.scale
    return text(f"{sheet.visitors} · {sheet.programme}", 11, y=y)


def _set_address(sheet: PassSheet, setting: Setting) -> float:
    y = setting.text(sheet.address, _LABEL, x=LEFT, y=CUT - 2 * GRID, width=FOLD - GRID - LEFT)
    return setting.text(sheet.phone, _LABEL, x=LEFT, y=y, width=FOLD - GRID - LEFT)


def _draw_lines(canvas: Canvas, sheet: PassSheet) -> None:
    """Dashes to tear along, with scissors, and dots to fold along."""
    canvas.saveState()
    canvas.setLineWidth(0.6)
    canvas.setDash(5, 3)
    canvas.line(GRID, HEIGHT - CUT, WIDTH - GRID, HEIGHT - CUT)
    canvas.setLineCap(1)
    canvas.setDash(0.01, 2.4)
    canvas.line(FOLD, HEIGHT - GRID, FOLD, HEIGHT - CUT + GRID / 2)
    canvas.restoreState()
    _draw_scissors(canvas, x=LEFT, y=CUT)
    write(canvas, sheet.labels.tear, 7.5, x=LEFT, y=CUT + 16)


def _draw_scissors(canvas: Canvas, *, x: float, y: float) -> None:
    """Draw two rings and two crossing blades, 6 mm long: the font has no such sign."""
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


def _draw_sheet(canvas: Canvas, sheet: PassSheet) -> None:
    _fit(sheet, partial(_set_sheet, sheet), bottom=FOOT - GRID / 2).draw(canvas)
    canvas.setLineWidth(0.5)
    canvas.line(LEFT, HEIGHT - FOOT, RIGHT, HEIGHT - FOOT)
    _fit(sheet, partial(_set_foot, sheet), bottom=HEIGHT - GRID).draw(canvas)


def _set_foot(sheet: PassSheet, setting: Setting) -> float:
    parts = [part for part in (sheet.hall_name, sheet.address, sheet.phone, sheet.notice) if part]
    return setting.items(parts, 8, x=LEFT, y=FOOT + 4, width=RIGHT - LEFT)


def _set_sheet(sheet: PassSheet, setting: Setting) -> float:
    """Set the group, its visit, its origins, resources, access needs and note, and information for the visit."""
    labels, gap = sheet.labels, 12 * setting.scale
    row = partial(_set_row, setting)
    y = row([(labels.group, sheet.organisation, 3)], 19, y=CUT + 2 * GRID) + gap
    y = row([(labels.when, f"{sheet.day} {sheet.time}", 2), (labels.visitors, sheet.visitors, 1)], 16, y=y) + gap
    names = [
        (labels.programme, sheet.programme),
        (labels.contact, sheet.contact_name),
        (labels.reference, sheet.reference),
    ]
    y = row([(label, text, 1) for label, text in names], 12, y=y) + gap
    y = setting.text(labels.origins, _LABEL, x=LEFT, y=y, width=_COLUMN)
    y = setting.items(sheet.origins, 12, x=LEFT, y=y, width=RIGHT - LEFT) + gap
    if sheet.resources:
        y = row([(labels.resources, sheet.resources, 3)], 11, y=y) + gap
    if sheet.access:
        y = row([(labels.access, sheet.access, 3)], 11, y=y) + gap
    if sheet.note:
        y = row([(labels.note, sheet.note, 3)], 11, y=y, bold=False) + gap
    setting.rule(LEFT, RIGHT, y)
    advice = [(labels.directions, sheet.directions), (labels.bring, sheet.bring), (labels.late, sheet.late)]
    y = _set_advice(setting, advice, y=y + gap)
    if not sheet.hall_note:
        return y
    return setting.text(sheet.hall_note, 10.5, x=LEFT, y=y + gap, width=RIGHT - LEFT)


def _set_row(
    setting: Setting, cells: Sequence[tuple[str, str, int]], size: float, *, y: float, bold: bool = True
) -> float:
    """Draw labelled texts side by side, each over a number of columns."""
    ends, column = [y], 0
    for label, text, columns in cells:
        x, width = LEFT + column * _COLUMN, columns * _COLUMN - _GUTTER
        end = setting.text(label, _LABEL, x=x, y=y, width=width)
        ends.append(setting.text(text, size, x=x, y=end, width=width, bold=bold))
        column += columns
    return max(ends)


def _set_advice(setting: Setting, parts: Sequence[tuple[str, str]], *, y: float) -> float:
    ends = []
    for column, (title, text) in enumerate(parts):
        x, width = LEFT + column * _COLUMN, _COLUMN - _GUTTER
        end = setting.text(title, 12, x=x, y=y, width=width, bold=True) + 4 * setting.scale
        ends.append(setting.text(text, 10.5, x=x, y=end, width=width))
    return max(ends)


def _fit(sheet: PassSheet, build: partial[float], *, bottom: float) -> Setting:
    return fit(build, bottom=bottom, leading=leading_of(sheet.language))
