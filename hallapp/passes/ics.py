"""The visit as a calendar entry, and as the cancellation of one. Sources: RFC 5545; RFC 5546, 3.2.1 and 3.2.5."""

from collections.abc import Iterator

from hallapp.booking import join_links, queries
from hallapp.booking.models import AGREED, OPEN_STATES, Booking
from hallapp.booking.names import group_name
from hallapp.core import calendars, clock, formats, runtime
from hallapp.core.calendars import Entry, Organizer
from hallapp.core.i18n import force_locale, ngettext
from hallapp.core.i18n import gettext as _
from hallapp.notifications.sender import sender_address
from hallapp.passes.sheet import describe_resources
from hallapp.schedule.models import Hall

PUBLISH, CANCEL = "PUBLISH", "CANCEL"
_CANCELLED = "CANCELLED"


def render(*bookings: Booking, language: str) -> bytes:
    """Return an entry for each booking, or a cancellation if none of them takes place.

    There are several for the parts of a large group. An entry contains neither the organiser's key nor the code,
    because calendars are shared.
    """
    with force_locale(language):
        return calendars.write(
            [_entry(booking, language) for booking in bookings],
            method=method_of(*bookings),
            organizer=organizer_of(bookings[0].slot.programme.hall, language),
        )


def organizer_of(hall: Hall, language: str) -> Organizer:
    """Return a hall as the organiser of entries: its name, and the address from which it sends mail."""
    settings = runtime.settings()
    address = sender_address(settings.mail_url or "", settings.base_url)
    return Organizer(name=hall.text("name", language), address=address)


def method_of(*bookings: Booking) -> str:
    """Return what a calendar does with these entries: it adds them, or removes those that it has."""
    return CANCEL if all(_status(booking) == _CANCELLED for booking in bookings) else PUBLISH


def _entry(booking: Booking, language: str) -> Entry:
    slot = booking.slot
    hall = slot.programme.hall
    return Entry(
        uid=uid_of(booking),
        sequence=queries.count_changes(booking.id),
        stamp=clock.now(),
        status=_status(booking),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        summary=f"{hall.text('name', language)} · {slot.programme.name(language)}",
        location=_("Online programme") if slot.programme.is_online else hall.text("address", language),
        description="\n".join(_description(booking, language)),
    )


def uid_of(booking: Booking) -> str:
    """Return the name of a booking's entry in calendars, which never changes."""
    return f"{booking.reference}@{booking.slot.programme.hall.slug}.hallapp"


def _status(booking: Booking) -> str:
    if booking.state in AGREED:
        return "CONFIRMED"
    return "TENTATIVE" if booking.state in OPEN_STATES else _CANCELLED


def _description(booking: Booking, language: str) -> Iterator[str]:
    hall = booking.slot.programme.hall
    yield group_name(booking)
    yield ngettext("%(num)s person", "%(num)s people", booking.visitors)
    if booking.resources:
        yield describe_resources(booking)
    yield _("Reference: %(reference)s", reference=formats.reference(booking.reference))
    if booking.slot.programme.is_online:
        yield _("The programme opens at its time on this page: %(link)s", link=join_links.address_of(booking))
    else:
        yield from (text for name in ("directions", "bring", "late") if (text := hall.text(name, language)))
    if hall.phone:
        yield hall.phone
