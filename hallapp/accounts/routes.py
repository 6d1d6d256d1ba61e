"""Sign-in and sign-out."""

import re

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from hallapp.accounts import passwords, service
from hallapp.accounts.errors import SignInRefused
from hallapp.accounts.forms import SignInForm
from hallapp.accounts.models import Role
from hallapp.accounts.session import SignedIn, find_staff
from hallapp.core import limits
from hallapp.core.access import public
from hallapp.core.database import transaction
from hallapp.core.web import client_network

blueprint = Blueprint("accounts", __name__)

LIMIT_SECONDS = 5 * 60
LIMIT_PER_NAME = 10  # from one network: who tries an account from afar must not lock its owner out
LIMIT_PER_NAME_ANYWHERE = 100
LIMIT_PER_NETWORK = 60  # a whole hall signs in from one address

# A path of this site: two slashes, or a backslash that browsers read as one, would name another host, and browsers
# drop control characters before they look.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page; what it sends is checked, and slowed down where it fails again and again."""
    signed_in = find_staff()
    if signed_in:
        return redirect(_landing(signed_in), 303)
    form = SignInForm(request.form)
    if request.method != "POST":
        form.next.data = request.args.get("next", "")
        return render_template("accounts/sign_in.html", form=form)
    status = 422
    if form.validate():
        try:
            return redirect(_landing(_admit(form.name.data, form.password.data), form.next.data), 303)
        except (SignInRefused, limits.TooManyRequests) as error:
            form.refuse(error)
            status = error.status
    return render_template("accounts/sign_in.html", form=form), status


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Forget everything that this browser's session held."""
    session.clear()
    return redirect(url_for("accounts.sign_in"), 303)


def _admit(name: str, password: str) -> SignedIn:
    """Count the attempt, check it, and begin a session of its own, with nothing of what was in the one before.

    The count is committed before the check, so that it stays whatever the check says; the slow digests are made
    outside of write transactions. Raises SignInRefused, TooManyRequests.
    """
    who, network = service.tidy_name(name), client_network()
    who_there = f"{network} {who}"
    with transaction():
        limits.hit("sign_in_network", network, limit=LIMIT_PER_NETWORK, seconds=LIMIT_SECONDS)
        limits.hit("sign_in_name_there", who_there, limit=LIMIT_PER_NAME, seconds=LIMIT_SECONDS)
        limits.hit("sign_in_name", who, limit=LIMIT_PER_NAME_ANYWHERE, seconds=LIMIT_SECONDS)
    staff = service.authenticate(name=name, password=password)
    signed_in = SignedIn(staff)
    digest = passwords.renewed(password, staff.password_hash)
    with transaction():
        limits.forget("sign_in_name_there", who_there, seconds=LIMIT_SECONDS)
        service.note_sign_in(staff_id=signed_in.id, version=signed_in.session_version, digest=digest)
    session.clear()
    session.permanent = True
    login_user(signed_in)
    return signed_in


def _landing(staff: SignedIn, asked: str | None = None) -> str:
    """Where to go after sign-in: the page that was asked for, if it is one of ours; else the role's own."""
    if asked and _LOCAL_PATH.fullmatch(asked):
        return asked
    return "/desk" if staff.role.includes(Role.DESK) else "/"
