"""The page of background tasks: what ran, what failed, at which hours, and whether anybody is at work."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from hallapp.notifications import service as outbox
from hallapp.tasks import queries, service
from hallapp.tasks.models import Outcome
from tests import factories

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
HOURS = {"night": "02:30", "reports": "7.15", "reminders": "1000", "thanks": "１９：００"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def place(app: Flask, client: FlaskClient, clock: time_machine.Traveller) -> SimpleNamespace:
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN)
    client.sign_in(admin)
    return SimpleNamespace(hall=hall, client=client)


def ran(place: SimpleNamespace, task: str, outcome: Outcome, error: str | None, clock: time_machine.Traveller) -> None:
    with transaction():
        number = service.start(place.hall.id, task)
    clock.shift(timedelta(seconds=90))
    with transaction():
        service.finish(place.hall.id, task, number, due_at=NOW, outcome=outcome, count=7, error=error)


def test_page_says_that_no_worker_runs_and_when_the_last_one_did(
    place: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    page = place.client.get("/admin/tasks").text
    assert "后台服务没有运行" in page and "这里还从未运行过后台服务" in page
    assert "后台服务没有运行" in place.client.get("/admin").text
    with transaction():
        service.show_life("host:1:a", mail_error="mail_away")
        outbox.enqueue(hall_id=place.hall.id, kind="test", recipient="a@example.org", subject="x", body="y")
        outbox.enqueue(hall_id=factories.hall().id, kind="test", recipient="a@example.org", subject="x", body="y")
    page = place.client.get("/admin/tasks").text
    assert "后台服务运行正常" in page and "无法连接消息服务器" in page and "有1条消息等待发送" in page
    assert "后台服务没有运行" not in place.client.get("/admin").text
    clock.shift(queries.GONE_AFTER)
    assert "最近一次运行：11月25日 周三 12:00" in place.client.get("/admin/tasks").text


def test_page_shows_each_outcome_and_what_to_do(place: SimpleNamespace, clock: time_machine.Traveller) -> None:
    ran(place, "absences", Outcome.DONE, None, clock)
    ran(place, "places_recount", Outcome.ALERT, "places_differ", clock)
    ran(place, "reports", Outcome.FAILED, "ValueError", clock)
    with transaction():
        service.start(place.hall.id, "thanks")
        service.show_life("host:1:a")
    page = place.client.get("/admin/tasks", headers={"Accept-Language": "en"}).text
    for words in (
        "✓ Done",
        "! Please look",
        "bookings recount --repair",
        "× Failed",
        "(ValueError)",
        "→ At work",
        "90.0 s",
    ):
        assert words in page
    assert (
        "2 background tasks need your attention" in place.client.get("/admin", headers={"Accept-Language": "en"}).text
    )


def test_hours_are_kept_and_a_wrong_one_loses_nothing(place: SimpleNamespace) -> None:
    place.client.get("/admin/tasks")
    refused = place.client.submit("/admin/tasks/hours", {**HOURS, "thanks": "25:00"})
    assert refused.status_code == 422 and 'value="02:30"' in refused.text and 'id="thanks-error"' in refused.text
    assert queries.list_hours([place.hall.id])[place.hall.id].night == time(3)
    assert place.client.submit("/admin/tasks/hours", HOURS).status_code == 303
    hours = queries.list_hours([place.hall.id])[place.hall.id]
    assert [hours.night, hours.reports, hours.reminders, hours.thanks] == [time(2, 30), time(7, 15), time(10), time(19)]
    assert "设置了后台任务的执行时间" in place.client.get("/admin/audit").text
