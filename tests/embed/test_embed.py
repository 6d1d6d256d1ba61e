"""Pages inside other websites: which sites may show them, and that they need no cookie."""

import re
from datetime import date, time

import pytest
import time_machine
from flask import Flask

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.embed import service
from hallapp.schedule.models import Hall
from tests import factories
from tests.booking.helpers import page
from tests.office import signed_in

NOW = clock.at(date(2026, 12, 1), time(12), "Asia/Shanghai")


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("  HTTPS://WWW.Example.ORG:443/ ", "https://www.example.org"),
        ("example.org", "https://example.org"),
        ("example.org:8443", "https://example.org:8443"),
        ("https://博物馆.中国", "https://xn--9krs63ej00a.xn--fiqs8s"),
        ("ｈｔｔｐｓ：//example.org", "https://example.org"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://[2001:DB8:0::1]", "https://[2001:db8::1]"),
    ],
)
def test_origin_is_read_as_browsers_write_it(typed: str, origin: str) -> None:
    assert service.read_origin(typed) == origin
    assert service.read_origin(origin) == origin


@pytest.mark.parametrize(
    "typed",
    [
        *("*", "https://*", "https://*.example.org", "'self'", "https:", "https://", "data:x", "javascript://a.org/"),
        *("ftp://example.org", "https://example.org/page", "https://example.org?x", "https://example.org#x"),
        *("https://me@example.org", "https://example.org:0", "https://example.org:99999", "https://example.org:x"),
        *("https://a.org https://b.org", "https://a.org; script-src *", "https://a..org", "https://-a.org"),
        *(
            "http://example.org",
            "http://localhost.example.org",
            "https://[::1",
            "https://256.1.1.1",
            "https://a.org\\b",
        ),
        *(
            "https://exa\u0000mple.org",
            "https://" + "a" * 300 + ".org",
            "null",
            "https://a.org,b.org",
        ),
    ],
)
def test_anything_else_is_refused(typed: str) -> None:
    if typed == "null":
        assert service.read_origin(typed) == "https://null"  # a name of a host, not the origin of a sandbox
        return
    with pytest.raises(DomainError) as refusal:
        service.read_origin(typed)
    assert refusal.value.field == "sites"


@pytest.fixture
def manager(app: Flask) -> Staff:
    with transaction():
        hall = factories.hall(slots_until=date(2099, 12, 31))
        tour = factories.programme(hall=hall, slug="tour")
        factories.slot(programme=tour, day=date(2026, 12, 5), visitor_capacity=40)
        return factories.staff(hall=hall, role=Role.MANAGER)


def test_manager_names_the_sites_and_gets_the_lines(app: Flask, manager: Staff) -> None:
    client = signed_in(app, manager)
    assert "iframe" not in page(client.get("/admin/embed"))
    wrong = client.submit("/admin/embed", {"sites": "https://a.org\nhttp://<b>.org/x"})
    assert wrong.status_code == 422 and "“http://&lt;b&gt;.org/x”" in wrong.text and "https://a.org" in wrong.text
    many = client.submit("/admin/embed", {"sites": "\n".join(f"https://a{n}.org" for n in range(11))})
    assert many.status_code == 422
    assert client.submit("/admin/embed", {"sites": "HTTPS://B.org/\n\nhttps://a.org\nb.org"}).status_code == 303
    shown = client.get("/admin/embed").text
    assert "https://a.org\nhttps://b.org" in shown.replace("\r\n", "\n")
    assert (
        "&lt;script src=&#34;http://127.0.0.1:8000/static/js/embed.js&#34; async" in shown
    )  # the same in each release
    assert "&lt;iframe src=&#34;http://127.0.0.1:8000/embed/book?lang=zh&#34;" in shown
    assert client.submit("/admin/embed", {"sites": ""}).status_code == 303
    assert "iframe" not in page(client.get("/admin/embed"))


@time_machine.travel(NOW, tick=False)
def test_only_named_sites_may_frame_the_pages_which_set_no_cookie(app: Flask, manager: Staff) -> None:
    client, hall_id = app.test_client(), manager.hall_id
    for path in ("/embed/availability", "/embed/book"):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"] and headers["X-Frame-Options"] == "DENY"
    with transaction():
        service.save_sites(hall_id, "https://a.org\nhttps://b.org:8443", by=manager.id)
    for path in ("/embed/availability?lang=en", "/embed/book?lang=en&programme=tour&day=2026-12-05"):
        answer = app.test_client().get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors https://a.org https://b.org:8443")
        assert "X-Frame-Options" not in answer.headers
        assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if "session" in cookie]
        assert "csrf" not in answer.text
    assert re.search(r'target="_blank" rel="noopener"[^>]*href="/book\?slot=\d+', answer.text)
    assert "opens in a new window" in answer.text
    for path in ("/", "/book", "/sign-in", "/find"):  # nothing else can be framed, and so clicked unseen
        assert "frame-ancestors 'none'" in client.get(path).headers["Content-Security-Policy"]


@time_machine.travel(NOW, tick=False)
def test_odd_addresses_and_empty_halls_get_a_page(app: Flask, manager: Staff) -> None:
    client = app.test_client()
    for query in (
        "programme=x&day=x",
        "day=9999-99-99",
        "day=2020-01-01",
        "programme=%00",
        "programme=tour&day=2026-12-07",
    ):
        assert client.get(f"/embed/book?{query}").status_code == 200, query
    with transaction():
        hall = factories.hall(host="empty.example.org")
        assert isinstance(hall, Hall)
    assert "目前没有开放预约的项目" in app.test_client().get("/embed/book", base_url="http://empty.example.org").text
