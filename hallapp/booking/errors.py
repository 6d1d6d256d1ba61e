"""Refusals of the room `booking`."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from hallapp.core.errors import N_, DomainError, InvalidInput


class SlotUnknown(InvalidInput):
    """No slot of the hall has such a number."""

    def __init__(self) -> None:
        super().__init__("slot_unknown", N_("This time is not offered. Please choose one of the times shown."), "slot")


class SlotOfOtherProgramme(InvalidInput):
    """The slot belongs to another programme than the one that was chosen."""

    def __init__(self) -> None:
        super().__init__(
            "slot_other_programme",
            N_("This time belongs to another programme. Please choose one of the times shown."),
            "slot",
        )


class SlotPast(InvalidInput):
    """The slot has begun already."""

    def __init__(self) -> None:
        super().__init__("slot_past", N_("This time has passed. Please choose a later one."), "slot")


class SlotTooSoon(InvalidInput):
    """The slot begins within the hours of notice that the hall needs."""

    def __init__(self, *, hours: int) -> None:
        super().__init__(
            "slot_too_soon",
            N_("This time is too soon: please book at least %(hours)s hours ahead, or call the hall."),
            "slot",
            hours=hours,
        )


class SlotTooFar(InvalidInput):
    """The slot lies beyond the days for which the hall takes bookings."""

    def __init__(self, *, days: int) -> None:
        super().__init__(
            "slot_too_far",
            N_("This time cannot be booked yet: bookings open %(days)s days ahead."),
            "slot",
            days=days,
        )


class SlotClosed(InvalidInput):
    """The hall has closed the slot."""

    def __init__(self) -> None:
        super().__init__("slot_closed", N_("The hall is closed at this time. Please choose another one."), "slot")


class ProgrammeInactive(InvalidInput):
    """The programme is not offered at present."""

    def __init__(self) -> None:
        super().__init__(
            "programme_inactive",
            N_("This programme is not offered at present. Please choose another one."),
            "programme",
        )


class GroupTooSmall(InvalidInput):
    """The group has fewer people than the programme takes."""

    def __init__(self, *, least: int, people: int) -> None:
        super().__init__(
            "group_too_small",
            N_("This programme takes groups of %(least)s people or more; your group has %(people)s."),
            "origins",
            least=least,
            people=people,
        )


class GroupTooLarge(InvalidInput):
    """The group has more people than the programme takes."""

    def __init__(self, *, most: int, people: int) -> None:
        super().__init__(
            "group_too_large",
            N_(
                "This programme takes groups of %(most)s people at most; your group has %(people)s. "
                "Please make two bookings."
            ),
            "origins",
            most=most,
            people=people,
        )


class VisitStarted(DomainError):
    """The visit has begun, so its organiser can neither change nor cancel it."""

    def __init__(self) -> None:
        super().__init__("visit_started", N_("This visit has begun, so it can no longer be changed or cancelled."))


class TooLateToChange(DomainError):
    """The hall's cut-off for changes by the organiser has passed."""

    def __init__(self, *, hours: int) -> None:
        super().__init__(
            "too_late_to_change",
            N_("You can change the booking until %(hours)s hours before the visit. Please call the hall."),
            hours=hours,
        )


class NotInThisState(DomainError):
    """The booking is in a state in which this is not possible, or has just been changed by someone else."""

    def __init__(self, state: StrEnum) -> None:
        super().__init__(
            "not_in_this_state",
            N_("This is no longer possible: the booking has changed in the meantime. Please look at it again."),
        )
        self.state = state


class AskTheHall(DomainError):
    """Only the hall's staff may enlarge or move a confirmed booking of a hall that reviews bookings."""

    def __init__(self) -> None:
        super().__init__(
            "ask_the_hall",
            N_("This hall reviews each booking: for another time or more people, please call the hall."),
        )


class Paused(DomainError):
    """The group has too many no-shows; `until` is the last day of the pause (ISO)."""

    def __init__(self, *, until: date) -> None:
        super().__init__(
            "paused",
            N_(
                "Bookings with this phone or for this organisation are paused until %(until)s because of "
                "repeated no-shows."
            ),
            "phone",
            until=until.isoformat(),
        )
        self.until = until


class NotOnline(DomainError):
    """The group books by telephone: it is paused, or has as many open bookings as the hall takes online.

    One answer for all reasons, so that a stranger who tries a phone number or a name learns nothing of a group.
    """

    def __init__(self) -> None:
        super().__init__(
            "not_online", N_("We cannot take this booking online. Please call the hall, and we will help you."), "phone"
        )


class HallBusy(DomainError):
    """The hall's limit of online bookings per hour has been reached."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "hall_busy",
            N_(
                "So many bookings are coming in at the moment that online booking is paused for up to an "
                "hour. Please try again later, or call the hall."
            ),
        )


class NetworkFull(DomainError):
    """The daily limit of places for the client's network has been reached."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "network_full",
            N_("Very many places have been booked from your network today. Please call the hall to book more."),
        )


class ProofNeeded(DomainError):
    """The browser has not computed the check against scripts, or did it for another booking, or too long ago."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "proof_needed",
            N_(
                "The check against automated bookings is missing. Please submit again; if a question is "
                "shown here, answer it first."
            ),
            "answer",
        )


class AddressNeeded(DomainError):
    """The hall confirms bookings with a code, and the organiser gave no address to which it could go."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "address_needed",
            N_("This hall confirms each booking with a code. Enter an e-mail address to which we can send it."),
            "email",
        )


class CodeWrong(DomainError):
    """The code that was typed is not the one that was sent, or is no longer valid."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "code_wrong",
            N_("This code is wrong or has expired. Please look at the newest message, or ask for a new code."),
            "code",
        )


class CodeNotWanted(DomainError):
    """The booking waits for no code."""

    def __init__(self) -> None:
        super().__init__("code_not_wanted", N_("This booking no longer needs a code."))


class VisitNotOver(DomainError):
    """Nobody can be absent from a visit that has not ended."""

    def __init__(self) -> None:
        super().__init__("visit_not_over", N_("This visit has not ended yet: the group may still come."))


class BookingsHit(DomainError):
    """A change of the hall's days affects bookings without a decision; `hits` are all of them."""

    def __init__(self, hits: Sequence[Any]) -> None:
        super().__init__("bookings_hit", N_("This change affects bookings. First choose what to do with each of them."))
        self.hits = hits


class NotSettled(InvalidInput):
    """A decision about one booking cannot be carried out; nothing has been changed. `cause` is the refusal."""

    def __init__(self, *, reference: str, cause: DomainError) -> None:
        super().__init__("not_settled", N_("Nothing was changed: booking %(reference)s cannot be handled in this way."))
        self.params = {"reference": reference}
        self.cause = cause


class Duplicate(DomainError):
    """The same organisation or phone has a booking on that day, and the second booking was not confirmed."""

    def __init__(self, found: Sequence[Any]) -> None:
        super().__init__(
            "duplicate",
            N_("There is already a booking for this organisation or phone on that day."),
            "duplicate_accepted",
        )
        self.found = found


class SearchNameInvalid(InvalidInput):
    """A name for a search that does not fit, or cannot be shown."""

    def __init__(self, *, most: int) -> None:
        super().__init__(
            "search_name_invalid", N_("Enter a name for the list of 1 to %(most)s characters."), "name", most=most
        )


class SearchNameTaken(DomainError):
    """The hall keeps another search under this name."""

    def __init__(self, name: str) -> None:
        super().__init__("search_name_taken", N_("There is already a list named %(name)s."), "name", name=name)


class SearchEmpty(InvalidInput):
    """The search has no terms, so there is nothing to save."""

    def __init__(self) -> None:
        super().__init__("search_empty", N_("Choose something to search by, then save the list."))


class SearchNamesPeople(InvalidInput):
    """The search is by what may name a person, which would stay when contact details are erased."""

    def __init__(self) -> None:
        super().__init__(
            "search_names_people",
            N_(
                "A saved list cannot contain free text, a contact or a phone number, because these are "
                "erased later while the list stays. Search by the organisation instead."
            ),
        )


class SearchUnknown(DomainError):
    """The hall keeps no such search."""

    status = 404

    def __init__(self) -> None:
        super().__init__("search_unknown", N_("This list no longer exists."))
