"""Refusals of the ledger: what cannot be closed, reopened or withdrawn."""

from hallapp.core.errors import N_, DomainError


class MonthNotOver(DomainError):
    """A month is closed when it has no day to come."""

    code = "month_not_over"
    message = N_("This month is not over yet. Close it from the first day of the next one.")


class AlreadyClosed(DomainError):
    """Somebody has closed it already."""

    code = "already_closed"
    message = N_("This month is closed already.")


class NotClosed(DomainError):
    """It is open, or was never closed."""

    code = "not_closed"
    message = N_("This month is not closed.")


class ReasonMissing(DomainError):
    """What was signed is not opened without a reason."""

    code = "reason_missing"
    message = N_("Give the reason: it stays with the figures.")
    field = "reason"


class AlreadyImported(DomainError):
    """The same file counts already."""

    code = "already_imported"
    message = N_("This file counts already, as the import “%(name)s”. Nothing was changed.")

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class AlreadyWithdrawn(DomainError):
    """The import was taken back before."""

    code = "already_withdrawn"
    message = N_("This import was taken back already.")
