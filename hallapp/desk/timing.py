"""Early and late groups at the desk, by their time and the hall's rule."""

from dataclasses import dataclass
from datetime import datetime

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import ngettext
from hallapp.desk.facts import BookingFacts

_MINUTES_MOST = 120  # from here on people say hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Whole minutes before the time of a booking, or after its start; one of them is 0, or both.

    `beyond` says that the hall's rule does not let the group in as usual; `is_news`, that the desk should know.
    """

    early: int
    late: int
    beyond: bool
    is_news: bool

    @property
    def minutes(self) -> int:
        """Return the minutes, whichever they are."""
        return self.early or self.late


def find_timing(booking: BookingFacts | None, at: datetime) -> Timing | None:
    """Return a booking's timing at a moment of its own day; None on any other day, and for a walk-in."""
    if booking is None or booking.hall.day_of(at) != booking.slot.day:
        return None
    minutes = int((at - booking.slot.starts_at).total_seconds() / 60)
    door = booking.hall.door
    return Timing(
        early=max(0, -minutes),
        late=max(0, minutes),
        beyond=door.is_too_early(minutes) or door.is_too_late(minutes),
        is_news=-minutes > door.early_news or minutes > door.late_news,
    )


def words(timing: Timing) -> str:
    """Return `early: 40 minutes before its time`, `25 minutes late`; nothing for a group that is about on time."""
    if not timing.is_news:
        return ""
    if timing.early:
        return _("early: %(span)s before its time", span=span(timing.early))
    return _("%(span)s late", span=span(timing.late))


def span(minutes: int) -> str:
    """Return `25 minutes`, and from two hours on `2 h 5 min`."""
    if minutes < _MINUTES_MOST:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return _("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
