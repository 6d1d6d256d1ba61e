"""Checks of what a device sends with an act: its time, and its numbers of people."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from hallapp.desk import errors
from hallapp.desk.commands import Act
from hallapp.desk.group import Group
from hallapp.origins.values import OriginSet

MOST_PEOPLE = 999
CLOCK_AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=7)
OLDEST_OFFLINE = timedelta(days=31)  # a tablet may lie in a drawer for a while


def check_time(act: Act, now: datetime) -> datetime:
    """Return the time of the act: the device's where plausible; now where it gives none.

    It did not happen later than now: just before midnight, a clock that is minutes fast would count people on the next
    day. An act that was done offline stays done, however fast the device's clock was.
    """
    if act.occurred_at is None:
        return now
    if act.occurred_at > now + CLOCK_AHEAD and not act.offline:
        raise errors.TimeInFuture
    if not act.is_dated and act.occurred_at < now - (OLDEST_OFFLINE if act.offline else OLDEST):
        raise errors.TimeTooOld
    return min(act.occurred_at, now)


def check_counts(counts: Mapping[str, int], origins: OriginSet, group: Group | None = None) -> dict[str, int]:
    """Return the counts without zeros; they must be whole numbers, of the hall's places, and not empty."""
    given = {division: people for division, people in counts.items() if people != 0}
    known = all(place in origins or (group and place in group.places) for place in given)
    fine = known and all(type(people) is int and people > 0 for people in given.values())
    if not (given and fine and sum(given.values()) <= MOST_PEOPLE):
        raise errors.InvalidCounts(group=group)
    return given
