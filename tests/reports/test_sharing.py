"""A public link of a report: that report only, until it expires or is revoked."""

import hashlib
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.core import limits
from hallapp.core.database import db, transaction
from hallapp.reports.models import ReportLink
from tests import factories
from tests.reports.conftest import NOW

LINK = re.compile(r'value="http[^"]*(/shared/[\w-]{43})"')


@pytest.fixture
def manager(november: SimpleNamespace, client: FlaskClient) -> FlaskClient:
    client.sign_in(november.manager)
    client.get("/reports/links")
    return client


def make(client: FlaskClient, period: str = "2026-11", days: str = "30") -> str:
    answer = client.submit("/reports/links", {"period": period, "days": days})
    assert answer.status_code == 200
    found = LINK.search(answer.text)
    assert found, answer.text
    return found[1]


@pytest.mark.either_database
def test_link_opens_one_report_until_it_expires(
    manager: FlaskClient, november: SimpleNamespace, app: Flask, clock: time_machine.Traveller
) -> None:
    link, visitor = make(manager), app.test_client()
    other = make(manager, "2026")
    page = visitor.get(link)
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in page.text
    assert 'href="/reports' not in page.text
    own = manager.get("/reports/2026-11").text
    sections = re.findall(r'<h2 id="(what|ways|whence|[a-z]+-title)">', own)
    assert sections and [one for one in sections if f'<h2 id="{one}">' not in page.text] == []
    paper = visitor.get(f"{link}.pdf")
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
    assert paper.headers["X-Robots-Tag"] == "noindex"
    for path in ("/reports/2026-11", "/reports/2026-11.pdf", "/reports/links", f"{link}.xlsx", f"{link}/2026-10"):
        assert visitor.get(path).status_code in (303, 404), path

    row = db.session.scalars(select(ReportLink).where(ReportLink.period == "2026-11")).one()
    token = link.rsplit("/", 1)[1]
    assert row.digest == hashlib.sha256(token.encode()).hexdigest()
    assert row.last_used_at == NOW
    assert token not in manager.get("/reports/links").text

    clock.move_to(NOW + timedelta(days=30) - timedelta(seconds=1))
    assert visitor.get(link).status_code == 200
    clock.move_to(NOW + timedelta(days=30))
    assert visitor.get(link).status_code == visitor.get(f"{link}.pdf").status_code == 404
    assert visitor.get(other).status_code == 404
    assert visitor.get("/shared/" + "x" * 43).text.count("/shared/") == 0


def test_link_is_revoked_by_its_own_hall_only(manager: FlaskClient, app: Flask) -> None:
    link = make(manager)
    digest = db.session.scalars(select(ReportLink.digest)).one()
    stranger = app.test_client()
    with transaction():
        other = factories.staff(hall=factories.hall(), role=Role.MANAGER)
    stranger.sign_in(other)
    stranger.get("/reports/links")
    assert stranger.submit(f"/reports/links/{digest}/revoke").status_code == 404
    assert stranger.get(link).status_code == 200
    manager.get("/reports/links")
    assert manager.submit(f"/reports/links/{digest}/revoke").status_code == 303
    assert app.test_client().get(link).status_code == 404


@pytest.mark.parametrize("wrong", [{"period": "soon"}, {"period": ""}, {"days": "4000"}, {"period": "2027-05"}])
def test_wrong_values_are_refused_beside_their_field(manager: FlaskClient, wrong: dict[str, str]) -> None:
    answer = manager.submit("/reports/links", {"period": "2026-11", "days": "30"} | wrong)
    assert answer.status_code in (404, 422)
    assert "aria-invalid" in answer.text
    assert db.session.scalars(select(ReportLink)).all() == []


@time_machine.travel(NOW, tick=False)  # within one window of the limit
def test_guessing_is_limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "are_on", lambda: True)
    guesser = app.test_client()
    answers = [
        guesser.get(f"/shared/{number:043}", environ_base={"REMOTE_ADDR": "203.0.113.77"}).status_code
        for number in range(31)
    ]
    assert set(answers[:30]) == {404}
    assert answers[30] == 429
