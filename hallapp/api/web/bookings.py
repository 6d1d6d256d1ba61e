"""Views of the API: bookings and their passes. The verbs are those of the pages."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, request

from hallapp.accounts.roles import Permission
from hallapp.api import cursors, queries
from hallapp.api.errors import NothingToChange
from hallapp.api.web import bodies, resources, schemas
from hallapp.api.web.access import get_caller, secret_keys
from hallapp.api.web.answers import IDEMPOTENCY_KEY, Content, act, check_unchanged, send
from hallapp.api.web.blueprints import bookings
from hallapp.api.web.spec import InputInvalid, scope
from hallapp.booking import parties, service
from hallapp.booking import queries as stored
from hallapp.booking.lifecycle import ORGANISER, By, by_staff, hold_still
from hallapp.booking.managing.errors import ManagerNeeded, ScopeMissing
from hallapp.booking.managing.web.forms import ContactForm, MoveForm, PeopleForm, StaffBookingForm
from hallapp.booking.models import Booking, BookingState, Source
from hallapp.booking.reference import tidy
from hallapp.booking.service import PlaceBooking
from hallapp.booking.web import limiting
from hallapp.core.i18n import gettext as _
from hallapp.core.web.problems import FieldError
from hallapp.schedule import queries as schedule

_CONTACT = frozenset(schemas.Contact().fields)
#: What the page of an organiser does not let them change.
_OF_STAFF = ("organisation", "kind")
HEADERS = [
    {
        "in": "header",
        "name": IDEMPOTENCY_KEY,
        "description": "The same key with the same request gets the same answer, for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    }
]
_IF_MATCH = [
    {
        "in": "header",
        "name": "If-Match",
        "description": "The entity tag of the booking as it was read; 412 where it has changed.",
        "schema": {"type": "string"},
    }
]


@bookings.route("/bookings")
@bookings.arguments(schemas.BookingQuery, location="query")
@bookings.response(200, schemas.Bookings)
@scope(Permission.BOOKINGS_CHANGE)
def list_bookings(query: dict[str, Any]) -> Response:
    """List bookings in the order in which they were made; of one state, or of a range of days of the visit."""
    hall_id, state, first, last = get_caller().hall_id, query.get("state"), query.get("first"), query.get("last")
    of = ["bookings", hall_id, state, first, last]
    cursor = query.get("cursor")
    after = int(cursors.read(cursor, of=of, keys=secret_keys())[0]) if cursor else 0
    states = [BookingState(state)] if state else []
    limit = query["limit"]
    found = queries.list_bookings(hall_id, after=after, limit=limit + 1, states=states, first=first, last=last)
    shown = found[:limit]
    following = cursors.write([shown[-1].id], of=of, keys=secret_keys()) if len(found) > limit else None
    return send({"items": [resources.booking(one) for one in shown], "next": following})


@bookings.route("/bookings", methods=["POST"])
@bookings.doc(parameters=HEADERS)
@bookings.arguments(schemas.NewBooking)
@bookings.response(201, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
def place(body: dict[str, Any]) -> Response:
    """Place a booking.

    By the rules of an organiser, as on the booking page; or by those of the staff (`rules`), who need no review and can
    book later.
    """
    command = _command(body)

    def do() -> Content:
        if command.is_online:
            limiting.hit_messages(command)
        return resources.booking(service.place(command))

    return act(do, status=201)


@bookings.route("/bookings/<reference>")
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
def get_booking(reference: str) -> Response:
    """Get a booking."""
    return send(resources.booking(_get(reference)))


@bookings.route("/bookings/<reference>", methods=["PATCH"])
@bookings.doc(parameters=HEADERS + _IF_MATCH)
@bookings.arguments(schemas.ChangedBooking)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
def change(body: dict[str, Any], reference: str) -> Response:
    """Change the time, the people, the resources or the contact of a booking; all that is named, or nothing."""
    by = _by(body)
    over_limit = _over_limit(body)
    if not body.keys() & (_CONTACT | {"slot", "origins", "resources"}):
        raise NothingToChange

    def do(row: Booking) -> None:
        if body.keys() & {"origins", "resources"}:
            present = resources.booking(row)
            people = PeopleForm(bodies.as_form({"origins": body.get("origins") or present["origins"]}))
            bodies.check(people)
            asked = {int(number): count for number, count in body["resources"].items()} if "resources" in body else None
            service.change_people(row, people.origin_pairs(), resources=asked, by=by, over_limit=over_limit)
        if "slot" in body:
            moved = MoveForm(bodies.as_form({"slot": body["slot"]}))
            bodies.check(moved)
            service.move(row, moved.slot_id or 0, by=by, over_limit=over_limit)
        if body.keys() & _CONTACT:
            contact = ContactForm(bodies.as_form(_contact(row, body)))
            bodies.check(contact)
            parties.change_contact(row, contact.to_data(), by=by)

    return _act(reference, do, slot_id=body.get("slot"))


@bookings.route("/bookings/<reference>/cancel", methods=["POST"])
@bookings.doc(parameters=HEADERS + _IF_MATCH)
@bookings.arguments(schemas.Cancellation)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
def cancel(body: dict[str, Any], reference: str) -> Response:
    """Cancel a booking; of a large group or a series, as much as `scope` says."""
    by, reply, part = _by(body), body.get("reply", ""), body.get("scope")

    def do(row: Booking) -> None:
        if part is None and (row.party is not None or row.series is not None):
            raise ScopeMissing
        if part == "parts":
            parties.cancel(row, by=by, reply=reply)
        elif part == "later":
            parties.cancel_later(row, by=by, reply=reply)
        else:
            service.cancel(row, by=by, reply=reply)

    return _act(reference, do)


@bookings.route("/bookings/<reference>/confirm", methods=["POST"])
@bookings.doc(parameters=HEADERS + _IF_MATCH)
@bookings.arguments(schemas.Confirmation)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_REVIEW)
def confirm(body: dict[str, Any], reference: str) -> Response:
    """Confirm a request, or accept a waiting group."""
    by = by_staff(get_caller().id)
    return _act(reference, lambda row: parties.confirm(row, by=by, over_limit=body.get("over_limit")))


@bookings.route("/bookings/<reference>/decline", methods=["POST"])
@bookings.doc(parameters=HEADERS + _IF_MATCH)
@bookings.arguments(schemas.Decline)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_REVIEW)
def decline(body: dict[str, Any], reference: str) -> Response:
    """Decline a request, with a reason for the organiser."""
    by = by_staff(get_caller().id)
    return _act(reference, lambda row: parties.decline(row, by=by, reply=body["reply"]))


def _command(body: dict[str, Any]) -> PlaceBooking:
    """Return the command of a booking, checked by the form of the pages."""
    caller, over_limit = get_caller(), _over_limit(body)
    bodies.check_categories(caller.hall_id, body)
    form = StaffBookingForm(bodies.as_form(body), meta=bodies.WITHOUT_TOKEN)
    bodies.check(form)
    return replace(
        form.to_command(hall_id=caller.hall_id),
        programme=None,
        source=Source.API,
        language=form.pass_language.data,
        by=_by(body),
        over_limit=over_limit,
        block_accepted=form.block_accepted.data,
        submission=f"api {caller.number} {request.headers.get(IDEMPOTENCY_KEY) or secrets.token_urlsafe(16)}",
    )


def _by(body: dict[str, Any]) -> By:
    """Return by whose rules an act is done. Raises InputInvalid for what an organiser does not change."""
    if body["rules"] == "staff":
        return by_staff(get_caller().id)
    wrong = [name for name in _OF_STAFF if name in body] if request.method == "PATCH" else []
    if wrong:
        message = _("Only the staff change this.")
        raise InputInvalid([FieldError(field=name, message=message) for name in wrong])
    return ORGANISER


def _over_limit(body: dict[str, Any]) -> str | None:
    """Return the reason to exceed the limits. Raises ManagerNeeded without the scope, or by an organiser's rules."""
    reason = body.get("over_limit")
    if reason and not (get_caller().may(Permission.BOOKINGS_REVIEW) and body["rules"] == "staff"):
        raise ManagerNeeded
    return reason


def _contact(row: Booking, body: dict[str, Any]) -> dict[str, Any]:
    """Return the contact of a booking with the changes; needs that were agreed to before need no new agreement."""
    present = {name: value for name, value in resources.booking(row).items() if name in _CONTACT}
    return present | {"access_consent": bool(row.access)} | {name: body[name] for name in body.keys() & _CONTACT}


def _act(reference: str, verb: Callable[[Booking], object], *, slot_id: int | None = None) -> Response:
    """Carry out a verb on a booking that is as the program knew it, and return the booking after it.

    The day of the slot to which it moves is locked at once with its own, in the order of all locks.
    """

    def do() -> Content:
        row = _get(reference)
        target = schedule.find_slot(row.hall_id, slot_id) if slot_id is not None else None
        hold_still(row, *([target.day] if target else []))
        check_unchanged(resources.booking(row))
        verb(row)
        return resources.booking(row)

    return act(do)


def _get(reference: str) -> Booking:
    """Return a booking of the key's hall. Raises NoResultFound."""
    return stored.get_booking(get_caller().hall_id, tidy(reference))
