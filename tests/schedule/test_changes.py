"""A change of days is a value: each command has one way to its plan, and two of the same make the same plan."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import date, time, timedelta
from typing import get_args

import pytest
from flask import Flask

from hallapp.core.database import db, transaction
from hallapp.schedule import days, planning
from hallapp.schedule.models import Hall, WeekTemplate
from hallapp.schedule.policies import ChangePolicy
from hallapp.schedule.service import SetDay, SetTemplate
from tests import factories


@pytest.fixture
def hall(app: Flask) -> Hall:
    with transaction():
        hall = factories.hall()
        factories.programme(hall=hall, slug="tour")
    return hall


def test_each_change_has_a_verb_and_cannot_be_altered() -> None:
    assert set(get_args(days.Change)) == set(days._VERBS)
    for command in get_args(days.Change):
        assert "hall_id" in {field.name for field in fields(command)}
    day = SetDay(hall_id=1, by=None, day=date(2026, 12, 5))
    with pytest.raises(FrozenInstanceError):
        day.open = False  # type: ignore[misc]
    assert day == replace(day)


def test_a_plan_that_is_not_carried_out_leaves_the_slots(hall: Hall) -> None:
    day = hall.today() + timedelta(days=3)
    with transaction():
        slot = factories.slot(programme=hall.programmes[0], day=day)
    with transaction():
        plan = days.plan(SetDay(hall_id=hall.id, by=None, day=day, open=False))
        assert [change.closes for change in plan.changes] == [True]
        assert slot.open
        planning.carry_out(plan)
    assert not slot.open


def test_some_of_the_policy_changes_and_the_rest_stays(hall: Hall) -> None:
    before = hall.group_min, hall.notice_hours
    with transaction():
        planning.carry_out(days.plan(ChangePolicy(hall_id=hall.id, by=None, values={"days_ahead": 21})))
    assert (hall.days_ahead, (hall.group_min, hall.notice_hours)) == (21, before)


@pytest.mark.parametrize("later", [False, True])
def test_a_weekly_template_replaces_the_future_one(hall: Hall, later: bool) -> None:
    first = hall.today() + timedelta(days=7)
    second = first + timedelta(days=7 if later else 0)
    week = SetTemplate(hall_id=hall.id, by=None, programme="tour", valid_from=first, lines=((0, time(9), 50, 1),))
    with transaction():
        planning.carry_out(days.plan(week))
    old = db.session.query(WeekTemplate).one().id
    with transaction():
        planning.carry_out(days.plan(replace(week, valid_from=second, replaces=old)))
    assert [template.valid_from for template in db.session.query(WeekTemplate)] == [second]
