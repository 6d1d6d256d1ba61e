"""Webhooks: what is written with which event, how it is signed and delivered, and what happens where it is not."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.accounts import vault
from hallapp.accounts.roles import Role
from hallapp.booking import service as bookings
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking
from hallapp.booking.signals import details_erased
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.notifications.models import OutboxMessage
from hallapp.periods import Period
from hallapp.personal import service as personal
from hallapp.personal.export import Found
from hallapp.reports.closing import month_close
from hallapp.schedule.policy import Confirmation
from hallapp.webhooks import deliveries, sender, service, signing
from hallapp.webhooks.models import (
    EVENT_NAMES,
    EventKind,
    Outcome,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEvent,
    WebhookHealth,
)
from hallapp.webhooks.service import SaveWebhook
from hallapp.worker import lanes
from tests import factories
from tests.booking.helpers import command
from tests.conftest import SECRET
from tests.desk.conftest import NOW, admit, make_counter, take_back
from tests.webhooks.receiver import documented_receiver, other_system

KEYS = (SECRET,)
ALL = tuple(EVENT_NAMES)


def add(scene: SimpleNamespace, url: str = "https://gate.example/", **values: Any) -> tuple[Webhook, str]:
    usual = {
        "name": f"门禁{uuid4().hex[:4]}",
        "kinds": ALL,
        "contact": "it@hall.example",
        "language": "zh",
        "active": True,
    }
    command_ = SaveWebhook(hall_id=scene.hall.id, by=scene.manager.id, number=None, url=url, **usual | values)
    with transaction():
        return service.add(command_, KEYS)


@pytest.fixture
def scene(app: Flask) -> SimpleNamespace:
    """A hall that reviews requests, with a time and an administrator."""
    with transaction():
        hall = factories.hall(confirmation=Confirmation.REVIEW, slots_until=datetime(2099, 12, 31).date())
        slot = factories.slot(programme=factories.programme(hall=hall), visitor_capacity=5000, guide_capacity=200)
        manager = factories.staff(hall=hall, role=Role.ADMIN)
    return SimpleNamespace(hall=hall, slot=slot, manager=manager)


def place(scene: SimpleNamespace, **values: Any) -> Booking:
    with transaction():
        return bookings.place(command(scene.slot, submission=str(uuid4()), **values))


def events() -> list[dict[str, Any]]:
    db.session.rollback()
    rows = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.created_at, WebhookEvent.id))
    return [json.loads(row.body) for row in rows]


def delivery_of(webhook: Webhook) -> WebhookDelivery:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(WebhookDelivery).where(WebhookDelivery.webhook_number == webhook.number)).one()


def run() -> int:
    return sender.run(KEYS, private=True)


def test_signature_is_that_of_the_specification() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks, which its libraries test themselves by."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@pytest.mark.either_database
def test_events_of_a_booking_are_written_with_it_and_name_no_person(scene: SimpleNamespace) -> None:
    every, _secret = add(scene)
    some, _secret = add(scene, kinds=(EventKind.CANCELLED,))
    off, _secret = add(scene, active=False)
    booking = place(scene, email="he@example.com", note="一位客人有病")
    with transaction():
        bookings.confirm(booking, by=by_staff(scene.manager.id))
    with transaction():
        bookings.cancel(booking)
    with pytest.raises(ZeroDivisionError), transaction():
        bookings.place(command(scene.slot, submission=str(uuid4())))
        raise ZeroDivisionError
    told = events()
    assert [one["type"] for one in told] == ["booking.placed", "booking.confirmed", "booking.cancelled"]
    assert [one["data"]["booking"]["state"] for one in told] == ["requested", "confirmed", "cancelled"]
    assert [one["data"]["previous_state"] for one in told] == [None, "requested", "confirmed"]
    first = told[0]["data"]
    assert first["hall"] == scene.hall.slug
    assert first["booking"]["reference"] == booking.reference
    assert (first["booking"]["visitors"], first["booking"]["organisation"]) == (20, "广州市越秀区东湖街老年大学")
    for secret in ("何秀珍", "19900001050", "he@example.com", "有病", booking.key):
        assert secret not in json.dumps(told, ensure_ascii=False), secret
    numbers = db.session.scalars(select(WebhookDelivery.webhook_number)).all()
    assert sorted(numbers) == [every.number] * 3 + [some.number], off


def test_an_individual_is_not_named_and_another_hall_is_told_nothing(scene: SimpleNamespace) -> None:
    with transaction():
        other = factories.hall()
        chief = factories.staff(hall=other, role=Role.ADMIN)
    add(SimpleNamespace(hall=other, manager=chief))
    add(scene)
    place(scene, kind=INDIVIDUAL, organisation="罗小龙")
    [told] = events()
    assert told["data"]["booking"]["organisation"] == ""
    assert db.session.scalars(select(WebhookDelivery.hall_id)).all() == [scene.hall.id]


@pytest.mark.either_database
def test_events_of_arrivals_and_months(app: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        scene = make_counter()
        admit(scene, counts={"440000": 30})
        assert events() == []
        add(scene, kinds=(EventKind.ADMITTED, EventKind.TAKEN_BACK, EventKind.MONTH_CLOSED, EventKind.MONTH_REOPENED))
        first, second = str(uuid4()), str(uuid4())
        admit(scene, event_id=first, counts={"440000": 3})
        admit(scene, event_id=first, counts={"440000": 3})
        take_back(scene, first, own_id=second)
        month = Period.month(2026, 10)
        with transaction():
            month_close.close(scene.hall.id, month, staff_id=scene.manager.id)
        with transaction():
            month_close.reopen(scene.hall.id, month, reason="test", staff_id=scene.manager.id)
    told = {one["type"]: one["data"] for one in events()}
    assert list(told) == [*told] and len(events()) == 4
    came, went = told["arrival.admitted"]["arrival"], told["arrival.taken_back"]["arrival"]
    assert (came["id"], came["booking"], came["visitors"]) == (first, scene.booking.reference, 3)
    assert (went["id"], went["takes_back"], went["visitors"]) == (second, first, -3)
    assert came["origins"] == [{"division": "440000", "visitors": 3}]
    assert (told["month.closed"]["month"], told["month.reopened"]["version"]) == ("2026-10", 1)


def test_the_documented_receiver_takes_each_event_once_and_refuses_others(
    scene: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    webhook, secret = add(scene)
    with documented_receiver(secret) as (url, process):
        with transaction():
            db.session.merge(webhook).url = url
        booking = place(scene)
        assert run() == 1
        delivery = delivery_of(webhook)
        assert delivery.outcome is Outcome.DELIVERED
        with transaction():
            service.send_again(db.session.merge(webhook), delivery.event_id, by=scene.manager.id)
        assert run() == 1
        with transaction():  # the receiver knows only the previous secret, which signs for one more day
            renewed = service.rotate(db.session.merge(webhook), KEYS, by=scene.manager.id)
            bookings.cancel(booking)
        assert run() == 1
        with time_machine.travel(clock.now() + timedelta(hours=25)):
            with transaction():
                service.send_test(db.session.merge(webhook), by=scene.manager.id)
            assert run() == 1
        with transaction():
            again = db.session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.at.desc())).first()
        process.kill()
        lines = process.stdout.read().splitlines()  # type: ignore[union-attr]
    assert [line.split()[1] for line in lines] == ["booking.placed", "booking.cancelled"]
    assert again is not None and again.status == 401
    for one in (secret, renewed, secret.removeprefix("whsec_")):
        assert one not in caplog.text + "".join(str(vars(row)) for row in db.session.scalars(select(Webhook)))


def test_failures_are_tried_again_later_and_later_until_the_event_is_given_up(
    scene: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries.secrets, "randbelow", lambda _most: 1000)  # no jitter
    with other_system() as system, time_machine.travel(NOW, tick=False) as now:
        webhook, _secret = add(scene, system.url)
        with transaction():
            service.send_test(db.session.merge(webhook), by=scene.manager.id)
        for pause in deliveries.PAUSES:
            system.answers = [302]
            assert run() == 1
            delivery = delivery_of(webhook)
            assert (delivery.outcome, delivery.due_at - clock.now()) == (Outcome.WAITING, pause)
            assert run() == 0
            now.shift(pause)
        system.answers = [503]  # the system is left alone for a while, but not where a person asks for it
        assert run() == 1
        assert delivery_of(webhook).outcome is Outcome.GIVEN_UP
        attempts = db.session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.at)).all()
        assert [one.status for one in attempts] == [302] * len(deliveries.PAUSES) + [503]
        assert attempts[0].answer.startswith("<p>thanks</p>")
        assert len(attempts[0].answer) == deliveries.ANSWER_LENGTH
        assert len({headers["webhook-id"] for headers, _body in system.asked}) == 1
        now.shift(1)
        with transaction():
            assert service.send_failed_again(db.session.merge(webhook), by=scene.manager.id) == 1
        assert run() == 1
        assert delivery_of(webhook).outcome is Outcome.DELIVERED


def test_worker_sends_as_its_settings_allow(
    scene: SimpleNamespace, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with other_system() as system:
        webhook, _secret = add(scene, system.url)
        place(scene)
        lanes.send_webhooks(lambda: True)
        assert delivery_of(webhook).attempts == 0, "a worker that stops begins nothing"
        lanes.send_webhooks(lambda: False)
        assert not system.asked, "private addresses are closed by default"
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], webhook_private=True))
        event_id = delivery_of(webhook).event_id
        with transaction():
            service.send_again(db.session.merge(webhook), event_id, by=scene.manager.id)
        lanes.send_webhooks(lambda: False)
        assert delivery_of(webhook).outcome is Outcome.DELIVERED


def test_erasing_a_booking_erases_its_events(scene: SimpleNamespace) -> None:
    with other_system() as system:
        add(scene, system.url)
        first, second = place(scene), place(scene)
        run()
    with transaction():
        hall = db.session.merge(scene.hall)
        details_erased.send(hall, bookings=select(Booking.id).where(Booking.id == first.id), before=None)
    assert [one["data"]["booking"]["reference"] for one in events()] == [second.reference]
    assert db.session.scalar(select(func.count()).select_from(WebhookAttempt)) == 1


@pytest.mark.parametrize("kind", ["company", INDIVIDUAL])
def test_a_visit_that_is_cancelled_by_an_erasure_is_told(scene: SimpleNamespace, kind: str) -> None:
    with transaction():
        scene.hall.confirmation = Confirmation.AT_ONCE
    add(scene, kinds=(EventKind.PLACED, EventKind.CANCELLED))
    booking = place(scene, kind=kind, organisation="张伟一家", contact_name="张伟", email="zhang@example.com")
    with transaction():
        personal.erase(scene.hall, Found(bookings=[booking]), by=by_staff(scene.manager.id))
    (told,) = events()
    assert (told["type"], told["data"]["booking"]["reference"]) == ("booking.cancelled", booking.reference)
    assert told["data"]["previous_state"] == "confirmed"
    text = json.dumps(told, ensure_ascii=False)
    assert ("张伟" in text) == (kind != INDIVIDUAL), "an individual is not named"
    assert db.session.scalars(select(OutboxMessage)).all() == [], "nobody is written to at an erased address"


def test_pauses_have_a_jitter_and_are_no_shorter_than_what_is_asked_for() -> None:
    pauses = {deliveries.pause_after(1) for _ in range(50)}
    assert len(pauses) > 10
    assert all(timedelta(seconds=4) <= one <= timedelta(seconds=6) for one in pauses)
    assert deliveries.pause_after(1, asked=600) == timedelta(minutes=10)
    assert deliveries.pause_after(1, asked=10**8) == timedelta(days=1)


def test_a_system_that_cannot_be_reached_holds_up_no_other_and_is_not_asked_for_each_event(
    scene: SimpleNamespace,
) -> None:
    with other_system() as system, time_machine.travel(NOW, tick=False) as now:
        broken, _secret = add(scene, "http://127.0.0.1:9/", name="gone")
        works, _secret = add(scene, system.url)
        for _ in range(3):
            place(scene)
        assert run() == 1 + 3
        assert len(system.asked) == 3
        system.answers = [429]
        system.headers = {"Retry-After": "600"}
        now.shift(timedelta(minutes=1))
        place(scene)
        run()
        health = db.session.get_one(WebhookHealth, (scene.hall.id, works.number))
        assert health.rest_until == clock.now() + timedelta(minutes=10)
        with transaction():
            service.send_test(db.session.merge(works), by=scene.manager.id)  # a test is sent at once
        run()
        db.session.expire_all()
        assert db.session.get_one(WebhookHealth, (scene.hall.id, works.number)).failing_since is None
        assert db.session.get_one(WebhookHealth, (scene.hall.id, broken.number)).failing_since == NOW


def test_addresses_inside_are_refused_at_the_moment_of_sending(scene: SimpleNamespace) -> None:
    with other_system() as system:
        webhook, _secret = add(scene, f"https://localtest.example:{system.server_port}/")
        with transaction():
            db.session.merge(webhook).url = f"https://127.1:{system.server_port}/"
            service.send_test(db.session.merge(webhook), by=scene.manager.id)
        assert sender.run(KEYS, private=False) == 1
        assert not system.asked
    assert db.session.scalars(select(WebhookAttempt.error)).all() == ["private"]


@pytest.mark.parametrize("way", ["gone", "days"])
def test_a_webhook_that_fails_for_days_is_switched_off_with_a_mail(scene: SimpleNamespace, way: str) -> None:
    with other_system() as system, time_machine.travel(NOW, tick=False) as now:
        webhook, _secret = add(scene, system.url, language="en", name="Gate")
        place(scene)
        system.answers = [410] if way == "gone" else [503, 503]
        run()
        now.shift(deliveries.SWITCHED_OFF_AFTER)
        run()
        found = db.session.get_one(Webhook, (scene.hall.id, webhook.number), populate_existing=True)
        assert (found.active, found.switched_off_at is None) == (False, False)
        [mail] = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == "it@hall.example"))
        assert "Gate" in mail.subject and f"/admin/webhooks/{webhook.number}" in mail.body
        asked = len(system.asked)
        place(scene)  # nothing is written for it
        now.shift(timedelta(days=2))
        assert run() == 0
        with transaction():
            values = {name: getattr(found, name) for name in ("name", "url", "contact", "language")}
            service.change(
                SaveWebhook(
                    hall_id=found.hall_id, by=scene.manager.id, number=found.number, kinds=ALL, active=True, **values
                )
            )
        assert run() == 1  # the event that has waited
        assert len(system.asked) == asked + 1
        assert delivery_of(webhook).outcome is Outcome.DELIVERED


@pytest.mark.both_databases
def test_a_delivery_is_claimed_once_and_a_late_result_changes_nothing(scene: SimpleNamespace) -> None:
    webhook, _secret = add(scene)
    place(scene)
    with transaction():
        first = deliveries.claim_next()
    with transaction():
        assert deliveries.claim_next() is None
    assert first is not None
    with transaction():
        service.remove(scene.hall.id, webhook.number, by=scene.manager.id)
    with transaction():
        deliveries.settle(first, deliveries.Result(milliseconds=1, status=204))
    for table in (Webhook, WebhookHealth, WebhookDelivery, WebhookAttempt):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_old_events_are_erased_and_secrets_follow_the_key_of_the_service(scene: SimpleNamespace) -> None:
    newer = ("another-key-of-the-service-8Kq2", SECRET)
    with other_system() as system, time_machine.travel(NOW, tick=False) as now:
        webhook, secret = add(scene, system.url)
        place(scene)
        run()
        now.shift(service.KEPT - timedelta(seconds=1))
        with transaction():
            service.send_test(db.session.merge(webhook), by=scene.manager.id)
            service.erase(scene.hall.id)
        assert len(events()) == 2
        now.shift(timedelta(seconds=2))
        with transaction():
            service.erase(scene.hall.id)
            service.renew_secrets(scene.hall.id, newer)
        assert len(events()) == 1
        found = db.session.get_one(Webhook, (scene.hall.id, webhook.number), populate_existing=True)
        assert service.open_secrets(found, newer[:1], now=clock.now()) == [secret]
        with pytest.raises(vault.Unreadable):
            vault.open_(found.secret, KEYS)
        assert run() == 1  # with a key that reads the secret no more
        assert db.session.scalars(select(WebhookAttempt.error)).all() == ["secret"]


@pytest.mark.either_database
def test_operators_see_webhooks_that_wait_fail_or_were_switched_off(
    scene: SimpleNamespace, client: FlaskClient, app: Flask
) -> None:
    with other_system() as system:
        hooks = [add(scene, system.url)[0] for _ in range(3)]
        add(scene, active=False)  # by a person: nothing is wrong
        numbers = [hook.number for hook in hooks]
        place(scene)
        system.answers = [500, 410]
        with transaction():
            for number, minutes in zip(numbers, (3, 2, -600), strict=True):
                row = db.session.scalars(select(WebhookDelivery).where(WebhookDelivery.webhook_number == number)).one()
                row.due_at = clock.now() - timedelta(minutes=minutes)
        assert run() == 2
    page = client.get("/metrics").text

    def metric(name: str, number: int, **labels: str) -> float:
        labels = {"hall": scene.hall.slug, "webhook": str(number)} | labels
        shown = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
        return float(dict(line.rsplit(" ", 1) for line in page.splitlines())[f"hallapp_webhook_{name}{{{shown}}}"])

    assert [metric("events", number, state="retrying") for number in numbers] == [1, 1, 0]
    assert [metric("events", number, state="waiting") for number in numbers] == [0, 0, 1]
    assert [metric("switched_off", number) for number in numbers] == [0, 1, 0]
    assert [metric("failing_seconds", number) > 0 for number in numbers] == [True, True, False]
    assert f'webhook="{max(numbers) + 1}"' not in page
    told = app.test_cli_runner().invoke(args=("hall", "doctor")).stdout
    lines = [line for line in told.splitlines() if "webhook" in line.casefold()]
    assert any(f"webhook {numbers[0]} of {scene.hall.slug} has failed since" in line for line in lines), told
    assert any(f"webhook {numbers[1]} of {scene.hall.slug} was switched off" in line for line in lines), told
    assert "gate.example" not in told and system.url not in told + page
