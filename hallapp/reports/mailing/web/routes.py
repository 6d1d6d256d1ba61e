"""Routes for the report by mail: its day, its list, a test."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import limits
from hallapp.core.database import transaction
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.notifications import service as outbox
from hallapp.periods import Period
from hallapp.reports.closing import month_close
from hallapp.reports.mailing import sending
from hallapp.reports.mailing.web.forms import DayForm, RecipientForm, SingleForm
from hallapp.reports.models import ReportRecipient
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("mailing", __name__)

_TESTS_AN_HOUR = 10
_SINGLE_AN_HOUR = 20
_MONTHS = 36
_SINGLE = "single-"


@blueprint.get("/reports/mailing")
@allow(Permission.REPORTS_SEND)
def index() -> ResponseReturnValue:
    """Show the day on which the report is sent, and its recipients."""
    return _page()


@blueprint.post("/reports/mailing")
@allow(Permission.REPORTS_SEND)
def set_day() -> ResponseReturnValue:
    """Choose the day."""
    form = DayForm(request.form)
    if not form.validate():
        return _page(day_form=form), 422
    staff, day = get_staff(), form.to_day()
    with transaction():
        sending.set_day(staff.hall_id, day)
        _record("report_day_set", f"hall {staff.hall_id}", day=day)
    return redirect(url_for(".index", saved=1), 303)


@blueprint.post("/reports/mailing/recipients")
@allow(Permission.REPORTS_SEND)
def add() -> ResponseReturnValue:
    """Put an address on the list."""
    form = RecipientForm(request.form)

    def add_recipient() -> ResponseReturnValue:
        with transaction():
            added = sending.add_recipient(get_staff().hall_id, form.to_command())
            _record("report_recipient_added", f"report_recipient {added.id}")
        return redirect(url_for(".index", _anchor="list"), 303)

    return submit_form(form, add_recipient, lambda: _page(recipient_form=form))


@blueprint.post("/reports/mailing/recipients/<number>/delete")
@allow(Permission.REPORTS_SEND)
def remove(number: str) -> ResponseReturnValue:
    """Take an address off the list."""
    with transaction():
        sending.remove_recipient(get_staff().hall_id, get_number(number))
        _record("report_recipient_removed", f"report_recipient {number}")
    return redirect(url_for(".index", _anchor="list"), 303)


@blueprint.post("/reports/mailing/recipients/<number>/test")
@allow(Permission.REPORTS_SEND)
def test(number: str) -> ResponseReturnValue:
    """Send the last month's report to one address now, marked as a test."""
    hall, found = get_current_hall(), _get(number)

    def send_test() -> ResponseReturnValue:
        mail = sending.make_test(hall, found)
        with transaction():
            limits.hit("report_test", str(hall.id), limit=_TESTS_AN_HOUR, seconds=3600)
            outbox.put(mail)
            _record("report_test_sent", f"report_recipient {number}")
        return redirect(url_for(".index", tested=number, _anchor="list"), 303)

    return attempt(send_test, lambda error: _page(refusal=translate(error)))


@blueprint.post("/reports/mailing/single")
@allow(Permission.REPORTS_SEND)
def send_single() -> ResponseReturnValue:
    """Send one month's report to one address now."""
    hall = get_current_hall()
    form = SingleForm(request.form, prefix=_SINGLE).offer(_months(hall))

    def send() -> ResponseReturnValue:
        mail = sending.make_single(hall, form.to_month(), form.to_command())
        with transaction():
            limits.hit("report_single", str(hall.id), limit=_SINGLE_AN_HOUR, seconds=3600)
            outbox.put(mail)
            _record("report_sent_once", f"month {form.month.data}")
        return redirect(url_for(".index", sent=1, _anchor="single"), 303)

    return submit_form(form, send, lambda: _page(single=form))


def _months(hall: Hall) -> list[Period]:
    """Return the months whose report can be sent, the latest that is over first, and the running one last.

    A hall that has not opened yet has none.
    """
    months = month_close.list_months(hall)
    over, running = months[:-1], months[-1:]
    return [*reversed(over[-_MONTHS:]), *running]


def _record(action: str, subject: str, **detail: object) -> None:
    staff = get_staff()
    accounts.record(hall_id=staff.hall_id, staff_id=staff.id, action=action, subject=subject, detail=detail)


def _get(number: str) -> ReportRecipient:
    """Return a recipient of this hall; 404 for any other."""
    return sending.get_recipient(get_staff().hall_id, get_number(number))


def _page(
    *,
    day_form: DayForm | None = None,
    recipient_form: RecipientForm | None = None,
    single: SingleForm | None = None,
    refusal: str | None = None,
) -> str:
    hall = get_current_hall()
    chosen = sending.find_mailing(hall.id)
    return render_template(
        "reports/mailing.html",
        hall=hall,
        day_form=day_form or DayForm(data={"day": str(chosen.day) if chosen else ""}),
        form=recipient_form or RecipientForm(),
        single=single or SingleForm(prefix=_SINGLE).offer(_months(hall)),
        recipients=sending.list_recipients(hall.id),
        next_day=sending.next_day(hall, chosen.day) if chosen else None,
        mail_works=bool(current_app.config["SETTINGS"].mail_url),
        refusal=refusal or _say_unsendable(hall),
    )


def _say_unsendable(hall: Hall) -> str | None:
    found = sending.find_unsendable(hall)
    return translate(found) if found else None
