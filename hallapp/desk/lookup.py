"""From a scan, a reference or a few words to a booking, with the obstacles to admitting it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from hallapp.booking import reference, search
from hallapp.booking.models import AGREED, Booking, BookingState
from hallapp.core import clock, scans
from hallapp.desk import errors, queries, timing
from hallapp.desk.group import Group
from hallapp.ledger.ledger import read_ledger
from hallapp.passes import codes
from hallapp.passes import service as passes
from hallapp.passes.errors import PassReplaced, PassUnknown
from hallapp.passes.models import Pass

_LONGEST_WORD = 24
# How texts of QR codes begin: an address, a contact (BEGIN:VCARD, MECARD:), a network (WIFI:), a health code's JSON.
_OF_MACHINES = re.compile(r"[a-z][a-z0-9+.-]{2,}:\S|\{", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of a search: one group with the obstacle to admitting it, or several bookings to choose from."""

    group: Group | None = None
    refusal: errors.Refusal | None = None
    matches: Sequence[Booking] = field(default_factory=tuple)


def look_up(*, hall_id: int, text: str, today: date, keys: Sequence[str], is_scanned: bool = False) -> Found:
    """Look up a scan, a reference, part of an organisation's name or the last digits of a phone; it only reads.

    `today` is the hall's. Obstacles that `admit` would find are reported here already. A scanned text (`is_scanned`) is
    not searched for among the names.
    """
    text = scans.without_symbology(text)
    try:
        booking = get_booking(hall_id, text, keys)
    except (errors.Unknown, errors.InvalidReference) as refused:
        if is_scanned or _looks_scanned(text):
            is_ours = codes.looks_like_one(text) or reference.looks_like_one(text)
            return Found(refusal=refused if is_ours else errors.NotAPass())
        matches = search.find_for_desk(hall_id, text, today)
        if len(matches) != 1:
            meant_one = not matches and reference.looks_like_one(text)
            return Found(matches=matches, refusal=refused if meant_one else None)
        booking = matches[0]
    except errors.Refusal as refused:
        return Found(refusal=refused)
    group = Group.of(booking, read_ledger(booking_id=booking.id))
    refusal = find_hindrance(group, clock.now())
    if refusal is None and not group.to_come:
        refusal = errors.AlreadyArrived(group=group)
    return Found(group=group, refusal=refusal)


def get_booking(hall_id: int, code: str, keys: Sequence[str], *, lock: bool = False) -> Booking:
    """Return the booking that a scanned code or a typed reference means; with `lock` its row is locked.

    Raises:
        InvalidCode, InvalidReference, Unknown, NotAPass, OtherHall, Replaced: there is none, for this reason.
    """
    if not code.strip():
        raise errors.InvalidCode
    if reference.looks_like_one(code):
        if not reference.is_valid(code):
            raise errors.InvalidReference
        booking = queries.find_booking(hall_id, reference=reference.tidy(code), lock=lock)
    else:
        found = _verify(hall_id, code, keys)
        booking = queries.find_booking(hall_id, booking_id=found.booking_id, lock=lock)
    if booking is None:
        raise errors.Unknown
    return booking


def _verify(hall_id: int, code: str, keys: Sequence[str]) -> Pass:
    try:
        found = passes.verify(code, keys=keys)
    except PassReplaced as replaced:
        raise (errors.Replaced() if replaced.found.hall_id == hall_id else errors.OtherHall()) from None
    except PassUnknown:
        is_foreign = _looks_scanned(code) and not codes.looks_like_one(code)
        raise (errors.NotAPass() if is_foreign else errors.Unknown()) from None
    if found.hall_id != hall_id:
        raise errors.OtherHall
    return found


def _looks_scanned(text: str) -> bool:
    """Return whether a text looks scanned rather than typed: an address, or a long run without spaces."""
    plain = unicodedata.normalize("NFKC", text).strip()
    is_long = len(plain) >= _LONGEST_WORD and plain.isascii() and not plain.count(" ")
    return "://" in plain or is_long or _OF_MACHINES.match(plain) is not None


def find_hindrance(group: Group, at: datetime) -> errors.Refusal | None:
    """Return the rule that prevents admitting a booking at a moment, if any; a manager may override it."""
    booking = group.booking
    if booking is None:
        return None
    if booking.state is BookingState.CANCELLED:
        return errors.Cancelled(group=group)
    if booking.state not in AGREED:
        return errors.NotAgreed(group=group)
    found = timing.find_timing(booking, at)
    if found is None:
        return errors.AnotherDay(group=group)
    if found.beyond and not group.arrived:  # who follows a group that is in belongs to it
        return errors.TooEarly(group=group) if found.early else errors.TooLate(group=group)
    return None
