"""The page of a host: the talks to come, the note of each, and what became of it."""

from flask import Blueprint, abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import find_staff, get_staff
from hallapp.core import limits
from hallapp.core.database import transaction
from hallapp.core.i18n import language
from hallapp.core.limits import Limit
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import client_network, private
from hallapp.core.web.rownumbers import get_number
from hallapp.guides.web.calendar_feeds import LIMIT_PER_NETWORK, send_calendar
from hallapp.schedule.addresses import base_url
from hallapp.schedule.queries import get_hall
from hallapp.schedule.web.current_hall import get_current_hall, get_facts_version
from hallapp.talks import feeds, queries, service
from hallapp.talks.models import Talk, TalkHost
from hallapp.talks.web import acts
from hallapp.talks.web.forms import CancelForm, NoteForm
from hallapp.talks.web.guest import calendar_entry

blueprint = Blueprint("my_talks", __name__)

EARLIER_DAYS = 30


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

    def write(talk: Talk) -> None:
        service.write_note(talk, form.note.data or "", seen=form.seen.data or "")

    return submit_form(
        form,
        lambda: acts.act(number, write, get=_get),
        lambda: _page(refused=get_number(number), message=" ".join(form.note.errors), typed=form.note.data or ""),
    )


@blueprint.post("/my-talks/<number>/held")
@allow(Permission.OWN_GROUPS)
def held(number: str) -> ResponseReturnValue:
    """Record that a talk took place."""
    staff = get_staff()
    return acts.perform(number, lambda talk: service.record_held(talk, staff_id=staff.id), get=_get, page=_page)


@blueprint.post("/my-talks/<number>/missed")
@allow(Permission.OWN_GROUPS)
def missed(number: str) -> ResponseReturnValue:
    """Record that the guest did not come or answer."""
    staff = get_staff()
    return acts.perform(number, lambda talk: service.record_missed(talk, staff_id=staff.id), get=_get, page=_page)


@blueprint.post("/my-talks/<number>/cancel")
@allow(Permission.OWN_GROUPS)
def cancel(number: str) -> ResponseReturnValue:
    """Cancel a talk that the host cannot hold; the guest gets the reason."""
    return acts.cancel(number, service.By.HOST, get=_get, page=_page)


@blueprint.get("/talk-calendars/<number>/<token>.ics")
@public
def feed(number: str, token: str) -> ResponseReturnValue:
    """Send a host's calendar to the program that knows its address."""
    limits.count(Limit(what="calendar feed", subject=client_network(), most=LIMIT_PER_NETWORK))
    g.hall_id = get_number(number)
    host = feeds.find_host(g.hall_id, token) or abort(404)
    return send_calendar(feeds.render(get_hall(g.hall_id), host), "talks.ics")


@blueprint.post("/my-talks/calendar")
@allow(Permission.OWN_GROUPS)
def make_calendar() -> ResponseReturnValue:
    """Make a new address of the signed-in host's calendar, and show it this once."""
    hall = get_current_hall()
    hall_id, site = hall.id, base_url(hall)
    with transaction():
        token = feeds.renew(_host() or abort(404), by=get_staff().id)
    address = site + url_for(".feed", number=hall_id, token=token)
    return private(render_template("talks/calendar_link.html", address=address))


@blueprint.post("/my-talks/calendar/withdraw")
@allow(Permission.OWN_GROUPS)
def withdraw_calendar() -> ResponseReturnValue:
    """End the calendar of the signed-in host."""
    with transaction():
        feeds.withdraw(_host() or abort(404), by=get_staff().id)
    return redirect(url_for(".index"), 303)


def _host() -> TalkHost | None:
    staff = get_staff()
    return queries.find_host_of_staff(staff.hall_id, staff.id)


def _get(number: str) -> Talk:
    """Return a talk of the signed-in host; 404 for anyone else's."""
    host = _host() or abort(404)
    return queries.get_talk_of_host(host.hall_id, host.number, get_number(number))


def _page(
    *,
    refused: int | None = None,
    message: str = "",
    typed: str | None = None,
    cancel_form: CancelForm | None = None,
) -> Response:
    hall, host = get_current_hall(), _host()
    talks = queries.list_talks_of_host(host, first=hall.today()) if host else []
    earlier = queries.list_earlier_of_host(host, before=hall.today(), days=EARLIER_DAYS) if host else []
    return acts.render(
        "talks/mine.html",
        hall,
        shown=(*talks, *earlier),
        host=host,
        talks=talks,
        earlier=earlier,
        refused=refused,
        message=message,
        typed=typed,
        cancel_form=cancel_form,
    )
