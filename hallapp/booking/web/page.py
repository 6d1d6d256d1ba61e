"""The booking page: with an organiser's input, or the empty one, which is the same for all visitors."""

import secrets
from dataclasses import dataclass
from functools import cache

from flask import abort, current_app, render_template, request
from flask.wrappers import Response

from hallapp.accounts.web.session import is_staff_here
from hallapp.booking import floods, proofs, queries, tours, waiting
from hallapp.booking.choices import Wish, offer, offer_day
from hallapp.booking.web.all_at_once import refuse_the_rest
from hallapp.booking.web.forms import NUMBER_WORDS, BookingForm
from hallapp.categories.queries import list_families
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.web import public_pages
from hallapp.core.web.public_pages import gap
from hallapp.profile.queries import list_notices_on
from hallapp.questions.queries import list_asked, takes_files
from hallapp.resources.queries import find_left, list_resources
from hallapp.schedule.models import Hall
from hallapp.schedule.policy import ProofOfWork
from hallapp.schedule.web.current_hall import PublicHall, get_current_hall, get_facts_version, keep_slots_ahead

_PEOPLE_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The checks that keep scripts out of one form: a challenge for its browser, and a sum in words."""

    challenge: str
    token: str
    first: str
    second: str

    @classmethod
    def new(cls, hall_id: int, submission: str) -> "Checks":
        """Make both for the form with this random text."""
        return cls(challenge=_challenge(hall_id, submission), **_sum(hall_id, submission))


_GAPS = Checks(challenge=gap("challenge"), token=gap("token"), first=gap("first"), second=gap("second"))


def render(hall: Hall, form: BookingForm, checks: Checks | None = None) -> str:
    """Return the page with the input so far and the present choices."""
    wish = Wish(
        programme=form.programme.data,
        day=form.day.data,
        slot_id=form.slot_id,
        slot_asked=bool(form.slot.data),
        people=form.people,
        parts=form.parts,
    )
    version = get_facts_version()
    choices = offer(hall, wish, version=version)
    asked = list_asked(hall.id, version=version)
    if choices.programme:
        refuse_the_rest(form, hall, choices.programme)
        form.tour_language.offer(tours.list_languages(hall, choices.programme, version=version))
        form.ask(one for one in asked if one.active and one.programme_id == choices.programme.id)
    form.offer_access(hall)
    form.categories.offer(list_families(hall.id, version=version))
    resources = list_resources(hall.id, version=version)
    left = find_left(hall.id, [choices.day]) if resources and choices.day else {}
    if choices.programme:
        form.resources.offer(
            resources,
            by_staff=False,
            programme_id=choices.programme.id,
            left=left.get(choices.slot.id) if choices.slot else None,
        )
    form.answer.data = ""
    return render_template(
        "booking/book.html",
        form=form,
        choices=choices,
        hall=hall,
        takes_files=takes_files(asked),
        resources_left=left,
        notices=list_notices_on(hall.id, hall.today()),
        checks=checks or Checks.new(hall.id, form.submission.data or ""),
        computes=hall.proof_of_work is not ProofOfWork.OFF,
        keeps_draft=not is_staff_here(),
        asks=floods.wants_proof(hall) or bool(form.answer.errors),
    )


def answer_empty(hall: PublicHall) -> Response:
    """Answer with the empty page, completed with the values of this visitor."""
    submission = secrets.token_urlsafe(16)
    own_sum = cache(lambda: _sum(hall.id, submission))
    return public_pages.answer(
        lambda: render_empty(gap("submission"), _GAPS),
        hall_id=hall.id,
        submission=submission,
        challenge=lambda: _challenge(hall.id, submission),
        token=lambda: own_sum()["token"],
        first=lambda: own_sum()["first"],
        second=lambda: own_sum()["second"],
    )


def answer_times(hall: PublicHall) -> Response:
    """Answer with the times of one day, as a part of the page."""
    response = public_pages.answer(_render_times, hall_id=hall.id)
    response.headers[public_pages.PART_HEADER] = "times"
    return response


def _render_times() -> str:
    hall, asked = get_current_hall(), request.args
    people = asked.get("people", "")
    wish = Wish(
        programme=asked.get("programme"),
        day=asked.get("day"),
        slot_id=None,
        slot_asked=False,
        people=int(people) if people.isascii() and people.isdecimal() and len(people) <= _PEOPLE_DIGITS else 0,
    )
    version = get_facts_version()
    choices = offer_day(hall, wish, version=version)
    if choices.day is None:
        abort(404)
    form, resources = BookingForm(formdata=None), list_resources(hall.id, version=version)
    if choices.programme:
        form.resources.offer(resources, by_staff=False, programme_id=choices.programme.id)
    left = find_left(hall.id, [choices.day]) if resources else {}
    return render_template("booking/times.html", hall=hall, choices=choices, form=form, resources_left=left)


def render_empty(submission: str | None = None, checks: Checks | None = None) -> str:
    """Return the page in which nothing has been typed; its address may choose programme, day and time beforehand."""
    hall = get_current_hall()
    advance_hall(hall)
    chosen = {name: request.args.get(name, "") for name in ("programme", "day", "slot")}
    form = BookingForm(formdata=None, data=chosen)
    if submission:
        form.submission.data = submission
    return render(hall, form, checks)


def _challenge(hall_id: int, submission: str) -> str:
    return proofs.make_challenge(current_app.config["SETTINGS"].secret_keys, hall_id=hall_id, form=submission)


def _sum(hall_id: int, submission: str) -> dict[str, str]:
    asked = proofs.ask(current_app.config["SETTINGS"].secret_keys, hall_id=hall_id, form=submission)
    return {"token": asked.token, "first": _(NUMBER_WORDS[asked.first]), "second": _(NUMBER_WORDS[asked.second])}


def advance_hall(hall: Hall) -> bool:
    """Bring a hall up to date before a page says what is free: its slots as far as its policy, and its waiting lists.

    It takes one query if there is nothing to do. Returns whether bookings may have changed.
    """
    keep_slots_ahead(hall)
    if not queries.has_overdue(hall.id, now=clock.now()):
        return False
    with transaction():
        waiting.advance_waiting_list(hall)
    return True
