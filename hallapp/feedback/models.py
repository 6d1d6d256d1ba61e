"""A group's feedback on its visit: stars for the visit and for the guide, and one comment."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.booking.models import Booking
from hallapp.core.database import Model, UtcDateTime
from hallapp.core.errors import N_

LINE_LENGTH = 300
#: The names of the stars, as message ids.
STAR_NAMES: dict[int, str] = {
    5: N_("Very good"),
    4: N_("Good"),
    3: N_("Average"),
    2: N_("Poor"),
    1: N_("Very poor"),
}


class Feedback(Model):
    """The feedback of one booking, once. `line` is empty where nothing was written, or when it has been erased."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("stars_visit BETWEEN 1 AND 5", name="stars_visit"),
        CheckConstraint("stars_guide BETWEEN 1 AND 5", name="stars_guide"),
        Index(None, "hall_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    stars_visit: Mapped[int]
    stars_guide: Mapped[int | None]
    line: Mapped[str] = mapped_column(String(LINE_LENGTH), default="")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)

    booking: Mapped[Booking] = relationship()
