"""The pass as a picture: it decodes as it is and as a small screenshot, and holds every name."""

import io
from dataclasses import replace

import pytest
from flask import Flask
from PIL import Image

from hallapp.booking.models import BookingState
from hallapp.core.database import transaction
from hallapp.passes import picture, service
from hallapp.passes.sheet import PassSheet
from tests import factories
from tests.client import CheckingClient
from tests.passes import reading
from tests.passes.test_pdf import SHEET

WECHAT = "Mozilla/5.0 (Linux; Android 12; V2001A) Chrome/107.0.5304.141 Mobile Safari/537.36 MicroMessenger/8.0.37"
LONG = {
    "organisation": "中国南方电网有限责任公司广东省广州市越秀区供电局第十二党支部" * 3,
    "hall_name": "岭南近现代工业文化展览馆" * 3,
    "address": "广州市越秀区东风中路四百三十七号越秀城市广场南塔一层东侧" * 3,
    "contact_name": "𠮷田 Nguyễn Thị Ánh ئابدۇللا བཀྲ་ཤིས",
    "resources": " · ".join(f"讲解耳机及配套设备第{number}组40台" for number in range(9)),
    "notice": "演示数据：访客与预约均为虚构",
}


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    assert image.format == "PNG"
    return image.convert("RGB")


@pytest.mark.parametrize("sheet", [SHEET, replace(SHEET, **LONG)], ids=["usual", "long"])
def test_picture_decodes_as_it_is_and_as_a_screenshot_that_a_chat_made_smaller(sheet: PassSheet) -> None:
    content = picture.render(sheet)
    image = opened(content)
    assert image.size == (1080, 1920)
    assert len(content) < 120_000
    small = io.BytesIO()
    image.resize((360, 640)).save(small, "JPEG", quality=40)
    assert reading.scan(image) == reading.scan(Image.open(small)) == [sheet.qr_text]


def ink(image: Image.Image, top: int, bottom: int) -> int:
    """The number of dark pixels between two heights."""
    return sum(image.convert("L").crop((0, top, 1080, bottom)).histogram()[:128])


@pytest.mark.parametrize("name", ["Łukasz", "Ελένη", "홍길동", "བཀྲ་ཤིས", "ئابدۇللا", "สมชาย", "𠮷田"])
def test_names_of_every_script_leave_their_ink_on_the_picture(name: str) -> None:
    without, with_name = (opened(picture.render(replace(SHEET, contact_name=text))) for text in ("", name))
    assert ink(with_name, 1250, 1720) > ink(without, 1250, 1720) + 300


def test_picture_of_a_booking_and_how_wechat_saves_it(app: Flask, client: CheckingClient) -> None:
    with transaction():
        booking = factories.booking(slot=factories.slot(programme=factories.programme(hall=factories.hall())))
        service.issue(booking)
    address = f"/visits/{booking.key}/pass.png"
    answer = client.get(address)
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "private, no-store"
    paper = client.get(f"/visits/{booking.key}/pass.pdf").data
    assert reading.scan(opened(answer.data)) == reading.scan(reading.picture(paper))
    for page in ("", "/pass"):
        elsewhere = client.get(f"/visits/{booking.key}{page}").get_data(as_text=True)
        assert "pass.png" in elsewhere and 'href="#outside"' not in elsewhere and "visit.ics" in elsewhere
        inside = client.get(f"/visits/{booking.key}{page}", headers={"User-Agent": WECHAT}).get_data(as_text=True)
        assert 'href="#outside"' in inside and "pass.pdf" not in inside and "visit.ics" not in inside
    assert f'<img src="{address}' in inside
    assert "长按图片" in inside


def test_no_picture_without_a_pass(client: CheckingClient, app: Flask) -> None:
    with transaction():
        booking = factories.booking(
            slot=factories.slot(programme=factories.programme(hall=factories.hall())), state=BookingState.REQUESTED
        )
    assert client.get(f"/visits/{booking.key}/pass.png").status_code == 404
