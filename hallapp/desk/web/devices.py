"""Routes for the desk's devices: what they need to work offline, and the events that they bring back."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from flask import Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, translate
from hallapp.core.web.access import allow, open_in_draft, public
from hallapp.core.web.responses import allow_wasm
from hallapp.desk import load, service, snapshot
from hallapp.desk.commands import Command, Done
from hallapp.desk.errors import Refusal
from hallapp.desk.web import answers, batch, forms
from hallapp.desk.web.batch import Batch
from hallapp.desk.web.blueprint import blueprint
from hallapp.desk.web.files import FILES
from hallapp.desk.web.forms import Fields
from hallapp.ledger.ledger import EventExists
from hallapp.schedule.web.current_hall import get_current_hall

FILES.serve_with(blueprint)


@blueprint.get("/desk/snapshot")
@allow(Permission.DESK_ADMIT)
def take_snapshot() -> ResponseReturnValue:
    """Send the groups of today (`days=2`: and tomorrow), encrypted by their passes; 304 if they are unchanged."""
    hall, settings = get_current_hall(), current_app.config["SETTINGS"]
    days = min(snapshot.MOST_DAYS, max(1, request.args.get("days", 1, type=int)))
    made_at = clock.now()
    taken = snapshot.take(hall, days=days, language=language(), keys=settings.secret_keys)
    response = jsonify(made_at=made_at.isoformat(), **taken.content)
    response.set_etag(taken.digest)
    response.headers["X-Made-At"] = made_at.isoformat()
    response.headers["Cache-Control"] = "no-store"
    return response.make_conditional(request)


@blueprint.get("/desk/shell")
@allow(Permission.DESK_ADMIT)
def shell() -> ResponseReturnValue:
    """Show the desk without a user: the page that a device opens offline."""
    allow_wasm()
    FILES.use()
    hall = get_current_hall()
    return render_template(
        "desk/desk.html",
        is_shell=True,
        matches=None,
        day=None,
        events=[],
        programmes=load.get_hall(hall.id).walk_in,
        most_people=service.MOST_PEOPLE,
        new_event_id=lambda: "",
    )


@blueprint.get("/desk/sw.js")
@public
@open_in_draft
def service_worker() -> ResponseReturnValue:
    """Show the service worker, which keeps the shell and the files."""
    return FILES.serve_worker()


@blueprint.get("/desk/manifest.webmanifest")
@public
@open_in_draft
def manifest() -> ResponseReturnValue:
    """Send the manifest by which a device installs the desk as an application."""
    name = _("Desk")
    content = {
        "id": "/desk",
        "name": name,
        "short_name": name,
        "start_url": "/desk",
        "scope": "/desk",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#14632f",
        "icons": [{"src": url_for("static", filename="icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/manifest+json")


@blueprint.post("/desk/arrivals/batch")
@allow(Permission.DESK_ADMIT)
def arrivals_batch() -> ResponseReturnValue:
    """Store a device's events in their order: an answered event is stored, and one that is refused hurts no other."""
    try:
        sent = batch.read(forms.fields_of(request), hall=get_current_hall())
    except Refusal as refusal:
        return jsonify(answers.refusal_json(refusal, get_current_hall())), refusal.status
    answered: list[dict[str, Any]] = []
    for is_elsewhere, events in groupby(sent.events, key=lambda event: batch.find_taker(event) is not None):
        some = list(events)
        answered += [_take_elsewhere(event, sent) for event in some] if is_elsewhere else _take_here(some, sent)
    return jsonify(
        now=clock.now().isoformat(),  # later than all that is stored: a snapshot made after it holds them
        skew_seconds=round(sent.skew.total_seconds()),
        corrected=sent.is_clock_wrong,
        answers=answered,
    )


def _take_elsewhere(event: Fields, sent: Batch) -> dict[str, Any]:
    """Let the room that takes an event store it, in a transaction of its own; return its answer."""
    taker = batch.find_taker(event)
    try:
        with transaction():
            return dict(taker(event, sent, get_staff())) if taker else {}
    except DomainError as error:
        return _refused(error, event)


def _take_here(events: Iterable[Any], sent: Batch) -> list[dict[str, Any]]:
    """Store events of the desk that follow one another, together; return their answers."""
    read = [(event, _read(event, sent)) for event in events]
    commands = [command for _event, command in read if not isinstance(command, Refusal)]
    done = iter(_carry_out(commands) if commands else ())
    found = ((event, one if isinstance(one, Refusal) else next(done)) for event, one in read)
    return [_refused(one, event) if isinstance(one, Refusal) else answers.done_json(one) for event, one in found]


def _read(event: Any, sent: Batch) -> Command | Refusal:
    try:
        return batch.to_command(event, sent, get_staff())
    except Refusal as refusal:
        return refusal


def _carry_out(commands: Sequence[Command]) -> list[Done | Refusal]:
    """Do acts in one transaction; where the database refuses that, do each in its own, so that none hurts another."""
    keys = current_app.config["SETTINGS"].secret_keys
    try:
        with transaction():
            return service.carry_out_all(commands, keys=keys)
    except (EventExists, DBAPIError):
        if len(commands) == 1:
            raise
    return [one for command in commands for one in _carry_out([command])]


def _refused(error: DomainError, event: Any) -> dict[str, Any]:
    event_id = event.get("event_id") if isinstance(event, dict) else None
    if isinstance(error, Refusal):
        return {**answers.refusal_json(error, get_current_hall()), "event_id": event_id}
    return {"outcome": "refused", "reason": error.code, "message": translate(error), "event_id": event_id}
