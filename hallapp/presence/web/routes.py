"""Routes for people inside: the number, the flow of the day, departures, and the hall's settings."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue, ResponseValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import SignedIn, get_staff
from hallapp.core import i18n
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import wants_json
from hallapp.desk.errors import Refusal
from hallapp.desk.service import MOST_PEOPLE
from hallapp.desk.web import answers, batch
from hallapp.desk.web.batch import Batch
from hallapp.desk.web.forms import Fields, fields_of, text_of
from hallapp.presence import queries, service
from hallapp.presence.inside import Inside, get_flow, get_inside
from hallapp.presence.muster import get_muster
from hallapp.presence.service import Done, TakeBack
from hallapp.presence.web import forms
from hallapp.presence.web.forms import PresenceForm
from hallapp.schedule.web.current_hall import get_current_hall, get_facts_version

blueprint = Blueprint("presence", __name__)


@blueprint.app_template_global("people_inside")
def people_inside() -> Inside:
    """Return how many are inside now, for the pages of the desk."""
    return get_inside(get_current_hall())


@blueprint.app_template_global("counts_leaving")
def counts_leaving() -> bool:
    """Return whether this hall counts who leaves, for the pages of the desk."""
    return queries.counts_leaving(get_current_hall().id, version=get_facts_version())


@blueprint.get("/desk/inside.json")
@allow(Permission.DESK_ADMIT)
def inside_json() -> ResponseReturnValue:
    """Send how many are inside now, the limit, and the arrivals of today."""
    return jsonify(_json(people_inside()))


@blueprint.get("/desk/flow")
@allow(Permission.DESK_ADMIT)
def flow() -> ResponseReturnValue:
    """Show the day by the quarter of an hour; and, where the hall wants it, people who leave."""
    left = request.args.get("left", "")
    return _page(left=int(left) if left.isascii() and left.isdecimal() and len(left) <= len(str(MOST_PEOPLE)) else 0)


@blueprint.get("/desk/muster")
@allow(Permission.DESK_ADMIT)
def muster() -> ResponseReturnValue:
    """Show the groups inside now with their contacts and guides, for an evacuation."""
    hall = get_current_hall()
    return render_template("presence/muster.html", hall=hall, muster=get_muster(hall))


@blueprint.post("/desk/departures")
@allow(Permission.DESK_ADMIT)
def departures() -> ResponseReturnValue:
    """Count people out: a whole group by its pass, or a number."""
    fields, keys = fields_of(request), current_app.config["SETTINGS"].secret_keys
    return _act(fields, lambda: service.leave(forms.to_leave(fields, get_staff()), keys=keys))


@blueprint.post("/desk/departures/<uuid:event_id>/take-back")
@allow(Permission.DESK_ADMIT)
def take_back(event_id: UUID) -> ResponseReturnValue:
    """Take one departure back."""
    staff = get_staff()
    command = TakeBack(hall_id=staff.hall_id, staff_id=staff.id, event_id=str(event_id))
    return _act({}, lambda: service.take_back(command))


@batch.takes("leave")
def leave_of_batch(event: Fields, sent: Batch, staff: SignedIn) -> dict[str, Any]:
    """Count people out who left while a device had no network."""
    done = service.leave(forms.to_leave_later(event, sent, staff), keys=current_app.config["SETTINGS"].secret_keys)
    return _done_json(done)


@batch.takes("leave_back")
def take_back_of_batch(event: Fields, _sent: Batch, staff: SignedIn) -> dict[str, Any]:
    """Take back a departure, decided while a device had no network."""
    return _done_json(service.take_back(forms.to_take_back(event, staff)))


@blueprint.route("/admin/presence", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def settings() -> ResponseReturnValue:
    """Return whether who leaves is counted, and when to warn."""
    staff = get_staff()
    if request.method == "GET":
        return _settings_page(PresenceForm.of(queries.get_setting(staff.hall_id)))
    form = PresenceForm(request.form)

    def save() -> ResponseReturnValue:
        with transaction():
            service.set_presence(form.to_command(staff))
        return redirect(url_for(".settings", saved=1), 303)

    return submit_form(form, save, lambda: _settings_page(form))


def _act(typed: Fields, act: Callable[[], Done]) -> ResponseReturnValue:
    """Do one act in one transaction and answer by page or JSON."""

    def act_once() -> ResponseReturnValue:
        with transaction():
            done = act()
        if wants_json():
            return jsonify(**_done_json(done), inside=_json(people_inside()))
        left = None if done.outcome is service.Outcome.TAKEN_BACK else done.visitors
        return redirect(url_for(".flow", left=left), 303)

    return attempt(act_once, lambda error: _refused(error, typed))


def _done_json(done: Done) -> dict[str, Any]:
    return {"outcome": done.outcome, "event_id": done.event_id, "visitors": done.visitors}


def _refused(error: DomainError, typed: Fields) -> ResponseValue:
    message = answers.words(error, get_current_hall()) if isinstance(error, Refusal) else i18n.translate(error)
    if wants_json():
        title = {"title": gettext(error.title)} if isinstance(error, Refusal) else {}
        return jsonify(outcome="refused", reason=error.code, message=message, **title)
    field = "code" if isinstance(error, Refusal) else error.field
    return _page(typed=typed, wrong={field or "visitors": message})


def _page(*, left: int = 0, typed: Fields | None = None, wrong: dict[str, str] | None = None) -> str:
    hall = get_current_hall()
    quarters = get_flow(hall)
    most = max((max(one.arrived, one.departed) for one in quarters), default=0)
    return render_template(
        "presence/flow.html",
        hall=hall,
        quarters=quarters,
        most=most,
        setting=queries.get_setting(hall.id),
        lines=queries.list_last_departures(hall.id, hall.today()),
        left=left,
        typed={name: text_of(typed or {}, name) for name in ("code", "visitors")},
        wrong=wrong or {},
        event_id=str(uuid4()),
        most_people=MOST_PEOPLE,
    )


def _settings_page(form: PresenceForm) -> str:
    return render_template("presence/settings.html", form=form, hall=get_current_hall())


def _json(inside: Inside) -> dict[str, Any]:
    return {
        "inside": inside.people,
        "limit": inside.limit,
        "today": inside.today,
        "estimated": inside.estimated,
        "warn_at_percent": inside.warn_at_percent,
        "crowd": inside.crowd,
    }
