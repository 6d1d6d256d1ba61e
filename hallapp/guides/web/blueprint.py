"""The blueprint of this package's routes, and the functions that other rooms' templates may call."""

from collections.abc import Sequence

from flask import Blueprint

from hallapp.booking.models import Booking
from hallapp.guides import queries
from hallapp.guides.models import LED, Assignment

blueprint = Blueprint("guides", __name__)


@blueprint.app_context_processor
def _names() -> dict[str, object]:
    return {"guides_of": _guides_of}


def _guides_of(booking: Booking) -> Sequence[Assignment] | None:
    """Return the guides of a group; None for one that needs no guide, or does not come."""
    if booking.state not in LED:
        return None
    return queries.list_of_booking(booking.id) or ([] if booking.guides else None)
