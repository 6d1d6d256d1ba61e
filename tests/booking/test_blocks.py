"""The block list: what a blocked group can do online and with the staff, its end, its history, and erasing."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.booking import blocks, retention, service
from hallapp.booking.blocks import AddBlock
from hallapp.booking.errors import Blocked, NotOnline
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Block, BookingState
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.kinds.standard import INDIVIDUAL
from tests.booking.helpers import command, page, typed
from tests.client import CheckingClient
from tests.office import NOON, again, make_office, signed_in
from tests.queries import Queries

pytestmark = pytest.mark.usefixtures("first_of_december")
PHONE = "+8619900005555"
OTHER = "+8619900006666"
REASON = "多次以虚假单位预约。"


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    return make_office()


def block(office: SimpleNamespace, *, days: int | None = 30, **who: str) -> Block:
    until = None if days is None else NOON.date() + timedelta(days=days)
    wanted = {"phone": None, "organisation": None, **who}
    with transaction():
        return blocks.add(AddBlock(hall_id=office.hall.id, reason=REASON, until=until, **wanted), by=by_staff(None))


def refusal(office: SimpleNamespace, **values: object) -> type[DomainError] | None:
    try:
        with transaction():
            service.place(command(office.morning, submission=str(values), **values))
    except DomainError as error:
        return type(error)
    return None


@pytest.mark.either_database
def test_a_block_holds_for_its_phone_or_organisation_until_its_last_day(office: SimpleNamespace) -> None:
    staff = by_staff(office.manager.id)
    block(office, phone=PHONE)
    named = block(office, organisation="广州市 东风学校", days=None)
    assert refusal(office, phone=PHONE) is NotOnline
    assert refusal(office, phone=OTHER) is None
    same_name = {"phone": OTHER, "organisation": "广州市东风学校"}
    assert refusal(office, **same_name) is NotOnline
    assert refusal(office, **same_name, kind=INDIVIDUAL) is None  # many people share a name
    assert refusal(office, phone=PHONE, by=staff) is Blocked
    assert refusal(office, phone=PHONE, by=staff, block_accepted=True) is None
    assert refusal(make_office(), phone=PHONE) is None  # another hall
    with transaction():
        blocks.lift(office.hall.id, named.number, by=staff)
    assert refusal(office, **same_name, note="-") is None
    with time_machine.travel(NOON + timedelta(days=30), tick=False):
        assert [one.phone for one in blocks.list_in_force(again(office.hall))] == [PHONE]
    with time_machine.travel(NOON + timedelta(days=31), tick=False):
        assert blocks.list_in_force(again(office.hall)) == []
        assert len(blocks.list_ended(again(office.hall))) == 2


def test_a_blocked_group_gets_no_more_places_online_but_may_cancel(office: SimpleNamespace) -> None:
    with transaction():
        booking = service.place(command(office.morning, phone=PHONE))
        waiting = service.place(command(office.morning, phone=PHONE, submission="w", duplicate_accepted=True))
        waiting.state, waiting.offered_until = BookingState.OFFERED, NOON + timedelta(hours=1)
    block(office, phone=PHONE)
    for act in (
        lambda: service.move(again(booking), office.afternoon.id),
        lambda: service.change_people(again(booking), (("440000", 21),)),
        lambda: service.take_offer(again(waiting)),
    ):
        with pytest.raises(NotOnline), transaction(), Queries() as queries:
            act()
        assert sum("block" in sent for sent in queries.sent) == 1, "the record of a group is read once"
    with transaction():
        service.change_people(again(booking), (("440000", 10),))
        service.move(again(booking), office.afternoon.id, by=by_staff(office.manager.id))
        service.cancel(again(booking))
    assert again(booking).state is BookingState.CANCELLED


def test_managers_block_and_lift_and_nobody_else_reads_the_reason(
    app: Flask, client: CheckingClient, manager: CheckingClient, office: SimpleNamespace
) -> None:
    sent = {"phone": "199 0000 5555", "organisation": "", "reason": REASON, "until": "2026-12-31"}
    manager.get("/bookings/blocks")
    for wrong, field in (
        ({"phone": ""}, "organisation"),
        ({"phone": "12"}, "phone"),
        ({"organisation": "…"}, "organisation"),
        ({"reason": " "}, "reason"),
        ({"until": ""}, "until"),
        ({"no_end": "y"}, "until"),
        ({"until": "2026-11-30"}, "until"),
    ):
        answer = manager.submit("/bookings/blocks", sent | wrong)
        assert answer.status_code == 422 and f'id="{field}-error"' in page(answer), wrong
    for _click in range(2):
        assert manager.submit("/bookings/blocks", sent).location == "/bookings/blocks?done=added"
    [row] = db.session.scalars(select(Block))
    assert (row.phone, row.until.isoformat(), row.made_by_id) == (PHONE, "2026-12-31", office.manager.id)
    client.get("/book")
    refused = page(client.submit("/book", typed(office.morning, phone="19900005555")))
    assert "请致电展馆" in refused and "020 8345 0000" in refused
    assert REASON not in refused and "黑名单" not in refused
    assert signed_in(app, office.desk).get("/bookings/blocks").status_code == 403
    stranger = signed_in(app, make_office().manager)
    assert stranger.submit("/bookings/blocks/1/lift").status_code == 404
    for _click in range(2):
        assert manager.submit("/bookings/blocks/1/lift").location == "/bookings/blocks?done=lifted"
    assert REASON in page(manager.get("/bookings/blocks"))  # among the earlier entries
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject == "block 1").order_by(AuditEntry.id)
    ).all()
    assert [entry.action for entry in entries] == ["block_added", "block_lifted"]
    assert "虚假" not in str([entry.detail for entry in entries])


@pytest.mark.either_database
def test_a_block_outlives_the_erasure_of_a_person(manager: CheckingClient, office: SimpleNamespace) -> None:
    with transaction():
        booking = service.place(command(office.morning, phone=PHONE))
    block(office, phone=PHONE)
    ended = block(office, phone=PHONE, days=1, organisation="东风学校")
    with transaction():
        blocks.lift(office.hall.id, ended.number, by=by_staff(None))
    with transaction():
        retention.erase_bookings(again(office.hall), [again(booking)])
    rows = db.session.scalars(select(Block).order_by(Block.number).execution_options(populate_existing=True)).all()
    assert [(row.reason, row.known_phone, row.organisation) for row in rows] == [("", None, None)] * 2
    assert refusal(office, phone=PHONE) is NotOnline
    assert refusal(office, phone=OTHER) is None
    assert page(manager.get("/bookings/blocks?lang=en")).count("Details erased") == 2
    with time_machine.travel(NOON + timedelta(days=240), tick=False), transaction():
        retention.erase(again(office.hall))
        assert db.session.scalars(select(Block.phone)).all() == [None, None]


def test_a_booking_says_that_its_group_is_blocked_or_leads_to_the_form(
    manager: CheckingClient, office: SimpleNamespace
) -> None:
    with transaction():
        group = service.place(command(office.morning, phone=PHONE, organisation="东风学校"))
        one = service.place(command(office.morning, phone=OTHER, organisation="何秀珍", kind=INDIVIDUAL))
    link = f"/bookings/blocks?reference={group.reference}"
    assert link in page(manager.get(f"/bookings/{group.reference}"))
    filled = page(manager.get(link))
    assert 'value="199 0000 5555"' in filled and 'value="东风学校"' in filled
    assert "何秀珍" not in page(manager.get(f"/bookings/blocks?reference={one.reference}"))
    assert manager.get("/bookings/blocks?reference=NOTHING").status_code == 404
    block(office, organisation="东风学校")
    told = page(manager.get(f"/bookings/{group.reference}"))
    assert "该团队在限制名单中" in told and link not in told


def test_what_identifies_a_group_is_erased_after_the_end_and_not_before(office: SimpleNamespace) -> None:
    block(office, phone=PHONE, organisation="东风学校")
    block(office, phone=OTHER, days=None)
    for days, left in ((200, [REASON, REASON]), (240, ["", REASON])):
        with time_machine.travel(NOON + timedelta(days=days), tick=False), transaction():
            retention.erase(again(office.hall))
        rows = db.session.scalars(select(Block).order_by(Block.number).execution_options(populate_existing=True)).all()
        assert [row.reason for row in rows] == left
    assert (rows[0].phone, rows[0].organisation, rows[0].organisation_key, rows[1].phone) == (None, None, None, OTHER)
