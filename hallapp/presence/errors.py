"""What this room refuses, by name."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class LeavingNotCounted(DomainError):
    """The hall does not count who leaves."""

    def __init__(self) -> None:
        message = N_("This hall does not count who leaves. A manager can turn it on in the settings.")
        super().__init__("leaving_not_counted", message)


class InvalidPeople(InvalidInput):
    """The number of people cannot be read, is nobody or a thousand; or there is neither number nor pass."""

    def __init__(self, most: int) -> None:
        message = N_("Scan the pass of a group, or write how many people leave: 1 to %(most)s.")
        super().__init__("invalid_people", message, "visitors", most=most)


class InvalidEvent(InvalidInput):
    """The event's id or its time cannot be read, or lies out of reason."""

    def __init__(self) -> None:
        message = N_("This page did not send a proper event number or time. Load the page again.")
        super().__init__("invalid_event", message)


class EventIdUsed(DomainError):
    """Another act has this id already."""

    def __init__(self) -> None:
        super().__init__("event_id_used", N_("This page sent an event number that is taken. Load the page again."))


class NobodyInside(DomainError):
    """Nobody of the group is inside."""

    def __init__(self) -> None:
        message = N_("Nobody of this group is inside today: it has not arrived, or has left already.")
        super().__init__("nobody_inside", message, "code")


class MoreThanInside(DomainError):
    """More are said to leave than the group has inside."""

    def __init__(self, inside: int) -> None:
        message = N_("Of this group %(inside)s are inside. Write that number or less.")
        super().__init__("more_than_inside", message, "visitors", inside=inside)


class UnknownDeparture(DomainError):
    """No such act in this hall."""

    status = 404

    def __init__(self) -> None:
        super().__init__("unknown_event", N_("There is no such event in this hall. Load the page again."))


class NotADeparture(DomainError):
    """A take-back cannot be taken back."""

    def __init__(self) -> None:
        message = N_("This is a take-back itself. If the people left, count them again.")
        super().__init__("not_a_departure", message)


class WarningOutOfRange(InvalidInput):
    """A share of the limit that is none."""

    def __init__(self) -> None:
        super().__init__("warning_out_of_range", N_("Write a number from 1 to 100."), "warn_at_percent")
