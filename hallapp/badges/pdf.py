"""Sheets of badges as a PDF, page by page: each page is compressed before the next one begins."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import HexColor, black
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing
from hallapp.badges.layout import Layout
from hallapp.badges.setting import Card, Drawn, draw
from hallapp.core import qr, qr_pdf
from hallapp.core.i18n import lang_tag

_STROKE = 0.026  # the font has no bold: a stroke of this many em thickens it
_MASK = 2  # trying all eight takes ten times as long, and any mask reads well on clean paper
_SMALLEST_VERSION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The metadata of the file, and the accent colour (`#rrggbb`)."""

    title: str
    author: str
    language: str
    accent: str


def render(cards: Sequence[Card], layout: Layout, document: Document) -> bytes:
    """Return all badges in one PDF with its font embedded. It reads no database: call it outside transactions."""
    file = io.BytesIO()
    width, height = (edge * mm for edge in layout.sheet.page)
    canvas = Canvas(
        file,
        pagesize=(width, height),
        initialFontName=printing.load_font(),  # type: ignore[arg-type]
        pageCompression=1,
        lang=lang_tag(document.language),
    )
    canvas.setTitle(document.title)
    canvas.setAuthor(document.author)
    canvas.setCreator("hallapp")
    # If a viewer scaled the page to the printer's margins, the badges would miss their labels.
    canvas.setViewerPreference("PrintScaling", "None")
    places = list(layout.places())
    for first in range(0, len(cards), layout.per_page):
        for card, place in zip(cards[first : first + layout.per_page], places, strict=False):
            _draw_badge(canvas, card, layout, place, document.accent)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw_badge(canvas: Canvas, card: Card, layout: Layout, place: tuple[float, float], accent: str) -> None:
    width, height = (edge * mm for edge in layout.sheet.badge)
    drawn = draw(card, width=width, height=height)
    canvas.saveState()
    # Y is 0 at the upper edge of the badge, and negative below.
    canvas.translate(place[0] * mm, (layout.sheet.page[1] - place[1]) * mm)
    if layout.outlines and layout.per_page > 1:
        canvas.setLineWidth(0.25)
        canvas.setStrokeColorRGB(0.6, 0.6, 0.6)
        canvas.rect(0, -height, width, height, stroke=1, fill=0)
        canvas.setStrokeColor(black)
    x, y, wide, high = drawn.accent
    canvas.setFillColor(HexColor(accent))
    canvas.rect(x, -y - high, wide, high, stroke=0, fill=1)
    canvas.setFillColor(black)
    _draw_qr(canvas, card.qr_text, drawn.qr)
    _write(canvas, drawn)
    canvas.restoreState()


def _draw_qr(canvas: Canvas, text: str, place: tuple[float, float, float]) -> None:
    """Draw the badge's QR; its quiet zone lies inside of the square."""
    symbol = qr.draw(text, level=qr.A_SEVENTH, smallest_version=_SMALLEST_VERSION, mask=_MASK)
    x, y, edge = place
    qr_pdf.draw(canvas, symbol, x=x, y=-y - edge, edge=edge)


def _write(canvas: Canvas, drawn: Drawn) -> None:
    for line in drawn.lines:
        canvas.setLineWidth(line.size * _STROKE)
        printing.draw(canvas, line.text, line.size, x=line.x, y=-line.y, bold=line.bold)
