"""Routes for long exports: ask for one, see how far it is, take the file."""

from collections.abc import Callable

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.i18n import language, translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt
from hallapp.core.web.responses import private
from hallapp.core.web.rownumbers import get_number
from hallapp.jobs import files, queries, service
from hallapp.jobs.models import Fate, Job
from hallapp.jobs.service import NewJob
from hallapp.reports.errors import ExportGone
from hallapp.reports.exports import Format
from hallapp.reports.lists import jobs
from hallapp.reports.lists import words as job_words
from hallapp.reports.lists.web.forms import ExportForm
from hallapp.schedule import queries as schedule
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.tasks import queries as tasks

blueprint = Blueprint("exports", __name__)

SHOWN = 30
_KINDS = (jobs.EXPORT,)


@blueprint.get("/reports/exports")
@allow(Permission.BOOKINGS_EXPORT)
def index() -> ResponseReturnValue:
    """Show the exports of the last days and their progress; the address may fill in the form."""
    return _page(_form(request.args))


@blueprint.post("/reports/exports")
@allow(Permission.BOOKINGS_EXPORT)
def ask() -> ResponseReturnValue:
    """Ask for a file; the worker writes it."""
    hall, staff, form = get_current_hall(), get_staff(), _form(request.form)
    if not form.validate():
        return _page(form), 422

    def ask_for_file() -> ResponseReturnValue:
        wanted, given = form.to_wanted(), Format(form.form.data)
        params = jobs.params(wanted, form=given, language=language())
        with transaction():
            job = service.ask(NewJob(hall_id=hall.id, staff_id=staff.id, kind=jobs.EXPORT, params=params))
            detail = {"what": wanted.what.value, "day": f"{wanted.first} – {wanted.last}"}
            subject = f"export {job.id}"
            accounts.record(
                hall_id=hall.id, staff_id=staff.id, action="report_exported", subject=subject, detail=detail
            )
        return redirect(url_for(".index", _anchor="exports"), 303)

    return attempt(ask_for_file, lambda error: _page(form, refusal=translate(error)))


@blueprint.get("/reports/exports.json")
@allow(Permission.BOOKINGS_EXPORT)
def progress() -> ResponseReturnValue:
    """Send the progress of each export, for the page to poll."""
    alive = tasks.is_worker_alive()
    return jsonify(
        exports=[
            {
                "number": job.id,
                "state": job.fate.value,
                "done": job.done,
                "total": job.total,
                "said": job_words.progress(job, worker_alive=alive),
            }
            for job in queries.list_jobs(get_staff().hall_id, kinds=_KINDS, limit=SHOWN)
        ]
    )


@blueprint.get("/reports/exports/<number>/file")
@allow(Permission.BOOKINGS_EXPORT)
def download(number: str) -> ResponseReturnValue:
    """Show the file of an export that is done, in pieces."""
    job = _get(number)
    if job.fate is not Fate.DONE or not files.is_kept(job.key, version=job.attempts):
        raise ExportGone
    content = stream_with_context(files.iter_content(job.key, version=job.attempts))
    response = Response(content, mimetype=Format(job.params["form"]).mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=job.file_name)
    response.headers["Content-Length"] = str(job.file_bytes)
    return private(response)


@blueprint.post("/reports/exports/<number>/again")
@allow(Permission.BOOKINGS_EXPORT)
def again(number: str) -> ResponseReturnValue:
    """Begin an export once more that failed or was broken off."""
    return _act(number, service.start_again)


@blueprint.post("/reports/exports/<number>/delete")
@allow(Permission.BOOKINGS_EXPORT)
def delete(number: str) -> ResponseReturnValue:
    """Delete an export with its file; one at work stops."""
    return _act(number, service.remove)


def _act(number: str, act: Callable[[Job], object]) -> ResponseReturnValue:
    def change_job() -> ResponseReturnValue:
        with transaction():
            job = _get(number)
            act(job)
        return redirect(url_for(".index", _anchor="exports"), 303)

    return attempt(change_job, lambda error: _page(_form(None), refusal=translate(error)))


def _get(number: str) -> Job:
    """Return an export of this hall; 404 for any other."""
    return queries.get_job(get_staff().hall_id, get_number(number), kinds=_KINDS)


def _form(given: object) -> ExportForm:
    hall, form = get_current_hall(), ExportForm(given)
    form.offer(hall, schedule.list_all_programmes(hall.id))
    return form


def _page(form: ExportForm, *, refusal: str | None = None) -> str:
    hall = get_current_hall()
    shown = queries.list_jobs(hall.id, kinds=_KINDS, limit=SHOWN)
    return render_template(
        "reports/jobs.html",
        hall=hall,
        form=form,
        jobs=shown,
        any_open=any(job.is_open for job in shown),
        programmes={one.id: one.name(language()) for one in schedule.list_all_programmes(hall.id)},
        words=job_words,
        worker_alive=tasks.is_worker_alive(),
        refusal=refusal,
    )
