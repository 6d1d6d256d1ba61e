"""The result of a check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The severity of a finding: `WRONG` keeps something from working, `WARNING` may do so later, or is unwise."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was found, and what to do about it."""

    name: str
    level: Level
    found: str
    do: str = ""


Check = Callable[[], Iterator[Finding]]


def ok(name: str, found: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(name, Level.OK, found)


def warning(name: str, found: str, do: str) -> Finding:
    """Return a finding that somebody should look at."""
    return Finding(name, Level.WARNING, found, do)


def wrong(name: str, found: str, do: str) -> Finding:
    """Return a finding that keeps something from working."""
    return Finding(name, Level.WRONG, found, do)
