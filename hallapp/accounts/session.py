"""Who is signed in, and the gate that every request passes."""

from collections.abc import Callable
from enum import StrEnum
from typing import cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user

from hallapp.accounts import queries, twostep
from hallapp.accounts.models import Role, Staff, TwoStepRule
from hallapp.core.access import PUBLIC, access_of, device_of
from hallapp.core.web import csrf, error_answer, wants_json

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

    def __init__(self, staff: Staff, rule: TwoStepRule = TwoStepRule.NOBODY) -> None:
        self.id = staff.id
        self.hall_id = staff.hall_id
        self.name = staff.name
        self.role = staff.role
        self.session_version = staff.session_version
        self.errand = _errand_of(staff, rule)

    def get_id(self) -> str:
        """What the session holds: a new version of the account ends every session of the old one."""
        return f"{self.id}.{self.session_version}"


def init_app(app: Flask) -> None:
    """Install the gate. Raises RuntimeError for a view that does not say who may open it."""
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
    silent = [name for name, view in app.view_functions.items() if name != "static" and access_of(view) is None]
    if silent:
        raise RuntimeError(f"routes without access: {', '.join(sorted(silent))}")


def find_staff() -> SignedIn | None:
    """The signed-in member of staff, or None; also None for who has an errand left: nothing opens to them yet."""
    person = find_person()
    return person if person and person.errand is None else None


def find_person() -> SignedIn | None:
    """Whoever is signed in, with or without an errand, or None."""
    return cast(SignedIn, current_user) if current_user.is_authenticated else None


def get_staff() -> SignedIn:
    """The signed-in member of staff; 403 where there is none (the gate comes first)."""
    return find_staff() or abort(403)


def get_person() -> SignedIn:
    """Whoever is signed in; 403 where there is none (the gate comes first)."""
    return find_person() or abort(403)


def stay_signed_in(staff: Staff) -> None:
    """Let this browser's session go on after a change that has ended all the others."""
    login_user(SignedIn(staff, queries.get_two_step_rule(staff.hall_id)))


def landing(person: SignedIn) -> str:
    """Where somebody begins: with their errand, else where their role works."""
    if person.errand:
        return url_for(_PAGES[person.errand][0])
    return "/desk" if person.role.includes(Role.DESK) else "/guide"


def load(session_id: str) -> SignedIn | None:
    """Who a session belongs to: None for a version that is over, or an account that is closed."""
    number, _dot, version = session_id.partition(".")
    if not (number.isdigit() and version.isdigit()):
        return None
    found = queries.find_staff_with_rule(int(number))
    if found is None or not found[0].active or found[0].session_version != int(version):
        return None
    return SignedIn(*found)


def _errand_of(staff: Staff, rule: TwoStepRule) -> Errand | None:
    if staff.must_change_password:
        return Errand.PASSWORD
    return Errand.TWO_STEP if twostep.is_required(staff, rule) and not staff.has_two_step else None


def _gate() -> ResponseReturnValue | None:
    """Let a request in by its role, then by its CSRF token: who is signed out hears that, not of a stale form."""
    if request.endpoint is None or request.endpoint == "static":
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
        g.hall_id = person.hall_id
    csrf.protect(apply_exemptions=True)
    return None


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
