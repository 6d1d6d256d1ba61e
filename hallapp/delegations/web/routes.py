"""Routes of delegations: the form of a booking, the gate's list of a day, and the levels of a hall."""

from datetime import date

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.models import Booking
from hallapp.booking.queries import get_booking, get_booking_by_key
from hallapp.booking.reference import tidy
from hallapp.booking.signals import details_erased
from hallapp.booking.web.limiting import count_act
from hallapp.core.database import transaction
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import private
from hallapp.delegations import queries, service
from hallapp.delegations.web.forms import DelegationForm, LevelsForm, OrganiserForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("delegations", __name__)
details_erased.connect(service.erase)


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    return {
        "delegation_of": queries.find,
        "list_welcomes": queries.list_welcomes,
        "may_name_delegation": queries.may_name,
    }


@blueprint.get("/bookings/<reference>/delegation")
@allow(Permission.BOOKINGS_CHANGE)
def delegation(reference: str) -> ResponseReturnValue:
    """Show what a booking has as a delegation, or the form that makes it one."""
    booking = _get(reference)
    return _page(booking, DelegationForm(formdata=None, obj=queries.find(booking)))


@blueprint.post("/bookings/<reference>/delegation")
@allow(Permission.BOOKINGS_CHANGE)
def save(reference: str) -> ResponseReturnValue:
    """Make a booking a delegation, or change what it has as one."""
    form = DelegationForm()
    booking = _get(reference)
    form.offer(queries.list_levels(booking.hall_id), queries.find(booking))

    def do() -> ResponseReturnValue:
        with transaction():
            service.save(_get(reference), form.to_data(), by=get_staff().id)
        return redirect(url_for("bookings.booking", reference=tidy(reference)), 303)

    return submit_form(form, do, lambda: _page(_get(reference), form))


@blueprint.post("/bookings/<reference>/delegation/delete")
@allow(Permission.BOOKINGS_CHANGE)
def remove(reference: str) -> ResponseReturnValue:
    """Make a delegation an ordinary booking."""
    with transaction():
        service.remove(_get(reference), by=get_staff().id)
    return redirect(url_for("bookings.booking", reference=tidy(reference)), 303)


@blueprint.get("/visits/<key>/delegation")
@public
def mine(key: str) -> ResponseReturnValue:
    """Show the organiser's form about their delegation."""
    booking = _open(key)
    found = queries.find(booking)
    form = OrganiserForm(formdata=None, obj=found)
    form.welcome_agreed.data = bool(found and found.welcome)
    return _mine_page(booking, form)


@blueprint.post("/visits/<key>/delegation")
@public
def name(key: str) -> ResponseReturnValue:
    """Store what the organiser says about their delegation."""
    form, booking = OrganiserForm(), _open(key)

    def do() -> ResponseReturnValue:
        count_act(booking)
        with transaction():
            service.name(get_booking_by_key(key), form.to_data())
        return redirect(url_for(".mine", key=key, saved=1), 303)

    return submit_form(form, do, lambda: _mine_page(_open(key), form))


@blueprint.get("/gate")
@allow(Permission.GATE_READ)
def gate() -> ResponseReturnValue:
    """Show the delegations of a day for the gate, to be printed; `?day=` chooses another day than today."""
    hall = get_current_hall()
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = hall.today()
    found = queries.list_gate(hall.id, day)
    return private(render_template("delegations/gate.html", hall=hall, day=day, found=found))


@blueprint.get("/admin/delegations")
@allow(Permission.SETTINGS_CHANGE)
def levels() -> ResponseReturnValue:
    """Show the levels of the hall."""
    hall_id = get_staff().hall_id
    present = {"levels": "\n".join(queries.list_levels(hall_id)), "asked": queries.is_asked(hall_id)}
    return render_template("delegations/levels.html", form=LevelsForm(formdata=None, data=present))


@blueprint.post("/admin/delegations")
@allow(Permission.SETTINGS_CHANGE)
def save_levels() -> ResponseReturnValue:
    """Set the levels of the hall."""
    form = LevelsForm()

    def do() -> ResponseReturnValue:
        with transaction():
            levels, staff = form.levels.data or "", get_staff()
            service.save_levels(staff.hall_id, levels, asked=form.asked.data, by=staff.id)
        return redirect(url_for(".levels", saved=1), 303)

    return submit_form(form, do, lambda: render_template("delegations/levels.html", form=form))


def _get(reference: str) -> Booking:
    """Return a booking of the staff's own hall. Raises NoResultFound."""
    return get_booking(get_staff().hall_id, tidy(reference))


def _open(key: str) -> Booking:
    """Return the booking of a key, where its organiser may name a delegation or has. Raises NoResultFound; or 404."""
    booking = get_booking_by_key(key)
    g.hall_id = booking.hall_id
    if not (queries.may_name(booking) or queries.find(booking)):
        abort(404)
    return booking


def _mine_page(booking: Booking, form: OrganiserForm) -> Response:
    found = queries.find(booking)
    return private(render_template("delegations/mine.html", booking=booking, form=form, found=found))


def _page(booking: Booking, form: DelegationForm) -> str:
    found = queries.find(booking)
    form.offer(queries.list_levels(booking.hall_id), found)
    return render_template("delegations/delegation.html", booking=booking, form=form, found=found)
