"""Routes for the pictures of a report as files for a presentation."""

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.core.web.access import allow
from hallapp.periods import Period
from hallapp.reports.figures import service as figures
from hallapp.reports.pictures import charts
from hallapp.reports.pictures.charts import ImageFormat, Name
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("pictures", __name__)
_NAMES = ",".join(f'"{name}"' for name in Name)
_FORMATS = ",".join(ImageFormat)


@blueprint.get(f"/reports/<period:period>/pictures/<any({_NAMES}):name>.<any({_FORMATS}):form>")
@allow(Permission.REPORTS_READ)
def file(period: Period, name: str, form: str) -> ResponseReturnValue:
    """Send one picture of a period's report, in the language in force."""
    report = figures.get_report(get_current_hall(), period)
    wanted, image = Name(name), ImageFormat(form)
    if wanted not in charts.list_names(report):
        abort(404)
    response = Response(charts.to_file(report, wanted, image), content_type=image.mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=charts.file_name(report, wanted, image))
    return response
