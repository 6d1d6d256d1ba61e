"""The blueprint of the pages about bookings, to which rooms above add their actions, and the context of templates."""

from flask import Blueprint, abort

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import find_staff, get_staff, may
from hallapp.booking import appeals, floods, waiting
from hallapp.booking import queries as bookings
from hallapp.booking.lifecycle import By, by_staff
from hallapp.booking.managing import queries
from hallapp.booking.managing.facts import describe
from hallapp.booking.models import AGREED, SOURCE_NAMES, STATE_NAMES, VERB_NAMES, BookingState
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("bookings", __name__)

#: The look of each state: a class for its colour, and a sign that identifies it without colour.
STATE_LOOKS = {
    BookingState.REQUESTED: ("warn", "?"),
    BookingState.CONFIRMED: ("good", "✓"),
    BookingState.DECLINED: ("bad", "✕"),
    BookingState.WAITLISTED: ("warn", "…"),
    BookingState.OFFERED: ("warn", "◷"),
    BookingState.LAPSED: ("bad", "–"),
    BookingState.CANCELLED: ("bad", "✕"),
    BookingState.ARRIVED: ("good", "●"),
    BookingState.ABSENT: ("bad", "○"),
}
_NUMBER_DIGITS = 9  # the range of a database's integer


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {
        "state_names": STATE_NAMES,
        "state_looks": STATE_LOOKS,
        "source_names": SOURCE_NAMES,
        "verb_names": VERB_NAMES,
        "agreed": AGREED,
        "describe": describe,
    }


@blueprint.app_context_processor
def _badge() -> dict[str, object]:
    return {"count_requested": _count_requested, "count_appeals": _count_appeals, "is_braked": _is_braked}


def _count_requested() -> int:
    """Return how many bookings wait for the answer of the manager who is signed in."""
    staff = find_staff()
    return queries.count_requested(staff.hall_id) if staff and staff.role.may(Permission.BOOKINGS_REVIEW) else 0


def _count_appeals() -> int:
    """Return how many appeals wait for the answer of the manager who is signed in."""
    return appeals.count_open(get_current_hall().id) if may(Permission.BOOKINGS_REVIEW) else 0


def _is_braked() -> bool:
    """Return whether the brake of online bookings is on at the hall of the manager who is signed in."""
    return may(Permission.BOOKINGS_REVIEW) and floods.is_braked(get_current_hall())


def by() -> By:
    """Return the signed-in person as the actor of a change."""
    return by_staff(get_staff().id)


def number_of(typed: str) -> int:
    """Return a row's number out of an address; 404 where it can be none."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= _NUMBER_DIGITS):
        abort(404)
    return int(typed)


def advance_waiting_list() -> None:
    """Advance the hall's waiting lists before a page shows them; one query where there is nothing to do."""
    hall = get_current_hall()
    if not bookings.has_overdue(hall.id, now=clock.now()):
        return
    with transaction():
        waiting.advance_waiting_list(hall)
