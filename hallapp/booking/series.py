"""A series: the visits of one group on several dates, looked at first and then booked by the staff in one act."""

import calendar
import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from hallapp.booking import checks, groups, queries, service
from hallapp.booking.commands import PlaceBooking
from hallapp.booking.errors import DateRefused, SlotUnknown
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.errors import DomainError
from hallapp.privacy.notice import get_notice, keep
from hallapp.schedule import capacity, hall_facts
from hallapp.schedule import queries as schedule
from hallapp.schedule.hours import list_closures
from hallapp.schedule.models import Hall, Slot

MOST_DATES = 60
_SERIES_BITS = 62
_WEEK = 7


class Repeat(StrEnum):
    """The intervals at which the visits of a series repeat."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY_DATE = "monthly_date"
    MONTHLY_WEEKDAY = "monthly_weekday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule for dates: `times` of them, or all up to the day `until`, and never more than `MOST_DATES`."""

    repeat: Repeat
    times: int | None = None
    until: date | None = None

    def dates(self, first: date) -> list[date]:
        """Return the dates by time; a month that has no such day is left out, and does not count as one of `times`."""
        most = min(self.times or MOST_DATES, MOST_DATES)
        found: list[date] = []
        for day in self._endless(first):
            if len(found) == most or (self.until is not None and day > self.until):
                break
            found.append(day)
        return found

    def _endless(self, first: date) -> Iterator[date]:
        if self.repeat in (Repeat.WEEKLY, Repeat.FORTNIGHTLY):
            weeks = 1 if self.repeat is Repeat.WEEKLY else 2
            yield from (first + timedelta(weeks=weeks * number) for number in range(MOST_DATES))
            return
        for number in range(MOST_DATES):
            year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
            day = first.day if self.repeat is Repeat.MONTHLY_DATE else _same_weekday(first, year, month + 1)
            if day <= calendar.monthrange(year, month + 1)[1]:
                yield date(year, month + 1, day)


def _same_weekday(first: date, year: int, month: int) -> int:
    """Return the day of a month that is, say, its second Friday, as `first` is of its own; it may be too large."""
    offset = (first.weekday() - date(year, month, 1).weekday()) % _WEEK
    return 1 + offset + _WEEK * ((first.day - 1) // _WEEK)


class Standing(StrEnum):
    """The state of a date of a series: free, or why it cannot be booked."""

    FREE = "free"
    FEW = "few"
    FULL = "full"
    TAKEN = "taken"  # the group has a booking on that day already
    CLOSED = "closed"
    NO_TIME = "no_time"  # the programme has no slot at this time
    NOT_PLANNED = "not_planned"  # the day lies beyond the calendar
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDate:
    """A date of a series as it is before it is booked; `left` are free places, `reason` is why the hall is closed."""

    day: date
    standing: Standing
    slot: Slot | None = None
    left: int = 0
    reason: str = ""

    @property
    def has_room(self) -> bool:
        """Return whether the group has room on this date."""
        return self.standing in (Standing.FREE, Standing.TAKEN)

    def can_be_booked(self, command: PlaceBooking) -> bool:
        """Return whether the date can be chosen: it has room, or the group may wait or exceed the limits."""
        is_full = self.standing in (Standing.FEW, Standing.FULL)
        return self.has_room or (is_full and (command.wait or command.over_limit is not None))


def preview(command: PlaceBooking, rule: Rule, *, language: str) -> list[SeriesDate]:
    """Return the dates of a rule from the slot of a command on, each with what it has to offer.

    Raises SlotUnknown; GroupTooSmall and GroupTooLarge: a series takes groups that fit into one time.
    """
    first = schedule.find_slot(command.hall_id, command.slot_id)
    if first is None:
        raise SlotUnknown
    if command.over_limit is None:
        checks.check_size(first.programme, command.visitors)
    hall = first.programme.hall
    days = rule.dates(first.day)
    local = clock.local(first.starts_at, hall.time_zone).time()
    by_day = schedule.list_slots_of_days(hall.id, days)
    own = [slot for some in by_day.values() for slot in some if slot.programme_id == first.programme_id]
    slots = {slot.starts_at: slot for slot in own}
    taken = _list_taken(command, days)
    reasons = _list_reasons(hall, days, language)
    found = []
    for day in days:
        slot = slots.get(clock.at(day, local, hall.time_zone))
        standing = _judge(hall, day, slot, command.visitors, is_taken=day in taken)
        left = slot.visitors_free if slot else 0
        found.append(SeriesDate(day=day, standing=standing, slot=slot, left=left, reason=reasons.get(day, "")))
    return found


def place(command: PlaceBooking, slots: Sequence[Slot], *, accepted: Collection[int] = ()) -> list[Booking]:
    """Book all these slots for a group, or none of them; return the bookings.

    `accepted` are the slots of days on which the group has a booking already, and shall have another one.

    Raises:
        DateRefused: one of the dates cannot be booked, for its cause. The transaction must then roll back.
    """
    hall = hall_facts.get_hall(command.hall_id)
    first = slots[0]
    if command.consented:
        keep(get_notice(hall.id))
    # The notice before names, and names before slots, as everywhere: `service.place` asks for all again, and has them.
    groups.hold(hall, day=first.day, phone=command.phone, organisation_key=command.organisation_key)
    capacity.lock_days(command.hall_id, {slot.day for slot in slots})
    series = secrets.randbits(_SERIES_BITS)
    return [_place_date(command, slot, series=series, accepted=slot.id in accepted) for slot in slots]


def _place_date(command: PlaceBooking, slot: Slot, *, series: int, accepted: bool) -> Booking:
    day = slot.day
    one = replace(
        command,
        slot_id=slot.id,
        series=series,
        submission=f"{command.submission} {day}",
        duplicate_accepted=accepted,
    )
    try:
        return service.place(one)
    except DomainError as cause:
        raise DateRefused(day, cause) from None


def _list_taken(command: PlaceBooking, days: Collection[date]) -> set[date]:
    same = queries.list_same_group_on(
        command.hall_id, days, phone=command.phone, organisation_key=command.organisation_key
    )
    return {booking.slot.day for booking in same}


def _list_reasons(hall: Hall, days: Sequence[date], language: str) -> dict[date, str]:
    closures = list_closures(hall, first=days[0], last=days[-1]) if days else []
    return {day: one.reason(language) for one in closures for day in days if one.first <= day <= one.last}


def _judge(hall: Hall, day: date, slot: Slot | None, people: int, *, is_taken: bool) -> Standing:
    if slot is None:
        return Standing.NOT_PLANNED if hall.slots_until and day > hall.slots_until else Standing.NO_TIME
    if not slot.open or not slot.programme.active:
        return Standing.CLOSED
    if slot.ends_at <= clock.now():
        return Standing.PAST
    if slot.visitors_free < people:
        return Standing.FEW if slot.visitors_free else Standing.FULL
    return Standing.TAKEN if is_taken else Standing.FREE
