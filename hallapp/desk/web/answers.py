"""The desk's answers in words and in JSON."""

from datetime import datetime
from typing import Any

from hallapp.booking import access
from hallapp.booking.models import Booking
from hallapp.booking.names import group_name
from hallapp.core import clock, formats, i18n
from hallapp.core.i18n import gettext as _
from hallapp.desk import timing
from hallapp.desk.commands import Done
from hallapp.desk.errors import Refusal
from hallapp.desk.facts import BookingFacts, WalkInFacts
from hallapp.desk.group import Group
from hallapp.resources import words as resource_words
from hallapp.resources.queries import list_resources
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import name_origin


def words(refusal: Refusal, hall: Hall) -> str:
    """Return the message of a refusal, with the values of its group filled in."""
    return _(refusal.message, **_places(refusal.group, hall), **refusal.params)


def _places(group: Group | None, hall: Hall) -> dict[str, Any]:
    if group is None:
        return {}
    places: dict[str, Any] = {"arrived": group.arrived}
    if group.booking:
        slot = group.booking.slot
        found = timing.find_timing(group.booking, clock.now())
        places["span"] = timing.span(found.minutes) if found else ""
        places["when"] = formats.when(slot.starts_at, slot.ends_at, hall.time_zone, i18n.language())
    if group.last_admitted_at:
        places["since"] = formats.time_of_day(group.last_admitted_at, hall.time_zone)
    return places


def done_json(done: Done) -> dict[str, Any]:
    """Return the JSON of an act that was done, now or before; with `conflict` where not all of it is counted yet."""
    return {
        "outcome": done.outcome,
        "reason": None,
        "event_id": done.event_id,
        "occurred_at": done.occurred_at.isoformat(),
        "counts": dict(done.counts),
        "timing": _timing_json(done.group.booking, done.occurred_at),
        **({"conflict": done.conflict, "unsettled": dict(done.unsettled)} if done.conflict else {}),
        "group": group_json(done.group),
    }


def refusal_json(refusal: Refusal, hall: Hall) -> dict[str, Any]:
    """Return the JSON of a refusal: whether a manager may admit with a reason, and the fields that confirm it."""
    return {
        "outcome": "refused",
        "reason": refusal.code,
        "title": _(refusal.title),
        "message": words(refusal, hall),
        "overridable": refusal.overridable,
        "confirmable": bool(refusal.confirm),
        "confirm": dict(refusal.confirm),
        "group": group_json(refusal.group) if refusal.group else None,
    }


def _timing_json(booking: BookingFacts | None, at: datetime) -> dict[str, Any] | None:
    """Minutes before the time of a booking or after its start; whether they are beyond the hall's rule, and news."""
    found = timing.find_timing(booking, at)
    return {"early": found.early, "late": found.late, "beyond": found.beyond, "news": found.is_news} if found else None


def group_json(group: Group) -> dict[str, Any]:
    """Return a group with its numbers."""
    return {
        **(booking_json(group.booking) if group.booking else {}),
        **(_walk_in_json(group.walk_in) if group.walk_in else {}),
        "booked": group.booked,
        "arrived": group.arrived,
        "to_come": group.to_come,
        **({"categories_to_come": dict(group.categories_to_come)} if group.categories_to_come else {}),
        "divisions": [
            {
                "code": origin.division,
                "name": name_origin(origin.division),
                "booked": origin.booked,
                "arrived": origin.arrived,
                "to_come": origin.to_come,
            }
            for origin in group.origins
        ],
    }


def booking_json(booking: Booking | BookingFacts) -> dict[str, Any]:
    """Return the identity and the time of a booking."""
    slot = booking.slot
    return {
        "reference": booking.reference,
        "organisation": group_name(booking),
        "kind": booking.kind,
        "state": booking.state,
        "note": booking.note,
        "access": access.describe(booking.access),
        **_handed_out(booking),
        "guide_note": booking.guide_note,
        "programme": slot.programme.name(i18n.language()),
        "tour_language": booking.tour_language if booking.guides else None,
        "day": slot.day.isoformat(),
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
    }


def _handed_out(booking: Booking | BookingFacts) -> dict[str, str]:
    if not booking.resources:
        return {}
    return {"resources": resource_words.in_one_line(list_resources(booking.hall.id), booking.resources)}


def _walk_in_json(walk_in: WalkInFacts) -> dict[str, Any]:
    return {
        "reference": None,
        "organisation": walk_in.organisation,
        "kind": walk_in.kind,
        "programme": walk_in.programme.name(i18n.language()),
    }
