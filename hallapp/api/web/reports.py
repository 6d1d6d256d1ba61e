"""Views of the API: the figures of a period, and long lists as files."""

import hashlib
from typing import Any

from flask import Response, stream_with_context

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.api.web import bodies, resources
from hallapp.api.web.access import get_caller
from hallapp.api.web.answers import Content, create, send, send_text
from hallapp.api.web.blueprints import reports
from hallapp.api.web.marks import refuses, repeatable, scope
from hallapp.api.web.schemas import reports as schemas
from hallapp.api.web.spec import files_of
from hallapp.core.i18n import language
from hallapp.core.web.responses import private
from hallapp.jobs import files, queries, service
from hallapp.jobs.errors import TooManyJobs
from hallapp.jobs.models import Fate, Job
from hallapp.jobs.service import NewJob
from hallapp.periods import Period
from hallapp.reports.errors import ExportGone, PeriodBeforeOpening, PeriodNotBegun
from hallapp.reports.exports import Format, export
from hallapp.reports.figures import service as figures
from hallapp.reports.lists import jobs
from hallapp.reports.lists.web.forms import ExportForm
from hallapp.schedule import queries as schedule
from hallapp.schedule.web.current_hall import get_current_hall

_FILES = [form for form in Format if form is not Format.JSON]
_NAMES = ",".join(form.value for form in _FILES)


@reports.route("/reports/<period:period>")
@reports.response(200, {"type": "object"})
@scope(Permission.REPORTS_READ)
@refuses(PeriodNotBegun, PeriodBeforeOpening)
def get_report(period: Period) -> Response:
    """Get the figures of a period: a day, range, month, quarter, year, or all since the opening.

    The document is the JSON of the report's page; docs/reports.md explains its figures.
    """
    content = export(figures.get_report(get_current_hall(), period), Format.JSON)
    return send_text(content, hashlib.sha256(content).hexdigest()[:32])


@reports.route(f"/reports/<period:period>/<any({_NAMES}):form>")
@reports.response(200, content_type="application/octet-stream")
@reports.doc(responses=files_of(form.mimetype for form in _FILES))
@scope(Permission.REPORTS_READ)
@refuses(PeriodNotBegun, PeriodBeforeOpening)
def get_report_file(period: Period, form: str) -> Response:
    """Get the figures of a period as a file."""
    chosen = Format(form)
    response = Response(export(figures.get_report(get_current_hall(), period), chosen), content_type=chosen.mimetype)
    return private(response)


@reports.route("/exports", methods=["POST"])
@reports.arguments(schemas.NewExport)
@reports.response(202, schemas.Export)
@scope(Permission.BOOKINGS_EXPORT)
@repeatable
@refuses(TooManyJobs)
def request_export(body: dict[str, Any]) -> Response:
    """Ask for a long list as a file, which is written in the background."""
    hall, caller = get_current_hall(), get_caller()
    values = {name: value for name, value in body.items() if name not in ("first", "last")}
    form = ExportForm(bodies.as_form(values | {"from": body["first"], "to": body["last"]}))
    form.offer(hall, schedule.list_all_programmes(hall.id))
    bodies.check(form)
    wanted = form.to_wanted()
    params = jobs.params(wanted, form=Format(form.form.data), language=language())

    def do() -> Content:
        job = service.ask(NewJob(hall_id=hall.id, staff_id=caller.id, kind=jobs.EXPORT, params=params))
        accounts.record(
            hall_id=hall.id,
            staff_id=caller.id,
            action="report_exported",
            subject=f"export {job.id}",
            detail={"what": wanted.what.value, "day": f"{wanted.first} – {wanted.last}", "name": caller.name},
        )
        return resources.export(job)

    return create(do, place=lambda made: f"/exports/{made['number']}", status=202)


@reports.route("/exports/<int(max=2147483647):number>")
@reports.response(200, schemas.Export)
@scope(Permission.BOOKINGS_EXPORT)
def get_export(number: int) -> Response:
    """Get how far an export is."""
    return send(resources.export(_get(number)))


@reports.route("/exports/<int(max=2147483647):number>/file")
@reports.response(200, content_type="application/octet-stream")
@reports.doc(responses=files_of(form.mimetype for form in jobs.FORMS))
@scope(Permission.BOOKINGS_EXPORT)
@refuses(ExportGone)
def get_export_file(number: int) -> Response:
    """Get the file of an export that is done; 404 or 410 where there is none yet or any more."""
    job = _get(number)
    if job.fate is not Fate.DONE or not files.is_kept(job.key, version=job.attempts):
        raise ExportGone
    content = stream_with_context(files.iter_content(job.key, version=job.attempts))
    response = Response(content, content_type=Format(job.params["form"]).mimetype)
    response.headers["Content-Length"] = str(job.file_bytes)
    return private(response)


def _get(number: int) -> Job:
    return queries.get_job(get_caller().hall_id, number, kinds=(jobs.EXPORT,))
