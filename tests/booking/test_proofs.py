"""Proof against scripts: the browser computes, or whoever has no JavaScript answers a sum; used once, for one form."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from altcha import v1 as altcha
from flask import Flask
from sqlalchemy import func, select

from hallapp.booking import proofs
from hallapp.booking.flood_models import UsedProof
from hallapp.booking.models import Booking
from hallapp.booking.web import limiting
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import ProofOfWork
from tests import factories
from tests.booking.helpers import MADE, page, solve, typed, value_of
from tests.client import CheckingClient

DAY = date(2026, 12, 5)
NOON = clock.at(DAY - timedelta(days=4), time(12), "Asia/Shanghai")
WORDS = {"二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
ENGLISH = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
KEYS = ("a" * 40,)


@pytest.fixture(autouse=True)
def clockwork() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE, proof_of_work=ProofOfWork.ALWAYS)
        return factories.slot(programme=factories.programme(hall=hall), day=DAY, visitor_capacity=500)


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def form_of(client: CheckingClient, slot: Slot, **changes: str) -> dict[str, str]:
    """A filled form as a browser with JavaScript sends it."""
    shown = client.get("/book")
    return typed(slot, submission=value_of(shown, "submission"), altcha=solve(shown), **changes)


def test_a_browser_that_computed_books(client: CheckingClient, slot: Slot) -> None:
    assert client.submit("/book", form_of(client, slot)).status_code == 303
    assert count() == 1
    (used,) = db.session.scalars(select(UsedProof))
    assert used.expires_at == NOON + proofs.LIFETIME


@pytest.mark.parametrize(
    ("language", "words", "asks"),
    [("zh", WORDS, r"请回答：(.)加(.)等于几"), ("en", ENGLISH, r"What is (\w+) plus (\w+)\?")],
)
def test_without_javascript_a_sum_is_asked_and_nothing_is_lost(
    client: CheckingClient, slot: Slot, language: str, words: dict[str, int], asks: str
) -> None:
    shown = client.get(f"/book?lang={language}")
    assert re.search(rf"<noscript>.*{asks}.*</noscript>", page(shown))
    submission = value_of(shown, "submission")
    missing = client.submit("/book", typed(slot, submission=submission, note="轮椅"))
    assert (missing.status_code, count()) == (422, 0)
    found = re.search(asks, page(missing))
    assert found and '<a href="#answer">' in page(missing) and "轮椅" in page(missing)
    assert value_of(missing, "submission") == submission
    right = words[found.group(1)] + words[found.group(2)]
    sent = {"submission": submission, "question": value_of(missing, "question")}
    wrong = client.submit("/book", typed(slot, **sent, answer=str(right + 1)))
    assert (wrong.status_code, count()) == (422, 0)
    full_width = str(right).translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"})
    assert client.submit("/book", typed(slot, **sent, answer=f" {full_width} ")).status_code == 303
    assert count() == 1


def test_a_proof_serves_one_booking_and_its_repeat(client: CheckingClient, slot: Slot) -> None:
    form = form_of(client, slot)
    first = client.submit("/book", form)
    again = client.submit("/book", form)
    assert (first.status_code, again.status_code, first.location) == (303, 303, again.location)
    other = client.submit("/book", form | {"organisation": "另一个团队", "phone": "13800138000"})
    assert (other.status_code, count()) == (422, 1)
    # The page brings a new challenge, with which the same form is taken.
    assert client.submit("/book", form | {"organisation": "另一个团队", "altcha": solve(other)}).status_code == 303


def test_a_refused_booking_does_not_use_its_proof_up(client: CheckingClient, slot: Slot) -> None:
    form = form_of(client, slot)
    assert client.submit("/book", form | {"origins-0-visitors": "4"}).status_code == 422
    assert client.submit("/book", form).status_code == 303


def test_a_proof_is_bound_to_its_form_and_expires(client: CheckingClient, slot: Slot, clockwork: Any) -> None:
    form = form_of(client, slot)
    assert client.submit("/book", form | {"submission": "another-form"}).status_code == 422
    clockwork.shift(proofs.LIFETIME + timedelta(seconds=2))
    late = client.submit("/book", form)
    assert (late.status_code, count()) == (422, 0)
    assert client.submit("/book", form | {"altcha": solve(late)}).status_code == 303


def test_answers_by_hand_are_limited_by_network(
    client: CheckingClient, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiting, "ANSWERS_AN_HOUR", 1)
    results = []
    for number in range(2):
        shown = client.get("/book")
        found = re.search(r"请回答：(.)加(.)等于几", page(shown))
        assert found
        sent = {"submission": value_of(shown, "submission"), "question": value_of(shown, "question")}
        answer = str(WORDS[found.group(1)] + WORDS[found.group(2)])
        results.append(
            client.submit("/book", typed(slot, **sent, answer=answer, phone=f"1380013800{number}")).status_code
        )
    assert results == [303, 429]


def test_off_asks_nobody_and_busy_asks_when_half_of_the_brake_has_come(client: CheckingClient, slot: Slot) -> None:
    def rule(value: ProofOfWork) -> None:
        with transaction():
            slot.programme.hall.proof_of_work, slot.programme.hall.brake_per_hour = value, 4

    rule(ProofOfWork.OFF)
    assert 'name="altcha"' not in page(client.get("/book"))
    assert client.submit("/book", typed(slot, submission="1")).status_code == 303
    rule(ProofOfWork.BUSY)
    assert 'name="question"' not in page(client.get("/book"))
    assert client.submit("/book", typed(slot, submission="2", phone="13800138000")).status_code == 303
    assert client.submit("/book", typed(slot, submission="3", phone="13800138001")).status_code == 422
    assert client.submit("/book", form_of(client, slot, phone="13800138001")).status_code == 303


_SALT = '"salt": "?expires=9e99&form=\\u00e9", "signature": ""'
_JSON = (
    *("[]", "5", "null", '"x"', "{}", '{"number": 1}', "[" * 590, "[" * 5_000),
    '{"algorithm": "SHA-256", "challenge": "\\ud800", "number": 1e999, ' + _SALT + "}",
    '{"algorithm": "SHA-256", "challenge": "\\ud800", "number": 1, ' + _SALT + "}",
    '{"algorithm": "MD5", "challenge": "", "salt": "?expires=9e99&form=x", "signature": "", "number": 1}',
    '{"algorithm": ["SHA-256"], "challenge": {}, "salt": [], "signature": null, "number": true}',
)
ODD = ["", "x", "é", "9" * 5_000, *(base64.b64encode(text.encode()).decode() for text in _JSON)]


@pytest.mark.parametrize("odd", ODD)
def test_odd_proofs_prove_nothing(odd: str) -> None:
    assert proofs.read(KEYS, hall_id=1, form="f", solution=odd, token=odd, answer=odd) is None


def test_proofs_of_another_key_hall_or_number_prove_nothing() -> None:
    def read(solution: dict[str, Any], keys: tuple[str, ...] = KEYS, **where: Any) -> Any:
        sent = base64.b64encode(json.dumps(solution).encode()).decode()
        return proofs.read(keys, **{"hall_id": 1, "form": "f", **where}, solution=sent, token="", answer="")

    asked = json.loads(proofs.make_challenge(KEYS, hall_id=1, form="f"))
    solved = altcha.solve_challenge(asked["challenge"], asked["salt"], asked["algorithm"], asked["maxNumber"])
    assert solved
    right = {name: asked[name] for name in ("algorithm", "challenge", "salt", "signature")} | {"number": solved.number}
    assert read(right)
    assert read(right, ("b" * 40, *KEYS))  # the key before, after a rotation
    assert read(right, ("b" * 40,)) is None
    assert read(right, hall_id=2) is None
    assert read(right, form="g") is None
    assert read(right | {"number": solved.number + 1}) is None
    assert read(right | {"salt": asked["salt"].replace("expires=1", "expires=2")}) is None
