"""Desks without a network, cut by the browser: they go on, lose nothing, count nothing twice, and name nobody."""

import json
import os
import re
from collections import Counter
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.desk.models import ConflictReason, DeskConflict
from hallapp.ledger.models import Arrival, DeskEvent
from tests import factories
from tests.browser import scene, test_pages
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, Scene
from tests.conftest import tried

#: How many groups one desk admits without a network.
GROUPS = max(tried((12, 30), 1))
#: Everything in the page's own database, as whoever finds the device could read it.
DUMP = """async () => {
  const names = await indexedDB.databases();
  const found = {};
  for (const { name } of names) {
    const request = indexedDB.open(name);
    await new Promise((resolve) => { request.onsuccess = resolve; });
    const database = request.result;
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      found[store] = await new Promise((resolve) => { all.onsuccess = () => resolve(all.result); });
    }
    database.close();
  }
  const kept = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (!request.url.includes("/files/")) kept.push(await (await cache.match(request)).text());
    }
  }
  return JSON.stringify([found, kept]);
}"""


def open_desk(page: Page, stage: Scene) -> None:
    """Sign in at the desk, and wait until it could do without the network."""
    stage.sign_in(page)
    ready(page)


def ready(page: Page) -> None:
    expect(page.locator("#network")).to_have_attribute("data-ready", "true")


def cut(context: BrowserContext, page: Page) -> None:
    context.set_offline(True)
    expect(page.locator("#network")).to_have_attribute("data-state", "offline")


def admit(page: Page, code: str, people: int) -> None:
    """Enter the code of a pass, and admit everybody by the keyboard; `test_scanner.py` scans key by key."""
    page.locator("#q").focus()
    page.keyboard.insert_text(code)
    page.keyboard.press("Enter")
    expect(page.locator("#card .count strong")).to_have_text(str(people))
    expect(page.locator("#card button.admit")).to_contain_text(str(people))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")


def stored(page: Page) -> None:
    """The network is back, and nothing waits any more."""
    expect(page.locator("#network")).to_have_attribute("data-state", "online", timeout=60_000)
    expect(page.locator('#network [data-slot="waiting"]')).to_be_hidden()


def arrived(stage: Scene, bookings: list[Booking]) -> Counter[tuple[int, str]]:
    """People of these bookings in the ledger, by booking and division."""
    found: Counter[tuple[int, str]] = Counter()
    with stage.live.app.app_context():
        rows = select(DeskEvent.booking_id, Arrival.division, Arrival.visitors).join(Arrival.event)
        for booking_id, division, people in db.session.execute(
            rows.where(DeskEvent.booking_id.in_([booking.id for booking in bookings]))
        ):
            found[booking_id, division] += people
    return found


def in_conflict(stage: Scene, booking: Booking) -> int:
    with stage.live.app.app_context():
        rows = db.session.scalars(
            select(DeskConflict).join(DeskConflict.event).where(DeskEvent.booking_id == booking.id)
        )
        return sum(row.open for row in rows)


def test_groups_without_a_network_are_counted_to_the_person(open_page: Opener, stage: Scene) -> None:
    bookings = [stage.book(f"断网检验组{number:02}", {"440000": number + 3, "450000": 2}) for number in range(GROUPS)]
    codes = [stage.code(booking) for booking in bookings]
    page = open_page(size=DESKTOP, language="zh")
    open_desk(page, stage)
    context = page.context
    cut(context, page)

    for number in range(GROUPS // 2):
        admit(page, f"{stage.live.url}/T/{codes[number]}".upper(), number + 5)
    expect(page.locator('#network [data-slot="waiting"]')).to_contain_text(str(GROUPS // 2))
    page.locator("#q").fill(codes[3])
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "refused")
    page.close()

    page = context.new_page()
    page.goto(stage.url("/desk"))
    expect(page.locator("#network")).to_have_attribute("data-state", "offline")
    expect(page.locator("#waiting li")).to_have_count(GROUPS // 2)
    page.evaluate("for (const row of document.querySelectorAll('#offline-day tbody tr')) row.seen = true")
    for number in range(GROUPS // 2, GROUPS):
        admit(page, codes[number], number + 5)
    rows = page.evaluate("[...document.querySelectorAll('#offline-day tbody tr')].map((row) => row.seen)")
    assert len(rows) >= GROUPS and all(rows)  # the list is not drawn anew for each scan
    assert not arrived(stage, bookings)

    context.set_offline(False)
    stored(page)
    assert arrived(stage, bookings) == {
        (booking.id, division): people
        for number, booking in enumerate(bookings)
        for division, people in (("440000", number + 3), ("450000", 2))
    }
    expect(page.locator("#day")).to_contain_text(f"断网检验组{GROUPS - 1}")  # the server's page again
    expect(page.locator("#answer p")).to_have_text("✓✓ 已入库。")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")

    cut(context, page)
    page.locator("#q").fill("断网检验组")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "refused")
    context.set_offline(False)
    stored(page)
    expect(page.locator("#answer")).to_be_hidden()


def test_a_device_that_is_found_names_nobody(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("不可泄露的学院", {"440000": 6})
    page = open_page(is_new=True, size=DESKTOP, language="zh")
    open_desk(page, stage)
    page.goto(stage.url("/desk"))  # served with names on it, which no cache may keep
    ready(page)
    cut(page.context, page)
    page.keyboard.press("F2")
    page.fill("#walk-in-visitors-0", "3")
    page.fill("#walk-in-organisation", "匿名合唱团")
    page.locator("#walk-in button.admit").click()
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    page.locator("#q").fill(stage.code(booking))
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_have_text("不可泄露的学院")
    page.locator("#card button.admit").click()
    expect(page.locator("#waiting li")).to_have_count(2)

    dump = page.evaluate(DUMP)

    assert str(booking.id) in dump and '"snapshot"' not in json.loads(dump)
    secrets = (
        "不可泄露",
        "何秀珍",
        "匿名合唱团",
        "19900001050",
        "199 0000 1050",
        booking.reference,
        stage.code(booking),
    )
    assert [secret for secret in secrets if secret in dump] == []
    page.context.set_offline(False)
    stored(page)
    with stage.live.app.app_context():
        walk_in = db.session.scalars(select(DeskEvent).where(DeskEvent.walk_in_id.is_not(None))).all()[-1]
        assert walk_in.walk_in.organisation == "匿名合唱团"


def test_three_desks_with_the_same_pass_count_the_group_once(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("三台设备检验组", {"440000": 20, "430000": 4})
    code = stage.code(booking)
    pages = [open_page(size=DESKTOP, language="en") for _ in range(3)]
    for page in pages:
        open_desk(page, stage)
        cut(page.context, page)
        admit(page, code, 24)
    for page in reversed(pages):
        page.context.set_offline(False)
        stored(page)
    assert arrived(stage, [booking]) == {(booking.id, "440000"): 20, (booking.id, "430000"): 4}
    assert in_conflict(stage, booking) == 48
    expect(pages[0].locator("#waiting li").first).to_contain_text("a manager has to resolve 24")

    page = pages[0]
    page.goto(stage.url("/desk/conflicts"))
    truths = page.locator("article.conflict", has_text="三台设备检验组")
    expect(truths).to_have_count(2)
    expect(truths.first).to_contain_text("24")
    truths.first.get_by_role("button", name="Scanned twice").click()
    expect(truths).to_have_count(1)
    truths.first.get_by_role("button", name="more people").click()
    expect(truths).to_have_count(0)
    assert sum(arrived(stage, [booking]).values()) == 48


def test_who_is_signed_out_meanwhile_signs_in_on_the_page_and_loses_nothing(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("会话检验组", {"440000": 7})
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    page.context.clear_cookies()
    admit(page, stage.code(booking), 7)
    expect(page.locator("#network")).to_have_attribute("data-state", "signed-out")
    assert not arrived(stage, [booking])
    page.fill("#again-name", scene.MANAGER)
    page.fill("#again-password", "wrong, and long enough")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-again .error")).to_be_visible()
    page.fill("#again-password", factories.PASSWORD)
    page.keyboard.press("Enter")
    stored(page)
    assert arrived(stage, [booking]) == {(booking.id, "440000"): 7}


def test_signing_out_and_the_days_end_wipe_the_list_and_never_what_waits(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("退出检验组", {"440000": 5})
    page = open_page(is_new=True, size=DESKTOP, language="zh")
    open_desk(page, stage)
    cut(page.context, page)
    admit(page, stage.code(booking), 5)
    page.clock.set_fixed_time(clock.now() + timedelta(days=1))
    page.reload()
    expect(page.locator('#network [data-slot="age"]')).to_have_text("本机没有今天的团队名单")
    assert on_device(page) == (False, 1)
    page.clock.set_fixed_time(clock.now())
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.evaluate("document.querySelector('form[data-leave]').requestSubmit()")
    expect(page).to_have_url(re.compile("^chrome-error:"))
    page.context.set_offline(False)
    page.goto(stage.url("/desk"))  # the session lives on until the server hears of its end, and what waits goes first
    page.wait_for_url(re.compile(r"/sign-in(\?next=/desk)?$"))  # the page that was left may be heard before the new one
    assert "1条前台记录没有入库" in asked[0] and "恢复后" in asked[1]
    assert on_device(page) == (False, 1)
    assert arrived(stage, [booking]) == {(booking.id, "440000"): 5}
    page.goto(stage.url("/desk"))
    page.wait_for_url("**/sign-in?next=/desk")


def on_device(page: Page) -> tuple[bool, int]:
    """Whether the device has a list of groups, and how many events it has."""
    found = json.loads(page.evaluate(DUMP))[0]
    return any("groups" in thing.get("content", {}) for thing in found["things"] if isinstance(thing, dict)), len(
        found["events"]
    )


@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_states_of_the_desk_are_accessible_and_fit(
    open_page: Opener, stage: Scene, language: str, scheme: str, size: dict[str, int]
) -> None:
    booking = stage.book(test_pages.LONG_NAME, test_pages.MIXED)
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    open_desk(page, stage)
    cut(page.context, page)
    admit(page, stage.code(booking), 29)
    problems = look(page, "no network, admitted")
    page.locator("#q").fill(stage.code(booking))
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "refused")
    problems += look(page, "no network, in already")
    page.context.set_offline(False)
    stored(page)
    with stage.live.app.app_context(), transaction():
        event = db.session.scalars(select(DeskEvent).where(DeskEvent.booking_id == booking.id)).one()
        surplus = {"division": "110000", "visitors": 6, "counted": 0, "reason": ConflictReason.SURPLUS}
        db.session.add(DeskConflict(hall_id=event.hall_id, event_id=event.id, **surplus))
    page.goto(stage.url("/desk/conflicts"))
    problems += look(page, "conflicts")
    page.goto(stage.url("/desk"))
    ready(page)
    problems += look(page, "online, stored")
    page.context.clear_cookies()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#again-name")).to_be_visible()
    problems += look(page, "signed out")
    assert not problems, "\n".join(problems)


def look(page: Page, name: str) -> list[str]:
    if "SHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}-{page.viewport_size['width']}.png", full_page=True)
    return [f"{name}: {problem}" for problem in faults(page)]
