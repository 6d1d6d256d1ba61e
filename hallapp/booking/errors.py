"""Refusals of the room `booking`."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from hallapp.core.errors import N_, DomainError, InvalidInput
from hallapp.schedule.planning import Plan


class SlotUnknown(InvalidInput):
    """No slot of the hall has such a number."""

    code = "slot_unknown"
    message = N_("This time is not offered. Please choose one of the times shown.")
    field = "slot"


class SlotOfOtherProgramme(InvalidInput):
    """The slot belongs to another programme than the one that was chosen."""

    code = "slot_other_programme"
    message = N_("This time belongs to another programme. Please choose one of the times shown.")
    field = "slot"


class TourLanguageNeeded(InvalidInput):
    """No language was chosen for the tour, and no guide speaks that of the page."""

    code = "tour_language_needed"
    message = N_("Choose the language of the tour.")
    field = "tour_language"


class TourLanguageNotSpoken(InvalidInput):
    """No guide of the programme speaks the language that was chosen for the tour."""

    code = "tour_language_not_spoken"
    message = N_("No guide of this programme speaks this language. Please choose one of those shown.")
    field = "tour_language"


class AccessNotOffered(InvalidInput):
    """The hall does not offer one of the access needs that were named."""

    code = "access_not_offered"
    message = N_("The hall cannot prepare for one of these needs. Please describe it in the note, or call the hall.")
    field = "access_needs"


class TooManyWheelchairs(InvalidInput):
    """More wheelchair places were asked for than the group has people."""

    code = "too_many_wheelchairs"
    message = N_("These are more wheelchair places than people in the group.")
    field = "wheelchairs"


class FewerThanWheelchairs(InvalidInput):
    """The group would have fewer people than it has asked wheelchair places for."""

    code = "fewer_than_wheelchairs"
    message = N_(
        "The group has asked for %(wheelchairs)s wheelchair places. Please change that number first: it is with the "
        "contact and the note."
    )
    field = "origins"

    def __init__(self, wheelchairs: int) -> None:
        super().__init__(wheelchairs=wheelchairs)


class SlotPast(InvalidInput):
    """The slot has begun already."""

    code = "slot_past"
    message = N_("This time has passed. Please choose a later one.")
    field = "slot"


class SlotTooSoon(InvalidInput):
    """The slot begins within the hours of notice that the hall needs."""

    code = "slot_too_soon"
    message = N_("This time is too soon: please book at least %(hours)s hours ahead, or call the hall.")
    field = "slot"

    def __init__(self, *, hours: int) -> None:
        super().__init__(hours=hours)


class SlotTooFar(InvalidInput):
    """The slot lies beyond the days for which the hall takes bookings."""

    code = "slot_too_far"
    message = N_("This time cannot be booked yet: bookings open %(days)s days ahead.")
    field = "slot"

    def __init__(self, *, days: int) -> None:
        super().__init__(days=days)


class SlotClosed(InvalidInput):
    """The hall has closed the slot."""

    code = "slot_closed"
    message = N_("The hall is closed at this time. Please choose another one.")
    field = "slot"


class ProgrammeInactive(InvalidInput):
    """The programme is not offered at present."""

    code = "programme_inactive"
    message = N_("This programme is not offered at present. Please choose another one.")
    field = "programme"


class GroupTooSmall(InvalidInput):
    """The group has fewer people than the programme takes."""

    code = "group_too_small"
    message = N_("This programme takes groups of %(least)s people or more; your group has %(people)s.")
    field = "origins"

    def __init__(self, *, least: int, people: int) -> None:
        super().__init__(least=least, people=people)


class GroupTooLarge(InvalidInput):
    """The group has more people than the programme takes."""

    code = "group_too_large"
    message = N_(
        "This programme takes groups of %(most)s people at most; your group has %(people)s. "
        "Please divide it into several bookings."
    )
    field = "origins"

    def __init__(self, *, most: int, people: int) -> None:
        super().__init__(most=most, people=people)


class PartsWrong(InvalidInput):
    """The parts that were chosen for a large group do not fit the group any more."""

    code = "parts_wrong"
    message = N_("The times that you chose are not for a group of %(people)s people. Please choose them again.")
    field = "slot"

    def __init__(self, *, people: int) -> None:
        super().__init__(people=people)


class PartsNeeded(InvalidInput):
    """The group is larger than one time takes; it has to choose in which parts it comes."""

    code = "parts_needed"
    message = N_("A group of %(people)s people comes in several parts. Please choose one of the proposals.")
    field = "slot"

    def __init__(self, *, people: int) -> None:
        super().__init__(people=people)


class PartFull(DomainError):
    """At the time of one part of a large group there are too few places left; none of the parts was booked."""

    code = "part_full"
    message = N_(
        "Places were taken in the meantime: at %(time)s there are %(left)s left, and your group needs %(asked)s. "
        "Nothing was booked. Please choose one of the new proposals."
    )
    field = "slot"

    def __init__(self, *, time: str, left: int, asked: int) -> None:
        super().__init__(time=time, left=left, asked=asked)


class DayNeeded(InvalidInput):
    """No day was chosen to which a large group is to be moved."""

    code = "day_needed"
    message = N_("Choose a day.")
    field = "day"


class PartsStay(DomainError):
    """A part of a large group cannot come at its time on another day; none of the parts was moved."""

    code = "parts_stay"
    message = N_(
        "Nothing was moved. On the day that you chose, the part at %(time)s has no such time or too few places. "
        "Please choose another day."
    )

    def __init__(self, *, time: str) -> None:
        super().__init__(time=time)


class DateRefused(DomainError):
    """A date of a series cannot be booked, for the `cause`; none of the dates was booked."""

    code = "date_refused"
    message = N_("Nothing was booked: one of the dates cannot be booked any more.")
    field = "repeat"

    def __init__(self, day: date, cause: DomainError) -> None:
        super().__init__()
        self.day = day
        self.cause = cause


class VisitStarted(DomainError):
    """The visit has begun, so its organiser can neither change nor cancel it."""

    code = "visit_started"
    message = N_("This visit has begun, so it can no longer be changed or cancelled.")


class TooLateToChange(DomainError):
    """The hall's cut-off for changes by the organiser has passed."""

    code = "too_late_to_change"
    message = N_("You can change the booking until %(hours)s hours before the visit. Please call the hall.")

    def __init__(self, *, hours: int) -> None:
        super().__init__(hours=hours)


class NotInThisState(DomainError):
    """The booking is in a state in which this is not possible, or has just been changed by someone else."""

    code = "not_in_this_state"
    message = N_("This is no longer possible: the booking has changed in the meantime. Please look at it again.")

    def __init__(self, state: StrEnum) -> None:
        super().__init__()
        self.state = state


class AskTheHall(DomainError):
    """Only the hall's staff may enlarge or move a confirmed booking of a hall that reviews bookings."""

    code = "ask_the_hall"
    message = N_("This hall reviews each booking: for another time or more people, please call the hall.")


class Paused(DomainError):
    """The group has too many no-shows; `until` is the last day of the pause (ISO)."""

    code = "paused"
    message = N_(
        "Bookings with this phone or for this organisation are paused until %(until)s because of repeated no-shows."
    )
    field = "phone"

    def __init__(self, *, until: date) -> None:
        super().__init__(until=until.isoformat())
        self.until = until


class NoPause(DomainError):
    """The pause against which a group appeals has ended or was lifted, or there was none."""

    code = "no_pause"
    message = N_("Online booking is open for your group again, so there is nothing to appeal against.")


class AppealAnswered(DomainError):
    """The appeal was answered the other way meanwhile."""

    code = "appeal_answered"
    message = N_("This appeal has been answered by another person in the meantime.")


class Blocked(DomainError):
    """The group is on the block list; the staff may book for it all the same."""

    code = "blocked"
    message = N_("This phone or organisation is on the block list. To book for this group all the same, tick the box.")
    field = "block_accepted"


class NotOnline(DomainError):
    """The group books by telephone: it is paused or blocked, or has as many open bookings as the hall takes online.

    One answer for all reasons, so that a stranger who tries a phone number or a name learns nothing of a group.
    """

    code = "not_online"
    message = N_("We cannot take this booking online. Please call the hall, and we will help you.")
    field = "phone"


class HallBusy(DomainError):
    """The hall's limit of online bookings per hour has been reached."""

    status = 429
    code = "hall_busy"
    message = N_(
        "So many bookings are coming in at the moment that online booking is paused for up to an "
        "hour. Please try again later, or call the hall."
    )


class NetworkFull(DomainError):
    """The daily limit of places for the client's network has been reached."""

    status = 429
    code = "network_full"
    message = N_("Very many places have been booked from your network today. Please call the hall to book more.")


class ProofNeeded(DomainError):
    """The browser has not computed the check against scripts, or did it for another booking, or too long ago."""

    status = 422
    code = "proof_needed"
    message = N_(
        "The check against automated bookings is missing. Please submit again; if a question is "
        "shown here, answer it first."
    )
    field = "answer"


class AddressNeeded(DomainError):
    """The hall confirms bookings with a code, and the organiser gave no address to which it could go."""

    status = 422
    code = "address_needed"
    message = N_("This hall confirms each booking with a code. Enter an e-mail address to which we can send it.")
    field = "email"


class CodeWrong(DomainError):
    """The code that was typed is not the one that was sent, or is no longer valid."""

    status = 422
    code = "code_wrong"
    message = N_("This code is wrong or has expired. Please look at the newest message, or ask for a new code.")
    field = "code"


class CodeNotWanted(DomainError):
    """The booking waits for no code."""

    code = "code_not_wanted"
    message = N_("This booking no longer needs a code.")


class VisitNotOver(DomainError):
    """A visit that has not ended cannot be marked as a no-show."""

    code = "visit_not_over"
    message = N_("This visit has not ended yet: the group may still come.")


class BookingsHit(DomainError):
    """A change of the hall's days affects bookings without a yet: by its `plan`, all of `hits`."""

    code = "bookings_hit"
    message = N_("This change affects bookings. First choose what to do with each of them.")

    def __init__(self, plan: Plan, hits: Sequence[Any]) -> None:
        super().__init__()
        self.plan = plan
        self.hits = hits


class NotSettled(InvalidInput):
    """A decided about one booking cannot be done, for the `cause`; nothing of the `plan` has changed."""

    code = "not_settled"
    message = N_("Nothing was changed: booking %(reference)s cannot be handled in this way.")

    def __init__(self, plan: Plan, *, reference: str, cause: DomainError) -> None:
        super().__init__()
        self.params = {"reference": reference}
        self.plan = plan
        self.cause = cause


class Duplicate(DomainError):
    """The same organisation or phone has a booking on that day, and the second booking was not confirmed."""

    code = "duplicate"
    message = N_("There is already a booking for this organisation or phone on that day.")
    field = "duplicate_accepted"

    def __init__(self, found: Sequence[Any]) -> None:
        super().__init__()
        self.found = found
        self.references = [one.reference for one in found]  # readable after the transaction, as the rows are not


class SearchNameInvalid(InvalidInput):
    """A name for a search that does not fit, or cannot be shown."""

    code = "search_name_invalid"
    message = N_("Enter a name for the list of 1 to %(most)s characters.")
    field = "name"

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class SearchNameTaken(DomainError):
    """The hall keeps another search under this name."""

    code = "search_name_taken"
    message = N_("There is already a list named %(name)s.")
    field = "name"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class SearchEmpty(InvalidInput):
    """The search has no terms, so there is nothing to save."""

    code = "search_empty"
    message = N_("Choose something to search by, then save the list.")


class SearchNamesPeople(InvalidInput):
    """The search has terms that may name a person; a stored list would keep them after contact details are erased."""

    code = "search_names_people"
    message = N_(
        "A saved list cannot contain free text, a contact or a phone number, because these are "
        "erased later while the list stays. Search by the organisation instead."
    )


class SearchUnknown(DomainError):
    """The hall keeps no such search."""

    status = 404
    code = "search_unknown"
    message = N_("This list no longer exists.")


class ResourceHeld(DomainError):
    """Bookings, whose ids are in `found`, have more of a resource than there will be: a manager decides about them."""

    code = "resource_held"
    message = N_("Bookings have more of this than there will be. Please decide how many each of them keeps.")

    def __init__(self, found: Sequence[int]) -> None:
        super().__init__()
        self.found = tuple(found)
