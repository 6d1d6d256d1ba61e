"""Routes behind a figure: the rows of the ledger, the bookings, and one desk entry."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.models import HOLDING
from hallapp.core.database import read_snapshot, transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.desk import service as desk
from hallapp.desk.commands import TakeBack
from hallapp.periods import SINCE_OPENING, Period, Span
from hallapp.reports import words
from hallapp.reports.closing.web.forms import ReasonForm
from hallapp.reports.drilldown import entries, filters, ledger_rows, sums
from hallapp.reports.drilldown.ledger_rows import Key
from hallapp.reports.drilldown.words import Names
from hallapp.reports.errors import PeriodNotBegun
from hallapp.reports.figures import service as figures
from hallapp.schedule import queries as schedule
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("drilldown", __name__)


@blueprint.get("/reports/<period:period>/arrivals")
@allow(Permission.REPORTS_TRACE)
def arrivals(period: Period) -> ResponseReturnValue:
    """Show the ledger's rows behind a figure, with their sum; of a long period its months, each of which leads on."""
    hall = get_current_hall()
    if hall.today() < period.first:
        raise PeriodNotBegun(str(period))
    read_snapshot()
    programmes = schedule.list_all_programmes(hall.id)
    wanted = filters.read(period, request.args, hall.id)
    shown = {"hall": hall, "wanted": wanted, "names": Names(hall, programmes), "words": words, "Period": Period}
    if wanted.period.part is not Span.DAY:
        months = ledger_rows.list_months(hall.id, wanted)
        return render_template("reports/drilldown_months.html", months=months, **shown)
    total = sums.of(hall, wanted)
    after, before = (Key.read(text) if (text := request.args.get(name)) else None for name in ("after", "before"))
    page = ledger_rows.list_page(hall.id, wanted, after=after, before=before, close=total.close)
    return render_template("reports/drilldown_arrivals.html", page=page, total=total, **shown)


@blueprint.get("/reports/<period:period>/bookings")
@allow(Permission.REPORTS_TRACE)
def bookings(period: Period) -> ResponseReturnValue:
    """Show the bookings that hold the places of a period: the list of bookings, with its days filled in."""
    hall = get_current_hall()
    figures.check_period(hall, period)
    asked: dict[str, Any] = {"from": hall.opened_on.isoformat(), "state": ",".join(sorted(HOLDING))}
    if period != SINCE_OPENING:
        asked |= {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return redirect(url_for("bookings.index", **asked), 303)


@blueprint.get("/reports/entries/<uuid:event_id>")
@allow(Permission.REPORTS_TRACE)
def entry(event_id: UUID) -> ResponseReturnValue:
    """Show one desk entry, with its history and the form to take it back."""
    return _entry_page(event_id, ReasonForm(formdata=None))


@blueprint.post("/reports/entries/<uuid:event_id>/take-back")
@allow(Permission.REPORTS_TRACE)
def take_back(event_id: UUID) -> ResponseReturnValue:
    """Take an admission back, with a reason: in a closed month this becomes an adjustment."""
    form, staff = ReasonForm(), get_staff()

    def act() -> ResponseReturnValue:
        command = TakeBack(hall_id=staff.hall_id, staff_id=staff.id, event_id=str(event_id), reason=form.reason.data)
        with transaction():
            desk.take_back(command)
        return redirect(url_for(".entry", event_id=event_id), 303)

    return submit_form(form, act, lambda: _entry_page(event_id, form))


def _entry_page(event_id: UUID, form: ReasonForm) -> str:
    hall = get_current_hall()
    found = entries.get_entry(hall.id, str(event_id))
    names = Names(hall, schedule.list_all_programmes(hall.id))
    return render_template(
        "reports/drilldown_entry.html", hall=hall, entry=found, form=form, names=names, words=words, Period=Period
    )
