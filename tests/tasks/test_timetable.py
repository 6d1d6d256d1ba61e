"""When tasks are due: by the hall's own clock, caught up on after a pause, and never at night to people."""

from datetime import UTC, datetime, time, timedelta

import pytest

from hallapp.tasks import timetable
from hallapp.tasks.models import DEFAULT_HOURS, TaskHours, TaskRun
from hallapp.tasks.timetable import TASKS, Task

BY_NAME = {task.name: task for task in TASKS}
ABSENCES, REMINDERS, OFFERS = BY_NAME["absences"], BY_NAME["reminders"], BY_NAME["offers"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(task: Task, now: str, *, zone: str = "Asia/Shanghai", hours: TaskHours = DEFAULT_HOURS, **run: object) -> bool:
    return timetable.is_due(task, TaskRun(**{"tries": 0, **run}) if run else None, hours, zone, at(now))


@pytest.mark.parametrize(
    ("zone", "now", "last"),
    [
        ("Asia/Shanghai", "2026-11-25T18:59:59", "2026-11-24T19:00:00"),
        ("Asia/Shanghai", "2026-11-25T19:00:00", "2026-11-25T19:00:00"),
        ("America/New_York", "2026-11-25T07:59:00", "2026-11-24T08:00:00"),
        ("America/New_York", "2026-11-25T08:00:00", "2026-11-25T08:00:00"),
        ("Pacific/Kiritimati", "2026-11-25T13:00:00", "2026-11-25T13:00:00"),
        ("Europe/Berlin", "2026-03-29T01:00:00", "2026-03-29T01:00:00"),  # 03:00 is the first moment of summer time
        ("Europe/Berlin", "2026-10-25T02:00:00", "2026-10-25T02:00:00"),
    ],
)
def test_daily_task_is_due_at_the_hour_of_the_hall(zone: str, now: str, last: str) -> None:
    assert timetable.last_due(ABSENCES, DEFAULT_HOURS, zone, at(now)) == at(last)
    upcoming = timetable.next_due(ABSENCES, DEFAULT_HOURS, zone, at(now))
    assert timedelta(hours=22) < upcoming - at(last) < timedelta(hours=26)
    assert timetable.last_due(ABSENCES, DEFAULT_HOURS, zone, upcoming) == upcoming


def test_task_runs_once_for_each_of_its_moments_and_catches_up_over_days() -> None:
    assert due(ABSENCES, "2026-11-25T04:00:00"), "never run: caught up on at once"
    assert not due(ABSENCES, "2026-11-25T18:59:00", due_at=at("2026-11-24T19:00:00"))
    assert due(ABSENCES, "2026-11-25T19:00:00", due_at=at("2026-11-24T19:00:00"))
    assert due(ABSENCES, "2026-11-25T04:00:00", due_at=at("2026-11-19T19:00:00")), "days of pause are one run"
    assert due(ABSENCES, "2026-11-25T04:00:00", due_at=at("2031-01-01T00:00:00")), "the clock was wrong once"
    assert not due(OFFERS, "2026-11-25T04:04:59", due_at=at("2026-11-25T04:00:00"))
    assert due(OFFERS, "2026-11-25T04:05:00", due_at=at("2026-11-25T04:00:00"))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-25T01:00:00", True),  # 09:00, in time
        ("2026-11-25T12:59:00", True),  # 20:59, late, but not at night
        ("2026-11-25T13:00:00", False),  # 21:00
        ("2026-11-25T20:00:00", False),  # 04:00 on the next day
        ("2026-11-26T00:00:00", True),  # 08:00: those of the day before are caught up on
    ],
)
def test_late_messages_are_not_sent_at_night(now: str, expected: bool) -> None:
    assert due(REMINDERS, now, due_at=at("2026-11-24T01:00:00")) is expected
    assert due(ABSENCES, now, due_at=at("2026-11-20T19:00:00")), "what writes to nobody runs at any hour"


def test_hour_at_night_that_a_hall_chose_is_used_for_one_hour() -> None:
    late = TaskHours(night=time(3), reports=time(7), reminders=time(22, 30), thanks=time(18))
    done = at("2026-11-24T14:30:00")
    assert due(REMINDERS, "2026-11-25T14:30:00", hours=late, due_at=done)
    assert due(REMINDERS, "2026-11-25T15:29:00", hours=late, due_at=done)
    assert not due(REMINDERS, "2026-11-25T15:30:00", hours=late, due_at=done)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 60), (50, 60)])
def test_task_that_failed_or_died_waits_longer_each_time(tries: int, minutes: int) -> None:
    run = {"due_at": None, "tries": tries, "started_at": at("2026-11-25T04:00:00")}
    before = (at("2026-11-25T04:00:00") + timedelta(minutes=minutes, seconds=-1)).replace(tzinfo=None).isoformat()
    after = (at("2026-11-25T04:00:00") + timedelta(minutes=minutes)).replace(tzinfo=None).isoformat()
    assert not due(ABSENCES, before, **run)
    assert due(ABSENCES, after, **run)
    shown = timetable.next_run(ABSENCES, TaskRun(**run), DEFAULT_HOURS, "Asia/Shanghai", at(before))
    assert shown == at(after)
