"""The manager's pages of the people and chat robots who are alerted."""

from collections.abc import Sequence

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.alerts import queries, service
from hallapp.alerts.models import KIND_NAMES, PACE_NAMES, AlertRecipient
from hallapp.alerts.robots import PROVIDER_NAMES
from hallapp.alerts.web.forms import RecipientForm, RobotForm
from hallapp.core import formats
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.notifications.models import Channel
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.tasks import queries as tasks

blueprint = Blueprint("alerts", __name__)


@blueprint.get("/admin/alerts")
@allow(Permission.MESSAGES_MANAGE)
def index() -> ResponseReturnValue:
    """Show the people and robots who are alerted, and the form for another person."""
    return _list_page(RecipientForm.empty())


@blueprint.post("/admin/alerts")
@allow(Permission.MESSAGES_MANAGE)
def add() -> ResponseReturnValue:
    """Add a person."""
    form = RecipientForm(request.form)
    return submit_form(form, lambda: _save(form, None), lambda: _list_page(form))


@blueprint.get("/admin/alerts/robot")
@allow(Permission.MESSAGES_MANAGE)
def new_robot() -> ResponseReturnValue:
    """Show the form for another chat robot."""
    return _page(RobotForm.empty(), None)


@blueprint.post("/admin/alerts/robot")
@allow(Permission.MESSAGES_MANAGE)
def add_robot() -> ResponseReturnValue:
    """Add a chat robot."""
    form = RobotForm(request.form)
    return submit_form(form, lambda: _save(form, None), lambda: _page(form, None))


@blueprint.get("/admin/alerts/<number>")
@allow(Permission.MESSAGES_MANAGE)
def recipient(number: str) -> ResponseReturnValue:
    """Show a person or a robot of the list, to be changed."""
    found = _get(number)
    return _page(_form_of(found).of(found), found)


@blueprint.post("/admin/alerts/<number>")
@allow(Permission.MESSAGES_MANAGE)
def change(number: str) -> ResponseReturnValue:
    """Change a person or a robot of the list."""
    found = _get(number)
    form = _form_of(found)(request.form)
    return submit_form(form, lambda: _save(form, found), lambda: _page(form, _get(number)))


@blueprint.post("/admin/alerts/<number>/test")
@allow(Permission.MESSAGES_MANAGE)
def test(number: str) -> ResponseReturnValue:
    """Send a test, and show what becomes of it."""
    with transaction():
        message = service.send_test(get_current_hall(), _get(number), by=get_staff().id)
    return redirect(url_for("outbox.message", number=message.id), 303)


@blueprint.post("/admin/alerts/<number>/remove")
@allow(Permission.MESSAGES_MANAGE)
def remove(number: str) -> ResponseReturnValue:
    """Remove a person or a robot from the list."""
    staff, known = get_staff(), _get(number).number
    with transaction():
        service.remove_recipient(staff.hall_id, known, by=staff.id)
    return redirect(url_for(".index", saved=1), 303)


def _save(form: RecipientForm | RobotForm, found: AlertRecipient | None) -> ResponseReturnValue:
    staff = get_staff()
    with transaction():
        service.save_recipient(form.to_command(hall_id=staff.hall_id, by=staff.id, recipient=found))
    return redirect(url_for(".index", saved=1), 303)


def _form_of(recipient: AlertRecipient) -> type[RecipientForm | RobotForm]:
    return _KnownRobotForm if recipient.channel is Channel.CHAT else RecipientForm


class _KnownRobotForm(RobotForm):
    is_new = False


def _get(number: str) -> AlertRecipient:
    return queries.find_recipient(get_staff().hall_id, get_number(number)) or abort(404)


def _list_page(form: RecipientForm) -> str:
    return _page(form, None, queries.list_recipients(get_staff().hall_id))


def _page(
    form: RecipientForm | RobotForm, recipient: AlertRecipient | None, recipients: Sequence[AlertRecipient] = ()
) -> str:
    hall_id = get_staff().hall_id
    return render_template(
        "alerts/robot.html" if isinstance(form, RobotForm) else "alerts/index.html",
        form=form,
        recipient=recipient,
        recipients=recipients,
        kind_names=KIND_NAMES,
        pace_names=PACE_NAMES,
        provider_names=PROVIDER_NAMES,
        usual_hour=formats.clock_time(tasks.list_hours([hall_id])[hall_id].reports),
        mail_works=current_app.config["SETTINGS"].mail_url,
    )
