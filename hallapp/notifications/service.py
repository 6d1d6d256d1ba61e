"""The life of a message: stored with its event, claimed, sent or failed. It flushes at most."""

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, or_, select, update

from hallapp.core import database
from hallapp.core.database import db, upsert
from hallapp.notifications import kinds, queries
from hallapp.notifications.errors import (
    AttachmentsTooLarge,
    CopyExists,
    NotSentYet,
    NotToBeSentAgain,
    TextIsSecret,
)
from hallapp.notifications.models import (
    Channel,
    Fate,
    MessageState,
    OutboxAttachment,
    OutboxFile,
    OutboxMessage,
)
from hallapp.notifications.signals import message_given_up

SUBJECT_LENGTH = 300
ERROR_LENGTH = 300
#: The total size of the files of one mail, in bytes: many servers accept 20 or 25 MB, and a mail is a third larger
#: than its files.
MOST_ATTACHED = 10_000_000
#: The time that one run may take for one message; after that another run may try.
CLAIM = timedelta(minutes=10)
#: The waiting time after the first failure, the second, and so on; after one more failure the message is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that goes with a mail."""

    name: str
    mimetype: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A rendered message; the attributes are those of `OutboxMessage`, and only a mail has `files`."""

    hall_id: int
    kind: str
    recipient: str
    body: str
    channel: Channel = Channel.EMAIL
    subject: str = ""
    html: str | None = None
    calendar: str | None = None
    once: str | None = None
    booking_id: int | None = None
    language: str | None = None
    values: Mapping[str, str] | None = None
    files: Sequence[NewFile] = ()


def enqueue(*, hall_id: int, kind: str, recipient: str, subject: str, body: str) -> OutboxMessage:
    """Store a rendered mail of plain text, to be sent by `outbox run`. Raises ValueError as `put` does."""
    return put(NewMessage(hall_id=hall_id, kind=kind, recipient=recipient, subject=subject, body=body))


def put(new: NewMessage) -> OutboxMessage:
    """Store a rendered message, to be sent by `outbox run`.

    The subject may contain a visitor's input: it is reduced to one line of at most 300 characters.

    Raises:
        ValueError: for a recipient with a space or a control character, which could end its header line.
        AttachmentsTooLarge: its files are more than a mail carries.
    """
    if sum(len(file.content) for file in new.files) > MOST_ATTACHED:
        raise AttachmentsTooLarge(MOST_ATTACHED)
    if not new.recipient.isprintable() or " " in new.recipient:
        raise ValueError("a recipient is one plain mail address, or one number")
    now = database.now()
    message = OutboxMessage(
        hall_id=new.hall_id,
        # RFC 5322, 3.6.4: globally unique; the part after the @ need not be a host.
        message_id=f"<{uuid.uuid4()}@outbox.hallapp>",
        channel=new.channel,
        kind=new.kind,
        once=new.once,
        booking_id=new.booking_id,
        recipient=new.recipient,
        subject=" ".join(new.subject.split())[:SUBJECT_LENGTH],
        body=new.body,
        html=new.html,
        calendar=new.calendar,
        language=new.language,
        values=dict(new.values) if new.values is not None else None,
        due_at=now,
        created_at=now,
    )
    db.session.add(message)
    db.session.flush()
    _attach(message, new.files)
    return message


def _attach(message: OutboxMessage, files: Sequence[NewFile]) -> None:
    """Link the files; a file that the hall has sent already, as to another recipient of the run, is stored once."""
    for position, file in enumerate(files):
        row = {"hall_id": message.hall_id, "digest": hashlib.sha256(file.content).hexdigest(), "content": file.content}
        same = {"digest": row["digest"]}  # so that the statement returns the number of the existing row
        statement = upsert(OutboxFile, row).on_conflict_do_update(index_elements=["hall_id", "digest"], set_=same)
        file_id = db.session.execute(statement.returning(OutboxFile.id)).scalar_one()
        message.attachments.append(
            OutboxAttachment(
                position=position, file_id=file_id, name=file.name, mimetype=file.mimetype, size=len(file.content)
            )
        )
    db.session.flush()


def claim_next(channel: Channel = Channel.EMAIL) -> OutboxMessage | None:
    """Claim the message of a channel that has been due longest, in one statement: only one of several runs gets it.

    None: none is due. The claim expires, so that a crashed run blocks nothing; the attempt is counted here, so that a
    message that always crashes the run is given up, too.
    """
    now = database.now()
    due = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.state == MessageState.WAITING,
            OutboxMessage.channel == channel,
            OutboxMessage.held.is_(None),
            OutboxMessage.due_at <= now,
            or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        # PostgreSQL: take the next message instead of waiting for the process that has claimed this one.
        .with_for_update(skip_locked=True)
    )
    return db.session.scalar(
        update(OutboxMessage)
        .where(OutboxMessage.id == due.scalar_subquery())
        .values(claimed_until=now + CLAIM, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )


def mark_sent(message_id: int) -> None:
    """Write down that a message is out. Raises NoResultFound."""
    message = db.session.get_one(OutboxMessage, message_id)
    message.state, message.sent_at, message.claimed_until, message.last_error = (
        MessageState.SENT,
        database.now(),
        None,
        None,
    )
    db.session.flush()


def mark_failed(message_id: int, *, error: str, for_good: bool = False, claim: datetime | None = None) -> MessageState:
    """Put a message back for a later attempt, each time later; give it up after the last one, or at once `for_good`.

    Returns the state that it now has. `claim` is the end of the claim under which it was tried: if it has ended, and
    another run has claimed or sent the message, nothing changes. Raises NoResultFound.
    """
    message = db.session.get_one(OutboxMessage, message_id, with_for_update=True)
    if message.state is not MessageState.WAITING or claim not in (None, message.claimed_until):
        return message.state
    message.last_error = error[:ERROR_LENGTH]
    message.claimed_until = None
    given_up = for_good or message.attempts > len(PAUSES)
    if given_up:
        message.state = MessageState.GIVEN_UP
    else:
        message.due_at = database.now() + PAUSES[message.attempts - 1]
    db.session.flush()
    if given_up:
        message_given_up.send(message)
    return message.state


def send_again(message: OutboxMessage) -> None:
    """Let the next `outbox run` try a message that was given up or put off, with all its attempts before it again.

    It keeps its Message-ID, so that a server that had taken it after all can tell.

    Raises:
        NotToBeSentAgain: it is out already, or being sent now.
    """
    db.session.execute(select(OutboxMessage.id).where(OutboxMessage.id == message.id).with_for_update())
    db.session.refresh(message)
    if message.fate in (Fate.SENT, Fate.SENDING):
        raise NotToBeSentAgain
    message.state, message.attempts, message.due_at = MessageState.WAITING, 0, database.now()
    message.held = None
    db.session.flush()


def send_copy(message: OutboxMessage) -> OutboxMessage:
    """Store a copy of a sent message, to be sent by the next `outbox run`; of each message there is one at most.

    Raises:
        NotSentYet: it is still waiting, being sent, or was given up.
        TextIsSecret: its text opens an account or is a code, which may no longer be valid.
        CopyExists: it was sent again before.
    """
    db.session.execute(select(OutboxMessage.id).where(OutboxMessage.id == message.id).with_for_update())
    db.session.refresh(message)
    kind = kinds.find_kind(message.kind)
    if message.fate is not Fate.SENT:
        raise NotSentYet
    if kind is not None and kind.secret:
        raise TextIsSecret
    if queries.find_copy(message):
        raise CopyExists
    return put(
        NewMessage(
            hall_id=message.hall_id,
            kind=message.kind,
            channel=message.channel,
            recipient=message.recipient,
            subject=message.subject,
            body=message.body,
            html=message.html,
            calendar=message.calendar,
            once=queries.copy_name(message),
            booking_id=message.booking_id,
            language=message.language,
            values=message.values,
            files=[
                NewFile(name=one.name, mimetype=one.mimetype, content=one.file.content) for one in message.attachments
            ],
        )
    )


def withdraw(hall_id: int, bookings: Collection[int], *, kinds: Collection[str]) -> None:
    """Delete the messages of these kinds about these bookings that were put off or held, because they are outdated.

    They would be sent after newer ones; a message that was not tried yet is sent before those, and stays, as does one
    that is being sent now. Needs a transaction.
    """
    now = database.now()
    unclaimed = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now)
    put_off = (OutboxMessage.state == MessageState.WAITING) & (OutboxMessage.attempts > 0) & unclaimed
    _delete(hall_id, OutboxMessage.booking_id.in_(bookings) & OutboxMessage.kind.in_(kinds) & put_off)


def erase_before(hall_id: int, before: datetime) -> None:
    """Delete a hall's messages from before an instant, sent or not; needs a transaction."""
    _delete(hall_id, OutboxMessage.created_at < before)


def erase_of(hall_id: int, bookings: Select[int], *, recipients: Collection[str] = ()) -> None:
    """Delete the messages about these bookings, whenever they were written; needs a transaction.

    Messages that are about no booking, such as a list of lost links, or that an earlier version wrote, are deleted
    where they go to one of the `recipients`.
    """
    about = OutboxMessage.booking_id.in_(bookings)
    others = OutboxMessage.booking_id.is_(None) & OutboxMessage.recipient.in_(recipients)
    _delete(hall_id, or_(about, others) if recipients else about)


def erase_with(hall_id: int, words: Collection[str]) -> None:
    """Delete the messages whose text has one of these words, such as the key of a page; needs a transaction."""
    if words:
        _delete(hall_id, or_(*(OutboxMessage.body.contains(one, autoescape=True) for one in words)))


def erase_chosen(hall_id: int, ids: Collection[int]) -> None:
    """Delete these messages, because the person to whom they went asks for it; needs a transaction."""
    _delete(hall_id, OutboxMessage.id.in_(ids))


def _delete(hall_id: int, condition: ColumnElement[bool]) -> None:
    """Delete messages, and the files that no message has any more."""
    old = (OutboxMessage.hall_id == hall_id, condition)
    carried = select(OutboxAttachment.file_id).where(OutboxAttachment.file_id == OutboxFile.id)
    for statement in (
        delete(OutboxAttachment).where(OutboxAttachment.message_id.in_(select(OutboxMessage.id).where(*old))),
        delete(OutboxMessage).where(*old),
        delete(OutboxFile).where(OutboxFile.hall_id == hall_id, ~carried.exists()),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})
