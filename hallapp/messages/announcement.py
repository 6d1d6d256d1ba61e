"""A message to all groups of a day or of one time, in the words that a manager types for it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hallapp.accounts import service as accounts
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.queries import in_slots_of, whole_bookings
from hallapp.core import limits
from hallapp.core.database import db
from hallapp.core.errors import N_, DomainError
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.messages import facts, letter
from hallapp.messages.letter import Letter
from hallapp.messages.standard import Words
from hallapp.notifications import kinds
from hallapp.notifications import queries as outbox_queries
from hallapp.notifications import service as outbox
from hallapp.notifications.models import Channel
from hallapp.notifications.service import NewMessage
from hallapp.schedule.models import Hall, Slot

KIND = "group_message"
#: The groups that are told: those that hold places and have not arrived.
TOLD = frozenset({BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.OFFERED})
_AN_HOUR = 6
_BODY = "{text}\n\n{visit}\n\n{page}\n\n{hall}\n{phone}"

kinds.register(KIND, N_("Message to the groups of a day"), KIND)


class NobodyToTell(DomainError):
    """No group of the day, or of the time, has a mail address."""

    code = "nobody_to_tell"
    message = N_("None of these groups has left a mail address.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """The command that sends a message. `texts` are its words by language; `submission` is the mark of one form."""

    hall_id: int
    by: int
    day: date
    slot_id: int | None
    texts: Mapping[str, str]
    submission: str


def list_groups(hall_id: int, day: date, slot_id: int | None = None) -> Sequence[Booking]:
    """Return the groups of a day, or of one slot of it, that a message is for, by time."""
    query = whole_bookings().where(in_slots_of(hall_id, [day]), Booking.state.in_(TOLD))
    if slot_id is not None:
        query = query.where(Booking.slot_id == slot_id)
    return db.session.scalars(query.order_by(Slot.starts_at, Booking.id)).all()


def write(hall: Hall, booking: Booking, texts: Mapping[str, str]) -> Letter:
    """Return the mail for a group: in its language, or in another one where the manager wrote none in it."""
    language = booking.language
    values = facts.facts_of(booking, language=language)
    text = texts.get(language) or next(filter(None, texts.values()), "")
    with force_locale(language):
        values |= {
            "text": text,
            "visit": _("Your visit: %(when)s, %(programme)s", when=values["when"], programme=values["programme"]),
            "page": _("Your booking: %(link)s", link=values["link"]),
        }
        subject = _("%(hall)s: about your visit on %(when)s", hall=values["hall"], when=values["when"])
    return letter.write(
        hall, Words(subject="{subject}", body=_BODY), values | {"subject": subject}, channel=Channel.EMAIL
    )


def send(hall: Hall, command: Announcement) -> int:
    """Put a mail for each group with an address into the outbox; the same form sends the same words once.

    Needs a transaction. Returns the number of mails.

    Raises:
        NobodyToTell: no group has an address.
        TooManyRequests: the hall has sent many such messages within the hour.
    """
    limits.hit(KIND, str(hall.id), limit=_AN_HOUR, seconds=3600)
    mark = f"{KIND} {command.submission} {_digest(command.texts)}"
    addressed = {
        f"{mark} {booking.id}": booking
        for booking in list_groups(hall.id, command.day, command.slot_id)
        if booking.email
    }
    if not addressed:
        raise NobodyToTell
    told = outbox_queries.list_told(hall.id, addressed)
    for once, booking in addressed.items():
        if once not in told:
            _put(hall, booking, command.texts, once=once)
    sent = len(addressed) - len(told)
    if sent:
        accounts.record(
            hall_id=hall.id,
            staff_id=command.by,
            action="groups_told",
            subject=f"day {command.day}",
            detail={"groups": sent},
        )
    return len(addressed)


def _digest(texts: Mapping[str, str]) -> str:
    """Return a short digest of the words, which a manager may correct after a step back to the form that was sent."""
    return hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()[:12]


def _put(hall: Hall, booking: Booking, texts: Mapping[str, str], *, once: str) -> None:
    written = write(hall, booking, texts)
    outbox.put(
        NewMessage(
            hall_id=hall.id,
            kind=KIND,
            recipient=str(booking.email),
            subject=written.subject,
            body=written.body,
            html=letter.html(hall, written, language=booking.language),
            once=once,
        )
    )
