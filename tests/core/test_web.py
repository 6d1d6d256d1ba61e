"""What every response shares: headers, error pages, files, sessions, health."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from hallapp.core import limits, patience
from hallapp.core.database import db
from hallapp.core.limits import RateCounter
from hallapp.core.web import responses, static_files
from hallapp.core.web.responses import KEY_PATHS
from hallapp.settings import ROOT
from tests import factories
from tests.conftest import tried
from tests.core.conftest import MakeApp

CSP = (
    "default-src 'none'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
    "manifest-src 'self'; worker-src 'self'; script-src 'self' 'nonce-{nonce}' ; style-src 'self' 'nonce-{nonce}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ODD_PAGES = [
    ("/odd/domain-error", 409, "slot_full", "没有成功", "That did not work"),
    ("/odd/invalid-input", 422, "bad", "没有成功", "That did not work"),
    ("/odd/refuse/400", 400, "bad_request", "请再试一次", "Please try again"),
    ("/odd/refuse/403", 403, "forbidden", "此账号无权访问", "Not for this account"),
    ("/odd/refuse/404", 404, "not_found", "找不到页面", "Not found"),
    ("/no-such-page", 404, "not_found", "找不到页面", "Not found"),
    ("/odd/refuse/410", 410, "gone", "请再试一次", "Please try again"),
    ("/odd/refuse/413", 413, "request_entity_too_large", "内容过大", "Too large"),
    ("/odd/refuse/429", 429, "too_many_requests", "请稍候", "Please wait"),
    ("/odd/refuse/500", 500, "internal_server_error", "出错了", "Something went wrong"),
    ("/odd/refuse/503", 503, "service_unavailable", "请稍候", "Please wait"),
    ("/odd/bug", 500, "internal_server_error", "出错了", "Something went wrong"),
    ("/odd/typed", 500, "internal_server_error", "出错了", "Something went wrong"),
    ("/odd/lost", 503, "service_unavailable", "请稍候", "Please wait"),
]


def heading(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page)
    assert found
    return found.group(1)


def test_every_response_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/readyz", "/sign-in", "/no-such-page", "/static/no-such-file"):
        headers = client.get(path).headers
        nonce = re.search(r"'nonce-([^']+)'", headers["Content-Security-Policy"])
        assert nonce and headers["Content-Security-Policy"] == CSP.format(nonce=nonce.group(1))
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=()"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


def test_nonce_and_request_id_are_new_each_time(client: FlaskClient) -> None:
    answers = [client.get("/sign-in").headers for _ in range(3)]
    assert len({headers["Content-Security-Policy"] for headers in answers}) == 3
    assert len({headers["X-Request-ID"] for headers in answers}) == 3


@pytest.mark.parametrize("path", ["/visits/abc", "/t/abc", "/T/ABC"])
def test_pages_with_a_key_in_their_address_send_no_referrer(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Referrer-Policy"] == "no-referrer"


def test_every_address_with_a_key_is_known_as_one(app: Flask) -> None:
    with_key = {rule.rule for rule in app.url_map.iter_rules() if {"key", "token"} & rule.arguments}
    assert {rule for rule in with_key if not rule.startswith(KEY_PATHS)} == set()


@pytest.mark.parametrize(("path", "status", "code", "zh", "en"), ODD_PAGES)
def test_error_is_a_page_in_the_readers_language_or_json(
    odd: FlaskClient, path: str, status: int, code: str, zh: str, en: str
) -> None:
    typed = {"X-Typed": "13800138000"}
    page = odd.get(path, headers=typed)
    assert (page.status_code, page.mimetype, heading(page.text)) == (status, "text/html", zh)
    page = odd.get(path, headers={**typed, "Accept-Language": "en"})
    assert (page.status_code, heading(page.text)) == (status, en)
    data = odd.get(path, headers={**typed, "Accept": "application/json"})
    assert (data.status_code, data.json["outcome"], data.json["reason"]) == (status, "refused", code)
    assert set(data.json) == {"outcome", "reason", "message"}
    for answer in (page, data):
        assert "13800138000" not in answer.text and "Traceback" not in answer.text and "INSERT" not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_bug_leaves_nothing_half_written(odd: FlaskClient) -> None:
    assert odd.get("/odd/bug", headers={"X-Typed": "x"}).status_code == 500
    assert db.session.scalar(select(func.count()).select_from(RateCounter)) == 0
    assert odd.get("/sign-in").status_code == 200


def test_method_not_allowed_names_the_allowed_methods(client: FlaskClient) -> None:
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert {method.strip() for method in answer.headers["Allow"].split(",")} == {"OPTIONS", "POST"}
    assert heading(answer.text) == "找不到页面"
    assert client.open("/readyz", method="BREW").status_code == 405


def test_head_and_options_answer_without_a_body(client: FlaskClient) -> None:
    for path in ("/readyz", "/sign-in"):
        head = client.head(path)
        assert (head.status_code, head.data) == (200, b"")
        options = client.options(path)
        assert (options.status_code, options.data) == (200, b"")
        assert "GET" in options.headers["Allow"]


def test_body_over_the_limit_is_refused_as_page_and_as_json(odd: FlaskClient) -> None:
    too_large = "x" * (responses.MAX_BODY_BYTES + 1)
    odd.get("/sign-in")
    page = odd.post("/odd/echo/x", data={"csrf_token": odd.csrf_token, "text": too_large})
    assert (page.status_code, heading(page.text)) == (413, "内容过大")
    data = odd.send_json("/odd/echo/x", {"text": too_large})
    assert (data.status_code, data.json["reason"]) == (413, "request_entity_too_large")
    fits = odd.post("/odd/echo/x", data={"csrf_token": odd.csrf_token, "text": "x" * 400_000})
    assert (fits.status_code, fits.text) == (200, "400000")


def test_form_without_the_token_of_its_page_is_refused(odd: FlaskClient) -> None:
    page = odd.post("/odd/echo/x", data={"text": "x"})
    assert (page.status_code, heading(page.text)) == (400, "请再试一次")
    data = odd.post("/odd/echo/x", json={}, headers={"X-CSRFToken": "forged"})
    assert (data.status_code, data.json["reason"]) == (400, "csrf")


# --- behind a proxy ---


@pytest.fixture
def secure(app: Flask, make_app: MakeApp) -> Callable[[str], FlaskClient]:
    """A browser at an application that stands behind so many proxies, reached by HTTPS."""

    def at(proxies: str) -> FlaskClient:
        factories.make(factories.hall)
        address = app.config["SETTINGS"].database_url
        return make_app(address, HALL_BASE_URL="https://visit.example.org", HALL_PROXIES=proxies).test_client()

    return at


FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "visit.example.org",
    "X-Request-ID": "from-the-proxy-1",
}


def test_forwarded_headers_of_a_configured_proxy_are_trusted(secure: Callable[[str], FlaskClient]) -> None:
    answer = secure("1").get("/sign-in", headers=FORWARDED)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies and all("; Secure" in cookie and "; HttpOnly" in cookie for cookie in cookies)


def test_forwarded_headers_of_a_visitor_are_ignored(secure: Callable[[str], FlaskClient]) -> None:
    answer = secure("0").get("/sign-in", headers=FORWARDED)
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["X-Request-ID"] != "from-the-proxy-1"


@pytest.mark.parametrize(("proxies", "counted"), [("1", "203.0.113.9"), ("0", "127.0.0.1")])
def test_form_is_taken_over_https_without_a_referrer_and_counted_for_its_sender(
    secure: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch, proxies: str, counted: str
) -> None:
    hits = []
    monkeypatch.setattr(limits, "hit", lambda what, subject, **_: hits.append((what, subject)))
    client = secure(proxies)
    client.get("/sign-in", headers=FORWARDED, base_url="https://visit.example.org")
    data = {"name": "nobody", "password": "wrong password"}
    answer = client.submit("/sign-in", data, headers=FORWARDED, base_url="https://visit.example.org")
    assert answer.status_code == 422
    assert hits == [
        ("sign_in_network", counted),
        ("sign_in_name_there", f"{counted} nobody"),
        ("sign_in_name", "nobody"),
    ]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("", "unknown"),
    ],
)
def test_limits_count_the_network_of_a_client(app: Flask, address: str, network: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert responses.client_network() == network


# --- files ---


def test_files_of_this_version_are_cached_without_expiry(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) >= 4
    for address in addresses:
        assert re.fullmatch(r"/static/[0-9a-f]{12}/[^?]+", address)
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")


def test_files_without_a_version_are_revalidated(client: FlaskClient) -> None:
    answer = client.get("/static/icon.svg")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    again = client.get("/static/icon.svg", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")
    assert client.get("/static/000000000000/icon.svg").status_code == 404


def test_files_have_the_security_headers_of_pages(client: FlaskClient) -> None:
    file, page = client.get("/static/js/booking.js"), client.get("/sign-in")
    for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"):
        assert file.headers[name] == page.headers[name]
    assert file.headers["Content-Security-Policy"] == re.sub(
        " 'nonce-[^']+'", "", page.headers["Content-Security-Policy"]
    )
    assert file.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_version_follows_the_content_of_any_file(make_app: MakeApp, tmp_path: Path) -> None:
    versions = set()
    for content in ("a {}", "b { }"):
        (tmp_path / "files").mkdir(exist_ok=True)
        (tmp_path / "files" / "a.css").write_text(content)
        (tmp_path / "files" / "b.js").write_text("")
        static = static_files.StaticFiles(make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}"), tmp_path / "files")
        versions.add(static.version)
    assert len(versions) == 2


def test_file_that_is_not_there_has_an_address_without_a_version(app: Flask) -> None:
    with app.test_request_context():
        assert app.url_for("static", filename="missing.css") == "/static/missing.css"


@pytest.mark.parametrize("encoding", tried(["br", "gzip", "identity"], 1))
def test_packed_files_are_sent_in_the_encoding_that_the_browser_takes(
    make_app: MakeApp, tmp_path: Path, encoding: str
) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    static_files.pack(app)
    static_files.pack(app)  # a second server of the same release finds it done
    path, content = "/static/css/base.css", (ROOT / "static/css/base.css").read_bytes()
    answer = app.test_client().get(path, headers={"Accept-Encoding": encoding})
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}[encoding]
    assert unpack(answer.data) == content
    assert answer.headers["Vary"] == "Accept-Encoding"
    if encoding != "identity":
        assert len(answer.data) < len(content) / 2


def test_data_folder_that_cannot_be_written_to_costs_the_compression_only(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    (app.config["SETTINGS"].instance / "static").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="static"):
        static_files.pack(app)
    answer = app.test_client().get("/static/css/base.css", headers={"Accept-Encoding": "br"})
    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, None)


@pytest.mark.parametrize(
    "path", ["../pyproject.toml", "%2e%2e/pyproject.toml", "..%2fwsgi.py", "css/../../wsgi.py", "css"]
)
def test_no_file_outside_of_the_folder_is_served(client: FlaskClient, path: str) -> None:
    assert (ROOT / "wsgi.py").exists()
    assert client.get(f"/static/{path}").status_code == 404
    assert client.get(f"/static/000000000000/{path}").status_code == 404


def test_session_is_never_sent_with_a_file_that_caches_keep(client: FlaskClient) -> None:
    staff = factories.make(lambda: factories.staff(hall=factories.hall()))
    client.sign_in(staff)
    with client.session_transaction() as session:
        session.permanent = True
    answer = client.get("/static/icon.svg?lang=en")
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


# --- health ---


def test_health_is_answered_before_the_application_with_the_same_headers(client: FlaskClient) -> None:
    answer, head = client.get("/healthz"), client.head("/healthz")
    assert (answer.status_code, answer.json, answer.headers["Cache-Control"]) == (200, {"status": "ok"}, "no-store")
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", answer.headers["Content-Length"])
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert client.post("/healthz").status_code == 404


def test_health_and_readiness(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_database_that_is_not_migrated_is_not_ready(tmp_path: Path, make_app: MakeApp) -> None:
    client = make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}").test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable", "reason": "not_migrated"})
    page = client.get("/")
    assert (page.status_code, heading(page.text)) == (503, "请稍候")


#: The tests of other workers have databases of their own on the same server.
OTHERS_OF_THE_APPLICATION = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name = ''
"""


@pytest.mark.on_database("postgresql")
def test_database_that_was_restarted_costs_no_request(
    app: Flask, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_FRESH_SECONDS", 0)  # a connection is tried, however short ago it was in use
    client = make_app(app.config["SETTINGS"].database_url).test_client()
    assert client.get("/readyz").status_code == 200
    with db.engine.connect() as connection:
        assert connection.scalar(text(OTHERS_OF_THE_APPLICATION)) >= 1
    assert client.get("/readyz").status_code == 200


def test_unreachable_database_is_reported_without_details(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    client = make_app("postgresql://hall:the-password@127.0.0.1:1/hall").test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable", "reason": "database"})
    page = client.get("/")
    assert (page.status_code, heading(page.text)) == (503, "请稍候")
    assert page.headers["Retry-After"] == "10"
    assert client.get("/no-such-page").status_code == 404
    assert "the-password" not in page.text + capsys.readouterr().err
