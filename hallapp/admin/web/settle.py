"""Carry out a change of the hall's days; where it hits bookings, ask the manager first what shall become of each.

The page repeats the POST that was sent, with all its fields and with the choices: `hit` (the number of each booking
that was shown), `decision-<number>` (move, cancel or leave), `move-<number>` (a slot), `message-<number>` and `message`
(what organisers are told), and `all` (nearest, cancel or leave) for those that have no choice of their own. It speaks
for the bookings that were shown only: one that was placed in the meantime is asked for, too.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from hallapp.accounts.web.session import get_staff
from hallapp.admin.offers import Offers
from hallapp.booking import closures, lifecycle
from hallapp.booking.closures import Cancel, Decision, Hit, HitBy, Leave, Move
from hallapp.booking.errors import BookingsHit, NotSettled
from hallapp.booking.models import STATE_NAMES, Booking
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import translate
from hallapp.core.text import tidy
from hallapp.schedule.models import Slot
from hallapp.schedule.planning import Plan
from hallapp.schedule.web.current_hall import get_current_hall

MESSAGE_MOST = 500
_REASON_MOST = 200
_NUMBER = re.compile(r"[0-9]{1,9}")
_OWN_FIELD = re.compile(r"csrf_token|settling|hit|all|message|(decision|move|message)-[0-9]+")


def carry_out(
    change: Callable[[], Plan],
    *,
    done: Callable[[], ResponseReturnValue],
    title: str,
    reason: str = "",
    back: str = "/admin/calendar",
) -> ResponseReturnValue:
    """Carry a change out in a transaction of its own and answer `done()`, or show the page that settles its bookings.

    `change` is a verb of the schedule, called inside the transaction; it may be called again when the choices come.
    `title` says in the reader's language what would be done (`Close 5 December`). `reason` is what the page proposes
    as message, and what stays with a booking that is left as it is; `back` is where the page leads whoever changes
    nothing after all. It answers 409 as long as somebody has still to choose, 422 where a choice is missing or cannot
    be carried out; in both cases nothing has changed at all.

    Raises:
        DomainError: what `change` refuses, for the caller's own form.
    """
    asked = _Asked(change=change, answers=Answers(request.form, proposed=reason), title=title, back=back)
    by = lifecycle.by_staff(get_staff().id)
    kept = (reason or title)[:_REASON_MOST]
    try:
        with transaction():
            closures.carry_out(
                asked, hall_id=get_staff().hall_id, decisions=asked.answers.decisions, by=by, reason=kept
            )
    except BookingsHit:
        return asked.page(), 422 if asked.answers.settling else 409
    except NotSettled as refusal:
        return asked.page(refusal=refusal), refusal.status
    return done()


class Answers:
    """What was chosen on the page, as it was sent; nothing of it when the change is asked for the first time."""

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
        """What was chosen for this booking alone: move, cancel, leave, or nothing."""
        return self._form.get(f"decision-{number}", "")

    @property
    def message(self) -> str:
        """What all organisers shall read whose bookings are cancelled, to be typed on."""
        return _visible(self._message)

    def own_message(self, number: int) -> str:
        """What the organiser of this booking alone shall read, to be typed on."""
        return _visible(self._form.get(f"message-{number}", ""))

    def slot_id(self, number: int) -> int | None:
        """The slot that stands beside this booking, whether it is chosen or not."""
        typed = self._form.get(f"move-{number}", "")
        return int(typed) if _NUMBER.fullmatch(typed) else None

    def problem(self, number: int) -> str:
        """What is missing or wrong in the choice for a booking; empty as long as nothing was asked."""
        if not self.settling or number in self.decisions:
            return ""
        wanted = self.act(number) or self.all
        if wanted in ("move", "nearest"):
            return _("There is no time to move to here. Choose another time, or cancel or leave it.")
        if wanted == "cancel":
            return _("Write what the organiser shall read, in %(most)s characters at most.", most=MESSAGE_MOST)
        return _("Choose what shall become of this booking.")

    def hidden(self) -> Iterator[tuple[str, str]]:
        """The fields of the form that asked for the change, to be sent again."""
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
class Row:
    """One booking on the page: why it is hit, what was chosen for it, and where it could go."""

    booking: Booking
    by: HitBy
    act: str
    slot_id: int | None
    message: str
    offers: Sequence[Slot]
    problem: str


@dataclass(kw_only=True)
class _Asked:
    """A change that remembers its plan, for the page that must be shown when it was refused."""

    change: Callable[[], Plan]
    answers: Answers
    title: str
    back: str
    plan: Plan | None = field(default=None, init=False)

    def __call__(self) -> Plan:
        """Make the change, and remember what it plans."""
        self.plan = self.change()
        return self.plan

    def page(self, *, refusal: NotSettled | None = None) -> str:
        """The page with every booking that is hit, read as it stands now that all has been rolled back."""
        assert self.plan is not None  # only a change that was made is refused like this
        hits = closures.list_hits(self.plan)
        offers = Offers(self.plan)
        rows = [self._row(hit, offers, refusal) for hit in hits]
        return render_template(
            "admin/settle.html",
            title=self.title,
            back=self.back,
            rows=rows,
            people=sum(row.booking.visitors for row in rows),
            answers=self.answers,
            refused=refusal is not None,
            message_most=MESSAGE_MOST,
            hall=get_current_hall(),
            state_names=STATE_NAMES,
            HitBy=HitBy,
        )

    def _row(self, hit: Hit, offers: Offers, refusal: NotSettled | None) -> Row:
        number, answers = hit.booking.id, self.answers
        problem = answers.problem(number)
        if refusal is not None and refusal.params["reference"] == hit.booking.reference:
            problem = translate(refusal.cause)
        chosen = answers.slot_id(number)
        free = offers.reserve(hit.booking, chosen=chosen)
        return Row(
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
    """A text for the page again; no page can hold a NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
