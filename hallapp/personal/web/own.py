"""The page on which an organiser exports or erases their own data: with their private link and a code."""

from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.booking import codes, queries
from hallapp.booking.errors import CodeWrong
from hallapp.booking.lifecycle import ORGANISER
from hallapp.booking.models import OPEN_STATES, Booking, CodePurpose
from hallapp.booking.web import limiting
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web.access import public
from hallapp.core.web.downloads import name_file
from hallapp.core.web.forms import attempt
from hallapp.core.web.responses import private
from hallapp.personal import export, service
from hallapp.personal.errors import CodeNeeded, NotSure
from hallapp.personal.export import Found

blueprint = Blueprint("own_data", __name__)

#: In the session: the booking whose code was typed in this browser, and until when that counts, in seconds since 1970.
_PROVED = "own_data"
_SECONDS = 30 * 60


@blueprint.get("/visits/<key>/data")
@public
def page(key: str) -> ResponseReturnValue:
    """Show what can be done with the data of a booking, and the next step."""
    return _page(_open(key))


@blueprint.post("/visits/<key>/data/code")
@public
def send_code(key: str) -> ResponseReturnValue:
    """Send a code to the contact of the booking."""

    def send() -> ResponseReturnValue:
        booking = _open(key)
        limiting.count_code(booking, booking.email)
        with transaction():
            service.send_code(queries.get_booking_by_key(key))
        return redirect(url_for(".page", key=key), 303)

    return _attempt(key, send)


@blueprint.post("/visits/<key>/data/open")
@public
def use_code(key: str) -> ResponseReturnValue:
    """Verify the code: this browser may then export and erase for half an hour."""

    def prove() -> ResponseReturnValue:
        limiting.count_act(_open(key))
        with transaction():  # it commits a wrong attempt as well
            booking = queries.get_booking_by_key(key)
            right = service.prove(booking, codes.tidy(request.form.get("code", "")))
        if not right:
            raise CodeWrong
        session[_PROVED] = [booking.id, int(clock.now().timestamp()) + _SECONDS]
        return redirect(url_for(".page", key=key), 303)

    return _attempt(key, prove)


@blueprint.post("/visits/<key>/data/export")
@public
def export_data(key: str) -> ResponseReturnValue:
    """Send the data of the booking, with all parts of its large group, as a file."""

    def write() -> ResponseReturnValue:
        booking = _open(key)
        _check_proved(booking)
        limiting.count_act(booking)
        found = Found(bookings=queries.list_parts(booking))
        content = export.write(booking.hall, found)
        with transaction():
            service.record(booking.hall, "personal_data_exported", service.count(found), by=ORGANISER)
        return send_zip(content, booking.reference)

    return _attempt(key, write)


@blueprint.post("/visits/<key>/data/erase")
@public
def erase(key: str) -> ResponseReturnValue:
    """Erase the data of the booking; a visit that is still to come is cancelled."""

    def erase_data() -> ResponseReturnValue:
        _check_proved(_open(key))
        if not request.form.get("sure"):
            raise NotSure
        limiting.count_act(_open(key))
        with transaction():
            booking = queries.get_booking_by_key(key)
            service.erase(booking.hall, Found(bookings=[booking]), by=ORGANISER)
        session.pop(_PROVED, None)
        session.pop("bookings", None)  # the bookings that this browser has seen
        return redirect(url_for(".page", key=key), 303)

    return _attempt(key, erase_data)


def send_zip(content: bytes, name: str) -> Response:
    """Return an export as a file to be saved."""
    response = private(content)
    response.mimetype = "application/zip"
    return name_file(response, f"personal-data-{name}.zip", plain=f"personal-data-{name}.zip")


def _attempt(key: str, act: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    return attempt(act, lambda error: _page(_open(key), refusal=error))


def _open(key: str) -> Booking:
    """Return the booking of a key, and use its hall for the page, regardless of the host. Raises NoResultFound."""
    booking = queries.get_booking_by_key(key)
    g.hall_id = booking.hall_id
    return booking


def _is_proved(booking: Booking) -> bool:
    number, until = session.get(_PROVED, (0, 0))
    return bool(number == booking.id and until > clock.now().timestamp())


def _check_proved(booking: Booking) -> None:
    if not _is_proved(booking):
        raise CodeNeeded


def _page(booking: Booking, *, refusal: DomainError | None = None) -> Response:
    shown = {
        "booking": booking,
        "erased": service.is_erased(booking),
        "proved": _is_proved(booking),
        "can_send_code": service.can_send_code(booking),
        "waiting": queries.find_code(booking, CodePurpose.DATA),
        "cancels": any(
            part.state in OPEN_STATES and part.slot.starts_at > clock.now() for part in queries.list_parts(booking)
        ),
        "refusal": translate(refusal) if refusal else "",
        "refused_field": refusal.field if refusal else None,
    }
    return private(render_template("personal/own.html", **shown))
