"""The answers of a booking: their change, and their lines for a reader."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hallapp.booking import checks
from hallapp.booking.lifecycle import ORGANISER, By, LetterAbout, alter, hold_still
from hallapp.booking.models import Booking, Verb
from hallapp.core.i18n import language
from hallapp.questions import queries, service
from hallapp.questions.values import Asked, Given, Line, lines


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersData:
    """The new answers of a booking to the questions `asked`; a question without an answer in `given` has none."""

    given: tuple[Given, ...]
    asked: tuple[int, ...]


def change(
    booking: Booking, data: AnswersData, *, by: By = ORGANISER, letter: LetterAbout = LetterAbout.BOOKING
) -> None:
    """Change the answers. Raises VisitStarted, TooLateToChange, NotInThisState: it cannot be changed any more."""
    hold_still(booking)
    checks.check_may(booking, by)
    if service.change(booking.hall_id, booking.id, data.given, data.asked):
        alter(booking, Verb.CHANGED, by=by, detail={"fields": ["answers"], **letter.detail})


def list_lines(bookings: Sequence[Booking]) -> dict[int, list[Line]]:
    """Return by booking the questions of its programme with its answers, and its answers to other ones.

    The number of queries does not depend on the number of bookings, which are of one hall.
    """
    asked = queries.list_asked(bookings[0].hall_id) if bookings else ()
    given = queries.find_answers(bookings[0].hall_id, [booking.id for booking in bookings]) if asked else {}
    return {
        booking.id: lines(_own(booking, asked, given), given.get(booking.id, {}), language()) for booking in bookings
    }


def list_missing(booking: Booking) -> list[Line]:
    """Return the questions that the programme of a booking requires and that it has not answered."""
    return [line for line in list_lines([booking])[booking.id] if line.required and not line.answer]


def _own(booking: Booking, asked: Sequence[Asked], given: Mapping[int, Mapping[int, str]]) -> list[Asked]:
    answered = given.get(booking.id, {})
    return [one for one in asked if one.programme_id == booking.slot.programme_id or one.number in answered]


def list_desk_lines(hall_id: int, booking_ids: Iterable[int]) -> dict[int, list[Line]]:
    """Return by booking the answers that the hall wants to see at the desk; without an entry there are none."""
    asked = [one for one in queries.list_asked(hall_id) if one.at_desk]
    given = queries.find_answers(hall_id, booking_ids) if asked else {}
    return {
        number: [line for line in lines(asked, answers, language()) if line.answer] for number, answers in given.items()
    }
