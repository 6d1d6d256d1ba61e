"""From a scan, a reference or a few words to a booking, with the obstacles to admitting it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from hallapp.booking import reference, search
from hallapp.booking.models import Booking
from hallapp.core import clock, scans
from hallapp.desk import errors, hindrances, load, scanned
from hallapp.desk.group import Group
from hallapp.passes import codes


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
        known = load.load_group(hall_id, text, keys=keys)
    except (errors.Unknown, errors.InvalidReference) as refused:
        if is_scanned or scanned.looks_scanned(text):
            is_ours = codes.looks_like_one(text) or reference.looks_like_one(text)
            return Found(refusal=refused if is_ours else errors.NotAPass())
        matches = search.find_for_desk(hall_id, text, today)
        if len(matches) != 1:
            meant_one = not matches and reference.looks_like_one(text)
            return Found(matches=matches, refusal=refused if meant_one else None)
        known = load.load_group(hall_id, matches[0].id, keys=keys)
    except errors.Refusal as refused:
        return Found(refusal=refused)
    group = Group.of(known.owner, known.ledger)
    refusal = hindrances.find(group, clock.now())
    if refusal is None and not group.to_come:
        refusal = errors.AlreadyArrived(group=group)
    return Found(group=group, refusal=refusal)
