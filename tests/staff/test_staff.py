"""The staff's pages for administrators: exact outcomes, the last administrator, and no other hall's people."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.accounts import errors, joining, queries, service, totp
from hallapp.accounts.models import AuditEntry, RecoveryCode, Staff, StaffLink, TwoStepRule
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from tests import factories
from tests.accounts.helpers import at_once, code, enrol, is_in, sign_in, trail
from tests.queries import Queries

PERSON = ("deactivate", "reactivate", "sign-out", "reset", "revoke-link", "two-step", "two-step-off", "role")
DATA = {"role": "manager", "required": "on", "email": ""}


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    """A hall with an administrator, whose browser it is, another one, and a person at the desk."""
    with transaction():
        hall = factories.hall(host="lingnan.example.org")
        admin = factories.staff(hall=hall, role=Role.ADMIN, name="boss")
        second = factories.staff(hall=hall, role=Role.ADMIN, name="second")
        desk = factories.staff(hall=hall, name="lina")
    client = app.test_client()
    client.sign_in(admin)
    client.get("/admin/staff")
    yield SimpleNamespace(app=app, client=client, hall=hall, admin=admin, second=second, desk=desk)


def browser_of(office: SimpleNamespace, staff: Staff) -> FlaskClient:
    client = office.app.test_client()
    client.sign_in(fresh(staff))
    client.get("/account")
    return client


def fresh(staff: Staff) -> Staff:
    db.session.rollback()
    return db.session.get_one(Staff, staff.id, populate_existing=True)


def post(office: SimpleNamespace, staff: Staff, verb: str, **data: str) -> Any:
    return office.client.submit(f"/admin/staff/{staff.id}/{verb}", data)


def link_on(page: str) -> str:
    found = re.search(r'id="link">https?://[^/]+(/invitations/[0-9A-Za-z_-]+)<', page)
    assert found
    return found.group(1)


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
    few = count_queries(office, "/admin/staff")
    with transaction():
        for number in range(30):
            joining.invite(joining.Invite(hall_id=office.hall.id, by=None, name=f"n{number}", role=Role.DESK))
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


# The last administrator


@pytest.mark.parametrize(("verb", "data"), [("deactivate", {}), ("role", {"role": "manager"})])
@pytest.mark.parametrize("other", ["closed", "invited", "demoted"])
def test_last_administrator_stays(office: SimpleNamespace, verb: str, data: dict[str, str], other: str) -> None:
    with transaction():
        second = db.session.get_one(Staff, office.second.id)
        if other == "closed":
            service.close(second, by=None)
        elif other == "invited":
            joining.reset(second, by=office.admin.id)
        else:
            service.change_role(second, Role.DESK, by=None)
        factories.staff(hall=factories.hall(), role=Role.ADMIN)  # another hall's does not count
    answer = post(office, office.admin, verb, **data)
    assert (answer.status_code, "这是唯一能登录的管理员" in answer.text) == (409, True)
    unchanged = fresh(office.admin)
    assert (unchanged.role, unchanged.active, unchanged.session_version) == (Role.ADMIN, True, 1)


@pytest.mark.parametrize(("verb", "data"), [("deactivate", {}), ("role", {"role": "manager"})])
def test_one_of_two_administrators_may_be_deactivated(office: SimpleNamespace, verb: str, data: dict[str, str]) -> None:
    assert post(office, office.admin, verb, **data).status_code == 303
    assert office.client.get("/admin/staff").location == "/sign-in?next=/admin/staff"


def test_simultaneous_deactivations_leave_one_administrator(office: SimpleNamespace) -> None:
    waiting = [office.admin.id, office.second.id]

    def work() -> None:
        with transaction():
            service.close(db.session.get_one(Staff, waiting.pop()), by=None)

    results = at_once(office.app, work)
    assert sum(isinstance(one, errors.LastAdministrator) for one in results) == 1
    assert sorted((fresh(office.admin).active, fresh(office.second).active)) == [False, True]


def test_command_keeps_the_last_administrator_too(office: SimpleNamespace) -> None:
    with transaction():
        service.deactivate(name="second")
    result = office.app.test_cli_runner().invoke(args=("staff", "deactivate", "boss"))
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: This is the only administrator who can sign in. Make another person an administrator first.\n",
    )


# Two-step codes


def test_codes_are_required_of_one_person(office: SimpleNamespace) -> None:
    theirs = browser_of(office, office.desk)
    assert post(office, office.desk, "two-step", required="on").status_code == 303
    assert theirs.get("/desk").location == "/account/two-step"
    assert "未开启（要求开启）" in office.client.get("/admin/staff").text
    assert post(office, office.desk, "two-step", required="off").status_code == 303
    assert is_in(theirs, "/desk")
    assert [detail for *_, detail in trail()] == [
        {"before": {"required": False}, "after": {"required": True}},
        {"before": {"required": True}, "after": {"required": False}},
    ]


@pytest.mark.parametrize("required", ["", "maybe", "\0", "²"])
def test_unclear_requirement_is_refused(office: SimpleNamespace, required: str) -> None:
    assert post(office, office.desk, "two-step", required=required).status_code == 422
    assert not fresh(office.desk).two_step_required


@pytest.mark.parametrize("rule", list(TwoStepRule))
def test_rule_of_the_hall_is_set(office: SimpleNamespace, rule: TwoStepRule) -> None:
    assert office.client.submit("/admin/staff/two-step", {"two_step": rule.value}).location == "/admin/staff?saved=1"
    assert queries.get_two_step_rule(office.hall.id) is rule
    expected = None if rule is TwoStepRule.NOBODY else "/account/two-step"
    assert office.client.get("/admin/staff").location == expected


@pytest.mark.parametrize("rule", ["", "all", "²", "\0"])
def test_unknown_rule_is_refused(office: SimpleNamespace, rule: str) -> None:
    answer = office.client.submit("/admin/staff/two-step", {"two_step": rule})
    assert (answer.status_code, 'id="two_step-error"' in answer.text) == (422, True)


def test_turning_off_the_codes_of_a_lost_phone_ends_sessions(office: SimpleNamespace) -> None:
    enrol(office.desk)
    theirs = browser_of(office, office.desk)
    assert post(office, office.desk, "two-step-off").status_code == 303
    assert not is_in(theirs)
    assert not fresh(office.desk).has_two_step
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert sign_in(office.app.test_client(), office.desk).location == "/desk"
    assert trail(action="two_step_off") == [("two_step_off", office.admin.id, f"staff {office.desk.id}", {})]
    assert post(office, office.desk, "two-step-off").status_code == 303  # again: nothing
    assert len(trail(action="two_step_off")) == 1


def test_password_reset_keeps_the_two_step_codes(office: SimpleNamespace) -> None:
    enrol(office.desk)
    path = link_on(post(office, office.desk, "reset").text)
    client = office.app.test_client()
    client.get(path)
    client.submit(path, {"password": "a long enough one", "again": "a long enough one"})
    assert sign_in(client, office.desk, password="a long enough one").location == "/sign-in/code"
    client.get("/sign-in/code")
    assert client.submit("/sign-in/code", {"code": code()}).location == "/desk"


# Other halls


@pytest.fixture
def stranger(office: SimpleNamespace) -> Staff:
    """A person of another hall, with a link and codes."""
    with transaction():
        staff = factories.staff(hall=factories.hall(), name="stranger")
    enrol(staff)
    with transaction():
        joining._give(db.session.get_one(Staff, staff.id), joining.LinkPurpose.RESET)
    return fresh(staff)


def everything_of(staff: Staff) -> list[Any]:
    db.session.rollback()
    tables = (Staff.__table__, StaffLink.__table__, RecoveryCode.__table__)
    rows = [db.session.execute(select(Staff.__table__).where(Staff.id == staff.id)).all()]
    return rows + [db.session.execute(select(table).where(table.c.staff_id == staff.id)).all() for table in tables[1:]]


@pytest.mark.parametrize("verb", PERSON)
def test_another_halls_person_is_changed_by_no_route(office: SimpleNamespace, stranger: Staff, verb: str) -> None:
    before, entries = everything_of(stranger), len(trail())
    assert post(office, stranger, verb, **DATA).status_code == 404
    assert everything_of(stranger) == before
    assert len(trail()) == entries


def test_another_halls_people_are_seen_nowhere(office: SimpleNamespace, stranger: Staff) -> None:
    assert office.client.get(f"/admin/staff/{stranger.id}").status_code == 404
    assert "stranger" not in office.client.get("/admin/staff").text
    assert "stranger" not in office.client.get("/admin/audit").text


def test_another_halls_rule_is_not_touched(office: SimpleNamespace, stranger: Staff) -> None:
    office.client.submit("/admin/staff/two-step", {"two_step": "everybody"})
    assert queries.get_two_step_rule(stranger.hall_id) is TwoStepRule.NOBODY
    assert is_in(browser_of(office, stranger))


def test_another_halls_name_is_taken_but_its_person_not_shown(office: SimpleNamespace, stranger: Staff) -> None:
    answer = office.client.submit("/admin/staff/invite", {"name": "stranger", "role": "desk"})
    assert answer.status_code == 409
    assert fresh(stranger).hall_id != office.hall.id


@pytest.mark.parametrize("number", ["0", "-1", "²", "1e3", "9" * 10, "9" * 5000, "x", "%00", "1 "])
def test_unknown_account_number_is_not_found(office: SimpleNamespace, number: str) -> None:
    assert office.client.get(f"/admin/staff/{number}").status_code == 404
    for verb in PERSON:
        assert office.client.submit(f"/admin/staff/{number}/{verb}", DATA).status_code == 404


@pytest.mark.parametrize("role", [Role.GUIDE, Role.DESK, Role.MANAGER])
def test_lesser_roles_cannot_change_accounts(office: SimpleNamespace, role: Role) -> None:
    client = browser_of(office, factories.make(factories.staff, hall=office.hall, role=role))
    before = everything_of(office.desk)
    for verb in PERSON:
        assert client.submit(f"/admin/staff/{office.desk.id}/{verb}", DATA).status_code == 403
    assert client.submit("/admin/staff/invite", {"name": "fang", "role": "admin"}).status_code == 403
    assert client.submit("/admin/staff/two-step", {"two_step": "everybody"}).status_code == 403
    assert everything_of(office.desk) == before
    assert db.session.scalars(select(AuditEntry)).all() == []


# Commands


def run(office: SimpleNamespace, *arguments: str, stdin: str = "a long enough one\n") -> str:
    result = office.app.test_cli_runner().invoke(args=("staff", *arguments), input=stdin)
    assert (result.exit_code, result.stderr) == (0, "")
    return str(result.stdout)


def test_reset_by_command_prints_a_link_even_for_the_only_administrator(office: SimpleNamespace) -> None:
    with transaction():
        service.deactivate(name="second")
    first, link = run(office, "reset", "BOSS").splitlines()
    assert first == "boss sets a password here, once, within 7 days:"
    assert link.startswith("http://lingnan.example.org/invitations/")
    assert office.client.get("/admin/staff").status_code == 303
    assert office.app.test_client().get(link.removeprefix("http://lingnan.example.org")).status_code == 200


def test_codes_are_turned_off_by_command(office: SimpleNamespace) -> None:
    enrol(office.desk)
    said = "lina has no two-step codes any more; its sessions have ended.\n"
    assert run(office, "totp-off", "lina") == said
    assert not fresh(office.desk).has_two_step
    assert run(office, "totp-off", "lina") == "lina had none.\n"


@pytest.mark.parametrize("command", ["reset", "totp-off"])
def test_command_names_an_unknown_account(office: SimpleNamespace, command: str) -> None:
    result = office.app.test_cli_runner().invoke(args=("staff", command, "nobody"))
    assert (result.exit_code, result.stderr) == (1, "Error: There is no account named nobody.\n")


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (("add", "fang", "--role", "desk", "--password-stdin"), False),
        (("add", "fang", "--role", "desk", "--password-stdin", "--must-change"), True),
        (("add", "fang", "--role", "desk"), True),
        (("add", "fang", "--role", "desk", "--keep-password"), False),
        (("password", "lina", "--password-stdin"), True),
        (("password", "lina", "--password-stdin", "--keep-password"), False),
        (("password", "lina"), True),
    ],
)
def test_password_by_command_is_a_first_one_unless_it_is_kept(
    office: SimpleNamespace, arguments: tuple[str, ...], first: bool
) -> None:
    run(office, *arguments, stdin="a long enough one\na long enough one\n")
    assert service.authenticate(name=arguments[1], password="a long enough one").must_change_password is first


def test_codes_of_the_tests_are_those_of_the_rfc() -> None:
    assert totp.code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59) == "287082"
