"""Views of the API: bookings and their passes. The verbs are those of the pages."""

from collections.abc import Callable
from typing import Any

from flask import Response
from werkzeug.datastructures import MultiDict

from hallapp.accounts.roles import Permission
from hallapp.api import cursors, queries
from hallapp.api.errors import NoParty, NothingToChange
from hallapp.api.web import bodies, placing, refusals, resources
from hallapp.api.web.access import get_caller, secret_keys
from hallapp.api.web.answers import Content, act, check_unchanged, create, send, send_page
from hallapp.api.web.blueprints import bookings
from hallapp.api.web.marks import guarded, refuses, repeatable, scope
from hallapp.api.web.schemas import bookings as schemas
from hallapp.api.web.schemas.common import Nothing
from hallapp.booking import parties, service
from hallapp.booking import queries as stored
from hallapp.booking.answers import AnswersData
from hallapp.booking.lifecycle import by_staff, hold_still
from hallapp.booking.managing.errors import ScopeMissing
from hallapp.booking.managing.web.forms import AnswersForm, ContactForm, MoveForm, PeopleForm
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.reference import tidy
from hallapp.booking.web import limiting
from hallapp.booking.web.kept_places import keep_places
from hallapp.questions import queries as questions
from hallapp.schedule import queries as schedule
from hallapp.schedule.errors import DaysCrossed

_CONTACT = frozenset(schemas.Contact().fields)


@bookings.route("/bookings")
@bookings.arguments(schemas.BookingQuery, location="query")
@bookings.response(200, schemas.Bookings)
@scope(Permission.BOOKINGS_CHANGE)
@refuses(DaysCrossed)
def list_bookings(query: dict[str, Any]) -> Response:
    """List bookings in the order in which they were made; of one state, or of a range of days of the visit."""
    hall_id, state, first, last = get_caller().hall_id, query.get("state"), query.get("first"), query.get("last")
    if first and last and last < first:
        raise DaysCrossed
    slot, party, series = query.get("slot"), query.get("party"), query.get("series")
    of = ["bookings", hall_id, state, first, last, slot, party, series]
    cursor = query.get("cursor")
    after = int(cursors.read(cursor, of=of, keys=secret_keys())[0]) if cursor else 0
    states = [BookingState(state)] if state else []
    limit = query["limit"]
    found = queries.list_bookings(
        hall_id,
        after=after,
        limit=limit + 1,
        states=states,
        first=first,
        last=last,
        slot_id=slot,
        party=placing.read_group_id(party),
        series=placing.read_group_id(series),
    )
    shown = found[:limit]
    following = cursors.write([shown[-1].id], of=of, keys=secret_keys()) if len(found) > limit else None
    return send_page(resources.bookings(shown), following)


@bookings.route("/bookings", methods=["POST"])
@bookings.arguments(schemas.NewBooking)
@bookings.response(201, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
@repeatable
@refuses(*refusals.PLACING)
def place_booking(body: dict[str, Any]) -> Response:
    """Place a booking.

    By the rules of an organiser, as on the booking page; or by those of the staff (`rules`), who need no review and can
    book later.
    """
    command = placing.to_command(body)

    def do() -> Content:
        if command.is_online:
            limiting.hit_messages(command)
        return resources.booking(service.place(command))

    return create(do, place=lambda made: f"/bookings/{made['reference']}")


@bookings.route("/bookings/<reference>")
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
def get_booking(reference: str) -> Response:
    """Get a booking."""
    return send(resources.booking(_get(reference)))


@bookings.route("/bookings/<reference>", methods=["PATCH"])
@bookings.arguments(schemas.ChangedBooking)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
@repeatable
@guarded
@refuses(*refusals.CHANGING)
def change_booking(body: dict[str, Any], reference: str) -> Response:
    """Change the time, the people, the resources or the contact of a booking; all that is named, or nothing."""
    by, over_limit = placing.by_of(body), placing.over_limit_of(body)
    if not body.keys() & (_CONTACT | {"slot", "origins", "resources", bodies.ANSWERS}):
        raise NothingToChange

    def change_people(row: Booking, asked: dict[str, int] | None) -> None:
        people = PeopleForm(bodies.as_form({"origins": body.get("origins") or resources.booking(row)["origins"]}))
        bodies.check(keep_places(people, row))
        wanted = None if asked is None else {int(number): count for number, count in asked.items()}
        service.change_people(row, people.origin_pairs(), resources=wanted, by=by, over_limit=over_limit)

    def do(row: Booking) -> None:
        asked, left = body.get("resources"), body.keys() & {"origins", "resources"}
        # A group that grows needs room at the new time alone, so it moves first; one that shrinks does that first.
        if "slot" in body:
            if sum(each["visitors"] for each in body.get("origins", ())) in range(1, row.visitors):
                change_people(row, None)
                left -= {"origins"}
            moved = MoveForm(bodies.as_form({"slot": body["slot"]}))
            bodies.check(moved)
            service.move(row, moved.slot_id or 0, by=by, over_limit=over_limit)
        if left:
            change_people(row, asked)
        if body.keys() & _CONTACT:
            contact = ContactForm(bodies.as_form(_contact(row, body)))
            bodies.check(contact)
            parties.change_contact(row, contact.to_data(), by=by)
        if bodies.ANSWERS in body:
            parties.change_answers(row, _answers(row, body), by=by)

    return _act(reference, do, slot_id=body.get("slot"))


@bookings.route("/bookings/<reference>/cancel", methods=["POST"])
@bookings.arguments(schemas.Cancellation)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
@repeatable
@guarded
@refuses(*refusals.CANCELLING)
def cancel_booking(body: dict[str, Any], reference: str) -> Response:
    """Cancel a booking; of a large group or a series, as much as `scope` says."""
    by, reply, part = placing.by_of(body), body.get("reply", ""), body.get("scope")

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
@bookings.arguments(schemas.Confirmation)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_REVIEW)
@repeatable
@guarded
@refuses(*refusals.CONFIRMING)
def confirm_booking(body: dict[str, Any], reference: str) -> Response:
    """Confirm a request, or accept a waiting group."""
    by = by_staff(get_caller().id)
    return _act(reference, lambda row: parties.confirm(row, by=by, over_limit=body.get("over_limit")))


@bookings.route("/bookings/<reference>/decline", methods=["POST"])
@bookings.arguments(schemas.Decline)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_REVIEW)
@repeatable
@guarded
@refuses(*refusals.DECLINING)
def decline_booking(body: dict[str, Any], reference: str) -> Response:
    """Decline a request, with a reason for the organiser."""
    by = by_staff(get_caller().id)
    return _act(reference, lambda row: parties.decline(row, by=by, reply=body["reply"]))


def _answers(row: Booking, body: dict[str, Any]) -> AnswersData:
    """Return the changed answers, checked by the form of the pages; questions that are not named keep theirs."""
    form = AnswersForm(MultiDict())
    form.answers_required = body["rules"] != "staff"
    named = body[bodies.ANSWERS].keys()
    active = questions.list_active(row.hall_id, row.slot.programme_id)
    bodies.ask(form, (one for one in active if str(one.number) in named), body)
    bodies.check(form)
    return form.to_data()


def _contact(row: Booking, body: dict[str, Any]) -> dict[str, Any]:
    """Return the contact of a booking with the changes; needs that were agreed to before need no new agreement."""
    present = {name: value for name, value in resources.booking(row).items() if name in _CONTACT}
    return present | {"access_consent": bool(row.access)} | {name: body[name] for name in body.keys() & _CONTACT}


@bookings.route("/bookings/<reference>/accept", methods=["POST"])
@bookings.arguments(Nothing)
@bookings.response(200, schemas.Booking)
@scope(Permission.BOOKINGS_CHANGE)
@repeatable
@guarded
@refuses(*refusals.ACCEPTING)
def accept_offer(_body: dict[str, Any], reference: str) -> Response:
    """Accept the places that were offered to a waiting group, as its organiser does; in time (`offered_until`)."""
    return _act(reference, service.take_offer)


@bookings.route("/bookings/<reference>/move-parts", methods=["POST"])
@bookings.arguments(schemas.MovedParty)
@bookings.response(200, schemas.Party)
@scope(Permission.BOOKINGS_CHANGE)
@repeatable
@guarded
@refuses(*refusals.MOVING_PARTS)
def move_party(body: dict[str, Any], reference: str) -> Response:
    """Move all parts of a large group to another day, each to its own time; all of them or none."""
    by = placing.by_of(body)

    def do() -> Content:
        row = _get(reference)
        if row.party is None:
            raise NoParty
        hold_still(row, body["day"])
        check_unchanged(resources.booking(row))
        parties.move_to_day(row, body["day"], by=by)
        return placing.party_of(row)

    return act(do)


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
