"""One's own account: name, password, first passwords, and signing out everywhere."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts import errors, service
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.accounts.web import checking
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories
from tests.accounts.helpers import at_once, is_in, sign_in, trail

NEW = "quite another password"
FORM = {"old": factories.PASSWORD, "password": NEW, "again": NEW}


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


@pytest.fixture
def lina(hall: Hall) -> Staff:
    return factories.make(factories.staff, hall=hall, name="lina", role=Role.GUIDE)


@pytest.fixture
def here(app: Flask, lina: Staff) -> FlaskClient:
    client = app.test_client()
    client.sign_in(lina)
    client.get("/account")
    return client


@pytest.fixture
def elsewhere(app: Flask, lina: Staff) -> FlaskClient:
    client = app.test_client()
    client.sign_in(lina)
    return client


def test_name_is_changed_and_sessions_stay(here: FlaskClient, elsewhere: FlaskClient, lina: Staff) -> None:
    answer = here.submit("/account", {"name": " Ｌi  Na "})
    assert (answer.status_code, answer.location) == (303, "/account?saved=name")
    assert db.session.get_one(Staff, lina.id).name == "li na"
    assert is_in(here) and is_in(elsewhere)
    detail = {"before": {"name": "lina"}, "after": {"name": "li na"}}
    assert trail() == [("staff_renamed", lina.id, f"staff {lina.id}", detail)]
    assert here.submit("/account", {"name": "LI NA"}).status_code == 303  # the same in its tidy form
    assert len(trail()) == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\0b", "taken", "TAKEN", "9" * 5000])
def test_bad_name_is_refused_beside_its_field(here: FlaskClient, hall: Hall, lina: Staff, name: str) -> None:
    factories.make(factories.staff, hall=factories.make(factories.hall), name="taken")
    answer = here.submit("/account", {"name": name})
    assert answer.status_code in (409, 422)
    assert 'id="name-error"' in answer.text
    assert db.session.get_one(Staff, lina.id).name == "lina"


def test_line_breaks_in_a_name_become_blanks(here: FlaskClient, lina: Staff) -> None:
    here.submit("/account", {"name": "lina\r\nX-Evil: 1"})
    assert db.session.get_one(Staff, lina.id).name == "lina x-evil: 1"


def test_same_name_for_two_at_once_goes_to_one(app: Flask, hall: Hall, lina: Staff) -> None:
    other = factories.make(factories.staff, hall=hall)
    waiting = [lina.id, other.id]

    def work() -> str:
        with transaction():
            staff = db.session.get_one(Staff, waiting.pop())
            service.rename(staff, "wanted", by=None)
            return staff.name

    results = at_once(app, work)
    assert [str(one) for one in results].count("wanted") == 1
    assert sum(isinstance(one, errors.StaffNameTaken) for one in results) == 1


def test_password_is_changed_here_and_ends_other_sessions(
    app: Flask, here: FlaskClient, elsewhere: FlaskClient, lina: Staff
) -> None:
    here.get("/account/password")
    answer = here.submit("/account/password", FORM)
    assert (answer.status_code, answer.location) == (303, "/account?saved=password")
    assert is_in(here)
    assert not is_in(elsewhere)
    assert sign_in(app.test_client(), lina).status_code == 422
    assert sign_in(app.test_client(), lina, password=NEW).status_code == 303
    assert trail()[0] == ("staff_password_changed", lina.id, f"staff {lina.id}", {})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"old": "wrong password"}, "old"),
        ({"old": ""}, "old"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "something else entirely"}, "again"),
        ({"password": "linalinalina", "again": "linalinalina"}, "password"),
        ({"password": factories.PASSWORD, "again": factories.PASSWORD}, "password"),
        ({"password": "x" * 5000, "again": "x" * 5000}, "password"),
    ],
)
def test_bad_password_changes_nothing(
    here: FlaskClient, elsewhere: FlaskClient, lina: Staff, changes: dict[str, str], field: str
) -> None:
    here.get("/account/password")
    answer = here.submit("/account/password", {**FORM, **changes})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert NEW not in answer.text and factories.PASSWORD not in answer.text
    assert is_in(elsewhere)
    assert trail() == []


def test_own_password_is_slowed_down(app: Flask, lina: Staff) -> None:
    with time_machine.travel("2026-11-25 10:00:00+00:00", tick=False) as clockwork:
        here = app.test_client()
        here.sign_in(lina)
        here.get("/account/password")
        for _ in range(checking.LIMIT):
            assert here.submit("/account/password", {**FORM, "old": "wrong password"}).status_code == 422
        assert here.submit("/account/password", FORM).status_code == 429
        clockwork.shift(timedelta(seconds=checking.LIMIT_SECONDS))
        assert here.submit("/account/password", FORM).status_code == 303


def test_sign_out_everywhere_ends_this_session_too(here: FlaskClient, elsewhere: FlaskClient, lina: Staff) -> None:
    assert here.submit("/account/sign-out-everywhere").location == "/sign-in"
    assert not is_in(here)
    assert not is_in(elsewhere)
    assert trail() == [("staff_signed_out_everywhere", lina.id, f"staff {lina.id}", {})]


# A first password that somebody else chose


@pytest.fixture
def first(app: Flask, lina: Staff) -> FlaskClient:
    """Lina's browser after somebody else has given her a password."""
    with transaction():
        staff = service.change_password(name="lina", password="first password", must_change_password=True)
    client = app.test_client()
    assert sign_in(client, staff, password="first password").location == "/account/password"
    return client


def test_nothing_opens_with_a_first_password(first: FlaskClient) -> None:
    for path in ("/account", "/account/two-step", "/desk", "/admin/staff"):
        assert first.get(path).location == "/account/password"
    for path in ("/account", "/account/sign-out-everywhere", "/desk/lookup"):
        assert first.submit(path, {"name": "other"}).location == "/account/password"
    assert first.get("/").status_code == 200  # what everybody may see
    answer = first.get("/account", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["reason"]) == (403, "account_unfinished")


def test_first_password_is_changed_and_everything_opens(first: FlaskClient, lina: Staff) -> None:
    page = first.get("/account/password")
    assert "别人设置的" in page.text
    again = {"old": "first password", "password": "first password", "again": "first password"}
    assert first.submit("/account/password", again).status_code == 422  # it must be another one
    answer = first.submit("/account/password", {**FORM, "old": "first password"})
    assert (answer.status_code, answer.location) == (303, "/guide")
    assert is_in(first)
    assert not db.session.get_one(Staff, lina.id).must_change_password


def test_person_can_sign_out_instead_of_changing_the_first_password(first: FlaskClient) -> None:
    first.get("/account/password")
    assert first.submit("/sign-out").location == "/sign-in"
    assert first.get("/account").location == "/sign-in?next=/account"


def test_password_comes_before_required_codes(app: Flask, first: FlaskClient, lina: Staff) -> None:
    with transaction():
        service.require_two_step(db.session.get_one(Staff, lina.id), required=True, by=None)
    assert first.get("/account/two-step").location == "/account/password"
    first.get("/account/password")
    assert first.submit("/account/password", {**FORM, "old": "first password"}).location == "/account/two-step"


def test_change_of_an_outdated_account_is_refused(lina: Staff) -> None:
    with transaction():
        service.change_password(name="lina", password="an administrator's")
    with pytest.raises(errors.PasswordWrong), transaction():
        service.change_own_password(staff_id=lina.id, version=1, digest="of the old session")
    assert service.authenticate(name="lina", password="an administrator's")
