"""A place as an import knows it."""

from dataclasses import dataclass

from hallapp.origins import world
from hallapp.origins.prefectures import PREFECTURES, division_of
from hallapp.origins.values import OVERSEAS, UNKNOWN, OriginSet


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A division, and a part of it where one is known: a prefecture of China, or a country abroad."""

    division: str
    prefecture: str = ""

    def __str__(self) -> str:
        """Return the place as it is stored and sent: `440000` or `440000/440100`."""
        return f"{self.division}/{self.prefecture}" if self.prefecture else self.division

    @classmethod
    def parse(cls, text: str, origins: OriginSet) -> "Place | None":
        """Return the place of its own text; None for any other text, or one that is not of the set."""
        division, _slash, part = text.partition("/")
        if division not in origins.divisions:
            return None
        if part and not _is_within(part, division):
            return None
        return cls(division, part)


def _is_within(part: str, division: str) -> bool:
    if division == OVERSEAS:
        return part in world.list_codes()
    return part in PREFECTURES and division_of(part) == division


NOWHERE = Place(UNKNOWN)
