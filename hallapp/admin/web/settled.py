"""After a change of the hall's days: which groups were moved or cancelled, and whom to phone."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.admin import settled
from hallapp.booking.models import Verb
from hallapp.core.web.access import allow
from hallapp.core.web.responses import private
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("settled", __name__)


@blueprint.get("/admin/calendar/settled/<first>/<last>")
@allow(Permission.CALENDAR_CHANGE)
def index(first: str, last: str) -> ResponseReturnValue:
    """Show the bookings of one settlement, by the numbers of its first and last event."""
    hall = get_current_hall()
    rows = settled.list_settled(hall.id, get_number(first), get_number(last)) or abort(404)
    return private(render_template("admin/settled.html", hall=hall, rows=rows, Verb=Verb))
