"""The staff's page about the talks of all hosts: who comes when, and what became of it, without the private notes."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.web.access import allow
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.talks import queries, service
from hallapp.talks.models import Talk
from hallapp.talks.web import acts
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
    return acts.perform(number, lambda talk: service.record_held(talk, staff_id=staff_id), get=_get, page=_page)


@blueprint.post("/bookings/talks/<number>/missed")
@allow(Permission.BOOKINGS_CHANGE)
def missed(number: str) -> ResponseReturnValue:
    """Record that the guest did not come or answer."""
    staff_id = get_staff().id
    return acts.perform(number, lambda talk: service.record_missed(talk, staff_id=staff_id), get=_get, page=_page)


@blueprint.post("/bookings/talks/<number>/cancel")
@allow(Permission.BOOKINGS_CHANGE)
def cancel(number: str) -> ResponseReturnValue:
    """Cancel a talk for its host; the guest gets the reason, and the host is told."""
    return acts.cancel(number, service.By.HALL, get=_get, page=_page)


def _get(number: str) -> Talk:
    return queries.get_talk(get_staff().hall_id, get_number(number))


def _page(*, refused: int | None = None, message: str = "", cancel_form: CancelForm | None = None) -> Response:
    hall = get_current_hall()
    talks = queries.list_talks(hall.id, first=hall.today())
    return acts.render(
        "talks/all.html",
        hall,
        shown=talks,
        talks=talks,
        refused=refused,
        message=message,
        cancel_form=cancel_form,
    )
