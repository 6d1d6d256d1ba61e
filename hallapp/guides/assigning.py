"""Assignment of guides to groups: assign, remove, suggest, and react to changed bookings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hallapp.accounts.service import record
from hallapp.booking.lifecycle import hold_still
from hallapp.booking.models import Booking, BookingEvent, Verb
from hallapp.booking.signals import booking_happened
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.guides import queries
from hallapp.guides.eligibility import Visit
from hallapp.guides.errors import CannotLead, GuidesComplete, NobodyToLead
from hallapp.guides.models import LED, TO_LEAD, Assignment, Dropped, Guide, Obstacle
from hallapp.guides.roster import Roster
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A guide for a group that needs one; None where no one can."""

    booking: Booking
    guide: Guide | None


def assign(booking: Booking, guide_id: int, *, by: int, accept: bool = False) -> Assignment:
    """Let a guide lead a group. With `accept` neither language nor programme matters. Who leads it already stays.

    Raises:
        NoResultFound: the hall has no such guide.
        CannotLead: the guide is away, busy, or no longer one; or, without `accept`, lacks language or programme.
        GuidesComplete: the group has its guides. NobodyToLead: it does not come.
    """
    hold_still(booking)
    if booking.state not in TO_LEAD:
        raise NobodyToLead
    held = queries.hold_guides(booking.hall_id, [guide_id])
    guide = held[0] if held else queries.get_guide(booking.hall_id, guide_id)
    leading = queries.list_of_booking(booking.id)
    for each in leading:
        if each.guide_id == guide_id:
            return each
    if len(leading) >= booking.guides:
        raise GuidesComplete
    visit = Visit.of(booking)
    roster = Roster(booking.hall_id, first=visit.day, last=visit.day, guides=[guide])
    for obstacle in roster.obstacles(guide, visit):
        if not (accept and obstacle.is_soft):
            raise CannotLead(obstacle, guide=guide.name)
    return _put(booking, guide, by=by)


def unassign(booking: Booking, guide_id: int, *, by: int) -> None:
    """Take a guide off a group; who does not lead it, does not."""
    hold_still(booking)
    found = queries.find_assignment(booking.id, guide_id)
    if found is not None and found.dropped_at is None:
        db.session.delete(found)
        db.session.flush()
        _record(booking, "guide_unassigned", {"guide": guide_id}, by=by)


def replace(booking: Booking, old_id: int, new_id: int, *, by: int, accept: bool = False) -> None:
    """Reassign a group to another guide, under the rules of `assign`. If it raises, the transaction must roll back."""
    if old_id != new_id:
        unassign(booking, old_id, by=by)
        assign(booking, new_id, by=by, accept=accept)


def suggest(hall: Hall, *, first: date, last: date, roster: Roster | None = None) -> list[Suggestion]:
    """Suggest the best guide for each place without one; it changes only the given roster.

    The best can lead the group without any obstacle and has the fewest minutes in that week, then the first name. The
    groups of a day that fewest guides can lead are served first, so that the only speaker of a language is kept for it.
    The same rows always give the same answer.
    """
    roster = roster or Roster(hall.id, first=first, last=last)
    now = clock.now()
    groups = [
        (each, Visit.of(each))
        for each in queries.list_groups(hall.id, first=first, last=last)
        if each.state in TO_LEAD and each.slot.starts_at > now and roster.missing(each)
    ]
    choice = {booking.id: len(roster.able(visit)) for booking, visit in groups}
    groups.sort(key=lambda group: (group[1].day, choice[group[0].id], group[1].starts_at, group[0].id))
    suggestions = []
    for booking, visit in groups:
        for _place in range(roster.missing(booking)):
            guide = next(iter(roster.able(visit)), None)
            suggestions.append(Suggestion(booking, guide))
            if guide is not None:
                roster.take(booking, guide)
    return suggestions


def assign_suggested(hall: Hall, *, first: date, last: date, by: int) -> list[Suggestion]:
    """Assign the guides that `suggest` returns for some days, all in this transaction."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    capacity.lock_days(hall.id, days)
    ids = [guide.id for guide in queries.list_guides(hall.id, active_only=True)]
    guides = queries.hold_guides(hall.id, ids)
    roster = Roster(hall.id, first=first, last=last, guides=guides)
    suggestions = suggest(hall, first=first, last=last, roster=roster)
    for each in suggestions:
        if each.guide is not None:
            _put(each.booking, each.guide, by=by)
    return suggestions


def drop(assignments: Iterable[Assignment], why: Dropped) -> None:
    """End assignments, and record why. The caller has locked their guides."""
    for each in assignments:
        each.dropped_at, each.dropped_why = clock.now(), why
    db.session.flush()


@booking_happened.connect
def follow(booking: Booking, *, event: BookingEvent) -> None:
    """End assignments that a change of the booking makes impossible, in the transaction of the change."""
    if event.verb is Verb.PLACED:
        return
    leading = queries.list_of_booking(booking.id)
    if not leading:
        return
    if booking.state not in LED:
        queries.hold_guides(booking.hall_id, [each.guide_id for each in leading])
        drop(leading, Dropped.GONE)
    elif event.verb is Verb.MOVED or len(leading) > booking.guides or _other_language(event):
        _refit(booking, leading, event)


def _other_language(event: BookingEvent) -> bool:
    return "tour_language" in event.detail.get("fields", ())


def _refit(booking: Booking, leading: Sequence[Assignment], event: BookingEvent) -> None:
    """Keep the guides who still can, at most as many as are needed, in the order in which they were assigned."""
    guides = {each.id: each for each in queries.hold_guides(booking.hall_id, [one.guide_id for one in leading])}
    visit = Visit.of(booking)
    roster = Roster(booking.hall_id, first=visit.day, last=visit.day, guides=list(guides.values()))
    detail, aside = event.detail, {Obstacle.LANGUAGE, Obstacle.PROGRAMME}
    # A manager set these obstacles aside for one programme and one language, and not for others.
    if detail.get("from", {}).get("programme") != detail.get("to", {}).get("programme"):
        aside.remove(Obstacle.PROGRAMME)
    if _other_language(event):
        aside.remove(Obstacle.LANGUAGE)
    fitting = [each for each in leading if not set(roster.obstacles(guides[each.guide_id], visit)) - aside]
    drop(
        [each for each in leading if each not in fitting], Dropped.LANGUAGE if _other_language(event) else Dropped.MOVED
    )
    drop(fitting[booking.guides :], Dropped.FEWER)


def _put(booking: Booking, guide: Guide, *, by: int) -> Assignment:
    """Store the assignment; the guide is locked and eligible. An ended one becomes valid again."""
    row = queries.find_assignment(booking.id, guide.id)
    if row is None:
        row = Assignment(hall_id=booking.hall_id, booking_id=booking.id, guide_id=guide.id, assigned_at=clock.now())
        db.session.add(row)
    row.assigned_at, row.dropped_at, row.dropped_why = clock.now(), None, None
    db.session.flush()
    _record(booking, "guide_assigned", {"guide": guide.id}, by=by)
    return row


def _record(booking: Booking, action: str, detail: dict[str, Any], *, by: int) -> None:
    record(hall_id=booking.hall_id, staff_id=by, action=action, subject=f"booking {booking.id}", detail=detail)
