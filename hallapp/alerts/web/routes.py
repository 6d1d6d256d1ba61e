"""The manager's pages of the people who are alerted."""

from collections.abc import Sequence

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.alerts import queries, service
from hallapp.alerts.models import KIND_NAMES, PACE_NAMES, AlertRecipient
from hallapp.alerts.web.forms import RecipientForm
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number

blueprint = Blueprint("alerts", __name__)


@blueprint.get("/admin/alerts")
@allow(Permission.MESSAGES_MANAGE)
def index() -> ResponseReturnValue:
    """Show the people who are alerted, and the form for another one."""
    return _list_page(RecipientForm.empty())


@blueprint.post("/admin/alerts")
@allow(Permission.MESSAGES_MANAGE)
def add() -> ResponseReturnValue:
    """Add a person."""
    form = RecipientForm(request.form)
    return submit_form(form, lambda: _save(form, None), lambda: _list_page(form))


@blueprint.get("/admin/alerts/<number>")
@allow(Permission.MESSAGES_MANAGE)
def recipient(number: str) -> ResponseReturnValue:
    """Show a person of the list, to be changed."""
    found = _get(number)
    return _page(RecipientForm.of(found), found)


@blueprint.post("/admin/alerts/<number>")
@allow(Permission.MESSAGES_MANAGE)
def change(number: str) -> ResponseReturnValue:
    """Change a person of the list."""
    form, found = RecipientForm(request.form), _get(number)
    return submit_form(form, lambda: _save(form, found.number), lambda: _page(form, _get(number)))


@blueprint.post("/admin/alerts/<number>/remove")
@allow(Permission.MESSAGES_MANAGE)
def remove(number: str) -> ResponseReturnValue:
    """Remove a person from the list."""
    staff, known = get_staff(), _get(number).number
    with transaction():
        service.remove_recipient(staff.hall_id, known, by=staff.id)
    return redirect(url_for(".index", saved=1), 303)


def _save(form: RecipientForm, number: int | None) -> ResponseReturnValue:
    staff = get_staff()
    with transaction():
        service.save_recipient(form.to_command(hall_id=staff.hall_id, by=staff.id, number=number))
    return redirect(url_for(".index", saved=1), 303)


def _get(number: str) -> AlertRecipient:
    return queries.find_recipient(get_staff().hall_id, get_number(number)) or abort(404)


def _list_page(form: RecipientForm) -> str:
    return _page(form, None, queries.list_recipients(get_staff().hall_id))


def _page(form: RecipientForm, recipient: AlertRecipient | None, recipients: Sequence[AlertRecipient] = ()) -> str:
    return render_template(
        "alerts/index.html",
        form=form,
        recipient=recipient,
        recipients=recipients,
        kind_names=KIND_NAMES,
        pace_names=PACE_NAMES,
        mail_works=current_app.config["SETTINGS"].mail_url,
    )
