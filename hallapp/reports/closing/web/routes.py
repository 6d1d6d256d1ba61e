"""Routes for the month close: close, reopen, versions, and proof."""

from collections.abc import Sequence
from itertools import pairwise

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import read_snapshot, transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.text import visible
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.ledger import closes
from hallapp.ledger.errors import NotClosed
from hallapp.ledger.models import MonthClose
from hallapp.periods import Period, Unit
from hallapp.reports import words
from hallapp.reports.closing import digests, month_close, verify
from hallapp.reports.closing.web.forms import CloseBeforeForm, CloseForm, ReasonForm
from hallapp.reports.exports import Format
from hallapp.reports.figures import service as figures
from hallapp.reports.web import pages
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("closing", __name__)
FORMATS = ",".join(form.value for form in Format)
#: The number of months closed by one request, about 5 seconds of work.
MOST_AT_ONCE = 60
_DIGITS = 4


@blueprint.get("/reports/<period:period>/close")
@allow(Permission.REPORTS_CLOSE)
def close(period: Period) -> ResponseReturnValue:
    """Explain what closing a month means, and show whether its figures are right."""
    return _close_page(_month(period), CloseForm(formdata=None))


@blueprint.post("/reports/<period:period>/close")
@allow(Permission.REPORTS_CLOSE)
def close_now(period: Period) -> ResponseReturnValue:
    """File the figures of a month."""
    form, staff = CloseForm(), get_staff()
    month = _month(period)

    def close_month() -> ResponseReturnValue:
        with transaction():
            month_close.close(staff.hall_id, month, staff_id=staff.id)
        return redirect(url_for("reports.show", period=month, _anchor="closed"), 303)

    return submit_form(form, close_month, lambda: _close_page(month, form))


@blueprint.get("/reports/close")
@allow(Permission.REPORTS_CLOSE)
def close_before() -> ResponseReturnValue:
    """Close many months at once: those of the years before hallapp, as a rule."""
    return _before_page(CloseBeforeForm(formdata=None))


@blueprint.post("/reports/close")
@allow(Permission.REPORTS_CLOSE)
def close_before_now() -> ResponseReturnValue:
    """Close the open months before one, each by itself; the first that cannot be closed ends it."""
    hall, staff, form = get_current_hall(), get_staff(), CloseBeforeForm()
    form.offer(_choices(hall))
    done = 0

    def close_months() -> ResponseReturnValue:
        nonlocal done
        for month in month_close.get_open(hall, form.to_month().first)[:MOST_AT_ONCE]:
            with transaction():
                month_close.close(staff.hall_id, month, staff_id=staff.id)
            done += 1
        return redirect(url_for(".close_before", done=done), 303)

    return submit_form(form, close_months, lambda: _before_page(form, done=done))


@blueprint.get("/reports/<period:period>/reopen")
@allow(Permission.REPORTS_REOPEN)
def reopen(period: Period) -> ResponseReturnValue:
    """Explain what reopening a month means."""
    return _reopen_page(_month(period), ReasonForm(formdata=None))


@blueprint.post("/reports/<period:period>/reopen")
@allow(Permission.REPORTS_REOPEN)
def reopen_now(period: Period) -> ResponseReturnValue:
    """Open a closed month again; its figures stay as a version."""
    form, staff = ReasonForm(), get_staff()
    month = _month(period)

    def reopen_month() -> ResponseReturnValue:
        with transaction():
            month_close.reopen(staff.hall_id, month, reason=form.reason.data, staff_id=staff.id)
        return redirect(url_for("reports.show", period=month), 303)

    return submit_form(form, reopen_month, lambda: _reopen_page(month, form))


@blueprint.get("/reports/<period:period>/versions")
@allow(Permission.REPORTS_READ)
def versions(period: Period) -> ResponseReturnValue:
    """Show the versions of a month, and the changes from one to the next."""
    hall, month = get_current_hall(), _month(period)
    found = closes.list_versions(hall.id, month.first)
    if not found:
        abort(404)
    reports = [figures.filed_report(hall, each) for each in found]
    changes = [month_close.list_changes(older, newer) for newer, older in pairwise(reports)]
    return render_template(
        "reports/close_versions.html",
        hall=hall,
        month=month,
        versions=list(zip(found, reports, [*changes, None], strict=True)),
        words=words,
        digests=digests,
    )


@blueprint.get("/reports/<period:period>/versions/<number>")
@allow(Permission.REPORTS_READ)
def version(period: Period, number: str) -> ResponseReturnValue:
    """Show a version as it was filed."""
    hall, month = get_current_hall(), _month(period)
    found = _version(hall, month, number)
    return pages.render(
        figures.filed_report(hall, found),
        version=found,
        files={form: url_for(".version_file", period=month, number=number, form=form) for form in Format},
    )


@blueprint.get(f"/reports/<period:period>/versions/<number>.<any({FORMATS}):form>")
@allow(Permission.REPORTS_READ)
def version_file(period: Period, number: str, form: str) -> ResponseReturnValue:
    """Show the figures of a version as a file."""
    hall, month = get_current_hall(), _month(period)
    report = figures.filed_report(hall, _version(hall, month, number))
    return pages.send_file(report, Format(form), version=f"-v{number}")


@blueprint.get("/reports/verify")
@allow(Permission.REPORTS_READ)
def prove() -> ResponseReturnValue:
    """Show the month of a printed digest, and whether a year's closed months still agree with the ledger."""
    hall, typed = get_current_hall(), request.args.get("digest", "")
    refusal, found = None, None
    try:
        digest = digests.read(typed) if typed else ""
    except DomainError as error:  # the year's verdicts are shown all the same
        digest, refusal = "", error
    read_snapshot()
    if digest:
        found = verify.list_verdicts(hall.id, digest=digest)
    years = verify.list_years(hall.id)
    year = next((each for each in years if str(each) == request.args.get("year")), years[0] if years else None)
    page = render_template(
        "reports/close_verify.html",
        hall=hall,
        typed=visible(typed).encode("utf-8", "replace").decode(),
        found=found,
        refusal=refusal and translate(refusal),
        years=years,
        year=year,
        verdicts=verify.list_verdicts(hall.id, period=Period.year(year)) if year and not typed else [],
        words=words,
        digests=digests,
        Period=Period,
    )
    return page, refusal.status if refusal else 200


def _month(period: Period) -> Period:
    """Return a month; 404 for any other period: nothing else is closed."""
    if period.unit is not Unit.MONTH:
        abort(404)
    return period


def _version(hall: Hall, month: Period, number: str) -> MonthClose:
    if not (number.isascii() and number.isdecimal() and len(number) <= _DIGITS):
        abort(404)
    return month_close.get_version(hall.id, month.first, int(number))


def _close_page(month: Period, form: CloseForm) -> str:
    hall = get_current_hall()
    found = None if closes.find(hall.id, month.first) or hall.today() < month.end else month_close.preview(hall, month)
    return render_template("reports/close.html", hall=hall, month=month, found=found, form=form, words=words)


def _choices(hall: Hall) -> Sequence[Period]:
    """Return the months before which others may be closed: from the second one to the present one."""
    return month_close.list_months(hall)[1:]


def _before_page(form: CloseBeforeForm, *, done: int = 0) -> str:
    hall, said = get_current_hall(), request.args.get("done", "")
    form.offer(_choices(hall))
    return render_template(
        "reports/close_before.html",
        hall=hall,
        form=form,
        open_months=month_close.list_open(hall, hall.today()),
        done=int(said) if said.isascii() and said.isdecimal() and len(said) <= _DIGITS else done,
        words=words,
    )


def _reopen_page(month: Period, form: ReasonForm) -> str:
    hall = get_current_hall()
    found = closes.find(hall.id, month.first)
    if found is None:
        raise NotClosed
    adjustments = closes.list_adjustments_of(found.id)
    return render_template(
        "reports/close_reopen.html",
        hall=hall,
        month=month,
        close=found,
        adjusted=sum(each.visitors for each in adjustments),
        form=form,
        words=words,
        digests=digests,
    )
