"""The manager's pages of the categories of people."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.categories.queries import list_families
from hallapp.categories.service import save_family
from hallapp.categories.values import Family
from hallapp.categories.web.forms import FamilyForm
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number

blueprint = Blueprint("categories", __name__)


@blueprint.get("/admin/categories")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show all families with their categories."""
    return render_template("categories/index.html", families=list_families(get_staff().hall_id))


@blueprint.route("/admin/categories/new", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def add() -> ResponseReturnValue:
    """Define a family of categories."""
    return _edit(None)


@blueprint.route("/admin/categories/<number>", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def family(number: str) -> ResponseReturnValue:
    """Change a family of categories."""
    known = {one.number: one for one in list_families(get_staff().hall_id)}
    return _edit(known.get(get_number(number)) or abort(404))


def _edit(found: Family | None) -> ResponseReturnValue:
    if request.method == "GET":
        return _page(FamilyForm.of(found), found)
    form, staff = FamilyForm(request.form), get_staff()
    command_of = form.to_command

    def save() -> ResponseReturnValue:
        with transaction():
            save_family(command_of(hall_id=staff.hall_id, staff_id=staff.id, number=found.number if found else None))
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save, lambda: _page(form.with_spare_lines(), found))


def _page(form: FamilyForm, found: Family | None) -> str:
    return render_template("categories/family.html", form=form, family=found)
