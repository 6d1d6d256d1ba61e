"""The pages for text messages: sign, limit, templates with errors beside their fields, held messages and counts."""

import dataclasses
from types import SimpleNamespace

import pytest
from flask import Flask

from hallapp.core.database import db, transaction
from hallapp.messages import texting
from hallapp.notifications import sender, service, texts
from hallapp.notifications.models import Channel, OutboxMessage
from hallapp.notifications.service import NewMessage
from hallapp.notifications.texting import Provider
from tests.booking.helpers import page, value_of
from tests.client import CheckingClient
from tests.notifications.providers import KEY_ID, SECRET, provider

PATH = "/admin/messages/texts"
LINES = ("zh", "en", "zh abroad", "en abroad")


def use(app: Flask, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], sms_url=url))


def lines(template: str, parameters: str) -> dict[str, str]:
    """The form of a kind with one template."""
    return {"rows-0-template": template, "rows-0-parameters": parameters}


def test_templates_are_entered_and_what_is_missing_is_named(
    app: Flask, office: SimpleNamespace, manager: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider("aliyun") as server:
        use(app, monkeypatch, server.url())
        first = manager.get(PATH)
        assert "阿里云" in page(first) and "未填写签名" in page(first)
        assert SECRET not in first.text and KEY_ID not in first.text
        assert "以下消息缺少模板" in page(manager.get("/admin/messages"))
        assert manager.submit(PATH, {"sign": "【岭南馆】", "daily_limit": "２"}).location == f"{PATH}?saved=1"
        shown = manager.get(PATH)
        assert (value_of(shown, "sign"), value_of(shown, "daily_limit")) == ("岭南馆", "2")
        kind = f"{PATH}/reminder"
        typed = lines("SMS_154950909", "${when}，place = address、 link_path")
        assert manager.submit(kind, typed).location == f"{kind}?saved=1"
        saved = manager.get(kind)
        assert value_of(saved, "rows-0-parameters") == "when,place=address,link_path"
        assert [name for name in LINES if "SMS_154950909" in page(saved)][:1] == ["zh"]
        with transaction():
            for end, language in (("1", "zh"), ("2", "zh"), ("3", "zh"), ("4", "en")):
                new = NewMessage(
                    hall_id=office.hall.id,
                    kind="booking_reminder",
                    channel=Channel.SMS,
                    recipient=f"+861990000106{end}",
                    body="明天见",
                    language=language,
                    values={"when": "明天", "address": "东湖街1号", "link": "https://a.example/visits/x"},
                )
                service.put(new)
        assert sender.run_sms(sms_url=server.url()) == sender.Tally(sent=2, put_off=2)
        assert "有2条短信暂缓发送" in page(manager.get(PATH))
        held = manager.get("/admin/outbox?fate=held")
        assert page(held).count("‖ 暂缓发送") == 2
        db.session.rollback()
        reasons = {
            row.held: page(manager.get(f"/admin/outbox/{row.id}"))
            for row in db.session.query(OutboxMessage).filter(OutboxMessage.held.is_not(None))
        }
        assert sorted("没有适用于该消息" in text or "已达到每日短信上限" in text for text in reasons.values()) == [
            True,
            True,
        ]
        manager.submit(PATH, {"sign": "岭南馆", "daily_limit": ""})
        assert manager.submit("/admin/outbox/release").location == "/admin/outbox?released=1"
        assert sender.run_sms(sms_url=server.url()) == sender.Tally(sent=1, put_off=1)
        assert manager.submit(kind, lines("", "")).status_code == 303
        assert "SMS_154950909" not in page(manager.get(kind))


@pytest.mark.parametrize(
    ("name", "template", "parameters", "words"),
    [
        ("aliyun", "154950909", "when", "请填写模板编号，例如SMS_154950909"),
        ("aliyun", "SMS_1", "when,time=until", "没有占位符until"),
        ("aliyun", "SMS_1", "when,when=link", "每个变量只能填写一次"),
        ("aliyun", "SMS_1", "1=when", "“1”不是变量名"),
        ("aliyun", "", "when", "请填写模板编号，或清空变量"),
        ("tencent", "SMS_1", "when", "请填写模板编号，例如1234567"),
        ("tencent", "1", "time=when", "请按顺序只填写占位符"),
        ("tencent", "1", "when," * 101, "500个字"),
    ],
)
def test_what_no_provider_can_send_is_refused_beside_its_field(
    app: Flask,
    office: SimpleNamespace,
    manager: CheckingClient,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    template: str,
    parameters: str,
    words: str,
) -> None:
    path = "/1400006666" if name == "tencent" else ""
    use(app, monkeypatch, f"{name}://id:secret@sms.example{path}")
    answer = manager.submit(f"{PATH}/reminder", lines(template, parameters))
    assert answer.status_code == 422
    assert words in page(answer)
    assert value_of(answer, "rows-0-template") == template
    assert texts.list_templates(office.hall.id, Provider(name)) == {}


def test_a_gateway_needs_no_templates(app: Flask, manager: CheckingClient, monkeypatch: pytest.MonkeyPatch) -> None:
    use(app, monkeypatch, "https://hall:pa55@sms.example/send")
    shown = manager.get(PATH)
    assert "sms.example" in page(shown) and "pa55" not in shown.text
    assert manager.get(f"{PATH}/reminder").status_code == 404
    for limit in ("-1", "many", "1000001"):
        assert manager.submit(PATH, {"sign": "", "daily_limit": limit}).status_code == 422


def test_each_message_by_text_offers_its_values() -> None:
    found = {kind.key: set(kind.placeholders) for kind in texting.list_kinds()}
    assert found["booking_code"] == {"hall", "code"}
    assert {"link", "link_path", "until"} <= found["offered"]
    assert len({kind.outbox_kind for kind in texting.list_kinds()}) == len(found)
