"""Reads of delegations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from hallapp.booking.models import AGREED, OPEN_STATES, Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.core.i18n import gettext as _
from hallapp.delegations.models import Delegation, DelegationSetting
from hallapp.privacy.notice import tells
from hallapp.schedule.models import Hall, Slot

#: How long before its visit a delegation is welcomed on the screen.
EARLY = timedelta(minutes=30)
_EXPECTED = (BookingState.CONFIRMED, BookingState.ARRIVED)


def find(booking: Booking) -> Delegation | None:
    """Return the delegation of a booking, or None where it is none."""
    return db.session.get(Delegation, (booking.hall_id, booking.id))


def list_levels(hall_id: int) -> list[str]:
    """Return the levels that the hall distinguishes, in its order."""
    return list(_SETTINGS.get(hall_id).levels)


def is_asked(hall_id: int) -> bool:
    """Return whether organisers of the hall may name their delegation."""
    return _SETTINGS.get(hall_id).asked


def may_name(booking: Booking) -> bool:
    """Return whether the organiser may name the delegation now: until the visit begins, as number plates change."""
    stands = booking.state in OPEN_STATES or booking.state in AGREED
    return stands and booking.slot.starts_at > clock.now() and is_asked(booking.hall_id)


def list_gate(hall_id: int, day: date) -> Sequence[tuple[Booking, Delegation]]:
    """Return the delegations that are expected on a day, by time."""
    query = (
        select(Booking, Delegation)
        .join(Delegation, (Delegation.hall_id == Booking.hall_id) & (Delegation.booking_id == Booking.id))
        .join(Booking.slot)
        .where(Booking.hall_id == hall_id, Slot.day == day, Booking.state.in_(_EXPECTED))
        .options(contains_eager(Booking.slot))
        .order_by(Slot.starts_at, Booking.id)
    )
    return [(booking, delegation) for booking, delegation in db.session.execute(query)]


def list_welcomes(hall: Hall) -> list[str]:
    """Return the welcome words of now: of delegations that agreed, from shortly before the visit to its end."""
    now = clock.now()
    return [
        delegation.welcome
        for booking, delegation in list_gate(hall.id, hall.today())
        if delegation.welcome
        and delegation.welcome_agreed
        and booking.slot.starts_at - EARLY <= now < booking.slot.ends_at
    ]


@tells
def tell_practice(hall: Hall) -> Sequence[tuple[str, str]]:
    """Return what the privacy notice says of delegations, where the hall distinguishes them or asks organisers."""
    if not (list_levels(hall.id) or is_asked(hall.id)):
        return ()
    what = _("Of delegations: the leader, the hosts, words of welcome, and vehicles for the gate")
    return ((what, _("To receive the delegation. Words of welcome are shown only if the group agrees.")),)


@dataclass(frozen=True, slots=True)
class _Setting:
    levels: tuple[str, ...] = ()
    asked: bool = False


def _load(hall_id: int) -> _Setting:
    columns = select(DelegationSetting.levels, DelegationSetting.asked)
    row = db.session.execute(columns.where(DelegationSetting.hall_id == hall_id)).first()
    return _Setting(tuple(row.levels.splitlines()), row.asked) if row else _Setting()


_SETTINGS = Facts(_load)
