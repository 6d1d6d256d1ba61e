"""The pages of a person's own account: name, password, two-step codes, and signing out everywhere."""

import re
from collections.abc import Callable

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import agents, queries, service, sessions, totp, twostep, vault
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import ROLE_NAMES, Permission
from hallapp.accounts.web.blueprint import blueprint
from hallapp.accounts.web.checking import check_code, count_own_password, secret_keys
from hallapp.accounts.web.forms import CodeForm, NameForm, OwnPasswordForm
from hallapp.accounts.web.session import find_staff, get_person, get_staff, landing, stay_signed_in
from hallapp.core import qr
from hallapp.core.database import db, transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number

_OFFERED = "two_step_offered"


@blueprint.route("/account", methods=["GET", "POST"])
@allow(Permission.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    """Show a person's own account; the form changes the sign-in name."""
    staff = _own()
    if request.method == "GET":
        return _account_page(staff, NameForm(formdata=None, obj=staff))
    form = NameForm(request.form)

    def rename() -> ResponseReturnValue:
        with transaction():
            service.rename(_own(), form.name.data, by=staff.id)
        return redirect(url_for(".account", saved="name"), 303)

    return submit_form(form, rename, lambda: _account_page(_own(), form))


@blueprint.route("/account/password", methods=["GET", "POST"])
@allow(Permission.OWN_ACCOUNT)
def own_password() -> ResponseReturnValue:
    """Change one's own password; every other session ends, this one continues."""
    staff, form = _own(), OwnPasswordForm(request.form)
    first = staff.must_change_password

    def page() -> str:
        return render_template("accounts/password.html", form=form, first=first)

    if request.method == "GET":
        return page()
    return submit_form(form, lambda: _change_password(staff, form), page)


@blueprint.get("/account/two-step")
@allow(Permission.OWN_ACCOUNT)
def two_step() -> ResponseReturnValue:
    """Show two-step codes: how to turn them on, or their state."""
    staff = _own()
    form = CodeForm(formdata=None)
    return _codes_page(staff, form) if staff.has_two_step else _enrol_page(staff, form)


@blueprint.post("/account/two-step")
@allow(Permission.OWN_ACCOUNT)
def turn_on_two_step() -> ResponseReturnValue:
    """Turn codes on by the first one that the telephone shows; the recovery codes are shown now and never again."""
    staff, form = _own(), CodeForm(request.form)
    if staff.has_two_step:
        return redirect(url_for(".two_step"), 303)

    def turn_on() -> ResponseReturnValue:
        secret = _offered_secret(staff)
        with transaction():
            own = _own()
            codes = twostep.turn_on(own, secret=secret, typed=form.code.data, keys=secret_keys())
            token = sessions.renew(own, get_person().session_id)
        session.pop(_OFFERED, None)
        stay_signed_in(token)
        return render_template("accounts/recovery_codes.html", codes=codes, turned_on=True)

    return submit_form(form, turn_on, lambda: _enrol_page(_own(), form))


@blueprint.post("/account/two-step/recovery-codes")
@allow(Permission.OWN_ACCOUNT)
def renew_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes for a person who enters a valid code."""

    def renew() -> ResponseReturnValue:
        with transaction():
            codes = twostep.renew_recovery_codes(_own())
        return render_template("accounts/recovery_codes.html", codes=codes, turned_on=False)

    return _with_code(_own(), renew)


@blueprint.post("/account/two-step/off")
@allow(Permission.OWN_ACCOUNT)
def turn_off_two_step() -> ResponseReturnValue:
    """Turn off two-step codes for a person who enters a valid code and is not required to use them."""
    staff = _own()
    rule = queries.get_two_step_rule(staff.hall_id)
    if twostep.is_required(staff, rule):
        return redirect(url_for(".two_step"), 303)

    def turn_off() -> ResponseReturnValue:
        with transaction():
            own = _own()
            twostep.turn_off(own, rule=rule)
            token = sessions.renew(own, get_person().session_id)
        stay_signed_in(token)
        return redirect(url_for(".account", saved="two-step"), 303)

    return _with_code(staff, turn_off)


@blueprint.post("/account/sessions/<number>/end")
@allow(Permission.OWN_ACCOUNT)
def end_session(number: str) -> ResponseReturnValue:
    """End one of one's other sessions; one that has ended in the meantime is no mistake."""
    session_id = get_number(number)
    if session_id == get_person().session_id:
        abort(404)
    with transaction():
        sessions.end_one(_own(), session_id)
    return redirect(url_for(".account", saved="session", _anchor="sessions"), 303)


@blueprint.post("/account/sessions/end-others")
@allow(Permission.OWN_ACCOUNT)
def end_other_sessions() -> ResponseReturnValue:
    """End all of one's sessions but this one."""
    with transaction():
        sessions.end_others(_own(), current_id=get_person().session_id)
    return redirect(url_for(".account", saved="sessions", _anchor="sessions"), 303)


@blueprint.post("/account/sign-out-everywhere")
@allow(Permission.OWN_ACCOUNT)
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of one's account, this one too."""
    with transaction():
        service.end_sessions(_own(), by=get_staff().id)
    session.clear()
    return redirect(url_for(".sign_in"), 303)


def _own() -> Staff:
    return db.session.get_one(Staff, get_person().id)


def _change_password(staff: Staff, form: OwnPasswordForm) -> ResponseReturnValue:
    """Change the password; the slow digests are made outside the transaction. Raises DomainError."""
    staff_id, version, first = staff.id, staff.session_version, staff.must_change_password
    count_own_password(staff_id)
    digest = service.check_own_password(staff, old=form.old.data, new=form.password.data)
    with transaction():
        staff = service.change_own_password(staff_id=staff_id, version=version, digest=digest)
        token = sessions.renew(staff, get_person().session_id)
    person = stay_signed_in(token)
    return redirect(landing(person) if first else url_for(".account", saved="password"), 303)


def _with_code(staff: Staff, act: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Do an act of a person whose account has two-step codes and who has typed a right one; else ask for it again."""
    form = CodeForm(request.form)
    if not staff.has_two_step:
        return redirect(url_for(".two_step"), 303)

    def check_and_act() -> ResponseReturnValue:
        check_code(staff, form.code.data)
        return act()

    return submit_form(form, check_and_act, lambda: _codes_page(_own(), form))


def _offered_secret(staff: Staff) -> str:
    """Return the secret shown in this browser, or a new one; the cookie holds it encrypted, for this account only."""
    keys, prefix = secret_keys(), f"{staff.id} "
    try:
        offered = vault.open_(session.get(_OFFERED, ""), keys)
    except vault.Unreadable:
        offered = ""
    if not offered.startswith(prefix):
        offered = prefix + totp.new_secret()
        session[_OFFERED] = vault.close(offered, keys)
    return offered.removeprefix(prefix)


def _account_page(staff: Staff, form: NameForm) -> str:
    here = get_person().session_id
    live = [one for one in queries.list_sessions(staff) if sessions.is_live(one, staff)]
    return render_template(
        "accounts/account.html",
        form=form,
        account=staff,
        role=ROLE_NAMES[staff.role],
        required=twostep.is_required(staff, queries.get_two_step_rule(staff.hall_id)),
        sessions=sorted(live, key=lambda one: one.id != here),
        here=here,
        agent_name=agents.name,
    )


def _enrol_page(staff: Staff, form: CodeForm) -> str:
    secret = _offered_secret(staff)
    issuer = _issuer()
    address = totp.address(secret, name=staff.name, issuer=issuer)
    return render_template(
        "accounts/enrol.html",
        form=form,
        secret=secret,
        issuer=issuer,
        account=staff,
        symbol=qr.draw(address, level=qr.A_SEVENTH),
        required=find_staff() is None,
    )


def _codes_page(staff: Staff, form: CodeForm) -> str:
    return render_template(
        "accounts/two_step.html",
        form=form,
        left=queries.count_recovery_codes(staff.id),
        required=twostep.is_required(staff, queries.get_two_step_rule(staff.hall_id)),
    )


def _issuer() -> str:
    """Under which name an authenticator lists the account: the host that it is for; a colon would end the name."""
    return re.sub(r":[0-9]*$", "", request.host).replace(":", " ")
