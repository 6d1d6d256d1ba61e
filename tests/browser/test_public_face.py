"""A hall with its own colour, logo and pictures, as visitors see it: accessible in every window."""

from collections.abc import Iterator
from datetime import time

import pytest
from playwright.sync_api import expect

from hallapp.core.database import transaction
from hallapp.profile import service as profile
from hallapp.profile.cropping import crop
from hallapp.schedule import policies, service
from hallapp.schedule.service import SetTemplate
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.inside import serve_inside
from tests.browser.looks import WINDOWS, faults
from tests.live import Live
from tests.profile.test_cropping import picture


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose only hall has an accent, a logo, pictures, notes and a notice."""
    folder = tmp_path_factory.mktemp("face")
    with serve_inside(f"sqlite:///{folder / 'face.sqlite3'}", folder) as live:
        with live.app.app_context(), transaction():
            hall = factories.hall(accent="#004080", intro_zh="海上贸易", coach_zh="南门", access_zh="电梯")
            factories.programme(hall=hall, slug="tour")
            lines = tuple((day, time(10), 100, 3) for day in range(7))
            command = SetTemplate(hall_id=hall.id, by=None, programme="tour", valid_from=hall.today(), lines=lines)  # type: ignore[arg-type]
            service.set_template(command)
            service.extend_slots(hall)
            policies.save_logo(hall.id, picture("PNG", (300, 100)), by=None)
            for place in ("hall", "map", "programme-tour"):
                cropped = crop(picture(), profile.shape_of(place))
                profile.save_picture(
                    profile.SavePicture(
                        hall_id=hall.id, by=None, place=place, cropped=cropped, alt={"zh": "展厅", "en": "The room"}
                    )
                )
            today = hall.today()
            profile.save_notice(
                profile.SaveNotice(
                    hall_id=hall.id, by=None, number=None, first=today, last=today, text={"zh": "施工", "en": "Works"}
                )
            )
        yield live


@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_the_pages_of_a_hall_with_a_look_of_its_own(
    open_page: Opener, live: Live, language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme)
    for path in ("/book", "/"):
        page.goto(f"{live.url}{path}")
        assert faults(page) == [], path
    expect(page.locator(".hero-picture")).to_be_visible()
    page.locator(".map-picture").scroll_into_view_if_needed()
    for name in ("hero-picture", "map-picture"):
        expect(page.locator(f".{name}")).to_have_js_property("complete", True)
        assert page.locator(f".{name}").evaluate("image => image.naturalWidth") > 300
