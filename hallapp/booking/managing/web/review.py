"""A manager's inboxes: requests and appeals that wait for an answer, and the pauses of groups that stayed away."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import absence, answers, blocks
from hallapp.booking import appeals as appealing
from hallapp.booking import queries as bookings
from hallapp.booking.managing import queries
from hallapp.booking.managing.queries import Record
from hallapp.booking.managing.web.blueprint import advance_waiting_list, blueprint, by, number_of
from hallapp.booking.managing.web.forms import DECISIONS, AppealAnswerForm, DeclineForm, LiftForm
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import private
from hallapp.questions.values import Line
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Slot
from hallapp.schedule.web.current_hall import get_current_hall

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A booking that waits for an answer, with the facts that a reviewer needs."""

    booking: Booking
    record: Record
    same_day: list[Booking]
    slots: list[Slot]
    waits_hours: int
    answers: list[Line]
    blocked: bool


@blueprint.get("/bookings/review")
@allow(Permission.BOOKINGS_REVIEW)
def review() -> ResponseReturnValue:
    """Show the requests, the nearest visit first; the number of queries does not depend on how many there are."""
    advance_waiting_list()
    hall = get_current_hall()
    asked = bookings.list_requested(hall.id)
    shown, now = asked[:MOST_SHOWN], clock.now()
    records = queries.count_records(hall.id, shown)
    same_day = queries.list_same_day(hall.id, shown)
    slots = schedule.list_slots_of_days(hall.id, {booking.slot.day for booking in shown})
    answered = answers.list_lines(shown)
    blocked = blocks.list_blocked(hall.id, hall.today(), shown)
    requests = [
        Request(
            booking=booking,
            record=records[booking.id],
            same_day=same_day[booking.id],
            slots=slots[booking.slot.day],
            waits_hours=int((now - booking.created_at).total_seconds() // 3600),
            answers=answered[booking.id],
            blocked=booking.id in blocked,
        )
        for booking in shown
    ]
    done = request.args.get("done", "")
    page = render_template(
        "booking/managing/review.html",
        requests=requests,
        hall=hall,
        more=len(asked) - len(shown),
        reasons=DeclineForm().reason.choices,
        done=done if done in ("confirm", "decline") else "",
    )
    return private(page)


@blueprint.get("/bookings/appeals")
@allow(Permission.BOOKINGS_REVIEW)
def appeals() -> ResponseReturnValue:
    """Show the appeals that wait for an answer, the oldest first."""
    return _appeals_page()


@blueprint.post("/bookings/appeals/<number>/answer")
@allow(Permission.BOOKINGS_REVIEW)
def answer_appeal(number: str) -> ResponseReturnValue:
    """Accept an appeal, or refuse it with a reason."""
    form, hall_id, pause_id = AppealAnswerForm(request.form), get_staff().hall_id, number_of(number)
    appealing.get(hall_id, pause_id)

    def answer() -> ResponseReturnValue:
        accepted = form.decision.data == "accept"
        with transaction():
            appealing.answer(hall_id, pause_id, accepted=accepted, words=form.words.data or "", by=by())
        return redirect(url_for(".appeals", done=form.decision.data), 303)

    return submit_form(form, answer, lambda: _appeals_page(form, pause_id))


@blueprint.get("/bookings/pauses")
@allow(Permission.BOOKINGS_REVIEW)
def pauses() -> ResponseReturnValue:
    """Show the pauses in force, with the absences that led to them."""
    return _pauses_page()


@blueprint.post("/bookings/pauses/<number>/lift")
@allow(Permission.BOOKINGS_REVIEW)
def lift(number: str) -> ResponseReturnValue:
    """Let a group book again, for a reason."""
    form = LiftForm(request.form)
    pause_id = bookings.get_pause(get_staff().hall_id, number_of(number)).id
    if not form.validate():
        return _pauses_page(form, pause_id), 422
    with transaction():
        absence.lift(bookings.get_pause(get_staff().hall_id, pause_id), by=by(), reason=form.reason.data)
    return redirect(url_for(".pauses", done="lift"), 303)


def _appeals_page(refused: AppealAnswerForm | None = None, pause_id: int | None = None) -> Response:
    hall = get_current_hall()
    found = appealing.list_open(hall.id)
    done = request.args.get("done", "")
    page = render_template(
        "booking/managing/appeals.html",
        appeals=found,
        absences=queries.list_absences(hall.id, [appeal.pause for appeal in found]),
        hall=hall,
        refused=refused,
        refused_id=pause_id,
        done=done if done in DECISIONS else "",
    )
    return private(page)


def _pauses_page(refused: LiftForm | None = None, pause_id: int | None = None) -> Response:
    hall = get_current_hall()
    found = bookings.list_pauses(hall.id, today=hall.today())
    page = render_template(
        "booking/managing/pauses.html",
        pauses=found,
        absences=queries.list_absences(hall.id, found),
        hall=hall,
        refused=refused,
        refused_id=pause_id,
        done=request.args.get("done") == "lift",
    )
    return private(page)
