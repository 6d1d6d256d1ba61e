"""Rows of a file that count already: whatever their order, and whichever file they came in.

A row is known by its day or month, its place and its people. The rows of the ledger are kept as sorted numbers, eight
bytes each, so that a hall with a million of them is compared in flat memory.
"""

from array import array
from bisect import bisect_left
from datetime import date

from hallapp.history import queries
from hallapp.history.packing import Read
from hallapp.history.place import Place
from hallapp.ledger.models import Span

_VISITORS_BITS, _PLACE_BITS = 24, 7
_OTHER = {"unknown": 0, "overseas": 1}


class Counted:
    """The rows that imports have counted between two months, each to be taken once."""

    def __init__(self, hall_id: int, first: date, last: date) -> None:
        keys = (
            _key(span is Span.DAY, day, division, visitors)
            for span, day, division, visitors in queries.iter_imported(hall_id, first, last)
        )
        self._keys = array("Q", sorted(array("Q", keys)))
        self._taken = bytearray(len(self._keys))

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._keys)

    def take(self, row: Read, place: Place | None) -> bool:
        """Take one that is like a row; whether there was one."""
        if place is None:
            return False
        key = _key(row.span is Span.DAY, row.first, place.division, row.visitors)
        at = bisect_left(self._keys, key)
        while at < len(self._keys) and self._keys[at] == key:
            if not self._taken[at]:
                self._taken[at] = 1
                return True
            at += 1
        return False


def _key(is_day: bool, day: date, division: str, visitors: int) -> int:
    place = int(division[:2]) if division.isdigit() else _OTHER.get(division, 2)
    return ((day.toordinal() << 1 | is_day) << _PLACE_BITS | place) << _VISITORS_BITS | visitors
