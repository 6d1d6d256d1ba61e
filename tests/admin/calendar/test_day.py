"""A day and its slots: what they show, and each of their forms, good and bad."""

import re
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking.models import BookingState
from hallapp.core.database import db, transaction
from hallapp.schedule import service
from hallapp.schedule.models import CalendarDay, DayKind
from tests import factories
from tests.admin.calendar.conftest import (
    DAY,
    DAY_FIELDS,
    EXTRA,
    NASTY,
    ODD,
    RULES,
    SPAN_FIELDS,
    count_slots,
    see,
    send,
    special,
)
from tests.admin.calendar_hall import SATURDAY, SUNDAY, Stage
from tests.booking.helpers import page

# A day


def test_a_day_shows_its_slots_and_bookings(stage: Stage) -> None:
    booking = stage.book(stage.slot(), 20, organisation="番禺区文化馆")
    stage.book(stage.slot(), 15, organisation="候补的团队", state=BookingState.WAITLISTED)
    stage.book(stage.slot(), 15, organisation="取消的团队", state=BookingState.CANCELLED)

    shown = see(stage, DAY)

    assert "2026年12月5日 周六</h1>" in shown
    assert "20 / 60" in shown
    assert f'href="/bookings/{booking.reference}"' in shown
    assert "候补的团队" in shown
    assert "取消的团队" not in shown
    assert f'action="/admin/calendar/slots/{stage.slot().id}"' in shown


def test_a_past_day_is_read_only(stage: Stage) -> None:
    shown = see(stage, "/days/2026-11-30")
    assert "这一天已过" in shown
    assert "<form method" not in shown.split("<main")[1]

    answer = stage.submit("/days/2026-11-30", **RULES, name_zh="昨天")
    assert answer.status_code == 422
    assert special(stage, date(2026, 11, 30)) is None


def test_slots_that_have_begun_cannot_be_changed(stage: Stage) -> None:
    today = date(2026, 12, 1)
    factories.make(factories.slot, programme=stage.tour, day=today, visitor_capacity=60)
    assert "已开始" in see(stage, f"/days/{today}")

    answer = stage.submit(f"/slots/{stage.slot(today).id}", visitor_capacity="10", guide_capacity="1", open="0")

    assert answer.status_code == 409
    assert stage.slot(today).visitor_capacity == 60


def test_a_day_opens_by_hand_like_another_weekday(stage: Stage) -> None:
    with transaction():
        stage.hall.closed_weekdays = "5"
    stage.submit(DAY, **RULES)
    assert not stage.slot().open

    answer = stage.submit(
        DAY, opening="open", like_weekday="0", kind="makeup", name_zh="国庆节", name_en="National Day"
    )

    assert answer.status_code == 303
    row = special(stage)
    assert row is not None
    assert (row.open, row.like_weekday, row.kind, row.name.get("en", "")) == (True, 0, DayKind.MAKEUP, "National Day")
    assert stage.slot().open
    shown = see(stage, DAY)
    assert 'value="open" checked' in shown or re.search(r'checked[^>]*value="open"', shown)
    assert re.search(r'<option selected value="0">', shown)


def test_a_day_has_limits_of_its_own(stage: Stage) -> None:
    answer = stage.submit(DAY, **RULES, inside_capacity="４０", guides_on_duty="1")

    assert answer.status_code == 303
    assert (stage.slot().inside_capacity, stage.slot().guides_on_duty) == (40, 1)
    assert (stage.slot(SUNDAY).inside_capacity, stage.slot(SUNDAY).guides_on_duty) == (None, None)
    assert "0 / 40" in see(stage, DAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"opening": "closed"}, "opening"),
        ({"opening": ""}, "opening"),
        ({"opening": "ajar"}, "opening"),
        ({"like_weekday": "7"}, "like_weekday"),
        ({"like_weekday": "²"}, "like_weekday"),
        ({"kind": "party"}, "kind"),
        ({"reason_en": "x" * 201}, "reason_en"),
        ({"name_zh": "长" * 61}, "name_zh"),
        ({"name_en": "x" * 61}, "name_en"),
        ({"inside_capacity": "0"}, "inside_capacity"),
        ({"inside_capacity": "100001"}, "inside_capacity"),
        ({"guides_on_duty": "1001"}, "guides_on_duty"),
        ({"name_zh": "a\0b"}, "name_zh"),
        *(({"inside_capacity": odd}, "inside_capacity") for odd in ODD),
        *(({"guides_on_duty": odd}, "guides_on_duty") for odd in ODD),
    ],
)
def test_odd_days_are_refused_beside_their_field(stage: Stage, changes: dict[str, str], field: str) -> None:
    client = FlaskClient(stage.client.application) if "\0" in "".join(changes.values()) else None
    answer = send(stage, client, DAY, {**RULES, "reason_zh": "", **changes})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in page(answer)
    assert special(stage) is None


# A slot


def test_a_slot_changes_by_hand_and_goes_back_to_the_template(stage: Stage) -> None:
    slot = stage.slot()

    answer = stage.submit(f"/slots/{slot.id}", visitor_capacity="25", guide_capacity="1", open="0")

    assert (answer.status_code, answer.location) == (303, f"/admin/calendar/days/{SATURDAY}?saved=1#slot-{slot.id}")
    slot = stage.slot()
    assert (slot.visitor_capacity, slot.guide_capacity, slot.open, slot.open_by_hand) == (25, 1, False, False)
    with transaction():
        service.extend_slots(stage.hall)
    assert stage.slot().visitor_capacity == 25
    assert f'action="/admin/calendar/slots/{slot.id}/release"' in see(stage, DAY)

    answer = stage.submit(f"/slots/{slot.id}/release")

    assert answer.status_code == 303
    slot = stage.slot()
    assert (slot.visitor_capacity, slot.guide_capacity, slot.open, slot.open_by_hand) == (60, 3, True, None)
    trail = select(AuditEntry.action).where(AuditEntry.subject == f"slot {slot.id}").order_by(AuditEntry.id)
    assert db.session.scalars(trail).all() == ["slot_changed", "slot_released"]


@pytest.mark.parametrize(
    "changes",
    [
        *({"visitor_capacity": odd} for odd in (*ODD, "", "100001")),
        *({"guide_capacity": odd} for odd in (*ODD, "", "1001")),
        {"open": "²"},
        {"open": None},
    ],
)
def test_odd_slots_are_refused_in_their_row(stage: Stage, changes: dict[str, Any]) -> None:
    slot = stage.slot()
    data = {"visitor_capacity": "25", "guide_capacity": "1", "open": "0", **changes}
    data = {name: value for name, value in data.items() if value is not None}
    client = FlaskClient(stage.client.application) if "\0" in data.values() else None

    answer = send(stage, client, f"/slots/{slot.id}", data)

    assert answer.status_code == 422
    assert f'id="slot-{slot.id}-error"' in page(answer)
    assert stage.slot().visitor_capacity == 60


def test_a_slot_of_a_day_that_is_closed_by_hand_stays_closed(stage: Stage) -> None:
    stage.submit(DAY, opening="closed", reason_zh="检修", kind="")
    slot = stage.slot()

    answer = stage.submit(f"/slots/{slot.id}", visitor_capacity="25", guide_capacity="1", open="1")

    assert answer.status_code == 409
    assert not stage.slot().open


# An extra opening


def test_an_extra_time_is_offered(stage: Stage) -> None:
    answer = stage.submit(f"{DAY}/slots", **EXTRA, programme=stage.tour.slug)

    assert answer.status_code == 303
    slot = stage.slot(SATURDAY, time(19))
    assert (slot.visitor_capacity, slot.guide_capacity, slot.open, slot.open_by_hand) == (40, 2, True, True)
    assert "19:00–20:30" in see(stage, DAY)


@pytest.mark.parametrize(
    ("changes", "field", "status"),
    [
        ({"starts": "09:30"}, "starts", 409),
        ({"starts": "23:30"}, "starts", 422),
        ({"starts": "24:00"}, "starts", 422),
        ({"starts": ""}, "starts", 422),
        ({"programme": ""}, "programme", 422),
        ({"programme": "nothing"}, "programme", 422),
        ({"visitor_capacity": "100001"}, "visitor_capacity", 422),
        ({"guide_capacity": "½"}, "guide_capacity", 422),
        *(({"starts": odd}, "starts", 422) for odd in ODD if odd != "\0"),
    ],
)
def test_odd_extra_times_are_refused_beside_their_field(
    stage: Stage, changes: dict[str, str], field: str, status: int
) -> None:
    before = count_slots(stage)

    answer = stage.submit(f"{DAY}/slots", **{"programme": stage.tour.slug, **EXTRA, **changes})

    assert answer.status_code == status
    assert f'id="{field}-error"' in page(answer)
    assert count_slots(stage) == before


# Whose calendar it is


def test_another_halls_slot_is_unknown(stage: Stage) -> None:
    with transaction():
        foreign = factories.slot(programme=factories.programme(hall=factories.hall()), day=SATURDAY)
    data = {"visitor_capacity": "25", "guide_capacity": "1", "open": "0"}

    assert stage.submit(f"/slots/{foreign.id}", **data).status_code == 404
    assert stage.submit(f"/slots/{foreign.id}/release").status_code == 404
    assert stage.submit("/slots/99999999999", **data).status_code == 404

    db.session.refresh(foreign)
    assert (foreign.open, foreign.visitor_capacity) == (True, 100)


def test_another_halls_day_is_neither_seen_nor_changed(stage: Stage) -> None:
    with transaction():
        other = factories.hall(name_zh="海丝展览馆")
        programme = factories.programme(hall=other, name_zh="海丝讲解")
        slot = factories.slot(programme=programme, day=SATURDAY)
        factories.booking(slot=slot, organisation="别馆的团队")
        row = CalendarDay(hall_id=other.id, day=SATURDAY, name={"zh": "别馆的日子"})
        db.session.add(row)

    shown = see(stage, DAY)
    assert not re.search("海丝讲解|别馆的团队|别馆的日子", shown)
    assert "别馆的日子" not in see(stage)
    assert stage.submit(DAY, opening="closed", reason_zh="检修", kind="").status_code == 303

    db.session.refresh(slot)
    assert slot.open
    assert db.session.get_one(CalendarDay, (other.id, SATURDAY), populate_existing=True).open is None


@pytest.mark.parametrize("role", [Role.GUIDE, Role.DESK])
def test_only_managers_open_the_calendar(app: Flask, stage: Stage, role: Role) -> None:
    client = app.test_client()
    client.sign_in(factories.make(factories.staff, hall=stage.hall, role=role))
    for path in ("", "/2026-12", DAY):
        assert client.get(f"/admin/calendar{path}").status_code == 403
    assert client.submit(f"/admin/calendar{DAY}", {"opening": "closed", "reason_zh": "检修"}).status_code == 403
    assert special(stage) is None


def test_the_pages_are_available_in_english(stage: Stage) -> None:
    stage.book(stage.slot(), 20)
    for path in ("/2026-12?lang=en", f"{DAY}?lang=en", "/2028-02?lang=en"):
        assert stage.client.get(f"/admin/calendar{path}").status_code == 200
    answer = stage.submit(DAY, opening="closed", reason_en="Maintenance", kind="")
    assert answer.status_code == 409
    assert "This time will be closed" in page(answer)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_calendar_pages_answer_any_input_without_an_error(stage: Stage, text: str) -> None:
    stage.book(stage.slot(), 20)
    text = text.encode(errors="replace").decode()
    choices = dict.fromkeys(("hit", "decision-1", "move-1", "message-1", "all", "settling", "message"), text)
    fields = dict.fromkeys((*DAY_FIELDS, *SPAN_FIELDS, *EXTRA, "programme", "open", "year", "month"), text)
    closing = {"opening": "closed", "reason_zh": "检修", "kind": "", **choices}
    span = {
        "first": SATURDAY,
        "last": SUNDAY,
        "span": "closed",
        "reason_zh": "检修",
        **choices,
        "hit": "1",
        "all": "move",
    }
    posts = [(DAY, closing), ("/days", span)]
    posts += [(path, fields) for path in (DAY, "/days", f"{DAY}/slots", f"/slots/{stage.slot().id}", "/holidays")]

    for path, data in posts:
        answer = send(stage, FlaskClient(stage.client.application), path, data)
        assert answer.status_code in (303, 409, 422), path
    assert stage.client.get("/admin/calendar/2026-12", query_string={"lang": text}).status_code == 200
    assert stage.slot().open
