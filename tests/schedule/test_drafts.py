"""A hall that is not published yet: open to its staff, closed to strangers; a group's own pages stay open."""

from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.core.web.access import PUBLIC, access_of, is_open_in_draft
from hallapp.core.web.responses import KEY_PATHS
from hallapp.schedule import publishing
from hallapp.schedule.models import Hall
from tests import factories
from tests.booking.helpers import page
from tests.client import CheckingClient

#: The public addresses without a key that strangers open while a hall is a draft: none tells more than its name.
OPEN = {
    "/first-run",
    "/first-run/<any(country,hall,opening,account):name>",
    "/sign-in",
    "/sign-in/code",
    "/sign-on/<number>",
    "/sign-on/<number>/back",
    "/sign-on/<number>/signed-out",
    "/sign-out",
    "/readyz",
    "/api/v1/docs",
    "/api/v1/openapi.json",
    "/metrics",
    "/logo",
    "/icons/<digest>/<int:size>.png",
    "/site.webmanifest",
    "/robots.txt",
    "/online/beat",
    "/desk/sw.js",
    "/desk/manifest.webmanifest",
    "/kiosk/sw.js",
    "/pictures/<digest>/<int:width>.<any(webp,jpg):kind>",
}
CLOSED = (
    "/",
    "/book",
    "/book/times?programme=tour-1",
    "/book/line",
    "/embed/book",
    "/embed/availability",
    "/find",
    "/privacy",
    "/sitemap.xml",
    "/?lang=en",
)


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall, draft=True)


def set_draft(hall: Hall, *, draft: bool) -> None:
    with transaction():
        (publishing.unpublish if draft else publishing.publish)(hall.id, None)


@pytest.mark.parametrize("path", CLOSED)
def test_strangers_see_that_a_draft_is_not_open_yet(client: CheckingClient, hall: Hall, path: str) -> None:
    answer = client.get(path)
    shown = page(answer)
    assert answer.status_code == 404
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Not open yet" in shown if "en" in path.partition("?")[2] else "尚未开放" in shown
    assert "东风路" not in shown
    assert "8345" not in shown


def test_programs_get_a_reason(client: CheckingClient, hall: Hall) -> None:
    answer = client.get("/book", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["reason"]) == (404, "hall_not_open")


def test_only_these_addresses_are_open_in_a_draft(app: Flask) -> None:
    """A route that is added later is closed to strangers unless it says otherwise, and this table with it."""
    marked = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if (view := app.view_functions.get(rule.endpoint)) and access_of(view) == PUBLIC and is_open_in_draft(view)
    }
    assert {path for path in marked if not path.startswith(KEY_PATHS)} == OPEN


def test_strangers_cannot_book_a_draft(client: CheckingClient, hall: Hall) -> None:
    slot = factories.make(factories.slot, programme=factories.make(factories.programme, hall=hall))
    client.get("/sign-in")  # a page with a token
    answer = client.submit("/book", {"slot": str(slot.id), "organisation": "某校"})
    assert answer.status_code == 404
    assert db.session.get(type(slot), slot.id).visitors_booked == 0


def test_search_engines_are_asked_to_stay_away(client: CheckingClient, hall: Hall) -> None:
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    set_draft(hall, draft=False)
    assert "Sitemap:" in client.get("/robots.txt").text


@pytest.mark.parametrize("role", list(Role))
def test_staff_see_the_pages_with_a_mark(client: CheckingClient, hall: Hall, role: Role) -> None:
    client.sign_in(factories.make(factories.staff, hall=hall, role=role))
    for path in ("/", "/book", "/find"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "仅工作人员可见" in page(answer)
    set_draft(hall, draft=False)
    assert "仅工作人员可见" not in page(client.get("/"))


def test_staff_of_another_hall_are_strangers(client: CheckingClient, hall: Hall) -> None:
    elsewhere = factories.make(factories.hall, host="other.example")
    client.sign_in(factories.make(factories.staff, hall=elsewhere, role=Role.ADMIN))
    assert client.get("/").status_code == 404


@pytest.mark.either_database
def test_publishing_and_unpublishing(client: CheckingClient, hall: Hall) -> None:
    tour = factories.make(factories.programme, hall=hall)
    client.sign_in(factories.make(factories.staff, hall=hall, role=Role.MANAGER))
    assert "开馆准备" in page(client.get("/admin/publishing"))
    client.submit("/admin/publishing/publish")
    client.submit("/admin/publishing/publish")  # pressed twice
    stranger = client.application.test_client()
    assert stranger.get("/").status_code == 200

    slot = factories.make(factories.slot, programme=tour, day=date(2030, 1, 5), starts=time(9))
    gone = factories.make(factories.slot, programme=tour, day=date(2020, 1, 5), starts=time(9))
    booking = factories.make(factories.booking, slot=slot, visitors=12)
    factories.make(factories.booking, slot=gone, visitors=30)
    assert "今后有1个预约（共12人）" in page(client.get("/admin/publishing"))
    client.submit("/admin/publishing/unpublish")
    assert stranger.get("/").status_code == 404
    assert stranger.get(f"/visits/{booking.key}").status_code == 200, "the group still has its page"
    actions = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("hall_%")).order_by(AuditEntry.id)
    )
    assert list(actions) == ["hall_published", "hall_unpublished"]
