"""Rows of imported files in the ledger: all of an import counts, or none of it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.ledger import closes, errors, imports
from hallapp.ledger.models import HistoryImport
from hallapp.periods import Span


class NewRow(NamedTuple):
    """A row of `history_row` to be; `first` is the day, or the first day of the month.

    `organisation` is the number of a name (`filing.organisation_number`); a month's total has none.
    """

    number: int
    span: Span
    first: date
    division: str
    programme_id: int
    kind: str
    visitors: int
    groups: int
    prefecture: str | None = None
    organisation: int | None = None


_COLUMNS = ("hall_id", "import_id", *NewRow._fields)
_NAMES = ", ".join(_COLUMNS)


def begin(hall_id: int, *, name: str, digest: str, staff_id: int | None) -> HistoryImport:
    """Begin an import: rows may be added, and `count` ends it. No one counts or closes until the transaction ends.

    Raises:
        AlreadyImported: a file of this content counts already.
    """
    closes.hold(hall_id)
    same = db.session.scalar(
        select(HistoryImport).where(
            HistoryImport.hall_id == hall_id, HistoryImport.digest == digest, HistoryImport.withdrawn_at.is_(None)
        )
    )
    if same:
        raise errors.AlreadyImported(same.name)
    made = HistoryImport(hall_id=hall_id, name=name, digest=digest, made_at=clock.now(), made_by_id=staff_id)
    db.session.add(made)
    db.session.flush()
    return made


def add_rows(history: HistoryImport, rows: Iterable[NewRow]) -> None:
    """Write some rows of an import; they count after `count`."""
    whose = (history.hall_id, history.id)
    values = [(*whose, *_plain(row)) for row in rows]  # all of them first: making one may read the database
    if not values:
        return
    if db.engine.dialect.name == "postgresql":
        _copy(values)
        return
    marks = ", ".join("?" * len(_COLUMNS))
    # The driver's own statement: parameters by name take twice as long for a million rows.
    statement = f"INSERT INTO history_row ({_NAMES}) VALUES ({marks})"  # noqa: S608 — names of our own columns
    db.session.connection().exec_driver_sql(statement, values)


def _plain(row: NewRow) -> tuple[Any, ...]:
    """Return the values of a row as both databases take them: neither an enum nor a date."""
    number, span, first, division, programme_id, kind, *rest = row
    return (number, str(span), first.isoformat(), division, programme_id, str(kind), *rest)


def _copy(values: Iterable[tuple[Any, ...]]) -> None:
    """Write rows by PostgreSQL's COPY, in the transaction in force: a third of the time of as many inserts."""
    cursor: Any = db.session.connection().connection.cursor()
    with cursor, cursor.copy(f"COPY history_row ({_NAMES}) FROM STDIN") as copy:
        for one in values:
            copy.write_row(one)


def count(history: HistoryImport) -> None:
    """Count an import whose rows are all written."""
    imports.add(history, sign=1)
    closes.adjust_by_import(history, sign=1, staff_id=history.made_by_id)


def withdraw(hall_id: int, import_id: int, *, staff_id: int | None) -> HistoryImport:
    """Take an import back whole; its rows stay, and count no more.

    Raises:
        AlreadyWithdrawn: it was taken back before. NoResultFound: this hall has no such import.
    """
    closes.hold(hall_id)
    found = db.session.scalars(
        select(HistoryImport).where(HistoryImport.hall_id == hall_id, HistoryImport.id == import_id)
    ).one()
    if found.withdrawn_at is not None:
        raise errors.AlreadyWithdrawn
    found.withdrawn_at, found.withdrawn_by_id = clock.now(), staff_id
    db.session.flush()
    imports.add(found, sign=-1)
    closes.adjust_by_import(found, sign=-1, staff_id=staff_id)
    return found


def list_imports(hall_id: int) -> Sequence[HistoryImport]:
    """Return the imports of a hall, newest first."""
    return db.session.scalars(
        select(HistoryImport).where(HistoryImport.hall_id == hall_id).order_by(HistoryImport.id.desc())
    ).all()
