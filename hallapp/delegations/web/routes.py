"""Routes of delegations: the form of a booking, the gate's list of a day, and the levels of a hall."""

from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.models import Booking
from hallapp.booking.queries import get_booking
from hallapp.booking.reference import tidy
from hallapp.booking.signals import details_erased
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.delegations import queries, service
from hallapp.delegations.web.forms import DelegationForm, LevelsForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("delegations", __name__)
details_erased.connect(service.erase)


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    return {"delegation_of": queries.find, "list_welcomes": queries.list_welcomes}


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
    response = make_response(render_template("delegations/gate.html", hall=hall, day=day, found=found))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/admin/delegations")
@allow(Permission.SETTINGS_CHANGE)
def levels() -> ResponseReturnValue:
    """Show the levels of the hall."""
    present = "\n".join(queries.list_levels(get_staff().hall_id))
    return render_template("delegations/levels.html", form=LevelsForm(formdata=None, data={"levels": present}))


@blueprint.post("/admin/delegations")
@allow(Permission.SETTINGS_CHANGE)
def save_levels() -> ResponseReturnValue:
    """Set the levels of the hall."""
    form = LevelsForm()

    def do() -> ResponseReturnValue:
        with transaction():
            service.save_levels(get_staff().hall_id, form.levels.data or "", by=get_staff().id)
        return redirect(url_for(".levels", saved=1), 303)

    return submit_form(form, do, lambda: render_template("delegations/levels.html", form=form))


def _get(reference: str) -> Booking:
    """Return a booking of the staff's own hall. Raises NoResultFound."""
    return get_booking(get_staff().hall_id, tidy(reference))


def _page(booking: Booking, form: DelegationForm) -> str:
    found = queries.find(booking)
    form.offer(queries.list_levels(booking.hall_id), found)
    return render_template("delegations/delegation.html", booking=booking, form=form, found=found)
