"""The paper that a report is written on: a cursor that moves down, headings, and a foot on each page."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from hallapp import printing
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lang_tag, language
from hallapp.core.regions import Paper
from hallapp.reports import layout, words
from hallapp.reports.closing import signing
from hallapp.reports.figures.service import Report
from hallapp.reports.layout import Drawing
from hallapp.reports.pdf.letterhead import Letterhead
from hallapp.reports.pdf.pages import Pages

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
TOP = HEIGHT - 20 * mm
BOTTOM = 24 * mm
INNER = WIDTH - 2 * MARGIN
GUTTER = 8 * mm
HALF = (INNER - GUTTER) / 2

INK, GOOD, BAD, WARN, QUIET, LINE = "#1c1a18", "#14632f", "#a01c14", "#7a4b00", layout.QUIET, layout.LINE
BODY, SMALL = 9.5, 8.5

#: Reading a colour takes as long as drawing a line of text.
colour_of = lru_cache(maxsize=32)(HexColor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with its position; `key` is its name inside the file."""

    title: str
    key: str
    page: int
    y: float


class PaperSheet:
    """A canvas with a cursor `y` that moves down from `TOP` to `BOTTOM`, page after page; `made` is in every foot."""

    def __init__(self, *, name: str, kind: str, author: str, subject: str, made: str, paper: Paper) -> None:
        self.name, self.made = name, made
        self.sections: list[Section] = []
        self.font = printing.load_font()
        self.file = io.BytesIO()
        self.canvas = Pages(
            self.file,
            paper=paper,
            initialFontName=self.font,
            lang=lang_tag(language()),
        )
        self.canvas.setTitle(f"{name} · {kind}")
        self.canvas.setAuthor(author)
        self.canvas.setSubject(subject)
        self.canvas.setCreator("hallapp")
        self.tagged = self.canvas.tagged
        self.y = TOP

    @property
    def page(self) -> int:
        """Return the number of the page that is being drawn."""
        return self.canvas.count + 1

    def turn(self) -> None:
        """Begin the next page."""
        self.canvas.showPage()
        self.y = TOP

    def need(self, height: float) -> None:
        """Begin a new page where less than this height is left; anything higher than a page begins where it is."""
        if self.y - height < BOTTOM and self.y < TOP:
            self.turn()

    def finish(self, contents: Callable[[], None]) -> bytes:
        """Give each page its foot and its bookmarks, the first one its contents; returns the file."""
        self.canvas.showPage()
        pages = self.canvas.count

        def dress(number: int) -> None:
            self._mark(number)
            with self.canvas.artifact(foot=True):
                self._foot(number, pages)
            if number == 1:
                contents()

        self.canvas.showOutline()
        self.canvas.finish(dress)
        self.canvas.save()
        return self.file.getvalue()

    def _mark(self, page: int) -> None:
        for section in self.sections:
            if section.page == page:
                _left, top = self.canvas.absolutePosition(0, min(HEIGHT, section.y + 30))
                self.canvas.bookmarkPage(section.key, fit="XYZ", left=0, top=top)
                self.canvas.addOutlineEntry(section.title, section.key, level=0)

    def _foot(self, number: int, pages: int) -> None:
        y, made = BOTTOM - 20, self.made
        self.rule(y + 12, colour=LINE)
        count = f"{number} / {pages}"
        space = INNER - printing.text_width(made, 8) - printing.text_width(count, 8) - 30
        self.write(shortened(self.name, space, 8), MARGIN, y, size=8, colour=QUIET)
        self.write(made, WIDTH - MARGIN - printing.text_width(count, 8) - 15, y, size=8, colour=QUIET, anchor="end")
        self.write(count, WIDTH - MARGIN, y, size=8, anchor="end")

    # Strokes

    def write(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float = BODY,
        colour: str = INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Draw a line of text on its baseline. The font has no bold: a thin stroke makes one."""
        if not text:
            return
        canvas = self.canvas
        canvas.setFillColor(colour_of(colour))
        if bold:
            canvas.setStrokeColor(colour_of(colour))
            canvas.setLineWidth(size / 36)
        if anchor != "start":
            x -= {"middle": 0.5, "end": 1.0}[anchor] * printing.text_width(text, size)
        printing.draw(canvas, text, size, x=x, y=y, bold=bold)

    def lines(
        self,
        text: str,
        *,
        x: float = MARGIN,
        width: float = INNER,
        size: float = BODY,
        colour: str = INK,
        role: str = "P",
    ) -> None:
        """Draw a paragraph; moves the cursor below it. One of two or three lines stays on one page."""
        broken = printing.wrap(text, size=size, width=width, keep_spaces=True)
        self.need(size * 1.6 * min(len(broken), 3))
        with self.tagged(role):
            for line in broken:
                self.need(size * 1.6)
                self.y -= size * 1.15
                self.write(line, x, self.y, size=size, colour=colour)
                self.y -= size * 0.45

    def rule(
        self, y: float, *, x: float = MARGIN, width: float = INNER, thickness: float = 0.5, colour: str = INK
    ) -> None:
        """Draw a horizontal line."""
        self.canvas.setStrokeColor(colour_of(colour))
        self.canvas.setLineWidth(thickness)
        self.canvas.line(x, y, x + width, y)

    def box(self, x: float, y: float, width: float, height: float, *, colour: str) -> None:
        """Draw a filled rectangle from its lower left corner."""
        self.canvas.setFillColor(colour_of(colour))
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)

    def heading(self, text: str, *, room: float) -> None:
        """Draw a section's heading on one page with this height of its content, and list it in the contents."""
        self.need(42 + room)
        if self.y < TOP:
            self.y -= 14
        self.rule(self.y, thickness=1.6)
        self.y -= 20
        self.sections.append(Section(title=text, key=f"section-{len(self.sections) + 1}", page=self.page, y=self.y))
        with self.tagged("H2"):
            self.write(text, MARGIN, self.y, size=13, bold=True)
        self.y -= 10

    def title(self, text: str, *, x: float = MARGIN) -> None:
        """Draw the title of a table or a picture inside a section."""
        self.y -= 14
        with self.tagged("H3"):
            self.write(text, x, self.y, size=BODY, bold=True)
        self.y -= 6

    def paint(self, drawing: Drawing, *, alt: str, x: float = MARGIN, width: float = INNER) -> float:
        """Draw a picture that hangs from the cursor, which stays; `alt` says what it shows. Return its height."""
        box = (x, self.y - height_of(drawing, width), x + width, self.y)
        with self.tagged("Figure", alt=alt, box=box):
            return layout.paper.paint(self.canvas, drawing, x=x, top=self.y, width=width)


class ReportSheet(PaperSheet):
    """The sheet of a report: each page names its state, and says where the figures are made up."""

    def __init__(self, report: Report, letterhead: Letterhead) -> None:
        self.report, self.letterhead = report, letterhead
        hall = report.hall.text("name", language())
        super().__init__(
            name=f"{hall} · {words.period_name(report.period)}",
            kind=words.report_kind(report.period),
            author=hall,
            subject=words.sentence(report),
            made=words.made_at(report),
            paper=report.hall.region.paper,
        )

    def _foot(self, number: int, pages: int) -> None:
        super()._foot(number, pages)
        self.write(signing.foot(self.report), MARGIN, BOTTOM - 31, size=7.5, colour=QUIET)
        if number > 1:
            self.warn()

    def warn(self) -> None:
        """Say at the top of the page where the figures are made up."""
        if self.report.hall.demonstration:
            warning = _("Demonstration: made-up visitors and bookings")
            self.write(warning, WIDTH / 2, HEIGHT - 10 * mm, size=8, colour=WARN, anchor="middle")


def height_of(drawing: Drawing, width: float) -> float:
    """Return the height of a drawing at a width."""
    return width * drawing.height / drawing.width


def shortened(text: str, width: float, size: float) -> str:
    """Return a text that fits a width; a longer one ends in an ellipsis."""
    if printing.text_width(text, size) <= width:
        return text
    while text and printing.text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"
