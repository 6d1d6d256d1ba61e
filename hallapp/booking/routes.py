"""The booking page and the organiser's page."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.booking import change_forms, phones, queries, service, waiting
from hallapp.booking.change_forms import ChangeForm, MoveForm
from hallapp.booking.choices import Wish, offer
from hallapp.booking.forms import BookingForm
from hallapp.booking.lifecycle import ORGANISER
from hallapp.booking.models import KIND_NAMES, STATE_NAMES, Booking
from hallapp.booking.standing import standing_of
from hallapp.core import clock, limits
from hallapp.core.access import public
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web import client_network, csrf
from hallapp.divisions import get_division
from hallapp.schedule.models import Hall
from hallapp.schedule.web import get_current_hall, keep_slots_ahead

blueprint = Blueprint("booking", __name__)

#: A school or a carrier puts many organisers behind one address; a script is stopped all the same.
BOOKINGS_AN_HOUR = 120
LINKS_AN_HOUR = 5  # for one booking
_HOUR = 3600

#: What carries out each change that an organiser may ask for, by its word in addresses and forms.
_VERBS: dict[str, Callable[[Booking, Any], None]] = {
    "people": service.change_people,
    "time": service.move,
    "contact": service.change_contact,
}


@blueprint.app_context_processor
def _names() -> dict[str, object]:
    return {
        "kind_names": KIND_NAMES,
        "state_names": STATE_NAMES,
        "get_division": get_division,
        "phone_display": phones.display,
    }


@blueprint.get("/book")
@public
def book() -> ResponseReturnValue:
    """The booking page; `?programme=`, `?day=` and `?slot=` choose beforehand."""
    hall = get_current_hall()
    _tend(hall)
    chosen = {name: request.args.get(name, "") for name in ("programme", "day", "slot")}
    response = make_response(_page(hall, BookingForm(formdata=None, data=chosen)))
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
    return _visit_page(_open(key))


@blueprint.get("/visits/<key>/change")
@public
def change(key: str) -> ResponseReturnValue:
    """The page of one change: `?what=people`, `time` (with `programme=` and `day=`) or `contact`."""
    booking = _open(key)
    form_class = change_forms.FORMS.get(request.args.get("what", "")) or abort(404)
    if not standing_of(booking).may_change:
        return _visit_page(booking), 409
    return _change_page(booking, form_class.of(booking, request.args))


@blueprint.post("/visits/<key>/change")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: a stale one must lose nothing typed
@public
def submit_change(key: str) -> ResponseReturnValue:
    """Change the booking, or do what another button of the page asks."""
    booking = _open(key)
    what = request.form.get("what", "")
    form = (change_forms.FORMS.get(what) or abort(404))(request.form)
    if form.apply_change(request.form):
        return _change_page(booking, form)
    if not form.validate():
        return _change_page(booking, form), 422
    command = form.to_command()
    try:
        with transaction():
            _VERBS[what](queries.get_booking_by_key(key), command)
    except DomainError as error:
        form.refuse(error)
        return _change_page(queries.get_booking_by_key(key), form), error.status
    return redirect(url_for(".visit", key=key), 303)


@blueprint.post("/visits/<key>/take")
@public
def take(key: str) -> ResponseReturnValue:
    """Take the places that are offered to a waiting group."""
    return _do(key, service.take_offer)


@blueprint.post("/visits/<key>/cancel")
@public
def cancel(key: str) -> ResponseReturnValue:
    """Cancel the booking, or give up waiting or an offer; its places are free at once."""
    return _do(key, service.cancel)


@blueprint.get("/visits/<key>/link")
@public
def ask_link(key: str) -> ResponseReturnValue:
    """What a new private link means, before there is one."""
    return _link_page(_open(key))


@blueprint.post("/visits/<key>/link")
@public
def renew_link(key: str) -> ResponseReturnValue:
    """Replace the private link of a booking that has come into the wrong hands."""
    try:
        with transaction():
            booking = queries.get_booking_by_key(key)
            limits.hit("link", str(booking.id), limit=LINKS_AN_HOUR, seconds=_HOUR)
            service.renew_key(booking, by=ORGANISER)
            renewed = booking.key
    except DomainError as error:
        return _link_page(_open(key), refusal=error), error.status
    return redirect(url_for(".visit", key=renewed, renewed=1), 303)


def _do(key: str, verb: Callable[[Booking], None]) -> ResponseReturnValue:
    try:
        with transaction():
            verb(queries.get_booking_by_key(key))
    except DomainError as error:
        return _visit_page(_open(key), refusal=error), error.status
    return redirect(url_for(".visit", key=key), 303)


def _open(key: str) -> Booking:
    """The booking of a key, as it stands once offers whose time is over have lapsed. Raises NoResultFound."""
    booking = queries.get_booking_by_key(key)
    if _tend(booking.hall):
        booking = queries.get_booking_by_key(key)
    g.hall_id = booking.hall_id  # on a shared service the page looks like the booking's own hall
    return booking


def _tend(hall: Hall) -> bool:
    """Let the hall's slots reach as far as its policy, and its waiting lists go on: before a page says what is free.

    It costs one look where there is nothing to do. Says whether bookings may have changed.
    """
    keep_slots_ahead(hall)
    if not queries.needs_tending(hall.id, now=clock.now()):
        return False
    with transaction():
        waiting.tend(hall)
    return True


def _page(hall: Hall, form: BookingForm) -> str:
    """The booking page with all that was typed so far, and with what can be chosen now."""
    wish = Wish(
        programme=form.programme.data,
        day=form.day.data,
        slot_id=form.slot_id,
        slot_asked=bool(form.slot.data),
        people=form.people,
    )
    choices = offer(hall, wish)
    if choices.waiting:
        form.ask_to_wait()
    return render_template("booking/book.html", form=form, choices=choices, hall=hall)


def _change_page(booking: Booking, form: ChangeForm) -> Response:
    """The page of one change with all that was typed so far."""
    hall, choices = booking.hall, None
    if isinstance(form, MoveForm):
        wish = Wish(
            programme=form.programme.data,
            day=form.day.data,
            slot_id=form.slot_id,
            slot_asked=bool(form.slot.data),
            people=booking.visitors,
            may_wait=False,
        )
        choices = offer(hall, wish)
    template = f"booking/change_{form.what.data}.html"
    shown = {"booking": booking, "form": form, "hall": hall, "choices": choices, "standing": standing_of(booking)}
    return _private(render_template(template, **shown))


def _visit_page(booking: Booking, *, refusal: DomainError | None = None) -> Response:
    said = translate(refusal) if refusal else ""
    return _private(render_template("booking/visit.html", booking=booking, refusal=said, standing=standing_of(booking)))


def _link_page(booking: Booking, *, refusal: DomainError | None = None) -> Response:
    said = translate(refusal) if refusal else ""
    return _private(render_template("booking/link.html", booking=booking, refusal=said))


def _private(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-store"
    return response
