"""The pages of what does not end in a booking at once: the waiting list, offers, review, pauses, a second booking."""

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.booking import service
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState, Pause
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.booking.helpers import MADE, command, page, typed, value_of
from tests.client import CheckingClient
from tests.office import NOON

pytestmark = pytest.mark.usefixtures("first_of_december")

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)


@pytest.fixture
def slot(app: Flask) -> Slot:
    """A time with room for one group of 20."""
    with transaction():
        hall = factories.hall(slots_until=MADE, offer_hours=6)
        return factories.slot(programme=factories.programme(hall=hall), day=DAY, visitor_capacity=20)


@pytest.fixture
def first(slot: Slot) -> Booking:
    """The group that took all of it."""
    return placed(slot, submission="first", phone="+8619900001099", organisation="先到的团队")


def placed(slot: Slot, **changes: object) -> Booking:
    with transaction():
        return service.place(command(slot, **changes))


def stored(key: str) -> Booking:
    db.session.rollback()
    return db.session.scalars(select(Booking).where(Booking.key == key)).one()


def join(client: CheckingClient, slot: Slot, **changes: str | None) -> str:
    """Join the waiting list of a slot; gives the address of the booking's page."""
    client.get("/book")
    answer = client.submit("/book", typed(slot, wait="y", **changes))
    assert answer.status_code == 303
    return str(answer.location)


def test_a_full_time_offers_its_waiting_list(client: CheckingClient, slot: Slot, first: Booking) -> None:
    shown = page(client.get(f"/book?day={DAY}"))
    assert re.search(rf'id="slot-{slot.id}"[^>]*data-wait', shown)
    assert not re.search(rf'id="slot-{slot.id}"[^>]*disabled', shown)
    assert "已满，可候补" in shown and "加入候补" in shown
    assert "届时名额为您保留6小时" in shown
    assert re.search(r'<button[^>]*name="show_day" value="2026-12-05"', shown)


def test_nobody_waits_for_a_time_that_could_never_hold_the_group(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    shown = page(client.submit("/book", typed(slot, **{"origins-0-visitors": "21"}) | {"refresh": "people"}))
    assert re.search(rf'id="slot-{slot.id}"[^>]*disabled', shown)
    assert "data-wait" not in shown and 'class="columns waits"' not in shown


def test_a_full_time_is_refused_and_then_waited_for_with_one_button(
    client: CheckingClient, slot: Slot, first: Booking
) -> None:
    client.get("/book")
    answer = client.submit("/book", typed(slot, note="轮椅"))
    shown = page(answer)
    assert answer.status_code == 409
    assert '<a href="#times">该场次余位已不足' in shown and "轮椅" in shown
    assert re.search(rf'id="slot-{slot.id}"[^>]*data-wait[^>]*checked', shown)
    assert 'class="columns waits"' in shown and '<button type="submit" class="join" name="wait" value="y">' in shown
    assert re.search(r'data-shows="slot">[^<]* · 候补<', shown)
    key = join(client, slot).rpartition("/")[2]
    assert stored(key).state is BookingState.WAITLISTED
    assert slot.visitors_booked == 20


def test_the_waiting_page_says_who_is_before_and_how_to_leave(
    client: CheckingClient, slot: Slot, first: Booking
) -> None:
    address = join(client, slot, email="g@example.com")
    later = join(client, slot, submission="later", phone="19900001051", organisation="后到的团队")
    shown = page(client.get(address))
    assert "候补中" in shown and "您排在候补的第一位" in shown and "我们也会发邮件到g@example.com" in shown
    assert "退出候补" in shown and "/pass" not in shown
    shown = page(client.get(later))
    assert "您前面还有1个候补团队" in shown and "请不时查看本页" in shown
    with transaction():
        slot.open = False  # as when a manager closes the day and leaves the waiting groups as they are
    assert "展馆已关闭这个场次" in page(client.get(address))
    client.submit(f"{address}/cancel")
    assert "您排在候补的第一位" in page(client.get(later))
    assert "已取消" in page(client.get(address))


def test_an_offer_is_taken_on_its_page(client: CheckingClient, slot: Slot, first: Booking) -> None:
    address = join(client, slot)
    with transaction():
        service.cancel(first)
    shown = page(client.get(address))
    assert "候补成功，待您确认" in shown and "名额为您保留到12月1日 周二 18:00" in shown
    assert f'action="{address}/take"' in shown and f'action="{address}/cancel"' in shown
    assert "/change" not in shown
    answer = client.submit(f"{address}/take")
    assert (answer.status_code, answer.location) == (303, address)
    shown = page(client.get(address))
    assert "已预约" in shown and f'href="{address}/pass"' in shown
    assert client.get(f"{address}/pass").status_code == 200


def test_an_offer_given_up_goes_to_the_next_group(client: CheckingClient, slot: Slot, first: Booking) -> None:
    address = join(client, slot)
    later = join(client, slot, submission="later", phone="19900001051", organisation="后到的团队")
    with transaction():
        service.cancel(first)
    client.get(address)
    client.submit(f"{address}/cancel")
    assert "已取消" in page(client.get(address))
    assert "已有足够整个团队的名额" in page(client.get(later))


def test_an_offer_lapses_by_itself_and_goes_on(client: CheckingClient, slot: Slot, first: Booking) -> None:
    address = join(client, slot)
    later = join(client, slot, submission="later", phone="19900001051", organisation="后到的团队")
    with transaction():
        service.cancel(first)
    client.get(address)
    with time_machine.travel(NOON + timedelta(hours=6), tick=False):
        answer = client.submit(f"{address}/take")
        assert answer.status_code == 409
        assert "现在无法办理：预约状态已变化" in page(answer) and "此预约已失效" in page(answer)
        shown = page(client.get(address))
        assert "已失效" in shown and "重新预约" in shown and "/cancel" not in shown
        assert "已有足够整个团队的名额" in page(client.get(later))


def test_the_booking_page_lets_offers_lapse_before_it_says_what_is_free(
    client: CheckingClient, slot: Slot, first: Booking
) -> None:
    join(client, slot)
    with transaction():
        service.cancel(first)
    assert "余20位" not in page(client.get(f"/book?day={DAY}"))
    with time_machine.travel(NOON + timedelta(hours=6), tick=False):
        assert "余20位" in page(client.get(f"/book?day={DAY}"))


def test_taking_needs_the_token_and_an_offer(client: CheckingClient, slot: Slot, first: Booking) -> None:
    address = join(client, slot)
    assert client.post(f"{address}/take").status_code == 400
    client.get(address)
    assert client.submit(f"{address}/take").status_code == 409
    assert client.submit("/visits/" + "x" * 32 + "/take").status_code == 404


def test_a_hall_that_reviews_says_so_before_and_after(client: CheckingClient, slot: Slot) -> None:
    with transaction():
        slot.programme.confirmation = Confirmation.REVIEW
    shown = page(client.get("/book"))
    assert "本馆的预约需要审核，几天内会" in shown and "申请这个时间" in shown
    answer = client.submit("/book", typed(slot, email="g@example.com"))
    shown = page(client.get(answer.location))
    assert "待答复" in shown and "答复会显示在本页，并发送到g@example.com" in shown
    assert "/pass" not in shown and f"{answer.location}/change?what=time" in shown
    booking = stored(answer.location.rpartition("/")[2])
    staff = factories.make(factories.staff, hall=booking.hall)
    with transaction():
        service.decline(booking, by=by_staff(staff.id), reply="当天另有活动。\n<请改期>")
    shown = page(client.get(answer.location))
    assert "未通过" in shown and "当天另有活动。 &lt;请改期&gt;" in shown and "重新预约" in shown
    assert "/change" not in shown and "/cancel" not in shown


def test_what_the_hall_confirmed_grows_and_moves_by_the_hall_only(client: CheckingClient, slot: Slot) -> None:
    with transaction():
        slot.visitor_capacity = 50
        slot.programme.confirmation = Confirmation.REVIEW
        booking = service.place(command(slot))
        service.confirm(booking, by=by_staff(factories.staff(hall=booking.hall).id))
    address = f"/visits/{booking.key}"
    shown = page(client.get(address))
    assert '如需增加人数或改时间，请致电展馆：<a class="number" href="tel:02083450000">020 8345 0000</a>' in shown
    assert "what=people" in shown and "what=time" not in shown
    client.get(f"{address}/change?what=people")
    more = {"what": "people", "origins-0-division": "440000", "origins-0-visitors": "21"}
    answer = client.submit(f"{address}/change", more)
    assert answer.status_code == 409 and "改时间或增加人数，请致电展馆" in page(answer)
    assert client.submit(f"{address}/change", {**more, "origins-0-visitors": "19"}).status_code == 303


def test_a_cancellation_by_the_hall_gives_its_words(client: CheckingClient, slot: Slot, first: Booking) -> None:
    with transaction():
        service.cancel(first, by=by_staff(factories.staff(hall=first.hall).id), reply="因检修闭馆，敬请谅解。")
    shown = page(client.get(f"/visits/{first.key}"))
    assert "展馆已取消此预约。" in shown and "因检修闭馆，敬请谅解。" in shown


def pause(booking: Booking) -> None:
    with transaction():
        booking.hall.appeal = booking.hall.appeal.updated({"zh": "可在十日内提交说明，由馆长复核。"})
        db.session.add(
            Pause(
                hall_id=booking.hall_id,
                booking_id=booking.id,
                phone=booking.phone,
                absences=3,
                since=date(2026, 11, 1),
                until=date(2027, 1, 29),
            )
        )


def test_a_paused_group_is_asked_to_call_and_reads_how_to_appeal(
    client: CheckingClient, slot: Slot, first: Booking
) -> None:
    pause(first)
    client.get("/book")
    answer = client.submit("/book", typed(slot, phone="19900001099", note="轮椅"))
    shown = page(answer)
    assert answer.status_code == 409
    assert '<a href="#phone">此预约无法在网上办理。请致电展馆，我们会为您处理。' in shown
    assert "爽约" not in shown and "2027年1月29日" not in shown  # a stranger may have typed this number
    assert (
        "可在十日内提交说明，由馆长复核。" in shown
        and '如认为有误，请致电展馆：<a class="number" href="tel:02083450000">020 8345 0000</a>' in shown
    )
    assert value_of(answer, "phone") == "19900001099" and "轮椅" in shown


def test_an_absent_group_sees_its_pause_and_the_appeal(client: CheckingClient, slot: Slot, first: Booking) -> None:
    pause(first)
    with transaction():
        first.state = BookingState.ABSENT
    shown = page(client.get(f"/visits/{first.key}"))
    assert "未到馆" in shown and "本次参观没有贵团队的到馆记录" in shown
    assert "至2027年1月29日 周五为止" in shown and "可在十日内提交说明，由馆长复核。" in shown


def test_an_arrived_group_is_welcome(client: CheckingClient, slot: Slot, first: Booking) -> None:
    with transaction():
        first.state = BookingState.ARRIVED
    shown = page(client.get(f"/visits/{first.key}"))
    assert "已到馆" in shown and "祝参观愉快" in shown and "/pass" in shown and "/change" not in shown


def test_a_second_booking_on_a_day_is_asked_for_without_telling_of_the_first(
    client: CheckingClient, slot: Slot
) -> None:
    """The browser that knows the first booking is asked; any other one gets the same answer as if there were none."""
    other = factories.make(factories.slot, programme=slot.programme, day=DAY, starts=time(14))
    before = placed(slot, contact_name="李四")
    stranger = client.application.test_client()
    stranger.get("/book")
    answer = stranger.submit("/book", typed(other, submission="stranger", duplicate_accepted=None))
    assert answer.status_code == 303 and before.reference not in page(stranger.get(answer.location))
    client.get(f"/visits/{before.key}")
    assert 'name="duplicate_accepted"' not in page(client.get("/book"))
    answer = client.submit("/book", typed(other, submission="second", duplicate_accepted=None))
    shown = page(answer)
    assert answer.status_code == 409
    assert '<a href="#duplicate_accepted">这个单位或电话当天已有预约' in shown
    assert "在12月5日 周六已有预约。是的，这是另一个团队。" in shown
    assert not re.search(r'name="duplicate_accepted"[^>]*checked', shown)
    for secret in (before.key, before.reference, "李四"):
        assert secret not in shown
    assert client.submit("/book", typed(other, submission="second")).status_code == 303


def test_the_halls_notice_stands_on_the_booking_page(client: CheckingClient, slot: Slot) -> None:
    with transaction():
        slot.programme.hall.notice = slot.programme.hall.notice.updated({"zh": "十二月东门施工，\n请走西门。"})
    assert "十二月东门施工， 请走西门。" in page(client.get("/book"))


def test_the_cut_off_is_said_before_booking(client: CheckingClient, slot: Slot) -> None:
    assert "参观开始之前，您可以随时更改或取消。" in page(client.get("/book"))
    with transaction():
        slot.programme.change_hours = 24
    assert "您可以在参观前24小时之前更改或取消。" in page(client.get("/book"))
