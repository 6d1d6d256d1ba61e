"""A director reads reports and pictures: each link that the pages show them opens, and no page names a group."""

import re
from datetime import date
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from tests import factories
from tests.reports.test_closing import close, first_event, take_back

PAGES = ("/reports", "/reports/2026-11", "/reports/2026", "/reports/2026-11/versions", "/reports/verify")
FILES = tuple(f"/reports/2026-11{end}" for end in (".csv", ".json", "/pictures/map.svg", "/open.csv"))
ROWS = re.compile(r'href="(/reports/[^"]*/(?:arrivals|bookings)|/reports/entries|/reports/history|/bookings|/admin)')


@pytest.fixture
def director(november: SimpleNamespace, client: FlaskClient) -> FlaskClient:
    """A director's browser, in a hall that took back an arrival of a closed month with a note that names a group."""
    close(november)
    take_back(november, first_event(november.hall.id, date(2026, 11, 11)), reason="某校走错了门")
    with transaction():
        staff = factories.staff(hall=november.hall, role=Role.DIRECTOR)
    client.sign_in(staff)
    return client


def links(page: str) -> set[str]:
    return {link.split("#")[0] for link in re.findall(r'href="(/[^"#][^"]*)"', page)}


def test_director_lands_on_the_reports(director: FlaskClient) -> None:
    assert director.get("/sign-in").location == "/reports"


def test_every_link_on_a_directors_pages_opens(director: FlaskClient) -> None:
    seen: set[str] = set()
    for path in PAGES:
        answer = director.get(path)
        assert answer.status_code == 200, path
        assert not ROWS.search(answer.text), path
        seen |= links(answer.text)
    assert "/reports/2026-11/versions" in seen
    for link in sorted(seen):
        assert director.get(link.replace("&amp;", "&")).status_code in (200, 303), link


def test_nothing_that_a_director_opens_names_a_group(director: FlaskClient, november: SimpleNamespace) -> None:
    for path in (*PAGES, *FILES):
        answer = director.get(path)
        assert (answer.status_code, "某校" in answer.text) == (200, False), path
    director.sign_in(november.manager)
    assert "某校走错了门" in director.get("/reports/2026-11").text
    assert "某校" in director.get("/reports/2026-11/arrivals").text


def test_manager_still_has_every_link(director: FlaskClient, november: SimpleNamespace) -> None:
    director.sign_in(november.manager)
    index, month = director.get("/reports").text, director.get("/reports/2026-10").text
    for path in ("/reports/close", "/reports/history", "/reports/mailing", "/reports/exports", "/reports/verify"):
        assert f'href="{path}"' in index
    assert 'href="/reports/2026-10/arrivals"' in month
    assert 'href="/reports/2026-10/close"' in month
