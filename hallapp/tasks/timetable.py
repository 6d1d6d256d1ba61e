"""The instants at which each task is due: pure functions of the hall's hours, its time zone and the present instant."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from hallapp.core import clock
from hallapp.core.errors import N_
from hallapp.tasks.models import TaskHours, TaskRun

#: Between these hours of the hall no messages of a late task are sent.
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
#: A task whose own hour lies in the quiet time runs within this time after it, or not on that day.
PUNCTUAL = timedelta(hours=1)
#: The waiting time of the next run after failed or killed ones, by their number in a row.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 60))


class Hour(StrEnum):
    """The hour of a hall that starts a daily task: a column of `TaskHours`."""

    NIGHT = "night"
    REPORTS = "reports"
    REMINDERS = "reminders"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task: daily at one of the hall's hours, or every few minutes. `to_people`: it writes to people."""

    name: str
    label: str
    hour: Hour | None = None
    every: timedelta = timedelta(days=1)
    to_people: bool = False


#: In the order in which they run when several are due.
TASKS = (
    Task(name="offers", label=N_("Expired offers and requests"), every=timedelta(minutes=5)),
    Task(name="pinyin", label=N_("Search by pinyin"), every=timedelta(minutes=1)),
    Task(name="text_reports", label=N_("Delivery reports of text messages"), every=timedelta(minutes=5)),
    Task(name="audiences", label=N_("Counting online audiences"), every=timedelta(minutes=5)),
    Task(name="absences", label=N_("Marking no-shows"), hour=Hour.NIGHT),
    Task(name="slots", label=N_("Times of the coming days"), hour=Hour.NIGHT),
    Task(name="erasure", label=N_("Erasing contact details"), hour=Hour.NIGHT),
    Task(name="places_recount", label=N_("Recount of the places booked"), hour=Hour.NIGHT),
    Task(name="figures_recount", label=N_("Recount of the reports"), hour=Hour.NIGHT),
    Task(name="reports", label=N_("Monthly report by mail"), hour=Hour.REPORTS, to_people=True),
    Task(name="alerts", label=N_("Daily summaries for the staff"), every=timedelta(minutes=5)),
    Task(name="reminders", label=N_("Reminders for tomorrow"), hour=Hour.REMINDERS, to_people=True),
    Task(name="thanks", label=N_("Thanks after the visit"), hour=Hour.THANKS, to_people=True),
)


def last_due(task: Task, hours: TaskHours, zone: str, now: datetime) -> datetime:
    """The newest moment of the timetable that is not in the future."""
    if task.hour is None:
        return now - timedelta(seconds=now.timestamp() % task.every.total_seconds())
    today = clock.local_day(now, zone)
    due = clock.at(today, getattr(hours, task.hour), zone)
    return due if due <= now else clock.at(today - timedelta(days=1), getattr(hours, task.hour), zone)


def is_time(at: time, zone: str, now: datetime) -> bool:
    """Return whether a message with an hour of its own is due today; what is late waits for the next day at night."""
    wall = clock.local(now, zone).time()
    late = timedelta(hours=wall.hour - at.hour, minutes=wall.minute - at.minute)
    return timedelta(0) <= late and (late <= PUNCTUAL or QUIET_UNTIL <= wall < QUIET_FROM)


def next_due(task: Task, hours: TaskHours, zone: str, now: datetime) -> datetime:
    """The next moment of the timetable after the present one."""
    if task.hour is None:
        return last_due(task, hours, zone, now) + task.every
    day = clock.local_day(last_due(task, hours, zone, now), zone) + timedelta(days=1)
    return clock.at(day, getattr(hours, task.hour), zone)


def next_run(task: Task, run: TaskRun | None, hours: TaskHours, zone: str, now: datetime) -> datetime:
    """Return when a task runs next if a worker is there: now where it is due, after the pause where it failed."""
    if is_due(task, run, hours, zone, now):
        return now
    paused = _paused_until(run)
    return paused if paused and paused > now else next_due(task, hours, zone, now)


def is_due(task: Task, run: TaskRun | None, hours: TaskHours, zone: str, now: datetime) -> bool:
    """Return whether a task must run now: it has not run for its last moment, and nothing speaks against this hour."""
    due = last_due(task, hours, zone, now)
    if run and run.due_at is not None and due <= run.due_at <= now:  # a later one is from a clock that was wrong
        return False
    paused = _paused_until(run)
    if paused and now < paused:
        return False
    return not (task.to_people and _is_quiet(due, zone, now))


def _paused_until(run: TaskRun | None) -> datetime | None:
    """Until when a task waits whose last runs failed or died; None where the last one ended well."""
    if run is None or run.tries < 1 or run.started_at is None:
        return None
    return run.started_at + PAUSES[min(run.tries, len(PAUSES)) - 1]


def _is_quiet(due: datetime, zone: str, now: datetime) -> bool:
    wall = clock.local(now, zone).time()
    return not (QUIET_UNTIL <= wall < QUIET_FROM) and now >= due + PUNCTUAL
