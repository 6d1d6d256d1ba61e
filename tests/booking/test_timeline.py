"""The timeline of the organiser's page: what happened, who did it, from what to what, and why."""

from datetime import date, time, timedelta

import pytest
import time_machine
from flask import Flask

from hallapp.booking import service
from hallapp.booking.lifecycle import ORGANISER, by_staff, note
from hallapp.booking.models import Booking, Verb
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.booking.helpers import MADE, command, page
from tests.client import CheckingClient
from tests.office import NOON

pytestmark = pytest.mark.usefixtures("first_of_december")

DAY = date(2026, 12, 5)


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE, confirmation=Confirmation.REVIEW)
        return factories.slot(programme=factories.programme(hall=hall), day=DAY, visitor_capacity=20)


def steps(client: CheckingClient, booking: Booking, *, reader: str = "zh") -> list[str]:
    shown = page(client.get(f"/visits/{booking.key}?lang={reader}"))
    lines = shown.split('<ol class="timeline">')[1].split("</ol>")[0].split("<li>")[1:]
    return [line.split("</span>", 1)[1].replace("</span>", "").replace("</li>", "").strip() for line in lines]


def test_each_step_says_who_did_what(client: CheckingClient, slot: Slot) -> None:
    other = factories.make(factories.slot, programme=slot.programme, day=DAY + timedelta(days=3), starts=time(14))
    with transaction():
        booking = service.place(command(slot))
        staff = by_staff(factories.staff(hall=booking.hall).id)
        service.confirm(booking, by=staff)
        service.change_people(booking, (("440000", 12),))
        service.move(booking, other.id, by=staff, reason="设备检修")
    assert steps(client, booking) == [
        "<span>已收到预约申请",
        "<span>展馆已确认",
        "<span>人数由20人改为12人",
        '<span>展馆将时间由12月5日 周六 09:30改为12月8日 周二 14:00<br><span class="quiet typed">展馆留言：设备检修',
    ]
    english = steps(client, booking, reader="en")
    assert english[2] == "<span>Changed from 20 to 12 people"
    assert english[3].startswith("<span>Moved by the hall from Sat 5 Dec, 09:30 to Tue 8 Dec, 14:00")


def test_a_cancellation_by_the_hall_gives_its_reason(client: CheckingClient, slot: Slot) -> None:
    with transaction():
        booking = service.place(command(slot))
        service.cancel(booking, by=by_staff(factories.staff(hall=booking.hall).id), reply="因检修闭馆")
    cancelled, message = steps(client, booking)[-2:]
    assert cancelled == "<span>展馆已取消"
    assert message == '<span>展馆留言<br><span class="quiet typed">因检修闭馆'


def test_the_message_of_the_hall_has_a_line_of_its_own_beside_what_it_is_about(
    client: CheckingClient, slot: Slot
) -> None:
    with time_machine.travel(NOON - timedelta(hours=3)), transaction():
        booking = service.place(command(slot))
        service.decline(booking, by=by_staff(factories.staff(hall=booking.hall).id), reply="当日满额")
    with time_machine.travel(NOON), transaction():
        note(db.session.merge(booking), Verb.RELINKED, by=ORGANISER, before=booking.state)
    shown = steps(client, booking, reader="en")
    assert [line.split("<br>")[0] for line in shown] == [
        *(
            "<span>Request received",
            "<span>Declined by the hall",
            "<span>Message from the hall",
            "<span>New private link",
        ),
    ]
    times = page(client.get(f"/visits/{booking.key}?lang=en")).split('<ol class="timeline">')[1]
    assert times.count("09:00") == 3 and times.count("12:00") == 1


def test_a_waiting_group_that_leaves_reads_that_it_did_so_itself(client: CheckingClient, slot: Slot) -> None:
    with transaction():
        service.place(command(slot))
        waits = service.place(command(slot, submission="w", wait=True, phone="+8619900001077", organisation="后到"))
        service.cancel(waits)
    assert steps(client, waits) == ["<span>已加入候补", "<span>您已取消"]
    shown = page(client.get(f"/visits/{waits.key}"))
    assert "此预约已取消。" in shown and "凭证" not in shown and "到馆须知" not in shown
