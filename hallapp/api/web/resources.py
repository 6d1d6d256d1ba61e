"""Documents of the API, made from rows."""

from collections.abc import Mapping
from typing import Any

from hallapp.booking.models import Booking
from hallapp.categories.queries import list_families
from hallapp.categories.values import Family, as_given
from hallapp.jobs.models import Job
from hallapp.kinds.queries import list_kinds
from hallapp.presence.inside import Inside
from hallapp.resources.values import ResourceFacts
from hallapp.schedule.models import Hall, Programme, Slot


def hall(row: Hall) -> dict[str, Any]:
    """Return a hall."""
    return {
        "slug": row.slug,
        "name": {code: row.text("name", code) for code in row.language_codes},
        "time_zone": row.time_zone,
        "languages": list(row.language_codes),
        "opened_on": row.opened_on.isoformat(),
        "kinds": [
            {"code": kind.code, "name": dict(kind.in_languages(row.language_codes)), "active": kind.active}
            for kind in list_kinds(row.id).values()
        ],
    }


def programme(row: Programme) -> dict[str, Any]:
    """Return a programme with the sizes of its groups."""
    languages, policy = row.hall.language_codes, row.policy
    return {
        "slug": row.slug,
        "name": {code: row.name(code) for code in languages},
        "about": {code: row.about(code) for code in languages},
        "minutes": row.minutes,
        "guides": row.guides,
        "mode": row.mode.value,
        "active": row.active,
        "group_min": policy.group_min,
        "group_max": policy.group_max,
    }


def resource(row: ResourceFacts) -> dict[str, Any]:
    """Return a resource that bookings can have."""
    return {
        "number": row.number,
        "name": dict(row.name),
        "unit": dict(row.unit),
        "quantity": row.quantity,
        "scope": row.scope.value,
        "asked_by": row.asked_by.value,
        "per_booking": row.per_booking,
        "people_each": row.people_each,
    }


def slot(row: Slot, left: Mapping[int, int]) -> dict[str, Any]:
    """Return a slot with its free places, and how many of each resource are left."""
    return {
        "id": row.id,
        "programme": row.programme.slug,
        "day": row.day.isoformat(),
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "open": row.open,
        "places": row.visitor_capacity,
        "free": row.visitors_free if row.open else 0,
        "resources_left": {str(number): max(0, count) for number, count in left.items()},
    }


def booking(row: Booking) -> dict[str, Any]:
    """Return a booking. Its names are those of the forms, so an error points to the same name."""
    return {
        "reference": row.reference,
        "state": row.state.value,
        "slot": row.slot_id,
        "programme": row.slot.programme.slug,
        "day": row.slot.day.isoformat(),
        "starts_at": row.slot.starts_at.isoformat(),
        "ends_at": row.slot.ends_at.isoformat(),
        "visitors": row.visitors,
        "origins": [{"division": each.division, "visitors": each.visitors} for each in row.origins],
        "categories": {str(number): people for number, people in as_given(_families(row), row.categories).items()},
        "organisation": row.organisation,
        "kind": row.kind,
        "contact_name": row.contact_name,
        "phone": row.phone,
        "email": row.email,
        "note": row.note,
        "language": row.language,
        "tour_language": row.tour_language.value if row.tour_language else None,
        "wheelchairs": row.access.wheelchairs,
        "access_needs": [need.value for need in row.access.needs],
        "access_remark": row.access.remark,
        "resources": {str(number): count for number, count in row.resources.items()},
        "source": row.source.value,
        "created_at": row.created_at.isoformat(),
        "party": str(row.party) if row.party is not None else None,
        "series": str(row.series) if row.series is not None else None,
    }


def _families(row: Booking) -> tuple[Family, ...]:
    return list_families(row.hall_id) if row.categories else ()


def family(row: Family) -> dict[str, Any]:
    """Return a family of categories."""
    return {
        "number": row.number,
        "name": dict(row.names),
        "rest": dict(row.rest),
        "adds_up": row.adds_up,
        "required": row.required,
        "active": not row.hidden,
        "categories": [
            {"number": one.number, "name": dict(one.names), "active": not one.hidden} for one in row.categories
        ],
    }


def inside(found: Inside) -> dict[str, Any]:
    """Return the people inside."""
    return {
        "people": found.people,
        "today": found.today,
        "limit": found.limit,
        "crowd": found.crowd.value,
        "estimated": found.estimated,
    }


def export(job: Job) -> dict[str, Any]:
    """Return an export and how far it is."""
    return {"number": job.id, "state": job.fate.value, "done": job.done, "total": job.total}
