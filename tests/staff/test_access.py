"""Only administrators change the staff, of their own hall only; the commands do the same."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from hallapp.accounts import joining, queries, service, totp
from hallapp.accounts.models import AuditEntry, RecoveryCode, Staff, StaffLink, TwoStepRule
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from tests import factories
from tests.accounts.helpers import enrol, is_in, trail
from tests.staff.conftest import DATA, PERSON, browser_of, fresh, post

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
