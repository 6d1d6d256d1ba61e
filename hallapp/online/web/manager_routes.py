"""The managers' pages of online sessions: their streams, recordings, questions and audience."""

from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import csrf, http_error
from hallapp.core.web.rownumbers import get_number
from hallapp.ledger import closes
from hallapp.online import imports, queries, service
from hallapp.online.errors import ListTooLarge
from hallapp.online.lists import FILE_BYTES_MOST
from hallapp.online.models import QuestionState
from hallapp.online.web.forms import ListForm, SessionForm
from hallapp.schedule.models import Slot
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("online_admin", __name__)

_DAYS_BACK, _DAYS_AHEAD = 31, 31
_REST_OF_FORM = 64 * 1024  # bytes
_SLOT = "<int(max=2147483647):slot_id>"  # the range of a database's integer


@blueprint.get("/admin/online")
@allow(Permission.CALENDAR_CHANGE)
def index() -> ResponseReturnValue:
    """Show the sessions of the last and the next month."""
    hall = get_current_hall()
    today = hall.today()
    sessions = queries.list_sessions(hall.id, today - timedelta(days=_DAYS_BACK), today + timedelta(days=_DAYS_AHEAD))
    return render_template("online/index.html", hall=hall, sessions=sessions, now=clock.now())


@blueprint.get(f"/admin/online/{_SLOT}")
@allow(Permission.CALENDAR_CHANGE)
def session(slot_id: int) -> ResponseReturnValue:
    """Show one session with its addresses, its audience and its questions."""
    slot = _slot(slot_id)
    return _page(slot)


@blueprint.post(f"/admin/online/{_SLOT}")
@allow(Permission.CALENDAR_CHANGE)
def set_up(slot_id: int) -> ResponseReturnValue:
    """Set the addresses of a session."""
    form = SessionForm(request.form)

    def save() -> ResponseReturnValue:
        with transaction():
            service.set_up(
                _slot(slot_id),
                stream=form.stream.data or "",
                recording=form.recording.data or "",
                following=form.following.data,
                staff_id=get_staff().id,
            )
        return redirect(url_for(".session", slot_id=slot_id, saved=1), 303)

    return submit_form(form, save, lambda: make_response(_page(_slot(slot_id), form)))


@blueprint.post(f"/admin/online/{_SLOT}/questions/<number>")
@allow(Permission.CALENDAR_CHANGE)
def moderate(slot_id: int, number: str) -> ResponseReturnValue:
    """Show a question to the audience, answer it, or decline it."""
    declined = request.form.get("act") == "decline"
    with transaction():
        service.moderate(
            get_staff().hall_id,
            number,
            QuestionState.DECLINED if declined else QuestionState.SHOWN,
            "" if declined else request.form.get("answer", ""),
        )
    return redirect(url_for(".session", slot_id=slot_id, _anchor="questions"), 303)


@blueprint.post(f"/admin/online/{_SLOT}/list")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: only here it is known how much is taken in
@allow(Permission.CALENDAR_CHANGE)
def import_list(slot_id: int) -> ResponseReturnValue:
    """Count the people of a platform's list."""
    _slot(slot_id)  # a session that is not there has no page for the errors of a file
    request.max_content_length = request.max_form_memory_size = FILE_BYTES_MOST + _REST_OF_FORM
    form = ListForm()
    form.offer()

    def count() -> ResponseReturnValue:
        slot = _slot(slot_id)
        found = form.read(slot.programme.hall.origins)
        with transaction():
            imports.import_list(_slot(slot_id), found, form.chosen_relation, staff_id=get_staff().id)
        return redirect(url_for(".session", slot_id=slot_id, saved=1), 303)

    return submit_form(form, count, lambda: make_response(_page(_slot(slot_id), list_form=form)))


@blueprint.post(f"/admin/online/{_SLOT}/list/<number>/take-back")
@allow(Permission.CALENDAR_CHANGE)
def take_back(slot_id: int, number: str) -> ResponseReturnValue:
    """Take back an imported list."""
    _slot(slot_id)

    def act() -> ResponseReturnValue:
        with transaction():
            imports.take_back(_slot(slot_id), get_number(number), staff_id=get_staff().id)
        return redirect(url_for(".session", slot_id=slot_id, saved=1, _anchor="lists"), 303)

    return attempt(act, lambda error: make_response(_page(_slot(slot_id), refusal=translate(error))))


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Refuse a file beyond the upload limit beside its field, like one that is a little too large."""
    if request.endpoint != f"{blueprint.name}.{import_list.__name__}":
        return http_error(error)
    form = ListForm(formdata=None)
    form.offer()
    form.refuse(ListTooLarge())
    return _page(_slot((request.view_args or {})["slot_id"]), list_form=form), 422


def _slot(slot_id: int) -> Slot:
    return queries.get_slot(get_staff().hall_id, slot_id)


def _page(slot: Slot, form: SessionForm | None = None, list_form: ListForm | None = None, *, refusal: str = "") -> str:
    if form is None:
        form = SessionForm(formdata=None, obj=queries.find_session(slot.hall_id, slot.id))
    if list_form is None:
        list_form = ListForm(formdata=None)
        list_form.offer()
    return render_template(
        "online/session.html",
        hall=slot.programme.hall,
        line=queries.get_line(slot),
        slot=slot,
        form=form,
        list_form=list_form,
        present=queries.count_present(slot),
        counted=queries.list_of_session(slot.hall_id, slot.id),
        questions=queries.list_questions(slot.hall_id, slot.id),
        over=slot.ends_at <= clock.now(),
        imported=imports.list_imported(slot),
        month_closed=closes.find(slot.hall_id, slot.day.replace(day=1)) is not None,
        refusal=refusal,
    )
