"""Proof of closed quarters: what was filed has its digest, and what the records give now is compared with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from hallapp.ledger import closes as months
from hallapp.points import queries, snapshot
from hallapp.points.models import PointClose
from hallapp.points.values import Line, Statement, quarter_of
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A line whose records are others now than those that were filed; points in hundredths."""

    staff_id: int
    code: str
    filed: int
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of proving a close."""

    close: PointClose
    people: int
    digest_agrees: bool
    deviations: tuple[Deviation, ...]

    @property
    def agrees(self) -> bool:
        """Return whether nothing differs."""
        return self.digest_agrees and not self.deviations


def verify(hall: Hall, close: PointClose) -> Verdict:
    """Prove a close with the indexes that were filed; the caller provides one state of the database."""
    filed = snapshot.read(close.figures)
    now = queries.compute(hall, quarter_of(close.quarter), filed, snapshot.read_indexes(close.figures))
    return Verdict(
        close=close,
        people=len(filed),
        digest_agrees=months.digest_of(close.figures) == close.digest,
        deviations=tuple(one for staff_id in filed for one in _differing(filed[staff_id], now[staff_id])),
    )


def list_verdicts(hall: Hall) -> list[Verdict]:
    """Return the proof of every closed quarter of a hall."""
    return [verify(hall, close) for close in queries.list_closes(hall.id)]


def _differing(filed: Statement, now: Statement) -> Iterator[Deviation]:
    pairs: Iterator[tuple[Line, Line]] = zip(filed.lines, now.lines, strict=True)
    for old, new in pairs:
        if old.records != new.records:
            yield Deviation(staff_id=filed.staff_id, code=old.index.code, filed=old.points, now=new.points)
