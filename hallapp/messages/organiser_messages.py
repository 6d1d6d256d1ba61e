"""Messages to organisers about their booking, in its language, written in the transaction of the event."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from hallapp.booking import queries as bookings
from hallapp.booking.models import (
    AGREED,
    OPEN_STATES,
    Actor,
    Appeal,
    AppealState,
    Booking,
    BookingEvent,
    BookingState,
    Pause,
    Verb,
)
from hallapp.booking.signals import address_changing, appeal_answered, booking_happened, code_issued, group_paused
from hallapp.core import clock, formats, runtime
from hallapp.messages import codes, facts, letter, queries
from hallapp.messages.models import MESSAGE_NAMES, MessageKind
from hallapp.messages.placeholders import clean
from hallapp.messages.queries import Ways
from hallapp.notifications import kinds
from hallapp.notifications import service as outbox
from hallapp.notifications.models import Channel
from hallapp.notifications.service import NewMessage
from hallapp.passes import ics
from hallapp.schedule.no_shows import Consequence

#: After the end of a missed visit; the night after it records most of them.
_TOLD_WITHIN = timedelta(days=3)
_BY_STATE = {
    BookingState.CONFIRMED: MessageKind.PLACED,
    BookingState.REQUESTED: MessageKind.REQUESTED,
    BookingState.WAITLISTED: MessageKind.WAITLISTED,
}
_BY_VERB = {
    Verb.CONFIRMED: MessageKind.CONFIRMED,
    Verb.DECLINED: MessageKind.DECLINED,
    Verb.OFFERED: MessageKind.OFFERED,
    Verb.LAPSED: MessageKind.LAPSED,
    Verb.MOVED: MessageKind.MOVED,
    Verb.CHANGED: MessageKind.CHANGED,
    Verb.CANCELLED: MessageKind.CANCELLED,
    Verb.REISSUED: MessageKind.REISSUED,
}
#: Messages that lead a group to the hall: sent after the end of the booking, they would contradict it.
_BEFORE_VISIT = (
    MessageKind.PLACED,
    MessageKind.REQUESTED,
    MessageKind.WAITLISTED,
    MessageKind.OFFERED,
    MessageKind.CONFIRMED,
    MessageKind.CHANGED,
    MessageKind.MOVED,
    MessageKind.REISSUED,
    MessageKind.REMINDER,
)

for _organiser_kind, _name in MESSAGE_NAMES.items():
    kinds.register(_organiser_kind.value, _name, _organiser_kind.outbox_kind)


def listen() -> None:
    """Connect to the signals of bookings; a repeated call changes nothing."""
    booking_happened.connect(tell)
    group_paused.connect(tell_paused)
    appeal_answered.connect(tell_appeal)
    code_issued.connect(codes.send_code)
    address_changing.connect(codes.tell_old_address)


def tell(booking: Booking, *, event: BookingEvent) -> None:
    """Write the message for an event, where it matters to the organiser; needs a transaction."""
    _withdraw_outdated(booking, event)
    kind = _kind(booking, event)
    if kind is not None:
        calendar = booking.state in AGREED or event.before in AGREED
        send(booking, kind, calendar=calendar, whole=bool(event.detail.get("whole")))


def _withdraw_outdated(booking: Booking, event: BookingEvent) -> None:
    """Withdraw messages that were put off and are wrong after this event, so that they do not follow newer ones.

    A message about a large group is for all of its parts, so it goes only when none of them is open any more.
    """
    if booking.state not in OPEN_STATES | AGREED:
        parts = bookings.list_parts(booking)
        if not any(part.state in OPEN_STATES | AGREED for part in parts):
            _withdraw(parts, _BEFORE_VISIT)
    elif event.verb is Verb.MOVED and booking.party is None:
        _withdraw([booking], [MessageKind.REMINDER])


def _withdraw(parts: Sequence[Booking], outdated: Sequence[MessageKind]) -> None:
    outbox.withdraw(parts[0].hall_id, [part.id for part in parts], kinds=[kind.outbox_kind for kind in outdated])


def tell_paused(booking: Booking, *, pause: Pause) -> None:
    """Tell the organiser of a missed visit what follows from it, and until when; needs a transaction."""
    if _is_recent(booking):
        kind = MessageKind.PAUSED if pause.consequence is Consequence.PAUSE else MessageKind.REVIEWED
        send(booking, kind, values={"until": formats.day(pause.until, booking.language, year=True)})


def tell_appeal(booking: Booking, *, appeal: Appeal) -> None:
    """Tell an organiser the hall's answer to an appeal; needs a transaction."""
    accepted = appeal.state is AppealState.ACCEPTED
    kind = MessageKind.APPEAL_ACCEPTED if accepted else MessageKind.APPEAL_REFUSED
    send(booking, kind, values={"reply": clean(appeal.answer, one_line=False)})


def send(
    booking: Booking,
    kind: MessageKind,
    *,
    calendar: bool = False,
    once: str | None = None,
    whole: bool = False,
    values: Mapping[str, str] | None = None,
) -> int:
    """Put a message into the outbox for each channel that the hall uses for its kind, if the booking has an address.

    Returns the number of messages. With `calendar` a mail has the calendar entry of the visit, or its cancellation.
    `values` are placeholders that the booking itself does not have.
    `whole` names the parts of a large group that are in the same state as this one of them.
    `once` identifies a message that must be sent only once. Text messages are written only where the deployment has a
    gateway, because they would be out of date when it gets one later. Needs a transaction.
    """
    if not (booking.email or runtime.settings().sms_url):
        return 0  # nothing to send to, so nothing has to be read
    addresses = _addresses(booking, queries.get_ways(booking.hall_id, kind))
    parts = [part for part in bookings.list_parts(booking) if part.state is booking.state] if whole else [booking]
    for channel, recipient in addresses.items():
        with_calendar = calendar and channel is Channel.EMAIL
        _put(parts, kind, channel, recipient=recipient, calendar=with_calendar, once=once, values=values or {})
    return len(addresses)


def reaches(booking: Booking, event: BookingEvent, ways: Mapping[MessageKind, Ways]) -> bool:
    """Return whether an event is told to the organiser by a message, given the hall's channels of each kind."""
    kind = _kind(booking, event)
    return kind is not None and bool(_addresses(booking, ways[kind]))


def _addresses(booking: Booking, ways: Ways) -> dict[Channel, str]:
    """Return the address of a booking for each channel that is in use."""
    found = {}
    if ways.email and booking.email:
        found[Channel.EMAIL] = booking.email
    if ways.sms and booking.phone and runtime.settings().sms_url:
        found[Channel.SMS] = booking.phone
    return found


def _put(
    parts: Sequence[Booking],
    kind: MessageKind,
    channel: Channel,
    *,
    recipient: str,
    calendar: bool = False,
    once: str | None = None,
    values: Mapping[str, str],
) -> None:
    booking = parts[0]
    hall, language = booking.slot.programme.hall, booking.language
    words = letter.words_of(hall.id, kind, language, channel, online=booking.slot.programme.is_online)
    known = {**facts.facts_of(booking, language=language, parts=parts), **values}
    written = letter.write(hall, words, known, channel=channel)
    outbox.put(
        NewMessage(
            hall_id=hall.id,
            kind=kind.outbox_kind,
            channel=channel,
            recipient=recipient,
            subject=written.subject,
            body=written.body,
            html=letter.html(hall, written, language=language) if channel is Channel.EMAIL else None,
            calendar=ics.render(*parts, language=language).decode() if calendar else None,
            once=f"{once} {channel.value}" if once else None,
            booking_id=booking.id,
            language=language,
            values=known if channel is Channel.SMS else None,
        )
    )


def _is_recent(booking: Booking) -> bool:
    """Return whether a missed visit is fresh: one that is recorded long afterwards is told to nobody."""
    return clock.now() - booking.slot.ends_at <= _TOLD_WITHIN


def _kind(booking: Booking, event: BookingEvent) -> MessageKind | None:
    """Return the kind of message for an event, if any: an organiser's own change needs no message."""
    if event.detail.get("untold"):
        return None
    if event.verb is Verb.PROVED:
        return MessageKind.PLACED if event.after in AGREED else MessageKind.REQUESTED
    if event.verb is Verb.PLACED:
        return _BY_STATE[event.after]
    if event.verb is Verb.TAKEN:
        return MessageKind.CONFIRMED if event.after in AGREED else MessageKind.REQUESTED
    if event.verb is Verb.ABSENT:
        return MessageKind.MISSED if _is_recent(booking) else None
    if event.verb is Verb.CHANGED and event.actor is Actor.ORGANISER:
        return None
    if event.verb is Verb.CANCELLED and event.actor is not Actor.ORGANISER and booking.reply:
        return MessageKind.CANCELLED_BY_HALL
    return _BY_VERB.get(event.verb)
