"""Which ledger rows stand behind a figure of a report, as it is said in an address."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hallapp.booking.models import OrganisationKind
from hallapp.divisions import DIVISIONS
from hallapp.ledger.facet_parts import Guides, Hours
from hallapp.ledger.facets import DIVISION, KIND, ORGANISATION, PREFECTURE, PROGRAMME, TIME
from hallapp.ledger.models import Standing, Way
from hallapp.prefectures import PREFECTURES
from hallapp.reports.errors import FigureUnknown
from hallapp.reports.parts import Region, region_of
from hallapp.reports.periods import Period
from hallapp.schedule.models import Programme

_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: What stands for an hour that nobody knows, and for people of whom only the month is known.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing by which rows are chosen: the parts of a facet, under the name and value that it has in addresses."""

    name: str
    value: str
    facet: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Rows of the days of `period` that are of each of these parts; `undated` are those of which no day is known.

    `whole` is the period of the report, of which `day` has chosen one day, where it is given.
    """

    whole: Period
    period: Period
    parts: tuple[Part, ...] = ()
    day: date | None = None
    undated: bool = False

    @property
    def args(self) -> dict[str, str]:
        """The same as the arguments of an address."""
        found = {part.name: part.value for part in self.parts}
        if self.undated:
            found["day"] = UNKNOWN
        elif self.day:
            found["day"] = self.day.isoformat()
        return found

    def without(self, name: str) -> dict[str, str]:
        """The arguments without one of them."""
        return {key: value for key, value in self.args.items() if key != name}

    def within(self, period: Period) -> "Filter":
        """The same rows of another period."""
        return replace(self, whole=period, period=period)


def read(period: Period, args: Mapping[str, str], programmes: Sequence[Programme]) -> Filter:
    """The filter that an address asks for; what means nothing in it is not looked at.

    Raises:
        FigureUnknown: no figure of a report leads there.
    """
    ids = {one.slug: str(one.id) for one in programmes}
    readers: dict[str, Callable[[str], tuple[str, tuple[str, ...]] | None]] = {
        "division": lambda text: (DIVISION, (text,)) if text in DIVISIONS else None,
        "region": _region,
        "prefecture": lambda text: (PREFECTURE, (text,)) if text in PREFECTURES else None,
        "programme": lambda text: (PROGRAMME, (ids[text],)) if text in ids else None,
        "kind": lambda text: (KIND, (text,)) if text in set(OrganisationKind) else None,
        "source": lambda text: ("source", (text,)) if text in set(Way) else None,
        "guide": lambda text: ("guide", (text if text != "none" else Guides.NOBODY,)) if _is_guide(text) else None,
        "hour": _hour,
        "weekday": _weekday,
        "organisation": lambda text: (ORGANISATION, (text,)) if text in set(Standing) else None,
    }
    parts = []
    for name, reader in readers.items():
        if text := args.get(name):
            found = reader(text)
            if found is None:
                raise FigureUnknown
            parts.append(Part(name=name, value=text, facet=found[0], parts=found[1]))
    chosen = Filter(whole=period, period=period, parts=tuple(parts))
    return _on_day(chosen, args.get("day", ""))


def _on_day(chosen: Filter, text: str) -> Filter:
    if not text:
        return chosen
    if text == UNKNOWN:
        return replace(chosen, undated=True)
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not chosen.period.holds(day):
        raise FigureUnknown
    return replace(chosen, day=day, period=Period.days(day, day))


def _region(text: str) -> tuple[str, tuple[str, ...]] | None:
    if text not in set(Region):
        return None
    return DIVISION, tuple(code for code in DIVISIONS if region_of(code) == text)


def _is_guide(text: str) -> bool:
    return text == "none" or bool(_NUMBER.fullmatch(text) and text != "0")


def _hour(text: str) -> tuple[str, tuple[str, ...]] | None:
    """An hour of the week, from 0 (Monday from midnight) to 167."""
    if text == UNKNOWN:
        return TIME, (Hours.UNKNOWN,)
    return (TIME, (text,)) if _NUMBER.fullmatch(text) and int(text) < 7 * 24 else None


def _weekday(text: str) -> tuple[str, tuple[str, ...]] | None:
    if not (_NUMBER.fullmatch(text) and int(text) < 7):
        return None
    return TIME, tuple(str(24 * int(text) + hour) for hour in range(24))
