"""The verbs of a hall's messages: set its own text, restore the standard text, and choose the channels of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from hallapp.accounts import service as accounts
from hallapp.core.database import db
from hallapp.messages import placeholders, queries
from hallapp.messages.errors import TextMissing, TextTooLong
from hallapp.messages.models import MessageKind, MessageText, MessageWays
from hallapp.messages.queries import Ways
from hallapp.notifications.models import Channel
from hallapp.schedule import capacity

SUBJECT_LENGTH = 200
BODY_LENGTH = {Channel.EMAIL: 5000, Channel.SMS: 500}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveText:
    """A hall's own words for one kind of message; `by` is the id of the member of staff who wrote them."""

    hall_id: int
    by: int
    kind: MessageKind
    language: str
    channel: Channel
    subject: str
    body: str


def check(command: SaveText) -> None:
    """See that words can be sent.

    Raises:
        TextMissing, TextTooLong: for a subject or a text. PlaceholderUnknown, BracesUnclear: for a placeholder in it.
    """
    limits = {"subject": SUBJECT_LENGTH, "body": BODY_LENGTH[command.channel]}
    for field in ("subject", "body") if command.channel is Channel.EMAIL else ("body",):
        text = getattr(command, field)
        if not text.strip():
            raise TextMissing(field)
        if len(text) > limits[field]:
            raise TextTooLong(field, limits[field])
        placeholders.check(text, command.kind, field=field)


def save_text(command: SaveText) -> None:
    """Set the text of a message; needs a transaction. Raises the errors of `check`."""
    check(command)
    capacity.hold_hall(command.hall_id)
    row = queries.find_text(command.hall_id, command.kind, command.language, command.channel)
    if row is None:
        row = MessageText(
            hall_id=command.hall_id, kind=command.kind, language=command.language, channel=command.channel
        )
        db.session.add(row)
    row.subject = " ".join(command.subject.split()) if command.channel is Channel.EMAIL else ""
    row.body = command.body
    db.session.flush()
    _record(command.hall_id, command.by, "message_text_saved", command.kind, command.language, command.channel)


def restore_text(hall_id: int, kind: MessageKind, language: str, channel: Channel, *, by: int) -> None:
    """Restore the standard text of a message, if it has another one; needs a transaction."""
    capacity.hold_hall(hall_id)
    row = queries.find_text(hall_id, kind, language, channel)
    if row is None:
        return
    db.session.delete(row)
    db.session.flush()
    _record(hall_id, by, "message_text_restored", kind, language, channel)


def set_ways(hall_id: int, wanted: Mapping[MessageKind, Ways], *, by: int) -> None:
    """Set the channels of each kind of message; needs a transaction."""
    capacity.hold_hall(hall_id)
    before = queries.list_ways(hall_id)
    changed = {kind: ways for kind, ways in wanted.items() if before[kind] != ways}
    for kind, ways in changed.items():
        db.session.merge(MessageWays(hall_id=hall_id, kind=kind, email=ways.email, sms=ways.sms))
    db.session.flush()
    if changed:
        detail = {kind.value: {"before": _said(before[kind]), "after": _said(ways)} for kind, ways in changed.items()}
        accounts.record(hall_id=hall_id, staff_id=by, action="message_ways_set", subject="messages", detail=detail)


def _said(ways: Ways) -> str:
    return ", ".join(name for name in ("email", "sms") if getattr(ways, name)) or "—"


def _record(hall_id: int, by: int, action: str, kind: MessageKind, language: str, channel: Channel) -> None:
    accounts.record(
        hall_id=hall_id, staff_id=by, action=action, subject=f"message {kind.value} {language} {channel.value}"
    )
