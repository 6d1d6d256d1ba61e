"""Reads of the outbox."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.notifications.models import Channel, Fate, MessageState, OutboxMessage

_IS_WAITING = OutboxMessage.state == MessageState.WAITING
_NAMES_AT_ONCE = 500  # the number of parameters that every database accepts in one statement


def find_message(message_id: int) -> OutboxMessage | None:
    """Return a message by its number, or None."""
    return db.session.get(OutboxMessage, message_id)


def list_messages(*, limit: int) -> Sequence[OutboxMessage]:
    """Return the newest messages, newest first."""
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)).all()


def list_of_booking(hall_id: int, booking_id: int) -> Sequence[OutboxMessage]:
    """Return the messages about a booking of a hall, oldest first."""
    mine = (OutboxMessage.hall_id == hall_id, OutboxMessage.booking_id == booking_id)
    return db.session.scalars(select(OutboxMessage).where(*mine).order_by(OutboxMessage.id)).all()


def list_to(
    hall_id: int, addresses: Collection[str], *, limit: int, except_bookings: Collection[int] = ()
) -> Sequence[OutboxMessage]:
    """Return the newest messages to one of these addresses, in whatever case, but for those about some bookings."""
    others = or_(OutboxMessage.booking_id.is_(None), OutboxMessage.booking_id.not_in(except_bookings))
    same = func.lower(OutboxMessage.recipient).in_([address.lower() for address in addresses])
    mine = select(OutboxMessage).where(OutboxMessage.hall_id == hall_id, same, others)
    return db.session.scalars(mine.order_by(OutboxMessage.id.desc()).limit(limit)).all()


def list_chosen(hall_id: int, ids: Collection[int]) -> Sequence[OutboxMessage]:
    """Return the messages of a hall with these ids."""
    mine = (OutboxMessage.hall_id == hall_id, OutboxMessage.id.in_(ids))
    return db.session.scalars(select(OutboxMessage).where(*mine).order_by(OutboxMessage.id)).all()


def count_due(channel: Channel = Channel.EMAIL, *, hall_id: int | None = None) -> int:
    """Return how many messages of a channel wait to be sent now, of one hall or of all."""
    due = select(func.count()).where(
        OutboxMessage.state == MessageState.WAITING,
        OutboxMessage.channel == channel,
        OutboxMessage.held.is_(None),
        OutboxMessage.due_at <= clock.now(),
    )
    if hall_id is not None:
        due = due.where(OutboxMessage.hall_id == hall_id)
    return db.session.scalar(due) or 0


def get_message(hall_id: int, message_id: int) -> OutboxMessage:
    """Return a message of this hall by its number. Raises NoResultFound."""
    return db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.hall_id == hall_id, OutboxMessage.id == message_id)
    ).one()


def copy_name(message: OutboxMessage) -> str:
    """Return the name, as in `OutboxMessage.once`, of the copy by which a message is sent again."""
    return f"copy of {message.id}"


def find_copy(message: OutboxMessage) -> OutboxMessage | None:
    """Return the copy by which a message was sent again, or None."""
    return db.session.scalar(
        select(OutboxMessage).where(OutboxMessage.hall_id == message.hall_id, OutboxMessage.once == copy_name(message))
    )


def list_told(hall_id: int, names: Collection[str]) -> set[str]:
    """Return those of these names, as in `OutboxMessage.once`, for which a hall already has a message."""
    told: set[str] = set()
    wanted = sorted(names)
    for first in range(0, len(wanted), _NAMES_AT_ONCE):
        query = select(OutboxMessage.once).where(
            OutboxMessage.hall_id == hall_id, OutboxMessage.once.in_(wanted[first : first + _NAMES_AT_ONCE])
        )
        told.update(name for name in db.session.scalars(query) if name)
    return told


def count_given_up(hall_id: int) -> int:
    """Return how many messages of a hall were given up and not sent again."""
    given_up = select(func.count()).where(
        OutboxMessage.hall_id == hall_id, OutboxMessage.state == MessageState.GIVEN_UP
    )
    return db.session.scalar(given_up) or 0


def count_held(hall_id: int) -> int:
    """Return how many text messages of a hall wait until a person releases them."""
    held = select(func.count()).where(OutboxMessage.hall_id == hall_id, OutboxMessage.held.is_not(None), _IS_WAITING)
    return db.session.scalar(held) or 0


def count_stuck(hall_id: int) -> int:
    """Return how many messages of a hall wait for a person: those that were given up, and held text messages."""
    return count_given_up(hall_id) + count_held(hall_id)


def count_written(hall_id: int, *, recipient: str, kinds: Collection[str], since: datetime) -> int:
    """Return how many messages of these kinds a hall has written to a recipient since an instant."""
    written = select(func.count()).where(
        OutboxMessage.hall_id == hall_id,
        OutboxMessage.created_at >= since,
        OutboxMessage.kind.in_(kinds),
        OutboxMessage.recipient == recipient,
    )
    return db.session.scalar(written) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A selection of messages; None is any. The instants are a half-open range of the time of writing."""

    fate: Fate | None = None
    kinds: Collection[str] | None = None
    channel: Channel | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_wanted(
    hall_id: int, wanted: Wanted, *, limit: int, before: int | None = None, after: int | None = None
) -> Sequence[OutboxMessage]:
    """Messages of a hall, newest first: the `limit` next ones before, or after, a message's number."""
    query = select(OutboxMessage).where(OutboxMessage.hall_id == hall_id, *_conditions(wanted))
    if after is not None:
        rows = db.session.scalars(query.where(OutboxMessage.id > after).order_by(OutboxMessage.id).limit(limit)).all()
        return rows[::-1]
    if before is not None:
        query = query.where(OutboxMessage.id < before)
    return db.session.scalars(query.order_by(OutboxMessage.id.desc()).limit(limit)).all()


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.fate:
        yield from _fate(wanted.fate)
    if wanted.kinds is not None:
        yield OutboxMessage.kind.in_(wanted.kinds)
    if wanted.channel:
        yield OutboxMessage.channel == wanted.channel
    if wanted.since:
        yield OutboxMessage.created_at >= wanted.since
    if wanted.until:
        yield OutboxMessage.created_at < wanted.until


def _fate(fate: Fate) -> Iterator[ColumnElement[bool]]:
    claimed = and_(OutboxMessage.claimed_until.is_not(None), OutboxMessage.claimed_until > clock.now())
    if fate in (Fate.SENT, Fate.GIVEN_UP):
        yield OutboxMessage.state == MessageState(fate.value)
        return
    yield _IS_WAITING
    yield claimed if fate is Fate.SENDING else not_(claimed)
    if fate is not Fate.SENDING:
        yield OutboxMessage.held.is_not(None) if fate is Fate.HELD else OutboxMessage.held.is_(None)
