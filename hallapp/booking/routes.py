"""The booking page and the organiser's page."""

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.booking import mails, phones, queries, service
from hallapp.booking.choices import Wish, offer
from hallapp.booking.errors import VisitStarted
from hallapp.booking.forms import BookingForm
from hallapp.booking.models import KIND_NAMES, Booking
from hallapp.booking.signals import booking_happened
from hallapp.core import clock, limits
from hallapp.core.access import public
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.web import client_network, csrf
from hallapp.divisions import get_division
from hallapp.schedule.models import Hall
from hallapp.schedule.web import get_current_hall

blueprint = Blueprint("booking", __name__)
booking_happened.connect(mails.tell)

#: A school or a carrier puts many organisers behind one address; a script is stopped all the same.
BOOKINGS_AN_HOUR = 120
_HOUR = 3600


@blueprint.app_context_processor
def _names() -> dict[str, object]:
    return {"kind_names": KIND_NAMES, "get_division": get_division, "phone_display": phones.display}


@blueprint.get("/book")
@public
def book() -> ResponseReturnValue:
    """The booking page; `?programme=`, `?day=` and `?slot=` choose beforehand."""
    chosen = {name: request.args.get(name, "") for name in ("programme", "day", "slot")}
    response = make_response(_page(get_current_hall(), BookingForm(formdata=None, data=chosen)))
    # Not `no-store` as elsewhere: a visitor who looks at another page and comes back finds what they typed.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.post("/book")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: a stale one must lose nothing typed
@public
def submit() -> ResponseReturnValue:
    """Place the booking, or do what another button of the page asks."""
    hall = get_current_hall()
    form = BookingForm(request.form)
    if form.apply_change(request.form):
        return _page(hall, form)
    if not form.validate():
        return _page(hall, form), 422
    command = form.to_command(hall_id=hall.id)
    try:
        with transaction():
            limits.hit("book", client_network(), limit=BOOKINGS_AN_HOUR, seconds=_HOUR)
            booking = service.place(command)
    except DomainError as error:
        form.refuse(error)
        return _page(hall, form), error.status
    return redirect(url_for(".visit", key=booking.key), 303)


@blueprint.get("/visits/<key>")
@public
def visit(key: str) -> ResponseReturnValue:
    """The organiser's page of a booking."""
    return _visit_page(queries.get_booking_by_key(key))


@blueprint.post("/visits/<key>/cancel")
@public
def cancel(key: str) -> ResponseReturnValue:
    """Cancel the booking; its places are free at once."""
    try:
        with transaction():
            service.cancel(queries.get_booking_by_key(key))
    except VisitStarted as error:
        return _visit_page(queries.get_booking_by_key(key), refusal=error), error.status
    return redirect(url_for(".visit", key=key), 303)


def _page(hall: Hall, form: BookingForm) -> str:
    """The booking page with all that was typed so far, and with what can be chosen now."""
    wish = Wish(
        programme=form.programme.data,
        day=form.day.data,
        slot_id=form.slot_id,
        slot_asked=bool(form.slot.data),
        people=form.people,
    )
    return render_template("booking/book.html", form=form, choices=offer(hall, wish), hall=hall)


def _visit_page(booking: Booking, *, refusal: VisitStarted | None = None) -> Response:
    g.hall_id = booking.hall_id  # on a shared service the page looks like the booking's own hall
    started = booking.slot.starts_at <= clock.now()
    page = make_response(render_template("booking/visit.html", booking=booking, refusal=refusal, started=started))
    page.headers["Cache-Control"] = "private, no-store"
    return page
