"""Refusals of the room `paper`."""

from hallapp.core.errors import N_, DomainError


class DayNotOpen(DomainError):
    """Arrivals of this day can no longer be entered, or not yet."""

    code = "day_not_open"
    message = N_("Only today and the seven days before can be entered here. For older days, please ask a manager.")
