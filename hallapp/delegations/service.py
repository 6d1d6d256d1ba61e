"""Change and erase delegations."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Select, delete

from hallapp.booking.models import Booking
from hallapp.core.database import db
from hallapp.delegations import queries
from hallapp.delegations.errors import DelegationClosed
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiserData:
    """The values of `Delegation` with the same names that an organiser gives; they agree to any words of welcome."""

    leader: str
    hosts: str
    welcome: str
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


def name(booking: Booking, data: OrganiserData) -> None:
    """Store what an organiser says of their delegation; the level stays, and the staff read new words of welcome.

    A group that says nothing is no delegation because of it. Raises DelegationClosed after the visit has begun.
    """
    capacity.hold_hall(booking.hall_id)
    if not queries.may_name(booking):
        raise DelegationClosed
    values = asdict(data)
    delegation = queries.find(booking)
    if delegation is None:
        if not any(values.values()):
            return
        delegation = Delegation(hall_id=booking.hall_id, booking_id=booking.id, level="", welcome="")
        db.session.add(delegation)
    if delegation.welcome != data.welcome:
        values["welcome_agreed"] = False
    changed = sorted(apply(delegation, values).get("after", {}))
    if changed:
        _note(booking, None, "delegation_named", changed)


def remove(booking: Booking, *, by: int | None) -> None:
    """Make a booking an ordinary one; its delegation is deleted."""
    capacity.hold_hall(booking.hall_id)
    delegation = queries.find(booking)
    if delegation is not None:
        db.session.delete(delegation)
        _note(booking, by, "delegation_removed", ["level"])


def save_levels(hall_id: int, levels: str, *, asked: bool = False, by: int | None) -> None:
    """Set the levels of a hall, one in each line, and whether organisers are asked.

    Equal and empty lines are left out.
    """
    capacity.hold_hall(hall_id)
    setting = db.session.get(DelegationSetting, hall_id)
    if setting is None:
        setting = DelegationSetting(hall_id=hall_id, levels="")
        db.session.add(setting)
    lines = dict.fromkeys(line.strip() for line in levels.splitlines() if line.strip())
    detail = apply(setting, {"levels": "\n".join(lines), "asked": asked})
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
