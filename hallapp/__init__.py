"""hallapp: visitor management for exhibition halls: bookings, passes, the front desk, and reports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from hallapp.settings import Settings


def create_app(settings: "Settings | None" = None, *, static: "Path | None" = None) -> "Flask":
    """Wire the rooms to one application; `static` is the folder of its static files, where that is another one.

    Raises:
        SettingsError: where an environment variable cannot be used.
    """
    # Imported here, so that the process which reads spreadsheets starts without the application.
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from hallapp import cli
    from hallapp.core import addresses, database, i18n, logs, overload, public_pages, static_files, web
    from hallapp.settings import ROOT, Settings

    settings = settings or Settings.from_environ()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True},  # a database that was restarted costs no request
        RATE_LIMITS=settings.rate_limits,
        MAX_CONTENT_LENGTH=web.MAX_BODY_BYTES,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_NAME=web.cookie_name("session", secure=settings.secure),
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,  # the gate checks it, after the role
        WTF_CSRF_SSL_STRICT=False,  # the pages with a key in their address send no referrer
    )
    static_files.init_app(app, static or ROOT / "static")
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = overload.Relief(app.wsgi_app, secure=settings.secure)  # type: ignore[method-assign]
    logs.init_app(app, log_format=settings.log_format)
    database.init_app(app)
    i18n.init_app(app)
    web.init_app(app)
    addresses.init_app(app)
    public_pages.init_app(app)
    _open_rooms(app)
    cli.init_app(app)
    return app


def _open_rooms(app: "Flask") -> None:
    from hallapp.accounts import routes as accounts
    from hallapp.accounts import session
    from hallapp.admin.audit import routes as audit
    from hallapp.admin.bookings import routes as bookings
    from hallapp.admin.calendar import routes as calendar
    from hallapp.admin.feedback import routes as feedback_admin
    from hallapp.admin.messages import routes as messages
    from hallapp.admin.outbox import routes as outbox
    from hallapp.admin.setup import routes as setup
    from hallapp.admin.staff import routes as staff_admin
    from hallapp.badges import routes as badges
    from hallapp.booking import routes as booking
    from hallapp.desk import routes as desk
    from hallapp.devices import routes as devices
    from hallapp.devices import web as devices_web
    from hallapp.feedback import routes as feedback
    from hallapp.front import routes as home
    from hallapp.guides import routes as guides
    from hallapp.history import routes as history
    from hallapp.kiosk import routes as kiosk
    from hallapp.messages import telling
    from hallapp.namelist import routes as namelist
    from hallapp.paper import routes as paper
    from hallapp.passes import routes as passes
    from hallapp.presence import routes as presence
    from hallapp.reports import open_routes as open_data
    from hallapp.reports import picture_routes as pictures
    from hallapp.reports import routes as reports
    from hallapp.reports.closing import routes as closing
    from hallapp.reports.drilldown import routes as behind
    from hallapp.reports.lists import routes as exports
    from hallapp.reports.mailing import routes as mailing
    from hallapp.schedule import routes as schedule
    from hallapp.schedule import web as halls
    from hallapp.screen import routes as screen

    session.init_app(app)
    halls.init_app(app)
    devices_web.init_app(app)
    telling.listen()
    for room in (
        home,
        accounts,
        schedule,
        booking,
        guides,
        namelist,
        passes,
        desk,
        presence,
        badges,
        paper,
        reports,
        closing,
        behind,
        history,
        exports,
        mailing,
        open_data,
        pictures,
        devices,
        kiosk,
        screen,
        setup,
        calendar,
        bookings,
        staff_admin,
        audit,
        messages,
        outbox,
        feedback,
        feedback_admin,
    ):
        app.register_blueprint(room.blueprint)
    session.check_access(app)
