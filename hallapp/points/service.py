"""Enter what no record shows, approve it, appeal against a line, answer, and close a quarter."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from hallapp.accounts.service import record
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.ledger import closes as months
from hallapp.periods import Period
from hallapp.points import messages, queries, scheme, snapshot
from hallapp.points.errors import (
    AnotherPersonNeeded,
    Answered,
    AnswersMissing,
    AppealOpen,
    DayOutside,
    IndexUnknown,
    LastDaysMissing,
    NoSuchLine,
    QuarterClosed,
    QuarterNotOver,
    WordsMissing,
)
from hallapp.points.models import EntryState, PointAppeal, PointClose, PointEntry
from hallapp.points.values import quarter_of
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter:
    """The command that enters what a person did, with its evidence; `by` may be the person or a manager."""

    hall: Hall
    by: int
    staff_id: int
    code: str
    day: date
    times: int
    evidence: str


def enter(command: Enter) -> PointEntry:
    """Enter something for a person; it waits until another person approves it. Needs a transaction.

    The same form, sent twice, is one entry while it waits.

    Raises:
        NotOnList: the person has no service points.
        DayOutside: the day is to come, or before the open quarters. QuarterClosed: its quarter is closed.
        IndexUnknown: nothing can be entered for the index in that quarter.
    """
    hall = command.hall
    queries.hold_points(hall.id)
    queries.get_person(hall.id, command.staff_id)
    first, last = queries.days_to_enter(hall)
    if not first <= command.day <= last:
        raise DayOutside(first=first.isoformat(), last=last.isoformat())
    quarter = quarter_of(command.day)
    _check_open(hall.id, quarter)
    _check_entered(hall.id, quarter, command.code)
    same = queries.find_waiting(hall.id, **_same(command))
    if same is not None:
        return same
    number = _next_number(hall.id, PointEntry)
    entry = PointEntry(
        hall_id=hall.id,
        number=number,
        **_same(command),
        entered_at=clock.now(),
    )
    db.session.add(entry)
    _record(hall.id, command.by, "points_entry_made", f"point_entry {number}", {"times": command.times})
    return entry


def decide(hall: Hall, number: int, *, approved: bool, answer: str, by: int) -> PointEntry:
    """Approve an entry, so that it counts, or reject it; needs a transaction.

    Raises:
        NoResultFound: the hall has no such entry.
        AnotherPersonNeeded: it was entered by the same person, or is about this person.
        Answered: it was decided already. QuarterClosed: its quarter is closed.
        IndexUnknown: its index does not count in that quarter any more.
        WordsMissing: it is rejected without words.
    """
    queries.hold_points(hall.id)
    entry = db.session.get(PointEntry, (hall.id, number), populate_existing=True)
    if entry is None:
        raise NoResultFound
    if by in (entry.entered_by_id, entry.staff_id):
        raise AnotherPersonNeeded
    if entry.state is not EntryState.WAITING:
        raise Answered
    if not approved and not answer:
        raise WordsMissing
    quarter = quarter_of(entry.day)
    _check_open(hall.id, quarter)
    if approved:
        _check_entered(hall.id, quarter, entry.code)
    entry.state = EntryState.APPROVED if approved else EntryState.REJECTED
    entry.answer, entry.decided_by_id, entry.decided_at = answer, by, clock.now()
    _record(hall.id, by, f"points_entry_{entry.state.value}", f"point_entry {number}", {})
    return entry


def appeal(hall: Hall, quarter: Period, code: str, *, words: str, by: int) -> PointAppeal:
    """Appeal against a line of one's own statement; needs a transaction. The same form, sent twice, is one appeal.

    Raises:
        NoPoints, NotOnList: there is no such statement. NoSuchLine: it has no such line.
        QuarterClosed: the quarter is closed. AppealOpen: an appeal of this line waits for its answer.
    """
    queries.hold_points(hall.id)
    queries.check_quarter(hall, quarter)
    queries.get_person(hall.id, by)
    _check_open(hall.id, quarter)
    if code not in {index.code for index in scheme.list_indexes(hall.id, quarter)}:
        raise NoSuchLine
    for one in queries.list_appeals(hall.id, quarter, by):
        if one.code == code and one.answered_at is None:
            if one.words == words:
                return one
            raise AppealOpen
    number = _next_number(hall.id, PointAppeal)
    made = PointAppeal(
        hall_id=hall.id,
        number=number,
        staff_id=by,
        quarter=quarter.first,
        code=code,
        words=words,
        made_at=clock.now(),
    )
    db.session.add(made)
    _record(hall.id, by, "points_appeal_made", f"point_appeal {number}", {})
    return made


def answer_appeal(hall: Hall, number: int, *, words: str, by: int) -> PointAppeal:
    """Answer an appeal; the person reads the words on the statement. Needs a transaction.

    Raises:
        NoResultFound: the hall has no such appeal.
        AnotherPersonNeeded: it is the manager's own. Answered: somebody has answered.
    """
    queries.hold_points(hall.id)
    found = db.session.get(PointAppeal, (hall.id, number), populate_existing=True)
    if found is None:
        raise NoResultFound
    if found.staff_id == by:
        raise AnotherPersonNeeded
    if found.answered_at is not None:
        raise Answered
    found.answer, found.answered_by_id, found.answered_at = words, by, clock.now()
    _record(hall.id, by, "points_appeal_answered", f"point_appeal {number}", {})
    messages.tell_answered(hall, found)
    return found


def close(hall_id: int, quarter: Period, *, by: int) -> PointClose:
    """File the statements of a quarter for good; needs a transaction, and desks wait until it ends.

    Raises:
        NoPoints: the hall gives none in that quarter.
        QuarterNotOver: it has days to come. QuarterClosed: it is closed.
        AnswersMissing: appeals or entries of it wait for an answer.
        LastDaysMissing: a guide of it left on a day that nobody has entered.
    """
    queries.hold_points(hall_id)
    hall = months.hold(hall_id)
    queries.check_quarter(hall, quarter)
    if hall.today() < quarter.end:
        raise QuarterNotOver(day=quarter.end.isoformat())
    _check_open(hall_id, quarter)
    appeals, entries = queries.count_unanswered(hall_id, quarter)
    if appeals or entries:
        raise AnswersMissing(appeals=appeals, entries=entries)
    if queries.list_without_last_day(hall_id, quarter):
        raise LastDaysMissing
    indexes = scheme.list_indexes(hall_id, quarter)
    people = [person.id for person in queries.list_people(hall_id)]
    figures = snapshot.write(quarter, indexes, queries.compute(hall, quarter, people, indexes).values())
    made = PointClose(
        hall_id=hall_id,
        quarter=quarter.first,
        figures=figures,
        digest=months.digest_of(figures),
        closed_at=clock.now(),
        closed_by_id=by,
    )
    db.session.add(made)
    detail = {"people": len(people), "digest": made.digest[:16]}
    _record(hall_id, by, "points_closed", f"point_quarter {quarter}", detail)
    return made


def _same(command: Enter) -> dict[str, Any]:
    """Return the columns in which two entries are the same."""
    names = ("staff_id", "code", "day", "times", "evidence")
    return {name: getattr(command, name) for name in names} | {"entered_by_id": command.by}


def _check_open(hall_id: int, quarter: Period) -> None:
    if queries.is_closed(hall_id, quarter):
        raise QuarterClosed


def _check_entered(hall_id: int, quarter: Period, code: str) -> None:
    index = scheme.find_row(hall_id, code, quarter)
    if index is None or index.measure is not None or not index.active:
        raise IndexUnknown


def _next_number(hall_id: int, model: type[PointEntry] | type[PointAppeal]) -> int:
    return (db.session.scalar(select(func.max(model.number)).where(model.hall_id == hall_id)) or 0) + 1


def _record(hall_id: int, by: int, action: str, subject: str, detail: dict[str, Any]) -> None:
    record(hall_id=hall_id, staff_id=by, action=action, subject=subject, detail=detail)
    db.session.flush()
