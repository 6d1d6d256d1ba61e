"""What chats and search engines read of a hall."""

import io
import json
import re
from datetime import time
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from flask import Flask
from PIL import Image

from hallapp.core.database import transaction
from hallapp.profile import service as profile
from hallapp.profile.cropping import WIDE, crop
from hallapp.schedule import queries as schedule
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


def og(text: str) -> dict[str, str]:
    return dict(re.findall(r'<meta property="og:([a-z_:]+)" content="([^"]*)"', text))


@pytest.mark.parametrize(
    ("path", "name"), [("/book", "预约参观"), ("/find", "查找我的预约"), ("/sign-in", "工作人员登录")]
)
def test_public_pages_begin_with_the_hall_and_can_be_shared(
    client: CheckingClient, hall: Hall, path: str, name: str
) -> None:
    with transaction():
        cropped = crop(picture(), WIDE)
        profile.save_picture(
            profile.SavePicture(hall_id=hall.id, by=None, place="hall", cropped=cropped, alt={"zh": "展厅"})
        )
    text = client.get(f"{path}?lang=zh&x=1").text
    assert f"<title>岭南展览馆 · {name}</title>" in text
    told = og(text)
    assert (told["title"], told["description"], told["image:alt"]) == (f"岭南展览馆 · {name}", "海上贸易", "展厅")
    assert told["url"].endswith(path), "without what a visitor chose"
    assert re.search(r"/pictures/[0-9a-f]{64}/\d+\.jpg$", told["image"])


def test_pages_of_a_group_tell_nothing_of_it_when_shared(client: CheckingClient, hall: Hall) -> None:
    tour = schedule.list_all_programmes(hall.id)[0]
    booking = factories.make(
        factories.booking,
        slot=factories.make(factories.slot, programme=tour),
        organisation="越秀小学",
        contact_name="李雷",
    )
    for path in (f"/visits/{booking.key}", f"/visits/{booking.key}/change"):
        text = client.get(path, headers={"Accept-Language": "zh"}).text
        told = og(text)
        assert told["title"] == "岭南展览馆"
        assert "url" not in told
        assert '<meta name="robots" content="noindex">' in text
        for secret in (booking.key, booking.reference, "越秀小学", "李雷"):
            assert secret not in "".join(told.values())
        assert re.search("<title>岭南展览馆 · ", text)


def test_icons_are_made_from_the_logo(client: CheckingClient, hall: Hall) -> None:
    standard = re.findall(r'<link rel="(?:apple-touch-)?icon" href="([^"]+)"', client.get("/").text)
    assert len(standard) == 4
    assert all(address.startswith("/static/") for address in standard)
    with transaction():
        service.save_logo(hall.id, drawn_logo(300, 100), None)
    found = re.findall(r'<link rel="(?:apple-touch-)?icon" href="([^"]+)"', client.get("/").text)
    manifest = client.get("/site.webmanifest", headers={"Accept-Language": "zh"})
    assert (manifest.mimetype, manifest.json["name"]) == ("application/manifest+json", "岭南展览馆")
    for address in {*found, *(icon["src"] for icon in manifest.json["icons"])}:
        answer = client.get(address)
        assert "immutable" in answer.headers["Cache-Control"]
        with Image.open(io.BytesIO(answer.data)) as icon:
            assert address.endswith(f"/{icon.width}.png")
            assert icon.width == icon.height
            side = icon.width
            middle, corner = (
                icon.convert("RGBA").getpixel((side // 2, side // 2)),
                icon.convert("RGBA").getpixel((0, 0)),
            )
        assert middle == (20, 90, 160, 255)
        assert corner == ((255, 255, 255, 0) if side == 32 else (255, 255, 255, 255)), "a wide logo keeps its shape"
    sizes = {Image.open(io.BytesIO(client.get(address).data)).width for address in found}
    assert sizes == {32, 180, 192}
    for address in (found[0].replace("32.png", "33.png"), f"/icons/{'0' * 64}/32.png", "/icons/x/32.png"):
        assert client.get(address).status_code == 404


def drawn_logo(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (20, 90, 160)).save(file, format="PNG")
    return file.getvalue()
