"""An application with views that go wrong, each in its way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hallapp import create_app
from hallapp.core import limits
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError, InvalidInput
from hallapp.core.web.access import public
from tests.client import CheckingClient
from tests.conftest import settings_for

MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[MakeApp]:
    """Makes applications of a database's address and `HALL_…` variables; closes their connections afterwards."""
    made = []

    def make(database_url: str, **changes: str) -> Flask:
        app = create_app(settings_for(database_url, tmp_path, **changes))
        app.test_client_class = CheckingClient
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def odd(app: Flask, make_app: MakeApp) -> FlaskClient:
    """A browser at an application on the same database, with the views of `_odd_views`."""
    odd = make_app(app.config["SETTINGS"].database_url)
    for path, view in _odd_views().items():
        odd.add_url_rule(path, view.__name__, public(view), methods=["GET", "POST"])
    return odd.test_client()


def _typed() -> str:
    return request.headers.get("X-Typed") or request.form["typed"]


class SlotFull(DomainError):
    code = "slot_full"
    message = "Too many attempts. Please try again later."


class Bad(InvalidInput):
    code = "bad"
    message = "The address or the form could not be read."


def _odd_views() -> dict[str, Callable[..., Any]]:
    def domain_error() -> None:
        raise SlotFull

    def invalid_input() -> None:
        raise Bad

    def bug() -> None:
        with transaction():
            limits.hit("odd", "somebody", limit=9, seconds=60)
            raise ValueError(_typed())

    def typed_into_the_database() -> None:
        with transaction() as session:
            typed = {"typed": _typed()}
            session.execute(text("INSERT INTO rate_counter (key, window_starts, hits) VALUES (:typed, NULL, 1)"), typed)

    def database_lost() -> None:
        raise OperationalError("SELECT :typed", {"typed": _typed()}, Exception(_typed()))

    def refuse(status: int) -> None:
        abort(status)

    def echo(typed: str) -> ResponseReturnValue:
        length = len(request.get_json()["text"]) if request.is_json else len(request.form.get("text", ""))
        return str(length), {"Content-Type": "text/plain"}

    return {
        "/odd/domain-error": domain_error,
        "/odd/invalid-input": invalid_input,
        "/odd/bug": bug,
        "/odd/typed": typed_into_the_database,
        "/odd/lost": database_lost,
        "/odd/refuse/<int:status>": refuse,
        "/odd/echo/<typed>": echo,
    }
