"""Alerts written into the outbox in the transaction of their event, summaries, and the list of people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from hallapp.alerts import alert as alerts
from hallapp.alerts import queries
from hallapp.alerts.alert import Alert, Summary, Text
from hallapp.alerts.errors import RecipientListed, TooManyRecipients
from hallapp.alerts.models import AlertKind, AlertRecipient, Pace
from hallapp.booking import appeals
from hallapp.booking import queries as bookings
from hallapp.booking.models import Actor, Booking, BookingEvent, BookingState, Verb
from hallapp.booking.signals import appeal_made, booking_happened
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.messages import letter
from hallapp.messages.standard import Words
from hallapp.notifications import kinds
from hallapp.notifications import queries as outbox_queries
from hallapp.notifications import service as outbox
from hallapp.notifications.models import Channel, OutboxMessage
from hallapp.notifications.service import NewMessage
from hallapp.notifications.signals import message_given_up
from hallapp.schedule import capacity
from hallapp.schedule import queries as schedule
from hallapp.schedule.changes import apply, compare, note
from hallapp.schedule.models import Hall

MOST_RECIPIENTS = 50
#: A person gets so many alerts an hour; the last of them says that more follow on the pages only.
MOST_AN_HOUR = 20
SUMMARY = "staff_summary"
_OUTBOX_KINDS = (*(kind.outbox_kind for kind in AlertKind), SUMMARY)
_HOUR = timedelta(hours=1)

kinds.register("staff_alert", N_("Alert to the staff"), *_OUTBOX_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRecipient:
    """The command that adds a person to the list, or with a `number` changes one; `by` is the id of who does it."""

    hall_id: int
    by: int | None
    number: int | None
    name: str
    address: str
    language: str
    kinds: tuple[AlertKind, ...]
    pace: Pace
    active: bool
    channel: Channel = Channel.EMAIL


def listen() -> None:
    """Connect to the signals of bookings and messages; a repeated call changes nothing."""
    booking_happened.connect(_on_booking)
    appeal_made.connect(_on_appeal)
    message_given_up.connect(_on_failure)


def save_recipient(command: SaveRecipient) -> AlertRecipient:
    """Add a person to the list or change one; needs a transaction.

    Raises:
        RecipientListed: another one has this address.
        TooManyRecipients: the list is full.
        NoResultFound: the list has no person of this number.
    """
    capacity.hold_hall(command.hall_id)  # so that two new ones get different numbers
    listed = queries.list_recipients(command.hall_id)
    if any(_is_same(one, command) for one in listed):
        raise RecipientListed
    values = {name: getattr(command, name) for name in ("name", "channel", "address", "language", "pace", "active")}
    values["kinds"] = ",".join(command.kinds)
    if command.number is None:
        if len(listed) >= MOST_RECIPIENTS:
            raise TooManyRecipients(most=MOST_RECIPIENTS)
        newest = db.session.scalar(
            select(func.max(AlertRecipient.number)).where(AlertRecipient.hall_id == command.hall_id)
        )
        recipient = AlertRecipient(
            hall_id=command.hall_id, number=(newest or 0) + 1, reported_until=clock.now(), **values
        )
        db.session.add(recipient)
        detail = compare({}, values)
    else:
        recipient = db.session.get_one(AlertRecipient, (command.hall_id, command.number))
        if recipient.pace is not command.pace or (command.active and not recipient.active):
            recipient.reported_until = clock.now()
        detail = apply(recipient, values)
    db.session.flush()
    subject = f"alert_recipient {recipient.number}"
    note(hall_id=command.hall_id, by=command.by, action="alert_recipient_saved", subject=subject, detail=detail)
    return recipient


def remove_recipient(hall_id: int, number: int, *, by: int | None) -> None:
    """Remove a person from the list, if there is one of this number; needs a transaction."""
    capacity.hold_hall(hall_id)
    recipient = queries.find_recipient(hall_id, number)
    if recipient is None:
        return
    detail = compare({"name": recipient.name}, {})
    db.session.delete(recipient)
    db.session.flush()
    note(hall_id=hall_id, by=by, action="alert_recipient_removed", subject=f"alert_recipient {number}", detail=detail)


def tell(hall: Hall, alert: Alert) -> int:
    """Alert the people who want to know of an event at once; needs a transaction. Returns their number."""
    told = 0
    for recipient in queries.list_alerted(hall.id, alert.kind):
        before = outbox_queries.count_written(
            hall.id, recipient=recipient.address, kinds=_OUTBOX_KINDS, since=clock.now() - _HOUR
        )
        if before >= MOST_AN_HOUR:
            continue
        text = alerts.write(hall, alert, recipient.language)
        _SENDERS[recipient.channel](
            hall, recipient, text, alert.kind.outbox_kind, last=before == MOST_AN_HOUR - 1, once=None
        )
        told += 1
    return told


def summarise(hall: Hall) -> int:
    """Send the summary of a morning to those who want one, each once a day; returns their number.

    A summary without content is not sent. Needs a transaction; the second of two runs finds the work done.
    """
    capacity.hold_hall(hall.id)
    now, sent = clock.now(), 0
    names = {one.number: f"{SUMMARY} {one.number} {hall.today()}" for one in queries.list_summarised(hall.id)}
    told = outbox_queries.list_told(hall.id, names.values())
    for recipient in queries.list_summarised(hall.id):
        once = names[recipient.number]
        if once in told:
            continue
        summary = _summary_for(hall, recipient)
        recipient.reported_until = now
        if summary:
            text = alerts.write_summary(hall, summary, recipient.language)
            _SENDERS[recipient.channel](hall, recipient, text, SUMMARY, last=False, once=once)
            sent += 1
    db.session.flush()
    return sent


def _summary_for(hall: Hall, recipient: AlertRecipient) -> Summary:
    wanted = recipient.chosen_kinds
    return Summary(
        requests=bookings.list_requested(hall.id) if AlertKind.NEW_REQUEST in wanted else [],
        cancelled=queries.list_cancelled(hall.id, since=recipient.reported_until, until=clock.now())
        if AlertKind.CANCELLED in wanted
        else [],
        appeals=[one.booking for one in appeals.list_open(hall.id)] if AlertKind.APPEAL in wanted else [],
        failed=outbox_queries.count_given_up(hall.id) if AlertKind.FAILED in wanted else 0,
    )


def _on_booking(booking: Booking, *, event: BookingEvent) -> None:
    kind = _kind_of(event)
    if kind is not None:
        whole = bookings.list_parts(booking) if event.detail.get("whole") else ()
        parts = [part for part in whole if part.state is booking.state]
        tell(booking.slot.programme.hall, alerts.of_booking(kind, booking, parts))


def _kind_of(event: BookingEvent) -> AlertKind | None:
    """Return the kind of alert for an event of a booking, if any. A request counts once its code has been entered.

    What happens to all parts of a large group is told once, with the last of them.
    """
    if event.detail.get("untold"):
        return None
    if event.verb is Verb.CANCELLED and event.actor is Actor.ORGANISER:
        return AlertKind.CANCELLED
    is_new = event.before is not BookingState.REQUESTED or event.verb is Verb.PROVED
    if event.after is BookingState.REQUESTED and is_new:
        return AlertKind.NEW_REQUEST
    return None


def _on_appeal(booking: Booking) -> None:
    tell(booking.slot.programme.hall, alerts.of_booking(AlertKind.APPEAL, booking))


def _on_failure(message: OutboxMessage) -> None:
    """Alert of a message that was given up; alerts themselves are left out, so that none follows from another."""
    if message.kind not in _OUTBOX_KINDS:
        tell(schedule.get_hall(message.hall_id), alerts.of_failure(message.kind))


def _mail(hall: Hall, recipient: AlertRecipient, text: Text, outbox_kind: str, *, last: bool, once: str | None) -> None:
    with force_locale(recipient.language):
        more = _("No more mails like this one are sent within the hour. The pages show all that waits.") if last else ""
        why = _("You get this mail because your hall has put this address on the list of alerts.")
    values = {
        "title": text.title,
        "hall": hall.text("name", recipient.language),
        "body": "\n\n".join(part for part in (text.body, text.link, more, why) if part),
    }
    words = Words(
        subject="{hall}: {title}" if not recipient.language.startswith("zh") else "{hall}：{title}",
        body="{title}\n\n{body}",
    )
    written = letter.write(hall, words, values, channel=Channel.EMAIL)
    outbox.put(
        NewMessage(
            hall_id=hall.id,
            kind=outbox_kind,
            recipient=recipient.address,
            subject=written.subject,
            body=written.body,
            html=letter.html(hall, written, language=recipient.language),
            once=once,
        )
    )


#: How an alert is written for each channel. Chat robots join here.
_SENDERS: dict[Channel, Callable[..., None]] = {Channel.EMAIL: _mail}


def _is_same(one: AlertRecipient, command: SaveRecipient) -> bool:
    return (
        one.number != command.number
        and one.channel is command.channel
        and one.address.casefold() == command.address.casefold()
    )
