"""Refusals of the staff's booking pages."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class ManagerNeeded(DomainError):
    """Only a manager may let a group in over a limit."""

    status = 403
    code = "manager_needed"
    message = N_("Only a manager may exceed the limits. Ask your manager, or leave the reason empty.")
    field = "over_limit"


class ScopeMissing(InvalidInput):
    """The booking belongs to others, and how many of them shall be cancelled was not said."""

    code = "scope_missing"
    message = N_("Choose what to cancel.")
    field = "scope"


class NoDateChosen(InvalidInput):
    """No date of a series was chosen, or one that cannot be booked."""

    code = "no_date_chosen"
    message = N_("Choose at least one of the dates below; full and closed ones cannot be booked.")
    field = "repeat"
