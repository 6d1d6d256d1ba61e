"""Refusals of the staff's booking pages."""

from hallapp.core.errors import N_, DomainError


class ManagerNeeded(DomainError):
    """Only a manager may let a group in over a limit."""

    status = 403
    code = "manager_needed"
    message = N_("Only a manager may exceed the limits. Ask your manager, or leave the reason empty.")
    field = "over_limit"
