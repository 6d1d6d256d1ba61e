"""What this room refuses."""

from hallapp.core.errors import N_, DomainError


class DayNotOpen(DomainError):
    """What came on this day can no longer be typed in, or not yet."""

    code = "day_not_open"
    message = N_("Only today and the seven days before can be typed in here. For older days tell a manager.")
