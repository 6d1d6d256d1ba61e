"""Changes of the hall's days that hit bookings: the page lists them first, and settles all of them or none."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking, BookingEvent, BookingState, Verb
from hallapp.booking.recount import recount
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import CalendarDay
from tests import factories
from tests.admin.calendar_hall import AFTERNOON, MORNING, SATURDAY, SUNDAY, Stage, prepare
from tests.booking.helpers import page
from tests.office import signed_in

pytestmark = pytest.mark.usefixtures("first_of_december")

CLOSE = {"opening": "closed", "reason_zh": "设备检修", "reason_en": "Maintenance", "kind": ""}
DAY = f"/days/{SATURDAY}"


@pytest.fixture
def stage(client: FlaskClient) -> Iterator[Stage]:
    made = prepare(client)
    yield made
    with transaction():
        assert recount(made.hall.id) == []


@pytest.fixture
def three(stage: Stage) -> list[Booking]:
    """Two groups on Saturday morning and one in the afternoon."""
    return [
        stage.book(stage.slot(), 20, organisation="番禺区文化馆"),
        stage.book(stage.slot(), 25, organisation="天河区图书馆", email=None),
        stage.book(stage.slot(SATURDAY, AFTERNOON), 30, organisation="荔湾区少年宫"),
    ]


def settle(stage: Stage, bookings: list[Booking], path: str = DAY, **choices: Any) -> Any:
    """Send the form of the settlement's page, as it repeats the change of the day."""
    data = {**CLOSE, "settling": "1", "hit": [str(booking.id) for booking in bookings], "message": "设备检修，抱歉。"}
    return stage.submit(path, **{**data, **choices})


def state(stage: Stage, *bookings: Booking) -> list[BookingState]:
    return [stage.booking(booking).state for booking in bookings]


def snapshot(stage: Stage) -> list[Any]:
    """Everything that a change of days could touch."""
    slots = schedule.list_all_slots(stage.hall.id, SATURDAY, SUNDAY)
    return [
        [(slot.id, slot.open, slot.visitor_capacity, slot.visitors_booked, slot.guides_booked) for slot in slots],
        [(row.id, row.state, row.slot_id) for row in db.session.scalars(select(Booking).order_by(Booking.id))],
        [db.session.scalar(select(func.count()).select_from(table)) for table in (AuditEntry, BookingEvent)],
        [db.session.scalar(select(func.count()).select_from(table)) for table in (CalendarDay, OutboxMessage)],
    ]


def test_a_day_without_bookings_closes_at_once(stage: Stage) -> None:
    answer = stage.submit(DAY, **CLOSE)

    assert (answer.status_code, answer.location) == (303, f"/admin/calendar/days/{SATURDAY}?saved=1")
    assert not stage.slot().open
    assert not stage.slot(SATURDAY, AFTERNOON).open
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "day_set"))
    assert (entry.staff_id, entry.detail["after"]["open"]) == (stage.manager.id, False)


def test_a_closure_lists_the_affected_bookings_and_changes_nothing_yet(stage: Stage, three: list[Booking]) -> None:
    before = snapshot(stage)

    answer = stage.submit(DAY, **CLOSE)

    assert answer.status_code == 409
    shown = page(answer)
    assert [name in shown for name in ("番禺区文化馆", "天河区图书馆", "荔湾区少年宫")] == [True] * 3
    assert "尚未作任何更改。" in shown
    assert "3个团队" in shown
    assert "75人" in shown
    assert shown.count("这个场次将关闭") == 3
    assert "199 0000 1050" in shown
    for booking in three:
        assert f"{booking.reference[:4]}-{booking.reference[4:]}" in shown
    assert snapshot(stage) == before


def test_the_page_repeats_the_requested_change(stage: Stage, three: list[Booking]) -> None:
    shown = page(stage.submit(DAY, **CLOSE))

    assert f'action="/admin/calendar{DAY}"' in shown
    for name, value in CLOSE.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in shown
    assert shown.count('name="csrf_token"') == 2  # its own, and the one of signing out
    assert "设备检修 Maintenance</textarea>" in shown  # the reason is proposed as the message


def test_times_to_move_to_are_near_and_not_among_those_that_close(stage: Stage, three: list[Booking]) -> None:
    shown = page(stage.submit(DAY, **CLOSE))

    offered = set(map(int, re.findall(r'<option value="(\d+)"', shown)))
    assert stage.slot(SUNDAY).id in offered
    assert stage.slot().id not in offered
    assert stage.slot(SATURDAY, AFTERNOON).id not in offered


def test_proposed_times_have_room_for_all_together(stage: Stage) -> None:
    for people in (50, 10, 45, 15):
        stage.book(stage.slot(SATURDAY, MORNING if people in (50, 10) else AFTERNOON), people)

    shown = page(stage.submit(DAY, **CLOSE))

    chosen = [int(number) for number in re.findall(r'<option value="(\d+)" selected', shown)]
    assert len(chosen) == 4
    people = dict.fromkeys(chosen, 0)
    for number, group in zip(chosen, re.findall(r'<span class="number">(\d+)人</span>', shown), strict=True):
        people[number] += int(group)
    assert max(people.values()) <= 60


def test_each_booking_is_settled_in_its_own_way(stage: Stage, three: list[Booking]) -> None:
    moved, cancelled, left = three
    choices = {f"decision-{moved.id}": "move", f"move-{moved.id}": str(stage.slot(SUNDAY).id)}
    choices |= {f"decision-{cancelled.id}": "cancel", f"decision-{left.id}": "leave"}

    answer = settle(stage, three, **choices)

    assert answer.status_code == 303
    assert answer.location.startswith("/admin/calendar/settled/")
    assert state(stage, *three) == [BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.CONFIRMED]
    assert stage.booking(moved).slot_id == stage.slot(SUNDAY).id
    assert stage.booking(cancelled).reply == "设备检修，抱歉。"
    assert [stage.slot(SUNDAY).visitors_booked, stage.slot(SUNDAY).guides_booked] == [20, 1]
    assert [stage.slot().visitors_booked, stage.slot().open] == [0, False]
    afternoon = stage.slot(SATURDAY, AFTERNOON)
    assert [afternoon.visitors_booked, afternoon.open] == [30, False]
    verbs = db.session.scalars(select(BookingEvent).order_by(BookingEvent.booking_id)).all()
    assert [(event.verb, event.staff_id) for event in verbs] == [
        (verb, stage.manager.id) for verb in (Verb.MOVED, Verb.CANCELLED, Verb.LEFT)
    ]
    [message] = db.session.scalars(select(OutboxMessage))
    assert message.kind == "booking_moved"
    assert db.session.scalar(select(func.count()).where(AuditEntry.action == "day_set")) == 1


def test_whom_to_phone_is_listed_afterwards(stage: Stage, three: list[Booking]) -> None:
    written, phoned, left = three  # the second left no address
    to = str(stage.slot(SUNDAY).id)
    choices = {f"decision-{row.id}": "move" for row in (written, phoned)} | {f"decision-{left.id}": "leave"}
    done = settle(stage, three, **choices, **{f"move-{row.id}": to for row in (written, phoned)}).location
    shown = page(stage.client.get(done))

    calls, others = shown.split("以下团队无需致电")
    assert "请致电1个团队" in calls
    assert [row.organisation in calls for row in three] == [False, True, False]
    assert [row.organisation in others for row in three] == [True, False, True]
    assert 'href="tel:+8619900001050"' in calls
    assert "12月5日 周六 09:30 → 12月6日 周日 09:30" in re.sub("<[^>]+>", "", calls)
    assert "保持不变" in others


def test_list_of_a_settlement_is_of_its_hall_and_for_those_who_may_change_days(
    stage: Stage, three: list[Booking], app: Flask
) -> None:
    done = settle(stage, three, all="leave").location
    with transaction():
        elsewhere = factories.staff(hall=factories.hall(), role=Role.MANAGER)
        desk = factories.staff(hall=stage.hall)
    for staff, status in ((elsewhere, 404), (desk, 403)):
        assert signed_in(app, staff).get(done).status_code == status
    for path in ("/admin/calendar/settled/1/0", "/admin/calendar/settled/x/y", f"/admin/calendar/settled/{'9' * 30}/1"):
        assert stage.client.get(path).status_code == 404


def test_organisers_read_why_they_are_cancelled(stage: Stage, three: list[Booking]) -> None:
    own = {f"decision-{three[2].id}": "cancel", f"message-{three[2].id}": "请改到元旦之后。"}

    settle(stage, three, **own, all="cancel")

    assert state(stage, *three) == [BookingState.CANCELLED] * 3
    bodies = {message.body.count("设备检修，抱歉。") for message in db.session.scalars(select(OutboxMessage))}
    assert bodies == {0, 1}
    assert any("请改到元旦之后。" in message.body for message in db.session.scalars(select(OutboxMessage)))
    assert [stage.booking(booking).reply for booking in three] == ["设备检修，抱歉。"] * 2 + ["请改到元旦之后。"]


@pytest.mark.parametrize(("choice", "people"), [("leave", [45, 30, 0]), ("nearest", [0, 0, 75])])
def test_one_choice_can_apply_to_all_bookings(
    stage: Stage, three: list[Booking], choice: str, people: list[int]
) -> None:
    shown = page(stage.submit(DAY, **CLOSE))
    selects = re.findall(r'name="(move-\d+)".*?</select>', shown)
    chosen = dict(zip(selects, re.findall(r'<option value="(\d+)" selected', shown), strict=True))

    answer = settle(stage, three, **chosen, all=choice)

    assert answer.status_code == 303
    assert state(stage, *three) == [BookingState.CONFIRMED] * 3
    sold = [stage.slot().visitors_booked, stage.slot(SATURDAY, AFTERNOON).visitors_booked]
    elsewhere = sum(stage.booking(booking).visitors for booking in three if stage.booking(booking).slot.open)
    assert [*sold, elsewhere] == people


def test_a_move_to_a_full_time_changes_nothing_at_all(stage: Stage, three: list[Booking]) -> None:
    stage.book(stage.slot(SUNDAY), 50)
    before = snapshot(stage)
    choices = {f"decision-{three[0].id}": "move", f"move-{three[0].id}": str(stage.slot(SUNDAY).id)}

    answer = settle(stage, three, **choices, all="cancel", message="抱歉")

    shown = page(answer)
    assert answer.status_code == 422
    assert f'id="decision-{three[0].id}-error">' in shown
    assert shown.count('class="field-error"') == 1
    assert f'name="decision-{three[0].id}" value="move" checked' in shown
    assert 'name="all" value="cancel" checked' in shown
    assert "抱歉</textarea>" in shown
    assert snapshot(stage) == before


def test_no_booking_is_moved_to_a_time_that_closes(stage: Stage) -> None:
    booking = stage.book(stage.slot(), 20)
    before = snapshot(stage)
    choices = {f"decision-{booking.id}": "move", f"move-{booking.id}": str(stage.slot(SATURDAY, AFTERNOON).id)}

    answer = settle(stage, [booking], **choices)

    assert answer.status_code == 422
    assert 'class="field-error"' in page(answer)
    assert snapshot(stage) == before


def test_no_booking_is_moved_to_a_time_that_becomes_too_small(stage: Stage) -> None:
    booking = stage.book(stage.slot(), 20)
    with transaction():
        stage.tour.guides = 0
    choices = {f"decision-{booking.id}": "move", f"move-{booking.id}": str(stage.slot(SATURDAY, AFTERNOON).id)}
    limits = {"opening": "rules", "inside_capacity": "15", "reason_zh": "", "reason_en": ""}
    before = snapshot(stage)

    answer = settle(stage, [booking], **{**limits, **choices})

    assert answer.status_code == 422
    assert snapshot(stage) == before


@pytest.mark.parametrize("slot", ["", "0", "999999999", "9" * 5000, "²", "-1", "\0", "abc"])
def test_odd_numbers_of_slots_are_refused_beside_the_booking(stage: Stage, three: list[Booking], slot: str) -> None:
    before = snapshot(stage)

    answer = settle(stage, three, **{f"decision-{three[0].id}": "move", f"move-{three[0].id}": slot}, all="leave")

    assert answer.status_code == 422
    assert f'id="decision-{three[0].id}-error"' in page(answer)
    assert snapshot(stage) == before


def test_a_booking_cannot_be_moved_to_another_halls_slot(stage: Stage, three: list[Booking]) -> None:
    with transaction():
        foreign = factories.slot(programme=factories.programme(hall=factories.hall()))
    before = snapshot(stage)

    answer = settle(
        stage, three, **{f"decision-{three[0].id}": "move", f"move-{three[0].id}": str(foreign.id)}, all="leave"
    )

    assert answer.status_code == 422
    assert snapshot(stage) == before


@pytest.mark.parametrize("message", ["", "  ", "长" * 501, "a\0b"])
def test_a_cancellation_needs_a_message_that_can_be_sent(stage: Stage, three: list[Booking], message: str) -> None:
    before = snapshot(stage)

    answer = settle(stage, three, all="cancel", message=message)

    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count('class="field-error"') == 3
    assert snapshot(stage) == before


def test_nothing_changes_while_one_booking_has_no_choice(stage: Stage, three: list[Booking]) -> None:
    before = snapshot(stage)

    answer = settle(stage, three, **{f"decision-{booking.id}": "leave" for booking in three[:2]})

    shown = page(answer)
    assert answer.status_code == 422
    assert shown.count("请选择如何处理这个预约。") == 1
    assert f'name="decision-{three[0].id}" value="leave" checked' in shown
    assert snapshot(stage) == before


def test_a_booking_placed_in_the_meantime_needs_a_choice_too(stage: Stage, three: list[Booking]) -> None:
    late = stage.book(stage.slot(SATURDAY, AFTERNOON), 9, organisation="后来的团队")
    before = snapshot(stage)

    answer = settle(stage, three, all="cancel")

    assert answer.status_code == 422
    assert "后来的团队" in page(answer)
    assert state(stage, *three, late) == [BookingState.CONFIRMED] * 4
    assert snapshot(stage) == before


def test_less_room_leaves_bookings_in_over_the_limit(stage: Stage, three: list[Booking]) -> None:
    morning = stage.slot()
    change = {"visitor_capacity": "30", "guide_capacity": "3", "open": "1"}
    path = f"/slots/{morning.id}"
    answer = stage.submit(path, **change)
    assert answer.status_code == 409
    assert page(answer).count("位置将不够") == 2

    answer = settle(stage, three[:2], path=path, **change, all="leave")

    assert answer.status_code == 303
    morning = stage.slot()
    assert [morning.visitor_capacity, morning.visitors_booked, morning.visitors_forced] == [30, 45, 45]
    assert all(stage.booking(booking).over_limit for booking in three[:2])


def test_bookings_that_the_rules_leave_without_room_wait_to_be_settled(stage: Stage, three: list[Booking]) -> None:
    with transaction():
        stage.hall.closed_weekdays = "5"
    shown = page(stage.client.get("/admin/calendar/2026-12"))
    assert f'action="/admin/calendar{DAY}/settle"' in shown
    assert f'action="/admin/calendar{DAY}/settle"' in page(stage.client.get(f"/admin/calendar{DAY}"))
    answer = stage.submit(f"{DAY}/settle")
    assert answer.status_code == 409

    answer = settle(stage, three, path=f"{DAY}/settle", all="cancel")

    assert answer.status_code == 303
    assert not stage.slot().open
    assert f'action="/admin/calendar{DAY}/settle"' not in page(stage.client.get("/admin/calendar/2026-12"))
    assert state(stage, *three) == [BookingState.CANCELLED] * 3
