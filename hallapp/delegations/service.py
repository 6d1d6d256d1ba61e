"""Change and erase delegations."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Select, delete

from hallapp.booking.models import Booking
from hallapp.core.database import db
from hallapp.delegations import queries
from hallapp.delegations.models import Delegation, DelegationSetting
from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, note
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationData:
    """The values of `Delegation` with the same names."""

    level: str
    leader: str
    hosts: str
    welcome: str
    welcome_agreed: bool
    vehicles: str


def save(booking: Booking, data: DelegationData, *, by: int | None) -> None:
    """Make a booking a delegation, or change what it has as one. The audit trail names the fields, not the people."""
    capacity.hold_hall(booking.hall_id)
    delegation = queries.find(booking)
    if delegation is None:
        delegation = Delegation(hall_id=booking.hall_id, booking_id=booking.id)
        db.session.add(delegation)
    changed = sorted(apply(delegation, asdict(data)).get("after", {}))
    _note(booking, by, "delegation_saved", changed)


def remove(booking: Booking, *, by: int | None) -> None:
    """Make a booking an ordinary one; its delegation is deleted."""
    capacity.hold_hall(booking.hall_id)
    delegation = queries.find(booking)
    if delegation is not None:
        db.session.delete(delegation)
        _note(booking, by, "delegation_removed", ["level"])


def save_levels(hall_id: int, levels: str, *, by: int | None) -> None:
    """Set the levels of a hall, one in each line; equal ones and empty lines are left out."""
    capacity.hold_hall(hall_id)
    setting = db.session.get(DelegationSetting, hall_id)
    if setting is None:
        setting = DelegationSetting(hall_id=hall_id, levels="")
        db.session.add(setting)
    lines = dict.fromkeys(line.strip() for line in levels.splitlines() if line.strip())
    detail = apply(setting, {"levels": "\n".join(lines)})
    note(hall_id=hall_id, by=by, action="delegation_levels_saved", subject=f"hall {hall_id}", detail=detail)


def erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Erase the delegations among these bookings; needs a transaction."""
    db.session.execute(
        delete(Delegation).where(Delegation.hall_id == hall.id, Delegation.booking_id.in_(bookings)),
        execution_options={"synchronize_session": False},
    )
    db.session.expire_all()


def _note(booking: Booking, by: int | None, action: str, changed: list[str]) -> None:
    detail = {"after": {"fields": changed}} if changed else {}
    note(hall_id=booking.hall_id, by=by, action=action, subject=f"booking {booking.reference}", detail=detail)
