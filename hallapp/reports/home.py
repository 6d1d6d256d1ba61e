"""The first page of a hall: what it is, its next free times, and whom it has received so far."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from hallapp.core.access import public
from hallapp.divisions import DIVISIONS
from hallapp.ledger import queries as ledger
from hallapp.ledger.models import Facet
from hallapp.reports.periods import SINCE_OPENING
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Programme, Slot
from hallapp.schedule.web import get_current_hall, keep_slots_ahead

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """The hall's first page."""
    hall = get_current_hall()
    keep_slots_ahead(hall)
    programmes = schedule.list_programmes(hall.id)
    visitors, divisions = _received(hall.id)
    return render_template(
        "reports/home.html",
        hall=hall,
        programmes=programmes,
        free=_next_free(programmes),
        visitors=visitors,
        divisions=divisions,
    )


def _next_free(programmes: Sequence[Programme]) -> dict[int, list[Slot]]:
    """The next free times of each programme, by its id."""
    slots = schedule.list_next_free(programmes)
    return {programme_id: list(found) for programme_id, found in groupby(slots, key=lambda slot: slot.programme_id)}


def _received(hall_id: int) -> tuple[int, int]:
    """People who have arrived since the opening, and from how many of the provincial-level divisions."""
    found = ledger.sum_parts(hall_id, SINCE_OPENING.stretches(), [Facet.DIVISION])[Facet.DIVISION]
    divisions = sum(
        1 for code, division in DIVISIONS.items() if division.tile and code in found and found[code].visitors
    )
    return sum(amount.visitors for amount in found.values()), divisions
