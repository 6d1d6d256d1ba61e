"""Two clicks on a button that deletes: the second request never fails, however close they are."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, time
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event, func, select, text
from werkzeug.test import TestResponse

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.alerts.models import AlertRecipient, Pace
from hallapp.booking.models import SavedSearch
from hallapp.core import clock
from hallapp.core.database import Model, db, transaction
from hallapp.delegations.models import Delegation
from hallapp.guides.models import Assignment, CalendarFeed, Leave
from hallapp.history.models import HistoryDraft
from hallapp.jobs.models import Job
from hallapp.messages.models import Channel, MessageKind, MessageText
from hallapp.points.models import PointPerson
from hallapp.profile import service as profile
from hallapp.profile.models import Notice, Picture
from hallapp.reports.models import NetworkReader, ReportMailing, ReportRecipient
from hallapp.schedule.models import Logo, Opening, WeekTemplate
from hallapp.signon.models import ProviderKind, SignOnProvider
from hallapp.webhooks.models import Webhook
from tests import factories
from tests.guides import office as guides
from tests.test_routes import TABLE

DAY = date(2026, 12, 7)
NOW = clock.at(date(2026, 12, 1), time(12), "Asia/Shanghai")
#: The form of the button's request: its path, and what it sends.
Click = tuple[str, dict[str, Any]]


def _recipient(hall: int) -> ReportRecipient:
    return ReportRecipient(hall_id=hall, email="a@example.org", language="zh", pdf=True, xlsx=False, added_at=NOW)


def _draft(hall: int) -> HistoryDraft:
    return HistoryDraft(hall_id=hall, key="k" * 32, filename="a.csv", file_bytes=1, made_at=NOW)


def _job(hall: int) -> Job:
    return Job(hall_id=hall, key="j" * 32, kind="report_export", params={"form": "csv"}, made_at=NOW)


def _template(hall: int) -> WeekTemplate:
    lines = {"weekday": 0, "starts": time(9), "visitor_capacity": 10, "guide_capacity": 1}
    return WeekTemplate(hall_id=hall, valid_from=date(2030, 1, 1), openings=[Opening(hall_id=hall, **lines)])


def _words(hall: int) -> MessageText:
    return MessageText(
        hall_id=hall, kind=MessageKind.CONFIRMED, language="zh", channel=Channel.EMAIL, subject="a", body="b"
    )


def _webhook(hall: int) -> Webhook:
    values: dict[str, Any] = {"kinds": "month.closed", "contact": "a@b.org", "language": "en", "active": True}
    return Webhook(hall_id=hall, number=1, name="Gate", url="https://a.org/", secret="-", made_at=NOW, **values)


def _provider(hall: int) -> SignOnProvider:
    values: dict[str, Any] = {"issuer": "", "agent_id": "1", "groups_claim": "", "roles": [], "second_step": False}
    secret = {"client_id": "c", "secret": "-"}
    return SignOnProvider(
        hall_id=hall, number=1, kind=ProviderKind.WECOM, name="Company", made_at=NOW, **secret, **values
    )


_ALERTS: dict[str, Any] = {"kinds": "", "pace": Pace.AT_ONCE, "reported_until": NOW}
#: The row that a button deletes, and the button.
SIMPLE: dict[str, tuple[Callable[[int], Model], Callable[[Any], Click]]] = {
    "recipient": (_recipient, lambda row: (f"/reports/mailing/recipients/{row.id}/delete", {})),
    "mailing": (lambda hall: ReportMailing(hall_id=hall, day=5), lambda _row: ("/reports/mailing", {"day": ""})),
    "search": (
        lambda hall: SavedSearch(hall_id=hall, name="December", terms={"state": "requested"}),
        lambda row: (f"/bookings/lists/{row.id}/delete", {}),
    ),
    "text": (_words, lambda row: (f"/admin/messages/{row.kind}/zh/email/standard", {})),
    "logo": (
        lambda hall: Logo(hall_id=hall, content_type="image/png", digest="0" * 64, content=b"-"),
        lambda _row: ("/admin/hall/logo/delete", {}),
    ),
    "picture": (
        lambda hall: Picture(hall_id=hall, place="hall", digest="0" * 64, width=1, height=1),
        lambda _row: ("/admin/pictures/hall/delete", {}),
    ),
    "notice": (
        lambda hall: Notice(hall_id=hall, number=1, first=DAY, last=DAY, text={"zh": "a"}),
        lambda _row: ("/admin/notices/1/delete", {}),
    ),
    "alert": (
        lambda hall: AlertRecipient(hall_id=hall, number=1, name="An", address="a@b.org", language="zh", **_ALERTS),
        lambda _row: ("/admin/alerts/1/remove", {}),
    ),
    "provider": (_provider, lambda _row: ("/admin/sign-on/1/remove", {})),
    "calendar": (
        lambda hall: CalendarFeed(hall_id=hall, digest="0" * 64, made_at=NOW),
        lambda _row: ("/admin/feeds/withdraw", {"guide": ""}),
    ),
    "webhook": (_webhook, lambda _row: ("/admin/webhooks/1/remove", {})),
    "template": (_template, lambda row: (f"/admin/templates/{row.id}/delete", {})),
    "draft": (_draft, lambda row: (f"/reports/history/{row.id}/discard", {})),
    "export": (_job, lambda row: (f"/reports/exports/{row.id}/delete", {})),
}


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    with transaction():
        made = guides.make_office()
        made.manager.role = Role.ADMIN
        return made


def _leave(office: SimpleNamespace) -> tuple[Model, Click]:
    leave = Leave(hall_id=office.hall.id, guide_id=office.an.id, first=DAY, last=DAY)
    with transaction():
        db.session.add(leave)
    return leave, (f"/admin/guides/{office.an.id}/leave/{leave.id}/delete", {})


def _assignment(office: SimpleNamespace) -> tuple[Model, Click]:
    with transaction():
        group = guides.group(office.tour)
        row = Assignment(hall_id=office.hall.id, booking_id=group.id, guide_id=office.an.id, assigned_at=NOW)
        db.session.add(row)
    return row, (f"/admin/guides/bookings/{group.reference}", {"old": str(office.an.id)})


def _delegation(office: SimpleNamespace) -> tuple[Model, Click]:
    with transaction():
        group = guides.group(office.tour)
        row = Delegation(hall_id=office.hall.id, booking_id=group.id, level="A")
        db.session.add(row)
    return row, (f"/bookings/{group.reference}/delegation/delete", {})


def _reader(office: SimpleNamespace) -> tuple[Model, Click]:
    with transaction():
        other = factories.staff(hall=factories.hall(), role=Role.DIRECTOR)
        row = NetworkReader(hall_id=office.hall.id, staff_id=other.id, granted_at=NOW)
        db.session.add(row)
    return row, (f"/admin/staff/network/{other.id}/remove", {})


def _person_with_points(office: SimpleNamespace) -> tuple[Model, Click]:
    with transaction():
        row = PointPerson(hall_id=office.hall.id, staff_id=office.manager.id)
        db.session.add(row)
    return row, (f"/admin/points/people/{row.staff_id}/remove", {})


_OTHERS = {
    "leave": _leave,
    "assignment": _assignment,
    "delegation": _delegation,
    "reader": _reader,
    "points": _person_with_points,
}


def _made(office: SimpleNamespace, name: str) -> tuple[Model, Click]:
    if name not in SIMPLE:
        return _OTHERS[name](office)
    make, click = SIMPLE[name]
    with transaction():
        row = make(office.hall.id)
        db.session.add(row)
    return row, click(row)


@pytest.mark.on_database("postgresql")  # on SQLite the second transaction begins when the first one has ended
@pytest.mark.parametrize("name", [*SIMPLE, *_OTHERS])
def test_second_click_at_the_same_moment_never_fails(app: Flask, office: SimpleNamespace, name: str) -> None:
    row, (path, data) = _made(office, name)
    before = _count(AuditEntry)
    first, second = _at_once(app, office, type(row).__tablename__, path, data)
    assert first.status_code == 303, (first.status_code, first.text)
    assert second.status_code in (303, 404, 409), (second.status_code, second.text)
    assert _count(type(row)) == 0
    assert _count(AuditEntry) - before <= 1 or name == "mailing", "what happened once is recorded once"


@pytest.mark.parametrize("touch", ["change", "read"])
def test_row_that_was_deleted_after_it_was_read_is_a_conflict(
    office: SimpleNamespace, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, touch: str
) -> None:
    """What no lock prevents is told in words: here a row is deleted between reading and changing it."""
    _row, (path, data) = _made(office, "notice")

    def change(hall_id: int, number: int, _by: int) -> None:
        notice = db.session.get_one(Notice, (hall_id, number))
        db.session.execute(delete(Notice), execution_options={"synchronize_session": False})
        if touch == "change":
            notice.text = {"zh": "changed"}
            db.session.flush()
        db.session.expire(notice)
        assert notice.text

    monkeypatch.setattr(profile, "delete_notice", change)
    client.sign_in(office.manager)
    client.get("/admin/notices")
    answer = client.submit(path, data)
    assert (answer.status_code, "刚被他人修改或删除" in answer.text) == (409, True)
    assert _count(Notice) == 1, "nothing of the request remains"


def test_every_button_that_deletes_is_tried() -> None:
    deleting = {
        path
        for method, path in TABLE
        if method == "POST" and path.rsplit("/", 1)[-1] in ("delete", "discard", "remove")
    }
    tried = {re.sub(r"/\d+(?=/)|/hall(?=/delete)", "/<>", click(_Any())[0]) for _make, click in SIMPLE.values()}
    tried |= {"/admin/guides/<>/leave/<>/delete", "/admin/hall/logo/delete"}
    tried |= {"/bookings/<>/delegation/delete", "/admin/staff/network/<>/remove", "/admin/points/people/<>/remove"}
    assert {re.sub(r"<[^>]*>", "<>", path) for path in deleting} <= tried


class _Any:
    """A row with the number 1."""

    id, kind = 1, "confirmed"


def _at_once(
    app: Flask, office: SimpleNamespace, table: str, path: str, data: dict[str, Any]
) -> tuple[TestResponse, TestResponse]:
    """Two requests: the second one is under way when the first has deleted the row, and has not committed."""
    clients = [app.test_client() for _ in range(2)]
    for client in clients:
        client.sign_in(office.manager)
    second: list[Future[TestResponse]] = []
    one = threading.get_ident()

    def click_again(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if threading.get_ident() == one and statement.startswith(f"DELETE FROM {table} ") and not second:
            second.append(pool.submit(clients[1].submit, path, data))
            with db.engine.connect() as watch:
                while not second[0].done() and not watch.execute(_WAITING).scalar_one():
                    watch.rollback()

    with ThreadPoolExecutor(1) as pool:
        event.listen(db.engine, "after_cursor_execute", click_again)
        try:
            answer = clients[0].submit(path, data)
        finally:
            event.remove(db.engine, "after_cursor_execute", click_again)
        assert second, "the row was not deleted"
        return answer, second[0].result()


_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def _count(model: type[Model]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0
