"""The options of the booking page: programmes, days with their free places, and the times of one day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from hallapp.booking import splitting
from hallapp.booking.commands import Parts
from hallapp.booking.splitting import Proposal
from hallapp.resources.queries import find_left, list_resources
from hallapp.resources.values import Resources
from hallapp.schedule import queries
from hallapp.schedule.hours import SpecialDays, list_closures
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.policy import Window
from hallapp.schedule.queries import DayPlaces

_SHORT_MONTH = 10
_DAYS_LOOKED_AT = 14  # for a large group that finds no room on the day that it wants
_DAYS_ELSEWHERE = 3


class Offer(StrEnum):
    """The availability of a day or a time for a group."""

    FREE = "free"
    FEW = "few"  # places are left, but not enough for this group: it may wait, as for a full time
    FULL = "full"
    OVER = "over"  # too near, or past
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar and the places that are free on it."""

    date: date
    offer: Offer
    places: int


@dataclass(frozen=True, slots=True)
class BookableMonth:
    """The bookable days of one month; `unfolded` ones are shown at once."""

    days: list[Day]
    unfolded: bool


@dataclass(frozen=True, slots=True)
class Time:
    """A slot of the chosen day; `wait` is true if the group may join its waiting list."""

    slot: Slot
    offer: Offer
    wait: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All options of the page. `slot` is the chosen slot while it is available or has a waiting list (`waiting`).

    Where it cannot be had now, the `nearest` free ones are offered. `closures` are the closed days with their reasons.

    For a group that comes in several parts (`in_parts`) there are `proposals` for the day in place of times, and
    `elsewhere` has the nearest ones of other days if the day has none. `proposal` is the chosen one.
    """

    programmes: Sequence[Programme]
    programme: Programme | None
    months: list[BookableMonth]
    day: date | None
    times: list[Time]
    slot: Slot | None
    waiting: bool
    nearest: list[Slot]
    people: int
    closures: Sequence[SpecialDays] = ()
    in_parts: bool = False
    proposals: Sequence[Proposal] = ()
    elsewhere: Sequence[Proposal] = ()
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The choices made so far; each may be missing or wrong. `slot_asked` is true for an unknown slot too.

    `may_wait` is false for a group that already has a booking: it moves to a free time or stays. `parts` are those of a
    large group.
    """

    programme: str | None
    day: str | None
    slot_id: int | None
    slot_asked: bool
    people: int
    may_wait: bool = True
    parts: Parts = ()


def offer(hall: Hall, wish: Wish, *, version: int | None = None) -> Choices:
    """Return the hall's options for a wish; the number of queries does not depend on the number of slots.

    `version` is that of the hall's facts, where known.
    """
    programmes = queries.list_programmes(hall.id)
    wanted = queries.find_slot(hall.id, wish.slot_id) if wish.slot_id is not None else None
    programme = _programme(programmes, wish, wanted)
    if programme is None:
        return _nothing(wish)
    window, policy = programme.policy.window(hall.time_zone), programme.policy
    if wanted is not None and wanted.programme_id != programme.id:
        wanted = None
    if is_in_parts(hall, programme, wish):
        return _offer_parts(hall, programmes, programme, wish, wanted)
    people = min(max(wish.people, policy.group_min), policy.group_max)
    days = _days(programme, window, people)
    day = _day(days, wish.day, wanted)
    days_shown = {one for one in (day, wanted and wanted.day) if one}
    short = _list_short(list_resources(hall.id, version=version), programme, days_shown, people)
    chosen = _time(window, wanted, people, wish, short) if wanted else None
    slots = queries.list_slots(programme.id, day) if day else []
    free, waiting = bool(chosen and chosen.offer is Offer.FREE), bool(chosen and chosen.wait)
    return Choices(
        programmes=programmes,
        programme=programme,
        months=_months(days, day),
        day=day,
        times=[_time(window, slot, people, wish, short) for slot in slots],
        slot=wanted if free or waiting else None,
        waiting=waiting,
        nearest=_nearest(programme, window, people, wanted) if wish.slot_asked and not free else [],
        people=wish.people,
        closures=list_closures(hall, first=window.first, last=window.last),
    )


def offer_day(hall: Hall, wish: Wish, *, version: int | None = None) -> Choices:
    """Return what `offer` gives of one day alone: its times; nothing if the programme or the day is not offered."""
    programmes = queries.list_programmes(hall.id)
    programme = next((one for one in programmes if one.slug == wish.programme), None)
    day = _read_day(wish.day)
    if programme is None or day is None:
        return _nothing(wish)
    window, policy = programme.policy.window(hall.time_zone), programme.policy
    if not window.first <= day <= window.last:
        return _nothing(wish)
    if is_in_parts(hall, programme, wish):
        parts = _propose(hall, programme, [day], wish, wanted=None)[day]
        return replace(
            _nothing(wish), programmes=programmes, programme=programme, day=day, in_parts=True, proposals=parts
        )
    people = min(max(wish.people, policy.group_min), policy.group_max)
    slots = queries.list_slots(programme.id, day)
    short = _list_short(list_resources(hall.id, version=version), programme, {day}, people)
    return replace(
        _nothing(wish),
        programmes=programmes,
        programme=programme,
        day=day,
        times=[_time(window, slot, people, wish, short) for slot in slots],
    )


def is_in_parts(hall: Hall, programme: Programme, wish: Wish) -> bool:
    """Return whether a new group is too large for one time, and the hall takes it in several parts."""
    return wish.may_wait and programme.policy.group_max < wish.people <= hall.large_group_max


def _offer_parts(
    hall: Hall, programmes: Sequence[Programme], programme: Programme, wish: Wish, wanted: Slot | None
) -> Choices:
    window = programme.policy.window(hall.time_zone)
    days = _days(programme, window, wish.people)
    day = _day(days, wish.day, wanted)
    proposals = _propose(hall, programme, [day], wish, wanted)[day] if day else []
    return replace(
        _nothing(wish),
        programmes=programmes,
        programme=programme,
        months=_months(days, day),
        day=day,
        closures=list_closures(hall, first=window.first, last=window.last),
        in_parts=True,
        proposals=proposals,
        elsewhere=[] if proposals else _list_elsewhere(hall, programme, days, wish, near=day or window.first),
        proposal=next((one for one in proposals if one.value == splitting.write(wish.parts)), None),
    )


def _propose(
    hall: Hall, programme: Programme, days: Collection[date], wish: Wish, wanted: Slot | None
) -> dict[date, list[Proposal]]:
    return {
        day: splitting.propose(slots, programme, wish.people, wanted=wanted, is_offered=can_be_booked_online)
        for day, slots in queries.list_slots_of_days(hall.id, days).items()
    }


def can_be_booked_online(slot: Slot) -> bool:
    """Return whether organisers may book this time now, if it has room."""
    window = slot.programme.policy.window(slot.programme.hall.time_zone)
    return slot.open and slot.programme.active and slot.day <= window.last and slot.starts_at >= window.after


def _list_elsewhere(hall: Hall, programme: Programme, days: Sequence[Day], wish: Wish, *, near: date) -> list[Proposal]:
    """Return the shortest proposal of each of the nearest days that have one, by day."""
    found = [day.date for day in days if day.offer is Offer.FREE]
    nearest = sorted(found, key=lambda day: abs(day - near))[:_DAYS_LOOKED_AT]
    proposed = _propose(hall, programme, nearest, wish, None)
    best = [min(proposed[day], key=lambda one: one.lasts) for day in nearest if proposed[day]]
    return sorted(best[:_DAYS_ELSEWHERE], key=lambda one: one.parts[0].slot.starts_at)


def _read_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _nothing(wish: Wish) -> Choices:
    return Choices(
        programmes=[],
        programme=None,
        months=[],
        day=None,
        times=[],
        slot=None,
        waiting=False,
        nearest=[],
        people=wish.people,
    )


def _list_short(known: Resources, programme: Programme, days: Collection[date], people: int) -> Collection[int]:
    """Return the slots in which too few of a resource are left that every booking of the programme gets."""
    needed = {one.number: one.allowance(people) for one in known if one.by_rule and one.is_for(programme.id)}
    if not needed:
        return ()
    found = find_left(programme.hall_id, days)
    return {slot for slot, left in found.items() if any(left[number] < count for number, count in needed.items())}


def _time(window: Window, slot: Slot, people: int, wish: Wish, short: Collection[int]) -> Time:
    offer = _takes(window, slot, people)
    if offer is Offer.FREE and slot.id in short:
        offer = Offer.FULL
    return Time(slot, offer, wish.may_wait and offer in (Offer.FULL, Offer.FEW) and slot.could_hold(people))


def _takes(window: Window, slot: Slot, people: int) -> Offer:
    if not slot.open or slot.day > window.last:
        return Offer.CLOSED
    if slot.starts_at < window.after:
        return Offer.OVER
    return _room(slot.visitors_free, slot.programme, people)


def _room(places: int, programme: Programme, people: int) -> Offer:
    if places < programme.policy.group_min:
        return Offer.FULL
    return Offer.FREE if places >= people else Offer.FEW


def _programme(programmes: Sequence[Programme], wish: Wish, wanted: Slot | None) -> Programme | None:
    """Return the programme that was named, else the wanted slot's, else the hall's first."""
    for programme in programmes:
        if programme.slug == wish.programme:
            return programme
    if wanted is not None and wanted.programme in programmes:
        return wanted.programme
    return programmes[0] if programmes else None


def _days(programme: Programme, window: Window, people: int) -> list[Day]:
    found = queries.list_days(programme.id, first=window.first, last=window.last, after=window.after)
    length = (window.last - window.first).days + 1
    dates = (window.first + timedelta(days=number) for number in range(length))
    return [_day_offer(date, found.get(date), programme, people) for date in dates]


def _day_offer(date: date, found: DayPlaces | None, programme: Programme, people: int) -> Day:
    if found is None:
        return Day(date, Offer.CLOSED, 0)
    if not found.bookable:
        return Day(date, Offer.OVER, 0)
    # A group that comes in parts uses all times of a day.
    largest = found.largest if people <= programme.policy.group_max else found.places
    return Day(date, _room(largest, programme, people), found.places)


def _day(days: Iterable[Day], asked: str | None, wanted: Slot | None) -> date | None:
    """Return the day whose times are shown: that of the wanted slot, the requested one, or the first with room."""
    shown = {day.date.isoformat(): day for day in days}
    for key in (wanted.day.isoformat() if wanted else None, asked):
        if key in shown and shown[key].offer is not Offer.CLOSED:
            return shown[key].date
    return next((day.date for day in shown.values() if day.offer is Offer.FREE), None)


def _months(days: Sequence[Day], chosen: date | None) -> list[BookableMonth]:
    months: list[BookableMonth] = []
    for day in days:
        if not months or months[-1].days[-1].date.month != day.date.month:
            # At the end of a month its few days are not enough to choose from: the next one is shown with it.
            unfolded = not months or (len(months) == 1 and len(months[0].days) < _SHORT_MONTH)
            months.append(BookableMonth([], unfolded))
        months[-1].days.append(day)
    return [
        BookableMonth(month.days, month.unfolded or any(day.date == chosen for day in month.days)) for month in months
    ]


def _nearest(programme: Programme, window: Window, people: int, wanted: Slot | None) -> list[Slot]:
    return queries.list_nearest_free(
        programme.id,
        to=wanted.starts_at if wanted else window.after,
        visitors=people,
        after=window.after,
        last=window.last,
    )
