"""The managers' pages of service points: the ranking, statements, what waits for an answer, and closing a quarter."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import private
from hallapp.core.web.rownumbers import get_number
from hallapp.periods import Period
from hallapp.points import queries, service
from hallapp.points.errors import NoPoints
from hallapp.points.values import in_words, quarter_of, rank
from hallapp.points.web.forms import AnswerForm, DecisionForm, EntryForm
from hallapp.points.web.pages import statement_page
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("points_admin", __name__)


@blueprint.get("/admin/points")
@allow(Permission.POINTS_MANAGE)
def index() -> ResponseReturnValue:
    """Redirect to the ranking of the running quarter, or to the settings while the hall gives no points."""
    hall = get_current_hall()
    if not queries.is_open(hall.id):
        return redirect(url_for("points_setup.index"), 303)
    return redirect(url_for(".ranking", quarter=quarter_of(hall.today())), 303)


@blueprint.get("/admin/points/<quarter:quarter>")
@allow(Permission.POINTS_MANAGE)
def ranking(quarter: Period) -> ResponseReturnValue:
    """Show all people of a quarter by their points."""
    return _ranking(quarter)


@blueprint.post("/admin/points/<quarter:quarter>/close")
@allow(Permission.POINTS_MANAGE)
def close(quarter: Period) -> ResponseReturnValue:
    """File the statements of a quarter."""
    staff = get_staff()

    def act() -> ResponseReturnValue:
        with transaction():
            service.close(staff.hall_id, quarter, by=staff.id)
        return redirect(url_for(".ranking", quarter=quarter), 303)

    def refused(error: DomainError) -> Response:
        if isinstance(error, NoPoints):
            raise error
        return _ranking(quarter, message=translate(error))

    return attempt(act, refused)


@blueprint.get("/admin/points/<quarter:quarter>/people/<number>")
@allow(Permission.POINTS_MANAGE)
def statement(quarter: Period, number: str) -> ResponseReturnValue:
    """Show the statement of a person."""
    return _statement(quarter, number)


@blueprint.post("/admin/points/<quarter:quarter>/people/<number>/entries")
@allow(Permission.POINTS_MANAGE)
def enter(quarter: Period, number: str) -> ResponseReturnValue:
    """Enter something for a person; it counts once another person has approved it."""
    form, hall, staff = EntryForm(), get_current_hall(), get_staff()
    form.offer(queries.list_entered(hall.id, quarter))

    def save() -> ResponseReturnValue:
        with transaction():
            entry = service.enter(form.to_command(hall, by=staff.id, staff_id=get_number(number)))
            there = quarter_of(entry.day)
        return redirect(url_for(".statement", quarter=there, number=number, saved=1, _anchor="entries"), 303)

    return submit_form(form, save, lambda: _statement(quarter, number, form))


@blueprint.get("/admin/points/waiting")
@allow(Permission.POINTS_MANAGE)
def waiting() -> ResponseReturnValue:
    """Show the appeals and entries that wait for an answer."""
    return _waiting()


@blueprint.post("/admin/points/appeals/<number>")
@allow(Permission.POINTS_MANAGE)
def answer(number: str) -> ResponseReturnValue:
    """Answer an appeal."""
    form, hall, staff = AnswerForm(), get_current_hall(), get_staff()
    here = f"appeal-{get_number(number)}"

    def act() -> None:
        service.answer_appeal(hall, get_number(number), words=form.answer.data, by=staff.id)

    return submit_form(form, lambda: _answered(act), lambda: _waiting(form, refused=here))


@blueprint.post("/admin/points/entries/<number>")
@allow(Permission.POINTS_MANAGE)
def decide(number: str) -> ResponseReturnValue:
    """Approve an entry, or reject it."""
    form, hall, staff = DecisionForm(), get_current_hall(), get_staff()
    here, approved = f"entry-{get_number(number)}", request.form.get("decision") == "approve"

    def act() -> None:
        words = form.answer.data or ""
        service.decide(hall, get_number(number), approved=approved, answer=words, by=staff.id)

    return submit_form(form, lambda: _answered(act), lambda: _waiting(form, refused=here))


def _answered(act: Callable[[], None]) -> ResponseReturnValue:
    with transaction():
        act()
    return redirect(url_for(".waiting", saved=1), 303)


def _ranking(quarter: Period, *, message: str = "") -> Response:
    hall = get_current_hall()
    found = queries.get_quarter(hall, quarter)
    people = {person.id: person for person in queries.list_people(hall.id)}
    shown = [one for one in found.statements.values() if _is_shown(one.points, people.get(one.staff_id))]
    html = render_template(
        "points/ranking.html",
        hall=hall,
        quarter=quarter,
        quarters=queries.list_quarters(hall),
        ranks=rank(shown),
        names=queries.map_names(hall.id),
        people=people,
        close=found.close,
        is_over=hall.today() >= quarter.end,
        without_last_day=[] if found.close else queries.list_without_last_day(hall.id, quarter),
        unanswered=queries.count_unanswered(hall.id),
        in_words=in_words,
        message=message,
    )
    return private(html)


def _is_shown(points: int, person: object) -> bool:
    """Return whether the ranking has a person: a closed account without any points is left out."""
    return bool(points) or getattr(person, "active", False)


def _statement(quarter: Period, number: str, form: EntryForm | None = None) -> Response:
    hall = get_current_hall()
    person = queries.get_account(hall.id, get_number(number))
    return statement_page(hall, quarter, person, own=False, entry_form=form)


def _waiting(form: AnswerForm | DecisionForm | None = None, *, refused: str = "") -> Response:
    hall = get_current_hall()
    appeals, entries = queries.list_open_appeals(hall.id), queries.list_waiting(hall.id)
    cards = {f"appeal-{one.number}" for one in appeals} | {f"entry-{one.number}" for one in entries}
    html = render_template(
        "points/waiting.html",
        hall=hall,
        me=get_staff().id,
        appeals=appeals,
        entries=entries,
        names=queries.map_index_names(hall.id),
        people=queries.map_names(hall.id),
        quarter_of=quarter_of,
        form=form,
        refused=refused,
        shown=refused in cards,  # somebody may have answered in the meantime
    )
    return private(html)
