"""The office at noon of 1 December 2026, and browsers in it: for every file here that has no office of its own."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask

from tests.admin.office import NOON, make_office, signed_in
from tests.client import CheckingClient


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    """A hall at work, whose clock stands still at noon."""
    with time_machine.travel(NOON, tick=False):
        yield make_office()


@pytest.fixture
def desk(app: Flask, office: SimpleNamespace) -> CheckingClient:
    """The browser of somebody at the desk."""
    return signed_in(app, office.desk)


@pytest.fixture
def manager(app: Flask, office: SimpleNamespace) -> CheckingClient:
    """The browser of a manager."""
    return signed_in(app, office.manager)
