"""Views of the API: the hall, its programmes, and the slots with their free places."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, abort

from hallapp.api import cursors, queries
from hallapp.api.errors import CursorInvalid, RangeTooLong
from hallapp.api.web import resources, schemas
from hallapp.api.web.access import get_caller, secret_keys
from hallapp.api.web.answers import send
from hallapp.api.web.blueprints import halls
from hallapp.api.web.spec import any_key
from hallapp.categories.queries import list_families
from hallapp.resources.queries import find_left, list_resources
from hallapp.schedule import queries as schedule
from hallapp.schedule.web.current_hall import get_current_hall, keep_slots_ahead

MOST_DAYS = 62


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
def list_all_resources() -> Response:
    """List the resources beside places, such as headsets, that bookings can have."""
    found = list_resources(get_caller().hall_id)
    return send({"items": [resources.resource(one) for one in found if not one.retired]})


@halls.route("/slots")
@halls.arguments(schemas.SlotQuery, location="query")
@halls.response(200, schemas.Slots)
@any_key
def list_slots(query: dict[str, Any]) -> Response:
    """List the open slots by time, with their free places; from today for a week, unless days are given."""
    hall = get_current_hall()
    keep_slots_ahead(hall)
    first = query.get("first") or hall.today()
    last = query.get("last") or first + timedelta(days=6) if first.year < 9999 else first
    if not first <= last or (last - first).days >= MOST_DAYS:
        raise RangeTooLong(most=MOST_DAYS)
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
    left = find_left(hall.id, {one.day for one in shown})
    return send({"items": [resources.slot(one, left.get(one.id, {})) for one in shown], "next": following})


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
    return send(resources.slot(found, find_left(found.hall_id, [found.day]).get(found.id, {})))
