"""The page of a host: the talks to come, the note of each, and what became of it."""

from collections.abc import Callable

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import find_staff, get_staff
from hallapp.booking import phones
from hallapp.booking.models import TOUR_LANGUAGE_NAMES
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import language, translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.web.current_hall import get_current_hall, get_facts_version
from hallapp.talks import queries, service
from hallapp.talks.models import MODE_NAMES, TALK_STATE_NAMES, Talk, TalkHost
from hallapp.talks.web.forms import CancelForm, NoteForm
from hallapp.talks.web.guest import calendar_entry

blueprint = Blueprint("my_talks", __name__)


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    return {"is_talk_host": _is_host}


def _is_host() -> bool:
    staff = find_staff()
    return staff is not None and queries.is_host(staff.hall_id, staff.id, version=get_facts_version())


@blueprint.get("/my-talks")
@allow(Permission.OWN_GROUPS)
def index() -> ResponseReturnValue:
    """Show the signed-in host's talks from today on, and earlier ones whose outcome is not recorded."""
    return _page()


@blueprint.get("/my-talks/<number>/talk.ics")
@allow(Permission.OWN_GROUPS)
def entry(number: str) -> ResponseReturnValue:
    """Show a talk as a calendar entry."""
    return calendar_entry(_get(number), language())


@blueprint.post("/my-talks/<number>/note")
@allow(Permission.OWN_GROUPS)
def note(number: str) -> ResponseReturnValue:
    """Store the note that host and guest share."""
    form = NoteForm()
    _get(number)
    return submit_form(
        form,
        lambda: _act(number, lambda talk: service.write_note(talk, form.note.data or "")),
        lambda: _page(refused=get_number(number), message=" ".join(form.note.errors), typed=form.note.data or ""),
    )


@blueprint.post("/my-talks/<number>/held")
@allow(Permission.OWN_GROUPS)
def held(number: str) -> ResponseReturnValue:
    """Record that a talk took place."""
    staff = get_staff()
    return _do(number, lambda talk: service.record_held(talk, staff_id=staff.id))


@blueprint.post("/my-talks/<number>/missed")
@allow(Permission.OWN_GROUPS)
def missed(number: str) -> ResponseReturnValue:
    """Record that the guest did not come or answer."""
    staff = get_staff()
    return _do(number, lambda talk: service.record_missed(talk, staff_id=staff.id))


@blueprint.post("/my-talks/<number>/cancel")
@allow(Permission.OWN_GROUPS)
def cancel(number: str) -> ResponseReturnValue:
    """Cancel a talk that the host cannot hold; the guest gets the reason."""
    form = CancelForm()
    _get(number)
    return submit_form(
        form,
        lambda: _act(number, lambda talk: service.cancel(talk, reason=form.reason.data or "", by_host=True)),
        lambda: _page(refused=get_number(number), message=" ".join(form.reason.errors)),
    )


def _do(number: str, verb: Callable[[Talk], None]) -> ResponseReturnValue:
    _get(number)

    def refused(error: DomainError) -> Response:
        return _page(refused=get_number(number), message=translate(error))

    return attempt(lambda: _act(number, verb), refused)


def _act(number: str, verb: Callable[[Talk], None]) -> ResponseReturnValue:
    with transaction():
        verb(_get(number))
    return redirect(url_for(".index", _anchor=f"talk-{get_number(number)}"), 303)


def _host() -> TalkHost | None:
    staff = get_staff()
    return queries.find_host_of_staff(staff.hall_id, staff.id)


def _get(number: str) -> Talk:
    """Return a talk of the signed-in host; 404 for anyone else's."""
    host = _host() or abort(404)
    return queries.get_talk_of_host(host.hall_id, host.number, get_number(number))


def _page(*, refused: int | None = None, message: str = "", typed: str | None = None) -> Response:
    hall, host = get_current_hall(), _host()
    html = render_template(
        "talks/mine.html",
        hall=hall,
        host=host,
        talks=queries.list_talks_of_host(host, first=hall.today()) if host else [],
        now=clock.now(),
        state_names=TALK_STATE_NAMES,
        mode_names=MODE_NAMES,
        language_names=TOUR_LANGUAGE_NAMES,
        phone_display=phones.display,
        refused=refused,
        message=message,
        typed=typed,
    )
    response = make_response(html)
    response.headers["Cache-Control"] = "private, no-store"
    return response
