"""Issuing, replacing and verifying passes."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.booking.lifecycle import ORGANISER, note
from hallapp.booking.models import Booking, Verb
from hallapp.core.database import db, transaction
from hallapp.passes import codes, queries, service
from hallapp.passes.errors import CodeInvalid, PassReplaced, PassUnknown
from hallapp.passes.models import Pass
from tests import factories
from tests.conftest import SECRET
from tests.queries import Queries

pytestmark = pytest.mark.either_database

KEYS = (SECRET,)


@pytest.fixture
def booking(app: Flask) -> Booking:
    with transaction():
        return factories.booking(slot=factories.slot(programme=factories.programme(hall=factories.hall())))


def issue(booking: Booking) -> Pass:
    with transaction():
        return service.issue(booking)


def test_a_placed_booking_has_its_pass_in_the_same_transaction(booking: Booking) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        note(booking, Verb.PLACED, by=ORGANISER, before=None)
        assert queries.get_current_pass(booking.id).version == 1
        raise ZeroDivisionError
    assert db.session.scalars(select(Pass)).all() == []


def test_issue_revokes_the_version_before(booking: Booking) -> None:
    first, second = issue(booking), issue(booking)
    with transaction():
        assert (first.version, second.version) == (1, 2)
        assert first.revoked_at is not None
        assert second.revoked_at is None
        assert queries.get_current_pass(booking.id) is second
        assert second.hall_id == booking.hall_id


def test_verify_gives_the_pass_in_force(booking: Booking) -> None:
    issued = issue(booking)
    code = codes.sign(issued.token, KEYS)
    assert service.verify(codes.qr_text(code, "https://visit.example.org"), keys=KEYS) is issued
    assert service.verify(code.lower(), keys=("a-newer-secret-key", SECRET)) is issued


def test_verify_names_a_pass_that_was_replaced(booking: Booking) -> None:
    first = issue(booking)
    issue(booking)
    with pytest.raises(PassReplaced) as refused:
        service.verify(codes.sign(first.token, KEYS), keys=KEYS)
    assert refused.value.code == "replaced"
    assert refused.value.found is first


def test_verify_refuses_a_signed_code_that_was_never_issued(app: Flask) -> None:
    with pytest.raises(PassUnknown) as refused:
        service.verify(codes.sign(codes.make_token(), KEYS), keys=KEYS)
    assert refused.value.code == "unknown"


def test_a_forged_code_is_refused_before_the_database_is_asked(booking: Booking) -> None:
    forged = codes.sign(issue(booking).token, ["a-stranger-secret-key"])
    with Queries() as queries, pytest.raises(CodeInvalid):
        service.verify(forged, keys=KEYS)
    assert queries.sent == []


@pytest.mark.both_databases
def test_passes_issued_at_once_come_one_after_the_other(app: Flask, booking: Booking) -> None:
    booking_id, start = booking.id, threading.Barrier(4)
    failures: list[BaseException] = []

    def issue_one() -> None:
        try:
            with app.app_context():
                start.wait()
                with transaction() as session:
                    service.issue(session.get_one(Booking, booking_id))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=issue_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with transaction():
        rows = db.session.scalars(select(Pass).order_by(Pass.version)).all()
        assert [row.version for row in rows] == [1, 2, 3, 4]
        assert [row.revoked_at is None for row in rows] == [False, False, False, True]
