"""A draft on the organiser's device: it survives a closed page and a lost connection, and books once."""

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Opener
from tests.browser.scene import PHONE, Scene
from tests.browser.steps import fill_booking

STORED = "() => Object.keys(localStorage).filter((key) => key.startsWith('booking-draft-'))"
AGE = """() => {
  const [key] = Object.keys(localStorage).filter((one) => one.startsWith('booking-draft-'));
  const draft = JSON.parse(localStorage.getItem(key));
  localStorage.setItem(key, JSON.stringify({ ...draft, at: draft.at - 25 * 3600 * 1000 }));
}"""


def test_a_draft_is_continued_and_sent_again_after_a_lost_connection(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url("/book"))
    fill_booking(page, organisation="草稿读书会", division="440000", visitors=12)

    page.goto(stage.url("/book"))
    page.get_by_role("button", name="继续填写").click()
    expect(page.locator("[name=organisation]")).to_have_value("草稿读书会")
    expect(page.locator("[name=origins-0-division]")).to_have_value("440000")
    expect(page.locator("input[name=slot]:checked")).to_have_count(1)
    expect(page.locator("[name=consent]")).not_to_be_checked()

    page.locator("button.book").click()
    expect(page.locator("#problems li")).to_have_count(1)
    page.check("[name=consent]")
    _lose_the_answer(page)
    page.locator("button.book").click()
    expect(page.locator("#unsent")).to_contain_text("不会重复预约")
    assert stage.count_bookings("草稿读书会") == 1
    page.locator("button.book").click()
    page.wait_for_url("**/visits/*")
    assert stage.count_bookings("草稿读书会") == 1
    assert page.evaluate(STORED) == []


def test_a_draft_ends_after_a_day_and_where_the_staff_sign_in(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url("/book"))
    page.fill("[name=organisation]", "隔日读书会")
    page.evaluate(AGE)
    page.goto(stage.url("/book"))
    expect(page.locator("#draft")).to_be_hidden()
    assert page.evaluate(STORED) == []

    page.fill("[name=organisation]", "前台读书会")
    assert len(page.evaluate(STORED)) == 1
    stage.sign_in(page)
    page.goto(stage.url("/book"))
    page.fill("[name=organisation]", "前台读书会")
    assert page.evaluate(STORED) == []


def _lose_the_answer(page: Page) -> None:
    """Let the next submit arrive, and its answer get lost."""

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/book", lose, times=1)


def test_a_button_that_is_pressed_while_the_page_renews_itself_still_books(open_page: Opener, stage: Scene) -> None:
    """The people are typed last: leaving their field asks for the times with room for them, and pressing leaves it."""
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url("/book"))
    fill_booking(page, organisation="手快读书会", division="440000", visitors=12)
    held: list[Route] = []
    page.route("**/book", lambda route: held.append(route))
    page.fill("[name=origins-0-visitors]", "14")
    button = page.locator("button.book")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    while not held:
        page.wait_for_timeout(10)
    with page.expect_response("**/book"):
        held[0].continue_()
    page.unroute("**/book")
    page.wait_for_timeout(200)  # for the page to take it in
    page.mouse.up()
    page.wait_for_url("**/visits/*")
    assert stage.count_bookings("手快读书会") == 1
