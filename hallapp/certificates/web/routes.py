"""Routes of certificates: the organiser's page and PDF, the public check of a code, and the hall's setting."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.models import Booking
from hallapp.booking.names import group_name
from hallapp.booking.queries import get_booking_by_key
from hallapp.booking.signals import details_erased
from hallapp.booking.web.limiting import count_act
from hallapp.certificates import codes, pdf, queries, service
from hallapp.certificates.errors import NoCertificate
from hallapp.certificates.models import Certificate
from hallapp.certificates.web.forms import SettingForm
from hallapp.core import limits
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import translate
from hallapp.core.limits import Limit
from hallapp.core.text import visible
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import client_network, private
from hallapp.kinds.standard import INDIVIDUAL, NAMES
from hallapp.kinds.values import is_individual
from hallapp.schedule.models import Programme
from hallapp.schedule.queries import list_programmes
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("certificates", __name__)
details_erased.connect(service.erase)

#: Codes that one network checks in an hour: an office may check a pile of paper, and nobody can try all codes.
CHECKS_AN_HOUR = 200
DRAWN_AN_HOUR = 100  # for one booking


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    return {"may_have_certificate": queries.may_have, "stated_days": queries.list_stated_days}


@blueprint.get("/visits/<key>/certificate")
@public
def mine(key: str) -> ResponseReturnValue:
    """Show the organiser the certificate of the visit, or what a new one will state."""
    booking = _open(key)
    return attempt(lambda: _own_page(booking), lambda error: _own_page(booking, refusal=error))


@blueprint.post("/visits/<key>/certificate")
@public
def issue(key: str) -> ResponseReturnValue:
    """Make the certificate of a visit, or a corrected one in place of one that is no longer right."""
    booking = _open(key)

    def make() -> ResponseReturnValue:
        count_act(booking)
        with transaction():
            service.issue(get_booking_by_key(key))
        return redirect(url_for(".mine", key=key), 303)

    return attempt(make, lambda error: _own_page(_open(key), refusal=error))


@blueprint.get("/visits/<key>/certificate.pdf")
@public
def paper(key: str) -> ResponseReturnValue:
    """Show the certificate as a PDF."""
    booking = _open(key)
    found = queries.find_of_booking(booking) or abort(404)
    limits.count_by_lease(Limit(what="certificate drawn", subject=str(booking.id), most=DRAWN_AN_HOUR))
    response = private(pdf.render(pdf.sheet_of(found)))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f"inline; filename=certificate-{found.code}.pdf"
    return response


@blueprint.get("/certificates")
@public
def ask() -> ResponseReturnValue:
    """Ask for the code of a certificate, or show the result for a typed one."""
    typed = request.args.get("code", "")
    return _check(typed) if typed else _check_page("")


@blueprint.get("/c/<code>")
@blueprint.get("/C/<code>")
@public
def check(code: str) -> ResponseReturnValue:
    """Show the result for the code in the QR of a certificate."""
    return _check(code)


@blueprint.get("/admin/certificates")
@allow(Permission.SETTINGS_CHANGE)
def setting() -> ResponseReturnValue:
    """Show for which programmes the hall issues certificates."""
    hall_id = get_staff().hall_id
    return _setting_page(SettingForm.of(queries.find_setting(hall_id), queries.list_programme_ids(hall_id)))


@blueprint.post("/admin/certificates")
@allow(Permission.SETTINGS_CHANGE)
def save_setting() -> ResponseReturnValue:
    """Set for which programmes the hall issues certificates."""
    form, staff = SettingForm(), get_staff()
    form.offer(_list_programmes(staff.hall_id))

    def save() -> ResponseReturnValue:
        with transaction():
            service.save_setting(form.to_command(hall_id=staff.hall_id, by=staff.id))
        return redirect(url_for(".setting", saved=1), 303)

    return submit_form(form, save, lambda: _setting_page(form))


def _open(key: str) -> Booking:
    """Return the booking of a key, and use its hall for the page. Raises NoResultFound."""
    booking = get_booking_by_key(key)
    g.hall_id = booking.hall_id
    return booking


def _own_page(booking: Booking, *, refusal: DomainError | None = None) -> Response:
    found = queries.find_of_booking(booking)
    may_have = queries.may_have(booking)
    if refusal is None and found is None and not may_have:
        raise NoCertificate
    html = render_template(
        "certificates/mine.html",
        booking=booking,
        certificate=found,
        is_right=found is not None and queries.is_valid(found) and queries.is_current(found),
        may_have=may_have,
        people=queries.count_people(booking),
        grouped=codes.grouped,
        refusal=translate(refusal) if refusal else "",
    )
    return private(html)


def _check(typed: str) -> ResponseReturnValue:
    def show() -> ResponseReturnValue:
        limits.count_by_lease(Limit(what="certificate checked", subject=client_network(), most=CHECKS_AN_HOUR))
        found = queries.find_by_code(codes.read(typed))
        if found is not None:
            g.hall_id = found.hall_id
        return _check_page(typed, found=found, unknown=found is None), 200 if found else 404

    return attempt(show, lambda error: _check_page(typed, refusal=translate(error)))


def _check_page(
    typed: str, *, found: Certificate | None = None, unknown: bool = False, refusal: str | None = None
) -> str:
    is_person = found is not None and is_individual(found.kind)
    return render_template(
        "certificates/check.html",
        group=_(NAMES[INDIVIDUAL]) if is_person else found and group_name(found),
        is_person=is_person,
        typed=visible(typed).encode("utf-8", "replace").decode(),
        certificate=found,
        is_valid=found is not None and queries.is_valid(found),
        unknown=unknown,
        refusal=refusal,
        grouped=codes.grouped,
    )


def _setting_page(form: SettingForm) -> str:
    hall = get_current_hall()
    return render_template("certificates/setting.html", form=form.offer(_list_programmes(hall.id)))


def _list_programmes(hall_id: int) -> list[Programme]:
    """Return the programmes that can have certificates: nobody arrives for an online one."""
    return [one for one in list_programmes(hall_id) if not one.is_online]
