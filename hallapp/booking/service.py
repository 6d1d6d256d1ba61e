"""A booking's verbs: place, confirm, decline, change, move, cancel."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from hallapp.booking import bigrams, checks, codes, floods, queries, reference, tours, waiting
from hallapp.booking.errors import AskTheHall, NotInThisState
from hallapp.booking.lifecycle import ORGANISER, By, advance, alter, hold_still, note
from hallapp.booking.models import (
    HOLDING,
    Actor,
    Booking,
    BookingState,
    CodePurpose,
    OrganisationKind,
    Origin,
    Source,
    TourLanguage,
    Verb,
)
from hallapp.booking.signals import address_changing
from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.schedule import capacity
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Slot

_KEY_BYTES = 32
_REFERENCE_ATTEMPTS = 5

Origins = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceBooking:
    """The command that places a booking.

    `origins` are pairs of a division's code and a head count, each division once. `phone` is in E.164. `programme` is
    the slug of the programme to which the caller believes the slot belongs, or None. `submission` is a random text of
    the form: the same text with the same content is the same booking.

    `wait` puts the group on the waiting list if the time is full. `duplicate_accepted` confirms a second booking of the
    same organisation or phone on that day. The staff (`by`) can book until the visit ends and need no review; a
    manager's `over_limit` is the reason for exceeding the limits of size and capacity.

    `known` are the ids of bookings that the organiser has proved to know: a second booking on one day is reported to
    them only for those; the staff see every one. `network` is a digest of the client network of an online booking.

    `language` is that of pages and letters, `tour_language` the guide's. Where it is None, the guide speaks that of the
    pages; of a programme without a guide nobody asks it.
    """

    hall_id: int
    slot_id: int
    organisation: str
    kind: OrganisationKind
    contact_name: str
    phone: str
    origins: Origins
    submission: str
    consented: bool
    programme: str | None = None
    email: str | None = None
    note: str = ""
    language: str = "zh"
    tour_language: TourLanguage | None = None
    source: Source = Source.ONLINE
    by: By = ORGANISER
    wait: bool = False
    duplicate_accepted: bool = False
    known: tuple[int, ...] = ()
    network: str | None = None
    over_limit: str | None = None

    @property
    def visitors(self) -> int:
        """Return the group's size: the sum of its origins."""
        return sum(visitors for _division, visitors in self.origins)

    @property
    def organisation_key(self) -> str:
        """Return the organisation's name as names are compared."""
        return bigrams.organisation_key(self.organisation)

    def digest(self) -> str:
        """Return the digest by which a submit is recognised: of its random text and its content."""
        content = [
            *(self.submission, self.slot_id, self.organisation, self.kind, self.contact_name, self.phone, self.email),
            *(self.note, sorted(self.origins), *([self.tour_language] if self.tour_language else [])),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def place(command: PlaceBooking) -> Booking:
    """Claim the places, store the booking and send the signal; a repeated submit returns its booking.

    The booking is then confirmed; or requested, where the hall reviews, the brake is on, or a code must be entered
    first; or on the waiting list, where the time is full and the group wants to wait.

    Raises SlotUnknown, SlotOfOtherProgramme, ProgrammeInactive, GroupTooSmall, GroupTooLarge, SlotPast, SlotTooSoon,
    SlotTooFar, SlotClosed, SlotFull, Paused, NotOnline, HallBusy or Duplicate, TourLanguageNeeded,
        TourLanguageNotSpoken: each named after its the way. The
    transaction must then roll back.
    """
    submission = command.digest()
    floods.hold_group(command.hall_id, phone=command.phone, organisation_key=command.organisation_key)
    # Asked first: the rest of this function could refuse a repeat, as when its own first send took the last places.
    placed_before = queries.find_booking_by_submission(command.hall_id, submission)
    if placed_before is not None:
        return placed_before
    slot = _check(command)
    state, held_until = _begin(slot, command.by)
    booking, is_new = _insert(command, submission, slot=slot, state=state, held_until=held_until)
    if not is_new:
        return booking
    _insert_origins(booking, command.origins)
    bigrams.index(booking)
    try:
        _claim(booking, slot)
    except SlotFull:
        db.session.refresh(slot)  # the hall may have closed it while this waited for its row
        # There is no waiting list for a visit that can never fit.
        if not (command.wait and slot.open and slot.could_hold(booking.visitors)):
            raise
        booking.state, booking.held_until = BookingState.WAITLISTED, None
        db.session.flush()
    to_prove = _wants_code(slot, command.by) and booking.state is BookingState.REQUESTED
    # Until its code is typed the organiser gets the code only, and no letter about a booking that may be made up.
    note(booking, Verb.PLACED, by=command.by, before=None, detail={"untold": True} if to_prove else None)
    if to_prove:
        codes.issue(booking, CodePurpose.HOLD, email=booking.email)
    return booking


def confirm(booking: Booking, *, by: By, over_limit: str | None = None) -> None:
    """Confirm a requested booking; or accept a waiting group, over the limit where a manager gives a reason.

    Raises:
        NotInThisState: it neither waits for an answer nor for a place. SlotFull: there is no room for a waiting group.
    """
    hold_still(booking)
    if booking.state is BookingState.WAITLISTED:
        booking.over_limit = over_limit
        _claim(booking, booking.slot)
    elif booking.state is not BookingState.REQUESTED:
        raise NotInThisState(booking.state)
    advance(booking, BookingState.CONFIRMED, Verb.CONFIRMED, by=by)


def decline(booking: Booking, *, by: By, reply: str) -> None:
    """Decline a request, with a reason for the organiser; its places are offered on. Raises NotInThisState."""
    hold_still(booking)
    advance(booking, BookingState.DECLINED, Verb.DECLINED, by=by, reply=reply)
    waiting.offer_freed(booking.hall_id, booking.slot.day)


def take_offer(booking: Booking, *, by: By = ORGANISER) -> None:
    """Accept offered places; where the hall reviews, this becomes a request. Raises NotInThisState: too late."""
    hold_still(booking)
    if booking.offered_until is None or booking.offered_until <= clock.now():
        raise NotInThisState(booking.state)
    advance(booking, checks.agreed_state(booking.slot, by), Verb.TAKEN, by=by)


def cancel(booking: Booking, *, by: By = ORGANISER, reply: str = "", offer: bool = True) -> None:
    """Cancel a booking and send the signal; its places are offered on at once. A cancelled booking stays unchanged.

    `reply` is the staff's message to the organiser. Without `offer` the caller offers the places on, later.

    Raises:
        VisitStarted: the group is in already; or, for its organiser, its slot has begun.
        TooLateToChange: the organiser's cut-off has passed. NotInThisState: there is nothing to cancel any more.
    """
    hold_still(booking)
    if booking.state is BookingState.CANCELLED:
        return
    checks.check_may(booking, by)
    advance(booking, BookingState.CANCELLED, Verb.CANCELLED, by=by, reply=reply)
    if offer:
        waiting.offer_freed(booking.hall_id, booking.slot.day)


def change_people(booking: Booking, origins: Origins, *, by: By = ORGANISER, over_limit: str | None = None) -> None:
    """Change the number of people or their origins: places are released or claimed at once; the pass stays.

    Raises:
        VisitStarted, TooLateToChange, NotInThisState: it cannot be changed any more.
        ProgrammeInactive, GroupTooSmall, GroupTooLarge: for the size. SlotFull: for so many more there is no room.
        AskTheHall: more people than the hall has agreed to, where it reviews.
    """
    hold_still(booking)
    checks.check_may(booking, by)
    before, visitors = booking.visitors, sum(people for _division, people in origins)
    more = visitors - before
    if more > 0:
        _check_agreed(booking, by)
    let_in = over_limit is not None or (more < 0 and booking.over_limit is not None)
    if more and not let_in:
        checks.check_size(booking.slot.programme, visitors)
    if booking.state in HOLDING:
        _resize(booking, more, over_limit=over_limit)
    elif more > 0 and not booking.slot.could_hold(visitors):
        raise SlotFull
    booking.origins = [Origin(hall_id=booking.hall_id, division=code, visitors=people) for code, people in origins]
    alter(booking, Verb.CHANGED, by=by, detail={"visitors": [before, visitors]}, visitors=visitors)
    if more < 0:
        waiting.offer_freed(booking.hall_id, booking.slot.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactData:
    """The contact of a booking, and in which language it is led; `phone` is in E.164.

    Of the last three, what value of None is left unchanged.
    """

    contact_name: str
    phone: str
    email: str | None
    note: str
    organisation: str | None = None
    kind: OrganisationKind | None = None
    tour_language: TourLanguage | None = None


def change_contact(booking: Booking, data: ContactData, *, by: By = ORGANISER) -> None:
    """Change the contact the note, and the language of the tour.

    A new mail address given by an organiser takes effect when the code sent to it has been entered; the previous
    address is informed. Staff have asked the organiser themselves.

    Raises:
        VisitStarted, TooLateToChange, NotInThisState: it cannot be changed any more.
        NotOnline: the new phone number is one with which nobody can book online at present.
        TourLanguageNotSpoken: no guide of the programme speaks the new language of the tour.
    """
    by_organiser = by.actor is Actor.ORGANISER
    if by_organiser and data.phone != booking.phone:
        _check_phone(booking, data.phone)
    hold_still(booking)
    checks.check_may(booking, by)
    email = _ask_email(booking, data.email) if by_organiser else data.email
    new = {
        "contact_name": data.contact_name,
        "phone": data.phone,
        "phone_tail": data.phone[-4:],
        "email": email,
        "note": data.note,
        "organisation": data.organisation or booking.organisation,
        "kind": data.kind or booking.kind,
        "tour_language": _change_tour_language(booking, data.tour_language),
    }
    changed = {name: value for name, value in new.items() if getattr(booking, name) != value}
    if not changed:
        return
    before = (booking.organisation, booking.contact_name)
    changed["organisation_key"] = bigrams.organisation_key(str(new["organisation"]))
    fields = sorted(changed.keys() - {"phone_tail", "organisation_key"})
    alter(booking, Verb.CHANGED, by=by, detail={"fields": fields}, **changed)
    bigrams.reindex(booking, before=before)


def _change_tour_language(booking: Booking, language: TourLanguage | None) -> TourLanguage | None:
    """Return the language of a booking's tour after a change; `language` is what was asked for, None for no change."""
    if language is None or language == booking.tour_language or not booking.guides:
        return booking.tour_language
    tours.check(booking.slot.programme, language)
    return language


def move(
    booking: Booking, slot_id: int, *, by: By = ORGANISER, over_limit: str | None = None, offer: bool = True
) -> None:
    """Move a booking to another slot, of any programme; the pass stays. `offer` is as for `cancel`.

    The new places are claimed in the same transaction that releases the old ones: a refused group keeps the old ones,
    and no one else sees them free in between. A waiting group leaves the list.

    Raises:
        SlotUnknown, SlotPast, SlotTooSoon, SlotTooFar, SlotClosed, ProgrammeInactive, GroupTooSmall, GroupTooLarge,
        SlotFull: for the new slot. The transaction must roll back.
        VisitStarted, TooLateToChange, NotInThisState, AskTheHall: for the booking.
    """
    slot = checks.get_slot(booking.hall_id, slot_id)
    hold_still(booking, slot.day)
    old = booking.slot
    if old.id == slot.id:
        return
    checks.check_may(booking, by)
    _check_agreed(booking, by)
    _check_slot(slot, booking.visitors, by=by, over_limit=over_limit)
    if booking.state in HOLDING:
        _release(booking)
    moved = {"slot_id": slot.id, "slot": slot, "guides": slot.programme.guides, "over_limit": over_limit}
    for name, value in moved.items():
        setattr(booking, name, value)
    if booking.guides and booking.tour_language is None:
        booking.tour_language = TourLanguage(booking.language)
    _claim(booking, slot)
    detail = {"from": _name(old), "to": _name(slot)}
    if booking.state in (BookingState.WAITLISTED, BookingState.OFFERED):
        advance(booking, checks.agreed_state(slot, by), Verb.MOVED, by=by, detail=detail)
    else:
        alter(booking, Verb.MOVED, by=by, detail=detail)
    for day in sorted({old.day, slot.day}) if offer else ():
        waiting.offer_freed(booking.hall_id, day)


def let_in_over_limit(booking: Booking, reason: str) -> None:
    """Count the places of a booking as over the limits, with a reason. The caller has locked its row."""
    _release(booking)
    booking.over_limit = reason
    _claim(booking, booking.slot)


def _name(slot: Slot) -> dict[str, Any]:
    return {"slot": slot.id, "programme": slot.programme.slug, "starts_at": slot.starts_at.isoformat()}


def _check_phone(booking: Booking, phone: str) -> None:
    """Check a phone number that a booking gets later by the rules for new bookings. Raises NotOnline."""
    hall = booking.slot.programme.hall
    floods.hold_group(hall.id, phone=phone, organisation_key="")
    checks.check_online(hall, phone=phone, organisation_key="")
    floods.check_open(hall, phone=phone, organisation_key="", kind=booking.kind)


def _ask_email(booking: Booking, email: str | None) -> str | None:
    """Return the address to use for now: a new one must be verified first, unless the booking itself must be."""
    if email == booking.email:
        return email
    if queries.find_code(booking, CodePurpose.HOLD) is not None:
        booking.email = email
        codes.issue(booking, CodePurpose.HOLD, email=email)
        return email
    address_changing.send(booking, email=email)
    if email is None:
        return None
    codes.issue(booking, CodePurpose.EMAIL, email=email)
    return booking.email


def _begin(slot: Slot, by: By) -> tuple[BookingState, datetime | None]:
    """Return the initial state of a new booking, and the end of its hold if limited. Raises HallBusy."""
    state = checks.agreed_state(slot, by)
    if by.actor is not Actor.ORGANISER:
        return state, None
    hall = slot.programme.hall
    braked = floods.press_brake(hall)
    if _wants_code(slot, by):
        return BookingState.REQUESTED, clock.now() + codes.LIFETIME[CodePurpose.HOLD]
    return (BookingState.REQUESTED, floods.hold_until(hall)) if braked else (state, None)


def _wants_code(slot: Slot, by: By) -> bool:
    return by.actor is Actor.ORGANISER and slot.programme.hall.confirm_by_code


def _check_agreed(booking: Booking, by: By) -> None:
    """Check that the hall has not yet reviewed the booking. Raises AskTheHall where it has."""
    if by.actor is Actor.ORGANISER and checks.asks_hall(booking):
        raise AskTheHall


def _check(command: PlaceBooking) -> Slot:
    """Return the slot, if programme, size, time and the group's history allow it; the claim checks the capacity."""
    slot = checks.get_slot(command.hall_id, command.slot_id, programme=command.programme)
    _check_slot(slot, command.visitors, by=command.by, over_limit=command.over_limit)
    hall, phone, key = slot.programme.hall, command.phone, command.organisation_key
    if command.by.actor is Actor.ORGANISER:
        checks.check_online(hall, phone=phone, organisation_key=key)
        floods.check_open(hall, phone=phone, organisation_key=key, kind=command.kind)
        known: tuple[int, ...] | None = command.known
    else:
        checks.check_pause(hall, phone=phone, organisation_key=key)
        known = None
    if not command.duplicate_accepted:
        checks.check_duplicate(slot, phone=phone, organisation_key=key, known=known)
    return slot


def _check_slot(slot: Slot, visitors: int, *, by: By, over_limit: str | None) -> None:
    if over_limit is None:
        checks.check_size(slot.programme, visitors)
    if by.actor is Actor.ORGANISER:
        checks.check_time(slot)
    else:
        checks.check_time_for_staff(slot)


def _claim(booking: Booking, slot: Slot) -> None:
    capacity.claim(slot, visitors=booking.visitors, guides=booking.guides, forced=booking.over_limit is not None)


def _release(booking: Booking) -> None:
    capacity.release(
        booking.slot, visitors=booking.visitors, guides=booking.guides, forced=booking.over_limit is not None
    )


def renew_key(booking: Booking, *, by: By) -> None:
    """Give the organiser's page a new private address and end the old one; needs a transaction."""
    hold_still(booking)
    booking.key = secrets.token_urlsafe(_KEY_BYTES)
    note(booking, Verb.RELINKED, by=by, before=booking.state, detail={})


def _resize(booking: Booking, more: int, *, over_limit: str | None) -> None:
    """Claim or release the difference; a group over the limit stays over the limit as a whole."""
    if more > 0 and over_limit is not None and booking.over_limit is None:
        let_in_over_limit(booking, over_limit)
    forced = booking.over_limit is not None
    if more > 0:
        capacity.claim(booking.slot, visitors=more, guides=0, forced=forced)
    elif more < 0:
        capacity.release(booking.slot, visitors=-more, guides=0, forced=forced)


def _insert(
    command: PlaceBooking, submission: str, *, slot: Slot, state: BookingState, held_until: datetime | None
) -> tuple[Booking, bool]:
    """Return the new booking and True, or the booking that the same submit has just made, and False.

    The unique index decides between two equal submits at the same time: PostgreSQL lets the second wait for the end of
    the first. The insert comes before the claim, so that a repeat never finds the slot filled by itself.
    """
    values = _values(command, submission, slot=slot, state=state) | {"held_until": held_until}
    for _attempt in range(_REFERENCE_ATTEMPTS):
        values |= {"key": secrets.token_urlsafe(_KEY_BYTES), "reference": reference.make()}
        booking = db.session.scalar(upsert(Booking, values).on_conflict_do_nothing().returning(Booking))
        if booking is not None:
            return booking, True
        placed_before = queries.find_booking_by_submission(command.hall_id, submission)
        if placed_before is not None:
            return placed_before, False
    raise RuntimeError("no free reference found")


def _insert_origins(booking: Booking, origins: Origins) -> None:
    db.session.execute(
        insert(Origin),
        [
            {"booking_id": booking.id, "hall_id": booking.hall_id, "division": division, "visitors": visitors}
            for division, visitors in origins
        ],
    )


def _values(command: PlaceBooking, submission: str, *, slot: Slot, state: BookingState) -> dict[str, Any]:
    now = clock.now()
    return {
        "hall_id": command.hall_id,
        "slot_id": command.slot_id,
        "submission": submission,
        "state": state,
        "source": command.source,
        "language": command.language,
        "organisation": command.organisation,
        "organisation_key": command.organisation_key,
        "kind": command.kind,
        "contact_name": command.contact_name,
        "phone": command.phone,
        "phone_tail": command.phone[-4:],
        "email": command.email,
        "note": command.note,
        "visitors": command.visitors,
        "guides": slot.programme.guides,
        "tour_language": tours.choose(slot.programme, asked=command.tour_language, pages=command.language),
        "consented_at": now if command.consented else None,
        "created_at": now,
        "network": command.network,
        "over_limit": command.over_limit,
        "reply": "",
    }
