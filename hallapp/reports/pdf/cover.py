"""The first page: logo, hall, period, summary sentence, state with its digest, contents, and signatures."""

from collections.abc import Callable

from reportlab.lib.colors import black
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from hallapp import printing
from hallapp.core import formats, qr, qr_pdf
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.reports import words
from hallapp.reports.closing import digests, signing
from hallapp.reports.goals import words as goal_words
from hallapp.reports.pdf import sign_off
from hallapp.reports.pdf.sheet import (
    GOOD,
    GUTTER,
    HEIGHT,
    INNER,
    LINE,
    MARGIN,
    QUIET,
    SMALL,
    TOP,
    WARN,
    WIDTH,
    ReportSheet,
    Section,
    shortened,
)

_ENTRY = 17.0
_QR = 28 * mm  # with its quiet zone
_LOGO_WIDTH, _LOGO_HEIGHT = 60 * mm, 16 * mm


def draw(sheet: ReportSheet) -> Callable[[], None]:
    """Draw everything except the contents; return a function that draws those once all sections are known."""
    sheet.y = TOP
    with sheet.tagged("Sect"):
        _head(sheet)
        _strip(sheet)
        _state(sheet)
    top = sheet.y
    with sheet.tagged("Sect") as place:
        pass
    sign_off.draw(sheet)
    sheet.turn()

    def draw_contents() -> None:
        with sheet.canvas.inside(place):
            _contents(sheet, top)

    return draw_contents


def _head(sheet: ReportSheet) -> None:
    """Draw the logo, and the names of hall and period, with the period's sentence."""
    report = sheet.report
    if report.hall.demonstration:
        with sheet.tagged("P"):
            sheet.warn()
    _logo(sheet)
    sheet.y = HEIGHT - 90
    with sheet.tagged("P"):
        for line in printing.wrap(report.hall.text("name", language()), size=16, width=INNER, keep_spaces=True)[:3]:
            sheet.y -= 22
            sheet.write(line, MARGIN, sheet.y, size=16)
    sheet.y -= 18
    sheet.rule(sheet.y, thickness=2.4)
    sheet.y -= 28
    with sheet.tagged("P"):
        sheet.write(words.report_kind(report.period), MARGIN, sheet.y, size=12, colour=QUIET)
    name = words.period_name(report.period)
    size = min(34.0, INNER / printing.text_width(name, 1))
    sheet.y -= 12 + size
    with sheet.tagged("H1"):
        sheet.write(name, MARGIN, sheet.y, size=size, bold=True)
    sheet.y -= 18
    sheet.lines(words.sentence(report), size=12.5)
    for text in goal_words.describe(report.goal):
        sheet.lines(text, size=10.5, colour=QUIET)
    sheet.y -= 14


def _logo(sheet: ReportSheet) -> None:
    """Draw the hall's logo above its name, where it has one."""
    picture = sheet.letterhead.logo
    if picture is None:
        return
    scale = min(_LOGO_WIDTH / picture.width, _LOGO_HEIGHT / picture.height)
    width, height = picture.width * scale, picture.height * scale
    box = (MARGIN, HEIGHT - 86, MARGIN + width, HEIGHT - 86 + height)
    alt = _("Logo of %(hall)s", hall=sheet.report.hall.text("name", language()))
    with sheet.tagged("Figure", alt=alt, box=box):
        sheet.canvas.drawImage(ImageReader(picture), box[0], box[1], width, height, mask="auto")


def _strip(sheet: ReportSheet) -> None:
    """Draw the four figures that come first."""
    totals = words.totals(sheet.report)
    column = INNER / len(totals)
    places = [MARGIN + place * column for place in range(len(totals))]
    sheet.rule(sheet.y, colour=LINE)
    with sheet.tagged("Table"):
        with sheet.tagged("TR"):
            for x, (name, _number) in zip(places, totals, strict=True):
                with sheet.tagged("TH", scope="Column"):
                    sheet.write(shortened(name, column - 6, SMALL), x, sheet.y - 17, size=SMALL, colour=QUIET)
        with sheet.tagged("TR"):
            for x, (_name, number) in zip(places, totals, strict=True):
                text = formats.number(number)
                size = min(20.0, (column - 8) / printing.text_width(text, 1))
                with sheet.tagged("TD"):
                    sheet.write(text, x, sheet.y - 42, size=size, bold=True)
    sheet.y -= 54
    sheet.rule(sheet.y, colour=LINE)


def _state(sheet: ReportSheet) -> None:
    """Draw whether the figures are final; those of a closed month with their digest, and how it is verified."""
    report, top = sheet.report, sheet.y
    address = sheet.letterhead.verify_at
    width = INNER - _QR - GUTTER if address else INNER
    sheet.y -= 6
    sheet.lines(signing.state(report), size=10.5, colour=GOOD if report.close else WARN, width=width)
    for text in (signing.later(report), signing.filed_sentence(report)):
        if text:
            sheet.lines(text, size=SMALL, colour=QUIET, width=width)
    with sheet.tagged("P"):
        sheet.y -= SMALL * 1.15
        sheet.write(words.made_at(report), MARGIN, sheet.y, size=SMALL, colour=QUIET)
        sheet.y -= SMALL * 0.45
    if report.close:
        sheet.lines(_("Digest %(digest)s", digest=digests.short(report.close.digest)), size=10.5, width=width)
    if address:
        sheet.lines(
            _("Scan the code to check that this report was closed by the hall: %(address)s", address=address),
            size=SMALL,
            colour=QUIET,
            width=width,
        )
        _code(sheet, address, top=top - 8)
        sheet.y = min(sheet.y, top - 8 - _QR)


def _code(sheet: ReportSheet, address: str, *, top: float) -> None:
    """Draw the QR of the address at which anyone can verify the digest."""
    symbol = qr.draw(address, level=qr.A_SEVENTH)
    # The quiet zone lies in the margin of the page.
    x, y = WIDTH - MARGIN - _QR * (1 - qr.QUIET_ZONE / symbol.size), top - _QR
    alt = _("QR code that opens %(address)s", address=address)
    with sheet.tagged("Figure", alt=alt, box=(x, y, x + _QR, top)):
        sheet.canvas.setFillColor(black)
        qr_pdf.draw(sheet.canvas, symbol, x=x, y=y, edge=_QR)


def _contents(sheet: ReportSheet, top: float) -> None:
    """Draw each section with its page, and a link to it; dots lead the eye. Entries close up where there are many."""
    sheet.y = top - 30
    with sheet.tagged("H2"):
        sheet.write(_("Contents"), MARGIN, sheet.y, size=13, bold=True)
    sheet.y -= 6
    step = min(_ENTRY, (sheet.y - sign_off.TOP - 12) / len(sheet.sections))
    with sheet.tagged("TOC"):
        for section in sheet.sections:
            sheet.y -= step
            with sheet.tagged("TOCI"), sheet.tagged("Reference"):
                _entry(sheet, section, step)


def _entry(sheet: ReportSheet, section: Section, height: float) -> None:
    size, number = min(10.5, height - 2), str(section.page)
    with sheet.tagged("Link"):
        sheet.write(f"{section.title} ", MARGIN, sheet.y, size=size)
        sheet.write(number, WIDTH - MARGIN, sheet.y, size=size, anchor="end")
        area = (MARGIN, sheet.y - 4, WIDTH - MARGIN, sheet.y + height - 5)
        sheet.canvas.link(_("%(section)s, page %(page)s", section=section.title, page=number), section.key, area)
    begin = MARGIN + printing.text_width(section.title, size) + 6
    end = WIDTH - MARGIN - printing.text_width(number, size) - 6
    sheet.canvas.setDash([0.6, 3])
    sheet.rule(sheet.y + 1, x=begin, width=end - begin, colour=QUIET)
    sheet.canvas.setDash([])
