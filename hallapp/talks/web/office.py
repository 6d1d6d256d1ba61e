"""The staff's page about the talks of all hosts: who comes when, and what became of it, without the private notes."""

from collections.abc import Callable

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import phones
from hallapp.booking.models import TOUR_LANGUAGE_NAMES
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.talks import queries, service
from hallapp.talks.models import MODE_NAMES, TALK_STATE_NAMES, Talk
from hallapp.talks.web.forms import CancelForm

blueprint = Blueprint("hall_talks", __name__)


@blueprint.get("/bookings/talks")
@allow(Permission.BOOKINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the talks of all hosts from today on, and earlier ones whose result is not recorded."""
    return _page()


@blueprint.post("/bookings/talks/<number>/held")
@allow(Permission.BOOKINGS_CHANGE)
def held(number: str) -> ResponseReturnValue:
    """Record that a talk took place."""
    staff_id = get_staff().id
    return _do(number, lambda talk: service.record_held(talk, staff_id=staff_id))


@blueprint.post("/bookings/talks/<number>/missed")
@allow(Permission.BOOKINGS_CHANGE)
def missed(number: str) -> ResponseReturnValue:
    """Record that the guest did not come or answer."""
    staff_id = get_staff().id
    return _do(number, lambda talk: service.record_missed(talk, staff_id=staff_id))


@blueprint.post("/bookings/talks/<number>/cancel")
@allow(Permission.BOOKINGS_CHANGE)
def cancel(number: str) -> ResponseReturnValue:
    """Cancel a talk for its host; the guest gets the reason, and the host is told."""
    form = CancelForm()
    _get(number)
    return submit_form(
        form,
        lambda: _act(number, lambda talk: service.cancel(talk, reason=form.reason.data or "", by=service.By.HALL)),
        lambda: _page(refused=get_number(number), message=" ".join(form.reason.errors), cancel_form=form),
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


def _get(number: str) -> Talk:
    return queries.get_talk(get_staff().hall_id, get_number(number))


def _page(*, refused: int | None = None, message: str = "", cancel_form: CancelForm | None = None) -> Response:
    hall = get_current_hall()
    talks = queries.list_talks(hall.id, first=hall.today())
    html = render_template(
        "talks/all.html",
        hall=hall,
        talks=talks,
        listed={talk.number for talk in talks},
        now=clock.now(),
        state_names=TALK_STATE_NAMES,
        mode_names=MODE_NAMES,
        language_names=TOUR_LANGUAGE_NAMES,
        phone_display=phones.display,
        refused=refused,
        message=message,
        cancel_form=cancel_form,
    )
    response = make_response(html)
    response.headers["Cache-Control"] = "private, no-store"
    return response
