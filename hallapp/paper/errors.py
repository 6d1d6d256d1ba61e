"""Refusals of the room `paper`."""

from hallapp.core.errors import N_, DomainError


class DayNotOpen(DomainError):
    """Arrivals of this day can no longer be entered, or not yet."""

    def __init__(self) -> None:
        super().__init__(
            "day_not_open",
            N_("Only today and the seven days before can be entered here. For older days, please ask a manager."),
        )
