"""Taking a group's feedback, once, for some weeks after its visit; erasing its comment after the promised time."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, select, update

from hallapp.booking.models import Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.feedback import queries
from hallapp.feedback.errors import FeedbackClosed, FeedbackGiven, NotArrivedYet
from hallapp.feedback.models import Feedback
from hallapp.schedule.models import Hall

#: The number of days after the visit in which feedback is accepted.
DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveFeedback:
    """The command that stores feedback; `stars_guide` is None where the group had no guide or gave none."""

    stars_visit: int
    stars_guide: int | None
    line: str


def check(booking: Booking) -> None:
    """Check that a booking's group can give feedback now.

    Raises:
        FeedbackGiven: it has given it. NotArrivedYet: no one has arrived. FeedbackClosed: the visit was too long ago.
    """
    if queries.find_feedback(booking.id):
        raise FeedbackGiven
    if booking.state is not BookingState.ARRIVED:
        raise NotArrivedYet
    if booking.slot.programme.hall.today() > booking.slot.day + timedelta(days=DAYS):
        raise FeedbackClosed


def give(booking: Booking, said: GiveFeedback) -> Feedback:
    """Store a group's feedback; needs a transaction. The second of two requests at the same time finds it stored.

    Raises:
        FeedbackGiven, NotArrivedYet, FeedbackClosed: as `check` does.
    """
    db.session.scalars(select(Booking.id).where(Booking.id == booking.id).with_for_update()).one()
    check(booking)
    row = Feedback(
        hall_id=booking.hall_id,
        booking_id=booking.id,
        stars_visit=said.stars_visit,
        stars_guide=said.stars_guide if booking.guides else None,
        line=said.line,
        given_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Erase the comments on these bookings; the stars stay. Needs a transaction."""
    db.session.execute(
        update(Feedback)
        .where(Feedback.hall_id == hall.id, Feedback.booking_id.in_(bookings), Feedback.line != "")
        .values(line=""),
        execution_options={"synchronize_session": False},
    )
