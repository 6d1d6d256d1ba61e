"""Appeals against pauses after no-shows: one for each pause, written by its organiser and answered by the staff."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from hallapp.accounts import service as accounts
from hallapp.booking import absence, queries
from hallapp.booking.errors import AppealAnswered, NoPause
from hallapp.booking.lifecycle import By
from hallapp.booking.models import Appeal, AppealState, Booking, BookingState, Pause
from hallapp.booking.signals import appeal_answered, appeal_made
from hallapp.core import clock
from hallapp.core.database import db, upsert

_REASON_MOST = 200


def find_pause(booking: Booking) -> Pause | None:
    """Return the pause against which the organiser of a missed booking may appeal, or None."""
    if booking.state is not BookingState.ABSENT:
        return None
    return queries.find_pause(
        booking.hall_id,
        phone=booking.phone,
        organisation_key=booking.organisation_key,
        today=booking.slot.programme.hall.today(),
    )


def find_appeal(booking: Booking) -> Appeal | None:
    """Return the appeal against the pause of a booking's group, else the newest one made with this booking, or None."""
    pause = find_pause(booking)
    if pause is not None:
        return db.session.get(Appeal, (booking.hall_id, pause.id))
    return next(iter(list_own_appeals(booking)), None)


def list_own_appeals(booking: Booking) -> Sequence[Appeal]:
    """Return the appeals made with a booking itself, the newest first: the words of its own organiser."""
    own = select(Appeal).where(Appeal.hall_id == booking.hall_id, Appeal.booking_id == booking.id)
    return db.session.scalars(own.order_by(Appeal.made_at.desc())).all()


def find_missed(hall_id: int, known: Collection[int]) -> Booking | None:
    """Return one of these bookings with which its organiser can appeal against a pause, or None."""
    mine = select(Booking).where(
        Booking.hall_id == hall_id, Booking.id.in_(known), Booking.state == BookingState.ABSENT
    )
    return next((one for one in db.session.scalars(mine.order_by(Booking.id.desc())) if find_pause(one)), None)


def make(booking: Booking, words: str) -> None:
    """Store an appeal against the pause of a booking's group, and send the signal; needs a transaction.

    A second one against the same pause changes nothing. Raises NoPause where no pause is in force any more.
    """
    pause = find_pause(booking)
    if pause is None:
        raise NoPause
    values = {
        "hall_id": booking.hall_id,
        "pause_id": pause.id,
        "booking_id": booking.id,
        "state": AppealState.OPEN,
        "words": words,
        "made_at": clock.now(),
        "answer": "",
    }
    made = upsert(Appeal).values(**values).on_conflict_do_nothing().returning(Appeal.pause_id)
    if db.session.execute(made).first():
        appeal_made.send(booking)


def answer(hall_id: int, pause_id: int, *, accepted: bool, words: str, by: By) -> None:
    """Accept an appeal, which lifts the pause and forgives its no-shows, or refuse it; needs a transaction.

    The same answer again changes nothing.

    Raises:
        AppealAnswered: it was answered the other way.
        NoResultFound: the hall has no such appeal.
    """
    appeal = get(hall_id, pause_id, lock=True)
    state = AppealState.ACCEPTED if accepted else AppealState.REFUSED
    if appeal.state is state:
        return
    if appeal.state is not AppealState.OPEN:
        raise AppealAnswered
    appeal.state, appeal.answer = state, words
    appeal.answered_at, appeal.answered_by_id = clock.now(), by.staff_id
    if accepted:
        absence.lift(appeal.pause, by=by, reason=words[:_REASON_MOST])
    action = f"appeal_{state.value}"
    # The words are stored with the appeal only: they may name a person, and are erased with the contact details.
    accounts.record(hall_id=hall_id, staff_id=by.staff_id, action=action, subject=f"pause {pause_id}", detail={})
    db.session.flush()
    appeal_answered.send(appeal.booking, appeal=appeal)


def get(hall_id: int, pause_id: int, *, lock: bool = False) -> Appeal:
    """Return the appeal against a pause of this hall. Raises NoResultFound."""
    mine = select(Appeal).where(Appeal.hall_id == hall_id, Appeal.pause_id == pause_id)
    if lock:
        mine = mine.with_for_update(of=Appeal).execution_options(populate_existing=True)
    return db.session.scalars(mine).one()


def list_open(hall_id: int) -> Sequence[Appeal]:
    """Return the appeals that wait for an answer, the oldest first, with their pauses."""
    return db.session.scalars(
        select(Appeal)
        .join(Appeal.pause)
        .where(*_open(hall_id))
        .options(joinedload(Appeal.pause), joinedload(Appeal.booking))
        .order_by(Appeal.made_at, Appeal.pause_id)
    ).all()


def count_open(hall_id: int) -> int:
    """Return how many appeals wait for an answer."""
    return db.session.scalar(select(func.count()).select_from(Appeal).join(Appeal.pause).where(*_open(hall_id))) or 0


def _open(hall_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of open appeals; one whose pause was lifted otherwise is settled."""
    return Appeal.hall_id == hall_id, Appeal.state == AppealState.OPEN, Pause.lifted_at.is_(None)
