"""Define the resources of a hall: none is ever deleted, because bookings know them by their numbers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from hallapp.accounts import service as accounts
from hallapp.core.database import db
from hallapp.resources.errors import ResourceNameMissing, ResourceUnknown
from hallapp.resources.models import AskedBy, Resource, Scope
from hallapp.schedule import capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveResource:
    """The command that stores a resource, as `models.Resource` describes it; a new one has no number.

    Names in other than these `languages` stay as they are.
    """

    hall_id: int
    staff_id: int | None = None
    number: int | None = None
    names: Mapping[str, str]
    units: Mapping[str, str]
    languages: tuple[str, ...] = ("zh", "en")
    quantity: int
    scope: Scope = Scope.MOMENT
    asked_by: AskedBy = AskedBy.ORGANISER
    per_booking: int = 1
    people_each: int | None = None
    programmes: Collection[int] = ()
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """The number of a stored resource, and whether there may now be fewer of it than bookings have."""

    number: int
    reduced: bool


def save_resource(command: SaveResource) -> Saved:
    """Store a resource. The hall is locked, so that nothing is claimed by the rules of before.

    Raises:
        ResourceNameMissing: it has no name.
        ResourceUnknown: the hall has no such resource.
    """
    if not any(command.names.values()):
        raise ResourceNameMissing
    capacity.lock_hall(command.hall_id)
    rows = {row.number: row for row in db.session.scalars(select(Resource).where(Resource.hall_id == command.hall_id))}
    row = rows.get(command.number or 0)
    if command.number is not None and row is None:
        raise ResourceUnknown
    before = (row.quantity, row.scope, row.retired) if row else None
    if row is None:
        row = Resource(hall_id=command.hall_id, number=max(rows, default=0) + 1)
        db.session.add(row)
    row.name = row.name.replaced(command.names, command.languages)
    row.unit = row.unit.replaced(command.units, command.languages)
    for name in ("quantity", "scope", "asked_by", "per_booking", "people_each", "retired"):
        setattr(row, name, getattr(command, name))
    row.programmes = dict.fromkeys(sorted(command.programmes), 1)
    db.session.flush()
    accounts.record(
        hall_id=command.hall_id,
        staff_id=command.staff_id,
        action="resource_saved",
        subject=f"resource {row.number}",
        detail={"quantity": command.quantity, "retired": command.retired},
    )
    return Saved(row.number, reduced=before is not None and _is_reduced(before, command))


def _is_reduced(before: tuple[int, Scope, bool], command: SaveResource) -> bool:
    quantity, scope, retired = before
    return command.quantity < quantity or command.scope is not scope or (command.retired and not retired)
