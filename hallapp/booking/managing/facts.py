"""Facts that a page shows about one booking in addition to the booking itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hallapp.booking import floods, groups
from hallapp.booking import queries as bookings
from hallapp.booking.arrivals import count_arrived
from hallapp.booking.managing import queries
from hallapp.booking.managing.queries import Record
from hallapp.booking.models import OPEN_STATES, STATE_NAMES, Booking, BookingEvent, BookingState, Pause, Verb
from hallapp.core import clock, formats
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Slot

_FIELD_NAMES = {
    "organisation": N_("Group or organisation"),
    "kind": N_("Kind of group"),
    "contact_name": N_("Contact person"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "note": N_("Note (special needs)"),
    "tour_language": N_("Language of the tour"),
    "access": N_("Access needs"),
    "answers": N_("Answers to the questions"),
    "resources": N_("Equipment and rooms"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One booking with its history, its day and its obstacles.

    `blocked` is true while its group is on the block list. `excess` is the number of open bookings of the group and the
    online limit, where it has more. `slots` are those of
    its day, `choices` those of the day `move_day` to which it may be moved. `parts` are those of its large group,
    `dates` those of its series.
    """

    booking: Booking
    arrived: int
    events: Sequence[BookingEvent]
    record: Record
    history: Sequence[Booking]
    same_day: Sequence[Booking]
    pause: Pause | None
    blocked: bool
    excess: tuple[int, int] | None
    slots: Sequence[Slot]
    move_day: date
    choices: Sequence[Slot]
    parts: Sequence[Booking]
    dates: Sequence[Booking]

    @property
    def open_parts(self) -> int:
        """Return how many parts of its large group can still be cancelled."""
        return sum(part.state in OPEN_STATES for part in self.parts)

    @property
    def later_dates(self) -> int:
        """Return how many dates of its series from its own on can still be cancelled."""
        starts_at = self.booking.slot.starts_at
        return sum(one.state in OPEN_STATES and one.slot.starts_at >= starts_at for one in self.dates)

    @property
    def over(self) -> bool:
        """Return whether the visit has ended."""
        return self.booking.slot.ends_at <= clock.now()


def gather(booking: Booking, *, move_day: date | None = None) -> Facts:
    """Read everything; the number of queries is constant."""
    hall = booking.slot.programme.hall
    today, day = hall.today(), booking.slot.day
    chosen = move_day or max(day, today)
    slots = schedule.list_slots_of_days(hall.id, {day, chosen})
    same_day = queries.list_same_day(hall.id, [booking])[booking.id]
    group = groups.read_of(booking)
    return Facts(
        booking=booking,
        arrived=count_arrived([booking.id]).get(booking.id, 0),
        events=bookings.list_events(booking),
        record=queries.count_records(hall.id, [booking])[booking.id],
        history=bookings.list_history(booking),
        same_day=[one for one in same_day if booking.party is None or one.party != booking.party],
        pause=bookings.find_pause(hall.id, phone=booking.phone, organisation_key=booking.organisation_key, today=today),
        blocked=group.blocked,
        excess=floods.find_excess(hall, booking, group),
        slots=slots[day],
        move_day=chosen,
        choices=[slot for slot in slots[chosen] if slot.id != booking.slot_id and can_be_booked(slot)],
        parts=bookings.list_parts(booking),
        dates=bookings.list_dates(booking),
    )


def can_be_booked(slot: Slot) -> bool:
    """Return whether the staff may still book this time; perhaps over its limits, or onto its waiting list."""
    return slot.open and slot.programme.active and slot.ends_at > clock.now()


def describe(event: BookingEvent, zone_name: str) -> str:
    """Return an event's changes in words; an empty text if the verb describes it completely."""
    detail = event.detail
    if "visitors" in detail:
        before, after = detail["visitors"]
        people = ngettext("%(num)s person", "%(num)s people", after)
        words = _("%(before)s → %(people)s", before=before, people=people)
        return " · ".join([words, *_fields(detail)])
    if "fields" in detail:
        return " · ".join(_fields(detail))
    if "from" in detail and "to" in detail:
        return " → ".join(_moment(detail[end]["starts_at"], zone_name) for end in ("from", "to"))
    if event.verb is Verb.PLACED and event.after is not BookingState.CONFIRMED:
        return _(STATE_NAMES[event.after])
    return ""


def _fields(detail: Mapping[str, Any]) -> list[str]:
    return [_(_FIELD_NAMES[name]) for name in detail.get("fields", ()) if name in _FIELD_NAMES]


def _moment(text: str, zone_name: str) -> str:
    return formats.moment(datetime.fromisoformat(text), zone_name, language())
