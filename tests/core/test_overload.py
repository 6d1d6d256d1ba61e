"""Under overload a visitor's page is refused at once; what staff and organisers have open is served in its turn."""

from collections.abc import Iterator

import pytest
from flask import Flask

from hallapp.core import overload
from hallapp.core.overload import PATIENCE
from tests import factories
from tests.client import CheckingClient


@pytest.fixture(autouse=True)
def rested() -> Iterator[None]:
    yield
    overload.begin(waited=0)


@pytest.mark.parametrize(("method", "path"), sorted(PATIENCE))
def test_page_that_waited_too_long_is_refused_quickly(
    app: Flask, client: CheckingClient, method: str, path: str
) -> None:
    overload.begin(waited=PATIENCE[method, path] + 0.1)
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert 3 <= int(answer.headers["Retry-After"]) <= 8
    # A page loads itself again; a form is sent again by whoever filled it in.
    assert answer.headers.get("Refresh") == (answer.headers["Retry-After"] if method == "GET" else None)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_page_that_waited_less_is_served(app: Flask, client: CheckingClient) -> None:
    factories.make(factories.hall)
    overload.begin(waited=PATIENCE["GET", "/"] - 0.1)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/readyz", "/sign-in", "/desk", "/visits/abc", "/static/icon.svg"])
def test_other_pages_wait_for_their_turn(app: Flask, client: CheckingClient, path: str) -> None:
    factories.make(factories.hall)
    overload.begin(waited=60)
    assert client.get(path).status_code != 503
    assert client.get("/healthz").status_code == 200
