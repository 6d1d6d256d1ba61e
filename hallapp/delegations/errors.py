"""The refusals of delegations."""

from hallapp.core.errors import N_, DomainError


class DelegationClosed(DomainError):
    """The organiser can no longer name the delegation, or the hall does not ask for it."""

    code = "delegation_closed"
    message = N_("This can no longer be changed here. Please call the hall.")
