"""Under overload a visitor's page is refused at once; what staff and organisers have open is served in its turn."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from hallapp.core import overload
from hallapp.core.overload import PATIENCE
from tests import factories
from tests.client import CheckingClient

HAN = re.compile(r"[\u3400-\u9fff]")


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


def test_the_page_is_in_the_language_of_its_reader_alone(app: Flask, client: CheckingClient) -> None:
    overload.begin(waited=60)
    for wished, words in (
        ("zh-CN,zh", "访问人数较多"),
        ("zh-TW", "人數較多"),
        ("en-GB", "Many visitors"),
        ("fr", "Many visi"),
    ):
        shown = client.get("/book", headers={"Accept-Language": wished}).text
        assert words in shown
        assert wished.startswith("zh") or not HAN.search(shown)
    client.set_cookie("language", "en")
    assert not HAN.search(client.get("/book", headers={"Accept-Language": "zh-CN"}).text)


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
