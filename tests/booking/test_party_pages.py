"""The pages of a large group: the proposals, the organiser's page of all parts, and what concerns all of them."""

import re
from datetime import date, time
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hallapp.accounts.roles import Role
from hallapp.booking import absence, parties, queries, service, waiting
from hallapp.booking.lifecycle import SYSTEM, by_staff
from hallapp.booking.models import Booking, BookingState, Pause
from hallapp.booking.recount import recount
from hallapp.core.database import db, transaction
from hallapp.messages import daily
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Programme
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.booking.helpers import MADE, command, page, typed
from tests.client import CheckingClient
from tests.no_shows import pause_after
from tests.office import DAY, NOON, signed_in
from tests.passes.reading import scan

pytestmark = pytest.mark.usefixtures("first_of_december")

LARGE = {"origins-0-visitors": "120"}


@pytest.fixture
def day(app: Flask) -> SimpleNamespace:
    """A hall that takes 160 people in parts, with three tours of 50 on one day."""
    with transaction():
        hall = factories.hall(large_group_max=160, slots_until=MADE)
        tour = factories.programme(hall=hall)
        slots = [
            factories.slot(programme=tour, day=DAY, starts=time(hour), visitor_capacity=50, guide_capacity=2)
            for hour in (9, 11, 14)
        ]
        return SimpleNamespace(
            hall=hall, tour=tour, slots=slots, value="+".join(f"{slot.id}*40" for slot in slots),
            staff=factories.staff(hall=hall, role=Role.MANAGER, password_hash="none"),
        )  # fmt: skip


def send(client: FlaskClient, made: SimpleNamespace, /, **changes: Any) -> TestResponse:
    client.get("/book")  # for its token
    return client.submit("/book", typed(made.slots[0], **{**LARGE, **changes}))  # type: ignore[attr-defined,no-any-return]


def place(day: SimpleNamespace, **values: Any) -> list[Booking]:
    parts = tuple((slot.id, 40) for slot in day.slots)
    with transaction():
        first = service.place(command(day.slots[0], origins=(("440000", 120),), parts=parts, **values))
    return list(queries.list_parts(first))


def states(parts: list[Booking]) -> list[str]:
    db.session.rollback()
    return [db.session.get_one(Booking, part.id).state.value for part in parts]


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_the_parts_are_proposed_and_never_chosen_in_silence(client: FlaskClient, day: SimpleNamespace) -> None:
    refused = send(client, day)
    shown = page(refused)
    assert refused.status_code == 422
    assert "120人的团队需要分批参观，请选择一个方案。" in shown
    assert f'value="{day.value}"' in shown and "先后参观，分3批" in shown
    assert db.session.scalar(select(Booking.id)) is None

    for people in ("118", "30"):  # another number than the parts are for
        refused = send(client, day, **{"slot": day.value, "origins-0-visitors": people})
        assert (refused.status_code, f"所选的场次与{people}人的团队不符" in page(refused)) == (422, True)
    assert "展馆最多接待160人的团队" in page(send(client, day, **{"origins-0-visitors": "161"}))

    restored = page(client.submit("/book", typed(day.slots[0], **LARGE, slot=day.value) | {"refresh": "draft"}))  # type: ignore[attr-defined]
    assert re.search(rf'value="{re.escape(day.value)}"[^>]*checked', restored)
    times = client.get(f"/book/times?programme={day.tour.slug}&day={DAY}&people=120")
    assert f'value="{day.value}"' in page(times)


def test_a_race_says_what_is_left_and_proposes_again(client: FlaskClient, day: SimpleNamespace) -> None:
    with transaction():
        factories.booking(slot=day.slots[1], phone="+8619900001077")
    refused = send(client, day, slot=day.value)
    shown = page(refused)
    assert refused.status_code == 409
    assert "11:00场次仅余30位，您的团队需要40位。尚未预约任何名额" in shown
    assert re.search(r'value="\d+\*45\+\d+\*30\+\d+\*45"', shown)
    assert db.session.scalar(select(Booking.id).where(Booking.party.is_not(None))) is None


def test_a_day_without_room_leads_to_the_nearest_that_has_it(client: FlaskClient, day: SimpleNamespace) -> None:
    with transaction():
        day.slots[1].open = day.slots[2].open = False
        for hour in (9, 11, 14):
            factories.slot(programme=day.tour, day=DAY.replace(day=9), starts=time(hour), visitor_capacity=50)
    shown = page(client.get(f"/book/times?programme={day.tour.slug}&day={DAY}&people=120"))
    assert "12月5日 周六名额不足，120人分批也无法接待。" in shown
    shown = page(send(client, day, day=DAY.isoformat()))
    assert "名额充足的最近日期" in shown and "12月9日 周三" in shown


def test_one_page_shows_all_parts_with_their_passes(client: FlaskClient, day: SimpleNamespace) -> None:
    answer = send(client, day, slot=day.value, email="g@example.com")
    assert answer.status_code == 303
    parts = list(queries.list_parts(db.session.scalars(select(Booking).order_by(Booking.id)).first()))  # type: ignore[arg-type]
    assert answer.location == f"/visits/{parts[0].key}"
    for number, part in enumerate(parts, start=1):
        shown = page(client.get(f"/visits/{part.key}"))
        assert "您的团队共120人，分3批参观" in shown and f"本页是第{number}批" in shown
        assert all(f"/visits/{each.key}/pass" in shown for each in parts)
    pdf = client.get(f"/visits/{parts[0].key}/pass.pdf").data
    codes = {code for sheet in pypdfium2.PdfDocument(pdf) for code in scan(sheet.render(scale=2).to_pil())}
    assert len(codes) == 3
    assert client.get(f"/visits/{parts[0].key}/visit.ics").data.count(b"BEGIN:VEVENT") == 3
    [mail] = mails()
    assert "09:00–10:30 40人 · 11:00–12:30 40人 · 14:00–15:30 40人" in mail.subject
    assert "人数：120" in mail.body and parts[2].reference[:4] in mail.body


def test_cancelling_and_the_contact_concern_all_parts(client: FlaskClient, day: SimpleNamespace) -> None:
    parts = place(day, email="g@example.com")
    client.get("/book")
    contact = {"what": "contact", "contact_name": "李四", "phone": "19900001099", "email": "g@example.com", "note": ""}
    assert client.submit(f"/visits/{parts[1].key}/change", contact).status_code == 303  # type: ignore[attr-defined]
    db.session.rollback()
    assert {one.contact_name for one in queries.list_parts(parts[0])} == {"李四"}
    assert client.submit(f"/visits/{parts[1].key}/cancel").status_code == 303  # type: ignore[attr-defined]
    assert states(parts) == ["cancelled"] * 3
    assert [slot.visitors_booked for slot in day.slots] == [0, 0, 0]
    assert len(mails()) == 2  # one about the booking, one about the cancellation


def test_the_staff_say_how_much_they_cancel(app: Flask, day: SimpleNamespace) -> None:
    parts, browser = place(day), signed_in(app, day.staff)
    address = f"/bookings/{parts[1].reference}"
    assert "大型团队：共120人，分3批" in page(browser.get(address))
    assert browser.submit(f"{address}/cancel", {"reply": ""}).status_code == 422
    assert states(parts) == ["confirmed"] * 3
    assert browser.submit(f"{address}/cancel", {"reply": "", "scope": "this"}).status_code == 303
    assert states(parts) == ["confirmed", "cancelled", "confirmed"]
    first = f"/bookings/{parts[0].reference}"
    assert browser.submit(f"{first}/cancel", {"reply": "", "scope": "parts"}).status_code == 303
    assert states(parts) == ["cancelled"] * 3


def test_a_whole_group_moves_to_another_day_or_stays(app: Flask, client: FlaskClient, day: SimpleNamespace) -> None:
    other, third = DAY.replace(day=9), DAY.replace(day=10)
    with transaction():
        for hour in (9, 11, 14):
            factories.slot(programme=day.tour, day=other, starts=time(hour), visitor_capacity=50, guide_capacity=2)
        for hour in (9, 11):
            factories.slot(programme=day.tour, day=third, starts=time(hour), visitor_capacity=50, guide_capacity=2)
    parts, browser = place(day, email="g@example.com"), signed_in(app, day.staff)
    client.get("/book")
    organiser = f"/visits/{parts[1].key}/move-parts"
    assert "14:00那一批" in page(client.submit(organiser, {"day": third.isoformat()}))  # type: ignore[attr-defined]
    assert "请选择日期" in page(client.submit(organiser, {"day": "tomorrow"}))  # type: ignore[attr-defined]
    assert {part.slot.day for part in queries.list_parts(parts[0])} == {DAY}

    assert "全部移至12月9日" in page(browser.get(f"/bookings/{parts[0].reference}?day={other}"))
    assert browser.submit(f"/bookings/{parts[0].reference}/move-parts", {"day": other.isoformat()}).status_code == 303
    db.session.rollback()
    moved = queries.list_parts(parts[0])
    assert [(part.slot.day, part.slot.visitors_booked) for part in moved] == [(other, 40)] * 3
    assert [slot.visitors_booked for slot in day.slots] == [0, 0, 0]
    assert len(mails()) == 2 and mails()[1].body.count("12月9日") >= 1

    assert client.submit(organiser, {"day": DAY.isoformat()}).status_code == 303  # type: ignore[attr-defined]
    with transaction():
        service.move(db.session.get_one(Booking, parts[2].id), first_slot(day.tour, third), by=by_staff(day.staff.id))
        assert recount(day.hall.id) == []
    with transaction():
        parties.cancel(db.session.get_one(Booking, parts[0].id), by=by_staff(day.staff.id))
    assert "12月5日 周六 09:00–10:30 40人 · 11:00–12:30 40人 · 12月10日 周四" in mails()[-1].body


def first_slot(tour: Programme, day: date) -> int:
    return next(slot.id for slot in schedule.list_slots_of_days(tour.hall_id, {day})[day])


def test_the_desk_and_the_paper_list_name_the_part(app: Flask, day: SimpleNamespace) -> None:
    parts, browser = place(day), signed_in(app, day.staff)
    for number, part in enumerate(parts, start=1):
        assert f"第{number}批（共3批）" in page(browser.submit("/desk/lookup", {"q": part.reference}))
    listed = page(browser.get(f"/desk/paper?day={DAY}"))
    assert [listed.count(f"第{number}批（共3批）") for number in (1, 2, 3)] == [1, 1, 1]
    with transaction():
        service.cancel(db.session.get_one(Booking, parts[0].id), by=by_staff(day.staff.id))
    assert "第1批（共2批）" in page(browser.get(f"/desk/paper?day={DAY}"))
    assert "本页是第1批" in page(browser.get(f"/visits/{parts[1].key}"))
    closed = {"visitor_capacity": "50", "guide_capacity": "2", "open": "0"}
    hit = browser.submit(f"/admin/calendar/slots/{day.slots[2].id}", closed)
    assert hit.status_code == 409 and "第2批（共2批）" in page(hit)


def test_staff_book_a_large_group_from_the_same_proposals(app: Flask, day: SimpleNamespace) -> None:
    browser: CheckingClient = signed_in(app, day.staff)
    form = typed(
        day.slots[0], **LARGE, day=DAY.isoformat(), source="phone", pass_language="zh", duplicate_accepted=None
    )
    shown = browser.submit("/bookings/new", form)
    assert (shown.status_code, f'value="{day.value}"' in page(shown)) == (422, True)
    assert browser.submit("/bookings/new", form | {"slot": day.value}).status_code == 303
    assert len(db.session.scalars(select(Booking)).all()) == 3


def test_a_review_is_answered_for_all_parts(app: Flask, day: SimpleNamespace) -> None:
    with transaction():
        day.hall.confirmation = Confirmation.REVIEW
    parts, browser = place(day, email="g@example.com"), signed_in(app, day.staff)
    assert states(parts) == ["requested"] * 3
    assert "审核结果适用于所有批次" in page(browser.get("/bookings/review"))
    assert browser.submit(f"/bookings/{parts[2].reference}/confirm").status_code == 303
    assert states(parts) == ["confirmed"] * 3
    assert len(mails()) == 2


def test_one_code_confirms_all_parts(client: FlaskClient, day: SimpleNamespace) -> None:
    with transaction():
        day.hall.confirm_by_code = True
    send(client, day, slot=day.value, email="g@example.com")
    parts = list(queries.list_parts(db.session.scalars(select(Booking).order_by(Booking.id)).first()))  # type: ignore[arg-type]
    assert states(parts) == ["requested"] * 3
    [mail] = mails()
    code = re.search(r"[0-9]{6}", mail.body)
    assert code
    assert client.get(f"/visits/{parts[0].key}").location == f"/visits/{parts[2].key}"
    typed_code = {"purpose": "hold", "code": code.group()}
    assert client.submit(f"/visits/{parts[2].key}/code", typed_code).status_code == 303  # type: ignore[attr-defined]
    assert states(parts) == ["confirmed"] * 3
    assert len(mails()) == 2


def test_reminders_lapses_and_no_shows_count_the_group_once(app: Flask, day: SimpleNamespace) -> None:
    with transaction():
        day.hall.no_show_tiers, day.hall.confirmation = pause_after(2), Confirmation.REVIEW
    lapsing = place(day, email="g@example.com")
    with time_machine.travel(day.slots[2].starts_at, tick=False), transaction():
        assert waiting.advance_waiting_list(day.hall) == 3
    assert states(lapsing) == ["lapsed"] * 3
    assert len(mails()) == 2

    with transaction():
        day.hall.confirmation = Confirmation.AT_ONCE
    parts = place(day, email="g@example.com", submission="again")
    with time_machine.travel(NOON.replace(day=4), tick=False), transaction():
        assert daily.remind(day.hall) == 1
    with time_machine.travel(NOON.replace(day=6), tick=False), transaction():
        assert absence.mark_absent_bookings(day.hall) == 3
    assert states(parts) == ["absent"] * 3
    assert db.session.scalar(select(Pause.id)) is None  # one no-show of two
    with transaction():
        absence.set_right(db.session.get_one(Booking, parts[0].id), by=SYSTEM)
    assert states(parts)[0] == BookingState.CONFIRMED
