"""Permission to read the totals of another hall, and the figures of several halls together.

A hall gives its own totals away: its administrator names an account of another hall. The account then reads these
totals and nothing else: all pages of a hall stay closed to the staff of other halls.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from hallapp.accounts import queries as people
from hallapp.accounts import service as accounts
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission
from hallapp.core import clock
from hallapp.core.database import db, read_snapshot
from hallapp.core.errors import N_, DomainError, InvalidInput
from hallapp.core.text import tidy
from hallapp.ledger.facets import ALL, DIVISION
from hallapp.ledger.figures import NOTHING, Amount
from hallapp.ledger.models import Figure
from hallapp.ledger.queries import list_first_days, within
from hallapp.origins.values import OriginSet
from hallapp.periods import Period, Span
from hallapp.reports.errors import PeriodNotBegun
from hallapp.reports.figures.parts import NOTHING as NOBODY
from hallapp.reports.figures.parts import DivisionFigure, Sum, share
from hallapp.reports.figures.service import Places
from hallapp.reports.models import NetworkReader
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall


class ReaderUnknown(InvalidInput):
    """No active account of another hall that reads reports has this name."""

    code = "reader_unknown"
    message = N_("No account of another hall that may read reports has this sign-in name.")
    field = "name"


class ReaderListed(DomainError):
    """The account reads this hall's totals already."""

    code = "reader_listed"
    message = N_("This account may already read the totals.")
    field = "name"


def list_readers(hall_id: int) -> Sequence[NetworkReader]:
    """Return who of other halls may read the totals of a hall, the earliest first."""
    return db.session.scalars(
        select(NetworkReader).where(NetworkReader.hall_id == hall_id).order_by(NetworkReader.granted_at)
    ).all()


def grant(hall_id: int, name: str, *, by: int | None) -> None:
    """Let an account of another hall read the totals of this one. Raises ReaderUnknown, ReaderListed."""
    capacity.hold_hall(hall_id)
    staff = people.find_staff_by_name(tidy(name))
    if staff is None or staff.hall_id == hall_id or not (staff.active and staff.role.may(Permission.REPORTS_READ)):
        raise ReaderUnknown
    if db.session.get(NetworkReader, (hall_id, staff.id)) is not None:
        raise ReaderListed
    db.session.add(NetworkReader(hall_id=hall_id, staff_id=staff.id, granted_at=clock.now()))
    db.session.flush()
    _record(hall_id, staff.id, "network_reader_added", by)


def revoke(hall_id: int, staff_id: int, *, by: int | None) -> None:
    """Close the totals of a hall to an account of another one. Raises NoResultFound."""
    capacity.hold_hall(hall_id)
    row = db.session.get_one(NetworkReader, (hall_id, staff_id))
    db.session.delete(row)
    db.session.flush()
    _record(hall_id, staff_id, "network_reader_removed", by)


def _record(hall_id: int, staff_id: int, action: str, by: int | None) -> None:
    accounts.record(hall_id=hall_id, staff_id=by, action=action, subject=f"staff {staff_id}")


def list_readable(staff_id: int) -> Sequence[Hall]:
    """Return the halls whose totals an account may read: its own one first, then the others by their numbers."""
    home = select(Staff.hall_id).where(Staff.id == staff_id).scalar_subquery()
    given = select(NetworkReader.hall_id).where(NetworkReader.staff_id == staff_id)
    return db.session.scalars(
        select(Hall).where((Hall.id == home) | Hall.id.in_(given)).order_by(Hall.id != home, Hall.id)
    ).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class HallSum:
    """A hall's people and groups in a period, its share of all people, and its people in the period before.

    `before` is None where it had not opened by the end of that period, and had counted nobody.
    """

    hall: Hall
    visitors: int
    groups: int
    share: float
    before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummedPlaces:
    """The people by place of origin of those halls that have the same places."""

    halls: tuple[Hall, ...]
    places: Places

    @property
    def ranking(self) -> list[DivisionFigure]:
        """Return the places from which people came, most first; abroad and not stated are the last."""
        came = [one for one in self.places.divisions if one.visitors]
        return sorted(came, key=lambda one: (not one.is_place, -one.visitors))


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The figures of several halls in a period, which may be `running`.

    `halls` are in the order of their people. `months` has the people of each hall in the months of the period's last
    year, by the hall's number. `origins` add up the halls with the same places of origin, the reader's own hall first.
    """

    period: Period
    running: bool
    halls: tuple[HallSum, ...]
    months: Mapping[date, Mapping[int, int]]
    origins: tuple[SummedPlaces, ...]

    @property
    def visitors(self) -> int:
        """Return the people of all halls."""
        return sum(one.visitors for one in self.halls)

    @property
    def groups(self) -> int:
        """Return the groups of all halls."""
        return sum(one.groups for one in self.halls)

    @property
    def has_time_zones(self) -> bool:
        """Return whether the halls have different time zones, so that their days are not the same hours."""
        return len({one.hall.time_zone for one in self.halls}) > 1

    @property
    def opened_since(self) -> list[Hall]:
        """Return the halls that opened in this period or the one before: they are not in all of the latter's total."""
        first = self.period.previous().first
        return [one.hall for one in self.halls if first < one.hall.opened_on < self.period.end]

    @property
    def before(self) -> int | None:
        """Return the people of all halls in the period before; None where there is none."""
        known = [one.before for one in self.halls if one.before is not None]
        return sum(known) if known else None


def get_network(halls: Sequence[Hall], period: Period) -> Network:
    """Return the figures of halls, at least one, in five queries, however many there are. Raises PeriodNotBegun."""
    if max(hall.today() for hall in halls) < period.first:
        raise PeriodNotBegun(str(period))
    read_snapshot()
    numbers, first_days = [hall.id for hall in halls], list_first_days(halls)
    now, before = _sum_halls(numbers, period), _sum_halls(numbers, period.previous())
    whole = sum(one.visitors for one in now.values())
    sums = [
        HallSum(
            hall=hall,
            visitors=(mine := now.get(hall.id, NOTHING)).visitors,
            groups=mine.groups,
            share=share(mine.visitors, whole),
            before=before.get(hall.id, NOTHING).visitors if first_days[hall.id] < period.first else None,
        )
        for hall in halls
    ]
    return Network(
        period=period,
        running=min(hall.today() for hall in halls) <= period.last,
        halls=tuple(sorted(sums, key=lambda one: (-one.visitors, one.hall.id))),
        months=_list_months(numbers, period.last.year),
        origins=tuple(_sum_places(halls, period)),
    )


def _sum_halls(numbers: Sequence[int], period: Period) -> dict[int, Amount]:
    columns = (func.sum(Figure.visitors), func.sum(Figure.groups), func.sum(Figure.extra))
    rows = db.session.execute(
        select(Figure.hall_id, *columns)
        .where(Figure.hall_id.in_(numbers), Figure.facet == ALL, within(period.stretches()))
        .group_by(Figure.hall_id)
    )
    return {hall_id: Amount(*map(int, amount)) for hall_id, *amount in rows}


def _list_months(numbers: Sequence[int], year: int) -> dict[date, dict[int, int]]:
    found: dict[date, dict[int, int]] = {date(year, number, 1): {} for number in range(1, 13)}
    rows = db.session.execute(
        select(Figure.first, Figure.hall_id, Figure.visitors).where(
            Figure.hall_id.in_(numbers),
            Figure.facet == ALL,
            within([(Span.MONTH, date(year, 1, 1), date(year + 1, 1, 1))]),
        )
    )
    for first, hall_id, visitors in rows:
        found[first][hall_id] = visitors
    return found


def _sum_places(halls: Sequence[Hall], period: Period) -> Iterator[SummedPlaces]:
    rows = db.session.execute(
        select(Figure.hall_id, Figure.part, func.sum(Figure.visitors), func.sum(Figure.groups))
        .where(Figure.hall_id.in_([hall.id for hall in halls]), Figure.facet == DIVISION, within(period.stretches()))
        .group_by(Figure.hall_id, Figure.part)
    ).all()
    for code in dict.fromkeys(hall.origin_set for hall in halls):
        same = tuple(hall for hall in halls if hall.origin_set == code)
        numbers = {hall.id for hall in same}
        found: dict[str, Sum] = {}
        for hall_id, part, visitors, groups in rows:
            if hall_id in numbers:
                so_far = found.get(part, NOBODY)
                found[part] = Sum(so_far.visitors + int(visitors), so_far.groups + int(groups))
        yield SummedPlaces(halls=same, places=_places_of(same[0].origins, found))


def _places_of(origins: OriginSet, found: Mapping[str, Sum]) -> Places:
    whole = sum(one.visitors for one in found.values())
    return Places(
        origins=origins,
        divisions=tuple(
            DivisionFigure(code=code, visitors=one.visitors, groups=one.groups, share=share(one.visitors, whole))
            for code in (*origins.divisions, *sorted(found.keys() - origins.divisions.keys()))
            for one in (found.get(code, NOBODY),)
        ),
    )
