"""The timeline of a booking for its organiser: what happened, when, and by whom, in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hallapp.booking.models import Actor, Booking, BookingEvent, BookingState, Verb
from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext

_PLAIN = {
    Verb.CONFIRMED: N_("Confirmed by the hall"),
    Verb.DECLINED: N_("Declined by the hall"),
    Verb.OFFERED: N_("A place became free and was offered to you"),
    Verb.TAKEN: N_("You accepted the offered places"),
    Verb.LAPSED: N_("Lapsed"),
    Verb.PROVED: N_("Confirmed with the code"),
    Verb.REISSUED: N_("A new pass was issued"),
    Verb.RELINKED: N_("New private link"),
}
#: The steps about which the hall writes to its organiser.
_REPLYING = frozenset({Verb.DECLINED, Verb.CANCELLED})
#: What concerns the hall's own work alone: its organiser has no part in it.
_INTERNAL = frozenset({Verb.LEFT, Verb.SET_RIGHT, Verb.ARRIVED, Verb.ABSENT})


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline; `reason` is what the hall wrote about it, or empty."""

    at: datetime
    words: str
    reason: str = ""


def timeline_of(booking: Booking, events: Iterable[BookingEvent]) -> list[Step]:
    """Return the steps of a booking, oldest first, in the reader's language."""
    shown = [event for event in events if event.verb not in _INTERNAL]
    steps = [Step(event.at, _words(event, booking), _reason(event)) for event in shown]
    replied = next((event.at for event in reversed(shown) if event.verb in _REPLYING), None)
    if booking.reply and replied is not None and booking.state in (BookingState.DECLINED, BookingState.CANCELLED):
        # It has a line of its own: a later step, such as a new private link, is not what the hall wrote about.
        place = max(place for place, step in enumerate(steps) if step.at == replied)
        steps.insert(place + 1, Step(replied, _("Message from the hall"), booking.reply))
    return steps


def _reason(event: BookingEvent) -> str:
    reason = event.detail.get("reason") if event.verb is Verb.MOVED else None
    return _("Message from the hall: %(text)s", text=reason) if reason else ""


def _words(event: BookingEvent, booking: Booking) -> str:
    by_hall = event.actor is Actor.STAFF
    match event.verb:
        case Verb.PLACED:
            return _placed(event, by_hall=by_hall)
        case Verb.MOVED:
            return _moved(event.detail, booking, by_hall=by_hall)
        case Verb.CHANGED:
            return _changed(event.detail, by_hall=by_hall)
        case Verb.CANCELLED:
            return _("Cancelled by the hall") if by_hall else _("Cancelled by you")
        case _:
            return _(_PLAIN[event.verb])


def _placed(event: BookingEvent, *, by_hall: bool) -> str:
    match event.after:
        case BookingState.WAITLISTED:
            return _("You joined the waiting list")
        case BookingState.REQUESTED:
            return _("Request received")
        case _:
            return _("Booked for you by the hall") if by_hall else _("Booked")


def _moved(detail: dict[str, Any], booking: Booking, *, by_hall: bool) -> str:
    zone = booking.slot.programme.hall.time_zone
    before, after = (
        formats.moment(datetime.fromisoformat(detail[end]["starts_at"]), zone, language()) for end in ("from", "to")
    )
    if by_hall:
        return _("Moved by the hall from %(before)s to %(after)s", before=before, after=after)
    return _("You moved the visit from %(before)s to %(after)s", before=before, after=after)


def _changed(detail: dict[str, Any], *, by_hall: bool) -> str:
    before, after = detail.get("visitors", (0, 0))
    if before != after:
        return ngettext(
            "Changed from %(before)s to %(num)s person",
            "Changed from %(before)s to %(num)s people",
            after,
            before=before,
        )
    if "resources" in detail.get("fields", ()):
        return _("Equipment and rooms changed")
    if "visitors" in detail:
        return _("Places of origin changed")
    return _("Details changed by the hall") if by_hall else _("Details changed")
