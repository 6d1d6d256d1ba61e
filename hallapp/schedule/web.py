"""Which hall a request is for: the staff's own, or the one that the host name belongs to."""

from flask import Flask, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hallapp.core.web import error_answer
from hallapp.schedule import queries
from hallapp.schedule.models import Hall


def init_app(app: Flask) -> None:
    """Let templates ask for the hall."""
    app.jinja_env.globals.update(current_hall=find_current_hall)


def get_current_hall() -> Hall:
    """The hall of this request; aborts with a page that says what to do where none has been set up yet."""
    hall = find_current_hall()
    if hall is None:
        abort(current_app.make_response(_no_hall()))
    return hall


def find_current_hall() -> Hall | None:
    """The hall of this request, or None where none has been set up yet."""
    if "hall_id" in g:
        return queries.get_hall(g.hall_id)
    hall = queries.find_hall_of_host(request.host)
    if hall is not None:
        g.hall_id = hall.id  # the page's frame asks again: the session then answers without the database
    return hall


def base_url(hall: Hall) -> str:
    """Where visitors reach this hall, without a trailing slash: its own host, or the deployment's address."""
    settings = current_app.config["SETTINGS"]
    if hall.host:
        return f"{'https' if settings.secure else 'http'}://{hall.host}"
    return str(settings.base_url)


def _no_hall() -> ResponseReturnValue:
    message = _("No hall has been set up here yet. An administrator can do it with the command “hall setup”.")
    return error_answer(503, "no_hall", _("Nearly ready"), message)
