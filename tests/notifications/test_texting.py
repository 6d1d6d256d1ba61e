"""Text messages by template go to servers that speak as the providers' documents say, and check each signature."""

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.core.database import db, transaction
from hallapp.notifications import queries, reports, sender, service, texts
from hallapp.notifications.models import Channel, Delivery, Fate, Hold, MessageState, OutboxMessage
from hallapp.notifications.service import NewMessage
from hallapp.notifications.signals import message_given_up, texts_held
from hallapp.notifications.texting import Provider
from hallapp.notifications.texting.aliyun import Aliyun
from hallapp.notifications.texting.values import Answer, Question, count_segments
from hallapp.notifications.texts import SaveTemplate
from hallapp.notifications.transports import Refused, ServerAway
from tests import factories
from tests.notifications.providers import APP_ID, KEY_ID, SECRET, provider
from tests.notifications.sms_gateway import sms_gateway

NOON = datetime(2026, 12, 5, 4, 0, tzinfo=UTC)
KIND = "booking_reminder"
VALUES = {
    "hall": "岭南馆",
    "when": "12月5日\n周六",
    "link": "https://visit.example/visits/k3y?x=1",
    "name": "𠮷 龑",
}
PROVIDERS = ("aliyun", "tencent")
MAINLAND, HONG_KONG, LONDON = "+8619900001050", "+85251001050", "+442071831050"


def set_up(name: str, *, limit: int | None = None) -> int:
    """A hall with a sign and with templates for the mainland and abroad; returns its number."""
    with transaction():
        hall = factories.hall()
        staff = factories.staff(hall=hall)
        texts.save_setting(hall.id, sign="岭南馆", daily_limit=limit, by=staff.id)
        names = "who=name, when, path=link_path" if name == "aliyun" else "name, when, link_path"
        templates = [
            SaveTemplate(language="zh", abroad=abroad, template=template, parameters=names)
            for abroad, template in ((False, "SMS_1"), (True, "SMS_2"))
        ]
        texts.save_templates(hall.id, Provider(name), KIND, tuple(templates), by=staff.id)
        return hall.id


def enqueue(hall_id: int, *numbers: str, kind: str = KIND, language: str = "zh") -> None:
    with transaction():
        for one in numbers:
            service.put(
                NewMessage(
                    hall_id=hall_id,
                    kind=kind,
                    channel=Channel.SMS,
                    recipient=one,
                    body="明天见",
                    language=language,
                    values=VALUES,
                )
            )


def rows() -> dict[str, OutboxMessage]:
    db.session.rollback()
    db.session.expire_all()
    return {row.recipient[-4:]: row for row in db.session.scalars(select(OutboxMessage))}


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_template_is_sent_with_its_values_and_a_right_signature(app: Flask, name: str) -> None:
    hall_id = set_up(name)
    enqueue(hall_id, MAINLAND)
    with provider(name) as server:
        assert sender.run_sms(sms_url=server.url()) == sender.Tally(sent=1)
        assert server.wrong == 0
        ((action, asked),) = server.asked
    (row,) = rows().values()
    number = row.message_id.strip("<>").partition("@")[0]
    assert action == "SendSms"
    if name == "aliyun":
        assert json.loads(asked.pop("TemplateParam")) == {
            "who": "𠮷 龑",
            "when": "12月5日 周六",
            "path": "visits/k3y?x=1",
        }
        assert asked == {"PhoneNumbers": "19900001050", "SignName": "岭南馆", "TemplateCode": "SMS_1", "OutId": number}
        assert (row.provider_id, row.segments) == ("biz^19900001050", 1)
    else:
        assert asked == {
            "PhoneNumberSet": [MAINLAND],
            "SmsSdkAppId": APP_ID,
            "SignName": "岭南馆",
            "TemplateId": "SMS_1",
            "TemplateParamSet": ["𠮷 龑", "12月5日 周六", "visits/k3y?x=1"],
            "SessionContext": number,
        }
        assert (row.provider_id, row.segments) == (f"serial:{MAINLAND}", 2)


@pytest.mark.parametrize("name", PROVIDERS)
def test_numbers_abroad_have_their_own_form_and_template(app: Flask, name: str) -> None:
    hall_id = set_up(name)
    enqueue(hall_id, HONG_KONG, LONDON)
    with provider(name) as server:
        assert sender.run_sms(sms_url=server.url()) == sender.Tally(sent=2)
        asked = [parameters for _action, parameters in server.asked]
    if name == "aliyun":
        assert [one["PhoneNumbers"] for one in asked] == ["85251001050", "442071831050"]
        assert {one["TemplateCode"] for one in asked} == {"SMS_2"}
    else:
        assert [one["PhoneNumberSet"] for one in asked] == [[HONG_KONG], [LONDON]]
        assert {one["TemplateId"] for one in asked} == {"SMS_2"}


@pytest.mark.parametrize("name", PROVIDERS)
def test_limits_wait_and_wrong_templates_are_given_up_with_the_reason(
    app: Flask, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    hall_id = set_up(name)
    enqueue(hall_id, "+8619900000001", "+8619900000002", "+8619900000003")
    with provider(name) as server, caplog.at_level(logging.DEBUG):
        assert sender.run_sms(sms_url=server.url()) == sender.Tally(put_off=2, given_up=1)
    found = rows()
    assert {end: row.state for end, row in found.items()} == {
        "0001": MessageState.WAITING,
        "0002": MessageState.GIVEN_UP,
        "0003": MessageState.WAITING,
    }
    reasons = {end: row.last_error or "" for end, row in found.items()}
    codes = (
        ("isv.BUSINESS_LIMIT_CONTROL", "isv.SMS_TEMPLATE_ILLEGAL", "Throttling.User")
        if name == "aliyun"
        else (
            "LimitExceeded.PhoneNumberDailyLimit",
            "FailedOperation.TemplateIncorrectOrUnapproved",
            "RequestLimitExceeded",
        )
    )
    assert all(f"{name}: {code}" in reasons[end] for code, end in zip(codes, sorted(reasons), strict=True))
    written = caplog.text + "".join(reasons.values())
    assert SECRET not in written
    assert "1990000000" not in written
    assert texts.list_costs(hall_id, NOON.date(), (NOON + timedelta(days=99)).date()) == []


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_wrong_secret_loses_no_message_and_is_not_repeated(app: Flask, name: str) -> None:
    hall_id = set_up(name)
    enqueue(hall_id, MAINLAND)
    with provider(name) as server:
        assert sender.run_sms(sms_url=server.url("another secret")) == sender.Tally(put_off=1)
        assert (server.wrong, server.asked) == (1, [])
        away = server.url()
    (row,) = rows().values()
    assert row.state is MessageState.WAITING
    assert row.last_error in ("aliyun: SignatureDoesNotMatch", "tencent: AuthFailure.SignatureFailure")
    with transaction():
        service.send_again(row)
    with pytest.raises(ServerAway, match=r"provider at 127\.0\.0\.1 cannot be used: Connection refused") as error:
        sender.run_sms(sms_url=away)
    assert KEY_ID not in str(error.value)
    assert next(iter(rows().values())).attempts == 0


@pytest.mark.parametrize("name", PROVIDERS)
def test_delivery_reports_are_asked_for_until_they_come(app: Flask, name: str) -> None:
    with time_machine.travel(NOON) as clock, provider(name) as server:
        hall_id = set_up(name)
        enqueue(hall_id, MAINLAND, "+8619900000010", "+8619900000011")
        sender.run_sms(sms_url=server.url())
        assert reports.fetch(hall_id, server.url()) == 0  # too early to ask
        clock.shift(timedelta(minutes=2))
        assert reports.fetch(hall_id, server.url()) == 2
        found = rows()
        assert {end: (row.delivery, row.delivery_code) for end, row in found.items()} == {
            "1050": (Delivery.DELIVERED, "DELIVERED" if name == "aliyun" else None),
            "0010": (None, None),
            "0011": (Delivery.FAILED, "MOBILE_NOT_ON_SERVICE"),
        }
        asked = len(server.asked)
        assert reports.fetch(hall_id, server.url()) == 0
        assert len(server.asked) == asked, "the next question comes when the message is twice as old"
        clock.shift(timedelta(hours=80))
        assert reports.fetch(hall_id, server.url()) == 0
        assert len(server.asked) == asked + 1
        assert {row.report_due_at for row in rows().values()} == {None}
        assert server.wrong == 0


def test_a_refused_question_holds_up_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Aliyun.ask

    def refuse_one(driver: Aliyun, question: Question) -> Answer | None:
        if question.to == MAINLAND:
            raise Refused("aliyun: isv.MOBILE_NUMBER_ILLEGAL", for_good=True)
        return ask(driver, question)

    monkeypatch.setattr(Aliyun, "ask", refuse_one)
    with time_machine.travel(NOON) as clock, provider("aliyun") as server:
        hall_id = set_up("aliyun")
        enqueue(hall_id, MAINLAND, "+8619900000011")
        sender.run_sms(sms_url=server.url())
        clock.shift(timedelta(minutes=2))
        assert reports.fetch(hall_id, server.url()) == 1
        clock.shift(timedelta(hours=80))
        assert reports.fetch(hall_id, server.url()) == 0
        assert {row.report_due_at for row in rows().values()} == {None}


def test_a_message_without_a_template_is_held_until_there_is_one(app: Flask) -> None:
    hall_id, told = set_up("aliyun"), []

    def note(message: OutboxMessage) -> None:
        told.append((message.kind, message.held))

    texts_held.connect(note)
    message_given_up.connect(note)
    enqueue(hall_id, MAINLAND, "+8619900001051", language="en")
    enqueue(hall_id, "+8619900001052", kind="booking_code")
    with provider("aliyun") as server:
        assert sender.run_sms(sms_url=server.url()) == sender.Tally(put_off=2, given_up=1)
        assert sender.run_sms(sms_url=server.url()) == sender.Tally()
        assert server.asked == []
        assert told == [(KIND, Hold.NO_TEMPLATE), ("booking_code", None)]
        assert {row.fate for row in rows().values()} == {Fate.HELD, Fate.GIVEN_UP}
        assert queries.count_held(hall_id) == 2
        assert len(queries.list_wanted(hall_id, queries.Wanted(fate=Fate.HELD), limit=9)) == 2
        assert queries.list_wanted(hall_id, queries.Wanted(fate=Fate.WAITING), limit=9) == []
        with transaction():
            staff = db.session.scalars(select(Staff)).one()
            new = SaveTemplate(language="en", abroad=False, template="SMS_9", parameters="when")
            texts.save_templates(hall_id, Provider.ALIYUN, KIND, (new,), by=staff.id)
            assert texts.release(hall_id, by=staff.id) == 2
        assert sender.run_sms(sms_url=server.url()) == sender.Tally(sent=2)


def test_the_limit_of_a_day_holds_what_is_beyond_it(app: Flask) -> None:
    told: list[OutboxMessage] = []

    def note(message: OutboxMessage) -> None:
        told.append(message)

    texts_held.connect(note)
    with time_machine.travel(NOON) as clock, sms_gateway() as gateway:
        hall_id = set_up("aliyun", limit=2)
        enqueue(hall_id, *(f"+86199000010{end}" for end in range(60, 64)))
        assert sender.run_sms(sms_url=gateway.url) == sender.Tally(sent=2, put_off=2)
        assert [message.held for message in told] == [Hold.LIMIT]
        assert [row.attempts for row in rows().values() if row.held] == [0, 0]
        clock.shift(timedelta(days=1))
        with transaction():
            texts.release(hall_id, by=db.session.scalars(select(Staff)).one().id)
        assert sender.run_sms(sms_url=gateway.url) == sender.Tally(sent=2)
        (cost,) = texts.list_costs(hall_id, NOON.date().replace(day=1), NOON.date().replace(year=2027))
        assert (cost.kind, cost.messages, cost.segments) == (KIND, 4, 4)


@pytest.mark.parametrize(
    ("text", "to", "sign", "segments"),
    [
        ("字" * 70, MAINLAND, "", 1),
        ("字" * 66, MAINLAND, "馆馆", 1),
        ("字" * 67, MAINLAND, "馆馆", 2),
        ("a" * 71, MAINLAND, "", 2),
        ("a" * 160, LONDON, "", 1),
        ("a" * 161, LONDON, "", 2),
        ("a" * 158 + "€", LONDON, "", 1),
        ("a" * 159 + "€", LONDON, "", 2),
        ("字" * 135, HONG_KONG, "", 3),
        ("𠮷" * 35, HONG_KONG, "", 1),
        ("𠮷" * 36, HONG_KONG, "", 2),
    ],
)
def test_segments_are_counted_as_they_are_charged(text: str, to: str, sign: str, segments: int) -> None:
    assert count_segments(text, to=to, sign=sign) == segments


def test_the_libraries_are_imported_when_a_message_is_sent() -> None:
    code = "import sys, hallapp.notifications.sender; print([m for m in sys.modules if m[:4] in ('alib', 'tenc')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "[]\n"
