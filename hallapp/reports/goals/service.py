"""Setting and removing the goal of a year."""

from dataclasses import dataclass

from hallapp.accounts import service as accounts
from hallapp.core.database import db
from hallapp.core.errors import N_, InvalidInput
from hallapp.reports.figures.goals import MOST_VISITORS
from hallapp.reports.models import VisitorGoal
from hallapp.schedule.models import Hall

YEARS_AHEAD = 5


class GoalYearOutOfRange(InvalidInput):
    """The year lies before the opening, or too far ahead."""

    code = "goal_year_out_of_range"
    message = N_("Enter a year from %(first)s to %(last)s.")
    field = "year"

    def __init__(self, first: int, last: int) -> None:
        super().__init__(first=first, last=last)


class GoalOutOfRange(InvalidInput):
    """The number of people is too large."""

    code = "goal_out_of_range"
    message = N_("Enter at most %(most)s people.")
    field = "visitors"

    def __init__(self) -> None:
        super().__init__(most=MOST_VISITORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGoal:
    """A goal of a hall for a year, in people; 0 removes it."""

    year: int
    visitors: int
    by: int


def set_goal(hall: Hall, command: SetGoal) -> None:
    """Set, change or remove the goal of a year. Raises GoalYearOutOfRange, GoalOutOfRange."""
    first, last = hall.opened_on.year, hall.today().year + YEARS_AHEAD
    if not first <= command.year <= last:
        raise GoalYearOutOfRange(first, last)
    if command.visitors > MOST_VISITORS:
        raise GoalOutOfRange
    row = db.session.get(VisitorGoal, (hall.id, command.year), with_for_update=True)
    before = row.visitors if row else None
    if row and not command.visitors:
        db.session.delete(row)
    elif row:
        row.visitors = command.visitors
    elif command.visitors:
        db.session.add(VisitorGoal(hall_id=hall.id, year=command.year, visitors=command.visitors))
    db.session.flush()
    accounts.record(
        hall_id=hall.id,
        staff_id=command.by,
        action="goal_set",
        subject=f"year {command.year}",
        detail={"before": before, "after": command.visitors or None},
    )
