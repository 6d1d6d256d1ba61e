"""A manager's message to the groups of a day or of one time: looked at first, sent once, and never to strangers."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking.models import BookingState
from hallapp.core.database import db, transaction
from hallapp.notifications.models import Channel, OutboxMessage
from tests import factories
from tests.booking.helpers import page
from tests.client import CheckingClient
from tests.office import DAY, book, signed_in

PATH = f"/admin/messages/groups/{DAY}"
FORM = {
    "submission": "0123456789abcdef0123456789abcdef",
    "slot": "",
    "text_zh": "上午停水，{when} 请自带饮用水。",
    "text_en": "",
}


def mails() -> list[OutboxMessage]:
    found = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "group_message"))
    return sorted(found, key=lambda mail: mail.recipient)


def three_groups(office: SimpleNamespace) -> None:
    book(office.morning, "早上的中学", email="a@example.org")
    book(office.morning, "没有邮箱的团队", email=None)
    book(office.afternoon, "Afternoon College", email="b@example.org", language="en")
    book(office.afternoon, "取消的团队", email="c@example.org", state=BookingState.CANCELLED)


def test_message_is_looked_at_and_then_goes_to_each_group_once(
    office: SimpleNamespace, manager: CheckingClient
) -> None:
    three_groups(office)
    assert page(manager.get(PATH)).count("没有邮箱的团队") == 1

    shown = page(manager.submit(PATH, {**FORM, "act": "preview"}))

    assert "上午停水，{when} 请自带饮用水。" in shown and "发送给2个团队" in shown
    assert "请致电1个团队" in shown and 'href="tel:+8619900001050"' in shown
    assert mails() == []
    assert "请自带饮用水" in page(manager.submit(PATH, {**FORM, "act": "edit"}))
    for _again in range(2):  # pressed twice
        assert manager.submit(PATH, {**FORM, "act": "send"}).location == f"{PATH}?sent=2"
    morning, afternoon = mails()
    assert (morning.recipient, afternoon.recipient) == ("a@example.org", "b@example.org")
    assert "12月5日 周六 09:30" in morning.body and "上午停水，{when}" in morning.body
    assert "about your visit on Sat 5 Dec" in afternoon.subject and "上午停水" in afternoon.body
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "groups_told")).one()
    assert (entry.subject, entry.detail) == (f"day {DAY}", {"groups": 2})
    corrected = {**FORM, "text_zh": "停水改到下午。", "act": "send"}  # after a step back in the browser
    assert manager.submit(PATH, corrected).location == f"{PATH}?sent=2"
    assert [mail.recipient for mail in mails() if "停水改到下午" in mail.body] == ["a@example.org", "b@example.org"]


def test_message_to_one_time_goes_in_the_language_of_each(office: SimpleNamespace, manager: CheckingClient) -> None:
    three_groups(office)
    sent = {**FORM, "slot": str(office.afternoon.id), "text_en": "No water this morning.", "act": "send"}
    assert manager.submit(PATH, sent).location == f"{PATH}?sent=1"
    [mail] = mails()
    assert mail.recipient == "b@example.org" and mail.body.startswith("No water this morning.")


def test_what_cannot_be_sent_is_said_and_nothing_is_lost(office: SimpleNamespace, manager: CheckingClient) -> None:
    three_groups(office)
    for wrong in (
        {"text_zh": " "},
        {"text_zh": "长" * 1001},
        {"slot": "999999", "text_en": "kept"},
        {"slot": "\0", "text_en": "kept"},
        {"submission": "x", "text_en": "kept"},
    ):
        answer = manager.submit(PATH, {**FORM, **wrong, "act": "send"})
        assert answer.status_code == 422, wrong
        assert "field-error" in answer.text
        assert "text_en" not in wrong or "kept" in answer.text
    assert mails() == []


def test_message_ends_at_a_limit_and_at_the_hall(app: Flask, office: SimpleNamespace, manager: CheckingClient) -> None:
    three_groups(office)
    with transaction():
        other = factories.staff(hall=factories.hall(), role=Role.MANAGER, password_hash="none")
    elsewhere = signed_in(app, other)
    assert "早上的中学" not in page(elsewhere.get(PATH))
    assert elsewhere.submit(PATH, {**FORM, "act": "send"}).status_code == 409
    app.config["RATE_LIMITS"] = True
    answers = [
        manager.submit(PATH, {**FORM, "submission": f"{number:032x}", "act": "send"}).status_code for number in range(7)
    ]
    assert answers == [303] * 6 + [429]


@pytest.fixture
def with_texts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment with a gateway for text messages."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], sms_url="https://sms.example/send"))


@pytest.mark.parametrize(
    ("by_text", "texted", "phoned"),
    [
        ("without_mail", ["没有邮箱的团队"], False),
        ("everybody", ["Afternoon College", "早上的中学", "没有邮箱的团队"], False),
        ("", [], True),
        (None, [], True),  # a page from before
    ],
)
def test_text_messages_are_counted_first_and_reach_those_who_are_chosen(
    office: SimpleNamespace,
    manager: CheckingClient,
    with_texts: None,
    by_text: str | None,
    texted: list[str],
    phoned: bool,
) -> None:
    three_groups(office)
    assert "短信发送给" in page(manager.get(PATH))
    form = {
        **FORM,
        "text_zh": "明天上午停水，请自带饮用水。" * 5,
        **({"by_text": by_text} if by_text is not None else {}),
    }
    shown = page(manager.submit(PATH, {**form, "act": "preview"}))
    assert (bool(re.search(rf"短信[0-9]+条，发送给{len(texted)}个团队", shown))) == bool(texted)
    assert ("请致电1个团队" in shown) == phoned
    assert mails() == []
    for _again in range(2):
        assert (
            manager.submit(PATH, {**form, "act": "send"}).location
            == f"{PATH}?sent={len({*texted, '早上的中学', 'Afternoon College'})}"
        )
    sent = [mail for mail in mails() if mail.channel is Channel.SMS]
    assert len(sent) == len(texted)
    for one in sent:
        assert (one.recipient, one.subject, "\n" in one.body) == ("+8619900001050", "", False)
        assert "自带饮用水" in one.body and "/visits/" in one.body
    assert sum(mail.channel is Channel.EMAIL for mail in mails()) == 2


def test_a_text_message_has_a_length_and_a_mail_has_more(
    office: SimpleNamespace, manager: CheckingClient, with_texts: None
) -> None:
    three_groups(office)
    long = {**FORM, "text_zh": "长" * 301, "act": "send"}
    refused = manager.submit(PATH, {**long, "by_text": "without_mail"})
    assert (refused.status_code, "最多300个字" in page(refused)) == (422, True)
    assert manager.submit(PATH, {**long, "by_text": ""}).status_code == 303
