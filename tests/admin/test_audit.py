"""The audit page: what is shown to whom, each filter, pages by number, and words in both languages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry, Staff
from hallapp.accounts.roles import Role
from hallapp.accounts.service import record
from hallapp.admin.audit import words
from hallapp.admin.audit.web import routes
from hallapp.core import clock, formats
from hallapp.core.database import db, transaction
from hallapp.guides.models import Guide
from hallapp.schedule.models import Hall
from tests import factories
from tests.queries import Queries


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    """A hall with a manager, whose browser it is, and a person at the desk; and another hall."""
    with transaction():
        hall, elsewhere = factories.hall(), factories.hall()
        manager = factories.staff(hall=hall, role=Role.MANAGER, name="chief")
        desk = factories.staff(hall=hall, name="lina")
        stranger = factories.staff(hall=elsewhere, name="stranger")
    client = app.test_client()
    client.sign_in(manager)
    yield SimpleNamespace(
        client=client, hall=hall, elsewhere=elsewhere, manager=manager, desk=desk, stranger=stranger, app=app
    )


def write(hall: Hall, by: Staff | None, action: str = "sign_in", subject: str = "staff 1", **values: Any) -> int:
    with transaction():
        at = values.pop("at", None)
        entry = record(hall_id=hall.id, staff_id=by.id if by else None, action=action, subject=subject, **values)
        entry.at = at or entry.at
        return entry.id


def shown(office: SimpleNamespace, **filters: Any) -> list[int]:
    """The numbers of the entries on a page, as they stand there."""
    page = office.client.get(f"/admin/audit?{urlencode(filters)}")
    assert page.status_code == 200
    return [int(number) for number in re.findall(r'id="entry-(\d+)"', page.text)]


def test_entries_show_person_action_and_time_newest_first(office: SimpleNamespace) -> None:
    first = write(
        office.hall, office.desk, at=datetime(2026, 3, 4, 16, 30, tzinfo=UTC), subject=f"staff {office.desk.id}"
    )
    second = write(
        office.hall, None, "holidays_seeded", "calendar 2026", detail={"before": {"days": 0}, "after": {"days": 33}}
    )
    assert shown(office) == [second, first]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", office.client.get("/admin/audit").text))
    assert "2026年3月5日 周四 00:30 lina 登录 账号 lina" in text
    assert "命令行 录入法定节假日 开放日历 2026 天数：0 → 33" in text


def test_another_halls_entries_are_not_shown(office: SimpleNamespace) -> None:
    theirs = write(office.elsewhere, office.stranger, subject=f"staff {office.stranger.id}")
    ours = write(office.hall, office.desk)
    for filters in ({}, {"action": "sign_in"}, {"subject": f"staff {office.stranger.id}"}, {"before": theirs + 1}):
        assert theirs not in shown(office, **filters)
    assert shown(office) == [ours]
    assert office.client.get(f"/admin/audit?who={office.stranger.id}").status_code == 422
    assert "stranger" not in office.client.get("/admin/audit").text


def test_filters_find_exactly_the_matching_entries(office: SimpleNamespace) -> None:
    one = write(office.hall, office.desk, "sign_in", "staff 1")
    two = write(office.hall, office.manager, "day_set", "day 2026-12-05")
    three = write(office.hall, None, "day_set", "day 2026-12-06")
    four = write(office.hall, office.manager, "staff_role_changed", "staff 12")
    odd = write(office.hall, office.manager, "unknown_deed", "sta%f 1")
    assert shown(office, who=office.desk.id) == [one]
    assert shown(office, who=office.manager.id) == [odd, four, two]
    assert shown(office, who=0) == [three]
    assert shown(office, action="day_set") == [three, two]
    assert shown(office, action="unknown_deed") == [odd]
    assert shown(office, subject="staff 1") == [one]  # not number 12, and % is a character
    assert shown(office, subject=" staff ") == [four, one]
    assert shown(office, subject="day") == [three, two]
    assert shown(office, subject="da") == []
    assert shown(office, who=office.manager.id, action="day_set", subject="day 2026-12-05") == [two]
    assert shown(office, who=office.desk.id, action="day_set") == []


def test_bookings_and_guides_are_named_and_found_by_reference(office: SimpleNamespace) -> None:
    with transaction():
        booking, other = (
            factories.booking(slot=factories.slot(programme=factories.programme(hall=hall)))
            for hall in (office.hall, office.elsewhere)
        )
        guide = Guide(hall_id=office.hall.id, name="刘晓岚", created_at=clock.now())
        stranger = Guide(hall_id=office.elsewhere.id, name="别馆的人", created_at=clock.now())
        db.session.add_all([guide, stranger])
        db.session.flush()
    mine = [
        write(office.hall, office.manager, "guide_assigned", f"booking {booking.id}", detail={"guide": one.id})
        for one in (guide, stranger)
    ]
    write(office.hall, office.manager, "guide_assigned", f"booking {other.id}")
    plain = formats.reference(booking.reference)
    page = office.client.get("/admin/audit").text
    assert f'<a href="/admin/audit?subject={plain}">预约 {plain}</a>' in page
    assert formats.reference(other.reference) not in page and "别馆的人" not in page
    assert "讲解员：</span>刘晓岚" in page and f"讲解员：</span>{stranger.id}" in page
    for typed in (plain, plain.lower(), f" {booking.reference} ", f"booking {booking.id}"):
        assert shown(office, subject=typed) == mine[::-1]
    assert shown(office, subject=formats.reference(other.reference)) == []


def test_days_are_those_of_the_halls_time_zone(office: SimpleNamespace) -> None:
    hours = [(2, 15, 59), (2, 16, 0), (3, 15, 59), (3, 16, 0)]  # in Guangzhou midnight is 16:00 UTC
    before, first, last, after = [
        write(office.hall, None, at=datetime(2026, 12, day, hour, minute, tzinfo=UTC)) for day, hour, minute in hours
    ]
    assert shown(office, **{"from": "2026-12-03", "to": "2026-12-03"}) == [last, first]
    assert shown(office, **{"from": "2026-12-03"}) == [after, last, first]
    assert shown(office, to="2026-12-03") == [last, first, before]


@pytest.mark.parametrize(
    "filters",
    [
        {"who": "x"},
        {"who": "999999"},
        {"who": "9" * 5000},
        {"who": "²"},
        {"action": "a\0b"},
        {"action": "x" * 41},
        {"subject": "a\0b"},
        {"subject": "x" * 81},
        {"from": "yesterday"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
        {"to": "2026-02-30"},
        {"from": "2026-12-05", "to": "2026-12-04"},
    ],
)
def test_bad_filter_is_refused_beside_its_field(office: SimpleNamespace, filters: dict[str, str]) -> None:
    write(office.hall, None)
    page = office.client.get(f"/admin/audit?{urlencode(filters)}")
    assert page.status_code == 422
    assert f'id="{list(filters)[-1]}-error"' in page.text
    assert 'id="entry-' not in page.text


def test_pages_go_by_number_and_back(office: SimpleNamespace) -> None:
    ids = [write(office.hall, None, subject=f"slot {number}") for number in range(2 * routes.PAGE + 10)][::-1]
    write(office.hall, office.desk, "day_set", "day 2026-12-05")
    pages, link = [], "?action=sign_in"
    while link:
        text = office.client.get(f"/admin/audit{link}").text
        pages.append([int(number) for number in re.findall(r'id="entry-(\d+)"', text)])
        found = re.search(r'href="/admin/audit(\?[^"]*)" rel="next"', text)
        link = found.group(1).replace("&amp;", "&") if found else ""
    assert [len(page) for page in pages] == [50, 50, 10]
    assert [number for page in pages for number in page] == ids
    assert 'rel="prev"' not in office.client.get("/admin/audit?action=sign_in").text
    back = shown(office, action="sign_in", after=pages[2][0])
    assert back == pages[1]
    assert shown(office, action="sign_in", after=pages[1][0]) == pages[0]
    page = office.client.get(f"/admin/audit?action=sign_in&after={pages[2][0]}").text
    assert f'after={pages[1][0]}" rel="prev"' in page and f'before={pages[1][-1]}" rel="next"' in page
    page = office.client.get(f"/admin/audit?action=sign_in&after={pages[1][0]}").text
    assert 'rel="prev"' not in page and f'before={pages[0][-1]}" rel="next"' in page


@pytest.mark.parametrize("number", ["0", "x", "²", "9" * 5000, "-1", "\0"])
def test_odd_page_is_the_first_one(office: SimpleNamespace, number: str) -> None:
    one = write(office.hall, None)
    assert shown(office, before=number) == [one]
    assert shown(office, after=number) == [one]


def test_a_long_page_takes_as_many_queries_as_a_short_one(office: SimpleNamespace) -> None:
    write(office.hall, office.desk, subject=f"staff {office.desk.id}")
    count_queries(office)  # the first page reads what the process holds from then on
    few = count_queries(office)
    with transaction():
        people = [factories.staff(hall=office.hall) for _ in range(20)]
    for number in range(60):
        write(office.hall, people[number % 20], "staff_role_changed", f"staff {people[number % 19].id}")
    assert count_queries(office) == few


def count_queries(office: SimpleNamespace) -> int:
    with Queries() as queries:
        assert office.client.get("/admin/audit").status_code == 200
    return queries.number


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_action_has_words_in_both_languages(office: SimpleNamespace, language: str) -> None:
    for action in words.ACTIONS:
        write(office.hall, None, action, "hall 1")
    office.client.get(f"/admin/audit?lang={language}")
    page = office.client.get("/admin/audit").text  # the checking client finds what is not in the page's language
    for action in words.ACTIONS:
        assert f">{action}<" not in page


def test_every_recorded_action_has_words() -> None:
    """What the code writes down, by its own words, is known to the page."""
    from hallapp.settings import ROOT

    written = set()
    for path in (ROOT / "hallapp").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        written |= set(re.findall(r'action="([a-z_]+)"', text))
        written |= set(re.findall(r'record_on\(\s*\w+, "([a-z_]+)"', text))
        written |= set(re.findall(r'_record\([^"()]*"([a-z_]+)"', text))
    assert len(written) > 30
    assert written - set(words.ACTIONS) == set()


def test_unknown_actions_are_shown_as_escaped_text(office: SimpleNamespace) -> None:
    write(
        office.hall,
        None,
        "odd_deed",
        "thing <b>7</b>",
        detail={"free_words": "<script>alert(1)</script>", "list": [1, {"a": None}], "gone": None, "n": 0, "yes": True},
    )
    page = office.client.get("/admin/audit").text
    assert "odd_deed" in page
    assert "<script>alert" not in page and "<b>7</b>" not in page
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "free words：&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "list：[1, {&#34;a&#34;: null}]" in text
    assert "gone：—" in text
    assert "n：0" in text
    assert "yes：是" in text


@pytest.mark.parametrize(
    ("detail", "lines"),
    [
        ({}, []),
        ({"before": {"role": "desk"}, "after": {"role": "admin"}}, [("角色", "前台", "管理员", True)]),
        ({"before": {"a": 1}, "after": {"b": 2}}, [("a", "1", None, True), ("b", None, "2", True)]),
        ({"after": {"open": True}}, [("开放", None, "是", True)]),
        ({"before": 3, "after": 4}, [("", "3", "4", True)]),
        ({"x": {"before": 1, "after": 2}}, [("x", "1", "2", True)]),
        ({"fields": ["from", "to"]}, [("搜索条件", None, "from, to", False)]),
        ({"name": "desk"}, [("用户名", None, "desk", False)]),
        ([1, 2], [("", None, "1, 2", False)]),
        ("words", [("", None, "words", False)]),
    ],
)
def test_detail_is_read_in_any_shape(app: Flask, detail: Any, lines: list[tuple[Any, ...]]) -> None:
    with app.test_request_context("/"):
        found = [(line.fact, line.before, line.after, line.changed) for line in words.lines(detail, {})]
    assert found == lines


def test_desk_staff_cannot_open_the_audit_trail(office: SimpleNamespace) -> None:
    office.client.sign_in(office.desk)
    assert office.client.get("/admin/audit").status_code == 403


def test_opening_the_audit_trail_writes_nothing(office: SimpleNamespace) -> None:
    office.client.get("/admin/audit")
    assert db.session.scalars(select(AuditEntry)).all() == []
