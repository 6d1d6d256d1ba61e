"""The certificate on one page, in the first two languages of the hall, with a QR that opens its check.

A longer text is set smaller until the page holds it: a name is never cut.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from reportlab.lib.colors import HexColor, black
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing
from hallapp.booking.names import group_name
from hallapp.certificates import codes, queries
from hallapp.certificates.models import Certificate
from hallapp.core import clock, formats, qr, qr_pdf
from hallapp.core.i18n import force_locale, lang_tag, ngettext
from hallapp.core.i18n import gettext as _
from hallapp.core.regions import Paper
from hallapp.passes.typeset import HEIGHT, WIDTH, Setting, fit, leading_of, write_centred
from hallapp.schedule.addresses import base_url

_EDGE = 12 * mm
_LEFT, _RIGHT = 28 * mm, WIDTH - 28 * mm
_TOP, _FOOT = 34 * mm, HEIGHT - 78 * mm
_QR = 36 * mm
_LANGUAGES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The words of a certificate in one language."""

    language: str
    title: str
    hall_name: str
    statement: str
    words: str
    check: str
    issued: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSheet:
    """The printed content, as plain values that are collected before anything is drawn. `accent` is `#rrggbb`."""

    code: str
    address: str
    accent: str
    notice: str
    versions: Sequence[Version]
    paper: Paper


def sheet_of(certificate: Certificate) -> CertificateSheet:
    """Return what a certificate says, in the first two languages that its hall offers."""
    hall = certificate.booking.slot.programme.hall
    languages = hall.language_codes[:_LANGUAGES]
    return CertificateSheet(
        code=codes.grouped(certificate.code),
        address=f"{base_url(hall)}/c/{certificate.code}".upper(),
        accent=hall.accent,
        notice=_("Demonstration: made-up visitors and bookings") if hall.demonstration else "",
        versions=tuple(_version(certificate, language) for language in languages),
        paper=hall.region.paper,
    )


def render(sheet: CertificateSheet) -> bytes:
    """Return the certificate as a PDF with its fonts embedded. It asks no database: call it outside of transactions."""
    file, first = io.BytesIO(), sheet.versions[0]
    canvas = Canvas(
        file,
        pagesize=printing.page_size(sheet.paper),
        initialFontName=printing.load_font(),  # type: ignore[arg-type]
        pageCompression=1,
        lang=lang_tag(first.language),
    )
    canvas.setTitle(f"{first.title} {sheet.code}")
    canvas.setAuthor(first.hall_name)
    canvas.setCreator("hallapp")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    printing.fit(canvas, sheet.paper)
    _draw_frame(canvas, sheet)
    fit(partial(_set, sheet), bottom=_FOOT, leading=leading_of(first.language)).draw(canvas)
    _draw_foot(canvas, sheet)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _version(certificate: Certificate, language: str) -> Version:
    booking = certificate.booking
    programme, hall = booking.slot.programme, booking.slot.programme.hall
    setting = queries.find_setting(hall.id)
    with force_locale(language):
        return Version(
            language=language,
            title=_("Certificate of Visit"),
            hall_name=hall.text("name", language),
            statement=ngettext(
                "This is to certify that %(group)s visited %(hall)s on %(day)s with %(num)s person and took part in"
                " %(programme)s.",
                "This is to certify that %(group)s visited %(hall)s on %(day)s with %(num)s people and took part in"
                " %(programme)s.",
                certificate.people,
                group=group_name(certificate),
                hall=hall.text("name", language),
                day=formats.comma(language).join(
                    formats.long_day(day, language) for day in queries.list_stated_days(certificate)
                ),
                programme=programme.name(language),
            ),
            words=setting.words(language, hall.language_codes) if setting else "",
            check=_("Scan the code to check this certificate."),
            issued=_(
                "Issued on %(day)s",
                day=formats.long_day(clock.local_day(certificate.issued_at, hall.time_zone), language),
            ),
        )


def _draw_frame(canvas: Canvas, sheet: CertificateSheet) -> None:
    canvas.setStrokeColor(HexColor(sheet.accent))
    for inset, width in ((0.0, 1.6), (2 * mm, 0.5)):
        canvas.setLineWidth(width)
        edge = _EDGE + inset
        canvas.rect(edge, edge, WIDTH - 2 * edge, HEIGHT - 2 * edge, stroke=1, fill=0)
    canvas.setStrokeColor(black)
    canvas.setFillColor(black)


def _set(sheet: CertificateSheet, setting: Setting) -> float:
    """Set the two versions one below the other."""
    y = _TOP
    for number, version in enumerate(sheet.versions):
        if number:
            y += 10 * setting.scale
            setting.rule(_LEFT, _RIGHT, y)
            y += 14 * setting.scale
        y = _set_version(version, setting, y, first=number == 0)
    return y


def _set_version(version: Version, setting: Setting, y: float, *, first: bool) -> float:
    text = partial(setting.text, x=_LEFT, width=_RIGHT - _LEFT)
    y = text(version.title, 30 if first else 22, y=y, bold=True) + 6 * setting.scale
    y = text(version.hall_name, 13 if first else 11, y=y) + 14 * setting.scale
    y = text(version.statement, 15 if first else 12, y=y)
    if version.words:
        y = text(version.words, 12 if first else 10.5, y=y + 8 * setting.scale)
    return text(version.issued, 11 if first else 10, y=y + 12 * setting.scale)


def _draw_foot(canvas: Canvas, sheet: CertificateSheet) -> None:
    symbol = qr.draw(sheet.address, level=qr.A_QUARTER)
    top = HEIGHT - 70 * mm
    qr_pdf.draw(canvas, symbol, x=(WIDTH - _QR) / 2, y=HEIGHT - top - _QR, edge=_QR)
    write_centred(canvas, sheet.code, 14, x=WIDTH / 2, y=top + _QR + 14, bold=True)
    y = top + _QR + 27
    for line in (*(version.check for version in sheet.versions), sheet.notice):
        write_centred(canvas, line, 8.5, x=WIDTH / 2, y=y)
        y += 12
