"""Inputs of pictures: plain figures with their names."""

from dataclasses import dataclass
from typing import Protocol

from hallapp.origins.values import OriginSet
from hallapp.reports.figures.parts import DivisionFigure

#: A weekday (Monday is 0) and an hour of the hall's day, 0 to 23.
Hour = tuple[int, int]


class Places(Protocol):
    """The input of a tile map: a report, or a part of one."""

    @property
    def origins(self) -> OriginSet:
        """Return the places of origin of the hall."""

    @property
    def divisions(self) -> tuple[DivisionFigure, ...]:
        """Return all in the order of the set."""

    @property
    def beside(self) -> list[DivisionFigure]:
        """Return those that are no place: abroad and not stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartCell:
    """A day, month or year with its full name and its short one; `to_come` is left empty."""

    name: str
    short: str
    visitors: int
    groups: int
    to_come: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A division: its people now and in the same period a year before, None where there is nothing to compare with.

    Rows `beside` the ranking (abroad, not stated) have no rank and come last.
    """

    name: str
    visitors: int
    before: int | None = None
    beside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPart:
    """A part of all people, such as those of one programme; `share` is a part of 1."""

    name: str
    visitors: int
    share: float
