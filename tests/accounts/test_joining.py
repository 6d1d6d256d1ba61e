"""Links by which people set their own passwords: once, in time, and by nobody else."""

import hashlib
import re
import secrets
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.accounts import errors, joining, service
from hallapp.accounts.joining import Given, Invite
from hallapp.accounts.models import LinkPurpose, Staff, StaffLink
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.passes import codes
from hallapp.schedule.models import Hall
from tests import factories
from tests.accounts.helpers import at_once, sign_in, trail
from tests.conftest import SECRET

PASSWORD = "a long enough one"
FORM = {"password": PASSWORD, "again": PASSWORD}
START = "2026-11-25 10:00:00+00:00"


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


@pytest.fixture
def admin(hall: Hall) -> Staff:
    return factories.make(factories.staff, hall=hall, role=Role.ADMIN)


def invite(hall: Hall, by: Staff | None = None, name: str = "lina", role: Role = Role.DESK) -> Given:
    with transaction():
        return joining.invite(Invite(hall_id=hall.id, by=by.id if by else None, name=name, role=role))


def reset(staff: Staff, by: Staff | None = None) -> Given:
    with transaction():
        return joining.reset(db.session.get_one(Staff, staff.id), by=by.id if by else None)


def set_password(client: FlaskClient, token: str, **changes: str) -> int:
    path = f"/invitations/{token}"
    client.get(path)
    return client.submit(path, {**FORM, **changes}).status_code


def test_invited_person_sets_a_password_and_signs_in(client: FlaskClient, hall: Hall, admin: Staff) -> None:
    given = invite(hall, admin, name=" Ｌi Na ", role=Role.MANAGER)
    assert (given.staff.name, given.staff.role, given.purpose) == ("li na", Role.MANAGER, LinkPurpose.INVITATION)
    assert not given.staff.has_password

    page = client.get(f"/invitations/{given.token}")
    assert (page.status_code, 'value="li na"' in page.text) == (200, True)
    answer = client.submit(f"/invitations/{given.token}", FORM)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    page = client.get("/sign-in")
    assert "密码已设置" in page.text
    assert 'value="li na"' in page.text
    answer = client.submit("/sign-in", {"name": "li na", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/today")
    subject = f"staff {given.staff.id}"
    assert trail() == [
        ("staff_invited", admin.id, subject, {"role": "manager"}),
        ("staff_joined", given.staff.id, subject, {"purpose": "invitation"}),
        ("sign_in", given.staff.id, subject, {}),
    ]


def test_link_has_192_random_bits_and_is_kept_as_a_digest_only(hall: Hall) -> None:
    given = invite(hall)
    assert re.fullmatch(r"[0-9A-Za-z_-]{32}", given.token)
    link = db.session.scalars(select(StaffLink)).one()
    assert link.digest == hashlib.sha256(given.token.encode()).hexdigest()
    row = db.session.execute(select(StaffLink.__table__)).one()
    assert given.token not in str(row)
    assert given.token not in str(trail())


def test_invited_person_cannot_sign_in_before(client: FlaskClient, hall: Hall) -> None:
    given = invite(hall)
    for password in ("", "x", "nobody has this password"):
        answer = sign_in(client, given.staff, password=password)
        assert answer.status_code == 422
    with pytest.raises(errors.SignInRefused):
        service.authenticate(name="lina", password="nobody has this password")


def test_link_works_once(client: FlaskClient, hall: Hall) -> None:
    given = invite(hall)
    assert set_password(client, given.token) == 303
    assert client.get(f"/invitations/{given.token}").status_code == 410
    answer = client.submit(f"/invitations/{given.token}", {"password": "another long one", "again": "another long one"})
    assert answer.status_code == 410
    assert service.authenticate(name="lina", password=PASSWORD)


def test_of_two_who_use_it_at_once_one_sets_the_password(app: Flask, hall: Hall) -> None:
    given, hall_id = invite(hall), hall.id

    def join() -> str:
        digest = service.digest_of(PASSWORD, name="lina", hall_id=hall_id)
        with transaction():
            return joining.join(token=given.token, digest=digest).name

    results = at_once(app, join, times=4)
    assert [str(one) for one in results].count("lina") == 1
    assert sum(isinstance(one, errors.LinkOver) for one in results) == 3
    assert len(trail(action="staff_joined")) == 1


@pytest.mark.parametrize(("after", "status"), [(timedelta(days=7, seconds=-1), 200), (timedelta(days=7), 410)])
def test_link_is_good_for_seven_days(client: FlaskClient, hall: Hall, after: timedelta, status: int) -> None:
    with time_machine.travel(START, tick=False) as clockwork:
        given = invite(hall)
        clockwork.shift(after)
        assert client.get(f"/invitations/{given.token}").status_code == status
        if status == 410:
            client.get("/sign-in")
            assert client.submit(f"/invitations/{given.token}", FORM).status_code == 410
            with pytest.raises(errors.LinkOver), transaction():
                joining.join(token=given.token, digest="any")


def test_link_is_taken_back(client: FlaskClient, hall: Hall, admin: Staff) -> None:
    given = invite(hall)
    for _ in range(2):  # nothing happens the second time
        with transaction():
            joining.revoke(db.session.get_one(Staff, given.staff.id), by=admin.id)
    assert client.get(f"/invitations/{given.token}").status_code == 410
    assert trail(action="staff_link_revoked") == [("staff_link_revoked", admin.id, f"staff {given.staff.id}", {})]


def test_new_link_replaces_the_one_before(client: FlaskClient, hall: Hall, admin: Staff) -> None:
    first = invite(hall)
    second = reset(first.staff, admin)
    assert second.purpose is LinkPurpose.INVITATION  # nobody has come yet
    assert client.get(f"/invitations/{first.token}").status_code == 410
    assert set_password(client, second.token) == 303


def test_link_of_a_closed_account_opens_nothing(client: FlaskClient, hall: Hall, admin: Staff) -> None:
    given = invite(hall)
    with transaction():
        service.deactivate(name="lina", by=admin.id)
    assert client.get(f"/invitations/{given.token}").status_code == 410
    with transaction():
        service.reactivate(service.get_staff_by_name("lina"), by=admin.id)
    assert client.get(f"/invitations/{given.token}").status_code == 410  # it is over, not asleep


@pytest.mark.parametrize(
    "token",
    ["x", "x" * 31, "x" * 32, "x" * 33, "x" * 5000, "%00" * 32, "é" * 32, "../../" * 5 + "xx", "%ED%A0%80" * 11],
)
def test_forged_link_is_unknown(client: FlaskClient, hall: Hall, token: str) -> None:
    invite(hall)
    assert client.get(f"/invitations/{token}").status_code == 404


def test_tokens_of_another_purpose_are_unknown(client: FlaskClient, hall: Hall) -> None:
    given = invite(hall)
    with transaction():
        booking = factories.booking(slot=factories.slot(programme=factories.programme(hall=hall)))
    digest = db.session.scalars(select(StaffLink.digest)).one()
    for other in (booking.key, codes.sign(secrets.token_hex(10).upper(), (SECRET,)), digest, given.token[:-1] + "!"):
        assert client.get(f"/invitations/{other}").status_code == 404
    assert client.get(f"/visits/{given.token}").status_code == 404
    with client.session_transaction() as session:
        session["_user_id"] = given.token
    assert client.get("/desk").status_code == 303


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "short", "again": "short"}, "密码需为"),
        ({"again": "another long one"}, "两次输入的密码不同"),
        ({"password": "linalinalina", "again": "linalinalina"}, "密码不能由用户名组成"),
        ({"password": "", "again": ""}, "请设置密码"),
        ({"password": "x" * 201, "again": "x" * 201}, "密码需为"),
    ],
)
def test_bad_password_is_refused_and_the_link_stays_good(
    client: FlaskClient, hall: Hall, changes: dict[str, str], words: str
) -> None:
    given = invite(hall)
    client.get(f"/invitations/{given.token}")
    answer = client.submit(f"/invitations/{given.token}", {**FORM, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert PASSWORD not in answer.text
    assert set_password(client, given.token) == 303


def test_reset_ends_the_old_password_and_every_session(app: Flask, hall: Hall, admin: Staff) -> None:
    desk = factories.make(factories.staff, hall=hall, name="lina")
    at_the_counter = app.test_client()
    at_the_counter.sign_in(desk)
    assert at_the_counter.get("/desk").status_code == 200

    given = reset(desk, admin)

    assert given.purpose is LinkPurpose.RESET
    assert at_the_counter.get("/desk").location == "/sign-in?next=/desk"
    assert sign_in(app.test_client(), desk).status_code == 422
    fresh = app.test_client()
    assert set_password(fresh, given.token) == 303
    assert sign_in(fresh, desk, password=PASSWORD).location == "/desk"
    assert [(action, by) for action, by, _subject, _detail in trail()] == [
        ("staff_link_given", admin.id),
        ("staff_joined", desk.id),
        ("sign_in", desk.id),
    ]


def test_using_a_link_signs_out_who_was_signed_in_there(client: FlaskClient, hall: Hall, admin: Staff) -> None:
    given = invite(hall)
    client.sign_in(admin)
    assert set_password(client, given.token) == 303
    assert client.get("/admin/staff").status_code == 303


def test_password_set_by_a_link_need_not_be_changed(app: Flask, hall: Hall, admin: Staff) -> None:
    desk = factories.make(factories.staff, hall=hall, name="lina", must_change_password=True)
    given = reset(desk, admin)
    client = app.test_client()
    set_password(client, given.token)
    assert sign_in(client, desk, password=PASSWORD).location == "/desk"


def test_reset_of_oneself_and_of_a_closed_account_is_refused(hall: Hall, admin: Staff) -> None:
    gone = factories.make(factories.staff, hall=hall, active=False)
    with pytest.raises(errors.OwnAccount):
        reset(admin, admin)
    with pytest.raises(errors.StaffInactive):
        reset(gone, admin)
    assert db.session.scalar(select(func.count()).select_from(StaffLink)) == 0


def test_the_only_administrator_comes_back_by_command_only(hall: Hall, admin: Staff) -> None:
    manager = factories.make(factories.staff, hall=hall, role=Role.MANAGER)
    with pytest.raises(errors.LastAdministrator):
        reset(admin, manager)
    assert reset(admin).purpose is LinkPurpose.RESET


def test_address_of_the_link_is_told_to_no_other_site_and_kept_by_no_cache(client: FlaskClient, hall: Hall) -> None:
    answer = client.get(f"/invitations/{invite(hall).token}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_link_is_never_logged(client: FlaskClient, hall: Hall, capsys: pytest.CaptureFixture[str], caplog) -> None:
    given = invite(hall)
    set_password(client, given.token)
    written = capsys.readouterr().err + caplog.text
    assert "/invitations/<token>" in written
    assert given.token not in written
    assert PASSWORD not in written


def test_same_name_at_once_is_one_account(app: Flask, hall: Hall) -> None:
    command = Invite(hall_id=hall.id, by=None, name="lina", role=Role.DESK)

    def work() -> str:
        with transaction():
            return joining.invite(command).staff.name

    results = at_once(app, work, times=3)
    assert [str(one) for one in results].count("lina") == 1
    assert sum(isinstance(one, errors.StaffNameTaken) for one in results) == 2
