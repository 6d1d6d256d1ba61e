"""Routes for a hall's imports: their counts, and taking one back."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.history import queries, service, words
from hallapp.history.errors import ConfirmationMissing
from hallapp.history.web.blueprint import blueprint, number_of
from hallapp.history.web.forms import WithdrawForm
from hallapp.schedule.web.current_hall import get_current_hall


@blueprint.get("/reports/history/imports/<number>")
@allow(Permission.REPORTS_IMPORT)
def show_import(number: str) -> ResponseReturnValue:
    """Show the counts of an import, month by month, and the form to take it back."""
    return _import_page(number, WithdrawForm(formdata=None))


@blueprint.post("/reports/history/imports/<number>/withdraw")
@allow(Permission.REPORTS_IMPORT)
def withdraw(number: str) -> ResponseReturnValue:
    """Take an import back whole."""
    form, staff = WithdrawForm(), get_staff()

    def take_back() -> ResponseReturnValue:
        if not form.sure.data:
            raise ConfirmationMissing
        with transaction():
            service.withdraw(staff.hall_id, number_of(number), staff_id=staff.id)
        return redirect(url_for(".show_import", number=number, withdrawn=1), 303)

    return submit_form(form, take_back, lambda: _import_page(number, form))


def _import_page(number: str, form: WithdrawForm) -> str:
    hall = get_current_hall()
    found = queries.get_import(hall.id, number_of(number))
    shown = {"history": found.history, "months": found.months}
    return render_template("history/import.html", hall=hall, **shown, form=form, words=words)
