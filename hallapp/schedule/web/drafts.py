"""The public pages of a hall that is not published yet: its staff see them with a mark, and strangers do not.

A public page is closed unless its view is marked with `open_in_draft` or its address holds a key: so a page that is
added later is closed by itself, and the group of an existing booking can always open its own page.
"""

from flask import Flask, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from hallapp.accounts.web.session import find_person, is_staff_here
from hallapp.core.i18n import gettext as _
from hallapp.core.web.access import PUBLIC, access_of, is_for_keys, is_open_in_draft
from hallapp.core.web.responses import KEY_PATHS, error_answer, wants_json
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import find_public_hall


def init_app(app: Flask) -> None:
    """Close the public pages of drafts; the gate of the staff pages comes first."""
    app.before_request(_close)
    app.jinja_env.globals.update(is_hidden=is_hidden)


def is_hidden(hall: Hall | None) -> bool:
    """Return whether the details of a hall are to be left out of this page: it is a draft, and a stranger looks."""
    return hall is not None and hall.draft and not _is_of_staff(hall.id) and not request.path.startswith(KEY_PATHS)


def _close() -> ResponseReturnValue | None:
    if request.endpoint is None or request.path.startswith(KEY_PATHS):
        return None
    view = current_app.view_functions[request.endpoint]
    if access_of(view) != PUBLIC or is_open_in_draft(view) or is_for_keys(view):
        return None
    hall = find_public_hall()
    if hall is None or not hall.draft or _is_of_staff(hall.id):
        return None
    return _not_open()


def _is_of_staff(hall_id: int) -> bool:
    person = find_person() if is_staff_here() else None
    return person is not None and person.hall_id == hall_id


def _not_open() -> ResponseReturnValue:
    """Answer 404, as nothing is there for strangers yet: programs and search engines then keep nothing of the page."""
    title, message = _("Not open yet"), _("This hall is preparing its opening. Please come back later.")
    if wants_json():
        return error_answer(404, "hall_not_open", title, message)
    response = make_response(render_template("schedule/not_open.html", title=title, message=message), 404)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
