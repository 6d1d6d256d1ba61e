"""Calendar entries for mail programs and calendars, written by icalendar. Sources: RFC 5545, RFC 5546 (methods)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText

from hallapp.core import clock

#: The name of this application in each file.
_PRODUCT = "-//hallapp//visit//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event. `uid` never changes, so that a later entry with a higher `sequence` replaces an earlier one."""

    uid: str
    sequence: int
    stamp: datetime
    status: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizer:
    """The hall as the organiser of its entries. Calendars accept a cancellation only from the organiser of an entry."""

    name: str
    address: str


def write(entries: Iterable[Entry], *, method: str = "", organizer: Organizer | None = None, name: str = "") -> bytes:
    """Return entries as one file; `name` is what a calendar calls a feed of them.

    A feed has no method, because it is no message.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("name", vText(_clean(name)))  # RFC 7986
        calendar.add("x-wr-calname", vText(_clean(name)))  # the older name, which Outlook and Apple read
    for entry in entries:
        calendar.add_component(_event(entry, organizer))
    return bytes(calendar.to_ical())


def method_of(calendar: str) -> str:
    """Return the method of a file, which its media type must repeat."""
    return str(Calendar.from_ical(calendar).get("method", "PUBLISH"))


def _event(entry: Entry, organizer: Organizer | None) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", _utc(entry.stamp))
    event.add("sequence", entry.sequence)
    event.add("status", entry.status)
    event.add("dtstart", _utc(entry.starts_at))
    event.add("dtend", _utc(entry.ends_at))
    event.add("summary", _clean(entry.summary))
    event.add("location", _clean(entry.location))
    event.add("description", _clean(entry.description))
    if organizer:
        address = vCalAddress(f"mailto:{organizer.address}")
        address.params["CN"] = _clean(organizer.name)
        event.add("organizer", address)
    return event


def _utc(instant: datetime) -> datetime:
    return clock.local(instant, "UTC").replace(microsecond=0)


def _clean(value: str) -> str:
    """Return a text without control characters, which RFC 5545 forbids in texts; line breaks stay."""
    return "".join(c for c in "\n".join(value.splitlines()) if c.isprintable() or c == "\n")
