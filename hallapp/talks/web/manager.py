"""The managers' pages of talks: rules, hosts, and the figures by month."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import queries as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.periods import Period
from hallapp.schedule.queries import list_programmes
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.schedule.web.words import full_weekdays
from hallapp.talks import hosts, queries
from hallapp.talks.models import MODE_NAMES, TalkHost
from hallapp.talks.web.forms import PERIODS, HostForm, RulesForm

blueprint = Blueprint("talks_admin", __name__)

MONTHS = 12


@blueprint.get("/admin/talks")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the rules of the hall for talks, and its hosts."""
    return _rules_page(RulesForm.of(queries.find_setting(get_staff().hall_id)))


@blueprint.post("/admin/talks")
@allow(Permission.SETTINGS_CHANGE)
def save_rules() -> ResponseReturnValue:
    """Set the rules of the hall for talks."""
    form, staff = RulesForm(), get_staff()
    form.offer(list_programmes(staff.hall_id))

    def save() -> ResponseReturnValue:
        with transaction():
            hosts.save_rules(form.to_command(hall_id=staff.hall_id, by=staff.id))
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save, lambda: _rules_page(form))


@blueprint.get("/admin/talks/new")
@allow(Permission.SETTINGS_CHANGE)
def new() -> ResponseReturnValue:
    """Show the form for another host."""
    return _host_page(HostForm.of(None), None)


@blueprint.post("/admin/talks/new")
@allow(Permission.SETTINGS_CHANGE)
def add() -> ResponseReturnValue:
    """Add a host."""
    return _save(None)


@blueprint.get("/admin/talks/<number>")
@allow(Permission.SETTINGS_CHANGE)
def host(number: str) -> ResponseReturnValue:
    """Show a host to change."""
    found = _get(number)
    return _host_page(HostForm.of(found), found)


@blueprint.post("/admin/talks/<number>")
@allow(Permission.SETTINGS_CHANGE)
def change(number: str) -> ResponseReturnValue:
    """Change a host."""
    return _save(_get(number))


@blueprint.get("/reports/talks")
@allow(Permission.REPORTS_READ)
def figures() -> ResponseReturnValue:
    """Show the talks of the last months, apart from the visitors of the reports."""
    hall = get_current_hall()
    today = hall.today()
    months = [Period.month(today.year, today.month)]
    while len(months) < MONTHS:
        months.append(months[-1].previous())
    rows = [(one, queries.get_figures(hall.id, one.first, one.end)) for one in months]
    return render_template("talks/figures.html", hall=hall, rows=rows, mode_names=MODE_NAMES)


def _save(found: TalkHost | None) -> ResponseReturnValue:
    form, staff = HostForm(), get_staff()
    number = found.number if found else None
    form.offer(accounts.list_staff(staff.hall_id))

    def save() -> ResponseReturnValue:
        with transaction():
            hosts.save_host(form.to_command(hall_id=staff.hall_id, by=staff.id, number=number))
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save, lambda: _host_page(form, found))


def _get(number: str) -> TalkHost:
    return queries.find_host(get_staff().hall_id, get_number(number)) or abort(404)


def _rules_page(form: RulesForm) -> str:
    hall_id = get_staff().hall_id
    return render_template(
        "talks/rules.html",
        form=form.offer(list_programmes(hall_id)),
        hosts=queries.list_hosts(hall_id),
        mode_names=MODE_NAMES,
    )


def _host_page(form: HostForm, found: TalkHost | None) -> str:
    form.offer(accounts.list_staff(get_staff().hall_id))
    return render_template("talks/host.html", form=form, host=found, periods=PERIODS, full_weekdays=full_weekdays)
