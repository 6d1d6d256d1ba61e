"""Common parts of all responses: request id, security headers, error pages, health checks, template helpers."""

import contextlib
import errno
import ipaddress
import re
import secrets
import time
from datetime import timedelta

from flask import Blueprint, Flask, abort, current_app, g, jsonify, make_response, render_template, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, bytes_to_int
from markupsafe import Markup, escape
from sqlalchemy.exc import DBAPIError, NoResultFound, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError, NotFound, ServiceUnavailable

from hallapp.core import formats, i18n, readiness
from hallapp.core.database import DatabaseAway, db, is_away
from hallapp.core.errors import DomainError
from hallapp.core.headers import security_headers
from hallapp.core.i18n import gettext as _
from hallapp.core.logs import log
from hallapp.core.web import filesets, problems
from hallapp.core.web.access import PUBLIC, access_of, open_in_draft, public

csrf = CSRFProtect()
health = Blueprint("health", __name__)
MAX_BODY_BYTES = 1024 * 1024
#: The cookie of a session in use is written again at most once in this time, not with every answer.
PROLONGED_EVERY = timedelta(minutes=5)
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
#: Addresses that contain a key.
KEY_PATHS = (
    "/visits/",
    "/t/",
    "/T/",
    "/b/",
    "/B/",
    "/invitations/",
    "/devices/",
    "/feedback/",
    "/shared/",
    "/talk/",
    "/join/",
    "/calendars/",
    "/talk-calendars/",
)
_REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")


class _Sessions(SecureCookieSessionInterface):
    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the serializer of session cookies, made once: the keys stay the same as long as the process runs."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Leave files that everybody's cache may keep without a cookie: it would be kept with them."""
        if not response.cache_control.public:
            super().save_session(app, session, response)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Prolong a session on actions of a person, once in a few minutes, not on requests that a page sends by itself.

        Such an answer, under way while its person signs out, would bring the session back that has just ended.
        """
        if session.modified or is_fetched_by_itself() or not super().should_set_cookie(app, session):
            return session.modified
        if app.config.get("SECRET_KEY_FALLBACKS"):  # the cookie may be signed with a key that is about to go
            return True
        return _signed_at(request.cookies.get(self.get_cookie_name(app), "")) < time.time() - PROLONGED_EVERY.seconds


def _signed_at(cookie: str) -> int:
    """Return when a session's cookie was signed, in seconds since 1970; its signature has been checked before."""
    parts = cookie.rsplit(".", 2)
    return bytes_to_int(base64_decode(parts[-2])) if len(parts) > 1 else 0


def init_app(app: Flask) -> None:
    """Wire request ids, headers, error pages, CSRF and the template helpers."""
    app.session_interface = _Sessions()
    app.before_request(_prepare)
    csrf.init_app(app)
    app.after_request(_headers)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(NoResultFound, lambda _error: http_error(NotFound()))
    for conflict in (StaleDataError, ObjectDeletedError):
        app.register_error_handler(conflict, _just_changed)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, http_error)
    for trouble in (DBAPIError, PoolTimeout, DatabaseAway, OSError):
        app.register_error_handler(trouble, _not_now_or_unknown)
    app.register_error_handler(Exception, _unknown_error)
    app.jinja_env.globals.update(formats=formats, nonce=lambda: g.nonce, stale_form=stale_form, in_wechat=_in_wechat)
    app.jinja_env.globals.update(is_public_page=is_public_page, has_key_in_address=has_key_in_address)
    app.jinja_env.globals.update(region=i18n.region, country_name=i18n.country_name)
    app.jinja_env.filters.update(number=formats.number, reference=formats.reference, tel=_tel)
    filesets.init_app(app)
    app.register_blueprint(health)


def _tel(shown: str, number: str = "") -> Markup:
    """Return a telephone number as a link that a phone dials; `number` where it is shown in another form."""
    dialled = re.sub(r"[^0-9+]", "", number or shown)
    return Markup('<a class="number" href="tel:{}">{}</a>').format(dialled, shown) if dialled else escape(shown)


def _in_wechat() -> bool:
    """Return whether the page is shown in WeChat, whose browser opens no PDF and no calendar file."""
    return "MicroMessenger" in request.headers.get("User-Agent", "")


def is_public_page() -> bool:
    """Return whether this page is for everybody; a page about an unknown address is."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view is None or access_of(view) == PUBLIC


def private(content: str | bytes | Response, status: int | None = None) -> Response:
    """Return an answer for one person or for the staff, such as names and phone numbers, that no cache keeps."""
    response = make_response(content) if status is None else make_response(content, status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def has_key_in_address() -> bool:
    """Return whether the address of this page holds a key, so that it belongs to one group or person."""
    return request.path.startswith(KEY_PATHS)


def cookie_name(name: str, *, secure: bool) -> str:
    """Return the name of a cookie: over HTTPS with the prefix by which browsers hold it to this host alone."""
    return f"__Host-{name}" if secure else name


def read_cookie(name: str) -> str:
    """Return the value that `keep_cookie` stored in this browser; empty where there is none."""
    return request.cookies.get(cookie_name(name, secure=current_app.config["SESSION_COOKIE_SECURE"]), "")


def keep_cookie(response: Response, name: str, value: str, *, seconds: int) -> Response:
    """Store a signed value in the browser, out of reach of scripts, of other sites and of other hosts."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        cookie_name(name, secure=secure),
        value,
        max_age=seconds,
        samesite="Lax",
        httponly=True,
        secure=secure or g.get("secure", False),
    )
    return response


def wants_json() -> bool:
    """Return whether the caller is a program: it sent JSON or prefers JSON to a page."""
    return request.is_json or request.accept_mimetypes.best_match(["text/html", "application/json"]) == (
        "application/json"
    )


def is_fetched_by_itself() -> bool:
    """Return whether a page sends this request by itself, so that it does not show activity of a person."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def allow_wasm() -> None:
    """Let this one page compile WebAssembly (the camera's QR reader)."""
    g.csp_script = "'wasm-unsafe-eval'"


def allow_stream(origin: str) -> None:
    """Let this one page play a stream of another host."""
    g.csp_stream = origin


def allow_frame(origin: str) -> None:
    """Let this one page show a page of another host in a frame."""
    g.csp_frame = origin


def client_network() -> str:
    """Return the network by which a limit counts: an IPv4 address, or an IPv6 client's /64 network.

    The address is the one that trusted proxies (`HALL_PROXIES`) forward, else that of the peer.
    """
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address), 64), strict=False))


def client_wide_network() -> str:
    """Return the network within which a client can change its address: an IPv4 /24, or an IPv6 /48."""
    network = client_network()
    if network == "unknown":
        return network
    address = ipaddress.ip_network(network, strict=False)
    return str(address.supernet(new_prefix=24 if address.version == 4 else 48))


def stale_form() -> str:
    """Return why a form's token was refused: it is too old, or came without its cookie."""
    if _has_session():
        return _("This page was open for too long. Nothing is lost: please submit it again.")
    return _(
        "Your browser sent no cookie with this form. Nothing is lost: please submit it again. If "
        "this message comes back, allow cookies for this site in the settings of your browser."
    )


def _has_session() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def error_answer(status: int, code: str, title: str, message: str, *, field: str | None = None) -> ResponseReturnValue:
    """Return a refusal as a page for people or as JSON for programs; of the API with the field that it concerns."""
    if problems.are_expected():
        errors = [problems.FieldError(field=field, message=message)] if field else []
        return problems.answer(status, code, message, errors)
    if wants_json():
        return jsonify(outcome="refused", reason=code, message=message), status
    shown = {"title": title, "message": message}
    if g.get("without_database"):  # asking it again would mean waiting again
        return render_template("core/error_without_database.html", **shown), status
    try:
        return render_template("core/error.html", **shown), status
    except SQLAlchemyError:
        # The usual error page reads the signed-in person and the hall; this one needs no query.
        db.session.rollback()
        return render_template("core/error_without_database.html", **shown), status


def _prepare() -> None:
    # An id sent by a visitor could forge log entries; a proxy's id connects its log with this one.
    sent = request.headers.get("X-Request-ID", "") if current_app.config["SETTINGS"].proxies else ""
    if request.method == "HEAD":
        request.method = "GET"  # RFC 9110, 9.3.2: the same response without its body; so no view mistakes it for a POST
    g.request_id = sent if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
    g.nonce = secrets.token_urlsafe(16)
    g.secure = request.is_secure
    if "\0" in request.path:
        abort(404)  # PostgreSQL keeps no NUL, so no row has such a key


def _headers(response: Response) -> Response:
    secure = security_headers(
        secure=request.is_secure,
        nonce=g.get("nonce", ""),
        scripts=g.get("csp_script", ""),
        stream=g.get("csp_stream", ""),
        frame=g.get("csp_frame", ""),
        ancestors=g.get("frame_ancestors") or "'none'",
    )
    if request.path.startswith(KEY_PATHS):
        secure["Referrer-Policy"] = "no-referrer"
    response.headers.update(secure)
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _domain_error(error: DomainError) -> ResponseReturnValue:
    answer = make_response(
        error_answer(error.status, error.code, _("That did not work"), i18n.translate(error), field=error.field)
    )
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _just_changed(_error: Exception) -> ResponseReturnValue:
    """Answer that a row which this request read has been deleted by another one before it could change it."""
    db.session.rollback()
    message = _("Somebody else has just changed or deleted this. Open the page again to see how it is now.")
    return error_answer(409, "just_changed", _("That did not work"), message)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    message = (
        _("This page was open for too long or in another window. Reload it and try again.")
        if _has_session()
        else _("Your browser sent no cookie. Allow cookies for this site, reload the page and try again.")
    )
    return error_answer(400, "csrf", _("Please try again"), message)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Return the answer to an HTTP error. A handler of a blueprint returns this: raising again would answer 500."""
    status = error.code or 500
    # Without a host no page can build its addresses.
    if error.response is not None or status < 400 or isinstance(error, BadHost):
        return error.get_response()
    unreadable = (_("Please try again"), _("The address or the form could not be read."))
    texts = {
        403: (_("Not for this account"), _("Your account cannot open this page. Ask your manager.")),
        404: (_("Not found"), _("There is nothing at this address. Check the link, or start from the home page.")),
        405: (_("Not found"), _("This address does not take that kind of request.")),
        413: (_("Too large"), _("The submitted data is larger than this page accepts.")),
        429: (_("Please wait"), _("Too many attempts. Please try again later.")),
        503: (_("Please wait"), _("The service is not ready at the moment. Please try again in a minute.")),
    }
    wrong = (
        unreadable if status < 500 else (_("Something went wrong"), _("The problem is on our side. Please try again."))
    )
    title, message = texts.get(status, wrong)
    answer = make_response(error_answer(status, error.name.lower().replace(" ", "_"), title, message))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):  # a 405 must name the allowed methods: RFC 9110, 15.5.6
            answer.headers[name] = value
    return answer


def _not_now_or_unknown(error: Exception) -> ResponseReturnValue:
    """Answer 503 where the database or the disk cannot be used now; any other error is a mistake of ours."""
    away = is_away(error)
    if not away and not (isinstance(error, OSError) and error.errno in _DISK_ERRORS):
        return _unknown_error(error)
    cause = getattr(error, "orig", None) or error
    log.error("%s cannot be used now: %s", "the database" if away else "the disk", type(cause).__name__)
    with contextlib.suppress(SQLAlchemyError):
        db.session.rollback()
    g.without_database = True
    return http_error(ServiceUnavailable(retry_after=10))


def _unknown_error(error: Exception) -> ResponseReturnValue:
    log.error("unexpected error", exc_info=error)
    db.session.rollback()
    return http_error(InternalServerError())


@health.get("/readyz")
@public
@open_in_draft
def readyz() -> ResponseReturnValue:
    """The database answers, is migrated and writable, and this host has the service's key; else 503 with the reason."""
    reason = readiness.find_trouble()
    if reason:
        return jsonify(status="unavailable", reason=reason), 503
    return jsonify(status="ok")
