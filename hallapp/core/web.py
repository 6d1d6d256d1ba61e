"""What every response shares: request id, security headers, the pages of errors, health, and template helpers."""

import re
import secrets

from flask import Blueprint, Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound, SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

from hallapp.core import formats, i18n
from hallapp.core.access import public
from hallapp.core.database import db
from hallapp.core.errors import DomainError
from hallapp.core.logs import log

csrf = CSRFProtect()
health = Blueprint("health", __name__)
MAX_BODY_BYTES = 1024 * 1024
_REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")


def init_app(app: Flask) -> None:
    """Wire request ids, headers, error pages, CSRF and the template helpers."""
    csrf.init_app(app)
    app.before_request(_prepare)
    app.after_request(_headers)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(NoResultFound, lambda _error: _http_error(NotFound()))
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unknown_error)
    app.jinja_env.globals.update(formats=formats, nonce=lambda: g.nonce)
    app.jinja_env.filters.update(number=formats.number, reference=formats.reference)
    app.register_blueprint(health)


def wants_json() -> bool:
    """Whether the caller is a program: it sent JSON or prefers JSON to a page."""
    return request.is_json or request.accept_mimetypes.best_match(["text/html", "application/json"]) == (
        "application/json"
    )


def allow_wasm() -> None:
    """Let this one page compile WebAssembly (the camera's QR reader)."""
    g.csp_script = "'wasm-unsafe-eval'"


def error_answer(status: int, code: str, title: str, message: str) -> ResponseReturnValue:
    """A refusal as a page for people or as JSON for programs."""
    if wants_json():
        return jsonify(outcome="refused", reason=code, message=message), status
    return render_template("core/error.html", title=title, message=message, status=status), status


def _prepare() -> None:
    sent = request.headers.get("X-Request-ID", "")
    g.request_id = sent if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
    g.nonce = secrets.token_urlsafe(16)
    g.secure = request.is_secure


def _headers(response: Response) -> Response:
    nonce = g.get("nonce", "")
    headers = response.headers
    headers["X-Request-ID"] = g.get("request_id", "-")
    headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
        f"manifest-src 'self'; worker-src 'self'; script-src 'self' 'nonce-{nonce}' {g.get('csp_script', '')}; "
        f"style-src 'self' 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer" if request.path.startswith(("/visits/", "/t/", "/T/")) else "same-origin"
    headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def _domain_error(error: DomainError) -> ResponseReturnValue:
    return error_answer(error.status, error.code, _("That did not work"), i18n.translate(error))


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    message = _("This page was open for too long or in another window. Reload it and try again.")
    return error_answer(400, "csrf", _("Please try again"), message)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    titles = {
        400: (_("Please try again"), _("The address or the form could not be read.")),
        403: (_("Not for this account"), _("Your account may not open this page. Ask your manager.")),
        404: (_("Not found"), _("There is nothing at this address. Check the link, or start from the first page.")),
        405: (_("Not found"), _("This address does not take that kind of request.")),
        413: (_("Too large"), _("What was sent is larger than this page accepts.")),
        415: (_("Please try again"), _("The address or the form could not be read.")),
        429: (_("Please wait"), _("Too many attempts. Please wait a few minutes and try again.")),
    }
    title, message = titles.get(
        error.code or 500, (_("Something went wrong"), _("This is our mistake. Please try again."))
    )
    return error_answer(error.code or 500, (error.name or "error").lower().replace(" ", "_"), title, message)


def _unknown_error(error: Exception) -> ResponseReturnValue:
    log.error("unexpected error", exc_info=error)
    db.session.rollback()
    return _http_error(InternalServerError())


@health.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The database answers and stands at the newest migration."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from flask import current_app

    try:
        db.session.execute(text("SELECT 1"))
        found = MigrationContext.configure(db.session.connection()).get_current_revision()
    except SQLAlchemyError:
        return jsonify(status="unavailable", reason="database"), 503
    wanted = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    if found != wanted:
        return jsonify(status="unavailable", reason="not_migrated"), 503
    return jsonify(status="ok")
