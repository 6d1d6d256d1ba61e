"""One booking's page, and the staff's actions on it: each is a form that posts to its own address."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, cast

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff, may
from hallapp.booking import absence, parties, queries, service, tours
from hallapp.booking.managing.errors import ManagerNeeded, ScopeMissing
from hallapp.booking.managing.facts import Facts, gather
from hallapp.booking.managing.web import forms
from hallapp.booking.managing.web.blueprint import advance_waiting_list, blueprint, by
from hallapp.booking.managing.web.forms import Scope, VerbForm
from hallapp.booking.models import AGREED, OPEN_STATES, Booking, BookingState
from hallapp.booking.reference import tidy
from hallapp.booking.web.kept_places import keep_places
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import private
from hallapp.core.web.rownumbers import get_number
from hallapp.questions import queries as questions
from hallapp.questions.values import FILE_TYPES
from hallapp.questions.web.fields import allow_files
from hallapp.resources.queries import list_resources

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MANAGERS_FORMS = (forms.ConfirmForm, forms.DeclineForm, forms.AbsentForm, forms.SetRightForm)
#: The last action, as a word in the address without personal data.
DONE = (
    "placed",
    "confirm",
    "decline",
    "people",
    "move",
    "move-parts",
    "contact",
    "answers",
    "cancel",
    "absent",
    "set-right",
    "reissue",
)


@blueprint.get("/bookings/<reference>")
@allow(Permission.BOOKINGS_CHANGE)
def booking(reference: str) -> ResponseReturnValue:
    """Show one booking; `?day=` shows the times of a day to which it can be moved."""
    advance_waiting_list()
    return _page(reference)


@blueprint.post("/bookings/<reference>/confirm")
@allow(Permission.BOOKINGS_REVIEW)
def confirm(reference: str) -> ResponseReturnValue:
    """Confirm a request, or accept a waiting group."""
    form = forms.ConfirmForm(request.form)
    return act(reference, form, lambda row: parties.confirm(row, by=by(), over_limit=_reason(form)))


@blueprint.post("/bookings/<reference>/decline")
@allow(Permission.BOOKINGS_REVIEW)
def decline(reference: str) -> ResponseReturnValue:
    """Decline a request, with a reason."""
    form = forms.DeclineForm(request.form)
    return act(reference, form, lambda row: parties.decline(row, by=by(), reply=form.reply_to(row)))


@blueprint.post("/bookings/<reference>/people")
@allow(Permission.BOOKINGS_CHANGE)
def people(reference: str) -> ResponseReturnValue:
    """Let more or fewer people come, or from elsewhere."""
    form = keep_places(forms.PeopleForm(request.form), _get(reference))
    return act(
        reference,
        form,
        lambda row: service.change_people(
            row, form.origin_pairs(), resources=form.resources.asked, by=by(), over_limit=_reason(form)
        ),
    )


@blueprint.post("/bookings/<reference>/move")
@allow(Permission.BOOKINGS_CHANGE)
def move(reference: str) -> ResponseReturnValue:
    """Bring it to another time, of any programme."""
    form = forms.MoveForm(request.form)
    return act(reference, form, lambda row: service.move(row, form.slot_id or 0, by=by(), over_limit=_reason(form)))


@blueprint.post("/bookings/<reference>/move-parts")
@allow(Permission.BOOKINGS_CHANGE)
def move_parts(reference: str) -> ResponseReturnValue:
    """Bring all parts of a large group to their own times of another day."""
    form = forms.MovePartsForm(request.form)
    return act(reference, form, lambda row: parties.move_to_day(row, form.day.data, by=by()))


@blueprint.post("/bookings/<reference>/contact")
@allow(Permission.BOOKINGS_CHANGE)
def contact(reference: str) -> ResponseReturnValue:
    """Change the group, the contact and the note."""
    form = forms.ContactForm(request.form)
    return act(reference, form, lambda row: parties.change_contact(row, form.to_data(), by=by()))


@blueprint.post("/bookings/<reference>/answers")
@allow(Permission.BOOKINGS_CHANGE)
def answers(reference: str) -> ResponseReturnValue:
    """Change the answers to the questions of the programme."""
    allow_files(get_staff().hall_id)
    form = forms.AnswersForm(request.form).ask_about(_get(reference))
    return act(reference, form, lambda row: parties.change_answers(row, form.to_data(), by=by()))


@blueprint.get("/bookings/<reference>/answers/<number>")
@allow(Permission.BOOKINGS_CHANGE)
def answer_file(reference: str, number: str) -> ResponseReturnValue:
    """Send the file that a booking gave as its answer, for the staff alone, to be saved and not to be shown."""
    row, known = _get(reference), get_number(number)
    found = questions.find_file(row.hall_id, row.id, known) or abort(404)
    response = private(found[1])
    response.headers["Content-Type"] = FILE_TYPES[found[0]]
    response.headers["Content-Disposition"] = f"attachment; filename={row.reference}-{known}.{found[0]}"
    return response


@blueprint.post("/bookings/<reference>/cancel")
@allow(Permission.BOOKINGS_CHANGE)
def cancel(reference: str) -> ResponseReturnValue:
    """Cancel it, with a message to the organiser."""
    form = forms.CancelForm(request.form)
    return act(reference, form, lambda row: _cancel(row, form))


def _cancel(row: Booking, form: forms.CancelForm) -> None:
    """Cancel as much of a large group or a series as was chosen. Raises ScopeMissing where that was not said."""
    match form.scope.data:
        case Scope.PARTS:
            parties.cancel(row, by=by(), reply=form.reply.data)
        case Scope.LATER:
            parties.cancel_later(row, by=by(), reply=form.reply.data)
        case Scope.THIS:
            service.cancel(row, by=by(), reply=form.reply.data)
        case _:
            if row.party is not None or row.series is not None:
                raise ScopeMissing
            service.cancel(row, by=by(), reply=form.reply.data)


@blueprint.post("/bookings/<reference>/absent")
@allow(Permission.BOOKINGS_REVIEW)
def absent(reference: str) -> ResponseReturnValue:
    """Mark the booking as a no-show."""
    return act(reference, forms.AbsentForm(request.form), lambda row: absence.mark_absent(row, by=by()))


@blueprint.post("/bookings/<reference>/set-right")
@allow(Permission.BOOKINGS_REVIEW)
def set_right(reference: str) -> ResponseReturnValue:
    """Take an absence back that was marked wrongly."""
    return act(reference, forms.SetRightForm(request.form), lambda row: absence.set_right(row, by=by()))


def act(reference: str, form: VerbForm, verb: Callable[[Booking], object]) -> ResponseReturnValue:
    """Carry out one verb in one transaction; a refusal is shown beside the form, with all input kept."""

    def do() -> ResponseReturnValue:
        with transaction():
            verb(_get(reference))
        if request.form.get("back") == "review":
            return redirect(url_for(".review", done=form.verb), 303)
        return redirect(url_for(".booking", reference=tidy(reference), done=form.verb), 303)

    return submit_form(form, do, lambda: _page(reference, form))


def _reason(form: Any) -> str | None:
    """Return a manager's reason to exceed the limits, or None. Raises ManagerNeeded for anyone else's."""
    typed = form.over_limit.data or None
    if typed and not may(Permission.BOOKINGS_REVIEW):
        raise ManagerNeeded
    return typed


def _get(reference: str) -> Booking:
    """Return a booking of the staff's own hall. Raises NoResultFound."""
    return queries.get_booking(get_staff().hall_id, tidy(reference))


def _page(reference: str, refused: VerbForm | None = None) -> Response:
    booking = _get(reference)
    facts = gather(booking, move_day=_move_day(refused))
    done = request.args.get("done", "")
    page = render_template(
        "booking/managing/booking.html",
        facts=facts,
        booking=booking,
        hall=booking.slot.programme.hall,
        forms=_forms(booking, refused),
        offered=_offered(facts),
        refused=refused,
        moving=isinstance(refused, forms.MoveForm | forms.MovePartsForm) or bool(request.args.get("day")),
        done=done if done in DONE and not refused else "",
    )
    return private(page)


def _offered(facts: Facts) -> frozenset[str]:
    """Return the verbs that the booking's state and the permissions of the signed-in person allow."""
    state, changed = facts.booking.state, ("people", "move", "contact", "answers", "cancel")
    offered = set(changed) if state in OPEN_STATES else set()
    if not questions.list_active(facts.booking.hall_id, facts.booking.slot.programme_id):
        offered.discard("answers")
    online = facts.booking.slot.programme.is_online
    if state in AGREED and not online:
        offered.add("reissue")
    if not may(Permission.BOOKINGS_REVIEW):
        return frozenset(offered)
    if state in (BookingState.REQUESTED, BookingState.WAITLISTED, BookingState.OFFERED):
        offered.add("confirm")
    if state is BookingState.REQUESTED:
        offered.add("decline")
    if state is BookingState.CONFIRMED and facts.over and not facts.arrived and not online:
        offered.add("absent")
    if state is BookingState.ABSENT:
        offered.add("set-right")
    return frozenset(offered)


def _forms(booking: Booking, refused: VerbForm | None) -> dict[str, VerbForm]:
    """Return a form for each verb, with the booking's present values; the one that was refused, as it was typed."""
    fresh: list[VerbForm] = [
        forms.PeopleForm.of(booking),
        forms.ContactForm.of(booking),
        forms.AnswersForm().ask_about(booking),
        *(
            form()
            for form in (forms.MoveForm, forms.MovePartsForm, forms.CancelForm, forms.ReissueForm, *_MANAGERS_FORMS)
        ),
    ]
    shown = {form.verb: form for form in fresh} | ({refused.verb: refused} if refused else {})
    shown["people"].add_spare_lines()
    keep_places(shown["people"], booking)
    shown["people"].resources.offer(
        list_resources(booking.hall_id),
        by_staff=True,
        programme_id=booking.slot.programme_id,
        left=queries.free_for(booking),
    )
    shown["contact"].tour_language.offer(
        tours.list_languages(booking.hall, booking.slot.programme), current=booking.tour_language
    )
    shown["contact"].offer_access(booking.hall, booking.access)
    return shown


def _move_day(refused: VerbForm | None) -> date | None:
    """Return the day whose times are shown: that of a refused move, else that of the address; None for the usual."""
    if isinstance(refused, forms.MovePartsForm):
        return cast(date | None, refused.day.data)
    return _day(refused.day.data if isinstance(refused, forms.MoveForm) else request.args.get("day"))


def _day(typed: str | None) -> date | None:
    """Return a day as an address has it, or None for anything else."""
    try:
        return date.fromisoformat(typed) if typed and _DAY.fullmatch(typed) else None
    except ValueError:
        return None
