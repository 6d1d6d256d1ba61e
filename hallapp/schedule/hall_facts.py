"""A hall, its programmes and one slot as plain values, for what decides without a database.

Hall and programmes are held in the process (`core/facts.py`), so a request reads its slot only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, inspect, select

from hallapp.core import facts
from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.core.prepared import Prepared
from hallapp.core.regions import Region
from hallapp.origins.values import OriginSet
from hallapp.schedule.models import Hall, Mode, Programme, Slot
from hallapp.schedule.policy import AccessNeed, LineRule, Policy, ProofOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class HallFacts:
    """The values of `Hall` with the same names."""

    id: int
    time_zone: str
    language_codes: tuple[str, ...]
    large_group_max: int
    region: Region
    open_per_phone: int
    open_per_organisation: int
    brake_per_hour: int
    brake_hold_hours: int
    network_places: int
    proof_of_work: ProofOfWork
    confirm_by_code: bool
    access_offered: tuple[AccessNeed, ...]
    line: LineRule | None
    origins: OriginSet


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFacts:
    """The values of `Programme` with the same names; `policy` is its own, else its hall's."""

    id: int
    slug: str
    active: bool
    guides: int
    mode: Mode
    policy: Policy
    hall: HallFacts

    @property
    def is_online(self) -> bool:
        """Return whether nobody comes to the hall for it: no pass, no way to the hall, no visitors."""
        return self.mode is Mode.ONLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """A slot as it was a moment ago. Whether it has room is decided by the claim alone (`capacity.py`).

    `version` is the one of its hall's facts at that moment.
    """

    id: int
    hall_id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    open: bool
    programme: ProgrammeFacts
    version: int


@dataclass(frozen=True, slots=True)
class _Held:
    hall: HallFacts
    programmes: Mapping[int, ProgrammeFacts]


def get_hall(hall_id: int, *, version: int | None = None) -> HallFacts:
    """Return a hall; `version` is that of its facts, where the caller has read it. Raises NoResultFound."""
    return _held.get(hall_id, version=version).hall


def find_slot(hall_id: int, slot_id: int) -> SlotFacts | None:
    """Return a slot of this hall, or None: another hall's slot is unknown here."""
    rows = _FIND_SLOT.look({"hall": hall_id, "slot": slot_id})
    if not rows:
        return None
    *values, programme_id, version = rows[0]
    programme = _held.get(hall_id, version=version).programmes[programme_id]
    return SlotFacts(**dict(zip(_SLOT_COLUMNS, values, strict=True)), programme=programme, version=version)


def read_hall(hall_id: int) -> Hall:
    """Return a copy of a hall that no session knows: its own may be older than the version of the facts that follow."""
    return Hall(**db.session.execute(select(*_HALL_COLUMNS).where(Hall.id == hall_id)).mappings().one())


def _load(hall_id: int) -> _Held:
    hall = read_hall(hall_id)
    rows = db.session.execute(select(*_PROGRAMME_COLUMNS).where(Programme.hall_id == hall_id)).mappings()
    values = {name: getattr(hall, name) for name in HallFacts.__dataclass_fields__}
    held = HallFacts(**values)
    return _Held(hall=held, programmes={row["id"]: _programme(Programme(**row, hall=hall), held) for row in rows})


def _programme(programme: Programme, hall: HallFacts) -> ProgrammeFacts:
    names = ProgrammeFacts.__dataclass_fields__.keys() - {"hall"}
    return ProgrammeFacts(**{name: getattr(programme, name) for name in names}, hall=hall)


_HALL_COLUMNS = tuple(column.label(key) for key, column in inspect(Hall).columns.items() if key in inspect(Hall).attrs)
_PROGRAMME_COLUMNS = tuple(inspect(Programme).columns)
_held = Facts(_load)
_SLOT_COLUMNS = ("id", "hall_id", "day", "starts_at", "ends_at", "open")
_FIND_SLOT = Prepared(
    select(
        *(Slot.__table__.c[name] for name in _SLOT_COLUMNS),
        Slot.programme_id,
        facts.version_of(bindparam("hall")),
    ).where(Slot.id == bindparam("slot"), Slot.hall_id == bindparam("hall"))
)
