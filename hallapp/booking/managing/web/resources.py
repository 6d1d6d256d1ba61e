"""The manager's pages of the resources: define, change, retire; with a question where bookings have too many."""

import re
from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import queries, reducing
from hallapp.booking.errors import ResourceHeld
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking
from hallapp.core.database import transaction
from hallapp.core.text import plain
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.resources.queries import list_resources
from hallapp.resources.values import ResourceFacts
from hallapp.resources.web.forms import ResourceForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("resources", __name__)
_KEEPS = re.compile(r"keeps-([0-9]{1,9})")
_NUMBER = re.compile(r"[0-9]{1,5}")


@blueprint.get("/admin/resources")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show all resources of the hall."""
    hall = get_current_hall()
    return render_template("resources/index.html", resources=list_resources(hall.id), hall=hall)


@blueprint.route("/admin/resources/new", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def add() -> ResponseReturnValue:
    """Define a resource."""
    return _edit(None)


@blueprint.route("/admin/resources/<number>", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def resource(number: str) -> ResponseReturnValue:
    """Change a resource, or retire it."""
    known = {one.number: one for one in list_resources(get_staff().hall_id)}
    return _edit(known.get(get_number(number)) or abort(404))


def _edit(found: ResourceFacts | None) -> ResponseReturnValue:
    if request.method == "GET":
        return _page(ResourceForm.of(found), found)
    form, staff = ResourceForm(request.form).offer(get_current_hall().programmes), get_staff()
    command_of = form.to_command

    def save() -> ResponseReturnValue:
        command = command_of(hall_id=staff.hall_id, staff_id=staff.id, number=found.number if found else None)
        with transaction():
            reducing.save(command, decisions=_decisions(), by=by_staff(staff.id))
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save, lambda: _page(form, found))


def _decisions() -> dict[int, int]:
    """Return how many each booking keeps, by its id; what is no number is no decision."""
    typed = ((_KEEPS.fullmatch(name), plain(text)) for name, text in request.form.items())
    return {int(found[1]): int(text) for found, text in typed if found and _NUMBER.fullmatch(text)}


def _page(form: ResourceForm, found: ResourceFacts | None) -> str:
    hall = get_current_hall()
    form.offer(hall.programmes)
    held: Sequence[Booking] = ()
    if isinstance(form.refusal, ResourceHeld):
        held = queries.list_by_id(hall.id, form.refusal.found)
    return render_template("resources/edit.html", form=form, resource=found, held=held, hall=hall)
