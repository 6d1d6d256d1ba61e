"""A day is open by a person's word, else by the rule for its kind, else by its weekday; its slots follow."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule import calendar, capacity, planning, queries, service
from hallapp.schedule.calendar import Why, judge
from hallapp.schedule.errors import DayPast, DayTooFar, HolidaysNotAnnounced, NumberOutOfRange, TextTooLong
from hallapp.schedule.models import CalendarDay, DayKind, DayRule, Hall, Programme, Slot
from hallapp.schedule.service import SetDay, set_day
from tests import factories
from tests.schedule.helpers import do, every_day, extend, slots, template, trail
from tests.texts import fold

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00
WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)


@pytest.mark.parametrize(
    ("kind", "rule", "closed", "by_hand", "expected"),
    [
        (None, DayRule.AS_USUAL, "", None, (True, Why.USUAL)),
        (None, DayRule.OPEN, "2", None, (False, Why.CLOSED_WEEKDAY)),
        (DayKind.HOLIDAY, DayRule.AS_USUAL, "", None, (True, Why.USUAL)),
        (DayKind.HOLIDAY, DayRule.AS_USUAL, "2", None, (False, Why.CLOSED_WEEKDAY)),
        (DayKind.HOLIDAY, DayRule.OPEN, "2", None, (True, Why.HOLIDAY)),
        (DayKind.HOLIDAY, DayRule.CLOSED, "", None, (False, Why.HOLIDAY)),
        (DayKind.HOLIDAY, DayRule.CLOSED, "", True, (True, Why.BY_HAND)),
        (DayKind.HOLIDAY, DayRule.OPEN, "", False, (False, Why.BY_HAND)),
        (None, DayRule.AS_USUAL, "2", True, (True, Why.BY_HAND)),
    ],
)
@pytest.mark.parametrize("makeup", [False, True])
def test_opening_of_a_day_follows_the_rules(
    kind: DayKind | None,
    rule: DayRule,
    closed: str,
    by_hand: bool | None,
    expected: tuple[bool, Why],
    makeup: bool,
) -> None:
    """The same of a make-up day by its own rule, while the other rule says the opposite."""
    opposite = {DayRule.OPEN: DayRule.CLOSED, DayRule.CLOSED: DayRule.OPEN, DayRule.AS_USUAL: DayRule.CLOSED}[rule]
    holidays, makeup_days = (opposite, rule) if makeup else (rule, opposite)
    hall = Hall(closed_weekdays=closed, holidays=holidays, makeup_days=makeup_days)
    special = CalendarDay(kind=DayKind.MAKEUP if kind and makeup else kind, open=by_hand)
    facts = judge(hall, WEDNESDAY, special)
    why = Why.MAKEUP if makeup and expected[1] is Why.HOLIDAY else expected[1]
    assert (facts.open, facts.why, facts.weekday) == (expected[0], why, 2)
    assert facts.closed_by_hand == (by_hand is False)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.sets(st.integers(0, 6)))
def test_an_ordinary_day_is_open_unless_its_weekday_is_closed(day: date, closed: set[int]) -> None:
    hall = Hall(closed_weekdays="".join(map(str, sorted(closed))), holidays=DayRule.OPEN, makeup_days=DayRule.OPEN)
    assert judge(hall, day, None).open == (day.weekday() not in closed)


def test_only_a_day_opened_by_hand_follows_another_weekday() -> None:
    hall = Hall(closed_weekdays="", holidays=DayRule.OPEN, makeup_days=DayRule.AS_USUAL)
    followed = {
        opened: judge(hall, WEDNESDAY, CalendarDay(open=opened, like_weekday=6, kind=DayKind.HOLIDAY)).weekday
        for opened in (True, False, None)
    }
    assert followed == {True: 6, False: 2, None: 2}


@pytest.fixture
def hall(app: Flask) -> Hall:
    with time_machine.travel(NOW, tick=False), transaction():
        return factories.hall(days_ahead=14, inside_capacity=80)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    with time_machine.travel(NOW, tick=False):
        with transaction():
            tour = factories.programme(hall=hall, minutes=60)
            template(tour, *every_day(time(10)), (2, time(14)))
        extend(hall)
        return tour


def on(day: date) -> list[tuple[int, bool]]:
    """The local hours of a day's slots, and whether they are open."""
    return [((slot.starts_at.hour + 8) % 24, slot.open) for slot in slots() if slot.day == day]


def day_command(hall: Hall, day: date = WEDNESDAY, **values: object) -> SetDay:
    return SetDay(hall_id=hall.id, by=None, day=day, **values)


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_day_closed_by_hand_closes_its_slots_and_no_other_and_reopens(hall: Hall, tour: Programme) -> None:
    do(set_day, day_command(hall, open=False, reason={"zh": " 设备检修 "}))
    assert (on(WEDNESDAY), on(THURSDAY)) == ([(10, False), (14, False)], [(10, True)])
    assert extend(hall) == 0
    assert on(WEDNESDAY) == [(10, False), (14, False)]
    row = queries.find_calendar_day(hall.id, WEDNESDAY)
    assert row is not None
    assert (row.text("reason", "zh"), row.text("reason", "en")) == ("设备检修", "设备检修")
    do(set_day, day_command(hall))
    assert on(WEDNESDAY) == [(10, True), (14, True)]
    assert queries.find_calendar_day(hall.id, WEDNESDAY) is None


@time_machine.travel(NOW, tick=False)
def test_a_manual_day_records_only_its_changes_in_the_audit_trail(hall: Hall, tour: Programme) -> None:
    staff = factories.make(factories.staff, hall=hall)
    for _ in range(2):  # the second time nothing changes
        do(set_day, SetDay(hall_id=hall.id, by=staff.id, day=WEDNESDAY, open=False, reason={"en": "Repairs"}))
    do(set_day, SetDay.of(hall, WEDNESDAY, by=staff.id, reason={"en": "Floods"}, guides_on_duty=2))
    assert trail() == [
        (
            "day_set",
            "day 2026-11-25",
            {"before": {"open": None, "reason_en": ""}, "after": {"open": False, "reason_en": "Repairs"}},
        ),
        (
            "day_set",
            "day 2026-11-25",
            {
                "before": {"reason_en": "Repairs", "guides_on_duty": None},
                "after": {"reason_en": "Floods", "guides_on_duty": 2},
            },
        ),
    ]


@time_machine.travel(NOW, tick=False)
def test_a_day_opened_by_hand_may_follow_another_weekday(hall: Hall, tour: Programme) -> None:
    do(set_day, day_command(hall, THURSDAY, open=True, like_weekday=2))
    assert on(THURSDAY) == [(10, True), (14, True)]
    do(set_day, day_command(hall, THURSDAY, open=None, like_weekday=2))  # kept by nobody: the day is as usual
    assert on(THURSDAY) == [(10, True), (14, False)]
    assert queries.find_calendar_day(hall.id, THURSDAY) is None


@time_machine.travel(NOW, tick=False)
def test_a_closing_day_is_opened_by_hand(hall: Hall, tour: Programme) -> None:
    with transaction():
        hall.closed_weekdays = "2"
    extend(hall)
    assert on(WEDNESDAY) == [(10, False), (14, False)]
    do(set_day, day_command(hall, open=True))
    assert on(WEDNESDAY) == [(10, True), (14, True)]


@time_machine.travel(NOW, tick=False)
def test_limits_of_a_day_are_set_on_all_its_slots_by_hand_or_not_open_or_closed(hall: Hall, tour: Programme) -> None:
    with transaction():
        first = slots()[1]
        assert first.day == date(2026, 11, 24)
        by_hand = next(slot for slot in slots() if slot.day == WEDNESDAY)
        by_hand.open_by_hand = True
        factories.slot(programme=tour, day=WEDNESDAY, starts=time(16), open=False)
    do(set_day, day_command(hall, inside_capacity=30, guides_on_duty=1))
    found = [(slot.inside_capacity, slot.guides_on_duty) for slot in slots() if slot.day == WEDNESDAY]
    assert found == [(30, 1)] * 3
    assert {(slot.inside_capacity, slot.guides_on_duty) for slot in slots() if slot.day != WEDNESDAY} == {(80, None)}
    do(set_day, day_command(hall))
    assert {(slot.inside_capacity, slot.guides_on_duty) for slot in slots()} == {(80, None)}


@time_machine.travel(NOW, tick=False)
def test_kind_and_names_are_edited_and_the_rule_follows(hall: Hall, tour: Programme) -> None:
    with transaction():
        hall.holidays = DayRule.CLOSED
    do(set_day, day_command(hall, kind=DayKind.HOLIDAY, name={"zh": "馆庆", "en": "Anniversary"}))
    assert on(WEDNESDAY) == [(10, False), (14, False)]
    row = queries.find_calendar_day(hall.id, WEDNESDAY)
    assert row is not None
    assert (row.kind, row.open, row.text("name", "en")) == (DayKind.HOLIDAY, None, "Anniversary")


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("values", "refusal", "field"),
    [
        ({"day": date(2026, 11, 22)}, DayPast, "day"),
        ({"day": date(9999, 12, 31)}, DayTooFar, "day"),
        ({"like_weekday": 7}, NumberOutOfRange, "like_weekday"),
        ({"inside_capacity": 0}, NumberOutOfRange, "inside_capacity"),
        ({"inside_capacity": 2**31}, NumberOutOfRange, "inside_capacity"),
        ({"guides_on_duty": -1}, NumberOutOfRange, "guides_on_duty"),
        ({"reason_zh": "闭" * 201}, TextTooLong, "reason_zh"),
        ({"name_en": "x" * 61}, TextTooLong, "name_en"),
    ],
)
def test_an_invalid_change_of_a_day_is_refused(
    hall: Hall, values: dict, refusal: type[DomainError], field: str
) -> None:
    with pytest.raises(refusal) as refused, transaction():
        set_day(SetDay(**fold({"hall_id": hall.id, "by": None, "day": WEDNESDAY, **values})))
    assert refused.value.field == field
    assert db.session.query(CalendarDay).count() == 0


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_closure_that_hits_bookings_names_their_slots_and_changes_nothing_yet(hall: Hall, tour: Programme) -> None:
    morning, afternoon = (slot for slot in slots() if slot.day == WEDNESDAY)
    with transaction():
        capacity.claim(morning, visitors=20, guides=1)
    with transaction():
        plan = set_day(day_command(hall, open=False))
        assert [(hit.slot.id, hit.closes, hit.shrinks) for hit in plan.hits] == [(morning.id, True, False)]
        assert [change.slot.id for change in plan.harmless.changes] == [afternoon.id]
        assert on(WEDNESDAY) == [(10, True), (14, True)]
        planning.carry_out(plan)  # as if it had been left as it is
    assert on(WEDNESDAY) == [(10, False), (14, False)]
    assert slots() and morning.visitors_booked == 20
    with transaction():
        assert set_day(day_command(hall, open=False)).hits == ()


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_smaller_limit_hits_where_more_are_inside_also_from_an_earlier_start(hall: Hall) -> None:
    with transaction():
        long, short = factories.programme(hall=hall, minutes=120), factories.programme(hall=hall, minutes=30)
        template(long, (2, time(9)))
        template(short, (2, time(10)), (2, time(11)))
    extend(hall)
    nine, ten, _eleven = (slot for slot in slots() if slot.day == WEDNESDAY)
    with transaction():
        capacity.claim(nine, visitors=40, guides=1)
        capacity.claim(ten, visitors=20, guides=1)
    with transaction():
        hits = set_day(day_command(hall, inside_capacity=39)).hits
        assert [(hit.slot.id, hit.shrinks, hit.closes) for hit in hits] == [
            (nine.id, True, False),
            (ten.id, True, False),
        ]
        assert set(queries.list_covering(hall.id, [ten.starts_at])) == {nine.id, ten.id}
        assert [hit.slot.id for hit in set_day(day_command(hall, inside_capacity=59)).hits] == [ten.id]
        assert set_day(day_command(hall, inside_capacity=60)).hits == ()
        assert [hit.slot.id for hit in set_day(day_command(hall, guides_on_duty=1)).hits] == [ten.id]
    with transaction():  # who was let in over a limit has been settled
        capacity.release(ten, visitors=20, guides=1)
        capacity.claim(ten, visitors=20, guides=1, forced=True)
        assert set_day(day_command(hall, inside_capacity=40, guides_on_duty=1)).hits == ()


@time_machine.travel(NOW, tick=False)
def test_a_new_slot_begins_with_the_visits_that_cover_its_start(hall: Hall, tour: Programme) -> None:
    ten = next(slot for slot in slots() if slot.day == WEDNESDAY)
    with transaction():
        capacity.claim(ten, visitors=30, guides=1)
        capacity.claim(ten, visitors=90, guides=2, forced=True)
        talk = factories.programme(hall=hall, minutes=30)
        template(talk, *((2, time(hour, minute)) for hour, minute in ((9, 59), (10, 0), (10, 59), (11, 0))))
    extend(hall)
    load = [
        (slot.inside_booked, slot.inside_forced, slot.guides_busy, slot.busy_forced)
        for slot in slots(programme=talk)
        if slot.day == WEDNESDAY
    ]
    assert load == [(0, 0, 0, 0), (120, 90, 3, 2), (120, 90, 3, 2), (0, 0, 0, 0)]
    with transaction():
        capacity.release(ten, visitors=90, guides=2, forced=True)
    assert [slot.inside_booked for slot in slots(programme=talk) if slot.day == WEDNESDAY] == [0, 30, 30, 0]


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_new_slot_waits_with_the_others_while_a_smaller_limit_is_not_settled(hall: Hall, tour: Programme) -> None:
    ten = next(slot for slot in slots() if slot.day == WEDNESDAY)
    with transaction():
        capacity.claim(ten, visitors=50, guides=1)
        hall.inside_capacity = 20  # as if behind the calendar's back
        talk = factories.programme(hall=hall, minutes=30)
        template(talk, (2, time(10, 30)), (2, time(13)))
    extend(hall)
    assert [(slot.inside_booked, slot.inside_capacity) for slot in slots(programme=talk)[:2]] == [(50, 50), (0, 20)]
    assert [hit.slot.starts_at - ten.starts_at for hit in service.list_unsettled(hall)] == [
        timedelta(0),
        timedelta(minutes=30),
    ]


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_day_further_away_than_slots_have_been_made_gets_none_but_changes_what_a_hand_added(
    hall: Hall, tour: Programme
) -> None:
    far = date(2027, 3, 3)
    with transaction():
        factories.slot(programme=tour, day=far, starts=time(16), open_by_hand=True)
    do(set_day, day_command(hall, far, open=False))
    assert on(far) == [(16, False)]
    do(set_day, day_command(hall, far, open=True))
    assert on(far) == [(16, True)]


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_holidays_are_imported_once_and_never_over_manual_settings(hall: Hall) -> None:
    do(set_day, day_command(hall, date(2026, 12, 31), name={"zh": "年终盘点"}))
    with transaction():
        db.session.add(CalendarDay(hall_id=hall.id, day=date(2026, 10, 1), open=False, reason={"zh": "检修"}))
        db.session.add(CalendarDay(hall_id=hall.id, day=date(2026, 10, 2), kind=DayKind.MAKEUP, name={"zh": "馆庆"}))
    with transaction():
        assert calendar.seed_holidays(hall, 2026) == 38
    rows = {row.day: row for row in queries.list_calendar_days(hall.id, first=date(2026, 1, 1), last=WEDNESDAY)}
    first = rows[date(2026, 10, 1)]
    assert (first.open, first.text("reason", "zh"), first.kind, first.text("name", "zh")) == (
        False,
        "检修",
        DayKind.HOLIDAY,
        "国庆节",
    )
    assert (rows[date(2026, 10, 2)].kind, rows[date(2026, 10, 2)].text("name", "zh")) == (DayKind.MAKEUP, "馆庆")
    worked = rows[date(2026, 10, 10)]
    assert (worked.kind, worked.text("name", "zh"), worked.text("name", "en")) == (
        DayKind.MAKEUP,
        "国庆节",
        "National Day",
    )
    spring = rows[date(2026, 2, 17)]
    assert (spring.kind, spring.text("name", "zh"), spring.text("name", "en")) == (
        DayKind.HOLIDAY,
        "春节",
        "Spring Festival",
    )
    with transaction():
        db.session.delete(worked)
    with transaction():
        assert calendar.seed_holidays(hall, 2026) == 0
    assert queries.find_calendar_day(hall.id, date(2026, 10, 10)) is None
    assert hall.holiday_years == "2026"


@time_machine.travel(NOW, tick=False)
def test_holidays_of_a_year_not_announced_are_refused_by_name(hall: Hall) -> None:
    for year in (2003, 2150):
        with pytest.raises(HolidaysNotAnnounced) as refused, transaction():
            calendar.seed_holidays(hall, year)
        assert (refused.value.code, refused.value.params) == ("holidays_not_announced", {"year": str(year)})
    assert hall.holiday_years == ""


@time_machine.travel(NOW, tick=False)
def test_new_years_days_off_that_begin_in_december_come_with_the_new_year(hall: Hall) -> None:
    """Of 2012's New Year, 31 December 2011 was worked; 2007's began on 30 December 2006."""
    with transaction():
        calendar.seed_holidays(hall, 2012)
    rows = queries.list_calendar_days(hall.id, first=date(2011, 12, 1), last=date(2012, 1, 4))
    assert [(row.day, row.kind) for row in rows] == [
        (date(2011, 12, 31), DayKind.MAKEUP),
        (date(2012, 1, 1), DayKind.HOLIDAY),
        (date(2012, 1, 2), DayKind.HOLIDAY),
        (date(2012, 1, 3), DayKind.HOLIDAY),
    ]


@pytest.mark.both_databases
def test_carry_out_of_a_hit_that_nobody_settled_is_stopped_by_the_database(hall: Hall, tour: Programme) -> None:
    from sqlalchemy.exc import IntegrityError

    with time_machine.travel(NOW, tick=False):
        ten = next(slot for slot in slots() if slot.day == WEDNESDAY)
        with transaction():
            capacity.claim(ten, visitors=50, guides=1)
        with pytest.raises(IntegrityError), transaction():
            planning.carry_out(set_day(day_command(hall, inside_capacity=49)))
        assert db.session.get_one(Slot, ten.id).inside_capacity == 80
        assert queries.find_calendar_day(hall.id, WEDNESDAY) is None
