"""Place and cancel bookings."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from hallapp.booking import queries, reference
from hallapp.booking.errors import (
    GroupTooLarge,
    GroupTooSmall,
    ProgrammeInactive,
    SlotClosed,
    SlotOfOtherProgramme,
    SlotPast,
    SlotTooFar,
    SlotTooSoon,
    SlotUnknown,
    VisitStarted,
)
from hallapp.booking.models import TRANSITIONS, Booking, BookingState, OrganisationKind, Origin, Source
from hallapp.booking.signals import booking_cancelled, booking_placed
from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.schedule import queries as schedule
from hallapp.schedule import service as places
from hallapp.schedule.models import Programme, Slot

_KEY_BYTES = 32
_REFERENCE_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceBooking:
    """Everything that a booking needs.

    `origins` are pairs of a division's code and a head count, each division once. `phone` is in E.164. `programme` is
    the slug of the programme that the caller believes the slot to belong to, or None. `submission` is a random text
    that the form kept: the same one with the same content again is the same booking.
    """

    hall_id: int
    slot_id: int
    organisation: str
    kind: OrganisationKind
    contact_name: str
    phone: str
    origins: tuple[tuple[str, int], ...]
    submission: str
    consented: bool
    programme: str | None = None
    email: str | None = None
    note: str = ""
    language: str = "zh"
    source: Source = Source.ONLINE

    @property
    def visitors(self) -> int:
        """The group's size: the sum of its origins."""
        return sum(visitors for _division, visitors in self.origins)

    def digest(self) -> str:
        """What the database keeps of a submit to know it again: its random text together with its content."""
        content = [
            *(self.submission, self.slot_id, self.organisation, self.kind, self.contact_name, self.phone, self.email),
            *(self.note, sorted(self.origins)),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def place(command: PlaceBooking) -> Booking:
    """Claim the places, store the booking and tell the rooms above; a submit seen before gives its booking again.

    Raises:
        SlotUnknown, SlotOfOtherProgramme, ProgrammeInactive, GroupTooSmall, GroupTooLarge, SlotPast, SlotTooSoon,
        SlotTooFar, SlotClosed, SlotFull: each named after what stands in the way. The transaction must roll back.
    """
    submission = command.digest()
    # Asked first: the rest of this function could refuse a repeat, as when its own first send took the last places.
    placed_before = queries.find_booking_by_submission(command.hall_id, submission)
    if placed_before is not None:
        return placed_before
    slot = _check(command)
    booking, is_new = _insert(command, submission, guides=slot.programme.guides)
    if not is_new:
        return booking
    db.session.execute(
        insert(Origin),
        [
            {"booking_id": booking.id, "hall_id": command.hall_id, "division": division, "visitors": visitors}
            for division, visitors in command.origins
        ],
    )
    places.claim(slot.id, visitors=command.visitors, guides=booking.guides)
    booking_placed.send(booking)
    return booking


def cancel(booking: Booking) -> None:
    """Cancel a booking and tell the rooms above; its places are free at once. Of a cancelled one nothing changes.

    Raises:
        VisitStarted: when its slot has begun.
    """
    if booking.state is BookingState.CANCELLED:
        return
    if booking.slot.starts_at <= clock.now():
        raise VisitStarted
    # Conditional, so that of two cancels at once one gives the places back, and the other nothing.
    cancelled = db.session.scalar(
        update(Booking)
        .where(Booking.id == booking.id, Booking.state.in_(_states_before(BookingState.CANCELLED)))
        .values(state=BookingState.CANCELLED, cancelled_at=clock.now())
        .returning(Booking.id)
    )
    if cancelled is not None:
        places.release(booking.slot_id, visitors=booking.visitors, guides=booking.guides)
        booking_cancelled.send(booking)


def _states_before(state: BookingState) -> list[BookingState]:
    return [before for before, after in TRANSITIONS.items() if state in after]


def _check(command: PlaceBooking) -> Slot:
    """The slot, when hall, programme, size and time allow the booking; whether places are left is for the claim."""
    slot = schedule.find_slot(command.hall_id, command.slot_id)
    if slot is None:
        raise SlotUnknown
    if command.programme is not None and command.programme != slot.programme.slug:
        raise SlotOfOtherProgramme
    _check_size(slot.programme, command.visitors)
    _check_time(slot)
    return slot


def _check_size(programme: Programme, visitors: int) -> None:
    if not programme.active:
        raise ProgrammeInactive
    if visitors < programme.group_min:
        raise GroupTooSmall(least=programme.group_min, people=visitors)
    if visitors > programme.group_max:
        raise GroupTooLarge(most=programme.group_max, people=visitors)


def _check_time(slot: Slot) -> None:
    hall, now = slot.programme.hall, clock.now()
    if slot.starts_at <= now:
        raise SlotPast
    if slot.starts_at < now + timedelta(hours=hall.notice_hours):
        raise SlotTooSoon(hours=hall.notice_hours)
    if slot.day > hall.today() + timedelta(days=hall.days_ahead):
        raise SlotTooFar(days=hall.days_ahead)
    if not slot.open:
        raise SlotClosed


def _insert(command: PlaceBooking, submission: str, *, guides: int) -> tuple[Booking, bool]:
    """The new booking and True, or the one that the same submit, sent at the same time, has just made, and False.

    The unique index decides between two same submits at once: PostgreSQL makes the second wait for the first one's
    end. It stands before the claim, so that a repeat never finds the slot filled by itself.
    """
    values = _values(command, submission, guides=guides)
    for _attempt in range(_REFERENCE_ATTEMPTS):
        values |= {"key": secrets.token_urlsafe(_KEY_BYTES), "reference": reference.make()}
        booking = db.session.scalar(upsert(Booking, values).on_conflict_do_nothing().returning(Booking))
        if booking is not None:
            return booking, True
        placed_before = queries.find_booking_by_submission(command.hall_id, submission)
        if placed_before is not None:
            return placed_before, False
    raise RuntimeError("no free reference found")


def _values(command: PlaceBooking, submission: str, *, guides: int) -> dict[str, Any]:
    now = clock.now()
    return {
        "hall_id": command.hall_id,
        "slot_id": command.slot_id,
        "submission": submission,
        "state": BookingState.CONFIRMED,
        "source": command.source,
        "language": command.language,
        "organisation": command.organisation,
        "kind": command.kind,
        "contact_name": command.contact_name,
        "phone": command.phone,
        "phone_tail": command.phone[-4:],
        "email": command.email,
        "note": command.note,
        "visitors": command.visitors,
        "guides": guides,
        "consented_at": now if command.consented else None,
        "created_at": now,
    }
