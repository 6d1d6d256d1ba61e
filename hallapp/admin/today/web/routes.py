"""The page of today, on which managers begin."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import may
from hallapp.admin.today import overview
from hallapp.booking.managing.web.blueprint import advance_waiting_list
from hallapp.core import clock
from hallapp.core.web.access import allow
from hallapp.core.web.responses import private
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("today", __name__)


@blueprint.get("/today")
@allow(Permission.DESK_ADMIT)
def index() -> ResponseReturnValue:
    """Show the day: its groups, what waits for the reader, and tomorrow."""
    advance_waiting_list()
    hall = get_current_hall()
    page = render_template("admin/today/index.html", hall=hall, now=clock.now(), today=overview.look(hall, may))
    return private(page)
