"""The API at a real server: the examples of its documentation, and one request that is sent many times at once."""

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from hallapp.accounts.roles import Role
from hallapp.api import idempotency, keys
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.settings import ROOT
from tests import factories
from tests.api.table import program
from tests.conftest import SECRET
from tests.live import Live, postgresql_database, serve

AT_ONCE = 12
_EXAMPLE = re.compile(r"(?:^    .*\n|^ *\n(?=    ))+", re.MULTILINE)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server of two processes on each of the databases."""
    folder = tmp_path_factory.mktemp("served")
    if request.param == "sqlite":
        with serve(f"sqlite:///{folder / 'live.sqlite3'}", folder) as served:
            yield served
        return
    with (
        postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        serve(url, folder) as served,
    ):
        yield served


def new_key(live: Live, slot_id: int | None = None) -> tuple[str, int]:
    """Return a key of a new hall, and the number of a slot of this hall."""
    given = {} if slot_id is None else {"id": slot_id}
    with live.app.app_context():
        with transaction():
            hall = factories.hall()
            admin = factories.staff(hall=hall, role=Role.ADMIN)
            slot = factories.slot(programme=factories.programme(hall=hall, guides=0), **given)
        return program(live.app, admin).key, slot.id


def examples() -> list[str]:
    """Return the indented blocks of the documentation that call curl, in their order."""
    text = (ROOT / "docs" / "api.md").read_text()
    blocks = ("\n".join(line[4:] for line in found[0].splitlines()) for found in _EXAMPLE.finditer(text))
    return [block for block in blocks if "curl " in block]


@pytest.mark.on_database("sqlite")
def test_examples_of_the_documentation_work_as_they_are_written(live: Live, tmp_path: Path) -> None:
    """Each is a script of a shell, to which the hall, the key and the last reference are known, as to a reader."""
    key, _slot = new_key(live, slot_id=17)
    known = {"HALL": live.url, "KEY": key}
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\n")
    answers = []
    for example in examples():
        environ = {**os.environ, **known, "HOME": str(tmp_path), "CURL_HOME": str(tmp_path)}
        done = subprocess.run(["bash", "-euc", example], cwd=tmp_path, env=environ, capture_output=True, timeout=60)
        assert done.returncode == 0, (example, done.stdout.decode(), done.stderr.decode())
        answers.append(json.loads(done.stdout) if done.stdout.startswith(b"{") else {})
        known |= {"REFERENCE": answers[-1]["reference"]} if "reference" in answers[-1] else {}
    assert [one["outcome"] for one in answers if "outcome" in one] == ["admitted", "taken_back"]
    assert (tmp_path / "pass.pdf").read_bytes().startswith(b"%PDF-")
    assert any(one.get("visitors") == 18 for one in answers)


@pytest.mark.both_databases
def test_requests_of_one_idempotency_key_at_the_same_time_book_once(live: Live) -> None:
    key, slot_id = new_key(live)
    body = json.dumps(
        {
            "slot": slot_id,
            "organisation": "东湖小学",
            "kind": "school",
            "contact_name": "何秀珍",
            "phone": "020 8345 0000",
            "origins": [{"division": "440000", "visitors": 20}],
            "consent": True,
        }
    ).encode()

    def send(name: str = "order-1") -> requests.Response:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": name}
        return requests.post(f"{live.url}/api/v1/bookings", data=body, headers=headers, timeout=60)

    with ThreadPoolExecutor(AT_ONCE) as clients:
        answers = list(clients.map(lambda _number: send(), range(AT_ONCE)))
    counts = Counter(answer.status_code for answer in answers)
    assert counts.keys() <= {201, 409}, counts
    first = [one for one in answers if one.status_code == 201 and "Idempotency-Replayed" not in one.headers]
    assert len(first) == 1
    for answer in answers:
        if answer.status_code == 201:
            assert answer.content == first[0].content
        else:
            assert (answer.json()["code"], answer.headers["Retry-After"]) == ("in_progress", "1")
    again = send()
    assert (again.status_code, again.content, again.headers["Idempotency-Replayed"]) == (201, first[0].content, "true")
    assert count_bookings(live, slot_id) == 1

    # A third process, this one, has claimed a key and not yet answered.
    sent = claim(live, key, "order-2", body)
    while_running = send("order-2")
    assert (while_running.status_code, while_running.json()["code"]) == (409, "in_progress")
    assert while_running.headers["Retry-After"] == "1"
    with live.app.app_context(), transaction():
        idempotency.release(sent)
    assert send("order-2").status_code == 201
    assert count_bookings(live, slot_id) == 2


def claim(live: Live, key: str, name: str, body: bytes) -> idempotency.Request:
    with live.app.app_context():
        caller = keys.check(key)
        sent = idempotency.Request.of(caller, name, method="POST", path="/api/v1/bookings", body=body)
        with transaction():
            assert idempotency.claim(sent, keys=[SECRET]) is None
    return sent


def count_bookings(live: Live, slot_id: int) -> Any:
    with live.app.app_context():
        return db.session.query(Booking).filter_by(slot_id=slot_id).count()
