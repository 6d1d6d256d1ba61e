"""The choice of a hall's origin set, before the first booking or arrival; what it adds may change at any time."""

from dataclasses import dataclass

from sqlalchemy import exists, select

from hallapp.booking.models import Origin
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.ledger.models import Arrival, HistoryRow
from hallapp.origins import own, queries
from hallapp.origins.errors import HomeUnknown, OriginSetUnknown, OriginsInUse
from hallapp.origins.models import OwnOrigins
from hallapp.origins.values import OriginSet
from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, note


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseOrigins:
    """The command for a hall's origin set and home, and whether it asks for cities of the home and for countries."""

    hall_id: int
    by: int
    set: str
    home: str
    cities: bool
    countries: bool


def choose(command: ChooseOrigins) -> None:
    """Count by this set from now on. The hall's row is locked, so no booking is made meanwhile.

    Raises:
        OriginSetUnknown, HomeUnknown: there is no such set, or no such place in it.
        OriginsInUse: people have been recorded by another set.
    """
    hall = capacity.hold_hall(command.hall_id)
    wanted = find_set(hall.id, command.set, command.home)
    if wanted is None:
        raise OriginSetUnknown
    if command.home not in [one.code for one in wanted.places]:
        raise HomeUnknown
    if command.set != hall.origin_set and is_in_use(hall.id):
        raise OriginsInUse
    values = {
        "origin_set": command.set,
        "home_division": command.home,
        "origin_cities": command.cities,
        "origin_countries": command.countries,
    }
    detail = apply(hall, values)
    note(hall_id=hall.id, by=command.by, action="origins_chosen", subject="hall", detail=detail)


def keep_own(hall_id: int, content: bytes) -> str:
    """Keep the places of a file, and return the code of their set. Raises OriginsFileRefused with every fault."""
    places = own.read_file(content)
    code = own.code_of(places)
    capacity.lock_hall(hall_id)
    if db.session.get(OwnOrigins, (hall_id, code)) is None:
        rows = [place.stored() for place in places]
        db.session.add(OwnOrigins(hall_id=hall_id, code=code, made_at=clock.now(), places=rows))
        db.session.flush()
    return code


def is_in_use(hall_id: int) -> bool:
    """Return whether a booking, an arrival or an import of a hall names places of its set."""
    tables = (Origin, Arrival, HistoryRow)
    return any(db.session.scalar(select(exists().where(table.hall_id == hall_id))) for table in tables)


def find_set(hall_id: int, code: str, home: str = "") -> OriginSet | None:
    """Return a set that a hall can choose, or None."""
    try:
        return queries.get_set(hall_id, code, home)
    except KeyError:
        return None


def list_own(hall_id: int) -> list[str]:
    """Return the codes of the sets that a hall uploaded, the latest first."""
    rows = select(OwnOrigins.code).where(OwnOrigins.hall_id == hall_id).order_by(OwnOrigins.made_at.desc())
    return list(db.session.scalars(rows))
