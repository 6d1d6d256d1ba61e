"""HTTP of the desk's devices: the events that they bring when the network is back."""

from typing import Any

from flask import current_app, jsonify, request
from flask.typing import ResponseReturnValue

from hallapp.accounts.models import Role
from hallapp.accounts.session import get_staff
from hallapp.core import clock
from hallapp.core.access import allow
from hallapp.core.database import transaction
from hallapp.desk import answers, batch, forms, service
from hallapp.desk.batch import Batch, Command
from hallapp.desk.blueprint import blueprint
from hallapp.desk.commands import Admit, AdmitWalkIn, Done
from hallapp.desk.errors import Refusal
from hallapp.schedule.web import get_current_hall


@blueprint.post("/desk/arrivals/batch")
@allow(Role.DESK)
def arrivals_batch() -> ResponseReturnValue:
    """Take a device's events one by one, each in a transaction of its own: what is answered is stored."""
    try:
        sent = batch.read(forms.fields_of(request))
    except Refusal as refusal:
        return jsonify(answers.refusal_json(refusal, get_current_hall())), refusal.status
    return jsonify(
        now=clock.now().isoformat(),
        skew_seconds=round(sent.skew.total_seconds()),
        corrected=sent.is_clock_wrong,
        answers=[_answer(event, sent) for event in sent.events],
    )


def _answer(event: Any, sent: Batch) -> dict[str, Any]:
    event_id = event.get("event_id") if isinstance(event, dict) else None
    try:
        command = batch.to_command(event, sent, get_staff())
        with transaction():
            return answers.done_json(_do(command))
    except Refusal as refusal:
        return {**answers.refusal_json(refusal, get_current_hall()), "event_id": event_id}


def _do(command: Command) -> Done:
    if isinstance(command, Admit):
        return service.admit(command, keys=current_app.config["SETTINGS"].secret_keys)
    if isinstance(command, AdmitWalkIn):
        return service.admit_walk_in(command)
    return service.take_back(command)
