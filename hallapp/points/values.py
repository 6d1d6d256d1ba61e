"""The values of service points: indexes, records, lines and statements. Points are whole hundredths."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hallapp.core.texts import Texts
from hallapp.periods import Period
from hallapp.points.models import PointGroup, PointIndex

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index as it is in force in one quarter; the attributes are those of `PointIndex`."""

    code: str
    group: PointGroup
    name: Texts
    measure: str | None
    threshold: int | None
    weight: int
    most: int | None
    position: int

    @classmethod
    def of(cls, row: PointIndex) -> "Index":
        """Return the index of a row."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})

    def limited(self, points: int) -> int:
        """Return points cut off at the limit, above and below zero."""
        return points if self.most is None else max(-self.most, min(self.most, points))


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """A number of units on a day; `what` names their source, such as `booking K7M29QXT`, `entry 3` or `day`."""

    day: date
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One index of a person's statement, with the records that were counted, in their order."""

    index: Index
    records: tuple[Record, ...]

    @property
    def count(self) -> int:
        """Return the units of all records."""
        return sum(record.count for record in self.records)

    @property
    def unlimited(self) -> int:
        """Return the points before the limit."""
        return self.count * self.index.weight

    @property
    def points(self) -> int:
        """Return the points of the line."""
        return self.index.limited(self.unlimited)


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines of a person in a quarter, by the order of the indexes; an index without records has a line, too."""

    staff_id: int
    lines: tuple[Line, ...]

    @property
    def points(self) -> int:
        """Return the points of all lines."""
        return sum(line.points for line in self.lines)

    def groups(self) -> list[tuple[PointGroup, list[Line], int]]:
        """Return the groups that have lines, with their lines and points."""
        found = [(group, [line for line in self.lines if line.index.group is group]) for group in PointGroup]
        return [(group, lines, sum(line.points for line in lines)) for group, lines in found if lines]


#: Records by person and index.
Records = Mapping[tuple[int, str], Iterable[Record]]


def make_statements(indexes: Sequence[Index], records: Records, people: Iterable[int]) -> dict[int, Statement]:
    """Return the statements of these people by their records; records of others are left out."""
    return {
        staff_id: Statement(
            staff_id,
            tuple(Line(index, tuple(sorted(records.get((staff_id, index.code), ())))) for index in indexes),
        )
        for staff_id in people
    }


@dataclass(frozen=True, slots=True)
class Rank:
    """A person's place among all; equal points share the better one."""

    place: int
    statement: Statement


def rank(statements: Iterable[Statement]) -> list[Rank]:
    """Return statements by points, the most first."""
    ordered = sorted(statements, key=lambda one: (-one.points, one.staff_id))
    places = {one.points: place for place, one in reversed(list(enumerate(ordered, start=1)))}
    return [Rank(places[one.points], one) for one in ordered]


def quarter_of(day: date) -> Period:
    """Return the quarter of a year in which a day lies."""
    return Period.quarter(day.year, (day.month + 2) // 3)


def in_words(points: int) -> str:
    """Return points as `12.50`, or `−0.25` with a minus sign."""
    whole, rest = divmod(abs(points), HUNDREDTHS)
    return f"{'−' if points < 0 else ''}{whole:,}.{rest:02}"
