"""What this room refuses, by name."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class LeavingNotCounted(DomainError):
    """The hall does not count who leaves."""

    code = "leaving_not_counted"
    message = N_("This hall does not count who leaves. A manager can turn it on in the settings.")


class InvalidPeople(InvalidInput):
    """The number of people cannot be read, is nobody or a thousand; or there is neither number nor pass."""

    code = "invalid_people"
    message = N_("Scan the pass of a group, or write how many people leave: 1 to %(most)s.")
    field = "visitors"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class InvalidEvent(InvalidInput):
    """The event's id or its time cannot be read, or lies out of reason."""

    code = "invalid_event"
    message = N_("This page did not send a proper event number or time. Load the page again.")


class EventIdUsed(DomainError):
    """Another act has this id already."""

    code = "event_id_used"
    message = N_("This page sent an event number that is taken. Load the page again.")


class NobodyInside(DomainError):
    """Nobody of the group is inside."""

    code = "nobody_inside"
    message = N_("Nobody of this group is inside today: it has not arrived, or has left already.")
    field = "code"


class MoreThanInside(DomainError):
    """More are said to leave than the group has inside."""

    code = "more_than_inside"
    message = N_("Of this group %(inside)s are inside. Write that number or less.")
    field = "visitors"

    def __init__(self, inside: int) -> None:
        super().__init__(inside=inside)


class UnknownDeparture(DomainError):
    """No such act in this hall."""

    status = 404
    code = "unknown_event"
    message = N_("There is no such event in this hall. Load the page again.")


class NotADeparture(DomainError):
    """A take-back cannot be taken back."""

    code = "not_a_departure"
    message = N_("This is a take-back itself. If the people left, count them again.")


class WarningOutOfRange(InvalidInput):
    """A share of the limit that is none."""

    code = "warning_out_of_range"
    message = N_("Write a number from 1 to 100.")
    field = "warn_at_percent"
