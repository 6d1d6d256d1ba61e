"""A load of bookings, arrivals and mails goes on while machines die one after the other, and a new version comes.

It prints what docs/scaling.md states: seconds without writes and errors by kind. Nothing that was acknowledged may be
lost, nothing may be there twice, and every recount must find no difference.
"""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hallapp import create_app
from hallapp.core.database import db
from tests.bench import rows
from tests.cluster import nodes, service
from tests.cluster.load import Load, phases
from tests.cluster.nodes import Cluster, wait_until
from tests.cluster.proofs import count, prove, wait_for_mails
from tests.conftest import SECRET, settings_for
from tests.live import free_port
from tests.notifications.mail_process import MailProcess, mail_process

AT_THE_DOOR = 600


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if lacks := nodes.missing_programs():
        pytest.skip(f"THE CLUSTER DID NOT RUN: this machine lacks {', '.join(lacks)}")
    with nodes.running() as running:
        yield running


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailProcess]:
    with mail_process(tmp_path) as process:
        yield process


def test_machines_die_one_at_a_time_and_nothing_is_lost_or_double(
    cluster: Cluster, mail: MailProcess, tmp_path: Path
) -> None:
    port = free_port()
    environ = {
        "HALL_DATABASE_URL": cluster.url,
        "HALL_SECRET_KEY": SECRET,
        "HALL_BASE_URL": f"http://127.0.0.1:{port}",
        "HALL_INSTANCE": str(tmp_path),
        "HALL_MAIL_URL": f"{mail.url}?from=hall@example.org",
        "HALL_PROXIES": "1",
        "HALL_RATE_LIMITS": "off",
        "HALL_DATABASE_CONNECT_SECONDS": "2",
    }
    cluster.wait_whole()
    cluster.create_database()
    next_version = service.copy_next_version(tmp_path / "next")
    service.run_flask(environ, "hall", "setup")
    app = create_app(settings_for(cluster.url, tmp_path))
    with app.app_context():
        filled = rows.fill(ledger_rows=300, bookings=100, at_the_door=AT_THE_DOOR)
        before = count()
        db.session.remove()
        db.engine.dispose()
    service.run_flask(environ, "bookings", "recount", "--repair")  # rows in bulk do not count
    whole = service.Service(tmp_path, environ, service.copy_version(tmp_path / "now"))
    load = Load(f"http://127.0.0.1:{port}", filled)
    try:
        whole.start(port)
        marks = _play(cluster, whole, load, next_version)
        print("\n" + "\n".join(phases(marks, load.diary)), flush=True)
        with app.app_context():
            print(prove(load, before))
            wait_for_mails(mail, load)
            kinds = len({number for _to, number in mail.taken})
            print(f"{len(mail.taken)} mails taken, {len(mail.taken) - kinds} of them more than once")
            several = Counter(to for to, _number in mail.taken)
            print(f"with several mails: {[to for to, mails in several.items() if mails > 1]}")
    except BaseException:
        for log in sorted(tmp_path.glob("*.log")):
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}")
        print(cluster.logs())
        raise
    finally:
        load.abort()
        whole.stop()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    for command in ("reports", "bookings"):
        print(f"{command} recount: {service.run_flask(environ, command, 'recount').strip()}")
    _look_for_500(tmp_path)


def _play(cluster: Cluster, whole: service.Service, load: Load, next_version: Path) -> list[tuple[str, float]]:
    diary = load.diary
    load.start()
    marks = [("quiet", diary.now())]

    def begin(name: str) -> None:
        marks.append((name, diary.now()))
        print(f"{diary.now():6.1f} {name}", flush=True)

    def writes_again() -> None:
        since = diary.now()
        wait_until(lambda: diary.last_write() > since + 1, "something is written again", seconds=90)

    time.sleep(8)
    begin("the primary is killed")
    (dead := _leader(cluster)).die()
    time.sleep(2)
    writes_again()
    time.sleep(3)
    begin("its machine comes back")
    dead.start(cluster.nodes)
    cluster.wait_whole()
    begin("the primary's network is cut")
    (lost := _leader(cluster)).cut()
    time.sleep(3)
    writes_again()
    time.sleep(3)
    begin("its network is healed")
    lost.heal()
    cluster.wait_whole()
    begin("the synchronous standby is killed")
    (standby := next(node for node in cluster.nodes if node.is_synchronous())).die()
    time.sleep(2)
    writes_again()
    time.sleep(3)
    standby.start(cluster.nodes)
    begin("a web replica and a worker are killed")
    for part in (whole.webs[0], whole.workers[0]):
        part.kill()
    time.sleep(8)
    for part in (whole.webs[0], whole.workers[0]):
        part.start()
    wait_until(whole.webs[0].is_ready, "the replica is ready again", seconds=90)
    time.sleep(2)
    begin("a new version, one at a time")
    _roll_out(whole, next_version)
    time.sleep(3)
    marks.append(("end", diary.now()))
    load.stop()
    return marks


def _leader(cluster: Cluster) -> nodes.Node:
    leader = cluster.leader()
    assert leader
    return leader


def _roll_out(whole: service.Service, code: Path) -> None:
    service.run_flask(whole.environ, "hall", "setup", code=code)
    assert all(web.is_ready() for web in whole.webs), "the old version must serve on the new tables"
    for part in (*whole.webs, *whole.workers):
        part.stop()
        part.code = code
        part.start()
        if part in whole.webs:
            wait_until(part.is_ready, "the new version is ready", seconds=60)
            time.sleep(2)  # the proxy looks every second


def _look_for_500(folder: Path) -> None:
    found = []
    for log in folder.glob("w*.log"):
        lines = log.read_text(errors="replace").splitlines()
        at = next((number for number, line in enumerate(lines) if " 500 " in line or "Traceback" in line), None)
        if at is not None:
            found.append("\n".join([log.name, *lines[max(0, at - 3) : at + 80]]))
    assert not found, "\n\n".join(found)
