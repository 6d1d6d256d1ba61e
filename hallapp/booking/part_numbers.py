"""The positions of parts in their large groups, by which staff and organisers tell them from one another."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from sqlalchemy import select

from hallapp.booking.models import HOLDING, Booking
from hallapp.core.database import db
from hallapp.core.i18n import gettext as _
from hallapp.schedule.models import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class PartNumber:
    """The position of a part among those of its large group that hold places, by time."""

    number: int
    total: int

    def __str__(self) -> str:
        """Return the position in the language in force."""
        return _("Part %(number)s of %(total)s", number=self.number, total=self.total)


def number_parts(hall_id: int, parties: Collection[int | None]) -> dict[int, PartNumber]:
    """Return the positions of all parts of these large groups, by booking, in one query at most.

    Parts that were cancelled or declined have none, and neither has the last part that is left of a group.
    """
    known = {party for party in parties if party is not None}
    if not known:
        return {}
    rows = db.session.execute(
        select(Booking.party, Booking.id)
        .join(Booking.slot)
        .where(Booking.hall_id == hall_id, Booking.party.in_(known), Booking.state.in_(HOLDING))
        .order_by(Booking.party, Slot.starts_at, Booking.id)
    )
    found = {}
    for _number, group in groupby(rows, key=itemgetter(0)):
        ids = [number for _group, number in group]
        found.update({one: PartNumber(number=place, total=len(ids)) for place, one in enumerate(ids, start=1)})
    return {one: part for one, part in found.items() if part.total > 1}
