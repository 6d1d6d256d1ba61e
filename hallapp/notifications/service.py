"""Puts messages into the outbox, in the transaction of what they tell about. It flushes at most."""

import uuid

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.notifications.models import OutboxMessage

SUBJECT_LENGTH = 300


def enqueue(*, hall_id: int, kind: str, recipient: str, subject: str, body: str) -> OutboxMessage:
    """Store a rendered mail, to be sent by `outbox run`.

    The subject may hold what a visitor typed: it is brought to one line of at most 300 characters.

    Raises:
        ValueError: for a recipient with a space or a control character, which could end its header line.
    """
    if not recipient.isprintable() or " " in recipient:
        raise ValueError("a recipient is one plain mail address")
    now = clock.now()
    message = OutboxMessage(
        hall_id=hall_id,
        # RFC 5322, 3.6.4: unique for ever; the part after the @ need not be a host.
        message_id=f"<{uuid.uuid4()}@outbox.hallapp>",
        kind=kind,
        recipient=recipient,
        subject=" ".join(subject.split())[:SUBJECT_LENGTH],
        body=body,
        due_at=now,
        created_at=now,
    )
    db.session.add(message)
    db.session.flush()
    return message
