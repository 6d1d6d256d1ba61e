"""Queries on drafts, on confirmed meanings, and on imports."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from hallapp.core.database import db
from hallapp.history import packing
from hallapp.history.models import (
    DIGEST_HALF,
    DraftState,
    HistoryAlias,
    HistoryChunk,
    HistoryColumns,
    HistoryDraft,
    HistoryMonth,
    HistoryText,
    Topic,
)
from hallapp.history.packing import Refused, Unpacked
from hallapp.history.questions import COUNTED
from hallapp.ledger.facets import ALL
from hallapp.ledger.models import HistoryImport, HistoryRow, MonthClose, Span
from hallapp.ledger.queries import by_first, list_spans

_TEXTS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSum:
    """The counts of a file in a month; `days` of its `rows` name a day, the others the whole month."""

    month: date
    rows: int
    visitors: int
    groups: int
    days: int

    @property
    def mixed(self) -> bool:
        """Return whether days and whole months are shown beside one another: the same people may be there twice."""
        return 0 < self.days < self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The counts of a draft's dry run; `wrong` and `left_out` are rows by their reason.

    Rows that count already are kept under `already` by their months, and are among those that are left out.
    """

    rows: int
    fine: int
    wrong: Mapping[str, int]
    left_out: Mapping[str, int]
    months: tuple[MonthSum, ...]

    @property
    def visitors(self) -> int:
        """Return people of all rows that count."""
        return sum(month.visitors for month in self.months)

    @property
    def groups(self) -> int:
        """Groups of all rows that count."""
        return sum(month.groups for month in self.months)

    @property
    def wrong_rows(self) -> int:
        """Return rows that are wrong."""
        return sum(self.wrong.values())

    @property
    def left_out_rows(self) -> int:
        """Return rows without figures."""
        return sum(self.left_out.values())

    def as_json(self) -> dict[str, Any]:
        """Return the counts as they are stored."""
        months = [[m.month.isoformat(), m.rows, m.visitors, m.groups, m.days] for m in self.months]
        wrong, left_out = dict(self.wrong), dict(self.left_out)
        return {"rows": self.rows, "fine": self.fine, "wrong": wrong, "left_out": left_out, "months": months}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> "Figures":
        """Return the counts from their stored form."""
        already = {month.month: month for month in _months_of(data.get("already", ()))}
        months = tuple(_without(month, already.get(month.month)) for month in _months_of(data.get("months", ())))
        counted = sum(month.rows for month in already.values())
        return cls(
            rows=data.get("rows", 0),
            fine=data.get("fine", 0) - counted,
            wrong=data.get("wrong", {}),
            left_out={**data.get("left_out", {}), **({COUNTED: counted} if counted else {})},
            months=tuple(month for month in months if month.rows),
        )


def _months_of(months: Iterable[Any]) -> Iterator[MonthSum]:
    for month, rows, visitors, groups, days in months:
        yield MonthSum(month=date.fromisoformat(month), rows=rows, visitors=visitors, groups=groups, days=days)


def _without(month: MonthSum, less: MonthSum | None) -> MonthSum:
    """Return a month without rows that count already and are left out."""
    if less is None:
        return month
    return MonthSum(
        month=month.month,
        rows=month.rows - less.rows,
        visitors=month.visitors - less.visitors,
        groups=month.groups - less.groups,
        days=month.days - less.days,
    )


def get_draft(hall_id: int, number: int, *, lock: bool = False) -> HistoryDraft:
    """Return a draft of a hall by its number. Raises NoResultFound."""
    return db.session.scalars(_LOCKED_DRAFT if lock else _DRAFT, {"hall": hall_id, "number": number}).one()


#: Made once: an import asks for its draft twenty times.
_DRAFT = select(HistoryDraft).where(HistoryDraft.hall_id == bindparam("hall"), HistoryDraft.id == bindparam("number"))
_LOCKED_DRAFT = _DRAFT.with_for_update(of=HistoryDraft).execution_options(populate_existing=True)


def list_drafts(hall_id: int) -> Sequence[HistoryDraft]:
    """Return the files of a hall that do not count yet, newest first."""
    chosen = select(HistoryDraft).where(HistoryDraft.hall_id == hall_id).order_by(HistoryDraft.id.desc())
    return db.session.scalars(chosen.options(joinedload(HistoryDraft.staff))).all()


def find_columns(hall_id: int, digest: str) -> dict[str, Any] | None:
    """Return the columns that a hall has confirmed for files with these headings, or None."""
    found = db.session.get(HistoryColumns, (hall_id, digest))
    return found.columns if found else None


def list_aliases(hall_id: int) -> Mapping[tuple[Topic, str], str]:
    """Return the meanings that a hall has confirmed, by topic and key."""
    rows = db.session.scalars(select(HistoryAlias).where(HistoryAlias.hall_id == hall_id))
    return {(row.topic, row.key): row.value for row in rows}


def list_texts(draft_id: int) -> Sequence[HistoryText]:
    """Return every text of a draft by topic and position."""
    chosen = select(HistoryText).where(HistoryText.draft_id == draft_id)
    return db.session.scalars(chosen.order_by(HistoryText.topic, HistoryText.position)).all()


def list_unsettled(draft_id: int) -> Sequence[HistoryText]:
    """Return the texts of a draft without a meaning, those in most rows first."""
    chosen = select(HistoryText).where(HistoryText.draft_id == draft_id, HistoryText.value.is_(None))
    return db.session.scalars(
        chosen.order_by(HistoryText.topic, HistoryText.rows.desc(), HistoryText.position).limit(_TEXTS_SHOWN)
    ).all()


def count_unsettled(draft_id: int) -> int:
    """Return how many texts of a draft have no meaning yet."""
    chosen = select(func.count()).select_from(HistoryText)
    return db.session.scalar(chosen.where(HistoryText.draft_id == draft_id, HistoryText.value.is_(None))) or 0


def get_chunk(draft_id: int, position: int) -> list[Unpacked]:
    """Return the rows of a chunk, none where there is no such chunk."""
    content = db.session.scalar(
        select(HistoryChunk.content).where(HistoryChunk.draft_id == draft_id, HistoryChunk.position == position)
    )
    return packing.unpack(content) if content else []


def iter_chunks(draft_id: int) -> Iterator[list[Unpacked]]:
    """Yield the chunks of a draft, one at a time."""
    position = 0
    while rows := get_chunk(draft_id, position):
        yield rows
        position += 1


def list_rows(draft_id: int, *, start: int, count: int) -> list[Unpacked]:
    """Return rows of a draft in the order of the file, from `start` (from 0) on."""
    chunk, skip = divmod(start, packing.ROWS)
    rows = get_chunk(draft_id, chunk)[skip:]
    if len(rows) < count:
        rows += get_chunk(draft_id, chunk + 1)
    return rows[:count]


def list_refused(draft_id: int, *, left_out: bool, start: int, count: int) -> list[Refused]:
    """Return the wrong or left-out rows of a draft from `start` (from 0) on; only chunks with such rows are read."""
    column = HistoryChunk.left_out if left_out else HistoryChunk.wrong
    chunks = db.session.execute(
        select(HistoryChunk.position, column)
        .where(HistoryChunk.draft_id == draft_id, column > 0)
        .order_by(HistoryChunk.position)
    )
    found: list[Refused] = []
    before = 0
    for position, inside in chunks.all():
        if before + inside > start and len(found) < count:
            rows = [r for r in get_chunk(draft_id, position) if isinstance(r, Refused) and r.left_out == left_out]
            found += rows[max(0, start - before) :]
        before += inside
    return found[:count]


def list_closed_months(hall_id: int) -> frozenset[date]:
    """Return the months of a hall that are closed, by their first days."""
    chosen = select(MonthClose.month).where(MonthClose.hall_id == hall_id, MonthClose.reopened_at.is_(None))
    return frozenset(db.session.scalars(chosen))


def sum_counted_months(hall_id: int, first: date) -> Mapping[date, int]:
    """Return people that count already in each month from a day on."""
    found = by_first(list_spans(hall_id, (Span.MONTH, first.replace(day=1), None), ALL))
    return {month: amount.visitors for month, amount in found.items()}


def iter_imported(hall_id: int, first: date, last: date) -> Iterator[tuple[Span, date, str, int]]:
    """Span, first day, division and people of each imported row that counts, from the first month to the last one."""
    row = HistoryRow
    until = (last.replace(day=28) + timedelta(days=4)).replace(day=1)
    chosen = (
        select(row.span, row.first, row.division, row.visitors)
        .join(HistoryImport, HistoryImport.id == row.import_id)
        .where(row.hall_id == hall_id, HistoryImport.withdrawn_at.is_(None))
        .where(row.first >= first.replace(day=1), row.first < until)
    )
    for found in db.session.execute(chosen, execution_options={"yield_per": 10_000}):
        yield found[0], found[1], found[2], found[3]


def state_of_imports(hall_id: int) -> str:
    """Return a text that changes whenever an import of the hall is counted or taken back."""
    chosen = select(func.max(HistoryImport.id), func.count(HistoryImport.withdrawn_at))
    newest, withdrawn = db.session.execute(chosen.where(HistoryImport.hall_id == hall_id)).one()
    return f"{newest or 0}/{withdrawn}"


def find_same_import(hall_id: int, digest: str | None, *, but: HistoryImport | None = None) -> HistoryImport | None:
    """Return the import that counts, of a file with the same cells or of which the same was read; or None.

    Imports from before there were two halves have a digest of the cells only, which begins as the first half does.
    `but` is an import that has just begun with this digest.
    """
    if not digest:
        return None
    same = or_(
        HistoryImport.digest.startswith(digest[:DIGEST_HALF]), HistoryImport.digest.endswith(digest[DIGEST_HALF:])
    )
    chosen = select(HistoryImport).where(HistoryImport.hall_id == hall_id, HistoryImport.withdrawn_at.is_(None), same)
    return db.session.scalar(chosen.where(HistoryImport.id != but.id) if but else chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSums:
    """An import with its counts of each month."""

    history: HistoryImport
    months: tuple[MonthSum, ...]

    @property
    def rows(self) -> int:
        """Return rows that it has counted."""
        return sum(month.rows for month in self.months)

    @property
    def visitors(self) -> int:
        """Return people that it has counted."""
        return sum(month.visitors for month in self.months)


def list_imports(hall_id: int) -> list[ImportSums]:
    """Return the imports of a hall, newest first."""
    imports = db.session.scalars(_imports(hall_id).order_by(HistoryImport.id.desc())).all()
    months = _months(HistoryMonth.hall_id == hall_id)
    return [ImportSums(history=one, months=months.get(one.id) or _added_up(one.id)) for one in imports]


def get_import(hall_id: int, number: int) -> ImportSums:
    """Return an import of a hall by its number. Raises NoResultFound."""
    history = db.session.scalars(_imports(hall_id).where(HistoryImport.id == number)).one()
    months = _months(HistoryMonth.import_id == history.id)
    return ImportSums(history=history, months=months.get(history.id) or _added_up(history.id))


def _imports(hall_id: int) -> Select[HistoryImport]:
    return (
        select(HistoryImport)
        .where(HistoryImport.hall_id == hall_id)
        .options(joinedload(HistoryImport.made_by), joinedload(HistoryImport.withdrawn_by))
    )


def _months(condition: ColumnElement[bool]) -> dict[int, tuple[MonthSum, ...]]:
    """Return the counts of each month of these imports, by import, in order of time."""
    found: dict[int, tuple[MonthSum, ...]] = {}
    for row in db.session.scalars(select(HistoryMonth).where(condition).order_by(HistoryMonth.month)):
        month = MonthSum(month=row.month, rows=row.rows, visitors=row.visitors, groups=row.groups, days=row.days)
        found[row.import_id] = (*found.get(row.import_id, ()), month)
    return found


def _added_up(import_id: int) -> tuple[MonthSum, ...]:
    """Return the counts of each month of an import that was made without a draft, from its rows."""
    months: dict[date, list[int]] = {}
    row = HistoryRow
    columns = (row.first, row.span, func.count(), func.sum(row.visitors), func.sum(row.groups))
    found = select(*columns).where(row.import_id == import_id).group_by(row.first, row.span)
    for first, span, count, visitors, groups in db.session.execute(found):
        sums = months.setdefault(first.replace(day=1), [0, 0, 0, 0])
        for at, more in enumerate((count, int(visitors), int(groups), count if span is Span.DAY else 0)):
            sums[at] += more
    return tuple(
        MonthSum(month=month, rows=rows, visitors=visitors, groups=groups, days=days)
        for month, (rows, visitors, groups, days) in sorted(months.items())
    )


def list_old_drafts(hall_id: int, before: Any) -> Sequence[HistoryDraft]:
    """Drafts of a hall that were made before a moment and are not at work."""
    chosen = select(HistoryDraft).where(HistoryDraft.hall_id == hall_id, HistoryDraft.made_at < before)
    return db.session.scalars(chosen.where(HistoryDraft.state != DraftState.COUNTING)).all()
