"""The booking page shows all errors of a form at once, and judges the size of the group in words."""

import re
from datetime import date

import pytest
from flask import Flask

from hallapp.core.database import transaction
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import MADE, page, typed
from tests.client import CheckingClient

pytestmark = pytest.mark.usefixtures("first_of_december")

DAY = date(2026, 12, 5)


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE)
        return factories.slot(programme=factories.programme(hall=hall), day=DAY)


ALL_AT_ONCE = [
    ({"origins-0-visitors": "51"}, ["#who-origins"]),
    ({"origins-0-visitors": "7"}, ["#who-origins"]),
    ({"origins-0-visitors": "x"}, ["#origins-0-visitors"]),
    ({"origins-0-visitors": "45"}, ["#times"]),
    ({"slot": "999999"}, ["#times"]),
    ({"slot": "x", "origins-0-visitors": "3"}, ["#times", "#who-origins"]),
    ({"tour_language": "ko"}, ["#tour_language"]),
    ({"origins-0-division": "", "origins-0-visitors": "30"}, ["#origins-0-division"]),
    ({"origins-0-division": "", "origins-0-visitors": "300"}, ["#origins-0-division", "#who-origins"]),
]


@pytest.mark.parametrize(("changes", "anchors"), ALL_AT_ONCE)
def test_all_errors_are_shown_at_once(
    client: CheckingClient, slot: Slot, changes: dict[str, str], anchors: list[str]
) -> None:
    """What only the service would refuse is shown with what the form finds."""
    with transaction():
        slot.visitors_booked = 70
    client.get("/book")
    answer = client.submit("/book", typed(slot, organisation="", consent=None, **changes))
    found = re.findall(r'<li><a href="(#[^"]+)">', page(answer).split('id="problems"')[1].split("</ul>")[0])
    assert answer.status_code == 422
    assert sorted(found) == sorted(["#organisation", *anchors, "#consent"])


def test_a_button_that_only_changes_the_page_shows_no_errors(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    sent = typed(slot, organisation="", **{"origins-0-visitors": "51"}) | {"refresh": "people"}
    shown = page(client.submit("/book", sent))
    assert 'id="problems"' not in shown
    assert re.search(r'class="size wrong"[^>]*>人数超出：本项目每团最多50人。<', shown)


SIZES = [("", 100, "每团8–50人。"), ("7", 100, "人数不足"), ("51", 100, "人数超出"), ("20", 20, "每团8–50人。")]


@pytest.mark.parametrize(("people", "places", "said"), SIZES)
def test_the_size_is_judged_in_words(client: CheckingClient, slot: Slot, people: str, places: int, said: str) -> None:
    with transaction():
        slot.visitors_booked = 100 - places
    client.get("/book")
    sent = typed(slot, **{"origins-0-visitors": people}) | {"refresh": "people"}
    found = re.search(r'id="size"[^>]*>([^<]*)<', page(client.submit("/book", sent)))
    assert found and found.group(1).startswith(said)
