"""Who is signed in, and the gate that every request passes."""

from typing import cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user

from hallapp.accounts.models import Role, Staff
from hallapp.core.access import PUBLIC, access_of
from hallapp.core.database import db
from hallapp.core.web import csrf, error_answer, wants_json

login_manager = LoginManager()


class SignedIn(UserMixin):  # type: ignore[misc]
    """The signed-in member of staff, as plain values: it stays readable whatever the session does."""

    def __init__(self, staff: Staff) -> None:
        self.id = staff.id
        self.hall_id = staff.hall_id
        self.name = staff.name
        self.role = staff.role
        self.session_version = staff.session_version

    def get_id(self) -> str:
        """What the session holds: a new version of the account ends every session of the old one."""
        return f"{self.id}.{self.session_version}"


def init_app(app: Flask) -> None:
    """Install the gate. Raises RuntimeError for a view that does not say who may open it."""
    login_manager.init_app(app)
    login_manager.user_loader(_load)
    app.before_request(_gate)
    app.jinja_env.globals.update(staff=find_staff, Role=Role)


def check_access(app: Flask) -> None:
    """Refuse to start with a route that says nothing of who may open it."""
    silent = [name for name, view in app.view_functions.items() if name != "static" and access_of(view) is None]
    if silent:
        raise RuntimeError(f"routes without access: {', '.join(sorted(silent))}")


def find_staff() -> SignedIn | None:
    """The signed-in member of staff, or None."""
    return cast(SignedIn, current_user) if current_user.is_authenticated else None


def get_staff() -> SignedIn:
    """The signed-in member of staff; 403 where there is none (the gate comes first)."""
    return find_staff() or abort(403)


def _load(session_id: str) -> SignedIn | None:
    number, _dot, version = session_id.partition(".")
    if not (number.isdigit() and version.isdigit()):
        return None
    staff = db.session.get(Staff, int(number))
    if staff is None or not staff.active or staff.session_version != int(version):
        return None
    return SignedIn(staff)


def _gate() -> ResponseReturnValue | None:
    """Let a request in by its role, then by its CSRF token: who is signed out hears that, not of a stale form."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = access_of(current_app.view_functions[request.endpoint])
    if access is None:
        abort(403)
    if access != PUBLIC:
        staff = find_staff()
        if staff is None:
            return _to_sign_in()
        if not staff.role.includes(Role(access)):
            abort(403)
        g.hall_id = staff.hall_id
    csrf.protect(apply_exemptions=True)
    return None


def _to_sign_in() -> ResponseReturnValue:
    if wants_json():
        return error_answer(401, "signed_out", _("Signed out"), _("Your session has ended. Please sign in again."))
    asked = request.full_path.rstrip("?") if request.method == "GET" else None  # only a page can be gone back to
    return redirect(url_for("accounts.sign_in", next=asked), 303)
