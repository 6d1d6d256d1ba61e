"""Who may read /metrics: this machine itself, and whoever has the token; never a visitor through a proxy."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from flask import Flask

from hallapp import create_app
from hallapp.core.database import db
from tests.client import CheckingClient
from tests.conftest import settings_for

AppWith = Callable[..., Flask]

TOKEN = "mtk-Vb7xQ2mRw9LkTz4d"
LOCAL, PUBLIC = "http://127.0.0.1:8000", "https://visit.example.org"


@pytest.fixture(scope="module")
def app_with(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppWith]:
    """Gives the application of a database's address and `HALL_…` variables, made once for all tests of this file."""
    folder, made = tmp_path_factory.mktemp("access"), dict[tuple[object, ...], Flask]()

    def get(database_url: str, **changes: str) -> Flask:
        key = (database_url, *sorted(changes.items()))
        if key not in made:
            made[key] = create_app(settings_for(database_url, folder, **changes))
            made[key].test_client_class = CheckingClient
        return made[key]

    yield get
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


def ask(
    app: Flask,
    app_with: AppWith,
    *,
    peer: str = "127.0.0.1",
    host: str = "127.0.0.1:8000",
    headers: Mapping[str, str] | None = None,
    **settings: str,
) -> int:
    at = app_with(app.config["SETTINGS"].database_url, **{f"HALL_{name}": value for name, value in settings.items()})
    answer = at.test_client().get(
        "/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": peer, "HTTP_HOST": host}
    )
    assert ("hallapp_requests_total" in answer.text) is (answer.status_code == 200)
    assert answer.status_code == 200 or answer.headers["WWW-Authenticate"] == "Bearer"
    return answer.status_code


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:9000"])
def test_this_machine_may(app: Flask, app_with: AppWith, peer: str, host: str) -> None:
    assert ask(app, app_with, peer=peer, host=host) == 200


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "", "unix"])
def test_another_machine_may_not(app: Flask, app_with: AppWith, peer: str) -> None:
    assert ask(app, app_with, peer=peer) == 401
    assert ask(app, app_with, peer=peer, headers={"X-Forwarded-For": "127.0.0.1"}) == 401
    assert ask(app, app_with, peer=peer, headers={"X-Forwarded-For": "127.0.0.1"}, PROXIES="1") == 401


@pytest.mark.parametrize("proxies", ["0", "1", "2"])
@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"]
)
def test_visitor_through_a_proxy_on_this_machine_may_not(
    app: Flask, app_with: AppWith, header: str, proxies: str
) -> None:
    for value in ("203.0.113.9", "127.0.0.1", "127.0.0.1, 127.0.0.1", ""):
        assert ask(app, app_with, headers={header: value}, PROXIES=proxies) == 401


def test_proxy_that_says_nothing_of_its_visitors_opens_nothing(app: Flask, app_with: AppWith) -> None:
    assert ask(app, app_with, host="visit.example.org", BASE_URL=PUBLIC, PROXIES="1") == 401, "its visitors' host"
    assert ask(app, app_with, BASE_URL=PUBLIC) == 401, "there is a proxy that the settings do not know"
    assert ask(app, app_with, BASE_URL=PUBLIC, PROXIES="1") == 200, "Prometheus beside the proxy"


def test_token_opens_it_from_everywhere(app: Flask, app_with: AppWith) -> None:
    def with_token(given: str, **settings: str) -> int:
        return ask(app, app_with, peer="192.0.2.7", headers={"Authorization": given}, **settings)

    assert with_token(f"Bearer {TOKEN}", METRICS_TOKEN=TOKEN) == 200
    assert with_token(f"bearer {TOKEN}", METRICS_TOKEN=TOKEN, PROXIES="1", BASE_URL=PUBLIC) == 200
    for wrong in (f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer", "Bearer ", "Bearer é"):
        assert with_token(wrong, METRICS_TOKEN=TOKEN) == 401
    assert with_token("Bearer ") == 401, "no token is not an empty one"
    assert with_token("Bearer None") == 401
    assert ask(app, app_with, METRICS_TOKEN=TOKEN) == 200, "this machine needs none"
