"""What an organiser does with a booking on its page: bring fewer people, come on another day, wait, take an offer."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from hallapp.booking import service
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall, Programme, Slot
from tests import factories
from tests.booking.helpers import command
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.steps import WORDS, download_pdf
from tests.conftest import tried
from tests.passes.reading import picture, scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A programme of its own on the stage: a time that one group fills, and two with room on later days."""

    programme_id: int
    slug: str
    full_id: int
    free_id: int
    other_id: int
    filled_by: Booking

    def phone(self, number: int) -> str:
        """A phone that no other journey has."""
        return f"199{self.programme_id:04d}{number:04d}"


STANDS = ("coming", "cancelled", "absent", "requested")
LONG_NAME = "新疆维吾尔自治区喀什地区疏附县托克扎克镇第三期民营企业党组织书记暨妇女联合会主席综合能力提升专题研修班"

WHO = [
    pytest.param("zh", PHONE, "postgresql_stage", True, id="zh-360-postgresql"),
    pytest.param("en", DESKTOP, "stage", False, id="en-1280-sqlite-without-script"),
    pytest.param("en", DESKTOP, "stage", True, id="en-1280-sqlite"),
    pytest.param("zh", PHONE, "stage", False, id="zh-360-sqlite-without-script"),
]
SAID = {
    "zh": {
        "fewer": "已改为12人。",
        "moved": "已改到",
        "first": "您排在候补的第一位",
        "offer": "已有足够整个团队的名额",
    },
    "en": {
        "fewer": "Changed to 12 people.",
        "moved": "Moved to",
        "first": "You are the first on the waiting list.",
        "offer": "There is room for your whole group.",
    },
}


@pytest.mark.parametrize(("language", "size", "stage_name", "script"), tried(WHO, 1))
def test_a_booking_shrinks_moves_waits_and_takes_an_offer(
    open_page: Opener,
    request: pytest.FixtureRequest,
    language: str,
    size: dict[str, int],
    stage_name: str,
    script: bool,
) -> None:
    stage: Scene = request.getfixturevalue(stage_name)
    said = SAID[language]
    room = prepare(stage)

    organiser = open_page(size=size, language=language, java_script_enabled=script)
    _book(organiser, stage, room, room.free_id, number=1)
    _change(organiser, "people")
    organiser.fill("[name=origins-0-visitors]", "12")
    organiser.locator("#check button").click()
    expect(organiser.locator(".notice.good").first).to_contain_text(said["fewer"])

    waiting = open_page(size=size, language=language, java_script_enabled=script)
    _book(waiting, stage, room, room.full_id, number=2)
    expect(waiting.get_by_role("main")).to_contain_text(said["first"])

    filler = open_page(size=size, language=language, java_script_enabled=script)
    filler.goto(stage.url(f"/visits/{room.filled_by.key}"))
    filler.locator("details.cancel summary").click()
    filler.locator("details.cancel button").click()
    expect(filler.locator("a[href^='/book']").first).to_be_visible()

    waiting.goto(waiting.url)
    expect(waiting.locator("#offer")).to_contain_text(said["offer"])
    waiting.locator("form[action$='/take'] button").click()
    waiting.locator("main a", has_text=WORDS[language].show_pass).click()
    expect(waiting.locator("svg.pass-code")).to_be_visible()
    [code] = scan(picture(download_pdf(waiting, stage, WORDS[language])))
    assert code.startswith(f"{stage.live.url}/T/".upper())

    _change(organiser, "time")
    organiser.locator(f"#day-{_day(stage, room.other_id)}").click()
    organiser.locator(f"#slot-{room.other_id}").check()
    organiser.locator("#check button").click()
    expect(organiser.locator(".notice.good").first).to_contain_text(said["moved"])
    assert _booked(stage, room.free_id, room.other_id, room.full_id) == [0, 12, 20]


def test_the_button_joins_the_waiting_list_of_a_full_time_only(open_page: Opener, stage: Scene) -> None:
    room = prepare(stage)
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url(f"/book?programme={room.slug}&day={_day(stage, room.full_id)}"))
    book, join = page.locator("button.book"), page.locator("button.join")
    expect(join).to_be_hidden()
    page.locator(f"#slot-{room.full_id}").check()
    expect(book).to_be_hidden()
    expect(join).to_have_text("加入候补")
    expect(page.locator("#summary [data-shows=slot]")).to_contain_text("候补")
    expect(page.locator(f"label:has(#slot-{room.full_id}) + #nearest")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"\?slot={room.full_id}$"))

    page.locator(f"#day-{_day(stage, room.free_id)}").click()
    page.locator(f"#slot-{room.free_id}").check()
    expect(book).to_have_text("提交预约")
    expect(join).to_be_hidden()


def prepare(stage: Scene) -> Room:
    """A room of its own for one journey."""
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        programme = factories.programme(hall=hall, name_zh="专题课", name_en="Themed class", position=9)
        full, free, other = (
            _slot(stage, programme, days=days, places=places) for days, places in ((3, 20), (5, 40), (7, 40))
        )
        filling = command(
            full,
            submission=f"filler-{programme.id}",
            phone=f"+86199{programme.id:04d}0000",
            organisation=f"占满团队 {programme.slug}",
        )
        return Room(
            programme_id=programme.id,
            slug=programme.slug,
            full_id=full.id,
            free_id=free.id,
            other_id=other.id,
            filled_by=service.place(filling),
        )


def stand(stage: Scene, room: Room) -> dict[str, str]:
    """Addresses of bookings of a room, by where each stands."""
    with stage.live.app.app_context(), transaction():
        programme = db.session.get_one(Programme, room.programme_id)
        staff = by_staff(factories.staff(hall=programme.hall).id)
        slots = {name: _slot(stage, programme, days=9 + number, places=20) for number, name in enumerate(STANDS)}

        def place(name: str, slot: Slot, number: int) -> Booking:
            texts = {"submission": f"{room.slug}-{number}", "organisation": f"{LONG_NAME}（{name}）"}
            return service.place(command(slot, wait=True, phone=f"+86{room.phone(number)}", **texts))

        bookings = {name: place(name, slot, 10 + number) for number, (name, slot) in enumerate(slots.items())}
        waiting = place("offered", slots["cancelled"], 30)
        service.cancel(bookings["cancelled"], by=staff, reply="因设备检修，当天闭馆，敬请谅解。\n欢迎改约其他日期。")
        bookings |= {"offered": waiting, "waiting": place("waiting", slots["coming"], 31)}
        bookings["absent"].state = BookingState.ABSENT
        bookings["requested"].state = BookingState.REQUESTED
        return {name: f"/visits/{booking.key}" for name, booking in bookings.items()}


def _slot(stage: Scene, programme: Programme, *, days: int, places: int) -> Slot:
    starts_at = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days, hours=2)
    return factories.slot(
        programme=programme,
        day=clock.local_day(starts_at, stage.time_zone),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=programme.minutes),
        visitor_capacity=places,
    )


def _book(page: Page, stage: Scene, room: Room, slot_id: int, *, number: int) -> None:
    """Book one time of the room; where it is full, wait for it."""
    page.goto(stage.url(f"/book?programme={room.slug}&day={_day(stage, slot_id)}"))
    page.locator(f"#slot-{slot_id}").check()
    page.fill("[name=organisation]", f"候补检验团 {room.slug}-{number}")
    page.select_option("[name=kind]", "union")
    page.select_option("[name=origins-0-division]", "440000")
    page.fill("[name=origins-0-visitors]", "20")
    page.fill("[name=contact_name]", "何秀珍")
    page.fill("[name=phone]", room.phone(number))
    page.check("[name=consent]")
    page.locator("button.join" if slot_id == room.full_id else "button.book").click()
    page.wait_for_url("**/visits/*")


def _change(page: Page, what: str) -> None:
    page.locator(f"a[href*='what={what}']").click()
    page.wait_for_url(f"**/change?what={what}")


def _day(stage: Scene, slot_id: int) -> str:
    with stage.live.app.app_context():
        return db.session.get_one(Slot, slot_id).day.isoformat()


def _booked(stage: Scene, *slot_ids: int) -> list[int]:
    with stage.live.app.app_context():
        db.session.rollback()
        return [db.session.get_one(Slot, slot_id).visitors_booked for slot_id in slot_ids]
