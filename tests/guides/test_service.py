"""Guides, their weeks and their leave: exact outcomes, each refusal, and the groups that a change hits."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from hallapp.accounts.models import AuditEntry
from hallapp.booking.models import TourLanguage
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.guides import assigning, queries, service
from hallapp.guides.eligibility import is_on_duty, list_periods
from hallapp.guides.errors import AssignmentsHit
from hallapp.guides.models import Duty, Guide
from hallapp.guides.service import AddLeave, GuideFacts, SetPattern
from tests.guides.office import FIVE, MONDAY, NINE, NOON, SUNDAY, TUESDAY, group, make_office


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    with time_machine.travel(NOON, tick=False):
        with transaction():
            made = make_office()
        made.ids = {"hall_id": made.hall.id, "by": made.manager.id}
        yield made


def facts(office: SimpleNamespace, **changes: Any) -> GuideFacts:
    values = {"name": " 陈  静 ", "languages": (TourLanguage.ENGLISH, TourLanguage.MANDARIN)}
    return GuideFacts(**{**office.ids, **values, "programmes": (office.tour.slug,), **changes})


def fresh(guide: Guide) -> Guide:
    db.session.rollback()
    return queries.get_guide(guide.hall_id, guide.id)


def refused(call: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(DomainError) as error, transaction():
        call(*arguments, **more)
    return error.value.code


def test_guide_is_added_and_changed(office: SimpleNamespace) -> None:
    with transaction():
        guide = service.add(facts(office, staff_id=office.manager.id))
    found = fresh(guide)
    assert (found.name, found.languages, found.staff_id, found.active) == ("陈 静", "zh,en", office.manager.id, True)
    assert found.programme_ids == {office.tour.id}
    with transaction():
        service.save(guide.id, facts(office, name="陈静", programmes=(), languages=(TourLanguage.CANTONESE,)))
    found = fresh(guide)
    assert (found.name, found.languages, found.staff_id, found.programme_ids) == ("陈静", "yue", None, frozenset())
    trail = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert trail == ["guide_added", "guide_saved"]
    assert "陈" not in str(db.session.scalars(select(AuditEntry.detail)).all())


def test_invalid_data_of_a_guide_is_refused(office: SimpleNamespace) -> None:
    for name in ("", "  ", "长" * 41, "a\0b"):
        assert refused(service.add, facts(office, name=name)) == "guide_name_invalid"
    assert refused(service.add, facts(office, languages=())) == "no_language"
    assert refused(service.add, facts(office, staff_id=office.me.id)) == "account_taken"
    with transaction():
        elsewhere = make_office()
    for changes in ({"staff_id": elsewhere.me.id}, {"programmes": (elsewhere.tour.slug,)}):
        with pytest.raises(NoResultFound), transaction():
            service.add(facts(office, **changes))
    for verb in (
        lambda: service.save(elsewhere.an.id, facts(office)),
        lambda: service.set_pattern(SetPattern(**office.ids, guide_id=elsewhere.an.id, valid_from=MONDAY)),
        lambda: service.add_leave(AddLeave(**office.ids, guide_id=elsewhere.an.id, first=MONDAY, last=MONDAY)),
        lambda: service.remove_leave(**office.ids, guide_id=elsewhere.an.id, leave_id=1),
    ):
        with pytest.raises(NoResultFound), transaction():
            verb()


def pattern(office: SimpleNamespace, first: date, last: date | None, *spans: tuple[int, time, time]) -> SetPattern:
    return SetPattern(**office.ids, guide_id=office.an.id, valid_from=first, valid_until=last, spans=spans)


def test_pattern_of_a_period_leaves_the_days_around_it(office: SimpleNamespace) -> None:
    noon = time(12)
    with transaction():
        service.set_pattern(pattern(office, MONDAY, SUNDAY, (0, NINE, noon), (0, time(13), FIVE)))
    periods = list_periods(fresh(office.an).duties, today=NOON.date())
    week = ((0, 1, 2, 3, 4, 5, 6), "09:00–17:00")
    assert [(each.first, each.last, each.hours) for each in periods] == [
        (date(2026, 1, 1), date(2026, 12, 6), (week,)),
        (MONDAY, SUNDAY, (((0,), "09:00–12:00 13:00–17:00"),)),
        (date(2026, 12, 14), None, (week,)),
    ]
    with transaction():
        service.set_pattern(pattern(office, date(2026, 12, 10), None))  # nothing any more
    periods = list_periods(fresh(office.an).duties, today=NOON.date())
    assert [(each.first, each.last) for each in periods] == [
        (date(2026, 1, 1), date(2026, 12, 6)),
        (MONDAY, date(2026, 12, 9)),
    ]


def test_invalid_weekly_schedule_is_refused(office: SimpleNamespace) -> None:
    assert refused(service.set_pattern, pattern(office, MONDAY, NOON.date())) == "last_before_first"
    for spans in (((0, FIVE, NINE),), ((0, NINE, NINE),), ((0, NINE, FIVE), (0, time(16), time(18)))):
        assert refused(service.set_pattern, pattern(office, MONDAY, None, *spans)) == "duty_invalid"


@pytest.mark.either_database
def test_leave_is_added_and_removed(office: SimpleNamespace) -> None:
    def leave(first: date, last: date) -> AddLeave:
        return AddLeave(**office.ids, guide_id=office.an.id, first=first, last=last, note="培训")

    with transaction():
        service.add_leave(leave(TUESDAY, SUNDAY))
    [row] = fresh(office.an).leaves
    assert (row.first, row.last, row.note) == (TUESDAY, SUNDAY, "培训")
    assert refused(service.add_leave, leave(MONDAY, TUESDAY)) == "leave_overlaps"
    assert refused(service.add_leave, leave(TUESDAY, MONDAY)) == "last_before_first"
    with transaction():
        service.remove_leave(**office.ids, guide_id=office.an.id, leave_id=row.id)
    assert fresh(office.an).leaves == []
    assert "培训" not in str(db.session.scalars(select(AuditEntry.detail)).all())


@pytest.mark.either_database
def test_change_over_assigned_groups_lists_them_until_they_are_unassigned(office: SimpleNamespace) -> None:
    with transaction():
        first, second = group(office.tour), group(office.tour, day=TUESDAY)
        past = group(office.tour, day=NOON.date() - timedelta(days=1))
    with transaction():
        for booking in (first, second, past):
            assigning.assign(booking, office.an.id, by=office.manager.id)
    away = AddLeave(**office.ids, guide_id=office.an.id, first=date(2026, 11, 1), last=MONDAY)
    changes = [
        (lambda **how: service.add_leave(away, **how), [first.id]),
        (
            lambda **how: service.set_pattern(
                pattern(office, MONDAY, None, (0, NINE, time(11)), (1, NINE, FIVE)), **how
            ),
            [first.id],
        ),
        (
            lambda **how: service.save(office.an.id, facts(office, active=False, last_day=NOON.date()), **how),
            [first.id, second.id],
        ),
    ]
    for change, hit in changes:
        with pytest.raises(AssignmentsHit) as error, transaction():
            change()
        assert [each.booking_id for each in error.value.hits] == hit
        assert (fresh(office.an).active, fresh(office.an).leaves) == (True, [])
    with transaction():
        changes[-1][0](unassign=True)
    again = queries.list_needing_again(office.hall.id, after=NOON)
    assert [(each.booking_id, each.dropped_why) for each in again] == [(first.id, "guide"), (second.id, "guide")]
    assert [each.guide_id for each in queries.list_of_booking(past.id)] == [office.an.id]


@pytest.mark.either_database
def test_guide_leaves_on_a_day_and_returns_on_another(office: SimpleNamespace) -> None:
    guide_id, today = office.an.id, NOON.date()
    for code, wrong in (
        ("guide_last_day_missing", {"active": False}),
        ("guide_last_day_to_come", {"active": False, "last_day": today + timedelta(days=1)}),
        ("guide_last_day_of_active", {"last_day": today}),
    ):
        assert refused(service.save, guide_id, facts(office, **wrong)) == code
        assert fresh(office.an).active
    with transaction():
        service.save(guide_id, facts(office, active=False, last_day=today))
    assert (fresh(office.an).active, fresh(office.an).last_day) == (False, today)
    with transaction():  # the same day: the tick was a slip
        service.save(guide_id, facts(office))
    assert {(each.valid_from, each.valid_until) for each in fresh(office.an).duties} == {(date(2026, 1, 1), None)}
    with transaction():
        service.save(guide_id, facts(office, active=False, last_day=today - timedelta(days=10)))
        service.save(guide_id, facts(office))
    found = fresh(office.an)
    assert (found.active, found.last_day) == (True, None)
    assert {(each.valid_from, each.valid_until) for each in found.duties} == {
        (date(2026, 1, 1), today - timedelta(days=10)),
        (today, None),
    }
    assert len(found.duties) == 14


@pytest.mark.parametrize(
    ("spans", "visit", "right"),
    [
        ([(9, 17)], (9, 17), True),
        ([(9, 12), (12, 17)], (11, 13), True),
        ([(9, 12), (13, 17)], (11, 14), False),
        ([(9, 12), (13, 17)], (13, 14), True),
        ([(9, 12)], (8, 10), False),
        ([(13, 17), (9, 14)], (10, 16), True),
        ([], (10, 11), False),
    ],
)
def test_on_duty_for_the_whole_visit(spans: list[tuple[int, int]], visit: tuple[int, int], right: bool) -> None:
    duties = [
        Duty(weekday=0, starts=time(starts), ends=time(ends), valid_from=MONDAY, valid_until=None)
        for starts, ends in spans
    ]
    first, last = (datetime.combine(MONDAY, time(hour)) for hour in visit)
    assert is_on_duty(duties, first, last) is right
    day = timedelta(days=1)
    assert is_on_duty(duties, first + day, last + day) is False
    assert is_on_duty(duties, first - 7 * day, last - 7 * day) is False
    assert is_on_duty(duties, first, last + day) is False
