"""The privacy notice says what the settings do, in each language, and a booking keeps the version that it accepted."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.namelist.models import ListColumns
from hallapp.privacy.models import PrivacyVersion
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.policy import NameList
from tests import factories
from tests.booking.helpers import MADE, page, typed
from tests.client import CheckingClient
from tests.messages.helpers import BEFORE, DAY
from tests.no_shows import pause_after
from tests.office import signed_in

SUBMISSIONS = iter(range(100))


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(BEFORE, tick=False):
        yield


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE, retention_months=6, access_needs="", no_show_tiers=())
        return factories.slot(programme=factories.programme(hall=hall), day=DAY, visitor_capacity=90, guide_capacity=9)


def book(client: CheckingClient, slot: Slot) -> str | None:
    """The version that a new booking accepted."""
    client.get("/book")
    answer = client.submit("/book", typed(slot, submission=f"text {next(SUBMISSIONS)}"))
    assert answer.status_code == 303, page(answer)
    db.session.rollback()
    return db.session.scalars(select(Booking.privacy).order_by(Booking.id.desc())).first()


@pytest.mark.either_database
def test_bookings_keep_the_version_that_they_accepted(client: CheckingClient, slot: Slot) -> None:
    first = book(client, slot)
    assert first == book(client, slot), "equal notices are one version"
    assert "/privacy" in client.get("/book").text
    with transaction():
        db.session.get_one(Hall, slot.hall_id).retention_months = 9
    present = page(client.get("/privacy"))
    assert "参观已满9个月" in present and "参观已满6个月" not in present
    second = book(client, slot)
    assert second and first and second != first
    earlier = page(client.get(f"/privacy/{first}"))
    assert "参观已满6个月" in earlier and "这是较早的版本" in earlier and "何秀珍" not in earlier
    assert f"/privacy/{first}" in client.get("/privacy").text
    assert {version.digest for version in db.session.scalars(select(PrivacyVersion))} == {first, second}
    assert client.get("/privacy/000000000000").status_code == 404
    assert "6 months after the visit" in page(client.get(f"/privacy/{first}?lang=en")), "old words in each language"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ()),
        ({"access_needs": "wheelchairs"}, ("敏感个人信息", "轮椅位")),
        ({"no_show_tiers": pause_after(3)}, ("预约后未到的记录", "您的申诉", "申诉内容随")),
        ({"name_list": NameList.OPTIONAL}, ("团队人员姓名、电话", "为您办理入馆", "不满十四周岁", "30天后删除")),
        ({"country": "DE"}, ("第6条第1款a项", "数据保护机构")),
        ({"country": "GB"}, ("英国通用数据保护条例", "ico.org.uk")),
        ({"country": "BR"}, ("您的同意。", "所在国家的主管机关")),
    ],
)
def test_notice_follows_the_settings(
    client: CheckingClient, slot: Slot, settings: dict[str, object], words: tuple[str, ...]
) -> None:
    plain = page(client.get("/privacy"))
    assert "《个人信息保护法》" in plain and "敏感个人信息" not in plain
    assert not any(word in plain for word in words)
    assert "限制名单" in plain and "条目结束满6个月" in plain
    with transaction():
        hall = db.session.get_one(Hall, slot.hall_id)
        for name, value in settings.items():
            setattr(hall, name, value)
        columns = ListColumns(hall_id=hall.id, columns=["phone"], label={}, purpose={"zh": "为您办理入馆"})
        db.session.add(columns)
    changed = page(client.get("/privacy"))
    assert all(word in changed for word in words)
    assert ("《个人信息保护法》" in changed) == ("country" not in settings)


def test_hall_adds_words_of_its_own(app: Flask, client: CheckingClient, slot: Slot) -> None:
    first = book(client, slot)
    with transaction():
        manager = factories.staff(hall=slot.programme.hall, role=Role.MANAGER)
    staff = signed_in(app, manager)
    assert f"/privacy/{first}" in staff.get("/admin/privacy").text
    words = {"text_zh": "服务器设在广州。\n联系人：信息科", "text_en": "Our server is in Guangzhou."}
    assert staff.submit("/admin/privacy", words).status_code == 303
    assert "信息科" in staff.get("/admin/privacy").text
    shown = page(client.get("/privacy"))
    assert "<p>服务器设在广州。</p><p>联系人：信息科</p>" in shown.replace("</p> <p>", "</p><p>")
    assert "Our server is in Guangzhou." in client.get("/privacy?lang=en").text
    assert book(client, slot) != first
