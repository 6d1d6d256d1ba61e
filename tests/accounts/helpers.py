"""Staff with two-step codes, and the ways in as people go them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hallapp.accounts import totp, twostep, vault
from hallapp.accounts.models import AuditEntry, Staff
from hallapp.core import clock
from hallapp.core.database import db, transaction
from tests import factories
from tests.conftest import SECRET

KEYS = (SECRET,)
PHONE = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # what the tests' telephone and the hall share


def enrol(staff: Staff) -> list[str]:
    """Turn two-step codes on without the pages; gives the recovery codes. No code has been taken yet."""
    with transaction():
        row = db.session.get_one(Staff, staff.id)
        codes = twostep.turn_on(row, secret=PHONE, typed=code(), keys=KEYS)
        row.totp_step = None
    return codes


def code(seconds: float = 0, *, secret: str = PHONE) -> str:
    """What the telephone shows, so many seconds from now."""
    return totp.code_at(secret, clock.now().timestamp() + seconds)


def wrong_code() -> str:
    """Six digits that fit at no moment near."""
    near = {code(seconds) for seconds in (-60, -30, 0, 30, 60)}
    return next(digits for digits in ("000000", "111111", "222222", "333333", "444444", "555555") if digits not in near)


def sign_in(client: FlaskClient, staff: Staff, *, password: str = factories.PASSWORD, **data: str) -> TestResponse:
    """Type name and password."""
    client.get("/sign-in")
    return client.submit("/sign-in", {"name": staff.name, "password": password, **data})


def sign_in_with_code(client: FlaskClient, staff: Staff, typed: str | None = None, **data: str) -> TestResponse:
    """Type name, password and code."""
    assert sign_in(client, staff, **data).location == "/sign-in/code"
    client.get("/sign-in/code")
    return client.submit("/sign-in/code", {"code": code() if typed is None else typed})


def is_in(client: FlaskClient, page: str = "/account") -> bool:
    """Whether this browser is signed in, with nothing left to do first."""
    answer = client.get(page)
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


def trail(*, action: str | None = None) -> list[tuple[str, int | None, str, dict[str, Any]]]:
    """What the audit trail says, in order: action, who, subject, detail."""
    statement = select(AuditEntry).order_by(AuditEntry.id)
    entries = db.session.scalars(statement.where(AuditEntry.action == action) if action else statement)
    return [(entry.action, entry.staff_id, entry.subject, entry.detail) for entry in entries]


def at_once(app: Flask, work: Callable[[], Any], *, times: int = 2) -> list[Any]:
    """Do the same so many times at once, each in a session of its own; gives results, or the exceptions."""
    ready = Barrier(times)

    def one() -> Any:
        with app.app_context():
            ready.wait()
            try:
                return work()
            except Exception as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(times)]]


def opened(staff: Staff) -> str:
    """The secret of an account, as the hall can read it."""
    return vault.open_(staff.totp_secret or "", KEYS)
