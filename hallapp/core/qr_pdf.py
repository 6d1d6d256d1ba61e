"""A QR symbol on a page of a PDF."""

from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from hallapp.core.qr import Symbol


def draw(canvas: Canvas, symbol: Symbol, *, x: float, y: float, edge: float) -> None:
    """Draw a symbol as one filled path in units of modules; its lower left corner lies at (x, y)."""
    # Whole numbers as PDF operators: letting reportlab format each one as a fraction takes a fifth of the page's
    # time.
    runs = [f"{left} {symbol.size - top - 1} {length} 1 re" for left, top, length in symbol.runs]
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(edge / symbol.size, edge / symbol.size)
    canvas.drawPath(PDFPathObject(code=["n", *runs]), stroke=0, fill=1)
    canvas.restoreState()
