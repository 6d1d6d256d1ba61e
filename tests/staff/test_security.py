"""The last administrator stays; two-step codes are required and turned off."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from hallapp.accounts import errors, joining, queries, service
from hallapp.accounts.models import RecoveryCode, Staff, TwoStepRule
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from tests import factories
from tests.accounts.helpers import at_once, code, enrol, is_in, sign_in, trail
from tests.staff.conftest import browser_of, fresh, link_on, post

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
