"""A drawing on a page of a PDF, as vectors, in the project's own font."""

from collections.abc import Callable
from functools import lru_cache

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing
from hallapp.reports.pictures.shapes import PAINTS, Area, Box, Drawing, Line, Point, Text

#: Reading a colour takes as long as drawing a line of text.
_colour = lru_cache(maxsize=64)(HexColor)


def paint(canvas: Canvas, drawing: Drawing, *, x: float, top: float, width: float) -> float:
    """Paint a drawing at a width, its upper left corner at `x` and `top`; returns its height. All in points."""
    scale = width / drawing.width
    canvas.saveState()
    pen = _Pen(canvas, x=x, top=top, scale=scale)
    for shape in drawing.shapes():
        _DRAW[type(shape)](pen, shape)
    canvas.restoreState()
    return drawing.height * scale


class _Pen:
    """A canvas that takes a drawing's own units; y grows downwards there and upwards on paper."""

    def __init__(self, canvas: Canvas, *, x: float, top: float, scale: float) -> None:
        self.canvas, self.x, self.top, self.scale = canvas, x, top, scale

    def box(self, box: Box) -> None:
        """Draw a rectangle with its edge."""
        canvas, scale = self.canvas, self.scale
        canvas.setFillColor(_colour(PAINTS[box.fill]))
        if box.edge:
            canvas.setStrokeColor(_colour(PAINTS[box.edge]))
            canvas.setLineWidth(0.6)
            canvas.setDash([3, 2] if box.dashed else [])
        x, y = self._at((box.x, box.y + box.height))
        radius = min(box.radius, box.width / 2, box.height / 2) * scale
        canvas.roundRect(x, y, box.width * scale, box.height * scale, radius, fill=1, stroke=1 if box.edge else 0)
        canvas.setDash([])

    def line(self, line: Line) -> None:
        """Draw a line through points."""
        canvas = self.canvas
        canvas.setStrokeColor(_colour(PAINTS[line.paint]))
        canvas.setLineWidth(line.thickness * self.scale)
        canvas.setLineJoin(1)
        canvas.setDash([8 * self.scale, 6 * self.scale] if line.dashed else [])
        self._path(line.points, stroke=1, fill=0)
        canvas.setDash([])

    def area(self, area: Area) -> None:
        """Draw a filled polygon."""
        self.canvas.setFillColor(_colour(PAINTS[area.fill]))
        self._path(area.points, stroke=0, fill=1)

    def text(self, text: Text) -> None:
        """Draw a line of text."""
        size = text.size * self.scale
        x, y = self._at((text.x, text.y))
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * printing.text_width(text.text, size)
        self.canvas.setFillColor(_colour(PAINTS[text.paint]))
        printing.draw(self.canvas, text.text, size, x=x - shift, y=y)

    def _path(self, points: tuple[Point, ...], *, stroke: int, fill: int) -> None:
        path = self.canvas.beginPath()
        path.moveTo(*self._at(points[0]))
        for point in points[1:]:
            path.lineTo(*self._at(point))
        self.canvas.drawPath(path, stroke=stroke, fill=fill)

    def _at(self, point: Point) -> Point:
        return self.x + point[0] * self.scale, self.top - point[1] * self.scale


_DRAW: dict[type, Callable[..., None]] = {Box: _Pen.box, Text: _Pen.text, Line: _Pen.line, Area: _Pen.area}
