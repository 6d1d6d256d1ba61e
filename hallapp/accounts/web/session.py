"""The signed-in person of a request, and the gate that every request passes."""

import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import cast

from flask import Flask, abort, current_app, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from hallapp.accounts import queries, sessions, twostep
from hallapp.accounts.models import Staff, TwoStepRule
from hallapp.accounts.queries import FoundSession
from hallapp.accounts.roles import Permission
from hallapp.core.database import db, transaction, write_if_possible
from hallapp.core.i18n import gettext as _
from hallapp.core.web.access import PUBLIC, access_of, device_of, is_for_keys
from hallapp.core.web.responses import PROLONGED_EVERY, csrf, error_answer, is_fetched_by_itself, wants_json

login_manager = LoginManager()
_DEVICES = "hallapp_devices"
_KEYS = "hallapp_keys"


class Errand(StrEnum):
    """A task that a person must finish after the sign-in before any other page opens."""

    PASSWORD = "password"  # noqa: S105 — a word, not one
    TWO_STEP = "two_step"


#: The pages that are open until a person has set a password or codes; the first one is the page to which other
#: requests redirect.
_PAGES = {
    Errand.PASSWORD: ("accounts.own_password",),
    Errand.TWO_STEP: ("accounts.two_step", "accounts.turn_on_two_step"),
}


#: The pages on which people land after the sign-in: the first one that their role may open.
_LANDINGS = (
    (Permission.BOOKINGS_REVIEW, "/today"),
    (Permission.DESK_ADMIT, "/desk"),
    (Permission.OWN_GROUPS, "/guide"),
    (Permission.REPORTS_READ, "/reports"),
)


class SignedIn(UserMixin):  # type: ignore[misc]
    """The signed-in member of staff, as plain values that stay readable after the database session has ended."""

    def __init__(self, token: str, found: FoundSession) -> None:
        self._token = token
        self.session_id = found.id
        self.last_used_at = found.last_used_at
        self.id = found.staff_id
        self.hall_id = found.hall_id
        self.name = found.name
        self.role = found.role
        self.errand = _errand_of(found)
        self.facts_version = found.facts_version

    def get_id(self) -> str:
        """Return the token of the session, the only data of its owner in the cookie."""
        return self._token


def init_app(app: Flask) -> None:
    """Install the gate. After all views are registered, `check_access` checks their permissions."""
    app.config["PERMANENT_SESSION_LIFETIME"] = sessions.IDLE + PROLONGED_EVERY
    login_manager.init_app(app)
    login_manager.user_loader(load)
    app.before_request(_gate)
    app.jinja_env.globals.update(staff=find_staff, may=may, Permission=Permission)


def let_devices_in(app: Flask, find_hall: Callable[[str], int | None]) -> None:
    """Register `find_hall`: given a kind of device, it returns the hall of the requesting device, or None.

    It is called only for views that are marked with that kind (`allow_device`).
    """
    app.extensions[_DEVICES] = find_hall


def let_keys_in(app: Flask, check: Callable[[Permission | None], None]) -> None:
    """Register `check`: given the permission of a view of the API, it refuses a request without a key that has it.

    None means any key. It sets the hall of the request.
    """
    app.extensions[_KEYS] = check


def check_access(app: Flask) -> None:
    """Refuse to start with a route that is neither public nor names a permission."""
    known = {PUBLIC, *Permission}
    wrong = [name for name, view in app.view_functions.items() if access_of(view) not in known]
    if wrong:
        raise RuntimeError(f"routes without access: {', '.join(sorted(wrong))}")


def find_staff() -> SignedIn | None:
    """Return the signed-in member of staff, or None; None too for a person with an unfinished errand."""
    person = find_person()
    return person if person and person.errand is None else None


def find_person() -> SignedIn | None:
    """Return the signed-in person, with or without an errand, or None."""
    person = current_user._get_current_object()  # the proxy would look it up for each of its attributes
    return cast(SignedIn, person) if person.is_authenticated else None


def is_staff_here() -> bool:
    """Return whether a person is signed in; for a visitor without a session this needs no query."""
    return "_user_id" in session and find_person() is not None


def may(permission: Permission) -> bool:
    """Return whether the signed-in person has a permission."""
    staff = find_staff()
    return staff is not None and staff.role.may(permission)


def get_staff() -> SignedIn:
    """Return the signed-in member of staff; 403 where there is none (the gate comes first)."""
    return find_staff() or abort(403)


def get_person() -> SignedIn:
    """Return the signed-in person; 403 where there is none (the gate comes first)."""
    return find_person() or abort(403)


def enter(token: str) -> SignedIn:
    """Give this browser the cookie of a new session, without any earlier content of the cookie."""
    session.clear()
    session.permanent = True
    session["mark"] = secrets.token_urlsafe(9)  # lets a device name the session that was to end
    return stay_signed_in(token)


def stay_signed_in(token: str) -> SignedIn:
    """Give this browser the new token of its session; redirect to the sign-in where the session has ended."""
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
    """Return a person's first page: that of their errand, else the first one of `_LANDINGS` that they may open."""
    if person.errand:
        return url_for(_PAGES[person.errand][0])
    return next((page for permission, page in _LANDINGS if person.role.may(permission)), url_for("accounts.account"))


def load(token: str) -> SignedIn | None:
    """Return who a session belongs to, by the token that the cookie holds; None where it has ended."""
    found = queries.find_session(sessions.digest_of(token))
    return SignedIn(token, found) if found and sessions.is_found_live(found) else None


def _errand_of(found: FoundSession) -> Errand | None:
    if found.must_change_password:
        return Errand.PASSWORD
    is_required = twostep.is_required(found, found.rule or TwoStepRule.NOBODY)
    has_second_step = found.has_two_step or found.second_step_elsewhere
    return Errand.TWO_STEP if is_required and not has_second_step else None


def _gate() -> ResponseReturnValue | None:
    """Check the permission that the view names, then the CSRF token.

    In this order a person whose session has ended is sent to the sign-in page, instead of seeing that the form has
    expired.
    """
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    access = access_of(view)
    if access is None:
        abort(403)
    if is_for_keys(view):  # no session is read, and a key in a header is not sent by a browser by itself
        current_app.extensions[_KEYS](None if access == PUBLIC else Permission(access))
        return None
    if access != PUBLIC and not _is_open_to_device(device_of(view)):
        person = find_person()
        if person is None:
            return _to_sign_in()
        if person.errand and request.endpoint not in _PAGES[person.errand]:
            return _to_errand(person)
        if not person.role.may(Permission(access)):
            abort(403)
        _note_use(person)
        g.hall_id, g.facts_versions = person.hall_id, {person.hall_id: person.facts_version}
    csrf.protect(apply_exemptions=True)
    return None


def _note_use(person: SignedIn) -> None:
    """Note once in a few minutes that a session is used by a person, in a transaction of its own."""
    if is_fetched_by_itself() or not sessions.is_used_anew(person.last_used_at):
        return
    write_if_possible(lambda: sessions.note_use(person.session_id), what="noting the use of a session")


def _is_open_to_device(kind: str | None) -> bool:
    """Return whether the request comes from a device of a kind that the view allows; its hall is then in force."""
    hall_id = current_app.extensions[_DEVICES](kind) if kind and _DEVICES in current_app.extensions else None
    if hall_id is not None:
        g.hall_id = hall_id
    return hall_id is not None


def _to_sign_in() -> ResponseReturnValue:
    if wants_json():
        return error_answer(401, "signed_out", _("Signed out"), _("Your session has ended. Please sign in again."))
    asked = request.full_path.rstrip("?") if request.method == "GET" else None  # the browser can return to a page only
    return redirect(url_for("accounts.sign_in", next=asked), 303)


def _to_errand(person: SignedIn) -> ResponseReturnValue:
    """Send a person to the page where they must first set a password or two-step codes."""
    if wants_json():
        message = _("Set up your account first: open any staff page, and it takes you there.")
        return error_answer(403, "account_unfinished", _("Not for this account"), message)
    return redirect(landing(person), 303)
