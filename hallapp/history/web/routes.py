"""Routes for a file on its way: upload, columns, dry run, settling, import."""

import re
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from typing import Any

from flask import abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound
from werkzeug.exceptions import RequestEntityTooLarge

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.signals import details_erased
from hallapp.core import limits
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate, translate_kept
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import csrf
from hallapp.history import asking, queries, service, words, work, workbook
from hallapp.history.columns import SHORT_NAMES, Columns
from hallapp.history.errors import FileTooLarge
from hallapp.history.models import DraftState, HistoryDraft, Topic
from hallapp.history.queries import Figures
from hallapp.history.web import import_routes
from hallapp.history.web.blueprint import blueprint, number_of
from hallapp.history.web.forms import ColumnsForm, CountForm, UploadForm, read_answers, read_meanings
from hallapp.history.work import Meanings
from hallapp.jobs import files
from hallapp.jobs import queries as jobs
from hallapp.jobs import service as job_service
from hallapp.jobs.models import Job
from hallapp.jobs.service import NewJob
from hallapp.schedule.queries import list_all_programmes
from hallapp.schedule.web.current_hall import get_current_hall, get_origins
from hallapp.tasks import queries as tasks

__all__ = ["blueprint", "import_routes"]

details_erased.connect(service.erase)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UPLOAD_MB_MOST = 64
#: The upload limit, a little above the file limit, so that the refusal can be shown beside the field.
_TAKEN_IN = (UPLOAD_MB_MOST + 8) * 1024**2
#: Files up to this size are read, and rows up to this number counted, while the sender waits: about a second.
BYTES_AT_ONCE, ROWS_AT_ONCE = 200_000, 2_000
UPLOADS_AN_HOUR = 60
_ROWS_A_PAGE = 100
_JOBS_LOOKED_AT = 20
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_KINDS = (work.READING, work.COUNTING)


@blueprint.get("/reports/history")
@allow(Permission.REPORTS_IMPORT)
def index() -> ResponseReturnValue:
    """Show the files under way, the imports that were made, and the upload of another file."""
    return _index_page(UploadForm(formdata=None))


@blueprint.get("/reports/history/template.xlsx")
@allow(Permission.REPORTS_IMPORT)
def template() -> ResponseReturnValue:
    """Show a workbook with the columns, to fill in."""
    response = make_response(workbook.make(get_origins()))
    response.headers["Content-Type"] = XLSX
    response.headers["Content-Disposition"] = "attachment; filename=history.xlsx"
    return response


@blueprint.post("/reports/history")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: only here it is known how much is taken in
@allow(Permission.REPORTS_IMPORT)
def upload() -> ResponseReturnValue:
    """Take a file in and look at it: at once where it is small, in the background where it is not."""
    request.max_content_length = _TAKEN_IN
    form, staff = UploadForm(), get_staff()

    def take_in() -> ResponseReturnValue:
        draft = _take_in(form, hall_id=staff.hall_id, staff_id=staff.id)
        return redirect(url_for(".draft", number=str(draft.id)), 303)

    return submit_form(form, take_in, lambda: _index_page(form))


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Refuse a file beyond the upload limit beside its field, like one that is a little too large."""
    form = UploadForm(formdata=None)
    form.refuse(FileTooLarge(most=UPLOAD_MB_MOST))
    return _index_page(form), 422


def _take_in(form: UploadForm, *, hall_id: int, staff_id: int) -> HistoryDraft:
    with transaction():
        limits.hit("history", str(hall_id), limit=UPLOADS_AN_HOUR, seconds=3600)
        service.sweep(hall_id)
    key = files.new_key()
    byte_count = files.store(hall_id, key, form.stream)
    try:
        if byte_count > UPLOAD_MB_MOST * 1024**2:
            raise FileTooLarge(most=UPLOAD_MB_MOST)
        new = service.NewDraft(
            hall_id=hall_id, staff_id=staff_id, key=key, filename=form.filename, file_bytes=byte_count
        )
        with transaction():
            draft = service.take_in(new)
    except DomainError:
        with transaction():
            files.discard([key])
        raise
    _read(draft, key=key)
    return draft


def _read(draft: HistoryDraft, *, key: str | None = None) -> None:
    """Read a draft's file: at once where it is small, else by a job, with the file's key where it is the first one."""
    if draft.file_bytes <= BYTES_AT_ONCE:
        work.read(draft.hall_id, draft.id)
        return
    _ask(draft, work.READING, {"draft": draft.id}, key=key or files.new_key())


def _ask(draft: HistoryDraft, kind: str, params: dict[str, Any], *, key: str) -> None:
    """Put the work on a draft into the queue of the worker."""
    with transaction():
        found = queries.get_draft(draft.hall_id, draft.id, lock=True)
        service.take_up(found, DraftState.LOOKING if kind == work.READING else DraftState.COUNTING)
        new = NewJob(hall_id=draft.hall_id, staff_id=get_staff().id, kind=kind, params=params, key=key)
        found.job_id = job_service.ask(new).id


@blueprint.get("/reports/history/<number>")
@allow(Permission.REPORTS_IMPORT)
def draft(number: str) -> ResponseReturnValue:
    """Show the state of a file: its progress, its columns, or its dry run; redirect to its import if it was counted."""
    try:
        found = _get_draft(number)
        work.refresh(found.hall_id, found.id)
        return _draft_page(_get_draft(number))
    except NoResultFound:
        made = _find_made(number_of(number))
        if made is None:
            raise
        return redirect(url_for(".show_import", number=str(made), done=1), 303)


@blueprint.get("/reports/history/<number>.json")
@allow(Permission.REPORTS_IMPORT)
def progress(number: str) -> ResponseReturnValue:
    """Send the progress of the work on a file, for its page to poll."""
    found = _get_draft(number)
    job = _find_job(found)
    at_work = _is_at_work(found, job)
    said = words.progress(job, worker_alive=tasks.is_worker_alive()) if job and at_work else ""
    return jsonify(
        at_work=at_work,
        state=found.state.value,
        done=job.done if job else 0,
        total=job.total if job else None,
        said=said,
    )


@blueprint.post("/reports/history/<number>/sheet")
@allow(Permission.REPORTS_IMPORT)
def choose_sheet(number: str) -> ResponseReturnValue:
    """Look at another sheet of the file."""
    chosen = request.form.get("sheet", "")
    found = _get_draft(number)
    if not _NUMBER.fullmatch(chosen) or int(chosen) > len(found.sheets):
        abort(404)
    return _change_and_read(found, lambda draft: service.choose_sheet(draft, int(chosen) - 1))


@blueprint.post("/reports/history/<number>/columns")
@allow(Permission.REPORTS_IMPORT)
def confirm_columns(number: str) -> ResponseReturnValue:
    """Confirm the meaning of the columns, and read the file row by row."""
    found = _get_draft(number)
    form = ColumnsForm.of(found, list_all_programmes(found.hall_id), request.form)
    if not form.validate():
        return _columns_page(found, form), 422
    columns = form.to_columns()
    return _change_and_read(found, lambda draft: service.confirm_columns(draft, columns))


@blueprint.post("/reports/history/<number>/ask-again")
@allow(Permission.REPORTS_IMPORT)
def ask_again(number: str) -> ResponseReturnValue:
    """Ask for the columns once more."""
    found = _get_draft(number)

    def ask() -> ResponseReturnValue:
        with transaction():
            service.ask_again(queries.get_draft(found.hall_id, found.id, lock=True))
        return redirect(url_for(".draft", number=number), 303)

    return attempt(ask, lambda error: _draft_page(_get_draft(number), refusal=error))


@blueprint.post("/reports/history/<number>/answer")
@allow(Permission.REPORTS_IMPORT)
def answer(number: str) -> ResponseReturnValue:
    """Store answers to questions, and read the file again."""
    found = _get_draft(number)
    said = read_answers(service.list_findings(found), request.form)
    if not said:
        return redirect(url_for(".draft", number=number, _anchor="look"), 303)
    return _change_and_read(found, lambda draft: service.answer(draft, said))


@blueprint.post("/reports/history/<number>/settle")
@allow(Permission.REPORTS_IMPORT)
def settle(number: str) -> ResponseReturnValue:
    """Store the meaning of names, for this file and all future ones."""
    found = _get_draft(number)

    def keep_meanings() -> ResponseReturnValue:
        command = read_meanings(found, queries.list_texts(found.id), request.form, staff_id=get_staff().id)
        with transaction():
            service.settle(command)
        work.compare(found.hall_id, found.id)
        return redirect(url_for(".draft", number=number, _anchor="settled"), 303)

    return attempt(keep_meanings, lambda error: _draft_page(_get_draft(number), refusal=error))


@blueprint.post("/reports/history/<number>/count")
@allow(Permission.REPORTS_IMPORT)
def count(number: str) -> ResponseReturnValue:
    """Count the file, all or nothing: at once for a short one, else in the background."""
    found, form, staff = _get_draft(number), CountForm(), get_staff()

    def count_rows() -> ResponseReturnValue:
        command = form.to_command(hall_id=staff.hall_id, draft_id=found.id, staff_id=staff.id)
        work.refresh(found.hall_id, found.id)
        figures = service.check(found, command)
        if figures.fine > ROWS_AT_ONCE:
            wish = {"name": command.name, "leave_out": command.leave_out, "into_closed": command.into_closed}
            _ask(found, work.COUNTING, {"draft": found.id, **wish}, key=files.new_key())
            return redirect(url_for(".draft", number=number), 303)
        made = work.count(command)
        return redirect(url_for(".show_import", number=str(made), done=1), 303)

    return submit_form(form, count_rows, lambda: _draft_page(_get_draft(number), count_form=form))


@blueprint.post("/reports/history/<number>/again")
@allow(Permission.REPORTS_IMPORT)
def again(number: str) -> ResponseReturnValue:
    """Take work up again that failed or was broken off: read the file from its beginning."""
    found = _get_draft(number)
    job = _find_job(found)

    def start_again() -> ResponseReturnValue:
        if job and job.can_start_again:
            with transaction():
                job_service.start_again(jobs.get_job(found.hall_id, job.id, kinds=_KINDS))
        elif found.state is DraftState.COUNTING and not job:
            with transaction():
                service.let_be(queries.get_draft(found.hall_id, found.id, lock=True))
        elif not (job and job.is_open):
            _read(found)
        return redirect(url_for(".draft", number=number), 303)

    return attempt(start_again, lambda error: _draft_page(_get_draft(number), refusal=error))


@blueprint.post("/reports/history/<number>/discard")
@allow(Permission.REPORTS_IMPORT)
def discard(number: str) -> ResponseReturnValue:
    """Forget a file and all that was read of it; work on it stops."""
    found = _get_draft(number)
    job = _find_job(found)
    with transaction():
        service.remove(queries.get_draft(found.hall_id, found.id, lock=True))
        if job:
            job_service.remove(jobs.get_job(found.hall_id, job.id, kinds=_KINDS))
    return redirect(url_for(".index"), 303)


def _change_and_read(found: HistoryDraft, change: Callable[[HistoryDraft], object]) -> ResponseReturnValue:
    """Change how a file is read, and read it again."""

    def act() -> ResponseReturnValue:
        with transaction():
            change(queries.get_draft(found.hall_id, found.id, lock=True))
        _read(queries.get_draft(found.hall_id, found.id))
        return redirect(url_for(".draft", number=str(found.id)), 303)

    return attempt(act, lambda error: _draft_page(queries.get_draft(found.hall_id, found.id), refusal=error))


def _get_draft(number: str) -> HistoryDraft:
    """Return a draft of this hall; 404 for any other."""
    return queries.get_draft(get_staff().hall_id, number_of(number))


def _find_job(draft: HistoryDraft) -> Job | None:
    """Return the work on a draft, as far as it is still known."""
    with suppress(NoResultFound):
        return jobs.get_job(draft.hall_id, draft.job_id, kinds=_KINDS) if draft.job_id else None
    return None


def _find_made(draft_id: int) -> int | None:
    """Return the number of the import that the background has made of a draft, or None."""
    done = jobs.list_jobs(get_staff().hall_id, kinds=[work.COUNTING], limit=_JOBS_LOOKED_AT)
    return next((job.result.get("import") for job in done if job.params.get("draft") == draft_id), None)


def _is_at_work(draft: HistoryDraft, job: Job | None) -> bool:
    waits = draft.state in (DraftState.LOOKING, DraftState.COUNTING)
    return bool(waits and job and job.is_open)


def _index_page(form: UploadForm) -> str:
    hall = get_current_hall()
    return render_template(
        "history/index.html",
        hall=hall,
        form=form,
        drafts=queries.list_drafts(hall.id),
        imports=queries.list_imports(hall.id),
        words=words,
        most=UPLOAD_MB_MOST,
    )


def _draft_page(draft: HistoryDraft, *, refusal: DomainError | None = None, count_form: CountForm | None = None) -> str:
    job = _find_job(draft)
    said = translate(refusal) if refusal else None
    if draft.state in (DraftState.LOOKING, DraftState.COUNTING):
        return _plain_page(draft, job, at_work=_is_at_work(draft, job), refusal=said)
    if draft.state is DraftState.REFUSED:
        return _plain_page(draft, job, at_work=False, refusal=said)
    if draft.state is DraftState.ASKING and not draft.headings:
        return _first_page(draft, refusal=said)
    if draft.state is DraftState.ASKING:
        return _columns_page(draft, ColumnsForm.of(draft, list_all_programmes(draft.hall_id)), refusal=said)
    failed = job.error if job and job.kind == work.COUNTING else None
    told = said or (translate_kept(failed) if failed else None)
    return _rows_page(draft, count_form or _count_form(draft), refusal=told)


def _count_form(draft: HistoryDraft) -> CountForm:
    return CountForm(formdata=None, data={"name": draft.filename.rpartition(".")[0] or draft.filename})


def _plain_page(draft: HistoryDraft, job: Job | None, *, at_work: bool, refusal: str | None) -> str:
    return render_template(
        "history/at_work.html",
        hall=get_current_hall(),
        draft=draft,
        job=job,
        at_work=at_work,
        worker_alive=tasks.is_worker_alive(),
        words=words,
        DraftState=DraftState,
        refusal=refusal,
    )


def _first_page(draft: HistoryDraft, *, refusal: str | None) -> str:
    findings = service.list_findings(draft)
    return render_template(
        "history/first.html", hall=get_current_hall(), draft=draft, findings=findings, asking=asking, refusal=refusal
    )


def _columns_page(draft: HistoryDraft, form: ColumnsForm, *, refusal: str | None = None) -> str:
    return render_template(
        "history/columns.html",
        hall=get_current_hall(),
        draft=draft,
        form=form,
        words=words,
        asking=asking,
        column_names=SHORT_NAMES,
        refusal=refusal,
    )


def _rows_page(draft: HistoryDraft, count_form: CountForm, *, refusal: str | None = None) -> str:
    hall = get_current_hall()
    figures = Figures.of_json(draft.figures)
    show = request.args.get("show", "")
    show = show if show in ("wrong", "left-out") else "all"
    total = {"wrong": figures.wrong_rows, "left-out": figures.left_out_rows}.get(show, figures.rows)
    asked = request.args.get("page", "")
    pages = max(1, ceil(total / _ROWS_A_PAGE))
    page = min(int(asked), pages) if _NUMBER.fullmatch(asked) else 1
    counted = queries.sum_counted_months(hall.id, figures.months[0].month) if figures.months else {}
    return render_template(
        "history/draft.html",
        hall=hall,
        draft=draft,
        figures=figures,
        form=count_form,
        same=queries.find_same_import(hall.id, draft.digest),
        unsettled=queries.list_unsettled(draft.id),
        unsettled_count=queries.count_unsettled(draft.id),
        closed=queries.list_closed_months(hall.id),
        counted=counted,
        columns=Columns.of_json(draft.columns or {}),
        short_names=SHORT_NAMES,
        findings=service.list_findings(draft),
        open_count=len(service.list_open(draft)),
        asking=asking,
        meanings=Meanings.of(draft),
        programmes={one.id: one for one in list_all_programmes(hall.id)},
        rows=_rows(draft, show, (page - 1) * _ROWS_A_PAGE),
        show=show,
        page=page,
        pages=pages,
        words=words,
        Topic=Topic,
        refusal=refusal,
    )


def _rows(draft: HistoryDraft, show: str, start: int) -> Any:
    if show == "all":
        return queries.list_rows(draft.id, start=start, count=_ROWS_A_PAGE)
    return queries.list_refused(draft.id, left_out=show == "left-out", start=start, count=_ROWS_A_PAGE)
