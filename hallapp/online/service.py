"""Verbs of online sessions: join, store presence, count a session into the ledger, and moderate questions.

The module `imports` counts the lists of platforms.
"""

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, func, select, update

from hallapp.accounts import service as accounts
from hallapp.booking.models import AGREED, Booking, Origin
from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.core.prepared import Prepared
from hallapp.core.text import tidy
from hallapp.online import errors, ledger, queries, streams
from hallapp.online.beats import Beat
from hallapp.online.ledger import NewLine
from hallapp.online.measuring import Part, Screen, measure
from hallapp.online.models import (
    TEXT_LENGTH,
    AudienceSource,
    OnlineBeat,
    OnlineQuestion,
    OnlineViewer,
    QuestionState,
)
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall, Slot

#: So long before its start the page of a session opens.
OPENS_BEFORE = timedelta(minutes=15)
#: So long after its end a session is counted: the last beats of all processes are written by then.
COUNTED_AFTER = timedelta(minutes=10)
QUESTIONS_MOST = 5


def is_open(slot: Slot, now: datetime) -> bool:
    """Return whether people may join a session now."""
    return slot.starts_at - OPENS_BEFORE <= now < slot.ends_at


def join(booking: Booking, people: Mapping[str, int], *, device: str = "") -> str:
    """Let a screen follow the session of a booking; return its random number, that which it sent where it has joined.

    `people` are those before the screen, by place of origin. Needs a transaction.

    Raises:
        NotOpenNow: the booking is not confirmed, or the session is not open.
        NobodyWatches: nobody, or less than nobody.
        MoreThanRegistered: more than the group has registered, other screens not counted.
    """
    if booking.state not in AGREED or not booking.slot.programme.is_online or not is_open(booking.slot, clock.now()):
        raise errors.NotOpenNow
    given = {division: number for division, number in people.items() if number}
    if not given or min(given.values()) < 0:
        raise errors.NobodyWatches
    registered = {origin.division: origin.visitors for origin in booking.origins}
    if any(number > registered.get(division, 0) for division, number in given.items()):
        raise errors.MoreThanRegistered
    known = next((one for one in queries.list_viewers(booking) if one.device == device), None)
    if known:
        known.people = given
        db.session.flush()
        return device
    device = secrets.token_urlsafe(16)
    db.session.add(
        OnlineViewer(
            hall_id=booking.hall_id, slot_id=booking.slot_id, device=device, booking_id=booking.id, people=given
        )
    )
    db.session.flush()
    return device


def store(beats: Collection[Beat]) -> None:
    """Write beats; those that are known change nothing. Needs a transaction."""
    _NEW_BEAT.run(*(beat._asdict() for beat in sorted(beats)))


_NEW_BEAT = Prepared(lambda: upsert(OnlineBeat).on_conflict_do_nothing())


def count_sessions(hall: Hall) -> int:
    """Write the audience of sessions that have ended into the ledger; return their number. Needs a transaction.

    The screens and their beats are deleted with it.
    """
    ended = db.session.scalars(
        select(OnlineViewer.slot_id)
        .join(Slot, Slot.id == OnlineViewer.slot_id)
        .where(OnlineViewer.hall_id == hall.id, Slot.ends_at <= clock.now() - COUNTED_AFTER)
        .distinct()
        .order_by(OnlineViewer.slot_id)
    ).all()
    if ended:
        capacity.hold_hall(hall.id)  # a second run waits, and finds nothing more to count
    for slot_id in ended:
        _count(queries.get_slot(hall.id, slot_id))
    return len(ended)


def sweep_beats(hall: Hall) -> int:
    """Delete the beats of sessions that have been counted, such as late ones; return their number.

    Needs a transaction.
    """
    waiting = select(OnlineViewer.slot_id).where(OnlineViewer.hall_id == hall.id)
    ended = select(Slot.id).where(Slot.hall_id == hall.id, Slot.ends_at <= clock.now() - COUNTED_AFTER)
    found = delete(OnlineBeat).where(
        OnlineBeat.hall_id == hall.id, OnlineBeat.slot_id.in_(ended), OnlineBeat.slot_id.not_in(waiting)
    )
    gone = db.session.execute(found, execution_options={"synchronize_session": False})
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _count(slot: Slot) -> None:
    of_slot = (OnlineViewer.hall_id == slot.hall_id, OnlineViewer.slot_id == slot.id)
    viewers = db.session.execute(
        select(OnlineViewer.device, OnlineViewer.booking_id, OnlineViewer.people).where(*of_slot)
    ).all()
    beats = (OnlineBeat.hall_id == slot.hall_id, OnlineBeat.slot_id == slot.id)
    rows = db.session.execute(select(OnlineBeat.device, OnlineBeat.minute).where(*beats))
    screens = {device: Screen(booking=booking, people=people) for device, booking, people in viewers}
    measured = measure(_registered(slot), screens, ((device, minute) for device, minute in rows))
    lines = [
        NewLine(
            event=f"presence {slot.id} {booking} {division}",
            division=division,
            people=people,
            minutes=measured.minutes.get((booking, division), 0),
            booking_id=booking,
        )
        for (booking, division), people in sorted(measured.people.items())
        if people
    ]
    if lines:
        ledger.write(slot, lines, AudienceSource.PRESENCE)
        session = queries.find_session(slot.hall_id, slot.id)
        session.peak = max(session.peak, measured.peak)
        db.session.add(session)
    db.session.execute(delete(OnlineBeat).where(*beats))
    db.session.execute(delete(OnlineViewer).where(*of_slot))
    db.session.flush()


def _registered(slot: Slot) -> dict[Part, int]:
    rows = db.session.execute(
        select(Origin.booking_id, Origin.division, Origin.visitors)
        .join(Booking, Booking.id == Origin.booking_id)
        .where(Booking.hall_id == slot.hall_id, Booking.slot_id == slot.id)
    )
    return {(booking, division): visitors for booking, division, visitors in rows}


def set_up(slot: Slot, *, stream: str, recording: str, following: bool, staff_id: int) -> None:
    """Set the addresses of a session; `following` also sets the stream of later sessions that have none.

    Needs a transaction. Raises StreamAddress.
    """
    stream, recording = streams.check(stream, field="stream"), streams.check(recording, field="recording")
    capacity.hold_hall(slot.hall_id)  # two people may set up the same session at once, which has no row to lock yet
    session = queries.find_session(slot.hall_id, slot.id)
    session.stream, session.recording = stream, recording
    db.session.add(session)
    later = _list_later(slot) if following and stream else []
    for number in later:
        other = queries.find_session(slot.hall_id, number)
        other.stream = other.stream or stream
        db.session.add(other)
    db.session.flush()
    accounts.record(
        hall_id=slot.hall_id,
        staff_id=staff_id,
        action="online_session_set",
        subject=f"slot {slot.id}",
        detail={"day": slot.day.isoformat(), "following": len(later)},
    )


def _list_later(slot: Slot) -> list[int]:
    return list(
        db.session.scalars(
            select(Slot.id).where(Slot.programme_id == slot.programme_id, Slot.starts_at > slot.starts_at)
        )
    )


def ask(booking: Booking, text: str) -> None:
    """Put a question to the host; the audience sees it after the hall has looked at it. Needs a transaction.

    Raises:
        NotOpenNow: the session is not open. QuestionEmpty: it has no words.
        TooManyQuestions: the group has asked as many as one session takes.
    """
    if booking.state not in AGREED or not is_open(booking.slot, clock.now()):
        raise errors.NotOpenNow
    text = " ".join(tidy(text).split())[:TEXT_LENGTH]
    if not text:
        raise errors.QuestionEmpty
    asked = select(func.count()).where(OnlineQuestion.booking_id == booking.id)
    if (db.session.scalar(asked) or 0) >= QUESTIONS_MOST:
        raise errors.TooManyQuestions
    db.session.add(
        OnlineQuestion(
            hall_id=booking.hall_id,
            number=secrets.token_urlsafe(16),
            slot_id=booking.slot_id,
            booking_id=booking.id,
            text=text,
            asked_at=clock.now(),
        )
    )
    db.session.flush()


def moderate(hall_id: int, number: str, state: QuestionState, answer: str = "") -> None:
    """Show a question to the audience, answer or decline it. Needs a transaction. Raises NoResultFound."""
    question = db.session.scalars(
        select(OnlineQuestion).where(OnlineQuestion.hall_id == hall_id, OnlineQuestion.number == number)
    ).one()
    answer = " ".join(tidy(answer).split())[:TEXT_LENGTH]
    question.state, question.answer = (QuestionState.ANSWERED, answer) if answer else (state, "")
    db.session.flush()


def erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Erase the words of the questions of these bookings. Needs a transaction."""
    db.session.execute(
        update(OnlineQuestion)
        .where(OnlineQuestion.hall_id == hall.id, OnlineQuestion.booking_id.in_(bookings))
        .values(text="", answer=""),
        execution_options={"synchronize_session": False},
    )
