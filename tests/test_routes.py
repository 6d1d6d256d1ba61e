"""Who may do what: every route and method, for every role, against a table written by hand."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.accounts.models import Role
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from tests import factories

pytestmark = pytest.mark.one_database

ALL = "all"
FORMS = "<any(json,csv,xlsx,pdf):form>"
OPEN = "<any(csv,json):form>"
PICTURES = '<any("map","map-share","ranking","trend","calendar","week","programmes","kinds"):name>.<any(png,svg):form>'

#: The least role that may; each includes the ones before it: guide, desk, manager, admin.
TABLE = {
    ("GET", "/"): ALL,
    ("GET", "/logo"): ALL,
    ("GET", "/book"): ALL,
    ("POST", "/book"): ALL,
    ("GET", "/book/times"): ALL,
    ("GET", "/book/line"): ALL,
    ("GET", "/visits/<key>"): ALL,
    ("GET", "/visits/<key>/change"): ALL,
    ("POST", "/visits/<key>/change"): ALL,
    ("POST", "/visits/<key>/take"): ALL,
    ("POST", "/visits/<key>/cancel"): ALL,
    ("POST", "/visits/<key>/code"): ALL,
    ("POST", "/visits/<key>/code/again"): ALL,
    ("GET", "/visits/<key>/link"): ALL,
    ("POST", "/visits/<key>/link"): ALL,
    ("GET", "/visits/<key>/pass"): ALL,
    ("GET", "/visits/<key>/pass.pdf"): ALL,
    ("GET", "/visits/<key>/pass/reissue"): ALL,
    ("POST", "/visits/<key>/pass/reissue"): ALL,
    ("GET", "/visits/<key>/visit.ics"): ALL,
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
    ("GET", "/invitations/<token>"): ALL,
    ("POST", "/invitations/<token>"): ALL,
    ("GET", "/account"): Role.GUIDE,
    ("POST", "/account"): Role.GUIDE,
    ("GET", "/account/password"): Role.GUIDE,
    ("POST", "/account/password"): Role.GUIDE,
    ("GET", "/account/two-step"): Role.GUIDE,
    ("POST", "/account/two-step"): Role.GUIDE,
    ("POST", "/account/two-step/recovery-codes"): Role.GUIDE,
    ("POST", "/account/two-step/off"): Role.GUIDE,
    ("POST", "/account/sessions/<number>/end"): Role.GUIDE,
    ("POST", "/account/sessions/end-others"): Role.GUIDE,
    ("POST", "/account/sign-out-everywhere"): Role.GUIDE,
    ("GET", "/readyz"): ALL,
    ("GET", "/desk"): Role.DESK,
    ("GET", "/desk/pulse"): Role.DESK,
    ("POST", "/desk/lookup"): Role.DESK,
    ("POST", "/desk/arrivals"): Role.DESK,
    ("POST", "/desk/arrivals/<uuid:event_id>/take-back"): Role.DESK,
    ("POST", "/desk/walk-ins"): Role.DESK,
    ("POST", "/desk/arrivals/batch"): Role.DESK,
    ("GET", "/desk/snapshot"): Role.DESK,
    ("GET", "/desk/shell"): Role.DESK,
    ("GET", "/desk/sw.js"): ALL,
    ("GET", "/desk/manifest.webmanifest"): ALL,
    ("POST", "/desk/notes"): Role.DESK,
    ("GET", "/desk/conflicts"): Role.MANAGER,
    ("POST", "/desk/conflicts/<uuid:event_id>/settle"): Role.MANAGER,
    ("GET", "/desk/inside.json"): Role.DESK,
    ("GET", "/desk/flow"): Role.DESK,
    ("POST", "/desk/departures"): Role.DESK,
    ("POST", "/desk/departures/<uuid:event_id>/take-back"): Role.DESK,
    ("GET", "/devices/<token>"): ALL,
    ("GET", "/kiosk"): Role.DESK,
    ("GET", "/kiosk/shell"): Role.DESK,
    ("GET", "/kiosk/sw.js"): ALL,
    ("POST", "/kiosk/look-up"): Role.DESK,
    ("POST", "/kiosk/arrivals"): Role.DESK,
    ("GET", "/screen"): Role.DESK,
    ("GET", "/screen.json"): Role.DESK,
    ("GET", "/bookings"): Role.DESK,
    ("POST", "/bookings/search"): Role.DESK,
    ("GET", "/bookings/new"): Role.DESK,
    ("POST", "/bookings/new"): Role.DESK,
    ("GET", "/bookings/<reference>"): Role.DESK,
    ("GET", "/bookings/<reference>/names"): Role.DESK,
    ("POST", "/bookings/<reference>/people"): Role.DESK,
    ("POST", "/bookings/<reference>/move"): Role.DESK,
    ("POST", "/bookings/<reference>/contact"): Role.DESK,
    ("POST", "/bookings/<reference>/cancel"): Role.DESK,
    ("POST", "/bookings/<reference>/reissue"): Role.DESK,
    ("GET", "/bookings/<reference>/badges"): Role.DESK,
    ("POST", "/bookings/<reference>/badges"): Role.DESK,
    ("GET", "/desk/badges"): Role.DESK,
    ("POST", "/desk/badges"): Role.DESK,
    ("GET", "/desk/paper"): Role.DESK,
    ("GET", "/desk/paper/enter"): Role.DESK,
    ("POST", "/desk/paper/enter"): Role.DESK,
    ("POST", "/bookings/<reference>/confirm"): Role.MANAGER,
    ("POST", "/bookings/<reference>/decline"): Role.MANAGER,
    ("POST", "/bookings/<reference>/absent"): Role.MANAGER,
    ("POST", "/bookings/<reference>/set-right"): Role.MANAGER,
    ("GET", "/bookings/review"): Role.MANAGER,
    ("GET", "/bookings/pauses"): Role.MANAGER,
    ("POST", "/bookings/pauses/<number>/lift"): Role.MANAGER,
    ("GET", "/bookings/flood"): Role.MANAGER,
    ("POST", "/bookings/flood"): Role.MANAGER,
    ("POST", "/bookings/brake/lift"): Role.MANAGER,
    ("POST", "/bookings/export.xlsx"): Role.MANAGER,
    ("POST", "/bookings/lists"): Role.MANAGER,
    ("GET", "/bookings/lists/<number>"): Role.MANAGER,
    ("POST", "/bookings/lists/<number>/delete"): Role.MANAGER,
    ("GET", "/reports"): Role.MANAGER,
    ("GET", "/reports/range"): Role.MANAGER,
    ("GET", "/reports/<period:period>"): Role.MANAGER,
    ("GET", f"/reports/<period:period>.{FORMS}"): Role.MANAGER,
    ("GET", f"/reports/<period:period>/pictures/{PICTURES}"): Role.MANAGER,
    ("GET", f"/reports/<period:period>/open.{OPEN}"): Role.MANAGER,
    ("GET", "/reports/<period:period>/close"): Role.MANAGER,
    ("POST", "/reports/<period:period>/close"): Role.MANAGER,
    ("GET", "/reports/close"): Role.MANAGER,
    ("POST", "/reports/close"): Role.MANAGER,
    ("GET", "/reports/<period:period>/reopen"): Role.ADMIN,
    ("POST", "/reports/<period:period>/reopen"): Role.ADMIN,
    ("GET", "/reports/<period:period>/versions"): Role.MANAGER,
    ("GET", "/reports/<period:period>/versions/<number>"): Role.MANAGER,
    ("GET", f"/reports/<period:period>/versions/<number>.{FORMS}"): Role.MANAGER,
    ("GET", "/reports/verify"): Role.MANAGER,
    ("GET", "/reports/<period:period>/arrivals"): Role.MANAGER,
    ("GET", "/reports/<period:period>/bookings"): Role.MANAGER,
    ("GET", "/reports/entries/<uuid:event_id>"): Role.MANAGER,
    ("POST", "/reports/entries/<uuid:event_id>/take-back"): Role.MANAGER,
    ("GET", "/reports/history"): Role.MANAGER,
    ("POST", "/reports/history"): Role.MANAGER,
    ("GET", "/reports/history/template.xlsx"): Role.MANAGER,
    ("GET", "/reports/history/<number>"): Role.MANAGER,
    ("GET", "/reports/history/<number>.json"): Role.MANAGER,
    ("POST", "/reports/history/<number>/sheet"): Role.MANAGER,
    ("POST", "/reports/history/<number>/columns"): Role.MANAGER,
    ("POST", "/reports/history/<number>/ask-again"): Role.MANAGER,
    ("POST", "/reports/history/<number>/answer"): Role.MANAGER,
    ("POST", "/reports/history/<number>/settle"): Role.MANAGER,
    ("POST", "/reports/history/<number>/count"): Role.MANAGER,
    ("POST", "/reports/history/<number>/again"): Role.MANAGER,
    ("POST", "/reports/history/<number>/discard"): Role.MANAGER,
    ("GET", "/reports/history/imports/<number>"): Role.MANAGER,
    ("POST", "/reports/history/imports/<number>/withdraw"): Role.MANAGER,
    ("GET", "/reports/exports"): Role.MANAGER,
    ("POST", "/reports/exports"): Role.MANAGER,
    ("GET", "/reports/exports.json"): Role.MANAGER,
    ("GET", "/reports/exports/<number>/file"): Role.MANAGER,
    ("POST", "/reports/exports/<number>/again"): Role.MANAGER,
    ("POST", "/reports/exports/<number>/delete"): Role.MANAGER,
    ("GET", "/reports/mailing"): Role.MANAGER,
    ("POST", "/reports/mailing"): Role.MANAGER,
    ("POST", "/reports/mailing/recipients"): Role.MANAGER,
    ("POST", "/reports/mailing/recipients/<number>/delete"): Role.MANAGER,
    ("POST", "/reports/mailing/recipients/<number>/test"): Role.MANAGER,
    ("GET", "/admin"): Role.MANAGER,
    ("GET", "/admin/hall"): Role.MANAGER,
    ("POST", "/admin/hall"): Role.MANAGER,
    ("POST", "/admin/hall/logo"): Role.MANAGER,
    ("POST", "/admin/hall/logo/delete"): Role.MANAGER,
    ("GET", "/admin/policy"): Role.MANAGER,
    ("POST", "/admin/policy"): Role.MANAGER,
    ("GET", "/admin/programmes"): Role.MANAGER,
    ("GET", "/admin/programmes/new"): Role.MANAGER,
    ("POST", "/admin/programmes/new"): Role.MANAGER,
    ("GET", "/admin/programmes/<slug>"): Role.MANAGER,
    ("POST", "/admin/programmes/<slug>"): Role.MANAGER,
    ("GET", "/admin/templates"): Role.MANAGER,
    ("GET", "/admin/templates/new"): Role.MANAGER,
    ("POST", "/admin/templates/new"): Role.MANAGER,
    ("GET", "/admin/templates/<number>"): Role.MANAGER,
    ("POST", "/admin/templates/<number>"): Role.MANAGER,
    ("POST", "/admin/templates/<number>/delete"): Role.MANAGER,
    ("GET", "/admin/calendar"): Role.MANAGER,
    ("GET", "/admin/calendar/<month:period>"): Role.MANAGER,
    ("POST", "/admin/calendar/days"): Role.MANAGER,
    ("POST", "/admin/calendar/holidays"): Role.MANAGER,
    ("GET", "/admin/calendar/days/<day:day>"): Role.MANAGER,
    ("POST", "/admin/calendar/days/<day:day>"): Role.MANAGER,
    ("POST", "/admin/calendar/days/<day:day>/settle"): Role.MANAGER,
    ("POST", "/admin/calendar/days/<day:day>/slots"): Role.MANAGER,
    ("POST", "/admin/calendar/slots/<int(max=2147483647):slot_id>"): Role.MANAGER,
    ("POST", "/admin/calendar/slots/<int(max=2147483647):slot_id>/release"): Role.MANAGER,
    ("GET", "/admin/names"): Role.MANAGER,
    ("POST", "/admin/names"): Role.MANAGER,
    ("GET", "/admin/guides"): Role.MANAGER,
    ("GET", "/admin/guides/new"): Role.MANAGER,
    ("POST", "/admin/guides/new"): Role.MANAGER,
    ("GET", "/admin/guides/<number>"): Role.MANAGER,
    ("POST", "/admin/guides/<number>"): Role.MANAGER,
    ("POST", "/admin/guides/<number>/pattern"): Role.MANAGER,
    ("POST", "/admin/guides/<number>/leave"): Role.MANAGER,
    ("POST", "/admin/guides/<number>/leave/<leave>/delete"): Role.MANAGER,
    ("GET", "/admin/guides/week"): Role.MANAGER,
    ("GET", "/admin/guides/week/<week:monday>"): Role.MANAGER,
    ("POST", "/admin/guides/week/<week:monday>/suggest"): Role.MANAGER,
    ("POST", "/admin/guides/day/<day:day>/suggest"): Role.MANAGER,
    ("GET", "/admin/guides/day/<day:day>/sheet"): Role.MANAGER,
    ("POST", "/admin/guides/bookings/<reference>"): Role.MANAGER,
    ("GET", "/guide"): Role.GUIDE,
    ("GET", "/admin/devices"): Role.MANAGER,
    ("POST", "/admin/devices"): Role.MANAGER,
    ("POST", "/admin/devices/words"): Role.MANAGER,
    ("POST", "/admin/devices/<number>/link"): Role.MANAGER,
    ("POST", "/admin/devices/<number>/revoke"): Role.MANAGER,
    ("GET", "/admin/presence"): Role.MANAGER,
    ("POST", "/admin/presence"): Role.MANAGER,
    ("GET", "/admin/audit"): Role.MANAGER,
    ("GET", "/admin/messages"): Role.MANAGER,
    ("POST", "/admin/messages"): Role.MANAGER,
    ("GET", "/admin/messages/<kind>/<language>/<channel>"): Role.MANAGER,
    ("POST", "/admin/messages/<kind>/<language>/<channel>"): Role.MANAGER,
    ("POST", "/admin/messages/<kind>/<language>/<channel>/standard"): Role.MANAGER,
    ("GET", "/feedback/<key>"): ALL,
    ("POST", "/feedback/<key>"): ALL,
    ("GET", "/desk/feedback/<reference>"): Role.DESK,
    ("GET", "/guide/feedback"): Role.GUIDE,
    ("GET", "/admin/feedback"): Role.MANAGER,
    ("GET", "/admin/outbox"): Role.MANAGER,
    ("GET", "/admin/outbox/<number>"): Role.MANAGER,
    ("POST", "/admin/outbox/<number>/send-again"): Role.MANAGER,
    ("GET", "/admin/staff"): Role.ADMIN,
    ("POST", "/admin/staff/two-step"): Role.ADMIN,
    ("GET", "/admin/staff/invite"): Role.ADMIN,
    ("POST", "/admin/staff/invite"): Role.ADMIN,
    ("GET", "/admin/staff/refused"): Role.ADMIN,
    ("GET", "/admin/staff/<number>"): Role.ADMIN,
    ("POST", "/admin/staff/<number>/role"): Role.ADMIN,
    ("POST", "/admin/staff/<number>/deactivate"): Role.ADMIN,
    ("POST", "/admin/staff/<number>/reactivate"): Role.ADMIN,
    ("POST", "/admin/staff/<number>/sign-out"): Role.ADMIN,
    ("POST", "/admin/staff/<number>/reset"): Role.ADMIN,
    ("POST", "/admin/staff/<number>/revoke-link"): Role.ADMIN,
    ("POST", "/admin/staff/<number>/two-step"): Role.ADMIN,
    ("POST", "/admin/staff/<number>/two-step-off"): Role.ADMIN,
}

#: Routes whose form checks its token itself, so that a stale one loses nothing that was typed.
CHECK_THEIR_OWN_TOKEN = {
    *("/book", "/visits/<key>/change", "/visits/<key>/names", "/bookings/new"),
    "/visits/<key>/names/read",  # keeps nothing
    "/reports/history",  # only there it is known how much is taken in
}

#: Routes that lead to the sign-in page by design, and those after which the next request finds no session.
LEAD_TO_SIGN_IN = {"/sign-out", "/sign-in/code", "/account/sign-out-everywhere"}
END_THE_SESSION = {"/account/sign-out-everywhere"}

_ARGUMENTS = {
    "<reference>": "K7M29QXT",
    "<key>": "no-such-key",
    "<token>": "no-such-link",
    "<number>": "1",
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
    "<day:day>": "2026-11-25",
    "<week:monday>": "2026-W48",
    "<leave>": "1",
    "<int(max=2147483647):slot_id>": "1",
    "<year:period>": "2026",
    FORMS: "csv",
    PICTURES: "trend.svg",
    OPEN: "csv",
    "<period>": "2026-11",
}

ROUTES = pytest.mark.parametrize(("method", "rule"), list(TABLE))


def path_of(rule: str) -> str:
    for argument, value in _ARGUMENTS.items():
        rule = rule.replace(argument, value)
    return rule


def everyone(app: Flask) -> Iterator[tuple[Role | None, FlaskClient]]:
    """A browser that nobody is signed in at, and one for each role."""
    with transaction():
        hall = factories.hall()
        people = {role: factories.staff(hall=hall, role=role) for role in Role}
    for role in (None, *Role):
        client = app.test_client()
        if role:
            client.sign_in(people[role])
        yield role, client


def send(client: FlaskClient, method: str, rule: str, *, accept: str, token: bool = True) -> TestResponse:
    if not client.csrf_token or rule in LEAD_TO_SIGN_IN:  # the latter start a new session, with a new token
        client.get("/no-such-page")  # every page gives the token
    headers = {"Accept": accept, "X-CSRFToken": client.csrf_token if token else ""}
    return client.open(path_of(rule), method=method, headers=headers)


def test_table_is_complete(app: Flask) -> None:
    rules = {
        (method, rule.rule) for rule in app.url_map.iter_rules() if not rule.build_only for method in rule.methods or ()
    }
    assert {route for route in rules if route[0] not in ("HEAD", "OPTIONS")} == set(TABLE)
    assert all("<" not in path_of(rule) for _, rule in TABLE)


@ROUTES
def test_route_is_open_to_its_roles_only(app: Flask, method: str, rule: str) -> None:
    least = TABLE[method, rule]
    for role, client in everyone(app):
        page = send(client, method, rule, accept="text/html")
        data = page if role and rule in END_THE_SESSION else send(client, method, rule, accept="application/json")
        if least == ALL or (role and role.includes(Role(least))):
            for answer in (page, data):
                assert answer.status_code in (200, 303, 404, 409, 422), (role, answer.status_code)
                assert rule in LEAD_TO_SIGN_IN or "/sign-in" not in (answer.location or "")
        elif role is None:
            asked = f"?next={path_of(rule)}" if method == "GET" else ""
            assert (page.status_code, page.location) == (303, f"/sign-in{asked}")
            assert (data.status_code, data.json["reason"]) == (401, "signed_out")
        else:
            assert page.status_code == 403, role
            assert (data.status_code, data.json["reason"]) == (403, "forbidden"), role


@pytest.mark.parametrize("rule", [rule for method, rule in TABLE if method == "POST"])
def test_no_form_is_taken_without_the_token_of_its_page(app: Flask, rule: str) -> None:
    for role, client in everyone(app):
        least = TABLE["POST", rule]
        if least != ALL and not (role and role.includes(Role(least))):
            continue
        answer = send(client, "POST", rule, accept="application/json", token=False)
        if rule in CHECK_THEIR_OWN_TOKEN:
            assert answer.status_code in (422, 404)  # 404: nobody's key is asked for its token
        else:
            assert (answer.status_code, answer.json["reason"]) == (400, "csrf")
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0


@pytest.mark.parametrize("session_id", ["", "1", "1.1.1", "x.y", "999999.1", "-1.1", "１.１"])
def test_session_of_nobody_opens_nothing(app: Flask, session_id: str) -> None:
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
