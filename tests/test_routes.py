"""Who may do what: every route and method, for every role, against a table written by hand."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from zlib import crc32

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.accounts.roles import Permission, Role
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.core.web.access import PUBLIC, access_of
from tests import factories
from tests.api.table import OF_KEYS
from tests.conftest import PROFILE

ALL = "all"
FORMS = "<any(json,csv,xlsx,pdf):form>"
OPEN = "<any(csv,json):form>"
PICTURES = '<any("map","map-share","ranking","trend","calendar","week","programmes","kinds"):name>.<any(png,svg):form>'

#: The permission that each route asks for; which role has it, `tests/accounts/test_roles.py` says by hand.
TABLE = {
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
    ("GET", "/bookings/talks"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/talks/<number>/held"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/talks/<number>/missed"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/talks/<number>/cancel"): Permission.BOOKINGS_CHANGE,
    ("POST", "/my-talks/calendar"): Permission.OWN_GROUPS,
    ("POST", "/my-talks/calendar/withdraw"): Permission.OWN_GROUPS,
    ("GET", "/talk-calendars/<number>/<token>.ics"): ALL,
    ("GET", "/admin/talks"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/talks"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/talks/new"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/talks/new"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/talks/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/talks/<number>"): Permission.SETTINGS_CHANGE,
    ("GET", "/reports/talks"): Permission.REPORTS_READ,
    ("GET", "/my-points"): Permission.POINTS_OWN,
    ("GET", "/my-points/<quarter:quarter>"): Permission.POINTS_OWN,
    ("POST", "/my-points/<quarter:quarter>/appeals/<code>"): Permission.POINTS_OWN,
    ("POST", "/my-points/<quarter:quarter>/entries"): Permission.POINTS_OWN,
    ("GET", "/admin/points"): Permission.POINTS_MANAGE,
    ("GET", "/admin/points/<quarter:quarter>"): Permission.POINTS_MANAGE,
    ("POST", "/admin/points/<quarter:quarter>/close"): Permission.POINTS_MANAGE,
    ("GET", "/admin/points/<quarter:quarter>/people/<number>"): Permission.POINTS_MANAGE,
    ("POST", "/admin/points/<quarter:quarter>/people/<number>/entries"): Permission.POINTS_MANAGE,
    ("GET", "/admin/points/waiting"): Permission.POINTS_MANAGE,
    ("POST", "/admin/points/appeals/<number>"): Permission.POINTS_MANAGE,
    ("POST", "/admin/points/entries/<number>"): Permission.POINTS_MANAGE,
    ("GET", "/admin/points/setup"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/points/setup"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/points/people"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/points/people/<number>/remove"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/points/indexes/new"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/points/indexes/new"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/points/indexes/<code>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/points/indexes/<code>"): Permission.SETTINGS_CHANGE,
    ("GET", "/visits/<key>/certificate"): ALL,
    ("POST", "/visits/<key>/certificate"): ALL,
    ("GET", "/visits/<key>/certificate.pdf"): ALL,
    ("GET", "/certificates"): ALL,
    ("GET", "/c/<code>"): ALL,
    ("GET", "/C/<code>"): ALL,
    ("GET", "/admin/certificates"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/certificates"): Permission.SETTINGS_CHANGE,
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
    ("GET", "/admin/sign-on"): Permission.STAFF_MANAGE,
    ("GET", "/admin/sign-on/new/<kind>"): Permission.STAFF_MANAGE,
    ("POST", "/admin/sign-on/new/<kind>"): Permission.STAFF_MANAGE,
    ("GET", "/admin/sign-on/<number>"): Permission.STAFF_MANAGE,
    ("POST", "/admin/sign-on/<number>"): Permission.STAFF_MANAGE,
    ("POST", "/admin/sign-on/<number>/remove"): Permission.STAFF_MANAGE,
    ("GET", "/admin/staff/<number>/sign-on"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/sign-on"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/sign-on/<provider>/disconnect"): Permission.STAFF_MANAGE,
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
    ("GET", "/admin/feeds"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/feeds"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/feeds/withdraw"): Permission.GUIDES_ASSIGN,
    ("GET", "/embed/availability"): ALL,
    ("GET", "/embed/book"): ALL,
    ("GET", "/admin/embed"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/embed"): Permission.SETTINGS_CHANGE,
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
    ("GET", "/bookings"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/search"): Permission.BOOKINGS_CHANGE,
    ("GET", "/bookings/new"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/new"): Permission.BOOKINGS_CHANGE,
    ("GET", "/bookings/<reference>"): Permission.BOOKINGS_CHANGE,
    ("GET", "/bookings/<reference>/names"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/people"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/move"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/move-parts"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/contact"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/cancel"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/reissue"): Permission.BOOKINGS_CHANGE,
    ("GET", "/bookings/<reference>/badges"): Permission.DESK_ADMIT,
    ("POST", "/bookings/<reference>/badges"): Permission.DESK_ADMIT,
    ("GET", "/desk/badges"): Permission.DESK_ADMIT,
    ("POST", "/desk/badges"): Permission.DESK_ADMIT,
    ("GET", "/desk/paper"): Permission.DESK_ADMIT,
    ("GET", "/desk/paper/enter"): Permission.DESK_ADMIT,
    ("POST", "/desk/paper/enter"): Permission.DESK_ADMIT,
    ("POST", "/bookings/<reference>/confirm"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/<reference>/decline"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/<reference>/absent"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/<reference>/set-right"): Permission.BOOKINGS_REVIEW,
    ("GET", "/bookings/review"): Permission.BOOKINGS_REVIEW,
    ("GET", "/bookings/blocks"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/blocks"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/blocks/<number>/lift"): Permission.BOOKINGS_REVIEW,
    ("GET", "/bookings/appeals"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/appeals/<number>/answer"): Permission.BOOKINGS_REVIEW,
    ("GET", "/bookings/pauses"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/pauses/<number>/lift"): Permission.BOOKINGS_REVIEW,
    ("GET", "/bookings/flood"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/flood"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/brake/lift"): Permission.BOOKINGS_REVIEW,
    ("POST", "/bookings/export.xlsx"): Permission.BOOKINGS_EXPORT,
    ("POST", "/bookings/lists"): Permission.BOOKINGS_EXPORT,
    ("GET", "/bookings/lists/<number>"): Permission.BOOKINGS_EXPORT,
    ("POST", "/bookings/lists/<number>/delete"): Permission.BOOKINGS_EXPORT,
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
    ("GET", "/admin/staff/network"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/network"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/network/<number>/remove"): Permission.STAFF_MANAGE,
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
    ("GET", "/admin"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/publishing"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/publishing/publish"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/publishing/unpublish"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/hall"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/hall"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/hall/logo"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/hall/logo/delete"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/no-shows"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/no-shows"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/origins"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/origins"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/origins/own"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/pictures"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/pictures/<place>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/pictures/<place>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/pictures/<place>/delete"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/alerts"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/alerts"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/alerts/robot"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/alerts/robot"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/alerts/<number>/test"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/alerts/<number>"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/alerts/<number>"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/alerts/<number>/remove"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/questions"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/questions"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/questions/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/questions/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/questions/<number>/stop"): Permission.SETTINGS_CHANGE,
    ("GET", "/bookings/<reference>/delegation"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/delegation"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/delegation/delete"): Permission.BOOKINGS_CHANGE,
    ("GET", "/gate"): Permission.GATE_READ,
    ("GET", "/admin/delegations"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/delegations"): Permission.SETTINGS_CHANGE,
    ("GET", "/bookings/units"): Permission.BOOKINGS_EXPORT,
    ("POST", "/bookings/units.<any(xlsx,pdf):form>"): Permission.BOOKINGS_EXPORT,
    ("GET", "/bookings/<reference>/answers/<number>"): Permission.BOOKINGS_CHANGE,
    ("POST", "/bookings/<reference>/answers"): Permission.BOOKINGS_CHANGE,
    ("GET", "/admin/privacy"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/privacy"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/people"): Permission.PERSONAL_DATA,
    ("POST", "/admin/people"): Permission.PERSONAL_DATA,
    ("POST", "/admin/people/export"): Permission.PERSONAL_DATA,
    ("POST", "/admin/people/erase"): Permission.PERSONAL_DATA,
    ("GET", "/admin/api-keys"): Permission.KEYS_MANAGE,
    ("POST", "/admin/api-keys"): Permission.KEYS_MANAGE,
    ("GET", "/admin/api-keys/<number>"): Permission.KEYS_MANAGE,
    ("POST", "/admin/api-keys/<number>/rotate"): Permission.KEYS_MANAGE,
    ("POST", "/admin/api-keys/<number>/revoke"): Permission.KEYS_MANAGE,
    ("GET", "/admin/webhooks"): Permission.KEYS_MANAGE,
    ("POST", "/admin/webhooks"): Permission.KEYS_MANAGE,
    ("GET", "/admin/webhooks/<number>"): Permission.KEYS_MANAGE,
    ("POST", "/admin/webhooks/<number>"): Permission.KEYS_MANAGE,
    ("POST", "/admin/webhooks/<number>/test"): Permission.KEYS_MANAGE,
    ("POST", "/admin/webhooks/<number>/rotate"): Permission.KEYS_MANAGE,
    ("POST", "/admin/webhooks/<number>/remove"): Permission.KEYS_MANAGE,
    ("POST", "/admin/webhooks/<number>/send-failed"): Permission.KEYS_MANAGE,
    ("GET", "/admin/webhooks/<number>/events/<event_id>"): Permission.KEYS_MANAGE,
    ("POST", "/admin/webhooks/<number>/events/<event_id>/send-again"): Permission.KEYS_MANAGE,
    ("GET", "/api/v1/openapi.json"): ALL,
    ("GET", "/api/v1/docs"): ALL,
    ("GET", "/admin/notices"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/notices"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/notices/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/notices/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/notices/<number>/delete"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/policy"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/policy"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/programmes"): Permission.SETTINGS_CHANGE,
    ("GET", "/reports/<period:period>/sheet"): Permission.REPORTS_READ,
    ("GET", "/reports/<period:period>/sheet.xlsx"): Permission.REPORTS_READ,
    ("GET", "/admin/resources"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/resources/new"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/resources/new"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/resources/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/resources/<number>"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/categories"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/categories/new"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/categories/new"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/categories/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/categories/<number>"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/kinds"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/kinds"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/kinds/<code>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/kinds/<code>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/kinds/<code>/move"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/kinds/<code>/retire"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/kinds/<code>/offer"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/region"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/region"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/programmes/new"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/programmes/new"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/programmes/<slug>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/programmes/<slug>"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/templates"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/templates/new"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/templates/new"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/templates/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/templates/<number>"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/templates/<number>/delete"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/calendar/settled/<first>/<last>"): Permission.CALENDAR_CHANGE,
    ("GET", "/admin/calendar"): Permission.CALENDAR_CHANGE,
    ("GET", "/admin/calendar/<month:period>"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/calendar/days"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/calendar/holidays"): Permission.CALENDAR_CHANGE,
    ("GET", "/admin/calendar/days/<day:day>"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/calendar/days/<day:day>"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/calendar/days/<day:day>/settle"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/calendar/days/<day:day>/slots"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/calendar/slots/<int(max=2147483647):slot_id>"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/calendar/slots/<int(max=2147483647):slot_id>/release"): Permission.CALENDAR_CHANGE,
    ("GET", "/admin/names"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/names"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/guides"): Permission.GUIDES_ASSIGN,
    ("GET", "/admin/guides/new"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/guides/new"): Permission.GUIDES_ASSIGN,
    ("GET", "/admin/guides/<number>"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/guides/<number>"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/guides/<number>/pattern"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/guides/<number>/leave"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/guides/<number>/leave/<leave>/delete"): Permission.GUIDES_ASSIGN,
    ("GET", "/admin/guides/week"): Permission.GUIDES_ASSIGN,
    ("GET", "/admin/guides/week/<week:monday>"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/guides/week/<week:monday>/suggest"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/guides/day/<day:day>/suggest"): Permission.GUIDES_ASSIGN,
    ("GET", "/admin/guides/day/<day:day>/sheet"): Permission.GUIDES_ASSIGN,
    ("POST", "/admin/guides/bookings/<reference>"): Permission.GUIDES_ASSIGN,
    ("GET", "/guide"): Permission.OWN_GROUPS,
    ("GET", "/admin/devices"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/devices"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/devices/words"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/devices/<number>/link"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/devices/<number>/revoke"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/presence"): Permission.SETTINGS_CHANGE,
    ("POST", "/admin/presence"): Permission.SETTINGS_CHANGE,
    ("GET", "/admin/audit"): Permission.AUDIT_READ,
    ("GET", "/admin/messages"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/messages"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/messages/groups/<day:day>"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/messages/groups/<day:day>"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/messages/texts"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/messages/texts"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/messages/texts/<kind>"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/messages/texts/<kind>"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/messages/<kind>/<language>/<channel>"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/messages/<kind>/<language>/<channel>"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/messages/<kind>/<language>/<channel>/standard"): Permission.MESSAGES_MANAGE,
    ("GET", "/visits/<key>/join"): ALL,
    ("POST", "/visits/<key>/join"): ALL,
    ("POST", "/visits/<key>/join/questions"): ALL,
    ("POST", "/online/beat"): ALL,
    ("GET", "/admin/online"): Permission.CALENDAR_CHANGE,
    ("GET", "/admin/online/<int(max=2147483647):slot_id>"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/online/<int(max=2147483647):slot_id>"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/online/<int(max=2147483647):slot_id>/list"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/online/<int(max=2147483647):slot_id>/list/<number>/take-back"): Permission.CALENDAR_CHANGE,
    ("POST", "/admin/online/<int(max=2147483647):slot_id>/questions/<number>"): Permission.CALENDAR_CHANGE,
    ("GET", "/feedback/<key>"): ALL,
    ("POST", "/feedback/<key>"): ALL,
    ("GET", "/desk/feedback/<reference>"): Permission.DESK_ADMIT,
    ("GET", "/guide/feedback"): Permission.OWN_GROUPS,
    ("GET", "/admin/feedback"): Permission.FEEDBACK_READ,
    ("GET", "/admin/outbox"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/outbox/release"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/outbox/<number>"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/outbox/<number>/copy"): Permission.MESSAGES_MANAGE,
    ("POST", "/admin/outbox/<number>/send-again"): Permission.MESSAGES_MANAGE,
    ("GET", "/admin/staff"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/two-step"): Permission.STAFF_MANAGE,
    ("GET", "/admin/staff/invite"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/invite"): Permission.STAFF_MANAGE,
    ("GET", "/admin/staff/refused"): Permission.STAFF_MANAGE,
    ("GET", "/admin/staff/<number>"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/role"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/deactivate"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/reactivate"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/sign-out"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/reset"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/revoke-link"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/two-step"): Permission.STAFF_MANAGE,
    ("POST", "/admin/staff/<number>/two-step-off"): Permission.STAFF_MANAGE,
    ("GET", "/admin/tasks"): Permission.TASKS_MANAGE,
    ("POST", "/admin/tasks/hours"): Permission.TASKS_MANAGE,
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
    """A browser for each role of one hall, whose first person is a guide: the one whose number is in the addresses."""
    with transaction():
        hall = factories.hall()
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
