"""The manager's pages of notices."""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.profile import queries, service
from hallapp.profile.models import Notice
from hallapp.profile.service import SaveNotice
from hallapp.profile.web.forms import NoticeForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("notices", __name__)


@blueprint.get("/admin/notices")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show all notices, and the form for another one."""
    return _list_page(NoticeForm(formdata=None, data={"first": get_current_hall().today()}))


@blueprint.post("/admin/notices")
@allow(Permission.SETTINGS_CHANGE)
def add() -> ResponseReturnValue:
    """Add a notice."""
    form = NoticeForm(request.form)
    return submit_form(form, lambda: _save(form, None), lambda: _list_page(form))


@blueprint.get("/admin/notices/<number>")
@allow(Permission.SETTINGS_CHANGE)
def notice(number: str) -> ResponseReturnValue:
    """Show a notice to change."""
    found = _get(number)
    return _page(NoticeForm(formdata=None, obj=found), found)


@blueprint.post("/admin/notices/<number>")
@allow(Permission.SETTINGS_CHANGE)
def change(number: str) -> ResponseReturnValue:
    """Change a notice."""
    form, found = NoticeForm(request.form), _get(number)
    return submit_form(form, lambda: _save(form, found.number), lambda: _page(form, _get(number)))


@blueprint.post("/admin/notices/<number>/delete")
@allow(Permission.SETTINGS_CHANGE)
def delete(number: str) -> ResponseReturnValue:
    """Delete a notice."""
    staff, known = get_staff(), _get(number).number
    with transaction():
        service.delete_notice(staff.hall_id, known, staff.id)
    return redirect(url_for(".index", saved=1), 303)


def _save(form: NoticeForm, number: int | None) -> ResponseReturnValue:
    staff = get_staff()
    with transaction():
        service.save_notice(
            SaveNotice(
                hall_id=staff.hall_id,
                by=staff.id,
                number=number,
                first=form.first.data,
                last=form.last.data,
                text=form.text.data,
            )
        )
    return redirect(url_for(".index", saved=1), 303)


def _get(number: str) -> Notice:
    return queries.find_notice(get_staff().hall_id, get_number(number)) or abort(404)


def _list_page(form: NoticeForm) -> str:
    return _page(form, None, queries.list_notices(get_staff().hall_id))


def _page(form: NoticeForm, notice: Notice | None, notices: Sequence[Notice] = ()) -> str:
    today = get_current_hall().today()
    return render_template("profile/notices.html", form=form, notice=notice, notices=notices, today=today)
