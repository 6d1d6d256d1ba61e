"""The contents of a report: plain frozen values, computed once, shown in every format, and filed with a close."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from hallapp.core.texts import Texts
from hallapp.ledger.facet_parts import Hours, Name
from hallapp.ledger.facets import DIVISION, TIME
from hallapp.ledger.models import AdjustmentReason
from hallapp.origins.values import APART

#: How `absent_visitors` was computed: all booked places of a period less all people who took one (until 2026), or
#: booking by booking. Filed figures that do not name a method used the first one.
ABSENCES_IN_SUM = 1
ABSENCES_BY_BOOKING = 2


@dataclass(frozen=True, slots=True)
class Sum:
    """A number of people in a number of groups."""

    visitors: int
    groups: int


NOTHING = Sum(0, 0)
_NO_HOUR = Hours.nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A group counts once on each day on which it came. `divisions` counts the places that visitors came from.

    `booked_visitors` are places that bookings hold, and `capacity` the places that were open, all by the hall's own
    slots. `absent_visitors` are the people who had booked a past slot and did not come (`absences.py`).
    """

    visitors: int
    groups: int
    booked_visitors: int
    absent_visitors: int
    capacity: int
    divisions: int

    @property
    def average(self) -> float:
        """Return people in a group, to a tenth; 0 of nothing."""
        return round_half_up(10 * self.visitors, self.groups) / 10

    @property
    def use(self) -> float:
        """Return the part of the open places that was booked, to a thousandth."""
        return share(self.booked_visitors, self.capacity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """People and groups of one part of a report."""

    visitors: int
    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Counted):
    """A sum with its share of all people, to a thousandth."""

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
    def is_place(self) -> bool:
        """Return whether it is of a place, and neither of people from abroad nor of those who stated none."""
        return self.code not in APART


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFigure(Counted):
    """A day of a month, a month of a year, or a year since the opening; `first` is its first day."""

    first: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetFigure:
    """One part of a facet by its code: `facets` describes the parts, and whether they have groups and shares.

    `name` is stored where the hall itself named the part. `share` is the part of all people, to a thousandth.
    """

    code: str
    visitors: int
    groups: int | None = None
    share: float | None = None
    name: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSeen:
    """A division from which people came for the first time; `day` is None if only the month is known."""

    code: str
    month: date
    day: date | None


class MilestoneKind(StrEnum):
    """The measure that a milestone counts."""

    VISITORS = "visitors"
    DIVISIONS = "divisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """The hall's 30,000th visitor, its tenth division; `day` is None where only the month is known."""

    kind: MilestoneKind
    number: int
    month: date
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentFigure:
    """People counted in a closed month after its close (+n), or taken out of it (−n).

    It has no free text, which may name people, because figures are filed for ever. The month's own list has the text.
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
    """Adjustments of a compared month after its close; the comparison itself uses the signed figures.

    The ledger has changed by `visitors` people in a number of `adjustments`, which may cancel out.
    """

    adjustments: int
    visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Three counts of the same people."""

    divisions: int
    parts: int
    ledger: int

    @property
    def agrees(self) -> bool:
        """Return whether all three are the same number."""
        return self.divisions == self.parts == self.ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class AudiencePart:
    """The online audience from one division."""

    code: str
    people: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceSession:
    """The audience of one session; `programme` is the slug, `peak` the most people at the same minute, 0 if unknown."""

    programme: str
    name: Texts
    day: date
    starts: str
    people: int
    minutes: int
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceFigures:
    """The audience of online programmes: people, each once for each session, and their minutes."""

    people: int
    minutes: int
    divisions: tuple[AudiencePart, ...]
    sessions: tuple[AudienceSession, ...]

    @property
    def agrees(self) -> bool:
        """Return whether divisions and sessions both add up to the whole ledger."""
        whole = (self.people, self.minutes)
        return all(
            (sum(one.people for one in parts), sum(one.minutes for one in parts)) == whole
            for parts in (self.divisions, self.sessions)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkNumbers:
    """Talks by what became of them: those that were held by their way, missed and cancelled ones."""

    on_site: int = 0
    phone: int = 0
    online: int = 0
    missed: int = 0
    cancelled: int = 0

    @property
    def held(self) -> int:
        """Return the talks that were held, in all ways."""
        return self.on_site + self.phone + self.online


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFigure(TalkNumbers):
    """The talks of one host, by the number and the name of the host."""

    host: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkFigures:
    """The talks of a period: `total`, by host, and how many guests of talks at the hall the arrival ledger counts.

    Talks by phone and online count nobody; `visitors` are also among the visitors of the report.
    """

    total: TalkNumbers
    hosts: tuple[HostFigure, ...]
    visitors: int

    @property
    def agrees(self) -> bool:
        """Return whether the hosts add up to the total, and no more guests are counted than came to the hall."""
        names = [field.name for field in fields(TalkNumbers)]
        is_whole = all(sum(getattr(one, name) for one in self.hosts) == getattr(self.total, name) for name in names)
        return is_whole and self.visitors <= self.total.on_site


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of a period's report; they are filed unchanged when the month is closed.

    `divisions` holds all of the origin set in its order, abroad and not stated last. `parts` holds every part of the
    period, zeros included. `facets` holds the parts of every other facet by the facet's name, in the order of
    `facets.FACETS`; a facet is missing where the figures were filed before it existed. `previous` is the period before
    and `last_year` the same period a year before, None where the hall was not open. `undated` are people of whom only
    the month is known.
    `trend` is every month from the opening to the period's end. `adjustments` are those that were made in the period.
    `previous_signed` and `last_year_signed` are there where the month compared with was closed. `absence_method` is the
    method by which `totals.absent_visitors` was computed. `audience` is that of online programmes, None without any: no
    other figure has it. `talks` are those of guests with hosts, None without any; guests at the hall are also visitors.
    """

    totals: Totals
    previous: Sum | None
    last_year: Sum | None
    divisions: tuple[DivisionFigure, ...]
    parts: tuple[PartFigure, ...]
    undated: Sum
    facets: Mapping[str, tuple[FacetFigure, ...]]
    firsts: tuple[FirstSeen, ...]
    milestones: tuple[Milestone, ...]
    trend: tuple[PartFigure, ...]
    adjustments: tuple[AdjustmentFigure, ...]
    filed: Filed
    check: Check
    previous_signed: Signed | None = None
    last_year_signed: Signed | None = None
    absence_method: int = ABSENCES_IN_SUM
    audience: AudienceFigures | None = None
    talks: TalkFigures | None = None

    @property
    def agrees(self) -> bool:
        """Return whether all counts of the same people are equal: of the visitors, of the audience, and of talks."""
        return self.check.agrees and all(one is None or one.agrees for one in (self.audience, self.talks))

    @property
    def beside(self) -> list[DivisionFigure]:
        """Return those that are no place: abroad and not stated."""
        return [figure for figure in self.divisions if not figure.is_place]

    def people_of(self, facet: str) -> dict[str, int]:
        """Return people by the codes of the parts of a facet."""
        if facet == DIVISION:
            return {one.code: one.visitors for one in self.divisions}
        return {one.code: one.visitors for one in self.facets.get(facet, ())}

    @property
    def hours(self) -> dict[tuple[int, int], int]:
        """Return people by weekday (0 is Monday) and hour of the hall's clock, as far as their hour is known."""
        people = self.people_of(TIME)
        people.pop(_NO_HOUR, None)
        return {divmod(int(code), 24): visitors for code, visitors in people.items()}

    @property
    def untimed(self) -> int:
        """Return people whose hour is not known."""
        return self.people_of(TIME).get(_NO_HOUR, 0)


def share(part: int, whole: int) -> float:
    """Return a part of a whole to a thousandth, halves up; 0 of nothing. Rounded here once, so that all faces agree."""
    return round_half_up(1000 * part, whole) / 1000


def round_half_up(part: int, whole: int) -> int:
    """Return the nearest whole number of a ratio, halves up; 0 where there is nothing to divide by."""
    return (2 * part + whole) // (2 * whole) if whole else 0
