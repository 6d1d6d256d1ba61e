"""A booking's verbs: place, confirm, decline, change, move, cancel."""

from dataclasses import dataclass, replace
from typing import Any

from hallapp.booking import (
    bigrams,
    checks,
    codes,
    decision,
    groups,
    party_placing,
    placing,
    queries,
    tours,
    waiting,
)
from hallapp.booking.access import AccessNeeds
from hallapp.booking.booking_resources import keep_resources, settle_resources
from hallapp.booking.commands import Origins
from hallapp.booking.commands import PlaceBooking as PlaceBooking
from hallapp.booking.decision import Situation
from hallapp.booking.errors import AskTheHall, FewerThanWheelchairs, NotInThisState, NotOnline, SlotUnknown
from hallapp.booking.groups import Record
from hallapp.booking.lifecycle import ORGANISER, By, LetterAbout, advance, alter, give_back, hold, hold_still, note
from hallapp.booking.models import (
    HOLDING,
    Actor,
    Booking,
    BookingState,
    CodePurpose,
    Origin,
    TourLanguage,
    Verb,
)
from hallapp.booking.placing import look as look
from hallapp.booking.signals import address_changing
from hallapp.core import clock
from hallapp.kinds.queries import list_kinds
from hallapp.resources import claims
from hallapp.resources.errors import NoResourceLeft
from hallapp.resources.values import Quantities, difference
from hallapp.schedule import queries as schedule
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Slot


def place(command: PlaceBooking, situation: Situation | None = None) -> Booking:
    """Place a booking (`placing.place`), or a large group in its parts (`party_placing.place`): its first part."""
    return party_placing.place(command) if command.parts else placing.place(command, situation)


def confirm(
    booking: Booking, *, by: By, over_limit: str | None = None, letter: LetterAbout = LetterAbout.BOOKING
) -> None:
    """Confirm a requested booking, or an offer for its group; or accept a waiting group.

    A waiting group can be accepted over the limit where a manager gives a reason.

    Raises:
        NotInThisState: it waits neither for an answer nor for a place. SlotFull: there is no room for a waiting group.
    """
    hold_still(booking)
    if booking.state is BookingState.WAITLISTED:
        booking.over_limit = over_limit
        _claim(booking, booking.slot)
    elif booking.state not in (BookingState.REQUESTED, BookingState.OFFERED):
        raise NotInThisState(booking.state)
    advance(booking, BookingState.CONFIRMED, Verb.CONFIRMED, by=by, detail=letter.detail)


def decline(booking: Booking, *, by: By, reply: str, letter: LetterAbout = LetterAbout.BOOKING) -> None:
    """Decline a request, with a reason for the organiser; its places are offered on. Raises NotInThisState."""
    hold_still(booking)
    advance(booking, BookingState.DECLINED, Verb.DECLINED, by=by, detail=letter.detail, reply=reply)
    waiting.offer_freed(booking.hall_id, booking.slot.day)


def take_offer(booking: Booking, *, by: By = ORGANISER) -> None:
    """Accept offered places; where the hall reviews, this becomes a request.

    Raises:
        NotInThisState: it is too late. NotOnline: the group is on the block list.
    """
    hold_still(booking)
    if booking.offered_until is None or booking.offered_until <= clock.now():
        raise NotInThisState(booking.state)
    state = checks.agreed_state(booking.slot, by, reviewed=_check_group(booking, by).reviewed)
    advance(booking, state, Verb.TAKEN, by=by)


def cancel(
    booking: Booking,
    *,
    by: By = ORGANISER,
    reply: str = "",
    offer: bool = True,
    letter: LetterAbout = LetterAbout.BOOKING,
) -> None:
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
    advance(booking, BookingState.CANCELLED, Verb.CANCELLED, by=by, detail=letter.detail, reply=reply)
    if offer:
        waiting.offer_freed(booking.hall_id, booking.slot.day)


def change_people(
    booking: Booking,
    origins: Origins,
    *,
    resources: Quantities | None = None,
    by: By = ORGANISER,
    over_limit: str | None = None,
) -> None:
    """Change the number of people, their origins or their resources: all is released or claimed at once.

    `resources` are those that the group asks for from now on, None where nobody was asked: then they stay, as far as a
    group of the new size may have them. The pass stays.

    Raises:
        VisitStarted, TooLateToChange, NotInThisState: it cannot be changed any more.
        ProgrammeInactive, GroupTooSmall, GroupTooLarge: for the size. SlotFull: for so many more there is no room.
        AskTheHall: more people or resources than the hall has agreed to, where it reviews. NotOnline: more than before,
        for a group on the block list.
        FewerThanWheelchairs: the group has asked for more wheelchair places.
        ResourceNotOffered, TooManyResources, ResourceTaken: for the resources.
    """
    hold_still(booking)
    checks.check_may(booking, by)
    before, visitors = booking.visitors, sum(people for _division, people in origins)
    more = visitors - before
    had, has = booking.resources, settle_resources(booking, resources, visitors, by=by)
    added, freed = difference(had, has)
    if more > 0 or added:
        _check_agreed(booking, by)
    let_in = over_limit is not None or (more < 0 and booking.over_limit is not None)
    if more and not let_in:
        checks.check_size(booking.slot.programme, visitors)
    if booking.state in HOLDING:
        _resize(booking, more, added, freed, over_limit=over_limit)
    elif more > 0 and not booking.slot.could_hold(visitors):
        raise SlotFull
    booking.access = _resize_access(booking, visitors)
    booking.origins = [Origin(hall_id=booking.hall_id, division=code, visitors=people) for code, people in origins]
    if more:  # who they are is known of the earlier number only
        booking.categories = {}
    detail = {"visitors": [before, visitors], **({"fields": ["resources"]} if added or freed else {})}
    alter(booking, Verb.CHANGED, by=by, detail=detail, visitors=visitors, resources=has)
    if more < 0 or freed:
        waiting.offer_freed(booking.hall_id, booking.slot.day)


def _resize_access(booking: Booking, visitors: int) -> AccessNeeds:
    """Return the access needs of a booking of so many people. Raises FewerThanWheelchairs.

    Each part of a large group prepares for the wheelchair places of the whole group, as far as it has people.
    """
    access = booking.access
    if access.wheelchairs <= visitors:
        return access
    if booking.party is None:
        raise FewerThanWheelchairs(access.wheelchairs)
    return replace(access, wheelchairs=visitors)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactData:
    """The contact of a booking, and in which language it is led; `phone` is in E.164.

    Of the last four, what value of None is left unchanged.
    """

    contact_name: str
    phone: str
    email: str | None
    note: str
    organisation: str | None = None
    kind: str | None = None
    tour_language: TourLanguage | None = None
    access: AccessNeeds | None = None


def change_contact(
    booking: Booking, data: ContactData, *, by: By = ORGANISER, letter: LetterAbout = LetterAbout.BOOKING
) -> None:
    """Change the contact, the note, the access needs and the language of the tour.

    A new mail address given by an organiser takes effect when the code sent to it has been entered; the previous
    address is informed. Staff have asked the organiser themselves.

    Raises:
        VisitStarted, TooLateToChange, NotInThisState: it cannot be changed any more.
        NotOnline: the new phone number is one with which nobody can book online at present.
        TourLanguageNotSpoken: no guide of the programme speaks the new language of the tour.
        KindUnknown: the hall does not offer the new kind.
        AccessNotOffered, TooManyWheelchairs: for the access needs.
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
        "kind": _change_kind(booking, data.kind),
        "tour_language": _change_tour_language(booking, data.tour_language),
        "access": _change_access(booking, data.access),
    }
    changed = {name: value for name, value in new.items() if getattr(booking, name) != value}
    if not changed:
        return
    before = (booking.organisation, booking.contact_name)
    changed["organisation_key"] = bigrams.organisation_key(str(new["organisation"]))
    fields = sorted(changed.keys() - {"phone_tail", "organisation_key"})
    changed["pinyin"] = None  # the worker stores it anew
    alter(booking, Verb.CHANGED, by=by, detail={"fields": fields, **letter.detail}, **changed)
    bigrams.reindex(booking, before=before)


def _change_kind(booking: Booking, asked: str | None) -> str:
    """Return the kind of a booking after a change; None asks for no change, and a retired kind can stay."""
    if asked is None or asked == booking.kind:
        return booking.kind
    decision.check_kind(asked, list_kinds(booking.hall_id))
    return asked


def _change_access(booking: Booking, asked: AccessNeeds | None) -> AccessNeeds:
    """Return the access needs of a booking after a change; None asks for no change."""
    if asked is None or asked == booking.access:
        return booking.access
    checks.check_access(asked, offered=booking.hall.access_offered, visitors=booking.visitors, before=booking.access)
    return asked


def _change_tour_language(booking: Booking, language: TourLanguage | None) -> TourLanguage | None:
    """Return the language of a booking's tour after a change; `language` is what was asked for, None for no change."""
    if language is None or language == booking.tour_language or not booking.guides:
        return booking.tour_language
    tours.check(tours.list_languages(booking.slot.programme.hall, booking.slot.programme), language)
    return language


def move(
    booking: Booking,
    slot_id: int,
    *,
    by: By = ORGANISER,
    over_limit: str | None = None,
    offer: bool = True,
    reason: str = "",
    letter: LetterAbout = LetterAbout.BOOKING,
) -> None:
    """Move a booking to another slot, of any programme; the pass stays. `offer` is as for `cancel`.

    `reason` is shown to the organiser in the timeline of the booking.

    The new places are claimed in the same transaction that releases the old ones: a refused group keeps the old ones,
    and no one else sees them free in between. A waiting group leaves the list.

    Raises:
        SlotUnknown, SlotPast, SlotTooSoon, SlotTooFar, SlotClosed, ProgrammeInactive, GroupTooSmall, GroupTooLarge,
        SlotFull: for the new slot. The transaction must roll back.
        VisitStarted, TooLateToChange, NotInThisState, AskTheHall, NotOnline: for the booking.
    """
    slot = schedule.find_slot(booking.hall_id, slot_id)
    if slot is None:
        raise SlotUnknown
    hold_still(booking, slot.day)
    old = booking.slot
    if old.id == slot.id:
        return
    checks.check_may(booking, by)
    record = _check_agreed(booking, by)
    checks.check_slot(slot, booking.visitors, by=by, over_limit=over_limit, now=clock.now())
    if booking.state in HOLDING:
        give_back(booking)
    moved = {
        "slot_id": slot.id,
        "slot": slot,
        "guides": slot.programme.guides,
        "over_limit": over_limit,
        "resources": keep_resources(booking, people=booking.visitors, programme_id=slot.programme_id),
    }
    for name, value in moved.items():
        setattr(booking, name, value)
    if booking.guides and booking.tour_language is None:
        booking.tour_language = tours.of_pages(booking.language)
    _claim(booking, slot)
    detail = {"from": _name(old), "to": _name(slot), **({"reason": reason} if reason else {}), **letter.detail}
    if booking.state in (BookingState.WAITLISTED, BookingState.OFFERED):
        state = checks.agreed_state(slot, by, reviewed=record.reviewed)
        advance(booking, state, Verb.MOVED, by=by, detail=detail)
    else:
        alter(booking, Verb.MOVED, by=by, detail=detail)
    for day in sorted({old.day, slot.day}) if offer else ():
        waiting.offer_freed(booking.hall_id, day)


def let_in_over_limit(booking: Booking, reason: str) -> None:
    """Count the places of a booking as over the limits, with a reason. The caller has locked its row."""
    give_back(booking)
    booking.over_limit = reason
    _claim(booking, booking.slot)


def _name(slot: Slot) -> dict[str, Any]:
    return {"slot": slot.id, "programme": slot.programme.slug, "starts_at": slot.starts_at.isoformat()}


def _check_phone(booking: Booking, phone: str) -> None:
    """Check a phone number that a booking gets later by the rules for new bookings. Raises NotOnline."""
    hall = booking.slot.programme.hall
    groups.hold(hall, phone=phone, organisation_key="")
    decision.check_online(hall, groups.read(hall, phone=phone, organisation_key="", kind=booking.kind), booking.kind)


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


def _check_agreed(booking: Booking, by: By) -> Record:
    """Check that the organiser may have more places or another time, and return the record as `_check_group` does.

    Raises AskTheHall, NotOnline.
    """
    if by.actor is Actor.ORGANISER and checks.asks_hall(booking):
        raise AskTheHall
    return _check_group(booking, by)


def _check_group(booking: Booking, by: By) -> Record:
    """Return the record of a booking's group, unread where others than the organiser act: it does not bind them.

    Raises NotOnline for a group on the block list.
    """
    record = groups.read_of(booking) if by.actor is Actor.ORGANISER else Record()
    if record.blocked:
        raise NotOnline
    return record


def _claim(booking: Booking, slot: Slot) -> None:
    try:
        hold(booking, slot)
    except NoResourceLeft:
        raise
    except SlotFull:
        raise SlotFull(left=slot.visitors_free if slot.open else 0, asked=booking.visitors) from None


def renew_key(booking: Booking, *, by: By) -> None:
    """Give the organiser's page a new private address and end the old one; needs a transaction."""
    hold_still(booking)
    booking.key = placing.make_key()
    note(booking, Verb.RELINKED, by=by, before=booking.state, detail={})


def _resize(booking: Booking, more: int, added: Quantities, freed: Quantities, *, over_limit: str | None) -> None:
    """Claim or release the differences; a group over the limit stays over the limit as a whole."""
    if more > 0 and over_limit is not None and booking.over_limit is None:
        let_in_over_limit(booking, over_limit)
    forced = booking.over_limit is not None
    claims.release(booking.slot, visitors=max(0, -more), guides=0, resources=freed, forced=forced)
    try:
        claims.claim(booking.slot, visitors=max(0, more), guides=0, resources=added, forced=forced)
    except NoResourceLeft:
        raise
    except SlotFull:
        raise SlotFull(left=booking.slot.visitors_free, asked=more) from None
