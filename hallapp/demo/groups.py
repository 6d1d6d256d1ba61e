"""The groups of the demonstration: made-up requests in `groups.csv`, from every division."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hallapp.booking import phones


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A group's request; `origins` are people by division, `programme` is a slug, `phone` is in E.164."""

    organisation: str
    kind: str
    contact: str
    phone: str
    email: str | None
    language: str
    origins: Mapping[str, int]
    programme: str
    note: str

    @property
    def visitors(self) -> int:
        """Return the group's size."""
        return sum(self.origins.values())

    @property
    def is_near(self) -> bool:
        """Return whether all of them live in the hall's own division: those come more often."""
        return set(self.origins) == {"440000"}


def read() -> list[Request]:
    """Return all requests, in the order of the file."""
    with (Path(__file__).parent / "groups.csv").open(encoding="utf-8", newline="") as file:
        return [_request(row) for row in csv.DictReader(file)]


def _request(row: Mapping[str, str]) -> Request:
    pairs = (pair.split(":") for pair in row["origins"].split(";"))
    return Request(
        organisation=row["organisation"],
        kind=row["kind"],
        contact=row["contact"],
        phone=phones.parse(row["phone"]),
        email=row["email"] or None,
        language=row["language"],
        origins={division: int(visitors) for division, visitors in pairs},
        programme=row["programme"],
        note=row["note"],
    )
