"""A drawing as SVG: inside a page, where the stylesheet has the dark colours, and as a file of its own."""

import re
from collections.abc import Callable

from markupsafe import Markup, escape

from hallapp.reports.pictures.shapes import PAINTS, Area, Box, Drawing, Line, Mark, Point, Shape, Text

FONTS = "'PingFang SC', 'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def inline(drawing: Drawing, *, label: str, described_by: str, also: str = "") -> Markup:
    """Return a drawing within a page: one image for screen readers, described by its table."""
    return Markup(  # noqa: S704 — each text in it went through _safe
        f'<svg class="drawing{" " + _safe(also) if also else ""}" role="img" aria-label="{_safe(label)}"'
        f' aria-describedby="{_safe(described_by)}" viewBox="{_view_box(drawing)}">'
        f"{''.join(group(mark) for mark in drawing.marks)}</svg>"
    )


def group(mark: Mark, *, also: str = "") -> Markup:
    """Return one mark with its title, for a page; `also` is a class of that page's own."""
    name = f' class="{_safe(also)}"' if also else ""
    title = f"<title>{_safe(mark.title)}</title>" if mark.title else ""
    shapes = "".join(_drawn(shape, classes=True) for shape in mark.shapes)
    drawn = f"<g{name}>{title}{shapes}</g>" if name or title else shapes
    return Markup(drawn)  # noqa: S704 — each text in it went through _safe


def to_svg(drawing: Drawing, *, title: str, description: str, language: str) -> bytes:
    """Return a drawing as a file for a presentation: with its own colours and fonts, on white ground."""
    shapes = "".join(_drawn(shape, classes=False) for shape in drawing.shapes())
    width, height = _units(drawing.width), _units(drawing.height)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" xml:lang="{_safe(language)}" font-family="{FONTS}">'
        f"<title>{_safe(title)}</title><desc>{_safe(description)}</desc>"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{shapes}</svg>\n'
    ).encode()


def _view_box(drawing: Drawing) -> str:
    """Return the view box with a margin of one unit, for the edges of shapes at its border."""
    return f"-1 -1 {_units(drawing.width + 2)} {_units(drawing.height + 2)}"


def _drawn(shape: Shape, *, classes: bool) -> str:
    return _DRAW[type(shape)](
        shape, (lambda *names: f' class="{" ".join(filter(None, names))}"') if classes else (lambda *names: "")
    )


def _box(box: Box, named: Callable[..., str]) -> str:
    edge = f' stroke="{PAINTS[box.edge]}"' if box.edge else ""
    dashes = ' stroke-dasharray="6 4"' if box.dashed else ""
    radius = f' rx="{_units(box.radius)}"' if box.radius else ""
    return (
        f'<rect x="{_units(box.x)}" y="{_units(box.y)}" width="{_units(box.width)}" height="{_units(box.height)}"'
        f'{radius}{named(box.fill)} fill="{PAINTS[box.fill]}"{edge}{dashes}/>'
    )


def _text(text: Text, named: Callable[..., str]) -> str:
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    return (
        f'<text x="{_units(text.x)}" y="{_units(text.y)}" font-size="{_units(text.size)}"{anchor}'
        f'{named(text.paint, text.room)} fill="{PAINTS[text.paint]}">{_safe(text.text)}</text>'
    )


def _line(line: Line, named: Callable[..., str]) -> str:
    dashes = ' stroke-dasharray="8 6"' if line.dashed else ""
    return (
        f'<polyline points="{_points(line.points)}"{named(line.paint)} fill="none" stroke="{PAINTS[line.paint]}"'
        f' stroke-width="{_units(line.thickness)}" stroke-linejoin="round"{dashes}/>'
    )


def _area(area: Area, named: Callable[..., str]) -> str:
    return f'<polygon points="{_points(area.points)}"{named(area.fill)} fill="{PAINTS[area.fill]}"/>'


_DRAW: dict[type, Callable[..., str]] = {Box: _box, Text: _text, Line: _line, Area: _area}


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_units(x)},{_units(y)}" for x, y in points)


def _units(number: float) -> str:
    """Return a number to a tenth of a unit: `85`, `12.5`."""
    return f"{number:.1f}".removesuffix(".0")


def _safe(text: str) -> str:
    """Return a text as XML has it; characters that no XML may hold are left out."""
    return str(escape(_FORBIDDEN.sub("", text)))
