"""What this room refuses."""

from hallapp.core.errors import N_, DomainError


class DayNotOpen(DomainError):
    """What came on this day can no longer be typed in, or not yet."""

    def __init__(self) -> None:
        super().__init__(
            "day_not_open",
            N_("Only today and the seven days before can be entered here. For older days, please ask a manager."),
        )
