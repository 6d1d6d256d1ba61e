"""Placing a booking: load once, decide without a database (`decision.py`), store once."""

import secrets
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.util import identity_key

from hallapp.booking import bigrams, codes, decision, floods, groups, lifecycle, queries, reference, tours
from hallapp.booking.commands import PlaceBooking
from hallapp.booking.decision import Placement, Situation
from hallapp.booking.errors import Duplicate
from hallapp.booking.floods import Pressure
from hallapp.booking.groups import Record
from hallapp.booking.lifecycle import LetterAbout
from hallapp.booking.models import Booking, BookingState, CodePurpose, Origin, Verb
from hallapp.categories.queries import list_families
from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.core.prepared import Prepared
from hallapp.kinds.queries import list_kinds
from hallapp.privacy.notice import get_notice, keep
from hallapp.questions import service as answers
from hallapp.resources.errors import NoResourceLeft
from hallapp.resources.queries import list_resources
from hallapp.schedule import hall_facts
from hallapp.schedule import queries as schedule
from hallapp.schedule.errors import SlotFull

_KEY_BYTES = 32
_REFERENCE_ATTEMPTS = 5
_COPIED = (
    *("hall_id", "slot_id", "source", "language", "organisation", "kind", "contact_name", "phone", "email", "note"),
    *("access", "network", "over_limit", "visitors", "organisation_key", "party", "series"),
)


def look(command: PlaceBooking) -> Situation:
    """Return what a booking meets. It may be read before the transaction, so that other writers wait for less."""
    slot = hall_facts.find_slot(command.hall_id, command.slot_id)
    hall = slot.programme.hall if slot else hall_facts.get_hall(command.hall_id)
    return Situation(
        now=clock.now(),
        hall=hall,
        slot=slot,
        languages=tours.list_languages(hall, slot.programme, version=slot.version) if slot else (),
        pressure=floods.read_pressure(hall) if command.is_online else Pressure(),
        kinds=list_kinds(hall.id, version=slot.version if slot else None),
        families=list_families(hall.id, version=slot.version) if slot else (),
        notice=get_notice(hall.id, version=slot.version) if slot and command.consented else None,
        resources=list_resources(hall.id, version=slot.version) if slot else (),
    )


def place(command: PlaceBooking, situation: Situation | None = None) -> Booking:
    """Claim the places, store the booking and send the signal; a repeated submit returns its booking.

    The booking is then confirmed; or requested, where the hall reviews, the brake is on, or a code must be entered
    first; or on the waiting list, where the time is full and the group wants to wait. `situation` is what `look` said
    a moment ago.

    Raises SlotUnknown, SlotOfOtherProgramme, ProgrammeInactive, GroupTooSmall, GroupTooLarge, SlotPast, SlotTooSoon,
    SlotTooFar, SlotClosed, SlotFull, Paused, NotOnline, NetworkFull, HallBusy, Duplicate, TourLanguageNeeded,
    TourLanguageNotSpoken, KindUnknown, AccessNotOffered, TooManyWheelchairs, ResourceTaken, ResourceNotOffered,
    TooManyResources: each named after its reason. The transaction must then roll back.
    """
    situation = situation or look(command)
    record = hold_and_read(command, situation)
    if record.placed is not None:  # asked first: the decision could refuse a repeat, as when it took the last places
        return db.session.get_one(Booking, record.placed)
    placement = decision.decide(command, situation, record)
    if record.same_day:
        check_duplicate(command, placement)
    if placement.presses_brake:
        floods.press_brake(command.hall_id)
    return store(command, placement)


def make_key() -> str:
    """Return a new private key of an organiser's page."""
    return secrets.token_urlsafe(_KEY_BYTES)


def hold_and_read(command: PlaceBooking, situation: Situation) -> Record:
    """Let no other booking of this group be decided meanwhile, and return its record.

    The first booking that accepts a new version of the privacy notice stores it. This comes before every lock: other
    bookings with this version wait here until the end of the transaction, and must have nothing that it needs.
    """
    if situation.notice is not None:
        keep(situation.notice)
    slot, hall = situation.slot, situation.hall
    day = None if command.duplicate_accepted or slot is None else slot.day
    network = floods.limited(command.network)
    phone, organisation_key = command.phone, command.organisation_key
    groups.hold(hall, day=day, phone=phone, organisation_key=organisation_key, network=network)
    return groups.read(
        hall,
        day=day,
        kind=command.kind,
        submission=command.digest(),
        phone=phone,
        organisation_key=organisation_key,
        network=network,
    )


def check_duplicate(command: PlaceBooking, placement: Placement) -> None:
    """Raise Duplicate for a second booking of the group on a day; an organiser learns only of those that they know."""
    found = queries.list_same_group(
        command.hall_id, placement.slot.day, phone=command.phone, organisation_key=command.organisation_key
    )
    told = [booking for booking in found if not command.is_online or booking.id in command.known]
    if told:
        raise Duplicate(told)


def store(command: PlaceBooking, placement: Placement) -> Booking:
    """Write the booking with all that belongs to it, in this order: booking, places, history.

    The insert comes before the claim, so that a repeat never finds the slot filled by itself.
    """
    booking, is_new = _insert(command, placement)
    if not is_new:
        return booking
    mine = {"booking_id": booking.id, "hall_id": booking.hall_id}
    _NEW_ORIGIN.run(*(mine | {"division": code, "visitors": people} for code, people in command.origins))
    answers.store(booking.hall_id, booking.id, command.answers)
    bigrams.index(booking)
    try:
        lifecycle.hold(booking, placement.slot)
    except SlotFull as full:
        _wait(command, booking, full)
    to_prove = placement.by_code and booking.state is BookingState.REQUESTED
    # Until its code is typed the organiser gets the code only, and no letter about a booking that may be made up.
    letter = LetterAbout.NOTHING if to_prove else command.letter
    lifecycle.note(booking, Verb.PLACED, by=command.by, before=None, detail=letter.detail)
    if to_prove and command.letter is not LetterAbout.NOTHING:
        codes.issue(booking, CodePurpose.HOLD, email=booking.email)
    return booking


def _wait(command: PlaceBooking, booking: Booking, full: SlotFull) -> None:
    """Put a new booking on the waiting list of its full slot. Raises SlotFull where it cannot or will not wait."""
    slot = schedule.find_slot(booking.hall_id, booking.slot_id, anew=True)  # the hall may have closed it meanwhile
    # There is no waiting list for a visit that can never fit.
    if slot is None or not (command.wait and slot.open and slot.could_hold(booking.visitors)):
        if isinstance(full, NoResourceLeft):
            raise full
        raise SlotFull(left=slot.visitors_free if slot and slot.open else 0, asked=booking.visitors)
    booking.state, booking.held_until = BookingState.WAITLISTED, None
    db.session.flush()


def _insert(command: PlaceBooking, placement: Placement) -> tuple[Booking, bool]:
    """Return the new booking and True, or the booking that the same submit has just made, and False.

    The unique index decides between two equal submits at the same time: PostgreSQL lets the second wait for the end of
    the first.
    """
    values = _values(command, placement)
    for _attempt in range(_REFERENCE_ATTEMPTS):
        values |= {"key": make_key(), "reference": reference.make()}
        if made := _NEW_BOOKING.rows(values):
            return _as_entity(values | {"id": made[0][0]}), True
        placed_before = queries.find_booking_by_submission(command.hall_id, values["submission"])
        if placed_before is not None:
            return placed_before, False
    raise RuntimeError("no free reference found")


def _values(command: PlaceBooking, placement: Placement) -> dict[str, Any]:
    now = clock.now()
    return {name: getattr(command, name) for name in _COPIED} | {
        "submission": command.digest(),
        "state": placement.state,
        "held_until": placement.held_until,
        "offered_until": None,
        "cancelled_at": None,
        "phone_tail": command.phone[-4:],
        "guides": placement.slot.programme.guides,
        "tour_language": placement.tour_language,
        "categories": placement.categories,
        "resources": placement.resources,
        "consented_at": now if command.consented else None,
        "privacy": placement.notice.digest if placement.notice else None,
        "created_at": now,
        "reply": "",
        "guide_note": "",
        "guide_note_at": None,
    }


def _as_entity(values: dict[str, Any]) -> Booking:
    """Return a row that has just been inserted as an entity of the session, without reading it again."""
    booking = Booking()
    vars(booking).update(values)  # as a row that was read: nothing about them is to be noted
    make_transient_to_detached(booking)
    undone = db.session.identity_map.get(identity_key(instance=booking))
    if undone is not None:  # of a transaction that was rolled back: SQLite gives its number again
        db.session.expunge(undone)
    db.session.add(booking)
    return booking


_NEW_ORIGIN = Prepared(insert(Origin.__table__))  # type: ignore[arg-type]
_NEW_BOOKING = Prepared(lambda: upsert(Booking).on_conflict_do_nothing().returning(Booking.id))
