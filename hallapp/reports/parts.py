"""What a report consists of: plain frozen values, computed once, shown on every face, and filed with a close."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hallapp.booking.models import OrganisationKind
from hallapp.divisions import DIVISIONS, OVERSEAS, UNKNOWN, Division
from hallapp.ledger.models import AdjustmentReason, Way

OUTER = ("710000", "810000", "820000")
#: How `absent_visitors` was computed: all booked places of a period less all people who took one (until 2026), or
#: booking by booking. Filed figures that do not name a method used the first one.
ABSENCES_IN_SUM = 1
ABSENCES_BY_BOOKING = 2


@dataclass(frozen=True, slots=True)
class Sum:
    """So many people in so many groups."""

    visitors: int
    groups: int


NOTHING = Sum(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a programme or a guide was called when the figures were made; `code` is its word in exports."""

    code: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        """The name in a reader's language, `zh` or `en`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A group counts once on each day on which it came. `divisions` counts those of the 34 that visitors came from.

    `booked_visitors` are places that bookings hold, and `capacity` the places that were open, all by the hall's own
    slots. `absent_visitors` are the people who had booked a slot that is over and did not come (`absences.py`).
    """

    visitors: int
    groups: int
    booked_visitors: int
    absent_visitors: int
    capacity: int
    divisions: int

    @property
    def average(self) -> float:
        """People in a group, to a tenth; 0 of nothing."""
        return round_half_up(10 * self.visitors, self.groups) / 10

    @property
    def use(self) -> float:
        """The part of the open places that was booked, to a thousandth."""
        return share(self.booked_visitors, self.capacity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """People and groups of one part of a report."""

    visitors: int
    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Counted):
    """The same with the part's share of all people, to a thousandth."""

    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionFigure(Shared):
    """A division's part. A mixed group is in each of its divisions.

    `before` are its people in the period before, `last_year` in the same period a year before; None where the hall was
    not open then.
    """

    code: str
    before: int | None = None
    last_year: int | None = None

    @property
    def division(self) -> Division:
        """The division itself."""
        return DIVISIONS[self.code]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFigure(Counted):
    """A day of a month, a month of a year, or a year since the opening; `first` is its first day."""

    first: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFigure(Shared):
    """A programme's part."""

    programme: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFigure(Shared):
    """The part of a kind of organisation."""

    kind: OrganisationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFigure(Shared):
    """The part of a way by which people came into the ledger."""

    source: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideFigure(Shared):
    """The part that a guide led; None is without a guide."""

    guide: Name | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFigure:
    """People who came in an hour of the week: weekday 0 is Monday; the hour is of the hall's clock."""

    weekday: int
    hour: int
    visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefectureFigure(Counted):
    """The part of a prefecture, where it is known: only imported rows may name one."""

    code: str


class Region(StrEnum):
    """Where people come from, in four."""

    MAINLAND = "mainland"
    OUTER = "outer"  # Hong Kong, Macao and Taiwan
    OVERSEAS = "overseas"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisations:
    """Groups of organisations that came for the first time, that had come before, and that gave no name."""

    new: Sum
    returning: Sum
    unnamed: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSeen:
    """A division from which somebody came for the first time; `day` is None where only the month is known."""

    code: str
    month: date
    day: date | None


class MilestoneKind(StrEnum):
    """What a milestone counts."""

    VISITORS = "visitors"
    DIVISIONS = "divisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """The hall's 30,000th visitor, its 34th division; `day` is None where only the month is known."""

    kind: MilestoneKind
    number: int
    month: date
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentFigure:
    """People counted in a closed month after its close (+n), or taken out of it (−n).

    Without anybody's words: they may name somebody, and figures are filed for ever. They stand in the month's own list.
    """

    month: date
    reason: AdjustmentReason
    visitors: int
    made_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """The closed months of a longer period: how many, their people as they were signed, and by how many they moved.

    `adjustments` counts what moved them: they may cancel out. `absences_in_sum` of the months were filed with absences
    by the earlier method.
    """

    months: int
    visitors: int
    adjusted: int
    adjustments: int = 0
    absences_in_sum: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What came after the close of a month that a report compares with: the comparison itself is with what was signed.

    The ledger has moved by `visitors` in so many `adjustments`, which may cancel out.
    """

    adjustments: int
    visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The same people counted in three ways."""

    divisions: int
    parts: int
    ledger: int

    @property
    def agrees(self) -> bool:
        """Whether all three are the same number."""
        return self.divisions == self.parts == self.ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that a report says of a period; it is filed as it is when the month is closed.

    `divisions` holds all 36 in code order, overseas and not stated last; `parts` every part of the period,
    `programmes`, `kinds` and `sources` all that exist: zeros included; `guides`, `times` and `prefectures` who or what
    came. `previous` is the period before and `last_year` the same period a year before, None where the hall was not
    open. `undated` are people of whom only the month is known, `untimed` those whose hour is not. `trend` is every
    month from the opening to the period's end. `adjustments` are those that were made in the period.
    `previous_signed` and `last_year_signed` are there where the month compared with was closed. `absence_method` says
    how `totals.absent_visitors` was computed.
    """

    totals: Totals
    previous: Sum | None
    last_year: Sum | None
    divisions: tuple[DivisionFigure, ...]
    parts: tuple[PartFigure, ...]
    undated: Sum
    programmes: tuple[ProgrammeFigure, ...]
    kinds: tuple[KindFigure, ...]
    sources: tuple[SourceFigure, ...]
    guides: tuple[GuideFigure, ...]
    times: tuple[TimeFigure, ...]
    untimed: int
    prefectures: tuple[PrefectureFigure, ...]
    organisations: Organisations
    firsts: tuple[FirstSeen, ...]
    milestones: tuple[Milestone, ...]
    trend: tuple[PartFigure, ...]
    adjustments: tuple[AdjustmentFigure, ...]
    filed: Filed
    check: Check
    previous_signed: Signed | None = None
    last_year_signed: Signed | None = None
    absence_method: int = ABSENCES_IN_SUM

    @property
    def beside(self) -> list[DivisionFigure]:
        """Overseas and not stated."""
        return [figure for figure in self.divisions if not figure.division.tile]

    @property
    def regions(self) -> dict[Region, int]:
        """People by where they come from, in four."""
        people = dict.fromkeys(Region, 0)
        for figure in self.divisions:
            people[region_of(figure.code)] += figure.visitors
        return people

    @property
    def weekdays(self) -> list[int]:
        """People by weekday, Monday first, as far as their hour is known."""
        people = [0] * 7
        for one in self.times:
            people[one.weekday] += one.visitors
        return people


def region_of(code: str) -> Region:
    """In which of the four a division lies."""
    apart = {OVERSEAS: Region.OVERSEAS, UNKNOWN: Region.UNKNOWN, **dict.fromkeys(OUTER, Region.OUTER)}
    return apart.get(code, Region.MAINLAND)


def share(part: int, whole: int) -> float:
    """A part of a whole to a thousandth, halves up; 0 of nothing. Rounded here once, so that all faces agree."""
    return round_half_up(1000 * part, whole) / 1000


def round_half_up(part: int, whole: int) -> int:
    """The nearest whole number of a ratio, halves up; 0 where there is nothing to divide by."""
    return (2 * part + whole) // (2 * whole) if whole else 0
