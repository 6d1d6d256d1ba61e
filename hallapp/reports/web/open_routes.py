"""Routes for the figures for publication: a manager takes the file, and publishes it where the hall publishes."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.core.database import read_snapshot
from hallapp.core.web.access import allow
from hallapp.periods import Period
from hallapp.reports import publishing
from hallapp.reports.exports import open_data
from hallapp.reports.exports.open_data import OpenFormat
from hallapp.reports.web.publishing import keep_published
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("open_data", __name__)
_FORMATS = ",".join(OpenFormat)


@blueprint.get(f"/reports/<period:period>/open.<any({_FORMATS}):form>")
@allow(Permission.REPORTS_READ)
def file(period: Period, form: str) -> ResponseReturnValue:
    """Show the published figures of a period of closed months."""
    hall, wanted = get_current_hall(), OpenFormat(form)
    keep_published(hall)
    read_snapshot()
    data = publishing.get_published(hall, period)
    response = Response(open_data.to_file(data, wanted), content_type=wanted.mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=open_data.file_name(hall, data.period, wanted))
    return response
