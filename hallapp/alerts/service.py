"""Alerts written into the outbox in the transaction of their event, summaries, and the list of people."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta

from sqlalchemy import func, select

from hallapp.accounts import service as accounts
from hallapp.accounts import vault
from hallapp.alerts import alert as alerts
from hallapp.alerts import queries, senders
from hallapp.alerts.alert import Alert, Summary
from hallapp.alerts.errors import RecipientListed, RobotListed, TooManyRecipients
from hallapp.alerts.models import AlertKind, AlertRecipient, Pace
from hallapp.booking import appeals
from hallapp.booking import queries as bookings
from hallapp.booking.models import Actor, Booking, BookingEvent, BookingState, Verb
from hallapp.booking.signals import appeal_made, booking_happened
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.errors import N_
from hallapp.desk import queries as desk
from hallapp.desk.signals import conflict_arose
from hallapp.notifications import kinds, sender
from hallapp.notifications import queries as outbox_queries
from hallapp.notifications.models import Channel, OutboxMessage
from hallapp.notifications.signals import message_given_up, texts_held
from hallapp.schedule import capacity
from hallapp.schedule import queries as schedule
from hallapp.schedule.changes import apply, compare, note
from hallapp.schedule.models import Hall
from hallapp.tasks import queries as tasks
from hallapp.tasks import timetable

MOST_RECIPIENTS = 50
#: A person gets so many alerts an hour; the last of them says that more follow on the pages only.
MOST_AN_HOUR = 20
SUMMARY, TEST = "staff_summary", "staff_test"
_OUTBOX_KINDS = (*(kind.outbox_kind for kind in AlertKind), SUMMARY, TEST)
_HOUR = timedelta(hours=1)

kinds.register("staff_alert", N_("Alert to the staff"), *_OUTBOX_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRecipient:
    """The command that adds a person or a robot to the list, or with a `number` changes one; `by` is who does it.

    `secret` is an encrypted robot (`senders.close`), or None for a person, and for a robot that stays the same.
    """

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
    secret: str | None = None
    summary_at: time | None = None


def listen() -> None:
    """Connect to the signals of bookings, desks and messages; a repeated call changes nothing."""
    booking_happened.connect(_on_booking)
    appeal_made.connect(_on_appeal)
    message_given_up.connect(_on_failure)
    texts_held.connect(_on_held)
    conflict_arose.connect(_on_conflict)
    sender.register(Channel.CHAT, senders.deliver)


def save_recipient(command: SaveRecipient) -> AlertRecipient:
    """Add a person to the list or change one; needs a transaction.

    Raises:
        RecipientListed, RobotListed: another one has this address, or is this robot.
        TooManyRecipients: the list is full.
        NoResultFound: the list has no person of this number.
    """
    capacity.hold_hall(command.hall_id)  # so that two new ones get different numbers
    listed = queries.list_recipients(command.hall_id)
    if any(_is_same(one, command) for one in listed):
        raise RobotListed if command.channel is Channel.CHAT else RecipientListed
    values = {
        name: getattr(command, name)
        for name in ("name", "channel", "address", "language", "pace", "active", "summary_at")
    }
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
    if command.secret is not None:
        recipient.secret = command.secret
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


def send_test(hall: Hall, recipient: AlertRecipient, *, by: int) -> OutboxMessage:
    """Write a test to a person or a robot of the list; needs a transaction."""
    subject = f"alert_recipient {recipient.number}"
    accounts.record(hall_id=hall.id, staff_id=by, action="alert_tested", subject=subject)
    return senders.put(hall, recipient, alerts.write_test(hall, recipient.language), TEST)


def renew_secrets(hall_id: int, keys: Sequence[str]) -> None:
    """Encrypt the robots with the newest key, so that an older one can be removed; needs a transaction."""
    for recipient in queries.list_recipients(hall_id):
        with contextlib.suppress(vault.Unreadable):
            if recipient.secret is not None:
                recipient.secret = vault.renewed(recipient.secret, keys)
    db.session.flush()


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
        senders.put(hall, recipient, text, alert.kind.outbox_kind, last=before == MOST_AN_HOUR - 1)
        told += 1
    return told


def summarise(hall: Hall) -> int:
    """Send the daily summary to those who want one and whose hour has come, each once a day; returns their number.

    A summary without content is not sent. Needs a transaction; the second of two runs finds the work done.
    """
    if not _list_due(hall):
        return 0
    capacity.hold_hall(hall.id)
    now, sent = clock.now(), 0
    for recipient, once in _list_due(hall):
        summary = _summary_for(hall, recipient)
        recipient.reported_until = now
        if summary:
            text = alerts.write_summary(hall, summary, recipient.language)
            senders.put(hall, recipient, text, SUMMARY, once=once)
            sent += 1
    db.session.flush()
    return sent


def _list_due(hall: Hall) -> list[tuple[AlertRecipient, str]]:
    """Return who gets a summary now, each with the name under which it is sent once."""
    usual, now, today = tasks.list_hours([hall.id])[hall.id].reports, clock.now(), hall.today()
    names = {}
    for one in queries.list_summarised(hall.id):
        at = usual if one.summary_at is None else one.summary_at
        begun = one.reported_until < clock.at(today, at, hall.time_zone)  # one that was added later waits for tomorrow
        if begun and timetable.is_time(at, hall.time_zone, now):
            names[one] = f"{SUMMARY} {one.number} {today}"
    told = outbox_queries.list_told(hall.id, names.values()) if names else ()
    return [(one, once) for one, once in names.items() if once not in told]


def _summary_for(hall: Hall, recipient: AlertRecipient) -> Summary:
    wanted = recipient.chosen_kinds
    return Summary(
        requests=bookings.list_requested(hall.id) if AlertKind.NEW_REQUEST in wanted else [],
        cancelled=queries.list_cancelled(hall.id, since=recipient.reported_until, until=clock.now())
        if AlertKind.CANCELLED in wanted
        else [],
        appeals=[one.booking for one in appeals.list_open(hall.id)] if AlertKind.APPEAL in wanted else [],
        failed=outbox_queries.count_stuck(hall.id) if AlertKind.FAILED in wanted else 0,
        conflicts=desk.count_open_conflicts(hall.id) if AlertKind.CONFLICT in wanted else 0,
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


def _on_conflict(hall_id: int) -> None:
    tell(schedule.get_hall(hall_id), alerts.of_conflict())


def _on_failure(message: OutboxMessage) -> None:
    """Alert of a message that was given up; alerts themselves are left out, so that none follows from another."""
    if message.kind not in _OUTBOX_KINDS:
        tell(schedule.get_hall(message.hall_id), alerts.of_failure(message.kind))


def _on_held(message: OutboxMessage) -> None:
    """Alert of text messages that are held: of the first of a day, as more would follow for each message."""
    if message.held is not None:
        tell(schedule.get_hall(message.hall_id), alerts.of_held(message.kind, message.held))


def _is_same(one: AlertRecipient, command: SaveRecipient) -> bool:
    return (
        one.number != command.number
        and one.channel is command.channel
        and one.address.casefold() == command.address.casefold()
    )
