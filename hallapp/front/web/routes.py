"""The first page of a hall: its description, next free times, and rounded figures of its closed months."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from hallapp.core.web.access import public
from hallapp.reports import publishing_words as words
from hallapp.reports.publishing import find_received
from hallapp.reports.rounding import BASE
from hallapp.reports.web.publishing import keep_published
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Programme, Slot
from hallapp.schedule.web.current_hall import get_current_hall, keep_slots_ahead

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Show the hall's first page."""
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
    )


def _next_free(programmes: Sequence[Programme]) -> dict[int, list[Slot]]:
    """Return the next free times of each programme, by its id."""
    slots = schedule.list_next_free(programmes)
    return {programme_id: list(found) for programme_id, found in groupby(slots, key=lambda slot: slot.programme_id)}
