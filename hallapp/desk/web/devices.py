"""Routes for the desk's devices: what they need to work offline, and the events that they bring back."""

import json
from typing import Any

from flask import Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.models import KIND_NAMES
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, translate
from hallapp.core.web.access import allow, public
from hallapp.core.web.responses import allow_wasm
from hallapp.desk import load, service, snapshot
from hallapp.desk.commands import Admit, AdmitWalkIn, Done
from hallapp.desk.errors import Refusal
from hallapp.desk.web import answers, batch, forms
from hallapp.desk.web.batch import Batch, Command
from hallapp.desk.web.blueprint import blueprint
from hallapp.desk.web.files import FILES
from hallapp.divisions import DIVISIONS
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
        divisions=DIVISIONS,
        kind_names=KIND_NAMES,
        most_people=service.MOST_PEOPLE,
        new_event_id=lambda: "",
    )


@blueprint.get("/desk/sw.js")
@public
def service_worker() -> ResponseReturnValue:
    """Show the service worker, which keeps the shell and the files."""
    return FILES.serve_worker()


@blueprint.get("/desk/manifest.webmanifest")
@public
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
    """Store a device's events one by one, each in its own transaction: an answered event is stored."""
    try:
        sent = batch.read(forms.fields_of(request), hall=get_current_hall())
    except Refusal as refusal:
        return jsonify(answers.refusal_json(refusal, get_current_hall())), refusal.status
    answered = [_answer(event, sent) for event in sent.events]
    return jsonify(
        now=clock.now().isoformat(),  # later than all that is stored: a snapshot made after it holds them
        skew_seconds=round(sent.skew.total_seconds()),
        corrected=sent.is_clock_wrong,
        answers=answered,
    )


def _answer(event: Any, sent: Batch) -> dict[str, Any]:
    event_id = event.get("event_id") if isinstance(event, dict) else None
    taker = batch.find_taker(event)
    try:
        if taker:
            with transaction():
                return dict(taker(event, sent, get_staff()))
        command = batch.to_command(event, sent, get_staff())
        with transaction():
            return answers.done_json(_do(command))
    except Refusal as refusal:
        return {**answers.refusal_json(refusal, get_current_hall()), "event_id": event_id}
    except DomainError as error:
        return {"outcome": "refused", "reason": error.code, "message": translate(error), "event_id": event_id}


def _do(command: Command) -> Done:
    if isinstance(command, Admit):
        return service.admit(command, keys=current_app.config["SETTINGS"].secret_keys)
    if isinstance(command, AdmitWalkIn):
        return service.admit_walk_in(command)
    return service.take_back(command)
