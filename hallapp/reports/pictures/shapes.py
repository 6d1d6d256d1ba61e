"""The shapes that every picture is made of, and their paints.

A picture is computed once as a `Drawing` in its own units, y growing downwards. The page and the SVG file (`svg.py`),
the PDF (`paper.py`) and the PNG file (`png.py`) paint the same shapes. The scale has five steps of one hue from light
to dark, so the colour-blind, and readers of a grey print, can tell the steps apart; every text has a contrast of 4.5 or
more. The page's dark colours are in `static/css/reports.css`, under the same names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hallapp import printing

#: The fill of a tile, by level: 0 is zero, 5 is the most.
FILLS = ("#ffffff", "#fbe6d9", "#f3bfa2", "#e0805a", "#ad3b26", "#6b1810")
#: The colour of the text on each fill.
INKS = ("#5f5a54", "#1c1a18", "#1c1a18", "#1c1a18", "#ffffff", "#ffffff")
STEPS = len(FILLS) - 1

HAIRLINE = "hairline"
QUIET = "quiet-ink"
PLAIN = "plain-ink"
SERIES = "series"
TINT = "tint"
BAND = "band"

#: The colour of each paint on white ground.
PAINTS: dict[str, str] = {
    **{f"level-{level}": colour for level, colour in enumerate(FILLS)},
    **{f"ink-{level}": colour for level, colour in enumerate(INKS)},
    HAIRLINE: "#dcd6cd",
    QUIET: "#5f5a54",
    PLAIN: "#1c1a18",
    SERIES: "#ad3b26",
    TINT: "#f8d9c6",
    BAND: "#ece7df",
}

TILE = 80.0
RADIUS = 6.0
GAP = 5.0
PITCH = TILE + GAP
#: The width of a picture beside its table or on a phone, and over the full width of a page or a slide.
WIDTH = 8 * PITCH - GAP
WIDE = 1400.0
LARGE, MEDIUM, LABEL, SMALL = 25.0, 23.0, 21.0, 18.0
_WIDER = 7 / 6

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle. A dashed edge marks tiles outside the map."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = ""
    dashed: bool = False
    radius: float = 0.0

    def moved(self, dx: float, dy: float) -> "Box":
        """Return the shape moved by (dx, dy)."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.x, self.y, self.x + self.width, self.y + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line of text on a baseline; `size` is in the drawing's units.

    A `long` text is for where there is room, a `short` one for narrow screens; the others are for both.
    """

    x: float
    y: float
    size: float
    text: str
    paint: str = QUIET
    anchor: str = "middle"
    room: str = ""

    def moved(self, dx: float, dy: float) -> "Text":
        """Return the shape moved by (dx, dy)."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom, in the project's own font."""
        width = printing.text_width(self.text, self.size)
        left = self.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * width
        return left, self.y - 0.75 * self.size, left + width, self.y + 0.15 * self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through points, with round joints."""

    points: tuple[Point, ...]
    paint: str
    thickness: float = 1.0
    dashed: bool = False

    def moved(self, dx: float, dy: float) -> "Line":
        """Return the shape moved by (dx, dy)."""
        return replace(self, points=_moved(self.points, dx, dy))

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return _bounds(self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Draw a filled polygon."""

    points: tuple[Point, ...]
    fill: str

    def moved(self, dx: float, dy: float) -> "Area":
        """Return the shape moved by (dx, dy)."""
        return replace(self, points=_moved(self.points, dx, dy))

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return _bounds(self.points)


Shape = Box | Text | Line | Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Shapes that belong together, such as a tile with its text; `title` describes them in words, or is empty."""

    title: str = ""
    shapes: tuple[Shape, ...]

    @property
    def box(self) -> Box:
        """Return its first rectangle."""
        return next(shape for shape in self.shapes if isinstance(shape, Box))

    @property
    def texts(self) -> tuple[Text, ...]:
        """Return its texts."""
        return tuple(shape for shape in self.shapes if isinstance(shape, Text))

    def moved(self, dx: float, dy: float) -> "Mark":
        """Return the mark moved by (dx, dy)."""
        return replace(self, shapes=tuple(shape.moved(dx, dy) for shape in self.shapes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Marks on a sheet of `width` by `height` units, the later ones on top."""

    width: float
    height: float
    marks: tuple[Mark, ...]

    def shapes(self) -> Iterator[Shape]:
        """Yield every shape except texts for narrow screens only: those painted on paper and in files."""
        for mark in self.marks:
            for shape in mark.shapes:
                if not (isinstance(shape, Text) and shape.room == "short"):
                    yield shape


def room_for(text: str, size: float) -> float:
    """Return the width to keep free for a text: a reader's own font may be wider than the project's by a sixth."""
    return printing.text_width(text, size) * _WIDER


def shortened(text: str, *, size: float, width: float) -> str:
    """Return a text that fits a width in any font; a longer one ends in an ellipsis."""
    if room_for(text, size) <= width:
        return text
    while text and room_for(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def fitting_size(text: str, *, size: float, width: float) -> float:
    """Return the size, `size` at most, at which a text fits a width, however long it is."""
    return min(size, width / max(printing.text_width(text, 1), 0.01))


def message(text: str, *, width: float, height: float) -> Text:
    """Return a text in the middle of a sheet that has nothing else to show."""
    return Text(x=width / 2, y=height / 2 + LABEL / 3, size=fitting_size(text, size=LABEL, width=width), text=text)


def _moved(points: tuple[Point, ...], dx: float, dy: float) -> tuple[Point, ...]:
    return tuple((x + dx, y + dy) for x, y in points)


def _bounds(points: tuple[Point, ...]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)
