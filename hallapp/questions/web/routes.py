"""The manager's pages of questions."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.i18n import language
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.questions import queries, service
from hallapp.questions.models import KIND_NAMES, Question, QuestionKind
from hallapp.questions.service import SaveQuestion
from hallapp.questions.web.forms import QuestionForm
from hallapp.schedule import queries as schedule

blueprint = Blueprint("questions", __name__)


@blueprint.get("/admin/questions")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the questions of all programmes, and the form for another one."""
    return _page(QuestionForm(formdata=None), None)


@blueprint.post("/admin/questions")
@allow(Permission.SETTINGS_CHANGE)
def add() -> ResponseReturnValue:
    """Add a question."""
    return _submit(None)


@blueprint.get("/admin/questions/<number>")
@allow(Permission.SETTINGS_CHANGE)
def question(number: str) -> ResponseReturnValue:
    """Show a question to change."""
    found = _get(number)
    return _page(QuestionForm.of(found), found)


@blueprint.post("/admin/questions/<number>")
@allow(Permission.SETTINGS_CHANGE)
def change(number: str) -> ResponseReturnValue:
    """Change a question, or ask it again."""
    return _submit(_get(number))


@blueprint.post("/admin/questions/<number>/stop")
@allow(Permission.SETTINGS_CHANGE)
def stop(number: str) -> ResponseReturnValue:
    """Ask a question no longer; the answers to it stay."""
    staff, known = get_staff(), _get(number).number
    with transaction():
        service.stop_asking(staff.hall_id, known, staff.id)
    return redirect(url_for(".index", saved=1), 303)


def _submit(found: Question | None) -> ResponseReturnValue:
    form = _offer(QuestionForm())
    number = found.number if found else None

    def save() -> ResponseReturnValue:
        staff = get_staff()
        with transaction():
            service.save_question(
                SaveQuestion(
                    hall_id=staff.hall_id,
                    by=staff.id,
                    number=number,
                    programme_id=found.programme_id if found else form.programme.data,
                    kind=QuestionKind(form.kind.data),
                    words=form.words.data,
                    options=form.options.data,
                    required=form.required.data,
                    at_desk=form.at_desk.data,
                    position=form.position.data or 0,
                )
            )
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save, lambda: _page(form, found))


def _get(number: str) -> Question:
    return queries.find_question(get_staff().hall_id, get_number(number)) or abort(404)


def _offer(form: QuestionForm) -> QuestionForm:
    programmes = schedule.list_all_programmes(get_staff().hall_id)
    form.programme.choices = [(one.id, one.name(language())) for one in programmes]
    return form


def _page(form: QuestionForm, found: Question | None) -> str:
    _offer(form)
    return render_template(
        "questions/questions.html",
        form=form,
        question=found,
        asked=[] if found else queries.list_asked(get_staff().hall_id),
        programmes=dict(form.programme.choices),
        kind_names=KIND_NAMES,
    )
