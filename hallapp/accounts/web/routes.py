"""Sign-in in one or two steps, sign-out, and the link for setting a password."""

import re
from dataclasses import dataclass
from typing import Self

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import agents, joining, passwords, service, sessions
from hallapp.accounts.errors import SignInRefused
from hallapp.accounts.models import Staff
from hallapp.accounts.web import known, my_account
from hallapp.accounts.web.attempts import Attempt
from hallapp.accounts.web.blueprint import blueprint
from hallapp.accounts.web.checking import check_code
from hallapp.accounts.web.forms import CodeForm, NewPasswordForm, SignInForm
from hallapp.accounts.web.session import enter, find_person, landing, sign_out_here
from hallapp.core import clock, limits
from hallapp.core.database import db, transaction
from hallapp.core.web.access import open_in_draft, public
from hallapp.core.web.forms import submit_form

__all__ = ["blueprint", "my_account"]

HALF_SECONDS = 5 * 60  # between password and code
_HALF = "half_signed_in"
SIGNED_ON = "signed_on"  # the provider of single sign-on of this session
_NAME = "sign_in_name"  # for a person who has just set a password

# A path of this site. Two slashes, or a backslash that browsers read as one, would name another host; browsers also
# drop control characters before they parse.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True, slots=True)
class Checked:
    """An account as it was when a password or a code of it was checked."""

    id: int
    version: int
    has_two_step: bool

    @classmethod
    def of(cls, staff: Staff) -> Self:
        """Return the account as it is now."""
        return cls(staff.id, staff.session_version, staff.has_two_step)


@dataclass(frozen=True, slots=True)
class Way:
    """The way by which a person signs in: with a password, or with the provider of this number and name.

    `second_step` means that the provider has checked a second factor, so that no code is asked for here.
    """

    number: int | None = None
    name: str | None = None
    second_step: bool = False


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@open_in_draft
def sign_in() -> ResponseReturnValue:
    """Sign in; repeated failures are slowed down."""
    person = find_person()
    if person:
        return redirect(landing(person), 303)
    form = SignInForm(request.form)
    joined = session.get(_NAME)
    if request.method != "POST":
        form.next.data = request.args.get("next", "")
        form.name.data = joined
        return render_template("accounts/sign_in.html", form=form, joined=joined)

    def check_password() -> ResponseReturnValue:
        checked = _check_password(form.name.data, form.password.data)
        return redirect(proceed(checked, asked=form.next.data), 303)

    return submit_form(form, check_password, lambda: render_template("accounts/sign_in.html", form=form, joined=None))


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
@open_in_draft
def sign_in_code() -> ResponseReturnValue:
    """Ask for the second step: a code from the phone, or a recovery code."""
    staff = _find_half_signed_in()
    if staff is None:
        session.pop(_HALF, None)
        return redirect(url_for(".sign_in"), 303)
    g.hall_id = staff.hall_id
    form, checked = CodeForm(request.form), Checked.of(staff)

    def page() -> str:
        return render_template("accounts/code.html", form=form)

    def check() -> ResponseReturnValue:
        check_code(staff, form.code.data)
        half = session[_HALF]
        return redirect(
            _enter(checked, asked=half["next"], way=Way(half.get("provider"), half.get("provider_name"))), 303
        )

    return submit_form(form, check, page) if request.method == "POST" else page()


@blueprint.post("/sign-out")
@public
@open_in_draft
def sign_out() -> ResponseReturnValue:
    """End the session: a copied cookie opens nothing afterwards."""
    provider = session.get(SIGNED_ON)
    sign_out_here()
    if provider is not None:
        return redirect(url_for("sign_on.signed_out", number=provider), 303)
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    """Set a password by a link; a person signed in in this browser before is signed out."""
    link = joining.get_open_link(token)
    g.hall_id = link.hall_id
    form = NewPasswordForm(request.form)

    def page() -> str:  # refuses a link that has just been used
        return render_template("accounts/invitation.html", form=form, link=joining.get_open_link(token))

    def join() -> ResponseReturnValue:
        digest = service.digest_of(form.password.data, name=link.staff.name, hall_id=link.hall_id)
        with transaction():
            staff = joining.join(token=token, digest=digest)
        sign_out_here()
        session[_NAME] = staff.name
        return redirect(url_for(".sign_in"), 303)

    return submit_form(form, join, page) if request.method == "POST" else page()


def _check_password(name: str, password: str) -> Checked:
    """Count the attempt, check it, and remember where it is refused; the slow digests are made outside of transactions.

    Raises:
        SignInRefused, TooManyRequests.
    """
    attempt = Attempt.of(name)
    try:
        attempt.count()
        staff = service.authenticate(name=name, password=password)
    except (SignInRefused, limits.TooManyRequests) as error:
        attempt.note_refusal(limited=isinstance(error, limits.TooManyRequests))
        raise
    checked = Checked.of(staff)
    digest = passwords.renewed(password, staff.password_hash)
    with transaction():
        attempt.forgive()
        service.keep_digest(staff_id=checked.id, version=checked.version, digest=digest)
    return checked


def proceed(checked: Checked, *, asked: str | None, way: Way = Way()) -> str:
    """Sign in after the right password or with a provider, or go to the two-step code; return where to go.

    Raises SignInRefused where the account has changed since it was checked.
    """
    if not checked.has_two_step or way.second_step:
        return _enter(checked, asked=asked, way=way)
    session.clear()
    session[_HALF] = {
        "staff": checked.id,
        "version": checked.version,
        "at": int(clock.now().timestamp()),
        "next": asked or "",
        "provider": way.number,
        "provider_name": way.name,
    }
    return url_for("accounts.sign_in_code")


def _find_half_signed_in() -> Staff | None:
    """Return the person who entered the password in this browser some minutes ago and has yet to enter the code."""
    half = session.get(_HALF)
    if not half or not 0 <= clock.now().timestamp() - half["at"] <= HALF_SECONDS:
        return None
    staff = db.session.get(Staff, half["staff"])
    return staff if staff and staff.active and staff.session_version == half["version"] else None


def _enter(checked: Checked, *, asked: str | None, way: Way) -> str:
    """Begin a new session, with nothing of the previous one; return where to go.

    Raises SignInRefused where the account has changed since it was checked.
    """
    with transaction():
        staff = db.session.get_one(Staff, checked.id)
        if not staff.active or Checked.of(staff) != checked:
            raise SignInRefused
        service.note_sign_in(staff, provider=way.name)
        browser, system = agents.family(request.user_agent.string)
        second = way.second_step
        token = sessions.begin(staff, browser=browser, system=system, second_step_elsewhere=second)
    person = enter(token)
    if way.number is not None:
        session[SIGNED_ON] = way.number
    known.remember(person.id)
    if person.errand is None and asked and _LOCAL_PATH.fullmatch(asked):
        return asked
    return landing(person)
