"""Reads of the outbox."""

from collections.abc import Sequence

from sqlalchemy import func, select

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.notifications.models import MessageState, OutboxMessage


def find_message(message_id: int) -> OutboxMessage | None:
    """A message by its number, or None."""
    return db.session.get(OutboxMessage, message_id)


def list_messages(*, limit: int) -> Sequence[OutboxMessage]:
    """The newest messages, newest first."""
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)).all()


def count_due() -> int:
    """How many messages wait to be sent now."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.state == MessageState.WAITING, OutboxMessage.due_at <= clock.now())
        )
        or 0
    )
