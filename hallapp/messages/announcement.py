"""A message to all groups of a day or of one time, by mail and by text message, in the words that a manager types."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hallapp.accounts import service as accounts
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.queries import in_slots_of, whole_bookings
from hallapp.core import limits, runtime
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
#: The length of the manager's words in a text message.
TEXT_LENGTH = 300
_BODY_SMS = {"zh": "{hall}：{text} {link}", "en": "{hall}: {text} {link}"}

kinds.register(KIND, N_("Message to the groups of a day"), KIND)


class NobodyToTell(DomainError):
    """None of the groups can be reached by the chosen ways."""

    code = "nobody_to_tell"
    message = N_("None of these groups can be reached in this way.")


class ByText(StrEnum):
    """The groups that get a text message, where the deployment can send them."""

    WITHOUT_MAIL = "without_mail"
    EVERYBODY = "everybody"


BY_TEXT_NAMES = {
    ByText.WITHOUT_MAIL: N_("Groups that have left no mail address"),
    ByText.EVERYBODY: N_("All groups, in addition to the mail"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """The command that sends a message. `texts` are its words by language; `submission` is the mark of one form."""

    hall_id: int
    by: int
    day: date
    slot_id: int | None
    texts: Mapping[str, str]
    submission: str
    by_text: ByText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The groups that get a message, by its way; `unreached` must be phoned."""

    by_mail: Sequence[Booking]
    by_text: Sequence[Booking]
    unreached: Sequence[Booking]

    @property
    def groups(self) -> int:
        """Return the number of groups that get the message."""
        return len({booking.id for booking in (*self.by_mail, *self.by_text)})


def list_groups(hall_id: int, day: date, slot_id: int | None = None) -> Sequence[Booking]:
    """Return the groups of a day, or of one slot of it, that a message is for, by time."""
    query = whole_bookings().where(in_slots_of(hall_id, [day]), Booking.state.in_(TOLD))
    if slot_id is not None:
        query = query.where(Booking.slot_id == slot_id)
    return db.session.scalars(query.order_by(Slot.starts_at, Booking.id)).all()


def can_text() -> bool:
    """Return whether the deployment has a gateway for text messages."""
    return bool(runtime.settings().sms_url)


def address(groups: Sequence[Booking], by_text: ByText | None) -> Audience:
    """Return who of some groups gets a message by mail, who by text message, and who must be phoned."""
    chosen = by_text if can_text() else None
    texted = [
        booking
        for booking in groups
        if booking.phone and (chosen is ByText.EVERYBODY or (chosen is ByText.WITHOUT_MAIL and not booking.email))
    ]
    reached = {booking.id for booking in texted}
    return Audience(
        by_mail=[booking for booking in groups if booking.email],
        by_text=texted,
        unreached=[booking for booking in groups if not booking.email and booking.id not in reached],
    )


def write_text(hall: Hall, booking: Booking, texts: Mapping[str, str]) -> str:
    """Return the text message for a group, in its language or in another one where the manager wrote none in it."""
    values = _values_of(booking, texts)
    body = _BODY_SMS["zh" if booking.language.startswith("zh") else "en"]
    return letter.write(hall, Words(subject="", body=body), values, channel=Channel.SMS).body


def _values_of(booking: Booking, texts: Mapping[str, str]) -> dict[str, str]:
    return facts.facts_of(booking, language=booking.language) | {"text": _text_for(booking, texts)}


def _text_for(booking: Booking, texts: Mapping[str, str]) -> str:
    return texts.get(booking.language) or next(filter(None, texts.values()), "")


def write(hall: Hall, booking: Booking, texts: Mapping[str, str]) -> Letter:
    """Return the mail for a group: in its language, or in another one where the manager wrote none in it."""
    language = booking.language
    values = facts.facts_of(booking, language=language)
    with force_locale(language):
        values |= {
            "text": _text_for(booking, texts),
            "visit": _("Your visit: %(when)s, %(programme)s", when=values["when"], programme=values["programme"]),
            "page": _("Your booking: %(link)s", link=values["link"]),
        }
        subject = _("%(hall)s: about your visit on %(when)s", hall=values["hall"], when=values["when"])
    return letter.write(
        hall, Words(subject="{subject}", body=_BODY), values | {"subject": subject}, channel=Channel.EMAIL
    )


def send(hall: Hall, command: Announcement) -> int:
    """Put the message for each group into the outbox; the same form sends the same words once.

    Needs a transaction. Returns the number of groups that get it.

    Raises:
        NobodyToTell: no group can be reached.
        TooManyRequests: the hall has sent many such messages within the hour.
    """
    limits.hit(KIND, str(hall.id), limit=_AN_HOUR, seconds=3600)
    mark = f"{KIND} {command.submission} {_digest(command.texts)}"
    audience = address(list_groups(hall.id, command.day, command.slot_id), command.by_text)
    if not audience.groups:
        raise NobodyToTell
    mails = {f"{mark} {booking.id}": booking for booking in audience.by_mail}
    text_messages = {f"{mark} {booking.id} sms": booking for booking in audience.by_text}
    told = outbox_queries.list_told(hall.id, (*mails, *text_messages))
    for once, booking in mails.items():
        if once not in told:
            _mail(hall, booking, command.texts, once=once)
    for once, booking in text_messages.items():
        if once not in told:
            _text(hall, booking, command.texts, once=once)
    told_groups = {booking.id for once, booking in (mails | text_messages).items() if once not in told}
    if told_groups:
        accounts.record(
            hall_id=hall.id,
            staff_id=command.by,
            action="groups_told",
            subject=f"day {command.day}",
            detail={"groups": len(told_groups)},
        )
    return audience.groups


def _digest(texts: Mapping[str, str]) -> str:
    """Return a short digest of the words, which a manager may correct after a step back to the form that was sent."""
    return hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()[:12]


def _mail(hall: Hall, booking: Booking, texts: Mapping[str, str], *, once: str) -> None:
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
            booking_id=booking.id,
        )
    )


def _text(hall: Hall, booking: Booking, texts: Mapping[str, str], *, once: str) -> None:
    body = write_text(hall, booking, texts)
    outbox.put(
        NewMessage(
            hall_id=hall.id,
            kind=KIND,
            channel=Channel.SMS,
            recipient=booking.phone,
            body=body,
            once=once,
            booking_id=booking.id,
            language=booking.language,
            values=_values_of(booking, texts),
        )
    )
