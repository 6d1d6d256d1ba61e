"""HTTP of the figures for publication: a manager takes the file, and publishes it where the hall publishes."""

from datetime import timedelta

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from hallapp.accounts.models import Role
from hallapp.core.access import allow
from hallapp.reports import figures
from hallapp.reports.errors import NoMonthYet
from hallapp.reports.exports import open_data
from hallapp.reports.exports.errors import LeastRefused, NotForPublication
from hallapp.reports.exports.open_data import LEAST, LEAST_OF_ALL, MOST, OpenFormat
from hallapp.reports.figures import Report
from hallapp.reports.periods import SINCE_OPENING, Period, Unit
from hallapp.schedule.models import Hall
from hallapp.schedule.web import get_current_hall

blueprint = Blueprint("open_data", __name__)
_FORMATS = ",".join(OpenFormat)


@blueprint.get(f"/reports/<period:period>/open.<any({_FORMATS}):form>")
@allow(Role.MANAGER)
def file(period: Period, form: str) -> ResponseReturnValue:
    """The figures of a period that may be published; `least` is the smallest number of people that is shown."""
    least, wanted = _least(), OpenFormat(form)
    report = _report(get_current_hall(), period)
    response = Response(open_data.to_file(report, wanted, least=least), content_type=wanted.mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=open_data.file_name(report, wanted))
    return response


def _least() -> int:
    """What the address asks for, or the usual. Raises LeastRefused."""
    asked = request.args.get("least", str(LEAST))
    least = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= len(str(MOST)) else 0
    if not LEAST_OF_ALL <= least <= MOST:
        raise LeastRefused(LEAST_OF_ALL, MOST)
    return least


def _report(hall: Hall, period: Period) -> Report:
    """A report of which nothing changes by the day; since the opening it ends with the last month that is over.

    Raises:
        NotForPublication: of any other period. NoMonthYet: the hall opened in this month.
    """
    if period == SINCE_OPENING:
        first, end = hall.opened_on.replace(day=1), hall.today().replace(day=1)
        if first >= end:
            raise NoMonthYet
        period = Period.days(first, end - timedelta(days=1))
    elif period.unit is Unit.RANGE or hall.today() < period.end:
        raise NotForPublication
    return figures.get_report(hall, period)
