"""The first page of a hall: its description, next free times, and rounded figures of its closed months."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from hallapp.accounts.web.session import is_staff_here
from hallapp.core.web import public_pages
from hallapp.core.web.access import public
from hallapp.profile.queries import list_notices_on, list_pictures
from hallapp.reports import publishing_words as words
from hallapp.reports.publishing import find_received
from hallapp.reports.rounding import BASE
from hallapp.reports.web.publishing import keep_published
from hallapp.schedule import queries as schedule
from hallapp.schedule.hours import find_hours
from hallapp.schedule.models import Programme, Slot
from hallapp.schedule.web.current_hall import find_public_hall, get_current_hall, keep_slots_ahead

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Show the hall's first page, which is the same for everybody but the staff."""
    hall = None if is_staff_here() else find_public_hall()
    return public_pages.answer(_page, hall_id=hall.id) if hall else _page()


def _page() -> str:
    hall = get_current_hall()
    keep_slots_ahead(hall)
    keep_published(hall)
    programmes, received = schedule.list_programmes(hall.id), find_received(hall)
    return render_template(
        "front/home.html",
        hall=hall,
        programmes=programmes,
        free=_next_free(programmes),
        received=received,
        revised=received and words.revised(received, hall.time_zone),
        base=BASE,
        pictures=list_pictures(hall.id),
        notices=list_notices_on(hall.id, hall.today()),
        hours=find_hours(hall),
    )


def _next_free(programmes: Sequence[Programme]) -> dict[int, list[Slot]]:
    """Return the next free times of each programme, by its id."""
    slots = schedule.list_next_free(programmes)
    return {programme_id: list(found) for programme_id, found in groupby(slots, key=lambda slot: slot.programme_id)}
