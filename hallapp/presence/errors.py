"""Refusals of the room `presence`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class LeavingNotCounted(DomainError):
    """The hall does not count who leaves."""

    def __init__(self) -> None:
        message = N_("This hall does not record departures. A manager can turn this on in the settings.")
        super().__init__("leaving_not_counted", message)


class InvalidPeople(InvalidInput):
    """The number of people cannot be read, or is zero or above 999; or there is neither number nor pass."""

    def __init__(self, most: int) -> None:
        message = N_("Scan the pass of a group, or enter how many people leave: 1 to %(most)s.")
        super().__init__("invalid_people", message, "visitors", most=most)


class InvalidEvent(InvalidInput):
    """The event's id or its time cannot be read, or lies out of reason."""

    def __init__(self) -> None:
        message = N_("The event number or the time sent by this page is not valid. Reload the page.")
        super().__init__("invalid_event", message)


class EventIdUsed(DomainError):
    """Another act has this id already."""

    def __init__(self) -> None:
        super().__init__("event_id_used", N_("The event number sent by this page is already in use. Reload the page."))


class NobodyInside(DomainError):
    """No one of the group is inside."""

    def __init__(self) -> None:
        message = N_("No one of this group is inside today: the group has not arrived yet, or has already left.")
        super().__init__("nobody_inside", message, "code")


class MoreThanInside(DomainError):
    """More are said to leave than the group has inside."""

    def __init__(self, inside: int) -> None:
        message = N_("%(inside)s people of this group are inside. Enter that number or less.")
        super().__init__("more_than_inside", message, "visitors", inside=inside)


class UnknownDeparture(DomainError):
    """The hall has no such act."""

    status = 404

    def __init__(self) -> None:
        super().__init__("unknown_event", N_("This hall has no such action. Reload the page."))


class NotADeparture(DomainError):
    """A take-back cannot be taken back."""

    def __init__(self) -> None:
        message = N_("This entry takes another one back. If the people left, record their departure again.")
        super().__init__("not_a_departure", message)


class WarningOutOfRange(InvalidInput):
    """The share of the limit is invalid."""

    def __init__(self) -> None:
        super().__init__("warning_out_of_range", N_("Enter a number from 1 to 100."), "warn_at_percent")
