"""The pages of the hall's messages: ways, words with their preview, and refusals that lose nothing."""

from types import SimpleNamespace
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.messages import queries
from hallapp.messages.models import MessageKind, MessageText
from hallapp.messages.queries import Ways
from hallapp.notifications.models import Channel
from tests import factories
from tests.booking.helpers import page, value_of
from tests.client import CheckingClient
from tests.conftest import thinned
from tests.office import plain_browser, signed_in
from tests.queries import Queries
from tests.test_bad_input import TEXTS

WORDS = "/admin/messages/reminder/zh/email"


def saved(office: SimpleNamespace) -> MessageText | None:
    db.session.rollback()
    return queries.find_text(office.hall.id, MessageKind.REMINDER, "zh", Channel.EMAIL)


def test_a_manager_edits_previews_saves_and_restores_a_message(
    office: SimpleNamespace, manager: CheckingClient
) -> None:
    first = manager.get(WORDS)
    assert "标准文字" in page(first)
    assert value_of(first, "subject") == "明天参观：{when}"
    typed = {"subject": "{hall} 恭候 {organisation}", "body": "{name}：\n\n明天见！<b>{people}</b> 人\n{link}"}
    preview = manager.submit(WORDS, {**typed, "preview": "1"})
    text = page(preview)
    assert "尚未保存" in text and "岭南展览馆 恭候 广州市越秀区东湖街老年大学" in text
    assert "明天见！&lt;b&gt;38&lt;/b&gt; 人" in text
    assert value_of(preview, "subject") == typed["subject"]
    assert saved(office) is None
    assert manager.submit(WORDS, typed).location == f"{WORDS}?saved=1"
    row = saved(office)
    assert row and (row.subject, row.body) == (typed["subject"], typed["body"])
    assert "展馆自定文字" in page(manager.get(WORDS))
    assert page(manager.get("/admin/messages")).count("自定</span>") == 1
    assert manager.submit(f"{WORDS}/standard").status_code == 303
    assert manager.submit(f"{WORDS}/standard").status_code == 303  # again is no harm
    assert saved(office) is None
    entries = db.session.execute(select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)).all()
    assert entries == [
        ("message_text_saved", "message reminder zh email"),
        ("message_text_restored", "message reminder zh email"),
    ]


@pytest.mark.parametrize(
    ("subject", "body", "field", "words"),
    [
        ("{until}", "b", "subject", "没有占位符{until}"),
        ("s", "{booking.key.__class__}", "body", "大括号里不是占位符"),
        ("s", "{{7*7}}", "body", "大括号里不是占位符"),
        ("s", "{name", "body", "大括号里不是占位符"),
        ("", "b", "subject", "请填写内容"),
        ("s", " ", "body", "请填写内容"),
        ("长" * 201, "b", "subject", "请缩短到200个字符以内"),
        ("s", "长" * 5001, "body", "请缩短到5000个字符以内"),
    ],
)
def test_what_cannot_be_sent_is_refused_beside_its_field(
    office: SimpleNamespace, manager: CheckingClient, subject: str, body: str, field: str, words: str
) -> None:
    for more in ({}, {"preview": "1"}):
        answer = manager.submit(WORDS, {"subject": subject, "body": body, **more})
        assert answer.status_code == 422
        found = page(answer).partition(f'id="{field}-error"')[2]
        assert words in found[:300]
        assert value_of(answer, "subject") == subject
        assert not body.strip() or body[:20] in page(answer)
    assert saved(office) is None


def test_message_pages_answer_any_input_without_an_error(office: SimpleNamespace, manager: CheckingClient) -> None:
    browser = plain_browser(manager)
    for text in thinned(TEXTS):
        sent = {"subject": text, "body": text, "csrf_token": manager.csrf_token}
        data = {name: value.encode("utf-8", "surrogatepass") for name, value in sent.items()}
        assert browser.post(WORDS, data=data).status_code in (303, 413, 422)
        word = quote(text.encode("utf-8", "surrogatepass"))[:3000]
        assert browser.get(f"/admin/outbox?fate={word}&day={word}&kind={word}").status_code in (200, 422)
        assert browser.get(f"/admin/outbox?before={word}&after={word}").status_code == 200
    for path in ("nothing/zh/email", "reminder/fr/email", "reminder/zh/fax", "reminder/zh/EMAIL"):
        assert browser.get(f"/admin/messages/{path}").status_code == 404


def test_channels_are_chosen_by_ticks(office: SimpleNamespace, manager: CheckingClient) -> None:
    before = queries.list_ways(office.hall.id)
    assert [kind.value for kind, ways in before.items() if ways.sms] == ["offered", "cancelled_by_hall", "reminder"]
    assert all(ways.email for ways in before.values())
    assert "短信尚未开通" in page(manager.get("/admin/messages"))
    sent = {f"{kind.value}-email": "on" for kind in MessageKind if kind is not MessageKind.THANKS}
    assert manager.submit("/admin/messages", {**sent, "placed-sms": "on"}).location == "/admin/messages?saved=1"
    db.session.rollback()
    db.session.expire_all()
    after = queries.list_ways(office.hall.id)
    assert after[MessageKind.THANKS] == Ways(email=False, sms=False)
    assert after[MessageKind.PLACED] == Ways(email=True, sms=True)
    assert after[MessageKind.REMINDER] == Ways(email=True, sms=False)
    assert db.session.scalars(select(AuditEntry.detail)).one()["thanks"] == {"before": "email", "after": "—"}


def test_texts_of_another_hall_are_not_changed(app: Flask, office: SimpleNamespace, manager: CheckingClient) -> None:
    manager.submit(WORDS, {"subject": "甲馆", "body": "甲馆"})
    with transaction():
        other = factories.staff(hall=factories.hall(), role=Role.MANAGER, password_hash="none")
    elsewhere = signed_in(app, other)
    assert "标准文字" in page(elsewhere.get(WORDS))
    elsewhere.submit(f"{WORDS}/standard")
    row = saved(office)
    assert row and row.body == "甲馆"


def test_number_of_queries_does_not_grow_with_the_texts(office: SimpleNamespace, manager: CheckingClient) -> None:
    manager.get("/admin/messages")
    with Queries() as few:
        manager.get("/admin/messages")
    for kind in ("placed", "reminder", "thanks"):
        manager.submit(f"/admin/messages/{kind}/zh/email", {"subject": "s", "body": "b"})
    with Queries() as many:
        manager.get("/admin/messages")
    assert many.number == few.number
