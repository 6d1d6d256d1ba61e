"""What this room refuses, by name."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class SlotUnknown(InvalidInput):
    """No slot of the hall has such a number."""

    def __init__(self) -> None:
        super().__init__("slot_unknown", N_("This time is not on offer. Please choose one of the times shown."), "slot")


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
            N_("This time is too near: please book at least %(hours)s hours ahead, or call the hall."),
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
            N_("This programme takes groups of %(least)s people or more; yours has %(people)s."),
            "origins",
            least=least,
            people=people,
        )


class GroupTooLarge(InvalidInput):
    """The group has more people than the programme takes."""

    def __init__(self, *, most: int, people: int) -> None:
        super().__init__(
            "group_too_large",
            N_("This programme takes groups of %(most)s people at most; yours has %(people)s. Please book two times."),
            "origins",
            most=most,
            people=people,
        )


class VisitStarted(DomainError):
    """The visit has begun, so the booking cannot be cancelled any more."""

    def __init__(self) -> None:
        super().__init__("visit_started", N_("This visit has begun, so it can no longer be cancelled."))
