"""A drawing as a PNG file for a presentation: two pixels to a unit, on white ground, in the project's own font."""

import io
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from math import dist

from PIL import Image, ImageDraw, ImageFont, features
from PIL.PngImagePlugin import PngInfo

from hallapp import printing
from hallapp.reports.pictures.shapes import PAINTS, Area, Box, Drawing, Line, Point, Text

#: Pixels for each unit; shapes are drawn at twice this size and scaled down, which smooths their edges.
RESOLUTION = 2
_FINE = 2 * RESOLUTION
_DASH, _SPACE = 8.0, 6.0
_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}  # the part of a text that is left of its position


def to_png(drawing: Drawing, *, title: str, description: str) -> bytes:
    """Return a drawing as a file; it also contains the title and the description, for people who cannot see it."""
    size = round(drawing.width) * _FINE, round(drawing.height) * _FINE
    fine = Image.new("RGB", size, "#ffffff")
    brush = _Brush(fine)
    for shape in drawing.shapes():
        if not isinstance(shape, Text):
            _DRAW[type(shape)](brush, shape)
    image = fine.reduce(_FINE // RESOLUTION)
    canvas = ImageDraw.Draw(image)
    for shape in drawing.shapes():
        if isinstance(shape, Text):
            _write(canvas, shape)
    return _packed(image, title=title, description=description)


class _Brush:
    """Draws shapes on the fine sheet."""

    def __init__(self, image: Image.Image) -> None:
        self.draw = ImageDraw.Draw(image)

    def box(self, box: Box) -> None:
        """Draw a rectangle with its edge."""
        left, top, right, bottom = (round(edge * _FINE) for edge in box.bounds())
        corners = (left, top, max(right - 1, left), max(bottom - 1, top))
        edge = PAINTS[box.edge] if box.edge and not box.dashed else None
        radius = min(box.radius, box.width / 2, box.height / 2) * _FINE
        self.draw.rounded_rectangle(corners, radius=radius, fill=PAINTS[box.fill], outline=edge, width=_FINE)
        if box.dashed:
            x, y, far_x, far_y = box.bounds()
            rim = ((x, y), (far_x, y), (far_x, far_y), (x, far_y), (x, y))
            self.line(Line(points=rim, paint=box.edge, dashed=True))

    def line(self, line: Line) -> None:
        """Draw a line through points, whole or in dashes."""
        for piece in _dashes(line.points) if line.dashed else [line.points]:
            points = [(x * _FINE, y * _FINE) for x, y in piece]
            self.draw.line(points, fill=PAINTS[line.paint], width=round(line.thickness * _FINE), joint="curve")

    def area(self, area: Area) -> None:
        """Draw a filled polygon."""
        self.draw.polygon([(x * _FINE, y * _FINE) for x, y in area.points], fill=PAINTS[area.fill])


_DRAW: dict[type, Callable[..., None]] = {Box: _Brush.box, Line: _Brush.line, Area: _Brush.area}


def _dashes(points: tuple[Point, ...]) -> Iterator[tuple[Point, Point]]:
    """Yield the dashes along a line; each piece between two points begins with one."""
    for start, end in pairwise(points):
        length = dist(start, end)
        at = 0.0
        while at < length:
            yield _between(start, end, at / length), _between(start, end, min(at + _DASH, length) / length)
            at += _DASH + _SPACE


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _write(canvas: ImageDraw.ImageDraw, text: Text) -> None:
    size = text.size * RESOLUTION
    x = text.x * RESOLUTION - _BEFORE[text.anchor] * printing.text_width(text.text, size)
    for run in printing.runs_of(text.text):
        at = x, text.y * RESOLUTION
        canvas.text(at, run.text, fill=PAINTS[text.paint], font=_font(run.font, size, bool(run.glyphs)), anchor="ls")
        x += run.width * size


@lru_cache(maxsize=32)
def _font(name: str, size: float, is_shaped: bool) -> ImageFont.FreeTypeFont:
    """Return a font at a size in pixels, laid out as it is measured: shaped, or one advance after the other."""
    engine = ImageFont.Layout.RAQM if is_shaped and features.check("raqm") else ImageFont.Layout.BASIC
    return ImageFont.truetype(printing.get_font(name).path, size, layout_engine=engine)


def _packed(image: Image.Image, *, title: str, description: str) -> bytes:
    info = PngInfo()
    info.add_itxt("Title", title)
    info.add_itxt("Description", description)
    file = io.BytesIO()
    image.save(file, "PNG", pnginfo=info, dpi=(72 * RESOLUTION, 72 * RESOLUTION))
    return file.getvalue()
