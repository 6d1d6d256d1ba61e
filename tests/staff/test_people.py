"""The list of the staff, invitations, roles, closing and resets."""

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from hallapp.accounts import joining, queries, service
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from tests.accounts.helpers import enrol, is_in, sign_in, trail
from tests.queries import Queries
from tests.staff.conftest import browser_of, fresh, link_on, post

# The list


def test_list_shows_role_state_last_sign_in_and_codes(office: SimpleNamespace) -> None:
    with transaction():
        joining.invite(joining.Invite(hall_id=office.hall.id, by=None, name="newcomer", role=Role.GUIDE))
        service.close(service.get_staff_by_name("second"), by=None)
        db.session.get_one(Staff, office.desk.id).last_sign_in_at = clock.at(
            office.hall.today().replace(year=2026, month=3, day=5), clock.now().time().replace(hour=9, minute=5), "UTC"
        )
    enrol(office.desk)
    page = office.client.get("/admin/staff").text
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)][1:]
    shown = {row.split()[0]: " ".join(row.split()[1:]) for row in rows}
    assert set(shown) == {"boss", "lina", "newcomer", "second"}
    assert shown["boss"] == "管理员 ✓ 使用中 从未 未开启"
    assert shown["newcomer"] == "讲解员 ○ 已邀请 从未 未开启"
    assert shown["second"] == "管理员 ✕ 已停用 从未 未开启"
    assert shown["lina"] == "前台 ✓ 使用中 3月5日 周四 17:05 ✓ 已开启"


def test_list_takes_the_same_number_of_queries_for_many(office: SimpleNamespace) -> None:
    def invite(numbers: range) -> None:
        with transaction():
            for number in numbers:
                joining.invite(joining.Invite(hall_id=office.hall.id, by=None, name=f"n{number}", role=Role.DESK))

    invite(range(1))
    few = count_queries(office, "/admin/staff")
    invite(range(1, 30))
    assert count_queries(office, "/admin/staff") == few


def count_queries(office: SimpleNamespace, path: str) -> int:
    with Queries() as asked:
        assert office.client.get(path).status_code == 200
    return asked.number


# Inviting


def test_invitation_is_shown_once_to_copy(office: SimpleNamespace) -> None:
    page = office.client.submit("/admin/staff/invite", {"name": "Wang Fang", "role": "guide", "email": ""})
    assert page.status_code == 200
    assert "http://lingnan.example.org/invitations/" in page.text
    path = link_on(page.text)
    staff = queries.find_staff_by_name("wang fang")
    assert staff and (staff.hall_id, staff.role, staff.has_password) == (office.hall.id, Role.GUIDE, False)
    for other in ("/admin/staff", f"/admin/staff/{staff.id}"):
        assert path not in office.client.get(other).text
    with office.client.session_transaction() as session:
        assert path.rpartition("/")[2] not in str(dict(session))
    assert db.session.scalars(select(OutboxMessage)).all() == []
    stranger = office.app.test_client()
    assert stranger.get(path).status_code == 200
    assert trail() == [("staff_invited", office.admin.id, f"staff {staff.id}", {"role": "guide"})]


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("zh", "您在岭南展览馆的账号", "岭南展览馆为您开设了账号"),
        ("en", "Your account at", "an account has been made for you at"),
    ],
)
def test_invitation_is_sent_by_the_outbox(office: SimpleNamespace, language: str, subject: str, words: str) -> None:
    office.client.get(f"/admin/staff/invite?lang={language}")
    form = {"name": "fang", "role": "desk", "email": "Fang@Example.org"}
    page = office.client.submit("/admin/staff/invite", form)
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.hall_id, message.kind, message.recipient) == (
        office.hall.id,
        "staff_invitation",
        "Fang@example.org",
    )
    assert message.subject.startswith(subject)
    assert words in message.body
    assert "http://lingnan.example.org" + link_on(page.text) in message.body


@pytest.mark.parametrize(
    ("form", "field", "status"),
    [
        ({"name": ""}, "name", 422),
        ({"name": "x" * 65}, "name", 422),
        ({"name": "a\0b"}, "name", 422),
        ({"name": "li\u202ena"}, "name", 409),  # what nobody sees is taken out: the name is LINA’s
        ({"name": "LINA"}, "name", 409),
        ({"role": ""}, "role", 422),
        ({"role": "boss"}, "role", 422),
        ({"role": "9" * 5000}, "role", 422),
        ({"email": "nobody"}, "email", 422),
        ({"email": "a@b.org\r\nBcc: c@d.org"}, "email", 422),
        ({"email": "a@b.org, c@d.org"}, "email", 422),
        ({"email": "a\0@b.org"}, "email", 422),
    ],
)
def test_bad_invitation_is_refused_beside_its_field(
    office: SimpleNamespace, form: dict[str, str], field: str, status: int
) -> None:
    answer = office.client.submit(
        "/admin/staff/invite", {"name": "fang", "role": "desk", "email": "fang@example.org", **form}
    )
    assert answer.status_code == status
    assert f'id="{field}-error"' in answer.text
    if field != "name":
        assert 'value="fang"' in answer.text
    if field != "email":
        assert 'value="fang@example.org"' in answer.text
    assert db.session.scalar(select(func.count()).select_from(Staff)) == 3
    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_header_and_log_injection_by_a_name_is_one_harmless_line(
    office: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "fang\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>"
    page = office.client.submit("/admin/staff/invite", {"name": name, "role": "desk", "email": "f@example.org"})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    message = db.session.scalars(select(OutboxMessage)).one()
    assert "\n" not in message.subject and "bcc" not in message.subject
    assert "\nbcc" not in message.body.casefold()
    assert "bcc" not in capsys.readouterr().err.casefold()
    listed = office.client.get("/admin/staff").text
    assert "<script>alert" not in listed and "&lt;script&gt;" in listed


# Roles, closing, resets


def test_role_is_changed_and_ends_sessions_at_once(office: SimpleNamespace) -> None:
    theirs = browser_of(office, office.desk)
    answer = post(office, office.desk, "role", role="manager")
    assert (answer.status_code, answer.location) == (303, f"/admin/staff/{office.desk.id}?saved=1")
    assert fresh(office.desk).role is Role.MANAGER
    assert not is_in(theirs)
    assert is_in(office.client, "/admin/staff")
    detail = {"before": {"role": "desk"}, "after": {"role": "manager"}}
    assert trail() == [("staff_role_changed", office.admin.id, f"staff {office.desk.id}", detail)]
    post(office, office.desk, "role", role="manager")  # the same again
    assert len(trail()) == 1


@pytest.mark.parametrize("role", ["", "boss", "²", "\0", "9" * 5000])
def test_unknown_role_is_refused(office: SimpleNamespace, role: str) -> None:
    answer = post(office, office.desk, "role", role=role)
    assert (answer.status_code, 'id="role-error"' in answer.text) == (422, True)
    assert fresh(office.desk).role is Role.DESK


def test_deactivation_ends_sessions_at_once_and_reactivation_opens_again(office: SimpleNamespace) -> None:
    theirs = browser_of(office, office.desk)
    assert post(office, office.desk, "deactivate").status_code == 303
    assert not is_in(theirs)
    assert sign_in(office.app.test_client(), office.desk).status_code == 422
    assert post(office, office.desk, "reactivate").status_code == 303
    assert not is_in(theirs)  # what has ended stays ended
    assert sign_in(office.app.test_client(), office.desk).status_code == 303
    assert [action for action, *_ in trail()] == ["staff_deactivated", "staff_reactivated", "sign_in"]


@pytest.mark.parametrize("verb", ["deactivate", "reactivate", "sign-out"])
def test_a_second_press_changes_nothing_more(office: SimpleNamespace, verb: str) -> None:
    for _ in range(2):
        assert post(office, office.desk, verb).status_code == 303
    assert len(trail()) == {"deactivate": 1, "reactivate": 0, "sign-out": 2}[verb]


def test_sign_out_everywhere_ends_all_of_their_sessions(office: SimpleNamespace) -> None:
    browsers = [browser_of(office, office.desk) for _ in range(2)]
    assert post(office, office.desk, "sign-out").status_code == 303
    assert not any(is_in(browser) for browser in browsers)
    assert sign_in(office.app.test_client(), office.desk).status_code == 303


def test_reset_shows_a_new_link_once_and_ends_the_rest(office: SimpleNamespace) -> None:
    theirs = browser_of(office, office.desk)
    page = post(office, office.desk, "reset", email="lina@example.org")
    assert page.status_code == 200
    path = link_on(page.text)
    assert not is_in(theirs)
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.kind, message.recipient, path in message.body) == ("staff_reset", "lina@example.org", True)
    assert "等待设置新密码" in office.client.get("/admin/staff").text
    assert post(office, office.desk, "revoke-link").status_code == 303
    assert office.app.test_client().get(path).status_code == 410
    assert "没有有效链接" in office.client.get("/admin/staff").text


def test_bad_address_of_a_reset_changes_nothing(office: SimpleNamespace) -> None:
    theirs = browser_of(office, office.desk)
    answer = post(office, office.desk, "reset", email="not an address")
    assert (answer.status_code, 'id="email-error"' in answer.text) == (422, True)
    assert is_in(theirs)
    assert trail() == []


@pytest.mark.parametrize("verb", ["reset", "two-step-off"])
def test_own_account_is_changed_on_the_own_page_only(office: SimpleNamespace, verb: str) -> None:
    enrol(office.admin)
    office.client.sign_in(fresh(office.admin))
    answer = post(office, office.admin, verb)
    assert (answer.status_code, "请在“我的账号”页面" in answer.text) == (409, True)
    assert fresh(office.admin).has_password and fresh(office.admin).has_two_step


def test_reset_of_a_closed_account_is_refused(office: SimpleNamespace) -> None:
    post(office, office.desk, "deactivate")
    answer = post(office, office.desk, "reset")
    assert (answer.status_code, "请先重新启用" in answer.text) == (409, True)
