"""Who may do what: every route and method, for every role, against a table written by hand."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from zlib import crc32

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.accounts.roles import Permission, Role
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.web.access import PUBLIC, access_of
from tests import factories
from tests.admin.routes import OF_ADMIN
from tests.api.table import OF_KEYS
from tests.booking.routes import OF_BOOKINGS
from tests.conftest import PROFILE

ALL = "all"
FORMS = "<any(json,csv,xlsx,pdf):form>"
OPEN = "<any(csv,json):form>"
PICTURES = '<any("map","map-share","ranking","trend","calendar","week","programmes","kinds"):name>.<any(png,svg):form>'

#: The permission that each route asks for; which role has it, `tests/accounts/test_roles.py` says by hand.
TABLE = {
    **OF_ADMIN,
    **OF_BOOKINGS,
    ("GET", "/"): ALL,
    ("GET", "/logo"): ALL,
    ("GET", "/icons/<digest>/<int:size>.png"): ALL,
    ("GET", "/site.webmanifest"): ALL,
    ("GET", "/robots.txt"): ALL,
    ("GET", "/sitemap.xml"): ALL,
    ("GET", "/pictures/<digest>/<int:width>.<any(webp,jpg):kind>"): ALL,
    ("GET", "/first-run"): ALL,
    ("POST", "/first-run"): ALL,
    ("GET", "/first-run/<any(country,hall,opening,account):name>"): ALL,
    ("POST", "/first-run/<any(country,hall,opening,account):name>"): ALL,
    ("GET", "/book"): ALL,
    ("POST", "/book"): ALL,
    ("GET", "/book/times"): ALL,
    ("GET", "/book/line"): ALL,
    ("GET", "/visits/<key>"): ALL,
    ("GET", "/visits/<key>/change"): ALL,
    ("POST", "/visits/<key>/change"): ALL,
    ("POST", "/visits/<key>/take"): ALL,
    ("POST", "/visits/<key>/cancel"): ALL,
    ("POST", "/visits/<key>/move-parts"): ALL,
    ("POST", "/visits/<key>/code"): ALL,
    ("POST", "/visits/<key>/code/again"): ALL,
    ("GET", "/visits/<key>/appeal"): ALL,
    ("POST", "/visits/<key>/appeal"): ALL,
    ("GET", "/visits/<key>/link"): ALL,
    ("POST", "/visits/<key>/link"): ALL,
    ("GET", "/visits/<key>/data"): ALL,
    ("POST", "/visits/<key>/data/code"): ALL,
    ("POST", "/visits/<key>/data/open"): ALL,
    ("POST", "/visits/<key>/data/export"): ALL,
    ("POST", "/visits/<key>/data/erase"): ALL,
    ("GET", "/privacy"): ALL,
    ("GET", "/privacy/<digest>"): ALL,
    ("GET", "/visits/<key>/pass"): ALL,
    ("GET", "/visits/<key>/pass.pdf"): ALL,
    ("GET", "/visits/<key>/pass.png"): ALL,
    ("GET", "/verify"): ALL,
    ("GET", "/verify/<typed>"): ALL,
    ("GET", "/find"): ALL,
    ("POST", "/find"): ALL,
    ("GET", "/visits/<key>/pass/reissue"): ALL,
    ("POST", "/visits/<key>/pass/reissue"): ALL,
    ("GET", "/visits/<key>/visit.ics"): ALL,
    ("GET", "/visits/<key>/delegation"): ALL,
    ("POST", "/visits/<key>/delegation"): ALL,
    ("GET", "/talks"): ALL,
    ("GET", "/talks/book"): ALL,
    ("POST", "/talks/book"): ALL,
    ("GET", "/talk/<key>"): ALL,
    ("GET", "/talk/<key>/talk.ics"): ALL,
    ("POST", "/talk/<key>/cancel"): ALL,
    ("POST", "/talk/<key>/erase"): ALL,
    ("POST", "/talk/<key>/note"): ALL,
    ("POST", "/talk/<key>/feedback"): ALL,
    ("GET", "/my-talks"): Permission.OWN_GROUPS,
    ("GET", "/my-talks/<number>/talk.ics"): Permission.OWN_GROUPS,
    ("POST", "/my-talks/<number>/note"): Permission.OWN_GROUPS,
    ("POST", "/my-talks/<number>/held"): Permission.OWN_GROUPS,
    ("POST", "/my-talks/<number>/missed"): Permission.OWN_GROUPS,
    ("POST", "/my-talks/<number>/cancel"): Permission.OWN_GROUPS,
    ("POST", "/my-talks/calendar"): Permission.OWN_GROUPS,
    ("POST", "/my-talks/calendar/withdraw"): Permission.OWN_GROUPS,
    ("GET", "/talk-calendars/<number>/<token>.ics"): ALL,
    ("GET", "/reports/talks"): Permission.REPORTS_READ,
    ("GET", "/my-points"): Permission.POINTS_OWN,
    ("GET", "/my-points/<quarter:quarter>"): Permission.POINTS_OWN,
    ("POST", "/my-points/<quarter:quarter>/appeals/<code>"): Permission.POINTS_OWN,
    ("POST", "/my-points/<quarter:quarter>/entries"): Permission.POINTS_OWN,
    ("GET", "/visits/<key>/certificate"): ALL,
    ("POST", "/visits/<key>/certificate"): ALL,
    ("GET", "/visits/<key>/certificate.pdf"): ALL,
    ("GET", "/certificates"): ALL,
    ("GET", "/c/<code>"): ALL,
    ("GET", "/C/<code>"): ALL,
    ("GET", "/visits/<key>/names"): ALL,
    ("POST", "/visits/<key>/names"): ALL,
    ("POST", "/visits/<key>/names/read"): ALL,
    ("POST", "/visits/<key>/names/clear"): ALL,
    ("GET", "/visits/<key>/names/template.xlsx"): ALL,
    ("GET", "/t/<code>"): ALL,
    ("GET", "/T/<code>"): ALL,
    ("GET", "/b/<code>"): ALL,
    ("GET", "/B/<code>"): ALL,
    ("GET", "/sign-in"): ALL,
    ("POST", "/sign-in"): ALL,
    ("POST", "/sign-out"): ALL,
    ("GET", "/sign-in/code"): ALL,
    ("POST", "/sign-in/code"): ALL,
    ("POST", "/sign-on/<number>"): ALL,
    ("GET", "/sign-on/<number>/back"): ALL,
    ("GET", "/sign-on/<number>/signed-out"): ALL,
    ("POST", "/invitations/<token>/sign-on/<number>"): ALL,
    ("GET", "/account/sign-on"): Permission.OWN_ACCOUNT,
    ("POST", "/account/sign-on/<number>"): Permission.OWN_ACCOUNT,
    ("POST", "/account/sign-on/<number>/disconnect"): Permission.OWN_ACCOUNT,
    ("GET", "/invitations/<token>"): ALL,
    ("POST", "/invitations/<token>"): ALL,
    ("GET", "/account"): Permission.OWN_ACCOUNT,
    ("POST", "/account"): Permission.OWN_ACCOUNT,
    ("GET", "/account/password"): Permission.OWN_ACCOUNT,
    ("POST", "/account/password"): Permission.OWN_ACCOUNT,
    ("GET", "/account/two-step"): Permission.OWN_ACCOUNT,
    ("POST", "/account/two-step"): Permission.OWN_ACCOUNT,
    ("POST", "/account/two-step/recovery-codes"): Permission.OWN_ACCOUNT,
    ("POST", "/account/two-step/off"): Permission.OWN_ACCOUNT,
    ("POST", "/account/sessions/<number>/end"): Permission.OWN_ACCOUNT,
    ("POST", "/account/sessions/end-others"): Permission.OWN_ACCOUNT,
    ("POST", "/account/sign-out-everywhere"): Permission.OWN_ACCOUNT,
    ("GET", "/readyz"): ALL,
    ("GET", "/metrics"): ALL,  # to this machine or with a token: tests/monitoring/test_access.py
    ("GET", "/calendars/<number>/<token>.ics"): ALL,
    ("GET", "/guide/calendar"): Permission.OWN_GROUPS,
    ("POST", "/guide/calendar"): Permission.OWN_GROUPS,
    ("POST", "/guide/calendar/withdraw"): Permission.OWN_GROUPS,
    ("GET", "/embed/availability"): ALL,
    ("GET", "/embed/book"): ALL,
    ("GET", "/today"): Permission.DESK_ADMIT,
    ("GET", "/desk"): Permission.DESK_ADMIT,
    ("GET", "/desk/pulse"): Permission.DESK_ADMIT,
    ("POST", "/desk/lookup"): Permission.DESK_ADMIT,
    ("POST", "/desk/arrivals"): Permission.DESK_ADMIT,
    ("POST", "/desk/arrivals/<uuid:event_id>/take-back"): Permission.DESK_ADMIT,
    ("POST", "/desk/walk-ins"): Permission.DESK_ADMIT,
    ("POST", "/desk/arrivals/batch"): Permission.DESK_ADMIT,
    ("GET", "/desk/snapshot"): Permission.DESK_ADMIT,
    ("GET", "/desk/shell"): Permission.DESK_ADMIT,
    ("GET", "/desk/sw.js"): ALL,
    ("GET", "/desk/manifest.webmanifest"): ALL,
    ("POST", "/desk/notes"): Permission.DESK_ADMIT,
    ("GET", "/desk/conflicts"): Permission.DESK_OVERRIDE,
    ("POST", "/desk/conflicts/<uuid:event_id>/settle"): Permission.DESK_OVERRIDE,
    ("GET", "/desk/inside.json"): Permission.DESK_ADMIT,
    ("GET", "/desk/flow"): Permission.DESK_ADMIT,
    ("GET", "/desk/muster"): Permission.DESK_ADMIT,
    ("POST", "/desk/departures"): Permission.DESK_ADMIT,
    ("POST", "/desk/departures/<uuid:event_id>/take-back"): Permission.DESK_ADMIT,
    ("GET", "/devices/<token>"): ALL,
    ("GET", "/kiosk"): Permission.DESK_ADMIT,
    ("GET", "/kiosk/shell"): Permission.DESK_ADMIT,
    ("GET", "/kiosk/sw.js"): ALL,
    ("POST", "/kiosk/look-up"): Permission.DESK_ADMIT,
    ("POST", "/kiosk/arrivals"): Permission.DESK_ADMIT,
    ("GET", "/screen"): Permission.DESK_ADMIT,
    ("GET", "/screen.json"): Permission.DESK_ADMIT,
    ("GET", "/desk/badges"): Permission.DESK_ADMIT,
    ("POST", "/desk/badges"): Permission.DESK_ADMIT,
    ("GET", "/desk/paper"): Permission.DESK_ADMIT,
    ("GET", "/desk/paper/enter"): Permission.DESK_ADMIT,
    ("POST", "/desk/paper/enter"): Permission.DESK_ADMIT,
    ("GET", "/reports"): Permission.REPORTS_READ,
    ("GET", "/reports/range"): Permission.REPORTS_READ,
    ("GET", "/reports/<period:period>"): Permission.REPORTS_READ,
    ("GET", f"/reports/<period:period>.{FORMS}"): Permission.REPORTS_READ,
    ("GET", f"/reports/<period:period>/pictures/{PICTURES}"): Permission.REPORTS_READ,
    ("GET", f"/reports/<period:period>/open.{OPEN}"): Permission.REPORTS_READ,
    ("GET", "/reports/<period:period>/close"): Permission.REPORTS_CLOSE,
    ("POST", "/reports/<period:period>/close"): Permission.REPORTS_CLOSE,
    ("GET", "/reports/close"): Permission.REPORTS_CLOSE,
    ("POST", "/reports/close"): Permission.REPORTS_CLOSE,
    ("GET", "/reports/<period:period>/reopen"): Permission.REPORTS_REOPEN,
    ("POST", "/reports/<period:period>/reopen"): Permission.REPORTS_REOPEN,
    ("GET", "/reports/<period:period>/versions"): Permission.REPORTS_READ,
    ("GET", "/reports/<period:period>/versions/<number>"): Permission.REPORTS_READ,
    ("GET", f"/reports/<period:period>/versions/<number>.{FORMS}"): Permission.REPORTS_READ,
    ("GET", "/reports/verify"): Permission.REPORTS_READ,
    ("GET", "/reports/<period:period>/arrivals"): Permission.REPORTS_TRACE,
    ("GET", "/reports/<period:period>/bookings"): Permission.REPORTS_TRACE,
    ("GET", "/reports/entries/<uuid:event_id>"): Permission.REPORTS_TRACE,
    ("POST", "/reports/entries/<uuid:event_id>/take-back"): Permission.REPORTS_TRACE,
    ("GET", "/reports/history"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history"): Permission.REPORTS_IMPORT,
    ("GET", "/reports/history/template.xlsx"): Permission.REPORTS_IMPORT,
    ("GET", "/reports/history/<number>"): Permission.REPORTS_IMPORT,
    ("GET", "/reports/history/<number>.json"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/<number>/sheet"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/<number>/columns"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/<number>/ask-again"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/<number>/answer"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/<number>/settle"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/<number>/count"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/<number>/again"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/<number>/discard"): Permission.REPORTS_IMPORT,
    ("GET", "/reports/history/imports/<number>"): Permission.REPORTS_IMPORT,
    ("POST", "/reports/history/imports/<number>/withdraw"): Permission.REPORTS_IMPORT,
    ("GET", "/reports/exports"): Permission.BOOKINGS_EXPORT,
    ("POST", "/reports/exports"): Permission.BOOKINGS_EXPORT,
    ("GET", "/reports/exports.json"): Permission.BOOKINGS_EXPORT,
    ("GET", "/reports/exports/<number>/file"): Permission.BOOKINGS_EXPORT,
    ("POST", "/reports/exports/<number>/again"): Permission.BOOKINGS_EXPORT,
    ("POST", "/reports/exports/<number>/delete"): Permission.BOOKINGS_EXPORT,
    ("GET", "/network"): Permission.REPORTS_READ,
    ("GET", "/network/<period:period>"): Permission.REPORTS_READ,
    ("GET", "/network/<period:period>.<any(csv,pdf):form>"): Permission.REPORTS_READ,
    ("GET", "/reports/links"): Permission.REPORTS_SEND,
    ("POST", "/reports/links"): Permission.REPORTS_SEND,
    ("POST", "/reports/links/<digest>/revoke"): Permission.REPORTS_SEND,
    ("GET", "/shared/<token>"): ALL,
    ("GET", "/shared/<token>.pdf"): ALL,
    ("GET", "/reports/goals"): Permission.SETTINGS_CHANGE,
    ("POST", "/reports/goals"): Permission.SETTINGS_CHANGE,
    ("GET", "/reports/mailing"): Permission.REPORTS_SEND,
    ("POST", "/reports/mailing"): Permission.REPORTS_SEND,
    ("POST", "/reports/mailing/single"): Permission.REPORTS_SEND,
    ("POST", "/reports/mailing/recipients"): Permission.REPORTS_SEND,
    ("POST", "/reports/mailing/recipients/<number>/delete"): Permission.REPORTS_SEND,
    ("POST", "/reports/mailing/recipients/<number>/test"): Permission.REPORTS_SEND,
    ("GET", "/gate"): Permission.GATE_READ,
    ("GET", "/api/v1/openapi.json"): ALL,
    ("GET", "/api/v1/docs"): ALL,
    ("GET", "/reports/<period:period>/sheet"): Permission.REPORTS_READ,
    ("GET", "/reports/<period:period>/sheet.xlsx"): Permission.REPORTS_READ,
    ("GET", "/guide"): Permission.OWN_GROUPS,
    ("GET", "/visits/<key>/join"): ALL,
    ("GET", "/join/<code>"): ALL,
    ("GET", "/join/<code>/programme.ics"): ALL,
    ("POST", "/join/<code>"): ALL,
    ("POST", "/join/<code>/questions"): ALL,
    ("POST", "/online/beat"): ALL,
    ("GET", "/feedback/<key>"): ALL,
    ("POST", "/feedback/<key>"): ALL,
    ("GET", "/desk/feedback/<reference>"): Permission.DESK_ADMIT,
    ("GET", "/guide/feedback"): Permission.OWN_GROUPS,
}

#: Routes whose form checks its token itself, so that a stale one loses nothing that was typed.
CHECK_THEIR_OWN_TOKEN = {
    "/admin/online/<int(max=2147483647):slot_id>/list",
    "/visits/<key>/appeal",
    *("/book", "/visits/<key>/change", "/visits/<key>/names", "/bookings/new"),
    "/visits/<key>/names/read",  # keeps nothing
    "/reports/history",  # only there it is known how much is taken in
    "/admin/pictures/<place>",  # likewise
}

#: Routes that lead to the sign-in page by design, and those after which the next request finds no session.
FIRST_RUN = "/first-run/<any(country,hall,opening,account):name>"
LEAD_TO_SIGN_IN = {"/sign-out", "/sign-in/code", "/account/sign-out-everywhere", "/first-run", FIRST_RUN}
LEAD_TO_SIGN_IN |= {"/sign-on/<number>/back", "/sign-on/<number>/signed-out"}
END_THE_SESSION = {"/account/sign-out-everywhere"}

_ARGUMENTS = {
    "<any(country,hall,opening,account):name>": "hall",
    "<typed>": "0123456789abcdef",
    "<event_id>": "evt_0123456789abcdef",
    "<first>": "2026-11-25",
    "<last>": "2026-11-26",
    "<reference>": "K7M29QXT",
    "<key>": "no-such-key",
    "<token>": "no-such-link",
    "<number>": "1",
    "<provider>": "1",
    "<kind>": "reminder",
    "<language>": "zh",
    "<channel>": "email",
    "<slug>": "no-such-programme",
    "<code>": "NOSUCHCODE",
    "<path:filename>": "icon.svg",
    "<version>": "000000000000",
    "<uuid:event_id>": "7f2b6c1e-9d0a-4f5b-8c3d-2e1f0a9b8c7d",
    "<month:period>": "2026-11",
    "<period:period>": "2026-11",
    "<quarter:quarter>": "2026-Q4",
    "<day:day>": "2026-11-25",
    "<week:monday>": "2026-W48",
    "<leave>": "1",
    "<int(max=2147483647):slot_id>": "1",
    "<year:period>": "2026",
    FORMS: "csv",
    PICTURES: "trend.svg",
    OPEN: "csv",
    "<period>": "2026-11",
    "<place>": "map",
    "<digest>": "0" * 64,
    "<int:width>": "640",
    "<int:size>": "192",
    "<any(webp,jpg):kind>": "webp",
    "<any(csv,pdf):form>": "csv",
    "<any(xlsx,pdf):form>": "xlsx",
}

READS, ACTS = ([rule for method, rule in TABLE if method == wanted] for wanted in ("GET", "POST"))


def path_of(rule: str) -> str:
    for argument, value in _ARGUMENTS.items():
        rule = rule.replace(argument, value)
    return rule


EVERYBODY: tuple[Role | None, ...] = (None, *Role)  # None: a browser that nobody is signed in at


def may_open(role: Role | None, method: str, rule: str) -> bool:
    needed = TABLE[method, rule]
    return needed == ALL or (role is not None and role.may(Permission(needed)))


def browsers_of(app: Flask, roles: Sequence[Role | None] = EVERYBODY) -> Iterator[tuple[Role | None, FlaskClient]]:
    """A browser for each role of one hall, whose first person is a guide: the one whose number is in the addresses.

    The hall is new: to close all months since 2017 takes a hundred times as long as any other act.
    """
    opened_on = min(date(2026, 10, 1), clock.today("Asia/Shanghai") - timedelta(days=100))
    with transaction():
        hall = factories.hall(opened_on=opened_on)
        people = {role: factories.staff(hall=hall, role=role) for role in Role if role in (Role.GUIDE, *roles)}
    for role in roles:
        client = app.test_client()
        if role:
            client.sign_in(people[role])
        yield role, client


def send(client: FlaskClient, method: str, rule: str, *, accept: str, token: bool = True) -> TestResponse:
    if method == "POST" and (not client.csrf_token or rule in LEAD_TO_SIGN_IN):  # these start sessions and tokens anew
        client.get("/no-such-page")  # every page gives the token
    headers = {"Accept": accept, "X-CSRFToken": client.csrf_token if token else ""}
    return client.open(path_of(rule), method=method, headers=headers)


def roles_tried(method: str, rule: str) -> Sequence[Role | None]:
    """The roles that send a request: nobody, one that may not, and one that may or, as pages differ, all of those.

    The table and the roles decide who may (`test_views_name_the_permissions_of_the_table`), so that in CI other roles
    are refused other rules; at night each one is tried with each.
    """
    if PROFILE == "nightly":
        return EVERYBODY
    may = [role for role in Role if may_open(role, method, rule)]
    may_not = [role for role in Role if role not in may]
    turn = crc32(rule.encode())
    return (None, *(may if method == "GET" else one_of(may, turn)), *one_of(may_not, turn))


def one_of(roles: Sequence[Role], turn: int) -> Sequence[Role]:
    return roles and [roles[turn % len(roles)]]


def test_table_lists_every_route(app: Flask) -> None:
    rules = {
        (method, rule.rule) for rule in app.url_map.iter_rules() if not rule.build_only for method in rule.methods or ()
    }
    assert {route for route in rules if route[0] not in ("HEAD", "OPTIONS")} == set(TABLE) | set(OF_KEYS)
    assert all("<" not in path_of(rule) for _, rule in TABLE)


def test_views_name_the_permissions_of_the_table(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"GET", "POST"}:
            if (method, rule.rule) in TABLE:
                wanted = TABLE[method, rule.rule]
                assert access_of(app.view_functions[rule.endpoint]) == (PUBLIC if wanted == ALL else wanted), rule


def by_room(rules: Sequence[str]) -> pytest.MarkDecorator:
    """Run a test once for all rules that begin with the same word: it changes nothing, so they share its browsers."""
    rooms = groupby(sorted(rules, key=room_of), key=room_of)
    return pytest.mark.parametrize("rules", [pytest.param(list(found), id=room or "home") for room, found in rooms])


def room_of(rule: str) -> str:
    return rule.split("/")[1]


@by_room(READS)
def test_page_is_open_to_its_roles_only(app: Flask, rules: Sequence[str]) -> None:
    browsers = dict(browsers_of(app))
    for rule in rules:
        for role in roles_tried("GET", rule):
            check(browsers[role], role, "GET", rule)


@by_room(ACTS)
def test_act_is_refused_to_other_roles(app: Flask, rules: Sequence[str]) -> None:
    browsers = dict(browsers_of(app))
    for rule in rules:
        for role in roles_tried("POST", rule):
            if not may_open(role, "POST", rule):
                check(browsers[role], role, "POST", rule)


@pytest.mark.parametrize("rule", ACTS)
def test_act_is_open_to_its_roles(app: Flask, rule: str) -> None:
    for role, client in browsers_of(app, [role for role in roles_tried("POST", rule) if may_open(role, "POST", rule)]):
        check(client, role, "POST", rule)


def asks_for_json(role: Role | None, method: str, rule: str) -> bool:
    """Whether a browser asks for JSON too: a stranger's, and the first of those that may and of those that may not."""
    tried = roles_tried(method, rule)
    alike = [other for other in tried if other and may_open(other, method, rule) == may_open(role, method, rule)]
    return role is None or (role == alike[0] and rule not in END_THE_SESSION)


def check(client: FlaskClient, role: Role | None, method: str, rule: str) -> None:
    page = send(client, method, rule, accept="text/html")
    data = send(client, method, rule, accept="application/json") if asks_for_json(role, method, rule) else None
    if may_open(role, method, rule):
        for answer in filter(None, (page, data)):
            assert answer.status_code in (200, 303, 404, 409, 422), (rule, role, answer.status_code)
            assert rule in LEAD_TO_SIGN_IN or "/sign-in" not in (answer.location or ""), (rule, role)
    elif role is None:
        asked = f"?next={path_of(rule)}" if method == "GET" else ""
        assert (page.status_code, page.location) == (303, f"/sign-in{asked}"), rule
        assert data and (data.status_code, data.json["reason"]) == (401, "signed_out"), rule
    else:
        assert page.status_code == 403, (rule, role)
        assert not data or (data.status_code, data.json["reason"]) == (403, "forbidden"), (rule, role)


@by_room(ACTS)
def test_no_form_is_taken_without_the_token_of_its_page(app: Flask, rules: Sequence[str]) -> None:
    browsers = dict(browsers_of(app))
    sent = [(rule, role) for rule in rules for role in roles_tried("POST", rule) if may_open(role, "POST", rule)]
    for rule, role in sent:
        answer = send(browsers[role], "POST", rule, accept="application/json", token=False)
        if rule in CHECK_THEIR_OWN_TOKEN:
            assert answer.status_code in (422, 404), rule  # 404: nobody's key is asked for its token
        else:
            assert (answer.status_code, answer.json["reason"]) == (400, "csrf"), rule
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0


def test_body_that_is_too_large_is_a_mistake_of_nobody(app: Flask) -> None:
    [(_role, client)] = browsers_of(app, [Role.ADMIN])
    for rule in ACTS:
        if rule not in END_THE_SESSION:
            answer = client.post(path_of(rule), environ_overrides={"CONTENT_LENGTH": str(10**9)})
            assert answer.status_code < 500, rule


@pytest.mark.parametrize("session_id", ["", "1", "1.1.1", "x.y", "999999.1", "-1.1", "１.１"])
def test_session_without_a_person_opens_nothing(app: Flask, session_id: str) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = session_id
    assert client.get("/desk").location == "/sign-in?next=/desk"


def test_session_signed_by_another_key_opens_nothing(app: Flask) -> None:
    with transaction():
        staff = factories.staff(hall=factories.hall(), role=Role.ADMIN)
    client = app.test_client()
    client.sign_in(staff)
    cookie = client.get_cookie("session")
    assert cookie
    client.set_cookie("session", cookie.value[:-3] + ("abc" if not cookie.value.endswith("abc") else "xyz"))
    assert client.get("/reports").location == "/sign-in?next=/reports"
