"""What each role may do, against a list written by hand, and that nothing may be done that no role has."""

import pytest
from flask import Flask

from hallapp.accounts.roles import ROLE_NAMES, Permission, Role
from hallapp.accounts.web.session import check_access
from hallapp.core.web.access import allow, public

GUIDE = {"account.own", "groups.own", "points.own"}
DESK = GUIDE | {"desk.admit", "bookings.change", "gate.read"}
MANAGER = DESK | {
    *("desk.override", "bookings.review", "bookings.export", "calendar.change", "guides.assign"),
    *("reports.read", "reports.trace", "reports.close", "reports.send", "reports.import"),
    *("feedback.read", "messages.manage", "settings.change", "audit.read", "points.manage"),
}
DIRECTOR = {"account.own", "reports.read"}
ADMIN = MANAGER | {"reports.reopen", "staff.manage", "keys.manage", "tasks.manage", "personal.data"}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.GUIDE, GUIDE),
        (Role.DESK, DESK),
        (Role.MANAGER, MANAGER),
        (Role.DIRECTOR, DIRECTOR),
        (Role.ADMIN, ADMIN),
    ],
)
def test_role_has_its_permissions_and_no_others(role: Role, may: set[str]) -> None:
    assert {permission.value for permission in Permission if role.may(permission)} == may


def test_every_role_has_a_name_and_its_own_account() -> None:
    assert set(ROLE_NAMES) == set(Role)
    assert all(role.may(Permission.OWN_ACCOUNT) for role in Role)


def test_administrators_may_do_everything() -> None:
    assert all(Role.ADMIN.may(permission) for permission in Permission)


def test_a_route_must_be_public_or_name_a_permission() -> None:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/open", "open", public(lambda: ""))
    app.add_url_rule("/read", "read", allow(Permission.REPORTS_READ)(lambda: ""))
    check_access(app)
    app.add_url_rule("/silent", "silent", lambda: "")
    app.add_url_rule("/role", "role", allow(Role.MANAGER)(lambda: ""))
    with pytest.raises(RuntimeError, match="routes without access: role, silent"):
        check_access(app)
