"""Views of the API: arrivals and departures, by the verbs of the desk, and people inside."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response

from hallapp.accounts.roles import Permission
from hallapp.api.errors import UnknownArrival
from hallapp.api.web import bodies, refusals, resources
from hallapp.api.web.access import get_caller, secret_keys
from hallapp.api.web.answers import Content, act, problem_of, send
from hallapp.api.web.blueprints import arrivals
from hallapp.api.web.marks import refuses, repeatable, scope
from hallapp.api.web.schemas import arrivals as schemas
from hallapp.api.web.schemas.arrivals import Verb
from hallapp.api.web.schemas.common import Nothing
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.desk import lookup, service
from hallapp.desk.errors import InvalidCode, InvalidEventId, UnknownEvent
from hallapp.desk.web import answers as desk_answers
from hallapp.desk.web import forms
from hallapp.presence import service as presence
from hallapp.presence.inside import get_inside
from hallapp.presence.web import forms as presence_forms
from hallapp.schedule.web.current_hall import get_current_hall

Event = Mapping[str, Any]


@arrivals.route("/arrivals", methods=["POST"])
@arrivals.arguments(schemas.NewArrival)
@arrivals.response(200, schemas.Arrival)
@scope(Permission.DESK_ADMIT)
@repeatable
@refuses(*refusals.ADMITTING)
def admit_group(body: Event) -> Response:
    """Admit a group by its pass or reference. The same `event_id` again changes nothing."""
    return act(lambda: _admit(body))


@arrivals.route("/arrivals/<uuid:event_id>/take-back", methods=["POST"])
@arrivals.arguments(schemas.TakeBack)
@arrivals.response(200, schemas.Arrival)
@scope(Permission.DESK_ADMIT)
@repeatable
@refuses(*refusals.TAKING_BACK)
def take_back_arrival(body: Event, event_id: UUID) -> Response:
    """Take back an arrival, of a group or of people without a booking."""
    return act(lambda: _take_back({**body, "undoes": event_id}))


@arrivals.route("/walk-ins", methods=["POST"])
@arrivals.arguments(schemas.NewWalkIn)
@arrivals.response(200, schemas.Arrival)
@scope(Permission.DESK_ADMIT)
@repeatable
@refuses(*refusals.WALKING_IN)
def admit_walk_in(body: Event) -> Response:
    """Admit people who have no booking. The same `event_id` again changes nothing."""
    return act(lambda: _admit_walk_in(body))


@arrivals.route("/arrivals/batch", methods=["POST"])
@arrivals.arguments(schemas.Batch)
@arrivals.response(200, schemas.BatchAnswers)
@scope(Permission.DESK_ADMIT)
def send_events(body: dict[str, Any]) -> Response:
    """Admit people, count people out, and take acts back: each event in a transaction of its own, in their order.

    It may be sent again: an event that is known already changes nothing.
    """
    return send({"answers": [_answer(event) for event in body["events"]]})


@arrivals.route("/lookups", methods=["POST"])
@arrivals.arguments(schemas.Code)
@arrivals.response(200, schemas.KnownGroup)
@scope(Permission.DESK_ADMIT)
@refuses(*refusals.LOOKING_UP)
def look_up_code(body: Event) -> Response:
    """Get the group of a pass or a reference, with the problem that admitting it would have now; nothing is counted."""
    hall = get_current_hall()
    found = lookup.look_up(hall_id=hall.id, text=body["code"], today=hall.today(), keys=secret_keys(), is_scanned=True)
    if found.group is None:
        raise found.refusal or InvalidCode
    problem = problem_of(found.refusal) if found.refusal else None
    return send({"group": desk_answers.group_json(found.group), "problem": problem})


@arrivals.route("/departures", methods=["POST"])
@arrivals.arguments(schemas.NewDeparture)
@arrivals.response(200, schemas.Departure)
@scope(Permission.DESK_ADMIT)
@repeatable
@refuses(*refusals.LEAVING)
def record_departure(body: Event) -> Response:
    """Count people out, where the hall records departures. The same `event_id` again changes nothing."""
    return act(lambda: _with_inside(_leave(body)))


@arrivals.route("/departures/<uuid:event_id>/take-back", methods=["POST"])
@arrivals.arguments(Nothing)
@arrivals.response(200, schemas.Departure)
@scope(Permission.DESK_ADMIT)
@repeatable
@refuses(*refusals.LEAVING_BACK)
def take_back_departure(_body: Event, event_id: UUID) -> Response:
    """Take a departure back."""
    return act(lambda: _with_inside(_take_leave_back({"undoes": event_id})))


@arrivals.route("/inside")
@arrivals.response(200, schemas.Inside)
@scope(Permission.DESK_ADMIT)
def get_people_inside() -> Response:
    """Get how many people are inside now."""
    return send(resources.inside(get_inside(get_current_hall())))


def _answer(event: dict[str, Any]) -> Content:
    try:
        with transaction():
            return _VERBS[_verb_of(event)](event)
    except DomainError as error:
        return problem_of(error) | {"outcome": "refused", "event_id": str(event["event_id"])}


def _verb_of(event: Event) -> Verb:
    """Return the kind of an event. Raises InvalidEventId where it names nothing that it could take back."""
    named = event.get("type")
    verb = Verb(named) if named else Verb.TAKE_BACK if "undoes" in event else Verb.ADMIT
    if verb in (Verb.TAKE_BACK, Verb.LEAVE_BACK) and "undoes" not in event:
        raise InvalidEventId
    return verb


def _admit(event: Event) -> Content:
    bodies.check_categories(get_caller().hall_id, event)
    return desk_answers.done_json(service.admit(forms.to_admit(_fields(event), get_caller()), keys=secret_keys()))


def _admit_walk_in(event: Event) -> Content:
    bodies.check_categories(get_caller().hall_id, event)
    return desk_answers.done_json(service.admit_walk_in(forms.to_admit_walk_in(_fields(event), get_caller())))


def _take_back(event: Event) -> Content:
    command = forms.to_take_back(UUID(str(event["undoes"])), _fields(event), get_caller())
    try:
        return desk_answers.done_json(service.take_back(command))
    except UnknownEvent:
        raise UnknownArrival from None


def _leave(event: Event) -> Content:
    command = presence_forms.to_leave(_fields(event), get_caller())
    return _departure(presence.leave(command, keys=secret_keys()))


def _take_leave_back(event: Event) -> Content:
    return _departure(presence.take_back(presence_forms.to_take_back(_fields(event), get_caller())))


def _departure(done: presence.Done) -> Content:
    return {"outcome": done.outcome.value, "event_id": done.event_id, "visitors": done.visitors}


def _with_inside(departure: Content) -> Content:
    return departure | {"inside": resources.inside(get_inside(get_current_hall()))}


_VERBS: Mapping[Verb, Callable[[Event], Content]] = {
    Verb.ADMIT: _admit,
    Verb.WALK_IN: _admit_walk_in,
    Verb.TAKE_BACK: _take_back,
    Verb.LEAVE: _leave,
    Verb.LEAVE_BACK: _take_leave_back,
}


def _fields(body: Event) -> dict[str, Any]:
    """Return the fields of an act as a device of the desk sends them; the device is the key."""
    fields = dict(body) | {"device": get_caller().device}
    for name in ("event_id", "undoes"):
        if name in fields:
            fields[name] = str(fields[name])
    if "occurred_at" in fields:
        fields["occurred_at"] = fields["occurred_at"].isoformat()
    return fields
