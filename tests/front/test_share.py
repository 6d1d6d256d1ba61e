"""What chats and search engines read of a hall."""

import json
import re
from datetime import time
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from flask import Flask

from hallapp.core.database import transaction
from hallapp.profile import service as profile
from hallapp.profile.cropping import WIDE, crop
from hallapp.schedule import service
from hallapp.schedule.models import Hall
from hallapp.schedule.service import SetTemplate
from tests import factories
from tests.client import CheckingClient
from tests.profile.test_cropping import picture


@pytest.fixture
def hall(app: Flask) -> Hall:
    with transaction():
        hall = factories.hall(closed_weekdays="0", intro_en='Trade </script><b>"by" sea', intro_zh="海上贸易")
        factories.programme(hall=hall, slug="tour", minutes=90)
        lines = tuple((day, time(10), 100, 3) for day in range(7))
        command = SetTemplate(hall_id=hall.id, by=None, programme="tour", valid_from=hall.today(), lines=lines)  # type: ignore[arg-type]
        service.set_template(command)
    return hall


def test_a_shared_link_has_title_words_and_picture(client: CheckingClient, hall: Hall) -> None:
    with transaction():
        profile.save_picture(
            profile.SavePicture(
                hall_id=hall.id, by=None, place="hall", cropped=crop(picture(), WIDE), alt={"zh": "展厅", "en": "Room"}
            )
        )
    text = client.get("/?lang=en").text
    told = dict(re.findall(r'<meta property="og:([a-z:]+)" content="([^"]*)"', text))
    assert told["title"] == "Lingnan Exhibition Hall"
    assert "Trade" in told["description"]
    address = re.fullmatch(r"https?://[^/]+(/pictures/.*\.jpg)", told["image"])
    assert address
    assert client.get(address.group(1)).mimetype == "image/jpeg"
    assert re.search("<title>([^<]*)", text).group(1).startswith("Lingnan Exhibition Hall · ")  # type: ignore[union-attr]
    found = re.search(r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', text, re.DOTALL)
    assert found
    facts = json.loads(found.group(1))
    assert facts["description"] == 'Trade </script><b>"by" sea'
    assert facts["telephone"] == "020 8345 0000"
    (week,) = facts["openingHoursSpecification"]
    assert (week["dayOfWeek"][0], week["dayOfWeek"][-1], week["opens"], week["closes"]) == (
        "Tuesday",
        "Sunday",
        "10:00",
        "11:30",
    )


def test_search_engines_find_public_pages_and_leave_out_private_ones(client: CheckingClient, hall: Hall) -> None:
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())
    for path in ("/", "/book", "/book?lang=en", "/pictures/0/1.jpg", "/find"):
        assert rules.can_fetch("any", path), path
    for path in ("/visits/key", "/t/CODE", "/admin/hall", "/desk", "/bookings?q=1", "/invitations/x", "/reports/2026"):
        assert not rules.can_fetch("any", path), path
    listed = [one.text or "" for one in ElementTree.fromstring(client.get("/sitemap.xml").data).iter() if one.text]
    paths = [re.sub(r"^https?://[^/]+", "", address) for address in listed if address.strip()]
    assert paths == ["/?lang=zh", "/?lang=en", "/book?lang=zh", "/book?lang=en"]
    assert all(client.get(path).status_code == 200 for path in paths)
    for path, link in (("/?lang=en", "/?lang=en"), ("/?lang=zh", "/?lang=zh"), ("/", "/?lang=zh")):
        home = client.get(path, headers={"Accept-Language": "zh"}).text
        assert re.search(rf'rel="canonical" href="https?://[^/"]+{re.escape(link)}"', home), path
