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
    from hallapp.core import database, embedded, error_reports, health, metrics, overload
    from hallapp.core.web import addresses, languages, public_pages, request_log, responses, static_files
    from hallapp.settings import ROOT, Settings

    settings = settings or Settings.from_environ()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    _configure(app, settings)
    static_files.init_app(app, static or ROOT / "static")
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    request_log.init_app(app, log_format=settings.log_format)
    error_reports.init(settings, request_log.describe)
    database.init_app(app)
    with app.app_context():
        embedded.protect()
    languages.init_app(app)
    busy = languages.in_each_language(app, "core/busy.html")
    relief = overload.Relief(app.wsgi_app, page=busy, secure=settings.secure, count=metrics.count_refusal)
    app.wsgi_app = health.Health(relief, secure=settings.secure)  # type: ignore[method-assign]
    responses.init_app(app)
    addresses.init_app(app)
    public_pages.init_app(app)
    _open_rooms(app)
    cli.init_app(app)
    return app


def _configure(app: "Flask", settings: "Settings") -> None:
    from hallapp.core import metrics
    from hallapp.core.web import responses

    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "poolclass": metrics.Pool,
            "pool_timeout": settings.connect_seconds + 5,
            "max_overflow": 10 + 3 * settings.jobs_at_once,  # the worker's threads, with their heartbeats
        },
        RATE_LIMITS=settings.rate_limits,
        MAX_CONTENT_LENGTH=responses.MAX_BODY_BYTES,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_NAME=responses.cookie_name("session", secure=settings.secure),
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,  # the gate checks it, after the role
        WTF_CSRF_SSL_STRICT=False,  # the pages with a key in their address send no referrer
    )


def _open_rooms(app: "Flask") -> None:
    from hallapp.accounts.web import routes as accounts
    from hallapp.accounts.web import session
    from hallapp.admin.audit.web import routes as audit
    from hallapp.admin.calendar.web import routes as calendar
    from hallapp.admin.setup.web import no_shows, origins, region
    from hallapp.admin.setup.web import routes as setup
    from hallapp.admin.tasks.web import routes as tasks
    from hallapp.admin.today.web import routes as today
    from hallapp.admin.web import settled
    from hallapp.alerts import service as alerts_service
    from hallapp.alerts.web import routes as alerts
    from hallapp.api.web import routes as api
    from hallapp.api.web import settings as api_keys
    from hallapp.badges.web import routes as badges
    from hallapp.booking.managing.web import resources
    from hallapp.booking.managing.web import routes as bookings
    from hallapp.booking.web import appeal
    from hallapp.booking.web import routes as booking
    from hallapp.categories.web import routes as categories
    from hallapp.certificates.web import routes as certificates
    from hallapp.delegations.web import routes as delegations
    from hallapp.desk.web import routes as desk
    from hallapp.devices.web import current_device as devices_web
    from hallapp.devices.web import routes as devices
    from hallapp.embed.web import routes as embed
    from hallapp.feedback.web import manager_routes as feedback_admin
    from hallapp.feedback.web import routes as feedback
    from hallapp.first_run.web import routes as first_run
    from hallapp.front.web import routes as home
    from hallapp.guides.web import routes as guides
    from hallapp.history.web import routes as history
    from hallapp.kinds import service as kinds_service
    from hallapp.kinds.web import current as current_kinds
    from hallapp.kinds.web import routes as kinds
    from hallapp.kiosk.web import routes as kiosk
    from hallapp.messages import organiser_messages
    from hallapp.messages.web import finding
    from hallapp.messages.web import routes as messages
    from hallapp.monitoring.web import routes as monitoring
    from hallapp.namelist.web import routes as namelist
    from hallapp.notifications.web import routes as outbox
    from hallapp.online.web import manager_routes as online_admin
    from hallapp.online.web import routes as online
    from hallapp.paper.web import routes as paper
    from hallapp.passes.web import routes as passes
    from hallapp.personal.web import own as own_data
    from hallapp.personal.web import people
    from hallapp.points.web import manage as points_admin
    from hallapp.points.web import mine as my_points
    from hallapp.points.web import setup as points_setup
    from hallapp.presence.web import routes as presence
    from hallapp.privacy.web import routes as privacy
    from hallapp.privacy.web import settings as privacy_settings
    from hallapp.profile.web import notice_routes as notices
    from hallapp.profile.web import routes as profile
    from hallapp.questions.web import routes as questions
    from hallapp.reports.closing.web import public_routes as verification
    from hallapp.reports.closing.web import routes as closing
    from hallapp.reports.drilldown.web import routes as drilldown
    from hallapp.reports.goals.web import routes as goals
    from hallapp.reports.lists.web import routes as exports
    from hallapp.reports.mailing.web import routes as mailing
    from hallapp.reports.network.web import routes as network
    from hallapp.reports.sharing.web import routes as sharing
    from hallapp.reports.web import open_routes as open_data
    from hallapp.reports.web import picture_routes as pictures
    from hallapp.reports.web import routes as reports
    from hallapp.schedule.web import current_hall as halls
    from hallapp.schedule.web import drafts
    from hallapp.schedule.web import routes as schedule
    from hallapp.screen.web import routes as screen
    from hallapp.signon.web import routes as sign_on
    from hallapp.staff.web import routes as staff_admin
    from hallapp.talks.web import guest as talks
    from hallapp.talks.web import host as my_talks
    from hallapp.talks.web import manager as talks_admin
    from hallapp.talks.web import office as hall_talks
    from hallapp.webhooks import events as webhook_events
    from hallapp.webhooks.web import routes as webhooks

    session.init_app(app)
    halls.init_app(app)
    drafts.init_app(app)
    devices_web.init_app(app)
    current_kinds.init_app(app)
    sign_on.init_app(app)
    kinds_service.listen()
    organiser_messages.listen()
    alerts_service.listen()
    webhook_events.listen()
    for room in (
        home,
        first_run,
        accounts,
        schedule,
        profile,
        notices,
        privacy,
        privacy_settings,
        categories,
        kinds,
        resources,
        questions,
        booking,
        appeal,
        guides,
        namelist,
        delegations,
        passes,
        certificates,
        desk,
        online,
        online_admin,
        presence,
        badges,
        paper,
        own_data,
        people,
        talks,
        my_talks,
        talks_admin,
        hall_talks,
        my_points,
        points_admin,
        points_setup,
        reports,
        closing,
        verification,
        drilldown,
        history,
        exports,
        mailing,
        goals,
        network,
        sharing,
        open_data,
        pictures,
        devices,
        kiosk,
        screen,
        setup,
        origins,
        no_shows,
        region,
        calendar,
        bookings,
        staff_admin,
        audit,
        messages,
        finding,
        outbox,
        alerts,
        feedback,
        feedback_admin,
        tasks,
        monitoring,
        today,
        settled,
        api_keys,
        sign_on,
        webhooks,
        embed,
    ):
        app.register_blueprint(room.blueprint)
    api.init_app(app)
    session.check_access(app)
