"""A hall's rule for no-shows: steps, each with a number in a period and a consequence. Nothing here asks a database."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, TypeDecorator

from hallapp.core import clock
from hallapp.core.i18n import ngettext

MOST_TIERS = 4


class NoShowScope(StrEnum):
    """The identity by which no-shows are counted."""

    PHONE = "phone"
    ORGANISATION = "organisation"
    EITHER = "either"


class Consequence(StrEnum):
    """The consequence of a tier, the mildest first."""

    REMIND = "remind"  # the message about the missed visit, nothing else
    REVIEW = "review"  # the staff confirm each online booking
    PAUSE = "pause"  # no online booking


class Unit(StrEnum):
    """The unit of a period."""

    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of the rule: `count` no-shows within the last `within` days or months have the consequence.

    It lasts `days` days; a reminder has no length.
    """

    count: int
    within: int
    unit: Unit
    consequence: Consequence
    days: int = 0

    def first_day(self, today: date) -> date:
        """Return the first day whose no-shows count today."""
        if self.unit is Unit.MONTHS:
            return clock.months_before(today, self.within)
        return today - timedelta(days=self.within)

    def __str__(self) -> str:
        length = f" {self.days} days" if self.days else ""
        return f"{self.count} / {self.within} {self.unit.value}: {self.consequence.value}{length}"


Tiers = tuple[Tier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An earlier consequence: from when on, and after how many no-shows.

    `void` is one whose no-show was an error. `forgiven` is one that the staff lifted: all no-shows until then are
    settled with it.
    """

    since: date
    absences: int
    void: bool = False
    forgiven: bool = False

    def settles(self, tier: Tier) -> bool:
        """Return whether the no-shows until then do not count for a tier again."""
        return self.forgiven or (not self.void and self.absences >= tier.count)


def find_tier(
    tiers: Tiers, absences: Sequence[date], settled: Sequence[Settled], *, today: date
) -> tuple[Tier, int] | None:
    """Return the strictest tier that a group has reached today, and the number of its no-shows; None for no tier.

    A no-show counts once for each tier: not again after it led to this tier or a stricter one.
    """
    for tier in reversed(tiers):
        last = max((one.since for one in settled if one.settles(tier)), default=date.min)
        counted = sum(day >= tier.first_day(today) and day > last for day in absences)
        if counted >= tier.count:
            return tier, counted
    return None


def first_day(tiers: Tiers, today: date) -> date:
    """Return the first day whose no-shows count for any tier today."""
    return min((tier.first_day(today) for tier in tiers), default=today)


def describe(tiers: Tiers) -> list[str]:
    """Return the rule in sentences for organisers, one for each tier, in the reader's language."""
    return [_describe(tier) for tier in tiers]


def _describe(tier: Tier) -> str:
    number, period, length = tier.count, _period(tier), _days(tier.days)
    if tier.consequence is Consequence.REMIND:
        return ngettext(
            "%(num)s missed visit within %(period)s: you get a reminder.",
            "%(num)s missed visits within %(period)s: you get a reminder.",
            number,
            period=period,
        )
    if tier.consequence is Consequence.REVIEW:
        return ngettext(
            "%(num)s missed visit within %(period)s: for %(length)s, the hall confirms each online booking itself.",
            "%(num)s missed visits within %(period)s: for %(length)s, the hall confirms each online booking itself.",
            number,
            period=period,
            length=length,
        )
    return ngettext(
        "%(num)s missed visit within %(period)s: online booking is paused for %(length)s.",
        "%(num)s missed visits within %(period)s: online booking is paused for %(length)s.",
        number,
        period=period,
        length=length,
    )


def _period(tier: Tier) -> str:
    if tier.unit is Unit.DAYS:
        return _days(tier.within)
    return str(ngettext("%(num)s month", "%(num)s months", tier.within))


def _days(number: int) -> str:
    return str(ngettext("%(num)s day", "%(num)s days", number))


class TiersType(TypeDecorator[Tiers]):
    """Stores tiers as a JSON list in a text, which databases can compare."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Tiers | None, dialect: Any) -> Any:
        """Return the JSON list."""
        return json.dumps([asdict(tier) for tier in value or ()])

    def process_result_value(self, value: Any, dialect: Any) -> Tiers:
        """Return the stored tiers."""
        return _read(value) if value else ()


@lru_cache(maxsize=256)
def _read(stored: str) -> Tiers:
    """Return stored tiers, which come with each row of a hall and hardly ever change."""
    return tuple(
        Tier(**one | {"unit": Unit(one["unit"]), "consequence": Consequence(one["consequence"])})
        for one in json.loads(stored)
    )


def former_count(tiers: Tiers) -> int:
    """Return the number of no-shows before a pause, as the version before stores it; 0 for no pause."""
    return next((tier.count for tier in tiers if tier.consequence is Consequence.PAUSE), 0)


def former_months(tiers: Tiers) -> int:
    """Return the period of the first pause in whole months, as the version before stores it."""
    for tier in tiers:
        if tier.consequence is Consequence.PAUSE:
            return tier.within if tier.unit is Unit.MONTHS else max(round(tier.within / 30), 1)
    return 6


def former_days(tiers: Tiers) -> int:
    """Return the length of the first pause, as the version before stores it."""
    return next((tier.days for tier in tiers if tier.consequence is Consequence.PAUSE), 90)
