"""Views of the API: the pass of a booking as a file."""

from flask import Response, abort

from hallapp.accounts.roles import Permission
from hallapp.api.errors import PassEnded
from hallapp.api.web.access import get_caller, secret_keys
from hallapp.api.web.blueprints import bookings
from hallapp.api.web.marks import refuses, scope
from hallapp.api.web.spec import files_of
from hallapp.booking.models import AGREED, OPEN_STATES
from hallapp.booking.queries import get_booking
from hallapp.booking.reference import tidy
from hallapp.core.web.responses import private
from hallapp.passes import codes, pdf, picture, queries, service
from hallapp.passes.sheet import PassSheet, sheet_of
from hallapp.schedule.addresses import base_url


@bookings.route("/bookings/<reference>/pass.pdf")
@bookings.response(200, content_type="application/pdf")
@bookings.doc(responses=files_of(["application/pdf"]))
@scope(Permission.BOOKINGS_CHANGE)
@refuses(PassEnded)
def get_pass_pdf(reference: str) -> Response:
    """Get the pass on paper, in the language of the booking; 404 before the hall has confirmed, 410 afterwards."""
    return _file(pdf.render(_sheet(reference)), "application/pdf")


@bookings.route("/bookings/<reference>/pass.png")
@bookings.response(200, content_type="image/png")
@bookings.doc(responses=files_of(["image/png"]))
@scope(Permission.BOOKINGS_CHANGE)
@refuses(PassEnded)
def get_pass_png(reference: str) -> Response:
    """Get the pass as a picture for a phone."""
    return _file(picture.render(_sheet(reference)), "image/png")


def _sheet(reference: str) -> PassSheet:
    booking = get_booking(get_caller().hall_id, tidy(reference))
    if not service.entitles(booking):
        if booking.state in OPEN_STATES | AGREED:
            abort(404)
        raise PassEnded
    code = codes.sign(queries.get_current_pass(booking.id).token, secret_keys())
    return sheet_of(
        booking, qr_text=codes.qr_text(code, base_url(booking.slot.programme.hall)), language=booking.language
    )


def _file(content: bytes, mimetype: str) -> Response:
    return private(Response(content, mimetype=mimetype))
