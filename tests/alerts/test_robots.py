"""Chat robots: their addresses, what they take, and what happens where they do not."""

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.alerts import robots, senders, service
from hallapp.alerts.models import AlertKind, AlertRecipient, Pace
from hallapp.alerts.robots import NoRobot, NotTaken, Provider, Robot
from hallapp.alerts.service import SaveRecipient
from hallapp.booking import service as bookings
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.desk.signals import conflict_arose
from hallapp.notifications import sender
from hallapp.notifications.models import Channel, Fate, OutboxMessage
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.alerts.chat_services import SECRETS, TOKENS, chat_services
from tests.booking.helpers import command
from tests.office import signed_in

ALL = tuple(AlertKind)
ROBOTS = [Robot(provider=one, token=TOKENS[one], secret=SECRETS[one]) for one in TOKENS]
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKENS[Provider.WECOM]}"


@pytest.mark.parametrize(
    ("address", "provider", "token"),
    [
        (WECOM, Provider.WECOM, TOKENS[Provider.WECOM]),
        ("https://oapi.dingtalk.com/robot/send?access_token=9f8e7d6c5b4a", Provider.DINGTALK, "9f8e7d6c5b4a"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/a1b2-c3d4-e5f6", Provider.FEISHU, "a1b2-c3d4-e5f6"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/a1b2-c3d4-e5f6", Provider.LARK, "a1b2-c3d4-e5f6"),
    ],
)
def test_address_of_a_robot_is_read(address: str, provider: Provider, token: str) -> None:
    robot = robots.read(address, "s")
    assert (robot.provider, robot.token, robot.secret) == (provider, token, "s")
    assert token not in robot.fingerprint
    assert Robot.from_text(robot.as_text()) == robot


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://example.org/robot",
        WECOM.replace("https", "http"),
        WECOM.replace("qq.com", "qq.com.example.org"),
        WECOM.replace("?key=", "?token="),
        "https://oapi.dingtalk.com/robot/send?access_token=",
        "https://oapi.dingtalk.com:8443/robot/send?access_token=9f8e7d6c5b4a",
        "https://u@oapi.dingtalk.com/robot/send?access_token=9f8e7d6c5b4a",
        "https://open.feishu.cn/open-apis/bot/v2/hook/",
        "https://open.feishu.cn/open-apis/bot/v2/hook/../../x/a1b2c3d4",
        "https://[::1/",
        "https://open.feishu.cn",
        "https://oapi.dingtalk.com?access_token=9f8e7d6c5b4a",
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(NoRobot):
        robots.read(address)


@pytest.mark.parametrize("robot", ROBOTS, ids=lambda robot: robot.provider)
def test_what_robots_take_and_refuse(robot: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    with chat_services(monkeypatch) as services:
        robots.send(robot, "岭南展览馆：新的预约申请", at=now)
        robots.send(robot, "长" * 5000, at=now)
        short, cut = services.texts(robot.provider)
        assert short == "岭南展览馆：新的预约申请"
        assert len(cut.encode()) <= robots.MOST_BYTES and cut == "长" * (len(cut) - 1) + "…"
        for _ in range(18):
            robots.send(robot, "again", at=now)
        with pytest.raises(NotTaken, match="20 times") as too_many:
            robots.send(robot, "again", at=now)
        assert not too_many.value.for_good
        wrong = Robot(provider=robot.provider, token=robot.token, secret="no")
        if robot.provider is Provider.WECOM:
            wrong = Robot(provider=robot.provider, token="anotherkey12", secret="")
        with pytest.raises(NotTaken) as refused:
            robots.send(wrong, "again", at=now)
        assert refused.value.for_good and wrong.token not in refused.value.reason
        services.status = 502
        with pytest.raises(NotTaken, match="HTTP 502") as away:
            robots.send(robot, "again", at=now)
        assert not away.value.for_good
    with pytest.raises(NotTaken, match="no answer"):
        robots.send(robot, "again", at=now)


@pytest.mark.parametrize("body", ["", "[]", "null", '{"errcode": "0"}', "<html>", '{"ok": true}'])
def test_an_answer_that_cannot_be_read_is_no_success(body: str) -> None:
    assert robots._result(body)[0] is None


@pytest.fixture
def scene(app: Flask) -> SimpleNamespace:
    """A hall that reviews requests, with a time, a manager, and a robot of DingTalk that gets all alerts."""
    with transaction():
        hall = factories.hall(confirmation=Confirmation.REVIEW, slots_until=datetime(2099, 12, 31).date())
        slot = factories.slot(programme=factories.programme(hall=hall), starts=time(10), visitor_capacity=500)
        manager = factories.staff(hall=hall, role=Role.MANAGER)
    made = SimpleNamespace(hall=hall, slot=slot, manager=manager)
    save(made, ROBOTS[1])
    return made


def save(scene: SimpleNamespace, robot: Robot, **values: Any) -> AlertRecipient:
    usual = {"name": "值班群", "language": "zh", "kinds": ALL, "pace": Pace.AT_ONCE, "active": True, "number": None}
    with transaction():
        return service.save_recipient(
            SaveRecipient(
                hall_id=scene.hall.id,
                by=scene.manager.id,
                address=robot.fingerprint,
                channel=Channel.CHAT,
                secret=senders.close(robot),
                **usual | values,
            )
        )


def test_alerts_reach_the_chat_and_a_refusal_is_seen_in_the_outbox(
    scene: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with chat_services(monkeypatch) as services:
        with transaction():
            booking = bookings.place(command(scene.slot, submission="1", email="he@example.com"))
            bookings.cancel(booking)
            conflict_arose.send(scene.hall.id)
        assert sender.run_registered().sent == 3
        new, cancelled, conflict = services.texts(Provider.DINGTALK)
        assert new.startswith("岭南展览馆：新的预约申请等待审核\n") and "/bookings/review" in new
        assert "广州市越秀区东湖街老年大学" in new and f"/bookings/{booking.reference}" in cancelled
        assert "/desk/conflicts" in conflict
        for secret in ("何秀珍", "19900001050", "he@example.com"):
            assert secret not in new + cancelled + conflict
        with transaction():
            found = db.session.scalars(select(AlertRecipient)).one()
            found.secret = senders.close(Robot(provider=Provider.DINGTALK, token=ROBOTS[1].token, secret="SECold"))
            service.send_test(db.session.merge(scene.hall), found, by=scene.manager.id)
        assert sender.run_registered().given_up == 1
    refused = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert refused is not None and refused.fate is Fate.GIVEN_UP
    assert "310000" in str(refused.last_error)
    stored = [*db.session.scalars(select(AlertRecipient)), *db.session.scalars(select(OutboxMessage))]
    written = caplog.text + "".join(str(vars(one)) for one in [*stored, *db.session.scalars(select(AuditEntry))])
    assert ROBOTS[1].token not in written and ROBOTS[1].secret not in written


def test_morning_summary_goes_to_the_chat_with_undecided_admissions(
    scene: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(scene, ROBOTS[1], number=1, pace=Pace.MORNING)
    monkeypatch.setattr(service.desk, "count_open_conflicts", lambda _hall: 2)
    with chat_services(monkeypatch) as services:
        with transaction():
            bookings.place(command(scene.slot, submission="1"))
        with time_machine.travel(datetime.combine(scene.hall.today() + timedelta(days=1), time(1), UTC)):
            with transaction():
                assert service.summarise(db.session.merge(scene.hall)) == 1
            sender.run_registered()
        [summary] = services.texts(Provider.DINGTALK)
    assert "2笔入馆待处理" in summary and "东湖街老年大学" in summary


def test_page_stores_a_robot_and_never_shows_it(scene: SimpleNamespace, app: Flask) -> None:
    client = signed_in(app, scene.manager)
    values = {"name": "前台群", "language": "zh", "kinds": ["failed"], "pace": "at_once", "active": "y"}
    client.get("/admin/alerts/robot")
    for wrong in ("", "https://example.org/"):
        refused = client.submit("/admin/alerts/robot", {**values, "url": wrong, "secret": ""})
        assert refused.status_code == 422 and 'id="url-error"' in refused.text
    assert client.submit("/admin/alerts/robot", {**values, "url": WECOM, "secret": ""}).status_code == 303
    assert client.submit("/admin/alerts/robot", {**values, "url": WECOM, "secret": ""}).status_code == 422
    page, listed = client.get("/admin/alerts/2").text, client.get("/admin/alerts").text
    assert TOKENS[Provider.WECOM] not in page + listed
    assert "企业微信" in listed and "前台群" in listed
    kept = db.session.get_one(AlertRecipient, (scene.hall.id, 2)).secret
    client.submit("/admin/alerts/2", {**values, "name": "保安群", "url": "", "secret": ""})
    db.session.expire_all()
    row = db.session.get_one(AlertRecipient, (scene.hall.id, 2))
    assert (row.name, row.secret) == ("保安群", kept)
    tested = client.submit("/admin/alerts/2/test", {}, follow_redirects=True)
    assert "如果您看到这条消息" in tested.text
