"""Who is signed in, and the gate that every request passes."""

import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import cast

from flask import Flask, abort, current_app, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy.exc import OperationalError

from hallapp.accounts import queries, sessions, twostep
from hallapp.accounts.models import Role, Staff, StaffSession, TwoStepRule
from hallapp.core.database import db, transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.logs import log
from hallapp.core.web.access import PUBLIC, access_of, device_of
from hallapp.core.web.responses import csrf, error_answer, is_fetched_by_itself, wants_json

login_manager = LoginManager()
_DEVICES = "hallapp_devices"


class Errand(StrEnum):
    """What somebody must do after the sign-in before anything else opens."""

    PASSWORD = "password"  # noqa: S105 — a word, not one
    TWO_STEP = "two_step"


#: The pages of each errand; the first one leads to it.
_PAGES = {
    Errand.PASSWORD: ("accounts.own_password",),
    Errand.TWO_STEP: ("accounts.two_step", "accounts.turn_on_two_step"),
}


class SignedIn(UserMixin):  # type: ignore[misc]
    """The signed-in member of staff, as plain values: it stays readable whatever the session does."""

    def __init__(self, token: str, row: StaffSession, staff: Staff, rule: TwoStepRule) -> None:
        self._token = token
        self.session_id = row.id
        self.last_used_at = row.last_used_at
        self.id = staff.id
        self.hall_id = staff.hall_id
        self.name = staff.name
        self.role = staff.role
        self.errand = _errand_of(staff, rule)

    def get_id(self) -> str:
        """Return the token of the session, which is all that the cookie says of its owner."""
        return self._token


def init_app(app: Flask) -> None:
    """Install the gate. Raises RuntimeError for a view that does not say who may open it."""
    app.config["PERMANENT_SESSION_LIFETIME"] = sessions.IDLE
    login_manager.init_app(app)
    login_manager.user_loader(load)
    app.before_request(_gate)
    app.jinja_env.globals.update(staff=find_staff, Role=Role)


def let_devices_in(app: Flask, find_hall: Callable[[str], int | None]) -> None:
    """Let `find_hall` say, given a kind of device, in which hall this request comes from such a device, or None.

    It is asked only for the views that are marked with that kind (`allow_device`).
    """
    app.extensions[_DEVICES] = find_hall


def check_access(app: Flask) -> None:
    """Refuse to start with a route that says nothing of who may open it."""
    silent = [name for name, view in app.view_functions.items() if access_of(view) is None]
    if silent:
        raise RuntimeError(f"routes without access: {', '.join(sorted(silent))}")


def find_staff() -> SignedIn | None:
    """The signed-in member of staff, or None; also None for who has an errand left: nothing opens to them yet."""
    person = find_person()
    return person if person and person.errand is None else None


def find_person() -> SignedIn | None:
    """Whoever is signed in, with or without an errand, or None."""
    return cast(SignedIn, current_user) if current_user.is_authenticated else None


def is_staff_here() -> bool:
    """Whether somebody is signed in; it costs nothing for a visitor, who has no such session."""
    return "_user_id" in session and find_person() is not None


def get_staff() -> SignedIn:
    """The signed-in member of staff; 403 where there is none (the gate comes first)."""
    return find_staff() or abort(403)


def get_person() -> SignedIn:
    """Whoever is signed in; 403 where there is none (the gate comes first)."""
    return find_person() or abort(403)


def enter(token: str) -> SignedIn:
    """Let this browser hold a session that has just begun, with nothing of what its cookie held before."""
    session.clear()
    session.permanent = True
    session["mark"] = secrets.token_urlsafe(9)  # by which a device knows whose session was to end
    return stay_signed_in(token)


def stay_signed_in(token: str) -> SignedIn:
    """Let this browser go on with the new token of its session; leads to the sign-in where it has ended meanwhile."""
    person = load(token) or abort(make_response(_to_sign_in()))
    login_user(person)
    return person


def sign_out_here() -> None:
    """End this browser's session on the server, in a transaction of its own, and forget all that its cookie held."""
    person = find_person()
    if person:
        with transaction():
            sessions.sign_out(db.session.get_one(Staff, person.id), person.session_id)
    logout_user()
    session.clear()


def landing(person: SignedIn) -> str:
    """Where somebody begins: with their errand, else where their role works."""
    if person.errand:
        return url_for(_PAGES[person.errand][0])
    return "/desk" if person.role.includes(Role.DESK) else "/guide"


def load(token: str) -> SignedIn | None:
    """Return who a session belongs to, by the token that the cookie holds; None where it has ended."""
    found = queries.find_session(sessions.digest_of(token))
    if found is None:
        return None
    row, staff, rule = found
    return SignedIn(token, row, staff, rule) if sessions.is_live(row, staff) else None


def _errand_of(staff: Staff, rule: TwoStepRule) -> Errand | None:
    if staff.must_change_password:
        return Errand.PASSWORD
    return Errand.TWO_STEP if twostep.is_required(staff, rule) and not staff.has_two_step else None


def _gate() -> ResponseReturnValue | None:
    """Let a request in by its role, then by its CSRF token: who is signed out hears that, not of a stale form."""
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    access = access_of(view)
    if access is None:
        abort(403)
    if access != PUBLIC and not _is_open_to_device(device_of(view)):
        person = find_person()
        if person is None:
            return _to_sign_in()
        if person.errand and request.endpoint not in _PAGES[person.errand]:
            return _to_errand(person)
        if not person.role.includes(Role(access)):
            abort(403)
        _note_use(person)
        g.hall_id = person.hall_id
    csrf.protect(apply_exemptions=True)
    return None


def _note_use(person: SignedIn) -> None:
    """Note once in a few minutes that a session is used by a person, in a transaction of its own."""
    if is_fetched_by_itself() or not sessions.is_used_anew(person.last_used_at):
        return
    try:
        with transaction():
            sessions.note_use(person.session_id)
    except OperationalError as error:  # a page that only reads is served while nothing can be written
        log.warning("the use of a session could not be noted", exc_info=error)


def _is_open_to_device(kind: str | None) -> bool:
    """Whether this request comes from a device of a kind that the view is marked with; its hall is then in force."""
    hall_id = current_app.extensions[_DEVICES](kind) if kind and _DEVICES in current_app.extensions else None
    if hall_id is not None:
        g.hall_id = hall_id
    return hall_id is not None


def _to_sign_in() -> ResponseReturnValue:
    if wants_json():
        return error_answer(401, "signed_out", _("Signed out"), _("Your session has ended. Please sign in again."))
    asked = request.full_path.rstrip("?") if request.method == "GET" else None  # only a page can be gone back to
    return redirect(url_for("accounts.sign_in", next=asked), 303)


def _to_errand(person: SignedIn) -> ResponseReturnValue:
    """Somebody must set a password or two-step codes before this opens."""
    if wants_json():
        message = _("Set up your account first: open any page of the staff, and it leads you there.")
        return error_answer(403, "account_unfinished", _("Not for this account"), message)
    return redirect(landing(person), 303)
