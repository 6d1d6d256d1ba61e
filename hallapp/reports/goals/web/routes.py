"""Routes for the goals of a hall's years."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.periods import Period
from hallapp.reports import words
from hallapp.reports.figures import goals
from hallapp.reports.figures.goals import Goal
from hallapp.reports.goals import service
from hallapp.reports.goals import words as goal_words
from hallapp.reports.goals.web.forms import GoalForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("goals", __name__)

_YEAR_DIGITS = 4


@blueprint.app_template_global("goal_of_this_year")
def goal_of_this_year() -> Goal | None:
    """Return the hall's goal of the present year for the page of today, or None."""
    hall = get_current_hall()
    return goals.find(hall, hall.today().year)


@blueprint.app_context_processor
def _give_words() -> dict[str, object]:
    return {"goal_words": goal_words}


@blueprint.route("/reports/goals", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the goals of all years, and set the goal of one."""
    if request.method == "GET":
        return _page(_form_of(get_year(request.args.get("year", ""))))
    form = GoalForm(request.form)

    def save() -> ResponseReturnValue:
        with transaction():
            service.set_goal(get_current_hall(), form.to_command(by=get_staff().id))
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save, lambda: _page(form))


def _form_of(year: int | None) -> GoalForm:
    """Return the form with a year and its present goal; without a year, with the present one."""
    hall = get_current_hall()
    year = year or hall.today().year
    present = {goal.year: goal.wanted for goal in goals.list_all(hall)}
    return GoalForm(formdata=None, data={"year": year, "visitors": present.get(year)})


def get_year(typed: str) -> int | None:
    """Return the year in an address, or None for anything else."""
    return int(typed) if len(typed) == _YEAR_DIGITS and typed.isascii() and typed.isdecimal() else None


def _page(form: GoalForm) -> str:
    hall = get_current_hall()
    return render_template(
        "reports/goals.html", form=form, goals=goals.list_all(hall), hall=hall, words=words, Period=Period
    )
