"""Views of the API: arrivals, by the verbs of the desk, and people inside."""

from typing import Any
from uuid import UUID

from flask import Response

from hallapp.accounts.roles import Permission
from hallapp.api.web import bodies, resources, schemas
from hallapp.api.web.access import get_caller, secret_keys
from hallapp.api.web.answers import Content, act, problem_of, send
from hallapp.api.web.blueprints import arrivals
from hallapp.api.web.bookings import HEADERS
from hallapp.api.web.spec import scope
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.web import problems
from hallapp.desk import service
from hallapp.desk.commands import Done
from hallapp.desk.errors import Refusal
from hallapp.desk.web import answers as desk_answers
from hallapp.desk.web import forms
from hallapp.presence.inside import get_inside
from hallapp.schedule.web.current_hall import get_current_hall


@arrivals.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """Answer a refusal of the desk, with whether and how it can be confirmed."""
    return problems.send(problem_of(refusal), refusal.status)


@arrivals.route("/arrivals", methods=["POST"])
@arrivals.doc(parameters=HEADERS)
@arrivals.arguments(schemas.NewArrival)
@arrivals.response(200, schemas.Arrival)
@scope(Permission.DESK_ADMIT)
def admit(body: dict[str, Any]) -> Response:
    """Admit a group by its pass or reference. The same `event_id` again changes nothing."""
    return act(lambda: desk_answers.done_json(_admit(body)))


@arrivals.route("/arrivals/<uuid:event_id>/take-back", methods=["POST"])
@arrivals.doc(parameters=HEADERS)
@arrivals.arguments(schemas.TakeBack)
@arrivals.response(200, schemas.Arrival)
@scope(Permission.DESK_ADMIT)
def take_back(body: dict[str, Any], event_id: UUID) -> Response:
    """Take an arrival back."""
    return act(lambda: desk_answers.done_json(_take_back(event_id, body)))


@arrivals.route("/arrivals/batch", methods=["POST"])
@arrivals.arguments(schemas.Batch)
@arrivals.response(200, schemas.BatchAnswers)
@scope(Permission.DESK_ADMIT)
def batch(body: dict[str, Any]) -> Response:
    """Admit and take back in one request: each event in a transaction of its own, in their order.

    It may be sent again: an event that is known already changes nothing.
    """
    return send({"answers": [_answer(event) for event in body["events"]]})


@arrivals.route("/inside")
@arrivals.response(200, schemas.Inside)
@scope(Permission.DESK_ADMIT)
def inside() -> Response:
    """Get how many people are inside now."""
    return send(resources.inside(get_inside(get_current_hall())))


def _answer(event: dict[str, Any]) -> Content:
    try:
        with transaction():
            undone = event.get("undoes")
            return desk_answers.done_json(_take_back(undone, event) if undone else _admit(event))
    except DomainError as error:
        return problem_of(error) | {"outcome": "refused", "event_id": str(event["event_id"])}


def _admit(body: dict[str, Any]) -> Done:
    caller = get_caller()
    bodies.check_categories(caller.hall_id, body)
    return service.admit(forms.to_admit(_fields(body), caller), keys=secret_keys())


def _take_back(event_id: UUID, body: dict[str, Any]) -> Done:
    return service.take_back(forms.to_take_back(event_id, _fields(body), get_caller()))


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an act as a device of the desk sends them; the device is the key."""
    fields = dict(body) | {"device": get_caller().device}
    for name in ("event_id", "undoes"):
        if name in fields:
            fields[name] = str(fields[name])
    if "occurred_at" in fields:
        fields["occurred_at"] = fields["occurred_at"].isoformat()
    return fields
