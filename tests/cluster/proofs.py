"""What has to be true after a load: everything that was acknowledged is there, once, and every mail has gone out."""

from collections import Counter
from contextlib import suppress

from sqlalchemy import func, select, update

from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.ledger.models import Arrival, DeskEvent
from hallapp.notifications.models import MessageState, OutboxMessage
from tests.cluster.load import Load
from tests.cluster.nodes import wait_until
from tests.notifications.mail_process import MailProcess


def count() -> tuple[int, int]:
    """How many bookings and events there are."""
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Booking, DeskEvent))  # type: ignore[return-value]


def wait_for_mails(mail: MailProcess, load: Load) -> None:
    """Wait until each organiser has a mail; messages in the hands of a dead worker are let go before their time."""

    def missing() -> set[str]:
        return {f"group{number}@example.org" for number in load.numbers()} - {to for to, _id in mail.taken}

    with suppress(AssertionError):
        wait_until(lambda: not _unsent(), "every message has been sent", seconds=20)
    held = _unsent()
    with transaction() as session:
        waiting = update(OutboxMessage).where(OutboxMessage.state == MessageState.WAITING)
        session.execute(waiting.values(claimed_until=None))
    print(f"{len(held)} messages were held by workers that had died, or by commits whose answer was lost", flush=True)
    with suppress(AssertionError):
        wait_until(lambda: not missing() and not _unsent(), "each organiser has a mail", seconds=60)
    assert (missing(), _unsent()) == (set(), [])


def _unsent() -> list[tuple[int, str, int]]:
    db.session.rollback()
    found = select(OutboxMessage.id, OutboxMessage.state, OutboxMessage.attempts)
    return [(number, str(state), tries) for number, state, tries in db.session.execute(found) if state != "sent"]


def prove(load: Load, before: tuple[int, int]) -> str:
    """Find all that was acknowledged, each once and nothing more; returns how much that was."""
    diary = load.diary
    keys = Counter(db.session.scalars(select(Booking.key)))
    names = Counter(db.session.scalars(select(Booking.organisation).where(Booking.organisation.like("集群第%"))))
    lost = {name: (key, diary.booked_at[name]) for name, key in diary.booked.items() if keys[key] != 1}
    assert lost == {}, f"bookings are lost: {lost}, by name: {[names[name] for name in lost]}"
    assert names == dict.fromkeys(diary.booked, 1), "bookings are double, or there without an answer"
    events = Counter(db.session.scalars(select(DeskEvent.event_id)))
    assert [event for event in diary.admitted if events[event] != 1] == [], "arrivals are lost or double"
    bookings, arrivals = count()
    assert (bookings - before[0], arrivals - before[1]) == (len(diary.booked), len(diary.admitted))
    people = db.session.scalar(select(func.sum(Arrival.visitors)))
    return (
        f"{len(diary.booked)} bookings and {len(diary.admitted)} arrivals acknowledged, each there once;"
        f" {people} people in the ledger"
    )
