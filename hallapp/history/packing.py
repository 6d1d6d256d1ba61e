"""Rows of a draft as read, packed by the thousand: counted, wrong, left out."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from hallapp.ledger.models import Span

ROWS = 1000  # rows in a chunk


class Read(NamedTuple):
    """A row that can count: `place`, `kind` and `programme` are positions among the draft's texts, −1 for none.

    `organisation` is the number of its name (`ledger.filing.organisation_number`).
    """

    number: int
    span: Span
    first: date
    visitors: int
    groups: int
    place: int
    kind: int
    programme: int
    organisation: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that does not count: `code` is of `problems.PROBLEMS`; `text` is the content of the cell."""

    number: int
    code: str
    text: str
    left_out: bool


Unpacked = Read | Refused


def pack(rows: Iterable[Unpacked]) -> bytes:
    """Return rows in their stored form."""
    return zlib.compress(json.dumps([_as_list(row) for row in rows], separators=(",", ":")).encode(), 1)


def unpack(content: bytes) -> list[Unpacked]:
    """Return rows from their stored form."""
    return [_of_list(row) for row in json.loads(zlib.decompress(content))]


def _as_list(row: Unpacked) -> list[Any]:
    if isinstance(row, Refused):
        return [row.number, row.code, row.text, int(row.left_out)]
    return [
        row.number,
        int(row.span is Span.DAY),
        row.first.toordinal(),
        row.visitors,
        row.groups,
        row.place,
        row.kind,
        row.programme,
        row.organisation,
    ]


def _of_list(row: list[Any]) -> Unpacked:
    if isinstance(row[1], str):
        return Refused(row[0], row[1], row[2], bool(row[3]))
    span = Span.DAY if row[1] else Span.MONTH
    return Read(row[0], span, date.fromordinal(row[2]), *row[3:])
