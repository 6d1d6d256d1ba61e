"""Routes for badges: choose a sheet, preview and print it; admit people one by one; and open a badge's QR."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue, ResponseValue
from flask.wrappers import Response
from reportlab.lib.units import mm

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import SignedIn, find_staff, get_staff
from hallapp.badges import codes, known, pdf, service
from hallapp.badges.categories import describe_person, find_categories
from hallapp.badges.layout import Layout
from hallapp.badges.service import Admitted
from hallapp.badges.setting import Card, draw
from hallapp.badges.web.forms import LayoutForm
from hallapp.booking import queries as bookings
from hallapp.booking.models import Booking
from hallapp.booking.names import group_name
from hallapp.booking.reference import tidy
from hallapp.categories.queries import list_families
from hallapp.core import formats
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, translate
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import attempt
from hallapp.core.web.responses import private, wants_json
from hallapp.desk.errors import Refusal
from hallapp.desk.web import answers, batch
from hallapp.desk.web import forms as desk_forms
from hallapp.desk.web.batch import Batch
from hallapp.desk.web.forms import Fields
from hallapp.namelist import queries as namelist
from hallapp.namelist.models import Person
from hallapp.passes import service as passes
from hallapp.schedule.addresses import base_url
from hallapp.schedule.web.current_hall import get_current_hall

__all__ = ["blueprint", "known"]

blueprint = Blueprint("badges", __name__)


@blueprint.get("/b/<code>")
@blueprint.get("/B/<code>")
@public
def open_badge(code: str) -> ResponseReturnValue:
    """Open a badge's QR: staff see its person, ready to admit; anyone else sees a page without details."""
    staff = find_staff()
    if staff and staff.role.may(Permission.DESK_ADMIT):
        return redirect(url_for(".scan", code=code[: desk_forms.CODE_LENGTH]), 303)
    return render_template("badges/code.html")


@blueprint.get("/desk/badges")
@allow(Permission.DESK_ADMIT)
def scan() -> ResponseReturnValue:
    """Show the page where badges are scanned one after another; with `code` it shows that badge's person."""
    code = desk_forms.text_of(request.args, "code")

    def show() -> ResponseReturnValue:
        shown = service.show(get_staff().hall_id, code, keys=_keys()) if code else None
        return _scan_page(shown=shown, code=code)

    return attempt(show, _scan_refused)


@blueprint.post("/desk/badges")
@allow(Permission.DESK_ADMIT)
def admit() -> ResponseReturnValue:
    """Admit the one person of a badge; it answers as the desk does for a group."""
    fields = _fields()

    def admit_person() -> ResponseReturnValue:
        with transaction():
            admitted = service.admit_badge(desk_forms.to_admit(fields, get_staff()), keys=_keys())
        return jsonify(_json(admitted)) if wants_json() else _scan_page(admitted=admitted)

    return attempt(admit_person, _scan_refused)


@batch.takes("badge")
def admit_of_batch(event: Fields, sent: Batch, staff: SignedIn) -> dict[str, Any]:
    """Admit the person of a badge that a device scanned offline."""
    command = batch.timed(desk_forms.to_admit(event, staff), event, sent)
    return _json(service.admit_badge(command, keys=_keys()))


def _json(admitted: Admitted) -> dict[str, Any]:
    return {**answers.done_json(admitted.done), "person": admitted.name}


@blueprint.get("/bookings/<reference>/badges")
@allow(Permission.DESK_ADMIT)
def badges(reference: str) -> ResponseReturnValue:
    """Choose how the badges of a group are printed."""
    name, layout = service.layout_of(get_staff().hall_id)
    return _page(_get(reference), LayoutForm.of(name, layout), layout)


@blueprint.post("/bookings/<reference>/badges")
@allow(Permission.DESK_ADMIT)
def print_badges(reference: str) -> ResponseReturnValue:
    """Send the badges as a PDF; or, on request, show the page again with a preview of this layout."""
    booking, form = _get(reference), LayoutForm(request.form)
    if not form.validate():
        return _page(booking, form, None, status=422)
    layout = form.to_layout()
    if request.form.get("act") == "preview":
        return _page(booking, form, layout)
    staff = get_staff()

    def make() -> ResponseReturnValue:
        with transaction():
            booking = _get(reference)
            made = service.make(booking, by=staff.id, renew=form.renew.data)
            service.remember(staff.hall_id, form.sheet.data, layout)
            wanted = [(person, badge.token) for person, badge in made]
        return _pdf(booking, _cards(booking, wanted, with_categories=form.categories.data), layout)

    return attempt(make, lambda error: _page(_get(reference), form, layout, refusal=translate(error)))


def _fields() -> Fields:
    """Return the fields of an admission; a text forwarded from the desk's input has the code as `q`, and no id yet."""
    fields = desk_forms.fields_of(request)
    if "q" in fields and "code" not in fields:
        return {**fields, "code": fields["q"], "event_id": fields.get("event_id") or str(uuid4())}
    return fields


def _pdf(booking: Booking, cards: Sequence[Card], layout: Layout) -> ResponseReturnValue:
    hall, reader = booking.slot.programme.hall, language()
    shown = formats.reference(booking.reference)
    document = pdf.Document(
        title=f"{_('Badges')} {shown}", author=hall.text("name", reader), language=reader, accent=hall.accent
    )
    response = private(pdf.render(cards, layout, document))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f"attachment; filename=badges-{shown}.pdf"
    return response


def _cards(booking: Booking, wanted: Sequence[tuple[Person, str]], *, with_categories: bool) -> list[Card]:
    """Return the content of each badge, for people with their tokens; a preview has an empty token."""
    slot, reader = booking.slot, language()
    hall = slot.programme.hall
    shared: dict[str, Any] = {
        "day": formats.when(slot.starts_at, slot.ends_at, hall.time_zone, reader, year=True),
        "hall": hall.text("name", reader),
        "notice": _("Demonstration: made-up visitors and bookings") if hall.demonstration else "",
    }
    keys, address, group = _keys(), base_url(hall), group_name(booking)
    families = list_families(hall.id) if with_categories else ()
    return [
        Card(
            name=person.name,
            organisation=" · ".join(filter(None, (group, describe_person(person, families, reader)))),
            qr_text=codes.qr_text(token, keys, address) if token else "",
            **shared,
        )
        for person, token in wanted
    ]


def _page(
    booking: Booking, form: LayoutForm, layout: Layout | None, *, refusal: str = "", status: int = 200
) -> Response:
    people = namelist.list_people(booking.id)
    families = list_families(booking.hall_id)
    shown = [(person, "") for person in people[: layout.per_page]] if layout else []
    cards = _cards(booking, shown, with_categories=form.categories.data)
    page = render_template(
        "badges/badges.html",
        booking=booking,
        form=form,
        refusal=refusal,
        people=people,
        names_categories=any(find_categories(person, families) for person in people),
        agreed=passes.entitles(booking),
        layout=layout,
        preview=_preview(cards, layout) if layout else [],
        mm=mm,
    )
    return private(page, status)


def _preview(cards: Sequence[Card], layout: Layout) -> list[dict[str, Any]]:
    """Return the badges of the first page with their places, in points."""
    width, height = (edge * mm for edge in layout.sheet.badge)
    return [
        {"x": x * mm, "y": y * mm, "width": width, "height": height, "drawn": draw(card, width=width, height=height)}
        for card, (x, y) in zip(cards, layout.places(), strict=False)
    ]


def _scan_refused(error: DomainError) -> ResponseValue:
    """Return a refusal as the desk shows it; one that is not about a group is left to the page of errors."""
    if not isinstance(error, Refusal):
        raise error
    return jsonify(answers.refusal_json(error, get_current_hall())) if wants_json() else _scan_page(refusal=error)


def _scan_page(
    *,
    shown: service.Shown | None = None,
    code: str = "",
    admitted: Admitted | None = None,
    refusal: Refusal | None = None,
) -> Response:
    hall = get_current_hall()
    page = render_template(
        "badges/scan.html",
        hall=hall,
        shown=shown,
        code=code,
        admitted=admitted,
        refusal=refusal,
        refusal_words=answers.words(refusal, hall) if refusal else "",
        event_id=str(uuid4()),
    )
    return private(page)


def _get(reference: str) -> Booking:
    """Return a booking of the staff's own hall. Raises NoResultFound."""
    return bookings.get_booking(get_staff().hall_id, tidy(reference))


def _keys() -> tuple[str, ...]:
    keys: tuple[str, ...] = current_app.config["SETTINGS"].secret_keys
    return keys
