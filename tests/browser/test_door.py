"""What else the desk's one input takes: badges, and people who leave; with a network, without, and after it."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.badges import service as badges
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.presence import service as presence
from hallapp.presence.models import Departure
from hallapp.schedule.models import Hall
from tests.badges.conftest import code_of, give_names
from tests.browser import scene, test_pages
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_offline import DUMP, admit, arrived, cut, look, open_desk, stored
from tests.browser.test_scanner import Scanner


@pytest.fixture
def counting(stage: Scene) -> Iterator[Scene]:
    """The hall counts who leaves."""
    _set_presence(stage, counts_leaving=True)
    yield stage
    _set_presence(stage, counts_leaving=False)


def _set_presence(stage: Scene, *, counts_leaving: bool) -> None:
    with stage.live.app.app_context(), transaction():
        by = db.session.scalars(select(Staff.id).where(Staff.name == scene.MANAGER)).one()
        presence.set_presence(
            presence.SetPresence(hall_id=stage.hall_id, by=by, counts_leaving=counts_leaving, warn_at_percent=90)
        )


def badges_of(stage: Scene, booking: Booking, *names: str) -> list[str]:
    """The QR texts of the badges of these people."""
    with stage.live.app.app_context():
        found = SimpleNamespace(hall=SimpleNamespace(id=stage.hall_id), booking=booking)
        give_names(found, *names)
        with transaction():
            by = db.session.scalars(select(Staff.id).where(Staff.name == scene.MANAGER)).one()
            made = badges.make(db.session.get_one(Booking, booking.id), by=by)
            return [code_of(badge.token) for _person, badge in made]


def departed(stage: Scene, booking: Booking | None) -> list[int]:
    with stage.live.app.app_context():
        mine = Departure.booking_id == (booking.id if booking else None)
        return list(db.session.scalars(select(Departure.visitors).where(mine).order_by(Departure.id)))


def scan(page: Page, text: str, outcome: str) -> None:
    """Scan as a hand-held scanner does, and wait for the answer of this very scan."""
    page.evaluate("() => { document.getElementById('answer').dataset.outcome = 'awaited'; }")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", outcome)


def test_badges_in_the_one_input_with_and_without_a_network(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("胸牌检验组", {"440000": 4})
    first, second, third = badges_of(stage, booking, "何秀珍", "𠮷川龑", "阿卜杜拉·买买提")
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    with page.expect_response("**/desk/snapshot*"):  # the list on the device knows it from then on
        scan(page, first, "admitted")
    expect(page.locator("#answer")).to_contain_text("何秀珍 · 胸牌检验组 · 1 of 4 arrived")
    expect(page.locator("#events li").first).to_contain_text("胸牌检验组")
    scan(page, first, "refused")
    expect(page.locator("#answer h2")).to_have_text("Already admitted")
    expect(page.locator("#card .ready")).to_be_visible()

    cut(page.context, page)
    scan(page, second, "admitted")
    expect(page.locator("#answer")).to_contain_text("whether the badge has been replaced since")
    scan(page, second, "repeated")
    scan(page, third, "admitted")
    scan(page, first, "repeated")
    expect(page.locator("#waiting li")).to_have_count(2)
    dump = page.evaluate(DUMP)
    assert [code for code in (second, third) if code.rsplit("/", 1)[1] in dump] == []
    page.locator("#waiting li", has_text="A badge").nth(1).get_by_role("button", name="Take back").click()

    page.context.set_offline(False)
    stored(page)
    assert arrived(stage, [booking]) == {(booking.id, "440000"): 2}


def test_departures_with_a_network_without_and_after_it(open_page: Opener, counting: Scene) -> None:
    before = departed(counting, None)  # other journeys of the same hall let people leave by number too
    booking = counting.book("离馆检验组", {"440000": 12})
    code = counting.code(booking)
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, counting)
    page.keyboard.press("F4")
    expect(page.locator("#leaving-on")).to_be_visible()
    scan(page, code, "refused")  # nobody of it is inside: whoever forgot to close this is told
    page.keyboard.press("F2")
    expect(page.locator("#leaving-on")).to_be_hidden()
    page.keyboard.press("Escape")
    admit(page, code, 12)
    page.keyboard.press("F4")
    expect(page.locator("#leaving-visitors")).to_be_focused()
    page.fill("#leaving-visitors", "2")
    scan(page, code, "left")
    expect(page.locator("#answer h2")).to_have_text("Left: 2")
    expect(page.locator("#leaving-visitors")).to_have_value("")
    assert departed(counting, booking) == [2]

    page.wait_for_timeout(2_500)  # the list with what was done just now
    cut(page.context, page)
    page.fill("#leaving-visitors", "3")
    page.locator("#leaving-form button").click()
    expect(page.locator("#answer h2")).to_have_text("Left: 3")
    page.fill("#leaving-visitors", "4")
    scan(page, code, "left")
    page.fill("#leaving-visitors", "0")
    page.locator("#leaving-form button").click()
    page.fill("#leaving-visitors", "")
    scan(page, code, "left")  # all whom this device believes inside: it knows nothing of the two who left before
    expect(page.locator("#answer h2")).to_have_text("Left: 8")
    expect(page.locator("#waiting li")).to_have_count(3)
    page.close()

    page = page.context.new_page()
    page.goto(counting.url("/desk"))
    expect(page.locator("#waiting li")).to_have_count(3)
    page.locator("#waiting li", has_text="People leave").nth(1).get_by_role("button", name="Take back").click()
    page.context.set_offline(False)
    stored(page)
    assert departed(counting, None) == [*before, 3]
    assert departed(counting, booking) == [2, 4, -4]
    expect(page.locator("#waiting li", has_text="6 people of this group are inside")).to_have_count(1)


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_the_door_is_accessible_and_fits(
    open_page: Opener, counting: Scene, language: str, scheme: str, size: dict[str, int]
) -> None:
    booking = counting.book(test_pages.LONG_NAME, {"440000": 5})
    (badge,) = badges_of(counting, booking, "何秀珍")
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    open_desk(page, counting)
    scan(page, badge, "admitted")
    problems = look(page, f"badge {language} {scheme}")
    page.keyboard.type(counting.code(booking))
    page.keyboard.press("Enter")
    expect(page.locator("#card .call a")).to_be_visible()
    problems += look(page, f"card {language} {scheme}")
    page.keyboard.press("F4")
    scan(page, counting.code(booking), "left")
    problems += look(page, f"left {language} {scheme}")
    cut(page.context, page)
    page.fill("#leaving-visitors", "2")
    page.locator("#leaving-form button").click()
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "left")
    problems += look(page, f"left offline {language} {scheme}")
    assert not problems, "\n".join(problems)


def test_every_act_by_keyboard_alone_and_the_leader_one_touch_away(open_page: Opener, counting: Scene) -> None:
    booking = counting.book("键盘检验组", {"440000": 9})
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, counting)
    keys = page.keyboard
    scan_only = counting.code(booking)
    keys.type(scan_only)
    keys.press("Enter")
    call = page.locator("#card .call a")
    expect(call).to_have_attribute("href", "tel:+8619900001050")
    assert call.bounding_box()["height"] >= 44
    keys.press("ArrowDown")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    keys.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    keys.press("F8")
    expect(page.locator("#events form button").first).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "taken_back")
    keys.press("F6")
    expect(page.locator("#day button").first).to_be_focused()
    keys.press("Escape")
    expect(page.locator("#q")).to_be_focused()
    keys.press("F4")
    keys.type("1")
    keys.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "left")
    keys.press("F2")
    keys.type("3")
    keys.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    cut(page.context, page)
    keys.press("Escape")
    keys.type(scan_only)
    keys.press("Enter")
    expect(page.locator("#card .call a")).to_have_attribute("href", "tel:19900001050")
    expect(page.locator("#card .call")).to_contain_text("199 0000 1050")


def test_pages_of_badges_and_of_people_inside_need_no_key_after_a_scan(open_page: Opener, counting: Scene) -> None:
    page = open_page(size=DESKTOP, language="en")
    counting.hold_session(page)
    for end in ("Enter", "Tab", ""):
        booking = counting.book(f"扫描页检验组{end}", {"440000": 4})
        (badge,) = badges_of(counting, booking, "何秀珍")
        page.goto(counting.url("/desk/badges"))
        Scanner(page).scan(badge, end=end)
        expect(page.locator(".badge-answer")).to_have_attribute("data-outcome", "admitted")
        page.goto(counting.url("/desk/flow"))
        Scanner(page, ime=True).scan(counting.code(booking), end=end)
        expect(page.locator(".notice.good")).to_contain_text("1 person left")
        assert arrived(counting, [booking])[booking.id, "440000"] == departed(counting, booking)[0] == 1


def test_badge_of_a_group_out_of_its_time_is_admitted_with_one_more_touch(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("早到检验组", {"440000": 3})
    (badge,) = badges_of(stage, booking, "何秀珍")
    with stage.live.app.app_context(), transaction():
        slot = db.session.get_one(Booking, booking.id).slot
        slot.starts_at, slot.ends_at = slot.starts_at + timedelta(hours=3), slot.ends_at + timedelta(hours=3)
        hall = db.session.get_one(Hall, stage.hall_id)
        before, hall.early_minutes = hall.early_minutes, 60
    try:
        page = open_page(size=DESKTOP, language="en")
        open_desk(page, stage)
        lists: list[Route] = []  # that the page renews behind the answer
        page.context.route(stage.url("/desk"), lambda route: lists.append(route))
        scan(page, badge, "refused")
        expect(page.locator("#answer h2")).to_have_text("Early")
        page.keyboard.press("ArrowDown")
        with page.expect_response(stage.url("/desk")) as renewed:
            lists.pop().continue_()
        renewed.value.finished()
        page.context.unroute(stage.url("/desk"))
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 50))")
        page.keyboard.press("Enter")
        expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
        expect(page.locator("#answer")).to_contain_text("1 of 3 arrived")
    finally:
        with stage.live.app.app_context(), transaction():
            db.session.get_one(Hall, stage.hall_id).early_minutes = before
