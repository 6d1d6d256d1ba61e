"""Every page that has a script works in a browser without the built-ins that came after the oldest ones in use."""

from playwright.sync_api import Page, expect

from tests import floor
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.steps import fill_booking
from tests.browser.test_devices import add_devices, code_of, scan, step
from tests.browser.test_offline import admit, arrived, cut, stored

PAGES_OF_STAFF = (
    *("/admin/calendar", "/desk/badges", "/desk/flow", "/reports/exports", "/reports/history", "/guides/mine"),
    "/admin",
)


def old(page: Page) -> Page:
    """Take the newer built-ins away before this page loads anything."""
    page.add_init_script(floor.removal())
    return page


def test_newer_built_ins_are_really_gone(open_page: Opener, stage: Scene) -> None:
    page = old(open_page(size=PHONE, language="en"))
    page.goto(stage.url("/healthz"))
    left = "[].toReversed || [].at || AbortSignal.timeout || window.structuredClone || navigator.locks || ''.replaceAll"
    assert (
        page.evaluate(f"{left} || document.body.replaceChildren || Object.hasOwn || crypto.randomUUID || null") is None
    )


def test_desk_with_and_without_a_network(open_page: Opener, stage: Scene) -> None:
    bookings = [stage.book(f"旧浏览器检验组{number}", {"440000": 3 + number}) for number in range(3)]
    page = old(open_page(size=DESKTOP, language="en"))
    stage.sign_in(page)
    expect(page.locator("#network")).to_have_attribute("data-ready", "true")
    admit(page, stage.code(bookings[0]), 3)
    cut(page.context, page)
    admit(page, stage.code(bookings[1]), 4)
    page.context.set_offline(False)
    stored(page)
    admit(page, stage.code(bookings[2]), 5)
    assert sum(arrived(stage, bookings).values()) == 3 + 4 + 5


def test_kiosk_and_screen(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("旧平板检验组", {"440000": 6})
    links = add_devices(stage, place="Old door")
    page = old(open_page(size={"width": 1280, "height": 800}, language="zh"))
    page.goto(links["kiosk"])
    expect(page.locator("html")).to_have_attribute("data-ready", "true")
    scan(page, code_of(stage, booking))
    step(page, "group")
    page.locator('[data-step-by="-1"]').first.click()
    page.locator("button.yes").click()
    step(page, "done")
    screen = old(open_page(size={"width": 1920, "height": 1080}, language="zh"))
    with screen.expect_response("**/screen.json*") as answer:
        screen.goto(links["screen"])
    assert answer.value.ok
    expect(screen.locator("#clock")).not_to_be_empty()
    expect(screen.locator("html")).to_have_attribute("data-started", "")


def test_booking(open_page: Opener, stage: Scene) -> None:
    page = old(open_page(size=PHONE, language="zh"))
    page.goto(stage.url("/book"))
    fill_booking(page, organisation="旧手机检验单位", division="440000", visitors=25)
    other = page.locator('button.day[aria-pressed="false"]').first
    chosen = page.locator(f"[id='{other.get_attribute('id')}']")
    other.click()
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[name=organisation]")).to_have_value("旧手机检验单位")
    page.locator("label.time.free").first.click()
    page.locator("button.book").click()
    page.wait_for_url("**/visits/*")
    page.goto(f"{page.url}/pass")
    expect(page.locator("main")).to_contain_text("旧手机检验单位")


def test_pages_of_staff_load_without_a_complaint(open_page: Opener, stage: Scene) -> None:
    page = old(open_page(size=DESKTOP, language="en"))
    stage.hold_session(page)
    for path in PAGES_OF_STAFF:
        page.goto(stage.url(path))
        page.evaluate("new Promise((done) => setTimeout(done, 50))")
        expect(page.locator("main")).to_be_visible()


def test_scan_fields_send_their_form(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("旧扫描页检验组", {"440000": 2})
    page = old(open_page(size=DESKTOP, language="en"))
    stage.hold_session(page)
    page.goto(stage.url("/desk/flow"))
    scan(page, stage.code(booking))
    expect(page.locator("main")).to_contain_text("inside")
    expect(page.locator(".notice, .field-error").first).to_be_visible()
