"""The kiosk: a scanned pass finds its group, its number is confirmed, and what is odd goes to the counter unsaid."""

import re
from datetime import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.core.database import db, transaction
from hallapp.desk import queries as desk
from hallapp.devices import service as devices
from hallapp.devices.models import DeviceKind
from hallapp.kiosk.web import routes
from hallapp.ledger.models import Arrival, DeskEvent
from hallapp.passes import service as passes
from tests import factories
from tests.desk.conftest import TODAY, admit, clock, code_of, counter, make_booking, make_counter  # noqa: F401


@pytest.fixture
def lobby(app: Flask, counter: SimpleNamespace) -> SimpleNamespace:  # noqa: F811
    """The counter's hall with a tablet in its lobby; 38 people from Guangdong and 2 from Hunan are expected."""
    command = {"hall_id": counter.hall.id, "by": counter.manager.id}
    with transaction():
        given = devices.add(devices.AddDevice(**command, name="Lobby", kind=DeviceKind.KIOSK))
        words = {"kiosk": {"zh": "讲解员在大沙盘前等候", "en": "Your guide waits at the model"}}
        devices.save_words(devices.SaveWords(**command, **words, organisations=False))
    counter.tablet, counter.device = app.test_client(), given.device
    counter.tablet.get(f"/devices/{given.token}")
    counter.tablet.get("/kiosk")
    return counter


def look_up(lobby: SimpleNamespace, code: str) -> TestResponse:
    return lobby.tablet.submit("/kiosk/look-up", {"code": code})


def arrive(lobby: SimpleNamespace, *, event_id: str | None = None, code: str = "", **rows: Any) -> TestResponse:
    fields = {f"origins-{n}-{what}": v for n, row in enumerate(rows.items()) for what, v in _row(*row)}
    event = {"event_id": event_id or str(uuid4()), "code": code or lobby.code}
    return lobby.tablet.submit("/kiosk/arrivals", {**event, **fields})


def _row(division: str, people: Any) -> tuple[tuple[str, Any], ...]:
    return ("division", division.removeprefix("d")), ("visitors", people)


def is_counter(answer: TestResponse, organisation: str = "老年大学") -> bool:
    """Whether the page sends to the counter and says nothing else."""
    assert organisation not in answer.text
    for word in ("取消", "另一天", "已到馆", "核销过", "换领"):
        assert word not in answer.text
    return 'data-step="counter"' in answer.text and answer.status_code in (409, 422, 429)


def test_group_shows_its_pass_confirms_its_number_and_is_told_where_to_go(lobby: SimpleNamespace) -> None:
    start = lobby.tablet.get("/kiosk").text
    assert "请出示入馆凭证" in start and "Show your pass" in start
    group = look_up(lobby, lobby.code)
    assert group.status_code == 200
    assert lobby.booking.organisation in group.text and '<strong class="number" id="total">40</strong>' in group.text
    assert "广东" in group.text and "Guangdong" in group.text
    assert lobby.booking.contact_name not in group.text and "1050" not in group.text
    event = re.search(r'name="event_id" value="([^"]+)"', group.text)[1]
    done = arrive(lobby, event_id=event, d430000=2, d440000=36)
    assert done.status_code == 200 and 'data-step="done"' in done.text
    assert "讲解员在大沙盘前等候" in done.text and "Your guide waits at the model" in done.text
    row = db.session.scalars(select(DeskEvent)).one()
    assert row.staff_id == lobby.device.staff_id and row.staff.name.casefold() == "kiosk lobby"
    assert {one.division: one.visitors for one in row.arrivals} == {"430000": 2, "440000": 36}
    again = arrive(lobby, event_id=event, d430000=2, d440000=36)
    assert 'data-step="done"' in again.text and ">38</strong>" in again.text
    assert desk.count_arrived([lobby.booking.id]) == {lobby.booking.id: 38}
    assert ">2</strong>" in look_up(lobby, lobby.code).text  # who is late shows the same pass


def test_only_a_scanned_code_finds_a_group(lobby: SimpleNamespace) -> None:
    for typed in (lobby.booking.reference, lobby.booking.organisation, "1050", "", "\0", "x" * 400, "A" * 32, "²"):
        assert is_counter(look_up(lobby, typed)), typed
    assert is_counter(arrive(lobby, code=lobby.booking.reference, d440000=1))
    assert db.session.scalar(select(func.count()).select_from(DeskEvent)) == 0


def test_every_refusal_sends_to_the_counter_without_a_reason(lobby: SimpleNamespace) -> None:
    with transaction():
        other_day = code_of(make_booking(lobby.programme, day=TODAY.replace(day=22)))
        slot = factories.slot(programme=lobby.programme, day=TODAY, starts=time(14))
        cancelled = factories.booking(slot=slot)
        cancelled_code = code_of(cancelled)
        cancelled.state = "cancelled"
        replaced = factories.booking(slot=slot)
        replaced_code = code_of(replaced)
        passes.issue(replaced)
    elsewhere = make_counter()
    for code in (other_day, cancelled_code, replaced_code, elsewhere.code):
        assert is_counter(look_up(lobby, code))
        assert is_counter(arrive(lobby, code=code, d440000=1))
    admit(lobby)
    assert is_counter(look_up(lobby, lobby.code))
    assert db.session.scalar(select(func.count()).select_from(DeskEvent)) == 1


def test_more_than_expected_or_nonsense_admits_nobody(lobby: SimpleNamespace) -> None:
    assert is_counter(arrive(lobby, d440000=39))
    assert is_counter(arrive(lobby, d110000=1))
    assert is_counter(arrive(lobby, d440000="x"))
    assert is_counter(arrive(lobby, d440000="9" * 5000))
    assert is_counter(arrive(lobby, d440000=0))
    assert is_counter(arrive(lobby))
    assert is_counter(arrive(lobby, event_id="x", d440000=1))
    assert is_counter(lobby.tablet.send_json("/kiosk/arrivals", {"code": lobby.code, "counts": {"440000": True}}))
    assert db.session.scalar(select(func.count()).select_from(Arrival)) == 0


def test_bad_codes_are_limited_and_never_block_the_next_group(
    app: Flask, lobby: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "LIMIT_LOOK_UPS", 2)
    assert [look_up(lobby, lobby.code).status_code for _ in range(4)] == [200] * 4
    answers = [look_up(lobby, "A" * 32) for _ in range(4)]
    assert answers[-1].status_code == 429 and all(map(is_counter, answers))
    assert look_up(lobby, lobby.code).status_code == 200


def test_staff_of_the_desk_may_try_it(app: Flask, lobby: SimpleNamespace) -> None:
    lobby.tablet = app.test_client()
    lobby.tablet.sign_in(lobby.desk)
    assert lobby.tablet.get("/kiosk?lang=en").status_code == 200
    arrive(lobby, d440000=1)
    assert db.session.scalars(select(DeskEvent.staff_id)).one() == lobby.desk.id


def test_pages_go_back_by_themselves_without_a_script(lobby: SimpleNamespace) -> None:
    assert "http-equiv" not in lobby.tablet.get("/kiosk").text
    assert '<noscript><meta http-equiv="refresh" content="30;url=/kiosk"></noscript>' in look_up(lobby, lobby.code).text
    assert 'content="15;url=/kiosk"' in look_up(lobby, "").text
    assert 'content="15;url=/kiosk"' in arrive(lobby, d440000=1).text
