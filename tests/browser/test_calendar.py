"""The manager's calendar: a closure that hits three bookings, by keyboard; and its pages, looked at by axe."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.schedule import planning, service
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.service import SetTemplate
from tests import factories
from tests.browser import test_pages as pages
from tests.browser.conftest import Opener
from tests.browser.inside import serve_inside
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, hold_session
from tests.conftest import tried
from tests.live import Live, postgresql_database

MANAGER = "calendar-manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A server with a hall that has a weekly template, and groups booked in a week from now."""

    live: Live
    hall_id: int
    day: date

    def open(self, page: Page, path: str = "") -> None:
        """Open a page of the calendar in a browser that the manager has signed in."""
        hold_session(page, self.live, MANAGER)
        page.goto(f"{self.live.url}/admin/calendar{path}")

    def book(self, *groups: str, day: date) -> list[int]:
        """Groups of 20 for the first slot of a day."""
        with self.live.app.app_context(), transaction():
            query = select(Slot).where(Slot.hall_id == self.hall_id, Slot.day == day).order_by(Slot.starts_at)
            slot = db.session.scalars(query).first()
            return [factories.booking(slot=slot, organisation=group).id for group in groups]

    def bookings(self, numbers: list[int]) -> list[tuple[BookingState, date, bool]]:
        """State and day of bookings, and whether their slot is open."""
        with self.live.app.app_context():
            rows = [db.session.get_one(Booking, number) for number in numbers]
            return [(row.state, row.slot.day, row.slot.open) for row in rows]


def _prepare(live: Live) -> Calendar:
    with live.app.app_context(), transaction():
        hall = factories.hall(days_ahead=20, inside_capacity=120, guides_on_duty=4)
        tour = factories.programme(hall=hall, group_min=1, group_max=100)
        factories.staff(hall=hall, role=Role.MANAGER, name=MANAGER)
        lines = tuple((weekday, starts, 100, 4) for weekday in range(7) for starts in (time(9, 30), time(14)))
        template = SetTemplate(hall_id=hall.id, by=None, programme=tour.slug, valid_from=hall.today(), lines=lines)
        planning.carry_out(service.set_template(template))
        service.extend_slots(hall)
        return Calendar(live=live, hall_id=hall.id, day=hall.today() + timedelta(days=7))


@pytest.fixture(scope="module")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calendar]:
    folder = tmp_path_factory.mktemp("calendar")
    with serve_inside(f"sqlite:///{folder / 'live.sqlite3'}", folder) as live:
        yield _prepare(live)


@pytest.fixture(scope="module")
def postgresql_calendar(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calendar]:
    folder = tmp_path_factory.mktemp("calendar-pg")
    with postgresql_database(postgresql_server) as url, serve_inside(url, folder) as live:
        yield _prepare(live)


JOURNEYS = [
    pytest.param("zh", "calendar", id="zh-sqlite"),
    pytest.param("en", "postgresql_calendar", id="en-postgresql"),
]


@pytest.mark.parametrize(("language", "name"), tried(JOURNEYS, 1))
def test_a_closure_hits_three_bookings_and_each_is_settled_in_another_way(
    open_page: Opener, request: pytest.FixtureRequest, language: str, name: str
) -> None:
    calendar: Calendar = request.getfixturevalue(name)
    booked = calendar.book("番禺区文化馆", "天河区图书馆", "荔湾区少年宫", day=calendar.day)
    page = open_page(size=DESKTOP, language=language)
    calendar.open(page)

    _go_to(page, calendar.day)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/days/{calendar.day}")
    _close_by_keyboard(page, "设备检修")

    expect(page.locator(".settle-row")).to_have_count(3)
    assert calendar.bookings(booked) == [(BookingState.CONFIRMED, calendar.day, True)] * 3
    for number, (booking, choice) in enumerate(zip(booked, ("move", "cancel", "leave"), strict=True)):
        row = page.locator(".settle-row").nth(number)
        row.locator(f"[name=decision-{booking}][value={choice}]").focus()
        page.keyboard.press("Space")
    page.locator("button.settle-go").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/calendar/settled/**")

    moved, cancelled, left = calendar.bookings(booked)
    assert moved[0] is BookingState.CONFIRMED
    assert moved[1] != calendar.day
    assert moved[2]
    assert cancelled[0] is BookingState.CANCELLED
    assert left == (BookingState.CONFIRMED, calendar.day, False)
    page.goto(f"{calendar.live.url}/admin/calendar/{calendar.day:%Y-%m}")
    expect(page.locator(f'a.cal-day[href$="{calendar.day}"]')).to_contain_text("设备检修")


def _go_to(page: Page, day: date) -> None:
    """From today on with the arrow keys, into the next month where the week leads there."""
    page.locator("a.cal-day[tabindex='0']").focus()
    for ahead in range(6, -1, -1):
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "day => document.activeElement?.href?.endsWith(day)", arg=f"{day - timedelta(days=ahead)}"
        )


def _close_by_keyboard(page: Page, reason: str) -> None:
    page.locator("[name=opening][value=rules]").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.locator("[name=opening][value=closed]")).to_be_checked()
    page.locator("[name=reason_zh]").focus()
    page.keyboard.type(reason)
    page.keyboard.press("Enter")


def test_one_day_of_the_grid_is_in_the_tab_order_and_keys_go_through_the_months(
    open_page: Opener, calendar: Calendar
) -> None:
    page = open_page(size=DESKTOP, language="en")
    calendar.open(page)
    with calendar.live.app.app_context():
        today = db.session.get_one(Hall, calendar.hall_id).today()
    expect(page.locator("a.cal-day[tabindex='0']")).to_have_count(1)
    page.locator("a.cal-day[tabindex='0']").focus()

    page.keyboard.press("PageDown")
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    page.wait_for_url(f"**/{following:%Y-%m}#by-key")
    expect(page.locator("a.cal-day:focus")).to_have_attribute("href", f"/admin/calendar/days/{following}")
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.cal-day:focus")).to_have_attribute(
        "href", f"/admin/calendar/days/{following + timedelta(days=7)}"
    )
    page.keyboard.press("Home")
    expect(page.locator("a.cal-day:focus")).to_have_count(1)
    page.locator("a.cal-day").first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/{today:%Y-%m}#last-day")
    expect(page.locator("a.cal-day:focus")).to_have_attribute(
        "href", f"/admin/calendar/days/{following - timedelta(days=1)}"
    )


def test_the_calendar_works_without_javascript(open_page: Opener, calendar: Calendar) -> None:
    day = calendar.day + timedelta(days=3)
    page = open_page(size=DESKTOP, language="en", java_script_enabled=False)
    calendar.open(page, f"/{day:%Y-%m}")

    page.locator(f'a.cal-day[href$="{day}"]').click()
    page.locator("[name=opening][value=closed]").check()
    page.fill("[name=reason_en]", "Maintenance")
    page.locator("section[aria-labelledby=this-day] button").click()

    page.wait_for_url(f"**/days/{day}?saved=1")
    expect(page.locator(".cal-head")).to_contain_text("Maintenance")


def test_error_below_the_window_is_shown(open_page: Opener, calendar: Calendar) -> None:
    """Otherwise the page looks as if the day had been saved."""
    page = open_page(size={"width": 1280, "height": 500}, language="en")
    calendar.open(page, f"/days/{calendar.day + timedelta(days=9)}")
    page.locator("[name=opening][value=closed]").check()
    page.get_by_role("button", name="Save this day").click()
    expect(page.locator(".field-error")).to_contain_text("Enter the reason of the closure")
    expect(page.locator(".field-error")).to_be_in_viewport()


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_are_accessible_and_fit(
    open_page: Opener, calendar: Calendar, language: str, scheme: str, size: dict[str, int]
) -> None:
    day = calendar.day + timedelta(days=1)
    if not _is_booked(calendar, day):
        calendar.book(pages.LONG_NAME, "荔湾区少年宫", day=day)
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    problems = []

    def look(name: str) -> None:
        problems.extend(f"{name}: {problem}" for problem in faults(page))

    calendar.open(page, f"/{day:%Y-%m}")
    look("month")
    page.locator("#several summary").click()
    page.locator("#several button").click()
    expect(page.locator("#first-error")).to_be_visible()
    look("several days, refused")
    page.goto(f"{calendar.live.url}/admin/calendar/days/{day}")
    look("day")
    page.locator("#extra summary").click()
    page.locator("#extra button").click()
    expect(page.locator("#starts-error")).to_be_visible()
    look("extra time, refused")
    page.locator("[id^=places-]").first.fill("many")
    page.locator("[id^=edit-] button").first.click()
    expect(page.locator(".cal-do .field-error")).to_be_visible()
    look("slot, refused")
    page.locator("[name=opening][value=closed]").check()
    page.fill("[name=reason_en]", "Maintenance")
    page.locator("section[aria-labelledby=this-day] button").click()
    expect(page.locator(".settle-row")).to_have_count(2)
    look("settlement")
    page.locator("[value=cancel]").first.check()
    page.locator("button.settle-go").click()
    expect(page.locator("#refused")).to_be_focused()
    look("settlement, refused")
    assert not problems, "\n".join(problems)


def _is_booked(calendar: Calendar, day: date) -> bool:
    with calendar.live.app.app_context():
        query = select(Booking.id).join(Booking.slot).where(Slot.hall_id == calendar.hall_id, Slot.day == day)
        return db.session.scalars(query).first() is not None
