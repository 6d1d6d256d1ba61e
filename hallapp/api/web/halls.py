"""Views of the API: the hall, its programmes, and the slots with their free places."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, abort

from hallapp.api import cursors, keys, queries
from hallapp.api.errors import CursorInvalid, RangeTooLong
from hallapp.api.web import resources
from hallapp.api.web.access import get_caller, secret_keys
from hallapp.api.web.answers import send, send_page
from hallapp.api.web.blueprints import halls
from hallapp.api.web.marks import any_key, refuses
from hallapp.api.web.schemas import halls as schemas
from hallapp.categories.queries import list_families
from hallapp.questions import queries as questions
from hallapp.resources import queries as stored
from hallapp.schedule import hours
from hallapp.schedule import queries as schedule
from hallapp.schedule.web.current_hall import get_current_hall, keep_slots_ahead

MOST_DAYS = 62
_WEEK = 7


@halls.route("/key")
@halls.response(200, schemas.Key)
@any_key
def get_key() -> Response:
    """Get the key of the request: its scopes and its end, to check how a program is set up."""
    caller = get_caller()
    return send(resources.key(keys.get_key(caller.hall_id, caller.number), get_current_hall()))


@halls.route("/halls")
@halls.response(200, schemas.Halls)
@any_key
def list_halls() -> Response:
    """List the halls of the key, which is one."""
    return send({"items": [resources.hall(get_current_hall())]})


@halls.route("/halls/<slug>")
@halls.response(200, schemas.Hall)
@any_key
def get_hall(slug: str) -> Response:
    """Get a hall of the key."""
    hall = get_current_hall()
    return send(resources.hall(hall)) if hall.slug == slug else abort(404)


@halls.route("/programmes")
@halls.response(200, schemas.Programmes)
@any_key
def list_programmes() -> Response:
    """List the programmes of the hall, also those not offered at present."""
    found = schedule.list_all_programmes(get_caller().hall_id)
    return send({"items": [resources.programme(one) for one in found]})


@halls.route("/programmes/<slug>")
@halls.response(200, schemas.Programme)
@any_key
def get_programme(slug: str) -> Response:
    """Get a programme."""
    found = (one for one in schedule.list_all_programmes(get_caller().hall_id) if one.slug == slug)
    programme = next(found, None) or abort(404)
    return send(resources.programme(programme))


@halls.route("/categories")
@halls.response(200, schemas.Families)
@any_key
def list_categories() -> Response:
    """List the categories of people that the hall counts, also those not asked for at present."""
    return send({"items": [resources.family(one) for one in list_families(get_caller().hall_id)]})


@halls.route("/resources")
@halls.response(200, schemas.Resources)
@any_key
def list_resources() -> Response:
    """List the resources beside places, such as headsets, that bookings can have."""
    found = stored.list_resources(get_caller().hall_id)
    return send({"items": [resources.resource(one) for one in found if not one.retired]})


@halls.route("/questions")
@halls.response(200, schemas.Questions)
@any_key
def list_questions() -> Response:
    """List the questions that the programmes put to their groups."""
    hall_id = get_caller().hall_id
    programmes = {one.id: one.slug for one in schedule.list_all_programmes(hall_id)}
    found = (one for one in questions.list_asked(hall_id) if one.active)
    return send({"items": [resources.question(one, programmes[one.programme_id]) for one in found]})


@halls.route("/divisions")
@halls.response(200, schemas.Divisions)
@any_key
def list_divisions() -> Response:
    """List the places of origin that a booking or an arrival can name."""
    return send({"items": resources.divisions(get_current_hall())})


@halls.route("/closures")
@halls.arguments(schemas.SpanQuery, location="query")
@halls.response(200, schemas.Closures)
@any_key
@refuses(RangeTooLong)
def list_closures(query: dict[str, Any]) -> Response:
    """List the days on which the hall is closed; from today for 62 days, unless days are given."""
    hall = get_current_hall()
    first, last = _span(query, today=hall.today(), days=MOST_DAYS)
    found = hours.list_closures(hall, first=first, last=last)
    return send({"items": [resources.closure(one, hall.language_codes) for one in found]})


@halls.route("/slots")
@halls.arguments(schemas.SlotQuery, location="query")
@halls.response(200, schemas.Slots)
@any_key
@refuses(RangeTooLong)
def list_slots(query: dict[str, Any]) -> Response:
    """List the open slots by time, with their free places; from today for a week, unless days are given."""
    hall = get_current_hall()
    keep_slots_ahead(hall)
    first, last = _span(query, today=hall.today(), days=_WEEK)
    programme = query.get("programme")
    of = ["slots", hall.id, first, last, programme]
    found = queries.list_slots(
        hall.id,
        first=first,
        last=last,
        programme=programme,
        after=_position(query.get("cursor"), of),
        limit=query["limit"] + 1,
    )
    shown = found[: query["limit"]]
    more = len(found) > len(shown)
    position = (shown[-1].starts_at.isoformat(), shown[-1].id) if more else ()
    following = cursors.write(position, of=of, keys=secret_keys()) if more else None
    left = stored.find_left(hall.id, {one.day for one in shown})
    return send_page([resources.slot(one, left.get(one.id, {})) for one in shown], following)


def _span(query: dict[str, Any], *, today: date, days: int) -> tuple[date, date]:
    """Return the days of a request: from today for so many days, unless they are given. Raises RangeTooLong."""
    first: date = query.get("first") or today
    latest = first + timedelta(days=days - 1) if first.year < date.max.year else first
    last: date = query.get("last") or latest
    if not first <= last or (last - first).days >= MOST_DAYS:
        raise RangeTooLong(most=MOST_DAYS)
    return first, last


def _position(cursor: str | None, of: list[Any]) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    try:
        starts_at, slot_id = cursors.read(cursor, of=of, keys=secret_keys())
        return datetime.fromisoformat(starts_at), int(slot_id)
    except ValueError:
        raise CursorInvalid from None


@halls.route("/slots/<int(max=2147483647):slot_id>")
@halls.response(200, schemas.Slot)
@any_key
def get_slot(slot_id: int) -> Response:
    """Get a slot with its free places."""
    found = schedule.find_slot(get_caller().hall_id, slot_id) or abort(404)
    return send(resources.slot(found, stored.find_left(found.hall_id, [found.day]).get(found.id, {})))
