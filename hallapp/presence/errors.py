"""Refusals of the room `presence`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class LeavingNotCounted(DomainError):
    """The hall does not count who leaves."""

    code = "leaving_not_counted"
    message = N_("This hall does not record departures. A manager can turn this on in the settings.")


class InvalidPeople(InvalidInput):
    """The number of people cannot be read, or is zero or above 999; or there is neither number nor pass."""

    code = "invalid_people"
    message = N_("Scan the pass of a group, or enter how many people leave: 1 to %(most)s.")
    field = "visitors"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class InvalidEvent(InvalidInput):
    """The event's id or its time cannot be read, or lies out of reason."""

    code = "invalid_event"
    message = N_("The event number or the time sent by this page is not valid. Reload the page.")


class EventIdUsed(DomainError):
    """Another act has this id already."""

    code = "event_id_used"
    message = N_("The event number sent by this page is already in use. Reload the page.")


class NobodyInside(DomainError):
    """No one of the group is inside."""

    code = "nobody_inside"
    message = N_("No one of this group is inside today: the group has not arrived yet, or has already left.")
    field = "code"


class MoreThanInside(DomainError):
    """More people would leave than the group has inside."""

    code = "more_than_inside"
    message = N_("%(inside)s people of this group are inside. Enter that number or less.")
    field = "visitors"

    def __init__(self, inside: int) -> None:
        super().__init__(inside=inside)


class UnknownDeparture(DomainError):
    """The hall has no such act."""

    status = 404
    code = "unknown_event"
    message = N_("This hall has no such action. Reload the page.")


class NotADeparture(DomainError):
    """A take-back cannot be taken back."""

    code = "not_a_departure"
    message = N_("This entry takes another one back. If the people left, record their departure again.")


class WarningOutOfRange(InvalidInput):
    """The share of the limit is invalid."""

    code = "warning_out_of_range"
    message = N_("Enter a number from 1 to 100.")
    field = "warn_at_percent"
