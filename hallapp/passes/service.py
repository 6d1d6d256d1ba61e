"""Issue, replace and verify passes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, inspect, select, update

from hallapp.booking import lifecycle
from hallapp.booking.lifecycle import By
from hallapp.booking.models import AGREED, Booking, Verb
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.passes import codes, queries
from hallapp.passes.errors import NoPassToReplace, PassReplaced, PassUnknown
from hallapp.passes.models import Pass
from hallapp.schedule import hall_facts
from hallapp.schedule.hall_facts import ProgrammeFacts
from hallapp.schedule.models import Programme


def entitles(booking: Booking) -> bool:
    """Return whether a booking has a pass: the hall has confirmed it, and its people come to the hall."""
    return booking.state in AGREED and not _find_programme(booking).is_online


def issue(booking: Booking) -> Pass:
    """Give a booking a new pass and revoke the previous one; needs a transaction.

    The booking's row is locked first, so that two issues at the same time follow one another; UNIQUE(booking, version)
    enforces this.
    """
    db.session.execute(select(Booking.id).where(Booking.id == booking.id).with_for_update())
    db.session.execute(
        update(Pass).where(Pass.booking_id == booking.id, Pass.revoked_at.is_(None)).values(revoked_at=clock.now())
    )
    newest = db.session.scalar(select(func.max(Pass.version)).where(Pass.booking_id == booking.id))
    row = Pass(**_values(booking, version=(newest or 0) + 1))
    db.session.add(row)
    db.session.flush()
    return row


def reissue(booking: Booking, *, by: By) -> Pass:
    """Replace a lost or leaked pass: the previous one is void at once; needs a transaction.

    The booking's history records the person, and a receiver of the booking's signal informs the organiser.

    Raises:
        NoPassToReplace: the hall has not confirmed the booking, or the booking is void or online.
    """
    lifecycle.hold_still(booking)
    if not entitles(booking):
        raise NoPassToReplace
    newest = issue(booking)
    lifecycle.note(booking, Verb.REISSUED, by=by, before=booking.state, detail={"version": newest.version})
    return newest


def verify(scanned: str, *, keys: Sequence[str]) -> Pass:
    """Return the pass in force for a scanned text; the desk checks its booking, day and hall.

    Raises:
        PassUnknown: no such pass was ever issued. Its subclass CodeInvalid, for a code with another signature, is
            raised before the database is queried.
        PassReplaced: a newer version is in force.
    """
    found = queries.find_pass_by_token(codes.token_of(scanned, keys))
    if found is None:
        raise PassUnknown
    if found.revoked_at is not None:
        raise PassReplaced(found)
    return found


def issue_first(booking: Booking) -> None:
    """Give a booking that was placed in this transaction its pass: there is none to revoke, and no lock to wait for."""
    _NEW_PASS.run(_values(booking, version=1))


def _find_programme(booking: Booking) -> Programme | ProgrammeFacts:
    """Return the programme of a booking: by the held facts where the booking is new and its time is not loaded."""
    if "slot" in inspect(booking).unloaded:
        slot = hall_facts.find_slot(booking.hall_id, booking.slot_id)
        if slot is not None:
            return slot.programme
    return booking.slot.programme


def _values(booking: Booking, *, version: int) -> dict[str, Any]:
    return {
        "hall_id": booking.hall_id,
        "booking_id": booking.id,
        "version": version,
        "token": codes.make_token(),
        "issued_at": clock.now(),
    }


_NEW_PASS = Prepared(insert(Pass.__table__))  # type: ignore[arg-type]
