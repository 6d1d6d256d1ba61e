"""A manager sets a hall up from nothing to its first bookable day, through pages only; an organiser books that day."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from hallapp.schedule import queries
from hallapp.schedule.models import Hall
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.inside import serve_inside
from tests.browser.looks import WINDOWS, faults, some
from tests.browser.scene import DESKTOP, PHONE, hold_session
from tests.browser.steps import fill_booking
from tests.live import Live

MANAGER = "founder"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose only hall has a name and a manager, and nothing else."""
    folder = tmp_path_factory.mktemp("setup")
    with serve_inside(f"sqlite:///{folder / 'setup.sqlite3'}", folder) as live:
        with live.app.app_context(), transaction():
            hall = factories.hall(slug="new", address_zh="", address_en="", phone="")
            factories.staff(hall=hall, role=Role.MANAGER, name=MANAGER)
        yield live


def sign_in(page: Page, live: Live) -> None:
    page.goto(f"{live.url}/sign-in?next=/admin")
    page.fill("#name", MANAGER)
    page.fill("#password", factories.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#way")).to_be_visible()


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def hall_of(live: Live) -> Hall:
    with live.app.app_context():
        return queries.list_halls()[0]


@pytest.mark.nightly
def test_from_nothing_to_the_first_booking(open_page: Opener, live: Live) -> None:
    page = open_page(size=DESKTOP, language="en")
    sign_in(page, live)
    expect(page.locator(".notice.warn")).to_contain_text("The hall cannot be booked yet")

    _give_the_facts(page)
    _choose_the_places(page)
    _set_the_rules(page)
    _add_the_programme(page)
    _set_the_week(page, live)

    page.get_by_role("link", name="Settings").first.click()
    expect(page.locator(".notice.good")).to_contain_text("The hall takes bookings")

    organiser = open_page(size=PHONE, language="zh")
    organiser.goto(f"{live.url}/book")
    fill_booking(organiser, organisation="首个团队", division="_440100", visitors=12)
    organiser.locator("button.book").click()
    organiser.wait_for_url("**/visits/*")
    expect(organiser.locator("main")).to_contain_text("首个团队")
    expect(organiser.locator("main")).to_contain_text("10:00")
    expect(organiser.locator("main")).to_contain_text("广东 · 广州")
    page.goto(f"{live.url}/admin/origins")
    expect(page.locator(".notice")).to_contain_text("recorded figures never move")


def _give_the_facts(page: Page) -> None:
    page.locator("ol.way").get_by_role("link", name="Hall details").click()
    for field in ("address", "directions", "bring", "late"):
        page.fill(f"#{field}_zh", "内容")
        page.fill(f"#{field}_en", "Some words")
    page.fill("#phone", "020 8345 0000")
    press(page, "Save the details")
    expect(page.locator(".notice.good")).to_contain_text("Saved")


def _choose_the_places(page: Page) -> None:
    page.get_by_role("link", name="← Settings").click()
    page.get_by_role("link", name="Places of origin").first.click()
    page.select_option("#set-choice", "DE")
    press(page, "Show this set")
    expect(page.locator("#chosen-title")).to_contain_text("Germany: 16 Bundesländer")
    wrong = {"name": "places.csv", "mimeType": "text/csv", "buffer": b"code,name\nn,North\nn,South\n"}
    page.set_input_files("#own-file", wrong)
    press(page, "Check the file")
    expect(page.locator("#own-error")).to_contain_text("Row 3: This code is in row 2 already.")
    page.check("#cities")
    press(page, "Save")
    expect(page.locator(".notice.good")).to_contain_text("Saved")


def _set_the_rules(page: Page) -> None:
    page.get_by_role("link", name="← Settings").click()
    page.locator("ol.way").get_by_role("link", name="Rules").click()
    expect(page.locator(".unsaved")).to_be_empty()
    page.fill("#group_min", "60")
    expect(page.locator(".unsaved")).to_contain_text("Not saved yet")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.evaluate("location.assign('/admin')")  # the browser asks, and the answer is to stay
    expect(page.locator("#group_min")).to_have_value("60")
    press(page, "Save the rules")
    expect(page.locator("#group_min-error")).to_contain_text("The smallest group is larger than the largest one.")
    page.fill("#group_min", "10")
    page.locator("#closed_weekdays").get_by_label("Monday").check()
    press(page, "Save the rules")
    expect(page.locator(".notice.good")).to_contain_text("Saved")


def _add_the_programme(page: Page) -> None:
    page.get_by_role("link", name="← Settings").click()
    page.locator("ol.way").get_by_role("link", name="Programmes").click()
    page.get_by_role("button", name="Add a programme").click()
    for field, value in (
        ("name_zh", "讲解参观"),
        ("name_en", "Guided tour"),
        ("slug", "tour"),
        ("minutes", "90"),
        ("guides", "1"),
    ):
        page.fill(f"#{field}", value)
    press(page, "Add the programme")
    expect(page.locator(".rows")).to_contain_text("Guided tour")


def _set_the_week(page: Page, live: Live) -> None:
    page.get_by_role("link", name="Weekly times: Guided tour", exact=True).click()
    page.get_by_role("button", name="Set weekly times: Guided tour").click()
    page.fill("#valid_from", (hall_of(live).today() + timedelta(days=1)).isoformat())
    page.get_by_label("Start in line 1").fill("10:00")
    page.get_by_label("Places in line 1").fill("50")
    page.get_by_label("Guides in line 1").fill("1")
    press(page, "Add a line")
    page.get_by_label("Start in line 2").fill("14:30")
    press(page, "Save the week")
    expect(page.locator("#week-tour table")).to_contain_text("14:30")


@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_settings_are_accessible_and_fit(
    open_page: Opener, live: Live, language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    hold_session(page, live, MANAGER)
    problems = []
    for path in (
        "",
        "/hall",
        "/origins",
        "/policy",
        "/programmes",
        "/programmes/new",
        "/templates",
        "/templates/new",
        *some(_rows(live)),
    ):
        page.goto(f"{live.url}/admin{path}")
        problems += [f"{path}: {problem}" for problem in faults(page)]
        if path in ("/policy", "/programmes/new", "/templates/new"):
            page.locator("main input[type=text]:visible").first.fill("?")
            page.locator("main form").first.evaluate("form => form.requestSubmit()")
            expect(page.locator("#problems")).to_be_visible()
            problems += [f"{path}, refused: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)


def _rows(live: Live) -> list[str]:
    """The pages of rows that the journey made, where it ran before."""
    with live.app.app_context():
        hall = queries.list_halls()[0]
        programmes = [f"/programmes/{one.slug}" for one in queries.list_all_programmes(hall.id)]
        return [*programmes, *(f"/templates/{one.id}" for one in queries.list_templates(hall.id))]


def test_a_file_that_is_far_too_large_is_refused_beside_its_field(
    open_page: Opener, live: Live, tmp_path: Path
) -> None:
    page = open_page(size=DESKTOP, language="en")
    hold_session(page, live, MANAGER)
    large = tmp_path / "logo.png"
    large.write_bytes(b"\x89PNG" + bytes(5 * 1024 * 1024))
    page.goto(f"{live.url}/admin/hall")
    page.set_input_files("#logo-file", large)
    press(page, "Upload the logo")
    expect(page.locator("#logo-file-error")).to_contain_text("Choose a picture of 200 KB")
