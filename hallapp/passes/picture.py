"""The pass as a picture for a phone: 1080 × 1920 pixels, black on white, to be kept among the phone's photographs.

WeChat's browser opens no PDF, but saves a picture by a long press. The picture is drawn as a page by the same means as
the pass on paper, so every name that prints there can be read here, and PDFium makes pixels of the page.
"""

import io
from functools import partial
from threading import Lock

import pypdfium2
from reportlab.lib.colors import HexColor, black
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing
from hallapp.core import qr_pdf
from hallapp.passes import qr
from hallapp.passes.sheet import PassSheet
from hallapp.passes.typeset import HEIGHT, Setting, fit, leading_of, write_centred

WIDTH_PIXELS, HEIGHT_PIXELS = 1080, 1920
_SCALE = 3  # pixels to a point
_WIDTH, _HEIGHT = WIDTH_PIXELS / _SCALE, HEIGHT_PIXELS / _SCALE
_CENTRE = _WIDTH / 2
_MARGIN = 24
_QR_EDGE, _QR_TOP = 264, 76  # with its quiet zone; wide enough for a screenshot that a chat has made smaller
_GREYS = 16  # levels: enough for smooth letters, and a third of the bytes of 256
_pdfium = Lock()  # PDFium works in one thread of a process at a time


def render(sheet: PassSheet) -> bytes:
    """Return the picture as a PNG. Asks no database: to be called outside of transactions."""
    page = _draw_page(sheet)
    with _pdfium:
        image = pypdfium2.PdfDocument(page)[0].render(scale=_SCALE).to_pil()
    file = io.BytesIO()
    image.quantize(_GREYS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_page(sheet: PassSheet) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(_WIDTH, _HEIGHT), initialFontName=printing.load_font())  # type: ignore[arg-type]
    canvas.translate(0, _HEIGHT - HEIGHT)  # `typeset` measures from the upper edge of a sheet of paper
    _draw_head(canvas, sheet)
    symbol = qr.draw(sheet.qr_text)
    qr_pdf.draw(canvas, symbol, x=_CENTRE - _QR_EDGE / 2, y=HEIGHT - _QR_TOP - _QR_EDGE, edge=_QR_EDGE)
    write_centred(canvas, sheet.reference, 34, x=_CENTRE, y=366, bold=True)
    for number, line in enumerate(printing.wrap(sheet.labels.show, size=10.5, width=_WIDTH - 2 * _MARGIN)):
        write_centred(canvas, line, 10.5, x=_CENTRE, y=386 + number * 14)
    canvas.setLineWidth(0.75)
    canvas.setDash(3, 3)
    canvas.line(_MARGIN, HEIGHT - 412, _WIDTH - _MARGIN, HEIGHT - 412)
    canvas.setDash()
    foot = _fit(sheet, partial(_set_foot, sheet), bottom=_HEIGHT - 12)
    _fit(sheet, partial(_set_visit, sheet), bottom=_FOOT - 4).draw(canvas)
    foot.draw(canvas)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw_head(canvas: Canvas, sheet: PassSheet) -> None:
    canvas.setFillColor(HexColor(sheet.accent))
    canvas.rect(0, HEIGHT - 8, _WIDTH, 8, stroke=0, fill=1)
    canvas.setFillColor(black)
    _fit(sheet, partial(_set_hall, sheet), bottom=48).draw(canvas)
    write_centred(canvas, sheet.labels.title, 17, x=_CENTRE, y=66, bold=True)


_FOOT = 576


def _set_hall(sheet: PassSheet, setting: Setting) -> float:
    return _centred(setting, sheet.hall_name, 12, y=20)


def _set_visit(sheet: PassSheet, setting: Setting) -> float:
    y = _centred(setting, f"{sheet.day} {sheet.time}", 17, y=420, bold=True) + 4 * setting.scale
    y = _centred(setting, sheet.organisation, 14, y=y, bold=True) + 4 * setting.scale
    y = _centred(setting, f"{sheet.visitors} · {sheet.programme}", 12, y=y)
    y = _centred(setting, sheet.contact_name, 12, y=y)
    return _centred(setting, sheet.resources, 10.5, y=y) if sheet.resources else y


def _set_foot(sheet: PassSheet, setting: Setting) -> float:
    y = float(_FOOT)
    for text in filter(None, (sheet.address, sheet.phone, sheet.notice)):
        y = _centred(setting, text, 10, y=y)
    return y


def _centred(setting: Setting, text: str, size: float, *, y: float, bold: bool = False) -> float:
    """Set a text in as many lines as it takes, each in the middle of the picture."""
    for line in printing.wrap(text, size=setting.points(size), width=_WIDTH - 2 * _MARGIN):
        left = _CENTRE - printing.text_width(line, setting.points(size)) / 2
        y = setting.rows([line], size, x=left, y=y, bold=bold)
    return y


def _fit(sheet: PassSheet, build: partial[float], *, bottom: float) -> Setting:
    return fit(build, bottom=bottom, leading=leading_of(sheet.language))
