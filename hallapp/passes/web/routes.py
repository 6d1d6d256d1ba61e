"""Routes for this room: the pass on a phone, on paper and in a calendar, and the page that its QR code opens."""

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import find_staff, get_staff
from hallapp.booking.lifecycle import ORGANISER, by_staff
from hallapp.booking.managing.web import verbs
from hallapp.booking.managing.web.blueprint import blueprint as of_bookings
from hallapp.booking.managing.web.forms import ReissueForm
from hallapp.booking.models import AGREED, OPEN_STATES, Booking, BookingEvent, Verb
from hallapp.booking.organiser_view import organiser_view_of
from hallapp.booking.queries import get_booking_by_key, list_parts
from hallapp.booking.signals import booking_happened
from hallapp.booking.web.limiting import count_act
from hallapp.core import i18n, limits
from hallapp.core.database import transaction
from hallapp.core.i18n import translate
from hallapp.core.limits import Limit
from hallapp.core.web import languages
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import attempt
from hallapp.core.web.responses import private
from hallapp.passes import codes, ics, pdf, picture, qr, queries, service
from hallapp.passes.errors import CodeInvalid
from hallapp.passes.models import Pass
from hallapp.passes.sheet import sheet_of
from hallapp.schedule.addresses import base_url

blueprint = Blueprint("passes", __name__)
REISSUES_AN_HOUR = 5  # for one booking: more losses are not plausible
STAFF_REISSUES_AN_HOUR = 20  # for one booking
#: Passes that are drawn for one booking in an hour, as a file or a picture: a large group may pass its link on.
DRAWN_AN_HOUR = 300
_HOUR = 3600


@blueprint.app_context_processor
def _for_pages() -> dict[str, object]:
    """Return what the organiser's page, which is in a room below, shows of a pass."""
    return {"pass_symbol": _symbol}


@booking_happened.connect
def _issue(booking: Booking, *, event: BookingEvent) -> None:
    """Issue a pass when the hall confirms, and when a booking moves from an online programme to one in the hall."""
    if not service.entitles(booking):
        return
    if event.before not in AGREED or (event.verb is Verb.MOVED and not queries.find_current_pass(booking.id)):
        service.issue_first(booking)


@blueprint.get("/visits/<key>/pass")
@public
def pass_page(key: str) -> ResponseReturnValue:
    """Show the pass on a phone."""
    booking = _open(key)
    if not service.entitles(booking):
        return _no_pass(booking)
    return render_template("passes/pass.html", booking=booking)


@blueprint.get("/visits/<key>/pass.pdf")
@public
def pass_pdf(key: str) -> ResponseReturnValue:
    """Show the pass on paper, in the language that was asked for, else in the booking's.

    That of a large group has a page for each of its parts, the asked one first; with `?part=1` that one alone.
    """
    booking = _open(key)
    if not service.entitles(booking):
        return _no_pass(booking)
    _count_drawing(booking)
    others = [] if request.args.get("part") else list_parts(booking)
    shown = [booking, *(part for part in others if part.id != booking.id and service.entitles(part))]
    sheets = [sheet_of(part, qr_text=_qr_text(part), language=_language(part)) for part in shown]
    return _file(pdf.render(*sheets), "application/pdf", f"inline; filename=pass-{sheets[0].reference}.pdf")


@blueprint.get("/visits/<key>/pass.png")
@public
def pass_png(key: str) -> ResponseReturnValue:
    """Show the pass as a picture for a phone, in the language that was asked for, else in the booking's."""
    booking = _open(key)
    if not service.entitles(booking):
        return _no_pass(booking)
    _count_drawing(booking)
    sheet = sheet_of(booking, qr_text=_qr_text(booking), language=_language(booking))
    return _file(picture.render(sheet), "image/png", f"inline; filename=pass-{sheet.reference}.png")


@blueprint.get("/visits/<key>/pass/reissue")
@public
def ask_reissue(key: str) -> ResponseReturnValue:
    """Explain the consequences of a new pass before one is made."""
    booking = _open(key)
    if not service.entitles(booking):
        return _no_pass(booking)
    return render_template("passes/reissue.html", booking=booking, refusal="")


@blueprint.post("/visits/<key>/pass/reissue")
@public
def reissue(key: str) -> ResponseReturnValue:
    """Replace a pass that was lost or went astray."""
    booking = _open(key)
    if not service.entitles(booking):
        return _no_pass(booking)

    def replace_pass() -> ResponseReturnValue:
        count_act(booking, Limit(what="reissue", subject=str(booking.id), most=REISSUES_AN_HOUR))
        with transaction():
            service.reissue(get_booking_by_key(key), by=ORGANISER)
        return redirect(url_for(".pass_page", key=key, renewed=1), 303)

    return attempt(
        replace_pass,
        lambda error: render_template("passes/reissue.html", booking=_open(key), refusal=translate(error)),
    )


@of_bookings.post("/bookings/<reference>/reissue", endpoint="reissue")
@allow(Permission.BOOKINGS_CHANGE)
def reissue_by_staff(reference: str) -> ResponseReturnValue:
    """Replace a lost or leaked pass of a booking; the audit trail records the person."""
    return verbs.act(reference, ReissueForm(request.form), _reissue_by_staff)


def _reissue_by_staff(booking: Booking) -> None:
    staff = get_staff()
    limits.hit("reissue by staff", str(booking.id), limit=STAFF_REISSUES_AN_HOUR, seconds=_HOUR)
    newest = service.reissue(booking, by=by_staff(staff.id))
    accounts.record(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        action="pass_reissued",
        subject=f"booking {booking.id}",
        detail={"version": newest.version},
    )


@blueprint.get("/visits/<key>/visit.ics")
@public
def visit_ics(key: str) -> ResponseReturnValue:
    """Show the visit for a calendar; of a cancelled booking, the entry that takes it off."""
    booking = _open(key)
    parts = list_parts(booking)
    entry = ics.render(*parts, language=_language(booking))
    mimetype = f"text/calendar; charset=utf-8; method={ics.method_of(*parts)}"
    return _file(entry, mimetype, "attachment; filename=visit.ics")


@blueprint.get("/t/<code>")
@blueprint.get("/T/<code>")
@public
def open_code(code: str) -> ResponseReturnValue:
    """Open the QR of a pass: staff of its hall see the desk; anyone else sees a page without details."""
    staff = find_staff()
    found = _find_pass(code, staff.hall_id) if staff and staff.role.may(Permission.DESK_ADMIT) else None
    if found:
        return redirect(url_for("desk.desk", code=codes.sign(found.token, _keys())), 303)
    return render_template("passes/code.html")


def _find_pass(code: str, hall_id: int) -> Pass | None:
    """Return the pass of this hall with a code, in force or not: the desk explains why it refuses one."""
    try:
        found = queries.find_pass_by_token(codes.token_of(code, _keys()))
    except CodeInvalid:
        return None
    return found if found and found.hall_id == hall_id else None


def _open(key: str) -> Booking:
    """Return the booking of a key, and use its hall for the page, regardless of the host. Raises NoResultFound."""
    booking = get_booking_by_key(key)
    g.hall_id = booking.hall_id
    return booking


def _count_drawing(booking: Booking) -> None:
    """Count a pass that is drawn, in this process only: a page must not write. Raises TooManyRequests."""
    limits.count_here("pass drawn", str(booking.id), most=DRAWN_AN_HOUR, seconds=_HOUR)


def _qr_text(booking: Booking) -> str:
    return _text_of(queries.get_current_pass(booking.id), booking)


def _symbol(booking: Booking) -> qr.Symbol | None:
    """Return the QR of a booking's pass, or None where there is none."""
    found = queries.find_current_pass(booking.id) if service.entitles(booking) else None
    return qr.draw(_text_of(found, booking)) if found else None


def _text_of(found: Pass, booking: Booking) -> str:
    return codes.qr_text(codes.sign(found.token, _keys()), base_url(booking.slot.programme.hall))


def _keys() -> tuple[str, ...]:
    keys: tuple[str, ...] = current_app.config["SETTINGS"].secret_keys
    return keys


def _language(booking: Booking) -> str:
    """Return the language that this reader chose; where none was chosen, the booking's, not the browser's."""
    chosen = request.args.get("lang") or request.cookies.get(languages.COOKIE)
    return chosen if chosen in i18n.installed() else booking.language


def _no_pass(booking: Booking) -> ResponseReturnValue:
    """Return why there is no pass: 410 where there will be none any more, 404 where there may be one later."""
    online = booking.slot.programme.is_online
    had_pass = organiser_view_of(booking).had_pass
    page = render_template("passes/no_pass.html", booking=booking, had_pass=had_pass, online=online)
    return page, 404 if booking.state in OPEN_STATES or (online and booking.state in AGREED) else 410


def _file(content: bytes, kind: str, disposition: str) -> Response:
    response = private(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = disposition
    return response
