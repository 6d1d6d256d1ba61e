"""What /metrics says, of one process and of several, and that it names nobody."""

import os
import re
import signal
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update

from hallapp.booking.models import BookingState
from hallapp.core import clock, metrics_files
from hallapp.core.database import db, transaction
from hallapp.jobs import service as jobs
from hallapp.jobs.service import NewJob
from hallapp.monitoring import halls
from hallapp.notifications import service as outbox
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.schedule.queries import list_halls
from hallapp.tasks import service as tasks
from hallapp.worker import performing
from tests import factories
from tests.core.conftest import make_app, odd
from tests.live import Live, serve
from tests.queries import Queries

__all__ = ["make_app", "odd"]

Found = dict[str, dict[tuple[tuple[str, str], ...], float]]
PERSONAL = (
    "何秀珍",
    "19900001050",
    "1050",
    "he@example.org",
    "a-very-secret-key",
    "岭南展览馆",
    "东湖街",
    "203.0.113.9",
)


def parse(page: str) -> Found:
    found: Found = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def read(client: FlaskClient) -> Found:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return parse(answer.text)


def one(found: Found, name: str, **labels: str) -> float:
    return found[name].get(tuple(sorted(labels.items())), 0.0)


def test_requests_are_counted_by_the_pattern_of_their_route(odd: FlaskClient) -> None:
    before = read(odd)
    for path in ("/visits/a-very-secret-key", "/visits/another", "/no-such-page/a-very-secret-key", "/sign-in"):
        odd.get(path)
    odd.open("/sign-in", method="A-VERY-SECRET-KEY")
    odd.get("/odd/bug", headers={"X-Typed": PERSONAL[0]})
    after = read(odd)

    def more(name: str, **labels: str) -> float:
        return one(after, name, **labels) - one(before, name, **labels)

    assert more("hallapp_requests_total", method="GET", route="/visits/<key>", status="404") == 2
    assert more("hallapp_requests_total", method="GET", route="-", status="404") == 1
    assert more("hallapp_requests_total", method="GET", route="/sign-in", status="200") == 1
    assert more("hallapp_requests_total", method="other", route="-", status="405") == 1
    assert more("hallapp_requests_total", method="GET", route="/odd/bug", status="500") == 1
    assert more("hallapp_errors_total") == 1
    assert more("hallapp_request_seconds_count", route="/visits/<key>") == 2
    assert more("hallapp_request_database_seconds_sum") > 0
    assert more("hallapp_database_wait_seconds_count", wait="connection") > 0


def test_labels_are_few_and_name_nobody(app: Flask, client: FlaskClient) -> None:
    with transaction():
        hall = factories.hall(slug="lingnan")
        factories.booking(slot=factories.slot(programme=factories.programme(hall=hall)), email="he@example.org")
        outbox.enqueue(hall_id=hall.id, kind="test", recipient="he@example.org", subject="何秀珍", body="19900001050")
    series = []
    for number in range(3):
        for path in (
            f"/visits/a-very-secret-key-{number}",
            f"/t/{number}",
            f"/book?phone={number}",
            f"/x{number}/1050",
        ):
            client.get(path, environ_base={"REMOTE_ADDR": "203.0.113.9"})
        page = client.get("/metrics").text
        series.append(sum(not line.startswith("#") for line in page.splitlines()))
    for personal in PERSONAL:
        assert personal not in re.sub(r" [0-9.e+-]+$", "", page, flags=re.MULTILINE)
    assert series[2] == series[1], "other people make no other series"


@pytest.mark.either_database
def test_state_of_the_halls(app: Flask, client: FlaskClient) -> None:
    with transaction():
        hall, other = factories.hall(slug="lingnan", inside_capacity=500), factories.hall(slug="harbour")
        today = factories.slot(programme=factories.programme(hall=hall), day=hall.today())
        factories.booking(slot=today, origins={"440000": 12})
        factories.booking(slot=today, origins={"440000": 5}, state=BookingState.CANCELLED)
        factories.booking(slot=factories.slot(programme=factories.programme(hall=other)))
    found = read(client)

    assert one(found, "hallapp_bookings", hall="lingnan", state="confirmed") == 1
    assert one(found, "hallapp_bookings", hall="lingnan", state="cancelled") == 1
    assert one(found, "hallapp_bookings", hall="harbour", state="confirmed") == 1
    assert one(found, "hallapp_bookings_made_today", hall="lingnan") == 2
    assert one(found, "hallapp_people_expected_today", hall="lingnan") == 12
    assert one(found, "hallapp_people_inside_limit", hall="lingnan") == 500
    assert (("hall", "harbour"),) not in found["hallapp_people_inside_limit"], "no limit is not the number 0"
    assert one(found, "hallapp_people_arrived_today", hall="lingnan") == 0
    assert one(found, "hallapp_conflicts", hall="lingnan") == 0
    assert one(found, "hallapp_ready") == 1
    assert one(found, "hallapp_database_bytes") > 100_000
    assert (
        0 < one(found, "hallapp_disk_free_bytes", folder="data") < one(found, "hallapp_disk_total_bytes", folder="data")
    )
    ((labels, _value),) = found["hallapp_info"].items()
    assert dict(labels)["version"] == "0.1.0"
    assert dict(labels)["database"] == db.engine.dialect.name


@pytest.mark.either_database
def test_state_of_messages_jobs_tasks_and_workers(app: Flask, client: FlaskClient) -> None:
    with transaction():
        hall = factories.hall(slug="lingnan", created_at=datetime(2026, 1, 1, tzinfo=UTC))
        late, bad, _new = (
            outbox.enqueue(hall_id=hall.id, kind="test", recipient="he@example.org", subject="x", body="y")
            for _ in range(3)
        )
        jobs.ask(NewJob(hall_id=hall.id, staff_id=None, kind="export", params={}))
    with transaction():
        hour_ago = clock.now() - timedelta(hours=1)
        db.session.execute(update(OutboxMessage).filter_by(id=late.id).values(due_at=hour_ago, attempts=1))
        db.session.execute(update(OutboxMessage).filter_by(id=bad.id).values(state=MessageState.GIVEN_UP))
        db.session.execute(text("UPDATE job SET made_at = :at"), {"at": clock.now() - timedelta(minutes=10)})
    found = read(client)
    mail = {"hall": "lingnan", "channel": "email"}
    assert one(found, "hallapp_outbox_messages", **mail, state="retrying") == 1
    assert one(found, "hallapp_outbox_messages", **mail, state="given_up") == 1
    assert one(found, "hallapp_outbox_messages", **mail, state="new") == 1
    assert 3600 <= one(found, "hallapp_outbox_overdue_seconds", **mail) < 3660
    assert one(found, "hallapp_jobs", hall="lingnan", state="waiting") == 1
    assert 600 <= one(found, "hallapp_job_waiting_seconds", hall="lingnan") < 660
    assert one(found, "hallapp_worker_processes") == 0
    assert one(found, "hallapp_task_overdue_seconds", hall="lingnan", task="erasure") > 0

    performing.run_now(hall, "erasure")
    with pytest.raises(RuntimeError):
        performing.run_now(hall, "thanks", _fail)
    with transaction():
        tasks.show_life("host:1:ab", mail_error="ConnectionRefusedError")
    found = read(client)
    assert one(found, "hallapp_task_overdue_seconds", hall="lingnan", task="erasure") == 0
    assert one(found, "hallapp_task_wrong", hall="lingnan", task="erasure") == 0
    assert one(found, "hallapp_task_wrong", hall="lingnan", task="thanks") == 1
    assert abs(one(found, "hallapp_task_last_run_timestamp_seconds", hall="lingnan", task="erasure") - time.time()) < 60
    assert (one(found, "hallapp_worker_processes"), one(found, "hallapp_worker_cannot_send")) == (1, 1)


def _fail(_hall: object) -> None:
    raise RuntimeError("何秀珍")


def test_database_that_is_not_migrated_leaves_the_rest(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    (name,) = db.session.execute(text("SELECT version_num FROM alembic_version")).scalars()
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        found = read(client)
    finally:
        with transaction():
            db.session.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": name})
    assert one(found, "hallapp_ready") == 0
    assert one(found, "hallapp_trouble", reason="not_migrated") == 1
    assert "hallapp_disk_free_bytes" in found and "hallapp_people_inside" not in found


# --- several processes ---


@contextmanager
def served(folder: Path) -> Iterator[Live]:
    with serve(f"sqlite:///{folder / 'live.sqlite3'}", folder, warm=False) as live:
        yield live


def fetch(live: Live, path: str) -> str:
    with urllib.request.urlopen(f"{live.url}{path}", timeout=30) as answer:
        return str(answer.read().decode())


def test_processes_count_together_and_what_a_dead_one_counted_stays(tmp_path: Path) -> None:
    leftover = tmp_path / "tmp" / "metrics-of-a-killed-server"
    leftover.mkdir(parents=True)
    (leftover / "counter_1.db").write_bytes(b"x")
    page = {"method": "GET", "route": "/sign-in", "status": "200"}
    old = os.umask(0o000)  # the most careless one that a system may have
    with served(tmp_path) as live:
        os.umask(old)
        assert not leftover.exists(), "the next start cleans up"
        (folder,) = (tmp_path / "tmp").glob("metrics-*")
        assert [path.name for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077] == []
        for _ in range(20):
            fetch(live, "/sign-in")
        assert one(parse(fetch(live, "/metrics")), "hallapp_requests_total", **page) == 20

        for victim in workers(folder):
            os.kill(victim, signal.SIGKILL)
            until(lambda gone=victim: gone not in workers(folder), "its files are still there")  # type: ignore[misc]
        until(lambda: len(workers(folder)) == 2, "no others were started")
        fetch(live, "/sign-in")
        found = parse(fetch(live, "/metrics"))
        assert one(found, "hallapp_requests_total", **page) == 21
        assert one(found, "hallapp_request_seconds_count", route="/sign-in") == 21
        assert (folder / "counter_dead.db").exists()
        log = (tmp_path / f"{live.url.rpartition(':')[2]}.log").read_text()
        errors = [line for line in log.splitlines() if " error " in line and "was sent SIGKILL" not in line]
        assert errors == []


def workers(folder: Path) -> list[int]:
    """The ids of the processes that count, without the parent of all of them, which was there first."""
    numbers = (path.stem.rpartition("_")[2] for path in folder.glob("counter_*.db"))
    return sorted(int(number) for number in numbers if number.isdigit())[1:]


def until(condition: object, what: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_full_disk_costs_the_counts_and_not_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics_files.VARIABLE, str(tmp_path))

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", no_room)
    assert not metrics_files.begin_process()
    metrics_files.end_process(os.getpid())
    assert list(tmp_path.glob("*.db")) == []
    monkeypatch.undo()
    monkeypatch.setenv(metrics_files.VARIABLE, str(tmp_path))
    assert metrics_files.begin_process()
    sizes = {path.name: path.stat().st_blocks * 512 for path in tmp_path.glob("*.db")}
    assert sorted(sizes.values()) == [1 << 20, 1 << 21], "the room is taken, not promised"


@pytest.mark.on_database("sqlite")
def test_more_halls_take_no_more_queries(app: Flask) -> None:
    """The state of all halls is read together, each on the day of its own clock."""

    def count() -> int:
        with Queries() as sent:
            for _family in halls.read(list_halls()):
                pass
        return sent.number

    with time_machine.travel("2026-12-05 20:00:00+00:00", tick=False):  # the sixth in Guangzhou, the fifth in London
        with transaction():
            _hall_with_a_group("Asia/Shanghai", day=date(2026, 12, 6))
        of_one = count()
        with transaction():
            _hall_with_a_group("Europe/London", day=date(2026, 12, 5))
            _hall_with_a_group("Europe/London", day=date(2026, 12, 6))
            _hall_with_a_group("Asia/Shanghai", day=date(2026, 12, 5))
        assert count() == of_one
        found = {family.name: [sample.value for sample in family.samples] for family in halls.read(list_halls())}
    assert found["hallapp_people_expected_today"] == [20, 20, 0, 0]
    assert sum(found["hallapp_bookings"]) == 3
    assert found["hallapp_people_inside_limit"] == [90] * 4


def _hall_with_a_group(zone: str, *, day: date) -> None:
    hall = factories.hall(time_zone=zone, inside_capacity=90)
    factories.booking(slot=factories.slot(programme=factories.programme(hall=hall), day=day))
