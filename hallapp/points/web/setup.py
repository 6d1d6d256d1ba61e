"""The settings of service points: whether a hall gives them, to whom, and its scheme."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import queries as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import formats
from hallapp.core.database import transaction
from hallapp.core.i18n import language
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.points import queries, scheme, setup
from hallapp.points.models import GROUP_NAMES, PointIndex
from hallapp.points.setup import Since, quarter_from
from hallapp.points.values import in_words, quarter_of
from hallapp.points.web.forms import IndexForm, PersonForm, SettingForm
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("points_setup", __name__)


@blueprint.get("/admin/points/setup")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show whether the hall gives service points, the people, and the scheme."""
    setting = queries.find_setting(get_staff().hall_id)
    return _page(SettingForm(formdata=None, obj=setting), PersonForm(formdata=None))


@blueprint.post("/admin/points/setup")
@allow(Permission.SETTINGS_CHANGE)
def save() -> ResponseReturnValue:
    """Turn service points on or off."""
    form, staff = SettingForm(), get_staff()

    def act() -> None:
        setup.save_setting(staff.hall_id, is_open=form.open.data, by=staff.id)

    return submit_form(form, lambda: _saved(act), lambda: _page(form, PersonForm(formdata=None)))


@blueprint.post("/admin/points/people")
@allow(Permission.SETTINGS_CHANGE)
def add_person() -> ResponseReturnValue:
    """Add an account to the people with service points."""
    staff = get_staff()
    form = PersonForm().offer(accounts.list_staff(staff.hall_id))

    def act() -> None:
        setup.add_person(staff.hall_id, int(form.account.data), by=staff.id)

    return submit_form(form, lambda: _saved(act), lambda: _page(_present(), form))


@blueprint.post("/admin/points/people/<number>/remove")
@allow(Permission.SETTINGS_CHANGE)
def remove_person(number: str) -> ResponseReturnValue:
    """Remove an account that was added."""
    staff = get_staff()
    return _saved(lambda: setup.remove_person(staff.hall_id, get_number(number), by=staff.id))


@blueprint.get("/admin/points/indexes/new")
@allow(Permission.SETTINGS_CHANGE)
def new() -> ResponseReturnValue:
    """Show the form for another index."""
    return _index_page(IndexForm.of(None), None)


@blueprint.post("/admin/points/indexes/new")
@allow(Permission.SETTINGS_CHANGE)
def add() -> ResponseReturnValue:
    """Add an index that people enter."""
    return _save_index(None)


@blueprint.get("/admin/points/indexes/<code>")
@allow(Permission.SETTINGS_CHANGE)
def change_page(code: str) -> ResponseReturnValue:
    """Show an index to change."""
    row = _get(code)
    return _index_page(IndexForm.of(row), row)


@blueprint.post("/admin/points/indexes/<code>")
@allow(Permission.SETTINGS_CHANGE)
def change(code: str) -> ResponseReturnValue:
    """Change an index from the running or the next quarter on."""
    return _save_index(_get(code))


def _save_index(row: PointIndex | None) -> ResponseReturnValue:
    form, staff, hall = IndexForm().counted_by(row), get_staff(), get_current_hall()
    code = row.code if row else None
    return submit_form(
        form,
        lambda: _saved(lambda: setup.save_index(form.to_command(hall, by=staff.id, code=code))),
        lambda: _index_page(form, row),
    )


def _saved(act: Callable[[], object]) -> ResponseReturnValue:
    with transaction():
        act()
    return redirect(url_for(".index", saved=1), 303)


def _present() -> SettingForm:
    return SettingForm(formdata=None, obj=queries.find_setting(get_staff().hall_id))


def _get(code: str) -> PointIndex:
    """Return an index as it is now, or as it will be where it is planned for the next quarter; 404 for others."""
    hall = get_current_hall()
    found = (scheme.find_row(hall.id, code, quarter_from(hall, since)) for since in (Since.RUNNING, Since.NEXT))
    return next((row for row in found if row is not None), None) or abort(404)


def _planned(hall: Hall, code: str) -> PointIndex | None:
    """Return the version of an index that begins with the next quarter, if there is one."""
    following = quarter_from(hall, Since.NEXT)
    row = scheme.find_row(hall.id, code, following)
    return row if row is not None and row.since == following.first else None


def _page(form: SettingForm, person_form: PersonForm) -> str:
    hall = get_current_hall()
    rows = scheme.list_rows(hall.id, quarter_from(hall, Since.NEXT))
    running = {row.code: row for row in scheme.list_rows(hall.id, quarter_of(hall.today()))}
    listed = {person.id for person in queries.list_people(hall.id)}
    others = [one for one in accounts.list_staff(hall.id) if one.id not in listed and one.active]
    return render_template(
        "points/setup.html",
        form=form,
        person_form=person_form.offer(others),
        added=queries.list_added(hall.id),
        rows=[(running.get(row.code, row), row) for row in rows],
        following=quarter_from(hall, Since.NEXT),
        group_names=GROUP_NAMES,
        in_words=in_words,
    )


def _index_page(form: IndexForm, row: PointIndex | None) -> str:
    hall = get_current_hall()
    return render_template(
        "points/index.html",
        form=form,
        index=row,
        planned=_planned(hall, row.code) if row else None,
        quarters={since: formats.quarter(quarter_from(hall, since).first, language()) for since in Since},
        in_words=in_words,
    )
