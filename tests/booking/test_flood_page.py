"""The page on which a manager finds and cancels a flood of online bookings."""

import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.booking import service
from hallapp.booking.models import Booking, BookingState, Source
from hallapp.booking.recount import recount
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from tests.booking.helpers import command, page
from tests.office import NOON, make_office, signed_in


@pytest.fixture(autouse=True)
def clockwork() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


@pytest.fixture
def office(app: Flask, clockwork: Any) -> SimpleNamespace:
    """An honest booking hours ago, and a flood of six from one network with numbered names."""
    made = make_office()
    with transaction():
        made.morning.visitor_capacity = 500
    made.honest = place(made, 100, organisation="广州市第三中学", network="a" * 32, email="school@example.com")
    clockwork.shift(timedelta(hours=2))
    made.flood = [place(made, number, network="f" * 32, email=f"x{number}@example.com") for number in range(6)]
    made.client = signed_in(app, made.manager)
    return made


def place(made: SimpleNamespace, number: int, **changes: Any) -> Booking:
    own = {"submission": f"s{number}", "phone": f"+8613800{number:06}", "organisation": f"测试团队{number}号"}
    with transaction():
        return service.place(command(made.morning, **own | changes))


def states() -> dict[str, BookingState]:
    db.session.rollback()
    db.session.expire_all()
    return {row.reference: row.state for row in db.session.scalars(select(Booking))}


def choose(made: SimpleNamespace, by: str) -> str:
    """The address of the largest pattern's list."""
    shown = made.client.get(f"/bookings/flood?by={by}").text
    found = re.search(rf'href="(/bookings/flood\?[^"]*by={by}[^"]*group=[^"#]*)', shown)
    assert found
    return found.group(1).replace("&amp;", "&")


@pytest.mark.parametrize("by", ["network", "hour", "phone", "organisation"])
def test_a_flood_is_found_by_what_it_shares(office: SimpleNamespace, by: str) -> None:
    shown = page(office.client.get(choose(office, by)))
    ticked = set(re.findall(r'name="booking" value="(\w+)" checked', shown))
    flood = {row.reference for row in office.flood}
    # Numbers that only differ at their ends include the honest one here; everything else tells the two apart.
    assert ticked == (flood | {office.honest.reference} if by == "phone" else flood)
    assert "13800000000" not in choose(office, by)


def test_the_ticked_ones_are_cancelled_in_one_act(office: SimpleNamespace) -> None:
    path = choose(office, "network")
    office.client.get(path)
    spared, *gone = office.flood
    references = [row.reference for row in gone]
    answer = office.client.submit(path, {"booking": references, "reason": "机器批量预约"})
    assert (answer.status_code, "cancelled=5" in answer.location) == (303, True)
    assert "已取消5个预约。" in page(office.client.get(answer.location))
    after = states()
    assert {after[reference] for reference in references} == {BookingState.CANCELLED}
    assert after[spared.reference] is after[office.honest.reference] is BookingState.CONFIRMED
    with transaction():
        assert recount(office.hall.id) == []
    kinds = [mail.kind for mail in db.session.scalars(select(OutboxMessage))]
    assert set(kinds) == {"booking_placed"}
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "flood_cancelled")).one()
    assert entry.detail == {"rows": 5, "people": 100, "reason": "机器批量预约", "told": False}
    assert "批量取消了预约" in page(office.client.get("/admin/audit"))


def test_organisers_are_told_where_the_manager_wants_it(office: SimpleNamespace) -> None:
    path = choose(office, "network")
    office.client.get(path)
    sent = {"booking": [office.flood[0].reference], "reason": "请重新预约", "tell": "y"}
    assert office.client.submit(path, sent).status_code == 303
    mail = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert mail and (mail.recipient, mail.kind) == ("x0@example.com", "booking_cancelled_by_hall")
    assert "请重新预约" in mail.body


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"reason": ""}, "请填写取消原因。"),
        ({"reason": "x" * 201}, "请缩短到200个字以内。"),
        ({"reason": "x", "booking": []}, "请勾选要取消的预约。"),
    ],
)
def test_what_is_missing_is_said_and_ticks_stay(office: SimpleNamespace, sent: dict[str, Any], message: str) -> None:
    path = choose(office, "network")
    office.client.get(path)
    references = [row.reference for row in office.flood[:2]]
    answer = office.client.submit(path, {"booking": references, **sent})
    shown = page(answer)
    assert answer.status_code == 422 and message in shown
    still = [] if "booking" in sent else references[::-1]
    assert re.findall(r'name="booking" value="(\w+)" checked', shown) == still
    assert BookingState.CANCELLED not in states().values()


def test_others_bookings_and_odd_references_are_left_alone(office: SimpleNamespace) -> None:
    other = make_office()
    elsewhere = place(other, 7)
    path = choose(office, "network")
    odd = [elsewhere.reference, "\0", "K7M2\0-9QXT", "²", "x" * 5_000, ""]
    office.client.get(path)
    assert office.client.submit(path, {"booking": odd, "reason": "x"}).status_code in (303, 422)
    assert states()[elsewhere.reference] is BookingState.CONFIRMED


def test_the_staffs_own_bookings_are_no_flood(office: SimpleNamespace) -> None:
    staffs = [place(office, 50 + n, source=Source.PHONE, network="f" * 32) for n in range(2)]
    shown = page(office.client.get(choose(office, "network")))
    assert not any(row.reference in shown for row in staffs)


@pytest.mark.parametrize("query", ["hours=x&by=y", "hours=99999999999&by=network&group=%00", "by=hour&group=nothing"])
def test_an_odd_address_shows_the_page(office: SimpleNamespace, query: str) -> None:
    assert office.client.get(f"/bookings/flood?{query}").status_code == 200


def test_the_brake_is_shown_and_lifted(app: Flask, office: SimpleNamespace) -> None:
    with transaction():
        office.hall.brake_per_hour = 6
    assert "正在限流" not in page(office.client.get("/bookings"))
    assert place(office, 20).state is BookingState.REQUESTED
    assert "正在限流" in page(office.client.get("/bookings"))
    assert "自12月1日 周二 14:00起正在限流。" in page(office.client.get("/bookings/flood"))
    answer = office.client.submit("/bookings/brake/lift")
    assert "限流已解除" in page(office.client.get(answer.location))
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "brake_lifted")).one()
    assert office.client.submit("/bookings/brake/lift").status_code == 303
    desk = signed_in(app, office.desk)
    assert "批量清理" not in page(desk.get("/bookings"))
