"""Documents of the API, made from rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hallapp.accounts.models import Staff
from hallapp.api.models import ApiKey
from hallapp.booking.choices import can_be_booked_online
from hallapp.booking.commands import PlaceBooking
from hallapp.booking.models import Booking
from hallapp.booking.series import SeriesDate
from hallapp.booking.splitting import Proposal
from hallapp.booking.tours import list_languages
from hallapp.categories.queries import list_families
from hallapp.categories.values import Family, as_given
from hallapp.jobs.models import Job
from hallapp.kinds.queries import list_kinds
from hallapp.presence.inside import Inside
from hallapp.questions.queries import find_answers
from hallapp.questions.values import Asked, store_option
from hallapp.resources.values import ResourceFacts
from hallapp.schedule.addresses import base_url
from hallapp.schedule.hours import SpecialDays
from hallapp.schedule.models import Hall, Programme, Slot


def key(row: ApiKey, hall: Hall) -> dict[str, Any]:
    """Return the key of the request, without anything secret."""
    return {
        "name": row.name,
        "hall": hall.slug,
        "scopes": sorted(row.permissions),
        "made_at": row.made_at.isoformat(),
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }


def hall(row: Hall) -> dict[str, Any]:
    """Return a hall."""
    return {
        "slug": row.slug,
        "name": {code: row.text("name", code) for code in row.language_codes},
        "time_zone": row.time_zone,
        "languages": list(row.language_codes),
        "opened_on": row.opened_on.isoformat(),
        "large_group_max": row.large_group_max,
        "access_needs": [need.value for need in row.access_offered],
        "page": f"{base_url(row)}/",
        "privacy": f"{base_url(row)}/privacy",
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
        "days_ahead": policy.days_ahead,
        "notice_hours": policy.notice_hours,
        "change_hours": policy.change_hours,
        "confirmation": policy.confirmation.value,
        "tour_languages": [one.value for one in list_languages(row.hall, row)],
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
        "bookable": can_be_booked_online(row),
        "resources_left": {str(number): max(0, count) for number, count in left.items()},
    }


def bookings(rows: Sequence[Booking]) -> list[dict[str, Any]]:
    """Return bookings of one hall; the number of queries does not depend on their number."""
    given = find_answers(rows[0].hall_id, [row.id for row in rows]) if rows else {}
    return [_booking(row, given.get(row.id, {})) for row in rows]


def booking(row: Booking) -> dict[str, Any]:
    """Return a booking. Its names are those of the forms, so an error points to the same name."""
    return bookings([row])[0]


def _booking(row: Booking, answers: Mapping[int, str]) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "state": row.state.value,
        "offered_until": row.offered_until.isoformat() if row.offered_until else None,
        "slot": row.slot_id,
        "programme": row.slot.programme.slug,
        "day": row.slot.day.isoformat(),
        "starts_at": row.slot.starts_at.isoformat(),
        "ends_at": row.slot.ends_at.isoformat(),
        "visitors": row.visitors,
        "origins": [{"division": each.division, "visitors": each.visitors} for each in row.origins],
        "categories": {str(number): people for number, people in as_given(_families(row), row.categories).items()},
        "answers": {str(number): text for number, text in sorted(answers.items())},
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
        "page": f"{base_url(row.slot.programme.hall)}/visits/{row.key}",
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


def question(row: Asked, programme: str) -> dict[str, Any]:
    """Return a question of a programme."""
    return {
        "number": row.number,
        "programme": programme,
        "kind": row.kind.value,
        "question": dict(row.words),
        "options": [{"value": store_option(option), "name": dict(option)} for option in row.options],
        "required": row.required,
    }


def divisions(row: Hall) -> list[dict[str, Any]]:
    """Return the places of origin of a hall, in the order of its lists in its first language."""
    origins, languages = row.origins, row.language_codes
    names = {code: {choice.code: choice.name for choice in origins.choices(code)} for code in languages}
    return [
        {
            "code": place,
            "name": {code: names[code][place] for code in languages},
            "part_of": origins.areas[place].division if place in origins.areas else None,
        }
        for place in names[languages[0]]
    ]


def closure(row: SpecialDays, languages: Iterable[str]) -> dict[str, Any]:
    """Return neighbouring days on which the hall is closed for one reason."""
    reasons = {code: row.reason(code) for code in languages}
    return {
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "reason": {code: reason for code, reason in reasons.items() if reason},
    }


def proposal(row: Proposal) -> dict[str, Any]:
    """Return parts in which a large group could come."""
    return {
        "parts": [{"slot": part.slot.id, "visitors": part.people} for part in row.parts],
        "starts_at": row.parts[0].slot.starts_at.isoformat(),
        "ends_at": max(part.slot.ends_at for part in row.parts).isoformat(),
    }


def series_date(row: SeriesDate, command: PlaceBooking) -> dict[str, Any]:
    """Return a date of a series before it is booked."""
    return {
        "day": row.day.isoformat(),
        "state": row.standing.value,
        "slot": row.slot.id if row.slot else None,
        "free": max(0, row.left),
        "bookable": row.can_be_booked(command),
        "reason": row.reason,
    }


def person(row: Staff, *, has_link: bool) -> dict[str, Any]:
    """Return an account of the staff."""
    return {
        "number": row.id,
        "name": row.name,
        "role": row.role.value,
        "active": row.active,
        "invited": has_link and not row.has_password,
        "two_step": row.has_two_step,
        "last_sign_in_at": row.last_sign_in_at.isoformat() if row.last_sign_in_at else None,
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
