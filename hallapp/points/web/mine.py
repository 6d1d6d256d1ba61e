"""A person's own statement of service points: read it, appeal against a line, and enter what no record shows."""

from flask import Blueprint, redirect, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import find_staff, get_staff
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.periods import Period
from hallapp.periods.web.converters import QuarterConverter
from hallapp.points import queries, service
from hallapp.points.values import quarter_of
from hallapp.points.web.forms import AppealForm, EntryForm
from hallapp.points.web.pages import statement_page
from hallapp.schedule.web.current_hall import get_current_hall, get_facts_version

blueprint = Blueprint("my_points", __name__)


@blueprint.record_once
def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters.update(quarter=QuarterConverter)


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    return {"has_service_points": _has_points}


def _has_points() -> bool:
    staff = find_staff()
    return staff is not None and queries.has_points(staff.hall_id, staff.id, version=get_facts_version())


@blueprint.get("/my-points")
@allow(Permission.POINTS_OWN)
def index() -> ResponseReturnValue:
    """Redirect to the statement of the running quarter."""
    return redirect(url_for(".statement", quarter=quarter_of(get_current_hall().today())), 303)


@blueprint.get("/my-points/<quarter:quarter>")
@allow(Permission.POINTS_OWN)
def statement(quarter: Period) -> ResponseReturnValue:
    """Show the signed-in person's own statement of a quarter."""
    return _page(quarter)


@blueprint.post("/my-points/<quarter:quarter>/appeals/<code>")
@allow(Permission.POINTS_OWN)
def appeal(quarter: Period, code: str) -> ResponseReturnValue:
    """Appeal against a line of the own statement."""
    form, hall, staff = AppealForm(), get_current_hall(), get_staff()

    def save() -> ResponseReturnValue:
        with transaction():
            service.appeal(hall, quarter, code, words=form.words.data, by=staff.id)
        return redirect(url_for(".statement", quarter=quarter, _anchor=f"line-{code}"), 303)

    return submit_form(form, save, lambda: _page(quarter, appeal_form=form, refused=code))


@blueprint.post("/my-points/<quarter:quarter>/entries")
@allow(Permission.POINTS_OWN)
def enter(quarter: Period) -> ResponseReturnValue:
    """Enter something for the signed-in person; it counts once another person has approved it."""
    form, hall, staff = EntryForm(), get_current_hall(), get_staff()
    form.offer(queries.list_entered(hall.id, quarter))

    def save() -> ResponseReturnValue:
        with transaction():
            entry = service.enter(form.to_command(hall, by=staff.id, staff_id=staff.id))
            there = quarter_of(entry.day)
        return redirect(url_for(".statement", quarter=there, saved=1, _anchor="entries"), 303)

    return submit_form(form, save, lambda: _page(quarter, entry_form=form))


def _page(
    quarter: Period,
    *,
    entry_form: EntryForm | None = None,
    appeal_form: AppealForm | None = None,
    refused: str | None = None,
) -> Response:
    return statement_page(
        get_current_hall(),
        quarter,
        get_staff(),
        own=True,
        entry_form=entry_form,
        appeal_form=appeal_form,
        refused=refused,
    )
