"""The organiser's view of a booking: possible actions, their deadline, and the latest change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallapp.booking import appeals, checks, queries
from hallapp.booking.errors import TooLateToChange, VisitStarted
from hallapp.booking.models import AGREED, OPEN_STATES, Appeal, Booking, BookingEvent, BookingState, Pause, Verb
from hallapp.booking.timeline import Step, timeline_of
from hallapp.core import clock, formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext

_NEWS_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiserView:
    """The facts that the organiser's page shows in addition to the booking's own.

    `open` is true for a valid or waiting booking, `over` once the day of the visit has passed. `may_change` and
    `change_until` say whether and until when its organiser may change it. Where `asks_hall`, only staff may agree to
    more people or another time. `ahead` is the number of groups before it on the waiting list. `news` is the latest
    change, shown for some minutes; `timeline` has all of them. `had_pass` is true once the hall has confirmed the
    booking, unless its programme is online.
    """

    open: bool
    started: bool
    over: bool
    may_change: bool
    change_until: datetime
    asks_hall: bool
    ahead: int
    pause: Pause | None
    appeal: Appeal | None
    news: str
    timeline: list[Step]
    had_pass: bool


def organiser_view_of(booking: Booking) -> OrganiserView:
    """Return the organiser's view of a booking, in the reader's language."""
    is_open = booking.state in OPEN_STATES
    events = queries.list_events(booking)
    return OrganiserView(
        open=is_open,
        started=booking.slot.starts_at <= clock.now(),
        over=booking.slot.day < booking.slot.programme.hall.today(),
        may_change=is_open and _in_time(booking),
        change_until=checks.change_until(booking),
        asks_hall=checks.asks_hall(booking),
        ahead=queries.count_ahead(booking) if booking.state is BookingState.WAITLISTED else 0,
        pause=appeals.find_pause(booking),
        appeal=appeals.find_appeal(booking) if booking.state is BookingState.ABSENT else None,
        news=_news(booking, events),
        timeline=timeline_of(booking, events),
        had_pass=not booking.slot.programme.is_online
        and (booking.state in AGREED or any(event.after in AGREED for event in events)),
    )


def _in_time(booking: Booking) -> bool:
    try:
        checks.check_cut_off(booking)
    except (VisitStarted, TooLateToChange):
        return False
    return True


def _news(booking: Booking, events: Sequence[BookingEvent]) -> str:
    if not events or events[-1].at < clock.now() - _NEWS_FOR:
        return ""
    last = events[-1]
    if last.verb is Verb.MOVED:
        slot = booking.slot
        when = formats.when(slot.starts_at, slot.ends_at, slot.programme.hall.time_zone, language())
        return _("Moved to %(when)s.", when=when)
    return _changed(last) if last.verb is Verb.CHANGED else ""


def _changed(event: BookingEvent) -> str:
    before, after = event.detail.get("visitors", (0, 0))
    if before != after:
        return ngettext("Changed to %(num)s person.", "Changed to %(num)s people.", after)
    if "visitors" in event.detail:
        return _("Changed: where your people come from.")
    return _("Changed: your contact details or your note.")
