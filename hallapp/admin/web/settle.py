"""Carry out a change of the hall's days; if it affects bookings, ask the manager first about each of them.

The page repeats the POST that was sent, with all its fields and with the choices: `hit` (the number of each booking
that was shown), `decision-<number>` (move, cancel or leave), `move-<number>` (a slot), `message-<number>` and `message`
(texts for organisers), and `all` (nearest, cancel or leave) for bookings without an individual choice. The choices
apply only to the bookings that were shown: the page asks about a booking placed in the meantime, too.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from hallapp.accounts.web.session import get_staff
from hallapp.admin import settled
from hallapp.admin.offers import Offers
from hallapp.booking import closures, lifecycle
from hallapp.booking.closures import Cancel, Decision, Hit, HitBy, Leave, Move
from hallapp.booking.errors import BookingsHit, NotSettled
from hallapp.booking.models import STATE_NAMES, Booking
from hallapp.booking.part_numbers import number_parts
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import translate
from hallapp.core.text import tidy
from hallapp.core.web.forms import RefusableForm, submit_form
from hallapp.schedule.days import Change
from hallapp.schedule.models import Slot
from hallapp.schedule.web.current_hall import get_current_hall

MESSAGE_MOST = 500
_REASON_MOST = 200
_NUMBER = re.compile(r"[0-9]{1,9}")
_OWN_FIELD = re.compile(r"csrf_token|settling|hit|all|message|(decision|move|message)-[0-9]+")


def carry_out(
    change: Change,
    *,
    done: Callable[[], ResponseReturnValue],
    title: str,
    reason: str = "",
    back: str = "/admin/calendar",
) -> ResponseReturnValue:
    """Carry out a change in its own transaction and answer `done()`, or show the page that resolves its bookings.

    Once bookings were resolved, it answers with the page that lists them.

    `title` describes the change in the reader's language (`Close 5 December`). `reason` is proposed as the message, and
    stored with a booking that is left unchanged; `back` is the page for a person who changes nothing. It answers 409
    while choices are missing, and 422 where a choice is invalid; in both cases nothing has changed.

    Raises:
        DomainError: what `change` refuses, for the caller's own form.
    """
    answers = Answers(request.form, proposed=reason)
    by, stored_reason = lifecycle.by_staff(get_staff().id), (reason or title)[:_REASON_MOST]
    try:
        with transaction():
            closures.carry_out(change, decisions=answers.decisions, by=by, reason=stored_reason, told=reason)
    except BookingsHit as refusal:
        return _page(refusal, answers, title=title, back=back), 422 if answers.settling else 409
    except NotSettled as refusal:
        return _page(refusal, answers, title=title, back=back), refusal.status
    hall_id, staff_id = get_current_hall().id, get_staff().id
    found = settled.find_range(hall_id, answers.decisions, staff_id=staff_id) if answers.decisions else None
    return redirect(url_for("settled.index", first=found[0], last=found[1]), 303) if found else done()


def submit_change(
    form: RefusableForm,
    change: Callable[[], Change],
    *,
    page: Callable[[], str],
    done: Callable[[], ResponseReturnValue],
    title: Callable[[], str],
    reason: str = "",
    back: str = "/admin/calendar",
) -> ResponseReturnValue:
    """Check a form and carry out the change that it asks for, as `carry_out`; a refusal stands beside its field.

    `change` and `title` read the form, so they are called once it was found valid.
    """
    return submit_form(form, lambda: carry_out(change(), done=done, title=title(), reason=reason, back=back), page)


class Answers:
    """The choices sent from the page; empty when the change is requested for the first time."""

    def __init__(self, form: MultiDict[str, str], *, proposed: str) -> None:
        self._form = form
        self.settling = "settling" in form
        self.all = form.get("all", "")
        self._message = form.get("message", "" if self.settling else proposed)
        self.decisions: dict[int, Decision] = {
            number: decision
            for number in map(int, filter(_NUMBER.fullmatch, form.getlist("hit")))
            if (decision := self._decision(number)) is not None
        }

    def act(self, number: int) -> str:
        """Return the choice for this booking alone: move, cancel, leave, or nothing."""
        return self._form.get(f"decision-{number}", "")

    @property
    def message(self) -> str:
        """Return the message for all organisers whose bookings are cancelled, as it was typed."""
        return _visible(self._message)

    def own_message(self, number: int) -> str:
        """Return the message for the organiser of this booking alone, as it was typed."""
        return _visible(self._form.get(f"message-{number}", ""))

    def slot_id(self, number: int) -> int | None:
        """Return the slot that is shown beside this booking, whether it is chosen or not."""
        typed = self._form.get(f"move-{number}", "")
        return int(typed) if _NUMBER.fullmatch(typed) else None

    def problem(self, number: int) -> str:
        """Return the error in the choice for a booking; empty as long as nothing was asked."""
        if not self.settling or number in self.decisions:
            return ""
        wanted = self.act(number) or self.all
        if wanted in ("move", "nearest"):
            return _("There is no time to move to. Choose another time, or cancel or keep the booking.")
        if wanted == "cancel":
            return _("Enter a message to the organiser, in at most %(most)s characters.", most=MESSAGE_MOST)
        return _("Choose what to do with this booking.")

    def hidden(self) -> Iterator[tuple[str, str]]:
        """Yield the fields of the form that asked for the change, to be sent again."""
        for name, values in self._form.lists():
            if not _OWN_FIELD.fullmatch(name):
                yield from ((name, value) for value in values)

    def _decision(self, number: int) -> Decision | None:
        match self.act(number) or self.all:
            case "move" | "nearest":
                slot_id = self.slot_id(number)
                return None if slot_id is None else Move(slot_id=slot_id)
            case "cancel":
                message = tidy(self._form.get(f"message-{number}")) or tidy(self._message)
                return Cancel(message=message) if _can_be_sent(message) else None
            case "leave":
                return Leave()
            case _:
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlingRow:
    """One booking on the page: why it is affected, its choice, and where it could be moved."""

    booking: Booking
    by: HitBy
    act: str
    slot_id: int | None
    message: str
    offers: Sequence[Slot]
    problem: str


def _page(refusal: BookingsHit | NotSettled, answers: Answers, *, title: str, back: str) -> str:
    """Show every affected the plan hits, read in its state after the rollback."""
    offers = Offers(refusal.plan)
    rows = [_row(hit, offers, answers, refusal) for hit in closures.list_hits(refusal.plan)]
    return render_template(
        "admin/settle.html",
        title=title,
        back=back,
        rows=rows,
        numbers=number_parts(get_current_hall().id, [row.booking.party for row in rows]),
        people=sum(row.booking.visitors for row in rows),
        answers=answers,
        refused=isinstance(refusal, NotSettled),
        message_most=MESSAGE_MOST,
        hall=get_current_hall(),
        state_names=STATE_NAMES,
        HitBy=HitBy,
    )


def _row(hit: Hit, offers: Offers, answers: Answers, refusal: BookingsHit | NotSettled) -> SettlingRow:
    number = hit.booking.id
    problem = answers.problem(number)
    if isinstance(refusal, NotSettled) and refusal.params["reference"] == hit.booking.reference:
        problem = translate(refusal.cause)
    free = offers.reserve(hit.booking, chosen=answers.slot_id(number))
    return SettlingRow(
        booking=hit.booking,
        by=hit.by,
        act=answers.act(number),
        slot_id=free.proposed,
        message=answers.own_message(number),
        offers=free.slots,
        problem=problem,
    )


def _can_be_sent(message: str) -> bool:
    return 0 < len(message) <= MESSAGE_MOST and "\0" not in message


def _visible(text: str) -> str:
    """Return a text for the page again; no page can hold a NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
