"""Verification of codes: for a booking, or for a new mail address."""

from collections.abc import Sequence

from hallapp.booking import checks, codes, floods, groups, queries
from hallapp.booking.errors import CodeNotWanted, NotInThisState
from hallapp.booking.lifecycle import ORGANISER, LetterAbout, advance, alter, hold_still
from hallapp.booking.models import Booking, BookingState, CodePurpose, Verb
from hallapp.core import clock


def prove(booking: Booking, typed: str, *, others: Sequence[Booking] = ()) -> bool:
    """Verify the code for this booking: its places are then held as usual. Returns False for a wrong code.

    It is the code of the `others`, too: the parts of its large group, whose rows the caller has locked.

    The attempt is counted in both cases, so the transaction must commit. Raises NotInThisState.
    """
    hold_still(booking)
    if booking.state is not BookingState.REQUESTED:
        raise NotInThisState(booking.state)
    if codes.use(booking, CodePurpose.HOLD, typed) is None:
        return False
    for part in (*others, booking):
        about = LetterAbout.NOTHING if part is not booking else LetterAbout.GROUP if others else LetterAbout.BOOKING
        _keep(part, about)
    return True


def _keep(booking: Booking, letter: LetterAbout) -> None:
    """Hold the places of a booking as usual, after the code was right."""
    hall = booking.slot.programme.hall
    braked = floods.is_braked(hall)
    reviewed = braked or groups.read_of(booking).reviewed
    if checks.agreed_state(booking.slot, ORGANISER, reviewed=reviewed) is BookingState.REQUESTED:
        until = floods.hold_until(hall, clock.now()) if braked else None
        alter(booking, Verb.PROVED, by=ORGANISER, detail=letter.detail, held_until=until)
    else:
        advance(booking, BookingState.CONFIRMED, Verb.PROVED, by=ORGANISER, detail=letter.detail)


def prove_email(booking: Booking, typed: str) -> bool:
    """Verify the code for a new mail address, which becomes the booking's. Returns False for a wrong code.

    The attempt is counted in both cases, so the transaction must commit. Raises VisitStarted, NotInThisState.
    """
    hold_still(booking)
    checks.check_may(booking, ORGANISER)
    used = codes.use(booking, CodePurpose.EMAIL, typed)
    if used is None:
        return False
    alter(booking, Verb.CHANGED, by=ORGANISER, detail={"fields": ["email"]}, email=used.email)
    return True


def send_code_again(booking: Booking, purpose: CodePurpose) -> None:
    """Send a new code in place of the previous one. Raises CodeNotWanted where the booking needs none."""
    hold_still(booking)
    row = queries.find_code(booking, purpose)
    if row is None:
        raise CodeNotWanted
    codes.issue(booking, purpose, email=booking.email if purpose is CodePurpose.HOLD else row.email)
