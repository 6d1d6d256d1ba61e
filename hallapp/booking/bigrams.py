"""The index of bookings by bigrams: every two neighbouring characters of the organisation and the contact."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, String, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hallapp.booking.models import Booking, Gram
from hallapp.booking.terms import visible
from hallapp.core import database
from hallapp.core.prepared import Prepared

_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A booking whose contact is erased; `organisation_after` is what stays of the organisation's name."""

    hall_id: int
    booking_id: int
    organisation_before: str
    organisation_after: str
    contact_before: str


def organisation_key(name: str) -> str:
    """Return a name in the form used for comparison: letters and digits without width and case, at most 200."""
    folded = _folded(name)
    if not folded.isalnum():
        folded = "".join(character for character in folded if character.isalnum())
    return folded[:_KEY_LENGTH]


def bigrams(text: str) -> set[str]:
    """Return every two neighbouring characters of a text, and its last one; without width, case and spaces.

    With the last one alone, every character of the text begins a gram.
    """
    word = plain(text)
    return {word[start : start + 2] for start in range(len(word))}


def plain(text: str) -> str:
    """A text as bigrams are made of it: without widths, cases, blanks and what nobody can see."""
    return "".join(_folded(visible(text)).split())


def index(booking: Booking) -> None:
    """Index a new booking by parts of its names; it must have been flushed."""
    _add(booking, _of(booking.organisation, booking.contact_name))


def reindex(booking: Booking, *, before: tuple[str, str]) -> None:
    """Index a booking by its present names; `before` are the organisation and the contact that it had."""
    old, new = _of(*before), _of(booking.organisation, booking.contact_name)
    _remove([_key(booking.hall_id, booking.id, gram) for gram in old - new])
    _add(booking, new - old)


def forget_contacts(rows: Iterable[Forgotten]) -> None:
    """Remove bigrams from the index that only the erased names had."""
    _remove(
        [
            _key(row.hall_id, row.booking_id, gram)
            for row in rows
            for gram in _of(row.organisation_before, row.contact_before) - bigrams(row.organisation_after)
        ]
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _of(*texts: str) -> set[str]:
    return set().union(*(bigrams(text) for text in texts))


def _key(hall_id: int, booking_id: int, gram: str) -> dict[str, Any]:
    return {"hall": hall_id, "booking": booking_id, "of": gram}


def _add(booking: Booking, added: set[str]) -> None:
    if not added:
        return
    if database.connection().dialect.name == "postgresql":  # there each row of many would be a statement of its own
        _NEW_GRAMS.run({"hall": booking.hall_id, "booking": booking.id, "grams": sorted(added)})
    else:
        _NEW_GRAM.run(*({"hall_id": booking.hall_id, "booking_id": booking.id, "gram": gram} for gram in sorted(added)))


def _remove(keys: Sequence[dict[str, Any]]) -> None:
    whole_key = (
        Gram.hall_id == bindparam("hall"),
        Gram.gram == bindparam("of"),
        Gram.booking_id == bindparam("booking"),
    )
    if keys:
        database.connection().execute(delete(Gram).where(*whole_key), keys)


_NEW_GRAM = Prepared(sqlite.insert(Gram).on_conflict_do_nothing())


def _new_grams() -> Any:
    gram = func.unnest(bindparam("grams", type_=postgresql.ARRAY(String))).column_valued("gram")
    rows = select(bindparam("hall", type_=Integer), gram, bindparam("booking", type_=Integer))
    table = postgresql.insert(Gram.__table__)  # type: ignore[arg-type]
    return table.from_select(["hall_id", "gram", "booking_id"], rows).on_conflict_do_nothing()


_NEW_GRAMS = Prepared(_new_grams)
