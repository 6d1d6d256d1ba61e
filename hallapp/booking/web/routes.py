"""The booking page and the organiser's page."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask import Blueprint, abort, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from werkzeug.exceptions import ServiceUnavailable

from hallapp.accounts.web.session import is_staff_here
from hallapp.booking import (
    access,
    answers,
    appeals,
    codes,
    floods,
    parties,
    phones,
    proofs,
    proving,
    queries,
    service,
    tours,
)
from hallapp.booking.choices import Wish, offer
from hallapp.booking.decision import Situation
from hallapp.booking.errors import AddressNeeded, CodeWrong, DayNeeded, ProofNeeded
from hallapp.booking.lifecycle import ORGANISER
from hallapp.booking.models import STATE_NAMES, Booking, CodePurpose
from hallapp.booking.names import group_name
from hallapp.booking.organiser_view import organiser_view_of
from hallapp.booking.part_numbers import number_parts
from hallapp.booking.proofs import Proof
from hallapp.booking.queries import free_for
from hallapp.booking.service import ContactData, PlaceBooking
from hallapp.booking.web import change_forms, limiting, page, place_in_line
from hallapp.booking.web.change_forms import AnswersForm, ChangeForm, ContactForm, MoveForm, PeopleForm
from hallapp.booking.web.forms import BookingForm
from hallapp.booking.web.kept_places import keep_places
from hallapp.booking.web.place_in_line import Waiting
from hallapp.categories.queries import list_families
from hallapp.categories.words import describe
from hallapp.core import limits
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.text import plain
from hallapp.core.web.access import public
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import client_wide_network, csrf, private
from hallapp.questions.values import Asked, Line
from hallapp.questions.web.fields import allow_files
from hallapp.resources import words as resource_words
from hallapp.resources.queries import list_resources
from hallapp.schedule import hall_facts, no_shows
from hallapp.schedule import queries as schedule
from hallapp.schedule.hall_facts import HallFacts
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import find_public_hall, get_current_hall, get_facts_version

blueprint = Blueprint("booking", __name__)
_NETWORK_DIGITS = 32

_MOST_KNOWN = 20
#: What carries out each change that an organiser may ask for, by its word in addresses and forms.
_VERBS: dict[str, Callable[[Booking, Any], None]] = {
    "people": lambda booking, new: service.change_people(booking, new.origins, resources=new.resources),
    "time": service.move,
    "contact": parties.change_contact,
    "answers": parties.change_answers,
}


#: What takes the code of each purpose; it says whether the code was right.
_PROOFS: dict[CodePurpose, Callable[[Booking, str], bool]] = {
    CodePurpose.HOLD: parties.prove,
    CodePurpose.EMAIL: proving.prove_email,
}


def _desk_answers(booking_id: int) -> list[Line]:
    """Return the answers of a booking for the card of the desk."""
    return answers.list_desk_lines(get_current_hall().id, [booking_id]).get(booking_id, [])


@blueprint.app_context_processor
def _names() -> dict[str, object]:
    known = cache(list_resources)  # a list of bookings reads them once
    return {
        "state_names": STATE_NAMES,
        "phone_display": phones.display,
        "phone_hint": phones.hint,
        "no_show_rules": no_shows.describe,
        "tour_language": tours.name_of,
        "access_needs": access.describe,
        "access_need_names": access.ACCESS_NEED_NAMES,
        "number_parts": number_parts,
        "category_lines": lambda booking: (
            describe(list_families(booking.hall_id), booking.categories) if booking.categories else []
        ),
        "resource_lines": lambda booking: (
            resource_words.describe(known(booking.hall.id), booking.resources) if booking.resources else []
        ),
        "resource_line": lambda booking: (
            resource_words.in_one_line(known(booking.hall.id), booking.resources) if booking.resources else ""
        ),
        "resource_rule": resource_words.rule,
        "resource_amount": resource_words.amount,
        "resource_unit": resource_words.unit,
        "answer_lines": lambda booking: answers.list_lines([booking])[booking.id],
        "desk_answers": _desk_answers,
    }


blueprint.add_app_template_global(group_name)


@blueprint.get("/book")
@public
def book() -> ResponseReturnValue:
    """Show the booking page; `?programme=`, `?day=` and `?slot=` choose beforehand."""
    hall = None if is_staff_here() else find_public_hall()
    waiting = place_in_line.stand(hall) if hall else None
    if hall and waiting:
        return place_in_line.answer_page(hall, waiting)
    response = page.answer_empty(hall) if hall else make_response(page.render_empty())
    # Not `no-store` as on other pages: a visitor who visits another page and comes back finds their input.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.get("/book/times")
@public
def times() -> ResponseReturnValue:
    """The times of one day, as a part of the booking page: `programme`, `day` and the group's `people`."""
    hall = find_public_hall() or abort(404)
    if not is_staff_here() and place_in_line.stand(hall):
        raise ServiceUnavailable(retry_after=place_in_line.ASK_MOST)
    return page.answer_times(hall)


@blueprint.get("/book/line")
@public
def line_status() -> ResponseReturnValue:
    """Return this browser's place in the line, for its page that waits."""
    hall = find_public_hall() or abort(404)
    # Whose place is gone loads the page again, and gets a new one there.
    return place_in_line.answer_status(place_in_line.stand(hall, may_come=False))


@blueprint.post("/book")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: a stale one must lose nothing typed
@public
def submit() -> ResponseReturnValue:
    """Place the booking, or carry out another button of the page."""
    hall_id = (find_public_hall() or get_current_hall()).id
    asked = allow_files(hall_id, version=get_facts_version())
    form = BookingForm(request.form)
    if waiting := _wait():
        form.form_errors.append(place_in_line.describe(waiting))
        return _form_again(form), 503, {"Retry-After": str(waiting.seconds)}
    if form.apply_change(request.form):
        return _form_again(form)
    _ask(form, hall_id, asked)

    def place_booking() -> ResponseReturnValue:
        network = limits.digest_of("network", client_wide_network())[:_NETWORK_DIGITS]
        command = form.to_command(hall_id=hall_id, known=_known(), network=network)
        limiting.count_attempt(place_in_line.find_place())
        booking = _place(command, form)
        _remember(booking)
        return redirect(url_for(".visit", key=booking.key), 303)

    return submit_form(form, place_booking, lambda: _form_again(form))


@blueprint.get("/visits/<key>")
@public
def visit(key: str) -> ResponseReturnValue:
    """Show the organiser's page of a booking."""
    booking = _open(key)
    _remember(booking)
    first = parties.find_unproved(booking)
    if first is not None and first.id != booking.id:  # the code of a large group is typed on one of its pages
        return redirect(url_for(".visit", key=first.key), 303)
    return _visit_page(booking)


@blueprint.get("/visits/<key>/change")
@public
def change(key: str) -> ResponseReturnValue:
    """Show the page of one change: `?what=people`, `time` (with `programme=` and `day=`) or `contact`."""
    booking = _open(key)
    form_class = change_forms.FORMS.get(request.args.get("what", "")) or abort(404)
    if not organiser_view_of(booking).may_change:
        return _visit_page(booking), 409
    return _change_page(booking, form_class.of(booking, request.args))


@blueprint.post("/visits/<key>/change")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: a stale one must lose nothing typed
@public
def submit_change(key: str) -> ResponseReturnValue:
    """Change the booking, or carry out another button of the page."""
    booking = _open(key)
    allow_files(booking.hall_id)
    what = request.form.get("what", "")
    form = (change_forms.FORMS.get(what) or abort(404))(request.form)
    if form.apply_change(request.form):
        return _change_page(booking, form)
    if isinstance(form, PeopleForm):
        keep_places(form, booking)
    if isinstance(form, AnswersForm):
        form.ask_about(booking)

    def change_booking() -> ResponseReturnValue:
        command = form.to_command()
        limiting.count_change(booking, command)
        _check_still_reachable(booking, command)
        with transaction():
            _VERBS[what](queries.get_booking_by_key(key), command)
        if what == "time" and answers.list_missing(queries.get_booking_by_key(key)):
            return redirect(url_for(".change", key=key, what="answers"), 303)
        return redirect(url_for(".visit", key=key), 303)

    return submit_form(form, change_booking, lambda: _change_page(queries.get_booking_by_key(key), form))


@blueprint.post("/visits/<key>/take")
@public
def take(key: str) -> ResponseReturnValue:
    """Accept the places that are offered to a waiting group."""
    return _do(key, service.take_offer)


@blueprint.post("/visits/<key>/cancel")
@public
def cancel(key: str) -> ResponseReturnValue:
    """Cancel the booking, or leave the waiting list; its places are released at once."""
    return _do(key, parties.cancel)


@blueprint.post("/visits/<key>/move-parts")
@public
def move_parts(key: str) -> ResponseReturnValue:
    """Move all parts of a large group to their own times of another day."""

    def move(booking: Booking) -> None:
        try:
            day = date.fromisoformat(request.form.get("day", ""))
        except ValueError:
            raise DayNeeded from None
        parties.move_to_day(booking, day)

    return _do(key, move)


@blueprint.post("/visits/<key>/code")
@public
def use_code(key: str) -> ResponseReturnValue:
    """Verify a code: for the booking itself, or for a new mail address."""
    booking, purpose = _open(key), _purpose()

    def prove() -> ResponseReturnValue:
        limiting.count_act(booking)
        with transaction():  # it commits a wrong attempt as well
            right = _PROOFS[purpose](queries.get_booking_by_key(key), codes.tidy(request.form.get("code", "")))
        if not right:
            raise CodeWrong
        return redirect(url_for(".visit", key=key), 303)

    return attempt(prove, lambda error: _visit_page(_open(key), refusal=error))


@blueprint.post("/visits/<key>/code/again")
@public
def send_code_again(key: str) -> ResponseReturnValue:
    """Send a new code in place of one that did not arrive."""
    booking, purpose = _open(key), _purpose()

    def send() -> ResponseReturnValue:
        waits = queries.find_code(booking, purpose)
        limiting.count_code(booking, waits.email if waits else None)
        with transaction():
            proving.send_code_again(queries.get_booking_by_key(key), purpose)
        return redirect(url_for(".visit", key=key, sent=1), 303)

    return attempt(send, lambda error: _visit_page(_open(key), refusal=error))


@blueprint.get("/visits/<key>/link")
@public
def ask_link(key: str) -> ResponseReturnValue:
    """Explain what a new private link means, before one is made."""
    return _link_page(_open(key))


@blueprint.post("/visits/<key>/link")
@public
def renew_link(key: str) -> ResponseReturnValue:
    """Replace the private link of a booking after it has leaked."""

    def renew() -> ResponseReturnValue:
        limiting.count_link(_open(key))
        with transaction():
            booking = queries.get_booking_by_key(key)
            service.renew_key(booking, by=ORGANISER)
            renewed = booking.key
        return redirect(url_for(".visit", key=renewed, renewed=1), 303)

    return attempt(renew, lambda error: _link_page(_open(key), refusal=error))


def _wait() -> Waiting | None:
    """Return the visitor's place where it is not their turn yet: who opened the page before the line, or by no page."""
    hall = None if is_staff_here() else find_public_hall()
    return place_in_line.stand(hall) if hall else None


def _ask(form: BookingForm, hall_id: int, asked: Sequence[Asked]) -> None:
    """Put the questions of the programme that is booked, where it has any."""
    if not asked:
        return
    slot = hall_facts.find_slot(hall_id, form.slot_id) if form.slot_id is not None else None
    programme = slot.programme if slot else schedule.find_programme(hall_id, form.programme.data or "")
    if programme is not None:
        form.ask(one for one in asked if one.active and one.programme_id == programme.id)


def _form_again(form: BookingForm) -> str:
    hall = get_current_hall()
    if form.not_online:
        form.missed = appeals.find_missed(hall.id, _known())
    return page.render(hall, form)


def _place(command: PlaceBooking, form: BookingForm) -> Booking:
    situation = service.look(command)
    if not command.email:
        _check_reachable(situation.hall)
    proof = _proof(situation, form)
    with transaction():
        limiting.hit_messages(command)
        booking = service.place(command, situation)
        if proof is not None:
            proofs.use_up(proof, hall_id=command.hall_id, submission=booking.submission)
    return booking


def _check_reachable(hall: Hall | HallFacts) -> None:
    """Check that a code can be sent where one is needed. Raises AddressNeeded."""
    if hall.confirm_by_code and not current_app.config["SETTINGS"].sms_url:
        raise AddressNeeded


def _check_still_reachable(booking: Booking, command: object) -> None:
    """Check that a booking that waits for its code keeps an address for it. Raises AddressNeeded."""
    loses_address = isinstance(command, ContactData) and not command.email
    if loses_address and queries.find_code(booking, CodePurpose.HOLD) is not None:
        _check_reachable(booking.hall)


def _proof(situation: Situation, form: BookingForm) -> Proof | None:
    """Return the proof against scripts that a form brings, where one is needed. Raises ProofNeeded, TooManyRequests."""
    if not floods.wants_proof(situation.hall, situation.pressure):
        return None
    proof = proofs.read(
        current_app.config["SETTINGS"].secret_keys,
        hall_id=situation.hall.id,
        form=form.submission.data or "",
        solution=form.altcha.data or "",
        token=form.question.data or "",
        answer=plain(form.answer.data or ""),
    )
    if proof is None:
        raise ProofNeeded
    if proof.by_hand:
        limiting.count_answer()
    return proof


def _known() -> tuple[int, ...]:
    """Return the bookings that this browser has made or opened by their private link, the newest last."""
    return tuple(session.get("bookings", ()))


def _remember(booking: Booking) -> None:
    """Remember a booking in this browser, for when it books for the same group again."""
    known = _known()
    if booking.id not in known:
        session["bookings"] = [*known, booking.id][-_MOST_KNOWN:]


def _purpose() -> CodePurpose:
    """Return the purpose of a code that is typed on this page."""
    asked = request.form.get("purpose", "")
    return next((purpose for purpose in _PROOFS if purpose.value == asked), None) or abort(404)


def _do(key: str, verb: Callable[[Booking], None]) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        limiting.count_act(_open(key))
        with transaction():
            verb(queries.get_booking_by_key(key))
        return redirect(url_for(".visit", key=key), 303)

    return attempt(act, lambda error: _visit_page(_open(key), refusal=error))


def _open(key: str) -> Booking:
    """Return the booking of a key, after expired offers have lapsed. Raises NoResultFound."""
    booking = queries.get_booking_by_key(key)
    if page.advance_hall(booking.hall):
        booking = queries.get_booking_by_key(key)
    g.hall_id = booking.hall_id  # on a shared service the page looks like the booking's own hall
    return booking


def _change_page(booking: Booking, form: ChangeForm) -> Response:
    """Return the page of one change with the input so far."""
    hall, choices = booking.hall, None
    if isinstance(form, MoveForm):
        wish = Wish(
            programme=form.programme.data,
            day=form.day.data,
            slot_id=form.slot_id,
            slot_asked=bool(form.slot.data),
            people=booking.visitors,
            may_wait=False,
        )
        choices = offer(hall, wish)
    if isinstance(form, ContactForm):
        form.tour_language.offer(tours.list_languages(hall, booking.slot.programme), current=booking.tour_language)
        form.offer_access(hall, booking.access)
    if isinstance(form, AnswersForm):
        form.ask_about(booking)
    if isinstance(form, PeopleForm):
        keep_places(form, booking)
        form.resources.offer(
            list_resources(hall.id),
            by_staff=False,
            programme_id=booking.slot.programme_id,
            left=free_for(booking),
        )
    template = f"booking/change_{form.what.data}.html"
    shown = {
        "booking": booking,
        "form": form,
        "hall": hall,
        "choices": choices,
        "organiser_view": organiser_view_of(booking),
    }
    return private(render_template(template, **shown))


def _visit_page(booking: Booking, *, refusal: DomainError | None = None) -> Response:
    said = translate(refusal) if refusal else ""
    waits_for = {purpose.value: queries.find_code(booking, purpose) for purpose in _PROOFS}
    shown = {
        "booking": booking,
        "party_parts": queries.list_parts(booking),
        "refusal": said,
        "organiser_view": organiser_view_of(booking),
        "codes": waits_for,
    }
    return private(render_template("booking/visit.html", refused=refusal.code if refusal else "", **shown))


def _link_page(booking: Booking, *, refusal: DomainError | None = None) -> Response:
    said = translate(refusal) if refusal else ""
    return private(render_template("booking/link.html", booking=booking, refusal=said))
