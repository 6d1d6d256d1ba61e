"""Text set on a page before it is drawn, so that it can be set again, smaller, where it does not fit.

All lengths are points; y counts downwards from the page's upper edge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing

WIDTH, HEIGHT = A4
_LEADING_OF_HAN, _LEADING = 1.5, 1.36
_SCALES = (1.2, 1.1, 1.0, 0.92, 0.85, 0.78, 0.72, 0.66, 0.6, 0.55, 0.5)
_SMALLEST = 6.0  # points: smaller text cannot be read
_IDEOGRAPH = 0.88  # the height of the font's ideographs above the base line, in em
_STROKE = 0.026  # the font has no bold: a stroke of this many em thickens it


def leading_of(language: str) -> float:
    """Return the distance of lines, in sizes of the text: Han characters need more."""
    return _LEADING_OF_HAN if language.startswith(("zh", "ja")) else _LEADING


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text: its left end and base line, and its size."""

    x: float
    y: float
    text: str
    size: float
    bold: bool


class Setting:
    """Lines and rules at one scale.

    A method that sets text takes the position where it starts and returns the position where it ends.
    """

    def __init__(self, *, scale: float = 1.0, leading: float) -> None:
        self.scale, self.leading = scale, leading
        self.lines: list[TextLine] = []
        self.rules: list[tuple[float, float, float]] = []

    def points(self, size: float) -> float:
        """Return a size at this scale."""
        return max(size * self.scale, _SMALLEST)

    def text(self, text: str, size: float, *, x: float, y: float, width: float, bold: bool = False) -> float:
        """Set a text in as many lines as it takes."""
        return self.rows(printing.wrap(text, size=self.points(size), width=width), size, x=x, y=y, bold=bold)

    def items(self, items: Sequence[str], size: float, *, x: float, y: float, width: float) -> float:
        """Set short things in a row; none is broken over two lines that would fit on one."""
        rows: list[str] = []
        for item in items:
            longer = f"{rows[-1]} · {item}" if rows else item
            if rows and printing.text_width(longer, self.points(size)) <= width:
                rows[-1] = longer
            else:
                rows += printing.wrap(item, size=self.points(size), width=width)
        return self.rows(rows, size, x=x, y=y)

    def rows(self, rows: Sequence[str], size: float, *, x: float, y: float, bold: bool = False) -> float:
        """Set lines that are broken already."""
        size = self.points(size)
        for row in rows:
            self.lines.append(TextLine(x, y + size * ((self.leading - 1) / 2 + _IDEOGRAPH), row, size, bold))
            y += size * self.leading
        return y

    def rule(self, left: float, right: float, y: float) -> None:
        """Draw a thin line across."""
        self.rules.append((left, right, y))

    def cut(self, bottom: float) -> None:
        """Drop the lines below `bottom`, with a sign that there was more."""
        fitting = [line for line in self.lines if line.y <= bottom]
        if fitting and len(fitting) < len(self.lines):
            last = fitting[-1]
            fitting[-1] = TextLine(last.x, last.y, f"{last.text[:-1]}…", last.size, last.bold)
        self.lines = fitting

    def draw(self, canvas: Canvas) -> None:
        """Put everything on the page."""
        for line in self.lines:
            write(canvas, line.text, line.size, x=line.x, y=line.y, bold=line.bold)
        canvas.setLineWidth(0.5)
        for left, right, y in self.rules:
            canvas.line(left, HEIGHT - y, right, HEIGHT - y)


def fit(build: Callable[[Setting], float], *, bottom: float, leading: float) -> Setting:
    """Set the result of `build` at the largest scale at which it ends above `bottom`.

    If even the smallest scale does not fit, the lines below are dropped: only a hall's own texts have no limit.
    """
    for scale in _SCALES:
        setting = Setting(scale=scale, leading=leading)
        if build(setting) <= bottom:
            return setting
    setting.cut(bottom)
    return setting


def write(canvas: Canvas, text: str, size: float, *, x: float, y: float, bold: bool = False) -> None:
    """Write one line from `x` on."""
    if bold:
        canvas.setLineWidth(size * _STROKE)
    printing.draw(canvas, text, size, x=x, y=HEIGHT - y, bold=bold)


def write_centred(canvas: Canvas, text: str, size: float, *, x: float, y: float, bold: bool = False) -> None:
    """Write one line with its middle at `x`."""
    write(canvas, text, size, x=x - printing.text_width(text, size) / 2, y=y, bold=bold)
