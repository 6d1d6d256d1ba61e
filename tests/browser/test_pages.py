"""Every page, in both languages, both colour schemes and two widths: accessible by axe, no wider than its window."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from hallapp.accounts.roles import Role
from hallapp.booking import queries
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories
from tests.browser import scene, test_organiser
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults, some, too_wide
from tests.browser.scene import PHONE, Scene
from tests.browser.steps import fill_booking

# What a mixed group with a long name makes of a page is what a narrow screen must bear.
LONG_NAME = "新疆维吾尔自治区喀什地区疏附县托克扎克镇第三期民营企业党组织书记暨妇女联合会主席综合能力提升专题研修班"
MIXED = {"110000": 6, "310000": 5, "440000": 6, "510000": 5, "810000": 4, "overseas": 2, "unknown": 1}


@pytest.fixture(scope="module")
def booking(stage: Scene) -> Booking:
    """A group of many places with a very long name, expected today."""
    return stage.book(LONG_NAME, MIXED)


@pytest.fixture(scope="module")
def administrator(stage: Scene) -> str:
    """The name of an administrator."""
    with stage.live.app.app_context(), transaction():
        return factories.staff(hall=db.session.get_one(Hall, stage.hall_id), role=Role.ADMIN).name


@pytest.fixture(scope="module")
def cancelled(stage: Scene) -> Booking:
    """A booking that was cancelled."""
    booking = stage.book("取消预约检验组", {"440000": 8})
    with stage.live.app.app_context(), transaction():
        row = db.session.get_one(Booking, booking.id)
        row.state, row.cancelled_at = "cancelled", clock.now()
    return booking


@pytest.fixture(scope="module")
def turns(stage: Scene) -> dict[str, str]:
    """The addresses of pages of bookings that stand where not all do, by a name."""
    room = test_organiser.prepare(stage)
    address = test_organiser.stand(stage, room)
    full = f"/book?programme={room.slug}&slot={room.full_id}"
    changes = {f"change of {what}": f"{address['coming']}/change?what={what}" for what in ("people", "time", "contact")}
    return {"booking, a full time": full, **address, **changes}


@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_of_a_bookings_turns_are_accessible_and_fit(
    open_page: Opener, stage: Scene, turns: dict[str, str], language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    problems = []
    for name, path in some(list(turns.items())):
        page.goto(stage.url(path))
        expect(page.locator("h1")).to_be_visible()
        problems += [f"{name}: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)


def test_staff_page_of_an_offer_fits_a_phone(open_page: Opener, stage: Scene, turns: dict[str, str]) -> None:
    """Its state has the longest words."""
    page = open_page(size=PHONE, language="en")
    stage.hold_session(page, name=scene.MANAGER)
    with stage.live.app.app_context():
        reference = queries.get_booking_by_key(turns["offered"].rpartition("/")[2]).reference
    page.goto(stage.url(f"/bookings/{reference}"))
    expect(page.locator(".booking-reference .state")).to_be_visible()
    assert not too_wide(page)


@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
@pytest.mark.parametrize("of_whom", ["visitors", "the desk", "managers", "administrators"])
def test_pages_are_accessible_and_fit(
    open_page: Opener,
    stage: Scene,
    booking: Booking,
    cancelled: Booking,
    administrator: str,
    of_whom: str,
    language: str,
    scheme: str,
    size: dict[str, int],
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    if person := {"managers": scene.MANAGER, "administrators": administrator}.get(of_whom):
        stage.hold_session(page, name=person)
    pages = {
        "visitors": lambda: _pages_of_visitors(stage, booking, cancelled),
        "the desk": lambda: _pages_of_the_desk(stage, booking, cancelled),
        "managers": lambda: _opened(stage, "/today", *_reports(stage), "/verify", *some(_MANAGERS), "/api/v1/docs"),
        "administrators": lambda: _opened(stage, *_ADMINISTRATORS),
    }
    problems = []
    for name, show in pages[of_whom]():
        show(page)
        if name == "/api/v1/docs":
            problems += _shorten(page)
        problems += [f"{name}: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)


#: Pages of managers that no other journey opens in every window.
_MANAGERS = (
    *(
        "/admin/alerts",
        "/admin/publishing",
        "/admin/no-shows",
        "/admin/region",
        "/admin/origins",
        "/admin/categories",
        "/admin/questions",
        "/admin/online",
        "/admin/certificates",
        "/admin/talks",
        "/bookings/talks",
        "/reports/talks",
        "/admin/points/setup",
        "/admin/points/indexes/new",
    ),
    *(
        "/bookings/units",
        "/bookings/appeals",
        "/bookings/blocks",
        "/admin/resources",
        "/gate",
        "/desk/muster",
        "/reports/goals",
        "/reports/links",
        "/network",
    ),
    "/admin/kinds",
    *("/privacy", "/admin/privacy"),
    "/admin/alerts/robot",
    *("/admin/feeds", "/admin/embed"),
)
#: The same of administrators.
_ADMINISTRATORS = ("/admin/people", "/admin/webhooks", "/admin/sign-on/new/oidc")

Show = Callable[[Page], object]


def _pages_of_visitors(stage: Scene, booking: Booking, cancelled: Booking) -> Iterator[tuple[str, Show]]:
    """Each page by a name, with what shows it."""

    def at(path: str) -> Show:
        return lambda page: page.goto(stage.url(path))

    yield "first page", at("/")
    yield "booking", at("/book")
    yield "booking, several places", _add_places
    yield "booking refused", _book_nothing
    yield "visit", at(f"/visits/{booking.key}")
    yield "pass", at(f"/visits/{booking.key}/pass")
    yield "cancelled visit", at(f"/visits/{cancelled.key}")
    yield "cancelled pass", at(f"/visits/{cancelled.key}/pass")
    yield "code, for a stranger", at(f"/t/{stage.code(booking)}")
    yield "nothing there", at("/nowhere")
    yield "sign-in", at("/sign-in")
    yield "sign-in refused", _sign_in_wrongly


def _pages_of_the_desk(stage: Scene, booking: Booking, cancelled: Booking) -> Iterator[tuple[str, Show]]:
    """What the desk shows, by a name, with what lets it show that."""
    yield "desk", stage.sign_in
    yield "desk, a group", lambda page: _find(page, booking.reference)
    yield "desk, refused", lambda page: _find(page, cancelled.reference)
    yield "desk, an unknown code", lambda page: _find(page, f"{stage.live.url}/T/NOTHING".upper())
    yield "desk, a search", lambda page: _find(page, "检验组")
    yield "desk, nothing found", lambda page: _find(page, "没有这个单位")
    yield "desk, a walk-in", lambda page: page.locator("#walk-in > summary").click()
    yield "desk, admitted", lambda page: _admit(page, stage)


def _reports(stage: Scene) -> Iterator[str]:
    yield "/reports"
    for period in (stage.month, "2018-02", stage.month[:4], "since-opening"):
        yield f"/reports/{period}"


def _opened(stage: Scene, *paths: str) -> Iterator[tuple[str, Show]]:
    """Pages by their paths, with what opens each, and nothing instead of it: a refusal is accessible, too."""

    def open_it(page: Page, address: str) -> None:
        response = page.goto(address)
        assert response, address
        assert (response.status, response.url) == (200, address)

    for path in paths:
        yield path, partial(open_it, address=stage.url(path))


def _shorten(page: Page) -> list[str]:
    """Leave ten sections of the page of the API, which all come from two templates and take axe 2 s of CPU time.

    Returns what is wrong with the whole page: it is too wide on a phone, or two of its elements have the same id.
    """
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    found = too_wide(page)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) > 100
    page.evaluate("document.querySelectorAll('section').forEach((one, at) => at % 20 && one.remove())")
    return found + [f"{name} is the id of several elements" for name in sorted({*ids}) if ids.count(name) > 1]


def _add_places(page: Page) -> None:
    for number in (2, 3):
        page.click("#add-origin")
        expect(page.locator(".origin")).to_have_count(number)


def _book_nothing(page: Page) -> None:
    fill_booking(page, organisation=LONG_NAME, division="440000", visitors=3, phone="12")
    page.locator("button.book").click()
    expect(page.locator("#problems")).to_be_visible()


def _sign_in_wrongly(page: Page) -> None:
    page.fill("#name", "nobody")
    page.fill("#password", "not the password")
    page.keyboard.press("Enter")
    expect(page.locator("#password-error")).to_be_visible()


def _find(page: Page, text: str) -> None:
    page.fill("#q", text)
    page.keyboard.press("Enter")


def _admit(page: Page, stage: Scene) -> None:
    booking = stage.book("到馆检验组", {"440000": 12, "450000": 3})
    _find(page, booking.reference)
    page.locator("#card button.admit").click()
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
