"""The visit as a calendar entry. Source: RFC 5545."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from hallapp.booking import queries
from hallapp.booking.models import AGREED, OPEN_STATES, Booking
from hallapp.booking.names import group_name
from hallapp.core import clock, formats
from hallapp.core.i18n import force_locale, ngettext
from hallapp.core.i18n import gettext as _

_LINE_OCTETS = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def render(*bookings: Booking, language: str) -> bytes:
    """Return a VEVENT for each booking, whose UID never changes: that of a cancelled one removes it from the calendar.

    There are several for the parts of a large group. It contains neither the organiser's key nor the code, because
    calendars are shared.
    """
    with force_locale(language):
        return write(_properties(booking, language) for booking in bookings)


def write(events: Iterable[Iterable[tuple[str, str]]]) -> bytes:
    """Return a calendar of these events, each given by the names and values of its properties."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//hallapp//visit//EN", "METHOD:PUBLISH"]
    for event in events:
        lines += ["BEGIN:VEVENT", *(f"{name}:{value}" for name, value in event), "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _properties(booking: Booking, language: str) -> Iterator[tuple[str, str]]:
    slot = booking.slot
    hall = slot.programme.hall
    yield "UID", f"{booking.reference}@{hall.slug}.hallapp"
    yield "DTSTAMP", utc(clock.now())
    yield "SEQUENCE", str(queries.count_changes(booking.id))
    yield "STATUS", _status(booking)
    yield "DTSTART", utc(slot.starts_at)
    yield "DTEND", utc(slot.ends_at)
    yield "SUMMARY", text(f"{hall.text('name', language)} · {slot.programme.name(language)}")
    yield "LOCATION", text(_("Online programme") if slot.programme.is_online else hall.text("address", language))
    yield "DESCRIPTION", text("\n".join(_description(booking, language)))


def _status(booking: Booking) -> str:
    if booking.state in AGREED:
        return "CONFIRMED"
    return "TENTATIVE" if booking.state in OPEN_STATES else "CANCELLED"


def _description(booking: Booking, language: str) -> Iterator[str]:
    hall = booking.slot.programme.hall
    yield group_name(booking)
    yield ngettext("%(num)s person", "%(num)s people", booking.visitors)
    yield _("Reference: %(reference)s", reference=formats.reference(booking.reference))
    if booking.slot.programme.is_online:
        yield _("The page of your booking leads to the programme.")
    else:
        yield from (text for name in ("directions", "bring", "late") if (text := hall.text(name, language)))
    if hall.phone:
        yield hall.phone


def utc(instant: datetime) -> str:
    """Return a DATE-TIME value in UTC (3.3.5)."""
    return f"{clock.local(instant, 'UTC'):%Y%m%dT%H%M%SZ}"


def text(value: str) -> str:
    """Return a TEXT value (3.3.11): line ends become `\\n`, and control characters are removed."""
    plain = "\n".join(value.splitlines())
    return "".join(c for c in plain if c.isprintable() or c == "\n").translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """Return a content line (3.1) in pieces of 75 octets at most, none of which splits a character."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > _LINE_OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
